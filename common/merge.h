/*
 * merge - the loop of a filter that reads several tapes at once
 *
 * What run_tape() is for one tape after the other: all inputs are open together and their lines come in the order of `known`;
 * at one time in the order of the operands, within an input in its own. Control lines are forwarded behind the line they
 * followed in their input. A tournament of the inputs finds the next line in log2(inputs) comparisons.
 * Holds for each input what a tape holds: up to three blocks of 256 KiB.
 *
 * An input that says nothing holds the others back, because what it may still bring could come first. With is_live it does so
 * for idle_s seconds, counted from when there was nothing more to read of it; then the others go on without it, until it
 * speaks. What it then brings that is older than what has gone out is late: it may not go out any more. The headers of all inputs
 * are waited for.
 */
#ifndef LODE_MERGE_H
#define LODE_MERGE_H

#include "branches.h"
#include "run.h"

struct merge_filter {
	/* The headers of all inputs, which stay until the end. Writes the output's header; the loop flushes. */
	int (*on_headers)(void *state, const struct header *const *headers, size_t n, struct run *run, struct err *err);
	/* The next line, of that input. LODE_OK; LODE_EDATA rejects it; LODE_DONE ends the run well; others end it. */
	int (*on_record)(void *state, size_t input, const struct record *record, struct run *run, struct err *err);
	void *state;
	bool is_live;
	int64_t idle_s;
	/* A late line, which is counted as `late`. LODE_OK; others end the run. NULL: a late line ends the run. */
	int (*on_late)(void *state, size_t input, const struct record *record, struct run *run, struct err *err);
	const char *first;   /* an input ahead of the operands, or NULL */
	bool ends_with_last; /* the run ends well when the last input has ended and its lines are through */
	/*
	 * One input may be a stream with checkpoints: if it is alone; or, with this, the last, because what becomes of its lines is found anew from the
	 * others, which are files. Else it is refused.
	 */
	bool last_may_stream;
	/* Or all, two or more, when they are branches of one stream; these are its limits. NULL: refused. */
	const struct branches_options *branches;
};

/*
 * No operands: standard input alone. Errors: those of tape_open and tape_next; LODE_EUSAGE "column 13 has no name"; LODE_EDATA
 * "known 'A' is before 'B' of line 5: ..." within one input, which ends the run; "known 'A' is late: 'B' of a.tsv:5 has gone out; ..."; those of branches_step(), stream_control() and stream_end(); LODE_ENOMEM.
 */
int run_merge(struct run *run, char *const *operands, const struct merge_filter *filter, struct err *err);

#endif
