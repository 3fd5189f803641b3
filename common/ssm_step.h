/*
 * ssm_step - one step of the filter of ssm.h: a datum taken in, a time passed
 *
 * What the filter and the log-likelihood share. The caller holds the mean a[n] and the covariances p[n*n] and p_inf[n*n] (full,
 * symmetric; p_inf NULL once nothing diffuse is left) and they are changed in place.
 *
 * Source: as ssm.h.
 */
#ifndef LODE_SSM_STEP_H
#define LODE_SSM_STEP_H

#include "ssm.h"

/* What one datum did. The caller provides z, k, k_inf: n_states each. */
struct ssm_step {
	double v, f, f_inf; /* innovation (NAN: passed over), its variance, diffuse part (0 when not diffuse) */
	double h;           /* variance of the error used, after inflation */
	double *z;          /* row used, after linearisation */
	double *k, *k_inf;  /* as in struct ssm_filter */
	bool inflated;
};

/* A place in an array that moves on by step with each time; NULL stays NULL. */
const double *ssm_at(const double *base, size_t step, size_t t);

/*
 * ssm_check - whether a model can be filtered at all
 *
 * Errors   LODE_EUSAGE  no states or times, data out of order or time out of range
 *          LODE_EDATA   something is not finite, or a variance is negative
 */
int ssm_check(const struct ssm_model *model, struct err *err);

/*
 * ssm_step_update - take in datum i
 *
 * Shape    x[n] of scratch
 * Missing  y NAN, or a prediction that is certain (f = 0): passed over, v is NAN
 * Errors   LODE_EDATA  an iterated update does not settle
 */
int ssm_step_update(const struct ssm_model *model, size_t i, double *a, double *p, double *p_inf, double *x, struct ssm_step *step,
    struct err *err);

/* What a datum adds to the log-likelihood, as statsmodels counts; 0 when it was passed over. */
double ssm_step_log_likelihood(const struct ssm_step *step);

/* From time t to t + 1; work[n*n]. The p_inf pair may be NULL. None of next may be what it is made from. */
void ssm_step_predict(const struct ssm_model *model, size_t t, const double *a, const double *p, const double *p_inf, double *work,
    double *a_next, double *p_next, double *p_inf_next);

#endif
