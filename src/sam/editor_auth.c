/*
 * Who may call the methods of an API: the `security` of each, and the schemes it names.
 */
#include "sam/sam_priv.h"

/* The map of schemes, made where there is none. */
static struct val *schemes(struct sam *s, struct editor *d)
{
	if (d->rest) {
		struct val *all = get(d->doc, "securityDefinitions");
		if (!truthy(all))
			set(s, d->doc, "securityDefinitions", all = val_map(s, s->at));
		if (!is_map(all))
			sam_fail(s, d->id, all, "securityDefinitions must be a map");
		return all;
	}
	struct val *components = get(d->doc, "components");
	if (!truthy(components))
		set(s, d->doc, "components", components = val_map(s, s->at));
	struct val *all = get(want_map(s, d->id, components, "components"), "securitySchemes");
	if (!truthy(all))
		set(s, components, "securitySchemes", all = val_map(s, s->at));
	return want_map(s, d->id, all, "components.securitySchemes");
}

void edit_security_scheme(struct sam *s, struct editor *d, struct sg_str name, struct val *scheme, bool keep)
{
	struct val *all = schemes(s, d);
	if (!keep || !has_str(all, name))
		set_key(s, all, name, NULL, scheme);
}

static void iam_scheme(struct sam *s, struct editor *d)
{
	edit_security_scheme(s, d, SG_LIT("AWS_IAM"),
			     make(s, s->at,
				  "{'x-amazon-apigateway-authtype':'awsSigv4','type':'apiKey',"
				  "'name':'Authorization','in':'header'}"),
			     true);
}

static struct val *security_of(struct sam *s, struct editor *d, struct val *definition, struct sg_str path,
			       struct sg_str method)
{
	struct val *security = raw(definition, "security");
	if (security && !is_list(security))
		sam_fail(s, d->id, security, "the security of path %.*s, method %.*s must be a list", SG_FMT(path),
			 SG_FMT(method));
	return security;
}

static void check_requirement(struct sam *s, struct editor *d, struct val *v, struct sg_str path, struct sg_str method)
{
	if (!is_map(v))
		sam_fail(s, d->id, v, "what the security of path %.*s, method %.*s lists must be maps", SG_FMT(path),
			 SG_FMT(method));
}

/* Appends one requirement to a method's security. */
static void require(struct sam *s, struct editor *d, struct val *definition, struct sg_str path, struct sg_str method,
		    struct sg_str name, struct val *scopes)
{
	struct val *list = val_list(s, definition->node), *one = val_map(s, s->at);
	append(s, list, security_of(s, d, definition, path, method));
	set_key(s, one, name, NULL, scopes ? scopes : val_list(s, s->at));
	push(s, list, one);
	set(s, definition, "security", list);
	if (d->rest && has(list->items[0], "AWS_IAM"))
		iam_scheme(s, d);
}

static struct val *scopes_of(struct sam *s, struct editor *d, struct val *authorizers, struct val *name,
			     struct val *own)
{
	if (is(name, "NONE") || (!d->rest && is(name, "AWS_IAM")) || !truthy(authorizers))
		return NULL;
	struct val *authorizer = get_str(authorizers, name->text);
	if (authorizer && !is_map(authorizer))
		sam_fail(s, d->id, authorizer, "the authorizer '%.*s' must be a map", SG_FMT(name->text));
	if (!authorizer)
		return NULL;
	struct val *scopes = get(authorizer, "AuthorizationScopes");
	return (d->rest ? own != NULL : truthy(own)) ? own : scopes;
}

void edit_method_auth(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, struct val *auth,
		      struct val *api)
{
	struct val *name = get(auth, "Authorizer"), *key = get(auth, "ApiKeyRequired");
	struct val *authorizers = get(get(api, "Auth"), "Authorizers");
	struct val *definitions = edit_methods(s, d, path, method, false);
	for (size_t i = 0; truthy(name) && i < definitions->n; i++)
		require(s, d, definitions->items[i], path, method, want_str(s, d->id, name, "Authorizer")->text,
			scopes_of(s, d, authorizers, name, get(auth, "AuthorizationScopes")));
	for (size_t i = 0; d->rest && key && i < definitions->n; i++) {
		bool required = truthy(key);
		if (required)
			edit_security_scheme(s, d, SG_LIT("api_key"),
					     make(s, s->at, "{'type':'apiKey','name':'x-api-key','in':'header'}"),
					     true);
		require(s, d, definitions->items[i], path, method,
			required ? SG_LIT("api_key") : SG_LIT("api_key_false"), NULL);
	}
}

