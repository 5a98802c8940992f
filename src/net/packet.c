/*
 * Packets, and what a rule says about one: addresses, protocols, ports; and the finite number of packets that stand for
 * all others.  It must not know where rules come from.
 */
#include "net/walk_priv.h"

#include <stdlib.h>
#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58, MAX_PORT = 65535 };

/* ---------------------------------------------------------------------------------------------- certainty */

struct net_when net_when_of(struct net_ctx *x, sg_guard guard, bool maybe)
{
	(void)x;
	return (struct net_when){maybe ? SG_NEVER : guard, guard};
}

struct net_when net_when_and(struct net_ctx *x, struct net_when a, struct net_when b)
{
	return (struct net_when){sg_guard_and(x->w, a.must, b.must), sg_guard_and(x->w, a.may, b.may)};
}

struct net_when net_when_or(struct net_ctx *x, struct net_when a, struct net_when b)
{
	return (struct net_when){sg_guard_or(x->w, a.must, b.must), sg_guard_or(x->w, a.may, b.may)};
}

struct net_when net_when_minus(struct net_ctx *x, struct net_when a, struct net_when b)
{
	return (struct net_when){sg_guard_minus(x->w, a.must, b.may), sg_guard_minus(x->w, a.may, b.must)};
}

/* ---------------------------------------------------------------------------------------------- matching */

bool net_protocol_has_ports(int protocol)
{
	return protocol == TCP || protocol == UDP || protocol == ICMP || protocol == ICMP6;
}

static bool contains(const struct net_range *r, const uint8_t *address)
{
	struct net_range one = {.known = true, .v6 = r->v6, .bits = r->v6 ? 128 : 32};
	memcpy(one.address, address, sizeof(one.address));
	return net_ranges_meet(r, &one);
}

