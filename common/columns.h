/*
 * columns - some columns of a tape, and what a record has in them as one text
 *
 * The fields stand with a tab between, which no field can hold, so two texts are equal when all fields are.
 */
#ifndef LODE_COLUMNS_H
#define LODE_COLUMNS_H

#include "buf.h"
#include "obs.h"

enum { COLUMNS_MAX = 512 };

struct columns {
	unsigned n, at[COLUMNS_MAX];
	struct buf text; /* of the record in hand */
};

void columns_release(struct columns *columns); /* takes a zeroed one */

bool columns_have(const struct columns *columns, unsigned at);

/* Adds what is not there yet. At most COLUMNS_MAX in all. */
void columns_add(struct columns *columns, unsigned at);

/* The same by name; n at most 64. Errors: LODE_EUSAGE "no column 'basket' in the header". */
int columns_add_named(struct columns *columns, const struct header *header, const struct str *name, size_t n, struct err *err);

/* *text is valid until the next call. Errors: LODE_ENOMEM. */
int columns_join(struct columns *columns, const struct record *record, struct str *text, struct err *err);

#endif
