/* feed: regressors by hand, laws of the state space on logs, draws against the smoothed moments */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed.h"
#include "instant.h"
#include "period.h"

#define NEAR(got, want, allowed) near((got), (want), (allowed), __FILE__, __LINE__)

static void
near(double got, double want, double allowed, const char *file, int line)
{
	if (!(fabs(got - want) <= allowed)) {
		print_error("%s:%d: got %.12g, want %.12g\n", file, line, got, want);
		_fail(file, line);
	}
}

/* Four years of two series with a yearly wave; the first moves with access. */
enum { SERIES = 2, MONTHS = 48, AHEAD = 12 };

struct world {
	struct feed_setup setup;
	struct feed_series series[SERIES];
	struct feed_effect effect[1];
	struct feed_event event[1];
	struct feed_figure figure[SERIES * MONTHS + 1];
	int32_t lunar[8];
};

static void
make_world(struct world *w)
{
	/* dates of the Chinese New Year, 2018 to 2025 */
	static const int dates[8][3] = { { 2018, 2, 16 }, { 2019, 2, 5 }, { 2020, 1, 25 }, { 2021, 2, 12 }, { 2022, 2, 1 },
		{ 2023, 1, 22 }, { 2024, 2, 10 }, { 2025, 1, 29 } };
	int32_t first = month_number(2020, 1);

	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < 8; i++)
		w->lunar[i] = civil_to_days(dates[i][0], dates[i][1], dates[i][2]);
	w->series[0] = (struct feed_series){ 1, true };
	w->series[1] = (struct feed_series){ 0, false };
	w->effect[0] = (struct feed_effect){ .mean = -1.5, .sd = 0.5, .decay = 0.25, .ended_by = SIZE_MAX };
	for (size_t t = 0; t < MONTHS; t++)
		for (size_t i = 0; i < SERIES; i++)
			w->figure[SERIES * t + i] = (struct feed_figure){ i, first + (int32_t)t, first + (int32_t)t,
				(i == 0 ? 3000 : 500) * exp((i == 0 ? 0.2 : 0) * sin(0.5236 * (double)t) + 0.1 * cos(7.0 * (double)(t + i))) };
	w->setup = (struct feed_setup){ .phi = 0.84, .sd_access = 0.3, .sd_level = 0.05, .sd_idiosyncratic = 0.1,
		.sd_observation = 0.05, .sd_seasonal = 0.01, .seasonal_prior_sd = 0.3, .lunar_mean = -0.3, .lunar_sd = 0.3,
		.lunar_days_before = 7, .lunar_days_after = 14, .first = first, .last = first + MONTHS + AHEAD - 1,
		.n_series = SERIES, .series = w->series, .n_effects = 1, .effects = w->effect, .events = w->event,
		.n_figures = SERIES * MONTHS, .figures = w->figure, .n_lunar = 8, .lunar = w->lunar };
}

static struct feed *
build(const struct feed_setup *setup)
{
	struct feed *feed = NULL;
	struct err err = ERR_INIT;

	if (feed_new(setup, &feed, &err) != LODE_OK)
		print_error("%s\n", err.message);
	assert_non_null(feed);
	return feed;
}

static double
mean_of(const struct feed_setup *setup, size_t series, int32_t month)
{
	struct feed *feed = build(setup);
	double sd, mean = feed_mean(feed, series, month, &sd);

	feed_free(feed);
	return mean;
}

static void
intensity_is_the_mean_over_the_days(void **state)
{
	struct feed_event event = { 0, STR("MM-11"), civil_to_days(2024, 10, 18), 1, 0 };
	int32_t october = month_number(2024, 10);
	double sum = 0, step = exp(-0.25 / (365.2425 / 12));

	(void)state;
	assert_true(feed_intensity(&event, 1, 0, 0.25, october - 1) == 0);
	for (int day = 0; day < 14; day++) /* the 18th to the 31st */
		sum += pow(step, day);
	NEAR(feed_intensity(&event, 1, 0, 0.25, october), sum / 31, 1e-14);
	NEAR(feed_intensity(&event, 1, 0, 0, october), 14 / 31.0, 1e-14);
	NEAR(feed_intensity(&event, 1, 0, 0, october + 1), 1, 1e-14);
	assert_true(feed_intensity(&event, 1, 1, 0.25, october) == 0);
	event.weight = 0.5;
	NEAR(feed_intensity(&event, 1, 0, 0, october), 7 / 31.0, 1e-14);
}

