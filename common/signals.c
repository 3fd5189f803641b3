#include "signals.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "dec.h"

const char *const signals_formats[SIGNALS_FORMATS] = { "tsv", "json", "table" };

const struct signals_column signals_columns[SIGNALS_VALUES] = {
	[SIGNALS_PROBABILITY] = { "deficit.probability", "probability", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_MCSE] = { "deficit.probability.mcse", "mc_error", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_MEDIAN] = { "deficit.mass.median", "short_median_t", "t", SIGNALS_IS_MASS },
	[SIGNALS_P05] = { "deficit.mass.p05", "short_p05_t", "t", SIGNALS_IS_MASS },
	[SIGNALS_P95] = { "deficit.mass.p95", "short_p95_t", "t", SIGNALS_IS_MASS },
	[SIGNALS_EXPECTED] = { "deficit.mass.expected", "short_expected_t", "t", SIGNALS_IS_MASS },
	[SIGNALS_DEEPEST] = { "deficit.deepest", "deepest_month", "mo", SIGNALS_IS_MONTH },
	[SIGNALS_STOCK_05] = { "deficit.probability.stock-0.5", "p_stock_0.5", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_STOCK_1] = { "deficit.probability.stock-1", "p_stock_1", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_STOCK_2] = { "deficit.probability.stock-2", "p_stock_2", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_COVER_05] = { "deficit.probability.cover-0.5", "p_cover_0.5", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_COVER_2] = { "deficit.probability.cover-2", "p_cover_2", "1", SIGNALS_IS_PROBABILITY },
	[SIGNALS_CHANGE] = { "deficit.probability.change", "change", "1", SIGNALS_IS_CHANGE },
	[SIGNALS_CUSTOMS] = { "deficit.probability.change.customs", "change_customs", "1", SIGNALS_IS_CHANGE },
	[SIGNALS_EVENT] = { "deficit.probability.change.event", "change_event", "1", SIGNALS_IS_CHANGE },
	[SIGNALS_EXPORT] = { "deficit.probability.change.export", "change_export", "1", SIGNALS_IS_CHANGE },
	[SIGNALS_OUTPUT] = { "deficit.probability.change.output", "change_output", "1", SIGNALS_IS_CHANGE },
	[SIGNALS_PRICE] = { "deficit.probability.change.price", "change_price", "1", SIGNALS_IS_CHANGE },
	[SIGNALS_TIME] = { "deficit.probability.change.time", "change_time", "1", SIGNALS_IS_CHANGE },
};

int
signals_horizon(const struct signals_row *row)
{
	return period_last_month(row->period) - period_first_month(row->period) + 1;
}

static void
months_of(const struct signals_row *row, char from[PERIOD_MAX], char to[PERIOD_MAX])
{
	period_format(period_of_month(period_first_month(row->period)), from);
	period_format(period_of_month(period_last_month(row->period)), to);
}

static bool
number_of(struct str text, double *to)
{
	struct err ignored;
	struct dec number;

	if (text.n == 0 || dec_parse(text, &number, &ignored) != LODE_OK)
		return false;
	*to = dec_double(number);
	return true;
}

/* The cause that moved most; its value, or SIGNALS_CHANGE when there is none. */
static size_t
main_cause(const struct signals_row *row)
{
	size_t best = SIGNALS_CHANGE;
	double most = 0, part;

	for (size_t v = SIGNALS_CUSTOMS; v < SIGNALS_VALUES; v++)
		if (number_of(row->value[v], &part) && (part < 0 ? -part : part) > most) {
			most = part < 0 ? -part : part;
			best = v;
		}
	return best;
}

static void
put(struct sink *sink, struct str text)
{
	sink_byte(sink, '\t');
	sink_str(sink, text);
}

