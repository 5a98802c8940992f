/*
 * DeploymentPreference: CodeDeploy shifts traffic to a new version.  One application and one role for all functions, a
 * group for each.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
 */
#include "sam/sam_priv.h"

#define APPLICATION "ServerlessDeploymentApplication"
#define ROLE "CodeDeployServiceRole"
#define CONDITION "ServerlessCodeDeployCondition"

struct preference {
	const char *function;
	const struct sg_node *from;
	struct val *dict, *condition, *tags;
};

/* ------------------------------------------------------------------------------------------------ reading */

static bool to_bool(struct sam *s, struct macro *m, struct val *v)
{
	v = resolve_maps(s, resolve(s, v));
	if (is_true(v) || is(v, "true") || is(v, "True"))
		return true;
	if (is_bool(v) || is(v, "false") || is(v, "False"))
		return false;
	if (is_intrinsic(v) && !s->options->use_defaults)
		return false; /* a looser group, which no analysis reads */
	sam_fail(s, m->id, v, "PassthroughCondition must be true or false, a parameter or a mapping");
}

static bool enabled(struct sam *s, struct val *dict)
{
	struct val *v = get(dict, "Enabled");
	if (v)
		set(s, dict, "Enabled", v = resolve_maps(s, resolve(s, v)));
	if (has(dict, "Enabled") && !v)
		return false;
	return !v || !(is(v, "false") || is(v, "False") || !truthy(v));
}

void deployment_add(struct sam *s, struct macro *m, struct res *alias)
{
	struct val *dict = get(m->props, "DeploymentPreference"), *tags = get(m->props, "Tags");
	if (!truthy(dict))
		return;
	if (has(dict, "Type"))
		set(s, dict, "Type", resolve_maps(s, resolve(s, raw(dict, "Type"))));
	bool pass = has(dict, "PassthroughCondition") && to_bool(s, m, raw(dict, "PassthroughCondition"));
	if (!enabled(s, dict))
		return;
	if (!has(dict, "Type"))
		sam_fail(s, m->id, dict, "DeploymentPreference needs a Type");
	struct val *hooks = raw(dict, "Hooks");
	if (hooks)
		want_map(s, m->id, hooks, "DeploymentPreference.Hooks");
	if (!alias)
		sam_fail(s, m->id, dict, "DeploymentPreference needs AutoPublishAlias");
	struct preference *p = SG_NEW(s->arena, struct preference);
	*p = (struct preference){.function = m->id, .from = dict->node, .dict = dict};
	p->condition = pass ? get(m->passed, "Condition") : NULL;
	p->tags = truthy(get(m->props, "PropagateTags")) && truthy(tags) ? tags : NULL;
	SG_PUSH(s->arena, &s->preferences, p);
	res_attribute(s, alias, "UpdatePolicy",
		      make(s, dict->node,
			   "{'CodeDeployLambdaAliasUpdate':{'ApplicationName':{'Ref':'" APPLICATION "'},"
			   "'DeploymentGroupName':{'Ref':'%sDeploymentGroup'},'BeforeAllowTrafficHook':%v,"
			   "'AfterAllowTrafficHook':%v}}",
			   m->id, get(hooks, "PreTraffic"), get(hooks, "PostTraffic")));
}

/* ------------------------------------------------------------------------------------------------ the group */

static struct val *alarm_list(struct sam *s, const char *id, struct val *alarms)
{
	want_list(s, id, alarms, "Alarms");
	if (!alarms->n || is_no_value(alarms->items[0]))
		return val_map(s, alarms->node);
	struct val *list = val_list(s, alarms->node);
	for (size_t i = 0; i < alarms->n; i++)
		push(s, list, make(s, alarms->node, "{'Name':%v}", alarms->items[i]));
	return make(s, alarms->node, "{'Enabled':true,'Alarms':%v}", list);
}

