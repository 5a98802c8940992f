/*
 * AWS::Serverless::HttpApi: an HTTP API with its definition and its stage.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
 */
#include "sam/sam_priv.h"

#define CREATED_BY "httpapi:createdBy"

static void inline_only(struct sam *s, struct api *a, const char *property)
{
	if (!truthy(a->body))
		sam_fail(s, a->macro->id, get(a->props, property), "%s works with an inline 'DefinitionBody' alone",
			 property);
}

static void valid_only(struct sam *s, struct api *a, const char *property)
{
	inline_only(s, a, property);
	if (!definition_valid(a->body, false))
		sam_fail(s, a->macro->id, a->body,
			 "%s cannot be added: 'DefinitionBody' is no valid OpenAPI definition", property);
}

/* ------------------------------------------------------------------------------------------------ CORS */

static const char *const cors_names[][2] = {{"AllowOrigins", "allowOrigins"},
					    {"AllowHeaders", "allowHeaders"},
					    {"AllowMethods", "allowMethods"},
					    {"ExposeHeaders", "exposeHeaders"},
					    {"MaxAge", "maxAge"},
					    {"AllowCredentials", "allowCredentials"}};

/* An intrinsic, with the names of OpenAPI in place of SAM's. */
static struct val *renamed_cors(struct sam *s, struct val *v)
{
	if (is_list(v)) {
		struct val *list = val_list(s, v->node);
		for (size_t i = 0; i < v->n; i++)
			push(s, list, renamed_cors(s, v->items[i]));
		return list;
	}
	if (!is_map(v))
		return v;
	struct val *map = val_map(s, v->node);
	for (size_t i = 0; i < v->n; i++) {
		struct sg_str key = v->entries[i].key;
		for (size_t k = 0; k < 6; k++)
			if (sg_str_is(key, cors_names[k][0]))
				key = sg_str(cors_names[k][1]);
		set_key(s, map, key, NULL, renamed_cors(s, v->entries[i].value));
	}
	return map;
}

static void cors(struct sam *s, struct api *a)
{
	struct val *own = get(a->props, "CorsConfiguration");
	if (!truthy(own))
		return;
	valid_only(s, a, "CorsConfiguration");
	struct val *out = raw(a->body, "x-amazon-apigateway-cors");
	if (!out)
		out = val_map(s, own->node);
	want_map(s, a->macro->id, out, "x-amazon-apigateway-cors");
	set(s, a->body, "x-amazon-apigateway-cors", out);
	if (is_intrinsic(own)) {
		struct val *all = renamed_cors(s, own);
		set_key(s, out, all->entries[0].key, NULL, all->entries[0].value);
		return;
	}
	if (is_bool(own)) {
		set(s, out, "allowOrigins", make(s, own->node, "['*']"));
		return;
	}
	want_map(s, a->macro->id, own, "CorsConfiguration");
	for (size_t i = 0; i < own->n; i++) {
		size_t k = 0;
		while (k < 6 && !sg_str_is(own->entries[i].key, cors_names[k][0]))
			k++;
		if (k == 6)
			sam_fail(s, a->macro->id, own, "CorsConfiguration has no property '%.*s'",
				 SG_FMT(own->entries[i].key));
		struct val *v = own->entries[i].value;
		if (k == 4 ? v->type != SG_T_NULL : k == 5 ? is_true(v) : truthy(v))
			set(s, out, cors_names[k][1], v);
	}
	struct val *origins = get(own, "AllowOrigins");
	if (is_true(get(own, "AllowCredentials")) && is_list(origins) && origins->n == 1 && is(origins->items[0], "*"))
		sam_fail(s, a->macro->id, own, "AllowCredentials cannot be true where AllowOrigins is '*'");
}

/* ------------------------------------------------------------------------------------------------ authorizers */

static const char *const jwt_only[] = {"AuthorizationScopes", "JwtConfiguration", "IdentitySource"};
static const char *const lambda_only[] = {"FunctionArn",
					  "FunctionInvokeRole",
					  "Identity",
					  "AuthorizerPayloadFormatVersion",
					  "EnableSimpleResponses",
					  "EnableFunctionDefaultPermissions"};

static void none_of(struct sam *s, const char *api, struct val *authorizer, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (get(authorizer, names[i]))
			sam_fail(s, api, authorizer, "%s does not go with this kind of authorizer", names[i]);
}

