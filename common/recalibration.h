/*
 * recalibration - what a forecaster's probabilities mean, by what came of those before
 *
 *	isotonic  the step function that never falls and is nearest to what happened, straight between its points
 *	Platt     log odds q = offset + slope (log odds p), slope not below 0, of the greatest likelihood
 *
 * Both need many forecasts: from RECALIBRATION_LEAST on they are worth a try. With fewer a forecast is drawn to how often it happened instead.
 * Neither turns the order of two forecasts round. A probability counts as from 0.0001 to 0.9999 where its log odds are taken.
 *
 * A zeroed struct recalibration is new; recalibration_release() ends it.
 * Source: MODEL 9.3; Ayer et al. (1955) for pooling adjacent violators; Platt (1999), Probabilistic outputs for support vector machines, for
 * what outcomes count as; Lin, Lin and Weng (2007) for the steps.
 */
#ifndef LODE_RECALIBRATION_H
#define LODE_RECALIBRATION_H

#include "scores.h"

enum recalibration_method { RECALIBRATION_ISOTONIC, RECALIBRATION_PLATT, RECALIBRATION_METHODS };

extern const char *const recalibration_names[RECALIBRATION_METHODS];

enum { RECALIBRATION_LEAST = 40 };

struct recalibration {
	enum recalibration_method method;
	double offset, slope; /* Platt */
	size_t n, room;       /* isotonic: points, rising in from, not falling in to */
	double *from, *to;    /* owned */
};

/*
 * recalibration_fit - by forecasts whose outcomes are known; what was fitted before goes
 *
 * Shape    events[n], n >= 1, in any order; isotonic sorts them by p
 * Missing  where all p are alike the slope is 1; where all or none happened the answer of Platt's is alike for all p, within 0 and 1
 * Errors   LODE_ENOMEM; then as it was
 * Cost     O(n log n); Platt: some ten passes
 */
int recalibration_fit(struct recalibration *r, enum recalibration_method method, struct score_event *events, size_t n, struct err *err);
void recalibration_release(struct recalibration *r);

/* What a probability means. */
double recalibration_at(const struct recalibration *r, double p);

/* A probability drawn to the rate of n months of which `yes` were so: n/(n+20) of its log odds, the rest those of (yes + 1/2) / (n + 1). */
double recalibration_shrink(double p, size_t yes, size_t n);

#endif
