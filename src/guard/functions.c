/*
 * The functions of the language: each takes lists of results and makes a list of values.  What cannot be converted is
 * ST_UNEVAL, what is no argument at all for the function ends the evaluation, a value of another type is left out.
 */
#include "guard/guard_priv.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct calling {
	struct eval *e;
	const struct call *call;
	const struct results *args; /* as many as the arity */
	struct results *out;
};

struct guard_function {
	const char *name;
	size_t arity;
	enum st (*run)(struct calling *c);
};

static void give(struct calling *c, const struct gv *v)
{
	SG_PUSH(c->e->arena, c->out, ((struct result){.kind = R_VALUE, .v = v}));
}

static void give_text(struct calling *c, const struct gv *origin, struct sg_str text)
{
	struct gv *v = guard_new(c->e->arena, GV_STRING, origin);
	v->text = text;
	give(c, v);
}

static void give_int(struct calling *c, const struct gv *origin, int64_t integer)
{
	struct gv *v = guard_new(c->e->arena, GV_INT, origin);
	v->integer = integer;
	give(c, v);
}

static void give_float(struct calling *c, const struct gv *origin, double number)
{
	struct gv *v = guard_new(c->e->arena, GV_FLOAT, origin);
	v->number = number;
	give(c, v);
}

static enum st not_convertible(struct calling *c, const char *into)
{
	return guard_uneval(c->e, c->call->span, "the value cannot be made %s", into);
}

/* Calls `one` for each value of the first argument that was reached. */
static enum st each(struct calling *c, enum st (*one)(struct calling *c, const struct gv *v))
{
	enum st st = ST_PASS;
	for (size_t i = 0; i < c->args[0].n && !st_bad(st); i++)
		if (c->args[0].v[i].kind != R_MISSING)
			st = one(c, c->args[0].v[i].v);
	return st;
}

static const struct gv *first(const struct calling *c, size_t arg)
{
	return c->args[arg].n && c->args[arg].v[0].kind != R_MISSING ? c->args[arg].v[0].v : NULL;
}

/* ------------------------------------------------------------------------------------------------ count, join, now */

static enum st run_count(struct calling *c)
{
	int64_t n = 0;
	for (size_t i = 0; i < c->args[0].n; i++)
		n += c->args[0].v[i].kind != R_MISSING;
	give_int(c, c->args[0].n ? c->args[0].v[0].v : NULL, n);
	return ST_PASS;
}

static enum st run_now(struct calling *c)
{
	give_int(c, NULL, c->e->options->now);
	return ST_PASS;
}

static bool delimiter(const struct gv *v, struct sg_buf *out)
{
	char text[4];
	if (v && v->kind == GV_STRING)
		sg_buf_str(out, v->text);
	else if (v && v->kind == GV_CHAR)
		sg_buf_add(out, text, sg_utf8_encode((uint32_t)v->integer, text));
	else
		return false;
	return true;
}

static enum st join(struct calling *c, struct sg_str between)
{
	struct sg_buf out = {0};
	const struct results *args = &c->args[0];
	for (size_t i = 0; i < args->n; i++) {
		if (args->v[i].kind == R_MISSING || args->v[i].v->kind != GV_STRING) {
			sg_buf_free(&out);
			return guard_uneval(c->e, c->call->span, "join() takes strings alone");
		}
		if (i)
			sg_buf_str(&out, between);
		sg_buf_str(&out, args->v[i].v->text);
	}
	give_text(c, args->n ? args->v[0].v : NULL, sg_buf_take(&out, c->e->arena));
	return ST_PASS;
}

static enum st run_join(struct calling *c)
{
	struct sg_buf between = {0};
	if (!delimiter(first(c, 1), &between))
		return guard_error(c->e, c->call->span, "join() takes a string or character as its second argument");
	enum st st = join(c, sg_buf_take(&between, c->e->arena));
	return st;
}

/* ------------------------------------------------------------------------------------------------ strings */

