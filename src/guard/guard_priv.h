/* What the files of guard/ share: values, the tree of a rule file, the state of an evaluation. */
#ifndef SG_GUARD_PRIV_H
#define SG_GUARD_PRIV_H

#include "guard/guard.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- values */

enum gv_kind {
	GV_NULL,
	GV_BOOL,
	GV_INT,
	GV_FLOAT,
	GV_STRING,
	GV_CHAR,
	GV_REGEX,
	GV_RANGE_INT,
	GV_RANGE_FLOAT,
	GV_RANGE_CHAR,
	GV_LIST,
	GV_MAP,
	/* of a document that is looked at in strict mode */
	GV_LATER,   /* not looked at yet: strict.c opens it */
	GV_UNKNOWN, /* nobody can know it */
};

struct guard_regex;
struct gv_later;
struct gv;

struct gv_member {
	struct sg_str key;
	const struct sg_node *key_node; /* NULL in a literal */
	const struct gv *value;
};

struct gv_range {
	double low, high; /* GV_RANGE_FLOAT */
	int64_t from, to; /* GV_RANGE_INT, GV_RANGE_CHAR */
	bool with_low, with_high;
};

/* A value of a document or a rule.  `up` and `key` or `index` are its way from the root. */
struct gv {
	enum gv_kind kind;
	uint32_t n; /* of items or members */
	union {
		bool boolean;
		int64_t integer; /* GV_CHAR too */
		double number;
		struct sg_str text;
		const struct gv **items;
		const struct gv_member *members;
		const struct gv_range *range;
		struct guard_regex *regex;
		struct gv_later *later;
		const struct sg_guard_seen *seen; /* GV_UNKNOWN */
	};
	const struct sg_node *node; /* NULL in a rule */
	const struct gv *up;
	struct sg_str key;    /* in a map */
	uint32_t position;    /* in a list */
	struct sg_map *index; /* of a large map: key to member */
};

struct sg_guard_doc {
	const struct gv *root;
	enum sg_guard_reading reading;
};

/* doc.c */
/* A value that was made from another one's text: its place, and that of all within it, is the other's. */
/* A scalar as SAM and CloudFormation read it. */
void guard_set_scalar(struct gv *v, const struct sg_node *n);
const struct gv *guard_value_of_text(struct sg_arena *a, const struct sg_node *n, const struct gv *origin);
const struct gv *guard_get(const struct gv *map, struct sg_str key);                  /* NULL where absent */
struct gv *guard_new(struct sg_arena *a, enum gv_kind kind, const struct gv *origin); /* its place is origin's */
void guard_describe(struct sg_buf *out, const struct gv *v);
/* JSON pointer, and the key behind /Resources. */
struct sg_str guard_path(struct sg_arena *a, const struct gv *v);
struct sg_str guard_resource(const struct gv *v);

/* ---------------------------------------------------------------------------------------------- rule files */

enum guard_op {
	OP_EQ,
	OP_IN,
	OP_GT,
	OP_LT,
	OP_LE,
	OP_GE, /* those before have a right side */
	OP_EXISTS,
	OP_EMPTY,
	OP_IS_STRING,
	OP_IS_LIST,
	OP_IS_MAP,
	OP_IS_BOOL,
	OP_IS_INT,
	OP_IS_FLOAT,
	OP_IS_NULL,
};

enum part_kind {
	PART_THIS,
	PART_KEY,
	PART_VARIABLE, /* %name: at the start its values, later the keys that its values are */
	PART_INDEX,
	PART_ALL_VALUES,
	PART_ALL_INDICES,
	PART_FILTER,
	PART_KEYS, /* [ keys == … ] */
};

#define GUARD_CASES 7

/* Names of variables are interned per file: equal names have equal `p`. */
struct part {
	enum part_kind kind;
	bool numeric;       /* a key that spells an integer is an index */
	struct sg_str name; /* key, variable, or what captures the key (`p` NULL: nothing does) */
	int64_t index;
	struct cnf *filter;
	enum guard_op op; /* PART_KEYS: OP_EQ or OP_IN */
	bool op_not;
	struct operand *with;
	struct sg_str *cases; /* the key in other cases, made when first needed */
	struct sg_span span;
};

static inline bool guard_captures(const struct part *p)
{
	return p->name.p && (p->kind == PART_ALL_VALUES || p->kind == PART_ALL_INDICES || p->kind == PART_FILTER ||
			     p->kind == PART_KEYS);
}

