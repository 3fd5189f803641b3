#include "outlook.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "period.h"
#include "recalibration.h"

enum { DIGITS = 16 };

const struct balance_scenario outlook_scenarios[OUTLOOK_SCENARIOS] = {
	{ { 0.5, 0.5 }, 0 }, { { 1, 1 }, 0 }, { { 2, 2 }, 0 }, { { 0, 0 }, 0.5 }, { { 0, 0 }, 2 },
};
static const char *const scenario_names[OUTLOOK_SCENARIOS] = { "stock-0.5", "stock-1", "stock-2", "cover-0.5", "cover-2" };
static const char *const gate_names[GATE_STATES] = { "open", "licensed", "shut" };

void
outlook_write_header(struct run *run)
{
	static const char *const extra[] = { "model", "prefix" };

	run_write_header(run, extra, 2);
}

/* What all lines of one commodity and region have in common. */
struct about {
	struct outlook *outlook;
	struct run *run;
	struct str area, partner, commodity, refs;
	int32_t from, to; /* months */
};

/* One line; a value that is NAN is missing. */
__attribute__((format(printf, 6, 7))) static void
emit(const struct about *a, const char *status, double value, int digits, const char *unit, const char *format, ...)
{
	struct period period = { a->from == a->to ? PERIOD_MONTH : PERIOD_SPAN, a->from, a->to };
	char about[PERIOD_MAX], text[64] = "", indicator[128];
	const struct str extra[] = { { a->outlook->model, DIGITS }, { a->outlook->prefix, DIGITS } };
	struct obs obs = { 0 };
	va_list list;

	va_start(list, format);
	vsnprintf(indicator, sizeof indicator, format, list);
	va_end(list);
	period_format(period, about);
	if (!isnan(value))
		snprintf(text, sizeof text, "%.*f", digits, value);
	obs.f[OBS_KNOWN] = str_of(a->outlook->known);
	obs.f[OBS_PERIOD] = str_of(about);
	obs.f[OBS_AREA] = a->area;
	obs.f[OBS_PARTNER] = a->partner;
	obs.f[OBS_COMMODITY] = a->commodity;
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_VALUE] = str_of(text);
	obs.f[OBS_UNIT] = str_of(unit);
	obs.f[OBS_STATUS] = isnan(value) ? STR("O") : str_of(status);
	obs.f[OBS_SOURCE] = STR("lode");
	obs.f[OBS_REF] = a->refs;
	tape_write(&a->run->out, &obs, extra, 2);
}

static void
emit_answers(struct about a, const struct estimate_result *r, size_t cell, size_t h)
{
	const struct balance_answer *main = &r->answers[cell * r->n_scenarios * r->n_horizons + h];
	struct str refs = a.refs;
	double sum = 0;

	a.to = a.from + (int32_t)h;
	emit(&a, "F", main->probability, 5, "1", "deficit.probability");
	emit(&a, "F", main->mcse, 5, "1", "deficit.probability.mcse");
	for (size_t k = 0; k < OUTLOOK_SCENARIOS; k++)
		emit(&a, "F", main[(k + 1) * r->n_horizons].probability, 5, "1", "deficit.probability.%s", scenario_names[k]);
	for (size_t d = 0; r->change != NULL && d < FACTS_CAUSES; d++) {
		double part = r->change[(cell * r->n_horizons + h) * FACTS_CAUSES + d];

		sum += part;
		a.refs = r->driver_refs[d].n > 0 ? r->driver_refs[d] : refs;
		if (part != 0)
			emit(&a, "F", part, 5, "1", "deficit.probability.change.%s", facts_cause_names[d]);
	}
	a.refs = refs;
	if (r->change != NULL)
		emit(&a, "F", sum, 5, "1", "deficit.probability.change");
	emit(&a, "F", main->short_median, 3, "t", "deficit.mass.median");
	emit(&a, "F", main->short_p05, 3, "t", "deficit.mass.p05");
	emit(&a, "F", main->short_p95, 3, "t", "deficit.mass.p95");
	emit(&a, "F", main->short_expected, 3, "t", "deficit.mass.expected");
	emit(&a, "F", main->deepest, 0, "mo", "deficit.deepest");
}

static void
emit_standins(struct about a, const struct estimate_result *r, size_t c)
{
	int32_t from = a.from;

	for (size_t k = 0; k < STANDINS; k++) {
		const struct estimate_past *past = &r->past[c * STANDINS + k];

		for (size_t i = 0; i < past->n; i++) {
			a.from = a.to = past->month[i];
			emit(&a, "E", past->was[i], 0, "1", "standin.%s", standin_names[k]);
		}
		for (size_t h = 0; h < r->n_horizons; h++) {
			double p = r->forecasts[c * r->n_horizons + h].probability[k];

			a.from = a.to = from + (int32_t)h;
			if (isnan(p))
				continue;
			emit(&a, "F", recalibration_shrink(p, past->yes, past->months), 5, "1", "standin.%s.probability", standin_names[k]);
			emit(&a, "F", p, 5, "1", "standin.%s.probability.raw", standin_names[k]);
		}
	}
}

