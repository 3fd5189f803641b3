#include "estimate.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "buf.h"
#include "dec.h"
#include "instant.h"
#include "map.h"
#include "period.h"
#include "table.h"
#include "unit.h"

/* MODEL: a figure more than outlier_z away counts with this many times its variance, unless the table says another. */
#define OUTLIER_FACTOR 4

/* Tonnes a month: a border that lets less through is shut, and how much less says nothing more. */
#define FEED_FLOOR 1

enum { MAX_SERIES = BALANCE_SERIES, MAX_COMMODITIES = 16, MAX_EFFECTS = 64, MAX_REFS = 8 };

enum { PARAMETERS, SERIES, EFFECTS, ASSAYS, BALANCE, LUNAR, MATERIALS, N_TABLES };

static const struct {
	const char *name;
	const char *const columns[8];
} wanted[N_TABLES] = {
	[PARAMETERS] = { "parameters.tsv", { "name", "value", NULL } },
	[SERIES] = { "series.tsv", { "series", "partner", "basket", "weight", "seasonal", NULL } },
	[EFFECTS] = { "effects.tsv", { "class", "effect_log", "sd", "decay_per_month", NULL } },
	[ASSAYS] = { "assays.tsv", { "partner", "sd_log", NULL } },
	[BALANCE] = { "balance.tsv", { "commodity", "stream", "low", "mid", "high", "unit", NULL } },
	[LUNAR] = { "lunar_new_year.tsv", { "date", NULL } },
	[MATERIALS] = { "materials.tsv", { "basket", "reo_low", "reo_mid", "reo_high", NULL } },
};

/* The newest figure of a period, partner and basket. */
struct line {
	size_t series;
	int32_t first, last;
	int64_t known;
	double tonnes;
	struct str partner, basket;
	struct buf ref; /* owned: it changes with each revision */
	uint64_t order;
};

struct event_line {
	struct feed_event event;
	struct buf ref; /* owned */
	uint64_t order;
};

struct estimate {
	const struct estimate_options *options;
	struct table table[N_TABLES];
	struct arena *arena;
	struct map *index; /* key to number + 1 of a line or an event */
	struct buf key;    /* of the line in hand */
	struct line *lines;
	size_t n_lines, lines_room;
	struct event_line *events;
	size_t n_events, events_room;
	uint64_t order;
	int32_t as_of; /* month */
	double stock_age; /* months from the stock prior to the last month with figures */
	double absent_is_zero; /* 1: a release has no rows for what did not come; 0 or NAN: it may be cut down */

	size_t n_series, n_effects, n_commodities, n_lunar;
	struct str series_name[MAX_SERIES], series_partner[MAX_SERIES], commodity[MAX_COMMODITIES];
	struct feed_series series[MAX_SERIES];
	struct feed_effect effects[MAX_EFFECTS];
	double share[MAX_COMMODITIES][MAX_SERIES];
	int32_t *lunar;
	struct feed_setup feed;
	struct balance_setup balance;
	struct balance_series composition[MAX_SERIES];
	struct balance_commodity commodities[MAX_COMMODITIES];

