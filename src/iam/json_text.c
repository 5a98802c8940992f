/*
 * JSON that stands inside a string, as CloudFormation accepts for policy documents: strict RFC 8259 into nodes that
 * all point at the string.  Whole files are read by json/, which this room must not know.
 */
#include "iam/iam_priv.h"

#include <string.h>

enum { MAX_NESTING = 32 };

struct reader {
	struct sg_arena *a;
	struct sg_str s;
	size_t at;
	unsigned depth;
	const struct sg_node *origin;
	const char *why;
};

static const struct sg_node *read_value(struct reader *r);

static void blanks(struct reader *r)
{
	while (r->at < r->s.n && strchr(" \t\r\n", r->s.p[r->at]) && r->s.p[r->at])
		r->at++;
}

static int peek(struct reader *r)
{
	blanks(r);
	return r->at < r->s.n ? (unsigned char)r->s.p[r->at] : -1;
}

static const struct sg_node *bad(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool four_hex(struct reader *r, uint32_t *out)
{
	uint32_t v = 0;
	for (int k = 0; k < 4; k++, r->at++) {
		int d = r->at < r->s.n ? hex_digit(r->s.p[r->at]) : -1;
		if (d < 0)
			return false;
		v = v * 16 + (uint32_t)d;
	}
	*out = v;
	return true;
}

static bool unicode_escape(struct reader *r, struct sg_buf *b)
{
	uint32_t cp, low;
	if (!four_hex(r, &cp))
		return false;
	if (cp >= 0xd800 && cp < 0xdc00) {
		if (r->at + 2 > r->s.n || memcmp(r->s.p + r->at, "\\u", 2) != 0)
			return false;
		r->at += 2;
		if (!four_hex(r, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	char utf8[4];
	size_t n = sg_utf8_encode(cp, utf8);
	sg_buf_add(b, utf8, n);
	return n > 0;
}

static bool escape(struct reader *r, struct sg_buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (r->at >= r->s.n)
		return false;
	char c = r->s.p[r->at++];
	if (c == 'u')
		return unicode_escape(r, b);
	const char *p = c ? strchr(from, c) : NULL;
	if (p)
		sg_buf_addc(b, to[p - from]);
	return p != NULL;
}

static bool string_bytes(struct reader *r, struct sg_buf *b)
{
	for (r->at++; r->at < r->s.n;) {
		char c = r->s.p[r->at++];
		if (c == '"')
			return true;
		if ((unsigned char)c < 0x20 || (c == '\\' && !escape(r, b)))
			return false;
		if (c != '\\')
			sg_buf_addc(b, c);
	}
	return false;
}

static const struct sg_node *read_string(struct reader *r)
{
	struct sg_buf b = {0};
	if (!string_bytes(r, &b)) {
		sg_buf_free(&b);
		return bad(r, "a string in it is malformed");
	}
	return sg_node_scalar(r->a, sg_buf_take(&b, r->a), SG_JSON_STRING, SG_WHY_INTRINSIC, r->origin);
}

static const struct sg_node *read_word(struct reader *r)
{
	size_t from = r->at;
	double number;
	while (r->at < r->s.n && !strchr(" \t\r\n,:{}[]\"", r->s.p[r->at]))
		r->at++;
	struct sg_str w = sg_str_sub(r->s, from, r->at - from);
	if (!sg_str_is(w, "true") && !sg_str_is(w, "false") && !sg_str_is(w, "null") && !sg_parse_double(w, &number))
		return bad(r, "a word in it is neither a number nor true, false or null");
	return sg_node_scalar(r->a, w, SG_JSON_WORD, SG_WHY_INTRINSIC, r->origin);
}

static const struct sg_node *read_list(struct reader *r)
{
	SG_VEC(const struct sg_node *) items = {0};
	r->at++;
	while (peek(r) != ']') {
		if (items.n && r->s.p[r->at++] != ',')
			return bad(r, "a comma is missing in it");
		const struct sg_node *v = read_value(r);
		if (!v)
			return NULL;
		SG_PUSH(r->a, &items, v);
		if (peek(r) < 0)
			return bad(r, "it ends too early");
	}
	r->at++;
	return sg_node_seq(r->a, items.v, items.n, SG_WHY_INTRINSIC, r->origin);
}

static bool read_member(struct reader *r, struct sg_member *m)
{
	if (peek(r) != '"')
		return bad(r, "a key in it is no string") != NULL;
	m->key = read_string(r);
	if (!m->key || peek(r) != ':')
		return bad(r, "a colon is missing in it") != NULL;
	r->at++;
	m->value = read_value(r);
	return m->value != NULL;
}

/* Which of two members of one name counts, readers disagree about. */
static const struct sg_node *read_map(struct reader *r)
{
	SG_VEC(struct sg_member) members = {0};
	struct sg_map *names = sg_map_new(r->a);
	r->at++;
	while (peek(r) != '}') {
		struct sg_member m;
		if (members.n && r->s.p[r->at++] != ',')
			return bad(r, "a comma is missing in it");
		if (!read_member(r, &m))
			return NULL;
		if (sg_map_put(names, m.key->text, r))
			return bad(r, "a key stands twice in it");
		SG_PUSH(r->a, &members, m);
		if (peek(r) < 0)
			return bad(r, "it ends too early");
	}
	r->at++;
	return sg_node_map(r->a, members.v, members.n, SG_WHY_INTRINSIC, r->origin);
}

static const struct sg_node *read_value(struct reader *r)
{
	int c = peek(r);
	if (c < 0)
		return bad(r, "it ends too early");
	if (r->depth >= MAX_NESTING)
		return bad(r, "it is nested too deeply");
	r->depth++;
	const struct sg_node *v = c == '{'   ? read_map(r)
				  : c == '[' ? read_list(r)
				  : c == '"' ? read_string(r)
					     : read_word(r);
	r->depth--;
	return v;
}

const struct sg_node *iam_json(struct sg_arena *a, struct sg_str text, const struct sg_node *at, const char **why)
{
	struct reader r = {.a = a, .s = text, .origin = at};
	const struct sg_node *v = read_value(&r);
	if (v && peek(&r) >= 0)
		v = bad(&r, "something follows its end");
	if (!v)
		*why = r.why;
	return v;
}

const struct sg_node *sg_iam_document(struct sg_arena *a, const struct sg_node *n)
{
	const char *why = NULL;
	const struct sg_node *tree = n->kind == SG_SCALAR ? iam_json(a, n->text, n, &why) : NULL;
	return tree && tree->kind == SG_MAP ? tree : n;
}
