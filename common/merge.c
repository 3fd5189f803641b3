#include "merge.h"

#include <stdlib.h>

#include "instant.h"
#include "order.h"

struct input {
	struct tape tape;
	struct record record; /* the line in hand */
	struct order order;
	unsigned known;       /* column */
	uint64_t key[3];      /* known of the line in hand as big-endian numbers; all ones behind the last line */
};

struct merge {
	struct run *run;
	const struct merge_filter *filter;
	size_t n, rejected; /* inputs; the one of the last reject, n for none */
	struct input *input;
	size_t *loser;      /* of node i = 1 .. n - 1 the input that lost there; [0] is the winner */
};

static void
set_key(uint64_t key[3], struct str known)
{
	uint32_t tail;

	memcpy(&key[0], known.p, 8);
	memcpy(&key[1], known.p + 8, 8);
	memcpy(&tail, known.p + 16, 4);
	key[0] = __builtin_bswap64(key[0]);
	key[1] = __builtin_bswap64(key[1]);
	key[2] = __builtin_bswap32(tail);
}

/* True when a's line comes before b's. */
static bool
before(const struct merge *merge, size_t a, size_t b)
{
	const uint64_t *x = merge->input[a].key, *y = merge->input[b].key;

	if (x[0] != y[0])
		return x[0] < y[0];
	if (x[1] != y[1])
		return x[1] < y[1];
	if (x[2] != y[2])
		return x[2] < y[2];
	return a < b;
}

/* The line in hand of input i is another: it plays its way up again. */
static void
replay(struct merge *merge, size_t i)
{
	size_t node, winner = i, other;

	for (node = (merge->n + i) / 2; node > 0; node /= 2) {
		other = merge->loser[node];
		if (before(merge, other, winner)) {
			merge->loser[node] = winner;
			winner = other;
		}
	}
	merge->loser[0] = winner;
}

/* Plays all games below a node and returns its winner; leaf i is node n + i. */
static size_t
play(struct merge *merge, size_t node)
{
	size_t a, b;

	if (node >= merge->n)
		return node - merge->n;
	a = play(merge, 2 * node);
	b = play(merge, 2 * node + 1);
	merge->loser[node] = before(merge, a, b) ? b : a;
	return merge->loser[node] == a ? b : a;
}

/* Makes an input the one in hand, for places, and for rejects that begin with its header. */
static void
turn_to(struct merge *merge, struct input *input)
{
	size_t i = (size_t)(input - merge->input);

	merge->run->source = source_name(input->tape.source);
	merge->run->header = input->tape.header_line;
	if (merge->rejected != i)
		rejects_input(&merge->run->rejects);
	merge->rejected = i;
}

/* A bad line. One that was not read to its end is the last: nothing behind it is read, which no permission may hide. */
static int
reject(struct merge *merge, struct input *input, uint64_t line, struct err *err)
{
	const struct err why = *err;
	int rc;

	turn_to(merge, input);
	rc = run_reject(merge->run, line, input->record.raw, err);
	if (rc == LODE_OK && input->record.n == 0) {
		*err = why;
		return err->code;
	}
	return rc;
}

static int
forward_control(void *argument, const struct record *record, struct err *err)
{
	struct run *run = argument;

	tape_write_record(&run->out, record);
	return sink_flush(&run->out, err);
}

/* The time of the line in hand becomes the input's key. LODE_EDATA: the line is bad. */
static int
take_time(struct input *input, struct str known, struct err *err)
{
	int64_t seconds;

	if (instant_parse(known, &seconds, err) != LODE_OK) {
		err_column(err, input->known + 1, obs_names[OBS_KNOWN]);
		return err_line(err, source_name(input->tape.source), input->record.line);
	}
	set_key(input->key, known);
	return LODE_OK;
}

