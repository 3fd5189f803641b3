/*
 * Simulated worlds: everything that feed.h, gate.h, hazard.h and balance.h hold to be uncertain is drawn from their priors, run through
 * recursions written out here a second time, and only what would be seen of it is given to them. The worlds share the setup structs, the
 * calendar and the generator of random numbers with what they test, and nothing else.
 *
 * Where the truth stands among the draws must be uniform over the worlds, and of all probabilities told near p that share must come
 * true, whatever the numbers are; those here are about those of pipelines/heavy-rare-earths.
 *
 * One thing cannot be drawn from its prior: levels have none (exactly diffuse). Theirs is drawn around what such a series has; as what is
 * said of all else does not depend on where a level lies, that changes nothing.
 *
 * Source: Talts et al. (2018), Validating Bayesian inference algorithms with simulation-based calibration.
 */
#ifndef PROOF_WORLDS_H
#define PROOF_WORLDS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance.h"
#include "instant.h"
#include "period.h"
#include "random.h"
#include "scores.h"

#define WORLDS_PI 3.14159265358979323846

enum { SERIES = 4, CLASSES = 4, HAZARDS = 2, COMMODITIES = 2, HISTORY = 60, AHEAD = 12, CHANGES = HISTORY - 18, MONTHS = HISTORY + AHEAD, NOWCAST = 4, ABROAD = 12,
	ACTS = 8, EVENTS = 256, FIGURES = SERIES * HISTORY, OUTPUTS = COMMODITIES * NOWCAST, GATE_FIGURES = COMMODITIES * HISTORY, YEARS = 8 };

/* Numbers of the worlds; those of the library have another seed. */
enum { WORLD_SEED = 20261124, LIBRARY_SEED = 7 };

struct dice {
	uint32_t world, next;
};

static inline double
uniform(struct dice *dice)
{
	return random_uniform(WORLD_SEED, dice->world, dice->next++, 1);
}

static inline double
normal(struct dice *dice)
{
	return random_normal(WORLD_SEED, dice->world, dice->next++, 1);
}

static inline double
student(struct dice *dice, int dof)
{
	double z = normal(dice), sum = 0;

	for (int i = 0; i < dof; i++) {
		double x = normal(dice);

		sum += x * x / dof;
	}
	return z / sqrt(sum);
}

/* What is believed before anything is seen. */
static const struct feed_series proof_series[SERIES] = { { 1, true }, { 1, true }, { 0, false }, { 0, false } };
static const double usual_level[SERIES] = { 1400, 900, 400, 150 }; /* tonnes a month */
enum { CLOSURE, REOPENING, STOP, FLOOD };
static const struct feed_effect proof_effects[CLASSES] = {
	[CLOSURE] = { .mean = -1.6, .sd = 0.7, .decay = 0, .lasts = true, .ended_by = REOPENING },
	[REOPENING] = { .mean = 1.1, .sd = 0.7, .decay = 0, .ended_by = SIZE_MAX },
	[STOP] = { .mean = -0.33, .sd = 0.7, .decay = 0.2, .ended_by = SIZE_MAX },
	[FLOOD] = { .mean = -0.4, .sd = 0.7, .decay = 0.2, .ended_by = SIZE_MAX },
};
/* Events and months of the belief before, duration of those to come. */
static const struct {
	size_t effect;
	double events, months, duration, sd_log;
} proof_hazards[HAZARDS] = { { CLOSURE, 1, 12, 3, 0.6 }, { STOP, 0.5, 24, 1.5, 0.6 } };
static const double proof_share[COMMODITIES][SERIES] = { { 0.0374, 0.0374, 0.0371, 0.0263 }, { 0.00565, 0.00565, 0.0068, 0.0047 } };
static const struct balance_series proof_composition[SERIES] = {
	{ 0.15, 0, { 0.9, 1, 1.1 } }, { 0.15, 0, { 0.8, 1, 1.25 } }, { 0.2, 1, { 0.9, 1, 1.1 } }, { 0.5, 2, { 0.9, 1, 1.1 } },
};
static const struct balance_commodity proof_commodity[COMMODITIES] = {
	{ .domestic = { 480, 709, 960 }, .byproduct = { 150, 300, 450 }, .recycling = { 0, 350, 550 }, .demand = { 2200, 2550, 3000 },
	    .export = { 150, 300, 500 }, .magnet = { 300, 530, 900 }, .abroad = { 10, 30, 80 } },
	{ .domestic = { 75, 115, 170 }, .byproduct = { 5, 15, 30 }, .recycling = { 30, 60, 90 }, .demand = { 420, 480, 560 },
	    .export = { 60, 100, 160 }, .magnet = { 60, 100, 170 }, .abroad = { 2, 6, 15 } },
};
static const double act_control[GATE_STATES] = { 0, 0.5, 0.5 }, act_easing[GATE_STATES] = { 0.05, 0.9, 0.05 };
/* The Chinese New Year of 2018 to 2025. */
static const int new_years[YEARS][3] = { { 2018, 2, 16 }, { 2019, 2, 5 }, { 2020, 1, 25 }, { 2021, 2, 12 }, { 2022, 2, 1 },
	{ 2023, 1, 22 }, { 2024, 2, 10 }, { 2025, 1, 29 } };

