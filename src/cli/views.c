/*
 * What rules see of a document: as it was written (raw), after SAM's transform (expanded), or with the values of
 * intrinsics put in wherever they are known and the same for all deployments, and the audit's facts (resolved).  Nodes of all three lead back to
 * what the user wrote.
 */
#include "cfn/cfn.h"
#include "cli/policies_priv.h"
#include "cli/resolve.h"
#include "sam/sam.h"

struct resolver {
	struct sg_arena *arena;
	const struct sg_published *facts;
	struct sg_cfn *cfn;
};

/* What the audit found out about the resource stands under a key of its own; what a template says there is no fact. */
static const struct sg_node *with_facts(struct resolver *r, const struct sg_node *id, const struct sg_node *n)
{
	const struct sg_node *facts = r->facts && r->facts->facts ? sg_map_get(r->facts->facts, id->text) : NULL;
	struct sg_mapper m = {.arena = r->arena};
	if (n->kind != SG_MAP || (!facts && !sg_node_get(n, SG_FACTS)))
		return n;
	for (size_t i = 0; i < n->n; i++)
		if (!sg_node_is(n->members[i].key, SG_FACTS))
			sg_mapper_put(&m, n->members[i].key, n->members[i].value);
	if (facts)
		sg_mapper_put_str(&m, SG_FACTS, facts);
	return sg_mapper_done(&m, SG_WHY_INTRINSIC, n);
}

/* Resources that exist in no deployment are not there. */
static const struct sg_node *resolve_resources(struct resolver *r, const struct sg_node *n)
{
	struct sg_mapper kept = {.arena = r->arena};
	struct sg_worlds *w = sg_cfn_worlds(r->cfn);
	for (size_t i = 0; n->kind == SG_MAP && i < n->n; i++) {
		const struct sg_node *condition = sg_node_get(n->members[i].value, "Condition");
		bool possible = !condition || condition->kind != SG_SCALAR ||
				sg_guard_possible(w, sg_cfn_condition(r->cfn, condition->text, condition));
		if (possible)
			sg_mapper_put(&kept, n->members[i].key,
				      with_facts(r, n->members[i].key,
						 sg_resolve_inside(r->arena, r->cfn, n->members[i].value)));
	}
	return sg_mapper_done(&kept, SG_WHY_CONDITION, n);
}

static const struct sg_node *resolved(struct sg_views *v)
{
	struct sg_cli *cli = v->cli;
	struct sg_cfn_options o = {.overrides = v->options->overrides, .n_overrides = v->options->n_overrides};
	struct resolver r = {cli->arena, v->options->facts,
			     sg_cfn_new(cli->arena, cli->diags, &v->findings, v->expanded, &o)};
	struct sg_mapper top = {.arena = cli->arena};
	for (size_t i = 0; i < v->expanded->n; i++) {
		const struct sg_member *m = &v->expanded->members[i];
		const struct sg_node *value = m->value;
		if (sg_node_is(m->key, "Resources"))
			value = resolve_resources(&r, value);
		else if (sg_node_is(m->key, "Outputs"))
			value = sg_resolve_inside(r.arena, r.cfn, value);
		sg_mapper_put(&top, m->key, value);
	}
	return sg_mapper_done(&top, SG_WHY_INTRINSIC, v->expanded);
}

static const struct sg_node *expanded(struct sg_views *v)
{
	struct sg_cli *cli = v->cli;
	size_t before = sg_diags_errors(cli->diags);
	if (!sg_node_get(v->root, "Resources")) {
		sg_diag(cli->diags, SG_ERROR, sg_node_span(v->root), "use --view raw",
			"this is no template: it has no expanded or resolved view");
		return NULL;
	}
	v->findings.arena = cli->arena;
	const struct sg_node *canonical = sg_cfn_canonical(cli->arena, cli->diags, v->root);
	if (!canonical || sg_diags_errors(cli->diags) != before)
		return NULL;
	return sg_sam_expand(cli->arena, &v->findings, canonical, NULL);
}

const struct sg_guard_doc *sg_view(struct sg_views *v, enum sg_guard_view view)
{
	if (v->docs[view])
		return v->docs[view];
	if (view == SG_GUARD_VIEW_RAW && !sg_guard_doc_readable(v->cli->diags, v->root))
		return NULL;
	if (view == SG_GUARD_VIEW_RAW)
		return v->docs[view] = sg_guard_doc(v->cli->arena, v->root, SG_GUARD_VALIDATE);
	if (!v->expanded && !(v->expanded = expanded(v)))
		return NULL;
	const struct sg_node *root = view == SG_GUARD_VIEW_RESOLVED ? resolved(v) : v->expanded;
	return v->docs[view] = sg_guard_doc(v->cli->arena, root, SG_GUARD_YAML11);
}
