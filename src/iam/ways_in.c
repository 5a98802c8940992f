/*
 * Who gets to call a function through a role of the template: somebody outside the account whom the role's trust policy
 * lets assume it, where the role's policies allow the call.  It must not know which rule asks.
 */
#include "iam/iam_priv.h"

#include <string.h>

/* Roles from which others are assumed, looked at for one function; with more, what is behind them is not known. */
enum { MAX_BEHIND = 4096 };

/* Ways in of one function that are told, of those that are certain and of the others. */
enum { MAX_WAYS = 32 };

/* A role that leads to the one that is asked about, by being assumed first. */
struct step {
	const struct sg_resource *role;
	sg_guard in;
	bool sure;
};

struct search {
	struct iam *i;
	const struct sg_resource *function;
	const struct sg_iam_way_in_user *user;
	struct iam_names_of names;
	SG_VEC(struct step) steps; /* of the role that is asked about; each is looked at once in the same worlds */
	size_t behind;             /* of all roles */
	bool is_cut;               /* there are more steps than are looked at */
	size_t told[2];            /* ways in: those that may be, those that are certain */
	bool home_counts;          /* somebody of the stack's own account is let in, too */
};

/* One of those outside whom a role's trust policy lets in. */
struct outsider {
	sg_guard in;
	struct sg_span span;
	struct sg_str who;
	bool sure;
};
typedef SG_VEC(struct outsider) outsiders;

/* ---------------------------------------------------------------------------------------------- principals */

static bool is_account(const struct sg_symbol *s)
{
	return s && s->kind == SG_SYM_PSEUDO && sg_str_is(s->name, "AWS::AccountId");
}

/* The stack's own account, or an ARN in it. */
static bool is_inside(const struct sg_val *v)
{
	static const char *const before[] = {":iam::", ":sts::"};
	if (is_account(sg_val_symbol(v)))
		return true;
	for (size_t k = 1; v->kind == SG_V_STRING && k < v->n_parts; k++)
		for (size_t j = 0; j < 2; j++)
			if (is_account(v->parts[k].symbol) && !v->parts[k - 1].symbol &&
			    sg_str_ends(v->parts[k - 1].literal, before[j]))
				return true;
	return false;
}

static void add(struct search *s, outsiders *out, const struct outsider *o)
{
	if (sg_guard_possible(s->i->m->worlds, o->in))
		SG_PUSH(s->i->a, out, *o);
}

/* Whoever assumes `role` gets on from there, unless it is known already who that is. */
static void assumed_from(struct search *s, const struct sg_resource *role, const struct outsider *o, outsiders *out)
{
	struct step next = {role, iam_and(s->i, o->in, role->exists), o->sure};
	struct outsider unknown = *o;
	for (size_t k = 0; k < s->steps.n; k++) {
		const struct step *e = &s->steps.v[k];
		if (e->role == role && (e->sure || !next.sure) && iam_within(s->i, next.in, e->in))
			return;
	}
	if (s->behind < MAX_BEHIND) {
		s->behind++;
		SG_PUSH(s->i->a, &s->steps, next);
		return;
	}
	if (s->is_cut) /* said once, in all worlds of the role that is asked about */
		return;
	s->is_cut = true;
	unknown.in = s->steps.v[0].in;
	unknown.sure = false;
	unknown.who = SG_LIT("somebody behind more roles than are looked at");
	add(s, out, &unknown);
}

/* A principal of AWS's own: everybody, an account, a role, a user. */
static void aws_principal(struct search *s, const struct sg_val *v, struct outsider o, outsiders *out)
{
	struct sg_str text;
	const struct sg_resource *r = sg_model_target(s->i->m, v);
	if (r && sg_str_is(r->type, "AWS::IAM::Role")) {
		assumed_from(s, r, &o, out);
		return;
	}
	if (r)
		return;
	if (is_inside(v)) {
		o.sure = false;
		if (s->home_counts)
			add(s, out, &o);
		return;
	}
	if (!sg_val_text(s->i->a, v, &text))
		o.sure = false;
	else if (s->user->is_expected(s->user->context, text))
		return;
	add(s, out, &o);
}

/* A service assumes roles that somebody of the account has passed to it; whom an identity provider knows, nobody here
 * can say. */
