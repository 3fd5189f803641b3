#include "merge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "instant.h"
#include "order.h"
#include "stream.h"

enum {
	WAKE_MS = 200,  /* how often a wait looks at source_stop, should the signal come just before the wait */
	AT_ONCE = 64,   /* lines that may go out before the inputs that are idle are asked again */
};

struct input {
	struct merge *merge;
	struct tape tape;
	struct record record; /* the line in hand */
	struct order order;
	unsigned known;       /* column */
	uint64_t key[3];      /* known of the line in hand as big-endian numbers; all ones when there is none */
	bool quiet;           /* there is none because there was nothing to read, at the moment since */
	int64_t since;        /* milliseconds of a clock that only goes forward */
};

/* The line that went out last. */
struct last {
	uint64_t key[3];
	char known[INSTANT_MAX];
	size_t input;
	uint64_t line;
};

struct merge {
	struct run *run;
	const struct merge_filter *filter;
	size_t n, rejected; /* inputs; the one of the last reject, n for none */
	struct input *input;
	size_t *loser;      /* of node i = 1 .. n - 1 the input that lost there; [0] is the winner */
	/* live */
	bool may_return;      /* a read that would block is put off */
	struct source_options source;
	struct pollfd *fd;    /* room for all inputs */
	size_t n_quiet, n_since; /* inputs; lines that went out since they were asked */
	bool waiting;         /* some are quiet, but not yet long enough to be idle */
	struct last last;
	struct stream stream; /* of the input that is one */
	bool are_open;
	/* branches of one stream */
	struct branches *branches; /* NULL: they are not */
	struct buf columns;   /* header lines of all */
	uint32_t *end;        /* fields of a line that goes out */
	unsigned room;
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

static int
key_cmp(const uint64_t x[3], const uint64_t y[3])
{
	size_t i = x[0] != y[0] ? 0 : x[1] != y[1] ? 1 : 2;

	return (x[i] > y[i]) - (x[i] < y[i]);
}

static bool
has_line(const struct input *input)
{
	return input->key[0] != UINT64_MAX;
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

/* The next line of what the branches bring. */
static int
send_on(void *argument, size_t i, struct str line, struct err *err)
{
	struct merge *merge = argument;
	struct record record;
	int rc = record_of_line(&record, line, &merge->end, &merge->room, err);

	return rc == LODE_OK ? merge->filter->on_record(merge->filter->state, i, &record, merge->run, err) : rc;
}

/* The first input begins a stream: so must the others. */
static int
make_branches(struct merge *merge, struct err *err)
{
	struct branches_options options = *merge->filter->branches;

	options.on_line = send_on;
	options.argument = merge;
	return branches_new(&merge->branches, &merge->stream, merge->n, &options, err);
}

/* Only one input may begin a stream, and only where no state is needed for that; or all do. */
static int
forward_control(void *argument, const struct record *record, struct err *err)
{
	const struct input *input = argument;
	struct merge *merge = input->merge;
	const struct stream_hooks *hooks = &merge->stream.hooks;
	size_t i = (size_t)(input - merge->input);
	bool starts = str_starts(record->raw, STR("#START\t"));

	if (starts && merge->n > 1 && i == 0 && !merge->are_open && merge->filter->branches != NULL && merge->branches == NULL &&
	    make_branches(merge, err) != LODE_OK)
		return err->code;
	if (merge->branches != NULL)
		return branches_add(merge->branches, i, record->line, record->raw, err);
	if (starts && merge->n > 1 && !(hooks->stateless && i + 1 == merge->n)) {
		err_set(err, LODE_EUSAGE, "%s keeps no state in the stream: it reads one alone%s", merge->run->program->name,
		    merge->filter->last_may_stream ? ", or joins files to it" : merge->filter->branches != NULL ? ", or branches of one" : "");
		return err_line(err, source_name(input->tape.source), record->line);
	}
	return stream_control(&merge->stream, record, err);
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

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A line that is older than one which went out while its input was idle. */
static int
take_late(struct merge *merge, struct input *input, struct err *err)
{
	const struct last *last = &merge->last;
	int rc;

	if (merge->filter->on_late == NULL) {
		err_set(err, LODE_EDATA, "known '%.*s' is late: '%s' of %s:%llu has gone out; raise --idle or give --late",
		    STR_ARG(record_get(&input->record, input->known)), last->known,
		    source_name(merge->input[last->input].tape.source), (unsigned long long)last->line);
		return err_line(err, source_name(input->tape.source), input->record.line);
	}
	rc = merge->filter->on_late(merge->filter->state, (size_t)(input - merge->input), &input->record, merge->run, err);
	run_count_rule(merge->run, "late");
	return rc;
}

/* Puts the next line of an input into its hand; none when there is nothing to read or it has ended. LODE_DONE: a signal asked to stop. */
static int
next_line(struct merge *merge, struct input *input, struct err *err)
{
	const char *name = source_name(input->tape.source);
	struct str known;
	int rc, takes;

	while ((rc = tape_next(&input->tape, &input->record, err)) != LODE_DONE) {
		if (rc == LODE_OK && obs_is_control(&input->record)) {
			if (forward_control(input, &input->record, err) != LODE_OK)
				return err->code;
			continue;
		}
		if (rc == LODE_AGAIN) {
			input->quiet = true;
			input->since = now_ms();
			merge->n_quiet++;
			merge->waiting = true;
			break;
		}
		if (rc != LODE_OK && (rc != LODE_EDATA || err->line == 0))
			return rc;
		if (merge->branches == NULL && input == &merge->input[merge->n - 1] && (takes = stream_takes(&merge->stream, err)) != LODE_OK) {
			if (takes == LODE_DONE)
				continue;
			return err_line(err, name, input->record.line);
		}
		merge->run->n_records++;
		if (rc == LODE_OK) {
			known = record_get(&input->record, input->known);
			if (known.n == INSTANT_LENGTH && memcmp(known.p, input->order.known, INSTANT_LENGTH) == 0 && has_line(input)) {
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
advance(struct merge *merge, struct input *input, struct err *err)
{
	int rc;

	while ((rc = next_line(merge, input, err)) == LODE_OK && merge->may_return && key_cmp(input->key, merge->last.key) < 0)
		if ((rc = take_late(merge, input, err)) != LODE_OK)
			return rc;
	return rc;
}

/* Before a read that would block. */
static int
put_off(void *argument, struct err *err)
{
	struct merge *merge = argument;

	return merge->may_return ? LODE_AGAIN : merge->source.on_wait(merge->source.argument, err);
}

/* #START goes out, ahead of the header. The columns of all branches are those of the state. */
static int
begin_branches(struct merge *merge, struct err *err)
{
	size_t i;

	for (i = 0; i < merge->n; i++) {
		const struct input *input = &merge->input[i];

		branches_name(merge->branches, i, source_name(input->tape.source), input->tape.header.n, input->known);
		if ((i > 0 && buf_add(&merge->columns, "\n", 1) != LODE_OK) || buf_add_str(&merge->columns, input->tape.header_line) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	}
	return branches_begin(merge->branches, err);
}

static int
open_inputs(struct merge *merge, char *const *operands, struct err *err)
{
	struct run *run = merge->run;
	const struct source_options source = { merge->source.name, NULL, put_off, merge };
	struct tape_options options = { .max_record = run->options->max_record, .on_control = forward_control };
	const struct header **headers = calloc(merge->n, sizeof *headers);
	int rc = headers == NULL ? err_set(err, LODE_ENOMEM, "out of memory") : LODE_OK;
	size_t i;
	int nameless;

	/* all are open before one is read: a program that fills several named pipes waits until it may */
	for (i = 0; i < merge->n && rc == LODE_OK; i++) {
		const char *path = merge->filter->first == NULL ? operands[i] : i == 0 ? merge->filter->first : operands[i - 1];

		rc = source_open(&merge->input[i].tape.source, path, &source, err);
	}
	for (i = 0; i < merge->n && rc == LODE_OK; i++) {
		struct tape *tape = &merge->input[i].tape;

		merge->input[i].merge = merge;
		options.argument = &merge->input[i];
		if ((rc = tape_open_source(tape, tape->source, &options, err)) != LODE_OK)
			break;
		headers[i] = &merge->input[i].tape.header;
		if ((nameless = header_find(headers[i], STR(""))) >= 0) {
			rc = err_set(err, LODE_EUSAGE, "column %d has no name", nameless + 1);
			err_line(err, source_name(merge->input[i].tape.source), 1);
		}
		merge->input[i].known = (unsigned)headers[i]->obs[OBS_KNOWN];
	}
	merge->are_open = true;
	if (rc == LODE_OK && merge->branches != NULL)
		rc = begin_branches(merge, err);
	if (rc == LODE_OK && (rc = merge->filter->on_headers(merge->filter->state, headers, merge->n, run, err)) == LODE_OK)
		rc = sink_flush(&run->out, err);
	merge->may_return = merge->filter->is_live || merge->branches != NULL;
	if (rc == LODE_OK)
		rc = stream_header(&merge->stream, merge->branches != NULL ? buf_str(&merge->columns) : merge->input[merge->n - 1].tape.header_line, err);
	for (i = 0; i < merge->n && rc == LODE_OK && merge->branches == NULL; i++)
		rc = advance(merge, &merge->input[i], err);
	free(headers);
	return rc;
}

/* Reads from those of the quiet inputs that have something now; *deadline is when the last of the others will be idle. */
static int
ask(struct merge *merge, int timeout_ms, int64_t *deadline, struct err *err)
{
	size_t i, k = 0;
	int rc = LODE_OK, n;

	for (i = 0; i < merge->n; i++)
		if (merge->input[i].quiet)
			merge->fd[k++] = (struct pollfd){ source_descriptor(merge->input[i].tape.source), POLLIN, 0 };
	if ((n = poll(merge->fd, k, timeout_ms)) < 0 && errno != EINTR)
		return err_set(err, LODE_EIO, "cannot wait for the inputs: %s", strerror(errno));
	*deadline = INT64_MIN;
	for (i = k = 0; i < merge->n && rc == LODE_OK; i++) {
		struct input *input = &merge->input[i];

		if (!input->quiet)
			continue;
		if (merge->fd[k++].revents != 0 && n > 0) {
			input->quiet = false;
			merge->n_quiet--;
			rc = advance(merge, input, err);
		}
		if (input->quiet && input->since + merge->filter->idle_s * 1000 > *deadline)
			*deadline = input->since + merge->filter->idle_s * 1000;
	}
	return rc;
}

/*
 * Until each quiet input has spoken, has ended or is idle, and there is a line or nothing is quiet. The clock is read before the
 * question, so that an input is idle only when it had nothing to read after its time. LODE_DONE: a signal asked to stop.
 */
static int
hear(struct merge *merge, struct err *err)
{
	bool any = false, flushed = false;
	int64_t deadline = INT64_MIN, asked, more;
	int rc, timeout_ms = 0;
	size_t i;

	for (;;) {
		asked = now_ms();
		if ((rc = ask(merge, timeout_ms, &deadline, err)) != LODE_OK)
			return rc;
		if (source_stop != 0)
			return LODE_DONE;
		for (i = 0; i < merge->n && !any; i++)
			any = has_line(&merge->input[i]);
		if (merge->n_quiet == 0 || (any && asked >= deadline))
			break;
		if (!flushed && (rc = merge->source.on_wait(merge->source.argument, err)) != LODE_OK)
			return rc;
		flushed = true;
		more = deadline - now_ms();
		timeout_ms = !any || more > WAKE_MS ? WAKE_MS : more > 0 ? (int)more : 0;
	}
	merge->waiting = false;
	merge->n_since = 0;
	merge->loser[0] = play(merge, 1);
	return LODE_OK;
}

/* A line has gone out. */
static void
keep_last(struct merge *merge, size_t i)
{
	const struct input *input = &merge->input[i];

	if (key_cmp(merge->last.key, input->key) != 0) {
		memcpy(merge->last.key, input->key, sizeof input->key);
		memcpy(merge->last.known, input->order.known, INSTANT_MAX);
	}
	merge->last.input = i;
	merge->last.line = input->record.line;
}

static int
merge_all(struct merge *merge, struct err *err)
{
	const struct input *last = &merge->input[merge->n - 1];
	struct input *input;
	size_t i;
	int rc;

	for (merge->loser[0] = play(merge, 1);;) {
		if (merge->n_quiet > 0 && (merge->waiting || !has_line(&merge->input[merge->loser[0]]) || merge->n_since++ == AT_ONCE) && (rc = hear(merge, err)) != LODE_OK)
			return rc;
		i = merge->loser[0];
		input = &merge->input[i];
		if (!has_line(input))
			return LODE_OK;
		if (merge->filter->ends_with_last && !has_line(last) && !last->quiet) {
			for (i = 0; i < merge->n; i++)
				merge->run->n_records -= has_line(&merge->input[i]); /* read, but not used */
			return LODE_OK;
		}
		if (merge->may_return)
			keep_last(merge, i);
		rc = merge->filter->on_record(merge->filter->state, i, &input->record, merge->run, err);
		if (rc == LODE_EDATA)
			rc = reject(merge, input, input->record.line, err);
		if (rc == LODE_DONE && merge->stream.started) { /* its control lines are still to be forwarded */
			merge->stream.deaf = true;
			rc = LODE_OK;
		}
		if (rc != LODE_OK || (rc = advance(merge, input, err)) != LODE_OK)
			return rc;
		replay(merge, i);
	}
}

/* What an input brings without waiting, but not too much at once. */
static int
take_some(struct merge *merge, struct input *input, struct err *err)
{
	size_t i = (size_t)(input - merge->input);
	int k, rc;

	input->quiet = false;
	for (k = 0; k < AT_ONCE; k++) {
		if ((rc = next_line(merge, input, err)) != LODE_OK)
			return rc;
		if (!has_line(input)) {
			if (!input->quiet)
				branches_end(merge->branches, i);
			return LODE_OK;
		}
		if ((rc = branches_add(merge->branches, i, input->record.line, input->record.raw, err)) != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

/*
 * Reads from the branches that are wanted, of those that may be waited for the ones that are ready: with all that they wrote in hand. *n: from how
 * many; *n_open: how many have not ended.
 */
static int
take_wanted(struct merge *merge, bool urgently, int timeout_ms, size_t *n, size_t *n_open, struct err *err)
{
	size_t i, k = 0;
	int rc = LODE_OK;

	*n = *n_open = 0;
	for (i = 0; i < merge->n; i++)
		if (branches_want(merge->branches, i, urgently)) {
			const struct input *input = &merge->input[i];

			timeout_ms = input->quiet ? timeout_ms : 0;
			merge->fd[k++] = (struct pollfd){ input->quiet ? source_descriptor(input->tape.source) : -1, POLLIN, 0 };
		}
	*n_open = k;
	if (k > 0 && poll(merge->fd, k, timeout_ms) < 0 && errno != EINTR)
		return err_set(err, LODE_EIO, "cannot wait for the inputs: %s", strerror(errno));
	for (i = k = 0; i < merge->n && rc == LODE_OK; i++) {
		struct input *input = &merge->input[i];

		if (!branches_want(merge->branches, i, urgently))
			continue;
		if (!input->quiet || merge->fd[k].revents != 0) {
			rc = take_some(merge, input, err);
			++*n;
		}
		k++;
	}
	return rc;
}

/* All branches to their end. One that others wait for is read first; the others only while it has nothing, so that who writes to all of them can go on. */
static int
merge_branches(struct merge *merge, struct err *err)
{
	size_t n, n_open;
	int rc;

	for (;;) {
		if ((rc = branches_step(merge->branches, err)) != LODE_OK || (rc = take_wanted(merge, true, 0, &n, &n_open, err)) != LODE_OK)
			return rc;
		if (n > 0)
			continue;
		if ((rc = take_wanted(merge, false, 0, &n, &n_open, err)) != LODE_OK)
			return rc;
		if (n_open == 0)
			return LODE_OK;
		if (n > 0)
			continue;
		if ((rc = merge->source.on_wait(merge->source.argument, err)) != LODE_OK ||
		    (rc = take_wanted(merge, false, WAKE_MS, &n, &n_open, err)) != LODE_OK)
			return rc;
		if (source_stop != 0)
			return LODE_DONE;
	}
}

int
run_merge(struct run *run, char *const *operands, const struct merge_filter *filter, struct err *err)
{
	static char standard_input[] = "-";
	char *const only[] = { standard_input, NULL };
	struct merge merge = { .run = run, .filter = filter, .source = run_source_options(run) };
	struct stream_hooks hooks = { .state = filter->state };
	bool finish;
	size_t i;
	int rc;

	if (operands[0] == NULL)
		operands = only;
	while (operands[merge.n] != NULL)
		merge.n++;
	merge.n += filter->first != NULL;
	merge.rejected = merge.n;
	hooks.stateless = merge.n == 1 || filter->last_may_stream;
	stream_init(&merge.stream, run, &hooks);
	merge.input = calloc(merge.n, sizeof *merge.input);
	merge.loser = calloc(merge.n, sizeof *merge.loser);
	merge.fd = calloc(merge.n, sizeof *merge.fd);
	if (merge.input == NULL || merge.loser == NULL || merge.fd == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	else if ((rc = open_inputs(&merge, operands, err)) == LODE_OK &&
	    (rc = merge.branches != NULL ? merge_branches(&merge, err) : merge_all(&merge, err)) == LODE_OK &&
	    (rc = stream_end(&merge.stream, &finish, err)) != LODE_OK)
		err_line(err, source_name(merge.input[merge.n - 1].tape.source), 0);
	stream_release(&merge.stream);
	branches_free(merge.branches);
	buf_release(&merge.columns);
	free(merge.end);
	run->source = NULL;
	run->header = (struct str){ 0 };
	for (i = 0; merge.input != NULL && i < merge.n; i++)
		tape_close(&merge.input[i].tape);
	free(merge.fd);
	free(merge.loser);
	free(merge.input);
	return rc == LODE_DONE ? LODE_OK : rc;
}
