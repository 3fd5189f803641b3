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
#include <time.h>

#include "kafka_commit.h"
#include "kafka_options.h"
#include "kafka_record.h"
#include "metrics.h"
#include "notify.h"
#include "run.h"
#include "tape.h"

enum { OUT, DEAD, STATE, N_TOPICS, WAIT_MS = 100, LOOK_EVERY = 1024, FIGURES_MS = 500, HEALTHY_S = 30 };

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
	struct kafka_commit commit;
	unsigned number[N_TOPICS];      /* of the writer's topics; those not used are 0 */
	struct tape tape;
	struct run *run;
	struct kafka_record record;
	struct buf scratch;
	bool restored, ended;
	struct metrics *metrics;
	int64_t told_ms;                /* when figures were */
	uint64_t n_dead, n_state, n_state_bytes;
	int status;                     /* exit status when it is one of Kafka's */
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

enum { M_RECORDS, M_REJECTED, M_DEAD, M_STATE, M_STATE_BYTES, M_CHECKPOINT, M_COMMITTED, M_COMMIT };

static const struct metric_spec figures[] = {
	{ "lode_sink_records_total", METRIC_COUNTER, { NULL, NULL }, "Lines read." },
	{ "lode_sink_rejected_records_total", METRIC_COUNTER, { NULL, NULL }, "Lines rejected." },
	{ "lode_sink_dead_letters_total", METRIC_COUNTER, { NULL, NULL }, "Bad records of the source passed on." },
	{ "lode_sink_state_records_total", METRIC_COUNTER, { NULL, NULL }, "State records written." },
	{ "lode_sink_state_bytes_total", METRIC_COUNTER, { NULL, NULL }, "Bytes of state written, keys and values." },
	{ "lode_sink_checkpoint_number", METRIC_GAUGE, { NULL, NULL }, "Number of the checkpoint committed last." },
	{ "lode_sink_checkpoint_timestamp_seconds", METRIC_GAUGE, { NULL, NULL }, "When this run committed last, seconds since 1970." },
	{ "lode_sink_commit_duration_seconds", METRIC_SUMMARY, { NULL, NULL }, "Time that commits took." },
	{ 0 }
};

static const struct program program = { "lode-kafka-sink", "[FILE]", "a tape into a topic of Kafka", options };

static int
kafka(struct state *state, int rc)
{
	if (rc == LODE_EIO)
		state->status = KAFKA_EXIT_BROKER;
	return rc;
}

static int
fault(struct state *state, int rc, const enum kafka_commit_fault *fault)
{
	static const int status[] = { 0, KAFKA_EXIT_STALE, KAFKA_EXIT_STALE, KAFKA_EXIT_FOREIGN, KAFKA_EXIT_BROKER };

	state->status = rc == LODE_OK ? 0 : status[*fault];
	return rc;
}

static int
breach(struct state *state, struct err *err, const char *what)
{
	state->status = KAFKA_EXIT_STALE;
	return err_set(err, LODE_EDATA, "%s", what);
}

/* Figures, now and then. */
static void
tell(struct state *state)
{
	int64_t now = state->metrics == NULL ? 0 : kafka_client_now_ms();

	if (state->metrics == NULL || now - state->told_ms < FIGURES_MS)
		return;
	state->told_ms = now;
	metrics_healthy(state->metrics, HEALTHY_S);
	metrics_set(state->metrics, M_RECORDS, NULL, NULL, (double)state->run->n_records);
	metrics_set(state->metrics, M_REJECTED, NULL, NULL, (double)state->run->n_rejected);
	metrics_set(state->metrics, M_DEAD, NULL, NULL, (double)state->n_dead);
	metrics_set(state->metrics, M_STATE, NULL, NULL, (double)state->n_state);
	metrics_set(state->metrics, M_STATE_BYTES, NULL, NULL, (double)state->n_state_bytes);
}

static void
tell_commit(const struct state *state)
{
	metrics_set(state->metrics, M_CHECKPOINT, NULL, NULL, (double)state->commit.at.number);
	metrics_set(state->metrics, M_COMMITTED, NULL, NULL, (double)time(NULL));
	metrics_observe(state->metrics, M_COMMIT, NULL, NULL, (double)state->writer.commit_ms / 1000);
}

