#include "model.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dec.h"
#include "period.h"
#include "unit.h"

static const struct {
	const char *name;
	bool optional;
	const char *const columns[8];
} wanted[MODEL_TABLES] = {
	[MODEL_PARAMETERS] = { "parameters.tsv", false, { "name", "value", NULL } },
	[MODEL_SERIES] = { "series.tsv", false, { "series", "partner", "basket", "weight", "seasonal", NULL } },
	[MODEL_EFFECTS_TABLE] = { "effects.tsv", false, { "class", "effect_log", "sd", "decay_per_month", NULL } },
	[MODEL_ASSAYS] = { "assays.tsv", false, { "partner", "sd_log", NULL } },
	[MODEL_BALANCE] = { "balance.tsv", false, { "commodity", "stream", "low", "mid", "high", "unit", NULL } },
	[MODEL_LUNAR] = { "lunar_new_year.tsv", false, { "date", NULL } },
	[MODEL_MATERIALS] = { "materials.tsv", false, { "basket", "reo_low", "reo_mid", "reo_high", NULL } },
	[MODEL_GATE] = { "gate.tsv", true, { "row", "open", "licensed", "shut", NULL } },
	[MODEL_HAZARDS] = { "hazards.tsv", true, { "class", "events", "months", "duration_months", "duration_sd_log", NULL } },
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int
load_tables(struct model *model, const char *dir, struct err *err)
{
	char path[4096];
	struct str kept;
	int rc = LODE_OK;

	for (size_t i = 0; rc == LODE_OK && i < MODEL_TABLES; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, wanted[i].name);
		if (wanted[i].optional && access(path, F_OK) != 0)
			continue;
		kept = arena_dup(model->arena, str_of(path));
		rc = kept.p == NULL ? no_memory(err) : table_load(&model->table[i], kept.p, wanted[i].columns, err);
	}
	return rc;
}

/* Blames the parameters' table as a whole. */
static int
bad_parameter(const struct model *model, const char *what, struct err *err)
{
	err_set(err, LODE_EUSAGE, "%s", what);
	return err_line(err, model->table[MODEL_PARAMETERS].path, 1);
}

/* The last row of that name; `missing` when there is none or its value is empty, and NAN says that it must be there. */
static int
parameter(const struct model *model, const char *name, double missing, double *value, struct err *err)
{
	const struct table *t = &model->table[MODEL_PARAMETERS];

	*value = NAN;
	for (size_t i = t->n; i-- > 0;)
		if (str_is(table_get(t, i, "name"), name)) {
			if (table_double(t, i, "value", value, err) != LODE_OK)
				return err->code;
			break;
		}
	if (!isnan(*value))
		return LODE_OK;
	if (!isnan(missing)) {
		*value = missing;
		return LODE_OK;
	}
	err_set(err, LODE_EUSAGE, "no parameter '%s'", name);
	return err_line(err, t->path, 1);
}

