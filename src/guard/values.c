/*
 * Literals of a rule file: strings, numbers, regular expressions, ranges, lists, maps.  The order in which kinds are
 * tried is the language's (3.2.1): null before strings, floats before integers, ranges before lists.
 */
#include "guard/guard_priv.h"

#include <stdint.h>
#include <string.h>

static struct gv *new_value(struct parser *p, enum gv_kind kind)
{
	struct gv *v = SG_NEW(p->arena, struct gv);
	v->kind = kind;
	return v;
}

struct word {
	const char *text;
	enum gv_kind kind;
	bool value;
};

static enum parsed parse_word(struct parser *p, const struct word *words, const struct gv **out)
{
	for (const struct word *w = words; w->text; w++)
		if (guard_keyword(p, w->text)) {
			struct gv *v = new_value(p, w->kind);
			v->boolean = w->value;
			*out = v;
			return P_OK;
		}
	return P_NO;
}

static enum parsed parse_null(struct parser *p, const struct gv **out)
{
	static const struct word words[] = {
		{"null", GV_NULL, false}, {"NULL", GV_NULL, false}, {"Null", GV_NULL, false}, {NULL, GV_NULL, false}};
	return parse_word(p, words, out);
}

static enum parsed parse_bool(struct parser *p, const struct gv **out)
{
	static const struct word words[] = {{"true", GV_BOOL, true},   {"True", GV_BOOL, true},
					    {"TRUE", GV_BOOL, true},   {"false", GV_BOOL, false},
					    {"False", GV_BOOL, false}, {"FALSE", GV_BOOL, false},
					    {NULL, GV_BOOL, false}};
	return parse_word(p, words, out);
}

static enum parsed parse_string(struct parser *p, const struct gv **out)
{
	struct sg_str text;
	enum parsed said = guard_string(p, &text);
	if (said != P_OK)
		return said;
	struct gv *v = new_value(p, GV_STRING);
	v->text = text;
	*out = v;
	return P_OK;
}

static enum parsed parse_float(struct parser *p, const struct gv **out)
{
	double number;
	if (!guard_float(p, &number))
		return P_NO;
	struct gv *v = new_value(p, GV_FLOAT);
	v->number = number;
	*out = v;
	return P_OK;
}

static enum parsed parse_int(struct parser *p, const struct gv **out)
{
	int64_t integer;
	if (!guard_integer(p, &integer))
		return P_NO;
	struct gv *v = new_value(p, GV_INT);
	v->integer = integer;
	*out = v;
	return P_OK;
}

/* ------------------------------------------------------------------------------------------------ regex */

/* Up to the slash that ends it, which stays; \/ is a slash. */
static bool regex_text(struct parser *p, struct sg_buf *out)
{
	for (;;) {
		const char *from = p->text.p + p->at, *end = memchr(from, '/', p->text.n - p->at);
		if (!end || end == from)
			return false;
		size_t n = (size_t)(end - from);
		p->at += (uint32_t)n;
		if (end[-1] != '\\') {
			sg_buf_add(out, from, n);
			return true;
		}
		sg_buf_add(out, from, n - 1);
		sg_buf_addc(out, '/');
		p->at++;
	}
}

static enum parsed parse_regex(struct parser *p, const struct gv **out)
{
	uint32_t start = p->at;
	if (!guard_char(p, '/'))
		return P_NO;
	struct sg_buf text = {0};
	bool ended = regex_text(p, &text);
	struct sg_str pattern = sg_buf_take(&text, p->arena), why = {0};
	struct guard_regex *regex = ended ? guard_regex(p->regexes, pattern, &why) : NULL;
	if (!regex || !guard_char(p, '/')) {
		if (ended) {
			p->regex_why = why;
			p->regex_span = (struct sg_span){p->source, start, p->at + 1};
		}
		p->at = start;
		return P_NO;
	}
	struct gv *v = new_value(p, GV_REGEX);
	v->regex = regex;
	*out = v;
	return P_OK;
}

/* ------------------------------------------------------------------------------------------------ ranges */

/* Any one character is a bound, too. */
static enum parsed parse_bound(struct parser *p, const struct gv **out)
{
	guard_blanks(p);
	if (parse_float(p, out) != P_OK && parse_int(p, out) != P_OK) {
		uint32_t cp;
		size_t n = sg_utf8_decode(sg_str_sub(p->text, p->at, SIZE_MAX), &cp);
		if (!n)
			return P_NO;
		p->at += (uint32_t)n;
		struct gv *v = new_value(p, GV_CHAR);
		v->integer = cp;
		*out = v;
	}
	guard_blanks(p);
	return P_OK;
}

static enum parsed make_range(struct parser *p, uint32_t start, const struct gv *low, const struct gv *high,
			      struct gv_range range, const struct gv **out)
{
	static const enum gv_kind kinds[] = {
		[GV_INT] = GV_RANGE_INT, [GV_FLOAT] = GV_RANGE_FLOAT, [GV_CHAR] = GV_RANGE_CHAR};
	if (low->kind != high->kind)
		return guard_wrong(p, start, "a range's bounds must be two integers, two floats or two characters");
	struct gv *v = new_value(p, kinds[low->kind]);
	struct gv_range *kept = SG_NEW(p->arena, struct gv_range);
	if (low->kind == GV_FLOAT) {
		range.low = low->number;
		range.high = high->number;
	} else {
		range.from = low->integer;
		range.to = high->integer;
	}
	*kept = range;
	v->range = kept;
	*out = v;
	return P_OK;
}

