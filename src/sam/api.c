/*
 * AWS::Serverless::Api: the REST API with its definition, its deployment and its stage.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ checks */

/* 2 or 3, then .N, then perhaps another .N */
static bool known_version(const struct val *v)
{
	struct sg_str t = v->type == SG_T_MAP || v->type == SG_T_LIST ? SG_LIT("") : v->text;
	if (t.n < 3 || (t.p[0] != '2' && t.p[0] != '3'))
		return false;
	struct sg_str as3 = sg_str_sub(t, 1, SIZE_MAX);
	return (as3.n == 2 || as3.n == 4) && as3.p[0] == '.' && alnum(sg_str_sub(as3, 1, 1)) && as3.p[1] <= '9' &&
	       (as3.n == 2 || (as3.p[2] == '.' && as3.p[3] >= '0' && as3.p[3] <= '9'));
}

static void check(struct sam *s, struct api *a)
{
	struct val *uri = get(a->props, "DefinitionUri"), *version = get(a->props, "OpenApiVersion");
	if (truthy(uri) && truthy(a->body))
		sam_fail(s, a->macro->id, uri, "DefinitionUri and DefinitionBody exclude each other");
	if (truthy(uri) && truthy(get(a->props, "MergeDefinitions")))
		sam_fail(s, a->macro->id, uri, "MergeDefinitions does not work with DefinitionUri");
	if (truthy(version) && !known_version(version))
		sam_fail(s, a->macro->id, version, "OpenApiVersion must be of the form 3.0.0");
}

/* ------------------------------------------------------------------------------------------------ the definition */

static void cors(struct sam *s, struct api *a)
{
	static const char *const known[] = {"AllowMethods", "AllowHeaders",     "AllowOrigin",
					    "MaxAge",       "AllowCredentials", NULL};
	struct val *own = get(a->props, "Cors");
	if (!truthy(own))
		return;
	if (!truthy(a->body))
		sam_fail(s, a->macro->id, own, "Cors works with an inline 'DefinitionBody' alone");
	struct val *all = val_map(s, own->node);
	set(s, all, "AllowOrigin", is_map(own) && !is_intrinsic(own) ? val_text(s, own->node, "'*'") : own);
	for (size_t i = 0; is_map(own) && !is_intrinsic(own) && i < own->n; i++) {
		if (!is_one_of(val_str(s, own->node, own->entries[i].key), known))
			sam_fail(s, a->macro->id, own, "Cors has no property '%.*s'", SG_FMT(own->entries[i].key));
		set_key(s, all, own->entries[i].key, NULL, own->entries[i].value);
	}
	if (!definition_valid(a->body, true))
		sam_fail(s, a->macro->id, a->body,
			 "Cors cannot be added: 'DefinitionBody' is no valid Swagger definition");
	if (is_true(get(all, "AllowCredentials")) && is(get(all, "AllowOrigin"), "'*'"))
		sam_fail(s, a->macro->id, own,
			 "AllowCredentials cannot be true where AllowOrigin is \"'*'\" or not set");
	struct editor d = edit(s, a->macro->id, a->body, true);
	edit_check_paths(s, &d);
	struct val *seen = val_map(s, own->node);
	for (size_t i = 0; i < d.paths->n; i++) {
		struct sg_str path = d.paths->entries[i].key, plain = path;
		while (plain.n > 1 && sg_str_ends(plain, "/"))
			plain = sg_str_sub(plain, 0, plain.n - 1);
		if (has_str(seen, plain))
			continue;
		set_key(s, seen, plain, NULL, own);
		edit_cors(s, &d, path, all);
	}
}

/* ~1 stands for the slash that YAML keys of old could not have. */
static struct val *slashes(struct sam *s, struct val *v)
{
	if (is_str(v)) {
		struct sg_buf b = {0};
		for (size_t i = 0; i < v->text.n; i++) {
			bool escape = v->text.p[i] == '~' && i + 1 < v->text.n && v->text.p[i + 1] == '1';
			sg_buf_addc(&b, escape ? '/' : v->text.p[i]);
			i += escape;
		}
		return val_str(s, v->node, taken(s, &b));
	}
	if (!is_list(v))
		return v;
	struct val *list = val_list(s, v->node);
	for (size_t i = 0; i < v->n; i++)
		push(s, list, slashes(s, v->items[i]));
	return list;
}

