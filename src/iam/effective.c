/*
 * All statements that apply to a role: its own, those of policies of the template that are attached to it from either
 * side, those of managed policies.  What cannot be read becomes a statement that may be anything.
 */
#include "iam/iam_priv.h"

#include <string.h>

struct gathering {
	struct iam *i;
	const struct sg_resource *role;
	sg_guard g;
	struct iam_role *out;
};

/* ---------------------------------------------------------------------------------------------- names of the role */

/* CloudFormation names a role STACK-LOGICALID-RANDOM, cut short: a literal name may be one of those. */
static bool looks_generated(struct iam_raw name, const struct sg_resource *role)
{
	size_t want = role->id.n < 8 ? role->id.n : 8;
	for (size_t k = 0; k + 1 < name.n; k++) {
		size_t j = 0;
		while (name.t[k] == '-' && j < want && k + 1 + j < name.n &&
		       name.t[k + 1 + j] == (iam_tok)(unsigned char)role->id.p[j])
			j++;
		if (j == want)
			return true;
	}
	return false;
}

/* "Names are not distinguished by case": https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
static bool equal_nocase(struct iam_raw a, struct iam_raw b)
{
	bool same = a.n == b.n;
	for (size_t k = 0; same && k < a.n; k++) {
		iam_tok x = a.t[k] >= 'A' && a.t[k] <= 'Z' ? a.t[k] | 0x20 : a.t[k];
		iam_tok y = b.t[k] >= 'A' && b.t[k] <= 'Z' ? b.t[k] | 0x20 : b.t[k];
		same = x == y;
	}
	return same;
}

static enum iam_names compare_names(struct iam *i, const struct iam_alt *a, sg_guard g, const struct sg_resource *role)
{
	struct sg_alts own = sg_prop(i->m, role, "RoleName", iam_and(i, g, a->guard));
	bool letters = a->unknown || iam_raw_has_letter(a->raw);
	enum iam_names worst = IAM_NAMES_NOT;
	for (size_t k = 0; k < own.n; k++) {
		iam_alts names = {0};
		if (own.v[k].val.kind == SG_V_ABSENT) {
			if (letters || looks_generated(a->raw, role))
				return IAM_NAMES_MAYBE;
			continue;
		}
		iam_text(i, &own.v[k].val, iam_and(i, g, own.v[k].guard), &names);
		for (size_t j = 0; j < names.n; j++) {
			bool known = !a->unknown && !names.v[j].unknown;
			if (known && iam_raw_eq(a->raw, names.v[j].raw))
				worst = own.n == 1 && names.n == 1 ? IAM_NAMES_IT : IAM_NAMES_MAYBE;
			else if (letters || !known || equal_nocase(a->raw, names.v[j].raw) ||
				 iam_raw_has_letter(names.v[j].raw))
				return IAM_NAMES_MAYBE;
		}
	}
	return worst;
}

enum iam_names iam_names_role(struct iam *i, const struct sg_val *v, sg_guard g, const struct sg_resource *role)
{
	const struct sg_resource *target = sg_model_target(i->m, v);
	if (target == role)
		return IAM_NAMES_IT;
	iam_alts texts = {0};
	if (v->kind == SG_V_UNKNOWN)
		return IAM_NAMES_MAYBE;
	iam_text(i, v, g, &texts);
	if (target && sg_str_is(target->type, "AWS::IAM::Role")) {
		/* Two roles cannot share a name, generated or not. */
		return IAM_NAMES_NOT;
	}
	enum iam_names all = IAM_NAMES_NOT;
	for (size_t k = 0; k < texts.n; k++) {
		enum iam_names one = compare_names(i, &texts.v[k], g, role);
		if (one == IAM_NAMES_MAYBE || (one == IAM_NAMES_IT && texts.n > 1))
			return IAM_NAMES_MAYBE;
		all = one == IAM_NAMES_IT ? one : all;
	}
	return all;
}

/* ---------------------------------------------------------------------------------------------- documents */

