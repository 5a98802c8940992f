/*
 * The SARIF report: OASIS, Static Analysis Results Interchange Format 2.1.0 with errata 01.
 *
 * What GitHub's code scanning makes of it decides where the standard leaves a choice: it takes every result for an alert
 * whatever its kind, wants a place for each, and ranks by "security-severity" of the rule.
 */
#include "report/report_priv.h"
#include "json/json.h"

#include <string.h>

struct sarif {
	struct sg_json w;
	const struct sg_report *r;
	SG_VEC(const struct sg_rule *) rules; /* that were decided in this run, in the table's order */
};

static void ends(struct sarif *s, unsigned n)
{
	while (n--)
		sg_json_end(&s->w);
}

/* ------------------------------------------------------------------------------------------------ texts */

/* A message, printable: "](" would make a link of what stands before it (3.11.6), "{0}" a placeholder (3.11.5). */
static void message_text(struct sarif *s, const char *key, struct sg_str text)
{
	struct sg_buf plain = {0};
	for (size_t i = 0; i < text.n; i++) {
		char next = i + 1 < text.n ? text.p[i + 1] : 0;
		if (text.p[i] == ']' && next == '(')
			sg_buf_addc(&plain, '\\');
		if (text.p[i] == '{' && next >= '0' && next <= '9')
			sg_buf_addc(&plain, '{');
		sg_buf_addc(&plain, text.p[i]);
	}
	sg_json_key(&s->w, key);
	sg_json_object(&s->w);
	sg_json_key(&s->w, "text");
	sg_json_str(&s->w, sg_buf_view(&plain));
	sg_json_end(&s->w);
	sg_buf_free(&plain);
}

static void message(struct sarif *s, struct sg_str text)
{
	struct sg_buf printable = {0};
	sg_buf_printable(&printable, text);
	message_text(s, "message", sg_buf_view(&printable));
	sg_buf_free(&printable);
}

static void text_member(struct sarif *s, const char *key, const char *text)
{
	sg_json_key(&s->w, key);
	sg_json_cstr(&s->w, text);
}

static void number_member(struct sarif *s, const char *key, size_t n)
{
	sg_json_key(&s->w, key);
	sg_json_int(&s->w, (int64_t)n);
}

/* ------------------------------------------------------------------------------------------------ places */

/* A path as a URI reference (RFC 3986): a relative one without "./", an absolute one as file://. */
static void uri(struct sg_buf *out, struct sg_str path)
{
	while (sg_str_starts(path, "./"))
		path = sg_str_sub(path, 2, path.n);
	sg_buf_adds(out, sg_str_starts(path, "/") ? "file://" : "");
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			     (c && strchr("-._~/", c));
		sg_buf_addf(out, plain ? "%c" : "%%%02X", c);
	}
}

static void artifact_location(struct sarif *s, const char *key, struct sg_str path)
{
	struct sg_buf text = {0};
	uri(&text, path);
	sg_json_key(&s->w, key);
	sg_json_object(&s->w);
	sg_json_key(&s->w, "uri");
	sg_json_str(&s->w, sg_buf_view(&text));
	if (!sg_str_starts(path, "/"))
		text_member(s, "uriBaseId", "%SRCROOT%");
	sg_json_end(&s->w);
	sg_buf_free(&text);
}

static void region(struct sarif *s, struct sg_span span)
{
	struct sg_pos start = sg_pos_start_utf16(s->r->sources, span), end = sg_pos_end_utf16(s->r->sources, span);
	sg_json_key(&s->w, "region");
	sg_json_object(&s->w);
	number_member(s, "startLine", start.line ? start.line : 1);
	number_member(s, "startColumn", start.column ? start.column : 1);
	number_member(s, "endLine", end.line ? end.line : 1);
	number_member(s, "endColumn", end.column ? end.column : 1);
	sg_json_end(&s->w);
}

/* What has no place in a text is at the start of the file. */
static void physical(struct sarif *s, struct sg_str file, struct sg_span span)
{
	struct sg_str path = span.source ? sg_source_path(s->r->sources, span.source) : file;
	sg_json_key(&s->w, "physicalLocation");
	sg_json_object(&s->w);
	artifact_location(s, "artifactLocation", path);
	region(s, span);
	sg_json_end(&s->w);
}

