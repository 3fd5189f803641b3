/*
 * feed - monthly feed over a border, by series, as a state space on logs
 *
 *	x_i = l_i + w_i (f + m) + [seasonal] s + b L + u_i   log of the mass of series i in a month
 *	f'  = phi f + sum_k g_k (E_k' - E_k) + n_f       access: reverts to its mean, moved by events
 *	m'  = keep m - gain f                            stock at the mines, as a log: what could not leave, leaves later, and a rush empties it
 *	l_i' = l_i + n_i                                 level, exact diffuse start
 *	s                                                two harmonics (12 and 6 months), shared by the seasonal series
 *	b L                                              Lunar New Year, known coefficient's prior times its regressor
 *	g_k                                              effect of event class k: constant, prior mean and sd given
 *
 * Figures are masses of one month, or totals of two months that follow each other (log of the sum, iterated update). A figure
 * further off than outlier_z standard deviations counts with outlier_factor times the variance.
 * E_k of a month is the mean over its days of sum w exp(-decay (day - start)) over the episodes begun by then; so an effect
 * fades with its decay, and because f reverts by itself too, a long closure that ends is followed by a small rebound.
 *
 * m is the stock of the mines in its simplest form, one state with f's sign turned: without it a border that opens again looks like
 * mines that dig more, and what was rushed out of store would be taken for a new level.
 *
 * With learn > 0 the standard deviations of access, levels and the series' own months are learned from the figures: the most probable ones
 * when the values given count as if seen over `learn` months (EM; what the events do is taken out of access by the model itself).
 *
 * The module knows no mineral and no file: every number comes with the setup, which the caller keeps as long as the feed.
 * Months are numbered from 1970-01 = 0 (UTC), days from 1970-01-01 = 0.
 */
#ifndef LODE_FEED_H
#define LODE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "feed_regressors.h"
#include "ssm.h"

struct feed_series {
	double weight; /* w: loading on access */
	bool seasonal;
};

struct feed_figure {
	size_t series;
	int32_t first, last; /* months; last is first or first + 1 */
	double mass;         /* any one unit throughout; below 0, or NAN: no observation */
};

struct feed_setup {
	double phi, sd_access, sd_level, sd_idiosyncratic, sd_observation; /* per month, logs; |phi| < 1 */
	double learn;                     /* months that the first, second and third of these sd count for; 0: they stay as they are */
	double sd_seasonal, seasonal_prior_sd;
	double lunar_mean, lunar_sd; /* prior of b */
	int lunar_days_before, lunar_days_after;
	double outlier_z, outlier_factor; /* outlier_z 0: never */
	double mine_gain, mine_keep;      /* per month; gain 0: no stock at the mines; keep in [0, 1) */
	double floor;                     /* a smaller mass, 0 above all, moves the states as much as this one; 0: it does not move them */
	int32_t first, last;              /* months modelled, forecast included */
	int32_t drawn;                    /* first month that feed_draw() has to draw; months before it stand at their means */
	size_t n_series, n_effects, n_events, n_figures, n_lunar;
	const struct feed_series *series;
	const struct feed_effect *effects;
	const struct feed_event *events;
	const struct feed_figure *figures;
	const int32_t *lunar; /* days of the Lunar New Year, one a year, rising */
};

struct feed;

/*
 * feed_new - filter and smooth
 *
 * Shape    n_series >= 1, first <= last; figures in any order, those outside first..last are left out
 * Missing  a month without a figure is one; where both months of a total have figures the total is left out;
 *          a series without any figure above 0 has no flow: -INFINITY in logs
 * Errors   LODE_EUSAGE  a figure of more than two months, an index out of range, a parameter that makes no sense
 *          LODE_EDATA   from ssm.h
 *          LODE_ENOMEM
 * Owner    *feed belongs to the caller
 * Cost     with learn one more filter and smoother for each of 4 steps
 * Source   domain model, block A; Durbin and Koopman (2012) for the seasonal form; Shumway and Stoffer (1982) for the steps of EM
 */
int feed_new(const struct feed_setup *setup, struct feed **feed, struct err *err);
void feed_free(struct feed *feed); /* takes NULL */

/* Smoothed mean and sd of x_i without u in a month of first..last; -INFINITY and 0 for a series without figures. */
double feed_mean(const struct feed *feed, size_t series, int32_t month, double *sd);

/* Smoothed mean and sd of access f in a month, and of an effect g. */
double feed_access(const struct feed *feed, int32_t month, double *sd);
double feed_effect(const struct feed *feed, size_t effect, double *sd);

/* Is there a figure of that month alone? Draws are that figure then. */
bool feed_known(const struct feed *feed, size_t series, int32_t month);

/* Is there a figure above 0 of that series, in any month? */
bool feed_seen(const struct feed *feed, size_t series);

/* The sd of what is a series' own in a month, of its level's change a month, and of access, as used. */
double feed_own_sd(const struct feed *feed, size_t series);
double feed_level_sd(const struct feed *feed, size_t series);
double feed_access_sd(const struct feed *feed);

double feed_log_likelihood(const struct feed *feed);

/*
 * What was fitted, for questions that are not asked here (feed_news.h): the setup, and its state space.
 *
 * Shape    feed_datum_series: the series that a datum of the model is of; feed_row: z[n_states], so that z' a of a month of first..last is x_i without u
 * Owner    all of it is the feed's and lives as long
 */
const struct feed_setup *feed_setup_of(const struct feed *feed);
const struct ssm_model *feed_model(const struct feed *feed);
size_t feed_datum_series(const struct feed *feed, size_t datum);
const double *feed_row(const struct feed *feed, size_t series, int32_t month);

/* Doubles of scratch for feed_draw(). */
size_t feed_scratch(const struct feed *feed);

/*
 * feed_draw - one path of all series
 *
 * Shape    log_mass[(last - first + 1) * n_series], month by month
 * Units    logs of the figures' unit
 * Missing  where a month has a figure the path has that figure, -INFINITY for 0; months of a total add up to it, unless one of
 *          them has a greater figure; -INFINITY for a series without figures. A month before setup->drawn without a figure has its mean
 * Random   keyed by (seed, path, month, which shock): a further month or figure does not change the numbers of the others
 */
void feed_draw(const struct feed *feed, uint64_t seed, uint32_t path, double *scratch, double *log_mass);

#endif
