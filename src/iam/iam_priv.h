/*
 * What the files of iam/ share.
 *
 *   text.c       a value of the template → texts whose unknown stretches are letters
 *   pattern.c    letters; a text → a glob, rounded up or down
 *   explore.c    the product automaton over globs: the exact procedure behind every "contained"
 *   cond.c       Condition blocks: reading, and whether some can be false while others are true
 *   values.c     whether a condition key can have a value for which operators hold or fail, and which
 *   scalars.c    numbers, dates and addresses
 *   point.c      one concrete request against statements; shares nothing with explore.c
 *   document.c   policy documents → statements
 *   json_text.c  JSON inside a string → nodes
 *   managed.c    AWS managed policies that are known
 *   effective.c  a role → all statements that apply to it
 *   reference.c  what an executor's role may allow
 *   same.c       what is contained because the same is written there
 *   contain.c    effective ⊆ reference, or a request
 *   bound.c      the same with values for policy variables: requests alone, never ⊆
 *   nicer.c      requests that people know
 *   narrow.c     the smallest edit that closes a finding
 *   caller.c     who calls, in policies of resources
 *   closed.c     policies of VPC endpoints that let nothing through
 *   callee.c     does a statement name the function
 *   ways_in.c    who outside can call a function through a role of the template
 *   names.c      documents that belong to no template
 *   check.c …    the rules
 *
 * A *letter* stands for the text of one symbol: a code unit of its own that only itself and `*` match.  Proving over
 * letters is sound for every value that the symbols may have, as long as these values hold no wildcard; symbols for
 * which that is not certain are widened to `*` wherever the effective policy is rounded up.
 */
#ifndef SG_IAM_PRIV_H
#define SG_IAM_PRIV_H

#include "iam/iam.h"

/* ---------------------------------------------------------------------------------------------- texts, globs */

typedef uint32_t iam_tok; /* a code point, or one of: */
#define IAM_STAR 0x110000u
#define IAM_ANY 0x110001u
#define IAM_STAR_IN 0x110002u /* the same two, but within one segment of an ARN: they match no colon */
#define IAM_ANY_IN 0x110003u
#define IAM_LETTER 0x200000u /* + index of the letter */

static inline bool iam_is_letter(iam_tok t)
{
	return t >= IAM_LETTER;
}

/* A string of code points and letters; `*` and `?` in it are characters. */
struct iam_raw {
	const iam_tok *t;
	size_t n;
};

/* A glob: the same with wildcards in it. */
struct iam_pat {
	const iam_tok *t;
	size_t n;
	bool loose; /* must match what it may match in some deployment: letters, of its own and of words, are any text */
	bool nocase;
};

typedef SG_VEC(iam_tok) iam_toks;

struct iam_letter {
	struct sg_symbol symbol;
	const struct sg_symbol *origin; /* identity of symbols that only their address identifies */
	bool plain;                     /* its value cannot hold a wildcard */
	bool arn;                       /* its value is a whole ARN */
	bool variable;                  /* a policy variable: its value comes with the request */
};

/* Half a second, and thousands of times what the rendered role needs. */
#define IAM_BUDGET ((size_t)10000000)
/* For words that people know, of all witnesses together; those behind are as they were found. */
#define IAM_NICETY ((size_t)100000)

/* What wildcards in an ARN do at its first five colons is documented in one way and measured in another.  What is
 * proved must hold under each reading; ROUNDED is sound for all of them at once, and proves less. */
enum iam_reading {
	IAM_ROUNDED,
	IAM_WHOLE,    /* they match colons like any character */
	IAM_SEGMENTS, /* they stay within their segment, but for a `*` that ends a text of fewer segments */
	IAM_TAILS,    /* a `*` that ends its segment goes on beyond, others stay */
};

