/* Unit tests of json/. */
#include "unit.h"
#include "json/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct fixture {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_diags *diags;
	struct sg_buf out;
};

static struct fixture setup(void)
{
	struct fixture f = {.arena = sg_arena_new()};
	f.sources = sg_sources_new(f.arena);
	f.diags = sg_diags_new(f.arena, f.sources);
	return f;
}

static void teardown(struct fixture *f)
{
	sg_buf_free(&f->out);
	sg_arena_free(f->arena);
}

static const struct sg_node *load(struct fixture *f, struct sg_str text)
{
	f->diags = sg_diags_new(f->arena, f->sources);
	return sg_json_load(f->arena, sg_source_add(f->sources, SG_LIT("f.json"), text), NULL, f->diags);
}

static const char *rewritten(struct fixture *f, const struct sg_node *n, unsigned indent)
{
	struct sg_json w;
	sg_buf_free(&f->out);
	sg_json_init(&w, &f->out, indent);
	sg_json_node(&w, n);
	return f->out.p;
}

START_TEST(what_is_read_is_what_was_written)
{
	static const char *const same[] = {
		"{}",
		"[]",
		"null",
		"true",
		"false",
		"0",
		"-0",
		"1e400",
		"123456789012345678901234567890",
		"\"\"",
		"{\"a\":[1,2.50,{\"b\":null}],\"a\":\"twice\",\"\":false}",
		"[[[[]]]]",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"\"\\u0000\\n\\\"\\\\\"",
		"[\"\\u0000\"]",
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		const struct sg_node *n = load(&f, sg_str(same[i]));
		ck_assert_msg(n, "%s", same[i]);
		ck_assert_str_eq(rewritten(&f, n, 0), same[i]);
	}
	const struct sg_node *n = load(&f, SG_LIT(" \xef" + 1));
	ck_assert_ptr_null(n);
	n = load(&f, SG_LIT("\xef\xbb\xbf {\"a\\u00e9\\ud83d\\ude00\\/\": 1}\r\n"));
	ck_assert_ptr_nonnull(n);
	ck_assert_str_eq(n->members[0].key->text.p, "a\xc3\xa9\xf0\x9f\x98\x80/");
	teardown(&f);
}
END_TEST

static void check_span(const struct fixture *f, const struct sg_node *n, const char *text)
{
	struct sg_str all = sg_source_text(f->sources, n->span.source);
	struct sg_str got = sg_str_sub(all, n->span.start, n->span.end - n->span.start);
	ck_assert_msg(sg_str_is(got, text), "'%.*s' is not '%s'", SG_FMT(got), text);
}

START_TEST(spans_are_exact)
{
	struct fixture f = setup();
	const struct sg_node *n =
		load(&f, SG_LIT("\xef\xbb\xbf { \"k\\n\" : [ 1 ,-2.5e3, \"\\u00e9x\" ,true\n,null, {} "
				", [\t] ],\"z\":\"\" } "));
	ck_assert_ptr_nonnull(n);
	check_span(&f, n, "{ \"k\\n\" : [ 1 ,-2.5e3, \"\\u00e9x\" ,true\n,null, {} , [\t] ],\"z\":\"\" }");
	check_span(&f, n->members[0].key, "\"k\\n\"");
	check_span(&f, n->members[1].key, "\"z\"");
	check_span(&f, n->members[1].value, "\"\"");
	static const char *const items[] = {"1", "-2.5e3", "\"\\u00e9x\"", "true", "null", "{}", "[\t]"};
	const struct sg_node *list = n->members[0].value;
	ck_assert_uint_eq(list->n, 7);
	for (size_t i = 0; i < 7; i++)
		check_span(&f, list->items[i], items[i]);
	ck_assert_int_eq(list->items[0]->style, SG_JSON_WORD);
	ck_assert_int_eq(list->items[2]->style, SG_JSON_STRING);
	ck_assert_int_eq(list->style, SG_FLOW);
	ck_assert_uint_eq(n->weight, 12);
	check_span(&f, load(&f, SG_LIT("  12 ")), "12");
	check_span(&f, load(&f, SG_LIT("12")), "12");
	teardown(&f);
}
END_TEST

