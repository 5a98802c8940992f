/*
 * Which role a function has, and the order in which the rules about it run.
 */
#include "iam/iam_priv.h"

const char *const sg_iam_limits[] = {
	"sts:GetCallerIdentity works whatever a policy denies, and calls that need no credentials need no permission: "
	"only "
	"the network stops them",
	"resource policies outside the template, and those that let everybody in, can allow the role more in the same "
	"account, but never what a Deny of the role denies",
	"service control policies, resource control policies and session policies only take permissions away and are "
	"not looked at",
	"somebody who may change roles in the account can change this one after the deployment",
	NULL,
};

struct sg_finding *iam_say(struct iam *i, const struct iam_subject *s, const char *rule, enum sg_verdict status,
			   const struct sg_resource *at, sg_guard g, struct sg_span span, const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_str about = s->function ? s->function->id : at ? at->id : SG_LIT("");
	struct sg_finding *f = sg_finding_add(i->m->findings, rule, status, span, about, "%s", b.p);
	sg_buf_free(&b);
	f->path = at ? at->pointer : SG_LIT("");
	sg_guard_when(i->m->worlds, g, i->m->arena, f);
	return f;
}

static void show_value(struct sg_buf *b, const struct iam *i, const struct iam_value *v)
{
	if (sg_str_is(v->key, "Principal")) { /* caller.c */
		sg_buf_adds(b, "the caller is nobody whom the policy names");
		return;
	}
	sg_buf_addf(b, "%.*s is ", SG_FMT(v->key));
	if (v->present)
		sg_buf_str(b, iam_raw_show(i, v->value));
	else
		sg_buf_adds(b, "absent");
	for (size_t k = 0; v->present && k < v->n_more; k++) {
		sg_buf_adds(b, ", ");
		sg_buf_str(b, iam_raw_show(i, v->more[k]));
	}
}

struct sg_str iam_request_show(const struct iam *i, const struct iam_request *rq, const struct iam_stmt *s)
{
	struct sg_buf b = {0};
	sg_buf_str(&b, iam_action_show(i, rq->action, s));
	sg_buf_adds(&b, " on ");
	sg_buf_str(&b, iam_raw_show(i, rq->resource));
	for (size_t k = 0; k < rq->context.n; k++) {
		sg_buf_adds(&b, k ? " and " : " while ");
		show_value(&b, i, &rq->context.v[k]);
	}
	return sg_buf_take(&b, i->a);
}

/* ---------------------------------------------------------------------------------------------- the role */

static const char *const about_the_role[] = {"IAM001", "IAM002", "IAM003", "IAM004", "IAM005",
					     "IAM006", "IAM007", "IAM008", "IAM010"};

static void judge_all(struct iam *i, const struct sg_resource *function, enum sg_verdict v)
{
	for (size_t k = 0; k < sizeof(about_the_role) / sizeof(*about_the_role); k++)
		sg_judge(i->m->findings, about_the_role[k], function->id, v);
	if (i->o && i->o->reference)
		sg_judge(i->m->findings, "IAM011", function->id, v);
}

static void unknown_role(struct iam *i, const struct iam_subject *s, const struct sg_alt *role, sg_guard g)
{
	struct sg_span span = sg_prop_span(s->function, &role->val);
	bool absent = role->val.kind == SG_V_ABSENT || role->val.kind == SG_V_NULL;
	struct sg_finding *f = iam_say(i, s, "IAM001", absent ? SG_FAIL : SG_UNPROVEN, s->function, g, span,
				       absent ? "the function has %.*s as its role"
					      : "the execution role is %.*s: nobody can see here what it allows",
				       SG_FMT(sg_val_describe(i->a, &role->val)));
	sg_finding_settle(i->m->findings, f,
			  "define the role in this template as AWS::IAM::Role and use !GetAtt ROLE.Arn");
	judge_all(i, s->function, SG_UNPROVEN);
}

