#include "window.h"

#include <stdlib.h>

#include "duration.h"
#include "instant.h"
#include "keyed.h"
#include "tally.h"

/* A line in a window. Its key: the window's serial, the series, the period. */
struct item {
	struct keyed_entry entry;
	struct item *next; /* of the window */
	struct dec number;
	char *texts; /* owned: known, value, ref, key of its weight, one behind the other */
	size_t n_known, n_value, n_ref, n_pair, n_series;
	uint64_t line;
	int32_t first, last; /* days */
	enum part_state state;
	bool is_last;        /* no later window has this line: here it is counted when it does not count */
	bool told, lacks_weight;
};

struct window {
	struct keyed_entry entry; /* kind, start, group */
	uint64_t serial;
	int64_t start, end;   /* seconds, end exclusive */
	int64_t due, queued;  /* when it fires, or is forgotten; what the heap believes */
	struct item *items;
	struct aggregate running;      /* with rules.all */
	struct window *weights;        /* of a window that is weighed */
	struct window *weighed, *next; /* of one that weighs: those that it does */
	struct buf unit, said;         /* said: the values of the functions, a tab behind each */
	enum period_kind kind;         /* of the first item */
	bool mixed, has_span;          /* some period may hold another; overlap another */
	bool fired, dirty, dead;
};

/* Kinds: the first byte of a window's key. */
enum { FIGURES = 'F', WEIGHTS = 'W' };

/* Pointers, for what has no order of its own. */
struct list {
	struct window **p;
	size_t n, room;
};

