/*
 * Landlock: what a script may do with files, by where they lie, whatever the mounts are; from version 6 on no signal to
 * a process outside of the run either.  The ruleset is made once, by the process that will become the zygote.
 *
 * Numbers and structures are those of the kernel's Documentation/userspace-api/landlock.rst; the system's header may be
 * older than the kernel.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, VERSION_FLAG = 1, PATH_BENEATH = 1 };

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE = 1 << 4 | 1 << 5,
	MAKE_CHAR = 1 << 6,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_SOCK = 1 << 9,
	MAKE_FIFO = 1 << 10,
	MAKE_BLOCK = 1 << 11,
	MAKE_SYM = 1 << 12,
	REFER = 1 << 13,    /* version 2 */
	TRUNCATE = 1 << 14, /* version 3 */
	IOCTL_DEV = 1 << 15 /* version 5 */
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

/* Of the one process that has a view, and its children. */
static int ruleset = -1;
static uint64_t handled;
static struct {
	struct sg_view view;
	bool own_root;
} made;

static struct ruleset_attr attr_of(long abi, size_t *size)
{
	struct ruleset_attr a = {.fs = REFER - 1};
	if (abi >= 2)
		a.fs |= REFER;
	if (abi >= 3)
		a.fs |= TRUNCATE;
	if (abi >= 5)
		a.fs |= IOCTL_DEV;
	if (abi >= 4)
		a.net = 3; /* bind and connect of TCP: no rule allows a port */
	if (abi >= 6)
		a.scoped = 3; /* abstract sockets and signals */
	*size = abi >= 6 ? sizeof(a) : abi >= 4 ? offsetof(struct ruleset_attr, scoped) : sizeof(a.fs);
	return a;
}

/* What is not there needs no rule. */
static bool allow(const char *path, uint64_t access, struct sg_status *st)
{
	SG_FD fd = open(path, O_PATH | O_CLOEXEC);
	struct stat sb;
	if (fd < 0 || fstat(fd, &sb) < 0)
		return errno == ENOENT || errno == EACCES || sg_fail(st, errno, "cannot look at %s", path);
	if (!S_ISDIR(sb.st_mode))
		access &= WRITE_FILE | READ_FILE | TRUNCATE;
	struct path_attr a = {access & handled, fd};
	return syscall(ADD_RULE, ruleset, PATH_BENEATH, &a, 0) == 0 ||
	       sg_fail(st, errno, "cannot make Landlock's rule for %s", path);
}

static bool add_rules(const struct sg_view *view, bool own_root, struct sg_status *st)
{
	static const char *const readable[] = {"/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache"};
	static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
	const char *more[] = {view ? view->prefix : NULL, view ? view->packages : NULL, NULL, NULL};
	if (own_root) {
		more[2] = SG_VIEW_PREFIX;
		more[3] = SG_VIEW_PACKAGES;
	}
	for (size_t i = 0; i < sizeof(readable) / sizeof(*readable); i++)
		if (!allow(readable[i], READ_FILE | READ_DIR, st))
			return false;
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (!allow(devices[i], READ_FILE | WRITE_FILE, st))
			return false;
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (more[i] && !allow(more[i], READ_FILE | READ_DIR, st))
			return false;
	return allow("/tmp",
		     WRITE_FILE | READ_FILE | READ_DIR | REMOVE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER |
			     TRUNCATE,
		     st);
}

bool sg_landlock_prepare(const struct sg_view *view, bool own_root, struct sg_status *st)
{
	size_t size;
	long abi = syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG);
	if (abi < 1)
		return sg_fail(st, errno, "no Landlock");
	struct ruleset_attr attr = attr_of(abi, &size);
	if (view)
		made.view = *view;
	made.own_root = own_root;
	sg_sys_close(&ruleset);
	handled = attr.fs;
	ruleset = (int)syscall(CREATE_RULESET, &attr, size, 0);
	return ruleset >= 0 ? add_rules(view, own_root, st) : sg_fail(st, errno, "cannot make a Landlock ruleset");
}

bool sg_landlock_renew(struct sg_status *st)
{
	return sg_landlock_prepare(&made.view, made.own_root, st);
}

bool sg_landlock_apply(struct sg_status *st)
{
	if (ruleset < 0 && !sg_landlock_prepare(NULL, false, st))
		return false;
	if (syscall(RESTRICT_SELF, ruleset, 0) < 0)
		return sg_fail(st, errno, "cannot apply Landlock's rules");
	SG_FD fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || sg_fail(st, 0, "verification: Landlock let / be read");
}
