/*
 * kafka_epochs - the source's side of checkpoints: where to start, state from before, START, BARRIER and END lines, what has been committed since
 *
 * Life cycle: kafka_epochs_start once the reader has its partitions, kafka_epochs_write_start, kafka_epochs_restore, kafka_epochs_barrier for each,
 * kafka_epochs_end, kafka_epochs_release.
 */
#ifndef LODE_KAFKA_EPOCHS_H
#define LODE_KAFKA_EPOCHS_H

#include "kafka_state.h"
#include "sink.h"

struct kafka_epochs {
	struct kafka_reader *reader;
	const char *job, *id;    /* id: transactional */
	unsigned shard, n_shards;
	bool adopt;
	int timeout_ms;
	struct kafka_committed committed; /* at the start */
	struct checkpoint now;   /* the last barrier's; its run is this start's */
	size_t n_state, n_state_bytes; /* restored: records, and their bytes */
	uint64_t n_done;         /* number of the newest checkpoint known to be committed */
	bool is_answered;        /* the last kafka_epochs_settle() has learned what is */
	struct buf start;        /* positions at the start */
	struct buf line;
};

/*
 * Asks what the group has committed and sets next and committed of the reader's partitions by it; partitions without an offset keep their next.
 * job, id, shard, n_shards, adopt, timeout_ms and reader are set by the caller. Errors: kafka_committed_read's; LODE_EIO when the system has no random numbers.
 */
int kafka_epochs_start(struct kafka_epochs *epochs, struct err *err);
void kafka_epochs_release(struct kafka_epochs *epochs); /* takes a zeroed one */

/* The START line; columns is the header line of the values, NULL: the eleven. Errors of all three: LODE_ENOMEM. */
int kafka_epochs_write_start(struct kafka_epochs *epochs, const struct str *columns, struct sink *out, struct err *err);
int kafka_epochs_barrier(struct kafka_epochs *epochs, struct sink *out, struct err *err);
int kafka_epochs_end(struct kafka_epochs *epochs, const char *why, struct sink *out, struct err *err);

/*
 * Replays the job's state from a topic as state lines, behind kafka_epochs_start. Errors: LODE_EDATA "there is state in 'x', but no committed offset of
 * group 'y' ...", unless adopt is set; those of kafka_state_replay.
 */
int kafka_epochs_restore(struct kafka_epochs *epochs, const struct kafka_config *config, const char *topic, struct sink *out, struct err *err);

/* Barriers that are not known to be committed. */
static inline uint64_t
kafka_epochs_pending(const struct kafka_epochs *epochs)
{
	return epochs->now.number - epochs->n_done;
}

/*
 * Asks what has been committed since. Errors: LODE_EDATA "another run of job 'x' has committed 9:..."; LODE_EIO. An answer that does not come within a
 * moment is no error: n_done stays.
 */
int kafka_epochs_settle(struct kafka_epochs *epochs, struct err *err);

#endif
