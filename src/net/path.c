/*
 * What the open walls add up to: a way out end to end (NET008), and what else in the VPC is in reach (NET009).
 *
 * A path needs, in one and the same world, a route that leads out, a group that lets a packet to a destination of that
 * route through, and an ACL that does.  Protocols, ports and the order of ACL entries are not told apart: an opening
 * counts whatever its port.
 */
#include "net/net_priv.h"

static struct sg_finding *say_path(struct net_ctx *x, sg_guard in, const struct net_hole *exit,
				   const struct net_hole *group, const struct net_hole *acl)
{
	bool maybe = exit->maybe || group->maybe || acl->maybe;
	struct sg_finding *f = sg_net_finding(x->m, "NET008", maybe ? SG_UNPROVEN : SG_FAIL, x->function, x->function,
					      "VpcConfig", in, exit->span,
					      maybe ? "whether a path leads from %.*s out of the VPC is not known"
						    : "a path leads from %.*s out of the VPC, open end to end",
					      SG_FMT(x->function->id));
	net_step(x, f, sg_node_span(x->function->key), "a script runs in function %.*s", SG_FMT(x->function->id));
	net_step(x, f, group->span, "%.*s", SG_FMT(group->what));
	net_step(x, f, acl->span, "%.*s", SG_FMT(acl->what));
	net_step(x, f, exit->span, "%.*s", SG_FMT(exit->what));
	if (!f->settle.n)
		net_settle(x, f,
			   maybe ? "settling any of the walls of this path, closed, would settle it"
				 : "close the walls of this path: any one closes it, each is asked for");
	return f;
}

/* The first path that is certain (or, with `maybe`, that may be); one tells enough. */
static bool find_path(struct net_ctx *x, bool maybe)
{
	for (size_t e = 0; e < x->exits.vec.n; e++)
		for (size_t g = 0; g < x->egress.vec.n; g++) {
			const struct net_hole *exit = &x->exits.vec.v[e], *group = &x->egress.vec.v[g];
			sg_guard two = sg_guard_and(x->w, exit->guard, group->guard);
			if (!net_ranges_meet(&exit->range, &group->range) || !sg_guard_possible(x->w, two))
				continue;
			for (size_t a = 0; a < x->acl.vec.n; a++) {
				const struct net_hole *acl = &x->acl.vec.v[a];
				sg_guard all = sg_guard_and(x->w, two, acl->guard);
				if (!sg_guard_possible(x->w, all) ||
				    (!maybe && (exit->maybe || group->maybe || acl->maybe)))
					continue;
				say_path(x, all, exit, group, acl);
				return true;
			}
		}
	return false;
}

static void neighbours(struct net_ctx *x)
{
	for (size_t i = 0; i < x->egress.vec.n; i++) {
		const struct net_hole *hole = &x->egress.vec.v[i];
		struct sg_finding *f =
			sg_net_finding(x->m, "NET009", SG_UNPROVEN, x->function, x->function,
				       "VpcConfig.SecurityGroupIds", hole->guard, hole->span,
				       "what else runs in the VPC may be reached from %.*s", SG_FMT(x->function->id));
		net_step(x, f, hole->span, "%.*s", SG_FMT(hole->what));
		net_settle(x, f, "egress that is closed (NET003) would settle it");
		return; /* one hole tells enough */
	}
}

void net_check_paths(struct net_ctx *x)
{
	if (!find_path(x, false))
		find_path(x, true);
	neighbours(x);
}
