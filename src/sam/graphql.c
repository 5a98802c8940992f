/*
 * AWS::Serverless::GraphQLApi: the AppSync API with its schema, sources, functions and resolvers.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ the schema */

#define FREE(name)                          \
	{                                   \
		name, SHAPE_ANY, NULL, NULL \
	}
#define END FREE(NULL)

static const char *const auth_types[] = {
	"AWS_IAM", "API_KEY", "AWS_LAMBDA", "OPENID_CONNECT", "AMAZON_COGNITO_USER_POOLS", NULL};
static const char *const read_write[] = {"Read", "Write", NULL};
static const struct shape item_any = FREE("items"), item_str = {"items", SHAPE_STR, NULL, NULL};
static const struct shape item_permission = {"Permissions", SHAPE_WORD, NULL, read_write};

static const struct shape lambda_fields[] = {FREE("AuthorizerResultTtlInSeconds"), FREE("!AuthorizerUri"),
					     FREE("IdentityValidationExpression"), END};
static const struct shape openid_fields[] = {FREE("AuthTTL"), FREE("ClientId"), FREE("IatTTL"), FREE("Issuer"), END};
static const struct shape pool_fields[] = {FREE("AppIdClientRegex"), FREE("AwsRegion"), FREE("DefaultAction"),
					   FREE("!UserPoolId"), END};
#define AUTHORIZER                                                                                        \
	{"!Type", SHAPE_WORD, NULL, auth_types}, {"LambdaAuthorizer", SHAPE_FIELDS, lambda_fields, NULL}, \
		{"OpenIDConnect", SHAPE_FIELDS, openid_fields, NULL},                                     \
	{                                                                                                 \
		"UserPool", SHAPE_FIELDS, pool_fields, NULL                                               \
	}
static const struct shape additional_fields[] = {AUTHORIZER, END};
static const struct shape more_shape = {"Additional", SHAPE_FIELDS, additional_fields, NULL};
static const struct shape auth_fields[] = {AUTHORIZER, {"Additional", SHAPE_LIST, &more_shape, NULL}, END};
static const struct shape key_fields[] = {FREE("ApiKeyId"), FREE("Description"), FREE("ExpiresOn"), END};
static const struct shape api_key = {"ApiKeys", SHAPE_FIELDS, key_fields, NULL};
static const struct shape log_fields[] = {FREE("CloudWatchLogsRoleArn"), FREE("ExcludeVerboseContent"),
					  FREE("FieldLogLevel"), END};
static const struct shape delta_fields[] = {FREE("!BaseTableTTL"), FREE("!DeltaSyncTableName"),
					    FREE("!DeltaSyncTableTTL"), END};
static const struct shape table_fields[] = {FREE("!TableName"),
					    FREE("ServiceRoleArn"),
					    FREE("TableArn"),
					    {"Permissions", SHAPE_LIST, &item_permission, NULL},
					    FREE("Name"),
					    FREE("Description"),
					    FREE("Region"),
					    {"DeltaSync", SHAPE_FIELDS, delta_fields, NULL},
					    FREE("UseCallerCredentials"),
					    FREE("Versioned"),
					    END};
static const struct shape invoked_fields[] = {FREE("!FunctionArn"), FREE("ServiceRoleArn"), FREE("Name"),
					      FREE("Description"), END};
static const struct shape table_shape = {"DynamoDb", SHAPE_FIELDS, table_fields, NULL};
static const struct shape invoked_shape = {"Lambda", SHAPE_FIELDS, invoked_fields, NULL};
static const struct shape source_fields[] = {
	{"DynamoDb", SHAPE_EACH, &table_shape, NULL}, {"Lambda", SHAPE_EACH, &invoked_shape, NULL}, END};
static const struct shape runtime_fields[] = {FREE("!Name"), FREE("!Version"), END};
static const struct shape conflict_fields[] = {FREE("!LambdaConflictHandlerArn"), END};
static const struct shape sync_fields[] = {FREE("!ConflictDetection"),
					   FREE("ConflictHandler"),
					   {"LambdaConflictHandlerConfig", SHAPE_FIELDS, conflict_fields, NULL},
					   END};
