/*
 * jsonrows - the rows of a JSON array of arrays of strings, one at a time
 *
 * [["name","time"],["a","2026-07"],["b",null]]; also the inner arrays alone, one after the other, as in the last column of a rejects file.
 * The input is cut into rows without being held; each row is then read by jansson.
 * Holds the row in hand.
 */
#ifndef LODE_JSONROWS_H
#define LODE_JSONROWS_H

#include "arena.h"
#include "rows.h"

struct jsonrows;

struct jsonrow {
	unsigned n;
	const struct str *field; /* p NULL for null; valid until the next call */
	uint64_t line;           /* on which it begins, counted from 1 */
	struct str raw;          /* as read, with its brackets */
	bool final;              /* with an error: the input ends here, and what is behind is lost */
};

/* max_record: bytes of a row. Errors: LODE_ENOMEM. */
int jsonrows_new(struct jsonrows **rows, size_t max_record, rows_read *read, void *from, struct err *err);
void jsonrows_free(struct jsonrows *rows); /* takes NULL */

/*
 * The next row. LODE_DONE at the end, or what read() returned.
 * Errors: LODE_EDATA with err's line set and row->raw the bytes in question: "not a JSON array: REASON", "item 3 is not a string". Final, so
 * that the next call gives LODE_DONE: "not a JSON array of arrays: 'TEXT'" with what begins the input or stands between rows, "truncated JSON: a
 * bracket is not closed", "record is longer than N bytes". LODE_ENOMEM.
 */
int jsonrows_next(struct jsonrows *rows, struct jsonrow *row, struct err *err);

#endif
