/*
 * kafka_protocol - the sink's side of the protocol: what each control line of a stream with checkpoints has it do, and which may come when
 *
 * First #START, which is checked and begins; then state as it was, which filters take, up to #restored; then data, state and dead letters, which all go into
 * the transaction that a #BARRIER commits; last a #BARRIER and #END, behind which nothing comes. A stream that ends before that has lost a program,
 * and what is not committed of it comes again.
 * What breaks the protocol is LODE_EDATA with KAFKA_EXIT_STALE in *status; a line of data that is merely bad leaves *status 0.
 * Life cycle: writer, job, shard, status, signs, topics and commit's own settings are set by the caller; kafka_protocol_control for each control line,
 * kafka_protocol_data ahead of each line of data, kafka_protocol_end, kafka_protocol_release.
 */
#ifndef LODE_KAFKA_PROTOCOL_H
#define LODE_KAFKA_PROTOCOL_H

#include "kafka_commit.h"
#include "kafka_signs.h"

struct kafka_protocol {
	struct kafka_commit commit; /* its writer and job are the protocol's */
	struct kafka_signs *signs;
	int *status;                /* kafka_exit.h */
	unsigned shard;
	int state, dead;            /* the writer's topics of state and dead letters; -1: none */
	bool restored, ended;
	struct buf key;
};

/*
 * Does what a control line asks for; one that need not be understood is passed over. Errors: LODE_EDATA "a line behind #END", "no #START ahead of other lines",
 * "state of 'x' that no filter took", "a control line that it does not know"; LODE_EUSAGE "'x' has state: give --state TOPIC, here and to the source",
 * "a bad record from the source: give --dead-letter TOPIC"; those of kafka_commit and kafka_record.
 */
int kafka_protocol_control(struct kafka_protocol *protocol, const struct control *control, struct err *err);

/* Whether data may come now. Errors: LODE_EDATA "no #START ahead of the data", "a line behind #END". */
int kafka_protocol_data(const struct kafka_protocol *protocol, struct err *err);

/* Whether the stream may end now. Errors: LODE_EIO "the stream ends without #END: ...", "#END without a #BARRIER ahead of it: ...". */
int kafka_protocol_end(const struct kafka_protocol *protocol, struct err *err);

void kafka_protocol_release(struct kafka_protocol *protocol); /* takes a zeroed one */

#endif
