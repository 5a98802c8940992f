/*
 * What security groups let through, and what prefix lists hold, as rules about packets.  Nothing is judged here.
 *
 * A group of the template without egress rules has EC2's, which lets everything out; whether a separate resource
 * takes that one away is documented nowhere, so it then only may be there.  A default group lets in what has the
 * group itself.
 */
#include "net/walk_priv.h"

/* ---------------------------------------------------------------------------------------------- prefix lists */

static void list_unknown(struct net_ctx *x, sg_guard guard, struct net_list *out)
{
	SG_PUSH(x->arena, &out->vec, ((struct net_list_range){.when = {SG_NEVER, guard}}));
}

void net_list_read(struct net_ctx *x, const struct sg_alt *id, struct net_list *out)
{
	const struct sg_resource *list = sg_model_target(x->m, &id->val);
	if (!list || !sg_str_is(list->type, "AWS::EC2::PrefixList")) {
		list_unknown(x, id->guard, out);
		return;
	}
	struct sg_items entries = sg_alts_items(x->m->cfn, sg_net_prop(x->m, list, "Entries", id->guard), false);
	for (size_t i = 0; i < entries.n; i++) {
		if (entries.v[i].val.kind != SG_V_MAP) {
			list_unknown(x, entries.v[i].guard, out);
			continue;
		}
		struct sg_alts cidr = sg_val_get(x->m->cfn, &entries.v[i].val, "Cidr", entries.v[i].guard);
		for (size_t j = 0; j < cidr.n; j++) {
			struct net_range r = net_range_of(x->arena, &cidr.v[j].val);
			enum net_family family = !r.known ? 0 : r.v6 ? NET_V6 : NET_V4;
			SG_PUSH(x->arena, &out->vec,
				((struct net_list_range){r, family, net_when_of(x, cidr.v[j].guard, !r.known)}));
		}
	}
}

/* ---------------------------------------------------------------------------------------------- one rule */

struct reading {
	struct net_ctx *x;
	const struct net_group *group;
	bool egress, maybe;
	struct sg_str name;
	struct net_rules *out;
};

static struct sg_str peer_text(struct reading *r, const struct net_filter *f, struct sg_str peer)
{
	struct sg_arena *a = r->x->arena;
	struct sg_str ports = SG_LIT("");
	if (net_protocol_has_ports(f->protocol) && f->ports_known && f->high - f->low < 65535)
		ports = f->low == f->high ? sg_strf(a, " port %u", f->low)
					  : sg_strf(a, " ports %u to %u", f->low, f->high);
	const char *protocol = f->protocol == 6    ? "tcp"
			       : f->protocol == 17 ? "udp"
			       : f->protocol == -1 ? "all"
						   : "some";
	return sg_strf(a, "security group %.*s lets %s%.*s traffic %s %.*s", SG_FMT(r->name), protocol, SG_FMT(ports),
		       r->egress ? "out to" : "in from", SG_FMT(peer));
}

static void rule_add(struct reading *r, const struct net_rule *seed, struct net_when when, const struct sg_val *at)
{
	struct net_rule rule = *seed;
	if (r->maybe)
		when.must = SG_NEVER;
	rule.when = when;
	rule.what = peer_text(r, &rule.filter, sg_val_describe(r->x->arena, at));
	if (at->node)
		rule.span = at->node->span;
	SG_PUSH(r->x->arena, &r->out->vec, rule);
}

static void rule_list(struct reading *r, const struct net_rule *seed, const struct sg_alt *id)
{
	struct net_list list = {0};
	net_list_read(r->x, id, &list);
	for (size_t i = 0; i < list.vec.n; i++) {
		struct net_rule rule = *seed;
		rule.filter.range = list.vec.v[i].range;
		rule.filter.family = list.vec.v[i].family;
		rule_add(r, &rule, list.vec.v[i].when, &id->val);
	}
}

