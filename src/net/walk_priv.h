/* What the files that follow packets share: packet.c, rules.c, table.c, gateway.c, iface.c, walk.c, path.c. */
#ifndef SG_NET_WALK_PRIV_H
#define SG_NET_WALK_PRIV_H

#include "net/net_priv.h"

/* Ceilings (ARCHITECTURE.md, bounds); past them a path is unproven. */
enum { NET_MAX_HOPS = 8, NET_MAX_EDGES = 512, NET_MAX_TRIPS = 100000 };

/* ---------------------------------------------------------------------------------------------- certainty */

/* The worlds in which something certainly holds, and those in which it may: the first are among the second. */
struct net_when {
	sg_guard must, may;
};

#define NET_WHEN_NEVER ((struct net_when){SG_NEVER, SG_NEVER})

struct net_when net_when_and(struct net_ctx *x, struct net_when a, struct net_when b);
struct net_when net_when_or(struct net_ctx *x, struct net_when a, struct net_when b);
struct net_when net_when_minus(struct net_ctx *x, struct net_when a, struct net_when b);
struct net_when net_when_of(struct net_ctx *x, sg_guard guard, bool maybe);

/* ---------------------------------------------------------------------------------------------- packets */

enum net_family { NET_V4 = 4, NET_V6 = 6 };

/* One packet that stands for all that no rule tells apart from it. */
struct net_packet {
	enum net_family family;
	bool anywhere; /* its destination is one that nobody knows */
	bool outside;  /* … and none of the private ranges */
	bool wide;     /* more destinations than the ranges of a VPC can hold */
	uint8_t to[16];
	int protocol;  /* 0 to 255 */
	unsigned port; /* of ICMP: type * 256 + code */
};

enum net_match { NET_NO, NET_MAYBE, NET_YES };

/* Which packets a rule is about. */
struct net_filter {
	enum net_family family; /* 0: not known */
	struct net_range range; /* !known: could be any */
	int protocol;           /* -1: all; -2: not known */
	bool ports_known;
	unsigned low, high;
};

enum net_match net_filter_match(const struct net_filter *f, const struct net_packet *p);
enum net_match net_address_match(const struct net_filter *f, const struct net_packet *p);
bool net_protocol_has_ports(int protocol);
/* Protocol and ports as groups and ACLs write them. */
void net_filter_protocol(const struct sg_val *protocol, struct net_filter *f);
void net_filter_ports(const struct net_filter *f, const struct sg_val *from, const struct sg_val *to, unsigned *low,
		      unsigned *high, bool *known);

/* Where packets can differ: the addresses, protocols and ports at which some rule begins or has ended. */
struct net_edges {
	SG_VEC(struct net_range) v4, v6; /* single addresses, sorted, each once */
	bool protocols[256];
	SG_VEC(unsigned) ports;
	bool too_many;
};

void net_edges_add(struct net_ctx *x, struct net_edges *e, const struct net_filter *f);
void net_edges_sort(struct net_edges *e);
/* Calls `each` for one packet of each kind, until it returns false. */
void net_edges_packets(const struct net_edges *e, bool (*each)(void *context, const struct net_packet *p),
		       void *context);

/* ---------------------------------------------------------------------------------------------- rules */

/* A rule of a security group: what it lets through. */
struct net_rule {
	struct net_filter filter;
	const struct sg_resource *peer;    /* the group that the other side has; */
	const struct sg_resource *peer_of; /* … or the VPC whose default group it is */
	bool is_peer;                      /* the other side is named by a group */
	struct net_when when;
	struct sg_span span;
	struct sg_str what;
};

/* A group by itself, or the default one of a VPC; neither: one that nobody knows. */
struct net_group {
	const struct sg_resource *res, *default_of;
	sg_guard guard;
	struct sg_val val;
};

struct net_rules {
	SG_VEC(struct net_rule) vec;
};

/* What the groups let out, or in, in the worlds of each. */
void net_rules_read(struct net_ctx *x, const struct net_group *group, bool egress, struct net_rules *out);

/* The ranges of a prefix list of the template; one unknown range for any other. */
struct net_list_range {
	struct net_range range;
	enum net_family family;
	struct net_when when;
};
struct net_list {
	SG_VEC(struct net_list_range) vec;
};
void net_list_read(struct net_ctx *x, const struct sg_alt *id, struct net_list *out);

/* An entry of a network ACL. */
struct net_entry {
	struct net_filter filter;
	bool egress, ingress; /* both: not known which */
	bool allow, deny;     /* both: not known which */
	bool number_known;
	int64_t number;
	struct net_when when;
	const struct sg_resource *at; /* NULL: what EC2 puts into a default ACL */
	struct sg_alt action;
};

struct net_acl {
	const struct sg_resource *res, *default_of; /* neither: one that nobody knows */
	SG_VEC(struct net_entry) entries;           /* by number; those without one first */
};

const struct net_acl *net_acl_read(struct net_ctx *x, const struct sg_resource *res,
				   const struct sg_resource *default_of);
/* In which worlds of `in` does the ACL let the packet through?  For what comes in, p->to is where it comes from. */
struct net_when net_acl_judge(struct net_ctx *x, const struct net_acl *acl, bool egress, const struct net_packet *p,
			      struct net_when in, const struct net_entry **by);

/* ---------------------------------------------------------------------------------------------- routes */

enum net_target {
	NET_TO_LOCAL,
	NET_TO_OUT,      /* beyond what the template can say */
	NET_TO_NAT,      /* a NAT gateway of the template */
	NET_TO_TRANSIT,  /* a transit gateway of the template */
	NET_TO_PEER,     /* a peering connection of the template */
	NET_TO_ENDPOINT, /* a gateway endpoint, whose prefix list nobody knows */
};

