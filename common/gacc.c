#include "gacc.h"

#include <endian.h>

#include "dec.h"
#include "quantity.h"

enum { GACC_PLAIN_MAX = 36 }; /* fewer digits than a decimal may have */

static const struct {
	const char *name;
	const char *alias;   /* an older name of the same, or NULL */
	const char *beside;  /* a column that cannot be used without this one, or NULL */
} columns[GACC_N] = {
	[GACC_MONTH] = { "数据年月", "月份", NULL },
	[GACC_CODE] = { "商品编码", NULL, "商品名称" },
	[GACC_PARTNER] = { "贸易伙伴编码", NULL, "贸易伙伴名称" },
	[GACC_MODE] = { "贸易方式编码", NULL, "贸易方式名称" },
	[GACC_PLACE] = { "注册地编码", NULL, "注册地名称" },
	[GACC_QUANTITY] = { "第一数量", NULL, "第一计量单位" },
	[GACC_UNIT] = { "第一计量单位", NULL, "第一数量" },
	[GACC_QUANTITY_2] = { "第二数量", NULL, "第二计量单位" },
	[GACC_UNIT_2] = { "第二计量单位", NULL, "第二数量" },
	[GACC_CNY] = { "人民币", NULL, NULL },
	[GACC_USD] = { "美元", NULL, NULL },
};

/* The column of that name as the header reads in the encoding, or -1. */
static int
find(struct gacc *gacc, const struct header *header, const char *name)
{
	struct err ignored;
	struct str text;
	unsigned i;

	for (i = 0; name != NULL && i < header->n; i++)
		if (encoding_text(gacc->encoding, header->names[i], &gacc->text, &text, &ignored) == LODE_OK && str_is(text, name))
			return (int)i;
	return -1;
}

/* How many columns are ours when the header is read in that encoding; -1 on an error. */
static int
find_all(struct gacc *gacc, const struct header *header, const char *encoding, struct err *err)
{
	int c, n = 0;

	encoding_free(gacc->encoding);
	gacc->encoding = NULL;
	if (encoding_new(&gacc->encoding, encoding, err) != LODE_OK)
		return -1;
	for (c = 0; c < GACC_N; c++) {
		gacc->at[c] = find(gacc, header, columns[c].name);
		if (gacc->at[c] < 0)
			gacc->at[c] = find(gacc, header, columns[c].alias);
		n += gacc->at[c] >= 0;
	}
	return n;
}

static int
check(struct gacc *gacc, const struct header *header, struct err *err)
{
	const int *at = gacc->at;
	int c;

	for (c = 0; c < GACC_N; c++)
		if (at[c] < 0 && find(gacc, header, columns[c].beside) >= 0)
			return err_set(err, LODE_EUSAGE, "no column '%s' beside '%s'", columns[c].name, columns[c].beside);
	if (at[GACC_CNY] >= 0 && at[GACC_USD] >= 0)
		return err_set(err, LODE_EUSAGE, "'%s' and '%s' in one file", columns[GACC_CNY].name, columns[GACC_USD].name);
	if (at[GACC_CNY] < 0 && at[GACC_USD] < 0 && at[GACC_QUANTITY] < 0)
		return err_set(err, LODE_EUSAGE, "no column '%s', '%s' or '%s' in the header", columns[GACC_QUANTITY].name,
		    columns[GACC_CNY].name, columns[GACC_USD].name);
	return LODE_OK;
}

