/*
 * Documents as rules see them: a tree of typed values with the way from the root, made from nodes by a reading.  Tagged
 * values become {"Fn::X": value}.  Knows nothing of rules.
 */
#include "guard/guard_priv.h"

#include <math.h>

#define LARGE_MAP 12

struct gv *guard_new(struct sg_arena *a, enum gv_kind kind, const struct gv *origin)
{
	struct gv *v = SG_NEW(a, struct gv);
	if (origin) {
		v->node = origin->node;
		v->up = origin->up;
		v->key = origin->key;
		v->position = origin->position;
	}
	v->kind = kind;
	return v;
}

static void set_scalar(struct gv *v, const struct sg_reading *r)
{
	switch (r->type) {
	case SG_T_NULL:
		v->kind = GV_NULL;
		break;
	case SG_T_BOOL:
		v->kind = GV_BOOL;
		v->boolean = r->boolean;
		break;
	case SG_T_INT:
		v->kind = r->big ? GV_FLOAT : GV_INT;
		if (r->big)
			v->number = r->number;
		else
			v->integer = r->integer;
		break;
	case SG_T_FLOAT:
		v->kind = GV_FLOAT;
		v->number = r->number;
		break;
	default:
		v->kind = GV_STRING;
		v->text = r->text;
	}
}

void guard_set_scalar(struct gv *v, const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml11(n);
	set_scalar(v, &r);
}

struct maker {
	struct sg_arena *arena;
	enum sg_guard_reading reading;
	bool placeless; /* the nodes are of no text that the user wrote */
};

static void make(const struct maker *m, struct gv *v, const struct sg_node *n);

static const struct gv *child(const struct maker *m, const struct sg_node *n, const struct gv *up, struct sg_str key,
			      uint32_t position)
{
	struct gv *v = SG_NEW(m->arena, struct gv);
	v->up = up;
	v->key = key;
	v->position = position;
	make(m, v, n);
	return v;
}

static void make_list(const struct maker *m, struct gv *v, const struct sg_node *n)
{
	const struct gv **items = SG_NEW_ARRAY(m->arena, n->n ? n->n : 1, const struct gv *);
	v->kind = GV_LIST;
	v->n = (uint32_t)n->n;
	v->items = items;
	for (uint32_t i = 0; i < v->n; i++)
		items[i] = child(m, n->items[i], v, (struct sg_str){0}, i);
}

/* The place of an earlier member with this key, or n. */
static uint32_t earlier(const struct gv *v, struct sg_str key)
{
	if (v->index) {
		uintptr_t place = (uintptr_t)sg_map_get(v->index, key);
		return place ? (uint32_t)place - 1 : v->n;
	}
	for (uint32_t i = 0; i < v->n; i++)
		if (sg_str_eq(v->members[i].key, key))
			return i;
	return v->n;
}

static void make_map(const struct maker *m, struct gv *v, const struct sg_node *n)
{
	struct gv_member *members = SG_NEW_ARRAY(m->arena, n->n ? n->n : 1, struct gv_member);
	v->kind = GV_MAP;
	v->members = members;
	v->index = n->n > LARGE_MAP ? sg_map_new(m->arena) : NULL;
	for (size_t i = 0; i < n->n; i++) {
		struct sg_str key = n->members[i].key->text;
		uint32_t at = earlier(v, key);
		members[at] = (struct gv_member){key, m->placeless ? NULL : n->members[i].key,
						 child(m, n->members[i].value, v, key, 0)};
		if (at == v->n)
			v->n++;
		if (v->index)
			sg_map_put(v->index, key, (void *)(uintptr_t)(at + 1));
	}
}

