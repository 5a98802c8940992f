/*
 * The TOML reader: lines of keys and headers into tables, tables into nodes.
 *
 * Theory of operation: a table can be added to from several places of the file, so that tables are collected first and
 * become nodes, which never change, at the end.
 */
#include "toml/toml_priv.h"

#include <string.h>

/* What may still be added to a table follows from how it came to be. */
enum origin {
	IMPLICIT, /* named on the way to another one by a header */
	HEADER,   /* has a header of its own */
	DOTTED,   /* made by a key with dots */
};

struct table {
	struct sg_map *entries; /* struct entry, by key */
	struct sg_span span;
	enum origin origin;
};

/* One of: a value, a table, a list of tables. */
struct entry {
	const struct sg_node *key, *value;
	struct table *table;
	SG_VEC(struct table *) tables;
};

struct path {
	SG_VEC(const struct sg_node *) keys;
};

char sg_toml_peek(const struct sg_toml_reader *r, size_t ahead)
{
	return ahead < r->text.n - r->at ? r->text.p[r->at + ahead] : 0;
}

struct sg_span sg_toml_span(const struct sg_toml_reader *r, size_t start, size_t end)
{
	size_t n = r->text.n;
	return (struct sg_span){r->source, (uint32_t)(start < n ? start : n), (uint32_t)(end < n ? end : n)};
}

void *sg_toml_wrong(struct sg_toml_reader *r, size_t start, size_t end, const char *hint, const char *what)
{
	if (!r->failed)
		sg_diag(r->diags, SG_ERROR, sg_toml_span(r, start, end), hint, "%s", what);
	r->failed = true;
	return NULL;
}

static bool count(struct sg_toml_reader *r)
{
	return ++r->nodes <= SG_TOML_NODES ||
	       sg_toml_wrong(r, r->at, r->at, "split the file", "the document has too many values");
}

struct sg_node *sg_toml_scalar(struct sg_toml_reader *r, struct sg_str text, enum sg_style style, size_t start)
{
	struct sg_node *n = count(r) ? sg_node_scalar(r->arena, text, style, SG_WHY_SOURCE, NULL) : NULL;
	if (n)
		n->span = sg_toml_span(r, start, r->at);
	return n;
}

/* ------------------------------------------------------------------------------------------------ blanks */

static void skip_blanks(struct sg_toml_reader *r)
{
	while (sg_toml_peek(r, 0) == ' ' || sg_toml_peek(r, 0) == '\t')
		r->at++;
}

static void skip_comment(struct sg_toml_reader *r)
{
	if (sg_toml_peek(r, 0) != '#')
		return;
	for (; r->at < r->text.n && !r->failed; r->at++) {
		char c = sg_toml_peek(r, 0);
		if (c == '\n' || (c == '\r' && sg_toml_peek(r, 1) == '\n'))
			return;
		if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f)
			sg_toml_wrong(r, r->at, r->at + 1, NULL, "a control character in a comment");
	}
}

static bool skip_line_end(struct sg_toml_reader *r)
{
	size_t n = sg_toml_peek(r, 0) == '\n' ? 1 : sg_toml_peek(r, 0) == '\r' && sg_toml_peek(r, 1) == '\n' ? 2 : 0;
	r->at += n;
	return n > 0;
}

/* Also line ends and comments, as inside of lists. */
static void skip_white(struct sg_toml_reader *r)
{
	do {
		skip_blanks(r);
		skip_comment(r);
	} while (!r->failed && skip_line_end(r));
}

static void expect_line_end(struct sg_toml_reader *r)
{
	skip_blanks(r);
	skip_comment(r);
	if (!r->failed && r->at < r->text.n && !skip_line_end(r))
		sg_toml_wrong(r, r->at, r->at + 1, NULL, "the line should end here");
}

/* ------------------------------------------------------------------------------------------------ keys */

static bool is_bare(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-';
}

static const struct sg_node *read_key_part(struct sg_toml_reader *r)
{
	size_t start = r->at;
	char c = sg_toml_peek(r, 0);
	if (c == '"' || c == '\'')
		return sg_toml_string(r, false);
	while (is_bare(sg_toml_peek(r, 0)))
		r->at++;
	if (r->at == start)
		return sg_toml_wrong(r, start, start + 1, "letters, digits, _ and -; others in quotes",
				     "a key is missing here");
	return sg_toml_scalar(r, sg_str_sub(r->text, start, r->at - start), SG_DOUBLE, start);
}

static void read_path(struct sg_toml_reader *r, struct path *path)
{
	for (;;) {
		skip_blanks(r);
		const struct sg_node *part = read_key_part(r);
		if (!part)
			return;
		SG_PUSH(r->arena, &path->keys, part);
		skip_blanks(r);
		if (sg_toml_peek(r, 0) != '.')
			return;
		if (path->keys.n == SG_TOML_DEPTH) {
			sg_toml_wrong(r, r->at, r->at + 1, NULL, "the key has too many parts");
			return;
		}
		r->at++;
	}
}

