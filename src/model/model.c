/*
 * Building the model, and the look-ups that the analyses share.
 */
#include "model/model_priv.h"

/* ------------------------------------------------------------------------------------------------ building */

static bool check_top(struct sg_diags *d, const struct sg_node *root)
{
	if (root->kind != SG_MAP) {
		sg_diag(d, SG_ERROR, root->span, "a template is a mapping with a Resources section", "not a template");
		return false;
	}
	const struct sg_node *resources = sg_node_get(root, "Resources");
	if (resources && resources->kind == SG_MAP)
		return true;
	if (resources)
		sg_diag(d, SG_ERROR, resources->span, NULL, "Resources must be a mapping");
	else
		sg_diag(d, SG_ERROR, root->n ? root->members[0].key->span : root->span,
			"a template has a Resources section with its resources", "no Resources section");
	return false;
}

/* The worlds in which a resource exists; malformed conditions are lost, and so possible. */
static sg_guard existence(struct sg_model *m, const struct sg_node *node)
{
	const struct sg_node *name = sg_node_get(node, "Condition");
	if (!name)
		return SG_ALWAYS;
	if (name->kind == SG_SCALAR)
		return sg_cfn_condition(m->cfn, name->text, name);
	return sg_cfn_condition(m->cfn, SG_LIT(""), name);
}

/* A nested stack whose resources are in the model themselves. */
static const struct sg_type_info followed_stack = {"AWS::CloudFormation::Stack", SG_TYPE_INERT, ""};

static void unknown_type(struct sg_model *m, const struct sg_resource *r)
{
	struct sg_finding *f = sg_model_finding(
		m, "TPL002", SG_UNPROVEN, r, "Type", r->exists, sg_node_span(sg_node_get(r->node, "Type")),
		"what a resource of type %.*s can do to the sandbox is not known", SG_FMT(r->type));
	sg_finding_settle(m->findings, f, "keep it in another stack, or use a type that CloudFormation documents");
}

static void add_resource(struct sg_model *m, struct sg_diags *d, const struct sg_member *member)
{
	const struct sg_node *node = member->value;
	const struct sg_node *type = sg_node_get(node, "Type");
	if (sg_str_starts(member->key->text, "Fn::ForEach") || sg_str_is(member->key->text, "Fn::Transform")) {
		struct sg_finding *f = sg_finding_add(m->findings, "TPL002", SG_UNPROVEN, member->key->span, SG_LIT(""),
						      "the resources that %.*s makes are not known offline",
						      SG_FMT(member->key->text));
		sg_finding_settle(m->findings, f, "write the resources out, or audit the processed template");
		return;
	}
	if (node->kind != SG_MAP || !type || type->kind != SG_SCALAR) {
		sg_diag(d, SG_ERROR, type ? type->span : member->key->span, "give it a Type",
			"resource '%.*s' has no Type", SG_FMT(member->key->text));
		return;
	}
	sg_guard exists = existence(m, node);
	if (!sg_guard_possible(m->worlds, exists))
		return; /* no deployment has it */
	struct sg_resource *r = &m->resources[m->n++];
	*r = (struct sg_resource){
		.id = member->key->text,
		.type = type->text,
		.info = sg_type_find(type->text),
		.key = member->key,
		.node = node,
		.props = sg_node_get(node, "Properties"),
		.exists = exists,
		.pointer = sg_pointer_add(m->arena, SG_LIT("/Resources"), member->key->text),
	};
	sg_map_put(m->by_id, r->id, r);
	if (sg_map_get(m->followed, r->id))
		r->info = &followed_stack;
	if (r->info->class_ == SG_TYPE_UNKNOWN)
		unknown_type(m, r);
}

static void mistake(struct sg_model *m, const struct sg_resource *r, const char *attribute, enum sg_verdict verdict,
		    const struct sg_node *at, const char *settle, const char *what)
{
	struct sg_finding *f = sg_finding_add(m->findings, "TPL005", verdict, at->span, r->id, "%s '%.*s' of %.*s %s",
					      attribute, SG_FMT(at->text), SG_FMT(r->id), what);
	sg_finding_settle(m->findings, f, "%s", settle);
}