enum net_public { NET_PUBLIC_NO, NET_PUBLIC_GATEWAY, NET_PUBLIC_EGRESS_ONLY };

struct net_route {
	struct net_filter filter; /* destination alone */
	bool learned;             /* its destination comes from outside the template, and is certainly something */
	bool dynamic;             /* a static route to the same destination goes first */
	enum net_target target;
	enum net_public public_;
	const struct sg_resource *to; /* of the template */
	struct net_when when;
	struct sg_span span;
	struct sg_str what;
};

struct net_table {
	const struct sg_resource *res; /* NULL: the main table of `vpc` */
	const struct sg_resource *vpc;
	SG_VEC(struct net_route) routes;
};

const struct net_table *net_table_read(struct net_ctx *x, const struct sg_resource *table,
				       const struct sg_resource *vpc);
/* The ranges of a VPC, as routes to NET_TO_LOCAL. */
void net_local_routes(struct net_ctx *x, const struct sg_resource *vpc, struct net_table *out);

/* A subnet and everything that applies to what leaves it. */
struct net_place {
	const struct sg_resource *subnet, *vpc; /* vpc NULL: not in the template, or not known */
	struct net_filter range4, range6;       /* !range.known: could be any */
	SG_VEC(struct {
		const struct net_table *table;
		struct net_when when;
		struct sg_span span;
		struct sg_str what;
	})
	tables;
	SG_VEC(struct {
		const struct net_acl *acl;
		struct net_when when;
		struct sg_span span;
		struct sg_str what;
	})
	acls;
	struct net_when unknown_table, unknown_acl;
	struct sg_span unknown_span;
};

const struct net_place *net_place_of(struct net_ctx *x, const struct sg_resource *subnet);
/* May the packet pass the ACLs of a place in one direction? */
struct net_when net_place_acl(struct net_ctx *x, const struct net_place *place, bool egress, const struct net_packet *p,
			      struct net_when in);
/* The same for what comes from a range of addresses: from one of them. */
struct net_when net_place_acl_from(struct net_ctx *x, const struct net_place *place, const struct net_filter *from,
				   const struct net_packet *p, struct net_when in);
/* Block Public Access: worlds in which the gateway's traffic of the place is stopped. */
struct net_when net_blocked(struct net_ctx *x, const struct net_place *place, enum net_public kind, bool behind_nat);

/* ---------------------------------------------------------------------------------------------- walking */

struct net_hop {
	const struct net_hop *before;
	struct sg_span span;
	struct sg_str text;
};

/* A packet on its way: where it is, in which worlds it got there. */
struct net_trip {
	const struct net_packet *packet;
	const struct net_route *pin; /* the packet is one for this route: its destination is not known otherwise */
	const struct net_place *place;
	struct net_filter source; /* the addresses that it may come from */
	struct net_when when;
	const struct net_hop *hops;
	unsigned depth;
	bool nat, private_nat;
	const struct net_trip *visited; /* where it was before, the last first */
};

/* Where a trip ends: outside (`vpc` NULL), or at an address of a VPC of the template. */
struct net_end {
	const struct sg_resource *vpc;
	const struct net_place *from; /* the last place that it left */
	const struct net_trip *trip;
};

struct net_sink {
	void (*end)(struct net_sink *sink, const struct net_end *end);
};

/* Follows a packet that has passed the group and the ACL of its place. */
void net_walk(struct net_ctx *x, const struct net_trip *trip, struct net_sink *sink);
/* One table's choice; `target` gets the trip for each route that takes some of it. */
void net_walk_table(struct net_ctx *x, const struct net_trip *trip, const struct net_table *table,
		    void (*target)(struct net_ctx *, const struct net_trip *, const struct net_route *,
				   struct net_sink *),
		    struct net_sink *sink);
const struct net_hop *net_hop_add(struct net_ctx *x, const struct net_hop *before, struct sg_span span,
				  struct sg_str text);
/* Where packets can differ on any way from a place. */
void net_walk_edges(struct net_ctx *x, const struct net_place *place, struct net_edges *e, struct sg_map *seen);
void net_transit(struct net_ctx *x, const struct net_trip *trip, const struct net_route *route, struct net_sink *sink);
void net_transit_edges(struct net_ctx *x, const struct sg_resource *gateway, struct net_edges *e, struct sg_map *seen);
/* The other VPC of a peering connection of the template: where it is not there, NULL. */
const struct sg_resource *net_peer_of(struct net_ctx *x, const struct sg_resource *peering,
				      const struct sg_resource *vpc, struct net_when *when);

/* ---------------------------------------------------------------------------------------------- interfaces */

/* What can be talked to in a subnet. */
struct net_iface {
	const struct sg_resource *res;
	const struct net_place *place;
	struct net_when when;
	struct net_rules ingress;
	bool open;        /* has no security groups */
	const char *what; /* "instance" */
	struct net_filter address;
	SG_VEC(struct net_group) groups;
	bool endpoint; /* of a service outside: who reaches it is out, as far as its policy says */
};

struct net_ifaces {
	SG_VEC(struct net_iface) vec;
};

void net_ifaces_find(struct net_ctx *x, struct net_ifaces *out);
/* Says (NET005) what the policy of an endpoint that is in reach, or may be, lets through in the worlds of `in`. */
void net_judge_policy(struct net_ctx *x, const struct sg_resource *endpoint, sg_guard in, bool maybe);
/* What an endpoint's policy leaves open. */
struct net_when net_endpoint_open(struct net_ctx *x, const struct sg_resource *endpoint, struct net_when in);

#endif
