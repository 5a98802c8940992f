/*
 * Versions and aliases that AutoPublishAlias asks for, and the URL of a function.  A version's id holds a hash of the
 * code, so that a change of it publishes a new one.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ the version */

/* What of the function a new version hangs on. */
static struct val *hashed_parts(struct sam *s, struct res *function, struct val *code)
{
	struct val *parts = val_shallow(s, code), *environment = get(function->props, "Environment");
	struct val *snap = get(function->props, "SnapStart"), *apply = get(snap, "ApplyOn");
	for (size_t i = 0; is_map(environment) && i < environment->n; i++)
		set_key(s, parts, environment->entries[i].key, NULL, environment->entries[i].value);
	if (truthy(get(function->props, "MemorySize")))
		set(s, parts, "MemorySize", get(function->props, "MemorySize"));
	if (truthy(snap) && apply && !is(apply, "None"))
		set(s, parts, "SnapStart", snap);
	return parts;
}

/* All properties, and those of layers that ask for it. */
static struct val *all_parts(struct sam *s, struct res *function)
{
	struct val *parts = val_shallow(s, function->props), *layers = get(function->props, "Layers");
	for (size_t i = 0; is_list(layers) && i < layers->n; i++) {
		struct sg_str id = logical_id_of(layers->items[i]);
		struct val *props = get(get_str(s->resources, id), "Properties");
		if (id.n && truthy(get(props, "PublishLambdaVersion")))
			set_key(s, parts, id, NULL, props);
	}
	return parts;
}

static const char *version_id(struct sam *s, struct macro *m, struct res *function, struct val *sha)
{
	const char *prefix = fmt(s, "%sVersion", m->id);
	struct val *code = resolve_name(s, get(function->props, "Code"));
	if (truthy(sha)) {
		struct sg_str hash = sg_str_sub(sha->text, 0, 10);
		return fmt(s, "%s%.*s", prefix, SG_FMT(hash));
	}
	bool all = truthy(get(m->props, "AutoPublishAliasAllProperties"));
	return hashed_id(s, prefix, all ? all_parts(s, function) : hashed_parts(s, function, code));
}

struct res *function_version(struct sam *s, struct macro *m, struct res *function, struct val *sha)
{
	struct val *alias = get(m->props, "AutoPublishAlias"), *policy = get(m->props, "VersionDeletionPolicy");
	struct res *v = res_new(s, m, version_id(s, m, function, sha), "AWS::Lambda::Version", alias->node);
	bool managed = get(m->props, "CapacityProviderConfig") != NULL;
	if (!has(v->attributes, "DeletionPolicy"))
		res_attribute(s, v, "DeletionPolicy",
			      policy ? policy : val_text(s, alias->node, managed ? "Delete" : "Retain"));
	res_set(s, v, "FunctionName", ref_to(s, alias->node, m->id));
	res_set(s, v, "Description", get(m->props, "VersionDescription"));
	if (managed)
		res_set(s, v, "FunctionScalingConfig", get(m->props, "FunctionScalingConfig"));
	return v;
}

/* ------------------------------------------------------------------------------------------------ the alias */

/* The name as a part of a logical id; NULL for a name that Lambda does not take. */
static const char *alias_part(struct sam *s, const char *name)
{
	struct sg_buf b = {0};
	bool digits = true, good = *name != '\0';
	for (const char *p = name; *p && good; p++) {
		good = *p == '-' || *p == '_' || alnum((struct sg_str){p, 1});
		digits = digits && *p >= '0' && *p <= '9';
		sg_buf_addc(&b, *p == '-' ? 'D' : *p == '_' ? 'U' : *p);
	}
	if (good && !digits)
		return sg_buf_take(&b, s->arena).p;
	sg_buf_free(&b);
	return NULL;
}

