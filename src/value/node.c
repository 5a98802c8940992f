/*
 * Making nodes and looking into them.  It knows nothing of types: what a scalar means is read.c's.
 */
#include "value/value.h"

/* Members beyond which a mapper keeps an index, so that building a large map stays linear. */
#define INDEX_FROM 16

_Static_assert(sizeof(void *) != 8 || sizeof(struct sg_node) == 64, "a node is as small as value.h says");

static uint32_t add_weight(uint32_t a, uint32_t b)
{
	uint32_t sum;
	return __builtin_add_overflow(a, b, &sum) ? UINT32_MAX : sum;
}

/* No text has as many: each takes a byte of a source, which is smaller. */
static uint32_t counted(size_t n)
{
	SG_ASSERT(n <= UINT32_MAX);
	return (uint32_t)n;
}

static struct sg_node *node_new(struct sg_arena *a, enum sg_kind kind, enum sg_style style, enum sg_why why,
				const struct sg_node *from)
{
	struct sg_node *n = SG_NEW(a, struct sg_node);
	n->kind = kind;
	n->style = style;
	n->why = why;
	n->from = from;
	n->span = sg_node_span(from);
	n->weight = 1;
	return n;
}

struct sg_node *sg_node_scalar(struct sg_arena *a, struct sg_str text, enum sg_style style, enum sg_why why,
			       const struct sg_node *from)
{
	struct sg_node *n = node_new(a, SG_SCALAR, style, why, from);
	n->text = text;
	return n;
}

struct sg_node *sg_node_seq(struct sg_arena *a, const struct sg_node **items, size_t count, enum sg_why why,
			    const struct sg_node *from)
{
	struct sg_node *n = node_new(a, SG_SEQ, SG_BLOCK, why, from);
	n->items = items;
	n->n = counted(count);
	for (size_t i = 0; i < count; i++)
		n->weight = add_weight(n->weight, items[i]->weight);
	return n;
}

struct sg_node *sg_node_map(struct sg_arena *a, const struct sg_member *members, size_t count, enum sg_why why,
			    const struct sg_node *from)
{
	struct sg_node *n = node_new(a, SG_MAP, SG_BLOCK, why, from);
	n->members = members;
	n->n = counted(count);
	for (size_t i = 0; i < count; i++)
		n->weight = add_weight(n->weight, add_weight(members[i].key->weight, members[i].value->weight));
	return n;
}

struct sg_node *sg_node_single(struct sg_arena *a, const char *key, const struct sg_node *value)
{
	struct sg_member *m = SG_NEW(a, struct sg_member);
	struct sg_node *k = sg_node_scalar(a, sg_str_dup(a, sg_str(key)), SG_SINGLE, value->why, NULL);
	k->span = value->span;
	m->key = k;
	m->value = value;
	struct sg_node *n = sg_node_map(a, m, 1, value->why, value->from);
	n->span = value->span;
	return n;
}

struct sg_node *sg_node_alias(struct sg_arena *a, const struct sg_node *anchored, struct sg_span at)
{
	struct sg_node *n = SG_NEW(a, struct sg_node);
	*n = *anchored;
	n->why = SG_WHY_ALIAS;
	n->from = anchored;
	n->span = at;
	sg_node_set_tag(a, n, sg_node_tag(anchored), (struct sg_span){0, 0, 0});
	return n;
}

void sg_node_set_tag(struct sg_arena *a, struct sg_node *n, struct sg_str text, struct sg_span span)
{
	struct sg_tag *tag = text.n ? SG_NEW(a, struct sg_tag) : NULL;
	if (tag)
		*tag = (struct sg_tag){text, span};
	n->tag = tag;
}

struct sg_str sg_node_tag(const struct sg_node *n)
{
	return n->tag && !n->tag_taken ? n->tag->text : (struct sg_str){0};
}

struct sg_span sg_node_tag_span(const struct sg_node *n)
{
	return n->tag ? n->tag->span : (struct sg_span){0};
}

/* ---------------------------------------------------------------------------------------------- mapper */

static void *to_slot(size_t i)
{
	return (void *)(uintptr_t)(i + 1);
}

