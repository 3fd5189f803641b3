#include "tally.h"

#include <endian.h>
#include <stdlib.h>

#include "duration.h"
#include "instant.h"
#include "map.h"
#include "ordered.h"
#include "packed.h"
#include "slabs.h"


enum {
	BATCH = 32,
	UNIT = 16,            /* of a handle's offset, and the alignment of a group */
	OFFSETS = SLABS_BLOCK / UNIT,
	MAX_CHUNKS = 1 << 20, /* so that a handle has 32 bits */
	MAX_DAYS = 4095,      /* 12 bits of a struct edge */
	MAX_SCALE = 6,        /* of a sum that has 64 bits */
	MAX_UNIT = 255,
	CACHE = 64,
	HEAD = 4,             /* words of a group's text by which it is sorted */
	SMALL = 48,           /* groups that are sorted without ado */
	PIECE = 4096,         /* groups that a thread says at a time, at most */
	PIECE_TEXT = 64 * PIECE, /* bytes of their texts, more or less */
};

/* First or last of a group's lines: in that order by its last day, by known, by its first day, then by ref. */
struct edge {
	uint64_t when; /* last day from the window's start: 12 bits; known: 40 bits; first day: 12 bits */
	uint64_t ref;  /* packed */
};

struct amount {
	struct dec sum;
	uint64_t n; /* of lines with a value */
};

/* What a group has no bits for. */
struct large {
	struct amount amount;
	size_t n_text;
	uint32_t unit;
};

/* Millions of these, so they are small: with a text of up to 16 bytes one line of the cache. */
struct group {
	union {
		int64_t sum; /* * 10^-scale */
		struct large *large; /* when is_large: owned, and instead of n, scale, n_text and unit */
	} u;
	struct edge first, last; /* when there are lines with a value; they may share a text */
	uint32_t n;
	uint16_t n_text;
	uint16_t unit : 8, scale : 6, dirty : 1, is_large : 1;
	char text[];
};

struct slot {
	uint32_t tag, handle; /* of the hash; number of the group + 1, 0 for none */
};

struct chunk {
	char *p;
	bool is_block;
};

/* What a group of a window that has fired amounted to, before it was corrected. */
struct before {
	uint32_t handle;
	struct amount amount;
};

struct frame {
	int64_t start, end, due; /* seconds, end exclusive */
	struct slot *slot;
	size_t n, n_slots;       /* n_slots a power of two */
	struct chunk *chunk;
	size_t n_chunks, room_chunks, used, room; /* of the last chunk, in bytes */
	uint32_t *fresh;         /* groups that have not been said */
	size_t n_fresh, room_fresh;
	struct before *before;
	size_t n_before, room_before;
	uint64_t head[HEAD], differ[HEAD]; /* the beginning of the first text, and the bits in which others were different */
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
	struct edge edge;
	struct dec number;
	bool has_value;
};