struct query {
	bool some; /* one match is enough */
	struct part *parts;
	size_t n;
	struct sg_span span;
};

enum operand_kind { OPERAND_VALUE, OPERAND_QUERY, OPERAND_CALL };

struct operand {
	enum operand_kind kind;
	const struct gv *value;
	const struct query *query;
	const struct call *call;
};

struct call {
	const struct guard_function *function;
	struct operand *args;
	size_t n;
	struct sg_span span;
};

struct let {
	struct sg_str name;
	struct operand value;
	struct sg_span span; /* of the name */
	uint8_t mark;        /* check.c's */
};

/* An AND of ORs. */
struct cnf {
	struct disjunction {
		struct clause **v;
		size_t n;
	} * v;
	size_t n;
};

/* Variables of one scope.  Of several with one name a literal counts before a call, a call before a query, then the
 * last. */
struct lets {
	struct let *v;
	size_t n, cap;
	struct sg_map *index; /* of many; made by check.c */
};

struct block {
	struct lets lets;
	struct cnf body;
};

enum clause_kind { CLAUSE_ACCESS, CLAUSE_NAMED, CLAUSE_CALL, CLAUSE_BLOCK, CLAUSE_WHEN, CLAUSE_TYPE };

struct clause {
	enum clause_kind kind;
	bool negated;         /* a `not` in front */
	bool op_not;          /* of the operator itself */
	bool not_empty;       /* CLAUSE_BLOCK: `query !empty { … }` */
	enum guard_op op;     /* CLAUSE_ACCESS */
	struct query *query;  /* CLAUSE_ACCESS, _BLOCK, _TYPE */
	struct operand right; /* CLAUSE_ACCESS with such an operator */
	struct sg_str name;   /* CLAUSE_NAMED, _CALL: the rule; _TYPE: the type */
	struct rule *rule;    /* set by check.c; NAMED: the first of its name */
	struct operand *args; /* CLAUSE_CALL */
	size_t n_args;
	struct cnf *when; /* CLAUSE_WHEN, _TYPE (may be NULL) */
	struct block block;
	struct sg_str message;
	struct sg_span span;
};

struct rule {
	struct sg_str name;
	struct sg_span span; /* of the name */
	struct cnf *when;    /* NULL: always */
	struct block block;
	struct sg_str *params; /* of a parameterised rule */
	size_t n_params;
	struct rule *same; /* the next one of this name */
	size_t number;     /* among the plain rules */
	uint8_t mark;      /* check.c's */
};

struct sg_guard {
	struct sg_arena *arena;
	uint32_t source;
	struct sg_str text;
	struct lets lets;
	struct rule **rules, **calls; /* plain and parameterised */
	size_t n_rules, n_calls;
	struct guard_regexes *regexes;
	enum sg_guard_view view;
	bool strict;
	bool captures; /* some query may capture keys */
	size_t depth;
};

/* page.c: pragmas */
#define GUARD_PRAGMA "# sandboxgen: "
enum sg_guard_view guard_find_view(struct sg_str text);
bool guard_find_strict(struct sg_str text);

/* ---------------------------------------------------------------------------------------------- parsing */

/* What a parsing function says: it read something; it did not and nothing was consumed; the file is wrong. */
enum parsed { P_OK, P_NO, P_FAIL };

struct memo {
	uint32_t at, end; /* at: offset + 1 */
	enum parsed said;
	struct query *query;
};

#define FIRST_NAMES 24

struct parser {
	struct sg_arena *arena, *scratch; /* what stays; what is needed while parsing */
	struct sg_diags *diags;
	struct sg_str text;
	uint32_t source;
	uint32_t at;
	size_t depth, max_depth;
	/* the place that was reached furthest, and what makes the file wrong, for the one error that is said */
	uint32_t far;
	struct sg_str why;
	struct sg_span why_span;
	struct sg_str regex_why; /* of the last regular expression that could not be compiled */
	struct sg_span regex_span;
	struct sg_map *names; /* behind the first ones */
	struct sg_str first[FIRST_NAMES];
	size_t n_first;
	/* the name and the white space that were read last: readings are tried one after the other at one place */
	uint32_t name_at, name_end, white_at, white_end;
	struct sg_str name;
	bool pragmas, captures; /* a comment may be one; some query does */
	struct guard_regexes *regexes;
	struct parts {
		struct part *v;
		size_t n, cap;
	} parts;           /* of the queries being read, as a stack */
	struct memo *memo; /* of queries by their offset: each is read once whatever it turns out to be part of */
	size_t memo_n, memo_cap;
};

