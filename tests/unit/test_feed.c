/* feed: laws of the state space on logs, draws against the smoothed moments */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed_world.h"

static double
mean_of(const struct feed_setup *setup, size_t series, int32_t month)
{
	struct feed *feed = build(setup);
	double sd, mean = feed_mean(feed, series, month, &sd);

	feed_free(feed);
	return mean;
}

static void
scaling_all_masses_shifts_all_logs(void **state)
{
	struct world w;
	double sd[2];

	(void)state;
	make_world(&w);
	struct feed *a = build(&w.setup), *b;

	for (size_t i = 0; i < w.setup.n_figures; i++)
		w.figure[i].mass *= 1000;
	b = build(&w.setup);
	for (int32_t month = w.setup.first; month <= w.setup.last; month++)
		for (size_t i = 0; i < SERIES; i++) {
			WITHIN(feed_mean(b, i, month, &sd[1]) - feed_mean(a, i, month, &sd[0]), log(1000), 1e-9);
			WITHIN(sd[0], sd[1], 1e-9);
		}
	WITHIN(feed_log_likelihood(a), feed_log_likelihood(b), 1e-7);
	feed_free(a);
	feed_free(b);
}

static void
order_of_the_figures_does_not_matter(void **state)
{
	struct world w;
	double sd, want;

	(void)state;
	make_world(&w);
	struct feed *a = build(&w.setup), *b;

	for (size_t i = 0; i < w.setup.n_figures / 2; i++) {
		struct feed_figure keep = w.figure[i];

		w.figure[i] = w.figure[w.setup.n_figures - 1 - i];
		w.figure[w.setup.n_figures - 1 - i] = keep;
	}
	b = build(&w.setup);
	want = feed_mean(a, 0, w.setup.last, &sd);
	assert_true(feed_mean(b, 0, w.setup.last, &sd) == want);
	feed_free(a);
	feed_free(b);
}

static void
a_closure_lowers_the_feed_and_fades(void **state)
{
	struct world w;
	int32_t next;
	double sd, before, other;

	(void)state;
	make_world(&w);
	next = w.setup.first + MONTHS;
	before = mean_of(&w.setup, 0, next);
	other = mean_of(&w.setup, 1, next);
	w.event[0] = (struct feed_event){ 0, STR("MM-11"), month_first_day(next), 1, 0 };
	w.setup.n_events = 1;
	struct feed *feed = build(&w.setup);

	/* first month: -1.5 times the mean of exp(-0.25 days/month) over it */
	WITHIN(feed_mean(feed, 0, next, &sd) - before, -1.5 * feed_intensity(w.event, 1, 0, 0.25, next), 1e-9);
	assert_true(feed_mean(feed, 0, next + 1, &sd) > feed_mean(feed, 0, next, &sd));
	WITHIN(feed_mean(feed, 1, next, &sd), other, 1e-9); /* weight 0 */
	feed_free(feed);
	/* An event after the last month says nothing before it. */
	w.event[0].day = month_first_day(w.setup.last + 1);
	WITHIN(mean_of(&w.setup, 0, next), before, 1e-12);
}

static void
the_effect_is_learned_from_figures(void **state)
{
	struct world w;
	double prior_sd, sd, mean;

	(void)state;
	make_world(&w);
	w.event[0] = (struct feed_event){ 0, STR("MM-11"), month_first_day(w.setup.first + 30), 1, 0 };
	w.setup.n_events = 1;
	for (size_t i = 0; i < w.setup.n_figures; i++)
		if (w.figure[i].series == 0 && w.figure[i].first >= w.setup.first + 30 && w.figure[i].first < w.setup.first + 33)
			w.figure[i].mass *= 0.05;
	struct feed *feed = build(&w.setup);

	mean = feed_effect(feed, 0, &sd);
	prior_sd = w.effect[0].sd;
	assert_true(mean < -1.7 && sd < prior_sd);
	feed_free(feed);
}

