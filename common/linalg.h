/*
 * linalg - what the state space needs of dense linear algebra
 *
 * Matrices are row major and small (tens of rows); nothing here allocates.
 */
#ifndef LODE_LINALG_H
#define LODE_LINALG_H

#include <stddef.h>

#include "err.h"

/*
 * linalg_factor - lower triangular l with l l' = a, for a covariance that may be singular
 *
 * Shape    a[n*n] symmetric, l[n*n]; l may not be a
 * Missing  a pivot within 1e-12 of its diagonal element's rounding counts as zero: its column of l is zero
 * Errors   LODE_EDATA  a is not finite or has a clearly negative pivot; err says which row
 */
int linalg_factor(const double *a, size_t n, double *l, struct err *err);

/* Sum of x[i] y[i]. */
double linalg_dot(const double *x, const double *y, size_t n);

#endif
