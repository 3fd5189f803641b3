/*
 * estimate - from the lines of a tape and a mineral's tables to the answers of balance.h
 *
 * Facts (facts.h) as of a moment, fitted and run through the balance. Which partner and basket make up which series, what an event class does,
 * shares, ranges and every parameter come from tables (model.h); nothing here names a mineral.
 *
 * Life cycle: estimate_new, facts_take on estimate_facts() for every line, estimate_run as often as wanted, estimate_free.
 */
#ifndef LODE_ESTIMATE_H
#define LODE_ESTIMATE_H

#include "facts.h"
#include "feed_change.h"

struct estimate;

enum { ESTIMATE_OUTCOMES = 3, ESTIMATE_SCENARIO_CLASS = 64 };

/* A scenario: months in which an event of a class lasts, or months 0: none of that class is to come. */
struct estimate_scenario {
	char class[ESTIMATE_SCENARIO_CLASS];
	int32_t first, months;
};

/* CLASS:MONTH:N, or CLASS alone to forbid, as given to --force and --forbid; false when it is neither. */
bool estimate_scenario_parse(struct str text, bool force, struct estimate_scenario *scenario);

struct estimate_options {
	const char *tables; /* directory */
	struct facts_options facts; /* since INT64_MIN: no change is asked for */
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

/* A customs figure that changed since then, and by how much it moved the logarithm of what is expected of the first month ahead. */
struct estimate_surprise {
	struct feed_surprise is;
	struct str refs; /* newest lines behind it; empty: a release that has no line of it */
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
	/* With `since`, where figures were known then: what moved the expected feed of the first month ahead, all series together, on logs (feed_change.h). */
	bool feed_moved;
	size_t n_surprises;
	const struct estimate_surprise *surprises; /* their impacts, events and other add up to feed_change */
	double feed_change, feed_change_events, feed_change_other; /* other: what spreads and effects learned anew did, and what bends (news.h) */
	struct str refs[BALANCE_REGIONS];   /* the newest lines the answers rest on, newest first, a blank between */
	struct str driver_refs[FACTS_CAUSES]; /* the newest lines since then; empty for time, and when nothing came */
};

/*
 * Errors: those of model_load(); LODE_EUSAGE "no event of class 'x' to force or forbid (hazards.tsv, gate.tsv)"; LODE_ENOMEM. options stay
 * with the caller and live as long.
 */
int estimate_new(struct estimate **estimate, const struct estimate_options *options, struct err *err);
void estimate_free(struct estimate *estimate); /* takes NULL */

/* Takes the lines, and keeps and restores them. The tables' version is model_version()'s. */
struct facts *estimate_facts(struct estimate *estimate);
const struct model *estimate_model(const struct estimate *estimate);

/*
 * The answers from what was taken, as of a moment not before the last line's; facts of months after it are passed over. n_commodities is 0 when
 * no figure was taken.
 * Errors: those of feed_new(), gate_new() and balance_run(). Owner: *result points into estimate and lives until estimate_free() or the
 * next call.
 */
int estimate_run(struct estimate *estimate, int64_t as_of, struct estimate_result *result, struct err *err);

#endif