static struct sg_str policy_name(struct iam *i, struct sg_alts name)
{
	struct sg_str s;
	if (name.n == 1 && sg_val_text(i->a, &name.v[0].val, &s) && s.n)
		return sg_strf(i->a, "policy '%.*s'", SG_FMT(s));
	return SG_LIT("inline policy");
}

/* An inline policy is a name and a document. */
static void check_members(struct iam *i, const struct iam_origin *o, const struct sg_val *policy, sg_guard g)
{
	for (size_t k = 0; k < policy->node->n; k++) {
		const struct sg_node *key = policy->node->members[k].key;
		if (!sg_node_is(key, "PolicyName") && !sg_node_is(key, "PolicyDocument"))
			iam_malformed(i, o, g, sg_node_span(key),
				      "an inline policy has PolicyName and PolicyDocument alone");
	}
	if (!sg_node_get(policy->node, "PolicyName"))
		iam_malformed(i, o, g, sg_prop_span(o->resource, policy), "PolicyName is missing");
}

void iam_documents_of(struct iam *i, const struct sg_resource *r, const char *list, sg_guard in, iam_stmts *out)
{
	in = iam_and(i, in, r->exists);
	if (!list) {
		struct iam_origin o = {.resource = r, .kind = IAM_IDENTITY};
		o.name = sg_strf(i->a, "policy %.*s", SG_FMT(r->id));
		iam_document(i, sg_prop(i->m, r, "PolicyDocument", in), in, &o, out);
		return;
	}
	struct sg_items items = sg_prop_items(i->m, r, list, in);
	for (size_t k = 0; k < items.n; k++) {
		const struct sg_val *v = &items.v[k].val;
		sg_guard g = iam_and(i, in, items.v[k].guard);
		if (!sg_guard_possible(i->m->worlds, g))
			continue;
		if (v->kind != SG_V_MAP) {
			struct sg_str why =
				v->kind == SG_V_UNKNOWN && v->reason.n ? v->reason : SG_LIT("it is not a policy");
			iam_stmt_anything(i, g, sg_prop_span(r, v), SG_LIT("inline policy"), why, out);
			continue;
		}
		struct iam_origin o = {.resource = r, .kind = IAM_IDENTITY};
		o.name = policy_name(i, sg_val_get(i->m->cfn, v, "PolicyName", g));
		check_members(i, &o, v, g);
		iam_document(i, sg_val_get(i->m->cfn, v, "PolicyDocument", g), g, &o, out);
	}
}

/* A policy of the template, in the worlds in which it goes to the role. */
static void document_of(struct gathering *c, const struct sg_resource *r, sg_guard g, bool doubtful)
{
	size_t from = c->out->stmts.n;
	iam_documents_of(c->i, r, NULL, g, &c->out->stmts);
	for (; from < c->out->stmts.n; from++)
		c->out->stmts.v[from].doubtful = doubtful;
}

/* One that names the roles it goes to.  In the worlds of `sure` it goes to this one whatever else it names. */
static void attached_as(struct gathering *c, const struct sg_resource *r, const struct sg_items *names,
			enum iam_names wanted, sg_guard *sure)
{
	struct iam *i = c->i;
	for (size_t k = 0; k < names->n; k++) {
		sg_guard g = iam_and(i, c->g, names->v[k].guard);
		if (iam_names_role(i, &names->v[k].val, g, c->role) != wanted || !iam_possible(i, g, r->exists))
			continue;
		if (wanted == IAM_NAMES_MAYBE && iam_within(i, iam_and(i, g, r->exists), *sure))
			continue;
		document_of(c, r, g, wanted == IAM_NAMES_MAYBE);
		c->out->has_own_managed |= sg_str_is(r->type, "AWS::IAM::ManagedPolicy");
		if (wanted == IAM_NAMES_IT)
			*sure = sg_guard_or(i->m->worlds, *sure, g);
	}
}

