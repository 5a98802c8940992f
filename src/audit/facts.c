/*
 * What the analyses know of a function, as rules read it: a map under the reserved key "x-sandboxgen" of the resource.
 * Facts are ordinary nodes, so that a rule asks for them as it asks for properties.
 */
#include "audit/rules_priv.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- making nodes */

static const struct sg_node *word(struct check *k, const char *text)
{
	return sg_node_scalar(k->m->arena, sg_str(text), SG_PLAIN, SG_WHY_INTRINSIC, k->fn->key);
}

static const struct sg_node *number(struct check *k, int64_t n)
{
	return word(k, sg_strf(k->m->arena, "%lld", (long long)n).p);
}

const struct sg_node *audit_fact(struct check *k, bool b)
{
	return word(k, b ? "true" : "false");
}

/* ---------------------------------------------------------------------------------------------- of a function */

static const struct sg_node *bounds(struct check *k)
{
	const struct sg_bounds *b = &k->o->bounds;
	struct sg_mapper m = {.arena = k->m->arena};
	sg_mapper_put_str(&m, "MemorySize", number(k, b->memory_mb));
	sg_mapper_put_str(&m, "Timeout", number(k, b->timeout_s));
	sg_mapper_put_str(&m, "EphemeralStorage", number(k, b->storage_mb));
	if (b->concurrency >= 0)
		sg_mapper_put_str(&m, "ReservedConcurrentExecutions", number(k, b->concurrency));
	return sg_mapper_done(&m, SG_WHY_INTRINSIC, k->fn->key);
}

/* A template that asks for one environment per tenant in one deployment is held to it in all. */
static bool per_tenant(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "TenancyConfig.TenantIsolationMode");
	for (size_t i = 0; i < alts.n; i++)
		if (!audit_absent(&alts.v[i].val))
			return true;
	return k->o->bounds.per_tenant;
}

const struct sg_node *audit_with_facts(struct check *k, const struct sg_resource *r, const struct sg_node *facts)
{
	struct sg_mapper m = {.arena = k->m->arena};
	for (size_t i = 0; i < r->node->n; i++)
		sg_mapper_put(&m, r->node->members[i].key, r->node->members[i].value);
	sg_mapper_put_str(&m, SG_FACTS, facts);
	return sg_mapper_done(&m, SG_WHY_INTRINSIC, r->node);
}

/* What is known before the rules run. */
static void expected(struct check *k, struct sg_mapper *m)
{
	sg_mapper_put_str(m, "Judged", audit_fact(k, true));
	sg_mapper_put_str(m, "Executor", audit_fact(k, k->ours));
	sg_mapper_put_str(m, "PerTenant", audit_fact(k, per_tenant(k)));
	sg_mapper_put_str(m, "Bounds", bounds(k));
}

static const struct sg_node *function_node(struct check *k)
{
	struct sg_mapper m = {.arena = k->m->arena};
	expected(k, &m);
	return audit_with_facts(k, k->fn, sg_mapper_done(&m, SG_WHY_INTRINSIC, k->fn->key));
}

/* ---------------------------------------------------------------------------------------------- what is attached */

static void add_subject(struct check *k, const struct sg_resource *r, const struct sg_node *node, sg_guard in,
			bool maybe)
{
	struct subjects *all = (struct subjects *)(uintptr_t)k->subjects; /* being made */
	SG_PUSH(k->m->arena, &all->list, ((struct subject){r, node, in, maybe}));
}

static void attached(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct sg_mapper m = {.arena = k->m->arena};
	sg_mapper_put_str(&m, "Function", sg_node_scalar(k->m->arena, k->fn->id, SG_DOUBLE, SG_WHY_INTRINSIC, r->key));
	sg_mapper_put_str(&m, "Certain", audit_fact(k, !maybe));
	add_subject(k, r, audit_with_facts(k, r, sg_mapper_done(&m, SG_WHY_INTRINSIC, r->key)), in, maybe);
}

static void logs(struct check *k, const struct sg_resource *group, sg_guard in)
{
	attached(k, group, in, false);
}

