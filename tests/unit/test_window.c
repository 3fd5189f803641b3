/* window: what is said and when, what is counted, what is forgotten (tests/window-sql.t asks SQLite for the rest) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "instant.h"
#include "window.h"

struct heard {
	char text[4096];
	size_t n;
	int rule[3], mismatches;
};

static int
on_result(void *argument, const struct window_result *result, struct buf *text, struct err *err)
{
	(void)argument;
	(void)err;
	assert_int_equal(buf_printf(text, "%.10s %.*s %.*s %.*s\n", result->known.p, STR_ARG(result->period), STR_ARG(result->group),
	    STR_ARG(result->value)), LODE_OK);
	return LODE_OK;
}

static void
on_text(void *argument, struct str text)
{
	struct heard *heard = argument;

	heard->n += (size_t)snprintf(heard->text + heard->n, sizeof heard->text - heard->n, "%.*s", STR_ARG(text));
}

static void
on_mismatch(void *argument, const struct part *total)
{
	(void)total;
	((struct heard *)argument)->mismatches++;
}

static void
on_rule(void *argument, enum window_rule rule)
{
	((struct heard *)argument)->rule[rule]++;
}

static struct window_rules
monthly(int64_t size, int64_t every)
{
	return (struct window_rules){ .revise = true, .size = { true, false, size }, .every = { true, false, every }, .keep = -1, .max_keys = 100,
		.function = { AGGREGATE_SUM }, .n_functions = 1, .same_unit = true };
}

static struct window_set *
start(const struct window_rules *rules, struct heard *heard)
{
	struct window_output output = { on_result, on_text, on_mismatch, on_rule, heard };
	struct err err = ERR_INIT;
	struct window_set *set = window_set_new(rules, &output);

	memset(heard, 0, sizeof *heard);
	assert_int_equal(window_rules_check(rules, &err), LODE_OK);
	assert_non_null(set);
	return set;
}

static int
add(struct window_set *set, const char *day, const char *period, const char *group, const char *value, const char *unit,
    enum window_fate *fate, struct err *err)
{
	struct window_line line = { .group = str_of(group), .unit = str_of(unit) };
	char known[INSTANT_MAX];

	assert_int_equal(instant_parse_loose(str_of(day), false, &line.known_s, err), LODE_OK);
	instant_format(line.known_s, known);
	line.part = (struct part){ .series = line.group, .period = str_of(period), .known = { known, INSTANT_LENGTH }, .value = str_of(value),
		.ref = STR("r"), .line = 7 };
	assert_int_equal(period_parse(line.part.period, &line.period, err), LODE_OK);
	if (value[0] != '\0')
		assert_int_equal(dec_parse(line.part.value, &line.part.number, err), LODE_OK);
	if (window_advance(set, line.part.known, line.known_s, err) != LODE_OK)
		return err->code;
	return window_add(set, &line, fate, err);
}

static void
a_bad_line_changes_nothing(void **state)
{
	struct window_rules rules = monthly(3, 1);
	struct err err = ERR_INIT;
	enum window_fate fate;
	struct heard heard;
	struct window_set *set = start(&rules, &heard);

	(void)state;
	assert_int_equal(add(set, "2025-02-20", "2025-01/2025-02", "MM", "5", "kg", &fate, &err), LODE_OK);
	assert_int_equal(add(set, "2025-02-20", "2025-02/2025-03", "MM", "5", "kg", &fate, &err), LODE_EDATA);
	assert_string_equal(err.message, "period '2025-02/2025-03' overlaps '2025-01/2025-02' of line 7");
	assert_int_equal(add(set, "2025-02-20", "2025-02", "MM", "5", "t", &fate, &err), LODE_EDATA);
	assert_string_equal(err.message, "unit 't' differs from 'kg' of the same window");
	assert_int_equal(add(set, "2025-02-20", "2025-01/2025-02", "MM", "6", "kg", &fate, &err), LODE_EDATA);
	assert_string_equal(err.message, "'6', but '5' at line 7 for the same key and time (--key?)");
	assert_int_equal(add(set, "2025-02-20", "2025-01/2025-02", "MM", "5.0", "kg", &fate, &err), LODE_OK);
	assert_int_equal(window_finish(set, &err), LODE_OK);
	assert_string_equal(heard.text, "2025-02-20 2024-12/2025-02 MM 5\n2025-02-20 2025-01/2025-03 MM 5\n");
	window_set_free(set);
}

static void
a_line_in_many_windows_is_counted_once(void **state)
{
	struct window_rules rules = monthly(12, 1);
	struct err err = ERR_INIT;
	enum window_fate fate;
	struct heard heard;
	struct window_set *set = start(&rules, &heard);

	(void)state;
	rules.max_keys = 1000;
	assert_int_equal(add(set, "2025-03-20", "2025-01/2025-02", "MM", "5", "kg", &fate, &err), LODE_OK);
	assert_int_equal(add(set, "2025-03-20", "2025-01", "MM", "2", "kg", &fate, &err), LODE_OK);
	assert_int_equal(add(set, "2025-03-20", "2025-02", "MM", "2", "kg", &fate, &err), LODE_OK);
	assert_int_equal(window_finish(set, &err), LODE_OK);
	assert_int_equal(heard.rule[WINDOW_MISMATCH], 1);
	assert_int_equal(heard.mismatches, 1);
	window_set_free(set);
}

static void
what_is_forgotten_frees_its_room(void **state)
{
	struct window_rules rules = monthly(1, 1);
	struct err err = ERR_INIT;
	enum window_fate fate = WINDOW_OUTSIDE;
	struct heard heard;
	struct window_set *set;
	char day[24], period[24];
	int keep, month;

	(void)state;
	for (keep = 0; keep < 2; keep++) {
		rules.keep = keep == 0 ? 62 * 86400 : -1;
		rules.max_keys = 12; /* a window and a line each: three or four of them */
		set = start(&rules, &heard);
		for (month = 0; month < 100; month++) {
			heard.n = 0;
			snprintf(day, sizeof day, "%d-%02d-20", 2000 + (month + 1) / 12, (month + 1) % 12 + 1);
			snprintf(period, sizeof period, "%d-%02d", 2000 + month / 12, month % 12 + 1);
			if (add(set, day, period, "MM", "1", "kg", &fate, &err) != LODE_OK)
				break;
		}
		assert_int_equal(month, keep == 0 ? 100 : 6);
		if (keep == 1)
			assert_string_equal(err.message, "more than 12 windows and lines to hold (--max-keys)");
		else
			assert_int_equal(add(set, day, "2000-01", "MM", "1", "kg", &fate, &err), LODE_OK);
		assert_int_equal(fate, keep == 0 ? WINDOW_LATE : WINDOW_TAKEN);
		window_set_free(set);
	}
}

static void
rules_that_contradict(void **state)
{
	struct window_rules rules = monthly(3, 1);
	struct err err = ERR_INIT;

	(void)state;
	rules.every.length = 4;
	assert_int_equal(window_rules_check(&rules, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "--every is longer than --size");
	rules = monthly(3, 1);
	rules.every.months = false;
	assert_int_equal(window_rules_check(&rules, &err), LODE_EUSAGE);
	rules = monthly(3, 1);
	rules.weigh = true;
	assert_int_equal(window_rules_check(&rules, &err), LODE_EUSAGE);
	window_set_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_bad_line_changes_nothing), cmocka_unit_test(a_line_in_many_windows_is_counted_once),
		cmocka_unit_test(what_is_forgotten_frees_its_room), cmocka_unit_test(rules_that_contradict) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
