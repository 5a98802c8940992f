/*
 * What an executor's role may allow, as statements like those of any policy.
 *
 * - Its two log calls on its own log group.  Lambda makes them in the function's name, so the code can make them too.
 * - With a VPC: the interface calls that Lambda makes itself, and only without lambda:SourceFunctionArn, which is in
 *   every request that is made from inside the execution environment and in none of Lambda's interface calls
 *   (https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html).
 */
#include "iam/iam_priv.h"

const char *const iam_log_actions[] = {"logs:CreateLogStream", "logs:PutLogEvents", NULL};
/* These know no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
const char *const iam_interface_reads[] = {"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", NULL};
const char *const iam_interface_changes[] = {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
					     "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", NULL};

/* A policy that names the partition means the same as one that leaves it to the deployment. */
const char *const iam_partitions[] = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso", "aws-iso-b",
				      "aws-iso-e", "aws-iso-f", "aws-eusc",   NULL};

/* ---------------------------------------------------------------------------------------------- names */

static iam_tok *one_letter(struct iam *i, struct sg_str resource)
{
	struct sg_symbol s = {.kind = SG_SYM_RESOURCE, .name = resource};
	iam_tok *t = SG_NEW(i->a, iam_tok);
	*t = iam_letter_of(i, &s);
	return t;
}

static void function_name(struct iam *i, const struct sg_resource *f, sg_guard g, iam_alts *out)
{
	struct sg_alts names = sg_prop(i->m, f, "FunctionName", g);
	for (size_t k = 0; k < names.n; k++) {
		sg_guard in = iam_and(i, g, names.v[k].guard);
		struct iam_alt generated = {.guard = in, .raw = {one_letter(i, f->id), 1}};
		if (names.v[k].val.kind == SG_V_ABSENT)
			SG_PUSH(i->a, out, generated);
		else
			iam_text(i, &names.v[k].val, in, out);
	}
}

/* Without LoggingConfig a function logs to /aws/lambda/NAME. */
static void default_group(struct iam *i, const iam_alts *names, sg_guard g, iam_alts *out)
{
	for (size_t k = 0; k < names->n; k++) {
		struct iam_alt a = names->v[k];
		iam_toks t = {0};
		a.guard = iam_and(i, g, a.guard);
		iam_toks_str(i, &t, SG_LIT("/aws/lambda/"));
		for (size_t j = 0; j < a.raw.n; j++)
			SG_PUSH(i->a, &t, a.raw.t[j]);
		a.raw = (struct iam_raw){t.v, t.n};
		SG_PUSH(i->a, out, a);
	}
}

static bool has_wildcard(struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (r.t[k] == '*' || r.t[k] == '?' || r.t[k] == '$')
			return true;
	return false;
}

/* Lambda refuses names of functions and log groups that hold a wildcard, so letters in them are plain; and a literal
 * one must not become a pattern of the reference. */
static void mark_plain(struct iam *i, iam_alts *names)
{
	for (size_t k = 0; k < names->n; k++) {
		struct iam_alt *a = &names->v[k];
		if (!a->unknown && has_wildcard(a->raw)) {
			a->unknown = true;
			a->reason = SG_LIT("the name of the log group holds a wildcard");
		}
		if (!a->unknown)
			iam_raw_mark_plain(i, a->raw);
	}
}

void iam_function_names(struct iam *i, const struct sg_resource *f, sg_guard g, struct iam_names_of *out)
{
	*out = (struct iam_names_of){.function = f};
	function_name(i, f, g, &out->name);
	struct sg_alts groups = sg_prop(i->m, f, "LoggingConfig.LogGroup", g);
	for (size_t k = 0; k < groups.n; k++) {
		sg_guard in = iam_and(i, g, groups.v[k].guard);
		if (groups.v[k].val.kind == SG_V_ABSENT)
			default_group(i, &out->name, in, &out->group);
		else
			iam_text(i, &groups.v[k].val, in, &out->group);
	}
	struct sg_alts vpc = sg_prop(i->m, f, "VpcConfig", g);
	for (size_t k = 0; k < vpc.n; k++)
		out->vpc |= vpc.v[k].val.kind != SG_V_ABSENT;
	mark_plain(i, &out->name);
	mark_plain(i, &out->group);
}

/* ---------------------------------------------------------------------------------------------- statements */

static void push_element(struct iam *i, iam_elements *out, struct iam_raw raw, sg_guard g)
{
	struct iam_element e = {.raw = raw, .guard = g};
	SG_PUSH(i->a, out, e);
}

static void push_actions(struct iam *i, iam_elements *out, const char *const *names)
{
	for (; *names; names++)
		push_element(i, out, iam_raw_str(i, *names), SG_ALWAYS);
}

