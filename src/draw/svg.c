/*
 * Pictures as SVG, laid out here: columns of boxes under the function, each as high as its wrapped text, so that nothing
 * can lie on anything else.  Every box has its own ground and ink, with others for dark pages.
 */
#include "draw/draw_priv.h"

enum {
	CHARS = 40, /* of a line of text, in a font of fixed width */
	CHAR = 8,   /* its width, rounded up */
	LINE = 18,
	PAD = 12,
	BOX = CHARS * CHAR + 2 * PAD,
	GAP = 36, /* between boxes, for the arrow */
	COLUMN = BOX + 40,
	MARGIN = 24,
	TOP = 2 * LINE + 2 * PAD, /* the function's box */
};

struct lines {
	SG_VEC(struct sg_str) vec;
};

static unsigned width_of(uint32_t cp)
{
	return cp >= 0x1100 ? 2 : 1; /* of East Asian letters, and more than enough for the rest */
}

/* Greedy, at blanks; a word that is longer than a line is cut. */
static void wrap(struct sg_arena *a, struct sg_str s, struct lines *out)
{
	size_t start = 0, blank = SIZE_MAX;
	unsigned width = 0;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = '?';
		size_t n = sg_utf8_decode(sg_str_sub(s, i, SIZE_MAX), &cp);
		n = n ? n : 1;
		if (width + width_of(cp) > CHARS) {
			size_t end = blank != SIZE_MAX && blank > start ? blank : i;
			SG_PUSH(a, &out->vec, sg_str_sub(s, start, end - start));
			start = end == blank ? end + 1 : end;
			blank = SIZE_MAX;
			i = start;
			width = 0;
			continue;
		}
		if (cp == ' ')
			blank = i;
		width += width_of(cp);
		i += n;
	}
	SG_PUSH(a, &out->vec, sg_str_sub(s, start, SIZE_MAX));
}

static void escaped(struct sg_buf *out, struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '&')
			sg_buf_adds(out, "&amp;");
		else if (s.p[i] == '<')
			sg_buf_adds(out, "&lt;");
		else if (s.p[i] == '>')
			sg_buf_adds(out, "&gt;");
		else if (s.p[i] == '"')
			sg_buf_adds(out, "&quot;");
		else
			sg_buf_addc(out, s.p[i]);
	}
}

static void text_line(struct sg_buf *out, int x, int y, const char *class, struct sg_str s)
{
	sg_buf_addf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
	escaped(out, s);
	sg_buf_adds(out, "</text>\n");
}

static int box(struct sg_buf *out, struct sg_arena *a, int x, int y, const struct draw_node *node)
{
	struct lines lines = {0};
	wrap(a, node->text, &lines);
	int height = (int)(lines.vec.n + (node->note.n > 0)) * LINE + 2 * PAD - 4;
	const char *look = draw_look_names[node->look];
	sg_buf_addf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", look, x, y,
		    BOX, height);
	for (size_t i = 0; i < lines.vec.n; i++)
		text_line(out, x + PAD, y + PAD + 10 + (int)i * LINE, look, lines.vec.v[i]);
	if (node->note.n) {
		struct sg_str class = sg_strf(a, "%s note", look);
		text_line(out, x + PAD, y + PAD + 10 + (int)lines.vec.n * LINE, class.p, node->note);
	}
	return height;
}

static void arrow(struct sg_buf *out, int x, int from, int to, enum draw_look look)
{
	const char *name = look == DRAW_OPEN ? "open" : "plain";
	sg_buf_addf(out, "<path class=\"arrow %s\" d=\"M%d %d V%d\" marker-end=\"url(#%s)\"/>\n", name, x, from, to - 6,
		    name);
}

static int column(struct sg_buf *out, struct sg_arena *a, int x, int y, const struct draw_column *c)
{
	struct lines title = {0};
	wrap(a, c->title, &title);
	arrow(out, x + BOX / 2, y - GAP, y, c->look);
	for (size_t i = 0; i < title.vec.n; i++)
		text_line(out, x, y + 14 + (int)i * LINE, "title", title.vec.v[i]);
	y += (int)title.vec.n * LINE + 8;
	for (size_t n = 0; n < c->nodes.n; n++) {
		int height = box(out, a, x, y, &c->nodes.v[n]);
		if (n + 1 < c->nodes.n)
			arrow(out, x + BOX / 2, y + height, y + height + GAP, c->look);
		y += height + GAP;
	}
	return y;
}

