/*
 * The readings of cfn-guard 3.2.1, which are neither YAML 1.1 nor 1.2: `True` is a string, `y` true, 010 ten, `1e3` a
 * float, `inf` a number, an empty value the empty string.  It has another for the inputs of its test files.
 */
#include "value/value.h"

#include <math.h>
#include <string.h>

#define YAML_TAG "tag:yaml.org,2002:"

static bool one_of(struct sg_str text, const char *const *words)
{
	for (; *words; words++)
		if (sg_str_is(text, *words))
			return true;
	return false;
}

/* As Rust parses an i64: a sign, then digits alone. */
static bool read_int(struct sg_str text, struct sg_reading *r)
{
	struct sg_str digits = sg_str_starts(text, "+") ? sg_str_sub(text, 1, SIZE_MAX) : text;
	if ((digits.n != text.n && sg_str_starts(digits, "-")) || !sg_parse_i64(digits, &r->integer))
		return false;
	r->type = SG_T_INT;
	r->number = (double)r->integer;
	return true;
}

static size_t digits(struct sg_str s, size_t from)
{
	size_t n = 0;
	while (from + n < s.n && s.p[from + n] >= '0' && s.p[from + n] <= '9')
		n++;
	return n;
}

/* Behind the sign: digits with a point before, within or behind them, and an exponent. */
static bool is_decimal(struct sg_str s)
{
	size_t at = digits(s, 0), all = at;
	if (at < s.n && s.p[at] == '.') {
		size_t n = digits(s, at + 1);
		at += 1 + n;
		all += n;
	}
	if (all && at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
		at += 1 + (at + 1 < s.n && (s.p[at + 1] == '+' || s.p[at + 1] == '-'));
		size_t n = digits(s, at);
		all = n;
		at += n;
	}
	return all && at == s.n;
}

static bool decimal_value(struct sg_str s, double *out)
{
	char copy[400];
	size_t n = 0;
	if (s.n + 2 >= sizeof(copy))
		return false;
	for (size_t i = 0; i < s.n; i++) { /* "1." and ".5" as sg_parse_double() takes them */
		bool bare = s.p[i] == '.' && !digits(s, i + 1);
		if (s.p[i] == '.' && i == 0)
			copy[n++] = '0';
		if (!bare)
			copy[n++] = s.p[i];
	}
	return sg_parse_double((struct sg_str){copy, n}, out);
}

/* As Rust parses an f64. */
static bool read_float(struct sg_str text, struct sg_reading *r)
{
	bool sign = sg_str_starts(text, "+") || sg_str_starts(text, "-");
	struct sg_str s = sg_str_sub(text, sign, SIZE_MAX);
	if (sg_str_is_nocase(s, "inf") || sg_str_is_nocase(s, "infinity"))
		r->number = INFINITY;
	else if (sg_str_is_nocase(s, "nan"))
		r->number = NAN;
	else if (!is_decimal(s) || !decimal_value(s, &r->number))
		return false;
	r->number = sg_str_starts(text, "-") ? -r->number : r->number;
	r->type = SG_T_FLOAT;
	return true;
}

static void read_plain(struct sg_str text, struct sg_reading *r)
{
	static const char *const yes[] = {"true", "yes", "on", "y", NULL};
	static const char *const no[] = {"false", "no", "off", "n", NULL};
	if (read_int(text, r) || read_float(text, r))
		return;
	bool is = one_of(text, yes);
	if (is || one_of(text, no)) {
		r->type = SG_T_BOOL;
		r->boolean = is;
	} else if (sg_str_is(text, "~") || sg_str_is_nocase(text, "null")) {
		r->type = SG_T_NULL;
	}
}

