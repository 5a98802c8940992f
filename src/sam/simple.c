/*
 * The SAM resources that become one CloudFormation resource: layers, tables, nested applications.
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ layers */

/* Strings whose value the translator must know: a parameter's counts, another intrinsic stays. */
static void known_text(struct sam *s, struct macro *m, const char *name)
{
	struct val *v = get(m->props, name);
	if (!truthy(v))
		return;
	v = resolve(s, v);
	if (!is_str(v) && !is_map(v))
		sam_fail(s, m->id, v, "'%s' must be a string", name);
	set(s, m->props, name, v);
}

static struct val *retention(struct sam *s, struct macro *m)
{
	struct val *v = get(m->props, "RetentionPolicy");
	if (is_intrinsic(v) && !s->options->use_defaults)
		return NULL; /* how long a layer is kept opens nothing */
	if (!v)
		return NULL;
	if (!is_str(v))
		sam_fail(s, m->id, v, "RetentionPolicy must be Retain or Delete, and no intrinsic function");
	if (sg_str_is_nocase(v->text, "Retain"))
		return val_text(s, v->node, "Retain");
	if (sg_str_is_nocase(v->text, "Delete"))
		return val_text(s, v->node, "Delete");
	sam_fail(s, m->id, v, "RetentionPolicy must be Retain or Delete");
}

/* The layer as it is hashed: without what does not change its content. */
static const char *layer_id(struct sam *s, struct macro *m)
{
	static const char *const kept[] = {"UpdatePolicy", "Condition"};
	struct val *hashed = make(s, m->key, "{'Type':'AWS::Serverless::LayerVersion'}"), *props = val_map(s, m->key);
	if (truthy(m->depends_on))
		set(s, hashed, "DependsOn", m->depends_on);
	for (size_t i = 0; i < 2; i++)
		set(s, hashed, kept[i], raw(m->attributes, kept[i]));
	for (size_t i = 0; i < m->props->n; i++)
		if (m->props->entries[i].value->type != SG_T_NULL)
			set_key(s, props, m->props->entries[i].key, NULL, m->props->entries[i].value);
	set(s, hashed, "Properties", props);
	return hashed_id(s, m->id, make(s, m->key, "{'%s':%v}", m->id, hashed));
}

static void check_architectures(struct sam *s, struct macro *m, struct val *list)
{
	for (size_t i = 0; is_list(list) && i < list->n; i++)
		if (!is_intrinsic(list->items[i]) && !is(list->items[i], "x86_64") && !is(list->items[i], "arm64"))
			sam_fail(s, m->id, list, "CompatibleArchitectures are x86_64 and arm64");
}

void sam_layer(struct sam *s, struct macro *m)
{
	static const char *const texts[] = {"LayerName", "LicenseInfo", "Description", "RetentionPolicy"};
	for (size_t i = 0; i < 4; i++)
		known_text(s, m, texts[i]);
	struct val *policy = retention(s, m), *name = get(m->props, "LayerName");
	struct res *r = res_new(s, m, layer_id(s, m), "AWS::Lambda::LayerVersion", m->key);
	r->depends_on = m->depends_on;
	m->renamed = r->id;
	if (policy || !has(r->attributes, "DeletionPolicy"))
		res_attribute(s, r, "DeletionPolicy", policy ? policy : val_text(s, m->key, "Retain"));
	res_set(s, r, "LayerName", truthy(name) ? name : val_text(s, m->key, m->id));
	res_set(s, r, "Description", get(m->props, "Description"));
	res_set(s, r, "Content", s3_location(s, m->id, get(m->props, "ContentUri"), "ContentUri", lambda_code_names));
	check_architectures(s, m, get(m->props, "CompatibleArchitectures"));
	res_set(s, r, "CompatibleArchitectures", get(m->props, "CompatibleArchitectures"));
	res_set(s, r, "CompatibleRuntimes", get(m->props, "CompatibleRuntimes"));
	res_set(s, r, "LicenseInfo", get(m->props, "LicenseInfo"));
	made(s, m, r);
}

/* ------------------------------------------------------------------------------------------------ tables */

static const char *key_type(struct sam *s, struct macro *m, struct val *type)
{
	static const char *const rows[][2] = {{"String", "S"}, {"Number", "N"}, {"Binary", "B"}};
	for (size_t i = 0; i < 3; i++)
		if (is(type, rows[i][0]))
			return rows[i][1];
	sam_fail(s, m->id, type, "the Type of PrimaryKey is String, Number or Binary");
}

