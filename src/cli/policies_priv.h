/* Rule files of the Guard language at the command line: finding and loading them, running them, the views. */
#ifndef SG_CLI_POLICIES_PRIV_H
#define SG_CLI_POLICIES_PRIV_H

#include "audit/audit.h"
#include "cli/cli_priv.h"
#include "guard/guard.h"
#include "report/report.h"

/* ---------------------------------------------------------------------------------------------- paths.c */

struct sg_paths {
	SG_VEC(struct sg_str) list;
};

/* The files below a folder whose names end in one of `endings` (ends with NULL), in the order of their paths; a path that
 * is no folder is taken as it is.  Links to folders are not followed.  False with an error. */
bool sg_cli_walk(struct sg_cli *cli, const char *path, const char *const *endings, struct sg_paths *out);
/* Of "a/b/c.guard": "a/b" ("." where there is none), "c.guard", "c". */
struct sg_str sg_path_folder(struct sg_str path);
struct sg_str sg_path_name(struct sg_str path);
struct sg_str sg_path_stem(struct sg_str path);

/* ---------------------------------------------------------------------------------------------- policies.c */

struct sg_policy {
	struct sg_str path;
	struct sg_guard *guard;
};

struct sg_policies {
	SG_VEC(struct sg_policy) files;
};

/* Loads rule files and all *.guard of folders; false with errors. */
bool sg_policies_load(struct sg_cli *cli, const char *const *paths, size_t n, struct sg_policies *out);
bool sg_policies_load_file(struct sg_cli *cli, struct sg_str path, struct sg_policies *out);
void sg_policies_free(struct sg_policies *p);

/* The tree of a source, JSON or YAML, of whatever kind; keys that are there twice are nobody's concern. */
const struct sg_node *sg_policies_tree(struct sg_cli *cli, uint32_t source);

/* One rule file over one document; an error of the evaluation is a diagnostic, and SG_GUARD_ERROR. */
struct sg_guard_run sg_policies_run(struct sg_cli *cli, const struct sg_policy *p, const struct sg_guard_doc *doc);

struct sg_policies_options {
	enum sg_guard_view view; /* NONE: as each rule file says, else raw */
	const struct sg_override *overrides;
	size_t n_overrides;
	const struct sg_published *facts; /* of the resolved view; NULL: none */
};

/* All of them over the document that is this source: failures become findings, statuses file->rules.  False with
 * errors. */
bool sg_policies_judge(struct sg_cli *cli, const struct sg_policies *p, uint32_t source,
		       const struct sg_policies_options *o, struct sg_findings *findings, struct sg_report_file *file);

/* ---------------------------------------------------------------------------------------------- strict.c */

/* Has each rule of a strict file the name of a built-in one?  False with errors. */
bool sg_strict_check(struct sg_cli *cli, const struct sg_guard *g);
/* A strict file's rules over a test's template, as the audit runs them; `sandbox` has bounds, and may be NULL.  The
 * statuses are PASS, UNKNOWN and FAIL; SG_GUARD_ERROR where it could not be judged, which is said. */
struct sg_guard_run sg_strict_run(struct sg_cli *cli, const struct sg_policy *p, const struct sg_node *input,
				  const struct sg_node *sandbox);

/* ---------------------------------------------------------------------------------------------- workflow.c */

/* Is this source a workflow file of GitHub Actions? */
bool sg_is_workflow(struct sg_cli *cli, uint32_t source);
/* Its findings, sorted; NULL with errors. */
struct sg_findings *sg_workflow_judge(struct sg_cli *cli, uint32_t source);

/* ---------------------------------------------------------------------------------------------- views.c */

/* A document in the views that were asked for so far. */
struct sg_views {
	struct sg_cli *cli;
	const struct sg_node *root;
	const struct sg_policies_options *options;
	const struct sg_node *expanded;
	struct sg_guard_doc *docs[SG_GUARD_VIEW_RESOLVED + 1];
	struct sg_findings findings; /* of the expansion; the audit says them */
};

/* NULL with errors where the document has no such view: expanded and resolved are views of templates. */
const struct sg_guard_doc *sg_view(struct sg_views *v, enum sg_guard_view view);

#endif
