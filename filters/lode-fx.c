/*
 * lode-fx - exchange rates of central banks to a tape
 *
 * in     eurofxref-hist.csv (newest first), eurofxref.csv, plain or in their zip; FRED files of DEX series; tables of SAFE and CFETS
 * out    fx.rate for each day and currency, oldest first; a missing rate is no line
 * state  the lines chosen, to write them in order of `known`
 */
#include "collate.h"
#include "fx.h"
#include "instant.h"
#include "parse.h"

struct opts {
	struct run_options run;
	struct option_list currency;
	const char *since;
	size_t max_held;
};

struct state {
	const struct opts *opts;
	int32_t since; /* days since 1970-01-01 */
	struct fx fx;
	struct collate *collate;
	struct ref ref;
};

static const struct option_spec options[] = {
	{ 'c', "currency", "CODES", OPTION_LIST, offsetof(struct opts, currency), "only these currencies, as in CNY,USD" },
	{ 0, "since", "PERIOD", OPTION_TEXT, offsetof(struct opts, since), "only days from here on" },
	COLLATE_OPTION(struct opts, max_held),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-fx", "[FILE ...]", "exchange rates of central banks to a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (fx_columns(&state->fx, header, &state->opts->currency, err) != LODE_OK)
		return err->code;
	run_write_header(run, NULL, 0);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct fx *fx = &state->fx;
	struct obs obs = { .f = { [OBS_INDICATOR] = STR("fx.rate"), [OBS_STATUS] = STR("A") } };
	struct str value[FX_MAX_RATES];
	char known[INSTANT_MAX], day_text[PERIOD_MAX];
	static char bytes[FX_MAX_RATES][DEC_MAX]; /* of the values that are not as the file has them */
	struct period day;
	unsigned i, n = 0;

	if (fx_day(fx, record_get(record, fx->date), &day, err) != LODE_OK)
		return err->code;
	if (day.first < state->since) {
		run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	for (i = 0; i < fx->n; i++) /* all of them before the first is kept: a record is used whole or not at all */
		if (fx_value(fx, &fx->rate[i], record_get(record, fx->rate[i].column), bytes[i], &value[i], err) != LODE_OK)
			return err_column(err, fx->rate[i].column + 1, fx->rate[i].name);
	instant_format(fx_known(fx, day), known);
	obs.f[OBS_KNOWN] = str_of(known);
	obs.f[OBS_PERIOD] = (struct str){ day_text, period_format(day, day_text) };
	obs.f[OBS_AREA] = str_of(fx_origins[fx->kind].area);
	obs.f[OBS_SOURCE] = str_of(fx_origins[fx->kind].source);
	obs.f[OBS_REF] = ref_line(&state->ref, record->line);
	for (i = 0; i < fx->n; i++) {
		if (value[i].n == 0)
			continue;
		obs.f[OBS_COMMODITY] = str_of(fx->rate[i].commodity);
		obs.f[OBS_UNIT] = str_of(fx->rate[i].unit);
		obs.f[OBS_VALUE] = value[i];
		if (collate_add(state->collate, &obs, NULL, 0, err) != LODE_OK)
			return err->code;
		n++;
	}
	if (n == 0)
		run_count_rule(run, "no-rate");
	return LODE_OK;
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	struct period since;

	state->since = INT32_MIN;
	if (state->opts->since != NULL) {
		if (period_parse(str_of(state->opts->since), &since, err) != LODE_OK)
			return err->code = LODE_EUSAGE;
		state->since = period_start(since);
	}
	return collate_new(&state->collate, &run->out, true, state->opts->max_held, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .opts = &opts };
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK &&
	    (rc = parse_inputs(&run, operands, &filter, &state.ref, &err)) == LODE_OK)
		rc = collate_finish(state.collate, &err);
	collate_free(state.collate);
	ref_release(&state.ref);
	return run_end(&run, rc, &err);
}
