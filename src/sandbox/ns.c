/*
 * Namespaces of the zygote: entered once, inherited by every run.  What files the mount namespace shows is view.c's.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text, struct sg_status *st)
{
	SG_FD fd = open(path, O_WRONLY | O_CLOEXEC);
	return (fd >= 0 && sg_sys_write_all(fd, text, strlen(text))) || sg_fail(st, errno, "cannot write %s", path);
}

/* Each id keeps its number inside: files made there belong to whom they would have belonged to outside. */
static bool map_ids(uid_t uid, gid_t gid, struct sg_status *st)
{
	char line[64];
	if (!write_file("/proc/self/setgroups", "deny", st))
		return false;
	snprintf(line, sizeof(line), "%u %u 1", (unsigned)uid, (unsigned)uid);
	if (!write_file("/proc/self/uid_map", line, st))
		return false;
	snprintf(line, sizeof(line), "%u %u 1", (unsigned)gid, (unsigned)gid);
	return write_file("/proc/self/gid_map", line, st);
}

static int unshare_flags(uint32_t layers)
{
	static const struct {
		uint32_t layer;
		int flag;
	} table[] = {
		{SG_LAYER_USER_NS, CLONE_NEWUSER}, {SG_LAYER_PID_NS, CLONE_NEWPID},  {SG_LAYER_NET_NS, CLONE_NEWNET},
		{SG_LAYER_IPC_NS, CLONE_NEWIPC},   {SG_LAYER_MOUNT_NS, CLONE_NEWNS},
	};
	int flags = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (layers & table[i].layer)
			flags |= table[i].flag;
	return flags;
}

/* The maps are written by the process itself, whose files in /proc are its own only while it is dumpable.  It has
 * seen no request, and no script runs yet.  Ids are needed where files are made: with a mount namespace. */
static bool unshare_all(uint32_t layers, struct sg_status *st)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	bool maps = layers & SG_LAYER_MOUNT_NS;
	if (maps && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return sg_fail(st, errno, "cannot become dumpable");
	if (unshare(unshare_flags(layers)) < 0)
		return sg_fail(st, errno, "cannot enter namespaces");
	if (maps && !map_ids(uid, gid, st))
		return false;
	if (maps && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return sg_fail(st, errno, "cannot become non-dumpable");
	return true;
}

void sg_ns_tie_to_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* an extra: where prctl is refused, the control socket tells */
}

/* The parent of the namespace's first process: holds nothing, waits, ends as it ended. */
SG_NORETURN static void stand_by(pid_t child)
{
	int status;
	sg_sys_close_from(0, NULL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			_exit(1);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static bool become_first(struct sg_status *st)
{
	pid_t child = fork();
	if (child < 0)
		return sg_fail(st, errno, "cannot start a process in the new pid namespace");
	if (child > 0)
		stand_by(child);
	sg_ns_tie_to_parent();
	return true;
}

bool sg_sandbox_enter(const struct sg_sandbox *s, const struct sg_view *view, int *statm, struct sg_status *st)
{
	uint32_t layers = s->layers & SG_LAYERS_NAMESPACES;
	sg_ns_tie_to_parent();
	setsid(); /* a terminal's Ctrl-C is for the supervisor */
	if (chdir("/") < 0)
		return sg_fail(st, errno, "cannot go to /");
	if ((s->layers & SG_LAYER_OOM_SCORE) && !sg_oom_volunteer(st))
		return false;
	if (layers && !unshare_all(layers, st))
		return false;
	sg_ns_tie_to_parent(); /* again: a change of credentials may undo it */
	if ((layers & SG_LAYER_PID_NS) && !become_first(st))
		return false;
	if (statm)
		*statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if ((layers & SG_LAYER_MOUNT_NS) && !(sg_view_enter(view, st) && sg_sandbox_renew(s, st)))
		return false;
	return !(s->layers & SG_LAYER_LANDLOCK) || sg_landlock_prepare(view, layers & SG_LAYER_MOUNT_NS, st);
}

bool sg_sandbox_renew(const struct sg_sandbox *s, struct sg_status *st)
{
	bool another = false;
	if ((s->layers & SG_LAYER_MOUNT_NS) && !sg_view_renew_tmp(s->limits.file_size, &another, st))
		return false;
	return !another || !(s->layers & SG_LAYER_LANDLOCK) || sg_landlock_renew(st);
}

bool sg_ns_drop_caps(struct sg_status *st)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	if (syscall(SYS_capset, &header, none) < 0)
		return sg_fail(st, errno, "cannot give up capabilities");
	struct __user_cap_data_struct left[2];
	if (syscall(SYS_capget, &header, left) < 0)
		return sg_fail(st, errno, "cannot read capabilities");
	return !(left[0].effective | left[1].effective | left[0].permitted | left[1].permitted) ||
	       sg_fail(st, 0, "gave up capabilities, but still has some");
}
