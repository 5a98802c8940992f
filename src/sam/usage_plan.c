/*
 * Auth.UsagePlan of a REST API: a plan with its key, for one API or for all that share it.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiusageplan.html
 */
#include "sam/sam_priv.h"

#define SHARED_CONDITION "SharedUsagePlanCondition"

/* The stronger of the policies of all that share. */
static void stronger(struct val **policy, struct val *own)
{
	bool better = is(own, "Retain") || (is(own, "Snapshot") && is(*policy, "Delete"));
	if (truthy(own) && (!*policy || better))
		*policy = own;
}

static void share_condition(struct sam *s, struct val *condition, const struct sg_node *from)
{
	if (s->shared_plan.unconditional)
		return;
	if (!s->shared_plan.conditions)
		s->shared_plan.conditions = val_list(s, from);
	if (!condition) {
		s->shared_plan.unconditional = true;
		struct val *all = get(s->root, "Conditions");
		if (is_map(all))
			del(all, SG_LIT(SHARED_CONDITION));
		return;
	}
	struct val *list = s->shared_plan.conditions;
	if (contains(list, condition))
		return;
	if (!get(s->root, "Conditions"))
		sam_fail(s, s->current, condition, "a condition without a 'Conditions' section");
	push(s, list, condition);
	if (list->n == 1) {
		conditions_put(s, SHARED_CONDITION, condition);
		return;
	}
	struct val * or = val_list(s, from);
	for (size_t i = 0; i < list->n; i++)
		push(s, or, make(s, from, "{'Condition':%v}", list->items[i]));
	conditions_put(s, SHARED_CONDITION, make(s, from, "{'Fn::Or':%v}", or));
}

static void share_attributes(struct sam *s, struct macro *m, struct res *r)
{
	stronger(&s->shared_plan.deletion, get(m->passed, "DeletionPolicy"));
	stronger(&s->shared_plan.replace, get(m->passed, "UpdateReplacePolicy"));
	share_condition(s, get(m->passed, "Condition"), m->key);
	r->attributes = val_map(s, m->key);
	set(s, r->attributes, "DeletionPolicy", s->shared_plan.deletion);
	set(s, r->attributes, "UpdateReplacePolicy", s->shared_plan.replace);
	if (truthy(s->shared_plan.conditions) && !s->shared_plan.unconditional)
		set(s, r->attributes, "Condition", val_text(s, m->key, SHARED_CONDITION));
}

/* `list`, made where it is not there, with `v` unless it has it. */
static struct val *with(struct sam *s, struct val **list, struct val *v)
{
	if (!*list)
		*list = val_list(s, v->node);
	if (!contains(*list, v))
		push(s, *list, v);
	return *list;
}

struct plan {
	struct api *api;
	bool shared;
	struct val *own;
};

static struct res *part(struct sam *s, struct plan *p, const char *name, const char *type)
{
	struct macro *m = p->api->macro;
	struct res *r = res_new(s, m, fmt(s, "%s%s", p->shared ? "Serverless" : m->id, name), type, p->own->node);
	if (p->shared)
		share_attributes(s, m, r);
	made(s, m, r);
	return r;
}

static void make_plan(struct sam *s, struct plan *p, const char *stage)
{
	static const char *const copied[] = {"UsagePlanName", "Description", "Quota", "Tags", "Throttle"};
	const struct sg_node *from = p->own->node;
	const char *api = p->api->macro->id;
	struct val *own_depends = NULL, *own_stages = NULL, *own_keys = NULL;
	struct val **depends = p->shared ? &s->shared_plan.depends_on : &own_depends;
	struct val **stages = p->shared ? &s->shared_plan.api_stages : &own_stages;
	struct val **keys = p->shared ? &s->shared_plan.stage_keys : &own_keys;
	struct res *plan = part(s, p, "UsagePlan", "AWS::ApiGateway::UsagePlan");
	plan->depends_on = with(s, depends, val_text(s, from, api));
	res_set(s, plan, "ApiStages",
		with(s, stages, make(s, from, "{'ApiId':{'Ref':'%s'},'Stage':{'Ref':'%s'}}", api, stage)));
	struct res *key = part(s, p, "ApiKey", "AWS::ApiGateway::ApiKey");
	res_depends(s, key, plan->id);
	res_set(s, key, "Enabled", val_bool(s, from, true));
	res_set(s, key, "StageKeys",
		with(s, keys, make(s, from, "{'RestApiId':{'Ref':'%s'},'StageName':{'Ref':'%s'}}", api, stage)));
	struct res *both = part(s, p, "UsagePlanKey", "AWS::ApiGateway::UsagePlanKey");
	res_depends(s, both, key->id);
	res_set(s, both, "KeyId", ref_to(s, from, key->id));
	res_set(s, both, "KeyType", val_text(s, from, "API_KEY"));
	res_set(s, both, "UsagePlanId", ref_to(s, from, plan->id));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		if (truthy(get(p->own, copied[i])))
			res_set(s, plan, copied[i], get(p->own, copied[i]));
}

void api_usage_plan(struct sam *s, struct api *a, const char *stage)
{
	static const char *const known[] = {"CreateUsagePlan", "Description",   "Quota", "Tags",
					    "Throttle",        "UsagePlanName", NULL};
	static const char *const kinds[] = {"SHARED", "PER_API", "NONE", NULL};
	struct plan p = {.api = a, .own = truthy(a->auth) ? get(a->auth, "UsagePlan") : NULL};
	if (!p.own)
		return;
	want_map(s, a->macro->id, p.own, "UsagePlan");
	for (size_t i = 0; i < p.own->n; i++)
		if (!is_one_of(val_str(s, p.own->node, p.own->entries[i].key), known))
			sam_fail(s, a->macro->id, p.own, "UsagePlan has no property '%.*s'",
				 SG_FMT(p.own->entries[i].key));
	struct val *kind = get(p.own, "CreateUsagePlan");
	if (!is_one_of(kind, kinds))
		sam_fail(s, a->macro->id, p.own, "CreateUsagePlan must be SHARED, PER_API or NONE");
	p.shared = is(kind, "SHARED");
	if (!is(kind, "NONE"))
		make_plan(s, &p, stage);
}
