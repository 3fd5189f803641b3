/* particles: weights in logs, unbiased draws, degenerate weights, the same draws at the same place */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "particles.h"
#include "random.h"
#include "ssm.h"
#include "within.h"

static void
weights_sum_to_one_whatever_their_size(void **state)
{
	static const double shift[] = { 0, 700, -5000, 1e6 };
	double logs[4], weight[4], mean;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		for (size_t i = 0; i < 4; i++)
			logs[i] = log((double)(i + 1)) + shift[k];
		assert_int_equal(particles_weigh(logs, 4, weight, &mean, &err), LODE_OK);
		for (size_t i = 0; i < 4; i++)
			WITHIN(weight[i], (double)(i + 1) / 10, 1e-9);
		WITHIN(mean, log(2.5) + shift[k], 1e-9);
		WITHIN(particles_effective(logs, 4), 100 / 30.0, 1e-8);
	}
}

static void
degenerate_weights(void **state)
{
	double logs[4] = { -INFINITY, -INFINITY, -3000, -INFINITY }, weight[4] = { 9, 9, 9, 9 }, effective = 9;
	uint32_t chosen[4];
	struct err err = ERR_INIT;

	(void)state;
	assert_true(particles_effective(logs, 4) == 1);
	assert_int_equal(particles_choose(logs, 4, 1 - 1e-16, chosen, &effective, &err), LODE_OK);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(chosen[i], 2);
	logs[2] = -INFINITY;
	assert_int_equal(particles_weigh(logs, 4, weight, NULL, &err), LODE_EDATA);
	assert_string_equal(err.message, "no path fits what was seen");
	logs[2] = NAN;
	assert_int_equal(particles_choose(logs, 4, 0.5, chosen, &effective, &err), LODE_EDATA);
	assert_string_equal(err.message, "no path fits what was seen");
	logs[1] = 0;
	assert_int_equal(particles_weigh(logs, 4, weight, NULL, &err), LODE_EDATA);
	assert_true(particles_effective(logs, 4) == 0 && effective == 0 && weight[2] == 9); /* as it was */
}

/* Counts are n w rounded down or up, and n w on average over many random numbers. */
static void
draws_are_unbiased(void **state)
{
	enum { PATHS = 7, TIMES = 20000 };
	static const double weight[PATHS] = { 0, 0.31, 0.02, 0, 0.255, 0.4, 0.015 };
	double count[PATHS] = { 0 }, logs[PATHS], effective;
	uint32_t chosen[PATHS];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < PATHS; i++)
		logs[i] = log(weight[i]) - 800;
	for (uint32_t step = 0; step < TIMES; step++) {
		size_t here[PATHS] = { 0 };

		assert_int_equal(particles_choose(logs, PATHS, random_uniform(42, 0, step, 3), chosen, &effective, &err), LODE_OK);
		for (size_t k = 0; k < PATHS; k++) {
			assert_true(k == 0 || chosen[k] >= chosen[k - 1]);
			here[chosen[k]]++;
			count[chosen[k]]++;
		}
		for (size_t i = 0; i < PATHS; i++)
			assert_true(fabs((double)here[i] - PATHS * weight[i]) < 1);
	}
	for (size_t i = 0; i < PATHS; i++) /* a count is off by under 1, its variance at most 1/4 */
		WITHIN(count[i] / TIMES, PATHS * weight[i], 4.5 * 0.5 / sqrt(TIMES));
	assert_true(count[0] == 0 && count[3] == 0);
}

static void
a_draw_depends_on_its_number_alone(void **state)
{
	double logs[100], effective;
	uint32_t chosen[3][100];
	bool differs = false;
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		logs[i] = random_normal(1, i, 0, 0);
	for (uint32_t k = 0; k < 3; k++)
		assert_int_equal(particles_choose(logs, 100, random_uniform(7, 0, k % 2, 2), chosen[k], &effective, &err), LODE_OK);
	assert_memory_equal(chosen[0], chosen[2], sizeof chosen[0]);
	for (size_t i = 0; i < 100; i++)
		differs = differs || chosen[0][i] != chosen[1][i];
	assert_true(differs);
}

/* A bootstrap filter on a local level comes to the likelihood of the Kalman filter. */
static void
paths_come_to_the_likelihood_of_the_filter(void **state)
{
	enum { PATHS = 4000, TIMES = 40 };
	static const double one = 1, zero = 0, start = 4, shock = 0.25;
	static double x[PATHS], moved[PATHS], logs[PATHS], weight[PATHS];
	static uint32_t from[PATHS];
	double y[TIMES], level = 0, likelihood = 0, before = 0, now, effective;
	struct ssm_datum data[TIMES];
	struct ssm_model model = { .n_states = 1, .n_shocks = 1, .n_times = TIMES, .n_data = TIMES, .transition = &one, .loading = &one,
		.shock = &shock, .mean = &zero, .cov = &start, .data = data };
	struct ssm_filter *filter;
	struct err err = ERR_INIT;
	int times = 0;
	bool renewed;

	(void)state;
	for (uint32_t t = 0; t < TIMES; t++) {
		level += 0.5 * random_normal(1, t, 0, 0);
		y[t] = level + random_normal(1, t, 1, 0);
		data[t] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = &one, .y = y[t], .h = 1 };
	}
	for (uint32_t i = 0; i < PATHS; i++)
		x[i] = 2 * random_normal(2, i, 0, 9);
	for (uint32_t t = 0; t < TIMES; t++) {
		for (size_t i = 0; i < PATHS; i++)
			logs[i] -= 0.5 * (log(2 * acos(-1)) + (y[t] - x[i]) * (y[t] - x[i]));
		assert_int_equal(particles_weigh(logs, PATHS, weight, &now, &err), LODE_OK);
		likelihood += now - before;
		before = now;
		assert_int_equal(particles_renew(logs, PATHS, random_uniform(5, 0, t, 0), from, &effective, &renewed, &err), LODE_OK);
		assert_true(renewed == (effective < PATHS / 2));
		if (renewed) {
			before = 0;
			times++;
		}
		for (uint32_t i = 0; i < PATHS; i++)
			moved[i] = x[from[i]] + 0.5 * random_normal(3, i, t, 0);
		memcpy(x, moved, sizeof x);
	}
	assert_true(times > 5 && times < TIMES);
	assert_int_equal(ssm_filter_new(&model, &filter, &err), LODE_OK);
	WITHIN(likelihood, filter->log_likelihood, 0.3);
	ssm_filter_free(filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_sum_to_one_whatever_their_size),
		cmocka_unit_test(degenerate_weights),
		cmocka_unit_test(draws_are_unbiased),
		cmocka_unit_test(a_draw_depends_on_its_number_alone),
		cmocka_unit_test(paths_come_to_the_likelihood_of_the_filter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("particles", tests, NULL, NULL);
}
