/*
 * comext - the columns of a trade file of Eurostat's Comext, found by their names in any case
 *
 * Three shapes: the current full_YYYYMM.dat, the files until about 2021, and SDMX-CSV with one indicator a row (COMEXT_FIGURE is there then).
 */
#ifndef LODE_COMEXT_H
#define LODE_COMEXT_H

#include "obs.h"
#include "period.h"

enum comext_column {
	COMEXT_REPORTER, /* these five are in every shape */
	COMEXT_PARTNER,
	COMEXT_PRODUCT,
	COMEXT_FLOW,
	COMEXT_PERIOD,
	COMEXT_REPORTER_ISO,
	COMEXT_PARTNER_ISO,
	COMEXT_TRADE,
	COMEXT_PROCEDURE,
	COMEXT_EUR,
	COMEXT_KG,
	COMEXT_TONS,
	COMEXT_SUPPL,
	COMEXT_SUPPL_UNIT,
	COMEXT_INDICATOR,
	COMEXT_FIGURE,
	COMEXT_FLAG,
	COMEXT_N
};

struct comext {
	int at[COMEXT_N];     /* column of the record, or -1 */
	char country[4];      /* see comext_country() */
};

/*
 * Looks the columns up. Errors: LODE_EUSAGE "no column 'REPORTER' in the header", no column of figures, "columns 3 and 5 are both 'FLOW'" (names that
 * differ in case or are two names of one thing), mass in kilograms and in tons.
 */
int comext_columns(struct comext *comext, const struct header *header, struct err *err);

/* A field without blanks around it; empty when the file lacks the column. */
struct str comext_get(const struct comext *comext, const struct record *record, enum comext_column column);

/* Puts the column on an error found in it; returns err->code. */
int comext_blame(const struct comext *comext, enum comext_column column, struct err *err);

/*
 * The code of the reporter (column COMEXT_REPORTER) or partner: two letters where the file has them, else its number with four digits (older files write
 * three for the reporter). *used is the column it is from. Valid until the next call.
 */
struct str comext_country(struct comext *comext, const struct record *record, enum comext_column column, enum comext_column *used);

/* `202402`, `202452` for the year 2024, or the forms of a tape (`2023-09`, `2024`). Errors: LODE_EDATA. */
int comext_period(struct str text, struct period *period, struct err *err);

#endif
