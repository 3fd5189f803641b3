/*
 * lode-census - answers of the US Census Bureau's trade API to a tape
 *
 * in     a JSON array of arrays of strings, the names of the columns in the first, about imports (I_COMMODITY) or exports (E_COMMODITY)
 * out    for each row import|export .value (USD), .mass (kg) and .quantity, area US; imports for consumption as flow import-consumption
 * state  the row in hand; with --calendar every selected observation, to write them in order of `known`
 */
#include "census.h"
#include "flow.h"

struct opts {
	struct flow_options flow;
	struct run_options run;
};

struct state {
	struct flow flow;
	struct census census;
	struct arena *header; /* the header line, for rejects */
};

/* A flow and the first of its three columns: value and two quantities. */
static const struct {
	const char *name;
	enum census_column commodity, first;
} flows[] = {
	{ "import", CENSUS_IMPORT, CENSUS_GENERAL },
	{ "import-consumption", CENSUS_IMPORT, CENSUS_CONSUMPTION },
	{ "export", CENSUS_EXPORT, CENSUS_ALL },
};

static const struct option_spec options[] = {
	FLOW_OPTIONS(struct opts, flow),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-census", "[FILE ...]", "answers of the US Census Bureau's trade API to a tape", options };

static int
on_header(struct state *state, const struct jsonrow *row, struct run *run, struct err *err)
{
	if (census_columns(&state->census, row, err) != LODE_OK)
		return err->code;
	arena_free(state->header);
	if ((state->header = arena_new()) == NULL || (run->header = arena_dup(state->header, row->raw)).p == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	run_write_header(run, NULL, 0);
	return sink_flush(&run->out, err);
}

/* The name of the rule that leaves a partner out, or NULL: `-` is all countries, `0003` and `1XXX` are groups and continents. */
static const char *
partner_rule(struct str code)
{
	if (str_is(code, "-"))
		return "partner-world";
	return code.n == 4 && (str_starts(code, STR("00")) || memcmp(code.p + 1, "XXX", 3) == 0) ? "partner-group" : NULL;
}

/* Value and quantities of each flow that the answer has and the options want. */
static int
add_flows(struct state *state, const struct jsonrow *row, bool *wanted, struct err *err)
{
	const struct census *census = &state->census;
	const struct str unit[2] = { census_get(census, row, CENSUS_UNIT), census_get(census, row, CENSUS_UNIT_2) };
	struct flow *flow = &state->flow;
	size_t i;
	int bad;

	*wanted = false;
	for (i = 0; i < sizeof flows / sizeof flows[0]; i++) {
		const enum census_column first = flows[i].first;
		const struct str quantity[2] = { census_get(census, row, first + 1), census_get(census, row, first + 2) };

		if (census->commodity != flows[i].commodity || !flow_wants_name(flow, flows[i].name))
			continue;
		*wanted = true;
		flow->name = flows[i].name;
		bad = -1;
		if (flow_add(flow, "value", census_get(census, row, first), dec_of(1), STR("USD"), err) != LODE_OK ||
		    flow_add_quantities(flow, quantity, unit, &bad, err) != LODE_OK)
			return census_blame(census, (enum census_column)((int)first + 1 + bad), err);
	}
	return LODE_OK;
}

static int
on_row(struct state *state, const struct jsonrow *row, struct run *run, struct err *err)
{
	const struct census *census = &state->census;
	struct flow *flow = &state->flow;
	struct str code, partner;
	struct period period;
	const char *rule;
	bool wanted;

	if (census_check(census, row, err) != LODE_OK)
		return err->code;
	code = census_get(census, row, census->commodity);
	partner = census_get(census, row, CENSUS_PARTNER);
	if ((rule = flow_wants_commodity(flow, code) ? partner_rule(partner) : "not-selected") != NULL) {
		run_count_rule(run, rule);
		return LODE_OK;
	}
	if (code.n == 0) {
		err_set(err, LODE_EDATA, "no commodity code");
		return census_blame(census, census->commodity, err);
	}
	if (period_parse(census_get(census, row, CENSUS_TIME), &period, err) != LODE_OK)
		return census_blame(census, CENSUS_TIME, err);
	if (flow_area(flow, "partner", partner, &partner, err) != LODE_OK)
		return census_blame(census, CENSUS_PARTNER, err);
	if (!flow_wants_partner(flow, partner) || !parse_wants(&flow->parse, period)) {
		run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	if (flow_start(flow, NULL, STR("US"), partner, "hs:", code, err) != LODE_OK || flow_period(flow, period, err) != LODE_OK ||
	    add_flows(state, row, &wanted, err) != LODE_OK)
		return err->code;
	if (flow->n == 0)
		run_count_rule(run, wanted ? "no-figure" : "not-selected");
	return flow_write(flow, row->line, err);
}

/* The rows of an answer. No answer at all is what the API gives with status 204. */
static int
read_answer(struct state *state, struct jsonrows *rows, struct run *run, struct err *err)
{
	struct jsonrow row;
	int rc = jsonrows_next(rows, &row, err);

	if (rc == LODE_DONE && source_stop == 0)
		rc = err_set(err, LODE_EUSAGE, "no header line: the input is empty (status 204: no data, or not published yet)");
	if (rc == LODE_EDATA)
		rc = err->code = LODE_EUSAGE;
	if (rc == LODE_OK)
		rc = on_header(state, &row, run, err);
	if (rc == LODE_EUSAGE)
		err_line(err, run->source, 1);
	while (rc == LODE_OK && (rc = jsonrows_next(rows, &row, err)) != LODE_DONE) {
		if (rc != LODE_OK && (rc != LODE_EDATA || row.final))
			break; /* what an answer has lost cannot be rejected */
		run->n_records++;
		if (rc == LODE_OK)
			rc = on_row(state, &row, run, err);
		if (rc == LODE_EDATA)
			rc = run_reject(run, row.line, row.raw, err);
	}
	return rc;
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct jsonrows *rows = NULL;
	struct peek peek;
	char first;
	int rc;

	peek_init(&peek, source);
	if ((rc = flow_input(&state->flow, err)) == LODE_OK && (rc = peek_table(&peek, &first, err)) == LODE_OK &&
	    (rc = jsonrows_new(&rows, run->options->max_record, peek_read, &peek, err)) == LODE_OK)
		rc = read_answer(state, rows, run, err);
	jsonrows_free(rows);
	run->header = (struct str){ 0 };
	return rc;
}

int
main(int argc, char **argv)
{
	struct opts opts = { FLOW_DEFAULTS, RUN_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { 0 };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = flow_open(&state.flow, &opts.flow, "census", "census", "import import-consumption export", 0, &run, &err)) == LODE_OK &&
	    (rc = run_inputs(&run, operands, each_input, &state, &err)) == LODE_OK)
		rc = flow_finish(&state.flow, &err);
	arena_free(state.header);
	flow_release(&state.flow);
	return run_end(&run, rc, &err);
}
