/*
 * Route tables as lists of routes: the local ones, those of the template, those that somebody else announces.
 * Nothing is judged here.  https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html#route-tables-priority
 */
#include "net/walk_priv.h"

/* ---------------------------------------------------------------------------------------------- local */

static void local_route(struct net_ctx *x, const struct sg_resource *at, const char *prop, enum net_family family,
			bool literal, struct net_table *out)
{
	struct sg_alts alts = sg_net_prop(x->m, at, prop, SG_ALWAYS);
	for (size_t i = 0; i < alts.n; i++) {
		if (net_absent(&alts.v[i].val) || sg_val_is(&alts.v[i].val, "false"))
			continue;
		struct net_route r = {.target = NET_TO_LOCAL, .filter = {.family = family, .protocol = -1}};
		if (literal)
			r.filter.range = net_range_of(x->arena, &alts.v[i].val);
		r.when = net_when_of(x, alts.v[i].guard, !r.filter.range.known);
		r.span = sg_prop_span(at, &alts.v[i].val);
		r.what = SG_LIT("the local route");
		SG_PUSH(x->arena, &out->routes, r);
	}
}

static void local_routes_of(struct net_ctx *x, const struct sg_resource *at, struct net_table *out)
{
	local_route(x, at, "CidrBlock", NET_V4, true, out);
	local_route(x, at, "Ipv4IpamPoolId", NET_V4, false, out);
	local_route(x, at, "Ipv6CidrBlock", NET_V6, true, out);
	local_route(x, at, "AmazonProvidedIpv6CidrBlock", NET_V6, false, out);
	local_route(x, at, "Ipv6IpamPoolId", NET_V6, false, out);
}

struct sg_alts net_vpc_alts(struct net_ctx *x, const struct sg_resource *r, const char *prop, sg_guard in)
{
	struct sg_alts alts = sg_net_prop(x->m, r, prop, in);
	SG_VEC(struct sg_alt) all = {0};
	bool followed = false;
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_resource *other = sg_model_attribute(x->m, &alts.v[i].val, "VpcId");
		if (!other || other == r || sg_str_is(other->type, "AWS::EC2::VPC") || x->following >= 8) {
			SG_PUSH(x->arena, &all, alts.v[i]);
			continue;
		}
		x->following++;
		struct sg_alts more = net_vpc_alts(x, other, "VpcId", alts.v[i].guard);
		x->following--;
		followed = true;
		for (size_t j = 0; j < more.n; j++)
			SG_PUSH(x->arena, &all, more.v[j]);
	}
	return followed ? (struct sg_alts){all.v, all.n} : alts;
}

void net_local_routes(struct net_ctx *x, const struct sg_resource *vpc, struct net_table *out)
{
	const struct sg_resource *r;
	local_routes_of(x, vpc, out);
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::VPCCidrBlock", &i));) {
		struct sg_alts ids = net_vpc_alts(x, r, "VpcId", SG_ALWAYS);
		for (size_t j = 0; j < ids.n; j++)
			if (sg_net_same(x->m, &ids.v[j].val, vpc) == SG_SAME)
				local_routes_of(x, r, out);
	}
}

/* ---------------------------------------------------------------------------------------------- targets */

/* The targets a route can have: property, type of the template's own, what it is. */
static const struct {
	const char *prop, *type, *what;
	enum net_target target; /* of a resource of that type */
	enum net_public public_;
} targets[] = {
	{"GatewayId", "AWS::EC2::VPNGateway", "gateway", NET_TO_OUT, NET_PUBLIC_GATEWAY},
	{"NatGatewayId", "AWS::EC2::NatGateway", "NAT gateway", NET_TO_NAT, NET_PUBLIC_NO},
	{"EgressOnlyInternetGatewayId", "", "egress-only internet gateway", NET_TO_OUT, NET_PUBLIC_EGRESS_ONLY},
	{"TransitGatewayId", "AWS::EC2::TransitGateway", "transit gateway", NET_TO_TRANSIT, NET_PUBLIC_NO},
	{"VpcPeeringConnectionId", "AWS::EC2::VPCPeeringConnection", "VPC peering connection", NET_TO_PEER,
	 NET_PUBLIC_NO},
	{"InstanceId", "", "instance", NET_TO_OUT, NET_PUBLIC_NO},
	{"NetworkInterfaceId", "", "network interface", NET_TO_OUT, NET_PUBLIC_NO},
	{"VpcEndpointId", "", "VPC endpoint", NET_TO_OUT, NET_PUBLIC_NO},
	{"CarrierGatewayId", "", "carrier gateway", NET_TO_OUT, NET_PUBLIC_NO},
	{"LocalGatewayId", "", "local gateway", NET_TO_OUT, NET_PUBLIC_NO},
	{"CoreNetworkArn", "", "core network", NET_TO_OUT, NET_PUBLIC_NO},
	{"OdbNetworkArn", "", "database network", NET_TO_OUT, NET_PUBLIC_NO},
};

