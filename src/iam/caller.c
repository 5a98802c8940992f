/*
 * Who calls, in the policies of resources: a Principal as a condition of its statement, and which condition keys speak
 * of the caller.  It must not know whose policy it is.
 */
#include "iam/iam_priv.h"

#include <string.h>
#include <strings.h>

/* ---------------------------------------------------------------------------------------------- principals */

enum who { WHO_EVERYBODY, WHO_NAMED, WHO_OPEN };

/* Somebody by name, whom somebody else is not: a text without wildcards, its symbols ordinary strings. */
static enum who one_name(struct iam *i, const struct sg_alt *item, sg_guard g)
{
	iam_alts texts = {0};
	if (sg_val_is(&item->val, "*"))
		return iam_within(i, g, item->guard) ? WHO_EVERYBODY : WHO_OPEN;
	iam_text(i, &item->val, iam_and(i, g, item->guard), &texts);
	for (size_t k = 0; k < texts.n; k++) {
		struct iam_raw r = texts.v[k].raw;
		bool star = false;
		for (size_t j = 0; j < r.n; j++)
			star |= r.t[j] == '*' || r.t[j] == '?' || r.t[j] == '$';
		if (texts.v[k].unknown || star || !iam_raw_generic(i, r))
			return WHO_OPEN;
	}
	return WHO_NAMED;
}

/* What one kind of principals ("AWS") holds. */
static enum who names(struct iam *i, const struct sg_member *m, sg_guard g)
{
	struct sg_items items = sg_eval_items(i->m->cfn, m->value, true, g);
	enum who all = WHO_NAMED;
	bool aws = sg_node_is(m->key, "AWS");
	if (!aws && !sg_node_is(m->key, "Service") && !sg_node_is(m->key, "Federated") &&
	    !sg_node_is(m->key, "CanonicalUser"))
		return WHO_OPEN;
	if (items.n == 0)
		return WHO_OPEN;
	for (size_t k = 0; k < items.n; k++) {
		enum who one = one_name(i, &items.v[k], g);
		if (one == WHO_EVERYBODY && aws)
			return WHO_EVERYBODY;
		all = one == WHO_NAMED ? all : WHO_OPEN;
	}
	return all;
}

/* "*" and {"AWS": "*"} are the same
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
static enum who who_is(struct iam *i, const struct sg_val *v, sg_guard g)
{
	enum who all = WHO_NAMED;
	if (sg_val_is(v, "*"))
		return WHO_EVERYBODY;
	if (v->kind != SG_V_MAP || v->node->n == 0)
		return WHO_OPEN;
	for (size_t k = 0; k < v->node->n; k++) {
		enum who one = names(i, &v->node->members[k], g);
		if (one == WHO_EVERYBODY)
			return WHO_EVERYBODY;
		all = one == WHO_NAMED ? all : WHO_OPEN;
	}
	return all;
}

static enum who principal_of(struct iam *i, const struct iam_stmt *s)
{
	struct sg_alts alts = sg_eval(i->m->cfn, s->principal, s->guard);
	enum who all = WHO_OPEN;
	for (size_t k = 0; k < alts.n; k++) {
		sg_guard g = iam_and(i, s->guard, alts.v[k].guard);
		enum who one = who_is(i, &alts.v[k].val, g);
		if (!sg_guard_possible(i->m->worlds, g))
			continue;
		all = k == 0 || all == one ? one : WHO_OPEN;
	}
	return all;
}

static void add_text(struct sg_buf *b, const struct sg_node *n)
{
	sg_buf_addf(b, "%d %zu ", (int)n->kind, n->kind == SG_SCALAR ? n->text.n : n->n);
	if (n->kind == SG_SCALAR)
		sg_buf_str(b, n->text);
	for (size_t k = 0; n->kind != SG_SCALAR && k < n->n; k++) {
		if (n->kind == SG_MAP)
			add_text(b, n->members[k].key);
		add_text(b, n->kind == SG_MAP ? n->members[k].value : n->items[k]);
	}
}

/* Who calls is a condition like others: the same text is the same Boolean.  Of a caller whom no statement names (the
 * key Principal is absent) it is known whether it holds, of others it is not. */
void iam_caller_as_condition(struct iam *i, struct iam_stmt *s, enum iam_kind kind)
{
	struct sg_buf b = {0};
	struct iam_atom a = {.base = IAM_OP_PRINCIPAL, .negated = s->not_principal, .span = s->span};
	enum who who = principal_of(i, s);
	if (who == WHO_EVERYBODY && !s->not_principal && kind == IAM_ENDPOINT)
		return;
	a.op = s->not_principal ? SG_LIT("NotPrincipal") : SG_LIT("Principal");
	a.key = SG_LIT("Principal");
	a.fuzzy = who != WHO_NAMED;
	add_text(&b, s->principal);
	SG_PUSH(i->a, &a.values, iam_raw_str(i, sg_cstr(i->a, sg_buf_take(&b, i->a))));
	iam_atom_intern(i, &a, false);
	SG_PUSH(i->a, &s->cond.atoms, a);
}

/* ---------------------------------------------------------------------------------------------- condition keys */

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: what keys begin with. */
static const struct {
	const char *start;
	enum iam_choice choice;
} choices[] = {
	{"aws:PrincipalIsAWSService", IAM_OF_PLACE},
	{"aws:Principal", IAM_OF_IDENTITY},
	{"aws:userid", IAM_OF_IDENTITY},
	{"aws:username", IAM_OF_IDENTITY},
	{"aws:FederatedProvider", IAM_OF_IDENTITY},
	{"aws:TokenIssueTime", IAM_OF_IDENTITY},
	{"aws:MultiFactorAuth", IAM_OF_IDENTITY},
	{"aws:SourceIdentity", IAM_OF_IDENTITY},
	{"aws:AssumedRoot", IAM_OF_IDENTITY},
	{"aws:ChatbotSourceArn", IAM_OF_IDENTITY},
	{"aws:Ec2InstanceSource", IAM_OF_IDENTITY},
	{"aws:Source", IAM_OF_PLACE},
	{"aws:Vpc", IAM_OF_PLACE},
	{"aws:Vpce", IAM_OF_PLACE},
	{"aws:ViaAWSService", IAM_OF_PLACE},
	{"aws:CalledVia", IAM_OF_PLACE},
	{"aws:RequestedRegion", IAM_OF_PLACE},
	{"lambda:SourceFunctionArn", IAM_OF_IDENTITY},
	{"ec2:", IAM_OF_IDENTITY},
	{"ecs:", IAM_OF_IDENTITY},
	{"sts:", IAM_OF_IDENTITY},
	{"saml:", IAM_OF_IDENTITY},
	{"identitystore:", IAM_OF_IDENTITY},
	{"cognito-identity", IAM_OF_IDENTITY},
};

enum iam_choice iam_choice_of(struct sg_str key)
{
	for (size_t k = 0; k < sizeof(choices) / sizeof(*choices); k++) {
		size_t n = strlen(choices[k].start);
		if (key.n >= n && strncasecmp(key.p, choices[k].start, n) == 0)
			return choices[k].choice;
	}
	return IAM_OF_CALLER;
}