static void
missing_months_are_bridged(void **state)
{
	struct world w;
	double sd_gap, sd_end, mean;

	(void)state;
	make_world(&w);
	w.figure[2 * 20].mass = 0;
	w.figure[2 * 21].mass = NAN;
	w.figure[2 * 22].mass = -1;
	struct feed *feed = build(&w.setup);

	mean = feed_mean(feed, 0, w.setup.first + 21, &sd_gap);
	feed_mean(feed, 0, w.setup.last, &sd_end);
	assert_true(fabs(mean - log(3000)) < 0.5);
	assert_true(sd_gap > 0.05 && sd_gap < sd_end);
	feed_free(feed);
}

static void
a_total_gives_what_its_months_would(void **state)
{
	struct world w;
	struct feed_figure *january, *february;
	double total, apart, sd, got;
	int32_t month;

	(void)state;
	make_world(&w);
	w.setup.lunar_sd = 0;
	w.setup.lunar_mean = 0;
	month = w.setup.first + 36;
	january = &w.figure[2 * 36];
	february = &w.figure[2 * 37];
	total = january->mass + february->mass;
	apart = mean_of(&w.setup, 0, month + 1);
	january->mass = february->mass = NAN;
	w.figure[w.setup.n_figures++] = (struct feed_figure){ 0, month, month + 1, total };
	struct feed *feed = build(&w.setup);

	got = exp(feed_mean(feed, 0, month, &sd)) + exp(feed_mean(feed, 0, month + 1, &sd));
	WITHIN(log(got), log(total), 0.05);
	WITHIN(feed_mean(feed, 0, month + 1, &sd), apart, 0.15);
	feed_free(feed);
	/* With both months seen the total adds nothing. */
	january->mass = february->mass = total / 2;
	got = mean_of(&w.setup, 0, month);
	w.setup.n_figures--;
	WITHIN(mean_of(&w.setup, 0, month), got, 0);
}

static void
a_total_says_nothing_about_the_holiday(void **state)
{
	struct world w;
	double likelihood;

	(void)state;
	make_world(&w);
	/* One total is all that lies in January and February. */
	for (size_t i = 0; i < w.setup.n_figures; i++)
		if (month_of_year(w.figure[i].first) <= 2)
			w.figure[i].mass = NAN;
	w.figure[w.setup.n_figures++] = (struct feed_figure){ 0, w.setup.first + 36, w.setup.first + 37, 6000 };
	struct feed *feed = build(&w.setup);

	likelihood = feed_log_likelihood(feed);
	feed_free(feed);
	w.setup.lunar_mean = 5;
	w.setup.lunar_sd = 7;
	feed = build(&w.setup);
	WITHIN(feed_log_likelihood(feed), likelihood, 1e-9);
	feed_free(feed);
}

static void
draws_add_up_to_a_total(void **state)
{
	double log_mass[SERIES * (MONTHS + AHEAD)];
	/* the first month's own figure, and what the two of them must come to */
	static const double own[] = { NAN, 1500, 0, 4500 };

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct feed *feed;
		struct world w;
		double *scratch;

		make_world(&w);
		w.figure[SERIES * 24].mass = own[k];
		w.figure[SERIES * 25].mass = NAN;
		w.figure[w.setup.n_figures++] = (struct feed_figure){ 0, w.setup.first + 24, w.setup.first + 25, 4000 };
		feed = build(&w.setup);
		scratch = calloc(feed_scratch(feed), sizeof *scratch);
		assert_non_null(scratch);
		for (uint32_t path = 0; path < 20; path++) {
			double first, second;

			feed_draw(feed, 1, path, scratch, log_mass);
			first = exp(log_mass[SERIES * 24]);
			second = exp(log_mass[SERIES * 25]);
			if (!isnan(own[k]))
				WITHIN(first, own[k], 1e-9);
			if (own[k] > 4000) /* they contradict each other: the month's own figure stands, the other is drawn */
				assert_true(second > 0);
			else
				WITHIN(first + second, 4000, 1e-9);
		}
		free(scratch);
		feed_free(feed);
	}
}

