/*
 * lode-merge - tapes into one, in the order of `known`
 *
 * in     tapes, each in order of `known`
 * out    all their lines in that order; at one time in the order of the operands, then in that of the input. Columns: the
 *        eleven of a tape, then every other one in the order in which the operands bring them, empty where a tape lacks it
 * state  one line of each input; of branches of one stream those that wait for the others
 */
#include <stdlib.h>

#include "duration.h"
#include "merge.h"

struct opts {
	struct run_options run;
	const char *idle, *late;
	struct branches_options branches;
};

struct state {
	const struct opts *opts;
	struct sink late;
	size_t n_inputs, n;  /* n: columns of the output */
	struct str *names;   /* owned: their names, views into the headers */
	int **column;        /* owned: by input, where each column of the output stands, or -1; NULL: as they are */
};

static const struct option_spec options[] = {
	{ 'i', "idle", "DURATION", OPTION_TEXT, offsetof(struct opts, idle), "go on without an input that says nothing for so long" },
	{ 0, "late", "FILE", OPTION_TEXT, offsetof(struct opts, late), "write what comes too late behind --idle to FILE" },
	{ 0, "memory", "BYTES", OPTION_SIZE, offsetof(struct opts, branches.memory), "what branches of a stream may hold in memory, 64M by default" },
	{ 0, "spill", "BYTES", OPTION_SIZE, offsetof(struct opts, branches.disk), "and behind that in a temporary file, 1G by default" },
	{ 0, "by-epoch", NULL, OPTION_FLAG, offsetof(struct opts, branches.by_epoch), "let no line of a branch wait beyond a barrier" },
	RUN_STATE_OPTION(struct opts, run),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-merge", "[FILE ...]", "tapes into one, in the order of known", options };

static bool
add_name(struct state *state, struct str name)
{
	struct str *grown;
	size_t i;

	for (i = 0; i < state->n; i++)
		if (str_eq(state->names[i], name))
			return true;
	if ((grown = realloc(state->names, (state->n + 1) * sizeof *grown)) == NULL)
		return false;
	state->names = grown;
	state->names[state->n++] = name;
	return true;
}

/* The names of the output: the eleven, then the rest as they come. */
static bool
collect_names(struct state *state, const struct header *const *headers, size_t n)
{
	size_t i;
	unsigned k;

	for (k = 0; k < OBS_N; k++)
		if (!add_name(state, str_of(obs_names[k])))
			return false;
	for (i = 0; i < n; i++)
		for (k = 0; k < headers[i]->n; k++)
			if (!add_name(state, headers[i]->names[k]))
				return false;
	return true;
}

/* Where the columns of the output stand in an input; NULL in *column when they are the same in the same order. */
static bool
find_columns(const struct state *state, const struct header *header, int **column)
{
	bool same = header->n == state->n;
	size_t i;

	if ((*column = calloc(state->n, sizeof **column)) == NULL)
		return false;
	for (i = 0; i < state->n; i++) {
		(*column)[i] = header_find(header, state->names[i]);
		same = same && (*column)[i] == (int)i;
	}
	if (same) {
		free(*column);
		*column = NULL;
	}
	return true;
}

static void
write_names(const struct state *state, struct sink *sink)
{
	size_t i;

	for (i = 0; i < state->n; i++) {
		if (i > 0)
			sink_byte(sink, '\t');
		sink_str(sink, state->names[i]);
	}
	sink_byte(sink, '\n');
}

static int
on_headers(void *argument, const struct header *const *headers, size_t n, struct run *run, struct err *err)
{
	struct state *state = argument;
	size_t i;

	if (!collect_names(state, headers, n) || (state->column = calloc(n, sizeof *state->column)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	state->n_inputs = n;
	for (i = 0; i < n; i++)
		if (!find_columns(state, headers[i], &state->column[i]))
			return err_set(err, LODE_ENOMEM, "out of memory");
	write_names(state, &run->out);
	if (state->opts->late != NULL)
		write_names(state, &state->late);
	return LODE_OK;
}

static void
write_line(const struct state *state, size_t input, const struct record *record, struct sink *sink)
{
	const int *column = state->column[input];
	size_t i;

	if (column == NULL) {
		tape_write_record(sink, record);
		return;
	}
	for (i = 0; i < state->n; i++) {
		if (i > 0)
			sink_byte(sink, '\t');
		if (column[i] >= 0)
			sink_str(sink, record_get(record, (unsigned)column[i]));
	}
	sink_byte(sink, '\n');
}

static int
on_record(void *argument, size_t input, const struct record *record, struct run *run, struct err *err)
{
	(void)err;
	write_line(argument, input, record, &run->out);
	return LODE_OK;
}

static int
on_late(void *argument, size_t input, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;

	(void)run;
	write_line(state, input, record, &state->late);
	return sink_flush(&state->late, err);
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .branches = { .memory = 64 << 20, .disk = 1 << 30 } };
	struct state state = { .opts = &opts, .late = { .fd = -1 } };
	struct merge_filter filter = { on_headers, on_record, .state = &state };
	struct err err = ERR_INIT, late;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	size_t i;
	int rc;

	filter.is_live = opts.idle != NULL;
	filter.branches = opts.idle == NULL ? &opts.branches : NULL;
	filter.on_late = opts.late != NULL ? on_late : NULL;
	if (opts.late != NULL && opts.idle == NULL)
		options_refuse(&program, "--late needs --idle");
	if (opts.late != NULL && strcmp(opts.late, "-") == 0)
		options_refuse(&program, "--late needs a file: standard output is for what is in order");
	if (opts.idle != NULL && duration_parse(str_of(opts.idle), &filter.idle_s, &err) != LODE_OK)
		options_refuse(&program, "--idle: %s", err.message);
	rc = run_open(&run, &program, &opts.run, &err);
	if (rc == LODE_OK && opts.late != NULL)
		rc = sink_open(&state.late, opts.late, &err);
	if (rc == LODE_OK)
		rc = run_merge(&run, operands, &filter, &err);
	if (opts.late != NULL) /* the first error is the one to tell */
		rc = sink_close(&state.late, rc == LODE_OK ? &err : &late) != LODE_OK && rc == LODE_OK ? err.code : rc;
	for (i = 0; i < state.n_inputs; i++)
		free(state.column[i]);
	free(state.column);
	free(state.names);
	return run_end(&run, rc, &err);
}
