/*
 * census - the columns of an answer of the US Census Bureau's trade API
 *
 * The API repeats a column that is both asked for and selected by; the second must say the same as the first.
 */
#ifndef LODE_CENSUS_H
#define LODE_CENSUS_H

#include "jsonrows.h"

enum census_column {
	CENSUS_TIME,
	CENSUS_PARTNER,
	CENSUS_IMPORT, /* commodity code of an answer about imports, the next of one about exports */
	CENSUS_EXPORT,
	CENSUS_UNIT,
	CENSUS_UNIT_2,
	CENSUS_GENERAL, /* from here on, for each flow, value and two quantities */
	CENSUS_GENERAL_QUANTITY,
	CENSUS_GENERAL_QUANTITY_2,
	CENSUS_CONSUMPTION,
	CENSUS_CONSUMPTION_QUANTITY,
	CENSUS_CONSUMPTION_QUANTITY_2,
	CENSUS_ALL,
	CENSUS_ALL_QUANTITY,
	CENSUS_ALL_QUANTITY_2,
	CENSUS_N
};

struct census {
	unsigned n; /* columns */
	int at[CENSUS_N], again[CENSUS_N]; /* column of the row, or -1; the same name once more */
	enum census_column commodity;      /* CENSUS_IMPORT or CENSUS_EXPORT */
};

/*
 * Looks the names up. Errors: LODE_EUSAGE "no column 'time' in the header", both or neither commodity, no figures, "no column 'UNIT_QY1' beside
 * 'GEN_QY1_MO': ask for it too".
 */
int census_columns(struct census *census, const struct jsonrow *header, struct err *err);

/* Checks a row against the header. Errors: LODE_EDATA "5 fields, the header has 6", a repeated column with two values. */
int census_check(const struct census *census, const struct jsonrow *row, struct err *err);

/* A field without blanks around it; empty when it is null or the answer lacks the column. */
struct str census_get(const struct census *census, const struct jsonrow *row, enum census_column column);

/* Puts the column on an error found in it; returns err->code. */
int census_blame(const struct census *census, enum census_column column, struct err *err);

#endif
