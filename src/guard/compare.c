/*
 * Comparisons, as 3.2.1 makes them: which values of both sides meet, what an incomparable pair is (a failure, and its
 * negation, too), how lists are taken apart.  Where it looks strange it is the language.
 */
#include "guard/guard_priv.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------ order */

enum order { LESS, EQUAL, GREATER, NO_ORDER };

static enum order order_of(int c)
{
	return c < 0 ? LESS : c > 0 ? GREATER : EQUAL;
}

static enum order order_doubles(double a, double b)
{
	return isnan(a) || isnan(b) ? NO_ORDER : order_of((a > b) - (a < b));
}

/* Exact, whatever the size. */
static enum order order_int_double(int64_t i, double d)
{
	if (isnan(d))
		return NO_ORDER;
	if (d >= 9223372036854775808.0)
		return LESS;
	if (d < -9223372036854775808.0)
		return GREATER;
	double whole = floor(d);
	int64_t w = (int64_t)whole;
	return i != w ? order_of((i > w) - (i < w)) : d > whole ? LESS : EQUAL;
}

static enum order reversed(enum order o)
{
	return o == LESS ? GREATER : o == GREATER ? LESS : o;
}

static enum order order_ints(int64_t a, int64_t b)
{
	return order_of((a > b) - (a < b));
}

static enum order order_values(const struct gv *a, const struct gv *b)
{
	if (a->kind == GV_INT && b->kind == GV_FLOAT)
		return order_int_double(a->integer, b->number);
	if (a->kind == GV_FLOAT && b->kind == GV_INT)
		return reversed(order_int_double(b->integer, a->number));
	if (a->kind != b->kind)
		return NO_ORDER;
	switch (a->kind) {
	case GV_NULL:
		return EQUAL;
	case GV_INT:
	case GV_CHAR:
		return order_ints(a->integer, b->integer);
	case GV_FLOAT:
		return order_doubles(a->number, b->number);
	case GV_STRING:
		return order_of(sg_str_cmp(a->text, b->text));
	default:
		return NO_ORDER;
	}
}

/* ------------------------------------------------------------------------------------------------ equality */

static enum order order_bound(const struct gv *v, const struct gv *range, bool high)
{
	const struct gv_range *r = range->range;
	if (range->kind == GV_RANGE_FLOAT) {
		double bound = high ? r->high : r->low;
		return v->kind == GV_INT ? order_int_double(v->integer, bound) : order_doubles(v->number, bound);
	}
	int64_t bound = high ? r->to : r->from;
	return v->kind == GV_FLOAT ? reversed(order_int_double(bound, v->number)) : order_ints(v->integer, bound);
}

static bool in_range(const struct gv *v, const struct gv *range)
{
	enum order low = order_bound(v, range, false), high = order_bound(v, range, true);
	return (low == GREATER || (low == EQUAL && range->range->with_low)) &&
	       (high == LESS || (high == EQUAL && range->range->with_high));
}

static bool is_number(const struct gv *v)
{
	return v->kind == GV_INT || v->kind == GV_FLOAT;
}

static bool fits_range(const struct gv *v, const struct gv *range)
{
	if (range->kind == GV_RANGE_CHAR)
		return v->kind == GV_CHAR;
	return (range->kind == GV_RANGE_INT || range->kind == GV_RANGE_FLOAT) && is_number(v);
}

static enum equal equal_regex(struct eval *e, const struct gv *text, const struct gv *regex)
{
	int found = guard_regex_search(regex->regex, text->text, e->limits.match);
	if (found < 0) {
		guard_error(e, (struct sg_span){0}, "the regular expression /%.*s/ takes too long here",
			    SG_FMT(guard_regex_pattern(regex->regex)));
		return EQ_ERROR;
	}
	return found ? EQ_YES : EQ_NO;
}

static enum equal equal_lists(struct eval *e, const struct gv *a, const struct gv *b)
{
	enum equal eq = a->n == b->n ? EQ_YES : EQ_NO;
	for (uint32_t i = 0; i < a->n && eq == EQ_YES; i++)
		eq = guard_equal(e, a->items[i], b->items[i]);
	return eq;
}

static enum equal equal_maps(struct eval *e, const struct gv *a, const struct gv *b)
{
	enum equal eq = a->n == b->n ? EQ_YES : EQ_NO;
	for (uint32_t i = 0; i < a->n && eq == EQ_YES; i++) {
		const struct gv *other = guard_get(b, a->members[i].key);
		eq = other ? guard_equal(e, a->members[i].value, other) : EQ_NO;
	}
	return eq;
}

