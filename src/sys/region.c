/*
 * Memory that is held only while in use: buffers of fixed capacity, and the pages of code.
 */
#include "sys/sys.h"

#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* ---------------------------------------------------------------------------------------------- code */

/* Only what the program cannot have written: such pages hold what their file holds, and come back from it. */
static int forget_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	(void)size, (void)arg;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		if (h->p_type != PT_LOAD || (h->p_flags & PF_W) || !info->dlpi_addr)
			continue;
		uintptr_t first = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);
		uintptr_t end = (info->dlpi_addr + h->p_vaddr + h->p_memsz + page - 1) & ~(page - 1);
		void *p = NULL;
		memcpy(&p, &first, sizeof(p));
		madvise(p, end - first, MADV_DONTNEED);
	}
	return 0;
}

void sg_sys_forget_code(void)
{
	dl_iterate_phdr(forget_object, NULL);
}
