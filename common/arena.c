#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { BLOCK = 64 * 1024, ALIGN = 16 };

struct block {
	struct block *next;
	size_t used, room;
	_Alignas(ALIGN) char bytes[];
};

struct arena {
	struct block *newest;
};

struct arena *
arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	struct block *block, *next;

	if (arena == NULL)
		return;
	for (block = arena->newest; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

void *
arena_alloc(struct arena *arena, size_t n)
{
	struct block *block = arena->newest;
	size_t room;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (block == NULL || block->room - block->used < n) {
		room = n > BLOCK ? n : BLOCK;
		if ((block = malloc(sizeof *block + room)) == NULL)
			return NULL;
		block->next = arena->newest;
		block->used = 0;
		block->room = room;
		arena->newest = block;
	}
	p = block->bytes + block->used;
	block->used += n;
	return p;
}

struct str
arena_dup(struct arena *arena, struct str text)
{
	char *p = arena_alloc(arena, text.n + 1);

	if (p == NULL)
		return (struct str){ NULL, 0 };
	if (text.n > 0)
		memcpy(p, text.p, text.n);
	p[text.n] = '\0';
	return (struct str){ p, text.n };
}
