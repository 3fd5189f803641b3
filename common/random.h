/*
 * random - numbers that depend on where they are used, not on what was drawn before
 *
 * Philox4x32-10: a bijection of a 128-bit counter under a 64-bit key. The counter names the place of use (path, step,
 * stream, index), so any order of evaluation and any number of threads give the same numbers.
 * Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
 */
#ifndef LODE_RANDOM_H
#define LODE_RANDOM_H

#include <stdint.h>

/* Ten rounds of Philox4x32 over counter under key; out may be counter. */
void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Uniform in the open interval (0, 1): an odd multiple of 2^-53. */
double random_uniform(uint64_t seed, uint32_t path, uint32_t step, uint32_t stream);

/* Standard normal: random_normal_quantile() of random_uniform() at the same place. */
double random_normal(uint64_t seed, uint32_t path, uint32_t step, uint32_t stream);

/*
 * random_normal_quantile - x with P(Z <= x) = p
 *
 * Shape    0 < p < 1; outside that NAN
 * Source   Wichura (1988), Algorithm AS 241, PPND16: about 1e-16 relative
 */
double random_normal_quantile(double p);

#endif
