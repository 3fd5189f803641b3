/*
 * rates - currency rates as they became known, by day, against the euro
 *
 * Holds every rate it was given: 48 bytes for each currency and day. What it was not given yet it cannot use, so rates put in
 * the order of a tape give what was known then.
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
 * One euro was worth per_euro of currency on that day (days since 1970-01-01); a second rate for a day replaces the first.
 * Errors: LODE_EDATA "a rate of '0' is not above zero"; LODE_ENOMEM.
 */
int rates_put(struct rates *rates, struct str currency, int32_t day, struct dec per_euro, struct err *err);

/*
 * Multiplies ratio by what one unit of `from` is worth in `to` on that day: by way of the euro, each side with its newest rate
 * that is not after the day and at most max_age days before it. EUR itself needs no rate.
 * Errors: LODE_EDATA "no rate of MMK is known", "no rate of CNY for 2025-06-03 or before is known",
 * "the newest rate of CNY for 2025-06-03 is of 2025-05-20: older than 7 days".
 */
int rates_convert(const struct rates *rates, struct str from, struct str to, int32_t day, int32_t max_age, struct ratio *ratio,
    struct err *err);

#endif
