/*
 * Routes (NET002) and whether the subnets have a table of their own (NET006).
 *
 * Every route that a template can add leads out of the VPC: the local route is there by itself.  So each route in a
 * table that a subnet of the function may use is a finding, whatever its destination; ranges need not be added up.
 */
#include "net/net_priv.h"

/* The targets a route can have: property, what it is. */
static const struct target {
	const char *prop, *what;
} targets[] = {
	{"GatewayId", "gateway"},
	{"NatGatewayId", "NAT gateway"},
	{"EgressOnlyInternetGatewayId", "egress-only internet gateway"},
	{"TransitGatewayId", "transit gateway"},
	{"VpcPeeringConnectionId", "VPC peering connection"},
	{"InstanceId", "instance"},
	{"NetworkInterfaceId", "network interface"},
	{"VpcEndpointId", "VPC endpoint"},
	{"CarrierGatewayId", "carrier gateway"},
	{"LocalGatewayId", "local gateway"},
	{"CoreNetworkArn", "core network"},
	{"OdbNetworkArn", "database network"},
};

/* A way out that was found: where, over which link, and how sure it is. */
struct way {
	const struct net_link *link; /* NULL: the VPC's main table */
	const struct sg_resource *at;
	const char *prop;
	sg_guard guard;
	const struct sg_val *val;
	enum sg_verdict status;
};

static void report(struct net_ctx *x, const struct way *way, struct sg_str what)
{
	struct sg_finding *f =
		net_say(x, "NET002", way->status, way->at, way->prop, way->guard, way->val, "%.*s", SG_FMT(what));
	if (way->link)
		net_witness(x, f, way->link);
	net_step(x, f, sg_node_span(way->at->key), "%.*s %.*s is in that table", SG_FMT(way->at->type),
		 SG_FMT(way->at->id));
	net_step(x, f, sg_prop_span(way->at, way->val), "%.*s", SG_FMT(what));
	if (way->val->kind == SG_V_ABSENT && way->status == SG_UNPROVEN)
		net_settle(x, f, "a target that this version of sandboxgen knows, or no such route, would settle it");
	if (way->status == SG_FAIL)
		net_settle(x, f, "take the route away: the sandbox's route table needs none");
}

/* The widest destination that the route can have in these worlds, which shows most. */
static struct sg_alt destination(struct net_ctx *x, const struct sg_resource *route, sg_guard in)
{
	static const char *const props[] = {"DestinationCidrBlock", "DestinationIpv6CidrBlock",
					    "DestinationPrefixListId"};
	struct sg_alt best = {.guard = in};
	bool found = false;
	struct net_range widest = {0};
	for (size_t p = 0; p < sizeof(props) / sizeof(*props); p++) {
		struct sg_alts alts = sg_net_prop(x->m, route, props[p], in);
		for (size_t i = 0; i < alts.n; i++) {
			if (net_absent(&alts.v[i].val))
				continue;
			struct net_range r = net_range_of(x->arena, &alts.v[i].val);
			if (found && !(widest.known && (!r.known || r.bits < widest.bits)))
				continue;
			found = true;
			widest = r;
			best = alts.v[i];
		}
	}
	return best;
}

/* A gateway that nobody knows could still be the word `local`; any other target that is there leads out. */
static enum sg_verdict target_status(const struct target *t, const struct sg_model *m, const struct sg_val *v)
{
	if (v->kind == SG_V_UNKNOWN)
		return SG_UNPROVEN;
	if (t != &targets[0] || net_literal(v) || sg_model_target(m, v))
		return SG_FAIL;
	const struct sg_symbol *s = sg_val_symbol(v);
	return s && (s->kind == SG_SYM_RESOURCE || s->kind == SG_SYM_ATTRIBUTE) ? SG_FAIL : SG_UNPROVEN;
}

static void route_target(struct net_ctx *x, const struct way *seed, const struct target *t, const struct sg_alt *alt)
{
	struct way way = *seed;
	struct sg_alt dest = destination(x, way.at, alt->guard);
	enum sg_verdict status = target_status(t, x->m, &alt->val);
	way.prop = t->prop;
	way.guard = dest.guard;
	way.val = &alt->val;
	if (status == SG_UNPROVEN)
		way.status = SG_UNPROVEN;
	report(x, &way,
	       sg_strf(x->arena, "route %.*s sends %.*s to %s %.*s", SG_FMT(way.at->id),
		       SG_FMT(sg_val_describe(x->arena, &dest.val)), t->what,
		       SG_FMT(sg_val_describe(x->arena, &alt->val))));
}

