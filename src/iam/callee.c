/*
 * Can what a statement names be a function, and is it for certain?  It must not know whose statement it is.
 */
#include "iam/iam_priv.h"

struct callee {
	struct iam *i;
	const struct iam_names_of *names;
};

/* A letter that is another function of the template; what is behind it does not make another name of it. */
static bool is_another(const struct callee *s, struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++) {
		if (!iam_is_letter(r.t[k]))
			continue;
		const struct sg_symbol *symbol = &s->i->letters.v[r.t[k] - IAM_LETTER].symbol;
		const struct sg_resource *of = symbol->kind == SG_SYM_RESOURCE || symbol->kind == SG_SYM_ATTRIBUTE
						       ? sg_model_find(s->i->m, symbol->name)
						       : NULL;
		if (of && of != s->names->function && sg_str_is(of->type, "AWS::Lambda::Function") &&
		    (k + 1 == r.n || r.t[k + 1] == ':'))
			return true;
	}
	return false;
}

static bool stop_at_target(void *ctx, const bool *matches, struct iam_raw word)
{
	const size_t *n = ctx;
	(void)word;
	for (size_t k = 0; k < *n; k++)
		if (matches[k])
			return true;
	return false;
}

/* arn:*:lambda:*:*:function:NAME, and its versions and aliases; a name that only a deployment knows is any. */
static struct iam_pat target(const struct callee *s, struct iam_raw name, bool open, const char *tail)
{
	static const struct iam_rounding how = {.mode = IAM_MAY, .up = true};
	struct iam *i = s->i;
	struct iam_pat p;
	iam_toks t = {0};
	iam_toks_str(i, &t, SG_LIT("arn:*:lambda:*:*:function:"));
	for (size_t k = 0; !open && k < name.n; k++)
		SG_PUSH(i->a, &t, name.t[k]);
	if (open)
		iam_toks_str(i, &t, SG_LIT("*"));
	iam_toks_str(i, &t, sg_str(tail));
	if (!iam_compile(i, (struct iam_raw){t.v, t.n}, how, &p))
		SG_ASSERT(iam_compile(i, iam_raw_str(i, "*"), how, &p));
	return p;
}

/* Can what this element names be the function? */
static bool may_name(const struct callee *s, const struct iam_element *e)
{
	static const struct iam_rounding how = {.mode = IAM_MAY, .up = true};
	struct iam *i = s->i;
	struct iam_pat main;
	iam_toks t = {0};
	if (e->unknown)
		return true;
	if (is_another(s, e->raw))
		return false;
	for (size_t k = 0; k < e->raw.n; k++) /* what symbols stand for is any text */
		SG_PUSH(i->a, &t, iam_is_letter(e->raw.t[k]) ? '*' : e->raw.t[k]);
	if (!iam_compile(i, (struct iam_raw){t.v, t.n}, how, &main))
		return false;
	size_t names = s->names->name.n, n = 0;
	struct iam_pat *targets = SG_NEW_ARRAY(i->a, 2 * names + 2, struct iam_pat);
	for (size_t k = 0; k <= names; k++) {
		const struct iam_alt *a = k < names ? &s->names->name.v[k] : NULL;
		if (!a && names)
			break;
		bool open = !a || a->unknown || iam_raw_has_letter(a->raw);
		struct iam_raw name = a ? a->raw : (struct iam_raw){0};
		targets[n++] = target(s, name, open, "");
		targets[n++] = target(s, name, open, ":*");
	}
	i->budget = IAM_BUDGET;
	return iam_explore(i, main, targets, NULL, n, IAM_DOMAIN_RESOURCE, stop_at_target, &n) != IAM_EXPLORED;
}

bool iam_may_name_function(struct iam *i, const struct iam_names_of *names, const struct iam_stmt *stmt, sg_guard in)
{
	const struct callee s = {i, names};
	for (size_t k = 0; !stmt->not_resource && k < stmt->resources.n; k++)
		if (iam_possible(i, in, stmt->resources.v[k].guard) && may_name(&s, &stmt->resources.v[k]))
			return true;
	return stmt->not_resource;
}

static bool is_name(const struct callee *s, struct iam_raw r)
{
	for (size_t k = 0; k < s->names->name.n; k++)
		if (s->names->name.n == 1 && !s->names->name.v[k].unknown && iam_raw_eq(s->names->name.v[k].raw, r))
			return true;
	return false;
}

/* The function's ARN as policies write it: its attribute, its parts, or spelled out with the name. */
static bool is_its_arn(const struct callee *s, struct iam_raw r)
{
	struct sg_symbol ref = {.kind = SG_SYM_RESOURCE, .name = s->names->function->id};
	iam_tok own = iam_letter_of(s->i, &ref);
	size_t at = r.n, colons = 0;
	if (r.n && r.t[r.n - 1] == '*') /* with or without its versions */
		r.n -= r.n > 1 && r.t[r.n - 2] == ':' ? 2 : 1;
	if (iam_raw_eq(r, s->i->self))
		return true;
	for (size_t k = 0; k < r.n && colons < 6; k++) {
		colons += r.t[k] == ':';
		at = k + 1;
	}
	struct sg_str head = iam_raw_show(s->i, (struct iam_raw){r.t, at});
	struct iam_raw name = {r.t + at, r.n - at};
	return colons == 6 && sg_str_ends(head, ":function:") && sg_str_find(head, ":lambda:", 0) != SIZE_MAX &&
	       sg_str_find(head, "*", 0) == SIZE_MAX && ((name.n == 1 && name.t[0] == own) || is_name(s, name));
}

bool iam_names_function(struct iam *i, const struct iam_names_of *names, const struct iam_stmt *stmt, sg_guard in)
{
	const struct callee s = {i, names};
	static const char *const every[] = {"*", "arn:*:lambda:*:*:function:*", "arn:aws:lambda:*:*:function:*",
					    "arn:*:lambda:*:*:*", "arn:aws:lambda:*:*:*"};
	for (size_t k = 0; !stmt->not_resource && k < stmt->resources.n; k++) {
		const struct iam_element *e = &stmt->resources.v[k];
		if (e->unknown || !iam_within(i, in, e->guard))
			continue;
		for (size_t j = 0; j < sizeof(every) / sizeof(*every); j++)
			if (sg_str_is(iam_raw_show(i, e->raw), every[j]))
				return true;
		if (is_its_arn(&s, e->raw))
			return true;
	}
	return false;
}