/* An epoch may not outlive its transaction: who swallows control lines is found out before, and is not suspected while brokers are away. */
static int
look(struct state *state, struct err *err)
{
	const struct kafka_writer *writer = &state->writer;
	int rc = kafka(state, kafka_client_poll(&state->writer.client, 0, err));
	bool are_away = writer->client.n_disconnects != writer->n_disconnects;

	tell(state);
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
take_state(struct state *state, const struct control *control, struct err *err)
{
	struct str name = control_get(control, "name");
	size_t n = 0;
	int rc;

	if (!state->restored) {
		state->status = KAFKA_EXIT_STALE;
		return err_set(err, LODE_EDATA, "state of '%.*s' that no filter took", STR_ARG(name));
	}
	if (state->opts->topic[STATE] == NULL)
		return err_set(err, LODE_EUSAGE, "'%.*s' has state: give --state TOPIC, here and to the source", STR_ARG(name));
	rc = kafka(state, kafka_record_send_state(control, state->opts->kafka.shard_number, &state->writer, state->number[STATE], &state->scratch, &n, err));
	if (rc == LODE_EDATA)
		state->status = KAFKA_EXIT_STALE;
	state->n_state++;
	state->n_state_bytes += n;
	return rc;
}

static int
take_dead_letter(struct state *state, const struct control *control, struct err *err)
{
	if (state->opts->topic[DEAD] == NULL)
		return err_set(err, LODE_EUSAGE, "a bad record from the source: give --dead-letter TOPIC");
	state->n_dead++;
	return kafka(state, kafka_record_send_dead_letter(control, state->opts->kafka.job, &state->writer, state->number[DEAD], err));
}

static int
start(struct state *state, const struct control *control, struct err *err)
{
	enum kafka_commit_fault why = KAFKA_FAULT_NONE;
	int rc = fault(state, kafka_commit_start(&state->commit, control, &why, err), &why);

	if (rc == LODE_OK)
		notify_send("READY=1");
	return rc;
}

static int
commit(struct state *state, const struct control *control, struct err *err)
{
	enum kafka_commit_fault why = KAFKA_FAULT_NONE;
	int rc = fault(state, kafka_commit_barrier(&state->commit, control, &why, err), &why);

	if (rc == LODE_OK)
		tell_commit(state);
	return rc;
}

static int
on_control(void *argument, const struct record *record, struct err *err)
{
	struct state *state = argument;
	struct control control;
	int rc = LODE_OK;

	if (!control_parse(record->raw, &control))
		return LODE_OK; /* a remark */
	if (state->opts->kafka.job == NULL)
		return control_is(&control, "START") ? err_set(err, LODE_EUSAGE, "the stream has checkpoints: give --job") : LODE_OK;
	if (state->ended)
		rc = breach(state, err, "a line behind #END");
	else if (control_is(&control, "START"))
		rc = start(state, &control, err);
	else if (!state->commit.started)
		rc = breach(state, err, "no #START ahead of other lines");
	else if (control_is(&control, "BARRIER"))
		rc = commit(state, &control, err);
	else if (control_is(&control, "state"))
		rc = take_state(state, &control, err);
	else if (control_is(&control, "dlq"))
		rc = take_dead_letter(state, &control, err);
	else if (control_is(&control, "restored"))
		state->restored = true;
	else if (control_is(&control, "END"))
		state->ended = true;
	else if (control_is_binding(&control) && !control_is(&control, "WM"))
		rc = breach(state, err, "a control line that it does not know");
	return rc == LODE_OK ? LODE_OK : err_line(err, source_name(state->tape.source), record->line);
}

static int
on_record(struct state *state, const struct record *record, struct err *err)
{
	if (state->opts->kafka.job != NULL && (!state->commit.started || state->ended))
		return breach(state, err, state->ended ? "a line behind #END" : "no #START ahead of the data");
	return kafka(state, kafka_record_send(&state->record, record, &state->writer, state->number[OUT], err));
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
		return rc == LODE_DONE ? kafka(state, kafka_writer_flush(&state->writer, err)) : rc;
	if ((rc != LODE_DONE && !no_header) || state->status != 0)
		return rc;
	if (!state->ended)
		return err_set(err, LODE_EIO, "the stream ends without #END: a program upstream has died");
	if (state->writer.in_transaction)
		return err_set(err, LODE_EIO, "#END without a #BARRIER ahead of it: what came last is not committed");
	return LODE_OK;
}

static int
open_writer(struct state *state, struct err *err)
{
	const struct opts *opts = state->opts;
	const char *names[N_TOPICS];
	unsigned n = 0, i;

	for (i = 0; i < N_TOPICS; i++) {
		if (opts->topic[i] != NULL) {
			state->number[i] = n;
			names[n++] = opts->topic[i];
		}
	}
	state->commit = (struct kafka_commit){ &state->writer, opts->kafka.job, opts->kafka.id, opts->paranoid, opts->kafka.timeout_ms, .positions = BUF_INIT };
	return kafka(state, kafka_writer_open(&state->writer, &opts->kafka.config, opts->kafka.job == NULL ? NULL : opts->kafka.id, names, n,
		opts->kafka.timeout_ms, err));
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
	state.run = &run;
	rc = run_open(&run, &program, &opts.run, &err);
	if (opts.kafka.job != NULL)
		run_outlives_signal(); /* the source ends the stream when it is asked to */
	if (rc == LODE_OK)
		rc = kafka_options_read(&opts.kafka, getenv("LODE_KAFKA_CONFIG"), &err);
	if (rc == LODE_OK)
		rc = kafka_options_metrics(&opts.kafka, &opts.metrics, figures, &state.metrics, &err);
	if (rc == LODE_OK && (rc = open_writer(&state, &err)) == LODE_OK)
		rc = finish(&state, read_all(&state, operands[0] == NULL ? "-" : operands[0], &err), &err);
	state.told_ms = 0;
	tell(&state);
	metrics_free(state.metrics);
	tape_close(&state.tape);
	kafka_record_release(&state.record);
	kafka_writer_close(&state.writer);
	kafka_commit_release(&state.commit);
	kafka_options_release(&opts.kafka);
	buf_release(&state.scratch);
	run.source = NULL;
	status = run_end(&run, rc, &err);
	return rc != LODE_OK && rc != LODE_DONE && state.status != 0 ? state.status : status;
}
