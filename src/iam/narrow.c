/*
 * The narrowest edit of an Allow after which nothing goes beyond the reference: one part of the statement after another is
 * taken from what the reference says about the same actions, fewest parts first, and what is proposed was proved to close
 * the finding.  It must not know which rule asks.
 */
#include "iam/iam_priv.h"

/* Parts of a statement that an edit replaces. */
enum { CONDITION = 1, RESOURCE = 2, ACTION = 4, ALL = 7 };

/* An edit of one part before those of two; what the statement is about before when it holds. */
static const int orders[] = {RESOURCE,           ACTION, CONDITION, ACTION | RESOURCE, RESOURCE | CONDITION,
			     ACTION | CONDITION, ALL};

/* Of one proof; one proposal may take so much of what the proof may take. */
#define NARROW_BUDGET (IAM_BUDGET / 20)
enum { MAX_TRIED = 40 };

struct narrowing {
	struct iam *i;
	const struct iam_role *role;
	const iam_stmts *reference;
	const struct iam_stmt *stmt;
	const struct iam_side *actions; /* of the statement, as globs */
	sg_guard cell;
	bool bounded;
	size_t tried;
};

/* ---------------------------------------------------------------------------------------------- proving */

/* The edited statement beside all denies of the role: the other Allows have their own findings. */
static bool closes(struct narrowing *n, const struct iam_stmt *edited)
{
	iam_stmts left = {0};
	struct iam_problem p;
	bool all = true;
	size_t budget = n->i->budget;
	SG_PUSH(n->i->a, &left, *edited);
	for (size_t k = 0; k < n->role->stmts.n; k++)
		if (n->role->stmts.v[k].effect != IAM_ALLOW)
			SG_PUSH(n->i->a, &left, n->role->stmts.v[k]);
	n->i->budget = NARROW_BUDGET;
	iam_problem_init(&p, n->i, &left, n->bounded ? &n->role->boundary_stmts : NULL, n->reference, n->cell);
	p.refutable = false; /* only whether it is contained is asked */
	for (size_t k = 0; all && k < p.candidate[IAM_MAY].allows.n; k++) {
		struct iam_answer a;
		iam_contained(&p, k, &a);
		all = a.verdict == IAM_CONTAINED;
	}
	n->i->budget = budget;
	return all && p.candidate[IAM_MAY].allows.n;
}

/* ---------------------------------------------------------------------------------------------- one edit */

static bool has_wildcard(struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (r.t[k] == '*' || r.t[k] == '?')
			return true;
	return false;
}

/* The actions of the reference that the statement allows too. */
static iam_elements kept_actions(struct narrowing *n, const struct iam_stmt *r)
{
	iam_elements kept = {0};
	for (size_t k = 0; !r->not_action && k < r->actions.n; k++) {
		struct iam_raw raw = r->actions.v[k].raw;
		struct iam_element e = r->actions.v[k];
		struct sg_str name = iam_raw_show(n->i, raw);
		e.guard = n->stmt->guard;
		/* a `*` of the reference, read as a character: only a `*` of the statement matches it */
		if (!e.unknown &&
		    iam_point_side(n->actions, iam_action_word(n->i, sg_cstr(n->i->a, name)), false) == IAM_YES)
			SG_PUSH(n->i->a, &kept, e);
	}
	return kept;
}

static struct iam_stmt edited_by(struct narrowing *n, const struct iam_stmt *r, const iam_elements *actions,
				 const struct iam_element *resource, int parts)
{
	struct iam_stmt s = *n->stmt;
	if (parts & ACTION) {
		s.actions = *actions;
		s.not_action = false;
	}
	if (parts & RESOURCE) {
		struct iam_element e = *resource;
		e.guard = s.guard;
		s.resources = (iam_elements){0};
		s.not_resource = false;
		SG_PUSH(n->i->a, &s.resources, e);
	}
	if (parts & CONDITION) {
		struct iam_cond c = {.span = s.cond.span};
		for (size_t k = 0; k < s.cond.atoms.n; k++)
			SG_PUSH(n->i->a, &c.atoms, s.cond.atoms.v[k]);
		for (size_t k = 0; k < r->cond.atoms.n; k++)
			SG_PUSH(n->i->a, &c.atoms, r->cond.atoms.v[k]);
		s.cond = c;
	}
	return s;
}

