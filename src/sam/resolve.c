/*
 * Where the translator looks behind an intrinsic: parameters with a known value, mappings with literal keys, and at the
 * end the references that name a property of a SAM resource or a resource that got another id.
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ ${…} in a Sub */

/* What a reference of a Sub becomes, where it is replaced; `wrong` is a value that cannot stand there. */
struct replaced {
	bool done;
	const struct val *wrong;
};

typedef struct sg_str (*replace_fn)(struct sam *s, struct sg_str name, struct val *data, struct replaced *r);

static bool name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.';
}

/* Letters, digits and dots, or AWS::Name: other references are none of the translator's. */
static bool plain_name(struct sg_str name)
{
	size_t from = sg_str_starts(name, "AWS::") ? 5 : 0;
	for (size_t i = from; i < name.n; i++)
		if (!name_char(name.p[i]) || (from && name.p[i] == '.'))
			return false;
	return name.n > from;
}

static struct sg_str sub_text(struct sam *s, struct sg_str text, replace_fn replace, struct val *data, bool *changed)
{
	struct sg_buf b = {0};
	size_t at = 0;
	for (;;) {
		size_t open = sg_str_find(text, "${", at),
		       close = open == SIZE_MAX ? open : sg_str_find(text, "}", open);
		if (close == SIZE_MAX)
			break;
		struct sg_str name = sg_str_sub(text, open + 2, close - open - 2), with = SG_LIT("");
		struct replaced r = {0};
		if (plain_name(name))
			with = replace(s, name, data, &r);
		if (r.wrong) {
			sg_buf_free(&b);
			sam_fail(s, s->current, r.wrong, "Fn::Sub takes strings; the value of %.*s is none",
				 SG_FMT(name));
		}
		if (!r.done) { /* go on behind the "${": another may begin inside */
			sg_buf_str(&b, sg_str_sub(text, at, open + 2 - at));
			at = open + 2;
			continue;
		}
		sg_buf_str(&b, sg_str_sub(text, at, open - at));
		sg_buf_str(&b, with);
		at = close + 1;
		*changed = true;
	}
	sg_buf_str(&b, sg_str_sub(text, at, SIZE_MAX));
	return taken(s, &b);
}

static void sub_in_place(struct sam *s, struct val *fn, replace_fn replace, struct val *data)
{
	struct val **slot = &fn->entries[0].value;
	if (is_list(*slot) && (*slot)->n)
		slot = &(*slot)->items[0];
	if (!is_str(*slot))
		return;
	bool changed = false;
	struct sg_str text = sub_text(s, (*slot)->text, replace, data, &changed);
	if (changed)
		*slot = val_str(s, (*slot)->node, text);
}

/* ------------------------------------------------------------------------------------------------ parameters */

static struct sg_str sub_parameter(struct sam *s, struct sg_str name, struct val *values, struct replaced *r)
{
	(void)s;
	struct val *v = get_str(values, name);
	if (!v)
		return SG_LIT("");
	r->done = is_str(v);
	r->wrong = r->done ? NULL : v;
	return r->done ? v->text : SG_LIT("");
}

struct val *resolve_with(struct sam *s, struct val *v, struct val *values, bool subs)
{
	if (!v || !values->n)
		return v;
	if (is_fn(v, "Ref") && is_str(v->entries[0].value)) {
		struct val *value = get_str(values, v->entries[0].value->text);
		return value ? value : v;
	}
	if (subs && is_fn(v, "Fn::Sub"))
		sub_in_place(s, v, sub_parameter, values);
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		v->items[i] = resolve_with(s, v->items[i], values, subs);
	for (size_t i = 0; is_map(v) && i < v->n; i++)
		v->entries[i].value = resolve_with(s, v->entries[i].value, values, subs);
	return v;
}

struct val *resolve(struct sam *s, struct val *v)
{
	return resolve_with(s, v, s->parameters, true);
}

struct val *resolve_name(struct sam *s, struct val *v)
{
	if (!v || s->options->use_defaults)
		return resolve(s, v);
	return resolve_with(s, val_copy(s, v), s->names, true);
}

/* ------------------------------------------------------------------------------------------------ mappings */

static struct val *find_in_map(struct sam *s, struct val *v)
{
	struct val *arg = v->entries[0].value;
	if (!is_list(arg) || arg->n != 3)
		sam_fail(s, s->current, v, "Fn::FindInMap takes three values");
	struct val *at = s->mappings;
	for (size_t i = 0; i < 3; i++) {
		struct val *key = resolve_maps(s, arg->items[i]);
		if (!is_str(key) || !has_str(at, key->text))
			return v;
		at = get_str(at, key->text);
		if (i < 2 && !is_map(at))
			sam_fail(s, s->current, v, "Fn::FindInMap on a mapping that has not two levels");
	}
	return at ? at : v;
}

