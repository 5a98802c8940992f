/*
 * Which layers hold here: each is rehearsed, in a throw-away process, with the very code that will apply it.
 */
#include "sandbox/sandbox_priv.h"
#include "sys/sys.h"

#include <string.h>
#include <unistd.h>

static const struct {
	uint32_t bit;
	const char *name;
} layer_names[] = {
	{SG_LAYER_ENVIRONMENT, "environment"},
	{SG_LAYER_NONDUMPABLE, "nondumpable"},
	{SG_LAYER_RLIMITS, "rlimits"},
	{SG_LAYER_NO_NEW_PRIVS, "no_new_privs"},
	{SG_LAYER_SECCOMP, "seccomp"},
	{SG_LAYER_USER_NS, "user_ns"},
	{SG_LAYER_PID_NS, "pid_ns"},
	{SG_LAYER_NET_NS, "net_ns"},
	{SG_LAYER_IPC_NS, "ipc_ns"},
	{SG_LAYER_MOUNT_NS, "mount_ns"},
	{SG_LAYER_LANDLOCK, "landlock"},
	{SG_LAYER_NO_FILES, "no_files"},
	{SG_LAYER_NO_PROCESSES, "no_processes"},
	{SG_LAYER_OOM_SCORE, "oom_score"},
};

const char *sg_sandbox_layer_name(size_t i, uint32_t *bit)
{
	if (i >= sizeof(layer_names) / sizeof(*layer_names))
		return NULL;
	*bit = layer_names[i].bit;
	return layer_names[i].name;
}

const char *sg_sandbox_profile_name(enum sg_profile profile)
{
	return profile == SG_PROFILE_FULL ? "full" : "lockdown";
}

static int rehearse(void *arg)
{
	const struct sg_sandbox *s = arg;
	int statm = -1;
	if ((s->layers & (SG_LAYERS_NAMESPACES | SG_LAYER_LANDLOCK | SG_LAYER_OOM_SCORE)) &&
	    !sg_sandbox_enter(s, NULL, &statm, NULL))
		return 1;
	return !sg_sandbox_stage1(s, (uint64_t)4 << 30, 3, NULL) || !sg_sandbox_stage2(s, NULL);
}

static int rehearse_enter(void *arg)
{
	return !sg_sandbox_enter(arg, NULL, NULL, NULL);
}

/* True when the layers hold together; the filter is made for the profile where the layers name seccomp. */
static bool works(struct sg_sandbox *s, enum sg_profile profile, uint32_t layers, int (*fn)(void *))
{
	struct sg_sandbox trial = {.profile = profile, .layers = layers, .limits = s->limits};
	if (layers & SG_LAYER_SECCOMP)
		trial.filter = sg_filter_new(profile, NULL);
	bool ok = (!(layers & SG_LAYER_SECCOMP) || trial.filter) && sg_sys_try(fn, &trial) == 0;
	sg_filter_free(trial.filter);
	return ok;
}

/* Always there, or the program has refused before: what sg_sandbox_reexec and sg_sandbox_hide did. */
#define BASE (SG_LAYER_ENVIRONMENT | SG_LAYER_NONDUMPABLE | SG_LAYER_RLIMITS | SG_LAYER_NO_PROCESSES)
#define PRIVS (SG_LAYER_NO_NEW_PRIVS | SG_LAYER_SECCOMP)

/* The best that lockdown can have: each extra is kept when it works together with those before. */
static bool plan_lockdown(struct sg_sandbox *s, struct sg_status *st)
{
	static const uint32_t extras[] = {SG_LAYER_NO_NEW_PRIVS, SG_LAYER_SECCOMP, SG_LAYER_LANDLOCK,
					  SG_LAYER_OOM_SCORE};
	static const uint32_t namespaces[] = {SG_LAYERS_NAMESPACES,
					      SG_LAYER_USER_NS | SG_LAYER_NET_NS | SG_LAYER_IPC_NS,
					      SG_LAYER_USER_NS | SG_LAYER_NET_NS};
	uint32_t layers = BASE | SG_LAYER_NO_FILES;
	if (!works(s, SG_PROFILE_LOCKDOWN, layers, rehearse))
		return sg_fail(st, 0,
			       "the kernel does not hold a process to RLIMIT_NOFILE 0 and RLIMIT_NPROC 0 here: "
			       "no profile can be kept");
	for (size_t i = 0; i < sizeof(extras) / sizeof(*extras); i++)
		if (works(s, SG_PROFILE_LOCKDOWN, layers | extras[i], rehearse))
			layers |= extras[i];
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++) {
		if (works(s, SG_PROFILE_LOCKDOWN, layers | namespaces[i], rehearse)) {
			layers |= namespaces[i];
			break;
		}
	}
	s->profile = SG_PROFILE_LOCKDOWN;
	s->layers = layers;
	return true;
}

/* Full: the filter, and files by a view of their own or by Landlock, by both where both are there.  RLIMIT_NPROC counts every
 * process of the user; in its own user namespace only those of the run.  The first that works is taken, so that a machine
 * which allows all of them is asked once. */
static bool plan_full(struct sg_sandbox *s)
{
	const uint32_t base = BASE | PRIVS, view = base | SG_LAYERS_NAMESPACES, oom = SG_LAYER_OOM_SCORE;
	const uint32_t rules = s->limits.shared_tmp ? base | SG_LAYER_LANDLOCK : 0;
	const uint32_t choices[] = {view | SG_LAYER_LANDLOCK | oom,
				    view | SG_LAYER_LANDLOCK,
				    view | oom,
				    view,
				    rules ? rules | oom : 0,
				    rules};
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (!choices[i] || !works(s, SG_PROFILE_FULL, choices[i], rehearse))
			continue;
		s->profile = SG_PROFILE_FULL;
		s->layers = choices[i];
		return true;
	}
	return false;
}

bool sg_sandbox_plan(struct sg_sandbox *s, const struct sg_limits *limits, enum sg_profile floor, struct sg_status *st)
{
	*s = (struct sg_sandbox){.limits = *limits};
	if (getuid() == 0 || geteuid() == 0)
		return sg_fail(st, 0, "refusing to run scripts as root");
	if (plan_full(s)) {
		;
	} else if (floor == SG_PROFILE_FULL) {
		bool ns = works(s, SG_PROFILE_FULL, SG_LAYERS_NAMESPACES, rehearse_enter);
		return sg_fail(st, 0, "the full profile cannot be kept here (%s refused), and the floor is full",
			       ns ? "no_new_privs or seccomp is" : "namespaces are");
	} else if (!plan_lockdown(s, st)) {
		return false;
	}
	if (s->layers & SG_LAYER_SECCOMP)
		s->filter = sg_filter_new(s->profile, st);
	return !(s->layers & SG_LAYER_SECCOMP) || s->filter;
}

void sg_sandbox_free(struct sg_sandbox *s)
{
	sg_filter_free(s->filter);
	s->filter = NULL;
}