/* The state of one check. */
struct iam {
	const struct sg_model *m; /* NULL where only globs are at stake (unit tests) */
	struct sg_arena *a;
	SG_VEC(struct iam_letter) letters;
	enum iam_reading reading;
	/* While two policies are compared, a symbol whose value may hold wildcards stays a letter: on both sides it is the
	 * same piece of a pattern. */
	bool keep_letters;
	bool strict_actions;  /* the reading in which a wildcard in an action's service matches nothing */
	bool dropped;         /* something was rounded away that another reading keeps */
	size_t budget;        /* steps that automata may still take: words of states made, times characters tried */
	size_t nicety;        /* steps that may still be spent on readable witnesses */
	unsigned depth;       /* of texts that expand into texts */
	struct sg_map *atoms; /* canonical text of a condition atom → its id */
	struct iam_raw self;  /* ARN of the function under judgement, or empty */
	const struct sg_iam_options *o; /* may be NULL */
};

void iam_init(struct iam *i, const struct sg_model *m, struct sg_arena *a);
iam_tok iam_letter_of(struct iam *i, const struct sg_symbol *s);
iam_tok iam_letter_named(struct iam *i, enum sg_symbol_kind kind, const char *name, const char *attribute);
void iam_toks_str(struct iam *i, iam_toks *out, struct sg_str s); /* appends code points */
struct iam_raw iam_raw_str(struct iam *i, const char *s);
bool iam_raw_eq(struct iam_raw a, struct iam_raw b);
bool iam_raw_has_letter(struct iam_raw r);
/* Letters as ${Name}, everything else as it is. */
struct sg_str iam_raw_show(const struct iam *i, struct iam_raw r);
/* True where the letters of the text are all plain. */
bool iam_raw_plain(const struct iam *i, struct iam_raw r);
/* Its letters are ordinary strings in some deployment, different from each other and from everything else. */
bool iam_raw_generic(const struct iam *i, struct iam_raw r);
void iam_raw_mark_plain(struct iam *i, struct iam_raw r);
/* The text with a `*` for each letter whose value can be one. */
struct iam_raw iam_raw_widest(struct iam *i, struct iam_raw r);

/* MAY is the run that proves: the candidate rounded up, what limits it rounded down.  MUST is the run that refutes:
 * the other way round, with only what is certain in some deployment. */
enum iam_mode { IAM_MAY, IAM_MUST };

struct iam_rounding {
	enum iam_mode mode;
	bool up;
	bool action;    /* folds case */
	bool variables; /* ${…} are policy variables */
	bool open;      /* or characters: nobody knows */
	bool letters;   /* a policy variable becomes a letter, where it is else anything or nothing */
};

/* False: rounded down to nothing. */
bool iam_compile(struct iam *i, struct iam_raw r, struct iam_rounding how, struct iam_pat *out);
bool iam_pat_is_star(struct iam_pat p);
/* Does a letter of this token stand for a text with colons? */
bool iam_letter_is_arn(const struct iam *i, iam_tok t);
static inline bool iam_is_star(iam_tok t)
{
	return t == IAM_STAR || t == IAM_STAR_IN;
}
static inline bool iam_is_any(iam_tok t)
{
	return t == IAM_ANY || t == IAM_ANY_IN;
}

/* One text that a value may be, or (unknown) anything. */
struct iam_alt {
	sg_guard guard;
	struct iam_raw raw;
	bool unknown;
	struct sg_str reason;
};
typedef SG_VEC(struct iam_alt) iam_alts;

/* The texts of a scalar value in the worlds of `g`.  The Arn of a log group of the template and its Ref become what
 * they are known to be. */
void iam_text(struct iam *i, const struct sg_val *v, sg_guard g, iam_alts *out);

/* ---------------------------------------------------------------------------------------------- automata */

enum iam_domain {
	IAM_DOMAIN_ANY,
	IAM_DOMAIN_ACTION,
	IAM_DOMAIN_RESOURCE, /* an ARN, or a lone star */
	IAM_DOMAIN_SOME,     /* anything but the empty text */
	IAM_DOMAIN_ARN,
	IAM_DOMAIN_NO_ARN,
};

/* For each set of `others` that some word of `main` in the domain matches, once, with a shortest such word.  True
 * from `visit` stops.  Where covers[k] (NULL: none), sets with others[k] need not be visited. */
