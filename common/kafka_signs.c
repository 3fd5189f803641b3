#include "kafka_signs.h"

#include <stdio.h>
#include <time.h>

#include "notify.h"

enum { RECORDS, REJECTED }; /* of both */
enum { LAG = 2, NUMBER, RESTORED, RESTORED_BYTES };
enum { DEAD = 2, STATE, STATE_BYTES, CHECKPOINT, COMMITTED, COMMIT };

static const struct metric_spec of_source[] = {
	{ "lode_source_records_total", METRIC_COUNTER, { NULL, NULL }, "Records read." },
	{ "lode_source_rejected_records_total", METRIC_COUNTER, { NULL, NULL }, "Records that were no lines of a tape." },
	{ "lode_source_lag_records", METRIC_GAUGE, { "topic", "partition" }, "Records of a partition that were not read yet." },
	{ "lode_source_checkpoint_number", METRIC_GAUGE, { NULL, NULL }, "Number of the last barrier." },
	{ "lode_source_state_restored_records", METRIC_GAUGE, { NULL, NULL }, "State records replayed at the start." },
	{ "lode_source_state_restored_bytes", METRIC_GAUGE, { NULL, NULL }, "Bytes of state replayed at the start, keys and values." },
	{ 0 }
};

static const struct metric_spec of_sink[] = {
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

int
kafka_signs_open(struct kafka_signs *signs, enum kafka_side side, const struct kafka_options *options, const struct metrics_options *wanted, struct err *err)
{
	return kafka_options_metrics(options, wanted, side == KAFKA_SOURCE ? of_source : of_sink, &signs->metrics, err);
}

void
kafka_signs_close(struct kafka_signs *signs)
{
	metrics_free(signs->metrics);
	signs->metrics = NULL;
}

static bool
is_time(struct kafka_signs *signs, bool at_once)
{
	int64_t now = kafka_client_now_ms();

	if (!at_once && now - signs->told_ms < KAFKA_SIGNS_MS)
		return false;
	signs->told_ms = now;
	return true;
}

static void
tell(const struct kafka_signs *signs)
{
	metrics_healthy(signs->metrics, KAFKA_SIGNS_HEALTHY_S);
	metrics_set(signs->metrics, RECORDS, NULL, NULL, (double)signs->run->n_records);
	metrics_set(signs->metrics, REJECTED, NULL, NULL, (double)signs->run->n_rejected);
}

static double
lag_of(const struct kafka_reader *reader, const struct kafka_partition *partition)
{
	int64_t low = 0, high = 0;

	/* markers of transactions have offsets too: at the end nothing is left, whatever the numbers say */
	if ((partition->is_at_end && !partition->has_head) || partition->is_done ||
	    rd_kafka_get_watermark_offsets(reader->client.rk, partition->name, partition->number, &low, &high) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	return high > partition->next ? (double)(high - partition->next) : 0;
}

void
kafka_signs_of_source(struct kafka_signs *signs, const struct kafka_epochs *epochs, bool at_once)
{
	const struct kafka_reader *reader = epochs->reader;
	char number[16];

	if (!is_time(signs, at_once))
		return;
	notify_send("WATCHDOG=1");
	tell(signs);
	for (size_t i = 0; signs->metrics != NULL && i < reader->n; i++) {
		snprintf(number, sizeof number, "%d", (int)reader->partition[i]->number);
		metrics_set(signs->metrics, LAG, reader->partition[i]->name, number, lag_of(reader, reader->partition[i]));
	}
	if (epochs->job == NULL)
		return;
	metrics_set(signs->metrics, NUMBER, NULL, NULL, (double)epochs->now.number);
	metrics_set(signs->metrics, RESTORED, NULL, NULL, (double)epochs->n_state);
	metrics_set(signs->metrics, RESTORED_BYTES, NULL, NULL, (double)epochs->n_state_bytes);
}

void
kafka_signs_of_sink(struct kafka_signs *signs, bool at_once)
{
	if (signs->metrics == NULL || !is_time(signs, at_once))
		return;
	tell(signs);
	metrics_set(signs->metrics, DEAD, NULL, NULL, (double)signs->n_dead);
	metrics_set(signs->metrics, STATE, NULL, NULL, (double)signs->n_state);
	metrics_set(signs->metrics, STATE_BYTES, NULL, NULL, (double)signs->n_state_bytes);
}

void
kafka_signs_of_commit(const struct kafka_signs *signs, const struct kafka_commit *commit)
{
	metrics_set(signs->metrics, CHECKPOINT, NULL, NULL, (double)commit->at.number);
	metrics_set(signs->metrics, COMMITTED, NULL, NULL, (double)time(NULL));
	metrics_observe(signs->metrics, COMMIT, NULL, NULL, (double)commit->writer->commit_ms / 1000);
}
