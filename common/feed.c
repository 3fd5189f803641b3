#include "feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg.h"
#include "random.h"
#include "standard.h"

#define PI 3.14159265358979323846

enum { LEARNING_STEPS = 4 };

/* Order of the states: access, stock at the mines, four of the seasonal, Lunar New Year, effects, then level and last month of each series. */
enum { ACCESS = 0, MINES = 1, SEASON = 2, LUNAR = 6, EFFECTS = 7 };

/* Streams of random numbers; one step is one month. */
enum { STREAM_START = 0, STREAM_SHOCK = 1000, STREAM_ERROR = 2000, STREAM_TOTAL = 3000, STREAM_OWN = 4000 };

struct feed {
	const struct feed_setup *setup;
	size_t n_times, n_states, n_shocks;
	double *transition, *loading, *shock, *mean, *cov, *cov_inf;
	double *rows;  /* by time and series: the row z of x */
	double *terms; /* by total: its two rows */
	double *known; /* by time and series: log of the figure, -INFINITY for 0, NAN without */
	bool *seen;    /* by series: with a figure above 0 */
	double *own;   /* by series: variance of its own months */
	struct ssm_datum *data;
	struct ssm_model model;
	struct ssm_filter *filter;
	struct ssm_smooth *smooth;
	/* What paths are drawn from: the months from `tail` on, given what the filter knew of them before. tail 0: all, and these are unused. */
	size_t tail;
	struct ssm_model tail_model;
	struct ssm_datum *tail_data;
	struct ssm_filter *tail_filter;
	struct ssm_smooth *tail_smooth;
};

static size_t
level_of(const struct feed *feed, size_t series)
{
	return EFFECTS + feed->setup->n_effects + 2 * series;
}

static double *
row_of(const struct feed *feed, size_t t, size_t series)
{
	return feed->rows + (t * feed->setup->n_series + series) * feed->n_states;
}

static int
check_setup(const struct feed_setup *s, struct err *err)
{
	const double sizes[] = { s->sd_access, s->sd_level, s->sd_idiosyncratic, s->sd_observation, s->sd_seasonal,
		s->seasonal_prior_sd, s->lunar_sd };

	if (s->n_series == 0 || s->first > s->last)
		return err_set(err, LODE_EUSAGE, "a feed needs a series and a month");
	if (!(fabs(s->phi) < 1))
		return err_set(err, LODE_EUSAGE, "phi is %g, not between -1 and 1", s->phi);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (!(sizes[i] >= 0 && isfinite(sizes[i])))
			return err_set(err, LODE_EUSAGE, "a standard deviation of the feed is %g", sizes[i]);
	if (!(s->learn >= 0 && isfinite(s->learn)))
		return err_set(err, LODE_EUSAGE, "the standard deviations count for %g months", s->learn);
	if (!(s->floor >= 0 && isfinite(s->floor)))
		return err_set(err, LODE_EUSAGE, "the least mass of a figure is %g", s->floor);
	if (!(s->mine_gain >= 0 && isfinite(s->mine_gain)) || !(s->mine_keep >= 0 && s->mine_keep < 1))
		return err_set(err, LODE_EUSAGE, "the stock at the mines gains %g and keeps %g", s->mine_gain, s->mine_keep);
	if (s->lunar_days_before < 0 || s->lunar_days_after < 0)
		return err_set(err, LODE_EUSAGE, "the days around the Lunar New Year are negative");
	for (size_t i = 0; i < s->n_effects; i++)
		if (!(s->effects[i].sd >= 0 && s->effects[i].decay >= 0 && isfinite(s->effects[i].mean)))
			return err_set(err, LODE_EUSAGE, "effect %zu has a negative spread or decay", i + 1);
	for (size_t i = 0; i < s->n_events; i++)
		if (s->events[i].effect >= s->n_effects)
			return err_set(err, LODE_EUSAGE, "event %zu has no class", i + 1);
	for (size_t i = 0; i < s->n_figures; i++) {
		const struct feed_figure *f = &s->figures[i];

		if (f->series >= s->n_series || f->last < f->first || f->last > f->first + 1)
			return err_set(err, LODE_EUSAGE, "figure %zu is not of one or two months of a series", i + 1);
	}
	return LODE_OK;
}

