/* instant: against timegm() over 400 years, and every day of the calendar there and back */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "instant.h"

static void
every_day_goes_there_and_back(void **state)
{
	int year = 1, month = 1, day = 1, y, m, d;
	int32_t days = civil_to_days(1, 1, 1);

	(void)state;
	assert_int_equal(days, -719162);
	for (; year <= 9999; days++) {
		assert_int_equal(civil_to_days(year, month, day), days);
		civil_from_days(days, &y, &m, &d);
		assert_true(y == year && m == month && d == day);
		if (++day > days_in_month(year, month)) {
			day = 1;
			if (++month > 12) {
				month = 1;
				year++;
			}
		}
	}
}

static void
seconds_are_those_of_timegm_over_400_years(void **state)
{
	char text[INSTANT_MAX], want[40];
	int64_t seconds, back, step = 86400 * 3 + 3661;
	struct err err = ERR_INIT;
	struct tm tm;

	(void)state;
	for (seconds = -(int64_t)86400 * 365 * 100; seconds < (int64_t)86400 * 365 * 301; seconds += step) {
		time_t t = (time_t)seconds;

		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(timegm(&tm), seconds);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
		instant_format(seconds, text);
		assert_string_equal(text, want);
		assert_int_equal(instant_parse(str_of(text), &back, &err), LODE_OK);
		assert_int_equal(back, seconds);
		assert_true(instant_valid(str_of(text)));
	}
}

static void
order_of_bytes_is_order_of_time(void **state)
{
	static const char *const rising[] = { "0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z", "1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T00:00:00Z", "9999-12-31T23:59:59Z" };
	int64_t before = INT64_MIN, seconds;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rising / sizeof rising[0]; i++) {
		char text[INSTANT_MAX];

		assert_int_equal(instant_parse(str_of(rising[i]), &seconds, &err), LODE_OK);
		assert_true(seconds > before);
		instant_format(seconds, text);
		assert_string_equal(text, rising[i]);
		before = seconds;
	}
}

static void
nothing_but_the_one_form(void **state)
{
	static const char *const bad[] = { "", "2025-06-20", "2025-06-20T07:00:00", "2025-06-20t07:00:00Z", "2025-06-20 07:00:00Z",
		"2025-06-20T07:00:00z", "2025-06-20T07:00:00.0Z", "2025-06-20T07:00:00+00:00", "2025-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-06-00T00:00:00Z", "2025-06-31T00:00:00Z",
		"2025-06-20T24:00:00Z", "2025-06-20T07:60:00Z", "2025-06-20T07:00:60Z", "0000-01-01T00:00:00Z", "2025-6-020T07:00:00Z",
		"+025-06-20T07:00:00Z", "2025/06/20T07:00:00Z", "2025-06-20T-7:00:00Z", " 025-06-20T07:00:00Z" };
	char message[200];
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = ERR_INIT;

		snprintf(message, sizeof message, "'%s' is not a time like 2025-06-20T07:00:00Z", bad[i]);
		assert_int_equal(instant_parse(str_of(bad[i]), &seconds, &err), LODE_EDATA);
		assert_string_equal(err.message, message);
		assert_false(instant_valid(str_of(bad[i])));
	}
	assert_true(instant_valid(STR("2000-02-29T00:00:00Z")));
}

static void
date_alone_is_the_day_s_start_or_end(void **state)
{
	char text[INSTANT_MAX];
	int64_t seconds;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(instant_parse_loose(STR("2025-06-20"), true, &seconds, &err), LODE_OK);
	instant_format(seconds, text);
	assert_string_equal(text, "2025-06-20T23:59:59Z");
	assert_int_equal(instant_parse_loose(STR("2025-06-20"), false, &seconds, &err), LODE_OK);
	instant_format(seconds, text);
	assert_string_equal(text, "2025-06-20T00:00:00Z");
	assert_int_equal(instant_parse_loose(STR("2025-06-20T01:02:03Z"), true, &seconds, &err), LODE_OK);
	instant_format(seconds, text);
	assert_string_equal(text, "2025-06-20T01:02:03Z");
	assert_int_equal(instant_parse_loose(STR("20.6.2025"), true, &seconds, &err), LODE_EDATA);
	assert_string_equal(err.message, "'20.6.2025' is not a date or a time like 2025-06-20T07:00:00Z");
	assert_int_equal(instant_parse_loose(STR("2025-06-2x"), true, &seconds, &err), LODE_EDATA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_goes_there_and_back),
		cmocka_unit_test(seconds_are_those_of_timegm_over_400_years),
		cmocka_unit_test(order_of_bytes_is_order_of_time),
		cmocka_unit_test(nothing_but_the_one_form),
		cmocka_unit_test(date_alone_is_the_day_s_start_or_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
