/*
 * engine/: the frame that a script's process reports is read without trust; finding an interpreter.
 */
#include "engine/engine_priv.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t frame(char *out, unsigned outcome, unsigned source, const char *const parts[4])
{
	size_t at = 28;
	memcpy(out, "SGF1", 4);
	out[4] = (char)outcome;
	out[5] = (char)source;
	out[6] = out[7] = 0;
	memcpy(out + 8, "\3\0\0\0", 4);
	for (int i = 0; i < 4; i++) {
		size_t n = strlen(parts[i]);
		memset(out + 12 + 4 * i, 0, 4);
		out[12 + 4 * i] = (char)n;
		memcpy(out + at, parts[i], n);
		at += n;
	}
	return at;
}

START_TEST(a_frame_is_read)
{
	char bytes[256];
	struct sg_report r;
	size_t n = frame(bytes, SG_OUTCOME_EXCEPTION, SG_SOURCE_NONE, (const char *const[]){"T", "mm", "ttt", ""});
	ck_assert(sg_report_parse((struct sg_str){bytes, n}, &r));
	ck_assert_int_eq(r.outcome, SG_OUTCOME_EXCEPTION);
	ck_assert_uint_eq(r.line, 3);
	ck_assert(sg_str_is(r.type, "T") && sg_str_is(r.message, "mm") && sg_str_is(r.traceback, "ttt") &&
		  r.result.n == 0);
}
END_TEST

START_TEST(no_other_bytes_are_a_frame)
{
	char bytes[256];
	struct sg_report r;
	size_t n = frame(bytes, SG_OUTCOME_OK, SG_SOURCE_RESULT, (const char *const[]){"", "", "", "42"});
	ck_assert(sg_report_parse((struct sg_str){bytes, n}, &r));
	for (size_t cut = 0; cut < n; cut++)
		ck_assert(!sg_report_parse((struct sg_str){bytes, cut}, &r));
	ck_assert_msg(!sg_report_parse((struct sg_str){bytes, n + 1}, &r), "bytes behind the frame");
	static const struct {
		size_t at;
		unsigned char value;
	} edits[] = {{0, 'X'},  {4, SG_N_OUTCOMES}, {5, SG_N_SOURCES}, {6, 1}, {7, 1},
		     {12, 255}, {15, 255},          {27, 255},         {24, 3}};
	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++) {
		char copy[256];
		memcpy(copy, bytes, sizeof(copy));
		copy[edits[i].at] = (char)edits[i].value;
		ck_assert_msg(!sg_report_parse((struct sg_str){copy, n}, &r), "edit %zu", i);
	}
}
END_TEST

START_TEST(the_host_text_is_compiled_in)
{
	ck_assert_ptr_nonnull(strstr(sg_host_text, "_zygote.serve()"));
	ck_assert_ptr_nonnull(strstr(sg_host_text, "\"\"\""));
}
END_TEST

static void make_file(const char *dir, const char *name, const char *bytes, mode_t mode)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(bytes, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(finds_a_python_by_its_files)
{
	char top[] = "/tmp/find.XXXXXX", bin[64], lib[64], wanted[96], cleanup[128];
	struct sg_python py;
	struct sg_status st = {0};
	ck_assert_ptr_nonnull(mkdtemp(top));
	snprintf(bin, sizeof(bin), "%s/bin", top);
	snprintf(lib, sizeof(lib), "%s/lib", top);
	ck_assert_int_eq(mkdir(bin, 0755) | mkdir(lib, 0755), 0);
	snprintf(wanted, sizeof(wanted), "%s/python3.12", bin);

	ck_assert(!sg_engine_find_python(wanted, NULL, &py, &st));
	ck_assert_ptr_nonnull(strstr(st.text, "python3.12"));
	make_file(bin, "python3.12", "#!/bin/sh\n", 0755);
	ck_assert_msg(!sg_engine_find_python(wanted, NULL, &py, &st), "a shell script is no interpreter");
	make_file(bin, "python3.12", "\177ELF", 0755);
	ck_assert_msg(!sg_engine_find_python(wanted, NULL, &py, &st), "no libpython");
	ck_assert_ptr_nonnull(strstr(st.text, "libpython3.12"));
	ck_assert_ptr_nonnull(strstr(st.text, "apt-get install"));
	make_file(lib, "libpython3.12.so.1.0", "", 0644);
	ck_assert_msg(sg_engine_find_python(wanted, NULL, &py, &st), "%s", st.text);
	ck_assert_int_eq(py.minor, 12);
	ck_assert_str_eq(py.prefix, top);
	ck_assert(sg_engine_find_python(NULL, bin, &py, &st));
	ck_assert_msg(!sg_engine_find_python(NULL, "relative:/nonexistent", &py, &st), "found in a relative directory");
	snprintf(cleanup, sizeof(cleanup), "rm -r %s", top);
	ck_assert_int_eq(system(cleanup), 0);
}
END_TEST

UNIT_MAIN("engine", a_frame_is_read, no_other_bytes_are_a_frame, the_host_text_is_compiled_in,
	  finds_a_python_by_its_files)
