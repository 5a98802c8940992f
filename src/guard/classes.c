/*
 * Classes of characters, [...], from Rust's regex-syntax to PCRE2's.  There, classes nest and are intersected (&&),
 * subtracted (--) and symmetrically subtracted (~~), all of one precedence, from left to right, weaker than standing side by
 * side; what PCRE2 has no class for becomes look-ahead before a class.  It must not know what is around the class.
 */
#include "guard/dialect.h"

#include <string.h>

#define MAX_NEST 50
#define MAX_CLASS (64 * 1024) /* of what one class becomes: ~~ doubles both sides */

static const struct {
	const char *name, *set, *others;
} posix[] = {
	{"alnum", "0-9A-Za-z", "\\x{0}-/:-@\\[-`{-\\x{10FFFF}"},
	{"alpha", "A-Za-z", "\\x{0}-@\\[-`{-\\x{10FFFF}"},
	{"ascii", "\\x{0}-\\x{7F}", "\\x{80}-\\x{10FFFF}"},
	{"blank", "\\t ", "\\x{0}-\\x{8}\\x{A}-\\x{1F}!-\\x{10FFFF}"},
	{"cntrl", "\\x{0}-\\x{1F}\\x{7F}", " -~\\x{80}-\\x{10FFFF}"},
	{"digit", "0-9", "\\x{0}-/:-\\x{10FFFF}"},
	{"graph", "!-~", "\\x{0}- \\x{7F}-\\x{10FFFF}"},
	{"lower", "a-z", "\\x{0}-`{-\\x{10FFFF}"},
	{"print", " -~", "\\x{0}-\\x{1F}\\x{7F}-\\x{10FFFF}"},
	{"punct", "!-/:-@\\[-`{-~", "\\x{0}- 0-9A-Za-z\\x{7F}-\\x{10FFFF}"},
	{"space", "\\t-\\r ", "\\x{0}-\\x{8}\\x{E}-\\x{1F}!-\\x{10FFFF}"},
	{"upper", "A-Z", "\\x{0}-@\\[-\\x{10FFFF}"},
	{"word", "0-9A-Za-z_", "\\x{0}-/:-@\\[-\\^`{-\\x{10FFFF}"},
	{"xdigit", "0-9A-Fa-f", "\\x{0}-/:-@G-`g-\\x{10FFFF}"},
};

/* What stands side by side: members of one class of PCRE2's, and classes that must stand beside it. */
struct members {
	struct sg_buf flat, beside;
};

static void free_members(struct members *m)
{
	sg_buf_free(&m->flat);
	sg_buf_free(&m->beside);
}

/* [:alpha:] within []: ASCII alone in Rust. */
static bool scan_posix(struct scan *s, struct sg_buf *out)
{
	size_t end = sg_str_find(s->in, ":]", s->at + 2);
	if (scan_peek(s, 1) != ':' || end == SIZE_MAX)
		return false;
	bool others = scan_peek(s, 2) == '^';
	size_t from = s->at + (others ? 3 : 2);
	struct sg_str name = sg_str_sub(s->in, from, end > from ? end - from : 0);
	for (size_t i = 0; i < sizeof(posix) / sizeof(*posix); i++)
		if (sg_str_is(name, posix[i].name)) {
			sg_buf_adds(out, others ? posix[i].others : posix[i].set);
			s->at = end + 2;
			return true;
		}
	return false;
}

/* ------------------------------------------------------------------------------------------------ members */

/* One character or escape; what would be an operator to PCRE2 gets a backslash. */
static const char *scan_item(struct scan *s, struct members *m)
{
	struct scan inner = {s->in, s->at, &m->flat};
	const char *refused = NULL;
	if (scan_peek(s, 0) == '\\') {
		refused = guard_scan_escape(&inner, true);
	} else {
		if (memchr("^-[]:\\", scan_peek(s, 0), 6))
			sg_buf_addc(&m->flat, '\\');
		scan_copy(&inner, 1);
	}
	s->at = inner.at;
	return refused;
}

/* \H is a class of others: it cannot stand within one of PCRE2's. */
static bool scan_not_hex(struct scan *s, struct members *m)
{
	if (scan_peek(s, 0) != '\\' || scan_peek(s, 1) != 'H')
		return false;
	sg_buf_adds(&m->beside, "|[^0-9A-Fa-f]");
	s->at += 2;
	return true;
}

