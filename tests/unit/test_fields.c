/* fields: columns by name in any case, and what may stand in them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fields.h"

enum { A, B, C, N };
static const char *const names[N] = { "name", "number", "more" };

static struct record
record_of(struct str *field, unsigned n)
{
	return (struct record){ .n = n, .line = 1, .cooked = field };
}

static int
find(struct fields *fields, struct str *header_field, unsigned n, struct err *err)
{
	struct record record = record_of(header_field, n);
	struct header header;
	int rc;

	assert_int_equal(header_init(&header, &record, err), LODE_OK);
	rc = fields_find(fields, &header, names, N, C, err);
	header_release(&header);
	return rc;
}

static void
columns_are_found_in_any_order_and_case(void **state)
{
	struct str one[] = { STR("other"), STR("Number"), STR("NAME") }, lacking[] = { STR("number"), STR("nam"), STR("more") };
	struct str value[] = { STR("x"), STR(" 7 "), STR("seven") };
	struct record record = record_of(value, 3);
	struct err err = ERR_INIT;
	struct fields fields;

	(void)state;
	assert_int_equal(find(&fields, one, 3, &err), LODE_OK);
	assert_true(str_is(fields_get(&fields, &record, A), "seven"));
	assert_true(str_is(fields_get(&fields, &record, B), "7"));
	assert_int_equal(fields_get(&fields, &record, C).n, 0);
	assert_int_equal(find(&fields, lacking, 3, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "no column 'name' in the header");
}

/* One value through a getter, by what it says: the message, or "" when it is taken. */
enum getter { TEXT, ID, COUNT, GRADE };

static const char *
said(enum getter getter, struct str value)
{
	static struct err err;
	struct str one[] = { STR("name"), STR("number") }, got = STR("untouched"), field[2];
	struct fields fields;
	struct record record;
	int rc = LODE_OK;

	err = (struct err)ERR_INIT;
	assert_int_equal(find(&fields, one, 2, &err), LODE_OK);
	field[0] = STR("");
	field[1] = value;
	record = record_of(field, 2);
	switch (getter) {
	case TEXT:
		rc = fields_text(&fields, &record, B, &got, &err);
		break;
	case ID:
		rc = fields_id(&fields, &record, B, &got, &err);
		break;
	case COUNT:
		rc = fields_count(&fields, &record, B, &got, &err);
		break;
	case GRADE:
		rc = fields_grade(&fields, &record, B, '3', &got, &err);
		break;
	}
	if (rc == LODE_OK) {
		assert_true(str_eq(got, str_trim(value)));
		return "";
	}
	assert_true(str_is(got, "untouched"));
	assert_int_equal(rc, LODE_EDATA);
	assert_int_equal(err.column, 2);
	assert_string_equal(err.column_name, "number");
	return err.message;
}

static void
text_is_what_a_tape_can_hold(void **state)
{
	(void)state;
	assert_string_equal(said(TEXT, STR("")), "");
	assert_string_equal(said(TEXT, STR("Kachin \xe5\x85\x8b\xe9\x92\xa6 \"a\\b\tc\nd\"")), "");
	assert_string_equal(said(TEXT, STR("ab\xff")), "not valid UTF-8 at byte 3");
	assert_string_equal(said(TEXT, STR("ab\rc")), "control character at byte 3");
	assert_string_equal(said(TEXT, STR("a\0b")), "control character at byte 2");
	assert_string_equal(said(TEXT, STR("a\x7f")), "control character at byte 2");
	assert_string_equal(said(ID, STR("MMR1")), "");
	assert_string_equal(said(ID, STR(" ")), "empty");
	assert_string_equal(said(ID, STR("\x01")), "control character at byte 1");
}

static void
counts_and_grades_are_digits(void **state)
{
	(void)state;
	assert_string_equal(said(COUNT, STR("0")), "");
	assert_string_equal(said(COUNT, STR("00120")), "");
	assert_string_equal(said(COUNT, STR("")), "cannot read '' as a count");
	assert_string_equal(said(COUNT, STR("-1")), "cannot read '-1' as a count");
	assert_string_equal(said(COUNT, STR("1.5")), "cannot read '1.5' as a count");
	assert_string_equal(said(GRADE, STR("1")), "");
	assert_string_equal(said(GRADE, STR("3")), "");
	assert_string_equal(said(GRADE, STR("4")), "'4' is not a grade of precision from 1 to 3");
	assert_string_equal(said(GRADE, STR("0")), "'0' is not a grade of precision from 1 to 3");
	assert_string_equal(said(GRADE, STR("11")), "'11' is not a grade of precision from 1 to 3");
	assert_string_equal(said(GRADE, STR("")), "'' is not a grade of precision from 1 to 3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found_in_any_order_and_case),
		cmocka_unit_test(text_is_what_a_tape_can_hold),
		cmocka_unit_test(counts_and_grades_are_digits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
