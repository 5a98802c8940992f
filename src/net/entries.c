/*
 * What network ACLs let through: their entries in the order of their numbers, the first that is about a packet decides,
 * and what none is about is denied.  A VPC's default ACL has two entries of EC2's own, numbers 100 and 101.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 */
#include "net/walk_priv.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------- reading */

static enum sg_same names_acl(struct net_ctx *x, const struct sg_val *v, const struct net_acl *acl)
{
	if (acl->res)
		return sg_net_same(x->m, v, acl->res);
	const struct sg_resource *vpc = sg_model_attribute(x->m, v, "DefaultNetworkAcl");
	if (vpc)
		return vpc == acl->default_of ? SG_SAME : SG_OTHER;
	return sg_model_target(x->m, v) && v->kind == SG_V_STRING ? SG_OTHER : SG_MAYBE;
}

static void entry_action(struct net_ctx *x, struct net_acl *acl, struct net_entry e, sg_guard in)
{
	struct sg_alts actions = sg_net_prop(x->m, e.at, "RuleAction", in);
	for (size_t i = 0; i < actions.n; i++) {
		e.allow = !sg_val_is(&actions.v[i].val, "deny");
		e.deny = !sg_val_is(&actions.v[i].val, "allow");
		e.action = actions.v[i];
		bool sure = sg_guard_possible(x->w, e.when.must);
		e.when = net_when_of(x, actions.v[i].guard, !sure);
		SG_PUSH(x->arena, &acl->entries, e);
	}
}

static void entry_direction(struct net_ctx *x, struct net_acl *acl, struct net_entry e, sg_guard in)
{
	struct sg_alts egress = sg_net_prop(x->m, e.at, "Egress", in);
	for (size_t i = 0; i < egress.n; i++) {
		bool out = false, known = net_absent(&egress.v[i].val) || sg_val_bool(&egress.v[i].val, &out);
		e.egress = !known || out;
		e.ingress = !known || !out;
		entry_action(x, acl, e, egress.v[i].guard);
	}
}

static void entry_range(struct net_ctx *x, struct net_acl *acl, struct net_entry e, sg_guard in)
{
	static const struct {
		const char *prop;
		enum net_family family;
	} props[] = {{"CidrBlock", NET_V4}, {"Ipv6CidrBlock", NET_V6}};
	sg_guard rest = in;
	for (size_t p = 0; p < 2; p++) {
		struct sg_alts cidr = sg_net_prop(x->m, e.at, props[p].prop, in);
		for (size_t i = 0; i < cidr.n; i++) {
			if (net_absent(&cidr.v[i].val))
				continue;
			rest = sg_guard_minus(x->w, rest, cidr.v[i].guard);
			e.filter.family = props[p].family;
			e.filter.range = net_range_of(x->arena, &cidr.v[i].val);
			entry_direction(x, acl, e, cidr.v[i].guard);
		}
	}
	e.filter.family = 0;
	e.filter.range = (struct net_range){0};
	if (sg_guard_possible(x->w, rest))
		entry_direction(x, acl, e, rest);
}

/* Ports for TCP and UDP, type and code for ICMP, nothing for the others. */
static void entry_ports(struct net_ctx *x, struct net_acl *acl, struct net_entry e, sg_guard in)
{
	bool icmp = e.filter.protocol == 1 || e.filter.protocol == 58;
	if (!net_protocol_has_ports(e.filter.protocol)) {
		entry_range(x, acl, e, in);
		return;
	}
	struct sg_alts from = sg_net_prop(x->m, e.at, icmp ? "Icmp.Type" : "PortRange.From", in);
	for (size_t i = 0; i < from.n; i++) {
		struct sg_alts to = sg_net_prop(x->m, e.at, icmp ? "Icmp.Code" : "PortRange.To", from.v[i].guard);
		for (size_t j = 0; j < to.n; j++) {
			net_filter_ports(&e.filter, &from.v[i].val, &to.v[j].val, &e.filter.low, &e.filter.high,
					 &e.filter.ports_known);
			entry_range(x, acl, e, to.v[j].guard);
		}
	}
}

