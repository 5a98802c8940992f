/*
 * A packet's way through route tables, hop by hop, to where it leaves what the template has, or to an address of one
 * of its VPCs.  It must not know what a function or a finding is.
 */
#include "net/walk_priv.h"

#include <stdlib.h>

const struct net_hop *net_hop_add(struct net_ctx *x, const struct net_hop *before, struct sg_span span,
				  struct sg_str text)
{
	struct net_hop *hop = SG_NEW(x->arena, struct net_hop);
	*hop = (struct net_hop){before, span, text};
	return hop;
}

static void end(struct net_ctx *x, const struct net_trip *trip, const struct sg_resource *vpc, struct net_sink *sink)
{
	struct net_end e = {vpc, trip->place, trip};
	if (sg_guard_possible(x->w, trip->when.may))
		sink->end(sink, &e);
}

/* ---------------------------------------------------------------------------------------------- targets */

/* A NAT gateway in one subnet: in through its ACL, and on by its table; without a subnet it is a regional one, which
 * has the VPC's internet gateway behind it. */
static void nat_in(struct net_ctx *x, const struct net_trip *trip, const struct net_route *route,
		   const struct sg_alt *subnet, struct net_sink *sink)
{
	struct net_trip next = *trip;
	next.when = net_when_and(x, trip->when, net_when_of(x, subnet->guard, false));
	const struct sg_resource *r = sg_model_target(x->m, &subnet->val);
	if (!r || !sg_str_is(r->type, "AWS::EC2::Subnet")) {
		if (!net_absent(&subnet->val))
			next.when.must = SG_NEVER;
		end(x, &next, NULL, sink);
		return;
	}
	const struct net_place *place = net_place_of(x, r);
	if (place != trip->place) {
		next.when = net_place_acl_from(x, place, &trip->source, trip->packet, next.when);
		next.when = net_place_acl(x, place, true, trip->packet, next.when);
	}
	next.place = place;
	next.source = trip->packet->family == NET_V6 ? place->range6 : place->range4;
	next.nat = true;
	next.hops = net_hop_add(
		x, trip->hops, sg_node_span(route->to->key),
		sg_strf(x->arena, "NAT gateway %.*s is in subnet %.*s", SG_FMT(route->to->id), SG_FMT(r->id)));
	net_walk(x, &next, sink);
}

static void nat(struct net_ctx *x, const struct net_trip *trip, const struct net_route *route, struct net_sink *sink)
{
	struct sg_alts kinds = sg_net_prop(x->m, route->to, "ConnectivityType", trip->when.may);
	struct sg_alts subnets = sg_net_prop(x->m, route->to, "SubnetId", trip->when.may);
	struct net_trip next = *trip;
	for (size_t i = 0; i < kinds.n; i++) {
		next.private_nat = trip->private_nat || sg_val_is(&kinds.v[i].val, "private");
		next.when = net_when_and(x, trip->when, net_when_of(x, kinds.v[i].guard, false));
		if (!net_absent(&kinds.v[i].val) && !net_literal(&kinds.v[i].val))
			next.when.must = SG_NEVER;
		if (trip->packet->family == NET_V6)
			next.when.must = SG_NEVER; /* only what it translates to IPv4 goes on */
		for (size_t j = 0; j < subnets.n; j++)
			nat_in(x, &next, route, &subnets.v[j], sink);
	}
}

static const struct sg_resource *one_vpc(struct net_ctx *x, const struct sg_resource *peering, const char *prop)
{
	struct sg_alts alts = net_vpc_alts(x, peering, prop, SG_ALWAYS);
	const struct sg_resource *r = alts.n == 1 ? sg_model_target(x->m, &alts.v[0].val) : NULL;
	return r && sg_str_is(r->type, "AWS::EC2::VPC") ? r : NULL;
}