static void logical(struct sarif *s, const struct sg_finding *finding)
{
	if (!finding->resource.n && !finding->path.n)
		return;
	sg_json_key(&s->w, "logicalLocations");
	sg_json_array(&s->w);
	sg_json_object(&s->w);
	if (finding->resource.n) {
		sg_json_key(&s->w, "name");
		sg_json_str(&s->w, finding->resource);
	}
	sg_json_key(&s->w, "fullyQualifiedName");
	sg_json_str(&s->w, finding->path.n ? finding->path : finding->resource);
	text_member(s, "kind", "resource");
	sg_json_end(&s->w);
	sg_json_end(&s->w);
}

/* ------------------------------------------------------------------------------------------------ results */

/* A hop without a place of its own is where the finding is. */
static void hop(struct sarif *s, struct sg_str file, const struct sg_finding *finding, const struct sg_step *step)
{
	sg_json_object(&s->w);
	sg_json_key(&s->w, "location");
	sg_json_object(&s->w);
	physical(s, file, step->span.source ? step->span : finding->span);
	message(s, step->message);
	sg_json_end(&s->w);
	sg_json_end(&s->w);
}

static void code_flow(struct sarif *s, struct sg_str file, const struct sg_finding *finding)
{
	if (!finding->witness.n)
		return;
	sg_json_key(&s->w, "codeFlows");
	sg_json_array(&s->w);
	sg_json_object(&s->w);
	sg_json_key(&s->w, "threadFlows");
	sg_json_array(&s->w);
	sg_json_object(&s->w);
	sg_json_key(&s->w, "locations");
	sg_json_array(&s->w);
	for (size_t i = 0; i < finding->witness.n; i++)
		hop(s, file, finding, &finding->witness.v[i]);
	ends(s, 5);
}

static void suppressions(struct sarif *s, const struct sg_finding *finding)
{
	sg_json_key(&s->w, "suppressions");
	sg_json_array(&s->w);
	if (finding->suppressed.n) {
		sg_json_object(&s->w);
		text_member(s, "kind", finding->suppressed_by == SG_BY_TEMPLATE ? "inSource" : "external");
		text_member(s, "status", "accepted");
		sg_json_key(&s->w, "justification");
		sg_json_str(&s->w, finding->suppressed);
		sg_json_end(&s->w);
	}
	sg_json_end(&s->w);
}

static const char *level(enum sg_severity severity)
{
	static const char *const levels[] = {"note", "warning", "error", "error"};
	return levels[severity];
}

static size_t index_of(const struct sarif *s, const struct sg_rule *rule)
{
	for (size_t i = 0; i < s->rules.n; i++)
		if (!sg_rule_compare(s->rules.v[i], rule))
			return i;
	SG_BUG("a finding of a rule that was not decided");
}

/* Of a kind that is not "fail" the level can only be "none" (3.27.10). */
static void result_head(struct sarif *s, const struct sg_finding *finding)
{
	bool fail = finding->status == SG_FAIL;
	text_member(s, "ruleId", finding->rule->id);
	number_member(s, "ruleIndex", index_of(s, finding->rule));
	text_member(s, "kind", fail ? "fail" : "open");
	text_member(s, "level", fail ? level(finding->severity) : "none");
}

static void result_properties(struct sarif *s, const struct sg_finding *finding)
{
	sg_json_key(&s->w, "properties");
	sg_json_object(&s->w);
	text_member(s, "status", sg_verdict_name(finding->status));
	text_member(s, "severity", sg_severity_name(finding->severity));
	sg_json_key(&s->w, "when");
	sg_report_json_when(&s->w, finding);
	sg_json_end(&s->w);
}

static void result(struct sarif *s, struct sg_str file, const struct sg_finding *finding)
{
	struct sg_buf words = {0};
	char fingerprint[SG_FINGERPRINT + 1];
	sg_json_object(&s->w);
	result_head(s, finding);
	sg_report_words(&words, finding);
	message_text(s, "message", sg_buf_view(&words));
	sg_buf_free(&words);
	sg_json_key(&s->w, "locations");
	sg_json_array(&s->w);
	sg_json_object(&s->w);
	physical(s, file, finding->span);
	logical(s, finding);
	sg_json_end(&s->w);
	sg_json_end(&s->w);
	code_flow(s, file, finding);
	sg_json_key(&s->w, "partialFingerprints");
	sg_json_object(&s->w);
	sg_finding_fingerprint(finding, fingerprint);
	text_member(s, "sandboxgen/v1", fingerprint);
	sg_json_end(&s->w);
	suppressions(s, finding);
	if (s->r->baseline.n)
		text_member(s, "baselineState", finding->suppressed_by == SG_BY_BASELINE ? "unchanged" : "new");
	result_properties(s, finding);
	sg_json_end(&s->w);
}

