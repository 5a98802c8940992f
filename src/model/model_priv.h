/* What the files of model/ share. */
#ifndef SG_MODEL_PRIV_H
#define SG_MODEL_PRIV_H

#include "model/model.h"

/* What turns a canonical tree into the one that CloudFormation deploys. */
struct prepare {
	struct sg_arena *arena;
	struct sg_diags *diags;
	struct sg_findings *findings;
	const struct sg_cfn_options *options;
	struct sg_map *followed; /* logical ids of nested stacks whose resources have joined the template, as a set */
	unsigned depth, count;
};

/* Includes followed, loops unrolled, SAM expanded; NULL after an error. */
const struct sg_node *model_prepare(struct prepare *p, const struct sg_node *canonical);

/* nested.c: the resources of nested stacks whose templates are at hand join the tree, under "Stack/Resource". */
const struct sg_node *model_nest(struct prepare *p, const struct sg_node *root);

/* rename.c: a nested template as it stands inside its parent. */
struct rename {
	struct sg_arena *arena;
	struct sg_str prefix;           /* "Stack/" */
	const struct sg_node *child;    /* the nested template, prepared */
	const struct sg_node *bindings; /* Parameters of the stack resource: names to values of the parent, or NULL */
};

/* Any node of the child with its references renamed and its bound parameters replaced. */
const struct sg_node *model_rename(const struct rename *r, const struct sg_node *n);
struct sg_str model_prefixed(const struct rename *r, struct sg_str name);

#endif
