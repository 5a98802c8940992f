/*
 * A nested template as it stands inside its parent: logical ids, parameters, conditions and mappings get the stack's name
 * before them, and a parameter that the parent sets is the parent's value.  Pseudo parameters of a stack (its name,
 * its id) are the nested stack's own, and so nobody's to know.
 */
#include "model/model_priv.h"

struct sg_str model_prefixed(const struct rename *r, struct sg_str name)
{
	return sg_strf(r->arena, "%.*s%.*s", SG_FMT(r->prefix), SG_FMT(name));
}

static const struct sg_node *text(const struct rename *r, struct sg_str s, const struct sg_node *from)
{
	return sg_node_scalar(r->arena, s, SG_DOUBLE, from->why, from);
}

static const struct sg_node *function(const struct rename *r, const char *name, const struct sg_node *arg)
{
	struct sg_node *n = sg_node_single(r->arena, name, arg);
	n->from = arg;
	return n;
}

/* AWS::Region and the like are the parent's; what names the stack is not. */
static bool is_shared_pseudo(struct sg_str name)
{
	static const char *const shared[] = {"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs",
					     "AWS::Partition", "AWS::Region",  "AWS::URLSuffix"};
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (sg_str_is(name, shared[i]))
			return true;
	return false;
}

static bool is_list_parameter(const struct rename *r, struct sg_str name)
{
	const struct sg_node *declared = sg_node_get_str(sg_node_get(r->child, "Parameters"), name);
	const struct sg_node *type = sg_node_get(declared, "Type");
	return type && type->kind == SG_SCALAR &&
	       (sg_str_is(type->text, "CommaDelimitedList") || sg_str_starts(type->text, "List<"));
}

/* What the parent passes is the name of a parameter in the account's store. */
static bool is_stored(const struct sg_node *declared)
{
	const struct sg_node *type = sg_node_get(declared, "Type");
	return type && type->kind == SG_SCALAR && sg_str_starts(type->text, "AWS::SSM::Parameter::Value");
}

/* The parent's value of a parameter, or NULL.  A list parameter is passed as text with commas. */
static const struct sg_node *bound(const struct rename *r, struct sg_str name, const struct sg_node *at)
{
	const struct sg_node *value = sg_node_get_str(r->bindings, name);
	const struct sg_node *declared = sg_node_get_str(sg_node_get(r->child, "Parameters"), name);
	if (!value || !declared || is_stored(declared))
		return NULL;
	if (!is_list_parameter(r, name) || value->kind == SG_SEQ)
		return value;
	const struct sg_node **items = SG_NEW_ARRAY(r->arena, 2, const struct sg_node *);
	items[0] = text(r, SG_LIT(","), at);
	items[1] = value;
	return function(r, "Fn::Split", sg_node_seq(r->arena, items, 2, at->why, at));
}

/* ------------------------------------------------------------------------------------------------ functions */

static const struct sg_node *rename_ref(const struct rename *r, const struct sg_node *n, const struct sg_node *arg)
{
	if (arg->kind != SG_SCALAR || is_shared_pseudo(arg->text))
		return n;
	const struct sg_node *value = bound(r, arg->text, arg);
	return value ? value : function(r, "Ref", text(r, model_prefixed(r, arg->text), arg));
}

/* The first element of a function's arguments names something of the child. */
static const struct sg_node *rename_first(const struct rename *r, const char *name, const struct sg_node *n,
					  const struct sg_node *arg)
{
	if (arg->kind != SG_SEQ || !arg->n)
		return n;
	const struct sg_node **items = SG_NEW_ARRAY(r->arena, arg->n, const struct sg_node *);
	for (size_t i = 0; i < arg->n; i++)
		items[i] = i == 0 && arg->items[0]->kind == SG_SCALAR
				   ? text(r, model_prefixed(r, arg->items[0]->text), arg->items[0])
				   : model_rename(r, arg->items[i]);
	return function(r, name, sg_node_seq(r->arena, items, arg->n, arg->why, arg));
}

struct sub {
	const struct rename *r;
	const struct sg_node *own; /* the variables that the Sub brings itself, or NULL */
	const struct sg_node *at;
	struct sg_buf out;
	struct sg_mapper vars;
};