/* A gateway: the word `local`, an internet gateway, a virtual private gateway, or nobody knows. */
static void gateway_kind(struct net_ctx *x, const struct sg_alt *alt, struct net_route *r)
{
	const struct sg_symbol *s = sg_val_symbol(&alt->val);
	bool named = s && (s->kind == SG_SYM_RESOURCE || s->kind == SG_SYM_ATTRIBUTE);
	struct sg_str text;
	if (r->to)
		r->public_ = sg_str_is(r->to->type, "AWS::EC2::InternetGateway") ? NET_PUBLIC_GATEWAY : NET_PUBLIC_NO;
	else if (sg_val_text(x->arena, &alt->val, &text))
		r->public_ = sg_str_starts(text, "igw-") ? NET_PUBLIC_GATEWAY : NET_PUBLIC_NO;
	else if (!named)
		r->when.must = SG_NEVER; /* it could be the word `local` */
}

static void route_target(struct net_ctx *x, struct net_table *out, const struct net_route *seed, size_t t,
			 const struct sg_alt *alt, const struct sg_resource *at)
{
	struct net_route r = *seed;
	if (t == 0 && sg_val_is(&alt->val, "local"))
		return;
	r.when = net_when_of(x, alt->guard, !sg_guard_possible(x->w, seed->when.must));
	r.to = sg_model_target(x->m, &alt->val);
	r.target = NET_TO_OUT;
	r.public_ = targets[t].public_;
	if (r.to && sg_str_is(r.to->type, targets[t].type))
		r.target = targets[t].target;
	if (t == 0)
		gateway_kind(x, alt, &r);
	if (alt->val.kind == SG_V_UNKNOWN)
		r.when.must = SG_NEVER;
	r.span = sg_prop_span(at, &alt->val);
	r.what = sg_strf(x->arena, "route %.*s sends %.*s to %s %.*s", SG_FMT(at->id), SG_FMT(seed->what),
			 targets[t].what, SG_FMT(sg_val_describe(x->arena, &alt->val)));
	SG_PUSH(x->arena, &out->routes, r);
}

/* seed: destination known, `what` says it in words */
static void route_targets(struct net_ctx *x, struct net_table *out, const struct net_route *seed, sg_guard in,
			  const struct sg_resource *at)
{
	sg_guard rest = in;
	for (size_t t = 0; t < sizeof(targets) / sizeof(*targets); t++) {
		struct sg_alts alts = sg_net_prop(x->m, at, targets[t].prop, in);
		for (size_t i = 0; i < alts.n; i++) {
			if (net_absent(&alts.v[i].val))
				continue;
			rest = sg_guard_minus(x->w, rest, alts.v[i].guard);
			route_target(x, out, seed, t, &alts.v[i], at);
		}
	}
	if (!sg_guard_possible(x->w, rest))
		return;
	struct net_route r = *seed;
	r.target = NET_TO_OUT;
	r.when = (struct net_when){SG_NEVER, rest};
	r.span = sg_node_span(at->key);
	r.what = sg_strf(x->arena, "route %.*s has no target that this audit knows", SG_FMT(at->id));
	SG_PUSH(x->arena, &out->routes, r);
}

/* ---------------------------------------------------------------------------------------------- destinations */

static void route_list(struct net_ctx *x, struct net_table *out, struct net_route seed, const struct sg_alt *id,
		       const struct sg_resource *at)
{
	struct net_list list = {0};
	net_list_read(x, id, &list);
	for (size_t i = 0; i < list.vec.n; i++) {
		seed.filter.range = list.vec.v[i].range;
		seed.filter.family = list.vec.v[i].family;
		if (!sg_guard_possible(x->w, list.vec.v[i].when.must))
			seed.when.must = SG_NEVER;
		route_targets(x, out, &seed, list.vec.v[i].when.may, at);
	}
}

