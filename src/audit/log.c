/*
 * LOG: the function's log group, and which group that is.
 */
#include "audit/audit_priv.h"

static bool is_group(const struct sg_resource *r)
{
	return r && sg_str_is(r->type, "AWS::Logs::LogGroup");
}

static bool same_value(const struct sg_val *a, const struct sg_val *b)
{
	if (a->kind != SG_V_STRING || b->kind != SG_V_STRING || a->n_parts != b->n_parts)
		return false;
	for (size_t i = 0; i < a->n_parts; i++)
		if (a->parts[i].symbol != b->parts[i].symbol ||
		    (!a->parts[i].symbol && !sg_str_eq(a->parts[i].literal, b->parts[i].literal)))
			return false;
	return true;
}

/* The group of the template that has this name (a Ref, or the same words as its LogGroupName). */
static const struct sg_resource *group_named(struct check *k, const struct sg_val *name, sg_guard in)
{
	const struct sg_resource *r = sg_model_target(k->m, name);
	if (r)
		return is_group(r) ? r : NULL;
	for (size_t i = 0; (r = sg_model_next(k->m, "AWS::Logs::LogGroup", &i));) {
		struct sg_alts names = sg_net_prop(k->m, r, "LogGroupName", in);
		bool all = names.n > 0;
		for (size_t j = 0; j < names.n; j++)
			all = all && same_value(&names.v[j].val, name);
		if (all)
			return r;
	}
	return NULL;
}

/* /aws/lambda/NAME, which Lambda takes where LoggingConfig names no group: by the function's Ref or FunctionName. */
static bool names_default(struct check *k, const struct sg_val *v, sg_guard in)
{
	static const char prefix[] = "/aws/lambda/";
	struct sg_str text, name;
	if (v->kind != SG_V_STRING)
		return false;
	if (v->n_parts == 2 && sg_str_is(v->parts[0].literal, prefix)) {
		const struct sg_symbol *s = v->parts[1].symbol;
		return s && s->kind == SG_SYM_RESOURCE && sg_str_eq(s->name, k->fn->id);
	}
	struct sg_alts names = sg_net_prop(k->m, k->fn, "FunctionName", in);
	return names.n == 1 && audit_text(k, v, &text) && audit_text(k, &names.v[0].val, &name) &&
	       sg_str_starts(text, prefix) && sg_str_eq(sg_str_sub(text, sizeof(prefix) - 1, SIZE_MAX), name);
}

static const struct sg_resource *default_group(struct check *k, sg_guard in)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(k->m, "AWS::Logs::LogGroup", &i));) {
		struct sg_alts names = sg_net_prop(k->m, r, "LogGroupName", in);
		bool all = names.n > 0;
		for (size_t j = 0; j < names.n; j++)
			all = all && names_default(k, &names.v[j].val, names.v[j].guard);
		if (all)
			return r;
	}
	return NULL;
}

/* The group that the function logs to under one alternative of LoggingConfig.LogGroup; NULL: not in the template. */
static const struct sg_resource *group_of(struct check *k, const struct sg_alt *alt)
{
	if (audit_absent(&alt->val))
		return default_group(k, alt->guard);
	return alt->val.kind == SG_V_STRING ? group_named(k, &alt->val, alt->guard) : NULL;
}

static bool unknown(struct check *k, const struct sg_val *v)
{
	struct sg_str text;
	return !audit_absent(v) && !audit_text(k, v, &text);
}

static void own_group(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "LoggingConfig.LogGroup");
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_alt *alt = &alts.v[i];
		const struct sg_resource *group = group_of(k, alt);
		sg_guard without = group ? sg_guard_minus(k->m->worlds, alt->guard, group->exists) : alt->guard;
		if (!sg_guard_possible(k->m->worlds, without))
			continue;
		bool open = unknown(k, &alt->val) && !group;
		struct sg_finding *f = audit_say(
			k, open ? SG_UNPROVEN : SG_FAIL, k->fn, "LoggingConfig.LogGroup", without, &alt->val,
			open ? "which log group %.*s has is not known"
			     : "%.*s has no log group of its own in the template: Lambda makes one that never expires",
			SG_FMT(k->fn->id));
		if (!open)
			audit_settle(k, f, "an AWS::Logs::LogGroup, and LoggingConfig.LogGroup with its Ref");
	}
}

/* Of a group in the template the retention is a rule's question. */
static void retention(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "LoggingConfig.LogGroup");
	for (size_t i = 0; i < alts.n; i++) {
		if (group_of(k, &alts.v[i]))
			continue;
		struct sg_finding *f =
			audit_say(k, SG_UNPROVEN, k->fn, "LoggingConfig.LogGroup", alts.v[i].guard, &alts.v[i].val,
				  "how long the logs of %.*s are kept is not in the template", SG_FMT(k->fn->id));
		audit_settle(k, f, "an AWS::Logs::LogGroup with RetentionInDays in this template would settle it");
	}
}

void audit_each_group(struct check *k, void (*found)(struct check *k, const struct sg_resource *group, sg_guard in))
{
	struct sg_alts alts = audit_prop(k, "LoggingConfig.LogGroup");
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_resource *group = group_of(k, &alts.v[i]);
		sg_guard in = group ? sg_guard_and(k->m->worlds, alts.v[i].guard, group->exists) : SG_NEVER;
		if (sg_guard_possible(k->m->worlds, in))
			found(k, group, in);
	}
}

static bool is_spelled_out(struct check *k, const struct sg_resource *group, sg_guard in)
{
	struct sg_alts names = sg_net_prop(k->m, group, "LogGroupName", in);
	struct sg_str text;
	bool all = names.n > 0;
	for (size_t i = 0; i < names.n; i++)
		all = all && audit_text(k, &names.v[i].val, &text);
	return all;
}

enum sg_same audit_is_own_group(struct check *k, const struct sg_val *v, sg_guard in)
{
	enum sg_same best = SG_OTHER;
	struct sg_alts alts = sg_net_prop(k->m, k->fn, "LoggingConfig.LogGroup", sg_guard_and(k->m->worlds, k->in, in));
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_resource *own = group_of(k, &alts.v[i]);
		const struct sg_resource *it = v->kind == SG_V_STRING ? group_named(k, v, in) : NULL;
		enum sg_same same = SG_MAYBE;
		if (own && it)
			same = own == it ? SG_SAME : SG_OTHER;
		else if (same_value(v, &alts.v[i].val) || (audit_absent(&alts.v[i].val) && names_default(k, v, in)))
			same = SG_SAME;
		else if (!unknown(k, v) && own && is_spelled_out(k, own, in))
			same = SG_OTHER; /* other words than its name's */
		best = same > best ? same : best;
	}
	return best;
}

bool audit_group_is_rendered(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "LoggingConfig.LogGroup");
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_resource *group = group_of(k, &alts.v[i]);
		struct sg_alts names = {0};
		if (group)
			names = sg_net_prop(k->m, group, "LogGroupName", alts.v[i].guard);
		for (size_t j = 0; j < names.n; j++) {
			struct sg_str text;
			if (audit_text(k, &names.v[j].val, &text) && sg_str_starts(text, "/sandboxgen/"))
				return true;
		}
	}
	return false;
}

const struct check_row audit_log[] = {{"LOG001", own_group}, {"LOG002", retention}, {NULL, NULL}};
