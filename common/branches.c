#include "branches.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "spill.h"

/* The state: lines that wait, the time of each branch's last line, through which branches a filter's state comes. */
#define HELD "held"
#define KNOWN_OF "known"
#define OWNER "owner"

struct branch {
	const char *name;
	unsigned n_columns, known;  /* of its lines; which of them */
	struct spill lines;         /* all that were read, from front on */
	struct spill_at front;      /* the first that has not gone out */
	struct spill_at here;       /* the first that was not looked at */
	struct spill_at mark;       /* the first behind the last barrier; only where it is behind front */
	struct spill kept;          /* those that waited when the run began: ahead of lines */
	struct spill_at kept_front;
	bool began, waits, said_end, ended;
	bool over;                  /* it said that nothing comes any more */
	struct buf control;         /* at which it waits */
	uint64_t control_line;
	char last[INSTANT_MAX];     /* known of the last line looked at, empty when there was none */
	bool last_changed;          /* since the last barrier */
	bool has_head, head_is_kept;
	char head[INSTANT_MAX];     /* known of the first line that has not gone out */
	uint64_t kept_from, kept_to; /* numbers of its lines that are in the state, which are the first ones */
};

/* Who keeps state. Sets of branches are bits. */
struct name {
	struct buf text;
	uint64_t seen, owner;       /* since the last barrier; ever, 0 for not yet */
};

