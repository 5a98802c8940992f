/*
 * schema.c - the JSON Schema of sandbox.yaml, made from the table, as a tree that the json room writes.
 *
 * Draft 7, because editors' YAML servers know it best.  Sections, lists and mappings also take null: an editor must
 * not complain while all keys of a section are commented out.
 */
#include "spec/spec_priv.h"

#include <inttypes.h>
#include <string.h>

static const struct sg_node *string(struct sg_arena *a, struct sg_str text)
{
	return sg_node_scalar(a, text, SG_JSON_STRING, SG_WHY_SOURCE, NULL);
}

static const struct sg_node *word(struct sg_arena *a, const char *text)
{
	return sg_node_scalar(a, sg_str(text), SG_JSON_WORD, SG_WHY_SOURCE, NULL);
}

static const struct sg_node *integer(struct sg_arena *a, int64_t n)
{
	return sg_node_scalar(a, sg_strf(a, "%" PRId64, n), SG_JSON_WORD, SG_WHY_SOURCE, NULL);
}

static const struct sg_node *list(struct sg_arena *a, const struct sg_node **items, size_t n)
{
	return sg_node_seq(a, items, n, SG_WHY_SOURCE, NULL);
}

static void put(struct sg_mapper *m, const char *key, const struct sg_node *value)
{
	sg_mapper_put_str(m, key, value);
}

static const struct sg_node *done(struct sg_mapper *m)
{
	return sg_mapper_done(m, SG_WHY_SOURCE, NULL);
}

static const char *json_type(enum sg_key_type type)
{
	static const char *const names[] = {
		[SG_KEY_SECTION] = "object",  [SG_KEY_STRING] = "string", [SG_KEY_INT] = "integer",
		[SG_KEY_BOOL] = "boolean",    [SG_KEY_LIST] = "array",    [SG_KEY_PAIRS] = "object",
		[SG_KEY_OVERLAYS] = "object",
	};
	return names[type];
}

static void put_type(struct sg_mapper *m, const struct sg_key *key)
{
	bool collection = key->type == SG_KEY_SECTION || sg_key_has_entries(key);
	const struct sg_node *one = string(m->arena, sg_str(json_type(key->type)));
	if (!collection && !key->nullable) {
		put(m, "type", one);
		return;
	}
	const struct sg_node **both = SG_NEW_ARRAY(m->arena, 2, const struct sg_node *);
	both[0] = one, both[1] = string(m->arena, SG_LIT("null"));
	put(m, "type", list(m->arena, both, 2));
}

/* The default as JSON. */
static const struct sg_node *fallback(struct sg_arena *a, const struct sg_key *key)
{
	struct sg_setting value;
	sg_setting_default(key, &value);
	if (!value.set)
		return word(a, "null");
	switch (key->type) {
	case SG_KEY_STRING:
		return string(a, value.text);
	case SG_KEY_INT:
		return integer(a, value.integer);
	case SG_KEY_BOOL:
		return word(a, value.boolean ? "true" : "false");
	case SG_KEY_LIST:
		return list(a, NULL, 0);
	default:
		return sg_node_map(a, NULL, 0, SG_WHY_SOURCE, NULL);
	}
}

struct choice_list {
	struct sg_arena *a;
	const struct sg_key *key;
	SG_VEC(const struct sg_node *) items;
};

static bool add_choice(struct sg_str choice, void *data)
{
	struct choice_list *c = data;
	const struct sg_node *node =
		c->key->type == SG_KEY_INT ? word(c->a, sg_cstr(c->a, choice)) : string(c->a, choice);
	SG_PUSH(c->a, &c->items, node);
	return false;
}

static void put_string_bounds(struct sg_mapper *m, const struct sg_key *key)
{
	if (key->type == SG_KEY_STRING) {
		put(m, "minLength", integer(m->arena, key->min));
		put(m, "maxLength", integer(m->arena, key->max));
	}
	if (key->pattern)
		put(m, "pattern", string(m->arena, sg_str(key->pattern)));
}

static const struct sg_node *overlay(struct sg_arena *a);

