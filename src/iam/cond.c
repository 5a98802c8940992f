/*
 * Condition blocks: their operators, and the question whether some can fail while others hold.  An atom is (operator,
 * key, values); equal atoms are one Boolean, and those about one key must agree on a value of it (values.c).  Atoms about
 * different keys are independent.  What an atom says of a concrete value is point.c's.
 */
#include "iam/iam_priv.h"

#include <string.h>
#include <strings.h>

enum { MAX_STEPS = 20000 };

/* Names without ForAllValues:, ForAnyValue: and IfExists.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
static const struct {
	const char *name;
	enum iam_base base;
	bool negated;
} operators[] = {
	{"StringEquals", IAM_OP_STRING, false},
	{"StringNotEquals", IAM_OP_STRING, true},
	{"StringEqualsIgnoreCase", IAM_OP_STRING_NOCASE, false},
	{"StringNotEqualsIgnoreCase", IAM_OP_STRING_NOCASE, true},
	{"StringLike", IAM_OP_LIKE, false},
	{"StringNotLike", IAM_OP_LIKE, true},
	{"NumericEquals", IAM_OP_NUM_EQ, false},
	{"NumericNotEquals", IAM_OP_NUM_EQ, true},
	{"NumericLessThan", IAM_OP_NUM_LT, false},
	{"NumericLessThanEquals", IAM_OP_NUM_LE, false},
	{"NumericGreaterThan", IAM_OP_NUM_GT, false},
	{"NumericGreaterThanEquals", IAM_OP_NUM_GE, false},
	{"DateEquals", IAM_OP_DATE_EQ, false},
	{"DateNotEquals", IAM_OP_DATE_EQ, true},
	{"DateLessThan", IAM_OP_DATE_LT, false},
	{"DateLessThanEquals", IAM_OP_DATE_LE, false},
	{"DateGreaterThan", IAM_OP_DATE_GT, false},
	{"DateGreaterThanEquals", IAM_OP_DATE_GE, false},
	{"Bool", IAM_OP_BOOL, false},
	{"BinaryEquals", IAM_OP_BINARY, false},
	{"IpAddress", IAM_OP_IP, false},
	{"NotIpAddress", IAM_OP_IP, true},
	{"ArnEquals", IAM_OP_ARN, false},
	{"ArnLike", IAM_OP_ARN, false},
	{"ArnNotEquals", IAM_OP_ARN, true},
	{"ArnNotLike", IAM_OP_ARN, true},
	{"Null", IAM_OP_NULL, false},
};

static bool strip_prefix(struct sg_str *s, const char *prefix)
{
	size_t n = strlen(prefix);
	if (!sg_str_is_nocase(sg_str_sub(*s, 0, n), prefix))
		return false;
	*s = sg_str_sub(*s, n, s->n);
	return true;
}

static bool strip_suffix(struct sg_str *s, const char *suffix)
{
	size_t n = strlen(suffix);
	if (s->n < n || !sg_str_is_nocase(sg_str_sub(*s, s->n - n, n), suffix))
		return false;
	s->n -= n;
	return true;
}

bool iam_operator(struct sg_str name, struct iam_atom *a)
{
	a->op = name;
	if (strip_prefix(&name, "ForAllValues:"))
		a->set = IAM_SET_ALL;
	else if (strip_prefix(&name, "ForAnyValue:"))
		a->set = IAM_SET_ANY;
	a->if_exists = strip_suffix(&name, "IfExists");
	for (size_t k = 0; k < sizeof(operators) / sizeof(*operators); k++)
		if (sg_str_is_nocase(name, operators[k].name)) {
			a->base = operators[k].base;
			a->negated = operators[k].negated;
			return !(a->base == IAM_OP_NULL && (a->if_exists || a->set));
		}
	return false;
}

bool iam_atom_when_absent(const struct iam_atom *a)
{
	bool absent;
	if (iam_atom_is_null(a, &absent))
		return absent;
	if (a->set)
		return a->set == IAM_SET_ALL; /* ForAnyValue with IfExists is false too: seen live */
	return a->if_exists || a->negated;
}

static bool raw_is_nocase(struct iam_raw r, const char *s)
{
	size_t k = 0;
	for (; k < r.n && s[k]; k++)
		if ((r.t[k] | 0x20) != (iam_tok)s[k])
			return false;
	return k == r.n && !s[k];
}

bool iam_atom_is_null(const struct iam_atom *a, bool *absent)
{
	if (a->base != IAM_OP_NULL || a->unique || a->fuzzy || a->values.n != 1)
		return false;
	*absent = raw_is_nocase(a->values.v[0], "true");
	return *absent || raw_is_nocase(a->values.v[0], "false");
}

struct sg_str iam_atom_show(const struct iam *i, const struct iam_atom *a)
{
	struct sg_buf b = {0};
	sg_buf_addf(&b, "%.*s %.*s", SG_FMT(a->op), SG_FMT(a->key));
	for (size_t k = 0; k < a->values.n; k++) {
		sg_buf_adds(&b, k ? ", " : " ");
		sg_buf_str(&b, iam_raw_show(i, a->values.v[k]));
	}
	return sg_buf_take(&b, i->a);
}

/* ---------------------------------------------------------------------------------------------- identity */

static void add_lower(struct sg_buf *b, struct sg_str s)
{
	for (size_t k = 0; k < s.n; k++)
		sg_buf_addc(b, s.p[k] >= 'A' && s.p[k] <= 'Z' ? (char)(s.p[k] | 0x20) : s.p[k]);
	sg_buf_addc(b, '\0');
}

