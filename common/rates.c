#include "rates.h"

#include <stdlib.h>

#include "map.h"
#include "period.h"

struct rate {
	struct dec rate;
	int32_t day;
	bool turned; /* the rate is of one quote in base */
};

/* The rates between two currencies, by rising day. */
struct pair {
	unsigned base, quote; /* of currencies */
	char name[8];         /* "EUR/CNY", as first given */
	size_t n, room;
	struct rate *rate;
};

/* How a search came to a currency. */
struct step {
	bool seen;
	unsigned from, pair;
};

struct rates {
	struct map *currencies; /* to their number */
	struct map *by_name;    /* "CNYEUR", the lesser name first, to the number of the pair + 1 */
	size_t n_pairs, n_steps;
	struct pair *pair;
	struct step *step;      /* by currency: of the search in hand */
	unsigned *queue;
};

int
rates_new(struct rates **rates, struct err *err)
{
	struct rates *made = calloc(1, sizeof *made);

	if (made == NULL || (made->currencies = map_new()) == NULL || (made->by_name = map_new()) == NULL) {
		rates_free(made);
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
	for (i = 0; i < rates->n_pairs; i++)
		free(rates->pair[i].rate);
	free(rates->pair);
	free(rates->step);
	free(rates->queue);
	map_free(rates->by_name);
	map_free(rates->currencies);
	free(rates);
}

/* The number of a currency, a new one when it is new. */
static int
add_currency(struct rates *rates, struct str name, unsigned *number)
{
	size_t n = map_count(rates->currencies);
	struct map_entry *entry = map_get(rates->currencies, name);
	struct step *steps;
	unsigned *queue;

	if (entry == NULL) {
		if ((steps = realloc(rates->step, (n + 1) * sizeof *steps)) == NULL)
			return LODE_ENOMEM;
		rates->step = steps;
		if ((queue = realloc(rates->queue, (n + 1) * sizeof *queue)) == NULL || (entry = map_put(rates->currencies, name)) == NULL) {
			rates->queue = queue != NULL ? queue : rates->queue;
			return LODE_ENOMEM;
		}
		rates->queue = queue;
		entry->value.number = n;
	}
	*number = (unsigned)entry->value.number;
	return LODE_OK;
}

static int
add_pair(struct rates *rates, struct str base, struct str quote, struct pair **pair)
{
	bool ahead = str_cmp(base, quote) < 0;
	struct str first = ahead ? base : quote, second = ahead ? quote : base;
	char name[8] = "";
	struct map_entry *entry;
	struct pair *grown;

	memcpy(name, first.p, 3);
	memcpy(name + 3, second.p, 3);
	if ((entry = map_put(rates->by_name, (struct str){ name, 6 })) == NULL)
		return LODE_ENOMEM;
	if (entry->value.number == 0) {
		if ((grown = realloc(rates->pair, (rates->n_pairs + 1) * sizeof *grown)) == NULL)
			return LODE_ENOMEM;
		rates->pair = grown;
		grown += rates->n_pairs;
		*grown = (struct pair){ .n = 0 };
		if (add_currency(rates, base, &grown->base) != LODE_OK || add_currency(rates, quote, &grown->quote) != LODE_OK)
			return LODE_ENOMEM;
		memcpy(grown->name, base.p, 3);
		grown->name[3] = '/';
		memcpy(grown->name + 4, quote.p, 3);
		entry->value.number = ++rates->n_pairs;
	}
	*pair = &rates->pair[entry->value.number - 1];
	return LODE_OK;
}

/* How many rates are of that day or before. */
static size_t
count_until(const struct pair *pair, int32_t day)
{
	size_t low = 0, high = pair->n, middle;

	if (high > 0 && pair->rate[high - 1].day <= day) /* nearly always */
		return high;
	while (low < high) {
		middle = (low + high) / 2;
		if (pair->rate[middle].day <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
insert(struct pair *pair, size_t at, struct rate rate)
{
	size_t room = pair->room == 0 ? 16 : pair->room * 2;
	struct rate *grown;

	if (pair->n == pair->room) {
		if ((grown = realloc(pair->rate, room * sizeof *grown)) == NULL)
			return LODE_ENOMEM;
		pair->rate = grown;
		pair->room = room;
	}
	memmove(pair->rate + at + 1, pair->rate + at, (pair->n - at) * sizeof rate);
	pair->rate[at] = rate;
	pair->n++;
	return LODE_OK;
}

int
rates_put(struct rates *rates, struct str base, struct str quote, int32_t day, struct dec value, struct err *err)
{
	struct rate rate = { value, day, false };
	struct pair *pair;
	char text[DEC_MAX];
	size_t n;

	if (value.mantissa <= 0) {
		dec_format(value, text);
		return err_set(err, LODE_EDATA, "a rate of '%s' is not above zero", text);
	}
	if (add_pair(rates, base, quote, &pair) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	rate.turned = memcmp(pair->name, base.p, 3) != 0;
	n = count_until(pair, day);
	if (n > 0 && pair->rate[n - 1].day == day)
		pair->rate[n - 1] = rate;
	else if (insert(pair, n, rate) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

/* Which rates a search may use: those that serve, also older ones, also later ones. */
enum reach { FRESH, DATED, ANY };

static bool
usable(const struct pair *pair, int32_t day, int32_t max_age, enum reach reach)
{
	size_t n = reach == ANY ? pair->n : count_until(pair, day);

	return n > 0 && (reach != FRESH || day - pair->rate[n - 1].day <= max_age);
}

/* Breadth first, so that the first way found is a shortest one; its steps lead back from `to`. */
static bool
find_way(const struct rates *rates, unsigned from, unsigned to, int32_t day, int32_t max_age, enum reach reach)
{
	size_t n_queue = 0, at, i;
	unsigned here, next;

	for (i = 0; i < map_count(rates->currencies); i++)
		rates->step[i].seen = false;
	rates->step[from].seen = true;
	rates->queue[n_queue++] = from;
	for (at = 0; at < n_queue && !rates->step[to].seen; at++) {
		here = rates->queue[at];
		for (i = 0; i < rates->n_pairs; i++) {
			const struct pair *pair = &rates->pair[i];

			if (pair->base != here && pair->quote != here)
				continue;
			next = pair->base == here ? pair->quote : pair->base;
			if (rates->step[next].seen || !usable(pair, day, max_age, reach))
				continue;
			rates->step[next] = (struct step){ true, here, (unsigned)i };
			rates->queue[n_queue++] = next;
		}
	}
	return rates->step[to].seen;
}

/* Why there is no way of rates that serve. */
static int
explain(const struct rates *rates, unsigned from, unsigned to, struct str from_name, struct str to_name, int32_t day, int32_t max_age,
    struct err *err)
{
	bool dated = find_way(rates, from, to, day, max_age, DATED);
	char asked[PERIOD_MAX], found[PERIOD_MAX];
	const struct pair *pair;
	int32_t newest;

	if (!dated && !find_way(rates, from, to, day, max_age, ANY))
		return err_set(err, LODE_EDATA, "no rates lead from %.*s to %.*s", STR_ARG(from_name), STR_ARG(to_name));
	do { /* one of the steps does not serve */
		pair = &rates->pair[rates->step[to].pair];
		to = rates->step[to].from;
	} while (usable(pair, day, max_age, dated ? FRESH : DATED));
	period_format((struct period){ PERIOD_DAY, day, day }, asked);
	if (!dated)
		return err_set(err, LODE_EDATA, "no rate of %s for %s or before is known", pair->name, asked);
	newest = pair->rate[count_until(pair, day) - 1].day;
	period_format((struct period){ PERIOD_DAY, newest, newest }, found);
	return err_set(err, LODE_EDATA, "the newest rate of %s for %s is of %s: older than %d days", pair->name, asked, found, (int)max_age);
}

int
rates_convert(const struct rates *rates, struct str from, struct str to, int32_t day, int32_t max_age, struct ratio *ratio,
    struct err *err)
{
	const struct map_entry *start, *end;
	struct ratio made = *ratio;
	unsigned here;

	if (str_eq(from, to))
		return LODE_OK;
	start = map_get(rates->currencies, from);
	end = map_get(rates->currencies, to);
	if (start == NULL || end == NULL)
		return err_set(err, LODE_EDATA, "no rate of %.*s is known", STR_ARG(end == NULL ? to : from));
	if (!find_way(rates, (unsigned)start->value.number, (unsigned)end->value.number, day, max_age, FRESH))
		return explain(rates, (unsigned)start->value.number, (unsigned)end->value.number, from, to, day, max_age, err);
	for (here = (unsigned)end->value.number; here != start->value.number; here = rates->step[here].from) {
		const struct pair *pair = &rates->pair[rates->step[here].pair];
		const struct rate *rate = &pair->rate[count_until(pair, day) - 1];
		bool times = (pair->quote == here) != rate->turned; /* from base to quote by the rate, back through it */
		int rc = times ? ratio_scale(&made, rate->rate, dec_of(1), err) : ratio_scale(&made, dec_of(1), rate->rate, err);

		if (rc != LODE_OK)
			return rc;
	}
	*ratio = made;
	return LODE_OK;
}
