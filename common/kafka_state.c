#include "kafka_state.h"

#include <stdio.h>
#include <stdlib.h>

#include "map.h"
#include "source.h"

void
kafka_committed_release(struct kafka_committed *committed)
{
	buf_release(&committed->columns);
}

int
kafka_positions_text(const rd_kafka_topic_partition_list_t *list, struct buf *text, struct err *err)
{
	const rd_kafka_topic_partition_t *at;
	int i, rc = LODE_OK;

	for (i = 0; i < list->cnt && rc == LODE_OK; i++) {
		at = &list->elems[i];
		rc = position_add(text, &(struct position){ str_of(at->topic), at->partition, at->offset < 0 ? -1 : at->offset }, err);
	}
	return rc;
}

rd_kafka_topic_partition_list_t *
kafka_positions_list(struct str text, struct str metadata, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	rd_kafka_topic_partition_t *at;
	struct position position;
	char topic[256];
	int rc;

	while ((rc = position_next(&text, &position, err)) == LODE_OK) {
		snprintf(topic, sizeof topic, "%.*s", STR_ARG(position.topic));
		at = rd_kafka_topic_partition_list_add(list, topic, position.partition);
		at->offset = position.offset < 0 ? RD_KAFKA_OFFSET_INVALID : position.offset;
		if (metadata.n > 0 && (at->metadata = malloc(metadata.n)) == NULL) {
			rc = err_set(err, LODE_ENOMEM, "out of memory");
			break;
		}
		if (metadata.n > 0)
			memcpy(at->metadata, metadata.p, at->metadata_size = metadata.n);
	}
	if (rc == LODE_DONE)
		return list;
	rd_kafka_topic_partition_list_destroy(list);
	return NULL;
}

