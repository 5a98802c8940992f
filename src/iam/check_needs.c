/*
 * IAM010: the role still allows what Lambda needs: log calls on the function's group, interface calls with a VPC.  A
 * function that cannot start is no breach, so what is not decided here weighs little.
 */
#include "iam/iam_priv.h"

struct need {
	const char *const *actions;
	const char *service, *tail; /* of the own ARN; NULL: a call without resource */
	const struct iam_raw *group;
	bool from_code;
};

struct needs {
	struct iam *i;
	const struct iam_subject *s;
	struct iam_policy must, may;
	sg_guard cell;
	bool by_boundary; /* something is allowed, unless the boundary takes it away */
};

/* Under one of the two ways to write the partition. */
static enum iam_truth allowed(struct needs *k, const struct iam_policy *p, const struct need *n, struct iam_raw action)
{
	enum iam_truth best = IAM_NO;
	for (int literal = 0; literal < 2; literal++) {
		struct iam_request rq = {.action = action, .rest_unknown = true};
		struct iam_value source = {SG_LIT("lambda:SourceFunctionArn"), n->from_code, k->i->self, NULL, 0};
		SG_PUSH(k->i->a, &rq.context, source);
		rq.resource = n->service ? iam_own_arn(k->i, literal ? "aws" : NULL, n->service,
						       n->group ? iam_group_tail(k->i, *n->group, ":log-stream:x")
								: iam_raw_str(k->i, n->tail))
					 : iam_raw_str(k->i, "*");
		enum iam_truth t = iam_point_allowed(p, &rq);
		best = t > best ? t : best;
	}
	return best;
}

static void check_action(struct needs *k, const struct need *n, const char *name, struct sg_buf *missing,
			 struct sg_buf *open)
{
	struct iam_raw action = iam_action_word(k->i, name);
	if (allowed(k, &k->must, n, action) == IAM_YES) {
		k->by_boundary |= iam_possible(k->i, k->cell, k->s->role->bounded);
		return;
	}
	struct sg_buf *b = allowed(k, &k->may, n, action) == IAM_NO ? missing : open;
	sg_buf_addf(b, "%s%s", b->n ? ", " : "", name);
}

/* A statement that may be anything may be a Deny: IAM006 and IAM007 name it, once is enough. */
static bool has_vague(const struct iam_role *role)
{
	for (size_t k = 0; k < role->stmts.n; k++)
		if (role->stmts.v[k].vague)
			return true;
	return false;
}

static void report_missing(struct needs *k, const char *names, const char *on)
{
	bool lost = sg_guard_is_lost(k->i->m->worlds, k->cell);
	const struct sg_resource *role = k->s->role->resource;
	struct sg_finding *f =
		iam_say(k->i, k->s, "IAM010", lost ? SG_UNPROVEN : SG_FAIL, role, k->cell, role->key->span,
			"the role does not allow what Lambda needs on %s: %s", on, names);
	sg_finding_settle(k->i->m->findings, f,
			  "allow it: without it no log is written, or the function cannot join its VPC");
}

static void report_open(struct needs *k, const char *names, const char *on)
{
	const struct sg_resource *role = k->s->role->resource;
	if (has_vague(k->s->role)) {
		sg_judge(k->i->m->findings, "IAM010", k->s->function->id, SG_UNPROVEN);
		return;
	}
	struct sg_finding *f = iam_say(
		k->i, k->s, "IAM010", SG_UNPROVEN, role, k->cell, role->key->span,
		"whether the role allows what Lambda needs on %s depends on its conditions or boundary: %s", on, names);
	f->severity = SG_LOW;
	sg_finding_settle(k->i->m->findings, f,
			  "try it: a function that lacks one of these calls does not start or does not log");
}

static void check_need(struct needs *k, const struct need *n, const char *on)
{
	struct sg_buf missing = {0}, open = {0};
	for (const char *const *a = n->actions; *a; a++)
		check_action(k, n, *a, &missing, &open);
	if (missing.n)
		report_missing(k, missing.p, on);
	if (open.n)
		report_open(k, open.p, on);
	sg_buf_free(&missing);
	sg_buf_free(&open);
}

/* Once, however much it might take away. */
static void report_boundary(struct needs *k)
{
	struct sg_findings *all = k->i->m->findings;
	if (!k->by_boundary)
		return;
	struct sg_finding *f =
		iam_say(k->i, k->s, "IAM010", SG_UNPROVEN, k->s->role->resource, k->cell, k->s->role->boundary,
			"whether the permissions boundary leaves the role what Lambda needs is not known");
	f->severity = SG_LOW;
	sg_finding_settle(all, f,
			  "a boundary that is too narrow shows when the function is deployed; it lets nothing out");
}

static void check_logs(struct needs *k)
{
	for (size_t j = 0; j < k->s->names.group.n; j++) {
		const struct iam_alt *a = &k->s->names.group.v[j];
		struct need n = {.actions = iam_log_actions, .service = "logs", .group = &a->raw, .from_code = true};
		if (a->unknown)
			sg_judge(k->i->m->findings, "IAM010", k->s->function->id, SG_UNPROVEN);
		else if (iam_possible(k->i, k->cell, a->guard))
			check_need(k, &n, "its log group");
	}
}

static void check_interfaces(struct needs *k)
{
	static const char *const create[] = {"ec2:CreateNetworkInterface", NULL};
	static const struct {
		struct need need;
		const char *on;
	} needs[] = {
		{{iam_interface_reads, NULL, NULL, NULL, false}, "every resource"},
		{{iam_interface_changes, "ec2", "network-interface/x", NULL, false}, "network interfaces"},
		{{create, "ec2", "subnet/x", NULL, false}, "its subnets"},
		{{create, "ec2", "security-group/x", NULL, false}, "its security groups"},
	};
	for (size_t j = 0; k->s->names.vpc && j < sizeof(needs) / sizeof(*needs); j++)
		check_need(k, &needs[j].need, needs[j].on);
}

void iam_check_needs(struct iam *i, const struct iam_subject *s)
{
	const iam_stmts *lists[] = {&s->role->stmts};
	iam_guards cells = {0};
	iam_cells(i, s->role->guard, lists, 1, &cells);
	for (size_t k = 0; k < s->names.group.n; k++)
		iam_split(i, &cells, s->names.group.v[k].guard);
	for (size_t k = 0; k < cells.n; k++) {
		struct needs n = {.i = i, .s = s, .cell = cells.v[k]};
		iam_policy_compile(i, &s->role->stmts, n.cell, IAM_MUST, true, &n.must);
		iam_policy_compile(i, &s->role->stmts, n.cell, IAM_MAY, true, &n.may);
		check_logs(&n);
		check_interfaces(&n);
		report_boundary(&n);
	}
}
