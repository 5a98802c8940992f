/*
 * diag/ - where things are said about the user's text: sources, spans, diagnostics with a caret, findings, rules.
 *
 * It must not know what a template is.  Two kinds of statement live here and are never mixed: a *diagnostic* says
 * that an input cannot be used as it stands (the run ends with 2); a *finding* is what the audit decided about an
 * input that could be read.  Both point at spans; line and column are computed when printed.
 */
#ifndef SG_DIAG_H
#define SG_DIAG_H

#include "base/base.h"

/* ---------------------------------------------------------------------------------------------- sources */

/* The texts of a run.  Source ids start at 1; 0 means "no source". */
struct sg_sources;

struct sg_sources *sg_sources_new(struct sg_arena *a);
/* `path` is shown as given; both views must live as long as the arena. */
uint32_t sg_source_add(struct sg_sources *s, struct sg_str path, struct sg_str text);
struct sg_str sg_source_path(const struct sg_sources *s, uint32_t id); /* "" for id 0 */
struct sg_str sg_source_text(const struct sg_sources *s, uint32_t id);

/* A byte range of one source; {0,0,0} is nowhere.  end may equal start (an empty scalar). */
struct sg_span {
	uint32_t source, start, end;
};

/* From the start of a to the end of b; either may be nowhere. */
struct sg_span sg_span_join(struct sg_span a, struct sg_span b);

/* 1-based; columns count characters (not bytes), a tab is one.  {0,0} for nowhere. */
struct sg_pos {
	uint32_t line, column;
};

struct sg_pos sg_pos_start(const struct sg_sources *s, struct sg_span span);
/* The position behind the span's last character. */
struct sg_pos sg_pos_end(const struct sg_sources *s, struct sg_span span);
/* The same with columns that count code units of UTF-16, as SARIF and language servers do. */
struct sg_pos sg_pos_start_utf16(const struct sg_sources *s, struct sg_span span);
struct sg_pos sg_pos_end_utf16(const struct sg_sources *s, struct sg_span span);

/* ---------------------------------------------------------------------------------------------- diagnostics */

enum sg_severity_diag { SG_ERROR, SG_WARNING, SG_NOTE };

struct sg_diag {
	enum sg_severity_diag severity;
	struct sg_span span;   /* may be nowhere; then `path` says which file it is about, if any */
	struct sg_str message; /* what is wrong: one line, no full stop */
	struct sg_str hint;    /* what to do: one line, or empty */
	struct sg_str path;    /* a file that could not become a source */
};

/* Collects, keeps at most 200, drops exact repeats. */
struct sg_diags;

struct sg_diags *sg_diags_new(struct sg_arena *a, struct sg_sources *s);
struct sg_arena *sg_diags_arena(struct sg_diags *d);
struct sg_sources *sg_diags_sources(struct sg_diags *d);
/* `hint` may be NULL.  Texts are copied. */
void sg_diag(struct sg_diags *d, enum sg_severity_diag severity, struct sg_span span, const char *hint, const char *fmt,
	     ...) SG_PRINTF(5, 6);
/* About a file or the machine as a whole, without a place in a text. */
void sg_diag_file(struct sg_diags *d, enum sg_severity_diag severity, struct sg_str path, const char *hint,
		  const char *fmt, ...) SG_PRINTF(5, 6);
size_t sg_diags_errors(const struct sg_diags *d); /* how often an error was said, repeats too */
size_t sg_diags_count(const struct sg_diags *d);
const struct sg_diag *sg_diags_at(const struct sg_diags *d, size_t i);
/* Sorted by file, place and message:
 *   spec.yaml:3:9: error: unknown key 'memroy'
 *       3 | memroy: 256
 *         | ^~~~~~
 *         = did you mean 'memory'?
 * Control characters of the user's text are shown as escapes, so that no file can steer a terminal. */
void sg_diags_print(const struct sg_diags *d, struct sg_buf *out, bool colour);
/* The excerpt and caret of one span, as used above, each line behind `indent` blanks. */
void sg_excerpt(const struct sg_sources *s, struct sg_span span, struct sg_buf *out, unsigned indent, bool colour);
/* The bytes with control characters, DEL and malformed UTF-8 as \xNN, bidi controls as \u{…}: for a terminal or
 * a log. */
void sg_buf_printable(struct sg_buf *out, struct sg_str text);
/* A path at the start of a line, likewise; "::error" as "./::error", since a line of a log on GitHub that starts with
 * "::" is a command to its runner.  sg_buf_printable() itself sees to "##[", which is one anywhere. */
void sg_buf_path(struct sg_buf *out, struct sg_str path);

/* ---------------------------------------------------------------------------------------------- rules */

enum sg_severity { SG_LOW, SG_MEDIUM, SG_HIGH, SG_CRITICAL };
enum sg_verdict { SG_PASS, SG_UNPROVEN, SG_FAIL }; /* ordered: the worse is the larger */

const char *sg_severity_name(enum sg_severity s); /* "critical" … */
const char *sg_verdict_name(enum sg_verdict v);   /* "pass", "unproven", "fail" */

