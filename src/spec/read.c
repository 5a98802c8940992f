/*
 * read.c - from a document to a spec: which keys there are, where, once each, and whether this version can do what
 * they ask.
 */
#include "spec/spec_priv.h"

#include <inttypes.h>
#include <string.h>

struct reader {
	struct sg_diags *d;
	struct sg_arena *a;
	struct sg_spec *spec;
	const char *overlay; /* "environments.prod" while one is read, else NULL */
	const struct sg_node *overlays;
};

static void read_section(struct reader *r, const struct sg_key *section, const struct sg_node *map);

/* ---------------------------------------------------------------------------------------------- unknown keys */

/* The key of this name that is somewhere else: 'cidr' at the top belongs under 'network'. */
static const struct sg_key *elsewhere(struct sg_str name)
{
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_str_is(name, sg_key_last(&sg_keys[i])))
			return &sg_keys[i];
	return NULL;
}

static const struct sg_key *nearest_key(const struct sg_key *section, struct sg_str name)
{
	const struct sg_key *best = NULL;
	size_t limit = name.n < 5 ? 1 : 2, least = limit + 1;
	for (size_t i = 0; i < sg_keys_count; i++) {
		if (!sg_key_within(&sg_keys[i], section))
			continue;
		size_t n = sg_str_distance(name, sg_str(sg_key_last(&sg_keys[i])), limit);
		if (n < least)
			best = &sg_keys[i], least = n;
	}
	return best;
}

static struct sg_str all_keys(struct sg_arena *a, const struct sg_key *section)
{
	struct sg_buf out = {0};
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_key_within(&sg_keys[i], section))
			sg_buf_addf(&out, "%s%s", out.n ? ", " : "", sg_key_last(&sg_keys[i]));
	return sg_buf_take(&out, a);
}

static struct sg_str unknown_hint(struct reader *r, const struct sg_key *section, struct sg_str name)
{
	const struct sg_key *near = nearest_key(section, name), *other = elsewhere(name);
	if (other && strchr(other->path, '.'))
		return sg_strf(r->a, "'%.*s' belongs under '%.*s'", SG_FMT(name),
			       (int)(strchr(other->path, '.') - other->path), other->path);
	if (other)
		return sg_strf(r->a, "'%.*s' belongs at the top level", SG_FMT(name));
	if (near)
		return sg_strf(r->a, "did you mean '%s'?", sg_key_last(near));
	struct sg_str keys = all_keys(r->a, section);
	return sg_strf(r->a, "the keys are: %.*s", SG_FMT(keys));
}

static void unknown_key(struct reader *r, const struct sg_key *section, const struct sg_node *key)
{
	struct sg_str hint = unknown_hint(r, section, key->text);
	sg_diag(r->d, SG_ERROR, key->span, hint.p, "unknown key '%.*s'%s%s", SG_FMT(key->text), section ? " in " : "",
		section ? section->path : "");
}

/* ---------------------------------------------------------------------------------------------- mappings */

/* A key that every reader sees as this text, there once. */
static bool plain_key(struct reader *r, const char *where, const struct sg_node *key, struct sg_map *seen)
{
	if (key->kind != SG_SCALAR || sg_node_tag(key).n) {
		sg_diag(r->d, SG_ERROR, key->span, NULL, "a key of %s must be a plain word", where);
		return false;
	}
	if (key->style == SG_PLAIN && sg_str_is(key->text, "<<")) {
		sg_diag(r->d, SG_ERROR, key->span, "write the keys out",
			"merge keys are not used in a spec: YAML 1.2 has none");
		return false;
	}
	const struct sg_node *before = sg_map_put(seen, key->text, (void *)(uintptr_t)key);
	if (!before)
		return true;
	struct sg_pos first = sg_pos_start(sg_diags_sources(r->d), before->span);
	sg_diag(r->d, SG_ERROR, key->span, sg_strf(r->a, "it is on line %" PRIu32 " already", first.line).p,
		"duplicate key '%.*s'", SG_FMT(key->text));
	return false;
}

/* NULL where the node is no mapping; an empty value stands for an empty mapping, so that all keys of a section can be
 * commented out. */
