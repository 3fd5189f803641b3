/*
 * lode-asof - what was known at a moment: the newest line of each key
 *
 * in     a tape in order of `known`
 * out    of each key the last line with `known` not after the moment, in the order of the input
 * state  one line for each key, at most --max-keys of them
 */
#include "instant.h"
#include "key.h"
#include "run.h"
#include "vintage.h"

struct opts {
	struct run_options run;
	int64_t as_of; /* INT64_MAX: the end of the tape */
	struct option_list key;
	size_t max_keys;
};

struct state {
	const struct opts *opts;
	struct key key;          /* owned */
	struct vintage *vintage; /* owned */
	unsigned known;          /* column */
	char as_of[INSTANT_MAX]; /* text order is time order; empty: no moment */
};

static const struct option_spec options[] = {
	{ 'a', "as-of", "TIME", OPTION_INSTANT, offsetof(struct opts, as_of), "the moment; a date is the end of that day" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N keys, 1000000 by default" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-asof", "[FILE ...]", "what was known at a moment: the newest line of each key", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	state->known = (unsigned)header->obs[OBS_KNOWN];
	if (key_init(&state->key, header, state->opts->key.item, state->opts->key.n, err) != LODE_OK)
		return err->code;
	tape_write_names(&run->out, header);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str key;

	(void)run;
	if (state->as_of[0] != '\0' && str_cmp(record_get(record, state->known), str_of(state->as_of)) > 0)
		return LODE_DONE;
	if (key_of(&state->key, record, &key, err) != LODE_OK)
		return err->code;
	return vintage_put(state->vintage, key, record->raw, err);
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	size_t i;

	(void)err;
	vintage_sort(state->vintage);
	for (i = 0; i < vintage_count(state->vintage); i++) {
		sink_str(&run->out, vintage_line(state->vintage, i));
		sink_byte(&run->out, '\n');
	}
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .as_of = INT64_MAX, .max_keys = 1000000 };
	struct state state = { .opts = &opts };
	struct tape_filter filter = { on_header, on_record, NULL, on_finish, true, &state };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	if (opts.as_of != INT64_MAX)
		instant_format(opts.as_of, state.as_of);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = vintage_new(&state.vintage, opts.max_keys, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	vintage_free(state.vintage);
	key_release(&state.key);
	return run_end(&run, rc, &err);
}
