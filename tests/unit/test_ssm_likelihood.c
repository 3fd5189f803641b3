/* ssm_likelihood: the filter's log-likelihood in every kind of model, the steady state and what ends it */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers_ssm.h"
#include "random.h"
#include "ssm_likelihood.h"
#include "structural.h"
#include "within.h"

static struct ssm_likelihood
likelihood(const struct ssm_model *m, double tolerance)
{
	struct ssm_likelihood got = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(ssm_log_likelihood(m, tolerance, &got, &err), LODE_OK);
	return got;
}

/* Against the filter; returns it. */
static struct ssm_likelihood
agrees(const struct ssm_model *m, double tolerance, double allowed)
{
	struct ssm_likelihood got = likelihood(m, tolerance);
	struct ssm_filter *filter;
	struct err err = ERR_INIT;

	assert_int_equal(ssm_filter_new(m, &filter, &err), LODE_OK);
	WITHIN(got.log_likelihood, filter->log_likelihood, allowed * fmax(1, fabs(filter->log_likelihood)));
	assert_int_equal(got.n_diffuse, filter->n_diffuse);
	assert_int_equal(got.n_used, filter->n_used);
	ssm_filter_free(filter);
	return got;
}

static void
nile_agrees(void **state)
{
	const struct structural_parts parts = { 0 };
	struct structural *s;
	struct err err = ERR_INIT;
	double y[100];

	(void)state;
	for (size_t t = 0; t < 100; t++)
		y[t] = nile_filter[t].y;
	assert_int_equal(structural_new(&parts, y, 100, 100, &s, &err), LODE_OK);
	structural_set(s, &(struct structural_variances){ .irregular = 15099, .level = 1469.1 });
	WITHIN(agrees(&s->model, SSM_STEADY, 1e-12).log_likelihood, -633.464564, 5.001e-7);
	assert_true(likelihood(&s->model, SSM_STEADY).n_steady > 40);
	for (size_t t = 0; t < 100; t++)
		s->data[t].y = nile_missing[t][0];
	WITHIN(agrees(&s->model, SSM_STEADY, 1e-12).log_likelihood, -381.506001, 5.001e-7);
	assert_int_equal(agrees(&s->model, 0, 1e-14).n_steady, 0);
	structural_free(s);
}

/* A model that does not change: random T with some rows that copy and some of zeros, one or two data a time of changing forms, gaps. */
static void
any_model_that_stays_agrees_with_the_filter(void **state)
{
	enum { N = 5, M = 2, TIMES = 300, FORMS = 3 };
	size_t steady = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		double transition[N * N] = { 0 }, loading[N * M], shock[M] = { 0.5, seed % 3 == 0 ? 0 : 0.2 }, mean[N], cov[N * N] = { 0 },
		    cov_inf[N * N] = { 0 }, z[FORMS * N], d[2] = { 0.3, -1 }, intercept[N];
		struct ssm_datum data[2 * TIMES];
		struct ssm_model m = { .n_states = N, .n_shocks = M, .n_times = TIMES, .transition = transition, .loading = loading,
			.shock = shock, .mean = mean, .cov = cov, .cov_inf = seed % 2 == 0 ? cov_inf : NULL, .data = data,
			.intercept = seed % 5 == 0 ? intercept : NULL };
		uint32_t k = 0;

		for (size_t r = 0; r < N; r++) {
			double size = 0;

			mean[r] = random_normal(7, seed, k++, 0);
			intercept[r] = random_normal(7, seed, k++, 0);
			cov[r * N + r] = 2;
			if (r < 2)
				cov_inf[r * N + r] = 1;
			if ((seed + r) % 4 == 0) { /* a copy of a state before: never a circle that does not die */
				transition[r * N + (r + N - 1) % N] = r == 0 ? 0.9 : 1;
				continue;
			}
			for (size_t c = 0; c < N; c++) {
				transition[r * N + c] = (seed + r + c) % 3 == 0 ? 0 : random_normal(7, seed, k++, 0);
				size += fabs(transition[r * N + c]);
			}
			for (size_t c = 0; size > 0 && c < N; c++)
				transition[r * N + c] *= 0.95 / size;
		}
		for (size_t j = 0; j < N * M; j++)
			loading[j] = random_normal(7, seed, k++, 0);
		for (size_t j = 0; j < FORMS * N; j++)
			z[j] = j % 4 == 1 ? 0 : random_normal(7, seed, k++, 0);
		for (size_t t = 0; t < TIMES; t++) {
			bool gap = t > 100 && t % 67 == 0;
			size_t form = seed % 4 == 3 ? t % FORMS : 0;

			data[m.n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = z + form * N, .d = d + t % 2, .h = 0.5,
				.y = gap ? NAN : 2 * random_normal(8, seed, (uint32_t)t, 0) };
			if (seed % 4 == 1 || (seed % 4 == 2 && t == 200))
				data[m.n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = z + N, .h = seed % 8 == 1 ? 0 : 1,
					.y = random_normal(8, seed, (uint32_t)t, 1) };
		}
		agrees(&m, 0, 1e-11);
		steady += agrees(&m, SSM_STEADY, 1e-9).n_steady;
	}
	assert_true(steady > 10000);
}

