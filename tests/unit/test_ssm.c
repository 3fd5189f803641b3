/*
 * ssm: the Nile's published and computed numbers, totals on both scales, and the law that a filter is joint normal algebra
 *
 * Numbers and their sources: numbers_ssm.h, and beside each figure below.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linalg.h"
#include "numbers_ssm.h"
#include "random.h"
#include "ssm.h"
#include "within.h"
#include "world.h"

static const double one = 1, zero = 0;

/* want has 8 decimals or more */
#define NEAR(got, want) WITHIN(got, want, 1e-8 * fmax(1, fabs(want)) + 5.1e-9)

struct level {
	struct ssm_model model;
	struct ssm_datum data[100];
	double shock;
	struct ssm_filter *filter;
	struct ssm_smooth *smooth;
};

/* A local level over y[n], filtered and smoothed. */
static void
local_level(struct level *l, const double *y, size_t stride, size_t n, double irregular, double level)
{
	struct err err = ERR_INIT;

	l->shock = level;
	for (size_t t = 0; t < n; t++)
		l->data[t] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = &one, .y = y[t * stride], .h = irregular };
	l->model = (struct ssm_model){ .n_states = 1, .n_shocks = 1, .n_times = n, .n_data = n, .transition = &one, .loading = &one,
		.shock = &l->shock, .mean = &zero, .cov = &zero, .cov_inf = &one, .data = l->data };
	assert_int_equal(ssm_filter_new(&l->model, &l->filter, &err), LODE_OK);
	assert_int_equal(ssm_smooth_new(l->filter, &l->smooth, &err), LODE_OK);
}

static void
level_release(struct level *l)
{
	ssm_smooth_free(l->smooth);
	ssm_filter_free(l->filter);
}

static double
kfas(const struct ssm_filter *f)
{
	return f->log_likelihood + 0.5 * LOG_2PI * (double)f->n_diffuse;
}

/* What a diffuse start allows where the data hardly tell of it. */
#define DIFFUSE 1e-8

#define NILE &nile_filter[0].y, sizeof nile_filter[0] / sizeof(double), 100

static void
nile_filter_and_smoother_agree_on_every_row(void **state)
{
	struct level l;

	(void)state;
	local_level(&l, NILE, 15099, 1469.1);
	for (size_t t = 0; t < 100; t++) {
		const struct nile_row *want = &nile_filter[t];

		NEAR(l.filter->a_now[t], want->a_now);
		NEAR(l.filter->p_now[t], want->p_now);
		NEAR(l.smooth->a[t], want->smooth);
		NEAR(l.smooth->v[t], want->smooth_v);
		NEAR(l.smooth->error[t], want->error);
		NEAR(l.smooth->shock[t], want->shock);
		NEAR(l.smooth->r[t], want->r);
		NEAR(l.filter->a[t], want->a);
		if (t == 0) {
			assert_true(l.filter->f_inf[0] == 1 && l.filter->k_inf[0] == want->k);
			continue;
		}
		NEAR(l.filter->p[t], want->p);
		NEAR(l.filter->v[t], want->v);
		NEAR(l.filter->f[t], want->f);
		NEAR(l.filter->k[t], want->k);
	}
	level_release(&l);
}

static void
nile_anchors_agree(void **state)
{
	struct level l;

	(void)state;
	local_level(&l, NILE, 15099, 1469.1);
	/* Durbin and Koopman 2012, section 2; steady state and a_101 computed */
	ROUNDS(l.filter->p[99], 5501.25794, 1e-5);
	ROUNDS(l.filter->f[99], 20600.25794, 1e-5);
	ROUNDS(l.filter->k[99], 0.26704801, 1e-8);
	ROUNDS(l.filter->a[100], 798.3702926, 1e-7);
	ROUNDS(l.filter->p[100] + 15099, 20600.25794, 1e-5);
	ROUNDS(l.filter->p[100] + 29 * 1469.1 + 15099, 63204.15794, 1e-5);
	ROUNDS(l.smooth->a[0], 1111.668319, 1e-6);
	ROUNDS(l.smooth->v[0], 4032.157942, 1e-6);
	ROUNDS(l.smooth->a[27], 999.585219, 1e-6);
	ROUNDS(l.smooth->a[28], 950.930087, 1e-6);
	ROUNDS(l.smooth->a[49], 834.763259, 1e-6);
	ROUNDS(l.smooth->a[99], 798.370293, 1e-6);
	level_release(&l);
}

