/*
 * lode-kafka-source - topics of Kafka into one tape
 *
 * in     topics whose records' values are lines of a tape
 * out    all lines, between partitions in the order of `known` as far as they are there; with --job also the control lines by which
 *        filters and lode-kafka-sink make the whole pipeline exactly-once
 * state  what librdkafka fetches ahead; while starting, the job's state
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "duration.h"
#include "kafka_epochs.h"
#include "kafka_exit.h"
#include "kafka_lines.h"
#include "kafka_options.h"
#include "kafka_pace.h"
#include "kafka_peek.h"
#include "kafka_signs.h"
#include "run.h"

enum { WAIT_MS = 100 };

struct opts {
	struct run_options run;
	struct kafka_options kafka;
	struct metrics_options metrics;
	struct option_list topics, columns, headers;
	const char *until, *from, *idle, *state, *stuck;
	bool tombstones, dead_letters, adopt;
	double interval_s;
	size_t barrier_bytes, max_pending;
};

struct state {
	const struct opts *opts;
	struct kafka_reader reader;
	struct kafka_lines lines;
	struct kafka_epochs epochs;
	struct kafka_pace pace;
	struct kafka_signs signs;
	struct run *run;
	struct buf line;
	int status; /* exit status when it is one of Kafka's */
};

static const struct option_spec options[] = {
	{ 't', "topic", "NAME,...", OPTION_LIST, offsetof(struct opts, topics), "topics to read" },
	KAFKA_OPTIONS(struct opts, kafka),
	{ 0, "from", "WHERE", OPTION_TEXT, offsetof(struct opts, from), "what was never read: beginning (default) or end" },
	{ 'u', "until", "now", OPTION_TEXT, offsetof(struct opts, until), "end where the topics end now, instead of never" },
	{ 'i', "idle", "DURATION", OPTION_TEXT, offsetof(struct opts, idle), "hold back for a silent partition for so long, 0s by default" },
	{ 'c', "columns", "NAME,...", OPTION_LIST, offsetof(struct opts, columns), "columns of the output beyond the eleven" },
	{ 0, "headers", "NAME,...", OPTION_LIST, offsetof(struct opts, headers), "message headers, or kafka.offset and the like, as columns" },
	{ 0, "tombstones", NULL, OPTION_FLAG, offsetof(struct opts, tombstones), "a record without value takes its figure back" },
	{ 0, "dead-letters", NULL, OPTION_FLAG, offsetof(struct opts, dead_letters), "send bad records on to the sink's dead letters" },
	{ 0, "state", "TOPIC", OPTION_TEXT, offsetof(struct opts, state), "replay the job's state from TOPIC" },
	{ 0, "barrier-interval", "SECONDS", OPTION_NUMBER, offsetof(struct opts, interval_s), "time between checkpoints, 1 by default" },
	{ 0, "barrier-bytes", "BYTES", OPTION_SIZE, offsetof(struct opts, barrier_bytes), "and at the latest after so much, 64M by default" },
	{ 0, "max-pending", "N", OPTION_SIZE, offsetof(struct opts, max_pending), "checkpoints on their way at a time, 2 by default" },
	{ 0, "stuck", "DURATION", OPTION_TEXT, offsetof(struct opts, stuck), "give up when nothing gets on for so long, 2min by default" },
	{ 0, "adopt", NULL, OPTION_FLAG, offsetof(struct opts, adopt), "take offsets that somebody else has set" },
	METRICS_OPTIONS(struct opts, metrics),
	{ 0, "rejects", "FILE", OPTION_TEXT, offsetof(struct opts, run.rejects), "write bad records to FILE and go on" },
	{ 0, "allow-rejects", NULL, OPTION_FLAG, offsetof(struct opts, run.allow_rejects), "end with status 0 in spite of rejects" },
	{ 0, "max-record", "BYTES", OPTION_SIZE, offsetof(struct opts, run.max_record), "longest record, 1M by default" },
	{ 0 }
};

static const struct program program = { "lode-kafka-source", "", "topics of Kafka into one tape", options };

/* Remembers that it was Kafka's fault. */
static int
kafka(struct state *state, int rc, int status)
{
	return kafka_exit_keep(&state->status, rc, status);
}