typedef bool (*iam_visit)(void *ctx, const bool *matches, struct iam_raw word);
enum iam_explored { IAM_EXPLORED, IAM_STOPPED, IAM_OVER_BUDGET };
enum iam_explored iam_explore(struct iam *i, struct iam_pat main, const struct iam_pat *others, const bool *covers,
			      size_t n, enum iam_domain domain, iam_visit visit, void *ctx);

bool iam_in_domain(struct iam_raw word, enum iam_domain domain);

/* ---------------------------------------------------------------------------------------------- conditions */

enum iam_base {
	IAM_OP_UNKNOWN,
	IAM_OP_NULL,
	IAM_OP_STRING,
	IAM_OP_STRING_NOCASE,
	IAM_OP_LIKE,
	IAM_OP_ARN,
	IAM_OP_BOOL,
	IAM_OP_NUM_EQ,
	IAM_OP_NUM_LT,
	IAM_OP_NUM_LE,
	IAM_OP_NUM_GT,
	IAM_OP_NUM_GE,
	IAM_OP_DATE_EQ,
	IAM_OP_DATE_LT,
	IAM_OP_DATE_LE,
	IAM_OP_DATE_GT,
	IAM_OP_DATE_GE,
	IAM_OP_IP,
	IAM_OP_BINARY,
	IAM_OP_PRINCIPAL, /* the Principal of a statement, as an opaque condition */
	IAM_OP_VARIABLE,  /* that the policy variables of a NotResource have values: no request shows it */
};
enum iam_set { IAM_SET_NONE, IAM_SET_ANY, IAM_SET_ALL };

/* Whose choice the value of a key is, where the policy of a VPC endpoint asks for it. */
enum iam_choice {
	IAM_OF_CALLER,   /* who makes a request puts in what he likes */
	IAM_OF_IDENTITY, /* comes with the credentials: somebody has others than those that a policy names */
	IAM_OF_PLACE,    /* comes with the endpoint and its network */
};

struct iam_atom {
	enum iam_base base;
	enum iam_set set;
	bool negated, if_exists;
	enum iam_choice choice;
	struct sg_str op, key; /* as they were written; keys and operators have no case */
	SG_VEC(struct iam_raw) values;
	bool fuzzy;  /* a value is not what it looks like: policy variable, imported value… */
	bool unique; /* not all values are known: equal to no other atom */
	uint32_t id; /* of the canonical text, so that equal atoms are one Boolean; 0 where unique */
	struct sg_span span;
};

/* All atoms must hold. */
struct iam_cond {
	SG_VEC(struct iam_atom) atoms;
	struct sg_span span;
	bool vague; /* could not be read: an Allow counts as unconditional, a Deny as absent */
};

/* What an atom is when its key is absent. */
bool iam_atom_when_absent(const struct iam_atom *a);
/* IAM_OP_NULL with a single literal value: *absent says which way. */
bool iam_atom_is_null(const struct iam_atom *a, bool *absent);
/* Conditions of statements that must hold, and of statements of each of which one atom must not; NULL is one that holds
 * always. */
struct iam_question {
	const struct iam_cond *const *yes, *const *no;
	size_t n_yes, n_no;
};
struct iam_request;
/* Can that be?  True also when it could not be decided.  `rq` may be NULL; else its context becomes one in which, as far
 * as is known, it is so: point.c has the last word. */
bool iam_cond_possible(struct iam *i, const struct iam_question *q, struct iam_request *rq);
/* An atom and what it is assumed to be. */
struct iam_fact {
	const struct iam_atom *atom;
	bool value;
};
/* Is there a value of one key, or its absence, for which all facts are so?  True also when it could not be decided.
 * `out` (may be NULL) gets it. */
struct iam_value;
bool iam_key_possible(struct iam *i, const struct iam_fact *facts, size_t n, struct iam_value *out);
struct sg_str iam_atom_show(const struct iam *i, const struct iam_atom *a);
/* Fills base, set, negated and if_exists from an operator's name; false where there is none of that name. */
bool iam_operator(struct sg_str name, struct iam_atom *a);
/* Gives the atom, whose other fields are set, its id. */
void iam_atom_intern(struct iam *i, struct iam_atom *a, bool variables);

