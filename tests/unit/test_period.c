/* period: every period of 400 years there and back; its days are those of the calendar */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "instant.h"
#include "period.h"

enum { FIRST_YEAR = 1800, LAST_YEAR = 2200 };

static struct period
parsed(const char *text)
{
	struct period period = { 0 };
	struct err err = ERR_INIT;
	char back[PERIOD_MAX];

	if (period_parse(str_of(text), &period, &err) != LODE_OK)
		fail_msg("%s", err.message);
	assert_int_equal(period_format(period, back), strlen(text));
	assert_string_equal(back, text);
	return period;
}

static void
every_day_month_quarter_and_year_comes_back(void **state)
{
	char text[64];

	(void)state;
	for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
		int32_t start = civil_to_days(year, 1, 1), day = start;
		struct period p;

		snprintf(text, sizeof text, "%04d", year);
		p = parsed(text);
		assert_int_equal(p.kind, PERIOD_YEAR);
		assert_int_equal(period_start(p), start);
		assert_int_equal(period_end(p), civil_to_days(year + 1, 1, 1));
		assert_int_equal(period_last_month(p) - period_first_month(p), 11);
		for (int quarter = 1; quarter <= 4; quarter++) {
			snprintf(text, sizeof text, "%04d-Q%d", year, quarter);
			p = parsed(text);
			assert_int_equal(p.kind, PERIOD_QUARTER);
			assert_int_equal(period_start(p), civil_to_days(year, quarter * 3 - 2, 1));
			assert_int_equal(period_end(p), quarter == 4 ? civil_to_days(year + 1, 1, 1) : civil_to_days(year, quarter * 3 + 1, 1));
			assert_int_equal(period_last_month(p), month_number(year, quarter * 3));
		}
		for (int month = 1; month <= 12; month++) {
			snprintf(text, sizeof text, "%04d-%02d", year, month);
			p = parsed(text);
			assert_int_equal(p.kind, PERIOD_MONTH);
			assert_int_equal(p.first, month_number(year, month));
			assert_int_equal(month_year(p.first), year);
			assert_int_equal(month_of_year(p.first), month);
			assert_int_equal(period_start(p), day);
			assert_int_equal(period_end(p), day + days_in_month(year, month));
			for (int d = 1; d <= days_in_month(year, month); d++, day++) {
				struct period of_day;

				snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, d);
				of_day = parsed(text);
				assert_int_equal(of_day.kind, PERIOD_DAY);
				assert_int_equal(period_start(of_day), day);
				assert_int_equal(period_end(of_day), day + 1);
				assert_int_equal(period_first_month(of_day), p.first);
				assert_int_equal(period_last_month(of_day), p.first);
			}
		}
	}
}

static void
every_span_of_up_to_three_years_comes_back(void **state)
{
	char text[64];

	(void)state;
	for (int32_t first = month_number(1968, 1); first < month_number(2031, 1); first++)
		for (int32_t last = first + 1; last < first + 36; last++) {
			struct period p;

			snprintf(text, sizeof text, "%04d-%02d/%04d-%02d", month_year(first), month_of_year(first), month_year(last),
			    month_of_year(last));
			p = parsed(text);
			assert_int_equal(p.kind, PERIOD_SPAN);
			assert_int_equal(period_first_month(p), first);
			assert_int_equal(period_last_month(p), last);
			assert_int_equal(period_start(p), month_first_day(first));
			assert_int_equal(period_end(p), month_first_day(last + 1));
		}
}

static void
months_count_on_through_all_years(void **state)
{
	(void)state;
	assert_int_equal(month_number(1970, 1), 0);
	for (int32_t number = month_number(1, 1); number <= month_number(9999, 12); number++)
		assert_int_equal(month_number(month_year(number), month_of_year(number)), number);
	assert_int_equal(parsed("0001").first, month_number(1, 1));
	assert_int_equal(period_end(parsed("9999-12")), civil_to_days(9999, 12, 31) + 1);
}

static void
what_is_no_period_is_refused(void **state)
{
	static const char *const bad[] = { "", "25", "0000", "20255", "2025-", "2025-5", "2025-13", "2025-00", "2025-Q0", "2025-Q5", "2025-q2",
		"2025Q2", "2025_05", "2025-05-", "2025-05-32", "2025-02-29", "2025-05-1", "2025-05x14", "202505", "20250514", "2025-W01",
		"2025-01/2025-01", "2025-02/2025-01", "2025/2026", "2025-Q1/2025-Q2", "2025-01-2025-02", "2025-01/2025-13",
		"2025-01-01/2025-02-01", " 2025", "2025 ", "-025", "2025-+1" };
	struct period before = { PERIOD_YEAR, 1, 2 }, period = before;
	char message[200];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = ERR_INIT;

		snprintf(message, sizeof message,
		    "'%s' is not a period like 2025, 2025-Q2, 2025-05, 2025-05-14 or 2025-01/2025-02", bad[i]);
		assert_int_equal(period_parse(str_of(bad[i]), &period, &err), LODE_EDATA);
		assert_string_equal(err.message, message);
		assert_memory_equal(&period, &before, sizeof period);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_month_quarter_and_year_comes_back),
		cmocka_unit_test(every_span_of_up_to_three_years_comes_back),
		cmocka_unit_test(months_count_on_through_all_years),
		cmocka_unit_test(what_is_no_period_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
