/*
 * The evaluator: what a node can be in which worlds.  Lazy: a list or a map is returned with its children still to be
 * evaluated, so that worlds split only where somebody looks.
 */
#include "cfn/cfn_priv.h"

#include <string.h>

static struct sg_map *index_resources(struct sg_arena *a, const struct sg_node *section)
{
	struct sg_map *ids = sg_map_new(a);
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++)
		sg_map_put(ids, section->members[i].key->text, ids); /* a set: the value says nothing */
	return ids;
}

/* Names one of these transforms, alone or in a list; or a macro that is none of them. */
static bool names(const struct sg_node *t, const char *transform)
{
	for (size_t i = 0; t && t->kind == SG_SEQ && i < t->n; i++)
		if (names(t->items[i], transform))
			return true;
	return t && sg_node_is(t, transform);
}

static bool names_macro(const struct sg_node *t)
{
	for (size_t i = 0; t && t->kind == SG_SEQ && i < t->n; i++)
		if (names_macro(t->items[i]))
			return true;
	return t && t->kind != SG_SEQ && !sg_node_is(t, "AWS::Serverless-2016-10-31") &&
	       !sg_node_is(t, "AWS::LanguageExtensions");
}

/* Nothing is left that makes resources: no macro, loop or SAM resource. */
static bool is_complete(const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++) {
		const struct sg_node *type = sg_node_get(resources->members[i].value, "Type");
		if (sg_str_starts(resources->members[i].key->text, "Fn::") ||
		    (type && type->kind == SG_SCALAR && sg_str_starts(type->text, "AWS::Serverless::")))
			return false;
	}
	return resources && !sg_cfn_has_macro(root);
}

bool sg_cfn_has_macro(const struct sg_node *root)
{
	return names_macro(sg_node_get(root, "Transform"));
}

bool sg_cfn_has_extensions(const struct sg_node *root)
{
	return cfn_names_extensions(sg_node_get(root, "Transform"));
}

bool cfn_names_extensions(const struct sg_node *transform)
{
	return names(transform, "AWS::LanguageExtensions");
}

struct sg_cfn *sg_cfn_new(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f, const struct sg_node *root,
			  const struct sg_cfn_options *options)
{
	struct sg_cfn *c = SG_NEW(a, struct sg_cfn);
	c->arena = a;
	c->diags = d;
	c->findings = f;
	c->root = root;
	c->resources = index_resources(a, sg_node_get(root, "Resources"));
	c->mappings = sg_node_get(root, "Mappings");
	c->extensions = sg_cfn_has_extensions(root);
	c->complete = is_complete(root);
	c->region = options ? options->region : NULL;
	c->worlds = cfn_worlds_new(a);
	c->symbols = sg_map_new(a);
	c->reported = sg_map_new(a);
	cfn_params_load(c, options);
	cfn_conditions_load(c);
	cfn_rules_apply(c);
	return c;
}

struct sg_worlds *sg_cfn_worlds(struct sg_cfn *c)
{
	return c->worlds;
}

struct sg_arena *sg_cfn_arena(struct sg_cfn *c)
{
	return c->arena;
}

const struct sg_node *sg_cfn_root(struct sg_cfn *c)
{
	return c->root;
}

/* ------------------------------------------------------------------------------------------------ complaints */

static bool first_time(struct sg_cfn *c, const char *rule, struct sg_span span)
{
	struct sg_str key = sg_strf(c->arena, "%s %u %u %u", rule, span.source, span.start, span.end);
	return !sg_map_put(c->reported, key, c);
}

void cfn_complain(struct sg_cfn *c, const char *rule, enum sg_verdict status, const struct sg_node *node,
		  const char *settle, const char *fmt, ...)
{
	struct sg_span span = sg_node_span(node);
	if ((c->mistakes_only && strcmp(rule, "TPL005")) || !first_time(c, rule, span))
		return;
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_finding *f = sg_finding_add(c->findings, rule, status, span, SG_LIT(""), "%s", b.p);
	sg_finding_settle(c->findings, f, "%s", settle);
	sg_buf_free(&b);
}

