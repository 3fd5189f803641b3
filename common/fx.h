/*
 * fx - the columns of a file of exchange rates: the ECB's, or FRED's of the Federal Reserve
 *
 * ECB: first column Date, then currencies by their ISO code; a rate is units of it for one EUR. FRED: DATE or observation_date and
 * then series named DEX, price currency, base currency (two letters each).
 */
#ifndef LODE_FX_H
#define LODE_FX_H

#include "obs.h"
#include "list.h"
#include "period.h"

enum { FX_MAX_RATES = 128 };

struct fx_rate {
	unsigned column;    /* of the record */
	char name[16];      /* of the column, for messages */
	char commodity[8];  /* "EUR/CNY": one EUR */
	char unit[8];       /* "CNY/EUR" */
};

struct fx {
	bool fred;          /* else ECB */
	unsigned n;
	struct fx_rate rate[FX_MAX_RATES];
};

/*
 * Looks up the columns of the currencies asked for (empty: all); other columns do not count. With FRED a series goes by the currency
 * that is not the dollar. Errors: LODE_EUSAGE "'x' is not the column of dates ...", "no column of rates ...", "no column of the
 * currency 'x' in the header".
 */
int fx_columns(struct fx *fx, const struct header *header, const struct option_list *currency, struct err *err);

/* The day of a record, as both sources and spreadsheets write it. Errors: LODE_EDATA with the column. */
int fx_day(struct str text, struct period *day, struct err *err);

/*
 * When the rates of a day were published, seconds since 1970 UTC: ECB that day at 15:00; FRED with the weekly release, the Monday after at
 * 21:15 (16:15 in New York in winter).
 */
int64_t fx_known(const struct fx *fx, struct period day);

/*
 * A rate without blanks. Missing: *rate is empty for N/A, ND, "." , "-" and an empty field.
 * Errors: LODE_EDATA "cannot read 'x' as a decimal", "rate 'x' is not above 0".
 */
int fx_value(struct str text, struct str *rate, struct err *err);

#endif
