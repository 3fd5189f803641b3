/* unit: each unit of mass against the next smaller one; prices taken apart */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit.h"

static struct dec
kilograms(const char *unit)
{
	struct dec kg = { 0 };
	struct err err = ERR_INIT;

	if (unit_mass(str_of(unit), &kg, &err) != LODE_OK)
		fail_msg("%s", err.message);
	return kg;
}

static void
a_thousand_of_each_is_one_of_the_next(void **state)
{
	static const char *const rising[] = { "mg", "g", "kg", "t", "kt", "Mt" };
	struct dec thousand;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(dec_mul(kilograms(rising[i]), dec_of(1000), &thousand, &err), LODE_OK);
		assert_int_equal(dec_cmp(thousand, kilograms(rising[i + 1])), 0);
	}
	assert_int_equal(dec_cmp(kilograms("kg"), dec_of(1)), 0);
	assert_int_equal(dec_cmp(kilograms("100kg"), dec_of(100)), 0);
	/* 1 lb is 0.45359237 kg by the definition of 1959 */
	assert_int_equal(dec_mul(kilograms("lb"), dec_of(100000000), &thousand, &err), LODE_OK);
	assert_int_equal(dec_cmp(thousand, dec_of(45359237)), 0);
}

static void
price_is_multiple_currency_and_mass(void **state)
{
	static const struct {
		const char *text, *currency, *mass;
		long long multiple;
	} good[] = { { "CNY/kg", "CNY", "kg", 1 }, { "10000CNY/t", "CNY", "t", 10000 }, { "USD/lb", "USD", "lb", 1 },
		{ "1000JPY/100kg", "JPY", "100kg", 1000 } };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct unit_price unit;
		struct err err = ERR_INIT;

		assert_int_equal(unit_price_parse(str_of(good[i].text), &unit, &err), LODE_OK);
		assert_int_equal(dec_cmp(unit.multiple, dec_of(good[i].multiple)), 0);
		assert_true(str_is(unit.currency, good[i].currency));
		assert_true(str_is(unit.mass, good[i].mass));
	}
}

static void
other_units_are_refused(void **state)
{
	static const char *const no_mass[] = { "", "KG", "Kg", "tonne", "kg ", "1", "l", "g/kg" };
	static const char *const no_price[] = { "", "CNY", "CNY/", "/kg", "CNY/kg/t", "cny/kg", "CN/kg", "CNYX/kg", "0CNY/kg", "1.5CNY/kg",
		"-1CNY/kg", "CNY/l", "CNY kg", "99999999999999999999999999999999999999999CNY/kg" };
	char message[200];
	struct unit_price unit = { .multiple = { 42, 0 } };
	struct dec kg;

	(void)state;
	for (size_t i = 0; i < sizeof no_mass / sizeof no_mass[0]; i++) {
		struct err err = ERR_INIT;

		snprintf(message, sizeof message, "'%s' is not a unit of mass", no_mass[i]);
		assert_int_equal(unit_mass(str_of(no_mass[i]), &kg, &err), LODE_EDATA);
		assert_string_equal(err.message, message);
	}
	for (size_t i = 0; i < sizeof no_price / sizeof no_price[0]; i++) {
		struct err err = ERR_INIT;

		snprintf(message, sizeof message, "'%s' is not a price per mass like CNY/kg", no_price[i]);
		assert_int_equal(unit_price_parse(str_of(no_price[i]), &unit, &err), LODE_EDATA);
		assert_string_equal(err.message, message);
		assert_true(unit.multiple.mantissa == 42);
	}
}

static void
currency_is_three_capitals(void **state)
{
	(void)state;
	assert_true(unit_is_currency(STR("CNY")));
	assert_false(unit_is_currency(STR("")));
	assert_false(unit_is_currency(STR("CN")));
	assert_false(unit_is_currency(STR("CNYY")));
	assert_false(unit_is_currency(STR("CnY")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_of_each_is_one_of_the_next),
		cmocka_unit_test(price_is_multiple_currency_and_mass),
		cmocka_unit_test(other_units_are_refused),
		cmocka_unit_test(currency_is_three_capitals),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
