/*
 * breaks - at which values did the mean of a series change? Of all ways to cut it, those with the least sum of squares
 *
 * Looks back over a series that is there as a whole. For each number of breaks the best cuts are found by dynamic programming; how many
 * there are is what has the least BIC. Values are in order and equally far apart; what is missing is left out by the caller.
 *
 * Source: Bai and Perron (1998, 2003); Bai (1997) for the intervals; Andrews (1993) for the largest F; the conventions of BIC and of the
 * intervals are those of R's strucchange.
 */
#ifndef LODE_BREAKS_H
#define LODE_BREAKS_H

#include <stddef.h>

#include "err.h"

struct breaks {
	size_t n, shortest, most;
	size_t best;         /* number of breaks with the least BIC, the fewest of several */
	double *rss, *bic;   /* most + 1, by number of breaks; owned */
	size_t *at;          /* owned: see breaks_at */
	double sup_f;        /* largest F of one break, with shortest values at least on either side; INFINITY when it explains all */
	size_t sup_f_at;
};

/*
 * breaks_new - find up to most breaks
 *
 * Shape    x[n], finite; shortest >= 2 values in a segment, 2 shortest <= n
 * Units    any; a sum of squares under 1e-14 of that without breaks counts as 0
 * Errors   LODE_EUSAGE  "segments of 8 values do not fit into 12 twice", fewer than 2; most is cut to what fits
 *          LODE_EDATA   a value is not finite
 *          LODE_ENOMEM
 * Cost     O(most n^2) time, O(most n) memory
 */
int breaks_new(struct breaks **breaks, const double *x, size_t n, size_t shortest, size_t most, struct err *err);
void breaks_free(struct breaks *breaks); /* takes NULL */

/* How many values lie before break i (0 to m - 1) of the best m: it stands between that value, counted from 1, and the next. */
size_t breaks_at(const struct breaks *breaks, size_t m, size_t i);

/* Mean of segment i (0 to m) of the best m breaks. */
double breaks_mean(const struct breaks *breaks, const double *x, size_t m, size_t i);

/*
 * breaks_interval - between which values break i of the best m lies, with that probability
 *
 * Shape    0 < level < 1; *first <= breaks_at <= *last, both may lie outside of 1..n where the data say little
 * Missing  LODE_EDATA "..." where a segment beside it has no spread, or both have one mean
 * Source   Bai (1997), Estimation of a change point in multiple regression models, for errors whose variance may change at a break
 */
int breaks_interval(const struct breaks *breaks, const double *x, size_t m, size_t i, double level, long *first, long *last, struct err *err);

#endif
