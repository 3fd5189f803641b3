/* stamp: one moment however it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "instant.h"
#include "stamp.h"

static void
check(const char *text, const char *want)
{
	char got[INSTANT_MAX];
	struct err err = ERR_INIT;
	int64_t seconds;

	if (stamp_parse(str_of(text), &seconds, &err) != LODE_OK)
		fail_msg("%s", err.message);
	instant_format(seconds, got);
	assert_string_equal(got, want);
}

static void
check_bad(const char *text, const char *want)
{
	struct err err = ERR_INIT;
	int64_t seconds;

	assert_int_equal(stamp_parse(str_of(text), &seconds, &err), LODE_EDATA);
	assert_string_equal(err.message, want);
}

static void
forms_of_iso(void **state)
{
	(void)state;
	check("2025-04-04T12:00:00Z", "2025-04-04T12:00:00Z");
	check("2025-04-04T12:00:00.987654Z", "2025-04-04T12:00:00Z");
	check("2025-04-04T12:00:00+08:00", "2025-04-04T04:00:00Z");
	check("2025-04-04T12:00-0330", "2025-04-04T15:30:00Z");
	check("2025-04-04 12:00:00", "2025-04-04T12:00:00Z");
	check("2025-04-04 12:00:00 +00", "2025-04-04T12:00:00Z");
	check("20250404T120000Z", "2025-04-04T12:00:00Z");
	check(" 2025-04-04 ", "2025-04-04T23:59:59Z");
	check("20250404", "2025-04-04T23:59:59Z");
	check("2024-12-31T23:59:60Z", "2025-01-01T00:00:00Z");
}

static void
forms_of_mail(void **state)
{
	(void)state;
	check("Fri, 25 Sep 2026 13:53:48 GMT", "2026-09-25T13:53:48Z");
	check("Fri, 25 Sep 2026 13:53:48 +0000", "2026-09-25T13:53:48Z");
	check("Fri,25 Sep 2026 13:53 EDT", "2026-09-25T17:53:00Z");
	check("Friday, 25 September 2026 13:53:48 +0800", "2026-09-25T05:53:48Z");
	check("5 Sep 2026 13:53:48 pst", "2026-09-05T21:53:48Z");
	check("Thu, 1 Jan 2026 00:30:00 HKT", "2025-12-31T16:30:00Z");
	check("25 Sep 2026", "2026-09-25T23:59:59Z");
}

static void
what_is_no_time(void **state)
{
	(void)state;
	check_bad("", "'' is not a time of publication");
	check_bad("yesterday", "'yesterday' is not a time of publication");
	check_bad("2025-02-30", "'2025-02-30' is not a time of publication");
	check_bad("2025-02-03T24:00:00Z", "'2025-02-03T24:00:00Z' is not a time of publication");
	check_bad("2025-02-03T12:60:00Z", "'2025-02-03T12:60:00Z' is not a time of publication");
	check_bad("2025-02-03X12:00:00Z", "'2025-02-03X12:00:00Z' is not a time of publication");
	check_bad("Fri, 25 Sep 2026 1:53", "'Fri, 25 Sep 2026 1:53' is not a time of publication");
	check_bad("Fri, 25 Sep 2026 13:53:48 IST", "unknown time zone 'IST'");
	check_bad("2025-02-03T12:00:00+1", "unknown time zone '+1'");
	check_bad("2025-02-03T12:00:00+25:00", "unknown time zone '+25:00'");
	check_bad("2025-02-03T12:00:00+01:0", "unknown time zone '+01:0'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_iso),
		cmocka_unit_test(forms_of_mail),
		cmocka_unit_test(what_is_no_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
