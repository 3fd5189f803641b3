/* feed_regressors: by hand, and that repeated reports are one */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed_regressors.h"
#include "feed_world.h"

static void
intensity_is_the_mean_over_the_days(void **state)
{
	struct feed_event event = { 0, STR("MM-11"), civil_to_days(2024, 10, 18), 1, 0 };
	int32_t october = month_number(2024, 10);
	double sum = 0, step = exp(-0.25 / (365.2425 / 12));

	(void)state;
	assert_true(feed_intensity(&event, 1, 0, 0.25, october - 1) == 0);
	for (int day = 0; day < 14; day++) /* the 18th to the 31st */
		sum += pow(step, day);
	WITHIN(feed_intensity(&event, 1, 0, 0.25, october), sum / 31, 1e-14);
	WITHIN(feed_intensity(&event, 1, 0, 0, october), 14 / 31.0, 1e-14);
	WITHIN(feed_intensity(&event, 1, 0, 0, october + 1), 1, 1e-14);
	assert_true(feed_intensity(&event, 1, 1, 0.25, october) == 0);
	event.weight = 0.5;
	WITHIN(feed_intensity(&event, 1, 0, 0, october), 7 / 31.0, 1e-14);
}

static void
lunar_regressor_has_no_mean_and_only_two_months(void **state)
{
	struct world w;
	double january = 0, february = 0;

	(void)state;
	make_world(&w);
	for (int year = 2018; year <= 2025; year++) {
		january += feed_lunar(w.lunar, 8, 7, 14, month_number(year, 1));
		february += feed_lunar(w.lunar, 8, 7, 14, month_number(year, 2));
		for (int month = 3; month <= 12; month++)
			assert_true(feed_lunar(w.lunar, 8, 7, 14, month_number(year, month)) == 0);
	}
	WITHIN(january, 0, 1e-14);
	WITHIN(february, 0, 1e-14);
	/* 2018-02-16 less 7 days is the 9th: nothing in January. 2023-01-22: the 15th to the 31st are 17 of 22 days. */
	WITHIN(feed_lunar(w.lunar, 8, 7, 14, month_number(2023, 1)) - feed_lunar(w.lunar, 8, 7, 14, month_number(2018, 1)), 17 / 22.0,
	    1e-14);
	assert_true(feed_lunar(w.lunar, 8, 7, 14, month_number(2031, 1)) == 0);
}

static void
repeated_reports_are_one_episode(void **state)
{
	struct feed_event events[] = {
		{ 0, STR("MM-11"), 1000, 0.5, 0 }, { 0, STR("MM"), 1010, 1, 0 },     /* the same, reported again and less precisely */
		{ 0, STR("MM-11"), 1031, 1, 0 },                                   /* 31 days after the first: a new one */
		{ 1, STR("MM-11"), 1005, 1, 0 }, { 0, STR("MM-1"), 1012, 1, 0 },      /* another class, another place */
		{ 0, STR("CN"), 1006, 1, 0 },
	};
	static const struct feed_effect acts[2] = { { .ended_by = SIZE_MAX }, { .ended_by = SIZE_MAX } };
	size_t n;

	(void)state;
	n = feed_episodes(events, 6, acts);
	assert_int_equal(n, 5);
	assert_int_equal(events[0].day, 1000);
	assert_true(events[0].weight == 1);
	assert_int_equal(events[4].day, 1031);
	assert_int_equal(feed_episodes(events, n, acts), n);
	assert_int_equal(feed_episodes(events, 0, acts), 0);
}

/* A border is shut once, however long it is told of, until it opens. */
static void
what_lasts_is_one_episode_until_it_ends(void **state)
{
	static const struct feed_effect effects[2] = { { .lasts = true, .ended_by = 1 }, { .ended_by = SIZE_MAX } };
	struct feed_event events[] = {
		{ 0, STR("MM-11"), 1000, 1, 0 }, { 0, STR("MM-11"), 1025, 1, 0 }, { 0, STR("MM-11"), 1050, 1, 0 }, { 0, STR("MM-11"), 1078, 1, 0 },
		{ 1, STR("MM-11"), 1085, 1, 0 },                                  /* opens, */
		{ 0, STR("MM-11"), 1090, 1, 0 },                                  /* and shuts again */
		{ 0, STR("MM-11"), 1130, 1, 0 },                                  /* nobody told of it for 40 days */
	};

	(void)state;
	assert_int_equal(feed_episodes(events, 7, effects), 4);
	assert_int_equal(events[0].day, 1000);
	assert_int_equal(events[0].last, 1078);
	assert_int_equal(events[2].day, 1090);
	assert_int_equal(events[3].day, 1130);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intensity_is_the_mean_over_the_days),
		cmocka_unit_test(lunar_regressor_has_no_mean_and_only_two_months),
		cmocka_unit_test(repeated_reports_are_one_episode),
		cmocka_unit_test(what_lasts_is_one_episode_until_it_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed_regressors", tests, NULL, NULL);
}
