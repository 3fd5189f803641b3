/*
 * branches - branches of one stream, brought together at its barriers
 *
 * A stream that went through `tee` to several filters comes back as several streams with the same control lines. Their lines come out in the
 * order of `known`, at one time in that of the branches, within a branch in its own; so the same lines give the same bytes, however they came and wherever
 * barriers stood. A line goes out when no branch can bring one any more that comes before it: all have brought one that is known later (at the same time, for
 * branches behind it). What waits for that at a barrier is state.
 *
 * A branch that has reached a control line waits until all have, and the line goes on once. What comes from it meanwhile is held, in memory and then
 * on disk (spill.h). A #state line that all branches bring goes on once; of the replay, one that a branch does not bring was taken
 * there; of new ones, those of one filter come through one branch, always the same, or through all.
 *
 * Life cycle: branches_new; branches_add for lines ahead of the headers, branches_begin; then branches_add, branches_end and branches_step until
 * all have ended; branches_free.
 */
#ifndef LODE_BRANCHES_H
#define LODE_BRANCHES_H

#include "stream.h"

enum { BRANCHES_MAX = 32 };

struct branches;

struct branches_options {
	size_t memory, disk; /* bytes that may be held */
	bool by_epoch;       /* nothing waits beyond a barrier: the order is that of each epoch */
	/* The next line, of that branch. What it returns other than LODE_OK ends the run. */
	int (*on_line)(void *argument, size_t branch, struct str line, struct err *err);
	void *argument;
};

/* Of n streams, 2 or more; stream is the one that comes out. Errors: LODE_EUSAGE "more than 32 branches", LODE_ENOMEM. */
int branches_new(struct branches **branches, struct stream *stream, size_t n, const struct branches_options *options, struct err *err);
void branches_free(struct branches *branches); /* takes NULL */

/* Name of a branch's input, how many columns its lines have and which is `known`. */
void branches_name(struct branches *branches, size_t branch, const char *name, unsigned n_columns, unsigned known);

/* All headers have been read: forwards #START. Errors: LODE_EUSAGE "no #START: ..."; those of branches_step. */
int branches_begin(struct branches *branches, struct err *err);

/* A line of a branch, data or control. Errors: those of spill_add. */
int branches_add(struct branches *branches, size_t branch, uint64_t number, struct str line, struct err *err);

/* That input has ended. */
void branches_end(struct branches *branches, size_t branch);

/*
 * Does all that can be done with what is there. Errors: LODE_EDATA "the branches differ: '#BARRIER ...', but '#END ...' in b", "two branches keep state
 * as 'x': ...", "the branches bring different state of 'x'", "a line ahead of #restored", "known 'A' is before 'B' of a line ahead of it";
 * LODE_EIO "the stream ends without #END: ...", when all that came from that branch has been used; those of stream_control() and on_line.
 */
int branches_step(struct branches *branches, struct err *err);

/* Whether more of a branch is of use now; urgently: without it nothing goes on. */
bool branches_want(const struct branches *branches, size_t branch, bool urgently);

#endif
