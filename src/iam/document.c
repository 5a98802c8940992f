/*
 * Policy documents as statements.  Every fault is told where it stands (IAM009) and leaves a statement that may be
 * anything, so that nothing malformed can make a proof easier.  It must not know whose policy it is.
 */
#include "iam/catalogue.h"
#include "iam/iam_priv.h"

#include <string.h>
#include <strings.h>

/* The grammar's elements: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
static const char *const statement_keys[] = {"Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
					     "NotAction", "Resource", "NotResource", "Condition"};
static const char *const document_keys[] = {"Version", "Id", "Statement"};

struct reading {
	struct iam *i;
	const struct iam_origin *o;
	bool variables, version_open;
	iam_stmts *out;
};

void iam_malformed(struct iam *i, const struct iam_origin *o, sg_guard g, struct sg_span span, const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_str text = sg_buf_take(&b, i->a);
	if (o->diags) {
		sg_diag(o->diags, SG_ERROR, span, NULL, "%.*s", SG_FMT(text));
		return;
	}
	struct sg_finding *f = sg_model_finding(i->m, "IAM009", SG_FAIL, o->resource, NULL, g, span, "%.*s: %.*s",
						SG_FMT(o->name), SG_FMT(text));
	sg_finding_settle(i->m->findings, f, "write the statement as IAM's policy grammar has it");
	sg_judge(i->m->findings, "IAM009", SG_LIT(""), SG_FAIL);
}

void iam_stmt_anything(struct iam *i, sg_guard g, struct sg_span span, struct sg_str origin, struct sg_str reason,
		       iam_stmts *out)
{
	struct iam_stmt s = {.guard = g, .span = span, .origin = origin, .effect = IAM_EFFECT_UNKNOWN, .vague = true};
	s.reason = reason;
	SG_PUSH(i->a, out, s);
}

static struct sg_span span_of(const struct reading *r, const struct sg_val *v)
{
	return r->o->resource ? sg_prop_span(r->o->resource, v) : v->node ? sg_node_span(v->node) : (struct sg_span){0};
}

static void vague(struct reading *r, sg_guard g, const struct sg_val *v, struct sg_str reason)
{
	iam_stmt_anything(r->i, g, span_of(r, v), r->o->name, reason, r->out);
}

/* ---------------------------------------------------------------------------------------------- elements */

static void push_element(struct reading *r, iam_elements *out, const struct sg_alt *item, sg_guard g)
{
	iam_alts texts = {0};
	iam_text(r->i, &item->val, iam_and(r->i, g, item->guard), &texts);
	for (size_t k = 0; k < texts.n; k++) {
		struct iam_element e = {.raw = texts.v[k].raw, .guard = texts.v[k].guard};
		e.span = span_of(r, &item->val);
		e.unknown = texts.v[k].unknown;
		e.reason = texts.v[k].reason;
		SG_PUSH(r->i->a, out, e);
	}
}

/* An action is * or service:name; anything else matches nothing, and IAM refuses it. */
static bool action_has_form(struct iam_raw r)
{
	bool colon = false;
	for (size_t k = 0; k < r.n; k++) {
		if (iam_is_letter(r.t[k]) || (r.t[k] == '*' && r.n == 1))
			return true;
		if (r.t[k] == ' ' || (r.t[k] == ':' && (k == 0 || k + 1 == r.n)))
			return false;
		colon |= r.t[k] == ':';
	}
	return colon;
}

/* An action that nobody has, beside one that somebody has: a note, for it may be one of tomorrow. */
static void check_spelling(struct reading *r, const struct iam_element *e)
{
	struct sg_str text = iam_raw_show(r->i, e->raw);
	size_t colon = sg_str_find(text, ":", 0);
	struct sg_str service = sg_str_sub(text, 0, colon), action = sg_str_sub(text, colon + 1, text.n);
	struct iam_known one;
	for (size_t k = 0; k < e->raw.n; k++)
		if (iam_is_letter(e->raw.t[k]) || e->raw.t[k] == '*' || e->raw.t[k] == '?')
			return;
	if (colon == SIZE_MAX || r->o->diags || iam_action_find(service, action, &one) ||
	    !iam_action_near(service, action, &one))
		return;
	struct sg_finding *f = sg_model_finding(r->i->m, "IAM009", SG_UNPROVEN, r->o->resource, NULL, e->guard, e->span,
						"%.*s: no action '%.*s' is known", SG_FMT(r->o->name), SG_FMT(text));
	f->severity = SG_LOW;
	sg_finding_settle(r->i->m->findings, f, "did you mean %s:%.*s?", one.service->name, SG_FMT(one.action));
}

