/*
 * conformal: ranks and steps as published, and the law: intervals miss as often as they say
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conformal.h"
#include "random.h"

static void
ranks_are_those_of_the_formula(void **state)
{
	double off[3];

	(void)state;
	assert_int_equal(conformal_rank(19, 0.1), 18);
	assert_int_equal(conformal_rank(19, 0.2), 16);
	assert_int_equal(conformal_rank(19, 0.5), 10);
	assert_int_equal(conformal_rank(9, 0.1), 9);
	assert_int_equal(conformal_rank(8, 0.1), 9); /* one more than there are: no finite interval */
	conformal_add(off, 0, 2);
	conformal_add(off, 1, -3);
	conformal_add(off, 2, 1);
	assert_true(off[0] == 1 && off[1] == 2 && off[2] == 3);
	assert_true(isinf(conformal_halfwidth(off, 3, 0.1)));
	assert_true(conformal_halfwidth(off, 3, 0.5) == 2);
	assert_true(conformal_halfwidth(off, 3, 0.25) == 3);
	assert_true(isinf(conformal_halfwidth(off, 3, -0.02)) && isinf(conformal_halfwidth(off, 3, 0)));
	assert_true(conformal_halfwidth(off, 3, 1) == 0);
	assert_true(isinf(conformal_halfwidth(NULL, 0, 0.5)));
}

/* Gibbs and Candes' rule, by hand. */
static void
a_miss_lowers_alpha(void **state)
{
	static const bool missed[] = { 0, 0, 1, 0, 1, 1, 0, 0, 0, 1 };
	static const double want[] = { 0.105, 0.11, 0.065, 0.07, 0.025, -0.02, -0.015, -0.01, -0.005, -0.05 };
	double alpha = 0.1;

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		alpha = conformal_adapt(alpha, 0.1, 0.05, missed[i]);
		assert_true(fabs(alpha - want[i]) < 1e-14);
	}
}

static void
intervals_miss_as_often_as_they_say(void **state)
{
	size_t missed = 0;

	(void)state;
	for (uint32_t world = 0; world < 4000; world++) {
		double off[39];

		for (uint32_t i = 0; i < 39; i++)
			conformal_add(off, i, random_normal(1, world, i, 0));
		missed += fabs(random_normal(1, world, 39, 0)) > conformal_halfwidth(off, 39, 0.2);
	}
	assert_true(fabs((double)missed / 4000 - 0.2) < 0.02);
}

/* The spread doubles halfway: fixed intervals would miss ever more. */
static void
adaptive_intervals_keep_their_rate_when_the_world_changes(void **state)
{
	static double past[2000];
	double alpha = 0.1;
	size_t missed = 0;

	(void)state;
	for (uint32_t t = 0; t < 2000; t++) {
		double y = random_normal(2, 0, t, 0) * (t < 1000 ? 1 : 2);
		bool miss;

		miss = fabs(y) > conformal_halfwidth(past, t, alpha);
		missed += miss;
		alpha = conformal_adapt(alpha, 0.1, 0.02, miss);
		conformal_add(past, t, y);
	}
	assert_true(fabs((double)missed / 2000 - 0.1) < 0.01);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_are_those_of_the_formula),
		cmocka_unit_test(a_miss_lowers_alpha),
		cmocka_unit_test(intervals_miss_as_often_as_they_say),
		cmocka_unit_test(adaptive_intervals_keep_their_rate_when_the_world_changes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conformal", tests, NULL, NULL);
}
