#include "estimate.h"

#include <inttypes.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "dec.h"
#include "instant.h"
#include "map.h"
#include "model.h"
#include "period.h"
#include "unit.h"

const char *const estimate_cause_names[ESTIMATE_CAUSES] = {
	[ESTIMATE_CUSTOMS] = "customs", [ESTIMATE_EVENT] = "event", [ESTIMATE_EXPORT] = "export", [ESTIMATE_OUTPUT] = "output",
	[ESTIMATE_PRICE] = "price", [ESTIMATE_TIME] = "time",
};

/* A price abroad over the price at home is old news after so many months. */
enum { PREMIUM_MONTHS = 6, MAX_REFS = 8, DRIVER_REFS = 4 };

enum kind { FIGURE, OUTFLOW, RELEASED, OUTPUT, PRICE, PREMIUM, EVENT, ACT };

static const enum estimate_driver driver_of[] = {
	[FIGURE] = ESTIMATE_CUSTOMS, [OUTFLOW] = ESTIMATE_EXPORT, [RELEASED] = ESTIMATE_EXPORT, [OUTPUT] = ESTIMATE_OUTPUT,
	[PRICE] = ESTIMATE_PRICE, [PREMIUM] = ESTIMATE_PRICE, [EVENT] = ESTIMATE_EVENT, [ACT] = ESTIMATE_EVENT,
};

/* What a line said. */
struct version {
	int64_t known;  /* INT64_MIN: nothing */
	double value;   /* tonnes, log of a price, ratio, weight; NAN: taken back */
	struct buf ref; /* owned: it changes with each revision */
	uint64_t order;
};

struct fact {
	enum kind kind;
	size_t which;       /* series, commodity, effect or act */
	int32_t first, last; /* months */
	int32_t day;        /* of an event */
	struct str partner, basket, place; /* in the arena */
	struct version now, before; /* before: as it was known at `since`, when now is newer */
	size_t touched;             /* the next one that changed since estimate_touched(), by number + 1; 0: none */
	bool is_touched;
};

struct estimate {
	const struct estimate_options *options;
	struct model model;
	struct map *index; /* key to number + 1 of a fact */
	struct buf key;    /* of the line in hand */
	struct fact *facts;
	size_t n_facts, facts_room;
	uint64_t order;
	size_t touched, touched_last; /* number + 1, 0: none */

	/* What a run works on: which facts of each driver, those of now or of `since`. */
	bool old[ESTIMATE_DRIVERS];
	int32_t as_of;     /* month */
	struct feed_setup feed;
	struct balance_setup balance;
	struct gate_setup gate;
	struct hazard_class hazards[HAZARD_CLASSES];
	double exports[MODEL_COMMODITIES][STANDIN_EXPORT_MONTHS - 1];

	/* Results. */
	struct balance_answer *answers;
	struct balance_forecast *forecasts;
	struct estimate_past *past;
	double *change, *feed_t, *feed_sd, *observed;
	struct buf refs[BALANCE_REGIONS], driver_refs[ESTIMATE_CAUSES];
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int32_t
month_of(int64_t instant)
{
	int year, month, day;

	civil_from_days((int32_t)((instant - (instant % 86400 + 86400) % 86400) / 86400), &year, &month, &day);
	return month_number(year, month);
}

/* The class of hazards that a scenario means; n_hazards: the gate is meant, or nothing. */
static size_t
hazard_of(const struct model *model, struct str class)
{
	size_t effect = model_effect(model, class), i = 0;

	while (i < model->n_hazards && model->hazards[i].effect != effect)
		i++;
	return i;
}

static int
check_scenarios(const struct estimate *e, struct err *err)
{
	for (size_t i = 0; i < e->options->n_events; i++) {
		struct str class = str_of(e->options->events[i].class);

		if (hazard_of(&e->model, class) == e->model.n_hazards &&
		    (model_act(&e->model, class) == e->model.n_acts || e->options->events[i].months == 0))
			return err_set(err, LODE_EUSAGE, "no event of class '%.*s' to force or forbid (hazards.tsv, gate.tsv)", STR_ARG(class));
	}
	return LODE_OK;
}

int
estimate_new(struct estimate **out, const struct estimate_options *options, struct err *err)
{
	struct estimate *e = calloc(1, sizeof *e);
	int rc;

	if (e == NULL)
		return no_memory(err);
	e->options = options;
	e->index = map_new();
	rc = e->index == NULL ? no_memory(err) : model_load(&e->model, options->tables, err);
	if (rc == LODE_OK)
		rc = check_scenarios(e, err);
	if (rc == LODE_OK)
		*out = e;
	else
		estimate_free(e);
	return rc;
}

static void
free_results(struct estimate *e)
{
	free(e->answers);
	free(e->forecasts);
	free(e->past);
	free(e->change);
	free(e->feed_t);
	free(e->feed_sd);
	free(e->observed);
	e->answers = NULL;
	e->forecasts = NULL;
	e->past = NULL;
	e->change = e->feed_t = e->feed_sd = e->observed = NULL;
}

void
estimate_free(struct estimate *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->n_facts; i++) {
		buf_release(&e->facts[i].now.ref);
		buf_release(&e->facts[i].before.ref);
	}
	free(e->facts);
	free_results(e);
	for (size_t i = 0; i < BALANCE_REGIONS; i++)
		buf_release(&e->refs[i]);
	for (size_t i = 0; i < ESTIMATE_CAUSES; i++)
		buf_release(&e->driver_refs[i]);
	map_free(e->index);
	buf_release(&e->key);
	model_release(&e->model);
	free(e);
}

void
estimate_version(const struct estimate *e, char hex[65])
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	for (size_t i = 0; i < MODEL_TABLES; i++) {
		const struct table *t = &e->model.table[i];

		for (size_t j = 0; t->path != NULL && j < t->n * t->header.n; j++) {
			SHA256Update(&sha, (const uint8_t *)t->cell[j].p, t->cell[j].n);
			SHA256Update(&sha, (const uint8_t *)"\t", 1);
		}
		SHA256Update(&sha, (const uint8_t *)"\n", 1);
	}
	SHA256End(&sha, hex);
}

