/*
 * rejects - bad records, kept with their bytes, their place and the reason
 *
 * A TSV file with the columns source line column reason record. The first reject of an input is preceded by a line with
 * the reason `header` and the input's own header line as its record, so that the last column, unescaped, is an input again
 * (lode-common(7) shows how).
 */
#ifndef LODE_REJECTS_H
#define LODE_REJECTS_H

#include "sink.h"

struct rejects {
	struct sink sink;
	bool open, header_written;
	uint64_t n;
};

/* Makes or empties the file. Errors: LODE_EIO, LODE_ENOMEM. */
int rejects_open(struct rejects *rejects, const char *path, struct err *err);

/* A new input begins: its header line will precede its first reject; header is kept by the caller, p may be NULL. */
void rejects_input(struct rejects *rejects);

/* err gives place and reason; header as in rejects_input. */
void rejects_add(struct rejects *rejects, const struct err *err, struct str header, struct str record);

/* Errors: LODE_EIO of any write so far. Safe when it was never opened. */
int rejects_close(struct rejects *rejects, struct err *err);

#endif
