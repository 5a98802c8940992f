/*
 * IAM008: nothing else in the template can widen what the role allows: no policy that may go to it without being known,
 * no other principal that may rewrite it, no resource policy that names it.
 */
#include "iam/iam_priv.h"

#include <string.h>

/* What changes the permissions of a role, or of a policy that is attached to it. */
static const char *const role_changes[] = {"iam:PutRolePolicy",
					   "iam:AttachRolePolicy",
					   "iam:DeleteRolePolicy",
					   "iam:DetachRolePolicy",
					   "iam:UpdateAssumeRolePolicy",
					   "iam:PutRolePermissionsBoundary",
					   "iam:DeleteRolePermissionsBoundary",
					   NULL};
static const char *const policy_changes[] = {"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", NULL};

struct changers {
	struct iam *i;
	const struct iam_subject *s;
	const struct sg_resource *who; /* whose policy is looked at */
	SG_VEC(struct sg_span) said;   /* statements that a finding names: attached policies are met twice */
};

static const char settle[] = "let only the deployment's own role change IAM, from outside of this template";

/* ---------------------------------------------------------------------------------------------- attachments */

static void doubtful_attachments(struct iam *i, const struct iam_subject *s)
{
	for (size_t k = 0; k < s->role->stmts.n; k++) {
		const struct iam_stmt *stmt = &s->role->stmts.v[k];
		if (!stmt->doubtful)
			continue;
		struct sg_finding *f = iam_say(i, s, "IAM008", SG_UNPROVEN, s->role->resource, stmt->guard, stmt->span,
					       "%.*s goes to a role that only a deployment knows: it may be this one",
					       SG_FMT(stmt->origin));
		sg_finding_settle(i->m->findings, f, "attach it with !Ref ROLE");
	}
}

/* ---------------------------------------------------------------------------------------------- other principals */

/* A target, but not the last glob: more colons than the ARN of a role or policy has. */
static bool stop_at_match(void *ctx, const bool *matches, struct iam_raw word)
{
	const size_t *n = ctx;
	(void)word;
	for (size_t k = 0; k < *n; k++)
		if (matches[k] && !matches[*n])
			return true;
	return false;
}

/* The stack's account and partition as some value, other symbols as any text. */
static struct iam_pat without_letters(struct iam *i, struct iam_pat p)
{
	iam_tok partition = iam_letter_named(i, SG_SYM_PSEUDO, "AWS::Partition", NULL);
	iam_tok account = iam_letter_named(i, SG_SYM_PSEUDO, "AWS::AccountId", NULL);
	iam_toks t = {0};
	for (size_t k = 0; k < p.n; k++) {
		iam_tok one = iam_is_letter(p.t[k]) ? IAM_STAR : p.t[k];
		if (p.t[k] == partition)
			iam_toks_str(i, &t, SG_LIT("aws"));
		else if (p.t[k] == account)
			iam_toks_str(i, &t, SG_LIT("111122223333"));
		else if (one != IAM_STAR || t.n == 0 || t.v[t.n - 1] != IAM_STAR)
			SG_PUSH(i->a, &t, one);
	}
	return (struct iam_pat){.t = t.v, .n = t.n};
}

/* The account segment of a pattern: itself where it is literal, some account where it is `*`, else any text. */
static struct sg_str account_of(struct iam *i, struct iam_pat p)
{
	iam_toks t = {0};
	unsigned colons = 0;
	for (size_t k = 0; k < p.n && colons < 5; k++) {
		colons += p.t[k] == ':';
		if (colons == 4 && p.t[k] != ':')
			SG_PUSH(i->a, &t, p.t[k]);
	}
	struct sg_str text = iam_raw_show(i, (struct iam_raw){t.v, t.n});
	if (colons < 5)
		return SG_LIT("*");
	if (sg_str_is(text, "*"))
		return SG_LIT("111122223333");
	for (size_t k = 0; k < t.n; k++)
		if (t.v[k] == IAM_STAR || t.v[k] == IAM_ANY)
			return SG_LIT("*");
	return text;
}

/* Can one of the resources be a role (or policy) of some account? */
static bool may_touch(struct iam *i, const struct iam_side *resources, const char *kind)
{
	struct iam_rounding how = {.mode = IAM_MAY, .up = true};
	for (size_t k = 0; k < resources->n && !resources->negated; k++) {
		struct iam_pat targets[16], p = without_letters(i, resources->v[k]);
		struct sg_str account = account_of(i, p);
		size_t n = 0;
		for (; iam_partitions[n]; n++) {
			struct sg_str arn =
				sg_strf(i->a, "arn:%s:iam::%.*s:%s/*", iam_partitions[n], SG_FMT(account), kind);
			iam_compile(i, iam_raw_str(i, sg_cstr(i->a, arn)), how, &targets[n]);
		}
		iam_compile(i, iam_raw_str(i, "*:*:*:*:*:*:*"), how, &targets[n]);
		i->budget = IAM_BUDGET;
		if (iam_explore(i, p, targets, NULL, n + 1, IAM_DOMAIN_RESOURCE, stop_at_match, &n) != IAM_EXPLORED)
			return true;
	}
	return resources->negated;
}

