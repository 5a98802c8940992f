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

/* Is there a comment `# sandboxgen: strict`?  Then the file's rules are for sg_guard_judge(). */
bool sg_guard_is_strict(const struct sg_guard *g);

/* The rules that are evaluated (not the parameterised ones), in the order of the file; clauses outside of any rule are
 * the rule "default", which comes first.  Several may have one name. */
size_t sg_guard_rules(const struct sg_guard *g);
struct sg_str sg_guard_rule_name(const struct sg_guard *g, size_t i);
struct sg_span sg_guard_rule_span(const struct sg_guard *g, size_t i); /* of its name; nowhere for "default" */

/* Has it a block for resources of this type, outside of any other block? */
bool sg_guard_rule_asks(const struct sg_guard *g, size_t i, struct sg_str type);

/* The page of a rule: the comment lines directly in front of it without their "# ", where they begin with a heading
 * ("# # LIM001: memory is bounded"); else empty.  In `a`. */
struct sg_str sg_guard_page(struct sg_arena *a, const struct sg_guard *g, size_t i);

/* What a page says at its head: "# ID: TITLE" and a line "Severity: WORD."; empty where it does not. */
struct sg_guard_meta {
	struct sg_str id, title, severity;
};
struct sg_guard_meta sg_guard_meta(struct sg_str page);

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

/* In the order in which they win for a file: FAIL over PASS over SKIP.  UNKNOWN: strict mode's alone.  ERROR: the
 * evaluation could not go on. */
enum sg_guard_status { SG_GUARD_SKIP, SG_GUARD_PASS, SG_GUARD_UNKNOWN, SG_GUARD_FAIL, SG_GUARD_ERROR };
const char *sg_guard_status_name(enum sg_guard_status s); /* "SKIP", "PASS", "UNKNOWN", "FAIL", "ERROR" */

struct sg_guard_seen;

/* One thing that made a rule fail. */
struct sg_guard_fail {
	struct sg_span rule_span;   /* the clause */
	const struct sg_node *node; /* the value that failed, or the one in which something is missing; may be NULL */
	struct sg_str path;         /* JSON pointer of it, with what is missing */
	struct sg_str resource;     /* the key behind /Resources, or empty */
	struct sg_str message;      /* the clause's own <<message>>, trimmed; may be empty */
	struct sg_str reason;       /* what was compared and how: one line */
	/* strict mode */
	bool open;                        /* it does not fail, it is unknown */
	bool missing;                     /* `node` is only what something is missing in */
	const struct sg_guard_seen *seen; /* the unknown value that was met; NULL: none */
	struct sg_str value, limit, key; /* what was met (text as it is, the rest described), the right side, its key */
	const struct sg_node *key_node;  /* may be NULL */
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

/* ---------------------------------------------------------------------------------------------- strict mode */

/* What one node of a document is in the world at hand. */
enum sg_guard_what {
	SG_GUARD_ABSENT,  /* it is not there */
	SG_GUARD_LITERAL, /* what it says by the reading yaml11, or a list or a map, whose parts are asked for in turn */
	SG_GUARD_OPEN,    /* nobody can know */
};

struct sg_guard_seen {
	enum sg_guard_what what;
	const struct sg_node *node; /* where it is written; LITERAL: what it says */
	bool present;               /* OPEN: at least that there is something is known */
	bool at_least, at_most;     /* OPEN: it is a number and may be as small as `least`, as large as `most` */
	double least, most;
	const void *value; /* the caller's own, for its findings */
};

/* What decides between the deployments of a document.  `see` is asked once per evaluation about each place that a rule
 * looks at, and may narrow its world while it answers. */
struct sg_guard_world {
	struct sg_guard_seen (*see)(void *context, const struct sg_node *node);
	void *context;
};

/* One rule over one resource, in one world: the document is {"Resources": {name: node}}.
 *
 * Strict: whatever nobody can know is UNKNOWN through every operator, filter, function, condition and reference, and
 * decides the rule only where the rest does not.  What stands behind a condition that nobody can know is
 * evaluated: where it does not fail, the rule does not fail either way, so that this is no UNKNOWN.  Otherwise the language is 3.2.1's, but for what hides mistakes there:
 * keys are found as they are spelt alone; a part of something that has none is unknown, not missing; numbers and
 * Booleans equal the texts that spell them, as CloudFormation converts them; what cannot be compared by size, or asked
 * for being empty, is unknown.  The result is in `a`; `scratch` may be freed afterwards. */
struct sg_guard_outcome sg_guard_judge(struct sg_arena *a, struct sg_arena *scratch, const struct sg_guard *g,
				       size_t rule, struct sg_str name, const struct sg_node *node,
				       const struct sg_guard_world *world, struct sg_str *error);

/* ---------------------------------------------------------------------------------------------- all rules */

/* All rules over one document.  The result is in `a`. */
struct sg_guard_run sg_guard_run(struct sg_arena *a, const struct sg_guard *g, const struct sg_guard_doc *doc,
				 const struct sg_guard_options *options);

#endif
