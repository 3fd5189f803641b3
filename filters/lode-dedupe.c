/*
 * lode-dedupe - drops lines that say nothing new, and makes one event of many rows
 *
 * in     a tape in order of `known`; with --since a second one, that of what is known already
 * out    the lines that are news, as they are; with --events the first row of each event at once, and the number of
 *        its rows in the column `count` when its episode closes
 * state  with --by or by key what each key said last, with --digest 16 bytes a line, with --events one row for each open
 *        episode; what lies beyond --within is forgotten, at most --max-keys are held
 */
#include <inttypes.h>
#include <stdio.h>

#include "columns.h"
#include "dedupe.h"
#include "duration.h"
#include "instant.h"
#include "merge.h"
#include "period.h"

struct opts {
	struct run_options run;
	const char *within, *apart, *emit, *since;
	struct option_list key, by;
	size_t max_keys;
	bool digest, events;
};

struct state {
	const struct opts *opts;
	struct dedupe dedupe;   /* owned */
	struct said {
		struct columns key;       /* owned */
		struct columns statement; /* owned; of events what tells the first row from others */
		unsigned known;           /* column */
	} said[2];                        /* of the tape of --since, and of the input */
	unsigned known, period, ref;   /* columns of the input */
	int count;              /* the same, or -1: the input has none */
	bool first, last;       /* --emit */
	struct run *run;
	char newest[INSTANT_MAX];
	struct episode *episode; /* of the row in hand */
	struct buf text; /* owned */
};

enum { SINCE, INPUT }; /* at one time what is known already comes first */

static const struct option_spec options[] = {
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 'b', "by", "COLUMNS", OPTION_LIST, offsetof(struct opts, by), "lines alike in these columns are the same" },
	{ 'd', "digest", NULL, OPTION_FLAG, offsetof(struct opts, digest), "lines alike but for known and ref are the same" },
	{ 'e', "events", NULL, OPTION_FLAG, offsetof(struct opts, events), "rows alike but for a near period are one event" },
	{ 's', "since", "TAPE", OPTION_TEXT, offsetof(struct opts, since), "what TAPE says already is no news" },
	{ 'w', "within", "DURATION", OPTION_TEXT, offsetof(struct opts, within), "horizon, as in 90d; of events 7d by default" },
	{ 0, "apart", "DURATION", OPTION_TEXT, offsetof(struct opts, apart), "of an event's periods; as --within unless given" },
	{ 0, "emit", "WHICH", OPTION_TEXT, offsetof(struct opts, emit), "of an event: first, last, or both (default)" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N keys, 1000000 by default" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-dedupe", "[FILE ...]", "drop lines that say nothing new; count the rows of an event",
	options };

/* The input's names, and count where it is new. */
static void
write_names(const struct state *state, const struct header *header, struct sink *out)
{
	unsigned i;

	for (i = 0; i < header->n; i++) {
		if (i > 0)
			sink_byte(out, '\t');
		sink_str(out, header->names[i]);
	}
	sink_str(out, state->opts->events && state->count < 0 ? STR("\tcount\n") : STR("\n"));
}

