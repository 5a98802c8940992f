/*
 * Clauses: the tests of a query's values, blocks over them, conditions, and how ORs and ANDs fold.  A clause that cannot
 * be asked (EMPTY of a number) fails as a claim; as a condition it is passed on, so that the rule behind it fails.
 */
#include "guard/guard_priv.h"

/* ------------------------------------------------------------------------------------------------ unary tests */

static enum st is_empty(struct eval *e, const struct clause *c, const struct gv *v, bool *out)
{
	switch (v->kind) {
	case GV_LIST:
	case GV_MAP:
		*out = v->n == 0;
		return ST_PASS;
	case GV_STRING:
		*out = v->text.n == 0;
		return ST_PASS;
	default:
		return guard_uneval(e, c->span, "EMPTY cannot be asked of this kind of value");
	}
}

static bool has_kind(enum guard_op op, enum gv_kind kind)
{
	static const enum gv_kind kinds[] = {
		[OP_IS_STRING] = GV_STRING, [OP_IS_LIST] = GV_LIST,   [OP_IS_MAP] = GV_MAP,   [OP_IS_BOOL] = GV_BOOL,
		[OP_IS_INT] = GV_INT,       [OP_IS_FLOAT] = GV_FLOAT, [OP_IS_NULL] = GV_NULL,
	};
	return kinds[op] == kind;
}

/* The operator's answer for one result; `selection`: EMPTY asks whether something was selected, not of the value. */
static enum st ask(struct eval *e, const struct clause *c, const struct result *r, bool selection, bool *out)
{
	if (r->kind == R_UNKNOWN || (e->world && r->kind != R_MISSING && r->v->kind == GV_UNKNOWN)) {
		int known = selection && r->kind != R_UNKNOWN ? 0 : guard_ask_unknown(c->op, r);
		*out = known > 0;
		return known < 0 ? ST_UNKNOWN : ST_PASS;
	}
	if (c->op == OP_EXISTS)
		*out = r->kind != R_MISSING;
	else if (r->kind == R_MISSING)
		*out = c->op == OP_EMPTY;
	else if (c->op != OP_EMPTY)
		*out = has_kind(c->op, r->v->kind);
	else if (selection)
		*out = r->v->kind == GV_NULL;
	else
		return is_empty(e, c, e->world && r->v->kind == GV_MAP ? guard_open_members(e, r->v) : r->v, out);
	return ST_PASS;
}

static void note_result(struct eval *e, const struct clause *c, const struct result *r, const char *text)
{
	struct note n = {.clause = c, .at = r->v, .text = text};
	if (r->kind == R_MISSING) {
		n.missing = r->query;
		n.part = r->part;
	}
	guard_note(e, &n);
}

static enum st unary_values(struct eval *e, const struct clause *c, const struct results *left, bool selection,
			    enum role role, struct tally *tally)
{
	bool negated = c->op_not != c->negated;
	for (size_t i = 0; i < left->n; i++) {
		bool is = false;
		enum st st = ask(e, c, &left->v[i], selection, &is);
		if (st == ST_UNKNOWN || (st == ST_UNEVAL && e->world)) {
			tally->open++;
			guard_note_open(e, c, left->v[i].v, NULL);
			continue;
		}
		if (st == ST_ERROR || (st == ST_UNEVAL && role == ROLE_GATE))
			return st;
		if (st == ST_PASS && is != negated) {
			tally->passed++;
			continue;
		}
		tally->failed++;
		note_result(e, c, &left->v[i], st == ST_UNEVAL ? "is of a kind that this cannot be asked of" : NULL);
	}
	return ST_PASS;
}

static void note_nothing(struct eval *e, const struct clause *c, const struct scope *s, const char *text)
{
	guard_note(e, &(struct note){.clause = c, .at = s->root, .text = text});
}

static bool is_lone_variable(const struct query *q)
{
	return q->n == 1 && q->parts[0].kind == PART_VARIABLE;
}

/* all or some of the values */
static enum st fold(const struct clause *c, const struct tally *t)
{
	bool some = c->query->some;
	if (some ? t->passed > 0 : t->failed > 0)
		return some ? ST_PASS : ST_FAIL;
	return t->open ? ST_UNKNOWN : some ? ST_FAIL : ST_PASS;
}

