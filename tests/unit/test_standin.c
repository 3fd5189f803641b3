/* standin: each question by hand, at its limit and without what it needs */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "standin.h"

static void
feed_against_two_years(void **state)
{
	double feed[STANDIN_FEED_MONTHS];

	(void)state;
	for (size_t i = 0; i < STANDIN_FEED_MONTHS; i++)
		feed[i] = 100;
	assert_int_equal(standin_feed(feed), STANDIN_NO);
	/* with x a month for three months the mean is (2100 + 3x)/24: x is under 70 % of it below 61.25/0.9125 = 67.12 */
	for (size_t i = 21; i < 24; i++)
		feed[i] = 67;
	assert_int_equal(standin_feed(feed), STANDIN_YES);
	feed[23] = 68;
	assert_int_equal(standin_feed(feed), STANDIN_NO);
	feed[0] = NAN;
	assert_int_equal(standin_feed(feed), STANDIN_UNKNOWN);
}

static void
price_premium_and_export(void **state)
{
	double price[STANDIN_PRICE_MONTHS] = { 100, NAN, NAN, 121 }, export[STANDIN_EXPORT_MONTHS];

	(void)state;
	assert_int_equal(standin_price(price), STANDIN_YES);
	price[3] = 119;
	assert_int_equal(standin_price(price), STANDIN_NO);
	price[0] = NAN;
	assert_int_equal(standin_price(price), STANDIN_UNKNOWN);
	assert_int_equal(standin_premium(1.51), STANDIN_YES);
	assert_int_equal(standin_premium(1.49), STANDIN_NO);
	assert_int_equal(standin_premium(NAN), STANDIN_UNKNOWN);
	for (size_t i = 0; i < STANDIN_EXPORT_MONTHS; i++)
		export[i] = 40;
	assert_int_equal(standin_export(export), STANDIN_NO);
	export[12] = 9.9;
	assert_int_equal(standin_export(export), STANDIN_YES);
	export[12] = 0;
	assert_int_equal(standin_export(export), STANDIN_YES);
	export[3] = NAN;
	assert_int_equal(standin_export(export), STANDIN_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feed_against_two_years),
		cmocka_unit_test(price_premium_and_export),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("standin", tests, NULL, NULL);
}
