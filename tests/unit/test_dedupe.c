/* dedupe: what is news, what is one event, and that both forget */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dedupe.h"

static void
only_what_differs_from_the_newest_is_news(void **state)
{
	static const char said[] = "aabbaccc";
	struct err err = ERR_INIT;
	struct dedupe dedupe;
	bool news;
	int i;

	(void)state;
	assert_int_equal(dedupe_init(&dedupe, -1, 1, &err), LODE_OK);
	for (i = 0; said[i] != '\0'; i++) {
		assert_int_equal(dedupe_seen(&dedupe, STR("key"), (struct str){ &said[i], 1 }, STR(""), i, &news, &err), LODE_OK);
		assert_int_equal(news, i == 0 || said[i] != said[i - 1]);
	}
	assert_int_equal(dedupe_seen(&dedupe, STR("other"), STR("a"), STR(""), i, &news, &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 1 keys to hold (--max-keys)");
	dedupe_release(&dedupe);
}

static void
beyond_the_horizon_a_key_is_new(void **state)
{
	static const struct {
		int64_t at;
		bool news;
	} steps[] = { { 0, true }, { 10, false }, { 11, true }, { 21, false }, { 22, true } };
	struct err err = ERR_INIT;
	struct dedupe dedupe;
	char key[16];
	bool news;
	size_t i;

	(void)state;
	assert_int_equal(dedupe_init(&dedupe, 10, 1000, &err), LODE_OK);
	for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		assert_int_equal(dedupe_seen(&dedupe, STR("key"), STR(""), STR(""), steps[i].at, &news, &err), LODE_OK);
		assert_int_equal(news, steps[i].news);
	}
	for (i = 0; i < 100000; i++) {
		struct str text = { key, (size_t)snprintf(key, sizeof key, "%zu", i) };

		assert_int_equal(dedupe_seen(&dedupe, text, STR("x"), STR(""), 100 + (int64_t)i, &news, &err), LODE_OK);
		assert_true(news && keyed_count(dedupe.entries) <= 11);
	}
	dedupe_release(&dedupe);
}

static void
an_event_lasts_from_its_first_row(void **state)
{
	const int64_t day = 86400;
	struct event_row row = { .key = STR("seizure"), .mark = STR("m1"), .line = STR("first"), .day = 10, .last_day = 10, .count = 1 };
	struct episode *first, *episode;
	struct err err = ERR_INIT;
	struct dedupe dedupe;

	(void)state;
	assert_int_equal(dedupe_init(&dedupe, 2 * day, 10, &err), LODE_OK);
	assert_int_equal(dedupe_event(&dedupe, &row, &first, &err), LODE_OK);
	assert_true(first->count == 1 && first->said == 0 && str_is(first->line, "first"));
	row.mark = STR("m2");
	row.line = STR("second");
	row.day = row.last_day = 8;
	row.count = 3;
	assert_int_equal(dedupe_event(&dedupe, &row, &episode, &err), LODE_OK);
	assert_ptr_equal(episode, first);
	assert_true(first->count == 4 && first->n_lines == 2 && str_is(first->line, "first"));
	row.day = row.last_day = 13; /* too far from the first one's day */
	assert_int_equal(dedupe_event(&dedupe, &row, &episode, &err), LODE_OK);
	assert_ptr_not_equal(episode, first);
	row.day = 1;
	row.last_day = 10; /* a span with that day in it */
	row.mark = STR("m1"); /* the first row told again */
	row.count = 9;
	assert_int_equal(dedupe_event(&dedupe, &row, &episode, &err), LODE_OK);
	assert_ptr_equal(episode, first);
	assert_int_equal(first->count, 9);
	assert_null(dedupe_closed(&dedupe, 2 * day));
	assert_ptr_equal(dedupe_closed(&dedupe, 2 * day + 1), first);
	assert_int_equal(dedupe_forget(&dedupe, first, &err), LODE_OK);
	assert_non_null(dedupe_closed(&dedupe, INT64_MAX));
	dedupe_release(&dedupe);
}

static void
numbers_of_rows(void **state)
{
	static const char *const bad[] = { "0", "-1", "1.5", "x", "1x", "9999999999999999999" };
	struct err err = ERR_INIT;
	uint64_t count = 0;
	size_t i;

	(void)state;
	assert_int_equal(dedupe_read_count(STR(""), &count, &err), LODE_OK);
	assert_int_equal(count, 1);
	assert_int_equal(dedupe_read_count(STR("012"), &count, &err), LODE_OK);
	assert_int_equal(count, 12);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(dedupe_read_count(str_of(bad[i]), &count, &err), LODE_EDATA);
	assert_int_equal(count, 12);
	assert_string_equal(err.message, "cannot read '9999999999999999999' as a number of rows");
}

/* The #state lines of a barrier, behind the name. */
static void
expect_state(struct state *kept, const char *want)
{
	struct buf lines = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(state_write(kept, &lines, &err), LODE_OK);
	if (!str_is(buf_str(&lines), want))
		fail_msg("%.*s, not %s", STR_ARG(buf_str(&lines)), want);
	buf_release(&lines);
}

static void
what_is_held_is_kept_as_state(void **state)
{
	struct event_row row = { .key = STR("seizure"), .mark = STR("m1"), .line = STR("first"), .day = 10, .last_day = 11, .count = 2 };
	struct err err = ERR_INIT;
	struct episode *episode, numbers;
	struct dedupe dedupe;
	struct state *kept;
	struct str line;
	bool news;

	(void)state;
	assert_int_equal(state_new(&kept, "d", &err), LODE_OK);
	assert_int_equal(dedupe_init(&dedupe, 10, 10, &err), LODE_OK);
	dedupe.state = kept;
	assert_int_equal(dedupe_seen(&dedupe, STR("key"), STR("a"), STR("a line"), 0, &news, &err), LODE_OK);
	expect_state(kept, "#state\tname=d\tkey=line\\tkey\tvalue=1 a line\n");
	assert_int_equal(dedupe_seen(&dedupe, STR("key"), STR("a"), STR("again"), 1, &news, &err), LODE_OK);
	expect_state(kept, "");
	assert_int_equal(dedupe_seen(&dedupe, STR("other"), STR("a"), STR("later"), 11, &news, &err), LODE_OK);
	expect_state(kept, "#state\tname=d\tkey=line\\tkey\n#state\tname=d\tkey=line\\tother\tvalue=2 later\n");
	dedupe_release(&dedupe);

	assert_int_equal(dedupe_init(&dedupe, 10, 10, &err), LODE_OK);
	dedupe.state = kept;
	assert_int_equal(dedupe_event(&dedupe, &row, &episode, &err), LODE_OK);
	episode->said = 1;
	assert_int_equal(dedupe_keep(&dedupe, episode, &err), LODE_OK);
	expect_state(kept, "#state\tname=d\tkey=event\\tseizure\\t10\\t11\tvalue=3 2\\t1\\t1\\tfirst\n");
	assert_int_equal(dedupe_forget(&dedupe, episode, &err), LODE_OK);
	expect_state(kept, "#state\tname=d\tkey=event\\tseizure\\t10\\t11\n");
	dedupe_release(&dedupe);
	state_free(kept);

	assert_int_equal(dedupe_read_kept(&(struct state_entry){ .value = STR("2\t0\t1\ta\tline"), .order = 3 }, &numbers, &line, &err), LODE_OK);
	assert_true(numbers.count == 2 && numbers.said == 0 && numbers.n_lines == 1 && numbers.order == 3 && str_is(line, "a\tline"));
	assert_int_equal(dedupe_read_kept(&(struct state_entry){ .value = STR("2\t0\t1") }, &numbers, &line, &err), LODE_EDATA);
	assert_int_equal(dedupe_read_kept(&(struct state_entry){ .value = STR("2\tx\t1\ta") }, &numbers, &line, &err), LODE_EDATA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_held_is_kept_as_state), cmocka_unit_test(only_what_differs_from_the_newest_is_news),
		cmocka_unit_test(beyond_the_horizon_a_key_is_new), cmocka_unit_test(an_event_lasts_from_its_first_row), cmocka_unit_test(numbers_of_rows) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
