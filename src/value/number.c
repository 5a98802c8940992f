/*
 * The spelling of numbers.  The patterns of YAML 1.1 are those of PyYAML 6.0's resolver.py, the arithmetic that of its
 * constructor.py: SAM CLI reads templates with it.  YAML 1.2: section 10.3.2.  JSON: RFC 8259, section 6.
 */
#include "value/number_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A longer float is refused rather than guessed at. */
#define FLOAT_MAX 4096

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"

/* A place in a text that is being matched. */
struct cursor {
	struct sg_str s;
	size_t i;
};

static bool at_end(const struct cursor *c)
{
	return c->i == c->s.n;
}

static bool one_of(struct cursor *c, const char *set)
{
	if (at_end(c) || !c->s.p[c->i] || !strchr(set, c->s.p[c->i]))
		return false;
	c->i++;
	return true;
}

static bool some_of(struct cursor *c, const char *set)
{
	size_t from = c->i;
	while (one_of(c, set))
		;
	return c->i > from;
}

static bool word(struct cursor *c, const char *w)
{
	if (!sg_str_starts(sg_str_sub(c->s, c->i, SIZE_MAX), w))
		return false;
	c->i += strlen(w);
	return true;
}

/* (:[0-5]?[0-9])+ */
static bool sixties(struct cursor *c)
{
	size_t parts = 0;
	for (; word(c, ":"); parts++) {
		size_t from = c->i;
		if (!some_of(c, DIGITS) || c->i - from > 2 || (c->i - from == 2 && c->s.p[from] > '5'))
			return false;
	}
	return parts > 0;
}

/* ([eE][-+]?[0-9]+)?, with the sign required in YAML 1.1 */
static bool exponent(struct cursor *c, bool sign_required)
{
	if (!one_of(c, "eE"))
		return true;
	return (one_of(c, "+-") || !sign_required) && some_of(c, DIGITS);
}

/* ---------------------------------------------------------------------------------------------- integers */

struct sum {
	bool negative, big;
	uint64_t whole;
	double approx;
};

static void sum_push(struct sum *n, unsigned base, unsigned digit)
{
	n->big |= __builtin_mul_overflow(n->whole, base, &n->whole);
	n->big |= __builtin_add_overflow(n->whole, digit, &n->whole);
	n->approx = n->approx * base + digit;
}