static void
nile_likelihood_agrees_in_every_convention(void **state)
{
	struct ssm_filter *filter;
	struct err err = ERR_INIT;
	struct level l;
	double wide, mean = 0, square = 0, first;

	(void)state;
	local_level(&l, NILE, 15099, 1469.1);
	ROUNDS(l.filter->log_likelihood, -633.464564, 1e-6); /* statsmodels, exact diffuse */
	ROUNDS(kfas(l.filter), -632.545625, 1e-6);           /* KFAS, published -632.5456 */
	ssm_filter_free(l.filter);

	l.model.cov_inf = NULL;
	l.model.cov = &wide;
	wide = 1e7; /* published -641.5856 */
	assert_int_equal(ssm_filter_new(&l.model, &filter, &err), LODE_OK);
	ROUNDS(filter->log_likelihood, -641.585578, 1e-6);
	ssm_filter_free(filter);
	wide = 1e6; /* statsmodels, approximate diffuse: the first term burnt */
	assert_int_equal(ssm_filter_new(&l.model, &filter, &err), LODE_OK);
	first = -0.5 * (LOG_2PI + log(filter->f[0]) + filter->v[0] * filter->v[0] / filter->f[0]);
	ROUNDS(filter->log_likelihood - first, -632.537695, 1e-6);
	ssm_filter_free(filter);
	for (size_t t = 0; t < 100; t++) {
		mean += nile_filter[t].y / 100;
		square += nile_filter[t].y * nile_filter[t].y;
	}
	wide = 1e4 * (square - 100 * mean * mean) / 99; /* R StructTS: start at the first value */
	l.model.mean = &nile_filter[0].y;
	assert_int_equal(ssm_filter_new(&l.model, &l.filter, &err), LODE_OK);
	ROUNDS(l.filter->log_likelihood, -643.200985, 1e-6);
	level_release(&l);
}

static void
nile_concentrated_likelihood_agrees(void **state)
{
	/* Durbin and Koopman 2012, table 2.1: q and the likelihood with the irregular variance concentrated out */
	static const double table[][2] = { { 1, -495.68 }, { 0.0360, -492.53 }, { 0.0745, -492.10 }, { 0.0974, -492.07 },
		{ 0.0973, -492.07 } };

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		double square = 0, logs = 0, value;
		struct level l;

		local_level(&l, NILE, 1, table[i][0]);
		for (size_t t = 1; t < 100; t++) {
			square += l.filter->v[t] * l.filter->v[t] / l.filter->f[t];
			logs += log(l.filter->f[t]);
		}
		value = -99 / 2.0 * log(square / 99) - 0.5 * logs;
		WITHIN(value, table[i][1], i == 0 ? 0.0052 : 0.005); /* the first is -495.6851, and printed cut */
		if (i == 4)
			ROUNDS(value, -492.0707, 1e-4);
		level_release(&l);
	}
}