static int
feed_alloc(struct feed *feed, struct err *err)
{
	const struct feed_setup *s = feed->setup;
	size_t n = feed->n_states, t = feed->n_times;
	struct {
		double **to;
		size_t count;
	} wanted[] = {
		{ &feed->transition, t * n * n }, { &feed->loading, n * feed->n_shocks }, { &feed->shock, feed->n_shocks },
		{ &feed->mean, n }, { &feed->cov, n * n }, { &feed->cov_inf, n * n }, { &feed->rows, t * s->n_series * n },
		{ &feed->terms, 2 * (s->n_figures + 1) * n }, { &feed->known, t * s->n_series },
	};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if ((*wanted[i].to = calloc(wanted[i].count, sizeof(double))) == NULL)
			return err_set(err, LODE_ENOMEM, "no memory");
	feed->seen = calloc(s->n_series, sizeof *feed->seen);
	feed->data = calloc(s->n_figures + 1, sizeof *feed->data);
	feed->own = calloc(s->n_series, sizeof *feed->own);
	if (feed->seen == NULL || feed->data == NULL || feed->own == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	return LODE_OK;
}

static void
set_rows(struct feed *feed)
{
	const struct feed_setup *s = feed->setup;

	for (size_t t = 0; t < feed->n_times; t++) {
		double lunar = feed_lunar(s->lunar, s->n_lunar, s->lunar_days_before, s->lunar_days_after, s->first + (int32_t)t);

		for (size_t i = 0; i < s->n_series; i++) {
			double *z = row_of(feed, t, i);

			z[ACCESS] = z[MINES] = s->series[i].weight;
			z[SEASON] = z[SEASON + 2] = s->series[i].seasonal;
			z[LUNAR] = lunar;
			z[level_of(feed, i)] = 1;
		}
	}
}

static void
set_transition(struct feed *feed)
{
	const struct feed_setup *s = feed->setup;
	size_t n = feed->n_states;

	for (size_t t = 0; t < feed->n_times; t++) {
		double *a = feed->transition + t * n * n;
		int32_t month = s->first + (int32_t)t;

		for (size_t j = 0; j < n; j++)
			a[j * n + j] = 1;
		a[ACCESS * n + ACCESS] = s->phi;
		a[MINES * n + MINES] = s->mine_keep;
		a[MINES * n + ACCESS] = -s->mine_gain;
		for (size_t k = 0; k < s->n_effects; k++)
			a[ACCESS * n + EFFECTS + k] = feed_intensity(s->events, s->n_events, k, s->effects[k].decay, month + 1) -
			    feed_intensity(s->events, s->n_events, k, s->effects[k].decay, month);
		for (size_t h = 0; h < 2; h++) {
			size_t at = SEASON + 2 * h;
			double angle = 2 * PI * (double)(h + 1) / 12;

			a[at * n + at] = a[(at + 1) * n + at + 1] = cos(angle);
			a[at * n + at + 1] = sin(angle);
			a[(at + 1) * n + at] = -sin(angle);
		}
		/* Last month's x, without the holiday: a total over both months says nothing about what it moved between them. */
		for (size_t i = 0; i < s->n_series; i++) {
			double *last = a + (level_of(feed, i) + 1) * n;

			memcpy(last, row_of(feed, t, i), n * sizeof *last);
			last[LUNAR] = 0;
		}
	}
}

static void
set_start(struct feed *feed)
{
	const struct feed_setup *s = feed->setup;
	size_t n = feed->n_states, shocks = feed->n_shocks;

	feed->cov[ACCESS * n + ACCESS] = s->sd_access * s->sd_access / (1 - s->phi * s->phi);
	for (size_t j = SEASON; j < SEASON + 4; j++)
		feed->cov[j * n + j] = s->seasonal_prior_sd * s->seasonal_prior_sd;
	feed->mean[LUNAR] = s->lunar_mean;
	feed->cov[LUNAR * n + LUNAR] = s->lunar_sd * s->lunar_sd;
	for (size_t k = 0; k < s->n_effects; k++) {
		size_t j = EFFECTS + k;

		feed->mean[j] = s->effects[k].mean;
		feed->cov[j * n + j] = s->effects[k].sd * s->effects[k].sd;
	}
	feed->loading[ACCESS * shocks] = 1;
	feed->shock[0] = s->sd_access * s->sd_access;
	for (size_t j = 0; j < 4; j++) {
		feed->loading[(SEASON + j) * shocks + 1 + j] = 1;
		feed->shock[1 + j] = s->sd_seasonal * s->sd_seasonal;
	}
	for (size_t i = 0; i < s->n_series; i++) {
		size_t j = level_of(feed, i);

		/* A level nobody has seen stays at its (unused) start instead of being diffuse for ever. */
		feed->cov_inf[j * n + j] = feed->seen[i];
		feed->loading[j * shocks + 5 + i] = 1;
		feed->shock[5 + i] = s->sd_level * s->sd_level;
	}
}

static bool
usable(const struct feed_setup *s, const struct feed_figure *f)
{
	return f->mass >= 0 && isfinite(f->mass) && f->first >= s->first && f->last <= s->last;
}

/* Is there a logarithm for the states to see? */
static bool
moves(const struct feed *feed, const struct feed_figure *f)
{
	return feed->seen[f->series] && fmax(f->mass, feed->setup->floor) > 0;
}

static int
by_time(const void *x, const void *y)
{
	const struct ssm_datum *a = x, *b = y;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->n_terms != b->n_terms)
		return a->n_terms < b->n_terms ? -1 : 1;
	return a->z < b->z ? -1 : a->z > b->z; /* rows of one array: the order of the series */
}

