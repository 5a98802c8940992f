/*
 * Keys that are there twice, and saying what was noted.  Two keys are the same where PyYAML's dictionary would keep one
 * entry for them.
 */
#include "yaml/yaml_priv.h"

#define KEPT_MAX 1000
#define PAIRWISE_MAX 8 /* members up to which all pairs are compared without building anything */

static bool is_whole(double v)
{
	const double exact = 9007199254740992.0; /* 2^53: all whole numbers up to it are doubles */
	return v > -exact && v < exact && v == (double)(int64_t)v;
}

static struct sg_str number_identity(struct sg_arena *a, const struct sg_reading *r)
{
	if (r->type == SG_T_BOOL)
		return sg_strf(a, "number %d", r->boolean);
	if (r->type == SG_T_INT && r->big)
		return sg_strf(a, "big %.*s", SG_FMT(r->text));
	if (r->type == SG_T_INT)
		return sg_strf(a, "number %lld", (long long)r->integer);
	if (is_whole(r->number))
		return sg_strf(a, "number %lld", (long long)r->number);
	return sg_strf(a, "float %a", r->number);
}

/* Equal for keys that PyYAML takes for the same: True, 1 and 1.0 are one key in Python. */
static struct sg_str identity(struct sg_arena *a, const struct sg_node *key)
{
	struct sg_reading r = sg_read_yaml11(key);
	switch (r.type) {
	case SG_T_STRING:
		return sg_strf(a, "string %.*s", SG_FMT(r.text));
	case SG_T_NULL:
		return SG_LIT("null");
	case SG_T_BAD: /* the plain `=` is the string, as a key */
		if (sg_str_is(key->text, "="))
			return SG_LIT("string =");
		return sg_strf(a, "bad %.*s %.*s", SG_FMT(sg_node_tag(key)), SG_FMT(key->text));
	default:
		return number_identity(a, &r);
	}
}

static void note(struct sg_yaml_input *in, const struct sg_node *first, const struct sg_node *again,
		 struct sg_yaml_notes *notes)
{
	if (notes->duplicates.n < KEPT_MAX)
		SG_PUSH(in->arena, &notes->duplicates, ((struct sg_yaml_duplicate){first, again}));
}

/* Most keys are words that can only be strings, and differ. */
static bool is_word(struct sg_str s)
{
	if (s.n < 6) /* false is the longest word with a meaning */
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	return true;
}

static bool surely_distinct(const struct sg_node *map)
{
	if (map->n > PAIRWISE_MAX)
		return false;
	for (size_t i = 0; i < map->n; i++) {
		const struct sg_node *key = map->members[i].key;
		if (!is_word(key->text) || sg_node_tag(key).n)
			return false;
		for (size_t k = 0; k < i; k++)
			if (sg_str_eq(map->members[k].key->text, key->text))
				return false;
	}
	return true;
}

void sg_yaml_note_duplicates(struct sg_yaml_input *in, const struct sg_node *map, struct sg_yaml_notes *notes)
{
	if (map->n < 2 || surely_distinct(map))
		return;
	struct sg_arena *own = sg_arena_new();
	struct sg_map *seen = sg_map_new(own);
	for (size_t i = 0; i < map->n; i++) {
		const struct sg_node *key = map->members[i].key;
		struct sg_str id = identity(own, key);
		const struct sg_member *first = sg_map_get(seen, id);
		if (first)
			note(in, first->key, key, notes);
		else
			sg_map_put(seen, id, (void *)(uintptr_t)&map->members[i]);
	}
	sg_arena_free(own);
}

void sg_yaml_report_duplicates(struct sg_diags *d, const struct sg_yaml_notes *notes)
{
	for (size_t i = 0; i < notes->duplicates.n; i++) {
		const struct sg_yaml_duplicate *dup = &notes->duplicates.v[i];
		struct sg_pos first = sg_pos_start(sg_diags_sources(d), dup->first->span);
		sg_diag(d, SG_ERROR, dup->again->span, "remove one of the two: most readers silently take the last",
			"the key '%.*s' is there twice (first on line %u)", SG_FMT(dup->again->text), first.line);
	}
}

static void report_parting(struct sg_diags *d, const struct sg_yaml_notes *notes)
{
	if (notes->parted_why.n)
		sg_diag(d, SG_ERROR, notes->parted,
			"write it so that every YAML reader takes it, for example in quotes",
			"not every YAML reader takes this: %.*s (libfyaml)", SG_FMT(notes->parted_why));
}

void sg_yaml_report_differences(struct sg_diags *d, const struct sg_yaml_notes *notes)
{
	for (size_t i = 0; i < notes->differences.n; i++)
		sg_diag(d, SG_ERROR, notes->differences.v[i].node->span, "use double quotes",
			"two YAML readers (libyaml, libfyaml) read this text differently");
	report_parting(d, notes);
}