static int compare_raw(struct iam_raw a, struct iam_raw b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t k = 0; k < n; k++)
		if (a.t[k] != b.t[k])
			return a.t[k] < b.t[k] ? -1 : 1;
	return (a.n > b.n) - (a.n < b.n);
}

static void sort_values(struct iam_atom *a)
{
	for (size_t k = 1; k < a->values.n; k++) {
		struct iam_raw v = a->values.v[k];
		size_t j = k;
		for (; j > 0 && compare_raw(a->values.v[j - 1], v) > 0; j--)
			a->values.v[j] = a->values.v[j - 1];
		a->values.v[j] = v;
	}
}

void iam_atom_intern(struct iam *i, struct iam_atom *a, bool variables)
{
	if (a->unique)
		return;
	if (a->values.n <= 256) /* longer lists keep their order: equal ones are mostly copies of each other */
		sort_values(a);
	struct sg_buf b = {0};
	add_lower(&b, a->op);
	add_lower(&b, a->key);
	sg_buf_addc(&b, variables ? 'v' : '-');
	for (size_t k = 0; k < a->values.n; k++) {
		sg_buf_add(&b, &a->values.v[k].n, sizeof(a->values.v[k].n));
		if (a->values.v[k].n)
			sg_buf_add(&b, a->values.v[k].t, a->values.v[k].n * sizeof(iam_tok));
	}
	struct sg_str key = sg_buf_take(&b, i->a);
	uintptr_t id = (uintptr_t)sg_map_get(i->atoms, key);
	if (!id) {
		id = sg_map_size(i->atoms) + 1;
		sg_map_put(i->atoms, key, (void *)id);
	}
	a->id = (uint32_t)id;
}

/* ---------------------------------------------------------------------------------------------- satisfiability */

struct solver {
	struct iam *i;
	const struct iam_question *q;
	SG_VEC(struct iam_fact) facts; /* a stack */
	size_t steps;
	bool shown; /* what holds is to be shown in a request */
};

static bool same_atom(const struct iam_atom *a, const struct iam_atom *b)
{
	return a == b || (a->id && a->id == b->id);
}

static bool same_key(const struct iam_atom *a, const struct iam_atom *b)
{
	return a->key.n == b->key.n && strncasecmp(a->key.p, b->key.p, a->key.n) == 0;
}

/* The facts about the key of `atom`, into a scratch array. */
static size_t facts_about(struct solver *s, const struct iam_atom *atom, struct iam_fact *out)
{
	size_t n = 0;
	for (size_t k = 0; k < s->facts.n; k++)
		if (same_key(s->facts.v[k].atom, atom))
			out[n++] = s->facts.v[k];
	return n;
}

static bool assume(struct solver *s, const struct iam_atom *atom, bool value)
{
	struct iam_fact f = {atom, value};
	for (size_t k = 0; k < s->facts.n; k++)
		if (same_atom(s->facts.v[k].atom, atom))
			return s->facts.v[k].value == value;
	SG_PUSH(s->i->a, &s->facts, f);
	struct sg_arena *scratch = sg_arena_new();
	struct iam_fact *about = SG_NEW_ARRAY(scratch, s->facts.n, struct iam_fact);
	struct iam_value v = {.key = atom->key};
	bool possible = iam_key_possible(s->i, about, facts_about(s, atom, about), s->shown ? &v : NULL);
	sg_arena_free(scratch);
	s->facts.n -= !possible;
	return possible;
}

/* Finds an atom to be false in each of no[k…]. */
static bool falsify(struct solver *s, size_t k)
{
	if (k == s->q->n_no || ++s->steps > MAX_STEPS)
		return true;
	for (size_t j = 0; j < s->q->no[k]->atoms.n; j++) {
		size_t mark = s->facts.n;
		if (assume(s, &s->q->no[k]->atoms.v[j], false) && falsify(s, k + 1))
			return true;
		s->facts.n = mark;
	}
	return false;
}

static bool assume_all(struct solver *s)
{
	for (size_t k = 0; k < s->q->n_yes; k++)
		for (size_t j = 0; s->q->yes[k] && j < s->q->yes[k]->atoms.n; j++)
			if (!assume(s, &s->q->yes[k]->atoms.v[j], true))
				return false;
	return true;
}

/* A value for each key that a fact is about. */
static void fill_context(struct solver *s, struct iam_request *rq)
{
	struct iam_fact *about = SG_NEW_ARRAY(s->i->a, s->facts.n + 1, struct iam_fact);
	for (size_t k = 0; k < s->facts.n; k++) {
		bool first = true;
		for (size_t j = 0; j < k; j++)
			first &= !same_key(s->facts.v[j].atom, s->facts.v[k].atom);
		struct iam_value v = {.key = s->facts.v[k].atom->key};
		if (!first)
			continue;
		iam_key_possible(s->i, about, facts_about(s, s->facts.v[k].atom, about), &v);
		SG_PUSH(s->i->a, &rq->context, v);
	}
}

bool iam_cond_possible(struct iam *i, const struct iam_question *q, struct iam_request *rq)
{
	struct solver s = {.i = i, .q = q, .shown = rq != NULL};
	for (size_t k = 0; k < q->n_no; k++)
		if (!q->no[k])
			return false; /* it holds always */
	if (!assume_all(&s) || !falsify(&s, 0))
		return false;
	if (rq)
		fill_context(&s, rq);
	return true;
}
