/*
 * detector: alarms on simulated series come as the tables say, series and lengths of period are apart, a prefix says the same
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "detector.h"
#include "numbers_changes.h"
#include "random.h"
#include "within.h"

static const struct changepoint_rules runs = { 0.01, 0, 0.1, 1, 1, 1e-12, 500 };

struct said {
	struct detector_result result[4096];
	size_t n, alarms;
};

static void
note(void *argument, const struct detector_result *result)
{
	struct said *said = argument;

	if (said->n < 4096)
		said->result[said->n++] = *result;
	said->alarms += result->name == DETECTOR_ALARM;
}

static struct detector *
begin(const struct detector_rules *rules, struct said *said)
{
	struct detector *d = NULL;
	struct err err = ERR_INIT;

	said->n = said->alarms = 0;
	assert_int_equal(detector_new(&d, rules, note, said, &err), LODE_OK);
	return d;
}

static enum detector_fate
add(struct detector *d, const char *series, int32_t month, double value)
{
	const struct detector_line line = { str_of(series), period_of_month(month), value };
	enum detector_fate fate;
	struct err err = ERR_INIT;

	assert_int_equal(detector_add(d, &line, &fate, &err), LODE_OK);
	return fate;
}

/* 60 values between false alarms: five years of months. The series is a local level whose variances are known. */
static void
quiet_series_alarm_as_often_as_the_table_says(void **state)
{
	static struct said said;
	struct detector_rules rules = { .method = DETECTOR_CHART, .standard = { STANDARD_LEVEL, 0, 0, 24, 1, 0.2 },
		.chart = { CHART_CUSUM, CHART_UP, 0.5, 2.385601, false }, .max_keys = 1000 };

	(void)state;
	for (int known = 0; known < 2; known++) {
		struct detector *d;
		double n = 0;

		if (known == 0)
			rules.standard = (struct standard_rules){ STANDARD_KNOWN, 10, 3, 0, NAN, NAN };
		else
			rules.standard = (struct standard_rules){ STANDARD_LEVEL, 0, 0, 24, 1, 0.2 };
		d = begin(&rules, &said);
		for (uint32_t k = 0; k < 100; k++) {
			char series[16];
			double level = 0;

			snprintf(series, sizeof series, "%u", k);
			for (int32_t t = 0; t < 1200; t++, n++) {
				double e = random_normal(23, k, (uint32_t)t, 0);

				level += sqrt(0.2) * random_normal(23, k, (uint32_t)t, 1);
				add(d, series, t, known == 0 ? 10 + 3 * e : level + e);
			}
		}
		WITHIN(n / (double)said.alarms, 60, 6);
		detector_free(d);
	}
}

static void
the_nile_alarms_by_every_method(void **state)
{
	static const struct {
		enum detector_method method;
		enum chart_kind kind;
		double k, h;
	} methods[] = { { DETECTOR_CHART, CHART_CUSUM, 0.5, 5 }, { DETECTOR_CHART, CHART_EWMA, 0.1, 2.814 }, { DETECTOR_CHART, CHART_PAGE_HINKLEY, 0.5, 5 },
		{ DETECTOR_RUNS, CHART_CUSUM, 0, 0 }, { DETECTOR_BREAKS, CHART_CUSUM, 0, 0 } };
	static struct said said;

	(void)state;
	for (size_t m = 0; m < 5; m++) {
		struct detector_rules rules = { .method = methods[m].method, .standard = { STANDARD_KNOWN, 1100, 130, 0, NAN, NAN },
			.chart = { methods[m].kind, CHART_BOTH, methods[m].k, methods[m].h, false }, .runs = runs, .recent = 5, .enough = 0.5, .window = 100,
			.shortest = 15, .most = 5, .confidence = 0.95, .max_keys = 1 };
		struct detector *d = begin(&rules, &said);
		int32_t at = -1;

		for (int32_t t = 0; t < 100; t++)
			assert_int_equal(add(d, "nile", t, change_nile[t]), DETECTOR_TAKEN);
		for (size_t i = 0; i < said.n && at < 0; i++)
			if (said.result[i].name == DETECTOR_ALARM)
				at = said.result[i].period.first;
		if (rules.method == DETECTOR_BREAKS) {
			/* The last that is said of the one break: as strucchange has it, 25 to 32 about 28. */
			double figure[6] = { 0 };

			for (size_t i = 0; i < said.n; i++)
				if (said.result[i].period.first == 28)
					figure[said.result[i].name] = said.result[i].value;
			assert_true(figure[DETECTOR_ALARM] == -1 && figure[DETECTOR_EARLIEST] == -3 && figure[DETECTOR_LATEST] == 4);
			WITHIN(said.result[said.n - 1].name == DETECTOR_STATISTIC ? said.result[said.n - 1].value : 0, 75.9297694, 1e-6);
			assert_true(at >= 23 && at <= 33);
		} else {
			assert_true(at >= 28 && at <= 33);
		}
		detector_free(d);
	}
}

