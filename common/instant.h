/*
 * instant - a moment in UTC, as RFC 3339 text and as seconds since 1970-01-01
 *
 * The text form has one width, `2025-06-20T07:00:00Z`, years 0001 to 9999, so that byte order is time order.
 * Nothing here depends on TZ or the locale. Leap seconds are not represented.
 */
#ifndef LODE_INSTANT_H
#define LODE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "str.h"

enum { INSTANT_LENGTH = 20, INSTANT_MAX = INSTANT_LENGTH + 1 };

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. month 1-12, day 1-31. */
int32_t civil_to_days(int year, int month, int day);
void civil_from_days(int32_t days, int *year, int *month, int *day);
int days_in_month(int year, int month);

/* The number that the n digits at p are (n <= 9), or -1 when one of them is no digit. */
int civil_digits(const char *p, int n);

/* Exactly the form above. Errors: LODE_EDATA "'TEXT' is not a time like 2025-06-20T07:00:00Z". */
int instant_parse(struct str text, int64_t *seconds, struct err *err);

/* True when text has that form, without the cost of the number. */
bool instant_valid(struct str text);

/*
 * A user's words: the form above, or a date alone, which means the end of that day (23:59:59) when end_of_day, else its start.
 * Errors: LODE_EDATA "'TEXT' is not a date or a time like ...".
 */
int instant_parse_loose(struct str text, bool end_of_day, int64_t *seconds, struct err *err);

/* Years 1 to 9999; always INSTANT_LENGTH bytes and a terminator. */
void instant_format(int64_t seconds, char out[INSTANT_MAX]);

/* Whether two texts of INSTANT_LENGTH bytes are the same: most lines of a tape were known when the line before was. */
static inline bool
instant_same(const char *a, const char *b)
{
	return memcmp(a, b, 8) == 0 && memcmp(a + 8, b + 8, 8) == 0 && memcmp(a + 12, b + 12, 8) == 0; /* without a call */
}

#endif
