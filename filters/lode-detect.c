/*
 * lode-detect - changes in any series of a tape
 *
 * in     a tape in order of `known`
 * out    a tape: for each value what a chart, or the posterior over run lengths, or a search for breaks says of it, and alarms
 * state  for each series a few numbers; with runs and breaks a bounded window; at most --max-keys series
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dec.h"
#include "detector.h"
#include "figure.h"
#include "key.h"
#include "run.h"

struct opts {
	struct run_options run;
	const char *method, *side;
	struct option_list key, indicator, variances, prior;
	bool log, relearn, alarms, level, fixed;
	double mean, sd, allowance, weight, threshold, arl, hazard, enough, confidence;
	size_t first, recent, max_runs, window, shortest, most, max_keys;
};

struct state {
	const struct opts *opts;
	struct detector *detector; /* owned */
	struct key key;            /* owned */
	struct buf series, name;   /* owned */
	struct str *replaced;      /* owned; by column */
	struct run *run;
	struct header held;        /* where the columns stand, without names */
	const struct record *record;
};

static const struct option_spec options[] = {
	{ 'm', "method", "METHOD", OPTION_TEXT, offsetof(struct opts, method), "cusum, ewma, page-hinkley, bocpd or breaks" },
	{ 'i', "indicator", "NAMES", OPTION_LIST, offsetof(struct opts, indicator), "only indicators that start with one of these" },
	{ 'k', "key", "COLUMN", OPTION_LIST, offsetof(struct opts, key), "further columns of the key" },
	{ 'a', "alarms", NULL, OPTION_FLAG, offsetof(struct opts, alarms), "write alarms alone" },
	{ 'l', "log", NULL, OPTION_FLAG, offsetof(struct opts, log), "take the logarithm of the values first" },
	{ 0, "mean", "X", OPTION_NUMBER, offsetof(struct opts, mean), "the mean as long as nothing changes" },
	{ 0, "sd", "X", OPTION_NUMBER, offsetof(struct opts, sd), "and the standard deviation" },
	{ 'f', "first", "N", OPTION_SIZE, offsetof(struct opts, first), "learn what is usual from the first N values, 24 by default" },
	{ 0, "level", NULL, OPTION_FLAG, offsetof(struct opts, level), "watch the one-step errors of a level that moves" },
	{ 0, "variances", "H,Q", OPTION_LIST, offsetof(struct opts, variances), "of that level: irregular, and step" },
	{ 0, "relearn", NULL, OPTION_FLAG, offsetof(struct opts, relearn), "learn anew after an alarm" },
	{ 0, "side", "SIDE", OPTION_TEXT, offsetof(struct opts, side), "up, down or both (default)" },
	{ 0, "allowance", "K", OPTION_NUMBER, offsetof(struct opts, allowance), "of cusum and page-hinkley, 0.5 sd by default" },
	{ 0, "weight", "LAMBDA", OPTION_NUMBER, offsetof(struct opts, weight), "of the newest value in ewma, 0.1 by default" },
	{ 0, "fixed", NULL, OPTION_FLAG, offsetof(struct opts, fixed), "ewma's limits as for many values from the first one on" },
	{ 't', "threshold", "H", OPTION_NUMBER, offsetof(struct opts, threshold), "alarm beyond it: 5 sd; ewma 2.814; bocpd 0.5" },
	{ 0, "arl", "N", OPTION_NUMBER, offsetof(struct opts, arl), "the threshold that gives one false alarm in N values" },
	{ 0, "hazard", "P", OPTION_NUMBER, offsetof(struct opts, hazard), "of a change after any value, in bocpd, 0.01 by default" },
	{ 0, "prior", "M,K,A,B", OPTION_LIST, offsetof(struct opts, prior), "of mean and variance in bocpd, 0,0.1,1,1 by default" },
	{ 0, "recent", "N", OPTION_SIZE, offsetof(struct opts, recent), "bocpd: a change in the last N values counts, 5 by default" },
	{ 0, "max-runs", "N", OPTION_SIZE, offsetof(struct opts, max_runs), "bocpd: run lengths held, 500 by default" },
	{ 'w', "window", "N", OPTION_SIZE, offsetof(struct opts, window), "breaks: look back over N values, 120 by default" },
	{ 0, "shortest", "N", OPTION_SIZE, offsetof(struct opts, shortest), "breaks: values between two of them, 8 by default" },
	{ 0, "most", "N", OPTION_SIZE, offsetof(struct opts, most), "breaks: at most N, 5 by default" },
	{ 0, "confidence", "P", OPTION_NUMBER, offsetof(struct opts, confidence), "breaks: of the interval, 0.95 by default" },
	{ 0, "max-keys", "N", OPTION_SIZE, offsetof(struct opts, max_keys), "stop beyond N series, 100000 by default" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-detect", "[FILE ...]", "changes in the series of a tape", options };

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	state->held = *header;
	state->held.names = NULL;
	if (key_init_series(&state->key, header, state->opts->key.item, state->opts->key.n, err) != LODE_OK)
		return err->code;
	if ((state->replaced = calloc(header->n, sizeof *state->replaced)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	tape_write_names(&run->out, header);
	return LODE_OK;
}

static void
on_result(void *argument, const struct detector_result *result)
{
	static const char *const names[] = { "statistic", "run", "alarm", "shift", "earliest", "latest" };
	struct state *state = argument;
	const int *at = state->held.obs;
	char value[FIGURE_MAX], period[PERIOD_MAX], name[64];
	bool in_unit = result->name == DETECTOR_SHIFT && !state->opts->log;

	if (state->opts->alarms && result->name != DETECTOR_ALARM)
		return;
	period_format(result->period, period);
	snprintf(name, sizeof name, "detect.%s.%s.", state->opts->method, names[result->name]);
	state->name.n = 0;
	if (buf_add_str(&state->name, str_of(name)) != LODE_OK ||
	    buf_add_str(&state->name, record_get(state->record, (unsigned)at[OBS_INDICATOR])) != LODE_OK)
		return;
	state->replaced[at[OBS_PERIOD]] = str_of(period);
	state->replaced[at[OBS_INDICATOR]] = buf_str(&state->name);
	state->replaced[at[OBS_VALUE]] = figure_format(result->value, 6, value);
	state->replaced[at[OBS_UNIT]] = in_unit ? (struct str){ NULL, 0 } : STR("1");
	state->replaced[at[OBS_STATUS]] = isfinite(result->value) ? STR("E") : STR("O");
	tape_write_replaced(&state->run->out, state->record, state->replaced);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	static const char *const fates[] = { NULL, "learning", "missing", "no-log", "revised" };
	struct state *state = argument;
	struct detector_line line = { .value = NAN };
	struct str value = record_get(record, (unsigned)state->held.obs[OBS_VALUE]), key;
	enum detector_fate fate;
	struct dec number;

	if (!option_list_prefix(&state->opts->indicator, record_get(record, (unsigned)state->held.obs[OBS_INDICATOR]))) {
		run_count_rule(run, "not-selected");
		return LODE_OK;
	}
	if (period_parse(record_get(record, (unsigned)state->held.obs[OBS_PERIOD]), &line.period, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_PERIOD]);
	if (value.n > 0 && dec_parse(value, &number, err) != LODE_OK)
		return err_column(err, 1, obs_names[OBS_VALUE]);
	if (value.n > 0)
		line.value = dec_double(number);
	state->series.n = 0; /* another unit is another series */
	if (key_of(&state->key, record, &key, err) != LODE_OK || buf_add_str(&state->series, key) != LODE_OK ||
	    buf_add_str(&state->series, record_get(record, (unsigned)state->held.obs[OBS_UNIT])) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	line.series = buf_str(&state->series);
	state->record = record;
	if (detector_add(state->detector, &line, &fate, err) != LODE_OK)
		return err->code == LODE_EDATA ? err_column(err, 1, obs_names[OBS_VALUE]) : err->code;
	if (fates[fate] != NULL)
		run_count_rule(run, fates[fate]);
	return LODE_OK;
}

/* So many decimals into out, or the end of the program. */
static void
read_numbers(const char *option, const struct option_list *list, size_t n, double *out)
{
	if (list->n != n)
		options_refuse(&program, "--%s: %zu numbers are needed", option, n);
	for (size_t i = 0; i < n; i++)
		if (!dec_valid(list->item[i]) || !isfinite(out[i] = strtod(list->item[i].p, NULL)))
			options_refuse(&program, "--%s: cannot read '%.*s' as a decimal", option, STR_ARG(list->item[i]));
}

/* One of the words, by its place among them. */
static int
choice(const char *option, const char *said, const char *const *words, const char *list)
{
	for (int i = 0; words[i] != NULL; i++)
		if (said != NULL && strcmp(said, words[i]) == 0)
			return i;
	if (said == NULL)
		options_refuse(&program, "--%s is needed", option);
	options_refuse(&program, "--%s: '%s' is not one of %s", option, said, list);
}

static void
set_standard(const struct opts *o, bool mean_free, struct standard_rules *r)
{
	double variance[2] = { NAN, NAN }, mean = mean_free && isnan(o->mean) && !isnan(o->sd) ? 0 : o->mean;

	if (isnan(mean) != isnan(o->sd) || o->sd <= 0)
		options_refuse(&program, "--mean and --sd go together, and --sd is above 0");
	if (o->level && !isnan(mean))
		options_refuse(&program, "--level and --mean exclude each other");
	if (o->variances.n > 0 && !o->level)
		options_refuse(&program, "--variances needs --level");
	if (o->variances.n > 0)
		read_numbers("variances", &o->variances, 2, variance);
	if (variance[0] < 0 || variance[1] < 0 || variance[0] + variance[1] <= 0)
		options_refuse(&program, "--variances: not below 0, and not both 0");
	if (o->first < 3 || o->first > 1000000)
		options_refuse(&program, "--first: 3 to 1000000");
	*r = (struct standard_rules){ o->level ? STANDARD_LEVEL : isnan(mean) ? STANDARD_FIRST : STANDARD_KNOWN, mean, o->sd, o->first,
		variance[0], variance[1] };
}

static struct detector_rules
rules_of(const struct opts *o)
{
	static const char *const methods[] = { "cusum", "ewma", "page-hinkley", "bocpd", "breaks", NULL }, *const sides[] = { "both", "up", "down", NULL };
	static const enum chart_side side[] = { CHART_BOTH, CHART_UP, CHART_DOWN };
	int method = choice("method", o->method, methods, "cusum, ewma, page-hinkley, bocpd, breaks");
	struct detector_rules r = { .log = o->log, .relearn = o->relearn, .recent = o->recent, .window = o->window, .shortest = o->shortest,
		.most = o->most, .confidence = o->confidence, .max_keys = o->max_keys, .runs = { .floor = 1e-12, .max_runs = o->max_runs } };
	double prior[4] = { 0, 0.1, 1, 1 };
	struct err err;

	r.method = method < 3 ? DETECTOR_CHART : method == 3 ? DETECTOR_RUNS : DETECTOR_BREAKS;
	set_standard(o, method == 2, &r.standard);
	r.chart = (struct chart_rules){ (enum chart_kind)(method < 3 ? method : 0), side[choice("side", o->side, sides, "up, down, both")],
		method == 1 ? o->weight : o->allowance, isnan(o->threshold) ? method == 1 ? 2.814 : 5 : o->threshold, o->fixed };
	if (!isnan(o->arl)) { /* of ewma as if its limits were fixed */
		struct chart_rules at = r.chart;

		at.fixed = true;
		if (r.method != DETECTOR_CHART || !isnan(o->threshold))
			options_refuse(&program, "--arl is for cusum and ewma without --threshold");
		if (chart_threshold(&at, o->arl, &r.chart.h, &err) != LODE_OK)
			options_refuse(&program, "--arl: %s", err.message);
	}
	if (o->prior.n > 0)
		read_numbers("prior", &o->prior, 4, prior);
	r.enough = isnan(o->threshold) ? 0.5 : o->threshold;
	if (r.method == DETECTOR_RUNS && !(r.enough > 0 && r.enough < 1))
		options_refuse(&program, "--threshold: of bocpd it is a probability");
	if (!(o->confidence > 0 && o->confidence < 1) || o->shortest < 2 || o->window > 10000)
		options_refuse(&program, "--confidence is between 0 and 1, --shortest at least 2, --window at most 10000");
	r.runs.hazard = o->hazard;
	r.runs.mean = prior[0], r.runs.strength = prior[1], r.runs.shape = prior[2], r.runs.scale = prior[3];
	return r;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .side = "both", .mean = NAN, .sd = NAN, .first = 24, .allowance = 0.5, .weight = 0.1,
		.threshold = NAN, .arl = NAN, .hazard = 0.01, .recent = 5, .max_runs = 500, .window = 120, .shortest = 8, .most = 5, .confidence = 0.95,
		.max_keys = 100000 };
	struct run run;
	struct state state = { .opts = &opts, .run = &run };
	const struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .ordered = true, .state = &state };
	struct err err = ERR_INIT;
	char **operands = options_parse(argc, argv, &program, &opts);
	struct detector_rules rules = rules_of(&opts);
	int rc;

	if (detector_new(&state.detector, &rules, on_result, &state, &err) == LODE_EUSAGE)
		options_refuse(&program, "%s", err.message);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && state.detector == NULL)
		rc = err_set(&err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	detector_free(state.detector);
	key_release(&state.key);
	buf_release(&state.series);
	buf_release(&state.name);
	free(state.replaced);
	return run_end(&run, rc, &err);
}
