/*
 * lode-estat - Trade Statistics of Japan, wide by month, to a tape
 *
 * in     CSV with a row for a flow, year and commodity, perhaps country and customs office, and three columns a month, found by their names.
 * out    for each month with trade import|export .value (JPY), .mass (kg) and .quantity, area JP, with the column `place` (customs office).
 *        A month of zeros is no observation: unpublished when no month of the input from there on is anything else, else without trade.
 * state  a count for each month; with --calendar every selected observation, to write them in order of `known`.
 */
#include <stdio.h>

#include "date.h"
#include "flow.h"

enum { N_MONTHS = 12, FIRST_YEAR = 1950, N_YEARS = 200, HS_DIGITS = 9 };
enum { QUANTITY, QUANTITY_2, VALUE, N_KINDS };
enum { DIRECTION, YEAR, HS, COUNTRY, CUSTOM, UNIT, UNIT_2, N_COLUMNS };

static const char *const column_names[N_COLUMNS] = { "Exp or Imp", "Year", "HS", "Country", "Custom", "Unit1", "Unit2" };
static const char *const kind_names[N_KINDS] = { "Quantity1", "Quantity2", "Value" };
static const char month_names[N_MONTHS][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

struct opts {
	struct flow_options flow;
	struct run_options run;
};

struct state {
	struct flow flow;
	int at[N_COLUMNS], month_at[N_MONTHS][N_KINDS]; /* column of the record, or -1 */
	unsigned n_months;                              /* with at least one column */
	int32_t last;                                   /* last month of this input that is not zero, months since 1970-01 */
	uint64_t n_zero[N_YEARS][N_MONTHS];             /* months of selected rows that are zero */
};

static const struct option_spec options[] = {
	FLOW_OPTIONS(struct opts, flow),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-estat", "[FILE ...]", "Trade Statistics of Japan to a tape", options };

/* At the end of an input it is known which of its months had been published. */
static void
count_zeros(struct state *state, struct run *run)
{
	int32_t number;
	int year, m;

	for (year = 0; year < N_YEARS; year++)
		for (m = 0; m < N_MONTHS; m++)
			for (number = month_number(FIRST_YEAR + year, m + 1); state->n_zero[year][m] > 0; state->n_zero[year][m]--)
				run_count_rule(run, number > state->last ? "unpublished" : "no-trade");
	state->last = INT32_MIN;
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	static const char *const extra[] = { "place" };
	struct state *state = argument;
	char name[64];
	int c, m, k;

	count_zeros(state, run); /* of the input before */
	for (c = 0; c < N_COLUMNS; c++)
		if ((state->at[c] = header_find(header, str_of(column_names[c]))) < 0 && c <= HS)
			return err_set(err, LODE_EUSAGE, "no column '%s' in the header", column_names[c]);
	state->n_months = 0;
	for (m = 0; m < N_MONTHS; m++) {
		for (k = 0; k < N_KINDS; k++) {
			snprintf(name, sizeof name, "%s-%s", kind_names[k], month_names[m]);
			state->month_at[m][k] = header_find(header, str_of(name));
			if (k != VALUE && state->month_at[m][k] >= 0 && state->at[UNIT + k] < 0)
				return err_set(err, LODE_EUSAGE, "no column '%s' beside '%s'", column_names[UNIT + k], name);
		}
		state->n_months += state->month_at[m][QUANTITY] >= 0 || state->month_at[m][QUANTITY_2] >= 0 || state->month_at[m][VALUE] >= 0;
	}
	if (state->n_months == 0)
		return err_set(err, LODE_EUSAGE, "no month in the header, as in 'Value-Jan'");
	run_write_header(run, extra, 1);
	return LODE_OK;
}

/* A column that the file may lack. */
static struct str
get(const struct record *record, int at)
{
	return at < 0 ? STR("") : str_trim(record_get(record, (unsigned)at));
}

static int
blame(const struct state *state, int column, struct err *err)
{
	return err_column(err, (unsigned)state->at[column] + 1, column_names[column]);
}

/* The figures of a month; true when there is none but zeros. */
static bool
get_month(const struct state *state, const struct record *record, int month, struct str figure[N_KINDS])
{
	bool zero = true;
	int k;

	for (k = 0; k < N_KINDS; k++) {
		figure[k] = get(record, state->month_at[month][k]);
		zero = zero && flow_is_zero(figure[k]);
	}
	return zero;
}

/* Japan's code has nine digits, in apostrophes so that a spreadsheet keeps the zero in front. */
static int
get_hs(const struct state *state, const struct record *record, struct str *code, struct err *err)
{
	size_t i;

	*code = get(record, state->at[HS]);
	if (code->n >= 2 && code->p[0] == '\'' && code->p[code->n - 1] == '\'')
		*code = (struct str){ code->p + 1, code->n - 2 };
	for (i = 0; i < code->n && char_is_digit(code->p[i]);)
		i++;
	if (i == HS_DIGITS && code->n == HS_DIGITS)
		return LODE_OK;
	err_set(err, LODE_EDATA, "'%.*s' is not a code of %d digits", STR_ARG(*code), HS_DIGITS);
	return blame(state, HS, err);
}

/* The year of a row, as the month number of its January. */
static int
get_year(const struct state *state, const struct record *record, int32_t *january, struct err *err)
{
	struct str text = get(record, state->at[YEAR]);
	struct period period;

	if (date_parse(text, STR("YYYY"), &period, err) != LODE_OK)
		return blame(state, YEAR, err);
	*january = period_first_month(period);
	if (*january < month_number(FIRST_YEAR, 1) || *january >= month_number(FIRST_YEAR + N_YEARS, 1)) {
		err_set(err, LODE_EDATA, "'%.*s' is not a year from %d to %d", STR_ARG(text), FIRST_YEAR, FIRST_YEAR + N_YEARS - 1);
		return blame(state, YEAR, err);
	}
	return LODE_OK;
}

/* Keeps the figures of a month that is not zero. */
static int
add_month(struct state *state, const struct record *record, int month, const struct str figure[N_KINDS], int32_t number, struct err *err)
{
	const int *at = state->month_at[month];
	const struct str unit[2] = { get(record, state->at[UNIT]), get(record, state->at[UNIT_2]) };
	char name[64];
	int bad = VALUE;

	if (flow_period(&state->flow, period_of_month(number), err) != LODE_OK)
		return err->code;
	if (flow_add(&state->flow, "value", figure[VALUE], dec_of(1000), STR("JPY"), err) == LODE_OK &&
	    flow_add_quantities(&state->flow, figure, unit, &bad, err) == LODE_OK)
		return LODE_OK;
	snprintf(name, sizeof name, "%s-%s", kind_names[bad], month_names[month]);
	return err_column(err, (unsigned)at[bad] + 1, name);
}

/* A row that is selected: keeps the months that are not zero and counts the others; a record is now a month of a row. */
static int
take_row(struct state *state, const struct record *record, int32_t january, struct run *run, struct err *err)
{
	struct str figure[N_KINDS];
	bool zero[N_MONTHS];
	int m;

	for (m = 0; m < N_MONTHS; m++) {
		zero[m] = get_month(state, record, m, figure);
		if (parse_wants(&state->flow.parse, period_of_month(january + m)) && !zero[m] &&
		    add_month(state, record, m, figure, january + m, err) != LODE_OK)
			return err->code;
	}
	run->n_records += state->n_months - 1;
	for (m = 0; m < N_MONTHS; m++) {
		if (state->month_at[m][QUANTITY] < 0 && state->month_at[m][QUANTITY_2] < 0 && state->month_at[m][VALUE] < 0)
			continue;
		if (!parse_wants(&state->flow.parse, period_of_month(january + m)))
			run_count_rule(run, "not-selected");
		else if (zero[m])
			state->n_zero[(january - month_number(FIRST_YEAR, 1)) / 12][m]++;
	}
	return flow_write(&state->flow, record->line, err);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct flow *flow = &state->flow;
	struct str direction = get(record, state->at[DIRECTION]), code, partner = STR("W0"), figure[N_KINDS];
	const char *name = str_is(direction, "1") ? "export" : str_is(direction, "2") ? "import" : NULL;
	int32_t january = 0;
	int m;

	if (name == NULL) {
		err_set(err, LODE_EDATA, "'%.*s' is not a flow: 1 export, 2 import", STR_ARG(direction));
		return blame(state, DIRECTION, err);
	}
	if (get_year(state, record, &january, err) != LODE_OK || get_hs(state, record, &code, err) != LODE_OK)
		return err->code;
	/* rows that are not selected say what is published too */
	for (m = N_MONTHS - 1; m >= 0 && january + m > state->last; m--)
		if (!get_month(state, record, m, figure))
			state->last = january + m;
	if (!flow_wants_commodity(flow, code) || !flow_wants_name(flow, name))
		goto not_selected;
	if (state->at[COUNTRY] >= 0 && flow_area(flow, "partner", get(record, state->at[COUNTRY]), &partner, err) != LODE_OK)
		return blame(state, COUNTRY, err);
	if (!flow_wants_partner(flow, partner))
		goto not_selected;
	flow->extra[0] = get(record, state->at[CUSTOM]);
	if (flow_start(flow, name, STR("JP"), partner, "hs:", code, err) != LODE_OK)
		return err->code;
	return take_row(state, record, january, run, err);
not_selected:
	run_count_rule(run, "not-selected");
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { FLOW_DEFAULTS, RUN_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts);
	static struct state state = { .last = INT32_MIN };
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = &state };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK &&
	    (rc = flow_open(&state.flow, &opts.flow, "estat", "estat", "import export", 1, &run, &err)) == LODE_OK)
		rc = flow_rows(&state.flow, operands, &filter, &err);
	count_zeros(&state, &run);
	flow_release(&state.flow);
	return run_end(&run, rc, &err);
}
