/*
 * Properties of which the translator keeps a schema: what the values must be, and what reading them makes of them.
 *
 * The schema is read by pydantic 1, which converts: what is null is not there, a number for a string becomes one, a
 * string for a number or Boolean is read as such, and where a map may stand, whatever Python's dict() takes becomes a map.
 * https://docs.pydantic.dev/1.10/usage/types/ and
 * https://github.com/aws/serverless-application-model/tree/develop/samtranslator/internal/schema_source
 */
#include "sam/sam_priv.h"

struct shaping {
	struct sam *s;
	const char *id; /* of the resource that is wrong when something is */
};

static struct val *read_as(struct shaping *p, struct val *v, const struct shape *shape);

SG_NORETURN static void wrong(struct shaping *p, const struct val *v, const struct shape *shape)
{
	sam_fail(p->s, p->id, v, "the property '%s' is of a wrong type", shape->name + (*shape->name == '!'));
}

/* ------------------------------------------------------------------------------------------------ maps */

/* One of the pairs that a map is made of: a list of two, or a string of two letters. */
static bool pair(struct sam *s, const struct val *item, struct val **key, struct val **value)
{
	if (is_list(item) && item->n == 2 && is_str(item->items[0])) {
		*key = item->items[0];
		*value = item->items[1];
		return true;
	}
	if (!is_str(item) || item->text.n != 2 || (item->text.p[0] & 0x80))
		return false;
	*key = val_str(s, item->node, sg_str_sub(item->text, 0, 1));
	*value = val_str(s, item->node, sg_str_sub(item->text, 1, 1));
	return true;
}

/* NULL where it is neither a map nor made into one. */
static struct val *as_map(struct sam *s, struct val *v)
{
	if (is_map(v))
		return v;
	if (!is_list(v) && !(is_str(v) && !v->text.n))
		return NULL;
	struct val *map = val_map(s, v->node), *key, *value;
	for (size_t i = 0; is_list(v) && i < v->n; i++) {
		if (!pair(s, v->items[i], &key, &value))
			return NULL;
		set_key(s, map, key->text, NULL, value);
	}
	return map;
}

static const struct shape *field_of(const struct shape *fields, struct sg_str key)
{
	for (; fields->name; fields++)
		if (sg_str_is(key, fields->name + (*fields->name == '!')))
			return fields;
	return NULL;
}

static struct val *read_fields(struct shaping *p, struct val *v, const struct shape *fields, const char *name)
{
	struct val *out = val_map(p->s, v->node);
	for (size_t i = 0; i < v->n; i++) {
		const struct entry *e = &v->entries[i];
		const struct shape *field = field_of(fields, e->key);
		if (!field)
			sam_fail(p->s, p->id, e->value, "%s has no property '%.*s'", name, SG_FMT(e->key));
		if (e->value->type != SG_T_NULL)
			set_key(p->s, out, e->key, e->key_node, read_as(p, e->value, field));
	}
	for (; fields->name; fields++)
		if (*fields->name == '!')
			want(p->s, p->id, get(out, fields->name + 1), v, fields->name + 1);
	return out;
}

static struct val *fields(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v);
	return map ? read_fields(p, map, shape->inner, shape->name + (*shape->name == '!')) : NULL;
}

/* A map of names to what `inner` is. */
static struct val *each(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v), *out = map ? val_map(p->s, v->node) : NULL;
	for (size_t i = 0; map && i < map->n; i++)
		set_key(p->s, out, map->entries[i].key, map->entries[i].key_node,
			read_as(p, map->entries[i].value, shape->inner));
	return out;
}

static struct val *list(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *out = is_list(v) ? val_list(p->s, v->node) : NULL;
	for (size_t i = 0; out && i < v->n; i++)
		push(p->s, out, read_as(p, v->items[i], shape->inner));
	return out;
}

static struct val *map_or_list(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v);
	return map ? map : list(p, v, shape);
}

static struct val *any(struct shaping *p, struct val *v, const struct shape *shape)
{
	(void)p, (void)shape;
	return v;
}

static struct val *map(struct shaping *p, struct val *v, const struct shape *shape)
{
	(void)shape;
	return as_map(p->s, v);
}

/* ------------------------------------------------------------------------------------------------ scalars */

static struct val *string(struct shaping *p, struct val *v, const struct shape *shape)
{
	(void)shape;
	if (is_bool(v))
		return val_text(p->s, v->node, v->boolean ? "True" : "False");
	if (v->type == SG_T_INT || v->type == SG_T_FLOAT)
		return val_str(p->s, v->node, json_text(p->s, v, 0));
	return is_str(v) ? v : NULL;
}

