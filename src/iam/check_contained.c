/*
 * IAM006 and IAM007: the role's effective policy within a reference, or the request that breaks out, with the statement
 * that lets it through and why no Deny stops it.
 */
#include "iam/iam_priv.h"

enum { MAX_FINDINGS = 20 };

static const char deny_settle[] = "deny everything but the two log calls to function code: Effect Deny, NotAction "
				  "[logs:CreateLogStream, logs:PutLogEvents], Resource '*', Condition {'Null': "
				  "{'lambda:SourceFunctionArn': 'false'}}";

struct proof {
	struct iam *i;
	const struct iam_subject *s;
	const struct iam_claim *c;
	SG_VEC(struct sg_span) said; /* statements that a finding names already */
};

static bool said(struct proof *p, struct sg_span span)
{
	for (size_t k = 0; k < p->said.n; k++)
		if (p->said.v[k].source == span.source && p->said.v[k].start == span.start &&
		    p->said.v[k].end == span.end)
			return true;
	SG_PUSH(p->i->a, &p->said, span);
	return p->said.n > MAX_FINDINGS;
}

/* Why one Deny lets the request pass. */
static const char *why_not(struct iam *i, const struct iam_cstmt *deny, const struct iam_request *rq,
			   struct sg_span *at)
{
	*at = deny->src->span;
	if (iam_point_side(&deny->actions, rq->action, false) != IAM_YES)
		return deny->actions.negated ? "this Deny leaves the action out (NotAction)"
					     : "this Deny is about other actions";
	if (iam_point_side(&deny->resources, rq->resource, true) != IAM_YES)
		return "this Deny is about other resources";
	for (size_t k = 0; deny->cond && k < deny->cond->atoms.n; k++)
		if (iam_point_atom(&deny->cond->atoms.v[k], rq) != IAM_YES) {
			*at = deny->cond->atoms.v[k].span;
			struct sg_str a = iam_atom_show(i, &deny->cond->atoms.v[k]);
			return sg_cstr(i->a,
				       sg_strf(i->a, "the condition of this Deny does not hold: %.*s", SG_FMT(a)));
		}
	return "nobody can say whether this Deny applies";
}

static void explain_denies(struct proof *p, struct sg_finding *f, const struct iam_policy *policy,
			   const struct iam_request *rq)
{
	struct sg_findings *all = p->i->m->findings;
	for (size_t k = 0; k < policy->denies.n && k < 3; k++) {
		struct sg_span at;
		const char *why = why_not(p->i, &policy->denies.v[k], rq, &at);
		sg_finding_step(all, f, at, "%s", why);
	}
	if (policy->denies.n == 0)
		sg_finding_step(all, f, p->s->role->resource ? p->s->role->resource->key->span : f->span,
				"no statement denies it");
}

/* What closes it: proved for this statement, or said once for all of the rule. */
static void settle_beyond(struct proof *p, struct sg_finding *f, const struct iam_problem *problem,
			  const struct iam_cstmt *allow, const struct iam_answer *a, sg_guard cell)
{
	const struct iam_narrowing of = {p->s->role, p->c->reference, allow, cell, problem->bounds != NULL};
	struct sg_str edit = iam_narrowest(p->i, &of, a);
	if (edit.n)
		sg_finding_settle(p->i->m->findings, f,
				  "the narrowest edit of this statement that closes it, proved: %.*s; or %s",
				  SG_FMT(edit), p->c->settle);
	else
		sg_finding_settle(p->i->m->findings, f, "%s", p->c->settle);
}

static void beyond(struct proof *p, const struct iam_problem *problem, const struct iam_cstmt *allow,
		   const struct iam_answer *a, sg_guard cell)
{
	struct iam *i = p->i;
	const struct iam_stmt *stmt = allow->src;
	struct sg_str rq = iam_request_show(i, &a->witness, stmt);
	struct sg_finding *f = iam_say(i, p->s, p->c->rule, SG_FAIL, p->s->role->resource, cell, a->element,
				       "%s may call %.*s", p->c->who, SG_FMT(rq));
	sg_finding_step(i->m->findings, f, a->element, "%.*s allows it", SG_FMT(stmt->origin));
	explain_denies(p, f, a->as ? a->as : &problem->candidate[IAM_MUST], &a->witness);
	if (problem->bounds)
		sg_finding_step(i->m->findings, f, p->s->role->boundary, "the permissions boundary allows it too");
	settle_beyond(p, f, problem, allow, a, cell);
}

static void undecided(struct proof *p, const struct iam_stmt *stmt, const struct iam_answer *a, sg_guard cell)
{
	struct iam *i = p->i;
	struct sg_finding *f;
	if (stmt->vague || stmt->effect == IAM_EFFECT_UNKNOWN || stmt->doubtful)
		f = iam_say(i, p->s, p->c->rule, SG_UNPROVEN, p->s->role->resource, cell, a->element,
			    "what %.*s allows is not known: %.*s", SG_FMT(stmt->origin),
			    SG_FMT(stmt->reason.n ? stmt->reason : SG_LIT("whether it applies to the role is open")));
	else if (a->over_budget || !a->has_witness)
		f = iam_say(i, p->s, p->c->rule, SG_UNPROVEN, p->s->role->resource, cell, a->element,
			    "%.*s takes more steps to decide than the analysis has", SG_FMT(stmt->origin));
	else
		f = iam_say(i, p->s, p->c->rule, SG_UNPROVEN, p->s->role->resource, cell, a->element,
			    "%s may be able to call %.*s: it depends on what only a deployment knows", p->c->who,
			    SG_FMT(iam_request_show(i, &a->witness, stmt)));
	sg_finding_step(i->m->findings, f, stmt->span, "this statement");
	sg_finding_settle(i->m->findings, f, "%s", p->c->settle);
}