/* lexer.c: each moves p->at past what it read, or leaves it alone */
bool guard_skip_white(struct parser *p);                 /* was there any? */
bool guard_whole_word(struct parser *p, uint32_t start); /* whether no more of a name follows; else back to `start` */

/* The next byte, or -1. */
static inline int guard_peek(const struct parser *p)
{
	return p->at < p->text.n ? (unsigned char)p->text.p[p->at] : -1;
}

static inline void guard_advance(struct parser *p, size_t n)
{
	p->at += (uint32_t)n;
	if (p->at > p->far)
		p->far = p->at;
}

/* Most words are not there, which their first byte says already. */
static inline bool guard_tag(struct parser *p, const char *word)
{
	if (guard_peek(p) != (unsigned char)*word)
		return false;
	size_t n = strlen(word);
	if (p->text.n - p->at < n || memcmp(p->text.p + p->at, word, n) != 0)
		return false;
	guard_advance(p, n);
	return true;
}

static inline bool guard_either(struct parser *p, const char *lower, const char *upper)
{
	return guard_tag(p, lower) || guard_tag(p, upper);
}

/* Not followed by more of a name. */
static inline bool guard_keyword(struct parser *p, const char *word)
{
	uint32_t start = p->at;
	return guard_tag(p, word) && guard_whole_word(p, start);
}

static inline bool guard_char(struct parser *p, char c)
{
	if (guard_peek(p) != (unsigned char)c)
		return false;
	guard_advance(p, 1);
	return true;
}

static inline bool guard_white1(struct parser *p)
{
	int c = guard_peek(p);
	return c >= 0 && (c <= ' ' || c == '#') && guard_skip_white(p);
}

static inline void guard_white(struct parser *p)
{
	guard_white1(p);
}

struct sg_span guard_span(const struct parser *p, uint32_t from);
bool guard_white_char(struct parser *p, char c);       /* behind white space and comments */
void guard_blanks(struct parser *p);                   /* spaces and tabs */
void guard_spaces(struct parser *p);                   /* line breaks too, no comments */
bool guard_name(struct parser *p, struct sg_str *out); /* interned */
bool guard_not(struct parser *p);
bool guard_integer(struct parser *p, int64_t *out);
bool guard_float(struct parser *p, double *out);
enum parsed guard_string(struct parser *p, struct sg_str *out);
enum parsed guard_message(struct parser *p, struct sg_str *out);
bool guard_alnum_at(const struct parser *p, size_t *n); /* is a letter or digit next, and its bytes */
struct sg_str guard_intern(struct parser *p, struct sg_str name);
enum parsed guard_wrong(struct parser *p, uint32_t from, const char *fmt, ...) SG_PRINTF(3, 4); /* P_FAIL */
void *guard_kept(struct parser *p, const void *v, size_t bytes); /* a copy that stays; NULL of nothing */
bool guard_deeper(struct parser *p); /* false where that is too deep; else p->depth-- is the caller's */

/* values.c, parse_query.c, parse_clause.c, parser.c */
enum parsed guard_parse_value(struct parser *p, const struct gv **out);
enum parsed guard_parse_query(struct parser *p, struct query **out);
enum parsed guard_parse_call(struct parser *p, struct call **out);
enum parsed guard_parse_operand(struct parser *p, struct operand *out); /* value, call or query */
enum parsed guard_parse_args(struct parser *p, struct sg_str *name, struct operand **args, size_t *n);
typedef enum parsed guard_clause_parser(struct parser *p, struct clause **out);
guard_clause_parser guard_parse_clause, guard_parse_condition, guard_parse_named, guard_parse_when_clause,
	guard_parse_named_too, guard_parse_rule_clause, guard_parse_type;
enum parsed guard_parse_or(struct parser *p, guard_clause_parser *one, struct disjunction *out);
enum parsed guard_parse_cnf(struct parser *p, guard_clause_parser *one, struct cnf *out);
enum parsed guard_parse_when(struct parser *p, struct cnf **out);
enum parsed guard_parse_block(struct parser *p, guard_clause_parser *one, struct block *out);
enum parsed guard_parse_let(struct parser *p, struct let *out);
bool guard_or(struct parser *p);
bool guard_parse_file(struct parser *p, struct sg_guard *g);