static enum st unary(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	struct results left = {0};
	enum part_kind last = c->query->parts[c->query->n - 1].kind;
	bool filtered = last == PART_FILTER || last == PART_KEYS, empty = c->op == OP_EMPTY;
	struct tally tally = {0};
	enum st st = guard_query(e, c->query, s, &left);
	if (st_bad(st))
		return st;
	if (!left.n && empty && (filtered || is_lone_variable(c->query))) {
		if (c->op_not == c->negated)
			return ST_PASS;
		note_nothing(e, c, s, "is empty: nothing was selected");
		return ST_FAIL;
	}
	if (!left.n)
		return ST_SKIP;
	st = unary_values(e, c, &left, filtered && empty, role, &tally);
	return st_bad(st) ? st : fold(c, &tally);
}

/* ------------------------------------------------------------------------------------------------ comparisons */

static enum st nothing_to_compare(struct eval *e, const struct clause *c, struct scope *s, enum role role,
				  const char *text)
{
	if (role == ROLE_GATE)
		return ST_SKIP;
	note_nothing(e, c, s, text);
	return ST_FAIL;
}

static enum st binary(struct eval *e, const struct clause *c, struct scope *s, enum role role,
		      const struct results *right)
{
	struct results left = {0};
	struct tally tally = {0};
	enum st st = guard_query(e, c->query, s, &left);
	if (st_bad(st))
		return st;
	if (!left.n)
		return is_lone_variable(c->query)
			       ? nothing_to_compare(e, c, s, role, "cannot be compared: the variable has no values")
			       : ST_SKIP;
	if (!right->n)
		return nothing_to_compare(e, c, s, role, "cannot be compared: the right side has no values");
	st = e->world ? guard_compare_strict(e, c, &left, right, &tally) : guard_compare(e, c, &left, right, &tally);
	return st_bad(st) ? st : fold(c, &tally);
}

/* Strict mode: what cannot be evaluated is not known. */
static enum st not_known(struct eval *e, const struct clause *c, const struct scope *s)
{
	guard_note_open(e, c, s->root, NULL);
	return ST_UNKNOWN;
}

enum st guard_access(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	struct results right = {0};
	enum st st = ST_PASS;
	if (c->op < OP_EXISTS)
		st = guard_operand(e, &c->right, s, &right);
	if (st == ST_UNEVAL && e->world)
		return not_known(e, c, s);
	if (st_bad(st))
		return st; /* 3.2.1 passes on what the right side could not be made of, in a claim, too */
	st = c->op < OP_EXISTS ? binary(e, c, s, role, &right) : unary(e, c, s, role);
	if (st == ST_UNEVAL && e->world)
		return not_known(e, c, s);
	if (st != ST_UNEVAL || role == ROLE_GATE)
		return st;
	note_nothing(e, c, s, "cannot be evaluated");
	return ST_FAIL;
}

/* ------------------------------------------------------------------------------------------------ blocks */

static enum st run_block(struct eval *e, const struct block *b, struct scope *up, enum role role)
{
	struct scope s = guard_block_scope(b, up);
	return guard_cnf(e, &b->body, &s, role);
}

static void count(struct tally *t, enum st st)
{
	t->passed += st == ST_PASS;
	t->failed += st == ST_FAIL;
	t->open += st == ST_UNKNOWN;
	t->either += st == ST_EITHER;
}

/* All of several. */
static enum st whole(const struct tally *t)
{
	if (t->failed || t->open)
		return t->failed ? ST_FAIL : ST_UNKNOWN;
	return t->passed ? ST_PASS : t->either ? ST_EITHER : ST_SKIP;
}

/* What fails here is no failure yet: whether it counts, nobody can know. */
static void open_failures(struct eval *e, size_t mark)
{
	for (size_t i = mark; i < e->notes.n; i++)
		e->notes.v[i].open = true;
}

static enum st block_over(struct eval *e, const struct clause *c, const struct results *values, struct scope *s,
			  enum role role, struct tally *tally)
{
	for (size_t i = 0; i < values->n; i++) {
		const struct result *r = &values->v[i];
		if (r->kind == R_UNKNOWN) {
			tally->open++;
			guard_note_open(e, c, r->v, NULL);
			continue;
		}
		if (r->kind == R_MISSING) {
			tally->failed++;
			note_result(e, c, r, NULL);
			continue;
		}
		struct scope inner = guard_value_scope(r->v, s);
		enum st st = run_block(e, &c->block, &inner, role);
		if (st_bad(st))
			return st;
		count(tally, st);
	}
	return ST_PASS;
}

static enum st block_clause(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	struct results values = {0};
	struct tally tally = {0};
	size_t mark = e->notes.n;
	enum st st = guard_query(e, c->query, s, &values);
	if (st_bad(st))
		return st;
	if (!values.n && c->not_empty) {
		note_nothing(e, c, s, "is empty: nothing was selected");
		return ST_FAIL;
	}
	st = block_over(e, c, &values, s, role, &tally);
	if (st_bad(st))
		return st;
	if (c->query->some && tally.passed) {
		e->notes.n = mark;
		return ST_PASS;
	}
	if (!c->query->some || !tally.failed || (!tally.open && !tally.either))
		return whole(&tally);
	open_failures(e, mark);
	return ST_UNKNOWN;
}

