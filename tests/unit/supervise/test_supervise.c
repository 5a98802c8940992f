/*
 * supervise/: the scanner, the request, the judgement, and the bytes of an answer.
 */
#include "supervise/supervise_priv.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *scan(const char *text)
{
	return sg_scan_value(sg_str(text), 4, 0, NULL);
}

START_TEST(scanner_accepts_json)
{
	static const char *const good[] = {
		"null",
		" true ",
		"-0",
		"0.5e+10",
		"12345678901234567890123",
		"\"\"",
		"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
		"[]",
		"{}",
		"[1,[2,[3,[4]]]]",
		"{\"a\":{\"b\":[{}]}}",
		"\"\xf0\x9f\x98\x80\"",
		"\"\\ud83d\\ude00\"",
		"[[],[],{}]",
		"\t\r\n[1 , 2]\n",
		"{\"a\":1,\"a\":2}",
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(!scan(good[i]), "%s: %s", good[i], scan(good[i]));
}
END_TEST

START_TEST(scanner_refuses_everything_else)
{
	static const char *const bad[] = {
		"",
		" ",
		"nul",
		"NaN",
		"Infinity",
		"-",
		"01",
		"1.",
		".5",
		"1e",
		"+1",
		"'a'",
		"\"",
		"\"\\x\"",
		"\"\\u12g4\"",
		"\"a\nb\"",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\\ud800\"",
		"\"\\ude00\"",
		"\"\\ud800\\u0041\"",
		"[",
		"[1",
		"[1,",
		"[1,]",
		"[,1]",
		"{",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":1,}",
		"{a:1}",
		"{1:2}",
		"]",
		"}",
		"[}",
		"{]",
		"1 2",
		"[] []",
		"[[[[[]]]]]",
		"null x",
		"[1 2]",
		"{\"a\" 1}",
		"\"\\",
		"\"\\u00",
		"tru",
		"-x",
		"[[[[1]],]",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(scan(bad[i]), "accepted: %s", bad[i]);
	ck_assert_msg(sg_scan_value((struct sg_str){"1\0", 2}, 4, 0, NULL), "accepted a NUL");
}
END_TEST

START_TEST(scanner_needs_no_stack_for_depth)
{
	enum { N = 1000000 };
	char *deep = malloc(N);
	memset(deep, '[', N);
	ck_assert_ptr_nonnull(sg_scan_value((struct sg_str){deep, N}, 1000000, 0, NULL));
	free(deep);
}
END_TEST

START_TEST(requests)
{
	static const struct {
		const char *text;
		const char *error; /* part of it, NULL for none */
	} table[] = {
		{"{\"script\":\"x\"}", NULL},
		{"{\"scr\\u0069pt\":\"x\"}", NULL},
		{"{\"script\":\"x\",\"input\":null,\"timeout_ms\":null,\"return\":null,\"other\":[1]}", NULL},
		{"{\"script\":\"\\ud800\"}", NULL},
		{"{\"script\":\"x\",\"return\":\"stdout\",\"timeout_ms\":5}", NULL},
		{"", "object"},
		{"[]", "object"},
		{"{}", "missing"},
		{"{\"script\":null}", "missing"},
		{"{\"script\":1}", "string"},
		{"{\"script\":\"a\",\"script\":\"b\"}", "twice"},
		{"{\"script\":\"a\",\"scrip\\u0074\":\"b\"}", "twice"},
		{"{\"script\":\"a\"} x", "follows"},
		{"{\"script\":\"a\",}", "string"},
		{"{\"script\":\"a\",\"timeout_ms\":0}", "timeout_ms"},
		{"{\"script\":\"a\",\"timeout_ms\":-1}", "timeout_ms"},
		{"{\"script\":\"a\",\"timeout_ms\":1.5}", "timeout_ms"},
		{"{\"script\":\"a\",\"timeout_ms\":\"5\"}", "timeout_ms"},
		{"{\"script\":\"a\",\"timeout_ms\":99999999999999999999}", "timeout_ms"},
		{"{\"script\":\"a\",\"return\":\"json\"}", "return"},
		{"{\"script\":\"a\",\"return\":1}", "return"},
		{"{\"script\":\"\xff\"}", "UTF-8"},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct sg_request q;
		const char *error = sg_request_parse(sg_str(table[i].text), &q);
		if (!table[i].error)
			ck_assert_msg(!error, "%s: %s", table[i].text, error);
		else
			ck_assert_msg(error && strstr(error, table[i].error), "%s: %s", table[i].text,
				      error ? error : "accepted");
	}
}
END_TEST

START_TEST(request_members_are_slices)
{
	struct sg_request q;
	const char *text = " {\"input\": {\"a\":[1,2]} ,\"script\" : \"p\\n\", \"return\":\"main\",\"timeout_ms\":250}";
	ck_assert_ptr_null(sg_request_parse(sg_str(text), &q));
	ck_assert(sg_str_is(q.script, "\"p\\n\"") && sg_str_is(q.input, "{\"a\":[1,2]}"));
	ck_assert_int_eq(q.timeout_ms, 250);
	ck_assert_int_eq(q.ret, SG_RETURN_MAIN);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- the answer */

struct text_sink {
	struct sg_sink sink;
	struct sg_buf buf;
};

static bool to_text(struct sg_sink *sink, const char *p, size_t n)
{
	sg_buf_add(&((struct text_sink *)sink)->buf, p, n);
	return true;
}

START_TEST(answer_is_json_inside_json)
{
	struct text_sink t = {.sink.write = to_text};
	struct sg_answer a = {.status_code = 200,
			      .result = SG_LIT("{\"a\":\"\\n\\\"\"}"),
			      .out = SG_LIT("l\"1\n\x01\xff\x7f"),
			      .source = "result",
			      .run_id = "00",
			      .duration_ms = 1.239,
			      .layers = SG_LAYER_RLIMITS};
	ck_assert(sg_answer_write(&a, &t.sink));
	ck_assert_str_eq(t.buf.p,
			 "{\"statusCode\":200,\"body\":\"{\\\"result\\\":{\\\"a\\\":\\\"\\\\n\\\\\\\"\\\"},\\\"ok\\\":"
			 "true,"
			 "\\\"stdout\\\":\\\"l\\\\\\\"1\\\\n\\\\u0001\xef\xbf\xbd\\\\u007f\\\",\\\"stderr\\\":\\\"\\\","
			 "\\\"truncated\\\":{\\\"stdout\\\":false,\\\"stderr\\\":false},\\\"error\\\":null,"
			 "\\\"meta\\\":{\\\"source\\\":\\\"result\\\",\\\"duration_ms\\\":1.24,\\\"cpu_ms\\\":0.00,"
			 "\\\"max_rss_kb\\\":0,\\\"profile\\\":\\\"lockdown\\\",\\\"layers\\\":[\\\"rlimits\\\"],"
			 "\\\"run_id\\\":\\\"00\\\"}}\"}");
	ck_assert_uint_eq(sg_answer_size(&a), t.buf.n);
	ck_assert_ptr_null(sg_scan_value(sg_buf_view(&t.buf), 8, 0, NULL));
	sg_buf_free(&t.buf);
}
END_TEST

START_TEST(every_byte_makes_valid_json)
{
	char all[256 * 3];
	for (int i = 0; i < 256; i++) {
		all[3 * i] = (char)i;
		all[3 * i + 1] = 'x';
		all[3 * i + 2] = (char)(255 - i);
	}
	struct text_sink t = {.sink.write = to_text};
	struct sg_str bytes = {all, sizeof(all)};
	struct sg_answer a = {.status_code = 200,
			      .kind = SG_KIND_EXCEPTION,
			      .type = bytes,
			      .message = bytes,
			      .traceback = bytes,
			      .out = bytes,
			      .err = bytes,
			      .result_is_stdout = true,
			      .run_id = ""};
	ck_assert(sg_answer_write(&a, &t.sink));
	ck_assert_ptr_null(sg_scan_value(sg_buf_view(&t.buf), 8, 0, NULL));
	t.buf.n = 0;
	ck_assert(sg_answer_write_body(&a, &t.sink));
	ck_assert_ptr_null(sg_scan_value(sg_buf_view(&t.buf), 8, 0, NULL));
	sg_buf_free(&t.buf);
}
END_TEST

static void ck_result(struct sg_answer a, const char *wanted)
{
	struct text_sink t = {.sink.write = to_text};
	ck_assert(sg_answer_write_result(&a, &t.sink));
	ck_assert_str_eq(t.buf.p ? t.buf.p : "", wanted);
	sg_buf_free(&t.buf);
}

START_TEST(result_as_text)
{
	ck_result((struct sg_answer){.result = SG_LIT("\"a\\n\\u00e9\\ud83d\\ude00\\\\\\\"\\/\"")},
		  "a\n\xc3\xa9\xf0\x9f\x98\x80\\\"/");
	ck_result((struct sg_answer){.result = SG_LIT(" [1,\"x\"] ")}, "[1,\"x\"]");
	ck_result((struct sg_answer){.result_is_stdout = true, .out = SG_LIT("two\n\n")}, "two\n");
	ck_result((struct sg_answer){0}, "null");
}
END_TEST

/* ---------------------------------------------------------------------------------------------- the judgement */

#define CONFINED .stages = {{1, 1, ""}, {2, 1, ""}}, .memory = 100 << 20
#define EXITED(code) ((code) << 8)

START_TEST(judgement)
{
	static const char ok_frame[] = "SGF1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0"
				       "42";
	static const char bad_json[] = "SGF1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0"
				       "NaN";
	static const char memory[] = "SGF1\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	static const char exits[] = "SGF1\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
#define FRAME(f) .report = { f, sizeof(f) - 1 }
	static const struct {
		const char *name;
		struct sg_observed seen;
		enum sg_error_kind kind;
		bool reported, healthy;
	} table[] = {
		{"a result", {CONFINED, FRAME(ok_frame)}, SG_KIND_NONE, false, true},
		{"NaN", {CONFINED, FRAME(bad_json)}, SG_KIND_RESULT_NOT_JSON, true, true},
		{"no frame", {CONFINED}, SG_KIND_EXIT, true, true},
		{"a frame, then os._exit(3)",
		 {CONFINED, FRAME(ok_frame), .status = EXITED(3)},
		 SG_KIND_EXIT,
		 true,
		 true},
		{"sys.exit(3)", {CONFINED, FRAME(exits)}, SG_KIND_EXIT, true, true},
		{"MemoryError said", {CONFINED, FRAME(memory)}, SG_KIND_MEMORY, true, true},
		{"MemoryError seen", {CONFINED, FRAME(memory), .max_rss_kb = 90 << 10}, SG_KIND_MEMORY, false, true},
		{"killed, memory short",
		 {CONFINED, .status = SIGKILL, .max_rss_kb = 90 << 10},
		 SG_KIND_MEMORY,
		 false,
		 true},
		{"killed by the kernel", {CONFINED, .status = SIGKILL, .oom = true}, SG_KIND_MEMORY, false, true},
		{"kills itself", {CONFINED, .status = SIGKILL}, SG_KIND_SIGNAL, false, true},
		{"a frame, then a segfault",
		 {CONFINED, FRAME(ok_frame), .status = SIGSEGV},
		 SG_KIND_SIGNAL,
		 false,
		 true},
		{"the filter kills", {CONFINED, .status = SIGSYS}, SG_KIND_SANDBOX_DENIED, false, true},
		{"a frame, then the deadline",
		 {CONFINED, FRAME(ok_frame), .killed_for = SG_KIND_TIMEOUT, .status = SIGKILL},
		 SG_KIND_TIMEOUT,
		 false,
		 true},
		{"a flood",
		 {CONFINED, .killed_for = SG_KIND_OUTPUT_LIMIT, .status = SIGKILL},
		 SG_KIND_OUTPUT_LIMIT,
		 false,
		 true},
		{"stage 1 failed", {.stages = {{1, 0, "x"}}, .status = EXITED(1)}, SG_KIND_INTERNAL, false, false},
		{"stage 2 failed",
		 {.stages = {{1, 1, ""}, {2, 0, "x"}}, .status = EXITED(1)},
		 SG_KIND_INTERNAL,
		 false,
		 false},
		{"a frame without stage 2", {.stages = {{1, 1, ""}}, FRAME(ok_frame)}, SG_KIND_INTERNAL, false, false},
		{"the engine is gone", {CONFINED, FRAME(ok_frame), .lost = true}, SG_KIND_INTERNAL, false, false},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct sg_answer a = {0};
		bool healthy = sg_answer_judge(&table[i].seen, SG_RETURN_AUTO, &a);
		ck_assert_msg(a.kind == table[i].kind, "%s: %s", table[i].name, sg_kind_name(a.kind));
		ck_assert_msg(a.reported == table[i].reported, "%s: reported", table[i].name);
		ck_assert_msg(healthy == table[i].healthy, "%s: healthy", table[i].name);
		ck_assert_msg(a.status_code == (a.kind == SG_KIND_INTERNAL ? 500 : 200), "%s: %d", table[i].name,
			      a.status_code);
	}
}
END_TEST

UNIT_MAIN("supervise", scanner_accepts_json, scanner_refuses_everything_else, scanner_needs_no_stack_for_depth,
	  requests, request_members_are_slices, answer_is_json_inside_json, every_byte_makes_valid_json, result_as_text,
	  judgement)
