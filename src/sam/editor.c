/*
 * Editing the OpenAPI document of an API in place: paths, methods and their integrations.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
#include "sam/sam_priv.h"

#define INTEGRATION "x-amazon-apigateway-integration"
#define ANY "x-amazon-apigateway-any-method"

bool is_openapi3(const struct val *version)
{
	if (!version || (version->type != SG_T_STRING && version->type != SG_T_FLOAT && version->type != SG_T_INT))
		return false;
	struct sg_str t = version->text;
	bool digits = t.n >= 3 && t.p[0] == '3' && t.p[1] == '.' && t.p[2] >= '0' && t.p[2] <= '9';
	return digits && (t.n == 3 || (t.n == 5 && t.p[3] == '.' && t.p[4] >= '0' && t.p[4] <= '9'));
}

bool definition_valid(const struct val *doc, bool rest)
{
	if (!truthy(doc) || !is_map(get(doc, "paths")))
		return false;
	if (rest && truthy(get(doc, "swagger")))
		return true;
	return truthy(get(doc, "openapi")) && is_openapi3(get(doc, "openapi"));
}

struct editor edit(struct sam *s, const char *id, struct val *doc, bool rest)
{
	if (!definition_valid(doc, rest))
		sam_fail(s, id, doc,
			 rest ? "the Swagger document is invalid, or not given in 'DefinitionBody'"
			      : "the OpenAPI document is invalid: 'openapi' or 'paths' is missing or wrong");
	return (struct editor){.rest = rest, .id = id, .doc = doc, .paths = get(doc, "paths")};
}

void edit_check_paths(struct sam *s, struct editor *d)
{
	for (size_t i = 0; i < d->paths->n; i++)
		path_items(s, d, d->paths->entries[i].key);
}

struct val *skeleton(struct sam *s, const struct sg_node *from, bool rest)
{
	return make(s, from,
		    rest ? "{'swagger':'2.0','info':{'version':'1.0','title':{'Ref':'AWS::StackName'}},'paths':{}}"
			 : "{'openapi':'3.0.1','info':{'version':'1.0','title':{'Ref':'AWS::StackName'}},'paths':{}}");
}

static char fold(char c, char from, char to, int by)
{
	return c >= from && c <= to ? (char)(c + by) : c;
}

const char *upper(struct sam *s, struct sg_str text)
{
	char *p = sg_alloc(s->arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		p[i] = fold(text.p[i], 'a', 'z', 'A' - 'a');
	return p;
}

static struct sg_str lower(struct sam *s, struct sg_str text)
{
	char *p = sg_alloc(s->arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		p[i] = fold(text.p[i], 'A', 'Z', 'a' - 'A');
	return (struct sg_str){p, text.n};
}

struct sg_str method_name(struct sam *s, struct sg_str method)
{
	struct sg_str name = lower(s, method);
	return sg_str_is(name, "any") ? SG_LIT(ANY) : name;
}

/* ------------------------------------------------------------------------------------------------ looking */

struct val *alternatives(struct sam *s, struct val *v)
{
	struct val *list = val_list(s, v ? v->node : s->root->node);
	struct val *branches = is_map(v) ? raw(v, "Fn::If") : NULL;
	if (!branches) {
		push(s, list, v);
		return list;
	}
	if (!is_list(branches))
		sam_fail(s, s->current, branches, "the value of Fn::If must be a list");
	for (size_t i = 1; i < branches->n; i++)
		if (!is_no_value(branches->items[i]))
			push(s, list, branches->items[i]);
	return list;
}

struct val *path_items(struct sam *s, struct editor *d, struct sg_str path)
{
	struct val *found = raw(d->paths, sg_cstr(s->arena, path));
	struct val *items = alternatives(s, found);
	for (size_t i = 0; i < items->n; i++)
		if (!is_map(items->items[i]))
			sam_fail(s, d->id, found, "the value of path '%.*s' must be a map", SG_FMT(path));
	return items;
}

static void check_definition(struct sam *s, struct editor *d, struct val *v, struct sg_str path, struct sg_str method)
{
	if (!is_map(v))
		sam_fail(s, d->id, v ? v : d->paths, "the definition of method '%.*s' for path '%.*s' should be a map",
			 SG_FMT(method), SG_FMT(path));
}

struct val *edit_methods(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, bool all)
{
	struct val *items = path_items(s, d, path), *list = val_list(s, d->doc->node);
	const char *name = sg_cstr(s->arena, method_name(s, method));
	for (size_t i = 0; i < items->n; i++) {
		struct val *definitions = alternatives(s, raw(items->items[i], name));
		if (!definitions->n && !raw(items->items[i], name))
			check_definition(s, d, NULL, path, method);
		for (size_t k = 0; k < definitions->n; k++) {
			check_definition(s, d, definitions->items[k], path, method);
			if (all || truthy(get(definitions->items[k], INTEGRATION)))
				push(s, list, definitions->items[k]);
		}
	}
	return list;
}

struct val *path_methods(struct sam *s, struct editor *d, struct sg_str path)
{
	struct val *items = path_items(s, d, path), *list = val_list(s, d->doc->node);
	for (size_t i = 0; i < items->n; i++)
		for (size_t k = 0; k < items->items[i]->n; k++) {
			struct entry *e = &items->items[i]->entries[k];
			if (d->rest && (sg_str_is(e->key, "summary") || sg_str_is(e->key, "description") ||
					sg_str_is(e->key, "parameters")))
				continue;
			struct val *definitions = alternatives(s, e->value);
			for (size_t j = 0; j < definitions->n; j++) {
				check_definition(s, d, definitions->items[j], path, e->key);
				if (truthy(get(definitions->items[j], INTEGRATION)))
					push(s, list,
					     make(s, e->value->node, "[%v,%v]",
						  val_str(s, e->value->node, method_name(s, e->key)),
						  definitions->items[j]));
			}
		}
	return list;
}