static void entry_read(struct net_ctx *x, struct net_acl *acl, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct net_entry e = {.at = r, .when = net_when_of(x, in, maybe)};
	struct sg_alts numbers = sg_net_prop(x->m, r, "RuleNumber", in);
	for (size_t i = 0; i < numbers.n; i++) {
		e.number_known = sg_val_integer(&numbers.v[i].val, &e.number);
		struct sg_alts protocols = sg_net_prop(x->m, r, "Protocol", numbers.v[i].guard);
		for (size_t j = 0; j < protocols.n; j++) {
			e.filter = (struct net_filter){0};
			net_filter_protocol(&protocols.v[j].val, &e.filter);
			entry_ports(x, acl, e, protocols.v[j].guard);
		}
	}
}

static void default_entries(struct net_ctx *x, struct net_acl *acl)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct net_entry e = {.egress = true, .ingress = true, .allow = true, .number_known = true};
		e.number = 100 + v6;
		e.filter = (struct net_filter){v6 ? NET_V6 : NET_V4, {.known = true, .v6 = v6}, -1, false, 0, 0};
		e.when = (struct net_when){SG_ALWAYS, SG_ALWAYS};
		SG_PUSH(x->arena, &acl->entries, e);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct net_entry *x = a, *y = b;
	if (x->number_known != y->number_known)
		return x->number_known - y->number_known;
	if (x->number_known && x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return 0;
}

/* Stable: entries are few, and qsort() is not. */
static void sort_entries(struct net_acl *acl)
{
	for (size_t i = 1; i < acl->entries.n; i++) {
		struct net_entry e = acl->entries.v[i];
		size_t at = i;
		for (; at && by_number(&acl->entries.v[at - 1], &e) > 0; at--)
			acl->entries.v[at] = acl->entries.v[at - 1];
		acl->entries.v[at] = e;
	}
}

const struct net_acl *net_acl_read(struct net_ctx *x, const struct sg_resource *res,
				   const struct sg_resource *default_of)
{
	const struct sg_resource *key = res ? res : default_of, *r;
	if (!x->read_acls)
		x->read_acls = sg_map_new(x->arena);
	struct net_acl *acl = sg_map_get(x->read_acls, key->id);
	if (acl)
		return acl;
	acl = SG_NEW(x->arena, struct net_acl);
	acl->res = res;
	acl->default_of = default_of;
	sg_map_put(x->read_acls, key->id, acl);
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::NetworkAclEntry", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "NetworkAclId", SG_ALWAYS);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = names_acl(x, &ids.v[j].val, acl);
			if (same != SG_OTHER)
				entry_read(x, acl, r, ids.v[j].guard, same == SG_MAYBE);
		}
	}
	if (default_of)
		default_entries(x, acl);
	sort_entries(acl);
	return acl;
}

/* ---------------------------------------------------------------------------------------------- judging */

struct net_when net_acl_judge(struct net_ctx *x, const struct net_acl *acl, bool egress, const struct net_packet *p,
			      struct net_when in, const struct net_entry **by)
{
	struct net_when open = NET_WHEN_NEVER, left = in;
	for (size_t i = 0; i < acl->entries.n && sg_guard_possible(x->w, left.may); i++) {
		const struct net_entry *e = &acl->entries.v[i];
		enum net_match match = net_filter_match(&e->filter, p);
		if (!(egress ? e->egress : e->ingress) || match == NET_NO)
			continue;
		struct net_when hit = net_when_and(x, left, e->when);
		if (match != NET_YES || (e->egress && e->ingress && e->at) || !e->number_known)
			hit.must = SG_NEVER;
		if (e->allow) {
			struct net_when opened = hit;
			if (e->deny)
				opened.must = SG_NEVER;
			if (by && !*by && sg_guard_possible(x->w, opened.may))
				*by = e;
			open = net_when_or(x, open, opened);
		}
		left = net_when_minus(x, left, hit);
	}
	return open;
}
