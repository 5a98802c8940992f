/*
 * IAM005: the trust policy lets lambda.amazonaws.com assume the role, and nobody else.
 */
#include "iam/iam_priv.h"

struct trust {
	struct iam *i;
	const struct iam_subject *s;
	const struct iam_stmt *stmt;
	sg_guard lets_lambda; /* deployments in which a statement lets Lambda in */
};

static const char settle[] =
	"one statement: Effect Allow, Principal {Service: lambda.amazonaws.com}, Action sts:AssumeRole";

static void say(struct trust *t, enum sg_verdict v, sg_guard g, struct sg_span span, const char *fmt,
		struct sg_str detail)
{
	struct sg_str text = sg_strf(t->i->a, fmt, SG_FMT(detail));
	if (v == SG_FAIL && (t->stmt->effect != IAM_ALLOW || sg_guard_is_lost(t->i->m->worlds, g)))
		v = SG_UNPROVEN;
	struct sg_finding *f = iam_say(t->i, t->s, "IAM005", v, t->s->role->resource, g, span, "%.*s", SG_FMT(text));
	sg_finding_settle(t->i->m->findings, f, "%s", settle);
}

/* ---------------------------------------------------------------------------------------------- principals */

static struct sg_span span_of(struct trust *t, const struct sg_val *v)
{
	return v->node ? sg_prop_span(t->s->role->resource, v) : t->stmt->span;
}

static bool is_open(const struct sg_val *v)
{
	return v->kind == SG_V_UNKNOWN || sg_val_symbol(v) != NULL;
}

static void one_principal(struct trust *t, struct sg_str kind, const struct sg_val *v, sg_guard g)
{
	struct sg_str shown = sg_val_describe(t->i->a, v);
	bool service = sg_str_is(kind, "Service");
	bool composed = v->kind == SG_V_STRING && v->n_parts > 1;
	if (service && sg_val_is(v, "lambda.amazonaws.com")) {
		if (t->stmt->effect == IAM_ALLOW && !t->stmt->vague && !t->stmt->cond.vague)
			t->lets_lambda = sg_guard_or(t->i->m->worlds, t->lets_lambda, g);
		return;
	}
	if (service && (is_open(v) || composed))
		say(t, SG_UNPROVEN, g, span_of(t, v), "which service can assume the role is not known: %.*s", shown);
	else
		say(t, SG_FAIL, g, span_of(t, v),
		    service ? "another service can assume the role: %.*s" : "somebody else can assume the role: %.*s",
		    shown);
}

static void principal_map(struct trust *t, const struct sg_val *map, sg_guard g)
{
	for (size_t k = 0; k < map->node->n; k++) {
		const struct sg_member *m = &map->node->members[k];
		struct sg_items items = sg_eval_items(t->i->m->cfn, m->value, true, g);
		for (size_t j = 0; j < items.n; j++) {
			sg_guard in = iam_and(t->i, g, items.v[j].guard);
			if (sg_guard_possible(t->i->m->worlds, in))
				one_principal(t, m->key->text, &items.v[j].val, in);
		}
	}
}

static void check_principal(struct trust *t, sg_guard g)
{
	if (t->stmt->not_principal) {
		say(t, SG_FAIL, g, t->stmt->span, "everybody but a few can assume the role (NotPrincipal)%.*s",
		    SG_LIT(""));
		return;
	}
	struct sg_alts alts = sg_eval(t->i->m->cfn, t->stmt->principal, g);
	for (size_t k = 0; k < alts.n; k++) {
		const struct sg_val *v = &alts.v[k].val;
		sg_guard in = iam_and(t->i, g, alts.v[k].guard);
		if (v->kind == SG_V_MAP)
			principal_map(t, v, in);
		else
			say(t, is_open(v) ? SG_UNPROVEN : SG_FAIL, in, span_of(t, v),
			    is_open(v) ? "who can assume the role is not known: %.*s"
				       : "anybody can assume the role: %.*s",
			    sg_val_describe(t->i->a, v));
	}
}

/* ---------------------------------------------------------------------------------------------- actions */

static void check_actions(struct trust *t, sg_guard g)
{
	if (t->stmt->not_action)
		say(t, SG_FAIL, g, t->stmt->span, "every action but a few is trusted (NotAction)%.*s", SG_LIT(""));
	for (size_t k = 0; !t->stmt->not_action && k < t->stmt->actions.n; k++) {
		const struct iam_element *e = &t->stmt->actions.v[k];
		struct sg_str text = e->unknown ? e->reason : iam_raw_show(t->i, e->raw);
		sg_guard in = iam_and(t->i, g, e->guard);
		if (!sg_guard_possible(t->i->m->worlds, in) ||
		    (!e->unknown && sg_str_is_nocase(text, "sts:assumerole")))
			continue;
		bool open = e->unknown || iam_raw_has_letter(e->raw);
		say(t, open ? SG_UNPROVEN : SG_FAIL, in, e->span,
		    "the trust policy allows more than sts:AssumeRole: %.*s", text);
	}
}

static void check_stmt(struct trust *t)
{
	sg_guard g = iam_and(t->i, t->s->role->guard, t->stmt->guard);
	if (t->stmt->effect == IAM_DENY || !sg_guard_possible(t->i->m->worlds, g))
		return;
	if (t->stmt->vague || !t->stmt->principal) {
		say(t, SG_UNPROVEN, g, t->stmt->span, "who can assume the role is not known: %.*s", t->stmt->reason);
		return;
	}
	check_principal(t, g);
	check_actions(t, g);
}

void iam_check_trust(struct iam *i, const struct iam_subject *s)
{
	const struct sg_resource *role = s->role->resource;
	struct iam_origin o = {.resource = role, .name = SG_LIT("trust policy"), .kind = IAM_TRUST};
	struct trust t = {.i = i, .s = s, .lets_lambda = SG_NEVER};
	iam_stmts stmts = {0};
	iam_document(i, sg_prop(i->m, role, "AssumeRolePolicyDocument", s->role->guard), s->role->guard, &o, &stmts);
	for (size_t k = 0; k < stmts.n; k++) {
		t.stmt = &stmts.v[k];
		check_stmt(&t);
	}
	sg_guard without = sg_guard_minus(i->m->worlds, s->role->guard, t.lets_lambda);
	if (!sg_guard_possible(i->m->worlds, without))
		return;
	struct sg_finding *f = iam_say(i, s, "IAM005", SG_FAIL, role, without, role->key->span,
				       "nothing lets Lambda assume the role for certain");
	sg_finding_settle(i->m->findings, f, "%s", settle);
}
