/* duration and span: lengths in words, and the windows that hold a stretch of time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "duration.h"
#include "instant.h"
#include "span.h"

static int64_t
at(const char *text)
{
	int64_t seconds = 0;
	struct err err = ERR_INIT;

	assert_int_equal(instant_parse_loose(str_of(text), false, &seconds, &err), LODE_OK);
	return seconds;
}

static void
durations(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} cases[] = { { "0s", 0 }, { "90s", 90 }, { "15min", 900 }, { "12h", 43200 }, { "90d", 7776000 }, { "2w", 1209600 },
		{ "3660000d", 316224000000 }, { "", -1 }, { "d", -1 }, { "5", -1 }, { "5m", -1 }, { " 5d", -1 }, { "5d ", -1 }, { "-5d", -1 },
		{ "1.5d", -1 }, { "3660001d", -1 }, { "99999999999999999999s", -1 }, { "999999999w", -1 } };
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t seconds = -7;
		int rc = duration_parse(str_of(cases[i].text), &seconds, &err);

		assert_int_equal(rc, cases[i].seconds < 0 ? LODE_EUSAGE : LODE_OK);
		assert_int_equal(seconds, cases[i].seconds < 0 ? -7 : cases[i].seconds);
	}
	assert_string_equal(err.message, "'999999999w' is not a duration like 90d, 12h, 15min or 90s");
}

static void
lengths(void **state)
{
	static const char *const bad[] = { "", "months", "-month", "0-month", "1201-month", "3-months", "3month", "0s", "99999-month", "x-month" };
	struct err err = ERR_INIT;
	struct span span;
	size_t i;

	(void)state;
	assert_int_equal(span_parse(STR("quarter"), &span, &err), LODE_OK);
	assert_true(span.months && span.named && span.length == 3);
	assert_int_equal(span_parse(STR("3-month"), &span, &err), LODE_OK);
	assert_true(span.months && !span.named && span.length == 3);
	assert_int_equal(span_parse(STR("7d"), &span, &err), LODE_OK);
	assert_true(!span.months && span.length == 7 * 86400);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(span_parse(str_of(bad[i]), &span, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "'x-month' is not a length like month, quarter, year, 3-month, 7d or 12h");
}

/* Whatever the stretch and the windows: exactly those that hold it are given. */
static void
windows_hold_the_stretch_and_no_others_do(void **state)
{
	uint32_t seed = 7;
	int round;

	(void)state;
	for (round = 0; round < 3000; round++) {
		uint32_t r[5];
		int64_t every, low, high, start, end, from, to;
		struct span size = { false, false, 0 };
		int i;

		for (i = 0; i < 5; i++)
			r[i] = (seed = seed * 1664525u + 1013904223u) >> 8;
		size.months = r[0] % 2;
		every = size.months ? 1 + r[1] % 12 : (1 + r[1] % 48) * 3600;
		size.length = every * (1 + r[2] % 4);
		from = (int64_t)r[3] * 100 - 1000000;
		to = from + 1 + r[4] % (40 * 86400);
		span_starts(&size, every, from, to, &low, &high);
		for (i = -2; i <= 6; i++) {
			int64_t place = low + i * every;

			assert_true(span_window(&size, place, &start, &end));
			assert_int_equal(start <= from && to <= end, place >= low && place <= high);
		}
	}
}

static void
periods_of_windows(void **state)
{
	static const struct {
		const char *start, *end, *period;
		bool named;
		int length;
	} cases[] = { { "2025-01-01", "2025-04-01", "2025-01/2025-03", false, 3 }, { "2025-01-01", "2025-04-01", "2025-Q1", true, 3 },
		{ "2025-01-01", "2026-01-01", "2025", true, 12 }, { "2025-02-01", "2025-03-01", "2025-02", false, 1 },
		{ "2025-02-03", "2025-02-04", "2025-02-03", false, 0 }, { "2025-02-03", "2025-02-10", "2025-02", false, 0 },
		{ "2025-02-27", "2025-03-02", "2025-02/2025-03", false, 0 }, { "1969-12-31", "1970-01-01", "1969-12-31", false, 0 } };
	char text[PERIOD_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span size = { true, cases[i].named, cases[i].length };

		period_format(span_period(cases[i].length == 0 ? NULL : &size, at(cases[i].start), at(cases[i].end)), text);
		assert_string_equal(text, cases[i].period);
	}
}

static void
nothing_beyond_the_calendar(void **state)
{
	struct span century = { true, false, 1200 }, day = { false, false, 86400 };
	int64_t start, end;
	char text[SPAN_TEXT_MAX];

	(void)state;
	assert_false(span_window(&century, month_number(9990, 1), &start, &end));
	assert_false(span_window(&century, month_number(1, 1) - 1, &start, &end));
	assert_true(span_window(&century, month_number(1, 1), &start, &end));
	assert_false(span_window(&day, SPAN_END, &start, &end));
	assert_true(span_window(&day, at("2025-05-14") - 4 * 86400, &start, &end));
	assert_int_equal(span_write_instants(start, SPAN_END, text), 41);
	assert_string_equal(text, "2025-05-14T00:00:00Z/9999-12-31T23:59:59Z");
	assert_int_equal(span_write_days(start, end, text), 21);
	assert_string_equal(text, "2025-05-14/2025-05-14");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(durations), cmocka_unit_test(lengths),
		cmocka_unit_test(windows_hold_the_stretch_and_no_others_do), cmocka_unit_test(periods_of_windows),
		cmocka_unit_test(nothing_beyond_the_calendar) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
