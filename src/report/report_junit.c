/*
 * The JUnit report, as Jenkins' junit-10.xsd has it.  A case is one property of one function, or of the template.
 *
 * JUnit knows no "unproven": what the gate counts as a no is a failure, of the type that says which.
 */
#include "report/report_priv.h"

#include <stdlib.h>
#include <string.h>

/* What would be markup; U+FFFE and U+FFFF are no characters of XML. */
static const struct {
	const char *from, *to;
} entities[] = {{"&", "&amp;"},
		{"<", "&lt;"},
		{">", "&gt;"},
		{"\"", "&quot;"},
		{"\xef\xbf\xbe", "\\u{fffe}"},
		{"\xef\xbf\xbf", "\\u{ffff}"}};

/* A text that is printable, but for line feeds. */
static void text(struct sg_buf *out, struct sg_str s)
{
	for (size_t at = 0, k; at < s.n; at++) {
		for (k = 0; k < sizeof(entities) / sizeof(*entities); k++)
			if (sg_str_starts(sg_str_sub(s, at, 3), entities[k].from))
				break;
		if (k == sizeof(entities) / sizeof(*entities)) {
			sg_buf_addc(out, s.p[at]);
			continue;
		}
		sg_buf_adds(out, entities[k].to);
		at += strlen(entities[k].from) - 1;
	}
}

static void printable(struct sg_buf *out, struct sg_str s)
{
	struct sg_buf safe = {0};
	sg_buf_printable(&safe, s);
	text(out, sg_buf_view(&safe));
	sg_buf_free(&safe);
}

static void attribute(struct sg_buf *out, const char *name, struct sg_str value)
{
	sg_buf_addf(out, " %s=\"", name);
	printable(out, value);
	sg_buf_addc(out, '"');
}

/* ------------------------------------------------------------------------------------------------ cases */

enum outcome { PASSED, SKIPPED, FAILED };

static enum outcome outcome_of(const struct sg_report *r, const struct sg_finding *finding)
{
	return sg_report_counts(r, finding) ? FAILED : SKIPPED;
}

/* A file's findings by case: those of one lie beside each other, in the order of the report. */
struct cases {
	const struct sg_report *r;
	const struct sg_report_file *f;
	const struct sg_finding **v;
	size_t n;
};

struct group {
	const struct sg_finding *const *v;
	size_t n;
};

static int compare_case(const struct sg_finding *finding, const struct sg_rule *rule, struct sg_str resource)
{
	int c = sg_rule_compare(finding->rule, rule);
	return c ? c : sg_str_cmp(finding->resource, resource);
}

static int compare(const void *pa, const void *pb)
{
	const struct sg_finding *const *a = *(const struct sg_finding *const *const *)pa;
	const struct sg_finding *const *b = *(const struct sg_finding *const *const *)pb;
	int c = compare_case(*a, (*b)->rule, (*b)->resource);
	return c ? c : (a > b) - (a < b);
}

static struct cases cases_of(struct sg_arena *a, const struct sg_report *r, const struct sg_report_file *f)
{
	struct cases c = {r, f, NULL, f->findings->list.n};
	struct sg_finding *const **order = SG_NEW_ARRAY(a, c.n + 1, struct sg_finding *const *);
	c.v = SG_NEW_ARRAY(a, c.n + 1, const struct sg_finding *);
	for (size_t i = 0; i < c.n; i++)
		order[i] = &f->findings->list.v[i];
	qsort(order, c.n, sizeof(*order), compare);
	for (size_t i = 0; i < c.n; i++)
		c.v[i] = *order[i];
	return c;
}

static struct group group_of(const struct cases *c, const struct sg_judged *row)
{
	size_t low = 0, high = c->n, end;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (compare_case(c->v[mid], row->rule, row->resource) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < c->n && !compare_case(c->v[end], row->rule, row->resource); end++)
		;
	return (struct group){c->v + low, end - low};
}

/* The worst finding of a case, the first of equals; NULL where it passed. */
static const struct sg_finding *worst(const struct sg_report *r, struct group g)
{
	const struct sg_finding *found = NULL;
	for (size_t i = 0; i < g.n; i++)
		if (!found || outcome_of(r, g.v[i]) > outcome_of(r, found))
			found = g.v[i];
	return found;
}

static void body(struct sg_buf *out, const struct sg_report *r, struct group g)
{
	struct sg_buf words = {0};
	for (size_t i = 0; i < g.n; i++) {
		const struct sg_finding *finding = g.v[i];
		sg_buf_adds(&words, i ? "\n\n" : "");
		sg_report_place(&words, r, finding->span);
		sg_buf_addf(&words, "%s%s %s: ", finding->span.source ? ": " : "", sg_verdict_name(finding->status),
			    sg_severity_name(finding->severity));
		sg_report_words(&words, finding);
		sg_report_hops(&words, r, finding);
	}
	text(out, sg_buf_view(&words));
	sg_buf_free(&words);
}

static void case_open(struct sg_buf *out, const struct sg_report_file *f, const char *rule, struct sg_str resource,
		      const char *title)
{
	struct sg_buf name = {0};
	sg_buf_addf(&name, "%s%s%.*s: %s", rule, resource.n ? " " : "", SG_FMT(resource), title);
	sg_buf_adds(out, "    <testcase");
	attribute(out, "classname", f->path);
	attribute(out, "name", sg_buf_view(&name));
	sg_buf_adds(out, " time=\"0\"");
	sg_buf_free(&name);
}

