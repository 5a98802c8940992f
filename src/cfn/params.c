/*
 * Parameters: their declarations, what overrides fix, and the values that a Ref of one can have.
 * Defaults are never looked at: an update keeps the value of before.
 */
#include "cfn/cfn_priv.h"

static bool is_list_type(struct sg_str type)
{
	return sg_str_is(type, "CommaDelimitedList") || sg_str_starts(type, "List<") ||
	       sg_str_starts(type, "AWS::SSM::Parameter::Value<List<") ||
	       sg_str_is(type, "AWS::SSM::Parameter::Value<CommaDelimitedList>");
}

/* The parameter's value is the name of one in the account's store, and what a Ref gives is in there. */
static bool is_stored(struct sg_str type)
{
	return sg_str_starts(type, "AWS::SSM::Parameter::Value");
}

/* The atoms of AllowedValues, and that there are no others.  A list parameter's values are combinations: left open. */
static void close_domain(struct sg_cfn *c, struct parameter *p)
{
	const struct sg_node *allowed = sg_node_get(p->node, "AllowedValues");
	if (!allowed || allowed->kind != SG_SEQ || !allowed->n || p->list || p->override)
		return;
	if (is_stored(p->type))
		return; /* there AllowedValues bound the name of the SSM parameter, not its value */
	for (size_t i = 0; i < allowed->n; i++) {
		bool ok = false;
		struct sg_str text = sg_read_string(c->arena, allowed->items[i], &ok);
		if (ok && !cfn_param_excludes(c, p, text))
			cfn_atom(c->worlds, p->domain, text);
	}
	cfn_close_domain(c->worlds, p->domain);
}

/* CloudFormation would not deploy with this value. */
static bool refused(struct sg_cfn *c, const struct parameter *p, struct sg_str value)
{
	const struct sg_node *allowed = sg_node_get(p->node, "AllowedValues");
	bool ok = true;
	if (cfn_param_excludes(c, p, value))
		return true;
	if (!allowed || allowed->kind != SG_SEQ || p->list || is_stored(p->type))
		return false;
	for (size_t i = 0; i < allowed->n && ok; i++)
		if (sg_str_eq(sg_read_string(c->arena, allowed->items[i], &ok), value))
			return false;
	return ok; /* one that cannot be read may be it */
}

static void apply_overrides(struct sg_cfn *c, const struct sg_cfn_options *o)
{
	for (size_t i = 0; o && i < o->n_overrides; i++) {
		struct parameter *p = sg_map_get(c->parameters, o->overrides[i].name);
		if (!p && o->overrides[i].optional)
			continue;
		if (!p) {
			sg_diag_file(c->diags, SG_ERROR,
				     sg_source_path(sg_diags_sources(c->diags), c->root->span.source),
				     "name a parameter of its Parameters section", "no parameter '%.*s' to override",
				     SG_FMT(o->overrides[i].name));
			continue;
		}
		if (refused(c, p, o->overrides[i].value)) {
			sg_diag_file(c->diags, SG_ERROR,
				     sg_source_path(sg_diags_sources(c->diags), c->root->span.source),
				     "pass a value that its declaration allows", "parameter '%.*s' cannot be '%.*s'",
				     SG_FMT(p->name), SG_FMT(o->overrides[i].value));
			continue;
		}
		p->override = sg_node_scalar(c->arena, o->overrides[i].value, SG_DOUBLE, SG_WHY_PARAMETER, p->node);
	}
}

void cfn_params_load(struct sg_cfn *c, const struct sg_cfn_options *options)
{
	c->parameters = sg_map_new(c->arena);
	const struct sg_node *section = sg_node_get(c->root, "Parameters");
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++) {
		const struct sg_member *m = &section->members[i];
		struct parameter *p = SG_NEW(c->arena, struct parameter);
		p->name = m->key->text;
		p->node = m->value;
		const struct sg_node *type = sg_node_get(m->value, "Type");
		p->type = type && type->kind == SG_SCALAR ? type->text : SG_LIT("String");
		p->list = is_list_type(p->type);
		p->domain = p->name;
		sg_map_put(c->parameters, p->name, p);
	}
	apply_overrides(c, options);
	for (size_t i = 0; i < sg_map_size(c->parameters); i++)
		close_domain(c, sg_map_value(c->parameters, i));
}

