/*
 * scorebook - forecasts, and what became known of them later
 *
 * A pair names the indicator of forecasts, lines with status F, and that of outcomes, all others. A forecast is of an area, partner and commodity,
 * by a source, made at its `known` for its period; an outcome is of the same area, partner and commodity, whoever it is from. A forecast is scored
 * only when it was made before its outcome was first known, and when all of its outcome is known; until then it is pending. A later line of the
 * same forecast (made at the same time) replaces it; so does a later one of an outcome, unless the first is asked for.
 *
 * Forecasts of one pair, indicator, area, partner, commodity, source and horizon are a group: a horizon is the months from the one in which the
 * forecast was made to the last of its period, or days for a period of a day. What is said of groups is in scorecard.h.
 *
 * Held: each forecast and each outcome, at most max_keys.
 * Life cycle: scorebook_new, scorebook_add for each line, scorebook_join once, scorebook_outcome, scorebook_free.
 */
#ifndef LODE_SCOREBOOK_H
#define LODE_SCOREBOOK_H

#include <stdbool.h>

#include "obs.h"
#include "period.h"

enum scorebook_kind {
	SCOREBOOK_PROBABILITY, /* NAME, 0 to 1; outcomes 0 or 1. A period of several months without an outcome of its own: did it happen in any? */
	SCOREBOOK_QUANTILES,   /* NAME.p05, NAME.median and so on: pNN is the quantile at 0.NN */
	SCOREBOOK_LOGNORMAL,   /* NAME the median, NAME.sd-log the sd of the logarithm */
};

struct scorebook_pair {
	enum scorebook_kind kind;
	struct str forecast, outcome; /* indicators; a * in both, once, stands for the same one byte or more */
};

enum { SCOREBOOK_MAX_PAIRS = 64, SCOREBOOK_MAX_LEVELS = 16 };

struct scorebook_rules {
	size_t n_pairs;
	struct scorebook_pair pair[SCOREBOOK_MAX_PAIRS];
	bool first; /* outcomes as they were first said */
	bool log;   /* the logarithm of what is no probability */
	size_t max_keys;
};

/* A forecast, and what became of it. */
struct scorebook_forecast {
	const struct scorebook_pair *pair;
	struct str name, area, partner, commodity, source, unit; /* name: its indicator without .p05 and the like */
	struct str outcome;        /* indicator of what it is of */
	struct period period;
	int64_t known_s;           /* when it was made, seconds */
	int32_t made, horizon;     /* month in which it was made */
	size_t n_levels;
	double level[SCOREBOOK_MAX_LEVELS], value[SCOREBOOK_MAX_LEVELS]; /* rising levels; a probability, or a median, is at 0.5 */
	double sd_log;             /* NAN: none */
	double y;                  /* its outcome, in the unit of the values */
	int64_t outcome_known_s;   /* when the last of its outcome was first known */
	struct str outcome_ref;    /* and the line that said it */
};

/* Why a forecast has no outcome to be scored by. */
struct scorebook_left {
	size_t pending, known_before, other_unit, no_log, incomplete;
};

struct scorebook_joined {
	struct scorebook_forecast *const *forecast; /* n, in the order of scorebook_by_place(); the book's */
	size_t n;
	struct scorebook_left left;
	bool log;                        /* values and outcomes that are no probabilities are logarithms */
	int32_t first_month, last_month; /* of all outcomes; first_month INT32_MAX: there are none */
};

enum scorebook_fate { SCOREBOOK_TAKEN, SCOREBOOK_OTHER, SCOREBOOK_MISSING };

struct scorebook;

/* rules are copied, their texts must stay. Errors: LODE_ENOMEM. */
int scorebook_new(struct scorebook **book, const struct scorebook_rules *rules, struct err *err);
void scorebook_free(struct scorebook *book); /* takes NULL */

/*
 * scorebook_add - take a line
 *
 * Missing  an empty value of an outcome withdraws it; of a forecast it is none
 * Errors   LODE_EDATA   with the column: no time, period or decimal, "'1.2' is not a probability", "'2' is neither 0 nor 1"
 *          LODE_ENOMEM  also "more than N forecasts and outcomes to hold (--max-keys)"
 */
int scorebook_add(struct scorebook *book, const struct obs *obs, enum scorebook_fate *fate, struct err *err);

/*
 * scorebook_join - forecasts that can be scored, with their outcomes
 *
 * Shape    joined->forecast[n], and how many were left out, by the reason
 * Units    those of the lines; with rules.log logarithms, which are taken in place: so it is called once, after the last line
 * Errors   LODE_ENOMEM
 * Owner    the book's, until scorebook_free()
 */
int scorebook_join(struct scorebook *book, struct scorebook_joined *joined, struct err *err);

/* What was seen in a month of what a forecast is of, never as a logarithm; NAN: not known. Errors: LODE_ENOMEM. */
int scorebook_outcome(struct scorebook *book, const struct scorebook_forecast *forecast, int32_t month, double *value, struct err *err);

/* Below 0, 0 or above: the order of pair, indicator, area, partner, commodity, source and horizon; then also of when it was made, and of its period. */
int scorebook_by_group(const struct scorebook_forecast *f, const struct scorebook_forecast *g);
int scorebook_by_place(const struct scorebook_forecast *f, const struct scorebook_forecast *g);

#endif
