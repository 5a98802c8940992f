/*
 * Removes what a user left behind: files, System V objects, keys.  The tree that is cleaned is hostile: names of any
 * bytes, modes 0000, depth without end, links that point away, FIFOs.  So every step is relative to an open directory,
 * no link is followed, nothing but directories is opened, and a depth that grows is met by moving directories up.
 */
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MAX_DEPTH = 16 };

struct cleaner {
	uid_t uid;
	dev_t dev;
	int top;       /* the directory being cleaned, where deep ones are moved to */
	size_t budget; /* entries that may still be looked at */
	size_t moved;  /* number of the next directory moved up */
	bool again;    /* something was moved up: the top must be read once more */
};

static bool clean_at(struct cleaner *c, int dirfd, int depth);

static int open_dir(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

/* A directory of the user's may have mode 0000; its owner can open it after a chmod.  There is no fchmodat that does
 * not follow links on older kernels, so the entry is changed through a descriptor that cannot be a link. */
static int open_own_dir(int dirfd, const char *name)
{
	int fd = open_dir(dirfd, name);
	if (fd >= 0 || errno != EACCES)
		return fd;
	SG_FD path = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char self[64];
	snprintf(self, sizeof(self), "/proc/self/fd/%d", path);
	if (path < 0 || chmod(self, 0700) < 0)
		return -1;
	return open_dir(dirfd, name);
}

/* Its owner may do anything with it from now on: moving a directory, too, takes the right to write to it. */
static bool make_writable(int dirfd, const char *name)
{
	SG_FD fd = open_own_dir(dirfd, name);
	return fd >= 0 && fchmod(fd, 0700) == 0;
}

/* Instead of going deeper than MAX_DEPTH: the directory becomes a child of the top under a new name.  A script, or
 * another user where the directory is everybody's, may have made things of that name, too: then it is the next. */
static bool move_up(struct cleaner *c, int dirfd, const char *name)
{
	char up[64];
	c->again = true;
	if (!make_writable(dirfd, name))
		return errno == ENOENT;
	for (; c->budget > 0; c->budget--) {
		snprintf(up, sizeof(up), ".sweep-%zu", c->moved++);
		if (renameat(dirfd, name, c->top, up) == 0)
			return true;
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR && errno != EPERM && errno != EACCES)
			return false;
	}
	return false;
}