int
gacc_columns(struct gacc *gacc, const struct header *header, const char *encoding, struct err *err)
{
	int n;

	map_free(gacc->units); /* its keys are bytes of the encoding before */
	memset(gacc->last_unit, 0, sizeof gacc->last_unit);
	if ((gacc->units = map_new()) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (encoding != NULL) {
		if ((n = find_all(gacc, header, encoding, err)) == 0)
			return err_set(err, LODE_EUSAGE, "no column of China's customs in the header, read as %s", encoding);
	} else if ((n = find_all(gacc, header, "UTF-8", err)) == 0 && (n = find_all(gacc, header, "GB18030", err)) == 0) {
		return err_set(err, LODE_EUSAGE, "no column of China's customs in the header, read as UTF-8 or GB18030: "
		    "give --encoding if it is another, or another export");
	}
	return n < 0 ? err->code : check(gacc, header, err);
}

void
gacc_release(struct gacc *gacc)
{
	encoding_free(gacc->encoding);
	map_free(gacc->units);
	buf_release(&gacc->text);
	*gacc = (struct gacc){ 0 };
}

/* These three eight times a record and more, so never a call. */
static inline __attribute__((always_inline)) struct str
get(const struct gacc *gacc, const struct record *record, enum gacc_column column)
{
	struct str field = record_get(record, (unsigned)gacc->at[column]);

	return field.n > 0 && ((unsigned char)field.p[0] <= ' ' || (unsigned char)field.p[field.n - 1] <= ' ') ? str_trim(field) : field;
}

struct str
gacc_get(const struct gacc *gacc, const struct record *record, enum gacc_column column)
{
	return get(gacc, record, column);
}

int
gacc_blame(const struct gacc *gacc, enum gacc_column column, struct err *err)
{
	return err_column(err, (unsigned)gacc->at[column] + 1, columns[column].name);
}

int
gacc_code(const struct gacc *gacc, const struct record *record, enum gacc_column column, struct str otherwise, struct str *code,
    struct err *err)
{
	struct str text;

	*code = otherwise;
	if (gacc->at[column] < 0)
		return LODE_OK;
	*code = text = get(gacc, record, column);
	if (text.n <= GACC_CODE_MAX && str_is_digits(text))
		return LODE_OK;
	err_set(err, LODE_EDATA, "'%.*s' is not a code of digits", STR_ARG(text));
	return gacc_blame(gacc, column, err);
}

/* Without a call for the words that nearly all are: "?", and in GB18030 those of two characters. */
static inline bool
is_same(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	return a.n == 1 ? *a.p == *b.p : a.n == 4 ? memcmp(a.p, b.p, 4) == 0 : str_eq(a, b);
}

/* Our unit of a word in the file's encoding, of the first or second column of units; each word is decoded once. */
static inline int
find_unit(struct gacc *gacc, struct str word, unsigned which, struct str *unit, struct err *err)
{
	struct map_entry *entry;
	struct str text;

	*unit = gacc->last_unit[which].unit;
	if (gacc->last_unit[which].word.p != NULL && is_same(gacc->last_unit[which].word, word))
		return LODE_OK;
	if ((entry = map_get(gacc->units, word)) == NULL) {
		if (encoding_text(gacc->encoding, word, &gacc->text, &text, err) != LODE_OK || quantity_unit(text, unit, err) != LODE_OK)
			return err->code;
		if ((entry = map_put(gacc->units, word)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		entry->value.pointer = (void *)(uintptr_t)unit->p;
	}
	*unit = str_of(entry->value.pointer);
	gacc->last_unit[which].word = entry->key;
	gacc->last_unit[which].unit = *unit;
	return LODE_OK;
}

/* Whether the upper three of four bytes are digits, and the lowest that one. */
static inline __attribute__((always_inline)) bool
is_group(uint32_t four, unsigned char first)
{
	const uint32_t digits = four & 0xffffff00u;

	return (four & 0xff) == first && (digits & 0xf0f0f000u) == 0x30303000u && ((digits + 0x06060600u) & 0xf0f0f000u) == 0x30303000u;
}

/* Up to three digits, then groups of a comma and three, as nearly all numbers are; else false, and nothing is said about it. */
static inline __attribute__((always_inline)) bool
take_groups(struct str text, char *to, struct str *value)
{
	const size_t n_first = text.n % 4;
	const char *start = to;
	uint32_t four;
	size_t i;

	if (n_first == 0 || text.n > GACC_PLAIN_MAX || (text.n > 4 && text.p[0] == '0'))
		return false;
	for (i = 0; i < n_first; i++) {
		if (!char_is_digit(text.p[i]))
			return false;
		*to++ = text.p[i];
	}
	for (; i < text.n; i += 4) {
		memcpy(&four, text.p + i, sizeof four);
		four = le32toh(four);
		if (!is_group(four, ','))
			return false;
		four = htole32(four >> 8);
		memcpy(to, &four, sizeof four);
		to += 3;
	}
	*value = (struct str){ start, (size_t)(to - start) };
	return true;
}

/* The others: plain digits, a sign, a fraction. */
static __attribute__((noinline)) int
read_number(const struct gacc *gacc, enum gacc_column column, struct str text, char *to, struct str *value, struct err *err)
{
	struct dec ignored;
	size_t i, n = 0;

	if (text.n <= GACC_PLAIN_MAX && str_is_digits(text)) {
		*value = text;
		return LODE_OK;
	}
	if (dec_parse_grouped(text, &ignored, err) != LODE_OK)
		return gacc_blame(gacc, column, err);
	for (i = 0; i < text.n && n < GACC_NUMBER_MAX; i++)
		if (text.p[i] != ',')
			to[n++] = text.p[i];
	*value = (struct str){ to, n };
	return LODE_OK;
}

/* Into figure number n. */
static inline __attribute__((always_inline)) int
get_number(struct gacc *gacc, const struct record *record, enum gacc_column column, struct tape_figure *figure, size_t n, struct err *err)
{
	struct str text = get(gacc, record, column);

	return take_groups(text, gacc->number[n], &figure[n].value) ? LODE_OK :
	    read_number(gacc, column, text, gacc->number[n], &figure[n].value, err);
}

/* before: the kind of the quantity before, GACC_N_KINDS for none; *kind: of this one, the same for none. */
static int
get_quantity(struct gacc *gacc, const struct record *record, enum gacc_column column, enum gacc_kind before, const struct str *indicator,
    struct tape_figure *figure, size_t *n, enum gacc_kind *kind, struct err *err)
{
	struct tape_figure *now = &figure[*n];

	*kind = GACC_N_KINDS;
	if (gacc->at[column] < 0)
		return LODE_OK;
	if (get_number(gacc, record, column, figure, *n, err) != LODE_OK)
		return err->code;
	if (find_unit(gacc, get(gacc, record, column + 1), column == GACC_QUANTITY_2, &now->unit, err) != LODE_OK)
		return gacc_blame(gacc, column + 1, err);
	if (now->unit.n == 0) {
		if (str_is(now->value, "0"))
			return LODE_OK;
		err_set(err, LODE_EDATA, "quantity %.*s has no unit", STR_ARG(now->value));
		return gacc_blame(gacc, column + 1, err);
	}
	*kind = str_is(now->unit, "kg") ? GACC_MASS : GACC_COUNT;
	if (*kind == before)
		*kind = before == GACC_MASS ? GACC_COUNT : GACC_COUNT_2;
	now->indicator = indicator[*kind];
	now->status = STR("A");
	++*n;
	return LODE_OK;
}

int
gacc_figures(struct gacc *gacc, const struct record *record, const struct str indicator[GACC_N_KINDS], struct tape_figure *figure, size_t *n,
    struct err *err)
{
	enum gacc_column value = gacc->at[GACC_CNY] >= 0 ? GACC_CNY : GACC_USD;
	enum gacc_kind first, second;

	*n = 0;
	if (get_quantity(gacc, record, GACC_QUANTITY, GACC_N_KINDS, indicator, figure, n, &first, err) != LODE_OK ||
	    get_quantity(gacc, record, GACC_QUANTITY_2, first, indicator, figure, n, &second, err) != LODE_OK)
		return err->code;
	if (gacc->at[value] < 0)
		return LODE_OK;
	if (get_number(gacc, record, value, figure, *n, err) != LODE_OK)
		return err->code;
	figure[*n].indicator = indicator[GACC_VALUE];
	figure[*n].unit = value == GACC_CNY ? STR("CNY") : STR("USD");
	figure[(*n)++].status = STR("A");
	return LODE_OK;
}
