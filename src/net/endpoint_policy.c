/*
 * What the policies of VPC endpoints leave open: whether the endpoint's service heeds one at all is known here; what one
 * lets through, the room of permissions says (sg_net_outside).  It must not know where endpoints are in reach.
 */
#include "net/walk_priv.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- who heeds a policy */

enum heed { HEED_NO, HEED_UNKNOWN, HEED_YES };

/* Not all services of AWS heed endpoint policies, and no other service does; a service that does has an example of one in
 * its documentation (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html).  These have;
 * VpcEndpointPolicySupported in the answer of DescribeVpcEndpointServices is the same fact. */
static const char *const heeding[] = {
	"s3",
	"s3express",
	"dynamodb",
	"sqs",
	"sns",
	"kms",
	"secretsmanager",
	"sts",
	"lambda",
	"logs",
	"monitoring",
	"events",
	"execute-api",
	"ecr.api",
	"ecr.dkr",
	"kinesis-streams",
	"ssm",
	"ec2",
	"kinesis-firehose",
	"states",
	"codebuild",
	"codecommit",
	"athena",
	"glue",
	"cloudformation",
	"elasticfilesystem",
	"bedrock-runtime",
	"sagemaker.runtime",
};

static bool is_region(const struct sg_symbol *s)
{
	return s->kind == SG_SYM_PSEUDO && sg_str_is(s->name, "AWS::Region");
}

/* The text, with some region's name for that of the deployment; false where only a deployment knows it. */
static bool service_text(const struct sg_val *v, struct sg_buf *b)
{
	if (v->kind != SG_V_STRING)
		return false;
	for (size_t k = 0; k < v->n_parts; k++) {
		if (v->parts[k].symbol && !is_region(v->parts[k].symbol))
			return false;
		if (v->parts[k].symbol)
			sg_buf_adds(b, "region");
		else
			sg_buf_str(b, v->parts[k].literal);
	}
	return true;
}

static enum heed heed_of_name(struct sg_str name)
{
	static const char amazon[] = "com.amazonaws.";
	if (sg_str_find(name, "vpce-svc-", 0) != SIZE_MAX)
		return HEED_NO; /* somebody's own service */
	if (sg_str_starts(name, "cn."))
		name = sg_str_sub(name, 3, name.n);
	size_t dot = sg_str_find(name, ".", strlen(amazon));
	if (!sg_str_starts(name, amazon) || dot == SIZE_MAX)
		return HEED_UNKNOWN;
	for (size_t k = 0; k < sizeof(heeding) / sizeof(*heeding); k++)
		if (sg_str_is(sg_str_sub(name, dot + 1, name.n), heeding[k]))
			return HEED_YES;
	return HEED_UNKNOWN;
}

static enum heed heed_of_service(const struct sg_val *v)
{
	struct sg_buf b = {0};
	enum heed h = service_text(v, &b) ? heed_of_name((struct sg_str){b.p ? b.p : "", b.n}) : HEED_UNKNOWN;
	sg_buf_free(&b);
	return h;
}

/* PolicyDocument is for gateway and interface endpoints
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html). */
static enum heed heed_of_type(const struct sg_val *v)
{
	if (net_absent(v) || sg_val_is(v, "Gateway") || sg_val_is(v, "Interface"))
		return HEED_YES;
	return net_literal(v) ? HEED_NO : HEED_UNKNOWN;
}

static enum heed heed_in(struct net_ctx *x, const struct sg_resource *endpoint, const char *property,
			 enum heed (*of)(const struct sg_val *v), sg_guard in)
{
	struct sg_alts alts = sg_net_prop(x->m, endpoint, property, in);
	enum heed all = alts.n ? of(&alts.v[0].val) : HEED_UNKNOWN;
	for (size_t k = 1; k < alts.n; k++)
		if (of(&alts.v[k].val) != all)
			all = HEED_UNKNOWN;
	return all;
}

static enum heed heeds(struct net_ctx *x, const struct sg_resource *endpoint, sg_guard in)
{
	enum heed type = heed_in(x, endpoint, "VpcEndpointType", heed_of_type, in),
		  service = heed_in(x, endpoint, "ServiceName", heed_of_service, in);
	return type < service ? type : service;
}

/* ---------------------------------------------------------------------------------------------- everything */

static bool all_items_are(struct net_ctx *x, const struct sg_val *statement, const char *key, const char *text,
			  sg_guard in)
{
	struct sg_items items = sg_alts_items(x->m->cfn, sg_val_get(x->m->cfn, statement, key, in), true);
	for (size_t i = 0; i < items.n; i++)
		if (!sg_val_is(&items.v[i].val, text))
			return false;
	return items.n > 0;
}

static bool has(struct net_ctx *x, const struct sg_val *statement, const char *key, sg_guard in)
{
	struct sg_alts alts = sg_val_get(x->m->cfn, statement, key, in);
	return !(alts.n == 1 && net_absent(&alts.v[0].val));
}

/* The statement of the default policy. */
static bool allows_everything(struct net_ctx *x, const struct sg_alt *s)
{
	return s->val.kind == SG_V_MAP && all_items_are(x, &s->val, "Effect", "Allow", s->guard) &&
	       all_items_are(x, &s->val, "Principal", "*", s->guard) &&
	       all_items_are(x, &s->val, "Action", "*", s->guard) &&
	       all_items_are(x, &s->val, "Resource", "*", s->guard) && !has(x, &s->val, "Condition", s->guard);
}

