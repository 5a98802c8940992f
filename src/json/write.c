/*
 * The JSON writer: deterministic, without a locale, without a tree.
 */
#include "json/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sg_json_init(struct sg_json *w, struct sg_buf *out, unsigned indent)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->indent = indent;
}

static void new_line(struct sg_json *w)
{
	if (!w->indent)
		return;
	sg_buf_addc(w->out, '\n');
	sg_buf_fill(w->out, ' ', (size_t)w->indent * w->depth);
}

/* What stands before a value or a key: nothing, a comma, a new line. */
static void separate(struct sg_json *w, bool is_key)
{
	if (w->after_key) {
		SG_ASSERT(!is_key);
		w->after_key = false;
		return;
	}
	if (!w->depth)
		return;
	SG_ASSERT(w->level[w->depth - 1].object == is_key);
	if (w->level[w->depth - 1].used)
		sg_buf_addc(w->out, ',');
	w->level[w->depth - 1].used = true;
	new_line(w);
}

static void open_level(struct sg_json *w, bool object)
{
	separate(w, false);
	SG_ASSERT(w->depth < SG_JSON_WRITE_DEPTH);
	sg_buf_addc(w->out, object ? '{' : '[');
	w->level[w->depth].object = object;
	w->level[w->depth++].used = false;
}

void sg_json_object(struct sg_json *w)
{
	open_level(w, true);
}

void sg_json_array(struct sg_json *w)
{
	open_level(w, false);
}

void sg_json_end(struct sg_json *w)
{
	SG_ASSERT(w->depth && !w->after_key);
	w->depth--;
	if (w->level[w->depth].used)
		new_line(w);
	sg_buf_addc(w->out, w->level[w->depth].object ? '}' : ']');
}

/* ------------------------------------------------------------------------------------------------ scalars */

/* Besides what JSON asks for: what a terminal or an old JavaScript engine would not take as text. */
static bool needs_escape(uint32_t cp)
{
	return cp < 0x20 || cp == '"' || cp == '\\' || (cp >= 0x7f && cp <= 0x9f) || cp == 0x61c ||
	       (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
	       cp == 0xfeff;
}

static void add_escape(struct sg_buf *out, uint32_t cp)
{
	static const char letters[][2] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
					  {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (cp == (unsigned char)letters[i][0]) {
			sg_buf_addf(out, "\\%c", letters[i][1]);
			return;
		}
	sg_buf_addf(out, "\\u%04x", cp);
}

/* How many of the bytes from `at` are written as they are; most of any string. */
static size_t plain_run(struct sg_str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.n && s.p[at + n] >= ' ' && s.p[at + n] <= '~' && s.p[at + n] != '"' && s.p[at + n] != '\\')
		n++;
	return n;
}

static void add_string(struct sg_buf *out, struct sg_str s)
{
	sg_buf_addc(out, '"');
	for (size_t at = 0; at < s.n;) {
		uint32_t cp = 0;
		size_t run = plain_run(s, at);
		if (run) {
			sg_buf_add(out, s.p + at, run);
			at += run;
			continue;
		}
		size_t n = sg_utf8_decode(sg_str_sub(s, at, 4), &cp);
		if (!n)
			sg_buf_adds(out, "\xef\xbf\xbd");
		else if (needs_escape(cp))
			add_escape(out, cp);
		else
			sg_buf_add(out, s.p + at, n);
		at += n ? n : 1;
	}
	sg_buf_addc(out, '"');
}

void sg_json_key_str(struct sg_json *w, struct sg_str key)
{
	SG_ASSERT(w->depth);
	separate(w, true);
	add_string(w->out, key);
	sg_buf_adds(w->out, w->indent ? ": " : ":");
	w->after_key = true;
}

void sg_json_key(struct sg_json *w, const char *key)
{
	sg_json_key_str(w, sg_str(key));
}

void sg_json_str(struct sg_json *w, struct sg_str s)
{
	separate(w, false);
	add_string(w->out, s);
}

void sg_json_cstr(struct sg_json *w, const char *s)
{
	sg_json_str(w, sg_str(s));
}

static void word(struct sg_json *w, struct sg_str text)
{
	separate(w, false);
	sg_buf_str(w->out, text);
}

void sg_json_int(struct sg_json *w, int64_t i)
{
	separate(w, false);
	sg_buf_addf(w->out, "%lld", (long long)i);
}

void sg_json_bool(struct sg_json *w, bool b)
{
	word(w, sg_str(b ? "true" : "false"));
}

void sg_json_null(struct sg_json *w)
{
	word(w, SG_LIT("null"));
}

/* The fewest digits that read back as `d` (which is not negative), and the place of the point behind them: 0.digits
 * times ten to the returned power. */
static int shortest(double d, char digits[20])
{
	char text[40];
	double back = 0;
	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, d);
		if (sg_parse_double(sg_str(text), &back) && !(back < d) && !(back > d))
			break;
	}
	size_t n = 0;
	const char *p = text;
	for (; *p && *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	digits[n] = '\0';
	return atoi(p + 1) + 1;
}

void sg_json_double(struct sg_json *w, double d)
{
	char digits[20];
	SG_ASSERT(isfinite(d));
	separate(w, false);
	if (!(d < 0) && !(d > 0)) {
		sg_buf_addc(w->out, '0');
		return;
	}
	sg_buf_adds(w->out, d < 0 ? "-" : "");
	int point = shortest(fabs(d), digits), n = (int)strlen(digits);
	if (n <= point && point <= 21) {
		sg_buf_adds(w->out, digits);
		sg_buf_fill(w->out, '0', (size_t)(point - n));
	} else if (0 < point && point <= 21) {
		sg_buf_addf(w->out, "%.*s.%s", point, digits, digits + point);
	} else if (-6 < point && point <= 0) {
		sg_buf_adds(w->out, "0.");
		sg_buf_fill(w->out, '0', (size_t)-point);
		sg_buf_adds(w->out, digits);
	} else {
		sg_buf_addf(w->out, "%c%s%s", digits[0], n > 1 ? "." : "", digits + 1);
		sg_buf_addf(w->out, "e%c%d", point > 0 ? '+' : '-', abs(point - 1));
	}
}

void sg_json_node(struct sg_json *w, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR) {
		if (n->style == SG_JSON_WORD)
			word(w, n->text);
		else
			sg_json_str(w, n->text);
		return;
	}
	open_level(w, n->kind == SG_MAP);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == SG_MAP)
			sg_json_key_str(w, n->members[i].key->text);
		sg_json_node(w, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
	sg_json_end(w);
}
