/*
 * Rules of the user's own: loaded once, run over each document, their failures as findings.  A finding of such a rule has
 * the rule's name as its id.
 */
#include "cli/policies_priv.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ------------------------------------------------------------------------------------------------ loading */

bool sg_policies_load_file(struct sg_cli *cli, struct sg_str path, struct sg_policies *out)
{
	uint32_t source = sg_cli_source(cli, sg_cstr(cli->arena, path), sg_guard_limits_default.bytes);
	struct sg_guard *guard = source ? sg_guard_load(cli->arena, cli->diags, source, NULL) : NULL;
	if (guard)
		SG_PUSH(cli->arena, &out->files, ((struct sg_policy){path, guard}));
	return guard != NULL;
}

/* `--policies RULES template.yaml` without a `--` between: as rules, a template is nonsense from its first line. */
static bool looks_like_template(struct sg_cli *cli, const char *path)
{
	static const char *const endings[] = {".yaml", ".yml", ".json", ".template"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (!sg_str_ends(sg_str(path), endings[i]))
			continue;
		sg_cli_error(cli, sg_strf(cli->arena, "write -- in front of the templates: -- %s", path).p,
			     "%s: a template, among the rules", path);
		return true;
	}
	return false;
}

bool sg_policies_load(struct sg_cli *cli, const char *const *paths, size_t n, struct sg_policies *out)
{
	static const char *const endings[] = {".guard", ".ruleset", NULL};
	bool ok = true;
	for (size_t i = 0; i < n; i++) {
		struct sg_paths found = {0};
		if (looks_like_template(cli, paths[i])) {
			ok = false;
			continue;
		}
		ok = sg_cli_walk(cli, paths[i], endings, &found) && ok;
		if (ok && !found.list.n) {
			sg_cli_error(cli, NULL, "%s: there is no rule file (*.guard) in this folder", paths[i]);
			ok = false;
		}
		for (size_t k = 0; k < found.list.n; k++)
			ok = sg_policies_load_file(cli, found.list.v[k], out) && ok;
	}
	return ok;
}

void sg_policies_free(struct sg_policies *p)
{
	for (size_t i = 0; i < p->files.n; i++)
		sg_guard_free(p->files.v[i].guard);
	p->files.n = 0;
}

static const struct sg_node *read_tree(struct sg_arena *a, struct sg_sources *sources, struct sg_diags *d,
				       uint32_t source, struct sg_span *second)
{
	struct sg_str text = sg_str_trim(sg_source_text(sources, source));
	if (sg_str_starts(text, "{") || sg_str_starts(text, "[")) {
		struct sg_diags *aside = sg_diags_new(a, sources);
		const struct sg_node *json = sg_json_load(a, source, NULL, aside);
		if (json)
			return json;
	}
	return second ? sg_yaml_load_first(a, d, source, second) : sg_yaml_load(a, d, source, NULL, NULL);
}

const struct sg_node *sg_policies_tree(struct sg_cli *cli, uint32_t source)
{
	return read_tree(cli->arena, cli->sources, cli->diags, source, NULL);
}

/* ------------------------------------------------------------------------------------------------ running */

/* For json_parse(): 3.2.1 reads YAML there, too. */
static const struct sg_node *parse(void *context, struct sg_arena *a, struct sg_str text)
{
	struct sg_sources *own = sg_sources_new(a);
	(void)context;
	return read_tree(a, own, sg_diags_new(a, own), sg_source_add(own, SG_LIT("text"), text), NULL);
}

static int64_t now(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	int64_t seconds;
	return epoch && sg_parse_i64(sg_str(epoch), &seconds) ? seconds : (int64_t)time(NULL);
}

struct sg_guard_run sg_policies_run(struct sg_cli *cli, const struct sg_policy *p, const struct sg_guard_doc *doc)
{
	struct sg_guard_options o = {.now = now(), .parse = parse};
	struct sg_guard_run run = sg_guard_run(cli->arena, p->guard, doc, &o);
	if (run.status == SG_GUARD_ERROR)
		sg_diag(cli->diags, SG_ERROR, run.error_span, NULL, "%.*s", SG_FMT(run.error));
	return run;
}

/* ------------------------------------------------------------------------------------------------ findings */

struct judging {
	struct sg_cli *cli;
	struct sg_findings *findings;
	struct sg_map *rules; /* name to struct sg_report_rule */
};

static struct sg_report_rule *report_rule(struct judging *j, struct sg_str name, struct sg_str policy)
{
	struct sg_report_rule *r = sg_map_get(j->rules, name);
	if (r)
		return r;
	r = SG_NEW(j->cli->arena, struct sg_report_rule);
	*r = (struct sg_report_rule){.name = name, .status = "SKIP", .policy = policy};
	sg_map_put(j->rules, name, r);
	return r;
}

