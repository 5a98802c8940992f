/*
 * What an API event says of its method beside the path: who may call it, and what a request must have.
 */
#include "sam/sam_priv.h"

static void check_authorizer_type(struct sam *s, struct event *e, struct val *authorizer, struct val *authorizers)
{
	if (!is_str(authorizer) || !is_map(authorizers))
		sam_fail_event(s, e->name, authorizer,
			       "the authorizer must be a string that the API's Authorizers name");
}

static void undefined(struct sam *s, struct event *e, struct val *authorizer, struct val *authorizers)
{
	if (!truthy(authorizers))
		sam_fail_event(s, e->name, authorizer, "the API defines no Authorizers");
	check_authorizer_type(s, e, authorizer, authorizers);
	if (!truthy(get_str(authorizers, authorizer->text)))
		sam_fail_event(s, e->name, authorizer, "the authorizer '%.*s' is not one of the API's Authorizers",
			       SG_FMT(authorizer->text));
}

static void needs_default(struct sam *s, struct event *e, struct val *authorizer, struct val *api_auth)
{
	if (!truthy(get(api_auth, "DefaultAuthorizer")))
		sam_fail_event(s, e->name, authorizer, "the authorizer NONE needs a DefaultAuthorizer of the API");
}

void event_api_auth(struct sam *s, struct event *e, struct val *api, const char *api_id, struct editor *d,
		    struct sg_str method, struct sg_str path, struct val *stage)
{
	struct val *auth = get(e->props, "Auth"), *authorizer = get(auth, "Authorizer");
	struct val *api_auth = resolve(s, get(api, "Auth")), *authorizers = get(api_auth, "Authorizers");
	struct val *scopes = get(auth, "AuthorizationScopes"), *key = get(auth, "ApiKeyRequired");
	struct val *policy = get(auth, "ResourcePolicy");
	if (truthy(authorizer) && truthy(authorizers))
		want_map(s, api_id, authorizers, "Auth.Authorizers");
	if (truthy(authorizer) && is(authorizer, "NONE"))
		needs_default(s, e, authorizer, api_auth);
	else if (truthy(authorizer) && !is(authorizer, "AWS_IAM"))
		undefined(s, e, authorizer, authorizers);
	if (truthy(scopes) && !is_list(scopes))
		sam_fail_event(s, e->name, scopes, "'Auth.AuthorizationScopes' should be a list");
	if (truthy(scopes) && !truthy(authorizer))
		sam_fail_event(s, e->name, scopes, "AuthorizationScopes need an Authorizer");
	if (key && !truthy(key) && !truthy(get(api_auth, "ApiKeyRequired")))
		sam_fail_event(s, e->name, key, "ApiKeyRequired cannot be false where the API requires no key");
	if (truthy(authorizer) || key)
		edit_method_auth(s, d, path, method, auth, api);
	if (!truthy(policy))
		return;
	want_map(s, api_id, policy, "Auth.ResourcePolicy");
	edit_resource_policy(s, d, policy, path, stage);
	if (truthy(get(policy, "CustomStatements")))
		edit_policy_statements(s, d, get(policy, "CustomStatements"));
}

void event_http_auth(struct sam *s, struct event *e, struct val *api, const char *api_id, struct editor *d,
		     struct sg_str method, struct sg_str path)
{
	struct val *auth = get(e->props, "Auth"), *authorizer = get(auth, "Authorizer");
	struct val *api_auth = raw(api, "Auth"), *scopes = get(auth, "AuthorizationScopes");
	if (!api_auth)
		api_auth = val_map(s, e->from);
	want_map(s, api_id, api_auth, "Auth");
	struct val *authorizers = get(api_auth, "Authorizers"), *by_default = get(api_auth, "DefaultAuthorizer");
	if (!truthy(authorizer) && !truthy(by_default))
		sam_fail_event(s, e->name, auth, "Auth needs an Authorizer, or the API a DefaultAuthorizer");
	if (!truthy(authorizer))
		set(s, auth, "Authorizer", authorizer = by_default);
	bool iam = is(authorizer, "AWS_IAM") && is_true(get(api_auth, "EnableIamAuthorizer"));
	if (is(authorizer, "NONE"))
		needs_default(s, e, authorizer, api_auth);
	else if (!iam)
		undefined(s, e, authorizer, authorizers);
	if (truthy(scopes) && !is_list(scopes))
		sam_fail_event(s, e->name, scopes, "'AuthorizationScopes' must be a list of strings");
	edit_method_auth(s, d, path, method, auth, api);
}

/* ------------------------------------------------------------------------------------------------ requests */

