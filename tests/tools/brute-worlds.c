/*
 * The joint analysis of worlds against brute force: for each template (paths on standard input, one a line) with
 * parameters of few values, every combination is evaluated with those values fixed, and every value of every resource is
 * compared with what the joint analysis says for these worlds.  Parameters with too many values stay free on both sides:
 * there the sets of what a value can be are compared.  Prints the counts; exits with 1 on a difference, 2 when nothing was
 * compared.
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
	if (!c->values.n)
		j->n--;
	return c->values.n != 0;
}

/* The finite parameters, as many as stay under the ceiling. */
static bool enumerable(struct job *j)
{
	const struct sg_node *section = sg_node_get(j->root, "Parameters");
	size_t product = 1;
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++) {
		if (!add_choice(j, &section->members[i]))
			continue;
		if (product * j->choices[j->n - 1].values.n > MAX_COMBINATIONS)
			j->n--;
		else
			product *= j->choices[j->n - 1].values.n;
	}
	return j->n != 0;
}

static bool is_among(struct job *j, const struct sg_val *v, struct sg_alts all)
{
	for (size_t i = 0; i < all.n; i++)
		if (v->kind == all.v[i].val.kind &&
		    sg_str_eq(sg_val_describe(j->arena, v), sg_val_describe(j->arena, &all.v[i].val)))
			return true;
	return false;
}

/* Each of one side is one of the other. */
static bool same_set(struct job *j, struct sg_alts a, struct sg_alts b)
{
	for (size_t i = 0; i < a.n; i++)
		if (!is_among(j, &a.v[i].val, b))
			return false;
	for (size_t i = 0; i < b.n; i++)
		if (!is_among(j, &b.v[i].val, a))
			return false;
	return true;
}

static void say_difference(struct job *j, const struct sg_node *n, struct sg_alts a, struct sg_alts b)
{
	struct sg_pos p = sg_pos_start(sg_diags_sources(j->diags), n->span);
	printf("# %.*s:%u: jointly %.*s (%zu), fixed %.*s (%zu)\n",
	       SG_FMT(sg_source_path(sg_diags_sources(j->diags), n->span.source)), p.line,
	       SG_FMT(sg_val_describe(j->arena, &a.v[0].val)), a.n, SG_FMT(sg_val_describe(j->arena, &b.v[0].val)),
	       b.n);
	differences++;
}

static void compare(struct job *j, struct sg_cfn *joint, sg_guard world, struct sg_cfn *fixed, sg_guard in,
		    const struct sg_node *n, unsigned depth);

static void compare_children(struct job *j, struct sg_cfn *joint, const struct sg_alt *a, struct sg_cfn *fixed,
			     const struct sg_alt *b, unsigned depth)
{
	const struct sg_node *x = a->val.node, *y = b->val.node;
	if (x->kind != y->kind || x->n != y->n || x->span.start != y->span.start || depth > 50)
		return;
	for (size_t i = 0; x->kind == SG_SEQ && i < x->n; i++)
		compare(j, joint, a->guard, fixed, b->guard, x->items[i], depth + 1);
	for (size_t i = 0; x->kind == SG_MAP && i < x->n; i++)
		compare(j, joint, a->guard, fixed, b->guard, x->members[i].value, depth + 1);
}

static void compare(struct job *j, struct sg_cfn *joint, sg_guard world, struct sg_cfn *fixed, sg_guard in,
		    const struct sg_node *n, unsigned depth)
{
	struct sg_alts a = sg_eval(joint, n, world), b = sg_eval(fixed, n, in);
	values++;
	if (!same_set(j, a, b)) {
		say_difference(j, n, a, b);
		return;
	}
	for (size_t i = 0; i < a.n; i++)
		for (size_t k = 0; k < b.n; k++)
			if (a.v[i].val.kind == b.v[k].val.kind &&
			    (a.v[i].val.kind == SG_V_LIST || a.v[i].val.kind == SG_V_MAP))
				compare_children(j, joint, &a.v[i], fixed, &b.v[k], depth);
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
		o[i] = (struct sg_override){c->name, c->values.v[c->at], false};
		world = sg_guard_and(joint->worlds, world, cfn_atom(joint->worlds, c->name, o[i].value));
	}
	struct sg_cfn_options options = {.overrides = o, .n_overrides = j->n};
	size_t refused = sg_diags_errors(j->diags);
	struct sg_cfn *fixed = sg_cfn_new(j->arena, j->diags, &j->findings, j->root, &options);
	const struct sg_node *resources = sg_node_get(j->root, "Resources");
	bool possible = sg_guard_possible(joint->worlds, world);
	bool deploys = sg_diags_errors(j->diags) == refused && sg_guard_possible(fixed->worlds, SG_ALWAYS);
	differences += possible != deploys;
	worlds += possible;
	for (size_t i = 0; possible && resources && resources->kind == SG_MAP && i < resources->n; i++) {
		const struct sg_node *r = resources->members[i].value;
		const struct sg_node *condition = sg_node_get(r, "Condition"), *props = sg_node_get(r, "Properties");
		sg_guard here = world, there = SG_ALWAYS;
		if (condition && condition->kind == SG_SCALAR) {
			here = sg_guard_and(joint->worlds, world, sg_cfn_condition(joint, condition->text, condition));
			there = sg_cfn_condition(fixed, condition->text, condition);
			bool a = sg_guard_possible(joint->worlds, here), b = sg_guard_possible(fixed->worlds, there);
			differences += a != b;
			if (!a || !b)
				continue;
		}
		if (props)
			compare(j, joint, here, fixed, there, props, 0);
	}
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
