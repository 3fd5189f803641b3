/*
 * lode-estimate - probability of a supply deficit over the next twelve months, from a tape
 *
 * in     a tape in order of `known`: feed.mass lines of REO by partner and basket, outflow.mass, production.mass, prices, events; others are
 *        passed over
 * out    a tape: probabilities, tonnes short, stand-ins, the gate, the feed expected; as of --as-of, or as of each moment that brought something
 * state  the newest line of each key, and of those that changed since --since the one before; the paths' results
 */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>

#include "estimate.h"
#include "instant.h"
#include "period.h"
#include "run.h"

enum { HORIZONS = 12, DIGEST = 16, MAX_EVENTS = 16 };

struct opts {
	struct run_options run;
	int64_t as_of, since;
	const char *tables, *area;
	struct option_list places, force, forbid, without;
	size_t paths, seed, threads;
};

struct state {
	const struct opts *opts;
	unsigned column[OBS_N];
	int basket; /* column, or -1 */
	struct estimate *estimate;
	char known[INSTANT_MAX];   /* of what is written: --as-of, or the moment in hand */
	bool live, dirty;          /* without --as-of; the moment in hand brought something */
	SHA2_CTX read;             /* over all lines so far */
	char model[65], prefix[65];
	char missing[RUN_MAX_RULES][64]; /* notes of series without a figure */
	size_t n_missing;
};

/* Answers beside the main one: other stocks, then other covers. */
static const struct balance_scenario scenarios[] = {
	{ { 0.5, 0.5 }, 0 }, { { 1, 1 }, 0 }, { { 2, 2 }, 0 }, { { 0, 0 }, 0.5 }, { { 0, 0 }, 2 },
};
static const char *const scenario_names[] = { NULL, "stock-0.5", "stock-1", "stock-2", "cover-0.5", "cover-2" };

static const struct option_spec options[] = {
	{ 'd', "as-of", "TIME", OPTION_INSTANT, offsetof(struct opts, as_of), "use nothing known after TIME (a date: its end)" },
	{ 0, "since", "TIME", OPTION_INSTANT, offsetof(struct opts, since), "also what the change since TIME is due to" },
	{ 't', "tables", "DIR", OPTION_TEXT, offsetof(struct opts, tables), "folder of the mineral's tables" },
	{ 0, "area", "AREA", OPTION_TEXT, offsetof(struct opts, area), "where the feed goes, CN by default" },
	{ 0, "places", "AREAS", OPTION_LIST, offsetof(struct opts, places), "events in areas that start so count, as in MM-11,CN-YN" },
	{ 0, "force", "EVENTS", OPTION_LIST, offsetof(struct opts, force), "as if such events lasted, as in border-closure:2025-07:3" },
	{ 0, "forbid", "CLASSES", OPTION_LIST, offsetof(struct opts, forbid), "as if no such event were to come" },
	{ 0, "without", "DRIVERS", OPTION_LIST, offsetof(struct opts, without), "pass over lines of customs, event, export, output, price" },
	{ 'n', "paths", "N", OPTION_SIZE, offsetof(struct opts, paths), "simulated paths, 4000 by default" },
	{ 's', "seed", "N", OPTION_SIZE, offsetof(struct opts, seed), "of the random numbers, 1 by default" },
	{ 'j', "threads", "N", OPTION_SIZE, offsetof(struct opts, threads), "threads, 1 by default; changes no byte" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 },
};

static const struct program program = { "lode-estimate", "[FILE ...]", "probability of a supply deficit, from a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const extra[] = { "model", "prefix" };
	struct state *state = argument;

	(void)err;
	for (size_t i = 0; i < OBS_N; i++)
		state->column[i] = (unsigned)header->obs[i];
	state->basket = header_find(header, STR("basket"));
	run_write_header(run, extra, 2);
	return LODE_OK;
}

/* What all lines of one commodity and region have in common. */
struct about {
	const struct state *state;
	struct run *run;
	struct str area, partner, commodity, refs;
	int32_t from, to; /* months */
};

