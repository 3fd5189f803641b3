/* balance: mass closes, P is monotone where it must be, the first-passage table, the same bytes with any number of threads */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance.h"
#include "period.h"
#include "random.h"

enum { SERIES = 2, MONTHS = 36, GAP = 2, AHEAD = 12, PATHS = 600, COMMODITIES = 2, SCENARIOS = 4 };

struct world {
	struct feed_setup feed_setup;
	struct feed_series series[SERIES];
	struct feed_figure figure[SERIES * MONTHS];
	struct feed *feed;
	struct balance_setup setup;
	struct balance_series balance_series[SERIES];
	double share[COMMODITIES][SERIES];
	struct balance_commodity commodity[COMMODITIES];
};

/* scale: of every mass, stocks and demand too; more: of the feed alone */
static void
make_world(struct world *w, double scale, double more)
{
	int32_t first = month_number(2021, 1);
	struct err err = ERR_INIT;

	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < SERIES; i++)
		w->series[i] = (struct feed_series){ i == 0, i == 0 };
	for (size_t t = 0; t < MONTHS; t++)
		for (size_t i = 0; i < SERIES; i++)
			w->figure[SERIES * t + i] = (struct feed_figure){ i, first + (int32_t)t, first + (int32_t)t,
				scale * more * (i == 0 ? 2800 : 500) * exp(0.2 * cos(3.0 * (double)(t + i))) };
	w->feed_setup = (struct feed_setup){ .phi = 0.84, .sd_access = 0.4, .sd_level = 0.05, .sd_idiosyncratic = 0.2,
		.sd_observation = 0.05, .sd_seasonal = 0.01, .seasonal_prior_sd = 0.3, .first = first,
		.last = first + MONTHS - 1 + GAP + AHEAD, .n_series = SERIES, .series = w->series, .n_figures = SERIES * MONTHS,
		.figures = w->figure };
	assert_int_equal(feed_new(&w->feed_setup, &w->feed, &err), LODE_OK);
	for (size_t i = 0; i < SERIES; i++) {
		w->balance_series[i] = (struct balance_series){ 0.15, (uint32_t)i, { 0.95, 1, 1.05 } };
		w->share[0][i] = 0.037;
		w->share[1][i] = 0.006;
	}
	for (size_t c = 0; c < COMMODITIES; c++) {
		double size = scale * (c == 0 ? 1 : 0.16);

		w->commodity[c] = (struct balance_commodity){ { size * 480, size * 709, size * 960 }, { size * 150, size * 300, size * 450 },
			{ 0, size * 350, size * 550 }, { size * 2200, size * 2550, size * 3000 }, .share = w->share[c], .price = { NAN, NAN, NAN },
			.premium = NAN };
	}
	w->setup = (struct balance_setup){ .feed = w->feed, .feed_setup = &w->feed_setup, .opening = first + MONTHS - 1,
		.as_of = first + MONTHS - 1 + GAP, .n_horizons = AHEAD, .lag = { 0.2, 0.5, 0.3 }, .recovery_low = 0.92,
		.recovery_high = 0.98, .demand_sd_log = 0.05, .stock_sd_log = { 0.33, 0.5 }, .n_scenarios = SCENARIOS,
		.scenarios = { { { 3.46, 2.45 }, 1 }, { { 0.5, 0.5 }, 1 }, { { 1, 1 }, 1 }, { { 2, 2 }, 1 } },
		.price = { .sd = 0.06, .gain = 0.02 }, .n_commodities = COMMODITIES, .commodities = w->commodity,
		.series = w->balance_series, .seed = 1, .n_paths = PATHS, .n_threads = 1 };
}

struct answers {
	struct balance_answer at[BALANCE_REGIONS][COMMODITIES][SCENARIOS][AHEAD];
	struct balance_forecast forecast[COMMODITIES][AHEAD];
};

