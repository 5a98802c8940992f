/*
 * Queries: from a query and a scope to the list of values it reaches and of the places where it stops.  Scopes nest as
 * in 3.2.1, to the letter: a query in a block starts at the block's value, one in a filter at the element, except behind
 * [*] over a list, where it starts at what the scope had before.
 */
#include "guard/guard_priv.h"

struct scope guard_block_scope(const struct block *b, struct scope *up)
{
	return (struct scope){.kind = SCOPE_BLOCK, .up = up, .root = up->root, .lets = &b->lets};
}

struct scope guard_value_scope(const struct gv *root, struct scope *up)
{
	return (struct scope){.kind = SCOPE_VALUE, .up = up, .root = root};
}

static void push(struct eval *e, struct results *out, struct result r)
{
	SG_PUSH(e->arena, out, r);
}

/* ------------------------------------------------------------------------------------------------ variables */

static struct results *resolved_at_root(struct eval *e, struct sg_str name)
{
	return e->resolved ? sg_map_get(e->resolved, name) : NULL;
}

static void keep_at_root(struct eval *e, struct sg_str name, struct results *r)
{
	if (!e->resolved)
		e->resolved = sg_map_new(e->arena);
	sg_map_put(e->resolved, name, r);
}

void guard_capture(struct eval *e, struct sg_str name, const struct gv *key)
{
	struct results *known = resolved_at_root(e, name);
	e->captured++;
	if (!known) {
		known = SG_NEW(e->arena, struct results);
		keep_at_root(e, name, known);
	}
	push(e, known, (struct result){.kind = R_VALUE, .v = key});
}

static void append(struct eval *e, struct results *out, const struct results *more)
{
	for (size_t i = 0; i < more->n; i++)
		push(e, out, more->v[i]);
}

/* The value of a let in its scope; of a `some` query only what was reached. */
static enum st evaluate_let(struct eval *e, const struct let *let, struct scope *s, struct results *out)
{
	enum st st = guard_operand(e, &let->value, s, out);
	if (st_bad(st) || let->value.kind != OPERAND_QUERY || !let->value.query->some)
		return st;
	size_t kept = 0;
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].kind == R_VALUE || out->v[i].kind == R_UNKNOWN)
			out->v[kept++] = out->v[i];
	out->n = kept;
	return st;
}

static enum st literal(struct eval *e, const struct gv *v, struct results *out)
{
	push(e, out, (struct result){.kind = R_LITERAL, .v = v});
	return ST_PASS;
}

static enum st root_variable(struct eval *e, struct sg_str name, struct sg_span span, struct results *out)
{
	const struct let *let = guard_let(e->root.lets, name);
	if (let && let->value.kind == OPERAND_VALUE)
		return literal(e, let->value.value, out);
	struct results *known = resolved_at_root(e, name);
	enum st st = ST_PASS;
	if (!known && !let)
		return guard_error(e, span, "the variable %%%.*s has no value here", SG_FMT(name));
	if (!known) {
		struct results *found = SG_NEW(e->arena, struct results);
		st = evaluate_let(e, let, &e->root, found);
		if (st_bad(st))
			return st;
		keep_at_root(e, name, found);
		known = found;
	}
	append(e, out, known);
	return st;
}

static enum st block_variable(struct eval *e, const struct let *let, struct scope *s, struct results *out)
{
	size_t i = (size_t)(let - s->lets->v);
	if (let->value.kind == OPERAND_VALUE)
		return literal(e, let->value.value, out);
	if (!s->values)
		s->values = SG_NEW_ARRAY(e->arena, s->lets->n, struct results *);
	if (!s->values[i]) {
		struct results *found = SG_NEW(e->arena, struct results);
		enum st st = evaluate_let(e, let, s, found);
		if (st_bad(st))
			return st;
		s->values[i] = found;
	}
	append(e, out, s->values[i]);
	return ST_PASS;
}

