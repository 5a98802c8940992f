/*
 * The VPC's resolver (NET004).  It answers for public names whatever routes, groups and ACLs say, so a script can
 * talk to the owner of any domain through it, unless the VPC has it switched off.
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

/* ---------------------------------------------------------------------------------------------- DNS firewall */

/* What a rule group does with a name that any script chose. */
enum verdict { FILTER_BLOCKS, FILTER_OPEN, FILTER_UNKNOWN };

/* Is every name in the list? */
static bool all_names(struct net_ctx *x, const struct sg_val *id, sg_guard in)
{
	const struct sg_resource *list = sg_model_target(x->m, id);
	if (!list || !sg_str_is(list->type, "AWS::Route53Resolver::FirewallDomainList"))
		return false;
	struct sg_items names = sg_alts_items(x->m->cfn, sg_net_prop(x->m, list, "Domains", in), false);
	for (size_t i = 0; i < names.n; i++)
		if (sg_val_is(&names.v[i].val, "*") &&
		    !sg_guard_possible(x->w,
				       sg_guard_minus(x->w, sg_guard_and(x->w, in, list->exists), names.v[i].guard)))
			return true;
	return false;
}

static const struct sg_val *lone(struct net_ctx *x, const struct sg_val *rule, const char *key, sg_guard in)
{
	struct sg_alts alts = sg_val_get(x->m->cfn, rule, key, in);
	return alts.n == 1 ? &alts.v[0].val : NULL;
}

/* A rule that blocks every name, of any type. */
static bool blocks_all(struct net_ctx *x, const struct sg_alt *rule)
{
	const struct sg_val *action = lone(x, &rule->val, "Action", rule->guard);
	const struct sg_val *list = lone(x, &rule->val, "FirewallDomainListId", rule->guard);
	const struct sg_val *type = lone(x, &rule->val, "Qtype", rule->guard);
	return action && list && type && sg_val_is(action, "BLOCK") && net_absent(type) &&
	       all_names(x, list, rule->guard);
}

static bool blocks_some(struct net_ctx *x, const struct sg_alt *rule)
{
	const struct sg_val *action = lone(x, &rule->val, "Action", rule->guard);
	return action && sg_val_is(action, "BLOCK");
}

/* The first rule that is about a name decides: one that blocks all must come before all that let some through. */
static enum verdict read_group(struct net_ctx *x, const struct sg_resource *group, sg_guard in)
{
	struct sg_items rules = sg_alts_items(x->m->cfn, sg_net_prop(x->m, group, "FirewallRules", in), false);
	int64_t block = INT64_MAX, other = INT64_MAX;
	bool known = true;
	for (size_t i = 0; i < rules.n; i++) {
		const struct sg_val *priority = NULL;
		int64_t n = INT64_MAX;
		if (rules.v[i].val.kind == SG_V_MAP)
			priority = lone(x, &rules.v[i].val, "Priority", rules.v[i].guard);
		if (!priority || !sg_val_integer(priority, &n)) {
			known = false;
		} else if (blocks_all(x, &rules.v[i]) &&
			   !sg_guard_possible(x->w, sg_guard_minus(x->w, in, rules.v[i].guard))) {
			block = n < block ? n : block;
		} else if (!blocks_some(x, &rules.v[i])) {
			other = n < other ? n : other;
		}
	}
	if (block < other && known)
		return FILTER_BLOCKS;
	return known && block == INT64_MAX && !rules.n ? FILTER_OPEN : FILTER_UNKNOWN;
}

/* Another group that is asked first, or a Route 53 profile, could let names through. */
static bool may_be_overruled(struct net_ctx *x, const struct net_use *vpc, const struct sg_resource *by)
{
	static const struct {
		const char *type, *prop;
	} others[] = {{"AWS::Route53Resolver::FirewallRuleGroupAssociation", "VpcId"},
		      {"AWS::Route53Profiles::ProfileAssociation", "ResourceId"}};
	const struct sg_resource *r;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (r = sg_model_next(x->m, others[k].type, &i));) {
			struct sg_alts ids = net_vpc_alts(x, r, others[k].prop, vpc->guard);
			for (size_t j = 0; r != by && j < ids.n; j++)
				if (sg_net_same(x->m, &ids.v[j].val, vpc->res) != SG_OTHER)
					return true;
		}
	return false;
}

static enum verdict read_association(struct net_ctx *x, const struct net_use *vpc, const struct sg_resource *r,
				     sg_guard in)
{
	struct sg_alts groups = sg_net_prop(x->m, r, "FirewallRuleGroupId", in);
	const struct sg_resource *group = groups.n == 1 ? sg_model_target(x->m, &groups.v[0].val) : NULL;
	if (!group || !sg_str_is(group->type, "AWS::Route53Resolver::FirewallRuleGroup") || may_be_overruled(x, vpc, r))
		return FILTER_UNKNOWN;
	return read_group(x, group, groups.v[0].guard);
}

/* Worlds in which a firewall stands before the resolver, so that it is not plainly open. */
static sg_guard filtered(struct net_ctx *x, const struct net_use *vpc, sg_guard in)
{
	sg_guard found = SG_NEVER;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::Route53Resolver::FirewallRuleGroupAssociation", &i));) {
		struct sg_alts ids = net_vpc_alts(x, r, "VpcId", in);
		for (size_t j = 0; j < ids.n; j++) {
			if (sg_net_same(x->m, &ids.v[j].val, vpc->res) != SG_SAME)
				continue;
			enum verdict v = read_association(x, vpc, r, ids.v[j].guard);
			if (v != FILTER_OPEN)
				found = sg_guard_or(x->w, found, ids.v[j].guard);
			if (v != FILTER_UNKNOWN)
				continue;
			struct sg_finding *f =
				net_say(x, "NET004", SG_UNPROVEN, r, "FirewallRuleGroupId", ids.v[j].guard, NULL,
					"whether DNS firewall %.*s blocks every name is not known", SG_FMT(r->id));
			net_settle(x, f,
				   "EnableDnsSupport: false on the VPC would settle it, or a group of the template as "
				   "its only firewall, with a first rule that blocks '*'");
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
			if (!net_assumed(x, NET_FACT_DNS, &vpc->val))
				net_assumable(x,
					      net_say(x, "NET004", SG_UNPROVEN, x->function, "VpcConfig", vpc->guard,
						      &vpc->val,
						      "the VPC of %.*s is not in this template, nor whether its DNS "
						      "resolver is on",
						      SG_FMT(x->function->id)),
					      "Vpc", &vpc->val, "Dns: disabled");
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