static void check_element(struct reading *r, const struct iam_element *e, bool action)
{
	if (!e->unknown && action && action_has_form(e->raw))
		check_spelling(r, e);
	if (e->unknown || !action || action_has_form(e->raw))
		return;
	iam_malformed(r->i, r->o, e->guard, e->span, "'%.*s' is no action: an action is written service:Name",
		      SG_FMT(iam_raw_show(r->i, e->raw)));
}

static bool is_scalar(const struct sg_val *v)
{
	return v->kind == SG_V_STRING || v->kind == SG_V_UNKNOWN;
}

/* One of Action/NotAction/Resource/NotResource.  False where it is absent in some world, or malformed. */
static bool read_elements(struct reading *r, const struct sg_val *stmt, const char *key, sg_guard g, iam_elements *out)
{
	struct sg_items items = sg_alts_items(r->i->m->cfn, sg_val_get(r->i->m->cfn, stmt, key, g), true);
	bool good = !iam_possible(r->i, g, items.absent) && !iam_possible(r->i, g, items.empty);
	for (size_t k = 0; k < items.n; k++) {
		if (!iam_possible(r->i, g, items.v[k].guard))
			continue;
		size_t from = out->n;
		push_element(r, out, &items.v[k], g);
		if (!is_scalar(&items.v[k].val)) {
			iam_malformed(r->i, r->o, g, span_of(r, &items.v[k].val), "%s holds %.*s, not a string", key,
				      SG_FMT(sg_val_describe(r->i->a, &items.v[k].val)));
			good = false;
		}
		for (; from < out->n; from++)
			check_element(r, &out->v[from], strstr(key, "Action") != NULL);
	}
	return good;
}

/* Exactly one of the two forms. */
static bool read_either(struct reading *r, const struct sg_val *stmt, const char *key, const char *not_key, sg_guard g,
			bool *negated, iam_elements *out)
{
	bool plain = sg_node_get(stmt->node, key) != NULL;
	*negated = sg_node_get(stmt->node, not_key) != NULL;
	if (plain == *negated) {
		iam_malformed(r->i, r->o, g, span_of(r, stmt),
			      plain ? "%s and %s exclude each other" : "%s (or %s) is missing", key, not_key);
		return false;
	}
	if (read_elements(r, stmt, plain ? key : not_key, g, out))
		return true;
	if (out->n == 0)
		iam_malformed(r->i, r->o, g, span_of(r, stmt), "%s is empty", plain ? key : not_key);
	return false;
}

/* ---------------------------------------------------------------------------------------------- conditions */

static void read_values(struct reading *r, const struct sg_node *values, sg_guard g, struct iam_atom *a)
{
	struct sg_items items = sg_eval_items(r->i->m->cfn, values, true, g);
	a->unique = iam_possible(r->i, g, items.absent);
	for (size_t k = 0; k < items.n; k++) {
		iam_alts texts = {0};
		iam_text(r->i, &items.v[k].val, g, &texts);
		if (texts.n != 1 || texts.v[0].unknown || !iam_within(r->i, g, items.v[k].guard)) {
			a->unique = true;
			continue;
		}
		struct iam_raw raw = texts.v[0].raw;
		a->fuzzy |= !iam_raw_generic(r->i, raw);
		for (size_t j = 0; r->variables && j + 1 < raw.n; j++)
			a->fuzzy |= raw.t[j] == '$' && raw.t[j + 1] == '{';
		a->unique |= r->version_open && a->fuzzy;
		SG_PUSH(r->i->a, &a->values, raw);
	}
	a->unique |= a->values.n == 0; /* what a list without values says is not documented */
}

/* Names have no case: of two atoms of one operator and key, nobody says whether both count or the last. */
static bool said_twice(const struct iam_cond *c, const struct iam_atom *a)
{
	for (size_t k = 0; k < c->atoms.n; k++) {
		const struct iam_atom *b = &c->atoms.v[k];
		if (a->op.n == b->op.n && a->key.n == b->key.n && strncasecmp(a->op.p, b->op.p, a->op.n) == 0 &&
		    strncasecmp(a->key.p, b->key.p, a->key.n) == 0)
			return true;
	}
	return false;
}

