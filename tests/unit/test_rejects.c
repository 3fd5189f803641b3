/* rejects: the bytes of a record come back whatever they are, under the header of their input */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rejects.h"
#include "temp.h"

/* Undoes \t \n \\ in place. */
static size_t
unescape(char *text, size_t n)
{
	size_t from, to = 0;

	for (from = 0; from < n; from++) {
		char c = text[from];

		if (c == '\\' && from + 1 < n) {
			c = text[++from];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
		}
		text[to++] = c;
	}
	return to;
}

static void
last_column_is_the_record_again(void **state)
{
	char path[] = "/tmp/test_rejects.XXXXXX", record[256], *bytes, *line, *field;
	struct rejects rejects;
	struct err err = ERR_INIT, late;
	size_t n, i;

	(void)state;
	for (i = 0; i < sizeof record; i++)
		record[i] = (char)i;
	temp_make(path, "old", 3);
	assert_int_equal(rejects_open(&rejects, path, &err), LODE_OK);
	err_set(&err, LODE_EDATA, "cannot read 'a\tb' as a decimal");
	err_column(&err, 7, "netWgt");
	err_line(&err, "in\\a.csv", 12);
	rejects_add(&rejects, &err, (struct str){ NULL, 0 }, (struct str){ record, sizeof record });
	assert_int_equal(rejects.n, 1);
	assert_int_equal(rejects_close(&rejects, &late), LODE_OK);
	bytes = temp_read(path, &n);
	assert_int_equal(bytes[n - 1], '\n');
	bytes[n - 1] = '\t';
	line = strchr(bytes, '\n') + 1;
	assert_memory_equal(bytes, "source\tline\tcolumn\treason\trecord\n", (size_t)(line - bytes));
	assert_memory_equal(line, "in\\\\a.csv\t12\t7\tnetWgt: cannot read 'a\\\\x09b' as a decimal\t", 58);
	field = line + 58;
	assert_int_equal(unescape(field, (size_t)(bytes + n - 1 - field)), sizeof record);
	assert_memory_equal(field, record, sizeof record);
	free(bytes);
	unlink(path);
}

static void
header_stands_before_the_first_reject_of_each_input(void **state)
{
	char path[] = "/tmp/test_rejects.XXXXXX", *bytes;
	struct rejects rejects;
	struct err err = ERR_INIT, late;
	size_t n;

	(void)state;
	temp_make(path, "", 0);
	assert_int_equal(rejects_open(&rejects, path, &err), LODE_OK);
	for (int input = 0; input < 3; input++) {
		rejects_input(&rejects);
		for (int i = 0; i < input; i++) {
			err_set(&err, LODE_EDATA, "bad");
			err_line(&err, input == 1 ? "one" : "two", (uint64_t)i + 5);
			rejects_add(&rejects, &err, input == 1 ? STR("a,b") : STR("c\td"), STR("x"));
		}
	}
	assert_int_equal(rejects_close(&rejects, &late), LODE_OK);
	bytes = temp_read(path, &n);
	assert_string_equal(bytes, "source\tline\tcolumn\treason\trecord\n"
	    "one\t1\t0\theader\ta,b\none\t5\t0\tbad\tx\n"
	    "two\t1\t0\theader\tc\\td\ntwo\t5\t0\tbad\tx\ntwo\t6\t0\tbad\tx\n");
	free(bytes);
	unlink(path);
}

static void
file_that_cannot_be_written_is_an_error(void **state)
{
	struct rejects rejects = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(rejects_close(&rejects, &err), LODE_OK); /* never opened */
	assert_int_equal(rejects_open(&rejects, "/nowhere/r", &err), LODE_EIO);
	assert_string_equal(err.message, "cannot open '/nowhere/r': No such file or directory");
	assert_int_equal(rejects_open(&rejects, "/dev/full", &err), LODE_EIO);
	assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
	rejects_close(&rejects, &err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_column_is_the_record_again),
		cmocka_unit_test(header_stands_before_the_first_reject_of_each_input),
		cmocka_unit_test(file_that_cannot_be_written_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