#define CODE                                                                                                        \
	FREE("InlineCode"), FREE("CodeUri"), FREE("MaxBatchSize"), {"Runtime", SHAPE_FIELDS, runtime_fields, NULL}, \
	{                                                                                                           \
		"Sync", SHAPE_FIELDS, sync_fields, NULL                                                             \
	}
static const struct shape function_fields[] = {CODE,
					       {"DataSource", SHAPE_SOME_STR, NULL, NULL},
					       FREE("Description"),
					       {"Name", SHAPE_STR, NULL, NULL},
					       FREE("Id"),
					       END};
static const struct shape caching_fields[] = {FREE("!Ttl"), {"CachingKeys", SHAPE_LIST, &item_any, NULL}, END};
static const struct shape resolver_fields[] = {CODE,
					       {"FieldName", SHAPE_STR, NULL, NULL},
					       {"Caching", SHAPE_FIELDS, caching_fields, NULL},
					       {"Pipeline", SHAPE_LIST, &item_str, NULL},
					       END};
static const struct shape function_shape = {"Functions", SHAPE_FIELDS, function_fields, NULL};
static const struct shape resolver_shape = {"Resolvers", SHAPE_FIELDS, resolver_fields, NULL};
static const struct shape resolvers_shape = {"Resolvers", SHAPE_EACH, &resolver_shape, NULL};
static const struct shape domain_fields[] = {FREE("!CertificateArn"), FREE("!DomainName"), FREE("Description"), END};
static const struct shape cache_fields[] = {
	FREE("!ApiCachingBehavior"),      FREE("!Ttl"), FREE("!Type"), FREE("AtRestEncryptionEnabled"),
	FREE("TransitEncryptionEnabled"), END};
static const struct shape graphql_fields[] = {{"!Auth", SHAPE_FIELDS, auth_fields, NULL},
					      {"Tags", SHAPE_MAP, NULL, NULL},
					      FREE("Name"),
					      {"XrayEnabled", SHAPE_BOOL, NULL, NULL},
					      FREE("SchemaInline"),
					      FREE("SchemaUri"),
					      {"Logging", SHAPE_FIELDS_OR_BOOL, log_fields, NULL},
					      {"DataSources", SHAPE_FIELDS, source_fields, NULL},
					      {"Functions", SHAPE_EACH, &function_shape, NULL},
					      {"Resolvers", SHAPE_EACH, &resolvers_shape, NULL},
					      {"ApiKeys", SHAPE_EACH, &api_key, NULL},
					      {"DomainName", SHAPE_FIELDS, domain_fields, NULL},
					      {"Cache", SHAPE_FIELDS, cache_fields, NULL},
					      FREE("Visibility"),
					      FREE("OwnerContact"),
					      FREE("IntrospectionConfig"),
					      FREE("QueryDepthLimit"),
					      FREE("ResolverCountLimit"),
					      END};

/* ------------------------------------------------------------------------------------------------ parts */

struct graphql {
	struct macro *macro;
	struct val *props;
	struct val *api_id;
	struct val *sources;   /* name → its Name attribute */
	struct val *functions; /* name → its FunctionId */
	struct res *none;      /* the source that is none, made when first asked for */
};

static struct res *part(struct sam *s, struct graphql *g, const char *id, const char *type, const struct sg_node *from)
{
	struct res *r = res_new(s, g->macro, id, type, from);
	r->attributes = val_shallow(s, g->macro->attributes);
	r->depends_on = g->macro->depends_on;
	return r;
}

static void copy_props(struct sam *s, struct res *r, struct val *v, const char *const *names)
{
	for (; *names; names += 2)
		res_set(s, r, names[1], get(v, names[0]));
}

/* ------------------------------------------------------------------------------------------------ authorizers */

static const struct {
	const char *type, *property, *made;
} auth_kinds[] = {
	{"AWS_LAMBDA", "LambdaAuthorizer", "LambdaAuthorizerConfig"},
	{"OPENID_CONNECT", "OpenIDConnect", "OpenIDConnectConfig"},
	{"AMAZON_COGNITO_USER_POOLS", "UserPool", "UserPoolConfig"},
};

