/*
 * Address ranges as CloudFormation writes them.
 */
#include "net/net_priv.h"

#include <arpa/inet.h>
#include <string.h>

struct net_range net_range_of(struct sg_arena *a, const struct sg_val *cidr)
{
	struct net_range r = {0}, unknown = {0};
	struct sg_str text;
	if (!sg_val_text(a, cidr, &text))
		return unknown;
	size_t slash = sg_str_find(text, "/", 0);
	int64_t bits;
	if (slash == SIZE_MAX || !sg_parse_i64(sg_str_sub(text, slash + 1, text.n), &bits))
		return unknown;
	const char *address = sg_cstr(a, sg_str_sub(text, 0, slash));
	if (strlen(address) != slash)
		return unknown;
	if (inet_pton(AF_INET, address, r.address) != 1) {
		if (inet_pton(AF_INET6, address, r.address) != 1)
			return unknown;
		r.v6 = true;
	}
	if (bits < 0 || bits > (r.v6 ? 128 : 32))
		return unknown;
	r.bits = (unsigned)bits;
	r.known = true;
	return r;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	if (memcmp(a, b, bits / 8))
		return false;
	unsigned rest = bits % 8;
	return !rest || !((a[bits / 8] ^ b[bits / 8]) >> (8 - rest));
}

bool net_ranges_meet(const struct net_range *a, const struct net_range *b)
{
	if (!a->known || !b->known)
		return true;
	return a->v6 == b->v6 && same_prefix(a->address, b->address, a->bits < b->bits ? a->bits : b->bits);
}

bool net_range_void(const struct net_range *r)
{
	static const uint8_t loopback6[16] = {[15] = 1}, broadcast[4] = {255, 255, 255, 255};
	if (!r->known)
		return false;
	if (r->v6)
		return r->bits == 128 && !memcmp(r->address, loopback6, 16);
	return (r->bits >= 8 && r->address[0] == 127) || (r->bits == 32 && !memcmp(r->address, broadcast, 4));
}

void net_address_text(bool v6, const uint8_t *address, char out[64])
{
	if (!inet_ntop(v6 ? AF_INET6 : AF_INET, address, out, 64))
		out[0] = 0;
}
