/*
 * stream - what control lines are to a loop: checkpoints, state, and an end that is said
 *
 * A tape whose first line is #START is a stream with checkpoints (lode-common(7)). Every loop over tapes hands each control line to
 * stream_control(), which forwards it at its place, and asks stream_takes() before each data line. Without #START control lines are forwarded and
 * nothing else happens.
 *
 * What a control line must not do is to bring out data: what a filter has in hand at a barrier is state. So a stream that is cut at a barrier and
 * goes on in a new process gives the same lines as in one go.
 */
#ifndef LODE_STREAM_H
#define LODE_STREAM_H

#include "order.h"
#include "run.h"

/* What the loop's filter can do; the loop's, and must stay. */
struct stream_hooks {
	bool stateless;
	int (*on_record)(void *state, const struct record *record, struct run *run, struct err *err);
	int (*on_restore)(void *state, const struct state_entry *entry, struct run *run, struct err *err);
	int (*on_checkpoint)(void *state, struct run *run, struct err *err);
	int (*on_finish)(void *state, struct run *run, struct err *err);
	void *state;
	struct order *order; /* of the lines, which is kept with the state; or NULL */
};

struct stream {
	struct run *run;
	struct stream_hooks hooks;
	struct str columns;   /* the header line; p NULL before it */
	size_t n_columns;
	bool started, restoring, ended;
	bool deaf;            /* the filter has had enough: lines are passed over, control lines are not */
	bool said_form;       /* columns and options are with the state */
	uint64_t n_lines;     /* since the last barrier */
	uint32_t *end;        /* owned: fields of a line that is fed again */
	unsigned room;
};

/* run->state is made at #START. Releases with stream_release(). */
void stream_init(struct stream *stream, struct run *run, const struct stream_hooks *hooks);
void stream_release(struct stream *stream);

/* The header line has been read. Errors: LODE_EUSAGE "a stream with checkpoints is read alone", for a second input. */
int stream_header(struct stream *stream, struct str line, struct err *err);

/*
 * A control line, to be forwarded when all that the lines ahead of it caused has been written. LODE_OK.
 * Errors, in a stream: LODE_EUSAGE "NAME keeps no state in the stream: ..."; LODE_EDATA "unknown control line '#X'", "#START behind the first line",
 * "two filters keep state as 'x': ..."; those of the hooks and of sink_flush().
 */
int stream_control(struct stream *stream, const struct record *record, struct err *err);

/* A data line comes. LODE_OK: it is the filter's; LODE_DONE: it is passed over. Errors: those of restoring. */
int stream_takes_slow(struct stream *stream, struct err *err);

static inline int
stream_takes(struct stream *stream, struct err *err)
{
	return stream->started ? stream_takes_slow(stream, err) : LODE_OK;
}

/*
 * The input has ended. *finish: what the filter has is to be written now, as of a file. Errors: LODE_EIO "the stream ends without #END: ...".
 */
int stream_end(const struct stream *stream, bool *finish, struct err *err);

#endif
