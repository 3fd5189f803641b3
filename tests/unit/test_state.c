/* state: values of several parts come back as they were, and what is none is told */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "state.h"

static void
parts_come_back_as_they_were(void **unused)
{
	static const int64_t numbers[] = { 0, 7, -7, INT64_MAX, INT64_MIN };
	static const double doubles[] = { 0, 0.1, -1.0 / 3, 5e-324, 1.7976931348623157e308 };
	const struct str texts[] = { STR(""), STR("a"), STR("with 3: and\ttabs\nand lines") };
	struct buf value = BUF_INIT;
	struct err err = ERR_INIT;
	struct str rest, text;
	int64_t number;
	double real;
	size_t i;

	(void)unused;
	for (i = 0; i < 5; i++) {
		assert_int_equal(state_add_number(&value, numbers[i], &err), LODE_OK);
		assert_int_equal(state_add_text(&value, texts[i % 3], &err), LODE_OK);
		assert_int_equal(state_add_double(&value, doubles[i], &err), LODE_OK);
	}
	rest = buf_str(&value);
	for (i = 0; i < 5; i++) {
		assert_true(state_next_number(&rest, &number) && number == numbers[i]);
		assert_true(state_next_text(&rest, &text) && str_eq(text, texts[i % 3]));
		assert_true(state_next_double(&rest, &real));
		assert_memory_equal(&real, &doubles[i], sizeof real);
	}
	assert_int_equal(rest.n, 0);
	assert_false(state_next_number(&rest, &number) || state_next_text(&rest, &text) || state_next_double(&rest, &real));
	buf_release(&value);
}

static void
what_is_none_is_told(void **unused)
{
	const struct str numbers[] = { STR("7"), STR("x "), STR("- "), STR("9223372036854775808 "), STR("-9223372036854775809 "), STR("1 2"), STR(" ") };
	const struct str texts[] = { STR("3:ab "), STR("3:abc"), STR("-1: "), STR("3:abcd "), STR("abc "), STR("99:abc ") };
	const struct str doubles[] = { STR("1.5"), STR("x "), STR(" "), STR("1.5.5 ") };
	const struct state_entry entry = { STR("line\t1"), STR("x"), 1 };
	struct err err = ERR_INIT;
	struct str rest, text;
	int64_t number;
	double real;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		rest = numbers[i];
		assert_int_equal(state_next_number(&rest, &number), i == 5); /* the one in front */
	}
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		rest = texts[i];
		assert_false(state_next_text(&rest, &text));
	}
	for (i = 0; i < sizeof doubles / sizeof *doubles; i++) {
		rest = doubles[i];
		assert_false(state_next_double(&rest, &real));
	}
	assert_int_equal(state_refuse(&entry, &err), LODE_EDATA);
	assert_string_equal(err.message, "'line\t1' is no state");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_come_back_as_they_were),
		cmocka_unit_test(what_is_none_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
