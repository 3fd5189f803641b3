/*
 * join - lines of one tape with what was newest in another, by columns that are equal
 *
 * Lines of the right tape are put as they become known, lines of the left are looked up: what is found is the newest line put so far that
 * agrees in the columns of the join. So with both tapes read in one order of `known`, right before left at one time, it is the newest
 * with known <= the left line's. An empty value is found like any other: it says that a figure was withdrawn.
 *
 * Holds for each combination of the join's columns the chosen columns of one right line.
 * Life cycle: join_new, join_headers, join_put and join_find, join_free.
 */
#ifndef LODE_JOIN_H
#define LODE_JOIN_H

#include "list.h"
#include "obs.h"

struct join;

struct join_rules {
	struct option_list on;   /* columns; LEFT=RIGHT where the names differ; empty: every line agrees with every other */
	struct option_list take; /* columns of the right tape */
	struct option_list indicator; /* of right lines: the beginnings of those that count; empty: all */
	const char *prefix;      /* of the names of the columns taken, before a _ */
	int64_t tolerance_s;     /* by which a right line may be older than the left one; below 0: any */
	size_t max_keys;
};

/* rules are kept by the caller. Errors: LODE_ENOMEM. */
int join_new(struct join **join, const struct join_rules *rules, struct err *err);
void join_free(struct join *join); /* takes NULL */

/*
 * Looks the columns up. Errors: LODE_EUSAGE "no column 'x' in the header", "column 'right_value' is there already: choose another --as";
 * *at_right says whose header it is.
 */
int join_headers(struct join *join, const struct header *left, const struct header *right, bool *at_right, struct err *err);

/* The names of the columns taken, with a tab before each. */
struct str join_names(const struct join *join);

/*
 * A line of the right tape; *counts is false when the indicator is none of those asked for, which leaves everything as it was.
 * Errors: LODE_EDATA its time is none; LODE_ENOMEM, also "more than N keys: raise --max-keys".
 */
int join_put(struct join *join, const struct record *right, bool *counts, struct err *err);

/*
 * For a line of the left tape the values taken, with a tab before each, valid until the next call; *found is false when there is no line or
 * it is older than the tolerance: they are empty then. Errors: LODE_EDATA, LODE_ENOMEM.
 */
int join_find(struct join *join, const struct record *left, struct str *values, bool *found, struct err *err);

#endif
