/* scorebook: forecasts meet their outcomes, and nothing that was known before */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book_world.h"

static struct scorebook_joined
join(struct scorebook *book)
{
	struct scorebook_joined joined;
	struct err err = ERR_INIT;

	assert_int_equal(scorebook_join(book, &joined, &err), LODE_OK);
	return joined;
}

/* What the one forecast that has an outcome said, and what came of it. */
static void
expect_one(struct scorebook *book, double said, double y)
{
	struct scorebook_joined joined = join(book);

	assert_int_equal(joined.n, 1);
	WITHIN(joined.forecast[0]->value[0], said, 1e-12);
	WITHIN(joined.forecast[0]->y, y, 1e-12);
	scorebook_free(book);
}

static void
what_was_known_before_is_no_forecast(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorebook *book = begin(&rules);
	struct scorebook_joined joined;

	(void)state;
	add(book, "2024-01-31", "2024-02", "x.probability", 0.25, "F", "lode");
	add(book, "2024-03-20", "2024-02", "x", 0, "A", "seen");
	add(book, "2024-03-20", "2024-02", "x.probability", 1, "F", "lode"); /* at the same time: it could have been seen */
	add(book, "2024-03-21", "2024-02", "x.probability", 1, "F", "lode");
	add(book, "2024-04-20", "2024-02", "x", 1, "A", "seen"); /* a revision does not make them forecasts */
	add(book, "2024-04-20", "2024-05", "x.probability", 1, "F", "lode");
	joined = join(book);
	assert_true(joined.left.known_before == 2 && joined.left.pending == 1 && joined.n == 1);
	assert_true(joined.forecast[0]->value[0] == 0.25 && joined.forecast[0]->y == 1);
	scorebook_free(book);
	rules.first = true;
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02", "x.probability", 0.25, "F", "lode");
	add(book, "2024-03-20", "2024-02", "x", 0, "A", "seen");
	add(book, "2024-04-20", "2024-02", "x", 1, "A", "seen");
	expect_one(book, 0.25, 0);
	/* Withdrawn: not known. */
	rules.first = false;
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02", "x.probability", 0.25, "F", "lode");
	add(book, "2024-03-20", "2024-02", "x", 0, "A", "seen");
	add(book, "2024-04-20", "2024-02", "x", NAN, "O", "seen");
	joined = join(book);
	assert_true(joined.n == 0 && joined.left.pending == 1);
	scorebook_free(book);
}

static void
a_span_happened_when_any_month_did_and_all_are_known(void **state)
{
	static const char *const months[] = { "2024-02", "2024-03", "2024-04" };
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorebook *book;

	(void)state;
	for (int n = 2; n <= 3; n++)
		for (int yes = 0; yes < 3; yes++) {
			struct scorebook_joined joined;

			book = begin(&rules);
			add(book, "2024-01-31", "2024-02/2024-04", "x.probability", 0.9, "F", "lode");
			for (int i = 0; i < n; i++)
				add(book, "2024-06-01", months[i], "x", i == yes, "A", "seen");
			joined = join(book);
			if (n == 2)
				assert_true(joined.n == 0 && joined.left.pending == 1);
			else
				assert_true(joined.n == 1 && joined.forecast[0]->y == 1 && joined.forecast[0]->horizon == 3);
			scorebook_free(book);
		}
	/* An outcome of the span itself counts for itself. */
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02/2024-04", "x.probability", 0.9, "F", "lode");
	add(book, "2024-06-01", "2024-02/2024-04", "x", 0, "A", "seen");
	expect_one(book, 0.9, 0);
}

