/*
 * codes - from the codes of a source to ours, by a table
 */
#ifndef LODE_CODES_H
#define LODE_CODES_H

#include "map.h"
#include "table.h"

struct codes;

/*
 * Maps column `from` to column `to` in the rows whose column list_column is list (NULL: all rows). The table may go afterwards.
 * Errors: LODE_EUSAGE with the row's place "code '106' is there twice" (with another meaning), "no rows for the list 'gacc'";
 * LODE_ENOMEM.
 */
int codes_new(struct codes **codes, const struct table *table, const char *list_column, const char *list, const char *from,
    const char *to, struct err *err);
void codes_free(struct codes *codes); /* takes NULL */

/* Our code, owned by codes; p is NULL for an unknown one. */
struct str codes_get(const struct codes *codes, struct str code);

#endif
