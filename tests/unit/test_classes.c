/* classes: what a code is, of no interest or unknown, and what a table may not say */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classes.h"
#include "temp.h"

static int
load(struct classes *classes, const char *table, struct err *err)
{
	char path[] = "/tmp/test_classes.XXXXXX";
	int rc;

	*classes = (struct classes){ 0 };
	temp_make(path, table, strlen(table));
	rc = classes_load(classes, path, err);
	unlink(path);
	return rc;
}

static void
a_code_is_known_or_of_no_interest_or_unknown(void **state)
{
	struct err err = ERR_INIT;
	struct str class = STR("untouched"), severity = class;
	struct classes classes;

	(void)state;
	assert_int_equal(load(&classes, "code\tclass\tseverity\tsource\n1\toffensive\t0.50\tt\n3\t\t\tt\n", &err), LODE_OK);
	assert_false(classes_get(&classes, STR("2"), &class, &severity));
	assert_false(classes_get(&classes, STR(""), &class, &severity));
	assert_false(classes_get(&classes, STR("11"), &class, &severity));
	assert_true(str_is(class, "untouched") && str_is(severity, "untouched"));
	assert_true(classes_get(&classes, STR("1"), &class, &severity));
	assert_true(str_is(class, "offensive") && str_is(severity, "0.50"));
	assert_true(classes_get(&classes, STR("3"), &class, &severity));
	assert_int_equal(class.n, 0);
	classes_release(&classes);
	classes_release(&classes);

	assert_int_equal(load(&classes, "code\tclass\tsource\n1\toffensive\tt\n", &err), LODE_OK);
	assert_true(classes_get(&classes, STR("1"), &class, &severity));
	assert_true(str_is(severity, "1"));
	classes_release(&classes);
}

static const char *
refused(const char *table, uint64_t line)
{
	static struct err err;
	struct classes classes;

	err = (struct err)ERR_INIT;
	assert_int_equal(load(&classes, table, &err), LODE_EUSAGE);
	assert_int_equal(err.line, line);
	classes_release(&classes);
	return err.message;
}

static void
tables_are_checked(void **state)
{
	(void)state;
	assert_string_equal(refused("code\tclass\tsource\n1\tA b\tt\n", 2), "'A b' is not the name of a class");
	assert_string_equal(refused("code\tclass\tseverity\tsource\n1\ta\t1\tt\n2\tb\t1.1\tt\n", 3), "a severity is a number from 0 to 1");
	assert_string_equal(refused("code\tclass\tseverity\tsource\n1\ta\t\tt\n", 2), "a severity is a number from 0 to 1");
	assert_string_equal(refused("code\tclass\tseverity\tsource\n1\ta\tx\tt\n", 2), "cannot read 'x' as a decimal");
	assert_string_equal(refused("code\tclass\tsource\n1\ta\tt\n1\tb\tt\n", 3), "code '1' is there twice");
	assert_string_equal(refused("code\tseverity\tsource\n1\t1\tt\n", 1), "no column 'class' in the header");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_known_or_of_no_interest_or_unknown),
		cmocka_unit_test(tables_are_checked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
