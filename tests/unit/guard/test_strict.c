/* Strict mode: what an unknown makes of every operator, and that whatever it may turn out to be, no verdict was wrong. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

/* "?" is unknown, "?!" unknown but there, "?#" a number from 0 to 10, "-" absent; anything else is what it says.  With
 * `instead` the unknown ones are that. */
struct world {
	const struct sg_node *instead;
	size_t asked;
};

static struct sg_guard_seen see(void *context, const struct sg_node *n)
{
	struct world *w = context;
	struct sg_guard_seen seen = {.what = SG_GUARD_LITERAL, .node = n};
	w->asked++;
	if (n->kind != SG_SCALAR || !n->text.n || (n->text.p[0] != '?' && !sg_node_is(n, "-")))
		return seen;
	if (sg_node_is(n, "-"))
		return (struct sg_guard_seen){.what = SG_GUARD_ABSENT};
	if (w->instead)
		return see(&(struct world){0}, w->instead);
	seen.what = SG_GUARD_OPEN;
	seen.present = n->text.n > 1;
	seen.at_least = seen.at_most = sg_node_is(n, "?#");
	seen.most = 10;
	return seen;
}

static const char resource[] =
	"{\"Type\":\"A::B::C\",\"u\":\"?\",\"p\":\"?!\",\"b\":\"?#\",\"n\":5,\"s\":\"five\",\"gone\":\"-\",\"e\":[],\"text\":\"256\","
	"\"yes\":\"TRUE\",\"l\":[\"a\",\"?!\"],\"known\":[\"a\",\"b\"],\"m\":{\"k\":\"?!\",\"z\":1},\"all\":[{\"t\":\"?!\",\"v\":1},"
	"{\"t\":\"x\",\"v\":2}],\"holes\":[\"-\",\"a\"],\"keys\":[\"?!\"]}";

static enum sg_guard_status judged(struct fixture *f, const char *clause, const char *instead)
{
	const char *text =
		sg_strf(f->arena, "rule r { A::B::C { %s } }\nrule other { Resources.R.p == 'a' }", clause).p;
	f->diags = sg_diags_new(f->arena, f->sources);
	struct sg_guard *g =
		sg_guard_load(f->arena, f->diags, sg_source_add(f->sources, SG_LIT("r.guard"), sg_str(text)), NULL);
	struct world w = {.instead = instead ? tree(f, instead) : NULL};
	struct sg_guard_world world = {see, &w};
	struct sg_str error = {0};
	ck_assert_msg(g, "%s", clause);
	struct sg_arena *scratch = sg_arena_new();
	struct sg_guard_outcome o =
		sg_guard_judge(f->arena, scratch, g, 0, SG_LIT("R"), tree(f, resource), &world, &error);
	sg_arena_free(scratch);
	sg_guard_free(g);
	ck_assert_msg(o.status != SG_GUARD_ERROR, "%s: %.*s", clause, SG_FMT(error));
	ck_assert_msg((o.n_fails > 0) == (o.status == SG_GUARD_FAIL || o.status == SG_GUARD_UNKNOWN), "%s", clause);
	return o.status;
}

