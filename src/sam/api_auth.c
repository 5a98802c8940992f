/*
 * Auth and GatewayResponses of a REST API, as they go into its definition.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ authorizers */

static bool no_identity(struct sam *s, const char *api, struct val *identity)
{
	static const char *const sources[] = {"Headers", "QueryStrings", "StageVariables", "Context"};
	if (!truthy(identity))
		return true;
	want_map(s, api, identity, "Identity");
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (truthy(get(identity, sources[i])))
			return false;
	struct val *ttl = get(identity, "ReauthorizeEvery");
	int64_t seconds = 0;
	bool number = ttl && (ttl->type == SG_T_INT ? (seconds = ttl->integer, true)
						    : is_str(ttl) && sg_parse_i64(ttl->text, &seconds));
	return !number || seconds > 0;
}

void authorizer_rest_check(struct sam *s, const char *api, struct sg_str name, struct val *authorizer)
{
	struct val *type = get(authorizer, "FunctionPayloadType"), *scopes = get(authorizer, "AuthorizationScopes");
	struct val *flag = get(authorizer, "DisableFunctionDefaultPermissions");
	if (type && !is(type, "TOKEN") && !is(type, "REQUEST"))
		sam_fail(s, api, type, "the authorizer %.*s has a wrong FunctionPayloadType", SG_FMT(name));
	if (is(type, "REQUEST") && no_identity(s, api, get(authorizer, "Identity")))
		sam_fail(s, api, authorizer,
			 "the authorizer %.*s needs Identity with Headers, QueryStrings, StageVariables or Context",
			 SG_FMT(name));
	if (scopes)
		want_list(s, api, scopes, "AuthorizationScopes");
	if (flag && !is_bool(flag))
		sam_fail(s, api, flag, "'DisableFunctionDefaultPermissions' should be true or false");
}

/* Headers: [a, b] as method.request.header.a, method.request.header.b */
static void identity_sources(struct sam *s, const char *api, struct val *identity, const char *property,
			     const char *prefix, struct sg_buf *b)
{
	struct val *list = get(identity, property);
	if (!truthy(list))
		return;
	want_list(s, api, list, property);
	for (size_t i = 0; i < list->n; i++)
		sg_buf_addf(b, "%s%s%.*s", b->n ? ", " : "", prefix,
			    SG_FMT(want_str(s, api, list->items[i], property)->text));
}

static void request_identity(struct sam *s, const char *api, struct val *identity, struct val *out)
{
	static const char *const rows[][2] = {{"Headers", "method.request.header."},
					      {"QueryStrings", "method.request.querystring."},
					      {"StageVariables", "stageVariables."},
					      {"Context", "context."}};
	struct val *list = NULL;
	for (size_t i = 0; i < 4; i++) { /* before the buffer has anything: a failure would leave it */
		list = get(identity, rows[i][0]);
		for (size_t k = 0; truthy(list) && k < want_list(s, api, list, rows[i][0])->n; k++)
			want_str(s, api, list->items[k], rows[i][0]);
	}
	struct sg_buf b = {0};
	for (size_t i = 0; i < 4; i++)
		identity_sources(s, api, identity, rows[i][0], rows[i][1], &b);
	if (b.n)
		set(s, out, "identitySource", val_str(s, identity->node, sg_buf_take(&b, s->arena)));
}

static struct val *lambda_scheme(struct sam *s, const char *api, struct val *authorizer, bool request)
{
	struct val *identity = get(authorizer, "Identity"), *role = get(authorizer, "FunctionInvokeRole");
	struct val *out = make(s, authorizer->node,
			       "{'type':'%s','authorizerUri':{'Fn::Sub':['arn:%s:apigateway:${AWS::Region}:"
			       "lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations',"
			       "{'__FunctionArn__':%v}]}}",
			       request ? "request" : "token", s->partition, get(authorizer, "FunctionArn"));
	set(s, out, "authorizerResultTtlInSeconds", get(identity, "ReauthorizeEvery"));
	if (truthy(role) && !is(role, "NONE"))
		set(s, out, "authorizerCredentials", role);
	if (request && identity)
		request_identity(s, api, identity, out);
	return out;
}

