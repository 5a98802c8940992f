/*
 * One run, from the request's bytes to the answer.
 *
 * Theory of operation: the child's five pipes and the engine's control socket are polled until the child is reaped and
 * every pipe is at its end, or until the run is lost.  The supervisor never blocks on any of them.  There are two clocks:
 * the script's deadline, at which it is killed, and after any kill or end a grace in which everything must be over.
 */
#include "supervise/supervise_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GRACE_MS = 5000, PIECES = 5 };

struct run {
	struct sg_supervisor *s;
	struct sg_engine *e;
	struct sg_observed seen;
	struct sg_region *request;    /* given back when it is written */
	struct sg_str pieces[PIECES]; /* of the request, not yet written */
	size_t piece;
	int fds[SG_N_STREAMS]; /* the supervisor's ends, -1 when at their end */
	uint64_t written;      /* bytes of standard output and error together */
	size_t setup_n;
	double deadline, grace; /* on the monotonic clock, in ms; grace is 0 until the end has begun */
	bool started, reaped, out_truncated, err_truncated;
};

static void begin_end(struct run *r)
{
	if (r->grace == 0)
		r->grace = sg_sys_now_ms() + GRACE_MS;
}

static void kill_for(struct run *r, enum sg_error_kind kind)
{
	if (r->seen.killed_for == SG_KIND_NONE)
		r->seen.killed_for = kind;
	begin_end(r);
	sg_engine_kill(r->e); /* does nothing before the process is known: `started` kills then */
}

/* ---------------------------------------------------------------------------------------------- pipes */

