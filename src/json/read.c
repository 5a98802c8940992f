/*
 * The JSON reader: yajl's events into nodes.
 *
 * yajl has no marks, but between two of its tokens there is nothing but white space, ',' and ':', so each token starts
 * at the first other byte behind the one before.  What yajl 2.1 lets through is refused here: surrogate escapes that are no
 * pair (it reads them as '?', and old versions abort), vertical tabs and form feeds as white space, and an unfinished
 * string behind the value.
 */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

const struct sg_json_limits sg_json_limits = {SG_JSON_DEPTH, SG_JSON_NODES};

/* A list or object that is not closed yet. */
struct level {
	bool object;
	uint32_t start;
	const struct sg_node *key; /* of the member whose value comes next */
	SG_VEC(const struct sg_node *) items;
	SG_VEC(struct sg_member) members;
};

struct reader {
	struct sg_arena *arena;
	struct sg_diags *diags;
	struct sg_json_limits limits;
	yajl_handle handle;
	uint32_t source;
	struct sg_str text;
	size_t base; /* of what yajl was given: behind a byte order mark */
	size_t last; /* the end of the token before */
	size_t nodes;
	struct level *levels;
	size_t depth;
	const struct sg_node *root;
	bool at_end; /* yajl has seen the whole text, and no longer says where it is */
	bool told;   /* a diagnostic has been given */
};

static size_t skip(const struct reader *r, size_t at, const char *set)
{
	while (at < r->text.n && r->text.p[at] && strchr(set, r->text.p[at]))
		at++;
	return at;
}

#define WHITE " \t\r\n"

static size_t token_start(const struct reader *r)
{
	return skip(r, r->last, WHITE ",:");
}

static struct sg_span span_at(const struct reader *r, size_t start, size_t end)
{
	return (struct sg_span){r->source, (uint32_t)start, (uint32_t)end};
}

/* Ends the parse from within a callback. */
static int refuse(struct reader *r, size_t start, size_t end, const char *hint, const char *what, size_t limit)
{
	r->told = true;
	sg_diag(r->diags, SG_ERROR, span_at(r, start, end), hint, "%s more than %zu", what, limit);
	return 0;
}

static int put(struct reader *r, struct sg_node *n, size_t start, size_t end)
{
	n->span = span_at(r, start, end);
	r->last = end;
	struct level *level = r->depth ? &r->levels[r->depth - 1] : NULL;
	if (!level) {
		r->root = n;
	} else if (level->object) {
		SG_PUSH(r->arena, &level->members, ((struct sg_member){level->key, n}));
	} else {
		SG_PUSH(r->arena, &level->items, n);
	}
	return 1;
}

static bool count(struct reader *r, size_t start)
{
	if (++r->nodes > r->limits.nodes)
		return refuse(r, start, start + 1, "split the file", "the document has values:", r->limits.nodes);
	return true;
}

static int scalar(struct reader *r, struct sg_str text, enum sg_style style, size_t start, size_t end)
{
	struct sg_str copy = style == SG_JSON_WORD ? text : sg_str_dup(r->arena, text);
	return count(r, start) && put(r, sg_node_scalar(r->arena, copy, style, SG_WHY_SOURCE, NULL), start, end);
}

static int word(struct reader *r, size_t length)
{
	size_t start = token_start(r);
	return scalar(r, sg_str_sub(r->text, start, length), SG_JSON_WORD, start, start + length);
}

static int on_null(void *ctx)
{
	return word(ctx, 4);
}

static int on_boolean(void *ctx, int value)
{
	return word(ctx, value ? 4 : 5);
}

static int on_number(void *ctx, const char *text, size_t n)
{
	(void)text;
	return word(ctx, n);
}

static size_t consumed(const struct reader *r)
{
	return r->base + yajl_get_bytes_consumed(r->handle);
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
	struct reader *r = ctx;
	return scalar(r, (struct sg_str){(const char *)p, n}, SG_JSON_STRING, token_start(r), consumed(r));
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
	struct reader *r = ctx;
	struct sg_node *key = sg_node_scalar(r->arena, sg_str_dup(r->arena, (struct sg_str){(const char *)p, n}),
					     SG_JSON_STRING, SG_WHY_SOURCE, NULL);
	key->span = span_at(r, token_start(r), consumed(r));
	r->last = key->span.end;
	r->levels[r->depth - 1].key = key;
	return 1;
}

