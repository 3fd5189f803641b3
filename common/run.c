#include "run.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "order.h"
#include "stream.h"

enum { RULE_SHOWN = 40 }; /* bytes of a rule's name */

enum { BLOCK = 1 << 20 }; /* read at a time: four times as much as a tape, of which many may be open, for the system copies large pieces faster */

enum { INSISTS_S = 2 }; /* a signal that comes so much later is no copy of the one before, as from a shell and a terminal at once */

static volatile sig_atomic_t patience; /* signals to be passed over */

/* Who asks once more has seen that an orderly end does not come: it may wait for a reader that takes nothing. */
static void
stop_soon(int signal_number)
{
	static volatile sig_atomic_t asked_s; /* 0: not yet */
	struct timespec now;

	if (patience > 0) {
		patience--;
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (asked_s == 0) {
		asked_s = (sig_atomic_t)now.tv_sec;
	} else if (now.tv_sec - asked_s >= INSISTS_S) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	source_stop = signal_number;
}

void
run_outlives_signal(void)
{
	patience = 1;
}

static int
flush_before_wait(void *argument, struct err *err)
{
	struct run *run = argument;
	int rc = sink_flush(&run->out, err);

	return rc == LODE_OK && run->rejects.open ? sink_flush(&run->rejects.sink, err) : rc;
}

struct source_options
run_source_options(struct run *run)
{
	return (struct source_options){ .name = run->options->name, .on_wait = flush_before_wait, .argument = run };
}

int
run_open(struct run *run, const struct program *program, const struct run_options *options, struct err *err)
{
	struct sigaction action = { .sa_handler = stop_soon }; /* no SA_RESTART: a read that waits ends with EINTR */

	*run = (struct run){ .program = program, .options = options };
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_DFL); /* a parent may have it ignored */
	if (options->rejects != NULL && strcmp(options->rejects, "-") == 0)
		return err_set(err, LODE_EUSAGE, "--rejects needs a file: standard output is for what passes");
	if (options->max_record == 0 || options->max_record > ROWS_MAX_RECORD)
		return err_set(err, LODE_EUSAGE, "--max-record can be 1 to %zu", (size_t)ROWS_MAX_RECORD);
	if (sink_open(&run->out, "-", err) != LODE_OK)
		return err->code;
	if (options->rejects != NULL)
		return rejects_open(&run->rejects, options->rejects, err);
	return LODE_OK;
}

/* One write, so that lines of several programs on one terminal or log do not mix. */
static void
say(const char *line, size_t n)
{
	ssize_t ignored = write(STDERR_FILENO, line, n);

	(void)ignored;
}

/* ", N RULE" for each, or "; N NOTE", masked, because a note may name what a table has. All of them fit. */
static size_t
add_counts(const struct run *run, bool note, char *out, size_t room)
{
	char name[RULE_SHOWN + 1];
	size_t n = 0;
	unsigned i;

	for (i = 0; i < run->n_rules; i++) {
		if (run->rule[i].note != note)
			continue;
		n += (size_t)snprintf(out + n, room - n, "%s %llu ", note ? ";" : ",", (unsigned long long)run->rule[i].n);
		snprintf(name, sizeof name, "%s", run->rule[i].name);
		n += err_masked(name, out + n, room - n);
	}
	return n;
}

static void
say_counts(const struct run *run)
{
	char line[200 + RUN_MAX_RULES * (24 + 4 * RULE_SHOWN)]; /* less than a pipe takes in one piece */
	uint64_t used = run->n_records + run->n_kept - run->n_rejected;
	size_t n;
	unsigned i;

	if (run->n_rejected == 0 && run->n_rules == 0)
		return;
	for (i = 0; i < run->n_rules; i++)
		used -= run->rule[i].note ? 0 : run->rule[i].n;
	n = (size_t)snprintf(line, sizeof line, "%s: %llu records", run->program->name, (unsigned long long)run->n_records);
	if (run->n_kept > 0)
		n += (size_t)snprintf(line + n, sizeof line - n, " and %llu kept", (unsigned long long)run->n_kept);
	n += (size_t)snprintf(line + n, sizeof line - n, ": %llu used", (unsigned long long)used);
	n += add_counts(run, false, line + n, sizeof line - n);
	n += (size_t)snprintf(line + n, sizeof line - n, ", %llu rejected", (unsigned long long)run->n_rejected);
	n += add_counts(run, true, line + n, sizeof line - n);
	line[n++] = '\n';
	say(line, n);
}

