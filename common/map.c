#include "map.h"

#include <stdlib.h>

#include "arena.h"

struct map {
	struct arena *keys;
	struct map_entry *entry;
	uint32_t *slot; /* 0 is free, else the entry's number plus one */
	size_t n, room, n_slots;
};

/* FNV-1a, 64 bit. Keys come from files of the user's choice, so nothing defends against chosen collisions. */
static uint64_t
hash_of(struct str key)
{
	uint64_t hash = 14695981039346656037u;
	size_t i;

	for (i = 0; i < key.n; i++)
		hash = (hash ^ (unsigned char)key.p[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

struct map *
map_new(void)
{
	struct map *map = calloc(1, sizeof *map);

	if (map == NULL)
		return NULL;
	map->n_slots = 64;
	map->slot = calloc(map->n_slots, sizeof *map->slot);
	map->keys = arena_new();
	if (map->slot == NULL || map->keys == NULL) {
		map_free(map);
		return NULL;
	}
	return map;
}

void
map_free(struct map *map)
{
	if (map == NULL)
		return;
	arena_free(map->keys);
	free(map->entry);
	free(map->slot);
	free(map);
}

/* The slot that holds key, or the free one where it belongs. */
static uint32_t *
find_slot(const struct map *map, struct str key)
{
	size_t i = (size_t)hash_of(key) & (map->n_slots - 1);

	while (map->slot[i] != 0 && !str_eq(map->entry[map->slot[i] - 1].key, key))
		i = (i + 1) & (map->n_slots - 1);
	return &map->slot[i];
}

struct map_entry *
map_get(const struct map *map, struct str key)
{
	uint32_t slot = *find_slot(map, key);

	return slot == 0 ? NULL : &map->entry[slot - 1];
}

static int
grow(struct map *map)
{
	size_t room = map->room == 0 ? 32 : map->room * 2, n_slots = room * 2, i;
	struct map_entry *entry;
	uint32_t *slot = NULL;

	if (room > UINT32_MAX / 4 || (entry = realloc(map->entry, room * sizeof *entry)) == NULL)
		return -1;
	map->entry = entry;
	if (n_slots > map->n_slots && (slot = calloc(n_slots, sizeof *slot)) == NULL)
		return -1; /* room as it was: half of the slots stay free, or a search would not end */
	map->room = room;
	if (n_slots <= map->n_slots)
		return 0;
	free(map->slot);
	map->slot = slot;
	map->n_slots = n_slots;
	for (i = 0; i < map->n; i++)
		*find_slot(map, map->entry[i].key) = (uint32_t)i + 1;
	return 0;
}

struct map_entry *
map_put(struct map *map, struct str key)
{
	struct map_entry *entry = map_get(map, key);

	if (entry != NULL)
		return entry;
	if (map->n == map->room && grow(map) != 0)
		return NULL;
	entry = &map->entry[map->n];
	memset(entry, 0, sizeof *entry);
	if ((entry->key = arena_dup(map->keys, key)).p == NULL)
		return NULL;
	*find_slot(map, key) = (uint32_t)++map->n;
	return entry;
}

size_t
map_count(const struct map *map)
{
	return map->n;
}

struct map_entry *
map_at(const struct map *map, size_t i)
{
	return &map->entry[i];
}
