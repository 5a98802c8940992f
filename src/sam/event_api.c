/*
 * Events of APIs: the path goes into the API's definition where SAM manages it, and the API gets the permission to call
 * the function - or a role to start the state machine.
 */
#include "sam/sam_priv.h"

#include <string.h>

#define GATEWAY "apigateway.amazonaws.com"
#define ANY "x-amazon-apigateway-any-method"

/* ------------------------------------------------------------------------------------------------ the API */

struct linked {
	const char *id;     /* of the API, or NULL */
	struct val *props;  /* of the API */
	const char *suffix; /* of the permission's id: the stage */
};

static struct val *id_of(struct val *v)
{
	return is_map(v) && has(v, "Ref") ? get(v, "Ref") : v;
}

static struct linked rest_api(struct sam *s, struct event *e)
{
	struct linked l = {.suffix = "AllStages"};
	struct val *id = id_of(get(e->props, "RestApiId"));
	if (!is_str(id))
		return l;
	struct val *api = get_str(s->resources, id->text);
	if (!api)
		sam_fail_event(s, e->name, id, "RestApiId must refer to a resource of the same template");
	l.id = cstr(s, id);
	l.props = get(api, "Properties");
	if (!l.props)
		l.props = val_map(s, api->node);
	struct val *stage = get(want_map(s, l.id, l.props, "Properties"), "StageName");
	if (is_str(stage) && !stage->text.n)
		sam_fail(s, l.id, stage, "StageName cannot be empty");
	l.suffix = is_str(stage) ? cstr(s, stage) : "Stage";
	return l;
}

void event_api_link(struct sam *s, struct event *e)
{
	rest_api(s, e);
}

/* /a/{b}/ as the ARN of a permission spells it: /a/ * */
const char *path_pattern(struct sam *s, struct sg_str path, bool rest)
{
	struct sg_buf b = {0};
	for (size_t i = 0; i < path.n; i++) {
		size_t end = path.p[i] == '{' ? sg_str_find(path, "}", i) : SIZE_MAX;
		struct sg_str name = end == SIZE_MAX ? SG_LIT("") : sg_str_sub(path, i + 1, end - i - 1);
		bool greedy = sg_str_ends(name, "+") && (rest || sg_str_is(name, "proxy+"));
		struct sg_str plain = greedy ? sg_str_sub(name, 0, name.n - 1) : name;
		bool good = plain.n > 0;
		for (size_t k = 0; k < plain.n; k++)
			good = good && (alnum(sg_str_sub(plain, k, 1)) || strchr("._-", plain.p[k]));
		if (good) {
			sg_buf_addc(&b, '*');
			i = end;
		} else {
			sg_buf_addc(&b, path.p[i]);
		}
	}
	return taken(s, &b).p;
}

static struct sg_str without_slash(struct sg_str path)
{
	return path.n > 1 && sg_str_ends(path, "/") ? sg_str_sub(path, 0, path.n - 1) : path;
}

struct val *api_permission_arn(struct sam *s, const struct sg_node *from, const char *partition, const char *resource,
			       struct val *api, struct val *stage)
{
	return make(s, from,
		    "{'Fn::Sub':['arn:%s:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/%s',"
		    "{'__ApiId__':%v,'__Stage__':%v}]}",
		    partition, resource, api, stage);
}

static struct val *invocation_uri(struct sam *s, struct event *e, const char *partition, bool stream)
{
	const char *target = e->target->alias ? e->target->own_id : fmt(s, "%s.Arn", e->target->id);
	return make(s, e->from, "{'Fn::Sub':'arn:%s:apigateway:${AWS::Region}:lambda:path/%s/functions/${%s}/%s'}",
		    partition, stream ? "2021-11-15" : "2015-03-31", target,
		    stream ? "response-streaming-invocations" : "invocations");
}

static const char *condition_of(struct sam *s, const struct event *e)
{
	struct val *c = get(e->target->attributes, "Condition");
	return c ? cstr(s, c) : NULL;
}

