/*
 * What happens before the resources: APIs without a definition get an empty one, events without an API get the implicit
 * one, and each API event's path is written into the definition that SAM manages.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
 */
#include "sam/sam_priv.h"

/* The two kinds of implicit API. */
struct kind {
	const char *id, *condition, *event, *type, *property;
	bool rest;
};

static const struct kind kinds[] = {
	{"ServerlessRestApi", "ServerlessRestApiCondition", "Api", "AWS::Serverless::Api", "RestApiId", true},
	{"ServerlessHttpApi", "ServerlessHttpApiCondition", "HttpApi", "AWS::Serverless::HttpApi", "ApiId", false},
};

struct plan {
	const struct kind *kind;
	struct val *existing;           /* the user's own resource of the implicit API's name */
	struct val *conditions;         /* API → path → method → condition or null */
	struct val *deletion, *replace; /* of the functions on the implicit API */
	struct entry *owner;            /* the function or state machine being looked at */
	struct val *event;
	const char *event_id;
	bool failed;
};

/* ------------------------------------------------------------------------------------------------ definitions */

static void define(struct sam *s, struct val *resource, bool rest)
{
	struct val *props = get(resource, "Properties");
	if (!props)
		set(s, resource, "Properties", props = val_map(s, resource->node));
	if (truthy(get(props, "DefinitionBody")) || truthy(get(props, "DefinitionUri")))
		return;
	set(s, props, "DefinitionBody", skeleton(s, resource->node, rest));
	set(s, props, "__MANAGE_SWAGGER", val_bool(s, resource->node, true));
}

bool plan_definitions(struct sam *s)
{
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < s->resources->n; i++)
			if (is(get(s->resources->entries[i].value, "Type"), kinds[k].type))
				define(s, s->resources->entries[i].value, kinds[k].rest);
	return true;
}

/* ------------------------------------------------------------------------------------------------ one event */

/* Tags go from a function to the implicit API where PropagateTags says so. */
static void add_tags(struct sam *s, struct plan *p, struct val *props)
{
	struct val *own = get(p->owner->value, "Properties"), *type = get(p->owner->value, "Type");
	if (has(props, p->kind->property))
		return;
	const char *section = cstr(s, type) + sizeof("AWS::Serverless::") - 1;
	struct val *globals = get(get(s->root, "Globals"), section);
	struct val *flag = get(own, "PropagateTags"), *tags = get(own, "Tags");
	flag = truthy(flag) ? flag : get(globals, "PropagateTags");
	tags = truthy(tags) ? tags : get(globals, "Tags");
	struct val *api = get(get(s->resources, p->kind->id), "Properties");
	if (!api || !truthy(tags) || !truthy(flag) || !is_map(tags))
		return;
	struct val *all = get(api, "Tags");
	if (!all)
		set(s, api, "Tags", all = val_map(s, tags->node));
	for (size_t i = 0; i < tags->n; i++)
		set_key(s, all, tags->entries[i].key, tags->entries[i].key_node, tags->entries[i].value);
	set(s, api, "PropagateTags", val_bool(s, tags->node, true));
}

static struct val *api_id_of(const struct val *props, const char *property)
{
	struct val *id = get(props, property);
	return is_map(id) && has(id, "Ref") ? get(id, "Ref") : id;
}

static void remember(struct sam *s, struct plan *p, struct val *api, struct val *path, struct val *method)
{
	struct val *of_api = get_str(p->conditions, api->text), *condition = get(p->owner->value, "Condition");
	if (!of_api)
		set_key(s, p->conditions, api->text, NULL, of_api = val_map(s, api->node));
	struct val *of_path = get_str(of_api, path->text);
	if (!of_path)
		set_key(s, of_api, path->text, NULL, of_path = val_map(s, path->node));
	set_key(s, of_path, method->text, NULL, condition ? condition : val_bool(s, path->node, false));
	if (!is(api, p->kind->id))
		return;
	push(s, p->deletion, get(p->owner->value, "DeletionPolicy"));
	push(s, p->replace, get(p->owner->value, "UpdateReplacePolicy"));
}

/* The path goes into a definition that SAM manages. */
static void write_path(struct sam *s, struct plan *p, struct val *api, struct val *path, struct val *method)
{
	struct val *resource = is_str(api) ? get_str(s->resources, api->text) : NULL;
	if (!resource || (p->kind->rest && is(get(resource, "Type"), "AWS::Serverless::HttpApi")))
		sam_fail_event(s, p->event_id, p->event, "%s must refer to a resource of type %s in the same template",
			       p->kind->property, p->kind->type);
	struct val *props = get(resource, "Properties"), *body = get(props, "DefinitionBody");
	if (!definition_valid(body, p->kind->rest) || !truthy(get(props, "__MANAGE_SWAGGER")))
		return;
	struct editor d = edit(s, cstr(s, api), body, p->kind->rest);
	edit_add_path(s, &d, path->text, method->text);
	set(s, props, "DefinitionBody", d.doc);
}

