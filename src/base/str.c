/*
 * String views and the growing buffer.  Bytes only: what they mean (UTF-8, numbers) is text.c's.
 */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sg_str sg_str(const char *s)
{
	return (struct sg_str){s ? s : "", s ? strlen(s) : 0};
}

struct sg_str sg_str_sub(struct sg_str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct sg_str){s.n ? s.p + from : s.p, n};
}

bool sg_str_eq(struct sg_str a, struct sg_str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

bool sg_str_is(struct sg_str a, const char *b)
{
	/* names are looked up all the time, and most differ in their first letter */
	return (!a.n || a.p[0] == b[0]) && sg_str_eq(a, sg_str(b));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool sg_str_is_nocase(struct sg_str a, const char *b)
{
	size_t n = strlen(b);
	if (a.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(a.p[i]) != lower(b[i]))
			return false;
	return true;
}

int sg_str_cmp(struct sg_str a, struct sg_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool sg_str_starts(struct sg_str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && !memcmp(s.n ? s.p : "", prefix, n);
}

bool sg_str_ends(struct sg_str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.n >= n && (!n || !memcmp(s.p + s.n - n, suffix, n));
}

size_t sg_str_find(struct sg_str s, const char *needle, size_t from)
{
	size_t n = strlen(needle);
	for (size_t i = from; n <= s.n && i <= s.n - n; i++)
		if (!n || !memcmp(s.p + i, needle, n))
			return i;
	return SIZE_MAX;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct sg_str sg_str_trim(struct sg_str s)
{
	while (s.n && is_space(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct sg_str sg_str_dup(struct sg_arena *a, struct sg_str s)
{
	char *p = sg_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct sg_str){p, s.n};
}

const char *sg_cstr(struct sg_arena *a, struct sg_str s)
{
	return sg_str_dup(a, s).p;
}

struct sg_str sg_strf(struct sg_arena *a, const char *fmt, ...)
{
	char text[256]; /* of most: formatted once, copied once */
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	struct sg_buf b = {0};
	if (n < 0 || (size_t)n >= sizeof(text))
		sg_buf_vaddf(&b, fmt, again);
	va_end(again);
	return b.n ? sg_buf_take(&b, a) : sg_str_dup(a, (struct sg_str){text, (size_t)n});
}

#define DISTANCE_MAX 64 /* longer words are never offered as "did you mean" */

size_t sg_str_distance(struct sg_str a, struct sg_str b, size_t limit)
{
	size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;
	if (gap > limit || a.n > DISTANCE_MAX || b.n > DISTANCE_MAX)
		return limit + 1;
	size_t rows[3][DISTANCE_MAX + 1];
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = rows[i % 3], *prev = rows[(i + 2) % 3], *prev2 = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t best = prev[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (prev[j] + 1 < best)
				best = prev[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
			    prev2[j - 2] + 1 < best)
				best = prev2[j - 2] + 1;
			now[j] = best;
		}
	}
	size_t d = rows[a.n % 3][b.n];
	return d > limit ? limit + 1 : d;
}

/* ------------------------------------------------------------------------------------------------ buffer */

void sg_buf_free(struct sg_buf *b)
{
	if (!b)
		return;
	free(b->p);
	*b = (struct sg_buf){0};
}

static void reserve(struct sg_buf *b, size_t more)
{
	if (more > SIZE_MAX / 2 - b->n - 1)
		sg_oom();
	size_t need = b->n + more + 1;
	if (need <= b->cap)
		return;
	size_t cap = b->cap ? b->cap * 2 : 128;
	if (cap < need)
		cap = need;
	char *p = realloc(b->p, cap);
	if (!p)
		sg_oom();
	b->p = p;
	b->cap = cap;
}

void sg_buf_add(struct sg_buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void sg_buf_addc(struct sg_buf *b, char c)
{
	sg_buf_add(b, &c, 1);
}

void sg_buf_adds(struct sg_buf *b, const char *s)
{
	sg_buf_add(b, s, strlen(s));
}

void sg_buf_str(struct sg_buf *b, struct sg_str s)
{
	sg_buf_add(b, s.p, s.n);
}

void sg_buf_fill(struct sg_buf *b, char c, size_t n)
{
	reserve(b, n);
	memset(b->p + b->n, c, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void sg_buf_vaddf(struct sg_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	reserve(b, 127); /* most fit */
	int n = vsnprintf(b->p + b->n, 128, fmt, ap);
	if (n < 0)
		SG_BUG("a format that printf refuses");
	if (n > 127) {
		reserve(b, (size_t)n);
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	b->n += (size_t)n;
}

void sg_buf_addf(struct sg_buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(b, fmt, ap);
	va_end(ap);
}

struct sg_str sg_buf_view(const struct sg_buf *b)
{
	return (struct sg_str){b->p ? b->p : "", b->n};
}

struct sg_str sg_buf_take(struct sg_buf *b, struct sg_arena *a)
{
	struct sg_str s = sg_str_dup(a, sg_buf_view(b));
	sg_buf_free(b);
	return s;
}

/* ------------------------------------------------------------------------------------------------ status */

bool sg_fail(struct sg_status *st, int error, const char *fmt, ...)
{
	if (!st)
		return false;
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(st->text, sizeof(st->text), fmt, ap);
	va_end(ap);
	if (error && n >= 0 && (size_t)n < sizeof(st->text))
		/* strerrordesc_np is not translated, strerror is */
		snprintf(st->text + n, sizeof(st->text) - (size_t)n, ": %s", strerrordesc_np(error));
	st->error = error;
	return false;
}
