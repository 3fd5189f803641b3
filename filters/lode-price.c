/*
 * lode-price - price feeds to a tape, by a map of what their columns mean
 *
 * in     delimited text with a header, or a KOMIS document in JSON, told apart by the first byte
 * out    price.TERM.low, .high and .avg as far as a record has them; columns tax (incl, excl or empty) and note
 * state  the lines chosen, to write them in order of `known`; of JSON the document
 */
#include "price_feed.h"

struct opts {
	struct run_options run;
	struct option_list commodity;
	const char *map, *product, *area, *source, *at, *date, *since;
	bool rescale;
	size_t max_document, max_held;
};

static const struct option_spec options[] = {
	{ 'm', "map", "FILE", OPTION_TEXT, offsetof(struct opts, map), "what the columns mean: a table with key and value" },
	{ 0, "product", "NAME", OPTION_TEXT, offsetof(struct opts, product), "the product of the whole input, as in Dy2O3" },
	{ 0, "area", "AREA", OPTION_TEXT, offsetof(struct opts, area), "the area of the whole input" },
	{ 0, "source", "NAME", OPTION_TEXT, offsetof(struct opts, source), "the source of the whole input" },
	{ 0, "at", "TIME", OPTION_TEXT, offsetof(struct opts, at), "time of the day when a price is known, as 10:00:00Z" },
	{ 0, "date", "PERIOD", OPTION_TEXT, offsetof(struct opts, date), "the date of the whole input, as 2025-06-20" },
	{ 0, "rescale", NULL, OPTION_FLAG, offsetof(struct opts, rescale), "bring a low price into the scale of high, status E" },
	{ 'c', "commodity", "NAMES", OPTION_LIST, offsetof(struct opts, commodity), "only these products, as in Dy2O3,Tb4O7" },
	{ 0, "since", "PERIOD", OPTION_TEXT, offsetof(struct opts, since), "only prices from here on" },
	{ 0, "max-document", "BYTES", OPTION_SIZE, offsetof(struct opts, max_document), "longest JSON document, 64M by default" },
	COLLATE_OPTION(struct opts, max_held),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-price", "[FILE ...]", "price feeds to a tape, by a map of what their columns mean", options };

static int
open_feed(struct price_feed *feed, const struct opts *opts, struct run *run, struct err *err)
{
	struct period since;

	feed->run = run;
	feed->commodity = &opts->commodity;
	feed->max_document = opts->max_document;
	feed->since = INT32_MIN;
	if (opts->since != NULL) {
		if (period_parse(str_of(opts->since), &since, err) != LODE_OK)
			return err->code = LODE_EUSAGE;
		feed->since = period_start(since);
	}
	if (price_map_load(&feed->map, opts->map, err) != LODE_OK ||
	    (opts->at != NULL && price_map_time(str_of(opts->at), &feed->map.at_s, err) != LODE_OK) ||
	    (opts->date != NULL && price_map_set_day(&feed->map, opts->date, err) != LODE_OK))
		return err->code;
	feed->map.rescale = opts->rescale;
	price_map_override(&feed->map, PRICE_PRODUCT, opts->product);
	price_map_override(&feed->map, PRICE_AREA, opts->area);
	price_map_override(&feed->map, PRICE_SOURCE, opts->source);
	return collate_new(&feed->collate, &run->out, true, opts->max_held, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_document = 64 << 20, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	static struct price_feed feed; /* 30 KiB of quotes */
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.map == NULL)
		options_refuse(&program, "--map is needed");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_feed(&feed, &opts, &run, &err)) == LODE_OK &&
	    (rc = run_inputs(&run, operands, price_feed_input, &feed, &err)) == LODE_OK)
		rc = collate_finish(feed.collate, &err);
	price_feed_release(&feed);
	return run_end(&run, rc, &err);
}
