/*
 * Nested stacks: AWS::CloudFormation::Stack and AWS::Serverless::Application whose template is a file at hand.  Their
 * resources join the parent's, so that an analysis sees one deployment; what is passed down and handed up stays exact.
 * A stack whose template is not at hand stays what it is: a type that nobody knows.
 */
#include "model/model_priv.h"

enum { MAX_DEPTH = 8, MAX_STACKS = 50 };

struct joining {
	struct prepare *p;
	struct sg_mapper resources, parameters, conditions, mappings;
	struct sg_map *outputs; /* "Stack.Outputs.Name" → the value, renamed */
};

/* ------------------------------------------------------------------------------------------------ finding */

static const struct sg_node *location(const struct sg_node *resource)
{
	const struct sg_node *type = sg_node_get(resource, "Type"), *props = sg_node_get(resource, "Properties");
	const char *key = !type                                              ? NULL
			  : sg_node_is(type, "AWS::CloudFormation::Stack")   ? "TemplateURL"
			  : sg_node_is(type, "AWS::Serverless::Application") ? "Location"
									     : NULL;
	const struct sg_node *at = key ? sg_node_get(props, key) : NULL;
	return at && at->kind == SG_SCALAR ? at : NULL;
}

static const struct sg_node *child_of(struct prepare *p, const struct sg_node *at)
{
	if (p->depth >= MAX_DEPTH || ++p->count > MAX_STACKS) {
		sg_diag(p->diags, SG_ERROR, at->span, "nest less", "more than %d nested stacks, or more than %d deep",
			(int)MAX_STACKS, (int)MAX_DEPTH);
		return NULL;
	}
	const struct sg_node *raw = p->options->load(p->options->load_context, at->text, at);
	const struct sg_node *canonical = raw ? sg_cfn_canonical(p->arena, p->diags, raw) : NULL;
	if (!canonical || canonical->kind != SG_MAP || sg_cfn_has_macro(canonical))
		return NULL; /* what a macro makes of it nobody knows: the stack stays unknown */
	p->depth++;
	const struct sg_node *child = model_prepare(p, canonical);
	p->depth--;
	return child;
}

/* ------------------------------------------------------------------------------------------------ joining */

static void join_section(const struct rename *r, struct sg_mapper *into, const char *section)
{
	const struct sg_node *n = sg_node_get(r->child, section);
	for (size_t i = 0; n && n->kind == SG_MAP && i < n->n; i++) {
		const struct sg_node *key = n->members[i].key;
		const struct sg_node *name =
			sg_node_scalar(r->arena, model_prefixed(r, key->text), SG_DOUBLE, key->why, key);
		sg_mapper_put(into, name, model_rename(r, n->members[i].value));
	}
}

/* The name of a condition that holds where both do, made on demand; either may be NULL. */
static const struct sg_node *both(struct joining *j, const struct sg_node *a, const struct sg_node *b)
{
	struct sg_arena *arena = j->p->arena;
	if (!a || !b)
		return a ? a : b;
	const struct sg_node **items = SG_NEW_ARRAY(arena, 2, const struct sg_node *);
	items[0] = sg_node_single(arena, "Condition", a);
	items[1] = sg_node_single(arena, "Condition", b);
	struct sg_str name = sg_strf(arena, "%.*s and %.*s", SG_FMT(a->text), SG_FMT(b->text));
	sg_mapper_put_str(&j->conditions, sg_cstr(arena, name),
			  sg_node_single(arena, "Fn::And", sg_node_seq(arena, items, 2, a->why, a)));
	return sg_node_scalar(arena, name, SG_DOUBLE, a->why, a);
}

/* A resource of the child: its Condition is the child's and the stack's. */
static void join_resource(struct joining *j, const struct rename *r, const struct sg_member *m,
			  const struct sg_node *stack_condition)
{
	struct sg_mapper body = {.arena = j->p->arena};
	const struct sg_node *own = sg_node_get(m->value, "Condition");
	if (own && own->kind == SG_SCALAR)
		own = sg_node_scalar(j->p->arena, model_prefixed(r, own->text), SG_DOUBLE, own->why, own);
	const struct sg_node *condition = both(j, own, stack_condition);
	for (size_t i = 0; m->value->kind == SG_MAP && i < m->value->n; i++)
		if (!sg_node_is(m->value->members[i].key, "Condition") &&
		    !sg_node_is(m->value->members[i].key, "DependsOn"))
			sg_mapper_put(&body, m->value->members[i].key, model_rename(r, m->value->members[i].value));
	if (condition)
		sg_mapper_put_str(&body, "Condition", condition);
	const struct sg_node *key =
		sg_node_scalar(j->p->arena, model_prefixed(r, m->key->text), SG_DOUBLE, m->key->why, m->key);
	sg_mapper_put(&j->resources, key, sg_mapper_done(&body, m->value->why, m->value));
}

