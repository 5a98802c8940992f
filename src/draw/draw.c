/*
 * From findings to columns: the walls between a script and the outside, one below the other, each as its rule was decided;
 * beside them one column for each way that was found open, with its hops.
 */
#include "draw/draw_priv.h"

#include <string.h>

const char *const draw_look_names[] = {"plain", "closed", "unproven", "open"};

/* The walls, from the script outwards, and those at its side; ends with {0}. */
struct wall {
	const char *rule, *text;
};

static const struct wall outwards[] = {
	{"NET003", "security groups: what the function may send"},
	{"NET007", "network ACLs of its subnets"},
	{"NET006", "a route table of its own"},
	{"NET002", "routes out of the VPC"},
	{NULL, NULL},
};

static const struct wall sideways[] = {
	{"NET004", "the VPC's DNS resolver"},
	{"NET005", "VPC endpoints to AWS services"},
	{"NET009", "what else runs in the VPC"},
	{"NET010", "what nobody knows"},
	{"NET011", "the VPC's default security group"},
	{"NET012", "public and IPv6 addresses"},
	{NULL, NULL},
};

/* Rules whose failing findings are a way for data, told hop by hop. */
static const char *const ways[] = {"NET001", "NET008", "NET004", "NET005", "NET009", "NET002"};

/* ---------------------------------------------------------------------------------------------- texts */

/* Without control characters, and not longer than anybody would read. */
static struct sg_str plain_text(struct sg_arena *a, struct sg_str s)
{
	struct sg_buf b = {0};
	sg_buf_printable(&b, s);
	struct sg_str whole = sg_buf_take(&b, a);
	size_t at = 0, n = 0;
	while (at < whole.n && n < DRAW_MAX_TEXT) {
		size_t length = sg_utf8_decode(sg_str_sub(whole, at, SIZE_MAX), NULL);
		at += length ? length : 1;
		n++;
	}
	return at < whole.n ? sg_strf(a, "%.*s...", (int)at, whole.p) : whole;
}

static struct sg_str line_note(struct sg_arena *a, const struct sg_sources *sources, struct sg_span span)
{
	struct sg_pos pos = sg_pos_start(sources, span);
	return pos.line ? sg_strf(a, "line %u", pos.line) : SG_LIT("");
}

static enum draw_look look_of(enum sg_verdict v)
{
	return v == SG_PASS ? DRAW_CLOSED : v == SG_UNPROVEN ? DRAW_UNPROVEN : DRAW_OPEN;
}

/* ---------------------------------------------------------------------------------------------- building */

struct building {
	struct sg_arena *arena;
	const struct sg_sources *sources;
	const struct sg_findings *f;
	struct draw_picture *picture;
};

static const struct sg_judged *judged(const struct building *b, const char *rule)
{
	for (size_t i = 0; i < b->f->judged.n; i++)
		if (!strcmp(b->f->judged.v[i].rule->id, rule) &&
		    sg_str_eq(b->f->judged.v[i].resource, b->picture->function))
			return &b->f->judged.v[i];
	return NULL;
}

static struct draw_column *column(struct building *b, struct sg_str title, enum draw_look look)
{
	struct draw_column *c = SG_NEW(b->arena, struct draw_column);
	c->title = title;
	c->look = look;
	SG_PUSH(b->arena, &b->picture->columns, c);
	return c;
}

static void walls(struct building *b, const char *title, const struct wall *list, enum draw_look look)
{
	struct draw_column *c = column(b, sg_str(title), look);
	for (; list->rule; list++) {
		const struct sg_judged *j = judged(b, list->rule);
		if (!j)
			continue;
		enum draw_look l = look_of(j->verdict);
		struct sg_str note = sg_strf(b->arena, "%s %s", list->rule, draw_look_names[l]);
		SG_PUSH(b->arena, &c->nodes, ((struct draw_node){sg_str(list->text), note, l}));
	}
	if (!c->nodes.n)
		b->picture->columns.n--;
}

static void hop(struct building *b, struct draw_column *c, struct sg_str text, struct sg_str note)
{
	SG_PUSH(b->arena, &c->nodes, ((struct draw_node){plain_text(b->arena, text), note, DRAW_OPEN}));
}

static void way(struct building *b, const struct sg_finding *finding)
{
	struct sg_str title = sg_strf(b->arena, "%s: %.*s", finding->rule->id, SG_FMT(finding->message));
	struct draw_column *c = column(b, plain_text(b->arena, title), DRAW_OPEN);
	for (size_t i = 0; i < finding->when.n; i++)
		hop(b, c,
		    sg_strf(b->arena, "when %.*s = %.*s", SG_FMT(finding->when.v[i].name),
			    SG_FMT(finding->when.v[i].value)),
		    SG_LIT(""));
	for (size_t i = 0; i < finding->witness.n; i++)
		hop(b, c, finding->witness.v[i].message, line_note(b->arena, b->sources, finding->witness.v[i].span));
	if (!finding->witness.n)
		hop(b, c, finding->message, line_note(b->arena, b->sources, finding->span));
}

static void open_ways(struct building *b)
{
	size_t n = 0;
	for (size_t k = 0; k < sizeof(ways) / sizeof(*ways); k++)
		for (size_t i = 0; i < b->f->list.n && n < DRAW_MAX_PATHS; i++) {
			const struct sg_finding *f = b->f->list.v[i];
			if (f->status != SG_FAIL || strcmp(f->rule->id, ways[k]) ||
			    !sg_str_eq(f->resource, b->picture->function))
				continue;
			way(b, f);
			n++;
		}
}

static void picture(struct building *b, const struct sg_judged *row)
{
	b->picture = SG_NEW(b->arena, struct draw_picture);
	b->picture->function = row->resource;
	const struct sg_judged *path = judged(b, "NET008");
	b->picture->look = look_of(path && path->verdict > row->verdict ? path->verdict : row->verdict);
	walls(b, "from a script outwards", outwards, DRAW_PLAIN);
	walls(b, "beside it", sideways, DRAW_PLAIN);
	open_ways(b);
}

struct draw_pictures draw_build(const struct sg_sources *sources, const struct sg_findings *f)
{
	struct draw_pictures all = {0};
	struct building b = {.arena = f->arena, .sources = sources, .f = f};
	for (size_t i = 0; i < f->judged.n; i++) {
		if (strcmp(f->judged.v[i].rule->id, "NET001"))
			continue;
		picture(&b, &f->judged.v[i]);
		SG_PUSH(f->arena, &all.vec, b.picture);
	}
	return all;
}

void sg_draw(struct sg_buf *out, const struct sg_sources *sources, const struct sg_findings *f,
	     enum sg_draw_format format)
{
	struct draw_pictures p = draw_build(sources, f);
	if (format == SG_DRAW_MERMAID)
		draw_mermaid(out, &p);
	else if (format == SG_DRAW_DOT)
		draw_dot(out, &p);
	else
		draw_svg(out, &p, f->arena);
}
