#include "price_map.h"

#include <stdio.h>
#include <strings.h>

#include "date.h"
#include "dec.h"
#include "encoding.h"
#include "unit.h"

/* The rules that name why a record is left out: constants, as run_count_rule() wants them. */
static const char *const other_names[PRICE_N_FIELDS] = {
	"other-product", "other-area", "other-term", "other-unit", "other-currency", "other-tax", "other-status", "other-source",
};

static int
blame(const struct header *header, int at, struct err *err)
{
	char name[64];

	snprintf(name, sizeof name, "%.*s", STR_ARG(header->names[at]));
	return err_column(err, (unsigned)at + 1, name);
}

int
price_map_date(const struct price_map *map, const struct record *record, struct period *period, int64_t *known, struct err *err)
{
	static const char *const kinds[] = { "day", "month", "quarter", "year" };
	char text[PERIOD_MAX];

	if (date_parse(str_trim(record_get(record, (unsigned)map->date_at)), map->date_form, period, err) != LODE_OK)
		goto bad;
	if (map->lag[period->kind] < 0) {
		period_format(*period, text);
		err_set(err, LODE_EDATA, "when a price of %s is known is not in the map (lag.%s)", text, kinds[period->kind]);
		goto bad;
	}
	*known = ((int64_t)period_end(*period) - 1 + map->lag[period->kind]) * 86400 + map->at_s;
	return LODE_OK;
bad:
	snprintf(text, sizeof text, "%.*s", (int)(map->date_column.n < sizeof text ? map->date_column.n : sizeof text - 1), map->date_column.p);
	return err_column(err, (unsigned)map->date_at + 1, text);
}

