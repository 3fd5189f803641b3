/*
 * estimate - from the lines of a tape and a mineral's tables to the answers of balance.h
 *
 * Takes feed.mass lines of REO (by partner and basket) and event lines, keeps the newest of each, and on request fits the
 * feed and runs the balance as of a moment. Which partner and basket make up which series, what an event class does, shares,
 * ranges and every parameter come from tables; nothing here names a mineral.
 *
 * Life cycle: estimate_new, estimate_take for every line, estimate_run, estimate_free. Holds one line per period, partner and
 * basket, and every event that counts.
 */
#ifndef LODE_ESTIMATE_H
#define LODE_ESTIMATE_H

#include "balance.h"
#include "obs.h"
#include "list.h"

struct estimate;

struct estimate_options {
	const char *tables; /* directory */
	const char *area;   /* where the feed goes: CN */
	const struct option_list *places; /* events count in places that start with one of these; empty: see lode-estimate(1) */
	int64_t as_of;
	uint64_t seed;
	uint32_t n_paths;
	unsigned n_threads;
	size_t n_horizons;
	size_t n_stocks;          /* further stock priors to answer for, */
	const double *stock_mo;   /* their medians in months of demand */
};

struct estimate_result {
	size_t n_commodities, n_scenarios, n_horizons, n_series;
	int32_t as_of;                  /* month; horizon h is the h-th after it */
	const struct str *commodity;    /* n_commodities */
	struct balance_answer *answers; /* as balance_run() gives them */
	const struct str *series, *partner; /* n_series: name; the partner of its first row, empty for `*` */
	double *feed_t;                 /* n_series * n_horizons: median of a month's REO, tonnes; NAN for a series without figures */
	struct str refs;                /* the newest lines the answers rest on, newest first, a blank between */
};

/*
 * Loads parameters.tsv, series.tsv, effects.tsv, assays.tsv, balance.tsv, lunar_new_year.tsv and materials.tsv.
 * Errors: LODE_EIO; LODE_EUSAGE with the table's place: "no parameter 'phi'", "no row for partner 'MM' or '*'",
 * "commodity 'X' has no demand" (or domestic, byproduct, recycling); LODE_ENOMEM. options stay with the caller and live as long.
 */
int estimate_new(struct estimate **estimate, const struct estimate_options *options, struct err *err);
void estimate_free(struct estimate *estimate); /* takes NULL */

/*
 * Takes a line of a tape if it is of use; the newest line of a period, partner and basket wins, whoever its source is, and an empty
 * value takes a figure back. basket is that column's field, empty when the tape has none. A figure of partner W0 (a sum over the others), of a period that is
 * not a month or two that follow each other, or after the as-of month is passed over.
 * Errors: LODE_EDATA with the column's name for a value, unit or period that cannot be read, and for a figure that differs from one of
 * the same key and time; LODE_ENOMEM.
 */
int estimate_take(struct estimate *estimate, const struct obs *obs, struct str basket, struct err *err);

/*
 * The answers from what was taken. n_commodities is 0 when no figure was.
 * Errors: those of feed_new() and balance_run(). Owner: *result points into estimate and lives until estimate_free() or the
 * next call.
 */
int estimate_run(struct estimate *estimate, struct estimate_result *result, struct err *err);

#endif
