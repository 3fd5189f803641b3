/* tally: says what the general way of window.h says, which asking for `last` too makes it take */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "duration.h"
#include "instant.h"
#include "tally.h"

enum { LINES = 400, TAPES = 400 };

static uint64_t state = 88172645463325252u;

static uint32_t
below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(((state >> 32) * n) >> 32);
}

struct heard {
	struct buf text;
	unsigned n_errors;
};

static int
on_result(void *argument, const struct window_result *result, struct buf *text, struct err *err)
{
	(void)argument;
	(void)err;
	if (result->function != AGGREGATE_LAST)
		assert_int_equal(buf_printf(text, "%.*s|%.*s|%.*s|%.*s|%.*s|%s|%.*s|%.*s\n", STR_ARG(result->known), STR_ARG(result->period),
		    STR_ARG(result->extent), STR_ARG(result->group), STR_ARG(result->unit), aggregate_names[result->function],
		    STR_ARG(result->value), STR_ARG(result->ref)), LODE_OK);
	return LODE_OK;
}

static void
on_text(void *argument, struct str text)
{
	assert_int_equal(buf_add_str(&((struct heard *)argument)->text, text), LODE_OK);
}

/* A line of a tape; text is what its views point into. */
struct made {
	struct window_line line;
	char known[INSTANT_MAX], period[PERIOD_MAX], group[80], value[40], ref[40], unit[8];
};

static void
make_line(struct made *made, int64_t known_s, uint32_t n_groups, bool many_units)
{
	static const char *const sources[] = { "a", "a:1", "b.csv", "a:12" }, *const units[] = { "kg", "kg", "kg", "t", "" };
	static const char *const values[] = { "12345678901234567890.5", "0.00000000012", "-99999999999999999999999.25", "1e3", "+4",
		"9223372036854775806", "-9223372036854775806", "9000000000000000.000001" };
	static char long_text[70000];
	struct err err = ERR_INIT;
	struct part *part = &made->line.part;
	uint32_t kind = below(12);
	int month = 1 + (int)below(12);

	made->line = (struct window_line){ .known_s = known_s };
	instant_format(known_s, made->known);
	if (kind < 6)
		snprintf(made->period, sizeof made->period, "2025-%02d", month);
	else if (kind < 9)
		snprintf(made->period, sizeof made->period, "2025-%02d-%02d", month, 1 + (int)below(28));
	else
		snprintf(made->period, sizeof made->period, kind == 9 ? "2025-Q2" : kind == 10 ? "2025" : "2025-01/2025-02");
	snprintf(made->group, sizeof made->group, below(3) == 0 ? "%u" : "a long name\tof a group that has\tthe number %u", below(n_groups));
	if (below(9) == 0)
		made->group[0] = '\0';
	if (below(20) == 0)
		made->value[0] = '\0';
	else if (below(40) == 0)
		snprintf(made->value, sizeof made->value, "%s", values[below(8)]);
	else
		snprintf(made->value, sizeof made->value, "%s%u.%0*u", below(5) == 0 ? "-" : "", below(1000), 1 + (int)below(7), below(10));
	snprintf(made->ref, sizeof made->ref, below(20) == 0 ? "%s#%u" : below(20) == 0 ? "%s:0%u" : "%s:%u", sources[below(4)],
	    below(2) == 0 ? below(12) : below(100000));
	made->line.group = str_of(made->group);
	if (below(400) == 0) { /* more bytes than a group has room for */
		memset(long_text, 'x', sizeof long_text);
		made->line.group = (struct str){ long_text, sizeof long_text - below(2) };
	}
	made->line.unit = str_of(units[below(300) == 0 ? below(5) : 0]);
	if (many_units) {
		snprintf(made->unit, sizeof made->unit, "u%u", below(400));
		made->line.unit = str_of(made->unit);
	}
	part->period = str_of(made->period);
	part->known = (struct str){ made->known, INSTANT_LENGTH };
	part->value = str_of(made->value);
	part->ref = str_of(made->ref);
	assert_int_equal(period_parse(part->period, &made->line.period, &err), LODE_OK);
	if (part->value.n != 0)
		assert_int_equal(dec_parse(part->value, &part->number, &err), LODE_OK);
}

static void
choose_rules(struct window_rules *rules)
{
	static const struct span sizes[] = { { true, false, 1 }, { true, true, 3 }, { true, true, 12 }, { false, false, 7 * DURATION_DAY } };

	*rules = (struct window_rules){ .all = true, .revise = below(2) == 0, .clock_known = below(3) == 0, .same_unit = below(2) == 0,
		.size = sizes[below(4)], .keep = -1, .max_keys = below(4) == 0 ? 20 + below(100) : 100000, .digits = 4, .n_threads = 1,
		.lateness = below(3) * 20 * DURATION_DAY, .function = { AGGREGATE_SUM, AGGREGATE_COUNT, AGGREGATE_MEAN }, .n_functions = 3 };
	rules->every = rules->size;
	if (rules->revise && below(2) == 0)
		rules->keep = below(60) * DURATION_DAY;
}

