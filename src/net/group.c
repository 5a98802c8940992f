/*
 * Security groups: egress of the function's own groups (NET003) and of its VPC's default group (NET011).
 *
 * A rule is closed only where its destination is a range that no packet can have.  The protocol and the ports do not
 * matter: one open port is open.  A group with no rule in the template has EC2's rule that allows everything.  That a
 * separate AWS::EC2::SecurityGroupEgress takes this rule away is documented nowhere by AWS, so it proves nothing for
 * a group of the function; NET011 asks no more than that the template does it.
 */
#include "net/walk_priv.h"

/* A security group whose egress is judged: the rule, and what to call it. */
struct group {
	const char *rule;
	const struct sg_resource *res; /* the group, or the VPC whose default group it is */
	bool is_default;
	bool strict; /* a separate rule does not prove that EC2's allow-all rule is gone */
	struct sg_str name;
};

struct destination {
	const char *prop;
	bool range;
};

static const struct destination destinations[] = {
	{"CidrIp", true},
	{"CidrIpv6", true},
	{"DestinationPrefixListId", false},
	{"DestinationSecurityGroupId", false},
};

/* Where a rule is written: a member of the group's list, or a resource of its own. */
struct place {
	const struct sg_resource *at;
	const char *dotted;
	bool maybe; /* the rule may be another group's */
};

static void opening(struct net_ctx *x, const struct group *g, const struct place *p, enum sg_verdict status,
		    sg_guard guard, const struct sg_val *val, struct sg_str what)
{
	if (!sg_guard_possible(x->w, guard))
		return;
	struct sg_finding *f = net_say(x, g->rule, p->maybe ? SG_UNPROVEN : status, p->at, p->dotted, guard, val,
				       "%.*s", SG_FMT(what));
	net_step(x, f, sg_node_span(x->function->key), "function %.*s %s security group %.*s", SG_FMT(x->function->id),
		 g->is_default ? "runs in the VPC of" : "has", SG_FMT(g->name));
	net_step(x, f, sg_prop_span(p->at, val), "%.*s", SG_FMT(what));
	if (f->status == SG_FAIL)
		net_settle(
			x, f,
			"give the group one egress rule that matches no traffic: CidrIp 127.0.0.1/32, IpProtocol '-1'");
	else if (g->strict && !p->maybe && (net_absent(val) || val->kind == SG_V_LIST))
		net_settle(x, f, "a group of the template with an egress rule of its own would settle it");
}

enum { LIST = 2 }; /* of destinations */

/* A prefix list of the template in which there is nothing that a packet can have. */
static bool list_closed(struct net_ctx *x, const struct sg_alt *id)
{
	struct net_list list = {0};
	net_list_read(x, id, &list);
	for (size_t i = 0; i < list.vec.n; i++)
		if (!net_range_void(&list.vec.v[i].range))
			return false;
	return true;
}

static bool destination_closed(const struct destination *d, const struct sg_val *v, const struct net_range *range)
{
	return d->range && net_literal(v) && net_range_void(range);
}

/* One egress rule in the worlds of `in`.  Returns the worlds in which it is there and proved closed. */
static sg_guard judge_rule(struct net_ctx *x, const struct group *g, const struct place *p, const struct sg_val *rule,
			   sg_guard in)
{
	sg_guard rest = in, closed = SG_NEVER, open = SG_NEVER;
	for (size_t d = 0; d < sizeof(destinations) / sizeof(*destinations); d++) {
		struct sg_alts alts = sg_val_get(x->m->cfn, rule, destinations[d].prop, in);
		for (size_t i = 0; i < alts.n; i++) {
			const struct sg_val *v = &alts.v[i].val;
			if (net_absent(v))
				continue;
			rest = sg_guard_minus(x->w, rest, alts.v[i].guard);
			struct net_range range = {0};
			if (destinations[d].range)
				range = net_range_of(x->arena, v);
			if (destination_closed(&destinations[d], v, &range) ||
			    (d == LIST && list_closed(x, &alts.v[i]))) {
				closed = sg_guard_or(x->w, closed, alts.v[i].guard);
				continue;
			}
			bool known = net_literal(v) || !destinations[d].range;
			open = sg_guard_or(x->w, open, alts.v[i].guard);
			opening(x, g, p, known && v->kind != SG_V_UNKNOWN ? SG_FAIL : SG_UNPROVEN, alts.v[i].guard, v,
				sg_strf(x->arena, "egress of security group %.*s is allowed to %.*s", SG_FMT(g->name),
					SG_FMT(sg_val_describe(x->arena, v))));
		}
	}
	opening(x, g, p, SG_UNPROVEN, rest, rule,
		sg_strf(x->arena, "an egress rule of security group %.*s has no destination that this audit knows",
			SG_FMT(g->name)));
	return sg_guard_minus(x->w, closed, sg_guard_or(x->w, open, rest));
}

static enum sg_same names_group(struct net_ctx *x, const struct sg_val *v, const struct group *g)
{
	if (!g->is_default)
		return sg_net_same(x->m, v, g->res);
	const struct sg_resource *vpc = sg_model_attribute(x->m, v, "DefaultSecurityGroup");
	if (vpc)
		return vpc == g->res ? SG_SAME : SG_OTHER;
	return sg_model_target(x->m, v) && v->kind == SG_V_STRING ? SG_OTHER : SG_MAYBE;
}

/* The AWS::EC2::SecurityGroupEgress resources that are, or may be, of this group.  Returns the worlds in which it
 * certainly has a closed one. */
