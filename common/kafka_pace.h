/*
 * kafka_pace - what the source does when the clock asks for it: checkpoints, heartbeats, and an end when nothing gets on
 *
 * A barrier follows the first record after the last one by interval_s or barrier_bytes, whichever is first, and without any record by KAFKA_PACE_RENEW_MS, so that
 * committed offsets do not expire. Never are more than max_pending of them on their way: the next one waits, and reading with it. Without a job
 * there are none, and no control lines.
 * A program that stands still, or a broker that sends nothing, never makes an error of its own accord. So the source gives up when for stuck_ms no checkpoint that
 * it waits for is committed, or, reading up to an end, neither a record nor that end comes.
 * A request to stop ends all waiting.
 * Life cycle: epochs, signs, run, status and the limits set by the caller, kafka_pace_begin; kafka_pace_record for each record, kafka_pace_idle and
 * kafka_pace_silence when there is none, kafka_pace_end. It owns nothing.
 */
#ifndef LODE_KAFKA_PACE_H
#define LODE_KAFKA_PACE_H

#include "kafka_epochs.h"
#include "kafka_signs.h"
#include "run.h"

enum { KAFKA_PACE_RENEW_MS = 12 * 3600 * 1000, KAFKA_PACE_HEARTBEAT_MS = 2000 };

struct kafka_pace {
	struct kafka_epochs *epochs; /* job NULL: no checkpoints */
	struct kafka_signs *signs;
	struct run *run;             /* its records, and where lines go */
	int *status;                 /* kafka_exit.h */
	double interval_s;
	size_t barrier_bytes, max_pending;
	int64_t stuck_ms;
	bool is_bounded;             /* the reader has ends */
	/* the rest is its own; times are kafka_client_now_ms()'s */
	size_t n_lines, n_bytes;     /* since the last barrier */
	int64_t barrier_ms;          /* the last barrier */
	int64_t written_ms;          /* the last control line */
	unsigned n_looked;           /* records, to look at the clock now and then */
	uint64_t n_heard;            /* records, when last there was one, */
	int64_t heard_ms;            /* and when that was seen */
};

/* From here on time counts: the first record may come. */
void kafka_pace_begin(struct kafka_pace *pace);

/*
 * A record of so many bytes has been written. Errors of all: LODE_EIO "no checkpoint was committed for 120 s", kafka_client_poll's and the sink's;
 * those of kafka_epochs_settle() and kafka_epochs_barrier().
 */
int kafka_pace_record(struct kafka_pace *pace, size_t n_bytes, struct err *err);

/* There is no record: the time to flush, and to find out whether anybody still reads standard output. */
int kafka_pace_idle(struct kafka_pace *pace, struct err *err);

/* And none came while it was waited for. Errors: LODE_EIO "neither a record nor the end came for 120 s: ...". */
int kafka_pace_silence(struct kafka_pace *pace, struct err *err);

/* The end of a stream, at the end of its input or on a request to stop: a last checkpoint, and why. Without a job nothing. */
int kafka_pace_end(struct kafka_pace *pace, bool at_end, struct err *err);

#endif