struct sorted {
	uint64_t key; /* of the beginnings of the texts, what is not the same in all */
	struct group *group;
	const struct before *before;
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
	bool has_large, units_differ;
	struct packed refs;
	struct slabs slabs;
	struct sorted *sorted, *other;
	size_t room_sorted;
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

/* ---- memory of windows ---- */

static struct group *
group_at(const struct frame *frame, uint32_t handle)
{
	return (struct group *)(void *)(frame->chunk[handle / OFFSETS].p + (size_t)(handle % OFFSETS) * UNIT);
}

static struct str
text_of_group(const struct group *group)
{
	return (struct str){ group->text, group->is_large ? group->u.large->n_text : group->n_text };
}

static struct amount
amount_of(const struct group *group)
{
	if (group->is_large)
		return group->u.large->amount;
	return (struct amount){ { group->u.sum, group->scale }, group->n };
}

static bool
has_lines(const struct group *group)
{
	return group->is_large ? group->u.large->amount.n > 0 : group->n > 0;
}

static uint32_t
unit_of(const struct group *group)
{
	return group->is_large ? group->u.large->unit : group->unit;
}

/* What the bits of the group are too few for is kept apart from now on. NULL without memory. */
static struct large *
enlarge(struct tally *tally, struct group *group)
{
	struct large *large;

	if (group->is_large)
		return group->u.large;
	if ((large = malloc(sizeof *large)) == NULL)
		return NULL;
	*large = (struct large){ amount_of(group), group->n_text, group->unit };
	group->u.large = large;
	group->is_large = true;
	tally->has_large = true;
	return large;
}

/* Makes the last chunk one with room for so many bytes. The first are small: a window may hold one group. */
static bool
add_chunk(struct tally *tally, struct frame *frame, size_t size)
{
	size_t room = frame->n_chunks < 3 ? (size_t)1024 << 2 * frame->n_chunks : SLABS_BLOCK;
	struct chunk chunk = { NULL, false };

	if (frame->n_chunks == MAX_CHUNKS || !make_room(&frame->chunk, frame->n_chunks, &frame->room_chunks, sizeof *frame->chunk))
		return false;
	chunk.is_block = room == SLABS_BLOCK && size <= SLABS_BLOCK;
	room = size > room ? size : room;
	if ((chunk.p = chunk.is_block ? slabs_take(&tally->slabs, 0) : malloc(room)) == NULL)
		return false;
	frame->chunk[frame->n_chunks++] = chunk;
	frame->used = 0;
	frame->room = room > SLABS_BLOCK ? SLABS_BLOCK : room; /* the offset of a second group has no room */
	return true;
}

static struct group *
new_group(struct tally *tally, struct frame *frame, struct str text, uint32_t *handle)
{
	const size_t size = (offsetof(struct group, text) + text.n + UNIT - 1) / UNIT * UNIT;
	struct group *group;

	if ((frame->n_chunks == 0 || frame->room - frame->used < size) && !add_chunk(tally, frame, size))
		return NULL;
	*handle = (uint32_t)((frame->n_chunks - 1) * OFFSETS + frame->used / UNIT);
	group = group_at(frame, *handle);
	frame->used = size > frame->room ? frame->room : frame->used + size;
	memset(group, 0, offsetof(struct group, text));
	if (text.n > 0)
		memcpy(group->text, text.p, text.n);
	group->n_text = (uint16_t)text.n;
	if (text.n <= UINT16_MAX)
		return group;
	if (enlarge(tally, group) == NULL)
		return NULL;
	group->u.large->n_text = text.n;
	return group;
}

static void
free_slots(struct tally *tally, struct frame *frame)
{
	int size = slabs_size(frame->n_slots * sizeof *frame->slot);

	if (size >= 0)
		slabs_give(&tally->slabs, frame->slot, size);
	else
		free(frame->slot);
}

static bool
grow_slots(struct tally *tally, struct frame *frame)
{
	size_t n_slots = frame->n_slots == 0 ? 16 : frame->n_slots * 2, i, at;
	int size = slabs_size(n_slots * sizeof *frame->slot);
	struct slot *slot = size >= 0 ? slabs_take(&tally->slabs, size) : calloc(n_slots, sizeof *slot);

	if (slot == NULL)
		return false;
	if (size >= 0)
		memset(slot, 0, n_slots * sizeof *slot);
	for (i = 0; i < frame->n_slots; i++) {
		if (frame->slot[i].handle == 0)
			continue;
		for (at = frame->slot[i].tag & (n_slots - 1); slot[at].handle != 0; at = (at + 1) & (n_slots - 1))
			;
		slot[at] = frame->slot[i];
	}
	free_slots(tally, frame);
	frame->slot = slot;
	frame->n_slots = n_slots;
	return true;
}

static void
free_frame(struct tally *tally, struct frame *frame)
{
	const bool has_owned = tally->has_large || tally->refs.has_texts;
	struct group *group;
	size_t i;

	for (i = 0; has_owned && i < frame->n_slots; i++) {
		if (frame->slot[i].handle == 0)
			continue;
		group = group_at(frame, frame->slot[i].handle - 1);
		if (has_lines(group) && group->first.ref != group->last.ref)
			packed_drop(group->first.ref);
		if (has_lines(group))
			packed_drop(group->last.ref);
		if (group->is_large)
			free(group->u.large);
	}
	for (i = 0; i < frame->n_chunks; i++) {
		if (frame->chunk[i].is_block)
			slabs_give(&tally->slabs, frame->chunk[i].p, 0);
		else
			free(frame->chunk[i].p);
	}
	tally->n_groups -= frame->n;
	free_slots(tally, frame);
	free(frame->chunk);
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
	packed_release(&tally->refs);
	slabs_release(&tally->slabs);
	free(tally->sorted);
	free(tally->other);
	buf_release(&tally->texts);
	ordered_release(&tally->ordered);
	for (i = 0; i < WINDOW_MAX_THREADS; i++)
		release_voice(&tally->voice[i]);
	free(tally);
}

/* ---- what a line does ---- */

static int
compare_edges(struct tally *tally, const struct edge *a, const struct edge *b, int *order, struct err *err)
{
	*order = (a->when > b->when) - (a->when < b->when);
	return *order != 0 ? LODE_OK : packed_compare(&tally->refs, a->ref, b->ref, order, err);
}

/* Takes the line's ref over. */
static int
set_edges(struct tally *tally, struct group *group, const struct edge *edge, struct err *err)
{
	int first = -1, last = 1;
	const bool any = has_lines(group), owned = any && group->first.ref != group->last.ref; /* each for itself */

	if (any && (compare_edges(tally, edge, &group->first, &first, err) != LODE_OK ||
	    compare_edges(tally, edge, &group->last, &last, err) != LODE_OK)) {
		packed_drop(edge->ref);
		return err->code;
	}
	if (first >= 0 && last <= 0)
		packed_drop(edge->ref);
	if (first < 0) {
		if (owned)
			packed_drop(group->first.ref);
		group->first = *edge;
	}
	if (last > 0) {
		if (owned)
			packed_drop(group->last.ref);
		group->last = *edge;
	}
	return LODE_OK;
}

/* Numbers that can be added a thousand million times without a thought. */
static bool
is_plain(struct dec number)
{
	return number.scale <= MAX_SCALE && number.mantissa < INT64_MAX && number.mantissa > INT64_MIN;
}

/* Adds within 64 bits; false when they are too few, and nothing has changed. */
static bool
add_small(struct group *group, struct dec number)
{
	static const int64_t power[MAX_SCALE + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	int scale = group->scale;
	int64_t sum = group->u.sum, more = (int64_t)number.mantissa;

	if (group->is_large || group->n == UINT32_MAX || !is_plain(number))
		return false;
	if (number.scale > scale) {
		if (__builtin_mul_overflow(sum, power[number.scale - scale], &sum))
			return false;
		scale = number.scale;
	} else if (number.scale < scale && __builtin_mul_overflow(more, power[scale - number.scale], &more)) {
		return false;
	}
	if (__builtin_add_overflow(sum, more, &sum))
		return false;
	group->u.sum = sum;
	group->scale = (unsigned)scale & 63;
	group->n++;
	return true;
}

static int
add_number(struct tally *tally, struct group *group, struct dec number, struct err *err)
{
	struct amount *amount;
	struct large *large;

	if (add_small(group, number))
		return LODE_OK;
	if ((large = enlarge(tally, group)) == NULL)
		return out_of_memory(err);
	amount = &large->amount;
	if (dec_add(amount->sum, number, &amount->sum, err) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "the figures of a window need more than 37 digits");
	amount->n++;
	return LODE_OK;
}

/* Where the group is, or where it belongs. */
static struct slot *
find_slot(const struct frame *frame, uint32_t tag, struct str text)
{
	const size_t mask = frame->n_slots - 1;
	size_t at;

	for (at = tag & mask; frame->slot[at].handle != 0; at = (at + 1) & mask)
		if (frame->slot[at].tag == tag && str_eq(text_of_group(group_at(frame, frame->slot[at].handle - 1)), text))
			break;
	return &frame->slot[at];
}

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

/* The word of a text at that byte, as a number that is in the order of texts. */
static uint64_t
word_at(struct str text, size_t at)
{
	uint64_t word = 0;

	if (text.n >= at + sizeof word)
		memcpy(&word, text.p + at, sizeof word);
	else if (text.n > at)
		memcpy(&word, text.p + at, text.n - at);
	return htobe64(word);
}

static struct group *
add_group(struct tally *tally, struct frame *frame, struct slot *slot, uint32_t tag, struct str text, struct err *err)
{
	struct group *group;
	uint32_t handle;
	size_t i;

	if (tally->n_groups >= tally->rules->max_keys) {
		err_set(err, LODE_ENOMEM, "more than %zu windows and lines to hold (--max-keys)", tally->rules->max_keys);
		return NULL;
	}
	if (4 * frame->n >= 3 * frame->n_slots) {
		if (!grow_slots(tally, frame)) {
			out_of_memory(err);
			return NULL;
		}
		slot = find_slot(frame, tag, text);
	}
	if (!make_room(&frame->fresh, frame->n_fresh, &frame->room_fresh, sizeof *frame->fresh) || !activate(tally, frame) ||
	    (group = new_group(tally, frame, text, &handle)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	*slot = (struct slot){ tag, handle + 1 };
	frame->fresh[frame->n_fresh++] = handle;
	group->dirty = true; /* it is to be said */
	for (i = 0; i < HEAD; i++) {
		if (frame->n == 0)
			frame->head[i] = word_at(text, 8 * i);
		frame->differ[i] |= word_at(text, 8 * i) ^ frame->head[i];
	}
	frame->n++;
	tally->n_groups++;
	return group;
}

/* Keeps what a group amounted to when it was said. */
static int
remember(struct tally *tally, struct frame *frame, uint32_t handle, struct err *err)
{
	struct group *group = group_at(frame, handle);

	if (group->dirty)
		return LODE_OK;
	if (!make_room(&frame->before, frame->n_before, &frame->room_before, sizeof *frame->before) || !activate(tally, frame))
		return out_of_memory(err);
	frame->before[frame->n_before++] = (struct before){ handle, amount_of(group) };
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
	struct slot *slot = find_slot(line->frame, line->tag, text);
	struct group *group = slot->handle == 0 ? NULL : group_at(line->frame, slot->handle - 1);
	struct str theirs, ours;

	if (group == NULL) {
		if ((group = add_group(tally, line->frame, slot, line->tag, text, err)) == NULL)
			return NULL;
	} else if (unit_of(group) == line->unit) {
		return remember(tally, line->frame, slot->handle - 1, err) == LODE_OK ? group : NULL;
	} else {
		theirs = unit_text(tally, unit_of(group));
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
	if (line->unit <= MAX_UNIT && !group->is_large) {
		group->unit = line->unit & MAX_UNIT;
	} else if (enlarge(tally, group) == NULL) {
		out_of_memory(err);
		return NULL;
	} else {
		group->u.large->unit = line->unit;
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
	if (set_edges(tally, group, &line->edge, err) != LODE_OK)
		return err->code;
	return add_number(tally, group, line->number, err);
}

/* Gives the lines that were held back to their groups. */
static int
flush(struct tally *tally, struct err *err)
{
	const struct pending *line;
	const struct frame *frame;
	const struct group *group;
	size_t i, at;
	int rc = LODE_OK;

	for (i = 0; i < tally->n_pending; i++) {
		line = &tally->pending[i];
		frame = line->frame;
		for (at = line->tag & (frame->n_slots - 1); frame->slot[at].handle != 0 && frame->slot[at].tag != line->tag;)
			at = (at + 1) & (frame->n_slots - 1);
		if (frame->slot[at].handle != 0) {
			group = group_at(frame, frame->slot[at].handle - 1);
			__builtin_prefetch(group, 1);
			__builtin_prefetch((const char *)group + 63, 1);
		}
	}
	for (i = 0; i < tally->n_pending; i++)
		if (rc == LODE_OK)
			rc = place(tally, &tally->pending[i], err);
		else
			packed_drop(tally->pending[i].edge.ref);
	tally->n_pending = 0;
	tally->texts.n = 0;
	return rc;
}

/* Eight bytes a step, the last ones over those before. */
static uint32_t
tag_of(struct str text)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t hash = text.n * odd, word = 0;
	size_t i;

	for (i = 0; i + 8 < text.n; i += 8) {
		memcpy(&word, text.p + i, 8);
		hash = (hash ^ word) * odd;
		hash ^= hash >> 29;
	}
	if (text.n >= 8)
		memcpy(&word, text.p + text.n - 8, 8);
	else
		memcpy(&word, text.p, text.n);
	hash = (hash ^ word) * odd;
	hash = (hash ^ hash >> 32) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(hash >> 32);
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
	if (!grow_slots(tally, frame)) {
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
	return is_plain(line->number) && !(tally->units_differ && tally->rules->same_unit) &&
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
	pending->tag = tag_of(line->group);
	if (find_unit(tally, line->unit, &pending->unit, err) != LODE_OK)
		return err->code;
	if (buf_add_str(&tally->texts, line->group) != LODE_OK)
		return out_of_memory(err);
	if ((rc = packed_put(&tally->refs, line->part.ref, &pending->edge.ref, err)) != LODE_OK)
		return rc;
	tally->n_pending++;
	__builtin_prefetch(&cached->frame->slot[pending->tag & (cached->frame->n_slots - 1)]);
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

static int
by_text(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return str_cmp(text_of_group(x->group), text_of_group(y->group));
}

/* Where the beginnings of a window's texts are different: up to 64 bits in all, from the first byte on. */
struct squeeze {
	unsigned n, bits;
	struct {
		uint8_t word, shift, width;
	} byte[8 * HEAD];
};

static void
squeeze_init(struct squeeze *squeeze, const uint64_t differ[HEAD])
{
	unsigned i, shift, byte, width, low;

	*squeeze = (struct squeeze){ 0 };
	for (i = 0; i < 8 * HEAD; i++) {
		shift = 56 - i % 8 * 8;
		if ((byte = differ[i / 8] >> shift & 0xff) == 0)
			continue;
		low = (unsigned)__builtin_ctz(byte);
		width = 32 - (unsigned)__builtin_clz(byte) - low;
		if (squeeze->bits + width > 64)
			return;
		squeeze->byte[squeeze->n].word = (uint8_t)(i / 8);
		squeeze->byte[squeeze->n].shift = (uint8_t)(shift + low);
		squeeze->byte[squeeze->n++].width = (uint8_t)width;
		squeeze->bits += width;
	}
}

static uint64_t
squeeze_key(const struct squeeze *squeeze, struct str text)
{
	uint64_t word[HEAD], key = 0;
	unsigned i;

	for (i = 0; i < HEAD; i++)
		word[i] = word_at(text, 8 * i);
	for (i = 0; i < squeeze->n; i++)
		key = key << squeeze->byte[i].width | (word[squeeze->byte[i].word] >> squeeze->byte[i].shift & ((1u << squeeze->byte[i].width) - 1));
	return key;
}

/* Byte by byte of the keys from the last; then what is alike in these. */
static void
sort_groups(struct tally *tally, size_t n, unsigned bits)
{
	struct sorted *from = tally->sorted, *to = tally->other, *swap;
	size_t count[256], sum, i, k, run;
	unsigned shift;

	if (n <= SMALL) {
		qsort(from, n, sizeof *from, by_text);
		return;
	}
	for (shift = 0; shift < bits; shift += 8) {
		memset(count, 0, sizeof count);
		for (i = 0; i < n; i++)
			count[from[i].key >> shift & 0xff]++;
		for (sum = 0, k = 0; k < 256; k++) {
			sum += count[k];
			count[k] = sum - count[k];
		}
		for (i = 0; i < n; i++)
			to[count[from[i].key >> shift & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	for (i = 0; i < n; i = run) {
		for (run = i + 1; run < n && from[run].key == from[i].key;)
			run++;
		if (run > i + 1)
			qsort(from + i, run - i, sizeof *from, by_text);
	}
	tally->sorted = from;
	tally->other = to;
}

static bool
reserve_sorted(struct tally *tally, size_t n)
{
	struct sorted *larger;

	if (n <= tally->room_sorted)
		return true;
	n += n / 2;
	if ((larger = realloc(tally->sorted, n * sizeof *larger)) == NULL)
		return false;
	tally->sorted = larger;
	if ((larger = realloc(tally->other, n * sizeof *larger)) == NULL)
		return false;
	tally->other = larger;
	tally->room_sorted = n;
	return true;
}

/* Where the amount comes from: of many groups one line. */
static int
set_refs(const struct tally *tally, const struct group *group, struct voice *voice, struct err *err)
{
	struct str *first = &voice->amount.first.part.ref, *last = &voice->amount.last.part.ref;

	if (packed_text(&tally->refs, group->first.ref, &voice->first, first, err) != LODE_OK)
		return err->code;
	*last = *first;
	return group->last.ref == group->first.ref ? LODE_OK : packed_text(&tally->refs, group->last.ref, &voice->last, last, err);
}

static int
say(const struct tally *tally, const struct sorted *said, struct window_result *result, struct voice *voice, struct buf *text,
    struct err *err)
{
	const struct group *group = said->group;
	const struct before *before = said->before;
	const struct amount amount = amount_of(group);
	struct aggregate *now = &voice->amount;
	size_t i;
	int rc = LODE_OK;

	result->group = text_of_group(group);
	result->unit = unit_text(tally, unit_of(group));
	for (i = 0; rc == LODE_OK && i < tally->rules->n_functions; i++) {
		const enum aggregate_function function = tally->rules->function[i];

		voice->earlier.n = voice->value.n = voice->ref.n = 0;
		if (before != NULL) {
			now->n = before->amount.n;
			now->sum = before->amount.sum;
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
	const struct sorted *sorted = speech->tally->sorted;
	const size_t start = piece * speech->piece, end = speech->n - start > speech->piece ? start + speech->piece : speech->n;
	struct window_result result = *speech->result;
	size_t i;
	int rc = LODE_OK;

	for (i = start; i < end && rc == LODE_OK; i++) {
		if (i + 8 < end)
			__builtin_prefetch(sorted[i + 8].group);
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
	struct squeeze squeeze;
	size_t n = 0, n_text = 0, i;
	int rc;

	if (!reserve_sorted(tally, speech.n))
		return out_of_memory(err);
	for (i = 0; i < frame->n_fresh; i++)
		tally->sorted[n++] = (struct sorted){ .group = group_at(frame, frame->fresh[i]) };
	for (i = 0; i < frame->n_before; i++)
		tally->sorted[n++] = (struct sorted){ .group = group_at(frame, frame->before[i].handle), .before = &frame->before[i] };
	squeeze_init(&squeeze, frame->differ);
	for (i = 0; i < n; i++) {
		tally->sorted[i].key = squeeze_key(&squeeze, text_of_group(tally->sorted[i].group));
		tally->sorted[i].group->dirty = false;
		n_text += text_of_group(tally->sorted[i].group).n;
	}
	sort_groups(tally, n, squeeze.bits);
	if (known.p == NULL) {
		instant_format(frame->due < SPAN_END ? frame->due : SPAN_END - 1, own);
		result.known = (struct str){ own, INSTANT_LENGTH };
	}
	result.period = (struct str){ period, period_format(span_period(&rules->size, frame->start, frame->end), period) };
	result.extent = (struct str){ extent, span_write_days(frame->start, frame->end, extent) };
	speech.piece = n / (n_text / PIECE_TEXT + 1) + 1;
	if (speech.piece > PIECE)
		speech.piece = PIECE;
	work.n = (n + speech.piece - 1) / speech.piece;
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
