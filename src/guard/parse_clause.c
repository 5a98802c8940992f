/*
 * Clauses, conditions, ORs and ANDs, blocks.  The order in which readings are tried is the language's; where it commits
 * itself (P_FAIL) and where it turns back (P_NO) is 3.2.1's, too, because it decides what a file means.
 */
#include "guard/guard_priv.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ operators */

struct word_operator {
	const char *lower, *upper;
	enum guard_op op;
};

static bool parse_word(struct parser *p, enum guard_op *op)
{
	static const struct word_operator words[] = {
		{"is_string", "IS_STRING", OP_IS_STRING}, {"is_list", "IS_LIST", OP_IS_LIST},
		{"is_struct", "IS_STRUCT", OP_IS_MAP},    {"is_bool", "IS_BOOL", OP_IS_BOOL},
		{"is_int", "IS_INT", OP_IS_INT},          {"is_null", "IS_NULL", OP_IS_NULL},
		{"is_float", "IS_FLOAT", OP_IS_FLOAT},
	};
	*op = OP_IN;
	if (guard_either(p, "in", "IN"))
		return true;
	*op = OP_EXISTS;
	if (guard_keyword(p, "EXISTS") || guard_keyword(p, "exists"))
		return true;
	*op = OP_EMPTY;
	if (guard_keyword(p, "EMPTY") || guard_keyword(p, "empty"))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		*op = words[i].op;
		if (guard_either(p, words[i].upper, words[i].lower))
			return true;
	}
	return false;
}

