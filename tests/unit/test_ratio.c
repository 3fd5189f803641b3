/* ratio: exact where the quotient ends, rounded once where it does not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ratio.h"

static struct dec
dec_from(const char *text)
{
	struct dec dec = { 0, 0 };
	struct err err = ERR_INIT;

	assert_int_equal(dec_parse(str_of(text), &dec, &err), LODE_OK);
	return dec;
}

static const char *
apply(const char *value, const char *num, const char *den)
{
	static char text[DEC_MAX];
	struct ratio ratio = RATIO_ONE;
	struct err err = ERR_INIT;
	struct dec result;

	assert_int_equal(ratio_scale(&ratio, dec_from(num), dec_from(den), &err), LODE_OK);
	assert_int_equal(ratio_apply(&ratio, dec_from(value), &result, &err), LODE_OK);
	dec_format(result, text);
	return text;
}

static void
a_quotient_that_ends_is_exact(void **state)
{
	(void)state;
	assert_string_equal(apply("1234567890123456789", "1", "1000"), "1234567890123456.789");
	assert_string_equal(apply("1", "1", "1024"), "0.0009765625");
	assert_string_equal(apply("123456789012345", "1", "1024"), "120563270519.8681640625");
	assert_string_equal(apply("1130", "1", "1.13"), "1000");
	assert_string_equal(apply("16.3", "10000", "1000"), "163");
	assert_string_equal(apply("100", "0.45359237", "1000"), "0.045359237");
	assert_string_equal(apply("-5", "1", "8"), "-0.625");
	assert_string_equal(apply("0", "7", "3"), "0");
}

static void
others_have_twelve_digits_half_to_even(void **state)
{
	(void)state;
	assert_string_equal(apply("1630", "1", "1.13"), "1442.47787611"); /* 1442.4778761061... */
	assert_string_equal(apply("1", "1", "3"), "0.333333333333");
	assert_string_equal(apply("2", "1", "3"), "0.666666666667");
	assert_string_equal(apply("-2", "1", "3"), "-0.666666666667");
	assert_string_equal(apply("0.000002", "1", "3"), "0.000000666666666667");
	assert_string_equal(apply("1000000000000", "1", "3"), "333333333333");
	assert_string_equal(apply("1000000000000000", "1", "3"), "333333333333333"); /* never coarser than 1 */
	assert_string_equal(apply("2999999999999.9", "1", "3"), "1000000000000");
}

static void
steps_in_any_order_make_one_division(void **state)
{
	struct ratio a = RATIO_ONE, b = RATIO_ONE;
	struct err err = ERR_INIT;
	struct dec x, y;

	(void)state;
	ratio_scale(&a, dec_of(1), dec_from("1.13"), &err);
	ratio_scale(&a, dec_of(10000), dec_of(1000), &err);
	ratio_scale(&b, dec_of(10000), dec_of(1000), &err);
	ratio_scale(&b, dec_of(1), dec_from("1.13"), &err);
	ratio_apply(&a, dec_from("163.7"), &x, &err);
	ratio_apply(&b, dec_from("163.7"), &y, &err);
	assert_int_equal(dec_cmp(x, y), 0);
	assert_false(ratio_is_one(&a));
	ratio_scale(&a, dec_from("1.13"), dec_of(10), &err);
	assert_true(ratio_is_one(&a));
}

/* |q den - value num| <= half of the last place, for random numbers that leave room for the check in 127 bits. */
static void
the_error_is_half_a_place_at_most(void **state)
{
	uint64_t seed = 1;
	char text[DEC_MAX];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct ratio ratio;
		struct err err = ERR_INIT;
		struct dec value, q, left, right, half, minus = dec_of(-1);
		int digits = 0;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		value = (struct dec){ (dec_mantissa)(seed >> 40), (int)(seed % 5) };
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		ratio = (struct ratio){ { (dec_mantissa)(1 + (seed >> 50)), (int)(seed % 3) }, { (dec_mantissa)(1 + (seed >> 20 & 0xffff)), (int)(seed >> 8 & 3) } };
		assert_int_equal(ratio_apply(&ratio, value, &q, &err), LODE_OK);
		dec_format(q, text);
		assert_int_equal(dec_mul(q, ratio.den, &left, &err), LODE_OK);
		assert_int_equal(dec_mul(value, ratio.num, &right, &err), LODE_OK);
		assert_int_equal(dec_mul(right, minus, &right, &err), LODE_OK);
		assert_int_equal(dec_add(left, right, &left, &err), LODE_OK);
		if (left.mantissa == 0)
			continue;
		for (const char *p = text; *p != '\0'; p++)
			digits += *p >= '0' && *p <= '9' && (digits > 0 || *p != '0');
		assert_in_range(digits, 1, RATIO_DIGITS);
		/* the place of the twelfth digit: q was cut there, trailing zeros aside */
		half = (struct dec){ 5, q.scale + RATIO_DIGITS - digits + 1 };
		assert_int_equal(dec_mul(half, ratio.den, &half, &err), LODE_OK);
		if (left.mantissa < 0)
			left.mantissa = -left.mantissa;
		assert_true(dec_cmp(left, half) <= 0);
	}
}

static void
what_does_not_fit_is_said(void **state)
{
	struct ratio ratio = { { 1000, 0 }, { 3, 0 } };
	struct err err = ERR_INIT;
	struct dec result;

	(void)state;
	assert_int_equal(ratio_apply(&ratio, dec_from("9999999999999999999999999999999999999"), &result, &err), LODE_EDATA);
	assert_string_equal(err.message, "number is too large");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quotient_that_ends_is_exact),
		cmocka_unit_test(others_have_twelve_digits_half_to_even),
		cmocka_unit_test(steps_in_any_order_make_one_division),
		cmocka_unit_test(the_error_is_half_a_place_at_most),
		cmocka_unit_test(what_does_not_fit_is_said),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
