/* Facts of a small model and the lines they come from: what test_facts and test_feed_change begin with. */
#ifndef FACTS_WORLD_H
#define FACTS_WORLD_H

#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "instant.h"
#include "period.h"
#include "temp.h"

static char path[] = "/tmp/test_facts.XXXXXX";
static const struct option_list anywhere;

/* Two series, one commodity, a gate; no effects of events but one act. */
static inline void
load(struct model *model)
{
	static const char series[] = "series\tpartner\tbasket\nnear\tMM\t*\nfar\t*\t*\n";
	static const char *const columns[] = { "series", "partner", "basket", NULL };
	struct err err = ERR_INIT;

	*model = (struct model){ .feed.n_series = 2, .n_commodities = 1, .n_acts = 1, .n_flows = 1, .has_gate = true, .absent_is_zero = true };
	model->series_name[0] = STR("near");
	model->series_name[1] = STR("far");
	model->commodity[0] = STR("Dy2O3");
	model->act_class[0] = STR("export-control");
	model->flow[0] = STR("hs:8505");
	memcpy(path + sizeof path - 7, "XXXXXX", 6);
	temp_make(path, series, sizeof series - 1);
	assert_int_equal(table_load(&model->table[MODEL_SERIES], path, columns, &err), LODE_OK);
	unlink(path);
}

struct world {
	struct model model;
	struct facts_options options;
	struct facts *facts;
};

static inline void
start(struct world *w, const char *since)
{
	struct err err = ERR_INIT;

	load(&w->model);
	w->options = (struct facts_options){ .area = "CN", .places = &anywhere, .since = INT64_MIN };
	if (since != NULL)
		assert_int_equal(instant_parse(str_of(since), &w->options.since, &err), LODE_OK);
	assert_int_equal(facts_new(&w->facts, &w->options, &w->model, &err), LODE_OK);
}

static inline void
stop(struct world *w)
{
	facts_free(w->facts);
	model_release(&w->model);
}

/* "known period area partner commodity indicator value unit basket", `-` for an empty one; what is returned. */
static inline int
take(struct world *w, const char *line, bool *used, struct err *err)
{
	static const enum obs_column order[] = { OBS_KNOWN, OBS_PERIOD, OBS_AREA, OBS_PARTNER, OBS_COMMODITY, OBS_INDICATOR, OBS_VALUE, OBS_UNIT };
	struct str rest = str_of(line), basket = { NULL, 0 };
	struct obs obs = { .f = { [OBS_SOURCE] = STR("test"), [OBS_REF] = str_of(line) } };

	for (size_t i = 0; i < OBS_N; i++)
		if (obs.f[i].p == NULL)
			obs.f[i] = STR("");
	for (size_t i = 0; i < 8; i++) {
		assert_true(str_split(&rest, ' ', &obs.f[order[i]]));
		if (str_is(obs.f[order[i]], "-"))
			obs.f[order[i]] = STR("");
	}
	if (!str_split(&rest, ' ', &basket))
		basket = STR("");
	return facts_take(w->facts, &obs, basket, used, err);
}

static inline void
say(struct world *w, const char *line, bool want)
{
	struct err err = ERR_INIT;
	bool used;

	if (take(w, line, &used, &err) != LODE_OK)
		fail_msg("%s: %s", line, err.message);
	if (used != want)
		fail_msg("%s: %sused", line, used ? "" : "not ");
}

static inline int32_t
month(const char *text)
{
	struct period period;
	struct err err = ERR_INIT;

	assert_int_equal(period_parse(str_of(text), &period, &err), LODE_OK);
	return period_first_month(period);
}

/* Gives the model an effect of closures of the border, which what comes from MM is moved by. */
static inline void
add_effect(struct world *w)
{
	static const char effects[] = "class\nborder-closure\n";
	static const char *const columns[] = { "class", NULL };
	struct model *model = &w->model;
	struct err err = ERR_INIT;

	memcpy(path + sizeof path - 7, "XXXXXX", 6);
	temp_make(path, effects, sizeof effects - 1);
	assert_int_equal(table_load(&model->table[MODEL_EFFECTS_TABLE], path, columns, &err), LODE_OK);
	unlink(path);
	model->effects[0] = (struct feed_effect){ .mean = -1.5, .sd = 0.5, .decay = 0.25, .ended_by = SIZE_MAX };
	model->series[0] = (struct feed_series){ 1, true };
	model->series_partner[0] = STR("MM");
	model->feed.n_effects = 1;
	model->feed.effects = model->effects;
	model->feed.series = model->series;
}

#endif