static enum parsed parse_range(struct parser *p, const struct gv **out)
{
	uint32_t start = p->at;
	struct gv_range range = {0};
	const struct gv *low = NULL, *high = NULL;
	if (guard_char(p, 'r') && ((range.with_low = guard_char(p, '[')) || guard_char(p, '(')) &&
	    parse_bound(p, &low) == P_OK && guard_char(p, ',') && parse_bound(p, &high) == P_OK &&
	    ((range.with_high = guard_char(p, ']')) || guard_char(p, ')')))
		return make_range(p, start, low, high, range, out);
	p->at = start;
	return P_NO;
}

/* ------------------------------------------------------------------------------------------------ list, map */

struct values {
	const struct gv **v;
	size_t n, cap;
};

struct members {
	struct gv_member *v;
	size_t n, cap;
	struct sg_map *index; /* place of a key, from 1 */
};

static enum parsed parse_items(struct parser *p, struct values *items)
{
	for (bool first = true;; first = false) {
		uint32_t start = p->at;
		const struct gv *item;
		if (!first && !guard_white_char(p, ','))
			return P_OK;
		enum parsed said = guard_parse_value(p, &item);
		if (said == P_NO)
			p->at = start;
		if (said != P_OK)
			return said == P_NO ? P_OK : said;
		SG_PUSH(p->scratch, items, item);
	}
}

static enum parsed parse_list(struct parser *p, const struct gv **out)
{
	uint32_t start = p->at;
	struct values items = {0};
	if (!guard_white_char(p, '['))
		return P_NO;
	enum parsed said = parse_items(p, &items);
	if (said == P_OK && !guard_white_char(p, ']')) {
		p->at = start;
		said = P_NO;
	}
	if (said != P_OK)
		return said;
	struct gv *v = new_value(p, GV_LIST);
	v->items = guard_kept(p, items.v, items.n * sizeof(*items.v));
	v->n = (uint32_t)items.n;
	*out = v;
	return P_OK;
}

static enum parsed parse_map_key(struct parser *p, struct sg_str *out)
{
	uint32_t start = p->at;
	guard_white(p);
	uint32_t from = p->at;
	for (size_t n = 1; guard_peek(p) == '_' || guard_peek(p) == '-' || guard_alnum_at(p, &n); n = 1)
		p->at += (uint32_t)n;
	*out = sg_str_sub(p->text, from, p->at - from);
	if (out->n)
		return P_OK;
	enum parsed said = guard_string(p, out);
	if (said == P_NO)
		p->at = start;
	return said;
}

static enum parsed parse_member(struct parser *p, struct gv_member *m)
{
	uint32_t start = p->at;
	enum parsed said = parse_map_key(p, &m->key);
	if (said == P_OK && !guard_white_char(p, ':'))
		said = P_NO;
	if (said == P_OK)
		said = guard_parse_value(p, &m->value);
	if (said == P_NO)
		p->at = start;
	return said;
}

static void put_member(struct parser *p, struct members *members, struct gv_member m)
{
	if (!members->index)
		members->index = sg_map_new(p->arena);
	uintptr_t place = (uintptr_t)sg_map_get(members->index, m.key);
	if (place) {
		members->v[place - 1] = m;
		return;
	}
	SG_PUSH(p->arena, members, m);
	sg_map_put(members->index, m.key, (void *)(uintptr_t)members->n);
}

static enum parsed parse_members(struct parser *p, struct members *members)
{
	for (bool first = true;; first = false) {
		uint32_t start = p->at;
		struct gv_member m = {0};
		if (!first && !guard_white_char(p, ','))
			return P_OK;
		enum parsed said = parse_member(p, &m);
		if (said == P_NO)
			p->at = start;
		if (said != P_OK)
			return said == P_NO ? P_OK : said;
		put_member(p, members, m);
	}
}

static enum parsed parse_map(struct parser *p, const struct gv **out)
{
	uint32_t start = p->at;
	struct members members = {0};
	if (!guard_char(p, '{'))
		return P_NO;
	enum parsed said = parse_members(p, &members);
	if (said == P_OK && !guard_white_char(p, '}')) {
		p->at = start;
		said = P_NO;
	}
	if (said != P_OK)
		return said;
	struct gv *v = new_value(p, GV_MAP);
	v->members = members.v;
	v->n = (uint32_t)members.n;
	v->index = members.n > 16 ? members.index : NULL;
	*out = v;
	return P_OK;
}

/* What a literal can begin with: most of what is asked about here is the name of a query. */
static bool begins_value(int c)
{
	return c >= 0 && strchr("nNtTfFr'\"-/[{0123456789", c) && c;
}

enum parsed guard_parse_value(struct parser *p, const struct gv **out)
{
	static enum parsed (*const kinds[])(struct parser *, const struct gv **) = {
		parse_null,  parse_string, parse_float, parse_int, parse_bool,
		parse_regex, parse_range,  parse_list,  parse_map,
	};
	uint32_t start = p->at;
	enum parsed said = P_NO;
	guard_white(p);
	if (!guard_deeper(p))
		return P_FAIL;
	bool may = begins_value(guard_peek(p));
	for (size_t i = 0; may && said == P_NO && i < sizeof(kinds) / sizeof(*kinds); i++)
		said = kinds[i](p, out);
	p->depth--;
	if (said == P_NO)
		p->at = start;
	return said;
}
