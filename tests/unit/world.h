/*
 * Random small models of ssm.h with gaps, totals and partly diffuse starts, and the same as one joint normal law of all states, to be
 * conditioned on the data by algebra that shares nothing with a filter.
 */
#ifndef WORLD_H
#define WORLD_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "linalg.h"
#include "random.h"
#include "ssm.h"

/* A random small model with gaps, totals over two times and a diffuse part, and all of its joint covariance. */
#define LOG_2PI 1.8378770664093454836

enum { N = 3, M = 2, TIMES = 7, DATA = 13 };

struct world {
	struct ssm_model model;
	double transition[TIMES * N * N], intercept[TIMES * N], loading[N * M], shock[TIMES * M], mean[N], cov[N * N], cov_inf[N * N];
	double z[DATA * N], d[DATA];
	struct ssm_datum data[DATA];
	size_t n_joint;
	double joint_mean[TIMES * N], joint[TIMES * N * TIMES * N];
};

static inline double
draw_normal(uint32_t world, uint32_t *count)
{
	return random_normal(42, world, (*count)++, 0);
}

/* Whether the last state of that world is the sum of the first over spans of two times, and some data are such sums. */
static inline bool
is_total(uint32_t seed)
{
	return seed % 4 >= 2;
}

/* The sum is known at first; at odd times a span ends. */
static inline void
make_total(struct world *w)
{
	size_t last = N - 1;

	for (size_t t = 0; t < TIMES; t++) {
		double *transition = w->transition + t * N * N;

		for (size_t r = 0; r < N; r++)
			transition[r * N + last] = 0;
		memcpy(transition + last * N, transition, N * sizeof *transition);
		transition[last * N + last] = t % 2 == 0 ? 1 : 0;
		w->intercept[t * N + last] = w->intercept[t * N];
	}
	memcpy(w->loading + last * M, w->loading, M * sizeof *w->loading);
	w->mean[last] = 0;
	for (size_t r = 0; r < N; r++)
		w->cov[r * N + last] = w->cov[last * N + r] = 0;
	for (size_t i = 0; i < DATA; i++) {
		bool sum = w->data[i].time % 2 == 1 && i % 2 == 0;

		for (size_t s = 0; s < N; s++)
			w->z[i * N + s] = s == last ? sum : sum ? 0 : w->z[i * N + s];
	}
}

static inline void
make_world(struct world *w, uint32_t seed, bool with_diffuse)
{
	double root[N * N];
	uint32_t count = 0;
	size_t all = TIMES * N;

	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < TIMES * N * N; i++)
		w->transition[i] = 0.5 * draw_normal(seed, &count) + (i % (N * N) % (N + 1) == 0 ? 0.5 : 0);
	for (size_t i = 0; i < TIMES * N; i++)
		w->intercept[i] = draw_normal(seed, &count);
	for (size_t i = 0; i < N * M; i++)
		w->loading[i] = draw_normal(seed, &count);
	for (size_t i = 0; i < TIMES * M; i++)
		w->shock[i] = i % 5 == 4 ? 0 : exp(draw_normal(seed, &count));
	for (size_t i = 0; i < N; i++)
		w->mean[i] = draw_normal(seed, &count);
	for (size_t i = 0; i < N * N; i++)
		root[i] = draw_normal(seed, &count);
	for (size_t r = 0; r < N; r++)
		for (size_t c = 0; c < N; c++)
			w->cov[r * N + c] = linalg_dot(root + r * N, root + c * N, N);
	if (with_diffuse) {
		w->cov_inf[0] = 1;
		if (!is_total(seed))
			w->cov_inf[N + 1] = 1;
	}
	for (size_t i = 0; i < DATA; i++) {
		for (size_t s = 0; s < N; s++)
			w->z[i * N + s] = draw_normal(seed, &count);
		w->d[i] = draw_normal(seed, &count);
		w->data[i] = (struct ssm_datum){ .time = i / 2, .n_terms = 1, .z = w->z + i * N, .d = w->d + i,
			.y = i % 4 == 3 ? NAN : 3 * draw_normal(seed, &count), .h = i % 6 == 5 ? 0 : exp(draw_normal(seed, &count)) };
	}
	if (is_total(seed))
		make_total(w);
	w->model = (struct ssm_model){ .n_states = N, .n_shocks = M, .n_times = TIMES, .n_data = DATA, .transition = w->transition,
		.transition_step = N * N, .intercept = w->intercept, .intercept_step = N, .loading = w->loading, .shock = w->shock,
		.shock_step = M, .mean = w->mean, .cov = w->cov, .cov_inf = with_diffuse ? w->cov_inf : NULL, .data = w->data };
	w->n_joint = all;
	for (size_t r = 0; r < N; r++) {
		w->joint_mean[r] = w->mean[r];
		for (size_t c = 0; c < N; c++)
			w->joint[r * all + c] = w->cov[r * N + c];
	}
	for (size_t t = 1; t < TIMES; t++) {
		const double *a = w->transition + (t - 1) * N * N;

		for (size_t r = 0; r < N; r++) {
			size_t row = t * N + r;

			w->joint_mean[row] = w->intercept[(t - 1) * N + r];
			for (size_t j = 0; j < N; j++)
				w->joint_mean[row] += a[r * N + j] * w->joint_mean[(t - 1) * N + j];
			for (size_t c = 0; c < t * N; c++) {
				double sum = 0;

				for (size_t j = 0; j < N; j++)
					sum += a[r * N + j] * w->joint[((t - 1) * N + j) * all + c];
				w->joint[row * all + c] = w->joint[c * all + row] = sum;
			}
		}
		for (size_t r = 0; r < N; r++)
			for (size_t c = 0; c < N; c++) {
				double sum = 0;

				for (size_t j = 0; j < N; j++)
					sum += w->joint[(t * N + r) * all + (t - 1) * N + j] * a[c * N + j];
				for (size_t j = 0; j < M; j++)
					sum += w->loading[r * M + j] * w->shock[(t - 1) * M + j] * w->loading[c * M + j];
				w->joint[(t * N + r) * all + t * N + c] = sum;
			}
	}
}

