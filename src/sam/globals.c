/*
 * Globals merged into a resource's properties: mappings member by member, lists one behind the other (the global one
 * first), anything else the resource's own.  An intrinsic counts as a whole.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
#include "sam/sam_priv.h"

static const struct sg_node *merge(struct sam *s, const struct sg_node *global, const struct sg_node *own)
{
	if (sam_is_intrinsic(global) || sam_is_intrinsic(own) || global->kind != own->kind || own->kind == SG_SCALAR)
		return own;
	if (own->kind == SG_SEQ) {
		const struct sg_node **items = SG_NEW_ARRAY(s->arena, global->n + own->n + 1, const struct sg_node *);
		for (size_t i = 0; i < global->n; i++)
			items[i] = global->items[i];
		for (size_t i = 0; i < own->n; i++)
			items[global->n + i] = own->items[i];
		return sg_node_seq(s->arena, items, global->n + own->n, SG_WHY_SAM, own);
	}
	struct sg_mapper m = {.arena = s->arena};
	for (size_t i = 0; i < global->n; i++)
		sg_mapper_put(&m, global->members[i].key, global->members[i].value);
	for (size_t i = 0; i < own->n; i++) {
		const struct sg_node *g = sg_node_get_str(global, own->members[i].key->text);
		sg_mapper_put(&m, own->members[i].key,
			      g ? merge(s, g, own->members[i].value) : own->members[i].value);
	}
	return sg_mapper_done(&m, SG_WHY_SAM, own);
}

/* IgnoreGlobals: "*" for all, or a list of property names. */
static bool ignores(const struct sg_node *ignore, struct sg_str name)
{
	if (!ignore)
		return false;
	if (ignore->kind == SG_SCALAR)
		return sg_node_is(ignore, "*");
	for (size_t i = 0; ignore->kind == SG_SEQ && i < ignore->n; i++)
		if (ignore->items[i]->kind == SG_SCALAR && sg_str_eq(ignore->items[i]->text, name))
			return true;
	return false;
}

const struct sg_node *sam_merge_globals(struct sam *s, const char *section, const struct sg_node *resource)
{
	const struct sg_node *own = sg_node_get(resource, "Properties");
	if (!own || own->kind != SG_MAP)
		own = sam_map(s, resource, NULL);
	const struct sg_node *global = sg_node_get(s->globals, section);
	if (!global || global->kind != SG_MAP)
		return own;
	const struct sg_node *ignore = sg_node_get(resource, "IgnoreGlobals");
	struct sg_mapper kept = {.arena = s->arena};
	for (size_t i = 0; i < global->n; i++)
		if (!ignores(ignore, global->members[i].key->text))
			sg_mapper_put(&kept, global->members[i].key, global->members[i].value);
	return merge(s, sg_mapper_done(&kept, SG_WHY_SAM, global), own);
}
