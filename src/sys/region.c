/*
 * Buffers of fixed capacity that cost memory only while in use.
 */
#include "sys/sys.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

bool sg_region_map(struct sg_region *r, size_t cap, struct sg_status *st)
{
	void *p = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return sg_fail(st, errno, "cannot reserve %zu bytes", cap);
	*r = (struct sg_region){.p = p, .cap = cap};
	return true;
}

void sg_region_reset(struct sg_region *r)
{
	if (r->n)
		madvise(r->p, r->cap, MADV_DONTNEED); /* also wipes: anonymous pages come back zeroed */
	r->n = 0;
}

void sg_region_unmap(struct sg_region *r)
{
	if (r->p)
		munmap(r->p, r->cap);
	*r = (struct sg_region){0};
}

size_t sg_region_add(struct sg_region *r, const void *p, size_t n)
{
	if (n > r->cap - r->n)
		n = r->cap - r->n;
	if (n)
		memcpy(r->p + r->n, p, n);
	r->n += n;
	return n;
}

struct sg_str sg_region_view(const struct sg_region *r)
{
	return (struct sg_str){r->p, r->n};
}