/* Puts the next line of an input into its hand. LODE_DONE: a signal asked to stop. */
static int
advance(struct merge *merge, struct input *input, struct err *err)
{
	const char *name = source_name(input->tape.source);
	struct str known;
	int rc;

	while ((rc = tape_next(&input->tape, &input->record, err)) != LODE_DONE) {
		if (rc == LODE_OK && obs_is_control(&input->record)) {
			if (forward_control(merge->run, &input->record, err) != LODE_OK)
				return err->code;
			continue;
		}
		if (rc != LODE_OK && (rc != LODE_EDATA || err->line == 0))
			return rc;
		merge->run->n_records++;
		if (rc == LODE_OK) {
			known = record_get(&input->record, input->known);
			if (known.n == INSTANT_LENGTH && memcmp(known.p, input->order.known, INSTANT_LENGTH) == 0) {
				input->order.line = input->record.line; /* as often as not: one release has many lines */
				return LODE_OK;
			}
			rc = take_time(input, known, err);
		}
		if (rc == LODE_OK) {
			if (order_next(&input->order, known, name, input->record.line, err) != LODE_OK)
				return err_line(err, name, input->record.line);
			return LODE_OK;
		}
		if ((rc = reject(merge, input, err->line, err)) != LODE_OK)
			return rc;
	}
	memset(input->key, 0xff, sizeof input->key);
	return source_stop != 0 ? LODE_DONE : LODE_OK;
}

static int
open_inputs(struct merge *merge, char *const *operands, struct err *err)
{
	struct run *run = merge->run;
	const struct tape_options options = { run_source_options(run), run->options->max_record, forward_control, run };
	const struct header **headers = calloc(merge->n, sizeof *headers);
	int rc = headers == NULL ? err_set(err, LODE_ENOMEM, "out of memory") : LODE_OK;
	size_t i;
	int nameless;

	for (i = 0; i < merge->n && rc == LODE_OK; i++) {
		if ((rc = tape_open(&merge->input[i].tape, operands[i], &options, err)) != LODE_OK)
			break;
		headers[i] = &merge->input[i].tape.header;
		if ((nameless = header_find(headers[i], STR(""))) >= 0) {
			rc = err_set(err, LODE_EUSAGE, "column %d has no name", nameless + 1);
			err_line(err, source_name(merge->input[i].tape.source), 1);
		}
		merge->input[i].known = (unsigned)headers[i]->obs[OBS_KNOWN];
	}
	if (rc == LODE_OK && (rc = merge->filter->on_headers(merge->filter->state, headers, merge->n, run, err)) == LODE_OK)
		rc = sink_flush(&run->out, err);
	for (i = 0; i < merge->n && rc == LODE_OK; i++)
		rc = advance(merge, &merge->input[i], err);
	free(headers);
	return rc;
}

static int
merge_all(struct merge *merge, struct err *err)
{
	struct input *input;
	size_t i;
	int rc;

	for (merge->loser[0] = play(merge, 1);;) {
		i = merge->loser[0];
		input = &merge->input[i];
		if (input->key[0] == UINT64_MAX)
			return LODE_OK;
		rc = merge->filter->on_record(merge->filter->state, i, &input->record, merge->run, err);
		if (rc == LODE_EDATA)
			rc = reject(merge, input, input->record.line, err);
		if (rc != LODE_OK || (rc = advance(merge, input, err)) != LODE_OK)
			return rc;
		replay(merge, i);
	}
}

int
run_merge(struct run *run, char *const *operands, const struct merge_filter *filter, struct err *err)
{
	static char standard_input[] = "-";
	char *const only[] = { standard_input, NULL };
	struct merge merge = { .run = run, .filter = filter };
	size_t i;
	int rc;

	if (operands[0] == NULL)
		operands = only;
	while (operands[merge.n] != NULL)
		merge.n++;
	merge.rejected = merge.n;
	merge.input = calloc(merge.n, sizeof *merge.input);
	merge.loser = calloc(merge.n, sizeof *merge.loser);
	if (merge.input == NULL || merge.loser == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	else if ((rc = open_inputs(&merge, operands, err)) == LODE_OK)
		rc = merge_all(&merge, err);
	run->source = NULL;
	run->header = (struct str){ 0 };
	for (i = 0; merge.input != NULL && i < merge.n; i++)
		tape_close(&merge.input[i].tape);
	free(merge.loser);
	free(merge.input);
	return rc == LODE_DONE ? LODE_OK : rc;
}
