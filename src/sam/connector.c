/*
 * AWS::Serverless::Connector: what a source needs to reach a destination, from AWS's table of profiles.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html
 */
#include "sam/sam_priv.h"

#include <stdlib.h>

/* One end of a connector: what its resource is called and where it can be found. */
struct end {
	struct sg_str id; /* or empty */
	struct val *type, *arn, *role, *url, *resource_id, *name, *qualifier;
};

struct connection {
	struct macro *macro;
	struct end source, destination;
	struct val *permissions, *profile; /* the profile's properties, filled in */
	const char *suffix;                /* Destination0 where there are many */
};

/* ------------------------------------------------------------------------------------------------ filling in */

static struct val *variable(const struct connection *c, struct sg_str name, struct val *fixed, bool *known)
{
	const struct end *ends[] = {&c->source, &c->destination};
	static const char *const prefixes[] = {"Source.", "Destination."};
	*known = true;
	if (fixed && sg_str_is(name, "logicalId"))
		return fixed;
	for (size_t i = 0; !fixed && i < 2; i++) {
		size_t n = sg_str(prefixes[i]).n;
		if (!sg_str_starts(name, prefixes[i]))
			continue;
		struct sg_str what = sg_str_sub(name, n, SIZE_MAX);
		if (sg_str_is(what, "Arn"))
			return ends[i]->arn;
		if (sg_str_is(what, "ResourceId"))
			return ends[i]->resource_id;
		if (sg_str_is(what, "Name"))
			return ends[i]->name;
		if (sg_str_is(what, "Qualifier"))
			return ends[i]->qualifier;
	}
	*known = false;
	return NULL;
}

