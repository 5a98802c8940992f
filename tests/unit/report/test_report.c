/* Unit tests of report/. */
#include "report/report.h"
#include "unit.h"
#include "json/json.h"

#include <string.h>

static const char template[] = "Resources:\n  Route:\n    GatewayId: !Ref Igw\n  F: \x1b[31m\n";

struct fixture {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_findings findings;
	struct sg_report_file file;
	struct sg_report report;
	struct sg_buf out;
};

static void setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->arena = sg_arena_new();
	f->sources = sg_sources_new(f->arena);
	f->findings.arena = f->arena;
	sg_source_add(f->sources, SG_LIT("t.yaml"), SG_LIT(template));
	f->file = (struct sg_report_file){SG_LIT("t.yaml"), true, &f->findings};
	f->report = (struct sg_report){"9.9", f->sources, SG_MEDIUM, &f->file, 1};
}

static void teardown(struct fixture *f)
{
	sg_buf_free(&f->out);
	sg_arena_free(f->arena);
}

static void add_route_finding(struct fixture *f)
{
	struct sg_finding *x = sg_finding_add(&f->findings, "NET002", SG_FAIL, (struct sg_span){1, 35, 43}, SG_LIT("F"),
					      "route to Igw");
	x->path = SG_LIT("/Resources/Route/GatewayId");
	sg_finding_step(&f->findings, x, (struct sg_span){1, 49, 50}, "F is in subnet A");
	sg_finding_step(&f->findings, x, (struct sg_span){1, 13, 18}, "A uses Route");
	SG_PUSH(f->arena, &x->when, ((struct sg_binding){SG_LIT("Env"), SG_LIT("prod")}));
	sg_finding_settle(&f->findings, x, "delete it");
}

static const char *text(struct fixture *f)
{
	sg_buf_free(&f->out);
	sg_findings_sort(&f->findings);
	sg_report_text(&f->out, &f->report, false);
	return f->out.p;
}

static const struct sg_node *json(struct fixture *f)
{
	sg_buf_free(&f->out);
	sg_findings_sort(&f->findings);
	sg_report_json(&f->out, &f->report);
	struct sg_diags *d = sg_diags_new(f->arena, f->sources);
	const struct sg_node *n = sg_json_load(
		f->arena, sg_source_add(f->sources, SG_LIT("report"), sg_str_dup(f->arena, sg_buf_view(&f->out))), NULL,
		d);
	ck_assert_ptr_nonnull(n);
	return n;
}

static void check(const struct sg_node *map, const char *key, const char *value)
{
	const struct sg_node *n = sg_node_get(map, key);
	ck_assert_msg(n && sg_node_is(n, value), "%s is not %s but %.*s", key, value, n ? (int)n->text.n : 0,
		      n && n->text.n ? n->text.p : "");
}

START_TEST(text_of_a_pass)
{
	struct fixture f;
	setup(&f);
	static const char *const passes[] = {"NET001", "NET002", "NET003", "NET005", "NET006", "IAM001", "LOG001"};
	for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++)
		sg_judge(&f.findings, passes[i], SG_LIT("F"), SG_PASS);
	ck_assert_str_eq(text(&f), "t.yaml: pass (0 fail, 0 unproven)\n\njudged: F\n  NET  pass 001-003 005 006\n"
				   "  IAM  pass 001\n  LOG  pass 001\n");
	teardown(&f);
}
END_TEST

START_TEST(text_of_a_finding)
{
	struct fixture f;
	setup(&f);
	add_route_finding(&f);
	sg_judge(&f.findings, "NET001", SG_LIT("F"), SG_PASS);
	ck_assert_str_eq(text(&f), "t.yaml: fail (1 fail, 0 unproven)\n\n"
				   "t.yaml:3:16: fail NET002 critical: route to Igw\n"
				   "    3 |     GatewayId: !Ref Igw\n"
				   "      |                ^~~~~~~~\n"
				   "    should hold: no route leads from the function's subnets out of the VPC\n"
				   "    for F, at /Resources/Route/GatewayId\n"
				   "    witness: F is in subnet A (t.yaml:4:6)\n"
				   "          -> A uses Route (t.yaml:2:3)\n"
				   "    when Env = prod\n"
				   "    to put it right: delete it\n\n"
				   "judged: F\n  NET  fail 002  pass 001\n\nsandboxgen explain NET002 tells more.\n");
	teardown(&f);
}
END_TEST

