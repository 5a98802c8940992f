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

static void only(struct sam *s, struct macro *m, struct val *v, const char *name, const char *const *known)
{
	for (size_t i = 0; is_map(v) && i < v->n; i++)
		if (!is_one_of(val_str(s, v->node, v->entries[i].key), known))
			sam_fail(s, m->id, v, "%s has no property '%.*s'", name, SG_FMT(v->entries[i].key));
}

/* Ids as the translator's model of them leaves them: words are strings, and what is empty is an empty map. */
static struct val *ids(struct sam *s, struct val *v)
{
	if (!is_list(v) && !(is_str(v) && !v->text.n))
		return v;
	if (!truthy(v))
		return val_map(s, v->node);
	struct val *list = val_list(s, v->node);
	for (size_t i = 0; i < v->n; i++) {
		struct val *item = v->items[i];
		if ((is_list(item) || is_str(item)) && !truthy(item) && !(is_str(item) && item->text.n))
			item = val_map(s, v->node);
		else if (is_bool(item))
			item = val_text(s, item->node, item->boolean ? "True" : "False");
		else if (item->type == SG_T_INT || item->type == SG_T_FLOAT)
			item = val_str(s, item->node, json_text(s, item, 0));
		push(s, list, item);
	}
	return list;
}

/* A list of ids, or an intrinsic; each id a word or an intrinsic.  What the model takes for an empty map is one. */
static void check_ids(struct sam *s, struct macro *m, struct val *v, const char *name)
{
	if (!v || v->type == SG_T_NULL || is_map(v) || (is_str(v) && !v->text.n))
		return;
	if (!is_list(v))
		sam_fail(s, m->id, v, "%s is a list", name);
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		if (v->items[i]->type == SG_T_NULL || (is_list(v->items[i]) && v->items[i]->n))
			sam_fail(s, m->id, v->items[i], "an item of %s is a string", name);
}

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

static void check_capacity(struct sam *s, struct macro *m)
{
	static const char *const vpc[] = {"SubnetIds", "SecurityGroupIds", NULL};
	static const char *const instances[] = {"Architectures", "AllowedTypes", "ExcludedTypes", NULL};
	static const char *const scale[] = {"MaxVCpuCount", "AverageCPUUtilization", NULL};
	static const char *const managed[] = {"Tags", NULL};
	struct val *p = m->props, *i = get(p, "InstanceRequirements");
	only(s, m, get(p, "VpcConfig"), "VpcConfig", vpc);
	want(s, m->id, get(get(p, "VpcConfig"), "SubnetIds"), p, "VpcConfig.SubnetIds");
	for (size_t n = 0; vpc[n]; n++)
		check_ids(s, m, get(get(p, "VpcConfig"), vpc[n]), vpc[n]);
	for (size_t n = 0; instances[n]; n++)
		check_ids(s, m, get(i, instances[n]), instances[n]);
	only(s, m, i, "InstanceRequirements", instances);
	only(s, m, get(p, "ScalingConfig"), "ScalingConfig", scale);
	only(s, m, get(p, "ManagedResourceTags"), "ManagedResourceTags", managed);
	if (get(i, "AllowedTypes") && get(i, "ExcludedTypes"))
		sam_fail(s, m->id, i, "AllowedTypes and ExcludedTypes exclude each other");
}

void sam_capacity_provider(struct sam *s, struct macro *m)
{
	check_capacity(s, m);
	struct val *p = m->props, *vpc = get(p, "VpcConfig"), *i = get(p, "InstanceRequirements");
	struct val *scale = get(p, "ScalingConfig"), *tags = get(get(p, "ManagedResourceTags"), "Tags");
	struct val *role = operator_role(s, m, "AWSLambdaManagedEC2ResourceOperator");
	struct res *r = res_main(s, m, "AWS::Lambda::CapacityProvider");
	res_set(s, r, "CapacityProviderName", get(p, "CapacityProviderName"));
	res_set(s, r, "VpcConfig",
		make(s, vpc->node, "{'SubnetIds':%v,'SecurityGroupIds':%v}", ids(s, get(vpc, "SubnetIds")),
		     ids(s, get(vpc, "SecurityGroupIds"))));
	res_set(s, r, "PermissionsConfig", make(s, m->key, "{'CapacityProviderOperatorRoleArn':%v}", role));
	res_set(s, r, "Tags", tags_of(s, m, get(p, "Tags")));
	if (truthy(i))
		res_set(s, r, "InstanceRequirements",
			make(s, i->node, "{'Architectures':%v,'AllowedInstanceTypes':%v,'ExcludedInstanceTypes':%v}",
			     ids(s, get(i, "Architectures")), ids(s, get(i, "AllowedTypes")),
			     ids(s, get(i, "ExcludedTypes"))));
	if (truthy(scale))
		res_set(s, r, "CapacityProviderScalingConfig", scaling(s, scale));
	res_set(s, r, "KmsKeyArn", get(p, "KmsKeyArn"));
	if (truthy(get(p, "LoggingConfig")))
		res_set(s, r, "TelemetryConfig", make(s, m->key, "{'LoggingConfig':%v}", get(p, "LoggingConfig")));
	if (tags)
		res_set(s, r, "PropagateTags",
			make(s, tags->node, "{'Mode':'Explicit','ExplicitTags':%v}", tag_list(s, tags->node, tags)));
	made(s, m, r);
	combine_tags(s, m, get(p, "Tags"), get(p, "PropagateTags"));
}

/* ------------------------------------------------------------------------------------------------ network connectors */

void sam_network_connector(struct sam *s, struct macro *m)
{
	struct val *types = get(m->props, "ComputeTypes"), *vpc = get(m->props, "VpcConfig");
	if (types && types->n != 1)
		sam_fail(s, m->id, types, "ComputeTypes has exactly one value");
	for (size_t i = 0; types && i < types->n; i++)
		if (is_str(types->items[i]) && !is(types->items[i], "MicroVm") && !is(types->items[i], "WebFunction"))
			sam_fail(s, m->id, types, "ComputeTypes is MicroVm or WebFunction");
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

void sam_microvm_image(struct sam *s, struct macro *m)
{
	static const char *const lists[] = {"EgressNetworkConnectors", "CpuConfigurations", "Resources",
					    "AdditionalOsCapabilities"};
	static const char *const maps[] = {"Logging", "Hooks"};
	struct val *p = m->props, *env = get(p, "EnvironmentVariables"), *text = get(p, "Description");
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
