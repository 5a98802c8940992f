/*
 * The characters of a rule file: white space, words, strings, numbers, messages.  The language has no tokens of its own
 * (what a word is depends on where it stands), so these are the smallest parsing functions.  Knows nothing of clauses.
 */
#include "guard/guard_priv.h"

#include <string.h>

struct sg_span guard_span(const struct parser *p, uint32_t from)
{
	return (struct sg_span){p->source, from, p->at};
}

bool guard_alnum_at(const struct parser *p, size_t *n)
{
	int c = guard_peek(p);
	*n = 1;
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	uint32_t cp;
	*n = sg_utf8_decode(sg_str_sub(p->text, p->at, SIZE_MAX), &cp);
	return *n && guard_is_alnum(cp);
}

/* Whether a word goes on here. */
static bool in_name(const struct parser *p)
{
	size_t n;
	return guard_peek(p) == '_' || guard_alnum_at(p, &n);
}

bool guard_whole_word(struct parser *p, uint32_t start)
{
	if (!in_name(p))
		return true;
	p->at = start;
	return false;
}

/* To the end of the line. */
static uint32_t skip_comment(struct parser *p, uint32_t at)
{
	struct sg_str rest = sg_str_sub(p->text, at, SIZE_MAX);
	const char *end = memchr(rest.p, '\n', rest.n);
	p->pragmas = p->pragmas || sg_str_starts(rest, GUARD_PRAGMA);
	return at + (uint32_t)(end ? (size_t)(end - rest.p) : rest.n);
}

