#include "premium.h"

#include <inttypes.h>
#include <stdlib.h>

#include "buf.h"
#include "map.h"
#include "period.h"

enum side { HOME, FOB, EUROPE, N_SIDES };

/* low, high and avg, as the last part of an indicator says */
enum figure { LOW, HIGH, AVG, N_FIGURES };

struct quote {
	bool given, normal;  /* normal: status A */
	bool is_touched;     /* is to be given by premium_touched() */
	bool taxed;          /* tax is in it, or may be */
	int32_t first, last; /* days since 1970-01-01 */
	bool has[N_FIGURES];
	struct dec figure[N_FIGURES], level;
	struct buf text;     /* known, period, area, commodity, unit and ref, each with a tab behind it */
};

/* The newest quotes of a commodity. */
struct market {
	struct quote side[N_SIDES];
};

struct premium {
	int32_t max_days;
	struct map *markets; /* to struct market, owned */
	enum side side;      /* of the quote in hand */
	struct quote quote;
	struct buf key;      /* what its lines have in common */
	struct buf refs[PREMIUM_MAX];
};

int
premium_new(struct premium **premium, int32_t max_days, struct err *err)
{
	struct premium *made = calloc(1, sizeof *made);

	if (made == NULL || (made->markets = map_new()) == NULL) {
		free(made);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	made->max_days = max_days;
	*premium = made;
	return LODE_OK;
}

void
premium_free(struct premium *premium)
{
	size_t i, k;

	if (premium == NULL)
		return;
	for (i = 0; i < map_count(premium->markets); i++) {
		struct market *market = map_at(premium->markets, i)->value.pointer;

		for (k = 0; market != NULL && k < N_SIDES; k++)
			buf_release(&market->side[k].text);
		free(market);
	}
	map_free(premium->markets);
	buf_release(&premium->quote.text);
	buf_release(&premium->key);
	for (i = 0; i < PREMIUM_MAX; i++)
		buf_release(&premium->refs[i]);
	free(premium);
}

/* Side and figure of a line; false for one that is no price of the three. */
static bool
read_kind(const struct obs *obs, enum side *side, enum figure *figure)
{
	static const char *const names[N_FIGURES] = { "low", "high", "avg" };
	struct str rest = obs->f[OBS_INDICATOR], word, term;
	unsigned k;

	if (!str_split(&rest, '.', &word) || !str_is(word, "price") || !str_split(&rest, '.', &term) || rest.p == NULL)
		return false;
	for (k = 0; k < N_FIGURES && !str_is(rest, names[k]);)
		k++;
	*figure = (enum figure)k;
	if (str_is(obs->f[OBS_AREA], "EU"))
		*side = EUROPE;
	else
		*side = str_is(term, "fob") ? FOB : HOME;
	return k < N_FIGURES && (*side == EUROPE ? !str_is(term, "list") : str_is(obs->f[OBS_AREA], "CN") &&
	    (*side == FOB || str_is(term, "exw")));
}

/* What the lines of a quote share, as bytes: all but value, the last part of the indicator and status. */
static struct str
shared(const struct obs *obs, unsigned k)
{
	static const enum obs_column columns[] = { OBS_KNOWN, OBS_PERIOD, OBS_AREA, OBS_PARTNER, OBS_COMMODITY, OBS_UNIT, OBS_SOURCE, OBS_REF };
	struct str term = obs->f[OBS_INDICATOR];

	if (k < sizeof columns / sizeof columns[0])
		return obs->f[columns[k]];
	while (term.n > 0 && term.p[term.n - 1] != '.')
		term.n--;
	return term;
}

enum { N_SHARED = 9 };

bool
premium_continues(const struct premium *premium, const struct obs *obs)
{
	struct str rest = buf_str(&premium->key), part;
	unsigned k;

	if (!premium->quote.given)
		return false;
	for (k = 0; k < N_SHARED; k++)
		if (!str_split(&rest, '\t', &part) || !str_eq(part, shared(obs, k)))
			return false;
	return true;
}

/* Starts a quote with its first line. */
static int
begin(struct premium *premium, const struct obs *obs, struct err *err)
{
	static const enum obs_column kept[] = { OBS_KNOWN, OBS_PERIOD, OBS_AREA, OBS_COMMODITY, OBS_UNIT, OBS_REF };
	struct quote *quote = &premium->quote;
	struct buf text = quote->text;
	struct period period;
	unsigned k;

	if (period_parse(obs->f[OBS_PERIOD], &period, err) != LODE_OK)
		return err_column(err, OBS_PERIOD + 1, obs_names[OBS_PERIOD]);
	text.n = premium->key.n = 0;
	*quote = (struct quote){ .normal = true, .first = period_start(period), .last = period_end(period) - 1, .text = text };
	for (k = 0; k < N_SHARED; k++)
		if (buf_add_str(&premium->key, shared(obs, k)) != LODE_OK || buf_add(&premium->key, "\t", 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	for (k = 0; k < sizeof kept / sizeof kept[0]; k++)
		if (buf_add_str(&quote->text, obs->f[kept[k]]) != LODE_OK || buf_add(&quote->text, "\t", 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	quote->given = true;
	return LODE_OK;
}

int
premium_add(struct premium *premium, const struct obs *obs, struct str tax, struct err *err)
{
	enum side side;
	enum figure figure;
	struct dec value;

	if (!read_kind(obs, &side, &figure) || obs->f[OBS_VALUE].n == 0)
		return LODE_OK;
	if (dec_parse(obs->f[OBS_VALUE], &value, err) != LODE_OK)
		return err_column(err, OBS_VALUE + 1, obs_names[OBS_VALUE]);
	if (value.mantissa <= 0) {
		err_set(err, LODE_EDATA, "a price of '%.*s' is not above zero", STR_ARG(obs->f[OBS_VALUE]));
		return err_column(err, OBS_VALUE + 1, obs_names[OBS_VALUE]);
	}
	if (!premium_continues(premium, obs) && begin(premium, obs, err) != LODE_OK)
		return err->code;
	premium->side = side;
	premium->quote.has[figure] = true;
	premium->quote.figure[figure] = value;
	premium->quote.normal = premium->quote.normal && str_is(obs->f[OBS_STATUS], "A");
	premium->quote.taxed = premium->quote.taxed || !str_is(tax, "excl");
	return LODE_OK;
}

enum kept { KNOWN, PERIOD, AREA, COMMODITY, UNIT, REF };

static struct str
get(const struct quote *quote, enum kept which)
{
	struct str rest = buf_str(&quote->text), part = STR("");
	unsigned k;

	for (k = 0; k <= (unsigned)which; k++)
		str_split(&rest, '\t', &part);
	return part;
}

/* The average, or the middle of low and high. */
static int
set_level(struct quote *quote, bool *has, struct err *err)
{
	*has = quote->has[AVG] || (quote->has[LOW] && quote->has[HIGH]);
	if (!*has || quote->has[AVG]) {
		quote->level = quote->figure[AVG];
		return LODE_OK;
	}
	if (dec_add(quote->figure[LOW], quote->figure[HIGH], &quote->level, err) != LODE_OK)
		return err->code;
	return dec_mul(quote->level, (struct dec){ 5, 1 }, &quote->level, err);
}

/* The line of one comparison, or why there is none. */
static int
compare(struct premium *premium, const struct quote *now, const struct quote *before, enum side side, struct premium_lines *lines,
    const char **rule, struct err *err)
{
	const struct quote *outside = side == HOME ? before : now, *home = side == HOME ? now : before;
	int32_t apart = now->first > before->last ? now->first - before->last : before->first - now->last;
	struct buf *refs = &premium->refs[lines->n];
	struct obs *obs = &lines->obs[lines->n];
	struct dec ratio;

	if (apart > premium->max_days) {
		*rule = "premium-too-far";
		return LODE_OK;
	}
	if (!str_eq(get(now, UNIT), get(before, UNIT))) {
		*rule = "premium-unit";
		return LODE_OK;
	}
	refs->n = 0;
	if (buf_add_str(refs, get(outside, REF)) != LODE_OK || buf_add(refs, " ", 1) != LODE_OK || buf_add_str(refs, get(home, REF)) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (dec_div(outside->level, home->level, 6, &ratio, err) != LODE_OK)
		return err->code;
	*obs = (struct obs){ { [OBS_PARTNER] = STR(""), [OBS_UNIT] = STR("1"), [OBS_SOURCE] = STR("lode") } };
	obs->f[OBS_KNOWN] = get(now, KNOWN);
	obs->f[OBS_PERIOD] = get(now->last >= before->last ? now : before, PERIOD);
	obs->f[OBS_AREA] = get(outside, AREA);
	obs->f[OBS_COMMODITY] = get(now, COMMODITY);
	obs->f[OBS_STATUS] = now->normal && before->normal ? STR("A") : STR("E");
	obs->f[OBS_VALUE] = (struct str){ lines->value[lines->n], dec_format(ratio, lines->value[lines->n]) };
	obs->f[OBS_REF] = buf_str(refs);
	lines->n++;
	return LODE_OK;
}

/* Keeps the quote in hand for those that come, unless a newer one was there already. */
static void
keep(struct quote *quote, struct quote *newest)
{
	struct buf text = newest->text;

	if (newest->given && newest->last > quote->last)
		return;
	*newest = *quote;
	newest->is_touched = true;
	quote->text = text; /* to be filled again */
}

int
premium_close(struct premium *premium, struct premium_lines *lines, const char **rule, struct err *err)
{
	struct quote *quote = &premium->quote;
	struct map_entry *entry;
	struct market *market;
	enum side side;
	bool has;
	int rc;

	lines->n = 0;
	*rule = NULL;
	if (!quote->given)
		return LODE_OK;
	quote->given = false;
	if ((rc = set_level(quote, &has, err)) != LODE_OK || quote->taxed || !has) {
		*rule = quote->taxed ? "premium-tax" : "premium-no-level";
		return rc;
	}
	if ((entry = map_put(premium->markets, get(quote, COMMODITY))) == NULL ||
	    (entry->value.pointer == NULL && (entry->value.pointer = calloc(1, sizeof *market)) == NULL))
		return err_set(err, LODE_ENOMEM, "out of memory");
	market = entry->value.pointer;
	*rule = "premium-alone";
	for (side = FOB; side < N_SIDES; side++) {
		const struct quote *before = &market->side[premium->side == HOME ? side : HOME];

		if ((premium->side == HOME || premium->side == side) && before->given) {
			size_t n = lines->n;

			rc = compare(premium, quote, before, premium->side, lines, rule, err);
			if (rc != LODE_OK)
				return rc;
			if (lines->n > n)
				lines->obs[n].f[OBS_INDICATOR] = side == FOB ? STR("price.premium.fob") : STR("price.premium.europe");
		}
	}
	if (lines->n > 0)
		*rule = NULL;
	quote->given = true;
	keep(quote, &market->side[premium->side]);
	quote->given = false;
	return LODE_OK;
}

static int
no_state(struct str text, struct err *err)
{
	return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
}

/* Eleven fields and the quote's texts. A figure that is not there is 0. */
static int
write_quote(const struct quote *quote, struct buf *to, struct err *err)
{
	char figure[N_FIGURES][DEC_MAX], level[DEC_MAX];

	for (unsigned k = 0; k < N_FIGURES; k++)
		dec_format(quote->figure[k], figure[k]);
	dec_format(quote->level, level);
	if (buf_printf(to, "%d\t%d\t%" PRId32 "\t%" PRId32 "\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t", quote->normal, quote->taxed, quote->first, quote->last,
	    quote->has[LOW], quote->has[HIGH], quote->has[AVG], figure[LOW], figure[HIGH], figure[AVG], level) != LODE_OK ||
	    buf_add_str(to, buf_str(&quote->text)) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

static int
read_quote(struct str from, struct quote *quote, struct err *err)
{
	struct str rest = from, f[11];
	struct quote read = { .given = true, .text = quote->text };
	unsigned k;

	for (k = 0; k < 11; k++)
		if (!str_split(&rest, '\t', &f[k]) || rest.p == NULL)
			return no_state(from, err);
	read.normal = str_is(f[0], "1");
	read.taxed = str_is(f[1], "1");
	read.first = (int32_t)strtol(f[2].p, NULL, 10); /* a tab ends it */
	read.last = (int32_t)strtol(f[3].p, NULL, 10);
	for (k = 0; k < N_FIGURES; k++) {
		read.has[k] = str_is(f[4 + k], "1");
		if (dec_parse(f[7 + k], &read.figure[k], err) != LODE_OK)
			return err->code;
	}
	if (dec_parse(f[10], &read.level, err) != LODE_OK)
		return err->code;
	read.text.n = 0;
	if (buf_add_str(&read.text, rest) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	*quote = read;
	return LODE_OK;
}

int
premium_touched(struct premium *premium, struct buf *key, struct buf *text, struct err *err)
{
	for (size_t i = 0; i < map_count(premium->markets); i++) {
		const struct map_entry *entry = map_at(premium->markets, i);
		struct market *market = entry->value.pointer;

		for (unsigned side = 0; market != NULL && side < N_SIDES; side++) {
			if (!market->side[side].is_touched)
				continue;
			market->side[side].is_touched = false;
			key->n = text->n = 0;
			if (buf_printf(key, "%u\t", side) != LODE_OK || buf_add_str(key, entry->key) != LODE_OK)
				return err_set(err, LODE_ENOMEM, "out of memory");
			return write_quote(&market->side[side], text, err);
		}
	}
	return LODE_DONE;
}

int
premium_hand(const struct premium *premium, struct buf *text, struct err *err)
{
	text->n = 0;
	if (!premium->quote.given)
		return LODE_OK;
	if (buf_printf(text, "%d\t%zu\t", (int)premium->side, premium->key.n) != LODE_OK || buf_add_str(text, buf_str(&premium->key)) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return write_quote(&premium->quote, text, err);
}

int
premium_restore(struct premium *premium, struct str key, struct str text, struct err *err)
{
	struct map_entry *entry;
	struct market *market;

	if (key.n < 2 || key.p[0] < '0' || key.p[0] >= '0' + N_SIDES || key.p[1] != '\t')
		return no_state(key, err);
	if ((entry = map_put(premium->markets, (struct str){ key.p + 2, key.n - 2 })) == NULL ||
	    (entry->value.pointer == NULL && (entry->value.pointer = calloc(1, sizeof *market)) == NULL))
		return err_set(err, LODE_ENOMEM, "out of memory");
	market = entry->value.pointer;
	return read_quote(text, &market->side[key.p[0] - '0'], err);
}

int
premium_restore_hand(struct premium *premium, struct str text, struct err *err)
{
	struct str rest = text, side, n;
	size_t length;

	if (text.n == 0)
		return LODE_OK;
	if (!str_split(&rest, '\t', &side) || side.n != 1 || side.p[0] < '0' || side.p[0] >= '0' + N_SIDES || !str_split(&rest, '\t', &n) || rest.p == NULL ||
	    !str_is_digits(n) || (length = strtoul(n.p, NULL, 10)) > rest.n)
		return no_state(text, err);
	premium->side = (enum side)(side.p[0] - '0');
	premium->key.n = 0;
	if (buf_add(&premium->key, rest.p, length) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return read_quote((struct str){ rest.p + length, rest.n - length }, &premium->quote, err);
}
