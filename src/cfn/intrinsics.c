/*
 * Which function a map is, and the functions that need no file of their own.
 */
#include "cfn/cfn_priv.h"

typedef struct sg_alts (*handler)(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in);

/* The name that an argument of Ref or GetAtt spells: a scalar, or, with the language extensions, a function whose text is
 * known.  False where it is not known. */
static bool name_of(struct sg_cfn *c, const struct sg_node *n, sg_guard in, struct sg_str *out)
{
	if (n->kind == SG_SCALAR) {
		*out = n->text;
		return true;
	}
	struct sg_alts alts = sg_eval(c, n, in);
	return alts.n == 1 && sg_val_text(c->arena, &alts.v[0].val, out);
}

/* Is it something that may stand there at all? */
static bool may_name(const struct sg_cfn *c, const struct sg_node *n)
{
	return n->kind == SG_SCALAR || (c->extensions && n->kind == SG_MAP);
}

static struct sg_alts fn_ref(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	struct sg_str name;
	if (!may_name(c, arg))
		return cfn_malformed(c, node, in, "Ref takes a name");
	if (!name_of(c, arg, in, &name))
		return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "a Ref whose name is computed"));
	return cfn_ref(c, name, node, in);
}

static struct sg_alts fn_getatt(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	struct sg_str id, attribute;
	if (arg->kind != SG_SEQ || arg->n != 2 || !may_name(c, arg->items[0]) || arg->items[1]->kind == SG_SEQ)
		return cfn_malformed(c, node, in, "Fn::GetAtt takes a resource and an attribute");
	if (!name_of(c, arg->items[0], in, &id) || !name_of(c, arg->items[1], in, &attribute))
		return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "an attribute whose name is computed"));
	return cfn_getatt(c, id, attribute, node, in);
}

static struct sg_alts fn_if(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind != SG_SEQ || arg->n != 3 || arg->items[0]->kind != SG_SCALAR)
		return cfn_malformed(c, node, in, "Fn::If takes a condition's name and two values");
	sg_guard cond = sg_cfn_condition(c, arg->items[0]->text, arg->items[0]);
	struct alts b = {0};
	for (int branch = 0; branch < 2; branch++) {
		sg_guard g = branch ? sg_guard_minus(c->worlds, in, cond) : sg_guard_and(c->worlds, in, cond);
		if (!sg_guard_possible(c->worlds, g))
			continue;
		struct sg_alts alts = sg_eval(c, arg->items[1 + branch], g);
		for (size_t i = 0; i < alts.n; i++)
			cfn_emit(c, &b, alts.v[i].guard, alts.v[i].val);
	}
	return cfn_done(c, &b, node, in);
}

static struct sg_alts named(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in,
			    enum sg_symbol_kind kind, const char *what, bool list)
{
	struct alts b = {0};
	struct sg_alts alts = sg_eval(c, arg, in);
	for (size_t i = 0; i < alts.n; i++) {
		struct sg_str of = alts.v[i].val.kind == SG_V_LIST ? sg_strf(c->arena, "%p", (const void *)arg)
								   : sg_val_describe(c->arena, &alts.v[i].val);
		struct sg_str name = sg_strf(c->arena, "%s %.*s", what, SG_FMT(of));
		const struct sg_symbol *s = cfn_symbol(c, kind, name, SG_LIT(""), node);
		struct sg_val v = list ? cfn_val_unknown(c, node, s, "%.*s", SG_FMT(name)) : cfn_val_symbol(c, s, node);
		cfn_emit(c, &b, alts.v[i].guard, v);
	}
	return cfn_done(c, &b, node, in);
}

static struct sg_alts fn_import(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind == SG_SEQ || sg_node_get(arg, "Fn::ImportValue"))
		return cfn_malformed(c, node, in, "Fn::ImportValue takes the name of an export");
	return named(c, node, arg, in, SG_SYM_IMPORT, "the imported value", false);
}

/* Words of letters and at the end a number: us-east-1, us-gov-west-1; us-east-1a is a zone. */
static bool looks_like_region(struct sg_str name)
{
	size_t dashes = 0, digits = 0;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		dashes += c == '-';
		digits += c >= '0' && c <= '9';
		if (c != '-' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			return false;
	}
	return dashes >= 2 && digits && name.p[name.n - 1] >= '0' && name.p[name.n - 1] <= '9';
}

static struct sg_alts fn_get_azs(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	if (arg->kind == SG_SCALAR && arg->text.n && !looks_like_region(arg->text))
		return cfn_malformed(c, arg, in, "Fn::GetAZs takes the name of a region, not '%.*s'",
				     SG_FMT(arg->text));
	return named(c, node, arg, in, SG_SYM_OTHER, "the availability zones of", true);
}

/* https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html */
static struct sg_alts fn_stack_output(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg,
				      sg_guard in)
{
	static const char *const known[] = {"StackName", "OutputName", "Region", "RoleArn"};
	const struct sg_node *wrong = sg_node_get(arg, "StackName") && sg_node_get(arg, "OutputName") ? NULL : arg;
	for (size_t i = 0; !wrong && i < arg->n; i++) {
		const struct sg_node *key = arg->members[i].key;
		wrong = key;
		for (size_t k = 0; wrong && k < sizeof(known) / sizeof(*known); k++)
			wrong = sg_node_is(key, known[k]) ? NULL : key;
	}
	if (wrong)
		return cfn_malformed(
			c, wrong, in,
			"Fn::GetStackOutput takes StackName and OutputName, and may have Region and RoleArn");
	struct sg_str name = sg_strf(c->arena, "the output of another stack (%u)", node->span.start);
	return cfn_one(c, in, cfn_val_symbol(c, cfn_symbol(c, SG_SYM_IMPORT, name, SG_LIT(""), node), node));
}

