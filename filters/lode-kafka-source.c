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
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "duration.h"
#include "kafka_epochs.h"
#include "kafka_lines.h"
#include "kafka_options.h"
#include "kafka_peek.h"
#include "metrics.h"
#include "notify.h"
#include "run.h"

enum { HEARTBEAT_MS = 2000, RENEW_MS = 12 * 3600 * 1000, WAIT_MS = 100, LOOK_EVERY = 256, SETTLE_MS = 20, FIGURES_MS = 500, HEALTHY_S = 30 };

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
	struct run *run;
	struct buf line;
	bool is_bounded;
	int64_t stuck_ms, barrier_ms, written_ms; /* the latter two: when, on the clock of kafka_client_now_ms() */
	size_t n_lines, n_bytes;   /* since the last barrier */
	unsigned n_looked;
	uint64_t n_heard;          /* records, when last there was one, */
	int64_t heard_ms;          /* and when that was seen */
	struct metrics *metrics;
	int64_t told_ms;           /* when figures and systemd were */
	size_t n_state, n_state_bytes; /* restored */
	int status;                /* exit status when it is one of Kafka's */
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

enum { M_RECORDS, M_REJECTED, M_LAG, M_CHECKPOINT, M_STATE, M_STATE_BYTES };

static const struct metric_spec figures[] = {
	{ "lode_source_records_total", METRIC_COUNTER, { NULL, NULL }, "Records read." },
	{ "lode_source_rejected_records_total", METRIC_COUNTER, { NULL, NULL }, "Records that were no lines of a tape." },
	{ "lode_source_lag_records", METRIC_GAUGE, { "topic", "partition" }, "Records of a partition that were not read yet." },
	{ "lode_source_checkpoint_number", METRIC_GAUGE, { NULL, NULL }, "Number of the last barrier." },
	{ "lode_source_state_restored_records", METRIC_GAUGE, { NULL, NULL }, "State records replayed at the start." },
	{ "lode_source_state_restored_bytes", METRIC_GAUGE, { NULL, NULL }, "Bytes of state replayed at the start, keys and values." },
	{ 0 }
};

static const struct program program = { "lode-kafka-source", "", "topics of Kafka into one tape", options };

/* Remembers that it was Kafka's fault. */
static int
kafka(struct state *state, int rc, int status)
{
	if (rc != LODE_OK && rc != LODE_DONE && rc != LODE_AGAIN && rc != LODE_ENOMEM && rc != LODE_EUSAGE)
		state->status = rc == LODE_EDATA ? status : KAFKA_EXIT_BROKER;
	return rc;
}

static int
write_state(void *argument, struct str name, struct str key, struct str value, struct err *err)
{
	struct state *state = argument;
	int rc;

	state->line.n = 0;
	if ((rc = control_begin(&state->line, "state", err)) == LODE_OK && (rc = control_add_raw(&state->line, "name", name, err)) == LODE_OK &&
	    (rc = control_add_raw(&state->line, "key", key, err)) == LODE_OK && (rc = control_add_raw(&state->line, "value", value, err)) == LODE_OK)
		rc = control_end(&state->line, err);
	sink_str(&state->run->out, buf_str(&state->line));
	state->n_state++;
	state->n_state_bytes += name.n + key.n + value.n;
	return rc;
}

