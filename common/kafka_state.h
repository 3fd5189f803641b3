/*
 * kafka_state - what a job has committed: offsets with the checkpoint's name, and state
 *
 * The offsets of all partitions of a shard carry the same checkpoint as metadata: its name, the shard as I/N and, when they are not the
 * eleven, the columns of the input, with blanks between. State lies in a compacted topic under keys `SHARD/NAME/KEY`, written in the same transactions.
 * The offsets must be read before the state: then the state is that of the checkpoint or a later one, and a later one is found out by the sink.
 */
#ifndef LODE_KAFKA_STATE_H
#define LODE_KAFKA_STATE_H

#include "kafka_control.h"
#include "kafka_reader.h"

struct kafka_committed {
	struct checkpoint checkpoint;
	struct buf columns; /* escaped; empty: the eleven */
	bool any;           /* a partition has an offset */
};

/*
 * Reads offsets and checkpoint of the partitions in list, whose offsets are set (-1: none), by a consumer's client that has the group. shard: as I/N, who asks.
 * adopt: whatever wrote them, as checkpoint 0:-.
 * Errors: LODE_EDATA "offsets of group 'x' were not written by lode-kafka-sink: tape/0 has metadata '...'", "partitions of group 'x' are at different
 * checkpoints: ...", "... is of shard 0/2, not 0/4", LODE_EIO, LODE_DONE, LODE_ENOMEM.
 */
int kafka_committed_read(struct kafka_client *client, const char *group, const char *shard, rd_kafka_topic_partition_list_t *list, bool adopt,
    int timeout_ms, struct kafka_committed *committed, struct err *err);
void kafka_committed_release(struct kafka_committed *committed); /* takes a zeroed one */

/* Offsets of list elements as `topic/partition:offset,...`, in their order. Errors: LODE_ENOMEM. */
int kafka_positions_text(const rd_kafka_topic_partition_list_t *list, struct buf *text, struct err *err);

/* The same backwards, with that metadata (may be empty) on each. NULL with err filled (LODE_EDATA, LODE_ENOMEM). Owned by the caller. */
rd_kafka_topic_partition_list_t *kafka_positions_list(struct str text, struct str metadata, struct err *err);

/*
 * Replays the state of a shard, up to what is in the topic now: each(argument, name, key, value) for every key that has a value, in the order of the bytes of name
 * and key; texts are escaped as they were in #state lines. *n: how many. Holds all of it.
 * Errors: those of kafka_reader; what each() returns.
 */
typedef int kafka_state_each(void *argument, struct str name, struct str key, struct str value, struct err *err);
int kafka_state_replay(const struct kafka_config *config, const char *topic, unsigned shard, int timeout_ms, kafka_state_each *each, void *argument,
    size_t *n, struct err *err);

#endif
