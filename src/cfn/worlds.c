/*
 * Worlds as Boolean functions: a reduced ordered binary decision diagram (Bryant 1986) over atoms `subject == value`.
 * It must not know what parameters or templates are: a subject is a string.
 *
 * That a subject has one value at a time, and which values it may have, is one function of its own, the domain; a
 * guard is possible when it meets the domain.  Past the ceiling of nodes every operation answers "lost".
 */
#include "cfn/cfn_priv.h"

#include <string.h>

enum { NEVER, ALWAYS, LOST, FIRST_NODE };

struct node {
	uint32_t var, lo, hi;
};

struct subject {
	struct sg_str name;
	SG_VEC(uint32_t) vars;
	bool closed;
};

struct atom {
	struct subject *subject;
	struct sg_str value;
};

#define CACHE_SIZE 2048

struct sg_worlds {
	struct sg_arena *arena;
	SG_VEC(struct node) nodes; /* the first FIRST_NODE are not real */
	uint32_t *unique;          /* hash → node id, 0 free */
	size_t unique_size;
	struct {
		uint32_t a, b, result;
	} cache[CACHE_SIZE];       /* of and() */
	SG_VEC(struct atom) atoms; /* by variable */
	struct sg_map *by_name;    /* "subject\0value" → variable + 1 */
	struct sg_map *subjects;
	sg_guard domain;
	bool overflowed;
};

struct sg_worlds *cfn_worlds_new(struct sg_arena *a)
{
	struct sg_worlds *w = SG_NEW(a, struct sg_worlds);
	w->arena = a;
	w->by_name = sg_map_new(a);
	w->subjects = sg_map_new(a);
	w->domain = SG_ALWAYS;
	for (int i = 0; i < FIRST_NODE; i++)
		SG_PUSH(a, &w->nodes, ((struct node){UINT32_MAX, 0, 0}));
	w->unique_size = 1024;
	w->unique = SG_NEW_ARRAY(a, w->unique_size, uint32_t);
	return w;
}

sg_guard cfn_lost(void)
{
	return (sg_guard){LOST};
}

bool cfn_worlds_overflowed(const struct sg_worlds *w)
{
	return w->overflowed;
}

static size_t hash_node(struct node n, size_t size)
{
	uint64_t h = n.var * 0x9e3779b97f4a7c15u ^ (uint64_t)n.lo * 0xc2b2ae3d27d4eb4fu ^
		     (uint64_t)n.hi * 0x165667b19e3779f9u;
	return (h ^ h >> 29) & (size - 1);
}

static void unique_insert(struct sg_worlds *w, uint32_t id)
{
	size_t i = hash_node(w->nodes.v[id], w->unique_size);
	while (w->unique[i])
		i = (i + 1) & (w->unique_size - 1);
	w->unique[i] = id;
}

static void unique_double(struct sg_worlds *w)
{
	w->unique_size *= 2;
	w->unique = SG_NEW_ARRAY(w->arena, w->unique_size, uint32_t);
	for (uint32_t id = FIRST_NODE; id < w->nodes.n; id++)
		unique_insert(w, id);
}

static uint32_t make(struct sg_worlds *w, uint32_t var, uint32_t lo, uint32_t hi)
{
	if (lo == LOST || hi == LOST)
		return LOST;
	if (lo == hi)
		return lo;
	struct node n = {var, lo, hi};
	for (size_t i = hash_node(n, w->unique_size); w->unique[i]; i = (i + 1) & (w->unique_size - 1))
		if (!memcmp(&w->nodes.v[w->unique[i]], &n, sizeof(n)))
			return w->unique[i];
	if (w->nodes.n >= CFN_MAX_GUARD_NODES) {
		w->overflowed = true;
		return LOST;
	}
	SG_PUSH(w->arena, &w->nodes, n);
	if (w->nodes.n * 2 > w->unique_size)
		unique_double(w);
	else
		unique_insert(w, (uint32_t)(w->nodes.n - 1));
	return (uint32_t)(w->nodes.n - 1);
}

