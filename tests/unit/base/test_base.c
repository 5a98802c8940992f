/* Unit tests of base/. */
#include "base/base.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(arena_gives_zeroed_aligned_memory)
{
	struct sg_arena *a = sg_arena_new();
	for (size_t size = 1; size < 300000; size = size * 3 + 1) {
		char *p = sg_alloc(a, size);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_int_eq(p[i], 0);
		memset(p, 0xff, size);
	}
	sg_arena_free(a);
}
END_TEST

START_TEST(map_keeps_order_and_replaces)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_map *m = sg_map_new(a);
	ck_assert_ptr_null(sg_map_get(m, SG_LIT("absent")));
	for (int i = 0; i < 5000; i++)
		ck_assert_ptr_null(sg_map_put(m, sg_strf(a, "k%d", i), (void *)(intptr_t)(i + 1)));
	ck_assert_ptr_eq(sg_map_put(m, SG_LIT("k7"), m), (void *)8);
	ck_assert_ptr_eq(sg_map_get(m, SG_LIT("k7")), m);
	ck_assert_uint_eq(sg_map_size(m), 5000);
	for (int i = 0; i < 5000; i++)
		ck_assert(sg_str_eq(sg_map_key(m, (size_t)i), sg_strf(a, "k%d", i)));
	sg_arena_free(a);
}
END_TEST

START_TEST(utf8_refuses_what_rfc3629_refuses)
{
	static const char *const bad[] = {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xff"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_uint_eq(sg_utf8_invalid_at(sg_str(bad[i])), 0);
	ck_assert_uint_eq(sg_utf8_invalid_at(SG_LIT("ok \xc3\xa9 \xf0\x9f\x98\x80")), SIZE_MAX);
	ck_assert_uint_eq(sg_utf8_invalid_at(SG_LIT("ok\xc3")), 2);
	ck_assert_uint_eq(sg_utf8_count(SG_LIT("\xc3\xa9\xf0\x9f\x98\x80x")), 3);
	for (uint32_t cp = 0; cp < 0x110000; cp += 7) {
		char out[4];
		size_t n = sg_utf8_encode(cp, out);
		uint32_t back = 0;
		if (cp >= 0xd800 && cp <= 0xdfff) {
			ck_assert_uint_eq(n, 0);
			continue;
		}
		ck_assert_uint_eq(sg_utf8_decode((struct sg_str){out, n}, &back), n);
		ck_assert_uint_eq(back, cp);
	}
}
END_TEST

START_TEST(numbers_are_exact_at_their_edges)
{
	int64_t i;
	ck_assert(sg_parse_i64(SG_LIT("9223372036854775807"), &i) && i == INT64_MAX);
	ck_assert(sg_parse_i64(SG_LIT("-9223372036854775808"), &i) && i == INT64_MIN);
	ck_assert(!sg_parse_i64(SG_LIT("9223372036854775808"), &i));
	ck_assert(!sg_parse_i64(SG_LIT("-9223372036854775809"), &i));
	ck_assert(!sg_parse_i64(SG_LIT(""), &i) && !sg_parse_i64(SG_LIT("-"), &i) && !sg_parse_i64(SG_LIT(" 1"), &i));
	double d;
	ck_assert(sg_parse_double(SG_LIT("1.5e3"), &d) && d == 1500);
	ck_assert(!sg_parse_double(SG_LIT("inf"), &d) && !sg_parse_double(SG_LIT("0x10"), &d));
}
END_TEST

START_TEST(distance_counts_edits)
{
	ck_assert_uint_eq(sg_str_distance(SG_LIT("memroy"), SG_LIT("memory"), 3), 1);
	ck_assert_uint_eq(sg_str_distance(SG_LIT("timout"), SG_LIT("timeout"), 3), 1);
	ck_assert_uint_eq(sg_str_distance(SG_LIT("abc"), SG_LIT("xyz"), 2), 3);
	ck_assert_uint_eq(sg_str_distance(SG_LIT(""), SG_LIT(""), 2), 0);
}
END_TEST

START_TEST(strings_find_and_trim)
{
	ck_assert_uint_eq(sg_str_find(SG_LIT("a: b: c"), ": ", 2), 4);
	ck_assert_uint_eq(sg_str_find(SG_LIT("abc"), "abcd", 0), SIZE_MAX);
	ck_assert(sg_str_is(sg_str_trim(SG_LIT(" \t x y \n")), "x y"));
	ck_assert(sg_str_ends(SG_LIT("x.yaml"), ".yaml") && !sg_str_ends(SG_LIT("l"), ".yaml"));
}
END_TEST

START_TEST(file_read_refuses_what_is_not_a_bounded_regular_file)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str text;
	struct sg_status st;
	char dir[] = "/tmp/sg-base-XXXXXX", fifo[64], file[64];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert(!sg_file_read(a, dir, 100, &text, &st) && strstr(st.text, "directory"));
	ck_assert(!sg_file_read(a, fifo, 100, &text, &st) && strstr(st.text, "FIFO"));
	ck_assert(!sg_file_read(a, "/dev/zero", 100, &text, &st) && strstr(st.text, "device"));
	ck_assert(!sg_file_read(a, file, 100, &text, &st) && strstr(st.text, "No such file"));
	int fd = open(file, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_eq(write(fd, "12345", 5), 5);
	close(fd);
	ck_assert(!sg_file_read(a, file, 4, &text, &st) && strstr(st.text, "limit of 4 bytes"));
	ck_assert(sg_file_read(a, file, 5, &text, &st) && sg_str_is(text, "12345"));
	unlink(fifo), unlink(file), rmdir(dir);
	sg_arena_free(a);
}
END_TEST

static const char *sha256(const char *const *parts)
{
	static char hex[65];
	unsigned char digest[32];
	struct sg_sha256 h;
	sg_sha256_start(&h);
	for (; *parts; parts++)
		sg_sha256_add(&h, sg_str(*parts));
	sg_sha256_end(&h, digest);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return hex;
}

/* The vectors of NIST's examples for FIPS 180-4, and each length around a block's end in pieces. */
START_TEST(digests_are_those_of_the_standard)
{
	ck_assert_str_eq(sha256((const char *[]){"abc", NULL}),
			 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	ck_assert_str_eq(sha256((const char *[]){NULL}),
			 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	ck_assert_str_eq(sha256((const char *[]){"abcdbcdecdefdefgefgh", "fghighijhijkijkljklmklmnlmnomnopnopq", NULL}),
			 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	char text[130] = "";
	for (size_t n = 0; n < 129; n++) {
		char left[130], whole[65];
		text[n] = (char)('a' + n % 26);
		snprintf(left, sizeof(left), "%.*s", (int)(n / 2), text);
		strcpy(whole, sha256((const char *[]){text, NULL}));
		ck_assert_str_eq(sha256((const char *[]){left, text + strlen(left), NULL}), whole);
	}
	/* hashlib.sha256 of those 129 letters */
	ck_assert_str_eq(sha256((const char *[]){text, NULL}),
			 "cd6bba8374324cbcc0c296b94f35299c0b9820393116358ac3afaf091a4955a5");
}
END_TEST

UNIT_MAIN("base", arena_gives_zeroed_aligned_memory, map_keeps_order_and_replaces, utf8_refuses_what_rfc3629_refuses,
	  numbers_are_exact_at_their_edges, distance_counts_edits, strings_find_and_trim,
	  file_read_refuses_what_is_not_a_bounded_regular_file, digests_are_those_of_the_standard)
