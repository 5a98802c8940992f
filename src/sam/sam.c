/*
 * The expansion of a template: what is done before its resources, the resources one by one, and what is done at the
 * end.  Each resource is expanded in its own try, so that one that is wrong does not hide the others.
 */
#include "sam/sam_priv.h"

#include <string.h>

/* The expansion copies the template with its aliases expanded. */
#define MAX_WEIGHT 1500000

/* ------------------------------------------------------------------------------------------------ failures */

static struct sg_str owner_of(const struct sam *s, const char *id)
{
	struct sg_str name = sg_str(id);
	if (s->resources && has_str(s->resources, name))
		return name;
	return sg_str(s->current);
}

SG_NORETURN static void leave(struct sam *s, enum sg_verdict status, struct sg_str resource, const struct val *at,
			      struct sg_str message)
{
	struct failure *f = s->failure;
	SG_ASSERT(f); /* everything that looks at the user's values runs within sam_try() */
	f->status = status;
	f->resource = resource;
	f->message = message;
	f->span = at && at->node ? at->node->span : sg_node_span(s->at);
	longjmp(f->back, 1);
}

static struct sg_str message_of(struct sam *s, const char *prefix, const char *format, va_list ap)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, prefix);
	sg_buf_vaddf(&b, format, ap);
	return sg_buf_take(&b, s->arena);
}

void sam_fail(struct sam *s, const char *id, const struct val *at, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	struct sg_str owner = owner_of(s, id);
	const char *prefix = sg_str_is(owner, id) ? "" : fmt(s, "%s: ", id);
	struct sg_str message = message_of(s, prefix, format, ap);
	va_end(ap);
	leave(s, SG_FAIL, owner, at, message);
}

void sam_fail_event(struct sam *s, const char *event, const struct val *at, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	struct sg_str message = message_of(s, fmt(s, "event '%s': ", event), format, ap);
	va_end(ap);
	leave(s, SG_FAIL, sg_str(s->current), at, message);
}

void sam_unknown(struct sam *s, const struct val *at, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	struct sg_str message = message_of(s, "", format, ap);
	va_end(ap);
	leave(s, SG_UNPROVEN, sg_str(s->current), at, message);
}

/* Before `sam build`, `sam package` and AWS::LanguageExtensions had their turn, the text is not yet what the translator
 * will refuse. */
static void report(struct sam *s, const struct failure *f)
{
	enum sg_verdict status = s->options->packaged ? f->status : SG_UNPROVEN;
	struct sg_finding *finding =
		sg_finding_add(s->findings, "TPL005", status, f->span, f->resource, "%.*s", SG_FMT(f->message));
	sg_finding_settle(s->findings, finding,
			  f->status == SG_FAIL ? "write it as the SAM specification documents it"
					       : "give the parameters values with --parameter-overrides");
	s->failures++;
}

void sam_note(struct sam *s, const struct val *at, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	struct failure f = {.status = SG_FAIL, .resource = sg_str(s->current), .span = at->node->span};
	f.message = message_of(s, "", format, ap);
	va_end(ap);
	report(s, &f);
}

bool sam_try(struct sam *s, void (*step)(struct sam *s, void *arg), void *arg)
{
	struct failure here, *before = s->failure;
	s->failure = &here;
	bool ok = setjmp(here.back) == 0;
	if (ok)
		step(s, arg);
	s->failure = before;
	if (!ok)
		report(s, &here);
	return ok;
}

struct val *want_map(struct sam *s, const char *id, struct val *v, const char *name)
{
	if (!is_map(v))
		sam_fail(s, id, v, "'%s' should be a map", name);
	return v;
}

struct val *want_list(struct sam *s, const char *id, struct val *v, const char *name)
{
	if (!is_list(v))
		sam_fail(s, id, v, "'%s' should be a list", name);
	return v;
}

struct val *want_str(struct sam *s, const char *id, struct val *v, const char *name)
{
	if (!is_str(v))
		sam_fail(s, id, v, "'%s' should be a string", name);
	return v;
}

struct val *want(struct sam *s, const char *id, struct val *v, const struct val *at, const char *name)
{
	if (!v || v->type == SG_T_NULL)
		sam_fail(s, id, at, "'%s' is required", name);
	return v;
}

/* ------------------------------------------------------------------------------------------------ one resource */

static void read_attributes(struct sam *s, struct macro *m)
{
	static const char *const kept[] = {"DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy",
					   "Metadata"};
	static const char *const passed[] = {"Condition", "DeletionPolicy", "UpdateReplacePolicy"};
	m->attributes = val_map(s, m->key);
	m->passed = val_map(s, m->key);
	m->depends_on = get(m->dict, "DependsOn");
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		set(s, m->attributes, kept[i], raw(m->dict, kept[i]));
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		set(s, m->passed, passed[i], raw(m->dict, passed[i]));
}

