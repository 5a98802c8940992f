/*
 * Fn::ForEach, unrolled before anything else reads the template, as the AWS::LanguageExtensions transform does.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
 *
 * A collection that only the deployment knows leaves the loop in place; whoever meets it later is unproven.
 */
#include "cfn/cfn_priv.h"

#define LOOP "Fn::ForEach"

/* What the identifiers of the loops around stand for. */
struct scope {
	const struct scope *outer;
	struct sg_str name, value;
};

struct unroll {
	struct sg_arena *arena;
	struct sg_cfn *c; /* evaluates collections */
	size_t made;      /* copies of bodies so far */
	bool over;        /* the ceiling was reached */
};

enum { MAX_COPIES = 20000 };

static const struct sg_node *unroll(struct unroll *u, const struct sg_node *n, const struct scope *scope);

/* ------------------------------------------------------------------------------------------------ substitution */

/* ${Name} is the value; &{Name} is its letters and digits alone, for logical ids. */
static bool take(struct sg_buf *b, struct sg_str text, size_t at, const struct scope *s, size_t *end)
{
	size_t close = sg_str_find(text, "}", at);
	if (at + 1 >= text.n || text.p[at + 1] != '{' || close == SIZE_MAX)
		return false;
	struct sg_str name = sg_str_sub(text, at + 2, close - at - 2);
	while (s && !sg_str_eq(s->name, name))
		s = s->outer;
	if (!s)
		return false;
	for (size_t i = 0; i < s->value.n; i++) {
		char c = s->value.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (text.p[at] == '$' || plain)
			sg_buf_addc(b, c);
	}
	*end = close + 1;
	return true;
}

static const struct sg_node *substitute(struct unroll *u, const struct sg_node *n, const struct scope *scope)
{
	struct sg_buf b = {0};
	bool changed = false;
	for (size_t i = 0; i < n->text.n;) {
		char c = n->text.p[i];
		if ((c == '$' || c == '&') && take(&b, n->text, i, scope, &i)) {
			changed = true;
			continue;
		}
		sg_buf_addc(&b, c);
		i++;
	}
	if (!changed) {
		sg_buf_free(&b);
		return n;
	}
	return sg_node_scalar(u->arena, sg_buf_take(&b, u->arena), SG_DOUBLE, SG_WHY_FOREACH, n);
}

/* {Ref: Identifier} is the value itself. */
static const struct sg_node *reference(struct unroll *u, const struct sg_node *n, const struct scope *s)
{
	if (n->n != 1 || !sg_node_is(n->members[0].key, "Ref") || n->members[0].value->kind != SG_SCALAR)
		return NULL;
	while (s && !sg_str_eq(s->name, n->members[0].value->text))
		s = s->outer;
	return s ? sg_node_scalar(u->arena, s->value, SG_DOUBLE, SG_WHY_FOREACH, n) : NULL;
}

/* ------------------------------------------------------------------------------------------------ one loop */

struct values {
	SG_VEC(struct sg_str) v;
};

static bool collect(struct unroll *u, const struct sg_node *collection, struct values *out)
{
	struct sg_items items = sg_eval_items(u->c, collection, false, SG_ALWAYS);
	if (sg_guard_possible(u->c->worlds, items.absent))
		return false;
	for (size_t i = 0; i < items.n; i++) {
		struct sg_str text;
		if (!sg_guard_certain(u->c->worlds, items.v[i].guard) || !sg_val_text(u->arena, &items.v[i].val, &text))
			return false;
		SG_PUSH(u->arena, &out->v, text);
	}
	return true;
}

/* Puts what the loop makes into the mapping around it; false where it must stay as it is. */
static bool unroll_loop(struct unroll *u, const struct sg_node *loop, const struct scope *outer, struct sg_mapper *into)
{
	if (loop->kind != SG_SEQ || loop->n != 3 || loop->items[0]->kind != SG_SCALAR || loop->items[2]->kind != SG_MAP)
		return false;
	struct values values = {0};
	if (!collect(u, unroll(u, loop->items[1], outer), &values))
		return false;
	for (size_t i = 0; i < values.v.n; i++) {
		if (++u->made > MAX_COPIES) {
			u->over = true;
			return false;
		}
		struct scope scope = {outer, loop->items[0]->text, values.v.v[i]};
		const struct sg_node *body = unroll(u, loop->items[2], &scope);
		for (size_t k = 0; k < body->n; k++)
			sg_mapper_put(into, body->members[k].key, body->members[k].value);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the walk */

static const struct sg_node *unroll_seq(struct unroll *u, const struct sg_node *n, const struct scope *scope)
{
	const struct sg_node **items = SG_NEW_ARRAY(u->arena, n->n + 1, const struct sg_node *);
	bool changed = false;
	for (size_t i = 0; i < n->n; i++) {
		items[i] = unroll(u, n->items[i], scope);
		changed |= items[i] != n->items[i];
	}
	return changed ? sg_node_seq(u->arena, items, n->n, SG_WHY_FOREACH, n) : n;
}

static const struct sg_node *unroll_map(struct unroll *u, const struct sg_node *n, const struct scope *scope)
{
	const struct sg_node *value = reference(u, n, scope);
	if (value)
		return value;
	struct sg_mapper into = {.arena = u->arena};
	bool changed = false;
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_member *m = &n->members[i];
		if (sg_str_starts(m->key->text, LOOP) && unroll_loop(u, m->value, scope, &into)) {
			changed = true;
			continue;
		}
		const struct sg_node *k = substitute(u, m->key, scope), *v = unroll(u, m->value, scope);
		changed |= k != m->key || v != m->value;
		sg_mapper_put(&into, k, v);
	}
	if (!changed)
		return n;
	struct sg_node *copy = sg_mapper_done(&into, SG_WHY_FOREACH, n);
	copy->short_form = n->short_form;
	return copy;
}

static const struct sg_node *unroll(struct unroll *u, const struct sg_node *n, const struct scope *scope)
{
	if (n->kind == SG_SCALAR)
		return scope ? substitute(u, n, scope) : n;
	return n->kind == SG_SEQ ? unroll_seq(u, n, scope) : unroll_map(u, n, scope);
}

const struct sg_node *sg_cfn_unroll(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f,
				    const struct sg_node *root, const struct sg_cfn_options *options)
{
	if (!cfn_names_extensions(sg_node_get(root, "Transform")))
		return root;
	/* what the evaluator says about collections it says again when the whole is evaluated */
	struct sg_findings scratch = {.arena = a};
	struct sg_diags *silent = sg_diags_new(a, sg_diags_sources(d));
	struct unroll u = {.arena = a, .c = sg_cfn_new(a, silent, &scratch, root, options)};
	const struct sg_node *out = unroll(&u, root, NULL);
	if (u.over) {
		struct sg_finding *finding = sg_finding_add(f, "TPL003", SG_UNPROVEN, root->span, SG_LIT(""),
							    "Fn::ForEach makes more than %d copies", (int)MAX_COPIES);
		sg_finding_settle(f, finding, "loop over fewer values");
		return root;
	}
	return out;
}
