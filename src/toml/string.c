/*
 * The four forms of strings: basic and literal, on one line and on several.
 *
 * Line ends inside of strings become line feeds, as sam-cli reads the file in text mode.
 */
#include "toml/toml_priv.h"

#include <string.h>

struct form {
	char quote;
	bool escapes, lines;
};

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static int hex_digit(char c)
{
	char low = (char)(c | 32);
	return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* \xXX, \uXXXX or \UXXXXXXXX, the place behind the letter. */
static bool add_unicode(struct sg_toml_reader *r, struct sg_buf *out, size_t digits)
{
	size_t start = r->at - 2;
	uint32_t cp = 0;
	char bytes[4];
	for (size_t i = 0; i < digits; i++, r->at++) {
		int digit = hex_digit(sg_toml_peek(r, 0));
		if (digit < 0)
			return sg_toml_wrong(r, start, r->at + 1, NULL,
					     "\\x takes two hexadecimal digits, \\u four, \\U eight");
		cp = cp << 4 | (uint32_t)digit;
	}
	size_t n = sg_utf8_encode(cp, bytes);
	if (!n)
		return sg_toml_wrong(r, start, r->at, NULL, "no character has this number");
	sg_buf_add(out, bytes, n);
	return true;
}

static size_t line_end(const struct sg_toml_reader *r)
{
	return sg_toml_peek(r, 0) == '\n' ? 1 : sg_toml_peek(r, 0) == '\r' && sg_toml_peek(r, 1) == '\n' ? 2 : 0;
}

/* A backslash at the end of a line takes all white space up to the next character; false where it is none. */
static bool skip_folded(struct sg_toml_reader *r)
{
	size_t before = r->at;
	bool folded = false;
	for (size_t n; sg_toml_peek(r, 0) == ' ' || sg_toml_peek(r, 0) == '\t' || line_end(r); r->at += n) {
		n = line_end(r);
		folded |= n > 0;
		n += !n;
	}
	if (!folded)
		r->at = before;
	return folded;
}

static bool add_escape(struct sg_toml_reader *r, struct sg_buf *out, struct form form)
{
	static const char letters[] = "btnfre\"\\", bytes[] = "\b\t\n\f\r\x1b\"\\";
	r->at++;
	if (form.lines && skip_folded(r))
		return true;
	char c = sg_toml_peek(r, 0);
	const char *known = c ? strchr(letters, c) : NULL;
	r->at++;
	if (known)
		sg_buf_addc(out, bytes[known - letters]);
	else if (c == 'x' || c == 'u' || c == 'U')
		return add_unicode(r, out, c == 'x' ? 2 : c == 'u' ? 4 : 8);
	else
		return sg_toml_wrong(r, r->at - 2, r->at, "write \\\\ for a backslash, or put the string in '…'",
				     "an escape that TOML does not have");
	return true;
}

/* Whether the string ends here; the quotes before the last three belong to it. */
static bool at_end(struct sg_toml_reader *r, struct sg_buf *out, struct form form)
{
	size_t n = 0;
	if (sg_toml_peek(r, 0) != form.quote)
		return false;
	if (!form.lines)
		return r->at++, true;
	while (n < 5 && sg_toml_peek(r, n) == form.quote)
		n++;
	if (n < 3)
		return false;
	sg_buf_fill(out, form.quote, n - 3);
	r->at += n;
	return true;
}

static bool add_plain(struct sg_toml_reader *r, struct sg_buf *out, struct form form)
{
	size_t n = form.lines ? line_end(r) : 0;
	char c = sg_toml_peek(r, 0);
	if (!n && is_control(c))
		return sg_toml_wrong(r, r->at, r->at + 1, "close the string, or write an escape",
				     c == '\n' || c == '\r' ? "the string is not closed at the end of its line"
							    : "a control character in a string");
	sg_buf_addc(out, n ? '\n' : c);
	r->at += n ? n : 1;
	return true;
}

struct sg_node *sg_toml_string(struct sg_toml_reader *r, bool lines)
{
	size_t start = r->at;
	char quote = sg_toml_peek(r, 0);
	struct form form = {quote, quote == '"', false};
	struct sg_buf out = {0};
	form.lines = lines && sg_toml_peek(r, 1) == quote && sg_toml_peek(r, 2) == quote;
	r->at += form.lines ? 3 : 1;
	if (form.lines)
		r->at += line_end(r);
	while (!r->failed && !at_end(r, &out, form)) {
		if (r->at >= r->text.n)
			sg_toml_wrong(r, start, start + (form.lines ? 3 : 1), NULL, "the string is not closed");
		else if (form.escapes && sg_toml_peek(r, 0) == '\\')
			add_escape(r, &out, form);
		else
			add_plain(r, &out, form);
	}
	struct sg_str text = sg_buf_take(&out, r->arena);
	return r->failed ? NULL : sg_toml_scalar(r, text, SG_DOUBLE, start);
}
