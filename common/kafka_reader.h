/*
 * kafka_reader - partitions of topics, read as one sequence
 *
 * Partitions are assigned outright, without a group's protocol. Each comes in its own order; between them the record goes first whose key of order
 * (`known` of a tape, from the callback) is smallest, then the partition that was added first. A partition that has nothing to read holds the others back while it may still have
 * something earlier: until it is read up to what was there when it was last asked, and then for idle_ms more. With ends (kafka_reader_add) it holds
 * them back until it is read up to its end, so the sequence does not depend on what arrived when.
 * Positions count what has been handed out, never what has been fetched.
 * Holds what librdkafka fetches ahead (queued.max.messages.kbytes for each partition).
 * Life cycle: kafka_reader_open, kafka_reader_add for each partition, kafka_reader_next as often as wanted, kafka_reader_close.
 */
#ifndef LODE_KAFKA_READER_H
#define LODE_KAFKA_READER_H

#include "kafka_client.h"

enum { KAFKA_READER_BATCH = 256, KAFKA_BEGINNING = -2, KAFKA_END = -1 };

struct kafka_partition {
	rd_kafka_topic_t *topic; /* owned */
	const char *name;        /* the topic's */
	int32_t number;
	int64_t next;            /* offset of the first record not handed out; before the start also KAFKA_BEGINNING or KAFKA_END */
	int64_t end;             /* where it is done, or -1 */
	int64_t committed;       /* what the caller found committed, or -1 */
	/* the rest is the reader's own */
	rd_kafka_queue_t *queue;
	rd_kafka_message_t *batch[KAFKA_READER_BATCH];
	size_t n, i;
	struct str order;        /* of the head */
	char text[24];           /* for an order that is not in the record's bytes */
	int64_t fetched;         /* offset behind what has been fetched or skipped */
	int64_t empty_ms;        /* since when it has had nothing; 0: it has */
	bool is_at_end, is_done, has_head;
};

struct kafka_reader {
	struct kafka_client client;
	struct kafka_partition **partition; /* owned */
	size_t n;
	int64_t idle_ms;
	/* The key by which a record takes its turn; valid as long as the record. NULL: in order of arrival. */
	struct str (*order)(void *argument, const rd_kafka_message_t *message, struct kafka_partition *partition);
	void *argument;
	size_t turn;             /* without an order: who was served last */
	rd_kafka_message_t *hand; /* handed out last */
	int wake[2];             /* a pipe: librdkafka writes when a queue is no longer empty */
};

/* Opens the handle; group may be NULL. Errors: kafka_client_open's. */
int kafka_reader_open(struct kafka_reader *reader, const struct kafka_config *config, const char *group, struct err *err);
void kafka_reader_close(struct kafka_reader *reader); /* takes a zeroed one */

/*
 * Adds a partition without starting it; *partition stays valid until the end. topic is from rd_kafka_topic_new() of this handle and is taken over.
 * Errors: LODE_ENOMEM.
 */
int kafka_reader_add(struct kafka_reader *reader, rd_kafka_topic_t *topic, int32_t number, struct kafka_partition **partition, struct err *err);

/*
 * Adds the partitions of a topic whose number modulo n_shards is shard. Errors: those of kafka_client_partitions(); LODE_ENOMEM.
 */
int kafka_reader_add_topic(struct kafka_reader *reader, struct str name, unsigned shard, unsigned n_shards, int timeout_ms, struct err *err);

/*
 * Asks where partitions begin and end: makes offsets of KAFKA_BEGINNING and KAFKA_END, and with is_bounded sets every end to what is there now. That includes
 * what transactions have not committed yet, since a commit may be told to its writer before readers may see it: who
 * reads up to such an end waits for them. Errors: those of kafka_client_watermarks().
 */
int kafka_reader_bounds(struct kafka_reader *reader, const struct kafka_config *config, bool is_bounded, int timeout_ms, struct err *err);

/* Starts all partitions at their next (an offset) and up to their end. Errors: LODE_EIO, LODE_ENOMEM. */
int kafka_reader_start(struct kafka_reader *reader, struct err *err);

/*
 * The next record and its partition, valid until the next call. LODE_AGAIN when there is none to hand out and wait_ms have passed (0: at once) or a
 * signal came; LODE_DONE when all partitions are at their ends.
 * Errors: LODE_EIO, with "topic/partition" and the offset as place where it is one partition's; a noted failure of the client.
 */
int kafka_reader_next(struct kafka_reader *reader, int wait_ms, const rd_kafka_message_t **message, struct kafka_partition **partition, struct err *err);

/* Puts "topic/partition" and the offset as the place of an error. Returns err->code. */
int kafka_reader_place(const struct kafka_partition *partition, int64_t offset, struct err *err);

#endif
