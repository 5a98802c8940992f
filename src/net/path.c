/*
 * What the walls add up to: a way out end to end (NET008), and what else in the function's network it can reach
 * (NET009).
 *
 * Every packet that some rule tells from others is followed from each subnet of the function: the groups must let it
 * out, the subnet's ACL, then its routes lead on (walk.c).  A packet that leaves is a way out whether an answer can
 * come back or not.  One path tells enough; a certain one is looked for first.
 */
#include "net/walk_priv.h"

/* The best that was found so far. */
struct found {
	struct net_when when;
	const struct net_hop *hops;
	struct net_packet packet;
	const struct sg_resource *subnet;
};

struct search {
	struct net_sink sink; /* first: the walk knows nothing else of it */
	struct net_ctx *x;
	struct net_rules egress;
	struct net_edges edges;
	struct net_when ipv6; /* worlds in which the function has IPv6 */
	const struct net_use *subnet;
	const struct net_place *place;
	const struct net_packet *packet;
	const struct net_route *pin;
	struct net_iface *iface; /* what is looked for; NULL: a way out */
	struct found out, reached;
	struct net_ifaces ifaces;
};

/* ---------------------------------------------------------------------------------------------- groups */

static bool has_group(const struct net_iface *i, const struct net_rule *rule)
{
	for (size_t g = 0; i && g < i->groups.n; g++)
		if ((rule->peer && rule->peer == i->groups.v[g].res) ||
		    (rule->peer_of && rule->peer_of == i->groups.v[g].default_of))
			return true;
	return false;
}

/* In which worlds do the function's groups let the packet out (to the interface)? */
static struct net_when let_out(struct search *s, const struct net_packet *p, const struct net_rule **by)
{
	struct net_when open = NET_WHEN_NEVER;
	for (size_t i = 0; i < s->egress.vec.n; i++) {
		const struct net_rule *rule = &s->egress.vec.v[i];
		struct net_packet here = *p;
		struct net_filter f = rule->filter;
		if (rule->is_peer) {
			if (!s->iface || (!has_group(s->iface, rule) && (rule->peer || rule->peer_of)))
				continue;
			f.family = p->family;
			f.range = (struct net_range){.known = true, .v6 = p->family == NET_V6};
		}
		enum net_match m = net_filter_match(&f, &here);
		if (m == NET_NO)
			continue;
		struct net_when when = rule->when;
		if (m == NET_MAYBE)
			when.must = SG_NEVER;
		if (!*by || (!sg_guard_possible(s->x->w, (*by)->when.must) && sg_guard_possible(s->x->w, when.must)))
			*by = rule;
		open = net_when_or(s->x, open, when);
	}
	return open;
}

/* In which worlds does the interface let in what comes from the function's subnet? */
static struct net_when let_in(struct search *s, const struct net_packet *p)
{
	struct net_when open = NET_WHEN_NEVER, all = {SG_ALWAYS, SG_ALWAYS};
	const struct net_filter *from = p->family == NET_V6 ? &s->place->range6 : &s->place->range4;
	if (s->iface->open)
		return all;
	for (size_t i = 0; i < s->iface->ingress.vec.n; i++) {
		const struct net_rule *rule = &s->iface->ingress.vec.v[i];
		struct net_filter f = rule->filter;
		struct net_when when = rule->when;
		bool peer = false;
		for (size_t g = 0; rule->is_peer && g < s->x->groups.vec.n; g++) {
			const struct net_use *use = s->x->groups.vec.v[g];
			bool same = (rule->peer && rule->peer == use->res) ||
				    (rule->peer_of && rule->peer_of == use->default_of);
			peer = peer || same;
			if (!same && ((!rule->peer && !rule->peer_of) || (!use->res && !use->default_of))) {
				when.must = SG_NEVER;
				peer = true;
			}
		}
		if (rule->is_peer && !peer)
			continue;
		enum net_match reach = NET_YES;
		if (!rule->is_peer && f.range.known && from->range.known)
			reach = net_ranges_meet(&f.range, &from->range) ? NET_YES : NET_NO;
		else if (!rule->is_peer)
			reach = f.range.known && !f.range.bits ? NET_YES : NET_MAYBE;
		if (!rule->is_peer && f.family && f.family != p->family)
			reach = NET_NO;
		f.family = 0;
		f.range = (struct net_range){.known = true, .v6 = p->family == NET_V6};
		struct net_packet any = *p;
		any.anywhere = true;
		enum net_match m = net_filter_match(&f, &any);
		if (m > reach)
			m = reach;
		if (m == NET_NO)
			continue;
		if (m == NET_MAYBE)
			when.must = SG_NEVER;
		open = net_when_or(s->x, open, when);
	}
	return open;
}

