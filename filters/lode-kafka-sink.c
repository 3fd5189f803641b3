/*
 * lode-kafka-sink - a tape into a topic of Kafka
 *
 * in     a tape; with --job also the control lines of lode-kafka-source
 * out    a record for each line, its key that of the observation; with --job in one transaction for each checkpoint, together with the
 *        offsets of the input, the state of filters and dead letters
 * state  what librdkafka has not sent yet
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "kafka_exit.h"
#include "kafka_options.h"
#include "kafka_protocol.h"
#include "kafka_record.h"
#include "kafka_signs.h"
#include "run.h"
#include "tape.h"

enum { OUT, DEAD, STATE, N_TOPICS, WAIT_MS = 100, LOOK_EVERY = 1024 };

struct opts {
	struct run_options run;
	struct kafka_options kafka;
	struct metrics_options metrics;
	const char *topic[N_TOPICS];
	struct option_list key, headers;
	bool tombstones, is_table, paranoid;
};

struct state {
	const struct opts *opts;
	struct kafka_writer writer;
	struct kafka_protocol protocol;
	struct kafka_signs signs;
	struct tape tape;
	struct run *run;
	struct kafka_record record;
	int status; /* exit status when it is one of Kafka's */
};

static const struct option_spec options[] = {
	{ 't', "topic", "NAME", OPTION_TEXT, offsetof(struct opts, topic[OUT]), "topic to write to" },
	KAFKA_OPTIONS(struct opts, kafka),
	{ 'k', "key", "COLUMN,...", OPTION_LIST, offsetof(struct opts, key), "further columns of the records' keys" },
	{ 0, "table", NULL, OPTION_FLAG, offsetof(struct opts, is_table), "the input may be any table; then --key is all of the key" },
	{ 0, "headers", "COLUMN,...", OPTION_LIST, offsetof(struct opts, headers), "columns that go into message headers, not into the value" },
	{ 0, "tombstones", NULL, OPTION_FLAG, offsetof(struct opts, tombstones), "a line with an empty value becomes a record without value" },
	{ 0, "dead-letter", "TOPIC", OPTION_TEXT, offsetof(struct opts, topic[DEAD]), "topic for bad records of the source" },
	{ 0, "state", "TOPIC", OPTION_TEXT, offsetof(struct opts, topic[STATE]), "compacted topic for the state of filters" },
	{ 0, "paranoid", NULL, OPTION_FLAG, offsetof(struct opts, paranoid), "a new producer for every checkpoint" },
	METRICS_OPTIONS(struct opts, metrics),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-kafka-sink", "[FILE]", "a tape into a topic of Kafka", options };

/* An epoch may not outlive its transaction: who swallows control lines is found out before, and is not suspected while brokers are away. */
static int
look(struct state *state, struct err *err)
{
	const struct kafka_writer *writer = &state->writer;
	int rc = kafka_exit_keep(&state->status, kafka_client_poll(&state->writer.client, 0, err), 0);
	bool are_away = writer->client.n_disconnects != writer->n_disconnects;

	kafka_signs_of_sink(&state->signs, false);
	if (rc == LODE_OK && writer->in_transaction && kafka_client_now_ms() - writer->began_ms > writer->transaction_ms / 2) {
		state->status = are_away ? KAFKA_EXIT_BROKER : KAFKA_EXIT_BARRIER;
		rc = err_set(err, LODE_EDATA, "no #BARRIER for %lld s: %s", (long long)writer->transaction_ms / 2000,
		    are_away ? writer->client.last : "does a filter swallow control lines?");
	}
	return rc;
}

/* Waits for the input, and for nothing else. */
static int
on_wait(void *argument, struct err *err)
{
	struct state *state = argument;
	struct pollfd in = { .fd = source_descriptor(state->tape.source), .events = POLLIN };
	int rc;

	do
		rc = look(state, err);
	while (rc == LODE_OK && source_stop == 0 && poll(&in, 1, WAIT_MS) == 0);
	return rc;
}

static int
on_control(void *argument, const struct record *record, struct err *err)
{
	struct state *state = argument;
	struct control control;

	if (!control_parse(record->raw, &control))
		return LODE_OK; /* a remark */
	if (state->opts->kafka.job == NULL)
		return control_is(&control, "START") ? err_set(err, LODE_EUSAGE, "the stream has checkpoints: give --job") : LODE_OK;
	if (kafka_protocol_control(&state->protocol, &control, err) == LODE_OK)
		return LODE_OK;
	return err_line(err, source_name(state->tape.source), record->line);
}

static int
on_record(struct state *state, const struct record *record, struct err *err)
{
	if (state->opts->kafka.job != NULL && kafka_protocol_data(&state->protocol, err) != LODE_OK)
		return err->code;
	return kafka_exit_keep(&state->status, kafka_record_send(&state->record, record, &state->writer, OUT, err), 0);
}

static int
read_all(struct state *state, const char *path, struct err *err)
{
	const struct opts *opts = state->opts;
	const struct source_options source = { .name = opts->run.name, .on_wait = on_wait, .argument = state };
	const struct tape_options with = { source, opts->run.max_record, opts->is_table, on_control, state };
	struct record record = { 0 };
	int rc = tape_open(&state->tape, path, &with, err);

	if (rc == LODE_OK) {
		state->run->source = source_name(state->tape.source);
		state->run->header = state->tape.header_line;
		if ((rc = kafka_record_init(&state->record, &state->tape.header, &opts->key, opts->is_table, &opts->headers, opts->tombstones, err)) != LODE_OK)
			err_line(err, state->run->source, 1);
	}
	while (rc == LODE_OK && (rc = tape_next(&state->tape, &record, err)) != LODE_DONE) {
		if (rc == LODE_OK && obs_is_control(&record)) {
			rc = on_control(state, &record, err);
		} else if (rc == LODE_OK || (rc == LODE_EDATA && record.n > 0)) {
			state->run->n_records++;
			rc = rc == LODE_OK ? on_record(state, &record, err) : rc;
			if (rc == LODE_EDATA && state->status != 0)
				err_line(err, state->run->source, record.line);
			else if (rc == LODE_EDATA)
				rc = run_reject(state->run, record.line, record.raw, err);
			if (rc == LODE_OK && state->run->n_records % LOOK_EVERY == 0)
				rc = look(state, err);
		}
	}
	return rc;
}

/* How the input ended, when nothing went wrong before. */
static int
finish(struct state *state, int rc, struct err *err)
{
	bool no_header = rc == LODE_EUSAGE && state->tape.header.n == 0;

	if (state->opts->kafka.job == NULL)
		return rc == LODE_DONE ? kafka_exit_keep(&state->status, kafka_writer_flush(&state->writer, err), 0) : rc;
	if ((rc != LODE_DONE && !no_header) || state->status != 0)
		return rc;
	return kafka_protocol_end(&state->protocol, err);
}

static int
open_writer(struct state *state, struct err *err)
{
	const struct opts *opts = state->opts;
	const struct kafka_options *with = &opts->kafka;
	const char *names[N_TOPICS];
	int number[N_TOPICS]; /* of the writer's topics; OUT, which is always there, is 0 there too */
	unsigned n = 0, i;

	for (i = 0; i < N_TOPICS; i++) {
		number[i] = opts->topic[i] == NULL ? -1 : (int)n;
		if (opts->topic[i] != NULL)
			names[n++] = opts->topic[i];
	}
	state->protocol = (struct kafka_protocol){
		.commit = { &state->writer, with->job, with->id, opts->paranoid, with->timeout_ms, .positions = BUF_INIT },
		.signs = &state->signs, .status = &state->status, .shard = with->shard_number, .state = number[STATE], .dead = number[DEAD] };
	return kafka_exit_keep(&state->status, kafka_writer_open(&state->writer, &with->config, with->job == NULL ? NULL : with->id, names, n,
		with->timeout_ms, err), 0);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS };
	struct state state = { .opts = &opts };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc, status;

	if (opts.topic[OUT] == NULL)
		options_refuse(&program, "no topic: give -t NAME");
	if (operands[0] != NULL && operands[1] != NULL)
		options_refuse(&program, "'%s': one file at most", operands[1]);
	if (opts.kafka.job == NULL && (opts.topic[DEAD] != NULL || opts.topic[STATE] != NULL || opts.paranoid))
		options_refuse(&program, "--dead-letter, --state and --paranoid need --job");
	if (opts.is_table && opts.tombstones)
		options_refuse(&program, "--tombstones: a table has no values");
	state.signs.run = state.run = &run;
	rc = run_open(&run, &program, &opts.run, &err);
	if (opts.kafka.job != NULL)
		run_outlives_signal(); /* the source ends the stream when it is asked to */
	if (rc == LODE_OK)
		rc = kafka_options_read(&opts.kafka, getenv("LODE_KAFKA_CONFIG"), &err);
	if (rc == LODE_OK)
		rc = kafka_signs_open(&state.signs, KAFKA_SINK, &opts.kafka, &opts.metrics, &err);
	if (rc == LODE_OK && (rc = open_writer(&state, &err)) == LODE_OK)
		rc = finish(&state, read_all(&state, operands[0] == NULL ? "-" : operands[0], &err), &err);
	kafka_signs_of_sink(&state.signs, true);
	kafka_signs_close(&state.signs);
	tape_close(&state.tape);
	kafka_record_release(&state.record);
	kafka_writer_close(&state.writer);
	kafka_protocol_release(&state.protocol);
	kafka_options_release(&opts.kafka);
	run.source = NULL;
	status = run_end(&run, rc, &err);
	return rc != LODE_OK && rc != LODE_DONE && state.status != 0 ? state.status : status;
}
