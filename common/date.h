/*
 * date - dates in the forms that other people's files have
 *
 * A form is written with YYYY, MM and DD (as many digits), M and D (one digit or two), Month (an English name or its first three letters, in any
 * case); every other character stands for itself, and so does what stands in single quotes: "YYYY'M'MM" for 1960M01, "YYYY-MM-'01'" for months
 * that are written as their first day. Several forms are separated by `|`, and the first that fits counts: "YYYY-MM-DD|D Month YYYY".
 * A form without a day gives a month, one without a month a year.
 */
#ifndef LODE_DATE_H
#define LODE_DATE_H

#include "period.h"

/* Errors: LODE_EDATA "'TEXT' is not a date like FORMS"; years 1 to 9999. */
int date_parse(struct str text, struct str forms, struct period *period, struct err *err);

/* Errors: LODE_EUSAGE "'FORM' is not a form of a date like YYYY-MM-DD" (no year, a day without a month, or a
 * quote that does not end). */
int date_check(struct str forms, struct err *err);

#endif
