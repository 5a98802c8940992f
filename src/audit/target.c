/*
 * What a caller with a role of its own is told to call, where that is no word: the places of a resource's properties that
 * take a function, and whether what only a deployment knows there may be this one.
 */
#include "audit/audit_priv.h"

/* Where a function is given: a key, below another (NULL: below any), of a type (NULL: of any).  `any`: what stands there
 * is found out when it runs, whatever it says. */
static const struct place {
	const char *type, *above, *key;
	bool any;
} places[] = {
	{"AWS::Scheduler::Schedule", "Target", "Arn"},
	{"AWS::Scheduler::Schedule", "Target", "Input"}, /* of a call of the API, as aws-sdk:lambda:invoke */
	{"AWS::KinesisFirehose::DeliveryStream", "Parameters", "ParameterValue"},
	{"AWS::Events::Rule", "Targets", "Arn"},
	{"AWS::Pipes::Pipe", NULL, "Target"},
	{"AWS::Pipes::Pipe", NULL, "Enrichment"},
	{"AWS::ApiGateway::Method", "Integration", "Uri"},
	{"AWS::ApiGateway::Authorizer", NULL, "AuthorizerUri"},
	{"AWS::ApiGateway::RestApi", NULL, "uri"},
	{"AWS::ApiGateway::RestApi", NULL, "authorizerUri"},
	{"AWS::ApiGatewayV2::Api", NULL, "uri"},
	{"AWS::ApiGatewayV2::Api", NULL, "authorizerUri"},
	{"AWS::ApiGatewayV2::Integration", NULL, "IntegrationUri"},
	{"AWS::ApiGatewayV2::Authorizer", NULL, "AuthorizerUri"},
	{"AWS::SSM::MaintenanceWindowTask", NULL, "TaskArn"},
	{"AWS::StepFunctions::StateMachine", NULL, "Resource"},
	{"AWS::StepFunctions::StateMachine", NULL, "DefinitionString"},
	{"AWS::StepFunctions::StateMachine", "DefinitionSubstitutions", NULL},
	{"AWS::StepFunctions::StateMachine", NULL, "FunctionName.$", true},
	{"AWS::StepFunctions::StateMachine", "DefinitionS3Location", "Key", true},
	{NULL, NULL, "FunctionName"},
	{NULL, NULL, "FunctionArn"},
	{NULL, NULL, "LambdaArn"},
	{NULL, NULL, "LambdaARN"},
	{NULL, NULL, "LambdaFunctionArn"},
	{NULL, NULL, "LambdaFunctionARN"},
	{NULL, NULL, "Lambda"},
};

struct walk {
	struct check *k;
	const struct sg_resource *r;
	sg_guard in;
	struct audit_target *out;
};

static const struct place *takes_function(const struct sg_resource *r, struct sg_str above, struct sg_str key)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct place *p = &places[i];
		if ((!p->type || sg_str_is(r->type, p->type)) && (!p->above || sg_str_is(above, p->above)) &&
		    (!p->key || sg_str_is(key, p->key)))
			return p;
	}
	return NULL;
}

/* ---------------------------------------------------------------------------------------------- values */

/* Resources whose attributes are whatever somebody makes them; those of others are their own. */
static bool gives_anything(struct sg_str type)
{
	return !sg_str_starts(type, "AWS::") || sg_str_starts(type, "AWS::CloudFormation::") ||
	       sg_str_is(type, "AWS::SSM::Parameter") || sg_str_is(type, "AWS::Lambda::Alias") ||
	       sg_str_is(type, "AWS::Lambda::Version");
}

/* A parameter, an import, an output of a nested stack, an attribute of a custom resource. */
static bool is_open(struct check *k, const struct sg_symbol *s)
{
	const struct sg_resource *r = sg_model_find(k->m, s->name);
	if (s->kind == SG_SYM_PSEUDO)
		return false;
	return (s->kind != SG_SYM_RESOURCE && s->kind != SG_SYM_ATTRIBUTE) || !r || gives_anything(r->type);
}

/* What a text has before a function's name: "…:function:", "FunctionName": ", "Resource": " */
static bool names_next(struct sg_str before)
{
	static const char *const keys[] = {"\"Resource\"", "\"FunctionName\"", "function:", "functions/"};
	size_t n = before.n;
	while (n && (before.p[n - 1] == ' ' || before.p[n - 1] == '\n' || before.p[n - 1] == '\t' ||
		     before.p[n - 1] == '\\'))
		n--;
	if (n > 1 && before.p[n - 1] == '"')
		for (n--; n && (before.p[n - 1] == ' ' || before.p[n - 1] == ':' || before.p[n - 1] == '\n' ||
				before.p[n - 1] == '\t');)
			n--;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (sg_str_ends(sg_str_sub(before, 0, n), keys[i]))
			return true;
	return false;
}

