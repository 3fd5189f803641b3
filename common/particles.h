/*
 * particles - weighted paths into as many paths of equal weight
 *
 * Source: Kitagawa (1996), Monte Carlo filter and smoother, for systematic resampling; Kong, Liu and Wong (1994) for the effective size.
 */
#ifndef LODE_PARTICLES_H
#define LODE_PARTICLES_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* 1 / sum of squared weights, weights adding up to 1: from 1 to n; 0 when none is above 0. log_weight: up to a common constant. */
double particles_effective(const double *log_weight, size_t n);

/*
 * particles_choose - systematic resampling: path i stands in n w_i places, rounded up or down
 *
 * Shape    log_weight[n], up to a common constant, -INFINITY for none; 0 < u < 1 uniform, the only random number; chosen[n], rising
 * Errors   LODE_EDATA "no path fits what was seen" when no weight is above 0, or one is not a number
 */
int particles_choose(const double *log_weight, size_t n, double u, uint32_t *chosen, double *effective, struct err *err);

#endif