struct val *authorizer_rest(struct sam *s, const char *api, struct sg_str name, struct val *authorizer)
{
	(void)name;
	struct val *pools = get(authorizer, "UserPoolArn"), *identity = get(authorizer, "Identity");
	bool cognito = truthy(pools), request = !cognito && is(get(authorizer, "FunctionPayloadType"), "REQUEST");
	struct val *header = get(identity, "Header"), *expression = get(identity, "ValidationExpression"), *inner;
	if (truthy(identity) && !is_map(identity))
		sam_fail(s, api, identity, "the Identity of an authorizer must be a map");
	if (cognito)
		inner = make(s, pools->node, "{'type':'cognito_user_pools','providerARNs':%v}",
			     is_list(pools) ? pools : make(s, pools->node, "[%v]", pools));
	else
		inner = lambda_scheme(s, api, authorizer, request);
	if (truthy(expression) && (cognito || !request))
		set(s, inner, "identityValidationExpression", expression);
	struct val *shown = truthy(header) ? header : val_text(s, authorizer->node, "Authorization");
	return make(s, authorizer->node,
		    "{'type':'apiKey','name':%v,'in':'header','x-amazon-apigateway-authtype':'%s',"
		    "'x-amazon-apigateway-authorizer':%v}",
		    request ? val_text(s, authorizer->node, "Unused") : shown,
		    cognito ? "cognito_user_pools" : "custom", inner);
}

static struct val *authorizers_of(struct sam *s, struct api *a)
{
	struct val *all = get(a->auth, "Authorizers");
	if (!truthy(all))
		return NULL;
	want_map(s, a->macro->id, all, "Auth.Authorizers");
	for (size_t i = 0; i < all->n; i++) {
		want_map(s, a->macro->id, all->entries[i].value, "Auth.Authorizers");
		authorizer_rest_check(s, a->macro->id, all->entries[i].key, all->entries[i].value);
	}
	return all;
}

/* ------------------------------------------------------------------------------------------------ into the definition */

static void add_authorizers(struct sam *s, struct api *a, struct editor *d)
{
	struct val *all = authorizers_of(s, a), *name = get(a->auth, "DefaultAuthorizer");
	struct val *preflight = raw(a->auth, "AddDefaultAuthorizerToCorsPreflight");
	if (is(name, "AWS_IAM"))
		edit_security_scheme(s, d, SG_LIT("AWS_IAM"),
				     make(s, name->node,
					  "{'type':'apiKey','name':'Authorization','in':'header',"
					  "'x-amazon-apigateway-authtype':'awsSigv4'}"),
				     false);
	else if (!truthy(all))
		return;
	for (size_t i = 0; all && i < all->n; i++)
		edit_security_scheme(s, d, all->entries[i].key,
				     authorizer_rest(s, a->macro->id, all->entries[i].key, all->entries[i].value),
				     false);
	if (!truthy(name))
		return;
	if (!is_str(name))
		sam_fail(s, a->macro->id, name, "DefaultAuthorizer is not a string");
	if (!get_str(all, name->text) && !is(name, "AWS_IAM"))
		sam_fail(s, a->macro->id, name, "DefaultAuthorizer is not one of Authorizers");
	for (size_t i = 0; i < d->paths->n; i++)
		edit_default_auth(s, d, d->paths->entries[i].key, name, all, !preflight || truthy(preflight));
}

static void add_api_key(struct sam *s, struct api *a, struct editor *d)
{
	struct val *preflight = raw(a->auth, "AddApiKeyRequiredToCorsPreflight");
	if (!truthy(get(a->auth, "ApiKeyRequired")))
		return;
	edit_security_scheme(s, d, SG_LIT("api_key"),
			     make(s, a->auth->node, "{'type':'apiKey','name':'x-api-key','in':'header'}"), true);
	for (size_t i = 0; i < d->paths->n; i++)
		edit_default_api_key(s, d, d->paths->entries[i].key, !preflight || truthy(preflight));
}

static void add_resource_policy(struct sam *s, struct api *a, struct editor *d)
{
	struct val *policy = get(a->auth, "ResourcePolicy");
	if (!truthy(policy))
		return;
	want_map(s, a->macro->id, policy, "ResourcePolicy");
	for (size_t i = 0; i < d->paths->n; i++)
		edit_resource_policy(s, d, policy, d->paths->entries[i].key, get(a->props, "StageName"));
	if (truthy(get(policy, "CustomStatements")))
		edit_policy_statements(s, d, get(policy, "CustomStatements"));
}

