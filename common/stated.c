#include "stated.h"

#include <stdio.h>

enum {
	NEAR = 6,      /* words between a change and the word that gives its direction */
	MEASURE = 28,  /* words between a number and its measure */
	NUMBER = 40,   /* characters of a number */
};

struct amount {
	uint32_t start, end;
	struct dec value;          /* the higher one of a range */
	struct dec low;            /* of a range */
	bool is_range;
	bool has_unit, is_percent, is_factor;
	bool is_directed;          /* "halved" says which way, "half" does not */
	struct str unit, currency; /* constants of the lexicon */
};

static size_t
blanks(const struct sentence *s, size_t at)
{
	while (at < s->end && (s->text.p[at] == ' ' || s->text.p[at] == '-'))
		at++;
	return at;
}

/* What ends there, but for blanks. */
static const struct mark *
mark_before(const struct sentence *s, unsigned set, size_t at)
{
	const struct mark *m = sentence_last(s, set, s->start, at);

	return m != NULL && blanks(s, m->end) == at ? m : NULL;
}

/* Digits with commas in threes, and decimals; 0 bytes when there is no such number. */
static size_t
digits_at(const struct sentence *s, size_t at, struct dec *value)
{
	struct err ignored;
	size_t n = 0;

	while (at + n < s->end && n < NUMBER && (char_is_digit(s->text.p[at + n]) ||
	    ((s->text.p[at + n] == ',' || s->text.p[at + n] == '.') && n > 0 && at + n + 1 < s->end && char_is_digit(s->text.p[at + n + 1]))))
		n++;
	return n > 0 && dec_parse_grouped((struct str){ s->text.p + at, n }, value, &ignored) == LODE_OK ? n : 0;
}

static bool
is_year(const struct when *when, size_t n, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (at >= when[i].start && at < when[i].end)
			return true;
	return false;
}

static bool
scaled(const struct sentence *s, size_t *at, struct dec *value)
{
	const struct mark *scale;
	struct dec by;
	struct err ignored;

	while ((scale = sentence_at(s, SET_SCALE, blanks(s, *at))) != NULL) {
		if (dec_parse(sentence_class(s, scale), &by, &ignored) != LODE_OK || dec_mul(*value, by, value, &ignored) != LODE_OK)
			return false;
		*at = scale->end;
	}
	return true;
}

/* "a kilogram", "per tonne", "/kg" after a currency. */
static void
read_per(const struct sentence *s, struct amount *amount)
{
	const struct mark *per = sentence_at(s, SET_PER, blanks(s, amount->end)), *unit;

	if (per == NULL || (unit = sentence_at(s, SET_UNIT, blanks(s, per->end))) == NULL)
		return;
	amount->has_unit = true;
	amount->unit = sentence_class(s, unit);
	amount->end = unit->end;
}

/* "2,760t", "50kg", "21pc": right behind the digits, where no word of the lexicon is found. */
static bool
read_attached(const struct sentence *s, struct amount *amount)
{
	const struct entry *unit;
	size_t end;

	if (amount->end == s->start || amount->end == s->end || !char_is_digit(s->text.p[amount->end - 1]) || !char_is_letter(s->text.p[amount->end]))
		return false;
	if ((unit = sentence_word_at(s, SET_UNIT, amount->end, &end)) != NULL) {
		amount->has_unit = true;
		amount->unit = unit->name;
	} else if (sentence_word_at(s, SET_PERCENT, amount->end, &end) != NULL)
		amount->is_percent = true;
	else
		return false;
	amount->end = (uint32_t)end;
	return true;
}

