/*
 * The roles that SAM makes: who may assume them, AWS's managed policies, and the user's `Policies` in all their forms.
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ policies */

struct val *trust_policy(struct sam *s, const struct sg_node *from, const char *service)
{
	return make(s, from,
		    "{'Version':'2012-10-17','Statement':[{'Action':['sts:AssumeRole'],'Effect':'Allow',"
		    "'Principal':{'Service':['%s']}}]}",
		    service);
}

struct val *managed_policy(struct sam *s, const struct sg_node *from, const char *path)
{
	if (!s->options->region && s->options->pseudo_partition)
		return make(s, from, "{'Fn::Sub':'arn:${AWS::Partition}:iam::aws:policy/%s'}", path);
	return val_text(s, from, fmt(s, "arn:%s:iam::aws:policy/%s", s->partition, path));
}

const char *xray_policy(const struct sam *s)
{
	return sg_str_is(sg_str(s->partition), "aws") ? "AWSXrayWriteOnlyAccess" : "AWSXRayDaemonWriteAccess";
}

struct val *inline_policy(struct sam *s, const struct sg_node *from, const char *name, const char *action,
			  struct val *resource)
{
	return make(
		s, from,
		"{'PolicyName':'%s','PolicyDocument':{'Statement':[{'Action':'%s','Effect':'Allow','Resource':%v}]}}",
		name, action, resource);
}

struct val *s3_policy(struct sam *s, const struct sg_node *from, const char *id, struct val *arn)
{
	return make(s, from,
		    "{'PolicyName':'%sS3Policy','PolicyDocument':{'Statement':["
		    "{'Action':'s3:PutObject','Effect':'Allow','Resource':{'Fn::Join':['/',[%v,'*']]}},"
		    "{'Action':'s3:ListBucket','Effect':'Allow','Resource':%v}]}}",
		    id, arn, arn);
}

/* ------------------------------------------------------------------------------------------------ templates */

enum policy_type { MANAGED, STATEMENT, TEMPLATE, UNKNOWN };

static enum policy_type type_of(struct sam *s, const struct val *p, bool templates);

static enum policy_type type_of_if(struct sam *s, const struct val *p, bool templates)
{
	const struct val *arg = p->entries[0].value;
	if (!is_list(arg) || arg->n != 3)
		sam_fail(s, s->current, arg, "Fn::If takes three values");
	enum policy_type yes = type_of(s, arg->items[1], templates), no = type_of(s, arg->items[2], templates);
	if (yes == no || is_no_value(arg->items[2]))
		return yes;
	if (is_no_value(arg->items[1]))
		return no;
	sam_fail(s, s->current, p, "policies of different types in one Fn::If; give each type an Fn::If of its own");
}

static enum policy_type type_of(struct sam *s, const struct val *p, bool templates)
{
	if (is_str(p))
		return MANAGED;
	if (is_fn(p, "Fn::If"))
		return type_of_if(s, p, templates);
	if (is_intrinsic(p))
		return MANAGED;
	if (has(p, "Statement"))
		return STATEMENT;
	if (templates && is_map(p) && p->n == 1 && data_policy_template(s, p->entries[0].key))
		return TEMPLATE;
	return UNKNOWN;
}

/* The definition of a template, its {"Ref": Parameter} replaced by the user's values; made at the user's place. */
static struct val *instance(struct sam *s, const struct val *v, struct val *values, const struct sg_node *from)
{
	if (is_fn(v, "Ref") && is_str(v->entries[0].value)) {
		struct val *value = raw(values, cstr(s, v->entries[0].value));
		if (value)
			return value;
	}
	struct val *copy = val_shallow(s, v);
	copy->node = from;
	copy->made = true;
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		copy->items[i] = instance(s, v->items[i], values, from);
	for (size_t i = 0; is_map(v) && i < v->n; i++)
		copy->entries[i].value = instance(s, v->entries[i].value, values, from);
	return copy;
}

static struct val *from_template(struct sam *s, const char *id, struct val *policy)
{
	if (is_no_value(policy))
		return policy;
	struct sg_str name = policy->entries[0].key;
	struct val *values = policy->entries[0].value, *t = data_policy_template(s, name);
	if (!is_map(values))
		sam_fail(s, id, policy, "the policy template %.*s takes a map of parameters", SG_FMT(name));
	const struct val *parameters = get(t, "Parameters");
	for (size_t i = 0; i < parameters->n; i++)
		if (!has_str(values, parameters->items[i]->text))
			sam_fail(s, id, policy, "the policy template %.*s needs the parameter %.*s", SG_FMT(name),
				 SG_FMT(parameters->items[i]->text));
	return instance(s, get(t, "Definition"), values, policy->node);
}

