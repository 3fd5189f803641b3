/*
 * intensity - what of past events is still there: decayed sums (decay.h) by group and period, as they became known
 *
 * A period is a month, whose value is the mean over its days, or a day. Time is that of the lines' `known`. Lines with one `known` are one
 * moment, and their order changes nothing. A value is said
 *	at the end of the moment whose lines changed it, for each period from the event's own to the running one;
 *	when a period ends, at that instant, for a group of which nothing was said in it.
 * Of the running period it says what will be if no further event becomes known. A value that is what it was is not said again, and of a
 * group that has faded to 0 nothing more is said after that 0.
 * So what is said at a moment rests on the lines up to it alone, and a longer tape only says more.
 *
 * Holds each event's key and weight, and 16 bytes a day for each group, until `keep` behind the day.
 * Life cycle: intensity_new; for each line intensity_advance, and intensity_add if it is an event; intensity_finish; intensity_free.
 */
#ifndef LODE_INTENSITY_H
#define LODE_INTENSITY_H

#include <stdbool.h>

#include "dec.h"
#include "decay.h"
#include "keyed.h"
#include "obs.h"
#include "period.h"
#include "state.h"

struct intensity_rules {
	bool by_day;
	int digits;      /* 0 to 9 behind the point; what rounds to 0 has faded */
	int64_t keep_s;  /* an event is revised and counted no later than so long after its day */
	size_t max_keys; /* events held */
};

enum { INTENSITY_MAX_DIGITS = 9, INTENSITY_DAYS_AHEAD = 366 };

struct intensity_line {
	struct str group; /* what is summed */
	struct str key;   /* the event; a later line of it says its weight anew, of one moment the greatest counts. It keeps its group and day */
	struct str ref;
	int32_t day;
	double weight; /* 0 to INTENSITY_MAX_WEIGHT; 0: there was no such event */
	double rate;   /* of the group's decay, per day; that of its first line counts */
};

#define INTENSITY_MAX_WEIGHT 1e9

struct intensity_result {
	struct str known, group, ref; /* ref: of the newest line of the group; of one moment's the last in the order of bytes */
	struct period period;
	struct dec value;
};

struct intensity_group {
	struct keyed_entry entry; /* entry.key: the group */
	struct decay sum;
	struct buf ref;
	int64_t ref_s;       /* when it became known */
	int32_t changed;     /* first day that changed in this moment; INT32_MAX: none */
	int32_t newest;      /* the latest day of an event */
	int32_t first;       /* period of said[0] */
	double *said;        /* by period, in units of the last digit; NAN: nothing yet */
	size_t n_said, room;
	bool faded, touched; /* touched: as it is, it is not in the state */
	uint64_t order;      /* its place there */
};

struct intensity;

/* on_result's views end with the call. Errors: LODE_ENOMEM. */
int intensity_new(struct intensity **set, const struct intensity_rules *rules, void (*on_result)(void *, const struct intensity_result *),
    void *argument, struct err *err);
void intensity_free(struct intensity *set); /* takes NULL */

/* A line became known at that time, not before the one ahead of it. Errors: LODE_ENOMEM. */
int intensity_advance(struct intensity *set, int64_t known_s, struct err *err);

/*
 * Takes an event that became known at the time of the last intensity_advance(). *late: its day is longer ago than is kept, and it does not count.
 * Errors: LODE_EDATA "the event is more than 366 days ahead of the time when it became known"; LODE_ENOMEM, also
 * "more than N events to hold (--max-keys)".
 */
int intensity_add(struct intensity *set, const struct intensity_line *line, bool *late, struct err *err);

/* Says what there is to say up to that time, at least to the last line's. Errors: LODE_ENOMEM. */
int intensity_finish(struct intensity *set, int64_t until_s, struct err *err);

/* When the last line became known; INT64_MIN before the first. */
int64_t intensity_moment(const struct intensity *set);

/*
 * In a stream with checkpoints: said ahead of the first line and of intensity_restore(), with the caller's state, which must stay. By the end of
 * intensity_checkpoint() all that has changed is there, and a new set takes it back entry by entry: doubles bit for bit.
 * Errors: LODE_ENOMEM; of intensity_restore() LODE_EDATA "'KEY' is no state".
 */
void intensity_keep(struct intensity *set, struct state *state);
int intensity_checkpoint(struct intensity *set, struct err *err);
int intensity_restore(struct intensity *set, const struct state_entry *entry, struct err *err);

/* Groups in the order of their bytes; i < intensity_count(). */
size_t intensity_count(const struct intensity *set);
const struct intensity_group *intensity_at(const struct intensity *set, size_t i);

/* What the fit of a group says, in this order: mu, alpha, beta, branching, loglik, ks, rate. */
enum { INTENSITY_FIGURES = 7 };

struct intensity_figure {
	const char *name, *unit, *status; /* "hawkes.mu."; status O where value is NAN */
	double value, se;                 /* NAN: none */
	struct period period;             /* what it rests on; of rate the calendar month after that of until_s */
};

/*
 * intensity_fit - a self-exciting process (hawkes.h) fitted to the days of a group in which something happened
 *
 * Shape    figure[INTENSITY_FIGURES], *n of them; with marks a day counts as its events weigh. Seen from since_s to until_s, but not before
 *          what is kept; INT64_MIN: from the first line on, or the first event of any group if that is earlier
 * Units    1/mo for mu, alpha and beta, a month of DECAY_DAYS_PER_MONTH; rate is the expected number of such days in its month
 * Missing  *n is 0 when there is no time between
 * Errors   LODE_EDATA from hawkes_fit(); LODE_ENOMEM
 */
int intensity_fit(const struct intensity *set, size_t i, int64_t since_s, int64_t until_s, bool marks, struct intensity_figure *figure,
    size_t *n, struct err *err);

/*
 * intensity_read - group, ref, day and weight of an event's line
 *
 * The group is area, class and source, a tab between; with country the area of MM-11 is MM. An event of a month happened on its first day, an
 * empty value is an event that was not. key and rate are the caller's to fill.
 *
 * Shape    columns: where those of an observation stand; indicator begins with "event."
 * Errors   LODE_EDATA with the column: no period, no decimal, "'-1' is not a weight from 0 to 1000000000"; LODE_ENOMEM
 * Owner    line->group lies in *group, which the caller releases
 */
int intensity_read(const struct header *columns, const struct record *record, bool country, struct buf *group, struct intensity_line *line,
    struct err *err);

#endif
