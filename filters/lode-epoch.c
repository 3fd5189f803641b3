/*
 * lode-epoch - a foreign command, run once for each epoch of a stream
 *
 * in     a tape, or a stream with checkpoints
 * out    what the command writes when it is given the lines between two barriers; then the control lines
 * state  none from one epoch to the next; the control lines of one, at most --max-held of them
 */
#include <signal.h>

#include "duration.h"
#include "epoch.h"
#include "stream.h"

struct opts {
	struct run_options run;
	struct option_list columns, accept;
	const char *patience;
	size_t max_held;
	bool bare, no_header, is_table;
};

struct state {
	const struct opts *opts;
	struct run *run;
	struct tape tape;
	struct stream stream;
	struct epoch epoch;
	struct buf held;         /* control lines that come behind what the command writes */
};

static const struct option_spec options[] = {
	{ 'b', "bare", NULL, OPTION_FLAG, offsetof(struct opts, bare), "give the command no header line" },
	{ 'n', "no-header", NULL, OPTION_FLAG, offsetof(struct opts, no_header), "the command writes no header line: the columns stay as they are" },
	{ 'c', "columns", "NAME,...", OPTION_LIST, offsetof(struct opts, columns), "columns of what the command writes" },
	{ 'a', "accept", "STATUS,...", OPTION_LIST, offsetof(struct opts, accept), "statuses of the command that are no failure, besides 0" },
	{ 0, "patience", "DURATION", OPTION_TEXT, offsetof(struct opts, patience), "stop when the command keeps us waiting and does nothing for so long" },
	{ 0, "max-held", "BYTES", OPTION_SIZE, offsetof(struct opts, max_held), "control lines that may wait for the command, 64M by default" },
	{ 0, "table", NULL, OPTION_FLAG, offsetof(struct opts, is_table), "input and output may be any table" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-epoch", "-- COMMAND [ARG ...]", "run a command once for each epoch of a stream", options };

/* The end of an epoch: the command's output, then the control lines that came meanwhile. */
static int
close_epoch(struct state *state, struct err *err)
{
	struct record record = { .line = state->epoch.last };
	struct str rest = buf_str(&state->held);
	int rc = epoch_end(&state->epoch, err);

	rest.n -= rest.n > 0; /* the last one's end */
	while (rc == LODE_OK && state->held.n > 0 && str_split(&rest, '\n', &record.raw))
		rc = stream_control(&state->stream, &record, err);
	state->held.n = 0;
	return rc;
}

static int
hold(struct state *state, const struct record *record, struct err *err)
{
	if (state->held.n + record->raw.n >= state->opts->max_held) {
		err_set(err, LODE_EDATA, "more than %zu bytes of control lines in one epoch: raise --max-held", state->opts->max_held);
		return err_line(err, state->run->source, record->line);
	}
	if (buf_add_str(&state->held, record->raw) != LODE_OK || buf_add(&state->held, "\n", 1) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

static int
take_control(void *argument, const struct record *record, struct err *err)
{
	struct state *state = argument;
	struct control control;
	bool is_barrier, is_end, is_sign;
	int rc;

	if (!control_parse(record->raw, &control))
		control = (struct control){ STR(""), STR("") }; /* a remark */
	is_barrier = control_is(&control, "BARRIER");
	is_end = state->stream.started && (is_barrier || control_is(&control, "END"));
	is_sign = state->stream.started && control_is(&control, "idle"); /* of life, and of nothing else */
	if (epoch_is_open(&state->epoch) && !is_end && !is_sign)
		return hold(state, record, err);
	if (is_end && (rc = close_epoch(state, err)) != LODE_OK)
		return rc;
	if ((is_barrier || control_is(&control, "START")) && epoch_behind(&state->epoch, control_get(&control, "ck"), err) != LODE_OK)
		return err->code;
	return stream_control(&state->stream, record, err);
}

static int
take_record(struct state *state, const struct record *record, struct err *err)
{
	int rc = stream_takes(&state->stream, err);

	if (rc != LODE_OK)
		return err_line(err, state->run->source, record->line);
	state->run->n_records++;
	return epoch_give(&state->epoch, record->line, record->raw, err);
}

/* Before a read that would block. */
static int
on_wait(void *argument, struct err *err)
{
	struct state *state = argument;
	int rc = sink_flush(&state->run->out, err);

	if (rc == LODE_OK && state->run->rejects.open)
		rc = sink_flush(&state->run->rejects.sink, err);
	return rc == LODE_OK ? epoch_hear(&state->epoch, source_descriptor(state->tape.source), err) : rc;
}

static int
read_all(struct state *state, struct err *err)
{
	const struct opts *opts = state->opts;
	const struct source_options source = { .name = opts->run.name, .on_wait = on_wait, .argument = state };
	const struct tape_options with = { source, opts->run.max_record, opts->is_table, take_control, state };
	struct record record = { 0 };
	struct run *run = state->run;
	bool to_end;
	int rc;

	if ((rc = tape_open(&state->tape, "-", &with, err)) != LODE_OK)
		return rc;
	run->source = source_name(state->tape.source);
	run->header = state->tape.header_line;
	state->epoch.header = state->tape.header_line;
	state->epoch.shielded = state->stream.started;
	if ((rc = stream_header(&state->stream, state->tape.header_line, err)) != LODE_OK || (rc = epoch_ask(&state->epoch, err)) != LODE_OK)
		return rc == LODE_DONE ? rc : err_line(err, run->source, 1);
	sink_str(&run->out, buf_str(&state->epoch.replies.header));
	sink_byte(&run->out, '\n');
	rc = sink_flush(&run->out, err);
	while (rc == LODE_OK && (rc = tape_next(&state->tape, &record, err)) != LODE_DONE) {
		if (rc == LODE_OK) {
			rc = obs_is_control(&record) ? take_control(state, &record, err) : take_record(state, &record, err);
		} else if (rc == LODE_EDATA && record.n > 0) {
			run->n_records++;
			rc = run_reject(run, record.line, record.raw, err);
		}
	}
	if (rc != LODE_DONE || source_stop != 0)
		return rc;
	if (stream_end(&state->stream, &to_end, err) != LODE_OK)
		return err_line(err, run->source, 0);
	return close_epoch(state, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_held = 64 << 20 };
	struct run run;
	struct state state = { .opts = &opts, .run = &run,
		.epoch = { .columns = &opts.columns, .accept = &opts.accept } };
	const struct stream_hooks hooks = { .stateless = true, .state = &state };
	struct err err = ERR_INIT;
	int64_t seconds = 0;
	int rc;

	argv = options_parse(argc, argv, &program, &opts);
	if (argv[0] == NULL)
		options_refuse(&program, "no command: give -- COMMAND [ARG ...]");
	if (opts.patience != NULL && duration_parse(str_of(opts.patience), &seconds, &err) != LODE_OK)
		options_refuse(&program, "--patience: %s", err.message);
	if (opts.columns.n > 0 && opts.columns.item[0].n > 0 && opts.columns.item[0].p[0] == '#')
		options_refuse(&program, "--columns: '%.*s' would read as a control line", STR_ARG(opts.columns.item[0]));
	rc = run_open(&run, &program, &opts.run, &err);
	epoch_init(&state.epoch, &run, argv, opts.no_header);
	state.epoch.command.patience_ms = seconds * 1000;
	state.epoch.bare = opts.bare;
	state.epoch.is_table = opts.is_table;
	stream_init(&state.stream, &run, &hooks);
	if (rc == LODE_OK)
		rc = read_all(&state, &err);
	/* in a stream a signal that stops us is the second one, and the command heeds none */
	epoch_release(&state.epoch, source_stop != 0 && !state.stream.started ? source_stop : SIGKILL);
	stream_release(&state.stream);
	tape_close(&state.tape);
	buf_release(&state.held);
	run.source = NULL;
	return run_end(&run, rc, &err);
}
