/* comext: the three shapes by their headers, countries and periods. */
#include "comext.h"
#include "cuts.h"

/* A header line and one record. */
struct file {
	struct memory memory;
	struct rows *rows;
	struct header header;
	struct record record;
	struct comext comext;
	struct err err;
	int rc;
};

static void
open_file(struct file *file, const char *text)
{
	const struct rows_options options = { .separator = ',', .quote = '"', .max_record = 1 << 16 };

	*file = (struct file){ .memory = { str_of(text), SIZE_MAX, SIZE_MAX } };
	assert_int_equal(rows_new(&file->rows, &options, memory_read, &file->memory, &file->err), LODE_OK);
	assert_int_equal(rows_next(file->rows, &file->record, &file->err), LODE_OK);
	assert_int_equal(header_init(&file->header, &file->record, &file->err), LODE_OK);
	file->rc = comext_columns(&file->comext, &file->header, &file->err);
	rows_next(file->rows, &file->record, &file->err);
}

static void
close_file(struct file *file)
{
	header_release(&file->header);
	rows_free(file->rows);
}

static void
names_in_any_case(void **state)
{
	struct file file;

	(void)state;
	open_file(&file, "obs_value,Indicators,TIME_PERIOD,flow,product,partner,reporter\n1,VALUE_IN_EUROS,2024-01,1, 2846 ,MM,NL\n");
	assert_int_equal(file.rc, LODE_OK);
	assert_int_equal(file.comext.at[COMEXT_FIGURE], 0);
	assert_int_equal(file.comext.at[COMEXT_KG], -1);
	assert_true(str_is(comext_get(&file.comext, &file.record, COMEXT_PRODUCT), "2846"));
	assert_true(str_is(comext_get(&file.comext, &file.record, COMEXT_KG), ""));
	close_file(&file);
}

static void
check_country(const char *text, enum comext_column column, const char *code, enum comext_column from)
{
	enum comext_column used;
	struct file file;

	open_file(&file, text);
	assert_int_equal(file.rc, LODE_OK);
	assert_true(str_is(comext_country(&file.comext, &file.record, column, &used), code));
	assert_int_equal(used, from);
	close_file(&file);
}

static void
letters_before_numbers(void **state)
{
	const char *both = "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,PRODUCT_NC,FLOW,PERIOD,VALUE_IN_EUROS\n003,NL,0676,,2846,1,200812,5\n";

	(void)state;
	check_country(both, COMEXT_REPORTER, "NL", COMEXT_REPORTER_ISO);
	check_country(both, COMEXT_PARTNER, "0676", COMEXT_PARTNER);
	check_country("DECLARANT,PARTNER,PRODUCT_NC,FLOW,PERIOD,VALUE_IN_EUROS\n003,0676,2846,1,200812,5\n", COMEXT_REPORTER, "0003", COMEXT_REPORTER);
	check_country("REPORTER,PARTNER,PRODUCT_NC,FLOW,PERIOD,VALUE_EUR\nNL,ABC,2846,1,200812,5\n", COMEXT_PARTNER, "ABC", COMEXT_PARTNER);
}

static void
check_refused(const char *header, const char *message)
{
	struct file file;

	open_file(&file, header);
	assert_int_equal(file.rc, LODE_EUSAGE);
	assert_string_equal(file.err.message, message);
	close_file(&file);
}

static void
headers_that_do_not_fit(void **state)
{
	(void)state;
	check_refused("REPORTER,PARTNER,PRODUCT_NC,FLOW,VALUE_EUR\n", "no column 'PERIOD' in the header");
	check_refused("REPORTER,DECLARANT,PARTNER,PRODUCT_NC,FLOW,PERIOD,VALUE_EUR\n", "columns 1 and 2 are both 'REPORTER'");
	check_refused("REPORTER,PARTNER,PRODUCT_NC,FLOW,PERIOD,OBS_VALUE\n", "no column 'INDICATORS' in the header");
	check_refused("REPORTER,PARTNER,PRODUCT_NC,FLOW,PERIOD,VALUE_NAC\n",
	    "no column of figures in the header: 'VALUE_EUR', 'QUANTITY_KG' or 'OBS_VALUE'");
}

static void
check_period(const char *text, const char *want)
{
	char out[PERIOD_MAX] = "";
	struct period period;
	struct err err;

	if (comext_period(str_of(text), &period, &err) == LODE_OK)
		period_format(period, out);
	assert_string_equal(out, want);
}

static void
periods(void **state)
{
	(void)state;
	check_period("202402", "2024-02");
	check_period("202452", "2024");
	check_period("2024-02", "2024-02");
	check_period("2024", "2024");
	check_period("202413", "");
	check_period("202400", "");
	check_period("000001", "");
	check_period("20240", "");
	check_period("", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_any_case),
		cmocka_unit_test(letters_before_numbers),
		cmocka_unit_test(headers_that_do_not_fit),
		cmocka_unit_test(periods),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
