/*
 * price_feed - the records of a price feed, delimited or JSON, to lines of a tape
 *
 * What lode-price is, but for its options: the caller fills in what comes before `header`, makes the collate, runs price_feed_input over
 * the inputs, finishes the collate and calls price_feed_release.
 */
#ifndef LODE_PRICE_FEED_H
#define LODE_PRICE_FEED_H

#include "collate.h"
#include "price_map.h"
#include "ref.h"
#include "run.h"

struct price_feed {
	struct run *run;
	int32_t since;         /* days since 1970-01-01; INT32_MIN: all */
	const struct option_list *commodity;
	size_t max_document;   /* bytes */
	struct price_map map;  /* loaded by the caller, released here, as is collate */
	struct collate *collate;
	struct header header;  /* of the input in hand, a view */
	struct ref ref;
	struct buf text;       /* a JSON document */
	struct price_quote quote[PRICE_MAX_PRODUCTS];
};

/*
 * One input; the function that run_inputs() wants, argument a struct price_feed.
 * Errors: those of run_rows_of() and price_json_read(); LODE_EDATA "document is longer than N bytes".
 */
int price_feed_input(void *feed, struct source *source, struct run *run, struct err *err);

void price_feed_release(struct price_feed *feed); /* takes a zeroed one */

#endif
