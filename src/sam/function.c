/*
 * AWS::Serverless::Function: the Lambda function, its role, and what stands around it.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
 */
#include "sam/sam_priv.h"

/* Properties that go over as they are. */
static const char *const copied[] = {"Handler",
				     "Runtime",
				     "Description",
				     "MemorySize",
				     "Timeout",
				     "VpcConfig",
				     "Role",
				     "Environment",
				     "KmsKeyArn",
				     "ReservedConcurrentExecutions",
				     "Layers",
				     "FileSystemConfigs",
				     "ImageConfig",
				     "PackageType",
				     "Architectures",
				     "SnapStart",
				     "EphemeralStorage",
				     "CodeSigningConfigArn",
				     "RuntimeManagementConfig",
				     "LoggingConfig",
				     "TenancyConfig",
				     "RecursiveLoop",
				     "DurableConfig",
				     "PublishToLatestPublished"};

/* ------------------------------------------------------------------------------------------------ checks */

static void check_rules(struct sam *s, struct macro *m)
{
	struct val *p = m->props;
	if (get(p, "CapacityProviderConfig") && get(p, "ProvisionedConcurrencyConfig"))
		sam_fail(s, m->id, p, "CapacityProviderConfig and ProvisionedConcurrencyConfig exclude each other");
	if (get(p, "CapacityProviderConfig") && get(p, "VpcConfig"))
		sam_fail(s, m->id, p, "CapacityProviderConfig and VpcConfig exclude each other");
	if (get(p, "FunctionScalingConfig") && !get(p, "CapacityProviderConfig"))
		sam_fail(s, m->id, p, "FunctionScalingConfig needs CapacityProviderConfig");
	if (get(p, "VersionDeletionPolicy") && !get(p, "AutoPublishAlias"))
		sam_fail(s, m->id, p, "VersionDeletionPolicy needs AutoPublishAlias");
	struct val *policy = get(p, "VersionDeletionPolicy");
	if (is_str(policy) && !is(policy, "Delete") && !is(policy, "Retain"))
		sam_fail(s, m->id, policy, "VersionDeletionPolicy must be 'Delete' or 'Retain'");
	if (truthy(get(p, "ProvisionedConcurrencyConfig")) && !truthy(get(p, "AutoPublishAlias")))
		sam_fail(s, m->id, p, "ProvisionedConcurrencyConfig needs AutoPublishAlias");
}

static void check_dlq(struct sam *s, struct macro *m)
{
	struct val *queue = get(m->props, "DeadLetterQueue"), *type = get(queue, "Type");
	if (!truthy(queue))
		return;
	if (!truthy(type) || !truthy(get(queue, "TargetArn")))
		sam_fail(s, m->id, queue, "DeadLetterQueue needs Type and TargetArn");
	if (!is(type, "SQS") && !is(type, "SNS"))
		sam_fail(s, m->id, type, "the Type of DeadLetterQueue must be SQS or SNS");
}

static void check_tenancy(struct sam *s, struct macro *m)
{
	static const char *const without[] = {"ProvisionedConcurrencyConfig", "FunctionUrlConfig", "SnapStart"};
	struct val *events = get(m->props, "Events");
	if (!truthy(get(m->props, "TenancyConfig")))
		return;
	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (truthy(get(m->props, without[i])))
			sam_fail(s, m->id, get(m->props, without[i]), "a function with TenancyConfig cannot have %s",
				 without[i]);
	for (size_t i = 0; is_map(events) && i < events->n; i++) {
		struct val *type = get(events->entries[i].value, "Type");
		if (!is(type, "Api") && !is(type, "HttpApi"))
			sam_fail(s, m->id, events->entries[i].value,
				 "a function with TenancyConfig can have events of type Api and HttpApi alone");
	}
}

/* ------------------------------------------------------------------------------------------------ code */

static bool is_image(struct sam *s, struct macro *m)
{
	struct val *type = get(m->props, "PackageType");
	if (!truthy(type) || is(type, "Zip"))
		return false;
	if (!is(type, "Image"))
		sam_fail(s, m->id, type, "PackageType must be Zip or Image");
	return true;
}