static void route_settings(struct sam *s, struct plan *p, struct val *props, struct val *api, struct val *path,
			   struct val *method)
{
	struct val *of_api = get(get_str(s->resources, api->text), "Properties");
	struct val *all = get(of_api, "RouteSettings"), *own = raw(props, "RouteSettings");
	struct val *condition = get(p->owner->value, "Condition");
	const char *route = sg_cstr(s->arena, path->text);
	if (!is(method, "x-amazon-apigateway-any-method"))
		route = fmt(s, "%s %s", upper(s, method->text), route);
	if (!has(of_api, "RouteSettings"))
		all = val_map(s, own->node);
	want_map(s, cstr(s, api), all, "RouteSettings");
	if (truthy(condition))
		own = make_if(s, own->node, cstr(s, condition), own, NULL);
	if (!is_map(own))
		sam_fail_event(s, p->event_id, own, "'RouteSettings' should be a map");
	struct val *of_route = get(all, route);
	if (!of_route)
		set(s, all, route, of_route = val_map(s, own->node));
	for (size_t i = 0; i < own->n; i++)
		set_key(s, of_route, own->entries[i].key, own->entries[i].key_node, own->entries[i].value);
	set(s, of_api, "RouteSettings", all);
}

static struct val *event_props(struct sam *s, struct plan *p)
{
	struct val *props = raw(p->event, "Properties");
	if (p->kind->rest && !truthy(props))
		return NULL;
	if (props && !is_map(props))
		sam_fail_event(s, p->event_id, props, "Properties should be a map");
	if (!props)
		set(s, p->event, "Properties", props = val_map(s, p->event->node));
	return props;
}

static struct val *required_text(struct sam *s, struct plan *p, struct val *v, const char *name)
{
	if (!v)
		sam_fail_event(s, p->event_id, p->event, "'%s' is required", name);
	if (!is_str(v))
		sam_fail_event(s, p->event_id, v, "'%s' should be a string", name);
	return v;
}

static void plan_event(struct sam *s, struct plan *p)
{
	struct val *props = event_props(s, p);
	if (!props)
		return;
	add_tags(s, p, props);
	if (!has(props, p->kind->property))
		set(s, props, p->kind->property, ref_to(s, p->event->node, p->kind->id));
	if (!p->kind->rest && !truthy(get(props, "Path")) && !truthy(get(props, "Method"))) {
		set(s, props, "Path", val_text(s, p->event->node, "$default"));
		set(s, props, "Method", val_text(s, p->event->node, "x-amazon-apigateway-any-method"));
	}
	struct val *path = get(props, "Path"), *method = get(props, "Method");
	if (!path || !method)
		required_text(s, p, NULL, path ? "Method" : "Path");
	struct val *api = api_id_of(props, p->kind->property);
	if (!is_str(api))
		sam_fail_event(s, p->event_id, api ? api : p->event, "'%s' should be a string", p->kind->property);
	required_text(s, p, path, "Path");
	required_text(s, p, method, "Method");
	remember(s, p, api, path, method);
	write_path(s, p, api, path, method);
	if (!p->kind->rest && has(props, "RouteSettings"))
		route_settings(s, p, props, api, path, method);
}

static void plan_events(struct sam *s, void *arg)
{
	struct plan *p = arg;
	struct val *events = get(get(p->owner->value, "Properties"), "Events");
	for (size_t i = 0; i < events->n; i++) {
		p->event = events->entries[i].value;
		p->event_id = sg_cstr(s->arena, events->entries[i].key);
		if (is_map(p->event) && is(get(p->event, "Type"), p->kind->event))
			plan_event(s, p);
	}
}

/* ------------------------------------------------------------------------------------------------ the implicit API */

/* All conditions below a map, each once, sorted by name; NULL where something is unconditional. */
static bool collect(struct sam *s, const struct val *map, struct val *into)
{
	bool all = true;
	for (size_t i = 0; i < map->n; i++) {
		struct val *v = map->entries[i].value;
		if (is_map(v))
			all &= collect(s, v, into);
		else if (!is_str(v))
			all = false;
		else if (!contains(into, v))
			push(s, into, v);
	}
	return all;
}

static void condition_of_api(struct sam *s, struct plan *p)
{
	struct val *of_api = get(p->conditions, p->kind->id), *list = val_list(s, s->root->node);
	struct val *api = get(s->resources, p->kind->id);
	if (!of_api || !collect(s, of_api, list) || !list->n)
		return;
	if (list->n == 1) {
		set(s, api, "Condition", list->items[0]);
		return;
	}
	set(s, api, "Condition", val_text(s, list->items[0]->node, p->kind->condition));
	combined_condition(s, list->items[0]->node, p->kind->condition, list);
}

