/* convert: units, currency and tax of one observation */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "convert.h"

static struct convert convert;
static struct converted converted;
static struct err err;

static void
begin(struct convert_rules rules)
{
	assert_int_equal(convert_init(&convert, &rules, &err), LODE_OK);
}

static int
take(const char *period, const char *indicator, const char *commodity, const char *value, const char *unit, const char *tax)
{
	const struct obs obs = { { STR("2025-06-20T07:00:00Z"), str_of(period), STR("CN"), STR(""), str_of(commodity), str_of(indicator),
		str_of(value), str_of(unit), STR("A"), STR("x"), STR("x:1") } };

	err = (struct err)ERR_INIT;
	return convert_obs(&convert, &obs, str_of(tax), &converted, &err);
}

static void
expect(const char *value, const char *unit)
{
	if (value == NULL)
		assert_null(converted.value.p);
	else
		assert_string_equal(converted.value.p, value); /* terminated by dec_format */
	if (unit == NULL)
		assert_null(converted.unit.p);
	else
		assert_true(str_is(converted.unit, unit));
}

static void
kilograms_to_tonnes_and_back_is_identity(void **state)
{
	const char *masses[] = { "1", "12944000", "0.001", "111.92", "123456789012345678901234567890.123", "-7.5" };
	char tonnes[DEC_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof masses / sizeof masses[0]; i++) {
		begin((struct convert_rules){ .mass = STR("t") });
		assert_int_equal(take("2025-05", "import.mass", "hs:1", masses[i], "kg", ""), LODE_OK);
		snprintf(tonnes, sizeof tonnes, "%s", converted.value.p);
		convert_release(&convert);
		begin((struct convert_rules){ .mass = STR("kg") });
		assert_int_equal(take("2025-05", "import.mass", "hs:1", tonnes, "t", ""), LODE_OK);
		expect(masses[i], "kg");
		convert_release(&convert);
	}
}

static void
only_its_own_lines_are_touched(void **state)
{
	(void)state;
	begin((struct convert_rules){ .mass = STR("t"), .currency = STR("USD"), .max_age = 7 });
	assert_int_equal(take("2025-05", "import.quantity", "hs:1", "5", "u", ""), LODE_OK);
	expect(NULL, NULL);
	assert_int_equal(take("2025-05", "stock.cover", "Dy2O3", "x", "mo", ""), LODE_OK);
	expect(NULL, NULL);
	assert_int_equal(take("2025-05", "import.mass", "hs:1", "111.920", "t", ""), LODE_OK);
	expect(NULL, "t"); /* published digits stay */
	assert_int_equal(take("2025-05", "import.value", "hs:1", "5.00", "USD", ""), LODE_OK);
	expect(NULL, "USD");
	assert_int_equal(take("2025-05", "import.mass", "hs:1", "", "kg", ""), LODE_OK);
	expect(NULL, "t"); /* missing stays missing */
	convert_release(&convert);
}

static void
price_units(void **state)
{
	(void)state;
	begin((struct convert_rules){ .price_mass = STR("kg") });
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1630000", "CNY/t", ""), LODE_OK);
	expect("1630", "CNY/kg");
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "163", "10000CNY/t", ""), LODE_OK);
	expect("1630", "CNY/kg");
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "52.50", "1000CNY/t", ""), LODE_OK);
	expect(NULL, "CNY/kg"); /* the same number */
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1", "USD/lb", ""), LODE_OK);
	expect("2.20462262185", "USD/kg");
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1", "CNY", ""), LODE_EDATA);
	assert_string_equal(err.message, "'CNY' is not a price per mass like CNY/kg");
	assert_string_equal(err.column_name, "unit");
	convert_release(&convert);
}

static void
tax_out_and_in(void **state)
{
	(void)state;
	begin((struct convert_rules){ .tax = STR("excl"), .vat = { 13, 2 } });
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1130", "CNY/kg", "incl"), LODE_OK);
	expect("1000", "CNY/kg");
	assert_true(str_is(converted.tax, "excl"));
	assert_int_equal(take("2025-06-20", "price.fob.avg", "Dy2O3", "230.50", "USD/kg", "excl"), LODE_OK);
	expect(NULL, "USD/kg");
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1130", "CNY/kg", ""), LODE_EDATA);
	assert_string_equal(err.message, "it is not known whether tax is in the price");
	assert_string_equal(err.column_name, "tax");
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1130", "CNY/kg", "yes"), LODE_EDATA);
	assert_string_equal(err.message, "'yes' is not incl or excl");
	convert_release(&convert);
	begin((struct convert_rules){ .tax = STR("incl"), .vat = { 13, 2 } });
	assert_int_equal(take("2025-06-20", "price.exw.avg", "Dy2O3", "1000", "CNY/kg", "excl"), LODE_OK);
	expect("1130", "CNY/kg");
	convert_release(&convert);
}