struct world {
	struct dice dice;
	/* The truth. Times count from the first month, in the middle of a month at + 0.5. */
	double access[MONTHS], log_mass[MONTHS][SERIES]; /* as it came over the border, events to come included */
	double effect[CLASSES];
	double content[COMMODITIES][SERIES], share[COMMODITIES][SERIES];
	uint8_t gate[MONTHS];
	double stock[BALANCE_REGIONS][COMMODITIES]; /* at the end of the as-of month */
	uint8_t short_from[BALANCE_REGIONS][COMMODITIES]; /* first month ahead in deficit; 0: none */
	/* What is seen of it, and the setups. */
	int32_t first, as_of, latest, lunar[YEARS];
	struct feed_event event[EVENTS];
	struct feed_figure figure[FIGURES];
	struct gate_act act[ACTS];
	struct gate_figure gate_figure[GATE_FIGURES];
	struct balance_output output[OUTPUTS];
	struct hazard_class hazard[HAZARDS];
	struct balance_commodity commodity[COMMODITIES];
	struct feed_setup feed;
	struct gate_setup gate_setup;
	struct balance_setup balance;
};

static inline double
range(const struct balance_range *r, double z)
{
	double sd = r->low > 0 ? (log(r->high) - log(r->low)) / 3.2897072539029457 : (log(r->high) - log(r->mid)) / 1.6448536269514729;

	return r->mid * exp(sd * z);
}

/* Parameters and what is the same in all worlds. */
static inline void
set_setups(struct world *w)
{
	w->feed = (struct feed_setup){ .phi = 0.965, .sd_access = 0.375, .sd_level = 0.05, .sd_idiosyncratic = 0.2, .sd_observation = 0.05,
		.sd_seasonal = 0.01, .seasonal_prior_sd = 0.3, .lunar_mean = -0.3, .lunar_sd = 0.3, .lunar_days_before = 7,
		.lunar_days_after = 14, .outlier_z = 4, .outlier_factor = 4, .floor = 1, .mine_gain = 0.2, .mine_keep = 0.717,
		.first = w->first, .last = w->as_of + AHEAD, .drawn = w->latest - 3 - BALANCE_LAGS, .n_series = SERIES, .n_effects = CLASSES,
		.n_lunar = YEARS, .series = proof_series, .effects = proof_effects, .events = w->event, .figures = w->figure, .lunar = w->lunar };
	w->gate_setup = (struct gate_setup){ .move = { { 0.97, 0.02, 0.01 }, { 0.05, 0.9, 0.05 }, { 0.05, 0.25, 0.7 } },
		.through = { 1, 0.35, 0.02 }, .scale = 0.5, .dof = 3, .least = 0.01, .first = w->first, .now = w->as_of,
		.last = w->as_of + AHEAD, .acts = w->act, .figures = w->gate_figure, .forced_last = -1 };
	w->balance = (struct balance_setup){ .feed_setup = &w->feed, .gate_setup = &w->gate_setup, .magnet_through = { 1, 0.85, 0.25 },
		.n_hazards = HAZARDS, .hazards = w->hazard, .opening = w->latest - 3, .outside_opening = w->as_of - ABROAD, .as_of = w->as_of,
		.n_horizons = AHEAD, .lag = { 0.2, 0.5, 0.3 }, .recovery_low = 0.92, .recovery_high = 0.98, .demand_sd_log = 0.05,
		.stock_sd_log = { 0.334, 0.545 }, .n_scenarios = 1, .scenarios = { { { 3.46, 2.45 }, 1 } },
		.price = { .gain = 0.02, .sd = 0.06, .premium_keep = 0.7, .premium_sd = 0.15 }, .output_sd_log = 0.1, .outputs = w->output,
		.n_commodities = COMMODITIES, .commodities = w->commodity, .series = proof_composition,
		.seed = (uint64_t)LIBRARY_SEED << 32 | w->dice.world }; /* else what a few paths get wrong would be wrong alike in all worlds */
}