static void check_depends_on(struct sg_model *m, const struct sg_resource *r, const struct sg_node *on)
{
	for (size_t i = 0; on && on->kind == SG_SEQ && i < on->n; i++)
		if (on->items[i]->kind == SG_SCALAR)
			check_depends_on(m, r, on->items[i]);
	if (!on || on->kind != SG_SCALAR || sg_cfn_declared(m->cfn, on->text) == SG_PASS)
		return;
	mistake(m, r, "DependsOn", sg_cfn_declared(m->cfn, on->text), on, "name a resource of the template",
		"is no resource of this template");
}

/* https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html; with the language
 * extensions it may be a function of a parameter. */
static void check_policy(struct sg_model *m, const struct sg_resource *r, const char *attribute)
{
	static const char *const policies[] = {"Delete", "Retain", "Snapshot", "RetainExceptOnCreate"};
	const struct sg_node *n = sg_node_get(r->node, attribute);
	for (size_t i = 0; n && i < sizeof(policies) / sizeof(*policies); i++)
		if (sg_node_is(n, policies[i]))
			return;
	if (n && n->kind == SG_SCALAR)
		mistake(m, r, attribute, SG_FAIL, n, "write Delete, Retain or Snapshot",
			"is none that CloudFormation has");
}

static void check_attributes(struct sg_model *m, const struct sg_resource *r)
{
	check_depends_on(m, r, sg_node_get(r->node, "DependsOn"));
	check_policy(m, r, "DeletionPolicy");
	check_policy(m, r, "UpdateReplacePolicy");
}

/* A loop that is left where nothing unrolls it. */
static void check_loops(struct sg_model *m, const struct sg_node *section)
{
	for (size_t i = 0; section && section->kind == SG_MAP && i < section->n; i++) {
		const struct sg_node *key = section->members[i].key;
		if (!sg_str_starts(key->text, "Fn::ForEach") || sg_cfn_has_extensions(m->expanded))
			continue;
		struct sg_finding *f =
			sg_finding_add(m->findings, "TPL005", SG_FAIL, key->span, SG_LIT(""),
				       "%.*s needs Transform: AWS::LanguageExtensions", SG_FMT(key->text));
		sg_finding_settle(m->findings, f, "name the transform, or write out what the loop makes");
		const struct sg_node *loop = section->members[i].value;
		if (loop->kind == SG_SEQ && loop->n == 3)
			check_loops(m, loop->items[2]);
	}
}

static void wrong_section(struct sg_model *m, const struct sg_node *at, const char *what, const char *settle)
{
	struct sg_finding *f = sg_finding_add(m->findings, "TPL005", SG_FAIL, at->span, SG_LIT(""), "%s", what);
	sg_finding_settle(m->findings, f, "%s", settle);
}

static bool is_alphanumeric(struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'))
			return false;
	return s.n > 0;
}

/* A macro is named, or is a mapping with its Name and Parameters. */
static void check_macros(struct sg_model *m, const struct sg_node *t)
{
	static const char hint[] = "write Transform: AWS::Serverless-2016-10-31, or a list of names";
	for (size_t i = 0; t->kind == SG_SEQ && i < t->n; i++)
		check_macros(m, t->items[i]);
	if (t->kind == SG_SCALAR && sg_read_yaml11(t).type == SG_T_NULL)
		wrong_section(m, t, "Transform is empty", hint);
	if (t->kind != SG_MAP)
		return;
	const struct sg_node *name = sg_node_get(t, "Name");
	if (!name || t->n != 1 + (sg_node_get(t, "Parameters") != NULL))
		wrong_section(m, t, "a macro here has a Name, and may have Parameters", hint);
}

static bool is_section(struct sg_str name)
{
	return sg_cfn_is_section(name) || sg_str_starts(name, "Fn::"); /* said elsewhere */
}

/* https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/format-version-structure.html, and of mappings: names are
 * alphanumeric. */
static void check_names(struct sg_model *m)
{
	const struct sg_node *version = sg_node_get(m->expanded, "AWSTemplateFormatVersion");
	const struct sg_node *transform = sg_node_get(m->expanded, "Transform");
	const struct sg_node *mappings = sg_node_get(m->expanded, "Mappings");
	if (version && !sg_node_is(version, "2010-09-09"))
		wrong_section(m, version, "the only version of templates is 2010-09-09", "write '2010-09-09'");
	if (transform)
		check_macros(m, transform);
	for (size_t i = 0; !sg_cfn_has_macro(m->expanded) && i < m->expanded->n; i++)
		if (!is_section(m->expanded->members[i].key->text))
			wrong_section(m, m->expanded->members[i].key, "templates have no such section",
				      "take it away, or correct its name");
	for (size_t i = 0; mappings && mappings->kind == SG_MAP && i < mappings->n; i++) {
		const struct sg_node *key = mappings->members[i].key;
		if (!is_alphanumeric(key->text) && !sg_str_starts(key->text, "Fn::"))
			wrong_section(m, key, "the name of a mapping has letters and digits alone", "rename it");
	}
}

