/*
 * The role that SAM makes for a function without one: Lambda may assume it, and it has what `Policies` says plus what
 * SAM attaches by itself (basic execution, VPC access, X-Ray).
 */
#include "sam/sam_priv.h"

#define MANAGED "arn:aws:iam::aws:policy/"

struct policies {
	SG_VEC(const struct sg_node *) managed;
	SG_VEC(const struct sg_node *) inlined;
	unsigned count; /* names of inline policies are numbered by their place in the list */
};

/* What one entry of Policies is: one of both is set. */
struct entry {
	const struct sg_node *managed, *inlined;
};

static struct entry entry_of(struct sam *s, const struct sam_function *f, const struct sg_node *p, unsigned number);

static struct sg_str policy_name(struct sam *s, const struct sam_function *f, unsigned number)
{
	return sg_strf(s->arena, "%.*sRolePolicy%u", SG_FMT(f->id), number);
}

/* A bare name is AWS's managed policy of that name. */
static const struct sg_node *managed_arn(struct sam *s, const struct sg_node *p)
{
	if (p->kind != SG_SCALAR || sg_str_starts(p->text, "arn:"))
		return p;
	return sam_str(s, sg_strf(s->arena, MANAGED "%.*s", SG_FMT(p->text)), p);
}

static const struct sg_node *inline_policy(struct sam *s, const struct sam_function *f, const struct sg_node *document,
					   unsigned number)
{
	return sam_map(s, document, "PolicyName", sam_str(s, policy_name(s, f, number), document), "PolicyDocument",
		       document, NULL);
}

/* {S3CrudPolicy: {…}}: its statements are made by SAM's policy templates. */
static const struct sg_node *template_policy(struct sam *s, const struct sam_function *f, const struct sg_node *p,
					     unsigned number)
{
	struct sg_str name = sg_strf(s->arena, "SAM's policy template %.*s", SG_FMT(p->members[0].key->text));
	const struct sg_node *document =
		sam_map(s, p, "Fn::Transform", sam_map(s, p, "Name", sam_str(s, name, p), NULL), NULL);
	return inline_policy(s, f, document, number);
}

/* Either branch may be a managed policy and the other an inline one: each list gets an If of its own. */
static struct entry if_entry(struct sam *s, const struct sam_function *f, const struct sg_node *p, unsigned number)
{
	const struct sg_node *arg = p->members[0].value;
	if (arg->kind != SG_SEQ || arg->n != 3)
		return (struct entry){.managed = p};
	struct entry a = entry_of(s, f, arg->items[1], number), b = entry_of(s, f, arg->items[2], number);
	const struct sg_node *none = sam_no_value(s, p);
	struct entry e = {0};
	if (a.managed || b.managed)
		e.managed = sam_map(s, p, "Fn::If",
				    sam_list(s, p, arg->items[0], a.managed ? a.managed : none,
					     b.managed ? b.managed : none, NULL),
				    NULL);
	if (a.inlined || b.inlined)
		e.inlined = sam_map(s, p, "Fn::If",
				    sam_list(s, p, arg->items[0], a.inlined ? a.inlined : none,
					     b.inlined ? b.inlined : none, NULL),
				    NULL);
	return e;
}

static struct entry entry_of(struct sam *s, const struct sam_function *f, const struct sg_node *p, unsigned number)
{
	if (p->kind == SG_SCALAR)
		return (struct entry){.managed = managed_arn(s, p)};
	if (p->kind == SG_MAP && sg_node_get(p, "Statement"))
		return (struct entry){.inlined = inline_policy(s, f, p, number)};
	if (sam_is_intrinsic(p) && sg_str_is(p->members[0].key->text, "Fn::If"))
		return if_entry(s, f, p, number);
	if (sam_is_intrinsic(p))
		return (struct entry){.managed = p};
	if (p->kind == SG_MAP && p->n == 1)
		return (struct entry){.inlined = template_policy(s, f, p, number)};
	sam_complain(s, p, SG_FAIL, f->id, "an entry of Policies that is no policy");
	return (struct entry){0};
}

static void add_entry(struct sam *s, const struct sam_function *f, const struct sg_node *p, struct policies *out)
{
	struct entry e = entry_of(s, f, p, out->count++);
	if (e.managed)
		SG_PUSH(s->arena, &out->managed, e.managed);
	if (e.inlined)
		SG_PUSH(s->arena, &out->inlined, e.inlined);
}

static void attached_by_sam(struct sam *s, const struct sam_function *f, struct policies *out)
{
	const struct sg_node *at = f->key;
	SG_PUSH(s->arena, &out->managed, sam_text(s, MANAGED "service-role/AWSLambdaBasicExecutionRole", at));
	const struct sg_node *tracing = sg_node_get(f->props, "Tracing");
	if (tracing && !sg_node_is(tracing, "Disabled"))
		SG_PUSH(s->arena, &out->managed, sam_text(s, MANAGED "AWSXRayDaemonWriteAccess", tracing));
	const struct sg_node *vpc = sg_node_get(f->props, "VpcConfig");
	if (vpc)
		SG_PUSH(s->arena, &out->managed,
			sam_text(s, MANAGED "service-role/AWSLambdaVPCAccessExecutionRole", vpc));
}

static const struct sg_node *trust(struct sam *s, const struct sg_node *at)
{
	const struct sg_node *statement = sam_map(
		s, at, "Action", sam_list(s, at, sam_text(s, "sts:AssumeRole", at), NULL), "Effect",
		sam_text(s, "Allow", at), "Principal",
		sam_map(s, at, "Service", sam_list(s, at, sam_text(s, "lambda.amazonaws.com", at), NULL), NULL), NULL);
	return sam_map(s, at, "Version", sam_text(s, "2012-10-17", at), "Statement", sam_list(s, at, statement, NULL),
		       NULL);
}

void sam_role(struct sam *s, const struct sam_function *f, struct sg_str role_id)
{
	struct policies out = {0};
	const struct sg_node *own = sg_node_get(f->props, "Policies");
	const struct sg_node *assume = sg_node_get(f->props, "AssumeRolePolicyDocument");
	attached_by_sam(s, f, &out);
	if (own && own->kind == SG_SEQ)
		for (size_t i = 0; i < own->n; i++)
			add_entry(s, f, own->items[i], &out);
	else if (own)
		add_entry(s, f, own, &out);
	const struct sg_node *at = own ? own : f->key;
	const struct sg_node *inlined = NULL;
	if (out.inlined.n)
		inlined = sg_node_seq(s->arena, out.inlined.v, out.inlined.n, SG_WHY_SAM, at);
	const struct sg_node *props = sam_map(
		s, at, "AssumeRolePolicyDocument", assume ? assume : trust(s, f->key), "ManagedPolicyArns",
		sg_node_seq(s->arena, out.managed.v, out.managed.n, SG_WHY_SAM, at), "Policies", inlined,
		"PermissionsBoundary", sg_node_get(f->props, "PermissionsBoundary"), "Path",
		sg_node_get(f->props, "RolePath"), NULL);
	sam_resource(s, f, role_id, "AWS::IAM::Role", props, at);
}