static void join_outputs(struct joining *j, const struct rename *r, struct sg_str stack)
{
	const struct sg_node *outputs = sg_node_get(r->child, "Outputs");
	for (size_t i = 0; outputs && outputs->kind == SG_MAP && i < outputs->n; i++) {
		const struct sg_node *value = sg_node_get(outputs->members[i].value, "Value");
		struct sg_str name =
			sg_strf(j->p->arena, "%.*s.Outputs.%.*s", SG_FMT(stack), SG_FMT(outputs->members[i].key->text));
		const struct sg_node *renamed = value ? model_rename(r, value) : NULL;
		struct sg_node *copy = renamed ? SG_NEW(j->p->arena, struct sg_node) : NULL;
		if (!copy)
			continue;
		*copy = *renamed;
		sg_map_put(j->outputs, name, copy);
	}
}

/* What the nested stack knows of itself and nobody else: a parameter that nothing bounds. */
static void join_pseudo(struct joining *j, const struct rename *r, const struct sg_node *from)
{
	static const char *const own[] = {"AWS::StackId", "AWS::StackName"};
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		const char *name = sg_cstr(j->p->arena, model_prefixed(r, sg_str(own[i])));
		const struct sg_node *type = sg_node_scalar(j->p->arena, SG_LIT("String"), SG_DOUBLE, from->why, from);
		sg_mapper_put_str(&j->parameters, name, sg_node_single(j->p->arena, "Type", type));
	}
}

static void join_stack(struct joining *j, const struct sg_member *stack)
{
	const struct sg_node *at = location(stack->value);
	const struct sg_node *child = at ? child_of(j->p, at) : NULL;
	sg_mapper_put(&j->resources, stack->key, stack->value);
	if (!child)
		return;
	struct rename r = {j->p->arena, sg_strf(j->p->arena, "%.*s/", SG_FMT(stack->key->text)), child,
			   sg_node_get(sg_node_get(stack->value, "Properties"), "Parameters")};
	const struct sg_node *condition = sg_node_get(stack->value, "Condition");
	const struct sg_node *resources = sg_node_get(child, "Resources");
	join_section(&r, &j->parameters, "Parameters");
	join_section(&r, &j->conditions, "Conditions");
	join_section(&r, &j->mappings, "Mappings");
	join_pseudo(j, &r, stack->key);
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++)
		join_resource(j, &r, &resources->members[i],
			      condition && condition->kind == SG_SCALAR ? condition : NULL);
	join_outputs(j, &r, stack->key->text);
	sg_map_put(j->p->followed, stack->key->text, j->p);
}

/* ------------------------------------------------------------------------------------------------ handing up */

/* The outputs that the text names as ${Stack.Outputs.X}, as variables of the Sub. */
static void outputs_in(struct joining *j, struct sg_str text, const struct sg_node *own, struct sg_mapper *vars)
{
	for (size_t at = 0; (at = sg_str_find(text, "${", at)) != SIZE_MAX; at += 2) {
		size_t close = sg_str_find(text, "}", at);
		if (close == SIZE_MAX)
			return;
		struct sg_str name = sg_str_trim(sg_str_sub(text, at + 2, close - at - 2));
		const struct sg_node *value = sg_map_get(j->outputs, name);
		if (value && !sg_node_get_str(own, name))
			sg_mapper_put_str(vars, sg_cstr(j->p->arena, name), value);
	}
}

static const struct sg_node *hand_up(struct joining *j, const struct sg_node *n);

