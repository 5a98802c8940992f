/* Unit tests of value/.  The rows of `reads` were checked against PyYAML 6.0.3 with SAM CLI's constructors. */
#include "unit.h"
#include "value/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A reading as text: "int 10", "bool true", "float 1000.0", "str x", "null", "bad". */
static const char *show(struct sg_reading r, char *buf, size_t size)
{
	static const char *const plain[] = {
		[SG_T_NULL] = "null", [SG_T_LIST] = "list", [SG_T_MAP] = "map", [SG_T_BAD] = "bad"};
	switch (r.type) {
	case SG_T_BOOL:
		snprintf(buf, size, "bool %s", r.boolean ? "true" : "false");
		break;
	case SG_T_INT:
		if (r.big)
			snprintf(buf, size, "big");
		else
			snprintf(buf, size, "int %lld", (long long)r.integer);
		break;
	case SG_T_FLOAT:
		snprintf(buf, size, "float %.17g", r.number);
		break;
	case SG_T_STRING:
		snprintf(buf, size, "str %.*s", SG_FMT(r.text));
		break;
	default:
		snprintf(buf, size, "%s", plain[r.type]);
	}
	return buf;
}

struct row {
	const char *text, *yaml11, *yaml12; /* NULL: "str " and the text */
};

static const struct row reads[] = {
	{"on", "bool true", NULL},
	{"yes", "bool true", NULL},
	{"NO", "bool false", NULL},
	{"Off", "bool false", NULL},
	{"oFF", NULL, NULL},
	{"y", NULL, NULL},
	{"N", NULL, NULL},
	{"TRUE", "bool true", "bool true"},
	{"False", "bool false", "bool false"},
	{"tRue", NULL, NULL},
	{"012", "int 10", "int 12"},
	{"-012", "int -10", "int -12"},
	{"0o12", NULL, "int 10"},
	{"012345678901", NULL, "int 12345678901"},
	{"089345678901", NULL, "int 89345678901"},
	{"012345670123", "int 1402433619", "int 12345670123"},
	{"00", "int 0", "int 0"},
	{"0_", "int 0", NULL},
	{"0", "int 0", "int 0"},
	{"-0", "int 0", "int 0"},
	{"+1", "int 1", "int 1"},
	{"1:30", "int 90", NULL},
	{"-1:30", "int -90", NULL},
	{"22:22:22", "int 80542", NULL},
	{"1:60", NULL, NULL},
	{"1:2:345", NULL, NULL},
	{"0:30", NULL, NULL},
	{"1:", NULL, NULL},
	{"1_000", "int 1000", NULL},
	{"1_", "int 1", NULL},
	{"_1", NULL, NULL},
	{"0x1F", "int 31", "int 31"},
	{"-0x1F", "int -31", NULL},
	{"0x", NULL, NULL},
	{"0x_", "bad", NULL}, /* matched as an integer, and then int('') */
	{"-0b__", "bad", NULL},
	{"0x1G", NULL, NULL},
	{"0X1F", NULL, NULL},
	{"0b11", "int 3", NULL},
	{"0b12", NULL, NULL},
	{"9223372036854775807", "int 9223372036854775807", "int 9223372036854775807"},
	{"-9223372036854775808", "int -9223372036854775808", "int -9223372036854775808"},
	{"9223372036854775808", "big", "big"},
	{"1e3", NULL, "float 1000"},
	{"1.0e3", NULL, "float 1000"},
	{"1.0e+3", "float 1000", "float 1000"},
	{".5", "float 0.5", "float 0.5"},
	{"-.5", NULL, "float -0.5"},
	{"+.5", NULL, "float 0.5"},
	{".", NULL, NULL},
	{"._5", NULL, NULL},
	{"12.", "float 12", "float 12"},
	{"1_0.5_0", "float 10.5", NULL},
	{"08.5", "float 8.5", "float 8.5"},
	{"190:20:30.15", "float 685230.15000000002", NULL},
	{"0:30.5", "float 30.5", NULL},
	{".inf", "float inf", "float inf"},
	{"-.INF", "float -inf", "float -inf"},
	{".iNf", NULL, NULL},
	{".nan", "float nan", "float nan"},
	{"-.nan", NULL, NULL},
	{"inf", NULL, NULL},
	{"nan", NULL, NULL},
	{"2012-10-17", NULL, NULL},
	{"2001-12-14t21:59:43.10-05:00", NULL, NULL},
	{"~", "null", "null"},
	{"Null", "null", "null"},
	{"nULL", NULL, NULL},
	{"", "null", "null"},
	{"=", "bad", NULL},
	{"<<", "bad", NULL},
	{"==", NULL, NULL},
	{"1.2.3", NULL, NULL},
	{"10.0.0.0/16", NULL, NULL},
	{"-", NULL, NULL},
	{"+", NULL, NULL},
	{"1 ", NULL, NULL},
	{"12e", NULL, NULL},
};