static const char style[] =
	"<style>\n"
	"text{font:13px ui-monospace,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#1f2328;white-space:pre}\n"
	".note{font-style:italic}.title{font-weight:bold}\n"
	"rect{stroke-width:1.5}.arrow{fill:none;stroke-width:1.5}.arrow.open{stroke-width:3}\n"
	".ground{fill:#ffffff;stroke:none}\n"
	"rect.plain{fill:#ffffff;stroke:#57606a}rect.closed{fill:#dafbe1;stroke:#1a7f37}\n"
	"rect.unproven{fill:#fff8c5;stroke:#9a6700;stroke-dasharray:5 3}rect.open{fill:#ffebe9;stroke:#cf222e;"
	"stroke-width:2.5}\n"
	".arrow.plain{stroke:#57606a}.arrow.open{stroke:#cf222e}.head.plain{fill:#57606a}.head.open{fill:#cf222e}\n"
	"@media(prefers-color-scheme:dark){\n"
	"text{fill:#e6edf3}.ground{fill:#0d1117}\n"
	"rect.plain{fill:#161b22;stroke:#8b949e}rect.closed{fill:#0f2d1a;stroke:#3fb950}\n"
	"rect.unproven{fill:#2d2405;stroke:#d29922}rect.open{fill:#3c0f12;stroke:#ff7b72}\n"
	".arrow.plain{stroke:#8b949e}.arrow.open{stroke:#ff7b72}.head.plain{fill:#8b949e}.head.open{fill:#ff7b72}\n"
	"}\n"
	"</style>\n";

static void marker(struct sg_buf *out, const char *name)
{
	sg_buf_addf(
		out,
		"<marker id=\"%s\" viewBox=\"0 0 10 10\" refX=\"5\" refY=\"5\" markerWidth=\"12\" "
		"markerHeight=\"12\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"head %s\" d=\"M0 0 "
		"L10 5 L0 10 z\"/></marker>\n",
		name, name);
}

static int picture(struct sg_buf *out, struct sg_arena *a, int y, const struct draw_picture *p)
{
	struct draw_node top = {sg_strf(a, "a script in function %.*s", SG_FMT(p->function)), SG_LIT(""), p->look};
	int height = box(out, a, MARGIN, y, &top), lowest = y + height;
	int bar = y + (height > TOP ? height : TOP);
	int right = MARGIN + ((int)p->columns.n - 1) * COLUMN + BOX / 2;
	/* one bar from which each column hangs */
	sg_buf_addf(out, "<path class=\"arrow plain\" d=\"M%d %d V%d H%d\"/>\n", MARGIN + BOX / 2, y + height, bar,
		    right);
	for (size_t c = 0; c < p->columns.n; c++) {
		int end = column(out, a, MARGIN + (int)c * COLUMN, bar + GAP, p->columns.v[c]);
		lowest = end > lowest ? end : lowest;
	}
	return lowest;
}

void draw_svg(struct sg_buf *out, const struct draw_pictures *p, struct sg_arena *a)
{
	struct sg_buf body = {0};
	size_t columns = 1;
	int y = MARGIN;
	for (size_t i = 0; i < p->vec.n; i++) {
		y = picture(&body, a, y, p->vec.v[i]) + MARGIN;
		columns = p->vec.v[i]->columns.n > columns ? p->vec.v[i]->columns.n : columns;
	}
	int width = 2 * MARGIN + (int)(columns - 1) * COLUMN + BOX;
	sg_buf_addf(out,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		    "role=\"img\" aria-label=\"what the sandbox's code can reach\">\n",
		    width, y, width, y);
	sg_buf_adds(out, style);
	sg_buf_adds(out, "<defs>\n");
	marker(out, "plain");
	marker(out, "open");
	sg_buf_addf(out, "</defs>\n<rect class=\"ground\" x=\"0\" y=\"0\" width=\"%d\" height=\"%d\"/>\n", width, y);
	sg_buf_str(out, sg_buf_view(&body));
	sg_buf_adds(out, "</svg>\n");
	sg_buf_free(&body);
}