void authorizer_http_check(struct sam *s, const char *api, struct sg_str name, struct val *authorizer)
{
	struct val *jwt = get(authorizer, "JwtConfiguration"), *scopes = get(authorizer, "AuthorizationScopes");
	struct val *flag = get(authorizer, "EnableFunctionDefaultPermissions");
	if (has(authorizer, "OpenIdConnectUrl"))
		sam_fail(s, api, authorizer, "OpenIdConnectUrl is no property of the authorizer %.*s any more",
			 SG_FMT(name));
	if (truthy(jwt))
		want_map(s, api, jwt, "JwtConfiguration");
	if (scopes && !is_list(scopes))
		sam_fail(s, api, scopes, "AuthorizationScopes must be a list");
	if (truthy(jwt)) {
		none_of(s, api, authorizer, lambda_only, sizeof(lambda_only) / sizeof(*lambda_only));
		if (!truthy(get(authorizer, "IdentitySource")))
			sam_fail(s, api, authorizer, "the authorizer %.*s needs IdentitySource", SG_FMT(name));
	} else {
		struct val *without = val_shallow(s, authorizer);
		del(without, SG_LIT("JwtConfiguration")); /* an empty one counts as none */
		none_of(s, api, without, jwt_only, sizeof(jwt_only) / sizeof(*jwt_only));
		if (!truthy(get(authorizer, "FunctionArn")) ||
		    !truthy(get(authorizer, "AuthorizerPayloadFormatVersion")))
			sam_fail(s, api, authorizer,
				 "the authorizer %.*s needs FunctionArn and AuthorizerPayloadFormatVersion",
				 SG_FMT(name));
	}
	if (flag && !is_bool(flag))
		sam_fail(s, api, flag, "'EnableFunctionDefaultPermissions' should be true or false");
}

static struct val *http_identity(struct sam *s, const char *api, struct val *identity)
{
	static const char *const rows[][2] = {{"Headers", "$request.header."},
					      {"QueryStrings", "$request.querystring."},
					      {"StageVariables", "$stageVariables."},
					      {"Context", "$context."}};
	struct val *list = val_list(s, identity->node);
	for (size_t i = 0; i < 4; i++) {
		struct val *own = get(identity, rows[i][0]);
		for (size_t k = 0; truthy(own) && k < want_list(s, api, own, rows[i][0])->n; k++)
			push(s, list,
			     val_text(
				     s, own->node,
				     fmt(s, "%s%s", rows[i][1], cstr(s, want_str(s, api, own->items[k], rows[i][0])))));
	}
	return list;
}

static struct val *jwt_scheme(struct sam *s, struct val *authorizer, struct val *jwt)
{
	struct val *low = val_map(s, jwt->node);
	for (size_t i = 0; i < jwt->n; i++)
		set_key(s, low, method_name(s, jwt->entries[i].key), NULL, jwt->entries[i].value);
	return make(s, authorizer->node,
		    "{'type':'oauth2','x-amazon-apigateway-authorizer':{'jwtConfiguration':%v,'identitySource':%v,"
		    "'type':'jwt'}}",
		    low, get(authorizer, "IdentitySource"));
}

struct val *authorizer_http(struct sam *s, const char *api, struct sg_str name, struct val *authorizer)
{
	(void)name;
	struct val *jwt = get(authorizer, "JwtConfiguration"), *identity = get(authorizer, "Identity");
	struct val *role = get(authorizer, "FunctionInvokeRole"), *simple = get(authorizer, "EnableSimpleResponses");
	if (truthy(jwt))
		return jwt_scheme(s, authorizer, jwt);
	if (truthy(identity))
		want_map(s, api, identity, "Identity");
	return make(s, authorizer->node,
		    "{'type':'apiKey','name':'Unused','in':'header','x-amazon-apigateway-authorizer':{'type':'request',"
		    "'authorizerUri':{'Fn::Sub':['arn:%s:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
		    "${__FunctionArn__}/invocations',{'__FunctionArn__':%v}]},'authorizerCredentials':%v,"
		    "'authorizerResultTtlInSeconds':%v,'identitySource':%v,'authorizerPayloadFormatVersion':%v,"
		    "'enableSimpleResponses':%v}}",
		    s->partition, get(authorizer, "FunctionArn"), truthy(role) && !is(role, "NONE") ? role : NULL,
		    get(identity, "ReauthorizeEvery"), truthy(identity) ? http_identity(s, api, identity) : NULL,
		    get(authorizer, "AuthorizerPayloadFormatVersion"), truthy(simple) ? simple : NULL);
}

