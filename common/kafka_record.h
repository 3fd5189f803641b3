/*
 * kafka_record - lines of a tape, and what goes beside them, as records of topics
 *
 * What kafka_lines reads. The key is the observation's, its fields with a tab between; the value is the line, without the columns that go into
 * message headers; the header `columns` says which columns it has unless they are the eleven.
 * Life cycle: kafka_record_init with the input's header, kafka_record_send for each line, kafka_record_release.
 */
#ifndef LODE_KAFKA_RECORD_H
#define LODE_KAFKA_RECORD_H

#include "kafka_control.h"
#include "kafka_writer.h"
#include "key.h"
#include "list.h"

enum { KAFKA_RECORD_COLUMNS = 1024 };

struct kafka_record {
	const struct header *header;
	const struct option_list *headers; /* columns that go into message headers */
	bool tombstones;                   /* a line without value becomes a record without value */
	struct key key;
	struct buf columns;                /* the header line of the values; empty: the eleven */
	bool keeps[KAFKA_RECORD_COLUMNS];  /* columns that are in the value */
	bool is_plain;                     /* the value is the line as it is */
	int partition, timestamp;          /* columns that say where and when, or -1 */
	struct buf value, scratch;
};

/*
 * key[n_key] are further columns of the key, or with is_table all of them. headers and header must outlive it.
 * Errors: LODE_EUSAGE "no column 'x' in the header", "more than N columns"; LODE_ENOMEM.
 */
int kafka_record_init(struct kafka_record *to, const struct header *header, const struct option_list *key, bool is_table,
    const struct option_list *headers, bool tombstones, struct err *err);
void kafka_record_release(struct kafka_record *to); /* takes a zeroed one */

/* Sends a line to topic number t. Errors: LODE_EDATA a tombstone whose `known` is no time; kafka_writer_send's. */
int kafka_record_send(struct kafka_record *to, const struct record *record, struct kafka_writer *writer, unsigned t, struct err *err);

/*
 * Sends a #state line to topic number t under the key `shard/name/key`; *n: its bytes. key is for scratch.
 * Errors: LODE_EDATA "#state without key="; kafka_writer_send's.
 */
int kafka_record_send_state(const struct control *state, unsigned shard, struct kafka_writer *writer, unsigned t, struct buf *key, size_t *n,
    struct err *err);

/* Sends a #dlq line's record with Kafka Connect's headers. Errors: kafka_writer_send's. */
int kafka_record_send_dead_letter(const struct control *letter, const char *job, struct kafka_writer *writer, unsigned t, struct err *err);

#endif
