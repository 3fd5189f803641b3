#include "intensity.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "duration.h"
#include "hawkes.h"
#include "instant.h"
#include "span.h"

enum { MOST_DAYS = 10000 * 366 }; /* of a group, and from 1970 to any */
#define MOST_WEIGHT 1e18              /* of a day; 1e24 of all days */

struct event {
	struct keyed_entry entry;
	int32_t day;
	double weight;
	int64_t said_s; /* time of the newest line */
	uint64_t order; /* its place in the state */
};

struct intensity {
	const struct intensity_rules *rules;
	void (*on_result)(void *, const struct intensity_result *);
	void *argument;
	struct keyed *events, *groups;
	struct intensity_group **order; /* by key; owned */
	size_t n, room;
	double scale;
	int64_t moment; /* time of the last line, INT64_MIN before the first */
	int32_t running; /* the first period whose end has not been said */
	int32_t from;    /* day of the first line, or of an earlier event */
	bool changed;   /* something in this moment */
	struct state *state;    /* NULL: not in a stream */
	struct buf key, value;  /* of the state */
};

/* Keys of the state: a word and the group or the event's key; of what there is by day or period the number between them. */
#define GROUP "group"
#define DAY "day"
#define SAID "said"
#define EVENT "event"
#define CLOCK "clock"

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int32_t
day_of(int64_t seconds)
{
	return (int32_t)(span_floor(seconds, DURATION_DAY) / DURATION_DAY);
}

static int32_t
period_at(const struct intensity *set, int32_t day)
{
	int year, month, of_month;

	if (set->rules->by_day)
		return day;
	civil_from_days(day, &year, &month, &of_month);
	return month_number(year, month);
}

static int32_t
start_of(const struct intensity *set, int32_t period)
{
	return set->rules->by_day ? period : month_first_day(period);
}

static int64_t
end_of(const struct intensity *set, int32_t period)
{
	return start_of(set, period + 1) * DURATION_DAY;
}

int
intensity_new(struct intensity **out, const struct intensity_rules *rules, void (*on_result)(void *, const struct intensity_result *),
    void *argument, struct err *err)
{
	struct intensity *set = calloc(1, sizeof *set);

	if (set == NULL)
		return out_of_memory(err);
	*set = (struct intensity){ .rules = rules, .on_result = on_result, .argument = argument, .moment = INT64_MIN,
		.scale = pow(10, rules->digits), .events = keyed_new(), .groups = keyed_new() };
	if (set->events == NULL || set->groups == NULL) {
		intensity_free(set);
		return out_of_memory(err);
	}
	*out = set;
	return LODE_OK;
}

void
intensity_free(struct intensity *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++) {
		decay_release(&set->order[i]->sum);
		buf_release(&set->order[i]->ref);
		free(set->order[i]->said);
	}
	free(set->order);
	keyed_free(set->events);
	keyed_free(set->groups);
	buf_release(&set->key);
	buf_release(&set->value);
	free(set);
}

/* ---- as state, of which the days and the values said are entries of their own, so that little changes at a time ---- */

/* A day's weight, or what was said of a period; NAN: nothing any more. */
static int
keep_number(struct intensity *set, const char *word, int32_t number, struct str group, double value, struct err *err)
{
	if (!state_is_kept(set->state))
		return LODE_OK;
	set->key.n = set->value.n = 0;
	if (buf_printf(&set->key, "%" PRId32 "\t", number) != LODE_OK || buf_add_str(&set->key, group) != LODE_OK)
		return out_of_memory(err);
	if (isnan(value))
		return state_drop_as(set->state, word, buf_str(&set->key), err);
	if (state_add_double(&set->value, value, err) != LODE_OK)
		return err->code;
	return state_put_as(set->state, word, buf_str(&set->key), buf_str(&set->value), NULL, err);
}

static int
keep_event(struct intensity *set, struct event *event, struct err *err)
{
	if (!state_is_kept(set->state))
		return LODE_OK;
	set->value.n = 0;
	if (state_add_number(&set->value, event->day, err) != LODE_OK || state_add_double(&set->value, event->weight, err) != LODE_OK ||
	    state_add_number(&set->value, event->said_s, err) != LODE_OK)
		return err->code;
	return state_put_as(set->state, EVENT, event->entry.key, buf_str(&set->value), &event->order, err);
}

