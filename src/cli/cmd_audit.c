/*
 * audit: is the sandbox of a template closed?
 *
 * Theory of operation: each file is read and judged by itself; one that cannot be read makes the run exit with 2 and
 * does not keep the others from being judged.  Then the report of all is made at once.
 */
#include "audit/audit.h"
#include "cli/accept_priv.h"
#include "cli/policies_priv.h"
#include "spec/spec.h"
#include "yaml/yaml.h"

#include <string.h>

#include "config.h"

extern const struct sg_embedded sg_embedded_policies[];

static const struct sg_option options[] = {
	{"format", 'f', "FORMAT", false, "how the report is written", "text|json|sarif|junit|github"},
	{"output", 'o', "FILE", false, "write the report into FILE", NULL},
	{"spec", 0, "SPEC", false, "hold the function to the bounds of this sandbox.yaml", NULL},
	{"config-file", 0, "FILE", false, "take the parameter values that sam deploy has in this samconfig", NULL},
	{"config-env", 0, "NAME", false, "the environment that the template is for, in SPEC or in samconfig", NULL},
	{"parameter-overrides", 'p', "K=V", true, "parameter values that the deployment passes", NULL},
	{"function", 0, "LOGICAL_ID", true, "judge these functions alone", NULL},
	{"fail-on", 0, "SEVERITY", false, "what is below it is reported and does not count (default: medium)",
	 "critical|high|medium|low"},
	{"no-inline", 0, NULL, false, "ignore what the template says about itself", NULL},
	{"parameters", 0, "FILE", false, "parameter values in a file of CloudFormation's, CodePipeline's or SAM's form",
	 NULL},
	{"policies", 0, "PATH", true, "rules of your own in the Guard language: files, or folders of *.guard", NULL},
	{"only-policies", 0, NULL, false, "those alone (or packs), on any YAML or JSON document", NULL},
	{"view", 0, "VIEW", false, "what those see of a template (default: as the rule file says, else raw)",
	 "raw|expanded|resolved"},
	{"assume", 0, "FILE", false, "what is known about subnets, groups and VPCs outside of the template", NULL},
	{"reference", 0, "FILE", false, "a policy document that roles may not go beyond", NULL},
	{"managed-policies", 0, "DIR", false, "documents of managed policies, NAME.json each", NULL},
	{"pack", 0, "NAME", true, "rules that are not about a sandbox, over all resources (list: what they are)",
	 "iam|lambda|logs|network|all|list"},
	{"suppress", 0, "FILE", false, "findings that somebody answers for, with a reason, until a day", NULL},
	{"baseline", 0, "FILE", false, "findings of an earlier run: they are reported and do not count", NULL},
	{"write-baseline", 0, "FILE", false, "also write this run's findings there, for --baseline", NULL},
	{0},
};

/* The specification of an environment; of "default", as sam names it, the specification itself.  NULL, said: none. */
static const struct sg_spec *spec_of(struct sg_cli *cli, const struct sg_spec *spec, const char *environment)
{
	if (!environment || !strcmp(environment, "default"))
		return spec;
	for (size_t i = 0; i < spec->environments.list.n; i++)
		if (sg_str_is(spec->environments.list.v[i].name, environment))
			return spec->environments.list.v[i].spec;
	sg_cli_error(cli, NULL, "--config-env: the specification has no environment '%s'", environment);
	return NULL;
}

static void report_assumptions(struct sg_cli *cli, const struct sg_net_facts *facts, struct sg_report *report)
{
	struct sg_assumptions said = sg_net_facts_said(facts);
	struct sg_report_assumption *all = SG_NEW_ARRAY(cli->arena, said.n + 1, struct sg_report_assumption);
	for (size_t i = 0; i < said.n; i++)
		all[i] = (struct sg_report_assumption){said.v[i]->text, said.v[i]->reason, said.v[i]->span,
						       said.v[i]->used};
	report->assumptions = all;
	report->n_assumptions = said.n;
}

static bool read_options(struct sg_cli *cli, struct sg_audit_options *o)
{
	struct sg_spec spec;
	const struct sg_spec *wanted;
	const char *path = sg_cli_value(cli, "spec"), *environment = sg_cli_value(cli, "config-env");
	*o = (struct sg_audit_options){.bounds = SG_BOUNDS_DEFAULT, .no_inline = sg_cli_flag(cli, "no-inline")};
	struct sg_overrides overrides = {0};
	bool samconfig = sg_cli_flag(cli, "config-file") || (environment && !path);
	if (!sg_cli_deployment(cli, samconfig, &overrides))
		return false;
	o->overrides = overrides.v;
	o->n_overrides = overrides.n;
	sg_cli_functions(cli, o);
	o->load = sg_cli_include;
	o->load_context = cli;
	if (!sg_cli_assumptions(cli, o))
		return false;
	if (!sg_cli_iam_options(cli, true, &o->iam))
		return false;
	if (!path)
		return true;
	if (!sg_cli_spec(cli, path, &spec) || !(wanted = spec_of(cli, &spec, environment)))
		return false;
	sg_cli_bounds(cli, wanted, &o->bounds);
	return true;
}

