#include "fx.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "date.h"
#include "encoding.h"
#include "unit.h"

/* The two letters of H.10 series names. */
static const struct {
	char letters[3], currency[4];
} countries[] = {
	{ "US", "USD" }, { "CH", "CNY" }, { "EU", "EUR" }, { "JP", "JPY" }, { "UK", "GBP" }, { "KO", "KRW" }, { "CA", "CAD" }, { "MX", "MXN" },
	{ "IN", "INR" }, { "TH", "THB" }, { "MA", "MYR" }, { "AL", "AUD" }, { "SZ", "CHF" }, { "SI", "SGD" }, { "HK", "HKD" }, { "TA", "TWD" },
	{ "BZ", "BRL" }, { "SF", "ZAR" }, { "NO", "NOK" }, { "SD", "SEK" }, { "DN", "DKK" }, { "NZ", "NZD" }, { "SL", "LKR" },
};

/* The names in SAFE's table, and whether it gives units of the currency for 100 CNY instead of CNY for 100 units. */
static const struct {
	const char *name, *currency;
	bool inverted;
} names[] = {
	{ "美元", "USD", false }, { "欧元", "EUR", false }, { "日元", "JPY", false }, { "港元", "HKD", false }, { "英镑", "GBP", false },
	{ "澳元", "AUD", false }, { "澳大利亚元", "AUD", false }, { "新西兰元", "NZD", false }, { "新加坡元", "SGD", false },
	{ "瑞士法郎", "CHF", false }, { "加元", "CAD", false }, { "加拿大元", "CAD", false }, { "澳门元", "MOP", true }, { "林吉特", "MYR", true },
	{ "卢布", "RUB", true }, { "兰特", "ZAR", true }, { "韩元", "KRW", true }, { "迪拉姆", "AED", true }, { "里亚尔", "SAR", true },
	{ "福林", "HUF", true }, { "兹罗提", "PLN", true }, { "丹麦克朗", "DKK", true }, { "瑞典克朗", "SEK", true },
	{ "挪威克朗", "NOK", true }, { "里拉", "TRY", true }, { "比索", "MXN", true }, { "泰铢", "THB", true },
};

const struct fx_origin fx_origins[FX_N_KINDS] = {
	[FX_ECB] = { "EU", "ecb" }, [FX_FRED] = { "US", "fred" }, [FX_SAFE] = { "CN", "safe" }, [FX_CFETS] = { "CN", "cfets" },
};

static const char *
country_currency(const char *letters)
{
	size_t i;

	for (i = 0; i < sizeof countries / sizeof countries[0]; i++)
		if (memcmp(countries[i].letters, letters, 2) == 0)
			return countries[i].currency;
	return NULL;
}

static bool
is_fred(struct str name)
{
	return name.n == 7 && memcmp(name.p, "DEX", 3) == 0;
}

/* DEXCHUS: CNY for one USD. */
static bool
fred_pair(struct str name, struct fx_rate *rate)
{
	const char *price, *base;

	if (!is_fred(name) || (price = country_currency(name.p + 3)) == NULL || (base = country_currency(name.p + 5)) == NULL ||
	    (strcmp(price, "USD") == 0) == (strcmp(base, "USD") == 0))
		return false;
	snprintf(rate->commodity, sizeof rate->commodity, "%s/%s", base, price);
	return true;
}

/* 美元: CNY for 100 USD. 林吉特: MYR for 100 CNY. */
static bool
safe_pair(struct str name, struct fx_rate *rate)
{
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(name, names[i].name)) {
			rate->shift = 2;
			snprintf(rate->commodity, sizeof rate->commodity, "%s/%s", names[i].inverted ? "CNY" : names[i].currency,
			    names[i].inverted ? names[i].currency : "CNY");
			return true;
		}
	return false;
}

/* USD/CNY, 100JPY/CNY */
static bool
cfets_pair(struct str name, struct fx_rate *rate)
{
	struct str quote = name, base;

	if (!str_split(&quote, '/', &base) || quote.p == NULL)
		return false;
	if (str_starts(base, STR("100"))) {
		rate->shift = 2;
		base.p += 3;
		base.n -= 3;
	}
	snprintf(rate->commodity, sizeof rate->commodity, "%.3s/%.3s", base.n == 3 ? base.p : "", quote.n == 3 ? quote.p : "");
	return unit_is_currency(base) && unit_is_currency(quote) && str_is(base, "CNY") != str_is(quote, "CNY");
}