/* ---------------------------------------------------------------------------------------------- statements */

enum iam_effect { IAM_ALLOW, IAM_DENY, IAM_EFFECT_UNKNOWN };

struct iam_element {
	struct iam_raw raw;
	sg_guard guard;
	struct sg_span span;
	bool unknown; /* any text, or any number of texts */
	struct sg_str reason;
};
typedef SG_VEC(struct iam_element) iam_elements;

/* One statement in the worlds in which its effect and conditions are one thing. */
struct iam_stmt {
	sg_guard guard;
	struct sg_span span;
	struct sg_str origin; /* for messages: "policy 'write-own-logs'" */
	enum iam_effect effect;
	bool not_action, not_resource, not_principal;
	iam_elements actions, resources;
	struct iam_cond cond;
	const struct sg_node *principal; /* to be evaluated; NULL where absent */
	bool variables;                  /* Version 2012-10-17, or not known */
	bool version_open;               /* not known: of ${…} nothing is */
	bool vague;                      /* could not be read: everything, or nothing */
	bool doubtful;                   /* nobody knows whether it applies at all */
	struct sg_str reason;            /* why something in it is unknown */
};
typedef SG_VEC(struct iam_stmt) iam_stmts;

enum iam_kind {
	IAM_IDENTITY,
	IAM_TRUST,
	IAM_ENDPOINT, /* of a VPC endpoint: with a Principal */
	IAM_FREE, /* a file of the user's: with or without a Principal; the Resource may be missing where there is one */
};

/* Where a document is, and who is told about its faults. */
struct iam_origin {
	const struct sg_resource *resource; /* NULL: a file of its own */
	struct sg_str name;                 /* "policy 'x'" */
	enum iam_kind kind;
	struct sg_diags *diags; /* faults are errors there; NULL: findings */
};

/* Appends the document's statements in the worlds of `g`.  Faults become IAM009 findings and vague statements. */
void iam_document(struct iam *i, struct sg_alts doc, sg_guard g, const struct iam_origin *o, iam_stmts *out);
/* A statement that may be anything. */
void iam_stmt_anything(struct iam *i, sg_guard g, struct sg_span span, struct sg_str origin, struct sg_str reason,
		       iam_stmts *out);
/* The elements of a Condition block value, split into the worlds where they differ. */
struct iam_cond_alt {
	sg_guard guard;
	struct iam_cond cond;
};
typedef SG_VEC(struct iam_cond_alt) iam_cond_alts;
void iam_cond_read(struct iam *i, const struct sg_val *statement, sg_guard g, bool variables,
		   const struct iam_origin *o, iam_cond_alts *out);
void iam_malformed(struct iam *i, const struct iam_origin *o, sg_guard g, struct sg_span span, const char *fmt, ...)
	SG_PRINTF(5, 6);
/* What the statement's Principal asks, as a condition of it: nothing where it is certainly everybody's. */
void iam_caller_as_condition(struct iam *i, struct iam_stmt *s, enum iam_kind kind);
enum iam_choice iam_choice_of(struct sg_str key);
/* The tree of a JSON text, every node with the span of `at`; NULL with a reason where it is none. */
const struct sg_node *iam_json(struct sg_arena *a, struct sg_str text, const struct sg_node *at, const char **why);

/* ---------------------------------------------------------------------------------------------- effective policy */

struct iam_managed_use {
	sg_guard guard;
	struct sg_span span;
	struct sg_str arn; /* shown */
	bool certain;      /* it is one for certain */
	bool known;        /* its document is in the table */
};

struct iam_role {
	const struct sg_resource *resource; /* NULL: a document of the user's */
	sg_guard guard;                     /* worlds in which the function has this role */
	iam_stmts stmts;
	sg_guard bounded; /* worlds in which a permissions boundary is, or may be, set */
	struct sg_span boundary;
	iam_stmts boundary_stmts; /* in the worlds of `bounded`; what is not known of it is a vague statement */
	SG_VEC(struct iam_managed_use) managed; /* from outside the template */
	bool has_own_managed; /* an AWS::IAM::ManagedPolicy of the template goes to it, or is its boundary */
};

