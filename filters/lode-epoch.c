/*
 * lode-epoch - a foreign command, run once for each epoch of a stream
 *
 * in     a tape, or a stream with checkpoints
 * out    what the command writes when it is given the lines between two barriers; then the control lines
 * state  none from one epoch to the next; the control lines of one, at most --max-held of them
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "command.h"
#include "duration.h"
#include "replies.h"
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
	char *const *argv;       /* the command */
	struct run *run;
	struct tape tape;
	struct stream stream;
	struct command command;
	struct replies replies;
	struct buf held;         /* control lines that come behind what the command writes */
	struct buf behind;       /* the checkpoint ahead of this epoch */
	uint64_t first, last;    /* lines of the input that the command was given */
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

/* Says with which lines the command failed. */
static int
blame(const struct state *state, int rc, struct err *err)
{
	struct str behind = buf_str(&state->behind);
	char what[sizeof err->message];

	if (rc != LODE_EDATA && rc != LODE_EIO)
		return rc;
	memcpy(what, err->message, sizeof what);
	if (state->replies.asking)
		err_set(err, rc, "%.250s, given the header line alone", what);
	else if (behind.n > 0)
		err_set(err, rc, "%.250s, given lines %" PRIu64 " to %" PRIu64 " behind checkpoint %.*s", what, state->first, state->last, STR_ARG(behind));
	else
		err_set(err, rc, "%.250s, given lines %" PRIu64 " to %" PRIu64, what, state->first, state->last);
	return err_line(err, state->run->source, 0);
}

static int
on_output(void *argument, struct str bytes, struct err *err)
{
	struct state *state = argument;
	int rc = replies_add(&state->replies, bytes, err);

	return rc == LODE_OK ? sink_flush(&state->run->out, err) : rc;
}

/* Of a command that has ended, or of none. */
static int
check_status(const struct state *state, struct err *err)
{
	const struct option_list *accept = &state->opts->accept;
	int status = state->command.status;
	char code[16];

	if (!state->command.gone || status == 0)
		return LODE_OK;
	if (WIFSIGNALED(status))
		return err_set(err, LODE_EIO, "'%.100s' was ended by signal %d", state->argv[0], WTERMSIG(status));
	snprintf(code, sizeof code, "%d", WEXITSTATUS(status));
	if (accept->n > 0 && option_list_has(accept, str_of(code)))
		return LODE_OK;
	return err_set(err, LODE_EIO, "'%.100s' ended with status %s", state->argv[0], code);
}

static int
give(struct state *state, struct str line, struct err *err)
{
	int rc = command_write(&state->command, line, err);

	return rc == LODE_OK ? command_write(&state->command, STR("\n"), err) : rc;
}

static int
begin(struct state *state, uint64_t line, struct err *err)
{
	int rc;

	state->first = state->last = line;
	replies_begin(&state->replies);
	rc = command_start(&state->command, state->argv, state->stream.started, err);
	return rc == LODE_OK && !state->opts->bare ? give(state, state->tape.header_line, err) : rc;
}

/* What the command writes when nothing more comes for it. */
static int
finish(struct state *state, struct err *err)
{
	int rc = command_end(&state->command, err);

	if (rc == LODE_OK && (rc = check_status(state, err)) == LODE_OK)
		rc = replies_end(&state->replies, err);
	return rc;
}

/* The output's columns, before anything else comes out. A command that writes them itself is asked. */
static int
find_header(struct state *state, struct err *err)
{
	const struct option_list *columns = &state->opts->columns;
	struct replies *replies = &state->replies;
	struct buf line = BUF_INIT;
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < columns->n && rc == LODE_OK; i++)
		if ((i > 0 && buf_add(&line, "\t", 1) != LODE_OK) || buf_add_str(&line, columns->item[i]) != LODE_OK)
			rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_OK && (columns->n > 0 || state->opts->no_header))
		rc = replies_columns(replies, columns->n > 0 ? buf_str(&line) : state->tape.header_line, err);
	buf_release(&line);
	if (rc == LODE_OK && replies->n_columns == 0) {
		replies->asking = true;
		if ((rc = begin(state, 1, err)) == LODE_OK && (rc = finish(state, err)) == LODE_OK && replies->n_columns == 0)
			rc = err_set(err, LODE_EUSAGE, "'%.100s' writes no header line: give --columns or --no-header", state->argv[0]);
		rc = blame(state, rc, err);
		replies->asking = false;
	}
	return rc == LODE_OK && !state->opts->is_table ? replies_check_tape(replies, err) : rc;
}