START_TEST(what_is_not_json_is_told_with_its_place)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *said; /* in the message or its hint */
	} cases[] = {
		{"", 1, 1, "empty"},
		{" \n ", 2, 2, "empty"},
		{"{\"a\": 1,}", 1, 9, "no comma"},
		{"[1,\n 2,\n]", 3, 1, "no comma"},
		{"[,1]", 1, 2, "unallowed token"},
		{"[1 22]", 1, 4, "after array element"},
		{"{\"a\" 1}", 1, 6, "object key"},
		{"{a: 1}", 1, 2, "not JSON"},
		{"{'a': 1}", 1, 2, "double quotes"},
		{"[1, // x\n 2]", 1, 5, "no comments"},
		{"# x\n[]", 1, 1, "no comments"},
		{"{\"a\": True}", 1, 7, "true"},
		{"[NaN]", 1, 2, "no such number"},
		{"[01]", 1, 3, "not JSON"},
		{"[1.]", 1, 2, "not JSON"},
		{"[+1]", 1, 2, "not JSON"},
		{"{\"a\": [1, {\"b\": 2}", 1, 7, "no ']'"},
		{"{\"a\": 1", 1, 1, "no '}'"},
		{"[\"abc", 1, 2, "no end"},
		{"[] []", 1, 4, "trailing"},
		{"\"a\"\"", 1, 4, "trailing"},
		{"[]\"b", 1, 3, "trailing"},
		{"1\"", 1, 2, "trailing"},
		{"[1,\v2]", 1, 4, "control character"},
		{"[1]\f", 1, 4, "control character"},
		{"[\"a\\q\"]", 1, 5, "inside a string"},
		{"[\"a\tb\"]", 1, 4, "invalid character"},
		{"[\"\\ud800\"]", 1, 3, "surrogate"},
		{"[\"\\ud800\\", 1, 3, "surrogate"},
		{"[\"\\ud800\\u0041\"]", 1, 3, "surrogate"},
		{"[\"\\udc00\"]", 1, 3, "surrogate"},
		{"[\"\\\\\\ud800\"]", 1, 5, "surrogate"},
		{"[\"\\u12", 1, 2, "no end"},
		{"[\"\xff\"]", 1, 3, "UTF-8"},
		{"[\"\xed\xa0\x80\"]", 1, 3, "UTF-8"},
		{"tru", 1, 1, "not JSON"},
		{"-", 1, 1, "not JSON"},
		{"]", 1, 1, "not JSON"},
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_msg(!load(&f, sg_str(cases[i].text)), "%s", cases[i].text);
		ck_assert_uint_eq(sg_diags_count(f.diags), 1);
		const struct sg_diag *d = sg_diags_at(f.diags, 0);
		struct sg_pos pos = sg_pos_start(f.sources, d->span);
		ck_assert_msg(pos.line == cases[i].line && pos.column == cases[i].column, "%s: %u:%u %s", cases[i].text,
			      pos.line, pos.column, d->message.p);
		ck_assert_msg(strstr(d->message.p, cases[i].said) || strstr(d->hint.p, cases[i].said), "%s: %s; %s",
			      cases[i].text, d->message.p, d->hint.p);
	}
	ck_assert_ptr_null(load(&f, SG_LIT("[\"a\0\"]")));
	ck_assert_ptr_null(load(&f, SG_LIT("[]\0")));
	teardown(&f);
}
END_TEST

START_TEST(depth_and_nodes_have_ceilings)
{
	struct fixture f = setup();
	for (size_t depth = 199; depth <= 201; depth++) {
		struct sg_buf text = {0};
		sg_buf_fill(&text, '[', depth);
		sg_buf_fill(&text, ']', depth);
		ck_assert_int_eq(load(&f, sg_buf_view(&text)) != NULL, depth <= 200);
		sg_buf_free(&text);
	}
	struct sg_buf deep = {0};
	for (int i = 0; i < 500000; i++)
		sg_buf_adds(&deep, "{\"a\":");
	ck_assert_ptr_null(load(&f, sg_buf_view(&deep)));
	ck_assert_ptr_nonnull(strstr(sg_diags_at(f.diags, 0)->message.p, "nested more than 200"));
	sg_buf_free(&deep);
	struct sg_json_limits few = {5, 3};
	uint32_t id = sg_source_add(f.sources, SG_LIT("x"), SG_LIT("[1,2,3]"));
	ck_assert_ptr_null(sg_json_load(f.arena, id, &few, f.diags));
	few.nodes = 4;
	ck_assert_ptr_nonnull(sg_json_load(f.arena, id, &few, f.diags));
	teardown(&f);
}
END_TEST

