/*
 * Places: a subnet of the template with its range, its VPC, the route tables and network ACLs that may be its own, and
 * what Block Public Access stops there.
 */
#include "net/walk_priv.h"

/* ---------------------------------------------------------------------------------------------- a subnet */

static struct net_filter range_filter(struct net_ctx *x, const struct sg_resource *subnet, const char *prop,
				      enum net_family family)
{
	struct net_filter f = {.family = family, .protocol = -1};
	struct sg_alts alts = sg_net_prop(x->m, subnet, prop, SG_ALWAYS);
	if (alts.n == 1)
		f.range = net_range_of(x->arena, &alts.v[0].val);
	return f;
}

static const struct sg_resource *vpc_of(struct net_ctx *x, const struct sg_resource *r)
{
	struct sg_alts alts = net_vpc_alts(x, r, "VpcId", SG_ALWAYS);
	const struct sg_resource *vpc = alts.n == 1 ? sg_model_target(x->m, &alts.v[0].val) : NULL;
	return vpc && sg_str_is(vpc->type, "AWS::EC2::VPC") ? vpc : NULL;
}

static struct sg_str link_text(struct net_ctx *x, const struct net_place *p, const struct net_link *link)
{
	return sg_strf(x->arena, "association %.*s gives subnet %.*s %.*s", SG_FMT(link->link->id),
		       SG_FMT(p->subnet->id), SG_FMT(sg_val_describe(x->arena, &link->val)));
}

static void place_tables(struct net_ctx *x, struct net_place *p, const struct net_use *use)
{
	struct net_links links = {0};
	sg_guard covered = net_links_find(x, "AWS::EC2::SubnetRouteTableAssociation", "RouteTableId",
					  "AWS::EC2::RouteTable", use, &links);
	sg_guard main = sg_guard_minus(x->w, p->subnet->exists, covered);
	for (size_t i = 0; i < links.vec.n; i++) {
		const struct net_link *l = links.vec.v[i];
		struct net_when when = net_when_of(x, l->guard, l->maybe);
		if (l->to)
			SG_PUSH(x->arena, &p->tables,
				((__typeof__(*p->tables.v)){net_table_read(x, l->to, p->vpc), when,
							    sg_node_span(l->link->key), link_text(x, p, l)}));
		else if (!net_assumed(x, NET_FACT_TABLE_ROUTES, &l->val))
			p->unknown_table = net_when_or(x, p->unknown_table, (struct net_when){SG_NEVER, l->guard});
	}
	if (!sg_guard_possible(x->w, main))
		return;
	/* an association that may be another subnet's does not cover this one for certain */
	struct net_when when = {main, main};
	for (size_t i = 0; i < links.vec.n; i++)
		if (links.vec.v[i]->maybe)
			when.must = sg_guard_minus(x->w, when.must, links.vec.v[i]->guard);
	if (p->vpc)
		SG_PUSH(x->arena, &p->tables,
			((__typeof__(*p->tables.v)){net_table_read(x, NULL, p->vpc), when, sg_node_span(p->subnet->key),
						    sg_strf(x->arena, "subnet %.*s uses the main table of its VPC",
							    SG_FMT(p->subnet->id))}));
	else if (!net_assumed_vpc(x, NET_FACT_MAIN_ROUTES, p->subnet))
		p->unknown_table = net_when_or(x, p->unknown_table, (struct net_when){SG_NEVER, main});
}

static void place_acls(struct net_ctx *x, struct net_place *p, const struct net_use *use)
{
	struct net_links links = {0};
	sg_guard covered = net_links_find(x, "AWS::EC2::SubnetNetworkAclAssociation", "NetworkAclId",
					  "AWS::EC2::NetworkAcl", use, &links);
	struct net_when rest = {sg_guard_minus(x->w, p->subnet->exists, covered), SG_NEVER};
	rest.may = rest.must;
	for (size_t i = 0; i < links.vec.n; i++) {
		const struct net_link *l = links.vec.v[i];
		struct net_when when = net_when_of(x, l->guard, l->maybe);
		const struct sg_resource *of = sg_model_attribute(x->m, &l->val, "DefaultNetworkAcl");
		if (l->maybe)
			rest.must = sg_guard_minus(x->w, rest.must, l->guard);
		if (l->to || of)
			SG_PUSH(x->arena, &p->acls,
				((__typeof__(*p->acls.v)){net_acl_read(x, l->to, of), when, sg_node_span(l->link->key),
							  link_text(x, p, l)}));
		else if (!net_assumed(x, NET_FACT_ACL, &l->val))
			p->unknown_acl = net_when_or(x, p->unknown_acl, (struct net_when){SG_NEVER, l->guard});
	}
	if (!sg_guard_possible(x->w, rest.may))
		return;
	if (p->vpc)
		SG_PUSH(x->arena, &p->acls,
			((__typeof__(*p->acls.v)){
				net_acl_read(x, NULL, p->vpc), rest, sg_node_span(p->subnet->key),
				sg_strf(x->arena, "subnet %.*s uses the default network ACL", SG_FMT(p->subnet->id))}));
	else if (!net_assumed_vpc(x, NET_FACT_DEFAULT_ACL, p->subnet))
		p->unknown_acl = net_when_or(x, p->unknown_acl, (struct net_when){SG_NEVER, rest.may});
}