/* ---------------------------------------------------------------------------------------------- following */

static void keep(struct search *s, struct found *best, struct net_when when, const struct net_hop *hops)
{
	struct net_ctx *x = s->x;
	bool must = sg_guard_possible(x->w, when.must);
	if (sg_guard_possible(x->w, best->when.must) || !sg_guard_possible(x->w, when.may) ||
	    (!must && sg_guard_possible(x->w, best->when.may)))
		return;
	*best = (struct found){when, hops, *s->packet, s->subnet->res};
}

static void ended(struct net_sink *sink, const struct net_end *end)
{
	struct search *s = (struct search *)sink;
	struct net_ctx *x = s->x;
	if (!s->iface) {
		if (!end->vpc)
			keep(s, &s->out, end->trip->when, end->trip->hops);
		return;
	}
	const struct net_place *there = s->iface->place;
	if (!end->vpc || end->vpc != there->vpc)
		return;
	struct net_when when = net_when_and(x, end->trip->when, s->iface->when);
	if (end->from != there)
		when = net_place_acl_from(x, there, &end->trip->source, s->packet, when);
	when = net_when_and(x, when, let_in(s, s->packet));
	keep(s, &s->reached, when, end->trip->hops);
}

static void depart(struct search *s, const struct net_packet *p)
{
	struct net_ctx *x = s->x;
	const struct net_rule *by = NULL;
	struct net_trip trip = {.packet = p, .place = s->place, .pin = s->pin};
	trip.when = net_when_and(x, let_out(s, p, &by), net_when_of(x, s->subnet->guard, false));
	trip.when = net_when_and(x, trip.when, (struct net_when){x->in_vpc, x->in_vpc});
	if (p->family == NET_V6)
		trip.when = net_when_and(x, trip.when, s->ipv6);
	if (!by || !sg_guard_possible(x->w, trip.when.may))
		return;
	trip.source = p->family == NET_V6 ? s->place->range6 : s->place->range4;
	trip.hops = net_hop_add(x, NULL, by->span, by->what);
	s->packet = p;
	if (s->iface && s->iface->place == s->place) { /* the ACL is between subnets, and so is the table */
		struct net_end e = {s->place->vpc, s->place, &trip};
		s->sink.end(&s->sink, &e);
		return;
	}
	trip.when = net_place_acl(x, s->place, true, p, trip.when);
	for (size_t i = 0; i < s->place->acls.n; i++) {
		const struct net_entry *entry = NULL;
		net_acl_judge(x, s->place->acls.v[i].acl, true, p, net_when_and(x, trip.when, s->place->acls.v[i].when),
			      &entry);
		if (!entry)
			continue;
		if (entry->at)
			trip.hops = net_hop_add(
				x, trip.hops, sg_node_span(entry->at->key),
				sg_strf(x->arena, "network ACL entry %.*s lets it out", SG_FMT(entry->at->id)));
		else
			trip.hops = net_hop_add(x, trip.hops, s->place->acls.v[i].span,
						SG_LIT("the default network ACL lets everything out"));
	}
	net_walk(x, &trip, &s->sink);
}

static bool settled(const struct search *s)
{
	return sg_guard_possible(s->x->w, (s->iface ? &s->reached : &s->out)->when.must);
}

static bool each_packet(void *context, const struct net_packet *p)
{
	struct search *s = context;
	if (s->iface && !s->iface->address.range.known) {
		/* one packet to wherever it is */
	} else if (s->iface && net_address_match(&s->iface->address, p) != NET_YES) {
		return true;
	}
	depart(s, p);
	return !settled(s) && s->x->trips <= NET_MAX_TRIPS;
}