/* One partition's metadata against those before it. */
static int
take_metadata(struct kafka_committed *committed, const char *group, const char *shard, const rd_kafka_topic_partition_t *at, struct err *err)
{
	struct str columns = { at->metadata, at->metadata_size }, name, of = { "", 0 };
	struct checkpoint checkpoint;
	char one[40], other[40];
	struct err why;

	if (columns.p == NULL)
		columns = STR("");
	str_split(&columns, ' ', &name);
	str_split(&columns, ' ', &of);
	if (checkpoint_parse(name, &checkpoint, &why) != LODE_OK)
		return err_set(err, LODE_EDATA, "offsets of group '%.100s' were not written by lode-kafka-sink: %.100s/%d has metadata '%.*s'; --adopt takes them",
		    group, at->topic, (int)at->partition, (int)(name.n > 40 ? 40 : name.n), name.p);
	if (!str_is(of, shard))
		return err_set(err, LODE_EDATA, "the offset of %.100s/%d in group '%.100s' is of shard %.*s, not %s; --adopt takes it", at->topic, (int)at->partition, group,
		    STR_ARG(of), shard);
	if (committed->any && !checkpoint_eq(&checkpoint, &committed->checkpoint)) {
		checkpoint_text(&checkpoint, one);
		checkpoint_text(&committed->checkpoint, other);
		return err_set(err, LODE_EDATA, "partitions of group '%.100s' are at different checkpoints: %.100s/%d at %s, others at %s; --adopt takes them", group,
		    at->topic, (int)at->partition, one, other);
	}
	if (!committed->any && columns.p != NULL && buf_add_str(&committed->columns, columns) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	committed->checkpoint = checkpoint;
	committed->any = true;
	return LODE_OK;
}

int
kafka_committed_read(struct kafka_client *client, const char *group, const char *shard, rd_kafka_topic_partition_list_t *list, bool adopt,
    int timeout_ms, struct kafka_committed *committed, struct err *err)
{
	int i, rc = kafka_client_committed(client, list, timeout_ms, err);

	committed->checkpoint = (struct checkpoint)CHECKPOINT_NONE;
	committed->any = false;
	committed->columns.n = 0;
	for (i = 0; rc == LODE_OK && i < list->cnt; i++) {
		if (list->elems[i].offset < 0)
			list->elems[i].offset = -1;
		else if (adopt)
			committed->any = true;
		else
			rc = take_metadata(committed, group, shard, &list->elems[i], err);
	}
	return rc;
}

struct state {
	struct map *map; /* values: struct buf, or NULL once deleted */
	char prefix[16];
};

static int
keep(struct state *state, const rd_kafka_message_t *message, struct err *err)
{
	struct str key = { message->key, message->key_len }, prefix = str_of(state->prefix);
	struct map_entry *entry;
	struct buf *value;

	if (key.p == NULL || !str_starts(key, prefix))
		return LODE_OK;
	key.p += prefix.n;
	key.n -= prefix.n;
	if ((entry = map_put(state->map, key)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	value = entry->value.pointer;
	if (message->payload == NULL) {
		if (value != NULL)
			buf_release(value);
		free(value);
		entry->value.pointer = NULL;
		return LODE_OK;
	}
	if (value == NULL && (entry->value.pointer = value = calloc(1, sizeof *value)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	value->n = 0;
	return buf_add(value, message->payload, message->len) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

static int
by_key(const void *a, const void *b)
{
	return str_cmp((*(struct map_entry *const *)a)->key, (*(struct map_entry *const *)b)->key);
}

static int
hand_out(const struct state *state, kafka_state_each *each, void *argument, size_t *n, struct err *err)
{
	struct map_entry **sorted = malloc((map_count(state->map) + 1) * sizeof *sorted);
	struct str key, name;
	size_t i, n_sorted = 0;
	int rc = LODE_OK;

	if (sorted == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (i = 0; i < map_count(state->map); i++)
		if (map_at(state->map, i)->value.pointer != NULL)
			sorted[n_sorted++] = map_at(state->map, i);
	qsort(sorted, n_sorted, sizeof *sorted, by_key);
	for (i = 0; i < n_sorted && rc == LODE_OK; i++) {
		key = sorted[i]->key;
		str_split(&key, '/', &name);
		rc = each(argument, name, key.p == NULL ? STR("") : key, buf_str(sorted[i]->value.pointer), err);
	}
	free(sorted);
	*n = n_sorted;
	return rc;
}

static void
forget(struct state *state)
{
	struct buf *value;
	size_t i;

	for (i = 0; state->map != NULL && i < map_count(state->map); i++) {
		if ((value = map_at(state->map, i)->value.pointer) != NULL)
			buf_release(value);
		free(value);
	}
	map_free(state->map);
}

int
kafka_state_replay(const struct kafka_config *config, const char *topic, unsigned shard, int timeout_ms, kafka_state_each *each, void *argument, size_t *n,
    struct err *err)
{
	struct state state = { .map = map_new() };
	struct kafka_reader reader = { 0 };
	struct kafka_partition *partition;
	const rd_kafka_message_t *message;
	int64_t heard = kafka_client_now_ms();
	size_t i;
	int rc = state.map == NULL ? err_set(err, LODE_ENOMEM, "out of memory") : kafka_reader_open(&reader, config, NULL, err);

	snprintf(state.prefix, sizeof state.prefix, "%u/", shard);
	*n = 0;
	if (rc == LODE_OK)
		rc = kafka_reader_add_topic(&reader, str_of(topic), 0, 1, timeout_ms, err);
	for (i = 0; rc == LODE_OK && i < reader.n; i++)
		reader.partition[i]->next = KAFKA_BEGINNING;
	if (rc == LODE_OK && (rc = kafka_reader_bounds(&reader, config, true, timeout_ms, err)) == LODE_OK)
		rc = kafka_reader_start(&reader, err);
	while (rc == LODE_OK) {
		if ((rc = kafka_reader_next(&reader, 1000, &message, &partition, err)) == LODE_OK) {
			heard = kafka_client_now_ms();
			rc = keep(&state, message, err);
		} else if (rc == LODE_AGAIN && source_stop != 0) {
			break;
		} else if (rc == LODE_AGAIN) {
			/* a transaction of a writer that died is ended by its successor, or after its timeout */
			rc = kafka_client_now_ms() - heard < timeout_ms + 60000 ? LODE_OK :
			    err_set(err, LODE_EIO, "topic '%.200s' cannot be read to its end: a transaction is open", topic);
		}
	}
	if (rc == LODE_DONE)
		rc = hand_out(&state, each, argument, n, err);
	else if (rc == LODE_AGAIN)
		rc = LODE_DONE;
	kafka_reader_close(&reader);
	forget(&state);
	return rc;
}