static void expect(const struct sg_node *n, struct sg_reading r, const char *want)
{
	char got[256], string[256];
	snprintf(string, sizeof(string), "str %.*s", SG_FMT(n->text));
	ck_assert_msg(!strcmp(show(r, got, sizeof(got)), want ? want : string),
		      "'%.*s' (tag '%.*s'): got %s, wanted %s", SG_FMT(n->text), SG_FMT(sg_node_tag(n)), got,
		      want ? want : string);
}

START_TEST(plain_scalars_read_as_pyyaml_and_as_core)
{
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(reads); i++) {
		struct sg_node *n = sg_node_scalar(a, sg_str(reads[i].text), SG_PLAIN, SG_WHY_SOURCE, NULL);
		expect(n, sg_read_yaml11(n), reads[i].yaml11);
		expect(n, sg_read_yaml12(n), reads[i].yaml12);
	}
	sg_arena_free(a);
}
END_TEST

START_TEST(what_is_not_plain_is_a_string)
{
	static const enum sg_style styles[] = {SG_SINGLE, SG_DOUBLE, SG_LITERAL, SG_FOLDED, SG_JSON_STRING};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(reads); i++)
		for (size_t k = 0; k < COUNT(styles); k++) {
			struct sg_node *n = sg_node_scalar(a, sg_str(reads[i].text), styles[k], SG_WHY_SOURCE, NULL);
			expect(n, sg_read_yaml11(n), NULL);
			expect(n, sg_read_yaml12(n), NULL);
			ck_assert(sg_readings_agree(n));
		}
	sg_arena_free(a);
}
END_TEST

#define T "tag:yaml.org,2002:"

START_TEST(explicit_tags_decide)
{
	static const struct {
		const char *tag;
		enum sg_style style;
		const char *text, *yaml11, *yaml12;
	} rows[] = {
		{T "str", SG_PLAIN, "012", NULL, NULL},
		{T "str", SG_PLAIN, "", NULL, NULL},
		{T "int", SG_DOUBLE, "12", "int 12", "int 12"},
		{T "int", SG_DOUBLE, "x", "bad", "bad"},
		{T "int", SG_PLAIN, "", "bad", "bad"},
		{T "int", SG_PLAIN, "012", "int 10", "int 12"},
		{T "float", SG_PLAIN, "12", "float 12", "float 12"},
		{T "float", SG_PLAIN, "1e3", "float 1000", "float 1000"},
		{T "float", SG_PLAIN, "x", "bad", "bad"},
		{T "bool", SG_SINGLE, "yEs", "bool true", "bad"},
		{T "bool", SG_SINGLE, "true", "bool true", "bool true"},
		{T "bool", SG_SINGLE, "y", "bad", "bad"},
		{T "null", SG_SINGLE, "x", "null", "bad"},
		{T "null", SG_SINGLE, "", "null", "null"},
		{T "timestamp", SG_PLAIN, "2012-10-17", NULL, "bad"},
		{T "binary", SG_PLAIN, "aGk=", "bad", "bad"},
		{T "python/name:os.system", SG_PLAIN, "", "bad", "bad"},
		{T "map", SG_PLAIN, "x", "bad", "bad"},
		{"!Ref", SG_PLAIN, "x", "bad", "bad"},
		{"!", SG_PLAIN, "12", "int 12", NULL},
		{"!", SG_DOUBLE, "12", "int 12", NULL},
	};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_node *n = sg_node_scalar(a, sg_str(rows[i].text), rows[i].style, SG_WHY_SOURCE, NULL);
		sg_node_set_tag(a, n, sg_str(rows[i].tag), (struct sg_span){0});
		expect(n, sg_read_yaml11(n), rows[i].yaml11);
		expect(n, sg_read_yaml12(n), rows[i].yaml12);
	}
	ck_assert_int_eq(sg_read_yaml11(NULL).type, SG_T_BAD);
	sg_arena_free(a);
}
END_TEST

