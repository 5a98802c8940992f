/*
 * The JSON report, version 1: report.schema.json says what each member is.
 */
#include "report/report_priv.h"
#include "json/json.h"

#include <string.h>

static void text_or_null(struct sg_json *w, const char *key, struct sg_str s)
{
	sg_json_key(w, key);
	if (s.n)
		sg_json_str(w, s);
	else
		sg_json_null(w);
}

static void integer(struct sg_json *w, const char *key, size_t n)
{
	sg_json_key(w, key);
	sg_json_int(w, (int64_t)n);
}

/* file, line, column; what has no place is at the file's start. */
static void place(struct sg_json *w, const struct sg_report *r, const struct sg_report_file *f, struct sg_span span)
{
	struct sg_pos pos = sg_pos_start(r->sources, span);
	sg_json_key(w, "file");
	sg_json_str(w, span.source ? sg_source_path(r->sources, span.source) : f->path);
	integer(w, "line", pos.line ? pos.line : 1);
	integer(w, "column", pos.column ? pos.column : 1);
}

static void place_end(struct sg_json *w, const struct sg_report *r, struct sg_span span)
{
	struct sg_pos pos = sg_pos_end(r->sources, span);
	integer(w, "endLine", pos.line ? pos.line : 1);
	integer(w, "endColumn", pos.column ? pos.column : 1);
}

static void witness(struct sg_json *w, const struct sg_report *r, const struct sg_report_file *f,
		    const struct sg_finding *finding)
{
	sg_json_key(w, "witness");
	sg_json_array(w);
	for (size_t i = 0; i < finding->witness.n; i++) {
		sg_json_object(w);
		sg_json_key(w, "message");
		sg_json_str(w, finding->witness.v[i].message);
		place(w, r, f, finding->witness.v[i].span);
		sg_json_end(w);
	}
	sg_json_end(w);
}

void sg_report_json_when(struct sg_json *w, const struct sg_finding *finding)
{
	sg_json_object(w);
	for (size_t i = 0; i < finding->when.n; i++) {
		sg_json_key_str(w, finding->when.v[i].name);
		sg_json_str(w, finding->when.v[i].value);
	}
	sg_json_end(w);
}

static void finding_object(struct sg_json *w, const struct sg_report *r, const struct sg_report_file *f,
			   const struct sg_finding *finding)
{
	char fingerprint[SG_FINGERPRINT + 1];
	sg_json_object(w);
	sg_json_key(w, "rule");
	sg_json_cstr(w, finding->rule->id);
	sg_json_key(w, "status");
	sg_json_cstr(w, sg_verdict_name(finding->status));
	sg_json_key(w, "severity");
	sg_json_cstr(w, sg_severity_name(finding->severity));
	sg_json_key(w, "title");
	sg_json_cstr(w, finding->rule->title);
	sg_json_key(w, "message");
	sg_json_str(w, finding->message);
	text_or_null(w, "settle", finding->settle);
	place(w, r, f, finding->span);
	place_end(w, r, finding->span);
	text_or_null(w, "resource", finding->resource);
	sg_json_key(w, "path");
	sg_json_str(w, finding->path);
	witness(w, r, f, finding);
	sg_json_key(w, "when");
	sg_report_json_when(w, finding);
	text_or_null(w, "suppressed", finding->suppressed);
	text_or_null(w, "suppressedBy", sg_str(sg_suppressed_by_name(finding->suppressed_by)));
	sg_finding_fingerprint(finding, fingerprint);
	sg_json_key(w, "fingerprint");
	sg_json_cstr(w, fingerprint);
	sg_json_end(w);
}

static void judged_object(struct sg_json *w, const struct sg_report_file *f, const struct sg_judged *row)
{
	sg_json_object(w);
	sg_json_key(w, "rule");
	sg_json_cstr(w, row->rule->id);
	sg_json_key(w, "file");
	sg_json_str(w, f->path);
	text_or_null(w, "resource", row->resource);
	sg_json_key(w, "verdict");
	sg_json_cstr(w, sg_verdict_name(row->verdict));
	sg_json_end(w);
}

/* ------------------------------------------------------------------------------------------------ the user's rules */

static const char *file_status(const struct sg_report_file *f)
{
	const char *worst = "SKIP";
	for (size_t i = 0; i < f->n_rules; i++)
		if (!strcmp(f->rules[i].status, "FAIL") || !strcmp(worst, "SKIP"))
			worst = f->rules[i].status;
	return worst;
}

