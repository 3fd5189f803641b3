#include "tally.h"

#include <stdlib.h>

#include "duration.h"
#include "groups.h"
#include "groups_order.h"
#include "instant.h"
#include "map.h"
#include "ordered.h"

enum {
	BATCH = 32,
	MAX_DAYS = 4095,      /* 12 bits of a struct groups_edge */
	CACHE = 64,
	PIECE = 4096,         /* groups that a thread says at a time, at most */
	PIECE_TEXT = 64 * PIECE, /* bytes of their texts, more or less */
};

/* What a group of a window that has fired amounted to, before it was corrected. */
struct before {
	uint32_t handle;
	struct groups_amount amount;
};

struct frame {
	int64_t start, end, due; /* seconds, end exclusive */
	struct groups groups;
	uint32_t *fresh;         /* groups that have not been said */
	size_t n_fresh, room_fresh;
	struct before *before;
	size_t n_before, room_before;
	bool is_fired, is_active;
};

struct frames {
	struct frame **p;
	size_t n, room;
};

/* A line that is held back. */
struct pending {
	struct frame *frame;
	uint32_t tag, unit;
	size_t at, n; /* its group in texts */
	struct groups_edge edge;
	struct dec number;
	bool has_value;
};

/* What a thread needs to say something. */
struct voice {
	struct aggregate amount;
	struct buf value, earlier, ref, first, last;
};

struct cached {
	struct period period;
	enum window_fate fate;
	bool is_set;
	struct frame *frame;
	int64_t end; /* of the period, in seconds */
	uint64_t days; /* of an edge, without known */
};

