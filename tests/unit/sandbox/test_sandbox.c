/*
 * sandbox/: the table of rules is sound as data, a loaded filter does what the table says, limits hold.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

START_TEST(every_rule_has_a_reason_and_one_meaning)
{
	for (size_t i = 0; i < sg_n_call_rules; i++) {
		const struct sg_call_rule *r = &sg_call_rules[i];
		ck_assert_msg(r->why && r->why[0], "%s has no reason", r->call);
		for (size_t k = 0; k < i; k++) {
			if (strcmp(sg_call_rules[k].call, r->call) != 0)
				continue;
			ck_assert_msg(r->arg != SG_ARG_NONE && sg_call_rules[k].arg != SG_ARG_NONE,
				      "%s is there twice without a condition", r->call);
		}
	}
}
END_TEST

/* What lets a script leave must be refused or killed in both profiles, whatever is added to the table later. */
START_TEST(no_way_out_is_allowed)
{
	static const char *const never[] = {
		"socket",
		"socketpair",
		"connect",
		"bind",
		"fork",
		"vfork",
		"execve",
		"execveat",
		"ptrace",
		"mount",
		"unshare",
		"setns",
		"bpf",
		"keyctl",
		"add_key",
		"shmget",
		"msgget",
		"mq_open",
		"io_uring_setup",
		"process_vm_readv",
		"process_vm_writev",
		"pidfd_getfd",
		"open_by_handle_at",
		"userfaultfd",
		"personality",
		"memfd_create",
		"pivot_root",
		"chroot",
		"setsid",
		"tkill",
		"pidfd_send_signal",
	};
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		bool named = false;
		for (size_t k = 0; k < sg_n_call_rules; k++) {
			if (strcmp(sg_call_rules[k].call, never[i]) != 0)
				continue;
			named = true;
			ck_assert_msg(sg_call_rules[k].use == SG_CALL_REFUSE || sg_call_rules[k].use == SG_CALL_KILL,
				      "%s", never[i]);
		}
		ck_assert_msg(named, "%s has no row", never[i]);
	}
}
END_TEST

static int under_filter(enum sg_profile profile, int (*fn)(void))
{
	struct sg_filter *f = sg_filter_new(profile, NULL);
	if (!f || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !sg_filter_load(f, NULL))
		return 100;
	return fn();
}

static int probe_full(void)
{
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 1;
	if (syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS)
		return 2;
	if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0)
		return 3;
	if (kill(getppid(), 0) == 0 || kill(-1, 0) == 0 || kill(0, 0) == 0)
		return 4;
	if (kill(getpid(), 0) < 0)
		return 5;
	if (open("/dev/null", O_RDONLY) < 0)
		return 6;
	if (fcntl(1, F_SETOWN, getppid()) == 0 || fcntl(1, 1031 /* F_SETPIPE_SZ */, 4096) >= 0)
		return 7;
	if (syscall(9999) >= 0 || errno != EPERM)
		return 8;
	return 0;
}

static int probe_lockdown(void)
{
	if (open("/dev/null", O_RDONLY) >= 0 || errno != EPERM)
		return 1;
	if (syscall(SYS_mkdirat, AT_FDCWD, "/tmp/lockdown", 0700) == 0)
		return 2;
	return 0;
}

static int full_filter(void *arg)
{
	(void)arg;
	return under_filter(SG_PROFILE_FULL, probe_full);
}

static int lockdown_filter(void *arg)
{
	(void)arg;
	return under_filter(SG_PROFILE_LOCKDOWN, probe_lockdown);
}

static int call_ptrace(void)
{
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static int hostile(void *arg)
{
	(void)arg;
	return under_filter(SG_PROFILE_FULL, call_ptrace);
}

START_TEST(filters_do_what_the_table_says)
{
	ck_assert_int_eq(sg_sys_try(full_filter, NULL), 0);
	ck_assert_int_eq(sg_sys_try(lockdown_filter, NULL), 0);
	ck_assert_msg(sg_sys_try(hostile, NULL) == -1, "ptrace did not kill");
}
END_TEST

static int plan_as_root(void *arg)
{
	struct sg_sandbox s;
	struct sg_limits l = {64 << 20, 1 << 20, 8, 1};
	(void)arg;
	return getuid() == 0 && sg_sandbox_plan(&s, &l, SG_PROFILE_LOCKDOWN, NULL);
}

START_TEST(root_is_refused)
{
	ck_assert_int_eq(sg_sys_try(plan_as_root, NULL), 0);
}
END_TEST

static int plan_unprivileged(void *arg)
{
	struct sg_sandbox s;
	struct sg_limits l = {64 << 20, 1 << 20, 8, 1};
	(void)arg;
	if (getuid() == 0 && !sg_sys_drop_root(65534, 65534, NULL))
		return 1;
	if (!sg_sandbox_hide(NULL))
		return 2;
	if (!sg_sandbox_plan(&s, &l, SG_PROFILE_LOCKDOWN, NULL))
		return 3;
	bool ok = (s.layers & SG_LAYER_NONDUMPABLE) && (s.layers & SG_LAYER_NO_PROCESSES) &&
		  (s.profile == SG_PROFILE_FULL) == !!(s.layers & SG_LAYER_MOUNT_NS && s.layers & SG_LAYER_SECCOMP);
	sg_sandbox_free(&s);
	return ok ? 0 : 4;
}

START_TEST(a_plan_names_what_it_found)
{
	ck_assert_int_eq(sg_sys_try(plan_unprivileged, NULL), 0);
}
END_TEST

START_TEST(layers_have_names)
{
	uint32_t bit, all = 0;
	size_t n = 0;
	for (; sg_sandbox_layer_name(n, &bit); n++)
		all |= bit;
	ck_assert_uint_eq(n, SG_N_FINDINGS);
	ck_assert_uint_eq(all, (1u << SG_N_FINDINGS) - 1);
}
END_TEST

UNIT_MAIN("sandbox", every_rule_has_a_reason_and_one_meaning, no_way_out_is_allowed, filters_do_what_the_table_says,
	  root_is_refused, a_plan_names_what_it_found, layers_have_names)
