/* rates: the newest one known of a day, by the shortest way */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "instant.h"
#include "rates.h"

static struct dec
dec_from(const char *text)
{
	struct dec dec = { 0, 0 };
	struct err err = ERR_INIT;

	assert_int_equal(dec_parse(str_of(text), &dec, &err), LODE_OK);
	return dec;
}

static int32_t
day(int year, int month, int number)
{
	return civil_to_days(year, month, number);
}

static void
put_pair(struct rates *rates, const char *base, const char *quote, int32_t at, const char *rate)
{
	struct err err = ERR_INIT;

	assert_int_equal(rates_put(rates, str_of(base), str_of(quote), at, dec_from(rate), &err), LODE_OK);
}

static void
put(struct rates *rates, const char *currency, int32_t at, const char *rate)
{
	put_pair(rates, "EUR", currency, at, rate);
}

/* 1 of `from` in `to`, or the message. */
static const char *
convert(const struct rates *rates, const char *from, const char *to, int32_t at, int32_t max_age)
{
	static char text[DEC_MAX];
	static struct err err;
	struct ratio ratio = RATIO_ONE;
	struct dec result;

	err = (struct err)ERR_INIT;
	if (rates_convert(rates, str_of(from), str_of(to), at, max_age, &ratio, &err) != LODE_OK) {
		assert_int_equal(err.code, LODE_EDATA);
		return err.message;
	}
	assert_int_equal(ratio_apply(&ratio, dec_of(1), &result, &err), LODE_OK);
	dec_format(result, text);
	return text;
}

static struct rates *
example(void)
{
	struct rates *rates;
	struct err err;

	assert_int_equal(rates_new(&rates, &err), LODE_OK);
	put(rates, "CNY", day(2025, 5, 5), "8.2");
	put(rates, "USD", day(2025, 5, 5), "1.13");
	put(rates, "CNY", day(2025, 5, 6), "8.1794");
	put(rates, "USD", day(2025, 5, 6), "1.1333");
	return rates;
}

static void
both_ways_and_across(void **state)
{
	struct rates *rates = example();

	(void)state;
	assert_string_equal(convert(rates, "EUR", "CNY", day(2025, 5, 6), 7), "8.1794");
	assert_string_equal(convert(rates, "CNY", "EUR", day(2025, 5, 5), 7), "0.121951219512");
	assert_string_equal(convert(rates, "USD", "CNY", day(2025, 5, 6), 7), "7.21732992147");
	assert_string_equal(convert(rates, "XYZ", "XYZ", day(1900, 1, 1), 0), "1");
	assert_string_equal(convert(rates, "EUR", "EUR", day(1900, 1, 1), 0), "1");
	rates_free(rates);
}

static void
of_the_day_or_before_and_not_too_old(void **state)
{
	struct rates *rates = example();

	(void)state;
	assert_string_equal(convert(rates, "EUR", "CNY", day(2025, 5, 5), 0), "8.2");
	assert_string_equal(convert(rates, "EUR", "CNY", day(2025, 5, 13), 7), "8.1794");
	assert_string_equal(convert(rates, "EUR", "CNY", day(2025, 5, 14), 7),
	    "the newest rate of EUR/CNY for 2025-05-14 is of 2025-05-06: older than 7 days");
	assert_string_equal(convert(rates, "EUR", "CNY", day(2025, 5, 4), 7), "no rate of EUR/CNY for 2025-05-04 or before is known");
	assert_string_equal(convert(rates, "MMK", "CNY", day(2025, 5, 6), 7), "no rate of MMK is known");
	rates_free(rates);
}

static void
days_may_come_in_any_order_and_again(void **state)
{
	struct rates *rates;
	struct err err;

	(void)state;
	assert_int_equal(rates_new(&rates, &err), LODE_OK);
	for (int i = 0; i < 1000; i++) {
		char text[16];

		snprintf(text, sizeof text, "%d", i * 379 % 1000 + 1); /* 379 and 1000 have no common factor */
		put(rates, "CNY", i * 379 % 1000, text);
	}
	put(rates, "CNY", 500, "7");
	assert_string_equal(convert(rates, "EUR", "CNY", 499, 0), "500");
	assert_string_equal(convert(rates, "EUR", "CNY", 500, 0), "7");
	assert_string_equal(convert(rates, "EUR", "CNY", 999, 0), "1000");
	rates_free(rates);
}