static void validator(struct sam *s, struct event *e, struct val *request, struct editor *d, struct sg_str method,
		      struct sg_str path)
{
	static const char *const names[] = {"no-validation", "params-only", "body-only", "body-and-params"};
	struct val *body = get(request, "ValidateBody"), *parameters = get(request, "ValidateParameters");
	if (!body && !parameters)
		return;
	if ((body && !is_bool(body)) || (parameters && !is_bool(parameters)))
		sam_fail_event(s, e->name, request, "ValidateBody and ValidateParameters must be true or false");
	const char *name = names[2 * is_true(body) + is_true(parameters)];
	struct val *all = get(d->doc, "x-amazon-apigateway-request-validators");
	if (!truthy(all))
		set(s, d->doc, "x-amazon-apigateway-request-validators", all = val_map(s, e->from));
	if (!truthy(get(all, name)))
		set(s, all, name,
		    make(s, request->node, "{'validateRequestBody':%v,'validateRequestParameters':%v}",
			 val_bool(s, request->node, is_true(body)), val_bool(s, request->node, is_true(parameters))));
	edit_set(s, d, path, method, "x-amazon-apigateway-request-validator", val_text(s, request->node, name), false);
}

static void add_parameter(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, struct val *one)
{
	struct val *definitions = edit_methods(s, d, path, method, false);
	for (size_t i = 0; i < definitions->n; i++) {
		struct val *list = get(definitions->items[i], "parameters");
		if (!is_list(list))
			set(s, definitions->items[i], "parameters", list = val_list(s, one->node));
		push(s, list, one);
	}
}

static void model(struct sam *s, struct event *e, struct val *api, struct editor *d, struct sg_str method,
		  struct sg_str path)
{
	struct val *request = get(e->props, "RequestModel"), *name = get(request, "Model"),
		   *models = get(api, "Models");
	if (!truthy(request))
		return;
	if (!is_map(request))
		sam_fail_event(s, e->name, request, "'RequestModel' should be a map");
	if (!truthy(name))
		return;
	if (!truthy(models) || !is_map(models))
		sam_fail_event(s, e->name, name, "the API's Models are missing or no map");
	if (!is_str(name) || !truthy(get_str(models, name->text)))
		sam_fail_event(s, e->name, name, "the model is not one of the API's Models");
	struct val *required = get(request, "Required");
	const char *low = sg_cstr(s->arena, method_name(s, name->text));
	if (get(d->doc, "swagger"))
		add_parameter(s, d, path, method,
			      make(s, request->node,
				   "{'in':'body','name':'%s','schema':{'$ref':'#/definitions/%s'},'required':%v}", low,
				   low, required));
	else
		edit_set(s, d, path, method, "requestBody",
			 make(s, request->node,
			      "{'content':{'application/json':{'schema':{'$ref':'#/components/schemas/%s'}}},"
			      "'required':%v}",
			      low, required),
			 false);
	validator(s, e, request, d, method, path);
}

static bool parameter_name(struct sg_str name)
{
	return sg_str_starts(name, "method.request.querystring.") || sg_str_starts(name, "method.request.path.") ||
	       sg_str_starts(name, "method.request.header.");
}

static void parameter(struct sam *s, struct event *e, struct editor *d, struct sg_str method, struct sg_str path,
		      struct val *v)
{
	struct val *settings = is_map(v) && v->n ? v->entries[0].value : NULL;
	struct sg_str name = is_str(v) ? v->text : settings ? v->entries[0].key : SG_LIT("");
	if (!parameter_name(name))
		sam_fail_event(s, e->name, v,
			       "RequestParameters are named method.request.[querystring|path|header].NAME");
	if (settings && !is_map(settings))
		sam_fail_event(s, e->name, v, "the value of a RequestParameter must be a map");
	for (size_t i = 0; settings && i < settings->n; i++)
		if (!sg_str_is(settings->entries[i].key, "Required") && !sg_str_is(settings->entries[i].key, "Caching"))
			sam_fail_event(s, e->name, v, "a RequestParameter has Required and Caching alone");
	struct sg_str rest = sg_str_sub(name, sizeof("method.request.") - 1, SIZE_MAX);
	size_t dot = sg_str_find(rest, ".", 0);
	struct sg_str in = sg_str_sub(rest, 0, dot);
	struct val *required = get(settings, "Required");
	add_parameter(s, d, path, method,
		      make(s, v->node, "{'in':%v,'name':%v,'required':%v,'type':'string'}",
			   val_str(s, v->node, sg_str_is(in, "querystring") ? SG_LIT("query") : in),
			   val_str(s, v->node, sg_str_sub(rest, dot + 1, SIZE_MAX)),
			   required ? required : val_bool(s, v->node, false)));
	if (!truthy(get(settings, "Caching")))
		return;
	struct val *definitions = edit_methods(s, d, path, method, false);
	for (size_t i = 0; i < definitions->n; i++) {
		struct val *integration = get(definitions->items[i], "x-amazon-apigateway-integration");
		struct val *keys = get(integration, "cacheKeyParameters");
		if (!keys)
			set(s, integration, "cacheKeyParameters", keys = val_list(s, v->node));
		push(s, keys, val_str(s, v->node, name));
	}
}

void event_request(struct sam *s, struct event *e, struct val *api, struct editor *d, struct sg_str method,
		   struct sg_str path)
{
	struct val *parameters = get(e->props, "RequestParameters");
	model(s, e, api, d, method, path);
	if (truthy(parameters) && !is_list(parameters))
		sam_fail_event(s, e->name, parameters, "'RequestParameters' should be a list");
	for (size_t i = 0; is_list(parameters) && i < parameters->n; i++)
		parameter(s, e, d, method, path, parameters->items[i]);
}