/* The pair of a column, and which side of it the column goes by. */
static bool
pair_of(enum fx_kind kind, struct str name, struct fx_rate *rate, struct str *asked)
{
	static const char *const own[FX_N_KINDS] = { [FX_ECB] = "EUR", [FX_FRED] = "USD", [FX_SAFE] = "CNY", [FX_CFETS] = "CNY" };
	struct str base, quote;
	bool found;

	rate->shift = 0;
	if (kind == FX_ECB) {
		snprintf(rate->commodity, sizeof rate->commodity, "EUR/%.*s", (int)(name.n > 3 ? 3 : name.n), name.p);
		found = unit_is_currency(name);
	} else {
		found = kind == FX_FRED ? fred_pair(name, rate) : kind == FX_SAFE ? safe_pair(name, rate) : cfets_pair(name, rate);
	}
	base = (struct str){ rate->commodity, 3 };
	quote = (struct str){ rate->commodity + 4, 3 };
	memcpy(rate->unit, quote.p, 3);
	rate->unit[3] = '/';
	memcpy(rate->unit + 4, base.p, 3);
	rate->unit[7] = '\0';
	*asked = str_is(quote, own[kind]) ? base : quote;
	return found;
}

static bool
is_date(struct str name)
{
	return (name.n == 4 && strncasecmp(name.p, "date", 4) == 0) || str_is(name, "observation_date") || str_is(name, "日期");
}

static bool
has_currency(const struct fx *fx, struct str currency)
{
	unsigned i;

	for (i = 0; i < fx->n; i++)
		if (str_starts(str_of(fx->rate[i].commodity), currency) || str_starts(str_of(fx->rate[i].unit), currency))
			return true;
	return false;
}

static enum fx_kind
kind_of(const struct header *header, struct str date)
{
	unsigned i;

	for (i = 0; i < header->n; i++) {
		if (is_fred(header->names[i]))
			return FX_FRED;
		if (header->names[i].n >= 7 && memchr(header->names[i].p, '/', header->names[i].n) != NULL)
			return FX_CFETS;
	}
	return str_is(date, "日期") ? FX_SAFE : FX_ECB;
}

/* A column's name in UTF-8, without blanks; as it is when it is in no encoding that these files have. */
static struct str
read_name(struct encoding *encoding, struct str raw, struct buf *bytes)
{
	struct err ignored;
	struct str name;

	if (utf8_valid(raw, NULL) || encoding_text(encoding, raw, bytes, &name, &ignored) != LODE_OK)
		name = raw;
	return str_trim(name);
}

