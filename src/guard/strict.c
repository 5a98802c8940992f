/*
 * Strict mode: values that are found out when a rule looks at them, in the world at hand, and what becomes of a test whose
 * values nobody can know.  Neither what a world is nor why something is unknown is known here.
 */
#include "guard/guard_priv.h"

#include <ctype.h>

/* A value that was not looked at yet; per evaluation. */
struct gv_later {
	const struct sg_node *node;
	bool asked;
	const struct gv *opened; /* NULL: it is not there */
};

struct gv *guard_later(struct eval *e, const struct sg_node *n, const struct gv *up, struct sg_str key,
		       uint32_t position)
{
	struct gv *v = SG_NEW(e->arena, struct gv);
	*v = (struct gv){.kind = GV_LATER, .node = n, .up = up, .key = key, .position = position};
	v->later = SG_NEW(e->arena, struct gv_later);
	v->later->node = n;
	return v;
}

/* ------------------------------------------------------------------------------------------------ opening */

/* Elements that are not there in this world are no elements. */
static void open_list(struct eval *e, struct gv *v, const struct sg_node *n)
{
	const struct gv **items = SG_NEW_ARRAY(e->arena, n->n + 1, const struct gv *);
	v->kind = GV_LIST;
	v->items = items;
	for (size_t i = 0; i < n->n; i++) {
		struct gv *later = guard_later(e, n->items[i], v, (struct sg_str){0}, (uint32_t)i);
		if ((items[v->n] = guard_open(e, later)))
			v->n++;
	}
}

static void open_map(struct eval *e, struct gv *v, const struct sg_node *n)
{
	struct gv_member *members = SG_NEW_ARRAY(e->arena, n->n + 1, struct gv_member);
	v->kind = GV_MAP;
	v->members = members;
	v->n = (uint32_t)n->n;
	for (size_t i = 0; i < n->n; i++) {
		struct sg_str key = n->members[i].key->text;
		members[i] = (struct gv_member){key, n->members[i].key, guard_later(e, n->members[i].value, v, key, 0)};
	}
}

static const struct gv *open_seen(struct eval *e, const struct gv *later, const struct sg_guard_seen *seen)
{
	struct gv *v = guard_new(e->arena, GV_UNKNOWN, later);
	v->node = seen->node ? seen->node : later->node;
	if (seen->what == SG_GUARD_OPEN) {
		struct sg_guard_seen *kept = SG_NEW(e->arena, struct sg_guard_seen);
		*kept = *seen;
		v->seen = kept;
	} else if (v->node->kind == SG_SEQ) {
		open_list(e, v, v->node);
	} else if (v->node->kind == SG_MAP) {
		open_map(e, v, v->node);
	} else {
		guard_set_scalar(v, v->node);
	}
	return v;
}

const struct gv *guard_open(struct eval *e, const struct gv *v)
{
	if (v->kind != GV_LATER)
		return v;
	struct gv_later *later = v->later;
	if (later->asked)
		return later->opened;
	later->asked = true;
	if (!guard_step(e, (struct sg_span){0}) || !guard_enter(e, (struct sg_span){0}))
		return NULL; /* the evaluation ends */
	struct sg_guard_seen seen = e->world->see(e->world->context, later->node);
	if (seen.what != SG_GUARD_ABSENT)
		later->opened = open_seen(e, v, &seen);
	e->depth--;
	return later->opened;
}

const struct gv *guard_open_members(struct eval *e, const struct gv *map)
{
	struct gv_member *members = SG_NEW_ARRAY(e->arena, map->n + 1, struct gv_member);
	struct gv *out = guard_new(e->arena, GV_MAP, map);
	out->members = members;
	for (uint32_t i = 0; i < map->n; i++) {
		const struct gv *v = guard_open(e, map->members[i].value);
		if (v)
			members[out->n++] = (struct gv_member){map->members[i].key, map->members[i].key_node, v};
	}
	return out;
}

static const struct gv *open_parts(struct eval *e, const struct gv *v, const struct gv **unknown)
{
	struct gv *out = guard_new(e->arena, v->kind, v);
	out->n = v->n;
	if (v->kind == GV_LIST) {
		const struct gv **items = SG_NEW_ARRAY(e->arena, v->n + 1, const struct gv *);
		for (uint32_t i = 0; i < v->n; i++)
			items[i] = guard_open_all(e, v->items[i], unknown);
		out->items = items;
		return out;
	}
	struct gv_member *members = SG_NEW_ARRAY(e->arena, v->n + 1, struct gv_member);
	const struct gv *there = guard_open_members(e, v);
	for (uint32_t i = 0; i < there->n; i++) {
		members[i] = there->members[i];
		members[i].value = guard_open_all(e, members[i].value, unknown);
	}
	out->members = members;
	out->n = there->n;
	return out;
}

