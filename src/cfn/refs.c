/*
 * Ref and GetAtt, wherever they are spelled (as functions, or inside Sub).
 */
#include "cfn/cfn_priv.h"

/* https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
static const char *const pseudo[] = {"AWS::AccountId", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region",
				     "AWS::StackId",   "AWS::StackName",        "AWS::URLSuffix"};

bool cfn_is_pseudo(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(pseudo) / sizeof(*pseudo); i++)
		if (sg_str_is(name, pseudo[i]))
			return true;
	return false;
}

/* Resources that other expansions than ours make: SAM's implicit APIs. */
static bool is_implicit(struct sg_str id)
{
	return sg_str_starts(id, "ServerlessRestApi") || sg_str_starts(id, "ServerlessHttpApi") ||
	       sg_str_starts(id, "ServerlessWebSocketApi");
}

static bool resource_exists(struct sg_cfn *c, struct sg_str id)
{
	return sg_map_get(c->resources, id) || (is_implicit(id) && !c->complete);
}

/* A module's resources have its logical id before their own. */
static bool of_module(struct sg_cfn *c, struct sg_str id)
{
	const struct sg_node *resources = sg_node_get(c->root, "Resources");
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++) {
		const struct sg_node *type = sg_node_get(resources->members[i].value, "Type");
		if (type && type->kind == SG_SCALAR && sg_str_ends(type->text, "::MODULE") &&
		    sg_str_starts(id, sg_cstr(c->arena, resources->members[i].key->text)))
			return true;
	}
	return false;
}

enum sg_verdict sg_cfn_declared(struct sg_cfn *c, struct sg_str id)
{
	if (resource_exists(c, id))
		return SG_PASS;
	return c->complete && !of_module(c, id) ? SG_FAIL : SG_UNPROVEN;
}

/* A Ref to what the template does not declare: CloudFormation refuses it, unless something that is not expanded yet makes
 * it. */
static struct sg_alts undeclared(struct sg_cfn *c, struct sg_str id, const struct sg_node *node, sg_guard in)
{
	cfn_complain(c, "TPL005", sg_cfn_declared(c, id), node, "declare it, or correct the name",
		     "'%.*s' is no resource, parameter or pseudo parameter of this template", SG_FMT(id));
	return cfn_one(
		c, in,
		cfn_val_unknown(c, node, NULL, "what '%.*s' refers to, which is not in the template", SG_FMT(id)));
}

/* What a region says about pseudo-parameters; of regions that are not here (isolated ones), only its name is known.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
static const char *regional(const struct sg_cfn *c, struct sg_str name)
{
	static const struct {
		const char *prefix, *partition, *suffix;
	} partitions[] = {
		{"cn-", "aws-cn", "amazonaws.com.cn"},
		{"us-gov-", "aws-us-gov", "amazonaws.com"},
		{"us-iso", NULL, NULL},
		{"eu-iso", NULL, NULL},
		{"eusc-", NULL, NULL},
		{"", "aws", "amazonaws.com"},
	};
	size_t i = 0;
	if (!c->region)
		return NULL;
	if (sg_str_is(name, "AWS::Region"))
		return c->region;
	while (!sg_str_starts(sg_str(c->region), partitions[i].prefix))
		i++;
	return sg_str_is(name, "AWS::Partition")   ? partitions[i].partition
	       : sg_str_is(name, "AWS::URLSuffix") ? partitions[i].suffix
						   : NULL;
}

struct sg_alts cfn_ref(struct sg_cfn *c, struct sg_str name, const struct sg_node *node, sg_guard in)
{
	if (sg_str_is(name, "AWS::NoValue"))
		return cfn_one(c, in, cfn_val_absent(node));
	if (sg_str_is(name, "AWS::NotificationARNs"))
		return cfn_one(c, in,
			       cfn_val_unknown(c, node, cfn_symbol(c, SG_SYM_PSEUDO, name, SG_LIT(""), node),
					       "the stack's notification topics"));
	struct parameter *p = sg_map_get(c->parameters, name);
	if (p)
		return cfn_param_eval(c, p, node, in);
	enum sg_symbol_kind kind = cfn_is_pseudo(name) ? SG_SYM_PSEUDO : SG_SYM_RESOURCE;
	const char *known = kind == SG_SYM_PSEUDO ? regional(c, name) : NULL;
	if (known)
		return cfn_one(c, in, cfn_val_literal(c, sg_str(known), node));
	if (kind == SG_SYM_RESOURCE && !resource_exists(c, name))
		return undeclared(c, name, node, in);
	return cfn_one(c, in, cfn_val_symbol(c, cfn_symbol(c, kind, name, SG_LIT(""), node), node));
}

struct sg_alts cfn_getatt(struct sg_cfn *c, struct sg_str id, struct sg_str attribute, const struct sg_node *node,
			  sg_guard in)
{
	if (!resource_exists(c, id))
		return undeclared(c, id, node, in);
	return cfn_one(c, in, cfn_val_symbol(c, cfn_symbol(c, SG_SYM_ATTRIBUTE, id, attribute, node), node));
}
