/*
 * breaks: the Nile as strucchange has it, annotated changes of other series, and all ways to cut a short one
 *
 * Numbers and their sources: numbers_changes.h, and beside each figure below.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "breaks.h"
#include "numbers_changes.h"
#include "random.h"
#include "within.h"

static struct breaks *
find(const double *x, size_t n, size_t shortest, size_t most)
{
	struct breaks *b = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(breaks_new(&b, x, n, shortest, most, &err), LODE_OK);
	return b;
}

/* R's strucchange 1.5-3; RSS and BIC rounded are printed in its manual. */
static void
the_nile_breaks_as_published(void **state)
{
	static const size_t at[6][5] = { { 0 }, { 28 }, { 28, 83 }, { 28, 68, 83 }, { 28, 45, 68, 83 }, { 15, 30, 45, 68, 83 } };
	static const double rss[6] = { 2835156.75, 1597457.1944, 1552923.6158, 1538096.5127, 1507888.4759, 1659993.5004 };
	static const double bic[6] = { 1318.2418, 1270.0837, 1276.4667, 1284.7177, 1291.9445, 1310.7652 };
	struct breaks *b = find(change_nile, 100, 15, 5);
	struct err err = ERR_INIT;
	long first, last;

	(void)state;
	assert_int_equal(b->best, 1);
	for (size_t m = 0; m <= 5; m++) {
		WITHIN(b->rss[m], rss[m], 5e-5);
		WITHIN(b->bic[m], bic[m], 5e-5);
		for (size_t i = 0; i < m; i++)
			assert_int_equal(breaks_at(b, m, i), at[m][i]);
	}
	WITHIN(breaks_mean(b, change_nile, 1, 0), 1097.75, 1e-9);
	WITHIN(breaks_mean(b, change_nile, 1, 1), 849.9722, 5e-5);
	WITHIN(breaks_mean(b, change_nile, 0, 0), 919.35, 1e-9);
	WITHIN(b->sup_f, 75.9297694, 5e-8);
	assert_int_equal(b->sup_f_at, 28);
	assert_int_equal(breaks_interval(b, change_nile, 1, 0, 0.95, &first, &last, &err), LODE_OK);
	assert_int_equal(first, 25);
	assert_int_equal(last, 32);
	breaks_free(b);
}

/* Least sum of squares over all ways to cut x[0..n) into m + 1 segments. */
static double
try_all(const double *x, size_t n, size_t shortest, size_t m)
{
	double least = INFINITY;

	if (m == 0) {
		double mean = 0, sum = 0;

		for (size_t i = 0; i < n; i++)
			mean += x[i] / (double)n;
		for (size_t i = 0; i < n; i++)
			sum += (x[i] - mean) * (x[i] - mean);
		return n < shortest ? INFINITY : sum;
	}
	for (size_t i = m * shortest; i + shortest <= n; i++)
		least = fmin(least, try_all(x, i, shortest, m - 1) + try_all(x + i, n - i, shortest, 0));
	return least;
}

static void
no_other_cuts_are_better(void **state)
{
	double x[24];

	(void)state;
	for (uint32_t world = 0; world < 40; world++) {
		struct breaks *b;

		for (uint32_t i = 0; i < 24; i++)
			x[i] = 1e5 + random_normal(5, world, i, 0) + (i > 10 ? 1.5 : 0);
		b = find(x, 24, 2 + world % 4, 9);
		for (size_t m = 0; m <= b->most && m <= 4; m++)
			WITHIN(b->rss[m], try_all(x, 24, b->shortest, m), 1e-7);
		assert_true(b->most == 24 / b->shortest - 1 || b->most == 9);
		breaks_free(b);
	}
}

static bool
has_near(const struct breaks *b, size_t want)
{
	for (size_t i = 0; i < b->best; i++)
		if (labs((long)breaks_at(b, b->best, i) - (long)want) <= 5)
			return true;
	return false;
}