/* A note for each series without a figure, and one for all that a run has no notes left for. */
static void
note_missing(struct outlook *outlook, struct run *run, struct str series)
{
	char note[64];
	size_t i = 0;

	snprintf(note, sizeof note, "no figures of %.*s", STR_ARG(series));
	while (i < outlook->n_missing && strcmp(outlook->missing[i], note) != 0)
		i++;
	if (i < outlook->n_missing)
		return; /* said before, as of another moment */
	if (i + 1 >= RUN_MAX_RULES) {
		run_count_note(run, "no figures of others");
		return;
	}
	memcpy(outlook->missing[outlook->n_missing++], note, sizeof note);
	run_count_note(run, outlook->missing[i]);
}

static void
emit_feed(struct about a, const struct estimate_result *r)
{
	a.commodity = STR("REO");
	for (size_t s = 0; s < r->n_series; s++)
		for (size_t i = 0; i < ESTIMATE_OUTCOMES; i++) {
			double mass = r->observed[s * ESTIMATE_OUTCOMES + i];

			a.partner = r->partner[s];
			a.from = a.to = r->latest - ESTIMATE_OUTCOMES + 1 + (int32_t)i;
			if (!isnan(mass))
				emit(&a, "E", mass, 3, "t", "feed.observed.%.*s", STR_ARG(r->series[s]));
		}
	for (size_t s = 0; s < r->n_series; s++)
		for (size_t i = 0; i < r->n_feed; i++) {
			size_t at = s * r->n_feed + i;

			a.partner = r->partner[s];
			a.from = a.to = r->latest + 1 + (int32_t)i;
			if (isnan(r->feed_t[at]) && i == 0)
				note_missing(a.outlook, a.run, r->series[s]);
			if (isnan(r->feed_t[at]))
				continue;
			emit(&a, "F", r->feed_t[at], 3, "t", "feed.mass.%.*s", STR_ARG(r->series[s]));
			emit(&a, "F", r->feed_sd[at], 4, "1", "feed.mass.%.*s.sd-log", STR_ARG(r->series[s]));
		}
}

/* What moved the feed of the first month ahead: in all, by events, and by each figure that changed, with what had been expected of it. */
static void
emit_feed_change(struct about a, const struct estimate_result *r)
{
	static const char *const kinds[] = { [NEWS_WITHDRAWN] = "withdrawn", [NEWS_REVISED] = "revised", [NEWS_RELEASED] = "released" };
	struct str refs = a.refs;

	a.commodity = STR("REO");
	a.from = a.to = r->as_of + 1;
	emit(&a, "F", r->feed_change, 5, "1", "feed.change");
	emit(&a, "F", r->feed_change_other, 5, "1", "feed.change.other");
	a.refs = r->driver_refs[FACTS_EVENT].n > 0 ? r->driver_refs[FACTS_EVENT] : refs;
	emit(&a, "F", r->feed_change_events, 5, "1", "feed.change.event");
	for (size_t i = 0; i < r->n_surprises; i++) {
		const struct feed_surprise *is = &r->surprises[i].is;

		a.refs = r->surprises[i].refs.n > 0 ? r->surprises[i].refs : r->driver_refs[FACTS_CUSTOMS];
		a.partner = r->partner[is->series];
		a.from = is->first;
		a.to = is->last;
		emit(&a, "F", is->impact, 5, "1", "feed.change.%s.%.*s", kinds[is->kind], STR_ARG(r->series[is->series]));
		emit(&a, "F", exp(is->expected), 3, "t", "feed.expected.%.*s", STR_ARG(r->series[is->series]));
	}
}

void
outlook_write(struct outlook *outlook, struct run *run, const struct estimate_result *r)
{
	struct about a = { .outlook = outlook, .run = run, .from = r->as_of + 1 };
	char abroad[32];

	snprintf(abroad, sizeof abroad, "X-%s", outlook->area);
	for (size_t region = 0; region < r->n_regions; region++)
		for (size_t c = 0; c < r->n_commodities; c++) {
			a.area = str_of(region == BALANCE_HOME ? outlook->area : abroad);
			a.commodity = r->commodity[c];
			a.refs = r->refs[region];
			for (size_t h = 0; h < r->n_horizons; h++)
				emit_answers(a, r, region * r->n_commodities + c, h);
		}
	a.area = str_of(outlook->area);
	a.refs = r->refs[BALANCE_HOME];
	for (size_t c = 0; c < r->n_commodities; c++) {
		a.commodity = r->commodity[c];
		emit_standins(a, r, c);
	}
	if (r->n_commodities > 0)
		emit_feed(a, r);
	if (r->feed_moved)
		emit_feed_change(a, r);
	a.commodity = STR("");
	a.from = a.to = r->as_of;
	a.refs = r->refs[BALANCE_ABROAD];
	for (size_t k = 0; r->n_regions > 1 && k < GATE_STATES; k++)
		emit(&a, "E", r->gate[k], 5, "1", "gate.probability.%s", gate_names[k]);
}