/* ------------------------------------------------------------------------------------------------ defaults */

static bool names_any(const struct val *requirement, const struct val *authorizers)
{
	for (size_t i = 0; i < requirement->n; i++)
		if (sg_str_is(requirement->entries[i].key, "AWS_IAM") ||
		    has_str(authorizers, requirement->entries[i].key))
			return true;
	return false;
}

static struct val *default_requirement(struct sam *s, struct val *name, struct val *authorizers)
{
	struct val *one = val_map(s, name->node),
		   *scopes = get(get_str(authorizers, name->text), "AuthorizationScopes");
	set_key(s, one, name->text, NULL, scopes ? scopes : val_list(s, name->node));
	return one;
}

static void default_of_rest(struct sam *s, struct editor *d, struct val *definition, struct sg_str path,
			    struct sg_str method, struct val *name, struct val *authorizers)
{
	struct val *existing = security_of(s, d, definition, path, method);
	struct val *others = val_list(s, definition->node), *own = val_list(s, definition->node);
	bool none = false;
	for (size_t i = 0; existing && i < existing->n; i++) {
		check_requirement(s, d, existing->items[i], path, method);
		if (names_any(existing->items[i], authorizers))
			push(s, own, existing->items[i]);
		else if (!none && has(existing->items[i], "NONE"))
			none = true; /* the method asks for nobody */
		else
			push(s, others, existing->items[i]);
	}
	if (!none && own->n)
		append(s, others, own);
	else if (!none)
		push(s, others, default_requirement(s, name, authorizers));
	if (!others->n)
		return;
	set(s, definition, "security", others);
	if (has(others->items[0], "AWS_IAM"))
		iam_scheme(s, d);
}

static void default_of_http(struct sam *s, struct editor *d, struct sg_str path, struct val *name,
			    struct val *authorizers)
{
	struct val *items = path_items(s, d, path);
	for (size_t i = 0; i < items->n; i++)
		for (size_t k = 0; k < items->items[i]->n; k++) {
			struct entry *e = &items->items[i]->entries[k];
			struct sg_str method = method_name(s, e->key);
			if (sg_str_is(method, "parameters") || sg_str_is(method, "options"))
				continue;
			if (!has_str(items->items[i], method))
				sam_fail(s, d->id, e->value, "there is no %.*s in %.*s within DefinitionBody",
					 SG_FMT(method), SG_FMT(path));
			struct val *definitions = edit_methods(s, d, path, e->key, false);
			for (size_t j = 0; j < definitions->n; j++)
				if (!truthy(get(definitions->items[j], "security")))
					set(s, definitions->items[j], "security",
					    make(s, s->at, "[%v]", default_requirement(s, name, authorizers)));
		}
}

void edit_default_auth(struct sam *s, struct editor *d, struct sg_str path, struct val *name, struct val *authorizers,
		       bool preflight)
{
	if (!d->rest) {
		default_of_http(s, d, path, name, authorizers);
		return;
	}
	struct val *methods = path_methods(s, d, path);
	for (size_t i = 0; i < methods->n; i++) {
		struct sg_str method = methods->items[i]->items[0]->text;
		if (preflight || !sg_str_is(method, "options"))
			default_of_rest(s, d, methods->items[i]->items[1], path, method, name, authorizers);
	}
}

void edit_default_api_key(struct sam *s, struct editor *d, struct sg_str path, bool preflight)
{
	struct val *methods = path_methods(s, d, path);
	for (size_t i = 0; i < methods->n; i++) {
		struct sg_str method = methods->items[i]->items[0]->text;
		struct val *definition = methods->items[i]->items[1];
		struct val *existing = security_of(s, d, definition, path, method);
		struct val *list = val_list(s, definition->node);
		bool refused = false;
		for (size_t k = 0; existing && k < existing->n; k++) {
			check_requirement(s, d, existing->items[k], path, method);
			refused = refused || has(existing->items[k], "api_key_false");
			if (!has(existing->items[k], "api_key") && !has(existing->items[k], "api_key_false"))
				push(s, list, existing->items[k]);
		}
		if (!refused && (preflight || !sg_str_is(method, "options")))
			push(s, list, make(s, s->at, "{'api_key':[]}"));
		if (existing ? !equal(list, existing) : list->n > 0)
			set(s, definition, "security", list);
	}
}
