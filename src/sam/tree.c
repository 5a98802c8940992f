/*
 * Values that can be changed: read from nodes, written back as nodes.  A value that was not touched becomes the node it
 * was read from, with its spans and its style.  It must not know what SAM is.
 */
#include "sam/sam_priv.h"

#include <string.h>

enum { INDEX_FROM = 24 }; /* members from which a map gets an index */

static struct val *new_val(struct sam *s, enum sg_type type, const struct sg_node *node)
{
	struct val *v = SG_NEW(s->arena, struct val);
	v->type = type;
	v->node = node;
	return v;
}

static struct val *made_scalar(struct sam *s, enum sg_type type, const struct sg_node *from, struct sg_str text)
{
	struct val *v = new_val(s, type, from);
	v->made = true;
	v->text = text;
	return v;
}

struct val *val_str(struct sam *s, const struct sg_node *from, struct sg_str text)
{
	return made_scalar(s, SG_T_STRING, from, text);
}

struct val *val_text(struct sam *s, const struct sg_node *from, const char *text)
{
	return val_str(s, from, sg_str(text));
}

struct val *val_bool(struct sam *s, const struct sg_node *from, bool b)
{
	struct val *v = made_scalar(s, SG_T_BOOL, from, b ? SG_LIT("true") : SG_LIT("false"));
	v->boolean = b;
	return v;
}

struct val *val_null(struct sam *s, const struct sg_node *from)
{
	return made_scalar(s, SG_T_NULL, from, SG_LIT("null"));
}

struct val *val_int(struct sam *s, const struct sg_node *from, int64_t i)
{
	struct val *v = made_scalar(s, SG_T_INT, from, sg_strf(s->arena, "%lld", (long long)i));
	v->integer = i;
	return v;
}

struct val *val_map(struct sam *s, const struct sg_node *from)
{
	return new_val(s, SG_T_MAP, from);
}

struct val *val_list(struct sam *s, const struct sg_node *from)
{
	return new_val(s, SG_T_LIST, from);
}

/* ------------------------------------------------------------------------------------------------ members */

bool is_map(const struct val *v)
{
	return v && v->type == SG_T_MAP;
}

bool is_list(const struct val *v)
{
	return v && v->type == SG_T_LIST;
}

bool is_str(const struct val *v)
{
	return v && v->type == SG_T_STRING;
}

bool is_bool(const struct val *v)
{
	return v && v->type == SG_T_BOOL;
}

bool is_int(const struct val *v)
{
	return v && (v->type == SG_T_INT || v->type == SG_T_BOOL);
}

bool is(const struct val *v, const char *text)
{
	return is_str(v) && sg_str_is(v->text, text);
}

bool is_true(const struct val *v)
{
	return is_bool(v) && v->boolean;
}

static struct entry *find(const struct val *map, struct sg_str key)
{
	if (!is_map(map))
		return NULL;
	if (map->index) {
		size_t i = (size_t)(uintptr_t)sg_map_get(map->index, key);
		return i ? &map->entries[i - 1] : NULL;
	}
	for (size_t i = 0; i < map->n; i++)
		if (map->entries[i].key.n == key.n && !memcmp(map->entries[i].key.p, key.p, key.n))
			return &map->entries[i];
	return NULL;
}

static void reindex(struct sam *s, struct val *map)
{
	map->index = sg_map_new(s->arena);
	for (size_t i = 0; i < map->n; i++)
		sg_map_put(map->index, map->entries[i].key, (void *)(uintptr_t)(i + 1)); /* NOLINT: an index, from 1 */
}

struct val *get_str(const struct val *map, struct sg_str key)
{
	struct entry *e = find(map, key);
	return e && e->value->type != SG_T_NULL ? e->value : NULL;
}

struct val *get(const struct val *map, const char *key)
{
	return get_str(map, sg_str(key));
}

struct val *raw(const struct val *map, const char *key)
{
	struct entry *e = find(map, sg_str(key));
	return e ? e->value : NULL;
}

bool has_str(const struct val *map, struct sg_str key)
{
	return find(map, key) != NULL;
}

bool has(const struct val *map, const char *key)
{
	return has_str(map, sg_str(key));
}

