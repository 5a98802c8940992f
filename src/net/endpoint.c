/*
 * VPC endpoints (NET005).  An AWS service that can be reached from the sandbox is a way out: its data can leave through
 * somebody's bucket.  A gateway endpoint matters where its prefix-list route is in a table of the function; any other
 * kind puts an interface into the VPC, where the local route reaches it.
 */
#include "net/walk_priv.h"

enum policy { POLICY_CLOSED, POLICY_OPEN, POLICY_UNREAD };

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

/* A statement that allows nothing, everything, or what only the permissions' room could say. */
static enum policy read_statement(struct net_ctx *x, const struct sg_alt *s)
{
	if (s->val.kind != SG_V_MAP)
		return POLICY_UNREAD;
	if (all_items_are(x, &s->val, "Effect", "Deny", s->guard))
		return POLICY_CLOSED;
	if (all_items_are(x, &s->val, "Effect", "Allow", s->guard) &&
	    all_items_are(x, &s->val, "Action", "*", s->guard) &&
	    all_items_are(x, &s->val, "Resource", "*", s->guard) && !has(x, &s->val, "Condition", s->guard))
		return POLICY_OPEN;
	return POLICY_UNREAD;
}

static void say_policy(struct net_ctx *x, const struct sg_resource *endpoint, const struct sg_alt *at, enum policy p,
		       bool maybe)
{
	bool open = p == POLICY_OPEN;
	struct sg_finding *f = net_say(x, "NET005", open && !maybe ? SG_FAIL : SG_UNPROVEN, endpoint, "PolicyDocument",
				       at->guard, &at->val,
				       open ? "endpoint %.*s lets anybody's data through: its policy allows everything"
					    : "what the policy of endpoint %.*s lets through is not proved",
				       SG_FMT(endpoint->id));
	net_step(x, f, sg_node_span(x->function->key), "function %.*s runs in the endpoint's VPC",
		 SG_FMT(x->function->id));
	net_step(x, f, sg_node_span(endpoint->key), "endpoint %.*s %s", SG_FMT(endpoint->id),
		 maybe ? "may be in reach of it" : "is in reach of it");
	net_settle(x, f, "a sandbox needs no endpoint: take it away, or give it a policy that denies everything");
}

/* The statements of a policy; the first that is not proved closed tells enough. */
static void judge_statements(struct net_ctx *x, const struct sg_resource *endpoint, const struct sg_alt *doc,
			     bool maybe)
{
	struct sg_items items =
		sg_alts_items(x->m->cfn, sg_val_get(x->m->cfn, &doc->val, "Statement", doc->guard), true);
	bool denies = false;
	for (size_t i = 0; i < items.n; i++)
		denies = denies || read_statement(x, &items.v[i]) == POLICY_CLOSED;
	for (size_t i = 0; i < items.n; i++) {
		enum policy p = read_statement(x, &items.v[i]);
		if (p == POLICY_CLOSED)
			continue;
		/* a Deny beside it may take everything back: that is for the permissions' room to say */
		say_policy(x, endpoint, &items.v[i], denies ? POLICY_UNREAD : p, maybe);
		return;
	}
	if (!items.n)
		say_policy(x, endpoint, doc, POLICY_UNREAD, maybe);
}

/* By whoever was given to be asked (sg_net_outside). */
static bool proved_closed(struct net_ctx *x, const struct sg_resource *endpoint, const struct sg_alt *doc)
{
	return x->policy && doc->val.kind == SG_V_MAP && x->policy(x->policy_context, x->m, endpoint, doc) == SG_PASS;
}

static void judge_policy(struct net_ctx *x, const struct sg_resource *endpoint, sg_guard in, bool maybe)
{
	if (!sg_guard_possible(x->w, in))
		return;
	struct sg_alts docs = sg_net_prop(x->m, endpoint, "PolicyDocument", in);
	for (size_t i = 0; i < docs.n; i++) {
		if (proved_closed(x, endpoint, &docs.v[i]))
			continue;
		if (docs.v[i].val.kind == SG_V_MAP)
			judge_statements(x, endpoint, &docs.v[i], maybe);
		else
			say_policy(x, endpoint, &docs.v[i], net_absent(&docs.v[i].val) ? POLICY_OPEN : POLICY_UNREAD,
				   maybe);
	}
}

/* The worst of a policy's statements; a Deny beside it may take everything back. */
static enum policy read_policy(struct net_ctx *x, const struct sg_alt *doc)
{
	bool denies = false, open = false, unread = false;
	if (net_absent(&doc->val))
		return POLICY_OPEN;
	if (doc->val.kind != SG_V_MAP)
		return POLICY_UNREAD;
	struct sg_items items =
		sg_alts_items(x->m->cfn, sg_val_get(x->m->cfn, &doc->val, "Statement", doc->guard), true);
	for (size_t i = 0; i < items.n; i++) {
		enum policy p = read_statement(x, &items.v[i]);
		denies = denies || p == POLICY_CLOSED;
		open = open || p == POLICY_OPEN;
		unread = unread || p == POLICY_UNREAD;
	}
	if (!open && !unread && items.n)
		return POLICY_CLOSED;
	return open && !denies && sg_guard_certain(x->w, doc->guard) ? POLICY_OPEN : POLICY_UNREAD;
}

