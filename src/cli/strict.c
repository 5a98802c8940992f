/*
 * Rule files in strict mode at the command line: whose rules take the place of built-in ones in an audit, and how their
 * unit tests are run: by the audit itself, over the test's template.
 */
#include "cli/policies_priv.h"

bool sg_strict_check(struct sg_cli *cli, const struct sg_guard *g)
{
	bool ok = true;
	for (size_t i = 0; i < sg_guard_rules(g); i++) {
		struct sg_str name = sg_guard_rule_name(g, i);
		if (sg_audit_has_rule(name))
			continue;
		ok = false;
		sg_diag(cli->diags, SG_ERROR, sg_guard_rule_span(g, i),
			"name a rule of policies/*.guard that it takes the place of, or take the comment `# sandboxgen: strict` away",
			"a strict rule takes the place of a built-in one, and none is named %.*s", SG_FMT(name));
	}
	return ok;
}

static void bound(const struct sg_node *sandbox, const char *key, int64_t *out)
{
	const struct sg_node *n = sg_node_get(sandbox, key);
	struct sg_reading r = {0};
	if (n && n->kind == SG_SCALAR)
		r = sg_read_yaml11(n);
	if (r.type == SG_T_INT && !r.big)
		*out = r.integer;
}

static enum sg_guard_status status_of(const struct sg_findings *f, struct sg_str rule)
{
	static const enum sg_guard_status statuses[] = {
		[SG_PASS] = SG_GUARD_PASS, [SG_UNPROVEN] = SG_GUARD_UNKNOWN, [SG_FAIL] = SG_GUARD_FAIL};
	enum sg_verdict worst = SG_PASS;
	for (size_t i = 0; i < f->judged.n; i++)
		if (sg_str_is(rule, f->judged.v[i].rule->id) && f->judged.v[i].verdict > worst)
			worst = f->judged.v[i].verdict;
	return statuses[worst];
}

/* Are its rules those of packs?  Then the sandbox is not judged. */
static bool is_pack(const struct sg_guard *g)
{
	struct sg_str pack;
	for (size_t i = 0; sg_guard_rules(g) && sg_audit_pack(i, &pack); i++)
		if (sg_audit_in_pack(i, sg_guard_rule_name(g, 0)))
			return true;
	return false;
}

struct sg_guard_run sg_strict_run(struct sg_cli *cli, const struct sg_policy *p, const struct sg_node *input,
				  const struct sg_node *sandbox)
{
	static const char *const packs[] = {"all"};
	const struct sg_guard *own[] = {p->guard};
	struct sg_audit_options o = {
		.bounds = SG_BOUNDS_DEFAULT, .rules = own, .n_rules = 1, .packs = packs, .n_packs = is_pack(p->guard)};
	o.packs_only = o.n_packs;
	struct sg_findings *f = SG_NEW(cli->arena, struct sg_findings);
	size_t before = sg_diags_errors(cli->diags), n = sg_guard_rules(p->guard);
	struct sg_guard_outcome *outcomes = SG_NEW_ARRAY(cli->arena, n + 1, struct sg_guard_outcome);
	f->arena = cli->arena;
	bound(sandbox, "memory", &o.bounds.memory_mb);
	bound(sandbox, "timeout", &o.bounds.timeout_s);
	bound(sandbox, "storage", &o.bounds.storage_mb);
	bound(sandbox, "concurrency", &o.bounds.concurrency);
	if (sg_strict_check(cli, p->guard))
		sg_audit_template(cli->arena, cli->diags, f, input, &o);
	for (size_t i = 0; i < n; i++)
		outcomes[i].status = status_of(f, sg_guard_rule_name(p->guard, i));
	bool judged = sg_diags_errors(cli->diags) == before;
	return (struct sg_guard_run){.status = judged ? SG_GUARD_PASS : SG_GUARD_ERROR, .rules = outcomes};
}