struct window_set {
	const struct window_rules *rules;
	struct window_output output;
	struct tally *tally; /* does it all where it can; else NULL */
	struct keyed *windows, *items;
	struct list heap; /* by queued, the least first */
	struct list dirty, due, gone;
	struct part *part; /* scratch of evaluate() */
	struct part **order;
	size_t room;
	struct buf key, values, value, ref;
	uint64_t serial;
	int64_t watermark, newest;
	char moment[INSTANT_MAX]; /* empty before the first line */
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* An aggregate that fails is not the fault of the line in hand. */
static int
capacity(int rc, struct err *err)
{
	return rc == LODE_EDATA ? err_set(err, LODE_ENOMEM, "the figures of a window need more than 37 digits") : rc;
}

/* Over known nothing comes late, so there is nothing to keep. */
static bool
revises(const struct window_rules *rules)
{
	return rules->revise && !rules->over_known;
}

bool
window_asks_for(const struct window_rules *rules, enum aggregate_function function)
{
	size_t i;

	for (i = 0; i < rules->n_functions && rules->function[i] != function;)
		i++;
	return i < rules->n_functions;
}

int
window_rules_check(const struct window_rules *rules, struct err *err)
{
	const int64_t day = DURATION_DAY;

	if (!rules->is_session && rules->size.months != rules->every.months)
		return err_set(err, LODE_EUSAGE, "--size and --every must both be months or both be durations");
	if (!rules->is_session && rules->every.length > rules->size.length)
		return err_set(err, LODE_EUSAGE, "--every is longer than --size");
	if (!rules->over_known && ((rules->is_session && rules->gap % day != 0) || (!rules->is_session && !rules->size.months &&
	    (rules->size.length % day != 0 || rules->every.length % day != 0))))
		return err_set(err, LODE_EUSAGE, "windows over period take whole days");
	if (rules->over_known && rules->lateness != 0)
		return err_set(err, LODE_EUSAGE, "--lateness is for windows over period: over known no line is late");
	if (rules->over_known && rules->complete)
		return err_set(err, LODE_EUSAGE, "--complete is for windows over period");
	if (rules->is_session && rules->revise)
		return err_set(err, LODE_EUSAGE, "a session is not revised: --late drop or --late side with --gap");
	if (rules->weigh && (rules->is_session || rules->all))
		return err_set(err, LODE_EUSAGE, "--weight goes neither with --gap nor with --all");
	if (rules->complete && rules->all)
		return err_set(err, LODE_EUSAGE, "--complete does not go with --all");
	if (rules->keep >= 0 && !rules->revise)
		return err_set(err, LODE_EUSAGE, "--keep is for --late revise");
	if (rules->digits > WINDOW_MAX_DIGITS)
		return err_set(err, LODE_EUSAGE, "--digits: at most %d", WINDOW_MAX_DIGITS);
	if (window_asks_for(rules, AGGREGATE_WMEAN) != rules->weigh)
		return err_set(err, LODE_EUSAGE, "wmean and --weight go together");
	return LODE_OK;
}

struct window_set *
window_set_new(const struct window_rules *rules, const struct window_output *output)
{
	struct window_set *set = calloc(1, sizeof *set);

	if (set == NULL)
		return NULL;
	set->rules = rules;
	set->output = *output;
	set->watermark = set->newest = INT64_MIN;
	set->windows = keyed_new();
	set->items = keyed_new();
	if (tally_fits(rules))
		set->tally = tally_new(rules, output);
	if (set->windows == NULL || set->items == NULL || (tally_fits(rules) && set->tally == NULL)) {
		window_set_free(set);
		return NULL;
	}
	return set;
}

static void
release_window(struct window *window)
{
	aggregate_release(&window->running);
	buf_release(&window->unit);
	buf_release(&window->said);
}

void
window_set_free(struct window_set *set)
{
	struct keyed_entry *entry;

	if (set == NULL)
		return;
	for (entry = set->items == NULL ? NULL : keyed_oldest(set->items); entry != NULL; entry = entry->newer)
		free(((struct item *)entry)->texts);
	for (entry = set->windows == NULL ? NULL : keyed_oldest(set->windows); entry != NULL; entry = entry->newer)
		release_window((struct window *)entry);
	tally_free(set->tally);
	keyed_free(set->items);
	keyed_free(set->windows);
	free(set->heap.p);
	free(set->dirty.p);
	free(set->due.p);
	free(set->gone.p);
	free(set->part);
	free(set->order);
	buf_release(&set->key);
	buf_release(&set->values);
	buf_release(&set->value);
	buf_release(&set->ref);
	free(set);
}

static int
push(struct list *list, struct window *window, struct err *err)
{
	size_t room = list->room == 0 ? 64 : list->room * 2;
	struct window **p;

	if (list->n == list->room) {
		if ((p = realloc(list->p, room * sizeof *p)) == NULL)
			return out_of_memory(err);
		list->p = p;
		list->room = room;
	}
	list->p[list->n++] = window;
	return LODE_OK;
}

/* Into the heap, by when it is due. */
static int
enqueue(struct window_set *set, struct window *window, struct err *err)
{
	struct window **p;
	size_t i;

	window->queued = window->due;
	if (push(&set->heap, window, err) != LODE_OK)
		return err->code;
	p = set->heap.p;
	for (i = set->heap.n - 1; i > 0 && p[(i - 1) / 2]->queued > window->queued; i = (i - 1) / 2)
		p[i] = p[(i - 1) / 2];
	p[i] = window;
	return LODE_OK;
}

static struct window *
dequeue(struct window_set *set)
{
	struct window **p = set->heap.p, *top = p[0], *last = p[--set->heap.n];
	size_t n = set->heap.n, i = 0, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && p[child + 1]->queued < p[child]->queued)
			child++;
		if (p[child]->queued >= last->queued)
			break;
		p[i] = p[child];
		i = child;
	}
	p[i] = last;
	return top;
}

/* ---- what a window says ---- */

static struct str
period_of(const struct item *item)
{
	size_t from = sizeof(uint64_t) + item->n_series + 1;

	return (struct str){ item->entry.key.p + from, item->entry.key.n - from };
}

static void
part_of(const struct window_set *set, const struct item *item, struct part *part)
{
	const char *p = item->texts;

	*part = (struct part){ .first = item->first, .last = item->last, .number = item->number, .line = item->line };
	part->at = set->rules->over_known ? 0 : item->last;
	part->series = (struct str){ item->entry.key.p + sizeof(uint64_t), item->n_series };
	part->period = period_of(item);
	part->known = (struct str){ p, item->n_known };
	part->value = (struct str){ p + item->n_known, item->n_value };
	part->ref = (struct str){ p + item->n_known + item->n_value, item->n_ref };
}

static int
item_key(struct window_set *set, uint64_t serial, struct str series_and_period, struct err *err)
{
	set->key.n = 0;
	if (buf_add(&set->key, &serial, sizeof serial) != LODE_OK || buf_add_str(&set->key, series_and_period) != LODE_OK)
		return out_of_memory(err);
	return LODE_OK;
}

