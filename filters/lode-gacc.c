/*
 * lode-gacc - exports of the query of China's customs (GACC) to a tape
 *
 * in     CSV as the query writes it: GB18030 or UTF-8, any selection and order of columns
 * out    for each record FLOW.mass, FLOW.quantity and FLOW.value as far as the file has them; columns `mode` (trade mode) and
 *        `place` (province) where the file has them
 * state  with --calendar every observation, to write them in order of `known`; with --known nothing
 */
#include <stdio.h>

#include "collate.h"
#include "date.h"
#include "gacc.h"
#include "parse.h"

enum { MAX_ROWS = 10000, MAX_INDICATOR = 32, MAX_PARTNERS = 1000 };

struct opts {
	struct run_options run;
	struct parse_options parse;
	const char *flow, *period, *encoding;
	size_t max_held;
	bool allow_cut;
};

struct state {
	const struct opts *opts;
	struct parse parse;
	struct period period; /* of the record in hand: --period, or the month in month_text */
	char period_text[PERIOD_MAX], month_text[8];
	size_t n_period_text, n_month_text;
	struct gacc gacc;
	struct collate *collate;
	struct ref ref;
	const char *extra[2]; /* the output's columns, fixed by the first header */
	size_t n_extra;
	struct err cut;       /* the first input of MAX_ROWS rows, if any */
	char indicator_text[GACC_N_KINDS][MAX_INDICATOR];
	struct str indicator[GACC_N_KINDS];
	struct str partner[MAX_PARTNERS]; /* by number, once looked up */
};

static const struct option_spec options[] = {
	{ 'f', "flow", "FLOW", OPTION_TEXT, offsetof(struct opts, flow), "import or export, which the file does not say" },
	{ 0, "period", "PERIOD", OPTION_TEXT, offsetof(struct opts, period), "period of a file without months" },
	{ 0, "encoding", "NAME", OPTION_TEXT, offsetof(struct opts, encoding), "of the input, found by its header otherwise" },
	{ 0, "allow-cut", NULL, OPTION_FLAG, offsetof(struct opts, allow_cut), "accept 10000 rows, where the query cuts" },
	COLLATE_OPTION(struct opts, max_held),
	PARSE_OPTIONS(struct opts, parse),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-gacc", "[FILE ...]", "exports of the query of China's customs to a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;
	const char *extra[2] = { NULL, NULL };
	size_t n = 0;

	if (gacc_columns(&state->gacc, header, state->opts->encoding, err) != LODE_OK)
		return err->code;
	if (state->gacc.at[GACC_MONTH] < 0 && state->opts->period == NULL)
		return err_set(err, LODE_EUSAGE, "no months in the file: say its period by --period");
	if (state->gacc.at[GACC_MONTH] >= 0 && state->opts->period != NULL)
		return err_set(err, LODE_EUSAGE, "the file has months of its own: --period does not apply");
	if (state->gacc.at[GACC_MODE] >= 0)
		extra[n++] = "mode";
	if (state->gacc.at[GACC_PLACE] >= 0)
		extra[n++] = "place";
	if (run->header_written && (n != state->n_extra || extra[0] != state->extra[0]))
		return err_set(err, LODE_EUSAGE, "trade mode or place is in one input and not in another");
	memcpy(state->extra, extra, sizeof extra);
	state->n_extra = n;
	run_write_header(run, extra, n);
	return LODE_OK;
}

/* The month of a record; most have that of the record before, which is then not read again. */
static int
get_period(struct state *state, const struct record *record, struct err *err)
{
	struct str text;

	if (state->gacc.at[GACC_MONTH] < 0)
		return LODE_OK;
	text = gacc_get(&state->gacc, record, GACC_MONTH);
	if (text.n > 0 && str_eq(text, (struct str){ state->month_text, state->n_month_text }))
		return LODE_OK;
	state->n_month_text = 0;
	if (date_parse(text, STR("YYYYMM"), &state->period, err) != LODE_OK)
		return gacc_blame(&state->gacc, GACC_MONTH, err);
	state->n_period_text = period_format(state->period, state->period_text);
	if (text.n <= sizeof state->month_text) {
		memcpy(state->month_text, text.p, text.n);
		state->n_month_text = text.n;
	}
	return LODE_OK;
}

/* A code is mostly three digits. */
static int
get_partner(struct state *state, struct str code, struct str *partner, struct err *err)
{
	struct str *known = code.n != 3 ? NULL : &state->partner[(code.p[0] - '0') * 100 + (code.p[1] - '0') * 10 + (code.p[2] - '0')];

	if (known == NULL)
		return parse_partner(&state->parse, code, partner, err);
	if (known->p == NULL && parse_partner(&state->parse, code, known, err) != LODE_OK)
		return err->code;
	*partner = *known;
	return LODE_OK;
}