/* One line; a value that is NAN is missing. */
static void
emit(const struct about *a, const char *status, double value, int digits, const char *unit, const char *format, const char *name)
{
	struct period period = { a->from == a->to ? PERIOD_MONTH : PERIOD_SPAN, a->from, a->to };
	char about[PERIOD_MAX], text[64] = "", indicator[128];
	const struct str extra[] = { { a->state->model, DIGEST }, { a->state->prefix, DIGEST } };
	struct obs obs = { 0 };

	period_format(period, about);
	snprintf(indicator, sizeof indicator, "%s%s", format, name);
	if (!isnan(value))
		snprintf(text, sizeof text, "%.*f", digits, value);
	obs.f[OBS_KNOWN] = str_of(a->state->known);
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
	emit(&a, "F", main->probability, 5, "1", "deficit.probability", "");
	emit(&a, "F", main->mcse, 5, "1", "deficit.probability.mcse", "");
	for (size_t k = 1; k < r->n_scenarios; k++)
		emit(&a, "F", main[k * r->n_horizons].probability, 5, "1", "deficit.probability.", scenario_names[k]);
	for (size_t d = 0; r->change != NULL && d < ESTIMATE_CAUSES; d++) {
		double part = r->change[(cell * r->n_horizons + h) * ESTIMATE_CAUSES + d];

		sum += part;
		a.refs = r->driver_refs[d].n > 0 ? r->driver_refs[d] : refs;
		if (part != 0)
			emit(&a, "F", part, 5, "1", "deficit.probability.change.", estimate_cause_names[d]);
	}
	a.refs = refs;
	if (r->change != NULL)
		emit(&a, "F", sum, 5, "1", "deficit.probability.change", "");
	emit(&a, "F", main->short_median, 3, "t", "deficit.mass.median", "");
	emit(&a, "F", main->short_p05, 3, "t", "deficit.mass.p05", "");
	emit(&a, "F", main->short_p95, 3, "t", "deficit.mass.p95", "");
	emit(&a, "F", main->short_expected, 3, "t", "deficit.mass.expected", "");
	emit(&a, "F", main->deepest, 0, "mo", "deficit.deepest", "");
}

/* The raw share of paths, and that drawn to how often it was so by as much as the past is short: n/(n+20) of the log odds. */
static double
shrunk(double p, const struct estimate_past *past)
{
	double n = (double)past->months, weight = n / (n + 20), rate = ((double)past->yes + 0.5) / (n + 1), least = 1e-4;

	p = fmin(fmax(p, least), 1 - least);
	return 1 / (1 + exp(-(weight * log(p / (1 - p)) + (1 - weight) * log(rate / (1 - rate)))));
}

static void
emit_standins(struct about a, const struct estimate_result *r, size_t c)
{
	int32_t from = a.from;
	char name[64];

	for (size_t k = 0; k < STANDINS; k++) {
		const struct estimate_past *past = &r->past[c * STANDINS + k];

		for (size_t i = 0; i < past->n; i++) {
			a.from = a.to = past->month[i];
			snprintf(name, sizeof name, "%s", standin_names[k]);
			emit(&a, "E", past->was[i], 0, "1", "standin.", name);
		}
		for (size_t h = 0; h < r->n_horizons; h++) {
			double p = r->forecasts[c * r->n_horizons + h].probability[k];

			a.from = a.to = from + (int32_t)h;
			if (isnan(p))
				continue;
			snprintf(name, sizeof name, "%s.probability", standin_names[k]);
			emit(&a, "F", shrunk(p, past), 5, "1", "standin.", name);
			snprintf(name, sizeof name, "%s.probability.raw", standin_names[k]);
			emit(&a, "F", p, 5, "1", "standin.", name);
		}
	}
}

