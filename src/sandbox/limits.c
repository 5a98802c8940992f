/*
 * Resource limits of one child.  Knows numbers, not reasons of scripts.
 */
#include "sandbox/sandbox_priv.h"

#include <errno.h>
#include <sys/resource.h>

static bool set(int what, const char *name, uint64_t value, struct sg_status *st)
{
	struct rlimit now, limit = {value, value};
	if (getrlimit((__rlimit_resource_t)what, &now) < 0)
		return sg_fail(st, errno, "cannot read %s", name);
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
		limit.rlim_cur = limit.rlim_max = now.rlim_max; /* never raised: the machine's own limit is lower */
	return setrlimit((__rlimit_resource_t)what, &limit) == 0 || sg_fail(st, errno, "cannot set %s", name);
}

bool sg_limits_apply(const struct sg_sandbox *s, uint64_t address_space, struct sg_status *st)
{
	const struct sg_limits *l = &s->limits;
	const struct {
		int what;
		const char *name;
		uint64_t value;
	} table[] = {
		{RLIMIT_AS, "RLIMIT_AS", address_space + l->memory},
		{RLIMIT_CPU, "RLIMIT_CPU", l->cpu_s},
		{RLIMIT_FSIZE, "RLIMIT_FSIZE", l->file_size},
		{RLIMIT_CORE, "RLIMIT_CORE", 0}, /* a core file would be a copy of the data */
		{RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK", 0},
		{RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE", 0},
		{RLIMIT_NICE, "RLIMIT_NICE", 0},
		{RLIMIT_RTPRIO, "RLIMIT_RTPRIO", 0},
		{RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING", 64},
		{RLIMIT_NOFILE, "RLIMIT_NOFILE", 64}, /* stage 2 of lockdown makes it 0 */
		{RLIMIT_NPROC, "RLIMIT_NPROC", s->profile == SG_PROFILE_FULL ? l->threads : 0},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!set(table[i].what, table[i].name, table[i].value, st))
			return false;
	return true;
}

bool sg_limits_close(struct sg_status *st)
{
	return set(RLIMIT_NOFILE, "RLIMIT_NOFILE", 0, st);
}
