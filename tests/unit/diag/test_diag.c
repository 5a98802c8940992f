/* Unit tests of diag/. */
#include "diag/diag.h"
#include "unit.h"

#include <ctype.h>
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

static const char *printed(struct fixture *f)
{
	sg_buf_free(&f->out);
	sg_diags_print(f->diags, &f->out, false);
	return f->out.p ? f->out.p : "";
}

START_TEST(positions_count_characters)
{
	static const struct {
		const char *text;
		uint32_t at, line, column;
	} cases[] = {
		{"", 0, 1, 1},
		{"abc", 3, 1, 4},
		{"a\nb", 2, 2, 1},
		{"a\r\nb", 3, 2, 1},
		{"a\r\nb", 2, 1, 3},
		{"a\rb", 2, 2, 1},
		{"a\n", 2, 2, 1},
		{"\n\n\nx", 3, 4, 1},
		{"\xc3\xa9\xf0\x9f\x98\x80x", 6, 1, 3},
		{"\xc3\xa9\xf0\x9f\x98\x80x", 4, 1, 2}, /* inside a character */
		{"\xff\xfex", 2, 1, 3},
		{"\xef\xbb\xbf"
		 "a: b",
		 6, 1, 4},
		{"\xef\xbb\xbf"
		 "a",
		 0, 1, 1},
		{"\tx", 1, 1, 2},
		{"abc", 99, 1, 4},
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t id = sg_source_add(f.sources, SG_LIT("f"), sg_str(cases[i].text));
		struct sg_pos start = sg_pos_start(f.sources, (struct sg_span){id, cases[i].at, cases[i].at});
		struct sg_pos end = sg_pos_end(f.sources, (struct sg_span){id, 0, cases[i].at});
		ck_assert_msg(start.line == cases[i].line && start.column == cases[i].column, "case %zu: %u:%u", i,
			      start.line, start.column);
		ck_assert(end.line == start.line && end.column == start.column);
	}
	struct sg_pos nowhere = sg_pos_start(f.sources, (struct sg_span){0, 0, 0});
	ck_assert(nowhere.line == 0 && nowhere.column == 0);
	teardown(&f);
}
END_TEST

/* The index must give what counting from the start gives, also beyond its first checkpoints. */
START_TEST(positions_in_long_texts)
{
	struct fixture f = setup();
	struct sg_buf text = {0};
	for (int i = 0; i < 9000; i++)
		sg_buf_adds(&text, i % 1000 == 999 ? "\n" : i % 3 ? "x" : "\xe2\x82\xac");
	uint32_t id = sg_source_add(f.sources, SG_LIT("long"), sg_buf_view(&text));
	uint32_t line = 1, column = 1;
	for (uint32_t at = 0; at < text.n;) {
		struct sg_pos pos = sg_pos_start(f.sources, (struct sg_span){id, at, at});
		ck_assert_uint_eq(pos.line, line);
		ck_assert_uint_eq(pos.column, column);
		column++;
		if (text.p[at] == '\n')
			line++, column = 1;
		at += (unsigned char)text.p[at] == 0xe2 ? 3 : 1;
	}
	sg_buf_free(&text);
	teardown(&f);
}
END_TEST