static void
run(const struct balance_setup *setup, struct answers *out)
{
	struct err err = ERR_INIT;

	memset(out, 0, sizeof *out);
	struct balance_result result = { .answers = &out->at[0][0][0][0], .forecasts = &out->forecast[0][0] };

	if (balance_run(setup, &result, &err) != LODE_OK)
		print_error("%s\n", err.message);
	assert_int_equal(err.code, LODE_OK);
}

static void
mass_closes_on_every_path(void **state)
{
	struct world w;
	struct balance_month months[GAP + AHEAD];
	double *scratch, *path;

	(void)state;
	make_world(&w, 1, 0.3); /* scarce, so that stocks run out */
	scratch = calloc(feed_scratch(w.feed), sizeof *scratch);
	path = calloc((MONTHS + GAP + AHEAD) * SERIES, sizeof *path);
	bool empty = false;

	for (uint32_t i = 0; i < PATHS; i++) {
		feed_draw(w.feed, w.setup.seed, i, scratch, path);
		for (size_t c = 0; c < COMMODITIES; c++) {
			double in = 0, used = 0;

			balance_path(&w.setup, i, path, NULL, c, 1.5, months);
			for (size_t m = 0; m < GAP + AHEAD; m++) {
				const struct balance_month *x = &months[m];
				double come = x->in + x->domestic + x->byproduct + x->recycling;

				assert_true(fabs(x->opening + come - x->used - x->closing) < 1e-9);
				assert_true(x->closing >= 0 && x->used <= x->demand && x->in > 0);
				assert_true(m == 0 || x->opening == months[m - 1].closing);
				empty = empty || x->used < x->demand;
				in += come;
				used += x->used;
			}
			assert_true(fabs(months[0].opening + in - used - months[GAP + AHEAD - 1].closing) < 1e-9);
		}
	}
	assert_true(empty);
	free(scratch);
	free(path);
	feed_free(w.feed);
}

static void
probability_never_falls_with_the_horizon_and_is_not_degenerate(void **state)
{
	struct world w;
	struct answers a;

	(void)state;
	make_world(&w, 1, 1);
	run(&w.setup, &a);
	for (size_t c = 0; c < COMMODITIES; c++)
		for (size_t k = 0; k < SCENARIOS; k++)
			for (size_t h = 1; h < AHEAD; h++) {
				assert_true(a.at[0][c][k][h].probability >= a.at[0][c][k][h - 1].probability);
				assert_true(k > 0 || a.at[0][c][k][h].short_expected >= a.at[0][c][k][h - 1].short_expected);
			}
	for (size_t c = 0; c < COMMODITIES; c++) {
		const struct balance_answer *last = &a.at[0][c][0][AHEAD - 1];

		assert_true(last->probability > 0.02 && last->probability < 0.9);
		assert_true(last->short_p05 <= last->short_median && last->short_median <= last->short_p95);
		assert_true(last->short_expected > 0 && last->mcse > 0);
		assert_true(isnan(a.at[0][c][1][AHEAD - 1].short_median)); /* of the main scenario only */
		/* less stock, more deficits */
		assert_true(a.at[0][c][1][AHEAD - 1].probability >= a.at[0][c][2][AHEAD - 1].probability);
		assert_true(a.at[0][c][2][AHEAD - 1].probability >= a.at[0][c][3][AHEAD - 1].probability);
		assert_true(a.at[0][c][3][AHEAD - 1].probability >= last->probability);
	}
	feed_free(w.feed);
}

static void
more_feed_never_raises_the_probability(void **state)
{
	struct world w;
	struct answers less, more;

	(void)state;
	make_world(&w, 1, 1);
	run(&w.setup, &less);
	feed_free(w.feed);
	make_world(&w, 1, 1.2);
	run(&w.setup, &more);
	feed_free(w.feed);
	for (size_t c = 0; c < COMMODITIES; c++) {
		for (size_t h = 0; h < AHEAD; h++)
			assert_true(more.at[0][c][0][h].probability <= less.at[0][c][0][h].probability);
		assert_true(more.at[0][c][0][AHEAD - 1].probability < less.at[0][c][0][AHEAD - 1].probability);
	}
}

