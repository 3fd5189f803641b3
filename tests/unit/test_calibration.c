/*
 * The estimator on simulated worlds: where the truth stands among the draws is uniform, and what is said to happen in so many of a hundred cases
 * does. A short form of `make proof`; a limit is passed by chance in one of a thousand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../proof/worlds.h"

enum { WORLDS = 60, PATHS = 300, BINS = 6 };

static struct verdict verdicts[WORLDS];

static int
judge_all(void **state)
{
	static struct world world;
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t i = 0; i < WORLDS; i++) {
		make_world(&world, i);
		if (judge(&world, PATHS, 1, &verdicts[i], &err) != LODE_OK) {
			print_error("world %u: %s\n", (unsigned)i, err.message);
			return -1;
		}
	}
	return 0;
}

static void
the_truth_stands_anywhere_among_the_draws(void **state)
{
	(void)state;
	for (size_t k = 0; k < RANKS; k++) {
		double p = uniform_p(verdicts, WORLDS, (enum rank)k, BINS);

		if (!(p > 0.001))
			fail_msg("ranks of the %s: p %g", rank_names[k], p);
	}
}

static void
what_is_said_comes_true_as_often(void **state)
{
	static struct score_event events[WORLDS * FORECASTS];
	struct score_brier brier;
	double bias, sureness;

	(void)state;
	forecast_z(verdicts, WORLDS, &bias, &sureness);
	assert_true(fabs(bias) < 3.29 && fabs(sureness) < 3.29);
	for (size_t i = 0; i < WORLDS; i++)
		memcpy(&events[i * FORECASTS], verdicts[i].forecast, sizeof verdicts[i].forecast);
	score_brier(events, WORLDS * FORECASTS, 5, 0, &brier);
	/* eight times 60 other worlds had 0.001 to 0.006; each adds about p (1 - p) / worlds for every bin it can be in */
	assert_true(brier.reliability < 0.015);
	assert_true(brier.resolution > 0.05);
}

static void
p_of_chi_square_is_that_of_tables(void **state)
{
	(void)state;
	assert_true(fabs(chi_square_above(3.841458820694124, 1) - 0.05) < 1e-12);
	assert_true(fabs(chi_square_above(5.991464547107979, 2) - 0.05) < 1e-12);
	assert_true(fabs(chi_square_above(36.190869129270048, 19) - 0.01) < 1e-12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_truth_stands_anywhere_among_the_draws),
		cmocka_unit_test(what_is_said_comes_true_as_often),
		cmocka_unit_test(p_of_chi_square_is_that_of_tables),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("calibration", tests, judge_all, NULL);
}
