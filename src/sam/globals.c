/*
 * Globals merged into the properties of each resource: mappings member by member, lists one behind the other (the global
 * one first), anything else the resource's own.  An intrinsic counts as a whole.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
#include "sam/sam_priv.h"

struct section {
	const char *name;
	const char *const *supported;
};

static const char *const function_names[] = {"Handler",
					     "Runtime",
					     "CodeUri",
					     "DeadLetterQueue",
					     "Description",
					     "MemorySize",
					     "Timeout",
					     "VpcConfig",
					     "Environment",
					     "Tags",
					     "PropagateTags",
					     "Tracing",
					     "KmsKeyArn",
					     "AutoPublishAlias",
					     "AutoPublishAliasAllProperties",
					     "Layers",
					     "DeploymentPreference",
					     "RolePath",
					     "PermissionsBoundary",
					     "ReservedConcurrentExecutions",
					     "ProvisionedConcurrencyConfig",
					     "AssumeRolePolicyDocument",
					     "EventInvokeConfig",
					     "FileSystemConfigs",
					     "CodeSigningConfigArn",
					     "Architectures",
					     "SnapStart",
					     "EphemeralStorage",
					     "FunctionUrlConfig",
					     "RuntimeManagementConfig",
					     "LoggingConfig",
					     "RecursiveLoop",
					     "SourceKMSKeyArn",
					     "TenancyConfig",
					     "DurableConfig",
					     "CapacityProviderConfig",
					     "FunctionScalingConfig",
					     "PublishToLatestPublished",
					     "VersionDeletionPolicy",
					     NULL};
static const char *const api_names[] = {"Auth",
					"Name",
					"DefinitionUri",
					"CacheClusterEnabled",
					"CacheClusterSize",
					"MergeDefinitions",
					"Variables",
					"EndpointConfiguration",
					"MethodSettings",
					"BinaryMediaTypes",
					"MinimumCompressionSize",
					"Cors",
					"GatewayResponses",
					"AccessLogSetting",
					"CanarySetting",
					"TracingEnabled",
					"OpenApiVersion",
					"Domain",
					"AlwaysDeploy",
					"PropagateTags",
					"SecurityPolicy",
					"EndpointAccessMode",
					NULL};
static const char *const http_api_names[] = {"Auth",
					     "AccessLogSettings",
					     "StageVariables",
					     "Tags",
					     "CorsConfiguration",
					     "DefaultRouteSettings",
					     "Domain",
					     "RouteSettings",
					     "FailOnWarnings",
					     "PropagateTags",
					     NULL};
static const char *const websocket_names[] = {"AccessLogSettings",
					      "ApiKeySelectionExpression",
					      "DefaultRouteSettings",
					      "DisableExecuteApiEndpoint",
					      "DisableSchemaValidation",
					      "Domain",
					      "FailOnWarnings",
					      "IpAddressType",
					      "PropagateTags",
					      "RouteSelectionExpression",
					      "RouteSettings",
					      "StageVariables",
					      "Tags",
					      NULL};
static const char *const table_names[] = {"SSESpecification", NULL};
static const char *const machine_names[] = {"PropagateTags", NULL};
static const char *const layer_names[] = {"PublishLambdaVersion", NULL};
static const char *const capacity_names[] = {
	"VpcConfig", "OperatorRole",  "Tags",          "InstanceRequirements", "ScalingConfig",
	"KmsKeyArn", "PropagateTags", "LoggingConfig", "ManagedResourceTags",  NULL};
static const char *const microvm_names[] = {"BuildRoleArn",
					    "BaseImageArn",
					    "BaseImageVersion",
					    "Logging",
					    "EgressNetworkConnectors",
					    "CpuConfigurations",
					    "Resources",
					    "AdditionalOsCapabilities",
					    "Hooks",
					    "EnvironmentVariables",
					    "Tags",
					    "PropagateTags",
					    NULL};
static const char *const network_names[] = {"OperatorRole", "Tags", "PropagateTags", NULL};

static const struct section sections[] = {
	{"Function", function_names},    {"Api", api_names},
	{"HttpApi", http_api_names},     {"WebSocketApi", websocket_names},
	{"SimpleTable", table_names},    {"StateMachine", machine_names},
	{"LayerVersion", layer_names},   {"CapacityProvider", capacity_names},
	{"MicrovmImage", microvm_names}, {"NetworkConnector", network_names},
};

/* What is not merged in the general way. */
enum rule { MERGE, REPLACE, PRUNE };

static const struct {
	const char *section, *path;
	enum rule rule;
} rules[] = {
	{"Function", "Architectures", REPLACE},
	{"CapacityProvider", "InstanceRequirements.Architectures", REPLACE},
	{"CapacityProvider", "ManagedResourceTags", PRUNE},
};

static enum rule rule_of(struct sg_str section, const char *path)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (sg_str_is(section, rules[i].section) && sg_str_is(sg_str(path), rules[i].path))
			return rules[i].rule;
	return MERGE;
}

static bool whole(const struct val *v)
{
	return is_intrinsic(v) || (!is_map(v) && !is_list(v));
}