static struct val *expanded_entry(struct sam *s, struct macro *m, struct val *p)
{
	if (type_of(s, p, true) != TEMPLATE)
		return p;
	if (!is_fn(p, "Fn::If"))
		return from_template(s, m->id, p);
	struct val *arg = p->entries[0].value;
	return make(s, p->node, "{'Fn::If':[%v,%v,%v]}", arg->items[0], from_template(s, m->id, arg->items[1]),
		    from_template(s, m->id, arg->items[2]));
}

static struct val *as_list(struct sam *s, struct val *policies)
{
	return !policies || is_list(policies) ? policies : make(s, policies->node, "[%v]", policies);
}

void policy_templates(struct sam *s, struct macro *m)
{
	struct val *policies = get(m->props, "Policies");
	if (!truthy(policies))
		return;
	policies = as_list(s, policies);
	struct val *list = val_list(s, policies->node);
	for (size_t i = 0; i < policies->n; i++)
		push(s, list, expanded_entry(s, m, policies->items[i]));
	set(s, m->props, "Policies", list);
}

/* ------------------------------------------------------------------------------------------------ the role */

/* A bare name is AWS's managed policy of that name. */
static struct val *named(struct sam *s, struct val *p)
{
	if (!is_str(p) || sg_str_starts(p->text, "arn:"))
		return p;
	const struct sg_node *at = s->at;
	s->at = p->node;
	struct val *arn = data_managed_policy(s, p->text);
	s->at = at;
	return arn ? arn : p;
}

static struct val *document(struct sam *s, const char *role, size_t number, struct val *p)
{
	if (is_no_value(p))
		return p;
	return make(s, p->node, "{'PolicyName':'%s','PolicyDocument':%v}", fmt(s, "%sPolicy%zu", role, number), p);
}

static struct val *either(struct sam *s, struct val *p, struct val *yes, struct val *no)
{
	return make(s, p->node, "{'Fn::If':[%v,%v,%v]}", p->entries[0].value->items[0], yes, no);
}

static void add_policy(struct sam *s, struct macro *m, const char *role, size_t number, struct val *p,
		       struct val *managed, struct val *inlined)
{
	struct val *arg = is_fn(p, "Fn::If") ? p->entries[0].value : NULL;
	enum policy_type type = type_of(s, p, false);
	if (type == STATEMENT) {
		push(s, inlined,
		     arg ? either(s, p, document(s, role, number, arg->items[1]),
				  document(s, role, number, arg->items[2]))
			 : document(s, role, number, p));
		return;
	}
	if (type != MANAGED)
		sam_fail(s, m->id, p, "the policy at index %zu of 'Policies' is none that SAM knows", number);
	struct val *arn = arg ? either(s, p, named(s, arg->items[1]), named(s, arg->items[2])) : named(s, p);
	if (!contains(managed, arn))
		push(s, managed, arn);
}

struct res *role_make(struct sam *s, struct macro *m, const struct role_spec *spec)
{
	struct res *r = res_new(s, m, fmt(s, "%sRole", m->id), "AWS::IAM::Role",
				spec->policies ? spec->policies->node : m->key);
	struct val *managed = val_list(s, m->key), *inlined = val_list(s, m->key);
	append(s, managed, spec->managed);
	append(s, inlined, spec->inlined);
	struct val *policies = truthy(spec->policies) ? as_list(s, spec->policies) : NULL;
	for (size_t i = 0; policies && i < policies->n; i++)
		add_policy(s, m, r->id, i, policies->items[i], managed, inlined);
	res_set(s, r, "AssumeRolePolicyDocument", spec->trust);
	res_set(s, r, "ManagedPolicyArns", managed);
	if (inlined->n)
		res_set(s, r, "Policies", inlined);
	res_set(s, r, "Path", spec->path);
	res_set(s, r, "PermissionsBoundary", spec->boundary);
	res_set(s, r, "Tags", spec->tags);
	return r;
}
