/*
 * ssm_likelihood - the log-likelihood of a model of ssm.h, without keeping what the filter finds
 *
 * While something is diffuse, and for models that change with time, have logged sums or weigh outliers, it takes the steps of the
 * filter. From there on a model that stays as it is uses only what is not zero in T and z, and states that pass on as they are cost a
 * copy. Once the data of each time are of one form and the covariance stands still, gains and variances are those of the time before
 * (the steady state), and only the mean moves. A missing datum, or one of another form, ends that until the covariance stands again.
 *
 * Tolerance: the covariance stands when no element moves, from one time to the next, by more than the tolerance times the two standard
 * deviations that it belongs to. What is left of the way is that over (1 - the slowest root) at most.
 *
 * Source: as ssm.h; Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, section 3.3, for the steady state.
 */
#ifndef LODE_SSM_LIKELIHOOD_H
#define LODE_SSM_LIKELIHOOD_H

#include "ssm.h"

/* Changes a log-likelihood of 10,000 data in its 11th digit; 0 is never. */
#define SSM_STEADY 1e-10

struct ssm_likelihood {
	double log_likelihood;    /* as ssm_filter_new() counts */
	size_t n_diffuse, n_used; /* as there */
	size_t n_steady;          /* times passed in the steady state */
};

/*
 * ssm_log_likelihood
 *
 * Missing  as ssm_filter_new()
 * Errors   as ssm_filter_new()
 * Owner    keeps nothing; *out is as it was when it fails
 * Cost     O(n_states^2 + nnz(T) n_states) a time before the steady state, nnz(T) in it; memory O(n_states^2 + data of one time)
 */
int ssm_log_likelihood(const struct ssm_model *model, double tolerance, struct ssm_likelihood *out, struct err *err);

#endif
