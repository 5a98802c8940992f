/*
 * sandbox/: the seccomp program itself, for x86_64 and arm64, run over every row of the table by an interpreter of classic BPF
 * (Linux, Documentation/networking/filter.rst): no kernel and no machine of that kind is needed.
 */
#include "sandbox/sandbox_priv.h"
#include "unit.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

enum { REFUSED = SECCOMP_RET_ERRNO | EPERM, NOT_THERE = SECCOMP_RET_ERRNO | ENOSYS };

static const struct machine {
	const char *name;
	uint32_t audit;
} machines[] = {{"x86_64", AUDIT_ARCH_X86_64}, {"arm64", AUDIT_ARCH_AARCH64}};

static bool jumps(const struct sock_filter *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return a == i->k;
	case BPF_JGT:
		return a > i->k;
	case BPF_JGE:
		return a >= i->k;
	case BPF_JSET:
		return a & i->k;
	default:
		ck_abort_msg("a jump that the interpreter does not know: %#x", i->code);
		return false;
	}
}

/* What the program returns for this call; only the instructions that libseccomp makes. */
static uint32_t verdict(const struct sg_filter *f, const struct seccomp_data *d)
{
	uint32_t a = 0;
	for (unsigned pc = 0; pc < f->prog.len; pc++) {
		const struct sock_filter *i = &f->insns[pc];
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			ck_assert_uint_eq(i->code, BPF_LD | BPF_W | BPF_ABS);
			ck_assert_uint_le(i->k, sizeof(*d) - 4);
			memcpy(&a, (const char *)d + i->k, 4);
			break;
		case BPF_ALU:
			ck_assert_uint_eq(i->code, BPF_ALU | BPF_AND | BPF_K);
			a &= i->k;
			break;
		case BPF_JMP:
			pc += BPF_OP(i->code) == BPF_JA ? i->k : jumps(i, a) ? i->jt : i->jf;
			break;
		case BPF_RET:
			return i->k;
		default:
			ck_abort_msg("an instruction that the interpreter does not know: %#x", i->code);
		}
	}
	ck_abort_msg("the program runs over its end");
	return 0;
}

/* A call that keeps to the row's condition; where there is none, arguments that no condition of another row holds for. */
static struct seccomp_data call_of(const struct machine *m, const struct sg_call_rule *r, int number)
{
	struct seccomp_data d = {.nr = number, .arch = m->audit};
	memset(d.args, 0xa5, sizeof(d.args));
	if (r->arg == SG_ARG_EQ)
		d.args[r->index] = r->value;
	else if (r->arg == SG_ARG_MASKED)
		d.args[r->index] = (d.args[r->index] & ~r->mask) | r->value;
	else if (r->arg == SG_ARG_SELF)
		d.args[r->index] = SG_SELF_PLACEHOLDER;
	return d;
}

static uint32_t wanted(const struct sg_call_rule *r, enum sg_profile profile)
{
	switch (r->use) {
	case SG_CALL_BOTH:
		return SECCOMP_RET_ALLOW;
	case SG_CALL_FILES:
		return profile == SG_PROFILE_FULL ? SECCOMP_RET_ALLOW : REFUSED;
	case SG_CALL_KILL:
		return SECCOMP_RET_KILL_PROCESS;
	case SG_CALL_NOSYS:
		return NOT_THERE;
	case SG_CALL_REFUSE:
		break;
	}
	return REFUSED;
}

/* Another row of the same call may allow what this one does not. */
static bool has_other_row(const struct sg_call_rule *r)
{
	for (size_t i = 0; i < sg_n_call_rules; i++)
		if (&sg_call_rules[i] != r && !strcmp(sg_call_rules[i].call, r->call))
			return true;
	return false;
}

static struct sg_filter *program(const struct machine *m, enum sg_profile profile)
{
	struct sg_status st = {0};
	seccomp_api_set(3); /* what a kernel can do is not asked here: none will load it */
	struct sg_filter *f = sg_filter_new_for(profile, m->audit, &st);
	ck_assert_msg(f, "%s: %s", m->name, st.text);
	return f;
}

static size_t every_row(const struct machine *m, enum sg_profile profile)
{
	struct sg_filter *f = program(m, profile);
	size_t tried = 0;
	for (size_t i = 0; i < sg_n_call_rules; i++) {
		const struct sg_call_rule *r = &sg_call_rules[i];
		int number = seccomp_syscall_resolve_name_arch(m->audit, r->call);
		if (number < 0) /* this machine has no such call */
			continue;
		tried++;
		struct seccomp_data d = call_of(m, r, number);
		uint32_t got = verdict(f, &d), want = wanted(r, profile);
		if (got != want && !(r->use == SG_CALL_FILES && has_other_row(r)))
			ck_abort_msg("%s, %s, row %zu, %s (%d): %#x, not %#x", m->name,
				     sg_sandbox_profile_name(profile), i, r->call, number, got, want);
		if (r->arg == SG_ARG_NONE || (r->arg == SG_ARG_MASKED && has_other_row(r)))
			continue;
		d.args[r->index] = r->arg == SG_ARG_MASKED ? ~r->value : 0x5a5a5a5a; /* the condition broken */
		ck_assert_msg(verdict(f, &d) == REFUSED, "%s: %s with other arguments", m->name, r->call);
	}
	sg_filter_free(f);
	return tried;
}

START_TEST(every_row_means_what_it_says_on_every_machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		ck_assert_uint_gt(every_row(&machines[i], SG_PROFILE_FULL), 190);
		ck_assert_uint_gt(every_row(&machines[i], SG_PROFILE_LOCKDOWN), 190);
	}
}
END_TEST

/* What no row names, by every number that there might be; what another table would read differently. */
START_TEST(no_number_is_allowed_that_no_row_names)
{
	for (size_t k = 0; k < sizeof(machines) / sizeof(*machines); k++) {
		const struct machine *m = &machines[k];
		struct sg_filter *f = program(m, SG_PROFILE_FULL);
		for (int n = 0; n < 2048; n++) {
			struct seccomp_data d = {.nr = n, .arch = m->audit};
			char *name = seccomp_syscall_resolve_num_arch(m->audit, n);
			bool named = false;
			for (size_t i = 0; name && i < sg_n_call_rules; i++)
				named |= !strcmp(sg_call_rules[i].call, name);
			ck_assert_msg(named || verdict(f, &d) == REFUSED, "%s: call %d (%s): %#x", m->name, n,
				      name ? name : "?", verdict(f, &d));
			free(name);
		}
		sg_filter_free(f);
	}
}
END_TEST

START_TEST(another_machines_table_kills)
{
	static const uint32_t others[] = {AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_AARCH64, AUDIT_ARCH_X86_64, 0};
	for (size_t k = 0; k < sizeof(machines) / sizeof(*machines); k++) {
		struct sg_filter *f = program(&machines[k], SG_PROFILE_FULL);
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
			struct seccomp_data d = {.nr = 0, .arch = others[i]};
			if (others[i] != machines[k].audit)
				ck_assert_uint_eq(verdict(f, &d), SECCOMP_RET_KILL_PROCESS);
		}
		struct seccomp_data x32 = {.nr = 0x40000000 | 41, .arch = AUDIT_ARCH_X86_64};
		if (machines[k].audit == AUDIT_ARCH_X86_64)
			ck_assert_uint_eq(verdict(f, &x32), SECCOMP_RET_KILL_PROCESS);
		sg_filter_free(f);
	}
}
END_TEST

UNIT_MAIN("filter", every_row_means_what_it_says_on_every_machine, no_number_is_allowed_that_no_row_names,
	  another_machines_table_kills)
