/*
 * order - the rule that the lines of a tape come in the order in which they became known
 *
 * Several inputs read one after the other count as one tape. Holds the line before: a zeroed one holds none.
 */
#ifndef LODE_ORDER_H
#define LODE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "instant.h"

struct order {
	char known[INSTANT_MAX]; /* of the line before, empty when there is none */
	char source[256];        /* where that line stands */
	uint64_t line;
	bool elsewhere;          /* it stands in an input that has ended */
};

/* Another input begins. */
static inline void
order_input(struct order *order)
{
	order->elsewhere = true;
}

/* Takes the next line when it was known when the line before was; else false, and it is for order_next(). */
static inline bool
order_same(struct order *order, struct str known, uint64_t line)
{
	if (order->line == 0 || order->elsewhere || known.n != INSTANT_LENGTH || !instant_same(known.p, order->known))
		return false;
	order->line = line;
	return true;
}

/*
 * Takes the next line; known must be instant_valid().
 * Errors: LODE_EDATA "known 'A' is before 'B' of line 5: ..." without a place, and the line before stays what it was.
 */
int order_next(struct order *order, struct str known, const char *source, uint64_t line, struct err *err);

#endif