static const struct {
	const char *clause, *status;
} cases[] = {
	/* something that may not be there */
	{"u exists", "UNKNOWN"},
	{"u !exists", "UNKNOWN"},
	{"u empty", "UNKNOWN"},
	{"u == 1", "UNKNOWN"},
	{"u != 1", "UNKNOWN"},
	{"not u == 1", "UNKNOWN"},
	{"u in ['a', 'b']", "UNKNOWN"},
	{"u not in ['a', 'b']", "UNKNOWN"},
	{"u == /a/", "UNKNOWN"},
	{"u != /a/", "UNKNOWN"},
	{"u < 3", "UNKNOWN"},
	{"u is_string", "UNKNOWN"},
	{"u !is_string", "UNKNOWN"},
	{"u is_null", "UNKNOWN"},
	{"u.k exists", "UNKNOWN"},
	{"u.k !exists", "UNKNOWN"},
	{"u[*] == 'a'", "UNKNOWN"},
	{"u[0] == 'a'", "UNKNOWN"},
	{"u.* == 'a'", "UNKNOWN"},
	{"some u[*] == 'a'", "UNKNOWN"},
	{"u[ this == 'a' ] empty", "UNKNOWN"},
	{"u[ keys == 'a' ] empty", "UNKNOWN"},
	{"u { this == 'a' }", "UNKNOWN"},
	{"u !empty { this == 'a' }", "UNKNOWN"},
	/* something that is there */
	{"p exists", "PASS"},
	{"p !exists", "FAIL"},
	{"p is_null", "FAIL"},
	{"p empty", "UNKNOWN"},
	{"p == 'a'", "UNKNOWN"},
	{"p != 'a'", "UNKNOWN"},
	{"p not in ['a']", "UNKNOWN"},
	{"p !exists or p == 'a'", "UNKNOWN"},
	{"p exists or p == 'a'", "PASS"},
	{"p == 'a' n == 6", "FAIL"},
	{"p == 'a' n == 5", "UNKNOWN"},
	{"p == 'a' or n == 5", "PASS"},
	{"n == 6 or p == 'a'", "UNKNOWN"},
	/* bounds */
	{"b <= 10", "PASS"},
	{"b <= 9", "FAIL"},
	{"b < 10", "FAIL"},
	{"b < 11", "PASS"},
	{"b >= 0", "PASS"},
	{"b > 0", "FAIL"},
	{"b >= 11", "FAIL"},
	{"not b > 10", "PASS"},
	{"not b <= 9", "FAIL"},
	{"b == 5", "UNKNOWN"},
	{"b <= n", "FAIL"},
	{"n >= b", "UNKNOWN"},
	{"b <= 'x'", "UNKNOWN"},
	/* lists, maps, filters */
	{"l == ['a', 'b']", "UNKNOWN"},
	{"l[*] == 'a'", "UNKNOWN"},
	{"l[*] == 'b'", "FAIL"},
	{"some l[*] == 'a'", "PASS"},
	{"some l[*] == 'b'", "UNKNOWN"},
	{"l !empty", "PASS"},
	{"l[*] in ['b']", "FAIL"},
	{"l[*] not in ['a']", "FAIL"},
	{"l[*] not in ['b']", "UNKNOWN"},
	{"m == {'k': 'a', 'z': 1}", "UNKNOWN"},
	{"m.z == 1", "PASS"},
	{"m.* == 1", "UNKNOWN"},
	{"m.*[ this == 1 ] !empty", "UNKNOWN"},
	{"m[ keys == 'z' ] == 1", "PASS"},
	{"all[ t == 'x' ].v == 2", "UNKNOWN"},
	{"all[ t == 'y' ] empty", "UNKNOWN"},
	{"all[ v == 2 ].t == 'x'", "PASS"},
	{"all[*] { v < 3 }", "PASS"},
	{"all[*] { t == 'x' }", "UNKNOWN"},
	{"all[*] { v > 5 or t == 'y' }", "FAIL"},
	{"let k = keys m.%k exists", "UNKNOWN"},
	{"let x = p %x == 'a'", "UNKNOWN"},
	{"let x = l[*] %x == 'b'", "FAIL"},
	{"let x = some u.k %x !empty", "UNKNOWN"},
	{"when p == 'a' { n == 6 }", "UNKNOWN"},
	/* behind a condition that nobody can know: what does not fail does not fail either way */
	{"when p == 'a' { n == 5 }", "PASS"},
	{"when p == 'a' { u == 5 }", "UNKNOWN"},
	{"when p == 'a' { n == 6 } or n == 5", "PASS"},
	{"when p == 'a' { n == 5 } or n == 6", "UNKNOWN"},
	{"when p == 'a' { n == 5 } or u == 6", "UNKNOWN"},
	{"when p == 'a' { when n == 6 { n == 7 } }", "SKIP"},
	{"when p == 'a' { when u == 6 { n == 5 } }", "PASS"},
	{"when p == 'a' { n == 5 } n == 6", "FAIL"},
	{"some all[*] { when t == 'y' { v < 3 } }", "PASS"},
	{"some all[*] { when t == 'z' { v == 1 } t == 'q' }", "UNKNOWN"},
	{"let k = p some all[*] { when %k == 'a' { v > 0 } v == 9 }", "FAIL"},
	{"let k = p some all[*] { when v == 9 { v > 0 } or when %k == 'a' { v > 0 } }", "PASS"},
	{"all[ when t == 'y' { v == 9 } ] !empty", "UNKNOWN"},
	{"all[*] { when t == 'y' { v exists } }", "PASS"},
	{"when n == 6 { p == 'a' }", "SKIP"},
	{"when n == 5 { p == 'a' }", "UNKNOWN"},
	{"n == p", "UNKNOWN"},
	{"known == l", "UNKNOWN"},
	{"known[*] in l[*]", "UNKNOWN"},
	/* functions, references */
	{"let c = count(l[*]) %c == 2", "UNKNOWN"},
	{"let c = count(known[*]) %c == 2", "PASS"},
	{"let c = to_upper(p) %c == 'A'", "UNKNOWN"},
	{"let c = parse_int(s) %c == 2", "UNKNOWN"},
	{"let c = join(l[*], ',') %c == 'a,b'", "UNKNOWN"},
	/* absent, and a part of something that has none */
	{"gone !exists", "PASS"},
	{"gone == 1", "FAIL"},
	{"gone.k !exists", "PASS"},
	{"gone.k empty", "PASS"},
	{"holes == ['a']", "PASS"},
	{"holes[0] == 'a'", "PASS"},
	{"s.k !exists", "UNKNOWN"},
	{"s.k exists", "UNKNOWN"},
	{"known.k !exists", "UNKNOWN"},
	{"n[0] exists", "UNKNOWN"},
	/* conversions as CloudFormation makes them; spellings as they are */
	{"text == 256", "PASS"},
	{"text <= 255", "FAIL"},
	{"text in [1, 256]", "PASS"},
	{"text not in [1, 256]", "FAIL"},
	{"n == '5'", "PASS"},
	{"n != '5'", "FAIL"},
	{"n not in ['5']", "FAIL"},
	{"n == /^5$/", "PASS"},
	{"yes == true", "PASS"},
	{"yes != true", "FAIL"},
	{"N exists", "FAIL"},
	{"s < 3", "UNKNOWN"},
	{"n empty", "UNKNOWN"},
};