static int
find_weight(struct window_set *set, const struct window *window, struct item *item, struct part *part, struct err *err)
{
	const struct item *weight;

	if (!set->rules->weigh)
		return LODE_OK;
	if (item_key(set, window->weights->serial, (struct str){ item->texts + item->n_known + item->n_value + item->n_ref, item->n_pair },
	    err) != LODE_OK)
		return err->code;
	weight = keyed_find(set->items, buf_str(&set->key));
	part->has_weight = weight != NULL && weight->n_value != 0;
	if (part->has_weight)
		part->weight = weight->number;
	item->lacks_weight = !part->has_weight;
	return LODE_OK;
}

/* Room in the scratch for all of a window's items. */
static int
reserve_parts(struct window_set *set, size_t n, struct err *err)
{
	struct part *part;
	struct part **order;

	if (n <= set->room)
		return LODE_OK;
	n += n / 2;
	if ((part = realloc(set->part, n * sizeof *part)) == NULL)
		return out_of_memory(err);
	set->part = part;
	if ((order = realloc(set->order, n * sizeof *order)) == NULL)
		return out_of_memory(err);
	set->order = order;
	set->room = n;
	return LODE_OK;
}

/* Items among which there may be totals, or whose days must cover the window; clears the aggregate when they do not. */
static int
evaluate_together(struct window_set *set, const struct window *window, struct aggregate *aggregate, struct err *err)
{
	struct item *item;
	size_t n = 0, i;
	int rc;

	for (item = window->items; item != NULL; item = item->next)
		n++;
	if ((rc = reserve_parts(set, n, err)) != LODE_OK)
		return rc;
	for (n = 0, item = window->items; item != NULL; item = item->next) {
		if (item->n_value == 0)
			continue;
		part_of(set, item, &set->part[n]);
		set->order[n] = &set->part[n];
		if ((rc = find_weight(set, window, item, &set->part[n], err)) != LODE_OK)
			return rc;
		n++;
	}
	if ((rc = aggregate_select(set->order, n, err)) != LODE_OK)
		return rc;
	for (i = 0, item = window->items; item != NULL; item = item->next) {
		if (item->n_value == 0)
			continue;
		item->state = set->part[i].state;
		if (item->state == PART_MISMATCH && !window_asks_for(set->rules, AGGREGATE_SUM))
			item->state = PART_TOTAL; /* prices do not add up */
		if (item->state == PART_MISMATCH && item->is_last && !item->told) {
			item->told = true;
			set->output.on_mismatch(set->output.argument, &set->part[i]);
		}
		if (item->state == PART_COUNTS && (rc = aggregate_add(aggregate, &set->part[i], err)) != LODE_OK)
			return rc;
		i++;
	}
	if (set->rules->complete &&
	    !aggregate_covers(set->order, n, window->start / DURATION_DAY, window->end / DURATION_DAY - 1))
		aggregate_release(aggregate);
	return LODE_OK;
}

static int
evaluate(struct window_set *set, const struct window *window, struct aggregate *aggregate, struct err *err)
{
	struct item *item;
	struct part part;
	int rc = LODE_OK;

	if (window->mixed || set->rules->complete)
		return evaluate_together(set, window, aggregate, err);
	for (item = window->items; rc == LODE_OK && item != NULL; item = item->next) {
		if (item->n_value == 0)
			continue;
		part_of(set, item, &part);
		if ((rc = find_weight(set, window, item, &part, err)) == LODE_OK)
			rc = aggregate_add(aggregate, &part, err);
	}
	return rc;
}

/* One function's line, when it says something new. before: what it said last. */
static int
say(struct window_set *set, struct window *window, const struct aggregate *aggregate, enum aggregate_function function, struct str before,
    struct str known, struct err *err)
{
	struct window_result result = { .function = function, .known = known, .unit = buf_str(&window->unit) };
	const struct window_rules *rules = set->rules;
	char period[PERIOD_MAX], extent[SPAN_TEXT_MAX];
	size_t n;
	int rc;

