/*
 * guard/ - the Guard rule language (https://github.com/aws-cloudformation/cloudformation-guard), with the verdicts of
 * cfn-guard 3.2.1: rules are parsed and checked once, then evaluated over any number of documents.
 *
 * It knows nothing of AWS and reads no files: rules come as a source, documents as node trees, results go back as
 * statuses with the nodes that decided them.  Where it means to differ from 3.2.1 is written in policies/DEVIATIONS.md.
 */
#ifndef SG_GUARD_H
#define SG_GUARD_H

#include "value/value.h"

/* ---------------------------------------------------------------------------------------------- rules */

struct sg_guard; /* a rule file that was loaded */

/* Bounds; 0 stands for the default.  Past each of them: an error, never a verdict. */
struct sg_guard_limits {
	size_t bytes;   /* of a rule file: 16 MiB */
	size_t depth;   /* of nested blocks, filters and values in it, and of rules that call rules: 200 */
	uint64_t steps; /* of one evaluation (values visited and compared): 100,000,000 */
	size_t memory;  /* bytes of one evaluation's intermediate results: 512 MiB */
	uint32_t match; /* of one regular expression over one text (PCRE2's match limit): 1,000,000 */
};

extern const struct sg_guard_limits sg_guard_limits_default;

/* Reads the rules of a source (of sg_diags_sources(d)).  NULL after errors in `d`, each at its place: what cfn-guard
 * cannot parse, names of rules, variables and functions that do not exist, rules or variables that need themselves,
 * regular expressions that cannot be compiled or that mean something else in cfn-guard.  The rules live in `a` (as long
 * as the source's text); sg_guard_free() gives back what PCRE2 holds. */
struct sg_guard *sg_guard_load(struct sg_arena *a, struct sg_diags *d, uint32_t source,
			       const struct sg_guard_limits *limits);
void sg_guard_free(struct sg_guard *g); /* NULL is fine */

enum sg_guard_view { SG_GUARD_VIEW_NONE, SG_GUARD_VIEW_RAW, SG_GUARD_VIEW_EXPANDED, SG_GUARD_VIEW_RESOLVED };
/* What a comment `# sandboxgen: view=NAME` in the file asks for. */
enum sg_guard_view sg_guard_view(const struct sg_guard *g);

/* The rules that are evaluated (not the parameterised ones), in the order of the file; clauses outside of any rule are
 * the rule "default", which comes first.  Several may have one name. */
size_t sg_guard_rules(const struct sg_guard *g);
struct sg_str sg_guard_rule_name(const struct sg_guard *g, size_t i);
struct sg_span sg_guard_rule_span(const struct sg_guard *g, size_t i); /* of its name; nowhere for "default" */

/* ---------------------------------------------------------------------------------------------- documents */

/* How scalars and tags are read: as `cfn-guard validate` does it (value's guard321 reading), as `cfn-guard test` reads
 * the inputs of its test files (YAML 1.2), or as SAM and CloudFormation read them (yaml11; tags mean nothing then: the
 * tree has its intrinsics in long form). */
enum sg_guard_reading { SG_GUARD_VALIDATE, SG_GUARD_TEST, SG_GUARD_YAML11 };

struct sg_guard_doc; /* a document as rules see it; used by any number of evaluations */
/* In `a`; never NULL.  Of duplicate keys the last wins. */
struct sg_guard_doc *sg_guard_doc(struct sg_arena *a, const struct sg_node *root, enum sg_guard_reading reading);

/* Whether `cfn-guard validate` could read the document; else errors in `d` (at most 20).  It refuses keys that it reads as
 * numbers, Booleans or null.  Integers are let through, and the words that only YAML 1.1 has for Booleans (on, yes):
 * templates and workflow files have such keys (policies/DEVIATIONS.md). */
bool sg_guard_doc_readable(struct sg_diags *d, const struct sg_node *root);

/* ---------------------------------------------------------------------------------------------- evaluation */

/* In the order in which they win for a file: FAIL over PASS over SKIP.  ERROR: the evaluation could not go on. */
enum sg_guard_status { SG_GUARD_SKIP, SG_GUARD_PASS, SG_GUARD_FAIL, SG_GUARD_ERROR };
const char *sg_guard_status_name(enum sg_guard_status s); /* "SKIP", "PASS", "FAIL", "ERROR" */

/* One thing that made a rule fail. */
struct sg_guard_fail {
	struct sg_span rule_span;   /* the clause */
	const struct sg_node *node; /* the value that failed, or the one in which something is missing; may be NULL */
	struct sg_str path;         /* JSON pointer of it, with what is missing */
	struct sg_str resource;     /* the key behind /Resources, or empty */
	struct sg_str message;      /* the clause's own <<message>>, trimmed; may be empty */
	struct sg_str reason;       /* what was compared and how: one line */
};

struct sg_guard_outcome {
	enum sg_guard_status status;
	const struct sg_guard_fail *fails; /* at least one where status is FAIL; at most 1000 are kept */
	size_t n_fails;
};

struct sg_guard_run {
	enum sg_guard_status status;
	const struct sg_guard_outcome *rules; /* as many as sg_guard_rules(); not set where status is ERROR */
	struct sg_str error;                  /* ERROR: why */
	struct sg_span error_span;            /* in the rule file */
};

struct sg_guard_options {
	const struct sg_guard_limits *limits; /* NULL: the defaults */
	int64_t now;                          /* seconds since 1970, for now() */
	/* For json_parse(): the tree of a text, in `a`; NULL where it is none.  NULL: json_parse() is an error. */
	const struct sg_node *(*parse)(void *context, struct sg_arena *a, struct sg_str text);
	void *context;
};

/* All rules over one document.  The result is in `a`. */
struct sg_guard_run sg_guard_run(struct sg_arena *a, const struct sg_guard *g, const struct sg_guard_doc *doc,
				 const struct sg_guard_options *options);

#endif
