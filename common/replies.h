/*
 * replies - what a foreign command writes, held to the form of one tape over many runs
 *
 * Its header line is that of the first run, no line is a control line, and all have as many fields as the header. Each whole line goes into a
 * sink; the header does not.
 * Life cycle: replies_columns or a first run with asking set; for each run replies_begin, replies_add for what it writes, replies_end; replies_release.
 */
#ifndef LODE_REPLIES_H
#define LODE_REPLIES_H

#include "buf.h"
#include "sink.h"

struct replies {
	struct sink *sink;
	const char *name;      /* of the command */
	size_t max_line;       /* bytes */
	bool no_header;        /* it writes none */
	bool asking;           /* for its header; what follows it is dropped */
	struct buf header;     /* the line */
	size_t n_columns;      /* 0: not known yet */
	struct buf part;       /* a line that has no end yet */
	uint64_t n_lines;      /* of this run */
};

void replies_release(struct replies *replies);

/* The header line is this. Errors: LODE_ENOMEM. */
int replies_columns(struct replies *replies, struct str line, struct err *err);

/* Errors: LODE_EUSAGE "'x' writes no tape: no column 'known' in its header". */
int replies_check_tape(const struct replies *replies, struct err *err);

static inline void
replies_begin(struct replies *replies)
{
	replies->n_lines = replies->part.n = 0;
}

/*
 * Bytes as they were written. Errors: LODE_EDATA "'x' writes a control line, '#END'", "the header line of 'x' is another: '...'", "line 3 of 'x' has 5
 * fields, not 11", "a line of 'x' is longer than N bytes"; LODE_ENOMEM.
 */
int replies_add(struct replies *replies, struct str bytes, struct err *err);

/* The last line needs no end. Errors: those of replies_add. */
int replies_end(struct replies *replies, struct err *err);

#endif
