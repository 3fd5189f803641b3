/*
 * groups - the groups of a window: their texts, and what their lines add up to
 *
 * For millions of groups in each of many windows. A window's groups are entries of 48 bytes and the group's text, in chunks that grow and whose
 * blocks are shared by all windows, and a hash table of numbers, handles, by which they are found and which stay. A sum has 64 bits, a number
 * 32, a unit's number 8: a group for which these are too few keeps what it has elsewhere from then on, which cannot be told from the outside.
 *
 * What is called for each line is inline, because most of a window's time is spent there.
 * Life cycle: zeroed, one struct groups_memory for all windows and a struct groups for each; groups_grow() before the first group of a window;
 * groups_release() each, then groups_memory_release().
 */
#ifndef LODE_GROUPS_H
#define LODE_GROUPS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dec.h"
#include "packed.h"
#include "slabs.h"
#include "str.h"

enum {
	GROUPS_UNIT = 16,      /* of a handle's offset, and the alignment of a group */
	GROUPS_OFFSETS = SLABS_BLOCK / GROUPS_UNIT,
	GROUPS_MAX_SCALE = 6,  /* of a sum that has 64 bits */
	GROUPS_HEAD = 4,       /* words of a group's text by which it is sorted */
};

/* First or last of a group's lines: in that order by its last day, by known, by its first day, then by ref. */
struct groups_edge {
	uint64_t when; /* last day from the window's start: 12 bits; known: 40 bits; first day: 12 bits */
	uint64_t ref;  /* packed */
};

struct groups_amount {
	struct dec sum;
	uint64_t n; /* of lines with a value */
};

/* What a group has no bits for. */
struct groups_large {
	struct groups_amount amount;
	size_t n_text;
	uint32_t unit;
};

/* Millions of these, so they are small: with a text of up to 16 bytes one line of the cache. */
struct group {
	union {
		int64_t sum; /* * 10^-scale */
		struct groups_large *large; /* when is_large: owned, and instead of n, scale, n_text and unit */
	} u;
	struct groups_edge first, last; /* when there are lines with a value; they may share a text */
	uint32_t n;
	uint16_t n_text;
	uint16_t unit : 8, scale : 6, dirty : 1, is_large : 1; /* dirty: the caller's, it is to be said */
	char text[];
};

struct groups_slot {
	uint32_t tag, handle; /* of the hash; number of the group + 1, 0 for none */
};

struct groups_chunk {
	char *p;
	bool is_block;
};

/* A window's groups. */
struct groups {
	struct groups_slot *slot;
	size_t n, n_slots; /* n_slots a power of two */
	struct groups_chunk *chunk;
	size_t n_chunks, room_chunks, used, room; /* of the last chunk, in bytes */
	uint64_t head[GROUPS_HEAD], differ[GROUPS_HEAD]; /* the beginning of the first text, and the bits in which others were different */
};

/* What the groups of all windows share. */
struct groups_memory {
	struct packed refs;
	struct slabs slabs;
	bool has_large;
};

/* Makes the table larger, from none to 16. False without memory, and nothing has changed. */
bool groups_grow(struct groups *groups, struct groups_memory *memory);

/*
 * groups_add - a group that is not there yet
 *
 * Shape    slot is where groups_find() had it
 * Errors   NULL without memory
 * Owner    the text is copied; the group and its *handle stay until groups_release()
 */
struct group *groups_add(struct groups *groups, struct groups_memory *memory, struct groups_slot *slot, uint32_t tag, struct str text,
    uint32_t *handle);

/* Gives all groups and their refs back. */
void groups_release(struct groups *groups, struct groups_memory *memory);
void groups_memory_release(struct groups_memory *memory);

/* Sets the number of a group's unit. False without memory. */
bool group_set_unit(struct group *group, struct groups_memory *memory, uint32_t unit);

/* What group_add_number() does when 64 bits are too few. */
int group_add_large(struct group *group, struct groups_memory *memory, struct dec number, struct err *err);

/* The group of a handle. */
static inline struct group *
groups_at(const struct groups *groups, uint32_t handle)
{
	return (struct group *)(void *)(groups->chunk[handle / GROUPS_OFFSETS].p + (size_t)(handle % GROUPS_OFFSETS) * GROUPS_UNIT);
}

static inline struct str
group_text(const struct group *group)
{
	return (struct str){ group->text, group->is_large ? group->u.large->n_text : group->n_text };
}

static inline struct groups_amount
group_amount(const struct group *group)
{
	if (group->is_large)
		return group->u.large->amount;
	return (struct groups_amount){ { group->u.sum, group->scale }, group->n };
}

static inline bool
group_has_lines(const struct group *group)
{
	return group->is_large ? group->u.large->amount.n > 0 : group->n > 0;
}

static inline uint32_t
group_unit(const struct group *group)
{
	return group->is_large ? group->u.large->unit : group->unit;
}

