/*
 * Diagnostics: what is wrong with an input, collected while it is read, printed in the order of the text.
 */
#include "diag/diag_priv.h"

#include <stdlib.h>

#define DIAGS_MAX 200 /* a broken file says the same thing a thousand times */

struct sg_diags {
	struct sg_arena *arena;
	struct sg_sources *sources;
	SG_VEC(struct sg_diag) list;
	size_t errors, dropped;
};

struct sg_diags *sg_diags_new(struct sg_arena *a, struct sg_sources *s)
{
	struct sg_diags *d = SG_NEW(a, struct sg_diags);
	d->arena = a;
	d->sources = s;
	return d;
}

struct sg_arena *sg_diags_arena(struct sg_diags *d)
{
	return d->arena;
}

struct sg_sources *sg_diags_sources(struct sg_diags *d)
{
	return d->sources;
}

static bool same(const struct sg_diag *a, const struct sg_diag *b)
{
	return a->severity == b->severity && a->span.source == b->span.source && a->span.start == b->span.start &&
	       a->span.end == b->span.end && sg_str_eq(a->message, b->message) && sg_str_eq(a->path, b->path);
}

/* Where the list is full, an error takes the place of something milder: what decides the exit code is told. */
static struct sg_diag *milder(struct sg_diags *d)
{
	for (size_t i = d->list.n; i-- > 0;)
		if (d->list.v[i].severity != SG_ERROR)
			return &d->list.v[i];
	return NULL;
}

static void append(struct sg_diags *d, struct sg_diag diag)
{
	if (diag.severity == SG_ERROR)
		d->errors++; /* a repeat counts: callers compare before and after */
	for (size_t i = 0; i < d->list.n; i++)
		if (same(&d->list.v[i], &diag))
			return;
	if (d->list.n < DIAGS_MAX) {
		SG_PUSH(d->arena, &d->list, diag);
		return;
	}
	d->dropped++;
	struct sg_diag *victim = diag.severity == SG_ERROR ? milder(d) : NULL;
	if (victim)
		*victim = diag;
}

static struct sg_str format(struct sg_arena *a, const char *fmt, va_list ap)
{
	struct sg_buf b = {0};
	sg_buf_vaddf(&b, fmt, ap);
	return sg_buf_take(&b, a);
}

void sg_diag(struct sg_diags *d, enum sg_severity_diag severity, struct sg_span span, const char *hint, const char *fmt,
	     ...)
{
	va_list ap;
	va_start(ap, fmt);
	append(d, (struct sg_diag){severity, span, format(d->arena, fmt, ap), sg_str_dup(d->arena, sg_str(hint)),
				   sg_source_path(d->sources, span.source)});
	va_end(ap);
}

void sg_diag_file(struct sg_diags *d, enum sg_severity_diag severity, struct sg_str path, const char *hint,
		  const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	append(d, (struct sg_diag){severity,
				   {0, 0, 0},
				   format(d->arena, fmt, ap),
				   sg_str_dup(d->arena, sg_str(hint)),
				   sg_str_dup(d->arena, path)});
	va_end(ap);
}

size_t sg_diags_errors(const struct sg_diags *d)
{
	return d->errors;
}

size_t sg_diags_count(const struct sg_diags *d)
{
	return d->list.n;
}

const struct sg_diag *sg_diags_at(const struct sg_diags *d, size_t i)
{
	return i < d->list.n ? &d->list.v[i] : NULL;
}

/* ------------------------------------------------------------------------------------------------ printing */

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *pa, const void *pb)
{
	const struct sg_diag *a = *(const struct sg_diag *const *)pa, *b = *(const struct sg_diag *const *)pb;
	int c = sg_str_cmp(a->path, b->path);
	c = c ? c : compare_u32(a->span.source, b->span.source);
	c = c ? c : compare_u32(a->span.start, b->span.start);
	c = c ? c : compare_u32(a->span.end, b->span.end);
	c = c ? c : (int)a->severity - (int)b->severity;
	return c ? c : sg_str_cmp(a->message, b->message);
}

static void print_head(const struct sg_diags *d, const struct sg_diag *diag, struct sg_buf *out, bool colour)
{
	static const char *const names[] = {"error", "warning", "note"};
	static const enum sg_ink inks[] = {SG_INK_ERROR, SG_INK_WARNING, SG_INK_NOTE};
	sg_ink(out, colour, SG_INK_BOLD);
	if (diag->path.n)
		sg_buf_path(out, diag->path);
	else
		sg_buf_adds(out, "sandboxgen");
	sg_buf_addc(out, ':');
	if (diag->span.source) {
		struct sg_pos pos = sg_pos_start(d->sources, diag->span);
		sg_buf_addf(out, "%u:%u:", pos.line, pos.column);
	}
	sg_ink(out, colour, SG_INK_OFF);
	sg_buf_addc(out, ' ');
	sg_ink(out, colour, inks[diag->severity]);
	sg_buf_addf(out, "%s:", names[diag->severity]);
	sg_ink(out, colour, SG_INK_OFF);
	sg_buf_addc(out, ' ');
	sg_buf_printable(out, diag->message);
	sg_buf_addc(out, '\n');
}

static void print_one(const struct sg_diags *d, const struct sg_diag *diag, struct sg_buf *out, bool colour)
{
	print_head(d, diag, out, colour);
	sg_excerpt(d->sources, diag->span, out, 4, colour);
	if (!diag->hint.n)
		return;
	int width = diag->span.source ? sg_gutter_width(d->sources, diag->span) + 1 : 0;
	sg_buf_addf(out, "    %*s= ", width, "");
	sg_buf_printable(out, diag->hint);
	sg_buf_addc(out, '\n');
}

void sg_diags_print(const struct sg_diags *d, struct sg_buf *out, bool colour)
{
	const struct sg_diag **order = SG_NEW_ARRAY(d->arena, d->list.n + 1, const struct sg_diag *);
	for (size_t i = 0; i < d->list.n; i++)
		order[i] = &d->list.v[i];
	qsort(order, d->list.n, sizeof(struct sg_diag *), compare);
	for (size_t i = 0; i < d->list.n; i++)
		print_one(d, order[i], out, colour);
	if (d->dropped)
		sg_buf_addf(out, "sandboxgen: note: %zu more are not shown\n", d->dropped);
}
