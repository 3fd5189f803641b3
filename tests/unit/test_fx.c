/* fx: columns of all four sources, forms of dates, missing and wrong rates, times of release */
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
	assert_int_equal(fx.kind, FX_ECB);
	assert_int_equal(fx.n, 2);
	assert_int_equal(fx.rate[0].column, 4); /* by pair, not by column */
	assert_string_equal(fx.rate[0].commodity, "EUR/CNY");
	assert_string_equal(fx.rate[0].unit, "CNY/EUR");
	assert_string_equal(fx.rate[1].commodity, "EUR/USD");
	assert_int_equal(columns(&fx, fred, 4, NULL, &err), LODE_OK);
	assert_int_equal(fx.kind, FX_FRED);
	assert_int_equal(fx.n, 2);
	assert_string_equal(fx.rate[0].commodity, "EUR/USD");
	assert_string_equal(fx.rate[1].commodity, "USD/CNY");
	assert_string_equal(fx.rate[1].unit, "CNY/USD");
	assert_int_equal(columns(&fx, fred, 4, "EUR", &err), LODE_OK);
	assert_int_equal(fx.n, 1);
	assert_int_equal(columns(&fx, ecb, 5, "MMK", &err), LODE_EUSAGE);
	assert_int_equal(columns(&fx, ecb, 1, NULL, &err), LODE_EUSAGE);
	assert_int_equal(columns(&fx, ecb + 1, 4, NULL, &err), LODE_EUSAGE);
}

static void
chinas_parity_for_one_of_the_base(void **state)
{
	struct str safe[] = { STR("日期"), STR("美元"), STR("日元"), STR("林吉特"), STR("别的") };
	struct str gb[] = { STR("\xc8\xd5\xc6\xda"), STR("\xc3\xc0\xd4\xaa") };
	struct str cfets[] = { STR("Date"), STR("USD/CNY"), STR("100JPY/CNY"), STR("CNY/MYR"), STR("USD/EUR"), STR("CNY/") };
	struct err err = ERR_INIT;
	char bytes[DEC_MAX];
	struct str value;
	struct fx fx;

	(void)state;
	assert_int_equal(columns(&fx, safe, 5, NULL, &err), LODE_OK);
	assert_int_equal(fx.kind, FX_SAFE);
	assert_int_equal(fx.n, 3);
	assert_string_equal(fx.rate[1].commodity, "JPY/CNY");
	assert_string_equal(fx.rate[0].commodity, "CNY/MYR");
	assert_string_equal(fx.rate[0].unit, "MYR/CNY");
	assert_int_equal(fx_value(&fx, &fx.rate[2], STR("717.78"), bytes, &value, &err), LODE_OK);
	assert_true(str_is(value, "7.1778"));
	assert_int_equal(fx_value(&fx, &fx.rate[0], STR("58.6"), bytes, &value, &err), LODE_OK);
	assert_true(str_is(value, "0.586"));
	assert_int_equal(fx_value(&fx, &fx.rate[2], STR("7.1778"), bytes, &value, &err), LODE_EDATA);
	assert_string_equal(err.message, "one USD at 0.071778 CNY: is the figure for another number of them?");
	assert_int_equal(columns(&fx, gb, 2, "USD", &err), LODE_OK);
	assert_string_equal(fx.rate[0].name, "美元");
	assert_int_equal(columns(&fx, cfets, 6, NULL, &err), LODE_OK);
	assert_int_equal(fx.kind, FX_CFETS);
	assert_int_equal(fx.n, 3);
	assert_int_equal(fx_value(&fx, &fx.rate[2], STR("7.1780"), bytes, &value, &err), LODE_OK);
	assert_true(str_is(value, "7.1780")); /* as it is */
	assert_int_equal(fx_value(&fx, &fx.rate[1], STR("4.9012"), bytes, &value, &err), LODE_OK);
	assert_true(str_is(value, "0.049012"));
	assert_int_equal(fx_value(&fx, &fx.rate[2], STR("717.78"), bytes, &value, &err), LODE_EDATA);
}