static struct val *zip_code(struct sam *s, struct macro *m)
{
	struct val *inlined = get(m->props, "InlineCode"), *uri = get(m->props, "CodeUri"), *code;
	if (inlined)
		code = make(s, inlined->node, "{'ZipFile':%v}", inlined);
	else if (uri)
		code = s3_location(s, m->id, uri, "CodeUri", lambda_code_names);
	else if (s->options->packaged)
		sam_fail(s, m->id, m->props, "one of InlineCode and CodeUri must be set");
	else /* `sam build` takes the folder of the template */
		code = make(s, m->key, "{'CodeUri':'.'}");
	if (truthy(get(m->props, "SourceKMSKeyArn")))
		set(s, code, "SourceKMSKeyArn", get(m->props, "SourceKMSKeyArn"));
	return code;
}

static struct val *image_code(struct sam *s, struct macro *m)
{
	struct val *uri = get(m->props, "ImageUri");
	if (!truthy(uri) && s->options->packaged)
		sam_fail(s, m->id, m->props, "ImageUri must be set");
	if (!truthy(uri))
		return val_map(s, m->key); /* `sam build` makes the image */
	return make(s, uri->node, "{'ImageUri':%v}", uri);
}

/* A wrong function is still one that the audit can look at. */
static void no_handler(struct sam *s, struct macro *m)
{
	static const char text[] = "Runtime and Handler must be set where PackageType is Zip";
	if (s->options->packaged)
		sam_fail(s, m->id, m->props, "%s", text);
	sam_note(s, m->props, "%s", text);
}

static void check_package(struct sam *s, struct macro *m, bool image)
{
	struct val *p = m->props;
	if (image && (truthy(get(p, "Handler")) || truthy(get(p, "Runtime")) || truthy(get(p, "Layers"))))
		sam_fail(s, m->id, p, "Runtime, Handler and Layers cannot be set where PackageType is Image");
	if (image)
		return;
	if (!truthy(get(p, "Runtime")) || !truthy(get(p, "Handler")))
		no_handler(s, m);
	if (truthy(get(p, "ImageConfig")))
		sam_fail(s, m->id, p, "ImageConfig cannot be set where PackageType is Zip");
}

void function_code(struct sam *s, struct macro *m, struct res *function)
{
	bool image = is_image(s, m);
	res_set(s, function, "Code", image ? image_code(s, m) : zip_code(s, m));
	check_package(s, m, image);
}

/* ------------------------------------------------------------------------------------------------ the function */

static bool traced(struct sam *s, struct macro *m)
{
	struct val *tracing = get(m->props, "Tracing");
	return truthy(tracing) && !is(resolve(s, tracing), "Disabled");
}

static struct val *capacity(struct sam *s, struct macro *m)
{
	static const struct shape fields[] = {{"!Arn", SHAPE_SOME_STR, NULL, NULL},
					      {"PerExecutionEnvironmentMaxConcurrency", SHAPE_SOME_INT, NULL, NULL},
					      {"ExecutionEnvironmentMemoryGiBPerVCpu", SHAPE_SOME_NUMBER, NULL, NULL},
					      {NULL, SHAPE_ANY, NULL, NULL}};
	struct val *config =
		shaped(s, m->id, get(m->props, "CapacityProviderConfig"), fields, "CapacityProviderConfig");
	return make(s, config->node,
		    "{'LambdaManagedInstancesCapacityProviderConfig':{'CapacityProviderArn':%v,"
		    "'PerExecutionEnvironmentMaxConcurrency':%v,'ExecutionEnvironmentMemoryGiBPerVCpu':%v}}",
		    get(config, "Arn"), get(config, fields[1].name), get(config, fields[2].name));
}

