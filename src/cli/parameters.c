/*
 * What the deployment says about a template from beside it: parameter values in files, and the files that the template
 * itself names (AWS::Include, nested stacks).
 *
 * Three forms of parameter files are in use, told apart by their shape:
 *   CloudFormation   [{"ParameterKey": "K", "ParameterValue": "V"}, …]
 *   CodePipeline     {"Parameters": {"K": "V"}, "Tags": {…}}
 *   SAM              {"K": "V"} in JSON or YAML, or a list of "K=V" and of such mappings
 */
#include "cfn/cfn.h"
#include "cli/cli_priv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARAMETERS_MAX = 4 << 20, INCLUDE_MAX = 16 << 20 };

/* ------------------------------------------------------------------------------------------------ values */

static void bad(struct sg_cli *cli, const struct sg_node *at, const char *what)
{
	sg_diag(cli->diags, SG_ERROR, at->span,
		"write [{\"ParameterKey\": \"K\", \"ParameterValue\": \"V\"}] or {\"Parameters\": {\"K\": \"V\"}}",
		"%s", what);
}

/* A list stands for its elements with commas between them, as the command lines of AWS take lists. */
static bool value_of(struct sg_cli *cli, const struct sg_node *n, struct sg_str *out)
{
	bool ok = false;
	if (n->kind == SG_SCALAR)
		*out = sg_read_string(cli->arena, n, &ok);
	struct sg_buf b = {0};
	for (size_t i = 0; n->kind == SG_SEQ && i < n->n; i++) {
		struct sg_str item = {0};
		ok = n->items[i]->kind == SG_SCALAR;
		if (ok)
			item = sg_read_string(cli->arena, n->items[i], &ok);
		if (!ok)
			break;
		sg_buf_addf(&b, "%s%.*s", i ? "," : "", SG_FMT(item));
	}
	if (n->kind == SG_SEQ)
		*out = sg_buf_take(&b, cli->arena);
	if (!ok)
		bad(cli, n, "a parameter's value is a string, a number or a list of them");
	return ok;
}

static void put(struct sg_cli *cli, struct sg_overrides *out, struct sg_str name, const struct sg_node *value)
{
	struct sg_str text;
	if (value_of(cli, value, &text))
		SG_PUSH(cli->arena, out, ((struct sg_override){name, text, false}));
}

static void put_map(struct sg_cli *cli, struct sg_overrides *out, const struct sg_node *map)
{
	for (size_t i = 0; i < map->n; i++) {
		if (map->members[i].key->kind == SG_SCALAR)
			put(cli, out, map->members[i].key->text, map->members[i].value);
		else
			bad(cli, map->members[i].key, "a parameter's name is a string");
	}
}

static void put_word(struct sg_cli *cli, struct sg_overrides *out, const struct sg_node *word)
{
	size_t equals = sg_str_find(word->text, "=", 0);
	if (equals == SIZE_MAX || !equals) {
		bad(cli, word, "not of the form K=V");
		return;
	}
	SG_PUSH(cli->arena, out,
		((struct sg_override){sg_str_sub(word->text, 0, equals), sg_str_sub(word->text, equals + 1, SIZE_MAX),
				      false}));
}

/* UsePreviousValue says nothing about the value: any is possible. */
static void put_item(struct sg_cli *cli, struct sg_overrides *out, const struct sg_node *item)
{
	const struct sg_node *key = sg_node_get(item, "ParameterKey"), *value = sg_node_get(item, "ParameterValue");
	if (item->kind == SG_SCALAR)
		put_word(cli, out, item);
	else if (key && key->kind == SG_SCALAR && value)
		put(cli, out, key->text, value);
	else if (key && sg_node_get(item, "UsePreviousValue"))
		return;
	else if (item->kind == SG_MAP && !key)
		put_map(cli, out, item);
	else
		bad(cli, item, "a parameter without ParameterKey or ParameterValue");
}

bool sg_cli_parameters(struct sg_cli *cli, const char *path, struct sg_overrides *out)
{
	size_t before = sg_diags_errors(cli->diags);
	uint32_t source = sg_cli_source(cli, path, PARAMETERS_MAX);
	const struct sg_node *root = source ? sg_cli_tree(cli, source) : NULL;
	if (!root)
		return false;
	const struct sg_node *section = sg_node_get(root, "Parameters");
	if (root->kind == SG_SEQ)
		for (size_t i = 0; i < root->n; i++)
			put_item(cli, out, root->items[i]);
	else if (section && section->kind == SG_MAP)
		put_map(cli, out, section);
	else if (root->kind == SG_MAP)
		put_map(cli, out, root);
	else
		bad(cli, root, "no parameter file");
	return sg_diags_errors(cli->diags) == before;
}