static bool has_path(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method)
{
	if (!has_str(d->paths, path))
		return false;
	struct val *items = alternatives(s, get_str(d->paths, path));
	for (size_t i = 0; i < items->n; i++)
		if (!has_str(items->items[i], method))
			return false;
	return true;
}

bool edit_has_integration(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method)
{
	struct sg_str name = method_name(s, method);
	if (!has_path(s, d, path, name))
		return false;
	struct val *items = path_items(s, d, path);
	for (size_t i = 0; i < items->n; i++) {
		struct val *definition = get_str(items->items[i], name);
		bool found = false;
		struct val *branches = is_map(definition) ? alternatives(s, definition) : val_list(s, d->doc->node);
		for (size_t k = 0; k < branches->n; k++) {
			check_definition(s, d, branches->items[k], path, method);
			found = found || truthy(get(branches->items[k], INTEGRATION));
		}
		if (!found)
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ changing */

void edit_add_path(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method)
{
	struct sg_str name = method_name(s, method);
	if (!has_str(d->paths, path))
		set_key(s, d->paths, path, NULL, val_map(s, s->at));
	struct val *items = path_items(s, d, path);
	for (size_t i = 0; i < items->n; i++)
		if (!has_str(items->items[i], name))
			set_key(s, items->items[i], name, NULL, val_map(s, s->at));
}

/* Who the integration acts as where the method is authorized by IAM. */
static struct val *credentials(struct sam *s, const struct integration *i)
{
	bool iam = is(get(i->method_auth, "Authorizer"), "AWS_IAM") ||
		   (is(get(i->api_auth, "DefaultAuthorizer"), "AWS_IAM") && !truthy(i->method_auth));
	if (!iam)
		return NULL;
	struct val *roles[] = {get(i->method_auth, "InvokeRole"), get(i->api_auth, "InvokeRole")}, *role = NULL;
	struct val *const of[] = {i->method_auth, i->api_auth};
	for (size_t k = 0; k < 2 && !role; k++) {
		if (truthy(roles[k]))
			role = roles[k];
		else if (has(of[k], "InvokeRole"))
			role = val_text(s, s->at, "NONE");
	}
	if (!role || is(role, "CALLER_CREDENTIALS"))
		return val_text(s, s->at, fmt(s, "arn:%s:iam::*:user/*", s->partition));
	return is(role, "NONE") ? NULL : role;
}

/* Puts an integration into each of the path's items; the method hangs on the function's condition, if it has one. */
static void integrate(struct sam *s, struct editor *d, const struct integration *i, struct val *integration,
		      struct val *responses)
{
	struct sg_str name = method_name(s, i->method);
	edit_add_path(s, d, i->path, i->method);
	struct val *items = path_items(s, d, i->path);
	for (size_t k = 0; k < items->n; k++) {
		struct val *definition = get_str(items->items[k], name);
		if (!definition)
			set_key(s, items->items[k], name, NULL, definition = val_map(s, s->at));
		check_definition(s, d, definition, i->path, i->method);
		set(s, definition, INTEGRATION, val_shallow(s, integration));
		if (!d->rest && sg_str_is(i->path, "$default") && sg_str_is(name, ANY))
			set(s, definition, "isDefaultRoute", val_bool(s, s->at, true));
		if (!has(definition, "responses"))
			set(s, definition, "responses", responses);
		if (i->condition)
			set_key(s, items->items[k], name, NULL, make_if(s, s->at, i->condition, definition, NULL));
	}
}

void edit_lambda(struct sam *s, struct editor *d, const struct integration *i)
{
	struct val *uri = i->condition ? make_if(s, s->at, i->condition, i->uri, NULL) : i->uri;
	struct val *format = d->rest ? NULL : val_text(s, s->at, "2.0");
	struct val *mode = d->rest && i->stream ? val_text(s, s->at, "STREAM") : NULL;
	struct val *integration = make(s, s->at,
				       "{'type':'aws_proxy','httpMethod':'POST','payloadFormatVersion':%v,'uri':%v,"
				       "'responseTransferMode':%v,'credentials':%v}",
				       format, uri, mode, d->rest ? credentials(s, i) : NULL);
	integrate(s, d, i, integration, val_map(s, s->at));
}

void edit_machine(struct sam *s, struct editor *d, const struct integration *i, struct val *role, struct val *request)
{
	struct val *uri = i->condition ? make_if(s, s->at, i->condition, i->uri, NULL) : i->uri;
	struct val *integration = make(s, s->at,
				       "{'type':'aws','httpMethod':'POST','uri':%v,'responses':{"
				       "'200':{'statusCode':'200'},'400':{'statusCode':'400'}},'credentials':%v,"
				       "'requestTemplates':%v}",
				       uri, role, request);
	integrate(s, d, i, integration,
		  make(s, s->at, "{'200':{'description':'OK'},'400':{'description':'Bad Request'}}"));
}

void edit_set(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, const char *key, struct val *v,
	      bool integration)
{
	struct val *list = edit_methods(s, d, path, method, false);
	for (size_t i = 0; i < list->n; i++)
		set(s, integration ? get(list->items[i], INTEGRATION) : list->items[i], key, v);
}
