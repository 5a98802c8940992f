/*
 * What clauses are put together to: ORs, ANDs, blocks with their variables, rules, the file.
 */
#include "guard/guard_priv.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ OR, AND */

void *guard_kept(struct parser *p, const void *v, size_t bytes)
{
	return bytes ? memcpy(sg_alloc(p->arena, bytes), v, bytes) : NULL;
}

bool guard_or(struct parser *p)
{
	uint32_t start = p->at;
	guard_white(p);
	if ((guard_either(p, "or", "OR") || guard_tag(p, "|OR|")) && guard_white1(p))
		return true;
	p->at = start;
	return false;
}

enum parsed guard_parse_or(struct parser *p, guard_clause_parser *one, struct disjunction *out)
{
	SG_VEC(struct clause *) list = {0};
	for (;;) {
		uint32_t start = p->at;
		struct clause *clause = NULL;
		if (list.n && !guard_or(p))
			break;
		guard_white(p);
		enum parsed said = one(p, &clause);
		if (said == P_FAIL)
			return said;
		if (said == P_NO) {
			p->at = start;
			break;
		}
		SG_PUSH(p->scratch, &list, clause);
	}
	*out = (struct disjunction){guard_kept(p, list.v, list.n * sizeof(*list.v)), list.n};
	return list.n ? P_OK : P_NO;
}

enum parsed guard_parse_cnf(struct parser *p, guard_clause_parser *one, struct cnf *out)
{
	SG_VEC(struct disjunction) list = {0};
	uint32_t start = p->at;
	for (;;) {
		struct disjunction d;
		enum parsed said = guard_parse_or(p, one, &d);
		if (said == P_FAIL)
			return said;
		if (said == P_NO)
			break;
		SG_PUSH(p->scratch, &list, d);
	}
	*out = (struct cnf){guard_kept(p, list.v, list.n * sizeof(*list.v)), list.n};
	return list.n ? P_OK : guard_wrong(p, start, "a clause is expected here");
}

/* ------------------------------------------------------------------------------------------------ let, block */

enum parsed guard_parse_let(struct parser *p, struct let *out)
{
	uint32_t start = p->at;
	bool named = guard_tag(p, "let") && guard_white1(p);
	uint32_t from = p->at;
	if (!named || !guard_name(p, &out->name)) {
		p->at = start;
		return P_NO;
	}
	out->span = guard_span(p, from);
	guard_white(p);
	if (!guard_char(p, '=') && !guard_tag(p, ":="))
		return guard_wrong(p, p->at, "= must follow the variable's name");
	enum parsed said = guard_parse_operand(p, &out->value);
	return said == P_NO ? guard_wrong(p, p->at, "a value, a query or a function call must follow =") : said;
}

struct ands {
	struct disjunction *v;
	size_t n, cap;
};

static enum parsed parse_item(struct parser *p, guard_clause_parser *one, struct lets *lets, struct ands *ands)
{
	uint32_t start = p->at;
	struct let let = {0};
	struct disjunction d;
	guard_white(p);
	enum parsed said = guard_parse_let(p, &let);
	if (said == P_OK)
		SG_PUSH(p->scratch, lets, let);
	if (said != P_NO)
		return said;
	p->at = start;
	said = guard_parse_or(p, one, &d);
	if (said == P_OK)
		SG_PUSH(p->scratch, ands, d);
	return said;
}

static enum parsed parse_items(struct parser *p, guard_clause_parser *one, struct block *out)
{
	struct lets lets = {0};
	struct ands ands = {0};
	for (;;) {
		enum parsed said = parse_item(p, one, &lets, &ands);
		if (said == P_FAIL)
			return said;
		if (said == P_NO)
			break;
	}
	lets.v = guard_kept(p, lets.v, lets.n * sizeof(*lets.v));
	*out = (struct block){lets, {guard_kept(p, ands.v, ands.n * sizeof(*ands.v)), ands.n}};
	return lets.n || ands.n ? P_OK : P_NO;
}

enum parsed guard_parse_block(struct parser *p, guard_clause_parser *one, struct block *out)
{
	uint32_t start = p->at;
	if (!guard_white_char(p, '{'))
		return P_NO;
	uint32_t open = p->at;
	if (!guard_deeper(p))
		return P_FAIL;
	enum parsed said = parse_items(p, one, out);
	p->depth--;
	if (said == P_NO)
		p->at = start;
	if (said != P_OK)
		return said;
	if (guard_white_char(p, '}'))
		return P_OK;
	guard_white(p);
	return guard_peek(p) < 0 ? guard_wrong(p, open - 1, "the block that begins here does not end")
				 : guard_wrong(p, p->at, "neither a clause nor the end of the block is here");
}

/* ------------------------------------------------------------------------------------------------ rules */

