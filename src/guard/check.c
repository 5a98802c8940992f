/*
 * What a rule file must have beyond its grammar: every rule and variable that it names, no rule and no variable that
 * needs itself.  cfn-guard finds these out while evaluating, if it comes there, and overflows its stack on cycles.
 */
#include "guard/guard_priv.h"

#include <stdint.h>

#define MANY_LETS 8

enum { UNSEEN, OPEN, DONE };

/* The variables in sight, innermost first. */
struct frame {
	const struct lets *lets;
	const struct rule *params;
	struct frame *up;
};

struct check {
	struct sg_guard *g;
	struct sg_diags *d;
	struct sg_arena *scratch;
	struct sg_map *rules, *calls;
	struct sg_map *captured; /* names that a filter or [name] captures, anywhere */
	struct sg_map *anywhere; /* all names of lets and parameters */
	bool in_call;            /* the body of a parameterised rule sees its callers' variables, too */
	unsigned in_let;         /* within the value of how many variables */
	bool chained_lets;       /* a variable's value has a variable in it */
	bool chained_rules;      /* a rule names another */
	size_t depth;            /* of a chain of rules or variables */
	size_t nest;             /* of clauses, through all of them */
	bool failed;
};

/* ------------------------------------------------------------------------------------------------ variables */

static bool better(const struct let *a, const struct let *b)
{
	static const int rank[] = {[OPERAND_VALUE] = 2, [OPERAND_CALL] = 1, [OPERAND_QUERY] = 0};
	return rank[a->value.kind] >= rank[b->value.kind];
}

static void index_lets(struct sg_guard *g, struct lets *lets)
{
	if (lets->n <= MANY_LETS)
		return;
	struct sg_map *index = sg_map_new(g->arena);
	for (size_t i = 0; i < lets->n; i++) {
		struct let *known = sg_map_get(index, lets->v[i].name);
		if (!known || better(&lets->v[i], known))
			sg_map_put(index, lets->v[i].name, &lets->v[i]);
	}
	lets->index = index;
}

struct let *guard_let(const struct lets *lets, struct sg_str name)
{
	struct let *found = NULL;
	if (lets->index)
		return sg_map_get(lets->index, name);
	for (size_t i = 0; i < lets->n; i++)
		if (lets->v[i].name.p == name.p && (!found || better(&lets->v[i], found)))
			found = &lets->v[i];
	return found;
}

static void say(struct check *k, struct sg_span span, const char *hint, struct sg_str text)
{
	k->failed = true;
	sg_diag(k->d, SG_ERROR, span, hint, "%.*s", SG_FMT(text));
}

static bool is_param(const struct rule *r, struct sg_str name)
{
	for (size_t i = 0; i < r->n_params; i++)
		if (r->params[i].p == name.p)
			return true;
	return false;
}

static bool known_variable(const struct check *k, const struct frame *f, struct sg_str name)
{
	for (; f; f = f->up)
		if ((f->lets && guard_let(f->lets, name)) || (f->params && is_param(f->params, name)))
			return true;
	return sg_map_get(k->captured, name) || (k->in_call && sg_map_get(k->anywhere, name));
}

/* ------------------------------------------------------------------------------------------------ walking */

/* What is done at each variable, named rule and call of a tree; any may be NULL. */
struct visitor {
	void (*part)(struct check *k, const struct part *p, struct frame *f);
	void (*clause)(struct check *k, struct clause *c, struct frame *f);
	void (*lets)(struct check *k, struct lets *lets, struct frame *f);
};

static void walk_cnf(struct check *k, const struct visitor *v, const struct cnf *c, struct frame *f);
static void walk_operand(struct check *k, const struct visitor *v, const struct operand *o, struct frame *f);

static void walk_query(struct check *k, const struct visitor *v, const struct query *q, struct frame *f)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct part *p = &q->parts[i];
		if (v->part)
			v->part(k, p, f);
		if (p->filter)
			walk_cnf(k, v, p->filter, f);
		if (p->with)
			walk_operand(k, v, p->with, f);
	}
}

static void walk_operand(struct check *k, const struct visitor *v, const struct operand *o, struct frame *f)
{
	if (o->kind == OPERAND_QUERY)
		walk_query(k, v, o->query, f);
	for (size_t i = 0; o->kind == OPERAND_CALL && i < o->call->n; i++)
		walk_operand(k, v, &o->call->args[i], f);
}