static struct val *merge(struct sam *s, struct sg_str section, struct val *global, struct val *own, const char *path)
{
	if (whole(global) || whole(own) || global->type != own->type)
		return own;
	enum rule rule = rule_of(section, path);
	if (rule == REPLACE)
		return own;
	if (is_list(own)) {
		struct val *list = val_list(s, own->node);
		append(s, list, global);
		append(s, list, own);
		return list;
	}
	struct val *all = rule == PRUNE && own->n ? val_map(s, own->node) : val_shallow(s, global);
	all->node = own->node;
	for (size_t i = 0; i < own->n; i++) {
		struct entry *e = &own->entries[i];
		struct val *g = raw(global, sg_cstr(s->arena, e->key));
		const char *below = fmt(s, "%s%s%.*s", path, *path ? "." : "", SG_FMT(e->key));
		set_key(s, all, e->key, e->key_node, g ? merge(s, section, g, e->value, below) : e->value);
	}
	return all;
}

/* ------------------------------------------------------------------------------------------------ the section */

static const struct section *section_of(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (sg_str_is(name, sections[i].name))
			return &sections[i];
	return NULL;
}

static bool supported(const struct section *section, struct sg_str name)
{
	for (const char *const *p = section->supported; *p; p++)
		if (sg_str_is(name, *p))
			return true;
	return false;
}

static void check_section(struct sam *s, const struct entry *e)
{
	const struct section *section = section_of(e->key);
	if (!section)
		sam_fail(s, "", e->value, "Globals: '%.*s' is not supported", SG_FMT(e->key));
	if (!is_map(e->value))
		sam_fail(s, "", e->value, "Globals: '%.*s' should be a map", SG_FMT(e->key));
	for (size_t i = 0; i < e->value->n; i++)
		if (!supported(section, e->value->entries[i].key))
			sam_fail(s, "", e->value->entries[i].value,
				 "Globals: '%.*s' is not a supported property of '%.*s'",
				 SG_FMT(e->value->entries[i].key), SG_FMT(e->key));
}

/* What of the section holds for a resource that ignores some of it. */
static struct val *not_ignored(struct sam *s, struct val *global, struct val *ignore, struct sg_str id)
{
	if (!truthy(ignore))
		return global;
	if (is(ignore, "*"))
		return val_map(s, ignore->node);
	const char *name = sg_cstr(s->arena, id);
	if (!is_list(ignore))
		sam_fail(s, name, ignore, "IgnoreGlobals must be '*' or a list of property names");
	struct val *rest = val_map(s, global->node);
	for (size_t i = 0; i < ignore->n; i++)
		if (!is_str(ignore->items[i]) || !has_str(global, ignore->items[i]->text))
			sam_fail(s, name, ignore->items[i], "IgnoreGlobals names what Globals do not have");
	for (size_t i = 0; i < global->n; i++) {
		struct entry *e = &global->entries[i];
		if (!contains(ignore, val_str(s, ignore->node, e->key)))
			set_key(s, rest, e->key, e->key_node, e->value);
	}
	return rest;
}

static void merge_resource(struct sam *s, struct val *globals, struct entry *e)
{
	const struct val *type = get(e->value, "Type");
	struct sg_str section = sg_str_sub(type->text, sizeof("AWS::Serverless::") - 1, SIZE_MAX);
	struct val *global = get_str(globals, section), *own = get(e->value, "Properties");
	if (!global)
		return;
	global = not_ignored(s, global, get(e->value, "IgnoreGlobals"), e->key);
	if (!own)
		own = val_map(s, e->key_node ? e->key_node : e->value->node);
	set(s, e->value, "Properties", merge(s, section, global, own, ""));
}

static void merge_all(struct sam *s, void *arg)
{
	(void)arg;
	struct val *globals = raw(s->root, "Globals");
	if (globals && !is_map(globals))
		sam_fail(s, "", globals, "Globals should be a map");
	for (size_t i = 0; globals && i < globals->n; i++)
		check_section(s, &globals->entries[i]);
	for (size_t i = 0; globals && i < s->resources->n; i++) {
		struct entry *e = &s->resources->entries[i];
		const struct sam_kind *kind = sam_kind_of(e->value);
		if (kind && kind->expand != sam_connector && kind->expand != sam_graphql)
			merge_resource(s, globals, e);
	}
	del(s->root, SG_LIT("Globals"));
	globals_openapi(s);
}

/* An API whose body SAM makes is of the version that is asked for. */
void globals_openapi(struct sam *s)
{
	for (size_t i = 0; i < s->resources->n; i++) {
		struct val *resource = s->resources->entries[i].value, *props = get(resource, "Properties");
		struct val *version = get(props, "OpenApiVersion"), *body = get(props, "DefinitionBody");
		if (!is(get(resource, "Type"), "AWS::Serverless::Api") || !has(props, "__MANAGE_SWAGGER") ||
		    !is_openapi3(version))
			continue;
		if (!is_str(version))
			set(s, props, "OpenApiVersion", version = val_str(s, version->node, version->text));
		if (is_map(body)) {
			set(s, body, "openapi", version);
			if (truthy(get(body, "swagger")))
				del(body, SG_LIT("swagger"));
		}
	}
}

bool globals_merge(struct sam *s)
{
	return sam_try(s, merge_all, NULL);
}