/* No prefix and no changed byte of a document crashes, and each is either read or told about. */
START_TEST(damaged_documents_are_told_about)
{
	static const char text[] =
		"{\"a\": [1, -2.5e+3, \"\\ud83d\\ude00\\n\xc3\xa9\", true, null], \"b\": {\"c\": {}}}";
	static const char changes[] = "\"\\{}[],:0x\xff\x01u";
	struct fixture f = setup();
	for (size_t at = 0; at < sizeof(text); at++) {
		const struct sg_node *n = load(&f, (struct sg_str){text, at});
		ck_assert(!n == (sg_diags_errors(f.diags) > 0));
		for (size_t c = 0; c < sizeof(changes); c++) {
			char *copy = sg_alloc(f.arena, sizeof(text));
			memcpy(copy, text, sizeof(text) - 1);
			copy[at < sizeof(text) - 1 ? at : 0] = changes[c];
			n = load(&f, (struct sg_str){copy, sizeof(text) - 1});
			ck_assert(!n == (sg_diags_errors(f.diags) > 0));
		}
	}
	teardown(&f);
}
END_TEST

START_TEST(writing_is_indented_or_not)
{
	struct fixture f = setup();
	const struct sg_node *n = load(&f, SG_LIT("{\"a\":[1,{}],\"b\":[]}"));
	ck_assert_str_eq(rewritten(&f, n, 2), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
	teardown(&f);
}
END_TEST

START_TEST(strings_are_escaped)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"a/b", "\"a/b\""},
		{"\"\\\b\f\n\r\t\x01\x7f", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f\""},
		{"\xc2\x9b\xe2\x80\xae\xe2\x80\xa8", "\"\\u009b\\u202e\\u2028\""},
		{"\xff"
		 "a\xc3",
		 "\"\xef\xbf\xbd"
		 "a\xef\xbf\xbd\""},
		{"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sg_buf out = {0};
		struct sg_json w;
		sg_json_init(&w, &out, 0);
		sg_json_cstr(&w, cases[i].in);
		ck_assert_str_eq(out.p, cases[i].out);
		sg_buf_free(&out);
	}
}
END_TEST

START_TEST(numbers_as_rfc_8785)
{
	static const struct {
		double d;
		const char *out;
	} cases[] = {
		{0, "0"},
		{-0.0, "0"},
		{1, "1"},
		{-1.5, "-1.5"},
		{1e20, "100000000000000000000"},
		{1e21, "1e+21"},
		{1e-6, "0.000001"},
		{1e-7, "1e-7"},
		{333333333.33333329, "333333333.3333333"},
		{1e30, "1e+30"},
		{4.5, "4.5"},
		{2e-3, "0.002"},
		{1e-27, "1e-27"},
		{0.1, "0.1"},
		{1.9, "1.9"},
		{5e-324, "5e-324"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{9007199254740993.0, "9007199254740992"},
		{123456.789, "123456.789"},
		{1.2345e25, "1.2345e+25"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sg_buf out = {0};
		struct sg_json w;
		sg_json_init(&w, &out, 0);
		sg_json_double(&w, cases[i].d);
		ck_assert_str_eq(out.p, cases[i].out);
		sg_buf_free(&out);
	}
}
END_TEST

UNIT_MAIN("json", what_is_read_is_what_was_written, spans_are_exact, what_is_not_json_is_told_with_its_place,
	  depth_and_nodes_have_ceilings, damaged_documents_are_told_about, writing_is_indented_or_not,
	  strings_are_escaped, numbers_as_rfc_8785)
