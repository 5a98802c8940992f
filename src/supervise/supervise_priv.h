/*
 * What the files of supervise/ share among themselves.
 */
#ifndef SG_SUPERVISE_PRIV_H
#define SG_SUPERVISE_PRIV_H

#include "supervise/supervise.h"

/* What one run came to, as the supervisor saw it. */
struct sg_observed {
	enum sg_error_kind killed_for; /* the supervisor's own reason to kill, SG_KIND_NONE for none */
	bool lost;                     /* the engine did not keep the protocol, or did not answer in time */
	struct sg_setup stages[2];     /* what the child said of stage 1 and 2; stage 0 where it said nothing */
	int status;                    /* wait status */
	uint64_t max_rss_kb, memory;
	bool oom; /* the kernel's out-of-memory killer was at work meanwhile */
	struct sg_str report;
};

/* Decides the answer's kind, result and error.  False where the environment must be discarded. */
bool sg_answer_judge(const struct sg_observed *o, enum sg_return ret, struct sg_answer *a);

/* On a disposable machine: removes what a run left in shared places.  Elsewhere a run has its own, or cannot write. */
bool sg_supervise_sweep(const struct sg_supervisor *s, struct sg_status *st);

/* Closes the streams of the process that waits; it ends at the end of its request. */
void sg_supervise_dismiss(struct sg_supervisor *s);

void sg_answer_error(struct sg_answer *a, enum sg_error_kind kind, bool reported, const char *fmt, ...) SG_PRINTF(4, 5);

#endif
