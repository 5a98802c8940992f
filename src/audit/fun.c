/*
 * FUN: what of the function's configuration takes more than a look at one property: layers, versions, retries.  Who may
 * invoke is in.c, secrets are env.c; the rest is policies/fun.guard.
 */
#include "audit/audit_priv.h"

static void fail(struct check *k, const char *dotted, const struct sg_alt *alt, const char *settle, const char *what)
{
	struct sg_finding *f =
		audit_say(k, SG_FAIL, k->fn, dotted, alt->guard, &alt->val, "%.*s: %s", SG_FMT(k->fn->id), what);
	if (f->status == SG_FAIL)
		audit_settle(k, f, settle);
}

static void unproven(struct check *k, const char *dotted, const struct sg_alt *alt, const char *what)
{
	audit_say(k, SG_UNPROVEN, k->fn, dotted, alt->guard, &alt->val, "%.*s: %s", SG_FMT(k->fn->id), what);
}

static bool literal(struct check *k, const struct sg_val *v)
{
	struct sg_str text;
	return v->kind != SG_V_UNKNOWN && (v->kind != SG_V_STRING || audit_text(k, v, &text));
}

/* ---------------------------------------------------------------------------------------------- FUN007 layers */

/* arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION */
static bool pinned(struct sg_str arn)
{
	size_t at = sg_str_find(arn, ":layer:", 0);
	size_t colon = at == SIZE_MAX ? SIZE_MAX : sg_str_find(arn, ":", at + 7);
	int64_t version;
	return colon != SIZE_MAX && sg_parse_i64(sg_str_sub(arn, colon + 1, SIZE_MAX), &version) && version > 0;
}

static bool made_here(struct check *k, const struct sg_val *v)
{
	const struct sg_resource *r = sg_model_target(k->m, v);
	return r &&
	       (sg_str_is(r->type, "AWS::Lambda::LayerVersion") || sg_str_is(r->type, "AWS::Serverless::LayerVersion"));
}

/* The last literal stretch of a string with symbols carries name and version. */
static bool tail_pinned(const struct sg_val *v)
{
	return v->kind == SG_V_STRING && v->n_parts && !v->parts[v->n_parts - 1].symbol &&
	       pinned(v->parts[v->n_parts - 1].literal);
}

static void layers(struct check *k)
{
	struct sg_items items = sg_alts_items(k->m->cfn, audit_prop(k, "Layers"), false);
	for (size_t i = 0; i < items.n; i++) {
		const struct sg_alt *alt = &items.v[i];
		bool known = made_here(k, &alt->val) || tail_pinned(&alt->val);
		if (!known && literal(k, &alt->val))
			fail(k, "Layers", alt, "a layer version's ARN, ending in :NAME:NUMBER",
			     "a layer is not pinned to a version");
		else if (!known)
			unproven(k, "Layers", alt, "which layer version it gets is not known");
		else if (k->ours)
			unproven(k, "Layers", alt, "a layer may bring extensions, which run beside the executor");
	}
}

/* ---------------------------------------------------------------------------------------------- FUN008, FUN009 */

static void published(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct sg_finding *f = audit_say(k, SG_UNPROVEN, r, NULL, in, NULL,
					 "%.*s %s a version of %.*s: earlier versions stay invokable as they were",
					 SG_FMT(r->id), maybe ? "may publish" : "publishes", SG_FMT(k->fn->id));
	audit_settle(k, f, "no versions and no aliases: callers name the function itself");
}

static void versions(struct check *k)
{
	audit_each_attached(k, "AWS::Lambda::Version", "FunctionName", published);
	audit_each_attached(k, "AWS::Lambda::Alias", "FunctionName", published);
}

/* Worlds in which an EventInvokeConfig sets no retries for the function itself. */
static sg_guard without_retries(struct check *k, const struct sg_resource *r)
{
	struct sg_worlds *w = k->m->worlds;
	sg_guard named = SG_NEVER, latest = SG_NEVER, none = SG_NEVER;
	struct sg_alts ids = sg_net_prop(k->m, r, "FunctionName", k->in);
	for (size_t i = 0; i < ids.n; i++)
		if (audit_names_function(k, &ids.v[i].val, ids.v[i].guard) == SG_SAME)
			named = sg_guard_or(w, named, ids.v[i].guard);
	struct sg_alts qualifier = sg_net_prop(k->m, r, "Qualifier", named);
	for (size_t i = 0; i < qualifier.n; i++)
		if (sg_val_is(&qualifier.v[i].val, "$LATEST"))
			latest = sg_guard_or(w, latest, qualifier.v[i].guard);
	struct sg_alts retries = sg_net_prop(k->m, r, "MaximumRetryAttempts", latest);
	for (size_t i = 0; i < retries.n; i++) {
		int64_t n = -1;
		if (sg_val_integer(&retries.v[i].val, &n) && n == 0) {
			none = sg_guard_or(w, none, retries.v[i].guard);
			continue;
		}
		bool known = n > 0 || audit_absent(&retries.v[i].val);
		struct sg_finding *f = audit_say(k, known ? SG_FAIL : SG_UNPROVEN, r, "MaximumRetryAttempts",
						 retries.v[i].guard, &retries.v[i].val,
						 "Lambda runs a script again when an asynchronous call of %.*s fails",
						 SG_FMT(k->fn->id));
		if (known)
			audit_settle(k, f, "MaximumRetryAttempts: 0");
		none = sg_guard_or(w, none, retries.v[i].guard); /* said */
	}
	return none;
}

static void retries(struct check *k)
{
	sg_guard rest = k->in;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(k->m, "AWS::Lambda::EventInvokeConfig", &i));)
		rest = sg_guard_minus(k->m->worlds, rest, without_retries(k, r));
	if (!sg_guard_possible(k->m->worlds, rest))
		return;
	struct sg_finding *f =
		audit_say(k, SG_FAIL, k->fn, NULL, rest, NULL,
			  "%.*s has no EventInvokeConfig: Lambda runs a script up to three times when an "
			  "asynchronous call fails",
			  SG_FMT(k->fn->id));
	audit_settle(k, f, "EventInvokeConfig with MaximumRetryAttempts: 0 for $LATEST");
}

const struct check_row audit_fun[] = {
	{"FUN001", NULL},
	{"FUN002", NULL},
	{"FUN003", NULL},
	{"FUN004", NULL},
	{"FUN005", audit_check_invokers},
	{"FUN006", audit_check_secrets},
	{"FUN007", layers},
	{"FUN008", versions},
	{"FUN009", retries},
	{"FUN010", NULL},
	{"FUN011", NULL},
	{"FUN012", NULL},
	{"FUN013", NULL},
	{NULL, NULL},
};
