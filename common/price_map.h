/*
 * price_map - what the columns of a price feed mean, from a table of keys and values
 *
 * The keys are described in lode-price(1). Nothing is guessed: a word, a unit or a term that the map does not explain is an error
 * of that record. Life cycle: price_map_load, price_map_override as wanted, price_map_bind for each header, price_map_quotes for each record,
 * price_map_release.
 */
#ifndef LODE_PRICE_MAP_H
#define LODE_PRICE_MAP_H

#include "encoding.h"
#include "map.h"
#include "obs.h"
#include "period.h"
#include "table.h"

/* What a record says besides its numbers. */
enum price_field { PRICE_PRODUCT, PRICE_AREA, PRICE_TERM, PRICE_UNIT, PRICE_CURRENCY, PRICE_TAX, PRICE_STATUS, PRICE_SOURCE, PRICE_N_FIELDS };

extern const char *const price_field_names[PRICE_N_FIELDS];

/* Its numbers; PRICE_RANGE is low and high in one cell. */
enum price_number { PRICE_LOW, PRICE_HIGH, PRICE_AVG, PRICE_RANGE, PRICE_N_NUMBERS };

enum { PRICE_MAX_PRODUCTS = 64, PRICE_NUMBER_MAX = 64, PRICE_UNIT_MAX = 40, PRICE_MAX_SKIP = 100 };

struct price_words {
	struct str text, value;
	bool whole; /* the cell itself, else anywhere in it */
};

struct price_rule {
	struct str constant, column, other; /* p NULL: not in the map */
	struct price_words *words;
	size_t n_words;
	int at; /* of the header in hand */
};

/* How a price may stand in its cell: the text around the number, and the unit that it says. */
struct price_form {
	struct str before, after, unit;
};

/* The columns of one product; a feed with a product column has one set, without a product. */
struct price_set {
	struct str product, unit; /* p NULL: by the rules */
	struct str column[PRICE_N_NUMBERS];
	int at[PRICE_N_NUMBERS];
};

struct price_map {
	struct table table;
	struct price_rule rule[PRICE_N_FIELDS];
	struct price_set set[PRICE_MAX_PRODUCTS];
	size_t n_sets;
	struct str date_column, date_form, missing;
	int date_at;
	char separator, decimal, thousands; /* thousands '\0': none */
	int at_s;                           /* second of the day (UTC) when a price is known */
	int lag[PERIOD_SPAN];               /* days after the period's last, by period_kind; -1: not known */
	struct str tax_terms[2][16];        /* term and tax of tax.term.TERM */
	size_t n_tax_terms;
	struct price_form *forms;
	size_t n_forms;
	unsigned skip, skip_after;          /* lines ahead of the header, and behind it */
	bool optional;                      /* products none of whose columns are there do not count */
	bool rescale;                       /* for the caller to set: low prices in another scale are brought into that of high */
	bool has_day;                       /* day is the date of all records, and there is no column of dates */
	struct period day;
	struct encoding *encoding;          /* of the file; NULL: UTF-8 */
	bool decode;                        /* for the caller to set by input: false for what is UTF-8 whatever the map says */
	struct buf cell[PRICE_N_FIELDS], scratch; /* decoded */
};

struct price_quote {
	struct str product, area, term, unit, tax, status, source; /* tax may be empty */
	struct str value[3]; /* by PRICE_LOW, PRICE_HIGH, PRICE_AVG; n 0: not given */
	bool chosen;         /* for the caller; false */
	bool outside;        /* the average does not lie between low and high */
	bool rescaled;       /* low is not as published but in high's scale */
	char unit_text[PRICE_UNIT_MAX], number[3][PRICE_NUMBER_MAX];
};

/* Errors: LODE_EIO; LODE_EUSAGE with the place in the map, as "unknown key 'x'"; LODE_ENOMEM. */
int price_map_load(struct price_map *map, const char *path, struct err *err);
void price_map_release(struct price_map *map); /* takes a zeroed one */

/* A constant instead of what the map says; text outlives the map, NULL changes nothing. */
void price_map_override(struct price_map *map, enum price_field field, const char *text);

/* The second of the day of "07:00:00Z". Errors: LODE_EUSAGE. */
int price_map_time(struct str text, int *second, struct err *err);

/*
 * Finds the columns. Errors: LODE_EUSAGE "no column 'x' in the header", "the map says nothing about the product" (area, term, unit, source).
 */
int price_map_bind(struct price_map *map, const struct header *header, struct err *err);

/* The date of all records instead of a column's. Errors: those of period_parse, as LODE_EUSAGE. */
int price_map_set_day(struct price_map *map, const char *text, struct err *err);

/* A field of the file as UTF-8, without blanks, in buffer where it has to be decoded. Errors: those of encoding_text(). */
int price_map_text(const struct price_map *map, struct str field, struct buf *buffer, struct str *text, struct err *err);

/*
 * When a record's price was, and when it was known (seconds since 1970, UTC)
 *
 * Errors   LODE_EDATA with the column: "'x' is not a date like ...", "when a price of 2021 is known is not in the map (lag.year)"
 */
int price_map_date(struct price_map *map, const struct record *record, struct period *period, int64_t *known, struct err *err);

/*
 * The quotes of a record
 *
 * Shape    quote[PRICE_MAX_PRODUCTS] out, *n of them; 0 with *rule set: what left the record out ("other-product", "other-term", ..., "no-price")
 * Units    unit CURRENCY/MASS with the feed's own scale, as 10000CNY/t; values as published, with a decimal point and no grouping
 * Missing  empty cells and the words of `missing`: no value
 * Errors   LODE_EDATA with the column: "unknown product 'x'" and the like, "cannot read 'x' as a decimal", "'x' is not a price per mass like CNY/kg",
 *          "price 0 is not above 0", "'+10000' has a sign: a change is no price", "mixed scales in one range: 26.6 to 269000" (low above
 *          high, or below a tenth of it), "two units in one record: ...", "no unit beside a price: ...", "tax 'x' is neither incl nor excl"
 * Rescale  with map->rescale such a low is multiplied by the power of ten that brings it under high and to at least 0.8 of it; without one it
 *          stays an error
 * Owner    views into the record, the map and quote itself
 */
int price_map_quotes(struct price_map *map, const struct header *header, const struct record *record, struct price_quote *quote,
    size_t *n, const char **rule, struct err *err);

#endif
