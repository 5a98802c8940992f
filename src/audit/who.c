/*
 * Which values name the function: its Ref, its ARN, its name spelled out, or an alias or version of it.
 */
#include "audit/audit_priv.h"

/* "…:function:NAME", "NAME", "NAME:live", "123456789012:function:NAME" */
static bool spells(struct sg_str text, struct sg_str name)
{
	size_t at = sg_str_find(text, "function:", 0);
	struct sg_str rest = at == SIZE_MAX ? text : sg_str_sub(text, at + 9, SIZE_MAX);
	size_t colon = sg_str_find(rest, ":", 0);
	return sg_str_eq(sg_str_sub(rest, 0, colon), name);
}

/* A literal against FunctionName: a name that CloudFormation makes up can be spelled out only by somebody who has seen
 * it, and so may be the function. */
static enum sg_same literal(struct check *k, struct sg_str text, sg_guard in)
{
	struct sg_alts names = sg_net_prop(k->m, k->fn, "FunctionName", in);
	for (size_t i = 0; i < names.n; i++) {
		struct sg_str name;
		if (!audit_text(k, &names.v[i].val, &name))
			return SG_MAYBE;
		if (spells(text, name))
			return SG_SAME;
	}
	return SG_OTHER;
}

static enum sg_same through(struct check *k, const struct sg_resource *r, sg_guard in)
{
	enum sg_same best = SG_OTHER;
	struct sg_alts names = sg_net_prop(k->m, r, "FunctionName", in);
	for (size_t i = 0; i < names.n; i++) {
		const struct sg_resource *t = sg_model_target(k->m, &names.v[i].val);
		enum sg_same s = t == k->fn ? SG_SAME : t ? SG_OTHER : SG_MAYBE;
		best = s > best ? s : best;
	}
	return best;
}

static enum sg_same symbol(struct check *k, const struct sg_symbol *s, sg_guard in)
{
	if (s->kind == SG_SYM_PSEUDO)
		return SG_OTHER;
	if (s->kind != SG_SYM_RESOURCE && s->kind != SG_SYM_ATTRIBUTE)
		return SG_MAYBE;
	const struct sg_resource *r = sg_model_find(k->m, s->name);
	if (r == k->fn)
		return SG_SAME;
	if (r && (sg_str_is(r->type, "AWS::Lambda::Alias") || sg_str_is(r->type, "AWS::Lambda::Version")))
		return through(k, r, in);
	return r && r->info->class_ != SG_TYPE_UNKNOWN && s->kind == SG_SYM_RESOURCE ? SG_OTHER
	       : r && sg_str_is(r->type, "AWS::Lambda::Function")                    ? SG_OTHER
										     : SG_MAYBE;
}

enum sg_same audit_names_function(struct check *k, const struct sg_val *v, sg_guard in)
{
	struct sg_str text;
	if (audit_text(k, v, &text))
		return literal(k, text, in);
	if (v->kind == SG_V_UNKNOWN)
		return v->symbol ? symbol(k, v->symbol, in) : SG_MAYBE;
	if (v->kind != SG_V_STRING)
		return SG_OTHER;
	enum sg_same best = SG_OTHER;
	bool named = false;
	for (size_t i = 0; i < v->n_parts; i++) {
		if (v->parts[i].symbol) {
			enum sg_same s = symbol(k, v->parts[i].symbol, in);
			best = s > best ? s : best;
		} else if (sg_str_find(v->parts[i].literal, "function:", 0) != SIZE_MAX) {
			/* arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:NAME */
			enum sg_same s = literal(k, v->parts[i].literal, in);
			named = i + 1 == v->n_parts;
			best = s > best ? s : best;
		}
	}
	return best == SG_OTHER && !named && v->n_parts > 1 ? SG_MAYBE : best;
}

void audit_each_attached(struct check *k, const char *type, const char *property,
			 void (*found)(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe))
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(k->m, type, &i));) {
		struct sg_alts ids = sg_net_prop(k->m, r, property, k->in);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = audit_names_function(k, &ids.v[j].val, ids.v[j].guard);
			if (same != SG_OTHER)
				found(k, r, ids.v[j].guard, same == SG_MAYBE);
		}
	}
}