/* Whether conditions hold; what they are about is no failure. */
static enum st condition(struct eval *e, const struct cnf *when, struct scope *s)
{
	e->quiet++;
	enum st st = guard_cnf(e, when, s, ROLE_GATE);
	e->quiet--;
	return st == ST_EITHER ? ST_UNKNOWN : st;
}

/* Behind a condition that nobody can know.  What does not fail does not fail either way; keys that it captured would
 * be there in one case alone. */
static enum st either_way(struct eval *e, const struct clause *c, const struct block *b, struct scope *s,
			  enum role role)
{
	size_t mark = e->notes.n, captured = e->captured;
	enum st st = run_block(e, b, s, role);
	if (st == ST_ERROR)
		return st;
	e->notes.n = mark;
	if (e->captured == captured && (st == ST_PASS || st == ST_SKIP || st == ST_EITHER))
		return st == ST_SKIP ? st : ST_EITHER;
	return not_known(e, c, s);
}

/* A condition that cannot be evaluated fails what it stands before. */
static enum st failed_condition(struct eval *e, const struct clause *c, struct scope *s, enum st st, enum role role)
{
	if (st == ST_ERROR || role == ROLE_GATE)
		return st;
	note_nothing(e, c, s, "has a condition that cannot be evaluated");
	return ST_FAIL;
}

static enum st when_clause(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	enum st st = condition(e, c->when, s);
	if (st == ST_UNKNOWN)
		return either_way(e, c, &c->block, s, role);
	if (st_bad(st))
		return failed_condition(e, c, s, st, role);
	return st == ST_PASS ? run_block(e, &c->block, s, role) : ST_SKIP;
}

/* ------------------------------------------------------------------------------------------------ type blocks */

static enum st type_one(struct eval *e, const struct clause *c, const struct gv *v, struct scope *s, enum role role)
{
	struct scope inner = guard_value_scope(v, s);
	enum st st = c->when ? condition(e, c->when, &inner) : ST_PASS;
	if (st == ST_UNKNOWN)
		return either_way(e, c, &c->block, &inner, role);
	if (st_bad(st))
		return failed_condition(e, c, &inner, st, role);
	return st == ST_PASS ? run_block(e, &c->block, &inner, role) : ST_SKIP;
}

static enum st type_clause(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	struct results values = {0};
	struct tally tally = {0};
	enum st st = guard_query(e, c->query, s, &values);
	for (size_t i = 0; i < values.n && !st_bad(st); i++) {
		if (values.v[i].kind == R_MISSING)
			continue;
		st = values.v[i].kind == R_UNKNOWN ? not_known(e, c, s) : type_one(e, c, values.v[i].v, s, role);
		count(&tally, st);
	}
	return st_bad(st) ? st : whole(&tally);
}

/* ------------------------------------------------------------------------------------------------ other rules */

/* What a rule that is named says for the clause that names it. */
static enum st reference(struct eval *e, const struct clause *c, struct scope *s, enum st st, enum role role)
{
	if (st == ST_UNKNOWN || st == ST_EITHER)
		return not_known(e, c, s);
	if (st_bad(st) || (st == ST_SKIP && role == ROLE_GATE && !c->negated))
		return st;
	bool holds = st == ST_PASS ? !c->negated : st == ST_SKIP && role == ROLE_CLAIM ? false : c->negated;
	if (holds)
		return ST_PASS;
	if (c->kind == CLAUSE_NAMED || c->negated || st == ST_SKIP)
		note_nothing(e, c, s, st == ST_SKIP ? "does not apply" : st == ST_PASS ? "passes" : "does not pass");
	return ST_FAIL;
}

/* The first of the rules of this name that applies, once per role. */
static enum st named_status(struct eval *e, const struct rule *r, enum role role)
{
	enum st *known = &e->named[role][r->number];
	if (*known)
		return *known - 1;
	enum st st = ST_SKIP;
	e->quiet++;
	for (; r && st == ST_SKIP; r = r->same)
		st = guard_rule(e, r, &e->root, role);
	e->quiet--;
	if (!st_bad(st))
		*known = st + 1;
	return st;
}

