/*
 * figure: significant digits as plain text, and back again
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dec.h"
#include "figure.h"
#include "random.h"

static void
digits_are_plain(void **state)
{
	static const struct {
		double value;
		int digits;
		const char *want;
	} cases[] = { { 0, 6, "0" }, { -0.0, 6, "0" }, { -1e-13, 6, "0" }, { 1, 6, "1" }, { 0.5, 6, "0.5" }, { -159.02512, 6, "-159.025" },
		{ 1234567, 3, "1234567" }, { 0.000123456789, 6, "0.000123457" }, { 999.9999, 4, "1000" }, { 100, 6, "100" }, { NAN, 6, "" },
		{ INFINITY, 6, "" }, { 0.1, 17, "0.10000000000000001" } };
	char out[FIGURE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(figure_format(cases[i].value, cases[i].digits, out).n, str_of(cases[i].want).n);
		assert_string_equal(out, cases[i].want);
	}
	assert_true(figure_format(1.7e308, 6, out).n == 309);
}

static void
any_number_is_a_decimal_and_near(void **state)
{
	char out[FIGURE_MAX];

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		double value = exp(40 * random_normal(1, 0, i, 0) / 3) * (i % 2 ? 1 : -1);

		if (fabs(value) < 1e-12)
			continue;
		assert_true(dec_valid(figure_format(value, 8, out)));
		assert_true(fabs(strtod(out, NULL) / value - 1) < 5.1e-8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_plain),
		cmocka_unit_test(any_number_is_a_decimal_and_near),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("figure", tests, NULL, NULL);
}