/* True when part lies in text, ASCII letters in any case. */
static bool
contains(struct str text, struct str part)
{
	size_t i;

	for (i = 0; i + part.n <= text.n; i++)
		if (strncasecmp(text.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

/* What the words say about a cell; p NULL when nothing. The cell itself comes before a part of it, a long part before a short one. */
static struct str
find_word(const struct price_rule *rule, struct str cell)
{
	const struct price_words *best = NULL, *word;

	for (word = rule->words; word < rule->words + rule->n_words; word++) {
		if (word->whole && str_eq(word->text, cell))
			return word->value;
		if (!word->whole && (best == NULL || word->text.n > best->text.n) && contains(cell, word->text))
			best = word;
	}
	return best != NULL ? best->value : rule->other;
}

/* The value of a field; empty when the map has no such field. *left_out: the map says "-". */
static int
get_field(const struct price_map *map, const struct header *header, const struct record *record, enum price_field field, struct str *value,
    bool *left_out, struct err *err)
{
	const struct price_rule *rule = &map->rule[field];
	struct str cell;

	*value = rule->constant.p != NULL ? rule->constant : STR("");
	if (rule->column.p != NULL) {
		cell = str_trim(record_get(record, (unsigned)rule->at));
		*value = rule->n_words > 0 || rule->other.p != NULL ? find_word(rule, cell) : cell;
		if (value->p == NULL || (value->n == 0 && field != PRICE_TAX) || !utf8_valid(*value, NULL)) {
			err_set(err, LODE_EDATA, "unknown %s '%.*s'", price_field_names[field], STR_ARG(cell));
			return blame(header, rule->at, err);
		}
	}
	*left_out = *left_out || str_is(*value, "-");
	return LODE_OK;
}

/* A cell as a plain decimal: grouping dropped, the decimal mark a point. Empty for a missing one. */
static int
plain_number(const struct price_map *map, struct str cell, char out[PRICE_NUMBER_MAX], struct str *number, struct err *err)
{
	struct str rest = map->missing, word;
	struct dec value;
	size_t i, n = 0, group = 0;
	bool grouped = false, point = false, good = cell.n < PRICE_NUMBER_MAX;

	*number = STR("");
	while (map->missing.p != NULL && str_split(&rest, ',', &word))
		if (str_eq(word, cell))
			return LODE_OK;
	if (cell.n == 0)
		return LODE_OK;
	for (i = 0; good && i < cell.n; i++) {
		char c = cell.p[i];

		if (map->thousands != '\0' && c == map->thousands) { /* one to three digits before the first, three between and after */
			good = !point && group >= 1 && group <= 3 && (!grouped || group == 3);
			grouped = true;
			group = 0;
		} else if (c == map->decimal) {
			good = !point && (!grouped || group == 3);
			point = true;
			out[n++] = '.';
		} else {
			good = c != '.' && c != ',';
			group += !point && c >= '0' && c <= '9';
			out[n++] = c;
		}
	}
	good = good && (!grouped || point || group == 3);
	*number = (struct str){ out, n };
	if (!good || dec_parse(*number, &value, err) != LODE_OK)
		return err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(cell));
	if (value.mantissa <= 0)
		return err_set(err, LODE_EDATA, "price %.*s is not above 0", STR_ARG(cell));
	return LODE_OK;
}

/* "LOW-HIGH" in one cell, or one number that is both. */
static int
get_range(const struct price_map *map, struct str cell, struct price_quote *quote, struct err *err)
{
	struct str rest = cell, low = { 0 };

	str_split(&rest, '-', &low);
	if (rest.p == NULL)
		rest = low;
	if (plain_number(map, str_trim(low), quote->number[PRICE_LOW], &quote->value[PRICE_LOW], err) != LODE_OK)
		return err->code;
	return plain_number(map, str_trim(rest), quote->number[PRICE_HIGH], &quote->value[PRICE_HIGH], err);
}

static int
get_numbers(const struct price_map *map, const struct price_set *set, const struct header *header, const struct record *record,
    struct price_quote *quote, struct err *err)
{
	int k;

	memset(quote->value, 0, sizeof quote->value);
	quote->chosen = quote->outside = false;
	if (set->at[PRICE_RANGE] >= 0 && get_range(map, str_trim(record_get(record, (unsigned)set->at[PRICE_RANGE])), quote, err) != LODE_OK)
		return blame(header, set->at[PRICE_RANGE], err);
	for (k = 0; k < PRICE_RANGE; k++)
		if (set->at[k] >= 0 &&
		    plain_number(map, str_trim(record_get(record, (unsigned)set->at[k])), quote->number[k], &quote->value[k], err) != LODE_OK)
			return blame(header, set->at[k], err);
	return LODE_OK;
}

/* Low against high, average against both. What was read is valid. */
static int
check_numbers(struct price_quote *quote, struct err *err)
{
	struct str *value = quote->value;
	struct dec low = dec_of(0), high = dec_of(0), avg = dec_of(0), ten;

	if ((value[PRICE_LOW].n > 0 && dec_parse(value[PRICE_LOW], &low, err) != LODE_OK) ||
	    (value[PRICE_HIGH].n > 0 && dec_parse(value[PRICE_HIGH], &high, err) != LODE_OK) ||
	    (value[PRICE_AVG].n > 0 && dec_parse(value[PRICE_AVG], &avg, err) != LODE_OK))
		return err->code;
	if (value[PRICE_LOW].n > 0 && value[PRICE_HIGH].n > 0) {
		if (dec_mul(low, dec_of(10), &ten, err) != LODE_OK)
			return err->code;
		if (dec_cmp(low, high) > 0 || dec_cmp(ten, high) < 0)
			return err_set(err, LODE_EDATA, "mixed scales in one range: %.*s to %.*s", STR_ARG(value[PRICE_LOW]), STR_ARG(value[PRICE_HIGH]));
	}
	quote->outside = value[PRICE_AVG].n > 0 && ((value[PRICE_LOW].n > 0 && dec_cmp(avg, low) < 0) ||
	    (value[PRICE_HIGH].n > 0 && dec_cmp(avg, high) > 0));
	return LODE_OK;
}

/* CURRENCY/MASS, from one field or two. */
static int
join_unit(struct price_quote *quote, struct str currency, struct err *err)
{
	struct unit_price ignored;

	if (currency.n > 0) {
		snprintf(quote->unit_text, PRICE_UNIT_MAX, "%.*s/%.*s", STR_ARG(currency), STR_ARG(quote->unit));
		quote->unit = str_of(quote->unit_text);
	}
	if (unit_price_parse(quote->unit, &ignored, err) == LODE_OK)
		return LODE_OK;
	return err->code;
}

static void
default_tax(const struct price_map *map, struct price_quote *quote)
{
	size_t i;

	for (i = 0; quote->tax.n == 0 && i < map->n_tax_terms; i++)
		if (str_eq(map->tax_terms[0][i], quote->term))
			quote->tax = map->tax_terms[1][i];
}

int
price_map_quotes(const struct price_map *map, const struct header *header, const struct record *record, struct price_quote *quote,
    size_t *n, const char **rule, struct err *err)
{
	struct str field[PRICE_N_FIELDS];
	bool left_out = false;
	size_t i;

	*n = 0;
	*rule = NULL;
	for (i = 0; i < PRICE_N_FIELDS; i++) {
		if (get_field(map, header, record, (enum price_field)i, &field[i], &left_out, err) != LODE_OK)
			return err->code;
		if (left_out) {
			*rule = other_names[i];
			return LODE_OK;
		}
	}
	for (i = 0; i < map->n_sets; i++) {
		const struct price_set *set = &map->set[i];
		struct price_quote *q = &quote[*n];

		if (get_numbers(map, set, header, record, q, err) != LODE_OK)
			return err->code;
		if (q->value[PRICE_LOW].n + q->value[PRICE_HIGH].n + q->value[PRICE_AVG].n == 0)
			continue;
		if (check_numbers(q, err) != LODE_OK)
			return err->code;
		q->product = set->product.p != NULL ? set->product : field[PRICE_PRODUCT];
		q->unit = set->unit.p != NULL ? set->unit : field[PRICE_UNIT];
		q->area = field[PRICE_AREA];
		q->term = field[PRICE_TERM];
		q->tax = field[PRICE_TAX];
		q->status = field[PRICE_STATUS].n > 0 ? field[PRICE_STATUS] : STR("A");
		q->source = field[PRICE_SOURCE];
		if (join_unit(q, field[PRICE_CURRENCY], err) != LODE_OK)
			return map->rule[PRICE_UNIT].column.p != NULL ? blame(header, map->rule[PRICE_UNIT].at, err) : err->code;
		default_tax(map, q);
		if (q->tax.n > 0 && !str_is(q->tax, "incl") && !str_is(q->tax, "excl"))
			return err_set(err, LODE_EDATA, "tax '%.*s' is neither incl nor excl", STR_ARG(q->tax));
		++*n;
	}
	if (*n == 0)
		*rule = "no-price";
	return LODE_OK;
}