static enum parsed parse_params(struct parser *p, struct rule *r)
{
	SG_VEC(struct sg_str) list = {0};
	if (!guard_char(p, '('))
		return P_NO;
	do {
		struct sg_str name;
		guard_spaces(p);
		if (!guard_name(p, &name))
			return guard_wrong(p, p->at, "a parameter's name is expected");
		guard_spaces(p);
		SG_PUSH(p->scratch, &list, name);
	} while (guard_char(p, ','));
	if (!guard_char(p, ')'))
		return guard_wrong(p, p->at, ") is missing behind the parameters");
	r->params = guard_kept(p, list.v, list.n * sizeof(*list.v));
	r->n_params = list.n;
	return P_OK;
}

static enum parsed parse_rule(struct parser *p, struct rule **out)
{
	uint32_t start = p->at;
	struct rule *r = SG_NEW(p->arena, struct rule);
	if (!guard_tag(p, "rule") || !guard_white1(p)) {
		p->at = start;
		return P_NO;
	}
	uint32_t from = p->at;
	if (!guard_name(p, &r->name))
		return guard_wrong(p, p->at, "a rule's name is expected");
	r->span = guard_span(p, from);
	enum parsed said = parse_params(p, r);
	if (said == P_NO)
		said = guard_parse_when(p, &r->when);
	if (said != P_FAIL)
		said = guard_parse_block(p, guard_parse_rule_clause, &r->block);
	*out = r;
	return said == P_NO ? guard_wrong(p, p->at, "a block with at least one clause must follow the rule's name")
			    : said;
}

/* ------------------------------------------------------------------------------------------------ file */

struct file {
	struct lets lets;
	struct ands loose; /* clauses outside of any rule */
	SG_VEC(struct rule *) rules, calls;
};

static enum parsed parse_statement(struct parser *p, struct file *f)
{
	struct let let = {0};
	struct rule *rule = NULL;
	struct disjunction d;
	struct clause *when = NULL;
	enum parsed said = guard_parse_let(p, &let);
	if (said == P_OK)
		SG_PUSH(p->scratch, &f->lets, let);
	if (said != P_NO)
		return said;
	said = parse_rule(p, &rule);
	if (said == P_OK && rule->n_params)
		SG_PUSH(p->scratch, &f->calls, rule);
	else if (said == P_OK)
		SG_PUSH(p->scratch, &f->rules, rule);
	if (said != P_NO)
		return said;
	said = guard_parse_or(p, guard_parse_type, &d);
	if (said == P_NO)
		said = guard_parse_when_clause(p, &when);
	if (when) {
		d = (struct disjunction){SG_NEW(p->arena, struct clause *), 1};
		d.v[0] = when;
	}
	if (said == P_NO)
		said = guard_parse_or(p, guard_parse_clause, &d);
	if (said == P_OK)
		SG_PUSH(p->scratch, &f->loose, d);
	return said;
}

static void finish(struct parser *p, struct file *f, struct sg_guard *g)
{
	SG_VEC(struct rule *) rules = {0};
	if (f->loose.n) {
		struct rule *loose = SG_NEW(p->arena, struct rule);
		loose->name = guard_intern(p, SG_LIT("default"));
		loose->block.body =
			(struct cnf){guard_kept(p, f->loose.v, f->loose.n * sizeof(*f->loose.v)), f->loose.n};
		SG_PUSH(p->scratch, &rules, loose);
	}
	for (size_t i = 0; i < f->rules.n; i++)
		SG_PUSH(p->scratch, &rules, f->rules.v[i]);
	g->lets = f->lets;
	g->lets.v = guard_kept(p, f->lets.v, f->lets.n * sizeof(*f->lets.v));
	g->rules = guard_kept(p, rules.v, rules.n * sizeof(*rules.v));
	g->n_rules = rules.n;
	g->calls = guard_kept(p, f->calls.v, f->calls.n * sizeof(*f->calls.v));
	g->n_calls = f->calls.n;
}

/* The one error of a file that cannot be parsed. */
static bool say_why(struct parser *p)
{
	if (!p->why.n && p->regex_why.n)
		guard_wrong(p, p->at, "the regular expression cannot be used: %.*s", SG_FMT(p->regex_why));
	if (!p->why.n)
		guard_wrong(p, p->far > p->at ? p->far : p->at, "cannot be understood from here on");
	struct sg_span span = p->why_span;
	if (p->regex_why.n && sg_str_starts(p->why, "the regular"))
		span = p->regex_span;
	if (span.end == span.start && span.end < p->text.n)
		span.end++;
	sg_diag(p->diags, SG_ERROR, span, NULL, "%.*s", SG_FMT(p->why));
	return false;
}

bool guard_parse_file(struct parser *p, struct sg_guard *g)
{
	struct file f = {0};
	for (guard_white(p); p->at < p->text.n; guard_white(p))
		if (parse_statement(p, &f) != P_OK)
			return say_why(p);
	finish(p, &f, g);
	return true;
}
