/*
 * Findings and what was judged: a list that grows while the checks run, then is sorted once.
 */
#include "diag/diag.h"

#include <stdlib.h>

const char *sg_suppressed_by_name(enum sg_suppressed_by by)
{
	static const char *const names[] = {NULL, "template", "file", "baseline"};
	return names[by];
}

static struct sg_str format(struct sg_arena *a, const char *fmt, va_list ap)
{
	struct sg_buf b = {0};
	sg_buf_vaddf(&b, fmt, ap);
	return sg_buf_take(&b, a);
}

static struct sg_finding *add(struct sg_findings *f, const struct sg_rule *rule, enum sg_verdict status,
			      struct sg_span span, struct sg_str resource, struct sg_str message)
{
	SG_ASSERT(status != SG_PASS);
	struct sg_finding *finding = SG_NEW(f->arena, struct sg_finding);
	finding->rule = rule;
	finding->status = status;
	finding->severity = rule->severity;
	finding->span = span;
	finding->resource = sg_str_dup(f->arena, resource);
	finding->message = message;
	SG_PUSH(f->arena, &f->list, finding);
	sg_judge_of(f, rule, resource, status);
	return finding;
}

struct sg_finding *sg_finding_add(struct sg_findings *f, const char *rule_id, enum sg_verdict status,
				  struct sg_span span, struct sg_str resource, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct sg_str message = format(f->arena, fmt, ap);
	va_end(ap);
	return add(f, sg_rule_get(rule_id), status, span, resource, message);
}

struct sg_finding *sg_finding_of(struct sg_findings *f, const struct sg_rule *rule, enum sg_verdict status,
				 struct sg_span span, struct sg_str resource, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct sg_str message = format(f->arena, fmt, ap);
	va_end(ap);
	return add(f, rule, status, span, resource, message);
}

void sg_finding_step(struct sg_findings *f, struct sg_finding *finding, struct sg_span span, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	SG_PUSH(f->arena, &finding->witness, ((struct sg_step){format(f->arena, fmt, ap), span}));
	va_end(ap);
}

void sg_finding_settle(struct sg_findings *f, struct sg_finding *finding, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	finding->settle = format(f->arena, fmt, ap);
	va_end(ap);
}

static struct sg_str row_key(struct sg_arena *a, const struct sg_rule *rule, struct sg_str resource)
{
	return sg_strf(a, "%s/%s/%.*s", rule->family, rule->id, SG_FMT(resource));
}

/* The place of each (rule, resource) in `judged`, from 1. */
static void index_rows(struct sg_findings *f)
{
	f->index = sg_map_new(f->arena);
	for (size_t i = 0; i < f->judged.n; i++)
		sg_map_put(f->index, row_key(f->arena, f->judged.v[i].rule, f->judged.v[i].resource),
			   (void *)(uintptr_t)(i + 1));
}

void sg_judge(struct sg_findings *f, const char *rule_id, struct sg_str resource, enum sg_verdict verdict)
{
	sg_judge_of(f, sg_rule_get(rule_id), resource, verdict);
}

void sg_judge_of(struct sg_findings *f, const struct sg_rule *rule, struct sg_str resource, enum sg_verdict verdict)
{
	if (!f->index)
		index_rows(f);
	struct sg_str key = row_key(f->arena, rule, resource);
	uintptr_t row = (uintptr_t)sg_map_get(f->index, key);
	if (row) {
		if (f->judged.v[row - 1].verdict < verdict)
			f->judged.v[row - 1].verdict = verdict;
		return;
	}
	SG_PUSH(f->arena, &f->judged, ((struct sg_judged){rule, sg_str_dup(f->arena, resource), verdict}));
	sg_map_put(f->index, key, (void *)(uintptr_t)f->judged.n);
}

/* ------------------------------------------------------------------------------------------------ order */

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_spans(struct sg_span a, struct sg_span b)
{
	int c = compare_u32(a.source, b.source);
	c = c ? c : compare_u32(a.start, b.start);
	return c ? c : compare_u32(a.end, b.end);
}

static int compare_witnesses(const struct sg_finding *a, const struct sg_finding *b)
{
	int c = 0;
	for (size_t i = 0; !c && i < a->witness.n && i < b->witness.n; i++) {
		c = sg_str_cmp(a->witness.v[i].message, b->witness.v[i].message);
		c = c ? c : compare_spans(a->witness.v[i].span, b->witness.v[i].span);
	}
	return c ? c : (a->witness.n > b->witness.n) - (a->witness.n < b->witness.n);
}

static int compare_bindings(const struct sg_finding *a, const struct sg_finding *b)
{
	int c = 0;
	for (size_t i = 0; !c && i < a->when.n && i < b->when.n; i++) {
		c = sg_str_cmp(a->when.v[i].name, b->when.v[i].name);
		c = c ? c : sg_str_cmp(a->when.v[i].value, b->when.v[i].value);
	}
	return c ? c : (a->when.n > b->when.n) - (a->when.n < b->when.n);
}

static int compare(const struct sg_finding *a, const struct sg_finding *b)
{
	int c = compare_spans(a->span, b->span);
	c = c ? c : sg_rule_compare(a->rule, b->rule);
	c = c ? c : sg_str_cmp(a->resource, b->resource);
	c = c ? c : sg_str_cmp(a->message, b->message);
	c = c ? c : sg_str_cmp(a->path, b->path);
	c = c ? c : (int)b->status - (int)a->status;
	c = c ? c : compare_bindings(a, b);
	c = c ? c : compare_witnesses(a, b);
	c = c ? c : sg_str_cmp(a->settle, b->settle);
	return c ? c : sg_str_cmp(a->suppressed, b->suppressed);
}

static int compare_pointers(const void *a, const void *b)
{
	return compare(*(struct sg_finding *const *)a, *(struct sg_finding *const *)b);
}

static int compare_judged(const void *pa, const void *pb)
{
	const struct sg_judged *a = pa, *b = pb;
	int c = sg_rule_compare(a->rule, b->rule);
	return c ? c : sg_str_cmp(a->resource, b->resource);
}

void sg_findings_sort(struct sg_findings *f)
{
	if (f->list.n)
		qsort(f->list.v, f->list.n, sizeof(*f->list.v), compare_pointers);
	if (f->judged.n)
		qsort(f->judged.v, f->judged.n, sizeof(*f->judged.v), compare_judged);
	size_t kept = 0;
	for (size_t i = 0; i < f->list.n; i++)
		if (!kept || compare(f->list.v[kept - 1], f->list.v[i]))
			f->list.v[kept++] = f->list.v[i];
	f->list.n = kept;
	index_rows(f);
}

enum sg_verdict sg_findings_verdict(const struct sg_findings *f, enum sg_severity fail_on)
{
	enum sg_verdict worst = SG_PASS;
	for (size_t i = 0; i < f->list.n; i++) {
		const struct sg_finding *finding = f->list.v[i];
		if (!finding->suppressed.n && finding->severity >= fail_on && finding->status > worst)
			worst = finding->status;
	}
	return worst;
}