static void put_bounds(struct sg_mapper *m, const struct sg_key *key)
{
	struct sg_mapper items = {.arena = m->arena};
	switch (key->type) {
	case SG_KEY_STRING:
		put_string_bounds(m, key);
		break;
	case SG_KEY_INT:
		put(m, "minimum", integer(m->arena, key->min));
		put(m, "maximum", integer(m->arena, key->max));
		break;
	case SG_KEY_LIST:
		put(m, "maxItems", integer(m->arena, key->max));
		put(&items, "type", string(m->arena, SG_LIT("string")));
		put_string_bounds(&items, key);
		put(m, "items", done(&items));
		break;
	case SG_KEY_OVERLAYS:
		put(m, "maxProperties", integer(m->arena, key->max));
		put(&items, "pattern", string(m->arena, sg_str(key->pattern)));
		put(m, "propertyNames", done(&items));
		put(m, "additionalProperties", overlay(m->arena));
		break;
	case SG_KEY_PAIRS:
		put(m, "maxProperties", integer(m->arena, key->max));
		put(&items, "type", string(m->arena, SG_LIT("string")));
		put(m, "additionalProperties", done(&items));
		break;
	default:
		break;
	}
}

/* Of what this version cannot render yet only the default is valid. */
static void put_values(struct sg_mapper *m, const struct sg_key *key)
{
	if (key->later) {
		put(m, "const", fallback(m->arena, key));
		return;
	}
	put_type(m, key);
	if (!key->choices) {
		put_bounds(m, key);
		return;
	}
	struct choice_list c = {.a = m->arena, .key = key};
	sg_choices_each(key->choices, add_choice, &c);
	put(m, "enum", list(m->arena, c.items.v, c.items.n));
}

static const struct sg_node *keys_of(struct sg_arena *a, const struct sg_key *section, bool over);

/* `over`: in an environment, where a key that is not there has the value of the spec below, not its default. */
static const struct sg_node *describe(struct sg_arena *a, const struct sg_key *key, bool over)
{
	struct sg_mapper m = {.arena = a};
	struct sg_str later = key->later ? sg_strf(a, " In this version only %s.", key->fallback) : SG_LIT("");
	put(&m, "description", string(a, sg_strf(a, "%s%.*s", key->help, SG_FMT(later))));
	if (key->type == SG_KEY_SECTION) {
		put_type(&m, key);
		put(&m, "additionalProperties", word(a, "false"));
		put(&m, "properties", keys_of(a, key, over));
		return done(&m);
	}
	if (!over)
		put(&m, "default", fallback(a, key));
	put_values(&m, key);
	return done(&m);
}

static const struct sg_node *keys_of(struct sg_arena *a, const struct sg_key *section, bool over)
{
	struct sg_mapper m = {.arena = a};
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_key_within(&sg_keys[i], section) && !(over && sg_keys[i].once))
			put(&m, sg_key_last(&sg_keys[i]), describe(a, &sg_keys[i], over));
	return done(&m);
}

static const struct sg_node *overlay(struct sg_arena *a)
{
	struct sg_mapper m = {.arena = a};
	const struct sg_node **both = SG_NEW_ARRAY(a, 2, const struct sg_node *);
	both[0] = string(a, SG_LIT("object")), both[1] = string(a, SG_LIT("null"));
	put(&m, "type", list(a, both, 2));
	put(&m, "additionalProperties", word(a, "false"));
	put(&m, "properties", keys_of(a, NULL, true));
	return done(&m);
}

const struct sg_node *sg_spec_schema(struct sg_arena *a)
{
	struct sg_mapper m = {.arena = a};
	put(&m, "$schema", string(a, SG_LIT("http://json-schema.org/draft-07/schema#")));
	put(&m, "title", string(a, SG_LIT("sandbox.yaml")));
	put(&m, "description",
	    string(a, SG_LIT("Specification of a sandbox for Python scripts, read by sandboxgen. Every key "
			     "has a default.")));
	put(&m, "type", string(a, SG_LIT("object")));
	put(&m, "additionalProperties", word(a, "false"));
	put(&m, "properties", keys_of(a, NULL, false));
	return done(&m);
}