static int
blame(enum obs_column column, struct err *err)
{
	return err_column(err, (unsigned)column + 1, obs_names[column]); /* the run loop knows the real number */
}

static struct fact *
grow(struct estimate *e)
{
	size_t room = e->facts_room == 0 ? 256 : e->facts_room * 2;
	struct fact *facts;

	if (e->n_facts == e->facts_room) {
		if ((facts = realloc(e->facts, room * sizeof *facts)) == NULL)
			return NULL;
		e->facts = facts;
		e->facts_room = room;
	}
	e->facts[e->n_facts] = (struct fact){ .now.known = INT64_MIN, .before.known = INT64_MIN };
	return &e->facts[e->n_facts];
}

static void
touch(struct estimate *e, struct fact *fact)
{
	size_t number = (size_t)(fact - e->facts) + 1;

	if (fact->is_touched)
		return;
	fact->is_touched = true;
	fact->touched = 0;
	if (e->touched == 0)
		e->touched = number;
	else
		e->facts[e->touched_last - 1].touched = number;
	e->touched_last = number;
}

/* The fact of a key; a new one is a copy of like, its texts in the arena. */
static int
fact_of(struct estimate *e, struct str key, const struct fact *like, struct fact **out, struct err *err)
{
	struct map_entry *entry = map_put(e->index, key);
	struct fact *fact;

	if (entry == NULL)
		return no_memory(err);
	if (entry->value.number == 0) {
		if ((fact = grow(e)) == NULL)
			return no_memory(err);
		*fact = *like;
		fact->now.known = fact->before.known = INT64_MIN;
		if ((fact->partner = arena_dup(e->model.arena, like->partner)).p == NULL ||
		    (fact->basket = arena_dup(e->model.arena, like->basket)).p == NULL ||
		    (fact->place = arena_dup(e->model.arena, like->place)).p == NULL)
			return no_memory(err);
		entry->value.number = ++e->n_facts;
		touch(e, fact);
	}
	*out = &e->facts[entry->value.number - 1];
	return LODE_OK;
}

/* What was known at `since` stays. */
static int
say(struct estimate *e, struct fact *fact, int64_t known, double value, struct str ref, struct err *err)
{
	if (fact->now.known != INT64_MIN && fact->now.known <= e->options->since && known > e->options->since) {
		buf_release(&fact->before.ref);
		fact->before = fact->now;
		fact->now.ref = (struct buf){ 0 };
	}
	fact->now.known = known;
	fact->now.value = value;
	fact->now.order = e->order++;
	fact->now.ref.n = 0;
	touch(e, fact);
	return buf_add_str(&fact->now.ref, ref) == LODE_OK ? LODE_OK : no_memory(err);
}

static bool
same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
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
	*to = dec_double(value) * dec_double(kg) / 1000;
	return LODE_OK;
}

static int
read_number(const struct obs *obs, double *to, struct err *err)
{
	struct dec value;

	*to = NAN;
	if (obs->f[OBS_VALUE].n == 0)
		return LODE_OK;
	if (dec_parse(obs->f[OBS_VALUE], &value, err) != LODE_OK)
		return blame(OBS_VALUE, err);
	*to = dec_double(value);
	return LODE_OK;
}

static int
key_of(struct estimate *e, enum kind kind, const struct fact *fact, const struct str *parts, size_t n, struct err *err)
{
	e->key.n = 0;
	if (buf_printf(&e->key, "%d\t%zu\t%d\t%d\t%d", (int)kind, kind == FIGURE ? (size_t)0 : fact->which, fact->first, fact->last,
	    fact->day) != LODE_OK)
		return no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (buf_add(&e->key, "\t", 1) != LODE_OK || buf_add_str(&e->key, parts[i]) != LODE_OK)
			return no_memory(err);
	return LODE_OK;
}

/* The time of a line and the months that it is about. */
static int
read_times(const struct obs *obs, struct fact *fact, struct period *period, int64_t *known, struct err *err)
{
	if (instant_parse(obs->f[OBS_KNOWN], known, err) != LODE_OK)
		return blame(OBS_KNOWN, err);
	if (period_parse(obs->f[OBS_PERIOD], period, err) != LODE_OK)
		return blame(OBS_PERIOD, err);
	fact->first = period_first_month(*period);
	fact->last = period_last_month(*period);
	return LODE_OK;
}

static int
take_figure(struct estimate *e, const struct obs *obs, struct str basket, bool *used, struct err *err)
{
	struct fact like = { .kind = FIGURE, .partner = obs->f[OBS_PARTNER], .basket = basket }, *fact;
	const struct str parts[] = { like.partner, basket };
	struct period period;
	double value;
	int64_t known;

	if (read_times(obs, &like, &period, &known, err) != LODE_OK || read_tonnes(obs, &value, err) != LODE_OK)
		return err->code;
	like.which = model_series(&e->model, like.partner, basket);
	if (period.kind == PERIOD_DAY || like.last > like.first + 1 || str_is(like.partner, "W0") || like.which == e->model.feed.n_series)
		return LODE_OK;
	if (key_of(e, FIGURE, &like, parts, 2, err) != LODE_OK || fact_of(e, buf_str(&e->key), &like, &fact, err) != LODE_OK)
		return err->code;
	/* two codes in one basket, say: neither figure is the newer one */
	if (fact->now.known == known && !same(fact->now.value, value)) {
		err_set(err, LODE_EDATA, "another figure of this period, partner and basket at the same time: %.*s",
		    STR_ARG(buf_str(&fact->now.ref)));
		return blame(OBS_VALUE, err);
	}
	*used = true;
	return say(e, fact, known, value, obs->f[OBS_REF], err);
}