static struct sg_str letters(struct sam *s, struct sg_str text)
{
	char *p = sg_alloc(s->arena, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		if (alnum(sg_str_sub(text, i, 1)))
			p[n++] = text.p[i];
	return (struct sg_str){p, n};
}

/* %{Source.Arn} alone becomes the value; within a text a variable of Fn::Sub. */
static struct val *fill_text(struct sam *s, struct connection *c, struct val *fixed, struct val *v)
{
	struct val *variables = val_map(s, s->at);
	struct sg_buf b = {0};
	size_t at = 0;
	for (;;) {
		size_t open = sg_str_find(v->text, "%{", at);
		size_t close = open == SIZE_MAX ? open : sg_str_find(v->text, "}", open);
		if (close == SIZE_MAX)
			break;
		struct sg_str name = sg_str_sub(v->text, open + 2, close - open - 2);
		bool known;
		struct val *value = variable(c, name, fixed, &known);
		if (known && (!value || value->type == SG_T_NULL)) {
			sg_buf_free(&b);
			sam_fail(s, c->macro->id, NULL, "%.*s is missing", SG_FMT(name));
		}
		if (known && open == 0 && close + 1 == v->text.n) {
			sg_buf_free(&b);
			return value;
		}
		sg_buf_str(&b, sg_str_sub(v->text, at, open - at));
		if (known) {
			struct sg_str key = letters(s, name);
			set_key(s, variables, key, NULL, value);
			sg_buf_addf(&b, "${%.*s}", SG_FMT(key));
		} else {
			sg_buf_str(&b, sg_str_sub(v->text, open, close + 1 - open));
		}
		at = close + 1;
	}
	sg_buf_str(&b, sg_str_sub(v->text, at, SIZE_MAX));
	struct val *text = val_str(s, s->at, taken(s, &b));
	if (sg_str_find(text->text, "${", 0) == SIZE_MAX)
		return text;
	if (variables->n)
		return make(s, s->at, "{'Fn::Sub':[%v,%v]}", text, variables);
	return make(s, s->at, "{'Fn::Sub':%v}", text);
}

static struct val *fill(struct sam *s, struct connection *c, struct val *fixed, struct val *v)
{
	if (is_str(v))
		return fill_text(s, c, fixed, v);
	struct val *copy = val_shallow(s, v);
	copy->node = s->at;
	copy->made = true;
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		copy->items[i] = fill(s, c, fixed, v->items[i]);
	for (size_t i = 0; is_map(v) && i < v->n; i++)
		copy->entries[i].value = fill(s, c, fixed, v->entries[i].value);
	return copy;
}

/* ------------------------------------------------------------------------------------------------ the ends */

static struct val *cfn_type(struct sam *s, struct val *type)
{
	static const char *const rows[][2] = {{"AWS::Serverless::Function", "AWS::Lambda::Function"},
					      {"AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"},
					      {"AWS::Serverless::Api", "AWS::ApiGateway::RestApi"},
					      {"AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api"},
					      {"AWS::Serverless::SimpleTable", "AWS::DynamoDB::Table"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (is(type, rows[i][0]))
			return val_text(s, type->node, rows[i][1]);
	return type;
}

/* The role of that target of a rule which is the other end. */
static struct val *role_of_rule(const struct val *props, const struct val *other)
{
	const struct val *targets = get(props, "Targets"), *id = get(other, "Id"), *arn = get(other, "Arn");
	for (size_t i = 0; is_list(targets) && i < targets->n; i++) {
		const struct val *target = get(targets->items[i], "Arn");
		struct sg_str of = logical_id_of(target);
		if ((of.n && is_str(id) && sg_str_eq(of, id->text)) || (truthy(arn) && equal(target, arn)))
			return get(targets->items[i], "RoleArn");
	}
	return NULL;
}

static struct val *role_name(struct sam *s, struct val *known, const struct val *props, const struct val *other)
{
	struct val *how = get_path(known, "Inputs.Role"), *role = NULL;
	if (is_str(how))
		role = get_str(props, how->text);
	else if (is(get(how, "Function"), "GetEventsRuleRole"))
		role = role_of_rule(props, other);
	struct sg_str id = logical_id_of(role);
	return id.n ? make(s, role->node, "{'Ref':%v}", val_str(s, role->node, id)) : NULL;
}

static struct end end_by_id(struct sam *s, struct connection *c, struct val *own, const struct val *other)
{
	struct val *id = get(own, "Id");
	if (!is_str(id))
		sam_fail(s, c->macro->id, own, "'Id' is missing or no string");
	struct val *resource = get_str(s->out, id->text);
	if (!resource)
		sam_fail(s, c->macro->id, id, "there is no resource '%.*s'", SG_FMT(id->text));
	struct end e = {.id = id->text, .type = get(resource, "Type")};
	if (!is_str(e.type) || !e.type->text.n)
		sam_fail(s, c->macro->id, own, "'Type' is missing or no string");
	struct val *known = get_str(get(data_connectors(s), "CfnResourceProperties"), e.type->text);
	struct val *filled = known ? fill(s, c, id, known) : NULL, *outputs = get(filled, "Outputs");
	e.arn = get(outputs, "Arn");
	e.role = role_name(s, filled, get(resource, "Properties"), other);
	e.url = get(outputs, "Url");
	e.resource_id = get(outputs, "Id");
	e.name = get(outputs, "Name");
	e.qualifier = has(own, "Qualifier") ? get(own, "Qualifier") : get(outputs, "Qualifier");
	return e;
}

static struct end end_of(struct sam *s, struct connection *c, struct val *own, const struct val *other)
{
	size_t others = own->n - has(own, "Id") - has(own, "Qualifier");
	if (has(own, "Id") == (others > 0))
		sam_fail(s, c->macro->id, own,
			 "it needs either 'Id', with an optional 'Qualifier', or other properties");
	if (truthy(get(own, "Id")))
		return end_by_id(s, c, own, other);
	struct val *type = get(own, "Type");
	if (!is_str(type) || !type->text.n)
		sam_fail(s, c->macro->id, own,
			 has(own, "Id") ? "'Id' is missing or no string" : "'Type' is missing or no string");
	return (struct end){.type = cfn_type(s, type),
			    .arn = get(own, "Arn"),
			    .role = get(own, "RoleName"),
			    .url = get(own, "QueueUrl"),
			    .resource_id = get(own, "ResourceId"),
			    .name = get(own, "Name"),
			    .qualifier = get(own, "Qualifier")};
}

/* ------------------------------------------------------------------------------------------------ the profile */

/* Equal as sets; both without repeats. */
static bool same_set(const struct val *a, const struct val *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!contains(b, a->items[i]))
			return false;
	return a->n == b->n;
}

static void check_permissions(struct sam *s, struct connection *c, struct val *properties)
{
	struct val *categories = get(properties, "AccessCategories"), *valid = get(properties, "ValidAccessCategories");
	struct val *list = val_list(s, c->permissions->node);
	for (size_t i = 0; i < c->permissions->n; i++)
		if (!contains(list, c->permissions->items[i]))
			push(s, list, c->permissions->items[i]);
	c->permissions = list;
	if (!list->n)
		sam_fail(s, c->macro->id, list, "'Permissions' cannot be empty");
	for (size_t i = 0; i < list->n; i++)
		if (!has_str(categories, list->items[i]->text))
			sam_fail(s, c->macro->id, list, "a connector from %.*s to %.*s has no permission '%.*s'",
				 SG_FMT(c->source.type->text), SG_FMT(c->destination.type->text),
				 SG_FMT(list->items[i]->text));
	for (size_t i = 0; valid && i < valid->n; i++)
		if (same_set(list, valid->items[i]))
			return;
	if (valid)
		sam_fail(s, c->macro->id, list, "these permissions do not go together");
}

static struct val *profile_of(struct sam *s, struct connection *c)
{
	struct val *all = get(data_connectors(s), "Permissions");
	struct val *profile = get_str(get_str(all, c->source.type->text), c->destination.type->text);
	if (!profile)
		sam_fail(s, c->macro->id, NULL, "there is no connector from %.*s to %.*s", SG_FMT(c->source.type->text),
			 SG_FMT(c->destination.type->text));
	check_permissions(s, c, get(profile, "Properties"));
	c->profile = fill(s, c, NULL, get(profile, "Properties"));
	return get(profile, "Type");
}

/* ------------------------------------------------------------------------------------------------ what is made */

static struct res *resource(struct sam *s, struct connection *c, const char *name, const char *type)
{
	struct res *r = res_new(s, c->macro, fmt(s, "%s%s%s", c->macro->id, name, c->suffix), type, s->at);
	r->attributes = val_shallow(s, c->macro->attributes);
	r->depends_on = c->macro->depends_on;
	made(s, c->macro, r);
	return r;
}

static struct val *statements(struct sam *s, struct connection *c)
{
	struct val *list = val_list(s, s->at), *categories = get(c->profile, "AccessCategories");
	for (size_t i = 0; i < categories->n; i++) {
		struct val *name = val_str(s, s->at, categories->entries[i].key);
		if (contains(c->permissions, name))
			append(s, list, get(categories->entries[i].value, "Statement"));
	}
	return make(s, s->at, "{'Version':'2012-10-17','Statement':%v}", list);
}

static void depend(struct sam *s, struct val *on, const char *id)
{
	struct val *own = get(on, "DependsOn"), *list = val_list(s, s->at), *name = val_text(s, s->at, id);
	if (is_list(own))
		append(s, list, own);
	else
		push(s, list, own);
	if (!contains(list, name))
		push(s, list, name);
	set(s, on, "DependsOn", list);
}

/* The event source mapping from the source to the function, where there is exactly one. */
static struct val *mapping_between(struct sam *s, struct connection *c)
{
	struct val *found = NULL;
	for (size_t i = 0; i < s->readers.n; i++) {
		struct val *r = s->readers.v[i], *props = get(r, "Properties");
		if (!sg_str_eq(logical_id_of(get(props, "FunctionName")), c->destination.id) ||
		    !sg_str_eq(logical_id_of(get(props, "EventSourceArn")), c->source.id))
			continue;
		if (found)
			return NULL;
		found = r;
	}
	return found;
}

static void depended_by(struct sam *s, struct connection *c, const char *policy)
{
	struct val *by = get(c->profile, "DependedBy"), *on = NULL;
	if (is(by, "DESTINATION_EVENT_SOURCE_MAPPING") && c->source.id.n && c->destination.id.n)
		on = mapping_between(s, c);
	else if (is(by, "SOURCE") && c->source.id.n)
		on = get_str(s->out, c->source.id);
	if (on)
		depend(s, on, policy);
}

static struct val *needed(struct sam *s, struct connection *c, struct val *v, const char *what)
{
	if (!truthy(v))
		sam_fail(s, c->macro->id, NULL, "the %s of the %s is not known", what,
			 truthy(get(c->profile, "SourcePolicy")) ? "source" : "destination");
	return v;
}

static void role_policy(struct sam *s, struct connection *c, const struct end *e)
{
	struct val *role = needed(s, c, e->role, "role");
	struct res *r = resource(s, c, "Policy", "AWS::IAM::ManagedPolicy");
	res_set(s, r, "PolicyDocument", statements(s, c));
	res_set(s, r, "Roles", make(s, s->at, "[%v]", role));
	depended_by(s, c, r->id);
}

static void queue_policy(struct sam *s, struct connection *c, const struct end *e)
{
	struct val *url = needed(s, c, e->url, "queue URL");
	struct res *r = resource(s, c, "QueuePolicy", "AWS::SQS::QueuePolicy");
	res_set(s, r, "PolicyDocument", statements(s, c));
	res_set(s, r, "Queues", make(s, s->at, "[%v]", url));
}

static void topic_policy(struct sam *s, struct connection *c, const struct end *e)
{
	struct val *arn = needed(s, c, e->arn, "ARN");
	struct res *r = resource(s, c, "TopicPolicy", "AWS::SNS::TopicPolicy");
	res_set(s, r, "Topics", make(s, s->at, "[%v]", arn));
	res_set(s, r, "PolicyDocument", statements(s, c));
}

static void lambda_permission(struct sam *s, struct connection *c, const struct end *e)
{
	static const char *const copied[] = {"Action", "Principal", "SourceArn", "SourceAccount"};
	struct val *arn = needed(s, c, e->arn, "ARN"), *categories = get(c->profile, "AccessCategories");
	for (size_t i = 0; i < categories->n; i++) {
		struct sg_str name = categories->entries[i].key;
		if (!contains(c->permissions, val_str(s, s->at, name)))
			continue;
		struct res *r = resource(s, c, fmt(s, "%.*sLambdaPermission", SG_FMT(name)), "AWS::Lambda::Permission");
		res_set(s, r, "FunctionName", arn);
		for (size_t k = 0; k < 4; k++)
			res_set(s, r, copied[k], get(categories->entries[i].value, copied[k]));
	}
}

static struct val *original_type(struct sam *s, const struct end *e)
{
	struct val *type = e->id.n ? get(get_str(s->resources, e->id), "Type") : NULL;
	return type ? type : e->type;
}

static void connect(struct sam *s, struct connection *c)
{
	static const struct {
		const char *type;
		void (*make)(struct sam *s, struct connection *c, const struct end *e);
	} rows[] = {
		{"AWS_IAM_ROLE_MANAGED_POLICY", role_policy},
		{"AWS_SQS_QUEUE_POLICY", queue_policy},
		{"AWS_SNS_TOPIC_POLICY", topic_policy},
		{"AWS_LAMBDA_PERMISSION", lambda_permission},
	};
	size_t first = c->macro->made.n;
	struct val *type = profile_of(s, c);
	const struct end *e = truthy(get(c->profile, "SourcePolicy")) ? &c->source : &c->destination;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (is(type, rows[i].type))
			rows[i].make(s, c, e);
	for (size_t i = first; i < c->macro->made.n; i++) {
		struct val *own = get(c->macro->made.v[i]->attributes, "Metadata");
		struct val *all = own ? val_shallow(s, own) : val_map(s, s->at);
		set(s, all, "aws:sam:connectors",
		    make(s, s->at, "{'%s':{'Source':{'Type':%v},'Destination':{'Type':%v}}}", c->macro->id,
			 original_type(s, &c->source), original_type(s, &c->destination)));
		res_attribute(s, c->macro->made.v[i], "Metadata", all);
	}
}

/* DependsOn of the connector is DependsOn of all that it made. */
static void replace_dependency(struct sam *s, struct macro *m, size_t first)
{
	for (size_t i = 0; i < s->dependents.n; i++) {
		struct val *r = s->dependents.v[i], *own = get(r, "DependsOn");
		struct val *list = is_str(own) ? make(s, own->node, "[%v]", own) : own, *rest;
		struct val *name = val_text(s, m->key, m->id);
		if (!is_list(list) || !contains(list, name))
			continue;
		rest = val_list(s, own->node);
		for (size_t k = 0; k < list->n; k++)
			if (!equal(list->items[k], name))
				push(s, rest, list->items[k]);
		for (size_t k = first; k < m->made.n; k++) {
			struct val *id = val_text(s, m->key, m->made.v[k]->id);
			if (!contains(rest, id))
				push(s, rest, id);
		}
		set(s, r, "DependsOn", rest);
	}
}

void connector_expand(struct sam *s, struct macro *m)
{
	struct val *destinations = get(m->props, "Destination"), *source = get(m->props, "Source");
	bool many = is_list(destinations);
	size_t first = m->made.n;
	const struct sg_node *at = s->at;
	s->at = m->key;
	if (!many)
		destinations = make(s, destinations->node, "[%v]", destinations);
	if (!destinations->n)
		sam_fail(s, m->id, destinations, "'Destination' is an empty list");
	for (size_t i = 0; i < destinations->n; i++) {
		struct connection c = {.macro = m, .permissions = get(m->props, "Permissions")};
		c.suffix = many ? fmt(s, "Destination%zu", i) : "";
		want_list(s, m->id, c.permissions, "Permissions");
		c.destination = end_of(s, &c, destinations->items[i], source);
		c.source = end_of(s, &c, source, destinations->items[i]);
		connect(s, &c);
	}
	replace_dependency(s, m, first);
	s->at = at;
}

void sam_connector(struct sam *s, struct macro *m)
{
	connector_expand(s, m);
}

/* ------------------------------------------------------------------------------------------------ embedded ones */

struct embedded {
	struct entry *owner, *connector;
};

static void lift(struct sam *s, void *arg)
{
	struct embedded *e = arg;
	const char *owner = sg_cstr(s->arena, e->owner->key);
	const char *id = fmt(s, "%s%.*s", owner, SG_FMT(e->connector->key));
	struct val *own = e->connector->value;
	if (!is_map(own))
		sam_fail(s, owner, own, "the connector '%s' should be a map", id);
	struct val *props = get(own, "Properties");
	want_map(s, owner, props, "Connectors.Properties");
	struct val *copy = val_shallow(s, own), *all = val_shallow(s, props), *extra = get(props, "SourceReference");
	struct val *source = make(s, own->node, "{'Id':'%s'}", owner);
	if (has(props, "SourceReference")) {
		want_map(s, owner, extra, "SourceReference");
		if (has(extra, "Id"))
			sam_fail(s, owner, extra, "SourceReference has no 'Id'");
		for (size_t i = 0; i < extra->n; i++)
			set_key(s, source, extra->entries[i].key, extra->entries[i].key_node, extra->entries[i].value);
		del(all, SG_LIT("SourceReference"));
	}
	set(s, all, "Source", source);
	set(s, copy, "Type", val_text(s, own->node, "AWS::Serverless::Connector"));
	set(s, copy, "Properties", all);
	check_props(s, owner, "AWS::Serverless::Connector", all, props_connector);
	if (has(s->resources, id))
		sam_fail(s, owner, own, "its connector makes a resource %s, which the template already has", id);
	set_key(s, s->resources, sg_str(id), e->connector->key_node, copy);
}

void connectors_embedded(struct sam *s)
{
	size_t n = s->resources->n;
	for (size_t i = 0; i < n; i++) {
		struct val *resource = s->resources->entries[i].value, *all = raw(resource, "Connectors");
		if (!all)
			continue;
		del(resource, SG_LIT("Connectors"));
		s->current = sg_cstr(s->arena, s->resources->entries[i].key);
		s->at = all->node;
		for (size_t k = 0; k < all->n || !is_map(all); k++) {
			struct entry owner = s->resources->entries[i], wrong = {SG_LIT(""), NULL, all};
			struct embedded e = {&owner, is_map(all) ? &all->entries[k] : &wrong};
			sam_try(s, lift, &e);
			if (!is_map(all))
				break;
		}
	}
	s->current = "";
}
