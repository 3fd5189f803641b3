/*
 * lode-baci - CEPII's BACI year files to a tape
 *
 * in     CSV with the columns t i j k v q: year, exporter, importer, six digits of the HS, thousand US$, metric tons
 * out    for each record export.value (USD) and export.mass (kg), area the exporter, partner the importer, commodity with the HS edition
 * state  with --calendar every selected observation, to write them in order of `known`; with --known nothing
 */
#include <stdio.h>

#include "date.h"
#include "flow.h"

enum { YEAR, EXPORTER, IMPORTER, CODE, VALUE, QUANTITY, N_COLUMNS, HS_DIGITS = 6, PREFIX_MAX = 16 };

struct opts {
	struct flow_options flow;
	struct run_options run;
	const char *edition;
	bool pad;
};

struct state {
	const struct opts *opts;
	struct flow flow;
	unsigned at[N_COLUMNS];
	char prefix[PREFIX_MAX];  /* hs17: */
	char code[HS_DIGITS];     /* with its zero put back */
};

static const char *const column_names[N_COLUMNS] = { "t", "i", "j", "k", "v", "q" };

static const struct option_spec options[] = {
	{ 0, "edition", "HSNN", OPTION_TEXT, offsetof(struct opts, edition), "HS edition, instead of the one in the file's name" },
	{ 0, "pad", NULL, OPTION_FLAG, offsetof(struct opts, pad), "put back the zero that a five-digit code has lost" },
	FLOW_OPTIONS(struct opts, flow),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-baci", "[FILE ...]", "CEPII's BACI year files to a tape", options };

/* The two digits of `HS17`, `HS17_Y2021...`; NULL for anything else. */
static const char *
edition_digits(const char *text)
{
	static const char *const editions[] = { "92", "96", "02", "07", "12", "17", "22" };
	size_t i;

	if (strncmp(text, "HS", 2) != 0 && strncmp(text, "hs", 2) != 0)
		return NULL;
	for (i = 0; i < sizeof editions / sizeof editions[0]; i++)
		if (strncmp(text + 2, editions[i], 2) == 0 && (text[4] == '\0' || text[4] == '_'))
			return editions[i];
	return NULL;
}

/* As in BACI_HS17_Y2021_V202301.csv. */
static const char *
edition_of_name(const char *name)
{
	const char *base = strrchr(name, '/') == NULL ? name : strrchr(name, '/') + 1;
	const char *at = strncmp(base, "BACI_", 5) == 0 ? base + 5 : NULL;

	return at == NULL ? NULL : edition_digits(at);
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;
	const char *edition = state->opts->edition != NULL ? edition_digits(state->opts->edition) : edition_of_name(run->source);
	int c;

	for (c = 0; c < N_COLUMNS; c++)
		if (header_need(header, column_names[c], &state->at[c], err) != LODE_OK)
			return err->code;
	if (edition == NULL)
		return err_set(err, LODE_EUSAGE, "the file's name is not like BACI_HS17_Y2021_V202301.csv: give the HS edition by --edition");
	snprintf(state->prefix, sizeof state->prefix, "hs%s:", edition);
	run_write_header(run, NULL, 0);
	return LODE_OK;
}

/* Older files pad their fields with blanks; a missing figure is empty or NA. */
static struct str
get(const struct state *state, const struct record *record, int column)
{
	struct str field = str_trim(record_get(record, state->at[column]));

	return str_is(field, "NA") ? STR("") : field;
}

static int
blame(const struct state *state, int column, struct err *err)
{
	return err_column(err, state->at[column] + 1, column_names[column]);
}

/* Six digits; five are a code that has lost the zero in front, which --pad puts back. */
static int
get_code(struct state *state, const struct record *record, struct str *code, struct err *err)
{
	size_t i;

	*code = get(state, record, CODE);
	for (i = 0; i < code->n && char_is_digit(code->p[i]);)
		i++;
	if (i == HS_DIGITS && code->n == HS_DIGITS)
		return LODE_OK;
	if (i == HS_DIGITS - 1 && code->n == i && state->opts->pad) {
		state->code[0] = '0';
		memcpy(state->code + 1, code->p, i);
		*code = (struct str){ state->code, HS_DIGITS };
		return LODE_OK;
	}
	if (i == HS_DIGITS - 1 && code->n == i)
		err_set(err, LODE_EDATA, "'%.*s' has lost the zero in front of it: --pad puts it back", STR_ARG(*code));
	else
		err_set(err, LODE_EDATA, "'%.*s' is not a code of %d digits", STR_ARG(*code), HS_DIGITS);
	return blame(state, CODE, err);
}

static int
add(struct state *state, const struct record *record, const char *measure, int column, const char *unit, struct err *err)
{
	if (flow_add(&state->flow, measure, get(state, record, column), dec_of(1000), str_of(unit), err) != LODE_OK)
		return blame(state, column, err);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct flow *flow = &state->flow;
	struct str code, exporter, importer;
	struct period year;

	if (get_code(state, record, &code, err) != LODE_OK)
		return err->code;
	if (!flow_wants_commodity(flow, code) || !flow_wants_name(flow, "export"))
		goto not_selected;
	if (flow_area(flow, "exporter", get(state, record, EXPORTER), &exporter, err) != LODE_OK)
		return blame(state, EXPORTER, err);
	if (flow_area(flow, "importer", get(state, record, IMPORTER), &importer, err) != LODE_OK)
		return blame(state, IMPORTER, err);
	if (date_parse(get(state, record, YEAR), STR("YYYY"), &year, err) != LODE_OK)
		return blame(state, YEAR, err);
	if (!flow_wants_partner(flow, importer) || !parse_wants(&flow->parse, year))
		goto not_selected;
	if (flow_start(flow, "export", exporter, importer, state->prefix, code, err) != LODE_OK || flow_period(flow, year, err) != LODE_OK ||
	    add(state, record, "value", VALUE, "USD", err) != LODE_OK || add(state, record, "mass", QUANTITY, "kg", err) != LODE_OK)
		return err->code;
	if (flow->n == 0)
		run_count_rule(run, "no-figure");
	return flow_write(flow, record->line, err);
not_selected:
	run_count_rule(run, "not-selected");
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .flow = FLOW_DEFAULTS, .run = RUN_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .opts = &opts };
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.edition != NULL && (edition_digits(opts.edition) == NULL || strlen(opts.edition) != 4))
		options_refuse(&program, "--edition '%s' is not one of HS92, HS96, HS02, HS07, HS12, HS17, HS22", opts.edition);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = flow_open(&state.flow, &opts.flow, "baci", "comtrade", "export", 0, &run, &err)) == LODE_OK)
		rc = flow_rows(&state.flow, operands, &filter, &err);
	flow_release(&state.flow);
	return run_end(&run, rc, &err);
}
