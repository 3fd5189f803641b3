#include "facts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "dec.h"
#include "instant.h"
#include "map.h"
#include "period.h"
#include "state.h"
#include "unit.h"

enum { MOST_MONTHS = 10000 * 12, MOST_DAYS = 10000 * 366 }; /* from 1970 to any */

const char *const facts_cause_names[FACTS_CAUSES] = {
	[FACTS_CUSTOMS] = "customs", [FACTS_EVENT] = "event", [FACTS_EXPORT] = "export", [FACTS_OUTPUT] = "output", [FACTS_PRICE] = "price",
	[FACTS_TIME] = "time",
};

const enum facts_driver facts_driver_of[FACT_KINDS] = {
	[FACT_IS_FIGURE] = FACTS_CUSTOMS, [FACT_IS_OUTFLOW] = FACTS_EXPORT, [FACT_IS_RELEASED] = FACTS_EXPORT, [FACT_IS_OUTPUT] = FACTS_OUTPUT,
	[FACT_IS_PRICE] = FACTS_PRICE, [FACT_IS_PREMIUM] = FACTS_PRICE, [FACT_IS_EVENT] = FACTS_EVENT, [FACT_IS_ACT] = FACTS_EVENT, [FACT_IS_FLOW] = FACTS_EXPORT,
};

/* What a line said. */
struct version {
	int64_t known;  /* INT64_MIN: nothing */
	double value;   /* tonnes, log of a price, ratio, weight; NAN: taken back */
	struct buf ref; /* owned: it changes with each revision */
	uint64_t order;
};

struct kept {
	struct fact is;             /* its texts in the arena */
	size_t material;            /* of a figure: number of its partner and basket */
	struct version now, before; /* before: as it was known at `since`, when now is newer */
	size_t touched;             /* the next one that changed since facts_touched(), by number + 1; 0: none */
	bool is_touched;
};

struct facts {
	const struct facts_options *options;
	const struct model *model;
	struct arena *arena;
	struct map *index;     /* key to number + 1 of a fact */
	struct map *materials; /* partner and basket to number + 1 */
	struct buf key;        /* of the line in hand */
	struct kept *kept;
	size_t n, room;
	uint64_t order;
	size_t touched, touched_last; /* number + 1, 0: none */