static struct val *alarms(struct sam *s, const char *id, struct val *v)
{
	if (!truthy(v) || is_no_value(v))
		return NULL;
	struct val *arg = is_fn(v, "Fn::If") ? v->entries[0].value : NULL;
	if (!arg)
		return alarm_list(s, id, v);
	if (!is_list(arg) || arg->n != 3)
		sam_fail(s, id, v, "the Fn::If of 'Alarms' takes three values");
	return make(s, v->node, "{'Fn::If':[%v,%v,%v]}", arg->items[0], alarm_list(s, id, arg->items[1]),
		    alarm_list(s, id, arg->items[2]));
}

/* The names that SAM knows become CodeDeploy's, also within intrinsics. */
static struct val *config_name(struct sam *s, struct val *v, bool in_sub)
{
	static const char *const known[] = {"Canary10Percent5Minutes",
					    "Canary10Percent10Minutes",
					    "Canary10Percent15Minutes",
					    "Canary10Percent30Minutes",
					    "Linear10PercentEvery1Minute",
					    "Linear10PercentEvery2Minutes",
					    "Linear10PercentEvery3Minutes",
					    "Linear10PercentEvery10Minutes",
					    "AllAtOnce",
					    NULL};
	if (is_list(v)) {
		struct val *list = val_list(s, v->node);
		for (size_t i = 0; i < v->n; i++)
			push(s, list, config_name(s, v->items[i], false));
		return list;
	}
	if (is_intrinsic(v)) {
		struct val *map = val_map(s, v->node);
		set_key(s, map, v->entries[0].key, v->entries[0].key_node,
			config_name(s, v->entries[0].value, is_fn(v, "Fn::Sub")));
		return map;
	}
	if (!is_one_of(v, known))
		return v;
	struct val *arg = make(s, v->node, "['CodeDeployDefault.Lambda${ConfigName}',{'ConfigName':%v}]", v);
	return in_sub ? arg : make(s, v->node, "{'Fn::Sub':%v}", arg);
}

static void group(struct sam *s, void *arg)
{
	struct preference *p = arg;
	struct val *role = get(p->dict, "Role"), *triggers = get(p->dict, "TriggerConfigurations");
	struct res *r =
		res_bare(s, fmt(s, "%sDeploymentGroup", p->function), "AWS::CodeDeploy::DeploymentGroup", p->from);
	res_set(s, r, "AlarmConfiguration", alarms(s, p->function, get(p->dict, "Alarms")));
	res_set(s, r, "ApplicationName", ref_to(s, p->from, APPLICATION));
	res_set(s, r, "AutoRollbackConfiguration",
		make(s, p->from,
		     "{'Enabled':true,'Events':['DEPLOYMENT_FAILURE','DEPLOYMENT_STOP_ON_ALARM',"
		     "'DEPLOYMENT_STOP_ON_REQUEST']}"));
	res_set(s, r, "DeploymentConfigName", config_name(s, raw(p->dict, "Type"), false));
	res_set(s, r, "DeploymentStyle",
		make(s, p->from, "{'DeploymentType':'BLUE_GREEN','DeploymentOption':'WITH_TRAFFIC_CONTROL'}"));
	res_set(s, r, "ServiceRoleArn", truthy(role) ? role : att_of(s, p->from, ROLE, "Arn"));
	res_set(s, r, "TriggerConfigurations", truthy(triggers) ? triggers : NULL);
	res_set(s, r, "Tags", p->tags ? tag_list(s, p->from, p->tags) : NULL);
	if (p->condition)
		res_attribute(s, r, "Condition", p->condition);
	set(s, s->out, r->id, res_dict(s, r));
	sg_map_put(s->owner, sg_str(r->id), (void *)(uintptr_t)p->function); /* NOLINT: a string */
}

/* ------------------------------------------------------------------------------------------------ for all */

