/* share: the order within a moment does not matter, and each share is told once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "share.h"

static struct str
next(struct share *share, char number[DEC_MAX])
{
	struct str value = STR("");

	return share_next(share, number, &value) == NULL ? STR("none") : value;
}

static void
figures_and_totals_come_in_any_order(void **state)
{
	struct err err = ERR_INIT;
	struct share share;
	char number[DEC_MAX];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(share_init(&share, 10, &err), LODE_OK);
		if (i == 1)
			assert_int_equal(share_total(&share, STR("2025"), STR("MM"), STR("8"), &err), LODE_OK);
		assert_int_equal(share_figure(&share, STR("k"), STR("2025"), STR("MM-11"), STR("1"), STR("line"), &err), LODE_OK);
		if (i == 0)
			assert_int_equal(share_total(&share, STR("2025"), STR("MM"), STR("8"), &err), LODE_OK);
		assert_true(str_is(next(&share, number), "0.125"));
		assert_true(str_is(next(&share, number), "none"));
		assert_int_equal(share_without(&share), 0);
		share_release(&share);
	}
}

static void
the_newest_of_a_moment_counts(void **state)
{
	struct err err = ERR_INIT;
	struct share share;
	char number[DEC_MAX];

	(void)state;
	assert_int_equal(share_init(&share, 3, &err), LODE_OK);
	assert_int_equal(share_figure(&share, STR("k"), STR("2025"), STR("MM"), STR("1"), STR("a"), &err), LODE_OK);
	assert_true(str_is(next(&share, number), "none"));
	assert_int_equal(share_without(&share), 1);
	assert_int_equal(share_figure(&share, STR("k"), STR("2025"), STR("MM"), STR("2"), STR("b"), &err), LODE_OK);
	assert_int_equal(share_total(&share, STR("2025"), STR("MM"), STR("8"), &err), LODE_OK);
	assert_int_equal(share_total(&share, STR("2025"), STR("MM"), STR("16"), &err), LODE_OK);
	assert_true(str_is(next(&share, number), "0.125"));
	assert_true(str_is(next(&share, number), "none"));
	assert_int_equal(share_total(&share, STR("2024"), STR("MM"), STR("16"), &err), LODE_OK);
	assert_int_equal(share_total(&share, STR("2023"), STR("MM"), STR("16"), &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 3 keys to hold (--max-keys)");
	assert_int_equal(share_total(&share, STR("2025"), STR("MM"), STR("0"), &err), LODE_OK);
	assert_int_equal(next(&share, number).n, 0);
	assert_true(str_is(next(&share, number), "none"));
	share_release(&share);
}

static void
a_country_is_two_letters(void **state)
{
	(void)state;
	assert_true(str_is(share_country(STR("MM-11")), "MM"));
	assert_true(str_is(share_country(STR("MM")), "MM"));
	assert_true(str_is(share_country(STR("X-CN")), "X-CN"));
	assert_true(str_is(share_country(STR("W0")), "W0"));
	assert_true(str_is(share_country(STR("")), ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_and_totals_come_in_any_order),
		cmocka_unit_test(the_newest_of_a_moment_counts),
		cmocka_unit_test(a_country_is_two_letters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
