/*
 * Whether the policy of a VPC endpoint lets any request through: containment in a reference that allows nothing.  It must
 * not know who can reach the endpoint.
 */
#include "iam/iam_priv.h"

struct closing {
	struct iam *i;
	const iam_stmts *stmts;
	sg_guard cell;
	struct sg_diags *faults;
	struct sg_iam_leak *leak; /* the worst so far */
	enum sg_verdict verdict;
};

/* The first thing that is wrong with the document; NULL: nothing. */
static const struct sg_diag *fault(const struct closing *c)
{
	return sg_diags_count(c->faults) ? sg_diags_at(c->faults, 0) : NULL;
}

static struct sg_str kept(struct closing *c, struct sg_str s)
{
	return sg_str_dup(c->i->m->arena, s);
}

/* What is known of an Allow that is not proved to let nothing through. */
static void take(struct closing *c, const struct iam_stmt *stmt, const struct iam_answer *a)
{
	bool unread = stmt->vague || stmt->cond.vague || stmt->effect == IAM_EFFECT_UNKNOWN;
	*c->leak = (struct sg_iam_leak){.span = a->element, .in = c->cell};
	if (unread)
		c->leak->reason = kept(c, fault(c) ? fault(c)->message : stmt->reason);
	else if (a->has_witness)
		c->leak->request = kept(c, iam_request_show(c->i, &a->witness, stmt));
	else
		c->leak->reason = SG_LIT("it takes more steps to decide than the analysis has");
}

/* True where nothing worse can follow. */
static bool judge_allow(struct closing *c, struct iam_problem *p, size_t k)
{
	const struct iam_stmt *stmt = p->candidate[IAM_MAY].allows.v[k].src;
	struct iam_answer a;
	iam_contained(p, k, &a);
	enum sg_verdict v = a.verdict == IAM_CONTAINED ? SG_PASS : a.verdict == IAM_BEYOND ? SG_FAIL : SG_UNPROVEN;
	if (v <= c->verdict)
		return false;
	c->verdict = v;
	take(c, stmt, &a);
	return v == SG_FAIL;
}

static bool judge_cell(struct closing *c)
{
	static const iam_stmts nothing;
	struct iam_problem p;
	iam_problem_init(&p, c->i, c->stmts, NULL, &nothing, c->cell);
	for (size_t k = 0; k < p.candidate[IAM_MAY].allows.n; k++)
		if (judge_allow(c, &p, k))
			return true;
	return false;
}

static void judge_cells(struct closing *c, sg_guard g)
{
	const iam_stmts *lists[] = {c->stmts};
	iam_guards cells = {0};
	iam_cells(c->i, g, lists, 1, &cells);
	for (size_t k = 0; k < cells.n; k++) {
		c->cell = cells.v[k];
		if (judge_cell(c))
			return;
	}
}

/* EC2 does not document what a policy without a statement is. */
static bool says_something(struct iam *i, const iam_stmts *stmts, sg_guard g)
{
	sg_guard said = SG_NEVER;
	for (size_t k = 0; k < stmts->n; k++)
		said = sg_guard_or(i->m->worlds, said, stmts->v[k].guard);
	return iam_within(i, g, said);
}

/* One that EC2 may refuse, or read in another way, is proved nothing of. */
static void doubt(struct closing *c, sg_guard g)
{
	const struct sg_diag *wrong = fault(c);
	if (c->verdict != SG_PASS || (!wrong && says_something(c->i, c->stmts, g)))
		return;
	c->verdict = SG_UNPROVEN;
	c->leak->reason = wrong ? kept(c, wrong->message) : SG_LIT("it has no statement");
	if (wrong)
		c->leak->span = wrong->span;
}

enum sg_verdict sg_iam_lets_nothing(const struct sg_model *m, const struct sg_resource *at,
				    const struct sg_alt *document, struct sg_iam_leak *leak)
{
	struct iam i;
	struct sg_arena *scratch = sg_arena_new();
	struct sg_diags *faults = sg_diags_new(scratch, sg_sources_new(scratch));
	const struct iam_origin o = {at, SG_LIT("the policy"), IAM_ENDPOINT, faults};
	iam_stmts stmts = {0};
	struct closing c = {.i = &i, .stmts = &stmts, .faults = faults, .leak = leak, .verdict = SG_PASS};
	struct sg_alt copy = *document;
	*leak = (struct sg_iam_leak){.in = document->guard, .span = sg_prop_span(at, &document->val)};
	iam_init(&i, m, scratch);
	iam_document(&i, (struct sg_alts){.v = &copy, .n = 1}, document->guard, &o, &stmts);
	judge_cells(&c, document->guard);
	doubt(&c, document->guard);
	sg_arena_free(scratch);
	return c.verdict;
}