/* Everything ahead of the first line of data. */
static int
write_head(struct state *state, struct err *err)
{
	const struct kafka_options *with = &state->opts->kafka;
	const struct str columns = state->lines.value_line;
	struct sink *out = &state->run->out;
	size_t n = 0;
	int rc = LODE_OK;

	if (with->job != NULL && (rc = kafka_epochs_write_start(&state->epochs, str_is(columns, kafka_lines_eleven) ? NULL : &columns, out, err)) != LODE_OK)
		return rc;
	sink_str(out, state->lines.line);
	sink_byte(out, '\n');
	if (with->job != NULL && state->opts->state != NULL &&
	    (rc = kafka(state, kafka_state_replay(&with->config, state->opts->state, with->shard_number, with->timeout_ms, write_state, state, &n, err), 0)) != LODE_OK)
		return rc;
	if (n > 0 && !state->epochs.committed.any && !state->opts->adopt) {
		state->status = KAFKA_EXIT_FOREIGN;
		return err_set(err, LODE_EDATA, "there is state in '%.100s', but no committed offset of group '%.100s' (expired?); --adopt begins with that state",
		    state->opts->state, with->job);
	}
	/* state of a later checkpoint would have filters find fault with the data, ahead of the sink's start rule */
	if (with->job != NULL && state->opts->state != NULL && (rc = kafka(state, kafka_epochs_settle(&state->epochs, err), KAFKA_EXIT_STALE)) != LODE_OK)
		return rc;
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

	if ((rc = kafka(state, kafka_reader_open(reader, &with->config, with->job, err), 0)) != LODE_OK)
		return rc;
	for (i = 0; i < opts->topics.n && rc == LODE_OK; i++)
		rc = kafka(state, kafka_reader_add_topic(reader, opts->topics.item[i], with->shard_number, with->n_shards, with->timeout_ms, err), 0);
	if (rc == LODE_OK && reader->n == 0)
		rc = err_set(err, LODE_EUSAGE, "no partition is left for shard %u of %u", with->shard_number, with->n_shards);
	for (i = 0; i < reader->n; i++)
		reader->partition[i]->next = opts->from != NULL && strcmp(opts->from, "end") == 0 ? KAFKA_END : KAFKA_BEGINNING;
	state->epochs = (struct kafka_epochs){ reader, with->job, with->id, with->shard_number, with->n_shards, opts->adopt, with->timeout_ms, .line = BUF_INIT };
	if (rc == LODE_OK && with->job != NULL)
		rc = kafka(state, kafka_epochs_start(&state->epochs, err), KAFKA_EXIT_FOREIGN);
	if (rc == LODE_OK)
		rc = kafka(state, kafka_reader_bounds(reader, &with->config, state->is_bounded, with->timeout_ms, err), 0);
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
	state->barrier_ms = state->written_ms = kafka_client_now_ms();
	return rc;
}

/* A program downstream may have died while nothing was written: the next one shows at once, one further down when something is sent through. */
static int
beat(struct state *state, struct err *err)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	if (poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0)
		raise(SIGPIPE);
	if (state->opts->kafka.job != NULL && kafka_client_now_ms() - state->written_ms >= HEARTBEAT_MS) {
		state->written_ms = kafka_client_now_ms();
		sink_str(&state->run->out, STR("#idle\n"));
	}
	return sink_flush(&state->run->out, err);
}

