/*
 * Processes and clocks.  Nothing here knows why a process is started or killed.
 */
#include "sys/sys.h"

#include <errno.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double sg_sys_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int64_t sg_sys_wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int sg_sys_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

void sg_sys_kill(pid_t pid, int pidfd)
{
	if (pidfd >= 0 && syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0)
		return;
	if (pid > 1)
		kill(pid, SIGKILL);
}

int sg_sys_try(int (*fn)(void *), void *arg)
{
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0)
		_exit(fn(arg));
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool sg_sys_drop_root(uid_t uid, gid_t gid, struct sg_status *st)
{
	if (setgroups(0, NULL) < 0)
		return sg_fail(st, errno, "cannot give up supplementary groups");
	if (setresgid(gid, gid, gid) < 0)
		return sg_fail(st, errno, "cannot become group %u", (unsigned)gid);
	if (setresuid(uid, uid, uid) < 0)
		return sg_fail(st, errno, "cannot become user %u", (unsigned)uid);
	if (setuid(0) == 0 || getuid() != uid || geteuid() != uid || getgid() != gid || getegid() != gid)
		return sg_fail(st, 0, "gave up root, but it can be had back");
	return true;
}

void sg_sys_footing(struct sg_footing *f)
{
	enum { IOPRIO_WHO_PROCESS = 1 };
	memset(f, 0, sizeof(*f)); /* padding too: they are compared as bytes */
	f->nice = getpriority(PRIO_PROCESS, 0);
	f->policy = sched_getscheduler(0);
	f->ioprio = (int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
	syscall(SYS_sched_getattr, 0, f->attributes, sizeof(f->attributes), 0);
	/* made now where there is none: asked for later it would be another one */
	f->session = (int)syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1, 0, 0);
	syscall(SYS_sched_getaffinity, 0, sizeof(f->processors), f->processors);
	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		getrlimit((__rlimit_resource_t)i, &f->limits[i]);
}

bool sg_sys_same_footing(const struct sg_footing *was)
{
	struct sg_footing now;
	sg_sys_footing(&now);
	return !memcmp(&now, was, sizeof(now));
}

bool sg_sys_random(void *p, size_t n)
{
	char *at = p;
	while (n) {
		ssize_t done = getrandom(at, n, 0);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}
