/*
 * Fn::Cidr: blocks of addresses out of a block, one behind the other.  IPv4 with everything literal is computed; what else
 * comes out is a list that nobody knows yet.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
 */
#include "cfn/cfn_priv.h"

enum { MAX_BLOCKS = 256 };

struct block {
	uint32_t address;
	unsigned prefix;
};

static bool octet(struct sg_str *rest, char end, unsigned max, unsigned *out)
{
	char stop[2] = {end, 0};
	size_t n = end ? sg_str_find(*rest, stop, 0) : rest->n;
	int64_t value;
	if (n == SIZE_MAX || !sg_parse_i64(sg_str_sub(*rest, 0, n), &value) || value < 0 || value > max)
		return false;
	*out = (unsigned)value;
	*rest = end ? sg_str_sub(*rest, n + 1, SIZE_MAX) : SG_LIT("");
	return true;
}

static bool read_block(struct sg_str text, struct block *b)
{
	uint32_t address = 0;
	for (int i = 0; i < 4; i++) {
		unsigned o;
		if (!octet(&text, i < 3 ? '.' : '/', 255, &o))
			return false;
		address = address << 8 | o;
	}
	if (!octet(&text, 0, 32, &b->prefix))
		return false;
	b->address = b->prefix ? address & (uint32_t)((uint64_t)0xffffffff << (32 - b->prefix)) : 0;
	return true;
}

/* The blocks as a list of strings; NULL where the numbers do not fit. */
static const struct sg_node *blocks(struct sg_cfn *c, const struct sg_node *node, struct block b, int64_t count,
				    int64_t bits)
{
	if (count < 1 || count > MAX_BLOCKS || bits < 1 || bits > 31 || 32 - bits < b.prefix ||
	    (uint64_t)count << bits > (uint64_t)1 << (32 - b.prefix))
		return NULL;
	const struct sg_node **items = SG_NEW_ARRAY(c->arena, (size_t)count, const struct sg_node *);
	for (int64_t i = 0; i < count; i++) {
		uint32_t a = b.address + (uint32_t)((uint64_t)i << bits);
		struct sg_str text = sg_strf(c->arena, "%u.%u.%u.%u/%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
					     (unsigned)(32 - bits));
		items[i] = sg_node_scalar(c->arena, text, SG_DOUBLE, SG_WHY_INTRINSIC, node);
	}
	return sg_node_seq(c->arena, items, (size_t)count, SG_WHY_INTRINSIC, node);
}

static struct sg_val computed(struct sg_cfn *c, const struct sg_node *node, const struct sg_val *from,
			      const struct sg_val *count, const struct sg_val *bits)
{
	struct sg_str text;
	struct block b;
	int64_t n, width;
	const struct sg_node *list = NULL;
	if (bits && sg_val_text(c->arena, from, &text) && read_block(text, &b) && sg_val_integer(count, &n) &&
	    sg_val_integer(bits, &width))
		list = blocks(c, node, b, n, width);
	if (list)
		return (struct sg_val){.kind = SG_V_LIST, .node = list};
	struct sg_str name = sg_strf(c->arena, "the address blocks computed from %.*s, %.*s, %.*s",
				     SG_FMT(sg_val_describe(c->arena, from)), SG_FMT(sg_val_describe(c->arena, count)),
				     SG_FMT(bits ? sg_val_describe(c->arena, bits) : SG_LIT("-")));
	const struct sg_symbol *s = cfn_symbol(c, SG_SYM_OTHER, name, SG_LIT(""), node);
	return cfn_val_unknown(c, node, s, "%.*s", SG_FMT(name));
}

static void with_bits(struct sg_cfn *c, struct alts *b, const struct sg_node *node, const struct sg_node *arg,
		      const struct sg_val *from, const struct sg_alt *count)
{
	if (arg->n < 3) {
		cfn_emit(c, b, count->guard, computed(c, node, from, &count->val, NULL));
		return;
	}
	struct sg_alts bits = sg_eval(c, arg->items[2], count->guard);
	for (size_t i = 0; i < bits.n; i++)
		cfn_emit(c, b, bits.v[i].guard, computed(c, node, from, &count->val, &bits.v[i].val));
}

struct sg_alts cfn_fn_cidr(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind != SG_SEQ || arg->n < 2 || arg->n > 3)
		return cfn_malformed(c, node, in, "Fn::Cidr takes a block, a count and a number of bits");
	struct alts b = {0};
	struct sg_alts from = sg_eval(c, arg->items[0], in);
	for (size_t i = 0; i < from.n && b.vec.n <= CFN_MAX_ALTS; i++) {
		struct sg_alts count = sg_eval(c, arg->items[1], from.v[i].guard);
		for (size_t k = 0; k < count.n; k++)
			with_bits(c, &b, node, arg, &from.v[i].val, &count.v[k]);
	}
	return cfn_done(c, &b, node, in);
}