/* A mass or price of a commodity in a month: exports by partner and basket, output and prices by source. */
static int
take_monthly(struct estimate *e, enum kind kind, const struct obs *obs, struct str basket, bool *used, struct err *err)
{
	struct fact like = { .kind = kind, .partner = obs->f[OBS_PARTNER], .basket = basket }, *fact;
	const struct str parts[] = { like.partner, basket, obs->f[OBS_PERIOD], obs->f[OBS_INDICATOR], obs->f[OBS_SOURCE] };
	struct period period;
	double value;
	int64_t known;
	int rc;

	like.which = kind == RELEASED ? 0 : model_commodity(&e->model, obs->f[OBS_COMMODITY]);
	if (kind != RELEASED && like.which == e->model.n_commodities)
		return LODE_OK;
	if (read_times(obs, &like, &period, &known, err) != LODE_OK)
		return err->code;
	if (like.first != like.last || str_is(like.partner, "W0"))
		return LODE_OK;
	rc = kind == PRICE || kind == PREMIUM ? read_number(obs, &value, err) : kind == RELEASED ? (value = 1, LODE_OK) :
	    read_tonnes(obs, &value, err);
	if (rc != LODE_OK || key_of(e, kind, &like, parts, kind == RELEASED ? 0 : 5, err) != LODE_OK ||
	    fact_of(e, buf_str(&e->key), &like, &fact, err) != LODE_OK)
		return err->code;
	if (kind == PRICE || kind == PREMIUM)
		value = value > 0 ? log(value) : NAN;
	/* A month's second row of exports says nothing new. */
	if (kind == RELEASED && fact->now.known != INT64_MIN)
		return LODE_OK;
	*used = true;
	return say(e, fact, known, value, obs->f[OBS_REF], err);
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
	for (size_t i = 0; i < e->model.feed.n_series; i++)
		if (e->model.series[i].weight != 0 && area.n >= 2 && str_eq(country(e->model.series_partner[i]), country(area)))
			return true;
	return false;
}

static int
take_event_as(struct estimate *e, enum kind kind, size_t which, const struct obs *obs, bool *used, struct err *err)
{
	struct fact like = { .kind = kind, .which = which, .place = obs->f[OBS_AREA] }, *fact;
	struct period period;
	double weight;
	int64_t known;

	if (read_times(obs, &like, &period, &known, err) != LODE_OK || read_number(obs, &weight, err) != LODE_OK)
		return err->code;
	if (!(weight > 0))
		return LODE_OK;
	weight = fmin(weight, 1);
	like.day = period_start(period);
	if (key_of(e, kind, &like, &like.place, 1, err) != LODE_OK || fact_of(e, buf_str(&e->key), &like, &fact, err) != LODE_OK)
		return err->code;
	/* The same event reported again is the same event: the greatest weight and the newest ref. */
	*used |= fact->now.known == INT64_MIN || weight > fact->now.value;
	return say(e, fact, known, fact->now.known == INT64_MIN ? weight : fmax(weight, fact->now.value), obs->f[OBS_REF], err);
}

static int
take_event(struct estimate *e, const struct obs *obs, bool *used, struct err *err)
{
	struct str class = { obs->f[OBS_INDICATOR].p + 6, obs->f[OBS_INDICATOR].n - 6 }, area = obs->f[OBS_AREA];
	size_t effect = model_effect(&e->model, class), act = model_act(&e->model, class);
	bool home = str_is(country(area), e->options->area);

	if (act < e->model.n_acts && home && take_event_as(e, ACT, act, obs, used, err) != LODE_OK)
		return err->code;
	/* Where the user says; else there, or at home against them. */
	if (effect < e->model.feed.n_effects && (e->options->places->n > 0 ? option_list_prefix(e->options->places, area) :
	    matters(e, area) || (home && matters(e, obs->f[OBS_PARTNER]))))
		return take_event_as(e, EVENT, effect, obs, used, err);
	return LODE_OK;
}

/* Is it a price at home, or the ratio of one abroad to it? */
static bool
price_kind(const struct estimate *e, const struct obs *obs, enum kind *kind)
{
	struct str indicator = obs->f[OBS_INDICATOR];
	bool home = str_is(obs->f[OBS_AREA], e->options->area);

	*kind = str_starts(indicator, STR("price.premium.")) ? PREMIUM : PRICE;
	return *kind == PREMIUM ? !home : home && str_starts(indicator, STR("price.exw."));
}

int
estimate_take(struct estimate *e, const struct obs *obs, struct str basket, bool *used, struct err *err)
{
	struct str indicator = obs->f[OBS_INDICATOR];
	const bool *without = e->options->without;
	bool home = str_is(obs->f[OBS_AREA], e->options->area);
	enum kind kind;

	*used = false;
	if (home && str_is(indicator, "feed.mass") && str_is(obs->f[OBS_COMMODITY], "REO"))
		return without[ESTIMATE_CUSTOMS] ? LODE_OK : take_figure(e, obs, basket, used, err);
	if (str_starts(indicator, STR("event.")))
		return without[ESTIMATE_EVENT] ? LODE_OK : take_event(e, obs, used, err);
	if (home && (str_is(indicator, "outflow.mass") || str_is(indicator, "export.mass")))
		return without[ESTIMATE_EXPORT] || !e->model.has_gate ? LODE_OK :
		    take_monthly(e, str_is(indicator, "outflow.mass") ? OUTFLOW : RELEASED, obs, basket, used, err);
	if (home && str_is(indicator, "production.mass"))
		return without[ESTIMATE_OUTPUT] ? LODE_OK : take_monthly(e, OUTPUT, obs, basket, used, err);
	if (price_kind(e, obs, &kind))
		return without[ESTIMATE_PRICE] ? LODE_OK : take_monthly(e, kind, obs, basket, used, err);
	return LODE_OK;
}