static void
scaling_all_masses_changes_no_probability(void **state)
{
	struct world w;
	struct answers one, thousand;

	(void)state;
	make_world(&w, 1, 1);
	run(&w.setup, &one);
	feed_free(w.feed);
	make_world(&w, 1000, 1);
	run(&w.setup, &thousand);
	feed_free(w.feed);
	for (size_t c = 0; c < COMMODITIES; c++)
		for (size_t h = 0; h < AHEAD; h++) {
			assert_true(fabs(one.at[0][c][0][h].probability - thousand.at[0][c][0][h].probability) < 1e-12);
			assert_true(fabs(thousand.at[0][c][0][h].short_expected - 1000 * one.at[0][c][0][h].short_expected) <
			    1e-8 * thousand.at[0][c][0][h].short_expected + 1e-9);
		}
}

static void
threads_change_no_byte(void **state)
{
	static const unsigned threads[] = { 2, 3, 8 };
	struct world w;
	struct answers one, many;

	(void)state;
	make_world(&w, 1, 1);
	run(&w.setup, &one);
	for (size_t i = 0; i < 3; i++) {
		w.setup.n_threads = threads[i];
		run(&w.setup, &many);
		assert_memory_equal(&one, &many, sizeof one);
	}
	w.setup.seed = 2;
	run(&w.setup, &many);
	assert_memory_not_equal(&one, &many, sizeof one);
	feed_free(w.feed);
}

static void
joint_products_share_their_draw(void **state)
{
	struct world w;
	struct balance_month dy[GAP + AHEAD], tb[GAP + AHEAD];
	double *path = calloc((MONTHS + GAP + AHEAD) * SERIES, sizeof *path), ratio = NAN;

	(void)state;
	make_world(&w, 1, 1);
	w.share[1][0] = w.share[1][1] = 0.037; /* the same median: then the same tonnes on every path */
	for (uint32_t i = 0; i < 50; i++) {
		balance_path(&w.setup, i, path, NULL, 0, 3, dy);
		balance_path(&w.setup, i, path, NULL, 1, 3, tb);
		assert_true(dy[0].in == tb[0].in && dy[0].in != ratio);
		assert_true(fabs(tb[0].domestic / dy[0].domestic - 0.16) < 1e-12);
		assert_true(fabs(tb[0].trend / dy[0].trend - 0.16) > 1e-6); /* demand does not */
		ratio = dy[0].in;
	}
	free(path);
	feed_free(w.feed);
}

static void
a_range_has_its_points(void **state)
{
	struct balance_range range = { 200, 400, 800 }, open = { 0, 400, 800 }, none = { 0, 0, 0 };

	(void)state;
	assert_true(balance_range_draw(&range, 0) == 400);
	assert_true(fabs(balance_range_draw(&range, 1.6448536269514722) - 800) < 1e-9);
	assert_true(fabs(balance_range_draw(&range, -1.6448536269514722) - 200) < 1e-9);
	assert_true(fabs(balance_range_draw(&open, 1.6448536269514722) - 800) < 1e-9);
	assert_true(balance_range_draw(&none, 2) == 0);
}

/* A second region behind a gate that is in one state throughout. */
static void
add_gate(struct world *w, struct gate_setup *gate_setup, struct gate **gate, enum gate_state state)
{
	struct err err = ERR_INIT;

	*gate_setup = (struct gate_setup){ .move = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }, .through = { 1, 0.35, 0.02 }, .scale = 0.5,
		.dof = 3, .least = 0.01, .first = w->setup.opening - 12, .now = w->setup.as_of, .last = w->setup.as_of + AHEAD,
		.forced_last = -1 };
	gate_setup->open_until = state == GATE_OPEN ? gate_setup->now : gate_setup->first;
	for (size_t from = 0; from < GATE_STATES; from++)
		for (size_t to = 0; to < GATE_STATES; to++)
			gate_setup->move[from][to] = to == (size_t)state;
	assert_int_equal(gate_new(gate, gate_setup, &err), LODE_OK);
	w->setup.gate = *gate;
	w->setup.gate_setup = gate_setup;
	w->setup.outside_opening = w->setup.opening - 6;
	for (size_t k = 0; k < GATE_STATES; k++)
		w->setup.magnet_through[k] = (double[]){ 1, 0.85, 0.25 }[k];
	for (size_t c = 0; c < COMMODITIES; c++) {
		double size = w->commodity[c].demand.mid / 2550;

		w->commodity[c].export = (struct balance_range){ size * 150, size * 300, size * 500 };
		w->commodity[c].magnet = (struct balance_range){ size * 300, size * 530, size * 900 };
		w->commodity[c].abroad = (struct balance_range){ size * 10, size * 30, size * 80 };
	}
}