static void
write_tsv(struct sink *sink, struct str as_of, const struct signals_row *row)
{
	char from[PERIOD_MAX], to[PERIOD_MAX], horizon[16];
	const struct str head[] = { row->region, row->commodity, { horizon, (size_t)snprintf(horizon, sizeof horizon, "%d",
	    signals_horizon(row)) }, { NULL, 0 }, { NULL, 0 }, row->level };

	months_of(row, from, to);
	sink_str(sink, as_of);
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		put(sink, i == 3 ? str_of(from) : i == 4 ? str_of(to) : head[i]);
	for (size_t v = 0; v < SIGNALS_VALUES; v++)
		put(sink, row->value[v]);
	put(sink, row->cause_refs[main_cause(row)]);
	put(sink, row->source);
	put(sink, row->model);
	put(sink, row->prefix);
	put(sink, row->refs);
	sink_byte(sink, '\n');
}

static json_t *
json_text(struct str text)
{
	return text.n == 0 ? json_null() : json_stringn(text.p, text.n);
}

static json_t *
json_number(struct str text)
{
	double number;

	return number_of(text, &number) ? json_real(number) : json_null();
}

/* Refs are words with a blank between. */
static json_t *
json_refs(struct str refs)
{
	json_t *list = json_array();

	while (refs.n > 0) {
		const char *blank = memchr(refs.p, ' ', refs.n);
		size_t n = blank == NULL ? refs.n : (size_t)(blank - refs.p);

		if (n > 0)
			json_array_append_new(list, json_stringn(refs.p, n));
		refs = (struct str){ refs.p + n + (blank != NULL), refs.n - n - (blank != NULL) };
	}
	return list;
}

static json_t *
json_change(const struct signals_row *row)
{
	json_t *change, *causes = json_array();

	if (row->value[SIGNALS_CHANGE].n == 0) {
		json_decref(causes);
		return json_null();
	}
	for (size_t v = SIGNALS_CUSTOMS; v < SIGNALS_VALUES; v++)
		if (row->value[v].n > 0)
			json_array_append_new(causes, json_pack("{s:s, s:o, s:o}", "cause", signals_columns[v].column + 7, "change",
			    json_number(row->value[v]), "refs", json_refs(row->cause_refs[v])));
	change = json_pack("{s:o, s:o}", "total", json_number(row->value[SIGNALS_CHANGE]), "causes", causes);
	return change;
}

static json_t *
json_row(const struct signals_row *row)
{
	char from[PERIOD_MAX], to[PERIOD_MAX];
	const struct str *v = row->value;

	months_of(row, from, to);
	return json_pack("{s:o, s:o, s:i, s:s, s:s, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:o, s:{s:o, s:o, s:o, s:o, s:o}, s:o, s:o, s:o}",
	    "region", json_text(row->region), "commodity", json_text(row->commodity), "horizon", signals_horizon(row), "from", from, "to", to,
	    "level", json_text(row->level), "probability", json_number(v[SIGNALS_PROBABILITY]), "mc_error", json_number(v[SIGNALS_MCSE]),
	    "tonnes_short", "median", json_number(v[SIGNALS_MEDIAN]), "p05", json_number(v[SIGNALS_P05]), "p95", json_number(v[SIGNALS_P95]),
	    "expected", json_number(v[SIGNALS_EXPECTED]), "deepest_month", json_number(v[SIGNALS_DEEPEST]), "sensitivity", "stock_0.5",
	    json_number(v[SIGNALS_STOCK_05]), "stock_1", json_number(v[SIGNALS_STOCK_1]), "stock_2", json_number(v[SIGNALS_STOCK_2]),
	    "cover_0.5", json_number(v[SIGNALS_COVER_05]), "cover_2", json_number(v[SIGNALS_COVER_2]), "change", json_change(row), "source",
	    json_text(row->source), "refs", json_refs(row->refs));
}