static void
nile_with_gaps_agrees_on_every_row(void **state)
{
	struct level l;

	(void)state;
	local_level(&l, nile_missing[0], 5, 100, 15099, 1469.1);
	for (size_t t = 0; t < 100; t++) {
		NEAR(l.filter->a[t], nile_missing[t][1]);
		if (t > 0)
			NEAR(l.filter->p[t], nile_missing[t][2]);
		NEAR(l.smooth->a[t], nile_missing[t][3]);
		NEAR(l.smooth->v[t], nile_missing[t][4]);
	}
	ROUNDS(l.smooth->a[29], 903.421103, 1e-6);
	ROUNDS(l.smooth->v[29], 9715.005902, 1e-6);
	ROUNDS(l.filter->p[39], 33414.196160, 1e-6);
	ROUNDS(kfas(l.filter), -380.587063, 1e-6);
	ROUNDS(l.filter->log_likelihood, -381.506001, 1e-6);
	level_release(&l);
}

/* State: level, sum of the span so far. Months 1 and 2 are seen as a sum at month 2. */
static void
a_total_is_seen_through_a_cumulator(void **state)
{
	double transition[15 * 4], mean[2] = { 100, 100 }, cov[4] = { 25, 25, 25, 25 }, loading[30] = { 0 }, shock = 4;
	static const double level[2] = { 1, 0 }, sum[2] = { 0, 1 };
	struct ssm_datum data[15];
	struct ssm_model model = { .n_states = 2, .n_shocks = 1, .n_times = 15, .n_data = 0, .transition = transition,
		.transition_step = 4, .loading = loading, .loading_step = 2, .shock = &shock, .mean = mean, .cov = cov, .data = data };
	struct ssm_filter *filter;
	struct ssm_smooth *smooth;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t t = 0; t < 15; t++) {
		/* cumulator' = (t + 1 within the span) cumulator + level' */
		memcpy(transition + 4 * t, (const double[4]){ 1, 0, 1, t == 0 ? 1 : 0 }, sizeof(double[4]));
		loading[2 * t] = loading[2 * t + 1] = 1;
		if (t >= 1 && (t == 1 || !isnan(aggregation[t][0])))
			data[model.n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = t == 1 ? sum : level,
				.y = t == 1 ? 197 : aggregation[t][0], .h = t == 1 ? 18 : 9 };
	}
	assert_int_equal(ssm_filter_new(&model, &filter, &err), LODE_OK);
	assert_int_equal(ssm_smooth_new(filter, &smooth, &err), LODE_OK);
	NEAR(filter->log_likelihood, -28.81220724);
	for (size_t t = 0; t < 15; t++) {
		WITHIN(smooth->a[2 * t], aggregation[t][1], 1e-9);
		WITHIN(smooth->v[4 * t], aggregation[t][2], 1e-9);
	}
	ssm_smooth_free(smooth);
	ssm_filter_free(filter);
}

/*
 * Log flows of two months, x1 ~ N(8, 0.25), x2 = x1 - 0.35 + N(0, 0.16); seen: log 4163 = log(e^x1 + e^x2) + N(0, 0.03^2).
 * Iterated update and exact posterior (by quadrature) from the same source.
 */
static void
a_total_of_logged_flows_is_near_the_exact_posterior(void **state)
{
	static const double transition[4] = { 1, 0, 1, 0 }, mean[2] = { 8, 0 }, cov[4] = { 0.25, 0, 0, 0 }, loading[2] = { 1, 0 };
	static const double z[4] = { 1, 0, 0, 1 }, intercept[2] = { -0.35, 0 }, shock = 0.16;
	struct ssm_datum datum = { .time = 1, .n_terms = 2, .z = z, .y = log(4163), .h = 0.0009 };
	struct ssm_model model = { .n_states = 2, .n_shocks = 1, .n_times = 2, .n_data = 1, .transition = transition,
		.intercept = intercept, .loading = loading, .shock = &shock, .mean = mean, .cov = cov, .data = &datum };
	struct ssm_filter *filter;
	struct ssm_smooth *smooth;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ssm_filter_new(&model, &filter, &err), LODE_OK);
	assert_int_equal(ssm_smooth_new(filter, &smooth, &err), LODE_OK);
	NEAR(filter->a_now[3], 7.8201364206);
	NEAR(filter->a_now[2], 7.4238378688);
	NEAR(filter->p_now[7], 0.0241910312);
	NEAR(filter->p_now[4], 0.0529783937);
	NEAR(filter->p_now[5], -0.0339342895);
	NEAR(filter->log_likelihood, -0.3483104791);
	NEAR(smooth->a[0], 7.8201364206); /* the smoother carries it back */
	NEAR(smooth->v[0], 0.0241910312);
	WITHIN(filter->a_now[3], 7.8081910943, 0.013);
	WITHIN(filter->a_now[2], 7.4003459843, 0.024);
	ssm_smooth_free(smooth);
	ssm_filter_free(filter);
}

