/*
 * control_chart - has the mean of a series moved? CUSUM, EWMA and Page-Hinkley, one value at a time
 *
 * Values are standardised: mean 0 and sd 1 while nothing has moved (standard.h makes them so). A chart is a few numbers; a zeroed one is
 * new, and after an alarm the caller begins a new one, as the run lengths below assume.
 *
 *	CUSUM         up' = max(0, up + z - k), down' = max(0, down - z - k); alarm beyond h
 *	EWMA          e' = (1 - k) e + k z; alarm beyond h sd of e, which after n values is sqrt(k / (2 - k) (1 - (1 - k)^(2n)))
 *	Page-Hinkley  the CUSUM of z less the mean of all values so far, this one too; with a known mean it is the CUSUM
 *
 * Source: Page (1954), Continuous inspection schemes; Hinkley (1971); Roberts (1959) for EWMA; Montgomery, Statistical Quality Control.
 */
#ifndef LODE_CONTROL_CHART_H
#define LODE_CONTROL_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum chart_kind { CHART_CUSUM, CHART_EWMA, CHART_PAGE_HINKLEY };
enum chart_side { CHART_UP = 1, CHART_DOWN = 2, CHART_BOTH = 3 };

struct chart_rules {
	enum chart_kind kind;
	enum chart_side side;  /* which moves count */
	double k;              /* CUSUM and Page-Hinkley: allowance in sd, >= 0; EWMA: weight of the newest value, 0 < k <= 1 */
	double h;              /* threshold, > 0: in sd; EWMA: in sd of the average */
	bool fixed;            /* EWMA: the limits of n to infinity from the first value on, as tables have them */
};

struct chart {
	size_t n;              /* values taken */
	double up, down, mean; /* down is not read by EWMA, whose average is up */
};

/* Errors: LODE_EUSAGE "the weight 1.5 is not above 0 and up to 1", "the allowance -1 is below 0", "the threshold 0 is not above 0". */
int chart_check(const struct chart_rules *rules, struct err *err);

/*
 * chart_step - take a value; 0, or the side of an alarm (CHART_UP first if both)
 *
 * Units    sd
 * Missing  NAN: nothing changes, 0
 */
int chart_step(const struct chart_rules *rules, struct chart *chart, double z);

/* What stands nearest to an alarm, negative on the way down; in sd, of EWMA in sd of the average. 0 of a new chart. */
double chart_statistic(const struct chart_rules *rules, const struct chart *chart);

/*
 * chart_arl - how many values until an alarm, on the average, when z is independent normal with mean shift and sd 1 from the start
 *
 * Shape    EWMA: CHART_BOTH and fixed. Two-sided CUSUM: 1 / both = 1 / up + 1 / down
 * Units    values, the one that gives the alarm too
 * Errors   LODE_EUSAGE  Page-Hinkley, or EWMA otherwise: no equation for it here; also those of chart_check
 *          LODE_EDATA   too long to be computed: about 1e12 and more
 *          LODE_ENOMEM
 * Source   Page's integral equation on Gauss-Legendre nodes; Crowder (1987) for EWMA
 */
int chart_arl(const struct chart_rules *rules, double shift, double *arl, struct err *err);

/*
 * chart_threshold - the h with which false alarms come every arl values, on the average
 *
 * Shape    rules->h is not read; arl up to 1e9
 * Errors   those of chart_arl; LODE_EUSAGE "no threshold gives one false alarm in 2 values"
 */
int chart_threshold(const struct chart_rules *rules, double arl, double *h, struct err *err);

#endif
