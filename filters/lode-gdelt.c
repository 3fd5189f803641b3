/*
 * lode-gdelt - files of GDELT to a tape
 *
 * in     events, mentions, GKG, its counts and totals of events, versions 2 and 1.0, told apart by the number of columns: tabs, no
 *        header, no quoting; lists of files that name them
 * out    event.CLASS, mention.CLASS, theme.CLASS, tone.CLASS, count.TYPE, event.all; columns url, cameo, mentions, event, confidence
 * state  the record in hand; of --list a line for each file, of --events its lines
 */
#include <stdio.h>

#include "filelist.h"
#include "gdelt_rows.h"
#include "gkg.h"
#include "ref.h"
#include "run.h"

struct opts {
	struct run_options run;
	struct option_list area, kind;
	const char *places, *classes, *themes, *events, *list;
	double confidence;
	bool all;
};

struct state {
	const struct opts *opts;
	struct gdelt gdelt;
	struct gkg gkg;
	struct filelist list;
	struct ref ref;
	struct run *run;
	const struct source *source;
	const struct record *record;
	bool wants[GDELT_KINDS];
};

static const struct option_spec options[] = {
	{ 0, "places", "FILE", OPTION_TEXT, offsetof(struct opts, places), "table of places: fips iso" },
	{ 0, "classes", "FILE", OPTION_TEXT, offsetof(struct opts, classes), "table of event classes: code class severity" },
	{ 0, "themes", "FILE", OPTION_TEXT, offsetof(struct opts, themes), "table of classes by theme of the GKG, alike" },
	{ 0, "events", "TAPE", OPTION_TEXT, offsetof(struct opts, events), "events that mentions are about" },
	{ 'a', "area", "AREAS", OPTION_LIST, offsetof(struct opts, area), "only places that start with one of these, as in MM,CN-YN" },
	{ 0, "all", NULL, OPTION_FLAG, offsetof(struct opts, all), "every event as event.all of its country" },
	{ 0, "confidence", "P", OPTION_NUMBER, offsetof(struct opts, confidence), "only mentions with at least this, as in 0.5" },
	{ 'k', "kind", "KINDS", OPTION_LIST, offsetof(struct opts, kind), "only these: events, mentions, gkg, counts, totals" },
	{ 'l', "list", "FILE", OPTION_TEXT, offsetof(struct opts, list), "verify files by this list, or read what it names" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-gdelt", "[FILE ...]", "files of GDELT to a tape", options };

/* A row of no kind, or a list of files; under the name of a zip it says more about the download than about the row. */
static int
refuse_row(const struct state *state, struct err *err)
{
	struct str name = str_of(state->run->source), message = str_of(err->message);
	char text[sizeof err->message];

	if (name.n < 4 || strcmp(name.p + name.n - 4, ".zip") != 0 || source_is_packed(state->source))
		return err->code;
	snprintf(text, sizeof text, "%.*s", (int)message.n, message.p);
	return err_set(err, LODE_EDATA, "no zip in spite of its name: %s", text);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	enum gdelt_kind kind;
	const char *rule = NULL;
	int rc;

	if (gdelt_kind(record, &kind, err) != LODE_OK)
		return refuse_row(state, err);
	if (!state->wants[kind]) {
		run_count_rule(run, "other-kind");
		return LODE_OK;
	}
	state->record = record;
	if (kind == GDELT_KIND_EVENTS)
		rc = gdelt_read_event(&state->gdelt, record, &rule, err);
	else if (kind == GDELT_KIND_MENTIONS)
		rc = gdelt_read_mention(&state->gdelt, record, &rule, err);
	else if (kind == GDELT_KIND_TOTALS)
		rc = gdelt_read_total(&state->gdelt, record, &rule, err);
	else
		rc = gkg_read(&state->gkg, &state->gdelt, record, &rule, err);
	if (rc == LODE_OK && rule != NULL)
		run_count_rule(run, rule);
	return rc;
}

static void
on_line(void *argument, const struct gdelt_line *line)
{
	struct state *state = argument;
	struct obs obs = line->obs;

	obs.f[OBS_REF] = ref_line(&state->ref, state->record->line);
	tape_write(&state->run->out, &obs, line->extra, GDELT_N_EXTRA);
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct rows_filter filter = { .separator = '\t', .no_header = true, .on_record = on_record, .state = state };

	state->source = source;
	if (state->opts->list != NULL && filelist_verify(&state->list, run->source, source_descriptor(source), err) != LODE_OK)
		return err->code;
	if (ref_source(&state->ref, run->source, err) != LODE_OK)
		return err->code;
	return run_rows_of(run, &filter, source_read_rows, source, err);
}

/* By the middle of names like 20241020071500.export.CSV.zip. */
static bool
wants_file(const void *argument, struct str name)
{
	static const char *const parts[GDELT_KINDS] = { ".export.", ".mentions.", ".gkg.", ".gkgcounts.", NULL };
	const struct state *state = argument;
	size_t i;

	for (i = 0; i < GDELT_KINDS; i++)
		if (parts[i] != NULL && memmem(name.p, name.n, parts[i], strlen(parts[i])) != NULL)
			return state->wants[i];
	return true;
}

/* The inputs: the operands, or what the list names. NULL after an error. */
static char **
get_inputs(struct state *state, char **operands, struct err *err)
{
	uint64_t i;

	if (state->opts->list == NULL)
		return operands;
	if (filelist_load(&state->list, state->opts->list, operands, err) != LODE_OK)
		return NULL;
	for (i = 0; i < state->list.n_broken; i++)
		run_count_note(state->run, "broken-list-line");
	if (operands[0] == NULL && (operands = filelist_paths(&state->list, wants_file, state)) == NULL)
		err_set(err, LODE_ENOMEM, "out of memory");
	return operands;
}

static int
open_state(struct state *state, struct run *run, struct err *err)
{
	const struct opts *opts = state->opts;
	struct gdelt *gdelt = &state->gdelt;

	state->run = run;
	gdelt->write = on_line;
	gdelt->argument = state;
	gdelt->all = opts->all;
	gdelt->confidence = opts->confidence;
	if (gdelt_places_init(&gdelt->places, opts->places, &opts->area, err) != LODE_OK ||
	    classes_load(&gdelt->classes, opts->classes, err) != LODE_OK ||
	    (opts->themes != NULL && classes_load(&gdelt->themes, opts->themes, err) != LODE_OK) ||
	    (opts->events != NULL && gdelt_load_events(gdelt, opts->events, err) != LODE_OK))
		return err->code;
	return LODE_OK;
}

static void
check_options(struct state *state, const struct opts *opts, char *const *operands)
{
	size_t i, k;

	if (opts->places == NULL || opts->classes == NULL)
		options_refuse(&program, "--places and --classes are needed");
	if (!(opts->confidence >= 0 && opts->confidence <= 1))
		options_refuse(&program, "--confidence is a number from 0 to 1");
	if (opts->list != NULL && opts->run.name != NULL)
		options_refuse(&program, "--list goes by the names of files: it excludes --name");
	for (i = 0; opts->list != NULL && operands[i] != NULL; i++)
		if (strcmp(operands[i], "-") == 0)
			options_refuse(&program, "--list goes by the names of files: standard input has none");
	for (k = 0; k < GDELT_KINDS; k++)
		state->wants[k] = opts->kind.n == 0;
	for (i = 0; i < opts->kind.n; i++) {
		for (k = 0; k < GDELT_KINDS && !str_is(opts->kind.item[i], gdelt_kind_names[k]);)
			k++;
		if (k == GDELT_KINDS)
			options_refuse(&program, "--kind: '%.*s' is not one of events, mentions, gkg, counts, totals", STR_ARG(opts->kind.item[i]));
		state->wants[k] = true;
	}
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS };
	char **operands = options_parse(argc, argv, &program, &opts), **inputs;
	static struct state state; /* 64 KiB of it say which countries are asked for */
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	state.opts = &opts;
	check_options(&state, &opts, operands);
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = open_state(&state, &run, &err)) == LODE_OK) {
		inputs = get_inputs(&state, operands, &err);
		if (inputs != NULL)
			run_write_header(&run, gdelt_extra_names, GDELT_N_EXTRA);
		rc = inputs == NULL ? err.code : sink_flush(&run.out, &err);
		if (rc == LODE_OK && (inputs == operands || inputs[0] != NULL))
			rc = run_inputs(&run, inputs, each_input, &state, &err);
	}
	filelist_release(&state.list);
	gkg_release(&state.gkg);
	gdelt_release(&state.gdelt);
	ref_release(&state.ref);
	return run_end(&run, rc, &err);
}
