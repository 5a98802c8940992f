/* What the files of net/ share. */
#ifndef SG_NET_PRIV_H
#define SG_NET_PRIV_H

#include "net/net.h"

/* Ceilings (ARCHITECTURE.md, bounds): Lambda takes 16 subnets and 5 groups, conditions can list more. */
enum { NET_MAX_USES = 64, NET_MAX_FINDINGS = 10000 };

/* An IPv4 or IPv6 range.  !known: could be any. */
struct net_range {
	bool known, v6;
	uint8_t address[16];
	unsigned bits;
};

/* "10.0.0.0/8", "::/0"; anything else is unknown. */
struct net_range net_range_of(struct sg_arena *a, const struct sg_val *cidr);
bool net_ranges_meet(const struct net_range *a, const struct net_range *b); /* unless proved disjoint */
/* No packet of a VPC carries such a destination: loopback, or the limited broadcast address. */
bool net_range_void(const struct net_range *r);

/* What can be said about something outside the template. */
enum net_fact {
	NET_FACT_SUBNET_ROUTES,  /* the table of a subnet has no routes */
	NET_FACT_SUBNET_TABLE,   /* … and is its own */
	NET_FACT_SUBNET_ACL,     /* the ACL of a subnet denies everything */
	NET_FACT_SUBNET_PRIVATE, /* a subnet gives out no public or IPv6 addresses */
	NET_FACT_TABLE_ROUTES,   /* a route table has no routes */
	NET_FACT_ACL,            /* a network ACL denies everything */
	NET_FACT_EGRESS,         /* a security group lets nothing out */
	NET_FACT_MAIN_ROUTES,    /* the main table of a VPC has no routes */
	NET_FACT_DEFAULT_ACL,    /* the default ACL of a VPC denies everything */
	NET_FACT_DEFAULT_GROUP,  /* the default group of a VPC lets nothing out */
	NET_FACT_DNS,            /* the resolver of a VPC is off */
	NET_FACT_ENDPOINTS,      /* a VPC has no endpoints */
	NET_FACT_NEIGHBOURS,     /* nothing in a VPC takes connections */
};

/* Something that the function uses, and the worlds in which it does. */
struct net_use {
	const struct sg_resource *res;        /* NULL: not defined in the template, or not known */
	const struct sg_resource *default_of; /* the default security group of this VPC */
	struct sg_val val;                    /* how it was named */
	sg_guard guard;
};

/* subnet → association → route table or ACL */
struct net_link {
	const struct net_use *subnet;
	const struct sg_resource *link; /* the association */
	const struct sg_resource *to;   /* NULL: not defined in the template, or not known */
	struct sg_val val;              /* how `to` was named */
	sg_guard guard;
	bool maybe; /* the association may be another subnet's */
};

struct net_uses {
	SG_VEC(const struct net_use *) vec;
};

struct net_links {
	SG_VEC(struct net_link *) vec;
	struct sg_map *maybe; /* logical ids of the associations that may be with any subnet */
};

/* Associations of one type, each with the subnets that it may name, whatever the deployment. */
struct net_association {
	const struct sg_resource *res, *only; /* only: it names this resource of the template and no other; or NULL */
	struct sg_alts subnets;
};

struct net_associations {
	bool read;
	SG_VEC(struct net_association) vec;
};

struct net_ctx {
	const struct sg_model *m;
	struct sg_arena *arena;
	struct sg_worlds *w;
	const struct sg_resource *function;
	const struct sg_net_facts *facts; /* may be NULL */
	sg_net_policy *policy;            /* may be NULL */
	void *policy_context;
	sg_guard in_vpc; /* worlds in which the function is, or may be, in a VPC */
	struct net_uses subnets, vpcs, groups;
	struct net_links tables, acls;
	struct net_associations of_tables, of_acls;
	/* what was read once, by logical id: walk_priv.h */
	struct sg_map *read_tables, *read_acls, *places;
	unsigned following; /* GetAtt Other.VpcId, one behind the other */
	size_t trips;
	bool any_network; /* what other.c looks for: any VPC, subnet or group, not the function's alone */
};

/* assume.c: is this said, in the file of assumptions, of what a value names? */
bool net_assumed(struct net_ctx *x, enum net_fact fact, const struct sg_val *val);
/* The same of the VPC of a subnet or of another resource with a VpcId. */
bool net_assumed_vpc(struct net_ctx *x, enum net_fact fact, const struct sg_resource *member);

/* Says of an unproven finding which assumption would settle it. */
void net_assumable(struct net_ctx *x, struct sg_finding *f, const char *kind, const struct sg_val *val,
		   const char *fact);

/* other.c: does a resource name a subnet, VPC or group of the template? */
bool net_names_network(struct net_ctx *x, const struct sg_resource *r);
/* iface.c: is this a type whose interfaces are looked for (NET009)? */
bool net_has_interface(struct sg_str type);
/* range.c: an address as people write it; `out` has room for it. */
void net_address_text(bool v6, const uint8_t *address, char out[64]);

/* table.c: a property that names a VPC; GetAtt Other.VpcId is followed. */
struct sg_alts net_vpc_alts(struct net_ctx *x, const struct sg_resource *r, const char *prop, sg_guard in);

/* net.c */
struct sg_finding *net_say(struct net_ctx *x, const char *rule, enum sg_verdict status, const struct sg_resource *at,
			   const char *dotted, sg_guard guard, const struct sg_val *val, const char *fmt, ...)
	SG_PRINTF(8, 9);
void net_step(struct net_ctx *x, struct sg_finding *f, struct sg_span span, const char *fmt, ...) SG_PRINTF(4, 5);
void net_settle(struct net_ctx *x, struct sg_finding *f, const char *text);
/* What settles a question about something that is not in the template: to know its id would not. */
struct sg_finding *net_elsewhere(struct net_ctx *x, struct sg_finding *f);
/* Appends every association of `type` with the subnet; returns the worlds in which it certainly has one. */
sg_guard net_links_find(struct net_ctx *x, const char *type, const char *to_prop, const char *to_type,
			const struct net_use *subnet, struct net_links *out);
/* The steps function → subnet → association of a witness. */
void net_witness(struct net_ctx *x, struct sg_finding *f, const struct net_link *link);
/* May this be the VPC of one of the function's subnets?  With the worlds in which it is. */
enum sg_same net_is_vpc(struct net_ctx *x, const struct sg_val *v, sg_guard *in);
/* `rule` is unproven where a table, ACL or group is not known to be of the function's VPC. */
void net_check_member(struct net_ctx *x, const char *rule, const struct sg_resource *r, sg_guard in);
bool net_absent(const struct sg_val *v); /* ABSENT or null */
/* Neither unknown nor a symbol: what it says is what it is. */
bool net_literal(const struct sg_val *v);

/* one per wall */
void net_check_routes(struct net_ctx *x);    /* NET002, NET006: route.c */
void net_check_groups(struct net_ctx *x);    /* NET003, NET011: group.c */
void net_check_dns(struct net_ctx *x);       /* NET004: dns.c */
void net_check_endpoints(struct net_ctx *x); /* NET005: endpoint.c */
void net_check_acls(struct net_ctx *x);      /* NET007: acl.c */
void net_check_paths(struct net_ctx *x);     /* NET008, NET009: path.c */
void net_check_others(struct net_ctx *x);    /* NET010, NET012: other.c */

#endif
