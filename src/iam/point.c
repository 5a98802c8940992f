/*
 * One concrete request against statements: what every witness must survive before it is shown.  It shares the compiled
 * globs with the prover and nothing else: matching here is plain backtracking, conditions are evaluated on values.
 */
#include "iam/iam_priv.h"

#include <string.h>

static enum iam_truth truth(bool b)
{
	return b ? IAM_YES : IAM_NO;
}

static enum iam_truth not_truth(enum iam_truth t)
{
	return (enum iam_truth)(IAM_YES - t);
}

static enum iam_truth worst(enum iam_truth a, enum iam_truth b) /* and */
{
	return a < b ? a : b;
}

static enum iam_truth best(enum iam_truth a, enum iam_truth b) /* or */
{
	return a > b ? a : b;
}

/* ---------------------------------------------------------------------------------------------- globs */

static bool glob(const iam_tok *p, size_t np, const iam_tok *w, size_t nw)
{
	size_t ip = 0, iw = 0, star = SIZE_MAX, resume = 0;
	while (iw < nw) {
		if (ip < np && p[ip] == IAM_STAR) {
			star = ip++;
			resume = iw;
		} else if (ip < np && (p[ip] == w[iw] || (p[ip] == IAM_ANY && !iam_is_letter(w[iw])))) {
			ip++;
			iw++;
		} else if (star != SIZE_MAX) {
			ip = star + 1;
			iw = ++resume;
		} else {
			return false;
		}
	}
	while (ip < np && p[ip] == IAM_STAR)
		ip++;
	return ip == np;
}

/* Ends of the ARN segments: the first five colons cut. */
static size_t cut(const iam_tok *t, size_t n, size_t ends[6])
{
	size_t k = 0;
	for (size_t j = 0; j < n && k < 5; j++)
		if (t[j] == ':')
			ends[k++] = j;
	ends[k] = n;
	return k + 1;
}

/* The documented reading: wildcards stay within their segment, but for a `*` that ends the last one written. */
static bool glob_segments(struct iam_pat p, struct iam_raw w)
{
	size_t pe[6], we[6], np = cut(p.t, p.n, pe), nw = cut(w.t, w.n, we);
	if (iam_pat_is_star(p) || nw < 6)
		return glob(p.t, p.n, w.t, w.n);
	if (np < 6 && !(p.n && p.t[p.n - 1] == IAM_STAR))
		return false;
	for (size_t k = 0, ps = 0, ws = 0; k < np; k++) {
		if (!glob(p.t + ps, pe[k] - ps, w.t + ws, we[k] - ws))
			return false;
		ps = pe[k] + 1;
		ws = we[k] + 1;
	}
	return true;
}

enum iam_truth iam_point_glob(struct iam_pat p, struct iam_raw word, bool resource)
{
	bool full = glob(p.t, p.n, word.t, word.n);
	if (!resource || full == glob_segments(p, word))
		return truth(full);
	return IAM_MAYBE;
}

enum iam_truth iam_point_side(const struct iam_side *s, struct iam_raw word, bool resource)
{
	enum iam_truth t = IAM_NO;
	for (size_t k = 0; k < s->n && t != IAM_YES; k++)
		t = best(t, iam_point_glob(s->v[k], word, resource));
	return s->negated ? not_truth(t) : t;
}

/* ---------------------------------------------------------------------------------------------- conditions */

static iam_tok lower(iam_tok t)
{
	return t >= 'A' && t <= 'Z' ? t + ('a' - 'A') : t;
}

static bool equal_nocase(struct iam_raw a, struct iam_raw b)
{
	if (a.n != b.n)
		return false;
	for (size_t k = 0; k < a.n; k++)
		if (lower(a.t[k]) != lower(b.t[k]))
			return false;
	return true;
}

