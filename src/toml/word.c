/* Numbers, Booleans, dates and times: what stands in no quotes. */
#include "toml/toml_priv.h"

#include <string.h>

/* What is left to be matched. */
struct cursor {
	const char *p, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct cursor *c, char wanted)
{
	bool there = c->p < c->end && *c->p == wanted;
	c->p += there;
	return there;
}

static bool take_any(struct cursor *c, const char *set)
{
	bool there = c->p < c->end && strchr(set, *c->p);
	c->p += there;
	return there;
}

/* Digits with single underscores between them, without the underscores. */
static bool take_digits(struct cursor *c, const char *set, struct sg_buf *out)
{
	size_t n = 0;
	for (;;) {
		struct cursor next = *c;
		if (n)
			take(&next, '_');
		if (!take_any(&next, set))
			return n > 0;
		sg_buf_addc(out, next.p[-1]);
		*c = next;
		n++;
	}
}

#define DECIMAL "0123456789"

static bool take_sign(struct cursor *c, struct sg_buf *out)
{
	if (take(c, '-'))
		sg_buf_addc(out, '-');
	else if (!take(c, '+'))
		return false;
	return true;
}

/* 0x, 0o, 0b: as a decimal number. */
static bool based(struct cursor c, struct sg_buf *out)
{
	static const struct {
		char letter;
		unsigned base;
		const char *digits;
	} bases[] = {{'x', 16, "0123456789abcdefABCDEF"}, {'o', 8, "01234567"}, {'b', 2, "01"}};
	struct sg_buf digits = {0};
	uint64_t value = 0;
	bool ok = false;
	for (size_t i = 0; take(&c, '0') && i < sizeof(bases) / sizeof(*bases); i++, c.p--) {
		if (!take(&c, bases[i].letter))
			continue;
		ok = take_digits(&c, bases[i].digits, &digits) && c.p == c.end;
		for (size_t k = 0; ok && k < digits.n; k++) {
			unsigned digit = is_digit(digits.p[k]) ? (unsigned)(digits.p[k] - '0')
							       : (unsigned)((digits.p[k] | 32) - 'a' + 10);
			ok = value <= ((uint64_t)INT64_MAX - digit) / bases[i].base;
			value = value * bases[i].base + digit;
		}
		break;
	}
	if (ok)
		sg_buf_addf(out, "%llu", (unsigned long long)value);
	sg_buf_free(&digits);
	return ok;
}

static bool decimal(struct cursor c, struct sg_buf *out)
{
	take_sign(&c, out);
	size_t first = out->n;
	if (!take_digits(&c, DECIMAL, out) || (out->p[first] == '0' && out->n - first > 1))
		return false; /* 012 */
	if (take(&c, '.')) {
		sg_buf_addc(out, '.');
		if (!take_digits(&c, DECIMAL, out))
			return false;
	}
	if (take_any(&c, "eE")) {
		sg_buf_addc(out, 'e');
		take_sign(&c, out);
		if (!take_digits(&c, DECIMAL, out))
			return false;
	}
	if (sg_str_is(sg_buf_view(out), "-0"))
		sg_buf_adds((out->n = 0, out), "0");
	return c.p == c.end;
}

static bool named(struct cursor c, struct sg_buf *out)
{
	struct sg_str word = {c.p, (size_t)(c.end - c.p)};
	if (sg_str_is(word, "true") || sg_str_is(word, "false"))
		return sg_buf_str(out, word), true;
	take_sign(&c, out);
	word = (struct sg_str){c.p, (size_t)(c.end - c.p)};
	if (sg_str_is(word, "nan"))
		return out->n = 0, sg_buf_adds(out, ".nan"), true;
	if (!sg_str_is(word, "inf"))
		return false;
	sg_buf_adds(out, ".inf");
	return true;
}

/* Exactly n digits, a number within bounds. */
static bool take_number(struct cursor *c, size_t n, unsigned low, unsigned high, struct sg_buf *out, unsigned *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++, c->p++) {
		if (c->p >= c->end || !is_digit(*c->p))
			return false;
		*value = *value * 10 + (unsigned)(*c->p - '0');
		sg_buf_addc(out, *c->p);
	}
	return *value >= low && *value <= high;
}

