#include "window_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "span.h"

/* Keys of the state: a word, a tab, the window's serial; of a line then its series and its period, a tab before each. */
#define WINDOW "window"
#define LINE "line"
#define CLOCK "clock"

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

bool
window_store_init(struct window_store *store, const struct window_rules *rules)
{
	*store = (struct window_store){ .rules = rules, .watermark = INT64_MIN, .newest = INT64_MIN, .ended = INT64_MIN, .windows = keyed_new(),
		.items = keyed_new() };
	return store->windows != NULL && store->items != NULL;
}

static void
release_window(struct window *window)
{
	aggregate_release(&window->running);
	buf_release(&window->unit);
	buf_release(&window->said);
}

void
window_store_release(struct window_store *store)
{
	struct keyed_entry *entry;

	for (entry = store->items == NULL ? NULL : keyed_oldest(store->items); entry != NULL; entry = entry->newer)
		free(((struct window_item *)entry)->texts);
	for (entry = store->windows == NULL ? NULL : keyed_oldest(store->windows); entry != NULL; entry = entry->newer)
		release_window((struct window *)entry);
	keyed_free(store->items);
	keyed_free(store->windows);
	free(store->heap.p);
	free(store->dirty.p);
	free(store->changed.p);
	free(store->changed_items.p);
	free(store->restored.p);
	buf_release(&store->key);
}

int
window_list_push(struct window_list *list, void *pointer, struct err *err)
{
	size_t room = list->room == 0 ? 64 : list->room * 2;
	void **p;

	if (list->n == list->room) {
		if ((p = realloc(list->p, room * sizeof *p)) == NULL)
			return out_of_memory(err);
		list->p = p;
		list->room = room;
	}
	list->p[list->n++] = pointer;
	return LODE_OK;
}

/* ---- by when they are due ---- */

static int64_t
queued(const struct window_store *store, size_t i)
{
	return ((const struct window *)store->heap.p[i])->queued;
}

int
window_store_enqueue(struct window_store *store, struct window *window, struct err *err)
{
	void **p;
	size_t i;

	window->queued = window->due;
	if (window_list_push(&store->heap, window, err) != LODE_OK)
		return err->code;
	p = store->heap.p;
	for (i = store->heap.n - 1; i > 0 && queued(store, (i - 1) / 2) > window->queued; i = (i - 1) / 2)
		p[i] = p[(i - 1) / 2];
	p[i] = window;
	return LODE_OK;
}

struct window *
window_store_dequeue(struct window_store *store)
{
	void **p = store->heap.p;
	struct window *top = p[0], *last = p[--store->heap.n];
	size_t n = store->heap.n, i = 0, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && queued(store, child + 1) < queued(store, child))
			child++;
		if (queued(store, child) >= last->queued)
			break;
		p[i] = p[child];
		i = child;
	}
	p[i] = last;
	return top;
}

int64_t
window_store_due(const struct window_store *store, const struct window *window)
{
	const struct window_rules *rules = store->rules;
	int64_t due = window->end + rules->lateness + (rules->is_session ? rules->gap : 0);

	if (!window->fired)
		return due;
	return rules->keep >= 0 ? due + rules->keep : INT64_MAX;
}

/* ---- by key ---- */

static int
window_key(struct window_store *store, char kind, int64_t start, struct str group, struct err *err)
{
	store->key.n = 0;
	if (buf_add(&store->key, &kind, 1) != LODE_OK || buf_add(&store->key, &start, sizeof start) != LODE_OK ||
	    buf_add_str(&store->key, group) != LODE_OK)
		return out_of_memory(err);
	return LODE_OK;
}

int
window_store_find(struct window_store *store, char kind, int64_t start, struct str group, struct window **window, struct err *err)
{
	if (window_key(store, kind, start, group, err) != LODE_OK)
		return err->code;
	*window = keyed_find(store->windows, buf_str(&store->key));
	return LODE_OK;
}

static int
check_room(const struct window_store *store, struct err *err)
{
	if (keyed_count(store->windows) + keyed_count(store->items) < store->rules->max_keys)
		return LODE_OK;
	return err_set(err, LODE_ENOMEM, "more than %zu windows and lines to hold (--max-keys)", store->rules->max_keys);
}

