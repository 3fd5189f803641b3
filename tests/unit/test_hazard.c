/* hazard: moments of the rate, how often and how long, scenarios, what stands after an event */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hazard.h"

enum { PATHS = 20000 };

static void
rates_have_the_moments_of_a_gamma(void **state)
{
	static const double shapes[] = { 0.4, 1, 8 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct hazard_class c = { .shape = shapes[i], .exposure = 40, .duration = 1, .forced_last = -1 };
		double sum = 0, squares = 0, mean, variance;

		for (uint32_t path = 0; path < PATHS; path++) {
			double rate = hazard_rate(&c, 3, path, 0);

			assert_true(rate >= 0);
			sum += rate;
			squares += rate * rate;
		}
		mean = sum / PATHS;
		variance = squares / PATHS - mean * mean;
		assert_true(fabs(mean - shapes[i] / 40) < 5 * sqrt(shapes[i]) / 40 / sqrt(PATHS));
		assert_true(fabs(variance / (shapes[i] / 1600) - 1) < 0.15);
	}
}

/* With a sharp rate and no overlap months begin an event with 1 - exp(-rate). */
static void
events_begin_as_often_as_the_rate_says(void **state)
{
	struct hazard_class c = { .shape = 1e6, .exposure = 1e7, .duration = 0.01, .mean = -1, .forced_last = -1 };
	double added[12], begun = 0, mass = 0;

	(void)state;
	for (uint32_t path = 0; path < PATHS; path++) {
		hazard_draw(&c, 1, 0, 600, 12, 5, path, 0, added);
		for (size_t t = 0; t < 12; t++) {
			begun += added[t] < 0;
			mass += added[t];
		}
	}
	/* phi 0: nothing is left behind the month of the end, which lies in the next one now and then */
	assert_true(fabs(begun / PATHS / 12 - (1 - exp(-0.1))) < 0.004);
	assert_true(mass < 0);
}

static void
scenarios_force_and_forbid(void **state)
{
	struct hazard_class c = { .shape = 2, .exposure = 20, .duration = 3, .sd_log = 0.5, .mean = -1.5, .sd = 0, .forbidden = true,
		.forced_last = -1 };
	double added[12];

	(void)state;
	for (uint32_t path = 0; path < 200; path++) {
		hazard_draw(&c, 1, 0.9, 600, 12, 5, path, 0, added);
		for (size_t t = 0; t < 12; t++)
			assert_true(added[t] == 0);
	}
	c.forced_first = 602;
	c.forced_last = 604;
	hazard_draw(&c, 1, 0.9, 600, 12, 5, 0, 0, added);
	for (size_t t = 0; t < 12; t++) {
		double want = t < 2 ? 0 : t <= 4 ? -1.5 : -1.5 * pow(0.9, (double)t - 4.5);

		assert_true(fabs(added[t] - want) < 1e-12);
	}
	/* one that began before the months asked for */
	hazard_draw(&c, 1, 0.9, 604, 3, 5, 0, 0, added);
	assert_true(fabs(added[0] + 1.5) < 1e-12 && fabs(added[1] + 1.5 * pow(0.9, 0.5)) < 1e-12);
}

static void
one_class_does_not_touch_the_numbers_of_another(void **state)
{
	struct hazard_class two[2] = {
		{ .shape = 2, .exposure = 10, .duration = 2, .sd_log = 0.5, .mean = -1, .sd = 0.3, .forced_last = -1 },
		{ .shape = 3, .exposure = 10, .duration = 2, .sd_log = 0.5, .mean = -2, .sd = 0.3, .forced_last = -1 },
	};
	double both[12], first[12], second[12];

	(void)state;
	for (uint32_t path = 0; path < 100; path++) {
		hazard_draw(two, 2, 0.9, 600, 12, 5, path, 0, both);
		two[1].forbidden = true;
		hazard_draw(two, 2, 0.9, 600, 12, 5, path, 0, first);
		two[1].forbidden = false;
		two[0].forbidden = true;
		hazard_draw(two, 2, 0.9, 600, 12, 5, path, 0, second);
		two[0].forbidden = false;
		for (size_t t = 0; t < 12; t++)
			assert_true(fabs(both[t] - first[t] - second[t]) < 1e-12);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_have_the_moments_of_a_gamma),
		cmocka_unit_test(events_begin_as_often_as_the_rate_says),
		cmocka_unit_test(scenarios_force_and_forbid),
		cmocka_unit_test(one_class_does_not_touch_the_numbers_of_another),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hazard", tests, NULL, NULL);
}
