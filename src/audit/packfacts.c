/*
 * What a rule of a pack cannot see in one resource: what others of the template say about it.  Each fact is a Boolean: what
 * a rule asks for holds in every deployment, what it forbids is there in one.
 */
#include "audit/packs_priv.h"
#include "iam/iam.h"

#include <string.h>

/* Is the value this resource, by Ref or by one of its attributes? */
static bool is_it(const struct sg_model *m, const struct sg_val *v, const struct sg_resource *r)
{
	const struct sg_symbol *s = sg_val_symbol(v);
	return sg_model_target(m, v) == r || (s && s->kind == SG_SYM_ATTRIBUTE && sg_str_eq(s->name, r->id));
}

/* The worlds in which one of `n` values is certainly this resource. */
static sg_guard where(const struct sg_model *m, const struct sg_alt *v, size_t n, const struct sg_resource *r)
{
	sg_guard in = SG_NEVER;
	for (size_t i = 0; i < n; i++)
		if (is_it(m, &v[i].val, r))
			in = sg_guard_or(m->worlds, in, v[i].guard);
	return in;
}

/* A type of resource that says something of another, and where: in a property, or in a list. */
struct link {
	const char *type, *property;
	bool list;
};

/* In every deployment that has the resource, some resource of one of these types names it. */
static bool is_named(const struct sg_model *m, const struct sg_resource *r, const struct link *links, size_t n)
{
	sg_guard open = r->exists;
	for (size_t k = 0; k < n; k++) {
		const struct sg_resource *from;
		for (size_t i = 0; (from = sg_model_next(m, links[k].type, &i));) {
			struct sg_alts alts = {0};
			struct sg_items items = {0};
			if (links[k].list)
				items = sg_prop_items(m, from, links[k].property, from->exists);
			else
				alts = sg_prop(m, from, links[k].property, from->exists);
			sg_guard in = sg_guard_and(
				m->worlds, from->exists,
				sg_guard_or(m->worlds, where(m, alts.v, alts.n, r), where(m, items.v, items.n, r)));
			open = sg_guard_and(m->worlds, open, sg_guard_not(m->worlds, in));
		}
	}
	return !sg_guard_possible(m->worlds, open);
}

/* ---------------------------------------------------------------------------------------------- facts */

#define IS_NAMED(m, r, links) is_named(m, r, links, sizeof(links) / sizeof(*(links)))

static bool has_flow_log(const struct sg_model *m, const struct sg_resource *vpc)
{
	static const struct link links[] = {{"AWS::EC2::FlowLog", "ResourceId", false}};
	return IS_NAMED(m, vpc, links);
}

static bool is_in_group(const struct sg_model *m, const struct sg_resource *user)
{
	static const struct link links[] = {{"AWS::IAM::UserToGroupAddition", "Users", true}};
	return IS_NAMED(m, user, links);
}

static bool has_users(const struct sg_model *m, const struct sg_resource *group)
{
	static const struct link links[] = {{"AWS::IAM::UserToGroupAddition", "GroupName", false},
					    {"AWS::IAM::User", "Groups", true}};
	return IS_NAMED(m, group, links);
}

static bool has_egress(const struct sg_model *m, const struct sg_resource *group)
{
	static const struct link links[] = {{"AWS::EC2::SecurityGroupEgress", "GroupId", false}};
	return IS_NAMED(m, group, links);
}

/* Another function has the same role. */
static bool shares_role(const struct sg_model *m, const struct sg_resource *fn)
{
	const struct sg_resource *other;
	struct sg_alts own = sg_prop(m, fn, "Role", fn->exists);
	for (size_t i = 0; (other = sg_model_next(m, "AWS::Lambda::Function", &i));) {
		struct sg_alts theirs = sg_prop(m, other, "Role", other->exists);
		for (size_t a = 0; other != fn && a < own.n; a++)
			for (size_t b = 0; b < theirs.n; b++) {
				const struct sg_resource *role = sg_model_target(m, &own.v[a].val);
				struct sg_str text, text2;
				if (role && role == sg_model_target(m, &theirs.v[b].val))
					return true;
				if (sg_val_text(m->arena, &own.v[a].val, &text) &&
				    sg_val_text(m->arena, &theirs.v[b].val, &text2) && sg_str_eq(text, text2))
					return true;
			}
	}
	return false;
}

/* ---------------------------------------------------------------------------------------------- entries of ACLs */

static bool same_text(const struct sg_model *m, const struct sg_resource *a, const struct sg_resource *b,
		      const char *dotted, const char *absent)
{
	struct sg_alts x = sg_prop(m, a, dotted, a->exists), y = sg_prop(m, b, dotted, b->exists);
	struct sg_str one = sg_str(absent), two = one;
	if (x.n != 1 || y.n != 1)
		return false;
	if (!audit_absent(&x.v[0].val) && !sg_val_text(m->arena, &x.v[0].val, &one))
		return false;
	if (!audit_absent(&y.v[0].val) && !sg_val_text(m->arena, &y.v[0].val, &two))
		return false;
	return sg_str_is_nocase(one, sg_cstr(m->arena, two));
}

