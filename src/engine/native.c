/*
 * The supervisor's end of the native engine, and the reader of what a script's process reports.
 */
#include "engine/engine_priv.h"
#include "sys/sys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool wait_ready(struct sg_engine *e, struct sg_status *st)
{
	struct sg_engine_msg msg;
	if (!sg_sys_recv(e->control, &msg, sizeof(msg), NULL, 0))
		return sg_fail(st, 0, "the interpreter's process ended while it was starting");
	msg.text[sizeof(msg.text) - 1] = 0;
	if (msg.kind != SG_MSG_READY)
		return sg_fail(st, 0, "%s",
			       msg.kind == SG_MSG_FAILED ? msg.text : "the interpreter's process is confused");
	memcpy(e->version, msg.text, sizeof(e->version) - 1);
	e->memory = msg.memory;
	return true;
}

bool sg_engine_start(struct sg_engine *e, const struct sg_engine_config *config, const struct sg_sandbox *s,
		     struct sg_status *st)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return sg_fail(st, errno, "cannot make a socket pair");
	*e = (struct sg_engine){.control = ends[0], .exit.pidfd = -1};
	e->pid = fork();
	if (e->pid == 0) {
		close(ends[0]);
		sg_zygote_main(ends[1], config, s);
	}
	int error = errno;
	close(ends[1]);
	if (e->pid < 0) {
		sg_sys_close(&e->control);
		return sg_fail(st, error, "cannot start the interpreter's process");
	}
	if (wait_ready(e, st))
		return true;
	sg_engine_stop(e);
	return false;
}

bool sg_engine_spawn(struct sg_engine *e, const int streams[SG_N_STREAMS], struct sg_status *st)
{
	struct sg_engine_msg msg = {.kind = SG_MSG_RUN};
	e->exit = (struct sg_engine_exit){.pidfd = -1};
	return sg_sys_send(e->control, &msg, sizeof(msg), streams, SG_N_STREAMS) ||
	       sg_fail(st, errno, "the interpreter's process does not take a script");
}

enum sg_engine_event sg_engine_next(struct sg_engine *e)
{
	struct sg_engine_msg msg;
	int pidfd = -1;
	if (!sg_sys_recv(e->control, &msg, sizeof(msg), &pidfd, 1))
		return SG_ENGINE_LOST;
	struct sg_engine_exit *x = &e->exit;
	switch (msg.kind) {
	case SG_MSG_STARTED:
		x->pid = msg.pid;
		x->pidfd = pidfd;
		return SG_ENGINE_STARTED;
	case SG_MSG_ENDED:
		return SG_ENGINE_ENDED;
	case SG_MSG_REAPED:
		x->status = msg.status;
		x->cpu_us = msg.cpu_us;
		x->max_rss_kb = msg.max_rss_kb;
		x->pid = 0;
		sg_sys_close(&x->pidfd);
		return SG_ENGINE_REAPED;
	default:
		sg_sys_close(&pidfd);
		return SG_ENGINE_LOST;
	}
}

bool sg_engine_reap(struct sg_engine *e)
{
	struct sg_engine_msg msg = {.kind = SG_MSG_REAP};
	return sg_sys_send(e->control, &msg, sizeof(msg), NULL, 0);
}

void sg_engine_kill(struct sg_engine *e)
{
	/* without a pidfd the number is good: the zygote does not reap before it is told to */
	if (e->exit.pid > 0 || e->exit.pidfd >= 0)
		sg_sys_kill(e->exit.pid, e->exit.pidfd);
}

/* What the zygote has said meanwhile, that a process exists above all: only a known one can be killed. */
static void take_pending(struct sg_engine *e)
{
	struct pollfd p = {e->control, POLLIN, 0};
	while (e->control >= 0 && poll(&p, 1, 0) == 1 && (p.revents & POLLIN) && sg_engine_next(e) != SG_ENGINE_LOST)
		;
}

void sg_engine_stop(struct sg_engine *e)
{
	take_pending(e);
	sg_engine_kill(e);
	sg_sys_close(&e->control);
	sg_sys_close(&e->exit.pidfd);
	if (e->pid <= 0)
		return;
	kill(e->pid, SIGCONT);
	kill(e->pid, SIGKILL);
	while (waitpid(e->pid, NULL, 0) < 0 && errno == EINTR)
		;
	e->pid = 0;
}

/* ---------------------------------------------------------------------------------------------- the report */

static uint32_t little32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

bool sg_report_parse(struct sg_str bytes, struct sg_report *out)
{
	enum { HEAD = 28, FIELDS = 4 };
	if (bytes.n < HEAD || memcmp(bytes.p, "SGF1", 4) != 0)
		return false;
	struct sg_report r = {.outcome = (unsigned char)bytes.p[4], .source = (unsigned char)bytes.p[5]};
	if (r.outcome >= SG_N_OUTCOMES || r.source >= SG_N_SOURCES || bytes.p[6] || bytes.p[7])
		return false;
	r.line = little32(bytes.p + 8);
	struct sg_str *fields[FIELDS] = {&r.type, &r.message, &r.traceback, &r.result};
	size_t at = HEAD;
	for (size_t i = 0; i < FIELDS; i++) {
		size_t n = little32(bytes.p + 12 + 4 * i);
		if (n > bytes.n - at)
			return false;
		*fields[i] = (struct sg_str){bytes.p + at, n};
		at += n;
	}
	if (at != bytes.n)
		return false;
	*out = r;
	return true;
}
