/* vat: the rate of the day, borders inclusive; what a table cannot say */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "instant.h"
#include "temp.h"
#include "vat.h"

static struct table table;
static struct vat *vat;
static struct err err;

static int
load(const char *rows)
{
	char path[] = "/tmp/test_vat.XXXXXX", text[512];
	int n = snprintf(text, sizeof text, "area\tfirst\tlast\trate\tsource\n%s", rows), rc;

	err = (struct err)ERR_INIT;
	temp_make(path, text, (size_t)n);
	rc = table_load(&table, path, vat_columns, &err);
	assert_int_equal(rc, LODE_OK);
	rc = vat_new(&vat, &table, &err);
	unlink(path);
	return rc;
}

static const char *
rate(const char *area, int32_t first, int32_t last)
{
	static char text[DEC_MAX];
	struct dec dec;

	err = (struct err)ERR_INIT;
	if (vat_rate(vat, str_of(area), first, last, &dec, &err) != LODE_OK)
		return err.message;
	dec_format(dec, text);
	return text;
}

static void
of_the_day(void **state)
{
	const int32_t change = civil_to_days(2018, 5, 1), open = civil_to_days(2019, 4, 1);

	(void)state;
	assert_int_equal(load("CN\t1994\t2018-04\t0.17\tx\nCN\t2018-05-01\t2019-03-31\t0.16\tx\nCN\t2019-04-01\t\t0.13\tx\nAT\t2000\t\t0\tx\n"), LODE_OK);
	assert_string_equal(rate("CN", change - 1, change - 1), "0.17");
	assert_string_equal(rate("CN", change, change), "0.16");
	assert_string_equal(rate("CN", change, open - 1), "0.16");
	assert_string_equal(rate("CN", open, open + 100000), "0.13");
	assert_string_equal(rate("AT", open, open), "0");
	assert_string_equal(rate("CN", change - 1, change), "the value added tax of CN changed between 2018-04-30 and 2018-05-01");
	assert_string_equal(rate("EU", open, open), "no value added tax of EU for 2019-04-01 is in the table");
	assert_string_equal(rate("AT", 0, open), "no value added tax of AT for 1970-01-01 is in the table");
	vat_free(vat);
	table_release(&table);
}

static void
a_wrong_table_is_refused(void **state)
{
	static const char *const rows[] = { "CN\t2019\t\t13\tx\n", "CN\t2019\t\t-0.1\tx\n", "CN\t2019\t\t13%\tx\n", "CN\tx\t\t0.13\tx\n", "CN\t2019\tx\t0.13\tx\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(load(rows[i]), LODE_EUSAGE);
		assert_int_equal(err.line, 2);
		table_release(&table);
	}
	vat_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_day),
		cmocka_unit_test(a_wrong_table_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