static void known_role(struct iam *i, struct iam_subject *s, const struct sg_resource *role, sg_guard g)
{
	struct iam_role read;
	sg_guard missing = sg_guard_minus(i->m->worlds, g, role->exists);
	if (sg_guard_possible(i->m->worlds, missing))
		iam_say(i, s, "IAM001", SG_FAIL, role, missing, sg_node_span(role->key),
			"the role %.*s does not exist in every deployment that has the function", SG_FMT(role->id));
	iam_role_read(i, role, g, &read);
	if (!sg_guard_possible(i->m->worlds, read.guard))
		return;
	s->role = &read;
	iam_check_statements(i, s);
	iam_check_trust(i, s);
	iam_check_contained(i, s);
	if (i->o && i->o->reference)
		iam_check_reference(i, s);
	iam_check_changers(i, s);
	iam_check_needs(i, s);
}

static struct iam_raw self_arn(struct iam *i, const struct sg_resource *function)
{
	iam_tok *t = SG_NEW(i->a, iam_tok);
	struct sg_symbol s = {.kind = SG_SYM_ATTRIBUTE, .name = function->id, .attribute = SG_LIT("Arn")};
	*t = iam_letter_of(i, &s);
	return (struct iam_raw){t, 1};
}

void sg_iam_check(const struct sg_model *m, const struct sg_resource *function, sg_guard judged,
		  const struct sg_iam_options *options)
{
	struct iam i;
	struct sg_arena *scratch = sg_arena_new();
	struct iam_subject s = {.function = function};
	iam_init(&i, m, scratch);
	i.o = options;
	sg_guard g = iam_and(&i, judged, function->exists);
	iam_function_names(&i, function, g, &s.names);
	i.self = self_arn(&i, function);
	struct sg_alts roles = sg_prop(m, function, "Role", g);
	for (size_t k = 0; k < roles.n; k++) {
		const struct sg_resource *role = sg_model_target(m, &roles.v[k].val);
		sg_guard in = iam_and(&i, g, roles.v[k].guard);
		if (!sg_guard_possible(m->worlds, in))
			continue;
		if (role && sg_str_is(role->type, "AWS::IAM::Role"))
			known_role(&i, &s, role, in);
		else
			unknown_role(&i, &s, &roles.v[k], in);
	}
	judge_all(&i, function, SG_PASS);
	sg_arena_free(scratch);
}

/* ---------------------------------------------------------------------------------------------- the template */

static void read_trust(struct iam *i, const struct sg_resource *role)
{
	struct iam_origin o = {.resource = role, .name = SG_LIT("trust policy"), .kind = IAM_TRUST};
	iam_stmts ignored = {0};
	iam_document(i, sg_prop(i->m, role, "AssumeRolePolicyDocument", role->exists), role->exists, &o, &ignored);
}

static void read_all(struct iam *i, const char *type, const char *list)
{
	const struct sg_resource *r;
	for (size_t at = 0; (r = sg_model_next(i->m, type, &at));) {
		iam_stmts ignored = {0};
		iam_documents_of(i, r, list, r->exists, &ignored);
	}
}

void sg_iam_check_template(const struct sg_model *m)
{
	static const char *const with_policies[] = {"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"};
	static const char *const with_document[] = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy",
						    "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy",
						    "AWS::IAM::GroupPolicy"};
	struct iam i;
	struct sg_arena *scratch = sg_arena_new();
	const struct sg_resource *r;
	iam_init(&i, m, scratch);
	for (size_t k = 0; k < sizeof(with_policies) / sizeof(*with_policies); k++)
		read_all(&i, with_policies[k], "Policies");
	for (size_t k = 0; k < sizeof(with_document) / sizeof(*with_document); k++)
		read_all(&i, with_document[k], NULL);
	for (size_t at = 0; (r = sg_model_next(m, "AWS::IAM::Role", &at));)
		read_trust(&i, r);
	sg_judge(m->findings, "IAM009", SG_LIT(""), SG_PASS);
	sg_arena_free(scratch);
}