static struct val *boolean(struct shaping *p, struct val *v, const struct shape *shape)
{
	static const char *const yes[] = {"1", "on", "t", "true", "y", "yes"};
	static const char *const no[] = {"0", "off", "f", "false", "n", "no"};
	(void)shape;
	double number;
	if (is_bool(v))
		return v;
	if ((v->type == SG_T_INT || v->type == SG_T_FLOAT) && sg_parse_double(v->text, &number))
		return number == 0 || number == 1 ? val_bool(p->s, v->node, number == 1) : NULL;
	for (size_t i = 0; is_str(v) && i < sizeof(yes) / sizeof(*yes); i++)
		if (sg_str_is_nocase(v->text, yes[i]) || sg_str_is_nocase(v->text, no[i]))
			return val_bool(p->s, v->node, sg_str_is_nocase(v->text, yes[i]));
	return NULL;
}

static struct val *integer(struct shaping *p, struct val *v, const struct shape *shape)
{
	(void)shape;
	int64_t i;
	double number;
	if (v->type == SG_T_INT)
		return v;
	if (is_bool(v))
		return val_int(p->s, v->node, v->boolean);
	if (is_str(v) && sg_parse_i64(sg_str_trim(v->text), &i))
		return val_int(p->s, v->node, i);
	bool cut = v->type == SG_T_FLOAT && sg_parse_double(v->text, &number) && number > -1e15 && number < 1e15;
	return cut ? val_int(p->s, v->node, (int64_t)number) : NULL;
}

static struct val *number(struct shaping *p, struct val *v, const struct shape *shape)
{
	double known;
	if (v->type == SG_T_FLOAT)
		return v;
	struct val *whole = integer(p, v, shape);
	if (whole || !is_str(v) || !sg_parse_double(sg_str_trim(v->text), &known))
		return whole;
	struct val *made = val_str(p->s, v->node, sg_str_trim(v->text));
	made->type = SG_T_FLOAT;
	return made;
}

static struct val *word(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v);
	return map ? map : string(p, v, shape);
}

static struct val *some_integer(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v);
	return map ? map : integer(p, v, shape);
}

static struct val *some_number(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v);
	return map ? map : number(p, v, shape);
}

/* A whole number where it can be made one: 2.5 becomes 2. */
static struct val *whole_or_number(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *whole = some_integer(p, v, shape);
	return whole ? whole : number(p, v, shape);
}

static struct val *one_of(struct shaping *p, struct val *v, const struct shape *shape)
{
	(void)p;
	return is_one_of(v, shape->words) ? v : NULL;
}

static struct val *some_one_of(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *map = as_map(p->s, v);
	return map ? map : one_of(p, v, shape);
}

static struct val *fields_or_boolean(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *known = fields(p, v, shape);
	return known ? known : boolean(p, v, shape);
}

/* ------------------------------------------------------------------------------------------------ the table */

static struct val *(*const readers[])(struct shaping *p, struct val *v, const struct shape *shape) = {
	[SHAPE_ANY] = any,
	[SHAPE_MAP] = map,
	[SHAPE_FIELDS] = fields,
	[SHAPE_FIELDS_OR_BOOL] = fields_or_boolean,
	[SHAPE_EACH] = each,
	[SHAPE_LIST] = list,
	[SHAPE_SOME_LIST] = map_or_list,
	[SHAPE_STR] = string,
	[SHAPE_SOME_STR] = word,
	[SHAPE_BOOL] = boolean,
	[SHAPE_SOME_INT] = some_integer,
	[SHAPE_SOME_FLOAT] = some_number,
	[SHAPE_SOME_NUMBER] = whole_or_number,
	[SHAPE_WORD] = one_of,
	[SHAPE_SOME_WORD] = some_one_of,
};

static struct val *read_as(struct shaping *p, struct val *v, const struct shape *shape)
{
	struct val *read = v->type == SG_T_NULL ? NULL : readers[shape->kind](p, v, shape);
	if (!read)
		wrong(p, v, shape);
	return read;
}

struct val *shaped(struct sam *s, const char *id, struct val *v, const struct shape *fields, const char *name)
{
	struct shaping p = {s, id};
	struct val *known = as_map(s, v);
	if (!known)
		sam_fail(s, id, v, "'%s' should be a map", name);
	return read_fields(&p, known, fields, name);
}