/* The ARN of the role as a word, by its attribute and by its parts. */
static struct iam_raw role_arn(struct iam *i, const struct sg_resource *role, bool by_attribute)
{
	struct sg_symbol s = {.kind = SG_SYM_RESOURCE, .name = role->id};
	iam_toks t = {0};
	if (by_attribute) {
		s.kind = SG_SYM_ATTRIBUTE;
		s.attribute = SG_LIT("Arn");
		SG_PUSH(i->a, &t, iam_letter_of(i, &s));
		return (struct iam_raw){t.v, t.n};
	}
	iam_toks_str(i, &t, SG_LIT("arn:"));
	SG_PUSH(i->a, &t, iam_letter_named(i, SG_SYM_PSEUDO, "AWS::Partition", NULL));
	iam_toks_str(i, &t, SG_LIT(":iam::"));
	SG_PUSH(i->a, &t, iam_letter_named(i, SG_SYM_PSEUDO, "AWS::AccountId", NULL));
	iam_toks_str(i, &t, SG_LIT(":role/"));
	SG_PUSH(i->a, &t, iam_letter_of(i, &s));
	return (struct iam_raw){t.v, t.n};
}

static bool surely_allowed(struct changers *c, const struct iam_policy *must, struct iam_raw action)
{
	for (int by_attribute = 0; by_attribute < 2; by_attribute++) {
		struct iam_request rq = {.action = action, .rest_unknown = true};
		rq.resource = role_arn(c->i, c->s->role->resource, by_attribute);
		if (iam_point_allowed(must, &rq) == IAM_YES)
			return true;
	}
	return false;
}

static bool said(struct changers *c, struct sg_span span)
{
	for (size_t k = 0; k < c->said.n; k++)
		if (c->said.v[k].source == span.source && c->said.v[k].start == span.start &&
		    c->said.v[k].end == span.end)
			return true;
	SG_PUSH(c->i->a, &c->said, span);
	return false;
}

static void report_change(struct changers *c, enum sg_verdict v, const char *action, const struct iam_stmt *stmt)
{
	if (said(c, stmt->span))
		return;
	struct sg_finding *f = iam_say(c->i, c->s, "IAM008", v, c->who, stmt->guard, stmt->span,
				       "%.*s %s call %s on the execution role", SG_FMT(c->who->id),
				       v == SG_FAIL ? "may" : "can perhaps", action);
	sg_finding_step(c->i->m->findings, f, stmt->span, "%.*s allows it", SG_FMT(stmt->origin));
	sg_finding_settle(c->i->m->findings, f, "%s", settle);
}

static void report_unknown(struct changers *c, const struct iam_stmt *stmt)
{
	if (said(c, stmt->span))
		return;
	struct sg_finding *f = iam_say(c->i, c->s, "IAM008", SG_UNPROVEN, c->who, stmt->guard, stmt->span,
				       "whether %.*s can change the execution role is not known: %.*s of it: %.*s",
				       SG_FMT(c->who->id), SG_FMT(stmt->origin), SG_FMT(stmt->reason));
	f->severity = SG_LOW; /* as little is known of every principal outside the template */
	sg_finding_settle(c->i->m->findings, f, "%s", settle);
}

/* One kind of change; true where something was said. */
static bool check_changes(struct changers *c, const struct iam_policy *may, const struct iam_policy *must,
			  const char *const *actions, const char *kind)
{
	for (; *actions; actions++) {
		struct iam_raw action = iam_action_word(c->i, *actions);
		for (size_t k = 0; k < may->allows.n; k++) {
			const struct iam_cstmt *a = &may->allows.v[k];
			if (a->src->vague || iam_point_side(&a->actions, action, false) == IAM_NO ||
			    !may_touch(c->i, &a->resources, kind))
				continue;
			bool sure = strcmp(kind, "role") == 0 && surely_allowed(c, must, action);
			report_change(c, sure ? SG_FAIL : SG_UNPROVEN, *actions, a->src);
			return true;
		}
	}
	return false;
}