static void principals(struct search *s, const struct sg_resource *role, const struct sg_val *map, struct outsider o,
		       outsiders *out)
{
	for (size_t k = 0; k < map->node->n; k++) {
		const struct sg_member *m = &map->node->members[k];
		struct sg_items items = sg_eval_items(s->i->m->cfn, m->value, true, o.in);
		for (size_t j = 0; j < items.n && !sg_node_is(m->key, "Service"); j++) {
			struct outsider one = o;
			const struct sg_val *v = &items.v[j].val;
			one.in = iam_and(s->i, o.in, items.v[j].guard);
			one.span = v->node ? sg_prop_span(role, v) : o.span;
			one.who = sg_val_describe(s->i->a, v);
			if (sg_node_is(m->key, "AWS")) {
				aws_principal(s, v, one, out);
				continue;
			}
			one.sure = false;
			add(s, out, &one);
		}
	}
}

/* StringEquals aws:PrincipalAccount: the stack's own account. */
static bool is_of_home(struct iam *i, const struct iam_atom *a)
{
	iam_tok account = iam_letter_named(i, SG_SYM_PSEUDO, "AWS::AccountId", NULL);
	bool own = a->base == IAM_OP_STRING && a->set == IAM_SET_NONE && !a->negated && !a->if_exists && !a->unique &&
		   a->values.n > 0 && sg_str_is_nocase(a->key, "aws:PrincipalAccount");
	for (size_t k = 0; own && k < a->values.n; k++)
		own = a->values.v[k].n == 1 && a->values.v[k].t[0] == account;
	return own;
}

static bool asks_for_home(struct iam *i, const struct iam_cond *c)
{
	for (size_t k = 0; !c->vague && k < c->atoms.n; k++)
		if (is_of_home(i, &c->atoms.v[k]))
			return true;
	return false;
}

/* ---------------------------------------------------------------------------------------------- trust */

/* Is the role assumed by this statement?  A trust policy has no Resource: it is the role. */
static enum iam_truth assumes(struct iam *i, const struct iam_stmt *stmt, sg_guard cell, enum iam_mode mode)
{
	static const char *const calls[] = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity",
					    "sts:AssumeRoleWithSAML"};
	iam_stmts one = {0};
	struct iam_policy p;
	struct iam_stmt copy = *stmt;
	struct iam_element all = {.raw = iam_raw_str(i, "*"), .guard = stmt->guard, .span = stmt->span};
	if (stmt->vague)
		return IAM_MAYBE;
	memset(&copy.resources, 0, sizeof(copy.resources));
	copy.not_resource = false;
	SG_PUSH(i->a, &copy.resources, all);
	SG_PUSH(i->a, &one, copy);
	iam_policy_compile(i, &one, cell, mode, true, &p);
	for (size_t k = 0; p.allows.n && k < sizeof(calls) / sizeof(*calls); k++)
		if (iam_point_side(&p.allows.v[0].actions, iam_action_word(i, calls[k]), false) != IAM_NO)
			return IAM_YES;
	return IAM_NO;
}

static void by_statement(struct search *s, const struct sg_resource *role, const struct iam_stmt *stmt,
			 struct outsider o, outsiders *out)
{
	struct iam *i = s->i;
	o.span = stmt->span;
	o.in = iam_and(i, o.in, stmt->guard);
	o.who = SG_LIT("somebody who is not known");
	if (!sg_guard_possible(i->m->worlds, o.in) || assumes(i, stmt, o.in, IAM_MAY) == IAM_NO ||
	    (!s->home_counts && asks_for_home(i, &stmt->cond)))
		return;
	o.sure = o.sure && stmt->effect == IAM_ALLOW && !stmt->vague && !stmt->cond.vague && !stmt->cond.atoms.n &&
		 assumes(i, stmt, o.in, IAM_MUST) == IAM_YES;
	if (stmt->vague || !stmt->principal || stmt->not_principal) {
		o.sure = o.sure && stmt->not_principal;
		o.who = stmt->not_principal ? SG_LIT("everybody but a few (NotPrincipal)") : o.who;
		add(s, out, &o);
		return;
	}
	struct sg_alts alts = sg_eval(i->m->cfn, stmt->principal, o.in);
	for (size_t k = 0; k < alts.n; k++) {
		struct outsider one = o;
		one.in = iam_and(i, o.in, alts.v[k].guard);
		one.who = sg_val_describe(i->a, &alts.v[k].val);
		if (alts.v[k].val.kind == SG_V_MAP)
			principals(s, role, &alts.v[k].val, one, out);
		else
			aws_principal(s, &alts.v[k].val, one, out);
	}
}