static void names_of(struct sg_json *w, const struct sg_report_file *f, const char *key, const char *status)
{
	sg_json_key(w, key);
	sg_json_array(w);
	for (size_t i = 0; i < f->n_rules; i++)
		if (!strcmp(f->rules[i].status, status))
			sg_json_str(w, f->rules[i].name);
	sg_json_end(w);
}

static void guard_check(struct sg_json *w, const struct sg_report *r, const struct sg_finding *finding)
{
	struct sg_pos pos = sg_pos_start(r->sources, finding->span);
	sg_json_object(w);
	sg_json_key(w, "Clause");
	sg_json_object(w);
	sg_json_key(w, "path");
	sg_json_str(w, finding->path);
	sg_json_key(w, "messages");
	sg_json_object(w);
	text_or_null(w, "custom_message", finding->settle);
	sg_json_key(w, "error_message");
	sg_json_str(w, finding->message);
	sg_json_key(w, "location");
	sg_json_object(w);
	integer(w, "line", pos.line ? pos.line - 1 : 0);
	integer(w, "col", pos.column ? pos.column - 1 : 0);
	for (size_t ends = 4; ends; ends--)
		sg_json_end(w);
}

static void guard_failed(struct sg_json *w, const struct sg_report *r, const struct sg_report_rule *rule)
{
	sg_json_object(w);
	sg_json_key(w, "Rule");
	sg_json_object(w);
	sg_json_key(w, "name");
	sg_json_str(w, rule->name);
	sg_json_key(w, "metadata");
	sg_json_object(w);
	sg_json_end(w);
	sg_json_key(w, "checks");
	sg_json_array(w);
	for (size_t i = 0; i < rule->fails.n; i++)
		guard_check(w, r, rule->fails.v[i]);
	for (size_t ends = 3; ends; ends--)
		sg_json_end(w);
}

/* As `cfn-guard validate --output-format json --structured` writes a file: names, statuses, places from 0. */
static void guard(struct sg_json *w, const struct sg_report *r, const struct sg_report_file *f)
{
	sg_json_key(w, "guard");
	sg_json_object(w);
	sg_json_key(w, "name");
	sg_json_str(w, f->path);
	sg_json_key(w, "metadata");
	sg_json_object(w);
	sg_json_end(w);
	sg_json_key(w, "status");
	sg_json_cstr(w, file_status(f));
	sg_json_key(w, "not_compliant");
	sg_json_array(w);
	for (size_t i = 0; i < f->n_rules; i++)
		if (!strcmp(f->rules[i].status, "FAIL"))
			guard_failed(w, r, &f->rules[i]);
	sg_json_end(w);
	names_of(w, f, "not_applicable", "SKIP");
	names_of(w, f, "compliant", "PASS");
	sg_json_end(w);
}

static void head(struct sg_json *w, const struct sg_report *r)
{
	sg_json_key(w, "version");
	sg_json_int(w, 1);
	sg_json_key(w, "tool");
	sg_json_object(w);
	sg_json_key(w, "name");
	sg_json_cstr(w, "sandboxgen");
	sg_json_key(w, "version");
	sg_json_cstr(w, r->version);
	sg_json_end(w);
	sg_json_key(w, "verdict");
	sg_json_cstr(w, sg_report_verdict(r));
	sg_json_key(w, "files");
	sg_json_array(w);
	for (size_t i = 0; i < r->n_files; i++) {
		sg_json_object(w);
		sg_json_key(w, "path");
		sg_json_str(w, r->files[i].path);
		sg_json_key(w, "verdict");
		sg_json_cstr(w, sg_report_file_verdict(r, &r->files[i]));
		if (r->files[i].rules)
			guard(w, r, &r->files[i]);
		sg_json_end(w);
	}
	sg_json_end(w);
}

static void findings(struct sg_json *w, const struct sg_report *r)
{
	sg_json_key(w, "findings");
	sg_json_array(w);
	for (size_t i = 0; i < r->n_files; i++)
		for (size_t k = 0; r->files[i].findings && k < r->files[i].findings->list.n; k++)
			finding_object(w, r, &r->files[i], r->files[i].findings->list.v[k]);
	sg_json_end(w);
	sg_json_key(w, "judged");
	sg_json_array(w);
	for (size_t i = 0; i < r->n_files; i++)
		for (size_t k = 0; r->files[i].findings && k < r->files[i].findings->judged.n; k++)
			judged_object(w, &r->files[i], &r->files[i].findings->judged.v[k]);
	sg_json_end(w);
}