/* Variance of a month's figure around what the states say. */
static double
seen_variance(const struct feed *feed, size_t series)
{
	return feed->own[series] + feed->setup->sd_observation * feed->setup->sd_observation;
}

/* The series that a datum is of. */
static size_t
series_of(const struct feed *feed, const struct ssm_datum *d)
{
	if (d->n_terms > 1)
		return feed->setup->figures[(size_t)(d->z - feed->terms) / (2 * feed->n_states)].series;
	return (size_t)(d->z - feed->rows) / feed->n_states % feed->setup->n_series;
}

static void
set_data(struct feed *feed)
{
	const struct feed_setup *s = feed->setup;
	size_t n = feed->n_states, n_data = 0;

	for (size_t i = 0; i < feed->n_times * s->n_series; i++)
		feed->known[i] = NAN;
	for (size_t i = 0; i < s->n_figures; i++)
		if (usable(s, &s->figures[i]) && s->figures[i].mass > 0)
			feed->seen[s->figures[i].series] = true;
	for (size_t i = 0; i < s->n_figures; i++) {
		const struct feed_figure *f = &s->figures[i];
		size_t t = (size_t)(f->last - s->first);

		if (!usable(s, f) || f->last != f->first)
			continue;
		feed->known[t * s->n_series + f->series] = log(f->mass);
		if (moves(feed, f))
			feed->data[n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = row_of(feed, t, f->series),
				.y = log(fmax(f->mass, s->floor)) };
	}
	for (size_t i = 0; i < s->n_figures; i++) {
		const struct feed_figure *f = &s->figures[i];
		size_t t = (size_t)(f->last - s->first);
		double *terms = feed->terms + 2 * n * i;

		if (!usable(s, f) || f->last == f->first || !moves(feed, f) || (!isnan(feed->known[t * s->n_series + f->series]) &&
		    !isnan(feed->known[(t - 1) * s->n_series + f->series])))
			continue;
		memcpy(terms, row_of(feed, t, f->series), n * sizeof *terms);
		terms[LUNAR] = 0;
		terms[n + level_of(feed, f->series) + 1] = 1;
		feed->data[n_data++] = (struct ssm_datum){ .time = t, .n_terms = 2, .z = terms,
			.y = log(fmax(f->mass, s->floor)) };
	}
	qsort(feed->data, n_data, sizeof *feed->data, by_time);
	feed->model.n_data = n_data;
}

