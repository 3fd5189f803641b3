/*
 * lode-signal - the day's signal file from what lode-estimate says
 *
 * in     a tape in order of `known` with deficit.* lines; others are passed over
 * out    one row per as-of time, region, commodity and horizon, with a level (TSV, or a table for people)
 * state  the lines of one as-of time, and the last level of each region, commodity and horizon
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "dec.h"
#include "instant.h"
#include "levels.h"
#include "period.h"
#include "run.h"

/* Columns of the signal file that come from lines, and the indicator of each. */
enum { PROBABILITY, MCSE, MEDIAN, P05, P95, EXPECTED, STOCK_05, STOCK_1, STOCK_2, N_VALUES };

static const struct {
	const char *indicator, *column;
} values[N_VALUES] = {
	[PROBABILITY] = { "deficit.probability", "probability" }, [MCSE] = { "deficit.probability.mcse", "mc_error" },
	[MEDIAN] = { "deficit.mass.median", "short_median_t" }, [P05] = { "deficit.mass.p05", "short_p05_t" },
	[P95] = { "deficit.mass.p95", "short_p95_t" }, [EXPECTED] = { "deficit.mass.expected", "short_expected_t" },
	[STOCK_05] = { "deficit.probability.stock-0.5", "p_stock_0.5" }, [STOCK_1] = { "deficit.probability.stock-1", "p_stock_1" },
	[STOCK_2] = { "deficit.probability.stock-2", "p_stock_2" },
};

enum { MAX_ROWS = 4096 };

struct opts {
	struct run_options run;
	const char *thresholds, *previous, *format;
};

struct row {
	struct str region, commodity, source, refs, value[N_VALUES];
	struct period period;
};

struct state {
	const struct opts *opts;
	unsigned column[OBS_N];
	struct levels *levels; /* owned */
	struct arena *arena;   /* owned: texts of the as-of time in hand */
	char as_of[INSTANT_MAX];
	struct row *rows;      /* owned, MAX_ROWS */
	size_t n_rows;
};

static const struct option_spec options[] = {
	{ 't', "thresholds", "FILE", OPTION_TEXT, offsetof(struct opts, thresholds), "table of levels: level enter leave" },
	{ 'p', "previous", "FILE", OPTION_TEXT, offsetof(struct opts, previous), "signal file of an earlier day: the levels before" },
	{ 'f', "format", "FORMAT", OPTION_TEXT, offsetof(struct opts, format), "tsv, or table for people; tsv by default" },
	RUN_OPTIONS(struct opts, run),
	{ 0 },
};

static const struct program program = { "lode-signal", "[FILE ...]", "levels of warning from estimated deficits", options };

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static void
put(struct run *run, struct str text)
{
	sink_byte(&run->out, '\t');
	sink_str(&run->out, text);
}

/* For people: times a factor, to so many digits; "-" for what is missing. */
static const char *
show(struct str value, double factor, int digits, char out[32])
{
	struct err ignored;
	struct dec number;

	if (value.n == 0 || dec_parse(value, &number, &ignored) != LODE_OK)
		return "-";
	snprintf(out, 32, "%.*f", digits, factor * dec_double(number));
	return out;
}