/* A new id must not be one that the template has already, unless the template's is what it replaces. */
static bool may_replace(const struct res *r, const struct val *there)
{
	static const char *const same[][2] = {
		{"AWS::Lambda::Function", "AWS::Serverless::Function"},
		{"AWS::Lambda::WebFunction", "AWS::Serverless::WebFunction"},
		{"AWS::Lambda::LayerVersion", "AWS::Serverless::LayerVersion"},
		{"AWS::Lambda::CapacityProvider", "AWS::Serverless::CapacityProvider"},
		{"AWS::Lambda::MicrovmImage", "AWS::Serverless::MicrovmImage"},
		{"AWS::Lambda::NetworkConnector", "AWS::Serverless::NetworkConnector"},
		{"AWS::ApiGateway::RestApi", "AWS::Serverless::Api"},
		{"AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi"},
		{"AWS::ApiGatewayV2::Api", "AWS::Serverless::WebSocketApi"},
		{"AWS::S3::Bucket", "AWS::S3::Bucket"},
		{"AWS::SNS::Topic", "AWS::SNS::Topic"},
		{"AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable"},
		{"AWS::CloudFormation::Stack", "AWS::Serverless::Application"},
		{"AWS::Cognito::UserPool", "AWS::Cognito::UserPool"},
		{"AWS::ApiGateway::DomainName", "AWS::ApiGateway::DomainName"},
		{"AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::BasePathMapping"},
		{"AWS::ApiGateway::DomainNameV2", "AWS::ApiGateway::DomainNameV2"},
		{"AWS::ApiGateway::BasePathMappingV2", "AWS::ApiGateway::BasePathMappingV2"},
		{"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"},
		{"AWS::AppSync::GraphQLApi", "AWS::Serverless::GraphQLApi"},
	};
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (sg_str_is(sg_str(r->type), same[i][0]) && is(get(there, "Type"), same[i][1]))
			return true;
	return false;
}

static void refer(struct sam *s, struct macro *m, const struct sam_kind *kind)
{
	for (const char *const *row = kind->referable; row && *row; row += 2)
		for (size_t i = m->made.n; i-- > 0;)
			if (sg_str_is(sg_str(m->made.v[i]->type), row[1])) {
				struct val *of = get(s->referable, m->id);
				if (!of)
					set(s, s->referable, m->id, of = val_map(s, m->key));
				set(s, of, row[0], val_text(s, m->key, m->made.v[i]->id));
				break;
			}
}

static void put_out(struct sam *s, struct sg_str id, const struct sg_node *key, struct val *dict)
{
	set_key(s, s->out, id, key, dict);
	if (get(dict, "DependsOn"))
		SG_PUSH(s->arena, &s->dependents, dict);
	if (is(get(dict, "Type"), "AWS::Lambda::EventSourceMapping"))
		SG_PUSH(s->arena, &s->readers, dict);
}

static void deliver(struct sam *s, struct macro *m, struct res *r)
{
	struct val *there = get(s->resources, r->id);
	if (there && !may_replace(r, there)) {
		struct failure f = {.status = SG_FAIL, .resource = sg_str(m->id), .span = m->key->span};
		f.message = sg_strf(s->arena, "its expansion makes a resource %s (%s), which the template already has",
				    r->id, r->type);
		report(s, &f);
		return;
	}
	struct val *dict = res_dict(s, r);
	if (s->options->metadata && truthy(get(m->dict, "Metadata")) && !get(s->out, r->id))
		set(s, dict, "Metadata", get(m->dict, "Metadata"));
	put_out(s, sg_str(r->id), sg_str_is(sg_str(r->id), m->id) ? m->key : NULL, dict);
	if (!sg_map_get(s->owner, sg_str(r->id)))
		sg_map_put(s->owner, sg_str(r->id), (void *)(uintptr_t)m->id); /* NOLINT: a string */
}

/* Without what the translator does not look at. */
static struct val *known_props(struct sam *s, struct val *props, const struct prop *table)
{
	struct val *known = val_map(s, props->node);
	for (const struct prop *p = table; p->name; p++)
		set(s, known, p->name, raw(props, p->name));
	return known;
}

