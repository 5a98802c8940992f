/*
 * Conditions as guards.  Each is decided once; what nobody can know becomes an atom of its own, so that two uses of the
 * same condition always agree.
 */
#include "cfn/cfn_priv.h"

void cfn_conditions_load(struct sg_cfn *c)
{
	c->conditions = sg_map_new(c->arena);
	const struct sg_node *section = sg_node_get(c->root, "Conditions");
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++) {
		struct condition *cond = SG_NEW(c->arena, struct condition);
		cond->node = section->members[i].value;
		sg_map_put(c->conditions, section->members[i].key->text, cond);
	}
}

static sg_guard lost(struct sg_cfn *c, const struct sg_node *n, const char *what)
{
	cfn_complain(c, "TPL005", SG_FAIL, n, "write the condition as CloudFormation documents it", "%s", what);
	return cfn_lost();
}

sg_guard sg_cfn_condition(struct sg_cfn *c, struct sg_str name, const struct sg_node *where)
{
	struct condition *cond = sg_map_get(c->conditions, name);
	if (!cond) {
		cfn_complain(c, "TPL005", SG_FAIL, where, "declare it under Conditions", "no condition '%.*s'",
			     SG_FMT(name));
		return cfn_lost();
	}
	if (cond->state == COND_BUSY)
		return lost(c, cond->node, "a condition that depends on itself");
	if (cond->state == COND_DONE)
		return cond->guard;
	cond->state = COND_BUSY;
	cond->guard = cfn_decide(c, cond->node);
	cond->state = COND_DONE;
	return cond->guard;
}

/* ------------------------------------------------------------------------------------------------ Equals */

static bool is_settable(const struct sg_symbol *s)
{
	return s && (s->kind == SG_SYM_PARAMETER || s->kind == SG_SYM_PSEUDO);
}

/* `value == text` where the value is a lone symbol: an atom of that symbol, so that other comparisons of the same
 * symbol exclude it. */
static sg_guard symbol_is(struct sg_cfn *c, const struct sg_symbol *s, struct sg_str text)
{
	struct sg_str subject = cfn_symbol_spelling(c->arena, s);
	if (s->kind == SG_SYM_PARAMETER && cfn_excludes(c, s->name, text))
		return SG_NEVER;
	if (!is_settable(s))
		subject = sg_strf(c->arena, "value of %.*s", SG_FMT(subject));
	return cfn_atom(c->worlds, subject, text);
}

static sg_guard opaque(struct sg_cfn *c, const struct sg_val *a, const struct sg_val *b)
{
	struct sg_str x = sg_val_describe(c->arena, a), y = sg_val_describe(c->arena, b);
	if (sg_str_cmp(x, y) > 0) {
		struct sg_str t = x;
		x = y, y = t;
	}
	return cfn_atom(c->worlds, sg_strf(c->arena, "%.*s == %.*s", SG_FMT(x), SG_FMT(y)), SG_LIT("true"));
}

sg_guard cfn_equal(struct sg_cfn *c, const struct sg_val *a, const struct sg_val *b)
{
	struct sg_str x, y;
	bool ax = sg_val_text(c->arena, a, &x), by = sg_val_text(c->arena, b, &y);
	if (ax && by)
		return sg_str_eq(x, y) ? SG_ALWAYS : SG_NEVER;
	const struct sg_symbol *s = sg_val_symbol(a), *t = sg_val_symbol(b);
	if (s && s == t)
		return SG_ALWAYS;
	if (s && by && a->kind == SG_V_STRING)
		return symbol_is(c, s, y);
	if (t && ax && b->kind == SG_V_STRING)
		return symbol_is(c, t, x);
	return opaque(c, a, b);
}

/* A Ref to a parameter that is a list. */
static bool names_list(struct sg_cfn *c, const struct sg_node *n)
{
	const struct sg_node *name = n->kind == SG_MAP && n->n == 1 ? sg_node_get(n, "Ref") : NULL;
	const struct parameter *p = name && name->kind == SG_SCALAR ? sg_map_get(c->parameters, name->text) : NULL;
	return p && p->list;
}

static sg_guard equals(struct sg_cfn *c, const struct sg_node *n, const struct sg_node *arg)
{
	if (arg->kind != SG_SEQ || arg->n != 2)
		return lost(c, n, "Fn::Equals takes a list of two values");
	for (size_t i = 0; i < 2; i++)
		if (arg->items[i]->kind == SG_SEQ || sg_node_get(arg->items[i], "Fn::ImportValue") ||
		    sg_node_get(arg->items[i], "Fn::GetAtt"))
			return lost(c, n, "Fn::Equals compares strings that are known before the deployment");
	for (size_t i = 0; i < 2; i++)
		if (names_list(c, arg->items[i]))
			return lost(c, arg->items[i], "Fn::Equals compares strings, not a list");
	sg_guard result = SG_NEVER;
	struct sg_alts a = sg_eval(c, arg->items[0], SG_ALWAYS);
	for (size_t i = 0; i < a.n; i++) {
		struct sg_alts b = sg_eval(c, arg->items[1], a.v[i].guard);
		for (size_t k = 0; k < b.n; k++) {
			sg_guard same = cfn_equal(c, &a.v[i].val, &b.v[k].val);
			result = sg_guard_or(c->worlds, result, sg_guard_and(c->worlds, b.v[k].guard, same));
		}
	}
	return result;
}

/* ------------------------------------------------------------------------------------------------ And, Or, Not */

static sg_guard connect(struct sg_cfn *c, const struct sg_node *n, const struct sg_node *arg, bool all)
{
	if (arg->kind != SG_SEQ || arg->n < 2 || arg->n > 10)
		return lost(c, n,
			    all ? "Fn::And takes a list of two to ten conditions"
				: "Fn::Or takes a list of two to ten conditions");
	sg_guard g = all ? SG_ALWAYS : SG_NEVER;
	for (size_t i = 0; i < arg->n; i++) {
		sg_guard one = cfn_decide(c, arg->items[i]);
		g = all ? sg_guard_and(c->worlds, g, one) : sg_guard_or(c->worlds, g, one);
	}
	return g;
}

static sg_guard decide_map(struct sg_cfn *c, const struct sg_node *n)
{
	struct sg_str name = n->members[0].key->text;
	const struct sg_node *arg = n->members[0].value;
	if (sg_str_is(name, "Fn::Equals"))
		return equals(c, n, arg);
	if (sg_str_is(name, "Fn::And"))
		return connect(c, n, arg, true);
	if (sg_str_is(name, "Fn::Or"))
		return connect(c, n, arg, false);
	if (sg_str_is(name, "Fn::Not")) {
		if (arg->kind != SG_SEQ || arg->n != 1)
			return lost(c, n, "Fn::Not takes a list of one condition");
		return sg_guard_not(c->worlds, cfn_decide(c, arg->items[0]));
	}
	if (sg_str_is(name, "Condition") && arg->kind == SG_SCALAR)
		return sg_cfn_condition(c, arg->text, arg);
	return lost(c, n, "not a condition function");
}

sg_guard cfn_decide(struct sg_cfn *c, const struct sg_node *n)
{
	if (c->depth >= CFN_MAX_DEPTH) {
		cfn_complain(c, "TPL003", SG_UNPROVEN, n, "nest conditions less deeply",
			     "conditions are nested more than %d deep", (int)CFN_MAX_DEPTH);
		return cfn_lost();
	}
	if (n->kind != SG_MAP || n->n != 1)
		return lost(c, n, "a condition is one function: Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition");
	c->depth++;
	sg_guard g = decide_map(c, n);
	c->depth--;
	return g;
}
