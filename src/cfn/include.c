/*
 * AWS::Include: a file whose text stands for a place in the template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
 *
 * The file is followed where a loader is given and finds it; otherwise the Fn::Transform stays, and is unproven when met.
 * This file must not open files: what a path may be is the loader's to say.
 */
#include "cfn/cfn_priv.h"

enum { MAX_INCLUDE_DEPTH = 8, MAX_INCLUDES = 200 };

struct includer {
	struct sg_arena *arena;
	struct sg_diags *diags;
	const struct sg_cfn_options *options;
	unsigned depth, count;
};

static const struct sg_node *walk(struct includer *w, const struct sg_node *n);

/* The Location of an Fn::Transform member that is an AWS::Include with a literal path, or NULL. */
static const struct sg_node *location_of(const struct sg_member *m)
{
	if (!sg_node_is(m->key, "Fn::Transform"))
		return NULL;
	const struct sg_node *name = sg_node_get(m->value, "Name");
	if (!name || !sg_node_is(name, "AWS::Include"))
		return NULL;
	const struct sg_node *location = sg_node_get(sg_node_get(m->value, "Parameters"), "Location");
	return location && location->kind == SG_SCALAR ? location : NULL;
}

/* Where the included text was asked for, so that a witness can show the way. */
static const struct sg_node *marked(struct includer *w, const struct sg_node *n, const struct sg_node *from)
{
	struct sg_node *copy = SG_NEW(w->arena, struct sg_node);
	*copy = *n;
	copy->why = SG_WHY_INCLUDE;
	copy->from = from;
	return copy;
}

static const struct sg_node *load(struct includer *w, const struct sg_node *location)
{
	if (w->depth >= MAX_INCLUDE_DEPTH || ++w->count > MAX_INCLUDES) {
		sg_diag(w->diags, SG_ERROR, location->span, "include less, or less deeply",
			"more than %d includes, or more than %d deep", (int)MAX_INCLUDES, (int)MAX_INCLUDE_DEPTH);
		return NULL;
	}
	const struct sg_node *raw = w->options->load(w->options->load_context, location->text, location);
	const struct sg_node *canonical = raw ? sg_cfn_canonical(w->arena, w->diags, raw) : NULL;
	if (!canonical)
		return NULL;
	w->depth++;
	const struct sg_node *out = walk(w, canonical);
	w->depth--;
	return marked(w, out, location);
}

/* A mapping with an include among its members: what is included joins them. */
static const struct sg_node *joined(struct includer *w, const struct sg_node *n)
{
	struct sg_mapper into = {.arena = w->arena};
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_node *location = location_of(&n->members[i]);
		const struct sg_node *text = location ? load(w, location) : NULL;
		if (!text) {
			sg_mapper_put(&into, n->members[i].key, walk(w, n->members[i].value));
			continue;
		}
		if (n->n == 1)
			return text;
		if (text->kind != SG_MAP) {
			sg_diag(w->diags, SG_ERROR, location->span,
				"include a mapping, or give the value a key of its own",
				"'%.*s' is no mapping and cannot join the members here", SG_FMT(location->text));
			continue;
		}
		for (size_t k = 0; k < text->n; k++)
			sg_mapper_put(&into, text->members[k].key, text->members[k].value);
	}
	return sg_mapper_done(&into, SG_WHY_INCLUDE, n);
}

static const struct sg_node *walk_seq(struct includer *w, const struct sg_node *n)
{
	const struct sg_node **items = SG_NEW_ARRAY(w->arena, n->n + 1, const struct sg_node *);
	bool changed = false;
	for (size_t i = 0; i < n->n; i++) {
		items[i] = walk(w, n->items[i]);
		changed |= items[i] != n->items[i];
	}
	return changed ? sg_node_seq(w->arena, items, n->n, n->why, n) : n;
}

static const struct sg_node *walk_map(struct includer *w, const struct sg_node *n)
{
	struct sg_mapper into = {.arena = w->arena};
	bool changed = false;
	for (size_t i = 0; i < n->n; i++)
		if (location_of(&n->members[i]))
			return joined(w, n);
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_node *v = walk(w, n->members[i].value);
		changed |= v != n->members[i].value;
		sg_mapper_put(&into, n->members[i].key, v);
	}
	return changed ? sg_mapper_done(&into, n->why, n) : n;
}

static const struct sg_node *walk(struct includer *w, const struct sg_node *n)
{
	return n->kind == SG_SCALAR ? n : n->kind == SG_SEQ ? walk_seq(w, n) : walk_map(w, n);
}

/* Transform: {Name: AWS::Include, …} at the top of the template: the file's sections join the template's. */
static const struct sg_node *top_include(struct includer *w, const struct sg_node *root)
{
	const struct sg_node *t = sg_node_get(root, "Transform");
	if (!t || t->kind != SG_MAP)
		return root;
	struct sg_node *key = sg_node_scalar(w->arena, SG_LIT("Fn::Transform"), SG_DOUBLE, SG_WHY_INCLUDE,
					     sg_node_key(root, "Transform"));
	struct sg_member m = {key, t};
	if (!location_of(&m))
		return root;
	struct sg_mapper top = {.arena = w->arena};
	for (size_t i = 0; i < root->n; i++)
		sg_mapper_put(&top, root->members[i].value == t ? key : root->members[i].key, root->members[i].value);
	return sg_mapper_done(&top, SG_WHY_INCLUDE, root);
}

const struct sg_node *sg_cfn_include(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root,
				     const struct sg_cfn_options *options)
{
	if (!options || !options->load)
		return root;
	struct includer w = {.arena = a, .diags = d, .options = options};
	size_t before = sg_diags_errors(d);
	const struct sg_node *out = walk(&w, top_include(&w, root));
	return sg_diags_errors(d) == before ? out : NULL;
}