struct sg_alts cfn_malformed(struct sg_cfn *c, const struct sg_node *node, sg_guard in, const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	cfn_complain(c, "TPL005", SG_FAIL, node, "write it as CloudFormation documents it", "%s", b.p);
	struct sg_val v = cfn_val_unknown(c, node, NULL, "something that is malformed: %s", b.p);
	sg_buf_free(&b);
	return cfn_one(c, in, v);
}

/* ------------------------------------------------------------------------------------------------ alternatives */

void cfn_emit(struct sg_cfn *c, struct alts *b, sg_guard guard, struct sg_val val)
{
	if (sg_guard_possible(c->worlds, guard))
		SG_PUSH(c->arena, &b->vec, ((struct sg_alt){guard, val}));
}

struct sg_alts cfn_one(struct sg_cfn *c, sg_guard guard, struct sg_val val)
{
	struct sg_alt *alt = SG_NEW(c->arena, struct sg_alt);
	*alt = (struct sg_alt){guard, val};
	return (struct sg_alts){alt, 1};
}

struct sg_alts cfn_done(struct sg_cfn *c, struct alts *b, const struct sg_node *node, sg_guard in)
{
	if (cfn_worlds_overflowed(c->worlds) && !c->guards_reported && !c->mistakes_only) {
		c->guards_reported = true;
		cfn_complain(c, "TPL003", SG_UNPROVEN, node, "fix parameters with --parameter-overrides",
			     "the conditions of this template combine in more ways than are analysed (%d)",
			     (int)CFN_MAX_GUARD_NODES);
	}
	if (b->vec.n > CFN_MAX_ALTS) {
		cfn_complain(c, "TPL003", SG_UNPROVEN, node, "fix parameters with --parameter-overrides",
			     "a value with more than %d alternatives", (int)CFN_MAX_ALTS);
		return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "a value with too many alternatives"));
	}
	if (!b->vec.n) /* no deployment gets here; whoever asks must still get an answer */
		return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "a value that no deployment has"));
	return (struct sg_alts){b->vec.v, b->vec.n};
}

/* ------------------------------------------------------------------------------------------------ evaluating */

static bool out_of_bounds(struct sg_cfn *c, const struct sg_node *node)
{
	if (c->depth >= CFN_MAX_DEPTH) {
		cfn_complain(c, "TPL003", SG_UNPROVEN, node, "nest functions less deeply",
			     "functions are nested more than %d deep", (int)CFN_MAX_DEPTH);
		return true;
	}
	if (++c->steps <= CFN_MAX_STEPS)
		return false;
	if (!c->steps_reported)
		cfn_complain(c, "TPL003", SG_UNPROVEN, node, "fix parameters with --parameter-overrides",
			     "evaluating this template takes more than %d steps", (int)CFN_MAX_STEPS);
	c->steps_reported |= !c->mistakes_only;
	return true;
}

struct sg_alts sg_eval(struct sg_cfn *c, const struct sg_node *node, sg_guard in)
{
	if (!node)
		return cfn_one(c, in, cfn_val_absent(NULL));
	if (node->kind == SG_SCALAR)
		return cfn_one(c, in, cfn_val_scalar(c, node));
	if (node->kind == SG_SEQ)
		return cfn_one(c, in, (struct sg_val){.kind = SG_V_LIST, .node = node});
	if (out_of_bounds(c, node))
		return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "a value beyond the bounds of the analysis"));
	struct sg_alts out;
	c->depth++;
	bool function = cfn_intrinsic(c, node, in, &out);
	c->depth--;
	return function ? out : cfn_one(c, in, (struct sg_val){.kind = SG_V_MAP, .node = node});
}

struct sg_alts sg_val_get(struct sg_cfn *c, const struct sg_val *map, const char *key, sg_guard in)
{
	switch (map->kind) {
	case SG_V_MAP: {
		const struct sg_node *value = sg_node_get(map->node, key);
		return value ? sg_eval(c, value, in) : cfn_one(c, in, cfn_val_absent(map->node));
	}
	case SG_V_ABSENT:
	case SG_V_NULL:
		return cfn_one(c, in, cfn_val_absent(map->node));
	case SG_V_UNKNOWN:
		return cfn_one(c, in, *map);
	default:
		return cfn_one(c, in, cfn_val_unknown(c, map->node, NULL, "%s of something that is no mapping", key));
	}
}