static struct sg_str method_of(struct sam *s, struct event *e)
{
	struct sg_str m = get(e->props, "Method")->text;
	struct sg_str low = method_name(s, m);
	return sg_str_is(low, ANY) && !sg_str_is_nocase(m, ANY) ? SG_LIT("any") : low;
}

static void twice(struct sam *s, struct event *e, struct editor *d, struct sg_str path, struct sg_str method)
{
	if (edit_has_integration(s, d, path, method))
		sam_fail_event(s, e->name, e->dict, "the API method '%.*s' is defined several times for path '%.*s'",
			       SG_FMT(method), SG_FMT(path));
}

static struct val *text_prop(struct sam *s, struct event *e, const char *name)
{
	struct val *v = get(e->props, name);
	if (!is_str(v))
		sam_fail_event(s, e->name, v ? v : e->dict, "'%s' should be a string", name);
	return v;
}

/* ------------------------------------------------------------------------------------------------ REST */

static void rest_permission(struct sam *s, struct event *e, const char *suffix)
{
	struct sg_str path = without_slash(text_prop(s, e, "Path")->text), method = method_of(s, e);
	const char *resource = fmt(s, "${__Stage__}/%s%s", sg_str_is(method, "any") ? "*" : upper(s, method),
				   path_pattern(s, path, true));
	struct val *arn = api_permission_arn(s, e->from, s->partition, resource, get(e->props, "RestApiId"),
					     val_text(s, e->from, "*"));
	made(s, e->macro, event_permission(s, e, GATEWAY, suffix, arn));
}

/* MergeDefinitions: what SAM makes of the event goes over what the user wrote. */
static void merge_definitions(struct sam *s, struct linked *l, struct editor *d, struct sg_str path,
			      struct sg_str method)
{
	struct val *body = val_shallow(s, get(l->props, "DefinitionBody"));
	struct val *paths = get(body, "paths");
	if (!truthy(paths)) /* as in the translator: of a body without paths nothing changes */
		paths = val_map(s, body->node);
	want_map(s, l->id, paths, "DefinitionBody.paths");
	const char *key = sg_cstr(s->arena, path);
	struct val *of_path = get(paths, key), *made_path = get(d->paths, key);
	if (of_path)
		want_map(s, l->id, of_path, "DefinitionBody.paths");
	struct val *own = get_str(of_path, method), *all = own ? val_shallow(s, own) : val_map(s, body->node);
	want_map(s, l->id, all, "DefinitionBody.paths");
	struct val *fresh = get_str(made_path, method_name(s, method));
	for (size_t i = 0; is_map(fresh) && i < fresh->n; i++)
		set_key(s, all, fresh->entries[i].key, fresh->entries[i].key_node, fresh->entries[i].value);
	if (!of_path)
		set_key(s, paths, path, NULL, of_path = val_map(s, body->node));
	set_key(s, of_path, method, NULL, all);
	set(s, l->props, "DefinitionBody", body);
}

static void rest_integration(struct sam *s, struct event *e, struct linked *l)
{
	struct val *body = get(l->props, "DefinitionBody"), *auth = get(e->props, "Auth");
	bool merge = truthy(get(l->props, "MergeDefinitions"));
	if (!body)
		return;
	struct sg_str path = text_prop(s, e, "Path")->text, method = method_of(s, e);
	struct editor d = edit(s, l->id, merge ? skeleton(s, e->from, true) : body, true);
	twice(s, e, &d, path, method);
	if (truthy(auth) && !is_map(auth))
		sam_fail_event(s, e->name, auth, "'Auth' should be a map");
	struct val *api_auth = get(l->props, "Auth");
	if (truthy(api_auth))
		want_map(s, l->id, api_auth, "Auth");
	bool stream = is(get(e->props, "ResponseTransferMode"), "RESPONSE_STREAM");
	struct integration i = {
		path, method, invocation_uri(s, e, s->partition, stream), auth, api_auth, condition_of(s, e), stream};
	edit_lambda(s, &d, &i);
	struct val *stage = val_text(s, e->from, l->suffix);
	if (truthy(auth))
		event_api_auth(s, e, l->props, l->id, &d, method, path, stage);
	if (truthy(get(e->props, "TimeoutInMillis")))
		edit_set(s, &d, path, method, "timeoutInMillis", get(e->props, "TimeoutInMillis"), true);
	event_request(s, e, l->props, &d, method, path);
	if (merge)
		merge_definitions(s, l, &d, path, method);
}