static int
read_parameters(struct model *model, struct err *err)
{
	struct feed_setup *f = &model->feed;
	struct balance_setup *b = &model->balance;
	struct balance_scenario *main = &b->scenarios[0];
	double before, after, absent;
	const struct {
		const char *name;
		double *to, missing; /* NAN: it must be there */
	} list[] = {
		{ "phi", &f->phi, NAN }, { "sd_access", &f->sd_access, NAN }, { "sd_level", &f->sd_level, NAN },
		{ "sd_idiosyncratic", &f->sd_idiosyncratic, NAN }, { "sd_observation", &f->sd_observation, NAN },
		{ "sd_seasonal", &f->sd_seasonal, NAN }, { "seasonal_prior_sd", &f->seasonal_prior_sd, NAN },
		{ "lunar_mean", &f->lunar_mean, NAN }, { "lunar_sd", &f->lunar_sd, NAN }, { "lunar_days_before", &before, NAN },
		{ "lunar_days_after", &after, NAN }, { "outlier_z", &f->outlier_z, NAN },
		/* a figure more than outlier_z away counts with this many times its variance: MODEL 9.2 */
		{ "outlier_factor", &f->outlier_factor, 4 },
		/* tonnes a month: a border that lets less through is shut, and how much less says nothing more */
		{ "feed_floor", &f->floor, 1 },
		{ "learn", &f->learn, 0 }, { "mine_gain", &f->mine_gain, 0 }, { "mine_keep", &f->mine_keep, 0 },
		{ "lag_0", &b->lag[0], NAN }, { "lag_1", &b->lag[1], NAN }, { "lag_2", &b->lag[2], NAN },
		{ "recovery_low", &b->recovery_low, NAN }, { "recovery_high", &b->recovery_high, NAN }, { "c_min", &main->cover_min, NAN },
		{ "stock_median", &main->stock_median[BALANCE_HOME], NAN }, { "stock_sd_log", &b->stock_sd_log[BALANCE_HOME], NAN },
		{ "stock_age", &model->stock_age[BALANCE_HOME], 0 }, { "demand_sd_log", &b->demand_sd_log, NAN },
		{ "outside_stock_median", &main->stock_median[BALANCE_ABROAD], 1 },
		{ "outside_stock_sd_log", &b->stock_sd_log[BALANCE_ABROAD], 0 },
		{ "outside_stock_age", &model->stock_age[BALANCE_ABROAD], 0 }, { "absent_is_zero", &absent, 0 },
		{ "gate_scale", &model->gate.scale, 0.5 }, { "gate_dof", &model->gate.dof, 3 }, { "gate_least", &model->gate.least, 0.01 },
		{ "price_gain", &b->price.gain, 0 }, { "price_sd", &b->price.sd, 0.1 }, { "premium_keep", &b->price.premium_keep, 0.7 },
		{ "premium_sd", &b->price.premium_sd, 0.15 }, { "output_sd_log", &b->output_sd_log, 0.1 },
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (parameter(model, list[i].name, list[i].missing, list[i].to, err) != LODE_OK)
			return err->code;
	if (absent != 0 && absent != 1)
		return bad_parameter(model, "absent_is_zero is not 0 or 1", err);
	if (!(model->stock_age[BALANCE_HOME] >= 0 && model->stock_age[BALANCE_HOME] <= 120 && model->stock_age[BALANCE_ABROAD] >= 0 &&
	    model->stock_age[BALANCE_ABROAD] <= 120))
		return bad_parameter(model, "stock_age is not within 0 and 120 months", err);
	if (!(before >= 0 && before <= 60 && after >= 0 && after <= 60))
		return bad_parameter(model, "the days around the Lunar New Year are not within 0 and 60", err);
	model->absent_is_zero = absent == 1;
	f->lunar_days_before = (int)before;
	f->lunar_days_after = (int)after;
	return LODE_OK;
}

static size_t
find(const struct str *names, size_t n, struct str name)
{
	size_t i = 0;

	while (i < n && !str_eq(names[i], name))
		i++;
	return i;
}

static int
too_many(const struct table *t, size_t row, const char *column, struct err *err)
{
	err_set(err, LODE_EUSAGE, "too many of them");
	return table_blame(t, row, column, err);
}

static int
read_series(struct model *model, struct err *err)
{
	const struct table *t = &model->table[MODEL_SERIES];
	size_t *n = &model->feed.n_series;

	model->feed.series = model->series;
	for (size_t i = 0; i < t->n; i++) {
		struct str name = table_get(t, i, "series"), partner = table_get(t, i, "partner");
		double weight;

		if (table_double(t, i, "weight", &weight, err) != LODE_OK)
			return err->code;
		if (find(model->series_name, *n, name) < *n)
			continue; /* the first row speaks for the series */
		if (*n == BALANCE_SERIES)
			return too_many(t, i, "series", err);
		model->series_name[*n] = name;
		model->series_partner[*n] = str_is(partner, "*") ? STR("") : partner;
		model->series[(*n)++] = (struct feed_series){ isnan(weight) ? 0 : weight, str_is(table_get(t, i, "seasonal"), "yes") };
	}
	return LODE_OK;
}

static int
read_effects(struct model *model, struct err *err)
{
	const struct table *t = &model->table[MODEL_EFFECTS_TABLE];

	if (t->n > MODEL_EFFECTS)
		return too_many(t, MODEL_EFFECTS, "class", err);
	model->feed.n_effects = t->n;
	model->feed.effects = model->effects;
	for (size_t i = 0; i < t->n; i++) {
		struct feed_effect *effect = &model->effects[i];

		effect->ended_by = SIZE_MAX;
		if (table_double(t, i, "effect_log", &effect->mean, err) != LODE_OK || table_double(t, i, "sd", &effect->sd, err) != LODE_OK ||
		    table_double(t, i, "decay_per_month", &effect->decay, err) != LODE_OK)
			return err->code;
		if (header_find(&t->header, STR("ended_by")) < 0 || table_get(t, i, "ended_by").n == 0)
			continue;
		effect->lasts = true;
		effect->ended_by = model_effect(model, table_get(t, i, "ended_by"));
		if (effect->ended_by == t->n) {
			err_set(err, LODE_EUSAGE, "'%.*s' is not a class of this table", STR_ARG(table_get(t, i, "ended_by")));
			return table_blame(t, i, "ended_by", err);
		}
	}
	return LODE_OK;
}

static int
read_lunar(struct model *model, struct err *err)
{
	const struct table *t = &model->table[MODEL_LUNAR];
	struct period day;

	if ((model->lunar = calloc(t->n + 1, sizeof *model->lunar)) == NULL)
		return no_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		if (period_parse(table_get(t, i, "date"), &day, err) != LODE_OK)
			return table_blame(t, i, "date", err);
		model->lunar[model->feed.n_lunar++] = period_start(day);
	}
	model->feed.lunar = model->lunar;
	return LODE_OK;
}

