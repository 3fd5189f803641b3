/*
 * command - a foreign program between two pipes, fed and heard at once
 *
 * No shell stands between. Neither side can bring the other to a stand: while one waits for the program it is both written to and read from,
 * whatever it does first. A program that reads no further is not at fault: what is still for it is dropped. It has a group of processes of its own, so
 * that what a terminal sends goes to the caller, who passes it on; and it is killed when the caller dies.
 *
 * Life cycle: command_start, then command_write and command_hear any number of times, command_end; command_stop on any other way out.
 */
#ifndef LODE_COMMAND_H
#define LODE_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"
#include "err.h"

struct command {
	/* Set by the caller. Bytes as the program wrote them, in pieces of any size; what it returns other than LODE_OK ends the call. */
	int (*on_output)(void *argument, struct str bytes, struct err *err);
	void *argument;
	int64_t patience_ms;  /* how long it may do nothing while it is waited for; 0: as long as it likes */
	/* its own */
	pid_t pid;            /* 0: none runs */
	const char *name;     /* argv[0] */
	int to, from;         /* -1: closed */
	struct buf unsent;    /* what the pipe had no room for, from sent on */
	size_t sent;
	char *piece;          /* owned */
	bool gone;            /* ended, with the status of waitpid() */
	int status;
	int64_t moved_ms;     /* when something went either way */
};

/* Kept over many starts; a zeroed one is valid but for the members above. */
void command_release(struct command *command);

/*
 * shielded: SIGTERM and SIGINT do not touch the program. Errors: LODE_EUSAGE "cannot run 'x': No such file or directory"; LODE_EIO, LODE_ENOMEM.
 */
int command_start(struct command *command, char *const *argv, bool shielded, struct err *err);

/* Errors: those of on_output; LODE_EIO "'x' has done nothing for 60 s", "cannot write to 'x': ..."; LODE_ENOMEM; LODE_DONE: a signal asked to stop. */
int command_write(struct command *command, struct str text, struct err *err);

/* Until there is something to read at the descriptor, it is gone, or a signal asks to stop. Errors: those of command_write, but for patience. */
int command_hear(struct command *command, int descriptor, struct err *err);

/* Nothing more comes for it: hears it out and waits for its end; then gone is true. Errors: those of command_write. */
int command_end(struct command *command, struct err *err);

/* Ends one that still runs, by this signal, and by SIGKILL when that does not help within a second. */
void command_stop(struct command *command, int signal_number);

#endif