static void attached(struct gathering *c, const char *type, const char *property)
{
	const struct sg_resource *r;
	for (size_t at = 0; (r = sg_model_next(c->i->m, type, &at));) {
		struct sg_items names = sg_alts_items(c->i->m->cfn, sg_prop(c->i->m, r, property, c->g), true);
		sg_guard sure = SG_NEVER;
		attached_as(c, r, &names, IAM_NAMES_IT, &sure);
		attached_as(c, r, &names, IAM_NAMES_MAYBE, &sure);
	}
}

/* ---------------------------------------------------------------------------------------------- managed policies */

/* The name behind arn:PARTITION:iam::aws:policy/, or empty. */
static struct sg_str aws_policy_name(struct sg_str arn)
{
	size_t at = sg_str_find(arn, ":iam::aws:policy/", 0);
	if (!sg_str_starts(arn, "arn:") || at == SIZE_MAX)
		return SG_LIT("");
	return sg_str_sub(arn, at + strlen(":iam::aws:policy/"), arn.n);
}

static void push_word(struct iam *i, iam_elements *out, const char *word, size_t n, sg_guard g, struct sg_span span)
{
	iam_toks t = {0};
	iam_toks_str(i, &t, (struct sg_str){word, n});
	struct iam_element e = {.raw = {t.v, t.n}, .guard = g, .span = span};
	SG_PUSH(i->a, out, e);
}

static void known_policy(struct gathering *c, const struct iam_managed *p, sg_guard g, struct sg_span span)
{
	struct iam *i = c->i;
	struct iam_stmt s = {.guard = g, .span = span, .effect = IAM_ALLOW, .variables = true};
	s.origin = sg_strf(i->a, "managed policy %s (%s of %s)", p->name, p->version, p->date);
	for (const char *w = p->actions; *w;) {
		size_t n = strcspn(w, " ");
		push_word(i, &s.actions, w, n, g, span);
		w += n + (w[n] == ' ');
	}
	push_word(i, &s.resources, "*", 1, g, span);
	SG_PUSH(i->a, &c->out->stmts, s);
}

/* A document that the user has at hand: by the policy's ARN, or its name behind the last slash. */
static const struct sg_node *given_policy(const struct iam *i, struct sg_str arn)
{
	size_t at = 0;
	if (!i->o || !sg_str_starts(arn, "arn:") || sg_str_find(arn, ":policy/", 0) == SIZE_MAX)
		return NULL;
	for (size_t k = 0; k < arn.n; k++)
		at = arn.p[k] == '/' ? k + 1 : at;
	struct sg_str name = sg_str_sub(arn, at, arn.n);
	for (size_t k = 0; k < i->o->n_managed; k++)
		if (sg_str_eq(i->o->managed[k].name, arn) || sg_str_eq(i->o->managed[k].name, name))
			return i->o->managed[k].document;
	return NULL;
}

static void managed_text(struct gathering *c, const struct iam_alt *a, struct sg_span span)
{
	struct iam *i = c->i;
	struct iam_managed_use use = {.guard = a->guard, .span = span, .certain = !a->unknown};
	use.arn = a->unknown ? SG_LIT("a managed policy that only a deployment knows") : iam_raw_show(i, a->raw);
	/* A lone symbol (a parameter, an import) may be empty or anything. */
	if (!a->unknown && a->raw.n == 1 && iam_is_letter(a->raw.t[0]))
		use.certain = false;
	const struct iam_managed *p = iam_managed_find(aws_policy_name(use.arn));
	const struct sg_node *given = a->unknown ? NULL : given_policy(i, use.arn);
	struct sg_str origin = sg_strf(i->a, "managed policy %.*s", SG_FMT(use.arn));
	use.known = given || (p && !a->unknown);
	if (given)
		iam_free_document(i, given, origin, i->o->diags, a->guard, &c->out->stmts);
	else if (use.known)
		known_policy(c, p, a->guard, span);
	else
		iam_stmt_anything(i, a->guard, span, origin,
				  a->unknown ? a->reason : SG_LIT("its document is not in the template"),
				  &c->out->stmts);
	SG_PUSH(i->a, &c->out->managed, use);
}

