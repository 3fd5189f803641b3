/*
 * scorebook - forecasts, and what became known of them later
 *
 * A pair names the indicator of forecasts, lines with status F, and that of outcomes, all others. A forecast is of an area, partner and commodity, by a source, made at its
 * `known` for its period; an outcome is of the same area, partner and commodity, whoever it is from. A forecast is scored only when it was made
 * before its outcome was first known, and when all of its outcome is known; until then it is pending. A later line of the same forecast
 * (made at the same time) replaces it; so does a later one of an outcome, unless the first is asked for.
 *
 * Scores are by pair, indicator, area, partner, commodity, source and horizon: the months from the one in which the forecast was made to the last of its
 * period, or days for a period of a day.
 *
 * Held: about 200 bytes for each forecast and each outcome.
 * Life cycle: scorebook_new, scorebook_add for each line, scorebook_finish, scorebook_free.
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
	bool first;            /* outcomes as they were first said */
	bool log;              /* score the logarithm of what is no probability */
	size_t bins;           /* of probabilities and PIT, 1 to 99 */
	double clip;           /* the log score takes probabilities as from here to 1 - clip */
	double conformal;      /* intervals of the past's errors that miss with this probability; NAN: none */
	bool recalibrate;      /* probabilities also as those before them say they should have been */
	double alarm;          /* an alarm is raised when the probability reaches it; NAN: none */
	int32_t before, after; /* months before and after an episode's start in which an alarm is a hit */
	struct str against;    /* source to compare the others with; p NULL: none */
	size_t max_keys;
};

/* One score. Its name: what, and the number of the bin where there is one. */
struct scorebook_score {
	const char *what;           /* "brier.reliability" */
	size_t bin;                 /* from 1; 0: none */
	struct str forecast, area, partner, commodity, source, ref, unit;
	struct period period;       /* from the first month forecast to the last */
	int32_t horizon;
	size_t n;                   /* forecasts, or what else the score is a mean of */
	double value, said, low, high; /* NAN: none; said: what it would be if all were well */
};

enum scorebook_fate { SCOREBOOK_TAKEN, SCOREBOOK_OTHER, SCOREBOOK_MISSING };

/* Why a forecast has no score. */
struct scorebook_left {
	size_t pending, known_before, other_unit, no_log, incomplete;
};

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

/* Says all scores, in order of pair, indicator, area, partner, commodity, source and horizon. The texts end with the call. Errors: LODE_ENOMEM. */
int scorebook_finish(struct scorebook *book, void (*on_score)(void *, const struct scorebook_score *), void *argument,
    struct scorebook_left *left, struct err *err);

#endif
