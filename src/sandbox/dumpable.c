/*
 * Keeps the memory of supervisor and zygote from other processes of the same user, and the environment out of both.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a process of the same user: 0 when nothing of the parent could be opened, 1 when something could, 2 when it
 * cannot tell. */
static int spy(void *arg)
{
	static const char *const files[] = {"environ", "mem", "maps", "auxv"};
	char path[64];
	(void)arg;
	if (access("/proc/self/status", R_OK) < 0)
		return 2;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "/proc/%ld/%s", (long)getppid(), files[i]);
		if (open(path, O_RDONLY | O_CLOEXEC) >= 0)
			return 1;
	}
	return 0;
}

bool sg_sandbox_hide(struct sg_status *st)
{
	bool said = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
	int seen = sg_sys_try(spy, NULL);
	if (seen == 0 || (seen == 2 && said))
		return true;
	return sg_fail(st, 0, "other processes of this user can read this one's memory");
}

static int executable_copy(struct sg_status *st)
{
	SG_FD from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	SG_FD to = memfd_create("bootstrap", MFD_CLOEXEC);
	struct stat sb;
	if (from < 0 || to < 0 || fstat(from, &sb) < 0) {
		sg_fail(st, errno, "cannot copy the program");
		return -1;
	}
	for (off_t left = sb.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);
		if (n <= 0) {
			sg_fail(st, errno, "cannot copy the program");
			return -1;
		}
		left -= n;
	}
	if (fchmod(to, 0111) < 0) {
		sg_fail(st, errno, "cannot make the copy execute-only");
		return -1;
	}
	return sg_sys_steal(&to);
}

bool sg_sandbox_reexec(char *const argv[], struct sg_status *st)
{
	char *const empty[] = {NULL};
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) >= 0) {
		execve("/proc/self/exe", argv, empty);
		return sg_fail(st, errno, "cannot start the program again");
	}
	SG_FD copy = executable_copy(st);
	if (copy < 0)
		return false;
	fexecve(copy, argv, empty);
	return sg_fail(st, errno, "cannot start the program's execute-only copy");
}
