#include "scorecard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformal.h"
#include "recalibration.h"
#include "scores.h"

#define Z95 1.959963984540054 /* of a normal, two-sided 95 % */
#define ADAPT 0.05             /* step of conformal_adapt() */

/* Forecasts of one group, in order of when they were made. */
struct group {
	struct scorebook_forecast *const *item;
	size_t n;
};

/* What goes with a group's scores. */
struct saying {
	struct scorebook *book;
	const struct scorebook_joined *joined;
	const struct scorecard_rules *rules;
	void (*on_score)(void *, const struct scorecard_score *);
	void *argument;
	struct scorecard_score about;
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static double
loss_of(const struct saying *s, const struct scorebook_forecast *f)
{
	if (f->pair->kind == SCOREBOOK_PROBABILITY)
		return (f->value[0] - f->y) * (f->value[0] - f->y);
	if (f->pair->kind == SCOREBOOK_QUANTILES)
		return score_quantiles(f->y, f->value, f->level, f->n_levels);
	return s->joined->log ? score_crps_normal(f->y, f->value[0], f->sd_log) : score_crps_lognormal(f->y, log(f->value[0]), f->sd_log);
}

static void
say(struct saying *s, const char *what, size_t bin, size_t n, double value, double said, double low, double high)
{
	s->about.what = what;
	s->about.bin = bin;
	s->about.n = n;
	s->about.value = value;
	s->about.said = said;
	s->about.low = low;
	s->about.high = high;
	s->on_score(s->argument, &s->about);
}

static void
say_plain(struct saying *s, const char *what, size_t n, double value)
{
	say(s, what, 0, n, value, NAN, NAN, NAN);
}

/* A share of n, with its interval. */
static void
say_share(struct saying *s, const char *what, size_t bin, size_t hits, size_t n, double said)
{
	double low, high;

	score_binomial(hits, n, Z95, &low, &high);
	say(s, what, bin, n, n > 0 ? (double)hits / (double)n : NAN, said, n > 0 ? low : NAN, n > 0 ? high : NAN);
}

/* Lags up to which forecasts of that horizon depend on one another. */
static size_t
lags(int32_t horizon)
{
	return horizon > 1 ? (size_t)horizon - 1 : 0;
}

/* A mean loss, with an interval that knows of the dependence. scratch[n]. */
static void
say_loss(struct saying *s, const char *what, const struct group *g, double *scratch)
{
	double mean, variance, half;

	for (size_t i = 0; i < g->n; i++)
		scratch[i] = loss_of(s, g->item[i]);
	score_mean(scratch, g->n, lags(s->about.horizon), &mean, &variance);
	half = g->n > 1 && g->n > lags(s->about.horizon) ? Z95 * sqrt(variance) : NAN;
	say(s, what, 0, g->n, mean, NAN, isnan(half) ? NAN : fmax(0, mean - half), mean + half);
}

/* The same outcomes, forecast by another at the same times. scratch[2 n]. */
static int
say_compared(struct saying *s, const struct group *g, double *scratch, struct err *err)
{
	struct scorebook_forecast *const *all = s->joined->forecast;
	double *a = scratch, *b = scratch + g->n, half;
	struct score_compared c;
	size_t n = 0;

	if (s->rules->against.p == NULL || str_eq(s->rules->against, s->about.source))
		return LODE_OK;
	for (size_t i = 0, k = 0; i < g->n; i++) {
		struct scorebook_forecast other = *g->item[i];
		int order = 1;

		other.source = s->rules->against;
		/* Both run in the same order, so one pass finds all. */
		while (k < s->joined->n && (order = scorebook_by_place(all[k], &other)) < 0)
			k++;
		if (k < s->joined->n && order == 0) {
			a[n] = loss_of(s, g->item[i]);
			b[n++] = loss_of(s, all[k]);
		}
	}
	if (score_compare(a, b, n, lags(s->about.horizon) + 1, &c, err) != LODE_OK)
		return err->code;
	half = Z95 * sqrt(c.variance);
	s->about.unit = g->item[0]->pair->kind == SCOREBOOK_PROBABILITY || s->joined->log ? STR("1") : g->item[0]->unit;
	say(s, "compared.difference", 0, n, c.difference, NAN, c.difference - half, c.difference + half);
	s->about.unit = STR("1");
	say_plain(s, "compared.dm", n, c.statistic);
	say_plain(s, "compared.dm.p", n, c.p);
	say_plain(s, "compared.hln", n, c.corrected);
	say_plain(s, "compared.hln.p", n, c.p_corrected);
	return LODE_OK;
}

/*
 * Runs of months in which it happened, that begin after one in which it did not, and that a forecast could have warned of; *last: known.
 * episode[], one for each month with outcomes at most; *n: how many.
 */
static int
find_episodes(struct saying *s, const struct group *g, struct score_episode *episode, size_t *n, int32_t *last, struct err *err)
{
	const struct scorecard_rules *r = s->rules;
	double before = NAN, now;
	bool in = false;

	*n = 0;
	*last = s->joined->first_month - 1;
	for (int32_t month = s->joined->first_month; month <= s->joined->last_month; month++, before = now) {
		if (scorebook_outcome(s->book, g->item[0], month, &now, err) != LODE_OK)
			return err->code;
		if (!isnan(now))
			*last = month;
		if (now > 0 && before == 0) {
			in = false;
			for (size_t i = 0; i < g->n && !in; i++)
				in = g->item[i]->made >= month - r->before && g->item[i]->made <= month + r->after;
			if (in)
				episode[(*n)++] = (struct score_episode){ month, month };
		} else if (now > 0 && in) {
			episode[*n - 1].last = month;
		} else {
			in = false;
		}
	}
	return LODE_OK;
}

/* Alarms are what rises to the threshold; what cannot be judged yet is no alarm. */
static int
say_alarms(struct saying *s, const struct group *g, struct err *err)
{
	const struct scorecard_rules *r = s->rules;
	size_t months = (size_t)(s->joined->last_month - s->joined->first_month) + 1, n = 0, m = 0, judged = 0;
	int32_t *alarm = calloc(g->n, sizeof *alarm);
	struct score_episode *episode = calloc(months, sizeof *episode);
	double *lead = calloc(months, sizeof *lead);
	struct score_alarms a;
	int32_t last = 0;
	int rc;

	rc = alarm == NULL || episode == NULL || lead == NULL ? out_of_memory(err) : find_episodes(s, g, episode, &m, &last, err);
	if (rc != LODE_OK)
		goto out;
	for (size_t i = 0; i < g->n; i++) {
		const struct scorebook_forecast *f = g->item[i];
		bool can = f->made + r->before <= last, near = false;

		judged += can && (i == 0 || f->made != g->item[i - 1]->made);
		for (size_t k = 0; k < m; k++)
			near = near || (f->made >= episode[k].first - r->before && f->made <= episode[k].last);
		if (f->value[0] >= r->alarm && (i == 0 || g->item[i - 1]->value[0] < r->alarm) && (can || near))
			alarm[n++] = f->made;
	}
	score_alarms(alarm, n, episode, m, r->before, r->after, lead, &a);
	say_plain(s, "alarm.episodes", m, (double)m);
	say(s, "alarm.hits", 0, m, (double)a.hits, NAN, m > 0 ? a.low * (double)m : NAN, m > 0 ? a.high * (double)m : NAN);
	say_plain(s, "alarm.misses", m, (double)a.misses);
	say_plain(s, "alarm.raised", n, (double)n);
	say_plain(s, "alarm.late", n, (double)a.late);
	say_plain(s, "alarm.false", n, (double)a.wrong);
	say_plain(s, "alarm.false-per-year", judged, judged > 0 ? (double)a.wrong * 12 / (double)judged : NAN);
	s->about.unit = STR("mo");
	say(s, "alarm.lead", 0, a.hits, a.lead_median, NAN, a.lead_least, a.lead_most);
	s->about.unit = STR("1");
out:
	free(alarm), free(episode), free(lead);
	return rc;
}

static struct score_event
event_of(const struct scorebook_forecast *f)
{
	return (struct score_event){ f->value[0], f->y > 0 };
}

/* What has a name of its own for each method. */
static void
say_method(struct saying *s, enum recalibration_method method, const char *what, size_t bin, size_t n, double value, double said, double low,
    double high)
{
	char name[64];

	snprintf(name, sizeof name, "%s.%s", recalibration_names[method], what);
	say(s, name, bin, n, value, said, low, high);
}

/*
 * Probabilities as those whose outcomes were known when they were said mean them: how good they are, how much better than as they were said, and
 * what a next one would mean. scratch[n].
 */
static int
say_recalibrated(struct saying *s, const struct group *g, enum recalibration_method method, double *scratch, struct err *err)
{
	struct score_event *past = calloc(g->n, sizeof *past), *now = calloc(g->n, sizeof *now);
	struct recalibration map = { 0 };
	struct score_brier b;
	double mean = NAN, variance = NAN, half;
	size_t n = 0, judged = 0, seen = 0;
	int rc = past == NULL || now == NULL ? out_of_memory(err) : LODE_OK;

	for (size_t i = 0; rc == LODE_OK && i <= g->n; i++) {
		const struct scorebook_forecast *f = i < g->n ? g->item[i] : NULL;
		size_t had = n;

		for (; seen < i && (f == NULL || g->item[seen]->outcome_known_s <= f->known_s); seen++)
			past[n++] = event_of(g->item[seen]);
		if (n > had && n >= RECALIBRATION_LEAST)
			rc = recalibration_fit(&map, method, past, n, err);
		if (rc != LODE_OK || f == NULL || n < RECALIBRATION_LEAST)
			continue;
		now[judged] = (struct score_event){ recalibration_at(&map, f->value[0]), f->y > 0 };
		scratch[judged] = (now[judged].p - f->y) * (now[judged].p - f->y) - loss_of(s, f);
		judged++;
	}
	if (rc == LODE_OK) {
		if (judged > 0)
			score_mean(scratch, judged, lags(s->about.horizon), &mean, &variance);
		half = judged > 1 && judged > lags(s->about.horizon) ? Z95 * sqrt(variance) : NAN;
		score_brier(now, judged, s->rules->bins, s->rules->clip, &b);
		say_method(s, method, "brier", 0, judged, b.brier, NAN, NAN, NAN);
		say_method(s, method, "log", 0, judged, b.log_score, NAN, NAN, NAN);
		say_method(s, method, "difference", 0, judged, mean, NAN, mean - half, mean + half);
		for (size_t bin = 0; n >= RECALIBRATION_LEAST && bin < s->rules->bins; bin++) {
			double p = ((double)bin + 0.5) / (double)s->rules->bins;

			say_method(s, method, "bin", bin + 1, n, recalibration_at(&map, p), p, NAN, NAN);
		}
	}
	recalibration_release(&map);
	free(past), free(now);
	return rc;
}

static int
say_probabilities(struct saying *s, const struct group *g, double *scratch, struct err *err)
{
	const struct scorecard_rules *r = s->rules;
	struct score_event *event = calloc(g->n, sizeof *event);
	struct score_brier b;

	if (event == NULL)
		return out_of_memory(err);
	for (size_t i = 0; i < g->n; i++)
		event[i] = event_of(g->item[i]);
	score_brier(event, g->n, r->bins, r->clip, &b);
	s->about.unit = STR("1");
	say_loss(s, "brier", g, scratch);
	say_plain(s, "brier.reliability", g->n, b.reliability);
	say_plain(s, "brier.resolution", g->n, b.resolution);
	say_plain(s, "brier.uncertainty", g->n, b.uncertainty);
	say_plain(s, "brier.within", g->n, b.within);
	say_plain(s, "brier.skill", g->n, b.skill);
	say_plain(s, "log", g->n, b.log_score);
	say_plain(s, "auc", g->n, score_auc(event, g->n));
	say_share(s, "frequency", 0, (size_t)lround(b.rate * (double)g->n), g->n, b.mean_p);
	for (size_t bin = 0, i = 0; bin < r->bins; bin++) { /* events are sorted by now */
		size_t n = 0, hits = 0;
		double said = 0;

		for (; i < g->n && score_bin(event[i].p, r->bins) == bin; i++, n++) {
			hits += event[i].happened;
			said += event[i].p;
		}
		if (n > 0)
			say_share(s, "frequency.bin", bin + 1, hits, n, said / (double)n);
	}
	free(event);
	for (int method = 0; r->recalibrate && method < RECALIBRATION_METHODS; method++)
		if (say_recalibrated(s, g, (enum recalibration_method)method, scratch, err) != LODE_OK)
			return err->code;
	return isnan(r->alarm) ? LODE_OK : say_alarms(s, g, err);
}

static bool
same_levels(const struct scorebook_forecast *f, const struct scorebook_forecast *g)
{
	for (size_t i = 0; i < f->n_levels && f->n_levels == g->n_levels; i++)
		if (f->level[i] != g->level[i])
			return false;
	return f->n_levels == g->n_levels;
}

/* How far an outcome was from the median, on logs where the forecast is; NAN: it said no median. */
static double
residual_of(const struct saying *s, const struct scorebook_forecast *f)
{
	size_t i = 0;

	while (i < f->n_levels && f->level[i] != 0.5)
		i++;
	if (i == f->n_levels)
		return NAN;
	return f->pair->kind == SCOREBOOK_LOGNORMAL && !s->joined->log ? log(fmax(f->y, 0)) - log(f->value[i]) : f->y - f->value[i];
}

/*
 * Intervals around the medians, as wide as the errors that were known when a forecast was made ask for: how often they held, and how wide one is
 * for a next forecast. scratch[2 n].
 */
static void
say_conformal(struct saying *s, const struct group *g, double *scratch)
{
	const struct scorebook_forecast *first = g->item[0];
	double target = s->rules->conformal, alpha = target, *size = scratch, *missed = scratch + g->n;
	size_t seen = 0, n = 0, judged = 0, held = 0, held_adaptive = 0;

	for (size_t i = 0; i <= g->n; i++) {
		double off;

		for (; seen < i && (i == g->n || g->item[seen]->outcome_known_s <= g->item[i]->known_s); seen++) {
			off = residual_of(s, g->item[seen]);
			if (!isnan(off))
				conformal_add(size, n++, off);
			if (!isnan(missed[seen]))
				alpha = conformal_adapt(alpha, target, ADAPT, missed[seen] > 0);
		}
		if (i == g->n)
			break;
		off = fabs(residual_of(s, g->item[i]));
		missed[i] = NAN;
		if (isnan(off) || conformal_rank(n, target) > n)
			continue; /* too few before it */
		missed[i] = off > conformal_halfwidth(size, n, alpha);
		judged++;
		held += off <= conformal_halfwidth(size, n, target);
		held_adaptive += missed[i] == 0;
	}
	s->about.unit = STR("1");
	say_share(s, "conformal.coverage", 0, held, judged, 1 - target);
	say_share(s, "adaptive.coverage", 0, held_adaptive, judged, 1 - target);
	if (first->pair->kind == SCOREBOOK_QUANTILES && !s->joined->log)
		s->about.unit = first->unit;
	say_plain(s, "conformal.halfwidth", n, conformal_halfwidth(size, n, target));
	say_plain(s, "adaptive.halfwidth", n, conformal_halfwidth(size, n, alpha));
	s->about.unit = STR("1");
}

static int
say_quantities(struct saying *s, const struct group *g, double *scratch, struct err *err)
{
	const struct scorecard_rules *r = s->rules;
	const struct scorebook_forecast *first = g->item[0];
	bool lognormal = first->pair->kind == SCOREBOOK_LOGNORMAL;
	size_t bins = lognormal ? r->bins : first->n_levels + 1, n = 0, off_n = 0, held = 0, *count = calloc(bins, sizeof *count);
	double off = 0, pit;

	if (count == NULL)
		return out_of_memory(err);
	s->about.unit = s->joined->log ? STR("1") : first->unit;
	say_loss(s, "crps", g, scratch);
	for (size_t i = 0; i < g->n; i++) {
		const struct scorebook_forecast *f = g->item[i];
		size_t below = 0;

		for (size_t k = 0; k < f->n_levels; k++)
			if (f->level[k] == 0.5) {
				off += fabs(f->y - f->value[k]);
				off_n++;
			}
		if (lognormal) {
			pit = s->joined->log || f->y > 0 ? score_pit_normal(s->joined->log ? f->y : log(f->y), s->joined->log ? f->value[0] : log(f->value[0]), f->sd_log) : 0;
			below = score_bin(pit, bins);
			held += pit >= r->conformal / 2 && pit <= 1 - r->conformal / 2;
		} else if (same_levels(f, first)) {
			while (below < f->n_levels && f->value[below] < f->y)
				below++;
		} else {
			continue;
		}
		count[below]++;
		n++;
	}
	if (off_n > 0)
		say_plain(s, "mae", off_n, off / (double)off_n);
	s->about.unit = STR("1");
	if (!lognormal && first->n_levels > 1)
		say_share(s, "coverage", 0, n - count[0] - count[bins - 1], n, first->level[bins - 2] - first->level[0]);
	if (lognormal && !isnan(r->conformal))
		say_share(s, "coverage", 0, held, n, 1 - r->conformal);
	for (size_t i = 0; i < bins; i++)
		say_share(s, "pit.bin", i + 1, count[i], n, lognormal ? 1 / (double)bins :
		    (i + 1 < bins ? first->level[i] : 1) - (i > 0 ? first->level[i - 1] : 0));
	if (!isnan(r->conformal))
		say_conformal(s, g, scratch);
	free(count);
	return LODE_OK;
}

static void
describe(struct saying *s, const struct group *g)
{
	const struct scorebook_forecast *f = g->item[0];
	const struct scorebook_forecast *newest = f;
	int32_t first = INT32_MAX, last = INT32_MIN;

	for (size_t i = 0; i < g->n; i++) {
		first = period_first_month(g->item[i]->period) < first ? period_first_month(g->item[i]->period) : first;
		last = period_last_month(g->item[i]->period) > last ? period_last_month(g->item[i]->period) : last;
		if (g->item[i]->outcome_known_s >= newest->outcome_known_s)
			newest = g->item[i];
	}
	s->about = (struct scorecard_score){ .forecast = f->name, .area = f->area, .partner = f->partner, .commodity = f->commodity,
		.source = f->source, .ref = newest->outcome_ref, .unit = STR("1"), .horizon = f->horizon,
		.period = { first == last ? PERIOD_MONTH : PERIOD_SPAN, first, last } };
}

int
scorecard_say(struct scorebook *book, const struct scorebook_joined *joined, const struct scorecard_rules *rules,
    void (*on_score)(void *, const struct scorecard_score *), void *argument, struct err *err)
{
	struct saying s = { .book = book, .joined = joined, .rules = rules, .on_score = on_score, .argument = argument };
	struct scorebook_forecast *const *all = joined->forecast;
	double *scratch = calloc(2 * joined->n + 1, sizeof *scratch);
	int rc = scratch == NULL ? out_of_memory(err) : LODE_OK;

	for (size_t i = 0, end; rc == LODE_OK && i < joined->n; i = end) {
		struct group g = { all + i, 1 };

		for (end = i + 1; end < joined->n && scorebook_by_group(all[i], all[end]) == 0; end++)
			g.n++;
		describe(&s, &g);
		rc = all[i]->pair->kind == SCOREBOOK_PROBABILITY ? say_probabilities(&s, &g, scratch, err) : say_quantities(&s, &g, scratch, err);
		if (rc == LODE_OK)
			rc = say_compared(&s, &g, scratch, err);
	}
	free(scratch);
	return rc;
}
