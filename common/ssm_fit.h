/*
 * ssm_fit - variances of a model of ssm.h by maximum likelihood
 *
 * A parameter is a variance that some shocks and errors of data have in common, each times a known weight. First come steps of EM, which
 * never lower the likelihood and need no step length but end slowly; then BFGS within bounds on the logarithms, with
 * the exact score. Both need of the data only the smoothed disturbances: with e^2 + V the expected square of a disturbance of
 * variance w s given the data,
 *
 *	EM     s' = mean of (e^2 + V) / w              score  d logL / d log s = sum of ((e^2 + V) / (w s) - 1) / 2
 *
 * A variance whose best value is 0 has none on a logarithm: each that is small is tried at 0, and where the likelihood is not lower for it
 * it stays there, as an exact 0, while the others are fitted again.
 *
 * The likelihood may have several maxima (seasonal models do): the one found is that above the start.
 *
 * Source: Shumway and Stoffer (1982) and Koopman (1993) for EM; Koopman and Shephard (1992), Exact score for time series models in
 * state space form; Durbin and Koopman (2012), sections 7.3.3 and 7.3.4.
 */
#ifndef LODE_SSM_FIT_H
#define LODE_SSM_FIT_H

#include <stdint.h>

#include "ssm.h"

#define SSM_FIXED SIZE_MAX /* a shock or datum that no parameter is for: its variance stays */

struct ssm_fit_setup {
	const struct ssm_model *model; /* shock_step 0 */
	double *shock;                 /* what model->shock is: written */
	struct ssm_datum *data;        /* what model->data is: h is written */
	size_t n_parameters;
	const size_t *of_shock;        /* n_shocks: the parameter of each */
	const size_t *of_datum;        /* n_data */
	const double *shock_weight, *datum_weight; /* > 0; NULL: ones */
	size_t em_steps;               /* at most so many, 0 is none */
	bool em_only;
};

struct ssm_fit {
	double log_likelihood; /* as ssm_filter_new() counts */
	size_t em_steps, evaluations;
	double steepest;       /* greatest |d logL / d log s| at the end, over the variances that are not 0 */
};

/*
 * ssm_fit - fit, and leave shock and data at the maximum
 *
 * Shape    variance[n_parameters]: starts > 0 in, estimates out
 * Units    those of y squared, over the weight
 * Missing  as ssm.h; a shock past the last datum and a datum that was passed over say nothing
 * Errors   LODE_EUSAGE  a parameter that is no number above 0 or has nothing to it, an index out of range, time-varying shocks
 *          LODE_EDATA   from ssm.h at the start; no maximum was reached
 *          LODE_ENOMEM
 *          variance, shock and data are as they were then
 * Cost     one filter and one smoother an evaluation, some tens of them
 */
int ssm_fit(const struct ssm_fit_setup *setup, double *variance, struct ssm_fit *fit, struct err *err);

/*
 * ssm_score - log-likelihood at given variances and its slope by the logarithm of each
 *
 * Shape    variance[n_parameters] >= 0 in; slope[n_parameters] out (0 where the variance is 0); again[n_parameters] out: what a step of
 *          EM makes of them, or NULL
 * Errors   as ssm_fit(); writes shock and data in any case
 */
int ssm_score(const struct ssm_fit_setup *setup, const double *variance, double *log_likelihood, double *slope, double *again,
    struct err *err);

#endif