static struct window *
make_window(struct window_store *store, char kind, struct str group, int64_t start, int64_t end, struct err *err)
{
	struct window *window;

	if (window_key(store, kind, store->rules->is_session ? 0 : start, group, err) != LODE_OK)
		return NULL;
	if ((window = keyed_add(store->windows, buf_str(&store->key), sizeof *window)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	window->start = start;
	window->end = end;
	window->running.owns = true;
	return window;
}

struct window *
window_store_add(struct window_store *store, char kind, struct str group, int64_t start, int64_t end, struct err *err)
{
	struct window *window;

	if (check_room(store, err) != LODE_OK || (window = make_window(store, kind, group, start, end, err)) == NULL)
		return NULL;
	window->serial = ++store->serial;
	window->due = window_store_due(store, window);
	return window_store_enqueue(store, window, err) == LODE_OK && window_store_changed(store, window, err) == LODE_OK ? window : NULL;
}

void
window_store_weigh(struct window *window, struct window *weights)
{
	window->weights = weights->serial;
	window->next = weights->weighed;
	weights->weighed = window;
}

static int
item_key(struct window_store *store, uint64_t serial, struct str series, struct str period, struct err *err)
{
	store->key.n = 0;
	if (buf_add(&store->key, &serial, sizeof serial) != LODE_OK || buf_add_str(&store->key, series) != LODE_OK ||
	    (period.n != 0 && (buf_add(&store->key, "\t", 1) != LODE_OK || buf_add_str(&store->key, period) != LODE_OK)))
		return out_of_memory(err);
	return LODE_OK;
}

int
window_store_find_item(struct window_store *store, uint64_t serial, struct str series, struct str period, struct window_item **item,
    struct err *err)
{
	if (item_key(store, serial, series, period, err) != LODE_OK)
		return err->code;
	*item = keyed_find(store->items, buf_str(&store->key));
	return LODE_OK;
}

int
window_store_find_pair(struct window_store *store, uint64_t serial, struct str pair, struct window_item **item, struct err *err)
{
	return window_store_find_item(store, serial, pair, (struct str){ 0 }, item, err);
}

static struct window_item *
make_item(struct window_store *store, struct window *window, struct str series, struct str period, enum period_kind kind, struct err *err)
{
	struct window_item *item;

	if (item_key(store, window->serial, series, period, err) != LODE_OK)
		return NULL;
	if ((item = keyed_add(store->items, buf_str(&store->key), sizeof *item)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	item->n_series = series.n;
	window->mixed |= kind == PERIOD_SPAN || (window->items != NULL && kind != window->kind);
	window->has_span |= kind == PERIOD_SPAN;
	window->kind = window->items == NULL ? kind : window->kind;
	item->next = window->items;
	window->items = item;
	return item;
}

struct window_item *
window_store_add_item(struct window_store *store, struct window *window, struct str series, struct str period, enum period_kind kind,
    struct err *err)
{
	return check_room(store, err) == LODE_OK ? make_item(store, window, series, period, kind, err) : NULL;
}

int
window_item_set_texts(struct window_item *item, const struct part *part, struct str weight_series, struct err *err)
{
	const struct str text[] = { part->known, part->value, part->ref, weight_series, STR("\t"), part->period };
	size_t n = part->known.n + part->value.n + part->ref.n + weight_series.n + 1 + part->period.n, i;
	char *texts = malloc(n), *at = texts;

	if (texts == NULL) {
		item->n_known = item->n_value = item->n_ref = item->n_pair = 0;
		return out_of_memory(err);
	}
	for (i = 0; i < 6; at += text[i++].n)
		if (text[i].n != 0)
			memcpy(at, text[i].p, text[i].n);
	free(item->texts);
	item->texts = texts;
	item->n_known = part->known.n;
	item->n_value = part->value.n;
	item->n_ref = part->ref.n;
	item->n_pair = weight_series.n + 1 + part->period.n;
	return LODE_OK;
}

/* The key without the serial: series, a tab, period. */
static struct str
own_key(const struct window_item *item)
{
	return (struct str){ item->entry.key.p + sizeof(uint64_t), item->entry.key.n - sizeof(uint64_t) };
}

void
window_store_part(const struct window_store *store, const struct window_item *item, struct part *part)
{
	const char *p = item->texts;

	*part = (struct part){ .first = item->first, .last = item->last, .number = item->number, .line = item->line };
	part->at = store->rules->over_known ? 0 : item->last;
	part->series = (struct str){ own_key(item).p, item->n_series };
	part->period = (struct str){ own_key(item).p + item->n_series + 1, own_key(item).n - item->n_series - 1 };
	part->known = (struct str){ p, item->n_known };
	part->value = (struct str){ p + item->n_known, item->n_value };
	part->ref = (struct str){ p + item->n_known + item->n_value, item->n_ref };
}

/* ---- as state ---- */

static int
note(struct window_store *store, struct window_list *list, struct window_kept *kept, void *pointer, struct err *err)
{
	if (store->state == NULL || kept->changed != 0)
		return LODE_OK;
	if (window_list_push(list, pointer, err) != LODE_OK)
		return err->code;
	kept->changed = list->n;
	return LODE_OK;
}

int
window_store_changed(struct window_store *store, struct window *window, struct err *err)
{
	return note(store, &store->changed, &window->kept, window, err);
}

int
window_store_line_changed(struct window_store *store, struct window_item *item, struct err *err)
{
	return note(store, &store->changed_items, &item->kept, item, err);
}

static int
line_name(struct window_store *store, const struct window_item *item, struct err *err)
{
	uint64_t serial;

	memcpy(&serial, item->entry.key.p, sizeof serial);
	store->key.n = 0;
	if (buf_printf(&store->key, "%" PRIu64 "\t", serial) != LODE_OK || buf_add_str(&store->key, own_key(item)) != LODE_OK)
		return out_of_memory(err);
	return LODE_OK;
}

static int
window_name(struct window_store *store, const struct window *window, struct err *err)
{
	store->key.n = 0;
	return buf_printf(&store->key, "%" PRIu64, window->serial) == LODE_OK ? LODE_OK : out_of_memory(err);
}

/* It is not in the state any more. */
static int
drop(struct window_store *store, struct window_list *list, struct window_kept *kept, const char *word, struct err *err)
{
	if (kept->changed != 0)
		list->p[kept->changed - 1] = NULL;
	kept->changed = 0;
	return kept->order == 0 ? LODE_OK : state_drop_as(store->state, word, buf_str(&store->key), err);
}

static int
drop_item(struct window_store *store, struct window_item *item, struct err *err)
{
	if (store->state == NULL)
		return LODE_OK;
	return line_name(store, item, err) == LODE_OK ? drop(store, &store->changed_items, &item->kept, LINE, err) : err->code;
}

static int
drop_window(struct window_store *store, struct window *window, struct err *err)
{
	if (store->state == NULL)
		return LODE_OK;
	return window_name(store, window, err) == LODE_OK ? drop(store, &store->changed, &window->kept, WINDOW, err) : err->code;
}

int
window_store_join(struct window_store *store, struct window *into, struct window *from, struct err *err)
{
	struct window_item *item, *copy, *next;
	struct keyed_entry entry;

	for (item = from->items; item != NULL; item = next) {
		next = item->next;
		if (drop_item(store, item, err) != LODE_OK || item_key(store, into->serial, own_key(item), (struct str){ 0 }, err) != LODE_OK)
			return err->code;
		if ((copy = keyed_add(store->items, buf_str(&store->key), sizeof *copy)) == NULL)
			return out_of_memory(err);
		entry = copy->entry;
		*copy = *item;
		copy->entry = entry;
		copy->kept = (struct window_kept){ 0 };
		copy->next = into->items;
		into->items = copy;
		from->items = next;
		keyed_remove(store->items, item);
		if (window_store_line_changed(store, copy, err) != LODE_OK)
			return err->code;
	}
	into->mixed |= from->mixed || into->kind != from->kind;
	into->has_span |= from->has_span;
	into->start = from->start < into->start ? from->start : into->start;
	into->end = from->end > into->end ? from->end : into->end;
	from->dead = true;
	if (drop_window(store, from, err) != LODE_OK)
		return err->code;
	from->kept.order = 0;
	return aggregate_merge(&into->running, &from->running, err);
}

int
window_store_forget(struct window_store *store, struct window *window, struct err *err)
{
	struct window_item *item, *next;

	for (item = window->items; item != NULL; item = next) {
		next = item->next;
		if (drop_item(store, item, err) != LODE_OK)
			return err->code;
		free(item->texts);
		keyed_remove(store->items, item);
		window->items = next;
	}
	if (drop_window(store, window, err) != LODE_OK)
		return err->code;
	release_window(window);
	keyed_remove(store->windows, window);
	return LODE_OK;
}

enum { FIRED = 1, DIRTY = 2, WEIGHS = 4 };         /* of a window */
enum { STATE = 3, LAST = 4, TOLD = 8, LACKS = 16 }; /* of a line */

static int
keep_window(struct window_store *store, struct window *window, struct buf *value, struct err *err)
{
	const size_t head = 1 + sizeof(int64_t);
	struct str key = window->entry.key, group = { key.p + head, key.n - head };
	int64_t flags = (window->fired ? FIRED : 0) | (window->dirty ? DIRTY : 0) | (key.p[0] == WINDOW_WEIGHTS ? WEIGHS : 0);

	if (state_add_number(value, flags, err) != LODE_OK || state_add_number(value, window->start, err) != LODE_OK ||
	    state_add_number(value, window->end, err) != LODE_OK || state_add_number(value, (int64_t)window->weights, err) != LODE_OK ||
	    state_add_text(value, group, err) != LODE_OK || state_add_text(value, buf_str(&window->unit), err) != LODE_OK ||
	    state_add_text(value, buf_str(&window->said), err) != LODE_OK || aggregate_keep(&window->running, value, err) != LODE_OK ||
	    window_name(store, window, err) != LODE_OK)
		return err->code;
	return state_put_as(store->state, WINDOW, buf_str(&store->key), buf_str(value), &window->kept.order, err);
}

static int
keep_item(struct window_store *store, struct window_item *item, struct buf *value, struct err *err)
{
	int64_t flags = (int64_t)item->state | (item->is_last ? LAST : 0) | (item->told ? TOLD : 0) | (item->lacks_weight ? LACKS : 0);
	struct str pair = window_item_pair(item);
	struct part part;

	window_store_part(store, item, &part);
	pair.n -= part.period.n + 1;
	if (state_add_number(value, flags, err) != LODE_OK || state_add_number(value, (int64_t)item->line, err) != LODE_OK ||
	    state_add_text(value, part.known, err) != LODE_OK || state_add_text(value, part.value, err) != LODE_OK ||
	    state_add_text(value, part.ref, err) != LODE_OK || state_add_text(value, pair, err) != LODE_OK ||
	    line_name(store, item, err) != LODE_OK)
		return err->code;
	return state_put_as(store->state, LINE, buf_str(&store->key), buf_str(value), &item->kept.order, err);
}

static int
keep_clock(struct window_store *store, struct buf *value, struct err *err)
{
	if (state_add_number(value, store->watermark, err) != LODE_OK || state_add_number(value, store->newest, err) != LODE_OK ||
	    state_add_number(value, store->ended, err) != LODE_OK || state_add_text(value, str_of(store->moment), err) != LODE_OK)
		return err->code;
	return state_put(store->state, STR(CLOCK), buf_str(value), NULL, err);
}

int
window_store_checkpoint(struct window_store *store, struct err *err)
{
	struct buf value = BUF_INIT;
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < store->changed.n && rc == LODE_OK; i++) {
		struct window *window = store->changed.p[i];

		value.n = 0;
		if (window != NULL && (rc = keep_window(store, window, &value, err)) == LODE_OK)
			window->kept.changed = 0;
	}
	for (i = 0; i < store->changed_items.n && rc == LODE_OK; i++) {
		struct window_item *item = store->changed_items.p[i];

		value.n = 0;
		if (item != NULL && (rc = keep_item(store, item, &value, err)) == LODE_OK)
			item->kept.changed = 0;
	}
	store->changed.n = store->changed_items.n = 0;
	value.n = 0;
	if (rc == LODE_OK)
		rc = keep_clock(store, &value, err);
	buf_release(&value);
	return rc;
}

/* A window that has been restored; they come by serial. */
static struct window *
restored(const struct window_store *store, uint64_t serial)
{
	size_t low = 0, high = store->restored.n, middle;

	while (low < high) {
		struct window *window = store->restored.p[middle = (low + high) / 2];

		if (window->serial == serial)
			return window;
		if (window->serial < serial)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The number ahead of a tab or the end of *rest. */
static bool
next_serial(struct str *rest, uint64_t *serial)
{
	struct str word;
	int64_t number;

	if (!str_split(rest, '\t', &word) || !state_read_number(word, &number) || number <= 0)
		return false;
	*serial = (uint64_t)number;
	return true;
}

static int
restore_window(struct window_store *store, const struct state_entry *entry, struct str name, struct err *err)
{
	struct str rest = entry->value, group, unit, said;
	struct window *window, *weights;
	int64_t flags, start, end, by;
	uint64_t serial;
	int rc;

	if (!next_serial(&name, &serial) || serial <= store->serial || !state_next_number(&rest, &flags) || !state_next_number(&rest, &start) ||
	    !state_next_number(&rest, &end) || !state_next_number(&rest, &by) || !state_next_text(&rest, &group) ||
	    !state_next_text(&rest, &unit) || !state_next_text(&rest, &said) || start < SPAN_START || start >= end || end > SPAN_END ||
	    (flags & DIRTY && !(flags & FIRED)))
		return state_refuse(entry, err);
	if ((window = make_window(store, flags & WEIGHS ? WINDOW_WEIGHTS : WINDOW_FIGURES, group, start, end, err)) == NULL)
		return err->code;
	store->serial = window->serial = serial;
	window->kept.order = entry->order;
	window->fired = flags & FIRED;
	window->dirty = flags & DIRTY;
	if (by > 0 && (weights = restored(store, (uint64_t)by)) != NULL) {
		if (weights->entry.key.p[0] != WINDOW_WEIGHTS || weights->start != start || weights->end != end) /* they go together */
			return state_refuse(entry, err);
		window_store_weigh(window, weights);
	}
	if (buf_add_str(&window->unit, unit) != LODE_OK || buf_add_str(&window->said, said) != LODE_OK)
		return out_of_memory(err);
	if ((rc = aggregate_restore(&window->running, &rest, err)) != LODE_OK)
		return rc == LODE_DONE ? state_refuse(entry, err) : rc;
	window->due = window_store_due(store, window);
	if (window->due != INT64_MAX && window_store_enqueue(store, window, err) != LODE_OK)
		return err->code;
	if (window->dirty && window_list_push(&store->dirty, window, err) != LODE_OK)
		return err->code;
	return window_list_push(&store->restored, window, err);
}

static int
restore_item(struct window_store *store, const struct state_entry *entry, struct str name, bool *is_line, struct err *err)
{
	struct str rest = entry->value, series;
	int64_t flags, line;
	struct part part = { 0 };
	struct window_item *item;
	struct window *window;
	struct period period;
	struct err never;
	uint64_t serial;
	size_t n;

	if (!next_serial(&name, &serial) || name.p == NULL || (window = restored(store, serial)) == NULL)
		return state_refuse(entry, err);
	for (n = name.n; n > 0 && name.p[n - 1] != '\t';)
		n--;
	part.period = (struct str){ name.p + n, name.n - n };
	if (n == 0 || period_parse(part.period, &period, &never) != LODE_OK || !state_next_number(&rest, &flags) ||
	    !state_next_number(&rest, &line) || !state_next_text(&rest, &part.known) || !state_next_text(&rest, &part.value) ||
	    !state_next_text(&rest, &part.ref) || !state_next_text(&rest, &series) ||
	    (part.value.n != 0 && dec_parse(part.value, &part.number, &never) != LODE_OK))
		return state_refuse(entry, err);
	if ((item = make_item(store, window, (struct str){ name.p, n - 1 }, part.period, period.kind, err)) == NULL ||
	    window_item_set_texts(item, &part, series, err) != LODE_OK)
		return err->code;
	item->kept.order = entry->order;
	item->number = part.number;
	item->line = (uint64_t)line;
	item->first = (int32_t)period_start(period);
	item->last = (int32_t)period_end(period) - 1;
	item->state = (enum part_state)(flags & STATE);
	item->is_last = flags & LAST;
	item->told = flags & TOLD;
	item->lacks_weight = flags & LACKS;
	*is_line = item->is_last && item->n_value > 0;
	return LODE_OK;
}

/* It comes last. */
static int
restore_clock(struct window_store *store, const struct state_entry *entry, struct err *err)
{
	struct str rest = entry->value, moment;

	if (!state_next_number(&rest, &store->watermark) || !state_next_number(&rest, &store->newest) ||
	    !state_next_number(&rest, &store->ended) || !state_next_text(&rest, &moment) || (moment.n != 0 && !instant_valid(moment)))
		return state_refuse(entry, err);
	memcpy(store->moment, moment.p, moment.n);
	free(store->restored.p);
	store->restored = (struct window_list){ 0 };
	return LODE_OK;
}

int
window_store_restore(struct window_store *store, const struct state_entry *entry, bool *is_line, struct err *err)
{
	struct str name;

	*is_line = false;
	if (state_is(entry, WINDOW, &name))
		return restore_window(store, entry, name, err);
	if (state_is(entry, LINE, &name))
		return restore_item(store, entry, name, is_line, err);
	return str_is(entry->key, CLOCK) ? restore_clock(store, entry, err) : state_refuse(entry, err);
}
