/*
 * GitHub Actions' workflow files: judged by the rules of policies/ci.guard, which are compiled in.  A file is one if it
 * has jobs and something that starts them, whatever its name.
 */
#include "cli/policies_priv.h"

#include <string.h>

extern const struct sg_embedded sg_embedded_rules[];

bool sg_is_workflow(struct sg_cli *cli, uint32_t source)
{
	struct sg_str text = sg_source_text(cli->sources, source);
	if (!text.n || !memmem(text.p, text.n, "jobs", 4))
		return false;
	struct sg_diags *aside = sg_diags_new(cli->arena, cli->sources), *said = cli->diags;
	cli->diags = aside;
	const struct sg_node *root = sg_policies_tree(cli, source), *jobs = sg_node_get(root, "jobs");
	cli->diags = said;
	return jobs && jobs->kind == SG_MAP && sg_node_get(root, "on") && !sg_node_get(root, "Resources");
}

static const struct sg_embedded *embedded(const char *name)
{
	for (const struct sg_embedded *e = sg_embedded_rules; e->name; e++)
		if (!strcmp(e->name, name))
			return e;
	SG_BUG("a rule file that is not compiled in");
}

static void add_fail(struct sg_findings *f, const struct sg_rule *rule, const struct sg_guard_fail *fail)
{
	struct sg_str message = fail->message.n ? fail->message : fail->reason;
	struct sg_finding *finding =
		sg_finding_of(f, rule, SG_FAIL, sg_node_span(fail->node), sg_str(""), "%.*s", SG_FMT(message));
	finding->path = fail->path;
}

static void add_rule(struct sg_findings *f, struct sg_str name, const struct sg_guard_outcome *o)
{
	const struct sg_rule *rule = sg_rule_find(name);
	if (!rule)
		SG_BUG("a rule of policies/ci.guard that rules.def does not have");
	if (o->status != SG_GUARD_SKIP)
		sg_judge_of(f, rule, sg_str(""), SG_PASS); /* worse findings stand */
	for (size_t i = 0; i < o->n_fails; i++)
		add_fail(f, rule, &o->fails[i]);
}

struct sg_findings *sg_workflow_judge(struct sg_cli *cli, uint32_t source)
{
	const struct sg_embedded *rules = embedded("policies/ci.guard");
	struct sg_policy policy = {.path = sg_str(rules->name)};
	uint32_t id = sg_source_add(cli->sources, policy.path, (struct sg_str){rules->data, rules->size});
	const struct sg_node *root = sg_policies_tree(cli, source);
	policy.guard = root ? sg_guard_load(cli->arena, cli->diags, id, NULL) : NULL;
	if (!policy.guard)
		return NULL;
	struct sg_findings *f = SG_NEW(cli->arena, struct sg_findings);
	f->arena = cli->arena;
	struct sg_guard_run run = sg_policies_run(cli, &policy, sg_guard_doc(cli->arena, root, SG_GUARD_VALIDATE));
	for (size_t i = 0; run.status != SG_GUARD_ERROR && i < sg_guard_rules(policy.guard); i++)
		add_rule(f, sg_guard_rule_name(policy.guard, i), &run.rules[i]);
	sg_guard_free(policy.guard);
	sg_findings_sort(f);
	return run.status == SG_GUARD_ERROR ? NULL : f;
}