START_TEST(collections_and_their_tags)
{
	static const struct {
		const char *tag;
		enum sg_type seq, map;
	} rows[] = {
		{"", SG_T_LIST, SG_T_MAP},       {"!", SG_T_LIST, SG_T_MAP},    {T "seq", SG_T_LIST, SG_T_BAD},
		{T "map", SG_T_BAD, SG_T_MAP},   {T "set", SG_T_BAD, SG_T_BAD}, {T "str", SG_T_BAD, SG_T_BAD},
		{"!Select", SG_T_BAD, SG_T_BAD},
	};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_node *seq = sg_node_seq(a, NULL, 0, SG_WHY_SOURCE, NULL);
		struct sg_node *map = sg_node_map(a, NULL, 0, SG_WHY_SOURCE, NULL);
		sg_node_set_tag(a, seq, sg_str(rows[i].tag), (struct sg_span){0});
		sg_node_set_tag(a, map, sg_str(rows[i].tag), (struct sg_span){0});
		ck_assert_int_eq(sg_read_yaml11(seq).type, rows[i].seq);
		ck_assert_int_eq(sg_read_yaml11(map).type, rows[i].map);
		ck_assert(sg_readings_agree(seq) && sg_readings_agree(map));
	}
	sg_arena_free(a);
}
END_TEST

START_TEST(json_words_read_as_json)
{
	static const struct row rows[] = {
		{"true", "bool true", NULL},  {"false", "bool false", NULL}, {"null", "null", NULL},
		{"0", "int 0", NULL},         {"-12", "int -12", NULL},      {"1e3", "float 1000", NULL},
		{"15E-1", "float 1.5", NULL}, {"012", "bad", NULL},          {"+1", "bad", NULL},
		{"yes", "bad", NULL},         {"1.", "bad", NULL},           {"-", "bad", NULL},
		{"NaN", "bad", NULL},         {"0x1", "bad", NULL},          {"1_0", "bad", NULL},
	};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_node *n = sg_node_scalar(a, sg_str(rows[i].text), SG_JSON_WORD, SG_WHY_SOURCE, NULL);
		expect(n, sg_read_yaml11(n), rows[i].yaml11);
		expect(n, sg_read_yaml12(n), rows[i].yaml11);
	}
	sg_arena_free(a);
}
END_TEST

START_TEST(agreement_is_of_values)
{
	static const char *const agree[] = {
		"true", "12", "0x1F", "abc", "1.5", ".nan", "~", "2012-10-17", "0", "99999999999999999999", "00"};
	static const char *const differ[] = {"on",    "012", "0o12", "1:30", "1e3",
					     "1_000", "=",   "0b1",  "-.5",  "0777777777777777777777777"};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(agree); i++)
		ck_assert_msg(sg_readings_agree(sg_node_scalar(a, sg_str(agree[i]), SG_PLAIN, SG_WHY_SOURCE, NULL)),
			      "%s", agree[i]);
	for (size_t i = 0; i < COUNT(differ); i++)
		ck_assert_msg(!sg_readings_agree(sg_node_scalar(a, sg_str(differ[i]), SG_PLAIN, SG_WHY_SOURCE, NULL)),
			      "%s", differ[i]);
	sg_arena_free(a);
}
END_TEST

