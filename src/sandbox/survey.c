/*
 * What this machine allows, layer by layer: each is tried with only what it needs, in a throw-away process, by the very
 * code that applies it.  Decides nothing: plan.c does.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define USER SG_LAYER_USER_NS

/* How a layer is tried: what has to be there with it, and what it is for. */
static const struct {
	uint32_t layer, with;
	bool enter; /* it is entered once, by the zygote; else a child's two stages apply it */
	const char *purpose;
} trials[] = {
	{SG_LAYER_ENVIRONMENT, 0, false, "no process of the executor holds the function's credentials"},
	{SG_LAYER_NONDUMPABLE, 0, false, "a script cannot read the memory of the executor"},
	{SG_LAYER_RLIMITS, 0, false, "memory, processor time and file sizes are limited"},
	{SG_LAYER_NO_NEW_PRIVS, 0, false, "no program can gain rights; seccomp needs it"},
	{SG_LAYER_SECCOMP, SG_LAYER_NO_NEW_PRIVS | SG_LAYER_NO_FILES, false,
	 "only the listed system calls can be made"},
	{SG_LAYER_USER_NS, 0, true, "the other namespaces need it"},
	{SG_LAYER_PID_NS, USER, true, "a script sees no process but its own, and none of its outlives it"},
	{SG_LAYER_NET_NS, USER, true, "there is no network, not even loopback"},
	{SG_LAYER_IPC_NS, USER, true, "queues and shared memory end with the run"},
	{SG_LAYER_MOUNT_NS, USER | SG_LAYER_PID_NS, true, "a view of the files without /proc, and a /tmp of its own"},
	{SG_LAYER_LANDLOCK, SG_LAYER_NO_NEW_PRIVS, false,
	 "files are allowed by where they lie; no signal leaves the run"},
	{SG_LAYER_NO_FILES, 0, false, "nothing can be opened (lockdown)"},
	{SG_LAYER_NO_PROCESSES, 0, false, "no process can be started"},
	{SG_LAYER_OOM_SCORE, 0, true, "short of memory, the kernel kills a script before the executor"},
};

struct trial {
	struct sg_sandbox s;
	bool enter;
	struct sg_status *st; /* shared with the parent */
};

static int attempt(void *arg)
{
	struct trial *t = arg;
	int statm = -1;
	if (t->enter)
		return !sg_sandbox_enter(&t->s, NULL, &statm, t->st);
	return !sg_sandbox_stage1(&t->s, (uint64_t)4 << 30, 3, t->st) || !sg_sandbox_stage2(&t->s, t->st);
}

static bool by_trial(size_t i, const struct sg_limits *limits, struct sg_status *shared)
{
	struct trial t = {
		.s = {.profile = SG_PROFILE_LOCKDOWN, .limits = *limits}, .enter = trials[i].enter, .st = shared};
	t.s.layers = trials[i].layer | trials[i].with;
	if (t.s.layers & SG_LAYER_SECCOMP)
		t.s.filter = sg_filter_new(SG_PROFILE_LOCKDOWN, shared);
	bool ok = (!(t.s.layers & SG_LAYER_SECCOMP) || t.s.filter) && sg_sys_try(attempt, &t) == 0;
	sg_filter_free(t.s.filter);
	return ok;
}

static bool tried(size_t i, const struct sg_limits *limits, struct sg_status *shared)
{
	if (trials[i].layer == SG_LAYER_ENVIRONMENT)
		return !environ[0] || sg_fail(shared, 0, "the process has an environment");
	if (trials[i].layer == SG_LAYER_NONDUMPABLE)
		return sg_sandbox_hide(shared);
	return by_trial(i, limits, shared);
}

static const char *name_of(uint32_t layer)
{
	uint32_t bit;
	const char *name;
	for (size_t i = 0; (name = sg_sandbox_layer_name(i, &bit)); i++)
		if (bit == layer)
			return name;
	return "";
}

size_t sg_sandbox_survey(const struct sg_limits *limits, struct sg_layer_finding out[SG_N_FINDINGS])
{
	_Static_assert(sizeof(trials) / sizeof(*trials) == SG_N_FINDINGS, "each layer is tried");
	struct sg_status *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 0;
	for (size_t i = 0; i < SG_N_FINDINGS; i++) {
		memset(shared, 0, sizeof(*shared));
		bool holds = tried(i, limits, shared);
		out[i] = (struct sg_layer_finding){trials[i].layer, name_of(trials[i].layer), trials[i].purpose, holds,
						   ""};
		shared->text[sizeof(shared->text) - 1] = 0;
		if (!holds)
			snprintf(out[i].why, sizeof(out[i].why), "%.*s", (int)sizeof(out[i].why) - 1,
				 shared->text[0] ? shared->text : "the process that tried it was killed");
	}
	munmap(shared, sizeof(*shared));
	return SG_N_FINDINGS;
}

/* One number of /proc/self/status, -1 where it is not there. */
static int status_number(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	int number;
	return at && sscanf(at + strlen(name), ":%d", &number) == 1 ? number : -1;
}

void sg_sandbox_facts(struct sg_facts *out)
{
	struct utsname u;
	char text[4096] = "";
	memset(out, 0, sizeof(*out));
	if (uname(&u) == 0) {
		snprintf(out->kernel, sizeof(out->kernel), "%.60s", u.release);
		snprintf(out->machine, sizeof(out->machine), "%.20s", u.machine);
	}
	sg_sys_read_text("/proc/self/status", text, sizeof(text));
	out->uid = getuid();
	out->no_new_privs = status_number(text, "\nNoNewPrivs");
	out->seccomp = status_number(text, "\nSeccomp");
	out->seccomp_filters = status_number(text, "\nSeccomp_filters");
	long abi = syscall(444 /* landlock_create_ruleset */, NULL, 0, 1 /* the version */);
	out->landlock = abi > 0 ? (int)abi : 0;
}

/* ---------------------------------------------------------------------------------------------- the calls, as a table */

bool sg_sandbox_call(size_t i, enum sg_profile profile, struct sg_call_view *out)
{
	if (i >= sg_n_call_rules)
		return false;
	const struct sg_call_rule *r = &sg_call_rules[i];
	static const char *const actions[] = {"allow", "allow", "kill", "refuse", "ENOSYS"};
	bool elsewhere = r->use == SG_CALL_FILES && profile != SG_PROFILE_FULL;
	*out = (struct sg_call_view){.call = r->call, .why = r->why, .action = elsewhere ? "refuse" : actions[r->use]};
	switch (r->arg) {
	case SG_ARG_NONE:
		break;
	case SG_ARG_SELF:
		snprintf(out->condition, sizeof(out->condition), "argument %u is the process's own id", r->index + 1);
		break;
	case SG_ARG_EQ:
		snprintf(out->condition, sizeof(out->condition), "argument %u is 0x%llx", r->index + 1,
			 (unsigned long long)r->value);
		break;
	case SG_ARG_MASKED:
		snprintf(out->condition, sizeof(out->condition), "argument %u & 0x%llx is 0x%llx", r->index + 1,
			 (unsigned long long)r->mask, (unsigned long long)r->value);
		break;
	}
	return true;
}
