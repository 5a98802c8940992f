/*
 * The newer kinds of Lambda compute: capacity providers, network connectors, microVM images.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-capacityprovider.html
 */
#include "sam/sam_priv.h"

static struct val *tags_of(struct sam *s, struct macro *m, struct val *tags)
{
	struct val *all = is_map(tags) ? val_shallow(s, tags) : val_map(s, m->key);
	set(s, all, "lambda:createdBy", val_text(s, m->key, "SAM"));
	return tag_list(s, m->key, all);
}

/* The role that Lambda acts as, where the user names none. */
static struct val *operator_role(struct sam *s, struct macro *m, const char *policy)
{
	struct val *own = get(m->props, "OperatorRole");
	if (truthy(own))
		return own;
	struct res *r = res_new(s, m, fmt(s, "%sOperatorRole", m->id), "AWS::IAM::Role", m->key);
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, m->key, "lambda.amazonaws.com"));
	res_set(s, r, "ManagedPolicyArns", make(s, m->key, "[%v]", managed_policy(s, m->key, policy)));
	res_set(s, r, "Tags", tags_of(s, m, NULL));
	made(s, m, r);
	return att_of(s, m->key, r->id, "Arn");
}

/* ------------------------------------------------------------------------------------------------ capacity providers */

static const struct shape item_word = {"items", SHAPE_SOME_STR, NULL, NULL};
static const struct shape vpc_fields[] = {{"!SubnetIds", SHAPE_SOME_LIST, &item_word, NULL},
					  {"SecurityGroupIds", SHAPE_SOME_LIST, &item_word, NULL},
					  {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape instance_fields[] = {{"Architectures", SHAPE_SOME_LIST, &item_word, NULL},
					       {"AllowedTypes", SHAPE_SOME_LIST, &item_word, NULL},
					       {"ExcludedTypes", SHAPE_SOME_LIST, &item_word, NULL},
					       {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape scaling_fields[] = {{"MaxVCpuCount", SHAPE_SOME_INT, NULL, NULL},
					      {"AverageCPUUtilization", SHAPE_SOME_FLOAT, NULL, NULL},
					      {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape managed_fields[] = {{"Tags", SHAPE_MAP, NULL, NULL}, {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape capacity_fields[] = {{"CapacityProviderName", SHAPE_ANY, NULL, NULL},
					       {"!VpcConfig", SHAPE_FIELDS, vpc_fields, NULL},
					       {"OperatorRole", SHAPE_ANY, NULL, NULL},
					       {"Tags", SHAPE_MAP, NULL, NULL},
					       {"PropagateTags", SHAPE_BOOL, NULL, NULL},
					       {"InstanceRequirements", SHAPE_FIELDS, instance_fields, NULL},
					       {"ScalingConfig", SHAPE_FIELDS, scaling_fields, NULL},
					       {"LoggingConfig", SHAPE_ANY, NULL, NULL},
					       {"ManagedResourceTags", SHAPE_FIELDS, managed_fields, NULL},
					       {"KmsKeyArn", SHAPE_ANY, NULL, NULL},
					       {NULL, SHAPE_ANY, NULL, NULL}};

static struct val *scaling(struct sam *s, struct val *v)
{
	struct val *use = get(v, "AverageCPUUtilization"), *policies = NULL;
	if (use)
		policies = make(
			s, v->node,
			"[{'PredefinedMetricType':'LambdaCapacityProviderAverageCPUUtilization','TargetValue':%v}]",
			use);
	return make(s, v->node, "{'MaxVCpuCount':%v,'ScalingMode':'%s','ScalingPolicies':%v}", get(v, "MaxVCpuCount"),
		    use ? "Manual" : "Auto", policies);
}

static struct val *instances(struct sam *s, struct macro *m, struct val *v)
{
	if (!v || !v->n)
		return NULL;
	if (get(v, "AllowedTypes") && get(v, "ExcludedTypes"))
		sam_fail(s, m->id, v, "AllowedTypes and ExcludedTypes exclude each other");
	return make(s, v->node, "{'Architectures':%v,'AllowedInstanceTypes':%v,'ExcludedInstanceTypes':%v}",
		    get(v, "Architectures"), get(v, "AllowedTypes"), get(v, "ExcludedTypes"));
}

static struct val *managed_tags(struct sam *s, struct val *v)
{
	struct val *tags = get(v, "Tags");
	if (!tags)
		return truthy(v) ? val_map(s, v->node) : NULL;
	return make(s, v->node, "{'Mode':'Explicit','ExplicitTags':%v}", tag_list(s, v->node, tags));
}

void sam_capacity_provider(struct sam *s, struct macro *m)
{
	static const char *const copied[] = {"CapacityProviderName", "KmsKeyArn"};
	struct val *p = shaped(s, m->id, m->props, capacity_fields, "Properties"), *logs = get(p, "LoggingConfig");
	struct val *scale = get(p, "ScalingConfig"), *tags = get(p, "Tags");
	struct val *requirements = instances(s, m, get(p, "InstanceRequirements"));
	struct val *role = operator_role(s, m, "AWSLambdaManagedEC2ResourceOperator");
	struct res *r = res_main(s, m, "AWS::Lambda::CapacityProvider");
	for (size_t i = 0; i < 2; i++)
		res_set(s, r, copied[i], truthy(get(p, copied[i])) ? get(p, copied[i]) : NULL);
	res_set(s, r, "VpcConfig", get(p, "VpcConfig"));
	res_set(s, r, "PermissionsConfig", make(s, m->key, "{'CapacityProviderOperatorRoleArn':%v}", role));
	res_set(s, r, "Tags", tags_of(s, m, tags));
	res_set(s, r, "InstanceRequirements", requirements);
	if (truthy(scale))
		res_set(s, r, "CapacityProviderScalingConfig", scaling(s, scale));
	if (truthy(logs))
		res_set(s, r, "TelemetryConfig", make(s, m->key, "{'LoggingConfig':%v}", logs));
	res_set(s, r, "PropagateTags", managed_tags(s, get(p, "ManagedResourceTags")));
	made(s, m, r);
	combine_tags(s, m, tags, get(m->props, "PropagateTags"));
}

/* ------------------------------------------------------------------------------------------------ network connectors */

static const char *const protocols[] = {"IPv4", "DualStack", NULL}, *const compute[] = {"MicroVm", "WebFunction", NULL};
static const struct shape item_compute = {"ComputeTypes", SHAPE_SOME_WORD, NULL, compute};
static const struct shape egress_fields[] = {{"!SubnetIds", SHAPE_LIST, &item_word, NULL},
					     {"!SecurityGroupIds", SHAPE_LIST, &item_word, NULL},
					     {"!NetworkProtocol", SHAPE_SOME_WORD, NULL, protocols},
					     {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape network_fields[] = {{"Name", SHAPE_SOME_STR, NULL, NULL},
					      {"!VpcConfig", SHAPE_FIELDS, egress_fields, NULL},
					      {"ComputeTypes", SHAPE_LIST, &item_compute, NULL},
					      {"OperatorRole", SHAPE_SOME_STR, NULL, NULL},
					      {"Tags", SHAPE_MAP, NULL, NULL},
					      {"PropagateTags", SHAPE_BOOL, NULL, NULL},
					      {NULL, SHAPE_ANY, NULL, NULL}};

/* The schema only checks here: what is made has the values as they are written. */
void sam_network_connector(struct sam *s, struct macro *m)
{
	struct val *types = get(m->props, "ComputeTypes"), *vpc = get(m->props, "VpcConfig");
	if (types && types->n != 1)
		sam_fail(s, m->id, types, "ComputeTypes has exactly one value");
	shaped(s, m->id, m->props, network_fields, "Properties");
	struct val *role = operator_role(s, m, "AWSLambdaNetworkConnectorOperatorPolicy"),
		   *config = val_shallow(s, vpc);
	set(s, config, "AssociatedComputeResourceTypes", types ? types : make(s, m->key, "['MicroVm']"));
	struct res *r = res_main(s, m, "AWS::Lambda::NetworkConnector");
	res_set(s, r, "Name", truthy(get(m->props, "Name")) ? get(m->props, "Name") : NULL);
	res_set(s, r, "Configuration", make(s, vpc->node, "{'VpcEgressConfiguration':%v}", config));
	res_set(s, r, "OperatorRole", role);
	res_set(s, r, "Tags", tags_of(s, m, get(m->props, "Tags")));
	made(s, m, r);
	combine_tags(s, m, get(m->props, "Tags"), get(m->props, "PropagateTags"));
}

/* ------------------------------------------------------------------------------------------------ microVM images */

static struct val *code_arn(struct sam *s, struct macro *m, struct val *uri)
{
	struct val *known = resolve(s, val_copy(s, uri));
	if (!is_str(known) || !sg_str_starts(known->text, "s3://"))
		return make(s, uri->node,
			    "{'Fn::Sub':['arn:${AWS::Partition}:s3:::${Bucket}/*',{'Bucket':{'Fn::Select':[2,"
			    "{'Fn::Split':['/',%v]}]}}]}",
			    uri);
	struct sg_str rest = sg_str_sub(known->text, 5, SIZE_MAX);
	struct sg_str bucket = sg_str_sub(rest, 0, sg_str_find(rest, "/", 0));
	if (!bucket.n)
		sam_fail(s, m->id, uri, "CodeUri must be an S3 URI with a bucket");
	return make(s, uri->node, "{'Fn::Sub':'arn:${AWS::Partition}:s3:::%s/*'}", sg_cstr(s->arena, bucket));
}

static struct val *build_role(struct sam *s, struct macro *m)
{
	struct val *own = get(m->props, "BuildRoleArn");
	if (truthy(own))
		return own;
	struct res *r = res_new(s, m, fmt(s, "%sBuildRole", m->id), "AWS::IAM::Role", m->key);
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, m->key, "lambda.amazonaws.com"));
	res_set(s, r, "Policies",
		make(s, m->key,
		     "[{'PolicyName':'MicrovmImageBuildPolicy','PolicyDocument':{'Version':'2012-10-17','Statement':["
		     "{'Effect':'Allow','Action':['s3:GetObject'],'Resource':%v},{'Effect':'Allow','Action':["
		     "'logs:CreateLogGroup','logs:CreateLogStream','logs:PutLogEvents'],'Resource':'*'}]}}]",
		     code_arn(s, m, get(m->props, "CodeUri"))));
	res_set(s, r, "Tags", tags_of(s, m, NULL));
	made(s, m, r);
	return att_of(s, m->key, r->id, "Arn");
}

static const char *const hook_states[] = {"DISABLED", "ENABLED", NULL};
static const char *const processors[] = {"ARM_64", NULL}, *const abilities[] = {"ALL", NULL};
static const struct shape item_ability = {"AdditionalOsCapabilities", SHAPE_SOME_WORD, NULL, abilities};
static const struct shape processor_fields[] = {{"!Architecture", SHAPE_SOME_WORD, NULL, processors},
						{NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape memory_fields[] = {{"!MinimumMemoryInMiB", SHAPE_SOME_INT, NULL, NULL},
					     {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape item_processor = {"CpuConfigurations", SHAPE_FIELDS, processor_fields, NULL};
static const struct shape item_memory = {"Resources", SHAPE_FIELDS, memory_fields, NULL};
static const struct shape run_fields[] = {{"Run", SHAPE_SOME_WORD, NULL, hook_states},
					  {"RunTimeoutInSeconds", SHAPE_SOME_INT, NULL, NULL},
					  {"Resume", SHAPE_SOME_WORD, NULL, hook_states},
					  {"ResumeTimeoutInSeconds", SHAPE_SOME_INT, NULL, NULL},
					  {"Suspend", SHAPE_SOME_WORD, NULL, hook_states},
					  {"SuspendTimeoutInSeconds", SHAPE_SOME_INT, NULL, NULL},
					  {"Terminate", SHAPE_SOME_WORD, NULL, hook_states},
					  {"TerminateTimeoutInSeconds", SHAPE_SOME_INT, NULL, NULL},
					  {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape build_fields[] = {{"Ready", SHAPE_SOME_WORD, NULL, hook_states},
					    {"ReadyTimeoutInSeconds", SHAPE_SOME_INT, NULL, NULL},
					    {"Validate", SHAPE_SOME_WORD, NULL, hook_states},
					    {"ValidateTimeoutInSeconds", SHAPE_SOME_INT, NULL, NULL},
					    {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape hook_fields[] = {{"Port", SHAPE_SOME_INT, NULL, NULL},
					   {"MicrovmHooks", SHAPE_FIELDS, run_fields, NULL},
					   {"MicrovmImageHooks", SHAPE_FIELDS, build_fields, NULL},
					   {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape stream_fields[] = {{"LogGroup", SHAPE_SOME_STR, NULL, NULL},
					     {"LogStream", SHAPE_SOME_STR, NULL, NULL},
					     {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape logging_fields[] = {{"Disabled", SHAPE_BOOL, NULL, NULL},
					      {"CloudWatch", SHAPE_FIELDS, stream_fields, NULL},
					      {NULL, SHAPE_ANY, NULL, NULL}};
static const struct shape image_fields[] = {{"!Name", SHAPE_SOME_STR, NULL, NULL},
					    {"!CodeUri", SHAPE_SOME_STR, NULL, NULL},
					    {"!BaseImageArn", SHAPE_SOME_STR, NULL, NULL},
					    {"!BaseImageVersion", SHAPE_SOME_STR, NULL, NULL},
					    {"BuildRoleArn", SHAPE_SOME_STR, NULL, NULL},
					    {"Description", SHAPE_SOME_STR, NULL, NULL},
					    {"Tags", SHAPE_MAP, NULL, NULL},
					    {"Logging", SHAPE_FIELDS, logging_fields, NULL},
					    {"EgressNetworkConnectors", SHAPE_LIST, &item_word, NULL},
					    {"CpuConfigurations", SHAPE_LIST, &item_processor, NULL},
					    {"Resources", SHAPE_LIST, &item_memory, NULL},
					    {"AdditionalOsCapabilities", SHAPE_LIST, &item_ability, NULL},
					    {"Hooks", SHAPE_FIELDS, hook_fields, NULL},
					    {"EnvironmentVariables", SHAPE_MAP, NULL, NULL},
					    {"PropagateTags", SHAPE_BOOL, NULL, NULL},
					    {NULL, SHAPE_ANY, NULL, NULL}};

void sam_microvm_image(struct sam *s, struct macro *m)
{
	static const char *const lists[] = {"EgressNetworkConnectors", "CpuConfigurations", "Resources",
					    "AdditionalOsCapabilities"};
	static const char *const maps[] = {"Logging", "Hooks"};
	struct val *p = m->props, *env = get(p, "EnvironmentVariables"), *text = get(p, "Description");
	shaped(s, m->id, m->props, image_fields, "Properties");
	struct val *role = build_role(s, m);
	struct res *r = res_main(s, m, "AWS::Lambda::MicrovmImage");
	res_set(s, r, "Name", get(p, "Name"));
	res_set(s, r, "CodeArtifact", make(s, m->key, "{'Uri':%v}", get(p, "CodeUri")));
	res_set(s, r, "BaseImageArn", get(p, "BaseImageArn"));
	res_set(s, r, "BuildRoleArn", role);
	res_set(s, r, "BaseImageVersion", get(p, "BaseImageVersion"));
	res_set(s, r, "Description", truthy(text) ? text : val_text(s, m->key, ""));
	res_set(s, r, "Tags", tags_of(s, m, get(p, "Tags")));
	for (size_t i = 0; i < 2; i++)
		res_set(s, r, maps[i], truthy(get(p, maps[i])) ? get(p, maps[i]) : val_map(s, m->key));
	for (size_t i = 0; i < 4; i++)
		res_set(s, r, lists[i], truthy(get(p, lists[i])) ? get(p, lists[i]) : val_list(s, m->key));
	res_set(s, r, "EnvironmentVariables", tag_list(s, m->key, env));
	made(s, m, r);
	combine_tags(s, m, get(p, "Tags"), get(p, "PropagateTags"));
}
