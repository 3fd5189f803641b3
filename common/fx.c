#include "fx.h"

#include <stdio.h>
#include <strings.h>

#include "date.h"
#include "dec.h"
#include "unit.h"

/* The two letters of H.10 series names. */
static const struct {
	char letters[3], currency[4];
} countries[] = {
	{ "US", "USD" }, { "CH", "CNY" }, { "EU", "EUR" }, { "JP", "JPY" }, { "UK", "GBP" }, { "KO", "KRW" }, { "CA", "CAD" }, { "MX", "MXN" },
	{ "IN", "INR" }, { "TH", "THB" }, { "MA", "MYR" }, { "AL", "AUD" }, { "SZ", "CHF" }, { "SI", "SGD" }, { "HK", "HKD" }, { "TA", "TWD" },
	{ "BZ", "BRL" }, { "SF", "ZAR" }, { "NO", "NOK" }, { "SD", "SEK" }, { "DN", "DKK" }, { "NZ", "NZD" }, { "SL", "LKR" },
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

/* The pair of a column: price currency for one of base. */
static bool
pair_of(struct str name, bool fred, char base[4], char price[4])
{
	const char *p = NULL, *b = NULL;

	if (!fred) {
		memcpy(base, "EUR", 4);
		snprintf(price, 4, "%.3s", name.p);
		return unit_is_currency(name);
	}
	if (is_fred(name)) {
		p = country_currency(name.p + 3);
		b = country_currency(name.p + 5);
	}
	if (p == NULL || b == NULL || (strcmp(p, "USD") == 0) == (strcmp(b, "USD") == 0))
		return false;
	memcpy(price, p, 4);
	memcpy(base, b, 4);
	return true;
}

static bool
is_date(struct str name)
{
	return (name.n == 4 && strncasecmp(name.p, "date", 4) == 0) || str_is(name, "observation_date");
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

int
fx_columns(struct fx *fx, const struct header *header, const struct option_list *currency, struct err *err)
{
	char base[4], price[4];
	unsigned i, n_known = 0;
	size_t k;

	if (!is_date(header->names[0]))
		return err_set(err, LODE_EUSAGE, "'%.*s' is not the column of dates of an ECB or FRED file", STR_ARG(header->names[0]));
	fx->fred = false;
	for (i = 1; i < header->n; i++)
		fx->fred = fx->fred || is_fred(header->names[i]);
	fx->n = 0;
	for (i = 1; i < header->n; i++) {
		struct str name = header->names[i];

		if (!pair_of(name, fx->fred, base, price))
			continue;
		n_known++;
		if (!option_list_has(currency, str_of(strcmp(price, "USD") == 0 && fx->fred ? base : price)))
			continue;
		if (fx->n == FX_MAX_RATES)
			return err_set(err, LODE_EUSAGE, "more than %d columns of rates", FX_MAX_RATES);
		fx->rate[fx->n].column = i;
		snprintf(fx->rate[fx->n].name, sizeof fx->rate[fx->n].name, "%.*s", STR_ARG(name));
		snprintf(fx->rate[fx->n].commodity, sizeof fx->rate[fx->n].commodity, "%s/%s", base, price);
		snprintf(fx->rate[fx->n].unit, sizeof fx->rate[fx->n].unit, "%s/%s", price, base);
		fx->n++;
	}
	if (n_known == 0)
		return err_set(err, LODE_EUSAGE, "no column of rates of an ECB or FRED file in the header");
	for (k = 0; k < currency->n; k++)
		if (!has_currency(fx, currency->item[k]))
			return err_set(err, LODE_EUSAGE, "no column of the currency '%.*s' in the header", STR_ARG(currency->item[k]));
	return LODE_OK;
}

int
fx_day(struct str text, struct period *day, struct err *err)
{
	if (date_parse(str_trim(text), STR("YYYY-MM-DD|D Month YYYY|M/D/YYYY"), day, err) != LODE_OK)
		return err_column(err, 1, "Date");
	return LODE_OK;
}

int64_t
fx_known(const struct fx *fx, struct period day)
{
	int32_t days = day.first;

	if (!fx->fred)
		return (int64_t)days * 86400 + 15 * 3600;
	days += 7 - ((days + 3) % 7 + 7) % 7; /* 1970-01-05 was a Monday */
	return (int64_t)days * 86400 + 21 * 3600 + 15 * 60;
}

int
fx_value(struct str text, struct str *rate, struct err *err)
{
	static const char *const missing[] = { "", "N/A", ".", "-", "ND" };
	struct dec value;
	size_t i;

	*rate = str_trim(text);
	for (i = 0; i < sizeof missing / sizeof missing[0]; i++)
		if (str_is(*rate, missing[i])) {
			rate->n = 0;
			return LODE_OK;
		}
	if (dec_parse(*rate, &value, err) != LODE_OK)
		return err->code;
	if (value.mantissa <= 0)
		return err_set(err, LODE_EDATA, "rate '%.*s' is not above 0", STR_ARG(*rate));
	return LODE_OK;
}
