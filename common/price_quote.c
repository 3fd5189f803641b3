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

/* Puts the column on the error, by its name in UTF-8. */
static int
blame(struct price_map *map, const struct header *header, int at, struct err *err)
{
	struct str text = header->names[at];
	struct err ignored;
	char name[64];

	price_map_text(map, text, &map->scratch, &text, &ignored);
	snprintf(name, sizeof name, "%.*s", (int)(text.n < sizeof name ? text.n : sizeof name - 1), text.p);
	return err_column(err, (unsigned)at + 1, name);
}

int
price_map_date(struct price_map *map, const struct record *record, struct period *period, int64_t *known, struct err *err)
{
	static const char *const kinds[] = { "day", "month", "quarter", "year", "span" };
	struct str cell;
	char text[PERIOD_MAX];

	*period = map->day;
	if (!map->has_day && (price_map_text(map, record_get(record, (unsigned)map->date_at), &map->scratch, &cell, err) != LODE_OK ||
	    date_parse(cell, map->date_form, period, err) != LODE_OK))
		goto bad;
	if (period->kind == PERIOD_SPAN || map->lag[period->kind] < 0) {
		period_format(*period, text);
		err_set(err, LODE_EDATA, "when a price of %s is known is not in the map (lag.%s)", text, kinds[period->kind]);
		goto bad;
	}
	*known = ((int64_t)period_end(*period) - 1 + map->lag[period->kind]) * 86400 + map->at_s;
	return LODE_OK;
bad:
	if (map->has_day)
		return err->code;
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
get_field(struct price_map *map, const struct header *header, const struct record *record, enum price_field field, struct str *value,
    bool *left_out, struct err *err)
{
	const struct price_rule *rule = &map->rule[field];
	struct str cell;

	*value = rule->constant.p != NULL ? rule->constant : STR("");
	if (rule->column.p != NULL) {
		if (price_map_text(map, record_get(record, (unsigned)rule->at), &map->cell[field], &cell, err) != LODE_OK)
			return blame(map, header, rule->at, err);
		*value = rule->n_words > 0 || rule->other.p != NULL ? find_word(rule, cell) : cell;
		if (value->p == NULL || (value->n == 0 && field != PRICE_TAX) || !utf8_valid(*value, NULL)) {
			err_set(err, LODE_EDATA, "unknown %s '%.*s'", price_field_names[field], STR_ARG(cell));
			return blame(map, header, rule->at, err);
		}
	}
	*left_out = *left_out || str_is(*value, "-");
	return LODE_OK;
}

static bool
is_missing(const struct price_map *map, struct str cell)
{
	struct str rest = map->missing, word;

	while (map->missing.p != NULL && str_split(&rest, ',', &word))
		if (str_eq(word, cell))
			return true;
	return cell.n == 0;
}

/* Takes what stands around the number off a cell and tells its unit; of the forms that fit, the one with most text counts. */
static void
take_form(const struct price_map *map, struct str *cell, struct str *unit)
{
	const struct price_form *best = NULL, *form;

	for (form = map->forms; form < map->forms + map->n_forms; form++)
		if (cell->n > form->before.n + form->after.n && str_starts(*cell, form->before) &&
		    memcmp(cell->p + cell->n - form->after.n, form->after.p, form->after.n) == 0 &&
		    (best == NULL || form->before.n + form->after.n > best->before.n + best->after.n))
			best = form;
	if (best != NULL) {
		cell->p += best->before.n;
		cell->n -= best->before.n + best->after.n;
		*cell = str_trim(*cell);
		*unit = best->unit;
	}
}

/* A cell as a plain decimal: grouping dropped, the decimal mark a point. Empty for a missing one. */
static int
plain_number(const struct price_map *map, struct str cell, char out[PRICE_NUMBER_MAX], struct str *number, struct err *err)
{
	struct dec value;
	size_t i, n = 0, group = 0;
	bool grouped = false, point = false, good = cell.n < PRICE_NUMBER_MAX;

	*number = STR("");
	if (is_missing(map, cell))
		return LODE_OK;
	if (cell.p[0] == '+')
		return err_set(err, LODE_EDATA, "'%.*s' has a sign: a change is no price", STR_ARG(cell));
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
			group += !point && char_is_digit(c);
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

/* The sign between low and high: its place and length; false when there is none. */
static bool
find_dash(struct str cell, size_t *at, size_t *n)
{
	static const char *const dashes[] = { "-", "–", "—", "~", "～", "至" };
	size_t i, k;

	for (i = 1; i < cell.n; i++)
		for (k = 0; k < sizeof dashes / sizeof dashes[0]; k++)
			if (str_starts((struct str){ cell.p + i, cell.n - i }, str_of(dashes[k]))) {
				*at = i;
				*n = strlen(dashes[k]);
				return true;
			}
	return false;
}

/* "LOW-HIGH" in one cell, or one number that is both. */
static int
get_range(const struct price_map *map, struct str cell, struct price_quote *quote, struct err *err)
{
	struct str low = cell, high = cell;
	size_t at, n;

	if (find_dash(cell, &at, &n)) {
		low = str_trim((struct str){ cell.p, at });
		high = str_trim((struct str){ cell.p + at + n, cell.n - at - n });
		if (low.n == 0 || high.n == 0)
			return err_set(err, LODE_EDATA, "cannot read '%.*s' as a range", STR_ARG(cell));
	}
	if (plain_number(map, low, quote->number[PRICE_LOW], &quote->value[PRICE_LOW], err) != LODE_OK)
		return err->code;
	return plain_number(map, high, quote->number[PRICE_HIGH], &quote->value[PRICE_HIGH], err);
}

/* One cell: the unit that it says must be that of the cells before. */
static int
get_cell(struct price_map *map, enum price_number number, struct str field, struct price_quote *quote, struct err *err)
{
	struct str cell, unit = { NULL, 0 };

	if (price_map_text(map, field, &map->scratch, &cell, err) != LODE_OK)
		return err->code;
	if (is_missing(map, cell))
		return LODE_OK;
	take_form(map, &cell, &unit);
	if (unit.p != NULL && quote->unit.p != NULL && !str_eq(unit, quote->unit))
		return err_set(err, LODE_EDATA, "two units in one record: %.*s and %.*s", STR_ARG(quote->unit), STR_ARG(unit));
	if (unit.p != NULL)
		quote->unit = unit;
	if (number == PRICE_RANGE)
		return get_range(map, cell, quote, err);
	return plain_number(map, cell, quote->number[number], &quote->value[number], err);
}

static int
get_numbers(struct price_map *map, const struct price_set *set, const struct header *header, const struct record *record,
    struct price_quote *quote, struct err *err)
{
	static const enum price_number order[] = { PRICE_RANGE, PRICE_LOW, PRICE_HIGH, PRICE_AVG };
	unsigned k;

	memset(quote->value, 0, sizeof quote->value);
	quote->chosen = quote->outside = quote->rescaled = false;
	quote->unit = (struct str){ NULL, 0 };
	for (k = 0; k < PRICE_N_NUMBERS; k++)
		if (set->at[order[k]] >= 0 && get_cell(map, order[k], record_get(record, (unsigned)set->at[order[k]]), quote, err) != LODE_OK)
			return blame(map, header, set->at[order[k]], err);
	return LODE_OK;
}

/* Brings low under high by a power of ten; false when that does not bring it to 0.8 of high or more. */
static bool
rescale(struct price_quote *quote, struct dec *low, struct dec high)
{
	struct dec scaled = *low, five, four;
	struct err ignored;

	while (dec_cmp(scaled, high) > 0)
		if (dec_mul(scaled, (struct dec){ 1, 1 }, &scaled, &ignored) != LODE_OK)
			return false;
	for (;;) { /* the last that is not above high */
		struct dec ten;

		if (dec_mul(scaled, dec_of(10), &ten, &ignored) != LODE_OK)
			return false;
		if (dec_cmp(ten, high) > 0)
			break;
		scaled = ten;
	}
	if (dec_mul(scaled, dec_of(5), &five, &ignored) != LODE_OK || dec_mul(high, dec_of(4), &four, &ignored) != LODE_OK ||
	    dec_cmp(five, four) < 0)
		return false;
	*low = scaled;
	quote->rescaled = true;
	quote->value[PRICE_LOW] = (struct str){ quote->number[PRICE_LOW], dec_format(scaled, quote->number[PRICE_LOW]) };
	return true;
}

/* Low against high, average against both. What was read is valid. */
static int
check_numbers(const struct price_map *map, struct price_quote *quote, struct err *err)
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
		if ((dec_cmp(low, high) > 0 || dec_cmp(ten, high) < 0) && (!map->rescale || !rescale(quote, &low, high)))
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
price_map_quotes(struct price_map *map, const struct header *header, const struct record *record, struct price_quote *quote,
    size_t *n, const char **rule, struct err *err)
{
	struct str field[PRICE_N_FIELDS];
	bool left_out = false, in_cell;
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
		if (check_numbers(map, q, err) != LODE_OK)
			return err->code;
		q->product = set->product.p != NULL ? set->product : field[PRICE_PRODUCT];
		in_cell = q->unit.p != NULL;
		if (!in_cell)
			q->unit = set->unit.p != NULL ? set->unit : field[PRICE_UNIT];
		if (q->unit.n == 0)
			return err_set(err, LODE_EDATA, "no unit beside a price: the map has no form of its cell, and no unit");
		q->area = field[PRICE_AREA];
		q->term = field[PRICE_TERM];
		q->tax = field[PRICE_TAX];
		q->status = field[PRICE_STATUS].n > 0 ? field[PRICE_STATUS] : STR("A");
		q->source = field[PRICE_SOURCE];
		if (join_unit(q, in_cell ? STR("") : field[PRICE_CURRENCY], err) != LODE_OK)
			return map->rule[PRICE_UNIT].column.p != NULL ? blame(map, header, map->rule[PRICE_UNIT].at, err) : err->code;
		default_tax(map, q);
		if (q->tax.n > 0 && !str_is(q->tax, "incl") && !str_is(q->tax, "excl"))
			return err_set(err, LODE_EDATA, "tax '%.*s' is neither incl nor excl", STR_ARG(q->tax));
		++*n;
	}
	if (*n == 0)
		*rule = "no-price";
	return LODE_OK;
}
