/* Unit tests of guard/: what the language means, what a wrong file is told, bounds. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static void teardown(struct fixture *f)
{
	sg_arena_free(f->arena);
}

static struct sg_guard *rules(struct fixture *f, struct sg_str text)
{
	f->diags = sg_diags_new(f->arena, f->sources);
	return sg_guard_load(f->arena, f->diags, sg_source_add(f->sources, SG_LIT("r.guard"), text), NULL);
}

static const struct sg_node *parse(void *context, struct sg_arena *a, struct sg_str text)
{
	struct fixture *f = context;
	struct sg_diags *d = sg_diags_new(a, f->sources);
	return sg_json_load(a, sg_source_add(f->sources, SG_LIT("text"), text), NULL, d);
}

static struct sg_guard_run run(struct fixture *f, const struct sg_guard *g, const char *json)
{
	struct sg_guard_options o = {.now = 1700000000, .parse = parse, .context = f};
	return sg_guard_run(f->arena, g, sg_guard_doc(f->arena, tree(f, json), SG_GUARD_VALIDATE), &o);
}

static const char data[] =
	"{\"n\":5,\"f\":1.5,\"s\":\"five\",\"t\":true,\"nul\":null,\"e\":[],\"em\":{},\"es\":\"\",\"l\":[1,2,3],"
	"\"names\":[\"a\",\"b\"],\"one\":[7],\"m\":{\"a\":{\"x\":1},\"b\":{\"x\":2}},\"ref\":{\"Ref\":\"P\"},"
	"\"json\":\"{\\\"k\\\":[1,2]}\",\"url\":\"a%20b\",\"time\":\"2024-01-01T00:00:00Z\",\"ll\":[[1,2],[3]],"
	"\"Tag\":\"single\",\"some_key\":1,\"Resources\":{\"B\":{\"Type\":\"AWS::S3::Bucket\",\"Properties\":{\"Name\":\"b\"}},"
	"\"Q\":{\"Type\":\"AWS::SQS::Queue\",\"Properties\":{}}}}";

/* One clause each, with what it says about `data`. */
static const struct {
	const char *clause, *status;
} clauses[] = {
	{"n == 5", "PASS"},
	{"n == \"5\"", "FAIL"},
	{"n != \"5\"", "FAIL"},
	{"n == 5.0", "PASS"},
	{"not n == 5", "FAIL"},
	{"not n != 5", "PASS"},
	{"missing == 1", "FAIL"},
	{"missing != 1", "FAIL"},
	{"missing !exists", "PASS"},
	{"missing empty", "PASS"},
	{"n empty", "FAIL"},
	{"t !empty", "FAIL"},
	{"es empty", "PASS"},
	{"e == 5", "PASS"},
	{"e[*] == 5", "FAIL"},
	{"l[*] >= 1", "PASS"},
	{"l[-1] == 3", "PASS"},
	{"l.0 == 1", "PASS"},
	{"l[3] exists", "FAIL"},
	{"some l[*] == 2", "PASS"},
	{"l[*] == 2", "FAIL"},
	{"l == [1, 2, 3]", "PASS"},
	{"l == [3, 2, 1]", "FAIL"},
	{"one == 7", "PASS"},
	{"n == [5]", "PASS"},
	{"l in [1, 2, 3, 4]", "PASS"},
	{"l not in [9]", "PASS"},
	{"l not in [1]", "FAIL"},
	{"n in r[1, 10]", "PASS"},
	{"n in r(5, 10]", "FAIL"},
	{"f in r[1, 2]", "PASS"},
	{"n in [r[1, 10]]", "FAIL"},
	{"s == /^fi/", "PASS"},
	{"s == /\\d/", "FAIL"},
	{"s in \"fifty five\"", "PASS"},
	{"s == /^[a-z&&[^aou]]+$/", "PASS"},
	{"s == /^[a-z&&[^aei]]+$/", "FAIL"},
	{"s == /^[\\w--5]+$/", "PASS"},
	{"s == /^[\\w--f]+$/", "FAIL"},
	{"s == /^[a-m~~e-z~~[fie]]+$/", "PASS"},
	{"s == /^[a-m~~e-z]+$/", "FAIL"},
	{"s == /^[^[0-9][:upper:]]+$/", "PASS"},
	{"s == /[]:-]/", "FAIL"},
	{"ref == \"x\"", "FAIL"},
	{"ref != \"x\"", "FAIL"},
	{"ref not in [\"x\"]", "PASS"},
	{"s is_string", "PASS"},
	{"s !is_string", "FAIL"},
	{"nul is_null", "PASS"},
	{"m.*.x > 0", "PASS"},
	{"m[ x == 1 ].x == 1", "PASS"},
	{"m[ x == 9 ].x == 1", "SKIP"},
	{"m[ x == 9 ] empty", "PASS"},
	{"m[ x == 9 ] !empty", "FAIL"},
	{"m[ keys == 'a' ].x == 1", "PASS"},
	{"m[ keys in ['a', 'b'] ] !empty", "PASS"},
	{"m[ keys == /^z/ ] !empty", "FAIL"},
	{"m { a exists }", "PASS"},
	{"m.c { x exists }", "FAIL"},
	{"m[ x == 9 ] { x exists }", "SKIP"},
	{"m[ x == 9 ] !empty { x exists }", "FAIL"},
	{"when n == 5 { s exists }", "PASS"},
	{"when n == 6 { zzz exists }", "SKIP"},
	{"when n !empty { s exists }", "FAIL"},
	{"n == 6 or s == 'five'", "PASS"},
	{"n == 6 or s == 'six'", "FAIL"},
	{"Tags == 'single'", "PASS"},
	{"SomeKey == 1", "PASS"},
	{"AWS::S3::Bucket Properties.Name == 'b'", "PASS"},
	{"AWS::SQS::Queue { Properties.Name exists }", "FAIL"},
	{"AWS::SNS::Topic { Properties exists }", "SKIP"},
	{"AWS::S3::Bucket when Properties.Name == 'c' { Properties.Z exists }", "SKIP"},
	{"ll == [[1, 2], [3]]", "PASS"},
	{"this.n == 5", "PASS"},
};

