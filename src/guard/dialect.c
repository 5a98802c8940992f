/*
 * From the regular expressions of Rust (fancy-regex 0.13 on regex-syntax) to PCRE2's: most patterns are the same in both
 * and pass as they are.  It must not know what they are matched against.
 */
#include "guard/dialect.h"

#include <string.h>

char scan_peek(const struct scan *s, size_t ahead)
{
	return s->at + ahead < s->in.n ? s->in.p[s->at + ahead] : 0;
}

void scan_copy(struct scan *s, size_t n)
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
	size_t digits = scan_peek(s, 1) == 'u' ? 4 : 8;
	s->at += 2;
	if (scan_peek(s, 0) == '{') {
		sg_buf_adds(s->out, "\\x");
		return NULL; /* the braces follow as they are */
	}
	if (s->in.n - s->at < digits)
		return refused_escape;
	sg_buf_adds(s->out, "\\x{");
	scan_copy(s, digits);
	sg_buf_addc(s->out, '}');
	return NULL;
}

static const char *property_escape(struct scan *s)
{
	size_t end = sg_str_find(s->in, "}", s->at);
	if (scan_peek(s, 2) != '{') {
		scan_copy(s, 3);
		return NULL;
	}
	if (end == SIZE_MAX)
		return refused_escape;
	struct sg_str name = sg_str_sub(s->in, s->at + 3, end - s->at - 3);
	if (memchr(name.p, '&', name.n) || memchr(name.p, '^', name.n))
		return "it names a property in a way that cfn-guard does not know";
	scan_copy(s, end + 1 - s->at);
	return NULL;
}

const char *guard_scan_escape(struct scan *s, bool inside)
{
	char letter = scan_peek(s, 1);
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
	scan_copy(s, 2);
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ groups */

/* (?flags) and (?flags: …): without u, which is how both work; -u and what only PCRE2 has are refused. */
static const char *scan_flags(struct scan *s)
{
	bool off = false;
	scan_copy(s, 2);
	for (char c = scan_peek(s, 0); c && c != ')' && c != ':'; c = scan_peek(s, 0)) {
		off = off || c == '-';
		if (c == 'u' && !off)
			s->at++;
		else if (strchr("imsxU-", c))
			scan_copy(s, 1);
		else
			return "it has a kind of group that cfn-guard does not know";
	}
	return NULL;
}

static const char *scan_group(struct scan *s)
{
	if (scan_peek(s, 1) == '*')
		return "it has a kind of group that cfn-guard does not know";
	if (scan_peek(s, 1) != '?') {
		scan_copy(s, 1);
		return NULL;
	}
	char c = scan_peek(s, 2);
	if (c == '#' || c == ':' || c == '=' || c == '!' || c == '>' || c == '<') {
		scan_copy(s, 3);
		return NULL;
	}
	if (c == 'P' && (scan_peek(s, 3) == '<' || scan_peek(s, 3) == '=')) {
		scan_copy(s, 4);
		return NULL;
	}
	return scan_flags(s);
}

/* {,n} is {0,n}. */
static void scan_brace(struct scan *s)
{
	size_t n = 2;
	while (is_digit(scan_peek(s, n)))
		n++;
	scan_copy(s, 1);
	if (scan_peek(s, 0) == ',' && n > 2 && scan_peek(s, n - 1) == '}')
		sg_buf_addc(s->out, '0');
}

const char *guard_dialect(struct sg_str pattern, struct sg_buf *out)
{
	struct scan s = {.in = pattern, .out = out};
	const char *refused = NULL;
	sg_buf_adds(out, "");
	while (!refused && s.at < s.in.n) {
		switch (scan_peek(&s, 0)) {
		case '\\':
			refused = guard_scan_escape(&s, false);
			break;
		case '[':
			refused = guard_scan_class(&s, 0);
			break;
		case '(':
			refused = scan_group(&s);
			break;
		case '{':
			scan_brace(&s);
			break;
		default:
			scan_copy(&s, 1);
		}
	}
	return refused;
}