	struct balance_answer *answers;
	double *feed_t;
	struct buf refs;
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int
load_tables(struct estimate *e, struct err *err)
{
	char path[4096];
	struct str kept;
	int rc = LODE_OK;

	for (size_t i = 0; rc == LODE_OK && i < N_TABLES; i++) {
		snprintf(path, sizeof path, "%s/%s", e->options->tables, wanted[i].name);
		kept = arena_dup(e->arena, str_of(path));
		rc = kept.p == NULL ? no_memory(err) : table_load(&e->table[i], kept.p, wanted[i].columns, err);
	}
	return rc;
}

/* The last row of that name; NAN in *value when there is none and it may be missing. */
static int
parameter(const struct estimate *e, const char *name, bool may_miss, double *value, struct err *err)
{
	const struct table *t = &e->table[PARAMETERS];

	*value = NAN;
	for (size_t i = t->n; i-- > 0;)
		if (str_is(table_get(t, i, "name"), name)) {
			if (table_double(t, i, "value", value, err) != LODE_OK)
				return err->code;
			if (!isnan(*value))
				return LODE_OK;
			break;
		}
	if (may_miss)
		return LODE_OK;
	err_set(err, LODE_EUSAGE, "no parameter '%s'", name);
	return err_line(err, t->path, 1);
}

static int
read_parameters(struct estimate *e, struct err *err)
{
	struct feed_setup *f = &e->feed;
	struct balance_setup *b = &e->balance;
	double before, after;
	const struct {
		const char *name;
		double *to;
	} list[] = {
		{ "phi", &f->phi }, { "sd_access", &f->sd_access }, { "sd_level", &f->sd_level },
		{ "sd_idiosyncratic", &f->sd_idiosyncratic }, { "sd_observation", &f->sd_observation },
		{ "sd_seasonal", &f->sd_seasonal }, { "seasonal_prior_sd", &f->seasonal_prior_sd }, { "lunar_mean", &f->lunar_mean },
		{ "lunar_sd", &f->lunar_sd }, { "lunar_days_before", &before }, { "lunar_days_after", &after },
		{ "outlier_z", &f->outlier_z }, { "lag_0", &b->lag[0] }, { "lag_1", &b->lag[1] }, { "lag_2", &b->lag[2] },
		{ "recovery_low", &b->recovery_low }, { "recovery_high", &b->recovery_high }, { "c_min", &b->cover_min },
		{ "stock_median", &b->stock_median[0] }, { "stock_sd_log", &b->stock_sd_log }, { "demand_sd_log", &b->demand_sd_log },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (parameter(e, list[i].name, false, list[i].to, err) != LODE_OK)
			return err->code;
	if (parameter(e, "outlier_factor", true, &f->outlier_factor, err) != LODE_OK ||
	    parameter(e, "feed_floor", true, &f->floor, err) != LODE_OK ||
	    parameter(e, "absent_is_zero", true, &e->absent_is_zero, err) != LODE_OK ||
	    parameter(e, "stock_age", true, &e->stock_age, err) != LODE_OK)
		return err->code;
	e->stock_age = isnan(e->stock_age) ? 0 : e->stock_age;
	if (isnan(f->outlier_factor))
		f->outlier_factor = OUTLIER_FACTOR;
	if (isnan(f->floor))
		f->floor = FEED_FLOOR;
	if (!isnan(e->absent_is_zero) && e->absent_is_zero != 0 && e->absent_is_zero != 1) {
		err_set(err, LODE_EUSAGE, "absent_is_zero is not 0 or 1");
		return err_line(err, e->table[PARAMETERS].path, 1);
	}
	if (!(e->stock_age >= 0 && e->stock_age <= 120)) {
		err_set(err, LODE_EUSAGE, "stock_age is not within 0 and 120 months");
		return err_line(err, e->table[PARAMETERS].path, 1);
	}
	if (!(before >= 0 && before <= 60 && after >= 0 && after <= 60)) {
		err_set(err, LODE_EUSAGE, "the days around the Lunar New Year are not within 0 and 60");
		return err_line(err, e->table[PARAMETERS].path, 1);
	}
	f->lunar_days_before = (int)before;
	f->lunar_days_after = (int)after;
	return LODE_OK;
}

static size_t
find(const struct str *names, size_t n, struct str name)
{
	size_t i = 0;

	while (i < n && !str_eq(names[i], name))
		i++;
	return i;
}

static int
too_many(const struct table *t, size_t row, const char *column, struct err *err)
{
	err_set(err, LODE_EUSAGE, "too many of them");
	return table_blame(t, row, column, err);
}

static int
read_series(struct estimate *e, struct err *err)
{
	const struct table *t = &e->table[SERIES];

	for (size_t i = 0; i < t->n; i++) {
		struct str name = table_get(t, i, "series"), partner = table_get(t, i, "partner");
		double weight;

		if (table_double(t, i, "weight", &weight, err) != LODE_OK)
			return err->code;
		if (find(e->series_name, e->n_series, name) < e->n_series)
			continue; /* the first row speaks for the series */
		if (e->n_series == MAX_SERIES)
			return too_many(t, i, "series", err);
		e->series_name[e->n_series] = name;
		e->series_partner[e->n_series] = str_is(partner, "*") ? STR("") : partner;
		e->series[e->n_series++] = (struct feed_series){ isnan(weight) ? 0 : weight, str_is(table_get(t, i, "seasonal"), "yes") };
	}
	return LODE_OK;
}

static int
read_effects(struct estimate *e, struct err *err)
{
	const struct table *t = &e->table[EFFECTS];

	if (t->n > MAX_EFFECTS)
		return too_many(t, MAX_EFFECTS, "class", err);
	for (size_t i = 0; i < t->n; i++)
		if (table_double(t, i, "effect_log", &e->effects[i].mean, err) != LODE_OK ||
		    table_double(t, i, "sd", &e->effects[i].sd, err) != LODE_OK ||
		    table_double(t, i, "decay_per_month", &e->effects[i].decay, err) != LODE_OK)
			return err->code;
	e->n_effects = t->n;
	return LODE_OK;
}

static int
read_lunar(struct estimate *e, struct err *err)
{
	const struct table *t = &e->table[LUNAR];
	struct period day;

	if ((e->lunar = calloc(t->n + 1, sizeof *e->lunar)) == NULL)
		return no_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		if (period_parse(table_get(t, i, "date"), &day, err) != LODE_OK)
			return table_blame(t, i, "date", err);
		e->lunar[e->n_lunar++] = period_start(day);
	}
	return LODE_OK;
}

enum { DEMAND = 3, N_STREAMS };

static const char *const stream_name[N_STREAMS] = { "domestic", "byproduct", "recycling", [DEMAND] = "demand" };

static double
tonnes(double value, struct dec kg)
{
	return value * dec_double(kg) / 1000;
}

/* Each commodity has every stream, 0 where there is none: a row that is lost must not pass for one. */
static int
read_balance(struct estimate *e, struct err *err)
{
	const struct table *t = &e->table[BALANCE];
	unsigned there[MAX_COMMODITIES] = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		struct str stream = table_get(t, i, "stream"), name = table_get(t, i, "commodity");
		size_t c = find(e->commodity, e->n_commodities, name);
		struct balance_commodity *b = &e->commodities[c];
		struct balance_range *const to[N_STREAMS] = { &b->domestic, &b->byproduct, &b->recycling, &b->demand }, range;
		struct dec kg;
		size_t k;

		if (c == e->n_commodities) {
			if (c == MAX_COMMODITIES)
				return too_many(t, i, "commodity", err);
			e->commodity[e->n_commodities++] = name;
			b->share = e->share[c];
		}
		for (k = 0; k < N_STREAMS && !str_is(stream, stream_name[k]);)
			k++;
		if (k == N_STREAMS) {
			err_set(err, LODE_EUSAGE, "'%.*s' is not domestic, byproduct, recycling or demand", STR_ARG(stream));
			return table_blame(t, i, "stream", err);
		}
		if (table_double(t, i, "low", &range.low, err) != LODE_OK || table_double(t, i, "mid", &range.mid, err) != LODE_OK ||
		    table_double(t, i, "high", &range.high, err) != LODE_OK)
			return err->code;
		if (unit_mass(table_get(t, i, "unit"), &kg, err) != LODE_OK)
			return table_blame(t, i, "unit", err);
		*to[k] = (struct balance_range){ tonnes(range.low, kg), tonnes(range.mid, kg), tonnes(range.high, kg) };
		there[c] |= 1u << k;
	}
	for (size_t c = 0; c < e->n_commodities; c++)
		for (size_t k = 0; k < N_STREAMS; k++)
			if ((there[c] >> k & 1) == 0 || (k == DEMAND && !(e->commodities[c].demand.mid > 0))) {
				err_set(err, LODE_EUSAGE, "commodity '%.*s' has no %s", STR_ARG(e->commodity[c]), stream_name[k]);
				return err_line(err, t->path, 1);
			}
	return LODE_OK;
}