static bool is_regex_pair(const struct gv *a, const struct gv *b)
{
	return (a->kind == GV_STRING && b->kind == GV_REGEX) || (a->kind == GV_REGEX && b->kind == GV_STRING);
}

static bool same_pattern(const struct gv *a, const struct gv *b)
{
	return sg_str_eq(guard_regex_pattern(a->regex), guard_regex_pattern(b->regex));
}

enum equal guard_equal(struct eval *e, const struct gv *a, const struct gv *b)
{
	if (!guard_step(e, (struct sg_span){0}))
		return EQ_ERROR;
	if (is_regex_pair(a, b))
		return equal_regex(e, a->kind == GV_STRING ? a : b, a->kind == GV_REGEX ? a : b);
	if (a->kind == b->kind && a->kind == GV_MAP)
		return equal_maps(e, a, b);
	if (a->kind == b->kind && a->kind == GV_LIST)
		return equal_lists(e, a, b);
	if (a->kind == b->kind && a->kind == GV_BOOL)
		return a->boolean == b->boolean ? EQ_YES : EQ_NO;
	if (a->kind == b->kind && a->kind == GV_REGEX)
		return same_pattern(a, b) ? EQ_YES : EQ_NO;
	if (fits_range(a, b))
		return in_range(a, b) ? EQ_YES : EQ_NO;
	enum order o = order_values(a, b);
	return o == NO_ORDER ? EQ_NOT_COMPARABLE : o == EQUAL ? EQ_YES : EQ_NO;
}

static bool same_items(struct eval *e, const struct gv *a, const struct gv *b)
{
	bool same = a->n == b->n;
	for (uint32_t i = 0; i < a->n && same; i++)
		same = guard_same(e, a->items[i], b->items[i]);
	return same;
}

static bool same_members(struct eval *e, const struct gv *a, const struct gv *b)
{
	bool same = a->n == b->n;
	for (uint32_t i = 0; i < a->n && same; i++) {
		const struct gv *other = guard_get(b, a->members[i].key);
		same = other && guard_same(e, a->members[i].value, other);
	}
	return same;
}

static bool same_range(const struct gv_range *a, const struct gv_range *b)
{
	return a->low == b->low && a->high == b->high && a->from == b->from && a->to == b->to &&
	       a->with_low == b->with_low && a->with_high == b->with_high;
}

bool guard_same(struct eval *e, const struct gv *a, const struct gv *b)
{
	if (!guard_step(e, (struct sg_span){0}))
		return false;
	if (is_regex_pair(a, b))
		return equal_regex(e, a->kind == GV_STRING ? a : b, a->kind == GV_REGEX ? a : b) == EQ_YES;
	if (a->kind != b->kind)
		return order_values(a, b) == EQUAL;
	switch (a->kind) {
	case GV_MAP:
		return same_members(e, a, b);
	case GV_LIST:
		return same_items(e, a, b);
	case GV_BOOL:
		return a->boolean == b->boolean;
	case GV_REGEX:
		return same_pattern(a, b);
	case GV_RANGE_INT:
	case GV_RANGE_FLOAT:
	case GV_RANGE_CHAR:
		return same_range(a->range, b->range);
	default:
		return order_values(a, b) == EQUAL;
	}
}

/* ------------------------------------------------------------------------------------------------ one clause */

struct values {
	const struct gv **v;
	size_t n, cap;
};

/* A clause being compared: what is decided goes straight into the two counts. */
struct meeting {
	struct eval *e;
	const struct clause *c;
	bool negated;
	size_t n_left, n_right; /* results, reached or not */
	size_t passed, failed, open;
};

static void fail(struct meeting *m, const struct gv *left, const struct gv *right)
{
	m->failed++;
	guard_note(m->e, &(struct note){.clause = m->c, .at = left, .right = right});
}

static void decide(struct meeting *m, const struct gv *left, const struct gv *right, bool holds)
{
	if (holds != m->negated)
		m->passed++;
	else
		fail(m, left, right);
}

static void not_comparable(struct meeting *m, const struct gv *left, const struct gv *right)
{
	m->failed++;
	guard_note(m->e, &(struct note){.clause = m->c, .at = left, .right = right, .text = "cannot be compared with"});
}

static void meet(struct meeting *m, const struct gv *left, const struct gv *right)
{
	enum equal eq = guard_equal(m->e, left, right);
	if (eq == EQ_NOT_COMPARABLE)
		not_comparable(m, left, right);
	else
		decide(m, left, right, eq == EQ_YES);
}

static void left_missing(struct meeting *m, const struct result *r)
{
	m->failed++;
	guard_note(m->e, &(struct note){.clause = m->c, .at = r->v, .missing = r->query, .part = r->part});
}