START_TEST(clauses_have_their_verdicts)
{
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(clauses) / sizeof(*clauses); i++) {
		struct sg_guard *g = rules(&f, sg_strf(f.arena, "rule r {\n %s\n}\n", clauses[i].clause));
		ck_assert_msg(g, "%s", clauses[i].clause);
		struct sg_guard_run r = run(&f, g, data);
		ck_assert_msg(!strcmp(sg_guard_status_name(r.status), clauses[i].status), "%s: %s", clauses[i].clause,
			      sg_guard_status_name(r.status));
		sg_guard_free(g);
	}
	teardown(&f);
}
END_TEST

/* A key that 3.2.1 reads as no string, and does without the document for; integers and YAML 1.1's words are let through. */
START_TEST(keys_that_are_no_strings_are_told)
{
	static const struct {
		const char *key;
		bool readable;
	} keys[] = {{"a", true},     {"200", true},  {"on", true},   {"y", true},     {"12345678901234567890", true},
		    {"true", false}, {"1.5", false}, {"~", false},   {"null", false}, {"nan", false},
		    {"1e3", false},  {"True", true}, {"-inf", false}};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct fixture f = setup();
		f.diags = sg_diags_new(f.arena, f.sources);
		struct sg_member *m = SG_NEW(f.arena, struct sg_member);
		m->key = sg_node_scalar(f.arena, sg_str(keys[i].key), SG_PLAIN, SG_WHY_SOURCE, NULL);
		m->value = m->key;
		const struct sg_node *map = sg_node_map(f.arena, m, 1, SG_WHY_SOURCE, NULL);
		ck_assert_msg(sg_guard_doc_readable(f.diags, sg_node_seq(f.arena, &map, 1, SG_WHY_SOURCE, NULL)) ==
				      keys[i].readable,
			      "%s", keys[i].key);
		ck_assert_uint_eq(sg_diags_errors(f.diags), !keys[i].readable);
		teardown(&f);
	}
}
END_TEST