/* {"Fn::X": the value without its tag} */
static void make_intrinsic(const struct maker *m, struct gv *v, const struct sg_node *n, const char *name)
{
	struct gv_member *member = SG_NEW(m->arena, struct gv_member);
	struct sg_node *bare = SG_NEW(m->arena, struct sg_node);
	*bare = *n;
	bare->tag_taken = true;
	if (bare->kind == SG_SCALAR && m->reading == SG_GUARD_VALIDATE && bare->style == SG_PLAIN)
		bare->style = SG_SINGLE; /* what stands behind a tag is a string there */
	struct sg_str key = sg_str(name);
	*member = (struct gv_member){key, NULL, child(m, bare, v, key, 0)};
	v->kind = GV_MAP;
	v->n = 1;
	v->members = member;
}

static const char *no_intrinsic(const struct sg_node *n)
{
	(void)n;
	return NULL;
}

static const struct {
	struct sg_reading (*read)(const struct sg_node *n);
	const char *(*intrinsic)(const struct sg_node *n);
} readers[] = {
	[SG_GUARD_VALIDATE] = {sg_read_guard321, sg_guard321_intrinsic},
	[SG_GUARD_TEST] = {sg_read_guard321_test, sg_guard321_test_intrinsic},
	[SG_GUARD_YAML11] = {sg_read_yaml11, no_intrinsic},
};

static void make(const struct maker *m, struct gv *v, const struct sg_node *n)
{
	v->node = m->placeless ? NULL : n;
	const char *intrinsic = readers[m->reading].intrinsic(n);
	if (intrinsic) {
		make_intrinsic(m, v, n, intrinsic);
	} else if (n->kind == SG_SEQ) {
		make_list(m, v, n);
	} else if (n->kind == SG_MAP) {
		make_map(m, v, n);
	} else {
		struct sg_reading r = readers[m->reading].read(n);
		set_scalar(v, &r);
	}
}

const struct gv *guard_value_of_text(struct sg_arena *a, const struct sg_node *n, const struct gv *origin)
{
	struct maker m = {a, SG_GUARD_TEST, true};
	struct gv *v = guard_new(a, GV_NULL, origin);
	make(&m, v, n);
	v->node = origin->node;
	return v;
}

struct sg_guard_doc *sg_guard_doc(struct sg_arena *a, const struct sg_node *root, enum sg_guard_reading reading)
{
	struct maker m = {a, reading, false};
	struct sg_guard_doc *doc = SG_NEW(a, struct sg_guard_doc);
	doc->reading = reading;
	doc->root = child(&m, root, NULL, (struct sg_str){0}, 0);
	return doc;
}

/* Digits: an integer, however large. */
static bool is_whole(struct sg_str text)
{
	size_t n = 0;
	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	return n == text.n;
}

static bool is_bad_key(const struct sg_node *key)
{
	struct sg_reading r = sg_read_guard321(key);
	if (r.type == SG_T_BOOL)
		return sg_str_is(key->text, "true") || sg_str_is(key->text, "false");
	return r.type == SG_T_NULL || (r.type == SG_T_FLOAT && !is_whole(key->text));
}

#define BAD_KEYS 20

static void find_bad_keys(struct sg_diags *d, const struct sg_node *n, size_t *found)
{
	for (size_t i = 0; n->kind == SG_SEQ && i < n->n; i++)
		find_bad_keys(d, n->items[i], found);
	for (size_t i = 0; n->kind == SG_MAP && i < n->n && *found < BAD_KEYS; i++) {
		const struct sg_node *key = n->members[i].key;
		if (is_bad_key(key)) {
			++*found;
			sg_diag(d, SG_ERROR, sg_node_span(key), "put the key in quotes", "the key %.*s is no string",
				SG_FMT(key->text));
		}
		find_bad_keys(d, n->members[i].value, found);
	}
}

bool sg_guard_doc_readable(struct sg_diags *d, const struct sg_node *root)
{
	size_t found = 0;
	find_bad_keys(d, root, &found);
	return !found;
}

const struct gv *guard_get(const struct gv *map, struct sg_str key)
{
	uint32_t at = earlier(map, key);
	return at < map->n ? map->members[at].value : NULL;
}

