/*
 * kafka_commit - the sink's side of checkpoints: the start rule, and a transaction for each epoch
 *
 * The rule: the writer has fenced every older one (kafka_writer_open) *before* what is committed is read and compared with what START says the
 * stream begins at. Without that order two runs can commit the same input. After every renewal of a doubtful writer the comparison is made again with the
 * checkpoint committed last.
 * Life cycle: kafka_commit_start on START, kafka_commit_barrier on each BARRIER, kafka_commit_release.
 */
#ifndef LODE_KAFKA_COMMIT_H
#define LODE_KAFKA_COMMIT_H

#include "kafka_state.h"
#include "kafka_writer.h"

struct kafka_commit {
	struct kafka_writer *writer;
	const char *job, *id;
	bool paranoid;           /* renew the writer after every commit */
	int timeout_ms;
	bool started;
	struct checkpoint at;    /* committed last */
	char run[17];            /* of the stream */
	char shard[32];          /* of the stream, as I/N */
	struct buf positions;    /* committed last, as text */
	struct buf columns;      /* of the source's values, escaped; empty: the eleven */
};

/* What went wrong, besides err's code: for a program's exit status. */
enum kafka_commit_fault { KAFKA_FAULT_NONE, KAFKA_FAULT_PROTOCOL, KAFKA_FAULT_STALE, KAFKA_FAULT_FOREIGN, KAFKA_FAULT_BROKER };

/*
 * Takes a START line and applies the rule. writer, job, id, paranoid and timeout_ms are set by the caller.
 * Errors: LODE_EDATA, with *fault: "#START is of transactions 'a.0', not 'b.0'", "stale start: ...", kafka_committed_read's; LODE_EIO.
 */
int kafka_commit_start(struct kafka_commit *commit, const struct control *start, enum kafka_commit_fault *fault, struct err *err);

/* Commits everything since the barrier before, with this one's offsets. Errors: likewise. */
int kafka_commit_barrier(struct kafka_commit *commit, const struct control *barrier, enum kafka_commit_fault *fault, struct err *err);

void kafka_commit_release(struct kafka_commit *commit); /* takes a zeroed one */

#endif