static void managed_policies(struct gathering *c)
{
	struct iam *i = c->i;
	struct sg_items items = sg_prop_items(i->m, c->role, "ManagedPolicyArns", c->g);
	for (size_t k = 0; k < items.n; k++) {
		const struct sg_val *v = &items.v[k].val;
		sg_guard g = iam_and(i, c->g, items.v[k].guard);
		const struct sg_resource *r = sg_model_target(i->m, v);
		iam_alts texts = {0};
		if (!sg_guard_possible(i->m->worlds, g))
			continue;
		if (r && sg_str_is(r->type, "AWS::IAM::ManagedPolicy")) {
			document_of(c, r, g, false);
			c->out->has_own_managed = true;
			continue;
		}
		iam_text(i, v, g, &texts);
		for (size_t j = 0; j < texts.n; j++)
			managed_text(c, &texts.v[j], sg_prop_span(c->role, v));
	}
}

/* What the boundary allows, in the worlds of `g`: a policy of the template, or one that is known. */
static void boundary_text(struct gathering *c, const struct iam_alt *a, struct sg_span span)
{
	/* as if it were attached, to something that is only the boundary */
	struct iam_role aside = {.resource = c->role, .guard = a->guard};
	struct gathering only = {c->i, c->role, a->guard, &aside};
	managed_text(&only, a, span);
	for (size_t k = 0; k < aside.stmts.n; k++)
		SG_PUSH(c->i->a, &c->out->boundary_stmts, aside.stmts.v[k]);
}

static void boundary(struct gathering *c)
{
	struct iam *i = c->i;
	struct sg_alts b = sg_prop(i->m, c->role, "PermissionsBoundary", c->g);
	c->out->bounded = SG_NEVER;
	for (size_t k = 0; k < b.n; k++) {
		const struct sg_val *v = &b.v[k].val;
		const struct sg_resource *r = sg_model_target(i->m, v);
		sg_guard g = iam_and(i, c->g, b.v[k].guard);
		struct sg_span span = sg_prop_span(c->role, v);
		iam_alts texts = {0};
		if (v->kind == SG_V_ABSENT || !sg_guard_possible(i->m->worlds, g))
			continue;
		c->out->bounded = sg_guard_or(i->m->worlds, c->out->bounded, g);
		c->out->boundary = span;
		if (r && sg_str_is(r->type, "AWS::IAM::ManagedPolicy")) {
			iam_documents_of(i, r, NULL, g, &c->out->boundary_stmts);
			c->out->has_own_managed = true;
			continue;
		}
		iam_text(i, v, g, &texts);
		for (size_t j = 0; j < texts.n; j++)
			boundary_text(c, &texts.v[j], span);
	}
}

void iam_grants_of(struct iam *i, const struct sg_resource *r, sg_guard g, iam_stmts *out)
{
	struct iam_role one = {.resource = r, .guard = iam_and(i, g, r->exists)};
	struct gathering c = {.i = i, .role = r, .g = one.guard, .out = &one};
	iam_documents_of(i, r, "Policies", c.g, &one.stmts);
	managed_policies(&c);
	*out = one.stmts;
}

void iam_role_read(struct iam *i, const struct sg_resource *role, sg_guard g, struct iam_role *out)
{
	struct gathering c = {.i = i, .role = role, .g = iam_and(i, g, role->exists), .out = out};
	*out = (struct iam_role){.resource = role, .guard = c.g};
	iam_documents_of(i, role, "Policies", c.g, &out->stmts);
	managed_policies(&c);
	attached(&c, "AWS::IAM::Policy", "Roles");
	attached(&c, "AWS::IAM::ManagedPolicy", "Roles");
	attached(&c, "AWS::IAM::RolePolicy", "RoleName");
	boundary(&c);
}
