/*
 * Stands in for sandbox/ when tests/bench/bare is linked: the same supervisor, zygote, fork and host text, and no layer at all.
 * It is no part of any program that is installed: what confines a script cannot be switched off, only left out here.
 */
#include "sandbox/sandbox.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *sg_sandbox_profile_name(enum sg_profile profile)
{
	(void)profile;
	return "none";
}

const char *sg_sandbox_layer_name(size_t i, uint32_t *bit)
{
	(void)i, (void)bit;
	return NULL;
}

bool sg_sandbox_hide(struct sg_status *st)
{
	(void)st;
	return true;
}

bool sg_sandbox_reexec(char *const argv[], struct sg_status *st)
{
	char *const empty[] = {NULL};
	execve("/proc/self/exe", argv, empty);
	return sg_fail(st, 0, "cannot start again");
}

bool sg_sandbox_plan(struct sg_sandbox *s, const struct sg_limits *limits, enum sg_profile floor, struct sg_status *st)
{
	(void)floor, (void)st;
	*s = (struct sg_sandbox){.profile = SG_PROFILE_FULL, .layers = SG_LAYER_SECCOMP, .limits = *limits};
	return true;
}

void sg_sandbox_free(struct sg_sandbox *s)
{
	(void)s;
}

bool sg_sandbox_enter(const struct sg_sandbox *s, const struct sg_view *view, int *statm, struct sg_status *st)
{
	(void)s, (void)view, (void)st;
	*statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	return *statm >= 0;
}

bool sg_sandbox_renew(const struct sg_sandbox *s, struct sg_status *st)
{
	(void)s, (void)st;
	return true;
}

/* The descriptors are closed here too: a child that keeps the ends of its own pipes would never be at their end. */
bool sg_sandbox_stage1(const struct sg_sandbox *s, uint64_t address_space, int first_fd, struct sg_status *st)
{
	(void)s, (void)address_space;
	return sg_sys_close_from(first_fd, st);
}

bool sg_sandbox_stage2(const struct sg_sandbox *s, struct sg_status *st)
{
	(void)s, (void)st;
	return true;
}

size_t sg_sandbox_survey(const struct sg_limits *limits, struct sg_layer_finding out[SG_N_FINDINGS])
{
	(void)limits, (void)out;
	return 0;
}

void sg_sandbox_facts(struct sg_facts *out)
{
	memset(out, 0, sizeof(*out));
}
