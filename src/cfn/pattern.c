/*
 * AllowedPattern: can a text match?  Java's regular expressions are many; this reads the part of them that is the same
 * everywhere (literals, classes, groups, alternation, repetition, ^ and $) over ASCII and says "nobody knows" of the
 * rest, which excludes nothing.  It must not know what a parameter is.
 *
 * A pattern is matched without going back: from a set of places in the text to the set of places behind each piece.
 */
#include "cfn/cfn_priv.h"

#include <string.h>

enum { MAX_TEXT = 511, MAX_NESTING = 30, MAX_REPEAT = 1000, MAX_WORK = 200000 };

/* Places in the text, 0 to MAX_TEXT. */
struct places {
	uint64_t bits[(MAX_TEXT + 1 + 63) / 64];
};

struct matcher {
	struct sg_str pattern, text;
	size_t at; /* in the pattern */
	unsigned depth, work;
	bool unknown; /* something that this file does not read */
};

struct set {
	bool in[128];
};

static bool has(const struct places *p, size_t i)
{
	return p->bits[i / 64] >> i % 64 & 1;
}

static void put(struct places *p, size_t i)
{
	p->bits[i / 64] |= (uint64_t)1 << i % 64;
}

static bool join(struct places *into, const struct places *more)
{
	bool grew = false;
	for (size_t i = 0; i < sizeof(into->bits) / sizeof(*into->bits); i++) {
		grew |= (more->bits[i] & ~into->bits[i]) != 0;
		into->bits[i] |= more->bits[i];
	}
	return grew;
}

static bool is_empty(const struct places *p)
{
	static const struct places none;
	return !memcmp(p, &none, sizeof(none));
}

/* ------------------------------------------------------------------------------------------------ classes */

static int peek(const struct matcher *m)
{
	return m->at < m->pattern.n ? (unsigned char)m->pattern.p[m->at] : -1;
}

static bool eat(struct matcher *m, char c)
{
	if (peek(m) != c)
		return false;
	m->at++;
	return true;
}

