/* err: places are added once, one line comes out whatever the text holds */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"

static void
line_is(const struct err *err, const char *want)
{
	char line[1200];
	size_t n = err_format(err, "lode-x", line, sizeof line);

	assert_string_equal(line, want);
	assert_int_equal(n, strlen(want));
}

static void
message_has_the_parts_that_are_known(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, LODE_EDATA, "cannot read '%s' as a decimal", "12,5t"), LODE_EDATA);
	line_is(&err, "lode-x: cannot read '12,5t' as a decimal\n");
	err_column(&err, 7, "netWgt");
	line_is(&err, "lode-x: cannot read '12,5t' as a decimal\n"); /* a column says nothing without its file */
	err_line(&err, "imports.csv", 0);
	line_is(&err, "lode-x: imports.csv (netWgt): cannot read '12,5t' as a decimal\n");
	err_line(&err, "other.csv", 1042);
	line_is(&err, "lode-x: imports.csv:1042:7 (netWgt): cannot read '12,5t' as a decimal\n");
}

static void
place_is_set_by_the_lowest_that_knows(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, LODE_EDATA, "bad");
	assert_int_equal(err_line(&err, NULL, 3), LODE_EDATA);
	err_line(&err, "a", 4);
	assert_int_equal(err_column(&err, 2, NULL), LODE_EDATA);
	err_column(&err, 5, "later");
	line_is(&err, "lode-x: a:3:2: bad\n");
}

static void
set_forgets_the_place_before(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, LODE_EDATA, "old");
	err_line(&err, "a", 4);
	err_column(&err, 5, "c");
	assert_int_equal(err_set(&err, LODE_EIO, "new"), LODE_EIO);
	line_is(&err, "lode-x: new\n");
}

static void
reason_has_the_column_but_not_the_line(void **state)
{
	struct err err = ERR_INIT;
	char text[100];

	(void)state;
	err_set(&err, LODE_EDATA, "empty");
	err_line(&err, "a", 4);
	err_column(&err, 8, "unit");
	assert_int_equal(err_reason(&err, text, sizeof text), 11);
	assert_string_equal(text, "unit: empty");
}

static void
message_cannot_drive_a_terminal(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, LODE_EDATA, "'%s'", "a\x1b[31m\r\n\t\x7f \xc2\x9b \xe4\xb8\xad\xc3\xa9 \xff\xd6\xd0");
	line_is(&err, "lode-x: 'a\\x1B[31m\\x0D\\x0A\\x09\\x7F \\xC2\\x9B \xe4\xb8\xad\xc3\xa9 \\xFF\\xD6\\xD0'\n");
}

static void
text_is_masked_like_a_message(void **state)
{
	char out[32];

	(void)state;
	assert_int_equal(err_masked("MM \x1b[2J\xc3\xa9", out, sizeof out), 12);
	assert_string_equal(out, "MM \\x1B[2J\xc3\xa9");
	assert_int_equal(err_masked("abcdefgh", out, 8), 3); /* room for the longest character is kept */
	assert_string_equal(out, "abc");
}

static void
line_is_whole_in_any_room(void **state)
{
	struct err err = ERR_INIT;
	char line[1200];
	size_t size, n;

	(void)state;
	err_set(&err, LODE_EDATA, "%s", "\x01 long \xe4\xb8\xad text \x02\x03 and \xe4\xb8\xad\xe4\xb8\xad more of it");
	err_line(&err, "file", 12);
	for (size = 8; size < 120; size++) {
		memset(line, 'x', sizeof line);
		n = err_format(&err, "lode-x", line, size);
		assert_true(n < size);
		assert_int_equal(strlen(line), n);
		assert_int_equal(line[n - 1], '\n');
		assert_int_equal(line[size], 'x');
	}
}

static void
exit_status_follows_the_code(void **state)
{
	(void)state;
	assert_int_equal(err_exit_status(LODE_OK), 0);
	assert_int_equal(err_exit_status(LODE_DONE), 0);
	assert_int_equal(err_exit_status(LODE_EDATA), 1);
	assert_int_equal(err_exit_status(LODE_EUSAGE), 2);
	assert_int_equal(err_exit_status(LODE_EIO), 3);
	assert_int_equal(err_exit_status(LODE_ENOMEM), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_has_the_parts_that_are_known),
		cmocka_unit_test(place_is_set_by_the_lowest_that_knows),
		cmocka_unit_test(set_forgets_the_place_before),
		cmocka_unit_test(reason_has_the_column_but_not_the_line),
		cmocka_unit_test(message_cannot_drive_a_terminal),
		cmocka_unit_test(text_is_masked_like_a_message),
		cmocka_unit_test(line_is_whole_in_any_room),
		cmocka_unit_test(exit_status_follows_the_code),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
