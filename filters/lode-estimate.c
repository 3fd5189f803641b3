/*
 * lode-estimate - probability of a supply deficit over the next twelve months, from a tape
 *
 * in     a tape in order of `known`: feed.mass lines of REO by partner and basket, event lines; others are passed over
 * out    a tape, known as of --as-of: probabilities, tonnes short, and the feed expected
 * state  the newest line of each period, partner and basket, every event that counts, and the paths' results
 */
#include <math.h>
#include <stdio.h>

#include "estimate.h"
#include "instant.h"
#include "period.h"
#include "run.h"

enum { HORIZONS = 12 };

struct opts {
	struct run_options run;
	int64_t as_of;
	const char *tables, *area;
	struct option_list places;
	size_t paths, seed, threads;
};

struct state {
	const struct opts *opts;
	unsigned column[OBS_N];
	int basket; /* column, or -1 */
	struct estimate *estimate;
	char known[INSTANT_MAX];
	char missing[RUN_MAX_RULES - 1][64]; /* notes of series without a figure */
	size_t n_missing;
};

static const double stock_mo[] = { 0.5, 1, 2 };
static const char *const stock_names[] = { NULL, "stock-0.5", "stock-1", "stock-2" };

static const struct option_spec options[] = {
	{ 'd', "as-of", "TIME", OPTION_INSTANT, offsetof(struct opts, as_of), "use nothing known after TIME (a date: its end)" },
	{ 't', "tables", "DIR", OPTION_TEXT, offsetof(struct opts, tables), "folder of the mineral's tables" },
	{ 0, "area", "AREA", OPTION_TEXT, offsetof(struct opts, area), "where the feed goes, CN by default" },
	{ 0, "places", "AREAS", OPTION_LIST, offsetof(struct opts, places), "events in areas that start so count, as in MM-11,CN-YN" },
	{ 'n', "paths", "N", OPTION_SIZE, offsetof(struct opts, paths), "simulated paths, 4000 by default" },
	{ 's', "seed", "N", OPTION_SIZE, offsetof(struct opts, seed), "of the random numbers, 1 by default" },
	{ 'j', "threads", "N", OPTION_SIZE, offsetof(struct opts, threads), "threads, 1 by default; changes no byte" },
	RUN_OPTIONS(struct opts, run),
	{ 0 },
};

static const struct program program = { "lode-estimate", "[FILE ...]", "probability of a supply deficit, from a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	(void)err;
	for (size_t i = 0; i < OBS_N; i++)
		state->column[i] = (unsigned)header->obs[i];
	state->basket = header_find(header, STR("basket"));
	run_write_header(run, NULL, 0);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs;

	(void)run;
	for (size_t i = 0; i < OBS_N; i++)
		obs.f[i] = record_get(record, state->column[i]);
	if (str_cmp(obs.f[OBS_KNOWN], str_of(state->known)) > 0)
		return LODE_DONE; /* the future: not even read */
	return estimate_take(state->estimate, &obs, state->basket < 0 ? STR("") : record_get(record, (unsigned)state->basket), err);
}

/* One line for the months from..to; a value that is NAN is missing. */
static void
emit(const struct state *state, struct run *run, struct str refs, int32_t from, int32_t to, struct str partner, struct str commodity,
    const char *indicator, double value, int digits, const char *unit)
{
	struct period period = { from == to ? PERIOD_MONTH : PERIOD_SPAN, from, to };
	char about[PERIOD_MAX], text[64] = "";
	struct obs obs = { 0 };

	period_format(period, about);
	if (!isnan(value))
		snprintf(text, sizeof text, "%.*f", digits, value);
	obs.f[OBS_KNOWN] = str_of(state->known);
	obs.f[OBS_PERIOD] = str_of(about);
	obs.f[OBS_AREA] = str_of(state->opts->area);
	obs.f[OBS_PARTNER] = partner;
	obs.f[OBS_COMMODITY] = commodity;
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_VALUE] = str_of(text);
	obs.f[OBS_UNIT] = str_of(unit);
	obs.f[OBS_STATUS] = isnan(value) ? STR("O") : STR("F");
	obs.f[OBS_SOURCE] = STR("lode");
	obs.f[OBS_REF] = refs;
	tape_write(&run->out, &obs, NULL, 0);
}

