/*
 * report/ - findings into text for people, JSON, SARIF and JUnit for programs, annotations for GitHub.  It decides
 * nothing: verdicts come with the findings.
 */
#ifndef SG_REPORT_H
#define SG_REPORT_H

#include "diag/diag.h"

/* What cfn-guard calls the status of one rule over a file. */
struct sg_report_rule {
	struct sg_str name;
	const char *status;   /* "PASS", "FAIL", "SKIP" */
	struct sg_str policy; /* the rule file */
	SG_VEC(const struct sg_finding *) fails;
};

/* What was found in one file; findings sorted (sg_findings_sort). */
struct sg_report_file {
	struct sg_str path;
	bool judged;                        /* false: it could not be read, which diagnostics tell; no findings then */
	const struct sg_findings *findings; /* NULL where not judged */
	const struct sg_report_rule *rules; /* the user's, by name; NULL where none were asked for */
	size_t n_rules;
};

/* What was taken for granted of things outside the templates, because somebody said so. */
struct sg_report_assumption {
	struct sg_str text, reason; /* "Subnet subnet-1: Routes none" */
	struct sg_span span;
	bool used; /* a verdict rests on it */
};

struct sg_report {
	const char *version; /* of the program */
	const struct sg_sources *sources;
	enum sg_severity fail_on; /* findings below it are shown and do not count */
	const struct sg_report_file *files;
	size_t n_files;
	const struct sg_report_assumption *assumptions;
	size_t n_assumptions;
	const char *const
		*limits; /* what the permission rules do not claim, ends with NULL; shown where IAM006 or IAM011 was
				      judged.  May be NULL */
	struct sg_str baseline;          /* the file, or empty */
	size_t baseline_gone;            /* entries of it that no finding has any more */
	const struct sg_diags *diags;    /* why a file could not be judged; may be NULL */
	const struct sg_embedded *pages; /* policies/ID.md, for the help of rules; may be NULL */
};

/* "pass", "unproven", "fail", or "error" where a file could not be judged: the worst of the files. */
const char *sg_report_verdict(const struct sg_report *r);
const char *sg_report_file_verdict(const struct sg_report *r, const struct sg_report_file *f);

/* For people: a verdict per file, what was judged, each finding with its place, excerpt, witness and remedy.  Nothing of
 * the user's text reaches the terminal unescaped. */
void sg_report_text(struct sg_buf *out, const struct sg_report *r, bool colour);

/* Version 1 of the format that report.schema.json describes; ends with a line feed. */
void sg_report_json(struct sg_buf *out, const struct sg_report *r);

/* SARIF 2.1.0 (OASIS), one run.  An unproven finding has the kind "open", which that standard has for tools that prove;
 * what passes is left out, because GitHub takes every result for an alert.  Columns count UTF-16's code units. */
void sg_report_sarif(struct sg_buf *out, const struct sg_report *r);

/* JUnit's XML: a suite for each file, a case for each property that was decided.  What the gate counts as a no is a
 * failure; what is suppressed or below fail_on is skipped; a file that could not be judged is an error. */
void sg_report_junit(struct sg_buf *out, const struct sg_report *r);

/* Workflow commands of GitHub Actions, a line each, the worst first: of a step GitHub shows ten errors, ten warnings
 * and ten notices.  Whatever the files hold, each line is one command of these three. */
void sg_report_github(struct sg_buf *out, const struct sg_report *r);

#endif
