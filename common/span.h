/*
 * span - lengths of time windows, where such windows lie on the calendar and how they are written
 *
 * A length is a number of calendar months or of seconds. Windows of months are counted from January, windows of seconds from Monday
 * 1970-01-05, so that 7d are ISO weeks. Moments are seconds since 1970-01-01, an end is the first second that is not in it.
 */
#ifndef LODE_SPAN_H
#define LODE_SPAN_H

#include "period.h"

struct span {
	bool months;
	bool named; /* `quarter`, `year`: to be written 2025-Q1, 2025 */
	int64_t length;
};

#define SPAN_START INT64_C(-62135596800) /* the beginning of the year 1 */
#define SPAN_END INT64_C(253402300800) /* the end of the year 9999 */

/*
 * `month`, `quarter`, `year`, `3-month` (1 to 1200), or a duration (duration.h) that is not 0.
 * Errors: LODE_EUSAGE "'TEXT' is not a length like month, quarter, year, 3-month, 7d or 12h".
 */
int span_parse(struct str text, struct span *span, struct err *err);

/*
 * The windows of that size, one starting every `every` (in the same unit), that hold all from start to end: those at low, low + every, ...
 * up to high; none when low > high.
 */
void span_starts(const struct span *size, int64_t every, int64_t start, int64_t end, int64_t *low, int64_t *high);

/* The window at such a place. False when it is not wholly within the years 1 to 9999. */
bool span_window(const struct span *size, int64_t at, int64_t *start, int64_t *end);

/* The shortest day, month or span of months that covers a window; of a named size (else NULL) the quarter or year. */
struct period span_period(const struct span *size, int64_t start, int64_t end);

enum { SPAN_TEXT_MAX = 48 };

/* "FIRST/LAST": two days, or two instants as given. Terminated; returns the length. */
size_t span_write_days(int64_t start, int64_t end, char out[SPAN_TEXT_MAX]);
size_t span_write_instants(int64_t start, int64_t end, char out[SPAN_TEXT_MAX]);

/* number rounded down to a multiple of step > 0. */
static inline int64_t
span_floor(int64_t number, int64_t step)
{
	int64_t rest = number % step;

	return number - (rest < 0 ? rest + step : rest);
}

#endif
