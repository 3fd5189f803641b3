#include "rates.h"

#include <stdlib.h>

#include "map.h"
#include "period.h"

struct rate {
	int32_t day;
	struct dec per_euro;
};

/* The rates of one currency, by rising day. */
struct currency {
	size_t n, room;
	struct rate *rate;
};

struct rates {
	struct map *currencies; /* to struct currency, owned */
};

int
rates_new(struct rates **rates, struct err *err)
{
	struct rates *made = calloc(1, sizeof *made);

	if (made == NULL || (made->currencies = map_new()) == NULL) {
		free(made);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	*rates = made;
	return LODE_OK;
}

void
rates_free(struct rates *rates)
{
	size_t i;

	if (rates == NULL)
		return;
	for (i = 0; i < map_count(rates->currencies); i++) {
		struct currency *currency = map_at(rates->currencies, i)->value.pointer;

		if (currency != NULL)
			free(currency->rate);
		free(currency);
	}
	map_free(rates->currencies);
	free(rates);
}

/* How many rates are of that day or before. */
static size_t
count_until(const struct currency *currency, int32_t day)
{
	size_t low = 0, high = currency->n, middle;

	if (high > 0 && currency->rate[high - 1].day <= day) /* nearly always */
		return high;
	while (low < high) {
		middle = (low + high) / 2;
		if (currency->rate[middle].day <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
insert(struct currency *currency, size_t at, struct rate rate)
{
	size_t room = currency->room == 0 ? 16 : currency->room * 2;
	struct rate *grown;

	if (currency->n == currency->room) {
		if ((grown = realloc(currency->rate, room * sizeof *grown)) == NULL)
			return LODE_ENOMEM;
		currency->rate = grown;
		currency->room = room;
	}
	memmove(currency->rate + at + 1, currency->rate + at, (currency->n - at) * sizeof rate);
	currency->rate[at] = rate;
	currency->n++;
	return LODE_OK;
}

int
rates_put(struct rates *rates, struct str name, int32_t day, struct dec per_euro, struct err *err)
{
	const struct rate rate = { day, per_euro };
	struct map_entry *entry;
	struct currency *currency;
	char text[DEC_MAX];
	size_t n;

	if (per_euro.mantissa <= 0) {
		dec_format(per_euro, text);
		return err_set(err, LODE_EDATA, "a rate of '%s' is not above zero", text);
	}
	if ((entry = map_put(rates->currencies, name)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (entry->value.pointer == NULL && (entry->value.pointer = calloc(1, sizeof *currency)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	currency = entry->value.pointer;
	n = count_until(currency, day);
	if (n > 0 && currency->rate[n - 1].day == day)
		currency->rate[n - 1] = rate;
	else if (insert(currency, n, rate) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

/* What one euro was worth. */
static int
per_euro(const struct rates *rates, struct str name, int32_t day, int32_t max_age, struct dec *rate, struct err *err)
{
	const struct map_entry *entry;
	const struct currency *currency;
	char asked[PERIOD_MAX], found[PERIOD_MAX];
	size_t n;

	*rate = dec_of(1);
	if (str_is(name, "EUR"))
		return LODE_OK;
	if ((entry = map_get(rates->currencies, name)) == NULL)
		return err_set(err, LODE_EDATA, "no rate of %.*s is known", STR_ARG(name));
	currency = entry->value.pointer;
	n = count_until(currency, day);
	period_format((struct period){ PERIOD_DAY, day, day }, asked);
	if (n == 0)
		return err_set(err, LODE_EDATA, "no rate of %.*s for %s or before is known", STR_ARG(name), asked);
	if (day - currency->rate[n - 1].day > max_age) {
		period_format((struct period){ PERIOD_DAY, currency->rate[n - 1].day, currency->rate[n - 1].day }, found);
		return err_set(err, LODE_EDATA, "the newest rate of %.*s for %s is of %s: older than %d days", STR_ARG(name), asked, found,
		    (int)max_age);
	}
	*rate = currency->rate[n - 1].per_euro;
	return LODE_OK;
}

int
rates_convert(const struct rates *rates, struct str from, struct str to, int32_t day, int32_t max_age, struct ratio *ratio,
    struct err *err)
{
	struct dec num, den;

	if (str_eq(from, to))
		return LODE_OK;
	if (per_euro(rates, to, day, max_age, &num, err) != LODE_OK || per_euro(rates, from, day, max_age, &den, err) != LODE_OK)
		return err->code;
	return ratio_scale(ratio, num, den, err);
}