static inline void
add_event(struct world *w, size_t effect, double at)
{
	int32_t month = (int32_t)floor(at), from = month_first_day(w->first + month), to = month_first_day(w->first + month + 1);
	int32_t day = from + (int32_t)((at - month) * (to - from));

	if (at < HISTORY && w->feed.n_events < EVENTS)
		w->event[w->feed.n_events++] = (struct feed_event){ effect, STR("MM-11"), day, 1, day };
}

/* Events of the past at their rates, and what is believed of those to come once they were seen. rate: of the hazards. */
static inline void
draw_events(struct world *w, double *rate)
{
	struct dice *dice = &w->dice;

	for (size_t k = 0; k < HAZARDS; k++) {
		double z = normal(dice), shape = proof_hazards[k].events;

		/* gamma of shape 1, or 1/2 */
		rate[k] = (shape < 1 ? z * z / 2 : -log(uniform(dice))) / proof_hazards[k].months;
		w->hazard[k] = (struct hazard_class){ .shape = shape, .exposure = proof_hazards[k].months + HISTORY,
			.duration = proof_hazards[k].duration, .sd_log = proof_hazards[k].sd_log, .forced_last = -1 };
		for (double at = -log(uniform(dice)) / rate[k]; at < HISTORY; at -= log(uniform(dice)) / rate[k]) {
			add_event(w, proof_hazards[k].effect, at);
			w->hazard[k].shape++;
			if (proof_hazards[k].effect == CLOSURE)
				add_event(w, REOPENING, at + 3 * exp(0.6 * normal(dice)));
		}
	}
	for (double at = -log(uniform(dice)) * 15; at < HISTORY; at -= 15 * log(uniform(dice)))
		add_event(w, FLOOD, at);
}

/* What is felt in a month of the events of a class: mean over its days. */
static inline double
felt(const struct world *w, size_t effect, int32_t month)
{
	int32_t from = month_first_day(month), to = month_first_day(month + 1);
	double sum = 0;

	for (size_t i = 0; i < w->feed.n_events; i++)
		for (int32_t day = from; w->event[i].effect == effect && day < to; day++)
			if (day >= w->event[i].day)
				sum += exp(-proof_effects[effect].decay * 12 / 365.2425 * (day - w->event[i].day));
	return sum / (to - from);
}

/* Days of the window around a New Year that lie in January or February of its year, over all of them. */
static inline double
holiday(size_t year, int month)
{
	int in = 0;

	for (int off = -7; off <= 14; off++) {
		int y, m, d;

		civil_from_days(civil_to_days(new_years[year][0], new_years[year][1], new_years[year][2]) + off, &y, &m, &d);
		in += m == month;
	}
	return in / 22.0;
}

static inline double
holiday_regressor(int32_t month)
{
	int m = month_of_year(month), year = month_year(month);
	double mean = 0;

	if (m > 2 || year < new_years[0][0] || year > new_years[YEARS - 1][0])
		return 0;
	for (size_t i = 0; i < YEARS; i++)
		mean += holiday(i, m) / YEARS;
	return holiday((size_t)(year - new_years[0][0]), m) - mean;
}