int
estimate_touched(struct estimate *e, uint64_t *number, struct buf *text, struct err *err)
{
	struct fact *f;

	if (e->touched == 0)
		return LODE_DONE;
	*number = e->touched;
	f = &e->facts[e->touched - 1];
	e->touched = f->touched;
	f->is_touched = false;
	text->n = 0;
	if (buf_printf(text, "%d\t%zu\t%" PRId32 "\t%" PRId32 "\t%" PRId32 "\t%" PRId64 "\t%" PRIu64 "\t%a\t%.*s\t%.*s\t%.*s\t", (int)f->kind, f->which,
	    f->first, f->last, f->day, f->now.known, f->now.order, f->now.value, (int)f->partner.n, f->partner.p, (int)f->basket.n, f->basket.p,
	    (int)f->place.n, f->place.p) != LODE_OK || buf_add_str(text, buf_str(&f->now.ref)) != LODE_OK || buf_add(text, "\t", 1) != LODE_OK ||
	    buf_add_str(text, map_at(e->index, *number - 1)->key) != LODE_OK)
		return no_memory(err);
	return LODE_OK;
}

int
estimate_restore(struct estimate *e, uint64_t number, struct str text, struct err *err)
{
	struct str rest = text, f[12];
	struct fact like = { 0 }, *fact;
	long long n[7];
	size_t i;

	for (i = 0; i < 12; i++) /* the key, which has tabs of its own, is what is left */
		if (!str_split(&rest, '\t', &f[i]) || rest.p == NULL)
			return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	for (i = 0; i < 7; i++)
		n[i] = strtoll(f[i].p, NULL, 10); /* a tab ends it */
	if (number != e->n_facts + 1 || n[0] < FIGURE || n[0] > ACT)
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	like = (struct fact){ .kind = (enum kind)n[0], .which = (size_t)n[1], .first = (int32_t)n[2], .last = (int32_t)n[3], .day = (int32_t)n[4],
		.partner = f[8], .basket = f[9], .place = f[10] };
	if (fact_of(e, rest, &like, &fact, err) != LODE_OK)
		return err->code;
	fact->now.known = n[5];
	fact->now.order = (uint64_t)n[6];
	fact->now.value = strtod(f[7].p, NULL);
	e->order = fact->now.order + 1 > e->order ? fact->now.order + 1 : e->order;
	if (buf_add_str(&fact->now.ref, f[11]) != LODE_OK)
		return no_memory(err);
	fact->is_touched = false;
	e->touched = 0;
	return LODE_OK;
}

/* What a run may know of a fact; NULL: nothing. */
static const struct version *
version_of(const struct estimate *e, const struct fact *fact)
{
	const struct version *v = &fact->now;

	if (e->old[driver_of[fact->kind]] && v->known > e->options->since)
		v = &fact->before;
	return v->known == INT64_MIN || fact->last > e->as_of ? NULL : v;
}

/* Sums figures of series; *latest is the last month with one, or before all months without. */
static void
make_figures(const struct estimate *e, struct feed_figure *figures, size_t *n, int32_t *first, int32_t *latest)
{
	*n = 0;
	for (size_t i = 0; i < e->n_facts; i++) {
		const struct fact *f = &e->facts[i];
		const struct version *v = f->kind == FIGURE ? version_of(e, f) : NULL;
		size_t j = 0;

		if (v == NULL || !(v->value >= 0))
			continue;
		while (j < *n && (figures[j].series != f->which || figures[j].first != f->first || figures[j].last != f->last))
			j++;
		if (j == *n)
			figures[(*n)++] = (struct feed_figure){ f->which, f->first, f->last, 0 };
		figures[j].mass += v->value;
		*first = f->first < *first ? f->first : *first;
		*latest = f->last > *latest ? f->last : *latest;
	}
}

/*
 * A month for which any series has a figure of its own has been released: a series that had figures before and has none for it, alone or in
 * a total, is told to have had nothing.
 */
static void
add_absent(const struct estimate *e, struct feed_figure *figures, size_t *n, int32_t first, int32_t latest)
{
	size_t given = *n;

	for (size_t s = 0; s < e->model.feed.n_series; s++) {
		bool seen = false;

		for (int32_t month = first; given > 0 && month <= latest; month++) {
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
}

static bool
same_material(const struct fact *a, const struct fact *b)
{
	return b->kind == FIGURE && a->which == b->which && str_eq(a->partner, b->partner) && str_eq(a->basket, b->basket);
}

/* A fact of the partner and basket that brought most of a series' mass over all months: what the series is made of. */
static const struct fact *
main_material(const struct estimate *e, size_t series)
{
	const struct fact *best = NULL;
	double most = 0;

	for (size_t i = 0; i < e->n_facts; i++) {
		double sum = 0;
		size_t j = 0;

		if (e->facts[i].kind != FIGURE || e->facts[i].which != series)
			continue;
		while (!same_material(&e->facts[i], &e->facts[j]))
			j++;
		if (j < i)
			continue; /* had already */
		for (; j < e->n_facts; j++) {
			const struct version *v = version_of(e, &e->facts[j]);

			if (same_material(&e->facts[i], &e->facts[j]) && v != NULL && v->value > 0)
				sum += v->value;
		}
		if (sum > most) {
			most = sum;
			best = &e->facts[i];
		}
	}
	return best;
}

/* Tonnes of a commodity exported in a month; NAN when no export of that month is known, of anything. */
static double
export_of(const struct estimate *e, size_t commodity, int32_t month)
{
	double sum = 0;
	bool released = false;

	for (size_t i = 0; i < e->n_facts; i++) {
		const struct fact *f = &e->facts[i];
		const struct version *v;

		if ((f->kind != OUTFLOW && f->kind != RELEASED) || f->first != month || (v = version_of(e, f)) == NULL)
			continue;
		released = true;
		if (f->kind == OUTFLOW && f->which == commodity && v->value > 0)
			sum += v->value;
	}
	return released ? sum : NAN;
}

/* Mean of the logs of a month's prices; NAN without. */
static double
price_of(const struct estimate *e, enum kind kind, size_t commodity, int32_t month)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < e->n_facts; i++) {
		const struct fact *f = &e->facts[i];
		const struct version *v;

		if (f->kind != kind || f->which != commodity || f->first != month || (v = version_of(e, f)) == NULL || isnan(v->value))
			continue;
		sum += v->value;
		n++;
	}
	return n > 0 ? sum / (double)n : NAN;
}

