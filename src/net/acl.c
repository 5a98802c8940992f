/*
 * Network ACLs (NET007): each subnet of the function is associated with an ACL of the template through which no packet
 * goes.  An ACL of the template starts with no entry but the one that denies what is left; an entry counts where it
 * decides about some packet, which the entries before it may have taken away.
 */
#include "net/walk_priv.h"

struct opened {
	struct net_ctx *x;
	const struct net_acl *acl;
	struct net_when in;
	struct net_when *by_entry; /* worlds in which some packet goes through it */
};

static void open_by(struct opened *o, bool egress, const struct net_packet *p)
{
	struct net_when left = o->in;
	for (size_t i = 0; i < o->acl->entries.n && sg_guard_possible(o->x->w, left.may); i++) {
		const struct net_entry *e = &o->acl->entries.v[i];
		enum net_match match = net_filter_match(&e->filter, p);
		if (!(egress ? e->egress : e->ingress) || match == NET_NO)
			continue;
		struct net_when hit = net_when_and(o->x, left, e->when);
		if (match != NET_YES || !e->number_known)
			hit.must = SG_NEVER;
		struct net_when open = hit;
		if (e->deny || (e->egress && e->ingress && e->at))
			open.must = SG_NEVER;
		if (e->allow)
			o->by_entry[i] = net_when_or(o->x, o->by_entry[i], open);
		left = net_when_minus(o->x, left, hit);
	}
}

static bool each_packet(void *context, const struct net_packet *p)
{
	open_by(context, true, p);
	open_by(context, false, p);
	return true;
}

static void say_open(struct net_ctx *x, const struct net_link *link, const struct net_entry *e, struct net_when when)
{
	bool must = !link->maybe && sg_guard_possible(x->w, when.must);
	sg_guard guard = must ? when.must : when.may;
	if (!sg_guard_possible(x->w, guard))
		return;
	if (!e->at) {
		net_witness(x,
			    net_say(x, "NET007", must ? SG_FAIL : SG_UNPROVEN, link->link, "NetworkAclId", guard,
				    &link->val, "subnet %.*s uses network ACL %.*s, which allows everything",
				    SG_FMT(link->subnet->res->id), SG_FMT(sg_val_describe(x->arena, &link->val))),
			    link);
		return;
	}
	struct sg_finding *f = net_say(x, "NET007", must ? SG_FAIL : SG_UNPROVEN, e->at, "RuleAction", guard,
				       &e->action.val, "entry %.*s of network ACL %.*s %s traffic", SG_FMT(e->at->id),
				       SG_FMT(sg_val_describe(x->arena, &link->val)), must ? "allows" : "may allow");
	net_witness(x, f, link);
	if (must)
		net_settle(x, f, "take the entry away: an ACL without entries denies everything");
}

static void entries(struct net_ctx *x, const struct net_link *link, const struct net_acl *acl)
{
	static const struct net_filter always[] = {
		{NET_V4, {.known = true}, -1, false, 0, 0},
		{NET_V6, {.known = true, .v6 = true}, -1, false, 0, 0},
		{NET_V4, {true, false, {127}, 8}, -1, false, 0, 0},
	};
	struct net_edges edges = {0};
	struct opened o = {x, acl, {link->guard, link->guard}, NULL};
	o.by_entry = SG_NEW_ARRAY(x->arena, acl->entries.n + 1, struct net_when);
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		net_edges_add(x, &edges, &always[i]);
	for (size_t i = 0; i < acl->entries.n; i++)
		net_edges_add(x, &edges, &acl->entries.v[i].filter);
	net_edges_sort(&edges);
	if (acl->entries.n)
		net_edges_packets(&edges, each_packet, &o);
	/* past the ceiling of edges an entry may be the first for a packet that was not tried */
	for (size_t i = 0; i < acl->entries.n; i++) {
		const struct net_entry *e = &acl->entries.v[i];
		if (edges.too_many && e->allow)
			o.by_entry[i].may =
				sg_guard_or(x->w, o.by_entry[i].may, sg_guard_and(x->w, e->when.may, link->guard));
		say_open(x, link, e, o.by_entry[i]);
	}
}