static void
annotated_changes_are_found(void **state)
{
	static const size_t well[] = { 179, 255, 281, 311, 343, 402, 413, 422, 432 };
	double drivers[192], season[12] = { 0 };
	struct breaks *b;

	(void)state;
	b = find(change_quality1, 313, 47, 5);
	assert_true(breaks_at(b, 1, 0) == 144 && has_near(b, 144));
	breaks_free(b);
	b = find(change_quality3, 366, 55, 5);
	assert_true(b->best == 1 && has_near(b, 179));
	breaks_free(b);
	/* A level model on logarithms without their mean season. */
	for (size_t i = 0; i < 192; i++)
		season[i % 12] += log(change_drivers[i]) / 16;
	for (size_t i = 0; i < 192; i++)
		drivers[i] = log(change_drivers[i]) - season[i % 12];
	b = find(drivers, 192, 10, 8);
	assert_true(has_near(b, 60) && has_near(b, 169));
	breaks_free(b);
	b = find(change_well, 675, 10, 30);
	for (size_t i = 0; i < sizeof well / sizeof *well; i++)
		assert_true(has_near(b, well[i]));
	breaks_free(b);
}

static void
intervals_hold_the_break_as_often_as_they_say(void **state)
{
	size_t held = 0, n = 0;
	double x[100];

	(void)state;
	for (uint32_t world = 0; world < 400; world++) {
		struct breaks *b;
		struct err err = ERR_INIT;
		long first, last;

		for (uint32_t i = 0; i < 100; i++)
			x[i] = random_normal(11, world, i, 0) * (i < 40 ? 1 : 1.5) + (i < 40 ? 0 : 1.5);
		b = find(x, 100, 15, 1);
		if (breaks_interval(b, x, 1, 0, 0.9, &first, &last, &err) == LODE_OK) {
			assert_true(first <= (long)breaks_at(b, 1, 0) && last >= (long)breaks_at(b, 1, 0));
			held += first <= 40 && 40 <= last;
			n++;
		}
		breaks_free(b);
	}
	assert_true(n > 390);
	assert_true((double)held / (double)n > 0.85 && (double)held / (double)n < 0.97);
}

static void
clear_and_empty_cases(void **state)
{
	static const double step[8] = { 0.1, 0.1, 0.1, 0.1, 7.3, 7.3, 7.3, 7.3 }, flat[6] = { 0.3, 0.3, 0.3, 0.3, 0.3, 0.3 }, wrong[4] = { 1, NAN, 1, 1 };
	struct breaks *b = find(step, 8, 2, 3);
	struct err err = ERR_INIT;
	long first, last;

	(void)state;
	assert_true(b->best == 1 && breaks_at(b, 1, 0) == 4 && b->rss[1] == 0 && isinf(b->sup_f));
	assert_int_equal(breaks_interval(b, step, 1, 0, 0.95, &first, &last, &err), LODE_EDATA);
	assert_string_equal(err.message, "no interval: the values beside the break have no spread, or one mean");
	breaks_free(b);
	b = find(flat, 6, 2, 3);
	assert_true(b->best == 0 && b->sup_f == 0);
	breaks_free(b);
	assert_int_equal(breaks_new(&b, flat, 6, 4, 3, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "segments of 4 values do not fit into 6 twice");
	assert_int_equal(breaks_new(&b, flat, 6, 1, 3, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "a segment needs 2 values at least");
	assert_int_equal(breaks_new(&b, wrong, 4, 2, 3, &err), LODE_EDATA);
	assert_string_equal(err.message, "value 2 is not finite");
	breaks_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nile_breaks_as_published),
		cmocka_unit_test(no_other_cuts_are_better),
		cmocka_unit_test(annotated_changes_are_found),
		cmocka_unit_test(intervals_hold_the_break_as_often_as_they_say),
		cmocka_unit_test(clear_and_empty_cases),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("breaks", tests, NULL, NULL);
}
