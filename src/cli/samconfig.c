/*
 * The parameter overrides that `sam deploy` takes from its samconfig, as sam-cli 1.170 reads them: samconfig.toml, .yaml
 * or .yml, the section ENV.deploy.parameters over ENV.global.parameters, its key parameter_overrides.
 *
 * That value is a text ("K=V K2='a b'", "ParameterKey=K,ParameterValue=V", "file://more.toml"), a mapping (with
 * $include), or a list of both, nested as one likes.  Source: samcli/lib/config/samconfig.py, samcli/cli/types.py.
 */
#include "cfn/cfn.h"
#include "cli/cli_priv.h"
#include "toml/toml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMCONFIG_MAX = 1 << 20, FILES_DEEP = 16 };

/* A file that is being read, and the one that named it. */
struct file {
	const char *path;
	unsigned depth;
	const struct file *named_by;
};

static void wrong(struct sg_cli *cli, const struct sg_node *at, const char *hint, const char *what)
{
	sg_diag(cli->diags, SG_ERROR, at->span, hint, "%s", what);
}

/* ------------------------------------------------------------------------------------------------ texts */

/* The shortest digits that read back, laid out as Python's str() does: 1000.0, 1e+16, 1e-05. */
static struct sg_str python_float(struct sg_arena *a, double v)
{
	char text[40] = "";
	if (isnan(v) || isinf(v))
		return sg_str(isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
	for (int precision = 0; precision < 17; precision++) {
		double back;
		snprintf(text, sizeof(text), "%.*e", precision, v);
		if (sg_parse_double(sg_str(text), &back) && !memcmp(&back, &v, sizeof(v)))
			break;
	}
	char *e = strchr(text, 'e');
	int exponent = atoi(e + 1), digits = (int)(e - text) - (v < 0 || text[0] == '-') - (strchr(text, '.') != NULL);
	if (exponent < -4 || exponent >= 16)
		return sg_strf(a, "%.*se%c%02d", (int)(e - text), text, exponent < 0 ? '-' : '+', abs(exponent));
	return sg_strf(a, "%.*f", digits - exponent > 1 ? digits - exponent - 1 : 1, v);
}

static struct sg_str python_int(struct sg_arena *a, const struct sg_reading *r)
{
	if (!r->big)
		return sg_strf(a, "%lld", (long long)r->integer);
	bool minus = sg_str_starts(r->text, "-");
	size_t at = minus || sg_str_starts(r->text, "+");
	while (at + 1 < r->text.n && r->text.p[at] == '0')
		at++;
	struct sg_str digits = sg_str_sub(r->text, at, SIZE_MAX);
	return sg_strf(a, "%s%.*s", minus ? "-" : "", SG_FMT(digits));
}

/* ruamel.yaml has more numbers than YAML 1.2, and makes dates of some words. */
static bool is_doubtful(const struct sg_node *n, const struct sg_reading *r)
{
	if (n->style != SG_PLAIN || r->type != SG_T_STRING || !n->text.n)
		return false;
	size_t at = strchr("+-.", n->text.p[0]) && n->text.n > 1;
	bool digit = n->text.p[at] >= '0' && n->text.p[at] <= '9';
	bool date = n->text.n > 9 && n->text.p[4] == '-' && n->text.p[5] <= '9' && n->text.n != 10;
	return digit && (date || memchr(n->text.p, '_', n->text.n));
}

/* What Python's str() makes of a scalar; of null the empty text. */
static bool text_of(struct sg_cli *cli, const struct sg_node *n, struct sg_str *out)
{
	static const char hint[] = "put it in quotes";
	*out = SG_LIT("");
	if (n->kind != SG_SCALAR)
		return wrong(cli, n, NULL, "a parameter's value is a string, a number or a list of them"), false;
	struct sg_reading r = sg_read_yaml12(n);
	if (r.type == SG_T_BAD || is_doubtful(n, &r) || (r.big && !r.text.n))
		return wrong(cli, n, hint, "readers of YAML do not agree on this value"), false;
	if (r.type == SG_T_BOOL)
		*out = sg_str(r.boolean ? "True" : "False");
	else if (r.type == SG_T_INT)
		*out = python_int(cli->arena, &r);
	else if (r.type == SG_T_FLOAT)
		*out = python_float(cli->arena, r.number);
	else if (r.type == SG_T_STRING)
		*out = r.text;
	return true;
}

/* Without the quotes around it, and without backslashes before blanks and quotes. */
static struct sg_str unquoted(struct sg_arena *a, struct sg_str s)
{
	struct sg_buf out = {0};
	if (s.n && s.p[0] == s.p[s.n - 1] && strchr("\"'", s.p[0]))
		s = sg_str_sub(s, 1, s.n > 1 ? s.n - 2 : 0);
	for (size_t i = 0; i < s.n; i++) {
		bool escape = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] && strchr(" \"'", s.p[i + 1]);
		i += escape;
		sg_buf_addc(&out, s.p[i]);
	}
	return sg_buf_take(&out, a);
}