static void
rates_by_day_and_knowledge(void **state)
{
	(void)state;
	begin((struct convert_rules){ .currency = STR("USD"), .max_age = 7 });
	assert_int_equal(take("2025-06-19", "price.exw.avg", "Dy2O3", "1630", "CNY/kg", ""), LODE_EDATA);
	assert_string_equal(err.message, "no rate of USD is known");
	assert_int_equal(take("2025-06-18", "fx.rate", "EUR/USD", "1.15", "USD/EUR", ""), LODE_OK);
	expect(NULL, NULL);
	assert_int_equal(take("2025-06-18", "fx.rate", "EUR/CNY", "8.25", "CNY/EUR", ""), LODE_OK);
	assert_int_equal(take("2025-06-19", "price.exw.avg", "Dy2O3", "1650", "CNY/kg", ""), LODE_OK);
	expect("230", "USD/kg");
	assert_int_equal(take("2025-06-19", "price.exw.avg", "Dy2O3", "165", "10000CNY/t", ""), LODE_OK);
	expect("23", "10000USD/t");
	assert_int_equal(take("2025-06", "import.value", "hs:1", "8.25", "CNY", ""), LODE_OK); /* not at the end of June: of its `known` */
	expect("1.15", "USD");
	assert_int_equal(take("2025-05", "import.value", "hs:1", "8.25", "CNY", ""), LODE_EDATA);
	assert_string_equal(err.message, "no rate of EUR/USD for 2025-05-31 or before is known");
	assert_int_equal(take("2025-05", "import.value", "hs:1", "", "CNY", ""), LODE_OK);
	expect(NULL, "USD");
	assert_int_equal(take("2025-06-19", "fx.rate", "EUR/USD", "", "USD/EUR", ""), LODE_OK); /* missing: the day before stays */
	assert_int_equal(take("2025-06-20", "import.value", "hs:1", "1", "EUR", ""), LODE_OK);
	expect("1.15", "USD");
	assert_int_equal(take("2025-06-19", "fx.rate", "EUR/USD", "0.87", "EUR/USD", ""), LODE_EDATA);
	assert_string_equal(err.message, "a rate of EUR/USD is in USD/EUR, not in 'EUR/USD'");
	assert_int_equal(take("2025-06-19", "fx.rate", "EUR/USD", "0", "USD/EUR", ""), LODE_EDATA);
	assert_string_equal(err.column_name, "value");
	assert_int_equal(take("2025-06-19", "fx.rate", "EUR", "1", "USD/EUR", ""), LODE_EDATA);
	assert_string_equal(err.message, "'EUR' is not a pair of currencies like EUR/CNY");
	assert_int_equal(take("2025-06-19", "price.premium.fob", "Dy2O3", "1.1", "1", ""), LODE_OK); /* a ratio */
	expect(NULL, NULL);
	assert_int_equal(take("2025-06-19", "import.value", "hs:1", "1", "t", ""), LODE_EDATA);
	assert_string_equal(err.message, "'t' is not a currency like USD");
	convert_release(&convert);
}

static void
rates_of_sources_asked_for(void **state)
{
	(void)state;
	begin((struct convert_rules){ .currency = STR("USD"), .max_age = 7, .rates = { .n = 1, .item = { STR("ecb") } } });
	assert_int_equal(take("2025-06-18", "fx.rate", "EUR/USD", "1.15", "USD/EUR", ""), LODE_OK);
	assert_int_equal(take("2025-06-19", "import.value", "hs:1", "1", "EUR", ""), LODE_EDATA); /* the source is x */
	convert_release(&convert);
}

static void
a_rule_without_a_unit_is_refused(void **state)
{
	struct convert_rules rules = { .mass = STR("stone") };

	(void)state;
	err = (struct err)ERR_INIT;
	assert_int_equal(convert_init(&convert, &rules, &err), LODE_EDATA);
	assert_string_equal(err.message, "'stone' is not a unit of mass");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kilograms_to_tonnes_and_back_is_identity),
		cmocka_unit_test(only_its_own_lines_are_touched),
		cmocka_unit_test(price_units),
		cmocka_unit_test(tax_out_and_in),
		cmocka_unit_test(rates_by_day_and_knowledge),
		cmocka_unit_test(rates_of_sources_asked_for),
		cmocka_unit_test(a_rule_without_a_unit_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