enum { DEMAND = 3, N_NEEDED, N_STREAMS = 7 };

static const char *const stream_name[N_STREAMS] = { "domestic", "byproduct", "recycling", [DEMAND] = "demand", "export", "magnet", "abroad" };

static double
tonnes(double value, struct dec kg)
{
	return value * dec_double(kg) / 1000;
}

/* The columns from, change, change_sd, where the table has them and a row something in the first. */
static int
read_change(const struct table *t, size_t row, struct str stream, struct balance_change *to, struct err *err)
{
	struct period month;

	if (header_find(&t->header, STR("from")) < 0 || table_get(t, row, "from").n == 0)
		return LODE_OK;
	if (header_find(&t->header, STR("change")) < 0 || header_find(&t->header, STR("change_sd")) < 0) {
		err_set(err, LODE_EUSAGE, "a column 'from', and none 'change' or none 'change_sd'");
		return err_line(err, t->path, 1);
	}
	if (to == NULL) {
		err_set(err, LODE_EUSAGE, "'%.*s' does not change, domestic and demand may", STR_ARG(stream));
		return table_blame(t, row, "from", err);
	}
	if (period_parse(table_get(t, row, "from"), &month, err) != LODE_OK)
		return table_blame(t, row, "from", err);
	if (month.kind != PERIOD_MONTH) {
		err_set(err, LODE_EUSAGE, "'%.*s' is no month", STR_ARG(table_get(t, row, "from")));
		return table_blame(t, row, "from", err);
	}
	to->from = period_first_month(month);
	if (table_double(t, row, "change", &to->mean, err) != LODE_OK || table_double(t, row, "change_sd", &to->sd, err) != LODE_OK)
		return err->code;
	if (isnan(to->mean) || !(to->sd >= 0)) {
		err_set(err, LODE_EUSAGE, "what changes from a month on needs a change, and a change_sd of 0 or more");
		return table_blame(t, row, "from", err);
	}
	return LODE_OK;
}

