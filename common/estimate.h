/*
 * estimate - from the lines of a tape and a mineral's tables to the answers of balance.h
 *
 * Takes feed.mass lines of REO (by partner and basket), outflow.mass, production.mass, prices and event lines, keeps the newest of each,
 * and on request fits the feed and runs the balance as of a moment. Which partner and basket make up which series, what an event
 * class does, shares, ranges and every parameter come from tables (model.h); nothing here names a mineral.
 *
 * A fact is what lines of one key say. With `since` each fact is also kept as it was known then, so that the change from then to now can be
 * taken apart by what caused it.
 *
 * Life cycle: estimate_new, estimate_take for every line, estimate_run as often as wanted, estimate_free. Holds one fact per key.
 */
#ifndef LODE_ESTIMATE_H
#define LODE_ESTIMATE_H

#include "balance.h"
#include "buf.h"
#include "obs.h"
#include "list.h"

struct estimate;

/* What a line tells of; also what a change is due to, time being what passes without any line. */
enum estimate_driver { ESTIMATE_CUSTOMS, ESTIMATE_EVENT, ESTIMATE_EXPORT, ESTIMATE_OUTPUT, ESTIMATE_PRICE, ESTIMATE_DRIVERS,
	ESTIMATE_TIME = ESTIMATE_DRIVERS, ESTIMATE_CAUSES };

extern const char *const estimate_cause_names[ESTIMATE_CAUSES];

enum { ESTIMATE_OUTCOMES = 3, ESTIMATE_SCENARIO_CLASS = 64 };

/* A scenario: months in which an event of a class lasts, or months 0: none of that class is to come. */
struct estimate_scenario {
	char class[ESTIMATE_SCENARIO_CLASS];
	int32_t first, months;
};

struct estimate_options {
	const char *tables; /* directory */
	const char *area;   /* where the feed goes: CN */
	const struct option_list *places; /* events count in places that start with one of these; empty: see lode-estimate(1) */
	int64_t since;      /* INT64_MIN: no change is asked for */
	bool without[ESTIMATE_DRIVERS]; /* lines that are passed over */
	uint64_t seed;
	uint32_t n_paths;
	unsigned n_threads;
	size_t n_horizons;
	size_t n_scenarios;  /* further answers beside the main one: */
	const struct balance_scenario *scenarios; /* 0 in a field: as the main one */
	size_t n_events;     /* scenarios of events */
	const struct estimate_scenario *events;
};

/* A stand-in's past: how often it was so, and what its newest months were. */
struct estimate_past {
	size_t months, yes;
	size_t n; /* of the newest, at most ESTIMATE_OUTCOMES, rising */
	int32_t month[ESTIMATE_OUTCOMES];
	bool was[ESTIMATE_OUTCOMES];
};

struct estimate_result {
	size_t n_regions, n_commodities, n_scenarios, n_horizons, n_series;
	int32_t as_of;                      /* month; horizon h is the h-th after it */
	const struct str *commodity;        /* n_commodities */
	const struct balance_answer *answers;     /* as balance_run() gives them */
	const struct balance_forecast *forecasts; /* the same; raw */
	const struct estimate_past *past;   /* commodity, stand-in */
	double gate[GATE_STATES];           /* probability of each state in the as-of month; NAN with one region */
	double effective;                   /* paths that the weights are worth */
	const double *change;               /* region, commodity, horizon, cause: they add up to the change since then; NULL: not asked for */
	const struct str *series, *partner; /* n_series: name; the partner of its first row, empty for `*` */
	size_t n_feed;                      /* months forecast: from the one after the last with a figure to the last horizon */
	const double *feed_t;               /* n_series * n_feed: median of a month's REO, tonnes; NAN for a series without figures */
	int32_t latest;                     /* last month with a figure */
	const double *observed;             /* n_series * ESTIMATE_OUTCOMES: figures of the months up to it, tonnes; NAN for none, or in a total */
	const double *feed_sd;              /* the same: sd of its log, the month's own noise included */
	struct str refs[BALANCE_REGIONS];   /* the newest lines the answers rest on, newest first, a blank between */
	struct str driver_refs[ESTIMATE_CAUSES]; /* the newest lines since then; empty for time, and when nothing came */
};

/*
 * Errors: those of model_load(); LODE_EUSAGE "no event of class 'x' to force or forbid (hazards.tsv, gate.tsv)"; LODE_ENOMEM. options stay
 * with the caller and live as long.
 */
int estimate_new(struct estimate **estimate, const struct estimate_options *options, struct err *err);
void estimate_free(struct estimate *estimate); /* takes NULL */

/* SHA-256 over all cells of the tables, in hexadecimal: the model's version. */
void estimate_version(const struct estimate *estimate, char hex[65]);

/*
 * Takes a line of a tape if it is of use, and says in *used if it was. The newest line of a period, partner and basket wins, whoever its
 * source is, and an empty value takes a figure back. basket is that column's field, empty when the tape has none. A figure of partner W0 (a
 * sum over the others), and of a period that is not a month or two that follow each other, is passed over. An event weighs at most 1.
 * Errors: LODE_EDATA with the column's name for a value, unit or period that cannot be read, and for a figure that differs from one of
 * the same key and time; LODE_ENOMEM.
 */
int estimate_take(struct estimate *estimate, const struct obs *obs, struct str basket, bool *used, struct err *err);

/*
 * What was taken, kept elsewhere: estimate_touched() gives the number and the text of a fact that is not as it was when it last was given, once;
 * LODE_DONE when there is none. estimate_restore() takes them back, all of them, by rising number. Not with `since`.
 * Errors: LODE_ENOMEM; of restoring LODE_EDATA "'x' is no state". They hold under the same tables alone (estimate_version()).
 */
int estimate_touched(struct estimate *estimate, uint64_t *number, struct buf *text, struct err *err);
int estimate_restore(struct estimate *estimate, uint64_t number, struct str text, struct err *err);

/*
 * The answers from what was taken, as of a moment not before the last line's; facts of months after it are passed over. n_commodities is 0 when
 * no figure was taken.
 * Errors: those of feed_new(), gate_new() and balance_run(). Owner: *result points into estimate and lives until estimate_free() or the
 * next call.
 */
int estimate_run(struct estimate *estimate, int64_t as_of, struct estimate_result *result, struct err *err);

#endif
