/*
 * AWS::Serverless::StateMachine: the state machine, its role, its alias and its events.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
 */
#include "sam/sam_priv.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ the definition */

/* A definition is a string in the end: intrinsics in it become substitutions, ${definition_substitution_1}. */
struct substitutions {
	struct val *map;
	unsigned count;
};

static bool is_dynamic(const struct val *v)
{
	return is_str(v) && sg_str_starts(v->text, "{{resolve:") && sg_str_ends(v->text, "}}");
}

static struct val *substitute(struct sam *s, struct substitutions *subs, struct val *v);

static int by_key(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	return sg_str_cmp(x->key, y->key);
}

static void substitute_all(struct sam *s, struct substitutions *subs, struct val *v)
{
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		v->items[i] = substitute(s, subs, v->items[i]);
	if (!is_map(v))
		return;
	struct entry **sorted = SG_NEW_ARRAY(s->arena, v->n + 1, struct entry *);
	for (size_t i = 0; i < v->n; i++)
		sorted[i] = &v->entries[i];
	qsort(sorted, v->n, sizeof(*sorted), by_key); /* NOLINT: an array of pointers */
	for (size_t i = 0; i < v->n; i++)
		sorted[i]->value = substitute(s, subs, sorted[i]->value);
}

static struct val *substitute(struct sam *s, struct substitutions *subs, struct val *v)
{
	if (!is_intrinsic(v) && !is_dynamic(v)) {
		substitute_all(s, subs, v);
		return v;
	}
	const char *name = fmt(s, "definition_substitution_%u", ++subs->count);
	set(s, subs->map, name, v);
	return val_text(s, v->node, fmt(s, "${%s}", name));
}

static struct val *lines_of(struct sam *s, const struct sg_node *from, struct sg_str text)
{
	struct val *list = val_list(s, from);
	for (;;) {
		size_t end = sg_str_find(text, "\n", 0);
		push(s, list, val_str(s, from, sg_str_sub(text, 0, end)));
		if (end == SIZE_MAX)
			return list;
		text = sg_str_sub(text, end + 1, SIZE_MAX);
	}
}

static void definition(struct sam *s, struct macro *m, struct res *r)
{
	struct val *own = get(m->props, "Definition"), *uri = get(m->props, "DefinitionUri");
	struct val *given = get(m->props, "DefinitionSubstitutions");
	if (truthy(own) && truthy(uri))
		sam_fail(s, m->id, uri, "Definition and DefinitionUri exclude each other");
	if (!truthy(own) && !truthy(uri))
		sam_fail(s, m->id, m->props, "it needs Definition or DefinitionUri");
	struct substitutions subs = {truthy(given) ? given : val_map(s, m->key), 0};
	if (truthy(own)) {
		struct val *copy = val_copy(s, own);
		substitute_all(s, &subs, copy);
		struct val *newline = val_text(s, own->node, "\n");
		res_set(s, r, "DefinitionString",
			make(s, own->node, "{'Fn::Join':[%v,%v]}", newline,
			     lines_of(s, own->node, json_text(s, copy, 4))));
	} else {
		res_set(s, r, "DefinitionS3Location", s3_location(s, m->id, uri, "DefinitionUri", body_names));
	}
	if (subs.map->n)
		res_set(s, r, "DefinitionSubstitutions", subs.map);
}

/* ------------------------------------------------------------------------------------------------ the role */

static struct val *tags_of(struct sam *s, struct macro *m)
{
	struct val *list = make(s, m->key, "[{'Key':'stateMachine:createdBy','Value':'SAM'}]");
	append(s, list, tag_list(s, m->key, get(m->props, "Tags")));
	return list;
}

