/* acled: kinds of actors, times, and classes by type and sub-type */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acled.h"
#include "temp.h"

static const char *
kind_of(const char *text)
{
	static char kind[4];
	static struct err err;
	struct str got;

	if (acled_kind(str_of(text), &got, &err) != LODE_OK)
		return err.message;
	snprintf(kind, sizeof kind, "%.*s", (int)got.n, got.p);
	return kind;
}

static void
words_and_numbers_are_one_kind(void **state)
{
	static const char *const words[] = { "State forces", "Rebel group", "Political militia", "Identity militia", "Rioters", "Protesters",
		"Civilians", "External/Other forces" };
	char number[2] = "1";
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		number[0] = (char)('1' + i);
		assert_string_equal(kind_of(words[i]), number);
		assert_string_equal(kind_of(number), number);
	}
	assert_string_equal(kind_of("rebel groups"), "2");
	assert_string_equal(kind_of("0"), "");
	assert_string_equal(kind_of(""), "");
	assert_string_equal(kind_of("9"), "unknown kind of actor '9'");
	assert_string_equal(kind_of("12"), "unknown kind of actor '12'");
	assert_string_equal(kind_of("1s"), "unknown kind of actor '1s'");
	assert_string_equal(kind_of("Rebel"), "unknown kind of actor 'Rebel'");
}

static struct record
record_of(struct str *field)
{
	return (struct record){ .n = ACLED_N, .line = 1, .cooked = field };
}

static void
set_up(struct fields *fields, struct str field[ACLED_N])
{
	static const char *const header[ACLED_N] = { "timestamp", "inter2", "inter1", "geo_precision", "time_precision", "fatalities", "admin1", "iso",
		"actor2", "actor1", "sub_event_type", "event_type", "event_date", "event_id_cnty" };
	struct err err = ERR_INIT;
	struct header names;
	struct record record = record_of(field);
	int i;

	for (i = 0; i < ACLED_N; i++)
		field[i] = str_of(header[i]);
	assert_int_equal(header_init(&names, &record, &err), LODE_OK);
	assert_int_equal(acled_columns(fields, &names, &err), LODE_OK);
	header_release(&names);
}

static const char *
times_of(struct str uploaded, struct str date)
{
	static char text[600];
	struct str field[ACLED_N];
	struct record record = record_of(field);
	char known[INSTANT_MAX], day[PERIOD_MAX];
	struct err err = ERR_INIT;
	struct fields fields;

	set_up(&fields, field);
	field[0] = uploaded;
	field[12] = date;
	if (acled_times(&fields, &record, known, day, &err) == LODE_OK)
		snprintf(text, sizeof text, "%s %s", known, day);
	else
		snprintf(text, sizeof text, "%s: %s", err.column_name, err.message);
	return text;
}

static void
three_forms_of_a_day(void **state)
{
	(void)state;
	assert_string_equal(times_of(STR("1729500000"), STR("20241018")), "2024-10-21T08:40:00Z 2024-10-18");
	assert_string_equal(times_of(STR("1729500000"), STR("2024-10-18")), "2024-10-21T08:40:00Z 2024-10-18");
	assert_string_equal(times_of(STR("1729500000"), STR("18 October 2024")), "2024-10-21T08:40:00Z 2024-10-18");
	assert_string_equal(times_of(STR("1729500000"), STR("1 October 2024")), "2024-10-21T08:40:00Z 2024-10-01");
	assert_string_equal(times_of(STR("1729500000"), STR("2024-10-21")), "2024-10-21T08:40:00Z 2024-10-21");
	assert_string_equal(times_of(STR("1729500000"), STR("2024-10-22")),
	    "event_date: the event's day 2024-10-22 is after 2024-10-21T08:40:00Z, when it became known");
	assert_string_equal(times_of(STR("1729500000"), STR("18.10.2024")),
	    "event_date: '18.10.2024' is not a date like YYYY-MM-DD|YYYYMMDD|D Month YYYY");
	assert_string_equal(times_of(STR(""), STR("20241018")), "timestamp: '' is not a time in seconds since 1970");
	assert_string_equal(times_of(STR("1729500000000"), STR("20241018")), "timestamp: '1729500000000' is not a time in seconds since 1970");
	assert_string_equal(times_of(STR("-1"), STR("20241018")), "timestamp: '-1' is not a time in seconds since 1970");
}

static void
a_subtype_wins_over_its_type(void **state)
{
	static const char table[] = "code\tclass\tsource\nBattles: Armed clash\toffensive\tt\nProtests\t\tt\nRiots\tunrest\tt\nRiots: Mob\tmob\tt\n";
	char path[] = "/tmp/test_acled.XXXXXX";
	struct str field[ACLED_N], class, severity;
	struct record record = record_of(field);
	struct classes classes = { 0 };
	struct err err = ERR_INIT;
	struct fields fields;

	(void)state;
	temp_make(path, table, sizeof table - 1);
	assert_int_equal(classes_load(&classes, path, &err), LODE_OK);
	unlink(path);
	set_up(&fields, field);
	field[11] = STR("Riots");
	field[10] = STR("Mob");
	assert_int_equal(acled_class(&fields, &record, &classes, &class, &severity, &err), LODE_OK);
	assert_true(str_is(class, "mob"));
	field[10] = STR("Mobs");
	assert_int_equal(acled_class(&fields, &record, &classes, &class, &severity, &err), LODE_OK);
	assert_true(str_is(class, "unrest"));
	field[11] = STR("Protests");
	assert_int_equal(acled_class(&fields, &record, &classes, &class, &severity, &err), LODE_OK);
	assert_int_equal(class.n, 0);
	field[11] = STR("Battles");
	assert_int_equal(acled_class(&fields, &record, &classes, &class, &severity, &err), LODE_EDATA);
	assert_string_equal(err.message, "unknown event type 'Battles: Mobs'");
	assert_string_equal(err.column_name, "sub_event_type");
	field[10] = STR("");
	assert_int_equal(acled_class(&fields, &record, &classes, &class, &severity, &err), LODE_EDATA);
	assert_string_equal(err.message, "unknown event type 'Battles'");
	classes_release(&classes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_numbers_are_one_kind),
		cmocka_unit_test(three_forms_of_a_day),
		cmocka_unit_test(a_subtype_wins_over_its_type),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
