#include "convert.h"

#include <stdio.h>

#include "instant.h"
#include "period.h"
#include "unit.h"

int
convert_init(struct convert *convert, const struct convert_rules *rules, struct err *err)
{
	*convert = (struct convert){ .rules = *rules, .mass_kg = dec_of(1), .price_kg = dec_of(1) };
	if (rules->mass.p != NULL && unit_mass(rules->mass, &convert->mass_kg, err) != LODE_OK)
		return err->code;
	if (rules->price_mass.p != NULL && unit_mass(rules->price_mass, &convert->price_kg, err) != LODE_OK)
		return err->code;
	return rates_new(&convert->rates, err);
}

void
convert_release(struct convert *convert)
{
	rates_free(convert->rates);
	convert->rates = NULL;
}

static int
blame(enum obs_column column, struct err *err)
{
	return err_column(err, (unsigned)column + 1, obs_names[column]);
}

/* The days of the period, none of them after that of `known` but when all are. */
static int
read_days(const struct obs *obs, int32_t *first, int32_t *last, struct err *err)
{
	struct period period;
	int64_t known;

	if (period_parse(obs->f[OBS_PERIOD], &period, err) != LODE_OK)
		return blame(OBS_PERIOD, err);
	if (instant_parse(obs->f[OBS_KNOWN], &known, err) != LODE_OK)
		return blame(OBS_KNOWN, err);
	*first = period_start(period);
	*last = period_end(period) - 1;
	if ((int64_t)*last * 86400 > known)
		*last = (int32_t)(known / 86400);
	if (*first > *last)
		*first = *last;
	return LODE_OK;
}

/* Missing rates, and those of sources not asked for, say nothing here. */
static int
take_rate(struct convert *convert, const struct obs *obs, struct converted *converted, struct err *err)
{
	struct str pair = obs->f[OBS_COMMODITY], unit = obs->f[OBS_UNIT], quote = pair, base;
	struct dec rate;
	int32_t first, day;

	if (obs->f[OBS_VALUE].n == 0 || !option_list_has(&convert->rules.rates, obs->f[OBS_SOURCE]))
		return LODE_OK;
	if (!str_split(&quote, '/', &base) || !unit_is_currency(base) || !unit_is_currency(quote) || str_eq(base, quote)) {
		err_set(err, LODE_EDATA, "'%.*s' is not a pair of currencies like EUR/CNY", STR_ARG(pair));
		return blame(OBS_COMMODITY, err);
	}
	if (unit.n != 7 || !str_starts(unit, quote) || unit.p[3] != '/' || memcmp(unit.p + 4, base.p, 3) != 0) {
		err_set(err, LODE_EDATA, "a rate of %.*s is in %.*s/%.*s, not in '%.*s'", STR_ARG(pair), STR_ARG(quote), STR_ARG(base),
		    STR_ARG(unit));
		return blame(OBS_UNIT, err);
	}
	if (read_days(obs, &first, &day, err) != LODE_OK)
		return err->code;
	if (dec_parse(obs->f[OBS_VALUE], &rate, err) != LODE_OK || rates_put(convert->rates, base, quote, day, rate, err) != LODE_OK)
		return blame(OBS_VALUE, err);
	converted->is_rate = true;
	return LODE_OK;
}

static int
change_currency(const struct convert *convert, const struct obs *obs, struct str from, struct ratio *ratio, struct err *err)
{
	int32_t first, day;

	if (obs->f[OBS_VALUE].n == 0 || str_eq(from, convert->rules.currency))
		return LODE_OK;
	if (read_days(obs, &first, &day, err) != LODE_OK)
		return err->code;
	return rates_convert(convert->rates, from, convert->rules.currency, day, convert->rules.max_age, ratio, err);
}

static int
change_tax(const struct convert *convert, const struct obs *obs, struct str tax, struct ratio *ratio, struct err *err)
{
	struct dec with = convert->rules.vat;
	int32_t first, last;

	if (!str_is(tax, "incl") && !str_is(tax, "excl")) {
		if (tax.n == 0)
			err_set(err, LODE_EDATA, "it is not known whether tax is in the price");
		else
			err_set(err, LODE_EDATA, "'%.*s' is not incl or excl", STR_ARG(tax));
		return err_column(err, 0, "tax");
	}
	if (str_eq(tax, convert->rules.tax))
		return LODE_OK;
	if (convert->rules.vats != NULL && (read_days(obs, &first, &last, err) != LODE_OK ||
	    vat_rate(convert->rules.vats, obs->f[OBS_AREA], first, last, &with, err) != LODE_OK))
		return err->code;
	if (dec_add(dec_of(1), with, &with, err) != LODE_OK)
		return err->code;
	return str_is(tax, "incl") ? ratio_scale(ratio, dec_of(1), with, err) : ratio_scale(ratio, with, dec_of(1), err);
}