/* An AWS::EC2::Route in a table of the function, in the worlds of `seed`. */
static void route(struct net_ctx *x, const struct way *seed)
{
	sg_guard rest = seed->guard;
	for (size_t t = 0; t < sizeof(targets) / sizeof(*targets); t++) {
		struct sg_alts alts = sg_net_prop(x->m, seed->at, targets[t].prop, seed->guard);
		for (size_t i = 0; i < alts.n; i++) {
			if (net_absent(&alts.v[i].val))
				continue;
			if (sg_guard_possible(x->w, sg_guard_and(x->w, rest, alts.v[i].guard)) &&
			    !(t == 0 && sg_val_is(&alts.v[i].val, "local")))
				route_target(x, seed, &targets[t], &alts.v[i]);
			rest = sg_guard_minus(x->w, rest, alts.v[i].guard);
		}
	}
	if (!sg_guard_possible(x->w, rest))
		return;
	struct way way = *seed;
	way.guard = rest;
	way.status = SG_UNPROVEN;
	struct sg_val nothing = {.kind = SG_V_ABSENT};
	way.val = &nothing;
	report(x, &way, sg_strf(x->arena, "route %.*s has no target that this audit knows", SG_FMT(way.at->id)));
}

static void propagation(struct net_ctx *x, const struct way *seed)
{
	report(x, seed,
	       sg_strf(x->arena, "%.*s lets routes be added to the table from outside the template",
		       SG_FMT(seed->at->id)));
}

/* The resources that put routes into a table, and the property that names it. */
static const struct adder {
	const char *type, *table;
	bool list;
	void (*found)(struct net_ctx *x, const struct way *seed);
} adders[] = {
	{"AWS::EC2::Route", "RouteTableId", false, route},
	{"AWS::EC2::VPNGatewayRoutePropagation", "RouteTableIds", true, propagation},
	{"AWS::EC2::RouteServerPropagation", "RouteTableId", false, propagation},
};

/* Does the value name the table of the link?  With link->to NULL: the same symbol does, every other may. */
static enum sg_same is_table(struct net_ctx *x, const struct sg_val *v, const struct net_link *link)
{
	if (link->to)
		return sg_net_same(x->m, v, link->to);
	const struct sg_symbol *s = sg_val_symbol(&link->val);
	if (s && s == sg_val_symbol(v))
		return SG_SAME;
	/* a table of the template: that the unknown one may be it was said already (unknown_table) */
	return sg_model_target(x->m, v) ? SG_OTHER : SG_MAYBE;
}

/* The first link over which a table is certainly (or, with `want` SG_MAYBE, perhaps) the one that `id` names.  Of each
 * table that is certain there is one finding; of those that may be one is enough. */
static sg_guard add_routes_as(struct net_ctx *x, const struct adder *adder, const struct sg_resource *r,
			      const struct sg_alt *id, enum sg_same want, sg_guard in)
{
	struct sg_map *done = sg_map_new(x->arena);
	sg_guard found = SG_NEVER;
	for (size_t i = 0; i < x->tables.vec.n; i++) {
		const struct net_link *link = x->tables.vec.v[i];
		enum sg_same same = is_table(x, &id->val, link);
		if (link->maybe && same == SG_SAME)
			same = SG_MAYBE;
		sg_guard guard = sg_guard_and(x->w, in, link->guard);
		if (same != want || !sg_guard_possible(x->w, guard))
			continue;
		found = sg_guard_or(x->w, found, guard);
		struct sg_str table = link->to ? link->to->id : sg_val_describe(x->arena, &link->val);
		if (sg_map_put(done, table, x))
			continue;
		struct way seed = {.link = link,
				   .at = r,
				   .prop = adder->table,
				   .guard = guard,
				   .val = &id->val,
				   .status = same == SG_SAME ? SG_FAIL : SG_UNPROVEN};
		adder->found(x, &seed);
		if (want == SG_MAYBE)
			break;
	}
	return found;
}

static void add_routes(struct net_ctx *x, const struct adder *adder, const struct sg_resource *r,
		       const struct sg_alt *id)
{
	sg_guard certain = add_routes_as(x, adder, r, id, SG_SAME, id->guard);
	add_routes_as(x, adder, r, id, SG_MAYBE, sg_guard_minus(x->w, id->guard, certain));
}

/* No association: the main table, into which the template can put routes only by an id that it cannot know. */
static void add_to_main(struct net_ctx *x, const struct sg_resource *r, const struct sg_alt *id, sg_guard main_used)
{
	sg_guard guard = sg_guard_and(x->w, main_used, id->guard);
	const struct sg_resource *target = sg_model_target(x->m, &id->val);
	if (!sg_guard_possible(x->w, guard) || (target && target->info->class_ != SG_TYPE_UNKNOWN))
		return;
	struct way way = {.at = r, .guard = guard, .val = &id->val, .status = SG_UNPROVEN};
	report(x, &way, sg_strf(x->arena, "%.*s adds routes to a table that may be the VPC's main one", SG_FMT(r->id)));
}

