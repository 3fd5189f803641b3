#include "kafka_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kafka_call.h"
#include "source.h"

enum { SERVE_MS = 100 };

/* What the user did not set: quick answers, and memory that stays within bounds. */
static const struct kafka_setting wishes[] = {
	{ "fetch.wait.max.ms", "100" },
	{ "queued.max.messages.kbytes", "16384" },
	{ "check.crcs", "true" },
	{ "isolation.level", "read_committed" },
	{ "client.id", "lode" },
};

int
kafka_reader_place(const struct kafka_partition *partition, int64_t offset, struct err *err)
{
	char place[256];

	snprintf(place, sizeof place, "%.200s/%" PRId32, partition->name, partition->number);
	return err_line(err, place, offset < 0 ? 0 : (uint64_t)offset);
}

int
kafka_reader_open(struct kafka_reader *reader, const struct kafka_config *config, const char *group, struct err *err)
{
	struct kafka_setting settings[12] = {
		{ "enable.auto.commit", "false" },
		{ "enable.auto.offset.store", "false" },
		{ "enable.partition.eof", "true" },
		{ "auto.offset.reset", "error" },
		{ "allow.auto.create.topics", "false" },
	};
	size_t n = 5, i;

	reader->wake[0] = reader->wake[1] = -1;
	for (i = 0; i < sizeof wishes / sizeof *wishes; i++)
		if (!kafka_config_has(config, wishes[i].name))
			settings[n++] = wishes[i];
	if (group != NULL)
		settings[n++] = (struct kafka_setting){ "group.id", group };
	settings[n] = (struct kafka_setting){ NULL, NULL };
	if (pipe2(reader->wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return err_set(err, LODE_EIO, "cannot make a pipe: %m");
	return kafka_client_open(&reader->client, config, RD_KAFKA_CONSUMER, settings, err);
}

static void
close_partition(struct kafka_partition *partition)
{
	for (; partition->i < partition->n; partition->i++)
		rd_kafka_message_destroy(partition->batch[partition->i]);
	if (partition->queue != NULL) {
		rd_kafka_consume_stop(partition->topic, partition->number);
		rd_kafka_queue_destroy(partition->queue);
	}
	rd_kafka_topic_destroy(partition->topic);
	free(partition);
}

static rd_kafka_error_t *
close_partitions(void *argument)
{
	struct kafka_reader *reader = argument;
	size_t i;

	if (reader->hand != NULL)
		rd_kafka_message_destroy(reader->hand);
	for (i = 0; i < reader->n; i++)
		close_partition(reader->partition[i]);
	free(reader->partition);
	kafka_client_close(&reader->client);
	close(reader->wake[0]);
	close(reader->wake[1]);
	free(reader);
	return NULL;
}

void
kafka_reader_close(struct kafka_reader *reader)
{
	struct kafka_reader *old = reader->client.rk == NULL ? NULL : malloc(sizeof *old); /* for a thread that may have it for longer than we have */

	if (old != NULL) {
		*old = *reader;
		(void)kafka_call_within(close_partitions, old, 2 * KAFKA_CLOSE_MS);
	}
	reader->client.rk = NULL;
	reader->partition = NULL;
	reader->hand = NULL;
	reader->n = 0;
}

int
kafka_reader_add(struct kafka_reader *reader, rd_kafka_topic_t *topic, int32_t number, struct kafka_partition **partition, struct err *err)
{
	struct kafka_partition **grown = realloc(reader->partition, (reader->n + 1) * sizeof *grown), *added;

	if (grown != NULL)
		reader->partition = grown;
	if (grown == NULL || (added = calloc(1, sizeof *added)) == NULL) {
		rd_kafka_topic_destroy(topic);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	added->topic = topic;
	added->name = rd_kafka_topic_name(topic);
	added->number = number;
	added->end = added->committed = -1;
	reader->partition[reader->n++] = added;
	*partition = added;
	return LODE_OK;
}

int
kafka_reader_add_topic(struct kafka_reader *reader, struct str topic_name, unsigned shard, unsigned n_shards, int timeout_ms, struct err *err)
{
	struct kafka_partition *partition;
	rd_kafka_topic_t *topic;
	char name[256];
	int32_t n = 0, i;
	int rc;

	if ((size_t)snprintf(name, sizeof name, "%.*s", (int)topic_name.n, topic_name.p) >= sizeof name)
		return err_set(err, LODE_EUSAGE, "no topic has so long a name: '%.200s'", name);
	if ((topic = rd_kafka_topic_new(reader->client.rk, name, NULL)) == NULL)
		return err_set(err, LODE_EIO, "topic '%.200s': %s", name, rd_kafka_err2str(rd_kafka_last_error()));
	rc = kafka_client_partitions(&reader->client, topic, timeout_ms, &n, err);
	rd_kafka_topic_destroy(topic);
	for (i = 0; rc == LODE_OK && i < n; i++)
		if ((unsigned)i % n_shards == shard)
			rc = kafka_reader_add(reader, rd_kafka_topic_new(reader->client.rk, name, NULL), i, &partition, err);
	return rc;
}

int
kafka_reader_bounds(struct kafka_reader *reader, const struct kafka_config *config, bool is_bounded, int timeout_ms, struct err *err)
{
	const struct kafka_setting settings[] = { { "isolation.level", "read_uncommitted" }, { NULL, NULL } };
	struct kafka_client client = { .rk = NULL };
	struct kafka_partition *partition;
	int64_t low, high;
	size_t i;
	int rc = kafka_client_open(&client, config, RD_KAFKA_CONSUMER, settings, err);

	for (i = 0; rc == LODE_OK && i < reader->n; i++) {
		partition = reader->partition[i];
		if (partition->next >= 0 && !is_bounded)
			continue;
		if ((rc = kafka_client_watermarks(&client, partition->name, partition->number, timeout_ms, &low, &high, err)) != LODE_OK)
			break;
		if (partition->next < 0)
			partition->next = partition->next == KAFKA_END ? high : low;
		if (is_bounded)
			partition->end = high;
	}
	kafka_client_close(&client);
	return rc;
}

int
kafka_reader_start(struct kafka_reader *reader, struct err *err)
{
	struct kafka_partition *partition;
	size_t i;

	for (i = 0; i < reader->n; i++) {
		partition = reader->partition[i];
		partition->fetched = partition->next;
		if (partition->end >= 0 && partition->next >= partition->end) {
			partition->is_done = true;
			continue;
		}
		if ((partition->queue = rd_kafka_queue_new(reader->client.rk)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		rd_kafka_queue_io_event_enable(partition->queue, reader->wake[1], "!", 1);
		if (rd_kafka_consume_start_queue(partition->topic, partition->number, partition->next, partition->queue) != 0) {
			err_set(err, LODE_EIO, "%s", rd_kafka_err2str(rd_kafka_last_error()));
			return kafka_reader_place(partition, partition->next, err);
		}
	}
	return LODE_OK;
}

/* True once what was there when the broker was last asked has been fetched. */
static bool
is_at_end(const struct kafka_reader *reader, const struct kafka_partition *partition)
{
	int64_t low, high;

	if (partition->is_at_end)
		return true;
	return rd_kafka_get_watermark_offsets(reader->client.rk, partition->name, partition->number, &low, &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
	    high >= 0 && partition->fetched >= high;
}

/* Everything in front of the end has been seen: the position is there too, over records that are no data. */
static void
move_to_end(struct kafka_partition *partition, int64_t offset)
{
	if (offset > partition->fetched)
		partition->fetched = offset;
	if (partition->fetched > partition->next)
		partition->next = partition->fetched;
	if (partition->end >= 0 && partition->next >= partition->end)
		partition->is_done = true;
}

/* A batch's next item that is a record becomes the head; notes of ends are taken, errors returned. */
static int
look(struct kafka_reader *reader, struct kafka_partition *partition, struct err *err)
{
	rd_kafka_message_t *message;

	while (partition->i < partition->n) {
		message = partition->batch[partition->i];
		if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			if (partition->end >= 0 && message->offset >= partition->end) { /* came after the start */
				partition->next = partition->end;
				partition->is_done = true;
				return LODE_OK;
			}
			partition->fetched = message->offset + 1;
			partition->is_at_end = false;
			partition->has_head = true;
			partition->empty_ms = 0;
			if (reader->order != NULL)
				partition->order = reader->order(reader->argument, message, partition);
			return LODE_OK;
		}
		if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			err_set(err, LODE_EIO, "%s", rd_kafka_message_errstr(message));
			return kafka_reader_place(partition, message->offset >= 0 ? message->offset : partition->fetched, err);
		}
		partition->is_at_end = true;
		move_to_end(partition, message->offset);
		rd_kafka_message_destroy(message);
		partition->i++;
	}
	return LODE_OK;
}

static int
fetch(struct kafka_reader *reader, struct kafka_partition *partition, struct err *err)
{
	ssize_t n;
	int rc = LODE_OK;

	while (!partition->has_head && !partition->is_done && rc == LODE_OK) {
		if (partition->i == partition->n) {
			n = rd_kafka_consume_batch_queue(partition->queue, 0, partition->batch, KAFKA_READER_BATCH);
			if (n < 0) {
				err_set(err, LODE_EIO, "%s", rd_kafka_err2str(rd_kafka_last_error()));
				return kafka_reader_place(partition, partition->fetched, err);
			}
			partition->i = 0;
			partition->n = (size_t)n;
			if (n == 0)
				break;
		}
		rc = look(reader, partition, err);
	}
	return rc;
}

/* True when nothing may go ahead of what this partition may still have. */
static bool
holds_back(const struct kafka_reader *reader, struct kafka_partition *partition, int64_t now)
{
	if (partition->has_head || partition->is_done || reader->order == NULL)
		return false;
	if (partition->end >= 0 || !is_at_end(reader, partition))
		return true;
	if (partition->empty_ms == 0)
		partition->empty_ms = now;
	return now - partition->empty_ms < reader->idle_ms;
}

/* Who is next; NULL: nobody yet. *all_done: nobody ever. */
static int
choose(struct kafka_reader *reader, struct kafka_partition **chosen, bool *all_done, struct err *err)
{
	struct kafka_partition *partition, *best = NULL;
	bool held = false;
	int64_t now = 0;
	size_t i, k;
	int rc;

	*all_done = true;
	for (i = 0; i < reader->n; i++) {
		k = reader->order != NULL ? i : (reader->turn + i) % reader->n;
		partition = reader->partition[k];
		if (!partition->has_head && !partition->is_done) {
			if ((rc = fetch(reader, partition, err)) != LODE_OK)
				return rc;
			if (now == 0 && !partition->has_head)
				now = kafka_client_now_ms();
		}
		*all_done = *all_done && partition->is_done && !partition->has_head;
		held = held || holds_back(reader, partition, now);
		if (partition->has_head && (best == NULL || (reader->order != NULL && str_cmp(partition->order, best->order) < 0))) {
			best = partition;
			if (reader->order == NULL) {
				reader->turn = best->n - best->i > 1 ? k : k + 1; /* a batch at a time */
				*all_done = false;
				break;
			}
		}
	}
	*chosen = held ? NULL : best;
	return LODE_OK;
}

/* Until a queue has something, or a callback wants to be served. */
static void
wait_for_queues(struct kafka_reader *reader, int wait_ms)
{
	struct pollfd descriptor = { .fd = reader->wake[0], .events = POLLIN };
	char drain[256];

	if (poll(&descriptor, 1, wait_ms < SERVE_MS ? wait_ms : SERVE_MS) > 0)
		while (read(reader->wake[0], drain, sizeof drain) > 0)
			;
}

int
kafka_reader_next(struct kafka_reader *reader, int wait_ms, const rd_kafka_message_t **message, struct kafka_partition **partition, struct err *err)
{
	int64_t until = 0, now;
	struct kafka_partition *chosen;
	bool all_done;
	int rc;

	if (reader->hand != NULL)
		rd_kafka_message_destroy(reader->hand);
	reader->hand = NULL;
	for (;;) {
		if ((rc = choose(reader, &chosen, &all_done, err)) != LODE_OK)
			return rc;
		if (chosen != NULL)
			break;
		if (all_done)
			return LODE_DONE;
		if ((rc = kafka_client_poll(&reader->client, 0, err)) != LODE_OK)
			return rc;
		now = kafka_client_now_ms();
		until = until == 0 ? now + wait_ms : until;
		if (now >= until || source_stop != 0)
			return LODE_AGAIN;
		wait_for_queues(reader, (int)(until - now));
	}
	reader->hand = chosen->batch[chosen->i++];
	chosen->has_head = false;
	chosen->next = reader->hand->offset + 1;
	if (chosen->end >= 0 && chosen->next >= chosen->end)
		chosen->is_done = true;
	*message = reader->hand;
	*partition = chosen;
	return LODE_OK;
}