static void
lunar_regressor_has_no_mean_and_only_two_months(void **state)
{
	struct world w;
	double january = 0, february = 0;

	(void)state;
	make_world(&w);
	for (int year = 2018; year <= 2025; year++) {
		january += feed_lunar(w.lunar, 8, 7, 14, month_number(year, 1));
		february += feed_lunar(w.lunar, 8, 7, 14, month_number(year, 2));
		for (int month = 3; month <= 12; month++)
			assert_true(feed_lunar(w.lunar, 8, 7, 14, month_number(year, month)) == 0);
	}
	NEAR(january, 0, 1e-14);
	NEAR(february, 0, 1e-14);
	/* 2018-02-16 less 7 days is the 9th: nothing in January. 2023-01-22: the 15th to the 31st are 17 of 22 days. */
	NEAR(feed_lunar(w.lunar, 8, 7, 14, month_number(2023, 1)) - feed_lunar(w.lunar, 8, 7, 14, month_number(2018, 1)), 17 / 22.0,
	    1e-14);
	assert_true(feed_lunar(w.lunar, 8, 7, 14, month_number(2031, 1)) == 0);
}

static void
repeated_reports_are_one_episode(void **state)
{
	struct feed_event events[] = {
		{ 0, STR("MM-11"), 1000, 0.5, 0 }, { 0, STR("MM"), 1010, 1, 0 },     /* the same, reported again and less precisely */
		{ 0, STR("MM-11"), 1031, 1, 0 },                                   /* 31 days after the first: a new one */
		{ 1, STR("MM-11"), 1005, 1, 0 }, { 0, STR("MM-1"), 1012, 1, 0 },      /* another class, another place */
		{ 0, STR("CN"), 1006, 1, 0 },
	};
	static const struct feed_effect acts[2] = { { .ended_by = SIZE_MAX }, { .ended_by = SIZE_MAX } };
	size_t n;

	(void)state;
	n = feed_episodes(events, 6, acts);
	assert_int_equal(n, 5);
	assert_int_equal(events[0].day, 1000);
	assert_true(events[0].weight == 1);
	assert_int_equal(events[4].day, 1031);
	assert_int_equal(feed_episodes(events, n, acts), n);
	assert_int_equal(feed_episodes(events, 0, acts), 0);
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
			NEAR(feed_mean(b, i, month, &sd[1]) - feed_mean(a, i, month, &sd[0]), log(1000), 1e-9);
			NEAR(sd[0], sd[1], 1e-9);
		}
	NEAR(feed_log_likelihood(a), feed_log_likelihood(b), 1e-7);
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
	NEAR(feed_mean(feed, 0, next, &sd) - before, -1.5 * feed_intensity(w.event, 1, 0, 0.25, next), 1e-9);
	assert_true(feed_mean(feed, 0, next + 1, &sd) > feed_mean(feed, 0, next, &sd));
	NEAR(feed_mean(feed, 1, next, &sd), other, 1e-9); /* weight 0 */
	feed_free(feed);
	/* An event after the last month says nothing before it. */
	w.event[0].day = month_first_day(w.setup.last + 1);
	NEAR(mean_of(&w.setup, 0, next), before, 1e-12);
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
	NEAR(log(got), log(total), 0.05);
	NEAR(feed_mean(feed, 0, month + 1, &sd), apart, 0.15);
	feed_free(feed);
	/* With both months seen the total adds nothing. */
	january->mass = february->mass = total / 2;
	got = mean_of(&w.setup, 0, month);
	w.setup.n_figures--;
	NEAR(mean_of(&w.setup, 0, month), got, 0);
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
	NEAR(feed_log_likelihood(feed), likelihood, 1e-9);
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
				NEAR(first, own[k], 1e-9);
			if (own[k] > 4000) /* they contradict each other: the month's own figure stands, the other is drawn */
				assert_true(second > 0);
			else
				NEAR(first + second, 4000, 1e-9);
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

		NEAR(sum[s] / PATHS, mean, 4 * sqrt(variance / PATHS));
		NEAR(square[s] / PATHS - sum[s] * sum[s] / PATHS / PATHS, variance, 4 * variance * sqrt(2.0 / PATHS));
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
		NEAR(path[20 * SERIES], log(w.figure[2 * 20].mass), 1e-12); /* before it, figures */
	}
	for (size_t k = 0; k < 4; k++) {
		double mean = feed_mean(whole, 0, w.setup.first + (int32_t)at[k], &sd[k]), own = w.setup.sd_idiosyncratic;
		double variance = squares[k] / PATHS - sum[k] / PATHS * sum[k] / PATHS, want = sd[k] * sd[k] + own * own;

		NEAR(sum[k] / PATHS, mean, 5 * sqrt(want / PATHS));
		NEAR(variance / want, 1, 0.05);
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

/* A border is shut once, however long it is told of, until it opens. */
static void
what_lasts_is_one_episode_until_it_ends(void **state)
{
	static const struct feed_effect effects[2] = { { .lasts = true, .ended_by = 1 }, { .ended_by = SIZE_MAX } };
	struct feed_event events[] = {
		{ 0, STR("MM-11"), 1000, 1, 0 }, { 0, STR("MM-11"), 1025, 1, 0 }, { 0, STR("MM-11"), 1050, 1, 0 }, { 0, STR("MM-11"), 1078, 1, 0 },
		{ 1, STR("MM-11"), 1085, 1, 0 },                                  /* opens, */
		{ 0, STR("MM-11"), 1090, 1, 0 },                                  /* and shuts again */
		{ 0, STR("MM-11"), 1130, 1, 0 },                                  /* nobody told of it for 40 days */
	};

	(void)state;
	assert_int_equal(feed_episodes(events, 7, effects), 4);
	assert_int_equal(events[0].day, 1000);
	assert_int_equal(events[0].last, 1078);
	assert_int_equal(events[2].day, 1090);
	assert_int_equal(events[3].day, 1130);
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
	NEAR(own[0], 0.3, 1e-12);
	NEAR(level[0], w.setup.sd_level, 1e-12);
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
	NEAR(forecast_after(0, 0), forecast_after(NAN, 0), 1e-12);
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

	assert_true(isinf(feed_mean(feed, 1, w.setup.last, &sd)));
	assert_true(isfinite(feed_mean(feed, 0, w.setup.last, &sd)) && sd < 10);
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

/* The newest month of a series, told now: it was expected to be what the others let expect, and moves the months ahead by all that changed. */
static void
a_figure_moves_what_is_expected_by_its_surprise(void **state)
{
	static const double weight[SERIES] = { 0.8, 0.2 };
	struct world old, new;
	struct feed_news *news;
	struct err err = ERR_INIT;
	double sd, then = 0, now = 0;
	int32_t month;

	(void)state;
	make_world(&old);
	make_world(&new);
	month = new.setup.first + MONTHS - 1;
	old.setup.n_figures -= SERIES; /* neither series' last month */
	new.setup.n_figures--;         /* the first one's is told now */
	struct feed *before = build(&old.setup), *after = build(&new.setup);
	assert_int_equal(feed_news_new(before, after, month + 3, weight, &news, &err), LODE_OK);
	assert_int_equal(news->n, 1);
	assert_true(news->surprises[0].kind == NEWS_RELEASED && news->surprises[0].series == 0);
	assert_true(news->surprises[0].first == month && news->surprises[0].last == month);
	NEAR(news->surprises[0].expected, feed_mean(before, 0, month, &sd), 1e-9);
	NEAR(news->surprises[0].seen, log(new.figure[SERIES * (MONTHS - 1)].mass), 1e-12);
	for (size_t i = 0; i < SERIES; i++) {
		then += weight[i] * feed_mean(before, i, month + 3, &sd);
		now += weight[i] * feed_mean(after, i, month + 3, &sd);
	}
	NEAR(news->before, then, 1e-12);
	NEAR(news->after, now, 1e-12);
	NEAR(news->surprises[0].impact, now - then, 1e-9);
	NEAR(news->model, 0, 1e-12);
	NEAR(news->rest, 0, 1e-9);
	feed_news_free(news);
	feed_free(before);
	feed_free(after);
}

/* Released, revised, withdrawn and a total, with spreads learned: every part is told and they add up. */
static void
all_that_changed_adds_up(void **state)
{
	static const double weight[SERIES] = { 0.7, 0.3 };
	struct world old, new;
	struct feed_news *news;
	struct err err = ERR_INIT;
	size_t count[3] = { 0 };
	double sum = 0;

	(void)state;
	make_world(&old);
	make_world(&new);
	old.setup.learn = new.setup.learn = 12;
	old.setup.n_figures -= 5;
	new.figure[10].mass *= 1.3;
	new.figure[21].mass *= 0.6;
	new.figure[30].mass = NAN;
	new.setup.n_figures -= SERIES;
	new.figure[new.setup.n_figures++] = (struct feed_figure){ 0, new.setup.first + MONTHS - 1, new.setup.first + MONTHS, 7000 };
	struct feed *before = build(&old.setup), *after = build(&new.setup);
	assert_int_equal(feed_news_new(before, after, new.setup.first + MONTHS + 2, weight, &news, &err), LODE_OK);
	for (size_t i = 0; i < news->n; i++) {
		const struct feed_surprise *s = &news->surprises[i];

		count[s->kind]++;
		sum += s->impact;
		if (s->kind == NEWS_WITHDRAWN)
			NEAR(s->expected, log(old.figure[30].mass), 1e-12);
		if (s->last != s->first)
			NEAR(s->seen, log(7000), 1e-12);
	}
	assert_true(count[NEWS_WITHDRAWN] == 1 && count[NEWS_REVISED] == 2 && count[NEWS_RELEASED] == 4);
	assert_true(fabs(news->model) > 1e-6);
	NEAR(news->before + sum + news->model + news->rest, news->after, 1e-9);
	feed_news_free(news);
	feed_free(before);
	feed_free(after);
}

/* A series without figures then: its own are one surprise of which nothing was expected, and what is expected of it is not asked. */
static void
a_new_series_is_no_surprise(void **state)
{
	static const double weight[SERIES] = { 0.8, 0.2 };
	struct world old, new;
	struct feed_news *news;
	struct err err = ERR_INIT;
	double sd;
	size_t n = 0;

	(void)state;
	make_world(&old);
	make_world(&new);
	for (size_t i = 0; i < old.setup.n_figures; i++)
		if (old.figure[i].series == 1)
			old.figure[i].mass = NAN;
	for (size_t i = new.setup.n_figures - SERIES; i < new.setup.n_figures; i++)
		if (new.figure[i].series == 0)
			new.figure[i].mass = NAN;
	struct feed *before = build(&old.setup), *after = build(&new.setup);
	assert_int_equal(feed_news_new(before, after, new.setup.first + MONTHS, weight, &news, &err), LODE_OK);
	for (size_t i = 0; i < news->n; i++)
		if (news->surprises[i].series == 1) {
			n++;
			assert_true(isnan(news->surprises[i].expected) && isnan(news->surprises[i].seen));
			assert_true(news->surprises[i].first == new.setup.first && news->surprises[i].last == new.setup.first + MONTHS - 1);
		} else {
			assert_true(news->surprises[i].kind == NEWS_WITHDRAWN);
		}
	assert_true(n == 1 && news->n == 2);
	NEAR(news->after, 0.8 * feed_mean(after, 0, new.setup.first + MONTHS, &sd), 1e-9);
	NEAR(news->before + news->surprises[0].impact + news->surprises[1].impact + news->model + news->rest, news->after, 1e-9);
	feed_news_free(news);
	feed_free(before);
	feed_free(after);
	feed_news_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intensity_is_the_mean_over_the_days),
		cmocka_unit_test(lunar_regressor_has_no_mean_and_only_two_months),
		cmocka_unit_test(repeated_reports_are_one_episode),
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
		cmocka_unit_test(what_lasts_is_one_episode_until_it_ends),
		cmocka_unit_test(spreads_are_learned),
		cmocka_unit_test(zero_is_a_figure),
		cmocka_unit_test(a_series_without_figures_has_no_flow),
		cmocka_unit_test(a_figure_moves_what_is_expected_by_its_surprise),
		cmocka_unit_test(all_that_changed_adds_up),
		cmocka_unit_test(a_new_series_is_no_surprise),
		cmocka_unit_test(bad_setups_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
