/* date: every form that the feeds have, what no calendar has, what a form cannot be */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "date.h"

static void
gives(const char *text, const char *forms, const char *want)
{
	char got[PERIOD_MAX];
	struct period period;
	struct err err = ERR_INIT;

	assert_int_equal(date_parse(str_of(text), str_of(forms), &period, &err), LODE_OK);
	period_format(period, got);
	assert_string_equal(got, want);
}

static void
refuses(const char *text, const char *forms)
{
	struct period period;
	struct err err = ERR_INIT;

	assert_int_equal(date_parse(str_of(text), str_of(forms), &period, &err), LODE_EDATA);
}

static void
forms_are_read(void **state)
{
	(void)state;
	gives("2026-04-13", "YYYY-MM-DD", "2026-04-13");
	gives("2026.04.13", "YYYY.MM.DD", "2026-04-13");
	gives("20260413", "YYYYMMDD", "2026-04-13");
	gives("202604", "YYYYMM", "2026-04");
	gives("3/6/2024", "M/D/YYYY", "2024-03-06");
	gives("03/06/2024", "M/D/YYYY", "2024-03-06");
	gives("6.3.2024", "D.M.YYYY", "2024-03-06");
	gives("13 April 2026", "D Month YYYY", "2026-04-13");
	gives("1 MAY 2026", "D Month YYYY", "2026-05-01");
	gives("Sep 5, 2026", "Month D, YYYY", "2026-09-05");
	gives("2025年1月24日", "YYYY年M月D日", "2025-01-24");
	gives("2021", "YYYY-MM-DD|YYYY-MM|YYYY", "2021");
	gives("2021-05", "YYYY-MM-DD|YYYY-MM|YYYY", "2021-05");
	gives("2024-02-29", "YYYY-MM-DD", "2024-02-29");
	gives("1960M01", "YYYY'M'MM", "1960-01");
	gives("2024-02-01", "YYYY-MM-'01'", "2024-02");
	gives("Day 3, 2024-02", "'Day' D, YYYY-MM", "2024-02-03");
}

static void
what_is_no_date_is_refused(void **state)
{
	(void)state;
	refuses("", "YYYY-MM-DD");
	refuses("2023-02-29", "YYYY-MM-DD");
	refuses("2023-13-01", "YYYY-MM-DD");
	refuses("2023-00-01", "YYYY-MM-DD");
	refuses("2023-01-00", "YYYY-MM-DD");
	refuses("0000-01-01", "YYYY-MM-DD");
	refuses("2023-1-01", "YYYY-MM-DD");
	refuses("2023-01-01 ", "YYYY-MM-DD");
	refuses("2023-01", "YYYY-MM-DD");
	refuses("13 Avril 2026", "D Month YYYY");
	refuses("13 Apri 2026", "D Month YYYY");
	refuses("123/6/2024", "M/D/YYYY");
	refuses("2024-02-02", "YYYY-MM-'01'");
	refuses("1960-01", "YYYY'M'MM");
}

static void
forms_are_checked(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(date_check(STR("YYYY-MM-DD|D Month YYYY|YYYY"), &err), LODE_OK);
	assert_int_equal(date_check(STR("MM-DD"), &err), LODE_EUSAGE);
	assert_int_equal(date_check(STR("YYYY DD"), &err), LODE_EUSAGE);
	assert_int_equal(date_check(STR("YYYY'M'MM|YYYY-MM-'01'"), &err), LODE_OK);
	assert_int_equal(date_check(STR("YYYY'M"), &err), LODE_EUSAGE);
	assert_int_equal(date_check(STR("'YYYY'MM"), &err), LODE_EUSAGE);
	assert_int_equal(date_check(STR("YYYY|"), &err), LODE_EUSAGE);
	assert_string_equal(err.message, "'' is not a form of a date like YYYY-MM-DD");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(forms_are_checked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