int
estimate_new(struct estimate **out, const struct estimate_options *options, struct err *err)
{
	struct estimate *e = calloc(1, sizeof *e);
	int year, month, day, rc;

	if (e == NULL)
		return no_memory(err);
	e->options = options;
	civil_from_days((int32_t)((options->as_of - (options->as_of % 86400 + 86400) % 86400) / 86400), &year, &month, &day);
	e->as_of = month_number(year, month);
	e->arena = arena_new();
	e->index = map_new();
	rc = e->arena == NULL || e->index == NULL ? no_memory(err) : load_tables(e, err);
	if (rc == LODE_OK && (rc = read_parameters(e, err)) == LODE_OK && (rc = read_series(e, err)) == LODE_OK &&
	    (rc = read_effects(e, err)) == LODE_OK && (rc = read_lunar(e, err)) == LODE_OK)
		rc = read_balance(e, err);
	if (rc == LODE_OK)
		*out = e;
	else
		estimate_free(e);
	return rc;
}

void
estimate_free(struct estimate *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < N_TABLES; i++)
		table_release(&e->table[i]);
	arena_free(e->arena);
	map_free(e->index);
	buf_release(&e->key);
	for (size_t i = 0; i < e->n_lines; i++)
		buf_release(&e->lines[i].ref);
	for (size_t i = 0; i < e->n_events; i++)
		buf_release(&e->events[i].ref);
	free(e->lines);
	free(e->events);
	free(e->lunar);
	free(e->answers);
	free(e->feed_t);
	buf_release(&e->refs);
	free(e);
}

