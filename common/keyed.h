/*
 * keyed - structs found by a key, which can be taken out again
 *
 * For state that comes and goes over a stream without end: map.h never forgets, this does. The caller's struct begins with a
 * struct keyed_entry and lies in one allocation with a copy of its key. The same key may stand for several entries. Entries are
 * linked from the oldest to the newest, so that what has a fixed life is forgotten from the front and output
 * never depends on a hash.
 */
#ifndef LODE_KEYED_H
#define LODE_KEYED_H

#include <stdint.h>

#include "str.h"

struct keyed;

struct keyed_entry {
	struct keyed_entry *older, *newer; /* by keyed_add; NULL at the ends */
	struct keyed_entry *chain;
	uint64_t hash;
	struct str key;
};

struct keyed *keyed_new(void); /* NULL without memory */

/* Frees the entries too; what else they own is the caller's. Takes NULL. */
void keyed_free(struct keyed *keyed);

/* The newest entry of that key, and the one of the same key before it; NULL when there is none. */
void *keyed_find(const struct keyed *keyed, struct str key);
void *keyed_find_before(const void *entry);

/*
 * A new entry of size bytes, zero but for its struct keyed_entry; NULL without memory. It stays where it is until
 * keyed_remove(), which frees it.
 */
void *keyed_add(struct keyed *keyed, struct str key, size_t size);
void keyed_remove(struct keyed *keyed, void *entry);

void *keyed_oldest(const struct keyed *keyed); /* NULL when empty */
size_t keyed_count(const struct keyed *keyed);

/* Two independent 64-bit hashes of the bytes: 128 bits that stand for a line. Not for adversaries. */
void keyed_digest(struct str bytes, uint64_t digest[2]);

#endif
