#include "estimate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "period.h"
#include "span.h"

/* A price abroad over the price at home is old news after so many months. */
enum { PREMIUM_MONTHS = 6, MAX_REFS = 8, DRIVER_REFS = 4 };

struct estimate {
	const struct estimate_options *options;
	struct model model;
	struct facts *facts;

	/* What a run works on. */
	int32_t as_of; /* month */
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
	struct feed_change feed_change;
	struct estimate_surprise *surprises;
	struct buf *surprise_refs; /* n_surprises */
	size_t n_surprises;
	struct buf refs[BALANCE_REGIONS], driver_refs[FACTS_CAUSES];
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int32_t
month_of(int64_t instant)
{
	return month_of_day((int32_t)(span_floor(instant, 86400) / 86400));
}

bool
estimate_scenario_parse(struct str text, bool force, struct estimate_scenario *to)
{
	const char *colon = memchr(text.p, ':', text.n), *second;
	struct str class = { text.p, colon == NULL ? text.n : (size_t)(colon - text.p) };
	struct period month;
	struct err ignored;

	if (class.n == 0 || class.n >= sizeof to->class || force != (colon != NULL))
		return false;
	*to = (struct estimate_scenario){ .months = 0 };
	memcpy(to->class, class.p, class.n);
	if (!force)
		return true;
	if ((second = memchr(colon + 1, ':', text.n - class.n - 1)) == NULL ||
	    period_parse((struct str){ colon + 1, (size_t)(second - colon) - 1 }, &month, &ignored) != LODE_OK || month.kind != PERIOD_MONTH)
		return false;
	to->first = period_first_month(month);
	for (const char *p = second + 1; p < text.p + text.n; p++) {
		if (!isdigit((unsigned char)*p) || to->months > 100)
			return false;
		to->months = to->months * 10 + (*p - '0');
	}
	return to->months > 0 && to->months <= 120;
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
	if ((rc = model_load(&e->model, options->tables, err)) == LODE_OK && (rc = check_scenarios(e, err)) == LODE_OK)
		rc = facts_new(&e->facts, &options->facts, &e->model, err);
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
	feed_change_release(&e->feed_change);
	for (size_t i = 0; i < e->n_surprises; i++)
		buf_release(&e->surprise_refs[i]);
	free(e->surprise_refs);
	free(e->surprises);
	e->surprises = NULL;
	e->surprise_refs = NULL;
	e->n_surprises = 0;
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
	facts_free(e->facts);
	free_results(e);
	for (size_t i = 0; i < BALANCE_REGIONS; i++)
		buf_release(&e->refs[i]);
	for (size_t i = 0; i < FACTS_CAUSES; i++)
		buf_release(&e->driver_refs[i]);
	model_release(&e->model);
	free(e);
}

struct facts *
estimate_facts(struct estimate *e)
{
	return e->facts;
}

const struct model *
estimate_model(const struct estimate *e)
{
	return &e->model;
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

static int
gather_events(struct estimate *e, struct work *w, struct err *err)
{
	size_t n = facts_count(e->facts);
	double value;

	if (facts_events(e->facts, &w->events, &e->feed.n_events, err) != LODE_OK)
		return err->code;
	e->feed.events = w->events;
	w->acts = calloc(n, sizeof *w->acts);
	w->outputs = calloc(n, sizeof *w->outputs);
	if (w->acts == NULL || w->outputs == NULL)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct fact *f = facts_get(e->facts, i, &value);

		if (f == NULL)
			continue;
		if (f->kind == FACT_IS_ACT)
			w->acts[w->n_acts++] = (struct gate_act){ f->first, e->model.act[f->which] };
		else if (f->kind == FACT_IS_OUTPUT && value > 0 && f->first == f->last)
			w->outputs[w->n_outputs++] = (struct balance_output){ f->which, f->first, value };
	}
	return LODE_OK;
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

static int
set_gate(struct estimate *e, struct work *w, struct err *err)
{
	struct gate_setup *g = &e->gate;
	int32_t first = e->feed.first;

	*g = e->model.gate;
	g->first = first < e->balance.outside_opening ? first : e->balance.outside_opening;
	g->now = e->as_of;
	if ((w->gate_figures = calloc((size_t)(g->now - g->first + 1) * (e->model.n_commodities + e->model.n_flows) + 1, sizeof *w->gate_figures)) == NULL)
		return no_memory(err);
	g->last = e->as_of + (int32_t)e->options->n_horizons;
	g->forced_last = -1;
	qsort(w->acts, w->n_acts, sizeof *w->acts, compare_acts);
	for (size_t i = 0; i < w->n_acts; i++)
		if (w->acts[i].month <= g->first)
			w->acts[i].month = g->first + 1; /* what was done before the first month still stands */
	g->open_until = w->n_acts > 0 ? w->acts[0].month - 1 : g->now;
	for (int32_t month = g->first; month <= g->now; month++) {
		for (size_t c = 0; c < e->model.n_commodities; c++) {
			double base = e->model.commodities[c].export.mid / 12, mass = facts_export(e->facts, c, month);

			if (base > 0 && !isnan(mass))
				w->gate_figures[w->n_gate++] = (struct gate_figure){ month, mass / base, NULL };
		}
		for (size_t i = 0; i < e->model.n_flows; i++) {
			double mass = facts_flow(e->facts, i, month);

			if (!isnan(mass))
				w->gate_figures[w->n_gate++] = (struct gate_figure){ month, mass / e->model.flow_open_t[i], e->model.flow_through[i] };
		}
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
	e->balance.gate_setup = g;
	return LODE_OK;
}

static void
set_commodities(struct estimate *e)
{
	for (size_t c = 0; c < e->model.n_commodities; c++) {
		struct balance_commodity *to = &e->model.commodities[c];

		for (int32_t i = 0; i < STANDIN_PRICE_MONTHS - 1; i++)
			to->price[i] = facts_price(e->facts, FACT_IS_PRICE, c, e->as_of - (STANDIN_PRICE_MONTHS - 2) + i);
		to->premium = NAN;
		for (int32_t month = e->as_of; isnan(to->premium) && month > e->as_of - PREMIUM_MONTHS; month--)
			to->premium = facts_price(e->facts, FACT_IS_PREMIUM, c, month);
		for (int32_t i = 0; i < STANDIN_EXPORT_MONTHS - 1; i++)
			e->exports[c][i] = facts_export(e->facts, c, e->as_of - (STANDIN_EXPORT_MONTHS - 2) + i);
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
		window[n - 1] = kind == STANDIN_FEED ? feed_of(e, feed, c, month) : kind == STANDIN_EXPORT ? facts_export(e->facts, c, month) :
		    exp(facts_price(e->facts, kind == STANDIN_PRICE ? FACT_IS_PRICE : FACT_IS_PREMIUM, c, month));
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

/* What each series is mostly made of. */
static int
compose(struct estimate *e, struct err *err)
{
	const struct fact *material[BALANCE_SERIES];
	int rc = facts_materials(e->facts, material, err);

	for (size_t s = 0; rc == LODE_OK && s < e->feed.n_series; s++)
		rc = model_compose(&e->model, s, material[s] == NULL ? (struct str){ NULL, 0 } : material[s]->partner,
		    material[s] == NULL ? STR("") : material[s]->basket, err);
	return rc;
}

/* Fits and simulates as of e->as_of with what facts_look() lets be known; r NULL: only the answers are wanted. *some: there were figures. */
static int
solve(struct estimate *e, struct balance_result *to, struct estimate_result *r, bool *some, struct err *err)
{
	int32_t first = INT32_MAX, latest = INT32_MIN;
	struct work w = { 0 };
	struct feed *feed = NULL;
	struct gate *gate = NULL;
	int rc;

	e->feed = e->model.feed;
	rc = facts_figures(e->facts, &w.figures, &e->feed.n_figures, &first, &latest, err);
	*some = rc == LODE_OK && e->feed.n_figures > 0;
	if (!*some || (rc = gather_events(e, &w, err)) != LODE_OK || (rc = compose(e, err)) != LODE_OK)
		goto out;
	e->feed.figures = w.figures;
	set_balance(e, &w, latest);
	set_commodities(e);
	e->feed.drawn = e->balance.opening - BALANCE_LAGS;
	e->feed.first = first < e->feed.drawn ? first : e->feed.drawn;
	e->feed.last = e->as_of + (int32_t)e->options->n_horizons;
	if ((rc = feed_new(&e->feed, &feed, err)) != LODE_OK)
		goto out;
	set_hazards(e, feed);
	if (e->model.has_gate && ((rc = set_gate(e, &w, err)) != LODE_OK || (rc = gate_new(&gate, &e->gate, err)) != LODE_OK))
		goto out;
	e->balance.feed = feed;
	e->balance.gate = gate;
	if ((rc = balance_run(&e->balance, to, err)) == LODE_OK && r != NULL && (rc = make_room(e, latest, r, err)) == LODE_OK)
		describe(e, feed, gate, latest, r);
out:
	gate_free(gate);
	feed_free(feed);
	e->balance.feed = NULL;
	e->balance.gate = NULL;
	work_release(&w);
	return rc;
}

static int
newest_first(const void *x, const void *y)
{
	const struct fact_ref *a = x, *b = y;

	return a->order < b->order ? 1 : a->order > b->order ? -1 : 0;
}

static int
write_refs(struct buf *to, struct fact_ref *list, size_t n, struct err *err)
{
	qsort(list, n, sizeof *list, newest_first);
	to->n = 0;
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && buf_add(to, " ", 1) != LODE_OK) || buf_add_str(to, list[i].ref) != LODE_OK)
			return no_memory(err);
	return LODE_OK;
}

/* At home the newest line of each series, then events as far as there is room; abroad exports and acts, then the feed. */
static int
cite(struct estimate *e, struct err *err)
{
	struct fact_ref list[MAX_REFS];
	size_t n = 0;

	for (size_t s = 0; s < e->feed.n_series; s++)
		n = facts_newest(e->facts, FACT_IS_FIGURE, s, INT64_MIN, 1, list, n, MAX_REFS);
	n = facts_newest(e->facts, FACT_IS_EVENT, SIZE_MAX, INT64_MIN, MAX_REFS, list, n, MAX_REFS);
	if (write_refs(&e->refs[BALANCE_HOME], list, n, err) != LODE_OK)
		return err->code;
	n = 0;
	for (size_t c = 0; c < e->model.n_commodities; c++)
		n = facts_newest(e->facts, FACT_IS_OUTFLOW, c, INT64_MIN, 1, list, n, MAX_REFS - 2);
	for (size_t i = 0; i < e->model.n_flows; i++)
		n = facts_newest(e->facts, FACT_IS_FLOW, i, INT64_MIN, 1, list, n, MAX_REFS - 2);
	n = facts_newest(e->facts, FACT_IS_FIGURE, SIZE_MAX, INT64_MIN, 1, list, n, MAX_REFS);
	n = facts_newest(e->facts, FACT_IS_ACT, SIZE_MAX, INT64_MIN, MAX_REFS, list, n, MAX_REFS);
	if (write_refs(&e->refs[BALANCE_ABROAD], list, n, err) != LODE_OK)
		return err->code;
	for (size_t d = 0; d < FACTS_CAUSES; d++) {
		n = 0;
		for (size_t kind = 0; d < FACTS_DRIVERS && kind < FACT_KINDS; kind++)
			if (facts_driver_of[kind] == d)
				n = facts_newest(e->facts, (enum fact_kind)kind, SIZE_MAX, e->options->facts.since, DRIVER_REFS, list, n, DRIVER_REFS);
		if (write_refs(&e->driver_refs[d], list, n, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/*
 * solve() with the change since then, cause by cause: as it was, then time passes, then what came of each driver is let in, one after the other in
 * the order of enum facts_driver. Every step draws the same numbers, and the steps add up to the change; the last is the answer.
 */
static int
explain(struct estimate *e, int64_t as_of, struct balance_result *to, struct estimate_result *r, bool *some, struct err *err)
{
	static const enum facts_driver order[FACTS_CAUSES + 1] = { FACTS_CAUSES, FACTS_TIME, FACTS_CUSTOMS, FACTS_EVENT, FACTS_EXPORT,
		FACTS_OUTPUT, FACTS_PRICE };
	size_t n_regions = e->model.has_gate ? BALANCE_REGIONS : 1, n_s = 1 + e->options->n_scenarios, n_h = e->options->n_horizons;
	size_t cells = n_regions * e->model.n_commodities, last = 0;
	bool old[FACTS_DRIVERS], news[FACTS_CAUSES + 1]; /* a step without news changes nothing: answers are those of the step before */
	double *before = calloc(cells * n_h + 1, sizeof *before);
	int rc = before == NULL ? no_memory(err) : LODE_OK;

	for (size_t d = 0; d < FACTS_DRIVERS; d++)
		old[d] = true;
	for (size_t i = 0; i <= FACTS_CAUSES; i++)
		if ((news[i] = i < 2 || facts_came(e->facts, order[i])))
			last = i;
	for (size_t i = 0; rc == LODE_OK && i <= last; i++) {
		if (!news[i])
			continue;
		if (i > 1)
			old[order[i]] = false;
		e->as_of = month_of(i == 0 ? e->options->facts.since : as_of);
		facts_look(e->facts, e->as_of, old);
		rc = solve(e, to, i == last ? r : NULL, some, err);
		for (size_t cell = 0; rc == LODE_OK && cell < cells; cell++)
			for (size_t h = 0; h < n_h; h++) {
				double p = *some ? to->answers[cell * n_s * n_h + h].probability : NAN, *was = &before[cell * n_h + h];

				if (i > 0)
					e->change[(cell * n_h + h) * FACTS_CAUSES + order[i]] = p - *was;
				*was = p;
			}
	}
	free(before);
	return rc;
}

static int
cite_surprises(struct estimate *e, struct err *err)
{
	const struct feed_news *news = e->feed_change.news;
	struct fact_ref list[DRIVER_REFS];

	e->surprises = calloc(news->n + 1, sizeof *e->surprises);
	e->surprise_refs = calloc(news->n + 1, sizeof *e->surprise_refs);
	if (e->surprises == NULL || e->surprise_refs == NULL)
		return no_memory(err);
	e->n_surprises = news->n;
	for (size_t i = 0; i < news->n; i++) {
		const struct feed_surprise *is = &news->surprises[i];
		size_t n = isnan(is->expected) ? facts_newest(e->facts, FACT_IS_FIGURE, is->series, INT64_MIN, DRIVER_REFS, list, 0, DRIVER_REFS) :
		    facts_behind(e->facts, is->series, is->first, is->last, list, 0, DRIVER_REFS);

		if (write_refs(&e->surprise_refs[i], list, n, err) != LODE_OK)
			return err->code;
		e->surprises[i] = (struct estimate_surprise){ *is, buf_str(&e->surprise_refs[i]) };
	}
	return LODE_OK;
}

/* What moved the feed that is expected of the first month ahead. */
static int
tell_change(struct estimate *e, struct estimate_result *r, struct err *err)
{
	struct feed_change *change = &e->feed_change;

	if (feed_change_find(change, e->facts, &e->model, e->as_of, e->as_of + (int32_t)e->options->n_horizons, err) != LODE_OK)
		return err->code;
	if (change->news == NULL)
		return LODE_OK;
	if (cite_surprises(e, err) != LODE_OK)
		return err->code;
	r->feed_moved = true;
	r->n_surprises = e->n_surprises;
	r->surprises = e->surprises;
	r->feed_change = change->total;
	r->feed_change_events = change->events;
	r->feed_change_other = change->other;
	return LODE_OK;
}

int
estimate_run(struct estimate *e, int64_t as_of, struct estimate_result *r, struct err *err)
{
	const struct estimate_options *o = e->options;
	size_t cells = BALANCE_REGIONS * e->model.n_commodities, n_series = e->model.feed.n_series;
	struct balance_result answers;
	bool some, explains = o->facts.since != INT64_MIN;
	int rc;

	free_results(e);
	e->answers = calloc(cells * (1 + o->n_scenarios) * o->n_horizons + 1, sizeof *e->answers);
	e->forecasts = calloc(e->model.n_commodities * o->n_horizons + 1, sizeof *e->forecasts);
	e->past = calloc(e->model.n_commodities * STANDINS + 1, sizeof *e->past);
	e->change = calloc(cells * o->n_horizons * FACTS_CAUSES + 1, sizeof *e->change);
	e->observed = calloc(n_series * ESTIMATE_OUTCOMES + 1, sizeof *e->observed);
	*r = (struct estimate_result){ 0 };
	if (e->answers == NULL || e->forecasts == NULL || e->past == NULL || e->change == NULL || e->observed == NULL)
		return no_memory(err);
	e->as_of = month_of(as_of);
	facts_look(e->facts, e->as_of, (const bool[FACTS_DRIVERS]){ false });
	answers = (struct balance_result){ .answers = e->answers, .forecasts = e->forecasts };
	rc = explains ? explain(e, as_of, &answers, r, &some, err) : solve(e, &answers, r, &some, err);
	if (rc != LODE_OK || !some || (rc = cite(e, err)) != LODE_OK || (explains && (rc = tell_change(e, r, err)) != LODE_OK))
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
	r->change = explains ? e->change : NULL;
	r->series = e->model.series_name;
	r->partner = e->model.series_partner;
	r->feed_t = e->feed_t;
	r->feed_sd = e->feed_sd;
	r->observed = e->observed;
	for (size_t region = 0; region < BALANCE_REGIONS; region++)
		r->refs[region] = buf_str(&e->refs[region]);
	for (size_t d = 0; d < FACTS_CAUSES; d++)
		r->driver_refs[d] = buf_str(&e->driver_refs[d]);
	return LODE_OK;
}