/* Whole files: variables, captures, functions, rules that name rules. */
static const struct {
	const char *file, *status;
} files[] = {
	{"let x = l[*]\nrule r { %x < 4 }", "PASS"},
	{"let none = m[ x == 9 ]\nrule r { %none.x == 1 }", "SKIP"},
	{"let none = m[ x == 9 ]\nrule r { %none == 1 }", "FAIL"},
	{"let none = m[ x == 9 ]\nrule r when %none !empty { zzz exists }", "SKIP"},
	{"rule r { names == /a|b/\n let k = names\n m.%k.x >= 1 }", "PASS"},
	{"rule r { let k = names[*]\n m.%k[1].x == 2 }", "PASS"},
	{"rule r { m[ name | x == 2 ] exists\n %name == 'b' }", "PASS"},
	{"let c = count(m.*)\nrule r { %c == 2 }", "PASS"},
	{"let u = to_upper(s)\nrule r { %u == 'FIVE' }", "PASS"},
	{"let j = join(names[*], '-')\nrule r { %j == 'a-b' }", "PASS"},
	{"let s2 = substring(s, 1, 3)\nrule r { %s2 == 'iv' }", "PASS"},
	{"let p = json_parse(json)\nrule r { %p.k[1] == 2 }", "PASS"},
	{"let p = json_parse(es)\nrule r { %p is_null\n%p !empty or %p exists\nn != %p }", "PASS"},
	{"let p = json_parse(' # nothing')\nrule r { %p is_null }", "PASS"},
	{"let p = json_parse('')\nrule r { n < %p }", "FAIL"},
	{"let r2 = regex_replace(s, '(f)(i)', '$2${1}')\nrule r { %r2 == 'if' }", "PASS"},
	{"let u = url_decode(url)\nrule r { %u == 'a b' }", "PASS"},
	{"let e = parse_epoch(time)\nrule r { %e == 1704067200 }", "PASS"},
	{"let e = now()\nrule r { %e == 1700000000 }", "PASS"},
	{"let e = parse_int(s)\nrule r { %e == 1 }", "FAIL"},
	{"let e = parse_string(f)\nrule r { %e == '1.5' }", "PASS"},
	{"let e = parse_char(n)\nrule r { %e in r[a,z] or %e in r(4,6) }", "FAIL"},
	{"rule a { n == 6 }\nrule r { not a\n}", "FAIL"}, /* a itself fails */
	{"rule a when n == 6 { s exists }\nrule r {\n a\n}", "FAIL"},
	{"rule a when n == 6 { s exists }\nrule r when !a { n == 5 }", "PASS"},
	{"rule p(x, y) { %x == %y }\nrule r { p(n, 5)\n p(s, 'five') }", "PASS"},
	{"rule p(x) { %x == 1 }\nrule r { p(n) <<no>> }", "FAIL"},
	{"n == 5\ns == 'five'", "PASS"},
	{"# nothing", "SKIP"},
	{"", "SKIP"},
};

START_TEST(files_have_their_verdicts)
{
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct sg_guard *g = rules(&f, sg_str(files[i].file));
		ck_assert_msg(g, "%s", files[i].file);
		struct sg_guard_run r = run(&f, g, data);
		ck_assert_msg(!strcmp(sg_guard_status_name(r.status), files[i].status), "%s: %s %.*s", files[i].file,
			      sg_guard_status_name(r.status), SG_FMT(r.error));
		sg_guard_free(g);
	}
	teardown(&f);
}
END_TEST

/* What a wrong file is told, and where. */
static const struct {
	const char *file, *message;
	unsigned line, column;
} wrong[] = {
	{"rule r {\n  a == %b\n}", "there is no variable %b", 2, 8},
	{"rule r {\n  other\n}", "there is no rule other", 2, 3},
	{"rule r {\n  other(a)\n}", "there is no parameterised rule other", 2, 3},
	{"rule p(x) { %x exists }\nrule r {\n  p(a, b)\n}", "takes 1 parameter, not 2", 3, 3},
	{"rule r {\n  a == /(/\n}", "the regular expression cannot be used", 2, 8},
	{"rule r {\n  a == /x\\Z/\n}", "does not know", 2, 8},
	{"rule r {\n  a == /[a[]b]]/\n}", "a class within a class begins with ]", 2, 8},
	{"rule r {\n  a == /[a&&b/\n}", "a class does not end", 2, 8},
	{"rule a {\n  b\n}\nrule b {\n  a\n}", "the rule a needs itself", 1, 6},
	{"let x = %y\nlet y = %x", "the variable x needs itself", 1, 5},
	{"rule r { let x = %x\n %x exists }", "the variable x needs itself", 1, 14},
	{"rule r {\n  a == foo(b)\n}", "there is no function foo()", 2, 8},
	{"let a = count(x, y)", "count() takes 1 argument, not 2", 1, 9},
	{"rule r {\n  a == 'x\n}", "the string does not end", 2, 8},
	{"rule r {\n  a == 1 <<m\n}", "the message does not end", 2, 10},
	{"rule r {\n  a == 1\n", "the block that begins here does not end", 1, 8},
	{"rule r { other }", "is expected", 1, 10},
	{"rule r {\n  a == r[1, 2.5]\n}", "a range's bounds", 2, 8},
	{"rule r {\n  a ==\n}", "must follow the operator", 2, 7},
};

