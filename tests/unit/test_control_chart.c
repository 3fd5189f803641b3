/*
 * control_chart: run lengths of another program and of a textbook; false alarms of quiet series come as the tables say
 *
 * Numbers and their sources: numbers_chart.h.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control_chart.h"
#include "numbers_chart.h"
#include "random.h"
#include "within.h"

static double
arl_of(struct chart_rules rules, double shift)
{
	struct err err = ERR_INIT;
	double arl = NAN;

	assert_int_equal(chart_arl(&rules, shift, &arl, &err), LODE_OK);
	return arl;
}

static void
run_lengths_of_cusum_are_those_of_the_tables(void **state)
{
	char printed[32];

	(void)state;
	for (size_t i = 0; i < sizeof chart_cusum / sizeof *chart_cusum; i++) {
		const double k = chart_cusum[i].k, h = chart_cusum[i].h, shift = chart_cusum[i].shift;
		double both = arl_of((struct chart_rules){ CHART_CUSUM, CHART_BOTH, k, h, false }, shift);

		WITHIN(both, chart_cusum[i].both, 1e-6 + 1e-8 * both);
		WITHIN(arl_of((struct chart_rules){ CHART_CUSUM, CHART_UP, k, h, false }, shift), chart_cusum[i].up, 1e-6 + 1e-8 * chart_cusum[i].up);
		WITHIN(arl_of((struct chart_rules){ CHART_CUSUM, CHART_DOWN, k, h, false }, -shift), chart_cusum[i].up,
		    1e-6 + 1e-8 * chart_cusum[i].up);
		if (chart_cusum[i].printed[0] != '\0') { /* as many digits as the book has */
			snprintf(printed, sizeof printed, "%.3g", both);
			assert_string_equal(printed, chart_cusum[i].printed);
		}
	}
	WITHIN(arl_of((struct chart_rules){ CHART_CUSUM, CHART_BOTH, 0.5, 4, false }, 0), 167.6838, 5e-5);
	WITHIN(arl_of((struct chart_rules){ CHART_CUSUM, CHART_UP, 0.5, 4, false }, 0), 335.367578, 5e-6);
	WITHIN(arl_of((struct chart_rules){ CHART_CUSUM, CHART_UP, 0.5, 5, false }, 0), 930.887012, 5e-6);
}

static void
run_lengths_of_ewma_are_those_of_the_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof chart_ewma / sizeof *chart_ewma; i++)
		WITHIN(arl_of((struct chart_rules){ CHART_EWMA, CHART_BOTH, chart_ewma[i].weight, chart_ewma[i].limit, true }, chart_ewma[i].shift),
		    chart_ewma[i].arl, 1e-6 + 1e-8 * chart_ewma[i].arl);
}

static void
thresholds_give_the_run_length_asked_for(void **state)
{
	struct chart_rules rules = { CHART_CUSUM, CHART_UP, 0, 0, false };
	struct err err = ERR_INIT;
	double h;

	(void)state;
	for (size_t i = 0; i < sizeof chart_thresholds / sizeof *chart_thresholds; i++) {
		rules.k = chart_thresholds[i].k;
		assert_int_equal(chart_threshold(&rules, chart_thresholds[i].arl, &h, &err), LODE_OK);
		WITHIN(h, chart_thresholds[i].h, 1e-6);
		rules.h = h;
		WITHIN(arl_of(rules, 0), chart_thresholds[i].arl, 1e-6);
	}
	rules = (struct chart_rules){ CHART_EWMA, CHART_BOTH, 0.1, 0, true };
	assert_int_equal(chart_threshold(&rules, 500, &h, &err), LODE_OK);
	rules.h = h;
	WITHIN(arl_of(rules, 0), 500, 1e-6);
}

/* Mean values until an alarm over simulated quiet series. */
static double
simulated(const struct chart_rules *rules, double shift, uint32_t worlds, uint32_t stream)
{
	double sum = 0;

	for (uint32_t world = 0; world < worlds; world++) {
		struct chart chart = { 0 };
		uint32_t n = 0;

		while (chart_step(rules, &chart, shift + random_normal(20261123, world, n++, stream)) == 0)
			;
		sum += n;
	}
	return sum / worlds;
}

static void
false_alarms_come_as_often_as_the_table_says(void **state)
{
	const struct chart_rules both = { CHART_CUSUM, CHART_BOTH, 0.5, 4, false }, up = { CHART_CUSUM, CHART_UP, 0.5, 2.385601, false },
		ewma = { CHART_EWMA, CHART_BOTH, 0.1, 2.814, true }, exact = { CHART_EWMA, CHART_BOTH, 0.1, 2.814, false };
	double arl;

	(void)state;
	WITHIN(simulated(&both, 0, 2000, 1), 167.6838, 0.1 * 167.6838);
	WITHIN(simulated(&up, 0, 2000, 2), 60, 6);
	arl = arl_of(ewma, 0);
	WITHIN(simulated(&ewma, 0, 1000, 3), arl, 0.1 * arl);
	/* Limits that begin narrow alarm sooner, the more so when something is wrong from the start. */
	assert_true(simulated(&exact, 0, 1000, 3) < simulated(&ewma, 0, 1000, 3));
	assert_true(simulated(&exact, 1, 1000, 3) < 0.9 * simulated(&ewma, 1, 1000, 3));
	WITHIN(simulated(&both, 1, 2000, 4), 8.38313, 0.1 * 8.38313);
}

