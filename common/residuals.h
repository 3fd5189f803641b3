/*
 * residuals - whether standardised innovations are what a model says: independent standard normal numbers
 *
 * Source: Durbin and Koopman (2012), Time Series Analysis by State Space Methods, section 2.12; Bowman and Shenton (1975) for normality;
 * Ljung and Box (1978).
 */
#ifndef LODE_RESIDUALS_H
#define LODE_RESIDUALS_H

#include "ssm.h"

struct residuals_check {
	size_t n;                  /* that are there */
	double mean, variance;     /* over n */
	double skewness, kurtosis; /* 0 and 3; variances 6/n and 24/n */
	double normality;          /* n (S^2/6 + (K-3)^2/24): chi-square, 2 degrees */
	size_t span;               /* n/3, rounded */
	double h;                  /* squares of the last span over those of the first: F(span, span) */
	double q;                  /* of Ljung and Box over the lags: chi-square */
};

/*
 * residuals_of - standardised innovations of a filter, in the order of its data
 *
 * Shape    e[n_data] out; returns how many: those of data passed over and of the diffuse start are left out
 */
size_t residuals_of(const struct ssm_filter *filter, double *e);

/*
 * residuals_check - the usual tests
 *
 * Shape    e[n]; lags >= 1
 * Missing  NAN is passed over, so that its neighbours are one lag apart
 * Errors   LODE_EDATA  not more than lags + 3 of them, or all the same
 *          LODE_ENOMEM
 */
int residuals_check(const double *e, size_t n, size_t lags, struct residuals_check *out, struct err *err);

#endif