/* Makes room for one more; *array keeps its place on failure. */
static int
grow(void **array, size_t n, size_t *room, size_t size, struct err *err)
{
	size_t more = *room == 0 ? 256 : *room * 2;
	void *p;

	if (n < *room)
		return LODE_OK;
	if ((p = realloc(*array, more * size)) == NULL)
		return no_memory(err);
	*array = p;
	*room = more;
	return LODE_OK;
}

/* The series of a partner and basket: a row that names both, then one that names the partner, then the basket, then any. */
static size_t
series_of(const struct estimate *e, struct str partner, struct str basket)
{
	const struct table *t = &e->table[SERIES];
	size_t best = e->n_series;
	int best_rank = -1;

	for (size_t i = 0; i < t->n; i++) {
		struct str p = table_get(t, i, "partner"), b = table_get(t, i, "basket");
		int rank = (str_eq(p, partner) ? 2 : 0) + (str_eq(b, basket) ? 1 : 0);

		if ((str_eq(p, partner) || str_is(p, "*")) && (str_eq(b, basket) || str_is(b, "*")) && rank > best_rank) {
			best_rank = rank;
			best = find(e->series_name, e->n_series, table_get(t, i, "series"));
		}
	}
	return best;
}

static int
blame(enum obs_column column, struct err *err)
{
	return err_column(err, (unsigned)column + 1, obs_names[column]); /* the run loop knows the real number */
}

/* Tonnes; NAN for an empty value. */
static int
read_tonnes(const struct obs *obs, double *to, struct err *err)
{
	struct dec value, kg;

	*to = NAN;
	if (obs->f[OBS_VALUE].n == 0)
		return LODE_OK;
	if (dec_parse(obs->f[OBS_VALUE], &value, err) != LODE_OK)
		return blame(OBS_VALUE, err);
	if (unit_mass(obs->f[OBS_UNIT], &kg, err) != LODE_OK)
		return blame(OBS_UNIT, err);
	*to = tonnes(dec_double(value), kg);
	return LODE_OK;
}

static int
keep(struct buf *held, struct str text, struct err *err)
{
	held->n = 0;
	return buf_add_str(held, text) == LODE_OK ? LODE_OK : no_memory(err);
}