START_TEST(columns_in_utf16)
{
	struct fixture f = setup();
	struct sg_buf text = {0};
	/* one, two, three and four bytes; a byte that is malformed is one unit, as U+FFFD would be */
	static const char *const characters[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff"};
	sg_buf_adds(&text, "\xef\xbb\xbf");
	for (int i = 0; i < 9000; i++)
		sg_buf_adds(&text, i % 2500 == 2499 ? "\n" : characters[i % 5]);
	uint32_t id = sg_source_add(f.sources, SG_LIT("long"), sg_buf_view(&text)), line = 1, column = 1, at = 3;
	for (int i = 0; i < 9000; i++) {
		struct sg_pos start = sg_pos_start_utf16(f.sources, (struct sg_span){id, at, at});
		struct sg_pos end = sg_pos_end_utf16(f.sources, (struct sg_span){id, 3, at});
		ck_assert_msg(start.line == line && start.column == column, "%d: %u:%u is not %u:%u", i, start.line,
			      start.column, line, column);
		ck_assert(end.line == line && end.column == column);
		at += i % 2500 == 2499 ? 1 : (uint32_t)strlen(characters[i % 5]);
		column += i % 5 == 3 ? 2 : 1;
		if (i % 2500 == 2499)
			line++, column = 1;
	}
	sg_buf_free(&text);
	teardown(&f);
}
END_TEST

START_TEST(spans_join)
{
	struct sg_span a = {1, 5, 7}, b = {1, 2, 3}, none = {0, 0, 0};
	struct sg_span j = sg_span_join(a, b);
	ck_assert(j.source == 1 && j.start == 2 && j.end == 7);
	ck_assert_uint_eq(sg_span_join(none, a).start, 5);
	ck_assert_uint_eq(sg_span_join(a, none).end, 7);
	ck_assert_uint_eq(sg_span_join(none, none).source, 0);
}
END_TEST

START_TEST(diagnostic_has_excerpt_caret_and_hint)
{
	struct fixture f = setup();
	uint32_t id = sg_source_add(f.sources, SG_LIT("spec.yaml"), SG_LIT("a: 1\nb: 2\nmemroy: 256\n"));
	sg_diag(f.diags, SG_ERROR, (struct sg_span){id, 10, 16}, "did you mean 'memory'?", "unknown key '%s'",
		"memroy");
	ck_assert_str_eq(printed(&f), "spec.yaml:3:1: error: unknown key 'memroy'\n"
				      "    3 | memroy: 256\n"
				      "      | ^~~~~~\n"
				      "      = did you mean 'memory'?\n");
	teardown(&f);
}
END_TEST

START_TEST(diagnostic_without_a_place)
{
	struct fixture f = setup();
	sg_diag_file(f.diags, SG_ERROR, SG_LIT("x.yaml"), NULL, "cannot read");
	sg_diag_file(f.diags, SG_NOTE, SG_LIT(""), "try again", "something");
	ck_assert_str_eq(printed(&f), "sandboxgen: note: something\n    = try again\nx.yaml: error: cannot read\n");
	ck_assert_uint_eq(sg_diags_errors(f.diags), 1);
	teardown(&f);
}
END_TEST

START_TEST(caret_stands_under_wide_and_escaped_text)
{
	struct fixture f = setup();
	struct sg_buf out = {0};
	uint32_t id = sg_source_add(f.sources, SG_LIT("f"), SG_LIT("\t\x1b[31m \xe6\xbc\xa2 bad\nnext"));
	sg_excerpt(f.sources, (struct sg_span){id, 11, 14}, &out, 0, false);
	ck_assert_str_eq(out.p, "1 |  \\x1b[31m \xe6\xbc\xa2 bad\n"
				"  |              ^~~\n");
	sg_buf_free(&out);
	teardown(&f);
}
END_TEST

START_TEST(excerpt_of_many_lines_and_of_a_line_end)
{
	struct fixture f = setup();
	struct sg_buf out = {0};
	uint32_t id = sg_source_add(f.sources, SG_LIT("f"), SG_LIT("a: [1,\r\n 2]\r\n"));
	sg_excerpt(f.sources, (struct sg_span){id, 3, 11}, &out, 2, false);
	sg_excerpt(f.sources, (struct sg_span){id, 6, 6}, &out, 2, false);
	sg_excerpt(f.sources, (struct sg_span){id, 13, 13}, &out, 2, false);
	ck_assert_str_eq(out.p, "  1 | a: [1,\n    |    ^~~\n  1 | a: [1,\n    |       ^\n  3 | \n    | ^\n");
	sg_buf_free(&out);
	teardown(&f);
}
END_TEST

START_TEST(excerpt_of_a_long_line_is_bounded)
{
	struct fixture f = setup();
	struct sg_buf text = {0}, out = {0};
	sg_buf_fill(&text, 'x', 100000);
	uint32_t id = sg_source_add(f.sources, SG_LIT("f"), sg_buf_view(&text));
	for (uint32_t at = 0; at < 100000; at += 9999) {
		sg_buf_free(&out);
		sg_excerpt(f.sources, (struct sg_span){id, at, 100000}, &out, 0, false);
		ck_assert_uint_lt(out.n, 600);
	}
	sg_buf_free(&out);
	sg_buf_free(&text);
	teardown(&f);
}
END_TEST

START_TEST(diagnostics_are_sorted_and_not_repeated)
{
	struct fixture f = setup();
	uint32_t b = sg_source_add(f.sources, SG_LIT("b"), SG_LIT("xy"));
	uint32_t a = sg_source_add(f.sources, SG_LIT("a"), SG_LIT("xy"));
	sg_diag(f.diags, SG_ERROR, (struct sg_span){b, 0, 1}, NULL, "one");
	sg_diag(f.diags, SG_ERROR, (struct sg_span){a, 1, 2}, NULL, "two");
	sg_diag(f.diags, SG_WARNING, (struct sg_span){a, 0, 1}, NULL, "three");
	sg_diag(f.diags, SG_ERROR, (struct sg_span){b, 0, 1}, NULL, "one");
	ck_assert_uint_eq(sg_diags_count(f.diags), 3);
	ck_assert_uint_eq(sg_diags_errors(f.diags), 3); /* each time it is said */
	const char *text = printed(&f);
	ck_assert(strstr(text, "three") < strstr(text, "two"));
	ck_assert(strstr(text, "two") < strstr(text, "one"));
	teardown(&f);
}
END_TEST

START_TEST(a_full_list_still_tells_errors)
{
	struct fixture f = setup();
	uint32_t id = sg_source_add(f.sources, SG_LIT("f"), SG_LIT("xy"));
	for (int i = 0; i < 1000; i++)
		sg_diag(f.diags, SG_WARNING, (struct sg_span){id, 0, 1}, NULL, "warning %d", i);
	sg_diag(f.diags, SG_ERROR, (struct sg_span){id, 0, 1}, NULL, "the error");
	ck_assert_uint_eq(sg_diags_count(f.diags), 200);
	ck_assert_uint_eq(sg_diags_errors(f.diags), 1);
	ck_assert_ptr_nonnull(strstr(printed(&f), "the error"));
	ck_assert_ptr_nonnull(strstr(printed(&f), "801 more"));
	teardown(&f);
}
END_TEST

START_TEST(printable_text_cannot_steer_a_terminal)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80"},
		{"\x1b[2J\r\n\t\x7f", "\\x1b[2J\\x0d\\x0a\\x09\\x7f"},
		{"\xc2\x9b"
		 "31m",
		 "\\u{9b}31m"},
		{"\xe2\x80\xae"
		 "abc",
		 "\\u{202e}abc"},
		{"\xff\xc3", "\\xff\\xc3"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sg_buf out = {0};
		sg_buf_printable(&out, sg_str(cases[i].in));
		ck_assert_str_eq(out.p, cases[i].out);
		sg_buf_free(&out);
	}
	for (int c = 0; c < 256; c++) {
		struct sg_buf out = {0};
		char byte = (char)c;
		sg_buf_printable(&out, (struct sg_str){&byte, 1});
		for (size_t i = 0; i < out.n; i++)
			ck_assert(isprint((unsigned char)out.p[i]));
		sg_buf_free(&out);
	}
}
END_TEST