/* The statement that makes the policy the default one; NULL where there is none, or another beside it. */
static const struct sg_alt *everything(struct net_ctx *x, const struct sg_alt *doc)
{
	struct sg_items items = {0};
	if (doc->val.kind == SG_V_MAP)
		items = sg_alts_items(x->m->cfn, sg_val_get(x->m->cfn, &doc->val, "Statement", doc->guard), true);
	return items.n == 1 && allows_everything(x, &items.v[0]) ? &items.v[0] : NULL;
}

/* ---------------------------------------------------------------------------------------------- one document */

/* By whoever was given to be asked. */
static enum sg_verdict ask(struct net_ctx *x, const struct sg_resource *endpoint, const struct sg_alt *doc,
			   struct sg_net_leak *leak)
{
	if (!x->policy || (doc->val.kind != SG_V_MAP && doc->val.kind != SG_V_STRING))
		return SG_UNPROVEN;
	return x->policy(x->policy_context, endpoint, doc, leak);
}

/* What is open in the worlds of the document, and what is to be said of it. */
struct opening {
	enum sg_verdict verdict;
	bool everything;     /* nothing is closed */
	const char *message; /* behind the name of the endpoint; "" where the leak says it */
	struct sg_net_leak leak;
};

static struct opening judge(struct net_ctx *x, const struct sg_resource *endpoint, const struct sg_alt *doc)
{
	struct opening o = {.leak = {.span = sg_prop_span(endpoint, &doc->val), .in = doc->guard}, .message = ""};
	const struct sg_alt *all = everything(x, doc);
	enum heed heed = heeds(x, endpoint, doc->guard);
	o.everything = net_absent(&doc->val) || all || heed == HEED_NO;
	if (o.everything) {
		o.verdict = SG_FAIL;
		o.message = heed == HEED_NO && !net_absent(&doc->val)
				    ? "lets anybody's data through: its kind of service heeds no policy"
				    : "lets anybody's data through: its policy allows everything";
		if (all)
			o.leak.span = sg_prop_span(endpoint, &all->val);
		return o;
	}
	o.verdict = ask(x, endpoint, doc, &o.leak);
	if (heed != HEED_YES) {
		o.verdict = SG_UNPROVEN;
		o.message = "lets through is not proved: not every service heeds one, and of this one it is not known";
	}
	return o;
}

static struct sg_finding *say_opening(struct net_ctx *x, const struct sg_resource *endpoint, const struct opening *o,
				      bool maybe)
{
	enum sg_verdict v = o->verdict == SG_FAIL && !maybe ? SG_FAIL : SG_UNPROVEN;
	const struct sg_net_leak *leak = &o->leak;
	struct sg_str what = leak->request.n ? leak->request : leak->reason;
	if (o->message[0])
		return sg_net_finding(x->m, "NET005", v, x->function, endpoint, "PolicyDocument", leak->in, leak->span,
				      "%s %.*s %s", o->everything ? "endpoint" : "what the policy of endpoint",
				      SG_FMT(endpoint->id), o->message);
	if (o->verdict == SG_FAIL)
		return sg_net_finding(x->m, "NET005", v, x->function, endpoint, "PolicyDocument", leak->in, leak->span,
				      "the policy of endpoint %.*s lets a request through: %.*s", SG_FMT(endpoint->id),
				      SG_FMT(what));
	return sg_net_finding(x->m, "NET005", v, x->function, endpoint, "PolicyDocument", leak->in, leak->span,
			      "what the policy of endpoint %.*s lets through is not proved%s%.*s", SG_FMT(endpoint->id),
			      leak->request.n ? ": perhaps "
			      : what.n        ? ": "
					      : "",
			      SG_FMT(what));
}

void net_judge_policy(struct net_ctx *x, const struct sg_resource *endpoint, sg_guard in, bool maybe)
{
	if (!sg_guard_possible(x->w, in))
		return;
	struct sg_alts docs = sg_net_prop(x->m, endpoint, "PolicyDocument", in);
	for (size_t i = 0; i < docs.n; i++) {
		struct opening o = judge(x, endpoint, &docs.v[i]);
		if (o.verdict == SG_PASS)
			continue;
		struct sg_finding *f = say_opening(x, endpoint, &o, maybe);
		net_step(x, f, sg_node_span(x->function->key), "function %.*s runs in the endpoint's VPC",
			 SG_FMT(x->function->id));
		net_step(x, f, sg_node_span(endpoint->key), "endpoint %.*s %s", SG_FMT(endpoint->id),
			 maybe ? "may be in reach of it" : "is in reach of it");
		net_settle(x, f,
			   "a sandbox needs no endpoint: take it away, or give it a policy that denies everything");
	}
}

struct net_when net_endpoint_open(struct net_ctx *x, const struct sg_resource *endpoint, struct net_when in)
{
	struct net_when open = NET_WHEN_NEVER;
	struct sg_alts docs = sg_net_prop(x->m, endpoint, "PolicyDocument", in.may);
	for (size_t i = 0; i < docs.n; i++) {
		struct opening o = judge(x, endpoint, &docs.v[i]);
		if (o.verdict == SG_PASS)
			continue;
		open = net_when_or(x, open, net_when_of(x, docs.v[i].guard, !o.everything));
		if (o.verdict == SG_FAIL)
			open = net_when_or(x, open, net_when_of(x, o.leak.in, false));
	}
	return net_when_and(x, in, open);
}
