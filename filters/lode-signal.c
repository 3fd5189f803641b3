/*
 * lode-signal - the day's signal file from what lode-estimate says
 *
 * in     a tape in order of `known` with deficit.* lines; others are passed over
 * out    one row per as-of time, region, commodity and horizon, with a level (TSV, JSON, or a table for people)
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
#include "signals.h"

enum { MAX_ROWS = 4096 };

struct opts {
	struct run_options run;
	const char *thresholds, *previous, *format;
};

struct state {
	const struct opts *opts;
	unsigned column[OBS_N];
	int model, prefix; /* columns, or -1 */
	enum signals_format format;
	struct levels *levels; /* owned */
	struct arena *arena;   /* owned: texts of the as-of time in hand */
	char as_of[INSTANT_MAX];
	struct signals_row *rows; /* owned, MAX_ROWS */
	size_t n_rows;
	struct state_moment lines; /* that the rows are of */
};

static const struct option_spec options[] = {
	{ 't', "thresholds", "FILE", OPTION_TEXT, offsetof(struct opts, thresholds), "table of levels: level enter leave" },
	{ 'p', "previous", "FILE", OPTION_TEXT, offsetof(struct opts, previous), "signal file of an earlier day: the levels before" },
	{ 'f', "format", "FORMAT", OPTION_TEXT, offsetof(struct opts, format), "tsv, json, or table for people; tsv by default" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 },
};

static const struct program program = { "lode-signal", "[FILE ...]", "levels of warning from estimated deficits", options };

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* Ends the as-of time in hand: levels, rows, and on to the next. */
static int
finish_time(struct state *state, struct run *run, struct err *err)
{
	char horizon[16], room[512], text[LEVELS_TEXT];
	struct str key;
	struct dec p;

	for (size_t i = 0; i < state->n_rows; i++) {
		struct signals_row *row = &state->rows[i];
		struct str months = { horizon, (size_t)snprintf(horizon, sizeof horizon, "%d", signals_horizon(row)) };

		if (row->value[SIGNALS_PROBABILITY].n == 0)
			continue;
		key = levels_key(row->region, row->commodity, months, room, sizeof room);
		if (dec_parse(row->value[SIGNALS_PROBABILITY], &p, err) != LODE_OK ||
		    levels_step(state->levels, key, str_of(state->as_of), dec_double(p), &row->level, err) != LODE_OK ||
		    state_put_as(run->state, "level", key, levels_text(state->levels, key, text), NULL, err) != LODE_OK)
			return err->code;
	}
	if (state_moment_over(run->state, &state->lines, err) != LODE_OK)
		return err->code;
	if (signals_write(&run->out, state->format, str_of(state->as_of), state->rows, state->n_rows, err) != LODE_OK)
		return err->code;
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
	state->model = header_find(header, STR("model"));
	state->prefix = header_find(header, STR("prefix"));
	signals_begin(&run->out, state->format);
	return LODE_OK;
}

/* Another figure or unit under these names is a mistake. */
static int
check_value(const struct signals_column *column, struct str value, struct str unit, struct err *err)
{
	struct dec number, one = dec_of(1), minus = dec_of(-1);

	if (!str_is(unit, column->unit)) {
		err_set(err, LODE_EDATA, "%s in '%.*s', not in %s", column->indicator, STR_ARG(unit), column->unit);
		return err_column(err, 1, obs_names[OBS_UNIT]);
	}
	if (value.n == 0)
		return LODE_OK;
	if (dec_parse(value, &number, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_VALUE]);
	if (column->kind == SIGNALS_IS_CHANGE && (dec_cmp(number, minus) < 0 || dec_cmp(number, one) > 0))
		err_set(err, LODE_EDATA, "'%.*s' is not a change from -1 to 1", STR_ARG(value));
	else if (column->kind == SIGNALS_IS_PROBABILITY && (number.mantissa < 0 || dec_cmp(number, one) > 0))
		err_set(err, LODE_EDATA, "'%.*s' is not a probability from 0 to 1", STR_ARG(value));
	else if (column->kind != SIGNALS_IS_CHANGE && number.mantissa < 0)
		err_set(err, LODE_EDATA, "'%.*s' is below 0", STR_ARG(value));
	else
		return LODE_OK;
	return err_column(err, 1, obs_names[OBS_VALUE]);
}

/* A further column's field, empty without such a column. */
static struct str
field(const struct state *state, const struct record *record, int column)
{
	return arena_dup(state->arena, column < 0 ? STR("") : record_get(record, (unsigned)column));
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str indicator = record_get(record, state->column[OBS_INDICATOR]), f[OBS_N];
	struct period period;
	struct signals_row *row;
	size_t v = 0, i = 0;

	while (v < SIGNALS_VALUES && !str_is(indicator, signals_columns[v].indicator))
		v++;
	if (v == SIGNALS_VALUES)
		return LODE_OK;
	for (size_t k = 0; k < OBS_N; k++)
		f[k] = record_get(record, state->column[k]);
	if (period_parse(f[OBS_PERIOD], &period, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_PERIOD]);
	if (check_value(&signals_columns[v], f[OBS_VALUE], f[OBS_UNIT], err) != LODE_OK)
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
		*row = (struct signals_row){ .region = arena_dup(state->arena, f[OBS_AREA]),
			.commodity = arena_dup(state->arena, f[OBS_COMMODITY]), .source = arena_dup(state->arena, f[OBS_SOURCE]),
			.refs = arena_dup(state->arena, f[OBS_REF]), .model = field(state, record, state->model),
			.prefix = field(state, record, state->prefix), .period = period };
		state->n_rows++;
	}
	if (!str_eq(row->value[v], f[OBS_VALUE]) || row->value[v].p == NULL)
		row->value[v] = arena_dup(state->arena, f[OBS_VALUE]);
	if (signals_columns[v].kind == SIGNALS_IS_CHANGE)
		row->cause_refs[v] = arena_dup(state->arena, f[OBS_REF]);
	if (row->refs.p == NULL || row->source.p == NULL || row->model.p == NULL || row->prefix.p == NULL || row->value[v].p == NULL)
		return no_memory(err);
	return state_moment_add(run->state, &state->lines, record->raw, err);
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str key;

	if (state_moment_restored(&state->lines, entry))
		return run_feed(run, entry->value, err);
	if (state_is(entry, "level", &key))
		return levels_restore(state->levels, key, entry->value, err);
	return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(entry->key));
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
	struct state state = { .opts = &opts, .arena = arena_new(), .rows = calloc(MAX_ROWS, sizeof(struct signals_row)) };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record,
		.on_finish = on_finish, .ordered = true, .state = &state, .on_restore = on_restore };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	if (opts.thresholds == NULL)
		options_refuse(&program, "--thresholds is needed");
	while (state.format < SIGNALS_FORMATS && strcmp(opts.format, signals_formats[state.format]) != 0)
		state.format++;
	if (state.format == SIGNALS_FORMATS)
		options_refuse(&program, "--format: '%s' is not tsv, json or table", opts.format);
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