	set->value.n = set->ref.n = 0;
	if ((rc = aggregate_value(aggregate, function, set->rules->digits, &set->value, err)) != LODE_OK ||
	    (rc = aggregate_ref(aggregate, function, &set->ref, err)) != LODE_OK)
		return rc;
	result.value = buf_str(&set->value);
	if (str_eq(result.value, before))
		return LODE_OK;
	result.group = (struct str){ window->entry.key.p + 1 + sizeof(int64_t), window->entry.key.n - 1 - sizeof(int64_t) };
	result.ref = buf_str(&set->ref);
	result.period.p = period;
	result.period.n = period_format(span_period(rules->is_session ? NULL : &rules->size, window->start, window->end), period);
	n = rules->over_known ? span_write_instants(window->start, window->end - rules->is_session, extent) :
	    span_write_days(window->start, window->end, extent);
	result.extent = (struct str){ extent, n };
	set->output.on_result(set->output.argument, &result);
	return LODE_OK;
}

static int
speak(struct window_set *set, struct window *window, struct str known, struct err *err)
{
	struct aggregate fresh = AGGREGATE_INIT, *aggregate = set->rules->all ? &window->running : &fresh;
	struct str before = buf_str(&window->said), part;
	size_t i;
	int rc = LODE_OK;

	window->dirty = false;
	if (window->entry.key.p[0] == WEIGHTS)
		return LODE_OK;
	if (!set->rules->all)
		rc = evaluate(set, window, &fresh, err);
	set->values.n = 0;
	for (i = 0; rc == LODE_OK && i < set->rules->n_functions; i++) {
		if (before.n == 0 || !str_split(&before, '\t', &part))
			part = (struct str){ "", 0 };
		rc = say(set, window, aggregate, set->rules->function[i], part, known, err);
		if (rc == LODE_OK && (buf_add_str(&set->values, buf_str(&set->value)) != LODE_OK || buf_add(&set->values, "\t", 1) != LODE_OK))
			rc = out_of_memory(err);
	}
	if (rc == LODE_OK && revises(set->rules)) {
		window->said.n = 0;
		if (buf_add_str(&window->said, buf_str(&set->values)) != LODE_OK)
			rc = out_of_memory(err);
	}
	aggregate_release(&fresh);
	return capacity(rc, err);
}

/* ---- when it does ---- */

static void
count_rules(struct window_set *set, const struct item *item)
{
	void (*on_rule)(void *, enum window_rule) = set->output.on_rule;

	if (!item->is_last || item->n_value == 0)
		return;
	if (item->state == PART_MISMATCH)
		on_rule(set->output.argument, WINDOW_MISMATCH);
	else if (item->state == PART_TOTAL)
		on_rule(set->output.argument, WINDOW_TOTAL);
	else if (item->lacks_weight)
		on_rule(set->output.argument, WINDOW_NO_WEIGHT);
}

static void
forget(struct window_set *set, struct window *window)
{
	struct item *item, *next;

	for (item = window->items; item != NULL; item = next) {
		next = item->next;
		count_rules(set, item);
		free(item->texts);
		keyed_remove(set->items, item);
	}
	release_window(window);
	keyed_remove(set->windows, window);
}

static int
before_in_output(const void *a, const void *b)
{
	const struct window *x = *(struct window *const *)a, *y = *(struct window *const *)b;

	/* that is the order in which they were due, too */
	if (x->end != y->end || x->start != y->start)
		return x->end < y->end || (x->end == y->end && x->start < y->start) ? -1 : 1;
	return str_cmp(x->entry.key, y->entry.key);
}

/* Takes what is due by that time off the heap: to speak (due), or to be forgotten (gone). */
static int
collect(struct window_set *set, int64_t by, struct err *err)
{
	struct window *window;
	size_t i;
	int rc = LODE_OK;

	set->due.n = set->gone.n = 0;
	while (rc == LODE_OK && set->heap.n > 0 && set->heap.p[0]->queued <= by) {
		window = dequeue(set);
		if (window->dead)
			forget(set, window);
		else if (window->due > by) /* a session that has grown */
			rc = enqueue(set, window, err);
		else
			rc = push(window->fired ? &set->gone : &set->due, window, err);
	}
	for (i = 0; rc == LODE_OK && i < set->dirty.n; i++)
		rc = push(&set->due, set->dirty.p[i], err);
	set->dirty.n = 0;
	return rc;
}