static const struct results *parameter(const struct scope *s, struct sg_str name)
{
	for (size_t i = 0; i < s->n_params; i++)
		if (s->params[i].p == name.p)
			return s->values[i];
	return NULL;
}

static enum st find_variable(struct eval *e, struct sg_str name, struct scope *s, struct sg_span span,
			     struct results *out)
{
	for (; s->kind != SCOPE_ROOT; s = s->up) {
		const struct results *param = s->kind == SCOPE_PARAMS ? parameter(s, name) : NULL;
		const struct let *let = s->kind == SCOPE_BLOCK && s->lets->n ? guard_let(s->lets, name) : NULL;
		if (let)
			return block_variable(e, let, s, out);
		if (param) {
			append(e, out, param);
			return ST_PASS;
		}
	}
	return root_variable(e, name, span, out);
}

enum st guard_variable(struct eval *e, struct sg_str name, struct scope *s, struct sg_span span, struct results *out)
{
	if (!guard_enter(e, span))
		return ST_ERROR;
	enum st st = find_variable(e, name, s, span, out);
	e->depth--;
	return st;
}

enum st guard_operand(struct eval *e, const struct operand *o, struct scope *s, struct results *out)
{
	switch (o->kind) {
	case OPERAND_VALUE:
		return literal(e, o->value, out);
	case OPERAND_QUERY:
		return guard_query(e, o->query, s, out);
	default:
		return guard_call(e, o->call, s, out);
	}
}

/* ------------------------------------------------------------------------------------------------ following a query */

/* One query being followed.  `cases` is the spelling of keys that fitted before, -1: none yet. */
struct trail {
	struct eval *e;
	const struct query *q;
	struct scope *s;
	int cases;
	struct results *out;
};

static enum st follow(const struct trail *t, size_t i, const struct gv *v);

static enum st missing(const struct trail *t, size_t i, const struct gv *v)
{
	push(t->e, t->out, (struct result){.kind = R_MISSING, .v = v, .query = t->q, .part = (uint32_t)i});
	return ST_PASS;
}

/* Strict mode: whether there is something here, or what, nobody can know. */
static enum st unknown(const struct trail *t, const struct gv *v)
{
	push(t->e, t->out, (struct result){.kind = R_UNKNOWN, .v = v});
	return ST_PASS;
}

/* A part was asked of something that has none: in strict mode whoever reads the document may make anything of it. */
static enum st no_part(const struct trail *t, size_t i, const struct gv *v)
{
	return t->e->world ? unknown(t, v) : missing(t, i, v);
}

/* What a member is; NULL where there is none in this world. */
static const struct gv *member(const struct trail *t, const struct gv *map, struct sg_str key)
{
	const struct gv *v = guard_get(map, key);
	return v && v->kind == GV_LATER ? guard_open(t->e, v) : v;
}

static enum st follow_in(const struct trail *t, struct scope *s, size_t i, const struct gv *v)
{
	struct trail inner = *t;
	inner.s = s;
	return follow(&inner, i, v);
}

static const struct gv *key_value(const struct trail *t, const struct gv *map, uint32_t i)
{
	struct gv *key = guard_new(t->e->arena, GV_STRING, map->members[i].value);
	key->text = map->members[i].key;
	if (map->members[i].key_node)
		key->node = map->members[i].key_node;
	return key;
}

static enum st follow_items(const struct trail *t, size_t i, const struct gv *list)
{
	enum st st = list->n ? ST_PASS : missing(t, i, list);
	for (uint32_t k = 0; k < list->n && !st_bad(st); k++)
		st = follow(t, i + 1, list->items[k]);
	return st;
}

static enum st follow_members(const struct trail *t, size_t i, const struct gv *map)
{
	const struct part *p = &t->q->parts[i];
	if (t->e->world)
		map = guard_open_members(t->e, map);
	enum st st = map->n ? ST_PASS : missing(t, i, map);
	for (uint32_t k = 0; k < map->n && !st_bad(st); k++) {
		const struct gv *v = map->members[k].value;
		struct scope inner = guard_value_scope(v, t->s);
		if (p->name.p)
			guard_capture(t->e, p->name, key_value(t, map, k));
		st = follow_in(t, &inner, i + 1, v);
	}
	return st;
}