static void check_principal(struct changers *c, const iam_stmts *stmts)
{
	struct iam_policy may, must;
	iam_policy_compile(c->i, stmts, c->s->role->guard, IAM_MAY, true, &may);
	iam_policy_compile(c->i, stmts, c->s->role->guard, IAM_MUST, true, &must);
	if (check_changes(c, &may, &must, role_changes, "role"))
		return;
	if (c->s->role->has_own_managed && check_changes(c, &may, &must, policy_changes, "policy"))
		return;
	for (size_t k = 0; k < may.allows.n; k++)
		if (may.allows.v[k].src->vague) {
			report_unknown(c, may.allows.v[k].src);
			return;
		}
}

static void other_roles(struct changers *c)
{
	const struct sg_resource *r;
	for (size_t at = 0; (r = sg_model_next(c->i->m, "AWS::IAM::Role", &at));) {
		struct iam_role other;
		if (r == c->s->role->resource || !iam_possible(c->i, r->exists, c->s->role->guard))
			continue;
		iam_role_read(c->i, r, c->s->role->guard, &other);
		c->who = r;
		check_principal(c, &other.stmts);
	}
}

/* Users and groups, and policies whoever they go to: those of the role itself are within the reference or a finding. */
static void other_documents(struct changers *c)
{
	static const struct {
		const char *type;
		bool holder;
	} types[] = {{"AWS::IAM::User", true},        {"AWS::IAM::Group", true},
		     {"AWS::IAM::Policy", false},     {"AWS::IAM::ManagedPolicy", false},
		     {"AWS::IAM::UserPolicy", false}, {"AWS::IAM::GroupPolicy", false},
		     {"AWS::IAM::RolePolicy", false}};
	const struct sg_resource *r;
	for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++)
		for (size_t at = 0; (r = sg_model_next(c->i->m, types[k].type, &at));) {
			iam_stmts stmts = {0};
			if (!iam_possible(c->i, r->exists, c->s->role->guard))
				continue;
			c->who = r;
			if (types[k].holder)
				iam_grants_of(c->i, r, c->s->role->guard, &stmts);
			else
				iam_documents_of(c->i, r, NULL, c->s->role->guard, &stmts);
			check_principal(c, &stmts);
		}
}

/* ---------------------------------------------------------------------------------------------- resource policies */

/* What names the role in a policy: its logical id, and what its RoleName is made of. */
struct named {
	struct sg_str id, in_sub; /* "Role" and "${Role"; of a parameter that is the name, the same */
	struct sg_str name;       /* "/sandbox", as ARNs have it; empty where there is none */
};

static bool ends_name(struct sg_str text, size_t at)
{
	return at == text.n || text.p[at] == '/' || text.p[at] == '"';
}

static bool mentions_text(struct sg_str text, const struct named *n)
{
	if (sg_str_eq(text, n->id) || sg_str_find(text, n->in_sub.p, 0) != SIZE_MAX)
		return true;
	size_t at = n->name.n ? sg_str_find(text, n->name.p, 0) : SIZE_MAX;
	for (; at != SIZE_MAX; at = sg_str_find(text, n->name.p, at + 1))
		if (ends_name(text, at + n->name.n))
			return true;
	return false;
}

/* As the name in a Ref or GetAtt, or inside the text of a Sub, or in an ARN. */
static bool mentions(const struct sg_node *n, const struct named *names)
{
	if (!n || n->kind == SG_SCALAR)
		return n && mentions_text(n->text, names);
	for (size_t k = 0; k < n->n; k++)
		if (mentions(n->kind == SG_SEQ ? n->items[k] : n->members[k].value, names))
			return true;
	return false;
}

/* Where a policy names the role, and in which document; without one it is a text, or no policy document. */
struct naming {
	const struct sg_node *at, *document;
};

typedef SG_VEC(struct naming) namings;

/* All places below `n`: a Principal, a Condition beside one, a policy as text. */
static void names_role(struct iam *i, const struct sg_node *n, const struct named *names,
		       const struct sg_node *document, namings *out)
{
	const struct sg_node *principal = n && n->kind == SG_MAP ? sg_node_get(n, "Principal") : NULL;
	struct naming one = {principal, document};
	if (!n || n->kind == SG_SCALAR) {
		one = (struct naming){n, NULL};
		if (n && sg_str_find(n->text, "\"Principal\"", 0) != SIZE_MAX && mentions_text(n->text, names))
			SG_PUSH(i->a, out, one);
		return;
	}
	if (principal && !mentions(principal, names))
		one.at = mentions(sg_node_get(n, "Condition"), names) ? sg_node_get(n, "Condition") : NULL;
	if (one.at)
		SG_PUSH(i->a, out, one);
	if (n->kind == SG_MAP && sg_node_get(n, "Statement"))
		document = n;
	for (size_t k = 0; k < n->n; k++)
		names_role(i, n->kind == SG_SEQ ? n->items[k] : n->members[k].value, names, document, out);
}