START_TEST(strings_as_cloudformation_sees_them)
{
	static const struct {
		const char *text, *want; /* NULL: there is none */
	} rows[] = {
		{"on", "true"},
		{"NO", "false"},
		{"012", "10"},
		{"abc", "abc"},
		{"1.10", "1.1"},
		{"3.0", "3.0"},
		{".5", "0.5"},
		{"1.0e+16", "1e+16"},
		{"1.0e-5", "1e-05"},
		{"100000.25", "100000.25"},
		{"0.1", "0.1"},
		{"-0.0", "-0.0"},
		{"1.0e+15", "1000000000000000.0"},
		{"0.0001", "0.0001"},
		{"+99999999999999999999", "99999999999999999999"},
		{"-99_999999999999999999", "-99999999999999999999"},
		{"0xfffffffffffffffffff", NULL},
		{"-0777777777777777777777777", NULL},
		{"99999999999999999999:30", NULL},
		{"~", NULL},
		{"", NULL},
		{"=", NULL},
		{".inf", NULL},
		{".nan", NULL},
	};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool ok;
		struct sg_str s =
			sg_read_string(a, sg_node_scalar(a, sg_str(rows[i].text), SG_PLAIN, SG_WHY_SOURCE, NULL), &ok);
		ck_assert_msg(ok == (rows[i].want != NULL), "%s", rows[i].text);
		ck_assert_msg(!ok || sg_str_is(s, rows[i].want), "%s: %.*s", rows[i].text, SG_FMT(s));
		ck_assert(ok || !s.p);
	}
	bool ok;
	struct sg_str s = sg_read_string(a, sg_node_scalar(a, SG_LIT(""), SG_SINGLE, SG_WHY_SOURCE, NULL), &ok);
	ck_assert(ok && s.p && !s.n);
	sg_read_string(a, sg_node_seq(a, NULL, 0, SG_WHY_SOURCE, NULL), &ok);
	ck_assert(!ok);
	sg_arena_free(a);
}
END_TEST

START_TEST(numbers_of_any_length_are_bounded)
{
	struct sg_arena *a = sg_arena_new();
	size_t n = 3000000;
	char *digits = sg_alloc(a, n + 1);
	memset(digits, '7', n);
	struct sg_node *node = sg_node_scalar(a, (struct sg_str){digits, n}, SG_PLAIN, SG_WHY_SOURCE, NULL);
	ck_assert(sg_read_yaml11(node).big);
	ck_assert(!sg_readings_agree(node)); /* beyond what can be compared */
	digits[1] = '.';
	ck_assert_int_eq(sg_read_yaml11(node).type, SG_T_STRING);
	sg_arena_free(a);
}
END_TEST

static const struct sg_node *text_node(struct sg_arena *a, const char *s)
{
	return sg_node_scalar(a, sg_str(s), SG_PLAIN, SG_WHY_SOURCE, NULL);
}

START_TEST(looking_takes_the_last_duplicate)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_member m[4] = {
		{text_node(a, "a"), text_node(a, "1")},
		{sg_node_seq(a, NULL, 0, SG_WHY_SOURCE, NULL), text_node(a, "2")},
		{text_node(a, "a"), text_node(a, "3")},
		{text_node(a, "b"), text_node(a, "4")},
	};
	const struct sg_node *map = sg_node_map(a, m, 4, SG_WHY_SOURCE, NULL);
	ck_assert(sg_node_is(sg_node_get(map, "a"), "3"));
	ck_assert_ptr_eq(sg_node_key(map, "a"), m[2].key);
	ck_assert_ptr_null(sg_node_get(map, "c"));
	ck_assert_ptr_null(sg_node_key(map, "c"));
	ck_assert_ptr_null(sg_node_get(NULL, "a"));
	ck_assert_ptr_null(sg_node_get(m[0].key, "a"));
	ck_assert(!sg_node_is(NULL, "a") && !sg_node_is(map, ""));
	ck_assert_uint_eq(map->weight, 9);
	ck_assert_uint_eq(sg_node_span(NULL).source, 0);
	sg_arena_free(a);
}
END_TEST

