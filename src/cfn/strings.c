/*
 * Functions that make strings: Sub, Join, Split, Base64.  A string is built part by part over all combinations of its
 * pieces' alternatives, under a ceiling.
 */
#include "cfn/cfn_priv.h"

/* A string so far, in some worlds. */
struct draft {
	sg_guard guard;
	SG_VEC(struct sg_part) parts;
	bool bad;     /* a piece was no string */
	bool started; /* Join: an element is there already */
};

struct drafts {
	SG_VEC(struct draft) v;
};

static void add_part(struct sg_arena *a, struct draft *d, struct sg_part p)
{
	if (!p.symbol && !p.literal.n)
		return;
	struct sg_part *last = d->parts.n ? &d->parts.v[d->parts.n - 1] : NULL;
	if (last && !last->symbol && !p.symbol) {
		last->literal = sg_strf(a, "%.*s%.*s", SG_FMT(last->literal), SG_FMT(p.literal));
		return;
	}
	SG_PUSH(a, &d->parts, p);
}

static void add_literal(struct sg_cfn *c, struct drafts *ds, struct sg_str text)
{
	for (size_t i = 0; i < ds->v.n; i++)
		add_part(c->arena, &ds->v.v[i], (struct sg_part){.literal = text});
}

/* What a value adds to a string; an unknown value adds a symbol for its unknown text. */
static bool add_value(struct sg_cfn *c, struct draft *d, const struct sg_val *v)
{
	struct sg_str text;
	if (v->kind == SG_V_STRING) {
		for (size_t i = 0; i < v->n_parts; i++)
			add_part(c->arena, d, v->parts[i]);
		return true;
	}
	if (sg_val_text(c->arena, v, &text)) {
		add_part(c->arena, d, (struct sg_part){.literal = text});
		return true;
	}
	if (v->kind != SG_V_UNKNOWN)
		return false;
	const struct sg_symbol *s = v->symbol;
	if (!s)
		s = cfn_symbol(c, SG_SYM_OTHER, sg_strf(c->arena, "%.*s", SG_FMT(v->reason)),
			       sg_strf(c->arena, "%p", (const void *)v->node), v->node);
	add_part(c->arena, d, (struct sg_part){.symbol = s});
	return true;
}

static struct draft draft_copy(struct sg_cfn *c, const struct draft *d, sg_guard g)
{
	struct draft copy = {.guard = g, .bad = d->bad, .started = d->started};
	for (size_t i = 0; i < d->parts.n; i++)
		SG_PUSH(c->arena, &copy.parts, d->parts.v[i]);
	return copy;
}

/* Every draft times every alternative of the piece. */
static bool add_alts(struct sg_cfn *c, struct drafts *ds, struct sg_alts alts)
{
	struct drafts next = {0};
	for (size_t i = 0; i < ds->v.n; i++)
		for (size_t k = 0; k < alts.n; k++) {
			sg_guard g = sg_guard_and(c->worlds, ds->v.v[i].guard, alts.v[k].guard);
			if (!sg_guard_possible(c->worlds, g))
				continue;
			if (next.v.n >= CFN_MAX_ALTS)
				return false;
			struct draft d = draft_copy(c, &ds->v.v[i], g);
			if (!add_value(c, &d, &alts.v[k].val))
				d.bad = true;
			SG_PUSH(c->arena, &next.v, d);
		}
	*ds = next;
	return true;
}

static struct sg_alts drafts_done(struct sg_cfn *c, struct drafts *ds, const struct sg_node *node, sg_guard in,
				  const char *what)
{
	struct alts b = {0};
	for (size_t i = 0; i < ds->v.n; i++) {
		struct draft *d = &ds->v.v[i];
		struct sg_val v = {.kind = SG_V_STRING, .node = node, .parts = d->parts.v, .n_parts = d->parts.n};
		if (d->bad) {
			cfn_complain(c, "TPL005", SG_FAIL, node, "every piece must be a string",
				     "%s of something that is no string", what);
			v = cfn_val_unknown(c, node, NULL, "%s of something that is no string", what);
		}
		cfn_emit(c, &b, d->guard, cfn_val_resolved(c, v));
	}
	return cfn_done(c, &b, node, in);
}

static struct sg_alts too_many(struct sg_cfn *c, const struct sg_node *node, sg_guard in)
{
	cfn_complain(c, "TPL003", SG_UNPROVEN, node, "fix parameters with --parameter-overrides",
		     "a string with more than %d possible values", (int)CFN_MAX_ALTS);
	return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "a string with too many possible values"));
}

/* ------------------------------------------------------------------------------------------------ Sub */

