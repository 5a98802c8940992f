/*
 * AWS::Serverless::WebSocketApi: the API, its stage, and route, integration and permission for each of its routes.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html
 */
#include "sam/sam_priv.h"

#define CREATED_BY "websocketapi:createdBy"

struct websocket {
	struct macro *macro;
	struct val *props, *auth, *routes, *stage;
	struct val *route_ids;
};

/* ------------------------------------------------------------------------------------------------ checks */

static void check(struct sam *s, struct websocket *w)
{
	struct val *ip = get(w->props, "IpAddressType"), *domain = get(w->props, "Domain");
	const char *id = w->macro->id;
	if (!truthy(w->routes))
		sam_fail(s, id, w->props, "a WebSocket API needs at least one route");
	if (ip && !is_intrinsic(ip) && !is(ip, "ipv4") && !is(ip, "dualstack"))
		sam_fail(s, id, ip, "IpAddressType must be ipv4 or dualstack");
	if (truthy(get(domain, "MutualTlsAuthentication")))
		sam_fail(s, id, domain, "the domain of a WebSocket API has no MutualTlsAuthentication");
	if (truthy(w->auth) && !has(w->routes, "$connect"))
		sam_fail(s, id, w->auth, "Auth needs a $connect route");
	if (is(w->stage, "$default"))
		sam_fail(s, id, w->stage, "the stage of a WebSocket API cannot be named $default");
}

static void check_auth(struct sam *s, struct websocket *w)
{
	struct val *type = get(w->auth, "AuthType");
	const char *id = w->macro->id;
	if (!truthy(w->auth))
		return;
	if (!truthy(type))
		sam_fail(s, id, w->auth, "Auth needs an AuthType");
	if (!is(type, "NONE") && !is(type, "AWS_IAM") && !is(type, "CUSTOM"))
		sam_fail(s, id, type, "AuthType must be AWS_IAM, CUSTOM or NONE");
	if (is(type, "CUSTOM") && !truthy(get(w->auth, "AuthArn")))
		sam_fail(s, id, w->auth, "the AuthType CUSTOM needs an AuthArn");
	if (!is(type, "CUSTOM") && w->auth->n > 1)
		sam_fail(s, id, w->auth, "this AuthType goes with nothing else");
}

/* $connect as Connect, a word with a capital. */
static const char *route_part(struct sam *s, struct websocket *w, const struct entry *e)
{
	struct sg_str key = e->key;
	bool special = sg_str_is(key, "$connect") || sg_str_is(key, "$disconnect") || sg_str_is(key, "$default");
	if (!special && !alnum(key))
		sam_fail(s, w->macro->id, e->value,
			 "the key of a route must be alphanumeric, or $connect, $disconnect or $default");
	struct sg_str low = method_name(s, special ? sg_str_sub(key, 1, SIZE_MAX) : key);
	if (sg_str_is_nocase(key, "any"))
		return "Any";
	return fmt(s, "%s%.*s", upper(s, sg_str_sub(low, 0, 1)), SG_FMT(sg_str_sub(low, 1, SIZE_MAX)));
}

/* ------------------------------------------------------------------------------------------------ a route */

static void authorize(struct sam *s, struct websocket *w, const struct entry *e, struct res *route)
{
	check_auth(s, w);
	if (!truthy(w->auth) || !sg_str_is(e->key, "$connect"))
		return;
	res_set(s, route, "AuthorizationType", get(w->auth, "AuthType"));
	if (!is(get(w->auth, "AuthType"), "CUSTOM"))
		return;
	res_set(s, route, "AuthorizerId", ref_to(s, w->auth->node, fmt(s, "%sConnectAuthorizer", w->macro->id)));
}