struct val *get_path(const struct val *map, const char *dotted)
{
	struct sg_str rest = sg_str(dotted);
	struct val *v = NULL;
	for (;;) {
		size_t dot = sg_str_find(rest, ".", 0);
		v = get_str(map, sg_str_sub(rest, 0, dot));
		if (!v || dot == SIZE_MAX)
			return v;
		map = v;
		rest = sg_str_sub(rest, dot + 1, SIZE_MAX);
	}
}

void set_key(struct sam *s, struct val *map, struct sg_str key, const struct sg_node *key_node, struct val *v)
{
	if (!v)
		return;
	if (map->type != SG_T_MAP)
		sam_fail(s, s->current, map, "a map was expected here");
	struct entry *old = find(map, key);
	if (old) {
		old->value = v;
		return;
	}
	if (map->n == map->cap)
		map->entries = sg_grow(s->arena, map->entries, &map->cap, sizeof(*map->entries));
	map->entries[map->n++] = (struct entry){key, key_node, v};
	if (map->index)
		sg_map_put(map->index, key, (void *)(uintptr_t)map->n); /* NOLINT: an index, from 1 */
	else if (map->n >= INDEX_FROM)
		reindex(s, map);
}

void set(struct sam *s, struct val *map, const char *key, struct val *v)
{
	set_key(s, map, sg_str(key), NULL, v);
}

void del(struct val *map, struct sg_str key)
{
	struct entry *e = find(map, key);
	if (!e)
		return;
	size_t at = (size_t)(e - map->entries);
	memmove(e, e + 1, (map->n - at - 1) * sizeof(*e));
	map->n--;
	if (map->index) { /* what follows has moved: look there again only when it is needed */
		map->index = NULL;
	}
}

void push(struct sam *s, struct val *list, struct val *v)
{
	if (!v)
		return;
	if (list->type != SG_T_LIST)
		sam_fail(s, s->current, list, "a list was expected here");
	if (list->n == list->cap)
		list->items = sg_grow(s->arena, list->items, &list->cap, sizeof(*list->items));
	list->items[list->n++] = v;
}

void append(struct sam *s, struct val *list, const struct val *more)
{
	for (size_t i = 0; is_list(more) && i < more->n; i++)
		push(s, list, more->items[i]);
}

/* ------------------------------------------------------------------------------------------------ comparing */

bool truthy(const struct val *v)
{
	if (!v || v->type == SG_T_NULL)
		return false;
	switch (v->type) {
	case SG_T_BOOL:
		return v->boolean;
	case SG_T_INT:
		return v->integer != 0 || v->text.n > 18;
	case SG_T_STRING:
		return v->text.n != 0;
	case SG_T_LIST:
	case SG_T_MAP:
		return v->n != 0;
	default:
		return true;
	}
}

static bool equal_maps(const struct val *a, const struct val *b)
{
	for (size_t i = 0; i < a->n; i++) {
		struct entry *other = find(b, a->entries[i].key);
		if (!other || !equal(a->entries[i].value, other->value))
			return false;
	}
	return true;
}

bool equal(const struct val *a, const struct val *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->type != b->type)
		return false;
	if (a->type == SG_T_MAP)
		return a->n == b->n && equal_maps(a, b);
	if (a->type == SG_T_LIST) {
		for (size_t i = 0; a->n == b->n && i < a->n; i++)
			if (!equal(a->items[i], b->items[i]))
				return false;
		return a->n == b->n;
	}
	return a->boolean == b->boolean && a->integer == b->integer && sg_str_eq(a->text, b->text);
}

bool contains(const struct val *list, const struct val *v)
{
	for (size_t i = 0; is_list(list) && i < list->n; i++)
		if (equal(list->items[i], v))
			return true;
	return false;
}

bool is_one_of(const struct val *v, const char *const *words)
{
	for (; *words; words++)
		if (is(v, *words))
			return true;
	return false;
}

const char *cstr(struct sam *s, const struct val *v)
{
	return is_str(v) ? sg_cstr(s->arena, v->text) : "";
}

/* ------------------------------------------------------------------------------------------------ intrinsics */

bool is_intrinsic(const struct val *v)
{
	if (!is_map(v) || v->n != 1)
		return false;
	struct sg_str key = v->entries[0].key;
	return sg_str_is(key, "Ref") || sg_str_is(key, "Condition") || sg_str_starts(key, "Fn::");
}

bool is_fn(const struct val *v, const char *name)
{
	return is_map(v) && v->n == 1 && sg_str_is(v->entries[0].key, name);
}