static void rule_group(struct reading *r, const struct net_rule *seed, const struct sg_alt *id)
{
	struct net_rule rule = *seed;
	rule.is_peer = true;
	const struct sg_resource *target = sg_model_target(r->x->m, &id->val);
	rule.peer = target && sg_str_is(target->type, "AWS::EC2::SecurityGroup") ? target : NULL;
	rule.peer_of = sg_model_attribute(r->x->m, &id->val, "DefaultSecurityGroup");
	rule_add(r, &rule, net_when_of(r->x, id->guard, !rule.peer && !rule.peer_of), &id->val);
}

enum end { END_V4, END_V6, END_LIST, END_GROUP };

static const struct {
	const char *egress, *ingress;
	enum end end;
} ends[] = {
	{"CidrIp", "CidrIp", END_V4},
	{"CidrIpv6", "CidrIpv6", END_V6},
	{"DestinationPrefixListId", "SourcePrefixListId", END_LIST},
	{"DestinationSecurityGroupId", "SourceSecurityGroupId", END_GROUP},
	{"SourceSecurityGroupName", "SourceSecurityGroupName", END_GROUP},
};

static void rule_end(struct reading *r, const struct net_rule *seed, enum end end, const struct sg_alt *alt)
{
	if (end == END_LIST) {
		rule_list(r, seed, alt);
	} else if (end == END_GROUP) {
		rule_group(r, seed, alt);
	} else {
		struct net_rule rule = *seed;
		rule.filter.family = end == END_V4 ? NET_V4 : NET_V6;
		rule.filter.range = net_range_of(r->x->arena, &alt->val);
		rule_add(r, &rule, net_when_of(r->x, alt->guard, !rule.filter.range.known), &alt->val);
	}
}

static void rule_ends(struct reading *r, const struct sg_val *map, const struct net_rule *seed, sg_guard in)
{
	sg_guard rest = in;
	for (size_t e = 0; e < sizeof(ends) / sizeof(*ends); e++) {
		struct sg_alts alts = sg_val_get(r->x->m->cfn, map, r->egress ? ends[e].egress : ends[e].ingress, in);
		for (size_t i = 0; i < alts.n; i++) {
			if (net_absent(&alts.v[i].val))
				continue;
			rest = sg_guard_minus(r->x->w, rest, alts.v[i].guard);
			rule_end(r, seed, ends[e].end, &alts.v[i]);
		}
	}
	if (sg_guard_possible(r->x->w, rest))
		rule_add(r, seed, (struct net_when){SG_NEVER, rest}, map);
}

/* Every combination of what protocol and ports can be. */
static void rule_read(struct reading *r, const struct sg_val *map, sg_guard in, struct sg_span span)
{
	struct sg_cfn *c = r->x->m->cfn;
	struct net_rule rule = {.span = span};
	struct sg_alts protocols = sg_val_get(c, map, "IpProtocol", in);
	for (size_t p = 0; p < protocols.n; p++) {
		rule.filter = (struct net_filter){0};
		net_filter_protocol(&protocols.v[p].val, &rule.filter);
		struct sg_alts from = sg_val_get(c, map, "FromPort", protocols.v[p].guard);
		for (size_t i = 0; i < from.n; i++) {
			struct sg_alts to = sg_val_get(c, map, "ToPort", from.v[i].guard);
			for (size_t j = 0; j < to.n; j++) {
				net_filter_ports(&rule.filter, &from.v[i].val, &to.v[j].val, &rule.filter.low,
						 &rule.filter.high, &rule.filter.ports_known);
				rule_ends(r, map, &rule, to.v[j].guard);
			}
		}
	}
}

/* ---------------------------------------------------------------------------------------------- a group */

static void allow_all(struct reading *r, struct net_when when, struct sg_span span)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct net_rule rule = {.span = span, .when = when};
		rule.filter = (struct net_filter){v6 ? NET_V6 : NET_V4, {.known = true, .v6 = v6}, -1, false, 0, 0};
		rule.what = sg_strf(r->x->arena, "security group %.*s has EC2's rule that lets everything out",
				    SG_FMT(r->name));
		SG_PUSH(r->x->arena, &r->out->vec, rule);
	}
}