void sam_table(struct sam *s, struct macro *m)
{
	static const char *const copied[] = {"PointInTimeRecoverySpecification", "ProvisionedThroughput",
					     "SSESpecification", "TableName"};
	struct val *key = get(m->props, "PrimaryKey"), *tags = get(m->props, "Tags");
	struct val *name = val_text(s, m->key, "id");
	const char *type = "S";
	if (truthy(key)) {
		name = want(s, m->id, get(key, "Name"), key, "PrimaryKey.Name");
		type = key_type(s, m, want(s, m->id, get(key, "Type"), key, "PrimaryKey.Type"));
	}
	struct res *r = res_main(s, m, "AWS::DynamoDB::Table");
	res_set(s, r, "AttributeDefinitions",
		make(s, m->key, "[{'AttributeName':%v,'AttributeType':'%s'}]", name, type));
	res_set(s, r, "KeySchema", make(s, m->key, "[{'AttributeName':%v,'KeyType':'HASH'}]", name));
	for (size_t i = 0; i < 4; i++)
		if (truthy(get(m->props, copied[i])))
			res_set(s, r, copied[i], get(m->props, copied[i]));
	if (!truthy(get(m->props, "ProvisionedThroughput")))
		res_set(s, r, "BillingMode", val_text(s, m->key, "PAY_PER_REQUEST"));
	if (truthy(tags))
		res_set(s, r, "Tags", tag_list(s, tags->node, tags));
	made(s, m, r);
}

/* ------------------------------------------------------------------------------------------------ applications */

static void check_resolved(struct sam *s, struct macro *m, struct val *v, const char *name)
{
	if (is_map(v) && !s->options->use_defaults)
		sam_unknown(s, v, "'%s' is not known offline", name);
	if (is_map(v))
		sam_fail(s, m->id, v, "'%s' must be known: only Ref of a parameter and FindInMap are", name);
}

/* An application of the Serverless Application Repository: its template is not known offline. */
static struct val *from_repository(struct sam *s, struct macro *m, struct val *location)
{
	static const char *const keys[] = {"ApplicationId", "SemanticVersion"};
	struct val *v[2];
	for (size_t i = 0; i < 2; i++) {
		if (!has(location, keys[i]))
			sam_fail(s, m->id, location, "'Location' needs %s", keys[i]);
		v[i] = resolve_maps(s, resolve_name(s, get(location, keys[i])));
		if (v[i])
			set(s, location, keys[i], v[i]);
	}
	want(s, m->id, v[0], location, keys[0]);
	check_resolved(s, m, v[0], keys[0]);
	if (!truthy(v[1]))
		sam_fail(s, m->id, location, "'SemanticVersion' cannot be blank");
	check_resolved(s, m, v[1], keys[1]);
	want_str(s, m->id, v[0], "Location.ApplicationId");
	want_str(s, m->id, v[1], "Location.SemanticVersion");
	if (sg_str_find(v[0]->text, "{{resolve:ssm:", 0) != SIZE_MAX)
		sam_fail(s, m->id, v[0], "'ApplicationId' cannot be a dynamic reference");
	return make(s, location->node,
		    "{'Fn::Transform':{'Name':'AWS::Serverless-2016-10-31','Parameters':{'ApplicationId':%v,"
		    "'SemanticVersion':%v}}}",
		    v[0], v[1]);
}

void sam_application(struct sam *s, struct macro *m)
{
	static const struct prop known[] = {{"Location", T_STR | T_MAP | T_REQUIRED},
					    {"TemplateUrl", T_STR},
					    {"Parameters", T_MAP},
					    {"NotificationARNs", T_LIST | T_OF_STR | T_OF_MAP},
					    {"Tags", T_MAP},
					    {"TimeoutInMinutes", T_INT},
					    {NULL, 0}};
	struct val *location = raw(m->props, "Location"), *extra = val_map(s, m->key), *url = location;
	if (!location)
		sam_fail(s, m->id, m->props, "the required property 'Location' is missing");
	if (is_map(location))
		url = from_repository(s, m, location);
	check_props(s, m->id, "AWS::Serverless::Application", m->props, known);
	set(s, extra, "serverlessrepo:applicationId", get(location, "ApplicationId"));
	set(s, extra, "serverlessrepo:semanticVersion", get(location, "SemanticVersion"));
	struct res *r = res_new(s, m, m->id, "AWS::CloudFormation::Stack", m->key);
	r->depends_on = m->depends_on;
	res_set(s, r, "Parameters", get(m->props, "Parameters"));
	res_set(s, r, "NotificationARNs", get(m->props, "NotificationARNs"));
	res_set(s, r, "Tags", require_tags(s, m, "lambda:createdBy", "SAM", extra, get(m->props, "Tags")));
	res_set(s, r, "TimeoutInMinutes", get(m->props, "TimeoutInMinutes"));
	res_set(s, r, "TemplateURL", url);
	made(s, m, r);
}