static bool is_private(const struct net_range *r)
{
	static const struct net_range ranges[] = {
		{true, false, {10}, 8},       {true, false, {172, 16}, 12},   {true, false, {192, 168}, 16},
		{true, false, {100, 64}, 10}, {true, false, {169, 254}, 16},  {true, false, {127}, 8},
		{true, true, {0xfc}, 7},      {true, true, {0xfe, 0x80}, 10},
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (r->bits >= ranges[i].bits && net_ranges_meet(r, &ranges[i]))
			return true;
	return false;
}

enum net_match net_address_match(const struct net_filter *f, const struct net_packet *p)
{
	if (f->family && f->family != p->family)
		return NET_NO;
	if (!f->range.known)
		return NET_MAYBE;
	if (!p->anywhere)
		return contains(&f->range, p->to) ? NET_YES : NET_NO;
	if (!f->range.bits)
		return NET_YES;
	return p->outside && is_private(&f->range) ? NET_NO : NET_MAYBE;
}

enum net_match net_filter_match(const struct net_filter *f, const struct net_packet *p)
{
	enum net_match m = net_address_match(f, p);
	if (m == NET_NO || f->protocol == -1)
		return m;
	if (f->protocol == -2)
		return NET_MAYBE;
	if (f->protocol != p->protocol)
		return NET_NO;
	if (!net_protocol_has_ports(p->protocol))
		return m;
	if (!f->ports_known)
		return NET_MAYBE;
	return p->port >= f->low && p->port <= f->high ? m : NET_NO;
}

/* ---------------------------------------------------------------------------------------------- reading */

void net_filter_protocol(const struct sg_val *protocol, struct net_filter *f)
{
	static const struct {
		const char *name;
		int number;
	} names[] = {{"tcp", TCP}, {"udp", UDP}, {"icmp", ICMP}, {"icmpv6", ICMP6}, {"all", -1}};
	int64_t n;
	f->protocol = -2;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (sg_val_is(protocol, names[i].name))
			f->protocol = names[i].number;
	if (sg_val_integer(protocol, &n) && n >= -1 && n <= 255)
		f->protocol = (int)n;
}

/* -1, or none at all, is all; of ICMP the first is the type and the second the code. */
void net_filter_ports(const struct net_filter *f, const struct sg_val *from, const struct sg_val *to, unsigned *low,
		      unsigned *high, bool *known)
{
	int64_t a = -1, b = -1;
	*known = (net_absent(from) || sg_val_integer(from, &a)) && (net_absent(to) || sg_val_integer(to, &b));
	*low = 0;
	*high = MAX_PORT;
	if (!*known || a < 0)
		return;
	if (f->protocol == ICMP || f->protocol == ICMP6) {
		*known = a < 256 && b < 256;
		*low = (unsigned)(a & 255) * 256 + (b < 0 ? 0 : (unsigned)(b & 255));
		*high = b < 0 ? *low + 255 : *low;
		return;
	}
	*known = a <= MAX_PORT && b >= a && b <= MAX_PORT;
	if (*known) {
		*low = (unsigned)a;
		*high = (unsigned)b;
	}
}

/* ---------------------------------------------------------------------------------------------- edges */

/* The first address of a range and the first behind it, if there is one. */
static void first_of(const struct net_range *r, struct net_range *out)
{
	*out = *r;
	unsigned width = r->v6 ? 128 : 32;
	for (unsigned bit = r->bits; bit < width; bit++)
		out->address[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
	out->bits = width;
}

static bool behind(const struct net_range *r, struct net_range *out)
{
	first_of(r, out);
	for (int bit = (int)r->bits - 1; bit >= 0; bit--) {
		uint8_t mask = (uint8_t)(0x80u >> (bit % 8));
		out->address[bit / 8] ^= mask;
		if (out->address[bit / 8] & mask)
			return true;
	}
	return false;
}

static int compare_addresses(const void *a, const void *b)
{
	return memcmp(((const struct net_range *)a)->address, ((const struct net_range *)b)->address, 16);
}

static void add_port(struct net_ctx *x, struct net_edges *e, unsigned port)
{
	if (port > MAX_PORT)
		return;
	for (size_t i = 0; i < e->ports.n; i++)
		if (e->ports.v[i] == port)
			return;
	if (e->ports.n < NET_MAX_EDGES)
		SG_PUSH(x->arena, &e->ports, port);
	else
		e->too_many = true;
}

static void add_range(struct net_ctx *x, struct net_edges *e, const struct net_range *r)
{
	struct net_range edge;
	if (e->v4.n + e->v6.n >= (size_t)4 * NET_MAX_EDGES) {
		net_edges_sort(e);
		if (e->v4.n + e->v6.n >= (size_t)2 * NET_MAX_EDGES) {
			e->too_many = true;
			return;
		}
	}
	first_of(r, &edge);
	for (int i = 0; i < 2; i++) {
		if (i && !behind(r, &edge))
			return;
		if (r->v6)
			SG_PUSH(x->arena, &e->v6, edge);
		else
			SG_PUSH(x->arena, &e->v4, edge);
	}
}

void net_edges_add(struct net_ctx *x, struct net_edges *e, const struct net_filter *f)
{
	if (f->range.known)
		add_range(x, e, &f->range);
	if (f->protocol < 0)
		return;
	e->protocols[f->protocol] = true;
	if (net_protocol_has_ports(f->protocol) && f->ports_known) {
		add_port(x, e, f->low);
		add_port(x, e, f->high + 1);
	}
}

static size_t sort_addresses(struct net_range *v, size_t n)
{
	size_t kept = 0;
	if (n)
		qsort(v, n, sizeof(*v), compare_addresses);
	for (size_t i = 0; i < n; i++)
		if (!kept || compare_addresses(&v[kept - 1], &v[i]))
			v[kept++] = v[i];
	return kept;
}

static int compare_ports(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return (x > y) - (x < y);
}

void net_edges_sort(struct net_edges *e)
{
	e->v4.n = sort_addresses(e->v4.v, e->v4.n);
	e->v6.n = sort_addresses(e->v6.v, e->v6.n);
	if (e->ports.n)
		qsort(e->ports.v, e->ports.n, sizeof(*e->ports.v), compare_ports);
}

static uint32_t first_word(const struct net_range *r)
{
	const uint8_t *a = r->address;
	return (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
}

/* More addresses from here to the next edge than a VPC's ranges hold: 2^22 of IPv4, 2^96 of IPv6. */
static bool is_wide(const struct net_range *v, size_t n, size_t i, enum net_family family)
{
	if (i + 1 == n)
		return true;
	uint32_t words = first_word(&v[i + 1]) - first_word(&v[i]);
	return words > (family == NET_V6 ? 1 : UINT32_C(1) << 22);
}

struct sweep {
	const struct net_edges *e;
	bool (*each)(void *context, const struct net_packet *p);
	void *context;
};

static bool ports_of(const struct sweep *s, struct net_packet *p)
{
	if (!net_protocol_has_ports(p->protocol)) {
		p->port = 0;
		return s->each(s->context, p);
	}
	/* what people know first; it is one of those that no rule tells apart from it */
	p->port = p->protocol == ICMP || p->protocol == ICMP6 ? 8 * 256 : 443;
	if (!s->each(s->context, p))
		return false;
	unsigned before = UINT32_MAX;
	for (size_t i = 0; i <= s->e->ports.n; i++) {
		p->port = i ? s->e->ports.v[i - 1] : 0;
		if (p->port != before && !s->each(s->context, p))
			return false;
		before = p->port;
	}
	return true;
}

static bool protocols_of(const struct sweep *s, struct net_packet *p)
{
	static const int first[] = {TCP, UDP};
	bool rest = false;
	for (size_t i = 0; i < 2; i++) {
		p->protocol = first[i];
		if (!ports_of(s, p))
			return false;
	}
	for (int n = 255; n >= 0; n--) {
		if (n == TCP || n == UDP || (!s->e->protocols[n] && (rest || net_protocol_has_ports(n))))
			continue;
		rest = rest || !s->e->protocols[n];
		p->protocol = n;
		if (!ports_of(s, p))
			return false;
	}
	return true;
}

static bool addresses_of(const struct sweep *s, enum net_family family, const struct net_range *v, size_t n)
{
	static const uint8_t nice4[4] = {1, 1, 1, 1}, nice6[16] = {0x26, 6, 0x47, 0, 0x47, [14] = 0x11, 0x11};
	for (size_t i = 0; i < n; i++) {
		if (net_range_void(&v[i]))
			continue;
		struct net_packet p = {.family = family, .wide = is_wide(v, n, i, family)};
		memcpy(p.to, v[i].address, 16);
		const uint8_t *nice = family == NET_V4 ? nice4 : nice6;
		size_t width = family == NET_V4 ? 4 : 16;
		if (memcmp(v[i].address, nice, width) < 0 && (i + 1 == n || memcmp(nice, v[i + 1].address, width) < 0))
			memcpy(p.to, nice, width);
		if (!protocols_of(s, &p))
			return false;
	}
	return true;
}

void net_edges_packets(const struct net_edges *e, bool (*each)(void *context, const struct net_packet *p),
		       void *context)
{
	struct sweep s = {e, each, context};
	if (addresses_of(&s, NET_V4, e->v4.v, e->v4.n))
		addresses_of(&s, NET_V6, e->v6.v, e->v6.n);
}