static bool is_word(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static void add_range(struct set *s, int from, int to)
{
	for (int c = from; c <= to && c < 128; c++)
		s->in[c] = true;
}

static void add_named(struct matcher *m, struct set *s, char name)
{
	bool negated = name == 'W' || name == 'D' || name == 'S';
	for (int c = 0; c < 128; c++) {
		bool space = c == ' ' || (c >= '\t' && c <= '\r'), digit = c >= '0' && c <= '9';
		bool in = name == 'w' || name == 'W' ? is_word(c) : name == 'd' || name == 'D' ? digit : space;
		if (in != negated)
			s->in[c] = true;
	}
	m->at++;
}

/* What follows a backslash: a class (true), or a character that stands for itself or a control. */
static bool escape(struct matcher *m, struct set *s, int *literal)
{
	int c = peek(m);
	if (c > 0 && strchr("wWdDsS", c)) {
		add_named(m, s, (char)c);
		return true;
	}
	*literal = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
	if (c < 0 || c > 126 || (is_word(c) && *literal == c && c != '_'))
		m->unknown = true;
	m->at++;
	return false;
}

static void class_item(struct matcher *m, struct set *s)
{
	int from = peek(m), to;
	m->at++;
	if (from == '[' || from == '&' || from < 0 || from > 126 || (from == '\\' && escape(m, s, &from))) {
		/* Java nests and intersects classes */
		m->unknown |= from == '[' || from == '&' || from < 0 || from > 126;
		return;
	}
	if (peek(m) != '-' || m->at + 1 >= m->pattern.n || m->pattern.p[m->at + 1] == ']') {
		add_range(s, from, from);
		return;
	}
	m->at++;
	to = peek(m);
	m->at++;
	if (to == '\\' && escape(m, s, &to))
		m->unknown = true;
	m->unknown |= to == '[' || to < from || to > 126;
	add_range(s, from, to);
}

static void class_(struct matcher *m, struct set *s)
{
	bool negated = eat(m, '^');
	if (peek(m) == ']')
		m->unknown = true;
	while (!m->unknown && peek(m) != ']')
		class_item(m, s);
	m->unknown |= !eat(m, ']');
	for (int c = 0; negated && c < 128; c++)
		s->in[c] = !s->in[c];
}

/* ------------------------------------------------------------------------------------------------ matching */

static struct places alternatives(struct matcher *m, struct places from);

static struct places step(const struct matcher *m, const struct places *from, const struct set *s)
{
	struct places to = {{0}};
	for (size_t i = 0; i < m->text.n; i++)
		if (has(from, i) && s->in[(unsigned char)m->text.p[i]])
			put(&to, i + 1);
	return to;
}

static struct places only(const struct places *from, size_t i)
{
	struct places to = {{0}};
	if (has(from, i))
		put(&to, i);
	return to;
}

static struct places group(struct matcher *m, struct places from)
{
	if (eat(m, '?') && !eat(m, ':'))
		m->unknown = true; /* looking around, flags, names */
	if (++m->depth > MAX_NESTING)
		m->unknown = true;
	struct places to = alternatives(m, from);
	m->depth--;
	m->unknown |= !eat(m, ')');
	return to;
}

/* One piece without its repetition. */
static struct places atom(struct matcher *m, struct places from)
{
	struct set s = {{false}};
	int c = peek(m), literal;
	m->unknown |= c < 0 || c > 126 || ++m->work > MAX_WORK || strchr("*+?{", c);
	if (m->unknown)
		return from;
	m->at++;
	switch (c) {
	case '(':
		return group(m, from);
	case '^':
		return only(&from, 0);
	case '$':
		return only(&from, m->text.n);
	case '[':
		class_(m, &s);
		break;
	case '.':
		add_range(&s, 0, 127); /* the text has no line breaks */
		break;
	case '\\':
		if (!escape(m, &s, &literal) && !m->unknown)
			s.in[literal] = true;
		break;
	default:
		s.in[c] = true;
	}
	return step(m, &from, &s);
}

static size_t number(struct matcher *m, size_t otherwise)
{
	size_t n = 0, start = m->at;
	for (; peek(m) >= '0' && peek(m) <= '9' && n <= MAX_REPEAT; m->at++)
		n = n * 10 + (size_t)(peek(m) - '0');
	m->unknown |= n > MAX_REPEAT;
	return m->at == start ? otherwise : n;
}

/* How often the piece before may stand; lazy repetition matches the same texts, possessive does not. */
static void repetition(struct matcher *m, size_t *min, size_t *max)
{
	int c = peek(m);
	*min = c == '*' || c == '?' ? 0 : 1;
	*max = c == '*' || c == '+' ? SIZE_MAX : 1;
	if (c == '*' || c == '+' || c == '?') {
		m->at++;
	} else if (eat(m, '{')) {
		*min = number(m, SIZE_MAX);
		*max = eat(m, ',') ? number(m, SIZE_MAX) : *min;
		m->unknown |= *min == SIZE_MAX || *max < *min || !eat(m, '}');
	} else {
		return;
	}
	eat(m, '?');
	m->unknown |= peek(m) == '+' || peek(m) == '*' || peek(m) == '?' || peek(m) == '{';
}

/* The piece that starts at `start`, once more. */
static struct places again(struct matcher *m, size_t start, struct places from)
{
	m->at = start;
	return atom(m, from);
}

static struct places piece(struct matcher *m, struct places from)
{
	size_t start = m->at, min, max;
	struct places once = atom(m, from), all = {{0}};
	repetition(m, &min, &max);
	size_t end = m->at;
	if (min == 1 && max == 1)
		return once;
	if (!min)
		all = from;
	for (size_t n = 1; n <= max && !m->unknown && !is_empty(&once); n++) {
		if (n >= min && !join(&all, &once))
			break; /* what follows has been there */
		once = again(m, start, once);
	}
	m->at = end;
	return all;
}

static struct places sequence(struct matcher *m, struct places from)
{
	while (!m->unknown && peek(m) >= 0 && peek(m) != '|' && peek(m) != ')')
		from = piece(m, from);
	return from;
}

static struct places alternatives(struct matcher *m, struct places from)
{
	struct places to = sequence(m, from);
	while (!m->unknown && eat(m, '|')) {
		struct places other = sequence(m, from);
		join(&to, &other);
	}
	return to;
}

static bool is_plain(struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 127 || s.p[i] == '\n' || s.p[i] == '\r' || !s.p[i])
			return false;
	return true;
}

bool cfn_pattern_excludes(struct sg_str pattern, struct sg_str text)
{
	struct matcher m = {.pattern = pattern, .text = text};
	struct places start = {{1}};
	if (text.n > MAX_TEXT || !is_plain(text) || !is_plain(pattern))
		return false;
	struct places end = alternatives(&m, start);
	return !m.unknown && m.at == pattern.n && !has(&end, text.n);
}
