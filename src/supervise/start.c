/*
 * Start and end of a supervisor: what is refused is refused here, before any script.
 */
#include "supervise/supervise_priv.h"

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

/* What the supervisor, the kernel's own part and the pipes need of a function's memory. */
enum { SHARE = 8 << 20 };

static struct sg_limits limits_of(const struct sg_supervise_config *c)
{
	uint64_t memory = c->memory > SHARE ? c->memory - SHARE : 0;
	return (struct sg_limits){
		.memory = memory,
		.file_size = memory / 4 < (64 << 20) ? memory / 4 : (64 << 20),
		.threads = 64,
		/* processor time of all threads; the deadline is what ends a script */
		.shared_tmp = c->disposable,
		.cpu_s = (uint32_t)(c->timeout_ms / 1000 + 1) * 2,
	};
}

static bool acceptable(const struct sg_supervisor *s, struct sg_status *st)
{
	const uint32_t own = SG_LAYER_PID_NS | SG_LAYER_MOUNT_NS | SG_LAYER_IPC_NS;
	uint32_t layers = s->sandbox.layers;
	if (s->config->need_namespaces && (layers & own) != own)
		return sg_fail(
			st, 0,
			"this machine refuses user, pid, mount or ipc namespaces to an unprivileged user, so that a "
			"script's leftovers could not be told from yours: allow unprivileged user namespaces, or "
			"say --disposable where the machine is thrown away");
	if (!(layers & SG_LAYER_SECCOMP) && !s->config->disposable)
		return sg_fail(
			st, 0,
			"without seccomp a script can leave files, queues and keys behind, and this machine is not "
			"known to be Lambda's: set SANDBOXGEN_DISPOSABLE=1 where it is thrown away");
	return true;
}

bool sg_supervise_sweep(const struct sg_supervisor *s, struct sg_status *st)
{
	static const char *const dirs[] = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock"};
	const uint32_t own = SG_LAYER_MOUNT_NS | SG_LAYER_IPC_NS | SG_LAYER_SECCOMP;
	enum { BUDGET = 500000 };
	/* without a filter a script can change the limits and priorities of its user's processes */
	if (!sg_sys_same_footing(&s->footing))
		return sg_fail(st, 0, "a script has changed the executor's limits or priority");
	/* a run with a /tmp and queues of its own, whose filter refuses keys, has left nothing */
	if (!s->config->disposable || (s->sandbox.layers & own) == own)
		return true;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (!sg_sys_clean_dir(dirs[i], getuid(), BUDGET, st))
			return false;
	return sg_sys_clean_sysv(getuid(), st) && sg_sys_clean_keyrings(st);
}

bool sg_supervise_start(struct sg_supervisor *s, const struct sg_supervise_config *config, struct sg_status *st)
{
	*s = (struct sg_supervisor){.config = config, .engine = {.control = -1, .exit.pidfd = -1}};
	struct sg_limits limits = limits_of(config);
	sg_sys_footing(&s->footing);
	signal(SIGPIPE, SIG_IGN); /* a child that does not read is no reason to die */
	/* a script that made the environment before this one end may have left things: the sweep comes first too */
	if (!sg_sandbox_hide(st) || !sg_sandbox_plan(&s->sandbox, &limits, config->floor, st) || !acceptable(s, st) ||
	    !sg_supervise_sweep(s, st))
		return false;
	malloc_trim(0); /* what the filters were made with; the interpreter's process would carry it too */
	bool ok = sg_region_map(&s->report, SG_MAX_PAYLOAD + 4 * SG_MAX_REPORT_TEXT, st) &&
		  sg_region_map(&s->out, SG_MAX_STREAM, st) && sg_region_map(&s->err, SG_MAX_STREAM, st) &&
		  sg_engine_start(&s->engine, &config->engine, &s->sandbox, st);
	sg_sys_forget_code(); /* making filters and finding Python will not be needed again */
	return ok;
}

void sg_supervise_stop(struct sg_supervisor *s)
{
	sg_engine_stop(&s->engine);
	sg_supervise_dismiss(s);
	sg_sandbox_free(&s->sandbox);
	sg_region_unmap(&s->report);
	sg_region_unmap(&s->out);
	sg_region_unmap(&s->err);
}