/* ------------------------------------------------------------------------------------------------ tables */

static struct table *new_table(struct sg_toml_reader *r, enum origin origin, struct sg_span span)
{
	struct table *t = SG_NEW(r->arena, struct table);
	*t = (struct table){sg_map_new(r->arena), span, origin};
	return t;
}

static struct entry *new_entry(struct sg_toml_reader *r, struct table *t, const struct sg_node *key)
{
	struct entry *e = SG_NEW(r->arena, struct entry);
	e->key = key;
	sg_map_put(t->entries, key->text, e);
	return e;
}

static void *wrong_key(struct sg_toml_reader *r, const struct sg_node *key, const char *what)
{
	return sg_toml_wrong(r, key->span.start, key->span.end, "each key and each table stands once", what);
}

/* The table below `t` that the way to another one goes through. */
static struct table *enter(struct sg_toml_reader *r, struct table *t, const struct sg_node *key, enum origin origin)
{
	struct entry *e = sg_map_get(t->entries, key->text);
	if (!e) {
		e = new_entry(r, t, key);
		e->table = new_table(r, origin, key->span);
	}
	if (e->tables.n && origin != DOTTED)
		return e->tables.v[e->tables.n - 1];
	if (!e->table)
		return wrong_key(r, key, "this key has a value that is no table");
	if (origin == DOTTED && e->table->origin == HEADER)
		return wrong_key(r, key, "this table has a header of its own: nothing is added to it from here");
	return e->table;
}

static struct table *enter_all(struct sg_toml_reader *r, struct table *t, const struct path *path, enum origin origin)
{
	for (size_t i = 0; t && i + 1 < path->keys.n; i++)
		t = enter(r, t, path->keys.v[i], origin);
	return t;
}

static void put(struct sg_toml_reader *r, struct table *t, const struct path *path, const struct sg_node *value)
{
	const struct sg_node *last = path->keys.v[path->keys.n - 1];
	if (!(t = enter_all(r, t, path, DOTTED)))
		return;
	if (sg_map_get(t->entries, last->text))
		wrong_key(r, last, "this key was there before");
	else
		new_entry(r, t, last)->value = value;
}

static const struct sg_node *node_of(struct sg_toml_reader *r, const struct table *t);

static const struct sg_node *value_of(struct sg_toml_reader *r, const struct entry *e)
{
	if (e->value)
		return e->value;
	if (e->table)
		return node_of(r, e->table);
	const struct sg_node **items = SG_NEW_ARRAY(r->arena, e->tables.n, const struct sg_node *);
	for (size_t i = 0; i < e->tables.n; i++)
		items[i] = node_of(r, e->tables.v[i]);
	struct sg_node *n = sg_node_seq(r->arena, items, e->tables.n, SG_WHY_SOURCE, NULL);
	n->style = SG_BLOCK;
	n->span = e->key->span;
	return n;
}

static const struct sg_node *node_of(struct sg_toml_reader *r, const struct table *t)
{
	size_t n = sg_map_size(t->entries);
	struct sg_member *members = SG_NEW_ARRAY(r->arena, n + 1, struct sg_member);
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = sg_map_value(t->entries, i);
		members[i] = (struct sg_member){e->key, value_of(r, e)};
	}
	struct sg_node *map = sg_node_map(r->arena, members, n, SG_WHY_SOURCE, NULL);
	map->style = SG_BLOCK;
	map->span = t->span;
	return map;
}

/* ------------------------------------------------------------------------------------------------ values */

static const struct sg_node *read_value(struct sg_toml_reader *r);

static void read_pair(struct sg_toml_reader *r, struct table *t)
{
	struct path path = {0};
	read_path(r, &path);
	if (r->failed)
		return;
	if (sg_toml_peek(r, 0) != '=') {
		sg_toml_wrong(r, r->at, r->at + 1, "write key = value", "'=' is missing behind the key");
		return;
	}
	r->at++;
	skip_blanks(r);
	const struct sg_node *value = read_value(r);
	if (value)
		put(r, t, &path, value);
}

static const struct sg_node *read_list(struct sg_toml_reader *r)
{
	SG_VEC(const struct sg_node *) items = {0};
	size_t start = r->at++;
	for (skip_white(r); !r->failed && sg_toml_peek(r, 0) != ']'; skip_white(r)) {
		const struct sg_node *item = read_value(r);
		if (!item)
			return NULL;
		SG_PUSH(r->arena, &items, item);
		skip_white(r);
		if (sg_toml_peek(r, 0) == ',')
			r->at++;
		else if (sg_toml_peek(r, 0) != ']')
			return sg_toml_wrong(r, start, start + 1, NULL, "this list is not closed, or lacks a comma");
	}
	r->at++;
	struct sg_node *n = sg_node_seq(r->arena, items.v, items.n, SG_WHY_SOURCE, NULL);
	n->style = SG_FLOW;
	n->span = sg_toml_span(r, start, r->at);
	return r->failed ? NULL : n;
}

