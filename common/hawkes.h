/*
 * hawkes - events that bring further events: a point process with exponential memory
 *
 *	lambda(t) = mu + sum_{t_i < t} m_i alpha exp(-beta (t - t_i))
 *	logL      = sum_i log lambda(t_i) - mu T - (alpha / beta) sum_i m_i (1 - exp(-beta (T - t_i)))
 *
 * The process is seen from 0 to T. Marks m_i say how much an event counts; without them each is 1. The branching ratio, alpha / beta
 * times the mean mark, is how many events one event brings; under 1 the process is stationary. Everything is one pass over the events:
 * the sum decays from one event to the next. alpha = 0 is the Poisson process, and beta means nothing then.
 *
 * Source: Hawkes (1971), Spectra of some self-exciting and mutually exciting point processes; Ozaki (1979) for likelihood and gradient;
 * Ogata (1988) for the residuals.
 */
#ifndef LODE_HAWKES_H
#define LODE_HAWKES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* Events up to a moment. */
struct hawkes_events {
	const double *t;    /* n, not falling, 0 <= t <= end; events at one time count as one after the other: join them before */
	const double *mark; /* n, > 0; NULL: ones */
	size_t n;
	double end;         /* T > 0 */
};

/* mu and alpha per unit of time, beta 1 / time: whatever unit t has. mu > 0, alpha >= 0, beta > 0 (not read when alpha is 0). */
struct hawkes {
	double mu, alpha, beta;
};

enum { HAWKES_FEW = 10 }; /* with fewer events than that a fit is a Poisson process: three numbers say nothing */

struct hawkes_fit {
	struct hawkes at;
	double mean_mark, branching;
	double log_likelihood, log_likelihood_poisson; /* at the maximum; of the constant rate n / T */
	double se_mu, se_alpha, se_beta, se_branching; /* NAN: none */
	bool excited;                                  /* false: alpha is 0, beta and its se are NAN */
};

/*
 * hawkes_log_likelihood - of all events
 *
 * Shape    gradient[3]: by mu, alpha, beta; or NULL
 * Missing  no event: -mu T
 * Cost     O(n), no allocation
 */
double hawkes_log_likelihood(const struct hawkes *hawkes, const struct hawkes_events *events, double *gradient);

/*
 * hawkes_path - what the process expected at each event
 *
 * Shape    intensity[n]: lambda just before each event; compensator[n]: the integral of lambda from 0 to it; either may be NULL
 * Units    1 / time; 1
 */
void hawkes_path(const struct hawkes *hawkes, const struct hawkes_events *events, double *intensity, double *compensator);

/* Integral of lambda from 0 to T, and lambda at T with all events counted. */
double hawkes_compensator(const struct hawkes *hawkes, const struct hawkes_events *events);
double hawkes_intensity(const struct hawkes *hawkes, const struct hawkes_events *events);

/*
 * hawkes_residuals - the compensator from each event to the next, the first from 0: unit exponential when the model holds
 * hawkes_ks        - how far they are from it: the greatest distance of the distribution functions (Kolmogorov and Smirnov)
 *
 * Shape    residual[n]; hawkes_ks sorts them
 * Missing  hawkes_ks of none is NAN
 */
void hawkes_residuals(const struct hawkes *hawkes, const struct hawkes_events *events, double *residual);
double hawkes_ks(double *residual, size_t n);

/*
 * hawkes_expected - how many events to expect between two moments after T, given those up to T
 *
 * Shape    T <= from <= to; mean_mark of the events to come; branching < 1
 * Source   d E[lambda] / dt = -beta (E[lambda] - mu) + alpha mean_mark E[lambda]
 */
double hawkes_expected(const struct hawkes *hawkes, const struct hawkes_events *events, double mean_mark, double from, double to);

/*
 * hawkes_fit - maximum likelihood with branching below 1
 *
 * Maximised over log mu, the branching ratio and log beta from several starts (L-BFGS of NLopt), so the unit of time changes nothing.
 * Standard errors are those of the numerical Hessian, of the branching ratio by the delta method; at the edge of what is allowed there
 * are none. Where no memory is better than any, or there are fewer than HAWKES_FEW events, the fit is the Poisson process.
 *
 * Missing  no event: mu is 0
 * Errors   LODE_EUSAGE  times fall, lie outside 0..T, a mark is not above 0, or T is not
 *          LODE_EDATA   no start settles
 *          LODE_ENOMEM
 */
int hawkes_fit(const struct hawkes_events *events, struct hawkes_fit *fit, struct err *err);

#endif