static enum st call_clause(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	struct scope params = {.kind = SCOPE_PARAMS, .up = s, .root = s->root};
	size_t mark = e->notes.n;
	params.params = c->rule->params;
	params.n_params = c->n_args;
	params.values = SG_NEW_ARRAY(e->arena, c->n_args, struct results *);
	for (size_t i = 0; i < c->n_args; i++) {
		struct results *values = SG_NEW(e->arena, struct results);
		enum st st = guard_operand(e, &c->args[i], s, values);
		if (st_bad(st))
			return st;
		if (c->args[i].kind == OPERAND_VALUE)
			values->v[0].kind = R_VALUE;
		params.values[i] = values;
	}
	enum st st = guard_rule(e, c->rule, &params, role);
	if (st == ST_FAIL && c->negated)
		e->notes.n = mark;
	return reference(e, c, s, st, role);
}

/* ------------------------------------------------------------------------------------------------ folding */

enum st guard_clause(struct eval *e, const struct clause *c, struct scope *s, enum role role)
{
	switch (c->kind) {
	case CLAUSE_ACCESS:
		return guard_access(e, c, s, role);
	case CLAUSE_NAMED:
		return reference(e, c, s, named_status(e, c->rule, role), role);
	case CLAUSE_CALL:
		return call_clause(e, c, s, role);
	case CLAUSE_BLOCK:
		return block_clause(e, c, s, role);
	case CLAUSE_WHEN:
		return when_clause(e, c, s, role);
	default:
		return type_clause(e, c, s, role);
	}
}

/* Where one alternative may hold after all, that others fail is no failure. */
static void drop_failures(struct eval *e, size_t mark)
{
	size_t kept = mark;
	for (size_t i = mark; i < e->notes.n; i++)
		if (e->notes.v[i].open)
			e->notes.v[kept++] = e->notes.v[i];
	e->notes.n = kept;
}

static bool speaks(const struct note *n)
{
	return n->clause && n->clause->message.n;
}

/* Alternatives of one property carry one message: the others say nothing (strict mode). */
static void drop_silent(struct eval *e, size_t mark)
{
	size_t kept = mark, said = 0;
	for (size_t i = mark; i < e->notes.n; i++)
		said += speaks(&e->notes.v[i]);
	for (size_t i = mark; said && i < e->notes.n; i++)
		if (speaks(&e->notes.v[i]))
			e->notes.v[kept++] = e->notes.v[i];
	e->notes.n = said ? kept : e->notes.n;
}

/* The first that passes decides; else one that failed. */
static enum st disjunction(struct eval *e, const struct disjunction *d, struct scope *s, enum role role)
{
	size_t mark = e->notes.n;
	enum st all = ST_SKIP;
	bool either = false;
	for (size_t i = 0; i < d->n; i++) {
		size_t before = e->notes.n;
		enum st st = guard_clause(e, d->v[i], s, role);
		if (st != ST_FAIL && st != ST_UNKNOWN)
			e->notes.n = before;
		if (st == ST_PASS)
			e->notes.n = mark;
		if (st == ST_PASS || st_bad(st))
			return st;
		if (st == ST_FAIL || st == ST_UNKNOWN)
			all = all == ST_UNKNOWN ? all : st;
		either = either || st == ST_EITHER;
	}
	if (either && all == ST_SKIP)
		return ST_EITHER;
	if (either && all == ST_FAIL) {
		open_failures(e, mark);
		all = ST_UNKNOWN;
	}
	if (all == ST_UNKNOWN)
		drop_failures(e, mark);
	if (e->world && d->n > 1)
		drop_silent(e, mark);
	return all;
}

enum st guard_cnf(struct eval *e, const struct cnf *c, struct scope *s, enum role role)
{
	struct tally tally = {0};
	if (!guard_enter(e, (struct sg_span){0}))
		return ST_ERROR;
	for (size_t i = 0; i < c->n; i++) {
		enum st st = disjunction(e, &c->v[i], s, role);
		if (st_bad(st)) {
			e->depth--;
			return st;
		}
		count(&tally, st);
	}
	e->depth--;
	return whole(&tally);
}

enum st guard_rule(struct eval *e, const struct rule *r, struct scope *s, enum role role)
{
	enum st st = r->when ? condition(e, r->when, s) : ST_PASS;
	if (st == ST_UNKNOWN)
		return either_way(e, NULL, &r->block, s, role);
	if (st == ST_UNEVAL && role == ROLE_CLAIM) {
		guard_note(e, &(struct note){.at = s->root, .text = "the rule's condition cannot be evaluated"});
		return ST_FAIL;
	}
	if (st != ST_PASS)
		return st_bad(st) ? st : ST_SKIP;
	return run_block(e, &r->block, s, role);
}
