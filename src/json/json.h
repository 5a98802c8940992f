/*
 * json/ - JSON in, as nodes with exact spans, and JSON out, the same bytes every time.
 *
 * It must not know what the documents mean.  The reader stands on yajl; no other file of the program names it.
 */
#ifndef SG_JSON_H
#define SG_JSON_H

#include "value/value.h"

/* ---------------------------------------------------------------------------------------------- reading */

struct sg_json_limits {
	size_t depth; /* of nesting; a scalar at the top has depth 1 */
	size_t nodes; /* keys not counted */
};

#define SG_JSON_DEPTH 200
#define SG_JSON_NODES 1000000
extern const struct sg_json_limits sg_json_limits; /* the two above */

/* The one JSON value of a source (RFC 8259; a byte order mark before it is accepted, as are duplicate keys, which are
 * kept).  Strings are SG_JSON_STRING, numbers, true, false and null SG_JSON_WORD, lists and objects SG_FLOW; spans
 * hold the quotes and brackets.  Malformed UTF-8, surrogates that are no pair, what is past a limit (NULL: the
 * defaults) and all else that is not JSON is an error with its place among the diagnostics, and NULL. */
const struct sg_node *sg_json_load(struct sg_arena *a, uint32_t source, const struct sg_json_limits *limits,
				   struct sg_diags *diags);

/* ---------------------------------------------------------------------------------------------- writing */

#define SG_JSON_WRITE_DEPTH 256

/* A writer into a buffer.  What does not nest (a key in an array, an end too many) is a bug. */
struct sg_json {
	struct sg_buf *out;
	unsigned indent; /* blanks per level; 0: one line without blanks */
	unsigned depth;
	bool after_key;
	struct {
		bool object, used;
	} level[SG_JSON_WRITE_DEPTH];
};

void sg_json_init(struct sg_json *w, struct sg_buf *out, unsigned indent);
void sg_json_object(struct sg_json *w); /* { … */
void sg_json_array(struct sg_json *w);  /* [ … */
void sg_json_end(struct sg_json *w);    /* … of the innermost of both */
void sg_json_key(struct sg_json *w, const char *key);
void sg_json_key_str(struct sg_json *w, struct sg_str key);
/* Control characters, DEL, C1 and what could steer or reorder a terminal's line are written as \u escapes; each
 * malformed byte becomes U+FFFD. */
void sg_json_str(struct sg_json *w, struct sg_str s);
void sg_json_cstr(struct sg_json *w, const char *s);
void sg_json_int(struct sg_json *w, int64_t i);
void sg_json_double(struct sg_json *w, double d); /* as RFC 8785 writes it; NaN and infinities are a bug */
void sg_json_bool(struct sg_json *w, bool b);
void sg_json_null(struct sg_json *w);
/* A tree that sg_json_load() made: words as they were written, order and duplicates kept. */
void sg_json_node(struct sg_json *w, const struct sg_node *n);

#endif