static void override_auth(struct sam *s, struct event *e, struct linked *l)
{
	struct val *body = get(l->props, "DefinitionBody"), *auth = get(e->props, "Auth");
	if (!truthy(body) || !truthy(get(auth, "OverrideApiAuth")))
		return;
	if (!truthy(get(auth, "Authorizer")) && !truthy(get(auth, "ApiKeyRequired")) &&
	    !truthy(get(auth, "ResourcePolicy")))
		sam_fail_event(s, e->name, auth, "OverrideApiAuth needs Authorizer, ApiKeyRequired or ResourcePolicy");
	struct editor d = edit(s, l->id, body, true);
	event_api_auth(s, e, l->props, l->id, &d, method_of(s, e), text_prop(s, e, "Path")->text,
		       val_text(s, e->from, l->suffix));
}

void event_api(struct sam *s, struct event *e)
{
	struct linked l = rest_api(s, e);
	text_prop(s, e, "Method");
	rest_permission(s, e, l.suffix);
	if (!l.id)
		return;
	if (truthy(get(l.props, "__MANAGE_SWAGGER")) || truthy(get(l.props, "MergeDefinitions")))
		rest_integration(s, e, &l);
	override_auth(s, e, &l);
}

/* ------------------------------------------------------------------------------------------------ state machines */

void event_machine_api(struct sam *s, struct event *e)
{
	struct linked l = rest_api(s, e);
	struct sg_str path = text_prop(s, e, "Path")->text;
	text_prop(s, e, "Method");
	struct sg_str method = method_of(s, e);
	struct res *role = event_role(s, e, GATEWAY);
	struct val *body = get(l.props, "DefinitionBody"), *auth = get(e->props, "Auth");
	if (!l.id || !truthy(get(l.props, "__MANAGE_SWAGGER")) || !body)
		return;
	struct editor d = edit(s, l.id, body, true);
	twice(s, e, &d, path, method);
	struct integration i = {.path = path, .method = method, .condition = condition_of(s, e)};
	i.uri = make(s, e->from,
		     "{'Fn::Sub':'arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution'}");
	bool plain = truthy(get(e->props, "UnescapeMappingTemplate"));
	const char *input = plain ? ".replaceAll(\"\\\\'\",\"'\")" : "";
	struct val *request = val_text(s, e->from,
				       fmt(s,
					   "{\"input\": \"$util.escapeJavaScript($input.json('$'))%s\", "
					   "\"stateMachineArn\": \"${%s}\"}",
					   input, e->target->own_id));
	edit_machine(s, &d, &i, att_of(s, e->from, role->id, "Arn"),
		     make(s, e->from, "{'application/json':{'Fn::Sub':%v}}", request));
	if (truthy(auth))
		event_api_auth(s, e, l.props, l.id, &d, method, path, get(e->props, "Stage"));
}

/* ------------------------------------------------------------------------------------------------ HTTP */

static struct linked http_api(struct sam *s, struct event *e)
{
	struct val *id = id_of(get(e->props, "ApiId"));
	struct val *api = is_str(id) ? get_str(s->resources, id->text) : NULL;
	if (!api)
		sam_fail_event(s, e->name, id ? id : e->dict, "ApiId must refer to a resource of the same template");
	struct linked l = {.id = cstr(s, id), .props = get(api, "Properties")};
	if (!l.props)
		set(s, api, "Properties", l.props = val_map(s, api->node));
	return l;
}

void event_http_api_link(struct sam *s, struct event *e)
{
	http_api(s, e);
}