/* All of a group but its days and what was said; first when it is made, so that it comes ahead of them. */
static int
keep_group(struct intensity *set, struct intensity_group *group, struct err *err)
{
	const int64_t number[] = { group->sum.first, (int64_t)group->sum.n, group->ref_s, group->changed, group->newest, group->first,
		(int64_t)group->n_said, group->faded };

	if (!state_is_kept(set->state))
		return LODE_OK;
	group->touched = false;
	set->value.n = 0;
	if (state_add_double(&set->value, group->sum.left, err) != LODE_OK || state_add_double(&set->value, group->sum.before, err) != LODE_OK)
		return err->code;
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		if (state_add_number(&set->value, number[i], err) != LODE_OK)
			return err->code;
	if (state_add_text(&set->value, buf_str(&group->ref), err) != LODE_OK)
		return err->code;
	return state_put_as(set->state, GROUP, group->entry.key, buf_str(&set->value), &group->order, err);
}

void
intensity_keep(struct intensity *set, struct state *state)
{
	set->state = state;
}

int
intensity_checkpoint(struct intensity *set, struct err *err)
{
	const int64_t number[] = { set->moment, set->running, set->from, set->changed };

	for (size_t i = 0; i < set->n; i++)
		if (set->order[i]->touched && keep_group(set, set->order[i], err) != LODE_OK)
			return err->code;
	set->value.n = 0;
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		if (state_add_number(&set->value, number[i], err) != LODE_OK)
			return err->code;
	return state_put(set->state, STR(CLOCK), buf_str(&set->value), NULL, err);
}

/* ---- what is said ---- */

/* Where a period's value stands; periods come from the front only as far back as events do. */
static double *
said_at(struct intensity_group *group, int32_t period, struct err *err)
{
	size_t ahead = 0, need;

	if (group->n_said == 0)
		group->first = period;
	if (period < group->first)
		ahead = (size_t)(group->first - period);
	need = ahead + group->n_said;
	if (period >= group->first + (int64_t)group->n_said)
		need = (size_t)(period - group->first) + 1;
	if (need > group->room) {
		size_t room = need + need / 2 + 7;
		double *grown = realloc(group->said, room * sizeof *grown);

		if (grown == NULL) {
			out_of_memory(err);
			return NULL;
		}
		group->said = grown;
		group->room = room;
	}
	if (ahead > 0)
		memmove(group->said + ahead, group->said, group->n_said * sizeof *group->said);
	for (size_t i = 0; i < ahead; i++)
		group->said[i] = NAN;
	for (size_t i = ahead + group->n_said; i < need; i++)
		group->said[i] = NAN;
	group->first -= (int32_t)ahead;
	group->n_said = need;
	return &group->said[period - group->first];
}

/* A group's value in a period, if it is not what was said. Where nothing was, a 0 is news only if the period before had something. */
static int
say(struct intensity *set, struct intensity_group *group, int32_t period, int64_t known_s, struct err *err)
{
	struct intensity_result result = { .group = group->entry.key, .ref = buf_str(&group->ref) };
	char known[INSTANT_MAX];
	double mean, value, *said;
	bool news;

	if (decay_mean(&group->sum, start_of(set, period), start_of(set, period + 1), &mean, err) != LODE_OK ||
	    (said = said_at(group, period, err)) == NULL)
		return err->code;
	value = rint(mean * set->scale);
	news = !isnan(*said) ? value != *said : value != 0 || (period > group->first && said[-1] > 0);
	group->faded = value == 0 && group->newest < start_of(set, period + 1);
	group->touched = true;
	if (!news)
		return LODE_OK;
	*said = value;
	if (keep_number(set, SAID, period, group->entry.key, value, err) != LODE_OK)
		return err->code;
	instant_format(known_s, known);
	result.known = (struct str){ known, INSTANT_LENGTH };
	result.period = (struct period){ set->rules->by_day ? PERIOD_DAY : PERIOD_MONTH, period, period };
	result.value = (struct dec){ (dec_mantissa)value, set->rules->digits };
	set->on_result(set->argument, &result);
	return LODE_OK;
}

