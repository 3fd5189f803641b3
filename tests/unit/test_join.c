/* join: equal columns, wherever they stand, and what was put last */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "join.h"

#define NAMES "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref"
#define TURNED "ref\tsource\tstatus\tunit\tvalue\tindicator\tcommodity\tpartner\tarea\tperiod\tknown\tgrade"

static struct record
record_of(const char *text, uint32_t *end)
{
	struct record record = { .line = 1, .raw = str_of(text), .base = text, .end = end };
	struct str rest = record.raw, part;

	while (str_split(&rest, '\t', &part))
		end[record.n++] = (uint32_t)(part.p + part.n - text);
	return record;
}

static struct header
header_of(const char *text)
{
	uint32_t end[20];
	struct record record = record_of(text, end);
	struct header header;
	struct err err;

	assert_int_equal(header_init(&header, &record, &err), LODE_OK);
	return header;
}

static void
put(struct join *join, const char *line, bool want_counts)
{
	uint32_t end[20];
	struct record record = record_of(line, end);
	struct err err = ERR_INIT;
	bool counts;

	assert_int_equal(join_put(join, &record, &counts, &err), LODE_OK);
	assert_int_equal(counts, want_counts);
}

static void
find(struct join *join, const char *line, bool want_found, const char *want)
{
	uint32_t end[20];
	struct record record = record_of(line, end);
	struct err err = ERR_INIT;
	struct str values;
	bool found;

	assert_int_equal(join_find(join, &record, &values, &found, &err), LODE_OK);
	assert_int_equal(found, want_found);
	assert_true(str_is(values, want));
}

static const struct join_rules plain = { { 2, { { "area", 4 }, { "partner", 7 } } }, { 2, { { "value", 5 }, { "grade", 5 } } },
	{ 1, { { "price.", 6 } } }, "right", -1, 2 };

static void
columns_may_stand_anywhere(void **state)
{
	struct header left = header_of(NAMES), right = header_of(TURNED);
	struct join_rules rules = plain;
	struct err err = ERR_INIT;
	struct join *join;
	uint32_t end[20];
	struct record record;
	bool at_right, counts;

	(void)state;
	assert_int_equal(join_new(&join, &rules, &err), LODE_OK);
	assert_int_equal(join_headers(join, &left, &right, &at_right, &err), LODE_OK);
	assert_true(str_is(join_names(join), "\tright_value\tright_grade"));
	find(join, "K\tP\tCN\tMM\tX\ti\t1\tkg\tA\ts\tr", false, "\t\t");
	put(join, "r\ts\tA\tkg\t7\tprice.a\tY\tMM\tCN\tP\tK\tgood", true);
	find(join, "K\tP\tCN\tMM\tX\ti\t1\tkg\tA\ts\tr", true, "\t7\tgood");
	find(join, "K\tP\tC\tNMM\tX\ti\t1\tkg\tA\ts\tr", false, "\t\t"); /* fields do not run into each other */
	put(join, "r\ts\tA\tkg\t8\tfx.rate\tY\tMM\tCN\tP\tK\tgood", false);
	find(join, "K\tP\tCN\tMM\tX\ti\t1\tkg\tA\ts\tr", true, "\t7\tgood");
	put(join, "r\ts\tA\tkg\t\tprice.b\tY\tMM\tCN\tP\tK\t", true);
	find(join, "K\tP\tCN\tMM\tX\ti\t1\tkg\tA\ts\tr", true, "\t\t");
	put(join, "r\ts\tA\tkg\t\tprice.b\tY\tLA\tCN\tP\tK\t", true);
	record = record_of("r\ts\tA\tkg\t\tprice.b\tY\tVN\tCN\tP\tK\t", end);
	assert_int_equal(join_put(join, &record, &counts, &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 2 keys: raise --max-keys");
	join_free(join);
	join_free(NULL);
	header_release(&left);
	header_release(&right);
}

static void
tolerance_is_included(void **state)
{
	struct header left = header_of(NAMES), right = header_of(NAMES "\tgrade");
	struct join_rules rules = plain;
	struct err err = ERR_INIT;
	struct join *join;
	bool at_right;

	(void)state;
	rules.tolerance_s = 60;
	rules.on.n = 0;
	rules.indicator.n = 0;
	assert_int_equal(join_new(&join, &rules, &err), LODE_OK);
	assert_int_equal(join_headers(join, &left, &right, &at_right, &err), LODE_OK);
	put(join, "2025-06-20T07:00:00Z\tP\tCN\tMM\tX\ti\t1\tkg\tA\ts\tr\tg", true);
	find(join, "2025-06-20T07:00:00Z\tP\tMM\t\tX\ti\t1\tkg\tA\ts\tr", true, "\t1\tg");
	find(join, "2025-06-20T07:01:00Z\tP\tCN\t\tX\ti\t1\tkg\tA\ts\tr", true, "\t1\tg");
	find(join, "2025-06-20T07:01:01Z\tP\tCN\t\tX\ti\t1\tkg\tA\ts\tr", false, "\t\t");
	join_free(join);
	header_release(&left);
	header_release(&right);
}

static void
headers_that_do_not_fit(void **state)
{
	struct header left = header_of(NAMES "\tright_value"), right = header_of(NAMES "\tgrade");
	struct join_rules rules = plain;
	struct err err = ERR_INIT;
	struct join *join;
	bool at_right;

	(void)state;
	assert_int_equal(join_new(&join, &rules, &err), LODE_OK);
	assert_int_equal(join_headers(join, &left, &right, &at_right, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "column 'right_value' is there already: choose another --as");
	assert_false(at_right);
	rules.on.item[0] = STR("area=basket");
	assert_int_equal(join_headers(join, &left, &right, &at_right, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "no column 'basket' in the header");
	assert_true(at_right);
	rules.on.item[0] = STR("basket=area");
	assert_int_equal(join_headers(join, &left, &right, &at_right, &err), LODE_EUSAGE);
	assert_false(at_right);
	join_free(join);
	header_release(&left);
	header_release(&right);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_may_stand_anywhere),
		cmocka_unit_test(tolerance_is_included),
		cmocka_unit_test(headers_that_do_not_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