/* Does $default call this function already?  Then what is allowed for it is allowed for every path. */
static bool default_calls(struct sam *s, struct event *e, struct editor *d)
{
	if (!edit_has_integration(s, d, SG_LIT("$default"), SG_LIT(ANY)))
		return false;
	struct val *list = edit_methods(s, d, SG_LIT("$default"), SG_LIT(ANY), true);
	for (size_t i = 0; i < list->n; i++) {
		struct val *uri = get(get(list->items[i], "x-amazon-apigateway-integration"), "uri");
		if (!is_map(uri))
			return false;
		struct val *uris = alternatives(s, uri);
		for (size_t k = 0; k < uris->n; k++) {
			struct val *text = get(uris->items[k], "Fn::Sub");
			const char *own = fmt(s, "${%s.Arn}", e->target->own_id);
			if (!is_str(text) || sg_str_find(text->text, own, 0) == SIZE_MAX)
				return false;
		}
	}
	return true;
}

static void http_permission(struct sam *s, struct event *e, struct linked *l)
{
	struct sg_str path = without_slash(text_prop(s, e, "Path")->text), method = method_of(s, e);
	struct val *body = get(l->props, "DefinitionBody");
	if (sg_str_is(path, "$default")) {
		path = SG_LIT("");
	} else if (truthy(body)) {
		struct editor d = edit(s, l->id, body, false);
		if (default_calls(s, e, &d))
			return;
	}
	bool any = sg_str_is(method, "any") || sg_str_is(method, ANY);
	const char *pattern = path_pattern(s, path, false);
	bool whole = sg_str_is(method, "any") && sg_str_is(sg_str(pattern), "/$default");
	const char *resource = whole ? fmt(s, "${__Stage__}%s", pattern)
				     : fmt(s, "${__Stage__}/%s%s", any ? "*" : upper(s, method), pattern);
	struct val *arn = api_permission_arn(s, e->from, "${AWS::Partition}", resource, get(e->props, "ApiId"),
					     val_text(s, e->from, "*"));
	made(s, e->macro, event_permission(s, e, GATEWAY, "", arn));
}

/* {names} in the path, as parameters of the method. */
static void path_parameters(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method)
{
	struct val *definitions = edit_methods(s, d, path, method, false);
	for (size_t at = sg_str_find(path, "{", 0); at != SIZE_MAX; at = sg_str_find(path, "{", at + 1)) {
		size_t end = sg_str_find(path, "}", at);
		if (end == SIZE_MAX)
			return;
		struct val *one = make(s, s->at, "{'name':%v,'in':'path','required':true}",
				       val_str(s, s->at, sg_str_sub(path, at + 1, end - at - 1)));
		for (size_t i = 0; i < definitions->n; i++) {
			struct val *list = get(definitions->items[i], "parameters");
			if (!list)
				set(s, definitions->items[i], "parameters", list = val_list(s, s->at));
			bool found = false;
			for (size_t k = 0; is_list(list) && k < list->n; k++)
				found = found || equal(get(list->items[k], "name"), get(one, "name"));
			if (!found && is_list(list))
				push(s, list, val_shallow(s, one));
		}
	}
}

void event_http_api(struct sam *s, struct event *e)
{
	struct linked l = http_api(s, e);
	struct val *body, *auth = get(e->props, "Auth");
	struct sg_str path = text_prop(s, e, "Path")->text;
	text_prop(s, e, "Method");
	struct sg_str method = method_of(s, e);
	http_permission(s, e, &l);
	if (!(body = get(l.props, "DefinitionBody")))
		return;
	struct editor d = edit(s, l.id, body, false);
	if (truthy(get(l.props, "__MANAGE_SWAGGER")))
		twice(s, e, &d, path, method);
	struct integration i = {.path = path, .method = method, .condition = condition_of(s, e)};
	i.uri = invocation_uri(s, e, "${AWS::Partition}", false);
	if (!edit_has_integration(s, &d, path, method))
		edit_lambda(s, &d, &i);
	if (truthy(auth))
		event_http_auth(s, e, l.props, l.id, &d, method, path);
	if (truthy(get(e->props, "TimeoutInMillis")))
		edit_set(s, &d, path, method, "timeoutInMillis", get(e->props, "TimeoutInMillis"), true);
	path_parameters(s, &d, path, method);
	if (truthy(get(e->props, "PayloadFormatVersion")))
		edit_set(s, &d, path, method, "payloadFormatVersion", get(e->props, "PayloadFormatVersion"), true);
}