START_TEST(origins_and_weights)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_node *leaf = sg_node_scalar(a, SG_LIT("x"), SG_PLAIN, SG_WHY_SOURCE, NULL);
	leaf->span = (struct sg_span){1, 4, 5};
	sg_node_set_tag(a, leaf, SG_LIT("!"), (struct sg_span){1, 1, 3});
	struct sg_node *alias = sg_node_alias(a, leaf, (struct sg_span){1, 9, 11});
	ck_assert(alias->why == SG_WHY_ALIAS && alias->from == leaf && alias->span.start == 9 &&
		  !sg_node_tag_span(alias).source);
	struct sg_node *single = sg_node_single(a, "Ref", leaf);
	ck_assert(sg_node_get(single, "Ref") == leaf && single->span.start == 4 &&
		  sg_node_key(single, "Ref")->span.end == 5);
	ck_assert_int_eq(sg_read_yaml11(sg_node_key(single, "Ref")).type, SG_T_STRING);
	struct sg_node *made = sg_node_scalar(a, SG_LIT("y"), SG_PLAIN, SG_WHY_SAM, leaf);
	ck_assert(made->from == leaf && made->span.start == 4 && made->why == SG_WHY_SAM);
	const struct sg_node *level = leaf;
	for (int i = 0; i < 70; i++) { /* doubles each time: saturates instead of coming round to nothing */
		const struct sg_node **two = SG_NEW_ARRAY(a, 2, const struct sg_node *);
		two[0] = two[1] = level;
		level = sg_node_seq(a, two, 2, SG_WHY_SOURCE, NULL);
	}
	ck_assert(level->weight == UINT32_MAX);
	sg_arena_free(a);
}
END_TEST

START_TEST(mapper_replaces_in_place_and_stays_linear)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_mapper m = {.arena = a};
	const struct sg_node *one = text_node(a, "1"), *two = text_node(a, "2");
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 50000; i++)
			sg_mapper_put_str(&m, sg_strf(a, "k%d", i).p, round ? two : one);
	sg_mapper_put(&m, sg_node_seq(a, NULL, 0, SG_WHY_SOURCE, NULL), one);
	struct sg_node *map = sg_mapper_done(&m, SG_WHY_MERGE, NULL);
	ck_assert_uint_eq(map->n, 50001);
	for (size_t i = 0; i < 50000; i += 777) {
		ck_assert(sg_str_eq(map->members[i].key->text, sg_strf(a, "k%zu", i)));
		ck_assert_ptr_eq(map->members[i].value, two);
	}
	ck_assert_int_eq(map->why, SG_WHY_MERGE);
	sg_arena_free(a);
}
END_TEST

START_TEST(pointers_are_escaped)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str p = sg_pointer_add(a, SG_LIT(""), SG_LIT("a/b~c"));
	ck_assert(sg_str_is(p, "/a~1b~0c"));
	ck_assert(sg_str_is(sg_pointer_index(a, p, 12), "/a~1b~0c/12"));
	ck_assert(sg_str_is(sg_pointer_add(a, p, SG_LIT("")), "/a~1b~0c/"));
	sg_arena_free(a);
}
END_TEST

