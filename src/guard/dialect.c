/*
 * From the regular expressions of Rust (fancy-regex 0.13 on regex-syntax) to PCRE2's: most patterns are the same in both
 * and pass as they are.  It must not know what they are matched against.
 */
#include "guard/dialect.h"

#include <string.h>

struct scan {
	struct sg_str in;
	size_t at;
	struct sg_buf *out;
};

static char peek(const struct scan *s, size_t ahead)
{
	return s->at + ahead < s->in.n ? s->in.p[s->at + ahead] : 0;
}

static void copy(struct scan *s, size_t n)
{
	n = n < s->in.n - s->at ? n : s->in.n - s->at;
	sg_buf_add(s->out, s->in.p + s->at, n);
	s->at += n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ------------------------------------------------------------------------------------------------ escapes */

struct escape {
	char letter;
	const char *outside, *inside; /* of []; NULL: refused */
};

/* The ones that mean something else to PCRE2, or nothing to Rust. */
static const struct escape escapes[] = {
	{'h', "[0-9A-Fa-f]", "0-9A-Fa-f"},
	{'H', "[^0-9A-Fa-f]", NULL},
	{'v', "\\x0B", "\\x0B"},
	{'<', "\\b(?=\\w)", NULL},
	{'>', "\\b(?<=\\w)", NULL},
	{'Z', NULL, NULL},
	{'Q', NULL, NULL},
	{'E', NULL, NULL},
	{'R', NULL, NULL},
	{'X', NULL, NULL},
	{'N', NULL, NULL},
	{'C', NULL, NULL},
	{'V', NULL, NULL},
	{'o', NULL, NULL},
	{'c', NULL, NULL},
	{'g', NULL, NULL},
	{'0', NULL, NULL},
};

static const char refused_escape[] = "it has an escape that cfn-guard does not know";

static const struct escape *find_escape(char letter)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++)
		if (escapes[i].letter == letter)
			return &escapes[i];
	return NULL;
}

/* \uXXXX, \UXXXXXXXX, \u{X…} */
static const char *unicode_escape(struct scan *s)
{
	size_t digits = peek(s, 1) == 'u' ? 4 : 8;
	s->at += 2;
	if (peek(s, 0) == '{') {
		sg_buf_adds(s->out, "\\x");
		return NULL; /* the braces follow as they are */
	}
	if (s->in.n - s->at < digits)
		return refused_escape;
	sg_buf_adds(s->out, "\\x{");
	copy(s, digits);
	sg_buf_addc(s->out, '}');
	return NULL;
}

static const char *property_escape(struct scan *s)
{
	size_t end = sg_str_find(s->in, "}", s->at);
	if (peek(s, 2) != '{') {
		copy(s, 3);
		return NULL;
	}
	if (end == SIZE_MAX)
		return refused_escape;
	struct sg_str name = sg_str_sub(s->in, s->at + 3, end - s->at - 3);
	if (memchr(name.p, '&', name.n) || memchr(name.p, '^', name.n))
		return "it names a property in a way that cfn-guard does not know";
	copy(s, end + 1 - s->at);
	return NULL;
}

static const char *scan_escape(struct scan *s, bool inside)
{
	char letter = peek(s, 1);
	const struct escape *e = find_escape(letter);
	if (letter == 'u' || letter == 'U')
		return unicode_escape(s);
	if (letter == 'p' || letter == 'P')
		return property_escape(s);
	if (e) {
		const char *text = inside ? e->inside : e->outside;
		if (!text)
			return refused_escape;
		sg_buf_adds(s->out, text);
		s->at += 2;
		return NULL;
	}
	copy(s, 2);
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ classes */

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

/* [:alpha:] within []: ASCII alone in Rust. */
static bool scan_posix(struct scan *s)
{
	size_t end = sg_str_find(s->in, ":]", s->at + 2);
	if (peek(s, 1) != ':' || end == SIZE_MAX)
		return false;
	bool others = peek(s, 2) == '^';
	size_t from = s->at + (others ? 3 : 2);
	struct sg_str name = sg_str_sub(s->in, from, end > from ? end - from : 0);
	for (size_t i = 0; i < sizeof(posix) / sizeof(*posix); i++)
		if (sg_str_is(name, posix[i].name)) {
			sg_buf_adds(s->out, others ? posix[i].others : posix[i].set);
			s->at = end + 2;
			return true;
		}
	return false;
}

static const char *scan_member(struct scan *s)
{
	char c = peek(s, 0);
	if (c == '\\')
		return scan_escape(s, true);
	if (c == '[')
		return scan_posix(s) ? NULL : "it has a class within a class";
	if ((c == '&' || c == '-' || c == '~') && peek(s, 1) == c)
		return "it has an operation on classes (&&, -- or ~~)";
	copy(s, 1);
	return NULL;
}

static const char *scan_class(struct scan *s)
{
	copy(s, 1);
	if (peek(s, 0) == '^')
		copy(s, 1);
	if (peek(s, 0) == ']') {
		sg_buf_adds(s->out, "\\]");
		s->at++;
	}
	while (s->at < s->in.n && peek(s, 0) != ']') {
		const char *refused = scan_member(s);
		if (refused)
			return refused;
	}
	copy(s, 1);
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ groups */

/* (?flags) and (?flags: …): without u, which is how both work; -u and what only PCRE2 has are refused. */
static const char *scan_flags(struct scan *s)
{
	bool off = false;
	copy(s, 2);
	for (char c = peek(s, 0); c && c != ')' && c != ':'; c = peek(s, 0)) {
		off = off || c == '-';
		if (c == 'u' && !off)
			s->at++;
		else if (strchr("imsxU-", c))
			copy(s, 1);
		else
			return "it has a kind of group that cfn-guard does not know";
	}
	return NULL;
}

static const char *scan_group(struct scan *s)
{
	if (peek(s, 1) == '*')
		return "it has a kind of group that cfn-guard does not know";
	if (peek(s, 1) != '?') {
		copy(s, 1);
		return NULL;
	}
	char c = peek(s, 2);
	if (c == '#' || c == ':' || c == '=' || c == '!' || c == '>' || c == '<') {
		copy(s, 3);
		return NULL;
	}
	if (c == 'P' && (peek(s, 3) == '<' || peek(s, 3) == '=')) {
		copy(s, 4);
		return NULL;
	}
	return scan_flags(s);
}

/* {,n} is {0,n}. */
static void scan_brace(struct scan *s)
{
	size_t n = 2;
	while (is_digit(peek(s, n)))
		n++;
	copy(s, 1);
	if (peek(s, 0) == ',' && n > 2 && peek(s, n - 1) == '}')
		sg_buf_addc(s->out, '0');
}

const char *guard_dialect(struct sg_str pattern, struct sg_buf *out)
{
	struct scan s = {.in = pattern, .out = out};
	const char *refused = NULL;
	sg_buf_adds(out, "");
	while (!refused && s.at < s.in.n) {
		switch (peek(&s, 0)) {
		case '\\':
			refused = scan_escape(&s, false);
			break;
		case '[':
			refused = scan_class(&s);
			break;
		case '(':
			refused = scan_group(&s);
			break;
		case '{':
			scan_brace(&s);
			break;
		default:
			copy(&s, 1);
		}
	}
	return refused;
}
