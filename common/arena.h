/*
 * arena - bytes that live together and end together
 *
 * What arena_alloc() hands out stays where it is until arena_free(). Aligned for any type.
 */
#ifndef LODE_ARENA_H
#define LODE_ARENA_H

#include "str.h"

struct arena;

/* NULL without memory. */
struct arena *arena_new(void);
void arena_free(struct arena *arena); /* takes NULL */

/* n bytes, not cleared; NULL without memory. */
void *arena_alloc(struct arena *arena, size_t n);

/* A copy that is also terminated, so that .p serves as a C string; p is NULL without memory. */
struct str arena_dup(struct arena *arena, struct str text);

#endif
