/*
 * draw/ - the findings about a sandbox's network as a picture: the walls, whether each stands, and every way out, hop by
 * hop, in red.  It decides nothing; what it draws is what the audit found.
 */
#ifndef SG_DRAW_H
#define SG_DRAW_H

#include "diag/diag.h"

enum sg_draw_format { SG_DRAW_MERMAID, SG_DRAW_DOT, SG_DRAW_SVG };

/* Draws each function that was judged for NET001; findings sorted (sg_findings_sort).  The same findings make the same
 * bytes; nothing of the user's text is markup in them.  Ends with a line feed. */
void sg_draw(struct sg_buf *out, const struct sg_sources *sources, const struct sg_findings *f,
	     enum sg_draw_format format);

#endif
