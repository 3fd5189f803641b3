/*
 * slabs - memory that millions of small things share, in blocks of a few sizes, cut from large pages
 *
 * A zeroed one is empty. What was cut is not put together again: who uses it takes and gives the same sizes over and over.
 */
#ifndef LODE_SLABS_H
#define LODE_SLABS_H

#include <stddef.h>

enum {
	SLABS_BLOCK = 64 * 1024, /* bytes of size 0; each further size is twice the one before */
	SLABS_SIZES = 6,
};

struct slabs_block {
	struct slabs_block *next;
};

struct slabs {
	void **slab; /* owned */
	size_t n, room;
	struct slabs_block *free[SLABS_SIZES];
};

/* SLABS_BLOCK << size bytes of any content, aligned to 64 KiB. NULL without memory. */
void *slabs_take(struct slabs *slabs, int size);

/* Takes back what slabs_take() gave, of that size. */
void slabs_give(struct slabs *slabs, void *block, int size);

/* The size that is exactly so many bytes, -1 for none. */
int slabs_size(size_t bytes);

/* All blocks end with it. */
void slabs_release(struct slabs *slabs);

#endif