/* What is announced from outside: its destinations are nobody's to know, but that there are some is certain. */
static bool each_unknown(void *context, const struct net_packet *p)
{
	struct search *s = context;
	struct net_packet there = *p;
	there.anywhere = true;
	there.outside = s->pin && s->pin->target == NET_TO_ENDPOINT;
	depart(s, &there);
	return !settled(s) && s->x->trips <= NET_MAX_TRIPS;
}

static void unknown_destinations(struct search *s)
{
	static const struct net_range zero = {.known = true};
	struct net_edges one = s->edges;
	struct net_range v4 = zero;
	one.v4.v = &v4;
	one.v4.n = 1;
	v4.bits = 32;
	v4.address[0] = 1; /* any that is not void; it stands for no address */
	one.v6.n = 0;
	for (size_t i = 0; i < s->place->tables.n; i++) {
		const struct net_table *t = s->place->tables.v[i].table;
		for (size_t j = 0; j < t->routes.n; j++) {
			if (!t->routes.v[j].learned)
				continue;
			s->pin = &t->routes.v[j];
			net_edges_packets(&one, each_unknown, s);
		}
	}
	s->pin = NULL;
}

/* ---------------------------------------------------------------------------------------------- telling */

static void steps(struct net_ctx *x, struct sg_finding *f, const struct net_hop *hop)
{
	if (!hop)
		return;
	steps(x, f, hop->before);
	net_step(x, f, hop->span, "%.*s", SG_FMT(hop->text));
}

static struct sg_str packet_text(struct net_ctx *x, const struct net_packet *p)
{
	char address[64] = "an address that is announced";
	if (!p->anywhere)
		net_address_text(p->family == NET_V6, p->to, address);
	const char *name = p->protocol == 6 ? "tcp" : p->protocol == 17 ? "udp" : p->protocol == 1 ? "icmp" : NULL;
	if (!name)
		return sg_strf(x->arena, "a packet of protocol %d to %s", p->protocol, address);
	if (p->protocol == 1)
		return sg_strf(x->arena, "an icmp packet to %s", address);
	return sg_strf(x->arena, "a %s packet to %s, port %u", name, address, p->port);
}

static void say_path(struct search *s)
{
	struct net_ctx *x = s->x;
	bool must = sg_guard_possible(x->w, s->out.when.must);
	const struct net_hop *last = s->out.hops;
	if (!sg_guard_possible(x->w, s->out.when.may))
		return;
	struct sg_finding *f = sg_net_finding(x->m, "NET008", must ? SG_FAIL : SG_UNPROVEN, x->function, x->function,
					      "VpcConfig", must ? s->out.when.must : s->out.when.may, last->span,
					      must ? "a path leads from %.*s out of the VPC, open end to end"
						   : "whether a path leads from %.*s out of the VPC is not known",
					      SG_FMT(x->function->id));
	net_step(x, f, sg_node_span(x->function->key), "a script in function %.*s sends %.*s", SG_FMT(x->function->id),
		 SG_FMT(packet_text(x, &s->out.packet)));
	if (s->out.subnet)
		net_step(x, f, sg_node_span(s->out.subnet->key), "it runs in subnet %.*s", SG_FMT(s->out.subnet->id));
	steps(x, f, last);
	if (!f->settle.n)
		net_settle(x, f,
			   must ? "close the walls of this path: any one closes it, each is asked for"
				: "settling any of the walls of this path, closed, would settle it");
}

static void say_reached(struct search *s)
{
	struct net_ctx *x = s->x;
	bool must = sg_guard_possible(x->w, s->reached.when.must);
	if (!sg_guard_possible(x->w, s->reached.when.may))
		return;
	struct sg_finding *f =
		sg_net_finding(x->m, "NET009", must ? SG_FAIL : SG_UNPROVEN, x->function, s->iface->res, NULL,
			       must ? s->reached.when.must : s->reached.when.may, sg_node_span(s->iface->res->key),
			       "%s %.*s %s from %.*s", s->iface->what, SG_FMT(s->iface->res->id),
			       must ? "can be reached" : "may be reached", SG_FMT(x->function->id));
	net_step(x, f, sg_node_span(x->function->key), "a script in function %.*s sends %.*s", SG_FMT(x->function->id),
		 SG_FMT(packet_text(x, &s->reached.packet)));
	steps(x, f, s->reached.hops);
	net_step(x, f, sg_node_span(s->iface->res->key), "%s %.*s %s it", s->iface->what, SG_FMT(s->iface->res->id),
		 must ? "lets in" : "may let in");
	net_settle(x, f, "egress that is closed (NET003) closes it, or settles it");
}