START_TEST(every_operator)
{
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *got = sg_guard_status_name(judged(&f, cases[i].clause, NULL));
		ck_assert_msg(!strcmp(got, cases[i].status), "%s is %s, not %s", cases[i].clause, got, cases[i].status);
	}
	sg_arena_free(f.arena);
}
END_TEST

/* Whatever the unknown turns out to be: what passed does not fail, what failed does not pass. */
START_TEST(no_wrong_verdict)
{
	static const char *const any[] = {"1",    "5",  "11",      "\"a\"",         "\"five\"",      "\"\"",
					  "[]",   "{}", "[\"a\"]", "[\"a\",\"b\"]", "{\"k\":\"a\"}", "true",
					  "\"-\""};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *clause = cases[i].clause;
		bool number = clause[0] == 'b' || strstr(clause, " b");
		if (number)
			continue;
		enum sg_guard_status open = judged(&f, clause, NULL);
		bool there = strstr(clause, "u") != clause && !strstr(clause, " u");
		for (size_t k = 0; k < sizeof(any) / sizeof(*any) - there; k++) {
			if (!strncmp(clause, "let c = ", 8) || !strncmp(clause, "let k = ", 8))
				continue; /* functions and keys refuse some kinds with an error */
			enum sg_guard_status known = judged(&f, clause, any[k]);
			ck_assert_msg(open != SG_GUARD_PASS || known != SG_GUARD_FAIL, "%s passed, and fails with %s",
				      clause, any[k]);
			ck_assert_msg(open != SG_GUARD_FAIL || known != SG_GUARD_PASS, "%s failed, and passes with %s",
				      clause, any[k]);
		}
	}
	sg_arena_free(f.arena);
}
END_TEST