/*
 * The states from a month on, given all data, follow from what the filter predicted for that month and the data from there on. So a path
 * need not be drawn from the first month.
 */
static int
cut_tail(struct feed *feed, struct err *err)
{
	const struct feed_setup *s = feed->setup;
	size_t n = feed->n_states, from = s->drawn > s->first ? (size_t)(s->drawn - s->first) : 0, skipped = 0;
	struct ssm_model *m = &feed->tail_model;
	int rc;

	/* A month more: a total's first month is a state of the second. */
	if (from-- < 2)
		return LODE_OK;
	for (size_t i = 0; i < n * n; i++)
		if (feed->filter->p_inf[from * n * n + i] != 0)
			return LODE_OK; /* a level is still without any figure */
	while (skipped < feed->model.n_data && feed->data[skipped].time < from)
		skipped++;
	*m = feed->model;
	m->n_times -= from;
	m->n_data -= skipped;
	m->transition += from * m->transition_step;
	m->mean = feed->filter->a + from * n;
	m->cov = feed->filter->p + from * n * n;
	m->cov_inf = NULL;
	if ((feed->tail_data = calloc(m->n_data + 1, sizeof *feed->tail_data)) == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	for (size_t i = 0; i < m->n_data; i++) {
		feed->tail_data[i] = feed->data[skipped + i];
		feed->tail_data[i].time -= from;
	}
	m->data = feed->tail_data;
	if ((rc = ssm_filter_new(m, &feed->tail_filter, err)) == LODE_OK &&
	    (rc = ssm_smooth_new(feed->tail_filter, &feed->tail_smooth, err)) == LODE_OK)
		feed->tail = from;
	return rc;
}

static int
filter_and_smooth(struct feed *feed, struct err *err)
{
	int rc;

	ssm_smooth_free(feed->smooth);
	ssm_filter_free(feed->filter);
	feed->smooth = NULL;
	feed->filter = NULL;
	if ((rc = ssm_filter_new(&feed->model, &feed->filter, err)) == LODE_OK)
		rc = ssm_smooth_new(feed->filter, &feed->smooth, err);
	return rc;
}

/* The mode of a variance of which so many squares add up to sum, when given is worth `learn` of them. */
static double
learned(const struct feed_setup *s, double given, double sum, double n)
{
	return (sum + s->learn * given * given) / (n + s->learn);
}

/* Of a total both months' own noise counts, about halved in the logged sum. */
static void
set_variances(struct feed *feed)
{
	for (size_t k = 0; k < feed->model.n_data; k++)
		feed->data[k].h = seen_variance(feed, series_of(feed, &feed->data[k])) / (feed->data[k].n_terms > 1 ? 2 : 1);
}

/* EM is slow from afar: a series that access does not move starts from the likeliest variances of a level by itself. */
static int
start_near(struct feed *feed, struct err *err)
{
	const struct feed_setup *s = feed->setup;
	double *y = calloc(2 * feed->n_times, sizeof *y), *gap = y + feed->n_times, irregular, level;

	if (y == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	for (size_t i = 0; i < s->n_series; i++) {
		size_t n = 0, last = 0;

		for (size_t t = 0; t < feed->n_times && s->series[i].weight == 0; t++) {
			double x = feed->known[t * s->n_series + i];

			if (isnan(x) || !feed->seen[i])
				continue;
			y[n] = fmax(x, s->floor > 0 ? log(s->floor) : x);
			gap[n++] = (double)(t - last);
			last = t;
		}
		if (n < 3 || !isfinite(y[0]))
			continue;
		standard_fit(y, gap, n, &irregular, &level);
		feed->shock[5 + i] = learned(s, s->sd_level, level * (double)n, (double)n);
		feed->own[i] = fmax(0, learned(s, hypot(s->sd_idiosyncratic, s->sd_observation), irregular * (double)n, (double)n) -
		    s->sd_observation * s->sd_observation);
	}
	free(y);
	return LODE_OK;
}

/*
 * One step of EM: variances from the smoothed disturbances. A level's shocks count from its series' first figure to its last, access' from the
 * first figure of all to the last, since beyond these nothing is seen. A figure whose variance was raised as an outlier counts as much less.
 */
static void
learn(struct feed *feed)
{
	const struct feed_setup *s = feed->setup;
	const struct ssm_smooth *smooth = feed->smooth;
	size_t shocks = feed->n_shocks, first_of_all = SIZE_MAX, last_of_all = 0;

	for (size_t i = 0; i < s->n_series; i++) {
		size_t first = SIZE_MAX, last = 0;
		double sum = 0, n = 0, level = 0;

		for (size_t k = 0; k < feed->model.n_data; k++) {
			const struct ssm_datum *d = &feed->data[k];
			double square;

			if (series_of(feed, d) != i || isnan(feed->filter->v[k]))
				continue;
			first = d->time < first ? d->time : first;
			last = d->time > last ? d->time : last;
			if (d->n_terms > 1)
				continue;
			square = smooth->error[k] * smooth->error[k] + smooth->error_v[k];
			sum += square * d->h / feed->filter->h[k];
			n++;
		}
		if (first > last)
			continue;
		for (size_t t = first; t < last; t++)
			level += smooth->shock[t * shocks + 5 + i] * smooth->shock[t * shocks + 5 + i] + smooth->shock_v[t * shocks + 5 + i];
		feed->own[i] = fmax(0, learned(s, hypot(s->sd_idiosyncratic, s->sd_observation), sum, n) -
		    s->sd_observation * s->sd_observation);
		feed->shock[5 + i] = learned(s, s->sd_level, level, (double)(last - first));
		first_of_all = first < first_of_all ? first : first_of_all;
		last_of_all = last > last_of_all ? last : last_of_all;
	}
	if (first_of_all < last_of_all) {
		double sum = 0;

		for (size_t t = first_of_all; t < last_of_all; t++)
			sum += smooth->shock[t * shocks] * smooth->shock[t * shocks] + smooth->shock_v[t * shocks];
		feed->shock[0] = learned(s, s->sd_access, sum, (double)(last_of_all - first_of_all));
	}
	set_variances(feed);
	feed->cov[ACCESS * feed->n_states + ACCESS] = feed->shock[0] / (1 - s->phi * s->phi);
}

int
feed_new(const struct feed_setup *setup, struct feed **out, struct err *err)
{
	struct feed *feed;
	int rc;

	if ((rc = check_setup(setup, err)) != LODE_OK)
		return rc;
	if ((feed = calloc(1, sizeof *feed)) == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	feed->setup = setup;
	feed->n_times = (size_t)(setup->last - setup->first) + 1;
	feed->n_states = EFFECTS + setup->n_effects + 2 * setup->n_series;
	feed->n_shocks = 5 + setup->n_series;
	if ((rc = feed_alloc(feed, err)) == LODE_OK) {
		for (size_t i = 0; i < setup->n_series; i++)
			feed->own[i] = setup->sd_idiosyncratic * setup->sd_idiosyncratic;
		set_rows(feed);
		set_transition(feed);
		set_data(feed);
		set_start(feed);
		feed->model = (struct ssm_model){ .n_states = feed->n_states, .n_shocks = feed->n_shocks, .n_times = feed->n_times,
			.n_data = feed->model.n_data, .transition = feed->transition,
			.transition_step = feed->n_states * feed->n_states, .loading = feed->loading, .shock = feed->shock,
			.mean = feed->mean, .cov = feed->cov, .cov_inf = feed->cov_inf, .data = feed->data,
			.outlier_z = setup->outlier_z, .outlier_factor = setup->outlier_factor };
		if (setup->learn > 0)
			rc = start_near(feed, err);
		set_variances(feed);
		if (rc == LODE_OK)
			rc = filter_and_smooth(feed, err);
	}
	for (size_t step = 0; rc == LODE_OK && setup->learn > 0 && step < LEARNING_STEPS; step++) {
		learn(feed);
		rc = filter_and_smooth(feed, err);
	}
	if (rc == LODE_OK)
		rc = cut_tail(feed, err);
	if (rc == LODE_OK)
		*out = feed;
	else
		feed_free(feed);
	return rc;
}

void
feed_free(struct feed *feed)
{
	if (feed == NULL)
		return;
	ssm_smooth_free(feed->tail_smooth);
	ssm_filter_free(feed->tail_filter);
	free(feed->tail_data);
	ssm_smooth_free(feed->smooth);
	ssm_filter_free(feed->filter);
	free(feed->transition);
	free(feed->loading);
	free(feed->shock);
	free(feed->mean);
	free(feed->cov);
	free(feed->cov_inf);
	free(feed->rows);
	free(feed->terms);
	free(feed->known);
	free(feed->seen);
	free(feed->own);
	free(feed->data);
	free(feed);
}

static double
state_sd(const struct feed *feed, size_t t, size_t state)
{
	size_t n = feed->n_states;

	return sqrt(fmax(0, feed->smooth->v[t * n * n + state * n + state]));
}

double
feed_mean(const struct feed *feed, size_t series, int32_t month, double *sd)
{
	size_t n = feed->n_states, t = (size_t)(month - feed->setup->first);
	const double *z = row_of(feed, t, series), *v = feed->smooth->v + t * n * n;
	double variance = 0;

	*sd = 0;
	if (!feed->seen[series])
		return -INFINITY;
	for (size_t r = 0; r < n; r++)
		variance += z[r] * linalg_dot(v + r * n, z, n);
	*sd = sqrt(fmax(0, variance));
	return linalg_dot(z, feed->smooth->a + t * n, n);
}

double
feed_access(const struct feed *feed, int32_t month, double *sd)
{
	size_t t = (size_t)(month - feed->setup->first);

	*sd = state_sd(feed, t, ACCESS);
	return feed->smooth->a[t * feed->n_states + ACCESS];
}

double
feed_effect(const struct feed *feed, size_t effect, double *sd)
{
	size_t t = feed->n_times - 1;

	*sd = state_sd(feed, t, EFFECTS + effect);
	return feed->smooth->a[t * feed->n_states + EFFECTS + effect];
}

bool
feed_known(const struct feed *feed, size_t series, int32_t month)
{
	return !isnan(feed->known[(size_t)(month - feed->setup->first) * feed->setup->n_series + series]);
}

bool
feed_seen(const struct feed *feed, size_t series)
{
	return feed->seen[series];
}

double
feed_own_sd(const struct feed *feed, size_t series)
{
	return sqrt(feed->own[series]);
}

double
feed_level_sd(const struct feed *feed, size_t series)
{
	return sqrt(feed->shock[5 + series]);
}

double
feed_access_sd(const struct feed *feed)
{
	return sqrt(feed->shock[0]);
}

double
feed_log_likelihood(const struct feed *feed)
{
	return feed->filter->log_likelihood;
}

const struct feed_setup *
feed_setup_of(const struct feed *feed)
{
	return feed->setup;
}

const struct ssm_model *
feed_model(const struct feed *feed)
{
	return &feed->model;
}

size_t
feed_datum_series(const struct feed *feed, size_t datum)
{
	return series_of(feed, &feed->data[datum]);
}

const double *
feed_row(const struct feed *feed, size_t series, int32_t month)
{
	return row_of(feed, (size_t)(month - feed->setup->first), series);
}

static const struct ssm_model *
drawn_model(const struct feed *feed)
{
	return feed->tail > 0 ? &feed->tail_model : &feed->model;
}

size_t
feed_scratch(const struct feed *feed)
{
	const struct ssm_model *m = drawn_model(feed);

	return ssm_simulate_normals(m) + ssm_simulate_scratch(m) + m->n_times * feed->n_states;
}

static double
normal(uint64_t seed, uint32_t path, int32_t month, size_t stream)
{
	return random_normal(seed, path, (uint32_t)month, (uint32_t)stream);
}

/* Brings the months of a published total that have no figure of their own to what it leaves for them. */
static void
hold_total(const struct feed *feed, const struct feed_figure *f, double *log_mass)
{
	size_t n_series = feed->setup->n_series, from = (size_t)(f->first - feed->setup->first) * n_series + f->series;
	double left = f->mass, drawn = 0;

	for (size_t at = from; at <= from + n_series; at += n_series)
		if (isnan(feed->known[at]))
			drawn += exp(log_mass[at]);
		else
			left -= exp(log_mass[at]);
	for (size_t at = from; at <= from + n_series && drawn > 0 && left >= 0; at += n_series)
		if (isnan(feed->known[at]))
			log_mass[at] += log(left / drawn);
}

void
feed_draw(const struct feed *feed, uint64_t seed, uint32_t path, double *scratch, double *log_mass)
{
	const struct feed_setup *s = feed->setup;
	const struct ssm_model *m = drawn_model(feed);
	size_t n = feed->n_states, shocks = feed->n_shocks, n_series = s->n_series;
	double *normals = scratch, *work = normals + ssm_simulate_normals(m), *states = work + ssm_simulate_scratch(m), *next = normals;

	for (size_t j = 0; j < n; j++)
		*next++ = normal(seed, path, 0, STREAM_START + j);
	for (size_t t = 0; t < m->n_times; t++)
		for (size_t j = 0; j < shocks; j++)
			*next++ = normal(seed, path, s->first + (int32_t)(feed->tail + t), STREAM_SHOCK + j);
	for (size_t i = 0; i < m->n_data; i++) {
		const struct ssm_datum *d = &m->data[i];

		*next++ = normal(seed, path, s->first + (int32_t)(feed->tail + d->time),
		    (d->n_terms > 1 ? STREAM_TOTAL : STREAM_ERROR) + series_of(feed, d));
	}
	if (feed->tail > 0)
		ssm_simulate(feed->tail_filter, feed->tail_smooth, normals, work, states);
	else
		ssm_simulate(feed->filter, feed->smooth, normals, work, states);
	for (size_t t = 0; t < feed->n_times; t++)
		for (size_t i = 0; i < n_series; i++) {
			double *x = log_mass + t * n_series + i;

			*x = feed->known[t * n_series + i];
			if (!feed->seen[i])
				*x = -INFINITY;
			else if (isnan(*x) && t < feed->tail)
				*x = linalg_dot(row_of(feed, t, i), feed->smooth->a + t * n, n);
			else if (isnan(*x))
				*x = linalg_dot(row_of(feed, t, i), states + (t - feed->tail) * n, n) +
				    sqrt(feed->own[i]) * normal(seed, path, s->first + (int32_t)t, STREAM_OWN + i);
		}
	for (size_t i = 0; i < s->n_figures; i++)
		if (s->figures[i].last != s->figures[i].first && usable(s, &s->figures[i]))
			hold_total(feed, &s->figures[i], log_mass);
}