/* The configuration that goes with the type of an authorizer, under its name in CloudFormation; an empty one is none. */
static void authorizer(struct sam *s, struct graphql *g, struct val *v, bool additional, const char **name,
		       struct val **config)
{
	size_t given = 0;
	*name = NULL;
	for (size_t i = 0; i < 3; i++) {
		struct val *own = get(v, auth_kinds[i].property);
		given += own != NULL;
		if (!is(get(v, "Type"), auth_kinds[i].type))
			continue;
		*config = want(s, g->macro->id, own, v, auth_kinds[i].property);
		*name = truthy(*config) ? auth_kinds[i].made : NULL;
	}
	if (given > 1)
		sam_fail(s, g->macro->id, v, "Auth has more than one configuration");
	if (additional && *name && sg_str_is(sg_str(*name), "UserPoolConfig"))
		del(*config, SG_LIT("DefaultAction"));
}

static void run_connector(struct sam *s, struct graphql *g, const char *id, struct val *props)
{
	struct macro inner = {.id = id, .key = props->node, .props = props, .dict = g->macro->dict};
	inner.attributes = val_map(s, props->node);
	inner.passed = val_map(s, props->node);
	connector_expand(s, &inner);
	for (size_t i = 0; i < inner.made.n; i++)
		made(s, g->macro, inner.made.v[i]);
}

static void connect_authorizer(struct sam *s, struct graphql *g, unsigned number, struct val *uri)
{
	run_connector(s, g, fmt(s, "%sToLambdaAuthConnector%u", g->macro->id, number),
		      make(s, uri->node,
			   "{'Source':{'Type':'AWS::AppSync::GraphQLApi','Arn':{'Ref':'%s'},'ResourceId':%v},"
			   "'Destination':{'Type':'AWS::Lambda::Function','Arn':%v},'Permissions':['Write']}",
			   g->macro->id, g->api_id, uri));
}

static void auth(struct sam *s, struct graphql *g, struct res *api, struct val *lambdas)
{
	struct val *own = get(g->props, "Auth"), *more = get(own, "Additional"), *list = val_list(s, own->node);
	const char *name;
	struct val *config;
	authorizer(s, g, own, false, &name, &config);
	res_set(s, api, "AuthenticationType", get(own, "Type"));
	if (name)
		res_set(s, api, name, config);
	if (name && get(config, "AuthorizerUri"))
		push(s, lambdas, get(config, "AuthorizerUri"));
	for (size_t i = 0; more && i < more->n; i++) {
		authorizer(s, g, more->items[i], true, &name, &config);
		struct val *one =
			make(s, more->items[i]->node, "{'AuthenticationType':%v}", get(more->items[i], "Type"));
		if (name)
			set(s, one, name, config);
		if (name && get(config, "AuthorizerUri"))
			push(s, lambdas, get(config, "AuthorizerUri"));
		push(s, list, one);
	}
	if (list->n)
		res_set(s, api, "AdditionalAuthenticationProviders", list);
}

/* ------------------------------------------------------------------------------------------------ the API */

static struct val *log_role(struct sam *s, struct graphql *g)
{
	const struct sg_node *from = g->macro->key;
	struct res *r = part(s, g, fmt(s, "%sCloudWatchRole", g->macro->id), "AWS::IAM::Role", from);
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, from, "appsync.amazonaws.com"));
	res_set(s, r, "ManagedPolicyArns",
		make(s, from,
		     "[{'Fn::Sub':'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs'}]"));
	made(s, g->macro, r);
	return att_of(s, from, r->id, "Arn");
}