static void route_read(struct net_ctx *x, struct net_table *out, const struct sg_resource *at, sg_guard in, bool maybe)
{
	static const struct {
		const char *prop;
		enum net_family family;
	} props[] = {
		{"DestinationCidrBlock", NET_V4}, {"DestinationIpv6CidrBlock", NET_V6}, {"DestinationPrefixListId", 0}};
	sg_guard rest = in;
	struct net_route seed = {.filter.protocol = -1};
	for (size_t p = 0; p < sizeof(props) / sizeof(*props); p++) {
		struct sg_alts alts = sg_net_prop(x->m, at, props[p].prop, in);
		for (size_t i = 0; i < alts.n; i++) {
			if (net_absent(&alts.v[i].val))
				continue;
			rest = sg_guard_minus(x->w, rest, alts.v[i].guard);
			seed.when = net_when_of(x, alts.v[i].guard, maybe);
			seed.what = sg_val_describe(x->arena, &alts.v[i].val);
			seed.filter.family = props[p].family;
			seed.filter.range = net_range_of(x->arena, &alts.v[i].val);
			if (!props[p].family)
				route_list(x, out, seed, &alts.v[i], at);
			else
				route_targets(x, out, &seed, alts.v[i].guard, at);
		}
	}
	if (!sg_guard_possible(x->w, rest))
		return;
	seed = (struct net_route){.filter.protocol = -1, .when = {SG_NEVER, rest}, .what = SG_LIT("something")};
	route_targets(x, out, &seed, rest, at);
}

/* ---------------------------------------------------------------------------------------------- learned */

/* A static route of the VPN connections of a gateway: what is propagated is known then. */
static bool static_vpn(struct net_ctx *x, struct net_table *out, const struct net_route *seed,
		       const struct sg_resource *gateway)
{
	const struct sg_resource *r;
	bool any = false;
	for (size_t i = 0; gateway && (r = sg_model_next(x->m, "AWS::EC2::VPNConnectionRoute", &i));) {
		struct sg_alts vpn = sg_net_prop(x->m, r, "VpnConnectionId", seed->when.may);
		const struct sg_resource *connection = vpn.n == 1 ? sg_model_target(x->m, &vpn.v[0].val) : NULL;
		if (!connection)
			continue;
		struct sg_alts of = sg_net_prop(x->m, connection, "VpnGatewayId", vpn.v[0].guard);
		if (of.n != 1 || sg_net_same(x->m, &of.v[0].val, gateway) != SG_SAME)
			continue;
		struct sg_alts to = sg_net_prop(x->m, r, "DestinationCidrBlock", of.v[0].guard);
		for (size_t j = 0; j < to.n; j++) {
			struct net_route route = *seed;
			route.filter.family = NET_V4;
			route.filter.range = net_range_of(x->arena, &to.v[j].val);
			route.when =
				net_when_of(x, to.v[j].guard,
					    !route.filter.range.known || !sg_guard_possible(x->w, seed->when.must));
			SG_PUSH(x->arena, &out->routes, route);
			any = true;
		}
	}
	return any;
}

static void learned(struct net_ctx *x, struct net_table *out, const struct sg_resource *at, const struct sg_alt *id,
		    bool maybe, const char *source)
{
	struct net_route r = {.filter.protocol = -1, .learned = true, .dynamic = true, .target = NET_TO_OUT};
	r.when = net_when_of(x, id->guard, maybe);
	r.span = sg_prop_span(at, &id->val);
	r.what = sg_strf(x->arena, "%.*s lets routes be added to the table from outside the template", SG_FMT(at->id));
	struct sg_alts gateways = sg_net_prop(x->m, at, source, id->guard);
	struct net_route fixed = r;
	fixed.learned = false;
	if (gateways.n == 1)
		static_vpn(x, out, &fixed, sg_model_target(x->m, &gateways.v[0].val));
	SG_PUSH(x->arena, &out->routes, r);
}

/* ---------------------------------------------------------------------------------------------- tables */

static enum sg_same names_table(struct net_ctx *x, const struct sg_val *v, const struct net_table *t)
{
	if (t->res)
		return sg_net_same(x->m, v, t->res);
	/* the main table has no name in a template */
	const struct sg_resource *target = sg_model_target(x->m, v);
	return target && target->info->class_ != SG_TYPE_UNKNOWN ? SG_OTHER : SG_MAYBE;
}

static void table_routes(struct net_ctx *x, struct net_table *t)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::Route", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "RouteTableId", SG_ALWAYS);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = names_table(x, &ids.v[j].val, t);
			if (same != SG_OTHER)
				route_read(x, t, r, ids.v[j].guard, same == SG_MAYBE);
		}
	}
}