/* White space and comments: to 3.2.1, which reads YAML here, that is null and no error. */
static bool says_nothing(struct sg_str text)
{
	size_t at = sg_str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
	for (bool comment = false; at < text.n; at++) {
		comment = text.p[at] != '\n' && (comment || text.p[at] == '#');
		if (!comment && !memchr(" \t\r\n", text.p[at], 4))
			return false;
	}
	return true;
}

static enum st json_one(struct calling *c, const struct gv *v)
{
	const struct sg_guard_options *o = c->e->options;
	if (v->kind != GV_STRING)
		return ST_PASS;
	if (says_nothing(v->text)) {
		give(c, guard_new(c->e->arena, GV_NULL, v));
		return ST_PASS;
	}
	const struct sg_node *n = o->parse ? o->parse(o->context, c->e->arena, v->text) : NULL;
	if (!n)
		return guard_error(c->e, c->call->span, "the text cannot be parsed as JSON");
	give(c, guard_value_of_text(c->e->arena, n, v));
	return ST_PASS;
}

static enum st run_json_parse(struct calling *c)
{
	return each(c, json_one);
}

static enum st upper_one(struct calling *c, const struct gv *v)
{
	if (v->kind == GV_STRING)
		give_text(c, v, guard_case(c->e->arena, v->text, true));
	return ST_PASS;
}

static enum st lower_one(struct calling *c, const struct gv *v)
{
	if (v->kind == GV_STRING)
		give_text(c, v, guard_case(c->e->arena, v->text, false));
	return ST_PASS;
}

static enum st run_to_upper(struct calling *c)
{
	return each(c, upper_one);
}

static enum st run_to_lower(struct calling *c)
{
	return each(c, lower_one);
}

static enum st run_regex_replace(struct calling *c)
{
	const struct gv *pattern = first(c, 1), *with = first(c, 2);
	struct sg_str why;
	if (!pattern || !with || pattern->kind != GV_STRING || with->kind != GV_STRING)
		return guard_error(c->e, c->call->span, "regex_replace() takes strings as its last arguments");
	for (size_t i = 0; i < c->args[0].n; i++) {
		const struct gv *v = c->args[0].v[i].v;
		struct sg_buf out = {0};
		if (c->args[0].v[i].kind == R_MISSING || v->kind != GV_STRING)
			continue;
		struct guard_regex *regex = guard_regex(c->e->g->regexes, pattern->text, &why);
		if (!regex)
			return guard_error(c->e, c->call->span, "the regular expression cannot be used: %.*s",
					   SG_FMT(why));
		bool ok = guard_regex_expand(regex, v->text, with->text, c->e->limits.match, &out);
		give_text(c, v, sg_buf_take(&out, c->e->arena));
		if (!ok)
			return guard_error(c->e, c->call->span, "the regular expression takes too long here");
	}
	return ST_PASS;
}

static bool offset(const struct gv *v, size_t *out)
{
	double d = v && v->kind == GV_FLOAT ? trunc(v->number) : v && v->kind == GV_INT ? (double)v->integer : -1;
	if (!(d >= 0 && d < 1e15))
		return false;
	*out = (size_t)d;
	return true;
}

/* Bytes of the first n characters; SIZE_MAX where there are fewer. */
static size_t character_offset(struct sg_str s, size_t n)
{
	size_t at = 0;
	for (; n; n--) {
		size_t length = sg_utf8_decode(sg_str_sub(s, at, SIZE_MAX), NULL);
		if (!length)
			return SIZE_MAX;
		at += length;
	}
	return at;
}