/* The condition under which any group exists; NULL where one always does. */
static struct val *any_condition(struct sam *s)
{
	struct val *list = val_list(s, s->root->node);
	for (size_t i = 0; i < s->preferences.n; i++) {
		struct val *c = s->preferences.v[i]->condition;
		if (!truthy(c))
			return NULL;
		if (!contains(list, c))
			push(s, list, c);
	}
	if (list->n == 1)
		return list->items[0];
	combined_condition(s, list->items[0]->node, CONDITION, list);
	return val_text(s, list->items[0]->node, CONDITION);
}

static struct val *all_tags(struct sam *s)
{
	struct val *tags = val_map(s, s->root->node);
	for (size_t i = 0; i < s->preferences.n; i++) {
		struct val *own = s->preferences.v[i]->tags;
		for (size_t k = 0; own && k < own->n; k++)
			set_key(s, tags, own->entries[k].key, own->entries[k].key_node, own->entries[k].value);
	}
	return tags->n ? tag_list(s, tags->node, tags) : NULL;
}

static void put_shared(struct sam *s, struct res *r, struct val *condition)
{
	res_set(s, r, "Tags", all_tags(s));
	if (condition)
		res_attribute(s, r, "Condition", condition);
	set(s, s->out, r->id, res_dict(s, r));
}

static void service_role(struct sam *s, struct val *condition, const struct sg_node *from)
{
	struct sg_str partition = sg_str(s->partition);
	bool limited = sg_str_is(partition, "aws-iso") || sg_str_is(partition, "aws-iso-b");
	struct res *r = res_bare(s, ROLE, "AWS::IAM::Role", from);
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, from, "codedeploy.amazonaws.com"));
	res_set(s, r, "ManagedPolicyArns",
		make(s, from, "[%v]",
		     managed_policy(s, from,
				    limited ? "service-role/AWSCodeDeployRoleForLambdaLimited"
					    : "service-role/AWSCodeDeployRoleForLambda")));
	put_shared(s, r, condition);
}

void deployment_finish(struct sam *s)
{
	if (!s->preferences.n)
		return;
	const struct sg_node *from = s->preferences.v[0]->from;
	struct val *condition = any_condition(s);
	struct res *application = res_bare(s, APPLICATION, "AWS::CodeDeploy::Application", from);
	res_set(s, application, "ComputePlatform", val_text(s, from, "Lambda"));
	put_shared(s, application, condition);
	bool own_roles = true;
	for (size_t i = 0; i < s->preferences.n; i++)
		own_roles = own_roles && truthy(get(s->preferences.v[i]->dict, "Role"));
	if (!own_roles)
		service_role(s, condition, from);
	for (size_t i = 0; i < s->preferences.n; i++) {
		s->current = s->preferences.v[i]->function;
		s->at = s->preferences.v[i]->from;
		sam_try(s, group, s->preferences.v[i]);
	}
}

/* One condition that holds where any of many does; Fn::Or takes ten. */
void combined_condition(struct sam *s, const struct sg_node *from, const char *name, struct val *list)
{
	const size_t max = 10;
	struct val *rest = val_list(s, from), *sorted = val_map(s, from);
	for (size_t i = 0; i < list->n; i++) {
		struct val *least = NULL;
		for (size_t k = 0; k < list->n; k++)
			if (!has_str(sorted, list->items[k]->text) &&
			    (!least || sg_str_cmp(list->items[k]->text, least->text) < 0))
				least = list->items[k];
		if (!least)
			break;
		set_key(s, sorted, least->text, NULL, least);
		push(s, rest, least);
	}
	size_t left = rest->n < 2 ? 0 : (rest->n - 2) / (max - 1);
	for (size_t from_item = 0; rest->n - from_item > 1;) {
		const char *id = left ? fmt(s, "%s%zu", name, left--) : name;
		struct val * or = val_list(s, from);
		size_t end = from_item + max < rest->n ? from_item + max : rest->n;
		for (; from_item < end; from_item++)
			push(s, or, make(s, from, "{'Condition':%v}", rest->items[from_item]));
		conditions_put(s, id, make(s, from, "{'Fn::Or':%v}", or));
		push(s, rest, val_text(s, from, id));
	}
}
