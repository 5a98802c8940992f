/*
 * Queries (`Resources.*[ Type == 'X' ].Properties`), function calls and what may stand on a clause's right side.
 *
 * A query is read once per place whatever it turns out to be part of: the language decides between a block, a clause and
 * a call only behind it, and reading nested filters again at each level would take time exponential in their depth.
 */
#include "guard/guard_priv.h"

#include <string.h>

#define MAX_PARTS 200 /* evaluation follows a query by recursion */

/* ------------------------------------------------------------------------------------------------ .part */

static enum parsed name_or_string(struct parser *p, struct sg_str *out)
{
	if (guard_name(p, out))
		return P_OK;
	enum parsed said = guard_string(p, out);
	if (said == P_OK)
		*out = guard_intern(p, *out);
	return said;
}

/* A key, as 3.2.1 takes it: '%x' in quotes is the variable, too; what spells an integer is an index. */
static void set_key(struct parser *p, struct part *part, struct sg_str name)
{
	part->kind = PART_KEY;
	part->name = name;
	if (sg_str_starts(name, "%")) {
		part->kind = PART_VARIABLE;
		part->name = guard_intern(p, sg_str_sub(name, 1, SIZE_MAX));
	}
	struct sg_str digits = sg_str_starts(name, "+") ? sg_str_sub(name, 1, SIZE_MAX) : name;
	part->numeric = !(digits.n != name.n && sg_str_starts(digits, "-")) && sg_parse_i64(digits, &part->index);
}

static bool parse_variable(struct parser *p, struct part *part)
{
	uint32_t start = p->at;
	if (guard_char(p, '%') && guard_name(p, &part->name)) {
		part->kind = PART_VARIABLE;
		return true;
	}
	p->at = start;
	return false;
}

static enum parsed parse_key(struct parser *p, struct part *part)
{
	struct sg_str name;
	enum parsed said = name_or_string(p, &name);
	if (said == P_OK)
		set_key(p, part, name);
	return said;
}

static enum parsed parse_dotted(struct parser *p, struct part *part)
{
	uint32_t start = p->at;
	guard_white(p);
	enum parsed said = guard_char(p, '.') ? P_OK : P_NO;
	if (said == P_OK && guard_integer(p, &part->index))
		part->kind = PART_INDEX;
	else if (said == P_OK)
		said = parse_key(p, part);
	if (said == P_NO && p->at > start && p->text.p[p->at - 1] == '.') {
		said = P_OK;
		if (!parse_variable(p, part)) {
			part->kind = PART_ALL_VALUES;
			said = guard_char(p, '*') ? P_OK : P_NO;
		}
	}
	if (said == P_NO)
		p->at = start;
	return said;
}

/* ------------------------------------------------------------------------------------------------ [part] */

static enum parsed all_indices(struct parser *p, struct part *part)
{
	uint32_t open = p->at;
	part->kind = PART_ALL_INDICES;
	guard_white(p);
	if (!guard_char(p, '*')) {
		p->at = open;
		if (!guard_name(p, &part->name))
			return P_NO;
	}
	return guard_white_char(p, ']') ? P_OK : P_NO;
}

static enum parsed array_index(struct parser *p, struct part *part)
{
	uint32_t start = p->at;
	part->kind = PART_INDEX;
	if (!guard_integer(p, &part->index))
		return P_NO;
	return guard_white_char(p, ']') ? P_OK : guard_wrong(p, start, "] is missing behind an index");
}

static enum parsed key_lookup(struct parser *p, struct part *part)
{
	struct sg_str name;
	enum parsed said = guard_string(p, &name);
	if (said == P_FAIL)
		return said;
	if (said == P_OK) {
		set_key(p, part, guard_intern(p, name));
	} else {
		guard_white(p);
		part->kind = PART_ALL_VALUES;
		if (!guard_name(p, &part->name))
			return P_NO;
	}
	return guard_white_char(p, ']') ? P_OK : P_NO;
}

/* `name |` in front of a filter. */
static void parse_capture(struct parser *p, struct part *part)
{
	uint32_t start = p->at;
	struct sg_str name;
	guard_white(p);
	if (guard_name(p, &name)) {
		guard_blanks(p);
		if (guard_char(p, '|')) {
			part->name = name;
			return;
		}
	}
	p->at = start;
}

static bool key_operator(struct parser *p, struct part *part)
{
	guard_white(p);
	part->op = OP_EQ;
	part->op_not = false;
	if (guard_tag(p, "=="))
		return true;
	part->op_not = true;
	if (guard_tag(p, "!="))
		return true;
	part->op = OP_IN;
	part->op_not = guard_not(p);
	return guard_either(p, "in", "IN");
}