static void test_case(struct sg_buf *out, const struct cases *c, const struct sg_judged *row)
{
	struct group g = group_of(c, row);
	const struct sg_finding *finding = worst(c->r, g);
	case_open(out, c->f, row->rule->id, row->resource, row->rule->title ? row->rule->title : "");
	if (!finding) {
		sg_buf_adds(out, "/>\n");
		return;
	}
	const char *element = outcome_of(c->r, finding) == FAILED ? "failure" : "skipped";
	sg_buf_addf(out, ">\n      <%s type=\"%s\"", element, sg_verdict_name(finding->status));
	attribute(out, "message", finding->suppressed.n ? finding->suppressed : finding->message);
	sg_buf_addc(out, '>');
	body(out, c->r, g);
	sg_buf_addf(out, "</%s>\n    </testcase>\n", element);
}

static void not_judged(struct sg_buf *out, const struct sg_report_file *f)
{
	for (size_t i = 0; i < f->findings->not_judged.n; i++) {
		case_open(out, f, "not judged", f->findings->not_judged.v[i],
			  "its metadata says that it is no sandbox");
		sg_buf_adds(out, "><skipped/></testcase>\n");
	}
}

static bool of_file(const struct sg_report *r, const struct sg_report_file *f, const struct sg_diag *d)
{
	struct sg_str path = d->span.source ? sg_source_path(r->sources, d->span.source) : d->path;
	return sg_str_eq(path, f->path) || !path.n || r->n_files == 1;
}

static void unreadable(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f)
{
	struct sg_buf words = {0};
	case_open(out, f, "readable", sg_str(""), "the file can be judged");
	sg_buf_adds(out, ">\n      <error type=\"error\" message=\"it could not be judged\">");
	for (size_t i = 0; r->diags && i < sg_diags_count(r->diags); i++) {
		const struct sg_diag *d = sg_diags_at(r->diags, i);
		if (!of_file(r, f, d))
			continue;
		sg_buf_adds(&words, words.n ? "\n" : "");
		sg_report_place(&words, r, d->span);
		sg_buf_adds(&words, d->span.source ? ": " : "");
		sg_buf_printable(&words, d->message);
		sg_buf_adds(&words, d->hint.n ? "; " : "");
		sg_buf_printable(&words, d->hint);
	}
	text(out, sg_buf_view(&words));
	sg_buf_free(&words);
	sg_buf_adds(out, "</error>\n    </testcase>\n");
}

/* ------------------------------------------------------------------------------------------------ suites */

struct counts {
	size_t tests, failures, errors, skipped;
};

static void count(struct counts *sum, const struct cases *c)
{
	const struct sg_findings *f = c->f->findings;
	sum->tests += f->judged.n + f->not_judged.n;
	sum->skipped += f->not_judged.n;
	for (size_t i = 0; i < f->judged.n; i++) {
		const struct sg_finding *finding = worst(c->r, group_of(c, &f->judged.v[i]));
		enum outcome outcome = finding ? outcome_of(c->r, finding) : PASSED;
		sum->failures += outcome == FAILED;
		sum->skipped += outcome == SKIPPED;
	}
}

static void counted(struct sg_buf *out, const struct counts *c)
{
	sg_buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", c->tests, c->failures, c->errors);
}

/* What the verdict rests on and what it does not claim. */
static void notes(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f)
{
	struct sg_buf words = {0};
	const char *const *limits = f->judged ? sg_report_limits(r, f) : NULL;
	for (size_t i = 0; i < r->n_assumptions; i++) {
		sg_buf_adds(&words, r->assumptions[i].used ? "assumed, not proved: " : "assumed, not needed: ");
		sg_buf_printable(&words, r->assumptions[i].text);
		sg_buf_adds(&words, " (");
		sg_buf_printable(&words, r->assumptions[i].reason);
		sg_buf_adds(&words, ")\n");
	}
	for (size_t i = 0; limits && limits[i]; i++)
		sg_buf_addf(&words, "not claimed of permissions: %s\n", limits[i]);
	if (words.n) {
		sg_buf_adds(out, "    <system-out>");
		text(out, sg_buf_view(&words));
		sg_buf_adds(out, "</system-out>\n");
	}
	sg_buf_free(&words);
}

static void suite_cases(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f,
			struct counts *counts)
{
	if (!f->judged) {
		counts->tests = counts->errors = 1;
		unreadable(out, r, f);
		return;
	}
	struct sg_arena *a = sg_arena_new();
	struct cases c = cases_of(a, r, f);
	count(counts, &c);
	for (size_t i = 0; i < f->findings->judged.n; i++)
		test_case(out, &c, &f->findings->judged.v[i]);
	not_judged(out, f);
	sg_arena_free(a);
}

static void suite(struct sg_buf *out, const struct sg_report *r, const struct sg_report_file *f, struct counts *all)
{
	struct counts c = {0};
	struct sg_buf cases = {0};
	suite_cases(&cases, r, f, &c);
	sg_buf_adds(out, "  <testsuite");
	attribute(out, "name", f->path);
	counted(out, &c);
	sg_buf_addf(out, " skipped=\"%zu\" time=\"0\">\n", c.skipped);
	sg_buf_str(out, sg_buf_view(&cases));
	notes(out, r, f);
	sg_buf_adds(out, "  </testsuite>\n");
	sg_buf_free(&cases);
	all->tests += c.tests, all->failures += c.failures, all->errors += c.errors;
}

void sg_report_junit(struct sg_buf *out, const struct sg_report *r)
{
	struct counts all = {0};
	struct sg_buf suites = {0};
	for (size_t i = 0; i < r->n_files; i++)
		suite(&suites, r, &r->files[i], &all);
	sg_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sandboxgen audit\"");
	counted(out, &all);
	sg_buf_adds(out, " time=\"0\">\n");
	sg_buf_str(out, sg_buf_view(&suites));
	sg_buf_adds(out, "</testsuites>\n");
	sg_buf_free(&suites);
}