static bool
same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static int
take_figure(struct estimate *e, const struct obs *obs, struct str basket, struct err *err)
{
	struct line line = { .partner = obs->f[OBS_PARTNER], .basket = basket, .order = e->order++ };
	struct map_entry *entry;
	struct period period;

	if (instant_parse(obs->f[OBS_KNOWN], &line.known, err) != LODE_OK)
		return blame(OBS_KNOWN, err);
	if (period_parse(obs->f[OBS_PERIOD], &period, err) != LODE_OK)
		return blame(OBS_PERIOD, err);
	if (read_tonnes(obs, &line.tonnes, err) != LODE_OK)
		return err->code;
	line.first = period_first_month(period);
	line.last = period_last_month(period);
	line.series = series_of(e, line.partner, basket);
	if (period.kind == PERIOD_DAY || line.last > line.first + 1 || line.last > e->as_of || str_is(line.partner, "W0") ||
	    line.series == e->n_series)
		return LODE_OK;
	e->key.n = 0;
	if (buf_printf(&e->key, "%d\t%d\t", line.first, line.last) != LODE_OK || buf_add_str(&e->key, line.partner) != LODE_OK ||
	    buf_add(&e->key, "\t", 1) != LODE_OK || buf_add_str(&e->key, basket) != LODE_OK ||
	    (entry = map_put(e->index, buf_str(&e->key))) == NULL)
		return no_memory(err);
	if (entry->value.number == 0) {
		void *lines = e->lines;

		if (grow(&lines, e->n_lines, &e->lines_room, sizeof *e->lines, err) != LODE_OK)
			return err->code;
		e->lines = lines;
		if ((line.partner = arena_dup(e->arena, line.partner)).p == NULL || (line.basket = arena_dup(e->arena, basket)).p == NULL)
			return no_memory(err);
		if (keep(&line.ref, obs->f[OBS_REF], err) != LODE_OK)
			return err->code;
		entry->value.number = ++e->n_lines;
	} else {
		const struct line *before = &e->lines[entry->value.number - 1];

		/* two codes in one basket, say: neither figure is the newer one */
		if (before->known == line.known && !same(before->tonnes, line.tonnes)) {
			err_set(err, LODE_EDATA, "another figure of this period, partner and basket at the same time: %.*s",
			    STR_ARG(buf_str(&before->ref)));
			return blame(OBS_VALUE, err);
		}
		line.partner = before->partner;
		line.basket = before->basket;
		line.ref = before->ref;
		if (keep(&line.ref, obs->f[OBS_REF], err) != LODE_OK)
			return err->code;
	}
	e->lines[entry->value.number - 1] = line;
	return LODE_OK;
}

static struct str
country(struct str area)
{
	return (struct str){ area.p, area.n < 2 ? area.n : 2 };
}

/* Does a series that access moves come from there? */
static bool
matters(const struct estimate *e, struct str area)
{
	for (size_t i = 0; i < e->n_series; i++)
		if (e->series[i].weight != 0 && area.n >= 2 && str_eq(country(e->series_partner[i]), country(area)))
			return true;
	return false;
}

static int
take_event(struct estimate *e, const struct obs *obs, struct err *err)
{
	struct str class = { obs->f[OBS_INDICATOR].p + 6, obs->f[OBS_INDICATOR].n - 6 }, area = obs->f[OBS_AREA];
	struct event_line line = { .order = e->order++ };
	struct period period;
	struct dec weight;
	struct map_entry *entry;
	void *events = e->events;
	size_t effect = 0;

	while (effect < e->n_effects && !str_eq(class, table_get(&e->table[EFFECTS], effect, "class")))
		effect++;
	if (effect == e->n_effects)
		return LODE_OK;
	/* Where the user says; else there, or at home against them. */
	if (e->options->places->n > 0 ? !option_list_prefix(e->options->places, area) :
	    !(matters(e, area) || (str_is(country(area), e->options->area) && matters(e, obs->f[OBS_PARTNER]))))
		return LODE_OK;
	if (period_parse(obs->f[OBS_PERIOD], &period, err) != LODE_OK)
		return blame(OBS_PERIOD, err);
	if (dec_parse(obs->f[OBS_VALUE], &weight, err) != LODE_OK)
		return blame(OBS_VALUE, err);
	if (weight.mantissa <= 0)
		return LODE_OK;
	line.event = (struct feed_event){ effect, area, period_start(period), dec_double(weight) };
	e->key.n = 0;
	if (buf_printf(&e->key, "event\t%zu\t%d\t", effect, line.event.day) != LODE_OK || buf_add_str(&e->key, area) != LODE_OK ||
	    (entry = map_put(e->index, buf_str(&e->key))) == NULL)
		return no_memory(err);
	/* The same event reported again is the same event: the greatest weight and the newest ref. */
	if (entry->value.number > 0) {
		struct event_line *held = &e->events[entry->value.number - 1];

		if (line.event.weight > held->event.weight)
			held->event.weight = line.event.weight;
		held->order = line.order;
		return keep(&held->ref, obs->f[OBS_REF], err);
	}
	if (grow(&events, e->n_events, &e->events_room, sizeof *e->events, err) != LODE_OK)
		return err->code;
	e->events = events;
	if ((line.event.place = arena_dup(e->arena, area)).p == NULL)
		return no_memory(err);
	if (keep(&line.ref, obs->f[OBS_REF], err) != LODE_OK)
		return err->code;
	e->events[e->n_events++] = line;
	entry->value.number = e->n_events;
	return LODE_OK;
}