static enum sg_severity fail_on(struct sg_cli *cli)
{
	const char *name = sg_cli_value(cli, "fail-on");
	for (enum sg_severity s = SG_LOW; name && s <= SG_CRITICAL; s++)
		if (!strcmp(sg_severity_name(s), name))
			return s;
	return SG_MEDIUM;
}

/* The user's own rules and how they are run. */
struct own {
	struct sg_policies policies;
	struct sg_policies_options options;
	bool given, only;
};

/* Rules in strict mode take the place of built-in ones, which is said. */
static bool take_strict(struct sg_cli *cli, const struct own *own, struct sg_audit_options *o)
{
	const struct sg_guard **rules = SG_NEW_ARRAY(cli->arena, own->policies.files.n + 1, const struct sg_guard *);
	for (size_t i = 0; i < own->policies.files.n; i++) {
		const struct sg_guard *g = own->policies.files.v[i].guard;
		if (!sg_guard_is_strict(g))
			continue;
		if (own->only)
			return sg_cli_error(cli, "leave --only-policies out",
					    "audit: rules in strict mode take the place of built-in ones"),
			       false;
		if (!sg_strict_check(cli, g))
			return false;
		for (size_t k = 0; k < sg_guard_rules(g); k++)
			sg_diag(cli->diags, SG_NOTE, sg_guard_rule_span(g, k), NULL,
				"this takes the place of the built-in rule");
		rules[o->n_rules++] = g;
	}
	o->rules = rules;
	return true;
}

static bool read_policies(struct sg_cli *cli, struct sg_audit_options *o, struct own *own)
{
	static const char *const views[] = {NULL, "raw", "expanded", "resolved"};
	const char *const *paths, *view = sg_cli_value(cli, "view");
	size_t n = sg_cli_values(cli, "policies", &paths);
	*own = (struct own){.given = n > 0, .only = sg_cli_flag(cli, "only-policies")};
	own->options.overrides = o->overrides;
	own->options.n_overrides = o->n_overrides;
	for (size_t i = 1; view && i < sizeof(views) / sizeof(*views); i++)
		if (!strcmp(view, views[i]))
			own->options.view = (enum sg_guard_view)i;
	bool only = own->only && !o->n_packs;
	if (!n && (only || view)) {
		sg_cli_error(cli, NULL, "audit: --%s goes with --policies", only ? "only-policies" : "view");
		return false;
	}
	return sg_policies_load(cli, paths, n, &own->policies) && take_strict(cli, own, o);
}

/* The packs that were asked for; `*list` where only their names were. */
static void read_packs(struct sg_cli *cli, struct sg_audit_options *o, bool *list)
{
	o->n_packs = sg_cli_values(cli, "pack", &o->packs);
	o->packs_only = o->n_packs && sg_cli_flag(cli, "only-policies");
	*list = false;
	for (size_t i = 0; i < o->n_packs; i++)
		*list = *list || !strcmp(o->packs[i], "list");
}

/* Each pack with its rules, as `explain` has the others. */
static int list_packs(struct sg_cli *cli)
{
	struct sg_str pack;
	for (size_t i = 0; sg_audit_pack(i, &pack); i++) {
		sg_buf_addf(&cli->out, "%s%.*s\n", i ? "\n" : "", SG_FMT(pack));
		for (size_t k = 0; k < sg_rules_count; k++)
			if (sg_audit_in_pack(i, sg_str(sg_rules[k].id)))
				sg_buf_addf(&cli->out, "  %s  %-8s  %s\n", sg_rules[k].id,
					    sg_severity_name(sg_rules[k].severity), sg_rules[k].title);
	}
	return SG_EXIT_YES;
}

static struct sg_findings *no_findings(struct sg_cli *cli)
{
	struct sg_findings *f = SG_NEW(cli->arena, struct sg_findings);
	f->arena = cli->arena;
	return f;
}

static struct sg_findings *findings_of(struct sg_cli *cli, uint32_t source, const struct sg_audit_options *o,
				       const struct own *own)
{
	if (own->only && !o->packs_only)
		return no_findings(cli);
	return sg_is_workflow(cli, source) ? sg_workflow_judge(cli, source) : sg_cli_judge(cli, source, o);
}