/* Access, mines, levels and seasons, month by month. */
static inline void
draw_feed(struct world *w)
{
	const struct feed_setup *s = &w->feed;
	struct dice *dice = &w->dice;
	double f = s->sd_access / sqrt(1 - s->phi * s->phi) * normal(dice), mines = 0, level[SERIES], wave[2][2], b;

	for (size_t i = 0; i < SERIES; i++)
		level[i] = log(usual_level[i]) + 0.4 * normal(dice);
	for (size_t k = 0; k < CLASSES; k++)
		w->effect[k] = proof_effects[k].mean + proof_effects[k].sd * normal(dice);
	for (size_t h = 0; h < 2; h++)
		for (size_t j = 0; j < 2; j++)
			wave[h][j] = s->seasonal_prior_sd * normal(dice);
	b = s->lunar_mean + s->lunar_sd * normal(dice);
	for (size_t t = 0; t < MONTHS; t++) {
		int32_t month = w->first + (int32_t)t;
		double moved = 0;

		w->access[t] = f;
		for (size_t i = 0; i < SERIES; i++)
			w->log_mass[t][i] = level[i] + proof_series[i].weight * (f + mines) +
			    (proof_series[i].seasonal ? wave[0][0] + wave[1][0] : 0) + b * holiday_regressor(month) +
			    s->sd_idiosyncratic * normal(dice);
		for (size_t k = 0; k < CLASSES; k++)
			moved += w->effect[k] * (felt(w, k, month + 1) - felt(w, k, month));
		mines = s->mine_keep * mines - s->mine_gain * f;
		f = s->phi * f + moved + s->sd_access * normal(dice);
		for (size_t i = 0; i < SERIES; i++)
			level[i] += s->sd_level * normal(dice);
		for (size_t h = 0; h < 2; h++) {
			double angle = WORLDS_PI / 6 * (double)(h + 1), x = wave[h][0], y = wave[h][1];

			wave[h][0] = x * cos(angle) + y * sin(angle) + s->sd_seasonal * normal(dice);
			wave[h][1] = y * cos(angle) - x * sin(angle) + s->sd_seasonal * normal(dice);
		}
	}
}

/* Figures: most months, some years January and February together; and all of them before anything is to come. */
static inline void
see_feed(struct world *w)
{
	struct dice *dice = &w->dice;
	double sd = w->feed.sd_observation;

	for (size_t i = 0; i < SERIES; i++)
		for (int32_t t = 0; w->first + t <= w->latest; t++) {
			bool together = month_of_year(w->first + t) == 1 && uniform(dice) < 0.5 && w->first + t < w->latest;
			double mass = exp(w->log_mass[t][i]) + (together ? exp(w->log_mass[t + 1][i]) : 0);

			if (together || t < 2 || uniform(dice) < 0.9)
				w->figure[w->feed.n_figures++] = (struct feed_figure){ i, w->first + t, w->first + t + together,
					mass * exp(sd * normal(dice)) };
			t += together;
		}
}

/* Events after the as-of month take from access while they last, and less and less afterwards. */
static inline void
draw_hazards(struct world *w, const double *rate)
{
	struct dice *dice = &w->dice;

	for (size_t k = 0; k < HAZARDS; k++) {
		double until = 0;

		for (int t = 0; t < AHEAD; t++) {
			double from = t + uniform(dice), effect = w->effect[proof_hazards[k].effect];

			if (t < until || uniform(dice) > 1 - exp(-rate[k]))
				continue;
			until = from + proof_hazards[k].duration * exp(proof_hazards[k].sd_log * normal(dice));
			for (int month = t; month < AHEAD; month++) {
				double start = from > month ? from : month, end = until < month + 1 ? until : month + 1;
				double part = end > start ? end - start : pow(w->feed.phi, month + 0.5 > until ? month + 0.5 - until : 0);

				for (size_t i = 0; i < SERIES; i++)
					w->log_mass[HISTORY + month][i] += proof_series[i].weight * part * effect;
			}
		}
	}
}