int
estimate_take(struct estimate *e, const struct obs *obs, struct str basket, struct err *err)
{
	if (str_is(obs->f[OBS_INDICATOR], "feed.mass") && str_is(obs->f[OBS_COMMODITY], "REO") &&
	    str_is(obs->f[OBS_AREA], e->options->area))
		return take_figure(e, obs, basket, err);
	if (str_starts(obs->f[OBS_INDICATOR], STR("event.")))
		return take_event(e, obs, err);
	return LODE_OK;
}

/* Sums lines to figures of series; *latest is the last month with one, or before all months without. */
static void
make_figures(const struct estimate *e, struct feed_figure *figures, size_t *n, int32_t *first, int32_t *latest)
{
	*n = 0;
	for (size_t i = 0; i < e->n_lines; i++) {
		const struct line *l = &e->lines[i];
		size_t j = 0;

		if (!(l->tonnes >= 0))
			continue;
		while (j < *n && (figures[j].series != l->series || figures[j].first != l->first || figures[j].last != l->last))
			j++;
		if (j == *n)
			figures[(*n)++] = (struct feed_figure){ l->series, l->first, l->last, 0 };
		figures[j].mass += l->tonnes;
		*first = l->first < *first ? l->first : *first;
		*latest = l->last > *latest ? l->last : *latest;
	}
}

static bool
same_material(const struct line *a, const struct line *b)
{
	return a->series == b->series && str_eq(a->partner, b->partner) && str_eq(a->basket, b->basket);
}

/* A line of the partner and basket that brought most of a series' mass over all months: what the series is made of. */
static const struct line *
main_material(const struct estimate *e, size_t series)
{
	const struct line *best = NULL;
	double most = 0;

	for (size_t i = 0; i < e->n_lines; i++) {
		double sum = 0;
		size_t j = 0;

		if (e->lines[i].series != series)
			continue;
		while (!same_material(&e->lines[j], &e->lines[i]))
			j++;
		if (j < i)
			continue; /* had already */
		for (; j < e->n_lines; j++)
			if (e->lines[j].tonnes > 0 && same_material(&e->lines[j], &e->lines[i]))
				sum += e->lines[j].tonnes;
		if (sum > most) {
			most = sum;
			best = &e->lines[i];
		}
	}
	return best;
}

/* The column of a commodity's share: share_dy for Dy2O3. */
static bool
share_column(const struct table *t, struct str commodity, char name[64])
{
	int n = snprintf(name, 64, "share_");

	for (size_t i = 0; i < commodity.n && isalpha((unsigned char)commodity.p[i]) && n < 63; i++)
		name[n++] = (char)tolower((unsigned char)commodity.p[i]);
	name[n] = '\0';
	return header_find(&t->header, str_of(name)) >= 0;
}