struct res *function_alias(struct sam *s, struct macro *m, const char *name, struct res *version)
{
	struct val *alias = get(m->props, "AutoPublishAlias"),
		   *concurrency = get(m->props, "ProvisionedConcurrencyConfig");
	const char *part = alias_part(s, name);
	if (!part)
		sam_fail(s, m->id, alias,
			 "the name of an alias has letters, digits, hyphens and underscores, and not digits alone");
	struct res *a = res_new(s, m, fmt(s, "%sAlias%s", m->id, part), "AWS::Lambda::Alias", alias->node);
	res_set(s, a, "Name", s->options->use_defaults || is_str(alias) ? val_text(s, alias->node, name) : alias);
	res_set(s, a, "FunctionName", ref_to(s, alias->node, m->id));
	res_set(s, a, "FunctionVersion", att_of(s, alias->node, version->id, "Version"));
	if (truthy(concurrency))
		res_set(s, a, "ProvisionedConcurrencyConfig", concurrency);
	return a;
}

/* ------------------------------------------------------------------------------------------------ the URL */

static void check_cors(struct sam *s, struct macro *m, struct val *cors)
{
	static const struct {
		const char *name;
		enum sg_type type;
	} known[] = {
		{"AllowOrigins", SG_T_LIST}, {"AllowMethods", SG_T_LIST},  {"AllowCredentials", SG_T_BOOL},
		{"AllowHeaders", SG_T_LIST}, {"ExposeHeaders", SG_T_LIST}, {"MaxAge", SG_T_INT},
	};
	const size_t n = sizeof(known) / sizeof(*known);
	if (!truthy(cors) || is_intrinsic(cors))
		return;
	want_map(s, m->id, cors, "FunctionUrlConfig.Cors");
	for (size_t i = 0; i < cors->n; i++) {
		struct val *v = cors->entries[i].value;
		size_t k = 0;
		while (k < n && !sg_str_is(cors->entries[i].key, known[k].name))
			k++;
		if (k == n)
			sam_fail(s, m->id, v, "Cors has no property '%.*s'", SG_FMT(cors->entries[i].key));
		bool number = known[k].type == SG_T_INT && v->type == SG_T_BOOL;
		if (!is_intrinsic(v) && v->type != known[k].type && !number)
			sam_fail(s, m->id, v, "%s is of a wrong type", known[k].name);
	}
}

static void check_url(struct sam *s, struct macro *m, struct val *config)
{
	struct val *auth = get(config, "AuthType");
	if (is_intrinsic(config))
		return;
	if (!is_intrinsic(auth) && !is(auth, "AWS_IAM") && !is(auth, "NONE"))
		sam_fail(s, m->id, config, "FunctionUrlConfig needs the AuthType AWS_IAM or NONE");
	check_cors(s, m, get(config, "Cors"));
}

static void public_permission(struct sam *s, struct macro *m, const char *id, const char *action, struct val *function,
			      const char *key, struct val *value)
{
	struct res *p = res_new(s, m, id, "AWS::Lambda::Permission", value->node);
	res_set(s, p, "Action", val_text(s, value->node, action));
	res_set(s, p, "FunctionName", function);
	res_set(s, p, "Principal", val_text(s, value->node, "*"));
	res_set(s, p, key, value);
	made(s, m, p);
}

void function_url(struct sam *s, struct macro *m, struct res *alias)
{
	struct val *config = get(m->props, "FunctionUrlConfig"), *auth = get(config, "AuthType");
	if (!truthy(config))
		return;
	check_url(s, m, config);
	struct val *function = ref_to(s, config->node, alias ? alias->id : m->id);
	struct res *url = res_new(s, m, fmt(s, "%sUrl", m->id), "AWS::Lambda::Url", config->node);
	res_set(s, url, "Cors", truthy(get(config, "Cors")) ? get(config, "Cors") : NULL);
	res_set(s, url, "AuthType", auth);
	res_set(s, url, "TargetFunctionArn", function);
	res_set(s, url, "InvokeMode", get(config, "InvokeMode"));
	made(s, m, url);
	if (!is(auth, "NONE") || is_intrinsic(config))
		return;
	public_permission(s, m, fmt(s, "%sUrlPublicPermissions", m->id), "lambda:InvokeFunctionUrl", function,
			  "FunctionUrlAuthType", auth);
	public_permission(s, m, fmt(s, "%sURLInvokeAllowPublicAccess", m->id), "lambda:InvokeFunction", function,
			  "InvokedViaFunctionUrl", val_bool(s, auth->node, true));
}
