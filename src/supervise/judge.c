/*
 * What a run came to.  The order matters: what the supervisor saw comes before anything that the script's own
 * process says, so that a script can forge what it reports about itself and nothing else.
 */
#include "supervise/supervise_priv.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static struct sg_str cut(struct sg_str s, size_t max)
{
	return sg_str_sub(s, 0, max);
}

/* The script had used at least half of what it may: a MemoryError, or a SIGKILL that was not ours, is believed. */
static bool memory_was_short(const struct sg_observed *o)
{
	return o->oom || o->max_rss_kb * 1024 >= o->memory / 2;
}

static bool signalled(const struct sg_observed *o, struct sg_answer *a)
{
	int sig = WTERMSIG(o->status);
	const char *name = sigabbrev_np(sig);
	if (sig == SIGSYS)
		sg_answer_error(a, SG_KIND_SANDBOX_DENIED, false,
				"the script made a system call that only an attack makes");
	else if (sig == SIGXCPU)
		sg_answer_error(a, SG_KIND_TIMEOUT, false, "the script used up its CPU time");
	else if (sig == SIGKILL && memory_was_short(o))
		sg_answer_error(a, SG_KIND_MEMORY, false, "the script ran out of memory");
	else
		sg_answer_error(a, SG_KIND_SIGNAL, false, "the script's process was killed by SIG%s",
				name ? name : "?");
	return true;
}

static const struct {
	enum sg_outcome outcome;
	enum sg_error_kind kind;
} reported_kinds[] = {
	{SG_OUTCOME_SYNTAX, SG_KIND_SYNTAX},
	{SG_OUTCOME_EXCEPTION, SG_KIND_EXCEPTION},
	{SG_OUTCOME_EXIT, SG_KIND_EXIT},
	{SG_OUTCOME_MEMORY, SG_KIND_MEMORY},
	{SG_OUTCOME_NOT_JSON, SG_KIND_RESULT_NOT_JSON},
};

static bool failed(const struct sg_observed *o, const struct sg_report *r, struct sg_answer *a)
{
	for (size_t i = 0; i < sizeof(reported_kinds) / sizeof(*reported_kinds); i++)
		if (reported_kinds[i].outcome == r->outcome)
			sg_answer_error(a, reported_kinds[i].kind, true, "%s", "");
	if (r->outcome == SG_OUTCOME_MEMORY && memory_was_short(o)) {
		sg_answer_error(a, SG_KIND_MEMORY, false, "the script ran out of memory");
		return true;
	}
	a->type = cut(r->type, 1024);
	a->message = cut(r->message, SG_MAX_REPORT_TEXT);
	a->traceback = cut(r->traceback, SG_MAX_REPORT_TEXT);
	a->line = r->line;
	return true;
}

static bool succeeded(const struct sg_report *r, enum sg_return ret, struct sg_answer *a)
{
	static const char *const sources[] = {"none", "result", "main", "expr"};
	a->source = sources[r->source];
	if (r->source != SG_SOURCE_NONE) {
		const char *error = sg_scan_value(r->result, SG_MAX_RESULT_DEPTH, 0, NULL);
		if (error)
			sg_answer_error(a, SG_KIND_RESULT_NOT_JSON, true, "the result is not JSON: %s", error);
		else
			a->result = r->result;
	} else if ((ret == SG_RETURN_AUTO && a->out.n) || ret == SG_RETURN_STDOUT) {
		a->result_is_stdout = true;
		a->source = "stdout";
	}
	return true;
}

static const char *killed_text(enum sg_error_kind kind)
{
	switch (kind) {
	case SG_KIND_TIMEOUT:
		return "the script did not end in time";
	case SG_KIND_OUTPUT_LIMIT:
		return "the script wrote more than 64 MiB to its standard output and error";
	case SG_KIND_RESULT_TOO_LARGE:
		return "the result is larger than an answer may be (6 MB)";
	default:
		return "the script was killed";
	}
}

/* False with the error when a layer did not hold, or when nothing proves that both did. */
static bool was_confined(const struct sg_observed *o, struct sg_answer *a)
{
	for (int i = 0; i < 2; i++) {
		if (o->stages[i].stage != i + 1)
			continue;
		if (!o->stages[i].ok) {
			sg_answer_error(a, SG_KIND_INTERNAL, false, "the script was not run: %.200s",
					o->stages[i].text);
			return false;
		}
	}
	return true;
}

bool sg_answer_judge(const struct sg_observed *o, enum sg_return ret, struct sg_answer *a)
{
	struct sg_report r;
	a->source = "none";
	a->status_code = 200;
	if (!was_confined(o, a))
		return false;
	if (o->lost) {
		sg_answer_error(a, SG_KIND_INTERNAL, false,
				"the executor lost control of the run; its environment is discarded");
		return false;
	}
	if (o->killed_for != SG_KIND_NONE) {
		sg_answer_error(a, o->killed_for, false, "%s", killed_text(o->killed_for));
		return true;
	}
	if (WIFSIGNALED(o->status))
		return signalled(o, a);
	if (o->stages[0].stage != 1 || o->stages[1].stage != 2) {
		sg_answer_error(a, SG_KIND_INTERNAL, false, "the script's process ended before it was confined");
		return false;
	}
	if (WEXITSTATUS(o->status) != 0 || !sg_report_parse(o->report, &r)) {
		sg_answer_error(a, SG_KIND_EXIT, true,
				"the script's process ended without a result, with exit status %d",
				WEXITSTATUS(o->status));
		return true;
	}
	return r.outcome == SG_OUTCOME_OK ? succeeded(&r, ret, a) : failed(o, &r, a);
}
