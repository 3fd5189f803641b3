#include "feed_change.h"

#include <math.h>
#include <stdlib.h>

/* The feed of one of the vintages that are compared. */
struct vintage {
	struct feed_figure *figures; /* owned, and so are events and feed */
	struct feed_event *events;
	struct feed_setup setup;
	struct feed *feed;
	int32_t first;
};

/* What is known with customs or events as they were then, or as they are. */
static int
gather(struct facts *facts, const struct model *model, int32_t as_of, bool old_customs, bool old_events, struct vintage *v, struct err *err)
{
	bool old[FACTS_DRIVERS] = { true, true, true, true, true };
	int32_t latest = INT32_MIN;

	old[FACTS_CUSTOMS] = old_customs;
	old[FACTS_EVENT] = old_events;
	facts_look(facts, as_of, old);
	v->setup = model->feed;
	v->first = INT32_MAX;
	if (facts_figures(facts, &v->figures, &v->setup.n_figures, &v->first, &latest, err) != LODE_OK ||
	    facts_events(facts, &v->events, &v->setup.n_events, err) != LODE_OK)
		return err->code;
	v->setup.figures = v->figures;
	v->setup.events = v->events;
	return LODE_OK;
}

/* By tonnes expected, of series that have figures then and now. */
static void
weigh_series(const struct vintage *then, const struct vintage *now, int32_t month, double *weight)
{
	double sum = 0, sd;

	for (size_t s = 0; s < now->setup.n_series; s++) {
		bool both = isfinite(feed_mean(then->feed, s, month, &sd)) && isfinite(feed_mean(now->feed, s, month, &sd));

		sum += weight[s] = both ? exp(feed_mean(now->feed, s, month, &sd)) : 0;
	}
	for (size_t s = 0; s < now->setup.n_series && sum > 0; s++)
		weight[s] /= sum;
}

static double
expected_feed(const struct vintage *v, int32_t month, const double *weight)
{
	double sum = 0, sd;

	for (size_t s = 0; s < v->setup.n_series; s++)
		if (weight[s] > 0)
			sum += weight[s] * feed_mean(v->feed, s, month, &sd);
	return sum;
}

int
feed_change_find(struct feed_change *change, struct facts *facts, const struct model *model, int32_t as_of, int32_t last, struct err *err)
{
	struct vintage v[3] = { 0 }, *then = &v[0], *between = &v[1], *now = &v[2]; /* between: figures as they are, events as they were */
	double weight[BALANCE_SERIES] = { 0 };
	int32_t first = INT32_MAX;
	struct feed_news *news;
	int rc = LODE_OK;

	for (size_t i = 0; rc == LODE_OK && i < 3; i++) {
		rc = gather(facts, model, as_of, i < 1, i < 2, &v[i], err);
		first = v[i].first < first ? v[i].first : first;
	}
	if (rc != LODE_OK || then->setup.n_figures == 0 || now->setup.n_figures == 0)
		goto out;
	for (size_t i = 0; rc == LODE_OK && i < 3; i++) {
		v[i].setup.first = first;
		v[i].setup.last = last;
		v[i].setup.drawn = last;
		rc = feed_new(&v[i].setup, &v[i].feed, err);
	}
	if (rc != LODE_OK)
		goto out;
	weigh_series(then, now, as_of + 1, weight);
	if ((rc = feed_news_new(then->feed, between->feed, as_of + 1, weight, &news, err)) != LODE_OK)
		goto out;
	*change = (struct feed_change){ .news = news, .total = expected_feed(now, as_of + 1, weight) - news->before,
		.events = expected_feed(now, as_of + 1, weight) - news->after, .other = news->model + news->rest };
out:
	for (size_t i = 0; i < 3; i++) {
		feed_free(v[i].feed);
		free(v[i].events);
		free(v[i].figures);
	}
	return rc;
}

void
feed_change_release(struct feed_change *change)
{
	feed_news_free(change->news);
	*change = (struct feed_change){ 0 };
}
