/*
 * The properties that SAM knows of its resources and events, and of what kind their values are.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
 */
#include "sam/sam_priv.h"

static unsigned type_of(const struct val *v)
{
	switch (v->type) {
	case SG_T_STRING:
		return T_STR;
	case SG_T_MAP:
		return T_MAP;
	case SG_T_LIST:
		return T_LIST;
	case SG_T_BOOL:
		return T_BOOL | T_INT; /* as in the translator's language */
	case SG_T_INT:
		return T_INT;
	default:
		return 0;
	}
}

static bool inner_ok(const struct val *v, unsigned type)
{
	unsigned inner = (type & T_OF_STR ? T_STR : 0) | (type & T_OF_MAP ? T_MAP : 0) | (type & T_OF_INT ? T_INT : 0);
	for (size_t i = 0; inner && is_list(v) && (type & T_LIST) && i < v->n; i++)
		if (!(type_of(v->items[i]) & inner))
			return false;
	if (!inner || !is_map(v) || (type & T_LIST)) /* of a list or map, the list's items are meant */
		return true;
	for (size_t i = 0; i < v->n; i++)
		if (!(type_of(v->entries[i].value) & inner))
			return false;
	return true;
}

static void check_prop(struct sam *s, const char *id, const struct val *props, const struct prop *p)
{
	const struct val *v = get(props, p->name);
	if (is_map(v) && v->n == 1 && !(p->type & T_NO_INTRINSIC))
		return;
	if (!v && (p->type & T_REQUIRED))
		sam_fail(s, id, props, "the required property '%s' is missing", p->name);
	unsigned types = p->type & T_TYPES;
	if (v && types && (!(type_of(v) & types) || !inner_ok(v, p->type)))
		sam_fail(s, id, v, "the property '%s' is of a wrong type", p->name);
}

void check_props(struct sam *s, const char *id, const char *type, struct val *props, const struct prop *table)
{
	for (size_t i = 0; i < props->n; i++) {
		const struct prop *p = table;
		while (p->name && !sg_str_is(props->entries[i].key, p->name))
			p++;
		if (!p->name)
			sam_fail(s, id, props->entries[i].value, "%s has no property '%.*s'", type,
				 SG_FMT(props->entries[i].key));
	}
	for (const struct prop *p = table; p->name; p++)
		check_prop(s, id, props, p);
}
