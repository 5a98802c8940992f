/*
 * One form for every spelling: short tags become {"Fn::X": …}, merge keys are merged, duplicate keys are refused.
 * A subtree in which nothing has to change is shared, not copied.  It must not know what an intrinsic means.
 */
#include "cfn/cfn_priv.h"

struct tag {
	const char *tag, *key;
};

/* https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
static const struct tag tags[] = {
	{"!And", "Fn::And"},
	{"!Base64", "Fn::Base64"},
	{"!Cidr", "Fn::Cidr"},
	{"!Condition", "Condition"},
	{"!Contains", "Fn::Contains"},
	{"!EachMemberEquals", "Fn::EachMemberEquals"},
	{"!EachMemberIn", "Fn::EachMemberIn"},
	{"!Equals", "Fn::Equals"},
	{"!FindInMap", "Fn::FindInMap"},
	{"!ForEach", "Fn::ForEach"},
	{"!GetAZs", "Fn::GetAZs"},
	{"!GetAtt", "Fn::GetAtt"},
	{"!GetStackOutput", "Fn::GetStackOutput"},
	{"!If", "Fn::If"},
	{"!ImportValue", "Fn::ImportValue"},
	{"!Join", "Fn::Join"},
	{"!Length", "Fn::Length"},
	{"!Not", "Fn::Not"},
	{"!Or", "Fn::Or"},
	{"!Ref", "Ref"},
	{"!RefAll", "Fn::RefAll"},
	{"!Select", "Fn::Select"},
	{"!Split", "Fn::Split"},
	{"!Sub", "Fn::Sub"},
	{"!ToJsonString", "Fn::ToJsonString"},
	{"!Transform", "Fn::Transform"},
	{"!ValueOf", "Fn::ValueOf"},
	{"!ValueOfAll", "Fn::ValueOfAll"},
};

struct walk {
	struct sg_arena *arena;
	struct sg_diags *diags;
	unsigned depth;
};

static const struct sg_node *walk(struct walk *w, const struct sg_node *n);

static const struct tag *tag_find(struct sg_str tag)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (sg_str_is(tag, tags[i].tag))
			return &tags[i];
	return NULL;
}

static void unknown_tag(struct walk *w, const struct sg_node *n)
{
	const char *near = NULL;
	size_t best = 3;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		size_t d = sg_str_distance(sg_node_tag(n), sg_str(tags[i].tag), 2);
		if (d < best)
			best = d, near = tags[i].tag;
	}
	struct sg_str hint =
		near ? sg_strf(w->arena, "did you mean '%s'?", near)
		     : SG_LIT("CloudFormation's intrinsic functions are the only tags a template may have");
	sg_diag(w->diags, SG_ERROR, sg_node_tag_span(n), hint.p, "unknown tag '%.*s'", SG_FMT(sg_node_tag(n)));
}

/* "A.B.C" as ["A", "B.C"], as PyYAML's constructor in SAM CLI splits it. */
static const struct sg_node *split_getatt(struct walk *w, const struct sg_node *n)
{
	if (n->kind != SG_SCALAR)
		return n;
	size_t dot = sg_str_find(n->text, ".", 0);
	if (dot == SIZE_MAX)
		return n;
	const struct sg_node **items = SG_NEW_ARRAY(w->arena, 2, const struct sg_node *);
	items[0] = sg_node_scalar(w->arena, sg_str_sub(n->text, 0, dot), SG_DOUBLE, SG_WHY_INTRINSIC, n);
	items[1] = sg_node_scalar(w->arena, sg_str_sub(n->text, dot + 1, SIZE_MAX), SG_DOUBLE, SG_WHY_INTRINSIC, n);
	return sg_node_seq(w->arena, items, 2, SG_WHY_INTRINSIC, n);
}

static struct sg_node *untagged(struct walk *w, const struct sg_node *n)
{
	struct sg_node *copy = SG_NEW(w->arena, struct sg_node);
	*copy = *n;
	copy->tag_taken = true;
	/* !Sub 12 is the string "12": the short form takes text */
	if (copy->kind == SG_SCALAR && copy->style == SG_PLAIN)
		copy->style = SG_DOUBLE;
	return copy;
}

static const struct sg_node *intrinsic(struct walk *w, const struct sg_node *n, const struct tag *tag)
{
	const struct sg_node *arg = walk(w, untagged(w, n));
	if (sg_str_is(sg_str(tag->key), "Fn::GetAtt"))
		arg = split_getatt(w, arg);
	struct sg_node *key = sg_node_scalar(w->arena, sg_str(tag->key), SG_DOUBLE, SG_WHY_INTRINSIC, n);
	key->span = sg_node_tag_span(n);
	struct sg_member *m = SG_NEW(w->arena, struct sg_member);
	*m = (struct sg_member){key, arg};
	struct sg_node *map = sg_node_map(w->arena, m, 1, SG_WHY_INTRINSIC, n);
	map->span = sg_span_join(sg_node_tag_span(n), n->span);
	map->short_form = true;
	return map;
}

static const struct sg_node *walk_seq(struct walk *w, const struct sg_node *n)
{
	const struct sg_node **items = NULL;
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_node *item = walk(w, n->items[i]);
		if (item == n->items[i] && !items)
			continue;
		if (!items) {
			items = SG_NEW_ARRAY(w->arena, n->n, const struct sg_node *);
			for (size_t k = 0; k < i; k++)
				items[k] = n->items[k];
		}
		items[i] = item;
	}
	if (!items)
		return n;
	struct sg_node *copy = SG_NEW(w->arena, struct sg_node);
	*copy = *n;
	copy->items = items;
	return copy;
}