/* Everything ahead of the first line of data. */
static int
write_head(struct state *state, struct err *err)
{
	const struct kafka_options *with = &state->opts->kafka;
	const struct str columns = state->lines.value_line;
	struct sink *out = &state->run->out;
	int rc = LODE_OK;

	if (with->job != NULL && (rc = kafka_epochs_write_start(&state->epochs, str_is(columns, kafka_lines_eleven) ? NULL : &columns, out, err)) != LODE_OK)
		return rc;
	sink_str(out, state->lines.line);
	sink_byte(out, '\n');
	if (with->job != NULL && state->opts->state != NULL) {
		rc = kafka(state, kafka_epochs_restore(&state->epochs, &with->config, state->opts->state, out, err), KAFKA_EXIT_FOREIGN);
		/* state of a later checkpoint would have filters find fault with the data, ahead of the sink's start rule */
		if (rc != LODE_OK || (rc = kafka(state, kafka_epochs_settle(&state->epochs, err), KAFKA_EXIT_STALE)) != LODE_OK)
			return rc;
	}
	if (with->job != NULL)
		sink_str(out, STR("#restored\n"));
	return sink_flush(out, err);
}

static int
prepare(struct state *state, struct err *err)
{
	const struct opts *opts = state->opts;
	const struct kafka_options *with = &opts->kafka;
	struct kafka_reader *reader = &state->reader;
	struct buf columns = BUF_INIT;
	size_t i;
	int rc;

	state->epochs = (struct kafka_epochs){ reader, with->job, with->id, with->shard_number, with->n_shards, opts->adopt, with->timeout_ms, .line = BUF_INIT };
	if ((rc = kafka(state, kafka_reader_open(reader, &with->config, with->job, err), 0)) != LODE_OK)
		return rc;
	for (i = 0; i < opts->topics.n && rc == LODE_OK; i++)
		rc = kafka(state, kafka_reader_add_topic(reader, opts->topics.item[i], with->shard_number, with->n_shards, with->timeout_ms, err), 0);
	if (rc == LODE_OK && reader->n == 0)
		rc = err_set(err, LODE_EUSAGE, "no partition is left for shard %u of %u", with->shard_number, with->n_shards);
	for (i = 0; i < reader->n; i++)
		reader->partition[i]->next = opts->from != NULL && strcmp(opts->from, "end") == 0 ? KAFKA_END : KAFKA_BEGINNING;
	if (rc == LODE_OK && with->job != NULL)
		rc = kafka(state, kafka_epochs_start(&state->epochs, err), KAFKA_EXIT_FOREIGN);
	if (rc == LODE_OK)
		rc = kafka(state, kafka_reader_bounds(reader, &with->config, opts->until != NULL, with->timeout_ms, err), 0);
	if (rc == LODE_OK)
		rc = kafka(state, kafka_peek_columns(reader, &with->config, &opts->columns,
			state->epochs.committed.any && !opts->adopt ? &state->epochs.committed.columns : NULL, with->timeout_ms, &columns, err), 0);
	if (rc == LODE_OK)
		rc = kafka_lines_init(&state->lines, buf_str(&columns), opts->columns.n > 0 ? buf_str(&columns) : str_of(kafka_lines_eleven), &opts->headers, err);
	buf_release(&columns);
	state->lines.tombstones = opts->tombstones;
	reader->order = reader->n > 1 ? kafka_lines_known : NULL;
	reader->argument = &state->lines;
	if (rc == LODE_OK && (rc = write_head(state, err)) == LODE_OK)
		rc = kafka(state, kafka_reader_start(reader, err), 0);
	kafka_pace_begin(&state->pace);
	return rc;
}

/* A record that is no line: to the dead letters, to the rejects, or the end. */
static int
bad(struct state *state, const rd_kafka_message_t *message, const struct kafka_partition *partition, struct err *err)
{
	struct str value = { message->payload == NULL ? "" : message->payload, message->len };

	kafka_reader_place(partition, message->offset, err);
	if (!state->opts->dead_letters || err->code != LODE_EDATA)
		return run_reject(state->run, (uint64_t)message->offset, value, err);
	state->run->n_rejected++;
	return kafka_peek_dead_letter(message, partition, &state->line, &state->run->out, err);
}

static int
take(struct state *state, const rd_kafka_message_t *message, const struct kafka_partition *partition, struct err *err)
{
	int rc;

	state->run->n_records++;
	if (message->len > state->opts->run.max_record)
		rc = err_set(err, LODE_EDATA, "record is longer than %zu bytes", state->opts->run.max_record);
	else
		rc = kafka_lines_write(&state->lines, message, partition, &state->run->out, err);
	if (rc != LODE_OK)
		rc = bad(state, message, partition, err);
	return rc == LODE_OK ? kafka_pace_record(&state->pace, message->len + message->key_len, err) : rc;
}

