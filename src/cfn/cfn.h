/*
 * cfn/ - what a CloudFormation template means: intrinsics, parameters, conditions, mappings, and the worlds they open.
 *
 * A template is a family of deployments.  A *world* is one choice of all parameter values; a *guard* says in which
 * worlds something holds; a value is a list of alternatives, each with its guard.  Nothing here knows what a resource
 * type means.  Parameter defaults never narrow a world: an update keeps the value of before
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-direct.html); only
 * overrides do.
 */
#ifndef SG_CFN_H
#define SG_CFN_H

#include "value/value.h"

/* ---------------------------------------------------------------------------------------------- worlds */

/* A set of worlds: an interned Boolean over atoms `parameter == literal`.  Equal sets have equal ids. */
typedef struct {
	uint32_t id;
} sg_guard;

struct sg_worlds;

/* Every and no world.  A third constant stands for "lost": the ceiling of the analysis was reached; it is possible,
 * never certain, and whoever meets it can only be unproven. */
#define SG_NEVER ((sg_guard){0})
#define SG_ALWAYS ((sg_guard){1})

sg_guard sg_guard_and(struct sg_worlds *w, sg_guard a, sg_guard b);
sg_guard sg_guard_or(struct sg_worlds *w, sg_guard a, sg_guard b);
sg_guard sg_guard_not(struct sg_worlds *w, sg_guard a);
sg_guard sg_guard_minus(struct sg_worlds *w, sg_guard a, sg_guard b); /* a and not b */
/* Is there a deployment in the set?  (Takes into account that a parameter has one value, of AllowedValues.) */
bool sg_guard_possible(struct sg_worlds *w, sg_guard g);
/* Are all deployments in the set? */
bool sg_guard_certain(struct sg_worlds *w, sg_guard g);
bool sg_guard_is_lost(struct sg_worlds *w, sg_guard g);
/* One deployment of the set as parameter values, for `when`; only parameters that matter.  Appends to `f->when`. */
void sg_guard_when(struct sg_worlds *w, sg_guard g, struct sg_arena *a, struct sg_finding *f);

/* ---------------------------------------------------------------------------------------------- values */

enum sg_symbol_kind {
	SG_SYM_RESOURCE,  /* Ref of a resource: `name` is its logical id */
	SG_SYM_ATTRIBUTE, /* GetAtt: `name` and `attribute` */
	SG_SYM_PARAMETER, /* `name` */
	SG_SYM_PSEUDO,    /* "AWS::Region", …: `name` */
	SG_SYM_IMPORT,    /* Fn::ImportValue */
	SG_SYM_DYNAMIC,   /* {{resolve:…}}: `name` is the text between the braces */
	SG_SYM_OTHER,     /* another function of things nobody can know; `name` describes it */
};

/* What nobody can know before deploying.  Interned: the same pointer is the same value; different pointers may be. */
struct sg_symbol {
	enum sg_symbol_kind kind;
	struct sg_str name, attribute;
	const struct sg_node *node; /* where it was first met */
};

/* A stretch of a string: literal text, or (symbol != NULL) a symbol's text. */
struct sg_part {
	struct sg_str literal;
	const struct sg_symbol *symbol;
};

enum sg_val_kind {
	SG_V_ABSENT, /* not there, or AWS::NoValue */
	SG_V_NULL,
	SG_V_BOOL,
	SG_V_INT,
	SG_V_FLOAT,
	SG_V_STRING, /* parts; a lone symbol may also turn out to be a number or a list: see `reason` of UNKNOWN */
	SG_V_LIST,   /* node->items, each to be evaluated */
	SG_V_MAP,    /* node->members, each value to be evaluated */
	SG_V_UNKNOWN /* could be anything: `reason` says why and what would settle it */
};

struct sg_val {
	enum sg_val_kind kind;
	/* Where the value was written (the branch of the If, the mapping's entry); for a list or map the node that
	 * holds the items.  Its span is what a finding points at.  For ABSENT: what is absent's parent, or NULL. */
	const struct sg_node *node;
	bool boolean;
	int64_t integer;
	double number;               /* SG_V_INT and SG_V_FLOAT */
	const struct sg_part *parts; /* SG_V_STRING: n_parts of them; none is the empty string */
	size_t n_parts;
	struct sg_str reason;           /* SG_V_UNKNOWN */
	const struct sg_symbol *symbol; /* SG_V_UNKNOWN: what it stands for, where it has a name; else NULL */
};

struct sg_alt {
	sg_guard guard; /* always possible */
	struct sg_val val;
};

/* All that a value can be: guards are disjoint and cover the guard that was asked for. */
struct sg_alts {
	const struct sg_alt *v;
	size_t n;
};

/* The elements a list may hold: each with the worlds in which it is in the list. */
struct sg_items {
	const struct sg_alt *v; /* neither ABSENT; an UNKNOWN stands for any number of unknown elements */
	size_t n;
	sg_guard absent; /* worlds in which there is no list at all */
	sg_guard empty;  /* worlds in which the list is there and has no element for certain */
};

/* ---------------------------------------------------------------------------------------------- template */

struct sg_cfn;

/* One override: parameter name and value. */
struct sg_override {
	struct sg_str name, value;
	bool optional; /* a template without this parameter is no mistake: sam-cli passes only what a template has */
};

