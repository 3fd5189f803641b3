/*
 * balance - what a feed means for a stock: simulated paths, probability of a deficit, tonnes short
 *
 * Per commodity e and month t, with one draw of everything per path:
 *
 *	in_e(t)  = recovery x sum_i sum_j lag_j feed_i(t - j) fraction_i share_ie
 *	K' = K + in + domestic + by-product + recycling - demand, never under 0: what is not there is unmet
 *	cover = K / trend demand of a month;  deficit up to h: cover < cover_min in some month 1..h after the as-of month
 *
 * The stock starts at the end of the month `opening` (the last one with customs figures) as months of demand, lognormal; the
 * months from there to the as-of month are simulated too (a nowcast) but are not asked about.
 * Tonnes short up to h: over the months 1..h in deficit, the greatest of (stock at cover_min - stock + all demand unmet since
 * the opening). That is the mass that was missing at the opening to hold cover_min throughout. 0 on a path without deficit.
 *
 * Numbers are keyed by (seed, path, month, stream): more threads, other stock priors and other commodities share the same draws.
 */
#ifndef LODE_BALANCE_H
#define LODE_BALANCE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "feed.h"

enum { BALANCE_LAGS = 3, BALANCE_SCENARIOS = 8, BALANCE_SERIES = 64, BALANCE_HORIZONS = 200 };

/* 5 %, 50 % and 95 % points of a quantity above 0, taken as lognormal: median mid, sd of the log from high over low. */
struct balance_range {
	double low, mid, high; /* mid 0: nothing; low 0: the spread comes from high over mid */
};

/* Tonnes a year, constant over a path. Domestic, by-product and recycling of all commodities share their draws. */
struct balance_commodity {
	struct balance_range domestic, byproduct, recycling, demand;
	const double *share; /* by feed series: median share of the REO, in (0, 1) */
};

struct balance_series {
	double share_sd;     /* of the logit of the share: one draw for all commodities */
	uint32_t share_draw; /* series with the same number share that draw (one origin) */
	struct balance_range fraction; /* what the true REO is of the REO stated, around 1 */
};

struct balance_setup {
	const struct feed *feed;             /* masses in tonnes of REO */
	const struct feed_setup *feed_setup; /* of that feed: from opening - 2 to as_of + horizons at least */
	int32_t opening, as_of;              /* months */
	size_t n_horizons;                   /* months ahead */
	double lag[BALANCE_LAGS];            /* sum 1: share that arrives as oxide 0, 1, 2 months later */
	double recovery_low, recovery_high;  /* uniform between */
	double cover_min;                    /* months */
	double demand_sd_log;                /* of a month's demand around its trend */
	double stock_sd_log;
	size_t n_scenarios;                  /* stock_median[0] is the main one; the others are answered on the same draws */
	double stock_median[BALANCE_SCENARIOS]; /* months of demand */
	size_t n_commodities;
	const struct balance_commodity *commodities;
	const struct balance_series *series; /* by feed series */
	uint64_t seed;
	uint32_t n_paths;
	unsigned n_threads;
};

/* One commodity's flows in one month of one path, tonnes. opening + in + domestic + byproduct + recycling - used = closing. */
struct balance_month {
	double opening, in, domestic, byproduct, recycling, demand, used, closing;
	double trend; /* demand of a month at trend: what cover divides by */
};

struct balance_answer {
	double probability, mcse; /* mcse is never 0: from (hits + 1/2) / (paths + 1) */
	/* Main scenario only; the first three over the paths in deficit, NAN without any; the last over all paths. Tonnes. */
	double short_median, short_p05, short_p95, short_expected;
};

/*
 * balance_run - simulate all paths and count
 *
 * Shape    answers[n_commodities * n_scenarios * n_horizons], in that order
 * Errors   LODE_EUSAGE  a setup that makes no sense (err says what), LODE_ENOMEM, LODE_EIO no thread
 * Cost     n_paths feed_draw()s; memory O(n_paths n_commodities (n_scenarios + n_horizons))
 */
int balance_run(const struct balance_setup *setup, struct balance_answer *answers, struct err *err);

/*
 * balance_path - one path of one commodity for one stock median
 *
 * Shape    log_mass from feed_draw() for that path; months[as_of - opening + n_horizons], from the month after opening
 */
void balance_path(const struct balance_setup *setup, uint32_t path, const double *log_mass, size_t commodity, double stock_median,
    struct balance_month *months);

/* First of n values below its floor, counted from 1; 0: none. floor_step 0: one floor for all. */
size_t balance_first_below(const double *value, const double *floor, size_t floor_step, size_t n);

/* Quantile q of sorted[n], n >= 1, straight between order statistics (type 7 of Hyndman and Fan 1996). */
double balance_quantile(const double *sorted, size_t n, double q);

/* A path's number for a range and a standard normal. 0 throughout when mid is 0. */
double balance_range_draw(const struct balance_range *range, double normal);

#endif