static void logging(struct sam *s, struct graphql *g, struct res *api)
{
	struct val *own = get(g->props, "Logging");
	if (is_bool(own) && !own->boolean)
		return;
	struct val *verbose = get(own, "ExcludeVerboseContent"), *level = get(own, "FieldLogLevel");
	struct val *role = get(own, "CloudWatchLogsRoleArn");
	res_set(s, api, "LogConfig",
		make(s, g->macro->key, "{'ExcludeVerboseContent':%v,'FieldLogLevel':%v,'CloudWatchLogsRoleArn':%v}",
		     truthy(verbose) ? verbose : NULL, truthy(level) ? level : val_text(s, g->macro->key, "ALL"),
		     truthy(role) ? role : log_role(s, g)));
}

static void graphql_api(struct sam *s, struct graphql *g)
{
	static const char *const copied[] = {"Visibility", "OwnerContact", "IntrospectionConfig", "QueryDepthLimit",
					     "ResolverCountLimit"};
	struct res *api = part(s, g, g->macro->id, "AWS::AppSync::GraphQLApi", g->macro->key);
	struct val *name = get(g->props, "Name"), *tags = get(g->props, "Tags"), *xray = get(g->props, "XrayEnabled");
	struct val *lambdas = val_list(s, g->macro->key);
	made(s, g->macro, api);
	res_set(s, api, "Name", truthy(name) ? name : val_text(s, g->macro->key, g->macro->id));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		if (truthy(get(g->props, copied[i])))
			res_set(s, api, copied[i], get(g->props, copied[i]));
	res_set(s, api, "XrayEnabled", xray);
	auth(s, g, api, lambdas);
	tags = tags ? val_shallow(s, tags) : val_map(s, g->macro->key);
	set(s, tags, "graphqlapi:createdBy", val_text(s, g->macro->key, "SAM"));
	res_set(s, api, "Tags", tag_list(s, g->macro->key, tags));
	logging(s, g, api);
	for (size_t i = 0; i < lambdas->n; i++)
		connect_authorizer(s, g, (unsigned)i + 1, lambdas->items[i]);
}

static const char *schema(struct sam *s, struct graphql *g)
{
	struct val *text = get(g->props, "SchemaInline"), *uri = get(g->props, "SchemaUri");
	if (truthy(text) == truthy(uri))
		sam_fail(s, g->macro->id, g->props, "it needs one of SchemaInline and SchemaUri");
	struct res *r = part(s, g, fmt(s, "%sSchema", g->macro->id), "AWS::AppSync::GraphQLSchema", g->macro->key);
	res_set(s, r, "ApiId", g->api_id);
	res_set(s, r, "Definition", text);
	res_set(s, r, "DefinitionS3Location", uri);
	made(s, g->macro, r);
	return r->id;
}

static void api_keys(struct sam *s, struct graphql *g)
{
	static const char *const names[] = {"ApiKeyId",  "ApiKeyId", "Description", "Description",
					    "ExpiresOn", "Expires",  NULL};
	struct val *all = get(g->props, "ApiKeys");
	for (size_t i = 0; all && i < all->n; i++) {
		struct val *own = all->entries[i].value;
		struct res *r = part(s, g, fmt(s, "%s%.*s", g->macro->id, SG_FMT(all->entries[i].key)),
				     "AWS::AppSync::ApiKey", own->node);
		res_set(s, r, "ApiId", g->api_id);
		copy_props(s, r, own, names);
		made(s, g->macro, r);
	}
}

static void cache(struct sam *s, struct graphql *g)
{
	static const char *const names[] = {"ApiCachingBehavior",
					    "ApiCachingBehavior",
					    "Ttl",
					    "Ttl",
					    "Type",
					    "Type",
					    "AtRestEncryptionEnabled",
					    "AtRestEncryptionEnabled",
					    "TransitEncryptionEnabled",
					    "TransitEncryptionEnabled",
					    NULL};
	struct val *own = get(g->props, "Cache");
	if (!own)
		return;
	struct res *r = part(s, g, fmt(s, "%sApiCache", g->macro->id), "AWS::AppSync::ApiCache", own->node);
	res_set(s, r, "ApiId", g->api_id);
	copy_props(s, r, own, names);
	made(s, g->macro, r);
}