struct val *resolve_maps(struct sam *s, struct val *v)
{
	if (!v || !s->mappings)
		return v;
	if (is_fn(v, "Fn::FindInMap"))
		return find_in_map(s, v);
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		v->items[i] = resolve_maps(s, v->items[i]);
	for (size_t i = 0; is_map(v) && i < v->n; i++)
		v->entries[i].value = resolve_maps(s, v->entries[i].value);
	return v;
}

/* ------------------------------------------------------------------------------------------------ references */

/* "Function.Alias" as the id that was made for it; "Layer" as the layer's new id. */
static struct val *target_of(struct sam *s, struct sg_str name, struct sg_str *used)
{
	size_t dot = sg_str_find(name, ".", 0);
	struct sg_str id = sg_str_sub(name, 0, dot);
	*used = id;
	struct val *v = get_str(s->renamed, id);
	if (v || dot == SIZE_MAX)
		return v;
	struct sg_str rest = sg_str_sub(name, dot + 1, SIZE_MAX);
	struct sg_str property = sg_str_sub(rest, 0, sg_str_find(rest, ".", 0));
	*used = sg_str_sub(name, 0, dot + 1 + property.n);
	return get_str(get_str(s->referable, id), property);
}

static struct sg_str sub_reference(struct sam *s, struct sg_str name, struct val *data, struct replaced *r)
{
	(void)data;
	struct sg_str used;
	struct val *target = target_of(s, name, &used);
	if (!target)
		return SG_LIT("");
	r->done = true;
	return sg_strf(s->arena, "${%.*s%.*s}", SG_FMT(target->text), SG_FMT(sg_str_sub(name, used.n, SIZE_MAX)));
}

static void reference_ref(struct sam *s, struct val *v)
{
	struct val **slot = &v->entries[0].value;
	if (!is_str(*slot))
		return;
	struct sg_str used;
	struct val *target = target_of(s, (*slot)->text, &used);
	if (target && used.n == (*slot)->text.n)
		*slot = val_str(s, (*slot)->node, target->text);
}

static void reference_att(struct sam *s, struct val *v)
{
	struct val *arg = v->entries[0].value;
	struct sg_buf b = {0};
	for (size_t i = 0; is_list(arg) && i < arg->n; i++) {
		if (!is_str(arg->items[i])) {
			sg_buf_free(&b);
			return;
		}
		sg_buf_addf(&b, "%s%.*s", i ? "." : "", SG_FMT(arg->items[i]->text));
	}
	if (!b.n || arg->n < 2) {
		sg_buf_free(&b);
		return;
	}
	struct sg_str name = sg_buf_take(&b, s->arena), used;
	struct val *target = target_of(s, name, &used);
	if (!target)
		return;
	struct val *made = make(s, arg->node, "['%s']", cstr(s, target));
	struct sg_str rest = sg_str_sub(name, used.n, SIZE_MAX);
	while (rest.n) {
		size_t end = sg_str_find(rest, ".", 1);
		push(s, made, val_str(s, arg->node, sg_str_sub(rest, 1, end == SIZE_MAX ? end : end - 1)));
		rest = end == SIZE_MAX ? SG_LIT("") : sg_str_sub(rest, end, SIZE_MAX);
	}
	v->entries[0].value = made;
}

static void rename_depends(struct sam *s, struct val **slot)
{
	struct val *list = *slot;
	if (is_str(list) && get_str(s->renamed, list->text))
		*slot = get_str(s->renamed, list->text);
	for (size_t i = 0; is_list(list) && i < list->n; i++)
		if (is_str(list->items[i]) && get_str(s->renamed, list->items[i]->text))
			list->items[i] = get_str(s->renamed, list->items[i]->text);
}

void resolve_references(struct sam *s, struct val *v)
{
	if (is_fn(v, "Ref"))
		reference_ref(s, v);
	else if (is_fn(v, "Fn::Sub"))
		sub_in_place(s, v, sub_reference, NULL);
	else if (is_fn(v, "Fn::GetAtt"))
		reference_att(s, v);
	for (size_t i = 0; is_list(v) && i < v->n; i++)
		resolve_references(s, v->items[i]);
	for (size_t i = 0; is_map(v) && i < v->n; i++) {
		if (sg_str_is(v->entries[i].key, "DependsOn"))
			rename_depends(s, &v->entries[i].value);
		resolve_references(s, v->entries[i].value);
	}
}