/* A note for each series without a figure, and one for all that a run has no notes left for. */
static void
note_missing(struct state *state, struct run *run, struct str series)
{
	char note[64];
	size_t i = 0;

	snprintf(note, sizeof note, "no figures of %.*s", STR_ARG(series));
	while (i < state->n_missing && strcmp(state->missing[i], note) != 0)
		i++;
	if (i < state->n_missing)
		return; /* said before, as of another moment */
	if (i + 1 >= RUN_MAX_RULES) {
		run_count_note(run, "no figures of others");
		return;
	}
	memcpy(state->missing[state->n_missing++], note, sizeof note);
	run_count_note(run, state->missing[i]);
}

static void
emit_feed(struct about a, const struct estimate_result *r)
{
	char name[96];

	a.commodity = STR("REO");
	for (size_t s = 0; s < r->n_series; s++)
		for (size_t i = 0; i < ESTIMATE_OUTCOMES; i++) {
			double mass = r->observed[s * ESTIMATE_OUTCOMES + i];

			a.partner = r->partner[s];
			a.from = a.to = r->latest - ESTIMATE_OUTCOMES + 1 + (int32_t)i;
			snprintf(name, sizeof name, "%.*s", STR_ARG(r->series[s]));
			if (!isnan(mass))
				emit(&a, "E", mass, 3, "t", "feed.observed.", name);
		}
	for (size_t s = 0; s < r->n_series; s++)
		for (size_t i = 0; i < r->n_feed; i++) {
			size_t at = s * r->n_feed + i;

			a.partner = r->partner[s];
			a.from = a.to = r->latest + 1 + (int32_t)i;
			snprintf(name, sizeof name, "%.*s", STR_ARG(r->series[s]));
			if (isnan(r->feed_t[at]) && i == 0)
				note_missing((struct state *)(uintptr_t)a.state, a.run, r->series[s]);
			if (isnan(r->feed_t[at]))
				continue;
			emit(&a, "F", r->feed_t[at], 3, "t", "feed.mass.", name);
			snprintf(name, sizeof name, "%.*s.sd-log", STR_ARG(r->series[s]));
			emit(&a, "F", r->feed_sd[at], 4, "1", "feed.mass.", name);
		}
}

/* Everything as of the moment in hand. */
static int
estimate_now(struct state *state, struct run *run, struct err *err)
{
	static const char *const gate_names[GATE_STATES] = { "open", "licensed", "shut" };
	struct about a = { .state = state, .run = run };
	struct estimate_result r;
	SHA2_CTX read = state->read;
	char abroad[32];
	int64_t as_of;
	int rc;

	SHA256End(&read, state->prefix);
	if ((rc = instant_parse(str_of(state->known), &as_of, err)) != LODE_OK ||
	    (rc = estimate_run(state->estimate, as_of, &r, err)) != LODE_OK)
		return rc;
	snprintf(abroad, sizeof abroad, "X-%s", state->opts->area);
	a.from = r.as_of + 1;
	for (size_t region = 0; region < r.n_regions; region++)
		for (size_t c = 0; c < r.n_commodities; c++) {
			a.area = str_of(region == BALANCE_HOME ? state->opts->area : abroad);
			a.commodity = r.commodity[c];
			a.refs = r.refs[region];
			for (size_t h = 0; h < r.n_horizons; h++)
				emit_answers(a, &r, region * r.n_commodities + c, h);
		}
	a.area = str_of(state->opts->area);
	for (size_t c = 0; c < r.n_commodities; c++) {
		a.commodity = r.commodity[c];
		a.refs = r.refs[BALANCE_HOME];
		emit_standins(a, &r, c);
	}
	if (r.n_commodities > 0)
		emit_feed(a, &r);
	a.commodity = STR("");
	a.from = a.to = r.as_of;
	a.refs = r.refs[BALANCE_ABROAD];
	for (size_t k = 0; r.n_regions > 1 && k < GATE_STATES; k++)
		emit(&a, "E", r.gate[k], 5, "1", "gate.probability.", gate_names[k]);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs;
	bool used;
	int rc;

	for (size_t i = 0; i < OBS_N; i++)
		obs.f[i] = record_get(record, state->column[i]);
	if (!state->live && str_cmp(obs.f[OBS_KNOWN], str_of(state->known)) > 0)
		return LODE_DONE; /* the future: not even read */
	if (state->live && !str_is(obs.f[OBS_KNOWN], state->known)) {
		if (state->dirty && (rc = estimate_now(state, run, err)) != LODE_OK)
			return rc;
		state->dirty = false;
		memcpy(state->known, obs.f[OBS_KNOWN].p, INSTANT_LENGTH); /* ordered: its form has been checked */
		state->known[INSTANT_LENGTH] = '\0';
	}
	SHA256Update(&state->read, (const uint8_t *)record->raw.p, record->raw.n);
	SHA256Update(&state->read, (const uint8_t *)"\n", 1);
	rc = estimate_take(state->estimate, &obs, state->basket < 0 ? STR("") : record_get(record, (unsigned)state->basket), &used, err);
	state->dirty |= rc == LODE_OK && used;
	return rc;
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;

	int rc = state->live && !state->dirty ? LODE_OK : estimate_now(state, run, err);

	state->dirty = false;
	return rc;
}

