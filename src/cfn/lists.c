/*
 * Functions that pick: Select from a list, FindInMap from Mappings.
 */
#include "cfn/cfn_priv.h"

/* ------------------------------------------------------------------------------------------------ Select */

static bool may_vanish(struct sg_cfn *c, const struct sg_node *list, sg_guard in)
{
	for (size_t i = 0; i < list->n; i++) {
		struct sg_alts item = sg_eval(c, list->items[i], in);
		for (size_t k = 0; k < item.n; k++)
			if (item.v[k].val.kind == SG_V_ABSENT)
				return true;
	}
	return false;
}

static struct sg_alts pick(struct sg_cfn *c, const struct sg_node *node, int64_t index, const struct sg_alt *list)
{
	const struct sg_val *v = &list->val;
	if (v->kind == SG_V_LIST) {
		if (may_vanish(c, v->node, list->guard))
			return cfn_one(c, list->guard,
				       cfn_val_unknown(c, node, NULL, "an element of a list whose length varies"));
		if (index < 0 || (uint64_t)index >= v->node->n)
			return cfn_malformed(c, node, list->guard, "Fn::Select asks for element %lld of %u",
					     (long long)index, v->node->n);
		return sg_eval(c, v->node->items[index], list->guard);
	}
	const struct sg_symbol *s = sg_val_symbol(v);
	struct sg_str of = s ? cfn_symbol_spelling(c->arena, s) : sg_val_describe(c->arena, v);
	struct sg_str unique = s ? s->attribute : sg_strf(c->arena, "%p", (const void *)node);
	struct sg_str name = sg_strf(c->arena, "element %lld of %.*s", (long long)index, SG_FMT(of));
	return cfn_one(c, list->guard, cfn_val_symbol(c, cfn_symbol(c, SG_SYM_OTHER, name, unique, node), node));
}

const struct sg_node *cfn_second(const struct sg_node *arg)
{
	return arg->kind == SG_SEQ && arg->n > 1 ? arg->items[1] : arg;
}

/* A scalar, or a function whose value is a string, never is. */
static bool may_be_list(const struct sg_node *n)
{
	static const char *const strings[] = {"Fn::Join", "Fn::Sub", "Fn::Base64", "Fn::ToJsonString"};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		if (n->kind == SG_MAP && n->n == 1 && sg_node_get(n, strings[i]))
			return false;
	return n->kind != SG_SCALAR;
}

struct sg_alts cfn_fn_select(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind != SG_SEQ || arg->n != 2 || !may_be_list(arg->items[1]))
		return cfn_malformed(c, cfn_second(arg), in, "Fn::Select takes an index and a list");
	struct alts b = {0};
	struct sg_alts indices = sg_eval(c, arg->items[0], in);
	int64_t literal;
	if (arg->items[0]->kind == SG_SEQ ||
	    (arg->items[0]->kind == SG_SCALAR && !sg_val_integer(&indices.v[0].val, &literal)))
		return cfn_malformed(c, arg->items[0], in, "Fn::Select takes an index and a list");
	for (size_t i = 0; i < indices.n; i++) {
		int64_t index;
		if (!sg_val_integer(&indices.v[i].val, &index)) {
			cfn_emit(c, &b, indices.v[i].guard,
				 cfn_val_unknown(c, node, NULL, "an element whose index is not known"));
			continue;
		}
		struct sg_alts lists = sg_eval(c, arg->items[1], indices.v[i].guard);
		for (size_t k = 0; k < lists.n; k++) {
			struct sg_alts picked = pick(c, node, index, &lists.v[k]);
			for (size_t j = 0; j < picked.n; j++)
				cfn_emit(c, &b, picked.v[j].guard, picked.v[j].val);
		}
	}
	return cfn_done(c, &b, node, in);
}

/* ------------------------------------------------------------------------------------------------ FindInMap */

/* The members of `map` that a key may name, each with its worlds: one for a literal key, all for a parameter. */
struct choice {
	sg_guard guard;
	const struct sg_node *value;
};