static void expand_one(struct sam *s, void *arg)
{
	struct macro *m = arg;
	const struct sam_kind *kind = sam_kind_of(m->dict);
	if (!alnum(sg_str(m->id)))
		sam_fail(s, m->id, NULL, "the logical id '%s' is not alphanumeric", m->id);
	m->props = get(m->dict, "Properties");
	if (!m->props)
		m->props = val_map(s, m->key);
	want_map(s, m->id, m->props, "Properties");
	read_attributes(s, m);
	if (kind->phase == 0 || kind->expand == sam_state_machine)
		policy_templates(s, m);
	if (kind->expand == sam_graphql)
		m->props = known_props(s, m->props, kind->props);
	if (kind->expand != sam_application)
		check_props(s, m->id, kind->type, m->props, kind->props);
	kind->expand(s, m);
	if (m->renamed)
		set(s, s->renamed, m->id, val_text(s, m->key, m->renamed));
	refer(s, m, kind);
	for (size_t i = 0; i < m->made.n; i++)
		deliver(s, m, m->made.v[i]);
}

static void expand_all(struct sam *s)
{
	size_t n = s->resources->n;
	for (unsigned phase = 0; phase <= 5; phase++)
		for (size_t i = 0; i < n; i++) {
			struct entry *e = &s->resources->entries[i];
			const struct sam_kind *kind = sam_kind_of(e->value);
			if (!kind || kind->phase != phase)
				continue;
			struct macro m = {.id = sg_cstr(s->arena, e->key), .dict = e->value};
			m.key = e->key_node ? e->key_node : e->value->node;
			s->current = m.id;
			s->at = m.key;
			if (!sam_try(s, expand_one, &m)) /* it stays as it was written, for all to see */
				put_out(s, e->key, e->key_node, e->value);
		}
	s->current = "";
}

/* ------------------------------------------------------------------------------------------------ the template */

static const char *partition_of(const char *region)
{
	static const char *const rows[][2] = {
		{"cn-", "aws-cn"},        {"us-isob", "aws-iso-b"}, {"us-iso-", "aws-iso"}, {"us-gov", "aws-us-gov"},
		{"eu-isoe", "aws-iso-e"}, {"us-isof", "aws-iso-f"}, {"eusc-", "aws-eusc"},
	};
	for (size_t i = 0; region && i < sizeof(rows) / sizeof(*rows); i++)
		if (sg_str_starts(sg_str(region), rows[i][0]))
			return rows[i][1];
	return "aws";
}

/* Values of parameters: overrides and what the region says; for names alone, defaults too. */
static void read_parameters(struct sam *s)
{
	const struct val *declared = get(s->root, "Parameters");
	const struct sg_sam_options *o = s->options;
	s->parameters = val_map(s, s->root->node);
	for (size_t i = 0; i < o->n_overrides; i++)
		set_key(s, s->parameters, o->overrides[i].name, NULL, val_str(s, s->root->node, o->overrides[i].value));
	if (o->region) {
		set(s, s->parameters, "AWS::Region", val_text(s, s->root->node, o->region));
		set(s, s->parameters, "AWS::Partition", val_text(s, s->root->node, s->partition));
	}
	s->names = val_shallow(s, s->parameters);
	for (size_t i = 0; is_map(declared) && i < declared->n; i++) {
		struct val *v = get(declared->entries[i].value, "Default");
		if (v && !has_str(s->names, declared->entries[i].key))
			set_key(s, s->names, declared->entries[i].key, NULL, v);
	}
	if (o->use_defaults)
		s->parameters = s->names;
}

/* Every condition on a SAM resource must be a string; its Properties a map. */
static bool check_shapes(struct sam *s)
{
	for (size_t i = 0; i < s->resources->n; i++) {
		struct entry *e = &s->resources->entries[i];
		const struct val *wrong = NULL, *props = raw(e->value, "Properties");
		if (!sam_kind_of(e->value))
			continue;
		if (truthy(get(e->value, "Condition")) && !is_str(get(e->value, "Condition")))
			wrong = get(e->value, "Condition");
		else if (props && !is_map(props))
			wrong = props;
		if (!wrong)
			continue;
		struct failure f = {.status = SG_FAIL, .resource = e->key, .span = wrong->node->span};
		f.message = props == wrong ? SG_LIT("'Properties' should be a map")
					   : SG_LIT("a Condition must be a string");
		report(s, &f);
		return false;
	}
	return true;
}

static bool prepare(struct sam *s)
{
	return check_shapes(s) && plan_definitions(s) && plan_implicit_apis(s) && globals_merge(s);
}

