/*
 * The walk from a function into its network: which subnets and groups it uses in which worlds (NET001), and what
 * values and associations the walls' files share.  It must not know what a wall looks like, nor how a finding is said.
 */
#include "net/net_priv.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- values */

bool net_absent(const struct sg_val *v)
{
	return v->kind == SG_V_ABSENT || v->kind == SG_V_NULL;
}

bool net_literal(const struct sg_val *v)
{
	if (v->kind == SG_V_UNKNOWN)
		return false;
	for (size_t i = 0; v->kind == SG_V_STRING && i < v->n_parts; i++)
		if (v->parts[i].symbol)
			return false;
	return true;
}

/* The default group or ACL of a VPC is none of the template's own resources. */
static bool is_default_thing(const struct sg_model *m, const struct sg_val *v)
{
	return sg_model_attribute(m, v, "DefaultSecurityGroup") || sg_model_attribute(m, v, "DefaultNetworkAcl");
}

enum sg_same sg_net_same(const struct sg_model *m, const struct sg_val *v, const struct sg_resource *r)
{
	/* a required property that is not there, or that is no text: CloudFormation refuses it today */
	if (v->kind != SG_V_STRING && v->kind != SG_V_UNKNOWN)
		return SG_MAYBE;
	const struct sg_resource *target = sg_model_target(m, v);
	if (target == r)
		return SG_SAME;
	if (target)
		return target->info->class_ == SG_TYPE_UNKNOWN ? SG_MAYBE : SG_OTHER;
	return is_default_thing(m, v) ? SG_OTHER : SG_MAYBE;
}

/* ---------------------------------------------------------------------------------------------- uses */

static bool same_use(const struct net_use *a, const struct net_use *b)
{
	if (a->res || b->res || a->default_of || b->default_of)
		return a->res == b->res && a->default_of == b->default_of;
	const struct sg_symbol *s = sg_val_symbol(&a->val);
	return s && s == sg_val_symbol(&b->val);
}

/* One entry for each thing: two subnets of one VPC use it once. */
static void use_add(struct net_ctx *x, struct net_uses *uses, struct net_use use)
{
	if (!sg_guard_possible(x->w, use.guard))
		return;
	for (size_t i = 0; i < uses->vec.n; i++)
		if (same_use(uses->vec.v[i], &use)) {
			use.guard = sg_guard_or(x->w, uses->vec.v[i]->guard, use.guard);
			use.val = uses->vec.v[i]->val;
			struct net_use *merged = SG_NEW(x->arena, struct net_use);
			*merged = use;
			uses->vec.v[i] = merged;
			return;
		}
	struct net_use *fresh = SG_NEW(x->arena, struct net_use);
	*fresh = use;
	SG_PUSH(x->arena, &uses->vec, fresh);
}

/* The resource that a value names, if it is of this type; where it does not exist nothing can be deployed. */
static struct net_use use_of(struct net_ctx *x, const struct sg_alt *alt, const char *type)
{
	struct net_use use = {.val = alt->val, .guard = alt->guard};
	const struct sg_resource *r = sg_model_target(x->m, &alt->val);
	if (r && sg_str_is(r->type, type)) {
		use.res = r;
		use.guard = sg_guard_and(x->w, alt->guard, r->exists);
	}
	return use;
}

static void unknown_config(struct net_ctx *x, const struct sg_alt *alt)
{
	net_say(x, "NET001", SG_UNPROVEN, x->function, "VpcConfig", alt->guard, &alt->val,
		"whether %.*s runs inside a VPC is not known", SG_FMT(x->function->id));
	struct net_use use = {.val = alt->val, .guard = alt->guard};
	use_add(x, &x->subnets, use);
	use_add(x, &x->groups, use);
}

/* A list that comes in: of a parameter, what the deployment passes would say. */
static void maybe_empty(struct net_ctx *x, const struct sg_val *list, sg_guard in)
{
	struct sg_finding *f = net_say(x, "NET001", SG_UNPROVEN, x->function, "VpcConfig.SubnetIds", in, list,
				       "the list of subnets of %.*s may be empty", SG_FMT(x->function->id));
	const struct sg_symbol *s = sg_net_symbol(list);
	if (sg_net_is_passed(x->m, s))
		sg_finding_settle(
			x->m->findings, f,
			"SubnetIds with at least one subnet by itself, or --parameter-overrides %.*s=subnet-…, would "
			"settle it",
			SG_FMT(s->name));
	else
		net_settle(x, f, "SubnetIds with at least one subnet by itself would settle it");
}

