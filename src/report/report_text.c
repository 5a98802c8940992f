/*
 * The report for people.
 *
 *   template.yaml: fail (1 fail, 0 unproven)
 *
 *   template.yaml:41:7: fail NET002 critical: route DefaultRoute sends 0.0.0.0/0 to Igw
 *       41 |       GatewayId: !Ref Igw
 *          |                  ^~~~~~~~
 *       should hold: no route leads from the function's subnets out of the VPC
 *       for ExecutorFunction, at /Resources/DefaultRoute/Properties/GatewayId
 *       witness: ExecutorFunction is in subnet SubnetA (template.yaml:20:5)
 *             -> SubnetA uses route table Table (template.yaml:30:5)
 *       when Env = prod
 *       to put it right: delete the route
 *
 *   judged: ExecutorFunction
 *     NET  pass 001 003-010  fail 002
 */
#include "report/report_priv.h"

#include <stdlib.h>
#include <string.h>

enum ink { PLAIN, BOLD, GREEN, YELLOW, RED };

static void ink(struct sg_buf *out, bool colour, enum ink i)
{
	static const char *const codes[] = {"\033[0m", "\033[1m", "\033[1;32m", "\033[1;33m", "\033[1;31m"};
	if (colour)
		sg_buf_adds(out, codes[i]);
}

static enum ink ink_of(const char *verdict)
{
	return !strcmp(verdict, "pass") ? GREEN : !strcmp(verdict, "unproven") ? YELLOW : RED;
}

static void add_verdict(struct sg_buf *out, bool colour, const char *verdict)
{
	ink(out, colour, ink_of(verdict));
	sg_buf_adds(out, verdict);
	ink(out, colour, PLAIN);
}

/* ------------------------------------------------------------------------------------------------ a finding */

static void finding_head(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f,
			 const struct sg_finding *finding, bool colour)
{
	ink(out, colour, BOLD);
	if (finding->span.source)
		sg_report_place(out, r, finding->span);
	else
		sg_buf_path(out, f->path);
	ink(out, colour, PLAIN);
	sg_buf_adds(out, ": ");
	add_verdict(out, colour, sg_verdict_name(finding->status));
	sg_buf_addf(out, " %s %s: ", finding->rule->id, sg_severity_name(finding->severity));
	sg_buf_printable(out, finding->message);
	sg_buf_addc(out, '\n');
}

static void line(struct sg_buf *out, const char *label, struct sg_str text)
{
	if (!text.n)
		return;
	sg_buf_addf(out, "    %s ", label);
	sg_buf_printable(out, text);
	sg_buf_addc(out, '\n');
}

static void subject(struct sg_buf *out, const struct sg_finding *finding)
{
	if (!finding->resource.n && !finding->path.n)
		return;
	sg_buf_adds(out, "   ");
	if (finding->resource.n) {
		sg_buf_adds(out, " for ");
		sg_buf_printable(out, finding->resource);
	}
	if (finding->path.n) {
		sg_buf_adds(out, finding->resource.n ? ", at " : " at ");
		sg_buf_printable(out, finding->path);
	}
	sg_buf_addc(out, '\n');
}

static void witness(struct sg_buf *out, const struct sg_report *r, const struct sg_finding *finding)
{
	for (size_t i = 0; i < finding->witness.n; i++) {
		const struct sg_step *step = &finding->witness.v[i];
		sg_buf_adds(out, i ? "          -> " : "    witness: ");
		sg_buf_printable(out, step->message);
		if (step->span.source) {
			sg_buf_adds(out, " (");
			sg_report_place(out, r, step->span);
			sg_buf_addc(out, ')');
		}
		sg_buf_addc(out, '\n');
	}
}

static void when(struct sg_buf *out, const struct sg_finding *finding)
{
	for (size_t i = 0; i < finding->when.n; i++) {
		sg_buf_adds(out, i ? ", " : "    when ");
		sg_buf_printable(out, finding->when.v[i].name);
		sg_buf_adds(out, " = ");
		sg_buf_printable(out, finding->when.v[i].value);
	}
	if (finding->when.n)
		sg_buf_addc(out, '\n');
}