static unsigned digit_of(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

/* Pushes digits, passing over '_'; a ':' starts the next digit of base 60. */
static void sum_digits(struct sum *n, struct sg_str digits, unsigned base)
{
	struct sum part = {0};
	bool parted = false;
	for (size_t i = 0; i < digits.n; i++) {
		char c = digits.p[i];
		if (c == ':') {
			if (!parted)
				*n = (struct sum){n->negative, part.big, part.whole, part.approx};
			else
				sum_push(n, 60, (unsigned)part.whole);
			part = (struct sum){0};
			parted = true;
		} else if (c != '_') {
			sum_push(&part, base, digit_of(c));
		}
	}
	if (parted)
		sum_push(n, 60, (unsigned)part.whole);
	else
		*n = (struct sum){n->negative, part.big, part.whole, part.approx};
}

static bool int_done(const struct sum *n, struct sg_reading *r)
{
	uint64_t limit = (uint64_t)INT64_MAX + n->negative;
	r->type = SG_T_INT;
	r->big = n->big || n->whole > limit;
	r->number = n->negative ? -n->approx : n->approx;
	r->integer = r->big ? 0 : n->negative ? (int64_t)(0 - n->whole) : (int64_t)n->whole;
	if (!r->big)
		r->number = (double)r->integer;
	return true;
}

static bool int_take(struct sg_str text, bool negative, size_t from, unsigned base, struct sg_reading *r)
{
	struct sum n = {.negative = negative};
	sum_digits(&n, sg_str_sub(text, from, SIZE_MAX), base);
	return int_done(&n, r);
}

/* What stands behind 0b or 0x.  PyYAML matches a rest of nothing but '_', and then fails on it. */
static bool take_rest(struct cursor c, bool negative, const char *set, unsigned base, struct sg_reading *r)
{
	size_t from = c.i;
	if (!some_of(&c, set) || !at_end(&c))
		return false;
	for (size_t i = from; i < c.s.n; i++)
		if (c.s.p[i] != '_')
			return int_take(c.s, negative, from, base, r);
	r->type = SG_T_BAD;
	return true;
}

static bool zero_prefixed11(struct cursor c, bool negative, struct sg_reading *r)
{
	struct cursor rest = c;
	if (word(&rest, "b"))
		return take_rest(rest, negative, "01_", 2, r);
	if (word(&rest, "x"))
		return take_rest(rest, negative, HEX "_", 16, r);
	some_of(&rest, "01234567_");
	return at_end(&rest) && int_take(c.s, negative, c.i, 8, r);
}

bool sg_number_int11(struct sg_str text, struct sg_reading *r)
{
	struct cursor c = {text, 0};
	bool negative = text.n && text.p[0] == '-';
	one_of(&c, "+-");
	size_t from = c.i;
	if (word(&c, "0"))
		return zero_prefixed11(c, negative, r);
	if (!some_of(&c, DIGITS "_") || text.p[from] == '_')
		return false;
	if (!at_end(&c) && (!sixties(&c) || !at_end(&c)))
		return false;
	return int_take(text, negative, from, 10, r);
}

bool sg_number_int12(struct sg_str text, struct sg_reading *r)
{
	struct cursor c = {text, 0};
	if (word(&c, "0x"))
		return some_of(&c, HEX) && at_end(&c) && int_take(text, false, 2, 16, r);
	if (word(&c, "0o"))
		return some_of(&c, "01234567") && at_end(&c) && int_take(text, false, 2, 8, r);
	bool negative = text.n && text.p[0] == '-';
	one_of(&c, "+-");
	size_t from = c.i;
	return some_of(&c, DIGITS) && at_end(&c) && int_take(text, negative, from, 10, r);
}

/* ---------------------------------------------------------------------------------------------- floats */

static bool float_is(struct sg_reading *r, double v)
{
	r->type = SG_T_FLOAT;
	r->number = v;
	return true;
}

static struct sg_str without_sign(struct sg_str s, bool *negative)
{
	*negative = s.n && s.p[0] == '-';
	return s.n && (s.p[0] == '-' || s.p[0] == '+') ? sg_str_sub(s, 1, SIZE_MAX) : s;
}

/* [-+]?\.(inf|Inf|INF) and, without a sign, \.(nan|NaN|NAN) */
static bool special(struct sg_str text, struct sg_reading *r)
{
	bool negative;
	struct sg_str s = without_sign(text, &negative);
	if (!s.n || s.p[0] != '.')
		return false;
	if (sg_str_is(s, ".inf") || sg_str_is(s, ".Inf") || sg_str_is(s, ".INF"))
		return float_is(r, negative ? -INFINITY : INFINITY);
	if (sg_str_is(text, ".nan") || sg_str_is(text, ".NaN") || sg_str_is(text, ".NAN"))
		return float_is(r, NAN);
	return false;
}

static bool shape11(struct sg_str text)
{
	struct cursor c = {text, 0};
	if (word(&c, "."))
		return one_of(&c, DIGITS) && (some_of(&c, DIGITS "_"), exponent(&c, true)) && at_end(&c);
	one_of(&c, "+-");
	if (!one_of(&c, DIGITS))
		return false;
	some_of(&c, DIGITS "_");
	bool sixty = !at_end(&c) && c.s.p[c.i] == ':';
	if (sixty && !sixties(&c))
		return false;
	if (!word(&c, "."))
		return false;
	some_of(&c, DIGITS "_");
	return (sixty || exponent(&c, true)) && at_end(&c);
}

/* The text without '_', in buf; false where it is too long. */
static bool bare(struct sg_str text, char *buf, struct sg_str *out)
{
	size_t n = 0;
	if (text.n > FLOAT_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '_')
			buf[n++] = text.p[i];
	*out = (struct sg_str){buf, n};
	return true;
}

/* From the last part to the first, as PyYAML adds them up: the order decides the last bit. */
static bool sum_sixties(struct sg_str s, double *out)
{
	double base = 1, total = 0, part;
	for (size_t end = s.n, i = s.n;; i--) {
		if (i && s.p[i - 1] != ':')
			continue;
		if (!sg_parse_double(sg_str_sub(s, i, end - i), &part))
			return false;
		total += part * base;
		base *= 60;
		if (!i)
			break;
		end = i - 1;
	}
	*out = total;
	return true;
}

static bool take_float(struct sg_str text, struct sg_reading *r)
{
	char buf[FLOAT_MAX];
	struct sg_str s;
	bool negative;
	double v;
	if (!bare(text, buf, &s) || !sum_sixties(without_sign(s, &negative), &v))
		return false;
	return float_is(r, negative ? -v : v);
}

bool sg_number_float11(struct sg_str text, struct sg_reading *r)
{
	return special(text, r) || (shape11(text) && take_float(text, r));
}

static bool shape12(struct sg_str text)
{
	struct cursor c = {text, 0};
	one_of(&c, "+-");
	if (word(&c, ".")) {
		if (!some_of(&c, DIGITS))
			return false;
	} else {
		if (!some_of(&c, DIGITS))
			return false;
		if (word(&c, "."))
			some_of(&c, DIGITS);
	}
	return exponent(&c, false) && at_end(&c);
}

bool sg_number_float12(struct sg_str text, struct sg_reading *r)
{
	return special(text, r) || (shape12(text) && take_float(text, r));
}

bool sg_number_float11_tagged(struct sg_str text, struct sg_reading *r)
{
	return sg_number_float11(text, r) || (shape12(text) && take_float(text, r));
}

bool sg_number_json(struct sg_str text, struct sg_reading *r)
{
	struct cursor c = {text, 0};
	word(&c, "-");
	size_t from = c.i;
	if (!word(&c, "0") && !some_of(&c, DIGITS))
		return false;
	if (at_end(&c))
		return int_take(text, from > 0, from, 10, r);
	if (word(&c, ".") && !some_of(&c, DIGITS))
		return false;
	return exponent(&c, false) && at_end(&c) && take_float(text, r);
}

/* ---------------------------------------------------------------------------------------------- formatting */

/* The fewest significant digits that read back as v, and the decimal exponent of the first; v > 0. */
static int shortest(double v, char digits[18])
{
	for (int precision = 0;; precision++) {
		char text[40], again[40];
		snprintf(text, sizeof(text), "%.*e", precision, v);
		const char *e = strchr(text, 'e');
		size_t n = 0;
		for (const char *p = text; p < e && n < 17; p++)
			if (*p >= '0' && *p <= '9') /* passes over the locale's decimal point */
				digits[n++] = *p;
		digits[n] = '\0';
		int64_t exp10 = 0;
		sg_parse_i64(sg_str(e[1] == '+' ? e + 2 : e + 1), &exp10);
		snprintf(again, sizeof(again), "%c.%se%d", digits[0], digits + 1, (int)exp10);
		double back;
		if (precision == 16 || (sg_parse_double(sg_str(again), &back) && back == v))
			return (int)exp10;
	}
}

static void add_scientific(struct sg_buf *out, const char *digits, int exp10)
{
	sg_buf_addc(out, digits[0]);
	if (digits[1])
		sg_buf_addf(out, ".%s", digits + 1);
	sg_buf_addf(out, "e%c%02d", exp10 < 0 ? '-' : '+', exp10 < 0 ? -exp10 : exp10);
}

static void add_positional(struct sg_buf *out, const char *digits, int exp10)
{
	size_t n = strlen(digits), whole = exp10 < 0 ? 0 : (size_t)exp10 + 1;
	if (!whole) {
		sg_buf_adds(out, "0.");
		sg_buf_fill(out, '0', (size_t)(-exp10 - 1));
		sg_buf_adds(out, digits);
		return;
	}
	sg_buf_add(out, digits, n < whole ? n : whole);
	sg_buf_fill(out, '0', n < whole ? whole - n : 0);
	sg_buf_addf(out, ".%s", n > whole ? digits + whole : "0");
}

bool sg_number_format(struct sg_buf *out, double v)
{
	char digits[18];
	if (!isfinite(v))
		return false;
	if (signbit(v))
		sg_buf_addc(out, '-');
	if (v == 0) {
		sg_buf_adds(out, "0.0");
		return true;
	}
	int exp10 = shortest(fabs(v), digits);
	(exp10 < -4 || exp10 >= 16 ? add_scientific : add_positional)(out, digits, exp10);
	return true;
}