static struct sg_alts sub_variable(struct sg_cfn *c, struct sg_str name, const struct sg_node *vars,
				   const struct sg_node *node, sg_guard in)
{
	const struct sg_node *own = vars ? sg_node_get_str(vars, name) : NULL;
	if (own)
		return sg_eval(c, own, in);
	size_t dot = sg_str_find(name, ".", 0);
	if (dot == SIZE_MAX)
		return cfn_ref(c, name, node, in);
	return cfn_getatt(c, sg_str_sub(name, 0, dot), sg_str_sub(name, dot + 1, SIZE_MAX), node, in);
}

/* One piece of the text at `at`: literal text up to the next variable, or a variable.  Returns where to go on. */
static size_t sub_piece(struct sg_cfn *c, struct drafts *ds, struct sg_str text, size_t at, const struct sg_node *vars,
			const struct sg_node *node, sg_guard in, bool *fits)
{
	size_t open = sg_str_find(text, "${", at);
	size_t close = open == SIZE_MAX ? SIZE_MAX : sg_str_find(text, "}", open);
	if (close == SIZE_MAX) {
		add_literal(c, ds, sg_str_sub(text, at, SIZE_MAX));
		return text.n;
	}
	add_literal(c, ds, sg_str_sub(text, at, open - at));
	struct sg_str name = sg_str_sub(text, open + 2, close - open - 2);
	if (name.n && name.p[0] == '!') /* "${!Literal}" is "${Literal}" */
		add_literal(c, ds, sg_strf(c->arena, "${%.*s}", SG_FMT(sg_str_sub(name, 1, SIZE_MAX))));
	else
		*fits = add_alts(c, ds, sub_variable(c, sg_str_trim(name), vars, node, in));
	return close + 1;
}

struct sg_alts cfn_fn_sub(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	const struct sg_node *text = arg, *vars = NULL;
	if (arg->kind == SG_SEQ && arg->n == 2) {
		text = arg->items[0];
		vars = arg->items[1];
	}
	if (arg->kind == SG_MAP && sg_node_get(arg, "Fn::Transform"))
		return sg_eval(c, arg, in);
	if (text->kind != SG_SCALAR || (vars && vars->kind != SG_MAP))
		return cfn_malformed(c, node, in, "Fn::Sub takes a string, or a string and a mapping");
	struct drafts ds = {0};
	SG_PUSH(c->arena, &ds.v, ((struct draft){.guard = in}));
	bool fits = true;
	for (size_t at = 0; fits && at < text->text.n;)
		at = sub_piece(c, &ds, text->text, at, vars, node, in, &fits);
	return fits ? drafts_done(c, &ds, node, in, "Fn::Sub") : too_many(c, node, in);
}

/* ------------------------------------------------------------------------------------------------ Join */

/* One element of the list behind what is there: nothing where it is absent, with the delimiter but for the first. */
static bool join_item(struct sg_cfn *c, struct drafts *ds, struct sg_str delimiter, const struct sg_node *item)
{
	struct drafts next = {0};
	for (size_t i = 0; i < ds->v.n; i++) {
		struct sg_alts alts = sg_eval(c, item, ds->v.v[i].guard);
		for (size_t k = 0; k < alts.n; k++) {
			if (next.v.n >= CFN_MAX_ALTS)
				return false;
			struct draft d = draft_copy(c, &ds->v.v[i], alts.v[k].guard);
			if (alts.v[k].val.kind != SG_V_ABSENT) {
				if (d.started)
					add_part(c->arena, &d, (struct sg_part){.literal = delimiter});
				d.started = true;
				d.bad |= !add_value(c, &d, &alts.v[k].val);
			}
			SG_PUSH(c->arena, &next.v, d);
		}
	}
	*ds = next;
	return true;
}

static bool join_list(struct sg_cfn *c, struct drafts *ds, struct sg_str delimiter, const struct sg_node *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!join_item(c, ds, delimiter, list->items[i]))
			return false;
	return true;
}

static struct sg_val unknown_join(struct sg_cfn *c, const struct sg_node *node, const struct sg_val *list)
{
	const struct sg_symbol *s = sg_val_symbol(list);
	struct sg_str name = s ? sg_strf(c->arena, "Join of %.*s", SG_FMT(cfn_symbol_spelling(c->arena, s)))
			       : SG_LIT("Join of an unknown list");
	s = cfn_symbol(c, SG_SYM_OTHER, name, s ? SG_LIT("") : sg_strf(c->arena, "%p", (const void *)node), node);
	return cfn_val_symbol(c, s, node);
}