static void right_missing(struct meeting *m, const struct gv *left)
{
	m->failed++;
	guard_note(m->e, &(struct note){.clause = m->c, .at = left, .text = "has nothing to be compared with"});
}

/* The values that were reached on the left; each place that was not fails. */
static struct values reached_left(struct meeting *m, const struct results *left)
{
	struct values out = {0};
	for (size_t i = 0; i < left->n; i++)
		if (left->v[i].kind == R_MISSING)
			left_missing(m, &left->v[i]);
		else
			SG_PUSH(m->e->arena, &out, left->v[i].v);
	return out;
}

/* The same of the right, where each missing one fails for each value of the left. */
static struct values reached_right(struct meeting *m, const struct results *right, const struct values *left)
{
	struct values out = {0};
	for (size_t i = 0; i < right->n; i++) {
		for (size_t k = 0; right->v[i].kind == R_MISSING && k < left->n; k++)
			right_missing(m, left->v[k]);
		if (right->v[i].kind != R_MISSING)
			SG_PUSH(m->e->arena, &out, right->v[i].v);
	}
	return out;
}

static const struct gv *only_literal(const struct results *r)
{
	return r->n == 1 && r->v[0].kind == R_LITERAL ? r->v[0].v : NULL;
}

static struct values one_value(struct meeting *m, const struct gv *v)
{
	struct values one = {0};
	SG_PUSH(m->e->arena, &one, v);
	return one;
}

static bool is_scalar(const struct gv *v)
{
	return v->kind != GV_LIST && v->kind != GV_MAP;
}

static bool contains(struct meeting *m, const struct values *in, const struct gv *v)
{
	for (size_t i = 0; i < in->n; i++)
		if (guard_same(m->e, in->v[i], v))
			return true;
	return false;
}

static bool list_has(struct meeting *m, const struct gv *list, const struct gv *v)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (guard_same(m->e, list->items[i], v))
			return true;
	return false;
}

/* ------------------------------------------------------------------------------------------------ both sides as wholes */

/* What of `all` is not in `others`. */
static struct values difference(struct meeting *m, const struct values *all, const struct values *others)
{
	struct values diff = {0};
	for (size_t i = 0; i < all->n; i++)
		if (!contains(m, others, all->v[i]))
			SG_PUSH(m->e->arena, &diff, all->v[i]);
	return diff;
}

static void fail_each(struct meeting *m, const struct values *vs)
{
	for (size_t i = 0; i < vs->n; i++)
		fail(m, vs->v[i], NULL);
}

/* `diff` is what does not fit, of the left or (==, where it is not shorter) the right side. */
static void decide_sets(struct meeting *m, const struct values *diff, const struct values *left,
			const struct values *right)
{
	if (!m->negated && !diff->n)
		m->passed += left->n;
	else if (!m->negated)
		fail_each(m, diff);
	else if (!diff->n)
		fail_each(m, left);
	else {
		bool of_right = m->n_right >= m->n_left && m->c->op == OP_EQ;
		struct values fits = difference(m, of_right ? right : left, diff);
		if (fits.n)
			fail_each(m, &fits);
		else
			m->passed += left->n;
	}
}

/* ------------------------------------------------------------------------------------------------ == */

static void equal_to_literal(struct meeting *m, const struct results *left, const struct gv *right)
{
	struct values all = reached_left(m, left);
	for (size_t i = 0; i < all.n; i++) {
		const struct gv *l = all.v[i];
		if (right->kind == GV_LIST) {
			meet(m, l, is_scalar(l) && right->n == 1 ? right->items[0] : right);
			continue;
		}
		for (uint32_t k = 0; l->kind == GV_LIST && k < l->n; k++)
			meet(m, l->items[k], right);
		if (l->kind != GV_LIST)
			meet(m, l, right);
	}
}

static void literal_equals(struct meeting *m, const struct gv *left, const struct results *right)
{
	struct values l = one_value(m, left), all = reached_right(m, right, &l);
	for (size_t i = 0; i < all.n; i++) {
		const struct gv *r = all.v[i];
		if (left->kind == GV_LIST || r->kind != GV_LIST) {
			meet(m, left, r);
			continue;
		}
		for (uint32_t k = 0; k < r->n; k++)
			meet(m, left, r->items[k]);
	}
}

