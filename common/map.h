/*
 * map - from bytes to a pointer or a number
 *
 * Open addressing over copies of the keys in an arena of its own. Keys are never removed. map_at() walks the
 * entries in the order in which they came, so that output never depends on a hash.
 */
#ifndef LODE_MAP_H
#define LODE_MAP_H

#include <stdint.h>

#include "str.h"

struct map;

struct map_entry {
	struct str key; /* owned by the map, terminated */
	union {
		void *pointer;
		uint64_t number;
	} value;
};

struct map *map_new(void);      /* NULL without memory */
void map_free(struct map *map); /* takes NULL; what the values point to is the caller's */

/* NULL when the key is not there. An entry stays valid until the next map_put(). */
struct map_entry *map_get(const struct map *map, struct str key);

/* The entry of key, made with value 0 when it was not there; NULL without memory. */
struct map_entry *map_put(struct map *map, struct str key);

size_t map_count(const struct map *map);
struct map_entry *map_at(const struct map *map, size_t i); /* i < map_count() */

#endif