/* What, with whom, when and known when; *wanted is false for what the options leave out. */
static int
get_key(struct state *state, const struct record *record, struct obs *obs, bool *wanted, struct err *err)
{
	const struct parse_options *select = &state->opts->parse;
	struct gacc *gacc = &state->gacc;
	struct str *partner = &obs->f[OBS_PARTNER], code;

	if (gacc_code(gacc, record, GACC_CODE, STR("TOTAL"), &obs->f[OBS_COMMODITY], err) != LODE_OK)
		return err->code;
	if (gacc->at[GACC_CODE] >= 0 && obs->f[OBS_COMMODITY].n % 2 == 1) {
		err_set(err, LODE_EDATA, "'%.*s' has lost the zero in front of it", STR_ARG(obs->f[OBS_COMMODITY]));
		return gacc_blame(gacc, GACC_CODE, err);
	}
	if (!(*wanted = option_list_prefix(&select->commodity, obs->f[OBS_COMMODITY])))
		return LODE_OK;
	*partner = STR("W0"); /* a file without partners is about all of them */
	if (gacc_code(gacc, record, GACC_PARTNER, STR(""), &code, err) != LODE_OK || get_period(state, record, err) != LODE_OK)
		return err->code;
	if (gacc->at[GACC_PARTNER] >= 0 && get_partner(state, code, partner, err) != LODE_OK)
		return gacc_blame(gacc, GACC_PARTNER, err);
	if (!(*wanted = option_list_has(&select->partner, *partner) && parse_wants(&state->parse, state->period)))
		return LODE_OK;
	if (parse_known(&state->parse, state->period, &obs->f[OBS_KNOWN], err) != LODE_OK)
		return gacc->at[GACC_MONTH] >= 0 ? gacc_blame(gacc, GACC_MONTH, err) : err->code;
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct obs obs;
	struct str extra[2];
	struct tape_figure figure[GACC_MAX_FIGURES];
	char commodity[GACC_CODE_MAX + 4] = "hs:";
	unsigned e = 0;
	size_t n = 0;
	bool wanted;

	obs.f[OBS_AREA] = STR("CN");
	obs.f[OBS_SOURCE] = STR("gacc");
	if (get_key(state, record, &obs, &wanted, err) != LODE_OK)
		return err->code;
	if (!wanted) {
		run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	if (gacc_figures(&state->gacc, record, state->indicator, figure, &n, err) != LODE_OK ||
	    (state->gacc.at[GACC_MODE] >= 0 && gacc_code(&state->gacc, record, GACC_MODE, STR(""), &extra[e++], err) != LODE_OK) ||
	    (state->gacc.at[GACC_PLACE] >= 0 && gacc_code(&state->gacc, record, GACC_PLACE, STR(""), &extra[e++], err) != LODE_OK))
		return err->code;
	if (n == 0)
		run_count_rule(run, "no-figure");
	memcpy(commodity + 3, obs.f[OBS_COMMODITY].p, obs.f[OBS_COMMODITY].n);
	obs.f[OBS_COMMODITY] = (struct str){ commodity, 3 + obs.f[OBS_COMMODITY].n };
	obs.f[OBS_PERIOD] = (struct str){ state->period_text, state->n_period_text };
	obs.f[OBS_REF] = ref_line(&state->ref, record->line);
	return collate_add_figures(state->collate, &obs, extra, state->n_extra, figure, n, err);
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = state };
	const uint64_t n_before = run->n_records;
	const int rc = parse_rows(run, &filter, source, &state->ref, err);

	if (run->n_records - n_before == MAX_ROWS && !state->opts->allow_cut && state->cut.code == LODE_OK) {
		err_set(&state->cut, LODE_EDATA, "%d rows: the export is cut at this number", MAX_ROWS);
		err_line(&state->cut, run->source, 0);
	}
	return rc;
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	const struct opts *opts = state->opts;
	static const char *const figures[GACC_N_KINDS] = { "mass", "quantity", "quantity.second", "value" };
	int i;

	for (i = 0; i < GACC_N_KINDS; i++) {
		snprintf(state->indicator_text[i], MAX_INDICATOR, "%s.%s", opts->flow, figures[i]);
		state->indicator[i] = str_of(state->indicator_text[i]);
	}
	if (opts->period != NULL && period_parse(str_of(opts->period), &state->period, err) != LODE_OK)
		return err->code = LODE_EUSAGE;
	if (opts->period != NULL)
		state->n_period_text = period_format(state->period, state->period_text);
	if (parse_open(&state->parse, &opts->parse, "gacc", err) != LODE_OK)
		return err->code;
	return collate_new(&state->collate, &run->out, opts->parse.calendar != NULL, opts->max_held, err);
}

static void
release(struct state *state)
{
	collate_free(state->collate);
	gacc_release(&state->gacc);
	parse_release(&state->parse);
	ref_release(&state->ref);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .parse = PARSE_DEFAULTS, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .opts = &opts };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.flow == NULL || (strcmp(opts.flow, "import") != 0 && strcmp(opts.flow, "export") != 0))
		options_refuse(&program, "--flow import or --flow export is needed");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK &&
	    (rc = run_inputs(&run, operands, each_input, &state, &err)) == LODE_OK &&
	    (rc = collate_finish(state.collate, &err)) == LODE_OK && state.cut.code != LODE_OK) {
		err = state.cut;
		rc = err.code;
	}
	release(&state);
	return run_end(&run, rc, &err);
}