static void
a_far_observation_counts_less(void **state)
{
	double y[5] = { 10, 10, 10, 30, 10 };
	struct err err = ERR_INIT;
	struct level l;
	struct ssm_filter *robust;

	(void)state;
	local_level(&l, y, 1, 5, 1, 0.1);
	l.model.outlier_z = 3;
	l.model.outlier_factor = 4;
	assert_int_equal(ssm_filter_new(&l.model, &robust, &err), LODE_OK);
	assert_int_equal(robust->n_inflated, 1);
	assert_true(robust->h[3] == 4 && robust->h[2] == 1);
	assert_true(robust->a_now[3] < l.filter->a_now[3]);
	ssm_filter_free(robust);
	level_release(&l);
}

static void
bad_models_are_refused(void **state)
{
	struct ssm_filter *filter = NULL;
	struct err err = ERR_INIT;
	struct level l;

	(void)state;
	local_level(&l, NILE, 15099, 1469.1);
	l.data[5].y = INFINITY;
	assert_int_equal(ssm_filter_new(&l.model, &filter, &err), LODE_EDATA);
	assert_string_equal(err.message, "observation 6 is not finite");
	l.data[5].y = 1;
	l.data[5].time = 3;
	assert_int_equal(ssm_filter_new(&l.model, &filter, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "observation 6 is out of order or of range");
	l.data[5].time = 5;
	l.shock = -1;
	assert_int_equal(ssm_filter_new(&l.model, &filter, &err), LODE_EDATA);
	assert_string_equal(err.message, "shock 1 has no variance");
	assert_null(filter);
	level_release(&l);
}

static void
filter_and_smoother_are_joint_normal_algebra(void **state)
{
	static struct world w;
	static double mean[TIMES * N], cov[TIMES * N * TIMES * N];
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		bool with_diffuse = seed % 2 == 1;
		double allowed = with_diffuse ? DIFFUSE : 1e-9, spread_allowed = allowed, thin = 1, likelihood;
		struct ssm_filter *filter;
		struct ssm_smooth *smooth;

		make_world(&w, seed, with_diffuse);
		assert_int_equal(ssm_filter_new(&w.model, &filter, &err), LODE_OK);
		assert_int_equal(ssm_smooth_new(filter, &smooth, &err), LODE_OK);
		likelihood = with_diffuse ? condition_diffuse(&w, mean, cov) : condition(&w, mean, cov);
		if (with_diffuse)
			assert_int_equal(filter->n_diffuse, 2 - is_total(seed));
		WITHIN(filter->log_likelihood, likelihood, allowed * fmax(1, fabs(likelihood)));
		/* a diffuse state that a first datum hardly shows: covariances have its square in the denominator */
		for (size_t i = 0; i < DATA; i++)
			if (filter->f_inf[i] > 0)
				thin = fmin(thin, filter->f_inf[i]);
		spread_allowed = fmax(allowed, 1e-16 / (thin * thin));
		for (size_t t = 0; t < TIMES; t++)
			for (size_t r = 0; r < N; r++) {
				size_t row = t * N + r;

				WITHIN(smooth->a[row], mean[row], allowed * fmax(1, fabs(mean[row])));
				for (size_t c = 0; c < N; c++)
					WITHIN(smooth->v[t * N * N + r * N + c], cov[row * w.n_joint + t * N + c],
					    spread_allowed * fmax(1, fabs(cov[row * w.n_joint + row])));
			}
		/* E[n_t] rebuilds the smoothed states; a + error rebuilds the data */
		for (size_t t = 0; t + 1 < TIMES; t++)
			for (size_t r = 0; r < N; r++) {
				double sum = w.intercept[t * N + r] + linalg_dot(w.transition + t * N * N + r * N, smooth->a + t * N, N);

				sum += linalg_dot(w.loading + r * M, smooth->shock + t * M, M);
				WITHIN(smooth->a[(t + 1) * N + r], sum, 1e-7 * fmax(1, fabs(sum)));
			}
		for (size_t i = 0; i < DATA; i++)
			if (!isnan(w.data[i].y)) {
				const double *z = w.z + i * N, *v = smooth->v + w.data[i].time * N * N;
				double spread = 0; /* z' V z: the error's variance given the data */

				for (size_t r = 0; r < N; r++)
					spread += z[r] * linalg_dot(v + r * N, z, N);
				WITHIN(smooth->error_v[i], spread, fmax(spread_allowed, 1e-8) * fmax(1, spread));
				WITHIN(linalg_dot(z, smooth->a + w.data[i].time * N, N) + w.d[i] + smooth->error[i], w.data[i].y,
				    1e-7 * fmax(1, fabs(w.data[i].y)));
			}
		ssm_smooth_free(smooth);
		ssm_filter_free(filter);
	}
}