static void
missing_is_not_zero(void **state)
{
	static const char *const missing[] = { "", " ", "N/A", " N/A ", ".", "-", "ND" };
	const struct fx fx = { .kind = FX_ECB };
	const struct fx_rate one = { .commodity = "EUR/CNY" };
	struct err err = ERR_INIT;
	char bytes[DEC_MAX];
	struct str rate;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof missing / sizeof missing[0]; i++) {
		assert_int_equal(fx_value(&fx, &one, str_of(missing[i]), bytes, &rate, &err), LODE_OK);
		assert_int_equal(rate.n, 0);
	}
	assert_int_equal(fx_value(&fx, &one, STR(" 366.90"), bytes, &rate, &err), LODE_OK);
	assert_true(str_is(rate, "366.90"));
	assert_int_equal(fx_value(&fx, &one, STR("0.000"), bytes, &rate, &err), LODE_EDATA);
	assert_int_equal(fx_value(&fx, &one, STR("-1"), bytes, &rate, &err), LODE_EDATA);
	assert_int_equal(fx_value(&fx, &one, STR("7,2"), bytes, &rate, &err), LODE_EDATA);
}

static void
the_first_line_shows_the_form_of_dates(void **state)
{
	struct err err = ERR_INIT;
	struct fx fx = { .kind = FX_ECB };
	struct period day;
	char text[PERIOD_MAX];

	(void)state;
	assert_int_equal(fx_day(&fx, STR("x"), &day, &err), LODE_EDATA);
	assert_string_equal(err.message, "'x' is not a date like YYYY-MM-DD|YYYYMMDD|D Month YYYY|YYYY/M/D|M/D/YYYY");
	assert_int_equal(fx_day(&fx, STR(" 3/6/2024"), &day, &err), LODE_OK);
	period_format(day, text);
	assert_string_equal(text, "2024-03-06");
	assert_int_equal(fx_day(&fx, STR("2024-03-06"), &day, &err), LODE_EDATA);
	assert_string_equal(err.message, "'2024-03-06' is not a date like M/D/YYYY");
	assert_int_equal(fx_day(&fx, STR("6/8/2024"), &day, &err), LODE_EDATA);
	assert_string_equal(err.message, "'6/8/2024', month first, is a Saturday or Sunday: is it day first?");
}

static void
known_is_when_it_was_published(void **state)
{
	static const struct {
		const char *day;
		enum fx_kind kind;
		const char *known;
	} cases[] = {
		{ "2025-06-20", FX_ECB, "2025-06-20T15:00:00Z" },
		{ "2023-09-14", FX_FRED, "2023-09-18T21:15:00Z" }, /* Thursday */
		{ "2023-09-17", FX_FRED, "2023-09-18T21:15:00Z" },
		{ "2023-09-18", FX_FRED, "2023-09-25T21:15:00Z" }, /* Monday */
		{ "1969-12-31", FX_FRED, "1970-01-05T21:15:00Z" },
		{ "2025-06-20", FX_SAFE, "2025-06-20T01:15:00Z" },
		{ "2025-06-20", FX_CFETS, "2025-06-20T01:15:00Z" },
	};
	struct err err = ERR_INIT;
	char known[INSTANT_MAX];
	struct period day;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fx fx = { .kind = cases[i].kind };

		assert_int_equal(fx_day(&fx, str_of(cases[i].day), &day, &err), LODE_OK);
		instant_format(fx_known(&fx, day), known);
		assert_string_equal(known, cases[i].known);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_come_from_the_names),
		cmocka_unit_test(chinas_parity_for_one_of_the_base),
		cmocka_unit_test(missing_is_not_zero),
		cmocka_unit_test(the_first_line_shows_the_form_of_dates),
		cmocka_unit_test(known_is_when_it_was_published),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