static void show(struct narrowing *n, const struct iam_stmt *s, const struct iam_stmt *r, int parts, struct sg_buf *b)
{
	const char *between = "";
	if (parts & ACTION) {
		sg_buf_adds(b, "Action ");
		for (size_t k = 0; k < s->actions.n; k++) {
			sg_buf_adds(b, k ? ", " : "");
			sg_buf_str(b, iam_raw_show(n->i, s->actions.v[k].raw));
		}
		between = "; ";
	}
	if (parts & RESOURCE) {
		sg_buf_addf(b, "%sResource %.*s", between, SG_FMT(iam_raw_show(n->i, s->resources.v[0].raw)));
		between = "; ";
	}
	if (parts & CONDITION)
		sg_buf_addf(b, "%salso the Condition %.*s", between, SG_FMT(iam_atom_show(n->i, &r->cond.atoms.v[0])));
}

/* ---------------------------------------------------------------------------------------------- the search */

static bool try_resource(struct narrowing *n, const struct iam_stmt *r, const iam_elements *kept,
			 const struct iam_element *resource, int parts, struct sg_buf *out)
{
	struct iam_stmt s = edited_by(n, r, kept, resource, parts);
	if (n->tried++ >= MAX_TRIED || !closes(n, &s))
		return false;
	show(n, &s, r, parts, out);
	return true;
}

/* Resources with a wildcard first: they leave more. */
static bool try_resources(struct narrowing *n, const struct iam_stmt *r, const iam_elements *kept, int parts,
			  struct sg_buf *out)
{
	for (int wild = 1; wild >= 0; wild--)
		for (size_t k = 0, tries = 0; k < r->resources.n && tries < 2; k++) {
			const struct iam_element *e = &r->resources.v[k];
			if (e->unknown || has_wildcard(e->raw) != wild)
				continue;
			tries++;
			if (try_resource(n, r, kept, e, parts, out))
				return true;
		}
	return false;
}

static bool try_parts(struct narrowing *n, const struct iam_stmt *r, int parts, struct sg_buf *out)
{
	iam_elements kept = kept_actions(n, r);
	bool same_actions = kept.n == 0; /* the reference says `*`, or nothing about them */
	if (r->effect != IAM_ALLOW || !iam_possible(n->i, n->cell, r->guard) || r->cond.atoms.n > 1)
		return false;
	if (same_actions && (parts & ACTION || parts != CONDITION))
		return false;
	if (parts & CONDITION && r->cond.atoms.n == 0)
		return false;
	if (parts & RESOURCE)
		return !r->not_resource && try_resources(n, r, &kept, parts, out);
	return try_resource(n, r, &kept, NULL, parts, out);
}

/* Without the action that the witness is about, where there are others. */
static bool try_without(struct narrowing *n, const struct iam_answer *a, struct sg_buf *out)
{
	struct iam_stmt s = *n->stmt;
	s.actions = (iam_elements){0};
	for (size_t k = 0; !s.not_action && k < n->stmt->actions.n; k++) {
		const struct iam_element *e = &n->stmt->actions.v[k];
		bool meant = e->span.start == a->element.start && e->span.end == a->element.end;
		if (!meant)
			SG_PUSH(n->i->a, &s.actions, *e);
		else
			sg_buf_addf(out, "without the Action %.*s", SG_FMT(iam_raw_show(n->i, e->raw)));
	}
	if (s.actions.n && s.actions.n < n->stmt->actions.n && closes(n, &s))
		return true;
	sg_buf_free(out);
	*out = (struct sg_buf){0};
	return false;
}

struct sg_str iam_narrowest(struct iam *i, const struct iam_narrowing *of, const struct iam_answer *a)
{
	struct narrowing n = {i,           of->role, of->reference, of->allow->src, &of->allow->actions, of->cell,
			      of->bounded, 0};
	struct sg_buf b = {0};
	if (n.stmt->vague || n.stmt->cond.vague)
		return SG_LIT("");
	for (size_t o = 0; o < sizeof(orders) / sizeof(*orders); o++)
		for (size_t k = 0; k < n.reference->n; k++)
			if (try_parts(&n, &n.reference->v[k], orders[o], &b))
				return sg_buf_take(&b, i->a);
	if (try_without(&n, a, &b))
		return sg_buf_take(&b, i->a);
	return SG_LIT("without this statement");
}