/* ------------------------------------------------------------------------------------------------ K=V K=V */

/* The length of a value at the start of `s`, 0 where there is none: "…" or '…' with escapes, else up to a blank.  In
 * sam-cli all this is a regular expression. */
static size_t quoted_length(struct sg_str s)
{
	char quote = s.n ? s.p[0] : 0;
	for (size_t i = 1; (quote == '"' || quote == '\'') && i < s.n; i++) {
		if (s.p[i] == quote)
			return i + 1;
		if (s.p[i] == '\\' && (++i >= s.n || s.p[i] == '\n'))
			return 0;
	}
	return 0;
}

static size_t value_length(struct sg_str s)
{
	size_t n = quoted_length(s);
	if (n)
		return n;
	while (n < s.n && s.p[n] != ' ' && s.p[n] != '"') {
		if (s.p[n] == '\\' && (n + 1 >= s.n || s.p[n + 1] == '\n'))
			break;
		n += 1 + (s.p[n] == '\\');
	}
	return n;
}

static size_t key_length(struct sg_str s)
{
	size_t n = 0;
	for (; n < s.n; n++) {
		char c = s.p[n], low = (char)(c | 32);
		if (!((c >= '0' && c <= '9') || (low >= 'a' && low <= 'z') || c == '"' || c == '\''))
			break;
	}
	return n;
}

/* Each place in the text where `before` KEY `between` VALUE stands; what is around them is skipped, as in sam-cli. */
static size_t find_pairs(struct sg_arena *a, struct sg_str text, const char *before, const char *between,
			 struct sg_overrides *out)
{
	size_t found = 0;
	for (size_t at = sg_str_find(text, before, 0); at != SIZE_MAX; at = sg_str_find(text, before, at)) {
		struct sg_str key = sg_str_sub(text, at + strlen(before), SIZE_MAX);
		size_t n = key_length(key);
		struct sg_str value = sg_str_sub(key, n, SIZE_MAX);
		bool fits = n && sg_str_starts(value, between);
		value = sg_str_sub(value, strlen(between), SIZE_MAX);
		value.n = fits ? value_length(value) : 0;
		if (value.n) {
			SG_PUSH(a, out, ((struct sg_override){sg_str_sub(key, 0, n), value, true}));
			found++;
		}
		at = value.n ? (size_t)(value.p + value.n - text.p) : at + 1;
	}
	return found;
}

static void add_words(struct sg_cli *cli, const struct sg_node *at, struct sg_overrides *out)
{
	struct sg_str text = sg_strf(cli->arena, " %.*s", SG_FMT(sg_str_trim(at->text)));
	if (!find_pairs(cli->arena, text, "ParameterKey=", ",ParameterValue=", out) &&
	    !find_pairs(cli->arena, text, " ", "=", out))
		wrong(cli, at, "write \"Name=value Name='some words'\"", "this is no parameter's name and value");
}

/* ------------------------------------------------------------------------------------------------ values */

/* A mapping with what `<<` merges into it, its own members last. */
static const struct sg_node *merged(struct sg_cli *cli, const struct sg_node *map)
{
	const struct sg_node *more = map->kind == SG_MAP ? sg_node_get(map, "<<") : NULL;
	if (!more)
		return map;
	struct sg_mapper all = {.arena = cli->arena};
	for (size_t i = more->kind == SG_SEQ ? more->n : 1; i > 0; i--) {
		const struct sg_node *one = merged(cli, more->kind == SG_SEQ ? more->items[i - 1] : more);
		for (size_t k = 0; one->kind == SG_MAP && k < one->n; k++)
			sg_mapper_put(&all, one->members[k].key, one->members[k].value);
	}
	for (size_t i = 0; i < map->n; i++)
		if (!sg_node_is(map->members[i].key, "<<"))
			sg_mapper_put(&all, map->members[i].key, map->members[i].value);
	return sg_mapper_done(&all, SG_WHY_MERGE, map);
}

