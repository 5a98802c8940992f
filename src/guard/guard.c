/*
 * The room's door: loading a rule file, running it over a document, and making what was noted on the way into what a
 * reader can use.
 */
#include "guard/guard_priv.h"

#include <string.h>

const struct sg_guard_limits sg_guard_limits_default = {
	.bytes = (size_t)16 << 20,
	.depth = 400,
	.steps = 100000000,
	.memory = (size_t)512 << 20,
	.match = 1000000,
};

static struct sg_guard_limits with_defaults(const struct sg_guard_limits *limits)
{
	struct sg_guard_limits l = sg_guard_limits_default;
	if (!limits)
		return l;
	l.bytes = limits->bytes ? limits->bytes : l.bytes;
	l.depth = limits->depth ? limits->depth : l.depth;
	l.steps = limits->steps ? limits->steps : l.steps;
	l.memory = limits->memory ? limits->memory : l.memory;
	l.match = limits->match ? limits->match : l.match;
	return l;
}

/* ------------------------------------------------------------------------------------------------ loading */

static bool readable(struct sg_diags *d, uint32_t source, struct sg_str text, size_t max)
{
	size_t bad = sg_utf8_invalid_at(text);
	if (text.n > max) {
		sg_diag(d, SG_ERROR, (struct sg_span){source, 0, 0}, NULL, "the rule file is larger than %zu bytes",
			max);
		return false;
	}
	if (bad != SIZE_MAX) {
		sg_diag(d, SG_ERROR, (struct sg_span){source, (uint32_t)bad, (uint32_t)bad + 1},
			"save the file as UTF-8", "this is not UTF-8");
		return false;
	}
	return true;
}

static bool parse(struct sg_guard *g, struct sg_diags *d, struct sg_str text, struct sg_arena *scratch)
{
	struct parser p = {.arena = g->arena,
			   .scratch = scratch,
			   .diags = d,
			   .text = text,
			   .source = g->source,
			   .max_depth = g->depth,
			   .names = sg_map_new(scratch),
			   .regexes = g->regexes};
	if (sg_str_starts(text, "\xef\xbb\xbf"))
		p.at = 3;
	bool good = guard_parse_file(&p, g);
	g->captures = p.captures;
	if (p.pragmas) {
		g->view = guard_find_view(text);
		g->strict = guard_find_strict(text);
	}
	return good;
}

struct sg_guard *sg_guard_load(struct sg_arena *a, struct sg_diags *d, uint32_t source,
			       const struct sg_guard_limits *limits)
{
	struct sg_guard_limits l = with_defaults(limits);
	struct sg_str text = sg_source_text(sg_diags_sources(d), source);
	if (!readable(d, source, text, l.bytes))
		return NULL;
	struct sg_guard *g = SG_NEW(a, struct sg_guard);
	g->arena = a;
	g->source = source;
	g->depth = l.depth;
	g->regexes = guard_regexes_new(a);
	g->text = text;
	struct sg_arena *scratch = sg_arena_new();
	bool good = parse(g, d, text, scratch) && guard_check(g, d, scratch);
	sg_arena_free(scratch);
	if (good)
		return g;
	sg_guard_free(g);
	return NULL;
}

void sg_guard_free(struct sg_guard *g)
{
	if (g)
		guard_regexes_free(g->regexes);
}

enum sg_guard_view sg_guard_view(const struct sg_guard *g)
{
	return g->view;
}

bool sg_guard_is_strict(const struct sg_guard *g)
{
	return g->strict;
}

size_t sg_guard_rules(const struct sg_guard *g)
{
	return g->n_rules;
}

struct sg_str sg_guard_rule_name(const struct sg_guard *g, size_t i)
{
	return g->rules[i]->name;
}

struct sg_span sg_guard_rule_span(const struct sg_guard *g, size_t i)
{
	return g->rules[i]->span;
}

bool sg_guard_rule_asks(const struct sg_guard *g, size_t i, struct sg_str type)
{
	const struct cnf *body = &g->rules[i]->block.body;
	for (size_t k = 0; k < body->n; k++)
		for (size_t n = 0; n < body->v[k].n; n++)
			if (body->v[k].v[n]->kind == CLAUSE_TYPE && sg_str_eq(body->v[k].v[n]->name, type))
				return true;
	return false;
}

const char *sg_guard_status_name(enum sg_guard_status s)
{
	static const char *const names[] = {"SKIP", "PASS", "UNKNOWN", "FAIL", "ERROR"};
	return names[s];
}

