/*
 * lode-comtrade - UN Comtrade's files to a tape
 *
 * in     CSV of the web download or the API, tab-separated bulk files, files of the former site; any selection and order of columns
 * out    for each record FLOW.mass, FLOW.quantity and FLOW.value as far as they are not empty or zero
 * state  with --calendar, or with several bulk files dated by their names, every observation, to write them in order of `known`;
 *        else nothing
 */
#include "collate.h"
#include "comtrade.h"
#include "parse.h"
#include "peek.h"
#include "ref.h"
#include "run.h"

struct opts {
	struct run_options run;
	struct parse_options parse;
	struct option_list flow, indicator;
	size_t max_held;
	bool world;
};

struct state {
	const struct opts *opts;
	struct parse parse;
	struct comtrade comtrade;
	struct collate *collate;
	struct ref ref;
	struct comtrade_choice choice;
	bool by_name; /* `known` is the date in the input's name */
};

/* What a record is about, as far as it has been read. */
struct pick {
	struct str code, partner, period_text;
	enum comtrade_flow flow;
	struct period period;
	char code_text[COMTRADE_CODE_MAX];
};

static const struct option_spec options[] = {
	{ 'f', "flow", "FLOWS", OPTION_LIST, offsetof(struct opts, flow), "only these: import, export, reimport, reexport" },
	{ 'i', "indicator", "NAMES", OPTION_LIST, offsetof(struct opts, indicator), "only indicators that start with one of these" },
	{ 'w', "world", NULL, OPTION_FLAG, offsetof(struct opts, world), "keep the sums over all partners, as partner W0" },
	COLLATE_OPTION(struct opts, max_held),
	PARSE_OPTIONS(struct opts, parse),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-comtrade", "[FILE ...]", "UN Comtrade's files to a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if (comtrade_columns(&state->comtrade, header, state->parse.partners, err) != LODE_OK)
		return err->code;
	run_write_header(run, NULL, 0);
	return LODE_OK;
}

static int
write_figures(struct state *state, const struct record *record, const struct pick *pick, const struct tape_figure *figure, size_t n,
    struct err *err)
{
	struct obs obs;
	char commodity[COMTRADE_COMMODITY_MAX];

	if (comtrade_area(&state->comtrade, record, COMTRADE_REPORTER, &obs.f[OBS_AREA], err) != LODE_OK ||
	    comtrade_commodity(&state->comtrade, record, pick->code, commodity, &obs.f[OBS_COMMODITY], err) != LODE_OK ||
	    parse_known(&state->parse, pick->period, &obs.f[OBS_KNOWN], err) != LODE_OK)
		return err->code;
	obs.f[OBS_PERIOD] = pick->period_text;
	obs.f[OBS_PARTNER] = pick->partner;
	obs.f[OBS_SOURCE] = STR("comtrade");
	obs.f[OBS_REF] = ref_line(&state->ref, record->line);
	return collate_add_figures(state->collate, &obs, NULL, 0, figure, n, err);
}

/* By the code, where most records of a big file end; what is wrong with one that is none, on_record says. */
static bool
may_select(void *argument, const struct record *record)
{
	struct state *state = argument;
	char text[COMTRADE_CODE_MAX];
	struct str code;
	struct err ignored;

	return comtrade_code(&state->comtrade, record, text, &code, &ignored) != LODE_OK ||
	    (comtrade_chooses_chapter(&state->choice, code) && option_list_prefix(&state->opts->parse.commodity, code));
}

