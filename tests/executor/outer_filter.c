/*
 * Runs a program as public reports describe Lambda: an unprivileged user under a seccomp filter of somebody else's,
 * which refuses prctl, seccomp, namespaces, mounts, ptrace and Landlock.
 *
 *   outer_filter [-p | -l] UID PROGRAM [ARGUMENT...]
 *
 * Root loads the filter without no_new_privs (SCMP_FLTATR_CTL_NNP 0), so that the program below does not inherit
 * what it could not have set, and then becomes the user.  -p lets prctl, seccomp and Landlock through, but no namespace: a
 * container's usual filter; -l the same without Landlock, as on a kernel before 5.13.  The user should have nothing else on the machine: what is below sweeps by owner.
 */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "outer_filter: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void refuse(scmp_filter_ctx ctx, const char *name, int error)
{
	int call = seccomp_syscall_resolve_name(name);
	if (call == __NR_SCMP_ERROR)
		return; /* newer than this libseccomp: then the kernel's number is not refused either */
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(error), call, 0);
	if (rc < 0) {
		errno = -rc;
		die(name);
	}
}

static void load(int privileges_too, int landlock_too)
{
	static const char *const namespaces[] = {"unshare", "setns", "mount", "chroot", "pivot_root", "ptrace"};
	static const char *const privileges[] = {"prctl", "seccomp"};
	static const char *const landlock[] = {"landlock_create_ruleset", "landlock_add_rule",
					       "landlock_restrict_self"};
	static const int new_flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
					CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx || seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0) < 0)
		die("cannot make a filter");
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++)
		refuse(ctx, namespaces[i], EPERM);
	for (size_t i = 0; privileges_too && i < sizeof(privileges) / sizeof(*privileges); i++)
		refuse(ctx, privileges[i], EPERM);
	for (size_t i = 0; landlock_too && i < sizeof(landlock) / sizeof(*landlock); i++)
		refuse(ctx, landlock[i], privileges_too ? EPERM : ENOSYS);
	refuse(ctx, "clone3", ENOSYS);
	for (size_t i = 0; i < sizeof(new_flags) / sizeof(*new_flags); i++) {
		scmp_datum_t flag = (scmp_datum_t)new_flags[i];
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				     SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)) < 0)
			die("clone");
	}
	if (seccomp_load(ctx) < 0)
		die("cannot load the filter");
	seccomp_release(ctx);
}

int main(int argc, char **argv)
{
	int older = argc > 1 && !strcmp(argv[1], "-l"), usual = older || (argc > 1 && !strcmp(argv[1], "-p"));
	argv += usual;
	argc -= usual;
	if (argc < 3 || getuid() != 0) {
		fprintf(stderr, "usage, as root: outer_filter [-p | -l] UID PROGRAM [ARGUMENT...]\n");
		return 99;
	}
	uid_t uid = (uid_t)strtoul(argv[1], NULL, 10);
	load(!usual, !usual || older);
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		die("cannot become the user");
	execv(argv[2], argv + 2);
	die(argv[2]);
}