static int open_level(struct reader *r, bool object)
{
	size_t start = token_start(r);
	if (r->depth >= r->limits.depth)
		return refuse(r, start, start + 1, NULL, "lists and objects are nested", r->limits.depth);
	if (!count(r, start))
		return 0;
	r->levels[r->depth++] = (struct level){.object = object, .start = (uint32_t)start};
	r->last = start + 1;
	return 1;
}

static int on_object(void *ctx)
{
	return open_level(ctx, true);
}

static int on_array(void *ctx)
{
	return open_level(ctx, false);
}

static int on_end(void *ctx)
{
	struct reader *r = ctx;
	const struct level *level = &r->levels[--r->depth];
	struct sg_node *n = level->object
				    ? sg_node_map(r->arena, level->members.v, level->members.n, SG_WHY_SOURCE, NULL)
				    : sg_node_seq(r->arena, level->items.v, level->items.n, SG_WHY_SOURCE, NULL);
	n->style = SG_FLOW;
	return put(r, n, level->start, token_start(r) + 1);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

/* ------------------------------------------------------------------------------------------------ what is wrong */

static bool complain(struct reader *r, size_t start, size_t end, const char *hint, const char *message)
{
	if (!r->told)
		sg_diag(r->diags, SG_ERROR, span_at(r, start, end), hint, "%s", message);
	r->told = true;
	return false;
}

static int hex4(struct sg_str s, size_t at)
{
	int value = 0;
	for (size_t i = at; i < at + 4; i++) {
		char c = i < s.n ? s.p[i] : 'x';
		int digit = c >= '0' && c <= '9'                 ? c - '0'
			    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
								 : -1;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* The length of the escape at the backslash `at`, or 0 where it is half of a surrogate pair.  What is no escape at
 * all counts as one byte more: yajl will refuse it. */
static size_t escape_length(struct sg_str s, size_t at)
{
	if (at + 1 >= s.n || s.p[at + 1] != 'u')
		return 2;
	int first = hex4(s, at + 2);
	if (first < 0xd800 || first > 0xdfff)
		return 2;
	bool pair = first < 0xdc00 && at + 7 < s.n && s.p[at + 6] == '\\' && s.p[at + 7] == 'u';
	int second = pair ? hex4(s, at + 8) : 0;
	return second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

static bool is_stray_control(char c)
{
	return (unsigned char)c < 0x20 && !strchr(WHITE, c ? c : 'x');
}

/* Within strings the escapes, outside of them the white space. */
static bool check_bytes(struct reader *r)
{
	bool inside = false;
	for (size_t at = r->base; at < r->text.n;) {
		char c = r->text.p[at];
		size_t step = 1;
		if (c == '"')
			inside = !inside;
		else if (c == '\\' && inside)
			step = escape_length(r->text, at);
		else if (!inside && is_stray_control(c))
			return complain(r, at, at + 1, NULL,
					"this is not JSON: a control character that is no white space");
		if (!step)
			return complain(r, at, at + 6, "write both halves, or the character itself",
					"half of a surrogate pair is no character");
		at += step;
	}
	return true;
}

static bool check_text(struct reader *r)
{
	size_t bad = sg_utf8_invalid_at(r->text);
	if (bad != SIZE_MAX)
		return complain(r, bad, bad + 1, "save the file as UTF-8", "this byte is not UTF-8");
	r->base = r->last = sg_str_starts(r->text, "\xef\xbb\xbf") ? 3 : 0;
	if (skip(r, r->base, WHITE) == r->text.n)
		return complain(r, r->text.n, r->text.n, NULL, "there is no JSON in it: the text is empty");
	return check_bytes(r);
}

static bool complain_about_end(struct reader *r)
{
	size_t start = token_start(r);
	if (start < r->text.n)
		return complain(r, start, start + 1, NULL,
				r->text.p[start] == '"' ? "this string has no end" : "this is not JSON: half a word");
	if (!r->depth)
		return complain(r, r->text.n, r->text.n, NULL, "the text ends too early");
	const struct level *open = &r->levels[r->depth - 1];
	return complain(r, open->start, open->start + 1, NULL,
			open->object ? "this object has no '}'" : "this list has no ']'");
}

/* What people write who think of JavaScript, Python or YAML. */
static const char *hint_for(const struct reader *r, size_t at)
{
	static const struct {
		const char *word, *hint;
	} hints[] = {
		{"'", "JSON's strings stand in double quotes"},
		{"//", "JSON has no comments"},
		{"/*", "JSON has no comments"},
		{"#", "JSON has no comments"},
		{"True", "JSON writes true"},
		{"False", "JSON writes false"},
		{"None", "JSON writes null"},
		{"NaN", "JSON has no such number"},
		{"Infinity", "JSON has no such number"},
		{"-Infinity", "JSON has no such number"},
		{"\\", "strings stand in double quotes"},
	};
	struct sg_str rest = sg_str_sub(r->text, at, 16);
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (sg_str_starts(rest, hints[i].word))
			return hints[i].hint;
	size_t comma = skip(r, r->last, WHITE);
	if ((sg_str_starts(rest, "}") || sg_str_starts(rest, "]")) && comma < at && r->text.p[comma] == ',')
		return "JSON allows no comma before it";
	return NULL;
}

/* yajl's words without its "parse error: " in front and the line feed behind. */
static struct sg_str words_of(const struct reader *r)
{
	unsigned char *error =
		yajl_get_error(r->handle, 0, (const unsigned char *)r->text.p + r->base, r->text.n - r->base);
	struct sg_str words = sg_str_trim(sg_str((const char *)error));
	size_t colon = sg_str_find(words, "error: ", 0);
	if (colon != SIZE_MAX)
		words = sg_str_sub(words, colon + 7, words.n);
	words = sg_str_dup(r->arena, words);
	yajl_free_error(r->handle, error);
	return words;
}

static bool complain_about_token(struct reader *r)
{
	struct sg_str words = words_of(r);
	if (r->at_end || sg_str_is(words, "premature EOF"))
		return complain_about_end(r);
	size_t start = token_start(r), end = consumed(r);
	bool in_string = start < r->text.n && r->text.p[start] == '"' && end > start + 1;
	bool at_separator = start >= end && end > r->last && strchr(",:", r->text.p[end - 1]);
	if (in_string)
		start = end; /* yajl puts back what it did not like in a string */
	else if (at_separator)
		start = end - 1;
	return complain(r, start, end > start ? end : start + 1, hint_for(r, start),
			sg_strf(r->arena, "this is not JSON: %.*s", SG_FMT(words)).p);
}

/* ------------------------------------------------------------------------------------------------ the parse */

static void *allocate(void *ctx, size_t n)
{
	(void)ctx;
	void *p = malloc(n);
	if (!p && n)
		sg_oom();
	return p;
}

static void *reallocate(void *ctx, void *old, size_t n)
{
	(void)ctx;
	void *p = realloc(old, n);
	if (!p && n)
		sg_oom();
	return p;
}

static void release(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static bool parse(struct reader *r)
{
	yajl_alloc_funcs functions = {allocate, reallocate, release, NULL};
	r->handle = yajl_alloc(&callbacks, &functions, r);
	if (!r->handle)
		sg_oom();
	yajl_status status = yajl_parse(r->handle, (const unsigned char *)r->text.p + r->base, r->text.n - r->base);
	if (status == yajl_status_ok) {
		r->at_end = true;
		status = yajl_complete_parse(r->handle); /* a number at the very end comes only now */
	}
	bool ok = status == yajl_status_ok || complain_about_token(r);
	yajl_free(r->handle);
	if (!ok || !r->root)
		return false;
	size_t rest = skip(r, r->last, WHITE);
	return rest == r->text.n || complain(r, rest, rest + 1, NULL, "this is not JSON: trailing garbage");
}

const struct sg_node *sg_json_load(struct sg_arena *a, uint32_t source, const struct sg_json_limits *limits,
				   struct sg_diags *diags)
{
	struct reader r = {.arena = a, .diags = diags, .source = source, .limits = limits ? *limits : sg_json_limits};
	r.text = sg_source_text(sg_diags_sources(diags), source);
	if (!check_text(&r))
		return NULL;
	r.levels = SG_NEW_ARRAY(a, r.limits.depth + 1, struct level);
	return parse(&r) ? r.root : NULL;
}
