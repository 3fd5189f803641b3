/*
 * sink - bytes to a file or a pipe, buffered, every write checked
 *
 * A failed write is remembered: later calls do nothing and sink_flush() and sink_close() report it. A closed pipe ends
 * the program by SIGPIPE, silently. Pipes are enlarged to 1 MiB where the system allows it.
 * A reader that takes nothing is waited for as long as it takes, or with sink_wait_at_most() for so long.
 */
#ifndef LODE_SINK_H
#define LODE_SINK_H

#include <stdbool.h>

#include "err.h"
#include "str.h"

struct sink {
	int fd;
	char name[256];
	int error;      /* errno of the first failed write */
	size_t n, room; /* bytes waiting, size of the buffer */
	int patience_ms; /* 0: any time; after it error is ETIMEDOUT */
	bool muted;     /* takes bytes and drops them */
	char *buffer;   /* owned */
};

/* path "-" is standard output; a file is made or cut to nothing. Errors: LODE_EIO, LODE_ENOMEM. */
int sink_open(struct sink *sink, const char *path, struct err *err);

/*
 * From now on a reader of a pipe that takes nothing for so long is a failed write. For that the pipe is opened anew, so as not to change what other
 * programs have open; where that cannot be (and for what is no pipe) nothing changes.
 */
void sink_wait_at_most(struct sink *sink, int patience_ms);

/* Space for n bytes (n <= 64 KiB), to be filled and then claimed by sink_advance(). Never NULL; flushes when full. */
char *sink_reserve_slow(struct sink *sink, size_t n);

static inline char *
sink_reserve(struct sink *sink, size_t n)
{
	return sink->room - sink->n >= n ? sink->buffer + sink->n : sink_reserve_slow(sink, n);
}

static inline void
sink_advance(struct sink *sink, size_t n)
{
	sink->n += n;
}

/* Any number of bytes. */
void sink_write(struct sink *sink, const void *bytes, size_t n);

static inline void
sink_str(struct sink *sink, struct str text)
{
	if (sink->room - sink->n >= text.n && text.n != 0) {
		memcpy(sink->buffer + sink->n, text.p, text.n);
		sink->n += text.n;
	} else if (text.n != 0) {
		sink_write(sink, text.p, text.n);
	}
}

static inline void
sink_byte(struct sink *sink, char byte)
{
	*sink_reserve(sink, 1) = byte;
	sink_advance(sink, 1);
}

/* From now on bytes are dropped, or written again; what waited before goes out. */
void sink_mute(struct sink *sink, bool muted);

/* Errors: LODE_EIO "cannot write 'x': reason", "x is stuck: nothing was taken from it for 120 s", now or at an earlier write. */
int sink_flush(struct sink *sink, struct err *err);

/* Flushes, closes (standard output too), releases. Errors as sink_flush. Safe after a failed sink_open. */
int sink_close(struct sink *sink, struct err *err);

#endif