/* Whom the role itself lets in; roles of the template that it names become steps. */
static void by_trust(struct search *s, const struct step *at, outsiders *out)
{
	struct iam_origin origin = {.resource = at->role, .name = SG_LIT("trust policy"), .kind = IAM_TRUST};
	struct outsider o = {.in = at->in, .sure = at->sure};
	iam_stmts stmts = {0};
	/* its faults are findings of IAM009 already */
	origin.diags = sg_diags_new(s->i->a, sg_sources_new(s->i->a));
	iam_document(s->i, sg_prop(s->i->m, at->role, "AssumeRolePolicyDocument", o.in), o.in, &origin, &stmts);
	for (size_t k = 0; k < stmts.n; k++)
		o.sure = o.sure && stmts.v[k].effect != IAM_DENY;
	for (size_t k = 0; k < stmts.n; k++)
		if (stmts.v[k].effect != IAM_DENY)
			by_statement(s, at->role, &stmts.v[k], o, out);
}

/* Whom outside the role lets in, also through roles of the template that it names. */
static void trusted(struct search *s, const struct sg_resource *role, sg_guard g, outsiders *out)
{
	struct step first = {role, iam_and(s->i, g, role->exists), true};
	s->steps.n = 0;
	s->is_cut = false;
	SG_PUSH(s->i->a, &s->steps, first);
	for (size_t k = 0; k < s->steps.n; k++) {
		struct step at = s->steps.v[k]; /* the vector moves as it grows */
		by_trust(s, &at, out);
	}
}

/* ---------------------------------------------------------------------------------------------- permission */

/* What calls the function, gives oneself the permission to, or makes another sandbox of it. */
static const char *const calls[] = {"lambda:InvokeFunction", "lambda:AddPermission", "lambda:InvokeAsync",
				    "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"};

/* A Deny of everything that certainly holds, whatever the resource. */
static bool is_denied(const struct iam_policy *may, struct iam_raw action)
{
	for (size_t k = 0; k < may->denies.n; k++) {
		const struct iam_cstmt *d = &may->denies.v[k];
		if (d->cond || d->resources.negated || iam_point_side(&d->actions, action, false) != IAM_YES)
			continue;
		for (size_t j = 0; j < d->resources.n; j++)
			if (iam_pat_is_star(d->resources.v[j]))
				return true;
	}
	return false;
}

/* The statement by itself, in the worlds in which it is there. */
static bool surely_allows(struct search *s, const struct iam_role *role, const struct iam_stmt *stmt, sg_guard in,
			  struct iam_raw action)
{
	struct iam_policy must;
	iam_stmts one = {0};
	if (stmt->effect != IAM_ALLOW || stmt->vague || stmt->doubtful || stmt->cond.vague || stmt->cond.atoms.n ||
	    iam_possible(s->i, in, role->bounded))
		return false;
	for (size_t k = 0; k < role->stmts.n; k++)
		if (role->stmts.v[k].effect != IAM_ALLOW && iam_possible(s->i, in, role->stmts.v[k].guard))
			return false;
	SG_PUSH(s->i->a, &one, *stmt);
	iam_policy_compile(s->i, &one, in, IAM_MUST, true, &must);
	return must.allows.n && iam_point_side(&must.allows.v[0].actions, action, false) == IAM_YES &&
	       iam_names_function(s->i, &s->names, stmt, in);
}