static struct val *authorizers_of(struct sam *s, struct api *a)
{
	struct val *all = get(a->auth, "Authorizers");
	if (!truthy(all))
		return NULL;
	want_map(s, a->macro->id, all, "Auth.Authorizers");
	for (size_t i = 0; i < all->n; i++) {
		want_map(s, a->macro->id, all->entries[i].value, "Auth.Authorizers");
		authorizer_http_check(s, a->macro->id, all->entries[i].key, all->entries[i].value);
	}
	return all;
}

static void auth(struct sam *s, struct api *a)
{
	static const char *const known[] = {"Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer", NULL};
	if (!truthy(a->auth))
		return;
	want_map(s, a->macro->id, a->auth, "Auth");
	inline_only(s, a, "Auth");
	for (size_t i = 0; i < a->auth->n; i++)
		if (!is_one_of(val_str(s, a->auth->node, a->auth->entries[i].key), known))
			sam_fail(s, a->macro->id, a->auth, "Auth has no property '%.*s'",
				 SG_FMT(a->auth->entries[i].key));
	valid_only(s, a, "Auth");
	struct editor d = edit(s, a->macro->id, a->body, false);
	struct val *all = authorizers_of(s, a), *name = get(a->auth, "DefaultAuthorizer");
	bool iam = is_true(get(a->auth, "EnableIamAuthorizer"));
	if (iam)
		edit_security_scheme(s, &d, SG_LIT("AWS_IAM"),
				     make(s, a->auth->node,
					  "{'type':'apiKey','name':'Authorization','in':'header',"
					  "'x-amazon-apigateway-authtype':'awsSigv4'}"),
				     false);
	for (size_t i = 0; all && i < all->n; i++)
		edit_security_scheme(s, &d, all->entries[i].key,
				     authorizer_http(s, a->macro->id, all->entries[i].key, all->entries[i].value),
				     false);
	if (!truthy(name) || is_no_value(name))
		return;
	want_str(s, a->macro->id, name, "Auth.DefaultAuthorizer");
	if (!get_str(all, name->text) && !(iam && is(name, "AWS_IAM")))
		sam_fail(s, a->macro->id, name, "DefaultAuthorizer is not one of Authorizers");
	for (size_t i = 0; i < d.paths->n; i++)
		edit_default_auth(s, &d, d.paths->entries[i].key, name, all, true);
}

static void permissions(struct sam *s, struct api *a)
{
	struct val *all = truthy(a->auth) ? authorizers_of(s, a) : NULL;
	for (size_t i = 0; all && i < all->n; i++) {
		struct val *authorizer = all->entries[i].value, *function = get(authorizer, "FunctionArn");
		if (truthy(function) && truthy(get(authorizer, "EnableFunctionDefaultPermissions")))
			authorizer_permission(
				s, a->macro,
				fmt(s, "%s%.*sAuthorizerPermission", a->macro->id, SG_FMT(all->entries[i].key)),
				"${AWS::Partition}", function, authorizer->node);
	}
}

/* ------------------------------------------------------------------------------------------------ the definition */

static struct val *tags(struct sam *s, struct api *a)
{
	struct val *own = get(a->props, "Tags");
	if (truthy(own))
		valid_only(s, a, "Tags");
	if (!definition_valid(a->body, false))
		return own;
	struct val *all = truthy(own) ? own : val_map(s, a->macro->key), *list = get(a->body, "tags");
	set(s, all, CREATED_BY, val_text(s, a->macro->key, "SAM"));
	if (!truthy(list))
		set(s, a->body, "tags", list = val_list(s, a->macro->key));
	if (!is_list(list))
		sam_fail(s, a->macro->id, list, "the tags of DefinitionBody must be a list");
	for (size_t i = 0; i < all->n; i++) {
		struct val *name = val_str(s, a->macro->key, all->entries[i].key), *there = NULL;
		for (size_t k = 0; k < list->n && !there; k++)
			there = equal(get(list->items[k], "name"), name) ? list->items[k] : NULL;
		if (!there)
			push(s, list, there = make(s, a->macro->key, "{'name':%v}", name));
		set(s, there, "x-amazon-apigateway-tag-value", all->entries[i].value);
	}
	return all;
}

static void endpoint_flag(struct sam *s, struct api *a)
{
	struct val *flag = get(a->props, "DisableExecuteApiEndpoint");
	if (!flag)
		return;
	inline_only(s, a, "DisableExecuteApiEndpoint");
	struct editor d = edit(s, a->macro->id, a->body, false);
	struct val *servers = get(d.doc, "servers");
	if (!servers)
		set(s, d.doc, "servers", servers = make(s, flag->node, "[{}]"));
	for (size_t i = 0; is_list(servers) && i < servers->n; i++) {
		want_map(s, a->macro->id, servers->items[i], "servers");
		struct val *config = get(servers->items[i], "x-amazon-apigateway-endpoint-configuration");
		if (!config)
			set(s, servers->items[i], "x-amazon-apigateway-endpoint-configuration",
			    config = val_map(s, flag->node));
		set(s, want_map(s, a->macro->id, config, "endpoint configuration"), "disableExecuteApiEndpoint", flag);
	}
}