void api_auth(struct sam *s, struct api *a)
{
	static const char *const known[] = {"Authorizers",
					    "DefaultAuthorizer",
					    "InvokeRole",
					    "AddDefaultAuthorizerToCorsPreflight",
					    "AddApiKeyRequiredToCorsPreflight",
					    "ApiKeyRequired",
					    "ResourcePolicy",
					    "UsagePlan",
					    NULL};
	if (!truthy(a->auth))
		return;
	want_map(s, a->macro->id, a->auth, "Auth");
	if (!truthy(a->body))
		sam_fail(s, a->macro->id, a->auth, "Auth works with an inline 'DefinitionBody' alone");
	for (size_t i = 0; i < a->auth->n; i++)
		if (!is_one_of(val_str(s, a->auth->node, a->auth->entries[i].key), known))
			sam_fail(s, a->macro->id, a->auth, "Auth has no property '%.*s'",
				 SG_FMT(a->auth->entries[i].key));
	if (!definition_valid(a->body, true))
		sam_fail(s, a->macro->id, a->body,
			 "Auth cannot be added: 'DefinitionBody' is no valid Swagger definition");
	struct editor d = edit(s, a->macro->id, a->body, true);
	edit_check_paths(s, &d);
	add_authorizers(s, a, &d);
	add_api_key(s, a, &d);
	add_resource_policy(s, a, &d);
	api_postprocess(s, a);
}

void authorizer_permission(struct sam *s, struct macro *m, const char *id, const char *partition, struct val *function,
			   const struct sg_node *from)
{
	struct res *p = res_new(s, m, id, "AWS::Lambda::Permission", from);
	res_set(s, p, "Action", val_text(s, from, "lambda:InvokeFunction"));
	res_set(s, p, "FunctionName", function);
	res_set(s, p, "Principal", val_text(s, from, "apigateway.amazonaws.com"));
	res_set(s, p, "SourceArn",
		make(s, from,
		     "{'Fn::Sub':['arn:%s:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*',"
		     "{'__ApiId__':{'Ref':'%s'}}]}",
		     partition, m->id));
	made(s, m, p);
}

void api_authorizer_permissions(struct sam *s, struct api *a)
{
	struct val *all = truthy(a->auth) ? authorizers_of(s, a) : NULL;
	for (size_t i = 0; all && i < all->n; i++) {
		struct val *authorizer = all->entries[i].value, *function = get(authorizer, "FunctionArn");
		if (!truthy(function) || truthy(get(authorizer, "DisableFunctionDefaultPermissions")))
			continue;
		authorizer_permission(s, a->macro,
				      fmt(s, "%s%.*sAuthorizerPermission", a->macro->id, SG_FMT(all->entries[i].key)),
				      s->partition, function, authorizer->node);
	}
}

/* ------------------------------------------------------------------------------------------------ gateway responses */

static struct val *prefixed(struct sam *s, const char *api, struct val *parameters)
{
	static const char *const rows[][2] = {
		{"Headers", "header"}, {"Paths", "path"}, {"QueryStrings", "querystring"}};
	struct val *out = val_map(s, s->at);
	for (size_t i = 0; is_map(parameters) && i < parameters->n; i++) {
		size_t k = 0;
		while (k < 3 && !sg_str_is(parameters->entries[i].key, rows[k][0]))
			k++;
		if (k == 3)
			sam_fail(s, api, parameters, "a gateway response has no parameter '%.*s'",
				 SG_FMT(parameters->entries[i].key));
		struct val *list = want_map(s, api, parameters->entries[i].value, rows[k][0]);
		for (size_t j = 0; j < list->n; j++)
			set(s, out, fmt(s, "gatewayresponse.%s.%.*s", rows[k][1], SG_FMT(list->entries[j].key)),
			    list->entries[j].value);
	}
	return out;
}