/* Fn::Sub with the outputs of nested stacks that it names; NULL where it names none. */
static const struct sg_node *hand_up_sub(struct joining *j, const struct sg_node *n, const struct sg_node *arg)
{
	bool pair =
		arg->kind == SG_SEQ && arg->n == 2 && arg->items[0]->kind == SG_SCALAR && arg->items[1]->kind == SG_MAP;
	const struct sg_node *text = pair ? arg->items[0] : arg, *own = pair ? arg->items[1] : NULL;
	struct sg_mapper vars = {.arena = j->p->arena};
	if (text->kind == SG_SCALAR)
		outputs_in(j, text->text, own, &vars);
	if (!vars.members.n)
		return NULL;
	for (size_t i = 0; own && i < own->n; i++)
		sg_mapper_put(&vars, own->members[i].key, hand_up(j, own->members[i].value));
	const struct sg_node **items = SG_NEW_ARRAY(j->p->arena, 2, const struct sg_node *);
	items[0] = text;
	items[1] = sg_mapper_done(&vars, arg->why, arg);
	struct sg_node *made =
		sg_node_single(j->p->arena, "Fn::Sub", sg_node_seq(j->p->arena, items, 2, arg->why, arg));
	made->span = n->span;
	return made;
}

/* Fn::GetAtt of a nested stack's output is the output's value. */
static const struct sg_node *hand_up(struct joining *j, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR)
		return n;
	if (n->kind == SG_SEQ) {
		const struct sg_node **items = SG_NEW_ARRAY(j->p->arena, n->n + 1, const struct sg_node *);
		for (size_t i = 0; i < n->n; i++)
			items[i] = hand_up(j, n->items[i]);
		return sg_node_seq(j->p->arena, items, n->n, n->why, n);
	}
	const struct sg_node *arg = n->n == 1 ? n->members[0].value : NULL;
	if (arg && sg_node_is(n->members[0].key, "Fn::GetAtt") && arg->kind == SG_SEQ && arg->n == 2 &&
	    arg->items[0]->kind == SG_SCALAR && arg->items[1]->kind == SG_SCALAR) {
		struct sg_str name =
			sg_strf(j->p->arena, "%.*s.%.*s", SG_FMT(arg->items[0]->text), SG_FMT(arg->items[1]->text));
		const struct sg_node *value = sg_map_get(j->outputs, name);
		return value ? value : n;
	}
	const struct sg_node *sub = arg && sg_node_is(n->members[0].key, "Fn::Sub") ? hand_up_sub(j, n, arg) : NULL;
	if (sub)
		return sub;
	struct sg_mapper m = {.arena = j->p->arena};
	for (size_t i = 0; i < n->n; i++)
		sg_mapper_put(&m, n->members[i].key, hand_up(j, n->members[i].value));
	struct sg_node *copy = sg_mapper_done(&m, n->why, n);
	copy->short_form = n->short_form;
	return copy;
}

static void keep_section(struct sg_mapper *into, const struct sg_node *root, const char *section)
{
	const struct sg_node *n = sg_node_get(root, section);
	for (size_t i = 0; n && n->kind == SG_MAP && i < n->n; i++)
		sg_mapper_put(into, n->members[i].key, n->members[i].value);
}

static bool has_nested(const struct sg_node *resources)
{
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++)
		if (location(resources->members[i].value))
			return true;
	return false;
}

const struct sg_node *model_nest(struct prepare *p, const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	if (!p->options || !p->options->load || !has_nested(resources))
		return root;
	struct joining j = {p,
			    {.arena = p->arena},
			    {.arena = p->arena},
			    {.arena = p->arena},
			    {.arena = p->arena},
			    sg_map_new(p->arena)};
	keep_section(&j.parameters, root, "Parameters");
	keep_section(&j.conditions, root, "Conditions");
	keep_section(&j.mappings, root, "Mappings");
	for (size_t i = 0; i < resources->n; i++)
		join_stack(&j, &resources->members[i]);
	struct sg_mapper top = {.arena = p->arena};
	for (size_t i = 0; i < root->n; i++)
		sg_mapper_put(&top, root->members[i].key, root->members[i].value);
	sg_mapper_put_str(&top, "Parameters", sg_mapper_done(&j.parameters, root->why, root));
	sg_mapper_put_str(&top, "Conditions", sg_mapper_done(&j.conditions, root->why, root));
	sg_mapper_put_str(&top, "Mappings", sg_mapper_done(&j.mappings, root->why, root));
	sg_mapper_put_str(&top, "Resources", sg_mapper_done(&j.resources, resources->why, resources));
	return hand_up(&j, sg_mapper_done(&top, root->why, root));
}
