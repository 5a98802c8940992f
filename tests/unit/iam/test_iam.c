/* Unit tests of iam/, collected from the files beside. */
#include "roles.h"
#include "unit.h"

int main(void)
{
	const TTest *all[128];
	size_t n = glob_tests(all);
	n += point_tests(all + n);
	n += document_tests(all + n);
	n += role_tests(all + n);
	n += random_tests(all + n);
	n += pair_tests(all + n);
	return unit_run("iam", all, n);
}