static struct val *response(struct sam *s, const char *api, struct val *v)
{
	struct val *parameters = get(v, "ResponseParameters"), *templates = get(v, "ResponseTemplates");
	struct val *status = get(v, "StatusCode");
	if (truthy(parameters))
		want_map(s, api, parameters, "ResponseParameters");
	struct sg_str digits = !truthy(status) || is_map(status) || is_list(status) ? SG_LIT("x") : status->text;
	int64_t code;
	if (truthy(status) && (!sg_parse_i64(digits, &code) || code < 0 || digits.n > 3))
		sam_fail(s, api, status, "'StatusCode' must be numeric");
	return make(s, v->node, "{'responseParameters':%v,'responseTemplates':%v,'statusCode':%v}",
		    prefixed(s, api, parameters), truthy(templates) ? templates : val_map(s, v->node),
		    truthy(status) ? val_str(s, status->node, digits) : NULL);
}

void api_gateway_responses(struct sam *s, struct api *a)
{
	static const char *const known[] = {"ResponseParameters", "ResponseTemplates", "StatusCode", NULL};
	struct val *all = get(a->props, "GatewayResponses");
	if (!truthy(all))
		return;
	if (!truthy(a->body))
		sam_fail(s, a->macro->id, all, "GatewayResponses work with an inline 'DefinitionBody' alone");
	for (size_t i = 0; i < all->n; i++) {
		struct val *v = all->entries[i].value;
		if (is_intrinsic(v) || !is_map(v))
			sam_fail(s, a->macro->id, v, "a gateway response must be a map, and no intrinsic function");
		for (size_t k = 0; k < v->n; k++)
			if (!is_one_of(val_str(s, v->node, v->entries[k].key), known))
				sam_fail(s, a->macro->id, v, "a gateway response has no property '%.*s'",
					 SG_FMT(v->entries[k].key));
	}
	struct editor d = edit(s, a->macro->id, a->body, true);
	struct val *out = get(d.doc, "x-amazon-apigateway-gateway-responses");
	if (!truthy(out))
		set(s, d.doc, "x-amazon-apigateway-gateway-responses", out = val_map(s, all->node));
	for (size_t i = 0; i < all->n; i++)
		set_key(s, out, all->entries[i].key, NULL, response(s, a->macro->id, all->entries[i].value));
}

/* ------------------------------------------------------------------------------------------------ OpenAPI 3 */

static void move_into_components(struct sam *s, struct val *body, const char *from, const char *to)
{
	struct val *v = get(body, from), *components = get(body, "components");
	if (!truthy(v))
		return;
	if (!truthy(components))
		set(s, body, "components", components = val_map(s, v->node));
	set(s, components, to, v);
	del(body, sg_str(from));
}

/* What Swagger says of an OPTIONS method, as OpenAPI 3 says it. */
static void postprocess_options(struct sam *s, struct api *a, struct sg_str path, struct val *options)
{
	want_map(s, a->macro->id, options, "options");
	del(options, SG_LIT("produces"));
	del(options, SG_LIT("consumes"));
	struct val *responses = get(options, "responses");
	if (responses && !is_map(responses))
		sam_fail(s, a->macro->id, responses, "the responses of options for path %.*s should be a map",
			 SG_FMT(path));
	struct val *ok = get(responses, "200"),
		   *headers = ok ? get(want_map(s, a->macro->id, ok, "200"), "headers") : NULL;
	if (!truthy(headers))
		return;
	want_map(s, a->macro->id, headers, "headers");
	for (size_t i = 0; i < headers->n; i++)
		headers->entries[i].value =
			make(s, headers->entries[i].value->node, "{'schema':%v}", headers->entries[i].value);
}

void api_postprocess(struct sam *s, struct api *a)
{
	struct val *own = get(a->props, "OpenApiVersion"), *openapi = get(a->body, "openapi");
	if (get(a->body, "swagger"))
		return;
	struct val *version = openapi && !own ? openapi : own;
	if (!truthy(version) || !is_openapi3(version))
		return;
	move_into_components(s, a->body, "securityDefinitions", "securitySchemes");
	move_into_components(s, a->body, "definitions", "schemas");
	struct val *paths = get(a->body, "paths");
	if (!truthy(paths))
		return;
	want_map(s, a->macro->id, paths, "paths");
	for (size_t i = 0; i < paths->n; i++) {
		struct sg_str path = paths->entries[i].key;
		if (!is_map(paths->entries[i].value))
			sam_fail(s, a->macro->id, paths, "the value of path '%.*s' must be a map", SG_FMT(path));
		struct val *options = get(paths->entries[i].value, "options");
		if (truthy(options))
			postprocess_options(s, a, path, options);
	}
}