static bool read_words(struct sg_cli *cli, struct sg_overrides *out)
{
	const char *const *words;
	size_t n = sg_cli_values(cli, "parameter-overrides", &words);
	for (size_t i = 0; i < n; i++) {
		const char *equals = strchr(words[i], '=');
		if (!equals || equals == words[i]) {
			sg_cli_error(cli, "write Name=value; -- ends the values",
				     "--parameter-overrides: '%s' has no name and value", words[i]);
			return false;
		}
		struct sg_str name = {words[i], (size_t)(equals - words[i])};
		SG_PUSH(cli->arena, out, ((struct sg_override){name, sg_str(equals + 1), false}));
	}
	return true;
}

bool sg_cli_deployment(struct sg_cli *cli, bool samconfig, struct sg_overrides *out)
{
	const char *file = sg_cli_value(cli, "parameters"), *named = sg_cli_value(cli, "config-file");
	const char *template = cli->n_args ? cli->args[0] : "template.yaml";
	struct sg_overrides configured = {0};
	if (samconfig && !sg_cli_samconfig(cli, sg_cli_samconfig_path(cli, named, template),
					   sg_cli_value(cli, "config-env"), &configured))
		return false;
	if ((file && !sg_cli_parameters(cli, file, out)) || !read_words(cli, out))
		return false;
	if (!file && !sg_cli_flag(cli, "parameter-overrides"))
		*out = configured;
	return true;
}

/* ------------------------------------------------------------------------------------------------ includes */

/* The folder of the file in which `at` stands; "." for standard input. */
static struct sg_str folder_of(struct sg_cli *cli, const struct sg_node *at)
{
	struct sg_str path = sg_source_path(cli->sources, at->span.source);
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return sg_str_sub(path, 0, i > 1 ? i - 1 : 1);
	return SG_LIT(".");
}

static bool leaves(struct sg_str path)
{
	int depth = 0;
	for (size_t from = 0; from <= path.n;) {
		size_t slash = sg_str_find(path, "/", from);
		struct sg_str part = sg_str_sub(path, from, slash == SIZE_MAX ? SIZE_MAX : slash - from);
		depth += sg_str_is(part, "..") ? -1 : part.n && !sg_str_is(part, ".");
		if (depth < 0)
			return true;
		from = slash == SIZE_MAX ? path.n + 1 : slash + 1;
	}
	return false;
}

static uint32_t refuse(struct sg_cli *cli, const struct sg_node *at, const char *why)
{
	sg_diag(cli->diags, SG_ERROR, at->span, "name a file in the folder of the template", "'%.*s' %s",
		SG_FMT(at->text), why);
	return 0;
}

/* Also a link may not lead out of the folder. */
static bool stays_inside(const char *folder, const char *file)
{
	char root[PATH_MAX], real[PATH_MAX];
	if (!realpath(folder, root) || !realpath(file, real))
		return false;
	size_t n = strlen(root);
	return !strncmp(root, real, n) && (real[n] == '/' || (n == 1 && root[0] == '/'));
}

uint32_t sg_cli_included(struct sg_cli *cli, struct sg_str path, const struct sg_node *at)
{
	struct stat sb;
	if (sg_str_find(path, "://", 0) != SIZE_MAX)
		return 0; /* somewhere else: not at hand */
	if (path.n && path.p[0] == '/')
		return refuse(cli, at, "is an absolute path");
	if (leaves(path))
		return refuse(cli, at, "leaves the folder of the template");
	const char *folder = sg_cstr(cli->arena, folder_of(cli, at));
	const char *file = !strcmp(folder, ".") ? sg_cstr(cli->arena, path)
						: sg_strf(cli->arena, "%s/%.*s", folder, SG_FMT(path)).p;
	if (!path.n || memchr(path.p, 0, path.n) || stat(file, &sb) < 0)
		return 0;
	if (!S_ISREG(sb.st_mode))
		return refuse(cli, at, "is no regular file");
	if (!stays_inside(folder, file))
		return refuse(cli, at, "leads out of the folder of the template");
	return sg_cli_source(cli, file, INCLUDE_MAX);
}

const struct sg_node *sg_cli_include(void *context, struct sg_str path, const struct sg_node *at)
{
	struct sg_cli *cli = context;
	uint32_t source = sg_cli_included(cli, path, at);
	return source ? sg_cli_tree(cli, source) : NULL;
}
