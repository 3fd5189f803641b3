/*
 * scores - how good was a forecast, now that the outcome is known?
 *
 * Of one forecast: CRPS, quantile loss, log score, PIT. Of many: Brier score with its parts, AUC, calibration with intervals, the comparison
 * of two forecasters, alarms against episodes. A lower score is better, but for AUC.
 *
 * Source: Gneiting and Raftery (2007), Strictly proper scoring rules; Murphy (1973) and Stephenson et al. (2008) for the parts of the Brier
 * score; Ferro (2014) for the fair ensemble; Diebold and Mariano (1995); Harvey, Leybourne and Newbold (1997); Wilson (1927).
 */
#ifndef LODE_SCORES_H
#define LODE_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * score_crps_* - continuous ranked probability score of a forecast and its outcome y
 *
 * Shape    sd > 0; lognormal: mean and sd of the logarithm; ensemble: x[n] in any order, which is sorted, n >= 1; fair: as if from many
 *          members, n >= 2
 * Units    that of y; 0 is perfect, of a point forecast it is the absolute error
 */
double score_crps_normal(double y, double mean, double sd);
double score_crps_lognormal(double y, double mean, double sd);
double score_crps_ensemble(double y, double *x, size_t n, bool fair);

/*
 * score_quantile  - twice the loss of one quantile: 2 (y - q) p if y is above it, else 2 (q - y) (1 - p)
 * score_quantiles - its mean over n quantiles q at the levels p: the weighted interval score, and the CRPS as their number grows
 *
 * Units    that of y
 */
double score_quantile(double y, double q, double p);
double score_quantiles(double y, const double *q, const double *p, size_t n);

/* Log scores: minus the logarithm of the density, or of the probability given to what happened (INFINITY for 0). */
double score_log_normal(double y, double mean, double sd);
double score_log_event(bool happened, double p);

/*
 * score_pit_* - the forecast's distribution function at y: uniform when forecasts are calibrated
 *
 * Shape    ensemble: x[n], n >= 1; u, uniform in 0..1, says where between the members below y and those up to y it falls, so that ties (masses
 *          at zero, counts) do not spoil uniformity
 */
double score_pit_normal(double y, double mean, double sd);
double score_pit_ensemble(double y, const double *x, size_t n, double u);

/* Normal distribution function; P(T > t) of Student's t. df > 0. */
double score_normal_below(double z);
double score_student_above(double t, double df);

/* The outcome of a yes or no, and what was said. */
struct score_event {
	double p; /* 0 to 1 */
	bool happened;
};

/* brier = reliability - resolution + uncertainty + within */
struct score_brier {
	size_t n;
	double brier, reliability, resolution, uncertainty;
	double within;  /* what forecasts differ inside of one bin; 0 without bins */
	double skill;   /* 1 - brier / uncertainty: against the rate of all that happened; NAN when all is alike */
	double rate, mean_p;
	double log_score;
};

/*
 * score_brier - of n forecasts
 *
 * Shape    bins 0: one for each distinct probability; else that many of equal width, the last with both ends
 *          clip: the log score takes p as from clip to 1 - clip, 0 <= clip < 0.5
 * Missing  n = 0: all NAN
 * Owner    sorts events by p
 */
void score_brier(struct score_event *events, size_t n, size_t bins, double clip, struct score_brier *brier);

/* Which of bins of equal width a probability falls into, from 0. */
size_t score_bin(double p, size_t bins);

/* Chance that what happened was given more than what did not, ties half. Sorts by p. NAN when all or none happened. */
double score_auc(struct score_event *events, size_t n);

/* Wilson's interval of a share of n independent trials; z: 1.96 for 95 %. n = 0: 0 to 1. */
void score_binomial(size_t hits, size_t n, double z, double *low, double *high);

/*
 * score_mean - mean of a series whose values depend on one another up to lag values apart, and the variance of that mean
 *
 * Shape    x[n], n >= 1; lag 0: independent. Autocovariances count alike (as Diebold and Mariano have it); where their sum is not above 0
 *          they count less with distance (Bartlett), which cannot be negative
 */
void score_mean(const double *x, size_t n, size_t lag, double *mean, double *variance);

struct score_compared {
	size_t n;
	double difference, variance;     /* mean of loss a - loss b: below 0 a is better; variance of that mean */
	double statistic, p;             /* Diebold and Mariano, two-sided, normal */
	double corrected, p_corrected;   /* for few forecasts (Harvey, Leybourne, Newbold), Student with n - 1 */
};

/*
 * score_compare - two forecasters on the same outcomes
 *
 * Shape    a[n], b[n] losses in order of time; horizon h >= 1: errors depend on one another up to h - 1 apart
 * Missing  statistics are NAN when n < 2, when n <= h - 1, or when all differences are alike
 * Errors   LODE_ENOMEM
 */
int score_compare(const double *a, const double *b, size_t n, size_t horizon, struct score_compared *compared, struct err *err);

/* What alarms are to warn of; months or any other count of periods. */
struct score_episode {
	int32_t first, last;
};

struct score_alarms {
	size_t episodes, hits, misses;
	size_t alarms, matched, late, wrong;      /* late: raised in an episode, after the time in which it would have been a hit */
	double lead_median, lead_least, lead_most; /* of hits, start less first alarm; below 0: after it began; NAN without hits */
	double low, high;                         /* of the share of hits, 95 % */
};

/*
 * score_alarms - match alarms to episodes
 *
 * An alarm matches an episode when it is raised in [first - before, first + after]; what matches none and lies in none is wrong.
 *
 * Shape    alarm[n], episode[m] rising; lead[m]: scratch
 */
void score_alarms(const int32_t *alarm, size_t n, const struct score_episode *episode, size_t m, int32_t before, int32_t after, double *lead,
    struct score_alarms *alarms);

#endif
