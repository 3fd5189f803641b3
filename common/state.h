/*
 * state - what a filter of a checkpointed stream must find again when it is started anew
 *
 * The state of a filter is a set of keys with values, of which it says what changes; at each barrier the changes leave as #state lines, and a new
 * process takes the lines of all barriers before and gives back what they come to, in the order that the filter gave the keys. Holds what
 * changed since the last barrier, and while it restores all of it. What the lines mean: lode-common(7).
 *
 * A struct state that is NULL, or muted, takes everything and does nothing: a filter need not know whether it is in a stream.
 * Life cycle: state_new; state_take for each #state line, state_restore once; then state_put and state_drop, state_write at each barrier; state_free.
 */
#ifndef LODE_STATE_H
#define LODE_STATE_H

#include "buf.h"
#include "kafka_control.h"

struct state;

struct state_entry {
	struct str key, value;
	uint64_t order; /* 1, 2, ...: later is greater */
};

/* name: of the filter within its pipeline; the caller's, and must stay. Errors: LODE_ENOMEM. */
int state_new(struct state **state, const char *name, struct err *err);
void state_free(struct state *state); /* takes NULL */

/*
 * The key has that value from now on; any bytes in both. It comes last in the order; with order not NULL it comes where *order says, which is
 * set when it is 0: for keys that keep their place while their values change. Errors: LODE_ENOMEM.
 */
int state_put(struct state *state, struct str key, struct str value, uint64_t *order, struct err *err);
/* The same where key and value need no struct str: a word, a tab and a text; the value as it is. */
int state_put_as(struct state *state, const char *word, struct str text, struct str value, uint64_t *order, struct err *err);

/* The key is no more. Errors: LODE_ENOMEM. */
int state_drop(struct state *state, struct str key, struct err *err);
int state_drop_as(struct state *state, const char *word, struct str text, struct err *err);

/* False when put and drop have nothing to do. */
bool state_is_kept(const struct state *state);
void state_mute(struct state *state, bool muted);

/* Appends a #state line for each key that changed, and forgets that they did. Errors: LODE_ENOMEM. */
int state_write(struct state *state, struct buf *lines, struct err *err);

/* A #state line. *mine: it was of this name and has been taken. Errors: LODE_EDATA "#state without key=", "... is no state"; LODE_ENOMEM. */
int state_take(struct state *state, const struct control *control, bool *mine, struct err *err);

/* Calls each() for what the lines taken come to, in order, and forgets them. Errors: those of each(), LODE_ENOMEM. */
int state_restore(struct state *state, int (*each)(void *argument, const struct state_entry *entry, struct err *err), void *argument,
    struct err *err);

/*
 * The lines of a moment that is not over, as state: state_moment_add for each of them, state_moment_over when the moment is. A new process counts
 * the entries in by state_moment_restored, which is false for an entry of something else.
 */
struct state_moment {
	uint64_t n;
};

int state_moment_add(struct state *state, struct state_moment *moment, struct str line, struct err *err);
int state_moment_over(struct state *state, struct state_moment *moment, struct err *err);
bool state_moment_restored(struct state_moment *moment, const struct state_entry *entry);

/* True for an entry whose key is this word, a tab and *text. */
bool state_is(const struct state_entry *entry, const char *word, struct str *text);

/* A value of several texts and numbers, appended one behind the other; doubles come back bit for bit. Errors: LODE_ENOMEM. */
int state_add_text(struct buf *value, struct str text, struct err *err);
int state_add_number(struct buf *value, int64_t number, struct err *err);
int state_add_double(struct buf *value, double number, struct err *err);

/* And taken off again in that order; false when *rest does not begin with one. */
bool state_next_text(struct str *rest, struct str *text);
bool state_next_number(struct str *rest, int64_t *number);
bool state_next_double(struct str *rest, double *number);

/* A number by itself, as in a key. */
bool state_read_number(struct str word, int64_t *number);

/* LODE_EDATA "'KEY' is no state". */
int state_refuse(const struct state_entry *entry, struct err *err);

#endif