/* Sections are mappings. */
static void check_sections(struct sg_model *m)
{
	static const char *const sections[] = {"Parameters", "Mappings", "Conditions", "Rules", "Outputs"};
	check_names(m);
	check_loops(m, sg_node_get(m->expanded, "Resources"));
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const struct sg_node *n = sg_node_get(m->expanded, sections[i]);
		check_loops(m, n);
		if (!n || n->kind == SG_MAP)
			continue;
		wrong_section(m, n, sg_strf(m->arena, "the section %s is no mapping", sections[i]).p,
			      "write names and what they stand for, or take it away");
	}
}

/* Also where no analysis looks: CloudFormation refuses the whole template. */
static void find_mistakes(struct sg_model *m)
{
	const struct sg_node *outputs = sg_node_get(m->expanded, "Outputs");
	sg_cfn_check_conditions(m->cfn);
	check_sections(m);
	for (size_t i = 0; i < m->n; i++) {
		check_attributes(m, &m->resources[i]);
		sg_cfn_check(m->cfn, m->resources[i].props, m->resources[i].exists);
	}
	for (size_t i = 0; outputs && outputs->kind == SG_MAP && i < outputs->n; i++) {
		const struct sg_node *condition = sg_node_get(outputs->members[i].value, "Condition");
		sg_guard exists = SG_ALWAYS;
		if (condition && condition->kind == SG_SCALAR)
			exists = sg_cfn_condition(m->cfn, condition->text, condition);
		sg_cfn_check(m->cfn, sg_node_get(outputs->members[i].value, "Value"), exists);
	}
}

static bool is_serverless(struct sg_str name)
{
	return sg_str_is(name, "AWS::Serverless-2016-10-31");
}

/* Macros other than SAM may change every resource. */
static void check_transform(struct sg_model *m, const struct sg_node *t)
{
	if (!t)
		return;
	if (t->kind == SG_SEQ) {
		for (size_t i = 0; i < t->n; i++)
			check_transform(m, t->items[i]);
		return;
	}
	if (t->kind == SG_SCALAR && is_serverless(t->text))
		return;
	struct sg_str name = t->kind == SG_SCALAR ? t->text : SG_LIT("a macro with parameters");
	/* AWS::LanguageExtensions only adds functions, each of which is unproven where it is met */
	if (sg_str_is(name, "AWS::LanguageExtensions"))
		return;
	struct sg_finding *f = sg_finding_add(m->findings, "TPL002", SG_UNPROVEN, t->span, SG_LIT(""),
					      "the macro %.*s may change any resource of this template", SG_FMT(name));
	sg_finding_settle(m->findings, f,
			  "audit the processed template (aws cloudformation get-template "
			  "--template-stage Processed)");
}

const struct sg_node *model_prepare(struct prepare *p, const struct sg_node *canonical)
{
	const struct sg_node *root = sg_cfn_include(p->arena, p->diags, canonical, p->options);
	if (!root || !check_top(p->diags, root))
		return NULL;
	root = sg_cfn_unroll(p->arena, p->diags, p->findings, root, p->options);
	struct sg_sam_options sam = {0};
	if (p->options) {
		sam.overrides = p->options->overrides;
		sam.n_overrides = p->options->n_overrides;
	}
	return model_nest(p, sg_sam_expand(p->arena, p->findings, root, &sam));
}

struct sg_model *sg_model_new(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f, const struct sg_node *root,
			      const struct sg_cfn_options *options)
{
	size_t before = sg_diags_errors(d);
	struct prepare p = {.arena = a, .diags = d, .findings = f, .options = options, .followed = sg_map_new(a)};
	const struct sg_node *expanded = model_prepare(&p, root);
	if (!expanded)
		return NULL;
	struct sg_model *m = SG_NEW(a, struct sg_model);
	m->arena = a;
	m->findings = f;
	m->raw = root;
	m->expanded = expanded;
	m->followed = p.followed;
	m->cfn = sg_cfn_new(a, d, f, m->expanded, options);
	m->worlds = sg_cfn_worlds(m->cfn);
	m->by_id = sg_map_new(a);
	const struct sg_node *resources = sg_node_get(m->expanded, "Resources");
	m->resources = SG_NEW_ARRAY(a, resources->n ? resources->n : 1, struct sg_resource);
	check_transform(m, sg_node_get(root, "Transform"));
	for (size_t i = 0; i < resources->n; i++)
		add_resource(m, d, &resources->members[i]);
	find_mistakes(m);
	return sg_diags_errors(d) == before ? m : NULL;
}

