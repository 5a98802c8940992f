/*
 * Transit gateways of the template: the attachment of the VPC that a packet comes from, the gateway's route table
 * that it is associated with, the attachment that the longest prefix there names, and on from the subnets of that
 * one. https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html and, for network ACLs,
 * https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
 */
#include "net/walk_priv.h"

static const char *const attachment_types[] = {"AWS::EC2::TransitGatewayAttachment",
					       "AWS::EC2::TransitGatewayVpcAttachment"};

static bool is_attachment(const struct sg_resource *r)
{
	return r && (sg_str_is(r->type, attachment_types[0]) || sg_str_is(r->type, attachment_types[1]));
}

/* Worlds in which a property of `r` names `what`. */
static struct net_when names(struct net_ctx *x, const struct sg_resource *r, const char *prop,
			     const struct sg_resource *what, sg_guard in)
{
	struct net_when when = NET_WHEN_NEVER;
	struct sg_alts alts = net_vpc_alts(x, r, prop, in);
	for (size_t i = 0; i < alts.n; i++) {
		enum sg_same same = sg_net_same(x->m, &alts.v[i].val, what);
		if (same != SG_OTHER)
			when = net_when_or(x, when, net_when_of(x, alts.v[i].guard, same == SG_MAYBE));
	}
	return when;
}

static struct net_when enabled(struct net_ctx *x, const struct sg_resource *gateway, const char *prop, sg_guard in)
{
	struct net_when when = NET_WHEN_NEVER;
	struct sg_alts alts = sg_net_prop(x->m, gateway, prop, in);
	for (size_t i = 0; i < alts.n; i++)
		if (!sg_val_is(&alts.v[i].val, "disable"))
			when = net_when_or(x, when,
					   net_when_of(x, alts.v[i].guard,
						       !net_absent(&alts.v[i].val) && !net_literal(&alts.v[i].val)));
	return when;
}

/* ---------------------------------------------------------------------------------------------- its tables */

static void add_vpc(struct net_ctx *x, struct net_table *t, const struct sg_resource *attachment, struct net_when when,
		    struct sg_span span)
{
	struct sg_alts vpcs = net_vpc_alts(x, attachment, "VpcId", when.may);
	for (size_t i = 0; i < vpcs.n; i++) {
		const struct sg_resource *vpc = sg_model_target(x->m, &vpcs.v[i].val);
		struct net_table ranges = {0};
		struct net_when here = net_when_and(x, when, net_when_of(x, vpcs.v[i].guard, false));
		if (vpc && sg_str_is(vpc->type, "AWS::EC2::VPC")) {
			net_local_routes(x, vpc, &ranges);
		} else {
			struct net_route any = {.filter.protocol = -1, .when = {SG_NEVER, SG_ALWAYS}};
			SG_PUSH(x->arena, &ranges.routes, any);
		}
		for (size_t j = 0; j < ranges.routes.n; j++) {
			struct net_route r = ranges.routes.v[j];
			r.dynamic = true;
			r.target = NET_TO_TRANSIT;
			r.to = attachment;
			r.when = net_when_and(x, r.when, here);
			r.span = span;
			r.what = sg_strf(x->arena, "the transit gateway knows the ranges of attachment %.*s",
					 SG_FMT(attachment->id));
			SG_PUSH(x->arena, &t->routes, r);
		}
	}
}

static void default_propagation(struct net_ctx *x, struct net_table *t, const struct sg_resource *gateway)
{
	struct net_when on = enabled(x, gateway, "DefaultRouteTablePropagation", gateway->exists);
	const struct sg_resource *r;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (r = sg_model_next(x->m, attachment_types[k], &i));)
			add_vpc(x, t, r, net_when_and(x, on, names(x, r, "TransitGatewayId", gateway, SG_ALWAYS)),
				sg_node_span(r->key));
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::VPNConnection", &i));) {
		struct net_when when = net_when_and(x, on, names(x, r, "TransitGatewayId", gateway, SG_ALWAYS));
		struct net_route learned = {.filter.protocol = -1, .dynamic = true, .target = NET_TO_OUT};
		learned.when.may = when.may;
		learned.span = sg_node_span(r->key);
		learned.what = sg_strf(x->arena, "VPN connection %.*s may announce routes to the transit gateway",
				       SG_FMT(r->id));
		SG_PUSH(x->arena, &t->routes, learned);
	}
}

static void propagated(struct net_ctx *x, struct net_table *t)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::TransitGatewayRouteTablePropagation", &i));) {
		struct net_when when = names(x, r, "TransitGatewayRouteTableId", t->res, SG_ALWAYS);
		struct sg_alts ids = sg_net_prop(x->m, r, "TransitGatewayAttachmentId", when.may);
		for (size_t j = 0; j < ids.n; j++) {
			struct net_when here = net_when_and(x, when, net_when_of(x, ids.v[j].guard, false));
			const struct sg_resource *a = sg_model_target(x->m, &ids.v[j].val);
			if (is_attachment(a)) {
				add_vpc(x, t, a, here, sg_node_span(r->key));
				continue;
			}
			struct net_route learned = {.filter.protocol = -1, .dynamic = true, .target = NET_TO_OUT};
			learned.when.may = here.may;
			learned.span = sg_node_span(r->key);
			learned.what = sg_strf(x->arena, "%.*s brings in routes that nobody knows", SG_FMT(r->id));
			SG_PUSH(x->arena, &t->routes, learned);
		}
	}
}