static struct sg_report_file judge(struct sg_cli *cli, const char *path, const struct sg_audit_options *o,
				   const struct own *own, struct sg_accept *accept)
{
	struct sg_audit_options with = *o;
	with.suppressions = sg_suppressions_new(cli->arena);
	struct sg_report_file file = {.path = sg_str(strcmp(path, "-") ? path : "<stdin>")};
	uint32_t source = sg_cli_source(cli, path, sg_yaml_limits_default.bytes);
	struct sg_published facts = {sg_map_new(cli->arena)};
	with.publish = own->given ? &facts : NULL;
	struct sg_findings *f = source ? findings_of(cli, source, &with, own) : NULL;
	if (f && own->given) {
		struct sg_policies_options with_facts = own->options;
		with_facts.facts = &facts;
		if (!sg_policies_judge(cli, &own->policies, source, &with_facts, f, &file))
			return file;
	}
	if (f)
		sg_accept_judge(cli, accept, with.suppressions, f, &file);
	file.findings = f;
	file.judged = f != NULL;
	return file;
}

typedef void sg_report_writer(struct sg_buf *out, const struct sg_report *r);

/* NULL: the text, which alone has colours. */
static sg_report_writer *writer_of(const char *format)
{
	static const struct {
		const char *name;
		sg_report_writer *writer;
	} writers[] = {{"json", sg_report_json},
		       {"sarif", sg_report_sarif},
		       {"junit", sg_report_junit},
		       {"github", sg_report_github}};
	for (size_t i = 0; format && i < sizeof(writers) / sizeof(*writers); i++)
		if (!strcmp(format, writers[i].name))
			return writers[i].writer;
	return NULL;
}

/* The report to where it goes; false where it could not be written. */
static bool deliver(struct sg_cli *cli, const struct sg_report *report)
{
	const char *path = sg_cli_value(cli, "output");
	sg_report_writer *writer = writer_of(sg_cli_value(cli, "format"));
	if (writer)
		writer(&cli->out, report);
	else
		sg_report_text(&cli->out, report, cli->colour_out && !path);
	cli->print_anyway = true;
	if (!path)
		return true;
	bool ok = sg_cli_write_file(cli, path, sg_buf_view(&cli->out));
	cli->out.n = 0;
	return ok;
}

static int run(struct sg_cli *cli)
{
	static const char *const fallback[] = {"template.yaml"};
	struct sg_audit_options o;
	struct own own;
	struct sg_accept accept;
	bool list;
	if (!read_options(cli, &o) || !sg_accept_read(cli, &accept))
		return SG_EXIT_ERROR;
	read_packs(cli, &o, &list);
	if (list)
		return list_packs(cli);
	if (!read_policies(cli, &o, &own))
		return SG_EXIT_ERROR;
	const char *const *paths = cli->n_args ? cli->args : fallback;
	size_t n = cli->n_args ? cli->n_args : 1;
	struct sg_report_file *files = SG_NEW_ARRAY(cli->arena, n + 1, struct sg_report_file);
	for (size_t i = 0; i < n; i++)
		files[i] = judge(cli, paths[i], &o, &own, &accept);
	if (accept.path)
		files[n++] = sg_accept_file(cli, &accept);
	sg_policies_free(&own.policies);
	struct sg_report report = {.version = PACKAGE_VERSION,
				   .sources = cli->sources,
				   .fail_on = fail_on(cli),
				   .files = files,
				   .n_files = n,
				   .limits = sg_iam_limits,
				   .baseline = sg_str(accept.baseline_path),
				   .baseline_gone = accept.baseline ? sg_baseline_gone(accept.baseline) : 0,
				   .diags = cli->diags,
				   .pages = sg_embedded_policies};
	report_assumptions(cli, o.facts, &report);
	if (!sg_accept_write(cli, &report) || !deliver(cli, &report))
		return SG_EXIT_ERROR;
	const char *verdict = sg_report_verdict(&report);
	return !strcmp(verdict, "pass") ? SG_EXIT_YES : !strcmp(verdict, "error") ? SG_EXIT_ERROR : SG_EXIT_NO;
}

const struct sg_command sg_cmd_audit = {
	.name = "audit",
	.usage = "[TEMPLATE...]",
	.summary = "is the sandbox of a SAM or CloudFormation template closed?",
	.details =
		"TEMPLATE is template.yaml by default, in YAML or JSON; - is standard input.  Each property passes (it holds for\n"
		"every deployment of the template), fails (with a witness) or is unproven (something outside the template\n"
		"decides it; the gate counts that as a no).  Exit code 0: all pass; 1: not all; 2: a file could not be judged.\n"
		"A workflow file of GitHub Actions (.github/workflows/deploy.yml) is judged by the CI rules.\n"
		"Options that take several words end at the next option or at --.",
	.min_args = 0,
	.max_args = SIZE_MAX,
	.options = options,
	.run = run,
};
