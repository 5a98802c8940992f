/*
 * The view of the files that a script has: the system's libraries and the interpreter, read-only; five devices; an
 * empty /tmp per run; no /proc, no /sys, no home.  Everything is a bind mount on a small tmpfs that becomes the root.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> do not go together on every glibc */
extern int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
extern int umount2(const char *target, int flags);

enum { DETACH = 2 /* MNT_DETACH */ };

struct shown {
	const char *source;
	const char *target; /* in the view; NULL: the same path */
	bool needed;
};

static bool starts_with(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	return !strncmp(path, dir, n) && (path[n] == '/' || !path[n]);
}

/* mkdir -p of `path` below the new root. */
static bool make_dirs(const char *root, const char *path, struct sg_status *st)
{
	char full[PATH_MAX];
	size_t base = strlen(root);
	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
		return sg_fail(st, ENAMETOOLONG, "cannot show %s", path);
	for (char *p = full + base + 1;; p++) {
		if (*p && *p != '/')
			continue;
		char was = *p;
		*p = 0;
		if (mkdir(full, 0755) < 0 && errno != EEXIST)
			return sg_fail(st, errno, "cannot make %s for the view", path);
		*p = was;
		if (!was)
			return true;
	}
}

static bool read_only(const char *target, struct sg_status *st)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};
	if (syscall(SYS_mount_setattr, AT_FDCWD, target, 0x8000 /* AT_RECURSIVE */, &attr, sizeof(attr)) == 0)
		return true;
	int setattr_error = errno;
	/* before 5.12: remounting must keep the flags that the namespace may not take away */
	struct statvfs v;
	if (statvfs(target, &v) < 0)
		return sg_fail(st, errno, "cannot read the flags of %s", target);
	unsigned long flags = 0;
	flags |= v.f_flag & ST_NODEV ? MS_NODEV : 0;
	flags |= v.f_flag & ST_NOEXEC ? MS_NOEXEC : 0;
	flags |= v.f_flag & ST_NOATIME ? MS_NOATIME : 0;
	flags |= v.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0;
	flags |= v.f_flag & ST_RELATIME ? MS_RELATIME : 0;
	if (mount(NULL, target, NULL, flags | MS_NOSUID | MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		return sg_fail(st, setattr_error, "cannot make %s read-only", target);
	return true;
}

static bool show_dir(const char *root, const struct shown *d, struct sg_status *st)
{
	char target[PATH_MAX];
	const char *at = d->target ? d->target : d->source;
	struct stat sb;
	if (stat(d->source, &sb) < 0 || !S_ISDIR(sb.st_mode))
		return !d->needed || sg_fail(st, ENOENT, "cannot show %s", d->source);
	if (!make_dirs(root, at, st))
		return false;
	if ((size_t)snprintf(target, sizeof(target), "%s%s", root, at) >= sizeof(target))
		return sg_fail(st, ENAMETOOLONG, "cannot show %s", d->source);
	if (mount(d->source, target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return sg_fail(st, errno, "cannot show %s", d->source);
	return read_only(target, st);
}

/* /lib and its kind are links into /usr on most systems, and directories on others. */
static bool show_system(const char *root, struct sg_status *st)
{
	static const char *const dirs[] = {"/lib", "/lib64", "/lib32", "/bin"};
	struct shown usr = {"/usr", NULL, true};
	if (!show_dir(root, &usr, st))
		return false;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char link[PATH_MAX], at[PATH_MAX];
		struct shown dir = {dirs[i], NULL, false};
		ssize_t n = readlink(dirs[i], link, sizeof(link) - 1);
		snprintf(at, sizeof(at), "%s%s", root, dirs[i]);
		if (n < 0 && !show_dir(root, &dir, st))
			return false;
		if (n < 0)
			continue;
		link[n] = 0;
		if (symlink(link, at) < 0)
			return sg_fail(st, errno, "cannot show %s", dirs[i]);
	}
	return true;
}

static bool show_file(const char *root, const char *path, struct sg_status *st)
{
	char target[PATH_MAX];
	snprintf(target, sizeof(target), "%s%s", root, path);
	SG_FD fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return sg_fail(st, errno, "cannot make %s for the view", path);
	return mount(path, target, NULL, MS_BIND, NULL) == 0 || sg_fail(st, errno, "cannot show %s", path);
}

static bool show_files(const char *root, struct sg_status *st)
{
	static const char *const files[] = {"/dev/null",   "/dev/zero",    "/dev/full",
					    "/dev/random", "/dev/urandom", "/etc/ld.so.cache"};
	if (!make_dirs(root, "/dev", st) || !make_dirs(root, "/etc", st))
		return false;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (access(files[i], R_OK) == 0 && !show_file(root, files[i], st))
			return false;
	return true;
}

static bool show_view(const char *root, const struct sg_view *view, struct sg_status *st)
{
	bool has_prefix = view && view->prefix && !starts_with(view->prefix, "/usr");
	struct shown prefix = {view ? view->prefix : NULL, NULL, true};
	struct shown packages = {view ? view->packages : NULL, SG_VIEW_PACKAGES, false};
	if (has_prefix && starts_with(view->prefix, "/tmp"))
		prefix.target = SG_VIEW_PREFIX;
	if (!show_system(root, st) || !show_files(root, st) || !make_dirs(root, "/tmp", st))
		return false;
	if (has_prefix && !show_dir(root, &prefix, st))
		return false;
	return !view || !view->packages || show_dir(root, &packages, st);
}

/* Where the new root is built: any directory that hides nothing of what will be shown. */
static const char *workplace(const struct sg_view *view)
{
	static const char *const dirs[] = {"/mnt", "/media", "/srv", "/run", "/home", "/tmp"};
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		struct stat sb;
		if (view && view->prefix && starts_with(view->prefix, dirs[i]))
			continue;
		if (view && view->packages && starts_with(view->packages, dirs[i]))
			continue;
		if (stat(dirs[i], &sb) == 0 && S_ISDIR(sb.st_mode))
			return dirs[i];
	}
	return NULL;
}

/* By trying: nothing can be written but in /tmp, and no process can be seen. */
static bool verify(struct sg_status *st)
{
	struct statvfs v;
	if (access("/proc/self", F_OK) == 0 || access("/sys/kernel", F_OK) == 0)
		return sg_fail(st, 0, "the view of the files still has /proc or /sys");
	if (statvfs("/", &v) < 0 || !(v.f_flag & ST_RDONLY) || statvfs("/usr", &v) < 0 || !(v.f_flag & ST_RDONLY))
		return sg_fail(st, 0, "the view of the files is not read-only");
	SG_FD fd = open("/usr/.sandbox", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	return fd < 0 || sg_fail(st, 0, "the view of the files can be written");
}

static bool switch_root(const char *root, struct sg_status *st)
{
	if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", DETACH) < 0 || chdir("/") < 0)
		return sg_fail(st, errno, "cannot make the view the root");
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0)
		return sg_fail(st, errno, "cannot make the view's root read-only");
	return verify(st);
}

bool sg_view_enter(const struct sg_view *view, struct sg_status *st)
{
	const char *root = workplace(view);
	if (!root)
		return sg_fail(st, 0, "no directory to build the view of the files in");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return sg_fail(st, errno, "cannot make mounts private");
	if (mount("view", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m,nr_inodes=512") < 0)
		return sg_fail(st, errno, "cannot mount a tmpfs");
	mode_t was = umask(0);
	bool ok = show_view(root, view, st);
	umask(was);
	return ok && switch_root(root, st);
}

/* ---------------------------------------------------------------------------------------------- /tmp */

/* What an untouched /tmp looks like; of the one process that has a view. */
static struct stat fresh_tmp;

static bool mount_tmp(uint64_t bytes, struct sg_status *st)
{
	char options[96];
	snprintf(options, sizeof(options), "mode=0700,nr_inodes=4096,size=%llu", (unsigned long long)bytes);
	if (mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, options) < 0)
		return sg_fail(st, errno, "cannot mount /tmp");
	return stat("/tmp", &fresh_tmp) == 0 || sg_fail(st, errno, "cannot look at /tmp");
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	bool empty = dir;
	for (struct dirent *e; empty && (e = readdir(dir));)
		empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
	if (dir)
		closedir(dir);
	return empty;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Empty is not enough: modes and times of the directory itself can carry something to the next run.  Nobody can
 * set a change time, and whoever sets another time changes it too. */
static bool tmp_is_fresh(void)
{
	struct stat now;
	return stat("/tmp", &now) == 0 && now.st_dev == fresh_tmp.st_dev && now.st_mode == fresh_tmp.st_mode &&
	       now.st_uid == fresh_tmp.st_uid && same_time(now.st_ctim, fresh_tmp.st_ctim) &&
	       same_time(now.st_mtim, fresh_tmp.st_mtim) && same_time(now.st_atim, fresh_tmp.st_atim) &&
	       is_empty("/tmp");
}

bool sg_view_renew_tmp(uint64_t bytes, bool *another, struct sg_status *st)
{
	*another = !(fresh_tmp.st_dev && tmp_is_fresh());
	if (!*another)
		return true;
	if (fresh_tmp.st_dev && umount2("/tmp", DETACH) < 0)
		return sg_fail(st, errno, "cannot throw away /tmp");
	return mount_tmp(bytes, st);
}
