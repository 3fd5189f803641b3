/*
 * lode-merge - tapes into one, in the order of `known`
 *
 * in     tapes, each in order of `known`
 * out    all their lines in that order; at one time in the order of the operands, then in that of the input. Columns: the
 *        eleven of a tape, then every other one in the order in which the operands bring them, empty where a tape lacks it
 * state  one line of each input
 */
#include <stdlib.h>

#include "merge.h"

struct opts {
	struct run_options run;
};

struct state {
	size_t n_inputs, n;  /* n: columns of the output */
	struct str *names;   /* owned: their names, views into the headers */
	int **column;        /* owned: by input, where each column of the output stands, or -1; NULL: as they are */
};

static const struct option_spec options[] = {
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
	for (i = 0; i < state->n; i++) {
		if (i > 0)
			sink_byte(&run->out, '\t');
		sink_str(&run->out, state->names[i]);
	}
	sink_byte(&run->out, '\n');
	return LODE_OK;
}

static int
on_record(void *argument, size_t input, const struct record *record, struct run *run, struct err *err)
{
	const struct state *state = argument;
	const int *column = state->column[input];
	size_t i;

	(void)err;
	if (column == NULL) {
		tape_write_record(&run->out, record);
		return LODE_OK;
	}
	for (i = 0; i < state->n; i++) {
		if (i > 0)
			sink_byte(&run->out, '\t');
		if (column[i] >= 0)
			sink_str(&run->out, record_get(record, (unsigned)column[i]));
	}
	sink_byte(&run->out, '\n');
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS };
	struct state state = { 0 };
	struct merge_filter filter = { on_headers, on_record, &state };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	size_t i;
	int rc;

	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK)
		rc = run_merge(&run, operands, &filter, &err);
	for (i = 0; i < state.n_inputs; i++)
		free(state.column[i]);
	free(state.column);
	free(state.names);
	return run_end(&run, rc, &err);
}