struct tally {
	const struct window_rules *rules;
	struct window_output output;
	struct frames frames; /* by start; owned */
	struct frames active, due;
	struct cached cache[CACHE];
	struct pending pending[BATCH];
	size_t n_pending;
	struct buf texts;
	size_t n_groups;
	struct map *units;
	uint32_t last_unit, first_unit; /* numbers, 0 before the first line */
	bool units_differ;
	struct groups_memory memory;
	struct groups_order order;
	struct voice voice[WINDOW_MAX_THREADS];
	struct ordered ordered;
	int64_t watermark, newest;
	char moment[INSTANT_MAX];
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* Room for one more in a list of things of that size. */
static bool
make_room(void *list, size_t n, size_t *room, size_t size)
{
	void **p = list, *larger;
	size_t more = *room == 0 ? 16 : *room * 2;

	if (n < *room)
		return true;
	if ((larger = realloc(*p, more * size)) == NULL)
		return false;
	*p = larger;
	*room = more;
	return true;
}

bool
tally_fits(const struct window_rules *rules)
{
	const struct span *size = &rules->size, *every = &rules->every;
	const int64_t days = size->months ? size->length * 31 : size->length / DURATION_DAY;
	size_t i;

	if (!rules->all || rules->is_session || rules->over_known || size->months != every->months || size->length != every->length ||
	    days > MAX_DAYS)
		return false;
	for (i = 0; i < rules->n_functions; i++)
		if (rules->function[i] != AGGREGATE_SUM && rules->function[i] != AGGREGATE_COUNT && rules->function[i] != AGGREGATE_MEAN)
			return false;
	return true;
}

struct tally *
tally_new(const struct window_rules *rules, const struct window_output *output)
{
	struct tally *tally = calloc(1, sizeof *tally);

	if (tally == NULL)
		return NULL;
	tally->rules = rules;
	tally->output = *output;
	tally->watermark = tally->newest = INT64_MIN;
	if ((tally->units = map_new()) == NULL) {
		tally_free(tally);
		return NULL;
	}
	return tally;
}

static void
free_frame(struct tally *tally, struct frame *frame)
{
	tally->n_groups -= frame->groups.n;
	groups_release(&frame->groups, &tally->memory);
	free(frame->fresh);
	free(frame->before);
	free(frame);
}

static void
release_voice(struct voice *voice)
{
	buf_release(&voice->value);
	buf_release(&voice->earlier);
	buf_release(&voice->ref);
	buf_release(&voice->first);
	buf_release(&voice->last);
}

void
tally_free(struct tally *tally)
{
	size_t i;

	if (tally == NULL)
		return;
	for (i = 0; i < tally->n_pending; i++)
		packed_drop(tally->pending[i].edge.ref);
	for (i = 0; i < tally->frames.n; i++)
		free_frame(tally, tally->frames.p[i]);
	free(tally->frames.p);
	free(tally->active.p);
	free(tally->due.p);
	map_free(tally->units);
	groups_memory_release(&tally->memory);
	groups_order_release(&tally->order);
	buf_release(&tally->texts);
	ordered_release(&tally->ordered);
	for (i = 0; i < WINDOW_MAX_THREADS; i++)
		release_voice(&tally->voice[i]);
	free(tally);
}

/* ---- what a line does ---- */

static bool
activate(struct tally *tally, struct frame *frame)
{
	if (frame->is_active)
		return true;
	if (!make_room(&tally->active.p, tally->active.n, &tally->active.room, sizeof *tally->active.p))
		return false;
	tally->active.p[tally->active.n++] = frame;
	frame->is_active = true;
	return true;
}

static struct group *
add_group(struct tally *tally, struct frame *frame, struct groups_slot *slot, uint32_t tag, struct str text, struct err *err)
{
	struct group *group;
	uint32_t handle;

	if (tally->n_groups >= tally->rules->max_keys) {
		err_set(err, LODE_ENOMEM, "more than %zu windows and lines to hold (--max-keys)", tally->rules->max_keys);
		return NULL;
	}
	if (!make_room(&frame->fresh, frame->n_fresh, &frame->room_fresh, sizeof *frame->fresh) || !activate(tally, frame) ||
	    (group = groups_add(&frame->groups, &tally->memory, slot, tag, text, &handle)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	frame->fresh[frame->n_fresh++] = handle;
	group->dirty = true; /* it is to be said */
	tally->n_groups++;
	return group;
}

/* Keeps what a group amounted to when it was said. */
static int
remember(struct tally *tally, struct frame *frame, uint32_t handle, struct err *err)
{
	struct group *group = groups_at(&frame->groups, handle);

	if (group->dirty)
		return LODE_OK;
	if (!make_room(&frame->before, frame->n_before, &frame->room_before, sizeof *frame->before) || !activate(tally, frame))
		return out_of_memory(err);
	frame->before[frame->n_before++] = (struct before){ handle, group_amount(group) };
	group->dirty = true;
	return LODE_OK;
}

static struct str
unit_text(const struct tally *tally, uint32_t unit)
{
	return unit == 0 ? (struct str){ "", 0 } : map_at(tally->units, unit - 1)->key;
}

/* The group of a line, which is to be said from now on; an error when its unit is another. NULL on an error. */
static struct group *
take_group(struct tally *tally, const struct pending *line, struct err *err)
{
	const struct str text = { tally->texts.p + line->at, line->n };
	struct groups_slot *slot = groups_find(&line->frame->groups, line->tag, text);
	struct group *group = slot->handle == 0 ? NULL : groups_at(&line->frame->groups, slot->handle - 1);
	struct str theirs, ours;

	if (group == NULL) {
		if ((group = add_group(tally, line->frame, slot, line->tag, text, err)) == NULL)
			return NULL;
	} else if (group_unit(group) == line->unit) {
		return remember(tally, line->frame, slot->handle - 1, err) == LODE_OK ? group : NULL;
	} else {
		theirs = unit_text(tally, group_unit(group));
		ours = unit_text(tally, line->unit);
		if (tally->rules->same_unit && theirs.n != 0) {
			err_set(err, LODE_EDATA, "unit '%.*s' differs from '%.*s' of the same window", STR_ARG(ours), STR_ARG(theirs));
			return NULL;
		}
		if (remember(tally, line->frame, slot->handle - 1, err) != LODE_OK)
			return NULL;
		if (theirs.n != 0)
			return group;
	}
	if (!group_set_unit(group, &tally->memory, line->unit)) {
		out_of_memory(err);
		return NULL;
	}
	return group;
}

/* Takes the line's ref over, whatever it returns. */
static int
place(struct tally *tally, const struct pending *line, struct err *err)
{
	struct group *group = take_group(tally, line, err);

	if (group == NULL || !line->has_value) {
		packed_drop(line->edge.ref);
		return group == NULL ? err->code : LODE_OK;
	}
	if (group_set_edges(group, &tally->memory, &line->edge, err) != LODE_OK)
		return err->code;
	return group_add_number(group, &tally->memory, line->number, err);
}

/* Gives the lines that were held back to their groups. */
static int
flush(struct tally *tally, struct err *err)
{
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < tally->n_pending; i++)
		groups_fetch(&tally->pending[i].frame->groups, tally->pending[i].tag);
	for (i = 0; i < tally->n_pending; i++)
		if (rc == LODE_OK)
			rc = place(tally, &tally->pending[i], err);
		else
			packed_drop(tally->pending[i].edge.ref);
	tally->n_pending = 0;
	tally->texts.n = 0;
	return rc;
}

static size_t
first_not_before(const struct frames *frames, int64_t start)
{
	size_t low = 0, high = frames->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (frames->p[middle]->start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct frame *
get_frame(struct tally *tally, int64_t start, int64_t end, struct err *err)
{
	struct frames *frames = &tally->frames;
	size_t at = first_not_before(frames, start);
	struct frame *frame;

	if (at < frames->n && frames->p[at]->start == start)
		return frames->p[at];
	if (!make_room(&frames->p, frames->n, &frames->room, sizeof *frames->p) || (frame = calloc(1, sizeof *frame)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	if (!groups_grow(&frame->groups, &tally->memory)) {
		free(frame);
		out_of_memory(err);
		return NULL;
	}
	frame->start = start;
	frame->end = end;
	frame->due = end + tally->rules->lateness;
	memmove(frames->p + at + 1, frames->p + at, (frames->n - at) * sizeof *frames->p);
	frames->p[at] = frame;
	frames->n++;
	return frame;
}

static bool
is_late(const struct tally *tally, int64_t due)
{
	const struct window_rules *rules = tally->rules;

	if (!rules->revise)
		return due <= tally->watermark;
	return rules->keep >= 0 && due + rules->keep <= tally->watermark;
}

/* The window of a period: found once, until the clock strikes. */
static int
find_frame(struct tally *tally, struct period period, struct cached *cached, struct err *err)
{
	const struct span *size = &tally->rules->size;
	const int64_t first = period_start(period), last = period_end(period) - 1;
	int64_t low, high, start, end;
	struct frame *frame = NULL;

	*cached = (struct cached){ .period = period, .fate = WINDOW_OUTSIDE };
	span_starts(size, size->length, first * DURATION_DAY, (last + 1) * DURATION_DAY, &low, &high);
	if (low <= high && span_window(size, low, &start, &end)) {
		cached->fate = is_late(tally, end + tally->rules->lateness) ? WINDOW_LATE : WINDOW_TAKEN;
		if (cached->fate == WINDOW_TAKEN && (frame = get_frame(tally, start, end, err)) == NULL)
			return err->code;
		cached->days = (uint64_t)(last - start / DURATION_DAY) << 52 | (uint64_t)(first - start / DURATION_DAY);
	}
	cached->end = (last + 1) * DURATION_DAY;
	cached->frame = frame;
	cached->is_set = true;
	return LODE_OK;
}

static int
find_unit(struct tally *tally, struct str unit, uint32_t *number, struct err *err)
{
	struct map_entry *entry;

	if (tally->last_unit != 0 && str_eq(unit_text(tally, tally->last_unit), unit)) {
		*number = tally->last_unit;
		return LODE_OK;
	}
	if ((entry = map_put(tally->units, unit)) == NULL)
		return out_of_memory(err);
	if (entry->value.number == 0)
		entry->value.number = map_count(tally->units);
	*number = tally->last_unit = (uint32_t)entry->value.number;
	if (tally->first_unit == 0)
		tally->first_unit = *number;
	tally->units_differ |= *number != tally->first_unit;
	return LODE_OK;
}

/* Whether nothing can be wrong with a line that will only be seen later. */
static bool
can_wait(const struct tally *tally, const struct pending *line)
{
	return group_is_plain(line->number) && !(tally->units_differ && tally->rules->same_unit) &&
	    tally->n_groups + BATCH < tally->rules->max_keys;
}

static int
hold(struct tally *tally, const struct window_line *line, const struct cached *cached, struct err *err)
{
	struct pending *pending = &tally->pending[tally->n_pending];
	int rc;

	*pending = (struct pending){ .frame = cached->frame, .at = tally->texts.n, .n = line->group.n, .has_value = line->part.value.n != 0 };
	pending->edge.when = cached->days | (uint64_t)(line->known_s - SPAN_START) << 12;
	pending->number = pending->has_value ? line->part.number : dec_of(0);
	pending->tag = groups_tag(line->group);
	if (find_unit(tally, line->unit, &pending->unit, err) != LODE_OK)
		return err->code;
	if (buf_add_str(&tally->texts, line->group) != LODE_OK)
		return out_of_memory(err);
	if ((rc = packed_put(&tally->memory.refs, line->part.ref, &pending->edge.ref, err)) != LODE_OK)
		return rc;
	tally->n_pending++;
	groups_fetch_slot(&cached->frame->groups, pending->tag);
	return tally->n_pending == BATCH || !can_wait(tally, pending) ? flush(tally, err) : LODE_OK;
}

int
tally_add(struct tally *tally, const struct window_line *line, enum window_fate *fate, struct err *err)
{
	const struct period period = line->period;
	struct cached *cached = &tally->cache[(uint32_t)period.first % CACHE];
	int rc;

	if ((!cached->is_set || cached->period.kind != period.kind || cached->period.first != period.first || cached->period.last != period.last) &&
	    (rc = find_frame(tally, period, cached, err)) != LODE_OK)
		return rc;
	*fate = cached->fate;
	if (cached->fate == WINDOW_TAKEN && (rc = hold(tally, line, cached, err)) != LODE_OK)
		return rc;
	if (cached->end > tally->newest)
		tally->newest = cached->end;
	return LODE_OK;
}

/* ---- what a window says ---- */

/* Where the amount comes from: of many groups one line. */
static int
set_refs(const struct tally *tally, const struct group *group, struct voice *voice, struct err *err)
{
	struct str *first = &voice->amount.first.part.ref, *last = &voice->amount.last.part.ref;

	if (packed_text(&tally->memory.refs, group->first.ref, &voice->first, first, err) != LODE_OK)
		return err->code;
	*last = *first;
	return group->last.ref == group->first.ref ? LODE_OK : packed_text(&tally->memory.refs, group->last.ref, &voice->last, last, err);
}

static int
say(const struct tally *tally, const struct groups_sorted *said, struct window_result *result, struct voice *voice, struct buf *text,
    struct err *err)
{
	const struct group *group = said->group;
	const struct groups_amount *before = said->before;
	const struct groups_amount amount = group_amount(group);
	struct aggregate *now = &voice->amount;
	size_t i;
	int rc = LODE_OK;

	result->group = group_text(group);
	result->unit = unit_text(tally, group_unit(group));
	for (i = 0; rc == LODE_OK && i < tally->rules->n_functions; i++) {
		const enum aggregate_function function = tally->rules->function[i];

		voice->earlier.n = voice->value.n = voice->ref.n = 0;
		if (before != NULL) {
			now->n = before->n;
			now->sum = before->sum;
			rc = aggregate_value(now, function, tally->rules->digits, &voice->earlier, err);
		}
		now->n = amount.n;
		now->sum = amount.sum;
		if (rc == LODE_OK)
			rc = aggregate_value(now, function, tally->rules->digits, &voice->value, err);
		if (rc != LODE_OK || str_eq(buf_str(&voice->value), buf_str(&voice->earlier)))
			continue;
		if ((rc = set_refs(tally, group, voice, err)) != LODE_OK ||
		    (rc = aggregate_ref(now, function, &voice->ref, err)) != LODE_OK)
			break;
		result->function = function;
		result->value = buf_str(&voice->value);
		result->ref = buf_str(&voice->ref);
		rc = tally->output.on_result(tally->output.argument, result, text, err);
	}
	return rc == LODE_EDATA ? err_set(err, LODE_ENOMEM, "the figures of a window need more than 37 digits") : rc;
}

/* What a window says, sorted. */
struct speech {
	struct tally *tally;
	const struct window_result *result; /* what all have in common */
	size_t n, piece; /* groups, in all and at a time */
};

static int
say_piece(void *argument, size_t piece, unsigned thread, struct buf *text, struct err *err)
{
	const struct speech *speech = argument;
	const struct groups_sorted *sorted = speech->tally->order.sorted;
	const size_t start = piece * speech->piece, end = speech->n - start > speech->piece ? start + speech->piece : speech->n;
	struct window_result result = *speech->result;
	size_t i;
	int rc = LODE_OK;

	for (i = start; i < end && rc == LODE_OK; i++) {
		if (i + 8 < end)
			__builtin_prefetch(sorted[i + 8].group);
		sorted[i].group->dirty = false;
		rc = say(speech->tally, &sorted[i], &result, &speech->tally->voice[thread], text, err);
	}
	return rc;
}

static void
give_piece(void *argument, struct str text)
{
	const struct window_output *output = &((const struct speech *)argument)->tally->output;

	output->on_text(output->argument, text);
}

/* All of a window that is new or has changed, in order of the groups. */
static int
speak(struct tally *tally, struct frame *frame, struct str known, struct err *err)
{
	const struct window_rules *rules = tally->rules;
	char own[INSTANT_MAX], period[PERIOD_MAX], extent[SPAN_TEXT_MAX];
	struct window_result result = { .known = known };
	struct speech speech = { .tally = tally, .result = &result, .n = frame->n_fresh + frame->n_before };
	struct ordered_work work = { .threads = rules->n_threads, .make = say_piece, .give = give_piece, .argument = &speech };
	struct groups_order *order = &tally->order;
	size_t i;
	int rc;

	if (!groups_order_begin(order, speech.n))
		return out_of_memory(err);
	for (i = 0; i < frame->n_fresh; i++)
		groups_order_add(order, groups_at(&frame->groups, frame->fresh[i]), NULL);
	for (i = 0; i < frame->n_before; i++)
		groups_order_add(order, groups_at(&frame->groups, frame->before[i].handle), &frame->before[i].amount);
	groups_order_sort(order, &frame->groups);
	if (known.p == NULL) {
		instant_format(frame->due < SPAN_END ? frame->due : SPAN_END - 1, own);
		result.known = (struct str){ own, INSTANT_LENGTH };
	}
	result.period = (struct str){ period, period_format(span_period(&rules->size, frame->start, frame->end), period) };
	result.extent = (struct str){ extent, span_write_days(frame->start, frame->end, extent) };
	speech.piece = speech.n / (order->n_text / PIECE_TEXT + 1) + 1;
	if (speech.piece > PIECE)
		speech.piece = PIECE;
	work.n = (speech.n + speech.piece - 1) / speech.piece;
	rc = ordered_run(&tally->ordered, &work, err);
	free(frame->fresh);
	free(frame->before);
	frame->fresh = NULL;
	frame->before = NULL;
	frame->n_fresh = frame->room_fresh = frame->n_before = frame->room_before = 0;
	frame->is_fired = true;
	return rc;
}

static int
by_start(const void *a, const void *b)
{
	const struct frame *x = *(struct frame *const *)a, *y = *(struct frame *const *)b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Forgets windows that nothing can correct any more. */
static void
forget(struct tally *tally, int64_t by)
{
	const int64_t keep = tally->rules->revise ? tally->rules->keep : 0;
	struct frames *frames = &tally->frames;
	size_t n = 0;

	if (keep < 0)
		return;
	while (n < frames->n && frames->p[n]->is_fired && !frames->p[n]->is_active && frames->p[n]->due + keep <= by)
		free_frame(tally, frames->p[n++]);
	if (n == 0)
		return;
	frames->n -= n;
	memmove(frames->p, frames->p + n, frames->n * sizeof *frames->p);
}

/* Fires what is due by that time; known is what it says, or p NULL: each the time at which it was due. */
static int
fire(struct tally *tally, int64_t by, struct str known, struct err *err)
{
	struct frames *active = &tally->active, *due = &tally->due;
	size_t i, left = 0;
	int rc = LODE_OK;

	for (due->n = 0, i = 0; i < active->n; i++) {
		struct frame *frame = active->p[i];

		if (frame->due > by) {
			active->p[left++] = frame;
			continue;
		}
		if (!make_room(&due->p, due->n, &due->room, sizeof *due->p))
			return out_of_memory(err);
		due->p[due->n++] = frame;
		frame->is_active = false;
	}
	active->n = left;
	if (due->n > 1)
		qsort(due->p, due->n, sizeof *due->p, by_start);
	for (i = 0; i < due->n && rc == LODE_OK; i++)
		rc = speak(tally, due->p[i], known, err);
	if (rc == LODE_OK)
		forget(tally, by);
	return rc;
}

/* The lines of one moment have all been seen. */
static int
end_moment(struct tally *tally, struct err *err)
{
	int rc;

	if (tally->moment[0] == '\0')
		return LODE_OK;
	if ((rc = flush(tally, err)) != LODE_OK)
		return rc;
	if (!tally->rules->clock_known && tally->newest > tally->watermark)
		tally->watermark = tally->newest;
	memset(tally->cache, 0, sizeof tally->cache); /* what was in time may be late now */
	return fire(tally, tally->watermark, (struct str){ tally->moment, INSTANT_LENGTH }, err);
}

int
tally_advance(struct tally *tally, struct str known, int64_t known_s, struct err *err)
{
	int rc;

	if (tally->moment[0] != '\0' && instant_same(tally->moment, known.p))
		return LODE_OK;
	if ((rc = end_moment(tally, err)) != LODE_OK)
		return rc;
	memcpy(tally->moment, known.p, INSTANT_LENGTH);
	if (!tally->rules->clock_known)
		return LODE_OK;
	tally->watermark = known_s;
	return fire(tally, known_s, (struct str){ 0 }, err);
}

int
tally_finish(struct tally *tally, struct err *err)
{
	int rc = end_moment(tally, err);

	return rc == LODE_OK ? fire(tally, INT64_MAX, (struct str){ tally->moment, INSTANT_LENGTH }, err) : rc;
}
