/*
 * What every unit test program starts with: Check, and a main() that speaks TAP.
 *
 *   START_TEST(name) { ck_assert(...); } END_TEST
 *   UNIT_MAIN("room", name, other_name)
 */
#ifndef SG_UNIT_H
#define SG_UNIT_H

#include <check.h>
#include <stdlib.h>

static int unit_run(const char *room, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(room);
	for (size_t i = 0; i < n; i++) {
		TCase *tc = tcase_create(tests[i]->name);
		tcase_add_test(tc, tests[i]);
		suite_add_tcase(suite, tc);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN(room, ...)                                                  \
	int main(void)                                                        \
	{                                                                     \
		const TTest *const tests[] = {__VA_ARGS__};                   \
		return unit_run(room, tests, sizeof(tests) / sizeof(*tests)); \
	}

#endif
