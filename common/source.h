/*
 * source - plain bytes from a file or a pipe, whatever they are packed in
 *
 * gzip (any number of members), zip (one member, stored or deflated) and UTF-16 (by its byte order mark, or by
 * option) are recognised by their first bytes and unpacked on the way; a UTF-8 byte order mark is dropped. Other
 * encodings (GB18030, Latin-1, ...) keep ASCII bytes as they are, so they pass through here untouched and single
 * fields are turned into UTF-8 where they are used (encoding.h): a reject can show the original bytes.
 * Pipes are enlarged to 1 MiB where the system allows it. Holds two blocks of 256 KiB at most.
 *
 * Life cycle: source_open, source_read until 0 bytes, source_close.
 */
#ifndef LODE_SOURCE_H
#define LODE_SOURCE_H

#include <stdbool.h>

#include "err.h"

struct source;

struct source_options {
	const char *name;              /* what to call it in messages and refs; NULL: the path, or "-" */
	const char *utf16;             /* "UTF-16LE" or "UTF-16BE" to force it; NULL: by byte order mark only */
	/*
	 * Called before a read that would block; may be NULL. What it returns other than LODE_OK ends the read; after LODE_AGAIN
	 * the next read goes on where this one stopped, so a reader of several inputs need not wait for one of them.
	 */
	int (*on_wait)(void *argument, struct err *err);
	void *argument;
};

/* path "-" is standard input. Errors: LODE_EIO "cannot open 'x': reason", LODE_ENOMEM. */
int source_open(struct source **source, const char *path, const struct source_options *options, struct err *err);

/*
 * Reads at least one byte and at most room (4 or more) into out; *n = 0 at the end of the input (a truncated or
 * damaged gzip or zip never ends that way).
 * Errors: LODE_EIO a failed read; LODE_EDATA "truncated gzip", "damaged gzip: ...", "truncated zip",
 * "zip with more than one member", "encrypted zip", "zip method 12 is not supported", "checksum of the ... is wrong",
 * "not valid UTF-16"; LODE_EUSAGE an encoding that the system does not know; LODE_DONE when a signal asked the program to stop (run.h); what on_wait returned.
 * Bytes handed out before a checksum error were wrong: the caller must not end successfully.
 */
int source_read(struct source *source, char *out, size_t room, size_t *n, struct err *err);

/* source_read() in the shape of rows_read (rows.h): source is a struct source. */
int source_read_rows(void *source, char *out, size_t room, size_t *n, struct err *err);

const char *source_name(const struct source *source);

/* True when what has been read came out of a gzip or zip. */
bool source_is_packed(const struct source *source);

/* What to poll() after LODE_AGAIN. */
int source_descriptor(const struct source *source);

/* Takes NULL. Errors: LODE_EIO. */
int source_close(struct source *source, struct err *err);

/* Set by a signal handler (SIGTERM, SIGINT): reads end with LODE_DONE as soon as they can. */
extern volatile int source_stop;

#endif
