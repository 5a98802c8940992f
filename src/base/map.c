/*
 * The ordered map.  An open-addressed index over a vector of entries; nothing is ever removed.  The hash is SipHash-1-3
 * (Aumasson, Bernstein 2012) under a key drawn at the first use, so that no template can choose colliding names.
 */
#include "base/base.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

struct entry {
	struct sg_str key;
	void *value;
	uint64_t hash;
};

struct sg_map {
	struct sg_arena *arena;
	SG_VEC(struct entry) entries;
	size_t *slots; /* 1 + index of an entry, 0 is free */
	size_t n_slots;
};

static uint64_t secret[2];

static void draw_secret(void)
{
	if (secret[0] | secret[1])
		return;
	if (getrandom(secret, sizeof(secret), GRND_NONBLOCK) != (ssize_t)sizeof(secret))
		/* early boot or a filter: a weaker key is better than none, and order never depends on it */
		secret[0] = (uint64_t)(uintptr_t)&secret, secret[1] = (uint64_t)time(NULL);
	secret[0] |= 1;
}

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1], v[1] = rotl(v[1], 13) ^ v[0], v[0] = rotl(v[0], 32);
	v[2] += v[3], v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3], v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1], v[1] = rotl(v[1], 17) ^ v[2], v[2] = rotl(v[2], 32);
}

static uint64_t hash_of(struct sg_str s)
{
	uint64_t v[4] = {secret[0] ^ 0x736f6d6570736575u, secret[1] ^ 0x646f72616e646f6du,
			 secret[0] ^ 0x6c7967656e657261u, secret[1] ^ 0x7465646279746573u};
	uint64_t m;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		memcpy(&m, s.p + i, 8);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = (uint64_t)s.n << 56;
	for (int shift = 0; i < s.n; i++, shift += 8)
		m |= (uint64_t)(unsigned char)s.p[i] << shift;
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int k = 0; k < 3; k++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct sg_map *sg_map_new(struct sg_arena *a)
{
	draw_secret();
	struct sg_map *m = SG_NEW(a, struct sg_map);
	m->arena = a;
	return m;
}

/* The slot that holds the key, or the free one where it would go; there is always a free one. */
static size_t *slot_for(const struct sg_map *m, struct sg_str key, uint64_t hash)
{
	for (size_t i = hash & (m->n_slots - 1);; i = (i + 1) & (m->n_slots - 1)) {
		size_t at = m->slots[i];
		if (!at)
			return &m->slots[i];
		const struct entry *e = &m->entries.v[at - 1];
		if (e->hash == hash && sg_str_eq(e->key, key))
			return &m->slots[i];
	}
}

static void rehash(struct sg_map *m)
{
	m->n_slots = m->n_slots ? m->n_slots * 2 : 16;
	m->slots = SG_NEW_ARRAY(m->arena, m->n_slots, size_t);
	for (size_t i = 0; i < m->entries.n; i++)
		*slot_for(m, m->entries.v[i].key, m->entries.v[i].hash) = i + 1;
}

void *sg_map_get(const struct sg_map *m, struct sg_str key)
{
	if (!m || !m->n_slots)
		return NULL;
	size_t at = *slot_for(m, key, hash_of(key));
	return at ? m->entries.v[at - 1].value : NULL;
}

void *sg_map_put(struct sg_map *m, struct sg_str key, void *value)
{
	if (m->n_slots < 2 * (m->entries.n + 1))
		rehash(m);
	uint64_t hash = hash_of(key);
	size_t *slot = slot_for(m, key, hash);
	if (*slot) {
		struct entry *e = &m->entries.v[*slot - 1];
		void *before = e->value;
		e->value = value;
		return before;
	}
	SG_PUSH(m->arena, &m->entries, ((struct entry){key, value, hash}));
	*slot = m->entries.n;
	return NULL;
}

size_t sg_map_size(const struct sg_map *m)
{
	return m ? m->entries.n : 0;
}

struct sg_str sg_map_key(const struct sg_map *m, size_t i)
{
	return m->entries.v[i].key;
}

void *sg_map_value(const struct sg_map *m, size_t i)
{
	return m->entries.v[i].value;
}
