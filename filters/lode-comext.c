/*
 * lode-comext - trade files of Eurostat's Comext to a tape
 *
 * in     CSV in one of three shapes, told apart by the header: the current full_YYYYMM.dat, the files until about 2021, and SDMX-CSV with one
 *        indicator a row.
 * out    import|export .value (EUR), .mass (kg) and .quantity (supplementary unit), area and partner by table, with the columns `trade` and
 *        `procedure`, which split a flow.
 * state  with --calendar every selected observation, to write them in order of `known`; with --known nothing.
 */
#include "comext.h"
#include "flow.h"

struct opts {
	struct flow_options flow;
	struct run_options run;
};

struct state {
	struct flow flow;
	struct comext comext;
};

static const struct option_spec options[] = {
	FLOW_OPTIONS(struct opts, flow),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-comext", "[FILE ...]", "trade files of Eurostat's Comext to a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const extra[] = { "trade", "procedure" };
	struct state *state = argument;

	if (comext_columns(&state->comext, header, err) != LODE_OK)
		return err->code;
	run_write_header(run, extra, 2);
	return LODE_OK;
}

static int
add(struct state *state, const struct record *record, const char *measure, enum comext_column column, long long factor, struct str unit, struct err *err)
{
	if (flow_add(&state->flow, measure, comext_get(&state->comext, record, column), dec_of(factor), unit, err) != LODE_OK)
		return comext_blame(&state->comext, column, err);
	return LODE_OK;
}

/* All figures of a row of the wide shapes. The oldest files have supplementary quantities and no column that names their unit. */
static int
add_wide(struct state *state, const struct record *record, struct err *err)
{
	const struct comext *comext = &state->comext;
	struct str unit = comext_get(comext, record, COMEXT_SUPPL_UNIT), quantity = comext_get(comext, record, COMEXT_SUPPL);
	bool no_unit = unit.n == 0 || str_is(unit, "NO_SU");

	if (add(state, record, "value", COMEXT_EUR, 1, STR("EUR"), err) != LODE_OK ||
	    add(state, record, "mass", COMEXT_KG, 1, STR("kg"), err) != LODE_OK ||
	    add(state, record, "mass", COMEXT_TONS, 1000, STR("kg"), err) != LODE_OK)
		return err->code;
	if (no_unit && flow_is_zero(quantity))
		return LODE_OK;
	if (no_unit && comext->at[COMEXT_SUPPL_UNIT] >= 0) {
		err_set(err, LODE_EDATA, "quantity '%.*s' without a unit", STR_ARG(quantity));
		return comext_blame(comext, COMEXT_SUPPL, err);
	}
	return add(state, record, "quantity", COMEXT_SUPPL, 1, no_unit ? STR("su") : unit, err);
}

/* The status of a row of the long shape: of Eurostat's flags only e, f and p say something about how sure a figure is. */
static int
set_status(struct state *state, const struct record *record, struct err *err)
{
	struct str flag = comext_get(&state->comext, record, COMEXT_FLAG);
	size_t i;

	for (i = 0; i < flag.n; i++) {
		if (strchr("bcdefnprsuz", flag.p[i]) == NULL) {
			err_set(err, LODE_EDATA, "unknown flag '%.*s'", STR_ARG(flag));
			return comext_blame(&state->comext, COMEXT_FLAG, err);
		}
		if (flag.p[i] == 'e')
			state->flow.obs.f[OBS_STATUS] = STR("E");
		else if (flag.p[i] == 'f')
			state->flow.obs.f[OBS_STATUS] = STR("F");
		else if (flag.p[i] == 'p')
			state->flow.obs.f[OBS_STATUS] = STR("P");
	}
	return LODE_OK;
}

