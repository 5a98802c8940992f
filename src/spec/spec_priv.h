/* spec_priv.h - what only the files of spec/ share. */
#ifndef SG_SPEC_PRIV_H
#define SG_SPEC_PRIV_H

#include "spec/spec.h"

/* The largest whole number that every JSON reader holds exactly: a bound that stands for none. */
#define SG_INT_MAX INT64_C(9007199254740991)

/* keys.c: checks named in the table are in check.c */
sg_key_check sg_check_cidr, sg_check_tag, sg_check_branch, sg_check_invoker, sg_check_environment;
/* check.c: what concerns several values at once */
void sg_check_whole(const struct sg_spec *spec, struct sg_diags *d);

/* "cidr" of "network.cidr" */
const char *sg_key_last(const struct sg_key *key);
/* Whether `key` is directly under `section` (NULL: the top level). */
bool sg_key_within(const struct sg_key *key, const struct sg_key *section);
/* LIST, PAIRS and OVERLAYS have entries, and no value of their own. */
bool sg_key_has_entries(const struct sg_key *key);
struct sg_setting *sg_spec_at(struct sg_spec *spec, const struct sg_key *key);

/* The default of a key. */
void sg_setting_default(const struct sg_key *key, struct sg_setting *out);

/* scalar.c: one scalar node as a key's value; diagnostics go to `d`. */
bool sg_scalar_read(const struct sg_key *key, const struct sg_node *node, struct sg_diags *d, struct sg_setting *out);
/* The pattern, the length and the check of one string; `what` names it in messages. */
bool sg_string_judge(const struct sg_key *key, const char *what, struct sg_setting *value, struct sg_diags *d);
/* A scalar that is a string to every reader; else a diagnostic. */
bool sg_string_read(const char *what, const struct sg_node *node, struct sg_diags *d, struct sg_str *out);

/* Calls fn for each choice of "a|b|c" until it returns true; whether it did. */
bool sg_choices_each(const char *choices, bool (*fn)(struct sg_str choice, void *data), void *data);
bool sg_choices_have(const char *choices, struct sg_str value);
struct sg_str sg_choices_words(struct sg_arena *a, const char *choices); /* "a, b or c" */

#endif