static struct res *role(struct sam *s, struct macro *m, struct res *r)
{
	struct val *own = get(m->props, "Role"), *policies = get(m->props, "Policies");
	if (truthy(own) && truthy(policies))
		sam_fail(s, m->id, policies, "Role and Policies exclude each other");
	if (truthy(own)) {
		res_set(s, r, "RoleArn", own);
		return NULL;
	}
	struct val *all = val_list(s, truthy(policies) ? policies->node : m->key);
	append(s, all, policies);
	if (is_true(get(get(m->props, "Tracing"), "Enabled")))
		push(s, all, val_text(s, get(m->props, "Tracing")->node, xray_policy(s)));
	struct role_spec spec = {.trust = trust_policy(s, m->key, "states.amazonaws.com"),
				 .policies = all,
				 .path = get(m->props, "RolePath"),
				 .boundary = get(m->props, "PermissionsBoundary"),
				 .tags = tags_of(s, m)};
	struct res *made_role = role_make(s, m, &spec);
	res_set(s, r, "RoleArn", att_of(s, m->key, made_role->id, "Arn"));
	made(s, m, made_role);
	return made_role;
}

/* ------------------------------------------------------------------------------------------------ the alias */

static struct res *version(struct sam *s, struct macro *m)
{
	struct res *v = res_new(s, m, fmt(s, "%sVersion", m->id), "AWS::StepFunctions::StateMachineVersion", m->key);
	if (!has(v->attributes, "DeletionPolicy"))
		res_attribute(s, v, "DeletionPolicy", val_text(s, m->key, "Retain"));
	if (!has(v->attributes, "UpdateReplacePolicy"))
		res_attribute(s, v, "UpdateReplacePolicy", val_text(s, m->key, "Retain"));
	res_set(s, v, "StateMachineArn", ref_to(s, m->key, m->id));
	res_set(s, v, "StateMachineRevisionId", att_of(s, m->key, m->id, "StateMachineRevisionId"));
	made(s, m, v);
	return v;
}

static struct res *alias(struct sam *s, struct macro *m)
{
	struct val *name = get(m->props, "AutoPublishAlias"), *preference = get(m->props, "DeploymentPreference");
	if (!truthy(name) && truthy(get(m->props, "UseAliasAsEventTarget")))
		sam_fail(s, m->id, m->props, "UseAliasAsEventTarget needs AutoPublishAlias");
	if (!truthy(name) && truthy(preference))
		sam_fail(s, m->id, preference, "DeploymentPreference needs AutoPublishAlias");
	if (!truthy(name))
		return NULL;
	struct res *v = version(s, m);
	if (!is_str(name))
		sam_fail(s, m->id, name, "AutoPublishAlias must be a string");
	struct res *a = res_new(s, m, fmt(s, "%sAlias%s", m->id, cstr(s, name)),
				"AWS::StepFunctions::StateMachineAlias", name->node);
	struct val *how =
		truthy(preference) ? val_shallow(s, preference) : make(s, name->node, "{'Type':'ALL_AT_ONCE'}");
	set(s, how, "StateMachineVersionArn", ref_to(s, name->node, v->id));
	res_set(s, a, "Name", name);
	res_set(s, a, "DeploymentPreference", how);
	made(s, m, a);
	return a;
}

void sam_state_machine(struct sam *s, struct macro *m)
{
	static const char *const renamed[][2] = {{"Name", "StateMachineName"},
						 {"Type", "StateMachineType"},
						 {"Logging", "LoggingConfiguration"},
						 {"Tracing", "TracingConfiguration"}};
	link_events(s, m, machine_event_kinds);
	struct res *r = res_main(s, m, "AWS::StepFunctions::StateMachine");
	made(s, m, r);
	definition(s, m, r);
	struct res *made_role = role(s, m, r);
	for (size_t i = 0; i < sizeof(renamed) / sizeof(*renamed); i++)
		res_set(s, r, renamed[i][1], get(m->props, renamed[i][0]));
	res_set(s, r, "Tags", tags_of(s, m));
	struct res *a = alias(s, m);
	bool use_alias = a && truthy(get(m->props, "UseAliasAsEventTarget"));
	struct target t = {.id = m->id,
			   .attributes = use_alias ? a->attributes : r->attributes,
			   .passed = m->passed,
			   .role = made_role};
	t.own_id = use_alias ? a->id : m->id;
	t.arn = ref_to(s, m->key, t.own_id);
	machine_events(s, m, &t);
	propagate_tags(s, m, get(m->props, "Tags"), get(m->props, "PropagateTags"));
}