/* The one figure of a row of the long shape. */
static int
add_long(struct state *state, const struct record *record, struct err *err)
{
	struct str indicator = comext_get(&state->comext, record, COMEXT_INDICATOR);

	if (set_status(state, record, err) != LODE_OK)
		return err->code;
	if (str_is(indicator, "VALUE_IN_EUROS"))
		return add(state, record, "value", COMEXT_FIGURE, 1, STR("EUR"), err);
	if (str_is(indicator, "QUANTITY_IN_100KG"))
		return add(state, record, "mass", COMEXT_FIGURE, 100, STR("kg"), err);
	if (str_is(indicator, "SUP_QUANTITY"))
		return flow_is_zero(comext_get(&state->comext, record, COMEXT_FIGURE)) ? LODE_OK :
		    add(state, record, "quantity", COMEXT_FIGURE, 1, STR("su"), err);
	err_set(err, LODE_EDATA, "unknown indicator '%.*s'", STR_ARG(indicator));
	return comext_blame(&state->comext, COMEXT_INDICATOR, err);
}

static int
get_area(struct state *state, const struct record *record, const char *what, enum comext_column column, struct str *area, struct err *err)
{
	enum comext_column used;
	struct str code = comext_country(&state->comext, record, column, &used);

	if (flow_area(&state->flow, what, code, area, err) != LODE_OK)
		return comext_blame(&state->comext, used, err);
	return LODE_OK;
}

/* Import or export; NULL with an error for anything else. */
static const char *
get_flow(const struct state *state, const struct record *record, struct err *err)
{
	struct str code = comext_get(&state->comext, record, COMEXT_FLOW);

	if (str_is(code, "1"))
		return "import";
	if (str_is(code, "2"))
		return "export";
	err_set(err, LODE_EDATA, "'%.*s' is not a flow: 1 import, 2 export", STR_ARG(code));
	comext_blame(&state->comext, COMEXT_FLOW, err);
	return NULL;
}

/* The name of the rule that leaves a partner out, or NULL. */
static const char *
partner_rule(struct str partner)
{
	if (str_is(partner, "WORLD"))
		return "partner-world";
	return memchr(partner.p, '_', partner.n) != NULL ? "partner-group" : NULL;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct flow *flow = &state->flow;
	struct str code = comext_get(&state->comext, record, COMEXT_PRODUCT), area, partner;
	const char *name, *rule = NULL;
	struct period period;

	if (!flow_wants_commodity(flow, code))
		rule = "not-selected";
	else if ((name = get_flow(state, record, err)) == NULL)
		return err->code;
	else if (!flow_wants_name(flow, name))
		rule = "not-selected";
	else
		rule = partner_rule(comext_get(&state->comext, record, COMEXT_PARTNER));
	if (rule != NULL) {
		run_count_rule(run, rule);
		return LODE_OK;
	}
	if (code.n == 0) {
		err_set(err, LODE_EDATA, "no product code");
		return comext_blame(&state->comext, COMEXT_PRODUCT, err);
	}
	if (comext_period(comext_get(&state->comext, record, COMEXT_PERIOD), &period, err) != LODE_OK)
		return comext_blame(&state->comext, COMEXT_PERIOD, err);
	if (get_area(state, record, "reporter", COMEXT_REPORTER, &area, err) != LODE_OK ||
	    get_area(state, record, "partner", COMEXT_PARTNER, &partner, err) != LODE_OK)
		return err->code;
	if (!flow_wants_partner(flow, partner) || !parse_wants(&flow->parse, period)) {
		run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	flow->extra[0] = comext_get(&state->comext, record, COMEXT_TRADE);
	flow->extra[1] = comext_get(&state->comext, record, COMEXT_PROCEDURE);
	if (flow_start(flow, name, area, partner, "hs:", code, err) != LODE_OK || flow_period(flow, period, err) != LODE_OK ||
	    (state->comext.at[COMEXT_FIGURE] >= 0 ? add_long : add_wide)(state, record, err) != LODE_OK)
		return err->code;
	if (flow->n == 0)
		run_count_rule(run, "no-figure");
	return flow_write(flow, record->line, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { FLOW_DEFAULTS, RUN_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { 0 };
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = flow_open(&state.flow, &opts.flow, "comext", "comext", "import export", 2, &run, &err)) == LODE_OK)
		rc = flow_rows(&state.flow, operands, &filter, &err);
	flow_release(&state.flow);
	return run_end(&run, rc, &err);
}
