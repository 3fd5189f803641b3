/*
 * feed_news - what moved an expected feed from one vintage of its figures to the next
 *
 * news.h on two feeds of feed.h: each datum is named by its series, month and span, so that a figure is the same one in both vintages. Surprises
 * come in the order of news.h; those of a series that is new, or that is gone, are one.
 *
 * Life cycle: feed_news_new on two feeds, which may go afterwards, feed_news_free.
 */
#ifndef LODE_FEED_NEWS_H
#define LODE_FEED_NEWS_H

#include "feed.h"
#include "news.h"

/* A figure that is not as it was, and what it did to what is expected. */
struct feed_surprise {
	enum news_kind kind;
	size_t series;
	int32_t first, last;  /* its months */
	double expected, seen; /* logs. released: what the others let expect, and the figure; revised: the old and the new one; withdrawn: the old
	                          one, and what the others let expect */
	double impact;
};

struct feed_news {
	size_t n;
	struct feed_surprise *surprises;
	double before, after; /* what is asked: sum over the series of weight x, without u */
	double model, rest;   /* what spreads and effects learned anew did; what bends (news.h). All impacts, model and rest are after - before */
};

/*
 * feed_news_new - what moved an expectation from one set of figures to another
 *
 * Shape    before and after are of the same months, series and effects; weight[n_series]
 * Units    logs
 * Missing  a series that has figures in one of the two alone has weight 0; its figures are one surprise, expected NAN: a level that nobody has
 *          seen lets nothing be expected
 * Errors   as news_new()
 * Owner    *news belongs to the caller and keeps nothing
 * Source   news.h
 */
int feed_news_new(const struct feed *before, const struct feed *after, int32_t month, const double *weight, struct feed_news **news, struct err *err);
void feed_news_free(struct feed_news *news); /* takes NULL */

#endif