static void domain(struct sam *s, struct graphql *g)
{
	static const char *const names[] = {"CertificateArn", "CertificateArn", "DomainName", "DomainName",
					    "Description",    "Description",    NULL};
	struct val *own = get(g->props, "DomainName");
	if (!own)
		return;
	struct res *r = part(s, g, fmt(s, "%sDomainName", g->macro->id), "AWS::AppSync::DomainName", own->node);
	copy_props(s, r, own, names);
	made(s, g->macro, r);
	struct res *to = part(s, g, fmt(s, "%sDomainNameApiAssociation", g->macro->id),
			      "AWS::AppSync::DomainNameApiAssociation", own->node);
	res_set(s, to, "ApiId", g->api_id);
	res_set(s, to, "DomainName", ref_to(s, own->node, r->id));
	made(s, g->macro, to);
}

/* ------------------------------------------------------------------------------------------------ data sources */

/* The source's role: the user's, or one that a connector's policy is attached to. */
static void source_role(struct sam *s, struct graphql *g, struct res *source, struct val *own, const char *connector,
			const char *type, struct val *arn, struct val *permissions)
{
	struct val *role = get(own, "ServiceRoleArn");
	const struct sg_node *from = own->node;
	if (truthy(role)) {
		res_set(s, source, "ServiceRoleArn", role);
		return;
	}
	struct res *r = part(s, g, fmt(s, "%sRole", source->id), "AWS::IAM::Role", from);
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, from, "appsync.amazonaws.com"));
	res_set(s, source, "ServiceRoleArn", att_of(s, from, r->id, "Arn"));
	made(s, g->macro, r);
	run_connector(s, g, fmt(s, "%s%s", source->id, connector),
		      make(s, from,
			   "{'Source':{'Type':'AWS::AppSync::DataSource','Arn':%v,'RoleName':{'Ref':'%s'}},"
			   "'Destination':{'Type':'%s','Arn':%v},'Permissions':%v}",
			   att_of(s, from, source->id, "DataSourceArn"), r->id, type, arn, permissions));
}

static struct res *source(struct sam *s, struct graphql *g, struct entry *e, const char *kind, const char *type)
{
	struct val *name = get(e->value, "Name");
	struct res *r = part(s, g, fmt(s, "%s%.*s%sDataSource", g->macro->id, SG_FMT(e->key), kind),
			     "AWS::AppSync::DataSource", e->value->node);
	res_set(s, r, "Name", truthy(name) ? name : val_str(s, e->value->node, e->key));
	res_set(s, r, "Type", val_text(s, e->value->node, type));
	res_set(s, r, "ApiId", g->api_id);
	res_set(s, r, "Description", get(e->value, "Description"));
	set_key(s, g->sources, e->key, NULL, att_of(s, e->value->node, r->id, "Name"));
	made(s, g->macro, r);
	return r;
}

static struct val *table_config(struct sam *s, struct val *own, struct val *region)
{
	struct val *caller = get(own, "UseCallerCredentials"), *versioned = get(own, "Versioned");
	struct val *delta = get(own, "DeltaSync");
	return make(s, own->node,
		    "{'AwsRegion':%v,'TableName':%v,'UseCallerCredentials':%v,'Versioned':%v,'DeltaSyncConfig':%v}",
		    region, get(own, "TableName"), truthy(caller) ? caller : NULL, truthy(versioned) ? versioned : NULL,
		    truthy(delta) ? delta : NULL);
}

static void table_source(struct sam *s, struct graphql *g, struct entry *e)
{
	struct val *own = e->value;
	struct val *region = get(own, "Region"), *arn = get(own, "TableArn"), *permissions = get(own, "Permissions");
	if (!truthy(region))
		region = ref_to(s, own->node, "AWS::Region");
	if (!truthy(arn))
		arn = make(s, own->node,
			   "{'Fn::Sub':['arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:"
			   "table/${__TableName__}',{'__TableName__':%v,'__Region__':%v}]}",
			   get(own, "TableName"), region);
	if (!truthy(permissions))
		permissions = make(s, own->node, "['Read','Write']");
	struct res *r = source(s, g, e, "DynamoDB", "AMAZON_DYNAMODB");
	res_set(s, r, "DynamoDBConfig", table_config(s, own, region));
	source_role(s, g, r, own, "ToTableConnector", "AWS::DynamoDB::Table", arn, permissions);
}