/* The draw is an affine map of its normals: its mean is the map of 0 and its covariance is the matrix times its transpose. */
static void
draws_have_the_smoothed_mean_and_covariance(void **state)
{
	static struct world w;
	static double mean[TIMES * N], cov[TIMES * N * TIMES * N], base[TIMES * N], path[TIMES * N], square[TIMES * N * TIMES * N];
	double normals[N + TIMES * M + DATA], scratch[256];
	size_t count, all = TIMES * N;
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		bool with_diffuse = seed % 2 == 1;
		struct ssm_filter *filter;
		struct ssm_smooth *smooth;

		make_world(&w, seed, with_diffuse);
		if (with_diffuse)
			condition_diffuse(&w, mean, cov);
		else
			condition(&w, mean, cov);
		assert_int_equal(ssm_filter_new(&w.model, &filter, &err), LODE_OK);
		assert_int_equal(ssm_smooth_new(filter, &smooth, &err), LODE_OK);
		count = ssm_simulate_normals(&w.model);
		assert_int_equal(count, N + TIMES * M + DATA);
		assert_true(ssm_simulate_scratch(&w.model) <= 256);
		memset(normals, 0, sizeof normals);
		memset(square, 0, sizeof square);
		ssm_simulate(filter, smooth, normals, scratch, base);
		for (size_t i = 0; i < all; i++)
			WITHIN(base[i], smooth->a[i], 1e-9 * fmax(1, fabs(base[i])));
		for (size_t j = 0; j < count; j++) {
			normals[j] = 1;
			ssm_simulate(filter, smooth, normals, scratch, path);
			normals[j] = 0;
			for (size_t r = 0; r < all; r++)
				for (size_t c = 0; c < all; c++)
					square[r * all + c] += (path[r] - base[r]) * (path[c] - base[c]);
		}
		for (size_t r = 0; r < all; r++)
			for (size_t c = 0; c < all; c++)
				WITHIN(square[r * all + c], cov[r * all + c],
				    (with_diffuse ? DIFFUSE : 1e-8) * fmax(1, sqrt(cov[r * all + r] * cov[c * all + c])));
		ssm_smooth_free(smooth);
		ssm_filter_free(filter);
	}
}