/* What follows the digits or number words that end at `at`. */
static bool
read_rest(const struct sentence *s, size_t at, struct amount *amount)
{
	const struct mark *mark;

	if (!scaled(s, &at, &amount->value))
		return false;
	amount->end = (uint32_t)at;
	at = blanks(s, at);
	if ((mark = sentence_at(s, SET_PERCENT, at)) != NULL) {
		amount->is_percent = true;
		amount->end = mark->end;
		return true;
	}
	if ((mark = sentence_at(s, SET_CURRENCY, at)) != NULL) {
		amount->currency = sentence_class(s, mark);
		amount->end = mark->end;
	}
	if (amount->currency.n > 0) {
		read_per(s, amount);
		return true;
	}
	if ((mark = sentence_at(s, SET_UNIT, at)) == NULL)
		return read_attached(s, amount);
	amount->has_unit = true;
	amount->unit = sentence_class(s, mark);
	amount->end = mark->end;
	return true;
}

/* Where the second number of a range may begin, behind a first one that ends at `at`; 0 when no range goes on there. "From 5 to 7" is none, nor "up 5 to 70". */
static size_t
range_at(const struct sentence *s, size_t first, size_t at)
{
	static const char *const marks[] = { "-", "–", "—", "~", "～", "－" }, *const spaced[] = { " - ", " – " };
	const struct mark *from = sentence_last(s, SET_FROM, s->start, first), *currency;
	const struct mark *up = sentence_last(s, SET_UP, s->start, first), *down = sentence_last(s, SET_DOWN, s->start, first);
	bool is_moved = (up != NULL && sentence_words(s, up->end, first) == 0) || (down != NULL && sentence_words(s, down->end, first) == 0);
	bool is_held = is_moved || (from != NULL && sentence_words(s, from->end, first) == 0);
	const struct entry *word;
	size_t i, end, next = 0;

	for (i = 0; i < sizeof marks / sizeof marks[0] && next == 0; i++)
		if (sentence_starts(s, at, marks[i]))
			next = at + strlen(marks[i]);
	for (i = 0; i < sizeof spaced / sizeof spaced[0] && next == 0 && !is_held; i++)
		if (sentence_starts(s, at, spaced[i]))
			next = at + strlen(spaced[i]);
	if (next == 0 && at < s->end && !char_is_letter(s->text.p[at]) && (word = sentence_word_at(s, SET_RANGE, at, &end)) != NULL &&
	    (str_is(word->name, "between") ? sentence_first(s, SET_BETWEEN, s->start, first) != NULL : word->name.n == 0 && !is_held))
		next = blanks(s, end);
	if (next == 0)
		return 0;
	currency = sentence_at(s, SET_CURRENCY, next);
	return currency != NULL ? blanks(s, currency->end) : next;
}

/* "700-1,000/kg", "6.55-6.60 million yuan per tonne", "$700/kg to $1,000/kg": from the first number, which ends at `at`; false where it is no range of prices. */
static bool
read_range(const struct sentence *s, size_t at, struct amount *amount)
{
	struct amount high = *amount, low = *amount;
	struct dec scale = dec_of(1);
	struct err ignored;
	size_t n, next = range_at(s, amount->start, at);
	bool own = next == 0;

	/* The first one may have its scale and unit too. */
	if (own && (!read_rest(s, at, &low) || low.is_percent || (low.has_unit && low.currency.n == 0) || (next = range_at(s, amount->start, low.end)) == 0))
		return false;
	if ((n = digits_at(s, next, &high.value)) == 0 || !read_rest(s, next + n, &high) || !high.has_unit || high.currency.n == 0)
		return false;
	at = next + n;
	if (!own && (!scaled(s, &at, &scale) || dec_mul(low.value, scale, &low.value, &ignored) != LODE_OK))
		return false;
	if (dec_cmp(low.value, high.value) >= 0)
		return false;
	high.low = low.value;
	high.is_range = true;
	*amount = high;
	return true;
}