/* An item, or a range of two. */
static const char *scan_range(struct scan *s, struct members *m)
{
	if (scan_not_hex(s, m))
		return NULL;
	const char *refused = scan_item(s, m);
	char behind = scan_peek(s, 1);
	if (refused || scan_peek(s, 0) != '-' || behind == ']' || behind == '-' || !behind)
		return refused;
	scan_copy(&(struct scan){s->in, s->at, &m->flat}, 1);
	s->at++;
	return scan_item(s, m);
}

static bool at_operator(const struct scan *s)
{
	char c = scan_peek(s, 0);
	return (c == '&' || c == '-' || c == '~') && scan_peek(s, 1) == c;
}

static const char *scan_members(struct scan *s, struct members *m, unsigned depth)
{
	const char *refused = NULL;
	while (!refused && s->at < s->in.n && scan_peek(s, 0) != ']' && !at_operator(s)) {
		if (scan_peek(s, 0) != '[') {
			refused = scan_range(s, m);
		} else if (!scan_posix(s, &m->flat)) {
			struct scan inner = {s->in, s->at, &m->beside};
			sg_buf_addc(&m->beside, '|');
			refused = guard_scan_class(&inner, depth + 1);
			s->at = inner.at;
		}
	}
	return refused;
}

static void write_members(const struct members *m, struct sg_buf *out)
{
	const char *empty = m->beside.n ? "" : "(?!)";
	sg_buf_adds(out, m->beside.n ? "(?:" : "");
	if (m->flat.n)
		sg_buf_addf(out, "[%s]", m->flat.p);
	else
		sg_buf_adds(out, empty);
	if (m->beside.n)
		sg_buf_addf(out, "%s)", m->beside.p + !m->flat.n);
}

/* ------------------------------------------------------------------------------------------------ operators */

/* *left = *left OP right: what both match is one character. */
static void combine(struct sg_buf *left, char op, const struct sg_buf *right)
{
	struct sg_buf both = {0};
	if (op == '&')
		sg_buf_addf(&both, "(?:(?=%s)%s)", right->p, left->p);
	else if (op == '-')
		sg_buf_addf(&both, "(?:(?!%s)%s)", right->p, left->p);
	else
		sg_buf_addf(&both, "(?:(?!%s)%s|(?!%s)%s)", right->p, left->p, left->p, right->p);
	sg_buf_free(left);
	*left = both;
}

static const char *scan_operand(struct scan *s, struct sg_buf *left, unsigned depth)
{
	char op = scan_peek(s, 0);
	struct members m = {{0}, {0}};
	struct sg_buf right = {0};
	s->at += 2;
	const char *refused = scan_members(s, &m, depth);
	if (!refused) {
		write_members(&m, &right);
		combine(left, op, &right);
	}
	free_members(&m);
	sg_buf_free(&right);
	return refused ? refused : left->n > MAX_CLASS ? "it is too long" : NULL;
}

/* Right behind [ or [^: dashes, and then a bracket, are themselves. */
static void scan_opening(struct scan *s, struct members *m)
{
	for (; scan_peek(s, 0) == '-'; s->at++)
		sg_buf_adds(&m->flat, "\\-");
	if (!m->flat.n && scan_peek(s, 0) == ']') {
		sg_buf_adds(&m->flat, "\\]");
		s->at++;
	}
}

static const char *scan_inside(struct scan *s, bool others, unsigned depth)
{
	struct members m = {{0}, {0}};
	struct sg_buf all = {0};
	scan_opening(s, &m);
	const char *refused = scan_members(s, &m, depth);
	bool plain = scan_peek(s, 0) == ']' && !m.beside.n && m.flat.n;
	write_members(&m, &all);
	while (!refused && at_operator(s))
		refused = scan_operand(s, &all, depth);
	if (refused || s->at >= s->in.n)
		refused = refused ? refused : "a class does not end";
	else if (others && plain)
		sg_buf_addf(s->out, "[^%s]", m.flat.p);
	else
		sg_buf_addf(s->out, others ? "(?:(?!%s)(?s:.))" : "%s", all.p);
	s->at++;
	free_members(&m);
	sg_buf_free(&all);
	return refused;
}

const char *guard_scan_class(struct scan *s, unsigned depth)
{
	if (depth > MAX_NEST)
		return "its classes are nested too deep";
	s->at++;
	bool others = scan_peek(s, 0) == '^';
	s->at += others;
	if (depth && scan_peek(s, 0) == ']') /* fancy-regex and regex-syntax disagree on where this one ends */
		return "a class within a class begins with ]";
	return scan_inside(s, others, depth);
}