static void
emit_answers(const struct state *state, struct run *run, const struct estimate_result *r, size_t commodity, size_t h)
{
	const struct balance_answer *main = &r->answers[commodity * r->n_scenarios * r->n_horizons + h];
	int32_t from = r->as_of + 1, to = from + (int32_t)h;
	struct str name = r->commodity[commodity], none = STR("");
	char indicator[64];

	emit(state, run, r->refs, from, to, none, name, "deficit.probability", main->probability, 5, "1");
	emit(state, run, r->refs, from, to, none, name, "deficit.probability.mcse", main->mcse, 5, "1");
	for (size_t k = 1; k < r->n_scenarios; k++) {
		snprintf(indicator, sizeof indicator, "deficit.probability.%s", stock_names[k]);
		emit(state, run, r->refs, from, to, none, name, indicator, main[k * r->n_horizons].probability, 5, "1");
	}
	emit(state, run, r->refs, from, to, none, name, "deficit.mass.median", main->short_median, 3, "t");
	emit(state, run, r->refs, from, to, none, name, "deficit.mass.p05", main->short_p05, 3, "t");
	emit(state, run, r->refs, from, to, none, name, "deficit.mass.p95", main->short_p95, 3, "t");
	emit(state, run, r->refs, from, to, none, name, "deficit.mass.expected", main->short_expected, 3, "t");
}

/* A note for each series without a figure, and one for all that a run has no notes left for. */
static void
note_missing(struct state *state, struct run *run, struct str series)
{
	size_t i = state->n_missing;

	if (i == RUN_MAX_RULES - 1) {
		run_count_note(run, "no figures of others");
		return;
	}
	snprintf(state->missing[i], sizeof state->missing[i], "no figures of %.*s", STR_ARG(series));
	run_count_note(run, state->missing[i]);
	state->n_missing++;
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct estimate_result r;
	char indicator[128];
	int rc = estimate_run(state->estimate, &r, err);

	for (size_t c = 0; rc == LODE_OK && c < r.n_commodities; c++)
		for (size_t h = 0; h < r.n_horizons; h++)
			emit_answers(state, run, &r, c, h);
	for (size_t s = 0; rc == LODE_OK && s < r.n_series; s++) {
		if (isnan(r.feed_t[s * r.n_horizons]))
			note_missing(state, run, r.series[s]);
		for (size_t h = 0; h < r.n_horizons; h++) {
			double mass = r.feed_t[s * r.n_horizons + h];
			int32_t month = r.as_of + 1 + (int32_t)h;

			snprintf(indicator, sizeof indicator, "feed.mass.%.*s", STR_ARG(r.series[s]));
			if (!isnan(mass))
				emit(state, run, r.refs, month, month, r.partner[s], STR("REO"), indicator, mass, 3, "t");
		}
	}
	return rc;
}

static void
check_options(const struct opts *opts)
{
	if (opts->as_of == INT64_MIN)
		options_refuse(&program, "--as-of is needed");
	if (opts->tables == NULL)
		options_refuse(&program, "--tables is needed");
	if (opts->paths < 1 || opts->paths > 10000000)
		options_refuse(&program, "--paths: %zu is not from 1 to 10000000", opts->paths);
	if (opts->threads < 1 || opts->threads > 256)
		options_refuse(&program, "--threads: %zu is not from 1 to 256", opts->threads);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .as_of = INT64_MIN, .area = "CN", .paths = 4000, .seed = 1, .threads = 1 };
	struct state state = { .opts = &opts };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	check_options(&opts);
	instant_format(opts.as_of, state.known);
	const struct estimate_options how = { .tables = opts.tables, .area = opts.area, .places = &opts.places, .as_of = opts.as_of,
		.seed = opts.seed, .n_paths = (uint32_t)opts.paths, .n_threads = (unsigned)opts.threads, .n_horizons = HORIZONS,
		.n_stocks = sizeof stock_mo / sizeof *stock_mo, .stock_mo = stock_mo };

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = estimate_new(&state.estimate, &how, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	estimate_free(state.estimate);
	return run_end(&run, rc, &err);
}
