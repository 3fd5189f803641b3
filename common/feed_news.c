#include "feed_news.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Names a datum in either vintage. */
struct datum_key {
	char text[48];
};

static void
name_data(const struct feed *feed, struct datum_key *text, struct str *key)
{
	const struct ssm_model *model = feed_model(feed);

	for (size_t i = 0; i < model->n_data; i++) {
		const struct ssm_datum *d = &model->data[i];
		int n = snprintf(text[i].text, sizeof text[i].text, "%zu %zu %zu", feed_datum_series(feed, i), d->time, d->n_terms);

		key[i] = (struct str){ text[i].text, (size_t)n };
	}
}

static void
add_surprise(struct feed_news *to, const struct feed *before, const struct feed *after, const struct news *news, size_t i)
{
	const struct news_item *item = &news->items[i];
	const struct feed *of = item->after != SIZE_MAX ? after : before;
	const size_t datum = item->after != SIZE_MAX ? item->after : item->before;
	const struct ssm_datum *d = &feed_model(of)->data[datum];
	const int32_t month = feed_setup_of(of)->first + (int32_t)d->time;
	struct feed_surprise now = { item->kind, feed_datum_series(of, datum), month - (d->n_terms > 1), month,
		item->kind == NEWS_WITHDRAWN ? d->y : item->expected, item->kind == NEWS_WITHDRAWN ? item->expected : d->y, news_impact(news, i, 0) };

	if (feed_seen(before, now.series) != feed_seen(after, now.series)) {
		now.expected = now.seen = NAN;
		for (size_t j = 0; j < to->n; j++)
			if (to->surprises[j].series == now.series) {
				to->surprises[j].first = now.first < to->surprises[j].first ? now.first : to->surprises[j].first;
				to->surprises[j].last = now.last > to->surprises[j].last ? now.last : to->surprises[j].last;
				to->surprises[j].impact += now.impact;
				return;
			}
	}
	to->surprises[to->n++] = now;
}

int
feed_news_new(const struct feed *before, const struct feed *after, int32_t month, const double *weight, struct feed_news **out, struct err *err)
{
	const struct ssm_model *old = feed_model(before), *new = feed_model(after);
	const struct feed_setup *setup = feed_setup_of(after);
	size_t n = new->n_states, all = old->n_data + new->n_data, t = (size_t)(month - setup->first);
	struct datum_key *text = calloc(all + 1, sizeof *text);
	struct str *key = calloc(all + 1, sizeof *key);
	double *z = calloc(n, sizeof *z);
	struct feed_news *to = calloc(1, sizeof *to);
	struct news *news = NULL;
	int rc = LODE_OK;

	if (to != NULL)
		to->surprises = calloc(all + 1, sizeof *to->surprises);
	if (text == NULL || key == NULL || z == NULL || to == NULL || to->surprises == NULL)
		rc = err_set(err, LODE_ENOMEM, "no memory");
	if (rc == LODE_OK) {
		name_data(before, text, key);
		name_data(after, text + old->n_data, key + old->n_data);
		for (size_t i = 0; i < setup->n_series; i++)
			for (size_t j = 0; feed_seen(before, i) && feed_seen(after, i) && j < n; j++)
				z[j] += weight[i] * feed_row(after, i, month)[j];
		rc = news_new(&(struct news_vintage){ old, key }, &(struct news_vintage){ new, key + old->n_data },
		    &(struct news_target){ t, z }, 1, &news, err);
	}
	if (rc == LODE_OK) {
		to->before = news->before[0];
		to->after = news->after[0];
		to->model = news->model[0];
		to->rest = news->rest[0];
		for (size_t i = 0; i < news->n_items; i++)
			add_surprise(to, before, after, news, i);
		*out = to;
	} else {
		feed_news_free(to);
	}
	news_free(news);
	free(text), free(key), free(z);
	return rc;
}

void
feed_news_free(struct feed_news *news)
{
	if (news == NULL)
		return;
	free(news->surprises);
	free(news);
}