static void walk_lets(struct check *k, const struct visitor *v, const struct lets *lets, struct frame *f)
{
	k->in_let++;
	for (size_t i = 0; i < lets->n; i++)
		walk_operand(k, v, &lets->v[i].value, f);
	k->in_let--;
}

static void walk_block(struct check *k, const struct visitor *v, struct block *b, struct frame *f)
{
	struct frame inner = {&b->lets, NULL, f};
	if (v->lets)
		v->lets(k, &b->lets, &inner);
	walk_lets(k, v, &b->lets, &inner);
	walk_cnf(k, v, &b->body, &inner);
}

static void walk_clause(struct check *k, const struct visitor *v, struct clause *c, struct frame *f)
{
	if (++k->nest > GUARD_EVAL_DEPTH && !k->failed)
		say(k, c->span, NULL, SG_LIT("too long a chain of rules ends here"));
	if (v->clause && k->nest <= GUARD_EVAL_DEPTH)
		v->clause(k, c, f);
	if (c->query)
		walk_query(k, v, c->query, f);
	if (c->kind == CLAUSE_ACCESS && c->op < OP_EXISTS)
		walk_operand(k, v, &c->right, f);
	for (size_t i = 0; i < c->n_args; i++)
		walk_operand(k, v, &c->args[i], f);
	if (c->when)
		walk_cnf(k, v, c->when, f);
	walk_block(k, v, &c->block, f);
	k->nest--;
}

static void walk_cnf(struct check *k, const struct visitor *v, const struct cnf *c, struct frame *f)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 0; j < c->v[i].n; j++)
			walk_clause(k, v, c->v[i].v[j], f);
}

static void walk_rule(struct check *k, const struct visitor *v, struct rule *r, struct frame *f)
{
	struct frame params = {NULL, r, f};
	if (r->when)
		walk_cnf(k, v, r->when, &params);
	walk_block(k, v, &r->block, &params);
}

static void walk_file(struct check *k, const struct visitor *v)
{
	struct frame file = {&k->g->lets, NULL, NULL};
	if (v->lets)
		v->lets(k, &k->g->lets, &file);
	walk_lets(k, v, &k->g->lets, &file);
	for (size_t i = 0; i < k->g->n_rules; i++)
		walk_rule(k, v, k->g->rules[i], &file);
	k->in_call = true;
	for (size_t i = 0; i < k->g->n_calls; i++)
		walk_rule(k, v, k->g->calls[i], &file);
	k->in_call = false;
}

/* ------------------------------------------------------------------------------------------------ names */

static void collect_part(struct check *k, const struct part *p, struct frame *f)
{
	(void)f;
	if (guard_captures(p))
		sg_map_put(k->captured, p->name, k);
}

static void collect_lets(struct check *k, struct lets *lets, struct frame *f)
{
	(void)f;
	for (size_t i = 0; i < lets->n; i++)
		sg_map_put(k->anywhere, lets->v[i].name, k);
}

static void enter_lets(struct check *k, struct lets *lets, struct frame *f)
{
	(void)f;
	index_lets(k->g, lets);
}

static void check_part(struct check *k, const struct part *p, struct frame *f)
{
	if (p->kind == PART_VARIABLE && k->in_let)
		k->chained_lets = true;
	if (p->kind == PART_VARIABLE && !known_variable(k, f, p->name))
		say(k, p->span, NULL, sg_strf(k->g->arena, "there is no variable %%%.*s here", SG_FMT(p->name)));
}

static const char *nearest_rule(struct check *k, const struct sg_map *in, struct sg_str name)
{
	for (size_t i = 0; i < sg_map_size(in) && i < 1000; i++)
		if (sg_str_distance(sg_map_key(in, i), name, 2) <= 2)
			return sg_cstr(k->g->arena,
				       sg_strf(k->g->arena, "did you mean %.*s?", SG_FMT(sg_map_key(in, i))));
	return NULL;
}

static void check_clause(struct check *k, struct clause *c, struct frame *f)
{
	(void)f;
	bool call = c->kind == CLAUSE_CALL;
	if (!call && c->kind != CLAUSE_NAMED)
		return;
	k->chained_rules = true;
	const struct sg_map *in = call ? k->calls : k->rules;
	c->rule = sg_map_get(in, c->name);
	if (!c->rule)
		say(k, c->span, nearest_rule(k, in, c->name),
		    sg_strf(k->g->arena, "there is no %srule %.*s", call ? "parameterised " : "", SG_FMT(c->name)));
	else if (call && c->rule->n_params != c->n_args)
		say(k, c->span, NULL,
		    sg_strf(k->g->arena, "rule %.*s takes %zu parameter%s, not %zu", SG_FMT(c->name), c->rule->n_params,
			    c->rule->n_params == 1 ? "" : "s", c->n_args));
}