static struct res *lambda_function(struct sam *s, struct macro *m)
{
	struct res *f = res_main(s, m, "AWS::Lambda::Function");
	struct val *p = m->props, *queue = get(p, "DeadLetterQueue"), *name = get(p, "FunctionName");
	res_set(s, f, "FunctionName", truthy(name) ? name : NULL);
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, f, copied[i], get(p, copied[i]));
	function_code(s, m, f);
	res_set(s, f, "Tags", require_tags(s, m, "lambda:createdBy", "SAM", NULL, get(p, "Tags")));
	if (traced(s, m))
		res_set(s, f, "TracingConfig", make(s, get(p, "Tracing")->node, "{'Mode':%v}", get(p, "Tracing")));
	if (truthy(queue))
		res_set(s, f, "DeadLetterConfig", make(s, queue->node, "{'TargetArn':%v}", get(queue, "TargetArn")));
	if (truthy(get(p, "CapacityProviderConfig")))
		res_set(s, f, "CapacityProviderConfig", capacity(s, m));
	if (truthy(get(p, "FunctionScalingConfig")))
		res_set(s, f, "FunctionScalingConfig", get(p, "FunctionScalingConfig"));
	return f;
}

/* ------------------------------------------------------------------------------------------------ the role */

static struct val *dlq_policy(struct sam *s, struct val *queue)
{
	return make(s, queue->node,
		    "{'PolicyName':'DeadLetterQueuePolicy','PolicyDocument':{'Version':'2012-10-17','Statement':[{"
		    "'Action':'%s','Resource':%v,'Effect':'Allow'}]}}",
		    is(get(queue, "Type"), "SQS") ? "sqs:SendMessage" : "sns:Publish", get(queue, "TargetArn"));
}

static struct res *role(struct sam *s, struct macro *m, struct val *invoke_policies)
{
	struct val *p = m->props, *vpc = get(p, "VpcConfig"), *queue = get(p, "DeadLetterQueue");
	struct role_spec spec = {.trust = get(p, "AssumeRolePolicyDocument"),
				 .managed = val_list(s, m->key),
				 .inlined = val_list(s, m->key),
				 .policies = get(p, "Policies"),
				 .path = get(p, "RolePath"),
				 .boundary = get(p, "PermissionsBoundary")};
	if (!spec.trust)
		spec.trust = trust_policy(s, m->key, "lambda.amazonaws.com");
	push(s, spec.managed,
	     managed_policy(s, m->key,
			    truthy(get(p, "DurableConfig")) ? "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
							    : "service-role/AWSLambdaBasicExecutionRole"));
	if (traced(s, m))
		push(s, spec.managed, managed_policy(s, get(p, "Tracing")->node, xray_policy(s)));
	if (truthy(vpc))
		push(s, spec.managed, managed_policy(s, vpc->node, "service-role/AWSLambdaVPCAccessExecutionRole"));
	if (truthy(queue))
		push(s, spec.inlined, dlq_policy(s, queue));
	append(s, spec.inlined, invoke_policies);
	spec.tags = require_tags(s, m, "lambda:createdBy", "SAM", NULL, get(p, "Tags"));
	return role_make(s, m, &spec);
}

/* Role: !If [C, !Ref AWS::NoValue, arn] makes the role where C holds. */
static void conditional_role(struct sam *s, struct macro *m, struct res *function, struct res *made_role)
{
	struct val *value = resolve(s, get(function->props, "Role")), *arg = get(value, "Fn::If");
	if (!is_list(arg) || arg->n != 3)
		sam_fail(s, m->id, value, "the Fn::If of 'Role' takes three values");
	struct val *arn = att_of(s, value->node, made_role->id, "Arn");
	bool yes = is_no_value(arg->items[1]), no = is_no_value(arg->items[2]);
	if (!yes && !no)
		return;
	const char *condition = cstr(s, want_str(s, m->id, arg->items[0], "the condition of Role"));
	if (yes && no) {
		res_set(s, function, "Role", arn);
	} else if (yes) {
		res_set(s, function, "Role", make_if(s, value->node, condition, arn, arg->items[2]));
		res_attribute(s, made_role, "Condition", arg->items[0]);
	} else {
		const char *not = fmt(s, "NOT%s", condition);
		res_set(s, function, "Role", make_if(s, value->node, condition, arg->items[1], arn));
		res_attribute(s, made_role, "Condition", val_text(s, value->node, not ));
		conditions_put(s, not, make(s, value->node, "{'Fn::Not':[{'Condition':'%s'}]}", condition));
	}
	made(s, m, made_role);
}

