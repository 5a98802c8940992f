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
		put(record, SG_LIT("number"), sg_strf(s->arena, "%zu", i + 1));
	}
}

static struct sg_scope *scope_of(struct sg_arena *a, const struct sg_spec *spec, struct sg_str environment);

static void put_environments(struct sg_scope *s, struct sg_str name, const struct sg_setting *setting)
{
	struct sg_value *list = put(s, name, (struct sg_str){0});
	for (size_t i = 0; i < setting->list.n; i++) {
		const struct sg_setting *one = &setting->list.v[i];
		SG_PUSH(s->arena, &list->list, scope_of(s->arena, one->spec, one->name));
		list->truth = true;
	}
}

static void put_key(struct sg_scope *s, const struct sg_key *key, const struct sg_setting *value)
{
	struct sg_str name = sg_str(key->path);
	put_truth(s, sg_strf(s->arena, "%s.set", key->path), value->set);
	if (key->type == SG_KEY_LIST || key->type == SG_KEY_PAIRS)
		put_list(s, name, value);
	else if (key->type == SG_KEY_OVERLAYS)
		put_environments(s, name, value);
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

/* ---------------------------------------------------------------------------------------------- environments */

/* env.name "prod", env.id "Prod" for logical ids, env.dot ".prod" and env.dash "-prod" for other names; of the spec
 * itself "default" and nothing. */
static void put_environment(struct sg_scope *s, struct sg_str name)
{
	bool base = !name.n;
	struct sg_str id = sg_str_dup(s->arena, name);
	if (id.n && id.p[0] >= 'a')
		id = sg_strf(s->arena, "%c%.*s", (char)(id.p[0] - 'a' + 'A'), SG_FMT(sg_str_sub(name, 1, SIZE_MAX)));
	put(s, SG_LIT("env.name"), base ? SG_LIT("default") : name);
	put(s, SG_LIT("env.id"), id);
	put(s, SG_LIT("env.dot"), base ? SG_LIT("") : sg_strf(s->arena, ".%.*s", SG_FMT(name)));
	put(s, SG_LIT("env.dash"), base ? SG_LIT("") : sg_strf(s->arena, "-%.*s", SG_FMT(name)));
	/* where `sam build` puts it */
	put(s, SG_LIT("env.build"),
	    base ? SG_LIT(".aws-sam/build") : sg_strf(s->arena, ".aws-sam/environments/%.*s", SG_FMT(name)));
}

/* The spec itself and all that lie over it. */
static void put_deployments(struct sg_scope *s)
{
	const struct sg_value *over = sg_map_get(s->names, SG_LIT("environments"));
	struct sg_value *list = put(s, SG_LIT("deployments"), (struct sg_str){0});
	struct sg_scope *base = new_scope(s->arena, NULL);
	for (size_t i = 0; i < sg_map_size(s->names); i++)
		sg_map_put(base->names, sg_map_key(s->names, i), sg_map_value(s->names, i));
	SG_PUSH(s->arena, &list->list, base);
	for (size_t i = 0; i < over->list.n; i++)
		SG_PUSH(s->arena, &list->list, over->list.v[i]);
}

/* ---------------------------------------------------------------------------------------------- deployment */

/* The partition of a region: the second field of every ARN in it. */
static struct sg_str partition_of(struct sg_str region)
{
	static const struct {
		const char *prefix, *partition;
	} rows[] = {{"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"},
		    {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"},
		    {"eusc-", "aws-eusc"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (sg_str_starts(region, rows[i].prefix))
			return sg_str(rows[i].partition);
	return SG_LIT("aws");
}

/* The subjects of GitHub's token, to the letter.  Repositories made or renamed since 15 July 2026 send the form with
 * numbers, older ones the names alone (github/docs#45221); which one this is, nobody but GitHub knows. */
static void put_subjects(struct sg_scope *s, const struct sg_spec *spec)
{
	struct sg_value *list = put(s, SG_LIT("deploy.subjects"), (struct sg_str){0});
	struct sg_str repository = spec->repository.text, environment = spec->environment.text;
	size_t slash = sg_str_find(repository, "/", 0);
	if (!spec->repository.set)
		return;
	put(push_record(s, list), SG_LIT("value"),
	    sg_strf(s->arena, "repo:%.*s:environment:%.*s", SG_FMT(repository), SG_FMT(environment)));
	if (!spec->repository_id.set || !spec->owner_id.set)
		return;
	put(push_record(s, list), SG_LIT("value"),
	    sg_strf(s->arena, "repo:%.*s@%" PRId64 "/%.*s@%" PRId64 ":environment:%.*s",
		    SG_FMT(sg_str_sub(repository, 0, slash)), spec->owner_id.integer,
		    SG_FMT(sg_str_sub(repository, slash + 1, SIZE_MAX)), spec->repository_id.integer,
		    SG_FMT(environment)));
}

static void put_deployment(struct sg_scope *s, const struct sg_spec *spec)
{
	bool bootstrap = spec->repository.set;
	put(s, SG_LIT("deploy.ref"), sg_strf(s->arena, "refs/heads/%.*s", SG_FMT(spec->branch.text)));
	put_truth(s, SG_LIT("deploy.bootstrap"), bootstrap);
	put_truth(s, SG_LIT("deploy.known"), bootstrap && spec->account.set);
	/* Names of roles, policies and buckets are short and one for an account: they end in this instead of the stack. */
	put(s, SG_LIT("deploy.suffix"),
	    sg_strf(s->arena, "%08" PRIx32, (uint32_t)(sg_render_checksum(spec->stack.text) >> 32)));
	put_truth(s, SG_LIT("boundary.rendered"), bootstrap && !spec->permissions_boundary.set);
	put(s, SG_LIT("partition"), partition_of(spec->region.text));
	put_subjects(s, spec);
}

static struct sg_scope *scope_of(struct sg_arena *a, const struct sg_spec *spec, struct sg_str environment)
{
	struct sg_scope *s = new_scope(a, NULL);
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_keys[i].type != SG_KEY_SECTION)
			put_key(s, &sg_keys[i], sg_spec_get(spec, &sg_keys[i]));
	put_zones(s, spec);
	put_truth(s, SG_LIT("tags.named"), has_name_tag(spec));
	put_truth(s, SG_LIT("alarms"), sg_spec_has_alarms(spec));
	put_truth(s, SG_LIT("tenancy.per_tenant"), sg_spec_per_tenant(spec));
	/* Lambda's python3.11 is on Amazon Linux 2 (glibc 2.26), later ones on Amazon Linux 2023 (glibc 2.34) */
	put_truth(s, SG_LIT("python.al2023"), !sg_str_is(spec->python.text, "3.11"));
	put_deployment(s, spec);
	put_environment(s, environment);
	put_deployments(s);
	return s;
}

struct sg_scope *sg_scope_new(struct sg_arena *a, const struct sg_spec *spec, struct sg_str environment)
{
	return scope_of(a, spec, environment);
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