static void link_acl(struct net_ctx *x, const struct net_link *link)
{
	const struct sg_resource *of = sg_model_attribute(x->m, &link->val, "DefaultNetworkAcl");
	if (link->to || of) {
		if (link->to && !link->maybe)
			net_check_member(x, "NET007", link->to, link->guard);
		entries(x, link, net_acl_read(x, link->to, of));
		return;
	}
	if (net_assumed(x, NET_FACT_ACL, &link->val))
		return;
	struct sg_finding *f =
		net_elsewhere(x, net_say(x, "NET007", SG_UNPROVEN, link->link, "NetworkAclId", link->guard, &link->val,
					 "what network ACL of subnet %.*s, %.*s, allows is not in this template",
					 SG_FMT(link->subnet->res->id), SG_FMT(sg_val_describe(x->arena, &link->val))));
	net_assumable(x, f, "NetworkAcl", &link->val, "Entries: none");
	net_witness(x, f, link);
}

/* The default ACL of a VPC allows everything, unless somebody changed it; of a VPC of elsewhere that is not known. */
static void uncovered(struct net_ctx *x, const struct net_use *subnet, sg_guard guard)
{
	struct sg_val nothing = {.kind = SG_V_ABSENT};
	const struct net_place *place = net_place_of(x, subnet->res);
	if (!place->vpc && net_assumed_vpc(x, NET_FACT_DEFAULT_ACL, subnet->res))
		return;
	struct sg_finding *f =
		net_say(x, "NET007", place->vpc ? SG_FAIL : SG_UNPROVEN, subnet->res, NULL, guard, &nothing,
			"subnet %.*s is associated with no network ACL: it uses the VPC's default one, which "
			"allows everything",
			SG_FMT(subnet->res->id));
	net_step(x, f, sg_prop_span(x->function, &subnet->val), "function %.*s runs in subnet %.*s",
		 SG_FMT(x->function->id), SG_FMT(subnet->res->id));
	if (place->vpc) {
		net_settle(x, f, "associate the subnet with a network ACL of the template that has no entries");
		return;
	}
	struct sg_alts vpc = net_vpc_alts(x, subnet->res, "VpcId", guard);
	for (size_t i = 0; i < vpc.n; i++)
		net_assumable(x, f, "Vpc", &vpc.v[i].val, "DefaultAcl: closed");
}

void net_check_acls(struct net_ctx *x)
{
	for (size_t i = 0; i < x->subnets.vec.n; i++) {
		const struct net_use *subnet = x->subnets.vec.v[i];
		if (!subnet->res) {
			if (net_assumed(x, NET_FACT_SUBNET_ACL, &subnet->val))
				continue;
			struct sg_finding *f = net_elsewhere(
				x, net_say(x, "NET007", SG_UNPROVEN, x->function, "VpcConfig.SubnetIds", subnet->guard,
					   &subnet->val, "the network ACL of subnet %.*s is not in this template",
					   SG_FMT(sg_val_describe(x->arena, &subnet->val))));
			net_assumable(x, f, "Subnet", &subnet->val, "Acl: closed");
			continue;
		}
		sg_guard covered = net_links_find(x, "AWS::EC2::SubnetNetworkAclAssociation", "NetworkAclId",
						  "AWS::EC2::NetworkAcl", subnet, &x->acls);
		sg_guard rest = sg_guard_minus(x->w, subnet->guard, covered);
		if (sg_guard_possible(x->w, rest))
			uncovered(x, subnet, rest);
	}
	for (size_t i = 0; i < x->acls.vec.n; i++)
		link_acl(x, x->acls.vec.v[i]);
}
