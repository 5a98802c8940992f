/*
 * Values: making them, interning symbols, and reading them back as text, numbers and Booleans.
 */
#include "cfn/cfn_priv.h"

#include <stdio.h>
#include <string.h>

struct sg_str cfn_symbol_spelling(struct sg_arena *a, const struct sg_symbol *s)
{
	return s->attribute.n ? sg_strf(a, "%.*s.%.*s", SG_FMT(s->name), SG_FMT(s->attribute)) : s->name;
}

/* Kind, length of the name, name, attribute; most fit where they need no memory, and this is asked for each Ref. */
struct symbol_key {
	struct {
		size_t kind, n;
	} head;
	char text[112];
};

static struct sg_str symbol_key(struct sg_arena *a, struct symbol_key *room, enum sg_symbol_kind kind,
				struct sg_str name, struct sg_str attribute)
{
	size_t head = sizeof(room->head), n = head + name.n + attribute.n;
	char *key = n <= sizeof(*room) ? (char *)room : sg_alloc(a, n);
	room->head.kind = (size_t)kind;
	room->head.n = name.n;
	if (key != (char *)room)
		memcpy(key, &room->head, head);
	if (name.n)
		memcpy(key + head, name.p, name.n);
	if (attribute.n)
		memcpy(key + head + name.n, attribute.p, attribute.n);
	return (struct sg_str){key, n};
}

const struct sg_symbol *cfn_symbol(struct sg_cfn *c, enum sg_symbol_kind kind, struct sg_str name,
				   struct sg_str attribute, const struct sg_node *node)
{
	struct symbol_key room;
	struct sg_str key = symbol_key(c->arena, &room, kind, name, attribute);
	struct sg_symbol *s = sg_map_get(c->symbols, key);
	if (s)
		return s;
	s = SG_NEW(c->arena, struct sg_symbol);
	*s = (struct sg_symbol){kind, sg_str_dup(c->arena, name), sg_str_dup(c->arena, attribute), node};
	sg_map_put(c->symbols, sg_str_dup(c->arena, key), s);
	return s;
}

static struct sg_val string_of(struct sg_cfn *c, struct sg_part part, const struct sg_node *node)
{
	struct sg_part *parts = SG_NEW(c->arena, struct sg_part);
	*parts = part;
	return (struct sg_val){.kind = SG_V_STRING, .node = node, .parts = parts, .n_parts = 1};
}

struct sg_val cfn_val_symbol(struct sg_cfn *c, const struct sg_symbol *s, const struct sg_node *node)
{
	return string_of(c, (struct sg_part){.symbol = s}, node);
}

struct sg_val cfn_val_literal(struct sg_cfn *c, struct sg_str text, const struct sg_node *node)
{
	if (!text.n)
		return (struct sg_val){.kind = SG_V_STRING, .node = node};
	return string_of(c, (struct sg_part){.literal = text}, node);
}

struct sg_val cfn_val_absent(const struct sg_node *node)
{
	return (struct sg_val){.kind = SG_V_ABSENT, .node = node};
}

struct sg_val cfn_val_unknown(struct sg_cfn *c, const struct sg_node *node, const struct sg_symbol *symbol,
			      const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return (struct sg_val){
		.kind = SG_V_UNKNOWN, .node = node, .symbol = symbol, .reason = sg_buf_take(&b, c->arena)};
}

/* A string may hold dynamic references, "{{resolve:ssm:name:1}}": each is a symbol
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html).
 *
 * Where "{{resolve:" starts in the literal parts from `part` on; false where nowhere. */
static bool find_reference(const struct sg_val *v, size_t *part, size_t *at)
{
	for (; *part < v->n_parts; (*part)++) {
		if (v->parts[*part].symbol)
			continue;
		*at = sg_str_find(v->parts[*part].literal, "{{resolve:", 0);
		if (*at != SIZE_MAX)
			return true;
	}
	return false;
}

