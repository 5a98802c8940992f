/*
 * The two stages of a child.  Stage 1 comes before anything of the request is looked at.  Both end by trying what
 * must not work.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

bool sg_privs_give_up(struct sg_status *st)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return sg_fail(st, errno, "cannot set no_new_privs");
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 || sg_fail(st, 0, "no_new_privs did not take");
}

static bool load_filter(const struct sg_sandbox *s, struct sg_status *st)
{
	return !(s->layers & SG_LAYER_SECCOMP) || sg_filter_load(s->filter, st);
}

static bool no_socket(struct sg_status *st)
{
	SG_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 || sg_fail(st, 0, "verification: a socket could be made");
}

static bool no_process(struct sg_status *st)
{
	/* not fork(3): its handlers are the interpreter's */
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return pid < 0 || sg_fail(st, 0, "verification: a process could be started");
}

static bool no_file(const char *path, int flags, struct sg_status *st)
{
	SG_FD fd = open(path, flags | O_CLOEXEC);
	return fd < 0 || sg_fail(st, 0, "verification: %s could be opened", path);
}

static bool verify_full(struct sg_status *st)
{
	return no_socket(st) && no_process(st) && no_file("/proc/self/environ", O_RDONLY, st);
}

static bool verify_lockdown(struct sg_status *st)
{
	return no_socket(st) && no_process(st) && no_file("/dev/null", O_RDONLY, st);
}

bool sg_sandbox_stage1(const struct sg_sandbox *s, uint64_t address_space, int first_fd, struct sg_status *st)
{
	uint32_t l = s->layers;
	if ((l & SG_LAYER_NO_NEW_PRIVS) && !sg_privs_give_up(st))
		return false;
	if ((l & SG_LAYER_LANDLOCK) && !sg_landlock_apply(st)) /* by a descriptor, which is closed next */
		return false;
	if (!sg_sys_close_from(first_fd, st))
		return false;
	sg_ns_tie_to_parent();
	if ((l & SG_LAYER_MOUNT_NS || s->profile == SG_PROFILE_FULL) && chdir("/tmp") < 0)
		return sg_fail(st, errno, "cannot enter /tmp");
	if ((l & SG_LAYER_USER_NS) && !sg_ns_drop_caps(st))
		return false;
	if (!sg_limits_apply(s, address_space, st))
		return false;
	if (s->profile == SG_PROFILE_FULL)
		return load_filter(s, st) && verify_full(st);
	return no_process(st);
}

bool sg_sandbox_stage2(const struct sg_sandbox *s, struct sg_status *st)
{
	if (s->profile == SG_PROFILE_FULL)
		return true; /* the filter of stage 1 is the last word: files of the view may be opened */
	return sg_limits_close(st) && load_filter(s, st) && verify_lockdown(st);
}
