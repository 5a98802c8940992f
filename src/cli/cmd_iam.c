/*
 * `sandboxgen iam contains CANDIDATE REFERENCE`: is every request that one side allows allowed by the other?
 *
 * A side is a policy document, or TEMPLATE:ID where ID is the logical id of a role (or user, group, policy).
 */
#include "cli/cli_priv.h"
#include "iam/iam.h"
#include "report/report.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <string.h>
#include <unistd.h>

static const struct sg_option options[] = {
	{"format", 'f', "FORMAT", false, "how the answer is written", "text|json"},
	{"managed-policies", 0, "DIR", false, "documents of managed policies, NAME.json each", NULL},
	{0},
};

struct sides {
	struct sg_cli *cli;
	struct sg_findings findings;
	struct sg_iam_side side[2];
	const char *path[2]; /* of the templates */
};

/* ---------------------------------------------------------------------------------------------- reading */

static const struct sg_model *load_model(struct sides *s, const char *path, struct sg_findings *f)
{
	struct sg_cli *cli = s->cli;
	uint32_t source = sg_cli_source(cli, path, sg_yaml_limits_default.bytes);
	const struct sg_node *root = source ? sg_cli_tree(cli, source) : NULL;
	const struct sg_node *canonical = root ? sg_cfn_canonical(cli->arena, cli->diags, root) : NULL;
	const struct sg_cfn_options o = {.load = sg_cli_include, .load_context = cli};
	return canonical ? sg_model_new(cli->arena, cli->diags, f, canonical, &o) : NULL;
}

/* Where documents alone are compared, what their intrinsics name is the same on both sides. */
static const struct sg_model *empty_model(struct sides *s)
{
	const struct sg_node *documents[] = {s->side[0].document, s->side[1].document};
	return sg_iam_no_template(s->cli->arena, s->cli->diags, &s->findings, documents, 2);
}

static bool find_holder(struct sides *s, const struct sg_model *m, const char *path, const char *id,
			struct sg_iam_side *out)
{
	out->m = m;
	out->holder = sg_model_find(m, sg_str(id));
	if (out->holder && sg_iam_is_holder(out->holder->type))
		return true;
	sg_cli_error(s->cli, "name the logical id of a role, user, group or policy", "%s has no role '%s'%s%.*s", path,
		     id, out->holder ? "; it is a " : "", SG_FMT(out->holder ? out->holder->type : SG_LIT("")));
	return false;
}

/* TEMPLATE:ID, unless there is a file of that name. */
static bool read_one(struct sides *s, size_t k)
{
	const char *word = s->cli->args[k + 1], *colon = strrchr(word, ':');
	struct sg_iam_side *out = &s->side[k];
	out->name = sg_str(word);
	if (!colon || colon == word || access(word, F_OK) == 0) {
		out->document = sg_cli_policy(s->cli, word);
		return out->document != NULL;
	}
	const char *path = sg_strf(s->cli->arena, "%.*s", (int)(colon - word), word).p;
	s->path[k] = path;
	bool same = k && s->path[0] && !strcmp(s->path[0], path);
	struct sg_findings *aside = SG_NEW(s->cli->arena, struct sg_findings);
	aside->arena = s->cli->arena;
	bool second = k && s->path[0];
	const struct sg_model *m = same ? s->side[0].m : load_model(s, path, second ? aside : &s->findings);
	return m && find_holder(s, m, path, colon + 1, out);
}

/* ---------------------------------------------------------------------------------------------- the answer */

static bool counts(const struct sg_finding *f)
{
	return !strcmp(f->rule->id, "IAM011");
}

static const char *verdict_word(enum sg_verdict v)
{
	return v == SG_PASS ? "contained" : v == SG_FAIL ? "not contained" : "unproven";
}

static void place(struct sides *s, struct sg_buf *b, struct sg_span span)
{
	struct sg_pos pos = sg_pos_start(s->cli->sources, span);
	if (!span.source)
		return;
	sg_buf_printable(b, sg_source_path(s->cli->sources, span.source));
	sg_buf_addf(b, ":%u:%u: ", (unsigned)pos.line, (unsigned)pos.column);
}

static void add_finding(struct sides *s, struct sg_buf *b, const struct sg_finding *f)
{
	sg_buf_adds(b, "  ");
	place(s, b, f->span);
	sg_buf_printable(b, f->message);
	sg_buf_addc(b, '\n');
	for (size_t k = 0; k < f->witness.n; k++) {
		sg_buf_adds(b, "    ");
		place(s, b, f->witness.v[k].span);
		sg_buf_printable(b, f->witness.v[k].message);
		sg_buf_addc(b, '\n');
	}
	if (f->settle.n) {
		sg_buf_adds(b, "    to put it right: ");
		sg_buf_printable(b, f->settle);
		sg_buf_addc(b, '\n');
	}
	for (size_t k = 0; k < f->when.n; k++) {
		sg_buf_adds(b, k ? ", " : "    when ");
		sg_buf_printable(b, f->when.v[k].name);
		sg_buf_adds(b, " is ");
		sg_buf_printable(b, f->when.v[k].value);
	}
	if (f->when.n)
		sg_buf_addc(b, '\n');
}