/* A text with symbols in it: one that is a name, or begins what is one. */
static bool text_is_open(struct check *k, const struct sg_val *v)
{
	struct sg_str before = SG_LIT("");
	for (size_t i = 0; i < v->n_parts; i++) {
		const struct sg_symbol *s = v->parts[i].symbol;
		if (s && is_open(k, s) && (before.n == 0 || names_next(before)))
			return true;
		before = s ? sg_strf(k->m->arena, "%.*s_", SG_FMT(before))
			   : sg_strf(k->m->arena, "%.*s%.*s", SG_FMT(before), SG_FMT(v->parts[i].literal));
	}
	return false;
}

/* A name that a state machine makes when it runs, in JSONata or by a path:
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
static bool is_made_later(struct check *k, const struct sg_val *v)
{
	struct sg_str text;
	if (!sg_val_text(k->m->arena, v, &text))
		return false;
	if (sg_str_starts(text, "{%") || sg_str_find(text, "\"FunctionName.$\"", 0) != SIZE_MAX)
		return true;
	for (size_t at = sg_str_find(text, "{%", 0); at != SIZE_MAX; at = sg_str_find(text, "{%", at + 2))
		if (names_next(sg_str_sub(text, 0, at)))
			return true;
	return false;
}

static bool may_be_function(struct walk *w, const struct sg_val *v, sg_guard in)
{
	const struct sg_symbol *s = sg_val_symbol(v);
	enum sg_same same = audit_names_function(w->k, v, in);
	if (!s && v->kind == SG_V_UNKNOWN)
		s = v->symbol;
	if (same != SG_MAYBE)
		return same == SG_SAME;
	if (s)
		return is_open(w->k, s);
	return v->kind == SG_V_UNKNOWN || (v->kind == SG_V_STRING && text_is_open(w->k, v));
}

static bool value(struct walk *w, const struct sg_node *n, const struct place *place)
{
	bool machine = sg_str_is(w->r->type, "AWS::StepFunctions::StateMachine");
	struct sg_alts alts = sg_eval(w->k->m->cfn, n, w->in);
	for (size_t i = 0; i < alts.n; i++) {
		sg_guard in = sg_guard_and(w->k->m->worlds, w->in, alts.v[i].guard);
		const struct sg_val *v = &alts.v[i].val;
		bool later = v->kind != SG_V_ABSENT && (place->any || (machine && is_made_later(w->k, v)));
		if (!sg_guard_possible(w->k->m->worlds, in) || (!later && !may_be_function(w, v, in)))
			continue;
		*w->out = (struct audit_target){.at = v->node ? v->node : n, .val = *v, .in = in, .later = later};
		return true;
	}
	return false;
}

/* ---------------------------------------------------------------------------------------------- places */

static bool is_intrinsic(const struct sg_node *n)
{
	return n->kind == SG_MAP && n->n == 1 &&
	       (sg_str_starts(n->members[0].key->text, "Fn::") || sg_str_is(n->members[0].key->text, "Ref"));
}

static bool find(struct walk *w, const struct sg_node *n, struct sg_str above, struct sg_str key)
{
	bool one = n && (n->kind == SG_SCALAR || is_intrinsic(n));
	const struct place *place = one ? takes_function(w->r, above, key) : NULL;
	if (place && value(w, n, place))
		return true;
	for (size_t i = 0; n && n->kind == SG_SEQ && i < n->n; i++)
		if (find(w, n->items[i], above, key))
			return true;
	for (size_t i = 0; n && n->kind == SG_MAP && i < n->n; i++) {
		struct sg_str own = n->members[i].key->text;
		bool branch = one && sg_str_is(own, "Fn::If");
		if (branch ? find(w, n->members[i].value, above, key) : !one && find(w, n->members[i].value, key, own))
			return true;
	}
	return false;
}

bool audit_target(struct check *k, const struct sg_resource *r, struct audit_target *out)
{
	struct walk w = {k, r, sg_guard_and(k->m->worlds, r->exists, k->in), out};
	return sg_guard_possible(k->m->worlds, w.in) && find(&w, r->props, SG_LIT(""), SG_LIT(""));
}
