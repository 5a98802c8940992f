/*
 * Containment that the text shows: a statement of the reference that says at least what the Allow says, glob by glob and
 * condition by condition.  No automaton is made; what this does not see, the search decides.
 */
#include "iam/iam_priv.h"

#include <string.h>

/* The same words.  The letters of a loose glob are any text: then the same tokens say nothing. */
static bool same_glob(struct iam_pat a, struct iam_pat b)
{
	if (a.n != b.n || a.nocase != b.nocase || (a.n && memcmp(a.t, b.t, a.n * sizeof(*a.t)) != 0))
		return false;
	return !(a.loose || b.loose) || !iam_raw_has_letter((struct iam_raw){a.t, a.n});
}

static bool has_glob(const struct iam_side *s, struct iam_pat p)
{
	for (size_t k = 0; k < s->n; k++)
		if (iam_pat_is_star(s->v[k]) || same_glob(s->v[k], p))
			return true;
	return false;
}

/* Are all globs of `small` in `big`, or under a lone star of it? */
static bool all_in(const struct iam_side *small, const struct iam_side *big)
{
	for (size_t k = 0; k < small->n; k++)
		if (!has_glob(big, small->v[k]))
			return false;
	return true;
}

static bool side_within(const struct iam_side *small, const struct iam_side *big)
{
	for (size_t k = 0; k < big->n && !big->negated; k++)
		if (iam_pat_is_star(big->v[k]))
			return true;
	if (small->negated != big->negated)
		return false;
	return small->negated ? all_in(big, small) : all_in(small, big);
}

static bool has_atom(const struct iam_cond *c, uint32_t id)
{
	for (size_t k = 0; c && k < c->atoms.n; k++)
		if (c->atoms.v[k].id == id)
			return true;
	return false;
}

/* Whenever `small` holds, so does `big`: each of its atoms is one of small's. */
static bool condition_within(const struct iam_cond *small, const struct iam_cond *big)
{
	for (size_t k = 0; big && k < big->atoms.n; k++)
		if (!big->atoms.v[k].id || !has_atom(small, big->atoms.v[k].id))
			return false;
	return true;
}

static bool some_says(const iam_cstmts *list, const struct iam_cstmt *s)
{
	for (size_t k = 0; k < list->n; k++)
		if (side_within(&s->actions, &list->v[k].actions) &&
		    side_within(&s->resources, &list->v[k].resources) && condition_within(s->cond, list->v[k].cond))
			return true;
	return false;
}

bool iam_says_as_much(const struct iam_problem *p, const struct iam_cstmt *allow)
{
	const struct iam_policy *c = &p->candidate[IAM_MAY], *b = &p->boundary[IAM_MAY], *r = &p->reference[IAM_MAY];
	for (size_t k = 0; k < r->denies.n; k++) /* what the reference denies, the candidate must */
		if (!some_says(&c->denies, &r->denies.v[k]) && !some_says(&b->denies, &r->denies.v[k]))
			return false;
	return some_says(&r->allows, allow);
}