/* A period has ended. */
static int
say_end(struct intensity *set, int32_t period, struct err *err)
{
	for (size_t i = 0; i < set->n; i++)
		if (!set->order[i]->faded && say(set, set->order[i], period, end_of(set, period), err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

/* The first day that is kept. */
static int32_t
first_kept(const struct intensity *set)
{
	int32_t first = civil_to_days(1, 1, 1), kept;

	if (set->moment == INT64_MIN)
		return first;
	kept = day_of(set->moment - set->rules->keep_s);
	return kept > first ? kept : first;
}

/* Lets go of a group's days before one, and of what was said of periods before one. */
static int
forget_days(struct intensity *set, struct intensity_group *group, int32_t before, struct err *err)
{
	for (size_t i = 0; i < group->sum.n && group->sum.first + (int64_t)i < before; i++)
		if (group->sum.weight[i] > 0 &&
		    keep_number(set, DAY, group->sum.first + (int32_t)i, group->entry.key, NAN, err) != LODE_OK)
			return err->code;
	decay_forget(&group->sum, before);
	group->touched = true;
	return LODE_OK;
}

static int
forget_said(struct intensity *set, struct intensity_group *group, int32_t before, struct err *err)
{
	size_t gone = (size_t)(before - group->first);

	gone = gone < group->n_said ? gone : group->n_said - 1;
	for (size_t i = 0; i < gone; i++)
		if (!isnan(group->said[i]) && keep_number(set, SAID, group->first + (int32_t)i, group->entry.key, NAN, err) != LODE_OK)
			return err->code;
	group->n_said -= gone;
	group->first += (int32_t)gone;
	memmove(group->said, group->said + gone, group->n_said * sizeof *group->said);
	group->touched = true;
	return LODE_OK;
}

/* Lets go of what is behind keep, of days only when they are many, so that it costs little. */
static int
forget(struct intensity *set, struct err *err)
{
	int32_t kept = first_kept(set), first = period_at(set, kept), from = start_of(set, first);
	struct event *event;

	while ((event = keyed_oldest(set->events)) != NULL && event->day < kept) {
		if (state_drop_as(set->state, EVENT, event->entry.key, err) != LODE_OK)
			return err->code;
		keyed_remove(set->events, event);
	}
	for (size_t i = 0; i < set->n; i++) {
		struct intensity_group *group = set->order[i];

		if (group->sum.n > 0 && from - (int64_t)group->sum.first > (int64_t)group->sum.n / 2 &&
		    forget_days(set, group, from, err) != LODE_OK)
			return err->code;
		if (group->n_said > 0 && first - (int64_t)group->first > (int64_t)group->n_said / 2 &&
		    forget_said(set, group, first, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/* Everything that the lines of the moment changed; and the period that ends with it. */
static int
end_moment(struct intensity *set, struct err *err)
{
	int32_t running;

	if (set->moment == INT64_MIN)
		return LODE_OK;
	running = period_at(set, day_of(set->moment));
	for (size_t i = 0; set->changed && i < set->n; i++) {
		struct intensity_group *group = set->order[i];

		for (int32_t p = group->changed == INT32_MAX ? INT32_MAX : period_at(set, group->changed); p <= running; p++)
			if (say(set, group, p, set->moment, err) != LODE_OK)
				return err->code;
		group->touched |= group->changed != INT32_MAX;
		group->changed = INT32_MAX;
	}
	set->changed = false;
	for (; set->running < running; set->running++) /* one at most: the ends before were said on the way */
		if (say_end(set, set->running, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

int
intensity_advance(struct intensity *set, int64_t known_s, struct err *err)
{
	if (known_s == set->moment)
		return LODE_OK;
	if (end_moment(set, err) != LODE_OK)
		return err->code;
	if (set->moment == INT64_MIN)
		set->running = period_at(set, set->from = day_of(known_s));
	for (; end_of(set, set->running) < known_s; set->running++)
		if (say_end(set, set->running, err) != LODE_OK)
			return err->code;
	set->moment = known_s;
	return forget(set, err);
}

/* The group of a line, new ones among the others in order. NULL without memory. */
static struct intensity_group *
group_of(struct intensity *set, const struct intensity_line *line, struct err *err)
{
	struct intensity_group *group = keyed_find(set->groups, line->group);
	size_t at = set->n;

	if (group != NULL)
		return group;
	if (set->n == set->room) {
		size_t room = set->room * 2 + 16;
		struct intensity_group **grown = realloc(set->order, room * sizeof(struct intensity_group *));

		if (grown == NULL)
			return NULL;
		set->order = grown;
		set->room = room;
	}
	if ((group = keyed_add(set->groups, line->group, sizeof *group)) == NULL)
		return NULL;
	decay_init(&group->sum, line->rate);
	group->changed = INT32_MAX;
	group->newest = INT32_MIN;
	group->ref_s = INT64_MIN;
	for (; at > 0 && str_cmp(set->order[at - 1]->entry.key, line->group) > 0; at--)
		set->order[at] = set->order[at - 1];
	set->order[at] = group;
	set->n++;
	return keep_group(set, group, err) == LODE_OK ? group : NULL;
}

int
intensity_add(struct intensity *set, const struct intensity_line *line, bool *late, struct err *err)
{
	struct intensity_group *group;
	struct event *event;
	double weight = line->weight;

	if (line->day > day_of(set->moment) + INTENSITY_DAYS_AHEAD)
		return err_set(err, LODE_EDATA, "the event is more than %d days ahead of the time when it became known", INTENSITY_DAYS_AHEAD);
	*late = line->day < first_kept(set);
	if (*late)
		return LODE_OK;
	event = keyed_find(set->events, line->key);
	if (event == NULL && keyed_count(set->events) >= set->rules->max_keys)
		return err_set(err, LODE_ENOMEM, "more than %zu events to hold (--max-keys)", set->rules->max_keys);
	if ((group = group_of(set, line, err)) == NULL || (event == NULL && (event = keyed_add(set->events, line->key, sizeof *event)) == NULL))
		return out_of_memory(err);
	/* Of one moment the greatest counts, so that the order within it does not. */
	if (event->said_s == set->moment && line->weight < event->weight)
		weight = event->weight;
	event->day = line->day;
	if (decay_add(&group->sum, line->day, weight - event->weight, err) != LODE_OK)
		return err->code;
	event->weight = weight;
	event->said_s = set->moment;
	weight = group->sum.weight[line->day - group->sum.first];
	if (keep_event(set, event, err) != LODE_OK ||
	    keep_number(set, DAY, line->day, group->entry.key, weight > 0 ? weight : NAN, err) != LODE_OK)
		return err->code;
	group->touched = true;
	if (group->ref_s != set->moment || str_cmp(line->ref, buf_str(&group->ref)) > 0) {
		group->ref.n = 0;
		if (buf_add_str(&group->ref, line->ref) != LODE_OK)
			return out_of_memory(err);
		group->ref_s = set->moment;
	}
	group->changed = line->day < group->changed ? line->day : group->changed;
	group->newest = line->day > group->newest ? line->day : group->newest;
	group->faded = false;
	set->from = line->day < set->from ? line->day : set->from;
	set->changed = true;
	return LODE_OK;
}

int
intensity_finish(struct intensity *set, int64_t until_s, struct err *err)
{
	if (set->moment != INT64_MIN && until_s > set->moment && intensity_advance(set, until_s, err) != LODE_OK)
		return err->code;
	return end_moment(set, err);
}

int64_t
intensity_moment(const struct intensity *set)
{
	return set->moment;
}

/* A day, a month or how many; or what stands for none. */
static bool
next_day(struct str *rest, int32_t none, int32_t *day)
{
	int64_t number;

	if (!state_next_number(rest, &number) || (number != none && (number < -MOST_DAYS || number > MOST_DAYS)))
		return false;
	*day = (int32_t)number;
	return true;
}

static bool
next_double(struct str *rest, double most, double *number)
{
	return state_next_double(rest, number) && *number >= 0 && *number <= most;
}

/* When something became known, or INT64_MIN. */
static bool
next_moment(struct str *rest, int64_t *moment)
{
	return state_next_number(rest, moment) && (*moment == INT64_MIN || (*moment >= SPAN_START && *moment < SPAN_END));
}

static int
restore_group(struct intensity *set, const struct state_entry *entry, struct str name, struct err *err)
{
	struct intensity_group *group = group_of(set, &(struct intensity_line){ .group = name }, err);
	struct str rest = entry->value, ref;
	int32_t first, n, n_said, faded;
	double left, before;

	if (group == NULL)
		return err->code;
	if (str_fields(name) != 3 || !next_double(&rest, 1, &left) || !next_double(&rest, MOST_DAYS * MOST_WEIGHT, &before) || !next_day(&rest, 0, &first) ||
	    !next_day(&rest, 0, &n) || !next_moment(&rest, &group->ref_s) || !next_day(&rest, INT32_MAX, &group->changed) ||
	    !next_day(&rest, INT32_MIN, &group->newest) || !next_day(&rest, 0, &group->first) || !next_day(&rest, 0, &n_said) ||
	    !next_day(&rest, 0, &faded) || !state_next_text(&rest, &ref) || n < 0 || n_said < 0)
		return state_refuse(entry, err);
	group->order = entry->order;
	group->faded = faded;
	if (decay_restore(&group->sum, left, before, first, (size_t)n, err) != LODE_OK)
		return err->code;
	first = group->first;
	if (buf_add_str(&group->ref, ref) != LODE_OK ||
	    (n_said > 0 && said_at(group, first, err) == NULL) || (n_said > 1 && said_at(group, first + n_said - 1, err) == NULL))
		return out_of_memory(err);
	return LODE_OK;
}

/* A day's weight, or what was said of a period: what has a number ahead of its group. */
static int
restore_number(struct intensity *set, const struct state_entry *entry, struct str name, bool is_day, struct err *err)
{
	struct intensity_group *group;
	struct str word, rest = entry->value;
	int64_t at = 0, first;
	size_t n;
	double value;

	if (!str_split(&name, '\t', &word) || name.p == NULL || (group = keyed_find(set->groups, name)) == NULL ||
	    !state_next_double(&rest, &value) || !state_read_number(word, &at))
		return state_refuse(entry, err);
	first = is_day ? group->sum.first : group->first;
	n = is_day ? group->sum.n : group->n_said;
	if (at < first || at - first >= (int64_t)n || (is_day && !(value >= 0 && value <= MOST_WEIGHT)))
		return state_refuse(entry, err);
	*(is_day ? &group->sum.weight[at - first] : &group->said[at - first]) = value;
	return LODE_OK;
}

static int
restore_event(struct intensity *set, const struct state_entry *entry, struct str key, struct err *err)
{
	struct str rest = entry->value;
	struct event *event = keyed_add(set->events, key, sizeof *event);

	if (event == NULL)
		return out_of_memory(err);
	event->order = entry->order;
	if (!next_day(&rest, 0, &event->day) || !next_double(&rest, INTENSITY_MAX_WEIGHT, &event->weight) || !next_moment(&rest, &event->said_s))
		return state_refuse(entry, err);
	return LODE_OK;
}

int
intensity_restore(struct intensity *set, const struct state_entry *entry, struct err *err)
{
	struct str text, rest = entry->value;
	int64_t changed;
	int32_t last;

	if (state_is(entry, GROUP, &text))
		return restore_group(set, entry, text, err);
	if (state_is(entry, DAY, &text) || state_is(entry, SAID, &text))
		return restore_number(set, entry, text, entry->key.p[0] == 'd', err);
	if (state_is(entry, EVENT, &text))
		return restore_event(set, entry, text, err);
	if (!str_is(entry->key, CLOCK) || !next_moment(&rest, &set->moment) || !next_day(&rest, 0, &set->running) ||
	    !next_day(&rest, 0, &set->from) || !state_next_number(&rest, &changed))
		return state_refuse(entry, err);
	last = set->moment == INT64_MIN ? set->running : period_at(set, day_of(set->moment));
	if (set->running != last && set->running != last - 1) /* of its last period the end has not been said, or of the one ahead */
		return state_refuse(entry, err);
	set->changed = changed != 0;
	return LODE_OK;
}

size_t
intensity_count(const struct intensity *set)
{
	return set->n;
}

const struct intensity_group *
intensity_at(const struct intensity *set, size_t i)
{
	return set->order[i];
}

/* The days with events from first to last, and how many; t[] and mark[] have room for all. */
static size_t
days_of(const struct decay *sum, int32_t first, int32_t last, double *t, double *mark)
{
	size_t n = 0;

	for (size_t k = 0; k < sum->n; k++) {
		int32_t day = sum->first + (int32_t)k;

		if (!(sum->weight[k] > 0) || day < first || day > last)
			continue;
		t[n] = (day - first) / DECAY_DAYS_PER_MONTH;
		mark[n++] = sum->weight[k];
	}
	return n;
}

int
intensity_fit(const struct intensity *set, size_t i, int64_t since_s, int64_t until_s, bool marks, struct intensity_figure *figure,
    size_t *n, struct err *err)
{
	int32_t from = since_s != INT64_MIN ? day_of(since_s) : set->from, first = first_kept(set), last = day_of(until_s);
	int32_t month = period_first_month((struct period){ PERIOD_DAY, last, last });
	const struct decay *sum = &set->order[i]->sum;
	double *t = malloc((sum->n + 1) * sizeof *t), *mark = malloc((sum->n + 1) * sizeof *mark), *residual = malloc((sum->n + 1) * sizeof *residual);
	struct hawkes_events days = { t, marks ? mark : NULL, 0, 0 };
	struct hawkes_fit f;
	int rc = LODE_OK;

	*n = 0;
	if (from > first)
		first = from;
	if (t == NULL || mark == NULL || residual == NULL)
		rc = out_of_memory(err);
	else
		days.n = days_of(sum, first, last, t, mark);
	days.end = ((double)until_s / (double)DURATION_DAY - first) / DECAY_DAYS_PER_MONTH;
	if (rc == LODE_OK && days.end > 0 && (rc = hawkes_fit(&days, &f, err)) == LODE_OK) {
		int32_t start = period_first_month((struct period){ PERIOD_DAY, first, first });
		struct period seen = { start < month ? PERIOD_SPAN : PERIOD_MONTH, start, month };
		double next = (month_first_day(month + 1) - first) / DECAY_DAYS_PER_MONTH;
		double after = (month_first_day(month + 2) - first) / DECAY_DAYS_PER_MONTH;

		hawkes_residuals(&f.at, &days, residual);
		const struct intensity_figure figures[INTENSITY_FIGURES] = {
			{ "hawkes.mu", "1/mo", "E", f.at.mu, f.se_mu, seen }, { "hawkes.alpha", "1/mo", "E", f.at.alpha, f.se_alpha, seen },
			{ "hawkes.beta", "1/mo", "E", f.at.beta, f.se_beta, seen },
			{ "hawkes.branching", "1", "E", f.branching, f.se_branching, seen },
			{ "hawkes.loglik", "1", "E", f.log_likelihood, NAN, seen },
			{ "hawkes.ks", "1", "E", hawkes_ks(residual, days.n), NAN, seen },
			{ "hawkes.rate", "1", "F", hawkes_expected(&f.at, &days, f.mean_mark, next, after), NAN, period_of_month(month + 1) },
		};

		for (*n = 0; *n < INTENSITY_FIGURES; ++*n) {
			figure[*n] = figures[*n];
			if (isnan(figure[*n].value))
				figure[*n].status = "O";
		}
	}
	free(t);
	free(mark);
	free(residual);
	return rc;
}

int
intensity_read(const struct header *columns, const struct record *record, bool country, struct buf *group, struct intensity_line *line,
    struct err *err)
{
	const size_t prefix = sizeof "event." - 1;
	struct period period;
	struct dec value;
	const char *dash;
	struct obs obs;
	struct str area;

	obs_of_record(columns, record, &obs);
	area = obs.f[OBS_AREA];
	line->ref = obs.f[OBS_REF];
	if (period_parse(obs.f[OBS_PERIOD], &period, err) != LODE_OK)
		return err_column(err, (unsigned)columns->obs[OBS_PERIOD] + 1, "period");
	line->day = period_start(period);
	line->weight = 0;
	if (obs.f[OBS_VALUE].n > 0) {
		if (dec_parse(obs.f[OBS_VALUE], &value, err) != LODE_OK)
			return err_column(err, (unsigned)columns->obs[OBS_VALUE] + 1, "value");
		line->weight = dec_double(value);
	}
	if (!(line->weight >= 0 && line->weight <= INTENSITY_MAX_WEIGHT)) {
		err_set(err, LODE_EDATA, "'%.*s' is not a weight from 0 to %.0f", STR_ARG(obs.f[OBS_VALUE]), INTENSITY_MAX_WEIGHT);
		return err_column(err, (unsigned)columns->obs[OBS_VALUE] + 1, "value");
	}
	if (country && !str_starts(area, STR("X-")) && (dash = memchr(area.p, '-', area.n)) != NULL) /* X-CN: the world without China */
		area.n = (size_t)(dash - area.p);
	group->n = 0;
	if (buf_add_str(group, area) != LODE_OK || buf_add(group, "\t", 1) != LODE_OK ||
	    buf_add(group, obs.f[OBS_INDICATOR].p + prefix, obs.f[OBS_INDICATOR].n - prefix) != LODE_OK || buf_add(group, "\t", 1) != LODE_OK ||
	    buf_add_str(group, obs.f[OBS_SOURCE]) != LODE_OK)
		return out_of_memory(err);
	line->group = buf_str(group);
	return LODE_OK;
}
