#include "price_feed.h"

#include <stdio.h>

#include "instant.h"
#include "peek.h"
#include "price_json.h"

enum { MAX_INDICATOR = 64 };

/* The lines of one product; their form is checked, because a map can say anything. */
static int
make_lines(struct price_feed *feed, struct obs *obs, const struct price_quote *quote, bool write, struct err *err)
{
	static const char *const names[] = { "low", "high", "avg" };
	struct str extra[2] = { quote->tax, quote->outside ? STR("avg-outside-range") : STR("") };
	char indicator[MAX_INDICATOR];

	if (quote->rescaled)
		extra[1] = quote->outside ? STR("low-rescaled avg-outside-range") : STR("low-rescaled");
	int k;

	obs->f[OBS_AREA] = quote->area;
	obs->f[OBS_COMMODITY] = quote->product;
	obs->f[OBS_UNIT] = quote->unit;
	obs->f[OBS_SOURCE] = quote->source;
	for (k = 0; k < 3; k++) {
		if (quote->value[k].n == 0)
			continue;
		snprintf(indicator, sizeof indicator, "price.%.*s.%s", (int)(quote->term.n > 40 ? 40 : quote->term.n), quote->term.p, names[k]);
		obs->f[OBS_INDICATOR] = str_of(indicator);
		obs->f[OBS_VALUE] = quote->value[k];
		obs->f[OBS_STATUS] = k == PRICE_LOW && quote->rescaled ? STR("E") : quote->status;
		if (obs_check(obs, err) != LODE_OK)
			return err->column = 0, err->code; /* it counted the columns of the output */
		if (write && collate_add(feed->collate, obs, extra, 2, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/* A record of either kind; ref says where it stands. */
static int
take_record(struct price_feed *feed, const struct record *record, struct str ref, struct err *err)
{
	struct obs obs = { { { 0 } } };
	char known_text[INSTANT_MAX], period_text[PERIOD_MAX];
	struct period period;
	const char *rule;
	int64_t known;
	size_t n, i, chosen = 0;

	if (price_map_date(&feed->map, record, &period, &known, err) != LODE_OK ||
	    price_map_quotes(&feed->map, &feed->header, record, feed->quote, &n, &rule, err) != LODE_OK)
		return err->code;
	for (i = 0; i < n; i++)
		if (period_start(period) >= feed->since && option_list_has(feed->commodity, feed->quote[i].product))
			feed->quote[i].chosen = true, chosen++;
	if (rule != NULL || chosen == 0) {
		run_count_rule(feed->run, rule != NULL ? rule : "not-selected");
		return LODE_OK;
	}
	instant_format(known, known_text);
	obs.f[OBS_KNOWN] = str_of(known_text);
	obs.f[OBS_PERIOD] = (struct str){ period_text, period_format(period, period_text) };
	obs.f[OBS_REF] = ref;
	for (i = 0; i < 2 * n; i++) /* all are checked before one is kept: a record is used whole or not at all */
		if (feed->quote[i % n].chosen && make_lines(feed, &obs, &feed->quote[i % n], i >= n, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const extra[] = { "tax", "note" };
	struct price_feed *feed = argument;

	if (price_map_bind(&feed->map, header, err) != LODE_OK)
		return err->code;
	feed->header = *header;
	run_write_header(run, extra, 2);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct price_feed *feed = argument;

	(void)run;
	return take_record(feed, record, ref_line(&feed->ref, record->line), err);
}

/* A point of a JSON document, as a record whose columns are price_json_columns. */
static int
on_point(void *argument, const struct price_json_point *point, struct err *err)
{
	struct price_feed *feed = argument;
	struct record record = { .n = PRICE_JSON_N, .cooked = point->field, .raw = point->raw };
	struct str ref = ref_place(&feed->ref, point->place);
	int rc;

	feed->run->n_records++;
	if (point->again && str_eq(point->field[PRICE_JSON_VALUE], point->history_value)) {
		run_count_rule(feed->run, "today-again");
		return LODE_OK;
	}
	if (ref.p == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	else if (point->again)
		rc = err_set(err, LODE_EDATA, "today's price %.*s is %.*s in the history", STR_ARG(point->field[PRICE_JSON_VALUE]),
		    STR_ARG(point->history_value));
	else
		rc = take_record(feed, &record, ref, err);
	if (rc != LODE_EDATA)
		return rc;
	err->column = 0; /* a pointer says more than the column of a record that is none */
	snprintf(err->column_name, sizeof err->column_name, "%s", point->place);
	return run_reject(feed->run, 0, record.raw, err);
}

static int
read_document(struct price_feed *feed, struct peek *peek, struct err *err)
{
	struct str names[PRICE_JSON_N];
	struct header header = { .n = PRICE_JSON_N, .names = names };
	size_t limit = feed->max_document, n = 1;
	int rc, i;

	for (i = 0; i < PRICE_JSON_N; i++)
		names[i] = str_of(price_json_columns[i]);
	feed->text.n = 0;
	if ((rc = on_header(feed, &header, feed->run, err)) != LODE_OK || (rc = sink_flush(&feed->run->out, err)) != LODE_OK)
		return rc;
	while (n > 0) {
		if (feed->text.n > limit)
			return err_set(err, LODE_EDATA, "document is longer than %zu bytes", limit);
		if (buf_reserve(&feed->text, 1 << 16) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		if ((rc = peek_read(peek, feed->text.p + feed->text.n, 1 << 16, &n, err)) != LODE_OK)
			return rc;
		feed->text.n += n;
	}
	return price_json_read(buf_str(&feed->text), on_point, feed, err);
}

int
price_feed_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct price_feed *feed = argument;
	const struct rows_filter filter = { .separator = feed->map.separator, .quote = feed->map.separator == '\t' ? '\0' : '"',
		.skip = feed->map.skip, .skip_after = feed->map.skip_after, .on_header = on_header, .on_record = on_record, .state = feed };
	struct peek peek;
	char first;
	int rc;

	peek_init(&peek, source);
	if ((rc = peek_table(&peek, &first, err)) != LODE_OK || (rc = ref_source(&feed->ref, run->source, err)) != LODE_OK)
		return rc;
	feed->map.decode = first != '{' && first != '[';
	if (!feed->map.decode)
		return read_document(feed, &peek, err);
	return run_rows_of(run, &filter, peek_read, &peek, err);
}

void
price_feed_release(struct price_feed *feed)
{
	collate_free(feed->collate);
	price_map_release(&feed->map);
	ref_release(&feed->ref);
	buf_release(&feed->text);
}
