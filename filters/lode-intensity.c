/*
 * lode-intensity - what of past events is still there, by class and place; and how they bring further events
 *
 * in     a tape in order of `known`: event.* lines; others only tell the time
 * out    a tape: decayed sums by month or day, when a line changed them and when the period ends; with --hawkes, at the end of the input,
 *        the parameters of a self-exciting process for each class and place
 * state  each event's key and weight, at most --max-keys, and 16 bytes a day for each class and place, until --keep behind the day
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "duration.h"
#include "instant.h"
#include "intensity.h"
#include "key.h"
#include "run.h"

struct opts {
	struct run_options run;
	const char *half_life, *decays, *by, *keep;
	struct option_list places, key;
	int64_t as_of, since; /* INT64_MAX: the end of the tape; INT64_MIN: its beginning */
	size_t digits, max_keys;
	bool country, hawkes, marks;
};

struct state {
	const struct opts *opts;
	struct intensity_rules rules;
	struct intensity *set; /* owned */
	struct table decays;   /* owned */
	double rate;           /* per day, of classes that the table lacks; NAN: none */
	struct key key;        /* owned */
	struct header columns; /* where those of an observation stand, without names */
	struct buf group;      /* owned; of the line in hand */
	struct run *run;
	struct buf form;       /* owned */
};

/* What is summed and said, and in which units, rests on these: what was kept is of no use to others. */
#define FORM "by,country,key,digits"

