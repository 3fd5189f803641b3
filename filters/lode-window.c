/*
 * lode-window - sums, means and counts of a tape by windows of time
 *
 * in     a tape in order of `known`
 * out    a tape: for each group of lines and each window one line per function, when the window ends and when it is corrected
 * state  the lines of the windows that are open or may be corrected, at most --max-keys windows and lines; with --all only the windows
 */
#include <unistd.h>

#include "duration.h"
#include "gather.h"
#include "run.h"

enum { MAX_NOTES = 10, SOME_THREADS = 4 /* more have little to do */ };

/* What windows and the groups of their lines are rests on these: kept windows are of no use to others. */
#define FORM "size,every,gap,over,function,weight,by,key,all,late"

struct opts {
	struct run_options run;
	const char *size, *every, *gap, *over, *clock, *lateness, *late, *side, *keep, *weight, *as;
	struct option_list function, by, key, indicator;
	size_t max_keys, digits, threads;
	bool all, complete;
};

struct state {
	const struct opts *opts;
	struct window_rules rules;
	struct window_set *windows; /* owned */
	struct buf form;            /* owned */
	struct gather gather;       /* owned */
	struct window_line line;    /* in hand */
	struct str as, name[AGGREGATE_N];
	struct run *run;
	struct sink side;
	bool has_extent;
	unsigned n_notes;
};