const struct gv *guard_open_all(struct eval *e, const struct gv *v, const struct gv **unknown)
{
	if (v->kind == GV_UNKNOWN && !*unknown)
		*unknown = v;
	if (v->kind != GV_LIST && v->kind != GV_MAP)
		return v;
	if (!guard_enter(e, (struct sg_span){0}))
		return v;
	v = open_parts(e, v, unknown);
	e->depth--;
	return v;
}

bool guard_open_results(struct eval *e, const struct results *in, struct results *out)
{
	for (size_t i = 0; i < in->n; i++) {
		struct result r = in->v[i];
		const struct gv *unknown = r.kind == R_UNKNOWN ? r.v : NULL;
		if (r.kind == R_VALUE)
			r.v = guard_open_all(e, r.v, &unknown);
		if (unknown)
			r = (struct result){.kind = R_UNKNOWN, .v = unknown};
		SG_PUSH(e->arena, out, r);
		if (unknown)
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ unary tests */

int guard_ask_unknown(enum guard_op op, const struct result *r)
{
	bool present = r->kind != R_UNKNOWN && r->v->seen->present;
	if (present && op == OP_EXISTS)
		return 1;
	return present && op == OP_IS_NULL ? 0 : -1;
}

void guard_note_open(struct eval *e, const struct clause *c, const struct gv *at, const struct gv *right)
{
	guard_note(e, &(struct note){.clause = c, .at = at, .right = right, .open = true});
}

/* ------------------------------------------------------------------------------------------------ conversions */

static enum gv_kind wanted(const struct gv *right)
{
	if (right->kind == GV_LIST)
		return right->n ? wanted(right->items[0]) : GV_LIST;
	if (right->kind == GV_RANGE_INT || right->kind == GV_RANGE_FLOAT || right->kind == GV_FLOAT)
		return GV_INT;
	return right->kind == GV_REGEX ? GV_STRING : right->kind;
}

static bool same_word(struct sg_str text, const char *word)
{
	size_t i = 0;
	while (i < text.n && word[i] && tolower((unsigned char)text.p[i]) == word[i])
		i++;
	return i == text.n && !word[i];
}

static const struct gv *text_as(struct eval *e, const struct gv *v, enum gv_kind kind)
{
	struct gv *out = guard_new(e->arena, kind, v);
	bool yes = same_word(v->text, "true");
	if (kind == GV_BOOL && (yes || same_word(v->text, "false"))) {
		out->boolean = yes;
		return out;
	}
	if (kind == GV_INT && sg_parse_i64(v->text, &out->integer))
		return out;
	if (kind == GV_INT && sg_parse_double(v->text, &out->number)) {
		out->kind = GV_FLOAT;
		return out;
	}
	return v;
}

/* CloudFormation makes numbers and Booleans of texts that spell them, and texts of those. */
static const struct gv *converted(struct eval *e, const struct gv *v, enum gv_kind kind)
{
	if (v->kind == GV_STRING && (kind == GV_BOOL || kind == GV_INT))
		return text_as(e, v, kind);
	bool spelt = v->kind == GV_BOOL || v->kind == GV_INT || v->kind == GV_FLOAT;
	if (spelt && kind == GV_STRING && v->node && v->node->kind == SG_SCALAR) {
		struct gv *out = guard_new(e->arena, GV_STRING, v);
		out->text = v->node->text;
		return out;
	}
	if (v->kind != GV_LIST)
		return v;
	struct gv *out = guard_new(e->arena, GV_LIST, v);
	const struct gv **items = SG_NEW_ARRAY(e->arena, v->n + 1, const struct gv *);
	for (uint32_t i = 0; i < v->n; i++)
		items[i] = v->items[i]->kind == GV_LIST ? v->items[i] : converted(e, v->items[i], kind);
	out->items = items;
	out->n = v->n;
	return out;
}

/* ------------------------------------------------------------------------------------------------ comparisons */

static bool is_number(const struct gv *v)
{
	return v->kind == GV_INT || v->kind == GV_FLOAT;
}

static bool holds(enum guard_op op, double a, double b)
{
	return op == OP_LT ? a < b : op == OP_LE ? a <= b : op == OP_GT ? a > b : a >= b;
}

static enum guard_op opposite(enum guard_op op)
{
	return op == OP_LT ? OP_GE : op == OP_LE ? OP_GT : op == OP_GT ? OP_LE : OP_LT;
}

/* A number between bounds that it can reach, against one that is known: the outermost one decides. */
static enum st by_bounds(struct eval *e, const struct clause *c, const struct gv *v, const struct gv *right)
{
	const struct sg_guard_seen *seen = v->seen;
	if (c->op < OP_GT || c->op > OP_GE || !is_number(right))
		return ST_UNKNOWN;
	enum guard_op op = c->op_not != c->negated ? opposite(c->op) : c->op;
	bool upwards = op == OP_LT || op == OP_LE;
	if (upwards ? !seen->at_most : !seen->at_least)
		return ST_UNKNOWN;
	double worst = upwards ? seen->most : seen->least;
	if (holds(op, worst, right->kind == GV_INT ? (double)right->integer : right->number))
		return ST_PASS;
	struct gv *met = guard_new(e->arena, GV_FLOAT, v);
	met->number = worst;
	guard_note(e, &(struct note){.clause = c, .at = met, .right = right});
	return ST_FAIL;
}

/* The only value of the right side, if each value of the left meets it alone. */
static const struct gv *only_value(const struct results *right)
{
	const struct result *r = right->n == 1 ? &right->v[0] : NULL;
	bool alone =
		r && (r->kind == R_LITERAL || (r->kind == R_VALUE && r->v->kind != GV_LIST && r->v->kind != GV_MAP));
	return alone ? r->v : NULL;
}

struct sides {
	struct results known; /* of the left */
	struct results right;
	const struct gv *only;  /* of the right, if there is just that */
	const struct gv *opens; /* what makes the right side unknown */
	bool each;              /* each value of the left decides for itself */
	bool lost;              /* what is unknown on the left decides for all */
};

static void left_open(struct eval *e, const struct clause *c, const struct gv *v, struct sides *s, struct tally *t)
{
	enum st st = s->only && v->kind == GV_UNKNOWN ? by_bounds(e, c, v, s->only) : ST_UNKNOWN;
	s->lost = s->lost || (st == ST_UNKNOWN && !s->each);
	t->passed += st == ST_PASS;
	t->failed += st == ST_FAIL;
	t->open += st == ST_UNKNOWN;
	if (st == ST_UNKNOWN)
		guard_note_open(e, c, v, s->only);
}

static void left_missing(struct eval *e, const struct clause *c, const struct result *r, struct tally *t)
{
	t->failed++;
	guard_note(e, &(struct note){.clause = c, .at = r->v, .missing = r->query, .part = r->part});
}

static void sort_left(struct eval *e, const struct clause *c, const struct results *left, struct sides *s,
		      struct tally *t)
{
	for (size_t i = 0; i < left->n; i++) {
		struct result r = left->v[i];
		const struct gv *unknown = r.kind == R_UNKNOWN ? r.v : NULL;
		if (r.kind == R_MISSING) {
			left_missing(e, c, &r, t);
			continue;
		}
		if (r.kind == R_VALUE)
			r.v = guard_open_all(e, r.v, &unknown);
		if (r.kind == R_VALUE && !unknown && s->only)
			r.v = converted(e, r.v, wanted(s->only));
		if (unknown)
			left_open(e, c, r.kind == R_UNKNOWN || r.v->kind != GV_UNKNOWN ? unknown : r.v, s, t);
		else
			SG_PUSH(e->arena, &s->known, r);
	}
}

enum st guard_compare_strict(struct eval *e, const struct clause *c, const struct results *left,
			     const struct results *right, struct tally *tally)
{
	struct sides s = {0};
	if (!guard_open_results(e, right, &s.right))
		s.opens = s.right.v[s.right.n - 1].v;
	s.only = s.opens ? NULL : only_value(&s.right);
	s.each = !s.opens && (s.only || c->op >= OP_GT);
	sort_left(e, c, left, &s, tally);
	if (s.known.n && !s.opens && !s.lost)
		return guard_compare(e, c, &s.known, &s.right, tally);
	for (size_t i = 0; i < s.known.n; i++) {
		tally->open++;
		guard_note_open(e, c, s.opens ? s.opens : s.known.v[i].v, s.only);
	}
	return e->error.n ? ST_ERROR : ST_PASS;
}