static sg_guard use_items(struct net_ctx *x, const struct sg_alt *config, const char *key, const char *type,
			  struct net_uses *out)
{
	struct sg_cfn *c = x->m->cfn;
	struct sg_items items = sg_alts_items(c, sg_val_get(c, &config->val, key, config->guard), false);
	sg_guard certain = SG_NEVER, maybe = SG_NEVER;
	if (items.n > NET_MAX_USES) {
		unknown_config(x, config);
		return SG_NEVER;
	}
	for (size_t i = 0; i < items.n; i++) {
		struct net_use use = use_of(x, &items.v[i], type);
		use.default_of = sg_model_attribute(x->m, &items.v[i].val, "DefaultSecurityGroup");
		use_add(x, out, use);
		if (items.v[i].val.kind == SG_V_UNKNOWN)
			maybe = sg_guard_or(x->w, maybe, items.v[i].guard);
		else
			certain = sg_guard_or(x->w, certain, items.v[i].guard);
	}
	sg_guard none = sg_guard_minus(x->w, sg_guard_minus(x->w, config->guard, certain), maybe);
	sg_guard open = sg_guard_minus(x->w, sg_guard_and(x->w, config->guard, maybe), certain);
	bool subnets = out == &x->subnets;
	if (sg_guard_possible(x->w, none)) {
		struct sg_finding *f = net_say(
			x, subnets ? "NET001" : "NET003", subnets ? SG_FAIL : SG_UNPROVEN, x->function, "VpcConfig",
			none, &config->val, "VpcConfig of %.*s names no %s", SG_FMT(x->function->id),
			subnets ? "subnet: Lambda then runs the function outside of any VPC" : "security group");
		net_settle(x, f,
			   subnets ? "name the sandbox's subnets in SubnetIds"
				   : "name the sandbox's group in SecurityGroupIds");
	}
	if (subnets && sg_guard_possible(x->w, open))
		maybe_empty(x, &items.v[0].val, open);
	return none;
}

static void outside(struct net_ctx *x, const struct sg_alt *alt)
{
	bool always = sg_guard_certain(x->w, alt->guard);
	struct sg_finding *f =
		net_say(x, "NET001", SG_FAIL, x->function, NULL, alt->guard, &alt->val,
			always ? "%.*s has no VpcConfig: its code reaches the whole internet"
			       : "the VpcConfig of %.*s can vanish: its code then reaches the whole internet",
			SG_FMT(x->function->id));
	net_step(x, f, sg_node_span(x->function->key), "function %.*s runs outside of any VPC",
		 SG_FMT(x->function->id));
	net_settle(x, f, "put the function into the sandbox's subnets in every deployment");
}

static void read_config(struct net_ctx *x, sg_guard judged)
{
	struct sg_alts alts = sg_net_prop(x->m, x->function, "VpcConfig", judged);
	x->in_vpc = SG_NEVER;
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_alt *alt = &alts.v[i];
		if (net_absent(&alt->val)) {
			outside(x, alt);
			continue;
		}
		sg_guard none = SG_NEVER;
		if (alt->val.kind == SG_V_MAP) {
			none = use_items(x, alt, "SubnetIds", "AWS::EC2::Subnet", &x->subnets);
			use_items(x, alt, "SecurityGroupIds", "AWS::EC2::SecurityGroup", &x->groups);
		} else {
			unknown_config(x, alt);
		}
		x->in_vpc = sg_guard_or(x->w, x->in_vpc, sg_guard_minus(x->w, alt->guard, none));
	}
}

static void find_vpcs(struct net_ctx *x)
{
	for (size_t i = 0; i < x->subnets.vec.n; i++) {
		const struct net_use *subnet = x->subnets.vec.v[i];
		if (!subnet->res) {
			use_add(x, &x->vpcs, *subnet);
			continue;
		}
		struct sg_alts alts = net_vpc_alts(x, subnet->res, "VpcId", subnet->guard);
		for (size_t j = 0; j < alts.n; j++)
			use_add(x, &x->vpcs, use_of(x, &alts.v[j], "AWS::EC2::VPC"));
	}
}

