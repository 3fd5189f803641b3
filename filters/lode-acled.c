/*
 * lode-acled - event files of ACLED to a tape
 *
 * in     CSV with a header, in the old and the new order of columns
 * out    event.CLASS with its weight for each event whose class the table knows; columns id, actors and their kinds, fatalities, precision
 * state  every line, to write them in order of upload
 */
#include <stdio.h>

#include "acled.h"
#include "collate.h"
#include "parse.h"
#include "regions.h"

struct opts {
	struct run_options run;
	struct option_list area;
	const char *partners, *places, *classes;
	size_t max_held;
};

struct state {
	const struct opts *opts;
	struct fields fields;
	struct codes *countries;
	struct regions regions;
	struct classes classes;
	struct collate *collate;
	struct ref ref;
};

static const struct option_spec options[] = {
	{ 0, "partners", "FILE", OPTION_TEXT, offsetof(struct opts, partners), "table of country codes" },
	{ 0, "places", "FILE", OPTION_TEXT, offsetof(struct opts, places), "table of places: name kind iso" },
	{ 0, "classes", "FILE", OPTION_TEXT, offsetof(struct opts, classes), "table of event classes: code class severity" },
	{ 'a', "area", "AREAS", OPTION_LIST, offsetof(struct opts, area), "only places that start with one of these, as in MM,CN-YN" },
	COLLATE_OPTION(struct opts, max_held),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-acled", "[FILE ...]", "event files of ACLED to a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (acled_columns(&state->fields, header, err) != LODE_OK)
		return err->code;
	run_write_header(run, acled_extra_names, ACLED_EXTRA);
	return LODE_OK;
}

/* Where and what; *rule is NULL, or the rule that leaves the record out. */
static int
get_event(struct state *state, const struct record *record, struct obs *obs, struct str *class, const char **rule, struct err *err)
{
	const struct fields *fields = &state->fields;
	bool wanted;
	int rc = regions_area(&state->regions, fields_get(fields, record, ACLED_COUNTRY), fields_get(fields, record, ACLED_UNIT),
	    &obs->f[OBS_AREA], &wanted, err);

	if (rc == LODE_EDATA)
		return fields_blame(fields, ACLED_COUNTRY, err);
	if (rc != LODE_OK || acled_class(fields, record, &state->classes, class, &obs->f[OBS_VALUE], err) != LODE_OK)
		return err->code;
	*rule = !wanted ? "other-place" : class->n == 0 ? "other-class" : NULL;
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs = { .f = { [OBS_UNIT] = STR("1"), [OBS_STATUS] = STR("A"), [OBS_SOURCE] = STR("acled") } };
	char known[INSTANT_MAX], day[PERIOD_MAX], indicator[80];
	struct str class, extra[ACLED_EXTRA];
	const char *rule = NULL;

	if (get_event(state, record, &obs, &class, &rule, err) != LODE_OK)
		return err->code;
	if (rule != NULL) {
		run_count_rule(run, rule);
		return LODE_OK;
	}
	if (acled_times(&state->fields, record, known, day, err) != LODE_OK || acled_extra(&state->fields, record, extra, err) != LODE_OK)
		return err->code;
	snprintf(indicator, sizeof indicator, "event.%.*s", (int)class.n, class.p);
	obs.f[OBS_KNOWN] = str_of(known);
	obs.f[OBS_PERIOD] = str_of(day);
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_REF] = ref_line(&state->ref, record->line);
	return collate_add(state->collate, &obs, extra, ACLED_EXTRA, err);
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	const struct opts *opts = state->opts;

	if (parse_load_partners(&state->countries, opts->partners, "acled", err) != LODE_OK ||
	    regions_init(&state->regions, state->countries, opts->places, &opts->area, err) != LODE_OK ||
	    classes_load(&state->classes, opts->classes, err) != LODE_OK)
		return err->code;
	return collate_new(&state->collate, &run->out, true, opts->max_held, err);
}

static void
release(struct state *state)
{
	collate_free(state->collate);
	classes_release(&state->classes);
	regions_release(&state->regions);
	codes_free(state->countries);
	ref_release(&state->ref);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .opts = &opts };
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.partners == NULL || opts.places == NULL || opts.classes == NULL)
		options_refuse(&program, "--partners, --places and --classes are needed");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK &&
	    (rc = parse_inputs(&run, operands, &filter, &state.ref, &err)) == LODE_OK)
		rc = collate_finish(state.collate, &err);
	release(&state);
	return run_end(&run, rc, &err);
}
