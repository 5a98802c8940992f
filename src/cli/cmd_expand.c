/*
 * `sandboxgen expand`: the template as CloudFormation gets it, AWS::Serverless expanded offline.
 *
 * One TEMPLATE becomes one document.  Of several, each becomes a line of JSON: what came of it, or why nothing did; one
 * that is wrong does not keep the others from being expanded.
 */
#include "cfn/cfn.h"
#include "cli/cli_priv.h"
#include "cli/resolve.h"
#include "sam/sam.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <math.h>
#include <string.h>

static const struct sg_option options[] = {
	{"format", 'f', "FORMAT", false, "how the document is written (default: yaml)", "yaml|json"},
	{"resolve", 0, NULL, false, "put in the values of intrinsics wherever they are known", NULL},
	{"region", 'r', "REGION", false, "the region of the deployment; with it names of partitions are concrete",
	 NULL},
	{"parameter-overrides", 'p', "K=V", true, "parameter values that the deployment passes", NULL},
	{"parameters", 0, "FILE", false, "parameter values in a file of CloudFormation's, CodePipeline's or SAM's form",
	 NULL},
	{"config-file", 0, "FILE", false, "take the parameter values that sam deploy has in this samconfig", NULL},
	{"config-env", 0, "NAME", false, "the environment in samconfig (default: default)", NULL},
	{"unpackaged", 0, NULL, false, "take local paths, which `sam package` would upload, as they are", NULL},
	{"metadata", 0, NULL, false, "copy Metadata to all that is made of a resource", NULL},
	{0},
};

struct expansion {
	struct sg_cli *cli;
	struct sg_sam_options sam;
	struct sg_findings findings;
};

/* ------------------------------------------------------------------------------------------------ options */

static bool read_options(struct sg_cli *cli, struct sg_sam_options *o)
{
	*o = (struct sg_sam_options){.region = sg_cli_value(cli, "region"),
				     .use_defaults = true,
				     .packaged = !sg_cli_flag(cli, "unpackaged"),
				     .pseudo_partition = true,
				     .metadata = sg_cli_flag(cli, "metadata")};
	for (const char *p = o->region; p && *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *p)) {
			sg_cli_error(cli, "write it as in eu-central-1", "--region: '%s' is no region", o->region);
			return false;
		}
	struct sg_overrides all = {0};
	if (!sg_cli_deployment(cli, sg_cli_flag(cli, "config-file") || sg_cli_flag(cli, "config-env"), &all))
		return false;
	o->overrides = all.v;
	o->n_overrides = all.n;
	return true;
}

/* ------------------------------------------------------------------------------------------------ resolving */

static const struct sg_node *resolved(struct expansion *e, const struct sg_node *root)
{
	struct sg_cli *cli = e->cli;
	struct sg_cfn_options o = {
		.overrides = e->sam.overrides, .n_overrides = e->sam.n_overrides, .region = e->sam.region};
	struct sg_cfn *cfn = sg_cfn_new(cli->arena, cli->diags, &e->findings, root, &o);
	struct sg_mapper top = {.arena = cli->arena};
	for (size_t i = 0; i < root->n; i++) {
		const struct sg_member *m = &root->members[i];
		bool values = sg_node_is(m->key, "Resources") || sg_node_is(m->key, "Outputs");
		sg_mapper_put(&top, m->key, values ? sg_resolve_inside(cli->arena, cfn, m->value) : m->value);
	}
	return sg_mapper_done(&top, SG_WHY_INTRINSIC, root);
}

/* ------------------------------------------------------------------------------------------------ writing */

static void write_scalar(struct sg_json *w, const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml11(n);
	if (r.type == SG_T_NULL)
		sg_json_null(w);
	else if (r.type == SG_T_BOOL)
		sg_json_bool(w, r.boolean);
	else if (r.type == SG_T_INT && !r.big)
		sg_json_int(w, r.integer);
	else if (r.type == SG_T_FLOAT && isfinite(r.number))
		sg_json_double(w, r.number);
	else
		sg_json_str(w, r.type == SG_T_STRING ? r.text : n->text);
}

