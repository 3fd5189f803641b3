/*
 * aggregate - what several figures come to: sum, mean, last, least, largest, number, weighted mean
 *
 * Sums are exact; what is not computed (last, min, max) keeps its digits as published. Nothing depends on the order in
 * which the figures were added: ties are decided by their content. A published total and its parts are
 * never both counted (aggregate_select).
 */
#ifndef LODE_AGGREGATE_H
#define LODE_AGGREGATE_H

#include "dec.h"
#include "state.h"

enum aggregate_function {
	AGGREGATE_SUM,
	AGGREGATE_MEAN,
	AGGREGATE_WMEAN, /* weighted by part.weight; parts without one are left out */
	AGGREGATE_LAST,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE_COUNT,
	AGGREGATE_N
};

extern const char *const aggregate_names[AGGREGATE_N]; /* "sum", "mean", ... */

/* The function of that name, or AGGREGATE_N. */
enum aggregate_function aggregate_find(struct str name);

enum part_state {
	PART_COUNTS,
	PART_COVERED,  /* a total counts in its place, because some other part of that total is missing */
	PART_TOTAL,    /* a total whose parts are all there: they count */
	PART_MISMATCH, /* the same, and they do not add up to it */
};

/* One figure. The texts are views. */
struct part {
	int64_t first, last; /* days since 1970-01-01 it is about, inclusive */
	int64_t at;          /* what "last" means: greater is later; then known decides */
	struct str series;   /* its key without the period: totals and parts have it in common */
	struct str period, known, value, ref;
	struct dec number;   /* of value */
	struct dec weight;
	bool has_weight;
	uint64_t line;       /* where it stood, for messages */
	enum part_state state;
	struct dec below;    /* what a total's parts add up to, when all are there */
	/* of aggregate_select alone */
	int64_t covered;
	size_t parent, n_children;
	bool gap;
};

/* Figures of one series that overlap without one holding the other cannot be sorted into totals and parts. */
bool part_conflicts(const struct part *a, const struct part *b);

/*
 * Sorts part[n] by series and period and sets state and below: where the parts of a total cover all its days, they count; else the total counts
 * and nothing within it does. A part may be a total itself. No two may conflict.
 * Errors: LODE_EDATA "number is too large". Cost: O(n log n).
 */
int aggregate_select(struct part **part, size_t n, struct err *err);

/*
 * True when the parts that count cover all days from first to last. Sorts part[n] anew, by day.
 */
bool aggregate_covers(struct part **part, size_t n, int64_t first, int64_t last);

/* A part that an aggregate holds on to. */
struct aggregate_kept {
	struct part part;
	struct buf text; /* its texts, when the aggregate owns them */
};

struct aggregate {
	bool owns; /* copies the texts it keeps; else they must live as long as it does */
	uint64_t n, n_weighted;
	struct dec sum, weights, weighted;
	struct aggregate_kept least, largest, first, last; /* valid when n > 0 */
};

#define AGGREGATE_INIT { 0 }

void aggregate_release(struct aggregate *aggregate);

/* Errors of both: LODE_EDATA "number is too large" (37 digits are not enough), LODE_ENOMEM. */
int aggregate_add(struct aggregate *aggregate, const struct part *part, struct err *err);
int aggregate_merge(struct aggregate *into, const struct aggregate *from, struct err *err);

/*
 * Appends the value, means with so many digits behind the point at most (half to even); nothing when there is none.
 * Errors: LODE_EDATA "number is too large", LODE_ENOMEM.
 */
int aggregate_value(const struct aggregate *aggregate, enum aggregate_function function, int digits, struct buf *value, struct err *err);

/*
 * Appends where the value comes from: the one ref of last, min and max, else "FIRST", "FIRST LAST" or "FIRST .. LAST (n)".
 * Errors: LODE_ENOMEM.
 */
int aggregate_ref(const struct aggregate *aggregate, enum aggregate_function function, struct buf *ref, struct err *err);

/* An aggregate of parts without weights as state, appended. Errors: LODE_ENOMEM. */
int aggregate_keep(const struct aggregate *aggregate, struct buf *value, struct err *err);

/* The same taken off the front of *rest into an empty aggregate that owns its texts. LODE_DONE: it is none. Errors: LODE_ENOMEM. */
int aggregate_restore(struct aggregate *aggregate, struct str *rest, struct err *err);

#endif