/* Reads what there is; false at the end.  A failure is an end too: the pipe tells nothing more. */
static bool read_some(int *fd, char *buf, size_t size, size_t *n)
{
	ssize_t done = read(*fd, buf, size);
	*n = done > 0 ? (size_t)done : 0;
	if (done > 0 || (done < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	sg_sys_close(fd);
	return false;
}

static void take_output(struct run *r, enum sg_stream which)
{
	bool out = which == SG_STREAM_OUT;
	struct sg_region *keep = out ? &r->s->out : &r->s->err;
	char buf[65536];
	size_t n;
	if (!read_some(&r->fds[which], buf, sizeof(buf), &n))
		return;
	if (sg_region_add(keep, buf, n) < n)
		*(out ? &r->out_truncated : &r->err_truncated) = true;
	r->written += n;
	if (r->written > SG_MAX_OUTPUT)
		kill_for(r, SG_KIND_OUTPUT_LIMIT);
}

static void take_report(struct run *r)
{
	struct sg_region *keep = &r->s->report;
	char buf[1];
	size_t n;
	if (keep->n < keep->cap) {
		if (read_some(&r->fds[SG_STREAM_REPORT], keep->p + keep->n, keep->cap - keep->n, &n))
			keep->n += n;
	} else if (read_some(&r->fds[SG_STREAM_REPORT], buf, sizeof(buf), &n) && n) {
		sg_sys_close(&r->fds[SG_STREAM_REPORT]);
		kill_for(r, SG_KIND_RESULT_TOO_LARGE);
	}
}

static void take_setup(struct run *r)
{
	struct sg_setup *stages = r->seen.stages;
	char *room = (char *)stages;
	size_t n;
	if (r->setup_n == sizeof(r->seen.stages)) {
		char extra;
		if (read_some(&r->fds[SG_STREAM_SETUP], &extra, 1, &n) && n)
			sg_sys_close(&r->fds[SG_STREAM_SETUP]);
		return;
	}
	if (read_some(&r->fds[SG_STREAM_SETUP], room + r->setup_n, sizeof(r->seen.stages) - r->setup_n, &n))
		r->setup_n += n;
}

static void give_request(struct run *r)
{
	while (r->piece < PIECES) {
		struct sg_str *p = &r->pieces[r->piece];
		ssize_t done = p->n ? write(r->fds[SG_STREAM_REQUEST], p->p, p->n) : 0;
		if (done < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (done < 0) {
			/* a child may close its end; anything else would leave it with half a request */
			r->seen.lost = r->seen.lost || errno != EPIPE;
			break;
		}
		*p = sg_str_sub(*p, (size_t)done, SIZE_MAX);
		r->piece += p->n == 0;
	}
	sg_sys_close(&r->fds[SG_STREAM_REQUEST]);
	sg_region_reset(r->request); /* the script may need the memory, and its report will */
}

/* ---------------------------------------------------------------------------------------------- the loop */

static void take_event(struct run *r)
{
	switch (sg_engine_next(r->e)) {
	case SG_ENGINE_STARTED:
		r->started = true;
		if (r->seen.killed_for != SG_KIND_NONE)
			sg_engine_kill(r->e);
		return;
	case SG_ENGINE_ENDED:
		begin_end(r);
		if (!sg_engine_reap(r->e))
			r->seen.lost = true;
		return;
	case SG_ENGINE_REAPED:
		r->reaped = true;
		return;
	case SG_ENGINE_LOST:
		r->seen.lost = true;
		return;
	}
}

static bool over(const struct run *r)
{
	return r->reaped && r->fds[SG_STREAM_OUT] < 0 && r->fds[SG_STREAM_ERR] < 0 && r->fds[SG_STREAM_REPORT] < 0 &&
	       r->fds[SG_STREAM_SETUP] < 0;
}

/* Milliseconds to the next clock, rounded up so that poll does not return just before it. */
static int wait_ms(const struct run *r)
{
	double left = (r->grace ? r->grace : r->deadline) - sg_sys_now_ms();
	return left <= 0 ? 0 : left > 3600e3 ? 3600000 : (int)left + 1;
}

static void check_clocks(struct run *r)
{
	double now = sg_sys_now_ms();
	if (r->grace && now >= r->grace)
		r->seen.lost = true;
	else if (!r->grace && now >= r->deadline)
		kill_for(r, SG_KIND_TIMEOUT);
}

static void step(struct run *r)
{
	struct pollfd p[SG_N_STREAMS + 1];
	for (int i = 0; i < SG_N_STREAMS; i++)
		p[i] = (struct pollfd){r->fds[i], i == SG_STREAM_REQUEST ? POLLOUT : POLLIN, 0};
	p[SG_N_STREAMS] = (struct pollfd){r->reaped ? -1 : r->e->control, POLLIN, 0};
	if (poll(p, SG_N_STREAMS + 1, wait_ms(r)) < 0 && errno != EINTR) {
		r->seen.lost = true;
		return;
	}
	if (p[SG_STREAM_REQUEST].revents)
		give_request(r);
	if (p[SG_STREAM_OUT].revents)
		take_output(r, SG_STREAM_OUT);
	if (p[SG_STREAM_ERR].revents)
		take_output(r, SG_STREAM_ERR);
	if (p[SG_STREAM_REPORT].revents)
		take_report(r);
	if (p[SG_STREAM_SETUP].revents)
		take_setup(r);
	if (p[SG_N_STREAMS].revents)
		take_event(r);
	check_clocks(r);
}

/* Makes the pipes; `theirs` are the child's ends. */
static bool make_pipes(int ours[SG_N_STREAMS], int theirs[SG_N_STREAMS], struct sg_status *st)
{
	for (int i = 0; i < SG_N_STREAMS; i++) {
		int ends[2], mine = i == SG_STREAM_REQUEST;
		if (!sg_sys_pipe(ends, st))
			return false;
		ours[i] = ends[mine];
		theirs[i] = ends[!mine];
		if (!sg_sys_nonblock(ours[i], st))
			return false;
	}
	return true;
}

static void close_all(int fds[SG_N_STREAMS])
{
	for (int i = 0; i < SG_N_STREAMS; i++)
		sg_sys_close(&fds[i]);
}

bool sg_supervise_ready(struct sg_supervisor *s, struct sg_status *st)
{
	int ours[SG_N_STREAMS] = {-1, -1, -1, -1, -1}, theirs[SG_N_STREAMS] = {-1, -1, -1, -1, -1};
	if (s->ready)
		return true;
	s->ready = make_pipes(ours, theirs, st) && sg_engine_spawn(&s->engine, theirs, st);
	close_all(theirs);
	if (s->ready)
		memcpy(s->waiting, ours, sizeof(ours));
	else
		close_all(ours);
	return s->ready;
}

void sg_supervise_dismiss(struct sg_supervisor *s)
{
	if (s->ready)
		close_all(s->waiting);
	s->ready = false;
}

/* Its end of this pipe is closed by stage 2, which comes after its request, and by nothing else but its death. */
static bool still_waits(const struct sg_supervisor *s)
{
	struct pollfd p = {s->waiting[SG_STREAM_SETUP], POLLIN, 0};
	return poll(&p, 1, 0) >= 0 && !(p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* The process that waited has been killed, by the kernel's want of memory for one.  It has seen no request, so another may
 * have it; but where a layer did not hold there will be no other. */
static bool bury(struct run *r)
{
	struct run dead = {.s = r->s, .e = r->e, .piece = PIECES, .deadline = sg_sys_now_ms()};
	memcpy(dead.fds, r->s->waiting, sizeof(dead.fds));
	r->s->ready = false;
	sg_sys_close(&dead.fds[SG_STREAM_REQUEST]);
	while (!dead.seen.lost && !over(&dead))
		step(&dead);
	close_all(dead.fds);
	if (dead.seen.stages[0].stage != 1 || dead.seen.stages[0].ok)
		return !dead.seen.lost;
	r->seen.stages[0] = dead.seen.stages[0];
	return false;
}

/* The process that waits, or one that is made now: it is this run's, and nobody's after it. */
static bool spawn(struct run *r, struct sg_status *st)
{
	if (r->s->ready && !still_waits(r->s) && !bury(r))
		return false;
	if (!sg_supervise_ready(r->s, st))
		return false;
	memcpy(r->fds, r->s->waiting, sizeof(r->fds));
	r->s->ready = false;
	return true;
}

/* How often the kernel has killed for want of memory (the counter oom_kill of /proc/vmstat). */
static long oom_kills(void)
{
	char text[16384];
	if (!sg_sys_read_text("/proc/vmstat", text, sizeof(text)))
		return 0;
	const char *at = strstr(text, "\noom_kill ");
	long count;
	return at && sscanf(at, "\noom_kill %ld", &count) == 1 ? count : 0;
}

static void execute(struct run *r)
{
	struct sg_status st = {0};
	if (!spawn(r, &st))
		r->seen.lost = true;
	while (!r->seen.lost && !over(r))
		step(r);
	close_all(r->fds);
	if (r->seen.lost)
		sg_engine_stop(r->e);
}

/* ---------------------------------------------------------------------------------------------- around it */

/* When the script must be over: its own limit, and in time before Lambda's, which would leave no answer. */
static double deadline_of(const struct sg_supervisor *s, const struct sg_request *q, int64_t wall, struct sg_answer *a)
{
	double ms = (double)s->config->timeout_ms;
	if (q->timeout_ms > s->config->timeout_ms)
		a->timeout_clamped = true;
	else if (q->timeout_ms > 0)
		ms = (double)q->timeout_ms;
	if (wall > 0) {
		double left = (double)(wall - sg_sys_wall_ms());
		double reserve = left / 5 < 1000 ? left / 5 : 1000; /* to kill, clean, and send 6 MB */
		if (left - reserve < ms)
			ms = left - reserve;
	}
	return sg_sys_now_ms() + (ms > 0 ? ms : 0);
}

static void fill_meta(const struct sg_supervisor *s, struct sg_answer *a)
{
	unsigned char id[8];
	if (!sg_sys_random(id, sizeof(id)))
		memset(id, 0, sizeof(id));
	for (size_t i = 0; i < sizeof(id); i++)
		snprintf(a->run_id + 2 * i, 3, "%02x", id[i]);
	a->profile = s->sandbox.profile;
	a->layers = s->sandbox.layers;
	a->source = "none";
}

/* The answer's size is what Lambda checks, after all escaping. */
static void fit(struct sg_answer *a)
{
	if (sg_answer_size(a) < SG_MAX_PAYLOAD)
		return;
	sg_answer_error(a, SG_KIND_RESULT_TOO_LARGE, false, "the result is larger than an answer may be (6 MB)");
	a->type = a->traceback = (struct sg_str){0};
	a->line = 0;
}

static void finish(struct run *r, struct sg_answer *a, double began)
{
	const struct sg_engine_exit *x = &r->e->exit;
	r->seen.status = x->status;
	r->seen.max_rss_kb = x->max_rss_kb;
	r->seen.memory = r->e->memory;
	r->seen.report = sg_region_view(&r->s->report);
	a->out = sg_region_view(&r->s->out);
	a->err = sg_region_view(&r->s->err);
	a->out_truncated = r->out_truncated;
	a->err_truncated = r->err_truncated;
	a->duration_ms = sg_sys_now_ms() - began;
	a->cpu_ms = (double)x->cpu_us / 1e3;
	a->max_rss_kb = x->max_rss_kb;
}

static void prepare(struct run *r, const struct sg_request *q)
{
	static const char *const tails[] = {",\"return\":\"auto\"}", ",\"return\":\"result\"}", ",\"return\":\"main\"}",
					    ",\"return\":\"expr\"}", ",\"return\":\"stdout\"}"};
	r->pieces[0] = SG_LIT("{\"script\":");
	r->pieces[1] = q->script;
	r->pieces[2] = q->input.p ? SG_LIT(",\"input\":") : (struct sg_str){0};
	r->pieces[3] = q->input;
	r->pieces[4] = sg_str(tails[q->ret]);
	for (int i = 0; i < SG_N_STREAMS; i++)
		r->fds[i] = -1;
	sg_region_reset(&r->s->report);
	sg_region_reset(&r->s->out);
	sg_region_reset(&r->s->err);
}

bool sg_supervise_run(struct sg_supervisor *s, struct sg_region *request, int64_t deadline_wall_ms,
		      struct sg_answer *out)
{
	struct sg_request q;
	struct sg_status st = {0};
	struct run r = {.s = s, .e = &s->engine, .request = request};
	*out = (struct sg_answer){.status_code = 200};
	fill_meta(s, out);
	const char *wrong = request->n > SG_MAX_REQUEST ? "the request is larger than 6 MB"
							: sg_request_parse(sg_region_view(request), &q);
	if (wrong) {
		sg_region_reset(request);
		sg_answer_error(out, SG_KIND_BAD_REQUEST, false, "%s", wrong);
		return true;
	}
	double began = sg_sys_now_ms();
	long ooms = oom_kills();
	prepare(&r, &q);
	r.deadline = deadline_of(s, &q, deadline_wall_ms, out);
	execute(&r);
	sg_region_reset(request);
	r.seen.oom = oom_kills() > ooms;
	finish(&r, out, began);
	bool healthy = sg_answer_judge(&r.seen, q.ret, out);
	fit(out);
	return sg_supervise_sweep(s, &st) && healthy;
}
