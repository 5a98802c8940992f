/*
 * Pictures as text that other programs draw: mermaid's flowcharts and Graphviz.
 */
#include "draw/draw_priv.h"

/* ---------------------------------------------------------------------------------------------- mermaid */

/* In a quoted label everything is text but these, which become entities of mermaid's own form. */
static void mermaid_text(struct sg_buf *out, struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool text = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80 ||
			    c == ' ' || c == '.' || c == ',' || c == ':' || c == '/' || c == '-' || c == '\'' ||
			    c == '=';
		if (text)
			sg_buf_addc(out, (char)c);
		else
			sg_buf_addf(out, "#%u;", c);
	}
}

static void mermaid_node(struct sg_buf *out, const char *indent, size_t p, size_t c, size_t n,
			 const struct draw_node *node)
{
	sg_buf_addf(out, "%sp%zuc%zun%zu[\"", indent, p, c, n);
	mermaid_text(out, node->text);
	if (node->note.n) {
		sg_buf_adds(out, "<br/>");
		mermaid_text(out, node->note);
	}
	sg_buf_addf(out, "\"]:::%s\n", draw_look_names[node->look]);
}

/* Arrows are counted: mermaid names them by number to colour them. */
static void mermaid_arrow(struct sg_buf *out, enum draw_look look, size_t *arrows, struct sg_buf *red)
{
	sg_buf_adds(out, look == DRAW_OPEN ? " ==> " : " --> ");
	if (look == DRAW_OPEN)
		sg_buf_addf(red, "%s%zu", red->n ? "," : "", *arrows);
	++*arrows;
}

static void mermaid_column(struct sg_buf *out, size_t p, size_t c, const struct draw_column *col, size_t *arrows,
			   struct sg_buf *red)
{
	sg_buf_addf(out, "  subgraph p%zuc%zu[\"", p, c);
	mermaid_text(out, col->title);
	sg_buf_adds(out, "\"]\n    direction TB\n");
	for (size_t n = 0; n < col->nodes.n; n++)
		mermaid_node(out, "    ", p, c, n, &col->nodes.v[n]);
	for (size_t n = 1; n < col->nodes.n; n++) {
		sg_buf_addf(out, "    p%zuc%zun%zu", p, c, n - 1);
		mermaid_arrow(out, col->look, arrows, red);
		sg_buf_addf(out, "p%zuc%zun%zu\n", p, c, n);
	}
	sg_buf_adds(out, "  end\n");
	sg_buf_addf(out, "  f%zu", p);
	mermaid_arrow(out, col->look, arrows, red);
	sg_buf_addf(out, "p%zuc%zun0\n", p, c);
}

void draw_mermaid(struct sg_buf *out, const struct draw_pictures *p)
{
	struct sg_buf red = {0};
	size_t arrows = 0;
	sg_buf_adds(out, "flowchart TB\n");
	for (size_t i = 0; i < p->vec.n; i++) {
		const struct draw_picture *pic = p->vec.v[i];
		sg_buf_addf(out, "  f%zu([\"a script in function ", i);
		mermaid_text(out, pic->function);
		sg_buf_addf(out, "\"]):::%s\n", draw_look_names[pic->look]);
		for (size_t c = 0; c < pic->columns.n; c++)
			mermaid_column(out, i, c, pic->columns.v[c], &arrows, &red);
	}
	sg_buf_adds(out, "  classDef plain fill:#ffffff,stroke:#57606a,color:#1f2328\n"
			 "  classDef closed fill:#dafbe1,stroke:#1a7f37,color:#0d3b1a\n"
			 "  classDef unproven fill:#fff8c5,stroke:#9a6700,color:#4d2d00,stroke-dasharray:4 3\n"
			 "  classDef open fill:#ffebe9,stroke:#cf222e,color:#660018,stroke-width:2px\n");
	if (red.n)
		sg_buf_addf(out, "  linkStyle %s stroke:#cf222e,stroke-width:3px\n", red.p);
	sg_buf_free(&red);
}

/* ---------------------------------------------------------------------------------------------- dot */

static void dot_text(struct sg_buf *out, struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			sg_buf_addc(out, '\\');
		sg_buf_addc(out, s.p[i]);
	}
}

static const struct {
	const char *fill, *line, *style;
} inks[] = {
	{"#ffffff", "#57606a", "filled"},
	{"#dafbe1", "#1a7f37", "filled"},
	{"#fff8c5", "#9a6700", "filled,dashed"},
	{"#ffebe9", "#cf222e", "filled,bold"},
};

static void dot_node(struct sg_buf *out, const char *name, struct sg_str prefix, struct sg_str text, struct sg_str note,
		     enum draw_look look)
{
	sg_buf_addf(out, "  %s [label=\"", name);
	dot_text(out, prefix);
	dot_text(out, text);
	if (note.n) {
		sg_buf_adds(out, "\\n");
		dot_text(out, note);
	}
	sg_buf_addf(out, "\", fillcolor=\"%s\", color=\"%s\", style=\"%s\"];\n", inks[look].fill, inks[look].line,
		    inks[look].style);
}

static void dot_column(struct sg_buf *out, size_t p, size_t c, const struct draw_column *col)
{
	const char *ink = inks[col->look].line;
	for (size_t n = 0; n < col->nodes.n; n++) {
		struct sg_buf b = {0};
		sg_buf_addf(&b, "p%zuc%zun%zu", p, c, n);
		dot_node(out, b.p, SG_LIT(""), col->nodes.v[n].text, col->nodes.v[n].note, col->nodes.v[n].look);
		sg_buf_free(&b);
		if (n)
			sg_buf_addf(out, "  p%zuc%zun%zu -> p%zuc%zun%zu [color=\"%s\"];\n", p, c, n - 1, p, c, n, ink);
	}
	sg_buf_addf(out, "  f%zu -> p%zuc%zun0 [color=\"%s\", label=\"", p, p, c, ink);
	dot_text(out, col->title);
	sg_buf_adds(out, "\"];\n");
}

void draw_dot(struct sg_buf *out, const struct draw_pictures *p)
{
	sg_buf_adds(out, "digraph sandbox {\n  rankdir=TB;\n  bgcolor=\"#ffffff\";\n  node [shape=box, "
			 "fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n");
	for (size_t i = 0; i < p->vec.n; i++) {
		struct sg_buf b = {0};
		sg_buf_addf(&b, "f%zu", i);
		dot_node(out, b.p, SG_LIT("a script in function "), p->vec.v[i]->function, SG_LIT(""),
			 p->vec.v[i]->look);
		sg_buf_free(&b);
		for (size_t c = 0; c < p->vec.v[i]->columns.n; c++)
			dot_column(out, i, c, p->vec.v[i]->columns.v[c]);
	}
	sg_buf_adds(out, "}\n");
}
