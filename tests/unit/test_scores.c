/*
 * scores: published and computed numbers, GSL for the distributions, and the laws: a score is its definition written out, parts add up,
 * calibrated forecasts have a uniform PIT
 *
 * crps_gaussian: R and quadrature, 12 decimals. Other sources stand beside each figure.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>

#include "random.h"
#include "scores.h"
#include "within.h"

static const struct {
	double y, mean, sd, crps, log_score, pit;
} crps_gaussian[] = {
	{ 0, 0, 1, 0.233694977255, 0.918938533205, 0.500000000000 },
	{ 1, 0, 1, 0.602441357628, 1.418938533205, 0.841344746069 },
	{ -2, 0, 1, 1.452791821686, 2.918938533205, 0.022750131948 },
	{ 3.5, 2, 0.5, 1.218287362543, 4.725791352645, 0.998650101968 },
	{ 100, 90, 8, 6.295873224505, 3.779630074885, 0.894350226333 },
};

static const double members[10] = { 2.1, 3.5, 4.7, 1.2, 1.3, 5.2, 5.3, 4.2, 3.1, 1.7 };

static void
normal_forecasts_score_as_tabled(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof crps_gaussian / sizeof *crps_gaussian; i++) {
		const double y = crps_gaussian[i].y, m = crps_gaussian[i].mean, s = crps_gaussian[i].sd;

		WITHIN(score_crps_normal(y, m, s), crps_gaussian[i].crps, 1e-11);
		WITHIN(score_log_normal(y, m, s), crps_gaussian[i].log_score, 1e-11);
		WITHIN(score_pit_normal(y, m, s), crps_gaussian[i].pit, 1e-11);
	}
	WITHIN(score_crps_lognormal(1, 0, 1), 0.2674054670, 5e-11); /* quadrature agrees */
	WITHIN(score_crps_lognormal(3, 0.5, 0.4), 0.8999744506, 5e-11);
	/* A lognormal is never below 0: there only its own spread and mean count. */
	WITHIN(score_crps_lognormal(0, 0, 1), score_crps_lognormal(1e-12, 0, 1), 1e-9);
}

static void
an_ensemble_scores_by_its_pairs(void **state)
{
	double x[10];

	(void)state;
	memcpy(x, members, sizeof x);
	WITHIN(score_crps_ensemble(5.4, x, 10, false), 1.311, 1e-12);
	WITHIN(score_crps_ensemble(5.4, x, 10, true), 1.215556, 5e-7);
	WITHIN(score_crps_ensemble(3, x, 10, false), 0.511, 1e-12);
	WITHIN(score_crps_ensemble(3, x, 10, true), 0.415556, 5e-7);
	WITHIN(score_crps_ensemble(3, x, 1, false), 1.8, 1e-12); /* of a point forecast: the absolute error */
}

static void
many_quantiles_are_the_crps(void **state)
{
	double q[999], p[999];
	const double three[3] = { 1, 2, 4 }, at[3] = { 0.05, 0.5, 0.95 };

	(void)state;
	for (size_t i = 0; i < 999; i++) {
		p[i] = (double)(i + 1) / 1000;
		q[i] = 2 + 0.5 * random_normal_quantile(p[i]);
	}
	WITHIN(score_quantiles(3.5, q, p, 999), 1.218287362543, 2e-3);
	/* The interval score with its median: (|y - m| + width, 2 / 0.1 beyond the ends) with weights by hand. */
	WITHIN(score_quantiles(5, three, at, 3), (2 * 0.05 * 4 + 3 + 2 * 0.95 * 1) / 3, 1e-12);
	WITHIN(score_quantiles(0, three, at, 3), (2 * 0.95 * 1 + 2 + 2 * 0.05 * 4) / 3, 1e-12);
}

static void
set_events(struct score_event *e)
{
	static const double p[12] = { .1, .1, .2, .3, .3, .4, .6, .7, .8, .9, .9, .2 };
	static const bool happened[12] = { 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1 };

	for (size_t i = 0; i < 12; i++)
		e[i] = (struct score_event){ p[i], happened[i] };
}

static void
the_brier_score_has_its_parts(void **state)
{
	struct score_event e[12];
	struct score_brier b;

	(void)state;
	set_events(e);
	score_brier(e, 12, 0, 0, &b);
	WITHIN(b.brier, 0.2125, 1e-15);
	WITHIN(b.reliability, 0.0875, 1e-15);
	WITHIN(b.resolution, 0.125, 1e-15);
	WITHIN(b.uncertainty, 0.25, 1e-15);
	WITHIN(b.skill, 0.15, 1e-15);
	WITHIN(b.log_score, 0.634447133, 5e-10);
	WITHIN(score_auc(e, 12), 0.736111, 5e-7);
	WITHIN(b.mean_p, 5.5 / 12, 1e-15);
	assert_true(b.within == 0 && b.n == 12 && b.rate == 0.5);
	score_brier(e, 12, 5, 0, &b);
	WITHIN(b.reliability - b.resolution + b.uncertainty + b.within, 0.2125, 1e-15);
	score_brier(e, 0, 5, 0, &b);
	assert_true(b.n == 0 && isnan(b.brier) && isnan(b.skill) && isnan(score_auc(e, 0)));
	e[0] = (struct score_event){ 0, true };
	score_brier(e, 1, 0, 0, &b);
	assert_true(isinf(b.log_score) && isnan(b.skill));
	score_brier(e, 1, 0, 0.01, &b);
	WITHIN(b.log_score, -log(0.01), 1e-12);
	assert_true(score_bin(0, 10) == 0 && score_bin(0.1, 10) == 1 && score_bin(0.95, 10) == 9 && score_bin(1, 10) == 9);
}