static void
mass_closes_in_both_regions(void **state)
{
	struct world w;
	struct gate_setup gate_setup;
	struct gate *gate;
	struct balance_month months[GAP + AHEAD];
	struct balance_abroad abroad[6 + GAP + AHEAD];
	uint8_t states[64];
	double *scratch, *path;
	bool empty = false, scarce = false;

	(void)state;
	make_world(&w, 1, 0.2);
	add_gate(&w, &gate_setup, &gate, GATE_LICENSED);
	scratch = calloc(feed_scratch(w.feed), sizeof *scratch);
	path = calloc((MONTHS + GAP + AHEAD) * SERIES, sizeof *path);
	for (uint32_t i = 0; i < PATHS; i++) {
		feed_draw(w.feed, w.setup.seed, i, scratch, path);
		gate_draw(gate, w.setup.seed, i, 1, states);
		for (size_t c = 0; c < COMMODITIES; c++) {
			balance_path(&w.setup, i, path, states, c, 1, months);
			balance_path_abroad(&w.setup, i, states, c, 1, months, abroad);
			for (size_t m = 0; m < GAP + AHEAD; m++) {
				const struct balance_month *x = &months[m];
				double come = x->in + x->domestic + x->byproduct + x->recycling;

				assert_true(fabs(x->opening + come - x->used - x->shipped - x->closing) < 1e-9);
				assert_true(x->closing >= 0 && x->used + x->shipped <= x->demand + 1e-9);
				assert_true(abroad[6 + m].arrived == x->shipped); /* what leaves one region comes to the other */
				scarce |= x->used + x->shipped < x->demand - 1e-9;
			}
			for (size_t m = 0; m < 6 + GAP + AHEAD; m++) {
				const struct balance_abroad *y = &abroad[m];

				assert_true(fabs(y->opening + y->arrived + y->own - y->used - y->closing) < 1e-9);
				assert_true(y->closing >= 0 && y->used <= y->demand && (m == 0 || y->opening == abroad[m - 1].closing));
				empty |= y->used < y->demand;
			}
		}
	}
	assert_true(empty && scarce);
	free(scratch);
	free(path);
	gate_free(gate);
	feed_free(w.feed);
}

static void
a_gate_takes_from_abroad_and_leaves_at_home(void **state)
{
	struct answers all[GATE_STATES];

	(void)state;
	for (size_t k = 0; k < GATE_STATES; k++) {
		struct world w;
		struct gate_setup gate_setup;
		struct gate *gate;

		make_world(&w, 1, 0.8);
		add_gate(&w, &gate_setup, &gate, (enum gate_state)k);
		run(&w.setup, &all[k]);
		gate_free(gate);
		feed_free(w.feed);
	}
	for (size_t k = 1; k < GATE_STATES; k++)
		for (size_t c = 0; c < COMMODITIES; c++)
			for (size_t h = 0; h < AHEAD; h++) {
				assert_true(all[k].at[0][c][0][h].probability <= all[k - 1].at[0][c][0][h].probability);
				assert_true(all[k].at[1][c][0][h].probability >= all[k - 1].at[1][c][0][h].probability);
				assert_true(h == 0 || all[k].at[1][c][0][h].probability >= all[k].at[1][c][0][h - 1].probability);
			}
	assert_true(all[2].at[1][0][0][5].probability > all[0].at[1][0][0][5].probability + 0.2);
	assert_true(all[2].at[0][0][0][11].probability < all[0].at[0][0][0][11].probability);
}