/* The rows were checked against cfn-guard 3.2.1. */
START_TEST(scalars_as_cfn_guard_reads_them)
{
	static const struct {
		const char *text, *validate, *test; /* NULL: a string */
	} rows[] = {
		{"5", "int 5", "int 5"},
		{"+1", "int 1", "int 1"},
		{"-3", "int -3", "int -3"},
		{"010", "int 10", NULL},
		{"0", "int 0", "int 0"},
		{"0x10", NULL, "int 16"},
		{"1.5", "float 1.5", "float 1.5"},
		{"1e3", "float 1000", "float 1000"},
		{"1.", "float 1", "float 1"},
		{".5", "float 0.5", "float 0.5"},
		{".", NULL, NULL},
		{"1e", NULL, NULL},
		{"inf", "float inf", NULL},
		{"Infinity", "float inf", NULL},
		{"nan", "float nan", NULL},
		{"true", "bool true", "bool true"},
		{"True", NULL, "bool true"},
		{"TRUE", NULL, "bool true"},
		{"y", "bool true", NULL},
		{"on", "bool true", NULL},
		{"No", NULL, NULL},
		{"off", "bool false", NULL},
		{"null", "null", "null"},
		{"NuLL", "null", NULL},
		{"~", "null", "null"},
		{"", NULL, "null"},
		{"2024-01-01", NULL, NULL},
		{"99999999999999999999", "float 1e+20", NULL},
	};
	char text[64], got[128];
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_node n = {.kind = SG_SCALAR, .style = SG_PLAIN, .text = sg_str(rows[i].text)};
		snprintf(text, sizeof(text), "str %s", rows[i].text);
		ck_assert_str_eq(show(sg_read_guard321(&n), got, sizeof(got)),
				 rows[i].validate ? rows[i].validate : text);
		if (strlen(rows[i].text) < 20)
			ck_assert_str_eq(show(sg_read_guard321_test(&n), got, sizeof(got)),
					 rows[i].test ? rows[i].test : text);
		n.style = SG_DOUBLE;
		ck_assert_str_eq(show(sg_read_guard321(&n), got, sizeof(got)), text);
	}
}
END_TEST

START_TEST(tags_as_cfn_guard_takes_them)
{
	static const struct {
		const char *tag;
		enum sg_kind kind;
		const char *validate, *test;
	} rows[] = {
		{"!Ref", SG_SCALAR, "Ref", "Ref"},
		{"!Ref", SG_SEQ, NULL, "Ref"},
		{"!Sub", SG_SEQ, "Fn::Sub", "Fn::Sub"},
		{"!Sub", SG_MAP, NULL, "Fn::Sub"},
		{"!If", SG_SEQ, "Fn::If", "Fn::If"},
		{"!If", SG_SCALAR, NULL, "Fn::If"},
		{"!Cidr", SG_SEQ, NULL, NULL},
		{"!Transform", SG_MAP, NULL, NULL},
		{"", SG_SCALAR, NULL, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_tag tag = {.text = sg_str(rows[i].tag)};
		struct sg_node n = {.kind = rows[i].kind, .tag = tag.text.n ? &tag : NULL};
		const char *validate = sg_guard321_intrinsic(&n), *test = sg_guard321_test_intrinsic(&n);
		ck_assert_str_eq(validate ? validate : "none", rows[i].validate ? rows[i].validate : "none");
		ck_assert_str_eq(test ? test : "none", rows[i].test ? rows[i].test : "none");
	}
}
END_TEST

UNIT_MAIN("value", plain_scalars_read_as_pyyaml_and_as_core, what_is_not_plain_is_a_string, explicit_tags_decide,
	  collections_and_their_tags, json_words_read_as_json, agreement_is_of_values,
	  strings_as_cloudformation_sees_them, numbers_of_any_length_are_bounded, looking_takes_the_last_duplicate,
	  origins_and_weights, scalars_as_cfn_guard_reads_them, tags_as_cfn_guard_takes_them,
	  mapper_replaces_in_place_and_stays_linear, pointers_are_escaped)