static const struct sg_rule *own_rule(struct judging *j, const struct sg_policy *p, struct sg_str name)
{
	struct sg_arena *a = j->cli->arena;
	struct sg_rule *r = SG_NEW(a, struct sg_rule);
	*r = (struct sg_rule){sg_cstr(a, name), "rules", SG_MEDIUM,
			      sg_strf(a, "what the rule %.*s of %.*s asks for", SG_FMT(name), SG_FMT(p->path)).p};
	return r;
}

static void add_finding(struct judging *j, const struct sg_rule *rule, const struct sg_guard_fail *f,
			struct sg_report_rule *report)
{
	struct sg_finding *finding = sg_finding_of(j->findings, rule, SG_FAIL, sg_node_span(f->node), f->resource,
						   "%.*s", SG_FMT(f->reason));
	finding->path = f->path;
	finding->settle = f->message;
	sg_finding_step(j->findings, finding, f->rule_span, "the clause");
	SG_PUSH(j->cli->arena, &report->fails, finding);
}

static void judge_rule(struct judging *j, const struct sg_policy *p, size_t i, const struct sg_guard_outcome *o)
{
	struct sg_str name = sg_guard_rule_name(p->guard, i);
	struct sg_report_rule *report = report_rule(j, name, p->path);
	if (o->status == SG_GUARD_SKIP)
		return;
	const struct sg_rule *rule = own_rule(j, p, name);
	if (o->status == SG_GUARD_PASS)
		sg_judge_of(j->findings, rule, SG_LIT(""), SG_PASS);
	if (o->status == SG_GUARD_FAIL || (o->status == SG_GUARD_PASS && !strcmp(report->status, "SKIP")))
		report->status = sg_guard_status_name(o->status);
	for (size_t k = 0; k < o->n_fails; k++)
		add_finding(j, rule, &o->fails[k], report);
}

static int by_name(const void *a, const void *b)
{
	return sg_str_cmp(((const struct sg_report_rule *)a)->name, ((const struct sg_report_rule *)b)->name);
}

static void list_rules(struct judging *j, struct sg_report_file *file)
{
	size_t n = sg_map_size(j->rules);
	struct sg_report_rule *all = SG_NEW_ARRAY(j->cli->arena, n + 1, struct sg_report_rule);
	for (size_t i = 0; i < n; i++)
		all[i] = *(const struct sg_report_rule *)sg_map_value(j->rules, i);
	qsort(all, n, sizeof(*all), by_name);
	file->rules = all;
	file->n_rules = n;
}

static enum sg_guard_view view_of(const struct sg_policy *p, const struct sg_policies_options *o)
{
	enum sg_guard_view own = sg_guard_view(p->guard);
	return o->view ? o->view : own ? own : SG_GUARD_VIEW_RAW;
}

/* The document that rules are asked about: of several in a file the first, as cfn-guard has it, but not silently. */
static const struct sg_node *first_document(struct sg_cli *cli, uint32_t source)
{
	struct sg_span second = {0};
	const struct sg_node *root = read_tree(cli->arena, cli->sources, cli->diags, source, &second);
	if (second.source)
		sg_diag(cli->diags, SG_WARNING, second, "split the file",
			"the rules judge the first document of a file alone; this one is not judged");
	return root;
}

bool sg_policies_judge(struct sg_cli *cli, const struct sg_policies *p, uint32_t source,
		       const struct sg_policies_options *o, struct sg_findings *findings, struct sg_report_file *file)
{
	size_t before = sg_diags_errors(cli->diags);
	struct judging j = {cli, findings, sg_map_new(cli->arena)};
	struct sg_views views = {.cli = cli, .options = o, .root = first_document(cli, source)};
	for (size_t i = 0; views.root && i < p->files.n; i++) {
		const struct sg_policy *policy = &p->files.v[i];
		if (sg_guard_is_strict(policy->guard))
			continue; /* the audit has run it in the place of built-in rules */
		const struct sg_guard_doc *doc = sg_view(&views, view_of(policy, o));
		if (!doc)
			break;
		struct sg_guard_run run = sg_policies_run(cli, policy, doc);
		for (size_t k = 0; run.status != SG_GUARD_ERROR && k < sg_guard_rules(policy->guard); k++)
			judge_rule(&j, policy, k, &run.rules[k]);
	}
	list_rules(&j, file);
	return sg_diags_errors(cli->diags) == before;
}
