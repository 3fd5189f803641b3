#include "scorebook.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "buf.h"
#include "conformal.h"
#include "dec.h"
#include "instant.h"
#include "keyed.h"
#include "recalibration.h"
#include "scores.h"
#include "span.h"

#define Z95 1.959963984540054 /* of a normal, two-sided 95 % */
#define ADAPT 0.05             /* step of conformal_adapt() */

struct outcome {
	struct keyed_entry entry; /* key: indicator, area, partner, commodity, period */
	int64_t known_s;          /* when it was first known */
	double first, latest;     /* latest NAN: withdrawn */
	struct str ref, unit;     /* of the line that said what counts */
};

struct forecast {
	struct keyed_entry entry; /* key: pair, name, area, partner, commodity, source, period, known */
	const struct scorebook_pair *pair;
	struct str name, area, partner, commodity, source, unit;
	struct str outcome;       /* its indicator */
	struct period period;
	int64_t known_s;
	int32_t made, horizon;    /* month in which it was made */
	size_t n_levels;
	double level[SCOREBOOK_MAX_LEVELS], value[SCOREBOOK_MAX_LEVELS]; /* rising levels; a probability, or a median, is at 0.5 */
	double sd_log;            /* NAN: none */
	double y, loss;           /* once the outcome is known */
	const struct outcome *newest;
};

struct scorebook {
	struct scorebook_rules rules;
	struct keyed *forecasts, *outcomes; /* owned */
	struct arena *arena;                /* owned */
	struct buf key;                     /* owned */
	int32_t first_month, last_month;    /* of outcomes */
};

/* Forecasts of one group, in order of when they were made. */
struct group {
	struct forecast **item;
	size_t n;
};

/* What goes with a group's scores. */
struct saying {
	const struct scorebook *book;
	void (*on_score)(void *, const struct scorebook_score *);
	void *argument;
	struct scorebook_score about;
	struct forecast **all; /* everything that has a score, sorted */
	size_t n_all;
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

int
scorebook_new(struct scorebook **out, const struct scorebook_rules *rules, struct err *err)
{
	struct scorebook *b = calloc(1, sizeof *b);

	if (b == NULL)
		return out_of_memory(err);
	*b = (struct scorebook){ .rules = *rules, .forecasts = keyed_new(), .outcomes = keyed_new(), .arena = arena_new(), .first_month = INT32_MAX,
		.last_month = INT32_MIN };
	if (b->forecasts == NULL || b->outcomes == NULL || b->arena == NULL) {
		scorebook_free(b);
		return out_of_memory(err);
	}
	*out = b;
	return LODE_OK;
}

void
scorebook_free(struct scorebook *b)
{
	if (b == NULL)
		return;
	keyed_free(b->forecasts);
	keyed_free(b->outcomes);
	arena_free(b->arena);
	buf_release(&b->key);
	free(b);
}

/* Texts with a tab behind each, which no field can hold. */
static int
make_key(struct scorebook *b, const struct str *part, size_t n, struct err *err)
{
	b->key.n = 0;
	for (size_t i = 0; i < n; i++)
		if (buf_add_str(&b->key, part[i]) != LODE_OK || buf_add(&b->key, "\t", 1) != LODE_OK)
			return out_of_memory(err);
	return LODE_OK;
}

/* The entry of the key in hand, made when there is none. */
static void *
entry_of(struct scorebook *b, struct keyed *keyed, size_t size, bool *new, struct err *err)
{
	void *entry = keyed_find(keyed, buf_str(&b->key));

	*new = entry == NULL;
	if (*new && keyed_count(b->forecasts) + keyed_count(b->outcomes) >= b->rules.max_keys)
		err_set(err, LODE_ENOMEM, "more than %zu forecasts and outcomes to hold (--max-keys)", b->rules.max_keys);
	else if (*new && (entry = keyed_add(keyed, buf_str(&b->key), size)) == NULL)
		out_of_memory(err);
	return entry;
}

static int
keep(struct scorebook *b, struct str text, struct str *kept, struct err *err)
{
	if (kept->p != NULL && str_eq(*kept, text))
		return LODE_OK;
	*kept = arena_dup(b->arena, text);
	return kept->p == NULL ? out_of_memory(err) : LODE_OK;
}

static int
add_outcome(struct scorebook *b, const struct scorebook_pair *pair, const struct obs *obs, struct period period, int64_t known_s, double value,
    struct err *err)
{
	char text[PERIOD_MAX];
	const struct str part[] = { obs->f[OBS_INDICATOR], obs->f[OBS_AREA], obs->f[OBS_PARTNER], obs->f[OBS_COMMODITY],
		{ text, period_format(period, text) } };
	struct outcome *outcome;
	bool new;