static void
draws_have_the_smoothed_moments(void **state)
{
	enum { PATHS = 2000 };
	struct world w;
	double sd, *scratch, *path, sum[2] = { 0 }, square[2] = { 0 };
	size_t t = MONTHS + 3;

	(void)state;
	make_world(&w);
	struct feed *feed = build(&w.setup);

	scratch = calloc(feed_scratch(feed), sizeof *scratch);
	path = calloc((MONTHS + AHEAD) * SERIES, sizeof *path);
	for (uint32_t i = 0; i < PATHS; i++) {
		feed_draw(feed, 1, i, scratch, path);
		assert_true(path[5 * SERIES] == log(w.figure[5 * SERIES].mass)); /* what was seen is what it was */
		for (size_t s = 0; s < SERIES; s++) {
			sum[s] += path[t * SERIES + s];
			square[s] += path[t * SERIES + s] * path[t * SERIES + s];
		}
	}
	for (size_t s = 0; s < SERIES; s++) {
		double mean = feed_mean(feed, s, w.setup.first + (int32_t)t, &sd), variance = sd * sd + 0.1 * 0.1;

		WITHIN(sum[s] / PATHS, mean, 4 * sqrt(variance / PATHS));
		WITHIN(square[s] / PATHS - sum[s] * sum[s] / PATHS / PATHS, variance, 4 * variance * sqrt(2.0 / PATHS));
	}
	free(scratch);
	free(path);
	feed_free(feed);
}

/* The last four months of the first series are shut. */
static double
forecast_after(double mass, double floor)
{
	struct world w;

	make_world(&w);
	w.setup.floor = floor;
	for (size_t t = MONTHS - 4; t < MONTHS; t++)
		w.figure[SERIES * t].mass = mass;
	return mean_of(&w.setup, 0, w.setup.last - AHEAD + 3);
}

/* Paths that begin late have the moments of paths that begin early. */
static void
a_tail_is_drawn_as_the_whole(void **state)
{
	struct world w;
	enum { PATHS = 20000 };

	(void)state;
	make_world(&w);
	w.figure[2 * 40].mass = -1; /* a gap within the tail */
	struct feed *whole = build(&w.setup), *tail;
	double sd[4];

	w.setup.drawn = w.setup.first + 38;
	tail = build(&w.setup);
	assert_true(feed_scratch(tail) < feed_scratch(whole));

	double *scratch = calloc(feed_scratch(whole), sizeof *scratch), *path = calloc((MONTHS + AHEAD) * SERIES, sizeof *path);
	double sum[4] = { 0 }, squares[4] = { 0 };
	static const size_t at[4] = { 40, 48, 52, 59 };

	for (uint32_t i = 0; i < PATHS; i++) {
		feed_draw(tail, 1, i, scratch, path);
		for (size_t k = 0; k < 4; k++) {
			sum[k] += path[at[k] * SERIES];
			squares[k] += path[at[k] * SERIES] * path[at[k] * SERIES];
		}
		WITHIN(path[20 * SERIES], log(w.figure[2 * 20].mass), 1e-12); /* before it, figures */
	}
	for (size_t k = 0; k < 4; k++) {
		double mean = feed_mean(whole, 0, w.setup.first + (int32_t)at[k], &sd[k]), own = w.setup.sd_idiosyncratic;
		double variance = squares[k] / PATHS - sum[k] / PATHS * sum[k] / PATHS, want = sd[k] * sd[k] + own * own;

		WITHIN(sum[k] / PATHS, mean, 5 * sqrt(want / PATHS));
		WITHIN(variance / want, 1, 0.05);
	}
	free(scratch);
	free(path);
	feed_free(whole);
	feed_free(tail);
}

