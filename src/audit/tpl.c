/*
 * TPL001: what different readers of the same text read differently.  A value that one reader takes for another one
 * can pass this gate and deploy something else.  And TPL005, as far as it is about the template as a whole.
 */
#include "audit/audit_priv.h"

static void say(struct sg_findings *f, struct sg_span span, struct sg_str text)
{
	struct sg_finding *finding = sg_finding_add(f, "TPL001", SG_FAIL, span, SG_LIT(""), "%.*s", SG_FMT(text));
	sg_finding_settle(f, finding, "put the value into quotes, or write it so that every reader agrees");
}

static struct sg_str spell(struct sg_arena *a, struct sg_reading r)
{
	switch (r.type) {
	case SG_T_NULL:
		return SG_LIT("null");
	case SG_T_BOOL:
		return r.boolean ? SG_LIT("true") : SG_LIT("false");
	case SG_T_INT:
		if (!r.big)
			return sg_strf(a, "the number %lld", (long long)r.integer);
		return sg_strf(a, "the number %.*s", SG_FMT(r.text));
	case SG_T_FLOAT:
		return sg_strf(a, "the number %.17g", r.number);
	case SG_T_BAD:
		return SG_LIT("an error");
	default:
		return sg_strf(a, "the text \"%.*s\"", SG_FMT(r.text));
	}
}

static void scalar(struct sg_findings *f, const struct sg_node *n, uint32_t but)
{
	if (n->span.source == but || sg_readings_agree(n))
		return;
	say(f, n->span,
	    sg_strf(f->arena, "readers differ: %.*s is %.*s in YAML 1.1, %.*s in YAML 1.2", SG_FMT(n->text),
		    SG_FMT(spell(f->arena, sg_read_yaml11(n))), SG_FMT(spell(f->arena, sg_read_yaml12(n)))));
}

/* Every scalar, key or value, but those of one source (0: none).  An alias shows its anchored node again: once is
 * enough. */
static void walk(struct sg_findings *f, const struct sg_node *n, uint32_t but)
{
	if (!n || n->why == SG_WHY_ALIAS)
		return;
	if (n->kind == SG_SCALAR)
		scalar(f, n, but);
	for (size_t i = 0; n->kind == SG_SEQ && i < n->n; i++)
		walk(f, n->items[i], but);
	for (size_t i = 0; n->kind == SG_MAP && i < n->n; i++) {
		walk(f, n->members[i].key, but);
		walk(f, n->members[i].value, but);
	}
}

static bool names_sam(const struct sg_node *t)
{
	if (!t || t->kind == SG_SCALAR)
		return t && sg_node_is(t, "AWS::Serverless-2016-10-31");
	for (size_t i = 0; t->kind == SG_SEQ && i < t->n; i++)
		if (names_sam(t->items[i]))
			return true;
	return false;
}

/* What a resource can have beside its properties; texts that mean nothing (a macro that reads them is unproven itself);
 * SAM's IgnoreGlobals too.  Connectors is what is left of an embedded
 * connector that the expansion did not make policies of. */
static const char *const attributes[] = {"Type",           "Properties",    "Condition",      "DependsOn",
					 "DeletionPolicy", "UpdatePolicy",  "CreationPolicy", "UpdateReplacePolicy",
					 "Metadata",       "IgnoreGlobals", "Description",    "Version"};

static bool one_of(struct sg_str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sg_str_is(name, list[i]))
			return true;
	return false;
}

static void unknown_part(struct sg_findings *f, const struct sg_node *key, const char *of)
{
	struct sg_finding *finding = sg_finding_add(f, "TPL002", SG_UNPROVEN, sg_node_span(key), SG_LIT(""),
						    "what '%.*s' makes of %s is not known", SG_FMT(key->text), of);
	sg_finding_settle(f, finding, "take it away, or audit the processed template");
}

/* Attributes of a resource that nobody knows, but for one that is known here (or NULL). */
static void unknown_attributes(struct sg_findings *f, const struct sg_node *r, const char *known)
{
	for (size_t j = 0; r->kind == SG_MAP && sg_node_get(r, "Type") && j < r->n; j++)
		if (!one_of(r->members[j].key->text, attributes, sizeof(attributes) / sizeof(*attributes)) &&
		    !(known && sg_str_is(r->members[j].key->text, known)))
			unknown_part(f, r->members[j].key, "the resource");
}

void audit_known_parts(struct sg_findings *f, const struct sg_node *root)
{
	for (size_t i = 0; i < root->n; i++)
		if (!sg_cfn_is_section(root->members[i].key->text) || sg_node_is(root->members[i].key, "Hooks"))
			unknown_part(f, root->members[i].key, "the template");
	const struct sg_node *resources = sg_node_get(root, "Resources");
	for (size_t i = 0; i < resources->n; i++)
		unknown_attributes(f, resources->members[i].value, NULL);
}

/* SAM's own resources lose their attributes when they are expanded; a macro in one works before that. */
void audit_known_serverless(struct sg_findings *f, const struct sg_node *raw)
{
	const struct sg_node *resources = sg_node_get(raw, "Resources");
	for (size_t i = 0; i < resources->n; i++) {
		const struct sg_node *type = sg_node_get(resources->members[i].value, "Type");
		if (type && type->kind == SG_SCALAR && sg_str_starts(type->text, "AWS::Serverless::"))
			unknown_attributes(f, resources->members[i].value, "Connectors");
	}
}

void audit_transform(struct sg_findings *f, const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	for (size_t i = 0; i < resources->n && !names_sam(sg_node_get(root, "Transform")); i++) {
		const struct sg_node *type = sg_node_get(resources->members[i].value, "Type");
		if (!type || type->kind != SG_SCALAR || !sg_str_starts(type->text, "AWS::Serverless::"))
			continue;
		struct sg_finding *finding = sg_finding_add(
			f, "TPL005", SG_UNPROVEN, type->span, SG_LIT(""),
			"%.*s is nothing that CloudFormation knows without the SAM transform", SG_FMT(type->text));
		sg_finding_settle(f, finding, "Transform: AWS::Serverless-2016-10-31 would settle it");
		return; /* one tells enough */
	}
}

void audit_readers(struct sg_findings *f, const struct sg_node *root, const struct sg_node *included,
		   const struct sg_audit_options *o)
{
	/* Metadata, Description and Outputs reach no resource */
	static const char *const reach[] = {"Globals", "Parameters", "Mappings", "Conditions",
					    "Rules",   "Resources",  "Transform"};
	for (size_t i = 0; i < sizeof(reach) / sizeof(*reach); i++) {
		walk(f, sg_node_get(root, reach[i]), 0);
		walk(f, sg_node_get(included, reach[i]), root->span.source);
	}
	for (size_t i = 0; o->differences && i < o->differences->vec.n; i++)
		say(f, o->differences->vec.v[i].span, o->differences->vec.v[i].text);
}