static inline void
draw_gate(struct world *w)
{
	struct gate_setup *g = &w->gate_setup;
	struct dice *dice = &w->dice;
	size_t begins = 1 + (size_t)(uniform(dice) * (HISTORY + 24)), state = GATE_OPEN;

	g->open_until = begins < HISTORY ? w->first + (int32_t)begins - 1 : w->as_of;
	for (size_t t = 0; t < MONTHS; t++) {
		const double *row = g->move[state];
		double u = uniform(dice);

		if (t < HISTORY && g->n_acts < ACTS && (t == begins || (t > begins && uniform(dice) < 0.03))) {
			row = t == begins || uniform(dice) < 0.5 ? act_control : act_easing;
			w->act[g->n_acts++] = (struct gate_act){ w->first + (int32_t)t, row };
		}
		if (w->first + (int32_t)t > g->open_until)
			state = u < row[0] ? GATE_OPEN : u < row[0] + row[1] ? GATE_LICENSED : GATE_SHUT;
		w->gate[t] = (uint8_t)state;
		for (size_t c = 0; w->first + (int32_t)t <= w->latest && c < COMMODITIES; c++)
			w->gate_figure[g->n_figures++] = (struct gate_figure){ w->first + (int32_t)t,
				g->through[state] * exp(g->scale * student(dice, 3)), NULL };
	}
}

/* Stocks of one commodity in both regions; what comes out of separation and what prices do is seen. */
static inline void
run_commodity(struct world *w, size_t c, double recycled, double domestic, double byproduct, double abroad, double old_home, double old_abroad,
    double domestic_rate, double demand_rate)
{
	const struct balance_commodity *b = &proof_commodity[c];
	const struct balance_setup *s = &w->balance;
	struct dice *dice = &w->dice;
	double at_first = range(&b->demand, normal(dice)) / 12, trend = at_first, direct = range(&b->export, normal(dice)) / 12;
	double magnets = range(&b->magnet, normal(dice)) / 12, outside = direct + magnets;
	double stock = 0, beyond = 2.45 * exp(0.545 * old_abroad) * outside;
	double half = s->demand_sd_log * s->demand_sd_log / 2, price = 8 + normal(dice), earlier;
	size_t now = HISTORY - 1, opening = (size_t)(w->latest - 3 - w->first);

	for (size_t i = 0; i < STANDIN_PRICE_MONTHS - 1; i++)
		w->commodity[c].price[i] = NAN;
	for (size_t t = now - ABROAD + 1; t < MONTHS; t++) {
		double years = t > CHANGES ? (double)(t - CHANGES) / 12 : 0, dug = domestic * exp(domestic_rate * years) * b->domestic.mid, home;
		static const double through[GATE_STATES] = { 1, 0.35, 0.02 }, magnets_through[GATE_STATES] = { 1, 0.85, 0.25 };
		double leaves = direct * through[w->gate[t]] + magnets * magnets_through[w->gate[t]], arrives = leaves, wanted;

		trend = at_first * exp(demand_rate * years);
		home = trend > outside ? trend - outside : 0;
		if (t == opening)
			stock = 3.46 * exp(0.334 * old_home) * trend;
		if (t > opening) {
			double in = 0, have, asked = home * exp(s->demand_sd_log * normal(dice) - half) + leaves, part;

			for (size_t i = 0; i < SERIES; i++)
				in += w->content[c][i] * (0.2 * exp(w->log_mass[t][i]) + 0.5 * exp(w->log_mass[t - 1][i]) +
				    0.3 * exp(w->log_mass[t - 2][i]));
			have = stock + in + (dug + byproduct * b->byproduct.mid + recycled * b->recycling.mid) / 12;
			part = have < asked ? have / asked : 1;
			arrives = part * leaves;
			stock = have - part * asked;
			if (stock < 0)
				stock = 0;
			if (t <= now && w->first + (int32_t)t <= w->latest && uniform(dice) < 0.7)
				w->output[w->balance.n_outputs++] = (struct balance_output){ c, w->first + (int32_t)t,
					(in + (dug + byproduct * b->byproduct.mid) / 12) *
					exp(s->output_sd_log * normal(dice)) };
			earlier = stock / trend > 0.05 ? stock / trend : 0.05;
			price += -0.02 * log(earlier / 3.46) + 0.06 * student(dice, 4);
			if (t <= now && now - t < STANDIN_PRICE_MONTHS - 1)
				w->commodity[c].price[STANDIN_PRICE_MONTHS - 2 - (now - t)] = price;
			if (t > now && stock < trend && w->short_from[BALANCE_HOME][c] == 0)
				w->short_from[BALANCE_HOME][c] = (uint8_t)(t - now);
		}
		beyond += arrives + abroad * b->abroad.mid / 12;
		wanted = outside * exp(s->demand_sd_log * normal(dice) - half);
		beyond = beyond > wanted ? beyond - wanted : 0;
		if (t > now && beyond < outside && w->short_from[BALANCE_ABROAD][c] == 0)
			w->short_from[BALANCE_ABROAD][c] = (uint8_t)(t - now);
		if (t == now) {
			w->stock[BALANCE_HOME][c] = stock;
			w->stock[BALANCE_ABROAD][c] = beyond;
		}
	}
}

