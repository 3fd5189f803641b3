/*
 * scorecard - what is said of forecasts whose outcomes are known
 *
 * Forecasts and outcomes, and what a group of them is, come from scorebook.h. Of each group are said the scores of scores.h, and, where asked
 * for, what intervals of past errors (conformal.h) and past frequencies (recalibration.h) would have made of it, the alarms it raised, and how it
 * compares with another source. What uses the past of a forecast uses what was known when it was made, and nothing later.
 *
 * Nothing is held between calls.
 * Life cycle: scorecard_say after scorebook_join.
 */
#ifndef LODE_SCORECARD_H
#define LODE_SCORECARD_H

#include "scorebook.h"

struct scorecard_rules {
	size_t bins;           /* of probabilities and PIT, 1 to 99 */
	double clip;           /* the log score takes probabilities as from here to 1 - clip */
	double conformal;      /* intervals of the past's errors that miss with this probability; NAN: none */
	bool recalibrate;      /* probabilities also as those before them say they should have been */
	double alarm;          /* an alarm is raised when the probability reaches it; NAN: none */
	int32_t before, after; /* months before and after an episode's start in which an alarm is a hit */
	struct str against;    /* source to compare the others with; p NULL: none */
};

/* One score. Its name: what, and the number of the bin where there is one. */
struct scorecard_score {
	const char *what;           /* "brier.reliability" */
	size_t bin;                 /* from 1; 0: none */
	struct str forecast, area, partner, commodity, source, ref, unit;
	struct period period;       /* from the first month forecast to the last */
	int32_t horizon;
	size_t n;                   /* forecasts, or what else the score is a mean of */
	double value, said, low, high; /* NAN: none; said: what it would be if all were well */
};

/*
 * scorecard_say - says all scores
 *
 * Shape    joined is the book's; on_score is called for each score, in order of pair, indicator, area, partner, commodity, source and horizon
 * Units    of a score's unit: that of the forecasts, 1, or mo
 * Missing  a value NAN: too few forecasts for it
 * Errors   LODE_ENOMEM; scores may have been said by then
 * Owner    keeps nothing; the score and its texts end with on_score
 */
int scorecard_say(struct scorebook *book, const struct scorebook_joined *joined, const struct scorecard_rules *rules,
    void (*on_score)(void *, const struct scorecard_score *), void *argument, struct err *err);

#endif