static void
the_shortest_way_that_is_fresh(void **state)
{
	struct rates *rates = example();

	(void)state;
	put_pair(rates, "USD", "CNY", day(2025, 5, 6), "7.2");
	assert_string_equal(convert(rates, "USD", "CNY", day(2025, 5, 6), 7), "7.2"); /* one step, not two */
	assert_string_equal(convert(rates, "CNY", "USD", day(2025, 5, 6), 7), "0.138888888889");
	assert_string_equal(convert(rates, "USD", "CNY", day(2025, 5, 5), 7), "7.25663716814"); /* the pair itself not yet */
	put_pair(rates, "CNY", "USD", day(2025, 5, 7), "0.125"); /* the other way round, the same pair */
	assert_string_equal(convert(rates, "USD", "CNY", day(2025, 5, 7), 0), "8");
	assert_string_equal(convert(rates, "CNY", "USD", day(2025, 5, 7), 0), "0.125");
	put_pair(rates, "CNY", "KRW", day(2025, 5, 7), "190");
	put_pair(rates, "KRW", "VND", day(2025, 5, 7), "18");
	assert_string_equal(convert(rates, "EUR", "VND", day(2025, 5, 7), 7), "27973.548"); /* 8.1794 * 190 * 18 */
	assert_string_equal(convert(rates, "VND", "USD", day(2025, 5, 7), 7), "0.0000365497076023");
	assert_string_equal(convert(rates, "EUR", "VND", day(2025, 5, 14), 7), "the newest rate of EUR/CNY for 2025-05-14 is of 2025-05-06: older than 7 days");
	assert_string_equal(convert(rates, "EUR", "VND", day(2025, 5, 6), 7), "no rate of KRW/VND for 2025-05-06 or before is known");
	put_pair(rates, "LAK", "MMK", day(2025, 5, 7), "0.1");
	assert_string_equal(convert(rates, "MMK", "CNY", day(2025, 5, 7), 7), "no rates lead from MMK to CNY");
	rates_free(rates);
}

static void
there_and_back_is_one(void **state)
{
	static const char *const names[] = { "EUR", "CNY", "USD", "KRW", "JPY" };
	struct rates *rates = example();
	struct err err = ERR_INIT;

	(void)state;
	put_pair(rates, "KRW", "CNY", day(2025, 5, 6), "0.0052");
	put_pair(rates, "USD", "JPY", day(2025, 5, 6), "143.2");
	for (int a = 0; a < 5; a++)
		for (int b = 0; b < 5; b++) {
			struct ratio ratio = RATIO_ONE;

			assert_int_equal(rates_convert(rates, str_of(names[a]), str_of(names[b]), day(2025, 5, 6), 1, &ratio, &err), LODE_OK);
			assert_int_equal(rates_convert(rates, str_of(names[b]), str_of(names[a]), day(2025, 5, 6), 1, &ratio, &err), LODE_OK);
			assert_true(ratio_is_one(&ratio));
		}
	rates_free(rates);
}

static void
a_rate_is_above_zero(void **state)
{
	struct rates *rates = example();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(rates_put(rates, STR("EUR"), STR("CNY"), 0, dec_of(0), &err), LODE_EDATA);
	assert_string_equal(err.message, "a rate of '0' is not above zero");
	assert_int_equal(rates_put(rates, STR("EUR"), STR("CNY"), 0, dec_from("-1.5"), &err), LODE_EDATA);
	rates_free(rates);
	rates_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_and_across),
		cmocka_unit_test(of_the_day_or_before_and_not_too_old),
		cmocka_unit_test(days_may_come_in_any_order_and_again),
		cmocka_unit_test(the_shortest_way_that_is_fresh),
		cmocka_unit_test(there_and_back_is_one),
		cmocka_unit_test(a_rate_is_above_zero),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
