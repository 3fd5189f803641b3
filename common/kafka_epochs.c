#include "kafka_epochs.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#define PROTOCOL "1"
enum { MOMENT_MS = 500 };

static rd_kafka_topic_partition_list_t *
list_of(const struct kafka_reader *reader)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)reader->n);
	size_t i;

	for (i = 0; i < reader->n; i++)
		rd_kafka_topic_partition_list_add(list, reader->partition[i]->name, reader->partition[i]->number);
	return list;
}

static int
draw_run(char run[17], struct err *err)
{
	uint64_t bits;

	if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
		return err_set(err, LODE_EIO, "the system gives no random numbers");
	snprintf(run, 17, "%016" PRIx64, bits);
	return LODE_OK;
}

int
kafka_epochs_start(struct kafka_epochs *epochs, struct err *err)
{
	struct kafka_reader *reader = epochs->reader;
	rd_kafka_topic_partition_list_t *list = list_of(reader);
	char shard[32];
	size_t i;
	int rc;

	snprintf(shard, sizeof shard, "%u/%u", epochs->shard, epochs->n_shards);
	rc = kafka_committed_read(&reader->client, epochs->job, shard, list, epochs->adopt, epochs->timeout_ms, &epochs->committed, err);
	for (i = 0; rc == LODE_OK && i < reader->n; i++) {
		reader->partition[i]->committed = list->elems[i].offset;
		if (list->elems[i].offset >= 0)
			reader->partition[i]->next = list->elems[i].offset;
	}
	if (rc == LODE_OK && (rc = kafka_positions_text(list, &epochs->start, err)) == LODE_OK)
		rc = draw_run(epochs->now.run, err);
	epochs->now.number = epochs->n_done = epochs->committed.checkpoint.number;
	rd_kafka_topic_partition_list_destroy(list);
	return rc;
}

void
kafka_epochs_release(struct kafka_epochs *epochs)
{
	kafka_committed_release(&epochs->committed);
	buf_release(&epochs->start);
	buf_release(&epochs->line);
}

int
kafka_epochs_write_start(struct kafka_epochs *epochs, const struct str *columns, struct sink *out, struct err *err)
{
	struct buf *line = &epochs->line;
	char text[40];
	int rc;

	line->n = 0;
	if ((rc = control_begin(line, "START", err)) != LODE_OK || (rc = control_add(line, "v", STR(PROTOCOL), err)) != LODE_OK ||
	    (rc = control_add(line, "job", str_of(epochs->job), err)) != LODE_OK)
		return rc;
	snprintf(text, sizeof text, "%u/%u", epochs->shard, epochs->n_shards);
	if ((rc = control_add(line, "shard", str_of(text), err)) != LODE_OK || (rc = control_add(line, "run", str_of(epochs->now.run), err)) != LODE_OK)
		return rc;
	checkpoint_text(&epochs->committed.checkpoint, text);
	if ((rc = control_add(line, "ck", str_of(text), err)) != LODE_OK || (rc = control_add(line, "txn", str_of(epochs->id), err)) != LODE_OK ||
	    (rc = control_add(line, "group", str_of(epochs->job), err)) != LODE_OK ||
	    (rc = control_add(line, "off", buf_str(&epochs->start), err)) != LODE_OK ||
	    (columns != NULL && (rc = control_add(line, "columns", *columns, err)) != LODE_OK) ||
	    (epochs->adopt && (rc = control_add(line, "adopt", STR("1"), err)) != LODE_OK) || (rc = control_end(line, err)) != LODE_OK)
		return rc;
	sink_str(out, buf_str(line));
	return LODE_OK;
}

/* Whose state it is, and where it goes. */
struct replay {
	struct kafka_epochs *epochs;
	struct sink *out;
};

