/*
 * AWS::Serverless::WebFunction: a web function with one revision and one endpoint.
 */
#include "sam/sam_priv.h"

struct web {
	struct macro *macro;
	struct val *props, *name;
};

static bool matches(const struct val *v, const char *a, const char *b)
{
	return is(v, a) || is(v, b);
}

static void check_mode(struct sam *s, struct web *w)
{
	struct val *mode = resolve(s, get(w->props, "AutoDeploymentMode")), *weights = get(w->props, "RevisionWeights");
	struct val *type = resolve(s, get(w->props, "EndpointType"));
	const char *id = w->macro->id;
	bool off = is(mode, "Disabled"), regional = matches(type, "MultiRegion", "PerRegion");
	if (truthy(mode) && !off && !is(mode, "LatestRevision"))
		sam_fail(s, id, mode, "AutoDeploymentMode must be LatestRevision or Disabled");
	if (!truthy(get(w->props, "AuthType")))
		sam_fail(s, id, w->props, "AuthType is required: IamAuth or ApplicationManaged");
	if (!off && truthy(weights))
		sam_fail(s, id, weights, "RevisionWeights do not go with the AutoDeploymentMode LatestRevision");
	if (regional && !off)
		sam_fail(s, id, type, "this EndpointType needs the AutoDeploymentMode Disabled");
	if (off && !regional && !truthy(weights))
		sam_fail(s, id, w->props, "the AutoDeploymentMode Disabled needs RevisionWeights");
}

static void check_weights(struct sam *s, struct web *w)
{
	struct val *weights = get(w->props, "RevisionWeights");
	int64_t sum = 0;
	bool literal = true;
	if (!truthy(weights))
		return;
	if (!is_map(weights) || is_intrinsic(weights) || weights->n > 2)
		sam_fail(s, w->macro->id, weights, "RevisionWeights is a map of one or two revisions to weights");
	for (size_t i = 0; i < weights->n; i++) {
		struct val *v = weights->entries[i].value;
		if (!is_int(v) && !is_intrinsic(v))
			sam_fail(s, w->macro->id, v, "a weight must be an integer");
		if (is_int(v) && (v->integer < 1 || v->integer > 100))
			sam_fail(s, w->macro->id, v, "a weight is between 1 and 100");
		literal = literal && is_int(v);
		sum += v->integer;
	}
	if (literal && sum != 100)
		sam_fail(s, w->macro->id, weights, "the weights must sum to 100");
}

static void check_environment(struct sam *s, struct web *w)
{
	struct val *env = get(w->props, "EnvironmentVariables");
	for (size_t i = 0; truthy(env) && !is_intrinsic(env) && i < env->n; i++) {
		struct sg_str key = env->entries[i].key;
		struct val *v = env->entries[i].value;
		bool good = key.n && alnum(sg_str_sub(key, 0, 1)) && (key.p[0] < '0' || key.p[0] > '9');
		for (size_t k = 0; k < key.n; k++)
			good = good && (key.p[k] == '_' || alnum(sg_str_sub(key, k, 1)));
		if (!good)
			sam_fail(s, w->macro->id, v, "'%.*s' is no name of an environment variable", SG_FMT(key));
		if (is_str(v) && (!v->text.n || sg_utf8_count(v->text) > 4096))
			sam_fail(s, w->macro->id, v, "an environment variable is empty or too long");
	}
}

static void check(struct sam *s, struct web *w)
{
	struct val *timeout = get(w->props, "Timeout"), *arn = get(w->props, "EgressNetworkConnectorArn");
	check_mode(s, w);
	if (is_int(timeout) && (timeout->integer < 3 || timeout->integer > 900))
		sam_fail(s, w->macro->id, timeout, "Timeout is between 3 and 900 seconds");
	check_weights(s, w);
	check_environment(s, w);
	size_t colons = 0;
	for (size_t i = 0; is_str(arn) && i < arn->text.n; i++)
		colons += arn->text.p[i] == ':';
	if (is_str(arn) && (colons != 7 || sg_str_ends(arn->text, ":") || !sg_str_starts(arn->text, "arn:") ||
			    sg_str_find(arn->text, ":network-connector:", 0) == SIZE_MAX))
		sam_fail(s, w->macro->id, arn, "EgressNetworkConnectorArn must be the ARN of a connector's version");
}

/* The ARN of the function is not its name: revision and endpoint repeat the name. */
static struct val *function_name(struct sam *s, struct web *w)
{
	struct val *own = get(w->props, "FunctionName");
	if (truthy(own))
		return own;
	return make(
		s, w->macro->key,
		"{'Fn::Sub':['%s-${StackIdSuffix}',{'StackIdSuffix':{'Fn::Select':[0,{'Fn::Split':['-',{'Fn::Select':"
		"[2,{'Fn::Split':['/',{'Ref':'AWS::StackId'}]}]}]}]}}]}",
		sg_cstr(s->arena, sg_str_sub(sg_str(w->macro->id), 0, 55)));
}

static struct val *role(struct sam *s, struct web *w)
{
	struct macro *m = w->macro;
	struct val *own = get(w->props, "ExecutionRoleArn");
	if (own)
		return own;
	struct role_spec spec = {.trust = trust_policy(s, m->key, "lambda.amazonaws.com")};
	spec.managed = make(s, m->key, "[%v]", managed_policy(s, m->key, "service-role/AWSLambdaBasicExecutionRole"));
	spec.tags = require_tags(s, m, "lambda:createdBy", "SAM", NULL, get(w->props, "Tags"));
	struct res *r = role_make(s, m, &spec);
	made(s, m, r);
	return att_of(s, m->key, r->id, "Arn");
}