static int
by_pair(const void *a, const void *b)
{
	const struct fx_rate *x = a, *y = b;
	int order = strcmp(x->commodity, y->commodity);

	return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

static int
find_rates(struct fx *fx, const struct header *header, const struct option_list *currency, struct encoding *encoding, struct buf *bytes,
    struct err *err)
{
	struct str name = STR(""), asked;
	unsigned i, date, n_known = 0;
	size_t k;

	for (date = 0; date < header->n && !is_date(name = read_name(encoding, header->names[date], bytes));)
		date++;
	if (date == header->n)
		return err_set(err, LODE_EUSAGE, "no column of dates of an ECB, FRED, SAFE or CFETS file in the header");
	*fx = (struct fx){ .kind = kind_of(header, name), .date = date };
	for (i = 0; i < header->n; i++) {
		struct fx_rate *rate = &fx->rate[fx->n];

		if (fx->n == FX_MAX_RATES)
			return err_set(err, LODE_EUSAGE, "more than %d columns of rates", FX_MAX_RATES - 1);
		name = read_name(encoding, header->names[i], bytes);
		if (!pair_of(fx->kind, name, rate, &asked))
			continue;
		n_known++;
		rate->column = i;
		snprintf(rate->name, sizeof rate->name, "%.*s", STR_ARG(name));
		fx->n += option_list_has(currency, asked);
	}
	if (n_known == 0)
		return err_set(err, LODE_EUSAGE, "no column of rates of an ECB, FRED, SAFE or CFETS file in the header");
	for (k = 0; k < currency->n; k++)
		if (!has_currency(fx, currency->item[k]))
			return err_set(err, LODE_EUSAGE, "no column of the currency '%.*s' in the header", STR_ARG(currency->item[k]));
	qsort(fx->rate, fx->n, sizeof fx->rate[0], by_pair);
	return LODE_OK;
}

int
fx_columns(struct fx *fx, const struct header *header, const struct option_list *currency, struct err *err)
{
	struct encoding *encoding;
	struct buf bytes = BUF_INIT;
	int rc;

	if (encoding_new(&encoding, "GB18030", err) != LODE_OK)
		return err->code;
	rc = find_rates(fx, header, currency, encoding, &bytes, err);
	buf_release(&bytes);
	encoding_free(encoding);
	return rc;
}

int
fx_day(struct fx *fx, struct str text, struct period *day, struct err *err)
{
	static const char month_first[] = "M/D/YYYY", all[] = "YYYY-MM-DD|YYYYMMDD|D Month YYYY|YYYY/M/D|M/D/YYYY";
	static const char *const forms[] = { "YYYY-MM-DD", "YYYYMMDD", "D Month YYYY", "YYYY/M/D", month_first };
	struct err ignored;
	size_t i;

	text = str_trim(text);
	for (i = 0; fx->form == NULL && i < sizeof forms / sizeof forms[0]; i++)
		if (date_parse(text, str_of(forms[i]), day, &ignored) == LODE_OK)
			fx->form = forms[i];
	if (date_parse(text, str_of(fx->form == NULL ? all : fx->form), day, err) != LODE_OK)
		return err_column(err, fx->date + 1, "Date");
	if (fx->form == month_first && ((day->first + 3) % 7 + 7) % 7 >= 5) { /* 1970-01-05 was a Monday */
		err_set(err, LODE_EDATA, "'%.*s', month first, is a Saturday or Sunday: is it day first?", STR_ARG(text));
		return err_column(err, fx->date + 1, "Date");
	}
	return LODE_OK;
}

int64_t
fx_known(const struct fx *fx, struct period day)
{
	int32_t days = day.first;

	if (fx->kind == FX_ECB)
		return (int64_t)days * 86400 + 15 * 3600;
	if (fx->kind != FX_FRED)
		return (int64_t)days * 86400 + 3600 + 15 * 60;
	days += 7 - ((days + 3) % 7 + 7) % 7; /* 1970-01-05 was a Monday */
	return (int64_t)days * 86400 + 21 * 3600 + 15 * 60;
}

/* No parity ever was ten times what it is: the same fixing is 717.78 in one place and 7.1778 in another. */
static bool
is_likely(const char *pair, struct dec number)
{
	static const struct {
		const char *pair;
		struct dec low, high;
	} bounds[] = {
		{ "USD/CNY", { 1, 0 }, { 20, 0 } }, { "EUR/CNY", { 1, 0 }, { 20, 0 } }, { "GBP/CNY", { 1, 0 }, { 20, 0 } },
		{ "HKD/CNY", { 2, 1 }, { 2, 0 } }, { "JPY/CNY", { 1, 2 }, { 2, 1 } },
	};
	size_t i;

	for (i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
		if (strcmp(pair, bounds[i].pair) == 0)
			return dec_cmp(number, bounds[i].low) >= 0 && dec_cmp(number, bounds[i].high) <= 0;
	return true;
}

int
fx_value(const struct fx *fx, const struct fx_rate *rate, struct str text, char bytes[DEC_MAX], struct str *value, struct err *err)
{
	static const char *const missing[] = { "", "N/A", ".", "-", "ND" };
	struct dec number;
	size_t i;

	*value = str_trim(text);
	for (i = 0; i < sizeof missing / sizeof missing[0]; i++)
		if (str_is(*value, missing[i])) {
			value->n = 0;
			return LODE_OK;
		}
	if (dec_parse(*value, &number, err) != LODE_OK)
		return err->code;
	if (number.mantissa <= 0)
		return err_set(err, LODE_EDATA, "rate '%.*s' is not above 0", STR_ARG(*value));
	if (rate->shift > 0) {
		if (dec_mul(number, (struct dec){ 1, rate->shift }, &number, err) != LODE_OK)
			return err->code;
		*value = (struct str){ bytes, dec_format(number, bytes) };
	}
	if (fx_origins[fx->kind].area[0] == 'C' && !is_likely(rate->commodity, number))
		return err_set(err, LODE_EDATA, "one %.3s at %.*s CNY: is the figure for another number of them?", rate->commodity, STR_ARG(*value));
	return LODE_OK;
}
