/*
 * lode-asof - what was known at a moment: the newest line of each key
 *
 * in     a tape in order of `known`; with --join two
 * out    of each key the last line with `known` not after the moment, in the order of the input; with --valid of each series the line
 *        whose period contains the one asked for, or the nearest prior; with --join every line of the one tape with columns of the
 *        newest line of the other that was known by then
 * state  one line for each key (a series with --valid, the columns of --on with --join), at most --max-keys of them
 */
#include "duration.h"
#include "instant.h"
#include "join.h"
#include "key.h"
#include "merge.h"
#include "nearest.h"
#include "vintage.h"

struct opts {
	struct run_options run;
	int64_t as_of; /* INT64_MAX: the end of the tape */
	const char *valid, *join, *as, *tolerance;
	struct option_list key, on, indicator, take;
	bool inner;
	size_t max_keys;
};

struct state {
	const struct opts *opts;
	struct key key;          /* owned */
	struct vintage *vintage; /* owned */
	struct nearest *nearest; /* owned; NULL without --valid */
	struct period valid;
	struct join *join;       /* owned */
	const char *left;        /* tape of the join */
	struct join_rules rules; /* of the join */
	unsigned known[2], period; /* columns; the right tape's known is the first */
	char as_of[INSTANT_MAX]; /* text order is time order; empty: no moment */
};

enum { RIGHT, LEFT }; /* the inputs of a join: at one time the right line comes first */

