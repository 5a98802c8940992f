/* What the files of cfn/ share. */
#ifndef SG_CFN_PRIV_H
#define SG_CFN_PRIV_H

#include "cfn/cfn.h"

/* Ceilings of the analysis; past one the answer is "lost", never a hang (ARCHITECTURE.md, bounds). */
enum {
	CFN_MAX_DEPTH = 100,         /* nested intrinsics and conditions */
	CFN_MAX_ALTS = 512,          /* alternatives of one value */
	CFN_MAX_STEPS = 4000000,     /* evaluations per template */
	CFN_MAX_GUARD_NODES = 200000 /* nodes of the diagram that guards are made of */
};

/* ---- worlds.c */
struct sg_worlds *cfn_worlds_new(struct sg_arena *a);
/* The worlds in which `subject` (a parameter, a pseudo-parameter, or the text of what nobody can know) has this value.
 * Different values of one subject exclude each other. */
sg_guard cfn_atom(struct sg_worlds *w, struct sg_str subject, struct sg_str value);
/* Says that the subject has one of the values whose atoms exist by now, and no other. */
void cfn_close_domain(struct sg_worlds *w, struct sg_str subject);
/* Leaves only the worlds of `g`. */
void cfn_assume(struct sg_worlds *w, sg_guard g);
bool cfn_domain_closed(struct sg_worlds *w, struct sg_str subject);
sg_guard cfn_lost(void);
bool cfn_worlds_overflowed(const struct sg_worlds *w);

/* ---- the evaluator */
struct parameter {
	struct sg_str name;
	const struct sg_node *node;     /* its declaration */
	const struct sg_node *override; /* the value that the caller fixed, or NULL */
	struct sg_str type;
	bool list;
	struct sg_str domain; /* the subject of its atoms */
};

struct condition {
	const struct sg_node *node;
	enum { COND_NEW, COND_BUSY, COND_DONE } state;
	sg_guard guard;
};

struct sg_cfn {
	struct sg_arena *arena;
	struct sg_diags *diags;
	struct sg_findings *findings;
	const struct sg_node *root, *mappings;
	struct sg_map *resources; /* the logical ids, as a set */
	struct sg_worlds *worlds;
	struct sg_map *parameters; /* name → struct parameter */
	struct sg_map *conditions; /* name → struct condition */
	struct sg_map *symbols;    /* spelling → struct sg_symbol */
	struct sg_map *reported;   /* spans that a finding was made for already */
	const char *region;        /* NULL: not known */
	unsigned depth;
	unsigned long steps;
	bool steps_reported, guards_reported;
	bool mistakes_only; /* complain of TPL005 alone: see check.c */
	bool extensions;    /* Transform: AWS::LanguageExtensions */
	bool complete;      /* no transform has still to make resources: what is not there will not be */
};

/* Alternatives under construction. */
struct alts {
	SG_VEC(struct sg_alt) vec;
};

void cfn_emit(struct sg_cfn *c, struct alts *b, sg_guard guard, struct sg_val val); /* drops the impossible */
struct sg_alts cfn_done(struct sg_cfn *c, struct alts *b, const struct sg_node *node, sg_guard in);
struct sg_alts cfn_one(struct sg_cfn *c, sg_guard guard, struct sg_val val);

/* ---- constraints.c: what AllowedPattern, MinLength, MaxValue and their like leave of a parameter's values */
/* Would CloudFormation refuse this value for certain?  False where nobody here can tell. */
bool cfn_param_excludes(struct sg_cfn *c, const struct parameter *p, struct sg_str text);
/* The same by name; false where no parameter has it. */
bool cfn_excludes(struct sg_cfn *c, struct sg_str parameter, struct sg_str text);

/* ---- pattern.c */
/* Does the (Java) regular expression not match the text as a whole?  False also where it has parts that this program does
 * not read. */
bool cfn_pattern_excludes(struct sg_str pattern, struct sg_str text);

/* ---- cidr.c */
struct sg_alts cfn_fn_cidr(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);