/* A border that was shut leaves ore at the mines: behind it more comes than without such a store, and a rush is followed by less. */
static void
what_could_not_leave_leaves_later(void **state)
{
	struct world w;
	double without, with, sum = 0;

	(void)state;
	make_world(&w);
	w.setup.sd_access = 0.6;
	for (size_t t = 44; t < 47; t++)
		w.figure[SERIES * t].mass = 300;
	without = mean_of(&w.setup, 0, w.setup.first + MONTHS + 2);
	w.setup.mine_gain = 0.2;
	w.setup.mine_keep = 0.717;
	with = mean_of(&w.setup, 0, w.setup.first + MONTHS + 2);
	assert_true(with > without);
	/* A month that brings more never means less over the months ahead. */
	make_world(&w);
	w.setup.phi = 0.965;
	w.setup.mine_gain = 0.2;
	w.setup.mine_keep = 0.717;
	for (int32_t h = 0; h < AHEAD; h++) {
		double before = exp(mean_of(&w.setup, 0, w.setup.first + MONTHS + h));

		w.figure[SERIES * (MONTHS - 1)].mass *= 1.5;
		sum += exp(mean_of(&w.setup, 0, w.setup.first + MONTHS + h)) - before;
		w.figure[SERIES * (MONTHS - 1)].mass /= 1.5;
		assert_true(sum > 0);
	}
}

/* The spread of months and levels is learned from the figures, the more the fewer months the given one counts for. */
static void
spreads_are_learned(void **state)
{
	struct world w;
	double own[3], level[3];

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct feed *feed;
		uint32_t x = 12345;
		double walk = 0;

		make_world(&w);
		/* the second series as a walk of sd 0.4 a month, with nothing of its own */
		for (size_t t = 0; t < MONTHS; t++) {
			double sum = -6;

			for (size_t i = 0; i < 12; i++, x = x * 1664525 + 1013904223)
				sum += (double)(x >> 8) / (1 << 24);
			walk += 0.4 * sum;
			w.figure[SERIES * t + 1].mass = 500 * exp(walk);
		}
		w.setup.learn = (const double[]){ 0, 6, 600 }[k];
		w.setup.sd_idiosyncratic = 0.3;
		feed = build(&w.setup);
		own[k] = feed_own_sd(feed, 1);
		level[k] = feed_level_sd(feed, 1);
		assert_true(feed_access_sd(feed) > 0);
		feed_free(feed);
	}
	WITHIN(own[0], 0.3, 1e-12);
	WITHIN(level[0], w.setup.sd_level, 1e-12);
	assert_true(own[1] < 0.2 && own[1] > 0 && level[1] > 0.25 && level[1] < 0.5);
	assert_true(own[2] > 0.25 && level[2] < 0.15 && level[2] > level[0]);
}

static void
zero_is_a_figure(void **state)
{
	double log_mass[SERIES * (MONTHS + AHEAD)], sd, *scratch;
	struct feed *feed;
	struct world w;

	(void)state;
	/* less never lets expect more */
	assert_true(forecast_after(0, 1) == forecast_after(1, 1));
	assert_true(forecast_after(0.5, 1) == forecast_after(1, 1));
	assert_true(forecast_after(1, 1) < forecast_after(30, 1));
	assert_true(forecast_after(30, 1) < forecast_after(NAN, 1));
	/* without a floor it says nothing about other months; its own has no flow */
	WITHIN(forecast_after(0, 0), forecast_after(NAN, 0), 1e-12);
	make_world(&w);
	w.figure[SERIES * 40].mass = 0;
	feed = build(&w.setup);
	scratch = calloc(feed_scratch(feed), sizeof *scratch);
	assert_non_null(scratch);
	feed_draw(feed, 1, 0, scratch, log_mass);
	for (size_t t = 0; t < MONTHS; t++)
		assert_true((log_mass[SERIES * t] == -INFINITY) == (t == 40));
	free(scratch);
	feed_free(feed);
	/* and nothing but zero is no flow at all */
	for (size_t t = 0; t < MONTHS; t++)
		w.figure[SERIES * t].mass = 0;
	w.setup.floor = 1;
	feed = build(&w.setup);
	assert_true(feed_mean(feed, 0, w.setup.last, &sd) == -INFINITY);
	feed_free(feed);
}