/* Conditions the joint law on the data; mean[all], cov[all*all] become the posterior; returns the log-likelihood. */
static inline double
condition(const struct world *w, double *mean, double *cov)
{
	size_t all = w->n_joint;
	double likelihood = 0, gain[TIMES * N];

	memcpy(mean, w->joint_mean, all * sizeof *mean);
	memcpy(cov, w->joint, all * all * sizeof *cov);
	for (size_t i = 0; i < DATA; i++) {
		const double *z = w->z + i * N;
		size_t at = w->data[i].time * N;
		double f = w->data[i].h, v = w->data[i].y - w->d[i];

		if (isnan(w->data[i].y))
			continue;
		for (size_t r = 0; r < all; r++)
			gain[r] = linalg_dot(cov + r * all + at, z, N);
		for (size_t s = 0; s < N; s++) {
			f += z[s] * gain[at + s];
			v -= z[s] * mean[at + s];
		}
		likelihood -= 0.5 * (LOG_2PI + log(f) + v * v / f);
		for (size_t r = 0; r < all; r++) {
			mean[r] += gain[r] * v / f;
			for (size_t c = 0; c < all; c++)
				cov[r * all + c] -= gain[r] * gain[c] / f;
		}
	}
	return likelihood;
}

/*
 * The same with a flat law of the diffuse start's states b: they add columns c b to all states, so the innovations are v + w b, and b has
 * the law of a regression of v on -w with the precision S = sum of w w' / f. As 0.5 log of a great variance is left out for each
 * diffuse datum, the log-likelihood has -0.5 log det S.
 */
static inline double
condition_diffuse(const struct world *w, double *mean, double *cov)
{
	size_t all = w->n_joint, n = 0, at_start[N];
	static double column[N][TIMES * N];
	double likelihood = 0, square = 0, precision[2][2] = { { 0 } }, slope[2] = { 0 }, inverse[2][2] = { { 0 } }, det, b[2], gain[TIMES * N];

	for (size_t s = 0; s < N; s++)
		if (w->cov_inf[s * N + s] != 0)
			at_start[n++] = s;
	for (size_t j = 0; j < n; j++)
		for (size_t t = 0; t < TIMES; t++)
			for (size_t r = 0; r < N; r++)
				column[j][t * N + r] = t == 0 ? r == at_start[j] :
				    linalg_dot(w->transition + (t - 1) * N * N + r * N, column[j] + (t - 1) * N, N);
	memcpy(mean, w->joint_mean, all * sizeof *mean);
	memcpy(cov, w->joint, all * all * sizeof *cov);
	for (size_t i = 0; i < DATA; i++) {
		const double *z = w->z + i * N;
		size_t at = w->data[i].time * N;
		double f = w->data[i].h, v = w->data[i].y - w->d[i] - linalg_dot(z, mean + at, N), along[2] = { 0 };

		if (isnan(w->data[i].y))
			continue;
		for (size_t r = 0; r < all; r++)
			gain[r] = linalg_dot(cov + r * all + at, z, N);
		f += linalg_dot(z, gain + at, N);
		for (size_t j = 0; j < n; j++)
			along[j] = -linalg_dot(z, column[j] + at, N);
		likelihood -= 0.5 * (LOG_2PI + log(f));
		square += v * v / f;
		for (size_t j = 0; j < n; j++) {
			slope[j] += along[j] * v / f;
			for (size_t k = 0; k < n; k++)
				precision[j][k] += along[j] * along[k] / f;
		}
		for (size_t r = 0; r < all; r++) {
			mean[r] += gain[r] * v / f;
			for (size_t j = 0; j < n; j++)
				column[j][r] += gain[r] * along[j] / f;
			for (size_t c = 0; c < all; c++)
				cov[r * all + c] -= gain[r] * gain[c] / f;
		}
	}
	det = n == 1 ? precision[0][0] : precision[0][0] * precision[1][1] - precision[0][1] * precision[1][0];
	inverse[0][0] = n == 1 ? 1 / det : precision[1][1] / det;
	if (n == 2) {
		inverse[1][1] = precision[0][0] / det;
		inverse[0][1] = inverse[1][0] = -precision[0][1] / det;
	}
	for (size_t j = 0; j < 2; j++)
		b[j] = -inverse[j][0] * slope[0] - inverse[j][1] * slope[1];
	for (size_t r = 0; r < all; r++)
		for (size_t j = 0; j < n; j++) {
			mean[r] += column[j][r] * b[j];
			for (size_t c = 0; c < all; c++)
				for (size_t k = 0; k < n; k++)
					cov[r * all + c] += column[j][r] * inverse[j][k] * column[k][c];
		}
	/* at the best b the squares are least */
	return likelihood - 0.5 * (square + b[0] * slope[0] + b[1] * slope[1]) - 0.5 * log(det);
}

#endif
