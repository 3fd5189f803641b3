/* ucdp: periods by precision, the other country, what is still checked */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temp.h"
#include "ucdp.h"

enum { DAY_PREC = UCDP_DATE_PREC, FIRST = UCDP_START, LAST = UCDP_END };

static struct record
record_of(struct str *field)
{
	return (struct record){ .n = UCDP_N, .line = 1, .cooked = field };
}

static void
set_up(struct fields *fields, struct str field[UCDP_N])
{
	static const char *const header[UCDP_N] = { "id", "type_of_violence", "side_a", "side_b", "where_prec", "adm_1", "country_id", "date_prec",
		"date_start", "date_end", "best", "high", "low", "code_status", "gwnoa", "gwnob" };
	struct err err = ERR_INIT;
	struct header names;
	struct record record = record_of(field);
	int i;

	for (i = 0; i < UCDP_N; i++)
		field[i] = str_of(header[i]);
	assert_int_equal(header_init(&names, &record, &err), LODE_OK);
	assert_int_equal(ucdp_columns(fields, &names, &err), LODE_OK);
	header_release(&names);
}

static const char *
period_of(const char *prec, const char *first, const char *last)
{
	static char text[600];
	struct str field[UCDP_N];
	struct record record = record_of(field);
	char period_text[PERIOD_MAX], day[PERIOD_MAX];
	struct period period, last_day = { .kind = PERIOD_DAY };
	struct err err = ERR_INIT;
	struct fields fields;

	set_up(&fields, field);
	field[DAY_PREC] = str_of(prec);
	field[FIRST] = str_of(first);
	field[LAST] = str_of(last);
	if (ucdp_period(&fields, &record, &period, &last_day.first, &err) != LODE_OK) {
		snprintf(text, sizeof text, "%s: %s", err.column_name, err.message);
		return text;
	}
	period_format(period, period_text);
	period_format(last_day, day);
	snprintf(text, sizeof text, "%s %s", period_text, day);
	return text;
}

static void
a_period_is_as_wide_as_what_is_known(void **state)
{
	(void)state;
	assert_string_equal(period_of("1", "2023-05-14", "2023-05-14"), "2023-05-14 2023-05-14");
	assert_string_equal(period_of("2", "2023-05-30", "2023-06-02"), "2023-05-30 2023-06-02");
	assert_string_equal(period_of("3", "2023-05-29", "2023-06-04"), "2023-05-29 2023-06-04");
	assert_string_equal(period_of("4", "2023-05-01", "2023-05-31"), "2023-05 2023-05-31");
	assert_string_equal(period_of("4", "2023-05-29", "2023-06-16"), "2023-05/2023-06 2023-06-16");
	assert_string_equal(period_of("5", "1991-01-01", "1991-12-31"), "1991-01/1991-12 1991-12-31");
	assert_string_equal(period_of("5", "2022-12-20 00:00:00.000", "2023-01-10 00:00:00.000"), "2022-12/2023-01 2023-01-10");
	assert_string_equal(period_of("1", "2023-05-14", "2023-05-13"), "date_end: the event ends on 2023-05-13, before it begins");
	assert_string_equal(period_of("0", "2023-05-14", "2023-05-14"), "date_prec: '0' is not a grade of precision from 1 to 5");
	assert_string_equal(period_of("1", "2023-02-29", "2023-05-14"),
	    "date_start: '2023-02-29' is not a date like YYYY-MM-DD|YYYY-MM-DD 00:00:00.000");
	assert_string_equal(period_of("1", "2023-05-14", ""), "date_end: '' is not a date like YYYY-MM-DD|YYYY-MM-DD 00:00:00.000");
}

static void
the_partner_is_another_country(void **state)
{
	static const char table[] = "code\tiso\tsource\n775\tMM\tt\n710\tCN\tt\n2\tUS\tt\n";
	static const char *const columns[] = { "code", "iso", "source", NULL };
	static const struct {
		const char *state[2], *area, *want;
	} cases[] = {
		{ { "775", "" }, "MM-11", "" },
		{ { "", "" }, "MM", "" },
		{ { "775", "710" }, "MM-11", "CN" },
		{ { "710", "775" }, "MM", "CN" },
		{ { "710", "775" }, "CN-YN", "MM" },
		{ { "775, 2", "710" }, "MM", "US" },
	};
	char path[] = "/tmp/test_ucdp.XXXXXX";
	struct str field[UCDP_N], partner;
	struct record record = record_of(field);
	struct codes *countries;
	struct err err = ERR_INIT;
	struct fields fields;
	struct table loaded;
	size_t i;

	(void)state;
	temp_make(path, table, sizeof table - 1);
	assert_int_equal(table_load(&loaded, path, columns, &err), LODE_OK);
	assert_int_equal(codes_new(&countries, &loaded, NULL, NULL, "code", "iso", &err), LODE_OK);
	table_release(&loaded);
	unlink(path);
	set_up(&fields, field);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		field[UCDP_STATE_A] = str_of(cases[i].state[0]);
		field[UCDP_STATE_B] = str_of(cases[i].state[1]);
		assert_int_equal(ucdp_partner(&fields, &record, countries, str_of(cases[i].area), &partner, &err), LODE_OK);
		assert_true(str_is(partner, cases[i].want));
	}
	field[UCDP_STATE_B] = STR("9");
	assert_int_equal(ucdp_partner(&fields, &record, countries, STR("MM"), &partner, &err), LODE_EDATA);
	assert_string_equal(err.message, "unknown country code '9'");
	codes_free(countries);
}

static void
what_is_not_clear_is_provisional(void **state)
{
	struct str field[UCDP_N];
	struct record record = record_of(field);
	struct fields fields;

	(void)state;
	set_up(&fields, field);
	field[UCDP_STATUS] = STR("Clear");
	assert_true(str_is(ucdp_status(&fields, &record), "A"));
	field[UCDP_STATUS] = STR("");
	assert_true(str_is(ucdp_status(&fields, &record), "A"));
	field[UCDP_STATUS] = STR("Check deaths");
	assert_true(str_is(ucdp_status(&fields, &record), "P"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_period_is_as_wide_as_what_is_known),
		cmocka_unit_test(the_partner_is_another_country),
		cmocka_unit_test(what_is_not_clear_is_provisional),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