static void write_text(struct sides *s, enum sg_verdict v)
{
	struct sg_buf *b = &s->cli->out;
	sg_buf_addf(b, "%s: what ", verdict_word(v));
	sg_buf_printable(b, s->side[0].name);
	sg_buf_adds(b, v == SG_PASS ? " allows, " : v == SG_FAIL ? " allows goes beyond " : " allows may go beyond ");
	sg_buf_printable(b, s->side[1].name);
	sg_buf_adds(b, v == SG_PASS ? " allows too, for all requests\n" : "\n");
	for (size_t k = 0; k < s->findings.list.n; k++)
		if (counts(s->findings.list.v[k]))
			add_finding(s, b, s->findings.list.v[k]);
	sg_buf_adds(b, "the claim is about these policies alone:\n");
	for (size_t k = 0; sg_iam_limits[k]; k++)
		sg_buf_addf(b, "  - %s\n", sg_iam_limits[k]);
}

static void json_place(struct sides *s, struct sg_json *w, struct sg_span span)
{
	struct sg_pos pos = sg_pos_start(s->cli->sources, span);
	sg_json_key(w, "file");
	sg_json_str(w, sg_source_path(s->cli->sources, span.source));
	sg_json_key(w, "line");
	sg_json_int(w, pos.line);
	sg_json_key(w, "column");
	sg_json_int(w, pos.column);
}

static void json_finding(struct sides *s, struct sg_json *w, const struct sg_finding *f)
{
	sg_json_object(w);
	sg_json_key(w, "status");
	sg_json_cstr(w, sg_verdict_name(f->status));
	sg_json_key(w, "message");
	sg_json_str(w, f->message);
	json_place(s, w, f->span);
	sg_json_key(w, "settle");
	sg_json_str(w, f->settle);
	sg_json_key(w, "witness");
	sg_json_array(w);
	for (size_t k = 0; k < f->witness.n; k++) {
		sg_json_object(w);
		sg_json_key(w, "message");
		sg_json_str(w, f->witness.v[k].message);
		json_place(s, w, f->witness.v[k].span);
		sg_json_end(w);
	}
	sg_json_end(w);
	sg_json_end(w);
}

static void write_json(struct sides *s, enum sg_verdict v)
{
	struct sg_json w;
	sg_json_init(&w, &s->cli->out, 2);
	sg_json_object(&w);
	sg_json_key(&w, "version");
	sg_json_int(&w, 1);
	sg_json_key(&w, "verdict");
	sg_json_cstr(&w, sg_verdict_name(v));
	sg_json_key(&w, "findings");
	sg_json_array(&w);
	for (size_t k = 0; k < s->findings.list.n; k++)
		if (counts(s->findings.list.v[k]))
			json_finding(s, &w, s->findings.list.v[k]);
	sg_json_end(&w);
	sg_json_key(&w, "limits");
	sg_json_array(&w);
	for (size_t k = 0; sg_iam_limits[k]; k++)
		sg_json_cstr(&w, sg_iam_limits[k]);
	sg_json_end(&w);
	sg_json_end(&w);
	sg_buf_addc(&s->cli->out, '\n');
}

static int run(struct sg_cli *cli)
{
	struct sides s = {.cli = cli, .findings.arena = cli->arena};
	struct sg_iam_options o;
	const char *format = sg_cli_value(cli, "format");
	if (strcmp(cli->args[0], "contains"))
		return sg_cli_error(cli, "usage: sandboxgen iam contains CANDIDATE REFERENCE",
				    "iam: unknown question '%s'", cli->args[0]);
	if (!sg_cli_iam_options(cli, false, &o) || !read_one(&s, 0) || !read_one(&s, 1))
		return SG_EXIT_ERROR;
	const struct sg_model *m = s.side[0].m ? s.side[0].m : s.side[1].m ? s.side[1].m : empty_model(&s);
	enum sg_verdict v = sg_iam_contains(m, cli->diags, &s.side[0], &s.side[1], &o);
	if (sg_diags_errors(cli->diags))
		return SG_EXIT_ERROR;
	sg_findings_sort(&s.findings);
	if (format && !strcmp(format, "json"))
		write_json(&s, v);
	else
		write_text(&s, v);
	return v == SG_PASS ? SG_EXIT_YES : SG_EXIT_NO;
}

const struct sg_command sg_cmd_iam = {
	.name = "iam",
	.usage = "contains CANDIDATE REFERENCE",
	.summary = "is every request that one policy allows allowed by another, for all requests?",
	.details =
		"CANDIDATE and REFERENCE are policy documents, in YAML or JSON, or TEMPLATE:ID with the logical id of a role, user,\n"
		"group or policy.  Exit code 0: proved; 1: no, with a request that one allows and the other does not, or not\n"
		"proved; 2: a side could not be read.",
	.min_args = 3,
	.max_args = 3,
	.options = options,
	.run = run,
};
