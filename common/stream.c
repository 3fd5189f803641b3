#include "stream.h"

#include <stdlib.h>

/* The keys of the loop itself; those of filters are a word, a tab and a text. */
#define KNOWN "known"
#define COLUMNS "columns"
#define OPTIONS "options"

void
stream_init(struct stream *stream, struct run *run, const struct stream_hooks *hooks)
{
	*stream = (struct stream){ .run = run, .hooks = *hooks };
	run->stream = stream;
}

void
stream_release(struct stream *stream)
{
	state_free(stream->run->state);
	stream->run->state = NULL;
	stream->run->stream = NULL;
	free(stream->end);
	stream->end = NULL;
}

int
stream_header(struct stream *stream, struct str line, struct err *err)
{
	if (stream->columns.p != NULL && stream->started)
		return err_set(err, LODE_EUSAGE, "a stream with checkpoints is read alone");
	stream->columns = line;
	stream->n_columns = str_fields(line);
	return LODE_OK;
}

static int
start(struct stream *stream, struct err *err)
{
	struct run *run = stream->run;
	const char *name = run->options->state != NULL ? run->options->state : run->program->name;

	if (stream->started || stream->columns.p != NULL)
		return err_set(err, LODE_EDATA, "#START behind the first line");
	if (!stream->hooks.stateless && stream->hooks.on_restore == NULL)
		return err_set(err, LODE_EUSAGE, "%s keeps no state in the stream: it reads files and pipes without checkpoints", run->program->name);
	stream->started = stream->restoring = true;
	run_outlives_signal();
	return stream->hooks.on_restore != NULL ? state_new(&run->state, name, err) : LODE_OK;
}

int
run_feed(struct run *run, struct str line, struct err *err)
{
	struct stream *stream = run->stream;
	struct record record;

	if (record_of_line(&record, line, &stream->end, &stream->room, err) != LODE_OK)
		return err->code;
	if (record.n != stream->n_columns)
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(line));
	return stream->hooks.on_record(stream->hooks.state, &record, run, err);
}

static int
restore_known(struct stream *stream, struct str known, struct err *err)
{
	struct order *order = stream->hooks.order;

	if (order == NULL)
		return LODE_OK;
	if (!instant_valid(known))
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(known));
	return order_next(order, known, stream->run->source, 1, err); /* where that line stood is not known any more */
}

static int
restore_entry(void *argument, const struct state_entry *entry, struct err *err)
{
	struct stream *stream = argument;

	if (str_is(entry->key, KNOWN))
		return restore_known(stream, entry->value, err);
	if (str_is(entry->key, OPTIONS)) {
		if (!str_eq(entry->value, stream->run->state_form))
			return err_set(err, LODE_EUSAGE, "the state was kept under other options: %.*s", STR_ARG(entry->value));
		return LODE_OK;
	}
	if (!str_is(entry->key, COLUMNS))
		return stream->hooks.on_restore(stream->hooks.state, entry, stream->run, err);
	stream->said_form = true;
	if (!str_eq(entry->value, stream->columns))
		return err_set(err, LODE_EUSAGE, "the state was kept under other columns: %.*s", STR_ARG(entry->value));
	return LODE_OK;
}

/* All state lines are there. Lines that are fed again are neither counted nor written again. */
static int
restore(struct stream *stream, struct err *err)
{
	struct run *run = stream->run;
	const struct run before = *run;
	int rc;

	stream->restoring = false;
	if (run->state == NULL)
		return LODE_OK;
	sink_mute(&run->out, true);
	state_mute(run->state, true);
	rc = state_restore(run->state, restore_entry, stream, err);
	state_mute(run->state, false);
	sink_mute(&run->out, false);
	memcpy(run->rule, before.rule, sizeof run->rule);
	run->n_rules = before.n_rules;
	run->n_records = before.n_records;
	return rc;
}

/* Columns, and options that give the rest its meaning: ahead of it. */
static int
put_form(struct stream *stream, struct err *err)
{
	const struct run *run = stream->run;
	uint64_t first = 1;
	int rc = state_put(run->state, str_of(COLUMNS), stream->columns, &first, err);

	return rc != LODE_OK || run->state_form.p == NULL ? rc : state_put(run->state, str_of(OPTIONS), run->state_form, &first, err);
}