static enum parsed value_or_query(struct parser *p, struct operand *out)
{
	out->kind = OPERAND_VALUE;
	enum parsed said = guard_parse_value(p, &out->value);
	if (said != P_NO)
		return said;
	struct query *query = NULL;
	uint32_t start = p->at;
	guard_white(p);
	said = guard_parse_query(p, &query);
	out->kind = OPERAND_QUERY;
	out->query = query;
	if (said == P_NO)
		p->at = start;
	return said;
}

static enum parsed key_filter(struct parser *p, struct part *part)
{
	part->kind = PART_KEYS;
	parse_capture(p, part);
	guard_white(p);
	if (!guard_keyword(p, "keys") && !guard_keyword(p, "KEYS"))
		return P_NO;
	if (!key_operator(p, part))
		return guard_wrong(p, p->at, "==, !=, in or not in must follow keys");
	part->with = SG_NEW(p->arena, struct operand);
	enum parsed said = value_or_query(p, part->with);
	if (said == P_NO)
		return guard_wrong(p, p->at, "a value or a query must follow the operator");
	return said == P_OK && !guard_white_char(p, ']') ? P_NO : said;
}

static enum parsed filter(struct parser *p, struct part *part)
{
	uint32_t start = p->at;
	part->kind = PART_FILTER;
	parse_capture(p, part);
	part->filter = SG_NEW(p->arena, struct cnf);
	enum parsed said = guard_parse_cnf(p, guard_parse_clause, part->filter);
	if (said != P_OK)
		return said;
	return guard_white_char(p, ']') ? P_OK : guard_wrong(p, start, "the filter that begins here does not end");
}

static enum parsed parse_bracket(struct parser *p, struct part *part)
{
	static enum parsed (*const kinds[])(struct parser *, struct part *) = {all_indices, array_index, key_lookup,
									       key_filter, filter};
	uint32_t start = p->at;
	if (!guard_white_char(p, '['))
		return P_NO;
	uint32_t open = p->at;
	enum parsed said = P_NO;
	for (size_t i = 0; said == P_NO && i < sizeof(kinds) / sizeof(*kinds); i++) {
		p->at = open;
		*part = (struct part){0};
		said = kinds[i](p, part);
	}
	if (said == P_NO)
		p->at = start;
	return said;
}

/* ------------------------------------------------------------------------------------------------ query */

static enum parsed parse_parts(struct parser *p, size_t base)
{
	for (;;) {
		uint32_t start = p->at;
		struct part part = {0};
		enum parsed said = parse_dotted(p, &part);
		if (said == P_NO)
			said = parse_bracket(p, &part);
		if (said != P_OK)
			return said == P_NO ? P_OK : said;
		if (p->parts.n - base >= MAX_PARTS)
			return guard_wrong(p, start, "a query has more than %d parts", MAX_PARTS);
		part.span = guard_span(p, start);
		p->captures = p->captures || guard_captures(&part);
		SG_PUSH(p->scratch, &p->parts, part);
	}
}

static bool some(struct parser *p)
{
	uint32_t start = p->at;
	guard_white(p);
	if (guard_either(p, "SOME", "some") && guard_white1(p))
		return true;
	p->at = start;
	return false;
}

static enum parsed parse_first(struct parser *p, struct part *part)
{
	uint32_t start = p->at;
	guard_white(p);
	if (guard_keyword(p, "this") || guard_keyword(p, "THIS")) {
		part->kind = PART_THIS;
		return P_OK;
	}
	p->at = start;
	return parse_variable(p, part) ? P_OK : parse_key(p, part);
}

/* The parts from `base` up, off the stack; `%x.y` is `%x[*].y`. */
static struct query *take_query(struct parser *p, size_t base, bool any, uint32_t from)
{
	const struct part *read = p->parts.v + base;
	size_t n = p->parts.n - base;
	bool all = n > 1 && read[0].kind == PART_VARIABLE && read[1].kind != PART_ALL_INDICES;
	struct query *q = SG_NEW(p->arena, struct query);
	*q = (struct query){any, SG_NEW_ARRAY(p->arena, n + all, struct part), n + all, guard_span(p, from)};
	q->parts[0] = read[0];
	if (all)
		q->parts[1] = (struct part){.kind = PART_ALL_INDICES, .span = read[0].span};
	for (size_t i = 1; i < n; i++)
		q->parts[i + all] = read[i];
	p->parts.n = base;
	return q;
}

