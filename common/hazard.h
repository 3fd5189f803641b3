/*
 * hazard - events that have not happened yet: how often, for how long, and what they do to the access of a feed
 *
 *	rate of a class ~ Gamma(shape, exposure) per month, what was seen added to what was held before
 *	a month begins one with P = 1 - exp(-rate), at a moment anywhere in it, unless one lasts
 *	duration ~ lognormal;  effect on the log of access ~ N(mean, sd) while it lasts, phi^k of it k months after
 *
 * All numbers are keyed by (seed, path, month, class), so a scenario that forbids one class changes no other number.
 * Source: Gamma-Poisson rates as in Gelman et al. (2013), Bayesian Data Analysis, section 2.6; Marsaglia and Tsang (2000), A simple
 * method for generating gamma variables.
 */
#ifndef LODE_HAZARD_H
#define LODE_HAZARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HAZARD_CLASSES = 16, HAZARD_MONTHS = 240 };

struct hazard_class {
	double shape, exposure;  /* > 0: events and months, of the belief before and of what was seen */
	double duration, sd_log; /* months, median > 0; spread of its log */
	double mean, sd;         /* effect on the log of access */
	bool forbidden;          /* by a scenario: none begins */
	int32_t forced_first, forced_last; /* months in which a scenario has one; none when last < first */
};

/* One draw of the rate of a class, per month. */
double hazard_rate(const struct hazard_class *c, uint64_t seed, uint32_t path, uint32_t stream);

/*
 * hazard_draw - what events of all classes add to the log of access in each of n months
 *
 * Shape    n <= HAZARD_MONTHS, added[n] from month `first` on; overwritten
 * Units    logs
 * Random   streams stream .. stream + 8 n_classes - 1
 */
void hazard_draw(const struct hazard_class *classes, size_t n_classes, double phi, int32_t first, size_t n, uint64_t seed, uint32_t path,
    uint32_t stream, double *added);

#endif