/* The keys of one operator. */
static void read_operator(struct reading *r, const struct sg_member *op, sg_guard g, struct iam_cond *c)
{
	struct iam_atom proto = {.span = sg_node_span(op->key)};
	if (op->key->kind != SG_SCALAR || !iam_operator(op->key->text, &proto)) {
		iam_malformed(r->i, r->o, g, sg_node_span(op->key), "'%.*s' is no condition operator",
			      SG_FMT(op->key->text));
		c->vague = true;
		return;
	}
	struct sg_alts keys = sg_eval(r->i->m->cfn, op->value, g);
	if (keys.n != 1 || keys.v[0].val.kind != SG_V_MAP) {
		c->vague = true;
		if (keys.n == 1 && keys.v[0].val.kind != SG_V_UNKNOWN)
			iam_malformed(r->i, r->o, g, sg_node_span(op->key), "'%.*s' needs a map of condition keys",
				      SG_FMT(op->key->text));
		return;
	}
	const struct sg_node *map = keys.v[0].val.node;
	c->vague |= map->n == 0;
	for (size_t k = 0; k < map->n; k++) {
		struct iam_atom a = proto;
		a.key = map->members[k].key->text;
		a.choice = r->o->kind == IAM_ENDPOINT ? iam_choice_of(a.key) : IAM_OF_CALLER;
		a.span = sg_node_span(map->members[k].key);
		read_values(r, map->members[k].value, g, &a);
		c->vague |= said_twice(c, &a);
		iam_atom_intern(r->i, &a, r->variables);
		SG_PUSH(r->i->a, &c->atoms, a);
	}
}

static void read_block(struct reading *r, const struct sg_val *block, sg_guard g, struct iam_cond *c)
{
	c->span = span_of(r, block);
	if (block->kind == SG_V_ABSENT)
		return;
	if (block->kind != SG_V_MAP) {
		c->vague = true;
		if (block->kind != SG_V_UNKNOWN)
			iam_malformed(r->i, r->o, g, c->span, "Condition is %.*s, not a map",
				      SG_FMT(sg_val_describe(r->i->a, block)));
		return;
	}
	for (size_t k = 0; k < block->node->n; k++)
		read_operator(r, &block->node->members[k], g, c);
}

/* ---------------------------------------------------------------------------------------------- statements */

static bool in_list(struct sg_str s, const char *const *list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (sg_str_is(s, list[k]))
			return true;
	return false;
}

static bool known_keys(struct reading *r, const struct sg_val *map, sg_guard g, const char *const *list, size_t n)
{
	bool good = true;
	for (size_t k = 0; k < map->node->n; k++) {
		const struct sg_node *key = map->node->members[k].key;
		if (key->kind == SG_SCALAR && in_list(key->text, list, n))
			continue;
		iam_malformed(r->i, r->o, g, sg_node_span(key), "'%.*s' is no element of a policy", SG_FMT(key->text));
		good = false;
	}
	return good;
}

static enum iam_effect effect_of(struct reading *r, const struct sg_val *v, sg_guard g, struct iam_stmt *s)
{
	if (sg_val_is(v, "Allow"))
		return IAM_ALLOW;
	if (sg_val_is(v, "Deny"))
		return IAM_DENY;
	if (v->kind == SG_V_UNKNOWN || (v->kind == SG_V_STRING && sg_val_symbol(v)))
		s->reason = sg_strf(r->i->a, "its Effect is %.*s", SG_FMT(sg_val_describe(r->i->a, v)));
	else
		iam_malformed(r->i, r->o, g, span_of(r, v), "Effect is %.*s, neither Allow nor Deny",
			      SG_FMT(sg_val_describe(r->i->a, v)));
	return IAM_EFFECT_UNKNOWN;
}

static bool has_variable(struct iam_raw r)
{
	for (size_t k = 0; k + 2 < r.n; k++)
		if (r.t[k] == '$' && r.t[k + 1] == '{' && r.t[k + 2] != '*' && r.t[k + 2] != '?' && r.t[k + 2] != '$')
			return true;
	return false;
}

/* A NotResource whose variable has no value leaves out nothing, or makes the whole statement invalid: nobody says which
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).  So whether the statement counts
 * is a condition like others, the same wherever the same text stands. */
static void variables_as_conditions(struct reading *r, struct iam_stmt *s)
{
	for (size_t k = 0; s->not_resource && s->variables && k < s->resources.n; k++) {
		struct iam_atom a = {.base = IAM_OP_VARIABLE, .span = s->resources.v[k].span};
		if (s->resources.v[k].unknown || !has_variable(s->resources.v[k].raw))
			continue;
		a.op = SG_LIT("Variable");
		a.key = SG_LIT("Variable");
		SG_PUSH(r->i->a, &a.values, s->resources.v[k].raw);
		iam_atom_intern(r->i, &a, true);
		SG_PUSH(r->i->a, &s->cond.atoms, a);
	}
}

