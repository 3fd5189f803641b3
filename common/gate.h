/*
 * gate - what a licence regime lets out of a country: a chain of three states a month, seen through exports and events
 *
 *	open, licensed, shut;  P(state' = k | state = j) = move[j][k], or act[k] in a month with an act of the authority
 *	log(exports / exports at an open gate) = log through[state] + scale t_dof      for each figure of a month
 *
 * Exact: forward filter over the months seen, backward sampling, then the chain on. Up to open_until the gate is open: before an authority first
 * acts there is no gate.
 *
 * Life cycle: the setup stays with the caller as long as the gate; gate_new() to gate_free().
 * Source: Hamilton (1989), A new approach to the economic analysis of nonstationary time series; Chib (1996) for the sampling.
 */
#ifndef LODE_GATE_H
#define LODE_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum gate_state { GATE_OPEN, GATE_LICENSED, GATE_SHUT, GATE_STATES };

struct gate_act {
	int32_t month;                    /* from 1970-01 = 0 */
	const double *act; /* GATE_STATES: where it puts the gate, whatever the state was */
};

struct gate_figure {
	int32_t month;
	double ratio; /* of what an open gate lets out, >= 0 */
	const double *through; /* GATE_STATES: what each state lets out of what it is a figure of; NULL: that of the setup */
};

struct gate_setup {
	double move[GATE_STATES][GATE_STATES]; /* rows add up to 1 */
	double through[GATE_STATES];           /* > 0: what each state lets out of what an open gate does */
	double scale;                          /* > 0 */
	double dof;                            /* > 0 */
	double least;                          /* > 0: a smaller ratio, 0 above all, counts as this one */
	int32_t first, now, last;              /* months: the first, the last that can have been seen, the last to draw */
	int32_t open_until;                    /* at least first */
	size_t n_acts, n_figures;
	const struct gate_act *acts;           /* in any order; of two in a month the later in this list counts */
	const struct gate_figure *figures;     /* in any order; those outside first..now are passed over */
	int32_t forced_first, forced_last;     /* months that a scenario shuts; none when last < first */
};

struct gate;

/*
 * Errors: LODE_EUSAGE "the gate's row of N does not add up to 1", a parameter that makes no sense; LODE_ENOMEM.
 */
int gate_new(struct gate **gate, const struct gate_setup *setup, struct err *err);
void gate_free(struct gate *gate); /* takes NULL */

/* P(state) in the month `now`, given all that was seen. */
double gate_probability(const struct gate *gate, enum gate_state state);

/*
 * gate_draw - one path of states
 *
 * Shape    states[last - first + 1]
 * Random   keyed by (seed, path, month, stream)
 */
void gate_draw(const struct gate *gate, uint64_t seed, uint32_t path, uint32_t stream, uint8_t *states);

#endif