/* check.c: names and cycles; false with errors */
bool guard_check(struct sg_guard *g, struct sg_diags *d, struct sg_arena *scratch);
struct let *guard_let(const struct lets *lets, struct sg_str name); /* NULL where there is none */

/* ---------------------------------------------------------------------------------------------- regular expressions */

struct guard_regexes *guard_regexes_new(struct sg_arena *a);
void guard_regexes_free(struct guard_regexes *r);
/* The compiled one, shared by equal patterns; NULL with the reason. */
struct guard_regex *guard_regex(struct guard_regexes *r, struct sg_str pattern, struct sg_str *why);
struct sg_str guard_regex_pattern(const struct guard_regex *r);
/* 1, 0, or -1 past the match limit. */
int guard_regex_search(struct guard_regex *r, struct sg_str text, uint32_t limit);
/* In upper or lower case. */
struct sg_str guard_case(struct sg_arena *a, struct sg_str text, bool upper);
/* All matches' expansions of `with`, one behind the other; false past a limit. */
bool guard_regex_expand(struct guard_regex *r, struct sg_str text, struct sg_str with, uint32_t limit,
			struct sg_buf *out);
bool guard_is_alnum(uint32_t cp); /* Unicode letters and numbers */

/* cases.c: `key` in camel, class, kebab, pascal, snake, title and train case, in this order */
void guard_cases(struct sg_arena *a, struct sg_str key, struct sg_str out[GUARD_CASES]);

/* ---------------------------------------------------------------------------------------------- evaluation */

/* What evaluating anything says.  UNKNOWN: something that nobody can know decides it (strict mode alone).  UNEVAL: a
 * test that cannot be asked of this value; in an assertion that is a failure, a condition passes it on.  ERROR: the
 * evaluation ends. */
/* EITHER: it passes or it does not apply, nobody can know which; it does not fail (strict mode). */
enum st { ST_PASS, ST_FAIL, ST_SKIP, ST_EITHER, ST_UNKNOWN, ST_UNEVAL, ST_ERROR };

static inline bool st_bad(enum st s)
{
	return s >= ST_UNEVAL;
}

/* A clause of a rule's body claims; one of a `when` or a filter chooses. */
enum role { ROLE_CLAIM, ROLE_GATE };

/* R_UNKNOWN: whether there is a value here, or which, nobody can know; `v` is what decides it. */
enum result_kind { R_VALUE, R_LITERAL, R_MISSING, R_UNKNOWN };

struct result {
	enum result_kind kind;
	uint32_t part;             /* R_MISSING: where the query stopped */
	const struct gv *v;        /* R_MISSING: how far it came */
	const struct query *query; /* R_MISSING */
};

struct results {
	struct result *v;
	size_t n, cap;
};

enum scope_kind { SCOPE_ROOT, SCOPE_BLOCK, SCOPE_VALUE, SCOPE_PARAMS };

struct scope {
	enum scope_kind kind;
	struct scope *up; /* NULL for the root */
	const struct gv *root;
	const struct lets *lets;     /* ROOT, BLOCK */
	struct results **values;     /* BLOCK: of lets, once resolved; PARAMS: of the parameters */
	const struct sg_str *params; /* PARAMS */
	size_t n_params;
};

/* A failure as it is noted while evaluating. */
struct note {
	const struct clause *clause;
	const struct gv *at;
	const struct query *missing; /* NULL: nothing is */
	uint32_t part;
	const struct gv *right;
	const char *text; /* or a fixed reason */
	bool open;        /* no failure: nobody can know */
};

/* How the values of a clause or a block came out. */
struct tally {
	size_t passed, failed, open, either;
};

struct eval {
	struct sg_arena *arena; /* of intermediate results */
	const struct sg_guard *g;
	const struct sg_guard_options *options;
	struct sg_guard_limits limits;
	uint64_t steps;
	size_t depth;
	size_t captured; /* keys, so far */
	struct scope root;
	struct sg_map *resolved;            /* variables of the file and captured keys: name to struct results */
	enum st *named[2];                  /* status of named rules by role and number, plus 1; 0: not known yet */
	unsigned quiet;                     /* failures are not noted */
	const struct sg_guard_world *world; /* strict mode; else NULL */
	SG_VEC(struct note) notes;
	struct sg_str error, uneval;
	struct sg_span error_span, uneval_span;
};