enum sg_same net_is_vpc(struct net_ctx *x, const struct sg_val *v, sg_guard *in)
{
	enum sg_same best = SG_OTHER;
	*in = SG_NEVER;
	for (size_t i = 0; i < x->vpcs.vec.n; i++) {
		const struct net_use *use = x->vpcs.vec.v[i];
		const struct sg_symbol *s = sg_val_symbol(&use->val);
		enum sg_same same = s && s == sg_val_symbol(v) ? SG_SAME : SG_MAYBE;
		if (use->res)
			same = sg_net_same(x->m, v, use->res);
		if (same == SG_OTHER || same < best)
			continue;
		*in = same == best ? sg_guard_or(x->w, *in, use->guard) : use->guard;
		best = same;
	}
	return best;
}

/* Worlds in which a group of another VPC is associated with the function's. */
static sg_guard associated(struct net_ctx *x, const struct sg_resource *group)
{
	const struct sg_resource *r;
	sg_guard found = SG_NEVER;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::SecurityGroupVpcAssociation", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "GroupId", x->in_vpc);
		for (size_t j = 0; j < ids.n; j++) {
			struct sg_alts vpcs = net_vpc_alts(x, r, "VpcId", ids.v[j].guard);
			for (size_t k = 0; k < vpcs.n; k++) {
				sg_guard in;
				if (sg_net_same(x->m, &ids.v[j].val, group) == SG_SAME &&
				    net_is_vpc(x, &vpcs.v[k].val, &in) == SG_SAME)
					found = sg_guard_or(x->w, found, sg_guard_and(x->w, vpcs.v[k].guard, in));
			}
		}
	}
	return found;
}

void net_check_member(struct net_ctx *x, const char *rule, const struct sg_resource *r, sg_guard in)
{
	/* with a VPC from elsewhere the ids cannot be compared; EC2 does, and refuses what does not belong together */
	for (size_t i = 0; i < x->vpcs.vec.n; i++)
		if (!x->vpcs.vec.v[i]->res)
			return;
	struct sg_alts alts = net_vpc_alts(x, r, "VpcId", sg_guard_and(x->w, in, x->in_vpc));
	for (size_t i = 0; i < alts.n; i++) {
		sg_guard there, missing = alts.v[i].guard;
		if (net_is_vpc(x, &alts.v[i].val, &there) == SG_SAME)
			missing = sg_guard_minus(x->w, missing, there);
		missing = sg_guard_minus(x->w, missing, associated(x, r));
		if (!sg_guard_possible(x->w, missing))
			continue;
		struct sg_finding *f = net_say(x, rule, SG_UNPROVEN, r, "VpcId", missing, &alts.v[i].val,
					       "%.*s is not known to be of the VPC that %.*s runs in", SG_FMT(r->id),
					       SG_FMT(x->function->id));
		net_settle(x, f, "the VPC of the function's subnets in VpcId would settle it");
	}
}

/* ---------------------------------------------------------------------------------------------- associations */

static void link_add(struct net_ctx *x, struct net_link link, const char *to_prop, const char *to_type, sg_guard guard,
		     struct net_links *out)
{
	struct sg_alts to = sg_net_prop(x->m, link.link, to_prop, guard);
	for (size_t i = 0; i < to.n; i++) {
		struct net_link *l = SG_NEW(x->arena, struct net_link);
		*l = link;
		const struct sg_resource *target = sg_model_target(x->m, &to.v[i].val);
		l->to = target && sg_str_is(target->type, to_type) ? target : NULL;
		l->val = to.v[i].val;
		l->guard = to.v[i].guard;
		SG_PUSH(x->arena, &out->vec, l);
	}
}

/* An association that may be with any of the subnets is looked at once, in the worlds of all of them. */
static bool maybe_seen(struct net_ctx *x, const struct sg_resource *r, sg_guard in, struct net_links *out)
{
	if (!out->maybe)
		out->maybe = sg_map_new(x->arena);
	if (!sg_map_put(out->maybe, r->id, x))
		return false;
	for (size_t i = 0; i < out->vec.n; i++)
		if (out->vec.v[i]->link == r && out->vec.v[i]->maybe)
			out->vec.v[i]->guard = sg_guard_or(x->w, out->vec.v[i]->guard, in);
	return true;
}

