/* key: the six columns and those that are named, wherever they stand */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "key.h"

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

static void
columns_and_order_do_not_matter(void **state)
{
	uint32_t end[20];
	struct record record = record_of("known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref\tbasket", end);
	const struct str more[] = { STR("basket") };
	struct key key = { 0 };
	struct header header;
	struct err err = ERR_INIT;
	struct str bytes;

	(void)state;
	assert_int_equal(header_init(&header, &record, &err), LODE_OK);
	assert_int_equal(key_init(&key, &header, more, 1, &err), LODE_OK);
	record = record_of("K\tP\tCN\t\tX\ti\t1\tkg\tA\tgacc\tr\tmixed", end);
	assert_int_equal(key_of(&key, &record, &bytes, &err), LODE_OK);
	assert_true(str_is(bytes, "P\tCN\t\tX\ti\tgacc\tmixed\t"));
	record = record_of("L\tP\tCN\t\tX\ti\t2\tt\tP\tgacc\ts\tmixed", end);
	assert_int_equal(key_of(&key, &record, &bytes, &err), LODE_OK);
	assert_true(str_is(bytes, "P\tCN\t\tX\ti\tgacc\tmixed\t"));
	header_release(&header);

	record = record_of("basket\tref\tsource\tstatus\tunit\tvalue\tindicator\tcommodity\tpartner\tarea\tperiod\tknown", end);
	assert_int_equal(header_init(&header, &record, &err), LODE_OK);
	assert_int_equal(key_init(&key, &header, more, 1, &err), LODE_OK);
	record = record_of("mixed\tr\tgacc\tA\tkg\t1\ti\tX\t\tCN\tP\tK", end);
	assert_int_equal(key_of(&key, &record, &bytes, &err), LODE_OK);
	assert_true(str_is(bytes, "P\tCN\t\tX\ti\tgacc\tmixed\t"));
	assert_int_equal(key_init_series(&key, &header, more, 1, &err), LODE_OK);
	assert_int_equal(key_of(&key, &record, &bytes, &err), LODE_OK);
	assert_true(str_is(bytes, "CN\t\tX\ti\tgacc\tmixed\t"));
	key_release(&key);
	header_release(&header);
}

static void
fields_do_not_run_into_each_other(void **state)
{
	uint32_t end[20];
	struct record record = record_of("known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref", end);
	struct key key = { 0 };
	struct header header;
	struct err err = ERR_INIT;
	struct str bytes;
	char first[64];

	(void)state;
	assert_int_equal(header_init(&header, &record, &err), LODE_OK);
	assert_int_equal(key_init(&key, &header, NULL, 0, &err), LODE_OK);
	record = record_of("K\tP\tCN\tMM\tX\ti\t1\tkg\tA\tgacc\tr", end);
	assert_int_equal(key_of(&key, &record, &bytes, &err), LODE_OK);
	snprintf(first, sizeof first, "%.*s", STR_ARG(bytes));
	record = record_of("K\tP\tCN\tM\tMX\ti\t1\tkg\tA\tgacc\tr", end);
	assert_int_equal(key_of(&key, &record, &bytes, &err), LODE_OK);
	assert_false(str_is(bytes, first));
	assert_int_equal(key_init(&key, &header, &STR("tax"), 1, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "no column 'tax' in the header");
	key_release(&key);
	header_release(&header);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_and_order_do_not_matter),
		cmocka_unit_test(fields_do_not_run_into_each_other),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