static bool
read_amount(const struct sentence *s, size_t at, struct amount *amount)
{
	const struct mark *mark;
	struct err ignored;
	size_t n, i;

	*amount = (struct amount){ .start = (uint32_t)at };
	if ((mark = sentence_at(s, SET_FACTOR, at)) != NULL) {
		amount->is_factor = true;
		amount->is_directed = sentence_class(s, mark).n > 0 && strchr("+-", sentence_class(s, mark).p[0]) != NULL;
		amount->end = mark->end;
		return dec_parse(sentence_class(s, mark), &amount->value, &ignored) == LODE_OK;
	}
	/* 百分之二十 */
	mark = sentence_at(s, SET_PERCENT, at);
	if (mark != NULL && str_is(sentence_class(s, mark), "before")) {
		const struct mark *number = sentence_at(s, SET_NUMBER, mark->end);

		amount->is_percent = true;
		n = digits_at(s, mark->end, &amount->value);
		amount->end = mark->end + (uint32_t)n;
		if (n == 0 && number != NULL) {
			amount->end = number->end;
			return dec_parse(sentence_class(s, number), &amount->value, &ignored) == LODE_OK;
		}
		return n > 0;
	}
	if ((mark = sentence_at(s, SET_NUMBER, at)) != NULL)
		return dec_parse(sentence_class(s, mark), &amount->value, &ignored) == LODE_OK && read_rest(s, mark->end, amount);
	if ((n = digits_at(s, at, &amount->value)) == 0)
		return false;
	/* A currency stands before the number: US$850 a kg. */
	for (i = 0; i < s->n && s->marks[i].start < at; i++)
		if (s->marks[i].set == SET_CURRENCY && blanks(s, s->marks[i].end) == at)
			amount->currency = sentence_class(s, &s->marks[i]);
	if (at > s->start && (s->text.p[at - 1] == '-' || s->text.p[at - 1] == '+') && (at < s->start + 2 || !char_is_digit(s->text.p[at - 2]))) {
		struct dec minus = dec_of(s->text.p[at - 1] == '-' ? -1 : 1);

		if (dec_mul(amount->value, minus, &amount->value, &ignored) != LODE_OK)
			return false;
	}
	return read_range(s, at + n, amount) || read_rest(s, at + n, amount);
}

/* "More than 7%" bounds a number, "7% more" says which way. */
static bool
is_bound(const struct sentence *s, const struct mark *mark, size_t number)
{
	return str_is(sentence_class(s, mark), "bound") && mark->end <= number;
}

/* The "than" of "more than 7%", not that of "7% more than 2024". */
static bool
is_of_bound(const struct sentence *s, const struct mark *than)
{
	const struct mark *m;
	size_t at = blanks(s, than->end);

	if (at == s->end || !char_is_digit(s->text.p[at]))
		return false;
	for (m = s->marks; m < than; m++)
		if ((m->set == SET_UP || m->set == SET_DOWN) && is_bound(s, m, at) && blanks(s, m->end) == than->start)
			return mark_before(s, SET_PERCENT, m->start) == NULL;
	return false;
}

/* "from 7%", "compared with 70 tonnes", "from $810 a kg in May": what something is counted from; "from Laos fell 7%", "from Laos in May", "from August to 5,774 tonnes" are not. */
static bool
is_base(const struct sentence *s, size_t start)
{
	const struct mark *from = sentence_last(s, SET_FROM, s->start, start);
	size_t number = from == NULL ? 0 : blanks(s, from->end);
	bool counted = number < s->end && (char_is_digit(s->text.p[number]) || sentence_at(s, SET_CURRENCY, number) != NULL);

	return from != NULL && !is_of_bound(s, from) && sentence_words(s, from->end, start) <= (counted ? 8 : 2) && sentence_commas(s, from->end, start) == 0 &&
	    sentence_first(s, SET_UP, from->end, start) == NULL && sentence_first(s, SET_DOWN, from->end, start) == NULL &&
	    sentence_first(s, SET_PLACE, from->end, start) == NULL && sentence_first(s, SET_TO, from->end, start) == NULL;
}