static enum st run_substring(struct calling *c)
{
	size_t from, to;
	if (!offset(first(c, 1), &from) || !offset(first(c, 2), &to))
		return guard_error(c->e, c->call->span, "substring() takes offsets as its last arguments");
	for (size_t i = 0; i < c->args[0].n; i++) {
		const struct gv *v = c->args[0].v[i].v;
		if (c->args[0].v[i].kind == R_MISSING || v->kind != GV_STRING || from >= to || to > v->text.n)
			continue;
		size_t start = character_offset(v->text, from), end = character_offset(v->text, to);
		if (v->text.n && end != SIZE_MAX)
			give_text(c, v, sg_str_sub(v->text, start, end - start));
	}
	return ST_PASS;
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static enum st url_one(struct calling *c, const struct gv *v)
{
	struct sg_buf out = {0};
	if (v->kind != GV_STRING)
		return ST_PASS;
	for (size_t i = 0; i < v->text.n; i++) {
		const char *p = v->text.p + i;
		bool escape = *p == '%' && i + 2 < v->text.n && hex(p[1]) >= 0 && hex(p[2]) >= 0;
		sg_buf_addc(&out, escape ? (char)(hex(p[1]) * 16 + hex(p[2])) : *p);
		i += escape ? 2 : 0;
	}
	struct sg_str text = sg_buf_take(&out, c->e->arena);
	if (sg_utf8_invalid_at(text) == SIZE_MAX)
		give_text(c, v, text);
	return ST_PASS;
}

static enum st run_url_decode(struct calling *c)
{
	return each(c, url_one);
}

/* ------------------------------------------------------------------------------------------------ converters */

/* A string as a number, in cfn-guard's spelling of numbers. */
static struct sg_reading as_number(struct sg_str text)
{
	struct sg_node n = {.kind = SG_SCALAR, .style = SG_PLAIN, .text = text};
	return sg_read_guard321(&n);
}

static bool digit_of(const struct gv *v, int64_t *out)
{
	*out = v->integer - '0';
	return v->integer >= '0' && v->integer <= '9';
}

static int64_t saturated(double d)
{
	if (isnan(d))
		return 0;
	return d >= 9223372036854775808.0 ? INT64_MAX : d < -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}

static enum st int_one(struct calling *c, const struct gv *v)
{
	int64_t digit;
	struct sg_reading r;
	switch (v->kind) {
	case GV_STRING:
		r = as_number(v->text);
		if (r.type != SG_T_INT)
			return not_convertible(c, "an integer");
		give_int(c, v, r.integer);
		return ST_PASS;
	case GV_CHAR:
		if (!digit_of(v, &digit))
			return not_convertible(c, "an integer");
		give_int(c, v, digit);
		return ST_PASS;
	case GV_INT:
		give_int(c, v, v->integer);
		return ST_PASS;
	case GV_FLOAT:
		give_int(c, v, saturated(v->number));
		return ST_PASS;
	default:
		return ST_PASS;
	}
}

static enum st run_parse_int(struct calling *c)
{
	return each(c, int_one);
}

static enum st float_one(struct calling *c, const struct gv *v)
{
	int64_t digit;
	struct sg_reading r;
	switch (v->kind) {
	case GV_STRING:
		r = as_number(v->text);
		if (r.type != SG_T_INT && r.type != SG_T_FLOAT)
			return not_convertible(c, "a float");
		give_float(c, v, r.number);
		return ST_PASS;
	case GV_CHAR:
		if (!digit_of(v, &digit))
			return not_convertible(c, "a float");
		give_float(c, v, (double)digit);
		return ST_PASS;
	case GV_INT:
		give_float(c, v, (double)v->integer);
		return ST_PASS;
	case GV_FLOAT:
		give_float(c, v, v->number);
		return ST_PASS;
	default:
		return ST_PASS;
	}
}

static enum st run_parse_float(struct calling *c)
{
	return each(c, float_one);
}

static enum st bool_one(struct calling *c, const struct gv *v)
{
	if (v->kind != GV_STRING && v->kind != GV_BOOL)
		return ST_PASS;
	bool yes = v->kind == GV_BOOL ? v->boolean : sg_str_is_nocase(v->text, "true");
	if (v->kind == GV_STRING && !yes && !sg_str_is_nocase(v->text, "false"))
		return not_convertible(c, "a Boolean");
	struct gv *made = guard_new(c->e->arena, GV_BOOL, v);
	made->boolean = yes;
	give(c, made);
	return ST_PASS;
}

static enum st run_parse_boolean(struct calling *c)
{
	return each(c, bool_one);
}

/* The shortest decimal that reads back as d, without an exponent, as Rust writes it. */
static struct sg_str float_text(struct sg_arena *a, double d)
{
	char text[64];
	struct sg_buf out = {0};
	if (isnan(d) || isinf(d))
		return isnan(d) ? SG_LIT("NaN") : d < 0 ? SG_LIT("-inf") : SG_LIT("inf");
	for (int precision = 0; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	char *e = strchr(text, 'e');
	int exponent = atoi(e + 1), n = 0;
	char digits[32];
	for (const char *p = text; p < e; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	sg_buf_adds(&out, signbit(d) ? "-" : "");
	if (exponent < 0) {
		sg_buf_adds(&out, "0.");
		sg_buf_fill(&out, '0', (size_t)(-exponent - 1));
	}
	for (int i = 0; i < n; i++) {
		if (i && i == exponent + 1)
			sg_buf_addc(&out, '.');
		sg_buf_addc(&out, digits[i]);
	}
	if (exponent >= n)
		sg_buf_fill(&out, '0', (size_t)(exponent - n + 1));
	return sg_buf_take(&out, a);
}

static enum st string_one(struct calling *c, const struct gv *v)
{
	struct sg_arena *a = c->e->arena;
	char character[4];
	switch (v->kind) {
	case GV_INT:
		give_text(c, v, sg_strf(a, "%lld", (long long)v->integer));
		break;
	case GV_FLOAT:
		give_text(c, v, float_text(a, v->number));
		break;
	case GV_BOOL:
		give_text(c, v, sg_str(v->boolean ? "true" : "false"));
		break;
	case GV_STRING:
		give_text(c, v, v->text);
		break;
	case GV_CHAR:
		give_text(c, v,
			  sg_str_dup(a, (struct sg_str){character, sg_utf8_encode((uint32_t)v->integer, character)}));
		break;
	default:
		break;
	}
	return ST_PASS;
}

static enum st run_parse_string(struct calling *c)
{
	return each(c, string_one);
}

static enum st char_one(struct calling *c, const struct gv *v)
{
	uint32_t cp = 0;
	if (v->kind == GV_CHAR)
		return string_one(c, v);
	if (v->kind == GV_INT && (v->integer < 0 || v->integer > 9))
		return not_convertible(c, "a character");
	if (v->kind == GV_STRING && v->text.n > 1)
		return not_convertible(c, "a character");
	if (v->kind == GV_INT)
		cp = (uint32_t)('0' + v->integer);
	else if (v->kind != GV_STRING || !sg_utf8_decode(v->text, &cp))
		return ST_PASS;
	struct gv *made = guard_new(c->e->arena, GV_CHAR, v);
	made->integer = cp;
	give(c, made);
	return ST_PASS;
}

static enum st run_parse_char(struct calling *c)
{
	return each(c, char_one);
}

/* ------------------------------------------------------------------------------------------------ times */

/* Exactly n digits. */
static bool take(struct sg_str *s, size_t n, int64_t *out)
{
	struct sg_str part = sg_str_sub(*s, 0, n);
	if (part.n < n || sg_str_starts(part, "-") || !sg_parse_i64(part, out))
		return false;
	*s = sg_str_sub(*s, n, SIZE_MAX);
	return true;
}

static bool skip(struct sg_str *s, const char *any)
{
	if (!s->n || !strchr(any, s->p[0]))
		return false;
	*s = sg_str_sub(*s, 1, SIZE_MAX);
	return true;
}

/* Days since 1970-01-01 (Howard Hinnant's days_from_civil, http://howardhinnant.github.io/date_algorithms.html). */
static int64_t days(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = y / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool valid_day(int64_t y, int64_t m, int64_t d)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return m >= 1 && m <= 12 && d >= 1 && d <= lengths[m - 1] + (m == 2 && leap);
}

static bool zone(struct sg_str *s, int64_t *seconds)
{
	int64_t hours, minutes;
	bool west = sg_str_starts(*s, "-");
	*seconds = 0;
	if (skip(s, "Zz"))
		return true;
	if (!skip(s, "+-") || !take(s, 2, &hours) || !skip(s, ":") || !take(s, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

/* RFC 3339. */
static bool epoch(struct sg_str s, int64_t *out)
{
	int64_t y, mo, d, h, mi, sec, off, ignored;
	if (!take(&s, 4, &y) || !skip(&s, "-") || !take(&s, 2, &mo) || !skip(&s, "-") || !take(&s, 2, &d) ||
	    !skip(&s, "Tt ") || !take(&s, 2, &h) || !skip(&s, ":") || !take(&s, 2, &mi) || !skip(&s, ":") ||
	    !take(&s, 2, &sec))
		return false;
	if (skip(&s, ".")) {
		if (!take(&s, 1, &ignored))
			return false;
		while (take(&s, 1, &ignored))
			;
	}
	if (!zone(&s, &off) || s.n || !valid_day(y, mo, d) || h > 23 || mi > 59 || sec > 60)
		return false;
	*out = days(y, mo, d) * 86400 + h * 3600 + mi * 60 + (sec == 60 ? 59 : sec) - off;
	return true;
}

static enum st epoch_one(struct calling *c, const struct gv *v)
{
	int64_t seconds;
	if (v->kind != GV_STRING)
		return ST_PASS;
	if (!epoch(v->text, &seconds))
		return not_convertible(c, "a time");
	give_int(c, v, seconds);
	return ST_PASS;
}

static enum st run_parse_epoch(struct calling *c)
{
	return each(c, epoch_one);
}

/* ------------------------------------------------------------------------------------------------ table */

static const struct guard_function functions[] = {
	{"count", 1, run_count},
	{"json_parse", 1, run_json_parse},
	{"regex_replace", 3, run_regex_replace},
	{"substring", 3, run_substring},
	{"join", 2, run_join},
	{"to_upper", 1, run_to_upper},
	{"to_lower", 1, run_to_lower},
	{"url_decode", 1, run_url_decode},
	{"parse_int", 1, run_parse_int},
	{"parse_float", 1, run_parse_float},
	{"parse_string", 1, run_parse_string},
	{"parse_boolean", 1, run_parse_boolean},
	{"parse_char", 1, run_parse_char},
	{"parse_epoch", 1, run_parse_epoch},
	{"now", 0, run_now},
};

const struct guard_function *guard_function(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (sg_str_is(name, functions[i].name))
			return &functions[i];
	return NULL;
}

size_t guard_function_arity(const struct guard_function *f)
{
	return f->arity;
}

/* Strict mode: of something unknown every function makes something unknown. */
static bool known_arguments(struct calling *c, struct results *args)
{
	for (size_t i = 0; i < c->call->n; i++) {
		struct results opened = {0};
		bool known = guard_open_results(c->e, &args[i], &opened);
		args[i] = opened;
		if (known)
			continue;
		SG_PUSH(c->e->arena, c->out, ((struct result){.kind = R_UNKNOWN, .v = opened.v[opened.n - 1].v}));
		return false;
	}
	return true;
}

enum st guard_call(struct eval *e, const struct call *call, struct scope *s, struct results *out)
{
	struct results args[3] = {0};
	enum st st = ST_PASS;
	if (!guard_enter(e, call->span))
		return ST_ERROR;
	for (size_t i = 0; i < call->n && !st_bad(st); i++)
		st = guard_operand(e, &call->args[i], s, &args[i]);
	struct calling c = {e, call, args, out};
	if (!st_bad(st) && (!e->world || known_arguments(&c, args)))
		st = call->function->run(&c);
	e->depth--;
	return st;
}