static void
what_is_not_looked_at_says_why(void **state)
{
	static struct said said;
	struct detector_rules rules = { .method = DETECTOR_CHART, .log = true, .relearn = true, .standard = { STANDARD_FIRST, 0, 0, 3, NAN, NAN },
		.chart = { CHART_CUSUM, CHART_BOTH, 0.5, 5, false }, .max_keys = 2 };
	struct detector *d = begin(&rules, &said);
	struct detector_line line = { STR("c"), period_of_month(1), 1 };
	enum detector_fate fate;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(add(d, "a", 10, 1), DETECTOR_LEARNING);
	assert_int_equal(add(d, "a", 11, NAN), DETECTOR_MISSING);
	assert_int_equal(add(d, "a", 11, 0), DETECTOR_NO_LOG);
	assert_int_equal(add(d, "a", 11, 2), DETECTOR_LEARNING);
	assert_int_equal(add(d, "a", 11, 3), DETECTOR_REVISED);
	assert_int_equal(add(d, "a", 9, 3), DETECTOR_REVISED);
	assert_int_equal(add(d, "a", 12, 1.5), DETECTOR_LEARNING);
	assert_int_equal(add(d, "a", 13, 1.5), DETECTOR_TAKEN);
	assert_int_equal(said.n, 1);
	/* A total of two months is another series. */
	line = (struct detector_line){ STR("a"), { PERIOD_SPAN, 20, 21 }, 1 };
	assert_int_equal(detector_add(d, &line, &fate, &err), LODE_OK);
	assert_int_equal(fate, DETECTOR_LEARNING);
	line.series = STR("c");
	assert_int_equal(detector_add(d, &line, &fate, &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 2 series to hold (--max-keys)");
	/* An alarm, after which it learns again. */
	assert_int_equal(add(d, "a", 14, 1e9), DETECTOR_TAKEN);
	assert_int_equal(said.alarms, 1);
	assert_int_equal(add(d, "a", 15, 1e9), DETECTOR_LEARNING);
	detector_free(d);
	detector_free(NULL);
}

static void
breaks_use_revised_figures_and_withdraw_what_they_refute(void **state)
{
	static struct said said;
	struct detector_rules rules = { .method = DETECTOR_BREAKS, .window = 12, .shortest = 3, .most = 3, .confidence = 0.9, .max_keys = 1 };
	struct detector *d = begin(&rules, &said);
	double stands[8] = { 0 };
	size_t n;

	(void)state;
	for (int32_t t = 0; t < 8; t++)
		add(d, "a", t, t < 5 ? t % 2 : 10 + t % 2);
	/* Found where there was no room for it yet, and then where it is. */
	assert_true(said.result[said.n - 4].name == DETECTOR_ALARM && said.result[said.n - 4].value == 1);
	assert_int_equal(said.result[said.n - 4].period.first, 5);
	WITHIN(said.result[said.n - 3].value, 10 + 2.0 / 3 - 0.4, 1e-12);
	n = said.n;
	add(d, "a", 7, 11); /* as it was */
	assert_int_equal(said.n, n);
	for (int32_t t = 5; t < 8; t++)
		add(d, "a", t, t % 2);
	for (n = 0; n < said.n; n++)
		if (said.result[n].name == DETECTOR_ALARM)
			stands[said.result[n].period.first] = said.result[n].value;
	for (int32_t t = 0; t < 8; t++)
		assert_true(stands[t] == 0);
	for (int32_t t = 8; t < 30; t++)
		add(d, "a", t, t % 2);
	assert_int_equal(add(d, "a", 2, 99), DETECTOR_REVISED); /* has left the window */
	detector_free(d);
}

static void
a_prefix_says_the_beginning(void **state)
{
	static struct said whole, part;
	struct detector_rules rules = { .method = DETECTOR_RUNS, .standard = { STANDARD_LEVEL, 0, 0, 20, NAN, NAN }, .runs = runs, .recent = 5,
		.enough = 0.5, .max_keys = 1 };

	(void)state;
	for (int32_t n = 40; n <= 100; n += 20) {
		struct detector *d = begin(&rules, n == 40 ? &whole : &part);

		for (int32_t t = 0; t < (n == 40 ? 100 : n); t++)
			add(d, "nile", t, change_nile[t]);
		if (n > 40)
			for (size_t i = 0; i < part.n; i++)
				assert_true(part.result[i].value == whole.result[i].value && part.result[i].name == whole.result[i].name);
		detector_free(d);
	}
	assert_int_equal(part.n, whole.n);
}

static void
rules_that_cannot_be_are_refused(void **state)
{
	struct detector_rules rules = { .method = DETECTOR_BREAKS, .window = 10, .shortest = 8 };
	struct detector *d;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(detector_new(&d, &rules, note, NULL, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "a window of 10 values does not hold 2 segments of 8");
	rules.method = DETECTOR_RUNS;
	assert_int_equal(detector_new(&d, &rules, note, NULL, &err), LODE_EUSAGE);
	rules.method = DETECTOR_CHART;
	assert_int_equal(detector_new(&d, &rules, note, NULL, &err), LODE_EUSAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_series_alarm_as_often_as_the_table_says),
		cmocka_unit_test(the_nile_alarms_by_every_method),
		cmocka_unit_test(what_is_not_looked_at_says_why),
		cmocka_unit_test(breaks_use_revised_figures_and_withdraw_what_they_refute),
		cmocka_unit_test(a_prefix_says_the_beginning),
		cmocka_unit_test(rules_that_cannot_be_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("detector", tests, NULL, NULL);
}