/* Everything a run allocates beside the results. */
struct work {
	struct feed_figure *figures;
	struct feed_event *events;
	struct gate_act *acts;
	struct gate_figure *gate_figures;
	struct balance_output *outputs;
	size_t n_outputs, n_acts, n_gate;
};

static void
work_release(struct work *w)
{
	free(w->figures);
	free(w->events);
	free(w->acts);
	free(w->gate_figures);
	free(w->outputs);
}

static int
compare_acts(const void *x, const void *y)
{
	const struct gate_act *a = x, *b = y;

	return (a->month > b->month) - (a->month < b->month);
}

static void
gather_events(struct estimate *e, struct work *w, size_t *n_events)
{
	*n_events = 0;
	for (size_t i = 0; i < e->n_facts; i++) {
		const struct fact *f = &e->facts[i];
		const struct version *v = version_of(e, f);

		if (v == NULL)
			continue;
		if (f->kind == EVENT)
			w->events[(*n_events)++] = (struct feed_event){ f->which, f->place, f->day, v->value, f->day };
		else if (f->kind == ACT)
			w->acts[w->n_acts++] = (struct gate_act){ f->first, e->model.act[f->which] };
		else if (f->kind == OUTPUT && v->value > 0 && f->first == f->last)
			w->outputs[w->n_outputs++] = (struct balance_output){ f->which, f->first, v->value };
	}
}

/* The classes that are to come: what was believed, what was seen since the first month, and what a scenario says. */
static void
set_hazards(struct estimate *e, const struct feed *feed)
{
	const struct model *model = &e->model;
	double sd;

	for (size_t i = 0; i < model->n_hazards; i++) {
		const struct model_hazard *h = &model->hazards[i];
		struct hazard_class *c = &e->hazards[i];

		*c = (struct hazard_class){ .shape = h->events, .exposure = h->months + (double)(e->as_of - e->feed.first + 1),
			.duration = h->duration, .sd_log = h->sd_log, .mean = feed_effect(feed, h->effect, &sd), .forced_last = -1 };
		c->sd = sd;
		for (size_t j = 0; j < e->feed.n_events; j++)
			if (e->feed.events[j].effect == h->effect && e->feed.events[j].day >= month_first_day(e->feed.first))
				c->shape += e->feed.events[j].weight;
	}
	for (size_t i = 0; i < e->options->n_events; i++) {
		const struct estimate_scenario *s = &e->options->events[i];
		size_t k = hazard_of(model, str_of(s->class));

		if (k == model->n_hazards)
			continue;
		e->hazards[k].forbidden |= s->months == 0;
		if (s->months > 0) {
			e->hazards[k].forced_first = s->first;
			e->hazards[k].forced_last = s->first + s->months - 1;
		}
	}
	e->balance.n_hazards = model->n_hazards;
	e->balance.hazards = e->hazards;
}

static void
set_gate(struct estimate *e, struct work *w)
{
	struct gate_setup *g = &e->gate;
	int32_t first = e->feed.first;

	*g = e->model.gate;
	g->first = first < e->balance.outside_opening ? first : e->balance.outside_opening;
	g->now = e->as_of;
	g->last = e->as_of + (int32_t)e->options->n_horizons;
	g->forced_last = -1;
	qsort(w->acts, w->n_acts, sizeof *w->acts, compare_acts);
	for (size_t i = 0; i < w->n_acts; i++)
		if (w->acts[i].month <= g->first)
			w->acts[i].month = g->first + 1; /* what was done before the first month still stands */
	g->open_until = w->n_acts > 0 ? w->acts[0].month - 1 : g->now;
	for (int32_t month = g->first; month <= g->now; month++)
		for (size_t c = 0; c < e->model.n_commodities; c++) {
			double base = e->model.commodities[c].export.mid / 12, mass = export_of(e, c, month);

			if (base > 0 && !isnan(mass))
				w->gate_figures[w->n_gate++] = (struct gate_figure){ month, mass / base };
		}
	for (size_t i = 0; i < e->options->n_events; i++)
		if (model_act(&e->model, str_of(e->options->events[i].class)) < e->model.n_acts && e->options->events[i].months > 0) {
			g->forced_first = e->options->events[i].first;
			g->forced_last = e->options->events[i].first + e->options->events[i].months - 1;
		}
	g->acts = w->acts;
	g->n_acts = w->n_acts;
	g->figures = w->gate_figures;
	g->n_figures = w->n_gate;
}

static void
set_commodities(struct estimate *e)
{
	for (size_t c = 0; c < e->model.n_commodities; c++) {
		struct balance_commodity *to = &e->model.commodities[c];

		for (int32_t i = 0; i < STANDIN_PRICE_MONTHS - 1; i++)
			to->price[i] = price_of(e, PRICE, c, e->as_of - (STANDIN_PRICE_MONTHS - 2) + i);
		to->premium = NAN;
		for (int32_t month = e->as_of; isnan(to->premium) && month > e->as_of - PREMIUM_MONTHS; month--)
			to->premium = price_of(e, PREMIUM, c, month);
		for (int32_t i = 0; i < STANDIN_EXPORT_MONTHS - 1; i++)
			e->exports[c][i] = export_of(e, c, e->as_of - (STANDIN_EXPORT_MONTHS - 2) + i);
		to->exports = e->exports[c];
	}
}

