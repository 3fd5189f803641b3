/*
 * decay - a sum that fades
 *
 *	E(d) = sum over events on days up to d of w_j exp(-rate (d - day_j))
 *
 * A day takes over a fixed part of the day before and adds its own weights, so a further day costs nothing. The sums are kept by day, because
 * events become known late, are revised and are withdrawn: what then changes is the days from the event's on. The result depends on the
 * weights that are there, not on the way they came.
 *
 * Days are those since 1970-01-01. Life cycle: decay_init, decay_release.
 * Source: domain model, section 3.2; feed_intensity() of feed_regressors.h is the same mean written out.
 */
#ifndef LODE_DECAY_H
#define LODE_DECAY_H

#include <stddef.h>
#include <stdint.h>

#include "table.h"

#define DECAY_DAYS_PER_MONTH (365.2425 / 12) /* rates per month are per this many days */

struct decay {
	double left;    /* what a day leaves of the sum: exp(-rate) */
	double before;  /* the sum on the day before first, of days that were forgotten */
	int32_t first;  /* the first day held */
	size_t n, room, stale; /* days held; there is room for; sums from this one on are not computed */
	double *weight, *sum;  /* by day, owned; weight is above 0 on the days of events */
};

/* rate per day, >= 0. Allocates nothing. */
void decay_init(struct decay *decay, double rate);
void decay_release(struct decay *decay); /* takes a zeroed one */

/*
 * Adds a weight to a day not before what was forgotten; below 0 takes it away again. What is left of a day's weights under 1e-9 is none.
 * Errors: LODE_ENOMEM, nothing changed.
 */
int decay_add(struct decay *decay, int32_t day, double weight, struct err *err);

/*
 * decay_mean - the mean of E over the days from..to - 1
 *
 * Shape    from < to; from not before what was forgotten
 * Units    that of the weights
 * Missing  0 before the first event
 * Errors   LODE_ENOMEM
 * Cost     O(to - from) and the days that changed
 */
int decay_mean(struct decay *decay, int32_t from, int32_t to, double *mean, struct err *err);

/* Lets go of the days before that one; what is left of their weights goes on fading. */
void decay_forget(struct decay *decay, int32_t before);

/* An initialised sum becomes one of n days from first on, their weights 0, to be filled by the caller. Errors: LODE_ENOMEM. */
int decay_restore(struct decay *decay, double left, double before, int32_t first, size_t n, struct err *err);

/*
 * A table with the columns class and decay_per_month, checked; table_release() ends it.
 * Errors: those of table_load(); LODE_EUSAGE with the place in the table: a decay_per_month that is no decimal from 0 up,
 * "class 'x' is there twice".
 */
int decay_table_load(struct table *table, const char *path, struct err *err);

/* The rate per day of a class in such a table, or otherwise. */
double decay_table_rate(const struct table *table, struct str class, double otherwise);

#endif