static bool is_white(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool guard_skip_white(struct parser *p)
{
	uint32_t start = p->at, at = start;
	if (p->white_end && p->white_at == start)
		at = p->white_end;
	struct sg_str text = p->text;
	while (at < text.n && (text.p[at] == '#' || is_white(text.p[at])))
		at = text.p[at] == '#' ? skip_comment(p, at) : at + 1;
	p->white_at = start;
	p->white_end = at;
	guard_advance(p, at - start);
	return at > start;
}

bool guard_white_char(struct parser *p, char c)
{
	uint32_t start = p->at;
	guard_white(p);
	if (guard_char(p, c))
		return true;
	p->at = start;
	return false;
}

void guard_blanks(struct parser *p)
{
	while (guard_peek(p) == ' ' || guard_peek(p) == '\t')
		guard_advance(p, 1);
}

void guard_spaces(struct parser *p)
{
	while (guard_peek(p) == ' ' || guard_peek(p) == '\t' || guard_peek(p) == '\r' || guard_peek(p) == '\n')
		guard_advance(p, 1);
}

/* The first names of a file are looked through; there are seldom more. */
static const struct sg_str *find_name(struct parser *p, struct sg_str name)
{
	for (size_t i = 0; i < p->n_first; i++)
		if (p->first[i].n == name.n && !memcmp(p->first[i].p, name.p, name.n))
			return &p->first[i];
	return p->n_first < FIRST_NAMES ? NULL : sg_map_get(p->names, name);
}

struct sg_str guard_intern(struct parser *p, struct sg_str name)
{
	const struct sg_str *known = find_name(p, name);
	if (known)
		return *known;
	struct sg_str *new = p->n_first < FIRST_NAMES ? &p->first[p->n_first++] : SG_NEW(p->scratch, struct sg_str);
	*new = sg_str_dup(p->arena, name);
	if (p->n_first == FIRST_NAMES)
		sg_map_put(p->names, *new, new);
	return *new;
}

static bool is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The bytes of a name from p->at on. */
static void skip_name(struct parser *p)
{
	static const bool plain[256] = {['0' ... '9'] = true, ['A' ... 'Z'] = true, ['_'] = true, ['a' ... 'z'] = true};
	size_t n = 0;
	do {
		const char *at = p->text.p + p->at + n, *end = p->text.p + p->text.n;
		while (at < end && plain[(unsigned char)*at])
			at++;
		p->at = (uint32_t)(at - p->text.p);
	} while (guard_peek(p) >= 0x80 && guard_alnum_at(p, &n));
	guard_advance(p, 0);
}

bool guard_name(struct parser *p, struct sg_str *out)
{
	uint32_t start = p->at;
	if (!is_letter(guard_peek(p)))
		return false;
	if (p->name_end && p->name_at == start) {
		guard_advance(p, p->name_end - start);
		*out = p->name;
		return true;
	}
	skip_name(p);
	*out = guard_intern(p, sg_str_sub(p->text, start, p->at - start));
	p->name_at = start;
	p->name_end = p->at;
	p->name = *out;
	return true;
}

bool guard_not(struct parser *p)
{
	uint32_t start = p->at;
	if (guard_either(p, "not", "NOT")) {
		uint32_t word = p->at;
		guard_blanks(p);
		if (p->at > word)
			return true;
	}
	p->at = start;
	return guard_char(p, '!');
}

/* ------------------------------------------------------------------------------------------------ numbers */

static size_t digits(struct parser *p)
{
	size_t n = 0;
	for (int c = guard_peek(p); c >= '0' && c <= '9'; c = guard_peek(p), n++)
		guard_advance(p, 1);
	return n;
}

/* A number that runs into a letter is none: 1e5x, 10MB. */
static bool number_ends(struct parser *p, uint32_t start)
{
	if (!in_name(p))
		return true;
	p->at = start;
	return false;
}

bool guard_integer(struct parser *p, int64_t *out)
{
	uint32_t start = p->at;
	guard_char(p, '-');
	if (!digits(p) || !sg_parse_i64(sg_str_sub(p->text, start, p->at - start), out)) {
		p->at = start;
		return false;
	}
	return number_ends(p, start);
}

static bool fraction(struct parser *p)
{
	uint32_t start = p->at;
	if (guard_char(p, '.') && digits(p))
		return true;
	p->at = start;
	return false;
}

static bool exponent(struct parser *p)
{
	uint32_t start = p->at;
	if (guard_char(p, 'e') || guard_char(p, 'E')) {
		if (!guard_char(p, '+'))
			guard_char(p, '-');
		if (digits(p))
			return true;
	}
	p->at = start;
	return false;
}

bool guard_float(struct parser *p, double *out)
{
	uint32_t start = p->at;
	guard_char(p, '-');
	bool whole = digits(p), part = whole && fraction(p), power = whole && exponent(p);
	if ((part || power) && sg_parse_double(sg_str_sub(p->text, start, p->at - start), out))
		return number_ends(p, start);
	p->at = start;
	return false;
}

/* ------------------------------------------------------------------------------------------------ strings */

/* Behind the opening quote: up to the closing one; a backslash right before a quote makes it part of the string. */
static bool string_end(struct parser *p, char quote, struct sg_buf *copy)
{
	for (;;) {
		const char *from = p->text.p + p->at, *end = memchr(from, quote, p->text.n - p->at);
		if (!end)
			return false;
		size_t n = (size_t)(end - from);
		guard_advance(p, n + 1);
		if (!n || end[-1] != '\\') {
			sg_buf_add(copy, from, n);
			return true;
		}
		sg_buf_add(copy, from, n - 1);
		sg_buf_addc(copy, quote);
	}
}

enum parsed guard_string(struct parser *p, struct sg_str *out)
{
	uint32_t start = p->at;
	int quote = guard_peek(p);
	if (quote != '\'' && quote != '"')
		return P_NO;
	guard_advance(p, 1);
	struct sg_buf copy = {0};
	bool ended = string_end(p, (char)quote, &copy);
	*out = sg_buf_take(&copy, p->arena);
	if (!out->p)
		*out = SG_LIT("");
	if (ended)
		return P_OK;
	p->at = start + 1;
	return guard_wrong(p, start, "the string does not end");
}

enum parsed guard_message(struct parser *p, struct sg_str *out)
{
	uint32_t start = p->at;
	if (!guard_tag(p, "<<"))
		return P_NO;
	const char *from = p->text.p + p->at, *end = memmem(from, p->text.n - p->at, ">>", 2);
	if (!end)
		return guard_wrong(p, start, "the message does not end: >> is missing");
	*out = sg_str_trim((struct sg_str){from, (size_t)(end - from)});
	guard_advance(p, (size_t)(end - from) + 2);
	return P_OK;
}

/* ------------------------------------------------------------------------------------------------ errors */

enum parsed guard_wrong(struct parser *p, uint32_t from, const char *fmt, ...)
{
	if (p->why.n)
		return P_FAIL;
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	p->why = sg_buf_take(&b, p->arena);
	p->why_span = (struct sg_span){p->source, from, p->at > from ? p->at : from};
	return P_FAIL;
}

bool guard_deeper(struct parser *p)
{
	if (p->depth >= p->max_depth) {
		guard_wrong(p, p->at, "nested more than %zu levels deep", p->max_depth);
		return false;
	}
	p->depth++;
	return true;
}
