/*
 * False alarms: charts on what a filter is surprised by, in simulated worlds in which nothing happens. As surprises are independent N(0, 1) when
 * the model holds, run lengths are within 10 % of the tables'.
 *
 * The worlds go on behind one another, and so does the chart; a run length is the time from one alarm to the next.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "control_chart.h"
#include "random.h"
#include "standard.h"
#include "structural.h"

enum { MONTHS = 240, SEASONS = 12, WORLDS = 700, RULES = 3 };

static int failed, tests;

/* One-sided and two-sided, as MODEL 2.1 has them. */
static const struct {
	struct chart_rules rules;
	double arl;
} charts[RULES] = {
	{ { CHART_CUSUM, CHART_BOTH, 0.5, 4, false }, 167.6838 },
	{ { CHART_CUSUM, CHART_UP, 0.5, 2.385601, false }, 60 },
	{ { CHART_CUSUM, CHART_DOWN, 0.5, 3.018903, false }, 120 },
};

struct watch {
	struct chart chart[RULES];
	double seen, alarms[RULES];
};

static void
watch_step(struct watch *w, double z)
{
	if (isnan(z))
		return;
	w->seen++;
	for (size_t k = 0; k < RULES; k++)
		if (chart_step(&charts[k].rules, &w->chart[k], z) != 0) {
			w->alarms[k]++;
			w->chart[k] = (struct chart){ 0 };
		}
}

static void
report(const struct watch *w, const char *what, int limited)
{
	for (size_t k = 0; k < RULES; k++) {
		double arl = w->seen / w->alarms[k];
		int holds = fabs(arl / charts[k].arl - 1) < 0.1;

		if (limited)
			printf("%sok %d - %s: a false alarm in %.1f months, %.1f by the table\n", holds ? "" : "not ", ++tests, what, arl, charts[k].arl);
		else
			printf("# %s: a false alarm in %.1f months, %.1f by the table\n", what, arl, charts[k].arl);
		failed |= limited && !holds;
	}
}

/* A level and seasons with gaps, the filter of ssm.h. */
static int
seasonal_worlds(struct watch *watch, struct err *err)
{
	const struct structural_variances variances = { .irregular = 0.04, .level = 0.01, .seasonal = 0.0004 };
	const struct structural_parts parts = { .seasons = SEASONS };
	double y[MONTHS];

	for (uint32_t world = 0; world < WORLDS; world++) {
		struct structural *model = NULL;
		struct ssm_filter *filter = NULL;
		double level = 8, season[SEASONS - 1];
		uint32_t next = 0;
		int rc;

		for (size_t i = 0; i + 1 < SEASONS; i++)
			season[i] = 0.3 * random_normal(5, world, next++, 0);
		for (size_t t = 0; t < MONTHS; t++) {
			double sum = 0;

			y[t] = level + season[SEASONS - 2] + 0.2 * random_normal(5, world, next++, 0);
			if (random_uniform(5, world, next++, 0) < 0.1)
				y[t] = NAN;
			level += 0.1 * random_normal(5, world, next++, 0);
			/* the last eleven seasons and the new one add up to a shock */
			for (size_t i = 0; i + 1 < SEASONS; i++)
				sum += season[i];
			for (size_t i = 0; i + 2 < SEASONS; i++)
				season[i] = season[i + 1];
			season[SEASONS - 2] = -sum + 0.02 * random_normal(5, world, next++, 0);
		}
		rc = structural_new(&parts, y, MONTHS, MONTHS, &model, err);
		if (rc == LODE_OK) {
			structural_set(model, &variances);
			rc = ssm_filter_new(&model->model, &filter, err);
		}
		for (size_t i = 0; rc == LODE_OK && i < model->model.n_data; i++)
			if (!isnan(filter->v[i]) && filter->f_inf[i] == 0)
				watch_step(watch, filter->v[i] / sqrt(filter->f[i]));
		ssm_filter_free(filter);
		structural_free(model);
		if (rc != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

/* A level, as lode-detect standardises it: variances known, or of the greatest likelihood of the first values. */
static int
level_worlds(struct watch *watch, size_t learn, struct err *err)
{
	const struct standard_rules rules = { .kind = STANDARD_LEVEL, .first = learn, .irregular = learn > 0 ? NAN : 0.04, .level = 0.01 };

	for (uint32_t world = 0; world < WORLDS; world++) {
		struct standard standard = { 0 };
		double level = 8, gap, z;
		uint32_t next = 0;
		int rc = LODE_OK;

		for (size_t t = 0; rc == LODE_OK && t < MONTHS; t++) {
			gap = random_uniform(6, world, next++, 0) < 0.1 ? 2 : 1;
			level += 0.1 * sqrt(gap) * random_normal(6, world, next++, 0);
			rc = standard_step(&rules, &standard, level + 0.2 * random_normal(6, world, next++, 0), gap, &z, err);
			if (rc == LODE_OK)
				watch_step(watch, z);
		}
		standard_release(&standard);
		if (rc != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

int
main(void)
{
	struct watch seasonal = { 0 }, known = { 0 }, learned = { 0 };
	struct err err = ERR_INIT;

	if (seasonal_worlds(&seasonal, &err) != LODE_OK || level_worlds(&known, 0, &err) != LODE_OK || level_worlds(&learned, 60, &err) != LODE_OK) {
		printf("Bail out! %s\n", err.message);
		return 1;
	}
	report(&seasonal, "level and seasons, variances known", 1);
	report(&known, "level, variances known", 1);
	/* what is learned from 60 values is a little wrong, and alarms come sooner on the whole: no table has that */
	report(&learned, "level, variances of its first 60 values", 0);
	printf("1..%d\n", tests);
	return failed;
}
