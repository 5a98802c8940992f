/*
 * The containment search: for each way in which the words of an Allow's action glob meet the action globs of everything
 * that could cover them, and then the same for resources, is there a request that nothing covers?  Every word is tried,
 * not a list of known actions.  It must not know roles, nor what the reference is for.
 */
#include "iam/iam_priv.h"

static const iam_tok star_tok[] = {IAM_STAR};

struct search {
	const struct iam_problem *p;
	struct sg_arena *a; /* of this search; what the answer keeps is in p->i->a */
	enum iam_mode mode;
	const struct iam_cstmt *allow;
	const struct iam_cstmt **cover; /* what can take a request away: the denies, and what the reference allows */
	size_t n_cover;
	const struct iam_cstmt **live; /* those that match the current action */
	size_t n_live;
	struct sg_map *done; /* sets of live ones whose resources were explored, and left nothing */
	struct iam_raw action;
	struct iam_answer *out;
	bool found;
};

/* ---------------------------------------------------------------------------------------------- sides */

static size_t flatten(struct iam_pat *out, size_t at, const struct iam_side *s)
{
	for (size_t k = 0; k < s->n; k++)
		out[at++] = s->v[k];
	return at;
}

static bool any(const bool *m, size_t from, size_t n)
{
	for (size_t k = from; k < from + n; k++)
		if (m[k])
			return true;
	return false;
}

/* Where the Allow is negated, its globs are the first of `matches`: none may match. */
static bool forbidden(const struct iam_side *own, const bool *matches, size_t *at)
{
	if (!own->negated)
		return false;
	*at = own->n;
	return any(matches, 0, own->n);
}

/* ---------------------------------------------------------------------------------------------- resources */

static bool conditions_leave(struct search *s, struct iam_raw resource, const struct iam_cond **on, size_t n)
{
	struct iam *i = s->p->i;
	struct iam_request rq = {.action = s->action, .resource = resource};
	if (s->mode == IAM_MAY) {
		if (!iam_cond_possible(i, s->allow->cond, on, n))
			return false;
	} else if (iam_raw_has_letter(s->action) || /* no action that anybody could call */
		   !iam_context_find(i, s->allow->cond, on, n, &rq) || !iam_is_witness(s->p, &rq)) {
		return false;
	}
	s->out->witness = rq;
	s->out->has_witness = true;
	return true;
}

static bool visit_resource(void *ctx, const bool *matches, struct iam_raw word)
{
	struct search *s = ctx;
	size_t at = 0, n = 0;
	if (forbidden(&s->allow->resources, matches, &at))
		return false;
	const struct iam_cond **on = SG_NEW_ARRAY(s->a, s->n_live + 1, const struct iam_cond *);
	for (size_t k = 0; k < s->n_live; k++) {
		const struct iam_side *side = &s->live[k]->resources;
		if (any(matches, at, side->n) != side->negated)
			on[n++] = s->live[k]->cond;
		at += side->n;
	}
	s->found = conditions_leave(s, word, on, n);
	return s->found;
}

/* ---------------------------------------------------------------------------------------------- actions */

static size_t count_live(const struct search *s)
{
	size_t n = s->allow->resources.negated ? s->allow->resources.n : 0;
	for (size_t k = 0; k < s->n_live; k++)
		n += s->live[k]->resources.n;
	return n;
}

static bool covered_whole(const struct search *s)
{
	for (size_t k = 0; k < s->n_live; k++) {
		const struct iam_side *r = &s->live[k]->resources;
		bool all = r->negated ? r->n == 0 : r->n > 0 && iam_pat_is_star(r->v[0]);
		if (all && !s->live[k]->cond)
			return true;
	}
	return false;
}

static bool explore_resources(struct search *s)
{
	const struct iam_side *own = &s->allow->resources;
	struct iam_pat *others = SG_NEW_ARRAY(s->a, count_live(s) + 1, struct iam_pat);
	size_t at = own->negated ? flatten(others, 0, own) : 0;
	for (size_t k = 0; k < s->n_live; k++)
		at = flatten(others, at, &s->live[k]->resources);
	for (size_t k = 0; k < (own->negated ? 1 : own->n); k++) {
		struct iam_pat main = own->negated ? (struct iam_pat){star_tok, 1} : own->v[k];
		enum iam_explored e = iam_explore(s->p->i, main, others, at, IAM_DOMAIN_RESOURCE, visit_resource, s);
		s->out->over_budget |= e == IAM_OVER_BUDGET;
		if (e != IAM_EXPLORED)
			return true;
	}
	return false;
}