static void
output_and_events_to_come_move_the_answer(void **state)
{
	struct world w;
	struct answers plain, low, closed, forbidden;
	struct balance_output output = { 0, 0, 140 };
	struct hazard_class closure = { .shape = 2, .exposure = 24, .duration = 3, .sd_log = 0.6, .mean = -1.6, .sd = 0.3, .forced_last = -1 };

	(void)state;
	make_world(&w, 1, 0.85);
	run(&w.setup, &plain);
	output.month = w.setup.as_of;
	w.setup.outputs = &output;
	w.setup.n_outputs = 1;
	w.setup.output_sd_log = 0.1;
	run(&w.setup, &low); /* less comes out than the paths say at the median */
	assert_true(low.at[0][0][0][11].probability > plain.at[0][0][0][11].probability);
	assert_true(low.at[0][0][0][11].mcse > plain.at[0][0][0][11].mcse); /* fewer paths count */
	w.setup.n_outputs = 0;
	w.setup.hazards = &closure;
	w.setup.n_hazards = 1;
	run(&w.setup, &closed);
	closure.forbidden = true;
	run(&w.setup, &forbidden);
	for (size_t c = 0; c < COMMODITIES; c++)
		for (size_t h = 0; h < AHEAD; h++) {
			assert_true(closed.at[0][c][0][h].probability >= plain.at[0][c][0][h].probability);
			assert_true(forbidden.at[0][c][0][h].probability == plain.at[0][c][0][h].probability);
		}
	assert_true(closed.at[0][0][0][11].probability > plain.at[0][0][0][11].probability + 0.01);
	feed_free(w.feed);
}

static void
stand_ins_answer_what_they_can(void **state)
{
	struct world w;
	struct answers a;
	struct gate_setup gate_setup;
	struct gate *gate;
	double exports[STANDIN_EXPORT_MONTHS - 1];

	(void)state;
	make_world(&w, 1, 1);
	add_gate(&w, &gate_setup, &gate, GATE_SHUT);
	for (size_t i = 0; i < STANDIN_EXPORT_MONTHS - 1; i++)
		exports[i] = 25;
	w.commodity[0].exports = exports;
	w.setup.price.premium_sd = 0.1;
	w.setup.price.premium_mean[GATE_SHUT] = log(4);
	w.commodity[0].premium = log(4);
	run(&w.setup, &a);
	for (size_t h = 0; h < AHEAD; h++) {
		assert_true(a.forecast[0][h].probability[STANDIN_FEED] >= 0);
		/* no price is known: three months ahead of now there is one to compare with */
		assert_true(isnan(a.forecast[0][h].probability[STANDIN_PRICE]) == (h < 2));
		assert_true(a.forecast[0][h].probability[STANDIN_PREMIUM] > 0.99);
		assert_true(isnan(a.forecast[1][h].probability[STANDIN_PREMIUM]));
		assert_true(isnan(a.forecast[1][h].probability[STANDIN_EXPORT]));
	}
	assert_true(a.forecast[0][0].probability[STANDIN_EXPORT] > 0.99);
	/* after a year shut, what is shut is what there was */
	assert_true(a.forecast[0][AHEAD - 1].probability[STANDIN_EXPORT] < a.forecast[0][0].probability[STANDIN_EXPORT]);
	gate_free(gate);
	feed_free(w.feed);
}

static void
quantiles_are_between_order_statistics(void **state)
{
	static const double x[] = { 1, 2, 4, 8 };

	(void)state;
	assert_true(balance_quantile(x, 4, 0) == 1 && balance_quantile(x, 4, 1) == 8);
	assert_true(balance_quantile(x, 4, 0.5) == 3);
	assert_true(fabs(balance_quantile(x, 4, 0.05) - 1.15) < 1e-12);
	assert_true(balance_quantile(x, 1, 0.95) == 1);
}

