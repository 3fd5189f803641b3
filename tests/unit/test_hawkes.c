/*
 * hawkes: numbers of another program, and the laws: one pass is a double loop, the gradient is one, the unit of time changes nothing
 *
 * Numbers and their sources: numbers_hawkes.h, and beside each figure below.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hawkes.h"
#include "numbers_hawkes.h"
#include "random.h"
#include "within.h"

#define NEAR(got, want) WITHIN(got, want, 1e-8 * fmax(1, fabs(want)))

static const struct hawkes_events sim = { hawkes_sim, NULL, 414, 400 };

static void
the_small_example_agrees_on_every_row(void **state)
{
	static const double mark[7] = { 1, 2, 0.5, 1, 3, 1, 0.5 };
	double t[7], intensity[7], compensator[7];
	struct hawkes_events e = { t, NULL, 7, 10 };
	struct hawkes h = { 0.3, 0.6, 1.2 };

	(void)state;
	for (size_t i = 0; i < 7; i++)
		t[i] = hawkes_small[i].t;
	hawkes_path(&h, &e, intensity, compensator);
	for (size_t i = 0; i < 7; i++) {
		NEAR(intensity[i], hawkes_small[i].intensity);
		NEAR(compensator[i], hawkes_small[i].compensator);
	}
	NEAR(hawkes_log_likelihood(&h, &e, NULL), -10.101111040); /* one pass and double loop */
	NEAR(hawkes_compensator(&h, &e), 6.485025212);
	e.mark = mark;
	h.alpha = 0.4;
	NEAR(hawkes_log_likelihood(&h, &e, NULL), -9.877160666); /* the same */
	NEAR(hawkes_compensator(&h, &e), 5.994011539);
}

static void
the_simulated_process_has_its_maximum(void **state)
{
	struct hawkes_fit fit;
	struct err err = ERR_INIT;
	double residual[414];

	(void)state;
	assert_int_equal(hawkes_fit(&sim, &fit, &err), LODE_OK);
	assert_true(fit.excited);
	WITHIN(fit.at.mu, 0.489560, 1e-5);
	WITHIN(fit.at.alpha, 0.642294, 1e-5);
	WITHIN(fit.at.beta, 1.218139, 1e-5);
	WITHIN(fit.log_likelihood, -339.209373, 1e-6);
	WITHIN(fit.log_likelihood_poisson, -399.757809, 1e-6);
	WITHIN(hawkes_log_likelihood(&(struct hawkes){ 0.5, 0.8, 1.6 }, &sim, NULL), -340.155253, 1e-6);
	NEAR(fit.branching, fit.at.alpha / fit.at.beta);
	/* At the maximum the process expects what there was. */
	WITHIN(hawkes_compensator(&fit.at, &sim), 414, 1e-3);
	hawkes_residuals(&fit.at, &sim, residual);
	WITHIN(hawkes_ks(residual, 414), 0.0374, 0.00005);
}

/* Every sum written out. */
static double
double_loop(const struct hawkes *h, const struct hawkes_events *e, double *intensity, double *compensator)
{
	double sum = -h->mu * e->end;

	for (size_t i = 0; i < e->n; i++) {
		intensity[i] = h->mu;
		compensator[i] = h->mu * e->t[i];
		for (size_t j = 0; j < i; j++) {
			double left = exp(-h->beta * (e->t[i] - e->t[j]));

			intensity[i] += e->mark[j] * h->alpha * left;
			compensator[i] += e->mark[j] * h->alpha / h->beta * (1 - left);
		}
		sum += log(intensity[i]) - e->mark[i] * h->alpha / h->beta * (1 - exp(-h->beta * (e->end - e->t[i])));
	}
	return sum;
}

static void
one_pass_is_the_double_loop(void **state)
{
	double t[40], mark[40], intensity[40], compensator[40], want_intensity[40], want_compensator[40], uniform[80];

	(void)state;
	for (uint32_t world = 0; world < 50; world++) {
		struct hawkes_events e = { t, mark, 40, 0 };
		struct hawkes h = { 0.1 + world * 0.05, 0.3, 0.05 + world * 0.1 };
		double want;

		for (uint32_t i = 0; i < 80; i++)
			uniform[i] = random_uniform(1, 2, world, i);
		for (size_t i = 0; i < 40; i++) {
			t[i] = (i > 0 ? t[i - 1] : 0) - log(uniform[i]);
			mark[i] = 0.1 + uniform[40 + i];
		}
		e.end = t[39] + 0.5;
		want = double_loop(&h, &e, want_intensity, want_compensator);
		NEAR(hawkes_log_likelihood(&h, &e, NULL), want);
		hawkes_path(&h, &e, intensity, compensator);
		for (size_t i = 0; i < 40; i++) {
			NEAR(intensity[i], want_intensity[i]);
			NEAR(compensator[i], want_compensator[i]);
		}
		/* To the last event only, its own mark has no time to count. */
		e.end = t[39];
		NEAR(hawkes_compensator(&h, &e), compensator[39]);
		NEAR(hawkes_intensity(&h, &e), intensity[39] + mark[39] * h.alpha);
	}
}

