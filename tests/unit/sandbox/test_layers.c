/*
 * Each layer alone: an act that is possible without it and not with it, and nothing but that layer between the two.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USER = 61060, SHM_KEY = 0x53474c59, POSSIBLE = 10, REFUSED = 11, NO_LAYER = 12, NO_TEST = 13 };

/* Shared with the processes that try. */
static int listening = -1, shm = -1;
static struct sockaddr_in address;
static char setuid_copy[64];
static pid_t outside, sibling;

/* The copy of this program that belongs to root and has the set-user-id bit says what it became, and one that was started
 * again whether it holds a credential. */
__attribute__((constructor)) static void second_role(int argc, char **argv)
{
	char text[8192];
	if (argc == 2 && !strcmp(argv[1], "--am-i-root"))
		_exit(geteuid() == 0 ? POSSIBLE : REFUSED);
	if (argc == 2 && !strcmp(argv[1], "--environment"))
		_exit(sg_sys_read_text("/proc/self/environ", text, sizeof(text)) && text[0] ? POSSIBLE : REFUSED);
}

/* ---------------------------------------------------------------------------------------------- acts */

static bool can_read_environment(void)
{
	char text[4096];
	return sg_sys_read_text("/proc/self/environ", text, sizeof(text));
}

static int open_parents_memory(void *arg)
{
	char path[64];
	(void)arg;
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)getppid());
	return open(path, O_RDONLY | O_CLOEXEC) >= 0 ? POSSIBLE : REFUSED;
}

static bool can_read_parent(void)
{
	return sg_sys_try(open_parents_memory, NULL) == POSSIBLE;
}

static bool can_write_large_file(void)
{
	int fd = open("/var/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	signal(SIGXFSZ, SIG_IGN);
	return fd >= 0 && ftruncate(fd, 8 << 20) == 0;
}

static bool can_dump_core(void)
{
	struct rlimit l;
	return getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max > 0;
}

static bool can_lock_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED && mlock(p, 4096) == 0;
}

