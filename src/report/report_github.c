/*
 * Annotations of GitHub Actions: workflow commands on standard output.
 *
 *   ::error file=template.yaml,line=41,endLine=41,col=7,endColumn=20,title=NET002 fail critical::route …
 *
 * Escapes as in actions/toolkit, packages/core/src/command.ts: %, CR and LF everywhere, : and , in properties, too.  The
 * runner looks for commands at the start of every line, so that no line is printed that is not one.
 */
#include "report/report_priv.h"

#include <stdlib.h>
#include <string.h>

enum kind { ERROR, WARNING, NOTICE };

static const char *const kinds[] = {"error", "warning", "notice"};

struct annotation {
	const struct sg_report_file *file;
	const struct sg_finding *finding;
	enum kind kind;
	size_t order;
};

static void escaped(struct sg_buf *out, struct sg_str text, const char *which)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] && strchr(which, text.p[i]))
			sg_buf_addf(out, "%%%02X", (unsigned char)text.p[i]);
		else
			sg_buf_addc(out, text.p[i]);
}

static void property(struct sg_buf *out, const char *name, struct sg_str value)
{
	struct sg_buf printable = {0};
	sg_buf_printable(&printable, value);
	sg_buf_adds(out, out->p[out->n - 1] == ' ' ? "" : ",");
	sg_buf_addf(out, "%s=", name);
	escaped(out, sg_buf_view(&printable), "%\r\n:,");
	sg_buf_free(&printable);
}

/* Columns only within one line: GitHub refuses them otherwise. */
static void place(struct sg_buf *out, const struct sg_report *r, struct sg_str file, struct sg_span span)
{
	struct sg_str path = span.source ? sg_source_path(r->sources, span.source) : file;
	struct sg_pos from = sg_pos_start(r->sources, span), to = sg_pos_end(r->sources, span);
	while (sg_str_starts(path, "./"))
		path = sg_str_sub(path, 2, path.n);
	if (!path.n || sg_str_is(path, "<stdin>"))
		return;
	property(out, "file", path);
	if (!span.source)
		return;
	sg_buf_addf(out, ",line=%u,endLine=%u", from.line, to.line);
	if (from.line == to.line)
		sg_buf_addf(out, ",col=%u,endColumn=%u", from.column, to.column);
}

static void annotation(struct sg_buf *out, const struct sg_report *r, const struct annotation *a)
{
	struct sg_buf title = {0}, words = {0};
	const struct sg_finding *finding = a->finding;
	sg_buf_addf(out, "::%s ", kinds[a->kind]);
	place(out, r, a->file->path, finding->span);
	sg_buf_addf(&title, "%s %s %s", finding->rule->id, sg_verdict_name(finding->status),
		    sg_severity_name(finding->severity));
	property(out, "title", sg_buf_view(&title));
	sg_buf_adds(out, "::");
	sg_report_words(&words, finding);
	sg_report_hops(&words, r, finding);
	escaped(out, sg_buf_view(&words), "%\r\n");
	sg_buf_addc(out, '\n');
	sg_buf_free(&title);
	sg_buf_free(&words);
}

static enum kind kind_of(const struct sg_report *r, const struct sg_finding *finding)
{
	if (finding->suppressed.n)
		return NOTICE;
	return sg_report_counts(r, finding) ? ERROR : WARNING;
}

static int worst_first(const void *pa, const void *pb)
{
	const struct annotation *a = pa, *b = pb;
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	if (a->finding->severity != b->finding->severity)
		return (int)b->finding->severity - (int)a->finding->severity;
	return (a->order > b->order) - (a->order < b->order);
}

static void findings(struct sg_buf *out, const struct sg_report *r)
{
	SG_VEC(struct annotation) all = {0};
	struct sg_arena *arena = sg_arena_new();
	for (size_t i = 0; i < r->n_files; i++) {
		const struct sg_findings *f = r->files[i].findings;
		for (size_t k = 0; f && k < f->list.n; k++)
			SG_PUSH(arena, &all,
				((struct annotation){&r->files[i], f->list.v[k], kind_of(r, f->list.v[k]), all.n}));
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), worst_first);
	for (size_t i = 0; i < all.n; i++)
		annotation(out, r, &all.v[i]);
	sg_arena_free(arena);
}

/* Why files could not be judged; first, because no finding of them follows. */
static void diagnostics(struct sg_buf *out, const struct sg_report *r)
{
	static const enum kind of[] = {[SG_ERROR] = ERROR, [SG_WARNING] = WARNING, [SG_NOTE] = NOTICE};
	for (size_t i = 0; r->diags && i < sg_diags_count(r->diags); i++) {
		const struct sg_diag *d = sg_diags_at(r->diags, i);
		struct sg_buf words = {0};
		sg_buf_addf(out, "::%s ", kinds[of[d->severity]]);
		place(out, r, d->path, d->span);
		property(out, "title", SG_LIT("sandboxgen"));
		sg_buf_adds(out, "::");
		sg_buf_printable(&words, d->message);
		sg_buf_adds(&words, d->hint.n ? "\n" : "");
		sg_buf_printable(&words, d->hint);
		escaped(out, sg_buf_view(&words), "%\r\n");
		sg_buf_addc(out, '\n');
		sg_buf_free(&words);
	}
}

static void add_assumptions(struct sg_buf *words, const struct sg_report *r)
{
	for (size_t i = 0; i < r->n_assumptions; i++) {
		const struct sg_report_assumption *a = &r->assumptions[i];
		sg_buf_adds(words, a->used ? "\nassumed, not proved: " : "\nassumed, not needed: ");
		sg_buf_printable(words, a->text);
		sg_buf_adds(words, " (");
		sg_buf_printable(words, a->reason);
		sg_buf_addc(words, ')');
	}
}

static void summary(struct sg_buf *out, const struct sg_report *r)
{
	struct sg_buf words = {0};
	sg_buf_addf(out, "::notice title=sandboxgen %s::", sg_report_verdict(r));
	for (size_t i = 0; i < r->n_files; i++) {
		struct sg_tally t = sg_report_tally(r->files[i].findings);
		sg_buf_adds(&words, i ? "\n" : "");
		sg_buf_printable(&words, r->files[i].path);
		sg_buf_addf(&words, ": %s (%zu fail, %zu unproven, %zu suppressed)",
			    sg_report_file_verdict(r, &r->files[i]), t.fail, t.unproven, t.suppressed);
	}
	add_assumptions(&words, r);
	escaped(out, sg_buf_view(&words), "%\r\n");
	sg_buf_addc(out, '\n');
	sg_buf_free(&words);
}

void sg_report_github(struct sg_buf *out, const struct sg_report *r)
{
	summary(out, r);
	diagnostics(out, r);
	findings(out, r);
}
