/* episodes: the first row at once, the number of rows when the episode closes, with a column `count` of the input or without */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "episodes.h"
#include "instant.h"
#include "temp.h"

#define NAMES "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref"
#define ROW(known, period, ref) "2024-10-" known "T00:00:00Z\t2024-10-" period "\tMM-11\t\t\tevent.seizure\t1\t1\tP\tnews\t" ref

/* A tape through episodes of two days; the area is the key. */
static void
check(const char *tape_text, bool first, bool last, const char *want, unsigned n_same)
{
	char in[] = "/tmp/test_episodes.XXXXXX", out[] = "/tmp/test_episodes.XXXXXX", newest[INSTANT_MAX] = "";
	struct dedupe dedupe;
	struct run run = { 0 };
	struct episodes e = { .dedupe = &dedupe, .run = &run, .first = first, .last = last, .newest = newest };
	const struct tape_options options = { .source = { 0 }, .max_record = 1 << 20 };
	struct tape tape;
	struct record record;
	struct err err = ERR_INIT;
	int64_t known_s;
	char *got;
	size_t n;

	temp_make(in, tape_text, strlen(tape_text));
	temp_make(out, "", 0);
	assert_int_equal(dedupe_init(&dedupe, 2 * 86400, 10, &err), LODE_OK);
	assert_int_equal(sink_open(&run.out, out, &err), LODE_OK);
	assert_int_equal(tape_open(&tape, in, &options, &err), LODE_OK);
	episodes_header(&e, &tape.header);
	while (tape_next(&tape, &record, &err) == LODE_OK) {
		struct str known = record_get(&record, (unsigned)tape.header.obs[OBS_KNOWN]);

		assert_int_equal(instant_parse(known, &known_s, &err), LODE_OK);
		memcpy(newest, known.p, INSTANT_LENGTH);
		assert_int_equal(episodes_add(&e, &record, record_get(&record, (unsigned)tape.header.obs[OBS_AREA]), known_s, &err), LODE_OK);
	}
	assert_int_equal(episodes_close(&e, INT64_MAX, &err), LODE_OK);
	assert_int_equal(sink_close(&run.out, &err), LODE_OK);
	got = temp_read(out, &n);
	assert_string_equal(got, want);
	assert_int_equal(run.n_rules > 0 ? run.rule[0].n : 0, n_same);
	free(got);
	tape_close(&tape);
	episodes_release(&e);
	dedupe_release(&dedupe);
	unlink(in);
	unlink(out);
}

static void
an_event_is_told_of_twice(void **state)
{
	static const char tape[] = NAMES "\n" ROW("18", "17", "a") "\n" ROW("19", "18", "b") "\n" ROW("25", "24", "c") "\n";

	(void)state;
	check(tape, true, true, NAMES "\tcount\n" ROW("18", "17", "a") "\t1\n" ROW("20", "17", "a") "\t2\n" ROW("25", "24", "c") "\t1\n", 1);
	check(tape, true, false, NAMES "\tcount\n" ROW("18", "17", "a") "\t1\n" ROW("25", "24", "c") "\t1\n", 1);
	check(tape, false, true, NAMES "\tcount\n" ROW("20", "17", "a") "\t2\n" ROW("25", "24", "c") "\t1\n", 1);
}

static void
rows_that_were_counted_stand_for_so_many(void **state)
{
	(void)state;
	/* 3, then the same told again as 5, then one more */
	check(NAMES "\tcount\n" ROW("18", "17", "a") "\t3\n" ROW("19", "17", "a") "\t5\n" ROW("19", "18", "b") "\t\n", true, true,
	    NAMES "\tcount\n" ROW("18", "17", "a") "\t3\n" ROW("19", "17", "a") "\t6\n", 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(an_event_is_told_of_twice), cmocka_unit_test(rows_that_were_counted_stand_for_so_many) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