/* ---------------------------------------------------------------------------------------------- searching */

static void read_egress(struct search *s)
{
	struct net_ctx *x = s->x;
	for (size_t i = 0; i < x->groups.vec.n; i++) {
		const struct net_use *use = x->groups.vec.v[i];
		struct net_group g = {use->res, use->default_of, use->guard, use->val};
		if (use->res || use->default_of || !net_assumed(x, NET_FACT_EGRESS, &use->val))
			net_rules_read(x, &g, true, &s->egress);
	}
}

static void read_ipv6(struct search *s)
{
	struct sg_alts alts = sg_net_prop(s->x->m, s->x->function, "VpcConfig.Ipv6AllowedForDualStack", s->x->in_vpc);
	for (size_t i = 0; i < alts.n; i++) {
		bool on = true, known = sg_val_bool(&alts.v[i].val, &on);
		if (!net_absent(&alts.v[i].val) && on)
			s->ipv6 = net_when_or(s->x, s->ipv6, net_when_of(s->x, alts.v[i].guard, !known));
	}
}

/* Where packets to anything in reach can differ. */
static void read_edges(struct search *s)
{
	static const struct net_filter always[] = {
		{NET_V4, {.known = true}, -1, false, 0, 0},
		{NET_V6, {.known = true, .v6 = true}, -1, false, 0, 0},
		{NET_V4, {true, false, {127}, 8}, -1, false, 0, 0},
		{NET_V4, {true, false, {255, 255, 255, 255}, 32}, -1, false, 0, 0},
		{NET_V6, {true, true, {[15] = 1}, 128}, -1, false, 0, 0},
	};
	struct net_ctx *x = s->x;
	struct sg_map *seen = sg_map_new(x->arena);
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		net_edges_add(x, &s->edges, &always[i]);
	for (size_t i = 0; i < s->egress.vec.n; i++)
		net_edges_add(x, &s->edges, &s->egress.vec.v[i].filter);
	for (size_t i = 0; i < x->subnets.vec.n; i++)
		if (x->subnets.vec.v[i]->res)
			net_walk_edges(x, net_place_of(x, x->subnets.vec.v[i]->res), &s->edges, seen);
	for (size_t i = 0; i < s->ifaces.vec.n; i++) {
		const struct net_iface *iface = &s->ifaces.vec.v[i];
		net_edges_add(x, &s->edges, &iface->address);
		for (size_t j = 0; j < iface->ingress.vec.n; j++) {
			struct net_filter f = iface->ingress.vec.v[j].filter;
			f.range.known = false; /* where it comes from, not where it goes */
			net_edges_add(x, &s->edges, &f);
		}
		if (iface->place)
			net_walk_edges(x, iface->place, &s->edges, seen);
	}
	net_edges_sort(&s->edges);
}

static bool any_egress(const struct search *s, sg_guard in)
{
	for (size_t i = 0; i < s->egress.vec.n; i++) {
		const struct net_rule *r = &s->egress.vec.v[i];
		if (!net_range_void(&r->filter.range) &&
		    sg_guard_possible(s->x->w, sg_guard_and(s->x->w, r->when.may, in)))
			return true;
	}
	return false;
}

/* A subnet that nobody knows may have any route; that of a template of which the ceiling is reached, too. */
static void unknown_subnet(struct search *s, const struct net_use *use, const char *what)
{
	struct net_ctx *x = s->x;
	struct net_packet none = {.anywhere = true, .family = NET_V4, .protocol = 6, .port = 443};
	sg_guard in = sg_guard_and(x->w, use->guard, x->in_vpc);
	if (!any_egress(s, in))
		return;
	s->packet = &none;
	s->subnet = use;
	keep(s, &s->out, (struct net_when){SG_NEVER, in},
	     net_hop_add(x, NULL, sg_prop_span(x->function, &use->val),
			 sg_strf(x->arena, "subnet %.*s %s", SG_FMT(sg_val_describe(x->arena, &use->val)), what)));
}