static void lambda_source(struct sam *s, struct graphql *g, struct entry *e)
{
	struct val *own = e->value, *arn = get(own, "FunctionArn");
	struct res *r = source(s, g, e, "Lambda", "AWS_LAMBDA");
	res_set(s, r, "LambdaConfig", make(s, own->node, "{'LambdaFunctionArn':%v}", arn));
	source_role(s, g, r, own, "ToLambdaConnector", "AWS::Lambda::Function", arn, make(s, own->node, "['Write']"));
}

static void data_sources(struct sam *s, struct graphql *g)
{
	struct val *all = get(g->props, "DataSources"), *tables = get(all, "DynamoDb"), *lambdas = get(all, "Lambda");
	if (!all)
		return;
	for (size_t i = 0; tables && i < tables->n; i++)
		table_source(s, g, &tables->entries[i]);
	for (size_t i = 0; lambdas && i < lambdas->n; i++)
		lambda_source(s, g, &lambdas->entries[i]);
}

/* ------------------------------------------------------------------------------------------------ functions */

static struct val *source_name(struct sam *s, struct graphql *g, const char *id, struct val *own)
{
	struct val *v = get(own, "DataSource");
	if (!truthy(v))
		sam_fail(s, id, own, "'DataSource' must be set");
	if (!is_str(v))
		return v;
	if (sg_str_is_nocase(v->text, "none")) {
		const char *none = fmt(s, "%sNoneDataSource", g->macro->id);
		if (!g->none) {
			g->none = part(s, g, none, "AWS::AppSync::DataSource", v->node);
			res_set(s, g->none, "ApiId", g->api_id);
			res_set(s, g->none, "Name", val_text(s, v->node, none));
			res_set(s, g->none, "Type", val_text(s, v->node, "NONE"));
		}
		return att_of(s, v->node, none, "Name");
	}
	struct val *name = get_str(g->sources, v->text);
	if (!name)
		sam_fail(s, id, v, "the DataSource '%.*s' is not one of DataSources", SG_FMT(v->text));
	return name;
}

static void code(struct sam *s, const char *id, struct res *r, struct val *own)
{
	struct val *text = get(own, "InlineCode"), *uri = get(own, "CodeUri");
	if (truthy(text) && truthy(uri))
		sam_fail(s, id, own, "InlineCode and CodeUri exclude each other");
	res_set(s, r, "Code", text);
	res_set(s, r, "CodeS3Location", uri);
}

static void runtime(struct sam *s, const char *id, struct res *r, struct val *own)
{
	struct val *v = get(own, "Runtime");
	if (!v)
		sam_fail(s, id, own, "'Runtime' must be set");
	res_set(s, r, "Runtime",
		make(s, v->node, "{'Name':%v,'RuntimeVersion':%v}", get(v, "Name"), get(v, "Version")));
}

static void function(struct sam *s, struct graphql *g, struct entry *e)
{
	struct val *own = e->value, *name = get(own, "Name");
	const char *id = sg_cstr(s->arena, e->key);
	if (truthy(get(own, "Id"))) {
		if (own->n > 1)
			sam_fail(s, id, own, "'Id' of a function goes with nothing else");
		set_key(s, g->functions, e->key, NULL, get(own, "Id"));
		return;
	}
	struct res *r = part(s, g, fmt(s, "%s%.*s", g->macro->id, SG_FMT(e->key)),
			     "AWS::AppSync::FunctionConfiguration", own->node);
	res_set(s, r, "ApiId", g->api_id);
	res_set(s, r, "Name", truthy(name) ? name : val_str(s, own->node, e->key));
	code(s, id, r, own);
	bool text = truthy(get(own, "InlineCode")), uri = truthy(get(own, "CodeUri"));
	del(r->props, text ? SG_LIT("CodeS3Location") : SG_LIT("Code"));
	if (!text && !uri)
		sam_fail(s, id, own, "it needs InlineCode or CodeUri");
	res_set(s, r, "DataSourceName", source_name(s, g, id, own));
	res_set(s, r, "MaxBatchSize", get(own, "MaxBatchSize"));
	res_set(s, r, "Description", get(own, "Description"));
	runtime(s, id, r, own);
	res_set(s, r, "SyncConfig", get(own, "Sync"));
	set_key(s, g->functions, e->key, NULL, att_of(s, own->node, r->id, "FunctionId"));
	made(s, g->macro, r);
}