static const struct option_spec options[] = {
	{ 'a', "as-of", "TIME", OPTION_INSTANT, offsetof(struct opts, as_of), "the moment; a date is the end of that day" },
	{ 'v', "valid", "PERIOD", OPTION_TEXT, offsetof(struct opts, valid), "of each series only the line for PERIOD or nearest before" },
	{ 'j', "join", "RIGHT", OPTION_TEXT, offsetof(struct opts, join), "add to each line the newest one known by then of tape RIGHT" },
	{ 'o', "on", "COLUMNS", OPTION_LIST, offsetof(struct opts, on), "equal in a join: area,partner,commodity, LEFT=RIGHT, or none" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 'i', "indicator", "NAMES", OPTION_LIST, offsetof(struct opts, indicator), "join only right lines whose indicator starts so" },
	{ 't', "tolerance", "DURATION", OPTION_TEXT, offsetof(struct opts, tolerance), "join only what was known no longer before" },
	{ 0, "take", "COLUMNS", OPTION_LIST, offsetof(struct opts, take), "columns joined: value,unit,known,ref by default" },
	{ 0, "as", "PREFIX", OPTION_TEXT, offsetof(struct opts, as), "of their names, right by default, as in right_value" },
	{ 0, "inner", NULL, OPTION_FLAG, offsetof(struct opts, inner), "leave out lines that nothing joins" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N keys, 1000000 by default" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-asof", "[FILE ...]", "what was known at a moment: the newest line of each key", options };

static bool
is_behind(const struct state *state, const struct record *record, unsigned known)
{
	return state->as_of[0] != '\0' && str_cmp(record_get(record, known), str_of(state->as_of)) > 0;
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct option_list *more = &state->opts->key;

	state->known[LEFT] = (unsigned)header->obs[OBS_KNOWN];
	state->period = (unsigned)header->obs[OBS_PERIOD];
	if ((state->nearest != NULL ? key_init_series : key_init)(&state->key, header, more->item, more->n, err) != LODE_OK)
		return err->code;
	tape_write_names(&run->out, header);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str key;
	bool taken;
	int rc;

	if (is_behind(state, record, state->known[LEFT]))
		return LODE_DONE;
	if (key_of(&state->key, record, &key, err) != LODE_OK)
		return err->code;
	if (state->nearest == NULL) {
		if ((rc = vintage_put(state->vintage, key, record->raw, err)) != LODE_OK)
			return rc;
	} else if ((rc = nearest_put(state->nearest, key, record_get(record, state->period), record->raw, &taken, err)) != LODE_OK || !taken) {
		return rc == LODE_EDATA ? err_column(err, state->period + 1, obs_names[OBS_PERIOD]) : rc;
	}
	return state_put_as(run->state, "line", key, record->raw, NULL, err);
}

static int
on_restore(void *state, const struct state_entry *entry, struct run *run, struct err *err)
{
	(void)state;
	return run_feed(run, entry->value, err);
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	size_t i, n;

	(void)err;
	vintage_sort(state->vintage);
	n = state->nearest != NULL ? nearest_sort(state->nearest) : vintage_count(state->vintage);
	for (i = 0; i < n; i++) {
		sink_str(&run->out, state->nearest != NULL ? nearest_line(state->nearest, i) : vintage_line(state->vintage, i));
		sink_byte(&run->out, '\n');
	}
	return LODE_OK;
}

static int
on_headers(void *argument, const struct header *const *headers, size_t n, struct run *run, struct err *err)
{
	struct state *state = argument;
	bool at_right;
	size_t i;

	for (i = 0; i < n; i++)
		state->known[i] = (unsigned)headers[i]->obs[OBS_KNOWN];
	if (join_headers(state->join, headers[LEFT], headers[RIGHT], &at_right, err) != LODE_OK)
		return err_line(err, at_right ? state->opts->join : state->left, 1);
	for (i = 0; i < headers[LEFT]->n; i++) {
		if (i > 0)
			sink_byte(&run->out, '\t');
		sink_str(&run->out, headers[LEFT]->names[i]);
	}
	sink_str(&run->out, join_names(state->join));
	sink_byte(&run->out, '\n');
	return LODE_OK;
}

static int
on_either(void *argument, size_t input, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str values;
	bool counts, found;

	if (is_behind(state, record, state->known[input]))
		return LODE_DONE;
	if (input == RIGHT) {
		if (join_put(state->join, record, &counts, err) != LODE_OK)
			return err->code;
		if (!counts)
			run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	if (join_find(state->join, record, &values, &found, err) != LODE_OK)
		return err->code;
	if (!found && state->opts->inner) {
		run_count_rule(run, "no-match");
		return LODE_OK;
	}
	sink_str(&run->out, record->raw);
	sink_str(&run->out, values);
	sink_byte(&run->out, '\n');
	return LODE_OK;
}

/* What can be wrong with a join before an input is seen. */
static void
choose_join(struct state *state, struct opts *opts, char **operands)
{
	static const struct option_list on = { 3, { STR("area"), STR("partner"), STR("commodity") } };
	static const struct option_list take = { 4, { STR("value"), STR("unit"), STR("known"), STR("ref") } };
	struct join_rules *rules = &state->rules;
	struct err err;
	size_t i;

	state->left = operands[0] != NULL ? operands[0] : "-";
	*rules = (struct join_rules){ opts->on.n == 0 ? on : opts->on, opts->take.n == 0 ? take : opts->take, opts->indicator,
		opts->as != NULL ? opts->as : "right", -1, opts->max_keys };
	if (opts->valid != NULL)
		options_refuse(&program, "--join and --valid exclude each other");
	if (operands[0] != NULL && operands[1] != NULL)
		options_refuse(&program, "--join takes one tape to join to: lode-merge makes one of several");
	if (str_is(str_of(state->left), opts->join))
		options_refuse(&program, "--join: '%s' cannot be both tapes", state->left);
	if (rules->on.n == 1 && str_is(rules->on.item[0], "none"))
		rules->on.n = 0;
	if (rules->on.n + opts->key.n > sizeof on.item / sizeof *on.item)
		options_refuse(&program, "--on and --key name more than %zu columns", sizeof on.item / sizeof *on.item);
	for (i = 0; i < opts->key.n; i++)
		rules->on.item[rules->on.n++] = opts->key.item[i];
	if (rules->prefix[0] == '\0' || strpbrk(rules->prefix, "\t\r\n\\") != NULL)
		options_refuse(&program, "--as: '%s' is no beginning of a name", rules->prefix);
	if (opts->tolerance != NULL && duration_parse(str_of(opts->tolerance), &rules->tolerance_s, &err) != LODE_OK)
		options_refuse(&program, "--tolerance: %s", err.message);
}

static void
choose_moment(struct state *state, const struct opts *opts)
{
	const char *alone = opts->on.n > 0 ? "on" : opts->indicator.n > 0 ? "indicator" : opts->take.n > 0 ? "take" :
	    opts->as != NULL ? "as" : opts->tolerance != NULL ? "tolerance" : opts->inner ? "inner" : NULL;
	struct err err;

	if (opts->as_of != INT64_MAX)
		instant_format(opts->as_of, state->as_of);
	if (opts->valid != NULL && period_parse(str_of(opts->valid), &state->valid, &err) != LODE_OK)
		options_refuse(&program, "--valid: %s", err.message);
	if (opts->join == NULL && alone != NULL)
		options_refuse(&program, "--%s needs --join", alone);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .as_of = INT64_MAX, .max_keys = 1000000 };
	struct state state = { .opts = &opts };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	struct merge_filter both = { on_headers, on_either, .state = &state, .ends_with_last = true, .last_may_stream = true };
	int rc;

	choose_moment(&state, &opts);
	if ((both.first = opts.join) != NULL)
		choose_join(&state, &opts, operands);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = vintage_new(&state.vintage, opts.max_keys, &err)) == LODE_OK && opts.valid != NULL)
		rc = nearest_new(&state.nearest, state.valid, opts.max_keys, &err);
	if (rc == LODE_OK && opts.join != NULL && (rc = join_new(&state.join, &state.rules, &err)) == LODE_OK)
		rc = run_merge(&run, operands, &both, &err);
	else if (rc == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	join_free(state.join);
	nearest_free(state.nearest);
	vintage_free(state.vintage);
	key_release(&state.key);
	return run_end(&run, rc, &err);
}