static void
a_star_pairs_many_names(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_QUANTILES, "feed.*", "seen.*.t");
	struct scorebook *book = begin(&rules);
	struct scorebook_joined joined;

	(void)state;
	add(book, "2024-01-31", "2024-02", "feed.near.median", 3, "F", "lode");
	add(book, "2024-01-31", "2024-02", "feed.far.median", 7, "F", "lode");
	add(book, "2024-01-31", "2024-02", "feed.median", 7, "F", "lode"); /* nothing for the star to stand for */
	add(book, "2024-01-31", "2024-02", "feed.near.other", 7, "F", "lode");
	add(book, "2024-03-20", "2024-02", "seen.near.t", 4, "A", "feed");
	add(book, "2024-03-20", "2024-02", "seen.far.t", 9, "A", "feed");
	joined = join(book);
	assert_int_equal(joined.left.other_unit, 2);
	scorebook_free(book);
	rules = rules_for(SCOREBOOK_QUANTILES, "feed.*", "feed.*");
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02", "feed.near.median", 3, "F", "lode");
	add(book, "2024-01-31", "2024-02", "feed.far.median", 7, "F", "lode");
	add(book, "2024-03-20", "2024-02", "feed.near", 4, "A", "gacc");
	add(book, "2024-03-20", "2024-02", "feed.far", 9, "A", "gacc");
	joined = join(book);
	/* far comes first: order of bytes. */
	assert_int_equal(joined.n, 2);
	assert_true(joined.forecast[0]->value[0] == 7 && joined.forecast[0]->y == 9 && joined.forecast[1]->value[0] == 3 && joined.forecast[1]->y == 4);
	assert_true(scorebook_by_group(joined.forecast[0], joined.forecast[1]) < 0);
	scorebook_free(book);
	rules = rules_for(SCOREBOOK_PROBABILITY, "x.*.probability", "x.*");
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02", "x.a.probability", 0.5, "F", "lode");
	add(book, "2024-01-31", "2024-02", "x.a.probability.raw", 0.9, "F", "lode");
	add(book, "2024-03-20", "2024-02", "x.a", 1, "E", "lode");
	expect_one(book, 0.5, 1);
}

/* A group's forecasts stand together, by when they were made and by period, whatever order the lines came in. */
static void
groups_stand_together(void **state)
{
	static const struct {
		const char *made, *period, *source;
	} lines[] = { { "2024-01-31", "2024-02", "naive" }, { "2024-01-31", "2024-03", "lode" }, { "2024-01-31", "2024-02", "lode" },
		{ "2024-02-29", "2024-03", "lode" }, { "2024-02-29", "2024-03", "naive" }, { "2024-01-15", "2024-02", "lode" } };
	static const size_t want[] = { 5, 2, 3, 1, 0, 4 }; /* by source, horizon and time */
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorebook *book = begin(&rules);
	struct scorebook_joined joined;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		add(book, lines[i].made, lines[i].period, "x.probability", 0.1 * (double)i, "F", lines[i].source);
	add(book, "2024-03-20", "2024-02", "x", 0, "A", "seen");
	add(book, "2024-04-20", "2024-03", "x", 1, "A", "seen");
	joined = join(book);
	assert_int_equal(joined.n, 6);
	for (size_t i = 0; i < 6; i++) {
		WITHIN(joined.forecast[i]->value[0], 0.1 * (double)want[i], 1e-12);
		assert_true(i == 0 || scorebook_by_place(joined.forecast[i - 1], joined.forecast[i]) < 0);
		assert_true(i == 0 || (scorebook_by_group(joined.forecast[i - 1], joined.forecast[i]) == 0) == (i == 1 || i == 2 || i == 5));
	}
	scorebook_free(book);
}

/* What is known of single months, also of those that no forecast is of. */
static void
outcomes_of_months_are_told(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorebook *book = begin(&rules);
	struct scorebook_joined joined;
	struct err err = ERR_INIT;
	double value;

	(void)state;
	add(book, "2024-01-31", "2024-02", "x.probability", 0.25, "F", "lode");
	add(book, "2024-03-20", "2024-02", "x", 0, "A", "seen");
	add(book, "2024-05-20", "2024-04", "x", 1, "A", "seen");
	joined = join(book);
	assert_true(joined.n == 1 && joined.last_month == joined.first_month + 2);
	assert_int_equal(joined.first_month, period_first_month(joined.forecast[0]->period));
	assert_true(str_is(joined.forecast[0]->outcome_ref, "a:1") && joined.forecast[0]->outcome_known_s > joined.forecast[0]->known_s);
	assert_int_equal(scorebook_outcome(book, joined.forecast[0], joined.first_month, &value, &err), LODE_OK);
	assert_true(value == 0);
	assert_int_equal(scorebook_outcome(book, joined.forecast[0], joined.first_month + 1, &value, &err), LODE_OK);
	assert_true(isnan(value));
	assert_int_equal(scorebook_outcome(book, joined.forecast[0], joined.last_month, &value, &err), LODE_OK);
	assert_true(value == 1);
	scorebook_free(book);
}