/* Name and Description go into the definition, unless it says them already. */
static void info(struct sam *s, struct api *a, const char *property, const char *key)
{
	struct val *own = get(a->props, property), *all;
	if (!truthy(own))
		return;
	inline_only(s, a, property);
	if (!(all = get(a->body, "info")))
		all = val_map(s, own->node);
	want_map(s, a->macro->id, all, "info");
	struct val *there = get(all, key);
	bool title = sg_str_is(sg_str(key), "title");
	bool taken = title ? !(is_fn(there, "Ref") && is(get(there, "Ref"), "AWS::StackName")) : truthy(there);
	if (taken)
		sam_fail(s, a->macro->id, own, "%s is said within 'DefinitionBody' already", property);
	edit(s, a->macro->id, a->body, false);
	set(s, all, key, own);
	set(s, a->body, "info", all);
}

static void default_path(struct sam *s, struct api *a)
{
	struct val *paths = get(a->body, "paths"), *own = get(paths, "$default");
	if (!truthy(get(a->props, "FailOnWarnings")) || !has(paths, "$default"))
		return;
	del(paths, SG_LIT("$default"));
	set(s, paths, "/$default", own);
}

static struct val *http_api(struct sam *s, struct api *a)
{
	struct val *uri = get(a->props, "DefinitionUri");
	a->api = res_main(s, a->macro, "AWS::ApiGatewayV2::Api");
	if (truthy(uri) && truthy(a->body))
		sam_fail(s, a->macro->id, uri, "DefinitionUri and DefinitionBody exclude each other");
	cors(s, a);
	auth(s, a);
	struct val *all_tags = tags(s, a);
	if (truthy(get(a->props, "FailOnWarnings")))
		res_set(s, a->api, "FailOnWarnings", get(a->props, "FailOnWarnings"));
	endpoint_flag(s, a);
	info(s, a, "Name", "title");
	info(s, a, "Description", "description");
	default_path(s, a);
	if (truthy(uri))
		res_set(s, a->api, "BodyS3Location", s3_location(s, a->macro->id, uri, "DefinitionUri", body_names));
	else if (truthy(a->body))
		res_set(s, a->api, "Body", a->body);
	else
		sam_fail(s, a->macro->id, NULL, "it needs DefinitionUri or DefinitionBody");
	made(s, a->macro, a->api);
	return all_tags;
}

static void stage(struct sam *s, struct api *a, struct val *all_tags)
{
	static const char *const copied[] = {"StageVariables", "AccessLogSettings", "DefaultRouteSettings",
					     "RouteSettings"};
	struct val *name = get(a->props, "StageName");
	if (!truthy(name))
		name = val_text(s, a->macro->key, "$default");
	const char *id = is(name, "$default") ? fmt(s, "%sApiGatewayDefaultStage", a->macro->id)
					      : stage_id(s, a->macro->id, name);
	struct res *r = res_new(s, a->macro, id, "AWS::ApiGatewayV2::Stage", a->macro->key);
	res_set(s, r, "ApiId", ref_to(s, a->macro->key, a->macro->id));
	res_set(s, r, "StageName", name);
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(a->props, copied[i]));
	res_set(s, r, "Tags", all_tags);
	res_set(s, r, "AutoDeploy", val_bool(s, a->macro->key, true));
	made(s, a->macro, r);
}

void sam_http_api(struct sam *s, struct macro *m)
{
	struct api a = {.macro = m, .props = m->props};
	set(s, m->props, "CorsConfiguration", resolve(s, raw(m->props, "CorsConfiguration")));
	set(s, m->props, "Domain", resolve(s, raw(m->props, "Domain")));
	a.body = get(m->props, "DefinitionBody");
	a.auth = get(m->props, "Auth");
	a.domain = get(m->props, "Domain");
	struct val *all_tags = http_api(s, &a);
	http_domain(s, m, a.domain, CREATED_BY, s->record_sets);
	permissions(s, &a);
	stage(s, &a, all_tags);
	propagate_tags(s, m, get(m->props, "Tags"), val_bool(s, m->key, a.body != NULL));
}
