/*
 * epoch - the runs of a foreign command over the epochs of a stream: what each is given, what comes of it, and which lines a failure is about
 *
 * Life cycle: zeroed, then epoch_init and the members above the line; epoch_ask once; for each epoch epoch_give any number of times, epoch_hear
 * while nothing comes, epoch_end; epoch_release, which ends a command that still runs.
 * Errors of all: what command.h and replies.h say, and LODE_EIO "'x' ended with status 1", "'x' was ended by signal 9"; LODE_EDATA and LODE_EIO end
 * with ", given lines 7 to 9 behind checkpoint 1:aa".
 */
#ifndef LODE_EPOCH_H
#define LODE_EPOCH_H

#include "command.h"
#include "replies.h"
#include "run.h"

struct epoch {
	char *const *argv;                          /* the command */
	const struct option_list *columns, *accept; /* of what it writes; statuses that are no failure */
	bool bare, is_table, shielded;              /* it gets no header line; it need not write a tape; signals do not touch it */
	struct str header;                          /* line of the input; must stay */
	/* its own, but for command.patience_ms */
	struct run *run;
	struct command command;
	struct replies replies;
	struct buf behind;                          /* the checkpoint ahead */
	uint64_t first, last;                       /* lines of the input that the command was given */
};

/* What the command writes goes to run->out. */
void epoch_init(struct epoch *epoch, struct run *run, char *const *argv, bool no_header);
void epoch_release(struct epoch *epoch, int signal_number);

/* Finds the output's columns, replies.header. Errors: also LODE_EUSAGE "'x' writes no header line: give --columns or --no-header". */
int epoch_ask(struct epoch *epoch, struct err *err);

static inline bool
epoch_is_open(const struct epoch *epoch)
{
	return epoch->command.pid > 0;
}

/* A line, of that number; the first one starts the command. */
int epoch_give(struct epoch *epoch, uint64_t number, struct str line, struct err *err);

/* Until there is something to read at the descriptor. */
int epoch_hear(struct epoch *epoch, int descriptor, struct err *err);

/* Nothing more comes in this epoch. */
int epoch_end(struct epoch *epoch, struct err *err);

/* What comes stands behind that checkpoint. Errors: LODE_ENOMEM. */
int epoch_behind(struct epoch *epoch, struct str checkpoint, struct err *err);

#endif
