/*
 * Concrete values for condition keys, so that a witness is a request that somebody could send.  A search over a few
 * candidates per key; what it finds is checked by point.c, and finding nothing proves nothing.
 */
#include "iam/iam_priv.h"

#include <string.h>

enum { MAX_TRIES = 4096, MAX_KEYS = 8, MAX_CANDIDATES = 24 };

struct key {
	struct sg_str name;
	struct iam_value candidates[MAX_CANDIDATES];
	size_t n, at;
};

struct search {
	struct iam *i;
	struct key *keys;
	size_t n;
	bool too_many;
};

static struct key *key_of(struct search *s, struct sg_str name)
{
	for (size_t k = 0; k < s->n; k++)
		if (sg_str_is_nocase(s->keys[k].name, sg_cstr(s->i->a, name)))
			return &s->keys[k];
	if (s->n == MAX_KEYS) {
		s->too_many = true;
		return NULL;
	}
	s->keys[s->n].name = name;
	return &s->keys[s->n++];
}

static void candidate(struct key *k, bool present, struct iam_raw value)
{
	for (size_t j = 0; j < k->n; j++)
		if (k->candidates[j].present == present && iam_raw_eq(k->candidates[j].value, value))
			return;
	if (k->n < MAX_CANDIDATES)
		k->candidates[k->n++] = (struct iam_value){k->name, present, value};
}

/* A text that the pattern matches, without wildcards of its own. */
static struct iam_raw instance(struct iam *i, struct iam_raw pattern)
{
	iam_tok *t = SG_NEW_ARRAY(i->a, pattern.n ? pattern.n : 1, iam_tok);
	for (size_t k = 0; k < pattern.n; k++)
		t[k] = pattern.t[k] == '*' || pattern.t[k] == '?' ? 'x' : pattern.t[k];
	return (struct iam_raw){t, pattern.n};
}

static void around_number(struct iam *i, struct key *k, struct iam_raw v)
{
	int64_t n;
	if (!sg_parse_i64(iam_raw_show(i, v), &n) || n <= INT64_MIN + 1 || n >= INT64_MAX - 1)
		return;
	for (int64_t d = -1; d <= 1; d++) {
		struct sg_str s = sg_strf(i->a, "%lld", (long long)(n + d));
		candidate(k, true, iam_raw_str(i, sg_cstr(i->a, s)));
	}
}

static void from_atom(struct search *s, const struct iam_atom *a)
{
	struct key *k = key_of(s, a->key);
	if (!k)
		return;
	candidate(k, false, (struct iam_raw){0});
	if (sg_str_is_nocase(k->name, "lambda:SourceFunctionArn")) {
		if (s->i->self.n)
			candidate(k, true, s->i->self);
		candidate(k, true, iam_raw_str(s->i, "arn:aws:lambda:us-east-1:111122223333:function:another"));
	}
	for (size_t j = 0; j < a->values.n && a->base != IAM_OP_NULL; j++) {
		if (a->base >= IAM_OP_NUM_EQ && a->base <= IAM_OP_NUM_GE)
			around_number(s->i, k, a->values.v[j]);
		else
			candidate(k, true, instance(s->i, a->values.v[j]));
	}
	if (a->base == IAM_OP_BOOL) {
		candidate(k, true, iam_raw_str(s->i, "true"));
		candidate(k, true, iam_raw_str(s->i, "false"));
	}
	candidate(k, true, iam_raw_str(s->i, a->base == IAM_OP_ARN ? "arn:aws:x:x:111122223333:other" : "other"));
}

static enum iam_truth all_hold(const struct iam_cond *c, const struct iam_request *rq)
{
	enum iam_truth t = IAM_YES;
	for (size_t k = 0; c && k < c->atoms.n; k++) {
		enum iam_truth one = iam_point_atom(&c->atoms.v[k], rq);
		t = one < t ? one : t;
	}
	return t;
}

static bool fits(const struct iam_cond *yes, const struct iam_cond *const *no, size_t n, const struct iam_request *rq)
{
	if (all_hold(yes, rq) != IAM_YES)
		return false;
	for (size_t k = 0; k < n; k++)
		if (all_hold(no[k], rq) != IAM_NO)
			return false;
	return true;
}

/* The next combination, like an odometer; false after the last. */
static bool advance(struct search *s)
{
	for (size_t k = 0; k < s->n; k++) {
		if (++s->keys[k].at < s->keys[k].n)
			return true;
		s->keys[k].at = 0;
	}
	return false;
}

static void fill(struct search *s, struct iam_request *rq)
{
	rq->context.n = 0;
	for (size_t k = 0; k < s->n; k++)
		SG_PUSH(s->i->a, &rq->context, s->keys[k].candidates[s->keys[k].at]);
}

bool iam_context_find(struct iam *i, const struct iam_cond *yes, const struct iam_cond *const *no, size_t n,
		      struct iam_request *rq)
{
	struct search s = {.i = i, .keys = SG_NEW_ARRAY(i->a, MAX_KEYS, struct key)};
	for (size_t k = 0; yes && k < yes->atoms.n; k++)
		from_atom(&s, &yes->atoms.v[k]);
	for (size_t k = 0; k < n; k++)
		for (size_t j = 0; no[k] && j < no[k]->atoms.n; j++)
			from_atom(&s, &no[k]->atoms.v[j]);
	for (size_t tries = 0; !s.too_many && tries < MAX_TRIES; tries++) {
		fill(&s, rq);
		if (fits(yes, no, n, rq))
			return true;
		if (!advance(&s))
			break;
	}
	rq->context.n = 0;
	return false;
}