/* Each commodity has the first four streams, 0 where there is none: a row that is lost must not pass for one. */
static int
read_balance(struct model *model, struct err *err)
{
	const struct table *t = &model->table[MODEL_BALANCE];
	unsigned there[MODEL_COMMODITIES] = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		struct str stream = table_get(t, i, "stream"), name = table_get(t, i, "commodity");
		size_t c = model_commodity(model, name), k = 0;

		if (c == model->n_commodities) {
			if (c == MODEL_COMMODITIES)
				return too_many(t, i, "commodity", err);
			model->commodity[model->n_commodities++] = name;
			model->commodities[c].share = model->share[c];
		}
		struct balance_commodity *b = &model->commodities[c];
		struct balance_range *const to[N_STREAMS] = { &b->domestic, &b->byproduct, &b->recycling, &b->demand, &b->export, &b->magnet,
			&b->abroad }, range;
		struct dec kg;

		while (k < N_STREAMS && !str_is(stream, stream_name[k]))
			k++;
		if (k == N_STREAMS) {
			err_set(err, LODE_EUSAGE, "'%.*s' is not domestic, byproduct, recycling, demand, export, magnet or abroad", STR_ARG(stream));
			return table_blame(t, i, "stream", err);
		}
		if (table_double(t, i, "low", &range.low, err) != LODE_OK || table_double(t, i, "mid", &range.mid, err) != LODE_OK ||
		    table_double(t, i, "high", &range.high, err) != LODE_OK)
			return err->code;
		if (unit_mass(table_get(t, i, "unit"), &kg, err) != LODE_OK)
			return table_blame(t, i, "unit", err);
		*to[k] = (struct balance_range){ tonnes(range.low, kg), tonnes(range.mid, kg), tonnes(range.high, kg) };
		if (read_change(t, i, stream, k == 0 ? &b->domestic_change : k == DEMAND ? &b->demand_change : NULL, err) != LODE_OK)
			return err->code;
		there[c] |= 1u << k;
	}
	for (size_t c = 0; c < model->n_commodities; c++)
		for (size_t k = 0; k < N_NEEDED; k++)
			if ((there[c] >> k & 1) == 0 || (k == DEMAND && !(model->commodities[c].demand.mid > 0))) {
				err_set(err, LODE_EUSAGE, "commodity '%.*s' has no %s", STR_ARG(model->commodity[c]), stream_name[k]);
				return err_line(err, t->path, 1);
			}
	model->balance.n_commodities = model->n_commodities;
	model->balance.commodities = model->commodities;
	model->balance.series = model->composition;
	return LODE_OK;
}

static int
read_flow(struct model *model, const struct table *t, size_t row, struct str name, struct err *err)
{
	double tonnes[GATE_STATES];

	if (model->n_flows == MODEL_FLOWS)
		return too_many(t, row, "row", err);
	if (table_double(t, row, "open", &tonnes[GATE_OPEN], err) != LODE_OK ||
	    table_double(t, row, "licensed", &tonnes[GATE_LICENSED], err) != LODE_OK ||
	    table_double(t, row, "shut", &tonnes[GATE_SHUT], err) != LODE_OK)
		return err->code;
	for (size_t k = 0; k < GATE_STATES; k++) {
		if (!(tonnes[k] > 0)) {
			err_set(err, LODE_EUSAGE, "exports of a month are not above 0");
			return table_blame(t, row, "row", err);
		}
		model->flow_through[model->n_flows][k] = tonnes[k] / tonnes[GATE_OPEN];
	}
	model->flow_open_t[model->n_flows] = tonnes[GATE_OPEN];
	model->flow[model->n_flows++] = name;
	return LODE_OK;
}

/*
 * Rows: move:STATE, through:export, through:magnet, premium, act:CLASS for each class of acts, and export:COMMODITY, tonnes a month, for what else
 * passes the gate.
 */
