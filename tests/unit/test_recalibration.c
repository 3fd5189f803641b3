/*
 * recalibration: isotonic by a formula that pools nothing, Platt's by its closed form and its slopes, and the law: what says too much or too
 * little comes to say what happens
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "recalibration.h"

static double
log_odds(double p)
{
	return log(p / (1 - p));
}

static double
from_odds(double x)
{
	return 1 / (1 + exp(-x));
}

static void
fit(struct recalibration *r, enum recalibration_method method, struct score_event *events, size_t n)
{
	struct err err = ERR_INIT;

	assert_int_equal(recalibration_fit(r, method, events, n, &err), LODE_OK);
}

/* The share that happened among those from p to q, both ends included. */
static double
share(const struct score_event *events, size_t n, double p, double q)
{
	double yes = 0, all = 0;

	for (size_t i = 0; i < n; i++)
		if (events[i].p >= p && events[i].p <= q) {
			yes += events[i].happened;
			all++;
		}
	return yes / all;
}

/* At p it is the greatest over the starts up to p of the least over the ends from p on of the share between (Robertson et al. 1988, 1.4.4). */
static void
isotonic_is_the_greatest_of_the_least_shares(void **state)
{
	struct recalibration r = { 0 };

	(void)state;
	for (uint32_t world = 0; world < 300; world++) {
		size_t n = 1 + (size_t)(random_uniform(1, world, 0, 0) * 40);
		struct score_event events[41];

		for (uint32_t i = 0; i < n; i++) {
			double p = floor(random_uniform(1, world, i, 1) * 12) / 12; /* some alike */

			events[i] = (struct score_event){ p, random_uniform(1, world, i, 2) < p * p };
		}
		fit(&r, RECALIBRATION_ISOTONIC, events, n);
		for (size_t i = 0; i < n; i++) {
			double most = -INFINITY;

			for (size_t from = 0; from < n; from++) {
				double least = INFINITY;

				for (size_t to = 0; to < n && events[from].p <= events[i].p; to++)
					if (events[to].p >= events[i].p)
						least = fmin(least, share(events, n, events[from].p, events[to].p));
				most = events[from].p <= events[i].p ? fmax(most, least) : most;
			}
			assert_true(fabs(recalibration_at(&r, events[i].p) - most) < 1e-12);
		}
		/* straight between points, level beyond them */
		assert_true(recalibration_at(&r, -1) == recalibration_at(&r, events[0].p));
		assert_true(recalibration_at(&r, 2) == recalibration_at(&r, events[n - 1].p));
	}
	recalibration_release(&r);
}

/* The forecasts of MODEL 4: none of 0.1 0.1, 2 of 0.2 0.2 0.3 0.3 0.4, 4 of 0.6 0.7 0.8 0.9 0.9. */
static void
isotonic_of_twelve_forecasts(void **state)
{
	struct score_event events[] = { { 0.1, 0 }, { 0.1, 0 }, { 0.2, 0 }, { 0.3, 1 }, { 0.3, 0 }, { 0.4, 0 }, { 0.6, 1 }, { 0.7, 1 },
		{ 0.8, 1 }, { 0.9, 1 }, { 0.9, 0 }, { 0.2, 1 } };
	struct recalibration r = { 0 };

	(void)state;
	fit(&r, RECALIBRATION_ISOTONIC, events, 12);
	assert_true(recalibration_at(&r, 0.1) == 0);
	for (double p = 0.2; p <= 0.4; p += 0.1)
		assert_true(fabs(recalibration_at(&r, p) - 0.4) < 1e-15);
	assert_true(fabs(recalibration_at(&r, 0.15) - 0.2) < 1e-12);
	assert_true(fabs(recalibration_at(&r, 0.5) - 0.6) < 1e-12); /* half way from 0.4 to 0.8 */
	assert_true(fabs(recalibration_at(&r, 0.6) - 0.8) < 1e-15 && fabs(recalibration_at(&r, 1) - 0.8) < 1e-15);
	recalibration_release(&r);
}

/* With two values of p two numbers say all: each comes to the share of its own, outcomes counted as Platt does. */
static void
platt_of_two_values_is_their_shares(void **state)
{
	struct score_event events[60];
	struct recalibration r = { 0 };
	double yes = 7 + 18, target[2] = { 1 / (60 - yes + 2), (yes + 1) / (yes + 2) };

	(void)state;
	for (size_t i = 0; i < 60; i++)
		events[i] = (struct score_event){ i < 35 ? 0.3 : 0.6, i < 35 ? i < 7 : i < 53 };
	fit(&r, RECALIBRATION_PLATT, events, 60);
	assert_true(fabs(recalibration_at(&r, 0.3) - (7 * target[1] + 28 * target[0]) / 35) < 1e-10);
	assert_true(fabs(recalibration_at(&r, 0.6) - (18 * target[1] + 7 * target[0]) / 25) < 1e-10);
}