static void compare_equal(struct meeting *m, const struct results *left, const struct results *right)
{
	const struct gv *l = only_literal(left), *r = only_literal(right);
	if (l && r) {
		meet(m, l, r);
	} else if (l) {
		literal_equals(m, l, right);
	} else if (r) {
		equal_to_literal(m, left, r);
	} else {
		struct values ls = reached_left(m, left), rs = reached_right(m, right, &ls);
		struct values diff = ls.n > rs.n ? difference(m, &ls, &rs) : difference(m, &rs, &ls);
		decide_sets(m, &diff, &ls, &rs);
	}
}

/* ------------------------------------------------------------------------------------------------ in */

/* A list in a list: as an element where that has lists, else as a subset.  *diff: what of it is not in there. */
static bool list_in_list(struct meeting *m, const struct gv *left, const struct gv *right, struct values *diff)
{
	if (right->n && right->items[0]->kind == GV_LIST) {
		if (list_has(m, right, left))
			return true;
		SG_PUSH(m->e->arena, diff, left);
		return false;
	}
	for (uint32_t i = 0; i < left->n; i++)
		if (!list_has(m, right, left->items[i]))
			SG_PUSH(m->e->arena, diff, left->items[i]);
	return !diff->n;
}

/* The negation of a subset: nothing of it may be in there.  An empty one never passes a negation. */
static bool none_in(struct meeting *m, const struct gv *left, bool holds, const struct values *diff)
{
	for (uint32_t i = 0; i < left->n; i++)
		if (holds || !contains(m, diff, left->items[i]))
			return false;
	return !holds;
}

static void contained_in(struct meeting *m, const struct gv *left, const struct gv *right)
{
	struct values diff = {0};
	if (left->kind == GV_LIST && right->kind == GV_LIST) {
		bool holds = list_in_list(m, left, right, &diff);
		if (m->negated ? none_in(m, left, holds, &diff) : holds)
			m->passed++;
		else
			fail(m, left, right);
	} else if (left->kind == GV_LIST) {
		not_comparable(m, left, right);
	} else if (right->kind == GV_LIST) {
		decide(m, left, right, list_has(m, right, left));
	} else {
		meet(m, left, right);
	}
}

static bool has_text(struct sg_str in, struct sg_str text)
{
	return !text.n || (in.n >= text.n && memmem(in.p, in.n, text.p, text.n));
}

static void string_in(struct meeting *m, const struct gv *left, const struct gv *right)
{
	if (left->kind == GV_STRING && right->kind == GV_STRING)
		decide(m, left, right, has_text(right->text, left->text));
	else
		not_comparable(m, left, right);
}

static void both_literal(struct meeting *m, const struct gv *left, const struct gv *right)
{
	if (left->kind == GV_STRING && right->kind == GV_STRING && has_text(right->text, left->text))
		decide(m, left, right, true);
	else
		contained_in(m, left, right);
}

static void literal_in(struct meeting *m, const struct gv *left, const struct results *right)
{
	struct values l = one_value(m, left), all = reached_right(m, right, &l), items = {0};
	bool lists = left->kind != GV_LIST;
	for (size_t i = 0; i < all.n; i++)
		lists = lists || all.v[i]->kind == GV_LIST;
	for (size_t i = 0; lists && i < all.n; i++)
		contained_in(m, left, all.v[i]);
	if (lists)
		return;
	for (uint32_t i = 0; i < left->n; i++)
		SG_PUSH(m->e->arena, &items, left->items[i]);
	struct values diff = difference(m, &items, &all);
	decide_sets(m, &diff, &l, &all);
}

static void in_literal(struct meeting *m, const struct results *left, const struct gv *right)
{
	struct values all = reached_left(m, left);
	for (size_t i = 0; i < all.n; i++) {
		const struct gv *l = all.v[i];
		if (right->kind != GV_STRING) {
			contained_in(m, l, right);
			continue;
		}
		for (uint32_t k = 0; l->kind == GV_LIST && k < l->n; k++)
			string_in(m, l->items[k], right);
		if (l->kind != GV_LIST)
			string_in(m, l, right);
	}
}

/* Whether contained_in() would pass, without noting anything. */
static bool fits_in(struct meeting *m, const struct gv *left, const struct gv *right)
{
	struct meeting quiet = {.e = m->e, .c = m->c};
	m->e->quiet++;
	contained_in(&quiet, left, right);
	m->e->quiet--;
	return quiet.passed > 0;
}

static void queries_in(struct meeting *m, const struct results *left, const struct results *right)
{
	struct values ls = reached_left(m, left), rs = reached_right(m, right, &ls), diff = {0};
	for (size_t i = 0; i < ls.n; i++) {
		bool found = false;
		for (size_t k = 0; k < rs.n && !found; k++)
			found = fits_in(m, ls.v[i], rs.v[k]);
		if (!found)
			SG_PUSH(m->e->arena, &diff, ls.v[i]);
	}
	decide_sets(m, &diff, &ls, &rs);
}