static int
compose(struct estimate *e, size_t series, struct err *err)
{
	const struct table *assays = &e->table[ASSAYS], *materials = &e->table[MATERIALS];
	const struct line *line = main_material(e, series);
	struct balance_series *to = &e->composition[series];
	size_t row = assays->n;
	char column[64];
	double low, mid, high;

	*to = (struct balance_series){ 0, 0, { 1, 1, 1 } };
	if (line == NULL)
		return LODE_OK; /* no figures, no flow */
	for (size_t i = 0; i < assays->n; i++)
		if (str_eq(table_get(assays, i, "partner"), line->partner) ||
		    (row == assays->n && str_is(table_get(assays, i, "partner"), "*")))
			row = i;
	if (row == assays->n) {
		err_set(err, LODE_EUSAGE, "no row for partner '%.*s' or '*'", STR_ARG(line->partner));
		return err_line(err, assays->path, 1);
	}
	to->share_draw = (uint32_t)row;
	if (table_double(assays, row, "sd_log", &to->share_sd, err) != LODE_OK)
		return err->code;
	for (size_t c = 0; c < e->n_commodities; c++) {
		if (!share_column(assays, e->commodity[c], column)) {
			err_set(err, LODE_EUSAGE, "no column '%s' in the header", column);
			return err_line(err, assays->path, 1);
		}
		if (table_double(assays, row, column, &e->share[c][series], err) != LODE_OK)
			return err->code;
	}
	for (size_t i = 0; i < materials->n; i++) {
		if (!str_eq(table_get(materials, i, "basket"), line->basket))
			continue;
		if (table_double(materials, i, "reo_low", &low, err) != LODE_OK ||
		    table_double(materials, i, "reo_mid", &mid, err) != LODE_OK ||
		    table_double(materials, i, "reo_high", &high, err) != LODE_OK)
			return err->code;
		if (mid > 0)
			to->fraction = (struct balance_range){ low / mid, 1, high / mid };
		break;
	}
	return LODE_OK;
}

struct cited {
	struct str ref;
	uint64_t order;
};

static int
newest_first(const void *x, const void *y)
{
	const struct cited *a = x, *b = y;

	return a->order < b->order ? 1 : a->order > b->order ? -1 : 0;
}

/* The newest line of each series, and the newest events as far as there is room. */
static int
cite(struct estimate *e, struct err *err)
{
	struct cited list[MAX_REFS];
	size_t n = 0;

	for (size_t s = 0; s < e->n_series && n < MAX_REFS; s++) {
		const struct line *best = NULL;

		for (size_t i = 0; i < e->n_lines; i++)
			if (e->lines[i].series == s && (best == NULL || e->lines[i].order > best->order))
				best = &e->lines[i];
		if (best != NULL)
			list[n++] = (struct cited){ buf_str(&best->ref), best->order };
	}
	for (uint64_t below = UINT64_MAX; n < MAX_REFS; below = list[n - 1].order) {
		const struct event_line *best = NULL;

		for (size_t i = 0; i < e->n_events; i++)
			if (e->events[i].order < below && (best == NULL || e->events[i].order > best->order))
				best = &e->events[i];
		if (best == NULL)
			break;
		list[n++] = (struct cited){ buf_str(&best->ref), best->order };
	}
	qsort(list, n, sizeof *list, newest_first);
	e->refs.n = 0;
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && buf_add(&e->refs, " ", 1) != LODE_OK) || buf_add_str(&e->refs, list[i].ref) != LODE_OK)
			return no_memory(err);
	return LODE_OK;
}

/* Everything between the setups and the answers, for events[] and figures[] that live as long. */
static int
fit(struct estimate *e, struct err *err)
{
	struct feed *feed = NULL;
	double sd;
	int rc;

	if ((rc = feed_new(&e->feed, &feed, err)) == LODE_OK) {
		e->balance.feed = feed;
		rc = balance_run(&e->balance, e->answers, err);
	}
	for (size_t s = 0; rc == LODE_OK && s < e->n_series; s++)
		for (size_t h = 0; h < e->options->n_horizons; h++) {
			double mean = feed_mean(feed, s, e->as_of + 1 + (int32_t)h, &sd);

			e->feed_t[s * e->options->n_horizons + h] = isfinite(mean) ? exp(mean) : NAN;
		}
	feed_free(feed);
	e->balance.feed = NULL;
	return rc;
}