static struct sg_alts get_of(struct sg_cfn *c, struct sg_alts maps, const char *key, const struct sg_node *node,
			     sg_guard in)
{
	if (maps.n == 1)
		return sg_val_get(c, &maps.v[0].val, key, maps.v[0].guard);
	struct alts b = {0};
	for (size_t i = 0; i < maps.n; i++) {
		struct sg_alts alts = sg_val_get(c, &maps.v[i].val, key, maps.v[i].guard);
		for (size_t k = 0; k < alts.n; k++)
			cfn_emit(c, &b, alts.v[k].guard, alts.v[k].val);
	}
	return cfn_done(c, &b, node, in);
}

struct sg_alts sg_eval_get(struct sg_cfn *c, const struct sg_node *map, const char *key, sg_guard in)
{
	return get_of(c, sg_eval(c, map, in), key, map, in);
}

struct sg_alts sg_eval_path(struct sg_cfn *c, const struct sg_node *map, const char *dotted, sg_guard in)
{
	struct sg_alts alts = sg_eval(c, map, in);
	struct sg_str rest = sg_str(dotted);
	while (rest.n) {
		size_t dot = sg_str_find(rest, ".", 0);
		alts = get_of(c, alts, sg_cstr(c->arena, sg_str_sub(rest, 0, dot)), map, in);
		rest = dot == SIZE_MAX ? SG_LIT("") : sg_str_sub(rest, dot + 1, SIZE_MAX);
	}
	return alts;
}

/* ------------------------------------------------------------------------------------------------ lists */

struct gather {
	struct sg_cfn *c;
	struct alts items;
	sg_guard absent, empty;
};

static void gather_list(struct gather *g, const struct sg_node *list, sg_guard in)
{
	struct sg_worlds *w = g->c->worlds;
	sg_guard filled = SG_NEVER;
	for (size_t i = 0; i < list->n; i++) {
		struct sg_alts item = sg_eval(g->c, list->items[i], in);
		for (size_t k = 0; k < item.n; k++) {
			if (item.v[k].val.kind == SG_V_ABSENT)
				continue;
			cfn_emit(g->c, &g->items, item.v[k].guard, item.v[k].val);
			if (item.v[k].val.kind != SG_V_UNKNOWN)
				filled = sg_guard_or(w, filled, item.v[k].guard);
		}
	}
	g->empty = sg_guard_or(w, g->empty, sg_guard_minus(w, in, filled));
}

static void gather_alt(struct gather *g, const struct sg_alt *alt, bool single_ok)
{
	const struct sg_val *v = &alt->val;
	if (v->kind == SG_V_LIST) {
		gather_list(g, v->node, alt->guard);
	} else if (v->kind == SG_V_ABSENT || v->kind == SG_V_NULL) {
		g->absent = sg_guard_or(g->c->worlds, g->absent, alt->guard);
	} else if (single_ok || v->kind == SG_V_UNKNOWN) {
		cfn_emit(g->c, &g->items, alt->guard, *v);
	} else if (sg_val_symbol(v)) {
		/* a Ref to a list-typed parameter of an SSM or unknown type: any number of elements */
		cfn_emit(g->c, &g->items, alt->guard,
			 cfn_val_unknown(g->c, v->node, sg_val_symbol(v), "the list that %.*s stands for",
					 SG_FMT(sg_val_describe(g->c->arena, v))));
	} else {
		cfn_complain(g->c, "TPL005", SG_FAIL, v->node, "write a list", "a list must stand here");
		cfn_emit(g->c, &g->items, alt->guard,
			 cfn_val_unknown(g->c, v->node, NULL, "something that is no list"));
	}
}

struct sg_items sg_alts_items(struct sg_cfn *c, struct sg_alts alts, bool single_ok)
{
	struct gather g = {.c = c, .absent = SG_NEVER, .empty = SG_NEVER};
	for (size_t i = 0; i < alts.n; i++)
		gather_alt(&g, &alts.v[i], single_ok);
	return (struct sg_items){g.items.vec.v, g.items.vec.n, g.absent, g.empty};
}

struct sg_items sg_eval_items(struct sg_cfn *c, const struct sg_node *list, bool single_ok, sg_guard in)
{
	return sg_alts_items(c, sg_eval(c, list, in), single_ok);
}