START_TEST(wrong_files_are_told_where)
{
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(!rules(&f, sg_str(wrong[i].file)), "%s", wrong[i].file);
		const struct sg_diag *d = sg_diags_at(f.diags, 0);
		struct sg_pos at = sg_pos_start(f.sources, d->span);
		ck_assert_msg(sg_str_find(d->message, wrong[i].message, 0) != SIZE_MAX, "%s: %.*s", wrong[i].file,
			      SG_FMT(d->message));
		ck_assert_msg(at.line == wrong[i].line && at.column == wrong[i].column, "%s: %u:%u", wrong[i].file,
			      at.line, at.column);
	}
	teardown(&f);
}
END_TEST

START_TEST(a_failure_says_where_and_why)
{
	struct fixture f = setup();
	struct sg_guard *g =
		rules(&f, SG_LIT("rule r {\n  Resources.*[ Type == 'AWS::SQS::Queue' ].Properties.Kms exists"
				 " << set a key >>\n}"));
	struct sg_guard_run r = run(&f, g, data);
	ck_assert_int_eq(r.status, SG_GUARD_FAIL);
	ck_assert_uint_eq(r.rules[0].n_fails, 1);
	const struct sg_guard_fail *fail = r.rules[0].fails;
	ck_assert(sg_str_is(fail->resource, "Q"));
	ck_assert_msg(sg_str_is(fail->path, "/Resources/Q/Properties/Kms"), "%.*s", SG_FMT(fail->path));
	ck_assert(sg_str_is(fail->message, "set a key"));
	ck_assert_msg(sg_str_is(fail->reason, "Kms is missing"), "%.*s", SG_FMT(fail->reason));
	ck_assert_uint_eq(sg_pos_start(f.sources, fail->rule_span).line, 2);
	ck_assert(sg_str_starts(
		sg_str_sub(sg_source_text(f.sources, fail->node->span.source), fail->node->span.start, 2), "{}"));
	sg_guard_free(g);
	teardown(&f);
}
END_TEST

START_TEST(an_alternative_that_passes_leaves_no_failure)
{
	struct fixture f = setup();
	struct sg_guard *g = rules(&f, SG_LIT("rule r {\n  n == 6 or n == 5\n  s == 'six'\n}"));
	struct sg_guard_run r = run(&f, g, data);
	ck_assert_uint_eq(r.rules[0].n_fails, 1);
	ck_assert_msg(sg_str_is(r.rules[0].fails[0].reason, "s, \"five\", is not \"six\""), "%.*s",
		      SG_FMT(r.rules[0].fails[0].reason));
	sg_guard_free(g);
	teardown(&f);
}
END_TEST

static struct sg_str repeated(struct fixture *f, const char *before, const char *open, const char *middle,
			      const char *close, size_t n)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, before);
	for (size_t i = 0; i < n; i++)
		sg_buf_adds(&b, open);
	sg_buf_adds(&b, middle);
	for (size_t i = 0; i < n; i++)
		sg_buf_adds(&b, close);
	return sg_buf_take(&b, f->arena);
}

START_TEST(nesting_without_end_is_an_error)
{
	static const char *const nests[][4] = {
		{"rule r { ", "a { ", "b exists", " }"},
		{"rule r { ", "a[ ", "b exists", " ]"},
		{"let a = ", "[", "1", "]"},
		{"let a = ", "{a: ", "1", "}"},
		{"let a = ", "count(", "b", ")"},
		{"rule r { ", "when a exists { ", "b exists", " }"},
		{"rule r { ", "a[*]", " exists", ""},
		{"rule r { a", ".b", " exists", " }"},
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(nests) / sizeof(*nests); i++)
		ck_assert(!rules(&f, repeated(&f, nests[i][0], nests[i][1], nests[i][2], nests[i][3], 10000)));
	teardown(&f);
}
END_TEST

START_TEST(nesting_that_is_allowed_takes_no_exponential_time)
{
	struct fixture f = setup();
	struct sg_guard *g = rules(&f, repeated(&f, "rule r { ", "a[ ", "b exists", " ] exists", 50));
	ck_assert(!g); /* the rule's block does not end; what matters is that this is found out soon */
	g = rules(&f, repeated(&f, "rule r { x exists\n", "a { ", "b exists", " }", 90));
	ck_assert(!g);
	teardown(&f);
}
END_TEST

