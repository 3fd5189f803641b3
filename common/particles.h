/*
 * particles - weights of simulated paths, and drawing anew from them
 *
 * Weights are kept as logarithms up to a common constant, so that likelihoods of many data can be added; -INFINITY is a path that
 * cannot be. Nothing here allocates, and a draw depends on its place of use alone (random.h).
 *
 * Source: Douc and Cappe (2005), Comparison of resampling schemes for particle filtering; Kong, Liu and Wong (1994) for the effective size.
 */
#ifndef LODE_PARTICLES_H
#define LODE_PARTICLES_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * particles_weigh - weights that sum to 1, and what the paths say of the data
 *
 * Shape    log_weight[n] in, n >= 1; weight[n] out, may be log_weight; *log_mean: logarithm of the mean of exp(log_weight), or NULL
 * Missing  NAN counts as -INFINITY
 * Errors   LODE_EDATA  no path is possible, or one has the weight INFINITY; weight is as it was
 */
int particles_weigh(const double *log_weight, size_t n, double *weight, double *log_mean, struct err *err);

/* How many paths of equal weight would say as much: 1 / sum of squares, 1 to n. The weights sum to 1. */
double particles_effective(const double *weight, size_t n);

/*
 * particles_resample - which path each new one continues (systematic resampling)
 *
 * Shape    weight[n] >= 0, sums to 1; from[m] out, not falling, each < n. Path i is drawn floor(m w_i) or that and 1 more times,
 *          m w_i times in expectation; one of weight 0 never
 * Random   one uniform number at (seed, 0, step, stream)
 * Cost     O(n + m)
 */
void particles_resample(const double *weight, size_t n, size_t m, uint64_t seed, uint32_t step, uint32_t stream, size_t *from);

/*
 * particles_renew - weigh, and resample when the effective size is under half of n
 *
 * Shape    log_weight[n] in and out: zeros after resampling, else as it was; weight[n] out, of the paths as they are afterwards;
 *          from[n] out: i itself without resampling; *effective: before it; *resampled: 1 or 0
 * Errors   as particles_weigh()
 */
int particles_renew(double *log_weight, size_t n, uint64_t seed, uint32_t step, uint32_t stream, double *weight, size_t *from,
    double *effective, int *resampled, struct err *err);

#endif