/* The columns in which lines are compared, of either tape. */
static int
find_columns(const struct state *state, const struct header *header, struct said *said, struct err *err)
{
	static const enum obs_column key[] = { OBS_AREA, OBS_PARTNER, OBS_COMMODITY, OBS_INDICATOR, OBS_SOURCE, OBS_PERIOD };
	static const enum obs_column statement[] = { OBS_VALUE, OBS_UNIT, OBS_STATUS };
	const struct opts *opts = state->opts;
	unsigned i, n_key = opts->events ? 5 : 6; /* the periods of an event's rows may differ */
	bool by_key = opts->by.n == 0 && !opts->digest;

	said->known = (unsigned)header->obs[OBS_KNOWN];
	if (opts->digest && header->n > COLUMNS_MAX)
		return err_set(err, LODE_EUSAGE, "more than %d columns for --digest", COLUMNS_MAX);
	for (i = 0; opts->digest && i < header->n; i++)
		if (i != said->known && (int)i != header->obs[OBS_REF])
			columns_add(&said->key, i);
	for (i = 0; by_key && i < n_key; i++)
		columns_add(&said->key, (unsigned)header->obs[key[i]]);
	for (i = 0; by_key && !opts->events && i < 3; i++)
		columns_add(&said->statement, (unsigned)header->obs[statement[i]]);
	if (columns_add_named(&said->key, header, opts->by.item, opts->by.n, err) != LODE_OK)
		return err->code;
	return columns_add_named(&said->key, header, opts->key.item, opts->key.n, err);
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	state->known = (unsigned)header->obs[OBS_KNOWN];
	state->period = (unsigned)header->obs[OBS_PERIOD];
	state->ref = (unsigned)header->obs[OBS_REF];
	state->count = state->opts->events ? header_find(header, STR("count")) : -1;
	if (find_columns(state, header, &state->said[INPUT], err) != LODE_OK)
		return err->code;
	if (state->count >= 0) {
		columns_add(&state->said[INPUT].statement, state->period);
		columns_add(&state->said[INPUT].statement, state->ref);
	}
	write_names(state, header, &run->out);
	return LODE_OK;
}

static int
on_headers(void *argument, const struct header *const *headers, size_t n, struct run *run, struct err *err)
{
	struct state *state = argument;

	(void)n; /* check_options() lets in one input */
	if (find_columns(state, headers[SINCE], &state->said[SINCE], err) != LODE_OK)
		return err_line(err, state->opts->since, 1);
	return on_header(state, headers[INPUT], run, err);
}

/* The line of an event with its time and number of rows. */
static void
write_event(const struct state *state, struct str line, struct str known, uint64_t count)
{
	struct sink *out = &state->run->out;
	struct str field;
	char number[24];
	int n = snprintf(number, sizeof number, "%" PRIu64, count);
	unsigned i;

	for (i = 0; str_split(&line, '\t', &field); i++) {
		if (i > 0)
			sink_byte(out, '\t');
		sink_str(out, i == state->known ? known : (int)i == state->count ? (struct str){ number, (size_t)n } : field);
	}
	if (state->count < 0) {
		sink_byte(out, '\t');
		sink_str(out, (struct str){ number, (size_t)n });
	}
	sink_byte(out, '\n');
}