static enum sg_same names_group(struct reading *r, const struct sg_val *v)
{
	if (r->group->res)
		return sg_net_same(r->x->m, v, r->group->res);
	const struct sg_resource *vpc = sg_model_attribute(r->x->m, v, "DefaultSecurityGroup");
	if (vpc)
		return vpc == r->group->default_of ? SG_SAME : SG_OTHER;
	return sg_model_target(r->x->m, v) && v->kind == SG_V_STRING ? SG_OTHER : SG_MAYBE;
}

/* Rules that are resources of their own; returns the worlds in which there certainly is one. */
static sg_guard separate(struct reading *r)
{
	const char *type = r->egress ? "AWS::EC2::SecurityGroupEgress" : "AWS::EC2::SecurityGroupIngress";
	const struct sg_resource *res;
	sg_guard found = SG_NEVER;
	for (size_t i = 0; (res = sg_model_next(r->x->m, type, &i));) {
		struct sg_alts ids = sg_net_prop(r->x->m, res, "GroupId", r->group->guard);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = names_group(r, &ids.v[j].val);
			if (same == SG_OTHER)
				continue;
			r->maybe = same == SG_MAYBE;
			if (!r->maybe)
				found = sg_guard_or(r->x->w, found, ids.v[j].guard);
			struct sg_alts maps = sg_eval(r->x->m->cfn, res->props, ids.v[j].guard);
			for (size_t k = 0; k < maps.n; k++)
				rule_read(r, &maps.v[k].val, maps.v[k].guard, sg_node_span(res->key));
		}
	}
	r->maybe = false;
	return found;
}

static void own(struct reading *r, const struct sg_alt *alt, sg_guard separate_in)
{
	struct sg_alts one = {alt, 1};
	sg_guard rest = alt->guard;
	struct sg_span span = sg_prop_span(r->group->res, &alt->val);
	if (!net_absent(&alt->val)) {
		struct sg_items rules = sg_alts_items(r->x->m->cfn, one, false);
		for (size_t i = 0; i < rules.n; i++) {
			rest = sg_guard_minus(r->x->w, rest, rules.v[i].guard);
			rule_read(r, &rules.v[i].val, rules.v[i].guard, sg_prop_span(r->group->res, &rules.v[i].val));
		}
	}
	if (r->egress && sg_guard_possible(r->x->w, rest))
		allow_all(r, (struct net_when){sg_guard_minus(r->x->w, rest, separate_in), rest}, span);
}

static void of_default(struct reading *r, sg_guard separate_in)
{
	const struct net_group *g = r->group;
	struct sg_span span = sg_node_span(g->default_of->key);
	if (r->egress) {
		allow_all(r, (struct net_when){sg_guard_minus(r->x->w, g->guard, separate_in), g->guard}, span);
		return;
	}
	struct net_rule rule = {.filter.protocol = -1, .peer_of = g->default_of, .is_peer = true};
	rule.when = (struct net_when){g->guard, g->guard};
	rule.span = span;
	rule.what = sg_strf(r->x->arena, "the default group of %.*s lets itself in", SG_FMT(g->default_of->id));
	SG_PUSH(r->x->arena, &r->out->vec, rule);
}

void net_rules_read(struct net_ctx *x, const struct net_group *group, bool egress, struct net_rules *out)
{
	struct reading r = {x, group, egress, false, SG_LIT("?"), out};
	if (!group->res && !group->default_of) {
		struct net_rule rule = {.filter.protocol = -2, .when = {SG_NEVER, group->guard}};
		r.name = sg_val_describe(x->arena, &group->val);
		rule.span = group->val.node ? group->val.node->span : (struct sg_span){0};
		rule.what = sg_strf(x->arena, "security group %.*s is not in this template", SG_FMT(r.name));
		SG_PUSH(x->arena, &out->vec, rule);
		return;
	}
	r.name = group->res ? group->res->id
			    : sg_strf(x->arena, "%.*s.DefaultSecurityGroup", SG_FMT(group->default_of->id));
	sg_guard separate_in = separate(&r);
	if (!group->res) {
		of_default(&r, separate_in);
		return;
	}
	struct sg_alts alts =
		sg_net_prop(x->m, group->res, egress ? "SecurityGroupEgress" : "SecurityGroupIngress", group->guard);
	for (size_t i = 0; i < alts.n; i++)
		own(&r, &alts.v[i], separate_in);
}