/* ------------------------------------------------------------------------------------------------ for people */

#define SHOWN 60

static void describe_text(struct sg_buf *out, struct sg_str text, char quote)
{
	size_t n = text.n;
	if (n > SHOWN)
		for (n = SHOWN; n && ((unsigned char)text.p[n] & 0xc0) == 0x80;)
			n--;
	sg_buf_addc(out, quote);
	sg_buf_str(out, sg_str_sub(text, 0, n));
	if (n < text.n)
		sg_buf_adds(out, "…");
	sg_buf_addc(out, quote);
}

static void describe_range(struct sg_buf *out, const struct gv *v)
{
	const struct gv_range *r = v->range;
	sg_buf_addc(out, r->with_low ? '[' : '(');
	if (v->kind == GV_RANGE_FLOAT)
		sg_buf_addf(out, "%g, %g", r->low, r->high);
	else if (v->kind == GV_RANGE_INT)
		sg_buf_addf(out, "%lld, %lld", (long long)r->from, (long long)r->to);
	else
		sg_buf_addf(out, "U+%04llX, U+%04llX", (long long)r->from, (long long)r->to);
	sg_buf_addc(out, r->with_high ? ']' : ')');
}

static void describe_items(struct sg_buf *out, const struct gv *v)
{
	sg_buf_addc(out, '[');
	for (uint32_t i = 0; i < v->n && i < 5; i++) {
		sg_buf_adds(out, i ? ", " : "");
		if (v->items[i]->kind == GV_LIST)
			sg_buf_adds(out, "a list");
		else
			guard_describe(out, v->items[i]);
	}
	sg_buf_adds(out, v->n > 5 ? ", …]" : "]");
}

void guard_describe(struct sg_buf *out, const struct gv *v)
{
	char character[4];
	switch (v->kind) {
	case GV_NULL:
		sg_buf_adds(out, "null");
		break;
	case GV_BOOL:
		sg_buf_adds(out, v->boolean ? "true" : "false");
		break;
	case GV_INT:
		sg_buf_addf(out, "%lld", (long long)v->integer);
		break;
	case GV_FLOAT:
		sg_buf_addf(out, "%g", v->number);
		break;
	case GV_STRING:
		describe_text(out, v->text, '"');
		break;
	case GV_CHAR:
		describe_text(out, (struct sg_str){character, sg_utf8_encode((uint32_t)v->integer, character)}, '\'');
		break;
	case GV_REGEX:
		describe_text(out, guard_regex_pattern(v->regex), '/');
		break;
	case GV_LIST:
		describe_items(out, v);
		break;
	case GV_MAP:
		if (v->n == 1) {
			sg_buf_addc(out, '{');
			describe_text(out, v->members[0].key, '"');
			sg_buf_adds(out, ": …}");
		} else {
			sg_buf_adds(out, "a map");
		}
		break;
	case GV_LATER:
	case GV_UNKNOWN:
		sg_buf_adds(out, "something unknown");
		break;
	default:
		describe_range(out, v);
	}
}

struct sg_str guard_path(struct sg_arena *a, const struct gv *v)
{
	SG_VEC(const struct gv *) way = {0};
	struct sg_str path = SG_LIT("");
	for (; v && v->up; v = v->up)
		SG_PUSH(a, &way, v);
	while (way.n) {
		const struct gv *step = way.v[--way.n];
		path = step->up->kind == GV_LIST ? sg_pointer_index(a, path, step->position)
						 : sg_pointer_add(a, path, step->key);
	}
	return path;
}

struct sg_str guard_resource(const struct gv *v)
{
	const struct gv *below = NULL, *below2 = NULL;
	for (; v && v->up; v = v->up) {
		below2 = below;
		below = v;
	}
	return below2 && sg_str_is(below->key, "Resources") ? below2->key : (struct sg_str){0};
}
