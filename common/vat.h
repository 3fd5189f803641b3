/*
 * vat - rates of value added tax by area and day
 *
 * From a table with the columns area, first, last, rate (and source): rows of days, both inclusive, `last` empty for one that is still open.
 */
#ifndef LODE_VAT_H
#define LODE_VAT_H

#include "dec.h"
#include "table.h"

struct vat;

extern const char *const vat_columns[]; /* for table_load(), NULL at the end */

/* Copies what it needs but the areas, so the table must outlive it. Errors: LODE_EUSAGE with the place in the table; LODE_ENOMEM. */
int vat_new(struct vat **vat, const struct table *table, struct err *err);
void vat_free(struct vat *vat); /* takes NULL */

/*
 * The rate that was valid in an area on all days from first to last (days since 1970-01-01)
 *
 * Errors: LODE_EDATA "no value added tax of EU for 2025-05-06 is in the table", "the value added tax of CN changed between 2018-01-01 and 2018-12-31".
 */
int vat_rate(const struct vat *vat, struct str area, int32_t first, int32_t last, struct dec *rate, struct err *err);

#endif
