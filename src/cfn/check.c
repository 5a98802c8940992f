/*
 * Everything that a tree says, evaluated once for what is wrong with it: unknown functions, references to nothing,
 * misshapen arguments.  What is only unknown is nobody's mistake and not said here; whoever needs the value says it.
 */
#include "cfn/cfn_priv.h"

static void check(struct sg_cfn *c, const struct sg_node *n, sg_guard in, unsigned depth);

static void check_children(struct sg_cfn *c, const struct sg_node *n, sg_guard in, unsigned depth)
{
	for (size_t i = 0; n->kind == SG_SEQ && i < n->n; i++)
		check(c, n->items[i], in, depth);
	for (size_t i = 0; n->kind == SG_MAP && i < n->n; i++)
		check(c, n->members[i].value, in, depth);
}

static void check(struct sg_cfn *c, const struct sg_node *n, sg_guard in, unsigned depth)
{
	if (n->kind == SG_SCALAR || depth >= CFN_MAX_DEPTH)
		return;
	if (n->kind == SG_SEQ || !cfn_is_function(n)) {
		check_children(c, n, in, depth + 1);
		return;
	}
	struct sg_alts alts = sg_eval(c, n, in);
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_val *v = &alts.v[i].val;
		if (v->kind == SG_V_LIST || v->kind == SG_V_MAP)
			check_children(c, v->node, alts.v[i].guard, depth + 1);
	}
}

void sg_cfn_check(struct sg_cfn *c, const struct sg_node *n, sg_guard in)
{
	bool before = c->mistakes_only;
	unsigned long steps = c->steps;
	c->mistakes_only = true;
	if (n)
		check(c, n, in, 0);
	c->mistakes_only = before;
	c->steps = steps; /* looking for mistakes takes nothing from the analyses' budget */
}

void sg_cfn_check_conditions(struct sg_cfn *c)
{
	bool before = c->mistakes_only;
	c->mistakes_only = true;
	for (size_t i = 0; i < sg_map_size(c->conditions); i++)
		sg_cfn_condition(c, sg_map_key(c->conditions, i), c->root);
	c->mistakes_only = before;
}

bool sg_cfn_is_section(struct sg_str name)
{
	static const char *const sections[] = {"AWSTemplateFormatVersion",
					       "Description",
					       "Metadata",
					       "Parameters",
					       "Rules",
					       "Mappings",
					       "Conditions",
					       "Transform",
					       "Globals",
					       "Hooks",
					       "Resources",
					       "Outputs"};
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (sg_str_is(name, sections[i]))
			return true;
	return false;
}
