/*
 * What a rule file says about its rules in comments: the pragmas that sandboxgen understands, and a page in front of a
 * rule.  cfn-guard sees nothing of it.
 */
#include "guard/guard_priv.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ pragmas */

/* What stands behind `mark` in a line that begins with it; p == NULL: there is none. */
static struct sg_str pragma(struct sg_str text, const char *mark)
{
	size_t n = strlen(mark);
	const char *at = text.n ? memmem(text.p, text.n, mark, n) : NULL;
	while (at && at > text.p && at[-1] != '\n')
		at = memmem(at + 1, text.n - (size_t)(at + 1 - text.p), mark, n);
	if (!at)
		return (struct sg_str){0};
	struct sg_str rest = sg_str_sub(text, (size_t)(at - text.p) + n, SIZE_MAX);
	const char *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	return sg_str_trim(end ? sg_str_sub(rest, 0, (size_t)(end - rest.p)) : rest);
}

enum sg_guard_view guard_find_view(struct sg_str text)
{
	static const struct {
		const char *name;
		enum sg_guard_view view;
	} views[] = {
		{"raw", SG_GUARD_VIEW_RAW}, {"expanded", SG_GUARD_VIEW_EXPANDED}, {"resolved", SG_GUARD_VIEW_RESOLVED}};
	struct sg_str name = pragma(text, GUARD_PRAGMA "view=");
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
		if (sg_str_is(name, views[i].name))
			return views[i].view;
	return SG_GUARD_VIEW_NONE;
}

bool guard_find_strict(struct sg_str text)
{
	return pragma(text, GUARD_PRAGMA "strict").p != NULL;
}

/* ------------------------------------------------------------------------------------------------ pages */

/* Where the line before the one that starts at `at` starts; SIZE_MAX: there is none. */
static size_t line_before(struct sg_str text, size_t at)
{
	if (!at)
		return SIZE_MAX;
	for (at--; at && text.p[at - 1] != '\n';)
		at--;
	return at;
}

/* The comment's text without "# ", with its line break. */
static void add_line(struct sg_buf *out, struct sg_str line)
{
	size_t from = line.n > 1 && line.p[1] == ' ' ? 2 : 1;
	sg_buf_str(out, sg_str_sub(line, from, SIZE_MAX));
}

struct sg_str sg_guard_page(struct sg_arena *a, const struct sg_guard *g, size_t i)
{
	struct sg_span span = g->rules[i]->span;
	size_t end = span.start, start;
	struct sg_buf out = {0};
	while (end && g->text.p[end - 1] != '\n')
		end--;
	start = end;
	for (size_t before; (before = line_before(g->text, start)) != SIZE_MAX && g->text.p[before] == '#';)
		start = before;
	if (!span.source || !sg_str_starts(sg_str_sub(g->text, start, SIZE_MAX), "# # "))
		return (struct sg_str){0};
	while (start < end) {
		const char *eol = memchr(g->text.p + start, '\n', end - start);
		size_t n = (size_t)(eol - (g->text.p + start)) + 1;
		add_line(&out, sg_str_sub(g->text, start, n));
		start += n;
	}
	return sg_buf_take(&out, a);
}

/* The text up to the end of its line. */
static struct sg_str line_of(struct sg_str text)
{
	return sg_str_sub(text, 0, sg_str_find(text, "\n", 0));
}

struct sg_guard_meta sg_guard_meta(struct sg_str page)
{
	struct sg_guard_meta m = {0};
	struct sg_str head = line_of(page);
	size_t colon = sg_str_find(head, ": ", 0), severity = sg_str_find(page, "\nSeverity: ", 0);
	if (!sg_str_starts(head, "# ") || colon == SIZE_MAX)
		return m;
	m.id = sg_str_sub(head, 2, colon - 2);
	m.title = sg_str_sub(head, colon + 2, SIZE_MAX);
	if (severity == SIZE_MAX)
		return m;
	struct sg_str word = line_of(sg_str_sub(page, severity + 11, SIZE_MAX));
	m.severity = sg_str_sub(word, 0, sg_str_find(word, ".", 0));
	return m;
}