static void static_route(struct net_ctx *x, struct net_table *t, const struct sg_resource *r, const struct sg_alt *to,
			 struct net_when when)
{
	struct net_route route = {.filter.protocol = -1, .target = NET_TO_OUT};
	route.filter.range = net_range_of(x->arena, &to->val);
	route.when = net_when_and(x, when, net_when_of(x, to->guard, !route.filter.range.known));
	route.span = sg_node_span(r->key);
	struct sg_alts holes = sg_net_prop(x->m, r, "Blackhole", to->guard);
	struct sg_alts ids = sg_net_prop(x->m, r, "TransitGatewayAttachmentId", to->guard);
	for (size_t i = 0; i < holes.n; i++)
		for (size_t j = 0; j < ids.n; j++) {
			bool hole = false, known = net_absent(&holes.v[i].val) || sg_val_bool(&holes.v[i].val, &hole);
			struct net_route one = route;
			one.when = net_when_and(x, route.when, net_when_of(x, holes.v[i].guard, !known));
			one.when = net_when_and(x, one.when, net_when_of(x, ids.v[j].guard, false));
			one.to = sg_model_target(x->m, &ids.v[j].val);
			/* a black hole takes the packet and sends it nowhere: no VPC has it */
			one.target = hole ? NET_TO_LOCAL : is_attachment(one.to) ? NET_TO_TRANSIT : NET_TO_OUT;
			one.what = sg_strf(x->arena, "transit gateway route %.*s sends %.*s to %.*s", SG_FMT(r->id),
					   SG_FMT(sg_val_describe(x->arena, &to->val)),
					   SG_FMT(sg_val_describe(x->arena, &ids.v[j].val)));
			SG_PUSH(x->arena, &t->routes, one);
		}
}

static const struct net_table *gateway_table(struct net_ctx *x, const struct sg_resource *gateway,
					     const struct sg_resource *table)
{
	struct sg_str key = table ? table->id : gateway->id;
	if (!x->read_tables)
		x->read_tables = sg_map_new(x->arena);
	struct net_table *t = sg_map_get(x->read_tables, key);
	const struct sg_resource *r;
	if (t)
		return t;
	t = SG_NEW(x->arena, struct net_table);
	t->res = table;
	sg_map_put(x->read_tables, key, t);
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::TransitGatewayRoute", &i));) {
		struct net_when when = {SG_NEVER, r->exists};
		if (table)
			when = names(x, r, "TransitGatewayRouteTableId", table, SG_ALWAYS);
		else if (sg_net_prop(x->m, r, "TransitGatewayRouteTableId", SG_ALWAYS).n == 1 &&
			 sg_model_target(x->m, &sg_net_prop(x->m, r, "TransitGatewayRouteTableId", SG_ALWAYS).v[0].val))
			continue;
		struct sg_alts to = sg_net_prop(x->m, r, "DestinationCidrBlock", when.may);
		for (size_t j = 0; j < to.n; j++)
			static_route(x, t, r, &to.v[j], when);
	}
	if (table)
		propagated(x, t);
	else
		default_propagation(x, t, gateway);
	return t;
}

/* ---------------------------------------------------------------------------------------------- attachments */

/* Out of the gateway again, into the subnets of an attachment. */
static void into_subnet(struct net_ctx *x, const struct net_trip *trip, const struct sg_alt *subnet,
			struct net_sink *sink)
{
	const struct sg_resource *r = sg_model_target(x->m, &subnet->val);
	struct net_trip next = *trip;
	next.when = net_when_and(x, trip->when, net_when_of(x, subnet->guard, false));
	if (!r || !sg_str_is(r->type, "AWS::EC2::Subnet")) {
		struct net_end e = {NULL, trip->place, &next};
		next.when.must = SG_NEVER;
		if (sg_guard_possible(x->w, next.when.may))
			sink->end(sink, &e);
		return;
	}
	next.place = net_place_of(x, r);
	next.when = net_place_acl(x, next.place, true, trip->packet, next.when);
	next.hops = net_hop_add(x, trip->hops, sg_node_span(r->key),
				sg_strf(x->arena, "subnet %.*s takes it in from the transit gateway", SG_FMT(r->id)));
	net_walk(x, &next, sink);
}

