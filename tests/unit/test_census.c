/* census: the columns of an answer, and the one that is there twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "census.h"

enum { MAX_FIELDS = 16 };

/* Fields between blanks; `.` is null. */
static struct jsonrow
row_of(const char *text, struct str field[MAX_FIELDS])
{
	struct jsonrow row = { .field = field };
	struct str rest = str_of(text), part;

	while (str_split(&rest, ' ', &part))
		field[row.n++] = str_is(part, ".") ? (struct str){ NULL, 0 } : part;
	return row;
}

static void
check_header(const char *names, const char *message)
{
	struct str field[MAX_FIELDS];
	const struct jsonrow header = row_of(names, field);
	struct census census;
	struct err err = ERR_INIT;

	assert_int_equal(census_columns(&census, &header, &err), *message == '\0' ? LODE_OK : LODE_EUSAGE);
	assert_string_equal(err.message, message);
}

static void
headers(void **state)
{
	(void)state;
	check_header("time CTY_CODE I_COMMODITY GEN_VAL_MO", "");
	check_header("GEN_QY1_MO UNIT_QY1 I_COMMODITY CTY_CODE time", "");
	check_header("time CTY_CODE E_COMMODITY QTY_2_MO UNIT_QY2 .", "");
	check_header("CTY_CODE I_COMMODITY GEN_VAL_MO", "no column 'time' in the header");
	check_header("time CTY_CODE GEN_VAL_MO", "no column 'I_COMMODITY' or 'E_COMMODITY' in the header");
	check_header("time CTY_CODE I_COMMODITY E_COMMODITY GEN_VAL_MO", "both 'I_COMMODITY' and 'E_COMMODITY' in the header");
	check_header("time CTY_CODE I_COMMODITY", "no column of figures in the header, as in 'GEN_VAL_MO' or 'ALL_VAL_MO'");
	check_header("time CTY_CODE I_COMMODITY GEN_QY2_MO UNIT_QY1", "no column 'UNIT_QY2' beside 'GEN_QY2_MO': ask for it too");
}

static void
check_row(const char *values, const char *message)
{
	struct str names[MAX_FIELDS], field[MAX_FIELDS];
	const struct jsonrow header = row_of("I_COMMODITY CTY_CODE GEN_VAL_MO time I_COMMODITY", names), row = row_of(values, field);
	struct census census;
	struct err err = ERR_INIT;

	assert_int_equal(census_columns(&census, &header, &err), LODE_OK);
	assert_int_equal(census_check(&census, &row, &err), *message == '\0' ? LODE_OK : LODE_EDATA);
	assert_string_equal(err.message, message);
	if (*message == '\0')
		assert_true(str_is(census_get(&census, &row, CENSUS_GENERAL), ""));
	assert_true(str_is(census_get(&census, &row, CENSUS_UNIT), ""));
}

static void
rows(void **state)
{
	(void)state;
	check_row("2846 5700 . 2026-07 2846", "");
	check_row(". 5700 . 2026-07 .", "");
	check_row("2846 5700 5 2026-07 2805", "the column is there twice, with '2846' and '2805'");
	check_row("2846 5700 5 2026-07 .", "the column is there twice, with '2846' and ''");
	check_row("2846 5700 5 2026-07", "4 fields, the header has 5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(rows),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
