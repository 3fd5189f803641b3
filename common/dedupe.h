/*
 * dedupe - what has been said before, within a horizon of time, and how often
 *
 * Two uses of one memory. dedupe_seen(): a statement is news unless the newest one of its key said the same.
 * dedupe_event(): rows of one key whose days lie close, or within one another, are one event, which is counted while its episode
 * lasts; the episode begins with its first row and closes when the horizon after that has passed.
 *
 * Times must not fall. What lies beyond the horizon is forgotten, so memory is that of the keys within one horizon. All of it is kept as state
 * too, where there is one: lines that were news, which say the same when they are seen again, and episodes.
 */
#ifndef LODE_DEDUPE_H
#define LODE_DEDUPE_H

#include <stdbool.h>

#include "buf.h"
#include "err.h"
#include "keyed.h"
#include "state.h"

struct dedupe {
	struct keyed *entries;
	int64_t within_s; /* -1: for ever */
	int64_t apart_s;  /* how far the days of an event's rows may be apart; within_s unless set after dedupe_init() */
	size_t max_keys;
	bool digest;         /* of the key of a statement 16 bytes are held, not all of it */
	struct state *state; /* the caller's, or NULL */
	struct buf text;     /* owned */
};

/* Errors: LODE_ENOMEM. */
int dedupe_init(struct dedupe *dedupe, int64_t within_s, size_t max_keys, struct err *err);
void dedupe_release(struct dedupe *dedupe); /* takes a zeroed one */

/*
 * *news: whether it is new, and then it is what its key says from now on; line is what it came in.
 * Errors: LODE_ENOMEM, also "more than N keys to hold (--max-keys)".
 */
int dedupe_seen(struct dedupe *dedupe, struct str key, struct str statement, struct str line, int64_t known_s, bool *news, struct err *err);

struct episode {
	struct keyed_entry entry;
	int64_t known_s;      /* of its first row */
	int32_t day, last_day; /* that the first row is about */
	uint64_t n_lines;     /* that were added */
	uint64_t count, said; /* rows that they stand for; how many of them the caller has told: 0 at first */
	uint64_t order;       /* of the state, 0 at first */
	struct str line;      /* the first row, owned */
	struct str mark;      /* the same */
};

/* The oldest episode that has closed before known_s, NULL when there is none; dedupe_forget() it. INT64_MAX: all have. */
struct episode *dedupe_closed(const struct dedupe *dedupe, int64_t known_s);
int dedupe_forget(struct dedupe *dedupe, struct episode *episode, struct err *err); /* Errors: LODE_ENOMEM */

/* A row of an event. */
struct event_row {
	struct str key;
	struct str mark; /* tells the row from others; empty: nothing does */
	struct str line;
	int32_t day, last_day; /* that it is about */
	int64_t known_s;
	uint64_t count;  /* rows that it stands for, at least 1 */
};

/*
 * Adds a row to the open episode of its key whose days are no further apart than apart_s, else to a new one with a copy of its line. A
 * row with the mark of the one that began the episode is that row told again, and its count replaces what was counted.
 * Close first what has closed. Errors: as dedupe_seen.
 */
int dedupe_event(struct dedupe *dedupe, const struct event_row *row, struct episode **episode, struct err *err);

/*
 * The episode as it now is, as state; and out of state: numbers to put into the episode that its first row opens again, and that row, in entry.
 * Errors: LODE_ENOMEM; of reading LODE_EDATA "'x' is no state", "cannot read 'x' as a number of rows".
 */
int dedupe_keep(struct dedupe *dedupe, struct episode *episode, struct err *err);
int dedupe_read_kept(const struct state_entry *entry, struct episode *numbers, struct str *line, struct err *err);

/* A number of rows, empty for 1. Errors: LODE_EDATA "cannot read 'x' as a number of rows". */
int dedupe_read_count(struct str text, uint64_t *count, struct err *err);

#endif