static void results(struct sarif *s)
{
	sg_json_key(&s->w, "results");
	sg_json_array(&s->w);
	for (size_t i = 0; i < s->r->n_files; i++) {
		const struct sg_report_file *f = &s->r->files[i];
		for (size_t k = 0; f->findings && k < f->findings->list.n; k++)
			result(s, f->path, f->findings->list.v[k]);
	}
	sg_json_end(&s->w);
}

/* ------------------------------------------------------------------------------------------------ rules */

static void rule_properties(struct sarif *s, const struct sg_rule *rule)
{
	/* GitHub: over 9.0 is critical, from 7.0 high, from 4.0 medium, above 0 low */
	static const char *const scores[] = {"2.0", "5.5", "8.0", "9.5"};
	sg_json_key(&s->w, "properties");
	sg_json_object(&s->w);
	text_member(s, "security-severity", scores[rule->severity]);
	text_member(s, "precision", "high");
	sg_json_key(&s->w, "tags");
	sg_json_array(&s->w);
	sg_json_cstr(&s->w, "security");
	if (sg_rule_builtin(rule))
		sg_json_cstr(&s->w, rule->family);
	sg_json_end(&s->w);
	sg_json_end(&s->w);
}

/* Of a rule without a page, its title: GitHub wants something in each place. */
static void rule_help(struct sarif *s, const struct sg_rule *rule, struct sg_str title)
{
	struct sg_str page = sg_report_page(s->r, rule);
	struct sg_buf summary = {0};
	sg_report_summary_of(&summary, page);
	message_text(s, "fullDescription", summary.n ? sg_buf_view(&summary) : title);
	sg_buf_free(&summary);
	sg_json_key(&s->w, "help");
	sg_json_object(&s->w);
	sg_json_key(&s->w, "text");
	sg_json_str(&s->w, page.n ? page : title);
	if (page.n) {
		sg_json_key(&s->w, "markdown");
		sg_json_str(&s->w, page);
	}
	sg_json_end(&s->w);
}

static void rule_object(struct sarif *s, const struct sg_rule *rule)
{
	struct sg_str title = sg_str(rule->title && *rule->title ? rule->title : rule->id);
	sg_json_object(&s->w);
	text_member(s, "id", rule->id);
	message_text(s, "shortDescription", title);
	rule_help(s, rule, title);
	sg_json_key(&s->w, "defaultConfiguration");
	sg_json_object(&s->w);
	text_member(s, "level", level(rule->severity));
	sg_json_end(&s->w);
	rule_properties(s, rule);
	sg_json_end(&s->w);
}

/* Into its place; each once. */
static void add_rule(struct sarif *s, struct sg_arena *a, const struct sg_rule *rule)
{
	size_t at = 0;
	while (at < s->rules.n && sg_rule_compare(s->rules.v[at], rule) < 0)
		at++;
	if (at < s->rules.n && !sg_rule_compare(s->rules.v[at], rule))
		return;
	SG_PUSH(a, &s->rules, rule);
	for (size_t i = s->rules.n - 1; i > at; i--)
		s->rules.v[i] = s->rules.v[i - 1];
	s->rules.v[at] = rule;
}

static void collect_rules(struct sarif *s, struct sg_arena *a)
{
	for (size_t i = 0; i < s->r->n_files; i++) {
		const struct sg_findings *f = s->r->files[i].findings;
		for (size_t k = 0; f && k < f->judged.n; k++)
			add_rule(s, a, f->judged.v[k].rule);
		for (size_t k = 0; f && k < f->list.n; k++)
			add_rule(s, a, f->list.v[k]->rule);
	}
}

