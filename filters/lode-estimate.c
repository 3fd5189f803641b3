/*
 * lode-estimate - probability of a supply deficit over the next twelve months, from a tape
 *
 * in     a tape in order of `known`: feed.mass lines of REO by partner and basket, outflow.mass, production.mass, prices, events; others are
 *        passed over
 * out    a tape: probabilities, tonnes short, stand-ins, the gate, the feed expected; as of --as-of, or as of each moment that brought something
 * state  the newest line of each key, and of those that changed since --since the one before; the paths' results
 */
#include <inttypes.h>
#include <stdio.h>

#include "instant.h"
#include "outlook.h"

enum { HORIZONS = 12, MAX_EVENTS = 16 };

struct opts {
	struct run_options run;
	int64_t as_of, since;
	const char *tables, *area;
	struct option_list places, force, forbid, without;
	size_t paths, seed, threads;
};

struct state {
	unsigned column[OBS_N];
	int basket; /* column, or -1 */
	struct estimate *estimate;
	struct facts *facts;       /* its */
	struct outlook outlook;    /* points to the next three */
	char known[INSTANT_MAX];   /* of what is written: --as-of, or the moment in hand */
	char model[DIGEST_HEX + 1], prefix[DIGEST_HEX + 1];
	struct digest read;        /* over all lines so far */
	bool live, dirty;          /* without --as-of; the moment in hand brought something */
};

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
	struct state *state = argument;

	(void)err;
	for (size_t i = 0; i < OBS_N; i++)
		state->column[i] = (unsigned)header->obs[i];
	state->basket = header_find(header, STR("basket"));
	outlook_write_header(run);
	return LODE_OK;
}

/* Everything as of the moment in hand. */
static int
estimate_now(struct state *state, struct run *run, struct err *err)
{
	struct estimate_result result;
	int64_t as_of;

	if (instant_parse(str_of(state->known), &as_of, err) != LODE_OK || estimate_run(state->estimate, as_of, &result, err) != LODE_OK)
		return err->code;
	digest_hex(&state->read, state->prefix);
	outlook_write(&state->outlook, run, &result);
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
	digest_add(&state->read, record->raw);
	digest_add(&state->read, STR("\n"));
	rc = facts_take(state->facts, &obs, state->basket < 0 ? STR("") : record_get(record, (unsigned)state->basket), &used, err);
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

/* Facts that changed, each at the place that its number gives; the moment in hand; the digest; the tables. */
static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct buf text = BUF_INIT;
	uint64_t number;
	char key[32];
	int rc;

	while ((rc = facts_touched(state->facts, &number, &text, err)) == LODE_OK) {
		struct str name = { key, (size_t)snprintf(key, sizeof key, "%" PRIu64, number) };

		if ((rc = state_put_as(run->state, "fact", name, buf_str(&text), &number, err)) != LODE_OK)
			break;
	}
	text.n = 0;
	if (rc == LODE_DONE && (rc = digest_keep(&state->read, &text, err)) == LODE_OK &&
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
		return facts_restore(state->facts, entry->order, entry->value, err);
	if (str_is(entry->key, "model")) {
		if (!str_is(entry->value, state->model))
			return err_set(err, LODE_EUSAGE, "the state was kept with other tables: model '%.*s'", STR_ARG(entry->value));
	} else if (str_is(entry->key, "digest")) {
		return digest_restore(&state->read, entry->value, err);
	} else if (entry->value.n == INSTANT_LENGTH) {
		memcpy(state->known, entry->value.p, INSTANT_LENGTH);
		state->dirty = str_is(entry->key, "moment");
	}
	return LODE_OK;
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
		if (!estimate_scenario_parse(opts->force.item[i], true, &events[how->n_events++]))
			options_refuse(&program, "--force: '%.*s' is not like border-closure:2025-07:3", STR_ARG(opts->force.item[i]));
	for (size_t i = 0; i < opts->forbid.n; i++)
		if (!estimate_scenario_parse(opts->forbid.item[i], false, &events[how->n_events++]))
			options_refuse(&program, "--forbid: '%.*s' is not like border-closure", STR_ARG(opts->forbid.item[i]));
	for (size_t i = 0; i < opts->without.n; i++) {
		size_t d = 0;

		while (d < FACTS_DRIVERS && !str_is(opts->without.item[i], facts_cause_names[d]))
			d++;
		if (d == FACTS_DRIVERS)
			options_refuse(&program, "--without: '%.*s' is not customs, event, export, output or price", STR_ARG(opts->without.item[i]));
		how->facts.without[d] = true;
	}
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .as_of = INT64_MIN, .since = INT64_MIN, .area = "CN", .paths = 4000, .seed = 1, .threads = 1 };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .outlook = { .area = opts.area, .known = state.known, .model = state.model, .prefix = state.prefix } };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore, .on_checkpoint = on_checkpoint };
	struct err err = ERR_INIT;
	struct run run;
	struct estimate_scenario events[MAX_EVENTS];
	struct estimate_options how = { .tables = opts.tables, .facts = { .area = opts.area, .places = &opts.places, .since = opts.since },
		.events = events, .seed = opts.seed, .n_paths = (uint32_t)opts.paths, .n_threads = (unsigned)opts.threads,
		.n_horizons = HORIZONS, .n_scenarios = OUTLOOK_SCENARIOS, .scenarios = outlook_scenarios };
	int rc;

	check_options(&opts, &how, events);
	state.live = opts.as_of == INT64_MIN;
	if (!state.live)
		instant_format(opts.as_of, state.known);
	digest_init(&state.read);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = estimate_new(&state.estimate, &how, &err)) == LODE_OK) {
		state.facts = estimate_facts(state.estimate);
		model_version(estimate_model(state.estimate), state.model);
		rc = run_tape(&run, operands, &filter, &err);
	}
	estimate_free(state.estimate);
	return run_end(&run, rc, &err);
}