static int
read_gate(struct model *model, struct err *err)
{
	const struct table *t = &model->table[MODEL_GATE];
	static const char *const needed[] = { "move:open", "move:licensed", "move:shut", "through:export", "through:magnet", "premium" };
	double *to[] = { model->gate.move[GATE_OPEN], model->gate.move[GATE_LICENSED], model->gate.move[GATE_SHUT], model->gate.through,
		model->balance.magnet_through, model->balance.price.premium_mean };
	unsigned there = 0;

	if (t->path == NULL)
		return LODE_OK;
	for (size_t i = 0; i < t->n; i++) {
		struct str row = table_get(t, i, "row");
		double *values = NULL;

		if (str_starts(row, STR("export:"))) {
			if (read_flow(model, t, i, (struct str){ row.p + 7, row.n - 7 }, err) != LODE_OK)
				return err->code;
			continue;
		}
		for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
			if (str_is(row, needed[k])) {
				values = to[k];
				there |= 1u << k;
			}
		if (values == NULL && str_starts(row, STR("act:"))) {
			if (model->n_acts == MODEL_ACTS)
				return too_many(t, i, "row", err);
			model->act_class[model->n_acts] = (struct str){ row.p + 4, row.n - 4 };
			values = model->act[model->n_acts++];
		}
		if (values == NULL) {
			err_set(err, LODE_EUSAGE, "'%.*s' is not a row of the gate", STR_ARG(row));
			return table_blame(t, i, "row", err);
		}
		if (table_double(t, i, "open", &values[GATE_OPEN], err) != LODE_OK ||
		    table_double(t, i, "licensed", &values[GATE_LICENSED], err) != LODE_OK ||
		    table_double(t, i, "shut", &values[GATE_SHUT], err) != LODE_OK)
			return err->code;
	}
	for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
		if ((there >> k & 1) == 0) {
			err_set(err, LODE_EUSAGE, "no row '%s'", needed[k]);
			return err_line(err, t->path, 1);
		}
	for (size_t k = 0; k < GATE_STATES; k++) {
		if (!(model->balance.price.premium_mean[k] > 0) || !(model->balance.magnet_through[k] >= 0)) {
			err_set(err, LODE_EUSAGE, "a premium or what magnets pass through is not above 0");
			return err_line(err, t->path, 1);
		}
		model->balance.price.premium_mean[k] = log(model->balance.price.premium_mean[k]);
	}
	model->has_gate = true;
	return LODE_OK;
}

static int
read_hazards(struct model *model, struct err *err)
{
	const struct table *t = &model->table[MODEL_HAZARDS];

	for (size_t i = 0; t->path != NULL && i < t->n; i++) {
		struct model_hazard *h = &model->hazards[i];

		if (i == HAZARD_CLASSES)
			return too_many(t, i, "class", err);
		if (table_double(t, i, "events", &h->events, err) != LODE_OK || table_double(t, i, "months", &h->months, err) != LODE_OK ||
		    table_double(t, i, "duration_months", &h->duration, err) != LODE_OK ||
		    table_double(t, i, "duration_sd_log", &h->sd_log, err) != LODE_OK)
			return err->code;
		h->effect = model_effect(model, table_get(t, i, "class"));
		if (h->effect == model->feed.n_effects) {
			err_set(err, LODE_EUSAGE, "'%.*s' has no effect in effects.tsv", STR_ARG(table_get(t, i, "class")));
			return table_blame(t, i, "class", err);
		}
		if (!(h->events > 0 && h->months > 0 && h->duration > 0 && h->sd_log >= 0)) {
			err_set(err, LODE_EUSAGE, "events, months and duration are above 0");
			return table_blame(t, i, "class", err);
		}
		model->n_hazards++;
	}
	return LODE_OK;
}

int
model_load(struct model *model, const char *dir, struct err *err)
{
	int rc;

	if ((model->arena = arena_new()) == NULL)
		return no_memory(err);
	if ((rc = load_tables(model, dir, err)) == LODE_OK && (rc = read_parameters(model, err)) == LODE_OK &&
	    (rc = read_series(model, err)) == LODE_OK && (rc = read_effects(model, err)) == LODE_OK &&
	    (rc = read_lunar(model, err)) == LODE_OK && (rc = read_balance(model, err)) == LODE_OK && (rc = read_gate(model, err)) == LODE_OK)
		rc = read_hazards(model, err);
	return rc;
}

void
model_release(struct model *model)
{
	for (size_t i = 0; i < MODEL_TABLES; i++)
		table_release(&model->table[i]);
	arena_free(model->arena);
	free(model->lunar);
	*model = (struct model){ 0 };
}