static bool as_map(struct reader *r, const char *path, const struct sg_node *node, enum sg_kind kind)
{
	if (node->kind == kind && !sg_node_tag(node).n)
		return true;
	if (node->kind == SG_SCALAR && sg_readings_agree(node) && sg_read_yaml11(node).type == SG_T_NULL)
		return false;
	sg_diag(r->d, SG_ERROR, sg_node_tag(node).n ? sg_node_tag_span(node) : node->span, NULL, "%s must be a %s",
		path, kind == SG_MAP ? "mapping of keys to values" : "list");
	return false;
}

static void read_pairs(struct reader *r, const struct sg_key *key, const struct sg_node *node, struct sg_setting *out)
{
	struct sg_map *seen = sg_map_new(r->a);
	for (size_t i = 0; i < node->n; i++) {
		const struct sg_member *m = &node->members[i];
		struct sg_setting pair = {
			.set = true, .given = true, .span = m->value->span, .name_span = m->key->span};
		const char *what = sg_strf(r->a, "a value of %s", key->path).p;
		if (!plain_key(r, key->path, m->key, seen) ||
		    !sg_string_read(sg_strf(r->a, "a name in %s", key->path).p, m->key, r->d, &pair.name) ||
		    !sg_string_read(what, m->value, r->d, &pair.text))
			continue;
		if (!key->check || key->check(r->d, &pair))
			SG_PUSH(r->a, &out->list, pair);
	}
}

static void read_list(struct reader *r, const struct sg_key *key, const struct sg_node *node, struct sg_setting *out)
{
	const char *what = sg_strf(r->a, "an entry of %s", key->path).p;
	for (size_t i = 0; i < node->n; i++) {
		struct sg_setting entry = {.set = true, .given = true, .span = node->items[i]->span};
		if (sg_string_read(what, node->items[i], r->d, &entry.text) && sg_string_judge(key, what, &entry, r->d))
			SG_PUSH(r->a, &out->list, entry);
	}
}

static void read_many(struct reader *r, const struct sg_key *key, const struct sg_node *node, struct sg_setting *out)
{
	*out = (struct sg_setting){.set = true, .given = true, .span = node->span};
	if (!as_map(r, key->path, node, key->type == SG_KEY_LIST ? SG_SEQ : SG_MAP))
		return;
	if (node->n > (size_t)key->max) {
		sg_diag(r->d, SG_ERROR, node->span, NULL,
			"%s is out of bounds: it can have at most %" PRId64 " entries", key->path, key->max);
		return;
	}
	if (key->type == SG_KEY_PAIRS)
		read_pairs(r, key, node, out);
	else if (key->type == SG_KEY_LIST)
		read_list(r, key, node, out);
	else
		r->overlays = node; /* read when the spec that they lie over is complete */
}

/* ---------------------------------------------------------------------------------------------- keys */

static bool is_default(const struct sg_key *key, const struct sg_setting *value, const struct sg_node *node)
{
	if (sg_key_has_entries(key))
		return node->n == 0;
	struct sg_setting other;
	sg_setting_default(key, &other);
	return value->set == other.set && value->boolean == other.boolean && value->integer == other.integer &&
	       (!value->set || key->type != SG_KEY_STRING || sg_str_eq(value->text, other.text));
}

static void read_key(struct reader *r, const struct sg_key *key, const struct sg_node *node)
{
	struct sg_setting value;
	if (sg_key_has_entries(key))
		read_many(r, key, node, &value);
	else if (!sg_scalar_read(key, node, r->d, &value))
		return;
	if (key->later && !is_default(key, &value, node)) {
		sg_diag(r->d, SG_ERROR, node->span,
			sg_strf(r->a, "this version renders only %s: %s", key->path, key->fallback).p, "not yet: %s",
			key->later);
		return;
	}
	*sg_spec_at(r->spec, key) = value;
}

static const struct sg_key *find_within(const struct sg_key *section, struct sg_str name)
{
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_key_within(&sg_keys[i], section) && sg_str_is(name, sg_key_last(&sg_keys[i])))
			return &sg_keys[i];
	return NULL;
}

static void same_everywhere(struct reader *r, const struct sg_key *key, const struct sg_node *at)
{
	sg_diag(r->d, SG_ERROR, at->span, "every environment runs the bundle that was built and tested once",
		"%s cannot be in %s: it is the same in every environment", key->path, r->overlay);
}

