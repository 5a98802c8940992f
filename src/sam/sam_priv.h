/* What the files of sam/ share: making nodes, and the parts of an expansion. */
#ifndef SG_SAM_PRIV_H
#define SG_SAM_PRIV_H

#include "sam/sam.h"

struct sam {
	struct sg_arena *arena;
	struct sg_findings *findings;
	const struct sg_node *globals; /* Globals, or NULL */
	struct sg_mapper out;          /* the Resources that are made */
};

/* One function under expansion. */
struct sam_function {
	struct sg_str id;
	const struct sg_node *key, *node;
	const struct sg_node *props; /* Globals merged in; an empty map where there were none */
};

/* ---- nodes.c: every made node points at `from` */
const struct sg_node *sam_str(struct sam *s, struct sg_str text, const struct sg_node *from);
const struct sg_node *sam_text(struct sam *s, const char *text, const struct sg_node *from);
/* key, value, key, value, …, NULL; a NULL value leaves its key out */
const struct sg_node *sam_map(struct sam *s, const struct sg_node *from, ...);
const struct sg_node *sam_list(struct sam *s, const struct sg_node *from, ...); /* items, NULL */
const struct sg_node *sam_ref(struct sam *s, struct sg_str id, const struct sg_node *from);
const struct sg_node *sam_no_value(struct sam *s, const struct sg_node *from);
bool sam_is_intrinsic(const struct sg_node *n);
void sam_complain(struct sam *s, const struct sg_node *at, enum sg_verdict status, struct sg_str resource,
		  const char *fmt, ...) SG_PRINTF(5, 6);
/* Adds a resource that a function makes: with the function's Condition, at `from`'s place. */
void sam_resource(struct sam *s, const struct sam_function *f, struct sg_str id, const char *type,
		  const struct sg_node *props, const struct sg_node *from);

/* ---- globals.c */
const struct sg_node *sam_merge_globals(struct sam *s, const char *section, const struct sg_node *resource);

/* ---- function.c, role.c, events.c */
void sam_function(struct sam *s, const struct sg_node *key, const struct sg_node *node);
void sam_role(struct sam *s, const struct sam_function *f, struct sg_str role_id);
void sam_events(struct sam *s, const struct sam_function *f);

#endif
