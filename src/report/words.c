/*
 * A finding in words, for the formats that have a text where the text report has a block.
 */
#include "report/report_priv.h"

static void sentence(struct sg_buf *out, const char *label, struct sg_str text)
{
	if (!text.n)
		return;
	sg_buf_addf(out, "\n%s: ", label);
	sg_buf_printable(out, text);
}

void sg_report_words(struct sg_buf *out, const struct sg_finding *finding)
{
	sg_buf_printable(out, finding->message);
	for (size_t i = 0; i < finding->when.n; i++) {
		sg_buf_adds(out, i ? ", " : "\nWhen ");
		sg_buf_printable(out, finding->when.v[i].name);
		sg_buf_adds(out, " = ");
		sg_buf_printable(out, finding->when.v[i].value);
	}
	sentence(out, finding->status == SG_FAIL ? "To put it right" : "To settle it", finding->settle);
	sentence(out, "Suppressed", finding->suppressed);
}

void sg_report_place(struct sg_buf *out, const struct sg_report *r, struct sg_span span)
{
	struct sg_pos pos = sg_pos_start(r->sources, span);
	if (!span.source)
		return;
	sg_buf_path(out, sg_source_path(r->sources, span.source));
	sg_buf_addf(out, ":%u:%u", pos.line, pos.column);
}

void sg_report_hops(struct sg_buf *out, const struct sg_report *r, const struct sg_finding *finding)
{
	for (size_t i = 0; i < finding->witness.n; i++) {
		const struct sg_step *step = &finding->witness.v[i];
		sg_buf_adds(out, i ? "\n-> " : "\nWitness: ");
		sg_buf_printable(out, step->message);
		if (!step->span.source)
			continue;
		sg_buf_adds(out, " (");
		sg_report_place(out, r, step->span);
		sg_buf_addc(out, ')');
	}
}
