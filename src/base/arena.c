/*
 * The arena, and what happens when memory runs out.  It hands out zeroed memory and frees it as a whole; it must
 * not know what is kept in it.
 */
#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The first block is small, because many arenas live for one object; each further one is twice as large. */
#define BLOCK_FIRST ((size_t)2 * 1024)
#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t used, size;
	max_align_t data[];
};

struct sg_arena {
	struct block *blocks;
	size_t used;
};

void sg_oom(void)
{
	fputs("sandboxgen: out of memory\n", stderr);
	exit(2);
}

void sg_bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "sandboxgen: a bug at %s:%d: %s\n", file, line, what);
	abort();
}

struct sg_arena *sg_arena_new(void)
{
	struct sg_arena *a = calloc(1, sizeof(*a));
	if (!a)
		sg_oom();
	return a;
}

void sg_arena_free(struct sg_arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

size_t sg_arena_used(const struct sg_arena *a)
{
	return a->used;
}

/* A block of the usual size will be used to its end: its pages are asked for at once, because a fault for each costs
 * several times as much.  Where that cannot be had (Linux 5.14), they come one by one. */
static void touch(void *p, size_t n)
{
#ifdef MADV_POPULATE_WRITE
	uintptr_t page = 4096, from = ((uintptr_t)p + page - 1) & ~(page - 1), to = ((uintptr_t)p + n) & ~(page - 1);
	int error = errno;
	madvise((void *)from, to - from, MADV_POPULATE_WRITE);
	errno = error;
#else
	(void)p;
	(void)n;
#endif
}

static struct block *block_new(size_t size)
{
	/* calloc: large blocks come zeroed from the kernel, so that they are not touched twice */
	struct block *b = size == BLOCK_SIZE ? malloc(sizeof(*b) + size) : calloc(1, sizeof(*b) + size);
	if (!b)
		sg_oom();
	if (size == BLOCK_SIZE) {
		touch(b, sizeof(*b) + size);
		memset(b, 0, sizeof(*b) + size);
	}
	b->size = size;
	return b;
}

void *sg_alloc(struct sg_arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		sg_oom();
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	struct block *b = a->blocks;
	if (!b || b->size - b->used < size) {
		if (size > BLOCK_SIZE / 4 && b) {
			/* a large object gets a block of its own behind the current one, whose rest stays in use */
			struct block *own = block_new(size);
			own->used = size;
			own->next = b->next;
			b->next = own;
			a->used += size;
			return own->data;
		}
		size_t next = !b ? BLOCK_FIRST : b->size * 2 < BLOCK_SIZE ? b->size * 2 : BLOCK_SIZE;
		struct block *fresh = block_new(size > next ? size : next);
		fresh->next = b;
		a->blocks = b = fresh;
	}
	void *p = (char *)b->data + b->used;
	b->used += size;
	a->used += size;
	return p;
}

void *sg_alloc_array(struct sg_arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 2 / size)
		sg_oom();
	return sg_alloc(a, n * size);
}

void *sg_grow(struct sg_arena *a, void *old, size_t *cap, size_t size)
{
	size_t first = size > 32 ? 2 : size > 16 ? 4 : 8; /* most vectors of large things hold one */
	size_t next = *cap ? *cap * 2 : first;
	void *p = sg_alloc_array(a, next, size);
	if (*cap)
		memcpy(p, old, *cap * size);
	*cap = next;
	return p;
}
