/*
 * sandbox/ - the layers that confine a script.  Each is *probed* (does this kernel allow it?), *applied* in the
 * processes of a run, and *verified* by trying a forbidden act after it.
 *
 * What fails when probed lowers the profile; what fails when applied refuses the run.  Nothing falls back silently.
 * It must not know what a script is, how it is run, or what Lambda is.
 *
 * Three places apply layers, in this order:
 *   the supervisor    non-dumpable                                                        sg_sandbox_hide
 *   the zygote        namespaces and the private view of the files, once                  sg_sandbox_enter
 *                     a fresh /tmp, after each run                                        sg_sandbox_renew
 *   the child         stage 1 before anything of a request is looked at, stage 2 before the script runs
 */
#ifndef SG_SANDBOX_H
#define SG_SANDBOX_H

#include "base/base.h"

#include <sys/types.h>

/* One bit per layer; sg_sandbox_layer_name() has their names.  The order is that of `meta.layers`. */
enum sg_layer {
	SG_LAYER_ENVIRONMENT = 1 << 0, /* the process image holds no environment */
	SG_LAYER_NONDUMPABLE = 1 << 1, /* no process of this user reads the memory of supervisor and zygote */
	SG_LAYER_RLIMITS = 1 << 2,
	SG_LAYER_NO_NEW_PRIVS = 1 << 3,
	SG_LAYER_SECCOMP = 1 << 4,
	SG_LAYER_USER_NS = 1 << 5,
	SG_LAYER_PID_NS = 1 << 6,
	SG_LAYER_NET_NS = 1 << 7,
	SG_LAYER_IPC_NS = 1 << 8,
	SG_LAYER_MOUNT_NS = 1 << 9,      /* a view of the files without /proc, read-only but for a private /tmp */
	SG_LAYER_LANDLOCK = 1 << 12,     /* files by where they lie; libraries to read, /tmp to write, nothing else */
	SG_LAYER_NO_FILES = 1 << 10,     /* RLIMIT_NOFILE 0: nothing can be opened, no socket made */
	SG_LAYER_NO_PROCESSES = 1 << 11, /* RLIMIT_NPROC 0, or a filter that refuses them: no fork, no thread */
	SG_LAYER_OOM_SCORE = 1 << 13     /* short of memory, the kernel kills a script before the supervisor */
};

#define SG_LAYERS_NAMESPACES \
	(SG_LAYER_USER_NS | SG_LAYER_PID_NS | SG_LAYER_NET_NS | SG_LAYER_IPC_NS | SG_LAYER_MOUNT_NS)

enum sg_profile { SG_PROFILE_LOCKDOWN, SG_PROFILE_FULL };

const char *sg_sandbox_profile_name(enum sg_profile profile);
/* The name of the i-th layer, counted from 0, NULL after the last; *bit is its value. */
const char *sg_sandbox_layer_name(size_t i, uint32_t *bit);

/* What a script may use.  Decided at start-up, the same for every run. */
struct sg_limits {
	uint64_t memory;    /* bytes of address space beyond what the zygote has */
	uint64_t file_size; /* bytes of the largest file, and of /tmp */
	uint32_t threads;   /* full profile */
	uint32_t cpu_s;     /* a backstop behind the deadline */
	bool shared_tmp;    /* the machine's /tmp may be a script's, for somebody sweeps it after each run */
};

struct sg_filter; /* a seccomp program, ready to load */

/* How scripts are confined here.  Made before the zygote is forked, read-only afterwards. */
struct sg_sandbox {
	enum sg_profile profile;
	uint32_t layers;
	struct sg_limits limits;
	struct sg_filter *filter; /* NULL without SG_LAYER_SECCOMP */
};

/* Probes every layer in throw-away processes, chooses the best profile that this kernel allows, and prepares it.
 * `floor` is the lowest profile that is acceptable; below it, and as root, it fails. */
bool sg_sandbox_plan(struct sg_sandbox *s, const struct sg_limits *limits, enum sg_profile floor, struct sg_status *st);
void sg_sandbox_free(struct sg_sandbox *s);

/* Makes the calling process non-dumpable, verified by a process of the same user that tries to read its memory.
 * Where prctl is refused it only verifies: then the process must have been started from an execute-only image. */
bool sg_sandbox_hide(struct sg_status *st);

/* Replaces the process by the same program, with an empty environment and these arguments; where prctl is refused,
 * by an execute-only copy of it, which the kernel makes non-dumpable.  Returns only on failure. */
bool sg_sandbox_reexec(char *const argv[], struct sg_status *st);

/* Directories that the view of the files shows besides the system's, each NULL-able. */
struct sg_view {
	const char *prefix;   /* the interpreter's installation */
	const char *packages; /* shown as SG_VIEW_PACKAGES */
};
#define SG_VIEW_PACKAGES "/var/task/python"
/* Where an interpreter's installation below /tmp is shown, since scripts have a /tmp of their own. */
#define SG_VIEW_PREFIX "/prefix"

/* Enters the namespaces of the plan.  With SG_LAYER_PID_NS it forks: the caller goes on as the first process of the
 * namespace, while its parent only waits for it and dies with it.  Called once, by the process that will become
 * the zygote, which is single-threaded.  *statm (may be NULL) becomes a descriptor of the process's own
 * /proc/self/statm, opened before the view hides /proc, or -1.  On failure the process must end. */
bool sg_sandbox_enter(const struct sg_sandbox *s, const struct sg_view *view, int *statm, struct sg_status *st);

/* After a run and before the next, in the process that entered: what scripts can write is as if nobody ever had.
 * A mount namespace per run would do the same, and cost each run some milliseconds of waiting for its end. */
bool sg_sandbox_renew(const struct sg_sandbox *s, struct sg_status *st);

/* The child's two stages.  `address_space` is the zygote's size in bytes.  On failure the child must end without
 * having looked at the request.  Stage 1 closes every descriptor from `first_fd` on. */
bool sg_sandbox_stage1(const struct sg_sandbox *s, uint64_t address_space, int first_fd, struct sg_status *st);
bool sg_sandbox_stage2(const struct sg_sandbox *s, struct sg_status *st);

/* ---------------------------------------------------------------------------------------------- for people */

/* What one layer came to on this machine, tried alone. */
struct sg_layer_finding {
	uint32_t layer;
	const char *name, *purpose;
	bool holds;
	char why[256]; /* why it does not */
};
enum { SG_N_FINDINGS = 14 };

/* Tries every layer, each in a throw-away process; how many findings there are (0: out of memory).  To be called by
 * an unprivileged process; it is non-dumpable afterwards, where that can be had. */
size_t sg_sandbox_survey(const struct sg_limits *limits, struct sg_layer_finding out[SG_N_FINDINGS]);

/* What the kernel says of itself and of this process.  -1: it does not say. */
struct sg_facts {
	char kernel[64], machine[24];
	unsigned uid;
	int no_new_privs, seccomp, seccomp_filters; /* of /proc/self/status */
	int landlock;                               /* ABI version, 0 for none */
};
void sg_sandbox_facts(struct sg_facts *out);

/* The i-th rule of the seccomp filter, counted from 0; false after the last.  What is in no rule is refused. */
struct sg_call_view {
	const char *call, *why;
	const char *action; /* "allow", "refuse", "kill", "ENOSYS" */
	char condition[96]; /* "" where there is none; without it the call is refused */
};
bool sg_sandbox_call(size_t i, enum sg_profile profile, struct sg_call_view *out);

#endif
