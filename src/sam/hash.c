/*
 * The ids that SAM makes of hashes: JSON text as the translator writes it, and its SHA-1.
 */
#include "sam/sam_priv.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------ JSON text */

static void json_string(struct sg_buf *b, struct sg_str text)
{
	static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	sg_buf_addc(b, '"');
	for (size_t i = 0; i < text.n;) {
		uint32_t c;
		size_t n = sg_utf8_decode(sg_str_sub(text, i, SIZE_MAX), &c);
		if (!n)
			c = 0xFFFD, n = 1;
		i += n;
		const char *escape = NULL;
		for (const char *e = escapes; *e; e += 2)
			if ((uint32_t)(unsigned char)*e == c)
				escape = e + 1;
		if (escape)
			sg_buf_addf(b, "\\%c", *escape);
		else if (c >= 0x20 && c < 0x7F)
			sg_buf_addc(b, (char)c);
		else if (c < 0x10000)
			sg_buf_addf(b, "\\u%04x", (unsigned)c);
		else
			sg_buf_addf(b, "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (c >> 10)),
				    (unsigned)(0xDC00 + (c & 0x3FF)));
	}
	sg_buf_addc(b, '"');
}

static int by_key(const void *a, const void *b)
{
	return sg_str_cmp((*(const struct entry *const *)a)->key, (*(const struct entry *const *)b)->key);
}

static void newline(struct sg_buf *b, unsigned indent, unsigned depth)
{
	if (!indent)
		return;
	sg_buf_addc(b, '\n');
	sg_buf_fill(b, ' ', (size_t)indent * depth);
}

static void json_value(struct sam *s, struct sg_buf *b, const struct val *v, unsigned indent, unsigned depth);

static void json_map(struct sam *s, struct sg_buf *b, const struct val *v, unsigned indent, unsigned depth)
{
	const struct entry **sorted = SG_NEW_ARRAY(s->arena, v->n + 1, const struct entry *);
	for (size_t i = 0; i < v->n; i++)
		sorted[i] = &v->entries[i];
	qsort(sorted, v->n, sizeof(*sorted), by_key); /* NOLINT: an array of pointers */
	sg_buf_addc(b, '{');
	for (size_t i = 0; i < v->n; i++) {
		newline(b, indent, depth + 1);
		json_string(b, sorted[i]->key);
		sg_buf_adds(b, indent ? ": " : ":");
		json_value(s, b, sorted[i]->value, indent, depth + 1);
		if (i + 1 < v->n)
			sg_buf_addc(b, ',');
	}
	if (v->n)
		newline(b, indent, depth);
	sg_buf_addc(b, '}');
}

static void json_list(struct sam *s, struct sg_buf *b, const struct val *v, unsigned indent, unsigned depth)
{
	sg_buf_addc(b, '[');
	for (size_t i = 0; i < v->n; i++) {
		newline(b, indent, depth + 1);
		json_value(s, b, v->items[i], indent, depth + 1);
		if (i + 1 < v->n)
			sg_buf_addc(b, ',');
	}
	if (v->n)
		newline(b, indent, depth);
	sg_buf_addc(b, ']');
}

static void json_number(struct sam *s, struct sg_buf *b, const struct val *v)
{
	bool ok = false;
	struct sg_str spelt = v->type == SG_T_FLOAT ? sg_read_string(s->arena, v->node, &ok) : v->text;
	if (v->type == SG_T_INT && v->text.n <= 18)
		sg_buf_addf(b, "%lld", (long long)v->integer);
	else
		sg_buf_str(b, ok ? spelt : v->text);
	if (v->type == SG_T_FLOAT && ok && sg_str_find(spelt, ".", 0) == SIZE_MAX &&
	    sg_str_find(spelt, "e", 0) == SIZE_MAX)
		sg_buf_adds(b, ".0");
}

static void json_value(struct sam *s, struct sg_buf *b, const struct val *v, unsigned indent, unsigned depth)
{
	switch (v->type) {
	case SG_T_MAP:
		json_map(s, b, v, indent, depth);
		break;
	case SG_T_LIST:
		json_list(s, b, v, indent, depth);
		break;
	case SG_T_BOOL:
		sg_buf_adds(b, v->boolean ? "true" : "false");
		break;
	case SG_T_NULL:
		sg_buf_adds(b, "null");
		break;
	case SG_T_INT:
	case SG_T_FLOAT:
		json_number(s, b, v);
		break;
	default:
		json_string(b, v->text);
	}
}

struct sg_str json_text(struct sam *s, const struct val *v, unsigned indent)
{
	struct sg_buf b = {0};
	json_value(s, &b, v, indent, 0);
	return sg_buf_take(&b, s->arena);
}

/* ------------------------------------------------------------------------------------------------ SHA-1 (FIPS 180-4) */

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t h[5], const unsigned char *p)
{
	static const uint32_t k[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
	for (unsigned i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (unsigned i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
		uint32_t t = rotate(a, 5) + f + e + k[i / 20] + w[i];
		e = d, d = c, c = rotate(b, 30), b = a, a = t;
	}
	h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

static void sha1(struct sg_str text, uint32_t h[5])
{
	static const uint32_t start[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
	unsigned char tail[128] = {0};
	size_t whole = text.n / 64, rest = text.n % 64, padded = rest < 56 ? 64 : 128;
	memcpy(h, start, sizeof(start));
	for (size_t i = 0; i < whole; i++)
		sha1_block(h, (const unsigned char *)text.p + 64 * i);
	if (rest)
		memcpy(tail, text.p + 64 * whole, rest);
	tail[rest] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		tail[padded - 1 - i] = (unsigned char)((uint64_t)text.n * 8 >> 8 * i);
	for (size_t i = 0; i < padded; i += 64)
		sha1_block(h, tail + i);
}

/* ------------------------------------------------------------------------------------------------ ids */

const char *sha1_text(struct sam *s, struct sg_str text)
{
	uint32_t h[5];
	sha1(text, h);
	return fmt(s, "%08x%08x%08x%08x%08x", (unsigned)h[0], (unsigned)h[1], (unsigned)h[2], (unsigned)h[3],
		   (unsigned)h[4]);
}

const char *hashed_text(struct sam *s, const char *prefix, struct sg_str text)
{
	return text.n ? fmt(s, "%s%.10s", prefix, sha1_text(s, text)) : prefix;
}

const char *hashed_id(struct sam *s, const char *prefix, const struct val *v)
{
	if (!truthy(v))
		return prefix;
	return hashed_text(s, prefix, is_str(v) ? v->text : json_text(s, v, 0));
}

bool alnum(struct sg_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return text.n > 0;
}