static void media_types(struct sam *s, struct api *a, struct val *types)
{
	if (!truthy(types) || !truthy(a->body))
		return;
	struct editor d = edit(s, a->macro->id, a->body, true);
	edit_check_paths(s, &d);
	set(s, d.doc, "x-amazon-apigateway-binary-media-types", slashes(s, types));
}

static void models(struct sam *s, struct api *a)
{
	struct val *own = get(a->props, "Models");
	if (!truthy(own))
		return;
	if (!truthy(a->body))
		sam_fail(s, a->macro->id, own, "Models work with an inline 'DefinitionBody' alone");
	if (!definition_valid(a->body, true))
		sam_fail(s, a->macro->id, a->body,
			 "Models cannot be added: 'DefinitionBody' is no valid Swagger definition");
	struct val *definitions = get(a->body, "definitions");
	if (!truthy(definitions))
		set(s, a->body, "definitions", definitions = val_map(s, own->node));
	for (size_t i = 0; i < own->n; i++) {
		struct val *model = own->entries[i].value;
		want_map(s, a->macro->id, model, "Models");
		if (!truthy(get(model, "type")))
			sam_fail(s, a->macro->id, model, "a schema of Models needs a 'type'");
		set_key(s, definitions, method_name(s, own->entries[i].key), NULL, model);
	}
	api_postprocess(s, a);
}

static void endpoint_flag(struct sam *s, struct api *a)
{
	struct val *flag = get(a->props, "DisableExecuteApiEndpoint");
	if (!flag)
		return;
	if (!truthy(a->body))
		sam_fail(s, a->macro->id, flag, "DisableExecuteApiEndpoint works with 'DefinitionBody' alone");
	struct editor d = edit(s, a->macro->id, a->body, true);
	edit_check_paths(s, &d);
	struct val *places = val_list(s, flag->node), *servers = get(d.doc, "servers");
	if (is_openapi3(get(d.doc, "openapi"))) {
		if (!servers)
			set(s, d.doc, "servers", servers = make(s, flag->node, "[{}]"));
		append(s, places, servers);
	} else {
		push(s, places, d.doc);
	}
	for (size_t i = 0; i < places->n; i++) {
		want_map(s, a->macro->id, places->items[i], "servers");
		struct val *config = get(places->items[i], "x-amazon-apigateway-endpoint-configuration");
		if (!config)
			set(s, places->items[i], "x-amazon-apigateway-endpoint-configuration",
			    config = val_map(s, flag->node));
		set(s, want_map(s, a->macro->id, config, "x-amazon-apigateway-endpoint-configuration"),
		    "disableExecuteApiEndpoint", flag);
	}
}

/* ------------------------------------------------------------------------------------------------ the API */

static void endpoint(struct sam *s, struct api *a, struct val *v)
{
	struct val *type = get(v, "Type");
	struct val *one = truthy(type) ? type : v, *ids = get(v, "VPCEndpointIds"), *other = get(v, "VpcEndpointIds");
	struct val *config = make(s, v->node, "{'Types':[%v]}", one);
	if (truthy(type) && has(v, "VPCEndpointIds") && has(v, "VpcEndpointIds"))
		sam_fail(s, a->macro->id, v, "VPCEndpointIds and VpcEndpointIds exclude each other");
	if (truthy(type)) {
		set(s, config, "VpcEndpointIds", truthy(ids) ? ids : other);
		set(s, config, "IpAddressType", raw(v, "IpAddressType"));
	}
	res_set(s, a->api, "EndpointConfiguration", config);
	res_set(s, a->api, "Parameters", make(s, v->node, "{'endpointConfigurationTypes':%v}", one));
}

static bool edge_supported(const struct sam *s)
{
	static const char *const without[] = {"aws-us-gov", "aws-cn", "aws-eusc"};
	for (size_t i = 0; i < 3; i++)
		if (sg_str_is(sg_str(s->partition), without[i]))
			return false;
	return !sg_str_starts(sg_str(s->partition), "aws-iso");
}