static void sub_variable(struct sub *s, struct sg_str name)
{
	const struct sg_node *value = s->own ? NULL : bound(s->r, name, s->at);
	if (s->own && sg_node_get_str(s->own, name))
		sg_buf_addf(&s->out, "${%.*s}", SG_FMT(name));
	else if (value || (value = bound(s->r, name, s->at)))
		sg_mapper_put(&s->vars, text(s->r, name, s->at), value), sg_buf_addf(&s->out, "${%.*s}", SG_FMT(name));
	else if (is_shared_pseudo(name) || (name.n && name.p[0] == '!'))
		sg_buf_addf(&s->out, "${%.*s}", SG_FMT(name));
	else
		sg_buf_addf(&s->out, "${%.*s}", SG_FMT(model_prefixed(s->r, name)));
}

static void sub_text(struct sub *s, struct sg_str t)
{
	for (size_t at = 0; at < t.n;) {
		size_t open = sg_str_find(t, "${", at);
		size_t close = open == SIZE_MAX ? SIZE_MAX : sg_str_find(t, "}", open);
		if (close == SIZE_MAX) {
			sg_buf_str(&s->out, sg_str_sub(t, at, SIZE_MAX));
			return;
		}
		sg_buf_str(&s->out, sg_str_sub(t, at, open - at));
		sub_variable(s, sg_str_trim(sg_str_sub(t, open + 2, close - open - 2)));
		at = close + 1;
	}
}

static const struct sg_node *rename_sub(const struct rename *r, const struct sg_node *n, const struct sg_node *arg)
{
	bool pair =
		arg->kind == SG_SEQ && arg->n == 2 && arg->items[0]->kind == SG_SCALAR && arg->items[1]->kind == SG_MAP;
	if (!pair && arg->kind != SG_SCALAR)
		return n;
	const struct sg_node *t = pair ? arg->items[0] : arg;
	struct sub s = {.r = r, .own = pair ? arg->items[1] : NULL, .at = t, .vars = {.arena = r->arena}};
	for (size_t i = 0; s.own && i < s.own->n; i++)
		sg_mapper_put(&s.vars, s.own->members[i].key, model_rename(r, s.own->members[i].value));
	sub_text(&s, t->text);
	const struct sg_node **items = SG_NEW_ARRAY(r->arena, 2, const struct sg_node *);
	items[0] = text(r, sg_buf_take(&s.out, r->arena), t);
	items[1] = sg_mapper_done(&s.vars, arg->why, arg);
	return function(r, "Fn::Sub", sg_node_seq(r->arena, items, 2, arg->why, arg));
}

/* ------------------------------------------------------------------------------------------------ the walk */

static const struct sg_node *rename_function(const struct rename *r, const struct sg_node *n)
{
	const struct sg_node *arg = n->members[0].value;
	if (sg_node_is(n->members[0].key, "Ref"))
		return rename_ref(r, n, arg);
	if (sg_node_is(n->members[0].key, "Fn::Sub"))
		return rename_sub(r, n, arg);
	static const char *const first[] = {"Fn::FindInMap", "Fn::GetAtt", "Fn::If"};
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		if (sg_node_is(n->members[0].key, first[i]))
			return rename_first(r, first[i], n, arg);
	if (sg_node_is(n->members[0].key, "Condition") && arg->kind == SG_SCALAR)
		return function(r, "Condition", text(r, model_prefixed(r, arg->text), arg));
	return NULL;
}

const struct sg_node *model_rename(const struct rename *r, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR)
		return n;
	if (n->kind == SG_SEQ) {
		const struct sg_node **items = SG_NEW_ARRAY(r->arena, n->n + 1, const struct sg_node *);
		for (size_t i = 0; i < n->n; i++)
			items[i] = model_rename(r, n->items[i]);
		return sg_node_seq(r->arena, items, n->n, n->why, n);
	}
	const struct sg_node *renamed = n->n == 1 ? rename_function(r, n) : NULL;
	if (renamed)
		return renamed;
	struct sg_mapper m = {.arena = r->arena};
	for (size_t i = 0; i < n->n; i++)
		sg_mapper_put(&m, n->members[i].key, model_rename(r, n->members[i].value));
	return sg_mapper_done(&m, n->why, n);
}