/* -1, 1, or 0 when no word says which way. */
static int
direction(const struct sentence *s, const struct amount *amount)
{
	const struct mark *m, *best = NULL;
	unsigned words, least = NEAR + 1;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if ((m->set != SET_UP && m->set != SET_DOWN) || is_bound(s, m, amount->start))
			continue;
		if (m->end <= amount->start)
			words = sentence_words(s, m->end, amount->start) + 3 * sentence_commas(s, m->end, amount->start);
		else if (m->start >= amount->end)
			words = sentence_words(s, amount->end, m->start) * 2 + 3 * sentence_commas(s, amount->end, m->start) + 1;
		else
			continue;
		if (words <= least) {
			least = words;
			best = m;
		}
	}
	return best == NULL ? 0 : best->set == SET_UP ? 1 : -1;
}

static const struct mark *
nearest_measure(const struct sentence *s, const struct amount *amount)
{
	const struct mark *m, *best = NULL;
	unsigned words, least = MEASURE + 1;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_MEASURE)
			continue;
		if (m->end <= amount->start)
			words = sentence_words(s, m->end, amount->start);
		else if (m->start >= amount->end)
			words = 2 * sentence_words(s, amount->end, m->start) + 2 + 3 * sentence_commas(s, amount->end, m->start);
		else
			continue;
		if (sentence_first(s, SET_BREAK, m->end < amount->start ? m->end : amount->end, m->end < amount->start ? amount->start : m->start) != NULL)
			words += 8;
		if (words < least || (words == least && best != NULL && m->end - m->start > best->end - best->start)) {
			least = words;
			best = m;
		}
	}
	return best;
}

/* "The army, which took the town last October, sold 5 tonnes": a date of what is told of somebody in between. */
static bool
is_aside(const struct sentence *s, const struct when *when, const struct amount *amount)
{
	const struct mark *which = sentence_last(s, SET_RELATIVE, s->start, when->start);

	return which != NULL && sentence_commas(s, which->end, when->start) == 0 &&
	    (amount->start < which->start || (amount->start > when->end && sentence_commas(s, when->end, amount->start) > 0));
}

static const struct when *
nearest_when(const struct sentence *s, const struct when *when, size_t n, const struct amount *amount)
{
	const struct when *best = NULL;
	unsigned words, least = 1000;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!when[i].known || (is_base(s, when[i].start) && when[i].period.kind != PERIOD_SPAN) || is_aside(s, &when[i], amount))
			continue;
		if (when[i].end <= amount->start)
			words = sentence_words(s, when[i].end, amount->start) + 2 * sentence_commas(s, when[i].end, amount->start);
		else if (when[i].start >= amount->end)
			words = sentence_words(s, amount->end, when[i].start) + 2 * sentence_commas(s, amount->end, when[i].start);
		else
			continue;
		/* "customs said on Friday" is no month of trade. */
		if (when[i].period.kind == PERIOD_DAY)
			words += 20;
		if (words < least) {
			least = words;
			best = &when[i];
		}
	}
	return best;
}

/* "up 55 yuan a kilogram" is by how much a price moved. */
static bool
is_step(const struct sentence *s, const struct amount *amount)
{
	const struct mark *up = sentence_last(s, SET_UP, s->start, amount->start), *down = sentence_last(s, SET_DOWN, s->start, amount->start);
	const struct mark *moved = up == NULL || (down != NULL && down->start > up->start) ? down : up;

	return moved != NULL && sentence_words(s, moved->end, amount->start) <= 1 && sentence_first(s, SET_TO, moved->end, amount->start) == NULL;
}