static void finding_block(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f,
			  const struct sg_finding *finding, bool colour)
{
	sg_buf_addc(out, '\n');
	finding_head(out, r, f, finding, colour);
	sg_excerpt(r->sources, finding->span, out, 4, colour);
	line(out, "should hold:", sg_str(finding->rule->title));
	subject(out, finding);
	witness(out, r, finding);
	when(out, finding);
	line(out, finding->status == SG_FAIL ? "to put it right:" : "to settle it:", finding->settle);
	line(out, "suppressed:", finding->suppressed);
}

/* ------------------------------------------------------------------------------------------------ what was judged */

/* The numbers of one verdict among the rows [from, to), which are of one family in ascending order: "001 003-005". */
static void numbers(struct sg_buf *out, const struct sg_judged *const *rows, size_t n, enum sg_verdict verdict,
		    bool colour)
{
	bool first = true;
	for (size_t i = 0; i < n; i++) {
		if (rows[i]->verdict != verdict)
			continue;
		size_t last = i;
		bool builtin = sg_rule_builtin(rows[i]->rule);
		while (builtin && last + 1 < n && rows[last + 1]->verdict == verdict &&
		       rows[last + 1]->rule == rows[last]->rule + 1)
			last++;
		if (first) {
			sg_buf_adds(out, "  ");
			add_verdict(out, colour, sg_verdict_name(verdict));
		}
		first = false;
		sg_buf_addf(out, " %s", rows[i]->rule->id + (builtin ? strlen(rows[i]->rule->family) : 0));
		if (last > i)
			sg_buf_addf(out, "%s%s", last > i + 1 ? "-" : " ",
				    rows[last]->rule->id + strlen(rows[last]->rule->family));
		i = last;
	}
}

static void family(struct sg_buf *out, const struct sg_judged *const *rows, size_t n, bool colour)
{
	sg_buf_addf(out, "  %s", rows[0]->rule->family);
	numbers(out, rows, n, SG_FAIL, colour);
	numbers(out, rows, n, SG_UNPROVEN, colour);
	numbers(out, rows, n, SG_PASS, colour);
	sg_buf_addc(out, '\n');
}

static int by_resource(const void *pa, const void *pb)
{
	const struct sg_judged *a = *(const struct sg_judged *const *)pa, *b = *(const struct sg_judged *const *)pb;
	int c = sg_str_cmp(a->resource, b->resource);
	return c ? c : sg_rule_compare(a->rule, b->rule);
}

static bool same_group(const struct sg_judged *a, const struct sg_judged *b)
{
	return sg_str_eq(a->resource, b->resource) && !strcmp(a->rule->family, b->rule->family);
}

static void judged(struct sg_buf *out, const struct sg_findings *f, bool colour)
{
	size_t n = f->judged.n;
	const struct sg_judged **rows = SG_NEW_ARRAY(f->arena, n + 1, const struct sg_judged *);
	for (size_t i = 0; i < n; i++)
		rows[i] = &f->judged.v[i];
	qsort(rows, n, sizeof(struct sg_judged *), by_resource);
	for (size_t i = 0, end; i < n; i = end) {
		if (!i || !sg_str_eq(rows[i]->resource, rows[i - 1]->resource)) {
			sg_buf_adds(out, "\njudged: ");
			sg_buf_printable(out, rows[i]->resource.n ? rows[i]->resource : SG_LIT("the template"));
			sg_buf_addc(out, '\n');
		}
		for (end = i + 1; end < n && same_group(rows[i], rows[end]); end++)
			;
		family(out, rows + i, end - i, colour);
	}
}

static void not_judged(struct sg_buf *out, const struct sg_findings *f)
{
	if (f->not_judged.n)
		sg_buf_adds(out, "\n");
	for (size_t i = 0; i < f->not_judged.n; i++) {
		sg_buf_adds(out, "not judged: ");
		sg_buf_printable(out, f->not_judged.v[i]);
		sg_buf_adds(out, " (its metadata says that it is no sandbox)\n");
	}
}