/* With many forecasts in few bins, all calibrated, the parts are what the distribution of p says. */
static void
calibrated_forecasts_have_no_reliability_part(void **state)
{
	static struct score_event e[10000];
	struct score_brier b;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		double p = random_uniform(1, 0, i, 0);

		e[i] = (struct score_event){ p, random_uniform(1, 0, i, 1) < p };
	}
	score_brier(e, 10000, 10, 0, &b);
	assert_true(b.reliability < 0.002);
	WITHIN(b.brier, 1.0 / 6, 0.005);
	WITHIN(b.resolution, 0.25 * 0.99 / 3, 0.005);
	WITHIN(score_auc(e, 10000), 5.0 / 6, 0.01);
}

static void
intervals_of_shares_are_wilsons(void **state)
{
	double low, high;

	(void)state;
	score_binomial(8, 10, 1.96, &low, &high); /* 49 to 94 %, published */
	WITHIN(low, 0.49, 0.005);
	WITHIN(high, 0.94, 0.005);
	score_binomial(0, 10, 1.96, &low, &high);
	assert_true(low == 0 && high > 0.27 && high < 0.28);
	score_binomial(10, 10, 1.96, &low, &high);
	assert_true(high == 1 && low > 0.72 && low < 0.73);
	score_binomial(0, 0, 1.96, &low, &high);
	assert_true(low == 0 && high == 1);
	/* The ends are where the share is z sd from what was seen. */
	score_binomial(3, 17, 1.5, &low, &high);
	WITHIN((3.0 / 17 - low) / sqrt(low * (1 - low) / 17), 1.5, 1e-12);
	WITHIN((high - 3.0 / 17) / sqrt(high * (1 - high) / 17), 1.5, 1e-12);
}

static void
students_t_is_that_of_gsl(void **state)
{
	static const double df[] = { 1, 2, 3.5, 11, 30, 250, 10000 };

	(void)state;
	for (size_t k = 0; k < sizeof df / sizeof *df; k++)
		for (double t = -12; t <= 12; t += 0.25) {
			double want = gsl_cdf_tdist_Q(t, df[k]);

			WITHIN(score_student_above(t, df[k]), want, 1e-10 * want + 1e-300);
		}
	for (double z = -8; z <= 8; z += 0.5)
		WITHIN(score_normal_below(z), gsl_cdf_ugaussian_P(z), 1e-12 * gsl_cdf_ugaussian_P(z));
}

static void
two_forecasters_are_compared(void **state)
{
	enum { N = 60 };
	double a[N], b[N], d[N], mean = 0, variance = 0, by;
	struct score_compared c, other;
	struct err err = ERR_INIT;
	const size_t horizon = 3;

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		a[i] = fabs(random_normal(2, 0, i, 0));
		b[i] = fabs(random_normal(2, 0, i, 1)) + 0.3 + (i > 0 ? 0.3 * b[i - 1] : 0);
		d[i] = a[i] - b[i];
		mean += d[i] / N;
	}
	for (size_t i = 0; i < N; i++) /* the definition: sums over pairs no further apart than h - 1 */
		for (size_t k = 0; k < N; k++)
			if ((i > k ? i - k : k - i) < horizon)
				variance += (d[i] - mean) * (d[k] - mean) / N / N;
	assert_int_equal(score_compare(a, b, N, horizon, &c, &err), LODE_OK);
	WITHIN(c.difference, mean, 1e-14);
	WITHIN(c.variance, variance, 1e-14);
	WITHIN(c.statistic, mean / sqrt(variance), 1e-10);
	WITHIN(c.p, 2 * gsl_cdf_ugaussian_Q(fabs(c.statistic)), 1e-12);
	by = sqrt((N + 1 - 2.0 * 3 + 3.0 * 2 / N) / N);
	WITHIN(c.corrected, c.statistic * by, 1e-12);
	WITHIN(c.p_corrected, 2 * gsl_cdf_tdist_Q(fabs(c.corrected), N - 1), 1e-12);
	assert_int_equal(score_compare(b, a, N, horizon, &other, &err), LODE_OK);
	WITHIN(other.statistic, -c.statistic, 1e-12);
	assert_int_equal(score_compare(a, a, N, 1, &c, &err), LODE_OK);
	assert_true(c.difference == 0 && isnan(c.statistic) && isnan(c.p));
	assert_int_equal(score_compare(a, b, 1, 1, &c, &err), LODE_OK);
	assert_true(isnan(c.statistic));
	assert_int_equal(score_compare(a, b, 0, 1, &c, &err), LODE_OK);
	assert_true(isnan(c.difference));
	assert_int_equal(score_compare(a, b, 4, 6, &c, &err), LODE_OK);
	assert_true(isnan(c.statistic));
	/* Ever up and down: the flat sum would be below 0. */
	score_mean((const double[]){ 1, -1, 1, -1, 1, -1 }, 6, 1, &mean, &by);
	WITHIN(mean, 0, 1e-15);
	WITHIN(by, (1 - 2 * 0.5 * 5 / 6) / 6, 1e-15);
}