/* 4,000 draws with a fixed seed: means within 4.5 sd of the mean's error, variances within 4.5 sd of theirs. */
static void
draws_scatter_as_smoothed(void **state)
{
	enum { DRAWS = 4000 };
	static struct world w;
	double normals[N + TIMES * M + DATA], scratch[256], path[TIMES * N], sum[TIMES * N], square[TIMES * N];
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t seed = 0; seed < 8; seed++) {
		struct ssm_filter *filter;
		struct ssm_smooth *smooth;

		make_world(&w, seed, seed % 2 == 1);
		assert_int_equal(ssm_filter_new(&w.model, &filter, &err), LODE_OK);
		assert_int_equal(ssm_smooth_new(filter, &smooth, &err), LODE_OK);
		memset(sum, 0, sizeof sum);
		memset(square, 0, sizeof square);
		for (uint32_t draw = 0; draw < DRAWS; draw++) {
			for (uint32_t j = 0; j < N + TIMES * M + DATA; j++)
				normals[j] = random_normal(11, draw, j, seed);
			ssm_simulate(filter, smooth, normals, scratch, path);
			for (size_t i = 0; i < TIMES * N; i++) {
				double off = path[i] - smooth->a[i];

				sum[i] += off;
				square[i] += off * off;
			}
		}
		for (size_t i = 0; i < TIMES * N; i++) {
			double v = smooth->v[i / N * N * N + i % N * (N + 1)];

			WITHIN(sum[i] / DRAWS, 0, 4.5 * sqrt(fmax(v, 1e-12) / DRAWS));
			WITHIN(square[i] / DRAWS, v, 4.5 * v * sqrt(2.0 / DRAWS) + 1e-12);
		}
		ssm_smooth_free(smooth);
		ssm_filter_free(filter);
	}
}

/* The smoother is linear in the data: moving one datum moves the states by its weight. */
static void
states_respond_as_if_filtered_again(void **state)
{
	static struct world w;
	double move[DATA], scratch[256], states[TIMES * N];
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t seed = 0; seed < 40; seed++) {
		struct ssm_filter *filter[2];
		struct ssm_smooth *smooth[2];

		make_world(&w, seed, seed % 2 == 1);
		for (size_t side = 0; side < 2; side++) {
			for (size_t i = 0; side == 1 && i < DATA; i++) {
				move[i] = random_normal(12, seed, (uint32_t)i, 0);
				w.data[i].y += move[i];
			}
			assert_int_equal(ssm_filter_new(&w.model, &filter[side], &err), LODE_OK);
			assert_int_equal(ssm_smooth_new(filter[side], &smooth[side], &err), LODE_OK);
		}
		ssm_respond(filter[0], move, scratch, states);
		for (size_t i = 0; i < TIMES * N; i++)
			WITHIN(states[i], smooth[1]->a[i] - smooth[0]->a[i], 1e-8 * fmax(1, fabs(smooth[0]->a[i])));
		for (size_t side = 0; side < 2; side++) {
			ssm_smooth_free(smooth[side]);
			ssm_filter_free(filter[side]);
		}
	}
}

/*
 * Growth of a quarter's mean over the quarter before is growth of months with the weights 1/3, 2/3, 1, 2/3, 1/3 (Mariano and Murasawa
 * 2003): a walk of monthly logs seen as differences of quarterly means, once through its last six levels and once through five growths.
 */
