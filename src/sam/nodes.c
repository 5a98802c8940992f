/*
 * Small constructors of nodes, so that an expansion reads like what it makes.
 */
#include "sam/sam_priv.h"

const struct sg_node *sam_str(struct sam *s, struct sg_str text, const struct sg_node *from)
{
	return sg_node_scalar(s->arena, text, SG_DOUBLE, SG_WHY_SAM, from);
}

const struct sg_node *sam_text(struct sam *s, const char *text, const struct sg_node *from)
{
	return sam_str(s, sg_str(text), from);
}

const struct sg_node *sam_map(struct sam *s, const struct sg_node *from, ...)
{
	struct sg_mapper m = {.arena = s->arena};
	va_list ap;
	va_start(ap, from);
	for (const char *key; (key = va_arg(ap, const char *));) {
		const struct sg_node *value = va_arg(ap, const struct sg_node *);
		if (value)
			sg_mapper_put(&m, sam_text(s, key, from), value);
	}
	va_end(ap);
	return sg_mapper_done(&m, SG_WHY_SAM, from);
}

const struct sg_node *sam_list(struct sam *s, const struct sg_node *from, ...)
{
	SG_VEC(const struct sg_node *) items = {0};
	va_list ap;
	va_start(ap, from);
	for (const struct sg_node *item; (item = va_arg(ap, const struct sg_node *));)
		SG_PUSH(s->arena, &items, item);
	va_end(ap);
	return sg_node_seq(s->arena, items.v, items.n, SG_WHY_SAM, from);
}

const struct sg_node *sam_ref(struct sam *s, struct sg_str id, const struct sg_node *from)
{
	return sam_map(s, from, "Ref", sam_str(s, id, from), NULL);
}

const struct sg_node *sam_no_value(struct sam *s, const struct sg_node *from)
{
	return sam_ref(s, SG_LIT("AWS::NoValue"), from);
}

bool sam_is_intrinsic(const struct sg_node *n)
{
	if (!n || n->kind != SG_MAP || n->n != 1)
		return false;
	struct sg_str key = n->members[0].key->text;
	return sg_str_is(key, "Ref") || sg_str_is(key, "Condition") || sg_str_starts(key, "Fn::");
}

void sam_complain(struct sam *s, const struct sg_node *at, enum sg_verdict status, struct sg_str resource,
		  const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_finding *f = sg_finding_add(s->findings, "TPL005", status, at->span, resource, "%s", b.p);
	sg_finding_settle(s->findings, f, "write it as the SAM specification documents it");
	sg_buf_free(&b);
}

void sam_resource(struct sam *s, const struct sam_function *f, struct sg_str id, const char *type,
		  const struct sg_node *props, const struct sg_node *from)
{
	const struct sg_node *body = sam_map(s, from, "Type", sam_text(s, type, from), "Condition",
					     sg_node_get(f->node, "Condition"), "Properties", props, NULL);
	sg_mapper_put(&s->out, sam_str(s, id, from), body);
}