/* Rules by name; several of one name are a list in the order of the file. */
static void collect_rules(struct check *k)
{
	struct sg_map *last = sg_map_new(k->scratch);
	for (size_t i = 0; i < k->g->n_rules; i++) {
		struct rule *r = k->g->rules[i], *before = sg_map_put(last, r->name, r);
		r->number = i;
		if (before)
			before->same = r;
		else
			sg_map_put(k->rules, r->name, r);
	}
	for (size_t i = 0; i < k->g->n_calls; i++) {
		struct rule *r = k->g->calls[i];
		sg_map_put(k->calls, r->name, r);
		for (size_t j = 0; j < r->n_params; j++)
			sg_map_put(k->anywhere, r->params[j], r);
	}
}

/* ------------------------------------------------------------------------------------------------ cycles */

static void let_cycle(struct check *k, struct let *let, struct frame *f);

static void let_cycle_part(struct check *k, const struct part *p, struct frame *f)
{
	if (p->kind != PART_VARIABLE)
		return;
	for (; f; f = f->up) {
		if (f->params && is_param(f->params, p->name))
			return;
		struct let *let = f->lets ? guard_let(f->lets, p->name) : NULL;
		if (let) {
			let_cycle(k, let, f);
			return;
		}
	}
}

static const struct visitor let_cycles = {.part = let_cycle_part};

/* `f` is where the let stands: its value is looked up from there. */
static void let_cycle(struct check *k, struct let *let, struct frame *f)
{
	if (let->mark == DONE || k->failed)
		return;
	if (let->mark == OPEN || k->depth > k->g->depth) {
		say(k, let->span, NULL,
		    sg_strf(k->g->arena,
			    let->mark == OPEN ? "the variable %.*s needs itself"
					      : "the variable %.*s needs too long a chain of others",
			    SG_FMT(let->name)));
		return;
	}
	let->mark = OPEN;
	k->depth++;
	walk_operand(k, &let_cycles, &let->value, f);
	k->depth--;
	let->mark = DONE;
}

static void check_lets(struct check *k, struct lets *lets, struct frame *f)
{
	for (size_t i = 0; i < lets->n; i++)
		let_cycle(k, &lets->v[i], f);
}

static void rule_cycle(struct check *k, struct rule *r);

static void rule_cycle_clause(struct check *k, struct clause *c, struct frame *f)
{
	(void)f;
	for (struct rule *r = c->rule; r; r = r->same)
		rule_cycle(k, r);
}

static const struct visitor rule_cycles = {.clause = rule_cycle_clause};

static void rule_cycle(struct check *k, struct rule *r)
{
	if (r->mark == DONE || k->failed)
		return;
	if (r->mark == OPEN || k->depth > k->g->depth) {
		say(k, r->span, NULL,
		    sg_strf(k->g->arena,
			    r->mark == OPEN ? "the rule %.*s needs itself"
					    : "the rule %.*s needs too long a chain of others",
			    SG_FMT(r->name)));
		return;
	}
	r->mark = OPEN;
	k->depth++;
	walk_rule(k, &rule_cycles, r, NULL);
	k->depth--;
	r->mark = DONE;
}

bool guard_check(struct sg_guard *g, struct sg_diags *d, struct sg_arena *scratch)
{
	static const struct visitor collect = {.part = collect_part, .lets = collect_lets};
	static const struct visitor names = {.part = check_part, .clause = check_clause, .lets = enter_lets};
	static const struct visitor lets = {.lets = check_lets};
	struct check k = {.g = g, .d = d, .scratch = scratch};
	k.rules = sg_map_new(scratch);
	k.calls = sg_map_new(scratch);
	k.captured = sg_map_new(scratch);
	k.anywhere = sg_map_new(scratch);
	collect_rules(&k);
	if (g->captures || g->n_calls)
		walk_file(&k, &collect);
	walk_file(&k, &names);
	if (!k.failed && k.chained_lets)
		walk_file(&k, &lets);
	for (size_t i = 0; !k.failed && k.chained_rules && i < g->n_rules; i++)
		rule_cycle(&k, g->rules[i]);
	for (size_t i = 0; !k.failed && k.chained_rules && i < g->n_calls; i++)
		rule_cycle(&k, g->calls[i]);
	return !k.failed;
}
