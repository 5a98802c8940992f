/* render_priv.h - what only the files of render/ share. */
#ifndef SG_RENDER_PRIV_H
#define SG_RENDER_PRIV_H

#include "render/render.h"

/* ---------------------------------------------------------------------------------------------- encode.c */

enum sg_format { SG_FORMAT_NONE, SG_FORMAT_YAML, SG_FORMAT_TOML, SG_FORMAT_JSON, SG_FORMAT_MAKE, SG_FORMAT_MARKDOWN };

/* Adds `text` as a string of the format; false where the format cannot hold it. */
bool sg_encode(enum sg_format format, struct sg_buf *out, struct sg_str text);
/* A string literal of GitHub's expressions, for a plain position in YAML. */
bool sg_encode_expr(struct sg_buf *out, struct sg_str text);

/* ---------------------------------------------------------------------------------------------- scope.c */

/* A name of the skeletons: a scalar or a list of records. */
struct sg_scope;
struct sg_value {
	bool truth;
	bool number; /* `text` is a whole number that stands bare */
	struct sg_str text;
	SG_VEC(struct sg_scope *) list;
};

/* `environment`: the name of the overlay whose spec this is; empty for the spec itself. */
struct sg_scope *sg_scope_new(struct sg_arena *a, const struct sg_spec *spec, struct sg_str environment);
/* NULL where there is no such name. */
const struct sg_value *sg_scope_get(const struct sg_scope *s, struct sg_str name);
/* A scope in which `prefix`.x is the x of `record`, over `outer`. */
struct sg_scope *sg_scope_with(struct sg_arena *a, const struct sg_scope *outer, struct sg_str prefix,
			       const struct sg_scope *record);

/* ---------------------------------------------------------------------------------------------- skeleton.c */

/* Fills the skeleton; false, with the name of the value in `bad`, where the format cannot hold one.  A fault of the
 * skeleton itself is a bug. */
bool sg_skeleton_fill(struct sg_arena *a, const char *skeleton, enum sg_format format, const struct sg_scope *scope,
		      struct sg_buf *out, struct sg_str *bad);

/* ---------------------------------------------------------------------------------------------- files.c */

/* 64 bits that say which text it was; no seal. */
uint64_t sg_render_checksum(struct sg_str text);

/* The text with the line that says who wrote it on top, or, JSON having no comments, as the first member. */
struct sg_str sg_render_sign(struct sg_arena *a, enum sg_format format, struct sg_str text);

/* Whether the first lines hold our stamp, and if so whether it fits the rest. */
bool sg_stamp_find(struct sg_str text, bool *intact);

/* The path of the i-th file that each environment has one of, as the specification itself has it; NULL after the last. */
const char *sg_render_each(size_t i);

/* ---------------------------------------------------------------------------------------------- evidence.c */

/* A line of the rendered template on which a rule rests, or words where it rests on none. */
struct sg_evidence {
	const char *rule;
	const char *resource; /* logical id, or its beginning and a star; NULL: words alone */
	const char *path;     /* below Properties, "SecurityGroupEgress/0/CidrIp"; NULL: the resource itself */
	const char *note;     /* the words; with a resource, where the line is not there.  May be NULL */
};

extern const struct sg_evidence sg_evidence[]; /* ends with rule NULL */

/* ---------------------------------------------------------------------------------------------- compare.c */

enum sg_presence sg_compare(const struct sg_file *file, struct sg_str on_disk);
/* The next value of a key in any table of the rest of a TOML text that samconfig has; false: there is no further one. */
bool sg_toml_next(struct sg_str *rest, const char *key, struct sg_str *value);

/* ---------------------------------------------------------------------------------------------- write.c, left.c */

/* A descriptor of the directory that holds `path`, or -1; no link is followed. */
int sg_place_parent(struct sg_place *p, const char *path);

struct sg_candidates {
	SG_VEC(struct sg_file) v;
};

#endif