/* Condition values are globs as they stand: policy variables make an atom fuzzy before this is asked. */
static enum iam_truth like(struct iam_raw pattern, struct iam_raw v, bool arn)
{
	iam_tok buf[512];
	if (pattern.n > sizeof(buf) / sizeof(*buf))
		return iam_raw_eq(pattern, v) ? IAM_YES : IAM_MAYBE;
	for (size_t k = 0; k < pattern.n; k++)
		buf[k] = pattern.t[k] == '*' ? IAM_STAR : pattern.t[k] == '?' ? IAM_ANY : pattern.t[k];
	return iam_point_glob((struct iam_pat){.t = buf, .n = pattern.n}, v, arn);
}

static bool number_of(struct iam_raw r, double *out)
{
	char buf[64];
	if (r.n >= sizeof(buf))
		return false;
	for (size_t k = 0; k < r.n; k++) {
		if (r.t[k] > 127)
			return false;
		buf[k] = (char)r.t[k];
	}
	return sg_parse_double((struct sg_str){buf, r.n}, out);
}

static enum iam_truth compare_numbers(enum iam_base base, struct iam_raw pattern, struct iam_raw v)
{
	double want, have;
	if (!number_of(pattern, &want) || !number_of(v, &have))
		return IAM_MAYBE;
	switch (base) {
	case IAM_OP_NUM_LT:
		return truth(have < want);
	case IAM_OP_NUM_LE:
		return truth(have <= want);
	case IAM_OP_NUM_GT:
		return truth(have > want);
	case IAM_OP_NUM_GE:
		return truth(have >= want);
	default:
		return truth(have >= want && have <= want);
	}
}

static enum iam_truth compare_dates(enum iam_base base, struct iam_raw pattern, struct iam_raw v)
{
	double want, have;
	if (!iam_read_date(pattern, &want) || !iam_read_date(v, &have))
		return IAM_MAYBE;
	switch (base) {
	case IAM_OP_DATE_LT:
		return truth(have < want);
	case IAM_OP_DATE_LE:
		return truth(have <= want);
	case IAM_OP_DATE_GT:
		return truth(have > want);
	case IAM_OP_DATE_GE:
		return truth(have >= want);
	default:
		return truth(have >= want && have <= want);
	}
}

static enum iam_truth in_range(struct iam_raw pattern, struct iam_raw v)
{
	struct iam_range range, ip;
	if (!iam_read_range(pattern, &range) || !iam_read_range(v, &ip) || memcmp(ip.lo, ip.hi, sizeof(ip.lo)) != 0)
		return IAM_MAYBE;
	return truth(range.v6 == ip.v6 && memcmp(range.lo, ip.lo, 16) <= 0 && memcmp(ip.lo, range.hi, 16) <= 0);
}

/* What has not the six parts of an ARN may match no ARN operator at all. */
static bool arn_shaped(struct iam_raw v)
{
	size_t ends[6];
	return v.n > 4 && v.t[0] == 'a' && v.t[1] == 'r' && v.t[2] == 'n' && v.t[3] == ':' && cut(v.t, v.n, ends) == 6;
}

static enum iam_truth holds(enum iam_base base, struct iam_raw pattern, struct iam_raw v)
{
	enum iam_truth t;
	switch (base) {
	case IAM_OP_STRING:
		t = truth(iam_raw_eq(pattern, v));
		break;
	case IAM_OP_STRING_NOCASE:
	case IAM_OP_BOOL:
		t = truth(equal_nocase(pattern, v));
		break;
	case IAM_OP_LIKE:
	case IAM_OP_ARN:
		t = like(pattern, v, base == IAM_OP_ARN);
		if (t == IAM_YES && base == IAM_OP_ARN && !iam_raw_has_letter(v) && !arn_shaped(v))
			t = IAM_MAYBE;
		break;
	case IAM_OP_NUM_EQ:
	case IAM_OP_NUM_LT:
	case IAM_OP_NUM_LE:
	case IAM_OP_NUM_GT:
	case IAM_OP_NUM_GE:
		return compare_numbers(base, pattern, v);
	case IAM_OP_DATE_EQ:
	case IAM_OP_DATE_LT:
	case IAM_OP_DATE_LE:
	case IAM_OP_DATE_GT:
	case IAM_OP_DATE_GE:
		return compare_dates(base, pattern, v);
	case IAM_OP_IP:
		return in_range(pattern, v);
	default:
		return IAM_MAYBE;
	}
	/* A letter may well be the very text that it does not look like. */
	return t == IAM_NO && iam_raw_has_letter(v) ? IAM_MAYBE : t;
}