/* A line for each tool whose suppressions are there. */
static void not_obeyed(struct sg_buf *out, const struct sg_findings *f)
{
	for (size_t i = 0; i < f->not_obeyed.n; i++) {
		const struct sg_not_obeyed *o = &f->not_obeyed.v[i];
		bool first = !i || !sg_str_eq(f->not_obeyed.v[i - 1].tool, o->tool);
		if (first)
			sg_buf_addf(out, "\nnot obeyed: what %.*s is told to skip: ", SG_FMT(o->tool));
		else
			sg_buf_adds(out, ", ");
		sg_buf_printable(out, o->rule);
		if (o->resource.n) {
			sg_buf_adds(out, " of ");
			sg_buf_printable(out, o->resource);
		}
	}
	sg_buf_adds(out, f->not_obeyed.n ? "\n" : "");
}

/* ------------------------------------------------------------------------------------------------ files */

static void file_head(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f, bool colour)
{
	struct sg_tally t = sg_report_tally(f->findings);
	ink(out, colour, BOLD);
	sg_buf_path(out, f->path);
	ink(out, colour, PLAIN);
	sg_buf_adds(out, ": ");
	add_verdict(out, colour, sg_report_file_verdict(r, f));
	if (!f->judged) {
		sg_buf_adds(out, " (it could not be judged)\n");
		return;
	}
	sg_buf_addf(out, " (%zu fail, %zu unproven", t.fail, t.unproven);
	if (t.suppressed)
		sg_buf_addf(out, ", %zu suppressed", t.suppressed);
	if (r->fail_on > SG_MEDIUM)
		sg_buf_addf(out, "; what is below %s does not count", sg_severity_name(r->fail_on));
	sg_buf_adds(out, ")\n");
}

static const struct sg_finding *worst_of(const struct sg_findings *f)
{
	const struct sg_finding *worst = NULL;
	for (size_t i = 0; i < f->list.n; i++)
		if (!worst || f->list.v[i]->severity > worst->severity)
			worst = f->list.v[i];
	return worst;
}

/* Nobody may read more into a pass than it says. */
static void limits(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f)
{
	const char *const *text = sg_report_limits(r, f);
	for (size_t i = 0; text && text[i]; i++)
		sg_buf_addf(out, "%s  not claimed of permissions: %s\n", i ? "" : "\n", text[i]);
}

static void file(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f, bool colour)
{
	file_head(out, r, f, colour);
	if (!f->judged)
		return;
	for (size_t i = 0; i < f->findings->list.n; i++)
		finding_block(out, r, f, f->findings->list.v[i], colour);
	judged(out, f->findings, colour);
	not_judged(out, f->findings);
	not_obeyed(out, f->findings);
	limits(out, r, f);
	const struct sg_finding *worst = worst_of(f->findings);
	if (worst && sg_rule_builtin(worst->rule))
		sg_buf_addf(out, "\nsandboxgen explain %s tells more.\n", worst->rule->id);
}

/* Whoever reads a pass must see what it rests on. */
static void assumptions(struct sg_buf *out, const struct sg_report *r)
{
	for (size_t i = 0; i < r->n_assumptions; i++) {
		const struct sg_report_assumption *a = &r->assumptions[i];
		sg_buf_adds(out, i ? "" : "\n");
		sg_buf_adds(out, a->used ? "assumed, not proved: " : "assumed, not needed: ");
		sg_buf_printable(out, a->text);
		sg_buf_adds(out, " (");
		sg_buf_printable(out, a->reason);
		sg_buf_adds(out, ")\n");
	}
}

void sg_report_text(struct sg_buf *out, const struct sg_report *r, bool colour)
{
	for (size_t i = 0; i < r->n_files; i++) {
		sg_buf_adds(out, i ? "\n" : "");
		file(out, r, &r->files[i], colour);
	}
	assumptions(out, r);
	if (r->baseline_gone) {
		sg_buf_addf(out, "\ngone: %zu of the findings in ", r->baseline_gone);
		sg_buf_printable(out, r->baseline);
		sg_buf_adds(out, "; --write-baseline writes it without them\n");
	}
	if (r->n_files == 1)
		return;
	sg_buf_addf(out, "\n%zu files: ", r->n_files);
	add_verdict(out, colour, sg_report_verdict(r));
	sg_buf_addc(out, '\n');
}
