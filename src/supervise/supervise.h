/*
 * supervise/ - one run: reads the request, hands it to the engine, keeps the deadline and the caps, kills, cleans up,
 * judges what happened, and writes the answer.
 *
 * It must not know the Runtime API, nor how an engine runs a script.  It never builds a tree of a request or a result:
 * a scanner finds the members and checks the bytes.  Memory is reserved at start-up: the request and the report may each
 * have what Lambda's payload may have, the two streams 256 KiB each; what is not in use costs nothing.
 */
#ifndef SG_SUPERVISE_H
#define SG_SUPERVISE_H

#include "engine/engine.h"
#include "sys/sys.h"

/* Limits of the contract. */
enum {
	SG_MAX_PAYLOAD = 6291556, /* bytes of a synchronous response; Lambda refuses more (6 MB + 100) */
	SG_MAX_REQUEST = 6 * 1024 * 1024 + 100,
	SG_MAX_STREAM = 256 * 1024,       /* bytes kept of standard output and of standard error, each */
	SG_MAX_OUTPUT = 64 * 1024 * 1024, /* bytes written to both, before the script is killed */
	SG_MAX_REPORT_TEXT = 64 * 1024,   /* bytes of a reported message or traceback */
	SG_MAX_INPUT_DEPTH = 200,
	SG_MAX_RESULT_DEPTH = 100
};

/* ---------------------------------------------------------------------------------------------- JSON, without a tree */

enum sg_scan_options {
	SG_SCAN_LONE_SURROGATES = 1 /* \ud800 without its other half is let through, as RFC 8259 does */
};

/* One JSON value (RFC 8259, valid UTF-8, at most `depth` arrays and objects inside each other) with white space around
 * it.  NULL when it is one, otherwise what is wrong; *at (may be NULL) is the offset. */
const char *sg_scan_value(struct sg_str text, unsigned depth, int options, size_t *at);

/* The same for an object; gives the values of the members named in `names` (n of them, each at most 31 bytes) as
 * slices of the text, {NULL, 0} where absent.  A member that is there twice is an error, other members are ignored. */
const char *sg_scan_members(struct sg_str text, unsigned depth, const char *const *names, struct sg_str *values,
			    size_t n, size_t *at);

/* ---------------------------------------------------------------------------------------------- the request */

enum sg_return { SG_RETURN_AUTO, SG_RETURN_RESULT, SG_RETURN_MAIN, SG_RETURN_EXPR, SG_RETURN_STDOUT };

struct sg_request {
	struct sg_str script, input; /* JSON, slices of the request; input is {NULL, 0} where absent */
	int64_t timeout_ms;          /* 0 where absent */
	enum sg_return ret;
};

const char *sg_return_name(enum sg_return r);
/* NULL when the bytes are a request, otherwise what is wrong with them (a constant text). */
const char *sg_request_parse(struct sg_str bytes, struct sg_request *out);

/* ---------------------------------------------------------------------------------------------- the answer */

enum sg_error_kind {
	SG_KIND_NONE,
	SG_KIND_SYNTAX,
	SG_KIND_EXCEPTION,
	SG_KIND_EXIT,
	SG_KIND_TIMEOUT,
	SG_KIND_MEMORY,
	SG_KIND_OUTPUT_LIMIT,
	SG_KIND_SIGNAL,
	SG_KIND_RESULT_NOT_JSON,
	SG_KIND_RESULT_TOO_LARGE,
	SG_KIND_SANDBOX_DENIED,
	SG_KIND_BAD_REQUEST,
	SG_KIND_INTERNAL
};

const char *sg_kind_name(enum sg_error_kind k); /* "syntax"; "" for none */

struct sg_answer {
	int status_code; /* 200, 400, 500 */
	enum sg_error_kind kind;
	bool reported; /* only the script's own process says so */
	uint32_t line;
	struct sg_str type, message, traceback; /* any bytes: what is not UTF-8 becomes U+FFFD */
	char text[256];                         /* room for a message of the supervisor's own */
	struct sg_str result;                   /* JSON, checked; empty for null */
	bool result_is_stdout;
	const char *source;
	struct sg_str out, err;
	bool out_truncated, err_truncated, timeout_clamped;
	double duration_ms, cpu_ms;
	uint64_t max_rss_kb;
	enum sg_profile profile;
	uint32_t layers;
	char run_id[17];
};

