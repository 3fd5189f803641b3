/*
 * changepoint: the recursion agrees with numbers of another program, finds the Nile's change, and letting go of the improbable changes little
 *
 * Numbers and their sources: numbers_changes.h, and beside each figure below.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "changepoint.h"
#include "numbers_changes.h"
#include "random.h"
#include "within.h"

static struct changepoint *
begin(double hazard, double mean, double strength, double shape, double scale, double floor, size_t max_runs)
{
	const struct changepoint_rules rules = { hazard, mean, strength, shape, scale, floor, max_runs };
	struct changepoint *c = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(changepoint_new(&c, &rules, &err), LODE_OK);
	return c;
}

static void
take(struct changepoint *c, double x)
{
	struct err err = ERR_INIT;

	assert_int_equal(changepoint_step(c, x, &err), LODE_OK);
}

static void
the_small_example_agrees_on_every_number(void **state)
{
	struct changepoint *c = begin(0.1, 0, 1, 1, 1, 0, 100);

	(void)state;
	for (size_t t = 0; t < 10; t++) {
		take(c, change_small[t].x);
		WITHIN(c->log_evidence, change_small[t].log_evidence, 1e-10);
		for (size_t r = 0; r < 11; r++)
			WITHIN(changepoint_at(c, r), change_small[t].p[r], 1e-11);
		WITHIN(changepoint_at(c, 0), 0.1, 1e-14);
	}
	WITHIN(c->log_evidence, -17.579659737, 1e-9);
	assert_int_equal(changepoint_mode(c), 5);
	WITHIN(changepoint_recent(c, 5), 1 - 0.0573614228262 - 0.0143591096978 - 0.00391683336914 - 0.00114668740214 - 0.00711709658046, 1e-11);
	assert_true(changepoint_recent(c, 10) == 1 && changepoint_at(c, 11) == 0);
	take(c, NAN);
	assert_int_equal(c->seen, 10);
	changepoint_free(c);
}

static void
the_nile_changes_after_28_values_and_that_is_seen_4_later(void **state)
{
	struct changepoint *c = begin(0.01, 1000, 0.1, 1, 20000, 0, 200);

	(void)state;
	for (size_t t = 1; t <= 100; t++) {
		take(c, change_nile[t - 1]);
		if (t == 31) {
			assert_int_equal(changepoint_mode(c), 31);
			WITHIN(changepoint_at(c, 31), 0.7083, 0.00005);
		}
		if (t == 32) {
			assert_int_equal(changepoint_mode(c), 4);
			WITHIN(changepoint_at(c, 4), 0.6136, 0.00005);
		}
	}
	assert_int_equal(changepoint_mode(c), 72);
	WITHIN(changepoint_at(c, 72), 0.6868, 0.00005);
	WITHIN(c->log_evidence, -640.469869, 5e-7); /* computed */
	changepoint_free(c);
}

static void
probabilities_add_up_and_what_is_let_go_of_hardly_counts(void **state)
{
	struct changepoint *all = begin(0.01, 0, 1, 1, 1, 0, 1001), *few = begin(0.01, 0, 1, 1, 1, 1e-12, 1000), *least = begin(0.01, 0, 1, 1, 1, 0, 60);

	(void)state;
	for (uint32_t t = 0; t < 1000; t++) {
		double x = random_normal(3, 0, t, 0) * (t < 700 ? 1 : 3) + (t / 200 % 2 ? 4 : 0), sum = 0;

		take(all, x);
		take(few, x);
		take(least, x);
		for (size_t i = 0; i < all->n; i++)
			sum += exp(all->run[i].log_p);
		WITHIN(sum, 1, 1e-12);
		WITHIN(changepoint_recent(few, 10), changepoint_recent(all, 10), 1e-8);
		WITHIN(changepoint_recent(least, 10), changepoint_recent(all, 10), 0.02);
		assert_true(few->n <= 1000 && least->n <= 60 && least->run[0].length == 0);
	}
	assert_true(few->n < 500);
	assert_int_equal(changepoint_mode(few), changepoint_mode(all));
	WITHIN(few->log_evidence, all->log_evidence, 1e-6);
	changepoint_free(all);
	changepoint_free(few);
	changepoint_free(least);
}

static void
units_and_origin_change_nothing(void **state)
{
	struct changepoint *c = begin(0.05, 0, 1, 1, 1, 0, 200), *other = begin(0.05, 3000, 1, 1, 1e6, 0, 200);

	(void)state;
	for (uint32_t t = 0; t < 100; t++) {
		double x = random_normal(9, 0, t, 0) + (t > 60 ? 3 : 0);

		take(c, x);
		take(other, 3000 + 1000 * x);
		for (size_t r = 0; r < 100; r += 7)
			WITHIN(changepoint_at(other, r), changepoint_at(c, r), 1e-9);
	}
	WITHIN(other->log_evidence, c->log_evidence - 100 * log(1000), 1e-8);
	changepoint_free(c);
	changepoint_free(other);
}

static void
changes_of_simulated_series_are_found(void **state)
{
	static const struct {
		const double *x;
		size_t n, change;
	} series[] = { { change_quality1, 313, 144 }, { change_quality3, 366, 179 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct changepoint *c = begin(0.01, 0, 1, 1, 1, 1e-12, 1000);

		for (size_t t = 0; t < series[i].change + 5; t++) {
			take(c, series[i].x[t]);
			assert_true(t < 20 || t >= series[i].change || changepoint_recent(c, 5) < 0.9);
		}
		assert_true(changepoint_recent(c, 8) > 0.9);
		WITHIN((double)(series[i].change + 5 - changepoint_mode(c)), (double)series[i].change, 1);
		changepoint_free(c);
	}
}

static void
bad_rules_and_values_are_refused(void **state)
{
	static const struct {
		struct changepoint_rules rules;
		const char *message;
	} bad[] = {
		{ { 0, 0, 1, 1, 1, 0, 9 }, "the hazard 0 is not between 0 and 1" },
		{ { 0.1, 0, 0, 1, 1, 0, 9 }, "the prior needs strength, shape and scale above 0" },
		{ { 0.1, 0, 1, 1, 1, 0, 1 }, "at least 2 run lengths are needed" },
	};
	struct changepoint *c = NULL;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(changepoint_new(&c, &bad[i].rules, &err), LODE_EUSAGE);
		assert_string_equal(err.message, bad[i].message);
	}
	c = begin(0.1, 0, 1, 1, 1, 0, 9);
	assert_int_equal(changepoint_step(c, 1e200, &err), LODE_EDATA);
	assert_string_equal(err.message, "1e+200 is too large");
	assert_true(c->seen == 0 && c->n == 1);
	changepoint_free(c);
	changepoint_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_small_example_agrees_on_every_number),
		cmocka_unit_test(the_nile_changes_after_28_values_and_that_is_seen_4_later),
		cmocka_unit_test(probabilities_add_up_and_what_is_let_go_of_hardly_counts),
		cmocka_unit_test(units_and_origin_change_nothing),
		cmocka_unit_test(changes_of_simulated_series_are_found),
		cmocka_unit_test(bad_rules_and_values_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("changepoint", tests, NULL, NULL);
}