START_TEST(expensive_expressions_end_in_an_error)
{
	struct fixture f = setup();
	struct sg_guard *g = rules(&f, SG_LIT("rule r { s == /^(a+)+$/ }"));
	struct sg_guard_run r =
		run(&f, g, "{\"s\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}");
	ck_assert_int_eq(r.status, SG_GUARD_ERROR);
	ck_assert(sg_str_find(r.error, "too long", 0) != SIZE_MAX);
	sg_guard_free(g);
	teardown(&f);
}
END_TEST

START_TEST(steps_are_bounded)
{
	struct fixture f = setup();
	struct sg_guard_limits limits = {.steps = 10};
	struct sg_guard_options o = {.limits = &limits};
	struct sg_guard *g = rules(&f, SG_LIT("rule r { l[*] < 10\n l[*] < 10\n l[*] < 10 }"));
	struct sg_guard_run r = sg_guard_run(f.arena, g, sg_guard_doc(f.arena, tree(&f, data), SG_GUARD_VALIDATE), &o);
	ck_assert_int_eq(r.status, SG_GUARD_ERROR);
	sg_guard_free(g);
	teardown(&f);
}
END_TEST

START_TEST(dialects_of_regular_expressions)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"^\\h+$", "0aF", true},       {"^\\h$", " ", false},
		{"^[[:alpha:]]$", "é", false}, {"^[[:^alpha:]]$", "é", true},
		{"^\\u0041$", "A", true},      {"^\\u{41}$", "A", true},
		{"^a{,2}$", "aa", true},       {"^a{,2}$", "aaa", false},
		{"(?u)^é$", "é", true},        {"\\bfoo\\b", "a foo b", true},
		{"^(?!x)a", "ab", true},       {"^\\v$", "\n", false},
		{"^[\\]a]$", "]", true},       {"^[^]]$", "]", false},
		{"a$", "a\n", false},          {"^.$", "\r", true},
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sg_buf json = {0};
		struct sg_json w;
		sg_json_init(&w, &json, 0);
		sg_json_object(&w);
		sg_json_key(&w, "s");
		sg_json_cstr(&w, cases[i].text);
		sg_json_end(&w);
		struct sg_guard *g = rules(&f, sg_strf(f.arena, "rule r { s == /%s/ }", cases[i].pattern));
		ck_assert_msg(g, "%s", cases[i].pattern);
		struct sg_guard_run r = run(&f, g, sg_cstr(f.arena, sg_buf_view(&json)));
		ck_assert_msg((r.status == SG_GUARD_PASS) == cases[i].matches, "%s", cases[i].pattern);
		sg_guard_free(g);
		sg_buf_free(&json);
	}
	teardown(&f);
}
END_TEST

START_TEST(a_comment_chooses_the_view)
{
	struct fixture f = setup();
	struct sg_guard *g = rules(&f, SG_LIT("# x\n# sandboxgen: view=resolved\nrule r { a exists }"));
	ck_assert_int_eq(sg_guard_view(g), SG_GUARD_VIEW_RESOLVED);
	sg_guard_free(g);
	g = rules(&f, SG_LIT("# not as # sandboxgen: view=raw\nrule r { a exists }\n# sandboxgen: view=expanded"));
	ck_assert_int_eq(sg_guard_view(g), SG_GUARD_VIEW_EXPANDED);
	sg_guard_free(g);
	g = rules(&f, SG_LIT("rule r { a exists <<\n# sandboxgen: view=raw\n>> }"));
	ck_assert_int_eq(sg_guard_view(g), SG_GUARD_VIEW_NONE);
	sg_guard_free(g);
	g = rules(&f, SG_LIT("rule r { a exists }"));
	ck_assert_int_eq(sg_guard_view(g), SG_GUARD_VIEW_NONE);
	sg_guard_free(g);
	teardown(&f);
}
END_TEST

UNIT_MAIN("guard", clauses_have_their_verdicts, keys_that_are_no_strings_are_told, files_have_their_verdicts,
	  wrong_files_are_told_where, a_failure_says_where_and_why, an_alternative_that_passes_leaves_no_failure,
	  nesting_without_end_is_an_error, nesting_that_is_allowed_takes_no_exponential_time,
	  expensive_expressions_end_in_an_error, steps_are_bounded, dialects_of_regular_expressions,
	  a_comment_chooses_the_view)