/* A key as state: of a line its columns, of --digest hexadecimal digits, of an episode also the days of its first row. */
static int
state_key(struct state *state, struct str key, const struct episode *episode, struct str *out, struct err *err)
{
	int rc = LODE_OK;
	size_t i;

	state->text.n = 0;
	for (i = 0; state->opts->digest && i < key.n && rc == LODE_OK; i++)
		rc = buf_printf(&state->text, "%02x", (unsigned)(unsigned char)key.p[i]);
	if (rc == LODE_OK && !state->opts->digest)
		rc = buf_add_str(&state->text, key);
	if (rc == LODE_OK && episode != NULL)
		rc = buf_printf(&state->text, "\t%" PRId32 "\t%" PRId32, episode->day, episode->last_day);
	*out = buf_str(&state->text);
	return rc == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

static int
keep_line(struct state *state, struct str key, struct str line, struct err *err)
{
	if (!state_is_kept(state->run->state))
		return LODE_OK;
	if (state_key(state, key, NULL, &key, err) != LODE_OK)
		return err->code;
	return state_put_as(state->run->state, "line", key, line, NULL, err);
}

static int
on_forget(void *argument, struct str key, struct err *err)
{
	struct state *state = argument;

	if (!state_is_kept(state->run->state))
		return LODE_OK;
	if (state_key(state, key, NULL, &key, err) != LODE_OK)
		return err->code;
	return state_drop_as(state->run->state, "line", key, err);
}

/* COUNT SAID LINES, and the line of the first row. */
static int
keep_episode(struct state *state, struct episode *episode, struct err *err)
{
	struct buf value = BUF_INIT;
	struct str key;
	int rc;

	if (!state_is_kept(state->run->state))
		return LODE_OK;
	if (state_key(state, episode->entry.key, episode, &key, err) != LODE_OK)
		return err->code;
	rc = buf_printf(&value, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", episode->count, episode->said, episode->n_lines);
	if (rc == LODE_OK)
		rc = buf_add_str(&value, episode->line);
	if (rc == LODE_OK)
		rc = state_put_as(state->run->state, "event", key, buf_str(&value), &episode->order, err);
	else
		err_set(err, LODE_ENOMEM, "out of memory");
	buf_release(&value);
	return rc;
}

static int
forget_episode(struct state *state, struct episode *episode, struct err *err)
{
	struct str key;

	if (state_is_kept(state->run->state) && (state_key(state, episode->entry.key, episode, &key, err) != LODE_OK ||
	    state_drop_as(state->run->state, "event", key, err) != LODE_OK))
		return err->code;
	dedupe_forget(&state->dedupe, episode);
	return LODE_OK;
}

/* Tells of the episodes that closed before a time: when they did, or at the newest time at the end of the input. */
static int
close_episodes(struct state *state, int64_t before_s, struct err *err)
{
	struct episode *episode;
	char closed[INSTANT_MAX];

	while ((episode = dedupe_closed(&state->dedupe, before_s)) != NULL) {
		memcpy(closed, state->newest, sizeof closed);
		if (before_s != INT64_MAX)
			instant_format(episode->known_s + state->dedupe.within_s, closed);
		if (state->last && episode->count > episode->said)
			write_event(state, episode->line, str_of(closed), episode->count);
		if (forget_episode(state, episode, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

static int
on_event(struct state *state, const struct record *record, struct str key, int64_t known_s, struct err *err)
{
	struct event_row row = { .key = key, .line = record->raw, .known_s = known_s, .count = 1 };
	struct episode *episode;
	struct period period;

	if (period_parse(record_get(record, state->period), &period, err) != LODE_OK)
		return err_column(err, state->period + 1, "period");
	if (state->count >= 0 && dedupe_read_count(record_get(record, (unsigned)state->count), &row.count, err) != LODE_OK)
		return err_column(err, (unsigned)state->count + 1, "count");
	if (columns_join(&state->said[INPUT].statement, record, &row.mark, err) != LODE_OK)
		return err->code;
	row.day = period_start(period);
	row.last_day = period_end(period) - 1;
	if (close_episodes(state, known_s, err) != LODE_OK || dedupe_event(&state->dedupe, &row, &episode, err) != LODE_OK)
		return err->code;
	state->episode = episode;
	if (state->first && episode->said == 0)
		write_event(state, record->raw, record_get(record, state->known), episode->said = episode->count);
	if (episode->n_lines > 1)
		run_count_rule(state->run, "same-event");
	return keep_episode(state, episode, err);
}

/* A line of the input, or of the tape of --since, which only makes known what it says. */
static int
on_line(void *argument, size_t input, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct said *said = &state->said[input];
	struct str known = record_get(record, said->known), key, statement;
	uint64_t digest[2];
	int64_t known_s;
	bool news;

	if (instant_parse(known, &known_s, err) != LODE_OK)
		return err_column(err, said->known + 1, "known");
	memcpy(state->newest, known.p, INSTANT_LENGTH);
	if (columns_join(&said->key, record, &key, err) != LODE_OK)
		return err->code;
	if (state->opts->events)
		return on_event(state, record, key, known_s, err);
	if (state->opts->digest) {
		keyed_digest(key, digest);
		key = (struct str){ (const char *)digest, sizeof digest };
	}
	if (columns_join(&said->statement, record, &statement, err) != LODE_OK ||
	    dedupe_seen(&state->dedupe, key, statement, known_s, &news, err) != LODE_OK)
		return err->code;
	if (input == INPUT && news)
		tape_write_record(&run->out, record);
	else if (input == INPUT)
		run_count_rule(run, "duplicate");
	return news ? keep_line(state, key, record->raw, err) : LODE_OK;
}

/* A line as it came, or the first row of an episode and what has been counted since. */
static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str rest = entry->value, number[3];
	uint64_t count[3];
	size_t i;

	if (str_is(entry->key, "newest") && entry->value.n == INSTANT_LENGTH) {
		memcpy(state->newest, entry->value.p, INSTANT_LENGTH);
		return LODE_OK;
	}
	if (!state->opts->events)
		return run_feed(run, entry->value, err);
	for (i = 0; i < 3; i++)
		if (!str_split(&rest, '\t', &number[i]) || (!str_is(number[i], "0") && dedupe_read_count(number[i], &count[i], err) != LODE_OK))
			return err->code;
		else if (str_is(number[i], "0"))
			count[i] = 0;
	if (run_feed(run, rest, err) != LODE_OK)
		return err->code;
	state->episode->count = count[0];
	state->episode->said = count[1];
	state->episode->n_lines = count[2];
	state->episode->order = entry->order;
	return LODE_OK;
}

/* The time at which what is open at the end closes. */
static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	const struct state *state = argument;

	return state->newest[0] == '\0' ? LODE_OK : state_put(run->state, STR("newest"), str_of(state->newest), NULL, err);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	return on_line(argument, INPUT, record, run, err);
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;

	(void)run;
	return state->opts->events ? close_episodes(state, INT64_MAX, err) : LODE_OK;
}

static int64_t
check_options(struct state *state, const struct opts *opts, char *const *operands, int64_t *apart)
{
	int64_t within = opts->events ? 7 * DURATION_DAY : -1;
	struct err err;

	if (opts->digest && (opts->by.n > 0 || opts->events))
		options_refuse(&program, "--digest excludes --by and --events");
	if (opts->since != NULL && (opts->digest || opts->events))
		options_refuse(&program, "--since excludes --digest and --events");
	if (opts->since != NULL && operands[0] != NULL && operands[1] != NULL)
		options_refuse(&program, "--since takes one input: lode-merge makes one of several");
	if (opts->since != NULL && str_is(operands[0] != NULL ? str_of(operands[0]) : STR("-"), opts->since))
		options_refuse(&program, "--since: '%s' cannot be both tapes", opts->since);
	if (opts->key.n > 0 && (opts->by.n > 0 || opts->digest))
		options_refuse(&program, "--key adds to the key, which --by and --digest replace");
	if (opts->emit != NULL && !opts->events)
		options_refuse(&program, "--emit is for --events");
	if (opts->emit != NULL && strcmp(opts->emit, "first") != 0 && strcmp(opts->emit, "last") != 0 && strcmp(opts->emit, "both") != 0)
		options_refuse(&program, "--emit: '%s' is not one of first, last, both", opts->emit);
	if (opts->within != NULL && duration_parse(str_of(opts->within), &within, &err) != LODE_OK)
		options_refuse(&program, "--within: %s", err.message);
	*apart = within;
	if (opts->apart != NULL && !opts->events)
		options_refuse(&program, "--apart is for --events");
	if (opts->apart != NULL && duration_parse(str_of(opts->apart), apart, &err) != LODE_OK)
		options_refuse(&program, "--apart: %s", err.message);
	state->first = opts->emit == NULL || opts->emit[0] != 'l';
	state->last = opts->emit == NULL || opts->emit[0] != 'f';
	return within;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_keys = 1000000 };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct run run;
	struct state state = { .opts = &opts, .run = &run };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore,
		.on_checkpoint = on_checkpoint };
	const struct merge_filter both = { on_headers, on_line, .state = &state, .first = opts.since, .ends_with_last = true };
	struct err err = ERR_INIT;
	int64_t apart, within = check_options(&state, &opts, operands, &apart);
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = dedupe_init(&state.dedupe, within, opts.max_keys, &err)) == LODE_OK) {
		state.dedupe.apart_s = apart;
		state.dedupe.on_forget = on_forget;
		state.dedupe.argument = &state;
		rc = opts.since != NULL ? run_merge(&run, operands, &both, &err) : run_tape(&run, operands, &filter, &err);
	}
	dedupe_release(&state.dedupe);
	buf_release(&state.text);
	for (int i = SINCE; i <= INPUT; i++) {
		columns_release(&state.said[i].key);
		columns_release(&state.said[i].statement);
	}
	return run_end(&run, rc, &err);
}
