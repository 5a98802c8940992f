/*
 * skeleton.c - the markers of templates/ (see the README there): which lines stay, and which scalars are written
 * anew.
 *
 * It must not know what any name means or what a file is for.  Nothing here depends on what a value holds except the
 * encoding, and so a value cannot add, end or swallow a line.
 */
#include "render/render_priv.h"

#include <string.h>

struct filler {
	struct sg_arena *a;
	enum sg_format format;
	struct sg_buf *out;
	struct sg_str *bad;
};

/* ---------------------------------------------------------------------------------------------- markers */

struct marker {
	struct sg_str name;
	bool expr;
	size_t end; /* behind the closing brace */
};

static struct marker marker_at(struct sg_str line, size_t at)
{
	size_t close = sg_str_find(line, "}", at);
	SG_ASSERT(close != SIZE_MAX);
	struct sg_str inner = sg_str_sub(line, at + 2, close - at - 2);
	size_t bar = sg_str_find(inner, "|", 0);
	SG_ASSERT(bar == SIZE_MAX || sg_str_is(sg_str_sub(inner, bar, SIZE_MAX), "|expr"));
	return (struct marker){sg_str_sub(inner, 0, bar), bar != SIZE_MAX, close + 1};
}

static const struct sg_value *value_of(const struct sg_scope *scope, struct sg_str name)
{
	const struct sg_value *v = sg_scope_get(scope, name);
	if (!v)
		SG_BUG("a skeleton uses a name that is not there");
	return v;
}

/* Fn::Sub reads "${": a value's own is written "${!", which it turns back. */
static void add_value(struct sg_buf *out, struct sg_str text, bool sub)
{
	for (size_t i = 0; i < text.n; i++) {
		sg_buf_addc(out, text.p[i]);
		if (sub && text.p[i] == '{' && i && text.p[i - 1] == '$')
			sg_buf_addc(out, '!');
	}
}

/* The content of a quoted scalar with its markers replaced, as a scalar of the format. */
static bool fill_scalar(struct filler *f, const struct sg_scope *scope, struct sg_str content, bool sub)
{
	struct sg_buf text = {0};
	struct marker m = {0};
	for (size_t i = 0; i < content.n;) {
		size_t at = sg_str_find(content, "@{", i);
		sg_buf_str(&text, sg_str_sub(content, i, at == SIZE_MAX ? SIZE_MAX : at - i));
		if (at == SIZE_MAX)
			break;
		m = marker_at(content, at);
		const struct sg_value *v = value_of(scope, m.name);
		if (v->number && at == 0 && m.end == content.n) {
			sg_buf_free(&text);
			sg_buf_str(f->out, v->text);
			return true;
		}
		add_value(&text, v->text, sub);
		i = m.end;
	}
	bool ok = sg_encode(f->format, f->out, sg_buf_view(&text));
	if (!ok)
		*f->bad = m.name;
	sg_buf_free(&text);
	return ok;
}

/* ---------------------------------------------------------------------------------------------- lines */

static bool quote_here(enum sg_format format, char c)
{
	return (format == SG_FORMAT_YAML && (c == '\'' || c == '"')) ||
	       ((format == SG_FORMAT_TOML || format == SG_FORMAT_JSON) && c == '"');
}

static bool fill_bare(struct filler *f, const struct sg_scope *scope, struct sg_str line, size_t *i)
{
	struct marker m = marker_at(line, *i);
	SG_ASSERT(f->format == SG_FORMAT_MAKE || (f->format == SG_FORMAT_YAML && m.expr));
	struct sg_str text = value_of(scope, m.name)->text;
	*i = m.end;
	*f->bad = m.name;
	return m.expr ? sg_encode_expr(f->out, text) : sg_encode(f->format, f->out, text);
}