static enum st follow_index(const struct trail *t, size_t i, const struct gv *v, int64_t index)
{
	if (v->kind != GV_LIST)
		return no_part(t, i, v);
	int64_t at = index < 0 ? index + (int64_t)v->n : index;
	if (at < 0 || at >= (int64_t)v->n)
		return missing(t, i, v);
	return follow(t, i + 1, v->items[at]);
}

/* ------------------------------------------------------------------------------------------------ keys */

static const struct sg_str *key_cases(struct eval *e, const struct part *p)
{
	if (!p->cases) {
		struct part *mine = (struct part *)(uintptr_t)p; /* a cache in the file's own memory */
		mine->cases = SG_NEW_ARRAY(e->g->arena, GUARD_CASES, struct sg_str);
		guard_cases(e->g->arena, p->name, mine->cases);
	}
	return p->cases;
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* No spelling of the key is in the map: all of them begin with its first letter, large or small.  (Of a large map, or
 * where the key does not begin with a letter, who knows.) */
static bool no_spelling(const struct gv *map, struct sg_str key)
{
	char first = key.n ? small(key.p[0]) : 0;
	if (first < 'a' || first > 'z' || map->index)
		return false;
	for (uint32_t i = 0; i < map->n; i++)
		if (map->members[i].key.n && small(map->members[i].key.p[0]) == first)
			return false;
	return true;
}

static enum st follow_key(const struct trail *t, size_t i, const struct gv *v)
{
	const struct part *p = &t->q->parts[i];
	if (p->numeric)
		return follow_index(t, i, v, p->index);
	if (v->kind != GV_MAP)
		return no_part(t, i, v);
	const struct gv *found = member(t, v, p->name);
	if (found)
		return follow(t, i + 1, found);
	if (t->e->world || no_spelling(v, p->name))
		return missing(t, i, v);
	const struct sg_str *cases = key_cases(t->e, p);
	int from = t->cases >= 0 ? t->cases : 0, to = t->cases >= 0 ? t->cases + 1 : GUARD_CASES;
	for (int c = from; c < to; c++) {
		found = guard_get(v, cases[c]);
		if (found) {
			struct trail inner = *t;
			inner.cases = c;
			return follow(&inner, i + 1, found);
		}
	}
	return missing(t, i, v);
}

static enum st follow_named(const struct trail *t, size_t i, size_t next, const struct gv *map, const struct gv *key)
{
	if (key->kind == GV_UNKNOWN)
		return unknown(t, key);
	if (key->kind != GV_STRING)
		return guard_error(t->e, t->q->parts[i].span, "%%%.*s holds something that is no key",
				   SG_FMT(t->q->parts[i].name));
	const struct gv *found = member(t, map, key->text);
	return found ? follow(t, next, found) : missing(t, i, map);
}

static enum st follow_result(const struct trail *t, size_t i, size_t next, const struct gv *map, const struct result *r)
{
	enum st st = ST_PASS;
	if (r->kind == R_MISSING)
		return missing(t, i, map);
	if (r->kind == R_UNKNOWN)
		return unknown(t, r->v);
	if (r->v->kind != GV_LIST)
		return follow_named(t, i, next, map, r->v);
	for (uint32_t k = 0; k < r->v->n && !st_bad(st); k++)
		st = follow_named(t, i, next, map, r->v->items[k]);
	return st;
}

/* A.%keys.B, A.%keys[0].B */
static enum st follow_interpolated(const struct trail *t, size_t i, const struct gv *v)
{
	const struct part *p = &t->q->parts[i], *behind = i + 1 < t->q->n ? p + 1 : NULL;
	struct results keys = {0};
	size_t from = 0, to, next = i + 1;
	if (v->kind != GV_MAP)
		return no_part(t, i, v);
	enum st st = guard_variable(t->e, p->name, t->s, p->span, &keys);
	if (st_bad(st))
		return st;
	to = keys.n;
	if (behind && behind->kind == PART_INDEX) {
		int64_t at = behind->index < 0 ? behind->index + (int64_t)keys.n : behind->index;
		if (at < 0 || at >= (int64_t)keys.n)
			return missing(t, i, v);
		from = (size_t)at;
		to = from + 1;
		next = i + 2;
	} else if (behind && behind->kind != PART_ALL_INDICES && behind->kind != PART_KEY &&
		   behind->kind != PART_VARIABLE) {
		return guard_uneval(t->e, behind->span, "this cannot follow a variable within a query");
	}
	for (size_t k = from; k < to && !st_bad(st); k++)
		st = follow_result(t, i, next, v, &keys.v[k]);
	return st;
}

/* ------------------------------------------------------------------------------------------------ filters */

static enum st passes(const struct trail *t, const struct cnf *filter, struct scope *s)
{
	t->e->quiet++;
	enum st st = guard_cnf(t->e, filter, s, ROLE_GATE);
	t->e->quiet--;
	return st == ST_EITHER ? ST_UNKNOWN : st;
}

/* The filter over `v` in a scope, then the rest of the query in `rest`'s. */
static enum st filter_one(const struct trail *t, size_t i, struct scope *s, struct scope *rest, const struct gv *v)
{
	enum st st = passes(t, t->q->parts[i].filter, s);
	if (st == ST_UNKNOWN)
		return unknown(t, v);
	return st == ST_PASS ? follow_in(t, rest, i + 1, v) : st_bad(st) ? st : ST_PASS;
}

static enum st filter_members(const struct trail *t, size_t i, const struct gv *map)
{
	const struct part *p = &t->q->parts[i];
	enum st st = ST_PASS;
	if (t->e->world)
		map = guard_open_members(t->e, map);
	for (uint32_t k = 0; k < map->n && !st_bad(st); k++) {
		const struct gv *v = map->members[k].value;
		struct scope inner = guard_value_scope(v, t->s);
		st = passes(t, p->filter, &inner);
		if (st == ST_UNKNOWN)
			unknown(t, v);
		if (st != ST_PASS) {
			st = st_bad(st) ? st : ST_SKIP;
			continue;
		}
		if (p->name.p)
			guard_capture(t->e, p->name, key_value(t, map, k));
		st = follow_in(t, &inner, i + 1, v);
	}
	return st_bad(st) ? st : ST_PASS;
}

static enum st filter_items(const struct trail *t, size_t i, const struct gv *list)
{
	enum st st = ST_PASS;
	for (uint32_t k = 0; k < list->n && !st_bad(st); k++) {
		struct scope inner = guard_value_scope(list->items[k], t->s);
		st = filter_one(t, i, &inner, t->s, list->items[k]);
	}
	return st;
}

static enum st follow_filter(const struct trail *t, size_t i, const struct gv *v)
{
	enum part_kind before = t->q->parts[i - 1].kind;
	struct scope own = guard_value_scope(v, t->s);
	if (v->kind == GV_LIST)
		return filter_items(t, i, v);
	if (v->kind == GV_MAP && (before == PART_KEY || before == PART_VARIABLE))
		return filter_members(t, i, v);
	if (v->kind == GV_MAP) /* behind .* or [*]: the element, in the scope that is (3.2.1 ends on anything else) */
		return filter_one(t, i, before == PART_ALL_VALUES || before == PART_ALL_INDICES ? t->s : &own, t->s, v);
	return before == PART_ALL_INDICES ? filter_one(t, i, &own, t->s, v) : no_part(t, i, v);
}

static bool known_keys(const struct trail *t, struct results *right)
{
	struct results opened = {0};
	bool known = guard_open_results(t->e, right, &opened);
	*right = opened;
	return known;
}

/* [ keys == 'x' ] */
static enum st follow_keys(const struct trail *t, size_t i, const struct gv *v)
{
	const struct part *p = &t->q->parts[i];
	struct results right = {0};
	SG_VEC(const struct gv *) selected = {0};
	if (v->kind != GV_MAP)
		return no_part(t, i, v);
	struct trail inner = *t;
	inner.out = &right;
	inner.q = p->with->query;
	enum st st = p->with->kind == OPERAND_QUERY ? follow(&inner, 0, v) : guard_operand(t->e, p->with, t->s, &right);
	if (t->e->world && !known_keys(t, &right))
		return unknown(t, v);
	for (uint32_t k = 0; k < v->n && !st_bad(st); k++) {
		size_t times = 0;
		st = guard_key_passes(t->e, p, key_value(t, v, k), &right, &times);
		const struct gv *found = times && t->e->world ? member(t, v, v->members[k].key) : v->members[k].value;
		while (found && times-- && !st_bad(st))
			SG_PUSH(t->e->arena, &selected, found);
	}
	for (size_t k = 0; k < selected.n && !st_bad(st); k++)
		st = follow(t, i + 1, selected.v[k]);
	return st;
}

/* ------------------------------------------------------------------------------------------------ dispatch */

static enum st follow_all(const struct trail *t, size_t i, const struct gv *v)
{
	const struct part *p = &t->q->parts[i];
	if (v->kind == GV_LIST)
		return follow_items(t, i, v);
	if (v->kind == GV_MAP && (p->kind == PART_ALL_VALUES || p->name.p))
		return follow_members(t, i, v);
	return follow(t, i + 1, v); /* where a list may stand, a single value may, too */
}

/* %x… at the start. */
static enum st follow_variable(const struct trail *t)
{
	const struct query *q = t->q;
	size_t next = q->n > 1 && q->parts[1].kind == PART_ALL_INDICES ? 2 : 1;
	struct results values = {0};
	enum st st = guard_variable(t->e, q->parts[0].name, t->s, q->parts[0].span, &values);
	for (size_t k = 0; k < values.n && !st_bad(st); k++) {
		const struct result *r = &values.v[k];
		struct scope inner = guard_value_scope(r->v, t->s);
		if (r->kind == R_MISSING || r->kind == R_UNKNOWN || next >= q->n)
			push(t->e, t->out, *r);
		else
			st = follow_in(t, &inner, next, r->v);
	}
	return st;
}

static enum st follow_part(const struct trail *t, size_t i, const struct gv *v)
{
	const struct part *p = &t->q->parts[i];
	switch (p->kind) {
	case PART_THIS:
		return follow(t, i + 1, v);
	case PART_KEY:
		return follow_key(t, i, v);
	case PART_VARIABLE:
		return i ? follow_interpolated(t, i, v) : follow_variable(t);
	case PART_INDEX:
		return follow_index(t, i, v, p->index);
	case PART_FILTER:
		return follow_filter(t, i, v);
	case PART_KEYS:
		return follow_keys(t, i, v);
	default:
		return follow_all(t, i, v);
	}
}

static enum st follow(const struct trail *t, size_t i, const struct gv *v)
{
	if (i >= t->q->n) {
		push(t->e, t->out, (struct result){.kind = R_VALUE, .v = v});
		return ST_PASS;
	}
	if (!guard_step(t->e, t->q->span) || !guard_enter(t->e, t->q->span))
		return ST_ERROR;
	enum st st = v->kind == GV_UNKNOWN && t->q->parts[i].kind != PART_VARIABLE && t->q->parts[i].kind != PART_THIS
			     ? unknown(t, v)
			     : follow_part(t, i, v);
	t->e->depth--;
	return st;
}

/* In 3.2.1 a query that begins in a value's scope goes on in the scope around it. */
enum st guard_query(struct eval *e, const struct query *q, struct scope *s, struct results *out)
{
	const struct gv *root = s->root;
	if (s->kind == SCOPE_PARAMS)
		return guard_query(e, q, s->up, out);
	struct trail t = {e, q, s->kind == SCOPE_VALUE ? s->up : s, -1, out};
	return follow(&t, 0, root);
}
