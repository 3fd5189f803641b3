/* obs: headers by name; each column's form and its message */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "obs.h"

/* A record of TSV text as rows would give it; end[] needs room for its fields. */
static struct record
record_of(const char *text, uint32_t *end)
{
	struct record record = { .line = 1, .raw = str_of(text), .base = text, .end = end };
	struct str rest = record.raw, part;

	while (str_split(&rest, '\t', &part))
		end[record.n++] = (uint32_t)(part.p + part.n - text);
	return record;
}

static int
header_of(struct header *header, const char *text, struct err *err)
{
	uint32_t end[100];
	struct record record = record_of(text, end);

	return header_init(header, &record, err);
}

#define CANONICAL "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref"

static void
columns_are_found_by_name_in_any_order(void **state)
{
	struct header header;
	struct err err = ERR_INIT;
	struct obs obs;
	uint32_t end[20];
	const char *line = "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\tx";
	struct record record = record_of(line, end);
	unsigned column;

	(void)state;
	assert_int_equal(header_of(&header, "ref\tsource\tstatus\tunit\tvalue\tindicator\tcommodity\tpartner\tarea\tperiod\tknown\turl", &err),
	    LODE_OK);
	assert_int_equal(header_check_tape(&header, &err), LODE_OK);
	obs_of_record(&header, &record, &obs);
	assert_true(str_is(obs.f[OBS_KNOWN], "11"));
	assert_true(str_is(obs.f[OBS_PERIOD], "10"));
	assert_true(str_is(obs.f[OBS_VALUE], "5"));
	assert_true(str_is(obs.f[OBS_REF], "1"));
	assert_int_equal(header_find(&header, STR("url")), 11);
	assert_int_equal(header_find(&header, STR("URL")), -1);
	assert_int_equal(header_need(&header, "url", &column, &err), LODE_OK);
	assert_int_equal(column, 11);
	assert_int_equal(header_need(&header, "cameo", &column, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "no column 'cameo' in the header");
	header_release(&header);
	header_release(&header);
}

static void
header_survives_the_record_it_came_from(void **state)
{
	char text[] = " known \tperiod\t\t";
	struct header header;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(header_of(&header, text, &err), LODE_OK);
	memset(text, 'x', sizeof text - 1);
	assert_int_equal(header.n, 4);
	assert_string_equal(header.names[0].p, "known");
	assert_true(header.names[3].n == 0);
	header_release(&header);
}

static void
missing_column_of_a_tape_is_named(void **state)
{
	(void)state;
	for (int i = 0; i < OBS_N; i++) {
		char text[200] = "extra", message[100];
		struct header header;
		struct err err = ERR_INIT;
		struct obs obs;
		uint32_t end[20];
		struct record record = record_of("x\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10", end);

		for (int k = 0; k < OBS_N; k++)
			if (k != i)
				snprintf(text + strlen(text), sizeof text - strlen(text), "\t%s", obs_names[k]);
		snprintf(message, sizeof message, "not a tape: no column '%s' in the header", obs_names[i]);
		assert_int_equal(header_of(&header, text, &err), LODE_OK);
		assert_int_equal(header_check_tape(&header, &err), LODE_EUSAGE);
		assert_string_equal(err.message, message);
		obs_of_record(&header, &record, &obs);
		assert_int_equal(obs.f[i].n, 0);
		header_release(&header);
	}
}

static void
name_may_stand_once_only(void **state)
{
	struct header header;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(header_of(&header, "a\tb\t\t\tc\tb", &err), LODE_EUSAGE);
	assert_string_equal(err.message, "column 'b' is there twice");
	assert_int_equal(header_of(&header, "a\t\t\t", &err), LODE_OK);
	header_release(&header);
}

static void
header_of_many_names_takes_no_time(void **state)
{
	enum { N = 200000 };
	char *text = malloc(N * 8);
	uint32_t *end = malloc(N * sizeof *end);
	struct header header;
	struct record record;
	struct err err = ERR_INIT;
	size_t n = 0;

	(void)state;
	assert_true(text != NULL && end != NULL);
	for (int i = 0; i < N; i++)
		n += (size_t)snprintf(text + n, 9, "%s%d", i > 0 ? "\t" : "", i);
	record = record_of(text, end);
	assert_int_equal(record.n, N);
	assert_int_equal(header_init(&header, &record, &err), LODE_OK);
	header_release(&header);
	free(text);
	free(end);
}

static const char *const good[OBS_N] = { "2025-06-20T07:00:00Z", "2025-05", "CN", "MM", "hs:28469019", "import.mass", "111.920", "kg", "A",
	"gacc", "imports.csv:12" };

static void
forms_of_the_columns(void **state)
{
	static const struct {
		int column;
		struct str value;
		const char *message; /* NULL: it is right */
	} cases[] = {
		{ OBS_KNOWN, STR("2025-06-20"), "'2025-06-20' is not a time like 2025-06-20T07:00:00Z" },
		{ OBS_PERIOD, STR("2025-01/2025-02"), NULL },
		{ OBS_PERIOD, STR("2025-13"), "'2025-13' is not a period like 2025, 2025-Q2, 2025-05, 2025-05-14 or 2025-01/2025-02" },
		{ OBS_AREA, STR("W0"), NULL },
		{ OBS_AREA, STR("X-CN"), NULL },
		{ OBS_AREA, STR("MM-11"), NULL },
		{ OBS_AREA, STR("GB-ENG"), NULL },
		{ OBS_AREA, STR(""), "'' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_AREA, STR("mm"), "'mm' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_AREA, STR("MMR"), "'MMR' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_AREA, STR("MM-"), "'MM-' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_AREA, STR("MM-ABCD"), "'MM-ABCD' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_AREA, STR("W1"), "'W1' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_AREA, STR("X-C1"), "'X-C1' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_PARTNER, STR(""), NULL },
		{ OBS_PARTNER, STR("m"), "'m' is not an area like CN, MM-11, W0 or X-CN" },
		{ OBS_COMMODITY, STR(""), NULL },
		{ OBS_COMMODITY, STR("Dy2O3"), NULL },
		{ OBS_COMMODITY, STR("\xe6\xb0\xa7\xe5\x8c\x96\xe9\x95\x9d \xf0\x9f\x92\x8e \xc3\xa9"), NULL },
		{ OBS_COMMODITY, STR("a\\tb\\nc\\\\"), NULL },
		{ OBS_COMMODITY, STR("a\\x"), "a backslash that is not \\t, \\n or \\\\ at byte 2" },
		{ OBS_COMMODITY, STR("a\\"), "a backslash that is not \\t, \\n or \\\\ at byte 2" },
		{ OBS_COMMODITY, { "a\\\0", 3 }, "a backslash that is not \\t, \\n or \\\\ at byte 2" },
		{ OBS_COMMODITY, STR("ab\rc"), "control character at byte 3" },
		{ OBS_COMMODITY, STR("\x7f"), "control character at byte 1" },
		{ OBS_COMMODITY, { "ab\0", 3 }, "control character at byte 3" },
		{ OBS_COMMODITY, STR("\xd6\xd0"), "not valid UTF-8 at byte 1" },            /* GBK */
		{ OBS_COMMODITY, STR("ab\xe9"), "not valid UTF-8 at byte 3" },              /* Latin-1 */
		{ OBS_COMMODITY, STR("\xc0\x80"), "not valid UTF-8 at byte 1" },            /* too long a form of NUL */
		{ OBS_COMMODITY, STR("\xe0\x80\x80"), "not valid UTF-8 at byte 1" },
		{ OBS_COMMODITY, STR("\xed\xa0\x80"), "not valid UTF-8 at byte 1" },        /* a surrogate */
		{ OBS_COMMODITY, STR("\xf0\x80\x80\x80"), "not valid UTF-8 at byte 1" },
		{ OBS_COMMODITY, STR("\xf4\x90\x80\x80"), "not valid UTF-8 at byte 1" },    /* behind U+10FFFF */
		{ OBS_COMMODITY, STR("\xe4\xb8"), "not valid UTF-8 at byte 1" },            /* cut */
		{ OBS_INDICATOR, STR("event.border-closure"), NULL },
		{ OBS_INDICATOR, STR("deficit.probability.stock-0"), NULL },
		{ OBS_INDICATOR, STR("x y"), "'x y' is not a dotted name like import.mass" },
		{ OBS_INDICATOR, STR(""), "'' is not a dotted name like import.mass" },
		{ OBS_INDICATOR, STR("a..b"), "'a..b' is not a dotted name like import.mass" },
		{ OBS_INDICATOR, STR("a."), "'a.' is not a dotted name like import.mass" },
		{ OBS_VALUE, STR(""), NULL },
		{ OBS_VALUE, STR("-1.5e3"), NULL },
		{ OBS_VALUE, STR("12,5t"), "cannot read '12,5t' as a decimal" },
		{ OBS_UNIT, STR(""), "empty" },
		{ OBS_STATUS, STR("F"), NULL },
		{ OBS_STATUS, STR(""), "'' is not a status: A, P, E, F or O" },
		{ OBS_STATUS, STR("X"), "'X' is not a status: A, P, E, F or O" },
		{ OBS_STATUS, STR("AP"), "'AP' is not a status: A, P, E, F or O" },
		{ OBS_STATUS, { "\0", 1 }, "'' is not a status: A, P, E, F or O" },
		{ OBS_SOURCE, STR(""), "empty" },
		{ OBS_REF, STR(""), "empty" },
	};
	struct obs obs;
	int i;

	(void)state;
	for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
		struct err err = ERR_INIT;
		int rc;

		for (i = 0; i < OBS_N; i++)
			obs.f[i] = str_of(good[i]);
		assert_int_equal(obs_check(&obs, &err), LODE_OK);
		obs.f[cases[k].column] = cases[k].value;
		rc = obs_check(&obs, &err);
		if (cases[k].message == NULL) {
			if (rc != LODE_OK)
				fail_msg("%s", err.message);
			continue;
		}
		assert_int_equal(rc, LODE_EDATA);
		assert_string_equal(err.message, cases[k].message);
		assert_string_equal(err.column_name, obs_names[cases[k].column]);
		assert_int_equal(err.column, cases[k].column + 1);
	}
}

static void
control_line_starts_with_a_hash(void **state)
{
	uint32_t end[20];
	struct record record = record_of("#barrier\t1", end);

	(void)state;
	assert_true(obs_is_control(&record));
	record = record_of("2025", end);
	assert_false(obs_is_control(&record));
	record = record_of("", end);
	assert_false(obs_is_control(&record));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_found_by_name_in_any_order),
		cmocka_unit_test(header_survives_the_record_it_came_from),
		cmocka_unit_test(missing_column_of_a_tape_is_named),
		cmocka_unit_test(name_may_stand_once_only),
		cmocka_unit_test(header_of_many_names_takes_no_time),
		cmocka_unit_test(forms_of_the_columns),
		cmocka_unit_test(control_line_starts_with_a_hash),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