#define GUARD_NOTES 1000
#define GUARD_EVAL_DEPTH 3000 /* of the evaluator's own recursion */

bool guard_enter(struct eval *e,
		 struct sg_span span); /* false where that is too deep; else e->depth-- is the caller's */

/* The end of the evaluation: ST_ERROR.  The first one stands. */
enum st guard_error(struct eval *e, struct sg_span span, const char *fmt, ...) SG_PRINTF(3, 4);
enum st guard_uneval(struct eval *e, struct sg_span span, const char *fmt, ...) SG_PRINTF(3, 4);
bool guard_step(struct eval *e, struct sg_span span); /* false past a limit, with an error */
void guard_note(struct eval *e, const struct note *n);

/* query.c */
enum st guard_query(struct eval *e, const struct query *q, struct scope *s, struct results *out);
enum st guard_variable(struct eval *e, struct sg_str name, struct scope *s, struct sg_span span, struct results *out);
enum st guard_operand(struct eval *e, const struct operand *o, struct scope *s, struct results *out);
void guard_capture(struct eval *e, struct sg_str name, const struct gv *key);
/* The scope whose variables and root a query of `s` uses. */
struct scope guard_block_scope(const struct block *b, struct scope *up);
struct scope guard_value_scope(const struct gv *root, struct scope *up);

/* functions.c */
struct guard_function;
const struct guard_function *guard_function(struct sg_str name); /* NULL where there is none */
size_t guard_function_arity(const struct guard_function *f);
enum st guard_call(struct eval *e, const struct call *c, struct scope *s, struct results *out);

/* compare.c */
enum equal { EQ_NO, EQ_YES, EQ_NOT_COMPARABLE, EQ_ERROR };
enum equal guard_equal(struct eval *e, const struct gv *a, const struct gv *b); /* as == does it */
bool guard_same(struct eval *e, const struct gv *a, const struct gv *b);        /* as `in` a list does it */
/* left OP right, each pair or as a whole as 3.2.1 does it: how many passed and failed; ST_ERROR, else ST_PASS */
enum st guard_compare(struct eval *e, const struct clause *c, const struct results *left, const struct results *right,
		      struct tally *tally);
/* Which keys of `map` a [ keys … ] filter lets through. */
enum st guard_key_passes(struct eval *e, const struct part *p, const struct gv *key, const struct results *right,
			 size_t *times);

/* strict.c: values that are found out when a rule looks at them, and what nobody can know */
struct gv *guard_later(struct eval *e, const struct sg_node *n, const struct gv *up, struct sg_str key,
		       uint32_t position);
/* A value's own form; NULL where there is none in the world at hand.  Not LATER is itself. */
const struct gv *guard_open(struct eval *e, const struct gv *v);
/* The map with those members alone that are there, each opened. */
const struct gv *guard_open_members(struct eval *e, const struct gv *map);
/* The whole tree opened; *unknown, unless it is set already, is the first thing in it that nobody can know. */
const struct gv *guard_open_all(struct eval *e, const struct gv *v, const struct gv **unknown);
/* All of `in`, opened as a whole, behind `out`; false at the first that is unknown, which is the last of `out`. */
bool guard_open_results(struct eval *e, const struct results *in, struct results *out);
/* A unary test of something unknown: 1, 0, or -1 where nobody can know. */
int guard_ask_unknown(enum guard_op op, const struct result *r);
/* A comparison in which something may be unknown. */
enum st guard_compare_strict(struct eval *e, const struct clause *c, const struct results *left,
			     const struct results *right, struct tally *tally);
/* `right`: what it would be compared with; may be NULL. */
void guard_note_open(struct eval *e, const struct clause *c, const struct gv *at, const struct gv *right);

/* clause.c */
enum st guard_cnf(struct eval *e, const struct cnf *c, struct scope *s, enum role role);
enum st guard_clause(struct eval *e, const struct clause *c, struct scope *s, enum role role);
enum st guard_access(struct eval *e, const struct clause *c, struct scope *s, enum role role);
enum st guard_rule(struct eval *e, const struct rule *r, struct scope *s, enum role role);

#endif
