/*
 * The table of rules, made from rules.def.
 */
#include "diag/diag.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
#define RULE(id, severity, title) ROW_##id,
#include "diag/rules.def"
#undef RULE
	ROWS
};

/* A rule's family is the letters of its id, two or three. */
#define LETTER(c) ((c) >= 'A' ? (c) : 0)
static const char families[ROWS][4] = {
#define RULE(id, severity, title) {#id[0], #id[1], LETTER(#id[2]), 0},
#include "diag/rules.def"
#undef RULE
};

const struct sg_rule sg_rules[] = {
#define RULE(id, severity, title) {#id, families[ROW_##id], SG_##severity, title},
#include "diag/rules.def"
#undef RULE
};

const size_t sg_rules_count = ROWS;

const struct sg_rule *sg_rule_find(struct sg_str id)
{
	for (size_t i = 0; i < sg_rules_count; i++)
		if (sg_str_is(id, sg_rules[i].id))
			return &sg_rules[i];
	return NULL;
}

const struct sg_rule *sg_rule_get(const char *id)
{
	const struct sg_rule *rule = sg_rule_find(sg_str(id));
	if (!rule)
		SG_BUG("a rule id that rules.def does not have");
	return rule;
}

bool sg_rule_builtin(const struct sg_rule *r)
{
	return (uintptr_t)r >= (uintptr_t)sg_rules && (uintptr_t)r < (uintptr_t)(sg_rules + sg_rules_count);
}

int sg_rule_compare(const struct sg_rule *a, const struct sg_rule *b)
{
	bool in_a = sg_rule_builtin(a), in_b = sg_rule_builtin(b);
	if (in_a && in_b)
		return (a > b) - (a < b);
	if (in_a || in_b)
		return in_a ? -1 : 1;
	int c = strcmp(a->id, b->id);
	return c ? c : strcmp(a->family, b->family);
}

const char *sg_severity_name(enum sg_severity s)
{
	static const char *const names[] = {"low", "medium", "high", "critical"};
	return names[s];
}

const char *sg_verdict_name(enum sg_verdict v)
{
	static const char *const names[] = {"pass", "unproven", "fail"};
	return names[v];
}
