/*
 * nearest - of each series the figure that answers for a period
 *
 * A figure answers for the period P when its own contains P: of several the shortest. When none does, it is the nearest prior one: the
 * figure whose period ends last among those that end no later than P; of several the shortest. Figures of one period replace
 * each other, the later one counts, whether it has a value or not.
 *
 * Holds one copy of a line for every series. Life cycle: nearest_new, nearest_put in the order of the tape, nearest_sort,
 * nearest_line, nearest_free.
 */
#ifndef LODE_NEAREST_H
#define LODE_NEAREST_H

#include "period.h"

struct nearest;

/* Errors: LODE_ENOMEM. */
int nearest_new(struct nearest **nearest, struct period wanted, size_t max_series, struct err *err);
void nearest_free(struct nearest *nearest); /* takes NULL */

/*
 * A figure of that series about that period; line is copied where it is the answer so far, and then *taken.
 * Errors: LODE_EDATA as period_parse(); LODE_ENOMEM, also "more than N keys: raise --max-keys".
 */
int nearest_put(struct nearest *nearest, struct str series, struct str period, struct str line, bool *taken, struct err *err);

/* Puts the answers into the order in which they came. No nearest_put() after it. */
size_t nearest_sort(struct nearest *nearest); /* how many there are */
struct str nearest_line(const struct nearest *nearest, size_t i);

#endif
