/*
 * lode-gdelt - event exports of GDELT to a tape
 *
 * in     2.0 exports (61 columns) and 1.0 files (57, 58), told apart by the number of columns: tabs, no header, no quoting
 * out    event.CLASS with its weight for each event whose class and place the tables know; columns url, cameo, mentions
 * state  none; a row is dropped by its country before anything else of it is looked at
 */
#include <stdio.h>

#include "classes.h"
#include "dec.h"
#include "encoding.h"
#include "gdelt.h"
#include "instant.h"
#include "ref.h"
#include "run.h"

struct opts {
	struct run_options run;
	struct option_list area;
	const char *places, *classes;
};

struct state {
	const struct opts *opts;
	struct gdelt_places places;
	struct classes classes; /* by CAMEO code */
	struct ref ref;
	char known[INSTANT_MAX]; /* of the last line written */
};

static const struct option_spec options[] = {
	{ 0, "places", "FILE", OPTION_TEXT, offsetof(struct opts, places), "table of places: fips iso" },
	{ 0, "classes", "FILE", OPTION_TEXT, offsetof(struct opts, classes), "table of event classes: code class severity" },
	{ 'a', "area", "AREAS", OPTION_LIST, offsetof(struct opts, area), "only places that start with one of these, as in MM,CN-YN" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-gdelt", "[FILE ...]", "event exports of GDELT to a tape", options };

/* Which columns there are; a file of another kind is told by name. */
static int
get_layout(const struct record *record, const struct gdelt_layout **layout, struct err *err)
{
	if ((*layout = gdelt_layout(record->n)) != NULL)
		return LODE_OK;
	if (gdelt_is_list(record->raw))
		return err_set(err, LODE_EDATA, "3 fields with blanks between them: a list of files, not an export");
	return err_set(err, LODE_EDATA, "%u fields, an export has 61, or 57 or 58 in version 1.0", record->n);
}

static int
blame(unsigned column, const char *name, struct err *err)
{
	return err_column(err, column + 1, name);
}

static int
get_times(const struct state *state, const struct gdelt_layout *layout, const struct record *record, char known[INSTANT_MAX], char day[PERIOD_MAX],
    struct err *err)
{
	struct period period;
	int64_t seconds;

	if (gdelt_known(layout, record_get(record, layout->added), &seconds, err) != LODE_OK)
		return blame(layout->added, "DATEADDED", err);
	if (gdelt_day(record_get(record, GDELT_DAY), &period, err) != LODE_OK)
		return blame(GDELT_DAY, "SQLDATE", err);
	instant_format(seconds, known);
	period_format(period, day);
	if ((int64_t)period.first * 86400 > seconds) {
		err_set(err, LODE_EDATA, "the event's day %s is after %s, when it became known", day, known);
		return blame(GDELT_DAY, "SQLDATE", err);
	}
	if (state->known[0] != '\0' && memcmp(known, state->known, INSTANT_LENGTH) < 0) {
		err_set(err, LODE_EDATA, "known %s is before %s of a line above it: put the files in order", known, state->known);
		return blame(layout->added, "DATEADDED", err);
	}
	return LODE_OK;
}

/* Actor1's or Actor2's country when it is not where the event was. */
static struct str
get_partner(struct gdelt_places *places, const struct gdelt_layout *layout, const struct record *record, struct str area)
{
	struct str country;
	int i;

	for (i = 0; i < 2; i++) {
		country = gdelt_country(places, record_get(record, layout->actor_country[i]));
		if (country.n == 2 && !str_starts(area, country))
			return country;
	}
	return STR("");
}

static int
get_extra(const struct gdelt_layout *layout, const struct record *record, struct str extra[3], struct err *err)
{
	size_t at;

	extra[0] = layout->url == 0 ? STR("") : record_get(record, layout->url);
	extra[1] = record_get(record, GDELT_CODE);
	extra[2] = record_get(record, GDELT_MENTIONS);
	if (!utf8_valid(extra[0], &at)) {
		err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", at);
		return blame(layout->url, "SOURCEURL", err);
	}
	if (!dec_valid(extra[2])) {
		err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(extra[2]));
		return blame(GDELT_MENTIONS, "NumMentions", err);
	}
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs = { .f = { [OBS_UNIT] = STR("1"), [OBS_STATUS] = STR("A"), [OBS_SOURCE] = STR("gdelt") } };
	const struct gdelt_layout *layout;
	struct str class, extra[3];
	char known[INSTANT_MAX], day[PERIOD_MAX], indicator[80] = "event.";
	const char *rule;

	if (get_layout(record, &layout, err) != LODE_OK)
		return err->code;
	if (gdelt_place(&state->places, record_get(record, layout->country), record_get(record, layout->country + 1), &obs.f[OBS_AREA], &rule,
	    err) != LODE_OK)
		return blame(layout->country, "ActionGeo_CountryCode", err);
	if (rule == NULL && (!classes_get_prefix(&state->classes, record_get(record, GDELT_CODE), &class, &obs.f[OBS_VALUE]) || class.n == 0))
		rule = "other-class";
	if (rule != NULL) {
		run_count_rule(run, rule);
		return LODE_OK;
	}
	if (get_times(state, layout, record, known, day, err) != LODE_OK || get_extra(layout, record, extra, err) != LODE_OK)
		return err->code;
	snprintf(indicator, sizeof indicator, "event.%.*s", (int)class.n, class.p);
	obs.f[OBS_KNOWN] = str_of(known);
	obs.f[OBS_PERIOD] = str_of(day);
	obs.f[OBS_PARTNER] = get_partner(&state->places, layout, record, obs.f[OBS_AREA]);
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_REF] = ref_line(&state->ref, record->line);
	memcpy(state->known, known, sizeof known);
	tape_write(&run->out, &obs, extra, 3);
	return LODE_OK;
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct rows_filter filter = { .separator = '\t', .no_header = true, .on_record = on_record, .state = state };

	if (ref_source(&state->ref, run->source, err) != LODE_OK)
		return err->code;
	return run_rows_of(run, &filter, source_read_rows, source, err);
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	static const char *const extra[] = { "url", "cameo", "mentions" };

	if (gdelt_places_init(&state->places, state->opts->places, &state->opts->area, err) != LODE_OK ||
	    classes_load(&state->classes, state->opts->classes, err) != LODE_OK)
		return err->code;
	run_write_header(run, extra, 3);
	return sink_flush(&run->out, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	static struct state state; /* 64 KiB of it say which countries are asked for */
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.places == NULL || opts.classes == NULL)
		options_refuse(&program, "--places and --classes are needed");
	state.opts = &opts;
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK)
		rc = run_inputs(&run, operands, each_input, &state, &err);
	classes_release(&state.classes);
	gdelt_places_release(&state.places);
	ref_release(&state.ref);
	return run_end(&run, rc, &err);
}
