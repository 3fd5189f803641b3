/*
 * lode-dedupe - drops lines that say nothing new, and makes one event of many rows
 *
 * in     a tape in order of `known`; with --since a second one, that of what is known already
 * out    the lines that are news, as they are; with --events the first row of each event at once, and the number of
 *        its rows in the column `count` when its episode closes
 * state  with --by or by key what each key said last, with --digest 16 bytes a line, with --events one row for each open
 *        episode; what lies beyond --within is forgotten, at most --max-keys are held
 */
#include "duration.h"
#include "episodes.h"
#include "instant.h"
#include "merge.h"

struct opts {
	struct run_options run;
	const char *within, *apart, *emit, *since;
	struct option_list key, by;
	size_t max_keys;
	bool digest, events;
};

struct state {
	const struct opts *opts;
	struct dedupe dedupe;     /* owned */
	struct episodes episodes; /* owned */
	struct said {
		struct columns key;       /* owned */
		struct columns statement; /* owned */
		unsigned known;           /* column */
	} said[2];                        /* of the tape of --since, and of the input */
	char newest[INSTANT_MAX];
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

	state->dedupe.state = run->state;
	if (find_columns(state, header, &state->said[INPUT], err) != LODE_OK)
		return err->code;
	if (state->opts->events)
		episodes_header(&state->episodes, header);
	else
		tape_write_names(&run->out, header);
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

/* A line of the input, or of the tape of --since, which only makes known what it says. */
static int
on_line(void *argument, size_t input, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct said *said = &state->said[input];
	struct str known = record_get(record, said->known), key, statement;
	int64_t known_s;
	bool news;

	if (instant_parse(known, &known_s, err) != LODE_OK)
		return err_column(err, said->known + 1, "known");
	memcpy(state->newest, known.p, INSTANT_LENGTH);
	if (columns_join(&said->key, record, &key, err) != LODE_OK)
		return err->code;
	if (state->opts->events)
		return episodes_add(&state->episodes, record, key, known_s, err);
	if (columns_join(&said->statement, record, &statement, err) != LODE_OK ||
	    dedupe_seen(&state->dedupe, key, statement, record->raw, known_s, &news, err) != LODE_OK)
		return err->code;
	if (input == INPUT && news)
		tape_write_record(&run->out, record);
	else if (input == INPUT)
		run_count_rule(run, "duplicate");
	return LODE_OK;
}

/* A line as it came, or an episode. */
static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (str_is(entry->key, "newest") && entry->value.n == INSTANT_LENGTH) {
		memcpy(state->newest, entry->value.p, INSTANT_LENGTH);
		return LODE_OK;
	}
	return state->opts->events ? episodes_restore(&state->episodes, entry, err) : run_feed(run, entry->value, err);
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
	return state->opts->events ? episodes_close(&state->episodes, INT64_MAX, err) : LODE_OK;
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
	state->episodes.first = opts->emit == NULL || opts->emit[0] != 'l';
	state->episodes.last = opts->emit == NULL || opts->emit[0] != 'f';
	return within;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_keys = 1000000 };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct run run;
	struct state state = { .opts = &opts, .episodes = { .dedupe = &state.dedupe, .run = &run, .newest = state.newest } };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore, .on_checkpoint = on_checkpoint };
	const struct merge_filter both = { on_headers, on_line, .state = &state, .first = opts.since, .ends_with_last = true };
	struct err err = ERR_INIT;
	int64_t apart, within = check_options(&state, &opts, operands, &apart);
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = dedupe_init(&state.dedupe, within, opts.max_keys, &err)) == LODE_OK) {
		state.dedupe.apart_s = apart;
		state.dedupe.digest = opts.digest;
		rc = opts.since != NULL ? run_merge(&run, operands, &both, &err) : run_tape(&run, operands, &filter, &err);
	}
	dedupe_release(&state.dedupe);
	episodes_release(&state.episodes);
	for (int i = SINCE; i <= INPUT; i++) {
		columns_release(&state.said[i].key);
		columns_release(&state.said[i].statement);
	}
	return run_end(&run, rc, &err);
}