static void policy_of_api(struct sam *s, struct plan *p, const char *name, struct val *list, const char *const *order)
{
	for (; *order; order++)
		for (size_t i = 0; i < list->n; i++)
			if (is(list->items[i], *order)) {
				set(s, get(s->resources, p->kind->id), name, list->items[i]);
				return;
			}
}

static const char *path_condition(struct sam *s, struct sg_str api, struct sg_str path)
{
	struct sg_buf b = {0};
	sg_buf_str(&b, api);
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		if (c == '/')
			sg_buf_adds(&b, "SLASH");
		else if (c == '{' || c == '}')
			sg_buf_adds(&b, c == '{' ? "OB" : "CB");
		else
			sg_buf_addc(&b, c);
	}
	sg_buf_adds(&b, "PathCondition");
	return sg_buf_take(&b, s->arena).p;
}

/* A path of which every method hangs on a condition hangs on them, too. */
static void conditions_of_paths(struct sam *s, struct plan *p, struct entry *api)
{
	struct val *props = get(api->value, "Properties");
	if (!truthy(get(props, "__MANAGE_SWAGGER")))
		return;
	struct editor d = edit(s, sg_cstr(s->arena, api->key), get(props, "DefinitionBody"), p->kind->rest);
	for (size_t i = 0; i < d.paths->n; i++) {
		struct entry *path = &d.paths->entries[i];
		struct val *methods = get_str(get_str(p->conditions, api->key), path->key);
		struct val *list = val_list(s, api->value->node);
		if (!methods || !collect(s, methods, list) || !list->n)
			continue;
		const char *name = cstr(s, list->items[0]);
		if (list->n > 1) {
			name = path_condition(s, api->key, path->key);
			combined_condition(s, path->value->node, name, list);
		}
		path->value = make_if(s, path->value->node, name, path->value, NULL);
	}
	set(s, props, "DefinitionBody", d.doc);
}

static void remove_unused(struct sam *s, struct plan *p)
{
	struct val *api = get(s->resources, p->kind->id);
	struct val *paths = get_path(api, "Properties.DefinitionBody.paths");
	if (truthy(paths))
		return;
	if (p->existing)
		set(s, s->resources, p->kind->id, p->existing);
	else
		del(s->resources, sg_str(p->kind->id));
}

static void finish_kind(struct sam *s, void *arg)
{
	static const char *const deletion[] = {"Retain", "Delete", NULL};
	static const char *const replace[] = {"Retain", "Snapshot", "Delete", NULL};
	struct plan *p = arg;
	condition_of_api(s, p);
	policy_of_api(s, p, "DeletionPolicy", p->deletion, deletion);
	policy_of_api(s, p, "UpdateReplacePolicy", p->replace, replace);
	for (size_t i = 0; i < s->resources->n; i++)
		if (is(get(s->resources->entries[i].value, "Type"), p->kind->type))
			conditions_of_paths(s, p, &s->resources->entries[i]);
	remove_unused(s, p);
}

static struct val *implicit(struct sam *s, const struct kind *kind)
{
	const struct sg_node *from = s->root->node;
	struct val *stage = kind->rest ? val_text(s, from, "Prod") : NULL;
	return make(s, from, "{'Type':'%s','Properties':{'StageName':%v,'DefinitionBody':%v,'__MANAGE_SWAGGER':true}}",
		    kind->type, stage, skeleton(s, from, kind->rest));
}

static bool has_events(const struct val *resource)
{
	const struct val *type = get(resource, "Type");
	return (is(type, "AWS::Serverless::Function") || is(type, "AWS::Serverless::StateMachine")) &&
	       is_map(get(get(resource, "Properties"), "Events"));
}

static bool plan_kind(struct sam *s, const struct kind *kind)
{
	const struct sg_node *from = s->root->node;
	struct plan p = {.kind = kind, .conditions = val_map(s, from)};
	p.deletion = val_list(s, from);
	p.replace = val_list(s, from);
	p.existing = get(s->resources, kind->id);
	set(s, s->resources, kind->id, implicit(s, kind));
	size_t before = s->failures;
	for (size_t i = 0; i < s->resources->n; i++) {
		p.owner = &s->resources->entries[i];
		if (!has_events(p.owner->value))
			continue;
		s->current = sg_cstr(s->arena, p.owner->key);
		s->at = p.owner->key_node ? p.owner->key_node : p.owner->value->node;
		sam_try(s, plan_events, &p);
	}
	s->current = "";
	return sam_try(s, finish_kind, &p) && s->failures == before;
}

bool plan_implicit_apis(struct sam *s)
{
	return plan_kind(s, &kinds[0]) && plan_kind(s, &kinds[1]);
}