/* arn:PARTITION:SERVICE:REGION:ACCOUNT: of the stack, then `tail`. */
struct iam_raw iam_own_arn(struct iam *i, const char *partition, const char *service, struct iam_raw tail)
{
	iam_toks t = {0};
	iam_toks_str(i, &t, SG_LIT("arn:"));
	if (partition)
		iam_toks_str(i, &t, sg_str(partition));
	else
		SG_PUSH(i->a, &t, iam_letter_named(i, SG_SYM_PSEUDO, "AWS::Partition", NULL));
	iam_toks_str(i, &t, sg_strf(i->a, ":%s:", service));
	SG_PUSH(i->a, &t, iam_letter_named(i, SG_SYM_PSEUDO, "AWS::Region", NULL));
	iam_toks_str(i, &t, SG_LIT(":"));
	SG_PUSH(i->a, &t, iam_letter_named(i, SG_SYM_PSEUDO, "AWS::AccountId", NULL));
	iam_toks_str(i, &t, SG_LIT(":"));
	for (size_t k = 0; k < tail.n; k++)
		SG_PUSH(i->a, &t, tail.t[k]);
	return (struct iam_raw){t.v, t.n};
}

static void push_own(struct iam *i, iam_elements *out, const char *service, struct iam_raw tail, sg_guard g)
{
	push_element(i, out, iam_own_arn(i, NULL, service, tail), g);
	for (size_t k = 0; iam_partitions[k]; k++)
		push_element(i, out, iam_own_arn(i, iam_partitions[k], service, tail), g);
}

struct iam_raw iam_group_tail(struct iam *i, struct iam_raw name, const char *suffix)
{
	iam_toks t = {0};
	iam_toks_str(i, &t, SG_LIT("log-group:"));
	for (size_t k = 0; k < name.n; k++)
		SG_PUSH(i->a, &t, name.t[k]);
	iam_toks_str(i, &t, sg_str(suffix));
	return (struct iam_raw){t.v, t.n};
}

static struct iam_stmt allow(sg_guard g)
{
	return (struct iam_stmt){.guard = g, .effect = IAM_ALLOW, .origin = SG_LIT("reference")};
}

static void own_logs(struct iam *i, const struct iam_names_of *names, sg_guard g, iam_stmts *out)
{
	for (size_t k = 0; k < names->group.n; k++) {
		const struct iam_alt *a = &names->group.v[k];
		struct iam_stmt s = allow(iam_and(i, g, a->guard));
		struct iam_element any = {.guard = s.guard, .unknown = true, .reason = a->reason};
		push_actions(i, &s.actions, iam_log_actions);
		if (a->unknown) {
			SG_PUSH(i->a, &s.resources, any);
		} else {
			push_own(i, &s.resources, "logs", iam_group_tail(i, a->raw, ""), s.guard);
			push_own(i, &s.resources, "logs", iam_group_tail(i, a->raw, ":*"), s.guard);
		}
		SG_PUSH(i->a, out, s);
	}
}

/* Condition Null lambda:SourceFunctionArn "true": not from inside the execution environment. */
static void not_from_code(struct iam *i, struct iam_stmt *s)
{
	struct iam_atom a = {.key = SG_LIT("lambda:SourceFunctionArn")};
	SG_ASSERT(iam_operator(SG_LIT("Null"), &a));
	SG_PUSH(i->a, &a.values, iam_raw_str(i, "true"));
	iam_atom_intern(i, &a, false);
	SG_PUSH(i->a, &s->cond.atoms, a);
}

void iam_reference_needs(struct iam *i, const struct iam_names_of *names, sg_guard g, iam_stmts *out)
{
	own_logs(i, names, g, out);
	if (!names->vpc)
		return;
	struct iam_stmt reads = allow(g), changes = allow(g);
	push_actions(i, &reads.actions, iam_interface_reads);
	push_element(i, &reads.resources, iam_raw_str(i, "*"), g);
	not_from_code(i, &reads);
	SG_PUSH(i->a, out, reads);
	push_actions(i, &changes.actions, iam_interface_changes);
	push_own(i, &changes.resources, "ec2", iam_raw_str(i, "*/*"), g);
	not_from_code(i, &changes);
	SG_PUSH(i->a, out, changes);
}

void iam_reference_wall(struct iam *i, sg_guard g, iam_stmts *out)
{
	struct iam_stmt logs = allow(g), lambda = allow(g);
	push_actions(i, &logs.actions, iam_log_actions);
	push_element(i, &logs.resources, iam_raw_str(i, "*"), g);
	SG_PUSH(i->a, out, logs);
	push_element(i, &lambda.actions, iam_raw_str(i, "*"), g);
	push_element(i, &lambda.resources, iam_raw_str(i, "*"), g);
	not_from_code(i, &lambda);
	SG_PUSH(i->a, out, lambda);
}

void iam_reference_code(struct iam *i, const struct iam_names_of *names, sg_guard g, iam_stmts *out)
{
	own_logs(i, names, g, out);
	struct iam_stmt lambda = allow(g);
	push_element(i, &lambda.actions, iam_raw_str(i, "*"), g);
	push_element(i, &lambda.resources, iam_raw_str(i, "*"), g);
	not_from_code(i, &lambda);
	SG_PUSH(i->a, out, lambda);
}
