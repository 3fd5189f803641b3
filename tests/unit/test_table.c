/* table: all cells come back, and what is wrong inside has its place */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "table.h"
#include "temp.h"

static const char *const columns[] = { "name", "value", "source", NULL };

static void
every_cell_comes_back(void **state)
{
	enum { ROWS = 5000 };
	struct buf text = BUF_INIT;
	char path[] = "/tmp/test_table.XXXXXX", name[32];
	struct table table;
	struct err err = ERR_INIT;
	double value;

	(void)state;
	assert_int_equal(buf_add_str(&text, STR("value\tname\tnote\tsource\n")), LODE_OK);
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(buf_printf(&text, "%d.5\tname %d\t\"%s\tS%d\n", i, i, i % 2 ? "" : "x", i % 7), LODE_OK);
	temp_make(path, text.p, text.n);
	assert_int_equal(table_load(&table, path, columns, &err), LODE_OK);
	assert_int_equal(table.n, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(name, sizeof name, "name %zu", i);
		assert_string_equal(table_get(&table, i, "name").p, name);
		assert_string_equal(table_get(&table, i, "note").p, i % 2 ? "\"" : "\"x");
		assert_int_equal(table.line[i], i + 2);
		assert_int_equal(table_double(&table, i, "value", &value, &err), LODE_OK);
		assert_true(value == (double)i + 0.5);
	}
	table_release(&table);
	table_release(&table);
	unlink(path);
	buf_release(&text);
}

static void
load_fails(const char *text, const char *want)
{
	char path[] = "/tmp/test_table.XXXXXX", line[600], expected[600];
	struct table table;
	struct err err = ERR_INIT;

	temp_make(path, text, strlen(text));
	assert_int_equal(table_load(&table, path, columns, &err), LODE_EUSAGE);
	err_format(&err, "p", line, sizeof line);
	snprintf(expected, sizeof expected, "p: %s%s\n", path, want);
	assert_string_equal(line, expected);
	assert_int_equal(table.n, 0);
	table_release(&table);
	unlink(path);
}

static void
faults_have_their_place(void **state)
{
	struct table table;
	struct err err = ERR_INIT;

	(void)state;
	load_fails("", ":1: no header line: the input is empty");
	load_fails("name\tvalue\n", ":1: no column 'source' in the header");
	load_fails("name\tvalue\tsource\tname\n", ":1: column 'name' is there twice");
	load_fails("name\tvalue\tsource\na\t1\tS\nb\t2\n", ":3: 2 fields, the header has 3");
	load_fails("name\tvalue\tsource\na\t1\tS\t\n", ":2: 4 fields, the header has 3");
	assert_int_equal(table_load(&table, "/nowhere/table.tsv", columns, &err), LODE_EIO);
	assert_string_equal(err.message, "cannot open '/nowhere/table.tsv': No such file or directory");
	table_release(&table);
}

static void
numbers_are_finite_or_missing(void **state)
{
	static const char *const bad[] = { "x", "1,5", "nan", "1e999", " 1" };
	char path[] = "/tmp/test_table.XXXXXX", line[300], want[300];
	const char *text = "name\tvalue\tsource\na\tx\tS\nb\t1,5\tS\nc\tnan\tS\nd\t1e999\tS\ne\t 1\tS\nf\t\tS\n";
	struct table table;
	struct err err = ERR_INIT;
	double value = 42;

	(void)state;
	temp_make(path, text, strlen(text));
	assert_int_equal(table_load(&table, path, columns, &err), LODE_OK);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(table_double(&table, i, "value", &value, &err), LODE_EUSAGE);
		err_format(&err, "p", line, sizeof line);
		snprintf(want, sizeof want, "p: %s:%zu:2 (value): cannot read '%s' as a decimal\n", path, i + 2, bad[i]);
		assert_string_equal(line, want);
		assert_true(value == 42);
	}
	assert_int_equal(table_double(&table, 5, "value", &value, &err), LODE_OK);
	assert_true(isnan(value));
	table_release(&table);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_comes_back),
		cmocka_unit_test(faults_have_their_place),
		cmocka_unit_test(numbers_are_finite_or_missing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
