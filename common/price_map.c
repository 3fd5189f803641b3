#include "price_map.h"

#include <stdio.h>
#include <stdlib.h>

#include "date.h"
#include "dec.h"
#include "instant.h"
#include "unit.h"

const char *const price_field_names[PRICE_N_FIELDS] = { "product", "area", "term", "unit", "currency", "tax", "status", "source" };
static const char *const number_names[PRICE_N_NUMBERS] = { "low", "high", "avg", "range" };

/* Takes "PREFIX." off the key. */
static bool
take_prefix(struct str *key, const char *prefix)
{
	size_t n = strlen(prefix);

	if (key->n <= n || memcmp(key->p, prefix, n) != 0 || key->p[n] != '.')
		return false;
	key->p += n + 1;
	key->n -= n + 1;
	return true;
}

static int
unknown_key(struct err *err, struct str key)
{
	return err_set(err, LODE_EUSAGE, "unknown key '%.*s'", STR_ARG(key));
}

static int
set_rule(struct price_rule *rule, struct str key, struct str value, struct err *err)
{
	struct str whole = key;
	struct price_words *words;
	bool is_word = take_prefix(&key, "word");

	if (str_is(key, "column"))
		rule->column = value;
	else if (str_is(key, "other"))
		rule->other = value;
	else if (is_word || take_prefix(&key, "contains")) {
		words = realloc(rule->words, (rule->n_words + 1) * sizeof *words);
		if (words == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		rule->words = words;
		rule->words[rule->n_words++] = (struct price_words){ key, value, is_word };
	} else {
		return unknown_key(err, whole);
	}
	return LODE_OK;
}

/* The set of a product, made when it is new; the nameless one is that of `low.column` and its like. */
static struct price_set *
get_set(struct price_map *map, struct str product)
{
	size_t i;

	for (i = 0; i < map->n_sets; i++)
		if (str_eq(map->set[i].product, product))
			return &map->set[i];
	if (map->n_sets == PRICE_MAX_PRODUCTS)
		return NULL;
	map->set[map->n_sets] = (struct price_set){ .product = product };
	return &map->set[map->n_sets++];
}

/* PRODUCT.low, PRODUCT.high, PRODUCT.avg, PRODUCT.range, PRODUCT.unit */
static int
set_wide(struct price_map *map, struct str key, struct str value, struct err *err)
{
	struct str product = key, last;
	struct price_set *set;
	int i;

	while (product.n > 0 && product.p[product.n - 1] != '.')
		product.n--;
	last = (struct str){ key.p + product.n, key.n - product.n };
	if (product.n < 2)
		return unknown_key(err, key);
	product.n--;
	if ((set = get_set(map, product)) == NULL)
		return err_set(err, LODE_EUSAGE, "more than %d products", PRICE_MAX_PRODUCTS);
	for (i = 0; i < PRICE_N_NUMBERS; i++)
		if (str_is(last, number_names[i])) {
			set->column[i] = value;
			return LODE_OK;
		}
	if (!str_is(last, "unit"))
		return unknown_key(err, key);
	set->unit = value;
	return LODE_OK;
}

static int
set_lag(struct price_map *map, struct str key, struct str value, struct err *err)
{
	int *days = str_is(key, "day") ? &map->lag[PERIOD_DAY] : str_is(key, "month") ? &map->lag[PERIOD_MONTH] :
	    str_is(key, "year") ? &map->lag[PERIOD_YEAR] : NULL;
	struct dec number;

	if (days == NULL)
		return unknown_key(err, key);
	if (dec_parse(value, &number, err) != LODE_OK || number.scale != 0 || number.mantissa < 0 || number.mantissa > 1000)
		return err_set(err, LODE_EUSAGE, "'%.*s' is not a number of days", STR_ARG(value));
	*days = (int)number.mantissa;
	return LODE_OK;
}

static int
set_separator(struct price_map *map, struct str value, struct err *err)
{
	if (str_is(value, "tab"))
		map->separator = '\t';
	else if (value.n == 1 && strchr(",;|", value.p[0]) != NULL)
		map->separator = value.p[0];
	else
		return err_set(err, LODE_EUSAGE, "separator '%.*s' is not one of , ; | tab", STR_ARG(value));
	return LODE_OK;
}

static int
set_mark(char *mark, struct str value, struct err *err)
{
	if (str_is(value, "blank"))
		*mark = ' ';
	else if (value.n == 1 && strchr(".,'", value.p[0]) != NULL)
		*mark = value.p[0];
	else
		return err_set(err, LODE_EUSAGE, "'%.*s' is not one of . , ' blank", STR_ARG(value));
	return LODE_OK;
}

static int
set_tax_term(struct price_map *map, struct str term, struct str value, struct err *err)
{
	if (map->n_tax_terms == sizeof map->tax_terms[0] / sizeof map->tax_terms[0][0])
		return err_set(err, LODE_EUSAGE, "too many keys tax.term");
	map->tax_terms[0][map->n_tax_terms] = term;
	map->tax_terms[1][map->n_tax_terms++] = value;
	return LODE_OK;
}

/* "* million yuan/mt": the text before and after the number, and the unit. */
static int
set_form(struct price_map *map, struct str key, struct str value, struct err *err)
{
	struct str after = key, before;
	struct unit_price ignored;
	struct price_form *forms;

	if (!str_split(&after, '*', &before) || after.p == NULL || memchr(after.p, '*', after.n) != NULL || key.n == 1)
		return err_set(err, LODE_EUSAGE, "'%.*s' is not text with one * for the number", STR_ARG(key));
	if (unit_price_parse(value, &ignored, err) != LODE_OK)
		return err->code;
	if ((forms = realloc(map->forms, (map->n_forms + 1) * sizeof *forms)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	map->forms = forms;
	map->forms[map->n_forms++] = (struct price_form){ before, after, value };
	return LODE_OK;
}

static int
set_count(unsigned *count, struct str value, struct err *err)
{
	struct dec number;

	if (dec_parse(value, &number, err) != LODE_OK || number.scale != 0 || number.mantissa < 0 || number.mantissa > PRICE_MAX_SKIP)
		return err_set(err, LODE_EUSAGE, "'%.*s' is not a number of lines up to %d", STR_ARG(value), PRICE_MAX_SKIP);
	*count = (unsigned)number.mantissa;
	return LODE_OK;
}

static int
set_encoding(struct price_map *map, struct str value, struct err *err)
{
	char name[64];

	snprintf(name, sizeof name, "%.*s", STR_ARG(value));
	encoding_free(map->encoding);
	map->encoding = NULL;
	return encoding_new(&map->encoding, name, err);
}

static int
set_flag(bool *flag, struct str value, struct err *err)
{
	if (!str_is(value, "yes") && !str_is(value, "no"))
		return err_set(err, LODE_EUSAGE, "'%.*s' is neither yes nor no", STR_ARG(value));
	*flag = str_is(value, "yes");
	return LODE_OK;
}

/* What is about the file as a whole. */
static int
set_file_key(struct price_map *map, struct str key, struct str value, struct err *err)
{
	if (str_is(key, "separator"))
		return set_separator(map, value, err);
	if (str_is(key, "decimal"))
		return set_mark(&map->decimal, value, err);
	if (str_is(key, "thousands"))
		return set_mark(&map->thousands, value, err);
	if (str_is(key, "at"))
		return price_map_time(value, &map->at_s, err);
	if (str_is(key, "encoding"))
		return set_encoding(map, value, err);
	if (str_is(key, "header.skip"))
		return set_count(&map->skip, value, err);
	if (str_is(key, "header.skip-after"))
		return set_count(&map->skip_after, value, err);
	if (str_is(key, "date.form"))
		return date_check(map->date_form = value, err);
	if (str_is(key, "date.column"))
		map->date_column = value;
	else if (str_is(key, "missing"))
		map->missing = value;
	else
		return unknown_key(err, key);
	return LODE_OK;
}

static int
set_key(struct price_map *map, struct str key, struct str value, struct err *err)
{
	struct price_set *set;
	struct str rest;
	int i;

	for (i = 0; i < PRICE_N_NUMBERS; i++) {
		rest = key;
		if (take_prefix(&rest, number_names[i]) && str_is(rest, "column")) {
			if ((set = get_set(map, (struct str){ NULL, 0 })) == NULL)
				return err_set(err, LODE_EUSAGE, "more than %d products", PRICE_MAX_PRODUCTS);
			set->column[i] = value;
			return LODE_OK;
		}
	}
	rest = key;
	if (take_prefix(&rest, "tax.term"))
		return set_tax_term(map, rest, value, err);
	for (i = 0; i < PRICE_N_FIELDS; i++) {
		if (str_is(key, price_field_names[i])) {
			map->rule[i].constant = value;
			return LODE_OK;
		}
		rest = key;
		if (take_prefix(&rest, price_field_names[i]))
			return set_rule(&map->rule[i], rest, value, err);
	}
	if (str_is(key, "wide.optional"))
		return set_flag(&map->optional, value, err);
	rest = key;
	if (take_prefix(&rest, "wide"))
		return set_wide(map, rest, value, err);
	if (take_prefix(&rest, "lag"))
		return set_lag(map, rest, value, err);
	if (take_prefix(&rest, "cell"))
		return set_form(map, rest, value, err);
	return set_file_key(map, key, value, err);
}

static int
check_once(const struct price_map *map, size_t row, struct err *err)
{
	struct str key = table_get(&map->table, row, "key");
	size_t i;

	for (i = 0; i < row; i++)
		if (str_eq(table_get(&map->table, i, "key"), key))
			return err_set(err, LODE_EUSAGE, "key '%.*s' is there twice", STR_ARG(key));
	return LODE_OK;
}

int
price_map_load(struct price_map *map, const char *path, struct err *err)
{
	static const char *const columns[] = { "key", "value", NULL };
	size_t row;
	int rc;

	*map = (struct price_map){ .separator = ',', .decimal = '.', .at_s = -1, .lag = { [PERIOD_DAY] = 0, [PERIOD_MONTH] = -1, -1, -1 } };
	map->date_form = STR("YYYY-MM-DD");
	map->decode = true;
	rc = table_load(&map->table, path, columns, err);
	for (row = 0; row < map->table.n && rc == LODE_OK; row++) {
		if ((rc = check_once(map, row, err)) != LODE_OK ||
		    (rc = set_key(map, table_get(&map->table, row, "key"), table_get(&map->table, row, "value"), err)) != LODE_OK)
			rc = table_blame(&map->table, row, "key", err);
	}
	if (rc == LODE_OK && map->decimal == map->thousands) {
		rc = err_set(err, LODE_EUSAGE, "decimal and thousands are the same");
		err_line(err, path, 0);
	}
	if (rc == LODE_OK && map->encoding != NULL && map->separator == '|') { /* the byte is half a character in GB18030 */
		rc = err_set(err, LODE_EUSAGE, "an encoding and the separator | exclude each other");
		err_line(err, path, 0);
	}
	return rc;
}

void
price_map_release(struct price_map *map)
{
	int i;

	for (i = 0; i < PRICE_N_FIELDS; i++)
		free(map->rule[i].words);
	for (i = 0; i < PRICE_N_FIELDS; i++)
		buf_release(&map->cell[i]);
	buf_release(&map->scratch);
	free(map->forms);
	encoding_free(map->encoding);
	table_release(&map->table);
	*map = (struct price_map){ 0 };
}

void
price_map_override(struct price_map *map, enum price_field field, const char *text)
{
	if (text == NULL)
		return;
	map->rule[field].constant = str_of(text);
	map->rule[field].column = (struct str){ NULL, 0 };
}

int
price_map_time(struct str text, int *second, struct err *err)
{
	char instant[INSTANT_MAX] = "1970-01-01T";
	int64_t seconds;

	if (text.n != 9)
		return err_set(err, LODE_EUSAGE, "'%.*s' is not a time of day like 07:00:00Z", STR_ARG(text));
	memcpy(instant + 11, text.p, 9);
	if (instant_parse((struct str){ instant, INSTANT_LENGTH }, &seconds, err) != LODE_OK)
		return err_set(err, LODE_EUSAGE, "'%.*s' is not a time of day like 07:00:00Z", STR_ARG(text));
	*second = (int)seconds;
	return LODE_OK;
}

int
price_map_set_day(struct price_map *map, const char *text, struct err *err)
{
	if (period_parse(str_of(text), &map->day, err) != LODE_OK)
		return err->code = LODE_EUSAGE;
	map->has_day = true;
	return LODE_OK;
}

int
price_map_text(const struct price_map *map, struct str field, struct buf *buffer, struct str *text, struct err *err)
{
	*text = str_trim(field);
	if (map->encoding == NULL || !map->decode)
		return LODE_OK;
	if (encoding_text(map->encoding, *text, buffer, text, err) != LODE_OK)
		return err->code;
	*text = str_trim(*text);
	return LODE_OK;
}

/* The column of that name, -1 for none asked for or, when it need not be there, found. */
static int
bind(struct price_map *map, const struct header *header, struct str column, bool optional, int *at, struct err *err)
{
	struct str name;
	unsigned i;

	*at = -1;
	if (column.p == NULL)
		return LODE_OK;
	for (i = 0; i < header->n && *at < 0; i++) {
		if (price_map_text(map, header->names[i], &map->scratch, &name, err) != LODE_OK)
			return err->code = LODE_EUSAGE;
		if (str_eq(name, column))
			*at = (int)i;
	}
	if (*at >= 0 || optional)
		return LODE_OK;
	return err_set(err, LODE_EUSAGE, "no column '%.*s' in the header, which the map names", STR_ARG(column));
}

/* A product's columns: all of them, or, where that is allowed, none. */
static int
bind_set(struct price_map *map, const struct header *header, struct price_set *set, unsigned *n_bound, struct err *err)
{
	bool any = false;
	size_t k;

	for (k = 0; map->optional && k < PRICE_N_NUMBERS; k++) {
		if (bind(map, header, set->column[k], true, &set->at[k], err) != LODE_OK)
			return err->code;
		any = any || set->at[k] >= 0;
	}
	for (k = 0; (any || !map->optional) && k < PRICE_N_NUMBERS; k++) {
		if (bind(map, header, set->column[k], false, &set->at[k], err) != LODE_OK)
			return err->code;
		*n_bound += set->at[k] >= 0;
	}
	return LODE_OK;
}

int
price_map_bind(struct price_map *map, const struct header *header, struct err *err)
{
	static const enum price_field needed[] = { PRICE_PRODUCT, PRICE_AREA, PRICE_TERM, PRICE_UNIT, PRICE_SOURCE };
	bool wide = map->n_sets > 0 && map->set[0].product.p != NULL, set_units = wide;
	unsigned n_bound = 0;
	size_t i;

	if (map->date_column.p == NULL && !map->has_day)
		return err_set(err, LODE_EUSAGE, "the map names no column of dates: give --date if all are of one day");
	if (map->n_sets == 0)
		return err_set(err, LODE_EUSAGE, "the map names no column of prices");
	if (map->at_s < 0)
		return err_set(err, LODE_EUSAGE, "the map does not say when on a day a price is known: give `at` or --at");
	if (!map->has_day && bind(map, header, map->date_column, false, &map->date_at, err) != LODE_OK)
		return err->code;
	for (i = 0; i < PRICE_N_FIELDS; i++)
		if (bind(map, header, map->rule[i].column, false, &map->rule[i].at, err) != LODE_OK)
			return err->code;
	for (i = 0; i < map->n_sets; i++) {
		if ((map->set[i].product.p != NULL) != wide)
			return err_set(err, LODE_EUSAGE, "the map has both wide columns and columns of one price");
		set_units = set_units && map->set[i].unit.p != NULL;
		if (bind_set(map, header, &map->set[i], &n_bound, err) != LODE_OK)
			return err->code;
	}
	if (n_bound == 0)
		return err_set(err, LODE_EUSAGE, "none of the map's columns of prices is in the header");
	for (i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		const struct price_rule *rule = &map->rule[needed[i]];

		if (rule->constant.p == NULL && rule->column.p == NULL && !(needed[i] == PRICE_PRODUCT && wide) && !(needed[i] == PRICE_UNIT && (set_units || map->n_forms > 0)))
			return err_set(err, LODE_EUSAGE, "the map says nothing about the %s", price_field_names[needed[i]]);
	}
	return LODE_OK;
}