static void add(struct sg_cli *cli, const struct file *in, const struct sg_node *value, struct sg_overrides *out);

/* A list's items that are not empty, with commas between them. */
static bool list_text(struct sg_cli *cli, const struct sg_node *list, struct sg_str *out)
{
	struct sg_buf b = {0};
	bool ok = true;
	for (size_t i = 0; ok && i < list->n; i++) {
		struct sg_str item;
		ok = text_of(cli, list->items[i], &item);
		if (ok && item.n)
			sg_buf_addf(&b, "%s%.*s", b.n ? "," : "", SG_FMT(sg_str_trim(item)));
	}
	*out = sg_buf_take(&b, cli->arena);
	return ok;
}

static void add_member(struct sg_cli *cli, const struct file *in, const struct sg_member *m, struct sg_overrides *out)
{
	struct sg_str name, value;
	bool null = m->value->kind == SG_SCALAR && sg_read_yaml12(m->value).type == SG_T_NULL;
	if (!text_of(cli, m->key, &name))
		return;
	if (sg_str_is(name, "$include") && !null) {
		add(cli, in, m->value, out);
		return;
	}
	bool list = m->value->kind == SG_SEQ;
	if (list ? list_text(cli, m->value, &value) : text_of(cli, m->value, &value))
		SG_PUSH(cli->arena, out, ((struct sg_override){name, value, true}));
}

/* ------------------------------------------------------------------------------------------------ files */

static struct sg_str folder_of(struct sg_str path)
{
	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

/* The root of a TOML or YAML file, told apart by its name; NULL: said. */
static const struct sg_node *read_file(struct sg_cli *cli, const struct sg_node *at, const char *path)
{
	struct sg_str name = sg_str(path);
	bool toml = sg_str_ends(name, ".toml");
	if (!toml && !sg_str_ends(name, ".yaml") && !sg_str_ends(name, ".yml")) {
		sg_diag(cli->diags, SG_ERROR, sg_node_span(at), "name a file *.toml, *.yaml or *.yml",
			"sam-cli does not read '%s'", path);
		return NULL;
	}
	uint32_t source = sg_cli_source(cli, path, SAMCONFIG_MAX);
	if (!source)
		return NULL;
	return toml ? sg_toml_load(cli->arena, source, cli->diags) : sg_cli_tree(cli, source);
}

/* file://NAME: from the folder of the file that names it; samconfig itself names from the current folder. */
static void add_file(struct sg_cli *cli, const struct file *in, const struct sg_node *at, struct sg_overrides *out)
{
	struct sg_str name = sg_str_sub(at->text, 7, SIZE_MAX), folder = in ? folder_of(sg_str(in->path)) : SG_LIT("");
	if (sg_str_starts(name, "/"))
		folder.n = 0;
	struct file next = {sg_strf(cli->arena, "%.*s%.*s", SG_FMT(folder), SG_FMT(name)).p, in ? in->depth + 1 : 1,
			    in};
	for (const struct file *f = in; f; f = f->named_by)
		if (!strcmp(f->path, next.path) || f->depth >= FILES_DEEP) {
			wrong(cli, at, NULL, "files of parameters name each other in a circle, or too deeply");
			return;
		}
	const struct sg_node *root = read_file(cli, at, next.path);
	if (root)
		add(cli, &next, root, out);
}

static void add_one(struct sg_cli *cli, const struct file *in, const struct sg_node *value, struct sg_overrides *out)
{
	bool scalar = value->kind == SG_SCALAR;
	enum sg_type type = scalar ? sg_read_yaml12(value).type : SG_T_MAP;
	if (type == SG_T_NULL)
		return;
	value = merged(cli, value);
	for (size_t i = 0; value->kind == SG_MAP && i < value->n; i++)
		add_member(cli, in, &value->members[i], out);
	if (!scalar)
		return;
	if (type != SG_T_STRING)
		wrong(cli, value, "write \"Name=value\"", "sam-cli takes texts and mappings here");
	else if (sg_str_starts(value->text, "file://"))
		add_file(cli, in, value, out);
	else
		add_words(cli, value, out);
}

static void add_nested(struct sg_cli *cli, const struct file *in, const struct sg_node *value, struct sg_overrides *out)
{
	for (size_t i = 0; value->kind == SG_SEQ && i < value->n; i++)
		add_nested(cli, in, value->items[i], out);
	if (value->kind != SG_SEQ)
		add_one(cli, in, value, out);
}

/* What one value says; sam-cli takes quotes away once per file. */
static void add(struct sg_cli *cli, const struct file *in, const struct sg_node *value, struct sg_overrides *out)
{
	struct sg_overrides here = {0};
	if (value->kind == SG_SCALAR && !value->text.n)
		return;
	add_nested(cli, in, value, &here);
	for (size_t i = 0; i < here.n; i++)
		SG_PUSH(cli->arena, out,
			((struct sg_override){unquoted(cli->arena, here.v[i].name),
					      unquoted(cli->arena, here.v[i].value), true}));
}

/* ------------------------------------------------------------------------------------------------ the section */

static bool has_version(struct sg_cli *cli, const struct sg_node *root)
{
	const struct sg_node *version = sg_node_get(root, "version");
	if (version && sg_read_yaml12(version).type == SG_T_FLOAT)
		return true;
	wrong(cli, version ? version : root, "write version = 0.1 at the top (in YAML, version: 0.1)",
	      "sam-cli refuses a samconfig without its version");
	return false;
}

/* A mapping's member that is a mapping; NULL where it is not there, or (said) another thing. */
static const struct sg_node *section(struct sg_cli *cli, const struct sg_node *in, const char *name)
{
	const struct sg_node *found = in ? sg_node_get(in, name) : NULL;
	if (found && found->kind != SG_MAP) {
		wrong(cli, found, "write [ENVIRONMENT.deploy.parameters]", "this section is no table");
		return NULL;
	}
	return found ? merged(cli, found) : NULL;
}

static const struct sg_node *overrides_of(struct sg_cli *cli, const struct sg_node *root, const char *environment)
{
	static const char *const commands[] = {"global", "deploy"}; /* the latter wins, key by key */
	const struct sg_node *found = NULL, *all = section(cli, root, environment);
	if (!all && strcmp(environment, "default") != 0)
		sg_diag(cli->diags, SG_WARNING, root->span, NULL,
			"no section '%s' here: sam-cli passes no parameters then", environment);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		const struct sg_node *parameters = section(cli, section(cli, all, commands[i]), "parameters");
		const struct sg_node *value = parameters ? sg_node_get(parameters, "parameter_overrides") : NULL;
		found = value ? value : found;
	}
	return found;
}