struct iam_managed {
	const char *name; /* behind arn:PARTITION:iam::aws:policy/ */
	const char *version, *date;
	const char *actions; /* separated by blanks; all on every resource */
};
const struct iam_managed *iam_managed_find(struct sg_str name);

/* All that applies to the role in the worlds of `g`. */
void iam_role_read(struct iam *i, const struct sg_resource *role, sg_guard g, struct iam_role *out);
/* The statements of the inline policies in the property `list`, or (NULL) of the resource's PolicyDocument. */
void iam_documents_of(struct iam *i, const struct sg_resource *r, const char *list, sg_guard in, iam_stmts *out);
/* What a user or group has by its own properties: inline and managed policies. */
void iam_grants_of(struct iam *i, const struct sg_resource *r, sg_guard g, iam_stmts *out);
/* How a value of a `Roles` list or `RoleName` relates to the role. */
enum iam_names { IAM_NAMES_NOT, IAM_NAMES_MAYBE, IAM_NAMES_IT };
enum iam_names iam_names_role(struct iam *i, const struct sg_val *v, sg_guard g, const struct sg_resource *role);

/* ---------------------------------------------------------------------------------------------- containment */

/* One statement compiled for one world cell, one mode and one direction. */
struct iam_side {
	struct iam_pat *v;
	struct sg_span *spans;
	size_t n;
	bool negated;
};

struct iam_cstmt {
	const struct iam_stmt *src;
	struct iam_side actions, resources;
	const struct iam_cond *cond; /* NULL: holds always */
};
typedef SG_VEC(struct iam_cstmt) iam_cstmts;

/* Allow and Deny of a list of statements in the worlds of `cell`. */
struct iam_policy {
	iam_cstmts allows, denies;
};

/* `candidate`: rounded as the left side of ⊆ in this mode; otherwise as the right side. */
void iam_policy_compile(struct iam *i, const iam_stmts *stmts, sg_guard cell, enum iam_mode mode, bool candidate,
			struct iam_policy *out);

/* Disjoint cells of `g` in each of which every guard of the statements holds as a whole or not at all (where the
 * number allows it). */
typedef SG_VEC(sg_guard) iam_guards;
void iam_cells(struct iam *i, sg_guard g, const iam_stmts *const *lists, size_t n, iam_guards *out);

/* Splits the cells at a border that runs through them. */
void iam_split(struct iam *i, iam_guards *cells, sg_guard by);

struct iam_value {
	struct sg_str key;
	bool present;
	struct iam_raw value;
	const struct iam_raw *more; /* further values of a key that has several */
	size_t n_more;
};

struct iam_request {
	struct iam_raw action, resource;
	SG_VEC(struct iam_value) context;
	bool rest_unknown; /* keys not listed: unknown, else absent */
};

enum iam_truth { IAM_NO, IAM_MAYBE, IAM_YES };
/* Independent of the automata: plain backtracking over the same globs, under both readings of how `*` crosses
 * colons; IAM_MAYBE where they differ. */
enum iam_truth iam_point_stmt(const struct iam_cstmt *s, const struct iam_request *rq);
enum iam_truth iam_point_allowed(const struct iam_policy *p, const struct iam_request *rq);
enum iam_truth iam_point_glob(struct iam_pat p, struct iam_raw word, bool resource);
enum iam_truth iam_point_atom(const struct iam_atom *a, const struct iam_request *rq);
enum iam_truth iam_point_side(const struct iam_side *s, struct iam_raw word, bool resource);

/* Numbers, dates and address ranges of condition values; false where the text is none, or not exactly representable. */
bool iam_read_number(struct iam_raw r, double *out);
bool iam_read_date(struct iam_raw r, double *out);               /* seconds since 1970 */
struct sg_str iam_date_show(struct sg_arena *a, double seconds); /* such a text */
struct iam_range {
	bool v6;
	unsigned char lo[16], hi[16]; /* network order; an IPv4 address is in the last four bytes */
};
bool iam_read_range(struct iam_raw r, struct iam_range *out);

