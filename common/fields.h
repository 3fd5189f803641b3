/*
 * fields - the columns of a foreign file that a filter wants, found by name
 *
 * For files that come in several orders of columns and with columns that nobody asked for. Names are compared without regard to the case of
 * ASCII letters, because the editions of one source differ in it. Columns are numbered by the filter's own list of names.
 */
#ifndef LODE_FIELDS_H
#define LODE_FIELDS_H

#include "obs.h"

enum { FIELDS_MAX = 32 };

struct fields {
	const char *const *names; /* n of them, the caller's */
	unsigned n;
	int at[FIELDS_MAX];       /* column of the record, or -1 */
};

/*
 * Looks up n <= FIELDS_MAX names, of which the first n_needed must be there.
 * Errors: LODE_EUSAGE "no column 'x' in the header".
 */
int fields_find(struct fields *fields, const struct header *header, const char *const *names, unsigned n, unsigned n_needed,
    struct err *err);

/* A field without blanks around it; empty when the file lacks the column. */
struct str fields_get(const struct fields *fields, const struct record *record, unsigned k);

/* Puts the column on an error found in it; returns err->code. */
int fields_blame(const struct fields *fields, unsigned k, struct err *err);

/* The getters below blame by themselves. Text that may stand in a tape. Errors: LODE_EDATA "not valid UTF-8 at byte 3", "control character at byte 3". */
int fields_text(const struct fields *fields, const struct record *record, unsigned k, struct str *text, struct err *err);

/* The same, not empty. Errors: also LODE_EDATA "empty". */
int fields_id(const struct fields *fields, const struct record *record, unsigned k, struct str *text, struct err *err);

/* Digits only, as they stand. Errors: LODE_EDATA "cannot read 'x' as a count". */
int fields_count(const struct fields *fields, const struct record *record, unsigned k, struct str *text, struct err *err);

/* One digit from 1 to last. Errors: LODE_EDATA "'x' is not a grade of precision from 1 to 3". */
int fields_grade(const struct fields *fields, const struct record *record, unsigned k, char last, struct str *text, struct err *err);

#endif