/*
 * A stock that starts at 300, drifts by -15 a month with sd 40 and is read monthly: P(below 120 in any month up to h), h = 1..12,
 * and P(below at h). By quadrature to 1e-12, 2 million paths agree within 0.0005.
 */
static void
first_passage_counts_agree_with_quadrature(void **state)
{
	static const double any[12] = { 0.00001854, 0.00401017, 0.02658330, 0.07210894, 0.13370582, 0.20310555, 0.27422699, 0.34332840,
		0.40836664, 0.46838531, 0.52308051, 0.57252146 };
	static const double at[12] = { 0.00001854, 0.00400497, 0.02567417, 0.06680720, 0.12021039, 0.17916323, 0.23926049, 0.29794155,
		0.35383023, 0.40626213, 0.45498882, 0.5 };
	enum { WALKS = 400000 };
	double floor = 120, hits[12] = { 0 }, ends[12] = { 0 };

	(void)state;
	for (uint32_t path = 0; path < WALKS; path++) {
		double stock = 300, walk[12];
		size_t first;

		for (uint32_t m = 0; m < 12; m++) {
			stock += -15 + 40 * random_normal(11, path, m, 0);
			walk[m] = stock;
			ends[m] += stock < floor;
		}
		first = balance_first_below(walk, &floor, 0, 12);
		for (size_t h = 0; h < 12; h++)
			hits[h] += first != 0 && first <= h + 1;
	}
	for (size_t h = 0; h < 12; h++) {
		assert_true(fabs(hits[h] / WALKS - any[h]) < 4 * sqrt(any[h] * (1 - any[h]) / WALKS) + 1e-6);
		assert_true(fabs(ends[h] / WALKS - at[h]) < 4 * sqrt(at[h] * (1 - at[h]) / WALKS) + 1e-6);
	}
}

/* From a month on, by the same part each month; before it nothing changes, and the trend that cover divides by is that of the month. */
static void
what_changes_does_so_from_its_month_on(void **state)
{
	struct balance_month still[GAP + AHEAD], moved[GAP + AHEAD];
	struct answers base, more, less, later;
	double *scratch, *path, sum[2] = { 0 }, square[2] = { 0 };
	enum { FROM = 5 };
	struct world w;

	(void)state;
	make_world(&w, 1, 0.9);
	scratch = calloc(feed_scratch(w.feed), sizeof *scratch);
	path = calloc((MONTHS + GAP + AHEAD) * SERIES, sizeof *path);
	for (uint32_t i = 0; i < PATHS; i++) {
		double rate[2];

		feed_draw(w.feed, w.setup.seed, i, scratch, path);
		for (size_t c = 0; c < COMMODITIES; c++) {
			w.commodity[c].domestic_change = w.commodity[c].demand_change = (struct balance_change){ 0 };
			balance_path(&w.setup, i, path, NULL, c, 3, still);
			w.commodity[c].domestic_change = (struct balance_change){ w.setup.opening + FROM, 0.06, 0.3 };
			w.commodity[c].demand_change = (struct balance_change){ w.setup.opening + FROM, -0.12, 0.6 };
			balance_path(&w.setup, i, path, NULL, c, 3, moved);
			assert_memory_equal(still, moved, FROM * sizeof *still);
			for (size_t m = FROM; m < GAP + AHEAD; m++) {
				double now[2] = { log(moved[m].domestic / still[m].domestic) / (double)(m + 1 - FROM) * 12,
					log(moved[m].trend / still[m].trend) / (double)(m + 1 - FROM) * 12 };

				/* a straight line, and the same for both commodities */
				for (size_t k = 0; k < 2; k++) {
					if (c == 0 && m == FROM)
						rate[k] = now[k];
					assert_true(fabs(now[k] - rate[k]) < 1e-9);
				}
				assert_true(fabs(moved[m].opening + moved[m].in + moved[m].domestic + moved[m].byproduct + moved[m].recycling -
				    moved[m].used - moved[m].shipped - moved[m].closing) < 1e-9);
			}
		}
		for (size_t k = 0; k < 2; k++) {
			sum[k] += rate[k] / PATHS;
			square[k] += rate[k] * rate[k] / PATHS;
		}
	}
	free(scratch);
	free(path);
	/* four standard errors of 600 draws */
	assert_true(fabs(sum[0] - 0.06) < 0.05 && fabs(sqrt(square[0] - sum[0] * sum[0]) - 0.3) < 0.035);
	assert_true(fabs(sum[1] + 0.12) < 0.1 && fabs(sqrt(square[1] - sum[1] * sum[1]) - 0.6) < 0.07);

	for (size_t c = 0; c < COMMODITIES; c++)
		w.commodity[c].domestic_change = w.commodity[c].demand_change = (struct balance_change){ 0 };
	run(&w.setup, &base);
	w.commodity[0].demand_change = (struct balance_change){ w.setup.as_of, 0.3, 0 };
	run(&w.setup, &more);
	w.commodity[0].demand_change = (struct balance_change){ 0 };
	w.commodity[0].domestic_change = (struct balance_change){ w.setup.as_of, 0.3, 0 };
	run(&w.setup, &less);
	w.commodity[0].domestic_change = (struct balance_change){ w.setup.as_of + AHEAD, 3, 1 };
	run(&w.setup, &later);
	for (size_t h = 0; h < AHEAD; h++) {
		assert_true(more.at[0][0][0][h].probability >= base.at[0][0][0][h].probability);
		assert_true(less.at[0][0][0][h].probability <= base.at[0][0][0][h].probability);
		assert_true(h == 0 || more.at[0][0][0][h].probability >= more.at[0][0][0][h - 1].probability);
	}
	assert_true(more.at[0][0][0][AHEAD - 1].probability > base.at[0][0][0][AHEAD - 1].probability + 0.02);
	assert_true(less.at[0][0][0][AHEAD - 1].probability < base.at[0][0][0][AHEAD - 1].probability);
	assert_memory_equal(&later.at[0], &base.at[0], sizeof base.at[0]);
	feed_free(w.feed);
}