static int
pump(struct state *state, struct err *err)
{
	const rd_kafka_message_t *message;
	struct kafka_partition *partition;
	int rc = LODE_OK;

	while (rc == LODE_OK && source_stop == 0) {
		rc = kafka(state, kafka_reader_next(&state->reader, 0, &message, &partition, err), 0);
		if (rc == LODE_AGAIN) {
			if ((rc = kafka_pace_idle(&state->pace, err)) != LODE_OK)
				break;
			rc = kafka(state, kafka_reader_next(&state->reader, WAIT_MS, &message, &partition, err), 0);
		}
		if (rc == LODE_OK)
			rc = take(state, message, partition, err);
		else if (rc == LODE_AGAIN)
			rc = kafka_pace_silence(&state->pace, err);
	}
	return rc;
}

static void
check(struct opts *opts, struct state *state)
{
	struct err err = ERR_INIT;
	int64_t seconds = 0, stuck = 120;

	if (opts->topics.n == 0)
		options_refuse(&program, "no topic: give -t NAME");
	if (opts->until != NULL && strcmp(opts->until, "now") != 0)
		options_refuse(&program, "--until: '%s' is not now", opts->until);
	if (opts->from != NULL && strcmp(opts->from, "beginning") != 0 && strcmp(opts->from, "end") != 0)
		options_refuse(&program, "--from: '%s' is not beginning or end", opts->from);
	if (opts->idle != NULL && duration_parse(str_of(opts->idle), &seconds, &err) != LODE_OK)
		options_refuse(&program, "--idle: %s", err.message);
	if (opts->stuck != NULL && duration_parse(str_of(opts->stuck), &stuck, &err) != LODE_OK)
		options_refuse(&program, "--stuck: %s", err.message);
	if (opts->interval_s < 0 || opts->max_pending == 0)
		options_refuse(&program, "--barrier-interval is 0 or more, --max-pending 1 or more");
	if (opts->kafka.job == NULL && (opts->state != NULL || opts->dead_letters || opts->adopt))
		options_refuse(&program, "--state, --dead-letters and --adopt need --job");
	state->reader.idle_ms = seconds * 1000;
	state->pace = (struct kafka_pace){ &state->epochs, &state->signs, state->run, &state->status, .interval_s = opts->interval_s,
		.barrier_bytes = opts->barrier_bytes, .max_pending = opts->max_pending, .stuck_ms = stuck * 1000, .is_bounded = opts->until != NULL };
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .interval_s = 1, .barrier_bytes = 64 << 20, .max_pending = 2 };
	struct state state = { .opts = &opts };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc, status;

	if (operands[0] != NULL)
		options_refuse(&program, "'%s': it reads topics (-t), no files", operands[0]);
	state.signs.run = state.run = &run;
	check(&opts, &state);
	rc = run_open(&run, &program, &opts.run, &err);
	if (opts.kafka.job != NULL)
		sink_wait_at_most(&run.out, state.pace.stuck_ms < INT_MAX ? (int)state.pace.stuck_ms : INT_MAX);
	if (rc == LODE_OK)
		rc = kafka_options_read(&opts.kafka, getenv("LODE_KAFKA_CONFIG"), &err);
	if (rc == LODE_OK)
		rc = kafka_signs_open(&state.signs, KAFKA_SOURCE, &opts.kafka, &opts.metrics, &err);
	if (rc == LODE_OK && (rc = prepare(&state, &err)) == LODE_OK && ((rc = pump(&state, &err)) == LODE_OK || rc == LODE_DONE))
		rc = kafka_pace_end(&state.pace, rc == LODE_DONE, &err);
	if (rc == LODE_OK || rc == LODE_DONE)
		kafka_signs_of_source(&state.signs, &state.epochs, true);
	kafka_signs_close(&state.signs);
	kafka_reader_close(&state.reader);
	kafka_lines_release(&state.lines);
	kafka_epochs_release(&state.epochs);
	kafka_options_release(&opts.kafka);
	buf_release(&state.line);
	status = run_end(&run, rc, &err);
	if (opts.kafka.job != NULL && run.out.error == ETIMEDOUT)
		return KAFKA_EXIT_STATE;
	return rc != LODE_OK && rc != LODE_DONE && state.status != 0 ? state.status : status;
}