static bool is_merge_key(const struct sg_node *key)
{
	return key->kind == SG_SCALAR && key->style == SG_PLAIN && !sg_node_tag(key).n && sg_str_is(key->text, "<<");
}

static void merge_map(struct walk *w, struct sg_mapper *into, struct sg_map *own, const struct sg_node *from)
{
	if (from->kind != SG_MAP) {
		sg_diag(w->diags, SG_ERROR, from->span, "a merge key takes a mapping, or a list of mappings",
			"'<<' cannot merge this");
		return;
	}
	const struct sg_node *flat = walk(w, from);
	for (size_t i = 0; flat && i < flat->n; i++) {
		if (sg_map_get(own, flat->members[i].key->text))
			continue;
		sg_map_put(own, flat->members[i].key->text, w);
		sg_mapper_put(into, flat->members[i].key, flat->members[i].value);
	}
}

/* Own keys win, then earlier merged mappings (https://yaml.org/type/merge.html). */
static void merge_all(struct walk *w, struct sg_mapper *into, struct sg_map *own, const struct sg_node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_node *v = n->members[i].value;
		if (!is_merge_key(n->members[i].key))
			continue;
		if (v->kind != SG_SEQ) {
			merge_map(w, into, own, v);
			continue;
		}
		for (size_t k = 0; k < v->n; k++)
			merge_map(w, into, own, v->items[k]);
	}
}

/* The keys of one mapping: few are compared, many are looked up. */
struct keys {
	const struct sg_node *of;
	struct sg_map *index; /* from MANY_KEYS members on */
};

enum { MANY_KEYS = 12 };

static bool is_there(struct keys *k, size_t before, struct sg_str key)
{
	if (k->index)
		return sg_map_put(k->index, key, k) != NULL;
	for (size_t i = 0; i < before; i++) {
		const struct sg_node *other = k->of->members[i].key;
		if (other->kind == SG_SCALAR && !is_merge_key(other) && sg_str_eq(other->text, key))
			return true;
	}
	return false;
}

static bool check_key(struct walk *w, struct keys *keys, size_t at)
{
	const struct sg_node *key = keys->of->members[at].key;
	if (key->kind != SG_SCALAR) {
		sg_diag(w->diags, SG_ERROR, key->span, "write a string", "a key that is not a string");
		return false;
	}
	if (!is_there(keys, at, key->text))
		return true;
	sg_diag(w->diags, SG_ERROR, key->span, "remove one of them: SAM takes the last, other readers refuse the file",
		"duplicate key '%.*s'", SG_FMT(key->text));
	return false;
}

static const struct sg_node *walk_value(struct walk *w, const struct sg_member *m)
{
	const struct sg_node *value = walk(w, m->value);
	return sg_str_is(m->key->text, "Fn::GetAtt") ? split_getatt(w, value) : value;
}

/* A mapping's members, shared as long as none differs. */
struct copying {
	struct sg_member *members; /* NULL until something differs */
	size_t n;
};

static void copy_member(struct walk *w, struct copying *c, const struct sg_node *n, const struct sg_member *m,
			const struct sg_node *value)
{
	if (!c->members && value == m->value && m == &n->members[c->n]) {
		c->n++;
		return;
	}
	if (!c->members) {
		c->members = SG_NEW_ARRAY(w->arena, n->n, struct sg_member);
		for (size_t i = 0; i < c->n; i++)
			c->members[i] = n->members[i];
	}
	c->members[c->n++] = (struct sg_member){m->key, value};
}

static const struct sg_node *merged(struct walk *w, const struct sg_node *n, const struct sg_member *members,
				    size_t count)
{
	struct sg_mapper into = {.arena = w->arena};
	struct sg_map *own = sg_map_new(w->arena);
	for (size_t i = 0; i < count; i++) {
		SG_PUSH(w->arena, &into.members, members[i]);
		sg_map_put(own, members[i].key->text, w);
	}
	merge_all(w, &into, own, n);
	struct sg_node *copy = SG_NEW(w->arena, struct sg_node);
	*copy = *n;
	copy->members = into.members.v;
	copy->n = into.members.n;
	return copy;
}

static const struct sg_node *walk_map(struct walk *w, const struct sg_node *n)
{
	bool merges = false;
	struct keys keys = {n, n->n < MANY_KEYS ? NULL : sg_map_new(w->arena)};
	struct copying c = {0};
	for (size_t i = 0; i < n->n; i++) {
		const struct sg_member *m = &n->members[i];
		if (is_merge_key(m->key))
			merges = true;
		else if (check_key(w, &keys, i))
			copy_member(w, &c, n, m, walk_value(w, m));
	}
	if (merges)
		return merged(w, n, c.members ? c.members : n->members, c.n);
	if (!c.members && c.n == n->n)
		return n;
	struct sg_node *copy = SG_NEW(w->arena, struct sg_node);
	*copy = *n;
	copy->members = c.members ? c.members : n->members;
	copy->n = c.n;
	return copy;
}

static const struct sg_node *walk(struct walk *w, const struct sg_node *n)
{
	if (sg_node_tag(n).n && sg_node_tag(n).p[0] == '!' && sg_node_tag(n).n > 1) {
		const struct tag *tag = tag_find(sg_node_tag(n));
		if (tag)
			return intrinsic(w, n, tag);
		unknown_tag(w, n);
	}
	return n->kind == SG_SEQ ? walk_seq(w, n) : n->kind == SG_MAP ? walk_map(w, n) : n;
}

const struct sg_node *sg_cfn_canonical(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root)
{
	struct walk w = {a, d, 0};
	size_t before = sg_diags_errors(d);
	const struct sg_node *n = walk(&w, root);
	return sg_diags_errors(d) == before ? n : NULL;
}