START_TEST(text_escapes_what_is_the_users)
{
	struct fixture f;
	setup(&f);
	f.file.path = SG_LIT("\x1b[2J.yaml");
	struct sg_finding *x = sg_finding_add(&f.findings, "LIM001", SG_UNPROVEN, (struct sg_span){1, 49, 53},
					      SG_LIT("\x1b[1m"), "bad \x07 text");
	x->path = SG_LIT("/\x9b");
	x->suppressed = SG_LIT("\x1b]0;x");
	SG_PUSH(f.arena, &x->when, ((struct sg_binding){SG_LIT("\x1b"), SG_LIT("\x1b")}));
	sg_finding_step(&f.findings, x, x->span, "\x1b");
	for (const char *p = text(&f); *p; p++)
		ck_assert(*p == '\n' || (*p >= ' ' && *p < 0x7f));
	teardown(&f);
}
END_TEST

START_TEST(json_of_a_finding)
{
	struct fixture f;
	setup(&f);
	add_route_finding(&f);
	sg_judge(&f.findings, "NET001", SG_LIT("F"), SG_PASS);
	const struct sg_node *n = json(&f), *finding = sg_node_get(n, "findings")->items[0];
	check(n, "version", "1");
	check(n, "verdict", "fail");
	check(sg_node_get(n, "tool"), "version", "9.9");
	check(sg_node_get(n, "summary"), "fail", "1");
	check(finding, "rule", "NET002");
	check(finding, "severity", "critical");
	check(finding, "line", "3");
	check(finding, "column", "16");
	check(finding, "endLine", "3");
	check(finding, "endColumn", "24");
	check(finding, "suppressed", "null");
	check(sg_node_get(finding, "when"), "Env", "prod");
	check(sg_node_get(finding, "witness")->items[1], "line", "2");
	ck_assert_uint_eq(sg_node_get(n, "judged")->n, 2);
	check(sg_node_get(n, "judged")->items[0], "verdict", "pass");
	teardown(&f);
}
END_TEST

START_TEST(what_has_no_place_is_at_the_files_start)
{
	struct fixture f;
	setup(&f);
	sg_finding_add(&f.findings, "TPL004", SG_UNPROVEN, (struct sg_span){0, 0, 0}, SG_LIT(""), "nothing judged");
	const struct sg_node *finding = sg_node_get(json(&f), "findings")->items[0];
	check(finding, "file", "t.yaml");
	check(finding, "line", "1");
	check(finding, "endColumn", "1");
	check(finding, "resource", "null");
	ck_assert_ptr_nonnull(strstr(text(&f), "t.yaml: unproven TPL004 high: nothing judged\n"));
	ck_assert_ptr_nonnull(strstr(text(&f), "judged: the template\n"));
	teardown(&f);
}
END_TEST

START_TEST(the_run_has_the_worst_verdict)
{
	struct fixture f;
	setup(&f);
	struct sg_findings clean = {.arena = f.arena};
	struct sg_report_file files[] = {
		{SG_LIT("a"), true, &clean}, {SG_LIT("b"), true, &f.findings}, {SG_LIT("c"), false, NULL}};
	f.report.files = files;
	f.report.n_files = 2;
	ck_assert_str_eq(sg_report_verdict(&f.report), "pass");
	sg_finding_add(&f.findings, "LIM001", SG_UNPROVEN, (struct sg_span){0, 0, 0}, SG_LIT("F"), "x");
	ck_assert_str_eq(sg_report_verdict(&f.report), "unproven");
	f.report.fail_on = SG_HIGH;
	ck_assert_str_eq(sg_report_verdict(&f.report), "pass");
	f.report.fail_on = SG_LOW;
	f.report.n_files = 3;
	ck_assert_str_eq(sg_report_verdict(&f.report), "error");
	ck_assert_ptr_nonnull(strstr(text(&f), "c: error (it could not be judged)\n\n3 files: error\n"));
	check(sg_node_get(json(&f), "files")->items[2], "verdict", "error");
	teardown(&f);
}
END_TEST

UNIT_MAIN("report", text_of_a_pass, text_of_a_finding, text_escapes_what_is_the_users, json_of_a_finding,
	  what_has_no_place_is_at_the_files_start, the_run_has_the_worst_verdict)
