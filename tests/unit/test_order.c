/* order: times never fall, within an input and from one to the next */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "order.h"

#define T1 STR("2025-01-01T00:00:00Z")
#define T2 STR("2025-01-01T00:00:01Z")

static void
a_fall_names_both_lines(void **state)
{
	struct order order = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	order_input(&order);
	assert_int_equal(order_next(&order, T1, "a.tsv", 2, &err), LODE_OK);
	assert_int_equal(order_next(&order, T2, "a.tsv", 3, &err), LODE_OK);
	assert_int_equal(order_next(&order, T2, "a.tsv", 4, &err), LODE_OK);
	assert_int_equal(order_next(&order, T1, "a.tsv", 5, &err), LODE_EDATA);
	assert_string_equal(err.message, "known '2025-01-01T00:00:00Z' is before '2025-01-01T00:00:01Z' of line 4: sort the tape by known");
	assert_int_equal(order_next(&order, T2, "a.tsv", 6, &err), LODE_OK); /* the bad line left no trace */
}

static void
inputs_in_a_row_are_one_tape(void **state)
{
	struct order order = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	order_input(&order);
	assert_int_equal(order_next(&order, T2, "a.tsv", 9, &err), LODE_OK);
	order_input(&order);
	order_input(&order); /* one without lines between */
	assert_int_equal(order_next(&order, T1, "b.tsv", 2, &err), LODE_EDATA);
	assert_string_equal(err.message,
	    "known '2025-01-01T00:00:00Z' is before '2025-01-01T00:00:01Z' of a.tsv:9: lode-merge puts tapes in order");
	assert_int_equal(order_next(&order, T2, "b.tsv", 3, &err), LODE_OK);
	assert_int_equal(order_next(&order, T1, "b.tsv", 4, &err), LODE_EDATA);
	assert_string_equal(err.message, "known '2025-01-01T00:00:00Z' is before '2025-01-01T00:00:01Z' of line 3: sort the tape by known");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fall_names_both_lines),
		cmocka_unit_test(inputs_in_a_row_are_one_tape),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