static void read_section(struct reader *r, const struct sg_key *section, const struct sg_node *map)
{
	struct sg_map *seen = sg_map_new(r->a);
	for (size_t i = 0; i < map->n; i++) {
		const struct sg_member *m = &map->members[i];
		if (!plain_key(r, section ? section->path : "a spec", m->key, seen))
			continue;
		const struct sg_key *key = find_within(section, m->key->text);
		if (!key)
			unknown_key(r, section, m->key);
		else if (r->overlay && key->once)
			same_everywhere(r, key, m->key);
		else if (key->type != SG_KEY_SECTION)
			read_key(r, key, m->value);
		else if (as_map(r, key->path, m->value, SG_MAP))
			read_section(r, key, m->value);
	}
}

void sg_spec_defaults(struct sg_arena *a, struct sg_spec *out)
{
	(void)a;
	*out = (struct sg_spec){0};
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_keys[i].type != SG_KEY_SECTION)
			sg_setting_default(&sg_keys[i], sg_spec_at(out, &sg_keys[i]));
}

/* ---------------------------------------------------------------------------------------------- environments */

/* The spec of an environment: the one below it, with what the overlay replaces.  Its environment at GitHub has its own
 * name unless it says otherwise: that name is what a role of AWS trusts. */
static void read_overlay(struct reader *r, const struct sg_key *key, const struct sg_member *m)
{
	struct sg_setting entry = {.set = true, .given = true, .span = m->key->span};
	struct sg_spec *spec = SG_NEW(r->a, struct sg_spec);
	struct reader over = {r->d, r->a, spec, NULL, NULL};
	if (!sg_string_read("a name in environments", m->key, r->d, &entry.text) ||
	    !sg_string_judge(key, "a name in environments", &entry, r->d))
		return;
	entry.name = entry.text, entry.name_span = entry.span, entry.spec = spec;
	over.overlay = sg_strf(r->a, "environments.%.*s", SG_FMT(entry.name)).p;
	*spec = *r->spec;
	spec->environment.text = entry.name;
	sg_setting_default(key, &spec->environments);
	if (as_map(r, over.overlay, m->value, SG_MAP))
		read_section(&over, NULL, m->value);
	SG_PUSH(r->a, &r->spec->environments.list, entry);
}

static void read_overlays(struct reader *r)
{
	struct sg_map *seen = sg_map_new(r->a);
	const struct sg_key *key = sg_key_find(SG_LIT("environments"));
	for (size_t i = 0; r->overlays && i < r->overlays->n; i++)
		if (plain_key(r, key->path, r->overlays->members[i].key, seen))
			read_overlay(r, key, &r->overlays->members[i]);
}

/* Where the file says nothing: its beginning. */
static void empty_document(const struct sg_node *root, uint32_t source, struct sg_diags *d)
{
	struct sg_span span = root ? root->span : (struct sg_span){source, 0, 0};
	sg_diag(d, SG_ERROR, span, "{} is the smallest spec: every key has a default", "the file is empty");
}

bool sg_spec_read(const struct sg_node *root, uint32_t source, struct sg_diags *d, struct sg_spec *out)
{
	struct reader r = {d, sg_diags_arena(d), out, NULL, NULL};
	size_t before = sg_diags_errors(d);
	sg_spec_defaults(r.a, out);
	if (!root || (root->kind == SG_SCALAR && !sg_node_tag(root).n && sg_read_yaml11(root).type == SG_T_NULL))
		empty_document(root, source, d);
	else if (root->kind != SG_MAP || sg_node_tag(root).n)
		sg_diag(d, SG_ERROR, root->span, "for example: memory: 512", "a spec is a mapping of keys to values");
	else
		read_section(&r, NULL, root);
	if (sg_diags_errors(d) == before)
		read_overlays(&r);
	if (sg_diags_errors(d) == before)
		sg_check_whole(out, d);
	return sg_diags_errors(d) == before;
}

bool sg_key_answer(struct sg_arena *a, const struct sg_key *key, struct sg_str answer, struct sg_spec *out,
		   struct sg_str *why)
{
	struct sg_sources *sources = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, sources);
	enum sg_style style = key->type == SG_KEY_STRING ? SG_DOUBLE : SG_PLAIN;
	struct sg_node *node = sg_node_scalar(a, sg_str_dup(a, answer), style, SG_WHY_SOURCE, NULL);
	struct sg_setting value;
	if (sg_utf8_invalid_at(answer) == SIZE_MAX && sg_scalar_read(key, node, d, &value)) {
		*sg_spec_at(out, key) = value;
		return true;
	}
	*why = sg_diags_count(d) ? sg_diags_at(d, 0)->message : SG_LIT("that is not UTF-8");
	return false;
}