static void
set_balance(struct estimate *e, const struct work *w, int32_t latest)
{
	const struct estimate_options *o = e->options;
	struct balance_setup *b = &e->balance;

	*b = e->model.balance;
	b->feed_setup = &e->feed;
	b->as_of = e->as_of;
	b->opening = latest - (int32_t)e->model.stock_age[BALANCE_HOME];
	b->outside_opening = e->as_of - (int32_t)e->model.stock_age[BALANCE_ABROAD];
	b->n_horizons = o->n_horizons;
	b->n_scenarios = 1 + o->n_scenarios;
	for (size_t k = 0; k < o->n_scenarios; k++) {
		struct balance_scenario *to = &b->scenarios[1 + k];

		*to = b->scenarios[0];
		for (size_t region = 0; region < BALANCE_REGIONS; region++)
			if (o->scenarios[k].stock_median[region] > 0)
				to->stock_median[region] = o->scenarios[k].stock_median[region];
		if (o->scenarios[k].cover_min > 0)
			to->cover_min = o->scenarios[k].cover_min;
	}
	b->outputs = w->outputs;
	b->n_outputs = w->n_outputs;
	b->seed = o->seed;
	b->n_paths = o->n_paths;
	b->n_threads = o->n_threads;
}

/* The feed in terms of a commodity in a month that is over, by figures, or means where there is none. */
static double
feed_of(const struct estimate *e, const struct feed *feed, size_t commodity, int32_t month)
{
	double sum = 0, sd;

	for (size_t s = 0; s < e->feed.n_series; s++) {
		double mass = 0;
		bool known = false;

		for (size_t i = 0; i < e->feed.n_figures; i++)
			if (e->feed.figures[i].series == s && e->feed.figures[i].first == month && e->feed.figures[i].last == month) {
				mass = e->feed.figures[i].mass;
				known = true;
			}
		sum += e->model.share[commodity][s] * (known ? mass : exp(feed_mean(feed, s, month, &sd)));
	}
	return sum;
}

/* One stand-in of one commodity over all months: those up to the as-of month by figures. */
static void
look_back(const struct estimate *e, const struct feed *feed, enum standin kind, size_t c, int32_t latest, struct estimate_past *past)
{
	static const int32_t needs[STANDINS] = { [STANDIN_FEED] = STANDIN_FEED_MONTHS, [STANDIN_PRICE] = STANDIN_PRICE_MONTHS,
		[STANDIN_PREMIUM] = 1, [STANDIN_EXPORT] = STANDIN_EXPORT_MONTHS };
	double window[STANDIN_FEED_MONTHS];
	int32_t n = needs[kind], last = kind == STANDIN_FEED ? latest : e->as_of;

	*past = (struct estimate_past){ 0 };
	for (size_t i = 0; i < (size_t)n; i++)
		window[i] = NAN;
	for (int32_t month = e->feed.first; month <= last; month++) {
		enum standin_answer answer;

		memmove(window, window + 1, ((size_t)n - 1) * sizeof *window);
		window[n - 1] = kind == STANDIN_FEED ? feed_of(e, feed, c, month) : kind == STANDIN_EXPORT ? export_of(e, c, month) :
		    exp(price_of(e, kind == STANDIN_PRICE ? PRICE : PREMIUM, c, month));
		answer = kind == STANDIN_FEED ? standin_feed(window) : kind == STANDIN_PRICE ? standin_price(window) :
		    kind == STANDIN_PREMIUM ? standin_premium(window[0]) : standin_export(window);
		if (answer == STANDIN_UNKNOWN)
			continue;
		past->months++;
		past->yes += answer == STANDIN_YES;
		if (past->n == ESTIMATE_OUTCOMES) {
			memmove(past->month, past->month + 1, (ESTIMATE_OUTCOMES - 1) * sizeof *past->month);
			memmove(past->was, past->was + 1, (ESTIMATE_OUTCOMES - 1) * sizeof *past->was);
			past->n--;
		}
		past->month[past->n] = month;
		past->was[past->n++] = answer == STANDIN_YES;
	}
}

/* Room for the feed's forecasts. */
static int
make_room(struct estimate *e, int32_t latest, struct estimate_result *r, struct err *err)
{
	r->n_feed = (size_t)(e->as_of - latest) + e->options->n_horizons;
	e->feed_t = calloc(e->feed.n_series * r->n_feed + 1, sizeof *e->feed_t);
	e->feed_sd = calloc(e->feed.n_series * r->n_feed + 1, sizeof *e->feed_sd);
	return e->feed_t == NULL || e->feed_sd == NULL ? no_memory(err) : LODE_OK;
}

/* What is told beside the balance's answers. */
static void
describe(struct estimate *e, const struct feed *feed, const struct gate *gate, int32_t latest, struct estimate_result *r)
{
	for (size_t s = 0; s < e->feed.n_series; s++)
		for (size_t i = 0; i < r->n_feed; i++) {
			double sd, own = feed_own_sd(feed, s), mean = feed_mean(feed, s, latest + 1 + (int32_t)i, &sd);

			e->feed_t[s * r->n_feed + i] = isfinite(mean) ? exp(mean) : NAN;
			e->feed_sd[s * r->n_feed + i] = isfinite(mean) ? hypot(sd, own) : NAN;
		}
	r->latest = latest;
	for (size_t s = 0; s < e->feed.n_series * ESTIMATE_OUTCOMES; s++)
		e->observed[s] = NAN;
	for (size_t i = 0; i < e->feed.n_figures; i++) {
		const struct feed_figure *f = &e->feed.figures[i];

		if (f->first == f->last && f->last > latest - ESTIMATE_OUTCOMES)
			e->observed[f->series * ESTIMATE_OUTCOMES + (size_t)(f->last - latest + ESTIMATE_OUTCOMES - 1)] = f->mass;
	}
	for (size_t c = 0; c < e->model.n_commodities; c++)
		for (size_t k = 0; k < STANDINS; k++)
			look_back(e, feed, (enum standin)k, c, latest, &e->past[c * STANDINS + k]);
	for (size_t k = 0; k < GATE_STATES; k++)
		r->gate[k] = gate != NULL ? gate_probability(gate, (enum gate_state)k) : NAN;
}

