/*
 * balance - what a feed means for stocks at home and abroad: simulated paths, probability of a deficit, tonnes short
 *
 * Per commodity e and month t, with one draw of everything per path:
 *
 *	in_e(t)  = recovery x sum_i sum_j lag_j feed_i(t - j) fraction_i share_ie
 *	K' = K + in + domestic + by-product + recycling - use at home - exports - magnets exported
 *	exports, magnets = what an open gate lets out x what the gate's state lets through (gate.h)
 *	cover = K / trend of all that is asked of K in a month;  deficit up to h: cover < cover_min in some month 1..h after the as-of month
 *
 * What is not there is not given: home, exports and magnets get the same part of what they ask for, and K is never under 0. What access
 * to the feed loses to events that are still to come is drawn per path (hazard.h).
 *
 * Abroad is a second region: K_X' = K_X + exports + magnets + supply of its own - demand abroad, where demand abroad is what an open gate
 * lets out, and a month's noise. Its stock is older (outside_opening), as a gate is shut for longer than a quarter.
 *
 * A stock starts at the end of its opening month as months of demand, lognormal; the months from there to the as-of month are
 * simulated too (a nowcast) but are not asked about. Paths that do not fit what was seen of output or prices in these months weigh less: each
 * path has a likelihood, and where they differ paths are drawn again by weight, once (particles.h).
 *
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
#include "gate.h"
#include "hazard.h"
#include "standin.h"

enum { BALANCE_LAGS = 3, BALANCE_SCENARIOS = 8, BALANCE_SERIES = 64, BALANCE_HORIZONS = 200 };

enum balance_region { BALANCE_HOME, BALANCE_ABROAD, BALANCE_REGIONS };

/* 5 %, 50 % and 95 % points of a quantity above 0, taken as lognormal: median mid, sd of the log from high over low. */
struct balance_range {
	double low, mid, high; /* mid 0: nothing; low 0: the spread comes from high over mid */
};

/* By how much a stream changes from a month on: its logarithm a year, normal, drawn once per path. All 0: it does not. */
struct balance_change {
	int32_t from;
	double mean, sd;
};

/*
 * Tonnes a year, constant over a path but for the two that may change. Domestic, by-product and recycling of all commodities share their draws, and
 * so does what they change by.
 * demand is all that is asked of the stock at home while the gate is open: export and magnet are parts of it.
 */
struct balance_commodity {
	struct balance_range domestic, byproduct, recycling, demand;
	struct balance_range export, magnet, abroad; /* direct exports, what magnets hold, supply that is found abroad */
	struct balance_change domestic_change, demand_change; /* what is not published, or not known, of later times; of demand, the trend */
	const double *share; /* by feed series: median share of the REO, in (0, 1) */
	/* Logs of prices, of the as-of month last; NAN where there is none. The last one is the newest known, if it is not too old. */
	double price[STANDIN_PRICE_MONTHS - 1];
	double premium;       /* log of the newest ratio of the price abroad to that at home; NAN: none */
	const double *exports; /* exports of months as_of - 11 .. as_of, tonnes; NAN where no figure is known */
};

struct balance_series {
	double share_sd;     /* of the logit of the share: one draw for all commodities */
	uint32_t share_draw; /* series with the same number share that draw (one origin) */
	struct balance_range fraction; /* what the true REO is of the REO stated, around 1 */
};

/* A priori stocks and what counts as a deficit. Every scenario is answered on the same draws; the first is the main one. */
struct balance_scenario {
	double stock_median[BALANCE_REGIONS]; /* months of demand */
	double cover_min;                     /* months */
};

struct balance_output {
	size_t commodity;
	int32_t month;
	double mass; /* tonnes that came out of separation, > 0 */
};

struct balance_price {
	double gain;   /* log of the price a month falls per unit of the log of cover over its median */
	double sd;     /* of a month's change: t with 4 degrees of freedom, scaled */
	double premium_mean[GATE_STATES], premium_keep, premium_sd; /* log ratio: its mean by state, AR(1), sd of a month */
};