static struct val *environment(struct sam *s, struct web *w)
{
	struct val *own = get(w->props, "EnvironmentVariables"), *entry = get(w->props, "EntryPoint");
	if (truthy(own) && is_intrinsic(own)) {
		if (truthy(entry))
			sam_fail(s, w->macro->id, entry,
				 "EntryPoint does not go with EnvironmentVariables that are an intrinsic");
		return own;
	}
	struct val *all = own ? val_shallow(s, own) : val_map(s, w->macro->key);
	for (size_t i = 0; i < all->n; i++) {
		struct val *v = all->entries[i].value;
		if (v->type == SG_T_BOOL || v->type == SG_T_INT || v->type == SG_T_FLOAT)
			all->entries[i].value = val_str(
				s, v->node, is_bool(v) ? sg_str(v->boolean ? "true" : "false") : json_text(s, v, 0));
	}
	set(s, all, "AWS_LAMBDA_NODEJS_ENTRYPOINT", truthy(entry) ? entry : NULL);
	return all->n ? all : NULL;
}

static struct val *code(struct sam *s, struct web *w)
{
	static const char *const names[] = {"Bucket", "Key", "VersionId", NULL};
	struct val *uri = get(w->props, "CodeUri");
	if (get(w->props, "InlineCode") || !truthy(uri))
		sam_fail(s, w->macro->id, w->props, "it needs CodeUri, and no InlineCode");
	return s3_location(s, w->macro->id, uri, "CodeUri", names);
}

static struct res *revision(struct sam *s, struct web *w, struct val *role_arn)
{
	struct macro *m = w->macro;
	struct val *log = get(w->props, "LoggingConfig"), *timeout = get(w->props, "Timeout");
	struct res *r = res_new(s, m, fmt(s, "%sRevision", m->id), "AWS::Lambda::WebFunctionRevision", m->key);
	res_set(s, r, "FunctionName", w->name);
	res_set(s, r, "Description", get(w->props, "RevisionDescription"));
	res_set(s, r, "KmsKeyArn", get(w->props, "KmsKeyArn"));
	res_set(s, r, "BuildConfig",
		make(s, m->key, "{'CodeConfig':{'S3Object':%v},'RuntimeConfig':{'Runtime':%v}}", code(s, w),
		     want(s, m->id, get(w->props, "Runtime"), w->props, "Runtime")));
	res_set(s, r, "ServiceConfig",
		make(s, m->key,
		     "{'ExecutionRoleArn':%v,'EnvironmentVariables':%v,'TelemetryConfig':%v,"
		     "'MaxConcurrencyPerEnvironment':%v,'EgressNetworkConnectorArn':%v,'TimeoutSeconds':%v}",
		     role_arn, environment(s, w), truthy(log) ? make(s, log->node, "{'LoggingConfig':%v}", log) : NULL,
		     get(w->props, "MaxConcurrencyPerEnvironment"), get(w->props, "EgressNetworkConnectorArn"),
		     truthy(timeout) ? timeout : val_int(s, m->key, 30)));
	res_depends(s, r, m->id);
	made(s, m, r);
	return r;
}

static struct val *weights_of(struct sam *s, struct web *w, struct res *rev)
{
	struct val *own = get(w->props, "RevisionWeights"), *list = val_list(s, w->macro->key);
	if (!truthy(own))
		return make(s, w->macro->key, "[{'RevisionId':%v,'Weight':100}]",
			    att_of(s, w->macro->key, rev->id, "RevisionId"));
	for (size_t i = 0; i < own->n; i++)
		push(s, list,
		     make(s, own->node, "{'RevisionId':%v,'Weight':%v}", val_str(s, own->node, own->entries[i].key),
			  own->entries[i].value));
	return list;
}

static void endpoint(struct sam *s, struct web *w, struct res *rev)
{
	struct macro *m = w->macro;
	struct val *name = get(w->props, "EndpointName"), *type = get(w->props, "EndpointType");
	struct res *r = res_new(s, m, fmt(s, "%sEndpoint", m->id), "AWS::Lambda::WebFunctionEndpoint", m->key);
	res_set(s, r, "FunctionName", w->name);
	res_set(s, r, "EndpointName", truthy(name) ? name : val_text(s, m->key, "prod"));
	res_set(s, r, "EndpointType", truthy(type) ? type : val_text(s, m->key, "HomeRegion"));
	res_set(s, r, "AuthType", get(w->props, "AuthType"));
	res_set(s, r, "RevisionWeights", weights_of(s, w, rev));
	res_set(s, r, "Description", get(w->props, "EndpointDescription"));
	res_set(s, r, "ScalingConfig", get(w->props, "ScalingConfig"));
	res_set(s, r, "ThrottleConfig", get(w->props, "ThrottleConfig"));
	res_depends(s, r, m->id);
	res_depends(s, r, rev->id);
	made(s, m, r);
}

void sam_web_function(struct sam *s, struct macro *m)
{
	struct web w = {.macro = m, .props = m->props};
	if (get(m->props, "ReplicaRegions")) /* which regions a group of them stands for changes with AWS */
		sam_unknown(s, get(m->props, "ReplicaRegions"), "the regions of a web function are not known offline");
	check(s, &w);
	w.name = function_name(s, &w);
	struct val *role_arn = role(s, &w);
	struct res *function = res_main(s, m, "AWS::Lambda::WebFunction");
	res_set(s, function, "FunctionName", w.name);
	res_set(s, function, "Tags", require_tags(s, m, "lambda:createdBy", "SAM", NULL, get(m->props, "Tags")));
	made(s, m, function);
	endpoint(s, &w, revision(s, &w, role_arn));
}