/* Ahead of a barrier: what has changed. */
static int
checkpoint(struct stream *stream, struct err *err)
{
	struct run *run = stream->run;
	const struct order *order = stream->hooks.order;
	struct buf lines = BUF_INIT;
	int rc = LODE_OK;

	if (run->state == NULL || stream->n_lines == 0)
		return LODE_OK;
	stream->n_lines = 0;
	if (!stream->said_form)
		rc = put_form(stream, err);
	stream->said_form = true;
	if (rc == LODE_OK && order != NULL && order->line != 0)
		rc = state_put(run->state, str_of(KNOWN), (struct str){ order->known, INSTANT_LENGTH }, NULL, err);
	if (rc == LODE_OK && stream->hooks.on_checkpoint != NULL)
		rc = stream->hooks.on_checkpoint(stream->hooks.state, run, err);
	if (rc == LODE_OK && (rc = state_write(run->state, &lines, err)) == LODE_OK)
		sink_str(&run->out, buf_str(&lines));
	buf_release(&lines);
	return rc;
}

/* A line of state: taken, or passed on. */
static int
take_state(struct stream *stream, const struct control *control, bool *taken, struct err *err)
{
	struct run *run = stream->run;

	*taken = false;
	if (stream->columns.p == NULL)
		return err_set(err, LODE_EDATA, "#state ahead of the header line");
	if (run->state == NULL)
		return LODE_OK;
	if (state_take(run->state, control, taken, err) != LODE_OK)
		return err->code;
	if (*taken && !stream->restoring)
		return err_set(err, LODE_EDATA, "two filters keep state as '%s': give one of them another name by --state",
		    run->options->state != NULL ? run->options->state : run->program->name);
	return LODE_OK;
}

/* What a control line of a stream does before it is forwarded; *taken: it is not. */
static int
obey(struct stream *stream, const struct control *control, bool *taken, struct err *err)
{
	const struct stream_hooks *hooks = &stream->hooks;

	if (control_is(control, "state"))
		return take_state(stream, control, taken, err);
	if (stream->ended)
		return err_set(err, LODE_EDATA, "#%.*s behind #END", STR_ARG(control->type));
	if (!control_is_binding(control))
		return control_is(control, "restored") && stream->restoring ? restore(stream, err) : LODE_OK;
	if (stream->restoring && restore(stream, err) != LODE_OK)
		return err->code;
	if (control_is(control, "BARRIER"))
		return checkpoint(stream, err);
	if (control_is(control, "END")) {
		stream->ended = true;
		return LODE_OK;
	}
	if (!control_is(control, "WM"))
		return err_set(err, LODE_EDATA, "unknown control line '#%.*s'", STR_ARG(control->type));
	if (!str_is(control_get(control, "ts"), "inf") || hooks->on_finish == NULL)
		return LODE_OK;
	stream->n_lines++; /* to write what one has is a change */
	return hooks->on_finish(hooks->state, stream->run, err);
}

int
stream_control(struct stream *stream, const struct record *record, struct err *err)
{
	struct run *run = stream->run;
	struct control control;
	bool taken = false;
	int rc = LODE_OK;

	if (control_parse(record->raw, &control)) {
		if (control_is(&control, "START"))
			rc = start(stream, err);
		else if (stream->started)
			rc = obey(stream, &control, &taken, err);
		if (rc != LODE_OK)
			return err_line(err, run->source, record->line);
	}
	if (!taken)
		tape_write_record(&run->out, record);
	return taken ? LODE_OK : sink_flush(&run->out, err);
}

int
stream_takes_slow(struct stream *stream, struct err *err)
{
	if (stream->ended)
		return err_set(err, LODE_EDATA, "a line behind #END");
	if (stream->restoring && restore(stream, err) != LODE_OK)
		return err->code;
	stream->n_lines++;
	return stream->deaf ? LODE_DONE : LODE_OK;
}

int
stream_end(const struct stream *stream, bool *finish, struct err *err)
{
	*finish = !stream->started && source_stop == 0;
	if (stream->started && !stream->ended && source_stop == 0)
		return err_set(err, LODE_EIO, "the stream ends without #END: what writes it has died");
	return LODE_OK;
}