#define IAM_READINGS 6

/* candidate ⊆ reference in one cell of worlds, compiled in both modes (indexed by enum iam_mode). */
struct iam_problem {
	struct iam *i;
	const iam_stmts *stmts, *bounds, *within; /* bounds: of a permissions boundary; NULL: there is none */
	sg_guard cell;
	struct iam_policy candidate[2], boundary[2], reference[2];
	enum iam_reading reading; /* of what is compiled for IAM_MAY */
	bool strict_actions, dropped;
	const struct iam_problem *readings[IAM_READINGS]; /* made where they are needed */
	bool must_compiled;                               /* only once an answer is not IAM_CONTAINED */
	bool of_role; /* a role has not all keys that users have, and its tags are the deployment's: no key is given a value */
	bool refutable; /* the cell is a set of deployments that is known to have one */
};

void iam_problem_init(struct iam_problem *p, struct iam *i, const iam_stmts *candidate, const iam_stmts *bounds,
		      const iam_stmts *reference, sg_guard cell);

struct iam_answer {
	enum iam_verdict { IAM_CONTAINED, IAM_BEYOND, IAM_UNDECIDED } verdict;
	struct iam_request witness; /* BEYOND: checked; UNDECIDED: what could not be ruled out, if there is anything */
	bool has_witness;
	struct sg_span element; /* the action that lets it through */
	bool over_budget;
	const struct iam_policy
		*as; /* the candidate that the witness was checked against, where that is not the problem's own */
};

/* Does one statement of the reference say at least what this Allow of candidate[IAM_MAY] says, in the same words?  False
 * says nothing. */
bool iam_says_as_much(const struct iam_problem *p, const struct iam_cstmt *allow);
/* Is what the k-th Allow of candidate[IAM_MAY] lets through, after the candidate's denies, within the reference? */
void iam_contained(struct iam_problem *p, size_t k, struct iam_answer *out);
/* A checked request that this Allow of p->stmts lets through and the reference does not: IAM_BEYOND.  False says nothing,
 * and leaves *out as it was.  Of `p` nothing need be compiled. */
bool iam_refuted(struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out);
/* The same where policy variables are given values, which are in the context of the witness. */
bool iam_shown_with_values(const struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out);

/* A checked witness that is read off the globs of this Allow of candidate[IAM_MUST], with something plain for each
 * wildcard; false says nothing. */
bool iam_example(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *out,
		 struct sg_span *element);
/* An Allow of the role that goes beyond, in one cell of worlds. */
struct iam_narrowing {
	const struct iam_role *role;
	const iam_stmts *reference;
	const struct iam_cstmt *allow; /* compiled */
	sg_guard cell;
	bool bounded;
};
/* The edit of the statement, with the fewest parts, after which it is proved to be within the reference: "Action s3:GetObject;
 * Resource arn:…".  Empty where none is known; an edit that takes the statement away is always there, and is not tried. */
struct sg_str iam_narrowest(struct iam *i, const struct iam_narrowing *of, const struct iam_answer *a);
/* Makes the words of a checked witness ones that people know, where the request stays a witness. */
void iam_nicer(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *witness);
/* The action as AWS or the policy (may be NULL) spells it; globs have no case. */
struct sg_str iam_action_show(const struct iam *i, struct iam_raw action, const struct iam_stmt *s);
bool iam_is_witness(const struct iam_problem *p, const struct iam_request *rq);

/* ---------------------------------------------------------------------------------------------- references */

struct iam_names_of {
	iam_alts group; /* texts that the name of the function's log group may be */
	iam_alts name;  /* of the function itself */
	bool vpc;       /* has a VpcConfig in some world */
	const struct sg_resource *function;
};

