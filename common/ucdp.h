/*
 * ucdp - the columns of UCDP's georeferenced events, yearly and candidate files
 */
#ifndef LODE_UCDP_H
#define LODE_UCDP_H

#include "classes.h"
#include "fields.h"
#include "period.h"

enum ucdp_column {
	UCDP_ID,
	UCDP_TYPE,
	UCDP_SIDE_A,
	UCDP_SIDE_B,
	UCDP_WHERE_PREC,
	UCDP_UNIT,
	UCDP_COUNTRY, /* number of Gleditsch and Ward */
	UCDP_DATE_PREC,
	UCDP_START,
	UCDP_END,
	UCDP_BEST,
	UCDP_HIGH,
	UCDP_LOW,
	UCDP_STATUS, /* these three may be missing */
	UCDP_STATE_A,
	UCDP_STATE_B,
	UCDP_N
};

/* Columns that go on the tape behind the eleven. */
enum { UCDP_EXTRA = 8 };
extern const char *const ucdp_extra_names[UCDP_EXTRA];

/* Errors: LODE_EUSAGE "no column 'date_start' in the header". */
int ucdp_columns(struct fields *fields, const struct header *header, struct err *err);

/* By the type of violence. Errors: LODE_EDATA "unknown type of violence 'x'". */
int ucdp_class(const struct fields *fields, const struct record *record, const struct classes *classes, struct str *class,
    struct str *severity, struct err *err);

/*
 * What an event is about, and the last day it may have happened on (days since 1970-01-01). With a precision of days or of a week (1 to 3) the day
 * on which it began; with one of a month or more (4, 5) the month, or the months from the first to the last.
 * Errors: LODE_EDATA "'x' is not a date like ...", "'x' is not a grade of precision from 1 to 5", "the event ends on x, before it begins".
 */
int ucdp_period(const struct fields *fields, const struct record *record, struct period *period, int32_t *last_day, struct err *err);

/*
 * The country of the first government among the sides that is not that of the area; empty without one. countries: by the number of Gleditsch
 * and Ward. Errors: LODE_EDATA "unknown country code 'x'".
 */
int ucdp_partner(const struct fields *fields, const struct record *record, const struct codes *countries, struct str area, struct str *partner,
    struct err *err);

/* "A" for a finished event, "P" for one that is still checked (candidate files). */
struct str ucdp_status(const struct fields *fields, const struct record *record);

/* The values of ucdp_extra_names. Errors: LODE_EDATA with the column. */
int ucdp_extra(const struct fields *fields, const struct record *record, struct str extra[UCDP_EXTRA], struct err *err);

#endif