/* Fires what is due by that time; known is what it says, or p NULL: each the time at which it was due. */
static int
fire(struct window_set *set, int64_t by, struct str known, struct err *err)
{
	char own[INSTANT_MAX];
	struct window *window;
	bool was_fired;
	size_t i;
	int rc;

	if ((set->heap.n == 0 || set->heap.p[0]->queued > by) && set->dirty.n == 0)
		return LODE_OK;
	if ((rc = collect(set, by, err)) != LODE_OK)
		return rc;
	if (set->due.n > 1)
		qsort(set->due.p, set->due.n, sizeof set->due.p[0], before_in_output);
	for (i = 0; i < set->due.n && rc == LODE_OK; i++) {
		window = set->due.p[i];
		if (known.p == NULL)
			instant_format(window->due < SPAN_END ? window->due : SPAN_END - 1, own);
		rc = speak(set, window, known.p == NULL ? (struct str){ own, INSTANT_LENGTH } : known, err);
	}
	for (i = 0; i < set->due.n && rc == LODE_OK; i++) {
		window = set->due.p[i];
		was_fired = window->fired;
		window->fired = true;
		if (!revises(set->rules)) {
			forget(set, window);
		} else if (!was_fired && set->rules->keep >= 0) {
			window->due += set->rules->keep;
			rc = enqueue(set, window, err);
		}
	}
	for (i = 0; i < set->gone.n && rc == LODE_OK; i++)
		forget(set, set->gone.p[i]);
	return rc;
}

/* The lines of one moment have all been seen. */
static int
end_moment(struct window_set *set, struct err *err)
{
	if (set->moment[0] == '\0')
		return LODE_OK;
	if (!set->rules->clock_known && set->newest > set->watermark)
		set->watermark = set->newest;
	return fire(set, set->watermark, (struct str){ set->moment, INSTANT_LENGTH }, err);
}

int
window_advance(struct window_set *set, struct str known, int64_t known_s, struct err *err)
{
	int rc;

	if (set->tally != NULL)
		return tally_advance(set->tally, known, known_s, err);
	if (set->moment[0] != '\0' && memcmp(set->moment, known.p, INSTANT_LENGTH) == 0)
		return LODE_OK;
	if ((rc = end_moment(set, err)) != LODE_OK)
		return rc;
	memcpy(set->moment, known.p, INSTANT_LENGTH);
	if (!set->rules->clock_known)
		return LODE_OK;
	set->watermark = known_s;
	return fire(set, known_s, (struct str){ 0 }, err);
}

int
window_finish(struct window_set *set, struct err *err)
{
	struct keyed_entry *entry;
	int rc;

	if (set->tally != NULL)
		return tally_finish(set->tally, err);
	rc = end_moment(set, err);
	if (rc == LODE_OK)
		rc = fire(set, INT64_MAX, (struct str){ set->moment, INSTANT_LENGTH }, err);
	set->heap.n = 0;
	while (rc == LODE_OK && (entry = keyed_oldest(set->windows)) != NULL)
		forget(set, (struct window *)entry);
	return rc;
}

/* ---- what it takes ---- */

static int
check_room(const struct window_set *set, struct err *err)
{
	if (keyed_count(set->windows) + keyed_count(set->items) < set->rules->max_keys)
		return LODE_OK;
	return err_set(err, LODE_ENOMEM, "more than %zu windows and lines to hold (--max-keys)", set->rules->max_keys);
}

static int
window_key(struct window_set *set, char kind, int64_t start, struct str group, struct err *err)
{
	set->key.n = 0;
	if (buf_add(&set->key, &kind, 1) != LODE_OK || buf_add(&set->key, &start, sizeof start) != LODE_OK ||
	    buf_add_str(&set->key, group) != LODE_OK)
		return out_of_memory(err);
	return LODE_OK;
}