static void
platt_is_where_the_likelihood_has_no_slope(void **state)
{
	struct recalibration r = { 0 };
	size_t flat = 0;

	(void)state;
	for (uint32_t world = 0; world < 300; world++) {
		struct score_event events[50];
		double yes = 0, slope[2] = { 0, 0 }, target[2];

		for (uint32_t i = 0; i < 50; i++) {
			double p = random_uniform(2, world, i, 0);

			events[i] = (struct score_event){ p, random_uniform(2, world, i, 1) < (world % 3 == 0 ? p : world % 3 == 1 ? 0.5 : p * p) };
			yes += events[i].happened;
		}
		target[0] = 1 / (50 - yes + 2);
		target[1] = (yes + 1) / (yes + 2);
		fit(&r, RECALIBRATION_PLATT, events, 50);
		for (size_t i = 0; i < 50; i++) {
			double off = recalibration_at(&r, events[i].p) - target[events[i].happened];

			slope[0] += off;
			slope[1] += off * log_odds(fmin(fmax(events[i].p, 1e-4), 1 - 1e-4));
		}
		assert_true(fabs(slope[0]) < 1e-9);
		if (r.slope > 0)
			assert_true(fabs(slope[1]) < 1e-9);
		else
			assert_true(r.slope == 0 && slope[1] >= 0 && ++flat > 0); /* it would turn forecasts round */
	}
	assert_true(flat > 20 && flat < 80);
}

static void
what_says_too_much_is_toned_down(void **state)
{
	enum { N = 20000 };
	static struct score_event events[N], next[N];
	struct recalibration r = { 0 };

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		double odds = 1.5 * random_normal(3, 0, i, 0);

		/* What happens has log odds 0.3 + 0.5 times what is said. */
		events[i] = (struct score_event){ from_odds(odds), random_uniform(3, 0, i, 1) < from_odds(0.3 + 0.5 * odds) };
	}
	fit(&r, RECALIBRATION_PLATT, events, N);
	assert_true(fabs(r.offset - 0.3) < 0.06 && fabs(r.slope - 0.5) < 0.05); /* four standard errors */
	for (int method = 0; method < RECALIBRATION_METHODS; method++) {
		struct score_brier before, after;
		double last = 0;

		fit(&r, (enum recalibration_method)method, events, N);
		for (uint32_t i = 0; i < N; i++) {
			double odds = 1.5 * random_normal(4, 0, i, 0);

			next[i] = (struct score_event){ from_odds(odds), random_uniform(4, 0, i, 1) < from_odds(0.3 + 0.5 * odds) };
		}
		score_brier(next, N, 10, 0, &before);
		for (size_t i = 0; i < N; i++)
			next[i].p = recalibration_at(&r, next[i].p);
		score_brier(next, N, 10, 0, &after);
		assert_true(before.reliability > 0.01 && after.reliability < 0.001 && after.brier < before.brier);
		for (int i = 0; i <= 1000; i++) {
			double q = recalibration_at(&r, i / 1000.0);

			assert_true(q >= last && q <= 1);
			last = q;
		}
	}
	recalibration_release(&r);
}

static void
few_or_like_forecasts(void **state)
{
	struct score_event one = { 0.4, true }, alike[] = { { 0.2, 0 }, { 0.2, 1 }, { 0.2, 0 }, { 0.2, 0 } }, all[] = { { 0, 1 }, { 0.5, 1 }, { 1, 1 } };
	struct recalibration r = { 0 };

	(void)state;
	fit(&r, RECALIBRATION_ISOTONIC, &one, 1);
	assert_true(recalibration_at(&r, 0) == 1 && recalibration_at(&r, 1) == 1);
	fit(&r, RECALIBRATION_PLATT, alike, 4);
	assert_true(r.slope == 1);
	assert_true(fabs(recalibration_at(&r, 0.2) - (2.0 / 3 + 3 * 0.2) / 4) < 1e-12); /* 1 counts as 2/3, 0 as 1/5 */
	fit(&r, RECALIBRATION_PLATT, all, 3);
	assert_true(fabs(recalibration_at(&r, 0) - 0.8) < 1e-12 && fabs(recalibration_at(&r, 1) - 0.8) < 1e-12);
	recalibration_release(&r);
	recalibration_release(&r);
}

static void
a_short_past_draws_to_its_rate(void **state)
{
	(void)state;
	assert_true(fabs(recalibration_shrink(0.9, 0, 0) - 0.5) < 1e-15);
	assert_true(fabs(recalibration_shrink(0.9, 9, 20) - from_odds((log_odds(0.9) + log_odds(9.5 / 21)) / 2)) < 1e-14);
	assert_true(fabs(recalibration_shrink(0.9, 5, 100000000) - 0.9) < 1e-6);
	assert_true(recalibration_shrink(0, 3, 10) > 0 && recalibration_shrink(1, 3, 10) < 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isotonic_is_the_greatest_of_the_least_shares),
		cmocka_unit_test(isotonic_of_twelve_forecasts),
		cmocka_unit_test(platt_of_two_values_is_their_shares),
		cmocka_unit_test(platt_is_where_the_likelihood_has_no_slope),
		cmocka_unit_test(what_says_too_much_is_toned_down),
		cmocka_unit_test(few_or_like_forecasts),
		cmocka_unit_test(a_short_past_draws_to_its_rate),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("recalibration", tests, NULL, NULL);
}
