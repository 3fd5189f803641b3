/*
 * ssm - linear Gaussian state space with exact diffuse start
 *
 *	y_i     = z_i' a_t + d_i + e_i,  e_i ~ N(0, h_i)          datum i, seen at time t
 *	a_{t+1} = T_t a_t + c_t + R_t n_t,  n_t ~ N(0, diag Q_t)
 *	a_0     ~ N(mean, cov + k cov_inf),  k to infinity
 *
 * Observations are single numbers (the errors of one time are independent), taken one at a time, so no matrix is inverted
 * and a vector with gaps is a shorter list. A datum may also be the logarithm of a sum: y = log sum_j exp(z_j' a + d_j) + e;
 * it is linearised by the iterated extended update and after that treated as linear by everything here.
 * A total of flows on the linear scale is an ordinary datum on a cumulator state (T_t zeroes it at each span's start).
 *
 * Life cycle: the caller owns the model's arrays and keeps them as long as the filter; ssm_filter_new() to ssm_filter_free().
 *
 * Source: Durbin and Koopman (2012), Time Series Analysis by State Space Methods, sections 4.3, 4.9, 5.2, 5.3, 6.4;
 * Koopman and Durbin (2003), Filtering and smoothing of state vector for diffuse state-space models;
 * Bell and Cathey (1993) for the iterated update.
 */
#ifndef LODE_SSM_H
#define LODE_SSM_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct ssm_datum {
	size_t time;     /* 0 .. n_times - 1; data come in order of time */
	size_t n_terms;  /* 1: linear; more: log of a sum of that many exponentials */
	const double *z; /* n_terms * n_states */
	const double *d; /* n_terms; NULL is zero */
	double y;        /* NAN: missing, the datum is passed over */
	double h;        /* variance of e, >= 0 */
};

/* Arrays by time advance by their step, 0 for one that never changes. Matrices are row major. */
struct ssm_model {
	size_t n_states, n_shocks, n_times, n_data;
	const double *transition; /* T, n_states * n_states */
	size_t transition_step;
	const double *intercept;  /* c, n_states; NULL is zero */
	size_t intercept_step;
	const double *loading;    /* R, n_states * n_shocks; may be NULL when n_shocks is 0 */
	size_t loading_step;
	const double *shock;      /* variances Q, n_shocks */
	size_t shock_step;
	const double *mean, *cov; /* of a_0: n_states, n_states * n_states */
	const double *cov_inf;    /* diffuse part, diagonal of zeros and ones; NULL is none */
	const struct ssm_datum *data;
	double outlier_z;      /* > 0: a datum further off than this many sd has its h ... */
	double outlier_factor; /* ... multiplied by this, once */
};

/* What the filter found; read only. Index t runs to n_times, where the prediction past the end stands. */
struct ssm_filter {
	const struct ssm_model *model;
	double *a, *p, *p_inf;  /* predicted: (n_times+1) * n, * n*n, * n*n */
	double *a_now, *p_now;  /* after the data of time t: n_times * n, * n*n; p_now without its diffuse part */
	double *v, *f, *f_inf;  /* by datum: innovation (NAN when passed over), its variance, diffuse part (0 when not diffuse) */
	double *h;              /* by datum: variance used, after inflation */
	double *z;              /* by datum: row used, n_data * n, after linearisation */
	double *k, *k_inf;      /* by datum: gain on v; of a diffuse datum k_inf is the gain and k the correction of finite order */
	double *root;           /* factor of cov, n * n */
	size_t *nonzero;        /* places in T_t that are not zero, by t (once when T is constant) */
	size_t *nonzero_start;  /* where those of t begin; one more than there are lists */
	double log_likelihood;  /* -0.5 log 2 pi and -0.5 log f_inf for a diffuse datum, as statsmodels counts */
	size_t n_diffuse;       /* data spent on the diffuse start: add 0.5 log 2 pi for each to count as KFAS does */
	size_t n_used, n_inflated;
};

struct ssm_smooth {
	double *a, *v;  /* mean n_times * n; covariance n_times * n*n */
	double *r;      /* n_times * n: E[n_t] = Q_t R_t' r_t */
	double *shock;  /* n_times * n_shocks: E[n_t] */
	double *error;  /* n_data: E[e_i]; 0 when passed over */
	double *shock_v; /* n_times * n_shocks: Var[n_t] */
	double *error_v; /* n_data: Var[e_i]; h when passed over */
};

/*
 * ssm_filter_new - run the filter
 *
 * Missing  a datum with y NAN, or one whose prediction is certain (f = 0), is passed over: v is NAN
 * Errors   LODE_EUSAGE  data out of order or time out of range
 *          LODE_EDATA   something is not finite, a variance is negative, or an iterated update does not settle
 *          LODE_ENOMEM
 * Owner    *filter belongs to the caller, keeps a pointer to model
 * Cost     O(n_times n^3 + n_data n^2) time, O(n_times n^2) memory
 */
int ssm_filter_new(const struct ssm_model *model, struct ssm_filter **filter, struct err *err);
void ssm_filter_free(struct ssm_filter *filter); /* takes NULL */

/*
 * ssm_smooth_new - means and covariances of the states given all data, and of the disturbances
 *
 * Errors   LODE_ENOMEM
 * Owner    *smooth belongs to the caller and keeps nothing of filter
 */
int ssm_smooth_new(const struct ssm_filter *filter, struct ssm_smooth **smooth, struct err *err);
void ssm_smooth_free(struct ssm_smooth *smooth); /* takes NULL */

/* How many standard normals and how many doubles of scratch a call of ssm_simulate() takes. */
size_t ssm_simulate_normals(const struct ssm_model *model);
size_t ssm_simulate_scratch(const struct ssm_model *model);

/*
 * ssm_simulate - one draw of all states given all data (mean correction)
 *
 * Shape    normals[ssm_simulate_normals()], scratch[ssm_simulate_scratch()], states[n_times * n]
 *          normals in the order start (n), shocks (n_times * n_shocks), errors (n_data)
 * Missing  where nothing was seen the draw follows the model: times after the last datum are a forecast's path
 * Cost     O(n_times nnz(T) + n_data n), no allocation; may run in several threads over one filter and smooth
 * Source   Durbin and Koopman (2002), A simple and efficient simulation smoother
 */
void ssm_simulate(const struct ssm_filter *filter, const struct ssm_smooth *smooth, const double *normals, double *scratch,
    double *states);

/*
 * ssm_respond - how the smoothed states move when the data do
 *
 * E[states | data] is linear in the data once logged sums are linearised and outliers have their variance, and this is the linear part:
 * with move[i] = 1 for one datum and 0 for all others it gives the weights of that datum.
 *
 * Shape    move[n_data], not read where a datum was passed over; scratch[ssm_simulate_scratch()]; states[n_times * n]
 * Cost     O(n_times nnz(T) + n_data n), no allocation
 */
void ssm_respond(const struct ssm_filter *filter, const double *move, double *scratch, double *states);

#endif
