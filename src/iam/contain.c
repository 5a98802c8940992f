/*
 * The containment search: for each way in which the words of an Allow's action glob meet the action globs of everything
 * that could cover them, and then the same for resources, is there a request that nothing covers?  Every word is tried,
 * not a list of known actions.  It must not know roles, nor what the reference is for.
 */
#include "iam/iam_priv.h"

static const iam_tok star_tok[] = {IAM_STAR};

/* At most: an Allow of the candidate, one of its boundary, and a Deny of the reference that must match too. */
enum { MAX_POSITIVE = 3 };

struct search {
	const struct iam_problem *p;
	struct sg_arena *a; /* of this search; what the answer keeps is in p->i->a */
	enum iam_mode mode;
	const struct iam_cstmt *positive[MAX_POSITIVE]; /* all must match; words are made of the first one's globs */
	size_t n_positive;
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

static const struct iam_side *side_of(const struct iam_cstmt *s, bool resources)
{
	return resources ? &s->resources : &s->actions;
}

static size_t flatten(struct iam_pat *out, size_t at, const struct iam_side *s, bool loose)
{
	for (size_t k = 0; k < s->n; k++) {
		out[at] = s->v[k];
		out[at++].loose |= loose;
	}
	return at;
}

static bool is_everything(const struct iam_side *s)
{
	return s->negated ? s->n == 0 : s->n > 0 && iam_pat_is_star(s->v[0]);
}

/* Does a word that one of its globs matches leave nothing to ask? */
static bool covers_alone(const struct iam_cstmt *s, bool resources)
{
	return !s->cond && !side_of(s, resources)->negated && (resources || is_everything(&s->resources));
}

/* The globs beside the main one: those of a first positive that is negated, of the other positives, of what covers.
 * What must match beside the main glob is loose while proving: its own letters and those of the word may be equal. */
static struct iam_pat *globs_of(const struct search *s, bool resources, const struct iam_cstmt *const *cover,
				size_t n_cover, bool **covers, size_t *n)
{
	size_t cap = 1, at = 0;
	for (size_t k = 0; k < s->n_positive; k++)
		cap += side_of(s->positive[k], resources)->n;
	for (size_t k = 0; k < n_cover; k++)
		cap += side_of(cover[k], resources)->n;
	struct iam_pat *out = SG_NEW_ARRAY(s->a, cap, struct iam_pat);
	for (size_t k = 0; k < s->n_positive; k++) {
		const struct iam_side *side = side_of(s->positive[k], resources);
		if (k > 0 || side->negated)
			at = flatten(out, at, side, s->mode == IAM_MAY && !side->negated);
	}
	*covers = SG_NEW_ARRAY(s->a, cap, bool);
	for (size_t k = 0; k < n_cover; k++) {
		size_t from = at;
		at = flatten(out, at, side_of(cover[k], resources), false);
		while (from < at)
			(*covers)[from++] = covers_alone(cover[k], resources);
	}
	*n = at;
	return out;
}

static bool any(const bool *m, size_t from, size_t n)
{
	for (size_t k = from; k < from + n; k++)
		if (m[k])
			return true;
	return false;
}

/* Do all the positives match?  *at becomes where the globs of what covers start. */
static bool positives_match(const struct search *s, bool resources, const bool *matches, size_t *at)
{
	bool all = true;
	*at = 0;
	for (size_t k = 0; k < s->n_positive; k++) {
		const struct iam_side *side = side_of(s->positive[k], resources);
		if (k == 0 && !side->negated)
			continue;
		all &= any(matches, *at, side->n) != side->negated;
		*at += side->n;
	}
	return all;
}

/* ---------------------------------------------------------------------------------------------- resources */

static bool conditions_leave(struct search *s, struct iam_raw resource, const struct iam_cond **on, size_t n)
{
	const struct iam_cond *yes[MAX_POSITIVE];
	struct iam_request rq = {.action = s->action, .resource = resource};
	const struct iam_question q = {yes, on, s->n_positive, n};
	for (size_t k = 0; k < s->n_positive; k++)
		yes[k] = s->positive[k]->cond;
	if (s->mode == IAM_MUST && iam_raw_has_letter(s->action))
		return false; /* no action that anybody could call */
	if (!iam_cond_possible(s->p->i, &q, s->mode == IAM_MUST ? &rq : NULL))
		return false;
	if (s->mode == IAM_MUST && !iam_is_witness(s->p, &rq))
		return false;
	s->out->witness = rq;
	s->out->has_witness = true;
	return true;
}

static bool visit_resource(void *ctx, const bool *matches, struct iam_raw word)
{
	struct search *s = ctx;
	size_t at, n = 0;
	if (!positives_match(s, true, matches, &at))
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

static bool covered_whole(const struct search *s)
{
	for (size_t k = 0; k < s->n_live; k++) {
		if (!s->live[k]->cond && is_everything(&s->live[k]->resources))
			return true;
	}
	return false;
}

/* True where the search is over: something was found, or it cannot go on. */
static bool explore_side(struct search *s, bool resources, const struct iam_cstmt *const *cover, size_t n_cover,
			 iam_visit visit, struct sg_span *where)
{
	const struct iam_side *own = side_of(s->positive[0], resources);
	enum iam_domain domain = resources ? IAM_DOMAIN_RESOURCE : IAM_DOMAIN_ACTION;
	size_t n;
	bool *covers;
	struct iam_pat *others = globs_of(s, resources, cover, n_cover, &covers, &n);
	for (size_t k = 0; k < (own->negated ? 1 : own->n); k++) {
		struct iam_pat main = own->negated ? (struct iam_pat){.t = star_tok, .n = 1} : own->v[k];
		enum iam_explored e = iam_explore(s->p->i, main, others, covers, n, domain, visit, s);
		s->out->over_budget |= e == IAM_OVER_BUDGET;
		if (e == IAM_EXPLORED)
			continue;
		*where = own->negated ? s->positive[0]->src->span : own->spans[k];
		return true;
	}
	return false;
}

static bool visit_action(void *ctx, const bool *matches, struct iam_raw word)
{
	struct search *s = ctx;
	struct sg_span ignored;
	size_t at;
	if (!positives_match(s, false, matches, &at))
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
	return !covered_whole(s) && explore_side(s, true, s->live, s->n_live, visit_resource, &ignored);
}

/* ---------------------------------------------------------------------------------------------- the two runs */

static void add_cover(struct search *s, const iam_cstmts *list)
{
	for (size_t k = 0; k < list->n; k++)
		s->cover[s->n_cover++] = &list->v[k];
}

/* Is everything that all the positives match covered?  `refused`: the last of them is a Deny of the reference, so that
 * what the reference allows does not count. */
static bool covered(const struct iam_problem *p, enum iam_mode mode, const struct iam_cstmt *const *positive, size_t n,
		    bool refused, struct iam_answer *out)
{
	const struct iam_policy *c = &p->candidate[mode], *b = &p->boundary[mode], *r = &p->reference[mode];
	struct search s = {.p = p, .mode = mode, .n_positive = n, .out = out};
	size_t cap = c->denies.n + b->denies.n + r->allows.n + 1;
	struct sg_span where = out->element;
	s.a = sg_arena_new();
	s.done = sg_map_new(s.a);
	s.cover = SG_NEW_ARRAY(s.a, cap, const struct iam_cstmt *);
	s.live = SG_NEW_ARRAY(s.a, cap, const struct iam_cstmt *);
	for (size_t k = 0; k < n; k++)
		s.positive[k] = positive[k];
	add_cover(&s, &c->denies);
	add_cover(&s, &b->denies);
	if (!refused)
		add_cover(&s, &r->allows);
	if (explore_side(&s, false, s.cover, s.n_cover, visit_action, &where))
		out->element = where;
	sg_arena_free(s.a);
	return !s.found && !out->over_budget;
}

/* How much there is to explore where words are made of this statement's actions. */
static size_t cost(const struct iam_cstmt *s)
{
	size_t n = s->actions.negated ? 1000 : 0;
	for (size_t k = 0; k < s->actions.n; k++)
		for (size_t j = 0; j < s->actions.v[k].n; j++)
			n += iam_is_star(s->actions.v[k].t[j]) ? 10 : iam_is_any(s->actions.v[k].t[j]);
	return n;
}

static bool has_letters(const struct iam_side *s)
{
	for (size_t k = 0; k < s->n; k++)
		if (iam_raw_has_letter((struct iam_raw){s->v[k].t, s->v[k].n}))
			return true;
	return false;
}

/* Letters are exact in the first positive alone: where that one says no, another may know better. */
static bool covered_some_way(const struct iam_problem *p, enum iam_mode mode, const struct iam_cstmt **positive,
			     size_t n, bool refused, struct iam_answer *out)
{
	bool letters = false;
	size_t cheapest = 0;
	for (size_t k = 0; k < n; k++) {
		letters |= has_letters(&positive[k]->actions) || has_letters(&positive[k]->resources);
		cheapest = cost(positive[k]) < cost(positive[cheapest]) ? k : cheapest;
	}
	for (size_t turn = 0; turn < n; turn++) {
		const struct iam_cstmt *order[MAX_POSITIVE] = {positive[(cheapest + turn) % n]};
		struct iam_answer one = *out;
		for (size_t k = 1; k < n; k++)
			order[k] = positive[(cheapest + turn + k) % n];
		if (covered(p, mode, order, n, refused, &one))
			return true;
		if (turn == 0 || (one.has_witness && !out->has_witness))
			*out = one;
		if (mode == IAM_MUST || one.over_budget || !letters)
			break;
	}
	return false;
}

/* With each Allow of the boundary, and each Deny of the reference: true where all is covered. */
static bool run(const struct iam_problem *p, enum iam_mode mode, const struct iam_cstmt *allow, struct iam_answer *out)
{
	const iam_cstmts *denies = &p->reference[mode].denies, *bounds = &p->boundary[mode].allows;
	for (size_t b = 0; b < (p->bounds ? bounds->n : 1); b++)
		for (size_t d = 0; d <= denies->n; d++) {
			const struct iam_cstmt *positive[MAX_POSITIVE] = {allow};
			size_t n = 1;
			if (p->bounds)
				positive[n++] = &bounds->v[b];
			if (d > 0)
				positive[n++] = &denies->v[d - 1];
			if (!covered_some_way(p, mode, positive, n, d > 0, out))
				return false;
		}
	return true;
}

bool iam_is_witness(const struct iam_problem *p, const struct iam_request *rq)
{
	return iam_point_allowed(&p->candidate[IAM_MUST], rq) == IAM_YES &&
	       (!p->bounds || iam_point_allowed(&p->boundary[IAM_MUST], rq) == IAM_YES) &&
	       iam_point_allowed(&p->reference[IAM_MUST], rq) == IAM_NO;
}

/* ---------------------------------------------------------------------------------------------- the readings */

static void compile(struct iam_problem *p, enum iam_mode mode)
{
	p->i->reading = p->reading;
	p->i->strict_actions = p->strict_actions;
	p->i->dropped = false;
	p->i->keep_letters = true;
	iam_policy_compile(p->i, p->stmts, p->cell, mode, true, &p->candidate[mode]);
	if (p->bounds)
		iam_policy_compile(p->i, p->bounds, p->cell, mode, true, &p->boundary[mode]);
	iam_policy_compile(p->i, p->within, p->cell, mode, false, &p->reference[mode]);
	p->i->keep_letters = false;
	p->i->reading = IAM_ROUNDED;
	p->i->strict_actions = false;
	if (mode == IAM_MAY && p->reading == IAM_ROUNDED)
		p->dropped = p->i->dropped;
}

void iam_problem_init(struct iam_problem *p, struct iam *i, const iam_stmts *candidate, const iam_stmts *bounds,
		      const iam_stmts *reference, sg_guard cell)
{
	*p = (struct iam_problem){.i = i, .stmts = candidate, .bounds = bounds, .within = reference, .cell = cell};
	p->refutable = !sg_guard_is_lost(i->m->worlds, cell);
	compile(p, IAM_MAY);
}

/* Is what the source of the Allow says covered, under the reading that is compiled? */
static bool covered_as_read(const struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out)
{
	const iam_cstmts *allows = &p->candidate[IAM_MAY].allows;
	for (size_t k = 0; k < allows->n; k++)
		if (allows->v[k].src == src && !run(p, IAM_MAY, &allows->v[k], out))
			return false;
	return true;
}

static const struct iam_problem *reading(struct iam_problem *p, int k)
{
	if (!p->readings[k]) {
		struct iam_problem *one = SG_NEW(p->i->a, struct iam_problem);
		*one = *p;
		one->reading = (enum iam_reading)(IAM_WHOLE + k % 3);
		one->strict_actions = k >= 3;
		compile(one, IAM_MAY);
		p->readings[k] = one;
	}
	return p->readings[k];
}

/* What each reading keeps says as much: nothing need be searched, and none of the budget is spent. */
static bool said_under_each(struct iam_problem *p, const struct iam_stmt *src)
{
	bool said = true;
	for (int k = 0; said && k < IAM_READINGS; k++) {
		const struct iam_problem *one = reading(p, k);
		const iam_cstmts *allows = &one->candidate[IAM_MAY].allows;
		for (size_t j = 0; j < allows->n; j++)
			said &= allows->v[j].src != src || iam_says_as_much(one, &allows->v[j]);
	}
	return said;
}

/* What was rounded away may be kept where each reading is tried by itself: proved is what holds under all. */
static bool covered_under_each(struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out)
{
	for (int k = 0; k < IAM_READINGS; k++) {
		struct iam_answer one = {.element = src->span};
		if (covered_as_read(reading(p, k), src, &one))
			continue;
		*out = one;
		return false;
	}
	return true;
}

static void compile_must(struct iam_problem *p)
{
	if (!p->must_compiled)
		compile(p, IAM_MUST);
	p->must_compiled = true;
}

/* Where an Allow goes far beyond, what it says with something plain for each wildcard shows it: no search is needed. */
static bool shown_by_example(struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out)
{
	compile_must(p);
	const iam_cstmts *must = &p->candidate[IAM_MUST].allows;
	for (size_t k = 0; k < must->n; k++) {
		const struct iam_cstmt *allow = &must->v[k];
		struct iam_answer shown = {.element = src->span, .verdict = IAM_BEYOND, .has_witness = true};
		if (allow->src != src || !iam_example(p, allow, &shown.witness, &shown.element))
			continue;
		*out = shown;
		iam_nicer(p, allow, &out->witness);
		return true;
	}
	return false;
}

static void refute(struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out)
{
	compile_must(p);
	const iam_cstmts *must = &p->candidate[IAM_MUST].allows;
	for (size_t j = 0; j < must->n; j++) {
		struct iam_answer refuted = {.element = src->span};
		if (must->v[j].src != src)
			continue;
		run(p, IAM_MUST, &must->v[j], &refuted);
		if (!refuted.has_witness)
			continue;
		refuted.verdict = IAM_BEYOND;
		*out = refuted;
		iam_nicer(p, &must->v[j], &out->witness);
		return;
	}
}

bool iam_refuted(struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out)
{
	struct iam_answer one = {0};
	if (!shown_by_example(p, src, &one))
		refute(p, src, &one);
	if (one.verdict != IAM_BEYOND)
		return false;
	one.as = &p->candidate[IAM_MUST];
	*out = one;
	return true;
}

void iam_contained(struct iam_problem *p, size_t k, struct iam_answer *out)
{
	const struct iam_stmt *src = p->candidate[IAM_MAY].allows.v[k].src;
	*out = (struct iam_answer){.element = src->span};
	const struct iam_cstmt *allow = &p->candidate[IAM_MAY].allows.v[k];
	bool contained = iam_says_as_much(p, allow) || (p->dropped && said_under_each(p, src));
	if (!contained && p->refutable && shown_by_example(p, src, out))
		return;
	contained = contained || run(p, IAM_MAY, allow, out);
	if (!contained && p->dropped)
		contained = covered_under_each(p, src, out);
	out->verdict = contained ? IAM_CONTAINED : IAM_UNDECIDED;
	if (contained || !p->refutable)
		return;
	refute(p, src, out);
	if (out->verdict == IAM_UNDECIDED && !p->of_role)
		iam_shown_with_values(p, src, out);
}
