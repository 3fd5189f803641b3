/*
 * gdelt_rows - rows of GDELT that make one line at most: events, mentions of events, totals of events
 *
 * Each takes a row and either writes its line (gdelt->write), or names in *rule why it is left out, or says what is wrong with it.
 */
#ifndef LODE_GDELT_ROWS_H
#define LODE_GDELT_ROWS_H

#include "gdelt.h"

/*
 * event.CLASS with its severity, at the place of the action; with gdelt->all event.all with 1, in its country. A row is left out by
 * its country before anything else of it is looked at.
 * Rules: "no-place", "other-place", "other-class". Errors: LODE_EDATA with the column.
 */
int gdelt_read_event(struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err);

/*
 * mention.CLASS with 1, where and when the event was that it mentions: one that gdelt->events has.
 * Rules: "low-confidence", "other-event". Errors: LODE_EDATA with the column.
 */
int gdelt_read_mention(struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err);

/*
 * event.all of a line DAY,COUNT or DAY,FIPS,COUNT, where the day may be a month or a year; the former is about the world. Known at 11:00
 * on the day after, and no earlier than GDELT's first such file.
 * Rules: "no-place", "other-place". Errors: LODE_EDATA.
 */
int gdelt_read_total(struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err);

/*
 * Loads the tape with the events that mentions are about; its lines of events have the columns event and cameo.
 * Errors: those of table_load(), LODE_ENOMEM.
 */
int gdelt_load_events(struct gdelt *gdelt, const char *path, struct err *err);

#endif