/* Takes bytes; false stops the writing. */
struct sg_sink {
	bool (*write)(struct sg_sink *sink, const char *p, size_t n);
};

/* Writes {"statusCode":…,"body":"…"}: the payload of the function's response. */
bool sg_answer_write(const struct sg_answer *a, struct sg_sink *sink);
/* Writes the body alone, as JSON. */
bool sg_answer_write_body(const struct sg_answer *a, struct sg_sink *sink);
/* How many bytes sg_answer_write would write. */
size_t sg_answer_size(const struct sg_answer *a);
/* Writes the result as `jq -r .result` prints it, without the newline at the end: a string's text, other JSON as it is. */
bool sg_answer_write_result(const struct sg_answer *a, struct sg_sink *sink);

/* ---------------------------------------------------------------------------------------------- the supervisor */

struct sg_supervise_config {
	struct sg_engine_config engine;
	uint64_t memory;    /* bytes that the function has, supervisor and interpreter included */
	int64_t timeout_ms; /* of a script, at most and by default */
	enum sg_profile floor;
	bool disposable;      /* the machine's /tmp, queues and keyrings are the run's: they may be swept */
	bool need_namespaces; /* refuse unless each run has its own pid, mount and ipc namespace */
};

struct sg_supervisor {
	const struct sg_supervise_config *config;
	struct sg_sandbox sandbox;
	struct sg_engine engine;
	struct sg_region report, out, err;
	int waiting[SG_N_STREAMS]; /* our ends of the streams of the process that waits for a request */
	bool ready;                /* there is one */
	struct sg_footing footing; /* of the supervisor's process, before any script */
};

/* Plans the sandbox, refuses what the configuration does not accept, sweeps, starts the engine.  The process must
 * already have an empty environment and be alone in itself (no threads). */
bool sg_supervise_start(struct sg_supervisor *s, const struct sg_supervise_config *config, struct sg_status *st);
void sg_supervise_stop(struct sg_supervisor *s); /* safe on one that did not start */

/* Has the next script's process made now: forked, confined by stage 1, waiting for its request.  It is made after the run
 * before it is over and cleaned up, runs one script and no other, and knows nothing of any request yet; so the work is the
 * same, but a caller need not wait for it.  Returns at once, true also where there is one already; sg_supervise_run makes
 * one itself where there is none, or where it has died while it waited. */
bool sg_supervise_ready(struct sg_supervisor *s, struct sg_status *st);

/* Runs one request to its end: when it returns, every process of the run is dead and reaped and what it left is gone,
 * and the request's region is empty: its memory is given back as soon as the script's process has read it.
 * `deadline_wall_ms` is when Lambda will end the invocation (milliseconds since 1970), 0 for none.  The answer's
 * views are good until the next call; its size is below SG_MAX_PAYLOAD.  False when the supervisor, its engine or the
 * machine can no longer be trusted: the answer may still be sent, then the process must end with an error. */
bool sg_supervise_run(struct sg_supervisor *s, struct sg_region *request, int64_t deadline_wall_ms,
		      struct sg_answer *out);

/* ---------------------------------------------------------------------------------------------- what a machine allows */

struct sg_probe {
	struct sg_facts facts;
	struct sg_layer_finding findings[SG_N_FINDINGS];
	size_t n_findings;
	bool runs; /* scripts are run here, with what follows */
	enum sg_profile profile;
	uint32_t layers;
	char python[32];
	uint64_t script_memory; /* bytes */
	char why[512];          /* why no script is run here */
};

/* Tries every layer by itself, then all that a supervisor of this configuration would do before its first script. */
void sg_supervise_probe(const struct sg_supervise_config *config, struct sg_probe *out);
/* The same as one JSON object, with members in a fixed order; no line break at the end. */
void sg_probe_json(const struct sg_probe *p, struct sg_buf *out);

#endif
