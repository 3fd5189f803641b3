/*
 * lode-convert - masses, prices and values of a tape in one unit, currency and tax
 *
 * in     a tape; with --currency or --premium in order of `known`, with the rates (fx.rate) among its lines
 * out    the same lines; those converted have another value, unit and tax, every other byte is as it was; with --premium also
 *        price.premium.europe and price.premium.fob, behind the quotes they follow from
 * state  with --currency every rate read so far; with --premium the newest quotes of each commodity
 */
#include <stdlib.h>

#include "convert.h"
#include "premium.h"
#include "rates_kept.h"
#include "run.h"
#include "unit.h"

struct opts {
	struct run_options run;
	const char *mass, *currency, *price_mass, *tax, *vat, *vat_table;
	struct option_list rates;
	size_t max_age, premium_days; /* days */
	bool premium;
};

struct state {
	const struct opts *opts;
	struct convert convert;
	struct table vat_table;
	struct vat *vat;         /* owned */
	struct premium *premium; /* owned; NULL: not asked for */
	struct header columns; /* where they stand, without their names */
	int tax;               /* -1: the tape has none */
	struct str *replaced;  /* owned: by column, what a line gets instead */
	struct rates_kept rates; /* owned */
	struct buf text;       /* owned */
};

static const struct option_spec options[] = {
	{ 'm', "mass", "UNIT", OPTION_TEXT, offsetof(struct opts, mass), "write *.mass in UNIT: t, kg ..." },
	{ 'c', "currency", "CUR", OPTION_TEXT, offsetof(struct opts, currency), "write price.* and *.value in CUR" },
	{ 'p', "price-mass", "UNIT", OPTION_TEXT, offsetof(struct opts, price_mass), "write price.* by UNIT: kg, t ..." },
	{ 0, "tax", "WHICH", OPTION_TEXT, offsetof(struct opts, tax), "write price.* incl or excl value added tax" },
	{ 0, "vat", "RATE", OPTION_TEXT, offsetof(struct opts, vat), "the rate of the tax for --tax, like 0.13" },
	{ 0, "vat-table", "FILE", OPTION_TEXT, offsetof(struct opts, vat_table), "or a table of rates by area and day" },
	{ 0, "rates", "SOURCES", OPTION_LIST, offsetof(struct opts, rates), "only rates of these sources, as in ecb" },
	{ 0, "premium", NULL, OPTION_FLAG, offsetof(struct opts, premium), "add what Europe and f.o.b. cost against China" },
	{ 0, "premium-days", "DAYS", OPTION_SIZE, offsetof(struct opts, premium_days), "how far apart their quotes, 14 by default" },
	{ 0, "max-age", "DAYS", OPTION_SIZE, offsetof(struct opts, max_age), "oldest rate for --currency, 7 by default" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-convert", "[FILE ...]", "masses, prices and values of a tape in one unit", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;
	unsigned column;

	if ((state->opts->tax != NULL || state->opts->premium) && header_need(header, "tax", &column, err) != LODE_OK)
		return err->code;
	if ((state->replaced = calloc(header->n, sizeof *state->replaced)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	state->tax = header_find(header, STR("tax"));
	state->columns = *header;
	state->columns.names = NULL; /* they go with the first input */
	tape_write_names(&run->out, header);
	return LODE_OK;
}

/* Writes what the quote in hand gives, which ends with it. */
static int
write_premiums(struct state *state, struct run *run, struct err *err)
{
	struct premium_lines lines;
	const char *rule;
	unsigned c, n = state->columns.n;
	size_t i;

	if (state->premium == NULL)
		return LODE_OK;
	if (premium_close(state->premium, &lines, &rule, err) != LODE_OK)
		return err->code;
	if (rule != NULL)
		run_count_note(run, rule);
	for (i = 0; i < lines.n; i++) {
		for (c = 0; c < n; c++)
			state->replaced[c] = c == (unsigned)state->tax ? STR("excl") : STR("");
		for (c = 0; c < OBS_N; c++)
			state->replaced[state->columns.obs[c]] = lines.obs[i].f[c];
		tape_write_replaced(&run->out, &(struct record){ .n = n }, state->replaced); /* all of them */
		memset(state->replaced, 0, n * sizeof *state->replaced);
	}
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct converted converted;
	struct str tax = state->tax < 0 ? STR("") : record_get(record, (unsigned)state->tax);
	struct obs obs;

	obs_of_record(&state->columns, record, &obs);
	if (convert_obs(&state->convert, &obs, tax, &converted, err) != LODE_OK ||
	    (converted.is_rate && rates_kept_add(&state->rates, run->state, &obs, record->raw, err) != LODE_OK))
		return err->code;
	if (converted.value.p != NULL)
		obs.f[OBS_VALUE] = converted.value;
	if (converted.unit.p != NULL)
		obs.f[OBS_UNIT] = converted.unit;
	if (converted.tax.p != NULL)
		tax = converted.tax;
	if (state->premium != NULL && ((!premium_continues(state->premium, &obs) && write_premiums(state, run, err) != LODE_OK) ||
	    premium_add(state->premium, &obs, tax, err) != LODE_OK))
		return err->code;
	if (converted.unit.p == NULL) {
		tape_write_record(&run->out, record);
		return LODE_OK;
	}
	state->replaced[state->columns.obs[OBS_VALUE]] = converted.value;
	state->replaced[state->columns.obs[OBS_UNIT]] = converted.unit;
	if (state->tax >= 0)
		state->replaced[state->tax] = converted.tax;
	tape_write_replaced(&run->out, record, state->replaced);
	memset(state->replaced, 0, state->columns.n * sizeof *state->replaced);
	return LODE_OK;
}

static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct buf key = BUF_INIT;
	int rc = LODE_DONE;

	while (state->premium != NULL && (rc = premium_touched(state->premium, &key, &state->text, err)) == LODE_OK)
		if ((rc = state_put_as(run->state, "quote", buf_str(&key), buf_str(&state->text), NULL, err)) != LODE_OK)
			break;
	buf_release(&key);
	if (rc != LODE_DONE || state->premium == NULL)
		return rc == LODE_DONE ? LODE_OK : rc;
	if (premium_hand(state->premium, &state->text, err) != LODE_OK)
		return err->code;
	return state_put(run->state, STR("hand"), buf_str(&state->text), NULL, err);
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str text;

	if (state_is(entry, "quote", &text) && state->premium != NULL)
		return premium_restore(state->premium, text, entry->value, err);
	if (str_is(entry->key, "hand") && state->premium != NULL)
		return premium_restore_hand(state->premium, entry->value, err);
	if (rates_kept_restore(&state->rates, entry, err) != LODE_OK)
		return err->code;
	return run_feed(run, entry->value, err);
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	return write_premiums(argument, run, err);
}

static struct str
text_or_none(const char *text)
{
	return text == NULL ? (struct str){ NULL, 0 } : str_of(text);
}

/* What the options ask for, or the end of the program. */
static struct convert_rules
read_rules(const struct opts *opts)
{
	struct convert_rules rules = { text_or_none(opts->mass), text_or_none(opts->price_mass), text_or_none(opts->currency),
		text_or_none(opts->tax), dec_of(0), NULL, opts->rates, (int32_t)opts->max_age };
	struct err err;
	struct dec kg;

	if (opts->mass != NULL && unit_mass(rules.mass, &kg, &err) != LODE_OK)
		options_refuse(&program, "--mass: %s", err.message);
	if (opts->price_mass != NULL && unit_mass(rules.price_mass, &kg, &err) != LODE_OK)
		options_refuse(&program, "--price-mass: %s", err.message);
	if (opts->currency != NULL && !unit_is_currency(rules.currency))
		options_refuse(&program, "--currency: '%s' is not a currency like USD", opts->currency);
	if (opts->max_age > 36500)
		options_refuse(&program, "--max-age: %zu days are more than a century", opts->max_age);
	if (opts->tax != NULL && !str_is(rules.tax, "incl") && !str_is(rules.tax, "excl"))
		options_refuse(&program, "--tax: '%s' is not incl or excl", opts->tax);
	if (opts->premium_days > 36500)
		options_refuse(&program, "--premium-days: %zu days are more than a century", opts->premium_days);
	if (opts->vat != NULL && opts->vat_table != NULL)
		options_refuse(&program, "--vat and --vat-table exclude each other");
	if ((opts->tax == NULL) != (opts->vat == NULL && opts->vat_table == NULL))
		options_refuse(&program, "--tax goes with --vat or --vat-table");
	if (opts->vat != NULL && (dec_parse(str_of(opts->vat), &rules.vat, &err) != LODE_OK || rules.vat.mantissa < 0 ||
	    dec_cmp(rules.vat, dec_of(1)) >= 0))
		options_refuse(&program, "--vat: '%s' is not a rate below 1 like 0.13", opts->vat);
	return rules;
}

static int
open_state(struct state *state, struct convert_rules *rules, struct err *err)
{
	const struct opts *opts = state->opts;

	if (opts->vat_table != NULL && (table_load(&state->vat_table, opts->vat_table, vat_columns, err) != LODE_OK ||
	    vat_new(&state->vat, &state->vat_table, err) != LODE_OK))
		return err->code;
	rules->vats = state->vat;
	if (opts->premium && premium_new(&state->premium, (int32_t)opts->premium_days, err) != LODE_OK)
		return err->code;
	return convert_init(&state->convert, rules, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_age = 7, .premium_days = 14 };
	struct state state = { .opts = &opts };
	struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .state = &state, .on_restore = on_restore,
		.on_checkpoint = on_checkpoint };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	struct convert_rules rules = read_rules(&opts);
	int rc;

	filter.ordered = opts.currency != NULL || opts.premium; /* a rate or quote must come before what it meets */
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &rules, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	convert_release(&state.convert);
	premium_free(state.premium);
	vat_free(state.vat);
	table_release(&state.vat_table);
	free(state.replaced);
	rates_kept_release(&state.rates);
	buf_release(&state.text);
	return run_end(&run, rc, &err);
}