static void
bad_setups_are_refused(void **state)
{
	struct world w;
	struct answers a;
	struct balance_result result = { .answers = &a.at[0][0][0][0], .forecasts = &a.forecast[0][0] };
	struct err err = ERR_INIT;

	(void)state;
	make_world(&w, 1, 1);
	w.setup.lag[0] = 0.3;
	assert_int_equal(balance_run(&w.setup, &result, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "lag weights add up to 1.1, not 1");
	w.setup.lag[0] = 0.2;
	w.commodity[1].demand.low = 9999;
	assert_int_equal(balance_run(&w.setup, &result, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "demand: low 9999, mid 408, high 480 do not rise from 0");
	w.commodity[1].demand.low = 1;
	w.commodity[1].demand_change.sd = -1;
	assert_int_equal(balance_run(&w.setup, &result, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "domestic or demand changes by what is no number, or by a spread below 0");
	w.commodity[1].demand_change.sd = 0;
	w.setup.as_of++;
	assert_int_equal(balance_run(&w.setup, &result, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "the feed's months do not hold the balance's");
	feed_free(w.feed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mass_closes_on_every_path),
		cmocka_unit_test(probability_never_falls_with_the_horizon_and_is_not_degenerate),
		cmocka_unit_test(more_feed_never_raises_the_probability),
		cmocka_unit_test(scaling_all_masses_changes_no_probability),
		cmocka_unit_test(threads_change_no_byte),
		cmocka_unit_test(joint_products_share_their_draw),
		cmocka_unit_test(a_range_has_its_points),
		cmocka_unit_test(mass_closes_in_both_regions),
		cmocka_unit_test(a_gate_takes_from_abroad_and_leaves_at_home),
		cmocka_unit_test(output_and_events_to_come_move_the_answer),
		cmocka_unit_test(stand_ins_answer_what_they_can),
		cmocka_unit_test(quantiles_are_between_order_statistics),
		cmocka_unit_test(first_passage_counts_agree_with_quadrature),
		cmocka_unit_test(what_changes_does_so_from_its_month_on),
		cmocka_unit_test(bad_setups_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