/* Why a quantity has no outcome to be scored by, and that logarithms are taken of both or of none. */
static void
quantities_are_joined_in_one_unit(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_LOGNORMAL, "feed.mass", "feed.mass");
	struct scorebook *book;
	struct scorebook_joined joined;

	(void)state;
	for (int log_scale = 0; log_scale < 2; log_scale++) {
		rules.log = log_scale;
		book = begin(&rules);
		add(book, "2024-01-31", "2024-02", "feed.mass", 8, "F", "lode");
		add(book, "2024-01-31", "2024-02", "feed.mass.sd-log", 0.4, "F", "lode");
		add(book, "2024-01-31", "2024-03", "feed.mass", 8, "F", "lode"); /* without its sd */
		add(book, "2024-01-31", "2024-04", "feed.mass", 8, "F", "lode");
		add(book, "2024-01-31", "2024-04", "feed.mass.sd-log", 0.4, "F", "lode");
		add(book, "2024-03-20", "2024-02", "feed.mass", 3, "A", "gacc");
		add(book, "2024-05-20", "2024-04", "feed.mass", 0, "A", "gacc"); /* no logarithm */
		joined = join(book);
		assert_true(joined.log == log_scale && joined.left.incomplete == 1 && joined.left.no_log == (size_t)log_scale);
		assert_int_equal(joined.n, log_scale ? 1 : 2);
		WITHIN(joined.forecast[0]->sd_log, 0.4, 1e-12);
		WITHIN(joined.forecast[0]->value[0], log_scale ? log(8) : 8, 1e-12);
		WITHIN(joined.forecast[0]->y, log_scale ? log(3) : 3, 1e-12);
		scorebook_free(book);
	}
}

static void
bad_lines_say_why(void **state)
{
	static const struct {
		const char *known, *period, *indicator, *value, *status, *message;
	} bad[] = {
		{ "2024-01-31", "2024-02", "x", "1", "A", "'2024-01-31' is not a time like 2025-06-20T07:00:00Z" },
		{ "2024-01-31T00:00:00Z", "2024-13", "x", "1", "A", "'2024-13' is not a period like 2025, 2025-Q2, 2025-05, 2025-05-14 or 2025-01/2025-02" },
		{ "2024-01-31T00:00:00Z", "2024-02", "x", "a", "A", "cannot read 'a' as a decimal" },
		{ "2024-01-31T00:00:00Z", "2024-02", "x", "2", "A", "'2' is neither 0 nor 1" },
		{ "2024-01-31T00:00:00Z", "2024-02", "x.probability", "1.2", "F", "'1.2' is not a probability" },
	};
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorebook *book = begin(&rules);
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(add_line(book, bad[i].known, bad[i].period, bad[i].indicator, bad[i].value, bad[i].status, "s", &err), LODE_EDATA);
		assert_string_equal(err.message, bad[i].message);
	}
	assert_int_equal(add_line(book, "", "", "y", "", "", "s", &err), LODE_OK); /* nobody asked */
	scorebook_free(book);
	rules.max_keys = 1;
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02", "x.probability", 0.1, "F", "lode");
	assert_int_equal(add_line(book, "2024-01-31T00:00:00Z", "2024-02", "x", "1", "A", "s", &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 1 forecasts and outcomes to hold (--max-keys)");
	scorebook_free(book);
	scorebook_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_known_before_is_no_forecast),
		cmocka_unit_test(a_span_happened_when_any_month_did_and_all_are_known),
		cmocka_unit_test(a_star_pairs_many_names),
		cmocka_unit_test(groups_stand_together),
		cmocka_unit_test(outcomes_of_months_are_told),
		cmocka_unit_test(quantities_are_joined_in_one_unit),
		cmocka_unit_test(bad_lines_say_why),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scorebook", tests, NULL, NULL);
}
