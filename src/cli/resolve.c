/*
 * The tree that a deployment gets where it does not depend on the deployment: `expand --resolve`, and the view "resolved"
 * of `test`.  Knows neither sections nor resources.
 */
#include "cli/resolve.h"

static const struct sg_node *resolve_list(struct sg_arena *a, struct sg_cfn *cfn, const struct sg_node *n)
{
	const struct sg_node **items = SG_NEW_ARRAY(a, n->n + 1, const struct sg_node *);
	size_t kept = 0;
	for (size_t i = 0; i < n->n; i++)
		if ((items[kept] = sg_resolve(a, cfn, n->items[i])))
			kept++;
	return sg_node_seq(a, items, kept, SG_WHY_INTRINSIC, n);
}

static const struct sg_node *resolve_map(struct sg_arena *a, struct sg_cfn *cfn, const struct sg_node *n)
{
	struct sg_member *members = SG_NEW_ARRAY(a, n->n + 1, struct sg_member);
	size_t kept = 0;
	for (size_t i = 0; i < n->n; i++)
		if ((members[kept].value = sg_resolve(a, cfn, n->members[i].value)))
			members[kept++].key = n->members[i].key;
	return sg_node_map(a, members, kept, SG_WHY_INTRINSIC, n);
}

const struct sg_node *sg_resolve_inside(struct sg_arena *arena, struct sg_cfn *cfn, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR)
		return n;
	return n->kind == SG_SEQ ? resolve_list(arena, cfn, n) : resolve_map(arena, cfn, n);
}

static bool is_intrinsic(const struct sg_node *n)
{
	return n->kind == SG_MAP && n->n == 1 &&
	       (sg_node_is(n->members[0].key, "Ref") || sg_str_starts(n->members[0].key->text, "Fn::"));
}

const struct sg_node *sg_resolve(struct sg_arena *arena, struct sg_cfn *cfn, const struct sg_node *n)
{
	struct sg_str text;
	if (!is_intrinsic(n))
		return sg_resolve_inside(arena, cfn, n);
	struct sg_alts alts = sg_eval(cfn, n, SG_ALWAYS);
	const struct sg_val *v = &alts.v[0].val;
	if (alts.n == 1 && v->kind == SG_V_ABSENT)
		return NULL;
	if (alts.n == 1 && v->kind == SG_V_STRING && sg_val_text(arena, v, &text))
		return sg_node_scalar(arena, text, SG_DOUBLE, SG_WHY_INTRINSIC, n);
	bool known = alts.n == 1 && v->kind != SG_V_STRING && v->kind != SG_V_UNKNOWN && v->node && v->node != n;
	return sg_resolve_inside(arena, cfn, known ? v->node : n);
}
