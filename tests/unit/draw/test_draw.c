/* Unit tests of draw/: columns from findings, and that no text of a user is markup. */
#include "draw/draw_priv.h"
#include "unit.h"

#include <string.h>

static struct sg_findings *findings(struct sg_arena *a, struct sg_sources **sources)
{
	struct sg_findings *f = SG_NEW(a, struct sg_findings);
	f->arena = a;
	*sources = sg_sources_new(a);
	uint32_t id = sg_source_add(*sources, SG_LIT("t.yaml"), SG_LIT("a\nb\n"));
	struct sg_finding *x = sg_finding_add(f, "NET008", SG_FAIL, (struct sg_span){id, 2, 3}, SG_LIT("F"), "%s",
					      "a \"way\" <out> & #quot; \\ \x1b[31m `x` --> end");
	sg_finding_step(f, x, (struct sg_span){id, 0, 1}, "%s", "hop one");
	sg_finding_step(f, x, (struct sg_span){id, 0, 1}, "%s", "hop two");
	sg_judge(f, "NET001", SG_LIT("F"), SG_PASS);
	sg_judge(f, "NET003", SG_LIT("F"), SG_FAIL);
	sg_judge(f, "NET007", SG_LIT("F"), SG_UNPROVEN);
	sg_judge(f, "NET002", SG_LIT("F"), SG_PASS);
	sg_judge(f, "NET004", SG_LIT("F"), SG_PASS);
	return f;
}

START_TEST(columns_follow_the_findings)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *s;
	struct sg_findings *all = findings(a, &s);
	struct draw_pictures p = draw_build(s, all);
	ck_assert_uint_eq(p.vec.n, 1);
	const struct draw_picture *f = p.vec.v[0];
	ck_assert_int_eq(f->look, DRAW_OPEN);
	ck_assert_uint_eq(f->columns.n, 3);
	ck_assert_uint_eq(f->columns.v[0]->nodes.n, 3);
	ck_assert_int_eq(f->columns.v[0]->nodes.v[0].look, DRAW_OPEN);
	ck_assert_int_eq(f->columns.v[0]->nodes.v[1].look, DRAW_UNPROVEN);
	ck_assert_int_eq(f->columns.v[0]->nodes.v[2].look, DRAW_CLOSED);
	ck_assert_uint_eq(f->columns.v[2]->nodes.n, 2);
	ck_assert(sg_str_is(f->columns.v[2]->nodes.v[1].text, "hop two"));
	ck_assert(sg_str_is(f->columns.v[2]->nodes.v[1].note, "line 1"));
	sg_arena_free(a);
}
END_TEST

START_TEST(no_text_is_markup)
{
	static const struct {
		enum sg_draw_format format;
		const char *never, *hop;
	} rows[] = {
		{SG_DRAW_MERMAID, "\"way\"", "hop two<br/>line 1"},
		{SG_DRAW_MERMAID, "<out>", "hop one"},
		{SG_DRAW_MERMAID, "`x`", "linkStyle"},
		{SG_DRAW_DOT, "a \"way", "hop two\\nline 1"},
		{SG_DRAW_SVG, "<out>", ">hop two</text>"},
		{SG_DRAW_SVG, "& #", "class=\"open note\""},
		{SG_DRAW_SVG, "\x1b", "prefers-color-scheme:dark"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sg_arena *a = sg_arena_new();
		struct sg_sources *s;
		struct sg_findings *f = findings(a, &s);
		struct sg_buf one = {0}, two = {0};
		sg_draw(&one, s, f, rows[i].format);
		sg_draw(&two, s, f, rows[i].format);
		ck_assert_str_eq(one.p, two.p);
		ck_assert_msg(!strstr(one.p, rows[i].never), "%s in %s", rows[i].never, one.p);
		ck_assert_msg(strstr(one.p, rows[i].hop) != NULL, "%s not in %s", rows[i].hop, one.p);
		ck_assert_int_eq(one.p[one.n - 1], '\n');
		sg_buf_free(&one);
		sg_buf_free(&two);
		sg_arena_free(a);
	}
}
END_TEST

UNIT_MAIN("draw", columns_follow_the_findings, no_text_is_markup)
