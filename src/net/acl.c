/*
 * Network ACLs (NET007): each subnet of the function is associated with an ACL of the template in which no entry
 * allows anything.  An ACL of the template starts with no entry but the one that denies what is left.
 */
#include "net/net_priv.h"

static void open_acl(struct net_ctx *x, struct sg_finding *f, sg_guard guard, bool egress)
{
	if (egress)
		net_hole_add(x, &x->acl, (struct net_hole){guard, {0}, f->status != SG_FAIL, f->span, f->message});
}

static void judge_entry(struct net_ctx *x, const struct net_link *link, const struct sg_resource *entry,
			const struct sg_alt *action, bool maybe)
{
	const struct sg_val *v = &action->val;
	if (!sg_guard_possible(x->w, action->guard) || sg_val_is(v, "deny"))
		return;
	struct sg_finding *f =
		net_say(x, "NET007", sg_val_is(v, "allow") && !maybe ? SG_FAIL : SG_UNPROVEN, entry, "RuleAction",
			action->guard, v, "entry %.*s of network ACL %.*s %s traffic", SG_FMT(entry->id),
			SG_FMT(link->to->id), sg_val_is(v, "allow") && !maybe ? "allows" : "may allow");
	net_witness(x, f, link);
	/* for a path out it matters only where the entry is not certainly one for what comes in */
	struct sg_alts egress = sg_net_prop(x->m, entry, "Egress", action->guard);
	for (size_t i = 0; i < egress.n; i++) {
		bool out = false;
		bool in = net_absent(&egress.v[i].val) || (sg_val_bool(&egress.v[i].val, &out) && !out);
		open_acl(x, f, egress.v[i].guard, !in);
	}
}

static void entries(struct net_ctx *x, const struct net_link *link)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::NetworkAclEntry", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "NetworkAclId", link->guard);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = sg_net_same(x->m, &ids.v[j].val, link->to);
			if (same == SG_OTHER)
				continue;
			struct sg_alts actions = sg_net_prop(x->m, r, "RuleAction", ids.v[j].guard);
			for (size_t k = 0; k < actions.n; k++)
				judge_entry(x, link, r, &actions.v[k], same == SG_MAYBE || link->maybe);
		}
	}
}

static void link_acl(struct net_ctx *x, const struct net_link *link)
{
	if (link->to) {
		if (!link->maybe)
			net_check_member(x, "NET007", link->to, link->guard);
		entries(x, link);
		return;
	}
	bool vpc_default = sg_model_attribute(x->m, &link->val, "DefaultNetworkAcl");
	struct sg_finding *f = net_elsewhere(
		x, net_say(x, "NET007", vpc_default && !link->maybe ? SG_FAIL : SG_UNPROVEN, link->link, "NetworkAclId",
			   link->guard, &link->val,
			   vpc_default ? "subnet %.*s uses network ACL %.*s, which allows everything"
				       : "what network ACL of subnet %.*s, %.*s, allows is not in this template",
			   SG_FMT(link->subnet->res->id), SG_FMT(sg_val_describe(x->arena, &link->val))));
	net_witness(x, f, link);
	open_acl(x, f, link->guard, true);
}

static void uncovered(struct net_ctx *x, const struct net_use *subnet, sg_guard guard)
{
	struct sg_val nothing = {.kind = SG_V_ABSENT};
	struct sg_finding *f =
		net_say(x, "NET007", SG_FAIL, subnet->res, NULL, guard, &nothing,
			"subnet %.*s is associated with no network ACL: it uses the VPC's default one, which "
			"allows everything",
			SG_FMT(subnet->res->id));
	net_step(x, f, sg_prop_span(x->function, &subnet->val), "function %.*s runs in subnet %.*s",
		 SG_FMT(x->function->id), SG_FMT(subnet->res->id));
	net_settle(x, f, "associate the subnet with a network ACL of the template that has no entries");
	open_acl(x, f, guard, true);
}

void net_check_acls(struct net_ctx *x)
{
	for (size_t i = 0; i < x->subnets.vec.n; i++) {
		const struct net_use *subnet = x->subnets.vec.v[i];
		if (!subnet->res) {
			struct sg_finding *f = net_elsewhere(
				x, net_say(x, "NET007", SG_UNPROVEN, x->function, "VpcConfig.SubnetIds", subnet->guard,
					   &subnet->val, "the network ACL of subnet %.*s is not in this template",
					   SG_FMT(sg_val_describe(x->arena, &subnet->val))));
			open_acl(x, f, subnet->guard, true);
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