static void
write_row(const struct state *state, struct run *run, const struct row *row, struct str horizon, struct str level)
{
	struct period first = period_of_month(period_first_month(row->period)), last = period_of_month(period_last_month(row->period));
	char from[PERIOD_MAX], to[PERIOD_MAX], line[512], a[8][32];
	const struct str *v = row->value;
	int n;

	period_format(first, from);
	period_format(last, to);
	if (strcmp(state->opts->format, "tsv") == 0) {
		const struct str head[] = { row->region, row->commodity, horizon, str_of(from), str_of(to), level };

		sink_str(&run->out, str_of(state->as_of));
		for (size_t i = 0; i < sizeof head / sizeof *head; i++)
			put(run, head[i]);
		for (size_t i = 0; i < N_VALUES; i++)
			put(run, v[i]);
		put(run, row->source);
		put(run, row->refs);
		sink_byte(&run->out, '\n');
		return;
	}
	n = snprintf(line, sizeof line, "%-6.*s  %-9.*s  %6.*s  %-7s  %-8.*s  %6s  %5s  %8s  %7s  %7s  %6s  %6s  %6s\n",
	    STR_ARG(row->region), STR_ARG(row->commodity), STR_ARG(horizon), to, STR_ARG(level), show(v[PROBABILITY], 100, 1, a[0]),
	    show(v[MCSE], 100, 1, a[1]), show(v[MEDIAN], 1, 0, a[2]), show(v[P05], 1, 0, a[3]), show(v[P95], 1, 0, a[4]),
	    show(v[STOCK_05], 100, 1, a[5]), show(v[STOCK_1], 100, 1, a[6]), show(v[STOCK_2], 100, 1, a[7]));
	sink_write(&run->out, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

/* Ends the as-of time in hand: levels, rows, and on to the next. */
static int
finish_time(struct state *state, struct run *run, struct err *err)
{
	bool people = strcmp(state->opts->format, "table") == 0;
	char horizon[16], key[512];
	struct str refs = { NULL, 0 }, months = { horizon, 0 }, level;
	struct dec p;

	if (people && state->n_rows > 0) {
		sink_str(&run->out, STR("deficit signals as of "));
		sink_str(&run->out, str_of(state->as_of));
		sink_str(&run->out, STR("\n\n                                           P(deficit)       tonnes short then    P with stock, months\n"));
		sink_str(&run->out, STR("region  commodity  months  to       level          %     +-    median       5%      95%     0.5       1       2\n"));
	}
	for (size_t i = 0; i < state->n_rows; i++) {
		const struct row *row = &state->rows[i];

		if (row->value[PROBABILITY].n == 0)
			continue;
		months.n = (size_t)snprintf(horizon, sizeof horizon, "%d",
		    period_last_month(row->period) - period_first_month(row->period) + 1);
		if (dec_parse(row->value[PROBABILITY], &p, err) != LODE_OK ||
		    levels_step(state->levels, levels_key(row->region, row->commodity, months, key, sizeof key), str_of(state->as_of),
		    dec_double(p), &level, err) != LODE_OK)
			return err->code;
		write_row(state, run, row, months, level);
		refs = row->refs;
	}
	if (people && refs.p != NULL) {
		sink_str(&run->out, STR("\nrests on: "));
		sink_str(&run->out, refs);
		sink_byte(&run->out, '\n');
	}
	state->n_rows = 0;
	arena_free(state->arena);
	return (state->arena = arena_new()) == NULL ? no_memory(err) : LODE_OK;
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	(void)err;
	for (size_t i = 0; i < OBS_N; i++)
		state->column[i] = (unsigned)header->obs[i];
	if (strcmp(state->opts->format, "tsv") != 0)
		return LODE_OK;
	sink_str(&run->out, STR("as_of\tregion\tcommodity\thorizon\tfrom\tto\tlevel"));
	for (size_t i = 0; i < N_VALUES; i++)
		put(run, str_of(values[i].column));
	sink_str(&run->out, STR("\tsource\trefs\n"));
	return LODE_OK;
}

/* A probability lies in 0 to 1 and has the unit 1, tonnes are not below 0: another figure or unit under these names is a mistake. */
static int
check_value(size_t v, struct str value, struct str unit, struct err *err)
{
	const bool mass = str_starts(str_of(values[v].indicator), STR("deficit.mass."));
	struct dec number;

	if (!str_is(unit, mass ? "t" : "1")) {
		err_set(err, LODE_EDATA, "%s in '%.*s', not in %s", values[v].indicator, STR_ARG(unit), mass ? "t" : "1");
		return err_column(err, 1, obs_names[OBS_UNIT]);
	}
	if (value.n == 0)
		return LODE_OK;
	if (dec_parse(value, &number, err) == LODE_OK) {
		if (number.mantissa >= 0 && (mass || dec_cmp(number, dec_of(1)) <= 0))
			return LODE_OK;
		err_set(err, LODE_EDATA, mass ? "'%.*s' is below 0" : "'%.*s' is not a probability from 0 to 1", STR_ARG(value));
	}
	return err_column(err, 1, obs_names[OBS_VALUE]);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str indicator = record_get(record, state->column[OBS_INDICATOR]), f[OBS_N];
	struct period period;
	struct row *row;
	size_t v = 0, i = 0;

	while (v < N_VALUES && !str_is(indicator, values[v].indicator))
		v++;
	if (v == N_VALUES)
		return LODE_OK;
	for (size_t k = 0; k < OBS_N; k++)
		f[k] = record_get(record, state->column[k]);
	if (period_parse(f[OBS_PERIOD], &period, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_PERIOD]);
	if (check_value(v, f[OBS_VALUE], f[OBS_UNIT], err) != LODE_OK)
		return err->code;
	if (!str_is(f[OBS_KNOWN], state->as_of)) {
		if (finish_time(state, run, err) != LODE_OK)
			return err->code;
		memcpy(state->as_of, f[OBS_KNOWN].p, INSTANT_LENGTH); /* ordered: its form has been checked */
	}
	while (i < state->n_rows && !(str_eq(state->rows[i].region, f[OBS_AREA]) && str_eq(state->rows[i].commodity, f[OBS_COMMODITY]) &&
	    state->rows[i].period.first == period.first && state->rows[i].period.last == period.last))
		i++;
	if (i == MAX_ROWS)
		return err_set(err, LODE_EDATA, "more than %d rows at one time", MAX_ROWS);
	row = &state->rows[i];
	if (i == state->n_rows) {
		*row = (struct row){ .region = arena_dup(state->arena, f[OBS_AREA]), .commodity = arena_dup(state->arena, f[OBS_COMMODITY]),
			.source = arena_dup(state->arena, f[OBS_SOURCE]), .refs = arena_dup(state->arena, f[OBS_REF]), .period = period };
		state->n_rows++;
	}
	if (!str_eq(row->value[v], f[OBS_VALUE]) || row->value[v].p == NULL)
		row->value[v] = arena_dup(state->arena, f[OBS_VALUE]);
	return row->refs.p == NULL || row->source.p == NULL || row->value[v].p == NULL ? no_memory(err) : LODE_OK;
}

static int
on_control(void *argument, const struct record *record, struct run *run, struct err *err)
{
	(void)record;
	return finish_time(argument, run, err);
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	return finish_time(argument, run, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .format = "tsv" };
	struct state state = { .opts = &opts, .arena = arena_new(), .rows = calloc(MAX_ROWS, sizeof(struct row)) };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_control = on_control,
		.on_finish = on_finish, .ordered = true, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	if (opts.thresholds == NULL)
		options_refuse(&program, "--thresholds is needed");
	if (strcmp(opts.format, "tsv") != 0 && strcmp(opts.format, "table") != 0)
		options_refuse(&program, "--format: '%s' is not tsv or table", opts.format);
	if (state.arena == NULL || state.rows == NULL)
		options_refuse(&program, "out of memory");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = levels_new(&state.levels, opts.thresholds, &err)) == LODE_OK &&
	    (opts.previous == NULL || (rc = levels_previous(state.levels, opts.previous, &err)) == LODE_OK))
		rc = run_tape(&run, operands, &filter, &err);
	levels_free(state.levels);
	arena_free(state.arena);
	free(state.rows);
	return run_end(&run, rc, &err);
}
