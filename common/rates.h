/*
 * rates - currency rates as they became known, by day
 *
 * Any pairs of currencies; two that have no rate of their own meet by way of others. Holds every rate it was given: 48 bytes for each pair and day.
 * What it was not given yet it cannot use, so rates put in the order of a tape give what was known then.
 */
#ifndef LODE_RATES_H
#define LODE_RATES_H

#include <stdint.h>

#include "ratio.h"

struct rates;

/* Errors: LODE_ENOMEM. */
int rates_new(struct rates **rates, struct err *err);
void rates_free(struct rates *rates); /* takes NULL */

/*
 * One of base was worth `rate` of quote on that day (days since 1970-01-01); a second rate of the same two currencies for a day, either
 * way round, replaces the first.
 * Errors: LODE_EDATA "a rate of '0' is not above zero"; LODE_ENOMEM.
 */
int rates_put(struct rates *rates, struct str base, struct str quote, int32_t day, struct dec rate, struct err *err);

/*
 * Multiplies ratio by what one unit of `from` is worth in `to` on that day: by the fewest pairs that lead there, each with its newest rate
 * that is not after the day and at most max_age days before it; of ways as short the one whose pairs came first. Equal
 * currencies need no rate.
 * Errors: LODE_EDATA "no rate of MMK is known", "no rate of EUR/CNY for 2025-06-03 or before is known",
 * "the newest rate of EUR/CNY for 2025-06-03 is of 2025-05-20: older than 7 days", "no rates lead from MMK to CNY".
 */
int rates_convert(const struct rates *rates, struct str from, struct str to, int32_t day, int32_t max_age, struct ratio *ratio,
    struct err *err);

#endif