static void write_node(struct sg_json *w, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR) {
		write_scalar(w, n);
		return;
	}
	const struct sg_node *text = n->kind == SG_SEQ && n->why == SG_WHY_INTRINSIC ? n->from : NULL;
	if (text && text->kind == SG_SCALAR && !sg_node_tag_span(text).source) {
		write_scalar(w, text); /* {"Fn::GetAtt": "A.B"}, as it was written */
		return;
	}
	if (n->kind == SG_MAP)
		sg_json_object(w);
	else
		sg_json_array(w);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == SG_MAP)
			sg_json_key_str(w, n->members[i].key->text);
		write_node(w, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
	sg_json_end(w);
}

/* Deeper than the writer goes; no template that can be deployed is. */
static unsigned depth_of(const struct sg_node *n)
{
	unsigned deepest = 0;
	for (size_t i = 0; n->kind != SG_SCALAR && i < n->n; i++) {
		unsigned d = depth_of(n->kind == SG_MAP ? n->members[i].value : n->items[i]);
		deepest = d > deepest ? d : deepest;
	}
	return deepest + 1;
}

static bool write_document(struct sg_cli *cli, const struct sg_node *root)
{
	const char *format = sg_cli_value(cli, "format");
	if (!format || !strcmp(format, "yaml")) {
		if (sg_yaml_emit(&cli->out, root, 0))
			return true;
		sg_cli_error(cli, "use --format json", "the template has a value that YAML cannot spell");
		return false;
	}
	struct sg_json w;
	sg_json_init(&w, &cli->out, 2);
	write_node(&w, root);
	sg_buf_addc(&cli->out, '\n');
	return true;
}

/* ------------------------------------------------------------------------------------------------ expanding */

/* Wrong, too large, or nothing that can be expanded offline. */
static bool counts(const struct sg_finding *f)
{
	return f->status == SG_FAIL || !strcmp(f->rule->id, "TPL003") || !strcmp(f->rule->id, "TPL005");
}

/* What the expansion found wrong becomes an error, as the template cannot be deployed. */
static bool report(struct expansion *e)
{
	bool ok = true;
	for (size_t i = 0; i < e->findings.list.n; i++) {
		const struct sg_finding *f = e->findings.list.v[i];
		if (!counts(f))
			continue;
		ok = false;
		struct sg_str where =
			f->resource.n ? sg_strf(e->cli->arena, "%.*s: ", SG_FMT(f->resource)) : SG_LIT("");
		sg_diag(e->cli->diags, SG_ERROR, f->span, NULL, "%.*s%.*s", SG_FMT(where), SG_FMT(f->message));
	}
	return ok;
}

static bool is_template(struct sg_cli *cli, const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	bool good = resources && resources->kind == SG_MAP && resources->n;
	if (!good)
		sg_diag(cli->diags, SG_ERROR, root->span, NULL,
			"a template has a Resources section with its resources");
	for (size_t i = 0; good && i < resources->n; i++)
		if (resources->members[i].value->kind != SG_MAP &&
		    !sg_str_starts(resources->members[i].key->text, "Fn::ForEach::")) {
			sg_diag(cli->diags, SG_ERROR, resources->members[i].key->span, NULL,
				"a resource must be a mapping");
			good = false;
		}
	return good;
}

/* The expanded tree, or NULL with errors among the diagnostics. */
static const struct sg_node *expand(struct expansion *e, const char *path)
{
	struct sg_cli *cli = e->cli;
	e->findings = (struct sg_findings){.arena = cli->arena};
	uint32_t source = sg_cli_source(cli, path, sg_yaml_limits_default.bytes);
	const struct sg_node *raw = source ? sg_cli_tree(cli, source) : NULL;
	const struct sg_node *root = raw ? sg_cfn_canonical(cli->arena, cli->diags, raw) : NULL;
	if (!root || !is_template(cli, root))
		return NULL;
	struct sg_cfn_options o = {e->sam.overrides, e->sam.n_overrides, sg_cli_include, cli, e->sam.region};
	root = sg_cfn_include(cli->arena, cli->diags, root, &o);
	if (!root)
		return NULL;
	root = sg_cfn_unroll(cli->arena, cli->diags, &e->findings, root, &o);
	root = sg_sam_expand(cli->arena, &e->findings, root, &e->sam);
	if (!report(e))
		return NULL;
	if (sg_cli_flag(cli, "resolve"))
		root = resolved(e, root);
	if (depth_of(root) > SG_JSON_WRITE_DEPTH - 8) {
		sg_diag(cli->diags, SG_ERROR, root->span, NULL, "the template is nested too deeply");
		return NULL;
	}
	return root;
}