static const struct option_spec options[] = {
	{ 's', "size", "LENGTH", OPTION_TEXT, offsetof(struct opts, size), "month (default), quarter, year, 3-month, 7d, 12h" },
	{ 'e', "every", "LENGTH", OPTION_TEXT, offsetof(struct opts, every), "how often a window starts, --size by default" },
	{ 'g', "gap", "DURATION", OPTION_TEXT, offsetof(struct opts, gap), "sessions that a longer gap ends, instead of --size" },
	{ 'o', "over", "COLUMN", OPTION_TEXT, offsetof(struct opts, over), "windows over period (default) or known" },
	{ 'f', "function", "NAMES", OPTION_LIST, offsetof(struct opts, function), "sum (default) mean wmean last min max count" },
	{ 'w', "weight", "INDICATOR", OPTION_TEXT, offsetof(struct opts, weight), "whose values weigh in wmean" },
	{ 'b', "by", "COLUMNS", OPTION_LIST, offsetof(struct opts, by), "group by these columns" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 'i', "indicator", "NAMES", OPTION_LIST, offsetof(struct opts, indicator), "only indicators that start with one of these" },
	{ 0, "as", "NAME", OPTION_TEXT, offsetof(struct opts, as), "indicator of the output, before the function's name" },
	{ 0, "all", NULL, OPTION_FLAG, offsetof(struct opts, all), "every line counts: none replaces or holds another" },
	{ 0, "complete", NULL, OPTION_FLAG, offsetof(struct opts, complete), "only windows all of whose days are covered" },
	{ 0, "digits", "N", OPTION_SIZE, offsetof(struct opts, digits), "of a mean behind the point, 6 by default" },
	{ 0, "clock", "COLUMN", OPTION_TEXT, offsetof(struct opts, clock), "what ends a window: period (default) or known" },
	{ 0, "lateness", "DURATION", OPTION_TEXT, offsetof(struct opts, lateness), "wait so long behind a window's end" },
	{ 0, "late", "WHAT", OPTION_TEXT, offsetof(struct opts, late), "revise (default), drop, or side" },
	{ 0, "side", "FILE", OPTION_TEXT, offsetof(struct opts, side), "where --late side writes late lines" },
	{ 0, "keep", "DURATION", OPTION_TEXT, offsetof(struct opts, keep), "revise no later than so long after a window's end" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N windows and lines, 1000000 by default" },
	{ 'j', "threads", "N", OPTION_SIZE, offsetof(struct opts, threads), "for --all, by default one a processor, at most 4" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-window", "[FILE ...]", "sums, means and counts of a tape by windows of time", options };

static int
on_result(void *argument, const struct window_result *result, struct buf *text, struct err *err)
{
	const struct state *state = argument;
	struct str more[COLUMNS_MAX + 1];
	struct obs obs;

	gather_group(&state->gather, result->group, &obs, more);
	obs.f[OBS_KNOWN] = result->known;
	obs.f[OBS_PERIOD] = obs.f[OBS_PERIOD].n != 0 ? obs.f[OBS_PERIOD] : result->period;
	obs.f[OBS_VALUE] = result->value;
	obs.f[OBS_UNIT] = result->function == AGGREGATE_COUNT ? STR("1") : result->unit;
	obs.f[OBS_STATUS] = result->value.n != 0 ? STR("E") : STR("O");
	obs.f[OBS_SOURCE] = obs.f[OBS_SOURCE].n != 0 ? obs.f[OBS_SOURCE] : STR("lode");
	obs.f[OBS_REF] = result->ref;
	more[state->gather.n_more] = result->extent;
	obs.f[OBS_INDICATOR] = state->as.p != NULL ? state->as : obs.f[OBS_INDICATOR];
	return tape_add_derived(text, &obs, state->name[result->function], more, state->gather.n_more + state->has_extent, err);
}

static void
on_text(void *argument, struct str text)
{
	sink_write(&((struct state *)argument)->run->out, text.p, text.n);
}

static void
on_mismatch(void *argument, const struct part *total)
{
	struct state *state = argument;
	char below[DEC_MAX], line[700];
	struct err note;
	ssize_t ignored;

	if (state->n_notes++ >= MAX_NOTES)
		return;
	dec_format(total->below, below);
	err_set(&note, LODE_EDATA, "total '%.*s' of %.*s at %.*s is not '%s', the sum of its parts, which count", STR_ARG(total->value),
	    STR_ARG(total->period), STR_ARG(total->ref), below);
	ignored = write(STDERR_FILENO, line, err_format(&note, program.name, line, sizeof line));
	(void)ignored;
}

static void
on_rule(void *argument, enum window_rule rule)
{
	static const char *const names[] = { "total-of-parts", "total-mismatch", "no-weight" };

	run_count_rule(((struct state *)argument)->run, names[rule]);
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct opts *opts = state->opts;
	struct gather *gather = &state->gather;
	size_t i;

	if (gather_init(gather, header, opts->by.item, opts->by.n, opts->key.item, opts->key.n, state->rules.over_known, err) != LODE_OK)
		return err->code;
	if (!gather_by(gather, OBS_INDICATOR) && opts->as == NULL)
		return err_set(err, LODE_EUSAGE, "--by leaves the indicator out: name that of the output by --as");
	for (i = 0; i < state->rules.n_functions; i++)
		state->rules.same_unit |= state->rules.function[i] != AGGREGATE_COUNT && !gather_by(gather, OBS_UNIT);
	if (run->state != NULL)
		window_set_keep(state->windows, run->state);
	if (state->has_extent)
		gather->more[gather->n_more] = "window";
	run_write_header(run, gather->more, gather->n_more + state->has_extent);
	if (opts->side != NULL)
		tape_write_names(&state->side, header);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	struct str weight = state->opts->weight == NULL ? (struct str){ 0 } : str_of(state->opts->weight);
	struct window_line *line = &state->line;
	enum window_fate fate;

	if (gather_line(&state->gather, record, weight, state->opts->all, line, err) != LODE_OK ||
	    window_advance(state->windows, line->part.known, line->known_s, err) != LODE_OK)
		return err->code;
	if (!line->is_weight &&
	    !option_list_prefix(&state->opts->indicator, record_get(record, (unsigned)state->gather.columns.obs[OBS_INDICATOR]))) {
		run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	if (window_add(state->windows, line, &fate, err) != LODE_OK)
		return err->code;
	if (fate != WINDOW_TAKEN)
		run_count_rule(run, fate == WINDOW_LATE ? "late" : "no-window");
	if (fate == WINDOW_LATE && state->opts->side != NULL) {
		tape_write_record(&state->side, record);
		return sink_flush(&state->side, err);
	}
	return LODE_OK;
}

static int
on_finish(void *argument, struct run *run, struct err *err)
{
	(void)run;
	return window_finish(((struct state *)argument)->windows, err);
}

static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	(void)run;
	return window_set_checkpoint(((struct state *)argument)->windows, err);
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	bool is_line;
	const int rc = window_set_restore(((struct state *)argument)->windows, entry, &is_line, err);

	if (rc == LODE_OK && is_line)
		run_count_kept(run, 1);
	return rc;
}

/* Everything that can be wrong before an input is seen. */
static void
choose_rules(struct state *state, struct opts *opts)
{
	struct window_rules *rules = &state->rules;
	const char *size = opts->size != NULL ? opts->size : "month";
	int policy = options_choose(&program, "late", opts->late != NULL ? opts->late : opts->gap != NULL ? "drop" : "revise", "revise, drop, side");
	struct err err = ERR_INIT;
	size_t i;

	if (opts->as != NULL)
		state->as = str_of(opts->as);
	for (i = 0; i < AGGREGATE_N; i++)
		state->name[i] = str_of(aggregate_names[i]);
	*rules = (struct window_rules){ .is_session = opts->gap != NULL, .revise = policy == 0, .all = opts->all, .complete = opts->complete,
		.weigh = opts->weight != NULL, .max_keys = opts->max_keys, .keep = -1 };
	rules->over_known = options_choose(&program, "over", opts->over, "period, known") == 1;
	rules->clock_known = options_choose(&program, "clock", opts->clock, "period, known") == 1 || rules->over_known;
	rules->digits = (int)(opts->digits <= WINDOW_MAX_DIGITS ? opts->digits : WINDOW_MAX_DIGITS + 1);
	if ((policy == 2) != (opts->side != NULL))
		options_refuse(&program, "--late side and --side FILE go together");
	if (opts->gap != NULL && (opts->size != NULL || opts->every != NULL))
		options_refuse(&program, "--gap excludes --size and --every");
	if (span_parse(str_of(size), &rules->size, &err) != LODE_OK ||
	    span_parse(str_of(opts->every != NULL ? opts->every : size), &rules->every, &err) != LODE_OK ||
	    (opts->gap != NULL && duration_parse(str_of(opts->gap), &rules->gap, &err) != LODE_OK) ||
	    (opts->keep != NULL && duration_parse(str_of(opts->keep), &rules->keep, &err) != LODE_OK) ||
	    duration_parse(str_of(opts->lateness), &rules->lateness, &err) != LODE_OK ||
	    window_rules_functions(rules, &opts->function, &err) != LODE_OK || window_rules_check(rules, &err) != LODE_OK ||
	    options_write(&program, opts, FORM, &state->form, &err) != LODE_OK)
		options_refuse(&program, "%s", err.message);
	if (opts->threads < 1 || opts->threads > WINDOW_MAX_THREADS)
		options_refuse(&program, "--threads: %zu is not from 1 to %d", opts->threads, WINDOW_MAX_THREADS);
	rules->n_threads = (unsigned)opts->threads;
	state->has_extent = rules->over_known || rules->is_session || !rules->size.months;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .over = "period", .clock = "period", .lateness = "0s", .max_keys = 1000000, .digits = 6,
		.threads = ordered_processors() < SOME_THREADS ? ordered_processors() : SOME_THREADS };
	struct run run;
	struct state state = { .opts = &opts, .run = &run, .side = { .fd = -1 } };
	const struct window_output output = { on_result, on_text, on_mismatch, on_rule, &state };
	struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .on_finish = on_finish, .ordered = true,
		.state = &state, .on_restore = on_restore, .on_checkpoint = on_checkpoint };
	struct err err = ERR_INIT, late;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	choose_rules(&state, &opts);
	state.windows = window_set_new(&state.rules, &output);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && state.windows == NULL)
		rc = err_set(&err, LODE_ENOMEM, "out of memory");
	run.state_form = buf_str(&state.form);
	if (rc == LODE_OK && opts.side != NULL)
		rc = sink_open(&state.side, opts.side, &err);
	if (rc == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	if (opts.side != NULL) /* the first error is the one to tell */
		rc = sink_close(&state.side, rc == LODE_OK ? &err : &late) != LODE_OK && rc == LODE_OK ? err.code : rc;
	window_set_free(state.windows);
	gather_release(&state.gather);
	buf_release(&state.form);
	return run_end(&run, rc, &err);
}
