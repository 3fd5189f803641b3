/*
 * lode-score - how good forecasts were, now that what they were of is known
 *
 * in     a tape in order of `known`: forecasts (status F) and what became known later (any other status)
 * out    at the end, a tape of scores by forecast, area, partner, commodity, source and horizon
 * state  each forecast and each outcome, at most --max-keys
 */
#include <math.h>
#include <stdio.h>

#include "figure.h"
#include "instant.h"
#include "run.h"
#include "scorecard.h"

struct opts {
	struct run_options run;
	struct option_list probability, quantiles, lognormal;
	const char *against;
	bool first, log, recalibrate;
	double alarm, clip, conformal;
	size_t bins, before, after, max_keys;
};

struct state {
	struct scorebook *book; /* owned */
	struct scorecard_rules card;
	struct run *run;
	unsigned column[OBS_N];
	char known[INSTANT_MAX]; /* of the newest line */
};

static const struct option_spec options[] = {
	{ 'p', "probability", "F=O", OPTION_LIST, offsetof(struct opts, probability), "forecasts F are probabilities that O is 1" },
	{ 'q', "quantiles", "F=O", OPTION_LIST, offsetof(struct opts, quantiles), "forecasts F.p05, F.median ... are quantiles of O" },
	{ 'n', "lognormal", "F=O", OPTION_LIST, offsetof(struct opts, lognormal), "F is the median of O, F.sd-log the sd of its logarithm" },
	{ 'a', "against", "SOURCE", OPTION_TEXT, offsetof(struct opts, against), "compare the other sources with this one" },
	{ 0, "first", NULL, OPTION_FLAG, offsetof(struct opts, first), "outcomes as they were first said, not as last revised" },
	{ 'l', "log", NULL, OPTION_FLAG, offsetof(struct opts, log), "score logarithms of quantities" },
	{ 'b', "bins", "N", OPTION_SIZE, offsetof(struct opts, bins), "bins of probabilities, 10 by default" },
	{ 0, "clip", "P", OPTION_NUMBER, offsetof(struct opts, clip), "the log score takes 0 as P, 0.0001 by default" },
	{ 0, "conformal", "P", OPTION_NUMBER, offsetof(struct opts, conformal), "also intervals as wide as past errors, that miss with P" },
	{ 0, "recalibrate", NULL, OPTION_FLAG, offsetof(struct opts, recalibrate), "also probabilities as those before say they should have been" },
	{ 't', "alarm", "P", OPTION_NUMBER, offsetof(struct opts, alarm), "score the alarms that a rise to P raises" },
	{ 0, "before", "N", OPTION_SIZE, offsetof(struct opts, before), "a hit comes at most N months before, 6 by default" },
	{ 0, "after", "N", OPTION_SIZE, offsetof(struct opts, after), "and at most N months after the start, 1 by default" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N forecasts and outcomes, 1000000 by default" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-score", "[FILE ...]", "scores of forecasts by what became known later", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const extra[] = { "horizon", "n", "said", "low", "high" };
	struct state *state = argument;

	(void)err;
	for (size_t i = 0; i < OBS_N; i++)
		state->column[i] = (unsigned)header->obs[i];
	run_write_header(run, extra, sizeof extra / sizeof *extra);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	enum scorebook_fate fate;
	struct obs obs;

	for (size_t i = 0; i < OBS_N; i++)
		obs.f[i] = record_get(record, state->column[i]);
	memcpy(state->known, obs.f[OBS_KNOWN].p, INSTANT_LENGTH); /* ordered: its form has been checked */
	if (scorebook_add(state->book, &obs, &fate, err) != LODE_OK)
		return err->code;
	if (fate != SCOREBOOK_TAKEN)
		run_count_rule(run, fate == SCOREBOOK_OTHER ? "not-selected" : "missing");
	return LODE_OK;
}

/* Texts are as they were read: nothing to escape. */
static void
on_score(void *argument, const struct scorecard_score *score)
{
	struct state *state = argument;
	struct sink *out = &state->run->out;
	char period[PERIOD_MAX], number[32], count[32], value[FIGURE_MAX], said[FIGURE_MAX], low[FIGURE_MAX], high[FIGURE_MAX], name[64];
	int length = snprintf(name, sizeof name, score->bin > 0 ? "score.%s.%02zu." : "score.%s.", score->what, score->bin);
	const struct str field[] = { str_of(state->known), { period, period_format(score->period, period) }, score->area, score->partner,
		score->commodity, { name, (size_t)length }, figure_format(score->value, 6, value), score->unit,
		isfinite(score->value) ? STR("E") : STR("O"), score->source, score->ref,
		{ number, (size_t)snprintf(number, sizeof number, "%d", (int)score->horizon) },
		{ count, (size_t)snprintf(count, sizeof count, "%zu", score->n) }, figure_format(score->said, 6, said),
		figure_format(score->low, 6, low), figure_format(score->high, 6, high) };

	for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
		if (i > 0)
			sink_byte(out, '\t');
		sink_str(out, field[i]);
		if (i == OBS_INDICATOR)
			sink_str(out, score->forecast);
	}
	sink_byte(out, '\n');
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct scorebook_joined joined;

	if (scorebook_join(state->book, &joined, err) != LODE_OK || scorecard_say(state->book, &joined, &state->card, on_score, state, err) != LODE_OK)
		return err->code;
	const struct scorebook_left left = joined.left;
	const struct {
		size_t n;
		const char *note;
	} notes[] = { { left.pending, "forecasts pending" }, { left.known_before, "forecasts of what was known" },
		{ left.incomplete, "forecasts incomplete" }, { left.other_unit, "forecasts in another unit" }, { left.no_log, "forecasts without a logarithm" } };

	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
		for (size_t k = 0; k < notes[i].n; k++)
			run_count_note(run, notes[i].note);
	return LODE_OK;
}