static bool
make(const struct sentence *s, const struct amount *amount, const struct when *when, size_t n_when, bool has_mass, struct stated *stated)
{
	const struct mark *measure = nearest_measure(s, amount);
	struct mark act = { amount->start, amount->end, 0, SET_NUMBER };
	struct err ignored;
	int way;
	enum mood mood;

	*stated = (struct stated){ .start = amount->start, .end = amount->end, .value = amount->value, .vague = amount->is_factor, .bound = amount->is_range ? 1 : 0 };
	if (measure != NULL)
		stated->measure = sentence_class(s, measure);
	if (is_base(s, amount->start))
		return false;
	if (amount->is_percent || amount->is_factor) {
		stated->kind = STATED_CHANGE;
		/* A percentage without a direction is a share, not a change. */
		way = amount->is_directed || amount->value.mantissa < 0 ? 1 : direction(s, amount);
		if (way == 0 || dec_mul(amount->value, dec_of(way), &stated->value, &ignored) != LODE_OK)
			return false;
		snprintf(stated->unit, sizeof stated->unit, "%%");
	} else if (amount->currency.n > 0 && amount->has_unit) {
		stated->kind = STATED_PRICE;
		/* A tax by weight */
		if (str_is(stated->measure, "tax"))
			return false;
		stated->measure = STR("price");
		snprintf(stated->unit, sizeof stated->unit, "%.*s/%.*s", STR_ARG(amount->currency), STR_ARG(amount->unit));
		if (is_step(s, amount))
			return false;
	} else if (amount->currency.n > 0) {
		stated->kind = STATED_MONEY;
		snprintf(stated->unit, sizeof stated->unit, "%.*s", STR_ARG(amount->currency));
	} else {
		stated->kind = STATED_MASS;
		snprintf(stated->unit, sizeof stated->unit, "%.*s", STR_ARG(amount->unit));
	}
	/* "Terbium oxide gained 3%": of a commodity without a measure it is the price that moves, but not where tonnes are told. */
	if (measure == NULL && !has_mass && stated->kind == STATED_CHANGE && sentence_first(s, SET_COMMODITY, s->start, s->end) != NULL)
		stated->measure = STR("price");
	if (stated->measure.n == 0 || str_is(stated->measure, "tax") || ((stated->kind == STATED_MASS || stated->kind == STATED_MONEY) && str_is(stated->measure, "price")))
		return false;
	mood = mood_of(s, &act, amount->start, amount->end, false, false).mood;
	if (mood != MOOD_TOLD && mood != MOOD_PAST)
		return false;
	stated->when = nearest_when(s, when, n_when, amount);
	return true;
}

size_t
stated_find(const struct sentence *s, const struct when *when, size_t n_when, struct stated stated[STATED_MAX])
{
	struct amount amount, price = { .currency = STR("") };
	size_t at = s->start, n = 0, next = 0;
	bool has_mass = false;

	while (at < s->end && n < STATED_MAX) {
		while (next < s->n && s->marks[next].start < at)
			next++;
		if ((!char_is_digit(s->text.p[at]) && (next == s->n || s->marks[next].start != at)) || is_year(when, n_when, at)) {
			at++;
			continue;
		}
		if (read_amount(s, at, &amount)) {
			/* "To $850 a kilogram, terbium to $3,000": the same unit again. */
			if (amount.currency.n > 0 && !amount.has_unit && str_eq(amount.currency, price.currency)) {
				amount.has_unit = true;
				amount.unit = price.unit;
			} else if (amount.currency.n > 0 && amount.has_unit)
				price = amount;
			has_mass |= amount.has_unit && amount.currency.n == 0;
			if (make(s, &amount, when, n_when, has_mass, &stated[n])) {
				if (amount.is_range && n + 1 < STATED_MAX) {
					stated[n + 1] = stated[n];
					stated[n].value = amount.low;
					stated[n++].bound = -1;
				}
				n++;
			}
			at = amount.end > at ? amount.end : at + 1;
		} else if (char_is_digit(s->text.p[at]))
			while (at < s->end && (char_is_digit(s->text.p[at]) || s->text.p[at] == ',' || s->text.p[at] == '.'))
				at++;
		else
			at++;
	}
	return n;
}