static void table_learned(struct net_ctx *x, struct net_table *t)
{
	static const struct {
		const char *type, *tables, *source;
		bool list;
	} adders[] = {{"AWS::EC2::VPNGatewayRoutePropagation", "RouteTableIds", "VpnGatewayId", true},
		      {"AWS::EC2::RouteServerPropagation", "RouteTableId", "RouteServerId", false}};
	const struct sg_resource *r;
	for (size_t a = 0; a < sizeof(adders) / sizeof(*adders); a++)
		for (size_t i = 0; (r = sg_model_next(x->m, adders[a].type, &i));) {
			struct sg_items ids = sg_alts_items(
				x->m->cfn, sg_net_prop(x->m, r, adders[a].tables, SG_ALWAYS), !adders[a].list);
			for (size_t j = 0; j < ids.n; j++) {
				enum sg_same same = names_table(x, &ids.v[j].val, t);
				if (same != SG_OTHER)
					learned(x, t, r, &ids.v[j], same == SG_MAYBE, adders[a].source);
			}
		}
}

static void endpoint_routes(struct net_ctx *x, struct net_table *t, const struct sg_resource *r, sg_guard in)
{
	struct sg_items ids = sg_alts_items(x->m->cfn, sg_net_prop(x->m, r, "RouteTableIds", in), false);
	for (size_t j = 0; j < ids.n; j++) {
		enum sg_same same = names_table(x, &ids.v[j].val, t);
		if (same == SG_OTHER)
			continue;
		struct net_route route = {.filter.protocol = -1, .learned = true, .target = NET_TO_ENDPOINT, .to = r};
		route.when = net_when_of(x, ids.v[j].guard, same == SG_MAYBE);
		route.span = sg_prop_span(r, &ids.v[j].val);
		route.what = sg_strf(x->arena, "gateway endpoint %.*s has its routes in the table", SG_FMT(r->id));
		SG_PUSH(x->arena, &t->routes, route);
	}
}

static void table_endpoints(struct net_ctx *x, struct net_table *t)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::VPCEndpoint", &i));) {
		struct sg_alts types = sg_net_prop(x->m, r, "VpcEndpointType", SG_ALWAYS);
		for (size_t j = 0; j < types.n; j++)
			if (net_absent(&types.v[j].val) || sg_val_is(&types.v[j].val, "Gateway"))
				endpoint_routes(x, t, r, types.v[j].guard);
	}
}

/* What a service network puts into every table of the VPC.
 * https://docs.aws.amazon.com/vpc-lattice/latest/ug/how-it-works.html */
static void table_lattice(struct net_ctx *x, struct net_table *t)
{
	static const struct net_filter links[] = {
		{NET_V4, {true, false, {169, 254, 171}, 24}, -1, false, 0, 0},
		{NET_V6, {true, true, {0xfd, 0, 0x0e, 0xc2, 0, 0x80}, 64}, -1, false, 0, 0},
	};
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::VpcLattice::ServiceNetworkVpcAssociation", &i));) {
		struct sg_alts ids = net_vpc_alts(x, r, "VpcIdentifier", SG_ALWAYS);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = sg_net_same(x->m, &ids.v[j].val, t->vpc);
			for (size_t k = 0; same != SG_OTHER && k < 2; k++) {
				struct net_route route = {.filter = links[k], .target = NET_TO_OUT};
				route.when = net_when_of(x, ids.v[j].guard, same == SG_MAYBE);
				route.span = sg_prop_span(r, &ids.v[j].val);
				route.what = sg_strf(x->arena, "service network association %.*s routes %s to it",
						     SG_FMT(r->id), k ? "fd00:ec2:80::/64" : "169.254.171.0/24");
				SG_PUSH(x->arena, &t->routes, route);
			}
		}
	}
}

const struct net_table *net_table_read(struct net_ctx *x, const struct sg_resource *table,
				       const struct sg_resource *vpc)
{
	struct sg_str key = sg_strf(x->arena, "%.*s %.*s", SG_FMT(table ? table->id : SG_LIT("")),
				    SG_FMT(vpc ? vpc->id : SG_LIT("")));
	if (!x->read_tables)
		x->read_tables = sg_map_new(x->arena);
	struct net_table *t = sg_map_get(x->read_tables, key);
	if (t)
		return t;
	t = SG_NEW(x->arena, struct net_table);
	t->res = table;
	t->vpc = vpc;
	sg_map_put(x->read_tables, key, t);
	if (vpc) {
		net_local_routes(x, vpc, t);
		table_lattice(x, t);
	}
	table_routes(x, t);
	table_learned(x, t);
	table_endpoints(x, t);
	return t;
}
