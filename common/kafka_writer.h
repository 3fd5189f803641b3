/*
 * kafka_writer - records into topics: in transactions that carry the input's offsets, or one by one, idempotent
 *
 * With a transactional id: _open fences every older writer of that id and ends what it left open; records go into a transaction that the first one begins;
 * _commit commits it together with offsets. After a lost connection, or a commit that took long, a request may still be
 * on its way that would commit or abort the next transaction (KIP-890, which librdkafka lacks): writer_is_doubtful() is then true and the caller makes a new one
 * by kafka_writer_renew(), which fences the old, before it goes on. Without an id records are only idempotent, and kafka_writer_flush() waits for them.
 * Every failure is final: the caller ends, and the next start aborts what is open.
 */
#ifndef LODE_KAFKA_WRITER_H
#define LODE_KAFKA_WRITER_H

#include "kafka_client.h"

enum { KAFKA_WRITER_TOPICS = 8 };

struct kafka_writer {
	struct kafka_client client;
	const struct kafka_config *config;
	const char *id; /* transactional, or NULL */
	int timeout_ms; /* of questions at the start */
	rd_kafka_topic_t *topic[KAFKA_WRITER_TOPICS];
	const char *name[KAFKA_WRITER_TOPICS];
	unsigned n_topics;
	bool in_transaction;
	int64_t began_ms;        /* the open transaction */
	int64_t transaction_ms;  /* transaction.timeout.ms */
	int64_t commit_ms;       /* how long the last commit took */
	unsigned n_disconnects;  /* of the client when the transaction began */
	bool is_doubtful;
	unsigned n_sent;         /* since callbacks were served */
};

/*
 * Opens it, fences, and checks that the topics exist; names[n] must outlive it (n <= KAFKA_WRITER_TOPICS).
 * Errors: kafka_client_open's and kafka_client_partitions'; LODE_EIO "transactions of 'x': reason".
 */
int kafka_writer_open(struct kafka_writer *writer, const struct kafka_config *config, const char *id, const char *const *names, unsigned n,
    int timeout_ms, struct err *err);
/* Aborts what is open, if a broker answers at once. Takes a zeroed one. */
void kafka_writer_close(struct kafka_writer *writer);

/* A new producer in place of the old one, which is thrown away. Not within a transaction. Errors: as kafka_writer_open. */
int kafka_writer_renew(struct kafka_writer *writer, struct err *err);

/*
 * One record to topic number t. value.p NULL is a tombstone; headers may be NULL and are taken over in any case; partition
 * RD_KAFKA_PARTITION_UA: by the key, as Java's clients do; timestamp 0: now, else milliseconds since 1970.
 * Errors: LODE_EDATA "a record of N bytes is larger than message.max.bytes (M)"; LODE_EIO.
 */
int kafka_writer_send(struct kafka_writer *writer, unsigned t, int32_t partition, struct str key, struct str value, rd_kafka_headers_t *headers,
    int64_t timestamp, struct err *err);

/* Commits, with offsets of a group (offsets NULL: none). Waits for all records. Errors: LODE_EIO. */
int kafka_writer_commit(struct kafka_writer *writer, const char *group, const rd_kafka_topic_partition_list_t *offsets, struct err *err);

/* Waits until all records are delivered. Errors: LODE_EIO. */
int kafka_writer_flush(struct kafka_writer *writer, struct err *err);

#endif
