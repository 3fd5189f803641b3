/*
 * lode-price - price feeds to a tape, by a map of what their columns mean
 *
 * in     delimited text with a header, or a KOMIS document in JSON, told apart by the first byte
 * out    price.TERM.low, .high and .avg as far as a record has them; columns tax (incl, excl or empty) and note
 * state  the lines chosen, to write them in order of `known`; of JSON the document
 */
#include <stdio.h>

#include "collate.h"
#include "instant.h"
#include "peek.h"
#include "price_json.h"
#include "price_map.h"
#include "ref.h"
#include "run.h"

enum { MAX_INDICATOR = 64 };

struct opts {
	struct run_options run;
	struct option_list commodity;
	const char *map, *product, *area, *source, *at, *since;
	size_t max_document, max_held;
};

struct state {
	const struct opts *opts;
	struct run *run;
	int32_t since; /* days since 1970-01-01 */
	struct price_map map;
	struct header header; /* of the input in hand; a view, not owned */
	struct collate *collate;
	struct ref ref;
	struct buf text; /* a JSON document; a place in it */
	struct price_quote quote[PRICE_MAX_PRODUCTS];
};

static const struct option_spec options[] = {
	{ 'm', "map", "FILE", OPTION_TEXT, offsetof(struct opts, map), "what the columns mean: a table with key and value" },
	{ 0, "product", "NAME", OPTION_TEXT, offsetof(struct opts, product), "the product of the whole input, as in Dy2O3" },
	{ 0, "area", "AREA", OPTION_TEXT, offsetof(struct opts, area), "the area of the whole input" },
	{ 0, "source", "NAME", OPTION_TEXT, offsetof(struct opts, source), "the source of the whole input" },
	{ 0, "at", "TIME", OPTION_TEXT, offsetof(struct opts, at), "time of the day when a price is known, as 10:00:00Z" },
	{ 'c', "commodity", "NAMES", OPTION_LIST, offsetof(struct opts, commodity), "only these products, as in Dy2O3,Tb4O7" },
	{ 0, "since", "PERIOD", OPTION_TEXT, offsetof(struct opts, since), "only prices from here on" },
	{ 0, "max-document", "BYTES", OPTION_SIZE, offsetof(struct opts, max_document), "longest JSON document, 64M by default" },
	COLLATE_OPTION(struct opts, max_held),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-price", "[FILE ...]", "price feeds to a tape, by a map of what their columns mean", options };

/* The lines of one product; their form is checked, because a map can say anything. */
static int
make_lines(struct state *state, struct obs *obs, const struct price_quote *quote, bool write, struct err *err)
{
	static const char *const names[] = { "low", "high", "avg" };
	struct str extra[2] = { quote->tax, quote->outside ? STR("avg-outside-range") : STR("") };
	char indicator[MAX_INDICATOR];
	int k;

	obs->f[OBS_AREA] = quote->area;
	obs->f[OBS_COMMODITY] = quote->product;
	obs->f[OBS_UNIT] = quote->unit;
	obs->f[OBS_STATUS] = quote->status;
	obs->f[OBS_SOURCE] = quote->source;
	for (k = 0; k < 3; k++) {
		if (quote->value[k].n == 0)
			continue;
		snprintf(indicator, sizeof indicator, "price.%.*s.%s", (int)(quote->term.n > 40 ? 40 : quote->term.n), quote->term.p, names[k]);
		obs->f[OBS_INDICATOR] = str_of(indicator);
		obs->f[OBS_VALUE] = quote->value[k];
		if (obs_check(obs, err) != LODE_OK)
			return err->column = 0, err->code; /* it counted the columns of the output */
		if (write && collate_add(state->collate, obs, extra, 2, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/* A record of either kind; ref says where it stands. */
static int
take_record(struct state *state, const struct record *record, struct str ref, struct err *err)
{
	struct obs obs = { { { 0 } } };
	char known_text[INSTANT_MAX], period_text[PERIOD_MAX];
	struct period period;
	const char *rule;
	int64_t known;
	size_t n, i, chosen = 0;

	if (price_map_date(&state->map, record, &period, &known, err) != LODE_OK ||
	    price_map_quotes(&state->map, &state->header, record, state->quote, &n, &rule, err) != LODE_OK)
		return err->code;
	for (i = 0; i < n; i++)
		if (period_start(period) >= state->since && option_list_has(&state->opts->commodity, state->quote[i].product))
			state->quote[i].chosen = true, chosen++;
	if (rule != NULL || chosen == 0) {
		run_count_rule(state->run, rule != NULL ? rule : "not-selected");
		return LODE_OK;
	}
	instant_format(known, known_text);
	obs.f[OBS_KNOWN] = str_of(known_text);
	obs.f[OBS_PERIOD] = (struct str){ period_text, period_format(period, period_text) };
	obs.f[OBS_REF] = ref;
	for (i = 0; i < 2 * n; i++) /* all are checked before one is kept: a record is used whole or not at all */
		if (state->quote[i % n].chosen && make_lines(state, &obs, &state->quote[i % n], i >= n, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const extra[] = { "tax", "note" };
	struct state *state = argument;

	if (price_map_bind(&state->map, header, err) != LODE_OK)
		return err->code;
	state->header = *header;
	run_write_header(run, extra, 2);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;

	(void)run;
	return take_record(state, record, ref_line(&state->ref, record->line), err);
}

/* A point of a JSON document, as a record whose columns are price_json_columns. */
static int
on_point(void *argument, const struct price_json_point *point, struct err *err)
{
	struct state *state = argument;
	struct record record = { .n = PRICE_JSON_N, .cooked = point->field, .raw = point->raw };
	struct str ref = ref_place(&state->ref, point->place);
	int rc;

	state->run->n_records++;
	if (point->again && str_eq(point->field[PRICE_JSON_VALUE], point->history_value)) {
		run_count_rule(state->run, "today-again");
		return LODE_OK;
	}
	if (ref.p == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	else if (point->again)
		rc = err_set(err, LODE_EDATA, "today's price %.*s is %.*s in the history", STR_ARG(point->field[PRICE_JSON_VALUE]),
		    STR_ARG(point->history_value));
	else
		rc = take_record(state, &record, ref, err);
	if (rc != LODE_EDATA)
		return rc;
	err->column = 0; /* a pointer says more than the column of a record that is none */
	snprintf(err->column_name, sizeof err->column_name, "%s", point->place);
	return run_reject(state->run, 0, record.raw, err);
}

static int
read_document(struct state *state, struct peek *peek, struct err *err)
{
	struct str names[PRICE_JSON_N];
	struct header header = { .n = PRICE_JSON_N, .names = names };
	size_t limit = state->opts->max_document, n = 1;
	int rc, i;

	for (i = 0; i < PRICE_JSON_N; i++)
		names[i] = str_of(price_json_columns[i]);
	state->text.n = 0;
	if ((rc = on_header(state, &header, state->run, err)) != LODE_OK || (rc = sink_flush(&state->run->out, err)) != LODE_OK)
		return rc;
	while (n > 0) {
		if (state->text.n > limit)
			return err_set(err, LODE_EDATA, "document is longer than %zu bytes", limit);
		if (buf_reserve(&state->text, 1 << 16) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		if ((rc = peek_read(peek, state->text.p + state->text.n, 1 << 16, &n, err)) != LODE_OK)
			return rc;
		state->text.n += n;
	}
	return price_json_read(buf_str(&state->text), on_point, state, err);
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct rows_filter filter = { .separator = state->map.separator, .quote = state->map.separator == '\t' ? '\0' : '"',
		.on_header = on_header, .on_record = on_record, .state = state };
	struct peek peek;
	char first;
	int rc;

	peek_init(&peek, source);
	if ((rc = peek_table(&peek, &first, err)) != LODE_OK || (rc = ref_source(&state->ref, run->source, err)) != LODE_OK)
		return rc;
	if (first == '{' || first == '[')
		return read_document(state, &peek, err);
	return run_rows_of(run, &filter, peek_read, &peek, err);
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	const struct opts *opts = state->opts;
	struct period since;

	state->run = run;
	state->since = INT32_MIN;
	if (opts->since != NULL) {
		if (period_parse(str_of(opts->since), &since, err) != LODE_OK)
			return err->code = LODE_EUSAGE;
		state->since = period_start(since);
	}
	if (price_map_load(&state->map, opts->map, err) != LODE_OK ||
	    (opts->at != NULL && price_map_time(str_of(opts->at), &state->map.at_s, err) != LODE_OK))
		return err->code;
	price_map_override(&state->map, PRICE_PRODUCT, opts->product);
	price_map_override(&state->map, PRICE_AREA, opts->area);
	price_map_override(&state->map, PRICE_SOURCE, opts->source);
	return collate_new(&state->collate, &run->out, true, opts->max_held, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_document = 64 << 20, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	static struct state state; /* 30 KiB of quotes */
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.map == NULL)
		options_refuse(&program, "--map is needed");
	state.opts = &opts;
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK &&
	    (rc = run_inputs(&run, operands, each_input, &state, &err)) == LODE_OK)
		rc = collate_finish(state.collate, &err);
	collate_free(state.collate);
	price_map_release(&state.map);
	ref_release(&state.ref);
	buf_release(&state.text);
	return run_end(&run, rc, &err);
}
