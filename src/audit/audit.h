/*
 * audit/ - which checks run on what: the functions of a template that are sandboxes, the bounds they are held to, the
 * verdict.  It must not know the spec or how findings are shown; the bounds come in as a plain struct.
 */
#ifndef SG_AUDIT_H
#define SG_AUDIT_H

#include "guard/guard.h"
#include "iam/iam.h"
#include "net/net.h"

/* What a sandbox is held to.  The command line fills it from the spec where there is one. */
struct sg_bounds {
	int64_t memory_mb;   /* at most */
	int64_t timeout_s;   /* at most */
	int64_t storage_mb;  /* ephemeral, at most */
	int64_t concurrency; /* reserved, at most; -1: not asked for */
	bool executor;       /* the function runs our executor: FUN001 then is more than a note.  Also true where the
	                        template says so itself (see audit_ours) */
	bool per_tenant;     /* one execution environment per tenant */
	const struct sg_str *invokers; /* ARNs of the roles and users that are to be let in, and nobody else */
	size_t n_invokers;
};

/* The bounds of the document that this product implements. */
#define SG_BOUNDS_DEFAULT ((struct sg_bounds){256, 30, 512, -1, false, false, NULL, 0})

/* Where two readers of the text read different values (yaml/ finds them). */
struct sg_difference {
	struct sg_span span;
	struct sg_str text; /* one line: what each reads */
};

struct sg_differences {
	SG_VEC(struct sg_difference) vec;
};

/* What the audit found out about the functions of a template, for rules of the user's own: the node that stands under the
 * reserved key SG_FACTS of the resource in the resolved view.  It has
 *   Judged: false where the template sets the function aside; then nothing else
 *   Executor, PerTenant: what is expected of it;  Bounds: what it is held to
 *   Network: closed, open or unproven (NET001 and NET008);  Permissions: proven, exceeded or unproven (IAM001 and IAM006)
 *   Verdicts: {NET001: pass, …}, of each rule that was judged;  Findings: a list of {Rule, Status, Severity, Message} */
#define SG_FACTS "x-sandboxgen"

struct sg_published {
	struct sg_map *facts; /* by logical id: const struct sg_node * */
};

struct sg_audit_options {
	struct sg_bounds bounds;
	const struct sg_str *functions; /* logical ids to judge, whatever the template says; none: all that are not
	                                   marked as something else */
	size_t n_functions;
	bool no_inline; /* ignore what the template says about itself: Metadata Sandboxgen Role, Invokers */
	const struct sg_override *overrides;
	size_t n_overrides;
	/* follows AWS::Include, as sg_cfn_options has it; NULL: none is followed */
	const struct sg_node *(*load)(void *context, struct sg_str path, const struct sg_node *at);
	void *load_context;
	const struct sg_differences *differences; /* NULL: none.  `load` may add to them while the template is read */
	struct sg_suppressions *suppressions;     /* those of the template are added, unless no_inline; may be NULL */
	const struct sg_net_facts *facts;         /* what is assumed of what is outside the template; may be NULL */
	struct sg_iam_options iam;                /* without diags: those of the call are taken */
	const struct sg_guard *const
		*rules; /* rule files in strict mode (sg_guard_judge()): their rules take the place of
	                                             the built-in ones of the same name */
	size_t n_rules;
	const char *const *packs; /* names of packs to run over all resources, or "all" */
	size_t n_packs;
	bool packs_only;              /* and nothing else: no function is judged */
	struct sg_published *publish; /* where facts go; NULL: nowhere */
};

/* Is there a built-in rule of this name in the Guard language, which another one can take the place of? */
bool sg_audit_has_rule(struct sg_str name);

/* Judges one template.  `root` is the tree as loaded.  What cannot be audited at all (no Resources, duplicate keys, a
 * function or parameter that is named and not there) is an error in `d`; the caller then exits with 2, whatever the
 * return value (SG_FAIL).  Otherwise findings and judgements are in `f`, sorted, and the worst verdict of all of
 * them comes back (the gate's word is sg_findings_verdict(), which knows --fail-on).
 *
 * Judged is each AWS::Lambda::Function of the expanded template but those with `Metadata: {Sandboxgen: {Role: other}}`,
 * which f->not_judged names. */
enum sg_verdict sg_audit_template(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f,
				  const struct sg_node *root, const struct sg_audit_options *options);

/* The name of the i-th pack of rules that are off by default (policies/packs/); false behind the last. */
bool sg_audit_pack(size_t i, struct sg_str *name);
bool sg_audit_in_pack(size_t i, struct sg_str id); /* has the i-th pack this rule? */

/* ---------------------------------------------------------------------------------------------- what is accepted */

/* Suppressions: each of a rule, with a reason and the last day (YYYY-MM-DD) on which it holds. */
struct sg_suppressions;

struct sg_suppressions *sg_suppressions_new(struct sg_arena *a);
/* Those that the template's own metadata has; what is wrong with one is a finding (TPL006). */
void sg_suppressions_template(struct sg_suppressions *s, struct sg_findings *f, const struct sg_node *root);
/* Those of a file; what is wrong is an error in `d`, and false. */
bool sg_suppressions_file(struct sg_suppressions *s, struct sg_diags *d, const struct sg_node *root);
/* Names a rule of the user's own that ran. */
void sg_suppressions_know(struct sg_suppressions *s, struct sg_str rule);
/* Marks the findings of `file` that they cover on the day `today`.  Nothing covers TPL006. */
void sg_suppressions_use(struct sg_suppressions *s, struct sg_findings *f, const struct sg_sources *sources,
			 struct sg_str file, struct sg_str today);
/* A finding (TPL006) for each that is of an unknown rule or expired and, with `all`, that covered nothing
 * although its rule was judged.  Where no
 * rules of the user's own ran, a name that is not nearly a built-in rule's may be one of theirs. */
void sg_suppressions_leftover(const struct sg_suppressions *s, struct sg_findings *f, struct sg_str today, bool all);
/* Names the suppressions of cfn_nag, checkov and cfn-guard that are not obeyed, in f->not_obeyed. */
void sg_suppressions_of_others(struct sg_findings *f, const struct sg_node *root);

/* The findings of an earlier run, by fingerprint. */
struct sg_baseline;
struct sg_json;

/* `root`: a JSON tree.  What is wrong is an error in `d`, and NULL. */
struct sg_baseline *sg_baseline_read(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root);
/* Marks the findings of `file` that it has; each entry is for one finding.  TPL006 is never in one. */
void sg_baseline_use(struct sg_baseline *b, struct sg_findings *f, struct sg_str file);
size_t sg_baseline_gone(const struct sg_baseline *b); /* entries that no finding used */
/* Writing one: begin, each file's findings but those that are suppressed otherwise, end. */
void sg_baseline_begin(struct sg_json *w, struct sg_buf *out);
void sg_baseline_add(struct sg_json *w, const struct sg_findings *f, struct sg_str file);
void sg_baseline_end(struct sg_json *w);

#endif
