/* jsonrows: rows are the same however the input is cut into reads, and what is broken is said once. */
#include "cuts.h"
#include "jsonrows.h"

/* Everything a reader can see, as text. */
static void
show(const void *options, struct memory memory, struct buf *out)
{
	struct err err = ERR_INIT;
	struct jsonrow row;
	struct jsonrows *rows;
	unsigned i;
	int rc;

	(void)options;
	out->n = 0;
	assert_int_equal(jsonrows_new(&rows, 64, memory_read, &memory, &err), LODE_OK);
	while ((rc = jsonrows_next(rows, &row, &err)) != LODE_DONE) {
		buf_printf(out, "%d:", (int)row.line);
		for (i = 0; rc == LODE_OK && i < row.n; i++)
			buf_printf(out, "%s|", row.field[i].p == NULL ? "(null)" : row.field[i].p);
		if (rc != LODE_OK)
			buf_printf(out, "%s%s", err.message, row.final ? "!" : "");
		buf_printf(out, ";");
	}
	jsonrows_free(rows);
}

static void
check(const char *input, const char *want)
{
	check_cuts(show, NULL, input, want);
}

static void
rows_of_an_array(void **state)
{
	(void)state;
	check("[[\"a\",\"b\"],\n[\"1\",null]]\n", "1:a|b|;2:1|(null)|;");
	check("  [\r\n [ \"a\" ] , [\"x,y\"]\r\n] ", "2:a|;2:x,y|;");
	check("[[]]", "1:;");
}

static void
brackets_and_quotes_in_text(void **state)
{
	(void)state;
	check("[[\"]],[\",\"\\\"]\",\"\\\\\"]]", "1:]],[|\"]|\\|;");
	check("[[\"\\u00e9\",\"\xc3\xa9\"]]", "1:\xc3\xa9|\xc3\xa9|;");
}

static void
rows_without_an_outer_array(void **state)
{
	(void)state;
	check("[\"a\"]\n[\"b\"]\n", "1:a|;2:b|;");
	check("[null]", "1:(null)|;");
}

static void
nothing(void **state)
{
	(void)state;
	check("", "");
	check(" \r\n", "");
	check("[]", "");
}

static void
bad_rows_are_passed_over(void **state)
{
	(void)state;
	check("[[\"a\"],[1],[\"b\",],[\"c\"]]",
	    "1:a|;1:item 1 is not a string;1:not a JSON array: unexpected token near ']';1:c|;");
	check("[[[\"a\"]],[\"b\"]]", "1:item 1 is not a string;1:b|;");
}

static void
broken_arrays_end_the_input(void **state)
{
	(void)state;
	check("error: no\nmore", "1:not a JSON array of arrays: 'error: no'!;");
	check("[[\"a\"]\n[\"b\"]]", "1:a|;2:not a JSON array of arrays: '[\"b\"]]'!;");
	check("[[\"a\"],]", "1:a|;1:not a JSON array of arrays: ']'!;");
	check("[[\"a\"]] x", "1:a|;1:not a JSON array of arrays: 'x'!;");
	check("[[\"a\"],\n[\"b", "1:a|;2:truncated JSON: a bracket is not closed!;");
	check("[[\"a\"]\n", "1:a|;2:truncated JSON: a bracket is not closed!;");
	check("[", "1:truncated JSON: a bracket is not closed!;");
	check("[[\"0123456789012345678901234567890123456789012345678901234567890123456789\"]]",
	    "1:record is longer than 64 bytes!;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_an_array),
		cmocka_unit_test(brackets_and_quotes_in_text),
		cmocka_unit_test(rows_without_an_outer_array),
		cmocka_unit_test(nothing),
		cmocka_unit_test(bad_rows_are_passed_over),
		cmocka_unit_test(broken_arrays_end_the_input),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
