/*
 * conformal - intervals that hold what they promise whatever the forecaster does, from how far it was off before
 *
 * Split: the k-th smallest of n past |residuals|, k = ceil((n + 1) (1 - alpha)); when past and next are exchangeable the interval of that
 * half-width misses with probability alpha at most. Adaptive: alpha itself moves with each hit and miss, so that in the long run misses come
 * at the rate promised even when the world changes.
 *
 * Source: Vovk, Gammerman and Shafer (2005); Gibbs and Candes (2021), Adaptive conformal inference under distribution shift.
 */
#ifndef LODE_CONFORMAL_H
#define LODE_CONFORMAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * conformal_rank      - k, counted from 1; n + 1 when no finite interval will do
 * conformal_add       - puts the size of a residual where it belongs among n others
 * conformal_halfwidth - of the interval: INFINITY when k > n, or alpha <= 0; 0 when alpha >= 1
 *
 * Shape    size[n], rising; conformal_add() writes n + 1
 * Missing  none allowed
 * Units    that of the residuals
 */
size_t conformal_rank(size_t n, double alpha);
void conformal_add(double *size, size_t n, double residual);
double conformal_halfwidth(const double *size, size_t n, double alpha);

/* alpha after a hit or a miss: alpha + step (target - missed). A miss lowers it, which widens the next interval; it may leave 0..1. */
double conformal_adapt(double alpha, double target, double step, bool missed);

#endif
