/*
 * lode-share - figures as shares of their country's total
 *
 * in     a tape in order of `known` with totals in it: lines of one indicator, by period and country
 * out    of each other line its value divided by the total of its period and country, known when both are; again when either is revised
 * state  the newest line of each key and each total, at most --max-keys of them; the shares of one moment until it is over
 */
#include "instant.h"
#include "key.h"
#include "run.h"
#include "share.h"

struct opts {
	struct run_options run;
	struct option_list key;
	const char *total;
	size_t max_keys;
};

struct state {
	const struct opts *opts;
	struct header columns;          /* where they stand; its names are gone */
	struct key key;                 /* owned */
	struct share share;             /* owned */
	char moment[INSTANT_MAX];
	struct run *run;
};

static const struct option_spec options[] = {
	{ 't', "total", "INDICATOR", OPTION_TEXT, offsetof(struct opts, total), "what lines are shares of; event.all by default" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N keys, 1000000 by default" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-share", "[FILE ...]", "figures as shares of their country's total", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (key_init(&state->key, header, state->opts->key.item, state->opts->key.n, err) != LODE_OK)
		return err->code;
	state->columns = *header;
	tape_write_names(&run->out, header);
	return LODE_OK;
}

static void
write_share(const struct state *state, struct str line, struct str value)
{
	struct sink *out = &state->run->out;
	struct str field;
	int i;

	for (i = 0; str_split(&line, '\t', &field); i++) {
		if (i > 0)
			sink_byte(out, '\t');
		if (i == state->columns.obs[OBS_KNOWN])
			field = (struct str){ state->moment, INSTANT_LENGTH };
		else if (i == state->columns.obs[OBS_VALUE])
			field = value;
		else if (i == state->columns.obs[OBS_UNIT])
			field = STR("1");
		sink_str(out, field);
		if (i == state->columns.obs[OBS_INDICATOR])
			sink_str(out, STR(".share"));
	}
	sink_byte(out, '\n');
}

/* The moment is over. */
static void
write_changed(struct state *state)
{
	const struct share_part *part;
	char number[DEC_MAX];
	struct str value;

	while ((part = share_next(&state->share, number, &value)) != NULL)
		write_share(state, buf_str(&part->line), value);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs;
	struct str key, value;
	struct dec number;

	obs_of_record(&state->columns, record, &obs);
	value = obs.f[OBS_VALUE];
	if (value.n > 0 && dec_parse(value, &number, err) != LODE_OK)
		return err_column(err, (unsigned)state->columns.obs[OBS_VALUE] + 1, obs_names[OBS_VALUE]);
	if (memcmp(obs.f[OBS_KNOWN].p, state->moment, INSTANT_LENGTH) != 0)
		write_changed(state);
	memcpy(state->moment, obs.f[OBS_KNOWN].p, INSTANT_LENGTH);
	if (!str_is(obs.f[OBS_INDICATOR], state->opts->total)) {
		if (key_of(&state->key, record, &key, err) != LODE_OK)
			return err->code;
		return share_figure(&state->share, key, obs.f[OBS_PERIOD], obs.f[OBS_AREA], value, record->raw, err);
	}
	if (str_eq(share_country(obs.f[OBS_AREA]), obs.f[OBS_AREA]))
		return share_total(&state->share, obs.f[OBS_PERIOD], obs.f[OBS_AREA], value, err);
	run_count_rule(run, "total-of-a-part");
	return LODE_OK;
}

static int
on_control(void *argument, const struct record *record, struct run *run, struct err *err)
{
	(void)record;
	(void)run;
	(void)err;
	write_changed(argument);
	return LODE_OK;
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	uint64_t n;

	(void)err;
	write_changed(state);
	for (n = share_without(&state->share); n > 0; n--)
		run_count_rule(run, "no-total");
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .total = "event.all", .max_keys = 1000000 };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct run run;
	struct state state = { .opts = &opts, .run = &run };
	const struct tape_filter filter = { on_header, on_record, on_control, on_finish, true, &state };
	struct err err = ERR_INIT;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = share_init(&state.share, opts.max_keys, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	share_release(&state.share);
	key_release(&state.key);
	return run_end(&run, rc, &err);
}
