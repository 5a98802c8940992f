/* What only the files of report/ share. */
#ifndef SG_REPORT_PRIV_H
#define SG_REPORT_PRIV_H

#include "report/report.h"

struct sg_tally {
	size_t fail, unproven, suppressed;
};

struct sg_tally sg_report_tally(const struct sg_findings *f); /* NULL: zeros */

/* r->limits where a rule was judged of the file that they are about, else NULL. */
const char *const *sg_report_limits(const struct sg_report *r, const struct sg_report_file *f);

#endif