static bool clean_subdir(struct cleaner *c, int dirfd, const char *name, int depth)
{
	if (depth >= MAX_DEPTH)
		return move_up(c, dirfd, name);
	SG_FD fd = open_own_dir(dirfd, name);
	struct stat sb;
	if (fd < 0 || fstat(fd, &sb) < 0)
		return errno == ENOENT;
	if (sb.st_dev != c->dev)
		return false; /* a mount that the user cannot have made: not ours to empty */
	fchmod(fd, 0700);
	if (!clean_at(c, fd, depth + 1))
		return false;
	return unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

static bool clean_entry(struct cleaner *c, int dirfd, const char *name, int depth)
{
	struct stat sb;
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return true;
	if (c->budget == 0)
		return false;
	c->budget--;
	if (fstatat(dirfd, name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	if (sb.st_uid != c->uid)
		return true;
	if (S_ISDIR(sb.st_mode))
		return clean_subdir(c, dirfd, name, depth);
	return unlinkat(dirfd, name, 0) == 0 || errno == ENOENT;
}

static bool clean_at(struct cleaner *c, int dirfd, int depth)
{
	DIR *dir = fdopendir(dup(dirfd));
	if (!dir)
		return false;
	bool ok = true;
	for (struct dirent *e; ok && (e = readdir(dir));)
		ok = clean_entry(c, dirfd, e->d_name, depth);
	closedir(dir);
	return ok;
}

/* An attribute that a script can have set: a user's own, and security.* too, for a kernel with the BPF security module may
 * forget to ask who sets it (before Linux 6.11).  Those of modules that guard their own stay. */
static bool may_be_a_mark(const char *name)
{
	static const char *const guarded[] = {"security.selinux", "security.capability", "security.ima", "security.evm",
					      "security.apparmor"};
	for (size_t i = 0; i < sizeof(guarded) / sizeof(*guarded); i++)
		if (!strcmp(name, guarded[i]))
			return false;
	return !strncmp(name, "user.", 5) || !strncmp(name, "security.", 9);
}

/* What is written on the directory itself: attributes and times outlive all that was in it.  What may not be removed could
 * not be set. */
static bool clean_marks(int dirfd, bool own)
{
	char names[65536]; /* XATTR_LIST_MAX: no file has more */
	ssize_t n = flistxattr(dirfd, names, sizeof(names));
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
		bool settable = own && !strncmp(names + at, "user.", 5);
		if (!may_be_a_mark(names + at) || fremovexattr(dirfd, names + at) == 0 || errno == ENODATA)
			continue;
		if (settable || (errno != EPERM && errno != EACCES && errno != EROFS))
			return false;
	}
	return !own || futimens(dirfd, NULL) == 0;
}

bool sg_sys_clean_dir(const char *path, uid_t uid, size_t budget, struct sg_status *st)
{
	SG_FD top = open_own_dir(AT_FDCWD, path);
	if (top < 0)
		return errno == ENOENT || errno == ENOTDIR || sg_fail(st, errno, "cannot open %s to clean it", path);
	struct stat sb;
	if (fstat(top, &sb) < 0)
		return sg_fail(st, errno, "cannot clean %s", path);
	struct cleaner c = {.uid = uid, .dev = sb.st_dev, .top = top, .budget = budget};
	do {
		c.again = false;
		if (lseek(top, 0, SEEK_SET) < 0 || !clean_at(&c, top, 0))
			return sg_fail(st, 0, "cannot clean %s", path);
	} while (c.again);
	return clean_marks(top, sb.st_uid == uid) || sg_fail(st, errno, "cannot clean %s of marks", path);
}

/* ---------------------------------------------------------------------------------------------- System V */

union semun_arg {
	int val;
	struct semid_ds *buf;
	struct seminfo *info;
};

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif

/* Who made an object keeps its rights when he names another owner, so he counts too. */
static bool belongs(const struct ipc_perm *perm, uid_t uid)
{
	return perm->uid == uid || perm->cuid == uid;
}

/* An index at which there is nothing is fine; an object that may not be looked at may be anybody's. */
static int nothing_there(void)
{
	return errno == EACCES ? -1 : 0;
}

/* The kinds of the calls that look at an object: those that need no right to read it, which its maker may have taken
 * away; before Linux 4.17 there are none. */
static int shm_step(int index, uid_t uid)
{
	struct shmid_ds ds = {0};
	int id = shmctl(index, SHM_STAT_ANY, &ds);
	if (id < 0 && errno == EINVAL)
		id = shmctl(index, SHM_STAT, &ds);
	if (id < 0)
		return nothing_there();
	return belongs(&ds.shm_perm, uid) ? shmctl(id, IPC_RMID, NULL) : 0;
}

static int sem_step(int index, uid_t uid)
{
	struct semid_ds ds = {0};
	int id = semctl(index, 0, SEM_STAT_ANY, (union semun_arg){.buf = &ds});
	if (id < 0 && errno == EINVAL)
		id = semctl(index, 0, SEM_STAT, (union semun_arg){.buf = &ds});
	if (id < 0)
		return nothing_there();
	return belongs(&ds.sem_perm, uid) ? semctl(id, 0, IPC_RMID) : 0;
}

static int msg_step(int index, uid_t uid)
{
	struct msqid_ds ds = {0};
	int id = msgctl(index, MSG_STAT_ANY, &ds);
	if (id < 0 && errno == EINVAL)
		id = msgctl(index, MSG_STAT, &ds);
	if (id < 0)
		return nothing_there();
	return belongs(&ds.msg_perm, uid) ? msgctl(id, IPC_RMID, NULL) : 0;
}

static int shm_last(void)
{
	struct shm_info info;
	struct shmid_ds *ds;
	void *p = &info;
	memcpy(&ds, &p, sizeof(ds));
	return shmctl(0, SHM_INFO, ds);
}

static int sem_last(void)
{
	struct seminfo info;
	return semctl(0, 0, SEM_INFO, (union semun_arg){.info = &info});
}

static int msg_last(void)
{
	struct msginfo info;
	struct msqid_ds *ds;
	void *p = &info;
	memcpy(&ds, &p, sizeof(ds));
	return msgctl(0, MSG_INFO, ds);
}

bool sg_sys_clean_sysv(uid_t uid, struct sg_status *st)
{
	static const struct {
		const char *what;
		int (*last)(void);                 /* the highest index in use, -1 where the kernel has no such thing */
		int (*step)(int index, uid_t uid); /* removes the object at the index if it is the user's */
	} kinds[] = {
		{"shared memory", shm_last, shm_step},
		{"semaphores", sem_last, sem_step},
		{"message queues", msg_last, msg_step},
	};
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (int i = 0, last = kinds[k].last(); i <= last; i++)
			if (kinds[k].step(i, uid) < 0)
				return sg_fail(st, errno, "cannot remove System V %s", kinds[k].what);
	return true;
}

/* ---------------------------------------------------------------------------------------------- keys */

/* Its owner may have taken his own right to write away; what he cannot take back stays a failure. */
static bool clear_ring(long ring)
{
	const long owners_all = 0x3f3f0000;
	if (syscall(SYS_keyctl, KEYCTL_CLEAR, ring, 0, 0, 0) == 0)
		return true;
	return errno == EACCES && syscall(SYS_keyctl, KEYCTL_SETPERM, ring, owners_all, 0, 0) == 0 &&
	       syscall(SYS_keyctl, KEYCTL_CLEAR, ring, 0, 0, 0) == 0;
}

/* The user's ring that outlives all of his processes, by days.  It is made by being asked for. */
static bool clear_persistent(void)
{
	long ring = syscall(SYS_keyctl, KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_PROCESS_KEYRING, 0, 0);
	if (ring < 0)
		return errno == ENOSYS || errno == EPERM || errno == EOPNOTSUPP;
	return clear_ring(ring);
}

bool sg_sys_clean_keyrings(struct sg_status *st)
{
	static const int rings[] = {KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING, KEY_SPEC_SESSION_KEYRING};
	for (size_t i = 0; i < sizeof(rings) / sizeof(*rings); i++)
		if (!clear_ring(rings[i]) && errno != ENOSYS && errno != EPERM && errno != ENOKEY)
			return sg_fail(st, errno, "cannot empty a keyring");
	return clear_persistent() || sg_fail(st, errno, "cannot empty the persistent keyring");
}