static void read_tagged(const struct sg_node *n, struct sg_reading *r)
{
	if (sg_str_is(sg_node_tag(n), YAML_TAG "bool") && (sg_str_is(n->text, "true") || sg_str_is(n->text, "false"))) {
		r->type = SG_T_BOOL;
		r->boolean = n->text.p[0] == 't';
	} else if (sg_str_is(sg_node_tag(n), YAML_TAG "int")) {
		read_int(n->text, r);
	} else if (sg_str_is(sg_node_tag(n), YAML_TAG "float")) {
		read_float(n->text, r);
	} else if (sg_str_is(sg_node_tag(n), YAML_TAG "null")) {
		r->type = SG_T_NULL;
	}
}

struct sg_reading sg_read_guard321(const struct sg_node *n)
{
	struct sg_reading r = {.type = SG_T_BAD};
	if (!n)
		return r;
	r.type = n->kind == SG_MAP ? SG_T_MAP : n->kind == SG_SEQ ? SG_T_LIST : SG_T_STRING;
	r.text = n->text;
	if (n->kind != SG_SCALAR)
		return r;
	if (sg_node_tag(n).n)
		read_tagged(n, &r);
	else if (n->style == SG_PLAIN || n->style == SG_JSON_WORD)
		read_plain(n->text, &r);
	return r;
}

struct sg_reading sg_read_guard321_test(const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml12(n);
	if (n && n->kind == SG_SCALAR && r.type == SG_T_BAD) {
		r = (struct sg_reading){.type = SG_T_STRING, .text = n->text}; /* a tag that nobody knows */
	} else if (r.type == SG_T_INT && n->style == SG_PLAIN) {
		size_t sign = sg_str_starts(n->text, "-") || sg_str_starts(n->text, "+");
		if (n->text.n > sign + 1 && n->text.p[sign] == '0' && digits(n->text, sign) == n->text.n - sign)
			r = (struct sg_reading){.type = SG_T_STRING, .text = n->text}; /* an account's number */
	}
	return r;
}

/* ------------------------------------------------------------------------------------------------ intrinsics */

static const struct intrinsic {
	const char *tag, *name;
	bool scalar, list;
} intrinsics[] = {
	{"!Ref", "Ref", true, false},
	{"!Base64", "Fn::Base64", true, false},
	{"!Sub", "Fn::Sub", true, true},
	{"!GetAZs", "Fn::GetAZs", true, false},
	{"!ImportValue", "Fn::ImportValue", true, false},
	{"!GetAtt", "Fn::GetAtt", true, true},
	{"!Condition", "Condition", true, false},
	{"!RefAll", "Fn::RefAll", true, false},
	{"!Select", "Fn::Select", false, true},
	{"!Split", "Fn::Split", false, true},
	{"!Join", "Fn::Join", false, true},
	{"!FindInMap", "Fn::FindInMap", false, true},
	{"!And", "Fn::And", false, true},
	{"!Equals", "Fn::Equals", false, true},
	{"!Contains", "Fn::Contains", false, true},
	{"!EachMemberIn", "Fn::EachMemberIn", false, true},
	{"!EachMemberEquals", "Fn::EachMemberEquals", false, true},
	{"!ValueOf", "Fn::ValueOf", false, true},
	{"!If", "Fn::If", false, true},
	{"!Not", "Fn::Not", false, true},
	{"!Or", "Fn::Or", false, true},
};

static const struct intrinsic *find(struct sg_str tag)
{
	for (size_t i = 0; tag.n && i < sizeof(intrinsics) / sizeof(*intrinsics); i++)
		if (sg_str_is(tag, intrinsics[i].tag))
			return &intrinsics[i];
	return NULL;
}

const char *sg_guard321_intrinsic(const struct sg_node *n)
{
	const struct intrinsic *i = find(sg_node_tag(n));
	return i && ((n->kind == SG_SCALAR && i->scalar) || (n->kind == SG_SEQ && i->list)) ? i->name : NULL;
}

const char *sg_guard321_test_intrinsic(const struct sg_node *n)
{
	const struct intrinsic *i = find(sg_node_tag(n));
	return i ? i->name : NULL;
}
