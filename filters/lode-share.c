/*
 * lode-share - figures as shares of their country's total
 *
 * in     a tape in order of `known` with totals in it: lines of one indicator, by period and country
 * out    of each other line its value divided by the total of its period and country, known when both are; again when either is revised
 * state  the newest line of each key and each total, at most --max-keys of them; the shares of one moment until it is over
 */
#include <inttypes.h>

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
	RUN_STATE_OPTION(struct opts, run),
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

/* A total is its value; a figure whether it had a share, how many lines had none, its place among those that wait or 0, and its line. */
static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct share_part *part;
	struct buf value = BUF_INIT;
	int rc = LODE_OK;

	while (rc == LODE_OK && (part = share_touched(&state->share)) != NULL) {
		if (part->whole == NULL) {
			rc = state_put_as(run->state, "total", part->key, buf_str(&part->value), &part->order, err);
			continue;
		}
		value.n = 0;
		if (buf_printf(&value, "%d\t%" PRIu64 "\t%" PRIu64 "\t", part->said, part->n_lines, part->waits ? part->rank : 0) != LODE_OK ||
		    buf_add_str(&value, buf_str(&part->line)) != LODE_OK)
			rc = err_set(err, LODE_ENOMEM, "out of memory");
		else
			rc = state_put_as(run->state, "figure", part->key, buf_str(&value), &part->order, err);
	}
	buf_release(&value);
	return rc == LODE_OK && state->moment[0] != '\0' ? state_put(run->state, STR("moment"), str_of(state->moment), NULL, err) : rc;
}

static uint64_t
number_of(struct str text)
{
	uint64_t number = 0;

	for (size_t i = 0; i < text.n; i++)
		number = number * 10 + (uint64_t)(text.p[i] - '0');
	return number;
}

static int
restore_figure(struct state *state, const struct state_entry *entry, struct str key, struct run *run, struct err *err)
{
	struct share_part as = { .order = entry->order };
	struct str line = entry->value, field[3], part, rest;
	struct obs obs = { 0 };
	int i;

	for (i = 0; i < 3; i++)
		if (!str_split(&line, '\t', &field[i]) || !str_is_digits(field[i]))
			return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(entry->value));
	as.said = str_is(field[0], "1");
	as.n_lines = number_of(field[1]);
	as.rank = number_of(field[2]);
	run_count_kept(run, as.n_lines); /* those that may still go without a share */
	for (rest = line, i = 0; str_split(&rest, '\t', &part); i++)
		for (int k = 0; k < OBS_N; k++)
			obs.f[k] = i == state->columns.obs[k] ? part : obs.f[k];
	return share_restore(&state->share, key, obs.f[OBS_PERIOD], obs.f[OBS_AREA], obs.f[OBS_VALUE], line, &as, err);
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str text, period;

	if (str_is(entry->key, "moment") && entry->value.n == INSTANT_LENGTH) {
		memcpy(state->moment, entry->value.p, INSTANT_LENGTH);
		return share_rewait(&state->share, err); /* it comes last */
	}
	if (state_is(entry, "figure", &text))
		return restore_figure(state, entry, text, run, err);
	if (!state_is(entry, "total", &text) || !str_split(&text, '\t', &period))
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(entry->key));
	return share_total(&state->share, period, text, entry->value, err);
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
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore,
		.on_checkpoint = on_checkpoint };
	struct err err = ERR_INIT;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = share_init(&state.share, opts.max_keys, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	share_release(&state.share);
	key_release(&state.key);
	return run_end(&run, rc, &err);
}