/* What a bounded number may be is inside its bounds, and reaches them: a failure has a value that fails. */
START_TEST(bounds_decide)
{
	static const char *const within[] = {"0", "1", "5", "9", "10"};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (cases[i].clause[0] != 'b' && strncmp(cases[i].clause, "not b", 5))
			continue;
		enum sg_guard_status open = judged(&f, cases[i].clause, NULL);
		size_t failed = 0;
		for (size_t k = 0; k < sizeof(within) / sizeof(*within); k++)
			failed += judged(&f, cases[i].clause, within[k]) == SG_GUARD_FAIL;
		ck_assert_msg(open != SG_GUARD_PASS || !failed, "%s", cases[i].clause);
		ck_assert_msg(open != SG_GUARD_FAIL || failed, "%s", cases[i].clause);
	}
	sg_arena_free(f.arena);
}
END_TEST

/* What a rule does not look at is not asked for. */
START_TEST(asks_for_what_it_needs)
{
	struct fixture f = setup();
	static const char text[] = "rule r { A::B::C { n == 5 } }";
	struct sg_guard *g =
		sg_guard_load(f.arena, f.diags, sg_source_add(f.sources, SG_LIT("r.guard"), sg_str(text)), NULL);
	struct world w = {0};
	struct sg_guard_world world = {see, &w};
	struct sg_str error;
	struct sg_guard_outcome o =
		sg_guard_judge(f.arena, f.arena, g, 0, SG_LIT("R"), tree(&f, resource), &world, &error);
	ck_assert_int_eq(o.status, SG_GUARD_PASS);
	ck_assert_uint_eq(w.asked, 3); /* the resource, its type, n */
	ck_assert(sg_guard_rule_asks(g, 0, SG_LIT("A::B::C")));
	ck_assert(!sg_guard_rule_asks(g, 0, SG_LIT("A::B::D")));
	sg_guard_free(g);
	sg_arena_free(f.arena);
}
END_TEST

/* The page in front of a rule, and its head; a comment that is no page. */
START_TEST(pages)
{
	struct fixture f = setup();
	static const char text[] =
		"# sandboxgen: strict\n# about the file\n\n# # R1: it holds\n#\n# Severity: high.\n#\n# ## Why\n"
		"rule R1 { a exists }\n# not a page\nrule R2 { a exists }\nrule R3 { a exists }\n";
	struct sg_guard *g =
		sg_guard_load(f.arena, f.diags, sg_source_add(f.sources, SG_LIT("r.guard"), sg_str(text)), NULL);
	struct sg_str page = sg_guard_page(f.arena, g, 0);
	struct sg_guard_meta m = sg_guard_meta(page);
	ck_assert(sg_guard_is_strict(g));
	ck_assert(sg_str_is(page, "# R1: it holds\n\nSeverity: high.\n\n## Why\n"));
	ck_assert(sg_str_is(m.id, "R1") && sg_str_is(m.title, "it holds") && sg_str_is(m.severity, "high"));
	ck_assert_uint_eq(sg_guard_page(f.arena, g, 1).n, 0);
	ck_assert_uint_eq(sg_guard_page(f.arena, g, 2).n, 0);
	sg_guard_free(g);
	sg_arena_free(f.arena);
}
END_TEST

UNIT_MAIN("strict", every_operator, no_wrong_verdict, bounds_decide, asks_for_what_it_needs, pages)
