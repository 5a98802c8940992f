/*
 * AWS::Serverless::Function: the Lambda function and what stands around it.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
 */
#include "sam/sam_priv.h"

/* Properties that go over as they are, under the second name where there is one. */
static const struct {
	const char *sam, *lambda;
} copied[] = {
	{"Architectures", NULL},
	{"CapacityProviderConfig", NULL},
	{"CodeSigningConfigArn", NULL},
	{"Description", NULL},
	{"DurableConfig", NULL},
	{"Environment", NULL},
	{"EphemeralStorage", NULL},
	{"FileSystemConfigs", NULL},
	{"FunctionName", NULL},
	{"FunctionScalingConfig", NULL},
	{"Handler", NULL},
	{"ImageConfig", NULL},
	{"KmsKeyArn", NULL},
	{"Layers", NULL},
	{"LoggingConfig", NULL},
	{"MemorySize", NULL},
	{"PackageType", NULL},
	{"RecursiveLoop", NULL},
	{"ReservedConcurrentExecutions", NULL},
	{"Role", NULL},
	{"Runtime", NULL},
	{"RuntimeManagementConfig", NULL},
	{"SnapStart", NULL},
	{"TenancyConfig", NULL},
	{"Timeout", NULL},
	{"VpcConfig", NULL},
};

/* Properties that the expansion reads, or that change nothing in what is deployed of the sandbox. */
static const char *const handled[] = {
	"AssumeRolePolicyDocument", "AutoPublishAlias",  "AutoPublishAliasAllProperties",
	"AutoPublishCodeSha256",    "CodeUri",           "DeadLetterQueue",
	"DeploymentPreference",     "EventInvokeConfig", "Events",
	"FunctionUrlConfig",        "ImageUri",          "InlineCode",
	"PermissionsBoundary",      "Policies",          "PropagateTags",
	"ProvisionedConcurrencyConfig", "PublishToLatestPublished", "RolePath",
	"SourceKMSKeyArn",          "Tags",              "Tracing",
	"VersionDeletionPolicy",    "VersionDescription",
};

static bool is_handled(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(handled) / sizeof(*handled); i++)
		if (sg_str_is(name, handled[i]))
			return true;
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		if (sg_str_is(name, copied[i].sam))
			return true;
	return false;
}

static void check_names(struct sam *s, const struct sam_function *f)
{
	for (size_t i = 0; i < f->props->n; i++) {
		const struct sg_node *key = f->props->members[i].key;
		if (!is_handled(key->text))
			sam_complain(s, key, SG_FAIL, f->id, "AWS::Serverless::Function has no property '%.*s'",
				     SG_FMT(key->text));
	}
}

/* Where the code comes from does not matter to the sandbox; that it is inline, or an image, does. */
static const struct sg_node *code(struct sam *s, const struct sam_function *f)
{
	const struct sg_node *inlined = sg_node_get(f->props, "InlineCode");
	const struct sg_node *image = sg_node_get(f->props, "ImageUri");
	const struct sg_node *uri = sg_node_get(f->props, "CodeUri");
	if (inlined)
		return sam_map(s, inlined, "ZipFile", inlined, NULL);
	if (image)
		return sam_map(s, image, "ImageUri", image, NULL);
	return uri ? sam_map(s, uri, "CodeUri", uri, NULL) : NULL;
}

static const struct sg_node *properties(struct sam *s, const struct sam_function *f, struct sg_str role_id)
{
	struct sg_mapper m = {.arena = s->arena};
	const struct sg_node *c = code(s, f);
	if (c)
		sg_mapper_put_str(&m, "Code", c);
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		const struct sg_node *v = sg_node_get(f->props, copied[i].sam);
		const struct sg_node *k = sg_node_key(f->props, copied[i].sam);
		if (v)
			sg_mapper_put(&m, copied[i].lambda ? sam_text(s, copied[i].lambda, k) : k, v);
	}
	if (!sg_node_get(f->props, "Role"))
		sg_mapper_put_str(&m, "Role",
				  sam_map(s, f->key, "Fn::GetAtt",
					  sam_list(s, f->key, sam_str(s, role_id, f->key),
						   sam_text(s, "Arn", f->key), NULL),
					  NULL));
	const struct sg_node *tracing = sg_node_get(f->props, "Tracing");
	if (tracing)
		sg_mapper_put_str(&m, "TracingConfig", sam_map(s, tracing, "Mode", tracing, NULL));
	const struct sg_node *queue = sg_node_get(f->props, "DeadLetterQueue");
	if (queue)
		sg_mapper_put_str(&m, "DeadLetterConfig",
				  sam_is_intrinsic(queue) ? queue
							  : sam_map(s, queue, "TargetArn",
								    sg_node_get(queue, "TargetArn"), NULL));
	return sg_mapper_done(&m, SG_WHY_SAM, f->props);
}