static double
lag_of(const struct state *state, const struct kafka_partition *partition)
{
	int64_t low = 0, high = 0;

	/* markers of transactions have offsets too: at the end nothing is left, whatever the numbers say */
	if ((partition->is_at_end && !partition->has_head) || partition->is_done ||
	    rd_kafka_get_watermark_offsets(state->reader.client.rk, partition->name, partition->number, &low, &high) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	return high > partition->next ? (double)(high - partition->next) : 0;
}

/* Figures and a sign of life, now and then. */
static void
tell(struct state *state)
{
	int64_t now = kafka_client_now_ms();
	char number[16];

	if (now - state->told_ms < FIGURES_MS)
		return;
	state->told_ms = now;
	notify_send("WATCHDOG=1");
	metrics_healthy(state->metrics, HEALTHY_S);
	metrics_set(state->metrics, M_RECORDS, NULL, NULL, (double)state->run->n_records);
	metrics_set(state->metrics, M_REJECTED, NULL, NULL, (double)state->run->n_rejected);
	for (size_t i = 0; state->metrics != NULL && i < state->reader.n; i++) {
		snprintf(number, sizeof number, "%d", (int)state->reader.partition[i]->number);
		metrics_set(state->metrics, M_LAG, state->reader.partition[i]->name, number, lag_of(state, state->reader.partition[i]));
	}
	if (state->opts->kafka.job == NULL)
		return;
	metrics_set(state->metrics, M_CHECKPOINT, NULL, NULL, (double)state->epochs.now.number);
	metrics_set(state->metrics, M_STATE, NULL, NULL, (double)state->n_state);
	metrics_set(state->metrics, M_STATE_BYTES, NULL, NULL, (double)state->n_state_bytes);
}

static int
nothing_committed(struct state *state, struct err *err)
{
	state->status = KAFKA_EXIT_STATE;
	return err_set(err, LODE_EIO, "no checkpoint was committed for %lld s", (long long)state->stuck_ms / 1000);
}

/* Waits until few enough checkpoints are on their way. A request to stop ends the waiting, since nothing comes behind. */
static int
wait_for_commits(struct state *state, struct err *err)
{
	int64_t since = kafka_client_now_ms();
	uint64_t done = state->epochs.n_done;
	int rc = LODE_OK;

	while (rc == LODE_OK && source_stop == 0 && kafka_epochs_pending(&state->epochs) >= state->opts->max_pending) {
		if ((rc = kafka(state, kafka_epochs_settle(&state->epochs, err), KAFKA_EXIT_STALE)) != LODE_OK)
			break;
		if (state->epochs.n_done != done)
			since = kafka_client_now_ms();
		done = state->epochs.n_done;
		tell(state);
		if (kafka_epochs_pending(&state->epochs) < state->opts->max_pending || (rc = beat(state, err)) != LODE_OK)
			break;
		if (kafka_client_now_ms() - since > state->stuck_ms)
			rc = nothing_committed(state, err);
		poll(NULL, 0, SETTLE_MS);
	}
	return rc;
}

static int
barrier(struct state *state, bool is_last, struct err *err)
{
	int rc = is_last ? LODE_OK : wait_for_commits(state, err);

	if (rc != LODE_OK || (source_stop != 0 && !is_last))
		return rc;
	state->n_lines = state->n_bytes = 0;
	state->barrier_ms = state->written_ms = kafka_client_now_ms();
	if ((rc = kafka_epochs_barrier(&state->epochs, &state->run->out, err)) != LODE_OK)
		return rc;
	return sink_flush(&state->run->out, err);
}

/* The last checkpoints too must arrive, when nothing comes behind them: a program that stands still holds them for ever. */
static int
check_commits(struct state *state, struct err *err)
{
	int rc;

	if (kafka_epochs_pending(&state->epochs) == 0 || kafka_client_now_ms() - state->barrier_ms <= state->stuck_ms)
		return LODE_OK;
	if ((rc = kafka(state, kafka_epochs_settle(&state->epochs, err), KAFKA_EXIT_STALE)) != LODE_OK)
		return rc;
	return state->epochs.is_answered && kafka_epochs_pending(&state->epochs) > 0 ? nothing_committed(state, err) : LODE_OK;
}

/* What the clock asks for. */
static int
look_at_clock(struct state *state, struct err *err)
{
	int64_t now = kafka_client_now_ms();
	int rc = kafka(state, kafka_client_poll(&state->reader.client, 0, err), 0);

	tell(state);
	if (rc != LODE_OK || state->opts->kafka.job == NULL)
		return rc;
	if (state->n_bytes >= state->opts->barrier_bytes || now - state->barrier_ms >= RENEW_MS ||
	    (state->n_lines > 0 && (double)(now - state->barrier_ms) >= state->opts->interval_s * 1000))
		return barrier(state, false, err);
	return check_commits(state, err);
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
	state->n_lines++;
	state->n_bytes += message->len + message->key_len;
	if (message->len > state->opts->run.max_record)
		rc = err_set(err, LODE_EDATA, "record is longer than %zu bytes", state->opts->run.max_record);
	else
		rc = kafka_lines_write(&state->lines, message, partition, &state->run->out, err);
	if (rc != LODE_OK)
		rc = bad(state, message, partition, err);
	if (rc != LODE_OK || (++state->n_looked % LOOK_EVERY != 0 && (state->opts->kafka.job == NULL || state->n_bytes < state->opts->barrier_bytes)))
		return rc;
	return look_at_clock(state, err);
}

/* Bounded reading has an end, which must come: a partition may be damaged so that its broker sends nothing, and never an error. */
static int
wait_in_bounds(struct state *state, struct err *err)
{
	int64_t now = kafka_client_now_ms();

	if (!state->is_bounded || state->run->n_records != state->n_heard) {
		state->n_heard = state->run->n_records;
		state->heard_ms = now;
	}
	if (now - state->heard_ms <= state->stuck_ms)
		return LODE_OK;
	return kafka(state, err_set(err, LODE_EIO, "neither a record nor the end came for %lld s%s%s", (long long)state->stuck_ms / 1000,
		state->reader.client.last[0] != '\0' ? ": " : "", state->reader.client.last), 0);
}

static int
pump(struct state *state, struct err *err)
{
	const rd_kafka_message_t *message;
	struct kafka_partition *partition;
	int rc = LODE_OK;

	state->heard_ms = kafka_client_now_ms();
	while (rc == LODE_OK && source_stop == 0) {
		rc = kafka(state, kafka_reader_next(&state->reader, 0, &message, &partition, err), 0);
		if (rc == LODE_AGAIN) {
			if ((rc = look_at_clock(state, err)) != LODE_OK || (rc = beat(state, err)) != LODE_OK)
				break;
			rc = kafka(state, kafka_reader_next(&state->reader, WAIT_MS, &message, &partition, err), 0);
		}
		if (rc == LODE_OK)
			rc = take(state, message, partition, err);
		else if (rc == LODE_AGAIN)
			rc = wait_in_bounds(state, err);
	}
	return rc;
}

/* The end of a stream with checkpoints: a last one, and why. */
static int
finish(struct state *state, int rc, struct err *err)
{
	const char *why = rc == LODE_DONE ? "eof" : "stop";

	if ((rc != LODE_OK && rc != LODE_DONE) || state->opts->kafka.job == NULL)
		return rc;
	if (rc == LODE_DONE)
		sink_str(&state->run->out, STR("#WM\tts=inf\n"));
	source_stop = 0; /* a request to stop has been met, the status is 0 */
	if ((rc = barrier(state, true, err)) != LODE_OK || (rc = kafka_epochs_end(&state->epochs, why, &state->run->out, err)) != LODE_OK)
		return rc;
	return sink_flush(&state->run->out, err); /* nobody has to wait until we have done with the brokers */
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
	state->stuck_ms = stuck * 1000;
	state->is_bounded = opts->until != NULL;
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
	check(&opts, &state);
	state.run = &run;
	rc = run_open(&run, &program, &opts.run, &err);
	if (opts.kafka.job != NULL)
		sink_wait_at_most(&run.out, state.stuck_ms < INT_MAX ? (int)state.stuck_ms : INT_MAX);
	if (rc == LODE_OK)
		rc = kafka_options_read(&opts.kafka, getenv("LODE_KAFKA_CONFIG"), &err);
	if (rc == LODE_OK)
		rc = kafka_options_metrics(&opts.kafka, &opts.metrics, figures, &state.metrics, &err);
	if (rc == LODE_OK && (rc = prepare(&state, &err)) == LODE_OK)
		rc = finish(&state, pump(&state, &err), &err);
	if (rc == LODE_OK || rc == LODE_DONE) {
		state.told_ms = 0;
		tell(&state);
	}
	metrics_free(state.metrics);
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
