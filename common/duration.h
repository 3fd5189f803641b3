/*
 * duration - a length of time in a user's words: `90s`, `15min`, `12h`, `90d`, `2w`
 *
 * Seconds of a day without leap seconds; months have no fixed length and are not durations.
 */
#ifndef LODE_DURATION_H
#define LODE_DURATION_H

#include <stdint.h>

#include "err.h"
#include "str.h"

#define DURATION_DAY ((int64_t)86400)

/*
 * A whole number and a unit, nothing around them; at most 3,660,000 days (10,000 years), 0 is allowed.
 * Errors: LODE_EUSAGE "'TEXT' is not a duration like 90d, 12h, 15min or 90s"; *seconds is untouched then.
 */
int duration_parse(struct str text, int64_t *seconds, struct err *err);

#endif