static sg_guard separate_rules(struct net_ctx *x, const struct group *g, sg_guard in)
{
	sg_guard closed = SG_NEVER;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::SecurityGroupEgress", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "GroupId", in);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = names_group(x, &ids.v[j].val, g);
			if (same == SG_OTHER)
				continue;
			struct place p = {r, NULL, same == SG_MAYBE};
			struct sg_alts rules = sg_eval(x->m->cfn, r->props, ids.v[j].guard);
			for (size_t k = 0; k < rules.n; k++) {
				sg_guard c = judge_rule(x, g, &p, &rules.v[k].val, rules.v[k].guard);
				if (!p.maybe)
					closed = sg_guard_or(x->w, closed, c);
			}
		}
	}
	return closed;
}

/* No rule of its own in these worlds: EC2's allow-all, unless a separate rule has taken it away. */
static void bare(struct net_ctx *x, const struct group *g, sg_guard in, sg_guard separate, const struct sg_val *val)
{
	struct place p = {g->res, g->is_default ? NULL : "SecurityGroupEgress", false};
	if (g->strict) {
		sg_guard both = sg_guard_and(x->w, in, separate);
		opening(x, g, &p, SG_UNPROVEN, both, val,
			sg_strf(x->arena,
				"security group %.*s has no egress rule of its own: whether a separate rule takes "
				"EC2's "
				"allow-all rule away is not documented",
				SG_FMT(g->name)));
	}
	struct sg_str how = net_absent(val) ? SG_LIT("no egress rule") : SG_LIT("an empty list of egress rules");
	opening(x, g, &p, SG_FAIL, sg_guard_minus(x->w, in, separate), val,
		sg_strf(x->arena, "security group %.*s has %.*s: EC2 then allows all egress", SG_FMT(g->name),
			SG_FMT(how)));
}

static void own_rules(struct net_ctx *x, const struct group *g, const struct sg_alt *alt, sg_guard separate)
{
	struct sg_alts one = {alt, 1};
	struct place p = {g->res, "SecurityGroupEgress", false};
	if (net_absent(&alt->val)) {
		bare(x, g, alt->guard, separate, &alt->val);
		return;
	}
	struct sg_items rules = sg_alts_items(x->m->cfn, one, false);
	sg_guard there = SG_NEVER;
	for (size_t i = 0; i < rules.n; i++) {
		const struct sg_alt *rule = &rules.v[i];
		there = sg_guard_or(x->w, there, rule->guard);
		if (rule->val.kind == SG_V_MAP)
			judge_rule(x, g, &p, &rule->val, rule->guard);
		else
			opening(x, g, &p, SG_UNPROVEN, rule->guard, &rule->val,
				sg_strf(x->arena, "the egress rules of security group %.*s are not known",
					SG_FMT(g->name)));
	}
	sg_guard empty = sg_guard_minus(x->w, alt->guard, there);
	if (sg_guard_possible(x->w, empty))
		bare(x, g, empty, separate, &alt->val);
}

static void own_group(struct net_ctx *x, const struct net_use *use)
{
	struct group g = {"NET003", use->res, false, true, use->res->id};
	net_check_member(x, "NET003", use->res, use->guard);
	sg_guard separate = separate_rules(x, &g, use->guard);
	struct sg_alts alts = sg_net_prop(x->m, use->res, "SecurityGroupEgress", use->guard);
	for (size_t i = 0; i < alts.n; i++)
		own_rules(x, &g, &alts.v[i], separate);
}

static void default_group(struct net_ctx *x, const struct sg_resource *vpc, sg_guard in, bool own)
{
	struct group g = {own ? "NET003" : "NET011", vpc, true, own,
			  sg_strf(x->arena, "%.*s.DefaultSecurityGroup", SG_FMT(vpc->id))};
	struct sg_val nothing = {.kind = SG_V_ABSENT};
	bare(x, &g, in, separate_rules(x, &g, in), &nothing);
}

static void unknown_group(struct net_ctx *x, const struct net_use *use)
{
	if (net_assumed(x, NET_FACT_EGRESS, &use->val))
		return;
	struct sg_finding *f = net_say(x, "NET003", SG_UNPROVEN, x->function, "VpcConfig.SecurityGroupIds", use->guard,
				       &use->val, "the egress of security group %.*s is not in this template",
				       SG_FMT(sg_val_describe(x->arena, &use->val)));
	net_assumable(x, f, "SecurityGroup", &use->val, "Egress: none");
}

void net_check_groups(struct net_ctx *x)
{
	for (size_t i = 0; i < x->groups.vec.n; i++) {
		const struct net_use *use = x->groups.vec.v[i];
		if (use->res)
			own_group(x, use);
		else if (use->default_of)
			default_group(x, use->default_of, use->guard, true);
		else
			unknown_group(x, use);
	}
	for (size_t i = 0; i < x->vpcs.vec.n; i++) {
		const struct net_use *vpc = x->vpcs.vec.v[i];
		if (vpc->res)
			default_group(x, vpc->res, vpc->guard, false);
		else if (!net_assumed(x, NET_FACT_DEFAULT_GROUP, &vpc->val))
			net_assumable(x,
				      net_say(x, "NET011", SG_UNPROVEN, x->function, "VpcConfig", vpc->guard, &vpc->val,
					      "the VPC of %.*s is not in this template, nor what its default security "
					      "group allows",
					      SG_FMT(x->function->id)),
				      "Vpc", &vpc->val, "DefaultGroup: closed");
	}
}