/* How far the digest over the lines has come: eight words, the length, and the bytes that wait, all in hexadecimal digits. */
static int
add_digest(const SHA2_CTX *read, struct buf *to, struct err *err)
{
	size_t n = (size_t)(read->bitcount[0] / 8 % SHA256_BLOCK_LENGTH), i;
	int rc = LODE_OK;

	for (i = 0; i < 8 && rc == LODE_OK; i++)
		rc = buf_printf(to, "%08" PRIx32, read->state.st32[i]);
	if (rc == LODE_OK)
		rc = buf_printf(to, "%016" PRIx64, read->bitcount[0]);
	for (i = 0; i < n && rc == LODE_OK; i++)
		rc = buf_printf(to, "%02x", read->buffer[i]);
	return rc == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

/* n digits as a number; false when they are not there. */
static bool
take_hex(struct str *text, size_t n, uint64_t *number)
{
	*number = 0;
	if (text->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *digits = "0123456789abcdef", *at = strchr(digits, text->p[i]);

		if (at == NULL || *at == '\0')
			return false;
		*number = *number << 4 | (uint64_t)(at - digits);
	}
	*text = (struct str){ text->p + n, text->n - n };
	return true;
}

static bool
take_digest(struct str text, SHA2_CTX *read)
{
	uint64_t number;
	size_t i, n;

	for (i = 0; i < 8; i++) {
		if (!take_hex(&text, 8, &number))
			return false;
		read->state.st32[i] = (uint32_t)number;
	}
	if (!take_hex(&text, 16, &read->bitcount[0]))
		return false;
	n = (size_t)(read->bitcount[0] / 8 % SHA256_BLOCK_LENGTH);
	for (i = 0; i < n; i++) {
		if (!take_hex(&text, 2, &number))
			return false;
		read->buffer[i] = (uint8_t)number;
	}
	return text.n == 0;
}

/* Facts that changed, each at the place that its number gives; the moment in hand; the digest; the tables. */
static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct buf text = BUF_INIT;
	uint64_t number;
	char key[32];
	int rc;

	while ((rc = estimate_touched(state->estimate, &number, &text, err)) == LODE_OK) {
		struct str name = { key, (size_t)snprintf(key, sizeof key, "%" PRIu64, number) };

		if ((rc = state_put_as(run->state, "fact", name, buf_str(&text), &number, err)) != LODE_OK)
			break;
	}
	text.n = 0;
	if (rc == LODE_DONE && (rc = add_digest(&state->read, &text, err)) == LODE_OK &&
	    (rc = state_put(run->state, STR("digest"), buf_str(&text), NULL, err)) == LODE_OK &&
	    (rc = state_put(run->state, STR("model"), str_of(state->model), NULL, err)) == LODE_OK && state->live)
		rc = state_put(run->state, state->dirty ? STR("moment") : STR("past"), str_of(state->known), NULL, err);
	if (rc == LODE_OK && state->live)
		rc = state_drop(run->state, state->dirty ? STR("past") : STR("moment"), err);
	buf_release(&text);
	return rc;
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str text;

	(void)run;
	if (state_is(entry, "fact", &text))
		return estimate_restore(state->estimate, entry->order, entry->value, err);
	if (str_is(entry->key, "model")) {
		if (!str_is(entry->value, state->model))
			return err_set(err, LODE_EUSAGE, "the state was kept with other tables: model '%.*s'", STR_ARG(entry->value));
	} else if (str_is(entry->key, "digest")) {
		if (!take_digest(entry->value, &state->read))
			return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(entry->value));
	} else if (entry->value.n == INSTANT_LENGTH) {
		memcpy(state->known, entry->value.p, INSTANT_LENGTH);
		state->dirty = str_is(entry->key, "moment");
	}
	return LODE_OK;
}

