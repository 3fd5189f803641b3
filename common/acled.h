/*
 * acled - the columns of ACLED's event files, in the old and the new order
 *
 * Both have the same names for what is used here, so the order does not matter; what differs is how a day and a kind of actor are written.
 */
#ifndef LODE_ACLED_H
#define LODE_ACLED_H

#include "classes.h"
#include "fields.h"
#include "instant.h"
#include "period.h"

enum acled_column {
	ACLED_ID,
	ACLED_DATE,
	ACLED_TYPE,
	ACLED_SUBTYPE,
	ACLED_ACTOR_1,
	ACLED_ACTOR_2,
	ACLED_COUNTRY, /* ISO 3166-1 numeric, without zeros in front */
	ACLED_UNIT,
	ACLED_FATALITIES,
	ACLED_TIME_PRECISION,
	ACLED_GEO_PRECISION,
	ACLED_UPLOADED,
	ACLED_KIND_1, /* these two may be missing */
	ACLED_KIND_2,
	ACLED_N
};

/* Columns that go on the tape behind the eleven. */
enum { ACLED_EXTRA = 8 };
extern const char *const acled_extra_names[ACLED_EXTRA];

/* Errors: LODE_EUSAGE "no column 'timestamp' in the header". */
int acled_columns(struct fields *fields, const struct header *header, struct err *err);

/*
 * Class and severity of a record: by "EVENT TYPE: SUB-EVENT TYPE", or else by "EVENT TYPE". An empty class is an event of no interest.
 * Errors: LODE_EDATA "unknown event type 'x: y'".
 */
int acled_class(const struct fields *fields, const struct record *record, const struct classes *classes, struct str *class,
    struct str *severity, struct err *err);

/*
 * When a record was uploaded (it may be a revision) and the day of its event.
 * Errors: LODE_EDATA "'x' is not a time in seconds since 1970", "'x' is not a date like ...", "the event's day 2024-10-19 is after ...".
 */
int acled_times(const struct fields *fields, const struct record *record, char known[INSTANT_MAX], char day[PERIOD_MAX], struct err *err);

/*
 * A kind of actor as its number in older files, "1" to "8", or empty for none: "1", "State forces", "0" or "".
 * Errors: LODE_EDATA "unknown kind of actor 'x'".
 */
int acled_kind(struct str text, struct str *kind, struct err *err);

/* The values of acled_extra_names. Errors: LODE_EDATA with the column. */
int acled_extra(const struct fields *fields, const struct record *record, struct str extra[ACLED_EXTRA], struct err *err);

#endif