struct branches {
	struct stream *stream;
	struct branches_options options;
	struct spill_room room;
	size_t n;
	uint64_t all;
	struct branch *branch;
	struct name *names;
	size_t n_names;
	bool drains;                /* nothing is waited for */
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int
two_filters(const struct name *name, struct err *err)
{
	return err_set(err, LODE_EDATA, "two branches keep state as '%.*s': give one of them another name by --state", STR_ARG(buf_str(&name->text)));
}

static int
known_cmp(const char *a, const char *b)
{
	return memcmp(a, b, INSTANT_LENGTH);
}

static struct str
known_of(const struct branch *branch, struct str line)
{
	struct str field = { line.p, 0 };
	unsigned k;

	for (k = 0; str_split(&line, '\t', &field) && k < branch->known;)
		k++;
	return field;
}

static struct name *
find_name(struct branches *branches, struct str text)
{
	size_t i;

	for (i = 0; i < branches->n_names; i++)
		if (str_eq(buf_str(&branches->names[i].text), text))
			return &branches->names[i];
	return NULL;
}

static int
need_name(struct branches *branches, struct str text, struct name **name, struct err *err)
{
	struct name *grown;

	if ((*name = find_name(branches, text)) != NULL)
		return LODE_OK;
	if ((grown = realloc(branches->names, (branches->n_names + 1) * sizeof *grown)) == NULL)
		return no_memory(err);
	branches->names = grown;
	*name = &grown[branches->n_names];
	**name = (struct name){ .text = BUF_INIT };
	if (buf_add_str(&(*name)->text, text) != LODE_OK)
		return no_memory(err);
	branches->n_names++;
	return LODE_OK;
}

/* True when the line is of somebody's state. */
static bool
is_state(struct str line, struct control *control)
{
	return line.n > 0 && line.p[0] == '#' && control_parse(line, control) && control_is(control, "state");
}

/* The first line of a branch that has not gone out, as far as it may. *blocked: state stands ahead of it. */
static int
find_head(struct branch *branch, bool *blocked, struct err *err)
{
	struct control control;
	struct str line;
	uint64_t number;
	int rc;

	if (branch->has_head)
		return LODE_OK;
	branch->head_is_kept = true;
	rc = spill_read(&branch->kept, &branch->kept_front, &number, &line, err);
	while (rc == LODE_DONE && branch->front.index < branch->here.index) {
		branch->head_is_kept = false;
		if (spill_read(&branch->lines, &branch->front, &number, &line, err) != LODE_OK)
			return err->code;
		if (line.p[0] != '#') {
			rc = LODE_OK;
		} else if (is_state(line, &control) && branch->front.index >= branch->mark.index) {
			*blocked = true;
			return LODE_OK;
		} else {
			spill_step(&branch->front); /* its turn has been */
			spill_drop(&branch->lines, &branch->front);
		}
	}
	if (rc == LODE_OK) {
		memcpy(branch->head, known_of(branch, line).p, INSTANT_LENGTH);
		branch->has_head = true;
	}
	return rc == LODE_DONE ? LODE_OK : rc;
}

/* The key of a line in the state: "B N". */
static struct str
held_key(char out[48], size_t branch, uint64_t number)
{
	return (struct str){ out, (size_t)snprintf(out, 48, "%zu %" PRIu64, branch, number) };
}

static int
put_out(struct branches *branches, size_t i, struct err *err)
{
	struct branch *branch = &branches->branch[i];
	struct spill *from = branch->head_is_kept ? &branch->kept : &branch->lines;
	struct spill_at *at = branch->head_is_kept ? &branch->kept_front : &branch->front;
	struct str line;
	uint64_t number;
	char key[48];
	int rc;

	if ((rc = spill_read(from, at, &number, &line, err)) != LODE_OK ||
	    (rc = branches->options.on_line(branches->options.argument, i, line, err)) != LODE_OK)
		return rc;
	spill_step(at);
	spill_drop(from, at);
	branch->has_head = false;
	if (branch->kept_from == branch->kept_to)
		return LODE_OK;
	branches->stream->n_lines++; /* the state is another */
	return state_drop_as(branches->stream->run->state, HELD, held_key(key, i, branch->kept_from++), err);
}

/* True when branch i may still bring a line that comes before one of that time of branch `of`. */
static bool
may_bring(const struct branches *branches, size_t i, const char *known, size_t of)
{
	const struct branch *branch = &branches->branch[i];
	int order;

	if (branch->has_head || branch->over || branches->drains)
		return false; /* its head comes behind, or that is all there is */
	order = branch->last[0] == '\0' ? 1 : known_cmp(known, branch->last);
	return order > 0 || (order == 0 && i < of);
}

/* Lines that are the next for certain. */
static int
release(struct branches *branches, struct err *err)
{
	bool blocked = false;
	size_t i, next;
	int rc;

	for (;;) {
		for (i = 0, next = branches->n; i < branches->n; i++) {
			struct branch *branch = &branches->branch[i];

			if ((rc = find_head(branch, &blocked, err)) != LODE_OK)
				return rc;
			if (branch->has_head && (next == branches->n || known_cmp(branch->head, branches->branch[next].head) < 0))
				next = i;
		}
		if (next == branches->n || blocked)
			return LODE_OK;
		for (i = 0; i < branches->n; i++)
			if (may_bring(branches, i, branches->branch[next].head, next))
				return LODE_OK;
		if ((rc = put_out(branches, next, err)) != LODE_OK)
			return rc;
	}
}

static int
take_data(struct branches *branches, struct branch *branch, struct str line, struct err *err)
{
	struct str known = known_of(branch, line);
	int rc;

	if (branches->stream->restoring)
		return err_set(err, LODE_EDATA, "a line ahead of #restored");
	if ((rc = stream_takes(branches->stream, err)) != LODE_OK)
		return rc;
	if (branch->last[0] != '\0' && known_cmp(known.p, branch->last) < 0)
		return err_set(err, LODE_EDATA, "known '%.*s' is before '%s' of a line ahead of it: sort the tape by known", STR_ARG(known), branch->last);
	memcpy(branch->last, known.p, INSTANT_LENGTH);
	branch->last_changed = true;
	branch->over = false;
	return LODE_OK;
}

/* Looks at what a branch has brought, up to the next control line. */
static int
look(struct branches *branches, size_t i, struct err *err)
{
	struct branch *branch = &branches->branch[i];
	struct control control;
	struct name *name;
	struct str line, text;
	uint64_t number;
	int rc = LODE_OK;

	while (!branch->waits && (rc = spill_read(&branch->lines, &branch->here, &number, &line, err)) == LODE_OK) {
		if (line.p[0] != '#') {
			rc = take_data(branches, branch, line, err);
		} else if (is_state(line, &control)) {
			if ((rc = control_need(&control, "name", &text, err)) == LODE_OK && (rc = need_name(branches, text, &name, err)) == LODE_OK)
				name->seen |= UINT64_C(1) << i;
		} else {
			branch->control.n = 0;
			if (buf_add_str(&branch->control, line) != LODE_OK)
				return no_memory(err);
			branch->control_line = number;
			branch->waits = true;
			break;
		}
		if (rc != LODE_OK)
			return err_line(err, branch->name, number);
		spill_step(&branch->here);
	}
	if (rc == LODE_DONE && branch->ended && !branch->said_end) {
		err_set(err, LODE_EIO, "the stream ends without #END: what writes it has died");
		return err_line(err, branch->name, 0);
	}
	return rc == LODE_DONE ? LODE_OK : rc;
}

/* Where what came since the last barrier begins, but for what has gone out. */
static struct spill_at
since_barrier(const struct branch *branch)
{
	return spill_place(branch->mark.index > branch->front.index ? &branch->mark : &branch->front);
}

/* The next #state line since the last barrier of a filter that all branches have lines of, or of another. LODE_DONE: none. */
static int
next_state(struct branches *branches, struct branch *branch, struct spill_at *at, bool in_all, uint64_t *number, struct str *line, struct err *err)
{
	struct control control;
	struct name *name;
	int rc;

	for (; at->index < branch->here.index; spill_step(at)) {
		if ((rc = spill_read(&branch->lines, at, number, line, err)) != LODE_OK)
			return rc;
		if (!is_state(*line, &control))
			continue;
		name = find_name(branches, control_get(&control, "name"));
		if (name != NULL && (name->seen == branches->all) == in_all)
			return LODE_OK;
	}
	return LODE_DONE;
}

static int
forward(struct branches *branches, uint64_t number, struct str line, struct err *err)
{
	const struct record record = { .raw = line, .line = number };

	return stream_control(branches->stream, &record, err);
}

/* State that all branches bring goes on once, if it is the same. */
static int
forward_common(struct branches *branches, struct spill_at *at, struct err *err)
{
	struct str line, other;
	struct control control;
	uint64_t number, ignored;
	size_t i;
	int rc, also;

	for (;;) {
		rc = next_state(branches, &branches->branch[0], &at[0], true, &number, &line, err);
		for (i = 1; i < branches->n && (rc == LODE_OK || rc == LODE_DONE); i++) {
			also = next_state(branches, &branches->branch[i], &at[i], true, &ignored, &other, err);
			if (also != LODE_OK && also != LODE_DONE)
				return also;
			if (also == rc && (rc == LODE_DONE || str_eq(line, other)))
				continue;
			(void)is_state(rc == LODE_OK ? line : other, &control);
			err_set(err, LODE_EDATA, "two branches keep state as '%.*s', or bring different lines of it: give one of them another name by --state",
			    STR_ARG(control_get(&control, "name")));
			return err_line(err, branches->branch[i].name, 0);
		}
		if (rc != LODE_OK)
			return rc == LODE_DONE ? LODE_OK : rc;
		if ((rc = forward(branches, number, line, err)) != LODE_OK)
			return rc;
		for (i = 0; i < branches->n; i++)
			spill_step(&at[i]);
	}
}

/* And that of one branch as it is. */
static int
forward_own(struct branches *branches, struct branch *branch, struct spill_at *at, struct err *err)
{
	struct str line;
	uint64_t number;
	int rc;

	while ((rc = next_state(branches, branch, at, false, &number, &line, err)) == LODE_OK) {
		if ((rc = forward(branches, number, line, err)) != LODE_OK)
			return rc;
		spill_step(at);
	}
	return rc == LODE_DONE ? LODE_OK : rc;
}

static bool
is_one(uint64_t set)
{
	return set != 0 && (set & (set - 1)) == 0;
}

/* Through which branches a filter's state comes stays as it is, in later runs too. */
static int
check_owner(struct branches *branches, struct name *name, struct err *err)
{
	char text[24];

	if (name->seen == 0 || name->seen == name->owner)
		return LODE_OK;
	if (name->owner != 0 || (name->seen != branches->all && !is_one(name->seen)))
		return two_filters(name, err);
	name->owner = name->seen;
	branches->stream->n_lines++; /* the state is another */
	snprintf(text, sizeof text, "%" PRIu64, name->owner);
	return state_put_as(branches->stream->run->state, OWNER, buf_str(&name->text), str_of(text), NULL, err);
}

/*
 * The #state lines since the last barrier. Those of the replay that a branch lacks have been taken there, by one filter: two would be of one name.
 */
static int
settle_state(struct branches *branches, bool is_replay, struct err *err)
{
	struct spill_at *at = calloc(branches->n, sizeof *at);
	size_t i;
	int rc = at == NULL ? no_memory(err) : LODE_OK;

	for (i = 0; i < branches->n_names && rc == LODE_OK; i++) {
		struct name *name = &branches->names[i];

		if (!is_replay)
			rc = check_owner(branches, name, err);
		else if (name->seen != 0 && name->seen != branches->all && !is_one(branches->all & ~name->seen))
			rc = two_filters(name, err);
	}
	for (i = 0; i < branches->n && rc == LODE_OK; i++)
		at[i] = since_barrier(&branches->branch[i]);
	if (rc == LODE_OK)
		rc = forward_common(branches, at, err);
	for (i = 0; i < branches->n && at != NULL; i++) {
		spill_at_release(&at[i]);
		at[i] = since_barrier(&branches->branch[i]);
		if (rc == LODE_OK && !is_replay)
			rc = forward_own(branches, &branches->branch[i], &at[i], err);
		spill_at_release(&at[i]);
	}
	for (i = 0; i < branches->n_names; i++)
		branches->names[i].seen = 0;
	free(at);
	return rc;
}

/* What is held for longer goes into the state. */
static int
on_checkpoint(void *argument, struct run *run, struct err *err)
{
	struct branches *branches = argument;
	struct str line;
	uint64_t number;
	char key[48];
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < branches->n && rc == LODE_OK; i++) {
		struct branch *branch = &branches->branch[i];
		struct spill_at at = since_barrier(branch);

		for (; at.index < branch->here.index && (rc = spill_read(&branch->lines, &at, &number, &line, err)) == LODE_OK; spill_step(&at))
			if (line.p[0] != '#' &&
			    (rc = state_put_as(run->state, HELD, held_key(key, i, branch->kept_to++), line, NULL, err)) != LODE_OK)
				break;
		spill_at_release(&at);
		snprintf(key, sizeof key, "%zu", i);
		if (rc == LODE_OK && branch->last_changed)
			rc = state_put_as(run->state, KNOWN_OF, str_of(key), str_of(branch->last), NULL, err);
		branch->last_changed = false;
	}
	return rc;
}

