/* A feed to fit: what test_feed and test_feed_news begin with. */
#ifndef FEED_WORLD_H
#define FEED_WORLD_H

#include <math.h>
#include <string.h>

#include "feed.h"
#include "instant.h"
#include "period.h"
#include "within.h"

/* Four years of two series with a yearly wave; the first moves with access. */
enum { SERIES = 2, MONTHS = 48, AHEAD = 12 };

struct world {
	struct feed_setup setup;
	struct feed_series series[SERIES];
	struct feed_effect effect[1];
	struct feed_event event[1];
	struct feed_figure figure[SERIES * MONTHS + 1];
	int32_t lunar[8];
};

static inline void
make_world(struct world *w)
{
	/* dates of the Chinese New Year, 2018 to 2025 */
	static const int dates[8][3] = { { 2018, 2, 16 }, { 2019, 2, 5 }, { 2020, 1, 25 }, { 2021, 2, 12 }, { 2022, 2, 1 },
		{ 2023, 1, 22 }, { 2024, 2, 10 }, { 2025, 1, 29 } };
	int32_t first = month_number(2020, 1);

	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < 8; i++)
		w->lunar[i] = civil_to_days(dates[i][0], dates[i][1], dates[i][2]);
	w->series[0] = (struct feed_series){ 1, true };
	w->series[1] = (struct feed_series){ 0, false };
	w->effect[0] = (struct feed_effect){ .mean = -1.5, .sd = 0.5, .decay = 0.25, .ended_by = SIZE_MAX };
	for (size_t t = 0; t < MONTHS; t++)
		for (size_t i = 0; i < SERIES; i++)
			w->figure[SERIES * t + i] = (struct feed_figure){ i, first + (int32_t)t, first + (int32_t)t,
				(i == 0 ? 3000 : 500) * exp((i == 0 ? 0.2 : 0) * sin(0.5236 * (double)t) + 0.1 * cos(7.0 * (double)(t + i))) };
	w->setup = (struct feed_setup){ .phi = 0.84, .sd_access = 0.3, .sd_level = 0.05, .sd_idiosyncratic = 0.1,
		.sd_observation = 0.05, .sd_seasonal = 0.01, .seasonal_prior_sd = 0.3, .lunar_mean = -0.3, .lunar_sd = 0.3,
		.lunar_days_before = 7, .lunar_days_after = 14, .first = first, .last = first + MONTHS + AHEAD - 1,
		.n_series = SERIES, .series = w->series, .n_effects = 1, .effects = w->effect, .events = w->event,
		.n_figures = SERIES * MONTHS, .figures = w->figure, .n_lunar = 8, .lunar = w->lunar };
}

static inline struct feed *
build(const struct feed_setup *setup)
{
	struct feed *feed = NULL;
	struct err err = ERR_INIT;

	if (feed_new(setup, &feed, &err) != LODE_OK)
		print_error("%s\n", err.message);
	assert_non_null(feed);
	return feed;
}

#endif