static bool find_end(const struct sg_val *v, size_t *part, size_t *at)
{
	for (size_t from = *at; *part < v->n_parts; (*part)++, from = 0) {
		if (v->parts[*part].symbol)
			continue;
		*at = sg_str_find(v->parts[*part].literal, "}}", from);
		if (*at != SIZE_MAX)
			return true;
	}
	return false;
}

/* The spelling of the parts from (p, at) to (q, end), between the braces. */
static struct sg_str spell(struct sg_cfn *c, const struct sg_val *v, size_t p, size_t at, size_t q, size_t end)
{
	struct sg_buf b = {0};
	for (size_t i = p; i <= q; i++) {
		const struct sg_part *part = &v->parts[i];
		size_t from = i == p ? at : 0, to = i == q ? end : part->literal.n;
		if (part->symbol)
			sg_buf_addf(&b, "${%.*s}", SG_FMT(cfn_symbol_spelling(c->arena, part->symbol)));
		else
			sg_buf_str(&b, sg_str_sub(part->literal, from, to - from));
	}
	return sg_buf_take(&b, c->arena);
}

struct sg_val cfn_val_resolved(struct sg_cfn *c, struct sg_val v)
{
	size_t p = 0, at = 0;
	if (v.kind != SG_V_STRING || !find_reference(&v, &p, &at))
		return v;
	size_t q = p, end = at;
	if (!find_end(&v, &q, &end))
		return v;
	SG_VEC(struct sg_part) parts = {0};
	for (size_t i = 0; i < p; i++)
		SG_PUSH(c->arena, &parts, v.parts[i]);
	if (at)
		SG_PUSH(c->arena, &parts, ((struct sg_part){.literal = sg_str_sub(v.parts[p].literal, 0, at)}));
	const struct sg_symbol *s = cfn_symbol(c, SG_SYM_DYNAMIC, spell(c, &v, p, at + 2, q, end), SG_LIT(""), v.node);
	SG_PUSH(c->arena, &parts, ((struct sg_part){.symbol = s}));
	struct sg_str rest = sg_str_sub(v.parts[q].literal, end + 2, SIZE_MAX);
	if (rest.n)
		SG_PUSH(c->arena, &parts, ((struct sg_part){.literal = rest}));
	for (size_t i = q + 1; i < v.n_parts; i++)
		SG_PUSH(c->arena, &parts, v.parts[i]);
	v.parts = parts.v, v.n_parts = parts.n;
	return cfn_val_resolved(c, v);
}

struct sg_val cfn_val_string(struct sg_cfn *c, struct sg_str text, const struct sg_node *node)
{
	return cfn_val_resolved(c, cfn_val_literal(c, text, node));
}

struct sg_val cfn_val_scalar(struct sg_cfn *c, const struct sg_node *node)
{
	struct sg_reading r = sg_read_yaml11(node);
	struct sg_val v = {.node = node};
	switch (r.type) {
	case SG_T_NULL:
		v.kind = SG_V_NULL;
		return v;
	case SG_T_BOOL:
		v.kind = SG_V_BOOL, v.boolean = r.boolean;
		return v;
	case SG_T_INT:
		if (r.big)
			return cfn_val_literal(c, r.text, node);
		v.kind = SG_V_INT, v.integer = r.integer, v.number = r.number;
		return v;
	case SG_T_FLOAT:
		v.kind = SG_V_FLOAT, v.number = r.number;
		return v;
	case SG_T_STRING:
		return cfn_val_string(c, r.text, node);
	default:
		return cfn_val_unknown(c, node, NULL, "a value that YAML readers refuse");
	}
}

/* ------------------------------------------------------------------------------------------------ reading back */

static bool literal_text(struct sg_arena *a, const struct sg_val *v, struct sg_str *text)
{
	struct sg_buf b = {0};
	for (size_t i = 0; i < v->n_parts; i++) {
		if (v->parts[i].symbol) {
			sg_buf_free(&b);
			return false;
		}
		if (v->n_parts == 1) {
			*text = v->parts[0].literal;
			return true;
		}
		sg_buf_str(&b, v->parts[i].literal);
	}
	*text = sg_buf_take(&b, a);
	return true;
}

