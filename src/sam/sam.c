/*
 * The expansion of a template: its resources one by one, everything else as it is.
 */
#include "sam/sam_priv.h"

static bool names_serverless(const struct sg_node *t)
{
	if (!t)
		return false;
	if (t->kind == SG_SCALAR)
		return sg_str_is(t->text, "AWS::Serverless-2016-10-31");
	for (size_t i = 0; t->kind == SG_SEQ && i < t->n; i++)
		if (names_serverless(t->items[i]))
			return true;
	return false;
}

static bool has_type(const struct sg_node *resource, const char *prefix)
{
	const struct sg_node *type = sg_node_get(resource, "Type");
	return type && type->kind == SG_SCALAR && sg_str_starts(type->text, prefix);
}

bool sg_sam_used(const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++)
		if (has_type(resources->members[i].value, "AWS::Serverless::"))
			return true;
	return names_serverless(sg_node_get(root, "Transform"));
}

static bool is_function(const struct sg_node *resource)
{
	const struct sg_node *type = sg_node_get(resource, "Type");
	return type && sg_node_is(type, "AWS::Serverless::Function");
}

const struct sg_node *sg_sam_expand(struct sg_arena *a, struct sg_findings *f, const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	if (!sg_sam_used(root) || !resources || resources->kind != SG_MAP)
		return root;
	struct sam s = {.arena = a, .findings = f, .globals = sg_node_get(root, "Globals"), .out = {.arena = a}};
	for (size_t i = 0; i < resources->n; i++) {
		const struct sg_member *m = &resources->members[i];
		if (is_function(m->value))
			sam_function(&s, m->key, m->value);
		else
			sg_mapper_put(&s.out, m->key, m->value);
	}
	struct sg_mapper top = {.arena = a};
	for (size_t i = 0; i < root->n; i++)
		if (!sg_node_is(root->members[i].key, "Resources"))
			sg_mapper_put(&top, root->members[i].key, root->members[i].value);
	sg_mapper_put(&top, sg_node_key(root, "Resources"), sg_mapper_done(&s.out, SG_WHY_SAM, resources));
	return sg_mapper_done(&top, SG_WHY_SAM, root);
}