/* Fits and simulates with what e->old and e->as_of say may be known; r NULL: only the answers are wanted. *some: there were figures. */
static int
solve(struct estimate *e, struct balance_result *to, struct estimate_result *r, bool *some, struct err *err)
{
	size_t months, n = e->n_facts + 1;
	int32_t first = INT32_MAX, latest = INT32_MIN;
	struct work w = { 0 };
	struct feed *feed = NULL;
	struct gate *gate = NULL;
	int rc = LODE_OK;

	*some = false;
	w.events = calloc(n, sizeof *w.events);
	w.acts = calloc(n, sizeof *w.acts);
	w.outputs = calloc(n, sizeof *w.outputs);
	w.figures = calloc(n, sizeof *w.figures);
	e->feed = e->model.feed;
	if (w.events == NULL || w.acts == NULL || w.outputs == NULL || w.figures == NULL) {
		rc = no_memory(err);
	} else {
		make_figures(e, w.figures, &e->feed.n_figures, &first, &latest);
		months = e->feed.n_figures == 0 ? 0 : (size_t)(latest - first) + 1;
		struct feed_figure *more = realloc(w.figures, (e->feed.n_figures + e->feed.n_series * months + 1) * sizeof *more);

		if (more == NULL)
			rc = no_memory(err);
		else
			w.figures = more;
	}
	if (rc != LODE_OK || e->feed.n_figures == 0)
		goto out;
	*some = true;
	if (e->model.absent_is_zero)
		add_absent(e, w.figures, &e->feed.n_figures, first, latest);
	gather_events(e, &w, &e->feed.n_events);
	e->feed.n_events = feed_episodes(w.events, e->feed.n_events, e->model.effects);
	e->feed.events = w.events;
	e->feed.figures = w.figures;
	set_balance(e, &w, latest);
	e->feed.drawn = e->balance.opening - BALANCE_LAGS;
	e->feed.first = first < e->feed.drawn ? first : e->feed.drawn;
	e->feed.last = e->as_of + (int32_t)e->options->n_horizons;
	for (size_t s = 0; rc == LODE_OK && s < e->feed.n_series; s++) {
		const struct fact *material = main_material(e, s);

		rc = model_compose(&e->model, s, material == NULL ? (struct str){ NULL, 0 } : material->partner,
		    material == NULL ? STR("") : material->basket, err);
	}
	set_commodities(e);
	if (rc == LODE_OK && (rc = feed_new(&e->feed, &feed, err)) == LODE_OK) {
		e->balance.feed = feed;
		set_hazards(e, feed);
	}
	if (rc == LODE_OK && e->model.has_gate) {
		months = (size_t)(e->as_of - (e->feed.first < e->balance.outside_opening ? e->feed.first : e->balance.outside_opening)) + 1;
		w.gate_figures = calloc(months * e->model.n_commodities + 1, sizeof *w.gate_figures);
		rc = w.gate_figures == NULL ? no_memory(err) : LODE_OK;
		if (rc == LODE_OK) {
			set_gate(e, &w);
			rc = gate_new(&gate, &e->gate, err);
		}
		e->balance.gate = gate;
		e->balance.gate_setup = &e->gate;
	}
	if (rc == LODE_OK)
		rc = balance_run(&e->balance, to, err);
	if (rc == LODE_OK && r != NULL && (rc = make_room(e, latest, r, err)) == LODE_OK)
		describe(e, feed, gate, latest, r);
out:
	gate_free(gate);
	feed_free(feed);
	e->balance.feed = NULL;
	e->balance.gate = NULL;
	work_release(&w);
	return rc;
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

static int
write_refs(struct buf *to, struct cited *list, size_t n, struct err *err)
{
	qsort(list, n, sizeof *list, newest_first);
	to->n = 0;
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && buf_add(to, " ", 1) != LODE_OK) || buf_add_str(to, list[i].ref) != LODE_OK)
			return no_memory(err);
	return LODE_OK;
}

/* Adds the newest facts of a kind (and of which, unless SIZE_MAX) that came after a time, up to a total of room. */
static size_t
newest(const struct estimate *e, enum kind kind, size_t which, int64_t after, size_t most, struct cited *list, size_t n, size_t room)
{
	uint64_t below = UINT64_MAX;

	while (most-- > 0 && n < room) {
		const struct fact *best = NULL;

		for (size_t i = 0; i < e->n_facts; i++) {
			const struct fact *f = &e->facts[i];

			if (f->kind == kind && (which == SIZE_MAX || f->which == which) && f->now.known > after && f->last <= e->as_of &&
			    f->now.order < below && (best == NULL || f->now.order > best->now.order))
				best = f;
		}
		if (best == NULL)
			break;
		below = best->now.order;
		list[n++] = (struct cited){ buf_str(&best->now.ref), below };
	}
	return n;
}