static int
set_up(struct estimate *e, struct feed_figure *figures, struct feed_event *events, int32_t first, int32_t latest, struct err *err)
{
	const struct estimate_options *o = e->options;
	int32_t opening = latest - (int32_t)e->stock_age;
	int rc = LODE_OK;

	for (size_t i = 0; i < e->n_events; i++)
		events[i] = e->events[i].event;
	e->feed.n_events = feed_episodes(events, e->n_events);
	e->feed.events = events;
	e->feed.figures = figures;
	e->feed.n_series = e->n_series;
	e->feed.series = e->series;
	e->feed.n_effects = e->n_effects;
	e->feed.effects = e->effects;
	e->feed.n_lunar = e->n_lunar;
	e->feed.lunar = e->lunar;
	e->feed.first = first < opening - BALANCE_LAGS ? first : opening - BALANCE_LAGS;
	e->feed.last = e->as_of + (int32_t)o->n_horizons;
	e->balance.feed_setup = &e->feed;
	e->balance.opening = opening;
	e->balance.as_of = e->as_of;
	e->balance.n_horizons = o->n_horizons;
	e->balance.n_scenarios = 1 + o->n_stocks;
	for (size_t k = 0; k < o->n_stocks; k++)
		e->balance.stock_median[1 + k] = o->stock_mo[k];
	e->balance.n_commodities = e->n_commodities;
	e->balance.commodities = e->commodities;
	e->balance.series = e->composition;
	e->balance.seed = o->seed;
	e->balance.n_paths = o->n_paths;
	e->balance.n_threads = o->n_threads;
	for (size_t s = 0; rc == LODE_OK && s < e->n_series; s++)
		rc = compose(e, s, err);
	return rc == LODE_OK ? cite(e, err) : rc;
}

/*
 * A month for which any series has a figure of its own has been released: a series that had figures before and has none for it, alone or in
 * a total, is told to have had nothing.
 */
static int
add_absent(const struct estimate *e, struct feed_figure **array, size_t *n, int32_t first, int32_t latest, struct err *err)
{
	size_t given = *n, months = given == 0 ? 0 : (size_t)(latest - first) + 1;
	struct feed_figure *figures = realloc(*array, (given + e->n_series * months + 1) * sizeof *figures);

	if (figures == NULL)
		return no_memory(err);
	*array = figures;
	for (size_t s = 0; s < e->n_series; s++) {
		bool seen = false;

		for (int32_t month = first; months > 0 && month <= latest; month++) {
			bool released = false, told = false;

			for (size_t i = 0; i < given; i++) {
				bool covers = figures[i].first <= month && month <= figures[i].last;

				released |= covers && figures[i].first == figures[i].last;
				told |= covers && figures[i].series == s;
			}
			if (seen && released && !told)
				figures[(*n)++] = (struct feed_figure){ s, month, month, 0 };
			seen |= told;
		}
	}
	return LODE_OK;
}

int
estimate_run(struct estimate *e, struct estimate_result *result, struct err *err)
{
	const struct estimate_options *o = e->options;
	struct feed_figure *figures = calloc(e->n_lines + 1, sizeof *figures);
	struct feed_event *events = calloc(e->n_events + 1, sizeof *events);
	int32_t first = INT32_MAX, latest = INT32_MIN;
	int rc = LODE_OK;

	free(e->answers);
	free(e->feed_t);
	e->answers = calloc(e->n_commodities * (1 + o->n_stocks) * o->n_horizons + 1, sizeof *e->answers);
	e->feed_t = calloc(e->n_series * o->n_horizons + 1, sizeof *e->feed_t);
	*result = (struct estimate_result){ 0 };
	if (figures == NULL || events == NULL || e->answers == NULL || e->feed_t == NULL) {
		rc = no_memory(err);
	} else {
		make_figures(e, figures, &e->feed.n_figures, &first, &latest);
		if (e->absent_is_zero > 0)
			rc = add_absent(e, &figures, &e->feed.n_figures, first, latest, err);
		if (rc == LODE_OK && e->feed.n_figures > 0 && (rc = set_up(e, figures, events, first, latest, err)) == LODE_OK &&
		    (rc = fit(e, err)) == LODE_OK)
			*result = (struct estimate_result){ .n_commodities = e->n_commodities, .n_scenarios = 1 + o->n_stocks,
				.n_horizons = o->n_horizons, .n_series = e->n_series, .as_of = e->as_of, .commodity = e->commodity,
				.answers = e->answers, .series = e->series_name, .partner = e->series_partner, .feed_t = e->feed_t,
				.refs = buf_str(&e->refs) };
	}
	free(figures);
	free(events);
	return rc;
}