/* A number ahead of a blank or the end; false when there is none. */
static bool
read_number(struct str *text, uint64_t *number)
{
	struct str word;
	int64_t signed_number;

	if (!str_split(text, ' ', &word) || !state_read_number(word, &signed_number) || signed_number < 0)
		return false;
	*number = (uint64_t)signed_number;
	return true;
}

static int
on_restore(void *argument, const struct state_entry *entry, struct run *run, struct err *err)
{
	struct branches *branches = argument;
	struct str text, rest = entry->value;
	struct branch *branch;
	struct name *name;
	uint64_t i, number;

	(void)run;
	if (state_is(entry, OWNER, &text) && read_number(&rest, &number)) {
		if (need_name(branches, text, &name, err) != LODE_OK)
			return err->code;
		name->owner = number;
		return LODE_OK;
	}
	if (state_is(entry, KNOWN_OF, &text) && read_number(&text, &i) && i < branches->n && instant_valid(entry->value)) {
		memcpy(branches->branch[i].last, entry->value.p, INSTANT_LENGTH);
		return LODE_OK;
	}
	if (!state_is(entry, HELD, &text) || !read_number(&text, &i) || i >= branches->n || !read_number(&text, &number) ||
	    str_fields(entry->value) != branches->branch[i].n_columns || !instant_valid(known_of(&branches->branch[i], entry->value)))
		return state_refuse(entry, err);
	branch = &branches->branch[i];
	branch->kept_from = branch->kept.n == 0 ? number : branch->kept_from;
	branch->kept_to = number + 1;
	return spill_add(&branch->kept, 0, entry->value, err);
}