/* The function itself keeps its key, metadata and the rest of its resource attributes. */
static void lambda_function(struct sam *s, const struct sam_function *f, struct sg_str role_id)
{
	struct sg_mapper m = {.arena = s->arena};
	for (size_t i = 0; i < f->node->n; i++) {
		const struct sg_member *member = &f->node->members[i];
		if (sg_node_is(member->key, "Type"))
			sg_mapper_put(&m, member->key, sam_text(s, "AWS::Lambda::Function", member->value));
		else if (!sg_node_is(member->key, "Properties") && !sg_node_is(member->key, "IgnoreGlobals"))
			sg_mapper_put(&m, member->key, member->value);
	}
	const struct sg_node *key = sg_node_key(f->node, "Properties");
	sg_mapper_put(&m, key ? key : sam_text(s, "Properties", f->key), properties(s, f, role_id));
	sg_mapper_put(&s->out, f->key, sg_mapper_done(&m, SG_WHY_SAM, f->node));
}

static void url(struct sam *s, const struct sam_function *f)
{
	const struct sg_node *config = sg_node_get(f->props, "FunctionUrlConfig");
	if (!config)
		return;
	const struct sg_node *auth = sg_node_get(config, "AuthType");
	const struct sg_node *at = auth ? auth : config;
	const struct sg_node *props = sam_map(s, config, "TargetFunctionArn", sam_ref(s, f->id, config), "AuthType", auth,
					      "Cors", sg_node_get(config, "Cors"), NULL);
	sam_resource(s, f, sg_strf(s->arena, "%.*sUrl", SG_FMT(f->id)), "AWS::Lambda::Url",
		     sam_is_intrinsic(config) ? config : props, config);
	if (auth && sg_node_is(auth, "AWS_IAM"))
		return;
	const struct sg_node *public =
		sam_map(s, at, "Action", sam_text(s, "lambda:InvokeFunctionUrl", at), "FunctionName",
			sam_ref(s, f->id, at), "Principal", sam_text(s, "*", at), "FunctionUrlAuthType", auth, NULL);
	sam_resource(s, f, sg_strf(s->arena, "%.*sUrlPublicPermissions", SG_FMT(f->id)), "AWS::Lambda::Permission",
		     public, at);
}

static void invoke_config(struct sam *s, const struct sam_function *f)
{
	const struct sg_node *config = sg_node_get(f->props, "EventInvokeConfig");
	if (!config)
		return;
	const struct sg_node *alias = sg_node_get(f->props, "AutoPublishAlias");
	const struct sg_node *props = sam_map(
		s, config, "FunctionName", sam_ref(s, f->id, config), "Qualifier",
		alias ? alias : sam_text(s, "$LATEST", config), "MaximumRetryAttempts",
		sg_node_get(config, "MaximumRetryAttempts"), "MaximumEventAgeInSeconds",
		sg_node_get(config, "MaximumEventAgeInSeconds"), "DestinationConfig",
		sg_node_get(config, "DestinationConfig"), NULL);
	sam_resource(s, f, sg_strf(s->arena, "%.*sEventInvokeConfig", SG_FMT(f->id)), "AWS::Lambda::EventInvokeConfig",
		     sam_is_intrinsic(config) ? config : props, config);
}

static void version_and_alias(struct sam *s, const struct sam_function *f)
{
	const struct sg_node *alias = sg_node_get(f->props, "AutoPublishAlias");
	if (!alias)
		return;
	struct sg_str version = sg_strf(s->arena, "%.*sVersion", SG_FMT(f->id));
	sam_resource(s, f, version, "AWS::Lambda::Version",
		     sam_map(s, alias, "FunctionName", sam_ref(s, f->id, alias), NULL), alias);
	const struct sg_node *at = sam_map(
		s, alias, "Fn::GetAtt",
		sam_list(s, alias, sam_str(s, version, alias), sam_text(s, "Version", alias), NULL), NULL);
	const struct sg_node *props = sam_map(s, alias, "FunctionName", sam_ref(s, f->id, alias), "Name", alias,
					      "FunctionVersion", at, NULL);
	struct sg_str name = alias->kind == SG_SCALAR ? alias->text : SG_LIT("");
	sam_resource(s, f, sg_strf(s->arena, "%.*sAlias%.*s", SG_FMT(f->id), SG_FMT(name)), "AWS::Lambda::Alias", props,
		     alias);
}

void sam_function(struct sam *s, const struct sg_node *key, const struct sg_node *node)
{
	struct sam_function f = {key->text, key, node, sam_merge_globals(s, "Function", node)};
	struct sg_str role_id = sg_strf(s->arena, "%.*sRole", SG_FMT(f.id));
	check_names(s, &f);
	lambda_function(s, &f, role_id);
	if (!sg_node_get(f.props, "Role"))
		sam_role(s, &f, role_id);
	url(s, &f);
	invoke_config(s, &f);
	version_and_alias(s, &f);
	sam_events(s, &f);
}