struct sg_alts cfn_fn_join(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind != SG_SEQ || arg->n != 2 || arg->items[0]->kind != SG_SCALAR || arg->items[1]->kind == SG_SCALAR)
		return cfn_malformed(c, cfn_second(arg), in, "Fn::Join takes a delimiter and a list");
	struct alts b = {0};
	struct sg_alts lists = sg_eval(c, arg->items[1], in);
	for (size_t i = 0; i < lists.n; i++) {
		const struct sg_val *v = &lists.v[i].val;
		if (v->kind != SG_V_LIST) {
			cfn_emit(c, &b, lists.v[i].guard, unknown_join(c, node, v));
			continue;
		}
		struct drafts ds = {0};
		SG_PUSH(c->arena, &ds.v, ((struct draft){.guard = lists.v[i].guard}));
		if (!join_list(c, &ds, arg->items[0]->text, v->node))
			return too_many(c, node, in);
		struct sg_alts made = drafts_done(c, &ds, node, lists.v[i].guard, "Fn::Join");
		for (size_t k = 0; k < made.n; k++)
			cfn_emit(c, &b, made.v[k].guard, made.v[k].val);
	}
	return cfn_done(c, &b, node, in);
}

/* ------------------------------------------------------------------------------------------------ Split, Base64 */

static const struct sg_node *split_text(struct sg_cfn *c, struct sg_str text, struct sg_str by,
					const struct sg_node *node)
{
	SG_VEC(const struct sg_node *) items = {0};
	const char *delimiter = sg_cstr(c->arena, by);
	for (size_t from = 0; from <= text.n;) {
		size_t at = by.n ? sg_str_find(text, delimiter, from) : SIZE_MAX;
		size_t end = at == SIZE_MAX ? text.n : at;
		SG_PUSH(c->arena, &items,
			sg_node_scalar(c->arena, sg_str_sub(text, from, end - from), SG_DOUBLE, SG_WHY_INTRINSIC,
				       node));
		from = end + (at == SIZE_MAX ? 1 : by.n);
	}
	return sg_node_seq(c->arena, items.v, items.n, SG_WHY_INTRINSIC, node);
}

struct sg_alts cfn_fn_split(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind != SG_SEQ || arg->n != 2 || arg->items[0]->kind != SG_SCALAR)
		return cfn_malformed(c, node, in, "Fn::Split takes a delimiter and a string");
	struct alts b = {0};
	struct sg_alts strings = sg_eval(c, arg->items[1], in);
	for (size_t i = 0; i < strings.n; i++) {
		struct sg_str text;
		const struct sg_val *v = &strings.v[i].val;
		struct sg_val out;
		if (sg_val_text(c->arena, v, &text)) {
			const struct sg_node *list = split_text(c, text, arg->items[0]->text, node);
			out = (struct sg_val){.kind = SG_V_LIST, .node = list};
		} else {
			struct sg_str name = sg_strf(c->arena, "Split of %.*s", SG_FMT(sg_val_describe(c->arena, v)));
			const struct sg_symbol *s = cfn_symbol(c, SG_SYM_OTHER, name, arg->items[0]->text, node);
			out = cfn_val_unknown(c, node, s, "%.*s", SG_FMT(name));
		}
		cfn_emit(c, &b, strings.v[i].guard, out);
	}
	return cfn_done(c, &b, node, in);
}

static struct sg_str base64(struct sg_arena *a, struct sg_str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct sg_buf b = {0};
	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = 0;
		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			sg_buf_addc(&b, i + k > s.n ? '=' : digits[v >> (18 - 6 * k) & 63]);
	}
	return sg_buf_take(&b, a);
}

/* Of a text that is not known nobody needs the bytes, only that equal inputs are equal. */
struct sg_alts cfn_fn_base64(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	struct alts b = {0};
	if (arg->kind == SG_SEQ)
		return cfn_malformed(c, node, in, "Fn::Base64 takes a string");
	struct sg_alts strings = sg_eval(c, arg, in);
	for (size_t i = 0; i < strings.n; i++) {
		const struct sg_val *v = &strings.v[i].val;
		struct sg_str text;
		if (sg_val_text(c->arena, v, &text)) {
			cfn_emit(c, &b, strings.v[i].guard, cfn_val_literal(c, base64(c->arena, text), node));
			continue;
		}
		struct sg_str name = sg_strf(c->arena, "Base64 of %.*s", SG_FMT(sg_val_describe(c->arena, v)));
		const struct sg_symbol *s = cfn_symbol(c, SG_SYM_OTHER, name, SG_LIT(""), node);
		cfn_emit(c, &b, strings.v[i].guard, cfn_val_symbol(c, s, node));
	}
	return cfn_done(c, &b, node, in);
}