static void
a_long_seasonal_series_keeps_its_digits_in_the_steady_state(void **state)
{
	enum { N = 3000 };
	const struct structural_parts parts = { .slope = true, .seasons = 4 };
	struct structural *s;
	struct err err = ERR_INIT;
	double *y = calloc(N, sizeof *y);
	struct ssm_likelihood got;

	(void)state;
	assert_non_null(y);
	for (size_t t = 0; t < N; t++)
		y[t] = t % 1000 == 999 ? NAN : 3 * sin((double)t / 50) + (double)(t % 4) + random_normal(3, (uint32_t)t, 0, 0);
	assert_int_equal(structural_new(&parts, y, N, N, &s, &err), LODE_OK);
	structural_set(s, &(struct structural_variances){ 1, 0.1, 0.001, 0.01 });
	got = agrees(&s->model, SSM_STEADY, 1e-10);
	assert_true(got.n_steady > N / 2 && got.n_steady < N - 600); /* each gap ends it */
	agrees(&s->model, 0, 1e-12);
	/* A seasonal that never changes is known better and better: its covariance goes as 1/t and never stands. */
	structural_set(s, &(struct structural_variances){ 1, 0.1, 0.001, 0 });
	assert_int_equal(agrees(&s->model, SSM_STEADY, 1e-10).n_steady, 0);
	structural_free(s);
	free(y);
}

static void
models_that_change_take_the_steps_of_the_filter(void **state)
{
	const struct structural_parts parts = { 0 };
	static const double two[2] = { 1, 1 };
	double shocks[100], y[100];
	struct structural *s;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t t = 0; t < 100; t++) {
		y[t] = log(nile_filter[t].y);
		shocks[t] = t % 2 == 0 ? 0.01 : 0;
	}
	assert_int_equal(structural_new(&parts, y, 100, 100, &s, &err), LODE_OK);
	structural_set(s, &(struct structural_variances){ .irregular = 0.02, .level = 0.002 });
	s->model.outlier_z = 2;
	s->model.outlier_factor = 4;
	assert_int_equal(agrees(&s->model, SSM_STEADY, 1e-14).n_steady, 0);
	s->model.outlier_z = 0;
	s->model.shock = shocks;
	s->model.shock_step = 1;
	assert_int_equal(agrees(&s->model, SSM_STEADY, 1e-14).n_steady, 0);
	s->model.shock_step = 0;
	s->data[50].n_terms = 2;
	s->data[50].z = two;
	agrees(&s->model, SSM_STEADY, 1e-14);
	structural_free(s);
}

static void
bad_models_are_refused(void **state)
{
	const struct structural_parts parts = { .seasons = 4 };
	struct ssm_likelihood got = { .log_likelihood = 5 };
	static const double y[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct structural *s;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(structural_new(&parts, y, 8, 8, &s, &err), LODE_OK);
	structural_set(s, &(struct structural_variances){ .irregular = 1, .level = 1 });
	s->data[5].h = -1;
	assert_int_equal(ssm_log_likelihood(&s->model, SSM_STEADY, &got, &err), LODE_EDATA);
	assert_string_equal(err.message, "observation 6 is not finite");
	s->data[5].h = 1;
	s->model.cov_inf = NULL;
	s->data[6].y = 1e300; /* its square is none */
	assert_int_equal(ssm_log_likelihood(&s->model, SSM_STEADY, &got, &err), LODE_EDATA);
	assert_string_equal(err.message, "the filter left the finite numbers at time 7");
	assert_true(got.log_likelihood == 5);
	structural_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nile_agrees),
		cmocka_unit_test(any_model_that_stays_agrees_with_the_filter),
		cmocka_unit_test(a_long_seasonal_series_keeps_its_digits_in_the_steady_state),
		cmocka_unit_test(models_that_change_take_the_steps_of_the_filter),
		cmocka_unit_test(bad_models_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ssm_likelihood", tests, NULL, NULL);
}