int
run_end(struct run *run, int rc, struct err *err)
{
	char line[1200];
	struct err late = ERR_INIT;
	int stopped = source_stop;

	if (rc == LODE_DONE)
		rc = LODE_OK;
	/* an output that failed explains everything else, and what was written before an error still counts */
	if (rejects_close(&run->rejects, &late) != LODE_OK) {
		rc = late.code;
		*err = late;
	}
	if (sink_close(&run->out, &late) != LODE_OK) {
		rc = late.code;
		*err = late;
	}
	if (rc != LODE_OK)
		say(line, err_format(err, run->program->name, line, sizeof line));
	say_counts(run);
	if (rc == LODE_OK && stopped != 0) {
		signal(stopped, SIG_DFL);
		raise(stopped);
	}
	if (rc == LODE_OK && run->n_rejected > 0 && !run->options->allow_rejects)
		return err_exit_status(LODE_EDATA);
	return err_exit_status(rc);
}

static void
count(struct run *run, const char *name, bool note)
{
	unsigned i;

	for (i = 0; i < run->n_rules && run->rule[i].name != name && strcmp(run->rule[i].name, name) != 0;)
		i++;
	if (i == run->n_rules) {
		assert(i < RUN_MAX_RULES); /* else what it counts would pass for used */
		run->rule[i].name = name;
		run->rule[i].note = note;
		run->n_rules++;
	}
	run->rule[i].n++;
}

void
run_count_rule(struct run *run, const char *name)
{
	count(run, name, false);
}

void
run_count_kept(struct run *run, uint64_t n)
{
	run->n_kept += n;
}

void
run_count_note(struct run *run, const char *name)
{
	count(run, name, true);
}

int
run_reject(struct run *run, uint64_t line, struct str record, struct err *err)
{
	err_line(err, run->source, line);
	if (err->code != LODE_EDATA)
		return err->code;
	if (!run->rejects.open) {
		run->n_records--; /* the message tells of it, the counts are of what went before */
		return err->code;
	}
	rejects_add(&run->rejects, err, run->header, record);
	run->n_rejected++;
	return LODE_OK;
}

int
run_inputs(struct run *run, char *const *operands, run_each *each, void *state, struct err *err)
{
	static char standard_input[] = "-";
	char *const only[] = { standard_input, NULL };
	const struct source_options options = run_source_options(run);
	struct source *source;
	struct err late;
	int rc = LODE_OK;

	if (operands[0] == NULL)
		operands = only;
	for (; rc == LODE_OK && *operands != NULL; operands++) {
		if ((rc = source_open(&source, *operands, &options, err)) != LODE_OK)
			break;
		run->source = source_name(source);
		run->header = (struct str){ 0 };
		rejects_input(&run->rejects);
		rc = each(state, source, run, err);
		if (rc != LODE_OK && rc != LODE_DONE)
			err_line(err, run->source, err->line);
		if (source_close(source, &late) != LODE_OK && (rc == LODE_OK || rc == LODE_DONE)) {
			*err = late;
			rc = late.code;
		}
		if (rc == LODE_DONE && source_stop == 0)
			rc = LODE_OK;
	}
	run->source = NULL;
	return rc;
}

void
run_write_header(struct run *run, const char *const *extra, size_t n_extra)
{
	if (!run->header_written)
		tape_write_header(&run->out, extra, n_extra);
	run->header_written = true;
}

/*
 * A record that could not be read as a whole. One that is too long is kept as far as it was read, but what follows it is
 * not read at all, and that no permission to reject may hide.
 */
static int
reject_unread(struct run *run, const struct record *record, struct err *err)
{
	struct err why;
	int rc;

	run->n_records++;
	err_line(err, run->source, err->line);
	why = *err;
	rc = run_reject(run, err->line, record->raw, err);
	if (rc == LODE_OK && record->n == 0 && record->raw.n >= run->options->max_record) {
		*err = why;
		rc = LODE_EDATA;
	}
	return rc;
}

/* One row input: its header, and what the callbacks need. */
struct rows_run {
	struct run *run;
	const struct rows_filter *filter;
	struct header header;
	struct buf head; /* the header's line, with what is skipped before and behind it: what rejects begin with, to be an input again */
	unsigned widest; /* fields that a record may have when those behind the header's are empty */
};

