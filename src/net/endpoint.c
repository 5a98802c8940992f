/*
 * VPC endpoints (NET005).  An AWS service that can be reached from the sandbox is a way out: its data can leave through
 * somebody's bucket.  A gateway endpoint matters where its prefix-list route is in a table of the function; any other
 * kind puts an interface into the VPC, where the local route reaches it.
 */
#include "net/walk_priv.h"

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
			net_judge_policy(x, r, types.v[i].guard, maybe || !net_literal(v));
			continue;
		}
		sg_guard perhaps, certain = in_tables(x, r, types.v[i].guard, &perhaps);
		net_judge_policy(x, r, certain, maybe);
		net_judge_policy(x, r, sg_guard_minus(x->w, perhaps, certain), true);
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