static uint32_t negate(struct sg_worlds *w, uint32_t a)
{
	if (a <= ALWAYS)
		return !a;
	if (a == LOST || w->overflowed)
		return LOST;
	struct node n = w->nodes.v[a];
	uint32_t lo = negate(w, n.lo);
	return make(w, n.var, lo, negate(w, n.hi));
}

static uint32_t conjoin(struct sg_worlds *w, uint32_t a, uint32_t b)
{
	if (a == NEVER || b == NEVER)
		return NEVER;
	if (a == ALWAYS || a == b)
		return b;
	if (b == ALWAYS)
		return a;
	if (a == LOST || b == LOST || w->overflowed)
		return LOST;
	if (a > b) {
		uint32_t t = a;
		a = b, b = t;
	}
	size_t slot = (a * 0x9e3779b1u ^ b * 0x85ebca6bu) % CACHE_SIZE;
	if (w->cache[slot].a == a && w->cache[slot].b == b)
		return w->cache[slot].result;
	struct node x = w->nodes.v[a], y = w->nodes.v[b];
	uint32_t var = x.var < y.var ? x.var : y.var;
	uint32_t lo = conjoin(w, x.var == var ? x.lo : a, y.var == var ? y.lo : b);
	uint32_t hi = conjoin(w, x.var == var ? x.hi : a, y.var == var ? y.hi : b);
	uint32_t r = make(w, var, lo, hi);
	w->cache[slot].a = a, w->cache[slot].b = b, w->cache[slot].result = r;
	return r;
}

sg_guard sg_guard_and(struct sg_worlds *w, sg_guard a, sg_guard b)
{
	return (sg_guard){conjoin(w, a.id, b.id)};
}

sg_guard sg_guard_not(struct sg_worlds *w, sg_guard a)
{
	return (sg_guard){negate(w, a.id)};
}

sg_guard sg_guard_or(struct sg_worlds *w, sg_guard a, sg_guard b)
{
	if (a.id == ALWAYS || b.id == ALWAYS)
		return SG_ALWAYS;
	return sg_guard_not(w, sg_guard_and(w, sg_guard_not(w, a), sg_guard_not(w, b)));
}

sg_guard sg_guard_minus(struct sg_worlds *w, sg_guard a, sg_guard b)
{
	return sg_guard_and(w, a, sg_guard_not(w, b));
}

bool sg_guard_possible(struct sg_worlds *w, sg_guard g)
{
	return g.id == LOST || sg_guard_and(w, g, w->domain).id != NEVER;
}

bool sg_guard_certain(struct sg_worlds *w, sg_guard g)
{
	if (g.id == LOST)
		return false;
	sg_guard rest = sg_guard_and(w, sg_guard_not(w, g), w->domain);
	return rest.id == NEVER; /* a lost rest is not NEVER: not certain */
}

bool sg_guard_is_lost(struct sg_worlds *w, sg_guard g)
{
	(void)w;
	return g.id == LOST;
}

/* ------------------------------------------------------------------------------------------------ atoms */

static struct subject *subject_of(struct sg_worlds *w, struct sg_str name)
{
	struct subject *s = sg_map_get(w->subjects, name);
	if (!s) {
		s = SG_NEW(w->arena, struct subject);
		s->name = sg_str_dup(w->arena, name);
		sg_map_put(w->subjects, s->name, s);
	}
	return s;
}

static sg_guard var_guard(struct sg_worlds *w, uint32_t var)
{
	return (sg_guard){make(w, var, NEVER, ALWAYS)};
}