static double
moved(struct hawkes h, const struct hawkes_events *e, size_t k, double by)
{
	double *const at[3] = { &h.mu, &h.alpha, &h.beta };

	*at[k] += by;
	return hawkes_log_likelihood(&h, e, NULL);
}

static void
the_gradient_is_that_of_differences(void **state)
{
	static const double t[6] = { 0, 0.4, 0.5, 2, 3.5, 3.6 }, mark[6] = { 1, 0.2, 3, 1, 0.5, 2 };
	const struct hawkes_events e = { t, mark, 6, 5 };
	const struct hawkes h = { 0.7, 0.4, 1.3 }, poisson = { 0.7, 0, NAN };
	double gradient[3];

	(void)state;
	hawkes_log_likelihood(&h, &e, gradient);
	for (size_t k = 0; k < 3; k++)
		WITHIN(gradient[k], (moved(h, &e, k, 1e-6) - moved(h, &e, k, -1e-6)) / 2e-6, 1e-7);
	NEAR(hawkes_log_likelihood(&poisson, &e, gradient), 6 * log(0.7) - 3.5);
	NEAR(gradient[0], 6 / 0.7 - 5);
	NEAR(hawkes_intensity(&poisson, &e), 0.7);
	NEAR(hawkes_compensator(&poisson, &e), 3.5);
}

static void
standard_errors_come_from_the_curvature(void **state)
{
	struct hawkes_fit fit;
	struct err err = ERR_INIT;
	double info[3][3], det = 0, cofactor;
	const double step = 1e-3;

	(void)state;
	assert_int_equal(hawkes_fit(&sim, &fit, &err), LODE_OK);
	/* Second differences of the likelihood itself, and the inverse by cofactors. */
	for (size_t j = 0; j < 3; j++)
		for (size_t k = 0; k < 3; k++) {
			struct hawkes up = fit.at, down = fit.at;
			double *const a[3] = { &up.mu, &up.alpha, &up.beta }, *const b[3] = { &down.mu, &down.alpha, &down.beta };

			*a[j] += step;
			*b[j] -= step;
			info[j][k] = -(moved(up, &sim, k, step) - moved(up, &sim, k, -step) - moved(down, &sim, k, step) +
			    moved(down, &sim, k, -step)) / (4 * step * step);
		}
	for (size_t k = 0; k < 3; k++)
		det += info[0][k] * (info[1][(k + 1) % 3] * info[2][(k + 2) % 3] - info[1][(k + 2) % 3] * info[2][(k + 1) % 3]);
	cofactor = info[1][1] * info[2][2] - info[1][2] * info[2][1];
	WITHIN(fit.se_mu, sqrt(cofactor / det), 1e-4 * fit.se_mu);
	cofactor = info[0][0] * info[2][2] - info[0][2] * info[2][0];
	WITHIN(fit.se_alpha, sqrt(cofactor / det), 1e-4 * fit.se_alpha);
	cofactor = info[0][0] * info[1][1] - info[0][1] * info[1][0];
	WITHIN(fit.se_beta, sqrt(cofactor / det), 1e-4 * fit.se_beta);
	assert_true(fit.se_branching > 0.02 && fit.se_branching < 0.2);
}

static void
units_of_time_and_of_marks_change_nothing(void **state)
{
	double t[414], mark[414];
	struct hawkes_events e = { t, mark, 414, 400 / 30.436875 };
	struct hawkes_fit days, months;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 414; i++) {
		t[i] = hawkes_sim[i] / 30.436875;
		mark[i] = 0.25;
	}
	assert_int_equal(hawkes_fit(&sim, &days, &err), LODE_OK);
	assert_int_equal(hawkes_fit(&e, &months, &err), LODE_OK);
	WITHIN(months.at.mu / 30.436875, days.at.mu, 1e-6);
	WITHIN(months.at.alpha / 30.436875 / 4, days.at.alpha, 1e-6);
	WITHIN(months.at.beta / 30.436875, days.at.beta, 1e-6);
	WITHIN(months.branching, days.branching, 1e-6);
	WITHIN(months.se_branching, days.se_branching, 1e-6);
	WITHIN(months.se_mu / 30.436875, days.se_mu, 1e-6);
	WITHIN(months.log_likelihood, days.log_likelihood + 414 * log(30.436875), 1e-6);
}

