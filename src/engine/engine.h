/*
 * engine/ - how a script is run, behind one interface.  An engine starts, is given a script's streams, reports that the
 * script's process exists, has ended, and is gone, and is stopped.
 *
 * It must not know the Runtime API, the deadline or the answer.  The native engine is a *zygote*: a process with
 * libpython loaded (dlopen, limited API only) and the standard library imported, which does nothing but fork; each
 * script has a process of its own that is confined before it reads its request.
 */
#ifndef SG_ENGINE_H
#define SG_ENGINE_H

#include "sandbox/sandbox.h"

#include <limits.h>

/* ---------------------------------------------------------------------------------------------- finding Python */

struct sg_python {
	char interpreter[PATH_MAX]; /* absolute, links resolved */
	char prefix[PATH_MAX];      /* its installation: two directories up */
	char library[PATH_MAX];     /* libpython: a path, or a name for the loader to search */
	int minor;                  /* 12 of 3.12 */
};

/* Finds an interpreter whose libpython is there: `wanted` alone where it is not NULL, otherwise those of the managed
 * runtime (/var/lang/bin), then python3 in the directories of `search` (as in PATH), newest first.  Only files are
 * looked at; nothing is run.  On failure `st` names the package to install. */
bool sg_engine_find_python(const char *wanted, const char *search, struct sg_python *out, struct sg_status *st);

/* ---------------------------------------------------------------------------------------------- the engine */

struct sg_engine_config {
	struct sg_python python;
	char packages[PATH_MAX]; /* a directory of packages, "" for none */
	char preload[8192];      /* import names, one a line */
};

/* The descriptors of one script, in the order in which its process has them: 0 to 4. */
enum sg_stream {
	SG_STREAM_REQUEST, /* one JSON object: script, input, return */
	SG_STREAM_OUT,
	SG_STREAM_ERR,
	SG_STREAM_REPORT, /* the frame that sg_report_parse reads */
	SG_STREAM_SETUP,  /* struct sg_setup, once per stage; closed before the script runs */
	SG_N_STREAMS
};

/* What the child says of its confinement.  A script cannot write one: the descriptor is closed before it runs. */
struct sg_setup {
	int32_t stage; /* 1 or 2 */
	int32_t ok;
	char text[248];
};

enum sg_engine_event {
	SG_ENGINE_STARTED, /* `pid` and `pidfd` name the script's process */
	SG_ENGINE_ENDED,   /* it is dead, but not reaped: its id is still its own */
	SG_ENGINE_REAPED,  /* `status`, `cpu_us` and `max_rss_kb` as wait4 gave them; nothing of the run is left */
	SG_ENGINE_LOST     /* the engine itself is dead or does not keep the protocol */
};

struct sg_engine_exit {
	pid_t pid;
	int pidfd; /* the engine's; closed when reaped */
	int status;
	uint64_t cpu_us, max_rss_kb;
};

struct sg_engine {
	pid_t pid;        /* of the engine's process */
	int control;      /* readable when an event can be taken */
	uint64_t memory;  /* bytes that a script may have */
	char version[32]; /* "3.12.1" */
	struct sg_engine_exit exit;
};

/* Starts the zygote and waits until it can fork.  `s` must live as long as the engine. */
bool sg_engine_start(struct sg_engine *e, const struct sg_engine_config *config, const struct sg_sandbox *s,
		     struct sg_status *st);
/* Asks for one process with these streams, which the caller then closes.  One script at a time; the process may wait long
 * for its request. */
bool sg_engine_spawn(struct sg_engine *e, const int streams[SG_N_STREAMS], struct sg_status *st);
/* Takes the next event; blocks unless `control` is readable. */
enum sg_engine_event sg_engine_next(struct sg_engine *e);
/* After SG_ENGINE_ENDED: the process may be reaped, and whatever else the run left is killed. */
bool sg_engine_reap(struct sg_engine *e);
/* Kills the script's process. */
void sg_engine_kill(struct sg_engine *e);
/* Kills the engine with everything in it, and reaps it.  Safe to repeat. */
void sg_engine_stop(struct sg_engine *e);

/* ---------------------------------------------------------------------------------------------- the report */

/* What the script's own process says about the script; all of it may be forged by the script. */
enum sg_outcome {
	SG_OUTCOME_OK,
	SG_OUTCOME_SYNTAX,
	SG_OUTCOME_EXCEPTION,
	SG_OUTCOME_EXIT,
	SG_OUTCOME_MEMORY,
	SG_OUTCOME_NOT_JSON,
	SG_N_OUTCOMES
};
enum sg_source { SG_SOURCE_NONE, SG_SOURCE_RESULT, SG_SOURCE_MAIN, SG_SOURCE_EXPR, SG_N_SOURCES };

struct sg_report {
	enum sg_outcome outcome;
	enum sg_source source;
	uint32_t line;                                  /* 0 where unknown */
	struct sg_str type, message, traceback, result; /* views of the frame; not yet checked for anything */
};

/* Reads a frame that is exactly `bytes`; false where it is not one. */
bool sg_report_parse(struct sg_str bytes, struct sg_report *out);

#endif
