/*
 * flow - the figures of one record of a customs file, checked together and written together
 *
 * A record of a statistics file holds several figures of one flow: money, mass, a counted quantity, perhaps for twelve months. Either all of them
 * become observations or the record is rejected: flow_add() checks and computes and keeps, flow_write() writes what was kept.
 *
 * Life cycle: flow_open; for each input flow_input; for each record flow_start, flow_period and flow_add as often as needed, flow_write;
 * flow_finish after the last input; flow_release. flow_rows() does all this but the record.
 * Holds the figures of one record, and with a calendar all observations (collate.h).
 */
#ifndef LODE_FLOW_H
#define LODE_FLOW_H

#include "collate.h"
#include "dec.h"
#include "parse.h"
#include "peek.h"
#include "ref.h"
#include "run.h"

enum { FLOW_MAX = 64, FLOW_INDICATOR = 48 };

struct flow_options {
	struct parse_options parse;
	struct option_list only; /* flows: import, export ... */
	size_t max_held;
};

#define FLOW_DEFAULTS { .parse = PARSE_DEFAULTS, .max_held = COLLATE_DEFAULT }

#define FLOW_OPTIONS(type, member) \
	PARSE_OPTIONS(type, member.parse), \
	{ 'f', "flow", "FLOWS", OPTION_LIST, offsetof(type, member.only), "only these flows, as in import" }, \
	COLLATE_OPTION(type, member.max_held)

struct flow_figure {
	char known[INSTANT_MAX], period[PERIOD_MAX], indicator[FLOW_INDICATOR];
	char text[DEC_MAX]; /* of a computed value */
	struct str value, unit;
};

struct flow {
	const struct flow_options *options;
	struct parse parse;
	struct run *run;
	struct collate *collate;
	struct ref ref;
	const char *name;                    /* of the flow in hand: import, export */
	struct obs obs;                      /* what the figures of the record in hand share */
	struct str extra[COLLATE_MAX_EXTRA]; /* further columns, set by the filter */
	size_t n_extra;
	char known[INSTANT_MAX], period[PERIOD_MAX];
	struct flow_figure figure[FLOW_MAX];
	size_t n;
	struct buf commodity;
};

/*
 * Loads the tables; source names the source in the calendar and on the tape, partners in the table of codes. Errors: those of parse_open(), LODE_EUSAGE "--flow 'x' is not one of
 * import, export"; flows is a blank-separated list of what the filter knows; n_extra
 * further columns are written.
 */
int flow_open(struct flow *flow, const struct flow_options *options, const char *source, const char *partners, const char *flows,
    size_t n_extra, struct run *run, struct err *err);
void flow_release(struct flow *flow); /* takes a zeroed one */

/* The input in hand is run->source. Errors: LODE_ENOMEM. */
int flow_input(struct flow *flow, struct err *err);

/*
 * All operands, or standard input, through a filter of delimited text, flow_input() and flow_finish() included. Errors: those of the loop, and
 * LODE_EDATA "this is a web page, not a table".
 */
int flow_rows(struct flow *flow, char *const *operands, const struct rows_filter *filter, struct err *err);

/* The code of a partner or reporter as an area; what names it in the message. Errors: LODE_EDATA "unknown partner code '999'". */
int flow_area(const struct flow *flow, const char *what, struct str code, struct str *area, struct err *err);

/* True for a flow, commodity code or partner's area that the options select. */
bool flow_wants_name(const struct flow *flow, const char *name);
bool flow_wants_commodity(const struct flow *flow, struct str code);
bool flow_wants_partner(const struct flow *flow, struct str area);

/* A record begins: no figures. name is a constant; code is put behind prefix ("hs:"). Errors: LODE_ENOMEM. */
int flow_start(struct flow *flow, const char *name, struct str area, struct str partner, const char *prefix, struct str code, struct err *err);

/* The period of the figures that follow. Errors: LODE_EDATA "the calendar has no release of PERIOD". */
int flow_period(struct flow *flow, struct period period, struct err *err);

/*
 * One figure: value as published when factor is 1, else the exact product. An empty value adds nothing. value and unit stay the caller's
 * until flow_write(). Errors: LODE_EDATA "cannot read 'x' as a decimal", "number is too large".
 */
int flow_add(struct flow *flow, const char *measure, struct str value, struct dec factor, struct str unit, struct err *err);

/*
 * Up to two statistical quantities with the source's names of their units. A unit of mass (KG; MT, T: 1000 kg; G, GR: a thousandth) makes a figure
 * `mass` in kg, the second one if both are; any other `quantity`, both `quantity` and `quantity.second`. A unit that is empty, `-`, `X` or
 * `NO_SU` is none: a zero or empty value is left out then.
 * Errors: those of flow_add(); LODE_EDATA "quantity '5' without a unit"; *bad is then 0 or 1, which of the two.
 */
int flow_add_quantities(struct flow *flow, const struct str value[2], const struct str unit[2], int *bad, struct err *err);

/* Writes the figures kept, with that line in their ref. Errors: those of collate_add(). */
int flow_write(struct flow *flow, uint64_t line, struct err *err);

/* After the last input. Errors: LODE_ENOMEM. */
int flow_finish(struct flow *flow, struct err *err);

/* True for an empty text and for zero however written. */
bool flow_is_zero(struct str value);

#endif