static void
quarterly_growth_is_weighted_monthly_growth(void **state)
{
	enum { MONTHS = 36, LEVELS = 6, GROWTHS = 5 };
	static const double means[LEVELS] = { 1 / 3.0, 1 / 3.0, 1 / 3.0, -1 / 3.0, -1 / 3.0, -1 / 3.0 };
	static const double weights[GROWTHS] = { 1 / 3.0, 2 / 3.0, 1, 2 / 3.0, 1 / 3.0 };
	double level_t[LEVELS * LEVELS] = { 0 }, growth_t[GROWTHS * GROWTHS] = { 0 }, level_r[LEVELS] = { 1 }, growth_r[GROWTHS] = { 1 };
	double level_p[LEVELS * LEVELS] = { 0 }, growth_p[GROWTHS * GROWTHS] = { 0 }, zeros[LEVELS] = { 0 }, shock = 0.3, y = 0;
	struct ssm_datum levels[MONTHS], growths[MONTHS];
	struct ssm_model by_level = { .n_states = LEVELS, .n_shocks = 1, .n_times = MONTHS, .transition = level_t, .loading = level_r,
		.shock = &shock, .mean = zeros, .cov = level_p, .data = levels };
	struct ssm_model by_growth = { .n_states = GROWTHS, .n_shocks = 1, .n_times = MONTHS, .transition = growth_t, .loading = growth_r,
		.shock = &shock, .mean = zeros, .cov = growth_p, .data = growths };
	struct ssm_filter *filter[2];
	struct ssm_smooth *smooth[2];
	struct err err = ERR_INIT;

	(void)state;
	level_t[0] = 1;
	for (size_t j = 1; j < LEVELS; j++)
		level_t[j * LEVELS + j - 1] = 1;
	for (size_t j = 1; j < GROWTHS; j++)
		growth_t[j * GROWTHS + j - 1] = 1;
	/* a start five growths after a known level: the j-th last level is the sum of the growths before it */
	for (size_t r = 0; r < LEVELS; r++)
		for (size_t c = 0; c < LEVELS; c++)
			level_p[r * LEVELS + c] = shock * (double)(LEVELS - 1 - (r > c ? r : c));
	for (size_t j = 0; j < GROWTHS; j++)
		growth_p[j * GROWTHS + j] = shock;
	for (size_t t = 2; t < MONTHS; t += 3) {
		y = 0.5 * y + random_normal(13, (uint32_t)t, 0, 0);
		levels[by_level.n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = means, .y = y, .h = 0.1 };
		growths[by_growth.n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = weights, .y = y, .h = 0.1 };
	}
	for (size_t side = 0; side < 2; side++) {
		assert_int_equal(ssm_filter_new(side == 0 ? &by_level : &by_growth, &filter[side], &err), LODE_OK);
		assert_int_equal(ssm_smooth_new(filter[side], &smooth[side], &err), LODE_OK);
	}
	NEAR(filter[0]->log_likelihood, filter[1]->log_likelihood);
	for (size_t t = 0; t < MONTHS; t++) {
		const double *l = smooth[0]->a + t * LEVELS, *g = smooth[1]->a + t * GROWTHS;

		for (size_t j = 0; j < GROWTHS; j++)
			WITHIN(g[j], l[j] - l[j + 1], 1e-10);
		/* and within a month, mean over mean */
		WITHIN(linalg_dot(weights, g, GROWTHS), linalg_dot(means, l, LEVELS), 1e-10);
	}
	for (size_t side = 0; side < 2; side++) {
		ssm_smooth_free(smooth[side]);
		ssm_filter_free(filter[side]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nile_filter_and_smoother_agree_on_every_row),
		cmocka_unit_test(nile_anchors_agree),
		cmocka_unit_test(nile_likelihood_agrees_in_every_convention),
		cmocka_unit_test(nile_concentrated_likelihood_agrees),
		cmocka_unit_test(nile_with_gaps_agrees_on_every_row),
		cmocka_unit_test(a_total_is_seen_through_a_cumulator),
		cmocka_unit_test(a_total_of_logged_flows_is_near_the_exact_posterior),
		cmocka_unit_test(a_far_observation_counts_less),
		cmocka_unit_test(bad_models_are_refused),
		cmocka_unit_test(filter_and_smoother_are_joint_normal_algebra),
		cmocka_unit_test(draws_have_the_smoothed_mean_and_covariance),
		cmocka_unit_test(draws_scatter_as_smoothed),
		cmocka_unit_test(states_respond_as_if_filtered_again),
		cmocka_unit_test(quarterly_growth_is_weighted_monthly_growth),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ssm", tests, NULL, NULL);
}