sg_guard cfn_atom(struct sg_worlds *w, struct sg_str name, struct sg_str value)
{
	struct sg_str key = sg_strf(w->arena, "%zu:%.*s=%.*s", name.n, SG_FMT(name), SG_FMT(value));
	uintptr_t known = (uintptr_t)sg_map_get(w->by_name, key);
	if (known)
		return var_guard(w, (uint32_t)(known - 1));
	struct subject *s = subject_of(w, name);
	if (s->closed)
		return SG_NEVER;
	uint32_t var = (uint32_t)w->atoms.n;
	SG_PUSH(w->arena, &w->atoms, ((struct atom){s, sg_str_dup(w->arena, value)}));
	sg_map_put(w->by_name, key, (void *)(uintptr_t)(var + 1));
	sg_guard g = var_guard(w, var);
	for (size_t i = 0; i < s->vars.n; i++)
		w->domain = sg_guard_minus(w, w->domain, sg_guard_and(w, g, var_guard(w, s->vars.v[i])));
	SG_PUSH(w->arena, &s->vars, var);
	return g;
}

void cfn_close_domain(struct sg_worlds *w, struct sg_str name)
{
	struct subject *s = subject_of(w, name);
	sg_guard any = SG_NEVER;
	for (size_t i = 0; i < s->vars.n; i++)
		any = sg_guard_or(w, any, var_guard(w, s->vars.v[i]));
	w->domain = sg_guard_and(w, w->domain, any);
	s->closed = true;
}

void cfn_assume(struct sg_worlds *w, sg_guard g)
{
	sg_guard narrower = sg_guard_and(w, w->domain, g);
	if (narrower.id != LOST)
		w->domain = narrower;
}

bool cfn_domain_closed(struct sg_worlds *w, struct sg_str name)
{
	return subject_of(w, name)->closed;
}

/* ------------------------------------------------------------------------------------------------ an example */

static bool is_bound(const struct sg_finding *f, struct sg_str name)
{
	for (size_t i = 0; i < f->when.n; i++)
		if (sg_str_eq(f->when.v[i].name, name))
			return true;
	return false;
}

static void bind(struct sg_worlds *w, struct sg_arena *a, struct sg_finding *f, uint32_t var)
{
	const struct atom *atom = &w->atoms.v[var];
	SG_PUSH(a, &f->when, ((struct sg_binding){atom->subject->name, atom->value}));
}

/* A subject that must not have a value: one that it may have instead, or "anything but". */
static void bind_other(struct sg_worlds *w, struct sg_arena *a, struct sg_finding *f, uint32_t var, sg_guard *path)
{
	const struct subject *s = w->atoms.v[var].subject;
	if (is_bound(f, s->name))
		return;
	for (size_t i = 0; s->closed && i < s->vars.n; i++) {
		sg_guard yes = sg_guard_and(w, *path, var_guard(w, s->vars.v[i]));
		if (yes.id == NEVER)
			continue;
		*path = yes;
		bind(w, a, f, s->vars.v[i]);
		return;
	}
	struct sg_str other = sg_strf(a, "anything but %.*s", SG_FMT(w->atoms.v[var].value));
	SG_PUSH(a, &f->when, ((struct sg_binding){s->name, other}));
}

/* Walks from the guard's root to ALWAYS along choices that the domain allows, positive ones first. */
void sg_guard_when(struct sg_worlds *w, sg_guard g, struct sg_arena *a, struct sg_finding *f)
{
	if (g.id == LOST || sg_guard_certain(w, g))
		return;
	sg_guard path = w->domain;
	SG_VEC(uint32_t) refused = {0};
	for (uint32_t id = g.id; id >= FIRST_NODE;) {
		struct node n = w->nodes.v[id];
		sg_guard yes = sg_guard_and(w, path, var_guard(w, n.var));
		sg_guard rest = {n.hi};
		if (sg_guard_and(w, yes, rest).id != NEVER) {
			bind(w, a, f, n.var);
			path = yes, id = n.hi;
			continue;
		}
		SG_PUSH(a, &refused, n.var);
		path = sg_guard_minus(w, path, var_guard(w, n.var)), id = n.lo;
	}
	for (size_t i = 0; i < refused.n; i++)
		bind_other(w, a, f, refused.v[i], &path);
}