const struct sg_resource *net_peer_of(struct net_ctx *x, const struct sg_resource *peering,
				      const struct sg_resource *vpc, struct net_when *when)
{
	static const char *const elsewhere[] = {"PeerOwnerId", "PeerRegion"};
	const struct sg_resource *a = one_vpc(x, peering, "VpcId"), *b = one_vpc(x, peering, "PeerVpcId");
	for (size_t i = 0; i < 2; i++) {
		struct sg_alts alts = sg_net_prop(x->m, peering, elsewhere[i], SG_ALWAYS);
		for (size_t j = 0; j < alts.n; j++) {
			const struct sg_symbol *s = sg_val_symbol(&alts.v[j].val);
			if (!net_absent(&alts.v[j].val) && !(s && s->kind == SG_SYM_PSEUDO))
				when->must = SG_NEVER;
		}
	}
	if (!a || !b || !vpc || (a != vpc && b != vpc))
		return NULL;
	return a == vpc ? b : a;
}

/* The packet is at a route's target in the worlds of trip->when. */
static void at_target(struct net_ctx *x, const struct net_trip *trip, const struct net_route *route,
		      struct net_sink *sink)
{
	struct net_trip next = *trip;
	next.pin = NULL;
	next.depth++;
	if (route->target == NET_TO_LOCAL) {
		end(x, &next, trip->place->vpc, sink);
		return;
	}
	next.hops = net_hop_add(x, trip->hops, route->span, route->what);
	switch (route->target) {
	case NET_TO_NAT:
		nat(x, &next, route, sink);
		break;
	case NET_TO_TRANSIT:
		net_transit(x, &next, route, sink);
		break;
	case NET_TO_PEER: {
		struct net_when sure = next.when;
		const struct sg_resource *other = net_peer_of(x, route->to, trip->place->vpc, &sure);
		next.when = sure;
		end(x, &next, other, sink);
		break;
	}
	case NET_TO_ENDPOINT:
		next.when = net_endpoint_open(x, route->to, next.when);
		end(x, &next, NULL, sink);
		break;
	default:
		next.when = net_when_minus(x, next.when, net_blocked(x, trip->place, route->public_, trip->nat));
		if (!(trip->private_nat && route->public_ != NET_PUBLIC_NO))
			end(x, &next, NULL, sink);
	}
}

/* ---------------------------------------------------------------------------------------------- tables */

static enum net_match route_match(const struct net_route *r, const struct net_packet *p)
{
	enum net_match m = net_address_match(&r->filter, p);
	if (m == NET_MAYBE && r->target == NET_TO_LOCAL && p->wide && !p->anywhere)
		return NET_NO; /* more than a VPC can hold: not all of them */
	return m;
}

/* Goes first: the longer prefix; of the same, a static route; of those, one of the template. */
static bool goes_first(const struct net_route *a, const struct net_route *b)
{
	if (a->filter.range.bits != b->filter.range.bits)
		return a->filter.range.bits > b->filter.range.bits;
	if (a->dynamic != b->dynamic)
		return b->dynamic;
	return a->target != NET_TO_LOCAL && b->target == NET_TO_LOCAL;
}

struct picked {
	SG_VEC(const struct net_route *) yes, maybe;
};

static void pick(struct net_ctx *x, const struct net_table *table, const struct net_packet *p, struct picked *out)
{
	for (size_t i = 0; i < table->routes.n; i++) {
		const struct net_route *r = &table->routes.v[i];
		enum net_match m = route_match(r, p);
		if (m == NET_MAYBE)
			SG_PUSH(x->arena, &out->maybe, r);
		if (m != NET_YES)
			continue;
		SG_PUSH(x->arena, &out->yes, r);
		for (size_t at = out->yes.n - 1; at && goes_first(r, out->yes.v[at - 1]); at--) {
			out->yes.v[at] = out->yes.v[at - 1];
			out->yes.v[at - 1] = r;
		}
	}
}

