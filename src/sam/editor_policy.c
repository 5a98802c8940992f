/*
 * The resource policy of a REST API, and its answers to CORS preflight requests.
 */
#include "sam/sam_priv.h"

#include <stdlib.h>
#include <string.h>

#define POLICY "x-amazon-apigateway-policy"

/* ------------------------------------------------------------------------------------------------ statements */

static struct val *policy_of(struct sam *s, struct editor *d)
{
	struct val *policy = get(d->doc, POLICY);
	if (!truthy(policy))
		policy = val_map(s, s->at);
	set(s, d->doc, POLICY, policy);
	return want_map(s, d->id, policy, POLICY);
}

/* Adds statements to those there are; `once`: not such that are there already. */
static void add_statements(struct sam *s, struct editor *d, struct val *more, bool once)
{
	struct val *policy = policy_of(s, d), *list = get(policy, "Statement");
	set(s, policy, "Version", val_text(s, s->at, "2012-10-17"));
	if (!list) {
		set(s, policy, "Statement", more);
		return;
	}
	if (!is_list(list))
		list = make(s, s->at, "[%v]", list);
	for (size_t i = 0; i < more->n; i++)
		if (!once || !contains(list, more->items[i]))
			push(s, list, more->items[i]);
	set(s, policy, "Statement", list);
}

void edit_policy_statements(struct sam *s, struct editor *d, struct val *statements)
{
	if (!is_list(statements))
		statements = make(s, statements->node, "[%v]", statements);
	add_statements(s, d, statements, true);
}

/* The methods of a path as resources of a policy. */
static struct val *resources_of(struct sam *s, struct editor *d, struct sg_str path, struct val *stage)
{
	struct val *items = path_items(s, d, path), *list = val_list(s, s->at);
	for (size_t i = 0; i < items->n; i++)
		for (size_t k = 0; k < items->items[i]->n; k++) {
			struct sg_str method = method_name(s, items->items[i]->entries[k].key);
			bool any = sg_str_is(method, "x-amazon-apigateway-any-method");
			const char *text = fmt(s, "execute-api:/${__Stage__}/%s%s", any ? "*" : upper(s, method),
					       path_pattern(s, path, true));
			push(s, list, make(s, s->at, "{'Fn::Sub':['%s',{'__Stage__':%v}]}", text, stage));
		}
	return list;
}

static void by_account(struct sam *s, struct editor *d, struct val *accounts, const char *effect, struct val *resources)
{
	if (!truthy(accounts))
		return;
	if (!is_list(accounts) && !is_map(accounts))
		sam_fail(s, d->id, accounts, "the accounts of a resource policy must be a list or a map");
	if (!is_list(accounts))
		accounts = make(s, accounts->node, "[%v]", accounts);
	struct val *policy = policy_of(s, d);
	struct val *statement = make(
		s, accounts->node, "{'Effect':'%s','Action':'execute-api:Invoke','Resource':%v,'Principal':{'AWS':%v}}",
		effect, resources, accounts);
	if (get(policy, "Statement")) {
		add_statements(s, d, make(s, s->at, "[%v]", statement), false);
		return;
	}
	set(s, policy, "Version", val_text(s, s->at, "2012-10-17"));
	set(s, policy, "Statement", statement);
}

/* Everybody but those of the condition. */
static void by_condition(struct sam *s, struct editor *d, struct val *condition, struct val *resources)
{
	static const char *const format = "{'Effect':'%s','Action':'execute-api:Invoke','Resource':%v,'Principal':'*',"
					  "'Condition':%v}";
	struct val *list = val_list(s, s->at);
	push(s, list, make(s, s->at, format, "Allow", resources, NULL));
	push(s, list, make(s, s->at, format, "Deny", resources, condition));
	add_statements(s, d, list, true);
}

static void by_address(struct sam *s, struct editor *d, struct val *ranges, const char *operator,
		       struct val * resources)
{
	if (!truthy(ranges))
		return;
	if (!is_list(ranges))
		ranges = make(s, ranges->node, "[%v]", ranges);
	by_condition(s, d, make(s, ranges->node, "{'%s':{'aws:SourceIp':%v}}", operator, ranges), resources);
}

static void by_vpc(struct sam *s, struct editor *d, struct val *policy, const char *list_name, const char *operator,
		   struct val * resources)
{
	struct val *texts = get(policy, fmt(s, "SourceVpc%s", list_name));
	struct val *vpcs = val_list(s, s->at), *endpoints = val_list(s, s->at);
	for (size_t i = 0; is_list(texts) && i < texts->n; i++) {
		if (!is_str(texts->items[i]))
			sam_fail(s, d->id, texts, "SourceVpc%s must be a list of strings", list_name);
		if (sg_str_starts(texts->items[i]->text, "vpce-"))
			push(s, endpoints, texts->items[i]);
		else if (sg_str_starts(texts->items[i]->text, "vpc-"))
			push(s, vpcs, texts->items[i]);
	}
	if (texts && !is_list(texts) && !is_str(texts)) /* a map's keys are what the translator looks at */
		sam_fail(s, d->id, texts, "SourceVpc%s must be a list of strings", list_name);
	append(s, vpcs, get(policy, fmt(s, "IntrinsicVpc%s", list_name)));
	append(s, endpoints, get(policy, fmt(s, "IntrinsicVpce%s", list_name)));
	if (!vpcs->n && !endpoints->n)
		return;
	by_condition(s, d,
		     make(s, s->at, "{'%s':{'aws:SourceVpc':%v,'aws:SourceVpce':%v}}", operator, vpcs->n ? vpcs : NULL,
			  endpoints->n ? endpoints : NULL),
		     resources);
}

