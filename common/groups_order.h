/*
 * groups_order - groups of a window in the order of their texts
 *
 * Sorted byte by byte, by keys: where the beginnings of a window's texts are different at all is a few dozen bits in most, which are brought
 * together into one number. Groups whose keys are the same are compared by their texts.
 *
 * A zeroed struct groups_order is ready; its room stays for the next window. groups_order_begin, groups_order_add for each,
 * groups_order_sort; in the end groups_order_release.
 */
#ifndef LODE_GROUPS_ORDER_H
#define LODE_GROUPS_ORDER_H

#include "groups.h"

struct groups_sorted {
	uint64_t key; /* of the beginnings of the texts, what is not the same in all */
	struct group *group;
	const struct groups_amount *before; /* as given; what it is, the caller knows */
};

struct groups_order {
	struct groups_sorted *sorted, *other; /* owned; sorted[n] */
	size_t n, room;
	size_t n_text; /* bytes of their texts, once sorted */
};

/* Room for so many groups, of which none is there yet. False without memory. */
bool groups_order_begin(struct groups_order *order, size_t n);

/* One more, within that room. */
static inline void
groups_order_add(struct groups_order *order, struct group *group, const struct groups_amount *before)
{
	order->sorted[order->n++] = (struct groups_sorted){ .group = group, .before = before };
}

/* All of them are of these groups. Cost: O(n) for each eight bits in which the texts differ, but for what is alike in 64 of them. */
void groups_order_sort(struct groups_order *order, const struct groups *groups);
void groups_order_release(struct groups_order *order);

#endif