static inline void
draw_balance(struct world *w)
{
	struct dice *dice = &w->dice;
	double recovery = 0.92 + 0.06 * uniform(dice), z_domestic = normal(dice), z_byproduct = normal(dice), z_recycling = normal(dice);
	double domestic_rate = 0.1 * normal(dice), demand_rate = 0.025 + 0.05 * normal(dice);
	double z_abroad = normal(dice), old_home = normal(dice), old_abroad = normal(dice), z[3] = { normal(dice), normal(dice), normal(dice) };

	memcpy(w->commodity, proof_commodity, sizeof w->commodity);
	for (size_t i = 0; i < SERIES; i++) {
		double fraction = range(&proof_composition[i].fraction, normal(dice));

		for (size_t c = 0; c < COMMODITIES; c++) {
			double median = proof_share[c][i], logit = log(median / (1 - median)) +
			    proof_composition[i].share_sd * z[proof_composition[i].share_draw];

			w->share[c][i] = 1 / (1 + exp(-logit));
			w->content[c][i] = w->share[c][i] * recovery * fraction;
		}
	}
	for (size_t c = 0; c < COMMODITIES; c++) {
		const struct balance_commodity *b = &proof_commodity[c];

		w->commodity[c].share = proof_share[c];
		w->commodity[c].premium = NAN;
		w->commodity[c].domestic_change = (struct balance_change){ w->first + CHANGES, 0, 0.1 };
		w->commodity[c].demand_change = (struct balance_change){ w->first + CHANGES, 0.025, 0.05 };
		run_commodity(w, c, range(&b->recycling, z_recycling) / b->recycling.mid, range(&b->domestic, z_domestic) / b->domestic.mid,
		    range(&b->byproduct, z_byproduct) / b->byproduct.mid, range(&b->abroad, z_abroad) / b->abroad.mid, old_home, old_abroad,
		    domestic_rate, demand_rate);
	}
}

static inline void
make_world(struct world *w, uint32_t number)
{
	double rate[HAZARDS];

	memset(w, 0, sizeof *w);
	w->dice.world = number;
	w->first = month_number(2019, 1) + (int32_t)(12 * uniform(&w->dice));
	w->as_of = w->first + HISTORY - 1;
	w->latest = w->as_of - 1;
	for (size_t i = 0; i < YEARS; i++)
		w->lunar[i] = civil_to_days(new_years[i][0], new_years[i][1], new_years[i][2]);
	set_setups(w);
	draw_events(w, rate);
	draw_feed(w);
	see_feed(w);
	draw_hazards(w, rate);
	draw_gate(w);
	draw_balance(w);
}