static bool same_acl(const struct sg_model *m, const struct sg_resource *a, const struct sg_resource *b)
{
	struct sg_alts x = sg_prop(m, a, "NetworkAclId", a->exists), y = sg_prop(m, b, "NetworkAclId", b->exists);
	if (x.n != 1 || y.n != 1)
		return false;
	const struct sg_symbol *s = sg_val_symbol(&x.v[0].val), *t = sg_val_symbol(&y.v[0].val);
	return (s && s == t) || same_text(m, a, b, "NetworkAclId", "");
}

/* Another entry of the list, in the same direction, has the same number. */
static bool has_twin(const struct sg_model *m, const struct sg_resource *entry)
{
	const struct sg_resource *other;
	for (size_t i = 0; (other = sg_model_next(m, "AWS::EC2::NetworkAclEntry", &i));)
		if (other != entry && same_acl(m, entry, other) && same_text(m, entry, other, "Egress", "false") &&
		    same_text(m, entry, other, "RuleNumber", ""))
			return true;
	return false;
}

/* One value that nobody knows, but the same. */
static bool same_unknown(const struct sg_model *m, const struct sg_resource *a, const struct sg_resource *b,
			 const char *dotted)
{
	struct sg_alts x = sg_prop(m, a, dotted, a->exists), y = sg_prop(m, b, dotted, b->exists);
	const struct sg_symbol *s = x.n == 1 && y.n == 1 ? sg_val_symbol(&x.v[0].val) : NULL;
	return s && s == sg_val_symbol(&y.v[0].val);
}

/* An entry is about addresses of IPv4 or of IPv6. */
static bool same_family(const struct sg_model *m, const struct sg_resource *a, const struct sg_resource *b)
{
	struct sg_alts x = sg_prop(m, a, "Ipv6CidrBlock", a->exists), y = sg_prop(m, b, "Ipv6CidrBlock", b->exists);
	return x.n != 1 || y.n != 1 || audit_absent(&x.v[0].val) == audit_absent(&y.v[0].val);
}

static bool ports(const struct sg_model *m, const struct sg_resource *r, int64_t *from, int64_t *to)
{
	struct sg_alts a = sg_prop(m, r, "PortRange.From", r->exists), b = sg_prop(m, r, "PortRange.To", r->exists);
	return a.n == 1 && b.n == 1 && sg_val_integer(&a.v[0].val, from) && sg_val_integer(&b.v[0].val, to);
}

static bool share_ports(const struct sg_model *m, const struct sg_resource *a, const struct sg_resource *b)
{
	int64_t from, to, from2, to2;
	if (same_unknown(m, a, b, "PortRange.From") || same_unknown(m, a, b, "PortRange.To"))
		return true;
	return ports(m, a, &from, &to) && ports(m, b, &from2, &to2) && from <= to2 && from2 <= to;
}

/* Another entry of the list, in the same direction, for the same protocol and kind of address. */
static bool is_rival(const struct sg_model *m, const struct sg_resource *entry, const struct sg_resource *other)
{
	return other != entry && same_acl(m, entry, other) && same_text(m, entry, other, "Egress", "false") &&
	       same_text(m, entry, other, "Protocol", "") && same_family(m, entry, other);
}

/* A rival has some of the same ports. */
static bool overlaps(const struct sg_model *m, const struct sg_resource *entry)
{
	const struct sg_resource *other;
	for (size_t i = 0; (other = sg_model_next(m, "AWS::EC2::NetworkAclEntry", &i));)
		if (is_rival(m, entry, other) && share_ports(m, entry, other))
			return true;
	return false;
}

/* A bound that nobody knows, NULL where both are known. */
static const struct sg_node *unknown_port(const struct sg_model *m, const struct sg_resource *entry)
{
	static const char *const bounds[] = {"PortRange.From", "PortRange.To"};
	int64_t port;
	for (size_t i = 0; i < 2; i++) {
		struct sg_alts alts = sg_prop(m, entry, bounds[i], entry->exists);
		for (size_t k = 0; k < alts.n; k++)
			if (!audit_absent(&alts.v[k].val) && !sg_val_integer(&alts.v[k].val, &port))
				return alts.v[k].val.node;
	}
	return NULL;
}

/* What decides whether a rival has some of the same ports; NULL: that is known. */
static const struct sg_node *may_overlap(const struct sg_model *m, const struct sg_resource *entry)
{
	const struct sg_resource *other;
	const struct sg_node *own = unknown_port(m, entry), *theirs;
	for (size_t i = 0; (other = sg_model_next(m, "AWS::EC2::NetworkAclEntry", &i));)
		if (is_rival(m, entry, other) && ((theirs = unknown_port(m, other)) || own))
			return own ? own : theirs;
	return NULL;
}

/* ---------------------------------------------------------------------------------------------- secrets */

/* A parameter that hides its value, and has none of its own. */
static bool is_hidden(const struct sg_model *m, struct sg_str parameter)
{
	const struct sg_node *p = sg_node_get_str(sg_node_get(m->expanded, "Parameters"), parameter);
	const struct sg_node *no_echo = sg_node_get(p, "NoEcho");
	return no_echo && no_echo->kind == SG_SCALAR && sg_str_is_nocase(no_echo->text, "true") &&
	       !sg_node_get(p, "Default");
}

