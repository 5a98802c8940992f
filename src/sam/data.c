/*
 * The data that AWS publishes with SAM: policy templates, connector profiles, managed policies (data/NOTICE, made by
 * tools/sam-data.py, compiled in).  Each is read when it is first asked for.
 */
#include "sam/sam_priv.h"

#include <string.h>

extern const struct sg_embedded sg_embedded_sam[];

static struct sg_str file(const char *name)
{
	for (const struct sg_embedded *e = sg_embedded_sam; e->name; e++)
		if (!strcmp(e->name, name))
			return (struct sg_str){e->data, e->size};
	SG_BUG("a data file that is not compiled in");
}

struct val *data_policy_template(struct sam *s, struct sg_str name)
{
	if (!s->policy_templates)
		s->policy_templates = make(s, s->root->node, file("policy_templates.json").p);
	return get_str(s->policy_templates, name);
}

struct val *data_connectors(struct sam *s)
{
	if (!s->connectors)
		s->connectors = make(s, s->root->node, file("connectors.json").p);
	return s->connectors;
}

static int partition_bit(const struct sam *s)
{
	static const char *const partitions[] = {"aws", "aws-cn", "aws-us-gov", "aws-eusc"};
	for (int i = 0; i < 4; i++)
		if (sg_str_is(sg_str(s->partition), partitions[i]))
			return 1 << i;
	return 0;
}

static int hex_digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* Lines of "NAME PARTITIONS PATH"; partitions are one hexadecimal digit, in the order above from the lowest bit. */
struct val *data_managed_policy(struct sam *s, struct sg_str name)
{
	struct sg_str text = file("managed_policies.txt");
	int bit = partition_bit(s);
	for (size_t at = 0; at < text.n;) {
		size_t end = sg_str_find(text, "\n", at);
		struct sg_str line = sg_str_sub(text, at, end - at);
		at = end + 1;
		if (line.n < name.n + 3 || line.p[name.n] != ' ' || !sg_str_eq(sg_str_sub(line, 0, name.n), name))
			continue;
		if (hex_digit(line.p[name.n + 1]) & bit)
			return managed_policy(s, s->at, sg_cstr(s->arena, sg_str_sub(line, name.n + 3, SIZE_MAX)));
	}
	return NULL;
}