static int
write_json(struct sink *sink, struct str as_of, const struct signals_row *rows, size_t n, struct err *err)
{
	json_t *list = json_array(), *all;
	char *text = NULL;

	for (size_t i = 0; i < n; i++)
		if (rows[i].value[SIGNALS_PROBABILITY].n > 0)
			json_array_append_new(list, json_row(&rows[i]));
	all = json_pack("{s:o, s:o, s:o, s:o}", "as_of", json_text(as_of), "model", json_text(rows[0].model), "prefix",
	    json_text(rows[0].prefix), "signals", list);
	if (all != NULL)
		text = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(all);
	if (text == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	sink_str(sink, str_of(text));
	sink_byte(sink, '\n');
	free(text);
	return LODE_OK;
}

/* For people: times a factor, to so many digits; "-" for what is missing. */
static const char *
show(struct str value, double factor, int digits, char out[32])
{
	double number;

	if (!number_of(value, &number))
		return "-";
	snprintf(out, 32, "%.*f", digits, factor * number);
	return out;
}

static void
write_table(struct sink *sink, struct str as_of, const struct signals_row *rows, size_t n)
{
	struct str refs = { NULL, 0 };
	char line[512], from[PERIOD_MAX], to[PERIOD_MAX], a[9][32];

	sink_str(sink, STR("deficit signals as of "));
	sink_str(sink, as_of);
	sink_str(sink, STR("\n\n                                           P(deficit)  change       tonnes short then    P with stock, months\n"));
	sink_str(sink, STR("region  commodity  months  to       level          %     +-       %    median       5%      95%     0.5       1       2\n"));
	for (size_t i = 0; i < n; i++) {
		const struct str *v = rows[i].value;
		int length;

		if (v[SIGNALS_PROBABILITY].n == 0)
			continue;
		months_of(&rows[i], from, to);
		length = snprintf(line, sizeof line, "%-6.*s  %-9.*s  %6d  %-7s  %-8.*s  %6s  %5s  %6s  %8s  %7s  %7s  %6s  %6s  %6s\n",
		    STR_ARG(rows[i].region), STR_ARG(rows[i].commodity), signals_horizon(&rows[i]), to, STR_ARG(rows[i].level),
		    show(v[SIGNALS_PROBABILITY], 100, 1, a[0]), show(v[SIGNALS_MCSE], 100, 1, a[1]), show(v[SIGNALS_CHANGE], 100, 1, a[8]),
		    show(v[SIGNALS_MEDIAN], 1, 0, a[2]), show(v[SIGNALS_P05], 1, 0, a[3]), show(v[SIGNALS_P95], 1, 0, a[4]),
		    show(v[SIGNALS_STOCK_05], 100, 1, a[5]), show(v[SIGNALS_STOCK_1], 100, 1, a[6]), show(v[SIGNALS_STOCK_2], 100, 1, a[7]));
		sink_write(sink, line, length < (int)sizeof line ? (size_t)length : sizeof line - 1);
		if (i + 1 == n || !str_eq(rows[i].region, rows[i + 1].region)) {
			refs = rows[i].refs;
			sink_str(sink, STR("\nrests on: "));
			sink_str(sink, refs);
			sink_str(sink, i + 1 == n ? STR("\n") : STR("\n\n"));
		}
	}
}

void
signals_begin(struct sink *sink, enum signals_format format)
{
	if (format != SIGNALS_TSV)
		return;
	sink_str(sink, STR("as_of\tregion\tcommodity\thorizon\tfrom\tto\tlevel"));
	for (size_t v = 0; v < SIGNALS_VALUES; v++)
		put(sink, str_of(signals_columns[v].column));
	sink_str(sink, STR("\tchange_refs\tsource\tmodel\tprefix\trefs\n"));
}

int
signals_write(struct sink *sink, enum signals_format format, struct str as_of, const struct signals_row *rows, size_t n, struct err *err)
{
	if (n == 0)
		return LODE_OK;
	if (format == SIGNALS_JSON)
		return write_json(sink, as_of, rows, n, err);
	if (format == SIGNALS_TABLE) {
		write_table(sink, as_of, rows, n);
		return LODE_OK;
	}
	for (size_t i = 0; i < n; i++)
		if (rows[i].value[SIGNALS_PROBABILITY].n > 0)
			write_tsv(sink, as_of, &rows[i]);
	return LODE_OK;
}
