/*
 * Policy documents that stand alone: their intrinsics name things of a template that is not there, and the same name is
 * the same value wherever it is.  It must not know what is asked about the documents.
 */
#include "iam/iam.h"

/* What intrinsics of documents name: parameters, and resources where an attribute is asked for. */
struct declared {
	struct sg_arena *a;
	const struct sg_node *parameter, *resource;
	struct sg_mapper parameters, resources;
};

static void declare_one(struct declared *d, struct sg_str name, bool resource)
{
	size_t dot = sg_str_find(name, ".", 0);
	if (!name.n || sg_str_find(name, ":", 0) != SIZE_MAX || dot == 0)
		return;
	resource |= dot != SIZE_MAX;
	sg_mapper_put_str(resource ? &d->resources : &d->parameters, sg_cstr(d->a, sg_str_sub(name, 0, dot)),
			  resource ? d->resource : d->parameter);
}

/* Declares what the text of a Sub names. */
static void declare_in_text(struct declared *d, struct sg_str text)
{
	for (size_t at = 0; (at = sg_str_find(text, "${", at)) != SIZE_MAX; at += 2) {
		size_t end = sg_str_find(text, "}", at);
		if (end == SIZE_MAX)
			return;
		declare_one(d, sg_str_sub(text, at + 2, end - at - 2), false);
	}
}

static void declare(struct declared *d, const struct sg_node *n)
{
	for (size_t k = 0; n && n->kind != SG_SCALAR && k < n->n; k++) {
		const struct sg_node *value = n->kind == SG_MAP ? n->members[k].value : n->items[k];
		const struct sg_node *key = n->kind == SG_MAP && n->n == 1 ? n->members[k].key : NULL;
		const struct sg_node *list = value->kind == SG_SEQ && value->n ? value->items[0] : value;
		if (key && sg_node_is(key, "Fn::GetAtt") && list->kind == SG_SCALAR)
			declare_one(d, list->text, true);
		else if (key && sg_node_is(key, "Ref") && value->kind == SG_SCALAR)
			declare_one(d, value->text, false);
		else if (key && sg_node_is(key, "Fn::Sub") && list->kind == SG_SCALAR)
			declare_in_text(d, list->text);
		declare(d, value);
	}
}

/* A name is a resource's where an attribute of it is asked for anywhere. */
static const struct sg_node *parameters_alone(struct declared *d)
{
	struct sg_mapper out = {.arena = d->a};
	const struct sg_node *resources = sg_mapper_done(&d->resources, SG_WHY_SOURCE, NULL);
	for (size_t k = 0; k < d->parameters.members.n; k++)
		if (!sg_node_get_str(resources, d->parameters.members.v[k].key->text))
			sg_mapper_put(&out, d->parameters.members.v[k].key, d->parameter);
	return out.members.n ? sg_mapper_done(&out, SG_WHY_SOURCE, NULL) : NULL;
}

static const struct sg_node *of_type(struct sg_arena *a, const char *type)
{
	return sg_node_single(a, "Type", sg_node_scalar(a, sg_str(type), SG_SINGLE, SG_WHY_SOURCE, NULL));
}

const struct sg_model *sg_iam_no_template(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f,
					  const struct sg_node *const *documents, size_t n)
{
	struct declared all = {.a = a, .parameters.arena = a, .resources.arena = a};
	struct sg_mapper root = {.arena = a};
	const struct sg_cfn_options o = {0};
	all.parameter = of_type(a, "String");
	all.resource = of_type(a, "Custom::Named");
	for (size_t k = 0; k < n; k++)
		declare(&all, documents[k]);
	sg_mapper_put_str(&all.resources, "SandboxgenNone", all.resource);
	const struct sg_node *parameters = parameters_alone(&all);
	if (parameters)
		sg_mapper_put_str(&root, "Parameters", parameters);
	sg_mapper_put_str(&root, "Resources", sg_mapper_done(&all.resources, SG_WHY_SOURCE, NULL));
	return sg_model_new(a, d, f, sg_mapper_done(&root, SG_WHY_SOURCE, NULL), &o);
}