void net_walk_table(struct net_ctx *x, const struct net_trip *trip, const struct net_table *table,
		    void (*target)(struct net_ctx *, const struct net_trip *, const struct net_route *,
				   struct net_sink *),
		    struct net_sink *sink)
{
	struct net_trip next = *trip;
	struct net_when taken = NET_WHEN_NEVER;
	struct picked routes = {0};
	pick(x, table, trip->packet, &routes);
	for (size_t i = 0; i < routes.maybe.n; i++) {
		taken.may = sg_guard_or(x->w, taken.may, routes.maybe.v[i]->when.may);
		next.when =
			(struct net_when){SG_NEVER, sg_guard_and(x->w, trip->when.may, routes.maybe.v[i]->when.may)};
		if (sg_guard_possible(x->w, next.when.may))
			target(x, &next, routes.maybe.v[i], sink);
	}
	for (size_t i = 0; i < routes.yes.n; i++) {
		const struct net_route *r = routes.yes.v[i];
		next.when = net_when_and(x, net_when_minus(x, trip->when, taken), r->when);
		taken = net_when_or(x, taken, r->when);
		if (sg_guard_possible(x->w, next.when.may))
			target(x, &next, r, sink);
	}
}

static bool has_route(const struct net_table *t, const struct net_route *route)
{
	return route >= t->routes.v && route < t->routes.v + t->routes.n;
}

/* Back where it was, it goes the same way again for ever: what else could be done there was followed the first time. */
static bool in_circles(const struct net_trip *trip)
{
	for (const struct net_trip *t = trip->visited; t; t = t->visited)
		if (t->place == trip->place && t->nat == trip->nat && t->private_nat == trip->private_nat)
			return true;
	return false;
}

void net_walk(struct net_ctx *x, const struct net_trip *trip, struct net_sink *sink)
{
	const struct net_place *place = trip->place;
	struct net_trip next = *trip;
	if (!sg_guard_possible(x->w, trip->when.may) || in_circles(trip))
		return;
	next.visited = trip;
	if (trip->depth > NET_MAX_HOPS || ++x->trips > NET_MAX_TRIPS) {
		next.when.must = SG_NEVER;
		end(x, &next, NULL, sink);
		return;
	}
	for (size_t i = 0; i < place->tables.n; i++) {
		next.when = net_when_and(x, trip->when, place->tables.v[i].when);
		if (!sg_guard_possible(x->w, next.when.may))
			continue;
		next.hops = net_hop_add(x, trip->hops, place->tables.v[i].span, place->tables.v[i].what);
		if (!trip->pin) {
			net_walk_table(x, &next, place->tables.v[i].table, at_target, sink);
		} else if (has_route(place->tables.v[i].table, trip->pin)) {
			next.when = net_when_and(x, next.when, trip->pin->when);
			if (sg_guard_possible(x->w, next.when.may))
				at_target(x, &next, trip->pin, sink);
		}
	}
	next.when = net_when_and(x, trip->when, place->unknown_table);
	next.when.must = SG_NEVER;
	next.hops = net_hop_add(x, trip->hops, place->unknown_span, SG_LIT("its routes are not in this template"));
	end(x, &next, NULL, sink);
}

/* ---------------------------------------------------------------------------------------------- edges */

void net_walk_edges(struct net_ctx *x, const struct net_place *place, struct net_edges *e, struct sg_map *seen)
{
	if (sg_map_put(seen, place->subnet->id, x))
		return;
	for (size_t i = 0; i < place->acls.n; i++)
		for (size_t j = 0; j < place->acls.v[i].acl->entries.n; j++)
			net_edges_add(x, e, &place->acls.v[i].acl->entries.v[j].filter);
	for (size_t i = 0; i < place->tables.n; i++) {
		const struct net_table *t = place->tables.v[i].table;
		for (size_t j = 0; j < t->routes.n; j++) {
			const struct net_route *r = &t->routes.v[j];
			net_edges_add(x, e, &r->filter);
			if (r->target == NET_TO_TRANSIT)
				net_transit_edges(x, r->to, e, seen);
			if (r->target != NET_TO_NAT)
				continue;
			struct sg_alts subnets = sg_net_prop(x->m, r->to, "SubnetId", SG_ALWAYS);
			for (size_t k = 0; k < subnets.n; k++) {
				const struct sg_resource *s = sg_model_target(x->m, &subnets.v[k].val);
				if (s && sg_str_is(s->type, "AWS::EC2::Subnet"))
					net_walk_edges(x, net_place_of(x, s), e, seen);
			}
		}
	}
}
