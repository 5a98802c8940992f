/*
 * Makes a seccomp program of the rules, once, at start-up, so that a child only loads it.  A filter compares a process
 * id with a constant, and a child's id is known only after the fork: the prepared program has a placeholder there.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What happens to a call of this row, or 0 where the row adds nothing to the default. */
static uint32_t action_of(const struct sg_call_rule *r, enum sg_profile profile)
{
	switch (r->use) {
	case SG_CALL_BOTH:
		return SCMP_ACT_ALLOW;
	case SG_CALL_FILES:
		return profile == SG_PROFILE_FULL ? SCMP_ACT_ALLOW : 0;
	case SG_CALL_KILL:
		return SCMP_ACT_KILL_PROCESS;
	case SG_CALL_NOSYS:
		return SCMP_ACT_ERRNO(ENOSYS);
	case SG_CALL_REFUSE:
		break;
	}
	return 0;
}

static int add_rule(scmp_filter_ctx ctx, const struct sg_call_rule *r, uint32_t action, int call)
{
	switch (r->arg) {
	case SG_ARG_EQ: /* requests of ioctl and fcntl are int: the kernel looks at 32 bits, so does the filter */
		return seccomp_rule_add(
			ctx, action, call, 1,
			SCMP_CMP(r->index, SCMP_CMP_MASKED_EQ, r->value ? 0xffffffff : ~0ULL, r->value));
	case SG_ARG_MASKED:
		return seccomp_rule_add(ctx, action, call, 1,
					SCMP_CMP(r->index, SCMP_CMP_MASKED_EQ, r->mask, r->value));
	case SG_ARG_SELF:
		return seccomp_rule_add(ctx, action, call, 1,
					SCMP_CMP(r->index, SCMP_CMP_MASKED_EQ, 0xffffffff, SG_SELF_PLACEHOLDER));
	case SG_ARG_NONE:
		break;
	}
	return seccomp_rule_add(ctx, action, call, 0);
}

static bool add_rules(scmp_filter_ctx ctx, enum sg_profile profile, struct sg_status *st)
{
	for (size_t i = 0; i < sg_n_call_rules; i++) {
		uint32_t action = action_of(&sg_call_rules[i], profile);
		int call = seccomp_syscall_resolve_name(sg_call_rules[i].call);
		if (!action || call == __NR_SCMP_ERROR)
			continue;
		int rc = add_rule(ctx, &sg_call_rules[i], action, call);
		/* a call that this architecture does not have is a negative number here; the default covers it */
		if (rc < 0 && call >= 0)
			return sg_fail(st, -rc, "cannot make the filter's rule for %s", sg_call_rules[i].call);
	}
	return true;
}

/* The program's bytes: libseccomp writes them to a descriptor. */
static bool take_program(scmp_filter_ctx ctx, struct sg_filter *f, struct sg_status *st)
{
	SG_FD fd = memfd_create("filter", MFD_CLOEXEC);
	struct stat sb;
	if (fd < 0 || seccomp_export_bpf(ctx, fd) < 0 || fstat(fd, &sb) < 0)
		return sg_fail(st, errno, "cannot write the filter's program");
	size_t n = (size_t)sb.st_size / sizeof(*f->insns);
	if (n == 0 || n > BPF_MAXINSNS)
		return sg_fail(st, 0, "the filter has %zu instructions, the kernel takes %d", n, BPF_MAXINSNS);
	f->insns = calloc(n, sizeof(*f->insns));
	if (!f->insns || pread(fd, f->insns, n * sizeof(*f->insns), 0) != (ssize_t)(n * sizeof(*f->insns)))
		return sg_fail(st, errno, "cannot read the filter's program");
	f->prog = (struct sock_fprog){(unsigned short)n, f->insns};
	return true;
}

static bool find_self(struct sg_filter *f, struct sg_status *st)
{
	for (unsigned short i = 0; i < f->prog.len; i++) {
		if (BPF_CLASS(f->insns[i].code) != BPF_JMP || f->insns[i].k != SG_SELF_PLACEHOLDER)
			continue;
		if (f->n_self == sizeof(f->self) / sizeof(*f->self))
			return sg_fail(st, 0, "the filter compares the process's id too often");
		f->self[f->n_self++] = i;
	}
	return f->n_self || sg_fail(st, 0, "the filter does not compare the process's id");
}

/* The rules are given by this machine's numbers, which libseccomp turns into the other's by name. */
static bool for_machine(scmp_filter_ctx ctx, uint32_t machine, struct sg_status *st)
{
	if (!machine || machine == seccomp_arch_native())
		return true;
	return (seccomp_arch_add(ctx, machine) == 0 && seccomp_arch_remove(ctx, seccomp_arch_native()) == 0) ||
	       sg_fail(st, 0, "libseccomp does not know this machine");
}

struct sg_filter *sg_filter_new(enum sg_profile profile, struct sg_status *st)
{
	return sg_filter_new_for(profile, 0, st);
}

struct sg_filter *sg_filter_new_for(enum sg_profile profile, uint32_t machine, struct sg_status *st)
{
	struct sg_filter *f = calloc(1, sizeof(*f));
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = f && ctx;
	if (!ok)
		sg_fail(st, ENOMEM, "cannot make the filter");
	/* another architecture's calls (int 0x80, x32) would be read by the wrong table */
	ok = ok && (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 ||
		    sg_fail(st, 0, "the kernel, or a filter that is already there, refuses seccomp"));
	ok = ok && for_machine(ctx, machine, st) && add_rules(ctx, profile, st) && take_program(ctx, f, st) &&
	     find_self(f, st);
	if (ctx)
		seccomp_release(ctx);
	if (ok)
		return f;
	sg_filter_free(f);
	return NULL;
}

void sg_filter_free(struct sg_filter *f)
{
	if (!f)
		return;
	free(f->insns);
	free(f);
}

bool sg_filter_load(struct sg_filter *f, struct sg_status *st)
{
	for (size_t i = 0; i < f->n_self; i++)
		f->insns[f->self[i]].k = (uint32_t)getpid();
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &f->prog) == 0)
		return true;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &f->prog, 0, 0) == 0 ||
	       sg_fail(st, errno, "cannot load the seccomp filter");
}