/* The hash of a text: eight bytes a step, the last ones over those before. */
static inline uint32_t
groups_tag(struct str text)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t hash = text.n * odd, word = 0;
	size_t i;

	for (i = 0; i + 8 < text.n; i += 8) {
		memcpy(&word, text.p + i, 8);
		hash = (hash ^ word) * odd;
		hash ^= hash >> 29;
	}
	if (text.n >= 8)
		memcpy(&word, text.p + text.n - 8, 8);
	else
		memcpy(&word, text.p, text.n);
	hash = (hash ^ word) * odd;
	hash = (hash ^ hash >> 32) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(hash >> 32);
}

/* Where the group is, or where it belongs. */
static inline struct groups_slot *
groups_find(const struct groups *groups, uint32_t tag, struct str text)
{
	const size_t mask = groups->n_slots - 1;
	size_t at;

	for (at = tag & mask; groups->slot[at].handle != 0; at = (at + 1) & mask)
		if (groups->slot[at].tag == tag && str_eq(group_text(groups_at(groups, groups->slot[at].handle - 1)), text))
			break;
	return &groups->slot[at];
}

/* Fetches what groups_find() will read first. */
static inline void
groups_fetch_slot(const struct groups *groups, uint32_t tag)
{
	__builtin_prefetch(&groups->slot[tag & (groups->n_slots - 1)]);
}

/* Fetches the group of a tag, if there is one. */
static inline void
groups_fetch(const struct groups *groups, uint32_t tag)
{
	const struct group *group;
	size_t at;

	for (at = tag & (groups->n_slots - 1); groups->slot[at].handle != 0 && groups->slot[at].tag != tag;)
		at = (at + 1) & (groups->n_slots - 1);
	if (groups->slot[at].handle != 0) {
		group = groups_at(groups, groups->slot[at].handle - 1);
		__builtin_prefetch(group, 1);
		__builtin_prefetch((const char *)group + 63, 1);
	}
}

/* The word of a text at that byte, as a number that is in the order of texts. */
static inline uint64_t
groups_word(struct str text, size_t at)
{
	uint64_t word = 0;

	if (text.n >= at + sizeof word)
		memcpy(&word, text.p + at, sizeof word);
	else if (text.n > at)
		memcpy(&word, text.p + at, text.n - at);
	return htobe64(word);
}

/* Numbers that can be added a thousand million times without a thought. */
static inline bool
group_is_plain(struct dec number)
{
	return number.scale <= GROUPS_MAX_SCALE && number.mantissa < INT64_MAX && number.mantissa > INT64_MIN;
}

/* Adds within 64 bits; false when they are too few, and nothing has changed. */
static inline bool
group_add_small(struct group *group, struct dec number)
{
	static const int64_t power[GROUPS_MAX_SCALE + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	int scale = group->scale;
	int64_t sum = group->u.sum, more = (int64_t)number.mantissa;

	if (group->is_large || group->n == UINT32_MAX || !group_is_plain(number))
		return false;
	if (number.scale > scale) {
		if (__builtin_mul_overflow(sum, power[number.scale - scale], &sum))
			return false;
		scale = number.scale;
	} else if (number.scale < scale && __builtin_mul_overflow(more, power[scale - number.scale], &more)) {
		return false;
	}
	if (__builtin_add_overflow(sum, more, &sum))
		return false;
	group->u.sum = sum;
	group->scale = (unsigned)scale & 63;
	group->n++;
	return true;
}

/* Adds a line's number. Errors: LODE_ENOMEM, also "the figures of a window need more than 37 digits". */
static inline int
group_add_number(struct group *group, struct groups_memory *memory, struct dec number, struct err *err)
{
	return group_add_small(group, number) ? LODE_OK : group_add_large(group, memory, number, err);
}

static inline int
groups_compare_edges(struct groups_memory *memory, const struct groups_edge *a, const struct groups_edge *b, int *order, struct err *err)
{
	*order = (a->when > b->when) - (a->when < b->when);
	return *order != 0 ? LODE_OK : packed_compare(&memory->refs, a->ref, b->ref, order, err);
}

/* Makes a line the first or the last of its group if it is. Takes its ref over, whatever it returns. Errors: LODE_ENOMEM. */
static inline int
group_set_edges(struct group *group, struct groups_memory *memory, const struct groups_edge *edge, struct err *err)
{
	int first = -1, last = 1;
	const bool any = group_has_lines(group), owned = any && group->first.ref != group->last.ref; /* each for itself */

	if (any && (groups_compare_edges(memory, edge, &group->first, &first, err) != LODE_OK ||
	    groups_compare_edges(memory, edge, &group->last, &last, err) != LODE_OK)) {
		packed_drop(edge->ref);
		return err->code;
	}
	if (first >= 0 && last <= 0)
		packed_drop(edge->ref);
	if (first < 0) {
		if (owned)
			packed_drop(group->first.ref);
		group->first = *edge;
	}
	if (last > 0) {
		if (owned)
			packed_drop(group->last.ref);
		group->last = *edge;
	}
	return LODE_OK;
}

#endif