static bool same_key(struct sg_str a, struct sg_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t k = 0; k < a.n; k++)
		if (lower((unsigned char)a.p[k]) != lower((unsigned char)b.p[k]))
			return false;
	return true;
}

static const struct iam_value *look_up(const struct iam_request *rq, struct sg_str key)
{
	for (size_t k = 0; k < rq->context.n; k++)
		if (same_key(rq->context.v[k].key, key))
			return &rq->context.v[k];
	return NULL;
}

static enum iam_truth on_value(const struct iam_atom *a, struct iam_raw value)
{
	enum iam_truth t = IAM_NO;
	for (size_t k = 0; k < a->values.n; k++)
		t = best(t, holds(a->base, a->values.v[k], value));
	if (a->choice == IAM_OF_IDENTITY && t == IAM_YES)
		t = IAM_MAYBE; /* whether somebody whom it names is here, nobody knows */
	return a->negated ? not_truth(t) : t;
}

enum iam_truth iam_point_atom(const struct iam_atom *a, const struct iam_request *rq)
{
	const struct iam_value *v = look_up(rq, a->key);
	bool absent;
	if (a->unique || a->base == IAM_OP_VARIABLE || a->choice == IAM_OF_PLACE || (!v && rq->rest_unknown))
		return IAM_MAYBE;
	if (a->base == IAM_OP_NULL && a->choice == IAM_OF_IDENTITY)
		return IAM_MAYBE;
	if (iam_atom_is_null(a, &absent))
		return truth(absent == (!v || !v->present));
	if (a->base == IAM_OP_NULL || (a->base == IAM_OP_PRINCIPAL && a->fuzzy))
		return IAM_MAYBE;
	if (!v || !v->present)
		return truth(iam_atom_when_absent(a));
	if (a->fuzzy)
		return IAM_MAYBE;
	enum iam_truth t = on_value(a, v->value);
	if (a->set == IAM_SET_NONE && v->n_more)
		return IAM_MAYBE; /* such a key wants a set operator */
	for (size_t k = 0; k < v->n_more; k++) {
		enum iam_truth one = on_value(a, v->more[k]);
		t = a->set == IAM_SET_ALL ? worst(t, one) : best(t, one);
	}
	return t;
}

static enum iam_truth conditions(const struct iam_cond *c, const struct iam_request *rq)
{
	enum iam_truth t = IAM_YES;
	for (size_t k = 0; c && k < c->atoms.n; k++)
		t = worst(t, iam_point_atom(&c->atoms.v[k], rq));
	return t;
}

/* ---------------------------------------------------------------------------------------------- statements */

enum iam_truth iam_point_stmt(const struct iam_cstmt *s, const struct iam_request *rq)
{
	return worst(worst(iam_point_side(&s->actions, rq->action, false),
			   iam_point_side(&s->resources, rq->resource, true)),
		     conditions(s->cond, rq));
}

static enum iam_truth any_stmt(const iam_cstmts *list, const struct iam_request *rq)
{
	enum iam_truth t = IAM_NO;
	for (size_t k = 0; k < list->n; k++)
		t = best(t, iam_point_stmt(&list->v[k], rq));
	return t;
}

enum iam_truth iam_point_allowed(const struct iam_policy *p, const struct iam_request *rq)
{
	return worst(any_stmt(&p->allows, rq), not_truth(any_stmt(&p->denies, rq)));
}
