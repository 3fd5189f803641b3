/*
 * classes - which class of event a source's code is, and how much such an event weighs
 *
 * A table with the columns code, class, source and, if it has one, severity. A row without a class says that events of that code
 * are known and of no interest, which is not the same as a code that nobody knows.
 */
#ifndef LODE_CLASSES_H
#define LODE_CLASSES_H

#include "codes.h"

struct classes {
	struct codes *class, *severity; /* owned; severity NULL when the table has none */
};

/*
 * Errors: those of table_load() and codes_new(); LODE_EUSAGE with the row's place "'x y' is not the name of a class", "a severity is a number
 * from 0 to 1".
 */
int classes_load(struct classes *classes, const char *path, struct err *err);
void classes_release(struct classes *classes); /* takes a zeroed one */

/*
 * False for an unknown code. class is empty for events of no interest; severity is "1" where the table has none. Both are owned by
 * classes.
 */
bool classes_get(const struct classes *classes, struct str code, struct str *class, struct str *severity);

/* The same of the row that is the longest beginning of code. */
bool classes_get_prefix(const struct classes *classes, struct str code, struct str *class, struct str *severity);

#endif
