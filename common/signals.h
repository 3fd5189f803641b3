/*
 * signals - rows of a signal file and the three forms they are written in
 *
 * A row is one region, commodity and horizon as of one time. tsv: a line a row, for programs; json: a line an as-of time, for programs that
 * want it nested; table: for people. What is missing is empty, null, or "-".
 */
#ifndef LODE_SIGNALS_H
#define LODE_SIGNALS_H

#include <stdbool.h>

#include "period.h"
#include "sink.h"

/* Columns that come from lines; those from CHANGE on are what a change is due to. */
enum signals_value { SIGNALS_PROBABILITY, SIGNALS_MCSE, SIGNALS_MEDIAN, SIGNALS_P05, SIGNALS_P95, SIGNALS_EXPECTED, SIGNALS_DEEPEST,
	SIGNALS_STOCK_05, SIGNALS_STOCK_1, SIGNALS_STOCK_2, SIGNALS_COVER_05, SIGNALS_COVER_2, SIGNALS_CHANGE, SIGNALS_CUSTOMS, SIGNALS_EVENT,
	SIGNALS_EXPORT, SIGNALS_OUTPUT, SIGNALS_PRICE, SIGNALS_TIME, SIGNALS_VALUES };

/* A number's kind says what it may be: a probability in 0 to 1, tonnes not below 0, months above 0, a change in -1 to 1. */
enum signals_kind { SIGNALS_IS_PROBABILITY, SIGNALS_IS_MASS, SIGNALS_IS_MONTH, SIGNALS_IS_CHANGE };

struct signals_column {
	const char *indicator, *column, *unit;
	enum signals_kind kind;
};

extern const struct signals_column signals_columns[SIGNALS_VALUES];

enum signals_format { SIGNALS_TSV, SIGNALS_JSON, SIGNALS_TABLE, SIGNALS_FORMATS };

extern const char *const signals_formats[SIGNALS_FORMATS];

struct signals_row {
	struct str region, commodity, source, refs, model, prefix, level;
	struct period period; /* first month of the horizon to its last */
	struct str value[SIGNALS_VALUES], cause_refs[SIGNALS_VALUES]; /* texts as published; p NULL: none */
};

/* Months of a row's horizon. */
int signals_horizon(const struct signals_row *row);

/* What stands ahead of all rows: the header line of tsv, else nothing. */
void signals_begin(struct sink *sink, enum signals_format format);

/* All rows of one as-of time; rows without a probability are passed over. Errors: LODE_ENOMEM. */
int signals_write(struct sink *sink, enum signals_format format, struct str as_of, const struct signals_row *rows, size_t n, struct err *err);

#endif