void conditions_put(struct sam *s, const char *name, struct val *condition)
{
	struct val *all = get(s->root, "Conditions");
	if (!is_map(all))
		set(s, s->root, "Conditions", all = val_map(s, condition->node));
	set(s, all, name, condition);
}

static void add_role(struct sam *s, struct macro *m, struct res *function, struct res *made_role)
{
	struct val *own = get(function->props, "Role");
	if (!own) {
		res_set(s, function, "Role", att_of(s, m->key, made_role->id, "Arn"));
		made(s, m, made_role);
	} else if (is_fn(own, "Fn::If")) {
		conditional_role(s, m, function, made_role);
	}
}

/* ------------------------------------------------------------------------------------------------ all of it */

static const char *alias_name(struct sam *s, struct macro *m)
{
	struct val *alias = get(m->props, "AutoPublishAlias");
	if (!truthy(alias))
		return NULL;
	struct val *name = resolve_name(s, alias);
	if (!s->options->use_defaults && is_fn(name, "Ref")) /* it only names the alias: the parameter's will do */
		name = name->entries[0].value;
	if (!is_str(name))
		sam_fail(s, m->id, alias, "AutoPublishAlias must be a string or a Ref of a parameter");
	return cstr(s, name);
}

/* The hash of the code goes into the description, so that Lambda sees a change where CloudFormation sees none. */
static struct val *code_hash(struct sam *s, struct macro *m, struct res *function)
{
	struct val *sha = get(m->props, "AutoPublishCodeSha256");
	if (!truthy(sha))
		return NULL;
	struct val *hash = resolve_name(s, sha);
	if (!is_str(hash) && is_intrinsic(hash) && !s->options->use_defaults)
		return NULL;
	if (!is_str(hash))
		sam_fail(s, m->id, sha, "AutoPublishCodeSha256 must be a string");
	struct val *own = resolve(s, get(m->props, "Description"));
	if (!truthy(own))
		res_set(s, function, "Description", hash);
	else if (is_str(own))
		res_set(s, function, "Description",
			val_str(s, own->node, sg_strf(s->arena, "%.*s %.*s", SG_FMT(own->text), SG_FMT(hash->text))));
	else
		res_set(s, function, "Description", make(s, own->node, "{'Fn::Join':[' ',[%v,%v]]}", own, hash));
	return hash;
}

void sam_function(struct sam *s, struct macro *m)
{
	link_events(s, m, function_event_kinds);
	check_rules(s, m);
	check_dlq(s, m);
	check_tenancy(s, m);
	struct res *function = lambda_function(s, m), *alias = NULL;
	made(s, m, function);
	const char *name = alias_name(s, m);
	if (name) {
		struct res *version = function_version(s, m, function, code_hash(s, m, function));
		alias = function_alias(s, m, name, version);
		made(s, m, version);
		made(s, m, alias);
	}
	function_url(s, m, alias);
	deployment_add(s, m, alias);
	struct val *policies = function_invoke_config(s, m, name, alias);
	struct res *made_role = role(s, m, policies);
	add_role(s, m, function, made_role);
	struct target t = {.id = m->id, .attributes = m->attributes, .passed = m->passed, .role = made_role};
	t.name = ref_to(s, m->key, alias ? alias->id : m->id);
	t.arn = alias ? t.name : att_of(s, m->key, m->id, "Arn");
	t.own_id = alias ? alias->id : m->id;
	t.alias = alias != NULL;
	if (alias)
		t.attributes = alias->attributes;
	function_events(s, m, &t);
	propagate_tags(s, m, get(m->props, "Tags"), get(m->props, "PropagateTags"));
}
