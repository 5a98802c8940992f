/*
 * Where the properties of a resource mention the function: by a reference, or by its name in an ARN that is spelled out or
 * that intrinsics make.  What is written counts in every world: also a branch that is not taken.
 */
#include "audit/audit_priv.h"

struct wanted {
	struct sg_str id; /* logical id */
	struct sg_str
		name; /* FunctionName as an ARN's end has it: words, or the text of a Sub; empty where CloudFormation
			     * makes it up */
	sg_guard in;
};

/* ---------------------------------------------------------------------------------------------- by reference */

static bool is_word_end(struct sg_str s, size_t at)
{
	return at >= s.n || s.p[at] == '}' || s.p[at] == '.';
}

/* "${Id}" or "${Id.Arn}" in the text of a Sub */
static bool sub_mentions(struct sg_str text, struct sg_str id)
{
	for (size_t at = sg_str_find(text, "${", 0); at != SIZE_MAX; at = sg_str_find(text, "${", at + 2))
		if (sg_str_eq(sg_str_sub(text, at + 2, id.n), id) && is_word_end(text, at + 2 + id.n))
			return true;
	return false;
}

static const struct sg_node *argument(const struct sg_member *m)
{
	const struct sg_node *v = m->value;
	return v->kind == SG_SEQ && v->n ? v->items[0] : v;
}

static bool refers(const struct sg_member *m, struct sg_str id)
{
	const struct sg_node *arg = argument(m);
	if (m->key->kind != SG_SCALAR || arg->kind != SG_SCALAR)
		return false;
	if (sg_str_is(m->key->text, "Fn::Sub"))
		return sub_mentions(arg->text, id);
	if (!sg_str_is(m->key->text, "Ref") && !sg_str_is(m->key->text, "Fn::GetAtt"))
		return false;
	return sg_str_eq(sg_str_sub(arg->text, 0, id.n), id) && is_word_end(arg->text, id.n);
}

/* ---------------------------------------------------------------------------------------------- by name */

static bool is_of_name(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
	       c == '$';
}

/* Where the name is a whole word of the text, at or behind `from`; SIZE_MAX: nowhere. */
static size_t word(struct sg_str text, struct sg_str name, size_t from)
{
	for (size_t at = from; name.n && at + name.n <= text.n; at++)
		if (sg_str_eq(sg_str_sub(text, at, name.n), name) && (!at || !is_of_name(text.p[at - 1])) &&
		    (at + name.n == text.n || !is_of_name(text.p[at + name.n])))
			return at;
	return SIZE_MAX;
}

/* "arn:…:function:NAME", or NAME within a state machine's definition that has a "FunctionName" */
static bool spells(struct sg_str text, struct sg_str name)
{
	static const char before[] = "function:";
	bool named = sg_str_find(text, "FunctionName", 0) != SIZE_MAX;
	for (size_t at = word(text, name, 0); at != SIZE_MAX; at = word(text, name, at + 1))
		if (named || sg_str_ends(sg_str_sub(text, 0, at), before))
			return true;
	return false;
}

/* NAME alone: the value of a key such as FunctionName or LambdaFunctionArn */
static bool is_called(const struct sg_member *m, struct sg_str name)
{
	const struct sg_node *v = m->value;
	if (!name.n || m->key->kind != SG_SCALAR)
		return false;
	return v->kind == SG_SCALAR && sg_str_find(m->key->text, "unction", 0) != SIZE_MAX &&
	       word(v->text, name, 0) != SIZE_MAX;
}

/* The end of "…:function:NAME" as somebody would write it: the words, ${Parameter} for a Ref, or a Sub's own text. */
static struct sg_str written_name(struct sg_arena *a, const struct sg_node *props)
{
	const struct sg_node *n = sg_node_get(props, "FunctionName");
	const struct sg_member *m = n && n->kind == SG_MAP && n->n == 1 ? &n->members[0] : NULL;
	if (n && n->kind == SG_SCALAR)
		return n->text;
	if (!m || m->value->kind != SG_SCALAR)
		return SG_LIT("");
	if (sg_str_is(m->key->text, "Ref"))
		return sg_strf(a, "${%.*s}", SG_FMT(m->value->text));
	return sg_str_is(m->key->text, "Fn::Sub") ? m->value->text : SG_LIT("");
}

/* A text that intrinsics make, symbols as a Sub has them. */
static struct sg_str made_text(struct sg_arena *a, const struct sg_val *v)
{
	struct sg_str text = SG_LIT("");
	for (size_t i = 0; v->kind == SG_V_STRING && i < v->n_parts; i++) {
		const struct sg_symbol *s = v->parts[i].symbol;
		text = s ? sg_strf(a, "%.*s${%.*s}", SG_FMT(text), SG_FMT(s->name))
			 : sg_strf(a, "%.*s%.*s", SG_FMT(text), SG_FMT(v->parts[i].literal));
	}
	return text;
}

static bool makes_name(struct check *k, const struct sg_node *n, const struct wanted *w)
{
	if (!w->name.n || n->n != 1 || !sg_str_starts(n->members[0].key->text, "Fn::"))
		return false;
	struct sg_alts alts = sg_eval(k->m->cfn, n, w->in);
	for (size_t i = 0; i < alts.n; i++)
		if (spells(made_text(k->m->arena, &alts.v[i].val), w->name))
			return true;
	return false;
}

/* ---------------------------------------------------------------------------------------------- either */

static const struct sg_node *find(struct check *k, const struct sg_node *n, const struct wanted *w)
{
	const struct sg_node *found = NULL;
	if (!n)
		return NULL;
	if (n->kind == SG_SCALAR)
		return spells(n->text, w->name) ? n : NULL;
	for (size_t i = 0; !found && n->kind == SG_SEQ && i < n->n; i++)
		found = find(k, n->items[i], w);
	for (size_t i = 0; !found && n->kind == SG_MAP && i < n->n; i++) {
		const struct sg_member *m = &n->members[i];
		found = refers(m, w->id) || is_called(m, w->name) ? m->value : find(k, m->value, w);
	}
	return !found && n->kind == SG_MAP && makes_name(k, n, w) ? n : found;
}

const struct sg_node *audit_mention(struct check *k, const struct sg_resource *r)
{
	struct wanted w = {.id = k->fn->id,
			   .name = written_name(k->m->arena, k->fn->props),
			   .in = sg_guard_and(k->m->worlds, r->exists, k->in)};
	return find(k, r->props, &w);
}
