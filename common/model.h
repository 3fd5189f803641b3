/*
 * model - what a mineral's tables say about its feed, its balance, the gate abroad and events to come
 *
 * parameters.tsv series.tsv effects.tsv assays.tsv balance.tsv lunar_new_year.tsv materials.tsv, and if they are there gate.tsv (without
 * it there is one region) and hazards.tsv (without it no event is to come). What a tape says is not here; see facts.h.
 *
 * Life cycle: model_load() on a zeroed struct to model_release(). The setups point into the model.
 */
#ifndef LODE_MODEL_H
#define LODE_MODEL_H

#include "arena.h"
#include "balance.h"
#include "digest.h"
#include "table.h"

enum { MODEL_COMMODITIES = 16, MODEL_EFFECTS = 64, MODEL_ACTS = 8, MODEL_FLOWS = 8 };

enum model_table { MODEL_PARAMETERS, MODEL_SERIES, MODEL_EFFECTS_TABLE, MODEL_ASSAYS, MODEL_BALANCE, MODEL_LUNAR, MODEL_MATERIALS, MODEL_GATE,
	MODEL_HAZARDS, MODEL_TABLES };

/* A class of events that are to come: prior of its rate, and how long one lasts. */
struct model_hazard {
	size_t effect;
	double events, months, duration, sd_log;
};

struct model {
	struct arena *arena;
	struct table table[MODEL_TABLES];
	struct feed_setup feed;       /* parameters, series, effects and New Years; months, events and figures are the caller's */
	struct balance_setup balance; /* parameters and commodities; scenarios[0] is the prior of stocks */
	bool has_gate;
	struct gate_setup gate;       /* parameters */
	double stock_age[BALANCE_REGIONS]; /* months from the prior of a stock to the last month with figures, or the as-of month abroad */
	bool absent_is_zero;          /* a release has no rows for what did not come */
	size_t n_commodities, n_acts, n_hazards;
	struct str series_name[BALANCE_SERIES], series_partner[BALANCE_SERIES], commodity[MODEL_COMMODITIES];
	struct feed_series series[BALANCE_SERIES];
	struct feed_effect effects[MODEL_EFFECTS];
	struct str act_class[MODEL_ACTS];
	double act[MODEL_ACTS][GATE_STATES];
	/* Exports, beside those of the commodities, that tell where the gate is: tonnes a month while it is open, and what each state lets out of them. */
	size_t n_flows;
	struct str flow[MODEL_FLOWS];
	double flow_open_t[MODEL_FLOWS], flow_through[MODEL_FLOWS][GATE_STATES];
	struct model_hazard hazards[HAZARD_CLASSES];
	int32_t *lunar;
	double share[MODEL_COMMODITIES][BALANCE_SERIES];
	struct balance_series composition[BALANCE_SERIES];
	struct balance_commodity commodities[MODEL_COMMODITIES];
};

/*
 * Errors: LODE_EIO; LODE_EUSAGE with the table's place: "no parameter 'phi'", "commodity 'X' has no demand" (or domestic, byproduct,
 * recycling), and what is said there of a cell; LODE_ENOMEM. model_release() is the caller's in any case.
 */
int model_load(struct model *model, const char *dir, struct err *err);
void model_release(struct model *model); /* takes a zeroed one */

/* SHA-256 over all cells of the tables, in hexadecimal: the model's version. */
void model_version(const struct model *model, char hex[DIGEST_HEX + 1]);

/* The series of a partner and basket: a row that names both, then one that names the partner, then the basket, then any; n_series: none. */
size_t model_series(const struct model *model, struct str partner, struct str basket);

/* Indexes by name: feed.n_effects, n_commodities, n_acts, n_flows when there is none. */
size_t model_effect(const struct model *model, struct str class);
size_t model_commodity(const struct model *model, struct str name);
size_t model_act(const struct model *model, struct str class);
size_t model_flow(const struct model *model, struct str commodity);

/*
 * Fills the composition and the shares of a series from what it is mostly made of; partner.p NULL: of nothing.
 * Errors: LODE_EUSAGE with the table's place "no row for partner 'MM' or '*'", "no column 'share_dy' in the header".
 */
int model_compose(struct model *model, size_t series, struct str partner, struct str basket, struct err *err);

#endif