/* The size of the test: equal forecasters, errors that depend on one another up to 2 apart. */
static void
equal_forecasters_differ_as_often_as_they_should(void **state)
{
	size_t differ = 0;
	double a[80], b[80], e[82];

	(void)state;
	for (uint32_t world = 0; world < 1000; world++) {
		struct score_compared c;
		struct err err = ERR_INIT;

		for (uint32_t k = 0; k < 2; k++) {
			for (uint32_t i = 0; i < 82; i++)
				e[i] = random_normal(4, world, i, k);
			for (size_t i = 0; i < 80; i++) {
				double sum = e[i] + e[i + 1] + e[i + 2];

				(k == 0 ? a : b)[i] = sum * sum;
			}
		}
		assert_int_equal(score_compare(a, b, 80, 3, &c, &err), LODE_OK);
		differ += c.p_corrected < 0.05;
	}
	assert_true(differ > 25 && differ < 100);
}

static void
pit_of_what_was_forecast_is_uniform(void **state)
{
	size_t count[10] = { 0 }, masses[10] = { 0 };
	double off = 0, off_masses = 0;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		double x[19], zeros[19], y = random_normal(6, i, 0, 0), u = random_uniform(6, i, 1, 0);

		for (uint32_t k = 0; k < 19; k++) {
			x[k] = random_normal(6, i, k, 1);
			zeros[k] = fmax(0, x[k]); /* half of the mass lies at zero */
		}
		/* 19 members and the outcome fall into 20 places alike: (rank + u) / 20 of the places */
		count[score_bin((19 * score_pit_ensemble(y, x, 19, 0) + u) / 20, 10)]++;
		masses[score_bin((19 * score_pit_ensemble(fmax(0, y), zeros, 19, u) + u) / 20, 10)]++;
	}
	for (size_t i = 0; i < 10; i++) {
		off += ((double)count[i] - 500) * ((double)count[i] - 500) / 500;
		off_masses += ((double)masses[i] - 500) * ((double)masses[i] - 500) / 500;
	}
	assert_true(gsl_cdf_chisq_Q(off, 9) > 0.01);
	assert_true(gsl_cdf_chisq_Q(off_masses, 9) > 0.01);
	WITHIN(score_pit_ensemble(2, (const double[]){ 1, 2, 2, 3 }, 4, 0.5), 0.5, 0);
}

static void
alarms_are_matched_to_episodes(void **state)
{
	static const struct score_episode episode[] = { { 10, 14 }, { 30, 31 }, { 50, 50 } };
	static const int32_t alarm[] = { 3, 5, 8, 13, 31, 40, 44 };
	double lead[3];
	struct score_alarms s;

	(void)state;
	/* [4, 11]: 5 and 8. [24, 31]: 31. [44, 51]: 44. 13 is late, 3 and 40 are wrong. */
	score_alarms(alarm, 7, episode, 3, 6, 1, lead, &s);
	assert_true(s.episodes == 3 && s.hits == 3 && s.misses == 0);
	assert_true(s.alarms == 7 && s.matched == 4 && s.late == 1 && s.wrong == 2);
	assert_true(s.lead_median == 5 && s.lead_least == -1 && s.lead_most == 6);
	score_alarms(alarm, 4, episode, 3, 6, 1, lead, &s);
	assert_true(s.hits == 1 && s.misses == 2 && s.lead_median == 5);
	score_alarms(alarm, 0, episode, 3, 6, 1, lead, &s);
	assert_true(s.hits == 0 && s.misses == 3 && isnan(s.lead_median) && s.low == 0);
	score_alarms(alarm, 7, episode, 0, 6, 1, lead, &s);
	assert_true(s.episodes == 0 && s.wrong == 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_forecasts_score_as_tabled),
		cmocka_unit_test(an_ensemble_scores_by_its_pairs),
		cmocka_unit_test(many_quantiles_are_the_crps),
		cmocka_unit_test(the_brier_score_has_its_parts),
		cmocka_unit_test(calibrated_forecasts_have_no_reliability_part),
		cmocka_unit_test(intervals_of_shares_are_wilsons),
		cmocka_unit_test(students_t_is_that_of_gsl),
		cmocka_unit_test(two_forecasters_are_compared),
		cmocka_unit_test(equal_forecasters_differ_as_often_as_they_should),
		cmocka_unit_test(pit_of_what_was_forecast_is_uniform),
		cmocka_unit_test(alarms_are_matched_to_episodes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
