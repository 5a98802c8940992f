/*
 * The VPC's resolver (NET004).  It answers for public names whatever routes, groups and ACLs say, so a script can talk
 * to the owner of any domain through it, unless the VPC has it switched off.
 */
#include "net/net_priv.h"

static void open_resolver(struct net_ctx *x, const struct net_use *vpc, sg_guard in, const struct sg_val *val)
{
	if (!sg_guard_possible(x->w, in))
		return;
	struct sg_finding *f = net_say(x, "NET004", SG_FAIL, vpc->res, "EnableDnsSupport", in, val,
				       "the DNS resolver of VPC %.*s is on: names, and data in them, leave through it",
				       SG_FMT(vpc->res->id));
	net_step(x, f, sg_node_span(x->function->key), "function %.*s runs in VPC %.*s", SG_FMT(x->function->id),
		 SG_FMT(vpc->res->id));
	net_step(x, f, sg_prop_span(vpc->res, val), "EnableDnsSupport is %.*s", SG_FMT(sg_val_describe(x->arena, val)));
	net_settle(x, f, "EnableDnsSupport: false");
}

/* A rule group blocks what its rules say, which this stage does not read. */
static sg_guard filtered(struct net_ctx *x, const struct net_use *vpc, sg_guard in)
{
	sg_guard found = SG_NEVER;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::Route53Resolver::FirewallRuleGroupAssociation", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "VpcId", in);
		for (size_t j = 0; j < ids.n; j++) {
			if (sg_net_same(x->m, &ids.v[j].val, vpc->res) != SG_SAME)
				continue;
			found = sg_guard_or(x->w, found, ids.v[j].guard);
			struct sg_finding *f =
				net_say(x, "NET004", SG_UNPROVEN, r, "FirewallRuleGroupId", ids.v[j].guard, NULL,
					"whether DNS firewall %.*s blocks every name is not known", SG_FMT(r->id));
			net_settle(x, f, "EnableDnsSupport: false on the VPC would settle it");
		}
	}
	return found;
}

static void support(struct net_ctx *x, const struct net_use *vpc, const struct sg_alt *alt)
{
	bool on = true;
	if (net_absent(&alt->val) || (sg_val_bool(&alt->val, &on) && on)) {
		sg_guard blocked = filtered(x, vpc, alt->guard);
		open_resolver(x, vpc, sg_guard_minus(x->w, alt->guard, blocked), &alt->val);
	} else if (on) {
		net_say(x, "NET004", SG_UNPROVEN, vpc->res, "EnableDnsSupport", alt->guard, &alt->val,
			"whether the DNS resolver of VPC %.*s is on is not known", SG_FMT(vpc->res->id));
	}
}

/* EC2 gives host names only where the resolver is on, and refuses to have one without the other. */
static void host_names(struct net_ctx *x, const struct net_use *vpc, const struct sg_alt *alt)
{
	bool on = true;
	if (net_absent(&alt->val) || (sg_val_bool(&alt->val, &on) && !on))
		return;
	struct sg_finding *f =
		net_say(x, "NET004", SG_UNPROVEN, vpc->res, "EnableDnsHostnames", alt->guard, NULL,
			"VPC %.*s asks for DNS host names, which need the resolver", SG_FMT(vpc->res->id));
	net_settle(x, f, "EnableDnsHostnames: false");
}

void net_check_dns(struct net_ctx *x)
{
	for (size_t i = 0; i < x->vpcs.vec.n; i++) {
		const struct net_use *vpc = x->vpcs.vec.v[i];
		if (!vpc->res) {
			net_elsewhere(
				x,
				net_say(x, "NET004", SG_UNPROVEN, x->function, "VpcConfig", vpc->guard, &vpc->val,
					"the VPC of %.*s is not in this template, nor whether its DNS resolver is on",
					SG_FMT(x->function->id)));
			continue;
		}
		struct sg_alts on = sg_net_prop(x->m, vpc->res, "EnableDnsSupport", vpc->guard);
		for (size_t j = 0; j < on.n; j++)
			support(x, vpc, &on.v[j]);
		struct sg_alts names = sg_net_prop(x->m, vpc->res, "EnableDnsHostnames", vpc->guard);
		for (size_t j = 0; j < names.n; j++)
			host_names(x, vpc, &names.v[j]);
	}
}
