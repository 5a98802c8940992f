/*
 * Packs of rules (policies/packs/): what linters of whole accounts ask for, not what closes a sandbox.  They are off unless
 * they are named; then each rule is run over each resource of the types that it has blocks for, in every world.
 */
#include "audit/packs_priv.h"

#include <string.h>

extern const struct sg_embedded sg_embedded_packs[];

#define FOLDER "policies/packs/"

static struct sg_str pack_name(const struct sg_embedded *e)
{
	struct sg_str name = sg_str_sub(sg_str(e->name), sizeof(FOLDER) - 1, SIZE_MAX);
	return sg_str_sub(name, 0, name.n - sizeof(".guard") + 1);
}

static bool wanted(const struct sg_audit_options *o, const struct sg_embedded *e)
{
	for (size_t i = 0; i < o->n_packs; i++)
		if (!strcmp(o->packs[i], "all") || sg_str_is(pack_name(e), o->packs[i]))
			return true;
	return false;
}

void audit_packs_load(struct audit_rules *rules, struct sg_diags *d, const struct sg_audit_options *o)
{
	for (const struct sg_embedded *e = sg_embedded_packs; e->name; e++)
		if (wanted(o, e))
			SG_PUSH(rules->arena, &rules->packs, audit_rules_add(rules, d, e));
}

/* The rule of this name: the pack's, or what took its place. */
static const struct audit_rule *rule_at(const struct check *k, const struct sg_guard *pack, size_t i)
{
	return sg_map_get(k->rules->by_id, sg_guard_rule_name(pack, i));
}

/* One rule over one resource. */
static void judge(struct check *k, const struct audit_rule *rule, const struct subject *on)
{
	struct subjects one = {0};
	if (!sg_guard_rule_asks(rule->guard, rule->i, on->resource->type))
		return;
	SG_PUSH(k->m->arena, &one.list, *on);
	k->fn = on->resource;
	k->in = on->in;
	k->subjects = &one;
	k->rule = sg_cstr(k->m->arena, sg_guard_rule_name(rule->guard, rule->i));
	audit_run_rule(k);
	sg_judge(k->m->findings, k->rule, on->resource->id, SG_PASS);
}

/* A resource that no rule asks about needs no facts. */
static bool asked_about(const struct check *k, const struct sg_guard *pack, const struct sg_resource *r)
{
	for (size_t i = 0; i < sg_guard_rules(pack); i++) {
		const struct audit_rule *rule = rule_at(k, pack, i);
		if (sg_guard_rule_asks(rule->guard, rule->i, r->type))
			return true;
	}
	return false;
}

static void run(struct check *k, const struct sg_guard *pack)
{
	for (size_t i = 0; i < k->m->n; i++) {
		const struct sg_resource *r = &k->m->resources[i];
		if (!asked_about(k, pack, r))
			continue;
		k->fn = r;
		k->in = r->exists;
		struct subject on = {r, audit_pack_subject(k, r), r->exists, false};
		for (size_t rule = 0; rule < sg_guard_rules(pack); rule++)
			judge(k, rule_at(k, pack, rule), &on);
	}
}

void audit_packs(struct check *k)
{
	k->pack = true;
	for (size_t i = 0; i < k->rules->packs.n; i++)
		run(k, k->rules->packs.v[i]);
}

bool sg_audit_pack(size_t i, struct sg_str *name)
{
	for (const struct sg_embedded *e = sg_embedded_packs; e->name; e++)
		if (!i--) {
			*name = pack_name(e);
			return true;
		}
	return false;
}

/* Rules begin lines; that is enough to find their names. */
bool sg_audit_in_pack(size_t i, struct sg_str id)
{
	const struct sg_embedded *e = &sg_embedded_packs[i];
	struct sg_buf mark = {0};
	sg_buf_addf(&mark, "\nrule %.*s ", SG_FMT(id));
	bool found = sg_str_find((struct sg_str){e->data, e->size}, mark.p, 0) != SIZE_MAX;
	sg_buf_free(&mark);
	return found;
}