void edit_resource_policy(struct sam *s, struct editor *d, struct val *policy, struct sg_str path, struct val *stage)
{
	want_map(s, d->id, policy, "ResourcePolicy");
	struct val *resources = resources_of(s, d, path, stage);
	by_account(s, d, get(policy, "AwsAccountWhitelist"), "Allow", resources);
	by_account(s, d, get(policy, "AwsAccountBlacklist"), "Deny", resources);
	by_address(s, d, get(policy, "IpRangeWhitelist"), "NotIpAddress", resources);
	by_address(s, d, get(policy, "IpRangeBlacklist"), "IpAddress", resources);
	by_vpc(s, d, policy, "Blacklist", "StringEquals", resources);
	by_vpc(s, d, policy, "Whitelist", "StringNotEquals", resources);
	policy_of(s, d);
}

/* ------------------------------------------------------------------------------------------------ CORS */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The methods of a path item and OPTIONS: 'GET,OPTIONS'. */
static struct val *methods_of(struct sam *s, const struct val *item)
{
	static const char *const all[] = {"OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"};
	const char **names = SG_NEW_ARRAY(s->arena, item->n + 8, const char *);
	size_t n = 0;
	bool any = has(item, "x-amazon-apigateway-any-method");
	for (size_t i = 0; any && i < sizeof(all) / sizeof(*all); i++)
		names[n++] = all[i];
	for (size_t i = 0; !any && i < item->n; i++)
		names[n++] = upper(s, item->entries[i].key);
	if (!any)
		names[n++] = "OPTIONS";
	qsort(names, n, sizeof(*names), by_text); /* NOLINT: an array of pointers */
	struct sg_buf b = {0};
	for (size_t i = 0; i < n; i++)
		if (!i || strcmp(names[i], names[i - 1]))
			sg_buf_addf(&b, "%s%s", i ? "," : "'", names[i]);
	sg_buf_addc(&b, '\'');
	return val_str(s, item->node, sg_buf_take(&b, s->arena));
}

static void cors_header(struct sam *s, struct val *parameters, struct val *headers, const char *name, struct val *value,
			const char *type)
{
	if (!value)
		return;
	set(s, parameters, fmt(s, "method.response.header.Access-Control-%s", name), value);
	set(s, headers, fmt(s, "Access-Control-%s", name), make(s, value->node, "{'type':'%s'}", type));
}

static struct val *nonempty(struct val *v)
{
	return truthy(v) ? v : NULL;
}

static struct val *options_method(struct sam *s, struct val *cors, struct val *methods)
{
	struct val *parameters = val_map(s, cors->node), *headers = val_map(s, cors->node);
	cors_header(s, parameters, headers, "Allow-Origin", get(cors, "AllowOrigin"), "string");
	cors_header(s, parameters, headers, "Allow-Headers", nonempty(get(cors, "AllowHeaders")), "string");
	cors_header(s, parameters, headers, "Allow-Methods", nonempty(methods), "string");
	cors_header(s, parameters, headers, "Max-Age", get(cors, "MaxAge"), "integer");
	if (is_true(get(cors, "AllowCredentials")))
		cors_header(s, parameters, headers, "Allow-Credentials", val_text(s, cors->node, "'true'"), "string");
	struct val *ok = val_text(s, cors->node, "{\n  \"statusCode\" : 200\n}\n");
	struct val *empty = val_text(s, cors->node, "{}\n");
	return make(s, cors->node,
		    "{'summary':'CORS support','consumes':['application/json'],'produces':['application/json'],"
		    "'x-amazon-apigateway-integration':{'type':'mock','requestTemplates':{'application/json':%v},"
		    "'responses':{'default':{'statusCode':'200','responseParameters':%v,"
		    "'responseTemplates':{'application/json':%v}}}},"
		    "'responses':{'200':{'description':'Default response for CORS method','headers':%v}}}",
		    ok, parameters, empty, headers);
}

void edit_cors(struct sam *s, struct editor *d, struct sg_str path, struct val *cors)
{
	struct val *items = path_items(s, d, path);
	for (size_t i = 0; i < items->n; i++) {
		if (has(items->items[i], "options"))
			continue;
		if (!truthy(get(cors, "AllowOrigin")))
			sam_fail(s, d->id, cors, "Cors needs a value for AllowOrigin");
		struct val *methods = get(cors, "AllowMethods");
		if (!truthy(methods))
			methods = methods_of(s, items->items[i]);
		set(s, items->items[i], "options", options_method(s, cors, methods));
	}
}
