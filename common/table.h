/*
 * table - a small TSV table, whole in memory: the tables of a mineral and of the sources
 *
 * Header line, then rows; no quoting, no comments. Every table has a column `source`, which says where its row comes from.
 * At most 1,000,000 rows.
 */
#ifndef LODE_TABLE_H
#define LODE_TABLE_H

#include "obs.h"

struct table {
	struct header header;
	const char *path;    /* the caller's, for messages */
	size_t n;            /* rows */
	struct str *cell;    /* n * header.n, owned by header.arena */
	uint64_t *line;      /* n */
};

/*
 * columns: names that must be there, NULL at the end.
 * Errors: LODE_EIO; LODE_ENOMEM; LODE_EUSAGE with path and line for what is wrong inside ("no column 'x' in the header",
 * "5 fields, the header has 6").
 */
int table_load(struct table *table, const char *path, const char *const *columns, struct err *err);
void table_release(struct table *table); /* takes a zeroed one */

/* Cell of a row; column by name, which must exist (a programming error otherwise). */
struct str table_get(const struct table *table, size_t row, const char *column);

/* The same as a finite double. Errors: LODE_EUSAGE with the place, "cannot read 'x' as a decimal". Empty: NAN. */
int table_double(const struct table *table, size_t row, const char *column, double *value, struct err *err);

/* Puts the row's place and the column on an error that a caller found in a cell and makes it LODE_EUSAGE. */
int table_blame(const struct table *table, size_t row, const char *column, struct err *err);

#endif