	if (pair->kind == SCOREBOOK_PROBABILITY && value != 0 && value != 1 && !isnan(value)) {
		err_set(err, LODE_EDATA, "'%.*s' is neither 0 nor 1", STR_ARG(obs->f[OBS_VALUE]));
		return err_column(err, 1, obs_names[OBS_VALUE]);
	}
	if (make_key(b, part, 5, err) != LODE_OK)
		return err->code;
	if (isnan(value) && keyed_find(b->outcomes, buf_str(&b->key)) == NULL)
		return LODE_OK;
	if ((outcome = entry_of(b, b->outcomes, sizeof *outcome, &new, err)) == NULL)
		return err->code;
	if (new) {
		outcome->known_s = known_s;
		outcome->first = value;
	}
	if ((new || (!b->rules.first && value != outcome->latest)) && (keep(b, obs->f[OBS_REF], &outcome->ref, err) != LODE_OK ||
	    keep(b, obs->f[OBS_UNIT], &outcome->unit, err) != LODE_OK))
		return err->code;
	outcome->latest = value;
	if (period_first_month(period) < b->first_month)
		b->first_month = period_first_month(period);
	if (period_last_month(period) > b->last_month)
		b->last_month = period_last_month(period);
	return LODE_OK;
}

/* Puts a value at its level, which comes once. */
static void
set_level(struct forecast *f, double level, double value)
{
	size_t i = 0, k;

	while (i < f->n_levels && f->level[i] < level)
		i++;
	if (i == f->n_levels || f->level[i] != level) {
		if (f->n_levels == SCOREBOOK_MAX_LEVELS)
			return;
		for (k = f->n_levels++; k > i; k--) {
			f->level[k] = f->level[k - 1];
			f->value[k] = f->value[k - 1];
		}
		f->level[i] = level;
	}
	f->value[i] = value;
}

/* Whether a name is like one with a * in it, which stands for one byte or more; *part: what it stands for. */
static bool
is_like(struct str name, struct str pattern, struct str *part)
{
	struct str rest = pattern, front, end;

	str_split(&rest, '*', &front);
	*part = (struct str){ name.p, 0 };
	if (rest.p == NULL)
		return str_eq(name, pattern);
	if (name.n <= front.n + rest.n || !str_starts(name, front))
		return false;
	end = (struct str){ name.p + name.n - rest.n, rest.n };
	*part = (struct str){ name.p + front.n, name.n - front.n - rest.n };
	return str_eq(end, rest);
}

/* The indicator of a forecast's outcome. */
static int
name_outcome(struct scorebook *b, struct forecast *f, struct err *err)
{
	struct str rest = f->pair->outcome, front, part;

	is_like(f->name, f->pair->forecast, &part);
	str_split(&rest, '*', &front);
	b->key.n = 0;
	if (buf_add_str(&b->key, front) != LODE_OK || buf_add_str(&b->key, part) != LODE_OK ||
	    (rest.p != NULL && buf_add_str(&b->key, rest) != LODE_OK))
		return out_of_memory(err);
	return keep(b, buf_str(&b->key), &f->outcome, err);
}

static int
add_forecast(struct scorebook *b, const struct scorebook_pair *pair, struct str name, double level, const struct obs *obs, struct period period,
    int64_t known_s, double value, struct err *err)
{
	char text[PERIOD_MAX], number[2] = { (char)('!' + (pair - b->rules.pair)), '\0' };
	const struct str part[] = { str_of(number), name, obs->f[OBS_AREA], obs->f[OBS_PARTNER], obs->f[OBS_COMMODITY], obs->f[OBS_SOURCE],
		{ text, period_format(period, text) }, obs->f[OBS_KNOWN] };
	struct forecast *f;
	struct str rest, ignored;
	int32_t day;
	bool new;

	if (pair->kind == SCOREBOOK_PROBABILITY && !(value >= 0 && value <= 1)) {
		err_set(err, LODE_EDATA, "'%.*s' is not a probability", STR_ARG(obs->f[OBS_VALUE]));
		return err_column(err, 1, obs_names[OBS_VALUE]);
	}
	if (make_key(b, part, sizeof part / sizeof *part, err) != LODE_OK || (f = entry_of(b, b->forecasts, sizeof *f, &new, err)) == NULL)
		return err->code;
	if (new) {
		f->pair = pair;
		f->period = period;
		f->known_s = known_s;
		day = (int32_t)(span_floor(known_s, 86400) / 86400);
		f->made = month_of_day(day);
		f->horizon = period.kind == PERIOD_DAY ? period.first - day : period_last_month(period) - f->made;
		f->sd_log = NAN;
		rest = f->entry.key; /* the texts lie there */
		str_split(&rest, '\t', &ignored);
		str_split(&rest, '\t', &f->name);
		str_split(&rest, '\t', &f->area);
		str_split(&rest, '\t', &f->partner);
		str_split(&rest, '\t', &f->commodity);
		str_split(&rest, '\t', &f->source);
		if (name_outcome(b, f, err) != LODE_OK)
			return err->code;
	}
	if (isnan(level)) {
		f->sd_log = value;
		return LODE_OK;
	}
	set_level(f, level, value);
	return keep(b, obs->f[OBS_UNIT], &f->unit, err);
}

/* The level that an end like ".p05" names, which is taken off *name; below 0: none. */
static double
take_level(struct str *name)
{
	struct str end = *name;
	double level = 0, digit = 0.1;

	while (end.n > 0 && name->p[end.n - 1] != '.')
		end.n--;
	if (end.n == 0)
		return -1;
	end = (struct str){ name->p + end.n, name->n - end.n };
	name->n -= end.n + 1;
	if (str_is(end, "median"))
		return 0.5;
	if (end.n < 3 || end.n > 5 || end.p[0] != 'p' || !str_is_digits((struct str){ end.p + 1, end.n - 1 }))
		return -1;
	for (size_t i = 1; i < end.n; i++, digit /= 10)
		level += (end.p[i] - '0') * digit;
	return level > 0 ? rint(level * 1e6) / 1e6 : -1;
}

/* What an indicator says in a pair's forecasts: a level, NAN the sd of a logarithm, or below 0 nothing. *name: without its end. */
static double
level_of(const struct scorebook_pair *pair, struct str indicator, struct str *name)
{
	const struct str sd = STR(".sd-log");
	double level = 0.5;
	struct str part;

	*name = indicator;
	if (pair->kind == SCOREBOOK_QUANTILES) {
		level = take_level(name);
	} else if (pair->kind == SCOREBOOK_LOGNORMAL && indicator.n > sd.n &&
	    str_eq((struct str){ indicator.p + indicator.n - sd.n, sd.n }, sd)) {
		name->n -= sd.n;
		level = NAN;
	}
	return is_like(*name, pair->forecast, &part) ? level : -1;
}

/* Whether a line is of any pair, as a forecast or as an outcome. */
static bool
is_asked_for(const struct scorebook *b, struct str indicator, bool forecast)
{
	struct str ignored;

	for (size_t i = 0; i < b->rules.n_pairs; i++)
		if (forecast ? !(level_of(&b->rules.pair[i], indicator, &ignored) < 0) : is_like(indicator, b->rules.pair[i].outcome, &ignored))
			return true;
	return false;
}

int
scorebook_add(struct scorebook *b, const struct obs *obs, enum scorebook_fate *fate, struct err *err)
{
	struct str text = obs->f[OBS_VALUE], indicator = obs->f[OBS_INDICATOR], name;
	struct period period;
	struct dec number;
	int64_t known_s;
	double value = NAN, level;
	bool forecast = str_is(obs->f[OBS_STATUS], "F");

	*fate = SCOREBOOK_OTHER;
	if (!is_asked_for(b, indicator, forecast))
		return LODE_OK;
	if (instant_parse(obs->f[OBS_KNOWN], &known_s, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_KNOWN]);
	if (period_parse(obs->f[OBS_PERIOD], &period, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_PERIOD]);
	if (text.n > 0 && dec_parse(text, &number, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_VALUE]);
	if (text.n > 0)
		value = dec_double(number);
	*fate = text.n > 0 ? SCOREBOOK_TAKEN : SCOREBOOK_MISSING;
	for (size_t i = 0; i < b->rules.n_pairs; i++) {
		const struct scorebook_pair *pair = &b->rules.pair[i];

		if (!forecast && is_like(indicator, pair->outcome, &name) && add_outcome(b, pair, obs, period, known_s, value, err) != LODE_OK)
			return err->code;
		level = forecast && !isnan(value) ? level_of(pair, indicator, &name) : -1;
		if (!(level < 0) && add_forecast(b, pair, name, level, obs, period, known_s, value, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/* What an outcome of a forecast's own was in a period; NULL: not known. */
static const struct outcome *
outcome_of(struct scorebook *b, const struct forecast *f, struct period period, struct err *err)
{
	char text[PERIOD_MAX];
	const struct str part[] = { f->outcome, f->area, f->partner, f->commodity, { text, period_format(period, text) } };
	const struct outcome *outcome;

	if (make_key(b, part, 5, err) != LODE_OK)
		return NULL;
	outcome = keyed_find(b->outcomes, buf_str(&b->key));
	return outcome != NULL && (b->rules.first || !isnan(outcome->latest)) ? outcome : NULL;
}

static double
value_of(const struct scorebook *b, const struct outcome *outcome)
{
	return b->rules.first ? outcome->first : outcome->latest;
}

static void
set_loss(const struct scorebook *b, struct forecast *f)
{
	if (f->pair->kind == SCOREBOOK_PROBABILITY)
		f->loss = (f->value[0] - f->y) * (f->value[0] - f->y);
	else if (f->pair->kind == SCOREBOOK_QUANTILES)
		f->loss = score_quantiles(f->y, f->value, f->level, f->n_levels);
	else
		f->loss = b->rules.log ? score_crps_normal(f->y, f->value[0], f->sd_log) : score_crps_lognormal(f->y, log(f->value[0]), f->sd_log);
}

/* Finds what became of a forecast. True when it can be scored; otherwise it is counted why not. */
static bool
resolve(struct scorebook *b, struct forecast *f, struct scorebook_left *left, struct err *err)
{
	const struct outcome *outcome = outcome_of(b, f, f->period, err);
	int32_t month = period_first_month(f->period), last = period_last_month(f->period);
	bool any = f->pair->kind == SCOREBOOK_PROBABILITY && f->period.kind != PERIOD_DAY && last > month && outcome == NULL, positive = true;

	if (f->n_levels == 0 || (f->pair->kind == SCOREBOOK_LOGNORMAL && !(f->sd_log > 0 && f->value[0] > 0))) {
		left->incomplete++;
		return false;
	}
	if (any)
		outcome = outcome_of(b, f, period_of_month(month), err);
	f->y = 0;
	f->newest = NULL;
	for (;;) {
		if (outcome == NULL) {
			left->pending++;
			return false;
		}
		if (outcome->known_s <= f->known_s) {
			left->known_before++;
			return false;
		}
		f->y = any ? fmax(f->y, value_of(b, outcome)) : value_of(b, outcome);
		if (f->newest == NULL || outcome->known_s >= f->newest->known_s)
			f->newest = outcome;
		if (!any || month == last)
			break;
		outcome = outcome_of(b, f, period_of_month(++month), err);
	}
	if (f->pair->kind != SCOREBOOK_PROBABILITY && !str_eq(f->unit, f->newest->unit)) {
		left->other_unit++;
		return false;
	}
	if (f->pair->kind != SCOREBOOK_PROBABILITY && b->rules.log) {
		for (size_t i = 0; i < f->n_levels; i++)
			positive = positive && f->value[i] > 0;
		if (!(positive && f->y > 0)) {
			left->no_log++;
			return false;
		}
		f->y = log(f->y);
		for (size_t i = 0; i < f->n_levels; i++)
			f->value[i] = log(f->value[i]);
	}
	set_loss(b, f);
	return true;
}

static int
by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Order of the groups without source; then of when forecasts were made, and of their periods. */
static int
by_series(const struct forecast *f, const struct forecast *g)
{
	int order = by_number(f->pair - g->pair, 0);

	order = order != 0 ? order : str_cmp(f->name, g->name);
	order = order != 0 ? order : str_cmp(f->area, g->area);
	order = order != 0 ? order : str_cmp(f->partner, g->partner);
	return order != 0 ? order : str_cmp(f->commodity, g->commodity);
}

static int
by_group(const struct forecast *f, const struct forecast *g)
{
	int order = by_series(f, g);

	order = order != 0 ? order : str_cmp(f->source, g->source);
	return order != 0 ? order : by_number(f->horizon, g->horizon);
}

static int
by_place(const void *x, const void *y)
{
	const struct forecast *const *f = x, *const *g = y;
	int order = by_group(*f, *g);

	order = order != 0 ? order : by_number((*f)->known_s, (*g)->known_s);
	return order != 0 ? order : by_number((*f)->period.first, (*g)->period.first);
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
		scratch[i] = g->item[i]->loss;
	score_mean(scratch, g->n, lags(s->about.horizon), &mean, &variance);
	half = g->n > 1 && g->n > lags(s->about.horizon) ? Z95 * sqrt(variance) : NAN;
	say(s, what, 0, g->n, mean, NAN, isnan(half) ? NAN : fmax(0, mean - half), mean + half);
}

/* The same outcomes, forecast by another at the same times. scratch[2 n]. */
static int
say_compared(struct saying *s, const struct group *g, double *scratch, struct err *err)
{
	double *a = scratch, *b = scratch + g->n, half;
	struct score_compared c;
	size_t n = 0;

	if (s->book->rules.against.p == NULL || str_eq(s->book->rules.against, s->about.source))
		return LODE_OK;
	for (size_t i = 0, k = 0; i < g->n; i++) {
		struct forecast other = *g->item[i];
		const struct forecast *at = &other;
		int order = 1;

		other.source = s->book->rules.against;
		/* Both run in the same order, so one pass finds all. */
		while (k < s->n_all && (order = by_place(&s->all[k], &at)) < 0)
			k++;
		if (k < s->n_all && order == 0) {
			a[n] = g->item[i]->loss;
			b[n++] = s->all[k]->loss;
		}
	}
	if (score_compare(a, b, n, lags(s->about.horizon) + 1, &c, err) != LODE_OK)
		return err->code;
	half = Z95 * sqrt(c.variance);
	s->about.unit = g->item[0]->pair->kind == SCOREBOOK_PROBABILITY || s->book->rules.log ? STR("1") : g->item[0]->unit;
	say(s, "compared.difference", 0, n, c.difference, NAN, c.difference - half, c.difference + half);
	s->about.unit = STR("1");
	say_plain(s, "compared.dm", n, c.statistic);
	say_plain(s, "compared.dm.p", n, c.p);
	say_plain(s, "compared.hln", n, c.corrected);
	say_plain(s, "compared.hln.p", n, c.p_corrected);
	return LODE_OK;
}

/* Outcome of a month: 0, 1, or below 0 where it is not known. */
static double
happened(struct saying *s, const struct forecast *f, int32_t month, struct err *err)
{
	const struct outcome *outcome = outcome_of((struct scorebook *)(uintptr_t)s->book, f, period_of_month(month), err);

	return outcome == NULL ? -1 : value_of(s->book, outcome);
}

/* Runs of months in which it happened, that begin after one in which it did not, and that a forecast could have warned of; *last: known. */
static size_t
find_episodes(struct saying *s, const struct group *g, struct score_episode *episode, int32_t *last, struct err *err)
{
	const struct scorebook_rules *r = &s->book->rules;
	double before = -1, now;
	size_t n = 0;
	bool in = false;

	*last = s->book->first_month - 1;

	for (int32_t month = s->book->first_month; month <= s->book->last_month; month++, before = now) {
		now = happened(s, g->item[0], month, err);
		if (now >= 0)
			*last = month;
		if (now > 0 && before == 0) {
			in = false;
			for (size_t i = 0; i < g->n && !in; i++)
				in = g->item[i]->made >= month - r->before && g->item[i]->made <= month + r->after;
			if (in)
				episode[n++] = (struct score_episode){ month, month };
		} else if (now > 0 && in) {
			episode[n - 1].last = month;
		} else {
			in = false;
		}
	}
	return n;
}

/* Alarms are what rises to the threshold; what cannot be judged yet is no alarm. */
static int
say_alarms(struct saying *s, const struct group *g, struct err *err)
{
	const struct scorebook_rules *r = &s->book->rules;
	size_t months = (size_t)(s->book->last_month - s->book->first_month) + 1, n = 0, m, judged = 0;
	int32_t *alarm = calloc(g->n, sizeof *alarm);
	struct score_episode *episode = calloc(months, sizeof *episode);
	double *lead = calloc(months, sizeof *lead);
	struct score_alarms a;
	struct err why = ERR_INIT;
	int32_t last;

	if (alarm == NULL || episode == NULL || lead == NULL) {
		free(alarm), free(episode), free(lead);
		return out_of_memory(err);
	}
	m = find_episodes(s, g, episode, &last, &why);
	for (size_t i = 0; i < g->n; i++) {
		const struct forecast *f = g->item[i];
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
	free(alarm), free(episode), free(lead);
	if (why.code != LODE_OK)
		*err = why;
	return why.code;
}

static struct score_event
event_of(const struct forecast *f)
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
		const struct forecast *f = i < g->n ? g->item[i] : NULL;
		size_t had = n;

		for (; seen < i && (f == NULL || g->item[seen]->newest->known_s <= f->known_s); seen++)
			past[n++] = event_of(g->item[seen]);
		if (n > had && n >= RECALIBRATION_LEAST)
			rc = recalibration_fit(&map, method, past, n, err);
		if (rc != LODE_OK || f == NULL || n < RECALIBRATION_LEAST)
			continue;
		now[judged] = (struct score_event){ recalibration_at(&map, f->value[0]), f->y > 0 };
		scratch[judged] = (now[judged].p - f->y) * (now[judged].p - f->y) - f->loss;
		judged++;
	}
	if (rc == LODE_OK) {
		if (judged > 0)
			score_mean(scratch, judged, lags(s->about.horizon), &mean, &variance);
		half = judged > 1 && judged > lags(s->about.horizon) ? Z95 * sqrt(variance) : NAN;
		score_brier(now, judged, s->book->rules.bins, s->book->rules.clip, &b);
		say_method(s, method, "brier", 0, judged, b.brier, NAN, NAN, NAN);
		say_method(s, method, "log", 0, judged, b.log_score, NAN, NAN, NAN);
		say_method(s, method, "difference", 0, judged, mean, NAN, mean - half, mean + half);
		for (size_t bin = 0; n >= RECALIBRATION_LEAST && bin < s->book->rules.bins; bin++) {
			double p = ((double)bin + 0.5) / (double)s->book->rules.bins;

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
	const struct scorebook_rules *r = &s->book->rules;
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
same_levels(const struct forecast *f, const struct forecast *g)
{
	for (size_t i = 0; i < f->n_levels && f->n_levels == g->n_levels; i++)
		if (f->level[i] != g->level[i])
			return false;
	return f->n_levels == g->n_levels;
}

/* How far an outcome was from the median, on logs where the forecast is; NAN: it said no median. */
static double
residual_of(const struct scorebook *b, const struct forecast *f)
{
	size_t i = 0;

	while (i < f->n_levels && f->level[i] != 0.5)
		i++;
	if (i == f->n_levels)
		return NAN;
	return f->pair->kind == SCOREBOOK_LOGNORMAL && !b->rules.log ? log(fmax(f->y, 0)) - log(f->value[i]) : f->y - f->value[i];
}

/*
 * Intervals around the medians, as wide as the errors that were known when a forecast was made ask for: how often they held, and how wide one is
 * for a next forecast. scratch[2 n].
 */
static void
say_conformal(struct saying *s, const struct group *g, double *scratch)
{
	const struct forecast *first = g->item[0];
	double target = s->book->rules.conformal, alpha = target, *size = scratch, *missed = scratch + g->n;
	size_t seen = 0, n = 0, judged = 0, held = 0, held_adaptive = 0;

	for (size_t i = 0; i <= g->n; i++) {
		double off;

		for (; seen < i && (i == g->n || g->item[seen]->newest->known_s <= g->item[i]->known_s); seen++) {
			off = residual_of(s->book, g->item[seen]);
			if (!isnan(off))
				conformal_add(size, n++, off);
			if (!isnan(missed[seen]))
				alpha = conformal_adapt(alpha, target, ADAPT, missed[seen] > 0);
		}
		if (i == g->n)
			break;
		off = fabs(residual_of(s->book, g->item[i]));
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
	if (first->pair->kind == SCOREBOOK_QUANTILES && !s->book->rules.log)
		s->about.unit = first->unit;
	say_plain(s, "conformal.halfwidth", n, conformal_halfwidth(size, n, target));
	say_plain(s, "adaptive.halfwidth", n, conformal_halfwidth(size, n, alpha));
	s->about.unit = STR("1");
}

static int
say_quantities(struct saying *s, const struct group *g, double *scratch, struct err *err)
{
	const struct scorebook_rules *r = &s->book->rules;
	const struct forecast *first = g->item[0];
	bool lognormal = first->pair->kind == SCOREBOOK_LOGNORMAL;
	size_t bins = lognormal ? r->bins : first->n_levels + 1, n = 0, off_n = 0, held = 0, *count = calloc(bins, sizeof *count);
	double off = 0, pit;

	if (count == NULL)
		return out_of_memory(err);
	s->about.unit = r->log ? STR("1") : first->unit;
	say_loss(s, "crps", g, scratch);
	for (size_t i = 0; i < g->n; i++) {
		const struct forecast *f = g->item[i];
		size_t below = 0;

		for (size_t k = 0; k < f->n_levels; k++)
			if (f->level[k] == 0.5) {
				off += fabs(f->y - f->value[k]);
				off_n++;
			}
		if (lognormal) {
			pit = r->log || f->y > 0 ? score_pit_normal(r->log ? f->y : log(f->y), r->log ? f->value[0] : log(f->value[0]), f->sd_log) : 0;
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
	const struct forecast *f = g->item[0];
	const struct outcome *newest = f->newest;
	int32_t first = INT32_MAX, last = INT32_MIN;

	for (size_t i = 0; i < g->n; i++) {
		first = period_first_month(g->item[i]->period) < first ? period_first_month(g->item[i]->period) : first;
		last = period_last_month(g->item[i]->period) > last ? period_last_month(g->item[i]->period) : last;
		if (g->item[i]->newest->known_s >= newest->known_s)
			newest = g->item[i]->newest;
	}
	s->about = (struct scorebook_score){ .forecast = f->name, .area = f->area, .partner = f->partner, .commodity = f->commodity,
		.source = f->source, .ref = newest->ref, .unit = STR("1"), .horizon = f->horizon,
		.period = { first == last ? PERIOD_MONTH : PERIOD_SPAN, first, last } };
}

int
scorebook_finish(struct scorebook *b, void (*on_score)(void *, const struct scorebook_score *), void *argument, struct scorebook_left *left,
    struct err *err)
{
	size_t room = keyed_count(b->forecasts) + 1, n = 0;
	struct forecast **all = calloc(room, sizeof *all);
	double *scratch = calloc(2 * room, sizeof *scratch);
	struct saying s = { .book = b, .on_score = on_score, .argument = argument, .all = all };
	struct err why = ERR_INIT;
	int rc = LODE_OK;

	*left = (struct scorebook_left){ 0 };
	if (all == NULL || scratch == NULL)
		rc = out_of_memory(err);
	for (struct keyed_entry *e = keyed_oldest(b->forecasts); rc == LODE_OK && e != NULL; e = e->newer)
		if (resolve(b, (struct forecast *)e, left, &why))
			all[n++] = (struct forecast *)e;
	if (why.code != LODE_OK) {
		*err = why;
		rc = why.code;
	}
	if (rc == LODE_OK && n > 0)
		qsort(all, n, sizeof *all, by_place);
	s.n_all = n;
	for (size_t i = 0, end; rc == LODE_OK && i < n; i = end) {
		struct group g = { all + i, 1 };

		for (end = i + 1; end < n && by_group(all[i], all[end]) == 0; end++)
			g.n++;
		describe(&s, &g);
		rc = all[i]->pair->kind == SCOREBOOK_PROBABILITY ? say_probabilities(&s, &g, scratch, err) : say_quantities(&s, &g, scratch, err);
		if (rc == LODE_OK)
			rc = say_compared(&s, &g, scratch, err);
	}
	free(all);
	free(scratch);
	return rc;
}