static bool take_date(struct cursor *c, struct sg_buf *out)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year, month, day;
	if (!take_number(c, 4, 1, 9999, out, &year) || !take(c, '-'))
		return false;
	sg_buf_addc(out, '-');
	if (!take_number(c, 2, 1, 12, out, &month) || !take(c, '-'))
		return false;
	sg_buf_addc(out, '-');
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
	return take_number(c, 2, 1, days[month - 1] + (leap && month == 2), out, &day);
}

/* Python keeps six digits of a fraction, and prints all six or none. */
static void add_fraction(struct sg_buf *out, const char *digits, size_t n)
{
	char six[] = "000000";
	for (size_t i = 0; i < n && i < 6; i++)
		six[i] = digits[i];
	if (strcmp(six, "000000") != 0)
		sg_buf_addf(out, ".%s", six);
}

static bool take_time(struct cursor *c, struct sg_buf *out)
{
	unsigned ignored;
	for (int i = 0; i < 3; i++) {
		if (i == 2 && (c->p == c->end || *c->p != ':'))
			return sg_buf_adds(out, ":00"), true; /* seconds may be left out */
		if (i && !take(c, ':'))
			return false;
		if (i)
			sg_buf_addc(out, ':');
		if (!take_number(c, 2, 0, i ? 59 : 23, out, &ignored))
			return false;
	}
	if (!take(c, '.'))
		return true;
	const char *first = c->p;
	while (c->p < c->end && is_digit(*c->p))
		c->p++;
	add_fraction(out, first, (size_t)(c->p - first));
	return c->p > first;
}

static bool take_offset(struct cursor *c, struct sg_buf *out)
{
	unsigned ignored;
	if (c->p == c->end)
		return true;
	if (take_any(c, "zZ"))
		return sg_buf_adds(out, "+00:00"), true;
	if (!take_any(c, "+-"))
		return false;
	sg_buf_addc(out, c->p[-1]);
	if (!take_number(c, 2, 0, 23, out, &ignored) || !take(c, ':'))
		return false;
	sg_buf_addc(out, ':');
	return take_number(c, 2, 0, 59, out, &ignored);
}

static bool moment(struct cursor c, struct sg_buf *out)
{
	bool date = c.end - c.p > 4 && c.p[4] == '-';
	if (date && !take_date(&c, out))
		return false;
	if (date && c.p == c.end)
		return true;
	if (date && !take_any(&c, "tT "))
		return false;
	if (date)
		sg_buf_addc(out, ' ');
	return take_time(&c, out) && (!date || take_offset(&c, out)) && c.p == c.end;
}

/* A date and its time may have a blank between them. */
static size_t word_end(const struct sg_toml_reader *r)
{
	size_t end = r->at;
	for (; end < r->text.n; end++) {
		char c = r->text.p[end];
		bool inside = is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c && strchr("+-_.:", c));
		bool between = c == ' ' && end == r->at + 10 && r->text.p[r->at + 4] == '-' && end + 1 < r->text.n &&
			       is_digit(r->text.p[end + 1]);
		if (!inside && !between)
			break;
	}
	return end;
}

struct sg_node *sg_toml_word(struct sg_toml_reader *r)
{
	static const struct {
		bool (*matches)(struct cursor c, struct sg_buf *out);
		enum sg_style style;
	} kinds[] = {{named, SG_PLAIN}, {based, SG_PLAIN}, {moment, SG_DOUBLE}, {decimal, SG_PLAIN}};
	size_t start = r->at, end = word_end(r);
	struct sg_buf out = {0};
	for (size_t i = 0; end > start && i < sizeof(kinds) / sizeof(*kinds); i++) {
		out.n = 0;
		if (kinds[i].matches((struct cursor){r->text.p + start, r->text.p + end}, &out)) {
			r->at = end;
			return sg_toml_scalar(r, sg_buf_take(&out, r->arena), kinds[i].style, start);
		}
	}
	sg_buf_free(&out);
	return sg_toml_wrong(r, start, end > start ? end : start + 1, "put strings in quotes",
			     end > start ? "this is no value of TOML" : "a value is missing here");
}