/* The least of the watermarks, and of what is still held. */
static int
forward_watermark(struct branches *branches, struct err *err)
{
	struct buf line = BUF_INIT;
	struct control control;
	struct str ts, least = STR("inf");
	bool any = false;
	size_t i;
	int rc;

	for (i = 0; i < branches->n; i++) {
		struct branch *branch = &branches->branch[i];

		(void)control_parse(buf_str(&branch->control), &control);
		ts = control_get(&control, "ts");
		branch->over = str_is(ts, "inf");
		if (!branch->over && (!any || str_cmp(ts, least) < 0))
			least = ts;
		any = any || !branch->over;
	}
	if ((rc = release(branches, err)) != LODE_OK)
		return rc;
	for (i = 0; i < branches->n; i++)
		if (branches->branch[i].has_head && str_cmp((struct str){ branches->branch[i].head, INSTANT_LENGTH }, least) < 0)
			least = (struct str){ branches->branch[i].head, INSTANT_LENGTH };
	if ((rc = control_begin(&line, "WM", err)) == LODE_OK && (rc = control_add_raw(&line, "ts", least, err)) == LODE_OK &&
	    (rc = control_end(&line, err)) == LODE_OK)
		rc = forward(branches, branches->branch[0].control_line, (struct str){ line.p, line.n - 1 }, err);
	buf_release(&line);
	return rc;
}