/* One row of rules.def.  Ids are never reused. */
struct sg_rule {
	const char *id;     /* "NET001" */
	const char *family; /* "NET" */
	enum sg_severity severity;
	const char *title; /* the property, said as what holds when it passes */
};

extern const struct sg_rule sg_rules[]; /* in the order of rules.def */
extern const size_t sg_rules_count;
const struct sg_rule *sg_rule_find(struct sg_str id); /* NULL where there is none */
const struct sg_rule *sg_rule_get(const char *id);    /* must exist: a misspelt id in the code is a bug */
/* Rules of the user's own are made at run time: findings may have them, too. */
bool sg_rule_builtin(const struct sg_rule *r);
/* The table's in its order, then others by id and family. */
int sg_rule_compare(const struct sg_rule *a, const struct sg_rule *b);

/* ---------------------------------------------------------------------------------------------- findings */

/* A step of a witness: "route DefaultRoute sends 0.0.0.0/0 to gateway Igw". */
struct sg_step {
	struct sg_str message;
	struct sg_span span;
};

/* A parameter (or condition) value under which the finding holds. */
struct sg_binding {
	struct sg_str name, value;
};

/* Who says that a finding does not count; SG_BY_NOBODY where it counts. */
enum sg_suppressed_by { SG_BY_NOBODY, SG_BY_TEMPLATE, SG_BY_FILE, SG_BY_BASELINE };
const char *sg_suppressed_by_name(enum sg_suppressed_by by); /* "template", "file", "baseline"; NULL of nobody */

struct sg_finding {
	const struct sg_rule *rule;
	enum sg_verdict status; /* SG_FAIL or SG_UNPROVEN; a pass leaves no finding */
	enum sg_severity severity;
	struct sg_str message; /* what, in this template */
	struct sg_str settle;  /* unproven: what would settle it; fail: what to change.  May be empty */
	struct sg_span span;
	struct sg_str resource; /* logical id, or empty */
	struct sg_str path;     /* JSON pointer into the template, "/Resources/F/Properties/Timeout" */
	SG_VEC(struct sg_step) witness;
	SG_VEC(struct sg_binding) when;
	struct sg_str suppressed; /* the reason, or empty */
	enum sg_suppressed_by suppressed_by;
};

/* What was judged: one row per (rule, resource) that was decided, so that a report can say what passed. */
struct sg_judged {
	const struct sg_rule *rule;
	struct sg_str resource;
	enum sg_verdict verdict;
};

/* A suppression that another tool would obey: named, never obeyed. */
struct sg_not_obeyed {
	struct sg_str tool, rule, resource; /* resource: empty for the template's own metadata */
	struct sg_span span;
};

struct sg_findings {
	struct sg_arena *arena;
	SG_VEC(struct sg_finding *) list;
	SG_VEC(struct sg_judged) judged;
	SG_VEC(struct sg_str) not_judged; /* resources that the template itself sets aside */
	SG_VEC(struct sg_not_obeyed) not_obeyed;
	struct sg_map *index; /* of `judged`; made by sg_judge() */
};

/* A new finding, appended, for the caller to fill in further; judges the rule for the resource, too.  rule_id must
 * exist, status must not be SG_PASS; the severity is the rule's unless the caller changes it. */
struct sg_finding *sg_finding_add(struct sg_findings *f, const char *rule_id, enum sg_verdict status,
				  struct sg_span span, struct sg_str resource, const char *fmt, ...) SG_PRINTF(6, 7);
/* The same of any rule, which must live as long as the findings. */
struct sg_finding *sg_finding_of(struct sg_findings *f, const struct sg_rule *rule, enum sg_verdict status,
				 struct sg_span span, struct sg_str resource, const char *fmt, ...) SG_PRINTF(6, 7);
void sg_judge_of(struct sg_findings *f, const struct sg_rule *rule, struct sg_str resource, enum sg_verdict verdict);
void sg_finding_step(struct sg_findings *f, struct sg_finding *finding, struct sg_span span, const char *fmt, ...)
	SG_PRINTF(4, 5);
void sg_finding_settle(struct sg_findings *f, struct sg_finding *finding, const char *fmt, ...) SG_PRINTF(3, 4);
/* Records that a rule was decided for a resource; the worst verdict of repeated calls stands. */
void sg_judge(struct sg_findings *f, const char *rule_id, struct sg_str resource, enum sg_verdict verdict);
/* By file, place, rule id, resource, message; removes exact repeats. */
void sg_findings_sort(struct sg_findings *f);
/* Digits of a fingerprint, without a NUL. */
#define SG_FINGERPRINT 32
/* The same for as long as the finding says the same: of rule, resource, path, status, message and the messages of the
 * witness; not of places, so that it outlives moved lines.  Written as lower-case hexadecimal digits and a NUL. */
void sg_finding_fingerprint(const struct sg_finding *finding, char out[SG_FINGERPRINT + 1]);
enum sg_verdict sg_findings_verdict(const struct sg_findings *f, enum sg_severity fail_on); /* suppressed ones aside */

#endif
