/*
 * packed - refs as numbers of 64 bits
 *
 * FILE:LINE, as nearly all are, takes no memory of its own: the number of "FILE:", then the digits of the line filled up with zeros
 * to nine and how many they are, so that the numbers of one file are in the order of the texts; the lowest bit is set. Any other is
 * a pointer to a text, which whoever holds the number owns. A zeroed struct packed is ready, and must outlive its numbers.
 */
#ifndef LODE_PACKED_H
#define LODE_PACKED_H

#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "map.h"

struct packed {
	struct map *prefixes; /* "FILE:" */
	const struct map_entry *last;
	struct buf one, other; /* texts that are compared */
	bool has_texts;        /* a number was given that is owned */
};

void packed_release(struct packed *packed);

/* The number of a ref. Errors: LODE_ENOMEM. */
int packed_put(struct packed *packed, struct str ref, uint64_t *number, struct err *err);

/* The number is not needed any more. */
void packed_drop(uint64_t number);

/* *text is valid until the number is dropped or out changes. Errors: LODE_ENOMEM. */
int packed_text(const struct packed *packed, uint64_t number, struct buf *out, struct str *text, struct err *err);

/* *order by their texts, as str_cmp() has it. Errors: LODE_ENOMEM. */
int packed_compare(struct packed *packed, uint64_t a, uint64_t b, int *order, struct err *err);

#endif