/* All lines through one set of windows. */
static void
run_tape(const struct window_rules *rules, const struct made *made, struct heard *heard)
{
	struct window_output output = { .on_result = on_result, .on_text = on_text, .argument = heard };
	struct window_set *set = window_set_new(rules, &output);
	struct err err = ERR_INIT;
	enum window_fate fate = WINDOW_TAKEN;
	int rc = LODE_OK, i;

	assert_non_null(set);
	for (i = 0; i < LINES && rc != LODE_ENOMEM; i++) {
		if ((rc = window_advance(set, made[i].line.part.known, made[i].line.known_s, &err)) == LODE_OK)
			rc = window_add(set, &made[i].line, &fate, &err);
		assert_int_equal(buf_printf(&heard->text, "%d:%d %d %s\n", i, rc, (int)fate, rc == LODE_OK ? "" : err.message), LODE_OK);
	}
	if (rc != LODE_ENOMEM) {
		rc = window_finish(set, &err);
		assert_int_equal(buf_printf(&heard->text, "%d %s\n", rc, rc == LODE_OK ? "" : err.message), LODE_OK);
	}
	window_set_free(set);
}

static void
it_says_what_the_general_way_says(void **unused)
{
	static struct made made[LINES];
	struct heard lean = { .text = BUF_INIT }, general = { .text = BUF_INIT };
	struct window_rules rules;
	int64_t known_s;
	uint32_t n_groups, step;
	int tape, i;

	(void)unused;
	for (tape = 0; tape < TAPES; tape++) {
		choose_rules(&rules);
		n_groups = below(2) == 0 ? 5 : 200;
		step = below(2) == 0 ? 2 : 30;
		known_s = INT64_C(1735689600);
		for (i = 0; i < LINES; i++) {
			if (below(step) == 0)
				known_s += below(4) * DURATION_DAY / 2;
			make_line(&made[i], known_s, n_groups, tape % 10 == 0);
		}
		lean.text.n = general.text.n = 0;
		assert_true(tally_fits(&rules));
		run_tape(&rules, made, &lean);
		rules.function[rules.n_functions++] = AGGREGATE_LAST;
		assert_false(tally_fits(&rules));
		run_tape(&rules, made, &general);
		assert_int_equal(buf_add(&lean.text, "", 1), LODE_OK);
		assert_int_equal(buf_add(&general.text, "", 1), LODE_OK);
		assert_string_equal(lean.text.p, general.text.p);
	}
	buf_release(&lean.text);
	buf_release(&general.text);
}

/* More groups than a block holds, more windows than are cached, and all of it forgotten again; the last window and what the end says are heard. */
static void
add_many_groups(unsigned n_threads, struct heard *heard)
{
	struct window_rules rules = { .all = true, .size = { true, false, 1 }, .every = { true, false, 1 }, .keep = -1, .max_keys = 60000,
		.function = { AGGREGATE_SUM }, .n_functions = 1, .n_threads = n_threads };
	struct window_output output = { .on_result = on_result, .on_text = on_text, .argument = heard };
	struct window_set *set = window_set_new(&rules, &output);
	struct err err = ERR_INIT;
	enum window_fate fate;
	char known[INSTANT_MAX], group[24], ref[24];
	int month, i;

	assert_non_null(set);
	for (month = 0; month < 24; month++) {
		struct window_line line = { .known_s = month_first_day(660 + month + 1) * DURATION_DAY, .unit = STR("kg"),
			.period = period_of_month(660 + month) };

		instant_format(line.known_s, known);
		assert_int_equal(window_advance(set, (struct str){ known, INSTANT_LENGTH }, line.known_s, &err), LODE_OK);
		heard->text.n = 0;
		for (i = 0; i < 60000; i++) {
			snprintf(group, sizeof group, "%d", i % 30000);
			snprintf(ref, sizeof ref, i % 1000 == 0 ? "in#%d" : "in:%d", i);
			line.group = str_of(group);
			line.part = (struct part){ .known = { known, INSTANT_LENGTH }, .value = STR("1"), .number = dec_of(1), .ref = str_of(ref) };
			assert_int_equal(window_add(set, &line, &fate, &err), LODE_OK);
			assert_int_equal(fate, WINDOW_TAKEN);
		}
	}
	assert_int_equal(window_finish(set, &err), LODE_OK);
	assert_int_equal(buf_add(&heard->text, "", 1), LODE_OK);
	window_set_free(set);
}

static void
many_groups_come_and_go(void **unused)
{
	struct heard heard = { .text = BUF_INIT };

	(void)unused;
	add_many_groups(1, &heard);
	assert_non_null(strstr(heard.text.p, "|29999|kg|sum|2|in:29999 in:59999\n"));
	assert_non_null(strstr(heard.text.p, "|1|kg|sum|2|in:1 in:30001\n"));
	assert_non_null(strstr(heard.text.p, "|10000|kg|sum|2|in#10000 in#40000\n"));
	buf_release(&heard.text);
}

static void
threads_change_nothing(void **unused)
{
	struct heard alone = { .text = BUF_INIT }, together = { .text = BUF_INIT };

	(void)unused;
	add_many_groups(1, &alone);
	add_many_groups(3, &together);
	assert_int_equal(alone.text.n, together.text.n);
	assert_memory_equal(alone.text.p, together.text.p, alone.text.n);
	buf_release(&alone.text);
	buf_release(&together.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_the_general_way_says),
		cmocka_unit_test(many_groups_come_and_go),
		cmocka_unit_test(threads_change_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
