#include "slabs.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SLAB = SLABS_BLOCK << (SLABS_SIZES - 1) }; /* a large page */

void
slabs_give(struct slabs *slabs, void *block, int size)
{
	struct slabs_block *given = block;

	given->next = slabs->free[size];
	slabs->free[size] = given;
}

static void *
new_slab(struct slabs *slabs)
{
	void **larger, *slab;
	size_t room;

	if (slabs->n == slabs->room) {
		room = slabs->room == 0 ? 16 : slabs->room * 2;
		if ((larger = realloc(slabs->slab, room * sizeof *larger)) == NULL)
			return NULL;
		slabs->slab = larger;
		slabs->room = room;
	}
	if ((slab = aligned_alloc(SLAB, SLAB)) == NULL)
		return NULL;
	(void)madvise(slab, SLAB, MADV_HUGEPAGE); /* only quicker */
	return slabs->slab[slabs->n++] = slab;
}

void *
slabs_take(struct slabs *slabs, int size)
{
	struct slabs_block *block;
	int larger = size;
	void *slab;

	while (larger < SLABS_SIZES && slabs->free[larger] == NULL)
		larger++;
	if (larger == SLABS_SIZES) {
		if ((slab = new_slab(slabs)) == NULL)
			return NULL;
		slabs_give(slabs, slab, --larger);
	}
	block = slabs->free[larger];
	slabs->free[larger] = block->next;
	while (larger-- > size) /* the upper halves stay */
		slabs_give(slabs, (char *)block + ((size_t)SLABS_BLOCK << larger), larger);
	return block;
}

int
slabs_size(size_t bytes)
{
	int size;

	for (size = 0; size < SLABS_SIZES && (size_t)SLABS_BLOCK << size != bytes;)
		size++;
	return size < SLABS_SIZES ? size : -1;
}

void
slabs_release(struct slabs *slabs)
{
	size_t i;

	for (i = 0; i < slabs->n; i++)
		free(slabs->slab[i]);
	free(slabs->slab);
	*slabs = (struct slabs){ 0 };
}
