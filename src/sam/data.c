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
static void read_managed(struct sam *s)
{
	struct sg_str text = file("managed_policies.txt");
	int bit = partition_bit(s);
	s->managed = sg_map_new(s->arena);
	for (size_t at = 0; at < text.n;) {
		size_t space = sg_str_find(text, " ", at), end = sg_str_find(text, "\n", at);
		struct sg_str path = sg_str_sub(text, space + 3, end - space - 3);
		if (hex_digit(text.p[space + 1]) & bit)
			sg_map_put(s->managed, sg_str_sub(text, at, space - at),
				   (void *)(uintptr_t)sg_cstr(s->arena, path)); /* NOLINT: a string */
		at = end + 1;
	}
}

struct val *data_managed_policy(struct sam *s, struct sg_str name)
{
	if (!s->managed)
		read_managed(s);
	const char *path = sg_map_get(s->managed, name);
	return path ? managed_policy(s, s->at, path) : NULL;
}
