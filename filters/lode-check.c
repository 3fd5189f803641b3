/*
 * lode-check - passes a tape on only while all of it is valid
 *
 * in     a tape
 * out    the same lines up to the first fault; with --rejects all lines but the faulty ones
 * state  the keys and values that became known at one moment, at most --max-keys of them
 */
#include <stdio.h>

#include "arena.h"
#include "dec.h"
#include "key.h"
#include "map.h"
#include "order.h"
#include "period.h"
#include "run.h"

struct opts {
	struct run_options run;
	struct option_list rules, key;
	size_t max_keys;
};

/* The first line of a key at one moment. */
struct figure {
	struct str value, unit, ref;
	const char *source;
	uint64_t line;
};

struct state {
	const struct opts *opts;
	bool form, order, early, repeat; /* the rules in force */
	struct header columns;           /* where they stand, without their names */
	struct order before;
	struct key key;                  /* owned */
	char moment[INSTANT_MAX];        /* whose figures these are */
	struct map *figures;             /* owned: key to struct figure */
	struct arena *texts;             /* owned: what the figures point to */
	const char *source;              /* owned by texts */
	char kept[INSTANT_MAX];
	struct state_moment lines;       /* those that a repeat would be one of; or the last one */
};

static const struct option_spec options[] = {
	{ 'r', "rules", "RULES", OPTION_LIST, offsetof(struct opts, rules), "only these of form, order, early, repeat" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N keys of one moment, 1000000 by default" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-check", "[FILE ...]", "pass a tape on only while all of it is valid", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (key_init(&state->key, header, state->opts->key.item, state->opts->key.n, err) != LODE_OK)
		return err->code;
	state->columns = *header;
	state->columns.names = NULL; /* they go with the first input */
	tape_write_names(&run->out, header);
	return LODE_OK;
}

static int
check_form(const struct record *record, const struct obs *obs, struct err *err)
{
	unsigned i;

	if (obs_check(obs, err) != LODE_OK)
		return err->code;
	for (i = 0; i < record->n; i++)
		if (obs_check_text(record_get(record, i), err) != LODE_OK)
			return err_column(err, i + 1, NULL);
	return LODE_OK;
}

/* What is counted over a period cannot be known before it ends; estimates and forecasts can. */
static int
check_early(const struct obs *obs, struct err *err)
{
	static const struct str flows[] = { { "import.", 7 }, { "export.", 7 }, { "reimport.", 9 }, { "reexport.", 9 }, { "feed.", 5 },
		{ "outflow.", 8 } };
	struct period period;
	int64_t known;
	size_t i;

	if (!str_is(obs->f[OBS_STATUS], "A") && !str_is(obs->f[OBS_STATUS], "P"))
		return LODE_OK;
	for (i = 0; i < sizeof flows / sizeof flows[0] && !str_starts(obs->f[OBS_INDICATOR], flows[i]);)
		i++;
	if (i == sizeof flows / sizeof flows[0])
		return LODE_OK;
	if (period_parse(obs->f[OBS_PERIOD], &period, err) != LODE_OK || instant_parse(obs->f[OBS_KNOWN], &known, err) != LODE_OK)
		return err->code;
	if (known < (int64_t)period_end(period) * 86400)
		return err_set(err, LODE_EDATA, "known '%.*s' is before the end of the period '%.*s' it counts", STR_ARG(obs->f[OBS_KNOWN]),
		    STR_ARG(obs->f[OBS_PERIOD]));
	return LODE_OK;
}

/* Forgets the figures of the moment before. */
static int
next_moment(struct state *state, struct str known, struct err *err)
{
	if (str_is(known, state->moment))
		return LODE_OK;
	map_free(state->figures);
	arena_free(state->texts);
	state->source = NULL;
	state->figures = map_new();
	state->texts = arena_new();
	if (state->figures == NULL || state->texts == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	memset(state->moment, 0, sizeof state->moment);
	memcpy(state->moment, known.p, known.n < INSTANT_LENGTH ? known.n : INSTANT_LENGTH);
	return LODE_OK;
}

static int
remember(struct state *state, const struct obs *obs, struct map_entry *entry, uint64_t line, const char *source, struct err *err)
{
	struct figure *figure = arena_alloc(state->texts, sizeof *figure);

	if (map_count(state->figures) > state->opts->max_keys)
		return err_set(err, LODE_ENOMEM, "more than %zu keys at one moment: raise --max-keys", state->opts->max_keys);
	if (state->source == NULL || strcmp(state->source, source) != 0)
		state->source = arena_dup(state->texts, str_of(source)).p;
	if (figure == NULL || state->source == NULL || (figure->value = arena_dup(state->texts, obs->f[OBS_VALUE])).p == NULL ||
	    (figure->unit = arena_dup(state->texts, obs->f[OBS_UNIT])).p == NULL ||
	    (figure->ref = arena_dup(state->texts, obs->f[OBS_REF])).p == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	figure->line = line;
	figure->source = state->source;
	entry->value.pointer = figure;
	return LODE_OK;
}

/* True for '15' and '15.0'. */
static bool
same_value(struct str a, struct str b)
{
	struct dec x, y;
	struct err ignored;

	return str_eq(a, b) || (dec_parse(a, &x, &ignored) == LODE_OK && dec_parse(b, &y, &ignored) == LODE_OK && dec_cmp(x, y) == 0);
}

/* One key has one value at one moment: a revision is known later. */
static int
check_repeat(struct state *state, const struct record *record, const struct obs *obs, const char *source, struct err *err)
{
	const struct figure *figure;
	struct map_entry *entry;
	struct str key;

	if (next_moment(state, obs->f[OBS_KNOWN], err) != LODE_OK || key_of(&state->key, record, &key, err) != LODE_OK)
		return err->code;
	if ((entry = map_put(state->figures, key)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if ((figure = entry->value.pointer) == NULL)
		return remember(state, obs, entry, record->line, source, err);
	if (str_eq(figure->unit, obs->f[OBS_UNIT]) && same_value(figure->value, obs->f[OBS_VALUE]))
		return LODE_OK;
	/* with refs: in a pipe they alone lead to the files */
	return err_set(err, LODE_EDATA, "'%.*s' %.*s of %.*s, but '%.*s' %.*s of %.*s at %s:%llu for the same key and time",
	    STR_ARG(obs->f[OBS_VALUE]), STR_ARG(obs->f[OBS_UNIT]), STR_ARG(obs->f[OBS_REF]), STR_ARG(figure->value),
	    STR_ARG(figure->unit), STR_ARG(figure->ref), figure->source, (unsigned long long)figure->line);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs;

	obs_of_record(&state->columns, record, &obs);
	if (strcmp(state->before.source, run->source) != 0)
		order_input(&state->before);
	if ((state->form && check_form(record, &obs, err) != LODE_OK) ||
	    (state->early && check_early(&obs, err) != LODE_OK) ||
	    (state->order && (instant_parse(obs.f[OBS_KNOWN], &(int64_t){ 0 }, err) != LODE_OK ||
	    order_next(&state->before, obs.f[OBS_KNOWN], run->source, record->line, err) != LODE_OK)) ||
	    (state->repeat && check_repeat(state, record, &obs, run->source, err) != LODE_OK))
		return err->code;
	tape_write_record(&run->out, record);
	if ((!state->repeat || !str_is(obs.f[OBS_KNOWN], state->kept)) && state_moment_over(run->state, &state->lines, err) != LODE_OK)
		return err->code;
	snprintf(state->kept, sizeof state->kept, "%.*s", STR_ARG(obs.f[OBS_KNOWN]));
	return state_moment_add(run->state, &state->lines, record->raw, err);
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;

	return state_moment_restored(&state->lines, entry) ? run_feed(run, entry->value, err) : LODE_OK;
}

static void
choose_rules(struct state *state, const struct option_list *rules)
{
	static const char *const names[] = { "form", "order", "early", "repeat" };
	bool *const rule[] = { &state->form, &state->order, &state->early, &state->repeat };
	size_t i, k;

	for (i = 0; i < 4; i++)
		*rule[i] = option_list_has(rules, str_of(names[i]));
	for (k = 0; k < rules->n; k++) {
		for (i = 0; i < 4 && !str_is(rules->item[k], names[i]);)
			i++;
		if (i == 4)
			options_refuse(&program, "--rules: '%.*s' is not one of form, order, early, repeat", STR_ARG(rules->item[k]));
	}
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_keys = 1000000 };
	struct state state = { .opts = &opts };
	struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .state = &state, .on_restore = on_restore };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	choose_rules(&state, &opts.rules);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	map_free(state.figures);
	arena_free(state.texts);
	key_release(&state.key);
	return run_end(&run, rc, &err);
}
