/*
 * Statements as globs, rounded for one cell of worlds, one mode and one side of ⊆.  The rounding table of the room is
 * here and in pattern.c: what is left of ⊆ is made larger, what limits it smaller (MAY), or the other way (MUST).
 */
#include "iam/iam_priv.h"

enum { MAX_CELLS = 32 };

/* ---------------------------------------------------------------------------------------------- cells */

static bool has_guard(const iam_guards *v, sg_guard g)
{
	for (size_t k = 0; k < v->n; k++)
		if (v->v[k].id == g.id)
			return true;
	return false;
}

static void collect(struct iam *i, iam_guards *v, sg_guard g)
{
	if (!sg_guard_is_lost(i->m->worlds, g) && !has_guard(v, g))
		SG_PUSH(i->a, v, g);
}

static void collect_list(struct iam *i, iam_guards *v, const iam_stmts *list)
{
	for (size_t k = 0; k < list->n; k++) {
		const struct iam_stmt *s = &list->v[k];
		collect(i, v, s->guard);
		for (size_t j = 0; j < s->actions.n; j++)
			collect(i, v, s->actions.v[j].guard);
		for (size_t j = 0; j < s->resources.n; j++)
			collect(i, v, s->resources.v[j].guard);
	}
}

void iam_split(struct iam *i, iam_guards *cells, sg_guard by)
{
	size_t n = cells->n;
	for (size_t k = 0; k < n && cells->n < MAX_CELLS; k++) {
		sg_guard out = sg_guard_minus(i->m->worlds, cells->v[k], by);
		if (!iam_possible(i, cells->v[k], by) || !sg_guard_possible(i->m->worlds, out))
			continue;
		cells->v[k] = iam_and(i, cells->v[k], by);
		SG_PUSH(i->a, cells, out);
	}
}

void iam_cells(struct iam *i, sg_guard g, const iam_stmts *const *lists, size_t n, iam_guards *out)
{
	iam_guards guards = {0};
	for (size_t k = 0; k < n; k++)
		collect_list(i, &guards, lists[k]);
	SG_PUSH(i->a, out, g);
	for (size_t k = 0; k < guards.n; k++)
		iam_split(i, out, guards.v[k]);
}

/* ---------------------------------------------------------------------------------------------- elements */

struct rounding {
	struct iam *i;
	sg_guard cell;
	enum iam_mode mode;
	bool up;
};

/* What one element contributes: false where it contributes nothing. */
static bool element_glob(struct rounding *r, const struct iam_element *e, struct iam_rounding how, struct iam_pat *out)
{
	static const iam_tok star[] = {IAM_STAR};
	bool up = how.up;
	if (!iam_possible(r->i, r->cell, e->guard) || (!up && !iam_within(r->i, r->cell, e->guard)))
		return false;
	if (e->unknown) {
		*out = (struct iam_pat){.t = star, .n = 1};
		return up;
	}
	return iam_compile(r->i, e->raw, how, out);
}

/* A negated list is rounded the other way. */
static struct iam_side compile_side(struct rounding *r, const iam_elements *list, bool negated, bool action,
				    const struct iam_stmt *of)
{
	size_t cap = list->n ? list->n : 1;
	struct iam_side s = {.negated = negated};
	const struct iam_rounding how = {.mode = r->mode,
					 .up = r->up != negated,
					 .action = action,
					 .variables = !action && of->variables,
					 .open = of->version_open,
					 .letters = !negated && !of->version_open};
	s.v = SG_NEW_ARRAY(r->i->a, cap, struct iam_pat);
	s.spans = SG_NEW_ARRAY(r->i->a, cap, struct sg_span);
	for (size_t k = 0; k < list->n; k++) {
		struct iam_pat p;
		if (!element_glob(r, &list->v[k], how, &p))
			continue;
		/* The complement of what is rounded up: it must not hold for a text that a letter may be. */
		p.loose = r->mode == IAM_MAY && negated && how.up;
		s.v[s.n] = p;
		s.spans[s.n++] = list->v[k].span;
	}
	return s;
}

static struct iam_side everything(struct rounding *r, struct sg_span span)
{
	static const iam_tok star[] = {IAM_STAR};
	struct iam_side s = {.n = 1};
	s.v = SG_NEW(r->i->a, struct iam_pat);
	s.v[0] = (struct iam_pat){.t = star, .n = 1};
	s.spans = SG_NEW(r->i->a, struct sg_span);
	s.spans[0] = span;
	return s;
}

static bool matches_nothing(const struct iam_side *s)
{
	if (!s->negated)
		return s->n == 0;
	for (size_t k = 0; k < s->n; k++)
		if (iam_pat_is_star(s->v[k]))
			return true;
	return false;
}

/* ---------------------------------------------------------------------------------------------- statements */

static void push_stmt(struct rounding *r, const struct iam_stmt *s, iam_cstmts *out)
{
	struct iam_cstmt c = {.src = s};
	bool certain = iam_within(r->i, r->cell, s->guard) && !s->doubtful;
	if (!r->up && (!certain || s->vague || s->cond.vague))
		return;
	if (s->vague) {
		c.actions = everything(r, s->span);
		c.resources = c.actions;
		SG_PUSH(r->i->a, out, c);
		return;
	}
	c.actions = compile_side(r, &s->actions, s->not_action, true, s);
	c.resources = compile_side(r, &s->resources, s->not_resource, false, s);
	if (matches_nothing(&c.actions) || matches_nothing(&c.resources))
		return;
	if (s->cond.atoms.n && !s->cond.vague)
		c.cond = &s->cond;
	SG_PUSH(r->i->a, out, c);
}

void iam_policy_compile(struct iam *i, const iam_stmts *stmts, sg_guard cell, enum iam_mode mode, bool candidate,
			struct iam_policy *out)
{
	bool larger = candidate == (mode == IAM_MAY);
	*out = (struct iam_policy){0};
	for (size_t k = 0; k < stmts->n; k++) {
		const struct iam_stmt *s = &stmts->v[k];
		struct rounding allow = {i, cell, mode, larger}, deny = {i, cell, mode, !larger};
		if (!iam_possible(i, cell, s->guard))
			continue;
		if (s->effect == IAM_ALLOW || (s->effect == IAM_EFFECT_UNKNOWN && larger))
			push_stmt(&allow, s, &out->allows);
		if (s->effect == IAM_DENY || (s->effect == IAM_EFFECT_UNKNOWN && !larger))
			push_stmt(&deny, s, &out->denies);
	}
}
