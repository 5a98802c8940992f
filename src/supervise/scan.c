/*
 * A scanner that checks JSON without building anything: no recursion, no allocation, a bit per level.
 */
#include "supervise/supervise.h"

#include <string.h>

enum { MAX_DEPTH = 256, MAX_NAME = 32 };

struct scan {
	const unsigned char *p;
	size_t n, at;
	unsigned depth, max_depth;
	int options;
	const char *error;
	unsigned char is_object[MAX_DEPTH]; /* by level, counted from 1 */
};

static bool wrong(struct scan *s, const char *what)
{
	if (!s->error)
		s->error = what;
	return false;
}

static int peek(const struct scan *s)
{
	return s->at < s->n ? s->p[s->at] : -1;
}

static void skip_space(struct scan *s)
{
	while (s->at < s->n &&
	       (s->p[s->at] == ' ' || s->p[s->at] == '\t' || s->p[s->at] == '\n' || s->p[s->at] == '\r'))
		s->at++;
}

static bool take(struct scan *s, char c)
{
	if (peek(s) != (unsigned char)c)
		return false;
	s->at++;
	return true;
}

static int hex4(const struct scan *s, size_t at)
{
	int value = 0;
	if (s->n - at < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int c = s->p[at + i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* After "\u": four digits, and the other half where they are a high surrogate. */
static bool unicode_escape(struct scan *s)
{
	int unit = hex4(s, s->at);
	if (unit < 0)
		return wrong(s, "a \\u escape has no four hexadecimal digits");
	s->at += 4;
	bool high = unit >= 0xd800 && unit < 0xdc00, low = unit >= 0xdc00 && unit < 0xe000;
	if (high && s->n - s->at >= 6 && s->p[s->at] == '\\' && s->p[s->at + 1] == 'u') {
		int next = hex4(s, s->at + 2);
		if (next >= 0xdc00 && next < 0xe000) {
			s->at += 6;
			return true;
		}
	}
	if ((high || low) && !(s->options & SG_SCAN_LONE_SURROGATES))
		return wrong(s, "half of a surrogate pair");
	return true;
}

static bool escape(struct scan *s)
{
	int c = peek(s);
	s->at++;
	if (c == 'u')
		return unicode_escape(s);
	return (c > 0 && strchr("\"\\/bfnrt", c)) || wrong(s, "an unknown escape in a string");
}

/* Characters that stand for themselves, many at a time. */
static bool plain(struct scan *s)
{
	unsigned char c = s->p[s->at];
	if (c < 0x20)
		return wrong(s, "a control character in a string");
	if (c < 0x80) {
		s->at++;
		return true;
	}
	size_t n = sg_utf8_decode((struct sg_str){(const char *)s->p + s->at, s->n - s->at}, NULL);
	s->at += n;
	return n || wrong(s, "bytes that are not UTF-8");
}

static bool string(struct scan *s)
{
	if (!take(s, '"'))
		return wrong(s, "a string is missing");
	while (s->at < s->n) {
		unsigned char c = s->p[s->at];
		if (c == '"') {
			s->at++;
			return true;
		}
		if (c == '\\') {
			s->at++;
			if (!escape(s))
				return false;
		} else if (!plain(s)) {
			return false;
		}
	}
	return wrong(s, "a string does not end");
}

static bool digits(struct scan *s)
{
	size_t from = s->at;
	while (s->at < s->n && s->p[s->at] >= '0' && s->p[s->at] <= '9')
		s->at++;
	return s->at > from;
}

static bool number(struct scan *s)
{
	take(s, '-');
	if (!take(s, '0') && !digits(s))
		return wrong(s, "not a JSON value");
	if (take(s, '.') && !digits(s))
		return wrong(s, "a number ends in a point");
	int c = peek(s);
	if (c == 'e' || c == 'E') {
		s->at++;
		if (!take(s, '+'))
			take(s, '-');
		if (!digits(s))
			return wrong(s, "a number has no exponent");
	}
	return true;
}

static bool literal(struct scan *s, const char *word)
{
	size_t n = strlen(word);
	if (s->n - s->at < n || memcmp(s->p + s->at, word, n) != 0)
		return wrong(s, "not a JSON value");
	s->at += n;
	return true;
}

static bool scalar(struct scan *s)
{
	switch (peek(s)) {
	case '"':
		return string(s);
	case 't':
		return literal(s, "true");
	case 'f':
		return literal(s, "false");
	case 'n':
		return literal(s, "null");
	case -1:
		return wrong(s, "the text ends where a value should be");
	default:
		return number(s);
	}
}

static bool open_level(struct scan *s, bool object)
{
	s->at++;
	if (s->depth == s->max_depth)
		return wrong(s, "nested too deeply");
	s->is_object[++s->depth] = object;
	return true;
}

static bool member_name(struct scan *s)
{
	skip_space(s);
	if (!string(s))
		return false;
	skip_space(s);
	return take(s, ':') || wrong(s, "a colon is missing");
}

/* After a value inside of `base` levels or more: closes what ends, steps over a comma.  True with *more when another
 * value follows. */
static bool after_value(struct scan *s, unsigned base, bool *more)
{
	while (s->depth > base) {
		skip_space(s);
		if (take(s, ',')) {
			*more = true;
			return !s->is_object[s->depth] || member_name(s);
		}
		if (!take(s, s->is_object[s->depth] ? '}' : ']'))
			return wrong(s, "a comma or the end of an array or object is missing");
		s->depth--;
	}
	*more = false;
	return true;
}

/* One value, at any depth. */
static bool value(struct scan *s)
{
	unsigned base = s->depth;
	for (bool more = true; more;) {
		skip_space(s);
		int c = peek(s);
		bool opened = c == '{' || c == '[';
		if (opened) {
			if (!open_level(s, c == '{'))
				return false;
			skip_space(s);
			if (take(s, c == '{' ? '}' : ']'))
				s->depth--;
			else if (c == '{' && !member_name(s))
				return false;
			else
				continue;
		} else if (!scalar(s)) {
			return false;
		}
		if (!after_value(s, base, &more))
			return false;
	}
	return true;
}

static struct scan start(struct sg_str text, unsigned depth, int options)
{
	return (struct scan){.p = (const unsigned char *)text.p,
			     .n = text.n,
			     .max_depth = depth < MAX_DEPTH ? depth : MAX_DEPTH - 1,
			     .options = options};
}

static const char *finish(struct scan *s, size_t *at)
{
	skip_space(s);
	if (!s->error && s->at != s->n)
		s->error = "something follows the value";
	if (at)
		*at = s->at < s->n ? s->at : s->n;
	return s->error;
}

const char *sg_scan_value(struct sg_str text, unsigned depth, int options, size_t *at)
{
	struct scan s = start(text, depth, options);
	value(&s);
	return finish(&s, at);
}

/* A member's name, escapes undone; longer ones and characters beyond ASCII are no name that is looked for. */
static void decode_name(struct sg_str raw, char out[MAX_NAME])
{
	size_t n = 0;
	for (size_t i = 1; i + 1 < raw.n; i++) {
		unsigned char c = (unsigned char)raw.p[i];
		if (c == '\\' && raw.p[i + 1] == 'u') {
			struct scan s = start(raw, 1, 0);
			int unit = hex4(&s, i + 2);
			c = unit < 0x80 ? (unsigned char)unit : 0;
			i += 5;
		} else if (c == '\\') {
			c = raw.p[++i] == '/' ? '/' : 0; /* no known name has another escape */
		}
		if (n == MAX_NAME - 1 || !c) {
			out[0] = 0;
			return;
		}
		out[n++] = (char)c;
	}
	out[n] = 0;
}

static bool keep_member(struct scan *s, struct sg_str raw_name, struct sg_str text, const char *const *names,
			struct sg_str *values, size_t n)
{
	char name[MAX_NAME];
	decode_name(raw_name, name);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		if (values[i].p)
			return wrong(s, "a member is there twice");
		values[i] = text;
	}
	return true;
}

static struct sg_str slice(const struct scan *s, size_t from)
{
	return (struct sg_str){(const char *)s->p + from, s->at - from};
}

static bool one_member(struct scan *s, const char *const *names, struct sg_str *values, size_t n)
{
	skip_space(s);
	size_t name_at = s->at;
	if (!string(s))
		return false;
	struct sg_str name = slice(s, name_at);
	skip_space(s);
	if (!take(s, ':'))
		return wrong(s, "a colon is missing");
	skip_space(s);
	size_t value_at = s->at;
	if (!value(s))
		return false;
	return keep_member(s, name, slice(s, value_at), names, values, n);
}

const char *sg_scan_members(struct sg_str text, unsigned depth, const char *const *names, struct sg_str *values,
			    size_t n, size_t *at)
{
	struct scan s = start(text, depth, SG_SCAN_LONE_SURROGATES);
	for (size_t i = 0; i < n; i++)
		values[i] = (struct sg_str){0};
	skip_space(&s);
	if (peek(&s) != '{')
		wrong(&s, "not a JSON object");
	else if (open_level(&s, true)) {
		skip_space(&s);
		if (!take(&s, '}')) {
			while (one_member(&s, names, values, n)) {
				skip_space(&s);
				if (take(&s, ','))
					continue;
				if (!take(&s, '}'))
					wrong(&s, "a comma or the end of the object is missing");
				break;
			}
		}
	}
	return finish(&s, at);
}