static void add_named(struct iam *i, struct sg_str id, struct named *out)
{
	*out = (struct named){.id = id};
	out->in_sub = sg_str(sg_cstr(i->a, sg_strf(i->a, "${%.*s", SG_FMT(id))));
}

/* The logical id, and the text or parameter that RoleName is; how many there are. */
static size_t names_of(struct iam *i, const struct sg_resource *role, struct named out[2])
{
	const struct sg_node *name = sg_node_get(role->props, "RoleName"),
			     *ref = name && name->kind == SG_MAP ? sg_node_get(name, "Ref") : NULL,
			     *text = name && name->kind == SG_MAP ? sg_node_get(name, "Fn::Sub") : name;
	add_named(i, role->id, &out[0]);
	if (text && text->kind == SG_SEQ && text->n)
		text = text->items[0];
	if (text && text->kind == SG_SCALAR && text->text.n)
		out[0].name = sg_str(sg_cstr(i->a, sg_strf(i->a, "/%.*s", SG_FMT(text->text))));
	if (!ref || ref->kind != SG_SCALAR)
		return 1;
	add_named(i, ref->text, &out[1]);
	return 2;
}

/* Is nothing of what the document grants left to function code but its logs, after what the role denies?  Whom it grants
 * it to does not matter for that: a Deny of the role holds for the role. */
static bool denied_to_code(struct iam *i, const struct iam_subject *s, const struct sg_node *document)
{
	struct sg_diags *faults = sg_diags_new(i->a, sg_sources_new(i->a));
	const struct iam_origin o = {.name = SG_LIT("the policy"), .kind = IAM_FREE, .diags = faults};
	const sg_guard g = s->role->guard;
	iam_stmts all = {0}, code = {0};
	iam_guards cells = {0};
	const iam_stmts *lists[] = {&all, &code};
	bool denied = true;
	iam_document(i, sg_eval(i->m->cfn, document, g), g, &o, &all);
	for (size_t k = 0; k < all.n; k++)
		if (all.v[k].effect == IAM_DENY) /* not for the role, perhaps */
			all.v[k].doubtful = true;
	for (size_t k = 0; k < s->role->stmts.n; k++)
		if (s->role->stmts.v[k].effect == IAM_DENY)
			SG_PUSH(i->a, &all, s->role->stmts.v[k]);
	iam_reference_code(i, &s->names, g, &code);
	i->budget = IAM_BUDGET;
	iam_cells(i, g, lists, 2, &cells);
	for (size_t k = 0; k < cells.n; k++) {
		struct iam_problem p;
		struct iam_answer a;
		iam_problem_init(&p, i, &all, NULL, &code, cells.v[k]);
		for (size_t j = 0; j < p.candidate[IAM_MAY].allows.n && denied; j++) {
			iam_contained(&p, j, &a);
			denied = a.verdict == IAM_CONTAINED;
		}
	}
	return denied && sg_diags_errors(faults) == 0;
}

static void resource_policy(struct iam *i, const struct iam_subject *s, const struct sg_resource *r, const namings *at)
{
	const struct sg_node *denied = NULL; /* the document that was looked at last */
	for (size_t k = 0; k < at->n; k++) {
		const struct sg_node *document = at->v[k].document;
		if (document && (document == denied || denied_to_code(i, s, document))) {
			denied = document;
			continue;
		}
		struct sg_finding *f = iam_say(
			i, s, "IAM008", SG_UNPROVEN, r, r->exists, at->v[k].at->span,
			"%.*s names the execution role as a principal: what it grants adds to the role", SG_FMT(r->id));
		sg_finding_settle(i->m->findings, f,
				  "grant nothing to the execution role of a sandbox, or deny its code everything but "
				  "the two log calls: a Deny of the role holds for what others grant");
		return;
	}
}

static void resource_policies(struct iam *i, const struct iam_subject *s)
{
	struct named names[2];
	size_t n = names_of(i, s->role->resource, names);
	for (size_t k = 0; k < i->m->n; k++) {
		const struct sg_resource *r = &i->m->resources[k];
		namings at = {0};
		if (r == s->role->resource || !iam_possible(i, r->exists, s->role->guard))
			continue;
		for (size_t j = 0; j < n; j++)
			names_role(i, r->props, &names[j], NULL, &at);
		resource_policy(i, s, r, &at);
	}
}

void iam_check_changers(struct iam *i, const struct iam_subject *s)
{
	struct changers c = {.i = i, .s = s};
	doubtful_attachments(i, s);
	other_roles(&c);
	other_documents(&c);
	resource_policies(i, s);
}
