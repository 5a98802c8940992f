/*
 * CloudFormation resources under construction, and the tags that SAM gives them.
 */
#include "sam/sam_priv.h"

static struct res *res_any(struct sam *s, const char *id, const char *type, const struct sg_node *from,
			   const struct val *attributes)
{
	if (!alnum(sg_str(id)))
		sam_fail(s, id, NULL, "the logical id '%s' is not alphanumeric", id);
	struct res *r = SG_NEW(s->arena, struct res);
	*r = (struct res){.id = id, .type = type, .from = from, .props = val_map(s, from)};
	r->attributes = attributes ? val_shallow(s, attributes) : val_map(s, from);
	return r;
}

struct res *res_new(struct sam *s, struct macro *m, const char *id, const char *type, const struct sg_node *from)
{
	return res_any(s, id, type, from, m->passed);
}

struct res *res_main(struct sam *s, struct macro *m, const char *type)
{
	struct res *r = res_any(s, m->id, type, m->key, m->attributes);
	r->depends_on = m->depends_on;
	return r;
}

struct res *res_bare(struct sam *s, const char *id, const char *type, const struct sg_node *from)
{
	return res_any(s, id, type, from, NULL);
}

void res_set(struct sam *s, struct res *r, const char *name, struct val *v)
{
	if (v && v->type != SG_T_NULL)
		set(s, r->props, name, v);
}

void res_attribute(struct sam *s, struct res *r, const char *name, struct val *v)
{
	set(s, r->attributes, name, v);
}

void res_depends(struct sam *s, struct res *r, const char *id)
{
	if (!r->depends_on)
		r->depends_on = val_list(s, r->from);
	push(s, r->depends_on, val_text(s, r->from, id));
}

struct val *res_dict(struct sam *s, struct res *r)
{
	struct val *d = make(s, r->from, "{'Type':'%s'}", r->type);
	if (truthy(r->depends_on))
		set(s, d, "DependsOn", r->depends_on);
	for (size_t i = 0; i < r->attributes->n; i++) {
		const struct entry *e = &r->attributes->entries[i];
		set_key(s, d, e->key, e->key_node, e->value);
	}
	set(s, d, "Properties", r->props);
	return d;
}

struct val *ref_to(struct sam *s, const struct sg_node *from, const char *id)
{
	return make(s, from, "{'Ref':'%s'}", id);
}

struct val *att_of(struct sam *s, const struct sg_node *from, const char *id, const char *attribute)
{
	return make(s, from, "{'Fn::GetAtt':['%s','%s']}", id, attribute);
}

void made(struct sam *s, struct macro *m, struct res *r)
{
	SG_PUSH(s->arena, &m->made, r);
}

/* ------------------------------------------------------------------------------------------------ tags */

/* The types whose tags PropagateTags sets: a list of {Key, Value}, or a map. */
static const struct {
	const char *type;
	bool map;
} tagged[] = {
	{"AWS::ApiGateway::ApiKey", false},
	{"AWS::ApiGateway::DomainName", false},
	{"AWS::ApiGateway::DomainNameAccessAssociation", false},
	{"AWS::ApiGateway::DomainNameV2", false},
	{"AWS::ApiGateway::RestApi", false},
	{"AWS::ApiGateway::Stage", false},
	{"AWS::ApiGateway::UsagePlan", false},
	{"AWS::ApiGatewayV2::DomainName", true},
	{"AWS::ApiGatewayV2::Stage", true},
	{"AWS::IAM::Role", false},
	{"AWS::IoT::TopicRule", false},
	{"AWS::Lambda::CapacityProvider", false},
	{"AWS::Lambda::Function", false},
	{"AWS::Lambda::MicrovmImage", false},
	{"AWS::Lambda::NetworkConnector", false},
	{"AWS::S3::Bucket", false},
	{"AWS::SNS::Topic", false},
	{"AWS::SQS::Queue", false},
	{"AWS::StepFunctions::StateMachine", false},
};

static bool takes_tags(const struct res *r, bool *map)
{
	for (size_t i = 0; i < sizeof(tagged) / sizeof(*tagged); i++) {
		*map = tagged[i].map;
		if (sg_str_is(sg_str(r->type), tagged[i].type))
			return true;
	}
	/* an HTTP API's tags are in its body, a WebSocket API's are its own */
	*map = true;
	return sg_str_is(sg_str(r->type), "AWS::ApiGatewayV2::Api") && get(r->props, "ProtocolType");
}

void propagate_tags(struct sam *s, struct macro *m, struct val *tags, struct val *flag)
{
	bool map;
	if (!truthy(flag) || !truthy(tags))
		return;
	for (size_t i = 0; i < m->made.n; i++)
		if (takes_tags(m->made.v[i], &map))
			res_set(s, m->made.v[i], "Tags", map ? tags : tag_list(s, tags->node, tags));
}

static void combine(struct sam *s, struct res *r, struct val *tags)
{
	struct val *all = get(r->props, "Tags"), *list = val_list(s, r->from), *by_key = val_map(s, r->from);
	append(s, list, all);
	append(s, list, tag_list(s, tags->node, tags));
	for (size_t i = 0; i < list->n; i++) {
		struct val *key = get(list->items[i], "Key");
		if (is_str(key))
			set_key(s, by_key, key->text, NULL, list->items[i]);
	}
	list = val_list(s, r->from);
	for (size_t i = 0; i < by_key->n; i++)
		push(s, list, by_key->entries[i].value);
	res_set(s, r, "Tags", list);
}

void combine_tags(struct sam *s, struct macro *m, struct val *tags, struct val *flag)
{
	bool map;
	if (!truthy(flag) || !truthy(tags))
		return;
	for (size_t i = 0; i < m->made.n; i++)
		if (takes_tags(m->made.v[i], &map))
			combine(s, m->made.v[i], tags);
}

struct val *require_tags(struct sam *s, struct macro *m, const char *key, const char *value, struct val *extra,
			 struct val *tags)
{
	static const char *const reserved[] = {"lambda:createdBy", "serverlessrepo:applicationId",
					       "serverlessrepo:semanticVersion"};
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (has(tags, reserved[i]))
			sam_fail(s, m->id, tags, "the tag %s is reserved", reserved[i]);
	struct val *list = make(s, m->key, "[{'Key':'%s','Value':'%s'}]", key, value);
	append(s, list, tag_list(s, m->key, extra));
	append(s, list, tag_list(s, m->key, tags));
	return list;
}