static const struct option_spec options[] = {
	{ 'l', "half-life", "DURATION", OPTION_TEXT, offsetof(struct opts, half_life), "after which half of an event is left, as in 30d" },
	{ 'd', "decays", "FILE", OPTION_TEXT, offsetof(struct opts, decays), "table of decay by class: class, decay_per_month" },
	{ 'b', "by", "LENGTH", OPTION_TEXT, offsetof(struct opts, by), "month (default) or day" },
	{ 'p', "places", "AREAS", OPTION_LIST, offsetof(struct opts, places), "only events in areas that start so, as in MM,CN-YN" },
	{ 'c', "country", NULL, OPTION_FLAG, offsetof(struct opts, country), "add up a country and its subdivisions" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 'a', "as-of", "TIME", OPTION_INSTANT, offsetof(struct opts, as_of), "stop there; a date is the end of that day" },
	{ 0, "hawkes", NULL, OPTION_FLAG, offsetof(struct opts, hawkes), "fit how events bring further events" },
	{ 0, "marks", NULL, OPTION_FLAG, offsetof(struct opts, marks), "in the fit a day counts as much as its events weigh" },
	{ 0, "since", "TIME", OPTION_START, offsetof(struct opts, since), "the fit looks back so far, to the first line by default" },
	{ 0, "digits", "N", OPTION_SIZE, offsetof(struct opts, digits), "of a sum behind the point, 6 by default" },
	{ 0, "keep", "DURATION", OPTION_TEXT, offsetof(struct opts, keep), "revise and fit no longer back, 3650d by default" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N events, 1000000 by default" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-intensity", "[FILE ...]", "events to decayed intensities by class and place", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const se[] = { "se" };
	struct state *state = argument;

	state->columns = *header;
	state->columns.names = NULL;
	if (key_init(&state->key, header, state->opts->key.item, state->opts->key.n, err) != LODE_OK)
		return err->code;
	intensity_keep(state->set, run->state);
	run_write_header(run, se, state->opts->hawkes);
	return LODE_OK;
}

/* One line of a group, `about` it. */
static void
emit(const struct state *state, const struct intensity_result *about, const char *name, const char *value, const char *unit,
    const char *status, const char *se)
{
	const struct str more = str_of(se);
	struct str group = about->group, field[3];
	char period[PERIOD_MAX];
	size_t i;

	for (i = 0; i < 3; i++) /* area, class, source */
		str_split(&group, '\t', &field[i]);
	period_format(about->period, period);
	const struct obs obs = { { [OBS_KNOWN] = about->known, [OBS_PERIOD] = str_of(period), [OBS_AREA] = field[0], [OBS_INDICATOR] = str_of(name),
		[OBS_VALUE] = str_of(value), [OBS_UNIT] = str_of(unit), [OBS_STATUS] = str_of(status), [OBS_SOURCE] = field[2],
		[OBS_REF] = about->ref } };
	tape_write_derived(&state->run->out, &obs, field[1], &more, state->opts->hawkes);
}

static void
on_result(void *argument, const struct intensity_result *result)
{
	const struct state *state = argument;
	char value[DEC_MAX];

	if (state->opts->half_life == NULL && state->opts->decays == NULL) /* the fit alone */
		return;
	dec_format(result->value, value);
	emit(state, result, "intensity", value, "1", "E", "");
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str class = record_get(record, (unsigned)state->columns.obs[OBS_INDICATOR]);
	const char *rule = NULL;
	struct intensity_line line;
	int64_t known_s;
	bool late;

	if (instant_parse(record_get(record, (unsigned)state->columns.obs[OBS_KNOWN]), &known_s, err) != LODE_OK)
		return err_column(err, (unsigned)state->columns.obs[OBS_KNOWN] + 1, "known");
	if (known_s > state->opts->as_of)
		return LODE_DONE; /* the future: not even read */
	if (intensity_advance(state->set, known_s, err) != LODE_OK)
		return err->code;
	if (!str_starts(class, STR("event.")))
		rule = "not-event";
	else if (!option_list_prefix(&state->opts->places, record_get(record, (unsigned)state->columns.obs[OBS_AREA])))
		rule = "other-place";
	else if (isnan(line.rate = decay_table_rate(&state->decays, (struct str){ class.p + 6, class.n - 6 }, state->rate)))
		rule = "no-decay";
	else if (intensity_read(&state->columns, record, state->opts->country, &state->group, &line, err) != LODE_OK ||
	    key_of(&state->key, record, &line.key, err) != LODE_OK || intensity_add(state->set, &line, &late, err) != LODE_OK)
		return err->code == LODE_EDATA ? err_column(err, (unsigned)state->columns.obs[OBS_PERIOD] + 1, "period") : err->code;
	else if (late)
		rule = "late";
	if (rule != NULL)
		run_count_rule(run, rule);
	return LODE_OK;
}

/* What the events of a group up to a moment say of those to come. */
static int
fit_group(const struct state *state, size_t i, int64_t until_s, struct err *err)
{
	const struct intensity_group *group = intensity_at(state->set, i);
	struct intensity_result about = { .group = group->entry.key, .ref = buf_str(&group->ref) };
	char known[INSTANT_MAX], value[32], se[32];
	struct intensity_figure figure[INTENSITY_FIGURES];
	size_t k, n;

	if (intensity_fit(state->set, i, state->opts->since, until_s, state->opts->marks, figure, &n, err) != LODE_OK)
		return err->code;
	instant_format(until_s, known);
	about.known = str_of(known);
	for (k = 0; k < n; k++) {
		const struct intensity_figure *f = &figure[k];

		about.period = f->period;
		snprintf(value, sizeof value, isnan(f->value) ? "" : "%.6g", f->value);
		snprintf(se, sizeof se, isnan(f->se) ? "" : "%.6g", f->se);
		emit(state, &about, f->name, value, f->unit, f->status, se);
	}
	return LODE_OK;
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	struct state *state = argument;
	int64_t until_s = state->opts->as_of != INT64_MAX ? state->opts->as_of : intensity_moment(state->set);
	size_t i;

	(void)run;
	if (intensity_finish(state->set, until_s, err) != LODE_OK)
		return err->code;
	for (i = 0; state->opts->hawkes && i < intensity_count(state->set); i++)
		if (fit_group(state, i, until_s, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	(void)run;
	return intensity_checkpoint(((struct state *)argument)->set, err);
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	(void)run;
	return intensity_restore(((struct state *)argument)->set, entry, err);
}

/* What can be wrong before an input is seen. */
static void
check_options(struct state *state, const struct opts *opts)
{
	int64_t half_life = 1;
	struct err err;

	if (opts->half_life == NULL && opts->decays == NULL && !opts->hawkes)
		options_refuse(&program, "--half-life, --decays or --hawkes is needed");
	if (!opts->hawkes && (opts->marks || opts->since != INT64_MIN))
		options_refuse(&program, "--%s needs --hawkes", opts->marks ? "marks" : "since");
	if (opts->digits > INTENSITY_MAX_DIGITS)
		options_refuse(&program, "--digits: at most %d", INTENSITY_MAX_DIGITS);
	state->rules = (struct intensity_rules){ .by_day = options_choose(&program, "by", opts->by, "month, day") == 1,
		.digits = (int)opts->digits, .max_keys = opts->max_keys };
	if (duration_parse(str_of(opts->keep), &state->rules.keep_s, &err) != LODE_OK)
		options_refuse(&program, "--keep: %s", err.message);
	state->rate = opts->decays != NULL ? NAN : 0;
	if (opts->half_life != NULL && (duration_parse(str_of(opts->half_life), &half_life, &err) != LODE_OK || half_life == 0))
		options_refuse(&program, "--half-life: %s", half_life == 0 ? "0 is no time" : err.message);
	if (options_write(&program, opts, FORM, &state->form, &err) != LODE_OK)
		options_refuse(&program, "%s", err.message);
	if (opts->half_life != NULL)
		state->rate = log(2) * (double)DURATION_DAY / (double)half_life;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .by = "month", .keep = "3650d", .as_of = INT64_MAX, .since = INT64_MIN, .digits = 6,
		.max_keys = 1000000 };
	struct run run;
	struct state state = { .opts = &opts, .run = &run };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore, .on_checkpoint = on_checkpoint };
	struct err err = ERR_INIT;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	check_options(&state, &opts);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && opts.decays != NULL)
		rc = decay_table_load(&state.decays, opts.decays, &err);
	run.state_form = buf_str(&state.form);
	if (rc == LODE_OK && (rc = intensity_new(&state.set, &state.rules, on_result, &state, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	intensity_free(state.set);
	table_release(&state.decays);
	key_release(&state.key);
	buf_release(&state.group);
	buf_release(&state.form);
	return run_end(&run, rc, &err);
}