static struct window *
add_window(struct window_set *set, char kind, struct str group, int64_t start, int64_t end, int64_t due, struct err *err)
{
	struct window *window;

	if (check_room(set, err) != LODE_OK || window_key(set, kind, set->rules->is_session ? 0 : start, group, err) != LODE_OK)
		return NULL;
	if ((window = keyed_add(set->windows, buf_str(&set->key), sizeof *window)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	window->serial = ++set->serial;
	window->start = start;
	window->end = end;
	window->due = due;
	window->running.owns = true;
	return enqueue(set, window, err) == LODE_OK ? window : NULL;
}

static int
line_key(struct window_set *set, const struct window *window, const struct window_line *line, struct err *err)
{
	if (item_key(set, window->serial, line->part.series, err) != LODE_OK)
		return err->code;
	if (buf_add(&set->key, "\t", 1) != LODE_OK || buf_add_str(&set->key, line->part.period) != LODE_OK)
		return out_of_memory(err);
	return LODE_OK;
}

static int
check_overlap(const struct window_set *set, const struct window *window, const struct window_line *line, struct err *err)
{
	struct part other;
	struct item *item;

	if (line->period.kind != PERIOD_SPAN && !window->has_span)
		return LODE_OK; /* days, months, quarters and years never overlap in part */
	for (item = window->items; item != NULL; item = item->next) {
		part_of(set, item, &other);
		if (part_conflicts(&line->part, &other))
			return err_set(err, LODE_EDATA, "period '%.*s' overlaps '%.*s' of line %llu", STR_ARG(line->part.period),
			    STR_ARG(other.period), (unsigned long long)other.line);
	}
	return LODE_OK;
}

/* Nothing in the window speaks against the line. */
static int
check_line(struct window_set *set, const struct window *window, const struct window_line *line, struct err *err)
{
	const struct item *item;
	struct part other;
	struct str unit = buf_str(&window->unit);

	if (set->rules->same_unit && !line->is_weight && unit.n != 0 && !str_eq(unit, line->unit))
		return err_set(err, LODE_EDATA, "unit '%.*s' differs from '%.*s' of the same window", STR_ARG(line->unit), STR_ARG(unit));
	if (set->rules->all)
		return LODE_OK;
	if (line_key(set, window, line, err) != LODE_OK)
		return err->code;
	if ((item = keyed_find(set->items, buf_str(&set->key))) == NULL)
		return check_overlap(set, window, line, err);
	part_of(set, item, &other);
	if (str_eq(other.known, line->part.known) && (other.value.n == 0 || line->part.value.n == 0 ? other.value.n != line->part.value.n :
	    dec_cmp(other.number, line->part.number) != 0))
		return err_set(err, LODE_EDATA, "'%.*s', but '%.*s' at line %llu for the same key and time (--key?)", STR_ARG(line->part.value),
		    STR_ARG(other.value), (unsigned long long)other.line);
	return LODE_OK;
}

static int
set_texts(struct item *item, const struct window_line *line, struct err *err)
{
	const struct part *part = &line->part;
	struct str series = line->is_weight ? (struct str){ "", 0 } : line->weight_series;
	size_t n = part->known.n + part->value.n + part->ref.n + series.n + 1 + part->period.n;
	const struct str text[] = { part->known, part->value, part->ref, series, STR("\t"), part->period };
	char *texts = malloc(n), *at = texts;
	size_t i;

	if (texts == NULL)
		return out_of_memory(err);
	for (i = 0; i < 6; at += text[i++].n)
		if (text[i].n != 0)
			memcpy(at, text[i].p, text[i].n);
	free(item->texts);
	item->texts = texts;
	item->n_known = part->known.n;
	item->n_value = part->value.n;
	item->n_ref = part->ref.n;
	item->n_pair = series.n + 1 + part->period.n;
	return LODE_OK;
}

static struct item *
get_item(struct window_set *set, struct window *window, const struct window_line *line, struct err *err)
{
	struct item *item;

	if (line_key(set, window, line, err) != LODE_OK)
		return NULL;
	if ((item = keyed_find(set->items, buf_str(&set->key))) != NULL)
		return item;
	if (check_room(set, err) != LODE_OK)
		return NULL;
	if ((item = keyed_add(set->items, buf_str(&set->key), sizeof *item)) == NULL) {
		out_of_memory(err);
		return NULL;
	}
	item->n_series = line->part.series.n;
	window->mixed |= line->period.kind == PERIOD_SPAN || (window->items != NULL && line->period.kind != window->kind);
	window->has_span |= line->period.kind == PERIOD_SPAN;
	window->kind = window->items == NULL ? line->period.kind : window->kind;
	item->next = window->items;
	window->items = item;
	return item;
}

static int
mark_dirty(struct window_set *set, struct window *window, struct err *err)
{
	if (!window->fired || window->dirty || window->entry.key.p[0] == WEIGHTS)
		return LODE_OK;
	window->dirty = true;
	return push(&set->dirty, window, err);
}

static int
put(struct window_set *set, struct window *window, const struct window_line *line, bool is_last, struct err *err)
{
	struct window *weighed;
	struct item *item;
	int rc = LODE_OK;

	if (window->unit.n == 0 && buf_add_str(&window->unit, line->unit) != LODE_OK)
		return out_of_memory(err);
	if (set->rules->all) {
		if (line->part.value.n != 0)
			rc = capacity(aggregate_add(&window->running, &line->part, err), err);
		return rc == LODE_OK ? mark_dirty(set, window, err) : rc;
	}
	if ((item = get_item(set, window, line, err)) == NULL)
		return err->code;
	if (set_texts(item, line, err) != LODE_OK) {
		item->n_known = item->n_value = item->n_ref = item->n_pair = 0;
		return err->code;
	}
	item->number = line->part.number;
	item->line = line->part.line;
	item->first = (int32_t)line->part.first;
	item->last = (int32_t)line->part.last;
	item->state = PART_COUNTS;
	item->is_last = is_last;
	item->told = item->lacks_weight = false;
	for (weighed = window->weighed; rc == LODE_OK && weighed != NULL; weighed = weighed->next)
		rc = mark_dirty(set, weighed, err);
	return rc == LODE_OK ? mark_dirty(set, window, err) : rc;
}

/* The window of that start, made when it is not there; with the one of its weights. */
static struct window *
get_window(struct window_set *set, const struct window_line *line, int64_t start, int64_t end, int64_t due, struct err *err)
{
	const char kind = line->is_weight ? WEIGHTS : FIGURES;
	struct window *window, *weights;

	if (window_key(set, kind, start, line->group, err) != LODE_OK)
		return NULL;
	if ((window = keyed_find(set->windows, buf_str(&set->key))) != NULL)
		return window;
	if ((window = add_window(set, kind, line->group, start, end, due, err)) == NULL || !set->rules->weigh || line->is_weight)
		return window;
	if (window_key(set, WEIGHTS, start, line->weighed_by, err) != LODE_OK)
		return NULL;
	if ((weights = keyed_find(set->windows, buf_str(&set->key))) == NULL &&
	    (weights = add_window(set, WEIGHTS, line->weighed_by, start, end, due, err)) == NULL)
		return NULL;
	window->weights = weights;
	window->next = weights->weighed;
	weights->weighed = window;
	return window;
}

static bool
is_late(const struct window_set *set, int64_t due)
{
	const struct window_rules *rules = set->rules;

	if (!revises(rules))
		return due <= set->watermark;
	return rules->keep >= 0 && due + rules->keep <= set->watermark;
}

static int
add_to_windows(struct window_set *set, const struct window_line *line, int64_t from, int64_t to, enum window_fate *fate, struct err *err)
{
	const struct window_rules *rules = set->rules;
	struct window *window;
	int64_t at, low, high, start, end, last = INT64_MIN;
	int rc;

	*fate = WINDOW_OUTSIDE;
	span_starts(&rules->size, rules->every.length, from, to, &low, &high);
	for (at = low; at <= high; at += rules->every.length) {
		if (!span_window(&rules->size, at, &start, &end))
			continue;
		if (is_late(set, end + rules->lateness)) {
			*fate = *fate == WINDOW_TAKEN ? WINDOW_TAKEN : WINDOW_LATE;
			continue;
		}
		*fate = WINDOW_TAKEN;
		last = at;
		if (window_key(set, line->is_weight ? WEIGHTS : FIGURES, start, line->group, err) != LODE_OK)
			return err->code;
		window = keyed_find(set->windows, buf_str(&set->key));
		if (window != NULL && (rc = check_line(set, window, line, err)) != LODE_OK)
			return rc;
	}
	for (at = low; *fate == WINDOW_TAKEN && at <= last; at += rules->every.length) {
		if (!span_window(&rules->size, at, &start, &end) || is_late(set, end + rules->lateness))
			continue;
		if ((window = get_window(set, line, start, end, end + rules->lateness, err)) == NULL)
			return err->code;
		if ((rc = put(set, window, line, at == last, err)) != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

/* Moves all that one session holds to another that the line in hand has joined to it. */
static int
join(struct window_set *set, struct window *into, struct window *from, struct err *err)
{
	struct item *item, *copy, *next;
	struct keyed_entry entry;

	for (item = from->items; item != NULL; item = next) {
		next = item->next;
		if (item_key(set, into->serial, (struct str){ item->entry.key.p + sizeof(uint64_t), item->entry.key.n - sizeof(uint64_t) },
		    err) != LODE_OK)
			return err->code;
		if ((copy = keyed_add(set->items, buf_str(&set->key), sizeof *copy)) == NULL)
			return out_of_memory(err);
		entry = copy->entry;
		*copy = *item;
		copy->entry = entry;
		copy->next = into->items;
		into->items = copy;
		from->items = next;
		keyed_remove(set->items, item);
	}
	into->mixed |= from->mixed || into->kind != from->kind;
	into->has_span |= from->has_span;
	into->start = from->start < into->start ? from->start : into->start;
	into->end = from->end > into->end ? from->end : into->end;
	from->dead = true; /* the heap still points to it */
	return capacity(aggregate_merge(&into->running, &from->running, err), err);
}

static struct window *
next_session(struct window_set *set, struct window *window, int64_t start, int64_t end)
{
	const int64_t reach = set->rules->gap - (set->rules->over_known ? 1 : DURATION_DAY);

	while (window != NULL && (window->dead || start > window->end + reach || window->start > end + reach))
		window = keyed_find_before(window);
	return window;
}

static int
add_to_session(struct window_set *set, const struct window_line *line, int64_t start, int64_t end, enum window_fate *fate, struct err *err)
{
	const struct window_rules *rules = set->rules;
	struct window *first, *window;
	int rc = LODE_OK;

	if (window_key(set, FIGURES, 0, line->group, err) != LODE_OK)
		return err->code;
	first = next_session(set, keyed_find(set->windows, buf_str(&set->key)), start, end);
	*fate = first == NULL && is_late(set, end + rules->gap + rules->lateness) ? WINDOW_LATE : WINDOW_TAKEN;
	if (*fate == WINDOW_LATE)
		return LODE_OK;
	for (window = first; window != NULL; window = next_session(set, keyed_find_before(window), start, end))
		if ((rc = check_line(set, window, line, err)) != LODE_OK)
			return rc;
	if (first == NULL &&
	    (first = add_window(set, FIGURES, line->group, start, end, end + rules->gap + rules->lateness, err)) == NULL)
		return err->code;
	for (window = first; rc == LODE_OK && (window = next_session(set, keyed_find_before(window), start, end)) != NULL;)
		rc = join(set, first, window, err);
	first->start = start < first->start ? start : first->start;
	first->end = end > first->end ? end : first->end;
	first->due = first->end + rules->gap + rules->lateness;
	return rc == LODE_OK ? put(set, first, line, true, err) : rc;
}

int
window_add(struct window_set *set, const struct window_line *line, enum window_fate *fate, struct err *err)
{
	const bool over_known = set->rules->over_known;
	struct window_line own;
	int64_t start, end;
	int rc;

	if (line->is_weight && line->part.value.n != 0 && dec_cmp(line->part.number, dec_of(0)) < 0)
		return err_set(err, LODE_EDATA, "weight '%.*s' is negative", STR_ARG(line->part.value));
	if (set->tally != NULL)
		return tally_add(set->tally, line, fate, err);
	own = *line;
	own.part.first = period_start(line->period);
	own.part.last = period_end(line->period) - 1;
	own.part.at = over_known ? 0 : own.part.last;
	start = over_known ? line->known_s : own.part.first * DURATION_DAY;
	end = over_known ? line->known_s + 1 : (own.part.last + 1) * DURATION_DAY;
	rc = set->rules->is_session ? add_to_session(set, &own, start, end, fate, err) : add_to_windows(set, &own, start, end, fate, err);
	if (rc == LODE_OK && end > set->newest)
		set->newest = end;
	return rc;
}