	/* What may be known: facts_look(). */
	int32_t as_of;
	bool old[FACTS_DRIVERS];
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

int
facts_new(struct facts **out, const struct facts_options *options, const struct model *model, struct err *err)
{
	struct facts *facts = calloc(1, sizeof *facts);

	if (facts == NULL)
		return no_memory(err);
	facts->options = options;
	facts->model = model;
	facts->arena = arena_new();
	facts->index = map_new();
	facts->materials = map_new();
	if (facts->arena == NULL || facts->index == NULL || facts->materials == NULL) {
		facts_free(facts);
		return no_memory(err);
	}
	*out = facts;
	return LODE_OK;
}

void
facts_free(struct facts *facts)
{
	if (facts == NULL)
		return;
	for (size_t i = 0; i < facts->n; i++) {
		buf_release(&facts->kept[i].now.ref);
		buf_release(&facts->kept[i].before.ref);
	}
	free(facts->kept);
	arena_free(facts->arena);
	map_free(facts->index);
	map_free(facts->materials);
	buf_release(&facts->key);
	free(facts);
}

static int
blame(enum obs_column column, struct err *err)
{
	return err_column(err, (unsigned)column + 1, obs_names[column]); /* the run loop knows the real number */
}

/* Adds to the key of the line in hand. */
static int
join(struct facts *facts, const struct str *parts, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (buf_add(&facts->key, "\t", 1) != LODE_OK || buf_add_str(&facts->key, parts[i]) != LODE_OK)
			return no_memory(err);
	return LODE_OK;
}

/* Numbers a figure's partner and basket; the key in hand is used up. */
static int
set_material(struct facts *facts, struct kept *kept, struct err *err)
{
	const struct str parts[] = { kept->is.partner, kept->is.basket };
	struct map_entry *entry;

	facts->key.n = 0;
	if (join(facts, parts, 2, err) != LODE_OK)
		return err->code;
	if ((entry = map_put(facts->materials, buf_str(&facts->key))) == NULL)
		return no_memory(err);
	if (entry->value.number == 0)
		entry->value.number = map_count(facts->materials);
	kept->material = (size_t)entry->value.number - 1;
	return LODE_OK;
}

static void
touch(struct facts *facts, struct kept *kept)
{
	size_t number = (size_t)(kept - facts->kept) + 1;

	if (kept->is_touched)
		return;
	kept->is_touched = true;
	kept->touched = 0;
	if (facts->touched == 0)
		facts->touched = number;
	else
		facts->kept[facts->touched_last - 1].touched = number;
	facts->touched_last = number;
}

/* A new fact, a copy of like. */
static int
add(struct facts *facts, const struct fact *like, struct err *err)
{
	size_t room = facts->room == 0 ? 256 : facts->room * 2;
	struct kept *kept;

	if (facts->n == facts->room) {
		if ((kept = realloc(facts->kept, room * sizeof *kept)) == NULL)
			return no_memory(err);
		facts->kept = kept;
		facts->room = room;
	}
	kept = &facts->kept[facts->n];
	*kept = (struct kept){ .is = *like, .now.known = INT64_MIN, .before.known = INT64_MIN };
	if ((kept->is.partner = arena_dup(facts->arena, like->partner)).p == NULL ||
	    (kept->is.basket = arena_dup(facts->arena, like->basket)).p == NULL ||
	    (kept->is.place = arena_dup(facts->arena, like->place)).p == NULL)
		return no_memory(err);
	if (like->kind == FACT_IS_FIGURE && set_material(facts, kept, err) != LODE_OK)
		return err->code;
	facts->n++;
	touch(facts, kept);
	return LODE_OK;
}

/* The fact of a key; a new one is a copy of like. */
static int
find(struct facts *facts, struct str key, const struct fact *like, struct kept **out, struct err *err)
{
	struct map_entry *entry = map_put(facts->index, key);

	if (entry == NULL)
		return no_memory(err);
	if (entry->value.number == 0) {
		if (add(facts, like, err) != LODE_OK)
			return err->code;
		entry->value.number = facts->n;
	}
	*out = &facts->kept[entry->value.number - 1];
	return LODE_OK;
}

/* The same of a line; the key is that of like, the series aside, which partner and basket say, and parts. */
static int
fact_of(struct facts *facts, const struct fact *like, const struct str *parts, size_t n, struct kept **out, struct err *err)
{
	facts->key.n = 0;
	if (buf_printf(&facts->key, "%d\t%zu\t%d\t%d\t%d", (int)like->kind, like->kind == FACT_IS_FIGURE ? (size_t)0 : like->which, like->first,
	    like->last, like->day) != LODE_OK)
		return no_memory(err);
	if (join(facts, parts, n, err) != LODE_OK)
		return err->code;
	return find(facts, buf_str(&facts->key), like, out, err);
}

/* What was known at `since` stays. */
static int
say(struct facts *facts, struct kept *kept, int64_t known, double value, struct str ref, struct err *err)
{
	if (kept->now.known != INT64_MIN && kept->now.known <= facts->options->since && known > facts->options->since) {
		buf_release(&kept->before.ref);
		kept->before = kept->now;
		kept->now.ref = (struct buf){ 0 };
	}
	kept->now.known = known;
	kept->now.value = value;
	kept->now.order = facts->order++;
	kept->now.ref.n = 0;
	touch(facts, kept);
	return buf_add_str(&kept->now.ref, ref) == LODE_OK ? LODE_OK : no_memory(err);
}

static bool
same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* NAN for an empty value. */
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
read_tonnes(const struct obs *obs, double *to, struct err *err)
{
	struct dec kg;
	int rc = read_number(obs, to, err);

	if (rc != LODE_OK || isnan(*to))
		return rc;
	if (unit_mass(obs->f[OBS_UNIT], &kg, err) != LODE_OK)
		return blame(OBS_UNIT, err);
	*to = *to * dec_double(kg) / 1000;
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
take_figure(struct facts *facts, const struct obs *obs, struct str basket, bool *used, struct err *err)
{
	struct fact like = { .kind = FACT_IS_FIGURE, .partner = obs->f[OBS_PARTNER], .basket = basket };
	const struct str parts[] = { like.partner, basket };
	struct period period;
	struct kept *fact;
	double value;
	int64_t known;

	if (read_times(obs, &like, &period, &known, err) != LODE_OK || read_tonnes(obs, &value, err) != LODE_OK)
		return err->code;
	like.which = model_series(facts->model, like.partner, basket);
	if (period.kind == PERIOD_DAY || like.last > like.first + 1 || str_is(like.partner, "W0") || like.which == facts->model->feed.n_series)
		return LODE_OK;
	if (fact_of(facts, &like, parts, 2, &fact, err) != LODE_OK)
		return err->code;
	/* two codes in one basket, say: neither figure is the newer one */
	if (fact->now.known == known && !same(fact->now.value, value)) {
		err_set(err, LODE_EDATA, "another figure of this period, partner and basket at the same time: %.*s",
		    STR_ARG(buf_str(&fact->now.ref)));
		return blame(OBS_VALUE, err);
	}
	*used = true;
	return say(facts, fact, known, value, obs->f[OBS_REF], err);
}

/* What a line of a kind is of; SIZE_MAX: of nothing that is asked for. */
static size_t
which_of(const struct facts *facts, enum fact_kind kind, struct str commodity)
{
	const struct model *model = facts->model;
	size_t i = kind == FACT_IS_RELEASED ? 0 : kind == FACT_IS_FLOW ? model_flow(model, commodity) : model_commodity(model, commodity);

	return kind == FACT_IS_RELEASED || i < (kind == FACT_IS_FLOW ? model->n_flows : model->n_commodities) ? i : SIZE_MAX;
}

/* A mass or price of a commodity in a month: exports by partner and basket, output and prices by source. */
static int
take_monthly(struct facts *facts, enum fact_kind kind, const struct obs *obs, struct str basket, bool *used, struct err *err)
{
	struct fact like = { .kind = kind, .partner = obs->f[OBS_PARTNER], .basket = basket };
	const struct str parts[] = { like.partner, basket, obs->f[OBS_PERIOD], obs->f[OBS_INDICATOR], obs->f[OBS_SOURCE] };
	struct period period;
	struct kept *fact;
	double value;
	int64_t known;
	int rc;

	if ((like.which = which_of(facts, kind, obs->f[OBS_COMMODITY])) == SIZE_MAX)
		return LODE_OK;
	if (read_times(obs, &like, &period, &known, err) != LODE_OK)
		return err->code;
	if (like.first != like.last || str_is(like.partner, "W0"))
		return LODE_OK;
	rc = kind == FACT_IS_PRICE || kind == FACT_IS_PREMIUM ? read_number(obs, &value, err) : kind == FACT_IS_RELEASED ? (value = 1, LODE_OK) :
	    read_tonnes(obs, &value, err);
	if (rc != LODE_OK || fact_of(facts, &like, parts, kind == FACT_IS_RELEASED ? 0 : 5, &fact, err) != LODE_OK)
		return err->code;
	if (kind == FACT_IS_PRICE || kind == FACT_IS_PREMIUM)
		value = value > 0 ? log(value) : NAN;
	/* A month's second row of exports says nothing new. */
	if (kind == FACT_IS_RELEASED && fact->now.known != INT64_MIN)
		return LODE_OK;
	*used = true;
	return say(facts, fact, known, value, obs->f[OBS_REF], err);
}

static struct str
country(struct str area)
{
	return (struct str){ area.p, area.n < 2 ? area.n : 2 };
}

/* Does a series that access moves come from there? */
static bool
matters(const struct facts *facts, struct str area)
{
	for (size_t i = 0; i < facts->model->feed.n_series; i++)
		if (facts->model->series[i].weight != 0 && area.n >= 2 && str_eq(country(facts->model->series_partner[i]), country(area)))
			return true;
	return false;
}

static int
take_event_as(struct facts *facts, enum fact_kind kind, size_t which, const struct obs *obs, bool *used, struct err *err)
{
	struct fact like = { .kind = kind, .which = which, .place = obs->f[OBS_AREA] };
	struct period period;
	struct kept *fact;
	double weight;
	int64_t known;

	if (read_times(obs, &like, &period, &known, err) != LODE_OK || read_number(obs, &weight, err) != LODE_OK)
		return err->code;
	if (!(weight > 0))
		return LODE_OK;
	weight = fmin(weight, 1);
	like.day = period_start(period);
	if (fact_of(facts, &like, &like.place, 1, &fact, err) != LODE_OK)
		return err->code;
	/* The same event reported again is the same event: the greatest weight and the newest ref. */
	*used |= fact->now.known == INT64_MIN || weight > fact->now.value;
	return say(facts, fact, known, fact->now.known == INT64_MIN ? weight : fmax(weight, fact->now.value), obs->f[OBS_REF], err);
}

static int
take_event(struct facts *facts, const struct obs *obs, bool *used, struct err *err)
{
	struct str class = { obs->f[OBS_INDICATOR].p + 6, obs->f[OBS_INDICATOR].n - 6 }, area = obs->f[OBS_AREA];
	size_t effect = model_effect(facts->model, class), act = model_act(facts->model, class);
	bool home = str_is(country(area), facts->options->area);

	if (act < facts->model->n_acts && home && take_event_as(facts, FACT_IS_ACT, act, obs, used, err) != LODE_OK)
		return err->code;
	/* Where the user says; else there, or at home against them. */
	if (effect < facts->model->feed.n_effects && (facts->options->places->n > 0 ? option_list_prefix(facts->options->places, area) :
	    matters(facts, area) || (home && matters(facts, obs->f[OBS_PARTNER]))))
		return take_event_as(facts, FACT_IS_EVENT, effect, obs, used, err);
	return LODE_OK;
}

/* Is it a price at home, or the ratio of one abroad to it? */
static bool
price_kind(const struct facts *facts, const struct obs *obs, enum fact_kind *kind)
{
	struct str indicator = obs->f[OBS_INDICATOR];
	bool home = str_is(obs->f[OBS_AREA], facts->options->area);

	*kind = str_starts(indicator, STR("price.premium.")) ? FACT_IS_PREMIUM : FACT_IS_PRICE;
	return *kind == FACT_IS_PREMIUM ? !home : home && str_starts(indicator, STR("price.exw."));
}

int
facts_take(struct facts *facts, const struct obs *obs, struct str basket, bool *used, struct err *err)
{
	struct str indicator = obs->f[OBS_INDICATOR];
	const bool *without = facts->options->without;
	bool home = str_is(obs->f[OBS_AREA], facts->options->area);
	enum fact_kind kind;

	*used = false;
	if (home && str_is(indicator, "feed.mass") && str_is(obs->f[OBS_COMMODITY], "REO"))
		return without[FACTS_CUSTOMS] ? LODE_OK : take_figure(facts, obs, basket, used, err);
	if (str_starts(indicator, STR("event.")))
		return without[FACTS_EVENT] ? LODE_OK : take_event(facts, obs, used, err);
	if (home && (str_is(indicator, "outflow.mass") || str_is(indicator, "export.mass"))) {
		if (without[FACTS_EXPORT] || !facts->model->has_gate)
			return LODE_OK;
		if (str_is(indicator, "outflow.mass"))
			return take_monthly(facts, FACT_IS_OUTFLOW, obs, basket, used, err);
		if (take_monthly(facts, FACT_IS_RELEASED, obs, basket, used, err) != LODE_OK)
			return err->code;
		return take_monthly(facts, FACT_IS_FLOW, obs, basket, used, err);
	}
	if (home && str_is(indicator, "production.mass"))
		return without[FACTS_OUTPUT] ? LODE_OK : take_monthly(facts, FACT_IS_OUTPUT, obs, basket, used, err);
	if (price_kind(facts, obs, &kind))
		return without[FACTS_PRICE] ? LODE_OK : take_monthly(facts, kind, obs, basket, used, err);
	return LODE_OK;
}

int
facts_touched(struct facts *facts, uint64_t *number, struct buf *text, struct err *err)
{
	const struct fact *f;
	struct kept *kept;

	if (facts->touched == 0)
		return LODE_DONE;
	*number = facts->touched;
	kept = &facts->kept[facts->touched - 1];
	f = &kept->is;
	facts->touched = kept->touched;
	kept->is_touched = false;
	text->n = 0;
	if (buf_printf(text, "%d\t%zu\t%" PRId32 "\t%" PRId32 "\t%" PRId32 "\t%" PRId64 "\t%" PRIu64 "\t%a\t%.*s\t%.*s\t%.*s\t", (int)f->kind, f->which,
	    f->first, f->last, f->day, kept->now.known, kept->now.order, kept->now.value, (int)f->partner.n, f->partner.p, (int)f->basket.n, f->basket.p,
	    (int)f->place.n, f->place.p) != LODE_OK || buf_add_str(text, buf_str(&kept->now.ref)) != LODE_OK || buf_add(text, "\t", 1) != LODE_OK ||
	    buf_add_str(text, map_at(facts->index, *number - 1)->key) != LODE_OK)
		return no_memory(err);
	return LODE_OK;
}

int
facts_restore(struct facts *facts, uint64_t number, struct str text, struct err *err)
{
	struct str rest = text, f[12];
	const struct model *m = facts->model;
	const size_t most[FACT_KINDS] = { [FACT_IS_FIGURE] = m->feed.n_series, [FACT_IS_OUTFLOW] = m->n_commodities, [FACT_IS_RELEASED] = 1,
		[FACT_IS_OUTPUT] = m->n_commodities, [FACT_IS_PRICE] = m->n_commodities, [FACT_IS_PREMIUM] = m->n_commodities,
		[FACT_IS_EVENT] = m->feed.n_effects, [FACT_IS_ACT] = m->n_acts, [FACT_IS_FLOW] = m->n_flows };
	/* kind, which, first, last, day, known, order */
	static const int64_t lowest[] = { 0, 0, -MOST_MONTHS, -MOST_MONTHS, -MOST_DAYS, INT64_MIN, 0 };
	static const int64_t highest[] = { FACT_KINDS - 1, INT32_MAX, MOST_MONTHS, MOST_MONTHS, MOST_DAYS, INT64_MAX, INT64_MAX - 1 };
	struct fact like;
	struct kept *fact;
	int64_t n[7];
	double value;
	size_t i;

	for (i = 0; i < 12; i++) /* the key, which has tabs of its own, is what is left */
		if (!str_split(&rest, '\t', &f[i]) || rest.p == NULL)
			return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	for (i = 0; i < 7; i++)
		if (!state_read_number(f[i], &n[i]) || n[i] < lowest[i] || n[i] > highest[i])
			return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	value = strtod(f[7].p, NULL); /* a tab ends it */
	if (number != facts->n + 1 || (size_t)n[1] >= most[n[0]] || n[2] > n[3] || isinf(value))
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	like = (struct fact){ .kind = (enum fact_kind)n[0], .which = (size_t)n[1], .first = (int32_t)n[2], .last = (int32_t)n[3], .day = (int32_t)n[4],
		.partner = f[8], .basket = f[9], .place = f[10] };
	if (find(facts, rest, &like, &fact, err) != LODE_OK)
		return err->code;
	fact->now.known = n[5];
	fact->now.order = (uint64_t)n[6];
	fact->now.value = value;
	facts->order = fact->now.order + 1 > facts->order ? fact->now.order + 1 : facts->order;
	if (buf_add_str(&fact->now.ref, f[11]) != LODE_OK)
		return no_memory(err);
	fact->is_touched = false;
	facts->touched = 0;
	return LODE_OK;
}

void
facts_look(struct facts *facts, int32_t as_of, const bool old[FACTS_DRIVERS])
{
	facts->as_of = as_of;
	memcpy(facts->old, old, sizeof facts->old);
}

size_t
facts_count(const struct facts *facts)
{
	return facts->n;
}

const struct fact *
facts_get(const struct facts *facts, size_t i, double *value)
{
	const struct kept *kept = &facts->kept[i];
	const struct version *v = &kept->now;

	if (facts->old[facts_driver_of[kept->is.kind]] && v->known > facts->options->since)
		v = &kept->before;
	*value = v->value;
	return v->known == INT64_MIN || kept->is.last > facts->as_of ? NULL : &kept->is;
}

bool
facts_came(const struct facts *facts, enum facts_driver driver)
{
	for (size_t i = 0; i < facts->n; i++)
		if (facts_driver_of[facts->kept[i].is.kind] == driver && facts->kept[i].now.known > facts->options->since)
			return true;
	return false;
}

/*
 * A month for which any series has a figure of its own has been released: a series that had figures before and has none for it, alone or in
 * a total, is told to have had nothing.
 */
static void
add_absent(size_t n_series, struct feed_figure *figures, size_t *n, int32_t first, int32_t latest)
{
	size_t given = *n;

	for (size_t s = 0; s < n_series; s++) {
		bool seen = false;

		for (int32_t month = first; month <= latest; month++) {
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

int
facts_figures(const struct facts *facts, struct feed_figure **out, size_t *n, int32_t *first, int32_t *latest, struct err *err)
{
	size_t n_series = facts->model->feed.n_series;
	struct feed_figure *figures = calloc(facts->n + 1, sizeof *figures), *more;
	double value;

	*n = 0;
	for (size_t i = 0; figures != NULL && i < facts->n; i++) {
		const struct fact *f = facts_get(facts, i, &value);
		size_t j = 0;

		if (f == NULL || f->kind != FACT_IS_FIGURE || !(value >= 0))
			continue;
		while (j < *n && (figures[j].series != f->which || figures[j].first != f->first || figures[j].last != f->last))
			j++;
		if (j == *n)
			figures[(*n)++] = (struct feed_figure){ f->which, f->first, f->last, 0 };
		figures[j].mass += value;
		*first = f->first < *first ? f->first : *first;
		*latest = f->last > *latest ? f->last : *latest;
	}
	if (*n > 0 && facts->model->absent_is_zero) {
		if ((more = realloc(figures, (*n + n_series * (size_t)(*latest - *first + 1)) * sizeof *more)) == NULL)
			free(figures);
		else
			add_absent(n_series, more, n, *first, *latest);
		figures = more;
	}
	if (figures == NULL)
		return no_memory(err);
	*out = figures;
	return LODE_OK;
}

int
facts_events(const struct facts *facts, struct feed_event **out, size_t *n, struct err *err)
{
	struct feed_event *events = calloc(facts->n + 1, sizeof *events);
	double value;

	if (events == NULL)
		return no_memory(err);
	*n = 0;
	for (size_t i = 0; i < facts->n; i++) {
		const struct fact *f = facts_get(facts, i, &value);

		if (f != NULL && f->kind == FACT_IS_EVENT)
			events[(*n)++] = (struct feed_event){ f->which, f->place, f->day, value, f->day };
	}
	*n = feed_episodes(events, *n, facts->model->effects);
	*out = events;
	return LODE_OK;
}

int
facts_materials(const struct facts *facts, const struct fact *material[BALANCE_SERIES], struct err *err)
{
	size_t n = map_count(facts->materials);
	const struct fact **fact = calloc(n + 1, sizeof *fact);
	double *sum = calloc(n + 1, sizeof *sum), most[BALANCE_SERIES] = { 0 }, value;

	for (size_t i = 0; fact != NULL && sum != NULL && i < facts->n; i++) {
		const struct kept *kept = &facts->kept[i];

		if (kept->is.kind != FACT_IS_FIGURE)
			continue;
		if (fact[kept->material] == NULL)
			fact[kept->material] = &kept->is;
		if (facts_get(facts, i, &value) != NULL && value > 0)
			sum[kept->material] += value;
	}
	memset(material, 0, BALANCE_SERIES * sizeof *material);
	for (size_t m = 0; fact != NULL && sum != NULL && m < n; m++)
		if (sum[m] > most[fact[m]->which]) {
			most[fact[m]->which] = sum[m];
			material[fact[m]->which] = fact[m];
		}
	free(fact);
	free(sum);
	return fact == NULL || sum == NULL ? no_memory(err) : LODE_OK;
}

double
facts_export(const struct facts *facts, size_t commodity, int32_t month)
{
	double sum = 0, value;
	bool released = false;

	for (size_t i = 0; i < facts->n; i++) {
		const struct fact *f = &facts->kept[i].is;

		if ((f->kind != FACT_IS_OUTFLOW && f->kind != FACT_IS_RELEASED) || f->first != month || facts_get(facts, i, &value) == NULL)
			continue;
		released = true;
		if (f->kind == FACT_IS_OUTFLOW && f->which == commodity && value > 0)
			sum += value;
	}
	return released ? sum : NAN;
}

double
facts_flow(const struct facts *facts, size_t flow, int32_t month)
{
	double sum = NAN, value;

	for (size_t i = 0; i < facts->n; i++) {
		const struct fact *f = &facts->kept[i].is;

		if (f->kind == FACT_IS_FLOW && f->which == flow && f->first == month && facts_get(facts, i, &value) != NULL && value >= 0)
			sum = isnan(sum) ? value : sum + value;
	}
	return sum;
}

double
facts_price(const struct facts *facts, enum fact_kind kind, size_t commodity, int32_t month)
{
	double sum = 0, value;
	size_t n = 0;

	for (size_t i = 0; i < facts->n; i++) {
		const struct fact *f = &facts->kept[i].is;

		if (f->kind != kind || f->which != commodity || f->first != month || facts_get(facts, i, &value) == NULL || isnan(value))
			continue;
		sum += value;
		n++;
	}
	return n > 0 ? sum / (double)n : NAN;
}

/* Facts that are asked for. */
struct wanted {
	enum fact_kind kind;
	size_t which; /* SIZE_MAX: any */
	int64_t after;
	int32_t first, last; /* first INT32_MIN: any */
};

static bool
is_wanted(const struct kept *k, const struct wanted *w, int32_t as_of)
{
	return k->is.kind == w->kind && (w->which == SIZE_MAX || k->is.which == w->which) && k->now.known > w->after && k->is.last <= as_of &&
	    (w->first == INT32_MIN || (k->is.first == w->first && k->is.last == w->last));
}

static size_t
add_newest(const struct facts *facts, const struct wanted *wanted, size_t most, struct fact_ref *list, size_t n, size_t room)
{
	uint64_t below = UINT64_MAX;

	while (most-- > 0 && n < room) {
		const struct kept *best = NULL;

		for (size_t i = 0; i < facts->n; i++) {
			const struct kept *k = &facts->kept[i];

			if (is_wanted(k, wanted, facts->as_of) && k->now.order < below && (best == NULL || k->now.order > best->now.order))
				best = k;
		}
		if (best == NULL)
			break;
		below = best->now.order;
		list[n++] = (struct fact_ref){ buf_str(&best->now.ref), below };
	}
	return n;
}

size_t
facts_newest(const struct facts *facts, enum fact_kind kind, size_t which, int64_t after, size_t most, struct fact_ref *list, size_t n, size_t room)
{
	return add_newest(facts, &(struct wanted){ kind, which, after, INT32_MIN, 0 }, most, list, n, room);
}

size_t
facts_behind(const struct facts *facts, size_t series, int32_t first, int32_t last, struct fact_ref *list, size_t n, size_t room)
{
	return add_newest(facts, &(struct wanted){ FACT_IS_FIGURE, series, INT64_MIN, first, last }, SIZE_MAX, list, n, room);
}
