/*
 * changepoint - how long ago did the series last change? A posterior over run lengths, one value at a time
 *
 * Values between two changes are independent normal with a mean and a variance of their own, which a change draws anew from a
 * normal-inverse-gamma prior; a change comes after any value with probability hazard. A run of length r holds the last r values: after a
 * value r = 0 says that the next one begins a new run, so P(r = 0) is always the hazard and says nothing. Alarm on P(r <= some L).
 *
 * Everything is in logarithms. Run lengths would grow without end: those less probable than floor, and the least probable of more than
 * max_runs, are let go of (never r = 0), and what is left is scaled to 1 again; with floor 0 and room for all it is exact.
 *
 * Life cycle: changepoint_new, changepoint_step for each value, changepoint_free.
 * Source: Adams and MacKay (2007), Bayesian online changepoint detection.
 */
#ifndef LODE_CHANGEPOINT_H
#define LODE_CHANGEPOINT_H

#include <stddef.h>

#include "err.h"

struct changepoint_rules {
	double hazard;         /* 0 < hazard < 1 */
	double mean, strength; /* of the mean: N(mean, variance / strength), strength > 0 */
	double shape, scale;   /* of the variance: inverse gamma, both > 0; scale in the square of the values' unit */
	double floor;          /* 0 <= floor < 1 */
	size_t max_runs;       /* >= 2; 32 bytes each */
};

struct changepoint_run {
	size_t length;
	double log_p, mean, scale; /* strength and shape follow from length */
};

struct changepoint {
	struct changepoint_rules rules;
	struct changepoint_run *run; /* owned; n of them, shortest first, log_p adding up to probability 1 */
	size_t n, seen;
	double log_evidence; /* log density of all values; counts what was let go of as if it had not been there */
};

/* Errors: LODE_EUSAGE "the hazard 0 is not between 0 and 1", "the prior needs strength, shape and scale above 0", ...; LODE_ENOMEM. */
int changepoint_new(struct changepoint **changepoint, const struct changepoint_rules *rules, struct err *err);
void changepoint_free(struct changepoint *changepoint); /* takes NULL */

/*
 * changepoint_step - take a value
 *
 * Missing  NAN: nothing changes
 * Errors   LODE_EDATA  the value is infinite, or so large that its square is
 * Cost     O(n)
 */
int changepoint_step(struct changepoint *changepoint, double x, struct err *err);

/* P(r <= length); 1 as long as no more values have come. */
double changepoint_recent(const struct changepoint *changepoint, size_t length);

/* P(r = length), 0 when it was let go of; and the most probable length, the shortest of several. */
double changepoint_at(const struct changepoint *changepoint, size_t length);
size_t changepoint_mode(const struct changepoint *changepoint);

#endif