/* Which way, with whom and when, cheapest first. *rule is why a record is left out, NULL for one that is used. */
static int
select_record(struct state *state, const struct record *record, struct pick *pick, const char **rule, struct err *err)
{
	const struct opts *opts = state->opts;
	struct comtrade *comtrade = &state->comtrade;

	*rule = "not-selected";
	if (comtrade_code(comtrade, record, pick->code_text, &pick->code, err) != LODE_OK)
		return err->code;
	if (comtrade_flow(comtrade, record, &pick->flow, err) != LODE_OK)
		return err->code;
	if (pick->flow != COMTRADE_PART && !state->choice.flow[pick->flow])
		return LODE_OK;
	if (comtrade_area(comtrade, record, COMTRADE_PARTNER, &pick->partner, err) != LODE_OK)
		return err->code;
	if (!option_list_has(&opts->parse.partner, pick->partner))
		return LODE_OK;
	if (comtrade_period(comtrade, record, &pick->period, &pick->period_text, err) != LODE_OK)
		return err->code;
	if (!parse_wants(&state->parse, pick->period))
		return LODE_OK;
	*rule = pick->flow == COMTRADE_PART ? "part-flow" : comtrade_part(comtrade, record);
	if (*rule == NULL && str_is(pick->partner, "W0") && !opts->world)
		*rule = "partner-world";
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct tape_figure figure[COMTRADE_KINDS];
	struct pick pick;
	const char *rule;
	size_t n = 0;

	if (select_record(state, record, &pick, &rule, err) != LODE_OK)
		return err->code;
	if (rule == NULL && comtrade_figures(&state->comtrade, record, pick.flow, state->choice.figure[pick.flow], figure, &n, err) != LODE_OK)
		return err->code;
	if (rule == NULL && n == 0)
		rule = "no-figure";
	if (rule == NULL)
		return write_figures(state, record, &pick, figure, n, err);
	run_count_rule(run, rule);
	return LODE_OK;
}

/* Bulk files carry their release date: COMTRADE-FINAL-CM251200001H1[2022-09-04].gz */
static int
known_by_name(struct parse *parse, const char *name, struct err *err)
{
	struct str text = str_of(name);
	int64_t known;

	for (; text.n >= 12; text.p++, text.n--)
		if (text.p[0] == '[' && text.p[11] == ']' && instant_parse_loose((struct str){ text.p + 1, 10 }, true, &known, err) == LODE_OK) {
			instant_format(known, parse->known);
			return LODE_OK;
		}
	return err_set(err, LODE_EUSAGE, "--known or --calendar is needed: '%s' has no date like [2022-09-04] in its name", name);
}

/* Tabs in the bulk files, commas elsewhere. */
static int
find_separator(struct peek *peek, char *separator, struct err *err)
{
	int rc = LODE_OK;

	while ((*separator = comtrade_separator((struct str){ peek->block, peek->n })) == '\0' && rc == LODE_OK)
		rc = peek_more(peek, err);
	if (*separator == '\0')
		*separator = ',';
	return rc == LODE_DONE && source_stop == 0 ? LODE_OK : rc;
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct rows_filter filter = { .on_header = on_header, .on_record = on_record, .state = state };
	struct peek peek;
	char first;
	int rc;

	if (state->by_name && (rc = known_by_name(&state->parse, run->source, err)) != LODE_OK)
		return rc;
	peek_init(&peek, source);
	if ((rc = peek_table(&peek, &first, err)) != LODE_OK || (rc = find_separator(&peek, &filter.separator, err)) != LODE_OK ||
	    (rc = ref_source(&state->ref, run->source, err)) != LODE_OK)
		return rc;
	if (state->opts->parse.commodity.n > 0)
		filter.may_select = may_select;
	filter.quote = filter.separator == ',' ? '"' : '\0'; /* no quotes in the bulk files */
	return run_rows_of(run, &filter, peek_read, &peek, err);
}

static int
open_state(struct state *state, struct opts *opts, char *const *operands, struct run *run, struct err *err)
{
	bool several = operands[0] != NULL && operands[1] != NULL;

	if (comtrade_choose(&state->choice, opts->flow.item, opts->flow.n, opts->indicator.item, opts->indicator.n, err) != LODE_OK)
		return err->code;
	comtrade_choose_chapters(&state->choice, opts->parse.commodity.item, opts->parse.commodity.n);
	state->by_name = opts->parse.known == PARSE_NEVER && opts->parse.calendar == NULL;
	if (state->by_name)
		opts->parse.known = 0; /* until the first input's name */
	if (parse_open(&state->parse, &opts->parse, "comtrade", err) != LODE_OK)
		return err->code;
	return collate_new(&state->collate, &run->out, opts->parse.calendar != NULL || (state->by_name && several), opts->max_held, err);
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

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &opts, operands, &run, &err)) == LODE_OK &&
	    (rc = run_inputs(&run, operands, each_input, &state, &err)) == LODE_OK)
		rc = collate_finish(state.collate, &err);
	collate_free(state.collate);
	parse_release(&state.parse);
	ref_release(&state.ref);
	return run_end(&run, rc, &err);
}
