/* fx: columns of both sources, missing and wrong rates, times of release */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fx.h"
#include "instant.h"

static int
columns(struct fx *fx, struct str *names, unsigned n, const char *asked, struct err *err)
{
	const struct header header = { .n = n, .names = names };
	struct option_list list = { 0 };

	if (asked != NULL)
		list = (struct option_list){ .n = 1, .item = { str_of(asked) } };
	return fx_columns(fx, &header, &list, err);
}

static void
pairs_come_from_the_names(void **state)
{
	struct str ecb[] = { STR("Date"), STR("USD"), STR(""), STR("note"), STR("CNY") };
	struct str fred[] = { STR("observation_date"), STR("DEXCHUS"), STR("DEXUSEU"), STR("DEXXXUS") };
	struct err err = ERR_INIT;
	struct fx fx;

	(void)state;
	assert_int_equal(columns(&fx, ecb, 5, NULL, &err), LODE_OK);
	assert_false(fx.fred);
	assert_int_equal(fx.n, 2);
	assert_int_equal(fx.rate[1].column, 4);
	assert_string_equal(fx.rate[1].commodity, "EUR/CNY");
	assert_string_equal(fx.rate[1].unit, "CNY/EUR");
	assert_int_equal(columns(&fx, fred, 4, NULL, &err), LODE_OK);
	assert_true(fx.fred);
	assert_int_equal(fx.n, 2);
	assert_string_equal(fx.rate[0].commodity, "USD/CNY");
	assert_string_equal(fx.rate[0].unit, "CNY/USD");
	assert_string_equal(fx.rate[1].commodity, "EUR/USD");
	assert_int_equal(columns(&fx, fred, 4, "EUR", &err), LODE_OK);
	assert_int_equal(fx.n, 1);
	assert_int_equal(columns(&fx, ecb, 5, "MMK", &err), LODE_EUSAGE);
	assert_int_equal(columns(&fx, ecb, 1, NULL, &err), LODE_EUSAGE);
	assert_int_equal(columns(&fx, ecb + 1, 4, NULL, &err), LODE_EUSAGE);
}

static void
missing_is_not_zero(void **state)
{
	static const char *const missing[] = { "", " ", "N/A", " N/A ", ".", "-", "ND" };
	struct err err = ERR_INIT;
	struct str rate;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof missing / sizeof missing[0]; i++) {
		assert_int_equal(fx_value(str_of(missing[i]), &rate, &err), LODE_OK);
		assert_int_equal(rate.n, 0);
	}
	assert_int_equal(fx_value(STR(" 366.90"), &rate, &err), LODE_OK);
	assert_true(str_is(rate, "366.90"));
	assert_int_equal(fx_value(STR("0.000"), &rate, &err), LODE_EDATA);
	assert_int_equal(fx_value(STR("-1"), &rate, &err), LODE_EDATA);
	assert_int_equal(fx_value(STR("7,2"), &rate, &err), LODE_EDATA);
}

static void
known_is_when_it_was_published(void **state)
{
	static const struct {
		const char *day;
		bool fred;
		const char *known;
	} cases[] = {
		{ "2025-06-20", false, "2025-06-20T15:00:00Z" },
		{ "2023-09-14", true, "2023-09-18T21:15:00Z" }, /* Thursday */
		{ "2023-09-17", true, "2023-09-18T21:15:00Z" },
		{ "2023-09-18", true, "2023-09-25T21:15:00Z" }, /* Monday */
		{ "1969-12-31", true, "1970-01-05T21:15:00Z" },
	};
	struct err err = ERR_INIT;
	char known[INSTANT_MAX];
	struct period day;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fx fx = { .fred = cases[i].fred };

		assert_int_equal(fx_day(str_of(cases[i].day), &day, &err), LODE_OK);
		instant_format(fx_known(&fx, day), known);
		assert_string_equal(known, cases[i].known);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_come_from_the_names),
		cmocka_unit_test(missing_is_not_zero),
		cmocka_unit_test(known_is_when_it_was_published),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
