/*
 * The Rules section: CloudFormation refuses parameter values for which an assertion is false, so the worlds in which one is
 * false do not exist.  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 *
 * An assertion that is not understood narrows nothing: that leaves more worlds than there are, which is sound.
 */
#include "cfn/cfn_priv.h"

static sg_guard rule_guard(struct sg_cfn *c, const struct sg_node *n, bool *known);

/* Fn::Contains: [[literals…], value] */
static sg_guard contains(struct sg_cfn *c, const struct sg_node *arg, bool *known)
{
	if (arg->kind != SG_SEQ || arg->n != 2 || arg->items[0]->kind != SG_SEQ) {
		*known = false;
		return SG_ALWAYS;
	}
	sg_guard any = SG_NEVER;
	struct sg_alts values = sg_eval(c, arg->items[1], SG_ALWAYS);
	struct sg_items choices = sg_eval_items(c, arg->items[0], false, SG_ALWAYS);
	for (size_t i = 0; i < values.n; i++)
		for (size_t k = 0; k < choices.n; k++) {
			sg_guard both = sg_guard_and(c->worlds, values.v[i].guard, choices.v[k].guard);
			*known &= choices.v[k].val.kind != SG_V_UNKNOWN && values.v[i].val.kind != SG_V_UNKNOWN;
			sg_guard same = cfn_equal(c, &values.v[i].val, &choices.v[k].val);
			any = sg_guard_or(c->worlds, any, sg_guard_and(c->worlds, both, same));
		}
	return any;
}

/* Are the choices, in the worlds of `in`, all known and certain? */
static bool all_known(struct sg_cfn *c, const struct sg_items *items)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->v[i].val.kind == SG_V_UNKNOWN || !sg_guard_certain(c->worlds, items->v[i].guard))
			return false;
	return !sg_guard_possible(c->worlds, items->absent);
}

static sg_guard one_of(struct sg_cfn *c, const struct sg_val *v, const struct sg_items *choices)
{
	sg_guard any = SG_NEVER;
	for (size_t i = 0; i < choices->n; i++)
		any = sg_guard_or(c->worlds, any, cfn_equal(c, v, &choices->v[i].val));
	return any;
}

/* Fn::EachMemberIn: [[values…], [choices…]], Fn::EachMemberEquals: [[values…], choice]; lists that are there for certain
 * alone. */
static sg_guard each_member(struct sg_cfn *c, const struct sg_node *arg, bool *known)
{
	if (arg->kind != SG_SEQ || arg->n != 2) {
		*known = false;
		return SG_ALWAYS;
	}
	struct sg_items values = sg_eval_items(c, arg->items[0], true, SG_ALWAYS);
	struct sg_items choices = sg_eval_items(c, arg->items[1], true, SG_ALWAYS);
	sg_guard all = SG_ALWAYS;
	*known &= values.n && choices.n && all_known(c, &values) && all_known(c, &choices);
	for (size_t i = 0; *known && i < values.n; i++)
		all = sg_guard_and(c->worlds, all, one_of(c, &values.v[i].val, &choices));
	return all;
}

static sg_guard connect(struct sg_cfn *c, const struct sg_node *arg, bool all, bool *known)
{
	sg_guard g = all ? SG_ALWAYS : SG_NEVER;
	*known &= arg->kind == SG_SEQ;
	for (size_t i = 0; arg->kind == SG_SEQ && i < arg->n; i++) {
		sg_guard one = rule_guard(c, arg->items[i], known);
		g = all ? sg_guard_and(c->worlds, g, one) : sg_guard_or(c->worlds, g, one);
	}
	return g;
}

static sg_guard rule_guard(struct sg_cfn *c, const struct sg_node *n, bool *known)
{
	*known &= n->kind == SG_MAP && n->n == 1 && c->depth < CFN_MAX_DEPTH;
	if (!*known)
		return SG_ALWAYS;
	struct sg_str name = n->members[0].key->text;
	const struct sg_node *arg = n->members[0].value;
	sg_guard g = SG_ALWAYS;
	c->depth++;
	if (sg_str_is(name, "Fn::Contains"))
		g = contains(c, arg, known);
	else if (sg_str_is(name, "Fn::EachMemberIn") || sg_str_is(name, "Fn::EachMemberEquals"))
		g = each_member(c, arg, known);
	else if (sg_str_is(name, "Fn::And"))
		g = connect(c, arg, true, known);
	else if (sg_str_is(name, "Fn::Or"))
		g = connect(c, arg, false, known);
	else if (sg_str_is(name, "Fn::Not") && arg->kind == SG_SEQ && arg->n == 1)
		g = sg_guard_not(c->worlds, rule_guard(c, arg->items[0], known));
	else if (sg_str_is(name, "Fn::Equals"))
		g = cfn_decide(c, n);
	else
		*known = false; /* Fn::ValueOf, Fn::RefAll and their like speak of what only the account knows */
	c->depth--;
	return g;
}

static void assertion(struct sg_cfn *c, sg_guard when, const struct sg_node *assert)
{
	bool known = assert != NULL;
	sg_guard holds = known ? rule_guard(c, assert, &known) : SG_ALWAYS;
	if (known)
		cfn_assume(c->worlds, sg_guard_or(c->worlds, sg_guard_not(c->worlds, when), holds));
}

static void rule(struct sg_cfn *c, const struct sg_node *n)
{
	const struct sg_node *condition = sg_node_get(n, "RuleCondition");
	const struct sg_node *assertions = sg_node_get(n, "Assertions");
	bool known = true;
	sg_guard when = condition ? rule_guard(c, condition, &known) : SG_ALWAYS;
	for (size_t i = 0; known && assertions && assertions->kind == SG_SEQ && i < assertions->n; i++)
		assertion(c, when, sg_node_get(assertions->items[i], "Assert"));
}

void cfn_rules_apply(struct sg_cfn *c)
{
	const struct sg_node *section = sg_node_get(c->root, "Rules");
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++)
		rule(c, section->members[i].value);
}
