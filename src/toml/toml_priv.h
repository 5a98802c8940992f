/* What only the files of toml/ share. */
#ifndef SG_TOML_PRIV_H
#define SG_TOML_PRIV_H

#include "toml/toml.h"

struct sg_toml_reader {
	struct sg_arena *arena;
	struct sg_diags *diags;
	uint32_t source;
	struct sg_str text;
	size_t at;
	size_t nodes;
	unsigned depth;
	bool failed; /* and said so: everything unwinds */
};

/* The byte `ahead` of the place, NUL behind the end. */
char sg_toml_peek(const struct sg_toml_reader *r, size_t ahead);
struct sg_span sg_toml_span(const struct sg_toml_reader *r, size_t start, size_t end);
/* Says the first error; returns NULL for the caller to return. */
void *sg_toml_wrong(struct sg_toml_reader *r, size_t start, size_t end, const char *hint, const char *what);
/* A scalar from `start` to the place; NULL past the limit. */
struct sg_node *sg_toml_scalar(struct sg_toml_reader *r, struct sg_str text, enum sg_style style, size_t start);

/* The string whose quote is at the place, in any of the four forms where `lines`, else on one line; NULL: said. */
struct sg_node *sg_toml_string(struct sg_toml_reader *r, bool lines);
/* The number, Boolean, date or time at the place; NULL: said. */
struct sg_node *sg_toml_word(struct sg_toml_reader *r);

#endif