START_TEST(rules_are_well_formed)
{
	ck_assert_uint_gt(sg_rules_count, 40);
	for (size_t i = 0; i < sg_rules_count; i++) {
		const struct sg_rule *r = &sg_rules[i];
		size_t n = strlen(r->family);
		ck_assert_uint_eq(strlen(r->id), n + 3);
		ck_assert(n == 2 || n == 3);
		ck_assert(!strncmp(r->id, r->family, n) && isdigit((unsigned char)r->id[n]));
		ck_assert_uint_gt(strlen(r->title), 10);
		ck_assert_ptr_eq(sg_rule_get(r->id), r); /* no id is there twice */
	}
	ck_assert_ptr_null(sg_rule_find(SG_LIT("NET999")));
	ck_assert_ptr_null(sg_rule_find(SG_LIT("net001")));
	ck_assert_str_eq(sg_severity_name(sg_rule_get("NET001")->severity), "critical");
}
END_TEST

START_TEST(findings_are_judged_sorted_and_not_repeated)
{
	struct fixture f = setup();
	struct sg_findings all = {.arena = f.arena};
	for (int i = 0; i < 2; i++) {
		struct sg_finding *late = sg_finding_add(&all, "LIM001", SG_UNPROVEN, (struct sg_span){1, 9, 10},
							 SG_LIT("F"), "memory %d", 3);
		sg_finding_step(&all, late, late->span, "step %d", 1);
		sg_finding_settle(&all, late, "say so");
	}
	sg_finding_add(&all, "NET001", SG_FAIL, (struct sg_span){1, 2, 3}, SG_LIT("F"), "no VPC");
	sg_judge(&all, "NET001", SG_LIT("F"), SG_PASS);
	sg_judge(&all, "NET001", SG_LIT("G"), SG_PASS);
	sg_findings_sort(&all);
	ck_assert_uint_eq(all.list.n, 2);
	ck_assert_str_eq(all.list.v[0]->rule->id, "NET001");
	ck_assert_uint_eq(all.judged.n, 3);
	ck_assert_int_eq(all.judged.v[0].verdict, SG_FAIL);
	ck_assert_int_eq(all.judged.v[1].verdict, SG_PASS);
	ck_assert_int_eq(all.judged.v[2].verdict, SG_UNPROVEN);
	sg_judge(&all, "NET001", SG_LIT("G"), SG_UNPROVEN); /* the index follows the sorting */
	ck_assert_uint_eq(all.judged.n, 3);
	ck_assert_int_eq(all.judged.v[1].verdict, SG_UNPROVEN);
	teardown(&f);
}
END_TEST

