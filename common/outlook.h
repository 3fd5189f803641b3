/*
 * outlook - an estimate's results as lines of a tape
 *
 * Of each region and commodity the answers by horizon, what the change is due to, the stand-ins, the feed seen and expected, the gate. What the
 * indicators mean: lode-estimate(1). A series without a figure is a note of the run, told once.
 */
#ifndef LODE_OUTLOOK_H
#define LODE_OUTLOOK_H

#include "estimate.h"
#include "run.h"

/* Answers that are told beside the main one: other stocks, then other covers. */
enum { OUTLOOK_SCENARIOS = 5 };
extern const struct balance_scenario outlook_scenarios[OUTLOOK_SCENARIOS];

struct outlook {
	const char *area, *known, *model, *prefix; /* of every line; the caller's. model and prefix are cut to 16 digits */
	size_t n_missing;
	char missing[RUN_MAX_RULES][64]; /* notes of series without a figure */
};

void outlook_write_header(struct run *run);

/* result: with OUTLOOK_SCENARIOS as its scenarios. */
void outlook_write(struct outlook *outlook, struct run *run, const struct estimate_result *result);

#endif