static size_t
stars(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '*';
	return n;
}

/* Pairs F=O of a kind. */
static void
add_pairs(struct scorebook_rules *rules, const char *option, const struct option_list *list, enum scorebook_kind kind)
{
	for (size_t i = 0; i < list->n; i++) {
		struct scorebook_pair *pair = &rules->pair[rules->n_pairs];
		struct str rest = list->item[i];

		if (rules->n_pairs == SCOREBOOK_MAX_PAIRS)
			options_refuse(&program, "at most %d pairs", SCOREBOOK_MAX_PAIRS);
		pair->kind = kind;
		str_split(&rest, '=', &pair->forecast);
		pair->outcome = rest;
		if (pair->forecast.n == 0 || rest.n == 0)
			options_refuse(&program, "--%s: '%.*s' is not like FORECAST=OUTCOME", option, STR_ARG(list->item[i]));
		if (stars(pair->forecast) > 1 || stars(pair->forecast) != stars(rest))
			options_refuse(&program, "--%s: '%.*s' has not one * on either side", option, STR_ARG(list->item[i]));
		rules->n_pairs++;
	}
}

static struct scorebook_rules
book_of(const struct opts *o)
{
	struct scorebook_rules r = { .first = o->first, .log = o->log, .max_keys = o->max_keys };

	add_pairs(&r, "probability", &o->probability, SCOREBOOK_PROBABILITY);
	add_pairs(&r, "quantiles", &o->quantiles, SCOREBOOK_QUANTILES);
	add_pairs(&r, "lognormal", &o->lognormal, SCOREBOOK_LOGNORMAL);
	if (r.n_pairs == 0)
		options_refuse(&program, "--probability, --quantiles or --lognormal is needed");
	return r;
}

static struct scorecard_rules
card_of(const struct opts *o)
{
	if (o->bins < 1 || o->bins > 99)
		options_refuse(&program, "--bins: 1 to 99");
	if (!(o->clip >= 0 && o->clip < 0.5) || o->alarm <= 0 || o->alarm > 1)
		options_refuse(&program, "--clip is from 0 to 0.5, --alarm above 0 and up to 1");
	if (o->conformal <= 0 || o->conformal >= 1)
		options_refuse(&program, "--conformal is above 0 and below 1");
	if (o->before > 120 || o->after > 120)
		options_refuse(&program, "--before and --after: at most 120 months");
	return (struct scorecard_rules){ .bins = o->bins, .clip = o->clip, .conformal = o->conformal, .recalibrate = o->recalibrate, .alarm = o->alarm,
		.before = (int32_t)o->before, .after = (int32_t)o->after, .against = o->against != NULL ? str_of(o->against) : (struct str){ NULL, 0 } };
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .alarm = NAN, .conformal = NAN, .clip = 1e-4, .bins = 10, .before = 6, .after = 1, .max_keys = 1000000 };
	struct run run;
	struct state state = { .run = &run };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true, .state = &state };
	struct err err = ERR_INIT;
	char **operands = options_parse(argc, argv, &program, &opts);
	struct scorebook_rules rules = book_of(&opts);
	int rc;

	state.card = card_of(&opts);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = scorebook_new(&state.book, &rules, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	scorebook_free(state.book);
	return run_end(&run, rc, &err);
}