/* A resolver without code runs its functions and returns what the last one did. */
static void default_code(struct sam *s, struct res *r, const struct sg_node *from)
{
	static const char text[] =
		"\nexport function request(ctx) {\n    return {};\n}\n\nexport function response(ctx) {\n"
		"    return ctx.prev.result;\n}\n";
	res_set(s, r, "Code", val_text(s, from, text));
	res_set(s, r, "Runtime", make(s, from, "{'Name':'APPSYNC_JS','RuntimeVersion':'1.0.0'}"));
}

static void resolver(struct sam *s, struct graphql *g, struct sg_str type, struct entry *e, const char *schema_id)
{
	struct val *own = e->value, *field = get(own, "FieldName");
	struct val *pipeline = get(own, "Pipeline"), *ids = val_list(s, own->node), *batch = get(own, "MaxBatchSize");
	struct res *r = part(s, g, fmt(s, "%s%.*s%.*s", g->macro->id, SG_FMT(type), SG_FMT(e->key)),
			     "AWS::AppSync::Resolver", own->node);
	const char *id = sg_cstr(s->arena, e->key);
	r->depends_on = make(s, own->node, "['%s']", schema_id);
	code(s, id, r, own);
	if (!truthy(get(r->props, "Code")) && !truthy(get(r->props, "CodeS3Location")))
		default_code(s, r, own->node);
	else
		runtime(s, id, r, own);
	res_set(s, r, "ApiId", g->api_id);
	res_set(s, r, "FieldName", truthy(field) ? field : val_str(s, own->node, e->key));
	res_set(s, r, "TypeName", val_str(s, own->node, type));
	if (!truthy(pipeline))
		sam_fail(s, id, own, "a resolver needs a Pipeline");
	for (size_t i = 0; i < pipeline->n; i++) {
		struct val *name = pipeline->items[i], *function_id = get_str(g->functions, name->text);
		if (!function_id)
			sam_fail(s, id, name, "there is no function '%.*s'", SG_FMT(name->text));
		push(s, ids, function_id);
	}
	res_set(s, r, "Kind", val_text(s, own->node, "PIPELINE"));
	res_set(s, r, "PipelineConfig", make(s, own->node, "{'Functions':%v}", ids));
	res_set(s, r, "CachingConfig", get(own, "Caching"));
	res_set(s, r, "MaxBatchSize", truthy(batch) ? batch : NULL);
	made(s, g->macro, r);
}

void sam_graphql(struct sam *s, struct macro *m)
{
	struct val *props = shaped(s, m->id, m->props, graphql_fields, "Properties");
	struct graphql g = {.macro = m, .props = props, .api_id = att_of(s, m->key, m->id, "ApiId")};
	g.sources = val_map(s, m->key);
	g.functions = val_map(s, m->key);
	graphql_api(s, &g);
	const char *schema_id = schema(s, &g);
	api_keys(s, &g);
	cache(s, &g);
	data_sources(s, &g);
	domain(s, &g);
	struct val *functions = get(props, "Functions"), *types = get(props, "Resolvers");
	for (size_t i = 0; functions && i < functions->n; i++)
		function(s, &g, &functions->entries[i]);
	for (size_t i = 0; types && i < types->n; i++) {
		struct val *of_type = types->entries[i].value;
		for (size_t k = 0; k < of_type->n; k++)
			resolver(s, &g, types->entries[i].key, &of_type->entries[k], schema_id);
	}
	if (g.none)
		made(s, m, g.none);
}