static void
a_series_without_figures_has_no_flow(void **state)
{
	struct world w;
	double sd;

	(void)state;
	make_world(&w);
	for (size_t i = 0; i < w.setup.n_figures; i++)
		if (w.figure[i].series == 1)
			w.figure[i].mass = 0;
	struct feed *feed = build(&w.setup);

	assert_true(feed_seen(feed, 0) && !feed_seen(feed, 1));
	assert_true(isinf(feed_mean(feed, 1, w.setup.last, &sd)));
	assert_true(isfinite(feed_mean(feed, 0, w.setup.last, &sd)) && sd < 10);
	feed_free(feed);
}

/* Each datum is the figure of its series and time, on the row that its series has there; a total of two months comes behind the months. */
static void
data_are_known_by_series_and_month(void **state)
{
	struct world w;
	size_t total = SERIES * MONTHS;

	(void)state;
	make_world(&w);
	w.figure[w.setup.n_figures++] = (struct feed_figure){ 1, w.setup.first + MONTHS - 1, w.setup.first + MONTHS, 7000 };
	struct feed *feed = build(&w.setup);
	const struct ssm_model *model = feed_model(feed);

	assert_ptr_equal(feed_setup_of(feed), &w.setup);
	assert_int_equal(model->n_data, total + 1);
	for (size_t k = 0; k < total; k++) {
		const struct ssm_datum *d = &model->data[k];

		assert_int_equal(d->n_terms, 1);
		assert_int_equal(feed_datum_series(feed, k), k % SERIES);
		assert_int_equal(d->time, k / SERIES);
		WITHIN(d->y, log(w.figure[k].mass), 1e-12);
		assert_ptr_equal(d->z, feed_row(feed, k % SERIES, w.setup.first + (int32_t)d->time));
	}
	assert_true(model->data[total].n_terms == 2 && model->data[total].time == MONTHS);
	assert_int_equal(feed_datum_series(feed, total), 1);
	feed_free(feed);
}

static void
bad_setups_are_refused(void **state)
{
	struct world w;
	struct feed *feed = NULL;
	struct err err = ERR_INIT;

	(void)state;
	make_world(&w);
	w.setup.phi = 1;
	assert_int_equal(feed_new(&w.setup, &feed, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "phi is 1, not between -1 and 1");
	make_world(&w);
	w.figure[3].last += 2;
	assert_int_equal(feed_new(&w.setup, &feed, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "figure 4 is not of one or two months of a series");
	make_world(&w);
	w.setup.sd_level = -1;
	assert_int_equal(feed_new(&w.setup, &feed, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "a standard deviation of the feed is -1");
	make_world(&w);
	w.setup.floor = -1;
	assert_int_equal(feed_new(&w.setup, &feed, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "the least mass of a figure is -1");
	assert_null(feed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scaling_all_masses_shifts_all_logs),
		cmocka_unit_test(order_of_the_figures_does_not_matter),
		cmocka_unit_test(a_closure_lowers_the_feed_and_fades),
		cmocka_unit_test(the_effect_is_learned_from_figures),
		cmocka_unit_test(missing_months_are_bridged),
		cmocka_unit_test(a_total_gives_what_its_months_would),
		cmocka_unit_test(a_total_says_nothing_about_the_holiday),
		cmocka_unit_test(draws_add_up_to_a_total),
		cmocka_unit_test(draws_have_the_smoothed_moments),
		cmocka_unit_test(a_tail_is_drawn_as_the_whole),
		cmocka_unit_test(what_could_not_leave_leaves_later),
		cmocka_unit_test(spreads_are_learned),
		cmocka_unit_test(zero_is_a_figure),
		cmocka_unit_test(a_series_without_figures_has_no_flow),
		cmocka_unit_test(data_are_known_by_series_and_month),
		cmocka_unit_test(bad_setups_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