static void rest_api(struct sam *s, struct api *a)
{
	static const char *const copied[] = {"FailOnWarnings",   "Name",   "Description",    "Mode",
					     "ApiKeySourceType", "Policy", "SecurityPolicy", "EndpointAccessMode"};
	struct val *config = get(a->props, "EndpointConfiguration"), *uri = get(a->props, "DefinitionUri");
	check(s, a);
	a->api = res_main(s, a->macro, "AWS::ApiGateway::RestApi");
	struct val *types = get(a->props, "BinaryMediaTypes");
	res_set(s, a->api, "BinaryMediaTypes", types);
	res_set(s, a->api, "MinimumCompressionSize", get(a->props, "MinimumCompressionSize"));
	if (truthy(config))
		endpoint(s, a, config);
	else if (!edge_supported(s))
		endpoint(s, a, val_text(s, a->macro->key, "REGIONAL"));
	cors(s, a);
	api_auth(s, a);
	api_gateway_responses(s, a);
	media_types(s, a, types);
	models(s, a);
	endpoint_flag(s, a);
	if (truthy(uri))
		res_set(s, a->api, "BodyS3Location", s3_location(s, a->macro->id, uri, "DefinitionUri", body_names));
	else if (truthy(a->body)) {
		api_postprocess(s, a);
		res_set(s, a->api, "Body", a->body);
	}
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		if (truthy(get(a->props, copied[i])))
			res_set(s, a->api, copied[i], get(a->props, copied[i]));
	made(s, a->macro, a->api);
}

/* ------------------------------------------------------------------------------------------------ the stage */

const char *stage_id(struct sam *s, const char *api, struct val *name)
{
	struct sg_str text = is_str(name) ? name->text : SG_LIT("");
	if (alnum(text))
		return fmt(s, "%s%.*sStage", api, SG_FMT(text));
	return hashed_text(s, fmt(s, "%sStage", api), text);
}

static struct res *deployment(struct sam *s, struct api *a)
{
	struct val *body = get(a->api->props, "Body"), *version = get(a->props, "OpenApiVersion");
	if (!body)
		body = get(a->api->props, "BodyS3Location");
	const char *id = fmt(s, "%sDeployment", a->macro->id);
	const char *hash = truthy(body) ? sha1_text(s, json_text(s, body, 0)) : "";
	struct res *d = res_new(s, a->macro, fmt(s, "%s%.10s", id, hash), "AWS::ApiGateway::Deployment", a->macro->key);
	res_set(s, d, "RestApiId", ref_to(s, a->macro->key, a->macro->id));
	if (!truthy(version))
		res_set(s, d, "StageName", val_text(s, a->macro->key, "Stage"));
	if (truthy(body))
		res_set(s, d, "Description", val_text(s, a->macro->key, fmt(s, "RestApi deployment id: %s", hash)));
	made(s, a->macro, d);
	return d;
}

static struct res *stage(struct sam *s, struct api *a)
{
	static const char *const copied[] = {"StageName",     "CacheClusterEnabled", "CacheClusterSize",
					     "Variables",     "MethodSettings",      "AccessLogSetting",
					     "CanarySetting", "TracingEnabled"};
	struct res *d = deployment(s, a);
	struct val *tags = get(a->props, "Tags");
	struct res *r = res_new(s, a->macro, stage_id(s, a->macro->id, get(a->props, "StageName")),
				"AWS::ApiGateway::Stage", a->macro->key);
	res_set(s, r, "RestApiId", ref_to(s, a->macro->key, a->macro->id));
	res_set(s, r, "DeploymentId", ref_to(s, a->macro->key, d->id));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(a->props, copied[i]));
	if (tags)
		res_set(s, r, "Tags", tag_list(s, tags->node, tags));
	made(s, a->macro, r);
	return r;
}

void sam_api(struct sam *s, struct macro *m)
{
	struct api a = {.macro = m, .props = m->props, .rest = true};
	static const char *const resolved[] = {"BinaryMediaTypes", "Domain", "Auth"};
	for (size_t i = 0; i < 3; i++)
		set(s, m->props, resolved[i], resolve(s, raw(m->props, resolved[i])));
	a.body = get(m->props, "DefinitionBody");
	a.auth = get(m->props, "Auth");
	a.domain = get(m->props, "Domain");
	rest_api(s, &a);
	if (is(get(a.domain, "EndpointConfiguration"), "PRIVATE"))
		api_domain_private(s, &a);
	else
		api_domain(s, &a);
	struct res *st = stage(s, &a);
	api_authorizer_permissions(s, &a);
	api_usage_plan(s, &a, st->id);
	propagate_tags(s, m, get(m->props, "Tags"), get(m->props, "PropagateTags"));
}
