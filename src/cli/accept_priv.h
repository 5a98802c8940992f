/* What audit and accept.c share. */
#ifndef SG_ACCEPT_PRIV_H
#define SG_ACCEPT_PRIV_H

#include "cli/cli_priv.h"
#include "report/report.h"

struct sg_suppressions;
struct sg_baseline;

struct sg_accept {
	struct sg_suppressions *file; /* of --suppress; empty without it */
	const char *path;             /* of that, or NULL */
	struct sg_baseline *baseline; /* or NULL */
	const char *baseline_path;
	struct sg_str today; /* YYYY-MM-DD in UTC */
	bool all;            /* all that a suppression could be for is judged: one without effect is a finding */
};

/* --suppress and --baseline; false with diagnostics. */
bool sg_accept_read(struct sg_cli *cli, struct sg_accept *out);
/* Marks what is accepted of a file's findings; `own` are its own suppressions.  Sorts them. */
void sg_accept_judge(struct sg_cli *cli, struct sg_accept *a, struct sg_suppressions *own, struct sg_findings *f,
		     const struct sg_report_file *file);
/* What is to be said of the file of --suppress itself, once all files were judged. */
struct sg_report_file sg_accept_file(struct sg_cli *cli, const struct sg_accept *a);
/* Writes --write-baseline, if it is given; false with diagnostics. */
bool sg_accept_write(struct sg_cli *cli, const struct sg_report *r);

#endif