static bool can_write_files(void)
{
	return open("/var/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) >= 0;
}

static bool can_signal_sibling(void)
{
	return kill(sibling, 0) == 0;
}

static bool can_enter_namespaces(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static bool is_killed_last(void)
{
	char text[16];
	return sg_sys_read_text("/proc/self/oom_score_adj", text, sizeof(text)) && strncmp(text, "1000", 4) != 0;
}

static bool can_map_much(void)
{
	return mmap(NULL, (size_t)8 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

static bool can_become_root(void)
{
	pid_t pid = fork();
	int status;
	if (pid == 0) {
		execl(setuid_copy, "x", "--am-i-root", (char *)NULL);
		_exit(REFUSED);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == POSSIBLE;
}

static bool can_make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool can_name_outside(void)
{
	return kill(outside, 0) == 0 || errno == EPERM;
}

static bool can_connect(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool can_find_shared_memory(void)
{
	return shmget(SHM_KEY, 0, 0) >= 0;
}

static bool can_read_files(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool can_open(void)
{
	return open("/dev/null", O_RDONLY) >= 0;
}

static bool can_fork(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return pid > 0;
}

/* ---------------------------------------------------------------------------------------------- layers */

static bool enter(uint32_t layers)
{
	struct sg_sandbox s = {.profile = SG_PROFILE_LOCKDOWN, .layers = layers, .limits = {.file_size = 1 << 20}};
	return sg_sandbox_enter(&s, NULL, NULL, NULL);
}

static bool hidden(void)
{
	return sg_sandbox_hide(NULL);
}

static bool limited(enum sg_profile profile)
{
	struct sg_sandbox s = {.profile = profile, .limits = {(uint64_t)1 << 30, 1 << 20, 64, 60}};
	return sg_limits_apply(&s, (uint64_t)1 << 30, NULL);
}

static bool rlimits(void)
{
	return limited(SG_PROFILE_FULL);
}
static bool no_processes(void)
{
	return limited(SG_PROFILE_LOCKDOWN);
}
static bool no_files(void)
{
	return sg_limits_close(NULL);
}
static bool privs(void)
{
	return sg_privs_give_up(NULL);
}

static bool filter(void)
{
	struct sg_filter *f = sg_filter_new(SG_PROFILE_LOCKDOWN, NULL);
	return f && sg_filter_load(f, NULL);
}

static bool landlock(void)
{
	return sg_landlock_apply(NULL);
}

static bool user_ns(void)
{
	return enter(SG_LAYER_USER_NS);
}
static bool pid_ns(void)
{
	return enter(SG_LAYER_USER_NS | SG_LAYER_PID_NS);
}
static bool net_ns(void)
{
	return enter(SG_LAYER_USER_NS | SG_LAYER_NET_NS);
}
static bool ipc_ns(void)
{
	return enter(SG_LAYER_USER_NS | SG_LAYER_IPC_NS);
}
static bool oom_score(void)
{
	return enter(SG_LAYER_OOM_SCORE);
}
static bool mount_ns(void)
{
	return enter(SG_LAYER_USER_NS | SG_LAYER_PID_NS | SG_LAYER_MOUNT_NS);
}

/* What the layer cannot be without is there in both trials. */
static const struct row {
	uint32_t layer;
	bool (*first)(void), (*apply)(void), (*act)(void);
	bool as_root_only; /* the test's own preparations need root */
	int abi;           /* of Landlock, at least */
} rows[] = {
	{SG_LAYER_NONDUMPABLE, NULL, hidden, can_read_parent, false, 0},
	{SG_LAYER_RLIMITS, NULL, rlimits, can_map_much, false, 0},
	{SG_LAYER_RLIMITS, NULL, rlimits, can_write_large_file, false, 0},
	{SG_LAYER_RLIMITS, NULL, rlimits, can_dump_core, false, 0},
	{SG_LAYER_RLIMITS, NULL, rlimits, can_lock_memory, false, 0},
	{SG_LAYER_NO_NEW_PRIVS, NULL, privs, can_become_root, true, 0},
	{SG_LAYER_SECCOMP, privs, filter, can_make_socket, false, 0},
	{SG_LAYER_SECCOMP, privs, filter, can_open, false, 0},
	{SG_LAYER_SECCOMP, privs, filter, can_fork, false, 0},
	{SG_LAYER_SECCOMP, privs, filter, can_signal_sibling, false, 0},
	{SG_LAYER_SECCOMP, privs, filter, can_enter_namespaces, false, 0},
	{SG_LAYER_USER_NS, NULL, user_ns, can_become_root, true, 0},
	{SG_LAYER_PID_NS, user_ns, pid_ns, can_name_outside, false, 0},
	{SG_LAYER_NET_NS, user_ns, net_ns, can_connect, false, 0},
	{SG_LAYER_IPC_NS, user_ns, ipc_ns, can_find_shared_memory, false, 0},
	{SG_LAYER_MOUNT_NS, pid_ns, mount_ns, can_read_files, false, 0},
	{SG_LAYER_MOUNT_NS, pid_ns, mount_ns, can_read_environment, false, 0},
	{SG_LAYER_MOUNT_NS, pid_ns, mount_ns, can_write_files, false, 0},
	{SG_LAYER_LANDLOCK, privs, landlock, can_read_files, false, 0},
	{SG_LAYER_LANDLOCK, privs, landlock, can_write_files, false, 0},
	{SG_LAYER_LANDLOCK, privs, landlock, can_connect, false, 4},
	{SG_LAYER_LANDLOCK, privs, landlock, can_signal_sibling, false, 6},
	{SG_LAYER_NO_FILES, NULL, no_files, can_open, false, 0},
	{SG_LAYER_NO_FILES, NULL, no_files, can_make_socket, false, 0},
	{SG_LAYER_NO_PROCESSES, NULL, no_processes, can_fork, false, 0},
	{SG_LAYER_OOM_SCORE, NULL, oom_score, is_killed_last, false, 0},
};

/* ---------------------------------------------------------------------------------------------- trials */

struct trial {
	const struct row *row;
	bool with;
};

/* A process that has dropped root is not dumpable, and so not yet what the layers start from. */
static bool be_ordinary(void)
{
	return (getuid() != 0 || sg_sys_drop_root(USER, USER, NULL)) && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

/* Another process of the same user, outside of whatever the caller will be confined to; it dies with the caller. */
static bool make_sibling(void)
{
	sibling = fork();
	if (sibling == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return sibling > 0;
}

static int try_one(void *arg)
{
	const struct trial *t = arg;
	bool (*apply)(void) = t->with ? t->row->apply : t->row->first;
	if (!be_ordinary() || (t->row->act == can_signal_sibling && !make_sibling()))
		return NO_TEST;
	/* seccomp and Landlock stand on no_new_privs; a namespace's row names the one below it instead */
	if (t->with && t->row->layer & (SG_LAYER_SECCOMP | SG_LAYER_LANDLOCK) && !t->row->first())
		return NO_LAYER;
	if (apply && !apply())
		return NO_LAYER;
	return t->row->act() ? POSSIBLE : REFUSED;
}

static bool copy_with_setuid(void)
{
	struct stat sb;
	snprintf(setuid_copy, sizeof(setuid_copy), "/var/tmp/layers.%ld", (long)getpid());
	SG_FD from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	SG_FD to = open(setuid_copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (from < 0 || to < 0 || fstat(from, &sb) < 0)
		return false;
	for (off_t left = sb.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);
		if (n <= 0)
			return false;
		left -= n;
	}
	return fchmod(to, 04755) == 0;
}

static void prepare(void)
{
	socklen_t n = sizeof(address);
	address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(listening, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(listening, 8) == 0);
	ck_assert(getsockname(listening, (struct sockaddr *)&address, &n) == 0);
	shm = shmget(SHM_KEY, 4096, IPC_CREAT | 0666);
	ck_assert_int_ge(shm, 0);
	outside = getpid();
	if (getuid() == 0)
		ck_assert(copy_with_setuid());
}

static void tidy(void)
{
	close(listening);
	shmctl(shm, IPC_RMID, NULL);
	if (setuid_copy[0])
		unlink(setuid_copy);
}

static int survey(void *arg)
{
	struct sg_layer_finding found[SG_N_FINDINGS];
	struct sg_limits limits = {(uint64_t)1 << 30, 1 << 20, 64, 60};
	uint32_t *held = arg;
	if (!be_ordinary())
		return 1;
	size_t n = sg_sandbox_survey(&limits, found);
	for (size_t i = 0; i < n; i++)
		*held |= found[i].holds ? found[i].layer : 0;
	return 0;
}

static bool can_be_tried(const struct row *r)
{
	struct sg_facts facts;
	sg_sandbox_facts(&facts);
	return (getuid() == 0 || !r->as_root_only) && facts.landlock >= r->abi;
}

START_TEST(each_layer_refuses_what_is_possible_without_it)
{
	uint32_t *held = mmap(NULL, sizeof(*held), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	prepare();
	ck_assert_int_eq(sg_sys_try(survey, held), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct trial off = {&rows[i], false}, on = {&rows[i], true};
		if (!can_be_tried(&rows[i]))
			continue;
		int without = sg_sys_try(try_one, &off), with = sg_sys_try(try_one, &on);
		if (!(*held & rows[i].layer)) { /* this machine refuses it: then applying it fails, and says so */
			ck_assert_msg(with == NO_LAYER, "row %zu, layer %#x: not refused, but %d", i, rows[i].layer,
				      with);
			continue;
		}
		ck_assert_msg(without == POSSIBLE, "row %zu, layer %#x off: %d", i, rows[i].layer, without);
		ck_assert_msg(with == REFUSED, "row %zu, layer %#x on: %d", i, rows[i].layer, with);
	}
	tidy();
	munmap(held, sizeof(*held));
}
END_TEST

/* The environment is taken away by starting again: what a process is started with stays in its image. */
static int start_again(void *arg)
{
	char name[] = "x", option[] = "--environment";
	char *argv[] = {name, option, NULL};
	if (!be_ordinary() || setenv("AWS_SECRET_ACCESS_KEY", "planted", 1) < 0)
		return NO_TEST;
	if (*(const bool *)arg)
		sg_sandbox_reexec(argv, NULL);
	else
		execv("/proc/self/exe", argv);
	return NO_LAYER;
}

START_TEST(the_environment_is_in_the_image_until_the_program_starts_again_without_it)
{
	bool off = false, on = true;
	ck_assert(clearenv() == 0);
	ck_assert_msg(can_read_environment(), "taking it out of `environ` alone leaves it in the image");
	ck_assert_int_eq(sg_sys_try(start_again, &off), POSSIBLE);
	ck_assert_int_eq(sg_sys_try(start_again, &on), REFUSED);
}
END_TEST

UNIT_MAIN("layers", each_layer_refuses_what_is_possible_without_it,
	  the_environment_is_in_the_image_until_the_program_starts_again_without_it)
