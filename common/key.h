/*
 * key - what makes two lines of a tape the same figure
 *
 * The key of an observation is period, area, partner, commodity, indicator and source, plus further columns that the user
 * names. As bytes: these fields with a tab behind each, which no field can hold.
 */
#ifndef LODE_KEY_H
#define LODE_KEY_H

#include "buf.h"
#include "obs.h"

enum { KEY_COLUMNS = 6, KEY_MAX = KEY_COLUMNS + 64 };

struct key {
	unsigned n, column[KEY_MAX];
	struct buf bytes; /* of the record in hand */
};

/*
 * Looks the columns up; more[n_more] are the further ones, at most 64. May be called again for another header.
 * Errors: LODE_EUSAGE "no column 'basket' in the header".
 */
int key_init(struct key *key, const struct header *header, const struct str *more, size_t n_more, struct err *err);
/* The same without the period: what makes two lines figures of one series. */
int key_init_series(struct key *key, const struct header *header, const struct str *more, size_t n_more, struct err *err);
/* The columns in more alone, of any header. */
int key_init_columns(struct key *key, const struct header *header, const struct str *more, size_t n_more, struct err *err);
void key_release(struct key *key); /* takes a zeroed one */

/* The key of a record, valid until the next call. Errors: LODE_ENOMEM. */
int key_of(struct key *key, const struct record *record, struct str *bytes, struct err *err);

#endif