/* ------------------------------------------------------------------------------------------------ bounds, errors */

static void set_error(struct eval *e, struct sg_span span, const char *fmt, va_list ap)
{
	struct sg_buf b = {0};
	sg_buf_vaddf(&b, fmt, ap);
	e->error = sg_buf_take(&b, e->arena);
	e->error_span = span;
}

enum st guard_error(struct eval *e, struct sg_span span, const char *fmt, ...)
{
	va_list ap;
	if (e->error.n)
		return ST_ERROR;
	va_start(ap, fmt);
	set_error(e, span, fmt, ap);
	va_end(ap);
	return ST_ERROR;
}

enum st guard_uneval(struct eval *e, struct sg_span span, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct sg_buf b = {0};
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	e->uneval = sg_buf_take(&b, e->arena);
	e->uneval_span = span;
	return ST_UNEVAL;
}

bool guard_step(struct eval *e, struct sg_span span)
{
	if (e->steps && (e->steps & 0xff || sg_arena_used(e->arena) < e->limits.memory)) {
		e->steps--;
		return true;
	}
	guard_error(e, span, "the rules take too %s on this document", e->steps ? "much memory" : "long");
	return false;
}

bool guard_enter(struct eval *e, struct sg_span span)
{
	if (e->depth++ < GUARD_EVAL_DEPTH)
		return true;
	e->depth--;
	guard_error(e, span, "the rules go too deep here");
	return false;
}

void guard_note(struct eval *e, const struct note *n)
{
	if (!e->quiet && e->notes.n < GUARD_NOTES)
		SG_PUSH(e->arena, &e->notes, *n);
}

/* ------------------------------------------------------------------------------------------------ reasons */

static void add_part(struct sg_buf *out, const struct part *p, bool first)
{
	switch (p->kind) {
	case PART_THIS:
		sg_buf_adds(out, "this");
		break;
	case PART_INDEX:
		sg_buf_addf(out, "[%lld]", (long long)p->index);
		break;
	case PART_ALL_VALUES:
		sg_buf_adds(out, first ? "*" : ".*");
		break;
	case PART_ALL_INDICES:
		sg_buf_adds(out, "[*]");
		break;
	case PART_FILTER:
	case PART_KEYS:
		sg_buf_adds(out, "[…]");
		break;
	default:
		sg_buf_addf(out, "%s%s%.*s", first ? "" : ".", p->kind == PART_VARIABLE ? "%" : "", SG_FMT(p->name));
	}
}

static void add_query(struct sg_buf *out, const struct query *q, size_t from)
{
	size_t start = out->n;
	for (size_t i = from; i < q->n; i++) {
		bool implied = i == 1 && q->parts[0].kind == PART_VARIABLE && q->parts[1].kind == PART_ALL_INDICES &&
			       q->parts[1].span.end == q->parts[0].span.end;
		if (!implied)
			add_part(out, &q->parts[i], out->n == start);
	}
}

static const char *operator_text(const struct clause *c)
{
	static const char *const plain[] = {
		"is not",       "is not in",        "is not greater than", "is not less than", "is greater than",
		"is less than", "does not exist",   "is not empty",        "is not a string",  "is not a list",
		"is not a map", "is not a Boolean", "is not an integer",   "is not a float",   "is not null"};
	static const char *const negated[] = {
		"is",          "is in",        "is greater than", "is less than", "is at most",
		"is at least", "exists",       "is empty",        "is a string",  "is a list",
		"is a map",    "is a Boolean", "is an integer",   "is a float",   "is null"};
	return c->op_not != c->negated ? negated[c->op] : plain[c->op];
}

/* What the right side is: the value that was met, else as the rule has it. */
static void add_right(struct sg_buf *out, const struct clause *c, const struct gv *right)
{
	if (right)
		guard_describe(out, right);
	else if (c->right.kind == OPERAND_VALUE && c->right.value)
		guard_describe(out, c->right.value);
	else if (c->right.kind == OPERAND_QUERY)
		add_query(out, c->right.query, 0);
	else
		sg_buf_adds(out, "what the function gives");
}