static void make_route(struct sam *s, struct websocket *w, const struct entry *e, const char *id,
		       const char *integration)
{
	static const char *const copied[] = {"ApiKeyRequired", "ModelSelectionExpression", "OperationName",
					     "RequestModels", "RouteResponseSelectionExpression"};
	const struct sg_node *from = e->value->node;
	struct res *r = res_new(s, w->macro, id, "AWS::ApiGatewayV2::Route", from);
	res_set(s, r, "RouteKey", val_str(s, from, e->key));
	res_set(s, r, "ApiId", ref_to(s, from, w->macro->id));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(e->value, copied[i]));
	struct val *parameters = get(e->value, "RequestParameters");
	if (truthy(parameters) && !sg_str_is(e->key, "$connect"))
		sam_fail(s, w->macro->id, parameters, "RequestParameters go with the $connect route alone");
	if (truthy(parameters))
		res_set(s, r, "RequestParameters", parameters);
	res_set(s, r, "Target", make(s, from, "{'Fn::Join':['/',['integrations',{'Ref':'%s'}]]}", integration));
	authorize(s, w, e, r);
	made(s, w->macro, r);
	push(s, w->route_ids, val_text(s, from, id));
}

static struct val *permission_arn(struct sam *s, struct websocket *w, const struct entry *e)
{
	const char *arn =
		fmt(s, "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${%s.ApiId}", w->macro->id);
	if (is_str(w->stage))
		return make(s, e->value->node, "{'Fn::Sub':'%s/%s/%s'}", arn, cstr(s, w->stage),
			    sg_cstr(s->arena, e->key));
	return make(s, e->value->node, "{'Fn::Sub':['%s/${__StageName__}/%s',{'__StageName__':%v}]}", arn,
		    sg_cstr(s->arena, e->key), w->stage);
}

static void route(struct sam *s, struct websocket *w, const struct entry *e)
{
	const struct sg_node *from = e->value->node;
	const char *base = fmt(s, "%s%s", w->macro->id, route_part(s, w, e));
	const char *integration = fmt(s, "%sIntegration", base);
	struct val *function = raw(want_map(s, w->macro->id, e->value, "a route"), "FunctionArn");
	make_route(s, w, e, fmt(s, "%sRoute", base), integration);
	if (!function)
		sam_fail(s, w->macro->id, e->value, "a route needs a FunctionArn");
	struct res *r = res_new(s, w->macro, integration, "AWS::ApiGatewayV2::Integration", from);
	res_set(s, r, "ApiId", ref_to(s, from, w->macro->id));
	res_set(s, r, "IntegrationType", val_text(s, from, "AWS_PROXY"));
	res_set(s, r, "IntegrationUri",
		make(s, from,
		     "{'Fn::Sub':['arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
		     "${FunctionArn}/invocations',{'FunctionArn':%v}]}",
		     function));
	res_set(s, r, "TimeoutInMillis", get(e->value, "IntegrationTimeout"));
	made(s, w->macro, r);
	struct res *p = res_new(s, w->macro, fmt(s, "%sPermission", base), "AWS::Lambda::Permission", from);
	res_set(s, p, "Action", val_text(s, from, "lambda:InvokeFunction"));
	res_set(s, p, "FunctionName", function);
	res_set(s, p, "Principal", val_text(s, from, "apigateway.amazonaws.com"));
	res_set(s, p, "SourceArn", permission_arn(s, w, e));
	made(s, w->macro, p);
}

/* ------------------------------------------------------------------------------------------------ the rest */

