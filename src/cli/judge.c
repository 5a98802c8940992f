/*
 * From the text of a template to findings: reading it as YAML or JSON, noting where two readers part, the audit.
 * Shared by `audit`, `graph`, and by `render`, which judges what it is about to write; with the options of the first two.
 */
#include "audit/audit.h"
#include "cli/cli_priv.h"
#include "spec/spec.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <string.h>

void sg_cli_bounds(struct sg_cli *cli, const struct sg_spec *spec, struct sg_bounds *out)
{
	size_t n = spec->invokers.list.n;
	struct sg_str *invokers = SG_NEW_ARRAY(cli->arena, n ? n : 1, struct sg_str);
	for (size_t i = 0; i < n; i++)
		invokers[i] = spec->invokers.list.v[i].text;
	*out = SG_BOUNDS_DEFAULT;
	out->memory_mb = spec->memory.integer;
	out->timeout_s = spec->timeout.integer;
	out->concurrency = spec->concurrency.set ? spec->concurrency.integer : -1;
	out->per_tenant = sg_spec_per_tenant(spec);
	out->invokers = invokers;
	out->n_invokers = n;
	out->executor = true;
}

/* What both readers of YAML do not agree on; the audit decides whether it matters.  Where libfyaml gives up on a text
 * that libyaml, PyYAML and CloudFormation read (`!Sub |` on a line of its own, common in templates), nobody is misled. */
static void collect(struct sg_arena *a, const struct sg_yaml_notes *notes, struct sg_differences *out)
{
	for (size_t i = 0; i < notes->differences.n; i++) {
		const struct sg_yaml_difference *d = &notes->differences.v[i];
		struct sg_str text = sg_strf(a, "libyaml reads \"%.*s\", libfyaml \"%.*s\"", SG_FMT(d->libyaml),
					     SG_FMT(d->libfyaml));
		SG_PUSH(a, &out->vec, ((struct sg_difference){d->node->span, text}));
	}
}

static bool starts_like_json(struct sg_str text)
{
	if (sg_str_starts(text, "\xef\xbb\xbf"))
		text = sg_str_sub(text, 3, text.n);
	return sg_str_starts(sg_str_trim(text), "{");
}

/* As the tools of AWS do it: a text that starts with '{' is JSON if it can be read as JSON, else YAML's flow style. */
static const struct sg_node *load(struct sg_cli *cli, uint32_t source, struct sg_differences *differences)
{
	struct sg_diags *d = cli->diags;
	if (starts_like_json(sg_source_text(cli->sources, source))) {
		struct sg_diags *aside = sg_diags_new(cli->arena, cli->sources);
		const struct sg_node *json = sg_json_load(cli->arena, source, NULL, aside);
		if (json)
			return json;
		aside = sg_diags_new(cli->arena, cli->sources);
		if (!sg_yaml_load(cli->arena, aside, source, NULL, NULL) || sg_diags_errors(aside))
			return sg_json_load(cli->arena, source, NULL,
					    d); /* neither: as JSON it is told what is wrong */
	}
	struct sg_yaml_notes notes = {0};
	size_t before = sg_diags_errors(d);
	const struct sg_node *root = sg_yaml_load(cli->arena, d, source, NULL, &notes);
	collect(cli->arena, &notes, differences);
	sg_yaml_report_duplicates(d, &notes);
	return sg_diags_errors(d) == before ? root : NULL;
}

const struct sg_node *sg_cli_tree(struct sg_cli *cli, uint32_t source)
{
	struct sg_differences ignored = {0};
	return load(cli, source, &ignored);
}

void sg_cli_functions(struct sg_cli *cli, struct sg_audit_options *o)
{
	const char *const *words;
	size_t n = sg_cli_values(cli, "function", &words);
	struct sg_str *functions = SG_NEW_ARRAY(cli->arena, n + 1, struct sg_str);
	for (size_t i = 0; i < n; i++)
		functions[i] = sg_str(words[i]);
	o->functions = functions;
	o->n_functions = n;
}

bool sg_cli_assumptions(struct sg_cli *cli, struct sg_audit_options *o)
{
	enum { MAX_BYTES = 1 << 20 };
	const char *path = sg_cli_value(cli, "assume");
	uint32_t source = path ? sg_cli_source(cli, path, MAX_BYTES) : 0;
	if (!source)
		return !path;
	size_t before = sg_diags_errors(cli->diags);
	const struct sg_node *root = sg_cli_tree(cli, source);
	o->facts = root ? sg_net_facts_read(cli->arena, cli->diags, root) : NULL;
	return sg_diags_errors(cli->diags) == before;
}

struct judging {
	struct sg_cli *cli;
	struct sg_differences differences;
};

/* Files that the template names are read like the template: where readers part, it is said. */
static const struct sg_node *include_noted(void *context, struct sg_str path, const struct sg_node *at)
{
	struct judging *j = context;
	uint32_t source = sg_cli_included(j->cli, path, at);
	return source ? load(j->cli, source, &j->differences) : NULL;
}

struct sg_findings *sg_cli_judge(struct sg_cli *cli, uint32_t source, const struct sg_audit_options *options)
{
	struct judging j = {.cli = cli};
	struct sg_audit_options all = *options;
	size_t before = sg_diags_errors(cli->diags);
	const struct sg_node *root = load(cli, source, &j.differences);
	if (!root)
		return NULL;
	all.differences = &j.differences;
	if (options->load == sg_cli_include) {
		all.load = include_noted;
		all.load_context = &j;
	}
	struct sg_findings *findings = SG_NEW(cli->arena, struct sg_findings);
	findings->arena = cli->arena;
	sg_audit_template(cli->arena, cli->diags, findings, root, &all);
	return sg_diags_errors(cli->diags) == before ? findings : NULL;
}