static void prove_cell(struct proof *p, sg_guard cell)
{
	struct iam_problem problem;
	const struct iam_role *role = p->s->role;
	bool bounded = iam_possible(p->i, cell, role->bounded);
	iam_problem_init(&problem, p->i, &role->stmts, bounded ? &role->boundary_stmts : NULL, p->c->reference, cell);
	problem.of_role = role->resource && sg_str_is(role->resource->type, "AWS::IAM::Role");
	for (size_t k = 0; k < problem.candidate[IAM_MAY].allows.n && p->said.n <= MAX_FINDINGS; k++) {
		const struct iam_stmt *stmt = problem.candidate[IAM_MAY].allows.v[k].src;
		struct iam_answer a;
		iam_contained(&problem, k, &a);
		if (a.verdict == IAM_CONTAINED || said(p, stmt->span))
			continue;
		if (a.verdict == IAM_BEYOND)
			beyond(p, &problem, &problem.candidate[IAM_MAY].allows.v[k], &a, cell);
		else
			undecided(p, stmt, &a, cell);
	}
}

size_t iam_prove(struct iam *i, const struct iam_subject *s, const struct iam_claim *claim)
{
	struct proof p = {.i = i, .s = s, .c = claim};
	const iam_stmts *lists[] = {&s->role->stmts, claim->reference, &s->role->boundary_stmts};
	iam_guards cells = {0};
	i->budget = IAM_BUDGET;
	iam_cells(i, s->role->guard, lists, 3, &cells);
	if (!sg_guard_is_lost(i->m->worlds, s->role->bounded))
		iam_split(i, &cells, s->role->bounded);
	for (size_t k = 0; k < cells.n; k++)
		prove_cell(&p, cells.v[k]);
	return p.said.n;
}

/* ---------------------------------------------------------------------------------------------- the deny as a wall */

static bool is_for_code(const struct iam_stmt *s)
{
	for (size_t k = 0; k < s->cond.atoms.n; k++)
		if (sg_str_is_nocase(s->cond.atoms.v[k].key, "lambda:SourceFunctionArn"))
			return s->effect != IAM_ALLOW;
	return false;
}

/* The role's denies alone, against an Allow of everything; false where none of them is meant for function code. */
static bool denies_alone(struct iam *i, const struct iam_role *role, iam_stmts *out)
{
	struct iam_stmt all = {.guard = role->guard, .span = role->resource->key->span, .effect = IAM_ALLOW};
	struct iam_element any = {.raw = iam_raw_str(i, "*"), .guard = role->guard, .span = all.span};
	bool meant = false;
	all.origin = SG_LIT("any Allow");
	SG_PUSH(i->a, &all.actions, any);
	SG_PUSH(i->a, &all.resources, any);
	SG_PUSH(i->a, out, all);
	for (size_t k = 0; k < role->stmts.n; k++) {
		meant |= is_for_code(&role->stmts.v[k]);
		if (role->stmts.v[k].effect == IAM_DENY)
			SG_PUSH(i->a, out, role->stmts.v[k]);
	}
	return meant;
}

static void say_hole(struct iam *i, const struct iam_subject *s, const struct iam_problem *p,
		     const struct iam_answer *a, sg_guard cell)
{
	struct sg_findings *all = i->m->findings;
	struct sg_str rq = a->has_witness ? iam_request_show(i, &a->witness, NULL) : SG_LIT("something");
	struct sg_span at = p->candidate[IAM_MUST].denies.n ? p->candidate[IAM_MUST].denies.v[0].src->span
							    : s->role->resource->key->span;
	bool shown = a->verdict == IAM_BEYOND;
	struct sg_finding *f = iam_say(i, s, "IAM006", shown ? SG_FAIL : SG_UNPROVEN, s->role->resource, cell, at,
				       "the Deny for function code %s %.*s, which no statement allows today",
				       shown ? "lets through" : "may let through", SG_FMT(rq));
	f->severity = SG_MEDIUM;
	sg_finding_step(all, f, at, "a statement that allows it would reach the code");
	sg_finding_settle(all, f, "%s", deny_settle);
}

/* Nothing gets through today; but a wall stands on its own, because the next change may be an Allow. */
static void check_wall(struct iam *i, const struct iam_subject *s)
{
	iam_stmts denies = {0}, reference = {0};
	iam_guards cells = {0};
	if (!denies_alone(i, s->role, &denies))
		return;
	const iam_stmts *lists[] = {&denies};
	i->budget = IAM_BUDGET;
	iam_reference_wall(i, s->role->guard, &reference);
	iam_cells(i, s->role->guard, lists, 1, &cells);
	for (size_t k = 0; k < cells.n; k++) {
		struct iam_problem p;
		struct iam_answer a;
		iam_problem_init(&p, i, &denies, NULL, &reference, cells.v[k]);
		iam_contained(&p, 0, &a);
		if (a.verdict == IAM_CONTAINED)
			continue;
		say_hole(i, s, &p, &a, cells.v[k]);
		return;
	}
}

void iam_check_contained(struct iam *i, const struct iam_subject *s)
{
	iam_stmts code = {0}, needs = {0};
	iam_reference_code(i, &s->names, s->role->guard, &code);
	iam_reference_needs(i, &s->names, s->role->guard, &needs);
	const struct iam_claim of_code = {"IAM006", "function code", deny_settle, &code};
	const struct iam_claim of_needs = {
		.rule = "IAM007",
		.who = "the role",
		.settle = "leave the role the two log calls on the function's own log group and, with a VPC, the six "
			  "network interface calls that only Lambda makes",
		.reference = &needs,
	};
	if (iam_prove(i, s, &of_code) == 0)
		check_wall(i, s);
	iam_prove(i, s, &of_needs);
}
