/*
 * stamp - times of publication, as feeds and articles write them
 *
 * RFC 3339 and its relatives (`2025-04-04T12:00:00Z`, `2025-04-04 12:00+08:00`, `20250404T120000Z`), RFC 822 as in mail and RSS (`Fri, 25 Sep 2026
 * 13:53:48 GMT`, `25 September 2026 13:53 +0800`). A date alone is the end of that day in UTC; a time without a zone is UTC.
 */
#ifndef LODE_STAMP_H
#define LODE_STAMP_H

#include "err.h"
#include "str.h"

/*
 * Seconds since 1970-01-01. Fractions are cut off.
 * Errors: LODE_EDATA "'TEXT' is not a time of publication", "unknown time zone 'IST'" (names that mean two things are unknown).
 */
int stamp_parse(struct str text, int64_t *seconds, struct err *err);

#endif
