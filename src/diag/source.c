/*
 * The registry of texts, and byte offsets into lines and columns.  Positions are only computed for what is printed,
 * so a text is indexed when the first of its positions is asked for.
 */
#include "diag/diag_priv.h"

#include <string.h>

/* Characters, and what they are in UTF-16, before byte `at` of the text; one of these every STRIDE bytes bounds the
 * counting in long lines. */
struct checkpoint {
	uint32_t at, characters, units;
};

#define STRIDE 4096

struct source {
	struct sg_str path, text;
	bool indexed;
	SG_VEC(uint32_t) lines; /* offsets at which lines start */
	SG_VEC(struct checkpoint) checkpoints;
};

struct sg_sources {
	struct sg_arena *arena;
	SG_VEC(struct source *) list;
};

struct sg_sources *sg_sources_new(struct sg_arena *a)
{
	struct sg_sources *s = SG_NEW(a, struct sg_sources);
	s->arena = a;
	return s;
}

uint32_t sg_source_add(struct sg_sources *s, struct sg_str path, struct sg_str text)
{
	SG_ASSERT(text.n < UINT32_MAX && s->list.n < UINT32_MAX);
	struct source *source = SG_NEW(s->arena, struct source);
	source->path = path;
	source->text = text;
	SG_PUSH(s->arena, &s->list, source);
	return (uint32_t)s->list.n;
}

static struct source *source_get(const struct sg_sources *s, uint32_t id)
{
	return s && id && id <= s->list.n ? s->list.v[id - 1] : NULL;
}

struct sg_str sg_source_path(const struct sg_sources *s, uint32_t id)
{
	const struct source *source = source_get(s, id);
	return source ? source->path : sg_str(NULL);
}

struct sg_str sg_source_text(const struct sg_sources *s, uint32_t id)
{
	const struct source *source = source_get(s, id);
	return source ? source->text : sg_str(NULL);
}

struct sg_span sg_span_join(struct sg_span a, struct sg_span b)
{
	if (!a.source || !b.source || a.source != b.source)
		return a.source ? a : b;
	return (struct sg_span){a.source, a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

size_t sg_character_length(struct sg_str text, size_t at)
{
	size_t n = (unsigned char)text.p[at] < 0x80 ? 1 : sg_utf8_decode(sg_str_sub(text, at, 4), NULL);
	return n ? n : 1;
}

static bool starts_with_bom(struct sg_str text)
{
	return sg_str_starts(text, "\xef\xbb\xbf");
}

/* LF, CR LF and a CR alone each end a line, as in YAML. */
static bool ends_line(struct sg_str text, size_t at)
{
	return text.p[at] == '\n' || (text.p[at] == '\r' && (at + 1 == text.n || text.p[at + 1] != '\n'));
}

/* Past one character; those of four bytes are two code units of UTF-16. */
static void step(struct sg_str text, struct checkpoint *point)
{
	size_t n = sg_character_length(text, point->at);
	point->at += (uint32_t)n;
	point->characters++;
	point->units += n == 4 ? 2 : 1;
}

static void source_index(struct sg_arena *a, struct source *source)
{
	struct sg_str text = source->text;
	/* a byte order mark is no character of line 1 */
	struct checkpoint point = {starts_with_bom(text) ? 3 : 0, 0, 0};
	source->indexed = true;
	SG_PUSH(a, &source->lines, point.at);
	SG_PUSH(a, &source->checkpoints, point);
	while (point.at < text.n) {
		if (ends_line(text, point.at))
			SG_PUSH(a, &source->lines, point.at + 1);
		step(text, &point);
		if (point.at - source->checkpoints.v[source->checkpoints.n - 1].at >= STRIDE)
			SG_PUSH(a, &source->checkpoints, point);
	}
	SG_PUSH(a, &source->checkpoints, point);
}

/* The last of n ascending offsets that is not behind `at`; the first one where all are. */
static size_t last_not_after(const void *v, size_t n, size_t stride, uint32_t at)
{
	size_t low = 0, high = n;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		uint32_t offset;
		memcpy(&offset, (const char *)v + mid * stride, sizeof(offset));
		if (offset <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static struct checkpoint counted_before(const struct source *source, uint32_t at)
{
	const struct checkpoint *all = source->checkpoints.v;
	size_t i = last_not_after(all, source->checkpoints.n, sizeof(*all), at);
	struct checkpoint point = all[i];
	/* as many characters as bytes up to the next one: nothing has to be counted */
	if (i + 1 < source->checkpoints.n && at >= point.at &&
	    all[i + 1].characters - point.characters == all[i + 1].at - point.at)
		return (struct checkpoint){at, point.characters + (at - point.at), point.units + (at - point.at)};
	while (point.at < at) {
		struct checkpoint next = point;
		step(source->text, &next);
		if (next.at > at)
			break; /* an offset inside a character is that character */
		point = next;
	}
	return point;
}

static struct sg_pos pos_of(const struct sg_sources *s, uint32_t id, uint32_t at, bool utf16)
{
	struct source *source = source_get(s, id);
	if (!source)
		return (struct sg_pos){0, 0};
	if (!source->indexed)
		source_index(s->arena, source);
	if (at > source->text.n)
		at = (uint32_t)source->text.n;
	size_t line = last_not_after(source->lines.v, source->lines.n, sizeof(*source->lines.v), at);
	struct checkpoint from = counted_before(source, source->lines.v[line]), to = counted_before(source, at);
	uint32_t column = utf16 ? to.units - from.units : to.characters - from.characters;
	return (struct sg_pos){(uint32_t)line + 1, column + 1};
}

struct sg_pos sg_pos_start(const struct sg_sources *s, struct sg_span span)
{
	return pos_of(s, span.source, span.start, false);
}

struct sg_pos sg_pos_end(const struct sg_sources *s, struct sg_span span)
{
	return pos_of(s, span.source, span.end, false);
}

struct sg_pos sg_pos_start_utf16(const struct sg_sources *s, struct sg_span span)
{
	return pos_of(s, span.source, span.start, true);
}

struct sg_pos sg_pos_end_utf16(const struct sg_sources *s, struct sg_span span)
{
	return pos_of(s, span.source, span.end, true);
}

struct sg_span sg_line_at(const struct sg_sources *s, struct sg_span span)
{
	struct source *source = source_get(s, span.source);
	if (!source)
		return (struct sg_span){0, 0, 0};
	struct sg_pos pos = pos_of(s, span.source, span.start, false);
	uint32_t start = source->lines.v[pos.line - 1], end = start;
	while (end < source->text.n && !strchr("\r\n", source->text.p[end] ? source->text.p[end] : ' '))
		end++;
	return (struct sg_span){span.source, start, end};
}