static bool same_key(const struct sg_node *a, const struct sg_node *b)
{
	return a->kind == SG_SCALAR && b->kind == SG_SCALAR && sg_str_eq(a->text, b->text);
}

static void index_all(struct sg_mapper *m)
{
	m->index = sg_map_new(m->arena);
	for (size_t i = 0; i < m->members.n; i++)
		if (m->members.v[i].key->kind == SG_SCALAR)
			sg_map_put(m->index, m->members.v[i].key->text, to_slot(i));
}

/* The index of the member with this key, or the number of members. */
static size_t mapper_find(struct sg_mapper *m, const struct sg_node *key)
{
	size_t i = 0, n = m->members.n;
	if (key->kind != SG_SCALAR)
		return n;
	if (n < INDEX_FROM) {
		while (i < n && !same_key(m->members.v[i].key, key))
			i++;
		return i;
	}
	if (!m->index)
		index_all(m);
	uintptr_t slot = (uintptr_t)sg_map_get(m->index, key->text);
	return slot ? slot - 1 : n;
}

void sg_mapper_put(struct sg_mapper *m, const struct sg_node *key, const struct sg_node *value)
{
	struct sg_member member = {key, value};
	size_t at = mapper_find(m, key);
	if (at < m->members.n) {
		m->members.v[at] = member;
		return;
	}
	SG_PUSH(m->arena, &m->members, member);
	if (m->index && key->kind == SG_SCALAR)
		sg_map_put(m->index, key->text, to_slot(at));
}

void sg_mapper_put_str(struct sg_mapper *m, const char *key, const struct sg_node *value)
{
	struct sg_node *k = sg_node_scalar(m->arena, sg_str_dup(m->arena, sg_str(key)), SG_SINGLE, value->why, NULL);
	k->span = value->span;
	sg_mapper_put(m, k, value);
}

struct sg_node *sg_mapper_done(struct sg_mapper *m, enum sg_why why, const struct sg_node *from)
{
	return sg_node_map(m->arena, m->members.v, m->members.n, why, from);
}

/* ---------------------------------------------------------------------------------------------- looking */

static const struct sg_member *find_member(const struct sg_node *map, struct sg_str key)
{
	if (!map || map->kind != SG_MAP)
		return NULL;
	for (size_t i = map->n; i-- > 0;) {
		const struct sg_member *m = &map->members[i];
		if (m->key->kind == SG_SCALAR && sg_str_eq(m->key->text, key))
			return m;
	}
	return NULL;
}

const struct sg_node *sg_node_get_str(const struct sg_node *map, struct sg_str key)
{
	const struct sg_member *m = find_member(map, key);
	return m ? m->value : NULL;
}

const struct sg_node *sg_node_get(const struct sg_node *map, const char *key)
{
	return sg_node_get_str(map, sg_str(key));
}

const struct sg_node *sg_node_key(const struct sg_node *map, const char *key)
{
	const struct sg_member *m = find_member(map, sg_str(key));
	return m ? m->key : NULL;
}

bool sg_node_is(const struct sg_node *scalar, const char *text)
{
	return scalar && scalar->kind == SG_SCALAR && sg_str_is(scalar->text, text);
}

struct sg_span sg_node_span(const struct sg_node *n)
{
	return n ? n->span : (struct sg_span){0, 0, 0};
}

struct sg_str sg_pointer_add(struct sg_arena *a, struct sg_str base, struct sg_str segment)
{
	struct sg_buf b = {0};
	sg_buf_str(&b, base);
	sg_buf_addc(&b, '/');
	for (size_t i = 0; i < segment.n; i++) {
		if (segment.p[i] == '~')
			sg_buf_adds(&b, "~0");
		else if (segment.p[i] == '/')
			sg_buf_adds(&b, "~1");
		else
			sg_buf_addc(&b, segment.p[i]);
	}
	return sg_buf_take(&b, a);
}

struct sg_str sg_pointer_index(struct sg_arena *a, struct sg_str base, size_t index)
{
	return sg_strf(a, "%.*s/%zu", SG_FMT(base), index);
}
