/*
 * scope.c - the names that skeletons can use: every key of the spec under its path, and a few that are made of them.
 */
#include "render/render_priv.h"

#include <inttypes.h>

struct sg_scope {
	struct sg_arena *arena;
	struct sg_map *names;
	const struct sg_scope *outer;
};

static struct sg_scope *new_scope(struct sg_arena *a, const struct sg_scope *outer)
{
	struct sg_scope *s = SG_NEW(a, struct sg_scope);
	*s = (struct sg_scope){a, sg_map_new(a), outer};
	return s;
}

static struct sg_value *put(struct sg_scope *s, struct sg_str name, struct sg_str text)
{
	struct sg_value *v = SG_NEW(s->arena, struct sg_value);
	v->text = text;
	v->truth = text.n > 0;
	sg_map_put(s->names, name, v);
	return v;
}

static struct sg_value *put_number(struct sg_scope *s, struct sg_str name, int64_t n)
{
	struct sg_value *v = put(s, name, sg_strf(s->arena, "%" PRId64, n));
	v->number = true;
	return v;
}

static void put_truth(struct sg_scope *s, struct sg_str name, bool truth)
{
	put(s, name, truth ? SG_LIT("true") : SG_LIT("false"))->truth = truth;
}

static struct sg_scope *push_record(struct sg_scope *s, struct sg_value *list)
{
	struct sg_scope *record = new_scope(s->arena, NULL);
	SG_PUSH(s->arena, &list->list, record);
	list->truth = true;
	return record;
}

static void put_list(struct sg_scope *s, struct sg_str name, const struct sg_setting *setting)
{
	struct sg_value *list = put(s, name, (struct sg_str){0});
	for (size_t i = 0; i < setting->list.n; i++) {
		struct sg_scope *record = push_record(s, list);
		put(record, SG_LIT("name"), setting->list.v[i].name);
		put(record, SG_LIT("value"), setting->list.v[i].text);
	}
}

static void put_key(struct sg_scope *s, const struct sg_key *key, const struct sg_setting *value)
{
	struct sg_str name = sg_str(key->path);
	put_truth(s, sg_strf(s->arena, "%s.set", key->path), value->set);
	if (key->type == SG_KEY_LIST || key->type == SG_KEY_PAIRS)
		put_list(s, name, value);
	else if (key->type == SG_KEY_BOOL)
		put_truth(s, name, value->boolean);
	else if (key->type == SG_KEY_INT && value->set)
		put_number(s, name, value->integer);
	else
		put(s, name, value->text);
}

/* zone.id "A", zone.suffix "a", zone.index 0, zone.cidr "10.99.0.0/26" */
static void put_zones(struct sg_scope *s, const struct sg_spec *spec)
{
	struct sg_value *list = put(s, SG_LIT("zones"), (struct sg_str){0});
	for (int64_t i = 0; i < spec->zones.integer; i++) {
		struct sg_scope *zone = push_record(s, list);
		struct sg_network subnet = {0};
		SG_ASSERT(sg_spec_subnet(spec, (size_t)i, &subnet));
		put(zone, SG_LIT("id"), sg_strf(s->arena, "%c", (char)('A' + i)));
		put(zone, SG_LIT("suffix"), sg_strf(s->arena, "%c", (char)('a' + i)));
		put_number(zone, SG_LIT("index"), i);
		put(zone, SG_LIT("cidr"), sg_network_text(s->arena, subnet));
	}
}

/* Whether the user's own tags name the resources. */
static bool has_name_tag(const struct sg_spec *spec)
{
	for (size_t i = 0; i < spec->tags.list.n; i++)
		if (sg_str_is_nocase(spec->tags.list.v[i].name, "Name"))
			return true;
	return false;
}

struct sg_scope *sg_scope_new(struct sg_arena *a, const struct sg_spec *spec)
{
	struct sg_scope *s = new_scope(a, NULL);
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_keys[i].type != SG_KEY_SECTION)
			put_key(s, &sg_keys[i], sg_spec_get(spec, &sg_keys[i]));
	put_zones(s, spec);
	put_truth(s, SG_LIT("tags.named"), has_name_tag(spec));
	/* Lambda's python3.11 is on Amazon Linux 2 (glibc 2.26), later ones on Amazon Linux 2023 (glibc 2.34) */
	put_truth(s, SG_LIT("python.al2023"), !sg_str_is(spec->python.text, "3.11"));
	put(s, SG_LIT("deploy.ref"), sg_strf(a, "refs/heads/%.*s", SG_FMT(spec->branch.text)));
	return s;
}

const struct sg_value *sg_scope_get(const struct sg_scope *s, struct sg_str name)
{
	for (; s; s = s->outer) {
		const struct sg_value *v = sg_map_get(s->names, name);
		if (v)
			return v;
	}
	return NULL;
}

struct sg_scope *sg_scope_with(struct sg_arena *a, const struct sg_scope *outer, struct sg_str prefix,
                               const struct sg_scope *record)
{
	struct sg_scope *s = new_scope(a, outer);
	for (size_t i = 0; i < sg_map_size(record->names); i++) {
		struct sg_str name = sg_map_key(record->names, i);
		sg_map_put(s->names, sg_strf(a, "%.*s.%.*s", SG_FMT(prefix), SG_FMT(name)),
		           sg_map_value(record->names, i));
	}
	return s;
}
