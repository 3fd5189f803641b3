/*
 * calendar - when the figures of a period were released
 *
 * Rows of a table with the columns list first last month lag day time: figures of the list whose period ends in the months
 * first..last (last empty: open) and in calendar month `month` (1-12, or * for any) were released `lag` months after the
 * period's last month, on day `day` (the month's last day where it is shorter) at `time` UTC. A later row wins.
 */
#ifndef LODE_CALENDAR_H
#define LODE_CALENDAR_H

#include "period.h"
#include "table.h"

struct calendar;

extern const char *const calendar_columns[]; /* for table_load */

/*
 * Reads the rows of one list; the table may go afterwards. Errors: LODE_EUSAGE with the row's place, LODE_EUSAGE
 * "no rows for the list 'gacc'", LODE_ENOMEM.
 */
int calendar_new(struct calendar **calendar, const struct table *table, const char *list, struct err *err);
void calendar_free(struct calendar *calendar); /* takes NULL */

/* Seconds since 1970, UTC. Errors: LODE_EDATA "the calendar has no release of PERIOD". */
int calendar_known(const struct calendar *calendar, struct period period, int64_t *known, struct err *err);

#endif
