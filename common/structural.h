/*
 * structural - level, slope, seasons and regressors of one series, as a model of ssm.h
 *
 *	y_t     = mu_t + s_t + x_t' b + e_t                e_t ~ N(0, irregular)
 *	mu_t+1  = mu_t + nu_t + level shock                nu_t+1 = nu_t + slope shock
 *	s_t+1   = -(s_t + ... + s_{t-S+2}) + seasonal shock
 *
 * Everything starts diffuse. States in this order: level, slope, S - 1 seasonal ones (that of now first), regressors' coefficients;
 * shocks: level, slope, seasonal, those of absent parts left out. The arrays are the structure's and may be changed between
 * runs: start (mean, cov; model.cov_inf NULL), values, variances.
 *
 * Life cycle: structural_new() to structural_free().
 *
 * Source: Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, section 2.3; Durbin and Koopman (2012),
 * section 3.2.
 */
#ifndef LODE_STRUCTURAL_H
#define LODE_STRUCTURAL_H

#include "ssm.h"

struct structural_parts {
	bool slope;
	size_t seasons;                       /* S; 0 or 1: none */
	size_t n_regressors;
	const double *regressors;             /* n_times * n_regressors */
};

struct structural_variances {
	double irregular, level, slope, seasonal; /* those of absent parts are not read */
};

struct structural {
	struct ssm_model model;               /* its arrays are the ones below */
	size_t first_season, first_regressor; /* among the states */
	double *transition, *loading, *shock, *mean, *cov, *cov_inf, *rows;
	struct ssm_datum *data;               /* one a time */
};

/*
 * structural_new - the model of y[n], with n_times - n further times to forecast
 *
 * Shape    n_times >= n >= 1
 * Missing  NAN in y
 * Errors   LODE_ENOMEM; what is wrong in numbers is found by ssm.h
 * Owner    *structural belongs to the caller and keeps nothing
 */
int structural_new(const struct structural_parts *parts, const double *y, size_t n, size_t n_times, struct structural **structural,
    struct err *err);
void structural_free(struct structural *structural); /* takes NULL */

void structural_set(struct structural *structural, const struct structural_variances *variances);

#endif
