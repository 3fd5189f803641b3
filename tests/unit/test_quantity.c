/* quantity: words of China's customs; ref: places of lines and of documents */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "quantity.h"
#include "ref.h"

static void
words_have_units(void **state)
{
	static const char *const pairs[][2] = { { "千克", "kg" }, { "克", "g" }, { "吨", "t" }, { "台", "1" }, { "个", "1" }, { "千个", "1000" },
		{ "双", "{pair}" }, { "平方米", "m2" }, { "千瓦时", "kW.h" }, { "?", "" } };
	struct err err = ERR_INIT;
	struct str unit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		assert_int_equal(quantity_unit(str_of(pairs[i][0]), &unit, &err), LODE_OK);
		assert_true(str_is(unit, pairs[i][1]));
	}
	assert_int_equal(quantity_unit(STR(""), &unit, &err), LODE_EDATA);
	assert_int_equal(quantity_unit(STR("台 座"), &unit, &err), LODE_EDATA);
	assert_int_equal(quantity_unit(STR("斗"), &unit, &err), LODE_EDATA);
	assert_string_equal(err.message, "unknown unit '斗'");
}

static void
refs_are_file_and_line_or_place(void **state)
{
	struct ref ref = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ref_source(&ref, "a.csv", &err), LODE_OK);
	assert_true(str_is(ref_line(&ref, 0), "a.csv:0"));
	assert_true(str_is(ref_line(&ref, 1042), "a.csv:1042"));
	assert_true(str_is(ref_place(&ref, "/metals/0"), "a.csv#/metals/0"));
	assert_true(str_is(ref_line(&ref, UINT64_MAX), "a.csv:18446744073709551615"));
	assert_int_equal(ref_source(&ref, "-", &err), LODE_OK);
	assert_true(str_is(ref_line(&ref, 7), "-:7"));
	ref_release(&ref);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_have_units),
		cmocka_unit_test(refs_are_file_and_line_or_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
