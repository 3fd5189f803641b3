/* Lines of forecasts and outcomes, and a book that takes them: what test_scorebook and test_scorecard begin with. */
#ifndef BOOK_WORLD_H
#define BOOK_WORLD_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scorebook.h"
#include "within.h"

static inline struct scorebook_rules
rules_for(enum scorebook_kind kind, const char *forecast, const char *outcome)
{
	return (struct scorebook_rules){ .n_pairs = 1, .pair = { { kind, str_of(forecast), str_of(outcome) } }, .max_keys = 10000 };
}

static inline struct scorebook *
begin(const struct scorebook_rules *rules)
{
	struct scorebook *book = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(scorebook_new(&book, rules, &err), LODE_OK);
	return book;
}

/* A line about CN, Dy2O3. */
static inline int
add_line(struct scorebook *book, const char *known, const char *period, const char *indicator, const char *value, const char *status,
    const char *source, struct err *err)
{
	const struct obs obs = { { str_of(known), str_of(period), STR("CN"), STR(""), STR("Dy2O3"), str_of(indicator), str_of(value),
		strstr(indicator, "feed") != NULL && strstr(indicator, "sd-log") == NULL ? STR("t") : STR("1"), str_of(status), str_of(source), STR("a:1") } };
	enum scorebook_fate fate;

	return scorebook_add(book, &obs, &fate, err);
}

static inline void
add(struct scorebook *book, const char *known, const char *period, const char *indicator, double value, const char *status, const char *source)
{
	struct err err = ERR_INIT;
	char text[32] = "", time[32];

	if (!isnan(value))
		snprintf(text, sizeof text, "%.12f", value);
	snprintf(time, sizeof time, "%sT00:00:00Z", known);
	assert_int_equal(add_line(book, time, period, indicator, text, status, source, &err), LODE_OK);
}

#endif
