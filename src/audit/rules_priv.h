/* The rules of policies/ that the audit runs, and what they are run over. */
#ifndef SG_AUDIT_RULES_PRIV_H
#define SG_AUDIT_RULES_PRIV_H

#include "audit/audit_priv.h"
#include "guard/guard.h"

/* A rule of a file. */
struct audit_rule {
	const struct sg_guard *guard;
	size_t i;
};

struct audit_rules {
	int64_t looks; /* how many are left */
	struct sg_arena *arena;
	struct sg_arena *scratch; /* of one evaluation after the other; renewed when it has grown */
	struct sg_map *by_id;     /* to struct audit_rule */
	SG_VEC(struct sg_guard *) files;
	SG_VEC(const struct sg_guard *) packs; /* of them, those that were asked for */
};

/* A resource that rules are run over for the function that is judged: itself, or what is attached to it. */
struct subject {
	const struct sg_resource *resource;
	const struct sg_node *node; /* with the facts, under "x-sandboxgen" */
	sg_guard in;
	bool maybe; /* that it is attached is not certain */
};

struct subjects {
	SG_VEC(struct subject) list;
};

/* facts.c: the function first, then what is attached to it. */
const struct subjects *audit_subjects(struct check *k);
const struct sg_node *audit_fact(struct check *k, bool b);
/* The resource with a member SG_FACTS beside its Properties. */
const struct sg_node *audit_with_facts(struct check *k, const struct sg_resource *r, const struct sg_node *facts);

/* packs.c: the packs that were asked for, before rules of the user's take the place of theirs. */
void audit_packs_load(struct audit_rules *rules, struct sg_diags *d, const struct sg_audit_options *o);

/* rules.c: one more file of rules that is compiled in. */
const struct sg_guard *audit_rules_add(struct audit_rules *rules, struct sg_diags *d, const struct sg_embedded *e);
/* The facts of a function that was judged, and of one that was not (k->fn alone counts then), into k->o->publish. */
void audit_publish(struct check *k);
void audit_publish_none(const struct sg_audit_options *o, const struct sg_model *m, const struct sg_resource *fn);

/* say.c: one thing that a rule said, in these worlds, as a finding of k->rule. */
void audit_rule_say(struct check *k, const struct subject *on, const struct sg_guard_fail *fail, sg_guard in);

#endif