static void tool(struct sarif *s)
{
	sg_json_key(&s->w, "tool");
	sg_json_object(&s->w);
	sg_json_key(&s->w, "driver");
	sg_json_object(&s->w);
	text_member(s, "name", "sandboxgen");
	text_member(s, "semanticVersion", s->r->version);
	sg_json_key(&s->w, "rules");
	sg_json_array(&s->w);
	for (size_t i = 0; i < s->rules.n; i++)
		rule_object(s, s->rules.v[i]);
	ends(s, 3);
}

/* ------------------------------------------------------------------------------------------------ the run */

static void notification(struct sarif *s, const struct sg_diag *d)
{
	static const char *const levels[] = {[SG_ERROR] = "error", [SG_WARNING] = "warning", [SG_NOTE] = "note"};
	struct sg_buf text = {0};
	sg_json_object(&s->w);
	text_member(s, "level", levels[d->severity]);
	sg_buf_str(&text, d->message);
	sg_buf_adds(&text, d->hint.n ? ": " : "");
	sg_buf_str(&text, d->hint);
	message(s, sg_buf_view(&text));
	sg_buf_free(&text);
	if (d->span.source || d->path.n) {
		sg_json_key(&s->w, "locations");
		sg_json_array(&s->w);
		sg_json_object(&s->w);
		physical(s, d->path, d->span);
		sg_json_end(&s->w);
		sg_json_end(&s->w);
	}
	sg_json_end(&s->w);
}

static void invocation(struct sarif *s)
{
	const char *verdict = sg_report_verdict(s->r);
	bool error = !strcmp(verdict, "error");
	sg_json_key(&s->w, "invocations");
	sg_json_array(&s->w);
	sg_json_object(&s->w);
	sg_json_key(&s->w, "executionSuccessful");
	sg_json_bool(&s->w, !error);
	number_member(s, "exitCode", error ? 2 : strcmp(verdict, "pass") != 0);
	sg_json_key(&s->w, "toolExecutionNotifications");
	sg_json_array(&s->w);
	for (size_t i = 0; s->r->diags && i < sg_diags_count(s->r->diags); i++)
		notification(s, sg_diags_at(s->r->diags, i));
	ends(s, 3);
}

static void artifacts(struct sarif *s)
{
	sg_json_key(&s->w, "artifacts");
	sg_json_array(&s->w);
	for (size_t i = 0; i < s->r->n_files; i++) {
		sg_json_object(&s->w);
		artifact_location(s, "location", s->r->files[i].path);
		sg_json_key(&s->w, "roles");
		sg_json_array(&s->w);
		sg_json_cstr(&s->w, "analysisTarget");
		sg_json_end(&s->w);
		sg_json_key(&s->w, "properties");
		sg_json_object(&s->w);
		text_member(s, "verdict", sg_report_file_verdict(s->r, &s->r->files[i]));
		sg_json_end(&s->w);
		sg_json_end(&s->w);
	}
	sg_json_end(&s->w);
}

static void base(struct sarif *s)
{
	text_member(s, "columnKind", "utf16CodeUnits");
	sg_json_key(&s->w, "originalUriBaseIds");
	sg_json_object(&s->w);
	sg_json_key(&s->w, "%SRCROOT%");
	sg_json_object(&s->w);
	message_text(s, "description", SG_LIT("The folder in which sandboxgen was started"));
	sg_json_end(&s->w);
	sg_json_end(&s->w);
}

static void run(struct sarif *s)
{
	sg_json_object(&s->w);
	tool(s);
	invocation(s);
	base(s);
	artifacts(s);
	results(s);
	sg_json_key(&s->w, "properties");
	sg_json_object(&s->w);
	text_member(s, "verdict", sg_report_verdict(s->r));
	text_member(s, "failOn", sg_severity_name(s->r->fail_on));
	sg_report_json_notes(&s->w, s->r);
	sg_json_end(&s->w);
	sg_json_end(&s->w);
}

void sg_report_sarif(struct sg_buf *out, const struct sg_report *r)
{
	struct sarif s = {.r = r};
	struct sg_arena *a = sg_arena_new();
	collect_rules(&s, a);
	sg_json_init(&s.w, out, 2);
	sg_json_object(&s.w);
	text_member(&s, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	text_member(&s, "version", "2.1.0");
	sg_json_key(&s.w, "runs");
	sg_json_array(&s.w);
	run(&s);
	sg_json_end(&s.w);
	sg_json_end(&s.w);
	sg_buf_addc(out, '\n');
	sg_arena_free(a);
}