bool is_no_value(const struct val *v)
{
	return is_fn(v, "Ref") && is(v->entries[0].value, "AWS::NoValue");
}

struct sg_str logical_id_of(const struct val *v)
{
	const struct val *ref = is_intrinsic(v) ? get(v, "Ref") : NULL;
	if (is_str(ref))
		return ref->text;
	const struct val *att = is_intrinsic(v) ? get(v, "Fn::GetAtt") : NULL;
	if (is_list(att) && att->n == 2 && is_str(att->items[0]))
		return att->items[0]->text;
	return SG_LIT("");
}

/* ------------------------------------------------------------------------------------------------ reading */

static struct val *read_scalar(struct sam *s, const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml11(n);
	struct val *v = new_val(s, r.type, n);
	v->text = r.text;
	v->boolean = r.boolean;
	v->integer = r.integer;
	if (r.type == SG_T_BAD) {
		v->type = SG_T_STRING;
		v->text = n->text;
	}
	return v;
}

struct val *val_read(struct sam *s, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR)
		return read_scalar(s, n);
	struct val *v = new_val(s, n->kind == SG_SEQ ? SG_T_LIST : SG_T_MAP, n);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == SG_SEQ)
			push(s, v, val_read(s, n->items[i]));
		else
			set_key(s, v, n->members[i].key->text, n->members[i].key, val_read(s, n->members[i].value));
	}
	return v;
}

/* ------------------------------------------------------------------------------------------------ copying */

struct val *val_shallow(struct sam *s, const struct val *v)
{
	struct val *copy = SG_NEW(s->arena, struct val);
	*copy = *v;
	copy->index = NULL;
	copy->cap = v->n;
	if (v->type == SG_T_LIST && v->n) {
		copy->items = SG_NEW_ARRAY(s->arena, v->n, struct val *);
		memcpy(copy->items, v->items, v->n * sizeof(*v->items));
	} else if (v->type == SG_T_MAP && v->n) {
		copy->entries = SG_NEW_ARRAY(s->arena, v->n, struct entry);
		memcpy(copy->entries, v->entries, v->n * sizeof(*v->entries));
	}
	return copy;
}

struct val *val_copy(struct sam *s, const struct val *v)
{
	struct val *copy = val_shallow(s, v);
	for (size_t i = 0; v->type == SG_T_LIST && i < v->n; i++)
		copy->items[i] = val_copy(s, v->items[i]);
	for (size_t i = 0; v->type == SG_T_MAP && i < v->n; i++)
		copy->entries[i].value = val_copy(s, v->entries[i].value);
	return copy;
}

/* ------------------------------------------------------------------------------------------------ writing */

static const struct sg_node *write_list(struct sam *s, struct val *v)
{
	const struct sg_node **items = SG_NEW_ARRAY(s->arena, v->n + 1, const struct sg_node *);
	bool same = v->node->kind == SG_SEQ && v->node->n == v->n;
	for (size_t i = 0; i < v->n; i++) {
		items[i] = val_write(s, v->items[i]);
		same = same && items[i] == v->node->items[i];
	}
	return same ? v->node : sg_node_seq(s->arena, items, v->n, SG_WHY_SAM, v->node);
}

static const struct sg_node *write_map(struct sam *s, struct val *v)
{
	struct sg_member *members = SG_NEW_ARRAY(s->arena, v->n + 1, struct sg_member);
	bool same = v->node->kind == SG_MAP && v->node->n == v->n;
	for (size_t i = 0; i < v->n; i++) {
		const struct entry *e = &v->entries[i];
		members[i].value = val_write(s, e->value);
		members[i].key = e->key_node ? e->key_node
					     : sg_node_scalar(s->arena, e->key, SG_DOUBLE, SG_WHY_SAM, e->value->node);
		same = same && members[i].key == v->node->members[i].key &&
		       members[i].value == v->node->members[i].value;
	}
	return same ? v->node : sg_node_map(s->arena, members, v->n, SG_WHY_SAM, v->node);
}

const struct sg_node *val_write(struct sam *s, struct val *v)
{
	if (v->type == SG_T_LIST)
		return write_list(s, v);
	if (v->type == SG_T_MAP)
		return write_map(s, v);
	if (!v->made)
		return v->node;
	return sg_node_scalar(s->arena, v->text, v->type == SG_T_STRING ? SG_DOUBLE : SG_PLAIN, SG_WHY_SAM, v->node);
}