/* All branches wait at this control line. */
static int
act(struct branches *branches, const struct control *control, struct err *err)
{
	const struct branch *first = &branches->branch[0];
	bool is_barrier = control_is(control, "BARRIER"), is_replay = control_is(control, "restored") && branches->stream->restoring;
	int rc;

	branches->drains = is_barrier && branches->options.by_epoch;
	rc = release(branches, err);
	branches->drains = false;
	if (rc == LODE_OK && (is_barrier || is_replay))
		rc = settle_state(branches, is_replay, err);
	if (rc != LODE_OK)
		return rc;
	if (control_is(control, "WM"))
		return forward_watermark(branches, err);
	return forward(branches, first->control_line, buf_str(&first->control), err);
}

/* The control line at which all wait; they must have the same one. */
static int
meet(struct branches *branches, struct err *err)
{
	struct branch *first = &branches->branch[0];
	struct control control, other;
	bool are_marks;
	size_t i;
	int rc;

	if (!control_parse(buf_str(&first->control), &control))
		control = (struct control){ STR(""), STR("") }; /* a remark */
	for (i = 1; i < branches->n; i++) {
		const struct branch *branch = &branches->branch[i];

		are_marks = control_is(&control, "WM") && control_parse(buf_str(&branch->control), &other) && control_is(&other, "WM");
		if (are_marks || str_eq(buf_str(&branch->control), buf_str(&first->control)))
			continue;
		err_set(err, LODE_EDATA, "the branches differ: '%.*s', but '%.*s' in %.100s", STR_ARG(buf_str(&branch->control)),
		    STR_ARG(buf_str(&first->control)), first->name);
		return err_line(err, branch->name, branch->control_line);
	}
	if ((rc = act(branches, &control, err)) != LODE_OK)
		return err_line(err, first->name, first->control_line);
	for (i = 0; i < branches->n; i++) {
		struct branch *branch = &branches->branch[i];

		spill_step(&branch->here);
		branch->waits = false;
		if (control_is(&control, "BARRIER") || control_is(&control, "restored"))
			branch->mark = spill_place(&branch->here);
	}
	return LODE_OK;
}