static void at_attachment(struct net_ctx *x, const struct net_trip *trip, const struct net_route *route,
			  struct net_sink *sink)
{
	struct net_trip next = *trip;
	if (route->target == NET_TO_LOCAL)
		return;
	next.depth++;
	next.hops = net_hop_add(x, trip->hops, route->span, route->what);
	if (route->target != NET_TO_TRANSIT) {
		struct net_end e = {NULL, trip->place, &next};
		sink->end(sink, &e);
		return;
	}
	struct sg_items subnets =
		sg_alts_items(x->m->cfn, sg_net_prop(x->m, route->to, "SubnetIds", next.when.may), false);
	for (size_t i = 0; i < subnets.n; i++)
		into_subnet(x, &next, &subnets.v[i], sink);
}

/* Into the gateway through one of the attachment's subnets. */
static struct net_when entered(struct net_ctx *x, const struct net_trip *trip, const struct sg_resource *attachment,
			       struct net_when in)
{
	struct net_when when = NET_WHEN_NEVER;
	struct sg_items subnets = sg_alts_items(x->m->cfn, sg_net_prop(x->m, attachment, "SubnetIds", in.may), false);
	for (size_t i = 0; i < subnets.n; i++) {
		const struct sg_resource *r = sg_model_target(x->m, &subnets.v[i].val);
		struct net_when here = net_when_and(x, in, net_when_of(x, subnets.v[i].guard, false));
		if (!r || !sg_str_is(r->type, "AWS::EC2::Subnet"))
			here.must = SG_NEVER;
		else if (net_place_of(x, r) != trip->place)
			here = net_place_acl_from(x, net_place_of(x, r), &trip->source, trip->packet, here);
		when = net_when_or(x, when, here);
	}
	return when;
}

static void from_attachment(struct net_ctx *x, const struct net_trip *trip, const struct sg_resource *gateway,
			    const struct sg_resource *attachment, struct net_sink *sink)
{
	struct net_trip next = *trip;
	struct net_when rest = trip->when;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::TransitGatewayRouteTableAssociation", &i));) {
		struct net_when of = names(x, r, "TransitGatewayAttachmentId", attachment, trip->when.may);
		struct sg_alts tables = sg_net_prop(x->m, r, "TransitGatewayRouteTableId", of.may);
		for (size_t j = 0; j < tables.n; j++) {
			const struct sg_resource *t = sg_model_target(x->m, &tables.v[j].val);
			next.when =
				net_when_and(x, trip->when, net_when_and(x, of, net_when_of(x, tables.v[j].guard, !t)));
			rest = net_when_minus(x, rest, next.when);
			if (t) {
				net_walk_table(x, &next, gateway_table(x, gateway, t), at_attachment, sink);
			} else if (sg_guard_possible(x->w, next.when.may)) {
				struct net_end e = {NULL, trip->place, &next};
				sink->end(sink, &e);
			}
		}
	}
	next.when = net_when_and(x, rest, enabled(x, gateway, "DefaultRouteTableAssociation", gateway->exists));
	if (sg_guard_possible(x->w, next.when.may))
		net_walk_table(x, &next, gateway_table(x, gateway, NULL), at_attachment, sink);
}

void net_transit(struct net_ctx *x, const struct net_trip *trip, const struct net_route *route, struct net_sink *sink)
{
	const struct sg_resource *r;
	struct net_trip next = *trip;
	if (!trip->place->vpc || trip->depth > NET_MAX_HOPS)
		next.when.must = SG_NEVER;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (r = sg_model_next(x->m, attachment_types[k], &i));) {
			struct net_when of = names(x, r, "TransitGatewayId", route->to, trip->when.may);
			if (trip->place->vpc)
				of = net_when_and(x, of, names(x, r, "VpcId", trip->place->vpc, of.may));
			next.when = entered(x, trip, r, net_when_and(x, trip->when, of));
			next.hops = net_hop_add(
				x, trip->hops, sg_node_span(r->key),
				sg_strf(x->arena, "attachment %.*s takes it into the transit gateway", SG_FMT(r->id)));
			if (sg_guard_possible(x->w, next.when.may))
				from_attachment(x, &next, route->to, r, sink);
		}
}

void net_transit_edges(struct net_ctx *x, const struct sg_resource *gateway, struct net_edges *e, struct sg_map *seen)
{
	const struct sg_resource *r;
	if (sg_map_put(seen, gateway->id, x))
		return;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::TransitGatewayRoute", &i));) {
		struct sg_alts to = sg_net_prop(x->m, r, "DestinationCidrBlock", SG_ALWAYS);
		for (size_t j = 0; j < to.n; j++) {
			struct net_filter f = {.protocol = -1, .range = net_range_of(x->arena, &to.v[j].val)};
			net_edges_add(x, e, &f);
		}
	}
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (r = sg_model_next(x->m, attachment_types[k], &i));) {
			struct sg_items subnets =
				sg_alts_items(x->m->cfn, sg_net_prop(x->m, r, "SubnetIds", SG_ALWAYS), false);
			for (size_t j = 0; j < subnets.n; j++) {
				const struct sg_resource *s = sg_model_target(x->m, &subnets.v[j].val);
				if (s && sg_str_is(s->type, "AWS::EC2::Subnet"))
					net_walk_edges(x, net_place_of(x, s), e, seen);
			}
		}
}
