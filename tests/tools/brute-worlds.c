/*
 * The joint analysis of worlds against brute force: for each template (paths on standard input, one a line) whose
 * parameters all have few values, every combination is evaluated with those values fixed, and every value of every
 * resource is compared with what the joint analysis says for these worlds.  Prints the counts; exits with 1 on a
 * difference, 2 when nothing was compared.
 */
#include "cfn/cfn_priv.h"
#include "yaml/yaml.h"

#include <stdio.h>
#include <string.h>

enum { MAX_COMBINATIONS = 64, MAX_PARAMETERS = 32 };

struct choice {
	struct sg_str name;
	SG_VEC(struct sg_str) values;
	size_t at;
};

struct job {
	struct sg_arena *arena;
	struct sg_diags *diags;
	struct sg_findings findings;
	const struct sg_node *root;
	struct choice choices[MAX_PARAMETERS];
	size_t n;
};

static unsigned long templates, worlds, values, differences;

static bool add_choice(struct job *j, const struct sg_member *m)
{
	const struct sg_node *allowed = sg_node_get(m->value, "AllowedValues");
	const struct sg_node *type = sg_node_get(m->value, "Type");
	if (!allowed || allowed->kind != SG_SEQ || !allowed->n || j->n == MAX_PARAMETERS || !type ||
	    type->kind != SG_SCALAR || (!sg_str_is(type->text, "String") && !sg_str_is(type->text, "Number")))
		return false;
	struct choice *c = &j->choices[j->n++];
	*c = (struct choice){.name = m->key->text};
	for (size_t i = 0; i < allowed->n; i++) {
		bool ok = false;
		struct sg_str text = sg_read_string(j->arena, allowed->items[i], &ok);
		if (ok)
			SG_PUSH(j->arena, &c->values, text);
	}
	return c->values.n != 0;
}

static bool enumerable(struct job *j)
{
	const struct sg_node *section = sg_node_get(j->root, "Parameters");
	size_t product = 1;
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++)
		if (!add_choice(j, &section->members[i]) ||
		    (product *= j->choices[j->n - 1].values.n) > MAX_COMBINATIONS)
			return false;
	return j->n != 0;
}

static void compare(struct job *j, struct sg_cfn *joint, sg_guard world, struct sg_cfn *fixed, const struct sg_node *n,
		    unsigned depth)
{
	struct sg_alts a = sg_eval(joint, n, world), b = sg_eval(fixed, n, SG_ALWAYS);
	struct sg_str x = sg_val_describe(j->arena, &a.v[0].val), y = sg_val_describe(j->arena, &b.v[0].val);
	values++;
	if (a.n != 1 || b.n != 1 || !sg_str_eq(x, y)) {
		struct sg_pos p = sg_pos_start(sg_diags_sources(j->diags), n->span);
		printf("# %.*s:%u: jointly %.*s (%zu), fixed %.*s (%zu)\n",
		       SG_FMT(sg_source_path(sg_diags_sources(j->diags), n->span.source)), p.line, SG_FMT(x), a.n, SG_FMT(y),
		       b.n);
		differences++;
		return;
	}
	const struct sg_val *v = &a.v[0].val;
	if ((v->kind != SG_V_LIST && v->kind != SG_V_MAP) || depth > 50)
		return;
	for (size_t i = 0; v->kind == SG_V_LIST && i < v->node->n; i++)
		compare(j, joint, world, fixed, v->node->items[i], depth + 1);
	for (size_t i = 0; v->kind == SG_V_MAP && i < v->node->n; i++)
		compare(j, joint, world, fixed, v->node->members[i].value, depth + 1);
}

static bool next_combination(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		if (++j->choices[i].at < j->choices[i].values.n)
			return true;
		j->choices[i].at = 0;
	}
	return false;
}

static void one_world(struct job *j, struct sg_cfn *joint)
{
	struct sg_override o[MAX_PARAMETERS];
	sg_guard world = SG_ALWAYS;
	for (size_t i = 0; i < j->n; i++) {
		struct choice *c = &j->choices[i];
		o[i] = (struct sg_override){c->name, c->values.v[c->at]};
		world = sg_guard_and(joint->worlds, world, cfn_atom(joint->worlds, c->name, o[i].value));
	}
	struct sg_cfn_options options = {.overrides = o, .n_overrides = j->n};
	struct sg_cfn *fixed = sg_cfn_new(j->arena, j->diags, &j->findings, j->root, &options);
	const struct sg_node *resources = sg_node_get(j->root, "Resources");
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++) {
		const struct sg_node *r = resources->members[i].value;
		const struct sg_node *condition = sg_node_get(r, "Condition"), *props = sg_node_get(r, "Properties");
		if (condition && condition->kind == SG_SCALAR) {
			bool a = sg_guard_possible(joint->worlds,
						   sg_guard_and(joint->worlds, world,
								sg_cfn_condition(joint, condition->text, condition)));
			bool b = sg_guard_possible(fixed->worlds, sg_cfn_condition(fixed, condition->text, condition));
			differences += a != b;
			if (!a || !b)
				continue;
		}
		if (props)
			compare(j, joint, world, fixed, props, 0);
	}
	worlds++;
}

static void one_template(const char *path)
{
	struct job j = {.arena = sg_arena_new()};
	struct sg_sources *sources = sg_sources_new(j.arena);
	struct sg_str text;
	j.diags = sg_diags_new(j.arena, sources);
	j.findings.arena = j.arena;
	if (sg_file_read(j.arena, path, 1 << 22, &text, NULL)) {
		uint32_t id = sg_source_add(sources, sg_str(path), text);
		const struct sg_node *raw = sg_yaml_load(j.arena, j.diags, id, NULL, NULL);
		j.root = raw ? sg_cfn_canonical(j.arena, j.diags, raw) : NULL;
	}
	if (j.root && j.root->kind == SG_MAP && enumerable(&j)) {
		struct sg_cfn *joint = sg_cfn_new(j.arena, j.diags, &j.findings, j.root, NULL);
		templates++;
		do
			one_world(&j, joint);
		while (next_combination(&j));
	}
	sg_arena_free(j.arena);
}

int main(void)
{
	char path[4096];
	while (fgets(path, sizeof(path), stdin)) {
		path[strcspn(path, "\n")] = '\0';
		one_template(path);
	}
	printf("# %lu templates, %lu worlds, %lu values, %lu differences\n", templates, worlds, values, differences);
	return differences ? 1 : worlds ? 0 : 2;
}
