/*
 * jsoncut - JSON records one at a time, cut out of what they are listed in without it being held
 *
 * A record is an array or an object, as the caller says. Arrays come in an array, or one after the other:  [["a"],["b"]]  or  ["a"]["b"].
 * Objects come the same two ways, and as the list that one member of an object is:  {"n":2,"articles":[{...},{...}]}.
 * Only brackets, quotes and commas are looked at: whether a record is right in itself is for jansson to say.
 * Holds the record in hand.
 *
 * Objects one after the other are lines as a rule, so a broken one does not take the next with it: it ends where a string holds a line end, or
 * where a line begins with `{` after what no `{` can follow; and text that is no object is passed over to the end of its line.
 */
#ifndef LODE_JSONCUT_H
#define LODE_JSONCUT_H

#include <stdint.h>

#include "err.h"
#include "rows.h"

struct jsoncut;

struct jsoncut_options {
	char open;          /* '[' or '{': what a record begins with */
	const char *member; /* of an object that is a list of records, or NULL */
	size_t max_record;  /* bytes */
};

struct jsonpiece {
	struct str raw; /* as read, with its brackets; valid until the next call */
	uint64_t line;  /* on which it begins, counted from 1 */
	bool final;     /* with an error: the input ends here, and what is behind is lost */
};

/* Errors: LODE_ENOMEM. */
int jsoncut_new(struct jsoncut **cut, const struct jsoncut_options *options, rows_read *read, void *from, struct err *err);
void jsoncut_free(struct jsoncut *cut); /* takes NULL */

/*
 * The next record. LODE_DONE at the end, or what read() returned.
 * Errors: LODE_EDATA with err's line set and the bytes in question (at most max_record): final, so that the next call gives LODE_DONE: "not a JSON array
 * of arrays: 'TEXT'" or "not a JSON array of objects: 'TEXT'" with what stands where none may, "truncated JSON: a bracket is not closed".
 * "record is longer than N bytes": final for arrays; an object is passed over. Not final, for objects one after the other: "not a JSON object: 'TEXT'", "a line
 * end within a string", "a bracket is not closed". LODE_ENOMEM.
 */
int jsoncut_next(struct jsoncut *cut, struct jsonpiece *piece, struct err *err);

#endif