static void from_subnet(struct search *s, const struct net_use *use)
{
	s->subnet = use;
	if (!use->res) {
		bool closed = net_assumed(s->x, NET_FACT_SUBNET_ROUTES, &use->val) ||
			      net_assumed(s->x, NET_FACT_SUBNET_ACL, &use->val);
		if (!closed && !s->iface)
			unknown_subnet(s, use, "may have any route");
		return;
	}
	s->place = net_place_of(s->x, use->res);
	if (s->iface && s->iface->place && !s->iface->address.range.known) {
		struct net_edges one = s->edges;
		if (one.v4.n > 1)
			one.v4.n = 1;
		one.v6.n = 0;
		net_edges_packets(&one, each_unknown, s);
		return;
	}
	net_edges_packets(&s->edges, each_packet, s);
	if (!s->iface && !settled(s))
		unknown_destinations(s);
	if (!s->iface && (s->edges.too_many || s->x->trips > NET_MAX_TRIPS))
		unknown_subnet(s, use, "has more rules than are followed");
}

static void search_out(struct search *s)
{
	for (size_t i = 0; i < s->x->subnets.vec.n && !settled(s); i++)
		from_subnet(s, s->x->subnets.vec.v[i]);
}

/* An endpoint's interface is a way out as far as its policy lets it be one. */
static void endpoint_reached(struct search *s)
{
	struct net_when when = net_endpoint_open(s->x, s->iface->res, s->reached.when);
	s->packet = &s->reached.packet;
	const struct net_hop *hop =
		net_hop_add(s->x, s->reached.hops, sg_node_span(s->iface->res->key),
			    sg_strf(s->x->arena, "endpoint %.*s takes it to its service", SG_FMT(s->iface->res->id)));
	struct found reached = s->reached;
	keep(s, &s->out, when, hop);
	s->reached = reached;
}

static void search_iface(struct search *s, struct net_iface *iface)
{
	s->iface = iface;
	s->reached = (struct found){0};
	for (size_t i = 0; iface->place && i < s->x->subnets.vec.n && !settled(s); i++)
		from_subnet(s, s->x->subnets.vec.v[i]);
	if (!iface->place && any_egress(s, iface->when.may)) {
		static const struct net_packet none = {.anywhere = true, .family = NET_V4, .protocol = 6, .port = 443};
		s->packet = &none;
		s->subnet = s->x->subnets.vec.v[0];
		keep(s, &s->reached, (struct net_when){SG_NEVER, iface->when.may}, NULL);
	}
	if (iface->endpoint && sg_guard_possible(s->x->w, s->reached.when.may))
		endpoint_reached(s);
	say_reached(s);
	s->iface = NULL;
}

/* What runs in a VPC of elsewhere is not in the template. */
static void unknown_vpcs(struct search *s)
{
	struct net_ctx *x = s->x;
	for (size_t i = 0; i < x->vpcs.vec.n; i++) {
		const struct net_use *vpc = x->vpcs.vec.v[i];
		if (vpc->res || !any_egress(s, vpc->guard) || net_assumed(x, NET_FACT_NEIGHBOURS, &vpc->val))
			continue;
		struct sg_finding *f = net_say(x, "NET009", SG_UNPROVEN, x->function, "VpcConfig.SecurityGroupIds",
					       vpc->guard, &vpc->val,
					       "what else runs in the VPC may be reached from %.*s: it is not in this "
					       "template",
					       SG_FMT(x->function->id));
		net_settle(x, f,
			   "egress that is closed (NET003), a VPC of the template, or --assume with Neighbours: none "
			   "of the VPC would settle it");
		return; /* one tells enough */
	}
}

void net_check_paths(struct net_ctx *x)
{
	struct search s = {.sink = {ended}, .x = x};
	read_egress(&s);
	if (!any_egress(&s, x->in_vpc) || !x->subnets.vec.n)
		return;
	read_ipv6(&s);
	net_ifaces_find(x, &s.ifaces);
	read_edges(&s);
	search_out(&s);
	for (size_t i = 0; i < s.ifaces.vec.n; i++) {
		x->trips = 0;
		search_iface(&s, &s.ifaces.vec.v[i]);
	}
	unknown_vpcs(&s);
	say_path(&s);
}