static void each_adder(struct net_ctx *x, sg_guard main_used)
{
	for (size_t a = 0; a < sizeof(adders) / sizeof(*adders); a++) {
		const struct sg_resource *r;
		for (size_t i = 0; (r = sg_model_next(x->m, adders[a].type, &i));) {
			struct sg_items ids = {0};
			struct sg_alts one = {0};
			if (adders[a].list)
				ids = sg_alts_items(x->m->cfn, sg_net_prop(x->m, r, adders[a].table, x->in_vpc), false);
			else
				one = sg_net_prop(x->m, r, adders[a].table, x->in_vpc);
			const struct sg_alt *v = adders[a].list ? ids.v : one.v;
			for (size_t j = 0; j < (adders[a].list ? ids.n : one.n); j++) {
				add_routes(x, &adders[a], r, &v[j]);
				add_to_main(x, r, &v[j], main_used);
			}
		}
	}
}

static void unknown_subnet(struct net_ctx *x, const struct net_use *subnet)
{
	struct sg_str name = sg_val_describe(x->arena, &subnet->val);
	if (!net_assumed(x, NET_FACT_SUBNET_ROUTES, &subnet->val))
		net_assumable(x,
			      net_say(x, "NET002", SG_UNPROVEN, x->function, "VpcConfig.SubnetIds", subnet->guard,
				      &subnet->val, "the routes of subnet %.*s are not in this template", SG_FMT(name)),
			      "Subnet", &subnet->val, "Routes: none");
	if (!net_assumed(x, NET_FACT_SUBNET_TABLE, &subnet->val))
		net_assumable(x,
			      net_say(x, "NET006", SG_UNPROVEN, x->function, "VpcConfig.SubnetIds", subnet->guard,
				      &subnet->val, "the route table of subnet %.*s is not in this template",
				      SG_FMT(name)),
			      "Subnet", &subnet->val, "Table: own");
}

static void unknown_table(struct net_ctx *x, const struct net_link *link)
{
	if (net_assumed(x, NET_FACT_TABLE_ROUTES, &link->val))
		return;
	struct sg_finding *f = net_say(x, "NET002", SG_UNPROVEN, link->link, "RouteTableId", link->guard, &link->val,
				       "the routes of table %.*s are not in this template",
				       SG_FMT(sg_val_describe(x->arena, &link->val)));
	net_assumable(x, f, "RouteTable", &link->val, "Routes: none");
	net_witness(x, f, link);
}

/* Worlds in which a subnet has no association and so uses the main table. */
static void main_table(struct net_ctx *x, const struct net_use *subnet, sg_guard guard)
{
	struct sg_val nothing = {.kind = SG_V_ABSENT};
	struct sg_finding *f =
		net_say(x, "NET006", SG_FAIL, subnet->res, NULL, guard, &nothing,
			"subnet %.*s is associated with no route table: it uses the VPC's main one, which anyone "
			"may give routes to from outside the template",
			SG_FMT(subnet->res->id));
	net_settle(x, f, "associate the subnet with a route table of the template that has no routes");
	struct sg_alts vpc = net_vpc_alts(x, subnet->res, "VpcId", guard);
	for (size_t i = 0; i < vpc.n; i++) {
		const struct sg_resource *r = sg_model_target(x->m, &vpc.v[i].val);
		if ((r && sg_str_is(r->type, "AWS::EC2::VPC")) || net_assumed(x, NET_FACT_MAIN_ROUTES, &vpc.v[i].val))
			continue;
		f = net_say(x, "NET002", SG_UNPROVEN, subnet->res, "VpcId", vpc.v[i].guard, &vpc.v[i].val,
			    "subnet %.*s uses the main route table of a VPC that is not in this template",
			    SG_FMT(subnet->res->id));
		net_assumable(x, f, "Vpc", &vpc.v[i].val, "MainRoutes: none");
	}
}

void net_check_routes(struct net_ctx *x)
{
	sg_guard main_used = SG_NEVER;
	for (size_t i = 0; i < x->subnets.vec.n; i++) {
		const struct net_use *subnet = x->subnets.vec.v[i];
		if (!subnet->res) {
			unknown_subnet(x, subnet);
			continue;
		}
		sg_guard covered = net_links_find(x, "AWS::EC2::SubnetRouteTableAssociation", "RouteTableId",
						  "AWS::EC2::RouteTable", subnet, &x->tables);
		sg_guard main = sg_guard_minus(x->w, subnet->guard, covered);
		if (sg_guard_possible(x->w, main))
			main_table(x, subnet, main);
		main_used = sg_guard_or(x->w, main_used, main);
	}
	for (size_t i = 0; i < x->tables.vec.n; i++) {
		const struct net_link *link = x->tables.vec.v[i];
		if (!link->to)
			unknown_table(x, link);
		else if (!link->maybe)
			net_check_member(x, "NET006", link->to, link->guard);
	}
	each_adder(x, main_used);
}