struct balance_setup {
	const struct feed *feed;             /* masses in tonnes of REO */
	const struct feed_setup *feed_setup; /* of that feed: from opening - 2 to as_of + horizons at least */
	const struct gate *gate;             /* NULL: one region, and the gate is open */
	const struct gate_setup *gate_setup; /* of that gate: from outside_opening to as_of + horizons at least */
	double magnet_through[GATE_STATES];
	size_t n_hazards;
	const struct hazard_class *hazards;
	int32_t opening, outside_opening, as_of; /* months */
	size_t n_horizons;                   /* months ahead */
	double lag[BALANCE_LAGS];            /* sum 1: share that arrives as oxide 0, 1, 2 months later */
	double recovery_low, recovery_high;  /* uniform between */
	double demand_sd_log;                /* of a month's demand around its trend */
	double stock_sd_log[BALANCE_REGIONS];
	size_t n_scenarios;
	struct balance_scenario scenarios[BALANCE_SCENARIOS];
	struct balance_price price;
	double output_sd_log;                /* of a figure of output around what came in */
	size_t n_outputs;
	const struct balance_output *outputs;
	size_t n_commodities;
	const struct balance_commodity *commodities;
	const struct balance_series *series; /* by feed series */
	uint64_t seed;
	uint32_t n_paths;
	unsigned n_threads;
};

/* One commodity's flows in one month of one path, tonnes. opening + in + domestic + byproduct + recycling - used - shipped = closing. */
struct balance_month {
	double opening, in, domestic, byproduct, recycling, demand, used, shipped, closing;
	double trend; /* demand of the month at trend: what cover divides by */
};

/* Abroad: opening + arrived + own - used = closing. */
struct balance_abroad {
	double opening, arrived, own, demand, used, closing, trend;
};

struct balance_answer {
	double probability, mcse; /* mcse is never 0: from (hits + 1/2) / (paths + 1) */
	/* Main scenario only; the first three over the paths in deficit, NAN without any; expected over all paths. Tonnes. */
	double short_median, short_p05, short_p95, short_expected;
	double deepest; /* main scenario: median month ahead, 1..h, in which most is short; NAN without a deficit */
};

struct balance_forecast {
	double probability[STANDINS]; /* NAN where the question cannot be answered on the paths */
};

struct balance_result {
	size_t n_regions; /* 1 without a gate */
	struct balance_answer *answers;     /* region, commodity, scenario, horizon */
	struct balance_forecast *forecasts; /* commodity, horizon: in that month */
	double effective;                   /* paths that the weights are worth; n_paths when nothing weighs */
	uint32_t *chosen;                   /* n_paths, or NULL: not asked for. The path that stands in each place, some twice where weights say so */
};

/*
 * balance_run - simulate all paths and count
 *
 * Shape    result->answers[regions * n_commodities * n_scenarios * n_horizons], result->forecasts[n_commodities * n_horizons], both the
 *          caller's, and so is result->chosen; regions is 2 with a gate
 * Errors   LODE_EUSAGE  a setup that makes no sense (err says what), LODE_EDATA no path fits what was seen, LODE_ENOMEM, LODE_EIO no thread
 * Cost     n_paths feed_draw()s; memory O(n_paths n_commodities (n_scenarios + n_horizons))
 */
int balance_run(const struct balance_setup *setup, struct balance_result *result, struct err *err);

/*
 * balance_draw - what the flows of one path of balance_run() follow from: the feed, with what events to come take from it, and the gate
 *
 * Shape    scratch[feed_scratch()]; log_mass as of feed_draw(); states as of gate_draw(), not touched without a gate
 */
void balance_draw(const struct balance_setup *setup, uint32_t path, double *scratch, double *log_mass, uint8_t *states);

/* The share of a commodity in the REO of a series, on one path. */
double balance_share(const struct balance_setup *setup, uint32_t path, size_t commodity, size_t series);

/*
 * balance_path - one path of one commodity for one stock median
 *
 * Shape    log_mass and the gate's states (NULL: it is open) from balance_draw() for that path;
 *          months[as_of - opening + n_horizons], from the month after opening
 */
void balance_path(const struct balance_setup *setup, uint32_t path, const double *log_mass, const uint8_t *states, size_t commodity,
    double stock_median, struct balance_month *months);

/*
 * balance_path_abroad - the same abroad, for what came of that path at home
 *
 * Shape    months as balance_path() made them; abroad[as_of - outside_opening + n_horizons], from the month after outside_opening
 */
void balance_path_abroad(const struct balance_setup *setup, uint32_t path, const uint8_t *states, size_t commodity, double stock_median,
    const struct balance_month *months, struct balance_abroad *abroad);

/* First of n values below its floor, counted from 1; 0: none. floor_step 0: one floor for all. */
size_t balance_first_below(const double *value, const double *floor, size_t floor_step, size_t n);

/* Quantile q of sorted[n], n >= 1, straight between order statistics (type 7 of Hyndman and Fan 1996). */
double balance_quantile(const double *sorted, size_t n, double q);

/* A path's number for a range and a standard normal. 0 throughout when mid is 0. */
double balance_range_draw(const struct balance_range *range, double normal);

#endif