static void
page_hinkley_has_its_longer_run_length(void **state)
{
	const struct chart_rules rules = { CHART_PAGE_HINKLEY, CHART_UP, 0.5, 2.385601, false };

	(void)state;
	assert_true(simulated(&rules, 0, 1000, 5) > 66); /* the CUSUM has 60 */
}

/* Least and latest sums written out, as Hinkley has them. */
static void
page_hinkley_is_its_definition(void **state)
{
	const struct chart_rules rules = { CHART_PAGE_HINKLEY, CHART_BOTH, 0.1, 1e9, false };
	struct chart chart = { 0 };
	double mean = 0, up = 0, least = 0, down = 0, most = 0;

	(void)state;
	for (uint32_t t = 1; t <= 200; t++) {
		double z = random_normal(7, 0, t, 0) + (t > 120), want;

		mean += (z - mean) / t;
		up += z - mean - rules.k;
		least = fmin(least, up);
		down += z - mean + rules.k;
		most = fmax(most, down);
		want = up - least >= most - down ? up - least : -(most - down);
		assert_int_equal(chart_step(&rules, &chart, z), 0);
		WITHIN(chart_statistic(&rules, &chart), want, 1e-9);
	}
	assert_true(chart_statistic(&rules, &chart) > 10);
}

static void
steps_by_hand(void **state)
{
	struct chart_rules rules = { CHART_CUSUM, CHART_BOTH, 0.5, 2, false };
	struct chart chart = { 0 };

	(void)state;
	assert_true(chart_statistic(&rules, &chart) == 0);
	assert_int_equal(chart_step(&rules, &chart, 1), 0);
	WITHIN(chart_statistic(&rules, &chart), 0.5, 0);
	assert_int_equal(chart_step(&rules, &chart, NAN), 0);
	assert_true(chart.n == 1 && chart.up == 0.5);
	assert_int_equal(chart_step(&rules, &chart, -2), 0);
	WITHIN(chart_statistic(&rules, &chart), -1.5, 0);
	assert_int_equal(chart_step(&rules, &chart, -1.25), CHART_DOWN);
	rules.side = CHART_UP;
	assert_int_equal(chart_step(&rules, &chart, -9), 0);
	WITHIN(chart_statistic(&rules, &chart), 0, 0);

	rules = (struct chart_rules){ CHART_EWMA, CHART_BOTH, 0.5, 3, false };
	chart = (struct chart){ 0 };
	assert_int_equal(chart_step(&rules, &chart, 2), 0); /* exact limits: of the first value its own sd */
	WITHIN(chart_statistic(&rules, &chart), 2, 1e-12);
	assert_int_equal(chart_step(&rules, &chart, 2), 0);
	WITHIN(chart_statistic(&rules, &chart), 1.5 / sqrt(0.25 + 0.0625), 1e-12);
	rules.side = CHART_DOWN;
	WITHIN(chart_statistic(&rules, &chart), 0, 0);
	rules.side = CHART_BOTH;
	rules.fixed = true;
	WITHIN(chart_statistic(&rules, &chart), 1.5 / sqrt(1.0 / 3), 1e-12);
}

static void
what_cannot_be_is_refused(void **state)
{
	static const struct {
		struct chart_rules rules;
		int code;
		const char *message;
	} bad[] = {
		{ { CHART_EWMA, CHART_BOTH, 1.5, 3, true }, LODE_EUSAGE, "the weight 1.5 is not above 0 and up to 1" },
		{ { CHART_CUSUM, CHART_BOTH, -1, 3, false }, LODE_EUSAGE, "the allowance -1 is below 0" },
		{ { CHART_CUSUM, CHART_BOTH, 1, 0, false }, LODE_EUSAGE, "the threshold 0 is not above 0" },
		{ { CHART_EWMA, CHART_UP, 0.1, 3, true }, LODE_EUSAGE, "no equation for the run length of this chart" },
		{ { CHART_PAGE_HINKLEY, CHART_UP, 0.1, 3, false }, LODE_EUSAGE, "no equation for the run length of this chart" },
		{ { CHART_CUSUM, CHART_UP, 2, 20, false }, LODE_EDATA, "the run length with the threshold 20 is too long to be computed" },
	};
	struct chart_rules rules = { CHART_CUSUM, CHART_UP, 0, 0, false };
	struct err err = ERR_INIT;
	double value;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(chart_arl(&bad[i].rules, 0, &value, &err), bad[i].code);
		assert_string_equal(err.message, bad[i].message);
	}
	assert_int_equal(chart_threshold(&rules, 1.5, &value, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "no threshold gives one false alarm in 1.5 values");
	assert_int_equal(chart_threshold(&rules, 1e10, &value, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "one false alarm in 1e+10 values is too rare to be computed");
	assert_int_equal(chart_threshold(&bad[4].rules, 100, &value, &err), LODE_EUSAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_lengths_of_cusum_are_those_of_the_tables),
		cmocka_unit_test(run_lengths_of_ewma_are_those_of_the_tables),
		cmocka_unit_test(thresholds_give_the_run_length_asked_for),
		cmocka_unit_test(false_alarms_come_as_often_as_the_table_says),
		cmocka_unit_test(page_hinkley_has_its_longer_run_length),
		cmocka_unit_test(page_hinkley_is_its_definition),
		cmocka_unit_test(steps_by_hand),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("control_chart", tests, NULL, NULL);
}
