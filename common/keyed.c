#include "keyed.h"

#include <stdlib.h>

struct keyed {
	struct keyed_entry **slot;
	struct keyed_entry *oldest, *newest;
	size_t n, n_slots; /* a power of two */
};

/* Eight bytes a step: multiply and fold, then a finish that reaches every bit. */
static uint64_t
hash_of(struct str bytes, uint64_t seed)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t hash = seed ^ bytes.n * odd, word;
	size_t i, n;

	for (i = 0; i < bytes.n; i += 8) {
		word = 0;
		n = bytes.n - i < 8 ? bytes.n - i : 8;
		memcpy(&word, bytes.p + i, n);
		hash = (hash ^ word) * odd;
		hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u;
	}
	hash = (hash ^ hash >> 32) * 0x94d049bb133111ebu;
	return hash ^ hash >> 29;
}

void
keyed_digest(struct str bytes, uint64_t digest[2])
{
	digest[0] = hash_of(bytes, 0x243f6a8885a308d3u);
	digest[1] = hash_of(bytes, 0x13198a2e03707344u);
}

struct keyed *
keyed_new(void)
{
	struct keyed *keyed = calloc(1, sizeof *keyed);

	if (keyed == NULL)
		return NULL;
	keyed->n_slots = 64;
	if ((keyed->slot = calloc(keyed->n_slots, sizeof *keyed->slot)) == NULL) {
		free(keyed);
		return NULL;
	}
	return keyed;
}

void
keyed_free(struct keyed *keyed)
{
	struct keyed_entry *entry, *next;

	if (keyed == NULL)
		return;
	for (entry = keyed->oldest; entry != NULL; entry = next) {
		next = entry->newer;
		free(entry);
	}
	free(keyed->slot);
	free(keyed);
}

static void *
first_of(struct keyed_entry *entry, uint64_t hash, struct str key)
{
	while (entry != NULL && (entry->hash != hash || !str_eq(entry->key, key)))
		entry = entry->chain;
	return entry;
}

void *
keyed_find(const struct keyed *keyed, struct str key)
{
	uint64_t hash = hash_of(key, 0);

	return first_of(keyed->slot[hash & (keyed->n_slots - 1)], hash, key);
}

void *
keyed_find_before(const void *entry)
{
	const struct keyed_entry *at = entry;

	return first_of(at->chain, at->hash, at->key);
}

/* Twice the slots. From the oldest to the newest, so that the newest of a key stays in front. */
static void
grow(struct keyed *keyed)
{
	struct keyed_entry **slot = calloc(keyed->n_slots * 2, sizeof *slot), *entry, **head;

	if (slot == NULL)
		return; /* longer chains, the same answers */
	free(keyed->slot);
	keyed->slot = slot;
	keyed->n_slots *= 2;
	for (entry = keyed->oldest; entry != NULL; entry = entry->newer) {
		head = &slot[entry->hash & (keyed->n_slots - 1)];
		entry->chain = *head;
		*head = entry;
	}
}

void *
keyed_add(struct keyed *keyed, struct str key, size_t size)
{
	struct keyed_entry *entry = calloc(1, size + key.n + 1), **head;
	char *copy = (char *)entry + size;

	if (entry == NULL)
		return NULL;
	if (keyed->n >= keyed->n_slots)
		grow(keyed);
	if (key.n != 0)
		memcpy(copy, key.p, key.n);
	entry->key = (struct str){ copy, key.n };
	entry->hash = hash_of(key, 0);
	head = &keyed->slot[entry->hash & (keyed->n_slots - 1)];
	entry->chain = *head;
	*head = entry;
	entry->older = keyed->newest;
	if (keyed->newest != NULL)
		keyed->newest->newer = entry;
	else
		keyed->oldest = entry;
	keyed->newest = entry;
	keyed->n++;
	return entry;
}

void
keyed_remove(struct keyed *keyed, void *entry)
{
	struct keyed_entry *gone = entry, **at = &keyed->slot[gone->hash & (keyed->n_slots - 1)];

	while (*at != gone)
		at = &(*at)->chain;
	*at = gone->chain;
	*(gone->older != NULL ? &gone->older->newer : &keyed->oldest) = gone->newer;
	*(gone->newer != NULL ? &gone->newer->older : &keyed->newest) = gone->older;
	keyed->n--;
	free(gone);
}

void *
keyed_oldest(const struct keyed *keyed)
{
	return keyed->oldest;
}

size_t
keyed_count(const struct keyed *keyed)
{
	return keyed->n;
}