/* One statement where effect and conditions are one thing. */
static void push_variant(struct reading *r, const struct iam_stmt *proto, const struct sg_alt *effect,
			 const struct sg_alt *block)
{
	struct iam_stmt s = *proto;
	s.guard = iam_and(r->i, proto->guard, iam_and(r->i, effect->guard, block->guard));
	if (!sg_guard_possible(r->i->m->worlds, s.guard))
		return;
	s.effect = effect_of(r, &effect->val, s.guard, &s);
	read_block(r, &block->val, s.guard, &s.cond);
	if (s.principal && (r->o->kind == IAM_FREE || r->o->kind == IAM_ENDPOINT))
		iam_caller_as_condition(r->i, &s, r->o->kind);
	variables_as_conditions(r, &s);
	if (s.cond.vague && !s.reason.n)
		s.reason = SG_LIT("its Condition could not be read");
	SG_PUSH(r->i->a, r->out, s);
}

static bool principal_fits(struct reading *r, const struct sg_val *v, sg_guard g, struct iam_stmt *s)
{
	const struct sg_node *plain = sg_node_get(v->node, "Principal"),
			     *not_plain = sg_node_get(v->node, "NotPrincipal");
	s->principal = plain ? plain : not_plain;
	s->not_principal = !plain && not_plain;
	bool wanted = r->o->kind == IAM_TRUST || r->o->kind == IAM_ENDPOINT;
	if (wanted == (s->principal != NULL) || r->o->kind == IAM_FREE)
		return true;
	iam_malformed(r->i, r->o, g, span_of(r, v),
		      wanted ? "each statement of such a policy needs a Principal"
			     : "a policy of a role, user or group has no Principal");
	return false;
}

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* IAM takes letters and digits alone
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html). */
static void check_sid(struct reading *r, const struct sg_val *stmt, sg_guard g)
{
	struct sg_alts sid = sg_val_get(r->i->m->cfn, stmt, "Sid", g);
	for (size_t k = 0; k < sid.n; k++) {
		struct sg_str s;
		size_t at = 0;
		if (sid.v[k].val.kind != SG_V_STRING || !sg_val_text(r->i->a, &sid.v[k].val, &s))
			continue;
		while (at < s.n && is_alphanumeric(s.p[at]))
			at++;
		if (at < s.n)
			iam_malformed(r->i, r->o, iam_and(r->i, g, sid.v[k].guard), span_of(r, &sid.v[k].val),
				      "the Sid '%.*s' holds something else than letters and digits", SG_FMT(s));
	}
}

/* A trust policy is about the role that it is attached to. */
static bool has_resource(const struct sg_val *v)
{
	return sg_node_get(v->node, "Resource") || sg_node_get(v->node, "NotResource");
}

static void any_resource(struct reading *r, struct iam_stmt *s)
{
	struct iam_element any = {.raw = iam_raw_str(r->i, "*"), .guard = s->guard, .span = s->span};
	SG_PUSH(r->i->a, &s->resources, any);
}

static void read_statement(struct reading *r, const struct sg_val *v, sg_guard g)
{
	struct iam *i = r->i;
	struct iam_stmt s = {.guard = g, .span = span_of(r, v), .origin = r->o->name, .variables = r->variables};
	s.version_open = r->version_open;
	bool good = known_keys(r, v, g, statement_keys, sizeof(statement_keys) / sizeof(*statement_keys));
	good &= principal_fits(r, v, g, &s);
	if (r->o->kind == IAM_IDENTITY || r->o->kind == IAM_TRUST) /* policies of resources may hold blanks there */
		check_sid(r, v, g);
	good &= read_either(r, v, "Action", "NotAction", g, &s.not_action, &s.actions);
	if (r->o->kind == IAM_FREE && s.principal && !has_resource(v))
		any_resource(r, &s);
	else if (r->o->kind != IAM_TRUST)
		good &= read_either(r, v, "Resource", "NotResource", g, &s.not_resource, &s.resources);
	s.vague = !good;
	if (!good)
		s.reason = SG_LIT("it is malformed, or a part of it is missing in some deployment");
	struct sg_alts effects = sg_val_get(i->m->cfn, v, "Effect", g),
		       blocks = sg_val_get(i->m->cfn, v, "Condition", g);
	if (effects.n * blocks.n > 16) {
		vague(r, g, v, SG_LIT("it has more variants than are looked at"));
		return;
	}
	for (size_t e = 0; e < effects.n; e++)
		for (size_t b = 0; b < blocks.n; b++)
			push_variant(r, &s, &effects.v[e], &blocks.v[b]);
}