static void way_in(struct search *s, const struct iam_role *role, const struct iam_stmt *stmt, const struct outsider *o,
		   const char *call)
{
	struct sg_iam_way_in w = {.role = role->resource, .who = o->who, .trust = o->span, .policy = stmt->span};
	w.call = sg_str(call);
	w.origin = stmt->origin;
	w.in = iam_and(s->i, o->in, stmt->guard);
	bool sure = o->sure && !sg_guard_is_lost(s->i->m->worlds, w.in) &&
		    surely_allows(s, role, stmt, w.in, iam_action_word(s->i, call));
	w.verdict = sure ? SG_FAIL : SG_UNPROVEN;
	if (s->told[sure]++ >= MAX_WAYS)
		return;
	s->user->found(s->user->context, &w);
}

/* A statement by which the outsider may make the call; a certain one before others.  NULL: there is none. */
static const struct iam_stmt *allowing(struct search *s, const struct iam_role *role, const struct iam_policy *may,
				       const struct outsider *o, const char *call)
{
	struct iam_raw action = iam_action_word(s->i, call);
	const struct iam_stmt *first = NULL;
	for (size_t k = 0; k < may->allows.n; k++) {
		const struct iam_stmt *stmt = may->allows.v[k].src;
		sg_guard in = iam_and(s->i, o->in, stmt->guard);
		if (iam_point_side(&may->allows.v[k].actions, action, false) == IAM_NO ||
		    (!stmt->vague && !iam_may_name_function(s->i, &s->names, stmt, in)) || is_denied(may, action))
			continue;
		if (!first || (o->sure && surely_allows(s, role, stmt, in, action)))
			first = stmt;
	}
	return first;
}