static void not_judged(struct sg_json *w, const struct sg_report *r)
{
	sg_json_key(w, "notJudged");
	sg_json_array(w);
	for (size_t i = 0; i < r->n_files; i++)
		for (size_t k = 0; r->files[i].findings && k < r->files[i].findings->not_judged.n; k++) {
			sg_json_object(w);
			sg_json_key(w, "file");
			sg_json_str(w, r->files[i].path);
			sg_json_key(w, "resource");
			sg_json_str(w, r->files[i].findings->not_judged.v[k]);
			sg_json_end(w);
		}
	sg_json_end(w);
}

static void not_obeyed(struct sg_json *w, const struct sg_report *r)
{
	sg_json_key(w, "notObeyed");
	sg_json_array(w);
	for (size_t i = 0; i < r->n_files; i++)
		for (size_t k = 0; r->files[i].findings && k < r->files[i].findings->not_obeyed.n; k++) {
			const struct sg_not_obeyed *o = &r->files[i].findings->not_obeyed.v[k];
			sg_json_object(w);
			sg_json_key(w, "tool");
			sg_json_str(w, o->tool);
			sg_json_key(w, "rule");
			sg_json_str(w, o->rule);
			text_or_null(w, "resource", o->resource);
			place(w, r, &r->files[i], o->span);
			sg_json_end(w);
		}
	sg_json_end(w);
}

static void baseline(struct sg_json *w, const struct sg_report *r)
{
	sg_json_key(w, "baseline");
	if (!r->baseline.n) {
		sg_json_null(w);
		return;
	}
	sg_json_object(w);
	sg_json_key(w, "path");
	sg_json_str(w, r->baseline);
	integer(w, "gone", r->baseline_gone);
	sg_json_end(w);
}

static void assumptions(struct sg_json *w, const struct sg_report *r)
{
	static const struct sg_report_file none;
	sg_json_key(w, "assumptions");
	sg_json_array(w);
	for (size_t i = 0; i < r->n_assumptions; i++) {
		sg_json_object(w);
		sg_json_key(w, "text");
		sg_json_str(w, r->assumptions[i].text);
		sg_json_key(w, "reason");
		sg_json_str(w, r->assumptions[i].reason);
		sg_json_key(w, "used");
		sg_json_bool(w, r->assumptions[i].used);
		place(w, r, &none, r->assumptions[i].span);
		sg_json_end(w);
	}
	sg_json_end(w);
}

static void limits(struct sg_json *w, const struct sg_report *r)
{
	const char *const *text = NULL;
	for (size_t i = 0; i < r->n_files && !text; i++)
		text = sg_report_limits(r, &r->files[i]);
	sg_json_key(w, "limits");
	sg_json_array(w);
	for (; text && *text; text++)
		sg_json_cstr(w, *text);
	sg_json_end(w);
}

static void summary(struct sg_json *w, const struct sg_report *r)
{
	struct sg_tally sum = {0};
	for (size_t i = 0; i < r->n_files; i++) {
		struct sg_tally t = sg_report_tally(r->files[i].findings);
		sum.fail += t.fail;
		sum.unproven += t.unproven;
		sum.suppressed += t.suppressed;
	}
	sg_json_key(w, "summary");
	sg_json_object(w);
	integer(w, "fail", sum.fail);
	integer(w, "unproven", sum.unproven);
	integer(w, "suppressed", sum.suppressed);
	sg_json_end(w);
}

void sg_report_json_notes(struct sg_json *w, const struct sg_report *r)
{
	not_judged(w, r);
	not_obeyed(w, r);
	baseline(w, r);
	assumptions(w, r);
	limits(w, r);
}

void sg_report_json(struct sg_buf *out, const struct sg_report *r)
{
	struct sg_json w;
	sg_json_init(&w, out, 2);
	sg_json_object(&w);
	head(&w, r);
	findings(&w, r);
	sg_report_json_notes(&w, r);
	summary(&w, r);
	sg_json_end(&w);
	sg_buf_addc(out, '\n');
}
