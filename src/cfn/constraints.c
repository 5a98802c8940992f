/*
 * What a parameter's declaration says about its values beside AllowedValues: CloudFormation refuses a deployment with any
 * other value, so no world has it.  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 *
 * A value is excluded only where that is certain; one too many costs a finding, one too few a wrong pass.
 */
#include "cfn/cfn_priv.h"

static bool number_of(const struct sg_node *p, const char *key, double *out)
{
	const struct sg_node *n = sg_node_get(p, key);
	if (!n || n->kind != SG_SCALAR)
		return false;
	struct sg_reading r = sg_read_yaml11(n);
	if (r.type == SG_T_INT || r.type == SG_T_FLOAT) {
		*out = r.number;
		return true;
	}
	return r.type == SG_T_STRING && sg_parse_double(r.text, out);
}

static bool has_digit(struct sg_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9')
			return true;
	return false;
}

static bool number_excluded(const struct parameter *p, struct sg_str text)
{
	double value, bound;
	if (!has_digit(text))
		return true;
	if (!sg_parse_double(text, &value))
		return false; /* how much of a number this is, Java knows */
	return (number_of(p->node, "MinValue", &bound) && value < bound) ||
	       (number_of(p->node, "MaxValue", &bound) && value > bound);
}

static bool is_ascii(struct sg_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 128)
			return false;
	return true;
}

static bool length_excluded(const struct parameter *p, struct sg_str text)
{
	double bound;
	if (!is_ascii(text))
		return false; /* characters, or units of UTF-16? */
	return (number_of(p->node, "MinLength", &bound) && (double)text.n < bound) ||
	       (number_of(p->node, "MaxLength", &bound) && (double)text.n > bound);
}

bool cfn_param_excludes(struct sg_cfn *c, const struct parameter *p, struct sg_str text)
{
	const struct sg_node *pattern = sg_node_get(p->node, "AllowedPattern");
	if (p->list || sg_str_starts(p->type, "AWS::SSM::Parameter::"))
		return false; /* of a list it is about each element, of an SSM type about the parameter's name */
	if (sg_str_is(p->type, "Number") && number_excluded(p, text))
		return true;
	if (sg_str_is(p->type, "String") && length_excluded(p, text))
		return true;
	bool ok = false;
	struct sg_str regex = pattern ? sg_read_string(c->arena, pattern, &ok) : SG_LIT("");
	return ok && sg_str_is(p->type, "String") && cfn_pattern_excludes(regex, text);
}

bool cfn_excludes(struct sg_cfn *c, struct sg_str parameter, struct sg_str text)
{
	struct parameter *p = sg_map_get(c->parameters, parameter);
	return p && cfn_param_excludes(c, p, text);
}