/* ---------------------------------------------------------------------------------------------- documents */

/* Only 2012-10-17 has policy variables; where the version is not the same everywhere, ${…} is any text, or none. */
static void read_version(struct reading *r, const struct sg_val *doc, sg_guard g)
{
	struct sg_alts v = sg_val_get(r->i->m->cfn, doc, "Version", g);
	bool literal = true;
	r->version_open = v.n != 1;
	for (size_t k = 0; k < v.n; k++) {
		const struct sg_val *one = &v.v[k].val;
		bool old = one->kind == SG_V_ABSENT || sg_val_is(one, "2008-10-17");
		literal &= old;
		r->version_open |= !old && !sg_val_is(one, "2012-10-17");
		if (!old && !sg_val_is(one, "2012-10-17") && one->kind != SG_V_UNKNOWN && !sg_val_symbol(one))
			iam_malformed(r->i, r->o, g, span_of(r, one),
				      "Version is %.*s: there are 2012-10-17 and 2008-10-17",
				      SG_FMT(sg_val_describe(r->i->a, one)));
	}
	r->variables = !literal;
}

static void read_map(struct reading *r, const struct sg_val *doc, sg_guard g)
{
	struct iam *i = r->i;
	if (!known_keys(r, doc, g, document_keys, sizeof(document_keys) / sizeof(*document_keys)))
		vague(r, g, doc, SG_LIT("the document has elements that are none"));
	read_version(r, doc, g);
	struct sg_items items = sg_alts_items(i->m->cfn, sg_val_get(i->m->cfn, doc, "Statement", g), true);
	if (iam_possible(i, g, items.absent))
		iam_malformed(i, r->o, iam_and(i, g, items.absent), span_of(r, doc), "Statement is missing");
	for (size_t k = 0; k < items.n; k++) {
		sg_guard in = iam_and(i, g, items.v[k].guard);
		const struct sg_val *v = &items.v[k].val;
		if (!sg_guard_possible(i->m->worlds, in))
			continue;
		if (v->kind == SG_V_MAP) {
			read_statement(r, v, in);
			continue;
		}
		vague(r, in, v, v->kind == SG_V_UNKNOWN ? v->reason : SG_LIT("a statement is no map"));
		if (v->kind != SG_V_UNKNOWN)
			iam_malformed(i, r->o, in, span_of(r, v), "a statement is %.*s, not a map",
				      SG_FMT(sg_val_describe(i->a, v)));
	}
}

/* A document that is a string holds JSON; with a symbol in it, nobody can know what it says. */
static void read_string(struct reading *r, const struct sg_val *v, sg_guard g)
{
	struct sg_str text;
	const char *why = NULL;
	if (!sg_val_text(r->i->a, v, &text)) {
		vague(r, g, v, SG_LIT("the document is a text with parts that only a deployment knows"));
		return;
	}
	const struct sg_node *tree = iam_json(r->i->m->arena, text, v->node, &why);
	struct sg_val map = {.kind = SG_V_MAP, .node = tree};
	if (tree && tree->kind == SG_MAP) {
		read_map(r, &map, g);
		return;
	}
	vague(r, g, v, SG_LIT("the document is no JSON object"));
	iam_malformed(r->i, r->o, g, span_of(r, v), "the document is a string that holds no JSON object%s%s",
		      why ? ": " : "", why ? why : "");
}

void iam_document(struct iam *i, struct sg_alts doc, sg_guard g, const struct iam_origin *o, iam_stmts *out)
{
	for (size_t k = 0; k < doc.n; k++) {
		struct reading r = {.i = i, .o = o, .out = out};
		sg_guard in = iam_and(i, g, doc.v[k].guard);
		const struct sg_val *v = &doc.v[k].val;
		if (!sg_guard_possible(i->m->worlds, in))
			continue;
		if (v->kind == SG_V_MAP)
			read_map(&r, v, in);
		else if (v->kind == SG_V_STRING)
			read_string(&r, v, in);
		else
			vague(&r, in, v, v->kind == SG_V_UNKNOWN ? v->reason : SG_LIT("there is no document"));
		if (v->kind != SG_V_MAP && v->kind != SG_V_STRING && v->kind != SG_V_UNKNOWN)
			iam_malformed(i, o, in, span_of(&r, v), "the document is %.*s",
				      SG_FMT(sg_val_describe(i->a, v)));
	}
}