/* {a = 1, b = 2} */
static const struct sg_node *read_inline(struct sg_toml_reader *r)
{
	size_t start = r->at++;
	struct table *t = new_table(r, HEADER, sg_toml_span(r, start, start + 1));
	for (skip_white(r); !r->failed && sg_toml_peek(r, 0) != '}'; skip_white(r)) {
		read_pair(r, t);
		skip_white(r);
		if (sg_toml_peek(r, 0) == ',')
			r->at++;
		else if (sg_toml_peek(r, 0) != '}')
			return sg_toml_wrong(r, start, start + 1, NULL, "this table is not closed, or lacks a comma");
	}
	r->at++;
	t->span = sg_toml_span(r, start, r->at);
	return r->failed ? NULL : node_of(r, t);
}

static const struct sg_node *read_value(struct sg_toml_reader *r)
{
	char c = sg_toml_peek(r, 0);
	if (c == '"' || c == '\'')
		return sg_toml_string(r, true);
	if (c != '[' && c != '{')
		return sg_toml_word(r);
	if (r->depth == SG_TOML_DEPTH)
		return sg_toml_wrong(r, r->at, r->at + 1, NULL, "lists and tables are nested too deeply");
	if (!count(r))
		return NULL;
	r->depth++;
	const struct sg_node *n = c == '[' ? read_list(r) : read_inline(r);
	r->depth--;
	return n;
}

/* ------------------------------------------------------------------------------------------------ headers */

static struct table *define(struct sg_toml_reader *r, struct table *t, const struct sg_node *last, struct sg_span span)
{
	struct entry *e = sg_map_get(t->entries, last->text);
	if (!e) {
		e = new_entry(r, t, last);
		e->table = new_table(r, HEADER, span);
		return e->table;
	}
	if (!e->table || e->table->origin != IMPLICIT)
		return wrong_key(r, last, "this table or key was there before");
	e->table->origin = HEADER;
	e->table->span = span;
	return e->table;
}

static struct table *append(struct sg_toml_reader *r, struct table *t, const struct sg_node *last, struct sg_span span)
{
	struct entry *e = sg_map_get(t->entries, last->text);
	if (!e)
		e = new_entry(r, t, last);
	else if (!e->tables.n)
		return wrong_key(r, last, "this key was there before, and is no list of tables");
	struct table *added = new_table(r, HEADER, span);
	SG_PUSH(r->arena, &e->tables, added);
	return added;
}

/* [a.b] or [[a.b]]: the table that the next lines add to. */
static struct table *read_header(struct sg_toml_reader *r, struct table *top)
{
	size_t start = r->at;
	struct path path = {0};
	bool list = sg_toml_peek(r, 1) == '[';
	r->at += list ? 2 : 1;
	read_path(r, &path);
	if (r->failed)
		return NULL;
	if (sg_toml_peek(r, 0) != ']' || (list && sg_toml_peek(r, 1) != ']'))
		return sg_toml_wrong(r, start, r->at, list ? "write [[name]]" : "write [name]",
				     "the header is not closed");
	r->at += list ? 2 : 1;
	struct table *t = enter_all(r, top, &path, IMPLICIT);
	if (!t || !count(r))
		return NULL;
	return (list ? append : define)(r, t, path.keys.v[path.keys.n - 1], sg_toml_span(r, start, r->at));
}

static const struct sg_node *read_document(struct sg_toml_reader *r)
{
	struct table *top = new_table(r, HEADER, sg_toml_span(r, 0, 0)), *current = top;
	for (skip_white(r); !r->failed && r->at < r->text.n; skip_white(r)) {
		if (sg_toml_peek(r, 0) == '[')
			current = read_header(r, top);
		else
			read_pair(r, current);
		if (!r->failed)
			expect_line_end(r);
	}
	return r->failed ? NULL : node_of(r, top);
}

const struct sg_node *sg_toml_load(struct sg_arena *a, uint32_t source, struct sg_diags *diags)
{
	struct sg_toml_reader r = {.arena = a, .diags = diags, .source = source};
	r.text = sg_source_text(sg_diags_sources(diags), source);
	size_t bad = sg_utf8_invalid_at(r.text);
	if (bad != SIZE_MAX)
		return sg_toml_wrong(&r, bad, bad + 1, "save the file as UTF-8", "this byte is not UTF-8");
	return read_document(&r);
}