static bool visit_action(void *ctx, const bool *matches, struct iam_raw word)
{
	struct search *s = ctx;
	size_t at = 0;
	if (forbidden(&s->allow->actions, matches, &at))
		return false;
	s->n_live = 0;
	bool *live = SG_NEW_ARRAY(s->a, s->n_cover + 1, bool);
	for (size_t k = 0; k < s->n_cover; k++) {
		const struct iam_side *side = &s->cover[k]->actions;
		live[k] = any(matches, at, side->n) != side->negated;
		if (live[k])
			s->live[s->n_live++] = s->cover[k];
		at += side->n;
	}
	s->action = word;
	/* In MUST, an action with letters is no witness where another may be. */
	bool reusable = s->mode == IAM_MAY;
	if (reusable && sg_map_put(s->done, (struct sg_str){(const char *)live, s->n_cover + 1}, live))
		return false;
	return !covered_whole(s) && explore_resources(s);
}

static size_t count_cover(const struct search *s)
{
	size_t n = s->allow->actions.negated ? s->allow->actions.n : 0;
	for (size_t k = 0; k < s->n_cover; k++)
		n += s->cover[k]->actions.n;
	return n;
}

static void explore_actions(struct search *s)
{
	const struct iam_side *own = &s->allow->actions;
	struct iam_pat *others = SG_NEW_ARRAY(s->a, count_cover(s) + 1, struct iam_pat);
	size_t at = own->negated ? flatten(others, 0, own) : 0;
	for (size_t k = 0; k < s->n_cover; k++)
		at = flatten(others, at, &s->cover[k]->actions);
	for (size_t k = 0; k < (own->negated ? 1 : own->n); k++) {
		struct iam_pat main = own->negated ? (struct iam_pat){star_tok, 1} : own->v[k];
		enum iam_explored e = iam_explore(s->p->i, main, others, at, IAM_DOMAIN_ACTION, visit_action, s);
		s->out->over_budget |= e == IAM_OVER_BUDGET;
		if (e == IAM_EXPLORED)
			continue;
		s->out->element = own->negated ? s->allow->src->span : own->spans[k];
		return;
	}
}

/* ---------------------------------------------------------------------------------------------- the two runs */

/* True where everything is covered. */
static bool run(const struct iam_problem *p, enum iam_mode mode, const struct iam_cstmt *allow, struct iam_answer *out)
{
	const iam_cstmts *denies = &p->candidate[mode].denies, *allowed = &p->reference[mode].allows;
	struct search s = {.p = p, .mode = mode, .allow = allow, .out = out, .n_cover = denies->n + allowed->n};
	s.a = sg_arena_new();
	s.done = sg_map_new(s.a);
	s.cover = SG_NEW_ARRAY(s.a, s.n_cover + 1, const struct iam_cstmt *);
	s.live = SG_NEW_ARRAY(s.a, s.n_cover + 1, const struct iam_cstmt *);
	for (size_t k = 0; k < denies->n; k++)
		s.cover[k] = &denies->v[k];
	for (size_t k = 0; k < allowed->n; k++)
		s.cover[denies->n + k] = &allowed->v[k];
	explore_actions(&s);
	sg_arena_free(s.a);
	return !s.found && !out->over_budget && p->reference[mode].denies.n == 0;
}

bool iam_is_witness(const struct iam_problem *p, const struct iam_request *rq)
{
	return iam_point_allowed(&p->candidate[IAM_MUST], rq) == IAM_YES &&
	       iam_point_allowed(&p->reference[IAM_MUST], rq) == IAM_NO;
}

static void compile(struct iam_problem *p, enum iam_mode mode)
{
	if (p->compiled[mode])
		return;
	p->compiled[mode] = true;
	iam_policy_compile(p->i, p->stmts, p->cell, mode, true, &p->candidate[mode]);
	iam_policy_compile(p->i, p->within, p->cell, mode, false, &p->reference[mode]);
}

void iam_problem_init(struct iam_problem *p, struct iam *i, const iam_stmts *candidate, const iam_stmts *reference,
		      sg_guard cell)
{
	*p = (struct iam_problem){.i = i, .stmts = candidate, .within = reference, .cell = cell};
	p->refutable = !sg_guard_is_lost(i->m->worlds, cell);
	compile(p, IAM_MAY);
}

void iam_contained(struct iam_problem *p, size_t k, struct iam_answer *out)
{
	const struct iam_cstmt *allow = &p->candidate[IAM_MAY].allows.v[k];
	*out = (struct iam_answer){.verdict = IAM_CONTAINED, .element = allow->src->span};
	if (run(p, IAM_MAY, allow, out))
		return;
	out->verdict = IAM_UNDECIDED;
	compile(p, IAM_MUST);
	const iam_cstmts *must = &p->candidate[IAM_MUST].allows;
	for (size_t j = 0; p->refutable && j < must->n; j++) {
		struct iam_answer refuted = {.verdict = IAM_BEYOND, .element = allow->src->span};
		if (must->v[j].src != allow->src)
			continue;
		run(p, IAM_MUST, &must->v[j], &refuted);
		if (refuted.has_witness) {
			*out = refuted;
			iam_nicer(p, &must->v[j], &out->witness);
		}
	}
}