/* A line with a marker in it. */
static bool fill_line(struct filler *f, const struct sg_scope *scope, struct sg_str line)
{
	for (size_t i = 0; i < line.n;) {
		if (sg_str_starts(sg_str_sub(line, i, 2), "@{")) {
			if (!fill_bare(f, scope, line, &i))
				return false;
			continue;
		}
		if (!quote_here(f->format, line.p[i])) {
			sg_buf_addc(f->out, line.p[i++]);
			continue;
		}
		size_t close = sg_str_find(line, (char[]){line.p[i], 0}, i + 1);
		SG_ASSERT(close != SIZE_MAX);
		struct sg_str content = sg_str_sub(line, i + 1, close - i - 1);
		bool sub = sg_str_ends(sg_str_sub(line, 0, i), "!Sub ");
		if (sg_str_find(content, "@{", 0) == SIZE_MAX)
			sg_buf_add(f->out, line.p + i, close + 1 - i);
		else if (!fill_scalar(f, scope, content, sub))
			return false;
		i = close + 1;
	}
	return true;
}

/* ---------------------------------------------------------------------------------------------- blocks */

static struct sg_str next_line(struct sg_str *rest)
{
	size_t n = sg_str_find(*rest, "\n", 0);
	n = n == SIZE_MAX ? rest->n : n + 1;
	struct sg_str line = sg_str_sub(*rest, 0, n);
	*rest = sg_str_sub(*rest, n, SIZE_MAX);
	return line;
}

/* "#@if x" of a line, without blanks around it; empty where the line is none. */
static struct sg_str directive(struct sg_str line)
{
	struct sg_str s = sg_str_trim(line);
	return sg_str_starts(s, "#@") ? s : (struct sg_str){0};
}

/* Takes the lines up to the matching #@end. */
static struct sg_str take_block(struct sg_str *rest)
{
	struct sg_str all = *rest;
	for (int depth = 1; rest->n;) {
		size_t at = all.n - rest->n;
		struct sg_str d = directive(next_line(rest));
		depth += d.n && !sg_str_is(d, "#@end") ? 1 : 0;
		depth -= sg_str_is(d, "#@end") ? 1 : 0;
		if (depth == 0)
			return sg_str_sub(all, 0, at);
	}
	SG_BUG("a block of a skeleton has no end");
}

static bool fill(struct filler *f, const struct sg_scope *scope, struct sg_str rest);

static bool fill_for(struct filler *f, const struct sg_scope *scope, struct sg_str words, struct sg_str block)
{
	size_t in = sg_str_find(words, " in ", 0);
	SG_ASSERT(in != SIZE_MAX);
	const struct sg_value *list = value_of(scope, sg_str_sub(words, in + 4, SIZE_MAX));
	for (size_t i = 0; i < list->list.n; i++)
		if (!fill(f, sg_scope_with(f->a, scope, sg_str_sub(words, 0, in), list->list.v[i]), block))
			return false;
	return true;
}

static bool fill_block(struct filler *f, const struct sg_scope *scope, struct sg_str d, struct sg_str block)
{
	static const char for_[] = "#@for ", if_[] = "#@if ", unless[] = "#@unless ";
	if (sg_str_starts(d, for_))
		return fill_for(f, scope, sg_str_sub(d, sizeof(for_) - 1, SIZE_MAX), block);
	bool wanted = sg_str_starts(d, if_);
	SG_ASSERT(wanted || sg_str_starts(d, unless));
	struct sg_str name = sg_str_sub(d, wanted ? sizeof(if_) - 1 : sizeof(unless) - 1, SIZE_MAX);
	return value_of(scope, name)->truth != wanted || fill(f, scope, block);
}

static bool fill(struct filler *f, const struct sg_scope *scope, struct sg_str rest)
{
	while (rest.n) {
		struct sg_str line = next_line(&rest), d = directive(line);
		bool ok = true;
		if (d.n)
			ok = fill_block(f, scope, d, take_block(&rest));
		else if (sg_str_find(line, "@{", 0) != SIZE_MAX)
			ok = fill_line(f, scope, line);
		else
			sg_buf_str(f->out, line);
		if (!ok)
			return false;
	}
	return true;
}

bool sg_skeleton_fill(struct sg_arena *a, const char *skeleton, enum sg_format format, const struct sg_scope *scope,
		      struct sg_buf *out, struct sg_str *bad)
{
	struct filler f = {a, format, out, bad};
	return fill(&f, scope, sg_str(skeleton));
}