/* What is asked of each world: where the truth stands among what is said, from 0 to 1. */
enum rank { RANK_ACCESS, RANK_AHEAD, RANK_EFFECT, RANK_FEED, RANK_SHARE_FIRST, RANK_SHARE_THIRD, RANK_HOME_FIRST, RANK_HOME_SECOND, RANK_ABROAD_FIRST,
	RANK_ABROAD_SECOND, RANKS };

static const char *const rank_names[RANKS] = { "access factor", "access factor at the last horizon",
	"effect of a closure", "feed of a series three months ahead", "share of the first series",
	"share of the third series", "stock at home, first commodity", "stock at home, second commodity",
	"stock abroad, first commodity", "stock abroad, second commodity" };

enum { FORECASTS = BALANCE_REGIONS * COMMODITIES * AHEAD };

struct verdict {
	double rank[RANKS];
	struct score_event forecast[FORECASTS]; /* region, commodity, horizon */
	double effective;
};

/* Counts into *below where a draw lies; ties, as of the same path chosen twice or a stock run out, by u. */
static inline double
standing(const double *draw, uint32_t n, double truth, double u)
{
	double below = 0, level = 0;

	for (uint32_t i = 0; i < n; i++) {
		below += draw[i] < truth;
		level += draw[i] == truth;
	}
	return (below + u * (level + 1)) / (n + 1.0);
}

/* Lets the library answer and compares. */
static inline int
judge(struct world *w, uint32_t n_paths, unsigned n_threads, struct verdict *v, struct err *err)
{
	struct feed *feed = NULL;
	struct gate *gate = NULL;
	struct balance_answer answers[FORECASTS];
	struct balance_forecast forecasts[COMMODITIES * AHEAD];
	struct balance_month months[NOWCAST + AHEAD];
	struct balance_abroad abroad[ABROAD + AHEAD];
	struct balance_result result = { .answers = answers, .forecasts = forecasts };
	double *draws = calloc((size_t)RANKS * n_paths, sizeof *draws), *scratch = NULL, *log_mass = NULL, sd, mean;
	uint8_t states[MONTHS];
	int rc;

	result.chosen = calloc(n_paths, sizeof *result.chosen);
	rc = draws == NULL || result.chosen == NULL ? err_set(err, LODE_ENOMEM, "no memory") : feed_new(&w->feed, &feed, err);
	if (rc == LODE_OK)
		rc = gate_new(&gate, &w->gate_setup, err);
	if (rc == LODE_OK) {
		for (size_t k = 0; k < HAZARDS; k++)
			w->hazard[k].mean = feed_effect(feed, proof_hazards[k].effect, &w->hazard[k].sd);
		w->balance.feed = feed;
		w->balance.gate = gate;
		w->balance.n_paths = n_paths;
		w->balance.n_threads = n_threads;
		rc = balance_run(&w->balance, &result, err);
		scratch = calloc(feed_scratch(feed), sizeof *scratch);
		log_mass = calloc(MONTHS * SERIES, sizeof *log_mass);
	}
	if (rc == LODE_OK && (scratch == NULL || log_mass == NULL))
		rc = err_set(err, LODE_ENOMEM, "no memory");
	for (uint32_t i = 0; rc == LODE_OK && i < n_paths; i++) {
		uint32_t path = result.chosen[i];

		if (i > 0 && path == result.chosen[i - 1]) {
			for (size_t k = 0; k < RANKS; k++)
				draws[k * n_paths + i] = draws[k * n_paths + i - 1];
			continue;
		}
		balance_draw(&w->balance, path, scratch, log_mass, states);
		draws[RANK_FEED * n_paths + i] = log_mass[(HISTORY + 2) * SERIES];
		draws[RANK_SHARE_FIRST * n_paths + i] = balance_share(&w->balance, path, 0, 0);
		draws[RANK_SHARE_THIRD * n_paths + i] = balance_share(&w->balance, path, 0, 2);
		for (size_t c = 0; c < COMMODITIES; c++) {
			balance_path(&w->balance, path, log_mass, states, c, 3.46, months);
			balance_path_abroad(&w->balance, path, states, c, 2.45, months, abroad);
			draws[(RANK_HOME_FIRST + c) * n_paths + i] = months[NOWCAST - 1].closing;
			draws[(RANK_ABROAD_FIRST + c) * n_paths + i] = abroad[ABROAD - 1].closing;
		}
	}
	if (rc == LODE_OK) {
		const double truth[RANKS] = { [RANK_FEED] = w->log_mass[HISTORY + 2][0], [RANK_SHARE_FIRST] = w->share[0][0],
			[RANK_SHARE_THIRD] = w->share[0][2], [RANK_HOME_FIRST] = w->stock[BALANCE_HOME][0],
			[RANK_HOME_SECOND] = w->stock[BALANCE_HOME][1], [RANK_ABROAD_FIRST] = w->stock[BALANCE_ABROAD][0],
			[RANK_ABROAD_SECOND] = w->stock[BALANCE_ABROAD][1] };

		/* Gaussian, so the law itself takes the place of draws. */
		mean = feed_access(feed, w->as_of, &sd);
		v->rank[RANK_ACCESS] = score_pit_normal(w->access[HISTORY - 1], mean, sd);
		mean = feed_access(feed, w->as_of + AHEAD, &sd);
		v->rank[RANK_AHEAD] = score_pit_normal(w->access[MONTHS - 1], mean, sd);
		mean = feed_effect(feed, CLOSURE, &sd);
		v->rank[RANK_EFFECT] = score_pit_normal(w->effect[CLOSURE], mean, sd);
		for (size_t k = RANK_FEED; k < RANKS; k++)
			v->rank[k] = standing(draws + k * n_paths, n_paths, truth[k], uniform(&w->dice));
		for (size_t q = 0; q < FORECASTS; q++) {
			uint8_t from = w->short_from[q / (COMMODITIES * AHEAD)][q / AHEAD % COMMODITIES];

			v->forecast[q] = (struct score_event){ answers[q].probability, from > 0 && from <= q % AHEAD + 1 };
		}
		v->effective = result.effective;
	}
	feed_free(feed);
	gate_free(gate);
	free(draws);
	free(result.chosen);
	free(scratch);
	free(log_mass);
	return rc;
}

