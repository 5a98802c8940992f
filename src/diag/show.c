/*
 * Text of the user's, made safe for a terminal, and the excerpt with a caret under it.
 */
#include "diag/diag_priv.h"

#include <string.h>

/* Code points that could steer a terminal or make a line read otherwise than it is. */
static bool is_unsafe(uint32_t cp)
{
	static const uint32_t ranges[][2] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200b, 0x200b}, {0x200e, 0x200f},
		{0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

/* "##[" begins a command of GitHub's runner anywhere in a line of a log. */
static bool opens_command(struct sg_str text, size_t at)
{
	return text.p[at] == '[' && at >= 2 && text.p[at - 1] == '#' && text.p[at - 2] == '#';
}

/* One character, printable; returns how many bytes of the text it took. */
static size_t add_printable(struct sg_buf *out, struct sg_str text, size_t at)
{
	uint32_t cp = (unsigned char)text.p[at];
	size_t n = cp < 0x80 ? 1 : sg_utf8_decode(sg_str_sub(text, at, 4), &cp);
	if (!n || (cp < 0x80 && is_unsafe(cp)) || opens_command(text, at))
		sg_buf_addf(out, "\\x%02x", (unsigned char)text.p[at]);
	else if (is_unsafe(cp))
		sg_buf_addf(out, "\\u{%x}", cp);
	else
		sg_buf_add(out, text.p + at, n);
	return n ? n : 1;
}

void sg_buf_printable(struct sg_buf *out, struct sg_str text)
{
	for (size_t at = 0, run; at < text.n; at += run) {
		for (run = 0; at + run < text.n && text.p[at + run] >= ' ' && text.p[at + run] <= '~' &&
			      !opens_command(text, at + run);)
			run++; /* most of any text */
		if (run)
			sg_buf_add(out, text.p + at, run);
		else
			run = add_printable(out, text, at);
	}
}

void sg_buf_path(struct sg_buf *out, struct sg_str path)
{
	size_t blanks = 0;
	while (blanks < path.n && path.p[blanks] == ' ')
		blanks++;
	if (sg_str_starts(sg_str_sub(path, blanks, 2), "::"))
		sg_buf_adds(out, "./");
	sg_buf_printable(out, path);
}

void sg_ink(struct sg_buf *out, bool colour, enum sg_ink ink)
{
	static const char *const codes[] = {
		[SG_INK_OFF] = "\033[0m",        [SG_INK_BOLD] = "\033[1m",    [SG_INK_ERROR] = "\033[1;31m",
		[SG_INK_WARNING] = "\033[1;33m", [SG_INK_NOTE] = "\033[1;36m",
	};
	if (colour)
		sg_buf_adds(out, codes[ink]);
}

/* Columns that a terminal gives to a printable text: two for the wide scripts and emoji, none for combining marks.
 * Only the caret's place depends on it. */
static size_t width_of(struct sg_str shown)
{
	static const struct {
		uint32_t from, to;
		size_t width;
	} ranges[] = {
		{0x300, 0x36f, 0},     {0x200c, 0x200d, 0},   {0xfe00, 0xfe0f, 0}, {0x1100, 0x115f, 2},
		{0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2}, {0xff00, 0xff60, 2},
		{0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
	};
	size_t width = 0;
	for (size_t at = 0; at < shown.n;) {
		uint32_t cp = 0;
		size_t n = sg_utf8_decode(sg_str_sub(shown, at, 4), &cp), w = 1;
		for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
			if (cp >= ranges[i].from && cp <= ranges[i].to)
				w = ranges[i].width;
		width += w;
		at += n ? n : 1;
	}
	return width;
}

/* The part text[from, to) for an excerpt: printable, a tab as one blank; returns its width. */
static size_t add_part(struct sg_buf *out, struct sg_str text, size_t from, size_t to)
{
	struct sg_buf part = {0};
	for (size_t at = from; at < to;) {
		if (text.p[at] == '\t')
			sg_buf_addc(&part, ' '), at++;
		else
			at += add_printable(&part, text, at);
	}
	size_t width = width_of(sg_buf_view(&part));
	sg_buf_str(out, sg_buf_view(&part));
	sg_buf_free(&part);
	return width;
}

#define BEFORE 60  /* bytes of a long line shown before a span … */
#define AT_MOST 60 /* … of the span itself … */
#define AFTER 40   /* … and behind it */

/* `at`, moved up to the start of a character. */
static size_t boundary(struct sg_str text, size_t at)
{
	for (int i = 0; i < 3 && at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80; i++)
		at++;
	return at;
}

/* The window of the line that is shown, as offsets: line part, span within it. */
struct window {
	size_t from, start, end, to;
	bool cut_before, cut_after;
};

static struct window window_of(struct sg_str text, struct sg_span line, struct sg_span span)
{
	struct window w = {line.start, span.start, span.end, line.end, false, false};
	if (w.start > line.end)
		w.start = line.end; /* on the line's end */
	if (w.end > line.end)
		w.end = line.end;
	if (w.end < w.start)
		w.end = w.start;
	if (w.start - w.from > BEFORE && line.end - line.start > BEFORE + AT_MOST + AFTER)
		w.from = boundary(text, w.start - BEFORE), w.cut_before = true;
	if (w.end - w.start > AT_MOST && w.to - w.start > AT_MOST + AFTER)
		w.end = boundary(text, w.start + AT_MOST);
	if (w.to - w.end > AFTER && line.end - w.from > BEFORE + AT_MOST + AFTER)
		w.to = boundary(text, w.end + AFTER), w.cut_after = true;
	return w;
}

static void gutter(struct sg_buf *out, unsigned indent, int width, uint32_t line)
{
	sg_buf_fill(out, ' ', indent);
	if (line)
		sg_buf_addf(out, "%*u | ", width, line);
	else
		sg_buf_addf(out, "%*s | ", width, "");
}

static int digits(uint32_t n)
{
	int d = 1;
	while (n /= 10)
		d++;
	return d;
}

int sg_gutter_width(const struct sg_sources *s, struct sg_span span)
{
	return digits(sg_pos_start(s, span).line);
}

void sg_excerpt(const struct sg_sources *s, struct sg_span span, struct sg_buf *out, unsigned indent, bool colour)
{
	if (!span.source)
		return;
	struct sg_str text = sg_source_text(s, span.source);
	uint32_t number = sg_pos_start(s, span).line;
	struct window w = window_of(text, sg_line_at(s, span), span);
	int width = digits(number);
	gutter(out, indent, width, number);
	size_t blanks = w.cut_before ? 3 : 0;
	sg_buf_adds(out, w.cut_before ? "..." : "");
	blanks += add_part(out, text, w.from, w.start);
	size_t marks = add_part(out, text, w.start, w.end);
	add_part(out, text, w.end, w.to);
	sg_buf_adds(out, w.cut_after ? "...\n" : "\n");
	gutter(out, indent, width, 0);
	sg_buf_fill(out, ' ', blanks);
	sg_ink(out, colour, SG_INK_ERROR);
	sg_buf_addc(out, '^');
	if (marks > 1)
		sg_buf_fill(out, '~', marks - 1);
	sg_ink(out, colour, SG_INK_OFF);
	sg_buf_addc(out, '\n');
}