/* ---- params.c */
void cfn_params_load(struct sg_cfn *c, const struct sg_cfn_options *options);
struct sg_alts cfn_param_eval(struct sg_cfn *c, struct parameter *p, const struct sg_node *ref, sg_guard in);

/* ---- conditions.c */
void cfn_conditions_load(struct sg_cfn *c);
bool cfn_names_extensions(const struct sg_node *transform);
/* A condition function where it stands, as in Rules. */
sg_guard cfn_decide(struct sg_cfn *c, const struct sg_node *n);
sg_guard cfn_equal(struct sg_cfn *c, const struct sg_val *a, const struct sg_val *b);

/* ---- rules.c: the Rules section narrows the worlds */
void cfn_rules_apply(struct sg_cfn *c);

/* ---- intrinsics.c */
/* The intrinsic that a map is ({"Ref": …} or {"Fn::X": …} alone), evaluated; false where it is none. */
bool cfn_intrinsic(struct sg_cfn *c, const struct sg_node *node, sg_guard in, struct sg_alts *out);
/* Has the map a member that is spelt like an intrinsic function?  Without one it is only a map. */
bool cfn_is_function(const struct sg_node *map);
bool cfn_is_pseudo(struct sg_str name);

/* ---- strings.c: Sub, Join, Split, and what else makes strings */
struct sg_alts cfn_fn_sub(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);
struct sg_alts cfn_fn_join(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);
struct sg_alts cfn_fn_split(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);
struct sg_alts cfn_fn_base64(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);

/* ---- json_text.c */
struct sg_alts cfn_fn_to_json(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);
struct sg_alts cfn_fn_length(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);

/* ---- lists.c: Select, FindInMap */
/* The second argument, or what stands in place of a list of arguments: the place to point at. */
const struct sg_node *cfn_second(const struct sg_node *arg);
struct sg_alts cfn_fn_select(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);
struct sg_alts cfn_fn_find_in_map(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);

/* ---- refs.c: Ref and GetAtt, also as Sub spells them */
struct sg_alts cfn_ref(struct sg_cfn *c, struct sg_str name, const struct sg_node *node, sg_guard in);
struct sg_alts cfn_getatt(struct sg_cfn *c, struct sg_str id, struct sg_str attribute, const struct sg_node *node,
			  sg_guard in);

/* ---- values.c */
const struct sg_symbol *cfn_symbol(struct sg_cfn *c, enum sg_symbol_kind kind, struct sg_str name,
				   struct sg_str attribute, const struct sg_node *node);
struct sg_val cfn_val_scalar(struct sg_cfn *c, const struct sg_node *node);
struct sg_val cfn_val_symbol(struct sg_cfn *c, const struct sg_symbol *s, const struct sg_node *node);
struct sg_val cfn_val_literal(struct sg_cfn *c, struct sg_str text, const struct sg_node *node);
/* The text with its dynamic references as symbols. */
struct sg_val cfn_val_string(struct sg_cfn *c, struct sg_str text, const struct sg_node *node);
/* The same of a string that was put together: a reference may run over several parts. */
struct sg_val cfn_val_resolved(struct sg_cfn *c, struct sg_val v);
struct sg_val cfn_val_unknown(struct sg_cfn *c, const struct sg_node *node, const struct sg_symbol *symbol,
			      const char *fmt, ...) SG_PRINTF(4, 5);
struct sg_val cfn_val_absent(const struct sg_node *node);
struct sg_str cfn_symbol_spelling(struct sg_arena *a, const struct sg_symbol *s);

/* ---- cfn.c */
/* A finding about the template itself, once per span and rule. */
void cfn_complain(struct sg_cfn *c, const char *rule, enum sg_verdict status, const struct sg_node *node,
		  const char *settle, const char *fmt, ...) SG_PRINTF(6, 7);
/* TPL005 as a fail, and UNKNOWN in its place. */
struct sg_alts cfn_malformed(struct sg_cfn *c, const struct sg_node *node, sg_guard in, const char *fmt, ...)
	SG_PRINTF(4, 5);

#endif
