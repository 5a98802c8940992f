/* What only the files of diag/ share. */
#ifndef SG_DIAG_PRIV_H
#define SG_DIAG_PRIV_H

#include "diag/diag.h"

/* Bytes of the character at text.p[at]: those of a well-formed sequence, else 1.  at < text.n. */
size_t sg_character_length(struct sg_str text, size_t at);

/* The whole line on which a span starts, without its end; nowhere for nowhere. */
struct sg_span sg_line_at(const struct sg_sources *s, struct sg_span span);

/* Digits of the line number that sg_excerpt() prints for a span. */
int sg_gutter_width(const struct sg_sources *s, struct sg_span span);

/* Escape sequences, or nothing where colour is off. */
enum sg_ink { SG_INK_OFF, SG_INK_BOLD, SG_INK_ERROR, SG_INK_WARNING, SG_INK_NOTE };
void sg_ink(struct sg_buf *out, bool colour, enum sg_ink ink);

#endif
