/* What only the files of report/ share. */
#ifndef SG_REPORT_PRIV_H
#define SG_REPORT_PRIV_H

#include "report/report.h"

struct sg_json;

struct sg_tally {
	size_t fail, unproven, suppressed;
};

struct sg_tally sg_report_tally(const struct sg_findings *f); /* NULL: zeros */

/* r->limits where a rule was judged of the file that they are about, else NULL. */
const char *const *sg_report_limits(const struct sg_report *r, const struct sg_report_file *f);

/* Does the gate count it as a no? */
bool sg_report_counts(const struct sg_report *r, const struct sg_finding *finding);

/* notJudged, notObeyed, baseline, assumptions, limits: members of the object that is being written. */
void sg_report_json_notes(struct sg_json *w, const struct sg_report *r);
/* A finding's `when`, as an object. */
void sg_report_json_when(struct sg_json *w, const struct sg_finding *finding);

/* What policies/ID.md says of a rule, without its examples; empty where there is no page. */
struct sg_str sg_report_page(const struct sg_report *r, const struct sg_rule *rule);
/* The page's first paragraph in one line; empty where there is no page. */
void sg_report_summary_of(struct sg_buf *out, struct sg_str page);

/* The finding in words, all but where it is: message, what to do, when, why suppressed; each on a line of its own. */
void sg_report_words(struct sg_buf *out, const struct sg_finding *finding);
/* The hops of its witness with their places, a line each, each behind a line feed. */
void sg_report_hops(struct sg_buf *out, const struct sg_report *r, const struct sg_finding *finding);
/* path:line:column, printable; nothing for nowhere. */
void sg_report_place(struct sg_buf *out, const struct sg_report *r, struct sg_span span);

#endif