/* ------------------------------------------------------------------------------------------------ several */

static void write_errors(struct expansion *e, struct sg_json *w)
{
	struct sg_cli *cli = e->cli;
	sg_json_key(w, "errors");
	sg_json_array(w);
	for (size_t i = 0; i < e->findings.list.n; i++) {
		const struct sg_finding *f = e->findings.list.v[i];
		if (!counts(f))
			continue;
		sg_json_object(w);
		sg_json_key(w, "resource");
		sg_json_str(w, f->resource);
		sg_json_key(w, "line");
		sg_json_int(w, sg_pos_start(cli->sources, f->span).line);
		sg_json_key(w, "message");
		sg_json_str(w, f->message);
		sg_json_end(w);
	}
	for (size_t i = 0; !e->findings.list.n && i < sg_diags_count(cli->diags); i++) {
		const struct sg_diag *d = sg_diags_at(cli->diags, i);
		sg_json_object(w);
		sg_json_key(w, "resource");
		sg_json_cstr(w, "");
		sg_json_key(w, "line");
		sg_json_int(w, sg_pos_start(cli->sources, d->span).line);
		sg_json_key(w, "message");
		sg_json_str(w, d->message);
		sg_json_end(w);
	}
	sg_json_end(w);
}

/* One template of several: a line, whatever comes of it. */
static bool expand_line(struct expansion *e, const char *path)
{
	struct sg_cli *cli = e->cli;
	struct sg_diags *all = cli->diags;
	struct sg_json w;
	cli->diags = sg_diags_new(cli->arena, cli->sources);
	const struct sg_node *root = expand(e, path);
	sg_json_init(&w, &cli->out, 0);
	sg_json_object(&w);
	sg_json_key(&w, "file");
	sg_json_cstr(&w, path);
	if (root) {
		sg_json_key(&w, "template");
		write_node(&w, root);
	} else {
		write_errors(e, &w);
	}
	sg_json_end(&w);
	sg_buf_addc(&cli->out, '\n');
	cli->diags = all;
	return root != NULL;
}

static int run(struct sg_cli *cli)
{
	struct expansion e = {.cli = cli};
	const char *format = sg_cli_value(cli, "format");
	if (!read_options(cli, &e.sam))
		return SG_EXIT_ERROR;
	if (cli->n_args < 2) {
		const struct sg_node *root = expand(&e, cli->n_args ? cli->args[0] : "template.yaml");
		return root && write_document(cli, root) ? SG_EXIT_YES : SG_EXIT_ERROR;
	}
	if (!format || strcmp(format, "json"))
		return sg_cli_error(cli, "several templates become a line of JSON each",
				    "expand: several templates need --format json");
	bool ok = true;
	cli->print_anyway = true;
	for (size_t i = 0; i < cli->n_args; i++)
		ok &= expand_line(&e, cli->args[i]);
	return ok ? SG_EXIT_YES : SG_EXIT_ERROR;
}

const struct sg_command sg_cmd_expand = {
	.name = "expand",
	.usage = "[TEMPLATE…]",
	.summary = "expand AWS::Serverless offline, as CloudFormation gets it",
	.details =
		"Reads template.yaml where no TEMPLATE is named; - is standard input.  Of several templates each "
		"becomes a\n"
		"line of JSON: {\"file\": …, \"template\": …}, or {\"file\": …, \"errors\": […]} for one that cannot "
		"be\n"
		"expanded, which makes the exit code 2.\n\n"
		"Parameters have their overrides, else their defaults, wherever SAM looks at their values.  Without\n"
		"--region what hangs on the partition is spelt with ${AWS::Partition}.",
	.min_args = 0,
	.max_args = 100000,
	.options = options,
	.run = run,
};