struct choices {
	SG_VEC(struct choice) v;
	bool unknown;  /* a key that nobody can know */
	bool symbolic; /* a key that only the deployment knows */
};

static void choose(struct sg_cfn *c, const struct sg_node *map, const struct sg_alt *key, struct choices *out)
{
	struct sg_str text;
	if (!map || map->kind != SG_MAP)
		return;
	if (sg_val_text(c->arena, &key->val, &text)) {
		const struct sg_node *v = sg_node_get_str(map, text);
		if (v)
			SG_PUSH(c->arena, &out->v, ((struct choice){key->guard, v}));
		return;
	}
	const struct sg_symbol *s = sg_val_symbol(&key->val);
	if (!s || key->val.kind != SG_V_STRING || (s->kind != SG_SYM_PARAMETER && s->kind != SG_SYM_PSEUDO)) {
		out->unknown = true;
		return;
	}
	/* a value that is no key of the map fails the deployment, unless there is a default */
	out->symbolic = true;
	for (size_t i = 0; i < map->n; i++) {
		if (s->kind == SG_SYM_PARAMETER && cfn_excludes(c, s->name, map->members[i].key->text))
			continue;
		sg_guard is = cfn_atom(c->worlds, s->name, map->members[i].key->text);
		SG_PUSH(c->arena, &out->v,
			((struct choice){sg_guard_and(c->worlds, key->guard, is), map->members[i].value}));
	}
}

static void choose_all(struct sg_cfn *c, const struct sg_node *map, const struct sg_node *key, sg_guard in,
		       struct choices *out)
{
	struct sg_alts keys = sg_eval(c, key, in);
	for (size_t i = 0; i < keys.n; i++)
		choose(c, map, &keys.v[i], out);
}

static const struct sg_node *default_of(const struct sg_node *arg)
{
	return arg->n > 3 ? sg_node_get(arg->items[3], "DefaultValue") : NULL;
}

struct sg_alts cfn_fn_find_in_map(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind != SG_SEQ || arg->n < 3 || arg->n > 4)
		return cfn_malformed(c, node, in, "Fn::FindInMap takes a map, a top key and a second key");
	struct choices maps = {0}, tops = {0}, values = {0};
	choose_all(c, c->mappings, arg->items[0], in, &maps);
	for (size_t i = 0; i < maps.v.n; i++)
		choose_all(c, maps.v.v[i].value, arg->items[1], maps.v.v[i].guard, &tops);
	for (size_t i = 0; i < tops.v.n; i++)
		choose_all(c, tops.v.v[i].value, arg->items[2], tops.v.v[i].guard, &values);
	if (maps.unknown || tops.unknown || values.unknown)
		return cfn_one(c, in,
			       cfn_val_unknown(c, node, NULL, "a mapping's entry under a key that is not known"));
	struct alts b = {0};
	sg_guard rest = in;
	for (size_t i = 0; i < values.v.n; i++) {
		struct sg_alts alts = sg_eval(c, values.v.v[i].value, values.v.v[i].guard);
		for (size_t k = 0; k < alts.n; k++)
			cfn_emit(c, &b, alts.v[k].guard, alts.v[k].val);
		rest = sg_guard_minus(c->worlds, rest, values.v.v[i].guard);
	}
	const struct sg_node *fallback = default_of(arg);
	if (fallback) {
		struct sg_alts alts = sg_eval(c, fallback, rest);
		for (size_t k = 0; k < alts.n; k++)
			cfn_emit(c, &b, alts.v[k].guard, alts.v[k].val);
	}
	if (!b.vec.n && (maps.symbolic || tops.symbolic || values.symbolic))
		return cfn_one(c, in,
			       cfn_val_unknown(c, node, NULL, "a mapping's entry under a key that is not known"));
	if (!b.vec.n)
		return cfn_malformed(c, node, in, "Fn::FindInMap finds no such entry in Mappings");
	return cfn_done(c, &b, node, in);
}