static const struct net_associations *associations(struct net_ctx *x, const char *type)
{
	bool tables = !strcmp(type, "AWS::EC2::SubnetRouteTableAssociation");
	struct net_associations *all = tables ? &x->of_tables : &x->of_acls;
	const struct sg_resource *r;
	for (size_t i = 0; !all->read && (r = sg_model_next(x->m, type, &i));) {
		struct net_association a = {.res = r, .subnets = sg_net_prop(x->m, r, "SubnetId", SG_ALWAYS)};
		const struct sg_resource *target = a.subnets.n == 1 ? sg_model_target(x->m, &a.subnets.v[0].val) : NULL;
		a.only = target && target->info->class_ != SG_TYPE_UNKNOWN ? target : NULL;
		SG_PUSH(x->arena, &all->vec, a);
	}
	all->read = true;
	return all;
}

static sg_guard link_find(struct net_ctx *x, const struct net_association *a, const char *to_prop, const char *to_type,
			  const struct net_use *subnet, struct net_links *out)
{
	sg_guard covered = SG_NEVER, perhaps = SG_NEVER;
	struct net_link link = {.subnet = subnet, .link = a->res};
	for (size_t j = 0; j < a->subnets.n; j++) {
		enum sg_same same = sg_net_same(x->m, &a->subnets.v[j].val, subnet->res);
		sg_guard in = sg_guard_and(x->w, a->subnets.v[j].guard, subnet->guard);
		if (same == SG_SAME)
			covered = sg_guard_or(x->w, covered, in);
		else if (same == SG_MAYBE)
			perhaps = sg_guard_or(x->w, perhaps, in);
	}
	if (sg_guard_possible(x->w, covered))
		link_add(x, link, to_prop, to_type, covered, out);
	link.maybe = true;
	if (sg_guard_possible(x->w, perhaps) && !maybe_seen(x, a->res, perhaps, out))
		link_add(x, link, to_prop, to_type, perhaps, out);
	return covered;
}

sg_guard net_links_find(struct net_ctx *x, const char *type, const char *to_prop, const char *to_type,
			const struct net_use *subnet, struct net_links *out)
{
	sg_guard covered = SG_NEVER;
	const struct net_associations *all = associations(x, type);
	for (size_t i = 0; i < all->vec.n; i++)
		if (!all->vec.v[i].only || all->vec.v[i].only == subnet->res)
			covered =
				sg_guard_or(x->w, covered, link_find(x, &all->vec.v[i], to_prop, to_type, subnet, out));
	return covered;
}

void net_witness(struct net_ctx *x, struct sg_finding *f, const struct net_link *link)
{
	const struct sg_resource *subnet = link->subnet->res;
	net_step(x, f, sg_prop_span(x->function, &link->subnet->val), "function %.*s runs in subnet %.*s",
		 SG_FMT(x->function->id), SG_FMT(subnet->id));
	net_step(x, f, sg_node_span(link->link->key), "association %.*s gives the subnet %.*s", SG_FMT(link->link->id),
		 SG_FMT(sg_val_describe(x->arena, &link->val)));
}

/* ---------------------------------------------------------------------------------------------- all of it */

void sg_net_check(const struct sg_model *m, const struct sg_resource *function, sg_guard judged,
		  const struct sg_net_outside *outside)
{
	static const char *const rules[] = {"NET002", "NET003", "NET004", "NET005", "NET006", "NET007",
					    "NET008", "NET009", "NET010", "NET011", "NET012"};
	struct net_ctx x = {.m = m, .arena = m->arena, .w = m->worlds, .function = function};
	if (outside) {
		x.facts = outside->facts;
		x.policy = outside->policy;
		x.policy_context = outside->context;
	}
	read_config(&x, judged);
	sg_judge(m->findings, "NET001", function->id, SG_PASS);
	if (!sg_guard_possible(x.w, x.in_vpc))
		return;
	find_vpcs(&x);
	net_check_routes(&x);
	net_check_groups(&x);
	net_check_dns(&x);
	net_check_endpoints(&x);
	net_check_acls(&x);
	net_check_paths(&x);
	net_check_others(&x);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		sg_judge(m->findings, rules[i], function->id, SG_PASS);
}
