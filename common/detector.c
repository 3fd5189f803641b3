#include "detector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "breaks.h"
#include "buf.h"
#include "keyed.h"

struct point {
	struct period period;
	double value;
	bool said;            /* that a break stands before it */
	long earliest, latest; /* what was said of it; 1 and -1: no interval */
};

struct series {
	struct keyed_entry entry;
	struct period newest;
	bool any;
	struct standard standard;
	struct chart chart;
	struct changepoint *runs; /* owned */
	bool alarmed;             /* P(r <= recent) has not fallen yet */
	struct point *point;      /* owned; window of them */
	size_t n;
};

struct detector {
	struct detector_rules rules;
	void (*on_result)(void *, const struct detector_result *);
	void *argument;
	struct keyed *series; /* owned */
	double *values;       /* owned: window of them, scratch */
	struct buf key;       /* owned */
};

int
detector_new(struct detector **out, const struct detector_rules *r, void (*on_result)(void *, const struct detector_result *), void *argument,
    struct err *err)
{
	struct detector *d;
	struct changepoint *trial = NULL;

	if (r->method == DETECTOR_CHART && chart_check(&r->chart, err) != LODE_OK)
		return err->code;
	if (r->method == DETECTOR_RUNS && changepoint_new(&trial, &r->runs, err) != LODE_OK)
		return err->code;
	changepoint_free(trial);
	if (r->method == DETECTOR_BREAKS && r->shortest > r->window / 2)
		return err_set(err, LODE_EUSAGE, "a window of %zu values does not hold 2 segments of %zu", r->window, r->shortest);
	if ((d = calloc(1, sizeof *d)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	*d = (struct detector){ .rules = *r, .on_result = on_result, .argument = argument, .series = keyed_new() };
	if (d->series == NULL || (r->method == DETECTOR_BREAKS && (d->values = calloc(r->window, sizeof *d->values)) == NULL)) {
		detector_free(d);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	*out = d;
	return LODE_OK;
}

static void
series_release(struct series *s)
{
	standard_release(&s->standard);
	changepoint_free(s->runs);
	free(s->point);
}

void
detector_free(struct detector *d)
{
	struct keyed_entry *entry;

	if (d == NULL)
		return;
	for (entry = d->series == NULL ? NULL : keyed_oldest(d->series); entry != NULL; entry = entry->newer)
		series_release((struct series *)entry);
	keyed_free(d->series);
	free(d->values);
	buf_release(&d->key);
	free(d);
}

static int32_t
length_of(struct period period)
{
	return period.kind == PERIOD_DAY ? 0 : period_last_month(period) - period_first_month(period) + 1;
}

/* Series and length of the period: a total of two months is no figure of one. */
static struct series *
find_series(struct detector *d, const struct detector_line *line, struct err *err)
{
	struct series *s;

	d->key.n = 0;
	if (buf_add_str(&d->key, line->series) != LODE_OK || buf_printf(&d->key, "\t%d", (int)length_of(line->period)) != LODE_OK) {
		err_set(err, LODE_ENOMEM, "out of memory");
		return NULL;
	}
	if ((s = keyed_find(d->series, buf_str(&d->key))) != NULL)
		return s;
	if (keyed_count(d->series) >= d->rules.max_keys) {
		err_set(err, LODE_ENOMEM, "more than %zu series to hold (--max-keys)", d->rules.max_keys);
		return NULL;
	}
	if ((s = keyed_add(d->series, buf_str(&d->key), sizeof *s)) == NULL) {
		err_set(err, LODE_ENOMEM, "out of memory");
		return NULL;
	}
	if ((d->rules.method == DETECTOR_RUNS && changepoint_new(&s->runs, &d->rules.runs, err) != LODE_OK) ||
	    (d->rules.method == DETECTOR_BREAKS && (s->point = calloc(d->rules.window, sizeof *s->point)) == NULL)) {
		series_release(s);
		keyed_remove(d->series, s);
		err_set(err, LODE_ENOMEM, "out of memory");
		return NULL;
	}
	return s;
}

static void
say(const struct detector *d, enum detector_name name, struct period period, double value)
{
	const struct detector_result result = { name, period, value };

	d->on_result(d->argument, &result);
}

static int
look_at_runs(const struct detector *d, struct series *s, struct period period, double z, bool *alarm, struct err *err)
{
	double recent;

	if (changepoint_step(s->runs, z, err) != LODE_OK)
		return err->code;
	recent = changepoint_recent(s->runs, d->rules.recent);
	say(d, DETECTOR_STATISTIC, period, recent);
	say(d, DETECTOR_RUN, period, (double)changepoint_mode(s->runs));
	/* As long as there are no more values every run is a recent one. */
	*alarm = s->runs->seen > d->rules.recent && recent >= d->rules.enough && !s->alarmed;
	s->alarmed = s->runs->seen > d->rules.recent && recent >= d->rules.enough;
	if (*alarm)
		say(d, DETECTOR_ALARM, period, 1);
	return LODE_OK;
}

static void
look_at_chart(const struct detector *d, struct series *s, struct period period, double z, bool *alarm)
{
	int side = chart_step(&d->rules.chart, &s->chart, z);

	say(d, DETECTOR_STATISTIC, period, chart_statistic(&d->rules.chart, &s->chart));
	*alarm = side != 0;
	if (!*alarm)
		return;
	say(d, DETECTOR_ALARM, period, side == CHART_UP ? 1 : -1);
	s->chart = (struct chart){ 0 };
}

/* Says a break before value i, which is the one with number k of the best, as far as it has not been said. */
static void
say_break(const struct detector *d, struct point *point, const struct breaks *b, size_t k, size_t i)
{
	double shift = breaks_mean(b, d->values, b->best, k + 1) - breaks_mean(b, d->values, b->best, k);
	long earliest = 1, latest = -1;
	struct err none;

	if (breaks_interval(b, d->values, b->best, k, d->rules.confidence, &earliest, &latest, &none) == LODE_OK) {
		earliest -= (long)i;
		latest -= (long)i;
	}
	if (point->said && earliest == point->earliest && latest == point->latest)
		return;
	if (!point->said)
		say(d, DETECTOR_ALARM, point->period, shift > 0 ? 1 : -1);
	say(d, DETECTOR_SHIFT, point->period, shift);
	say(d, DETECTOR_EARLIEST, point->period, earliest > 0 ? NAN : (double)earliest);
	say(d, DETECTOR_LATEST, point->period, latest < 0 ? NAN : (double)latest);
	point->said = true;
	point->earliest = earliest;
	point->latest = latest;
}

/* What breaks there are now against what was said. */
static int
look_back(const struct detector *d, struct series *s, struct period period, struct err *err)
{
	const struct detector_rules *r = &d->rules;
	struct breaks *b;
	size_t next = 0;

	for (size_t i = 0; i < s->n; i++)
		d->values[i] = s->point[i].value;
	if (s->n < 2 * r->shortest)
		return LODE_OK;
	if (breaks_new(&b, d->values, s->n, r->shortest, r->most, err) != LODE_OK)
		return err->code;
	say(d, DETECTOR_STATISTIC, period, b->sup_f);
	for (size_t i = r->shortest; i < s->n; i++) {
		if (next < b->best && breaks_at(b, b->best, next) == i) {
			say_break(d, &s->point[i], b, next++, i);
		} else if (s->point[i].said) {
			say(d, DETECTOR_ALARM, s->point[i].period, 0);
			s->point[i].said = false;
		}
	}
	breaks_free(b);
	return LODE_OK;
}

static int
add_to_window(const struct detector *d, struct series *s, const struct detector_line *line, double value, enum detector_fate *fate,
    struct err *err)
{
	size_t i = s->n;

	while (i > 0 && s->point[i - 1].period.first > line->period.first)
		i--;
	if (i > 0 && s->point[i - 1].period.first == line->period.first) {
		if (s->point[i - 1].value == value) /* said again */
			return LODE_OK;
		s->point[i - 1].value = value;
	} else if (i == s->n) {
		if (s->n == d->rules.window)
			memmove(s->point, s->point + 1, --s->n * sizeof *s->point);
		s->point[s->n++] = (struct point){ .period = line->period, .value = value };
	} else {
		*fate = DETECTOR_REVISED;
		return LODE_OK;
	}
	return look_back(d, s, line->period, err);
}

int
detector_add(struct detector *d, const struct detector_line *line, enum detector_fate *fate, struct err *err)
{
	const struct detector_rules *r = &d->rules;
	struct series *s;
	double value = line->value, gap, z;
	bool alarm = false;

	*fate = DETECTOR_MISSING;
	if (isnan(value))
		return LODE_OK;
	*fate = DETECTOR_NO_LOG;
	if (r->log && !(value > 0))
		return LODE_OK;
	if (r->log)
		value = log(value);
	if (!isfinite(value * value))
		return err_set(err, LODE_EDATA, "%g is too large", value);
	if ((s = find_series(d, line, err)) == NULL)
		return err->code;
	*fate = DETECTOR_TAKEN;
	if (r->method == DETECTOR_BREAKS)
		return add_to_window(d, s, line, value, fate, err);
	gap = s->any ? (double)(line->period.first - s->newest.first) / fmax(1, length_of(line->period)) : 1;
	*fate = DETECTOR_REVISED;
	if (!(gap > 0))
		return LODE_OK;
	if (standard_step(&r->standard, &s->standard, value, gap, &z, err) != LODE_OK)
		return err->code;
	s->newest = line->period;
	s->any = true;
	*fate = isnan(z) ? DETECTOR_LEARNING : DETECTOR_TAKEN;
	if (isnan(z))
		return LODE_OK;
	if (r->method == DETECTOR_CHART)
		look_at_chart(d, s, line->period, z, &alarm);
	else if (look_at_runs(d, s, line->period, z, &alarm, err) != LODE_OK)
		return err->code;
	if (alarm && r->relearn)
		standard_release(&s->standard);
	return LODE_OK;
}
