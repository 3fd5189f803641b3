/* estimate: scenarios as they are written; what else it does is in tests/cases/lode-estimate, test_calibration and tests/laws.t */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimate.h"

static void
scenarios_as_they_are_written(void **state)
{
	static const char *const no[] = { "", "border-closure", ":2025-07:3", "border-closure:2025-07", "border-closure:2025-07:", "border-closure:2025-07:0",
		"border-closure:2025-07:121", "border-closure:2025-07:99999999999", "border-closure:2025-07:3m", "border-closure:2025-07-01:3",
		"border-closure:2025:3", "border-closure:2025-13:3", "a-class-of-events-with-a-name-that-is-longer-than-sixty-three-bytes:2025-07:3" };
	struct estimate_scenario s;

	(void)state;
	assert_true(estimate_scenario_parse(STR("border-closure:2025-07:3"), true, &s));
	assert_string_equal(s.class, "border-closure");
	assert_int_equal(s.first, (2025 - 1970) * 12 + 6);
	assert_int_equal(s.months, 3);
	assert_true(estimate_scenario_parse(STR("border-closure:2025-07:120"), true, &s));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (estimate_scenario_parse(str_of(no[i]), true, &s))
			fail_msg("%s passes", no[i]);
	assert_true(estimate_scenario_parse(STR("offensive"), false, &s));
	assert_string_equal(s.class, "offensive");
	assert_int_equal(s.months, 0);
	assert_false(estimate_scenario_parse(STR("offensive:2025-07:3"), false, &s));
	assert_false(estimate_scenario_parse(STR(""), false, &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(scenarios_as_they_are_written) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