/* Value times ratio; digits that stay are not touched. */
static int
finish(const struct obs *obs, const struct ratio *ratio, struct converted *converted, struct err *err)
{
	struct dec number;

	if (obs->f[OBS_VALUE].n == 0)
		return LODE_OK;
	if (dec_parse(obs->f[OBS_VALUE], &number, err) != LODE_OK)
		return blame(OBS_VALUE, err);
	if (ratio_is_one(ratio))
		return LODE_OK;
	if (ratio_apply(ratio, number, &number, err) != LODE_OK)
		return blame(OBS_VALUE, err);
	converted->value = (struct str){ converted->value_bytes, dec_format(number, converted->value_bytes) };
	return LODE_OK;
}

static int
convert_mass(const struct convert *convert, const struct obs *obs, struct converted *converted, struct err *err)
{
	struct ratio ratio = RATIO_ONE;
	struct dec kg;

	if (unit_mass(obs->f[OBS_UNIT], &kg, err) != LODE_OK)
		return blame(OBS_UNIT, err);
	if (ratio_scale(&ratio, kg, convert->mass_kg, err) != LODE_OK)
		return err->code;
	converted->unit = convert->rules.mass;
	return finish(obs, &ratio, converted, err);
}

static int
convert_value(const struct convert *convert, const struct obs *obs, struct converted *converted, struct err *err)
{
	struct ratio ratio = RATIO_ONE;

	if (!unit_is_currency(obs->f[OBS_UNIT])) {
		err_set(err, LODE_EDATA, "'%.*s' is not a currency like USD", STR_ARG(obs->f[OBS_UNIT]));
		return blame(OBS_UNIT, err);
	}
	if (change_currency(convert, obs, obs->f[OBS_UNIT], &ratio, err) != LODE_OK)
		return err->code;
	converted->unit = convert->rules.currency;
	return finish(obs, &ratio, converted, err);
}

static int
convert_price(const struct convert *convert, const struct obs *obs, struct str tax, struct converted *converted, struct err *err)
{
	const struct convert_rules *rules = &convert->rules;
	struct str text = obs->f[OBS_UNIT], multiple;
	struct ratio ratio = RATIO_ONE;
	struct unit_price unit;
	struct dec kg;
	int n;

	if (unit_price_parse(text, &unit, err) != LODE_OK)
		return blame(OBS_UNIT, err);
	multiple = (struct str){ text.p, (size_t)(unit.currency.p - text.p) };
	if (multiple.n > DEC_DIGITS) { /* zeros ahead of it */
		err_set(err, LODE_EDATA, "'%.*s' is not a price per mass like CNY/kg", STR_ARG(text));
		return blame(OBS_UNIT, err);
	}
	if (rules->tax.p != NULL && change_tax(convert, obs, tax, &ratio, err) != LODE_OK)
		return err->code;
	if (rules->currency.p != NULL) {
		if (change_currency(convert, obs, unit.currency, &ratio, err) != LODE_OK)
			return err->code;
		unit.currency = rules->currency;
	}
	if (rules->price_mass.p != NULL) {
		if (unit_mass(unit.mass, &kg, err) != LODE_OK || ratio_scale(&ratio, convert->price_kg, kg, err) != LODE_OK ||
		    ratio_scale(&ratio, unit.multiple, dec_of(1), err) != LODE_OK)
			return err->code;
		multiple.n = 0;
		unit.mass = rules->price_mass;
	}
	converted->tax = rules->tax;
	n = snprintf(converted->unit_bytes, sizeof converted->unit_bytes, "%.*s%.*s/%.*s", STR_ARG(multiple), STR_ARG(unit.currency),
	    STR_ARG(unit.mass));
	converted->unit = (struct str){ converted->unit_bytes, (size_t)n };
	return finish(obs, &ratio, converted, err);
}

static bool
ends_with(struct str text, struct str end)
{
	return text.n >= end.n && memcmp(text.p + text.n - end.n, end.p, end.n) == 0;
}

int
convert_obs(struct convert *convert, const struct obs *obs, struct str tax, struct converted *converted, struct err *err)
{
	const struct convert_rules *rules = &convert->rules;
	struct str indicator = obs->f[OBS_INDICATOR];
	bool currency = rules->currency.p != NULL;

	converted->value = converted->unit = converted->tax = (struct str){ NULL, 0 };
	converted->is_rate = false;
	if (str_starts(indicator, STR("price.premium."))) /* a ratio */
		return LODE_OK;
	if (str_starts(indicator, STR("price.")) && (currency || rules->price_mass.p != NULL || rules->tax.p != NULL))
		return convert_price(convert, obs, tax, converted, err);
	if (rules->mass.p != NULL && ends_with(indicator, STR(".mass")))
		return convert_mass(convert, obs, converted, err);
	if (currency && ends_with(indicator, STR(".value")))
		return convert_value(convert, obs, converted, err);
	if (currency && str_is(indicator, "fx.rate"))
		return take_rate(convert, obs, converted, err);
	return LODE_OK;
}