/* CLASS:MONTH:N, or CLASS alone to forbid; false when it is neither. */
static bool
read_scenario(struct str text, bool force, struct estimate_scenario *to)
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

static void
check_options(const struct opts *opts, struct estimate_options *how, struct estimate_scenario *events)
{
	if (opts->tables == NULL)
		options_refuse(&program, "--tables is needed");
	if (opts->paths < 1 || opts->paths > 10000000)
		options_refuse(&program, "--paths: %zu is not from 1 to 10000000", opts->paths);
	if (opts->threads < 1 || opts->threads > 256)
		options_refuse(&program, "--threads: %zu is not from 1 to 256", opts->threads);
	if (opts->since != INT64_MIN && opts->as_of == INT64_MIN)
		options_refuse(&program, "--since needs --as-of");
	if (opts->since != INT64_MIN && opts->since >= opts->as_of)
		options_refuse(&program, "--since is not before --as-of");
	if (opts->force.n + opts->forbid.n > MAX_EVENTS)
		options_refuse(&program, "more than %d of --force and --forbid", MAX_EVENTS);
	for (size_t i = 0; i < opts->force.n; i++)
		if (!read_scenario(opts->force.item[i], true, &events[how->n_events++]))
			options_refuse(&program, "--force: '%.*s' is not like border-closure:2025-07:3", STR_ARG(opts->force.item[i]));
	for (size_t i = 0; i < opts->forbid.n; i++)
		if (!read_scenario(opts->forbid.item[i], false, &events[how->n_events++]))
			options_refuse(&program, "--forbid: '%.*s' is not like border-closure", STR_ARG(opts->forbid.item[i]));
	for (size_t i = 0; i < opts->without.n; i++) {
		size_t d = 0;

		while (d < ESTIMATE_DRIVERS && !str_is(opts->without.item[i], estimate_cause_names[d]))
			d++;
		if (d == ESTIMATE_DRIVERS)
			options_refuse(&program, "--without: '%.*s' is not customs, event, export, output or price", STR_ARG(opts->without.item[i]));
		how->without[d] = true;
	}
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .as_of = INT64_MIN, .since = INT64_MIN, .area = "CN", .paths = 4000, .seed = 1, .threads = 1 };
	struct state state = { .opts = &opts };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore, .on_checkpoint = on_checkpoint };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	struct estimate_scenario events[MAX_EVENTS];
	struct estimate_options how = { .tables = opts.tables, .area = opts.area, .places = &opts.places, .since = opts.since, .events = events,
		.seed = opts.seed, .n_paths = (uint32_t)opts.paths, .n_threads = (unsigned)opts.threads, .n_horizons = HORIZONS,
		.n_scenarios = sizeof scenarios / sizeof *scenarios, .scenarios = scenarios };
	int rc;

	check_options(&opts, &how, events);
	state.live = opts.as_of == INT64_MIN;
	if (!state.live)
		instant_format(opts.as_of, state.known);
	SHA256Init(&state.read);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = estimate_new(&state.estimate, &how, &err)) == LODE_OK) {
		estimate_version(state.estimate, state.model);
		rc = run_tape(&run, operands, &filter, &err);
	}
	estimate_free(state.estimate);
	return run_end(&run, rc, &err);
}