static struct val *ordered(struct sam *s)
{
	struct val *all = val_map(s, get(s->root, "Resources")->node);
	struct sg_map *made_by = sg_map_new(s->arena);
	typedef SG_VEC(struct entry *) entry_list;
	for (size_t i = 0; i < s->out->n; i++) {
		const char *owner = sg_map_get(s->owner, s->out->entries[i].key);
		if (!owner || sg_str_is(s->out->entries[i].key, owner))
			continue;
		entry_list *list = sg_map_get(made_by, sg_str(owner));
		if (!list) {
			list = SG_NEW(s->arena, entry_list);
			sg_map_put(made_by, sg_str(owner), list);
		}
		SG_PUSH(s->arena, list, &s->out->entries[i]);
	}
	for (size_t i = 0; i < s->resources->n; i++) {
		struct entry *e = &s->resources->entries[i];
		struct val *own = get_str(s->out, e->key);
		if (own && !has_str(all, e->key))
			set_key(s, all, e->key, e->key_node, own);
		entry_list *list = sg_map_get(made_by, e->key);
		for (size_t k = 0; list && k < list->n; k++)
			set_key(s, all, list->v[k]->key, list->v[k]->key_node, list->v[k]->value);
	}
	for (size_t i = 0; i < s->out->n; i++)
		if (!has_str(all, s->out->entries[i].key))
			set_key(s, all, s->out->entries[i].key, s->out->entries[i].key_node, s->out->entries[i].value);
	return all;
}

static bool names_serverless(const struct val *t)
{
	return is(t, "AWS::Serverless-2016-10-31");
}

static void drop_transform(struct sam *s)
{
	struct val *t = get(s->root, "Transform");
	if (names_serverless(t))
		del(s->root, SG_LIT("Transform"));
	if (!is_list(t))
		return;
	struct val *rest = val_list(s, t->node);
	for (size_t i = 0; i < t->n; i++)
		if (!names_serverless(t->items[i]))
			push(s, rest, t->items[i]);
	if (rest->n)
		set(s, s->root, "Transform", rest);
	else
		del(s->root, SG_LIT("Transform"));
}

static void finish(struct sam *s, void *arg)
{
	(void)arg;
	deployment_finish(s);
	set(s, s->root, "Resources", ordered(s));
	drop_transform(s);
	resolve_references(s, s->root);
}

static void begin(struct sam *s, const struct sg_node *root)
{
	s->root = val_read(s, root);
	s->resources = get(s->root, "Resources");
	s->owner = sg_map_new(s->arena);
	s->mappings = get(s->root, "Mappings");
	s->referable = val_map(s, root);
	s->renamed = val_map(s, root);
	s->record_sets = val_map(s, root);
	s->partition = partition_of(s->options->region);
	s->current = "";
	s->at = root;
	read_parameters(s);
}

/* ------------------------------------------------------------------------------------------------ interface */

static bool asks(const struct sg_node *t)
{
	if (!t)
		return false;
	if (t->kind == SG_SCALAR)
		return sg_str_is(t->text, "AWS::Serverless-2016-10-31");
	for (size_t i = 0; t->kind == SG_SEQ && i < t->n; i++)
		if (asks(t->items[i]))
			return true;
	return false;
}

bool sg_sam_used(const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++) {
		const struct sg_node *type = sg_node_get(resources->members[i].value, "Type");
		if (type && type->kind == SG_SCALAR && sg_str_starts(type->text, "AWS::Serverless::"))
			return true;
		if (sg_node_get(resources->members[i].value, "Connectors"))
			return true;
	}
	return asks(sg_node_get(root, "Transform"));
}

static bool expandable(const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	if (!sg_sam_used(root) || !resources || resources->kind != SG_MAP)
		return false;
	for (size_t i = 0; i < resources->n; i++)
		if (resources->members[i].value->kind != SG_MAP)
			return false;
	return true;
}

const struct sg_node *sg_sam_expand(struct sg_arena *a, struct sg_findings *f, const struct sg_node *root,
				    const struct sg_sam_options *options)
{
	static const struct sg_sam_options none;
	if (!expandable(root))
		return root;
	if (root->weight > MAX_WEIGHT) {
		sg_finding_add(f, "TPL003", SG_UNPROVEN, root->span, SG_LIT(""),
			       "the template is too large to be expanded");
		return root;
	}
	struct sam s = {.arena = a, .findings = f, .options = options ? options : &none};
	begin(&s, root);
	if (!prepare(&s))
		return root;
	connectors_embedded(&s);
	s.out = val_map(&s, root);
	for (size_t i = 0; i < s.resources->n; i++)
		if (!sam_kind_of(s.resources->entries[i].value))
			put_out(&s, s.resources->entries[i].key, s.resources->entries[i].key_node,
				s.resources->entries[i].value);
	expand_all(&s);
	if (!sam_try(&s, finish, NULL))
		return root;
	return val_write(&s, s.root);
}
