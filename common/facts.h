/*
 * facts - what the lines of a tape said, as the estimator asks for it
 *
 * Takes feed.mass lines of REO (by partner and basket), outflow.mass, export.mass, production.mass, prices and event lines. A fact is what lines
 * of one key say, and its newest line is what it says. With `since` each fact is also kept as it was known then, so that the change from then
 * to now can be taken apart by what caused it. Nothing here names a mineral: see model.h.
 *
 * Life cycle: facts_new, facts_take for every line, facts_look and what may be asked then as often as wanted, facts_free. Holds one fact per key.
 */
#ifndef LODE_FACTS_H
#define LODE_FACTS_H

#include "buf.h"
#include "list.h"
#include "model.h"
#include "obs.h"

struct facts;

/* What a line tells of; also what a change is due to, time being what passes without any line. */
enum facts_driver { FACTS_CUSTOMS, FACTS_EVENT, FACTS_EXPORT, FACTS_OUTPUT, FACTS_PRICE, FACTS_DRIVERS, FACTS_TIME = FACTS_DRIVERS, FACTS_CAUSES };

extern const char *const facts_cause_names[FACTS_CAUSES];

struct facts_options {
	const char *area; /* where the feed goes: CN */
	const struct option_list *places; /* events count in places that start with one of these; empty: see lode-estimate(1) */
	int64_t since;    /* INT64_MIN: what was known before is not kept */
	bool without[FACTS_DRIVERS]; /* lines that are passed over */
};

/* RELEASED: some export of a month is known. FLOW: exports of what else tells where the gate is. PREMIUM: a price abroad over that at home. */
enum fact_kind { FACT_IS_FIGURE, FACT_IS_OUTFLOW, FACT_IS_RELEASED, FACT_IS_OUTPUT, FACT_IS_PRICE, FACT_IS_PREMIUM, FACT_IS_EVENT, FACT_IS_ACT,
	FACT_IS_FLOW, FACT_KINDS };

extern const enum facts_driver facts_driver_of[FACT_KINDS];

struct fact {
	enum fact_kind kind;
	size_t which;        /* series, commodity, effect, act or flow */
	int32_t first, last; /* months */
	int32_t day;         /* of an event */
	struct str partner, basket, place;
};

/* options and model stay with the caller and live as long. Errors: LODE_ENOMEM. */
int facts_new(struct facts **facts, const struct facts_options *options, const struct model *model, struct err *err);
void facts_free(struct facts *facts); /* takes NULL */

/*
 * Takes a line of a tape if it is of use, and says in *used if it was. The newest line of a period, partner and basket wins, whoever its
 * source is, and an empty value takes a figure back. basket is that column's field, empty when the tape has none. A figure of partner W0 (a
 * sum over the others), and of a period that is not a month or two that follow each other, is passed over. An event weighs at most 1.
 * Errors: LODE_EDATA with the column's name for a value, unit or period that cannot be read, and for a figure that differs from one of
 * the same key and time; LODE_ENOMEM.
 */
int facts_take(struct facts *facts, const struct obs *obs, struct str basket, bool *used, struct err *err);

/*
 * What was taken, kept elsewhere: facts_touched() gives the number and the text of a fact that is not as it was when it last was given, once;
 * LODE_DONE when there is none. facts_restore() takes them back, all of them, by rising number. Not with `since`.
 * Errors: LODE_ENOMEM; of restoring LODE_EDATA "'x' is no state". They hold under the same tables alone (model_version()).
 */
int facts_touched(struct facts *facts, uint64_t *number, struct buf *text, struct err *err);
int facts_restore(struct facts *facts, uint64_t number, struct str text, struct err *err);

/* What is asked for from now on: facts of months up to as_of; those of drivers that are old, as they were known at `since`. */
void facts_look(struct facts *facts, int32_t as_of, const bool old[FACTS_DRIVERS]);

/* The i-th fact and its value (tonnes, log of a price, ratio, weight; NAN: taken back); NULL when nothing may be known of it. */
size_t facts_count(const struct facts *facts);
const struct fact *facts_get(const struct facts *facts, size_t i, double *value);

/* Did a line of that driver come after `since`? */
bool facts_came(const struct facts *facts, enum facts_driver driver);

/*
 * Masses of series, with 0 for the months that were released without one when the model says so; *first and *latest: months from the first to
 * the last with a figure, as they were without figures. Errors: LODE_ENOMEM. Owner: *figures is the caller's to free.
 */
int facts_figures(const struct facts *facts, struct feed_figure **figures, size_t *n, int32_t *first, int32_t *latest, struct err *err);

/*
 * What happened, as episodes (feed_regressors.h), by day. Errors: LODE_ENOMEM. Owner: *events is the caller's to free; their places live until the
 * next facts_take().
 */
int facts_events(const struct facts *facts, struct feed_event **events, size_t *n, struct err *err);

/*
 * Of each series the partner and basket that brought most of its mass over all months, as a fact of theirs: what the series is made of; NULL: of
 * nothing. Errors: LODE_ENOMEM.
 */
int facts_materials(const struct facts *facts, const struct fact *material[BALANCE_SERIES], struct err *err);

/* Tonnes of a commodity exported in a month; NAN when no export of that month is known, of anything. */
double facts_export(const struct facts *facts, size_t commodity, int32_t month);

/* Tonnes of a flow exported in a month; NAN when no line tells of it. */
double facts_flow(const struct facts *facts, size_t flow, int32_t month);

/* Mean of the logs of a month's prices or premiums; NAN without. */
double facts_price(const struct facts *facts, enum fact_kind kind, size_t commodity, int32_t month);

struct fact_ref {
	struct str ref; /* until the next facts_take() */
	uint64_t order; /* later is greater */
};

/* Adds the newest facts of a kind (and of which, unless SIZE_MAX) that came after a time, up to a total of room; returns how many there are. */
size_t facts_newest(const struct facts *facts, enum fact_kind kind, size_t which, int64_t after, size_t most, struct fact_ref *list, size_t n,
    size_t room);

/* The same of the lines behind a figure of a series. */
size_t facts_behind(const struct facts *facts, size_t series, int32_t first, int32_t last, struct fact_ref *list, size_t n, size_t room);

#endif