void iam_function_names(struct iam *i, const struct sg_resource *function, sg_guard g, struct iam_names_of *out);
/* May a Resource of the statement be the function's ARN, with or without a version, in some world of `in`?  callee.c */
bool iam_may_name_function(struct iam *i, const struct iam_names_of *names, const struct iam_stmt *stmt, sg_guard in);
/* Is one for certain, in every world of `in`: everything, every function, or the ARN itself? */
bool iam_names_function(struct iam *i, const struct iam_names_of *names, const struct iam_stmt *stmt, sg_guard in);
/* The executor's needs: two log calls on its own group, interface calls only without lambda:SourceFunctionArn. */
void iam_reference_needs(struct iam *i, const struct iam_names_of *names, sg_guard g, iam_stmts *out);
/* Function code can write its own logs; what Lambda itself may do is left open. */
void iam_reference_code(struct iam *i, const struct iam_names_of *names, sg_guard g, iam_stmts *out);
/* What may be left of everything by the denies that are meant for function code: the two log calls, on any group. */
void iam_reference_wall(struct iam *i, sg_guard g, iam_stmts *out);
/* arn:PARTITION:SERVICE:REGION:ACCOUNT:tail of the stack; NULL is the deployment's own partition. */
struct iam_raw iam_own_arn(struct iam *i, const char *partition, const char *service, struct iam_raw tail);
struct iam_raw iam_group_tail(struct iam *i, struct iam_raw name, const char *suffix);
struct iam_raw iam_action_word(struct iam *i, const char *name); /* in lower case, as action globs are */
extern const char *const iam_partitions[];                       /* end with NULL, as do */
extern const char *const iam_log_actions[];
extern const char *const iam_interface_reads[];   /* only on every resource */
extern const char *const iam_interface_changes[]; /* on the account's own interfaces */

/* ---------------------------------------------------------------------------------------------- rules */

/* The function under judgement, with one of the roles it can have. */
struct iam_subject {
	const struct sg_resource *function; /* NULL: the permissions by themselves */
	struct iam_names_of names;
	const struct iam_role *role;
};

/* The claim that the role's policies are within `reference`, as a rule's finding says it. */
struct iam_claim {
	const char *rule;
	const char *who; /* of the message: "function code", "the role" */
	const char *settle;
	const iam_stmts *reference;
};
/* The statements of a document that is no resource's, read in the worlds of the template. */
void iam_free_document(struct iam *i, const struct sg_node *n, struct sg_str name, struct sg_diags *d, sg_guard g,
		       iam_stmts *out);
/* A finding for each statement that goes beyond; how many there were. */
size_t iam_prove(struct iam *i, const struct iam_subject *s, const struct iam_claim *claim);

void iam_check_contained(struct iam *i, const struct iam_subject *s);  /* IAM006, IAM007 */
void iam_check_reference(struct iam *i, const struct iam_subject *s);  /* IAM011: the reference of the options */
void iam_check_statements(struct iam *i, const struct iam_subject *s); /* IAM002, IAM003, IAM004 */
void iam_check_trust(struct iam *i, const struct iam_subject *s);      /* IAM005 */
void iam_check_changers(struct iam *i, const struct iam_subject *s);   /* IAM008 */
void iam_check_needs(struct iam *i, const struct iam_subject *s);      /* IAM010 */
/* A finding of the function at `at` (a role, a policy), with `when` where the worlds are not all. */
struct sg_finding *iam_say(struct iam *i, const struct iam_subject *s, const char *rule, enum sg_verdict status,
			   const struct sg_resource *at, sg_guard g, struct sg_span span, const char *fmt, ...)
	SG_PRINTF(8, 9);
/* "s3:GetObject on arn:aws:s3:::x while lambda:SourceFunctionArn is …" */
struct sg_str iam_request_show(const struct iam *i, const struct iam_request *rq, const struct iam_stmt *s);

/* ---------------------------------------------------------------------------------------------- guards */

bool iam_possible(struct iam *i, sg_guard a, sg_guard b); /* a and b overlap */
bool iam_within(struct iam *i, sg_guard a, sg_guard b);   /* every deployment of a is in b */
sg_guard iam_and(struct iam *i, sg_guard a, sg_guard b);

#endif
