/*
 * feed_change - what moved the feed that is expected, from what was known then to what is known now
 *
 * The logs of all series' expected feeds in the first month ahead, weighted by tonnes expected, change from one set of facts (facts.h) to the next.
 * First figures are let in, one by one (feed_news.h), with the events as they were known then; then the events. So three feeds are fitted, of the
 * same months.
 *
 * Only series that have figures then and now have a weight.
 * Life cycle: feed_change_find() on a zeroed struct to feed_change_release(), which leaves it zeroed.
 */
#ifndef LODE_FEED_CHANGE_H
#define LODE_FEED_CHANGE_H

#include "facts.h"
#include "feed_news.h"

struct feed_change {
	struct feed_news *news;      /* owned; NULL: no figures, then or now */
	double total, events, other; /* the impacts of the news, events and other add up to total; other: what spreads and effects learned anew did,
	                                and what bends (news.h) */
};

/*
 * feed_change_find - split the change
 *
 * Shape    facts were kept with `since`, which is then; as_of and last are months, the first month ahead and the last that is modelled come after
 *          as_of
 * Units    logs
 * Missing  no figures then, or none now: news is NULL and the rest 0
 * Errors   as feed_new() and news_new(); LODE_ENOMEM. *change is as it was
 * Owner    facts and model are the caller's; facts_look() holds for as_of afterwards, with drivers old or new as the last feed needed them
 */
int feed_change_find(struct feed_change *change, struct facts *facts, const struct model *model, int32_t as_of, int32_t last, struct err *err);
void feed_change_release(struct feed_change *change);

#endif
