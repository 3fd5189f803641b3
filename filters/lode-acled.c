/*
 * lode-acled - event files of ACLED to a tape
 *
 * in     CSV with a header, in the old and the new order of columns
 * out    event.CLASS with its weight for each event whose class the table knows; columns id, actors and their kinds, fatalities, precision
 * state  every line, to write them in order of upload
 */
#include "acled.h"
#include "incidents.h"

struct opts {
	struct run_options run;
	struct incidents_options incidents;
	const char *partners;
};

/* Texts of the record in hand. */
struct state {
	char known[INSTANT_MAX], day[PERIOD_MAX];
};

static const struct option_spec options[] = {
	{ 0, "partners", "FILE", OPTION_TEXT, offsetof(struct opts, partners), "table of country codes" },
	INCIDENTS_OPTIONS(struct opts, incidents),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-acled", "[FILE ...]", "event files of ACLED to a tape", options };

static int
fill(void *argument, const struct fields *fields, const struct record *record, struct obs *obs, struct str *extra, struct err *err)
{
	struct state *state = argument;

	if (acled_times(fields, record, state->known, state->day, err) != LODE_OK || acled_extra(fields, record, extra, err) != LODE_OK)
		return err->code;
	obs->f[OBS_KNOWN] = str_of(state->known);
	obs->f[OBS_PERIOD] = str_of(state->day);
	obs->f[OBS_STATUS] = STR("A");
	obs->f[OBS_SOURCE] = STR("acled");
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .incidents = INCIDENTS_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state;
	const struct incidents_format format = { acled_columns, ACLED_COUNTRY, ACLED_UNIT, acled_class, fill, &state, acled_extra_names, ACLED_EXTRA };
	struct incidents incidents = { 0 };
	struct codes *countries = NULL;
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.partners == NULL || opts.incidents.places == NULL || opts.incidents.classes == NULL)
		options_refuse(&program, "--partners, --places and --classes are needed");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = parse_load_partners(&countries, opts.partners, "acled", &err)) == LODE_OK &&
	    (rc = incidents_open(&incidents, &opts.incidents, &format, countries, true, &run, &err)) == LODE_OK)
		rc = incidents_run(&incidents, &run, operands, &err);
	incidents_release(&incidents);
	codes_free(countries);
	return run_end(&run, rc, &err);
}
