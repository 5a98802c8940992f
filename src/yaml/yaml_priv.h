/*
 * What the files of yaml/ share: the input being read, the events of libyaml (kept in a log, because it is the reader
 * that is bounded) and those of libfyaml (compared with the log one by one).
 */
#ifndef SG_YAML_PRIV_H
#define SG_YAML_PRIV_H

#include "yaml/yaml.h"

struct sg_yaml_input {
	struct sg_arena *arena;   /* what the caller keeps */
	struct sg_arena *scratch; /* freed when the loading is over */
	struct sg_diags *diags;
	struct sg_yaml_limits limits;
	uint32_t source;
	size_t base;        /* bytes of a BOM before `text` */
	struct sg_str text; /* offsets below count from its start */
	bool first;         /* the text ends where a second document begins, which is not read */
	size_t second;      /* where that is, or 0 */
};

/* An error at a range of in->text; false, so that a caller can return it. */
bool sg_yaml_error(struct sg_yaml_input *in, size_t start, size_t end, const char *hint, const char *fmt, ...)
	SG_PRINTF(5, 6);
struct sg_span sg_yaml_span(const struct sg_yaml_input *in, size_t start, size_t end);

enum sg_yaml_kind { SG_YAML_SCALAR, SG_YAML_ALIAS, SG_YAML_SEQ, SG_YAML_MAP, SG_YAML_CLOSE, SG_YAML_END };

struct sg_yaml_event {
	enum sg_yaml_kind kind;
	enum sg_style style;
	size_t start, end; /* start: of the first property (tag, anchor) where there is one; end: libyaml's mark */
	struct sg_str text, tag, anchor;
};

struct sg_yaml_log {
	SG_VEC(struct sg_yaml_event) events; /* of the one document, and SG_YAML_END */
};

/* ---------------------------------------------------------------------------------------------- text.c */

/* Whether all bytes are characters that PyYAML's reader takes; else an error. */
bool sg_yaml_check_text(struct sg_yaml_input *in);
/* Behind blanks, line breaks and comments. */
size_t sg_yaml_skip_blank(const struct sg_yaml_input *in, size_t at);
/* Behind the tag and the anchor of a value that has them, in either order, starting at the first. */
size_t sg_yaml_skip_properties(const struct sg_yaml_input *in, const struct sg_yaml_event *ev, size_t *tag_start,
			       size_t *tag_end);
/* Whether PyYAML takes the tag: it looks for the '!' that ends a handle up to the next blank, and lets no bracket or
 * comma end a tag. */
bool sg_yaml_check_tag(struct sg_yaml_input *in, size_t start, size_t end);
/* Whether PyYAML reads this plain scalar of a list or map by brackets as one: for it '?' ends one there. */
bool sg_yaml_check_flow_plain(struct sg_yaml_input *in, size_t from, size_t to);
/* Between scalars: no tab, comments aside (one starts where the range starts or behind a blank); no byte order mark,
 * which libyaml passes over; no line break that YAML 1.1 alone knows, which would end a comment for some
 * readers only. */
bool sg_yaml_check_gap(struct sg_yaml_input *in, size_t from, size_t to);
/* The header of a block scalar, up to its line's end: `|#` is no comment for PyYAML. */
bool sg_yaml_check_header(struct sg_yaml_input *in, size_t from, size_t to);
/* No tab from `from` to `to` at all. */
bool sg_yaml_check_plain(struct sg_yaml_input *in, size_t from, size_t to);

/* ---------------------------------------------------------------------------------------------- libyaml.c */

/* All events of the text; the limits of depth and nodes are kept here. */
bool sg_yaml_log_fill(struct sg_yaml_input *in, struct sg_yaml_log *log);

/* ---------------------------------------------------------------------------------------------- fyaml.c */

struct sg_yaml_fy;

struct sg_yaml_fy_event {
	enum sg_yaml_kind kind;
	bool plain;
	struct sg_str text, tag, anchor; /* until the next event */
};

struct sg_yaml_fy *sg_yaml_fy_open(struct sg_yaml_input *in);
void sg_yaml_fy_close(struct sg_yaml_fy *fy); /* NULL is fine */
/* The next event, or false where libfyaml gives up, with the place and the reason (until it is closed). */
bool sg_yaml_fy_next(struct sg_yaml_fy *fy, struct sg_yaml_fy_event *ev, size_t *at, struct sg_str *why);

/* ---------------------------------------------------------------------------------------------- duplicate.c */

void sg_yaml_note_duplicates(struct sg_yaml_input *in, const struct sg_node *map, struct sg_yaml_notes *notes);

#endif