static enum parsed parse_query(struct parser *p, struct query **out)
{
	uint32_t start = p->at;
	size_t base = p->parts.n;
	struct part first = {0};
	bool any = some(p);
	uint32_t from = p->at;
	enum parsed said = parse_first(p, &first);
	if (said == P_OK) {
		first.span = guard_span(p, from);
		SG_PUSH(p->scratch, &p->parts, first);
		said = parse_parts(p, base);
	}
	if (said != P_OK) {
		p->parts.n = base;
		p->at = said == P_NO ? start : p->at;
		return said;
	}
	*out = take_query(p, base, any, from);
	return P_OK;
}

static struct memo *memo_slot(struct memo *table, size_t cap, uint32_t at)
{
	size_t i = (at * 2654435761u) & (cap - 1);
	while (table[i].at && table[i].at != at + 1)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static void memo_grow(struct parser *p)
{
	size_t cap = p->memo_cap ? p->memo_cap * 2 : 64;
	while (!p->memo_cap && cap < p->text.n / 16) /* most files have no more queries than that */
		cap *= 2;
	struct memo *table = SG_NEW_ARRAY(p->scratch, cap, struct memo);
	for (size_t i = 0; i < p->memo_cap; i++)
		if (p->memo[i].at)
			*memo_slot(table, cap, p->memo[i].at - 1) = p->memo[i];
	p->memo = table;
	p->memo_cap = cap;
}

enum parsed guard_parse_query(struct parser *p, struct query **out)
{
	uint32_t start = p->at;
	struct memo *known = p->memo_cap ? memo_slot(p->memo, p->memo_cap, start) : NULL;
	if (known && known->at) {
		p->at = known->end;
		*out = known->query;
		return known->said;
	}
	if (!guard_deeper(p))
		return P_FAIL;
	*out = NULL;
	enum parsed said = parse_query(p, out);
	p->depth--;
	if (p->memo_n * 2 >= p->memo_cap)
		memo_grow(p);
	p->memo_n++;
	*memo_slot(p->memo, p->memo_cap, start) = (struct memo){start + 1, p->at, said, *out};
	return said;
}

/* ------------------------------------------------------------------------------------------------ calls */

static enum parsed parse_arg(struct parser *p, struct operand *out)
{
	uint32_t start = p->at;
	guard_spaces(p);
	enum parsed said = guard_parse_operand(p, out);
	if (said == P_OK)
		guard_spaces(p);
	else if (said == P_NO)
		p->at = start;
	return said;
}

enum parsed guard_parse_args(struct parser *p, struct sg_str *name, struct operand **args, size_t *n)
{
	SG_VEC(struct operand) list = {0};
	uint32_t start = p->at;
	bool open = guard_name(p, name) && guard_char(p, '(');
	for (bool first = true; open; first = false) {
		uint32_t from = p->at;
		struct operand arg = {0};
		if (!first && !guard_char(p, ','))
			break;
		enum parsed said = parse_arg(p, &arg);
		if (said == P_FAIL)
			return said;
		if (said == P_NO) {
			p->at = from;
			break;
		}
		SG_PUSH(p->scratch, &list, arg);
	}
	if (!open || !guard_char(p, ')')) {
		p->at = start;
		return P_NO;
	}
	*args = guard_kept(p, list.v, list.n * sizeof(*list.v));
	*n = list.n;
	return P_OK;
}

enum parsed guard_parse_call(struct parser *p, struct call **out)
{
	uint32_t start = p->at;
	struct call call = {0};
	struct sg_str name;
	if (!guard_deeper(p))
		return P_FAIL;
	enum parsed said = guard_parse_args(p, &name, &call.args, &call.n);
	p->depth--;
	if (said != P_OK)
		return said;
	call.function = guard_function(name);
	if (!call.function)
		return guard_wrong(p, start, "there is no function %.*s()", SG_FMT(name));
	if (guard_function_arity(call.function) != call.n)
		return guard_wrong(p, start, "%.*s() takes %zu argument%s, not %zu", SG_FMT(name),
				   guard_function_arity(call.function),
				   guard_function_arity(call.function) == 1 ? "" : "s", call.n);
	call.span = guard_span(p, start);
	*out = SG_NEW(p->arena, struct call);
	**out = call;
	return P_OK;
}

enum parsed guard_parse_operand(struct parser *p, struct operand *out)
{
	uint32_t start = p->at;
	struct call *call = NULL;
	struct query *query = NULL;
	out->kind = OPERAND_VALUE;
	enum parsed said = guard_parse_value(p, &out->value);
	if (said != P_NO)
		return said;
	guard_white(p);
	said = guard_parse_call(p, &call);
	out->kind = OPERAND_CALL;
	out->call = call;
	if (said == P_NO) {
		said = guard_parse_query(p, &query);
		out->kind = OPERAND_QUERY;
		out->query = query;
	}
	if (said == P_NO)
		p->at = start;
	return said;
}
