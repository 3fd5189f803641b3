/*
 * lode-ucdp - georeferenced events of UCDP to a tape
 *
 * in     CSV with a header, yearly and candidate files; text in quotes may go over several lines
 * out    event.CLASS with its weight for each event whose class the table knows; columns id, actors, deaths, precision
 * state  with --calendar every line, to write them in order of `known`; with --known nothing
 */
#include <stdio.h>

#include "collate.h"
#include "parse.h"
#include "regions.h"
#include "ucdp.h"

struct opts {
	struct run_options run;
	struct parse_options parse;
	struct option_list area;
	const char *places, *classes;
	size_t max_held;
};

struct state {
	const struct opts *opts;
	struct parse parse;
	struct fields fields;
	struct regions regions;
	struct classes classes;
	struct collate *collate;
	struct ref ref;
};

static const struct option_spec options[] = {
	{ 'k', "known", "TIME", OPTION_INSTANT, offsetof(struct opts, parse.known), "when the file came out (a date: its end)" },
	{ 0, "calendar", "FILE", OPTION_TEXT, offsetof(struct opts, parse.calendar), "table of release dates, for a yearly file" },
	{ 0, "partners", "FILE", OPTION_TEXT, offsetof(struct opts, parse.partners), "table of country codes" },
	{ 0, "places", "FILE", OPTION_TEXT, offsetof(struct opts, places), "table of places: name kind iso" },
	{ 0, "classes", "FILE", OPTION_TEXT, offsetof(struct opts, classes), "table of event classes: code class severity" },
	{ 'a', "area", "AREAS", OPTION_LIST, offsetof(struct opts, area), "only places that start with one of these, as in MM,CN-YN" },
	COLLATE_OPTION(struct opts, max_held),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-ucdp", "[FILE ...]", "georeferenced events of UCDP to a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (ucdp_columns(&state->fields, header, err) != LODE_OK)
		return err->code;
	run_write_header(run, ucdp_extra_names, UCDP_EXTRA);
	return LODE_OK;
}

/* Where and what; *rule is NULL, or the rule that leaves the record out. */
static int
get_event(struct state *state, const struct record *record, struct obs *obs, struct str *class, const char **rule, struct err *err)
{
	const struct fields *fields = &state->fields;
	bool wanted;
	int rc = regions_area(&state->regions, fields_get(fields, record, UCDP_COUNTRY), fields_get(fields, record, UCDP_UNIT),
	    &obs->f[OBS_AREA], &wanted, err);

	if (rc == LODE_EDATA)
		return fields_blame(fields, UCDP_COUNTRY, err);
	if (rc != LODE_OK || ucdp_class(fields, record, &state->classes, class, &obs->f[OBS_VALUE], err) != LODE_OK)
		return err->code;
	*rule = !wanted ? "other-place" : class->n == 0 ? "other-class" : NULL;
	return LODE_OK;
}

static int
get_times(struct state *state, const struct record *record, struct obs *obs, char text[PERIOD_MAX], struct err *err)
{
	struct period period, last = { .kind = PERIOD_DAY };
	char day[PERIOD_MAX];

	if (ucdp_period(&state->fields, record, &period, &last.first, err) != LODE_OK)
		return err->code;
	if (parse_known(&state->parse, period, &obs->f[OBS_KNOWN], err) != LODE_OK)
		return fields_blame(&state->fields, UCDP_START, err);
	period_format(last, day);
	if (memcmp(day, obs->f[OBS_KNOWN].p, strlen(day)) > 0) {
		err_set(err, LODE_EDATA, "the event's last day %s is after %.*s, when it became known", day, STR_ARG(obs->f[OBS_KNOWN]));
		return fields_blame(&state->fields, UCDP_END, err);
	}
	period_format(period, text);
	obs->f[OBS_PERIOD] = str_of(text);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs = { .f = { [OBS_UNIT] = STR("1"), [OBS_SOURCE] = STR("ucdp") } };
	char period[PERIOD_MAX], indicator[80];
	struct str class, extra[UCDP_EXTRA];
	const char *rule = NULL;

	if (get_event(state, record, &obs, &class, &rule, err) != LODE_OK)
		return err->code;
	if (rule != NULL) {
		run_count_rule(run, rule);
		return LODE_OK;
	}
	if (get_times(state, record, &obs, period, err) != LODE_OK || ucdp_extra(&state->fields, record, extra, err) != LODE_OK ||
	    ucdp_partner(&state->fields, record, state->parse.partners, obs.f[OBS_AREA], &obs.f[OBS_PARTNER], err) != LODE_OK)
		return err->code;
	snprintf(indicator, sizeof indicator, "event.%.*s", (int)class.n, class.p);
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_STATUS] = ucdp_status(&state->fields, record);
	obs.f[OBS_REF] = ref_line(&state->ref, record->line);
	return collate_add(state->collate, &obs, extra, UCDP_EXTRA, err);
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	const struct opts *opts = state->opts;

	if (parse_open(&state->parse, &opts->parse, "ucdp", err) != LODE_OK ||
	    regions_init(&state->regions, state->parse.partners, opts->places, &opts->area, err) != LODE_OK ||
	    classes_load(&state->classes, opts->classes, err) != LODE_OK)
		return err->code;
	return collate_new(&state->collate, &run->out, opts->parse.calendar != NULL, opts->max_held, err);
}

static void
release(struct state *state)
{
	collate_free(state->collate);
	classes_release(&state->classes);
	regions_release(&state->regions);
	parse_release(&state->parse);
	ref_release(&state->ref);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .parse = PARSE_DEFAULTS, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .opts = &opts };
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.places == NULL || opts.classes == NULL)
		options_refuse(&program, "--places and --classes are needed");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK &&
	    (rc = parse_inputs(&run, operands, &filter, &state.ref, &err)) == LODE_OK)
		rc = collate_finish(state.collate, &err);
	release(&state);
	return run_end(&run, rc, &err);
}