static void add_reason(struct sg_buf *out, const struct note *n)
{
	const struct clause *c = n->clause;
	if (n->missing) {
		add_query(out, n->missing, n->part);
		sg_buf_adds(out, " is missing");
		return;
	}
	if (!c) {
		sg_buf_adds(out, n->text);
		return;
	}
	if (c->kind == CLAUSE_NAMED || c->kind == CLAUSE_CALL)
		sg_buf_addf(out, "the rule %.*s %s", SG_FMT(c->name), n->text);
	else if (c->kind != CLAUSE_ACCESS)
		sg_buf_addf(out, "this %s", n->text ? n->text : "fails");
	else {
		add_query(out, c->query, 0);
		sg_buf_adds(out, ", ");
		if (n->at && (!n->text || n->right))
			guard_describe(out, n->at);
		else
			sg_buf_adds(out, "which");
		sg_buf_addf(out, ", %s", n->text ? n->text : operator_text(c));
		if (n->right || (!n->text && c->op < OP_EXISTS)) {
			sg_buf_addc(out, ' ');
			add_right(out, c, n->right);
		}
	}
}

/* The nearest value of the document: what a rule makes itself has no place. */
static const struct sg_node *place(const struct gv *v)
{
	while (v && !v->node)
		v = v->up;
	return v ? v->node : NULL;
}

static struct sg_str missing_path(struct sg_arena *a, struct sg_str path, const struct note *n)
{
	for (size_t i = n->part; n->missing && i < n->missing->n; i++) {
		const struct part *p = &n->missing->parts[i];
		if (p->kind != PART_KEY)
			break;
		path = sg_pointer_add(a, path, p->name);
	}
	return path;
}

static struct sg_str spelt(struct sg_arena *a, const struct gv *v)
{
	struct sg_buf text = {0};
	if (v->kind == GV_STRING)
		sg_buf_addf(&text, "'%.*s'", SG_FMT(v->text));
	else if (v->kind == GV_FLOAT)
		sg_buf_addf(&text, "%.15g", v->number);
	else
		guard_describe(&text, v);
	return sg_buf_take(&text, a);
}

static const struct sg_node *key_of(const struct gv *v)
{
	const struct gv *map = v->up && v->up->kind == GV_MAP ? v->up : NULL;
	for (uint32_t i = 0; map && i < map->n; i++)
		if (sg_str_eq(map->members[i].key, v->key))
			return map->members[i].key_node;
	return NULL;
}

/* What messages of the strict mode may name. */
static void add_details(struct sg_arena *a, const struct note *n, struct sg_guard_fail *f)
{
	const struct gv *limit = n->right;
	if (!limit && n->clause && n->clause->kind == CLAUSE_ACCESS && n->clause->op < OP_EXISTS)
		limit = n->clause->right.kind == OPERAND_VALUE ? n->clause->right.value : NULL;
	f->open = n->open;
	f->missing = n->missing != NULL;
	if (limit)
		f->limit = spelt(a, limit);
	if (!n->at)
		return;
	f->value = spelt(a, n->at);
	f->key = n->at->key;
	f->key_node = key_of(n->at);
	if (n->at->kind == GV_UNKNOWN) {
		struct sg_guard_seen *seen = SG_NEW(a, struct sg_guard_seen);
		*seen = *n->at->seen;
		f->seen = seen;
	}
}

static struct sg_guard_fail make_fail(struct sg_arena *a, const struct rule *r, const struct note *n, bool strict)
{
	struct sg_guard_fail f = {.rule_span = n->clause ? n->clause->span : r->span};
	struct sg_buf reason = {0};
	f.node = place(n->at);
	f.path = missing_path(a, guard_path(a, n->at), n);
	f.resource = sg_str_dup(a, guard_resource(n->at));
	if (n->clause)
		f.message = n->clause->message;
	add_reason(&reason, n);
	f.reason = sg_buf_take(&reason, a);
	if (strict)
		add_details(a, n, &f);
	return f;
}

/* ------------------------------------------------------------------------------------------------ running */

static void set_outcome(struct sg_arena *a, struct eval *e, const struct rule *r, enum st st,
			struct sg_guard_outcome *out)
{
	static const enum sg_guard_status statuses[] = {
		[ST_PASS] = SG_GUARD_PASS,   [ST_FAIL] = SG_GUARD_FAIL,       [ST_SKIP] = SG_GUARD_SKIP,
		[ST_EITHER] = SG_GUARD_PASS, [ST_UNKNOWN] = SG_GUARD_UNKNOWN,
	};
	out->status = statuses[st];
	if (st != ST_FAIL && st != ST_UNKNOWN)
		return;
	if (!e->notes.n)
		guard_note(e, &(struct note){.at = e->root.root, .text = "the rule fails", .open = st == ST_UNKNOWN});
	struct sg_guard_fail *fails = SG_NEW_ARRAY(a, e->notes.n, struct sg_guard_fail);
	for (size_t i = 0; i < e->notes.n; i++)
		fails[i] = make_fail(a, r, &e->notes.v[i], e->world != NULL);
	out->fails = fails;
	out->n_fails = e->notes.n;
}