/* P(chi-square of dof > x), by recurrence from dof 1 or 2. */
static inline double
chi_square_above(double x, size_t dof)
{
	double a = dof % 2 == 1 ? 0.5 : 1, q = dof % 2 == 1 ? erfc(sqrt(x / 2)) : exp(-x / 2);

	for (; a < (double)dof / 2; a++)
		q += exp(a * log(x / 2) - x / 2 - lgamma(a + 1));
	return q;
}

/* p of a chi-square test that one rank is uniform over n worlds. */
static inline double
uniform_p(const struct verdict *v, size_t n, enum rank rank, size_t bins)
{
	double count[64] = { 0 }, want = (double)n / (double)bins, sum = 0;

	for (size_t i = 0; i < n; i++)
		count[score_bin(v[i].rank[rank], bins)]++;
	for (size_t j = 0; j < bins; j++)
		sum += (count[j] - want) * (count[j] - want) / want;
	return chi_square_above(sum, bins - 1);
}

/*
 * Are the probabilities those of what happened? Two sums over a world's forecasts that have mean 0 when they are: of what happened less p, and
 * that times 1 - 2 p (Spiegelhalter 1986), which tells forecasts that are too sure. Worlds are independent, forecasts of one are not.
 */
static inline void
forecast_z(const struct verdict *v, size_t n, double *bias, double *sureness)
{
	double b = 0, bb = 0, s = 0, ss = 0;

	for (size_t i = 0; i < n; i++) {
		double x = 0, y = 0;

		for (size_t q = 0; q < FORECASTS; q++) {
			const struct score_event *f = &v[i].forecast[q];

			x += f->happened - f->p;
			y += (f->happened - f->p) * (1 - 2 * f->p);
		}
		b += x, bb += x * x;
		s += y, ss += y * y;
	}
	*bias = b / sqrt(bb);
	*sureness = s / sqrt(ss);
}

#endif