struct net_when net_endpoint_open(struct net_ctx *x, const struct sg_resource *endpoint, struct net_when in)
{
	struct net_when open = NET_WHEN_NEVER;
	struct sg_alts docs = sg_net_prop(x->m, endpoint, "PolicyDocument", in.may);
	for (size_t i = 0; i < docs.n; i++) {
		enum policy p = read_policy(x, &docs.v[i]);
		if (p != POLICY_CLOSED && !proved_closed(x, endpoint, &docs.v[i]))
			open = net_when_or(x, open, net_when_of(x, docs.v[i].guard, p != POLICY_OPEN));
	}
	return net_when_and(x, in, open);
}

/* A service network that the VPC is associated with: its services are in reach of the whole VPC. */
static void service_networks(struct net_ctx *x)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::VpcLattice::ServiceNetworkVpcAssociation", &i));) {
		struct sg_alts ids = net_vpc_alts(x, r, "VpcIdentifier", x->in_vpc);
		for (size_t j = 0; j < ids.n; j++) {
			sg_guard in;
			enum sg_same same = net_is_vpc(x, &ids.v[j].val, &in);
			if (same == SG_OTHER)
				continue;
			struct sg_finding *f = net_say(
				x, "NET005", same == SG_SAME ? SG_FAIL : SG_UNPROVEN, r, "VpcIdentifier",
				sg_guard_and(x->w, in, ids.v[j].guard), &ids.v[j].val,
				"%.*s brings the services of a VPC Lattice service network into the function's VPC",
				SG_FMT(r->id));
			net_step(x, f, sg_node_span(x->function->key), "function %.*s runs in that VPC",
				 SG_FMT(x->function->id));
		}
	}
}

/* Worlds in which a gateway endpoint certainly, or perhaps, has a route in a table of the function. */
static sg_guard in_tables(struct net_ctx *x, const struct sg_resource *endpoint, sg_guard in, sg_guard *perhaps)
{
	struct sg_items ids = sg_alts_items(x->m->cfn, sg_net_prop(x->m, endpoint, "RouteTableIds", in), false);
	sg_guard certain = SG_NEVER;
	*perhaps = SG_NEVER;
	for (size_t i = 0; i < ids.n; i++) {
		/* the main table has no name in a template: an id that nobody knows may be its */
		if (!sg_model_target(x->m, &ids.v[i].val))
			*perhaps = sg_guard_or(x->w, *perhaps, ids.v[i].guard);
		for (size_t j = 0; j < x->tables.vec.n; j++) {
			const struct net_link *link = x->tables.vec.v[j];
			sg_guard both = sg_guard_and(x->w, ids.v[i].guard, link->guard);
			enum sg_same same = link->to ? sg_net_same(x->m, &ids.v[i].val, link->to) : SG_MAYBE;
			if (same == SG_SAME && !link->maybe)
				certain = sg_guard_or(x->w, certain, both);
			else if (same != SG_OTHER)
				*perhaps = sg_guard_or(x->w, *perhaps, both);
		}
	}
	return certain;
}

/* The endpoint in worlds where it is (or may be) in the function's VPC. */
static void endpoint(struct net_ctx *x, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct sg_alts types = sg_net_prop(x->m, r, "VpcEndpointType", in);
	for (size_t i = 0; i < types.n; i++) {
		const struct sg_val *v = &types.v[i].val;
		if (!net_absent(v) && !sg_val_is(v, "Gateway")) {
			judge_policy(x, r, types.v[i].guard, maybe || !net_literal(v));
			continue;
		}
		sg_guard perhaps, certain = in_tables(x, r, types.v[i].guard, &perhaps);
		judge_policy(x, r, certain, maybe);
		judge_policy(x, r, sg_guard_minus(x->w, perhaps, certain), true);
	}
}

static void unknown_vpc(struct net_ctx *x, const struct net_use *vpc)
{
	if (!net_assumed(x, NET_FACT_ENDPOINTS, &vpc->val))
		net_assumable(x,
			      net_say(x, "NET005", SG_UNPROVEN, x->function, "VpcConfig", vpc->guard, &vpc->val,
				      "the VPC of %.*s is not in this template, nor which endpoints it has",
				      SG_FMT(x->function->id)),
			      "Vpc", &vpc->val, "Endpoints: none");
}

void net_check_endpoints(struct net_ctx *x)
{
	const struct sg_resource *r;
	service_networks(x);
	for (size_t i = 0; i < x->vpcs.vec.n; i++)
		if (!x->vpcs.vec.v[i]->res)
			unknown_vpc(x, x->vpcs.vec.v[i]);
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::VPCEndpoint", &i));) {
		struct sg_alts ids = net_vpc_alts(x, r, "VpcId", x->in_vpc);
		for (size_t j = 0; j < ids.n; j++) {
			sg_guard in;
			enum sg_same same = net_is_vpc(x, &ids.v[j].val, &in);
			if (same != SG_OTHER)
				endpoint(x, r, sg_guard_and(x->w, in, ids.v[j].guard), same == SG_MAYBE);
		}
	}
}
