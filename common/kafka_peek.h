/*
 * kafka_peek - what the source knows of records before they are lines, and of those that are none
 */
#ifndef LODE_KAFKA_PEEK_H
#define LODE_KAFKA_PEEK_H

#include "buf.h"
#include "kafka_reader.h"
#include "list.h"
#include "sink.h"

/*
 * The columns of the values, as a header line, into *line: the eleven and `named`; or, without those, `committed` (escaped, as kafka_state has them; empty: the eleven; NULL: nothing is committed); or the
 * eleven and what the first record of each partition brings beyond them, in the order of the partitions. The last reads ahead by a connection of its own; what
 * comes later and has other columns does not count.
 * Errors: those of kafka_reader; LODE_ENOMEM.
 */
int kafka_peek_columns(const struct kafka_reader *reader, const struct kafka_config *config, const struct option_list *named, const struct buf *committed,
    int timeout_ms, struct buf *line, struct err *err);

/* Writes a #dlq line: a record on its way to the dead letters, err the reason. line is for scratch. Returns LODE_OK, or LODE_ENOMEM. */
int kafka_peek_dead_letter(const rd_kafka_message_t *message, const struct kafka_partition *partition, struct buf *line, struct sink *out, struct err *err);

#endif