/* ------------------------------------------------------------------------------------------------ looking */

const struct sg_resource *sg_model_find(const struct sg_model *m, struct sg_str id)
{
	return sg_map_get(m->by_id, id);
}

const struct sg_resource *sg_model_next(const struct sg_model *m, const char *type, size_t *i)
{
	struct sg_str wanted = sg_str(type);
	while (*i < m->n) {
		const struct sg_resource *r = &m->resources[(*i)++];
		if (r->type.n == wanted.n && sg_str_eq(r->type, wanted))
			return r;
	}
	return NULL;
}

static bool in_list(const char *comma_list, struct sg_str word)
{
	struct sg_str rest = sg_str(comma_list);
	while (rest.n) {
		size_t comma = sg_str_find(rest, ",", 0);
		if (sg_str_eq(sg_str_sub(rest, 0, comma), word))
			return true;
		rest = comma == SIZE_MAX ? SG_LIT("") : sg_str_sub(rest, comma + 1, SIZE_MAX);
	}
	return false;
}

const struct sg_resource *sg_model_target(const struct sg_model *m, const struct sg_val *v)
{
	const struct sg_symbol *s = sg_val_symbol(v);
	if (!s || (s->kind != SG_SYM_RESOURCE && s->kind != SG_SYM_ATTRIBUTE))
		return NULL;
	const struct sg_resource *r = sg_model_find(m, s->name);
	if (!r || s->kind == SG_SYM_RESOURCE)
		return r;
	return in_list(r->info->identity, s->attribute) ? r : NULL;
}

const struct sg_resource *sg_model_attribute(const struct sg_model *m, const struct sg_val *v, const char *attribute)
{
	const struct sg_symbol *s = sg_val_symbol(v);
	if (!s || s->kind != SG_SYM_ATTRIBUTE || !sg_str_is(s->attribute, attribute))
		return NULL;
	return sg_model_find(m, s->name);
}

struct sg_alts sg_prop(const struct sg_model *m, const struct sg_resource *r, const char *dotted, sg_guard in)
{
	return sg_eval_path(m->cfn, r->props, dotted, sg_guard_and(m->worlds, in, r->exists));
}

struct sg_items sg_prop_items(const struct sg_model *m, const struct sg_resource *r, const char *dotted, sg_guard in)
{
	return sg_alts_items(m->cfn, sg_prop(m, r, dotted, in), false);
}

struct sg_span sg_prop_span(const struct sg_resource *r, const struct sg_val *v)
{
	if (v && v->node && v->kind != SG_V_ABSENT)
		return v->node->span;
	return r->key->span;
}

/* ------------------------------------------------------------------------------------------------ findings */

static struct sg_str property_pointer(const struct sg_model *m, const struct sg_resource *r, const char *dotted)
{
	struct sg_str p = r->pointer, rest = sg_str(dotted);
	if (!rest.n)
		return p;
	if (!sg_str_is(rest, "Type"))
		p = sg_pointer_add(m->arena, p, SG_LIT("Properties"));
	while (rest.n) {
		size_t dot = sg_str_find(rest, ".", 0);
		p = sg_pointer_add(m->arena, p, sg_str_sub(rest, 0, dot));
		rest = dot == SIZE_MAX ? SG_LIT("") : sg_str_sub(rest, dot + 1, SIZE_MAX);
	}
	return p;
}

struct sg_finding *sg_model_finding(const struct sg_model *m, const char *rule, enum sg_verdict status,
				    const struct sg_resource *r, const char *dotted, sg_guard guard,
				    struct sg_span span, const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_finding *f = sg_finding_add(m->findings, rule, status, span, r->id, "%s", b.p);
	sg_buf_free(&b);
	f->path = property_pointer(m, r, dotted);
	sg_guard_when(m->worlds, guard, m->arena, f);
	return f;
}