/* Can whoever reads the template or the stack's parameters read it? */
static bool is_plain(const struct sg_model *m, const struct sg_val *v)
{
	const struct sg_symbol *s = sg_val_symbol(v);
	if (audit_absent(v))
		return false;
	if (!s)
		return true;
	if (s->kind == SG_SYM_PARAMETER)
		return !is_hidden(m, s->name);
	return s->kind == SG_SYM_DYNAMIC && sg_str_starts(s->name, "resolve:ssm:");
}

static bool has_plain(const struct sg_model *m, const struct sg_resource *r, const char *dotted)
{
	struct sg_alts alts = sg_prop(m, r, dotted, r->exists);
	for (size_t i = 0; i < alts.n; i++)
		if (is_plain(m, &alts.v[i].val))
			return true;
	return false;
}

static bool has_plain_password(const struct sg_model *m, const struct sg_resource *user)
{
	return has_plain(m, user, "LoginProfile.Password");
}

static bool has_plain_token(const struct sg_model *m, const struct sg_resource *permission)
{
	return has_plain(m, permission, "EventSourceToken");
}

/* ---------------------------------------------------------------------------------------------- documents in strings */

enum { DEEPEST_DOCUMENT = 4 }; /* Properties, Policies, one of them, PolicyDocument */

static bool is_document(struct sg_str key)
{
	static const char *const keys[] = {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (sg_str_is(key, keys[i]))
			return true;
	return false;
}

static const struct sg_node *with_documents(struct sg_arena *a, const struct sg_node *n, unsigned depth);

static const struct sg_node *items_with_documents(struct sg_arena *a, const struct sg_node *n, unsigned depth)
{
	const struct sg_node **items = SG_NEW_ARRAY(a, n->n, const struct sg_node *);
	bool changed = false;
	for (size_t i = 0; i < n->n; i++) {
		items[i] = with_documents(a, n->items[i], depth + 1);
		changed = changed || items[i] != n->items[i];
	}
	return changed ? sg_node_seq(a, items, n->n, SG_WHY_INTRINSIC, n) : n;
}

static const struct sg_node *members_with_documents(struct sg_arena *a, const struct sg_node *n, unsigned depth)
{
	struct sg_member *members = SG_NEW_ARRAY(a, n->n, struct sg_member);
	bool changed = false;
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_node *value = n->members[i].value;
		members[i] = n->members[i];
		members[i].value = is_document(members[i].key->text) ? sg_iam_document(a, value)
								     : with_documents(a, value, depth + 1);
		changed = changed || members[i].value != value;
	}
	return changed ? sg_node_map(a, members, n->n, SG_WHY_INTRINSIC, n) : n;
}

/* The tree with policy documents that are strings of JSON as what they say; itself where there are none. */
static const struct sg_node *with_documents(struct sg_arena *a, const struct sg_node *n, unsigned depth)
{
	if (depth > DEEPEST_DOCUMENT || n->kind == SG_SCALAR)
		return n;
	return n->kind == SG_SEQ ? items_with_documents(a, n, depth) : members_with_documents(a, n, depth);
}

/* ---------------------------------------------------------------------------------------------- the node */

static const struct {
	const char *type, *fact;
	bool (*holds)(const struct sg_model *m, const struct sg_resource *r);
	/* where it does not: the value that nobody knows and that decides it after all; may be NULL */
	const struct sg_node *(*unknown)(const struct sg_model *m, const struct sg_resource *r);
} facts[] = {
	{"AWS::EC2::VPC", "FlowLog", has_flow_log, NULL},
	{"AWS::IAM::User", "InGroup", is_in_group, NULL},
	{"AWS::IAM::User", "PlainPassword", has_plain_password, NULL},
	{"AWS::Lambda::Permission", "PlainToken", has_plain_token, NULL},
	{"AWS::IAM::Group", "Users", has_users, NULL},
	{"AWS::EC2::SecurityGroup", "EgressRule", has_egress, NULL},
	{"AWS::Lambda::Function", "SharedRole", shares_role, NULL},
	{"AWS::EC2::NetworkAclEntry", "SameNumber", has_twin, NULL},
	{"AWS::EC2::NetworkAclEntry", "Overlaps", overlaps, may_overlap},
};

const struct sg_node *audit_pack_subject(struct check *k, const struct sg_resource *r)
{
	struct sg_mapper m = {.arena = k->m->arena};
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		if (sg_str_is(r->type, facts[i].type)) {
			bool holds = facts[i].holds(k->m, r);
			const struct sg_node *open = holds || !facts[i].unknown ? NULL : facts[i].unknown(k->m, r);
			sg_mapper_put_str(&m, facts[i].fact, open ? open : audit_fact(k, holds));
		}
	struct sg_resource read = *r;
	read.node = with_documents(k->m->arena, r->node, 0);
	return audit_with_facts(k, &read, sg_mapper_done(&m, SG_WHY_INTRINSIC, r->key));
}
