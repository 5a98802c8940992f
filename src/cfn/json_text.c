/*
 * Fn::ToJsonString and Fn::Length: a value as JSON text, and how many there are of it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html
 *
 * A symbol inside a JSON string stays a symbol: its text is not known, so neither is how it would be escaped.
 */
#include "cfn/cfn_priv.h"

struct writer {
	struct sg_cfn *c;
	SG_VEC(struct sg_part) parts;
	struct sg_buf literal;
	bool failed; /* a value with several alternatives, or no JSON value */
};

static void write_val(struct writer *w, const struct sg_val *v, sg_guard in);

static void flush(struct writer *w)
{
	if (!w->literal.n)
		return;
	struct sg_str text = sg_buf_take(&w->literal, w->c->arena);
	SG_PUSH(w->c->arena, &w->parts, ((struct sg_part){.literal = text}));
}

static void write_escaped(struct writer *w, struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		if (ch == '"' || ch == '\\')
			sg_buf_addf(&w->literal, "\\%c", ch);
		else if (ch < 0x20)
			sg_buf_addf(&w->literal, "\\u%04x", ch);
		else
			sg_buf_addc(&w->literal, (char)ch);
	}
}

static void write_string(struct writer *w, const struct sg_val *v)
{
	sg_buf_addc(&w->literal, '"');
	for (size_t i = 0; i < v->n_parts; i++) {
		if (!v->parts[i].symbol) {
			write_escaped(w, v->parts[i].literal);
			continue;
		}
		flush(w);
		SG_PUSH(w->c->arena, &w->parts, v->parts[i]);
	}
	sg_buf_addc(&w->literal, '"');
}

/* Evaluates one child; several alternatives are more than this writer follows. */
static bool child(struct writer *w, const struct sg_node *n, sg_guard in, struct sg_val *out)
{
	struct sg_alts alts = sg_eval(w->c, n, in);
	if (alts.n != 1)
		w->failed = true;
	*out = alts.v[0].val;
	return !w->failed && out->kind != SG_V_ABSENT;
}

static void write_list(struct writer *w, const struct sg_node *n, sg_guard in)
{
	bool first = true;
	sg_buf_addc(&w->literal, '[');
	for (size_t i = 0; i < n->n; i++) {
		struct sg_val v;
		if (!child(w, n->items[i], in, &v))
			continue;
		if (!first)
			sg_buf_addc(&w->literal, ',');
		first = false;
		write_val(w, &v, in);
	}
	sg_buf_addc(&w->literal, ']');
}

static void write_map(struct writer *w, const struct sg_node *n, sg_guard in)
{
	bool first = true;
	sg_buf_addc(&w->literal, '{');
	for (size_t i = 0; i < n->n; i++) {
		struct sg_val v;
		if (!child(w, n->members[i].value, in, &v))
			continue;
		sg_buf_adds(&w->literal, first ? "\"" : ",\"");
		first = false;
		write_escaped(w, n->members[i].key->text);
		sg_buf_adds(&w->literal, "\":");
		write_val(w, &v, in);
	}
	sg_buf_addc(&w->literal, '}');
}

static void write_val(struct writer *w, const struct sg_val *v, sg_guard in)
{
	struct sg_str text;
	switch (v->kind) {
	case SG_V_LIST:
		write_list(w, v->node, in);
		return;
	case SG_V_MAP:
		write_map(w, v->node, in);
		return;
	case SG_V_STRING:
		write_string(w, v);
		return;
	case SG_V_NULL:
		sg_buf_adds(&w->literal, "null");
		return;
	default:
		if (sg_val_text(w->c->arena, v, &text))
			sg_buf_str(&w->literal, text);
		else
			w->failed = true;
	}
}

struct sg_alts cfn_fn_to_json(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	struct alts b = {0};
	struct sg_alts alts = sg_eval(c, arg, in);
	for (size_t i = 0; i < alts.n; i++) {
		struct writer w = {.c = c};
		write_val(&w, &alts.v[i].val, alts.v[i].guard);
		flush(&w);
		sg_buf_free(&w.literal);
		struct sg_val v = {.kind = SG_V_STRING, .node = node, .parts = w.parts.v, .n_parts = w.parts.n};
		if (w.failed)
			v = cfn_val_unknown(c, node, NULL, "JSON text of values that are not all known");
		cfn_emit(c, &b, alts.v[i].guard, v);
	}
	return cfn_done(c, &b, node, in);
}

/* ------------------------------------------------------------------------------------------------ Length */

static struct sg_val length_of(struct sg_cfn *c, const struct sg_node *node, const struct sg_alt *alt)
{
	const struct sg_val *v = &alt->val;
	int64_t n = 0;
	if (v->kind != SG_V_LIST) {
		const struct sg_symbol *of = sg_val_symbol(v);
		if (!of)
			return cfn_val_unknown(c, node, NULL, "the length of a list that is not known");
		struct sg_str name = sg_strf(c->arena, "Length of %.*s", SG_FMT(cfn_symbol_spelling(c->arena, of)));
		return cfn_val_symbol(c, cfn_symbol(c, SG_SYM_OTHER, name, of->attribute, node), node);
	}
	for (size_t i = 0; i < v->node->n; i++) {
		struct sg_alts item = sg_eval(c, v->node->items[i], alt->guard);
		if (item.n != 1 || item.v[0].val.kind == SG_V_UNKNOWN)
			return cfn_val_unknown(c, node, NULL, "the length of a list that varies");
		n += item.v[0].val.kind != SG_V_ABSENT;
	}
	const struct sg_node *made =
		sg_node_scalar(c->arena, sg_strf(c->arena, "%lld", (long long)n), SG_PLAIN, SG_WHY_INTRINSIC, node);
	return (struct sg_val){.kind = SG_V_INT, .node = made, .integer = n, .number = (double)n};
}

struct sg_alts cfn_fn_length(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	struct alts b = {0};
	struct sg_alts alts = sg_eval(c, arg, in);
	for (size_t i = 0; i < alts.n; i++)
		cfn_emit(c, &b, alts.v[i].guard, length_of(c, node, &alts.v[i]));
	return cfn_done(c, &b, node, in);
}
