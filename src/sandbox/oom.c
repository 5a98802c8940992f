/*
 * Whom the kernel kills when memory is short.  Anyone may raise his own score; nobody without rights can lower it again, so
 * that what the zygote has given itself holds for every script.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SCORE "/proc/self/oom_score_adj"
#define MOST "1000" /* proc_pid_oom_score_adj(5): -1000 to 1000 */

/* A process's files in /proc are its own only while it is dumpable.  It has seen no request, and no script runs yet. */
static bool write_score(struct sg_status *st)
{
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return sg_fail(st, errno, "cannot become dumpable");
	SG_FD fd = open(SCORE, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && sg_sys_write_all(fd, MOST, strlen(MOST));
	int error = errno;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return sg_fail(st, errno, "cannot become non-dumpable");
	return done || sg_fail(st, error, "cannot write " SCORE);
}

bool sg_oom_volunteer(struct sg_status *st)
{
	char text[16];
	if (!write_score(st))
		return false;
	return (sg_sys_read_text(SCORE, text, sizeof(text)) && !strncmp(text, MOST, strlen(MOST))) ||
	       sg_fail(st, 0, "verification: " SCORE " did not take " MOST);
}