void
model_version(const struct model *model, char hex[DIGEST_HEX + 1])
{
	struct digest digest;

	digest_init(&digest);
	for (size_t i = 0; i < MODEL_TABLES; i++) {
		const struct table *t = &model->table[i];

		for (size_t j = 0; t->path != NULL && j < t->n * t->header.n; j++) {
			digest_add(&digest, t->cell[j]);
			digest_add(&digest, STR("\t"));
		}
		digest_add(&digest, STR("\n"));
	}
	digest_hex(&digest, hex);
}

size_t
model_series(const struct model *model, struct str partner, struct str basket)
{
	const struct table *t = &model->table[MODEL_SERIES];
	size_t best = model->feed.n_series;
	int best_rank = -1;

	for (size_t i = 0; i < t->n; i++) {
		struct str p = table_get(t, i, "partner"), b = table_get(t, i, "basket");
		int rank = (str_eq(p, partner) ? 2 : 0) + (str_eq(b, basket) ? 1 : 0);

		if ((str_eq(p, partner) || str_is(p, "*")) && (str_eq(b, basket) || str_is(b, "*")) && rank > best_rank) {
			best_rank = rank;
			best = find(model->series_name, model->feed.n_series, table_get(t, i, "series"));
		}
	}
	return best;
}

size_t
model_effect(const struct model *model, struct str class)
{
	const struct table *t = &model->table[MODEL_EFFECTS_TABLE];
	size_t i = 0;

	while (i < t->n && !str_eq(class, table_get(t, i, "class")))
		i++;
	return i;
}

size_t
model_commodity(const struct model *model, struct str name)
{
	return find(model->commodity, model->n_commodities, name);
}

size_t
model_act(const struct model *model, struct str class)
{
	return find(model->act_class, model->n_acts, class);
}

size_t
model_flow(const struct model *model, struct str commodity)
{
	return find(model->flow, model->n_flows, commodity);
}

/* The column of a commodity's share: share_dy for Dy2O3. */
static bool
share_column(const struct table *t, struct str commodity, char name[64])
{
	int n = snprintf(name, 64, "share_");

	for (size_t i = 0; i < commodity.n && isalpha((unsigned char)commodity.p[i]) && n < 63; i++)
		name[n++] = (char)tolower((unsigned char)commodity.p[i]);
	name[n] = '\0';
	return header_find(&t->header, str_of(name)) >= 0;
}

int
model_compose(struct model *model, size_t series, struct str partner, struct str basket, struct err *err)
{
	const struct table *assays = &model->table[MODEL_ASSAYS], *materials = &model->table[MODEL_MATERIALS];
	struct balance_series *to = &model->composition[series];
	size_t row = assays->n;
	char column[64];
	double low, mid, high;

	*to = (struct balance_series){ 0, 0, { 1, 1, 1 } };
	if (partner.p == NULL)
		return LODE_OK; /* no figures, no flow */
	for (size_t i = 0; i < assays->n; i++)
		if (str_eq(table_get(assays, i, "partner"), partner) || (row == assays->n && str_is(table_get(assays, i, "partner"), "*")))
			row = i;
	if (row == assays->n) {
		err_set(err, LODE_EUSAGE, "no row for partner '%.*s' or '*'", STR_ARG(partner));
		return err_line(err, assays->path, 1);
	}
	to->share_draw = (uint32_t)row;
	if (table_double(assays, row, "sd_log", &to->share_sd, err) != LODE_OK)
		return err->code;
	for (size_t c = 0; c < model->n_commodities; c++) {
		if (!share_column(assays, model->commodity[c], column)) {
			err_set(err, LODE_EUSAGE, "no column '%s' in the header", column);
			return err_line(err, assays->path, 1);
		}
		if (table_double(assays, row, column, &model->share[c][series], err) != LODE_OK)
			return err->code;
	}
	for (size_t i = 0; i < materials->n; i++) {
		if (!str_eq(table_get(materials, i, "basket"), basket))
			continue;
		if (table_double(materials, i, "reo_low", &low, err) != LODE_OK || table_double(materials, i, "reo_mid", &mid, err) != LODE_OK ||
		    table_double(materials, i, "reo_high", &high, err) != LODE_OK)
			return err->code;
		if (mid > 0)
			to->fraction = (struct balance_range){ low / mid, 1, high / mid };
		break;
	}
	return LODE_OK;
}
