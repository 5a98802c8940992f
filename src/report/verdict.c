/*
 * The verdicts of files and of the run, for all formats alike.
 */
#include "report/report_priv.h"

#include <string.h>

/* "error" outranks all: what could not be judged is no answer. */
static int rank(const struct sg_report *r, const struct sg_report_file *f)
{
	return f->judged ? (int)sg_findings_verdict(f->findings, r->fail_on) : SG_FAIL + 1;
}

static const char *name(int rank)
{
	return rank > SG_FAIL ? "error" : sg_verdict_name((enum sg_verdict)rank);
}

const char *sg_report_file_verdict(const struct sg_report *r, const struct sg_report_file *f)
{
	return name(rank(r, f));
}

const char *sg_report_verdict(const struct sg_report *r)
{
	int worst = SG_PASS;
	for (size_t i = 0; i < r->n_files; i++)
		if (rank(r, &r->files[i]) > worst)
			worst = rank(r, &r->files[i]);
	return name(worst);
}

struct sg_tally sg_report_tally(const struct sg_findings *f)
{
	struct sg_tally t = {0};
	for (size_t i = 0; f && i < f->list.n; i++) {
		const struct sg_finding *finding = f->list.v[i];
		if (finding->suppressed.n)
			t.suppressed++;
		else if (finding->status == SG_FAIL)
			t.fail++;
		else
			t.unproven++;
	}
	return t;
}

const char *const *sg_report_limits(const struct sg_report *r, const struct sg_report_file *f)
{
	for (size_t k = 0; r->limits && f->findings && k < f->findings->judged.n; k++) {
		const char *id = f->findings->judged.v[k].rule->id;
		if (!strcmp(id, "IAM006") || !strcmp(id, "IAM011"))
			return r->limits;
	}
	return NULL;
}

bool sg_report_counts(const struct sg_report *r, const struct sg_finding *finding)
{
	return !finding->suppressed.n && finding->severity >= r->fail_on;
}