static void compare_in(struct meeting *m, const struct results *left, const struct results *right)
{
	const struct gv *l = only_literal(left), *r = only_literal(right);
	if (l && r)
		both_literal(m, l, r);
	else if (l)
		literal_in(m, l, right);
	else if (r)
		in_literal(m, left, r);
	else
		queries_in(m, left, right);
}

/* ------------------------------------------------------------------------------------------------ < and the like */

static struct values flattened(struct meeting *m, const struct values *vs)
{
	struct values out = {0};
	for (size_t i = 0; i < vs->n; i++) {
		for (uint32_t k = 0; vs->v[i]->kind == GV_LIST && k < vs->v[i]->n; k++)
			SG_PUSH(m->e->arena, &out, vs->v[i]->items[k]);
		if (vs->v[i]->kind != GV_LIST)
			SG_PUSH(m->e->arena, &out, vs->v[i]);
	}
	return out;
}

static bool ordered(enum guard_op op, enum order o)
{
	switch (op) {
	case OP_LT:
		return o == LESS;
	case OP_LE:
		return o != GREATER;
	case OP_GT:
		return o == GREATER;
	default:
		return o != LESS;
	}
}

/* Strict mode: what would come of it is not known. */
static void not_ordered(struct meeting *m, const struct gv *left, const struct gv *right)
{
	m->open++;
	guard_note_open(m->e, m->c, left, right);
}

static void compare_order(struct meeting *m, const struct results *left, const struct results *right)
{
	struct values ls = reached_left(m, left), lf = flattened(m, &ls), rs = reached_right(m, right, &lf),
		      rf = flattened(m, &rs);
	for (size_t i = 0; i < lf.n; i++)
		for (size_t k = 0; k < rf.n && guard_step(m->e, m->c->span); k++) {
			enum order o = order_values(lf.v[i], rf.v[k]);
			if (o == NO_ORDER && m->e->world)
				not_ordered(m, lf.v[i], rf.v[k]);
			else if (o == NO_ORDER)
				not_comparable(m, lf.v[i], rf.v[k]);
			else
				decide(m, lf.v[i], rf.v[k], ordered(m->c->op, o));
		}
}

enum st guard_compare(struct eval *e, const struct clause *c, const struct results *left, const struct results *right,
		      struct tally *tally)
{
	struct meeting m = {e, c, c->op_not != c->negated, left->n, right->n, 0, 0, 0};
	if (c->op == OP_EQ)
		compare_equal(&m, left, right);
	else if (c->op == OP_IN)
		compare_in(&m, left, right);
	else
		compare_order(&m, left, right);
	tally->passed += m.passed;
	tally->failed += m.failed;
	tally->open += m.open;
	return e->error.n ? ST_ERROR : ST_PASS;
}

/* ------------------------------------------------------------------------------------------------ [ keys … ] */

static enum equal key_equal(struct eval *e, bool in, bool negated, const struct gv *key, const struct gv *right)
{
	enum equal eq = EQ_NO;
	if (in && right->kind == GV_STRING) {
		eq = has_text(right->text, key->text) ? EQ_YES : EQ_NO;
	} else if (in && right->kind == GV_LIST) {
		for (uint32_t i = 0; i < right->n; i++) {
			enum equal one = guard_equal(e, key, right->items[i]);
			if (one >= EQ_NOT_COMPARABLE)
				return one;
			eq = one == EQ_YES ? EQ_YES : eq;
		}
	} else {
		eq = guard_equal(e, key, right);
	}
	return eq >= EQ_NOT_COMPARABLE || !negated ? eq : eq == EQ_YES ? EQ_NO : EQ_YES;
}

enum st guard_key_passes(struct eval *e, const struct part *p, const struct gv *key, const struct results *right,
			 size_t *times)
{
	bool in = p->op == OP_IN || right->n > 1;
	size_t hits = 0;
	for (size_t i = 0; i < right->n; i++) {
		const struct result *r = &right->v[i];
		if (r->kind == R_MISSING)
			continue;
		enum equal eq = key_equal(e, in, p->op_not, key, r->v);
		if (eq == EQ_NOT_COMPARABLE && r->kind == R_LITERAL && r->v->kind == GV_LIST && r->v->n == 1)
			eq = key_equal(e, in, p->op_not, key, r->v->items[0]);
		if (eq == EQ_ERROR)
			return ST_ERROR;
		hits += eq == EQ_YES;
	}
	*times = in ? hits > 0 : hits;
	return ST_PASS;
}