const struct subjects *audit_subjects(struct check *k)
{
	k->subjects = SG_NEW(k->m->arena, struct subjects);
	add_subject(k, k->fn, function_node(k), k->in, false);
	audit_each_attached(k, "AWS::Lambda::EventInvokeConfig", "FunctionName", attached);
	audit_each_attached(k, "AWS::Lambda::EventSourceMapping", "FunctionName", attached);
	audit_each_group(k, logs);
	return k->subjects;
}

/* ---------------------------------------------------------------------------------------------- for others' rules */

/* The worse verdict of two rules about the function; a rule that was not judged says nothing. */
static const char *of_two(struct check *k, const char *one, const char *other, const char *const words[3])
{
	enum sg_verdict worst = SG_PASS;
	bool judged = false;
	for (size_t i = 0; i < k->m->findings->judged.n; i++) {
		const struct sg_judged *j = &k->m->findings->judged.v[i];
		if (!sg_str_eq(j->resource, k->fn->id) ||
		    (strcmp(j->rule->id, one) != 0 && strcmp(j->rule->id, other) != 0))
			continue;
		judged = true;
		worst = j->verdict > worst ? j->verdict : worst;
	}
	return words[judged ? worst : SG_UNPROVEN];
}

static const struct sg_node *verdicts(struct check *k)
{
	struct sg_mapper m = {.arena = k->m->arena};
	for (size_t i = 0; i < k->m->findings->judged.n; i++) {
		const struct sg_judged *j = &k->m->findings->judged.v[i];
		if (sg_str_eq(j->resource, k->fn->id))
			sg_mapper_put_str(&m, j->rule->id, word(k, sg_verdict_name(j->verdict)));
	}
	return sg_mapper_done(&m, SG_WHY_INTRINSIC, k->fn->key);
}

static const struct sg_node *finding_node(struct check *k, const struct sg_finding *f)
{
	struct sg_mapper m = {.arena = k->m->arena};
	sg_mapper_put_str(&m, "Rule", word(k, f->rule->id));
	sg_mapper_put_str(&m, "Status", word(k, sg_verdict_name(f->status)));
	sg_mapper_put_str(&m, "Severity", word(k, sg_severity_name(f->severity)));
	sg_mapper_put_str(&m, "Message",
			  sg_node_scalar(k->m->arena, f->message, SG_DOUBLE, SG_WHY_INTRINSIC, k->fn->key));
	return sg_mapper_done(&m, SG_WHY_INTRINSIC, k->fn->key);
}

static const struct sg_node *findings(struct check *k)
{
	SG_VEC(const struct sg_node *) all = {0};
	for (size_t i = 0; i < k->m->findings->list.n; i++)
		if (sg_str_eq(k->m->findings->list.v[i]->resource, k->fn->id))
			SG_PUSH(k->m->arena, &all, finding_node(k, k->m->findings->list.v[i]));
	return sg_node_seq(k->m->arena, all.v, all.n, SG_WHY_INTRINSIC, k->fn->key);
}

void audit_publish(struct check *k)
{
	static const char *const network[] = {[SG_PASS] = "closed", [SG_UNPROVEN] = "unproven", [SG_FAIL] = "open"};
	static const char *const permissions[] = {
		[SG_PASS] = "proven", [SG_UNPROVEN] = "unproven", [SG_FAIL] = "exceeded"};
	struct sg_mapper m = {.arena = k->m->arena};
	if (!k->o->publish)
		return;
	expected(k, &m);
	sg_mapper_put_str(&m, "Network", word(k, of_two(k, "NET001", "NET008", network)));
	sg_mapper_put_str(&m, "Permissions", word(k, of_two(k, "IAM001", "IAM006", permissions)));
	sg_mapper_put_str(&m, "Verdicts", verdicts(k));
	sg_mapper_put_str(&m, "Findings", findings(k));
	sg_map_put(k->o->publish->facts, k->fn->id, sg_mapper_done(&m, SG_WHY_INTRINSIC, k->fn->key));
}

void audit_publish_none(const struct sg_audit_options *o, const struct sg_model *m, const struct sg_resource *fn)
{
	struct check k = {.m = m, .o = o, .fn = fn};
	struct sg_mapper facts = {.arena = m->arena};
	if (!o->publish)
		return;
	sg_mapper_put_str(&facts, "Judged", audit_fact(&k, false));
	sg_map_put(o->publish->facts, fn->id, sg_mapper_done(&facts, SG_WHY_INTRINSIC, fn->key));
}