int
branches_step(struct branches *branches, struct err *err)
{
	size_t i, n_waiting;
	int rc;

	do {
		for (i = n_waiting = 0; i < branches->n; i++) {
			if ((rc = look(branches, i, err)) != LODE_OK)
				return rc;
			n_waiting += branches->branch[i].waits;
		}
		if ((rc = n_waiting == branches->n ? meet(branches, err) : release(branches, err)) != LODE_OK)
			return rc;
	} while (n_waiting == branches->n);
	return LODE_OK;
}

int
branches_begin(struct branches *branches, struct err *err)
{
	size_t i;

	for (i = 0; i < branches->n; i++) {
		if (branches->branch[i].began)
			continue;
		err_set(err, LODE_EUSAGE, "no #START, as %.100s has: branches of one stream are merged with no other input", branches->branch[0].name);
		return err_line(err, branches->branch[i].name, 1);
	}
	return branches_step(branches, err);
}

int
branches_add(struct branches *branches, size_t i, uint64_t number, struct str line, struct err *err)
{
	struct branch *branch = &branches->branch[i];
	struct control control;
	int rc = spill_add(&branch->lines, number, line, err);

	if (rc == LODE_EIO)
		return err_line(err, branch->name, number);
	if (branch->lines.n == 1)
		branch->began = str_starts(line, STR("#START\t"));
	branch->said_end = line.p[0] == '#' && control_parse(line, &control) && control_is(&control, "END");
	return rc;
}

void
branches_end(struct branches *branches, size_t i)
{
	branches->branch[i].ended = true;
}

bool
branches_want(const struct branches *branches, size_t i, bool urgently)
{
	const struct branch *branch = &branches->branch[i];

	return !branch->ended && (!urgently || (!branch->waits && !branch->has_head));
}

void
branches_name(struct branches *branches, size_t i, const char *name, unsigned n_columns, unsigned known)
{
	branches->branch[i].name = name;
	branches->branch[i].n_columns = n_columns;
	branches->branch[i].known = known;
}

int
branches_new(struct branches **out, struct stream *stream, size_t n, const struct branches_options *options, struct err *err)
{
	struct branches *branches;
	size_t i;

	if (n > BRANCHES_MAX)
		return err_set(err, LODE_EUSAGE, "more than %d branches", BRANCHES_MAX);
	if ((branches = calloc(1, sizeof *branches)) == NULL || (branches->branch = calloc(n, sizeof *branches->branch)) == NULL) {
		free(branches);
		return no_memory(err);
	}
	branches->stream = stream;
	branches->options = *options;
	branches->n = n;
	branches->all = (UINT64_C(1) << n) - 1;
	spill_room_init(&branches->room, NULL, options->memory, options->disk);
	for (i = 0; i < n; i++) {
		spill_init(&branches->branch[i].lines, &branches->room);
		spill_init(&branches->branch[i].kept, &branches->room);
	}
	stream->hooks.state = branches;
	stream->hooks.on_restore = on_restore;
	stream->hooks.on_checkpoint = on_checkpoint;
	*out = branches;
	return LODE_OK;
}

void
branches_free(struct branches *branches)
{
	size_t i;

	if (branches == NULL)
		return;
	for (i = 0; i < branches->n; i++) {
		struct branch *branch = &branches->branch[i];

		spill_release(&branch->lines);
		spill_release(&branch->kept);
		spill_at_release(&branch->front);
		spill_at_release(&branch->here);
		spill_at_release(&branch->kept_front);
		buf_release(&branch->control);
	}
	for (i = 0; i < branches->n_names; i++)
		buf_release(&branches->names[i].text);
	spill_room_release(&branches->room);
	free(branches->names);
	free(branches->branch);
	free(branches);
}
