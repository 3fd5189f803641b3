/*
 * rates_kept - rates as the state of a stream
 *
 * Each as the line it came in, under its pair, day, source and the day it became known: a line with the same replaces it. And the first line of each
 * pair, because of ways as short the one counts whose pairs came first (rates.h).
 */
#ifndef LODE_RATES_KEPT_H
#define LODE_RATES_KEPT_H

#include "map.h"
#include "obs.h"
#include "state.h"

/* A zeroed one is empty. */
struct rates_kept {
	struct map *pairs; /* owned: those that came */
	struct buf key;
};

void rates_kept_release(struct rates_kept *kept);

/* A line with a rate, whose known is a time. Errors: LODE_ENOMEM. */
int rates_kept_add(struct rates_kept *kept, struct state *state, const struct obs *obs, struct str line, struct err *err);

/* An entry of the state, whose value is then the line. Errors: LODE_EDATA "'KEY' is no state", LODE_ENOMEM. */
int rates_kept_restore(struct rates_kept *kept, const struct state_entry *entry, struct err *err);

#endif