static void stop(struct sg_arena *a, const struct eval *e, enum st st, const struct rule *r, struct sg_guard_run *run)
{
	run->status = SG_GUARD_ERROR;
	run->error = sg_str_dup(a, st == ST_ERROR ? e->error : e->uneval);
	run->error_span = st == ST_ERROR ? e->error_span : e->uneval_span;
	if (!run->error_span.source)
		run->error_span = r->span;
}

static void prepare(struct eval *e, struct sg_arena *scratch, const struct sg_guard *g, const struct gv *root,
		    const struct sg_guard_options *options)
{
	*e = (struct eval){.arena = scratch, .g = g, .options = options};
	e->limits = with_defaults(options->limits);
	e->limits.memory += sg_arena_used(scratch);
	e->steps = e->limits.steps;
	e->root = (struct scope){.kind = SCOPE_ROOT, .root = root, .lets = &g->lets};
	for (size_t i = 0; i < 2; i++)
		e->named[i] = SG_NEW_ARRAY(e->arena, g->n_rules + 1, enum st);
}

struct sg_guard_run sg_guard_run(struct sg_arena *a, const struct sg_guard *g, const struct sg_guard_doc *doc,
				 const struct sg_guard_options *options)
{
	static const struct sg_guard_options none;
	struct sg_guard_outcome *outcomes = SG_NEW_ARRAY(a, g->n_rules + 1, struct sg_guard_outcome);
	struct sg_guard_run run = {.status = SG_GUARD_SKIP, .rules = outcomes};
	struct eval e;
	prepare(&e, sg_arena_new(), g, doc->root, options ? options : &none);
	for (size_t i = 0; i < g->n_rules && run.status != SG_GUARD_ERROR; i++) {
		e.notes.n = 0;
		enum st st = guard_rule(&e, g->rules[i], &e.root, ROLE_CLAIM);
		if (e.error.n)
			st = ST_ERROR;
		if (st_bad(st)) {
			stop(a, &e, st, g->rules[i], &run);
			continue;
		}
		set_outcome(a, &e, g->rules[i], st, &outcomes[i]);
		if (outcomes[i].status > run.status)
			run.status = outcomes[i].status;
	}
	sg_arena_free(e.arena);
	return run;
}

/* ------------------------------------------------------------------------------------------------ strict mode */

/* {name: node}, the node to be asked for */
static struct gv *map_of(struct eval *e, struct sg_str name)
{
	struct gv *map = SG_NEW(e->arena, struct gv);
	struct gv_member *member = SG_NEW(e->arena, struct gv_member);
	member->key = name;
	map->kind = GV_MAP;
	map->n = 1;
	map->members = member;
	return map;
}

static const struct gv *document_of(struct eval *e, struct sg_str name, const struct sg_node *node)
{
	static const struct sg_str resources = SG_LIT("Resources");
	struct gv *root = map_of(e, resources), *all = map_of(e, name);
	all->up = root;
	all->key = resources;
	((struct gv_member *)(uintptr_t)root->members)->value = all;
	((struct gv_member *)(uintptr_t)all->members)->value = guard_later(e, node, all, name, 0);
	return root;
}

struct sg_guard_outcome sg_guard_judge(struct sg_arena *a, struct sg_arena *scratch, const struct sg_guard *g,
				       size_t rule, struct sg_str name, const struct sg_node *node,
				       const struct sg_guard_world *world, struct sg_str *error)
{
	static const struct sg_guard_options none;
	struct sg_guard_outcome out = {.status = SG_GUARD_ERROR};
	struct eval e;
	prepare(&e, scratch, g, NULL, &none);
	e.world = world;
	e.root.root = document_of(&e, name, node);
	enum st st = guard_rule(&e, g->rules[rule], &e.root, ROLE_CLAIM);
	if (e.error.n || st_bad(st))
		*error = sg_str_dup(a, e.error.n ? e.error : e.uneval);
	else
		set_outcome(a, &e, g->rules[rule], st, &out);
	return out;
}