static int
keep_head(struct rows_run *state, struct str raw, struct err *err)
{
	if ((state->head.n > 0 && buf_add(&state->head, "\n", 1) != LODE_OK) || buf_add_str(&state->head, raw) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	state->run->header = buf_str(&state->head);
	return LODE_OK;
}

/* LODE_DONE when the input ends before. */
static int
skip_records(struct rows_run *state, struct rows *rows, unsigned n, unsigned *n_skipped, struct err *err)
{
	struct record record = { 0 };
	int rc = LODE_OK;

	for (*n_skipped = 0; *n_skipped < n && rc == LODE_OK && (rc = rows_next(rows, &record, err)) == LODE_OK; ++*n_skipped) {
		state->run->n_records++;
		run_count_rule(state->run, "skipped");
		rc = keep_head(state, record.raw, err);
	}
	return rc;
}

static int
take_header(struct rows_run *state, struct rows *rows, struct err *err)
{
	struct run *run = state->run;
	struct record record = { 0 };
	unsigned n_skipped;
	int rc = skip_records(state, rows, state->filter->skip, &n_skipped, err);

	if (rc == LODE_OK)
		rc = rows_next(rows, &record, err);
	if (rc == LODE_DONE && source_stop == 0 && n_skipped == 0)
		rc = err_set(err, LODE_EUSAGE, "no header line: the input is empty");
	else if (rc == LODE_DONE && source_stop == 0)
		rc = err_set(err, LODE_EUSAGE, "no header line: the input ends at record %u of the %u to skip", n_skipped, state->filter->skip);
	if (rc == LODE_OK && str_starts(record.raw, STR("#START\t")))
		rc = err_set(err, LODE_EUSAGE, "%s keeps no state in the stream: it reads files, not tapes", run->program->name);
	if (rc == LODE_OK && (rc = keep_head(state, record.raw, err)) == LODE_OK && (rc = header_init(&state->header, &record, err)) == LODE_OK) {
		/* a trailing separator makes a nameless last column, in the header or only in the records */
		state->widest = state->header.n + 1;
		while (state->header.n > 1 && state->header.names[state->header.n - 1].n == 0)
			state->header.n--;
		rc = state->filter->on_header(state->filter->state, &state->header, run, err);
	}
	if (rc != LODE_OK && rc != LODE_DONE)
		err_line(err, run->source, record.line == 0 ? 1 : record.line);
	if (rc == LODE_OK)
		rc = sink_flush(&run->out, err);
	return rc == LODE_OK ? skip_records(state, rows, state->filter->skip_after, &n_skipped, err) : rc;
}

static int
check_width(const struct rows_run *state, const struct record *record, struct err *err)
{
	unsigned k = state->header.n;

	if (record->n >= k && record->n <= state->widest)
		while (k < record->n && str_trim(record_get(record, k)).n == 0)
			k++;
	if (k == record->n)
		return LODE_OK;
	return err_set(err, LODE_EDATA, "%u fields, the header has %u", record->n, state->header.n);
}

static int
pass_record(struct run *run, const struct rows_filter *filter, struct record *record, struct err *err)
{
	if (filter->may_select != NULL) {
		if (!filter->may_select(filter->state, record)) {
			run_count_rule(run, "not-selected");
			return LODE_OK;
		}
		if (record_open(record, err) != LODE_OK)
			return err->code;
	}
	return filter->on_record(filter->state, record, run, err);
}

int
run_rows_of(struct run *run, const struct rows_filter *filter, rows_read *read, void *from, struct err *err)
{
	const struct rows_options options = { filter->separator, filter->quote, run->options->max_record, BLOCK, filter->may_select != NULL };
	struct rows_run state = { .run = run, .filter = filter };
	struct record record = { 0 };
	struct rows *rows;
	int rc;

	if ((rc = rows_new(&rows, &options, read, from, err)) != LODE_OK)
		return rc;
	if (!filter->no_header)
		rc = take_header(&state, rows, err);
	while (rc == LODE_OK && (rc = rows_next(rows, &record, err)) != LODE_DONE) {
		if (rc == LODE_OK) {
			run->n_records++;
			if (filter->no_header || (rc = check_width(&state, &record, err)) == LODE_OK)
				rc = pass_record(run, filter, &record, err);
			if (rc == LODE_EDATA)
				rc = run_reject(run, record.line, record.raw, err);
		} else if (rc == LODE_EDATA && err->line != 0) {
			rc = reject_unread(run, &record, err);
		}
	}
	run->header = (struct str){ 0 };
	header_release(&state.header);
	buf_release(&state.head);
	rows_free(rows);
	return rc;
}

/* The state of a run over tapes. */
struct tape_run {
	struct run *run;
	const struct tape_filter *filter;
	struct stream stream;
	struct buf names; /* the first header, as written */
	struct order order;
	bool enough;      /* nothing further is read */
	bool finish;      /* the filter's on_finish is due */
};

static int
forward_control(void *argument, const struct record *record, struct err *err)
{
	struct tape_run *state = argument;

	return stream_control(&state->stream, record, err);
}

static int
take_tape_header(struct tape_run *state, const struct header *header, struct err *err)
{
	struct run *run = state->run;
	struct buf names = BUF_INIT;
	unsigned i;
	int rc = LODE_OK;

	for (i = 0; i < header->n && rc == LODE_OK; i++)
		if ((rc = buf_add_str(&names, header->names[i])) == LODE_OK)
			rc = buf_add(&names, "\t", 1);
	if (rc != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (state->names.n != 0) {
		if (!str_eq(buf_str(&names), buf_str(&state->names)))
			rc = err_set(err, LODE_EUSAGE, "the columns are not those of the first input");
		buf_release(&names);
		return rc;
	}
	state->names = names;
	if (state->filter->on_header != NULL)
		rc = state->filter->on_header(state->filter->state, header, run, err);
	else
		tape_write_names(&run->out, header);
	return rc == LODE_OK ? sink_flush(&run->out, err) : rc;
}

static int
take_record(struct tape_run *state, const struct header *header, const struct record *record, struct err *err)
{
	struct run *run = state->run;
	unsigned column = (unsigned)header->obs[OBS_KNOWN];
	struct str known;
	int64_t seconds;
	bool ordered;
	int rc;

	if (obs_is_control(record))
		return stream_control(&state->stream, record, err);
	if ((rc = stream_takes(&state->stream, err)) != LODE_OK)
		return rc == LODE_DONE ? LODE_OK : err_line(err, run->source, record->line);
	run->n_records++;
	known = record_get(record, column);
	ordered = state->filter->ordered && !order_same(&state->order, known, record->line);
	if (ordered && (rc = instant_parse(known, &seconds, err)) != LODE_OK)
		err_column(err, column + 1, obs_names[OBS_KNOWN]);
	else if (ordered && order_next(&state->order, known, run->source, record->line, err) != LODE_OK)
		return err_line(err, run->source, record->line); /* not a reject: what went before may be wrong as well */
	if (rc == LODE_OK)
		rc = state->filter->on_record(state->filter->state, record, run, err);
	if (rc == LODE_EDATA) {
		/* a filter knows the column's name; where it stands is this header's matter */
		column = (unsigned)(header_find(header, str_of(err->column_name)) + 1);
		err->column = column == 0 || err->column_name[0] == '\0' ? err->column : column;
		rc = run_reject(run, record->line, record->raw, err);
	}
	return rc;
}

static int
run_one_tape(struct tape_run *state, const char *path, struct err *err)
{
	struct run *run = state->run;
	struct tape_options options = { .source = run_source_options(run), .max_record = run->options->max_record, .on_control = forward_control,
		.argument = state };
	struct record record = { 0 };
	struct tape tape;
	int rc;

	if ((rc = tape_open(&tape, path, &options, err)) != LODE_OK)
		return rc;
	run->source = source_name(tape.source);
	run->header = tape.header_line;
	rejects_input(&run->rejects);
	order_input(&state->order);
	if (((rc = stream_header(&state->stream, tape.header_line, err)) != LODE_OK ||
	    (rc = take_tape_header(state, &tape.header, err)) != LODE_OK) && rc != LODE_DONE)
		err_line(err, run->source, 1);
	while (rc == LODE_OK && (rc = tape_next(&tape, &record, err)) != LODE_DONE) {
		if (rc == LODE_EDATA && err->line != 0) {
			rc = reject_unread(run, &record, err);
		} else if (rc == LODE_OK && (rc = take_record(state, &tape.header, &record, err)) == LODE_DONE) {
			if ((state->stream.deaf = state->stream.started)) { /* its control lines are still to be forwarded */
				rc = LODE_OK;
				continue;
			}
			state->enough = state->finish = true;
			break;
		}
	}
	if (rc == LODE_DONE && stream_end(&state->stream, &state->finish, err) != LODE_OK)
		rc = err_line(err, run->source, 0);
	tape_close(&tape);
	run->source = NULL;
	run->header = (struct str){ 0 };
	return rc;
}

int
run_tape(struct run *run, char *const *operands, const struct tape_filter *filter, struct err *err)
{
	static char standard_input[] = "-";
	char *const only[] = { standard_input, NULL };
	struct tape_run state = { .run = run, .filter = filter };
	const struct stream_hooks hooks = { filter->stateless, filter->on_record, filter->on_restore, filter->on_checkpoint, filter->on_finish,
		filter->state, filter->ordered ? &state.order : NULL };
	int rc = LODE_DONE;

	stream_init(&state.stream, run, &hooks);
	if (operands[0] == NULL)
		operands = only;
	for (; rc == LODE_DONE && source_stop == 0 && !state.enough && *operands != NULL; operands++)
		rc = run_one_tape(&state, *operands, err);
	if ((rc == LODE_DONE || rc == LODE_OK) && source_stop == 0 && state.finish && filter->on_finish != NULL)
		rc = filter->on_finish(filter->state, run, err);
	stream_release(&state.stream);
	buf_release(&state.names);
	return rc == LODE_DONE ? LODE_OK : rc;
}