static int
write_state(void *argument, struct str name, struct str key, struct str value, struct err *err)
{
	struct replay *replay = argument;
	struct kafka_epochs *epochs = replay->epochs;
	struct buf *line = &epochs->line;
	int rc;

	line->n = 0;
	if ((rc = control_begin(line, "state", err)) == LODE_OK && (rc = control_add_raw(line, "name", name, err)) == LODE_OK &&
	    (rc = control_add_raw(line, "key", key, err)) == LODE_OK && (rc = control_add_raw(line, "value", value, err)) == LODE_OK)
		rc = control_end(line, err);
	if (rc == LODE_OK)
		sink_str(replay->out, buf_str(line));
	epochs->n_state++;
	epochs->n_state_bytes += name.n + key.n + value.n;
	return rc;
}

int
kafka_epochs_restore(struct kafka_epochs *epochs, const struct kafka_config *config, const char *topic, struct sink *out, struct err *err)
{
	struct replay replay = { epochs, out };
	size_t n = 0;
	int rc = kafka_state_replay(config, topic, epochs->shard, epochs->timeout_ms, write_state, &replay, &n, err);

	if (rc == LODE_OK && n > 0 && !epochs->committed.any && !epochs->adopt)
		rc = err_set(err, LODE_EDATA, "there is state in '%.100s', but no committed offset of group '%.100s' (expired?); --adopt begins with that state",
		    topic, epochs->job);
	return rc;
}

int
kafka_epochs_barrier(struct kafka_epochs *epochs, struct sink *out, struct err *err)
{
	const struct kafka_reader *reader = epochs->reader;
	struct buf *line = &epochs->line, off = BUF_INIT;
	char text[40];
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < reader->n && rc == LODE_OK; i++)
		rc = position_add(&off, &(struct position){ str_of(reader->partition[i]->name), reader->partition[i]->number, reader->partition[i]->next }, err);
	epochs->now.number++;
	checkpoint_text(&epochs->now, text);
	line->n = 0;
	if (rc == LODE_OK && (rc = control_begin(line, "BARRIER", err)) == LODE_OK && (rc = control_add(line, "ck", str_of(text), err)) == LODE_OK &&
	    (rc = control_add(line, "off", buf_str(&off), err)) == LODE_OK && (rc = control_add(line, "end", STR("1"), err)) == LODE_OK)
		rc = control_end(line, err);
	if (rc == LODE_OK)
		sink_str(out, buf_str(line));
	buf_release(&off);
	return rc;
}

int
kafka_epochs_end(struct kafka_epochs *epochs, const char *why, struct sink *out, struct err *err)
{
	struct buf *line = &epochs->line;
	int rc;

	line->n = 0;
	if ((rc = control_begin(line, "END", err)) == LODE_OK && (rc = control_add(line, "why", str_of(why), err)) == LODE_OK)
		rc = control_end(line, err);
	if (rc == LODE_OK)
		sink_str(out, buf_str(line));
	return rc;
}

int
kafka_epochs_settle(struct kafka_epochs *epochs, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	const struct kafka_partition *first = epochs->reader->partition[0];
	struct str metadata, name;
	struct checkpoint found;
	struct err ignored;
	int rc = LODE_OK;

	/* all partitions are committed together: one is as good as all */
	rd_kafka_topic_partition_list_add(list, first->name, first->number);
	epochs->is_answered = rd_kafka_committed(epochs->reader->client.rk, list, MOMENT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR &&
	    list->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (epochs->is_answered && list->elems[0].metadata != NULL) {
		metadata = (struct str){ list->elems[0].metadata, list->elems[0].metadata_size };
		str_split(&metadata, ' ', &name);
		if (checkpoint_parse(name, &found, &ignored) != LODE_OK)
			rc = err_set(err, LODE_EDATA, "somebody else has set the offsets of group '%.100s'", epochs->job);
		else if (strcmp(found.run, epochs->now.run) == 0)
			epochs->n_done = found.number;
		else if (!checkpoint_eq(&found, &epochs->committed.checkpoint))
			rc = err_set(err, LODE_EDATA, "another run of job '%.100s' has committed %" PRIu64 ":%s", epochs->job, found.number, found.run);
	}
	rd_kafka_topic_partition_list_destroy(list);
	return rc == LODE_OK ? kafka_client_poll(&epochs->reader->client, 0, err) : rc;
}