static bool parse_operator(struct parser *p, enum guard_op *op, bool *negated)
{
	static const struct {
		const char *text;
		enum guard_op op;
		bool negated;
	} signs[] = {{"==", OP_EQ, false}, {"!=", OP_EQ, true}, {">=", OP_GE, false},
		     {"<=", OP_LE, false}, {">", OP_GT, false}, {"<", OP_LT, false}};
	uint32_t start = p->at;
	if (guard_tag(p, "<<")) { /* a message is no comparison */
		p->at = start;
		return false;
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (guard_tag(p, signs[i].text)) {
			*op = signs[i].op;
			*negated = signs[i].negated;
			return true;
		}
	*negated = guard_not(p);
	if (parse_word(p, op))
		return true;
	p->at = start;
	return false;
}

/* ------------------------------------------------------------------------------------------------ access clause */

static enum parsed optional_message(struct parser *p, struct clause *c)
{
	uint32_t start = p->at;
	guard_white(p);
	enum parsed said = guard_message(p, &c->message);
	if (said == P_NO)
		p->at = start;
	return said == P_FAIL ? said : P_OK;
}

static enum parsed parse_right(struct parser *p, struct clause *c)
{
	if (c->op >= OP_EXISTS)
		return optional_message(p, c);
	enum parsed said = guard_parse_operand(p, &c->right);
	if (said == P_NO)
		return p->regex_why.n && p->regex_span.start >= p->at
			       ? guard_wrong(p, p->at, "the regular expression cannot be used: %.*s",
					     SG_FMT(p->regex_why))
			       : guard_wrong(p, p->at, "a value, a query or a function call must follow the operator");
	return said == P_OK ? optional_message(p, c) : said;
}

static struct clause *keep(struct parser *p, const struct clause *c)
{
	struct clause *kept = SG_NEW(p->arena, struct clause);
	*kept = *c;
	return kept;
}

static enum parsed parse_access(struct parser *p, struct clause **out)
{
	uint32_t start = p->at;
	struct clause c = {.kind = CLAUSE_ACCESS};
	guard_white(p);
	uint32_t from = p->at;
	c.negated = guard_not(p);
	enum parsed said = guard_parse_query(p, &c.query);
	if (said == P_OK) {
		guard_white(p);
		said = parse_operator(p, &c.op, &c.op_not) ? P_OK : P_NO;
	}
	if (said == P_OK)
		said = parse_right(p, &c);
	if (said != P_OK) {
		p->at = said == P_NO ? start : p->at;
		return said;
	}
	c.span = guard_span(p, from);
	*out = keep(p, &c);
	return P_OK;
}

/* ------------------------------------------------------------------------------------------------ other clauses */

enum parsed guard_parse_when(struct parser *p, struct cnf **out)
{
	uint32_t start = p->at;
	guard_white(p);
	if (!guard_either(p, "when", "WHEN")) {
		p->at = start;
		return P_NO;
	}
	if (!guard_white1(p))
		return guard_wrong(p, p->at, "a blank must follow 'when'");
	*out = SG_NEW(p->arena, struct cnf);
	return guard_parse_cnf(p, guard_parse_condition, *out);
}

static enum parsed parse_when(struct parser *p, guard_clause_parser *one, struct clause **out)
{
	uint32_t start = p->at;
	struct clause c = {.kind = CLAUSE_WHEN};
	guard_white(p);
	uint32_t from = p->at;
	enum parsed said = guard_parse_when(p, &c.when);
	c.span = guard_span(p, from);
	if (said == P_OK)
		said = guard_parse_block(p, one, &c.block);
	if (said == P_NO)
		p->at = start;
	if (said == P_OK)
		*out = keep(p, &c);
	return said;
}

static void not_empty(struct parser *p, struct clause *c)
{
	uint32_t start = p->at;
	guard_white(p);
	if (guard_not(p) && (guard_keyword(p, "EMPTY") || guard_keyword(p, "empty")))
		c->not_empty = true;
	else
		p->at = start;
}

static enum parsed parse_block_clause(struct parser *p, struct clause **out)
{
	uint32_t start = p->at;
	struct clause c = {.kind = CLAUSE_BLOCK};
	enum parsed said = guard_parse_query(p, &c.query);
	if (said == P_OK) {
		not_empty(p, &c);
		c.span = guard_span(p, start);
		said = guard_parse_block(p, guard_parse_clause, &c.block);
	}
	if (said == P_NO)
		p->at = start;
	if (said == P_OK)
		*out = keep(p, &c);
	return said;
}

static enum parsed parse_call(struct parser *p, struct clause **out)
{
	uint32_t start = p->at;
	struct clause c = {.kind = CLAUSE_CALL, .negated = guard_not(p)};
	enum parsed said = guard_parse_args(p, &c.name, &c.args, &c.n_args);
	c.span = guard_span(p, start);
	if (said == P_OK)
		said = optional_message(p, &c);
	if (said == P_NO)
		p->at = start;
	if (said == P_OK)
		*out = keep(p, &c);
	return said;
}

enum parsed guard_parse_clause(struct parser *p, struct clause **out)
{
	if (!guard_deeper(p))
		return P_FAIL;
	enum parsed said = parse_when(p, guard_parse_clause, out);
	if (said == P_NO)
		said = parse_block_clause(p, out);
	if (said == P_NO)
		said = parse_call(p, out);
	if (said == P_NO)
		said = parse_access(p, out);
	p->depth--;
	return said;
}

/* What must stand behind a rule's name for it to be a clause: an end of line, a comment, a block, an OR. */
static bool name_ends(struct parser *p)
{
	uint32_t start = p->at;
	guard_blanks(p);
	int c = guard_peek(p);
	bool crlf = c == '\r' && p->at + 1 < p->text.n && p->text.p[p->at + 1] == '\n';
	bool ends = c == '\n' || crlf || c == '#' || c == '{' || start == p->text.n;
	p->at = start;
	ends = ends || guard_or(p);
	p->at = start;
	return ends;
}

enum parsed guard_parse_named(struct parser *p, struct clause **out)
{
	uint32_t start = p->at;
	struct clause c = {.kind = CLAUSE_NAMED, .negated = guard_not(p)};
	if (!guard_name(p, &c.name)) {
		p->at = start;
		return P_NO;
	}
	c.span = guard_span(p, start);
	if (!name_ends(p)) {
		guard_blanks(p);
		enum parsed said = guard_message(p, &c.message);
		if (said != P_OK)
			return guard_wrong(p, start,
					   "an operator, or an end of line behind a rule's name, is expected");
	}
	*out = keep(p, &c);
	return P_OK;
}

enum parsed guard_parse_named_too(struct parser *p, struct clause **out)
{
	enum parsed said = guard_parse_clause(p, out);
	return said == P_NO ? guard_parse_named(p, out) : said;
}

/* At the top of a file. */
enum parsed guard_parse_when_clause(struct parser *p, struct clause **out)
{
	return parse_when(p, guard_parse_named_too, out);
}

enum parsed guard_parse_condition(struct parser *p, struct clause **out)
{
	enum parsed said = parse_access(p, out);
	if (said == P_NO)
		said = parse_call(p, out);
	return said == P_NO ? guard_parse_named(p, out) : said;
}

/* ------------------------------------------------------------------------------------------------ type blocks */

static bool type_part(struct parser *p, bool last)
{
	struct sg_str name;
	return guard_name(p, &name) && (last || guard_tag(p, "::"));
}

/* A::B::C, or A::B of a custom resource. */
static bool type_name(struct parser *p, struct sg_str *out)
{
	uint32_t start = p->at;
	if (type_part(p, false) && type_part(p, false) && type_part(p, true)) {
		*out = sg_str_sub(p->text, start, p->at - start);
		guard_tag(p, "::MODULE");
		return true;
	}
	p->at = start;
	if (type_part(p, false) && type_part(p, true)) {
		*out = sg_str_sub(p->text, start, p->at - start);
		return true;
	}
	p->at = start;
	return false;
}

/* Resources.*[ Type == 'name' ] */
static struct query *type_query(struct parser *p, const struct clause *c)
{
	struct gv *type = SG_NEW(p->arena, struct gv);
	type->kind = GV_STRING;
	type->text = c->name;
	struct part *key = SG_NEW(p->arena, struct part);
	*key = (struct part){.kind = PART_KEY, .name = guard_intern(p, SG_LIT("Type")), .span = c->span};
	struct query *left = SG_NEW(p->arena, struct query);
	*left = (struct query){false, key, 1, c->span};
	struct clause *is = SG_NEW(p->arena, struct clause);
	*is = (struct clause){.kind = CLAUSE_ACCESS, .op = OP_EQ, .query = left, .span = c->span};
	is->right = (struct operand){.kind = OPERAND_VALUE, .value = type};
	struct cnf *filter = SG_NEW(p->arena, struct cnf);
	*filter = (struct cnf){SG_NEW(p->arena, struct disjunction), 1};
	filter->v[0] = (struct disjunction){SG_NEW(p->arena, struct clause *), 1};
	filter->v[0].v[0] = is;
	struct part *parts = SG_NEW_ARRAY(p->arena, 3, struct part);
	parts[0] = (struct part){.kind = PART_KEY, .name = guard_intern(p, SG_LIT("Resources")), .span = c->span};
	parts[1] = (struct part){.kind = PART_ALL_VALUES, .span = c->span};
	parts[2] = (struct part){.kind = PART_FILTER, .filter = filter, .span = c->span};
	struct query *query = SG_NEW(p->arena, struct query);
	*query = (struct query){false, parts, 3, c->span};
	return query;
}

/* One clause in place of a block. */
static enum parsed single_clause(struct parser *p, struct block *block)
{
	struct clause *only = NULL;
	guard_white(p);
	enum parsed said = guard_parse_clause(p, &only);
	if (said != P_OK)
		return said == P_NO ? guard_wrong(p, p->at, "a block or a clause must follow the type") : said;
	block->body = (struct cnf){SG_NEW(p->arena, struct disjunction), 1};
	block->body.v[0] = (struct disjunction){SG_NEW(p->arena, struct clause *), 1};
	block->body.v[0].v[0] = only;
	return P_OK;
}

static enum parsed type_body(struct parser *p, struct clause *c)
{
	enum parsed said = guard_parse_when(p, &c->when);
	if (said == P_FAIL)
		return said;
	bool conditional = said == P_OK;
	said = guard_parse_block(p, guard_parse_clause, &c->block);
	if (said == P_NO && conditional)
		return guard_wrong(p, p->at, "a block must follow the conditions");
	return said == P_NO ? single_clause(p, &c->block) : said;
}

enum parsed guard_parse_type(struct parser *p, struct clause **out)
{
	uint32_t start = p->at;
	struct clause c = {.kind = CLAUSE_TYPE};
	if (!type_name(p, &c.name))
		return P_NO;
	c.span = guard_span(p, start);
	if (!guard_white1(p))
		return guard_wrong(p, start, "a blank must follow the type's name");
	enum parsed said = type_body(p, &c);
	if (said != P_OK)
		return said;
	c.query = type_query(p, &c);
	*out = keep(p, &c);
	return P_OK;
}

enum parsed guard_parse_rule_clause(struct parser *p, struct clause **out)
{
	uint32_t start = p->at;
	guard_white(p);
	enum parsed said = guard_parse_type(p, out);
	if (said == P_NO)
		said = parse_when(p, guard_parse_named_too, out);
	if (said == P_NO)
		said = guard_parse_named_too(p, out);
	if (said == P_NO)
		p->at = start;
	return said;
}