bool sg_cli_samconfig(struct sg_cli *cli, const char *path, const char *environment, struct sg_overrides *out)
{
	size_t before = sg_diags_errors(cli->diags);
	const struct sg_node *root = read_file(cli, NULL, path);
	if (!root)
		return false;
	root = merged(cli, root);
	if (root->kind != SG_MAP)
		return wrong(cli, root, NULL, "a samconfig is a mapping of environments"), false;
	const struct sg_node *value = root->n && has_version(cli, root)
					      ? overrides_of(cli, root, environment ? environment : "default")
					      : NULL;
	if (value)
		add(cli, NULL, value, out);
	return sg_diags_errors(cli->diags) == before;
}

/* ------------------------------------------------------------------------------------------------ finding it */

/* Where sam-cli looks: beside the template; for one that `sam build` made, where that was started. */
static struct sg_str home_of(const char *template)
{
	struct sg_str folder = folder_of(sg_str(template));
	const char *built = ".aws-sam/build/";
	return sg_str_ends(folder, built) ? sg_str_sub(folder, 0, folder.n - strlen(built)) : folder;
}

const char *sg_cli_samconfig_path(struct sg_cli *cli, const char *named, const char *template)
{
	static const char *const names[] = {"samconfig.toml", "samconfig.yaml", "samconfig.yml"};
	struct sg_str home = home_of(template);
	if (named) {
		const char *beside = sg_strf(cli->arena, "%.*s%s", SG_FMT(home), named).p;
		return named[0] != '/' && access(named, F_OK) && !access(beside, F_OK) ? beside : named;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *path = sg_strf(cli->arena, "%.*s%s", SG_FMT(home), names[i]).p;
		if (!access(path, F_OK))
			return path;
	}
	return sg_strf(cli->arena, "%.*s%s", SG_FMT(home), names[0]).p;
}
