/*
 * feed_regressors - what is known to move a feed from outside: what happened, and the Lunar New Year
 *
 * The events of a class become a number a month, E, that fades with the class's decay; the New Year, which wanders between two months, a share of
 * them. Reports are events once those of one happening are brought together. What either does to a feed, feed.h learns.
 *
 * Nothing is held: each function is of its arguments alone. Months are numbered from 1970-01 = 0 (UTC), days from 1970-01-01 = 0.
 */
#ifndef LODE_FEED_REGRESSORS_H
#define LODE_FEED_REGRESSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct feed_effect {
	double mean, sd; /* prior of g, on the log of the feed of a series with weight 1 */
	double decay;    /* per month, >= 0 */
	bool lasts;      /* a state of things (a border is shut), that is told of until it ends; */
	size_t ended_by; /* the effect that ends it, SIZE_MAX: none */
};

/* A thing that happened, as reported, and what is left of many reports. */
struct feed_event {
	size_t effect;    /* index of its class */
	struct str place; /* ISO 3166 country or subdivision */
	int32_t day;      /* when it happened */
	double weight;    /* > 0 */
	int32_t last;     /* of an episode: the day of its last report */
};

/*
 * feed_episodes - drops repeated reports
 *
 * Events of one class in one place, the first within 30 days before, count once, by their first day and the greatest
 * weight among them. A country and its subdivisions are one place (reports are often located no closer). Of a class that lasts the last
 * report, not the first, is within 30 days before, unless the class that ends it came between: a border that is shut for a year and told
 * of each week was shut once.
 *
 * Shape    events[n] in any order; reordered and cut; returns how many are left, ordered by day; effects[] by event.effect
 */
size_t feed_episodes(struct feed_event *events, size_t n, const struct feed_effect *effects);

/*
 * feed_intensity - E of one class in one month: mean over its days
 *
 * Shape    events of all classes; those of other classes are passed over
 * Units    decay per month of 365.2425/12 days
 */
double feed_intensity(const struct feed_event *events, size_t n, size_t effect, double decay, int32_t month);

/*
 * feed_lunar - regressor L of a month: share of the days around the New Year that fall into it, less its mean over the years given
 *
 * Missing  0 outside January and February, and in a year without a date
 */
double feed_lunar(const int32_t *lunar, size_t n, int days_before, int days_after, int32_t month);

#endif
