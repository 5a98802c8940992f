/* What the files of draw/ share. */
#ifndef SG_DRAW_PRIV_H
#define SG_DRAW_PRIV_H

#include "draw/draw.h"

/* Ceilings (ARCHITECTURE.md, bounds): a picture is for people. */
enum { DRAW_MAX_PATHS = 8, DRAW_MAX_TEXT = 240 };

/* Closed, open or unproven walls; what is neither wall nor way. */
enum draw_look { DRAW_PLAIN, DRAW_CLOSED, DRAW_UNPROVEN, DRAW_OPEN };

struct draw_node {
	struct sg_str text; /* one line, without control characters */
	struct sg_str note; /* "NET003 closed", "line 12"; may be empty */
	enum draw_look look;
};

/* One way from the top downwards: each node leads to the next. */
struct draw_column {
	struct sg_str title;
	SG_VEC(struct draw_node) nodes;
	enum draw_look look; /* of its arrows */
};

/* A function, and the columns under it. */
struct draw_picture {
	struct sg_str function;
	enum draw_look look;
	SG_VEC(struct draw_column *) columns;
};

struct draw_pictures {
	SG_VEC(struct draw_picture *) vec;
};

struct draw_pictures draw_build(const struct sg_sources *sources, const struct sg_findings *f);

extern const char *const draw_look_names[]; /* "plain", "closed", "unproven", "open" */

void draw_mermaid(struct sg_buf *out, const struct draw_pictures *p);
void draw_dot(struct sg_buf *out, const struct draw_pictures *p);
void draw_svg(struct sg_buf *out, const struct draw_pictures *p, struct sg_arena *a);

#endif
