#include "window.h"

#include <stdlib.h>

#include "duration.h"
#include "instant.h"
#include "tally.h"
#include "window_store.h"

struct window_set {
	const struct window_rules *rules;
	struct window_output output;
	struct tally *tally; /* does it all where it can; else NULL */
	struct window_store store;
	struct window_list due, gone;
	struct part *part; /* scratch of evaluate() */
	struct part **order;
	size_t room;
	struct buf values, value, ref, text;
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
window_rules_functions(struct window_rules *rules, const struct option_list *names, struct err *err)
{
	enum aggregate_function function;
	size_t i;

	if (names->n == 0)
		rules->function[rules->n_functions++] = AGGREGATE_SUM;
	for (i = 0; i < names->n; i++) {
		if ((function = aggregate_find(names->item[i])) == AGGREGATE_N)
			return err_set(err, LODE_EUSAGE, "--function: '%.*s' is not one of sum, mean, wmean, last, min, max, count",
			    STR_ARG(names->item[i]));
		if (!window_asks_for(rules, function))
			rules->function[rules->n_functions++] = function;
	}
	return LODE_OK;
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
	if (tally_fits(rules))
		set->tally = tally_new(rules, output);
	if (!window_store_init(&set->store, rules) || (tally_fits(rules) && set->tally == NULL)) {
		window_set_free(set);
		return NULL;
	}
	return set;
}

void
window_set_free(struct window_set *set)
{
	if (set == NULL)
		return;
	tally_free(set->tally);
	window_store_release(&set->store);
	free(set->due.p);
	free(set->gone.p);
	free(set->part);
	free(set->order);
	buf_release(&set->values);
	buf_release(&set->value);
	buf_release(&set->ref);
	buf_release(&set->text);
	free(set);
}

void
window_set_keep(struct window_set *set, struct state *state)
{
	tally_free(set->tally);
	set->tally = NULL;
	set->store.state = state;
}

int
window_set_checkpoint(struct window_set *set, struct err *err)
{
	return window_store_checkpoint(&set->store, err);
}

int
window_set_restore(struct window_set *set, const struct state_entry *entry, bool *is_line, struct err *err)
{
	return window_store_restore(&set->store, entry, is_line, err);
}

/* ---- what a window says ---- */

/* What is to be said of a line when its window ends. */
static int
judge(struct window_set *set, struct window_item *item, enum part_state state, bool told, bool lacks_weight, struct err *err)
{
	if (item->state == state && item->told == told && item->lacks_weight == lacks_weight)
		return LODE_OK;
	item->state = state;
	item->told = told;
	item->lacks_weight = lacks_weight;
	return window_store_line_changed(&set->store, item, err);
}

static int
find_weight(struct window_set *set, const struct window *window, struct window_item *item, struct part *part, struct err *err)
{
	struct window_item *weight;

	if (!set->rules->weigh)
		return LODE_OK;
	if (window_store_find_pair(&set->store, window->weights, window_item_pair(item), &weight, err) != LODE_OK)
		return err->code;
	part->has_weight = weight != NULL && weight->n_value != 0;
	if (part->has_weight)
		part->weight = weight->number;
	return judge(set, item, item->state, item->told, !part->has_weight, err);
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
	struct window_item *item;
	enum part_state state;
	size_t n = 0, i;
	bool told;
	int rc;

	for (item = window->items; item != NULL; item = item->next)
		n++;
	if ((rc = reserve_parts(set, n, err)) != LODE_OK)
		return rc;
	for (n = 0, item = window->items; item != NULL; item = item->next) {
		if (item->n_value == 0)
			continue;
		window_store_part(&set->store, item, &set->part[n]);
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
		state = set->part[i].state;
		if (state == PART_MISMATCH && !window_asks_for(set->rules, AGGREGATE_SUM))
			state = PART_TOTAL; /* prices do not add up */
		told = item->told || (state == PART_MISMATCH && item->is_last);
		if (told && !item->told)
			set->output.on_mismatch(set->output.argument, &set->part[i]);
		if ((rc = judge(set, item, state, told, item->lacks_weight, err)) != LODE_OK ||
		    (state == PART_COUNTS && (rc = aggregate_add(aggregate, &set->part[i], err)) != LODE_OK))
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
	struct window_item *item;
	struct part part;
	int rc = LODE_OK;

	if (window->mixed || set->rules->complete)
		return evaluate_together(set, window, aggregate, err);
	for (item = window->items; rc == LODE_OK && item != NULL; item = item->next) {
		if (item->n_value == 0)
			continue;
		window_store_part(&set->store, item, &part);
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
	return set->output.on_result(set->output.argument, &result, &set->text, err);
}

static int
speak(struct window_set *set, struct window *window, struct str known, struct err *err)
{
	struct aggregate fresh = AGGREGATE_INIT, *aggregate = set->rules->all ? &window->running : &fresh;
	struct str before = buf_str(&window->said), part;
	size_t i;
	int rc = LODE_OK;

	window->dirty = false;
	if (window->entry.key.p[0] == WINDOW_WEIGHTS)
		return LODE_OK;
	if (!set->rules->all)
		rc = evaluate(set, window, &fresh, err);
	set->values.n = set->text.n = 0;
	for (i = 0; rc == LODE_OK && i < set->rules->n_functions; i++) {
		if (before.n == 0 || !str_split(&before, '\t', &part))
			part = (struct str){ "", 0 };
		rc = say(set, window, aggregate, set->rules->function[i], part, known, err);
		if (rc == LODE_OK && (buf_add_str(&set->values, buf_str(&set->value)) != LODE_OK || buf_add(&set->values, "\t", 1) != LODE_OK))
			rc = out_of_memory(err);
	}
	set->output.on_text(set->output.argument, buf_str(&set->text));
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
count_rules(struct window_set *set, const struct window_item *item)
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

static int
forget(struct window_set *set, struct window *window, struct err *err)
{
	struct window_item *item;

	for (item = window->items; item != NULL; item = item->next)
		count_rules(set, item);
	return window_store_forget(&set->store, window, err);
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
	struct window_store *store = &set->store;
	struct window *window;
	size_t i;
	int rc = LODE_OK;

	set->due.n = set->gone.n = 0;
	while (rc == LODE_OK && store->heap.n > 0 && ((struct window *)store->heap.p[0])->queued <= by) {
		window = window_store_dequeue(store);
		if (window->dead)
			rc = forget(set, window, err);
		else if (window->due > by) /* a session that has grown */
			rc = window_store_enqueue(store, window, err);
		else
			rc = window_list_push(window->fired ? &set->gone : &set->due, window, err);
	}
	for (i = 0; rc == LODE_OK && i < store->dirty.n; i++)
		rc = window_list_push(&set->due, store->dirty.p[i], err);
	store->dirty.n = 0;
	return rc;
}

/* A stream has been said to end, but may go on: what can still be corrected is kept. */
static bool
may_go_on(const struct window_set *set, int64_t by)
{
	return by == INT64_MAX && set->store.state != NULL && revises(set->rules);
}

/* A window has spoken. */
static int
after_firing(struct window_set *set, struct window *window, int64_t by, struct err *err)
{
	const bool was_fired = window->fired;

	if (by == INT64_MAX && window->due > set->store.ended)
		set->store.ended = window->due;
	if (!revises(set->rules))
		return forget(set, window, err);
	window->fired = true;
	if (window_store_changed(&set->store, window, err) != LODE_OK)
		return err->code;
	if (was_fired || set->rules->keep < 0)
		return LODE_OK;
	window->due = window_store_due(&set->store, window);
	return window_store_enqueue(&set->store, window, err);
}

/* Fires what is due by that time; known is what it says, or p NULL: each the time at which it was due. */
static int
fire(struct window_set *set, int64_t by, struct str known, struct err *err)
{
	const struct window_list *heap = &set->store.heap;
	char own[INSTANT_MAX];
	struct window *window;
	size_t i;
	int rc;

	if ((heap->n == 0 || ((const struct window *)heap->p[0])->queued > by) && set->store.dirty.n == 0)
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
	for (i = 0; i < set->due.n && rc == LODE_OK; i++)
		rc = after_firing(set, set->due.p[i], by, err);
	for (i = 0; i < set->gone.n && rc == LODE_OK; i++)
		rc = may_go_on(set, by) ? window_store_enqueue(&set->store, set->gone.p[i], err) : forget(set, set->gone.p[i], err);
	return rc;
}

/* The lines of one moment have all been seen. */
static int
end_moment(struct window_set *set, struct err *err)
{
	struct window_store *store = &set->store;

	if (store->moment[0] == '\0')
		return LODE_OK;
	if (!set->rules->clock_known && store->newest > store->watermark)
		store->watermark = store->newest;
	return fire(set, store->watermark, (struct str){ store->moment, INSTANT_LENGTH }, err);
}

int
window_advance(struct window_set *set, struct str known, int64_t known_s, struct err *err)
{
	struct window_store *store = &set->store;
	int rc;

	if (set->tally != NULL)
		return tally_advance(set->tally, known, known_s, err);
	if (store->moment[0] != '\0' && memcmp(store->moment, known.p, INSTANT_LENGTH) == 0)
		return LODE_OK;
	if ((rc = end_moment(set, err)) != LODE_OK)
		return rc;
	memcpy(store->moment, known.p, INSTANT_LENGTH);
	if (!set->rules->clock_known)
		return LODE_OK;
	store->watermark = known_s;
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
		rc = fire(set, INT64_MAX, (struct str){ set->store.moment, INSTANT_LENGTH }, err);
	if (rc != LODE_OK || may_go_on(set, INT64_MAX))
		return rc;
	set->store.heap.n = 0;
	while (rc == LODE_OK && (entry = keyed_oldest(set->store.windows)) != NULL)
		rc = forget(set, (struct window *)entry, err);
	return rc;
}

/* ---- what it takes ---- */

static int
check_overlap(const struct window_set *set, const struct window *window, const struct window_line *line, struct err *err)
{
	struct part other;
	struct window_item *item;

	if (line->period.kind != PERIOD_SPAN && !window->has_span)
		return LODE_OK; /* days, months, quarters and years never overlap in part */
	for (item = window->items; item != NULL; item = item->next) {
		window_store_part(&set->store, item, &other);
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
	struct window_item *item;
	struct part other;
	struct str unit = buf_str(&window->unit);

	if (set->rules->same_unit && !line->is_weight && unit.n != 0 && !str_eq(unit, line->unit))
		return err_set(err, LODE_EDATA, "unit '%.*s' differs from '%.*s' of the same window", STR_ARG(line->unit), STR_ARG(unit));
	if (set->rules->all)
		return LODE_OK;
	if (window_store_find_item(&set->store, window->serial, line->part.series, line->part.period, &item, err) != LODE_OK)
		return err->code;
	if (item == NULL)
		return check_overlap(set, window, line, err);
	window_store_part(&set->store, item, &other);
	if (str_eq(other.known, line->part.known) && (other.value.n == 0 || line->part.value.n == 0 ? other.value.n != line->part.value.n :
	    dec_cmp(other.number, line->part.number) != 0))
		return err_set(err, LODE_EDATA, "'%.*s', but '%.*s' at line %llu for the same key and time (--key?)", STR_ARG(line->part.value),
		    STR_ARG(other.value), (unsigned long long)other.line);
	return LODE_OK;
}

static int
mark_dirty(struct window_set *set, struct window *window, struct err *err)
{
	if (!window->fired || window->dirty || window->entry.key.p[0] == WINDOW_WEIGHTS)
		return LODE_OK;
	window->dirty = true;
	if (window_store_changed(&set->store, window, err) != LODE_OK)
		return err->code;
	return window_list_push(&set->store.dirty, window, err);
}

static int
put(struct window_set *set, struct window *window, const struct window_line *line, bool is_last, struct err *err)
{
	struct window_store *store = &set->store;
	const struct part *part = &line->part;
	struct window *weighed;
	struct window_item *item;
	int rc = LODE_OK;

	if (window->unit.n == 0 && line->unit.n != 0) {
		if (buf_add_str(&window->unit, line->unit) != LODE_OK)
			return out_of_memory(err);
		rc = window_store_changed(store, window, err);
	}
	if (rc == LODE_OK && set->rules->all) {
		if (part->value.n != 0 && (rc = capacity(aggregate_add(&window->running, part, err), err)) == LODE_OK)
			rc = window_store_changed(store, window, err);
		return rc == LODE_OK ? mark_dirty(set, window, err) : rc;
	}
	if (rc != LODE_OK || (rc = window_store_find_item(store, window->serial, part->series, part->period, &item, err)) != LODE_OK)
		return rc;
	if (item == NULL &&
	    (item = window_store_add_item(store, window, part->series, part->period, line->period.kind, err)) == NULL)
		return err->code;
	if (window_item_set_texts(item, part, line->is_weight ? STR("") : line->weight_series, err) != LODE_OK)
		return err->code;
	item->number = part->number;
	item->line = part->line;
	item->first = (int32_t)part->first;
	item->last = (int32_t)part->last;
	item->state = PART_COUNTS;
	item->is_last = is_last;
	item->told = item->lacks_weight = false;
	rc = window_store_line_changed(store, item, err);
	for (weighed = window->weighed; rc == LODE_OK && weighed != NULL; weighed = weighed->next)
		rc = mark_dirty(set, weighed, err);
	return rc == LODE_OK ? mark_dirty(set, window, err) : rc;
}

/* The window of that start, made when it is not there; with the one of its weights, which is older. NULL: err says why. */
static struct window *
get_window(struct window_set *set, const struct window_line *line, int64_t start, int64_t end, struct err *err)
{
	const char kind = line->is_weight ? WINDOW_WEIGHTS : WINDOW_FIGURES;
	struct window_store *store = &set->store;
	struct window *window, *weights = NULL;

	if (window_store_find(store, kind, start, line->group, &window, err) != LODE_OK)
		return NULL;
	if (window != NULL)
		return window;
	if (set->rules->weigh && !line->is_weight) {
		if (window_store_find(store, WINDOW_WEIGHTS, start, line->weighed_by, &weights, err) != LODE_OK)
			return NULL;
		if (weights == NULL && (weights = window_store_add(store, WINDOW_WEIGHTS, line->weighed_by, start, end, err)) == NULL)
			return NULL;
	}
	if ((window = window_store_add(store, kind, line->group, start, end, err)) != NULL && weights != NULL)
		window_store_weigh(window, weights);
	return window;
}

static bool
is_late(const struct window_set *set, int64_t due)
{
	const struct window_rules *rules = set->rules;

	if (!revises(rules))
		return due <= set->store.watermark || due <= set->store.ended;
	return rules->keep >= 0 && due + rules->keep <= set->store.watermark;
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
		rc = window_store_find(&set->store, line->is_weight ? WINDOW_WEIGHTS : WINDOW_FIGURES, start, line->group, &window, err);
		if (rc != LODE_OK || (window != NULL && (rc = check_line(set, window, line, err)) != LODE_OK))
			return rc;
	}
	for (at = low; *fate == WINDOW_TAKEN && at <= last; at += rules->every.length) {
		if (!span_window(&rules->size, at, &start, &end) || is_late(set, end + rules->lateness))
			continue;
		if ((window = get_window(set, line, start, end, err)) == NULL)
			return err->code;
		if ((rc = put(set, window, line, at == last, err)) != LODE_OK)
			return rc;
	}
	return LODE_OK;
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
	struct window_store *store = &set->store;
	struct window *first, *window;
	int rc;

	if (window_store_find(store, WINDOW_FIGURES, 0, line->group, &window, err) != LODE_OK)
		return err->code;
	first = next_session(set, window, start, end);
	*fate = first == NULL && is_late(set, end + rules->gap + rules->lateness) ? WINDOW_LATE : WINDOW_TAKEN;
	if (*fate == WINDOW_LATE)
		return LODE_OK;
	for (window = first; window != NULL; window = next_session(set, keyed_find_before(window), start, end))
		if ((rc = check_line(set, window, line, err)) != LODE_OK)
			return rc;
	if (first == NULL && (first = window_store_add(store, WINDOW_FIGURES, line->group, start, end, err)) == NULL)
		return err->code;
	for (window = first; (window = next_session(set, keyed_find_before(window), start, end)) != NULL;)
		if ((rc = capacity(window_store_join(store, first, window, err), err)) != LODE_OK)
			return rc;
	first->start = start < first->start ? start : first->start;
	first->end = end > first->end ? end : first->end;
	first->due = window_store_due(store, first);
	if ((rc = window_store_changed(store, first, err)) != LODE_OK)
		return rc;
	return put(set, first, line, true, err);
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
	if (rc == LODE_OK && end > set->store.newest)
		set->store.newest = end;
	return rc;
}