bool sg_val_text(struct sg_arena *a, const struct sg_val *v, struct sg_str *text)
{
	switch (v->kind) {
	case SG_V_STRING:
		return literal_text(a, v, text);
	case SG_V_BOOL:
		*text = v->boolean ? SG_LIT("true") : SG_LIT("false");
		return true;
	case SG_V_INT:
		*text = sg_strf(a, "%lld", (long long)v->integer);
		return true;
	case SG_V_FLOAT: {
		bool ok = false;
		*text = sg_read_string(a, v->node, &ok);
		return ok;
	}
	default:
		return false;
	}
}

bool sg_val_is(const struct sg_val *v, const char *text)
{
	struct sg_str want = sg_str(text);
	if (v->kind != SG_V_STRING)
		return false;
	size_t at = 0;
	for (size_t i = 0; i < v->n_parts; i++) {
		struct sg_str lit = v->parts[i].literal;
		if (v->parts[i].symbol || !sg_str_eq(sg_str_sub(want, at, lit.n), lit))
			return false;
		at += lit.n;
	}
	return at == want.n;
}

bool sg_val_integer(const struct sg_val *v, int64_t *out)
{
	if (v->kind == SG_V_INT) {
		*out = v->integer;
		return true;
	}
	if (v->kind == SG_V_FLOAT && v->number >= -9e15 && v->number <= 9e15 &&
	    v->number == (double)(int64_t)v->number) {
		*out = (int64_t)v->number;
		return true;
	}
	return v->kind == SG_V_STRING && v->n_parts == 1 && !v->parts[0].symbol &&
	       sg_parse_i64(v->parts[0].literal, out);
}

bool sg_val_bool(const struct sg_val *v, bool *out)
{
	if (v->kind == SG_V_BOOL) {
		*out = v->boolean;
		return true;
	}
	if (v->kind != SG_V_STRING || v->n_parts != 1 || v->parts[0].symbol)
		return false;
	bool yes = sg_str_is_nocase(v->parts[0].literal, "true");
	if (!yes && !sg_str_is_nocase(v->parts[0].literal, "false"))
		return false;
	*out = yes;
	return true;
}

const struct sg_symbol *sg_val_symbol(const struct sg_val *v)
{
	if (v->kind == SG_V_UNKNOWN)
		return v->symbol;
	return v->kind == SG_V_STRING && v->n_parts == 1 ? v->parts[0].symbol : NULL;
}

static struct sg_str describe_string(struct sg_arena *a, const struct sg_val *v)
{
	struct sg_buf b = {0};
	bool symbols = false;
	for (size_t i = 0; i < v->n_parts; i++) {
		const struct sg_part *p = &v->parts[i];
		symbols |= p->symbol != NULL;
		if (p->symbol)
			sg_buf_addf(&b, "${%.*s}", SG_FMT(cfn_symbol_spelling(a, p->symbol)));
		else
			sg_buf_str(&b, p->literal);
	}
	struct sg_str s = sg_buf_take(&b, a);
	return symbols ? s : sg_strf(a, "'%.*s'", SG_FMT(s));
}

struct sg_str sg_val_describe(struct sg_arena *a, const struct sg_val *v)
{
	struct sg_str text;
	switch (v->kind) {
	case SG_V_ABSENT:
		return SG_LIT("nothing");
	case SG_V_NULL:
		return SG_LIT("null");
	case SG_V_LIST:
		return SG_LIT("a list");
	case SG_V_MAP:
		return SG_LIT("a mapping");
	case SG_V_UNKNOWN:
		return v->reason;
	case SG_V_STRING:
		return describe_string(a, v);
	default:
		return sg_val_text(a, v, &text) ? text : SG_LIT("a number");
	}
}