/* At home the newest line of each series, then events as far as there is room; abroad exports and acts, then the feed. */
static int
cite(struct estimate *e, struct err *err)
{
	struct cited list[MAX_REFS];
	size_t n = 0;

	for (size_t s = 0; s < e->feed.n_series; s++)
		n = newest(e, FIGURE, s, INT64_MIN, 1, list, n, MAX_REFS);
	n = newest(e, EVENT, SIZE_MAX, INT64_MIN, MAX_REFS, list, n, MAX_REFS);
	if (write_refs(&e->refs[BALANCE_HOME], list, n, err) != LODE_OK)
		return err->code;
	n = 0;
	for (size_t c = 0; c < e->model.n_commodities; c++)
		n = newest(e, OUTFLOW, c, INT64_MIN, 1, list, n, MAX_REFS - 2);
	n = newest(e, FIGURE, SIZE_MAX, INT64_MIN, 1, list, n, MAX_REFS);
	n = newest(e, ACT, SIZE_MAX, INT64_MIN, MAX_REFS, list, n, MAX_REFS);
	if (write_refs(&e->refs[BALANCE_ABROAD], list, n, err) != LODE_OK)
		return err->code;
	for (size_t d = 0; d < ESTIMATE_CAUSES; d++) {
		n = 0;
		for (size_t kind = 0; d < ESTIMATE_DRIVERS && kind < sizeof driver_of / sizeof *driver_of; kind++)
			if (driver_of[kind] == d)
				n = newest(e, (enum kind)kind, SIZE_MAX, e->options->since, DRIVER_REFS, list, n, DRIVER_REFS);
		if (write_refs(&e->driver_refs[d], list, n, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/*
 * The change since then, cause by cause: time passes, then what came of each driver is let in, one after the other in the order of
 * enum estimate_driver. Every step draws the same numbers, and the steps add up to the change.
 */
static int
explain(struct estimate *e, int64_t as_of, struct err *err)
{
	static const enum estimate_driver order[ESTIMATE_CAUSES + 1] = { ESTIMATE_CAUSES, ESTIMATE_TIME, ESTIMATE_CUSTOMS, ESTIMATE_EVENT,
		ESTIMATE_EXPORT, ESTIMATE_OUTPUT, ESTIMATE_PRICE };
	size_t n_regions = e->model.has_gate ? BALANCE_REGIONS : 1, n_s = 1 + e->options->n_scenarios, n_h = e->options->n_horizons;
	size_t cells = n_regions * e->model.n_commodities;
	struct balance_answer *answers = calloc(cells * n_s * n_h + 1, sizeof *answers);
	double *last = calloc(cells * n_h + 1, sizeof *last);
	struct balance_result step = { .answers = answers, .forecasts = e->forecasts };
	bool some;
	int rc = answers == NULL || last == NULL ? no_memory(err) : LODE_OK;

	for (size_t d = 0; d < ESTIMATE_DRIVERS; d++)
		e->old[d] = true;
	for (size_t i = 0; rc == LODE_OK && i <= ESTIMATE_CAUSES; i++) {
		bool news = i < 2;

		e->as_of = month_of(i == 0 ? e->options->since : as_of);
		if (i > 1) {
			e->old[order[i]] = false;
			for (size_t f = 0; f < e->n_facts; f++)
				news |= driver_of[e->facts[f].kind] == order[i] && e->facts[f].now.known > e->options->since;
		}
		if (!news)
			continue; /* changes nothing: answers are those of the step before */
		if ((rc = solve(e, &step, NULL, &some, err)) != LODE_OK)
			break;
		for (size_t cell = 0; cell < cells; cell++)
			for (size_t h = 0; h < n_h; h++) {
				double p = some ? answers[cell * n_s * n_h + h].probability : NAN, *before = &last[cell * n_h + h];

				if (i > 0)
					e->change[(cell * n_h + h) * ESTIMATE_CAUSES + order[i]] = p - *before;
				*before = p;
			}
	}
	for (size_t d = 0; d < ESTIMATE_DRIVERS; d++)
		e->old[d] = false;
	free(answers);
	free(last);
	return rc;
}

int
estimate_run(struct estimate *e, int64_t as_of, struct estimate_result *r, struct err *err)
{
	const struct estimate_options *o = e->options;
	size_t cells = BALANCE_REGIONS * e->model.n_commodities, n_series = e->model.feed.n_series;
	struct balance_result answers;
	bool some = false;
	int rc = LODE_OK;

	free_results(e);
	e->answers = calloc(cells * (1 + o->n_scenarios) * o->n_horizons + 1, sizeof *e->answers);
	e->forecasts = calloc(e->model.n_commodities * o->n_horizons + 1, sizeof *e->forecasts);
	e->past = calloc(e->model.n_commodities * STANDINS + 1, sizeof *e->past);
	e->change = calloc(cells * o->n_horizons * ESTIMATE_CAUSES + 1, sizeof *e->change);
	e->observed = calloc(n_series * ESTIMATE_OUTCOMES + 1, sizeof *e->observed);
	*r = (struct estimate_result){ 0 };
	if (e->answers == NULL || e->forecasts == NULL || e->past == NULL || e->change == NULL || e->observed == NULL)
		return no_memory(err);
	if (o->since != INT64_MIN)
		rc = explain(e, as_of, err);
	e->as_of = month_of(as_of);
	answers = (struct balance_result){ .answers = e->answers, .forecasts = e->forecasts };
	if (rc != LODE_OK || (rc = solve(e, &answers, r, &some, err)) != LODE_OK || !some || (rc = cite(e, err)) != LODE_OK)
		return rc;
	r->n_regions = answers.n_regions;
	r->n_commodities = e->model.n_commodities;
	r->n_scenarios = 1 + o->n_scenarios;
	r->n_horizons = o->n_horizons;
	r->n_series = n_series;
	r->as_of = e->as_of;
	r->commodity = e->model.commodity;
	r->answers = e->answers;
	r->forecasts = e->forecasts;
	r->past = e->past;
	r->effective = answers.effective;
	r->change = o->since != INT64_MIN ? e->change : NULL;
	r->series = e->model.series_name;
	r->partner = e->model.series_partner;
	r->feed_t = e->feed_t;
	r->feed_sd = e->feed_sd;
	r->observed = e->observed;
	for (size_t region = 0; region < BALANCE_REGIONS; region++)
		r->refs[region] = buf_str(&e->refs[region]);
	for (size_t d = 0; d < ESTIMATE_CAUSES; d++)
		r->driver_refs[d] = buf_str(&e->driver_refs[d]);
	return LODE_OK;
}