const struct net_place *net_place_of(struct net_ctx *x, const struct sg_resource *subnet)
{
	if (!x->places)
		x->places = sg_map_new(x->arena);
	struct net_place *p = sg_map_get(x->places, subnet->id);
	if (p)
		return p;
	p = SG_NEW(x->arena, struct net_place);
	sg_map_put(x->places, subnet->id, p);
	p->subnet = subnet;
	p->vpc = vpc_of(x, subnet);
	p->range4 = range_filter(x, subnet, "CidrBlock", NET_V4);
	p->range6 = range_filter(x, subnet, "Ipv6CidrBlock", NET_V6);
	p->unknown_span = sg_node_span(subnet->key);
	struct net_use *use = SG_NEW(x->arena, struct net_use);
	use->res = subnet;
	use->guard = subnet->exists;
	place_tables(x, p, use);
	place_acls(x, p, use);
	return p;
}

/* ---------------------------------------------------------------------------------------------- ACLs */

struct net_when net_place_acl(struct net_ctx *x, const struct net_place *place, bool egress, const struct net_packet *p,
			      struct net_when in)
{
	struct net_when open = net_when_and(x, place->unknown_acl, in);
	for (size_t i = 0; i < place->acls.n; i++)
		open = net_when_or(x, open,
				   net_acl_judge(x, place->acls.v[i].acl, egress, p,
						 net_when_and(x, in, place->acls.v[i].when), NULL));
	return open;
}

static bool inside(const struct net_range *range, const uint8_t *address)
{
	struct net_range one = {.known = true, .v6 = range->v6, .bits = range->v6 ? 128 : 32};
	for (size_t i = 0; i < 16; i++)
		one.address[i] = address[i];
	return net_ranges_meet(range, &one);
}

/* A source of which nobody knows the range may be any; else the first address of the range, and of each rule in it. */
struct net_when net_place_acl_from(struct net_ctx *x, const struct net_place *place, const struct net_filter *from,
				   const struct net_packet *p, struct net_when in)
{
	struct net_packet source = *p;
	source.anywhere = !from->range.known;
	source.outside = false;
	if (source.anywhere)
		return net_place_acl(x, place, false, &source, in);
	struct net_edges e = {0};
	struct net_when open = NET_WHEN_NEVER;
	net_edges_add(x, &e, from);
	for (size_t i = 0; i < place->acls.n; i++)
		for (size_t j = 0; j < place->acls.v[i].acl->entries.n; j++)
			net_edges_add(x, &e, &place->acls.v[i].acl->entries.v[j].filter);
	net_edges_sort(&e);
	const struct net_range *v = p->family == NET_V6 ? e.v6.v : e.v4.v;
	size_t n = p->family == NET_V6 ? e.v6.n : e.v4.n;
	for (size_t i = 0; i < n; i++) {
		if (!inside(&from->range, v[i].address))
			continue;
		for (size_t k = 0; k < 16; k++)
			source.to[k] = v[i].address[k];
		open = net_when_or(x, open, net_place_acl(x, place, false, &source, in));
	}
	return open;
}

/* ---------------------------------------------------------------------------------------------- public access */

/* A subnet or a VPC is excepted, so one of the two properties is absent; both are only where nobody knows what is meant. */
static bool names_another(struct net_ctx *x, const struct sg_resource *r, const char *other, sg_guard in)
{
	struct sg_alts ids = sg_net_prop(x->m, r, other, in);
	for (size_t i = 0; i < ids.n; i++)
		if (net_absent(&ids.v[i].val))
			return false;
	return ids.n > 0;
}

/* Worlds in which the place is excepted from the block. */
static struct net_when excluded(struct net_ctx *x, const struct net_place *place, bool egress_is_enough)
{
	struct net_when found = NET_WHEN_NEVER;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::VPCBlockPublicAccessExclusion", &i));) {
		struct sg_alts modes = sg_net_prop(x->m, r, "InternetGatewayExclusionMode", SG_ALWAYS);
		for (size_t m = 0; m < modes.n; m++) {
			bool counts = sg_val_is(&modes.v[m].val, "allow-bidirectional") ||
				      (egress_is_enough && sg_val_is(&modes.v[m].val, "allow-egress"));
			if (!counts && net_literal(&modes.v[m].val))
				continue;
			const char *const props[] = {"SubnetId", "VpcId"};
			for (size_t p = 0; p < 2; p++) {
				const struct sg_resource *what = p ? place->vpc : place->subnet;
				struct sg_alts ids = net_vpc_alts(x, r, props[p], modes.v[m].guard);
				for (size_t j = 0; j < ids.n; j++) {
					if (net_absent(&ids.v[j].val) && names_another(x, r, props[!p], ids.v[j].guard))
						continue;
					enum sg_same same = what ? sg_net_same(x->m, &ids.v[j].val, what) : SG_MAYBE;
					if (same != SG_OTHER)
						found = net_when_or(
							x, found,
							net_when_of(x, ids.v[j].guard, !counts || same == SG_MAYBE));
				}
			}
		}
	}
	return found;
}

struct net_when net_blocked(struct net_ctx *x, const struct net_place *place, enum net_public kind, bool behind_nat)
{
	struct net_when blocked = NET_WHEN_NEVER;
	const struct sg_resource *r;
	if (kind == NET_PUBLIC_NO)
		return blocked;
	bool outgoing = kind == NET_PUBLIC_EGRESS_ONLY || behind_nat;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::VPCBlockPublicAccessOptions", &i));) {
		struct sg_alts modes = sg_net_prop(x->m, r, "InternetGatewayBlockMode", SG_ALWAYS);
		for (size_t j = 0; j < modes.n; j++) {
			const struct sg_val *v = &modes.v[j].val;
			bool all = sg_val_is(v, "block-bidirectional"), in = sg_val_is(v, "block-ingress");
			if (all || (in && !outgoing) || !net_literal(v))
				blocked = net_when_or(x, blocked, net_when_of(x, modes.v[j].guard, !net_literal(v)));
		}
	}
	if (!sg_guard_possible(x->w, blocked.may))
		return blocked;
	return net_when_minus(x, blocked, excluded(x, place, outgoing));
}