static void authorizer(struct sam *s, struct websocket *w)
{
	struct val *arn = get(w->auth, "AuthArn"), *role = get(w->auth, "InvokeRole"), *name = get(w->auth, "Name");
	if (!is(get(w->auth, "AuthType"), "CUSTOM"))
		return;
	const struct sg_node *from = w->auth->node;
	const char *id = fmt(s, "%sConnectAuthorizer", w->macro->id);
	struct res *r = res_new(s, w->macro, id, "AWS::ApiGatewayV2::Authorizer", from);
	res_set(s, r, "ApiId", ref_to(s, from, w->macro->id));
	res_set(s, r, "AuthorizerCredentialsArn", role);
	res_set(s, r, "AuthorizerType", val_text(s, from, "REQUEST"));
	res_set(s, r, "AuthorizerUri",
		make(s, from,
		     "{'Fn::Sub':['arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
		     "${AuthArn}/invocations',{'AuthArn':%v}]}",
		     arn));
	res_set(s, r, "IdentitySource", get(w->auth, "IdentitySource"));
	res_set(s, r, "Name", truthy(name) ? name : val_text(s, from, id));
	made(s, w->macro, r);
	if (!truthy(role))
		authorizer_permission(s, w->macro, fmt(s, "%sAuthorizerPermission", w->macro->id), "${AWS::Partition}",
				      arn, from);
}

static void websocket_api(struct sam *s, struct websocket *w)
{
	static const char *const copied[] = {"ApiKeySelectionExpression", "Description",   "DisableExecuteApiEndpoint",
					     "DisableSchemaValidation",   "IpAddressType", "RouteSelectionExpression"};
	struct val *name = get(w->props, "Name"), *tags = get(w->props, "Tags");
	struct res *r = res_bare(s, w->macro->id, "AWS::ApiGatewayV2::Api", w->macro->key);
	r->depends_on = w->macro->depends_on;
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(w->props, copied[i]));
	res_set(s, r, "Name", name ? name : val_text(s, w->macro->key, w->macro->id));
	if (!truthy(tags))
		tags = val_map(s, w->macro->key);
	set(s, tags, CREATED_BY, val_text(s, w->macro->key, "SAM"));
	res_set(s, r, "Tags", tags);
	res_set(s, r, "ProtocolType", val_text(s, w->macro->key, "WEBSOCKET"));
	made(s, w->macro, r);
}

static void stage(struct sam *s, struct websocket *w)
{
	static const char *const copied[] = {"StageVariables", "AccessLogSettings", "DefaultRouteSettings",
					     "RouteSettings"};
	const char *part = is(w->stage, "default") ? "Default" : cstr(s, w->stage);
	struct res *r = res_new(s, w->macro, fmt(s, "%s%sStage", w->macro->id, part), "AWS::ApiGatewayV2::Stage",
				w->macro->key);
	if (truthy(get(w->props, "RouteSettings")))
		r->depends_on = w->route_ids;
	res_set(s, r, "ApiId", ref_to(s, w->macro->key, w->macro->id));
	res_set(s, r, "StageName", w->stage);
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(w->props, copied[i]));
	res_set(s, r, "Tags", make(s, w->macro->key, "{'" CREATED_BY "':'SAM'}"));
	res_set(s, r, "AutoDeploy", val_bool(s, w->macro->key, true));
	made(s, w->macro, r);
}

void sam_websocket_api(struct sam *s, struct macro *m)
{
	static const char *const resolved[] = {"Auth", "Domain", "Routes"};
	struct val *passed = m->passed;
	for (size_t i = 0; i < 3; i++)
		set(s, m->props, resolved[i], resolve(s, raw(m->props, resolved[i])));
	struct websocket w = {.macro = m, .props = m->props, .auth = get(m->props, "Auth")};
	w.routes = get(m->props, "Routes");
	w.stage = get(m->props, "StageName");
	if (!w.stage)
		w.stage = val_text(s, m->key, "default");
	w.route_ids = val_list(s, m->key);
	m->passed = val_map(s, m->key); /* the translator carries no attributes over here */
	check(s, &w);
	websocket_api(s, &w);
	http_domain(s, m, get(m->props, "Domain"), CREATED_BY, val_map(s, m->key));
	for (size_t i = 0; i < w.routes->n; i++)
		route(s, &w, &w.routes->entries[i]);
	stage(s, &w);
	authorizer(s, &w);
	propagate_tags(s, m, get(m->props, "Tags"), get(m->props, "PropagateTags"));
	m->passed = passed;
}