START_TEST(the_verdict_is_the_worst_that_counts)
{
	struct fixture f = setup();
	struct sg_findings all = {.arena = f.arena};
	ck_assert_int_eq(sg_findings_verdict(&all, SG_LOW), SG_PASS);
	sg_finding_add(&all, "LOG002", SG_FAIL, (struct sg_span){0, 0, 0}, SG_LIT("G"), "no retention")->severity =
		SG_LOW;
	ck_assert_int_eq(sg_findings_verdict(&all, SG_MEDIUM), SG_PASS);
	ck_assert_int_eq(sg_findings_verdict(&all, SG_LOW), SG_FAIL);
	sg_finding_add(&all, "LIM001", SG_UNPROVEN, (struct sg_span){0, 0, 0}, SG_LIT("F"), "memory");
	ck_assert_int_eq(sg_findings_verdict(&all, SG_MEDIUM), SG_UNPROVEN);
	struct sg_finding *worst =
		sg_finding_add(&all, "NET001", SG_FAIL, (struct sg_span){0, 0, 0}, SG_LIT("F"), "no VPC");
	ck_assert_int_eq(sg_findings_verdict(&all, SG_MEDIUM), SG_FAIL);
	worst->suppressed = SG_LIT("accepted");
	ck_assert_int_eq(sg_findings_verdict(&all, SG_MEDIUM), SG_UNPROVEN);
	teardown(&f);
}
END_TEST

static const char *fingerprint(const struct sg_finding *finding)
{
	static char out[2][SG_FINGERPRINT + 1];
	static int turn;
	turn = !turn;
	sg_finding_fingerprint(finding, out[turn]);
	ck_assert_uint_eq(strlen(out[turn]), SG_FINGERPRINT);
	return out[turn];
}

/* A second way out of the same function is another finding; a line moved is none. */
START_TEST(a_fingerprint_is_of_what_is_said)
{
	struct fixture f = setup();
	struct sg_findings all = {.arena = f.arena};
	struct sg_finding *x = sg_finding_add(&all, "NET008", SG_FAIL, (struct sg_span){1, 2, 3}, SG_LIT("F"), "way");
	sg_finding_step(&all, x, (struct sg_span){1, 4, 5}, "by A");
	struct sg_finding same = *x, other;
	same.span = (struct sg_span){2, 70, 80};
	same.severity = SG_LOW;
	ck_assert_str_eq(fingerprint(x), fingerprint(&same));
	struct sg_finding *way = sg_finding_add(&all, "NET008", SG_FAIL, x->span, SG_LIT("F"), "way");
	sg_finding_step(&all, way, (struct sg_span){1, 4, 5}, "by B");
	ck_assert_str_ne(fingerprint(x), fingerprint(way));
	other = *x, other.status = SG_UNPROVEN;
	ck_assert_str_ne(fingerprint(x), fingerprint(&other));
	other = *x, other.resource = SG_LIT("Fw"), other.message = SG_LIT("ay");
	ck_assert_str_ne(fingerprint(x), fingerprint(&other));
	other = *x, other.path = SG_LIT("/Resources/F");
	ck_assert_str_ne(fingerprint(x), fingerprint(&other));
	other = *x, other.rule = sg_rule_get("NET002");
	ck_assert_str_ne(fingerprint(x), fingerprint(&other));
	teardown(&f);
}
END_TEST

static const char *path_of(struct sg_buf *out, const char *path)
{
	out->n = 0;
	sg_buf_path(out, sg_str(path));
	return out->p;
}

/* GitHub's runner takes "##[" anywhere in a line of a log, and "::" at its start, for a command. */
START_TEST(printable_text_cannot_steer_githubs_runner)
{
	struct sg_buf out = {0};
	sg_buf_printable(&out, SG_LIT("a ##[set-output name=verdict;]pass ###[x #[y ##"));
	ck_assert_str_eq(out.p, "a ##\\x5bset-output name=verdict;]pass ###\\x5bx #[y ##");
	ck_assert_str_eq(path_of(&out, "::error::x.yaml"), "./::error::x.yaml");
	ck_assert_str_eq(path_of(&out, " ::error::x.yaml"), "./ ::error::x.yaml");
	ck_assert_str_eq(path_of(&out, "a::b"), "a::b");
	sg_buf_free(&out);
}
END_TEST

UNIT_MAIN("diag", positions_count_characters, positions_in_long_texts, columns_in_utf16,
	  a_fingerprint_is_of_what_is_said, printable_text_cannot_steer_githubs_runner, spans_join,
	  diagnostic_has_excerpt_caret_and_hint, diagnostic_without_a_place, caret_stands_under_wide_and_escaped_text,
	  excerpt_of_many_lines_and_of_a_line_end, excerpt_of_a_long_line_is_bounded,
	  diagnostics_are_sorted_and_not_repeated, a_full_list_still_tells_errors,
	  printable_text_cannot_steer_a_terminal, rules_are_well_formed, findings_are_judged_sorted_and_not_repeated,
	  the_verdict_is_the_worst_that_counts)
