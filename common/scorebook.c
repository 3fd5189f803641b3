#include "scorebook.h"

#include <math.h>
#include <stdlib.h>

#include "arena.h"
#include "buf.h"
#include "dec.h"
#include "instant.h"
#include "keyed.h"
#include "span.h"

struct outcome {
	struct keyed_entry entry; /* key: indicator, area, partner, commodity, period */
	int64_t known_s;          /* when it was first known */
	double first, latest;     /* latest NAN: withdrawn */
	struct str ref, unit;     /* of the line that said what counts */
};

struct kept {
	struct keyed_entry entry; /* key: pair, name, area, partner, commodity, source, period, known */
	struct scorebook_forecast is;
};

struct scorebook {
	struct scorebook_rules rules;
	struct keyed *forecasts, *outcomes; /* owned */
	struct arena *arena;                /* owned */
	struct buf key;                     /* owned */
	struct scorebook_forecast **joined; /* owned; the forecasts are in the entries */
	int32_t first_month, last_month;    /* of outcomes */
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
	free(b->joined);
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
set_level(struct scorebook_forecast *f, double level, double value)
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
name_outcome(struct scorebook *b, struct scorebook_forecast *f, struct err *err)
{
	struct str rest = f->pair->outcome, front = rest, part;

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
	struct scorebook_forecast *f;
	struct kept *kept;
	struct str rest, ignored;
	int32_t day;
	bool new;

	if (pair->kind == SCOREBOOK_PROBABILITY && !(value >= 0 && value <= 1)) {
		err_set(err, LODE_EDATA, "'%.*s' is not a probability", STR_ARG(obs->f[OBS_VALUE]));
		return err_column(err, 1, obs_names[OBS_VALUE]);
	}
	if (make_key(b, part, sizeof part / sizeof *part, err) != LODE_OK || (kept = entry_of(b, b->forecasts, sizeof *kept, &new, err)) == NULL)
		return err->code;
	f = &kept->is;
	if (new) {
		f->pair = pair;
		f->period = period;
		f->known_s = known_s;
		day = (int32_t)(span_floor(known_s, 86400) / 86400);
		f->made = month_of_day(day);
		f->horizon = period.kind == PERIOD_DAY ? period.first - day : period_last_month(period) - f->made;
		f->sd_log = NAN;
		rest = kept->entry.key; /* the texts lie there */
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

/* What an outcome of a forecast's own was in a period; *outcome NULL: not known. */
static int
find_outcome(struct scorebook *b, const struct scorebook_forecast *f, struct period period, const struct outcome **outcome, struct err *err)
{
	char text[PERIOD_MAX];
	const struct str part[] = { f->outcome, f->area, f->partner, f->commodity, { text, period_format(period, text) } };

	if (make_key(b, part, 5, err) != LODE_OK)
		return err->code;
	*outcome = keyed_find(b->outcomes, buf_str(&b->key));
	if (*outcome != NULL && !b->rules.first && isnan((*outcome)->latest))
		*outcome = NULL;
	return LODE_OK;
}

static double
value_of(const struct scorebook *b, const struct outcome *outcome)
{
	return b->rules.first ? outcome->first : outcome->latest;
}

int
scorebook_outcome(struct scorebook *b, const struct scorebook_forecast *f, int32_t month, double *value, struct err *err)
{
	const struct outcome *outcome;

	if (find_outcome(b, f, period_of_month(month), &outcome, err) != LODE_OK)
		return err->code;
	*value = outcome == NULL ? NAN : value_of(b, outcome);
	return LODE_OK;
}

/* Takes logarithms of what was forecast and what became of it; false when one has none. */
static bool
take_logs(struct scorebook_forecast *f)
{
	bool positive = f->y > 0;

	for (size_t i = 0; i < f->n_levels; i++)
		positive = positive && f->value[i] > 0;
	if (!positive)
		return false;
	f->y = log(f->y);
	for (size_t i = 0; i < f->n_levels; i++)
		f->value[i] = log(f->value[i]);
	return true;
}

/* Finds what became of a forecast; *why: the count to add to when it cannot be scored, NULL when it can. */
static int
resolve(struct scorebook *b, struct scorebook_forecast *f, struct scorebook_left *left, size_t **why, struct err *err)
{
	int32_t month = period_first_month(f->period), last = period_last_month(f->period);
	const struct outcome *outcome, *newest = NULL;
	bool any;

	*why = &left->incomplete;
	if (f->n_levels == 0 || (f->pair->kind == SCOREBOOK_LOGNORMAL && !(f->sd_log > 0 && f->value[0] > 0)))
		return LODE_OK;
	if (find_outcome(b, f, f->period, &outcome, err) != LODE_OK)
		return err->code;
	any = f->pair->kind == SCOREBOOK_PROBABILITY && f->period.kind != PERIOD_DAY && last > month && outcome == NULL;
	f->y = 0;
	for (; month <= last; month++) {
		if (any && find_outcome(b, f, period_of_month(month), &outcome, err) != LODE_OK)
			return err->code;
		*why = outcome == NULL ? &left->pending : &left->known_before;
		if (outcome == NULL || outcome->known_s <= f->known_s)
			return LODE_OK;
		f->y = any ? fmax(f->y, value_of(b, outcome)) : value_of(b, outcome);
		if (newest == NULL || outcome->known_s >= newest->known_s)
			newest = outcome;
		if (!any)
			break;
	}
	f->outcome_known_s = newest->known_s;
	f->outcome_ref = newest->ref;
	*why = &left->other_unit;
	if (f->pair->kind != SCOREBOOK_PROBABILITY && !str_eq(f->unit, newest->unit))
		return LODE_OK;
	*why = &left->no_log;
	if (f->pair->kind != SCOREBOOK_PROBABILITY && b->rules.log && !take_logs(f))
		return LODE_OK;
	*why = NULL;
	return LODE_OK;
}

static int
by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Order of the groups without source and horizon. */
static int
by_series(const struct scorebook_forecast *f, const struct scorebook_forecast *g)
{
	int order = by_number(f->pair - g->pair, 0);

	order = order != 0 ? order : str_cmp(f->name, g->name);
	order = order != 0 ? order : str_cmp(f->area, g->area);
	order = order != 0 ? order : str_cmp(f->partner, g->partner);
	return order != 0 ? order : str_cmp(f->commodity, g->commodity);
}

int
scorebook_by_group(const struct scorebook_forecast *f, const struct scorebook_forecast *g)
{
	int order = by_series(f, g);

	order = order != 0 ? order : str_cmp(f->source, g->source);
	return order != 0 ? order : by_number(f->horizon, g->horizon);
}

int
scorebook_by_place(const struct scorebook_forecast *f, const struct scorebook_forecast *g)
{
	int order = scorebook_by_group(f, g);

	order = order != 0 ? order : by_number(f->known_s, g->known_s);
	return order != 0 ? order : by_number(f->period.first, g->period.first);
}

static int
by_place(const void *x, const void *y)
{
	return scorebook_by_place(*(struct scorebook_forecast *const *)x, *(struct scorebook_forecast *const *)y);
}

int
scorebook_join(struct scorebook *b, struct scorebook_joined *joined, struct err *err)
{
	struct scorebook_forecast **all = calloc(keyed_count(b->forecasts) + 1, sizeof *all);
	struct scorebook_left left = { 0 };
	size_t n = 0, *why;

	if (all == NULL)
		return out_of_memory(err);
	free(b->joined);
	b->joined = all;
	for (struct keyed_entry *e = keyed_oldest(b->forecasts); e != NULL; e = e->newer) {
		struct scorebook_forecast *f = &((struct kept *)e)->is;

		if (resolve(b, f, &left, &why, err) != LODE_OK)
			return err->code;
		if (why == NULL)
			all[n++] = f;
		else
			++*why;
	}
	if (n > 0)
		qsort(all, n, sizeof *all, by_place);
	*joined = (struct scorebook_joined){ .forecast = all, .n = n, .left = left, .log = b->rules.log, .first_month = b->first_month,
		.last_month = b->last_month };
	return LODE_OK;
}
