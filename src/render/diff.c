/*
 * diff.c - a unified diff of two small texts: a longest common subsequence of lines, what is common at both ends
 * aside.
 */
#include "render/render_priv.h"

#include <string.h>

enum { CONTEXT = 3, CELLS_MAX = 4000000 /* of the table; beyond, the middle is shown as replaced */ };

struct lines {
	SG_VEC(struct sg_str) v;
};

struct edit {
	char sign; /* ' ', '-', '+' */
	struct sg_str line;
	size_t a, b; /* lines of both before this one */
};

struct diff {
	struct sg_arena *arena;
	SG_VEC(struct edit) edits;
	size_t a, b;
};

static struct lines split(struct sg_arena *arena, struct sg_str text)
{
	struct lines l = {0};
	while (text.n) {
		size_t n = sg_str_find(text, "\n", 0);
		n = n == SIZE_MAX ? text.n : n + 1;
		SG_PUSH(arena, &l.v, sg_str_sub(text, 0, n));
		text = sg_str_sub(text, n, SIZE_MAX);
	}
	return l;
}

static void add(struct diff *d, char sign, struct sg_str line)
{
	SG_PUSH(d->arena, &d->edits, ((struct edit){sign, line, d->a, d->b}));
	d->a += sign != '+';
	d->b += sign != '-';
}

/* The middle, of n and m lines, by the table of common lengths from the end. */
static void middle(struct diff *d, const struct sg_str *a, size_t n, const struct sg_str *b, size_t m)
{
	size_t i = 0, k = 0, w = m + 1;
	if (n && m && n <= CELLS_MAX / m) {
		uint32_t *t = SG_NEW_ARRAY(d->arena, (n + 1) * w, uint32_t);
		for (size_t r = n; r-- > 0;)
			for (size_t c = m; c-- > 0;) {
				uint32_t down = t[(r + 1) * w + c], right = t[r * w + c + 1];
				t[r * w + c] = sg_str_eq(a[r], b[c]) ? t[(r + 1) * w + c + 1] + 1
					       : down > right        ? down
								     : right;
			}
		while (i < n && k < m) {
			if (sg_str_eq(a[i], b[k]))
				add(d, ' ', a[i++]), k++;
			else if (t[(i + 1) * w + k] >= t[i * w + k + 1])
				add(d, '-', a[i++]);
			else
				add(d, '+', b[k++]);
		}
	}
	while (i < n)
		add(d, '-', a[i++]);
	while (k < m)
		add(d, '+', b[k++]);
}

static void compute(struct diff *d, struct sg_str old, struct sg_str new)
{
	struct lines a = split(d->arena, old), b = split(d->arena, new);
	size_t head = 0, tail = 0, n = a.v.n, m = b.v.n;
	while (head < n && head < m && sg_str_eq(a.v.v[head], b.v.v[head]))
		head++;
	while (tail < n - head && tail < m - head && sg_str_eq(a.v.v[n - 1 - tail], b.v.v[m - 1 - tail]))
		tail++;
	for (size_t i = 0; i < head; i++)
		add(d, ' ', a.v.v[i]);
	middle(d, a.v.v ? a.v.v + head : NULL, n - head - tail, b.v.v ? b.v.v + head : NULL, m - head - tail);
	for (size_t i = n - tail; i < n; i++)
		add(d, ' ', a.v.v[i]);
}

static void print_line(struct sg_buf *out, const struct edit *e)
{
	bool ends = sg_str_ends(e->line, "\n");
	sg_buf_addc(out, e->sign);
	sg_buf_printable(out, sg_str_sub(e->line, 0, e->line.n - ends));
	sg_buf_adds(out, ends ? "\n" : "\n\\ No newline at end of file\n");
}

static void print_hunk(struct sg_buf *out, const struct edit *e, size_t n)
{
	size_t a = 0, b = 0;
	for (size_t i = 0; i < n; i++)
		a += e[i].sign != '+', b += e[i].sign != '-';
	sg_buf_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", e->a + (a > 0), a, e->b + (b > 0), b);
	for (size_t i = 0; i < n; i++)
		print_line(out, &e[i]);
}

/* The end of the hunk whose first change is at `at`: changes with at most 2 * CONTEXT common lines between them. */
static size_t hunk_end(const struct diff *d, size_t at)
{
	size_t last = at;
	for (size_t i = at; i < d->edits.n && i - last <= 2 * CONTEXT; i++)
		if (d->edits.v[i].sign != ' ')
			last = i;
	return last + 1 + CONTEXT < d->edits.n ? last + 1 + CONTEXT : d->edits.n;
}

void sg_diff(struct sg_buf *out, const char *old_name, const char *new_name, struct sg_str old, struct sg_str new)
{
	if (sg_str_eq(old, new))
		return;
	struct diff d = {.arena = sg_arena_new()};
	compute(&d, old, new);
	sg_buf_addf(out, "--- %s\n+++ %s\n", old_name, new_name);
	for (size_t i = 0; i < d.edits.n;) {
		if (d.edits.v[i].sign == ' ') {
			i++;
			continue;
		}
		size_t start = i > CONTEXT ? i - CONTEXT : 0, end = hunk_end(&d, i);
		print_hunk(out, d.edits.v + start, end - start);
		i = end;
	}
	sg_arena_free(d.arena);
}
