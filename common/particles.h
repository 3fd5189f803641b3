/*
 * particles - weights of simulated paths, and drawing anew from them
 *
 * Weights are logarithms up to a common constant, so that likelihoods of many data can be added; -INFINITY is a path that cannot be.
 * Nothing here allocates, and a draw depends on its one random number alone.
 *
 * Source: Kitagawa (1996), Monte Carlo filter and smoother, for systematic resampling; Kong, Liu and Wong (1994) for the effective size;
 * Douc and Cappe (2005), Comparison of resampling schemes for particle filtering.
 */
#ifndef LODE_PARTICLES_H
#define LODE_PARTICLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* 1 / sum of squared weights, weights adding up to 1: from 1 to n; 0 when none is above 0, or one is not a number. */
double particles_effective(const double *log_weight, size_t n);

/*
 * particles_weigh - weights that add up to 1, and what the paths say of the data
 *
 * Shape    log_weight[n]; weight[n] out, may be log_weight; *log_mean: logarithm of the mean of exp(log_weight), or NULL
 * Errors   LODE_EDATA  no weight is above 0, or one is not a number; weight is as it was
 */
int particles_weigh(const double *log_weight, size_t n, double *weight, double *log_mean, struct err *err);

/*
 * particles_choose - systematic resampling: path i stands in n w_i places, rounded up or down, and in n w_i in expectation over u; a
 * path of weight 0 in none
 *
 * Shape    log_weight[n]; 0 < u < 1 uniform, the only random number; chosen[n], rising; *effective as particles_effective()
 * Errors   as particles_weigh()
 */
int particles_choose(const double *log_weight, size_t n, double u, uint32_t *chosen, double *effective, struct err *err);

/*
 * particles_renew - choose anew when the effective size is under half of n
 *
 * Shape    log_weight[n] in and out: zeros when chosen anew, else as they were; chosen[n]: i itself when not; *renewed: which
 * Errors   as particles_weigh()
 */
int particles_renew(double *log_weight, size_t n, double u, uint32_t *chosen, double *effective, bool *renewed, struct err *err);

#endif
