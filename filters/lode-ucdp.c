/*
 * lode-ucdp - georeferenced events of UCDP to a tape
 *
 * in     CSV with a header, yearly and candidate files; text in quotes may go over several lines
 * out    event.CLASS with its weight for each event whose class the table knows; columns id, actors, deaths, precision
 * state  with --calendar every line, to write them in order of `known`; with --known nothing
 */
#include "incidents.h"
#include "ucdp.h"

struct opts {
	struct run_options run;
	struct parse_options parse;
	struct incidents_options incidents;
};

struct state {
	struct parse parse;
	char period[PERIOD_MAX]; /* of the record in hand */
};

static const struct option_spec options[] = {
	{ 'k', "known", "TIME", OPTION_INSTANT, offsetof(struct opts, parse.known), "when the file came out (a date: its end)" },
	{ 0, "calendar", "FILE", OPTION_TEXT, offsetof(struct opts, parse.calendar), "table of release dates, for a yearly file" },
	{ 0, "partners", "FILE", OPTION_TEXT, offsetof(struct opts, parse.partners), "table of country codes" },
	INCIDENTS_OPTIONS(struct opts, incidents),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-ucdp", "[FILE ...]", "georeferenced events of UCDP to a tape", options };

static int
get_times(struct state *state, const struct fields *fields, const struct record *record, struct obs *obs, struct err *err)
{
	struct period period, last = { .kind = PERIOD_DAY };
	char day[PERIOD_MAX];

	if (ucdp_period(fields, record, &period, &last.first, err) != LODE_OK)
		return err->code;
	if (parse_known(&state->parse, period, &obs->f[OBS_KNOWN], err) != LODE_OK)
		return fields_blame(fields, UCDP_START, err);
	period_format(last, day);
	if (memcmp(day, obs->f[OBS_KNOWN].p, strlen(day)) > 0) {
		err_set(err, LODE_EDATA, "the event's last day %s is after %.*s, when it became known", day, STR_ARG(obs->f[OBS_KNOWN]));
		return fields_blame(fields, UCDP_END, err);
	}
	period_format(period, state->period);
	obs->f[OBS_PERIOD] = str_of(state->period);
	return LODE_OK;
}

static int
fill(void *argument, const struct fields *fields, const struct record *record, struct obs *obs, struct str *extra, struct err *err)
{
	struct state *state = argument;

	obs->f[OBS_STATUS] = ucdp_status(fields, record);
	obs->f[OBS_SOURCE] = STR("ucdp");
	if (get_times(state, fields, record, obs, err) != LODE_OK || ucdp_extra(fields, record, extra, err) != LODE_OK)
		return err->code;
	return ucdp_partner(fields, record, state->parse.partners, obs->f[OBS_AREA], &obs->f[OBS_PARTNER], err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .parse = PARSE_DEFAULTS, .incidents = INCIDENTS_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { 0 };
	const struct incidents_format format = { ucdp_columns, UCDP_COUNTRY, UCDP_UNIT, ucdp_class, fill, &state, ucdp_extra_names, UCDP_EXTRA };
	struct incidents incidents = { 0 };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.incidents.places == NULL || opts.incidents.classes == NULL)
		options_refuse(&program, "--places and --classes are needed");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = parse_open(&state.parse, &opts.parse, "ucdp", &err)) == LODE_OK &&
	    (rc = incidents_open(&incidents, &opts.incidents, &format, state.parse.partners, opts.parse.calendar != NULL, &run, &err)) == LODE_OK)
		rc = incidents_run(&incidents, &run, operands, &err);
	incidents_release(&incidents);
	parse_release(&state.parse);
	return run_end(&run, rc, &err);
}