static void
few_or_regular_events_are_poisson(void **state)
{
	double t[50];
	struct hawkes_events e = { t, NULL, HAWKES_FEW - 1, 100 };
	struct hawkes_fit fit;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		t[i] = 2 * (double)i + 1;
	assert_int_equal(hawkes_fit(&e, &fit, &err), LODE_OK);
	assert_false(fit.excited);
	NEAR(fit.at.mu, 0.09);
	NEAR(fit.se_mu, 0.03);
	assert_true(fit.at.alpha == 0 && isnan(fit.at.beta) && isnan(fit.se_branching));
	NEAR(fit.log_likelihood, 9 * log(0.09) - 9);
	/* Nothing follows nearer than anything else. */
	e.n = 50;
	assert_int_equal(hawkes_fit(&e, &fit, &err), LODE_OK);
	assert_false(fit.excited);
	NEAR(fit.at.mu, 0.5);
	NEAR(hawkes_expected(&fit.at, &e, 1, 130, 160), 15.0);
	e.n = 0;
	assert_int_equal(hawkes_fit(&e, &fit, &err), LODE_OK);
	assert_true(fit.at.mu == 0 && fit.log_likelihood == 0 && isnan(fit.se_mu));
	assert_true(isnan(hawkes_ks(t, 0)));
}

static void
a_cascade_keeps_under_the_bound(void **state)
{
	double t[60];
	const struct hawkes_events e = { t, NULL, 60, 100 };
	struct hawkes_fit fit;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 60; i++) /* ever faster towards the end */
		t[i] = 100 - 90 * pow(0.88, (double)i);
	assert_int_equal(hawkes_fit(&e, &fit, &err), LODE_OK);
	assert_true(fit.excited && fit.branching < 1 && fit.branching > 0.99);
	assert_true(isnan(fit.se_mu) && isnan(fit.se_branching));
}

static void
expected_events_solve_their_equation(void **state)
{
	const struct hawkes h = { 0.5, 0.8, 1.6 };
	double lambda = hawkes_intensity(&h, &sim), sum = 0;
	const double step = 1e-5;

	(void)state;
	for (double at = 400; at < 403 - step / 2; at += step) { /* the differential equation, by the midpoint */
		double half = lambda + step / 2 * (-h.beta * (lambda - h.mu) + h.alpha * lambda);
		double next = lambda + step * (-h.beta * (half - h.mu) + h.alpha * half);

		if (at > 401 - step / 2)
			sum += step * (lambda + next) / 2;
		lambda = next;
	}
	WITHIN(hawkes_expected(&h, &sim, 1, 401, 403), sum, 1e-6);
	/* Far off it is the stationary rate. */
	NEAR(hawkes_expected(&h, &sim, 1, 500, 510), 10 * 0.5 / (1 - 0.5));
}

static void
bad_events_are_refused(void **state)
{
	static const double t[2] = { 2, 1 }, mark[2] = { 1, 0 };
	static const struct {
		struct hawkes_events events;
		const char *message;
	} bad[] = {
		{ { t, NULL, 2, 5 }, "event 2 at 1 is out of order, or not between 0 and 5" },
		{ { t, NULL, 1, 1.5 }, "event 1 at 2 is out of order, or not between 0 and 1.5" },
		{ { t + 1, mark + 1, 1, 5 }, "event 1 has the mark 0" },
		{ { t, NULL, 0, 0 }, "events over a time of 0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct hawkes_fit fit;
		struct err err = ERR_INIT;

		assert_int_equal(hawkes_fit(&bad[i].events, &fit, &err), LODE_EUSAGE);
		assert_string_equal(err.message, bad[i].message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_small_example_agrees_on_every_row),
		cmocka_unit_test(the_simulated_process_has_its_maximum),
		cmocka_unit_test(one_pass_is_the_double_loop),
		cmocka_unit_test(the_gradient_is_that_of_differences),
		cmocka_unit_test(standard_errors_come_from_the_curvature),
		cmocka_unit_test(units_of_time_and_of_marks_change_nothing),
		cmocka_unit_test(few_or_regular_events_are_poisson),
		cmocka_unit_test(a_cascade_keeps_under_the_bound),
		cmocka_unit_test(expected_events_solve_their_equation),
		cmocka_unit_test(bad_events_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("hawkes", tests, NULL, NULL);
}
