/*
 * episodes - rows of a tape told of as events: the first row of each, and how many there were when its episode closes
 *
 * The number goes into the column `count`, which the input may have already: then a row stands for so many, and one that the column's maker told
 * of before is known by its period and ref. What an episode is: dedupe.h.
 *
 * Life cycle: dedupe, run, first, last and newest set by the caller, who keeps them; episodes_header, episodes_add for each row in order of `known`,
 * episodes_close at the end.
 */
#ifndef LODE_EPISODES_H
#define LODE_EPISODES_H

#include "columns.h"
#include "dedupe.h"
#include "run.h"

struct episodes {
	struct dedupe *dedupe;
	struct run *run;
	bool first, last;       /* which rows are written: when an episode opens, when it closes */
	const char *newest;     /* `known` of the row in hand */
	unsigned known, period; /* columns */
	int count;              /* the same, or -1: the input has none */
	struct columns mark;    /* owned: what tells the row that began an episode from others */
	struct episode *episode; /* of the row in hand */
};

/* Looks the columns up and writes the output's names. */
void episodes_header(struct episodes *episodes, const struct header *header);
void episodes_release(struct episodes *episodes); /* takes a zeroed one */

/*
 * A row; closes what has closed before it first. Rule "same-event" of one that is not its episode's first.
 * Errors: LODE_EDATA for a period or count that cannot be read; those of dedupe_event().
 */
int episodes_add(struct episodes *episodes, const struct record *record, struct str key, int64_t known_s, struct err *err);

/* Tells of the episodes that closed before a time: when they did, or at the newest time for INT64_MAX. Errors: LODE_ENOMEM. */
int episodes_close(struct episodes *episodes, int64_t before_s, struct err *err);

/* An episode out of state; its first row comes in by run_feed(). */
int episodes_restore(struct episodes *episodes, const struct state_entry *entry, struct err *err);

#endif