/* The first of the calls that the outsider may make; one finding says enough. */
static bool through(struct search *s, const struct iam_role *role, const struct outsider *o, bool tell)
{
	struct iam_policy may;
	iam_policy_compile(s->i, &role->stmts, o->in, IAM_MAY, true, &may);
	for (size_t c = 0; c < sizeof(calls) / sizeof(*calls); c++) {
		const struct iam_stmt *first = allowing(s, role, &may, o, calls[c]);
		if (first && tell)
			way_in(s, role, first, o, calls[c]);
		if (first)
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------------------------------------- from role to role */

/* "arn:aws:iam::111122223333:role/x": an account that is spelled out is not the stack's own. */
static bool is_elsewhere(struct iam_raw r)
{
	size_t colons = 0, digits = 0;
	for (size_t k = 0; k < r.n && colons < 5; k++) {
		if (r.t[k] == ':')
			colons++;
		else if (colons == 4 && (r.t[k] < '0' || r.t[k] > '9'))
			return false;
		else if (colons == 4)
			digits++;
	}
	return colons == 5 && digits == 12;
}

static bool may_name_a_role(struct iam *i, const struct iam_stmt *stmt, sg_guard in)
{
	for (size_t k = 0; !stmt->not_resource && k < stmt->resources.n; k++) {
		const struct iam_element *e = &stmt->resources.v[k];
		if (iam_possible(i, in, e->guard) && (e->unknown || !is_elsewhere(e->raw)))
			return true;
	}
	return stmt->not_resource || stmt->vague;
}

/* May the outsider go on from the role to others of the account? */
static bool goes_on(struct search *s, const struct iam_role *role, const struct outsider *o)
{
	struct iam_raw action = iam_action_word(s->i, "sts:AssumeRole");
	struct iam_policy may;
	iam_policy_compile(s->i, &role->stmts, o->in, IAM_MAY, true, &may);
	for (size_t k = 0; k < may.allows.n; k++) {
		const struct iam_stmt *stmt = may.allows.v[k].src;
		if (iam_point_side(&may.allows.v[k].actions, action, false) != IAM_NO &&
		    may_name_a_role(s->i, stmt, iam_and(s->i, o->in, stmt->guard)) && !is_denied(&may, action))
			return true;
	}
	return false;
}

/* As it is written: for how many statements it names services alone; false where it names, or may name, anybody else. */
static bool is_for_services(const struct sg_node *n, size_t *statements, size_t *services)
{
	bool only = true;
	for (size_t k = 0; n->kind == SG_SEQ && only && k < n->n; k++)
		only = is_for_services(n->items[k], statements, services);
	for (size_t k = 0; n->kind == SG_MAP && only && k < n->n; k++) {
		const struct sg_member *m = &n->members[k];
		bool principal = sg_node_is(m->key, "Principal");
		*statements += sg_node_is(m->key, "Effect");
		*services += principal;
		if (principal)
			only = m->value->kind == SG_MAP && m->value->n == 1 &&
			       sg_node_is(m->value->members[0].key, "Service");
		else if (m->key->kind != SG_SCALAR || sg_node_is(m->key, "NotPrincipal") || sg_node_is(m->key, "Ref") ||
			 sg_node_is(m->key, "<<") || sg_str_starts(m->key->text, "Fn::"))
			only = false;
		else if (!sg_node_is(m->key, "Condition"))
			only = is_for_services(m->value, statements, services);
	}
	return only;
}

/* A role from which something can be done: what it may call, or which it may assume. */
struct lead {
	struct iam_role role;
	bool calls, goes_on;
};

static bool leads(struct search *s, const struct sg_resource *r, sg_guard g, struct lead *out)
{
	const struct sg_node *trust = sg_node_get(r->props, "AssumeRolePolicyDocument");
	size_t statements = 0, services = 0;
	struct outsider anybody = {.in = iam_and(s->i, g, r->exists)};
	if (trust && trust->kind == SG_MAP && is_for_services(trust, &statements, &services) && statements == services)
		return false;
	iam_role_read(s->i, r, g, &out->role);
	out->calls = through(s, &out->role, &anybody, false);
	out->goes_on = goes_on(s, &out->role, &anybody);
	return out->calls || out->goes_on;
}

/* A role that lets in nobody but those of the account, of whom the outsider is one once he has assumed `first`. */
static void behind(struct search *s, const struct lead *l, sg_guard g, const struct sg_resource *first)
{
	const struct sg_resource *r = l->role.resource;
	outsiders direct = {0}, home = {0};
	trusted(s, r, g, &direct);
	if (r == first || direct.n)
		return;
	s->home_counts = true;
	trusted(s, r, g, &home);
	s->home_counts = false;
	if (home.n == 0)
		return;
	home.v[0].sure = false;
	home.v[0].in = iam_and(s->i, g, r->exists);
	home.v[0].who = sg_strf(s->i->a, "whoever from outside assumes %.*s", SG_FMT(first->id));
	through(s, &l->role, &home.v[0], true);
}

/* Who gets in through each; a role from which somebody outside goes on, or NULL. */
static const struct sg_resource *by_roles(struct search *s, const struct lead *l, size_t n, sg_guard g)
{
	const struct sg_resource *first = NULL;
	for (size_t j = 0; j < n; j++) {
		outsiders out = {0};
		trusted(s, l[j].role.resource, g, &out);
		for (size_t k = 0; l[j].calls && k < out.n; k++)
			through(s, &l[j].role, &out.v[k], true);
		for (size_t k = 0; l[j].goes_on && !first && k < out.n; k++)
			if (goes_on(s, &l[j].role, &out.v[k]))
				first = l[j].role.resource;
	}
	return first;
}

void sg_iam_ways_in(const struct sg_model *m, const struct sg_resource *function, sg_guard in,
		    const struct sg_iam_options *options, const struct sg_iam_way_in_user *user)
{
	struct iam i;
	struct sg_arena *scratch = sg_arena_new();
	struct search s = {.i = &i, .function = function, .user = user};
	const struct sg_resource *r;
	iam_init(&i, m, scratch);
	i.o = options;
	sg_guard g = iam_and(&i, in, function->exists);
	struct sg_symbol self = {.kind = SG_SYM_ATTRIBUTE, .name = function->id, .attribute = SG_LIT("Arn")};
	iam_tok letter = iam_letter_of(&i, &self);
	i.self = (struct iam_raw){&letter, 1};
	iam_function_names(&i, function, g, &s.names);
	SG_VEC(struct lead) found = {0};
	for (size_t at = 0; (r = sg_model_next(m, "AWS::IAM::Role", &at));) {
		struct lead one;
		if (leads(&s, r, g, &one))
			SG_PUSH(scratch, &found, one);
	}
	const struct sg_resource *first = by_roles(&s, found.v, found.n, g);
	for (size_t k = 0; first && k < found.n; k++)
		if (found.v[k].calls)
			behind(&s, &found.v[k], g, first);
	sg_arena_free(scratch);
}