struct sg_cfn_options {
	const struct sg_override *overrides;
	size_t n_overrides;
	/* Loads the file that an AWS::Include names, relative to the template: its raw tree; or NULL, where it is not at hand
	 * (the include stays, and is unproven) or after an error diagnostic at `at` (the path is absolute, leaves the
	 * template's directory, loops, is no regular file).  NULL: no include is followed. */
	const struct sg_node *(*load)(void *context, struct sg_str path, const struct sg_node *at);
	void *load_context;
	const char *region; /* where the deployment is, as the caller knows; NULL: anywhere */
};

/* The canonical form of a loaded tree: short intrinsics as {"Fn::X": …} / {"Ref": …} / {"Condition": …} with
 * short_form set, GetAtt's string split at its first dot, merge keys merged, of duplicate keys the last (each
 * duplicate is an error in `d`: readers differ, cfn-lint refuses).  Unknown tags are errors.  NULL where there
 * was an error. */
const struct sg_node *sg_cfn_canonical(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root);

/* A canonical tree with its AWS::Includes followed, where `options` has a loader.  NULL after an error. */
const struct sg_node *sg_cfn_include(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root,
				     const struct sg_cfn_options *options);

/* A canonical tree with its Fn::ForEach unrolled, where the template names AWS::LanguageExtensions and the collection is
 * known; other loops stay, and are unproven when met. */
const struct sg_node *sg_cfn_unroll(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f,
				    const struct sg_node *root, const struct sg_cfn_options *options);

/* The evaluator of one canonical (and SAM-expanded) template.  What is malformed, or out of bounds, becomes TPL
 * findings in `f` while evaluating; nothing here exits.  Unknown override names are errors in `d`. */
struct sg_cfn *sg_cfn_new(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f, const struct sg_node *root,
			  const struct sg_cfn_options *options);
struct sg_worlds *sg_cfn_worlds(struct sg_cfn *c);
struct sg_arena *sg_cfn_arena(struct sg_cfn *c);
const struct sg_node *sg_cfn_root(struct sg_cfn *c);
/* The worlds in which a named condition is true; an unknown name is a TPL005 finding at `where`, and lost. */
sg_guard sg_cfn_condition(struct sg_cfn *c, struct sg_str name, const struct sg_node *where);

/* All that `node` can be in the worlds of `in`.  NULL is ABSENT.  Never empty while `in` is possible. */
struct sg_alts sg_eval(struct sg_cfn *c, const struct sg_node *node, sg_guard in);
/* The same of a member: evaluates `map` (an If may stand there), then its member; ABSENT where the map or the member is
 * absent, UNKNOWN where the map is unknown or no map. */
struct sg_alts sg_eval_get(struct sg_cfn *c, const struct sg_node *map, const char *key, sg_guard in);
/* A chain of members, "VpcConfig.SubnetIds". */
struct sg_alts sg_eval_path(struct sg_cfn *c, const struct sg_node *map, const char *dotted, sg_guard in);
/* The elements of a list property.  With single_ok a value that is no list counts as its only element (IAM's
 * Action).  Nested lists are not flattened. */
struct sg_items sg_eval_items(struct sg_cfn *c, const struct sg_node *list, bool single_ok, sg_guard in);
/* The same over alternatives that were evaluated already. */
struct sg_items sg_alts_items(struct sg_cfn *c, struct sg_alts alts, bool single_ok);
/* A member of one already evaluated map. */
struct sg_alts sg_val_get(struct sg_cfn *c, const struct sg_val *map, const char *key, sg_guard in);

/* Is this the logical id of a resource?  SG_PASS; SG_FAIL where it is none, and nothing that only the deployment expands
 * (a macro, a loop, a module, a SAM resource) can make it; else SG_UNPROVEN. */
enum sg_verdict sg_cfn_declared(struct sg_cfn *c, struct sg_str id);
/* Does the template name a macro, something beside SAM and AWS::LanguageExtensions, in its Transform? */
bool sg_cfn_has_macro(const struct sg_node *root);
/* Does it name AWS::LanguageExtensions? */
bool sg_cfn_has_extensions(const struct sg_node *root);

/* Is this a section of templates: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html, SAM's
 * Globals, and Hooks, which the macro AWS::CodeDeployBlueGreen reads? */
bool sg_cfn_is_section(struct sg_str name);

/* Evaluates a whole tree in the worlds of `in` for its mistakes alone: they become TPL005 findings, once each. */
void sg_cfn_check(struct sg_cfn *c, const struct sg_node *n, sg_guard in);
/* The same of every condition, whether something uses it or not. */
void sg_cfn_check_conditions(struct sg_cfn *c);

/* ---------------------------------------------------------------------------------------------- reading values */

/* The whole text of a string without symbols; numbers and Booleans as CloudFormation makes strings of them. */
bool sg_val_text(struct sg_arena *a, const struct sg_val *v, struct sg_str *text);
bool sg_val_is(const struct sg_val *v, const char *text);  /* a string without symbols, equal to text */
bool sg_val_integer(const struct sg_val *v, int64_t *out); /* an integer or a string that spells one */
bool sg_val_bool(const struct sg_val *v, bool *out);       /* a Boolean, or "true"/"false" in any case */
/* The symbol that the value is and nothing else; NULL otherwise. */
const struct sg_symbol *sg_val_symbol(const struct sg_val *v);
/* For people: `"text"`, `${Vpc}`, `a list`, `nothing`. */
struct sg_str sg_val_describe(struct sg_arena *a, const struct sg_val *v);
/* The range that a Number parameter's MinValue/MaxValue/AllowedValues leave; false where it is not bounded. */
bool sg_cfn_parameter_max(struct sg_cfn *c, const struct sg_symbol *s, double *max);
bool sg_cfn_parameter_min(struct sg_cfn *c, const struct sg_symbol *s, double *min);

#endif