static const struct sg_node *split_commas(struct sg_cfn *c, const struct sg_node *text)
{
	SG_VEC(const struct sg_node *) items = {0};
	for (size_t from = 0; from <= text->text.n;) {
		size_t comma = sg_str_find(text->text, ",", from);
		size_t end = comma == SIZE_MAX ? text->text.n : comma;
		struct sg_str piece = sg_str_trim(sg_str_sub(text->text, from, end - from));
		SG_PUSH(c->arena, &items, sg_node_scalar(c->arena, piece, SG_DOUBLE, SG_WHY_PARAMETER, text));
		from = end + 1;
	}
	return sg_node_seq(c->arena, items.v, items.n, SG_WHY_PARAMETER, text);
}

static struct sg_val fixed(struct sg_cfn *c, struct parameter *p, const struct sg_node *ref)
{
	if (p->list) {
		const struct sg_node *list = split_commas(c, p->override);
		return (struct sg_val){.kind = SG_V_LIST, .node = list};
	}
	return cfn_val_string(c, p->override->text, ref);
}

struct sg_alts cfn_param_eval(struct sg_cfn *c, struct parameter *p, const struct sg_node *ref, sg_guard in)
{
	if (p->override && !is_stored(p->type))
		return cfn_one(c, in, fixed(c, p, ref));
	const struct sg_symbol *s = cfn_symbol(c, SG_SYM_PARAMETER, p->name, SG_LIT(""), ref);
	if (p->list)
		return cfn_one(c, in,
			       cfn_val_unknown(c, ref, s, "the list that parameter %.*s will hold", SG_FMT(p->name)));
	const struct sg_node *allowed = sg_node_get(p->node, "AllowedValues");
	if (!cfn_domain_closed(c->worlds, p->domain) || !allowed)
		return cfn_one(c, in, cfn_val_symbol(c, s, ref));
	struct alts b = {0};
	for (size_t i = 0; i < allowed->n; i++) {
		bool ok = false;
		struct sg_str text = sg_read_string(c->arena, allowed->items[i], &ok);
		if (ok && !cfn_param_excludes(c, p, text))
			cfn_emit(c, &b, sg_guard_and(c->worlds, in, cfn_atom(c->worlds, p->domain, text)),
				 cfn_val_string(c, text, allowed->items[i]));
	}
	return cfn_done(c, &b, ref, in);
}

/* ------------------------------------------------------------------------------------------------ ranges */

static bool bound(const struct sg_node *p, const char *key, double *out)
{
	const struct sg_node *n = sg_node_get(p, key);
	if (!n)
		return false;
	struct sg_reading r = sg_read_yaml11(n);
	if (r.type == SG_T_INT || r.type == SG_T_FLOAT) {
		*out = r.number;
		return true;
	}
	return r.type == SG_T_STRING && sg_parse_double(r.text, out);
}

static bool symbol_bound(struct sg_cfn *c, const struct sg_symbol *s, const char *key, double *out)
{
	if (!s || s->kind != SG_SYM_PARAMETER)
		return false;
	struct parameter *p = sg_map_get(c->parameters, s->name);
	return p && sg_str_is(p->type, "Number") && bound(p->node, key, out);
}

bool sg_cfn_parameter_max(struct sg_cfn *c, const struct sg_symbol *s, double *max)
{
	return symbol_bound(c, s, "MaxValue", max);
}

bool sg_cfn_parameter_min(struct sg_cfn *c, const struct sg_symbol *s, double *min)
{
	return symbol_bound(c, s, "MinValue", min);
}