/* The end of an epoch: the command's output, then the control lines that came meanwhile. */
static int
close_epoch(struct state *state, struct err *err)
{
	struct record record = { .line = state->last };
	struct str rest = buf_str(&state->held);
	int rc = state->command.pid > 0 ? blame(state, finish(state, err), err) : LODE_OK;

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
	if (state->command.pid > 0 && !is_end && !is_sign)
		return hold(state, record, err);
	if (is_end && (rc = close_epoch(state, err)) != LODE_OK)
		return rc;
	if (is_barrier || control_is(&control, "START")) {
		state->behind.n = 0;
		if (buf_add_str(&state->behind, control_get(&control, "ck")) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	}
	return stream_control(&state->stream, record, err);
}

static int
take_record(struct state *state, const struct record *record, struct err *err)
{
	int rc = stream_takes(&state->stream, err);

	if (rc != LODE_OK)
		return err_line(err, state->run->source, record->line);
	state->run->n_records++;
	if (state->command.pid == 0 && (rc = begin(state, record->line, err)) != LODE_OK)
		return blame(state, rc, err);
	state->last = record->line;
	if ((rc = give(state, record->raw, err)) == LODE_OK)
		rc = check_status(state, err);
	return blame(state, rc, err);
}

/* Before a read that would block. */
static int
on_wait(void *argument, struct err *err)
{
	struct state *state = argument;
	int rc = sink_flush(&state->run->out, err);

	if (rc == LODE_OK && state->run->rejects.open)
		rc = sink_flush(&state->run->rejects.sink, err);
	if (rc == LODE_OK && state->command.pid > 0 &&
	    (rc = command_hear(&state->command, source_descriptor(state->tape.source), err)) == LODE_OK)
		rc = check_status(state, err);
	return rc == LODE_OK ? rc : blame(state, rc, err);
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
	if ((rc = stream_header(&state->stream, state->tape.header_line, err)) != LODE_OK || (rc = find_header(state, err)) != LODE_OK)
		return rc == LODE_DONE ? rc : err_line(err, run->source, 1);
	sink_str(&run->out, buf_str(&state->replies.header));
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
	struct state state = { .opts = &opts, .run = &run, .command = { .on_output = on_output, .argument = &state, .to = -1, .from = -1 } };
	const struct stream_hooks hooks = { .stateless = true, .state = &state };
	struct err err = ERR_INIT;
	int64_t seconds = 0;
	int rc;

	state.argv = options_parse(argc, argv, &program, &opts);
	if (state.argv[0] == NULL)
		options_refuse(&program, "no command: give -- COMMAND [ARG ...]");
	if (opts.patience != NULL && duration_parse(str_of(opts.patience), &seconds, &err) != LODE_OK)
		options_refuse(&program, "--patience: %s", err.message);
	state.command.patience_ms = seconds * 1000;
	state.replies = (struct replies){ .sink = &run.out, .name = state.argv[0], .max_line = opts.run.max_record, .no_header = opts.no_header };
	rc = run_open(&run, &program, &opts.run, &err);
	stream_init(&state.stream, &run, &hooks);
	if (rc == LODE_OK)
		rc = read_all(&state, &err);
	/* in a stream a signal that stops us is the second one, and the command heeds none */
	command_stop(&state.command, source_stop != 0 && !state.stream.started ? source_stop : SIGKILL);
	command_release(&state.command);
	replies_release(&state.replies);
	stream_release(&state.stream);
	tape_close(&state.tape);
	buf_release(&state.held);
	buf_release(&state.behind);
	run.source = NULL;
	return run_end(&run, rc, &err);
}
