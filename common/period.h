/*
 * period - what a figure is about: an ISO 8601 day, month, quarter, year, or a span of months
 *
 * `2025-05-14`, `2025-05`, `2025-Q2`, `2025`, and `2025-01/2025-02` for a total published over several months.
 */
#ifndef LODE_PERIOD_H
#define LODE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "str.h"

enum period_kind { PERIOD_DAY, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR, PERIOD_SPAN };

struct period {
	enum period_kind kind;
	int32_t first, last; /* days since 1970-01-01 for PERIOD_DAY, else months since 1970-01; inclusive */
};

enum { PERIOD_MAX = 24 };

/* Errors: LODE_EDATA "'TEXT' is not a period like 2025, 2025-Q2, 2025-05, 2025-05-14 or 2025-01/2025-02". */
int period_parse(struct str text, struct period *period, struct err *err);

size_t period_format(struct period period, char out[PERIOD_MAX]); /* terminated; returns the length */

/* Months since 1970-01 of the period's first and last month (a day: its month). */
int32_t period_first_month(struct period period);
int32_t period_last_month(struct period period);

/* First day and the day after the last, days since 1970-01-01. */
int32_t period_start(struct period period);
int32_t period_end(struct period period);

static inline struct period
period_of_month(int32_t month)
{
	return (struct period){ PERIOD_MONTH, month, month };
}

/* Months since 1970-01; month 1-12. */
static inline int32_t
month_number(int year, int month)
{
	return (year - 1970) * 12 + month - 1;
}

/* Calendar year, and month 1-12, of months since 1970-01; from year 1 on. */
static inline int
month_year(int32_t number)
{
	return (int)((number + 1970 * 12) / 12);
}

static inline int
month_of_year(int32_t number)
{
	return (int)((number + 1970 * 12) % 12) + 1;
}

/* Days since 1970-01-01 of the first day of that month, and the month of a day. */
int32_t month_first_day(int32_t number);
int32_t month_of_day(int32_t days);

#endif