static struct sg_alts fn_transform(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg, sg_guard in)
{
	const struct sg_node *name = sg_node_get(arg, "Name");
	struct sg_str what = name && name->kind == SG_SCALAR ? name->text : SG_LIT("a macro");
	cfn_complain(c, "TPL002", SG_UNPROVEN, node, "write out what it makes, or audit the processed template",
		     "what %.*s makes of this is not known offline", SG_FMT(what));
	return cfn_one(c, in, cfn_val_unknown(c, node, NULL, "what %.*s makes of this", SG_FMT(what)));
}

static struct sg_alts fn_condition_only(struct sg_cfn *c, const struct sg_node *node, const struct sg_node *arg,
					sg_guard in)
{
	(void)arg;
	return cfn_malformed(c, node, in, "%.*s stands only under Conditions and Rules",
			     SG_FMT(node->members[0].key->text));
}

static const struct {
	const char *name;
	handler run;
} functions[] = {
	{"Fn::And", fn_condition_only},
	{"Fn::Base64", cfn_fn_base64},
	{"Fn::Cidr", cfn_fn_cidr},
	{"Fn::Equals", fn_condition_only},
	{"Fn::FindInMap", cfn_fn_find_in_map},
	{"Fn::GetAZs", fn_get_azs},
	{"Fn::GetAtt", fn_getatt},
	{"Fn::GetStackOutput", fn_stack_output},
	{"Fn::If", fn_if},
	{"Fn::ImportValue", fn_import},
	{"Fn::Join", cfn_fn_join},
	{"Fn::Length", cfn_fn_length},
	{"Fn::Not", fn_condition_only},
	{"Fn::Or", fn_condition_only},
	{"Fn::Select", cfn_fn_select},
	{"Fn::Split", cfn_fn_split},
	{"Fn::Sub", cfn_fn_sub},
	{"Fn::ToJsonString", cfn_fn_to_json},
	{"Fn::Transform", fn_transform},
	{"Ref", fn_ref},
};

static handler find(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (sg_str_is(name, functions[i].name))
			return functions[i].run;
	return NULL;
}

/* A map with a function among its members that is not alone, or whose name nobody knows.  Fn::ForEach stands beside
 * other members and makes more of them. */
static bool misplaced(struct sg_cfn *c, const struct sg_node *node, sg_guard in, struct sg_alts *out)
{
	for (size_t i = 0; i < node->n; i++) {
		struct sg_str key = node->members[i].key->text;
		if (!sg_str_starts(key, "Fn::"))
			continue;
		if (sg_str_starts(key, "Fn::ForEach") && !c->extensions && node->span.source == c->root->span.source) {
			*out = cfn_malformed(c, node->members[i].key, in,
					     "%.*s needs Transform: AWS::LanguageExtensions", SG_FMT(key));
		} else if (sg_str_starts(key, "Fn::ForEach")) {
			cfn_complain(c, "TPL002", SG_UNPROVEN, node->members[i].key,
				     "write out its result, or audit the processed template",
				     "what Fn::ForEach makes is not computed offline");
			*out = cfn_one(c, in, cfn_val_unknown(c, node, NULL, "what Fn::ForEach makes"));
		} else {
			*out = cfn_malformed(c, node->members[i].key, in,
					     find(key) ? "%.*s must be the only member of its mapping"
						       : "%.*s is no function of CloudFormation",
					     SG_FMT(key));
		}
		return true;
	}
	return false;
}

bool cfn_is_function(const struct sg_node *map)
{
	if (map->n == 1 && sg_node_is(map->members[0].key, "Ref"))
		return true;
	for (size_t i = 0; i < map->n; i++)
		if (sg_str_starts(map->members[i].key->text, "Fn::"))
			return true;
	return false;
}

/* Functions that are there only with Transform: AWS::LanguageExtensions.  A nested stack's file names its own. */
static bool needs_extensions(const struct sg_cfn *c, const struct sg_node *node)
{
	struct sg_str name = node->members[0].key->text;
	return !c->extensions && node->span.source == c->root->span.source &&
	       (sg_str_is(name, "Fn::Length") || sg_str_is(name, "Fn::ToJsonString"));
}

bool cfn_intrinsic(struct sg_cfn *c, const struct sg_node *node, sg_guard in, struct sg_alts *out)
{
	if (!cfn_is_function(node))
		return false;
	if (node->n != 1)
		return misplaced(c, node, in, out);
	handler run = find(node->members[0].key->text);
	if (!run)
		return misplaced(c, node, in, out);
	if (needs_extensions(c, node)) {
		*out = cfn_malformed(c, node, in, "%.*s needs Transform: AWS::LanguageExtensions",
				     SG_FMT(node->members[0].key->text));
		return true;
	}
	*out = run(c, node, node->members[0].value, in);
	return true;
}
