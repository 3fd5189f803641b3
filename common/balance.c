#include "balance.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define Z95 1.6448536269514722

/* Streams; the feed has those below 1 << 16. Step is the month where a number belongs to one, else 0. */
enum { STREAM_STOCK = 1 << 16, STREAM_RECOVERY, STREAM_DOMESTIC, STREAM_BYPRODUCT, STREAM_RECYCLING, STREAM_DEMAND = 1 << 17,
	STREAM_MONTH_DEMAND = 1 << 18, STREAM_SHARE = 1 << 19, STREAM_FRACTION = 1 << 20 };

double
balance_range_draw(const struct balance_range *range, double normal)
{
	double sd;

	if (!(range->mid > 0))
		return 0;
	if (range->low > 0)
		sd = log(range->high / range->low) / (2 * Z95);
	else
		sd = log(range->high / range->mid) / Z95; /* no lower point given */
	return range->mid * exp(sd * normal);
}

static size_t
months_of(const struct balance_setup *s)
{
	return (size_t)(s->as_of - s->opening) + s->n_horizons;
}

void
balance_path(const struct balance_setup *s, uint32_t path, const double *log_mass, size_t commodity, double stock_median,
    struct balance_month *months)
{
	const struct balance_commodity *c = &s->commodities[commodity];
	size_t n_series = s->feed_setup->n_series;
	double recovery = s->recovery_low +
	    (s->recovery_high - s->recovery_low) * random_uniform(s->seed, path, 0, STREAM_RECOVERY);
	double domestic = balance_range_draw(&c->domestic, random_normal(s->seed, path, 0, STREAM_DOMESTIC)) / 12;
	double byproduct = balance_range_draw(&c->byproduct, random_normal(s->seed, path, 0, STREAM_BYPRODUCT)) / 12;
	double recycling = balance_range_draw(&c->recycling, random_normal(s->seed, path, 0, STREAM_RECYCLING)) / 12;
	double trend = balance_range_draw(&c->demand,
	    random_normal(s->seed, path, 0, STREAM_DEMAND + (uint32_t)commodity)) / 12;
	double stock = stock_median * exp(s->stock_sd_log * random_normal(s->seed, path, 0, STREAM_STOCK)) * trend;

	double content[BALANCE_SERIES]; /* oxide per tonne of stated REO */

	for (size_t i = 0; i < n_series; i++) {
		const struct balance_series *series = &s->series[i];
		double odds = c->share[i] / (1 - c->share[i]) *
		    exp(series->share_sd * random_normal(s->seed, path, 0, STREAM_SHARE + series->share_draw));

		content[i] = odds / (1 + odds) * recovery *
		    balance_range_draw(&series->fraction, random_normal(s->seed, path, 0, STREAM_FRACTION + (uint32_t)i));
	}
	for (size_t m = 0; m < months_of(s); m++) {
		int32_t month = s->opening + 1 + (int32_t)m;
		struct balance_month *out = &months[m];
		double noise = random_normal(s->seed, path, (uint32_t)month, STREAM_MONTH_DEMAND + (uint32_t)commodity);
		double available;

		*out = (struct balance_month){ .opening = stock, .domestic = domestic, .byproduct = byproduct, .recycling = recycling,
			.trend = trend, .demand = trend * exp(s->demand_sd_log * noise - s->demand_sd_log * s->demand_sd_log / 2) };
		for (size_t i = 0; i < n_series; i++)
			for (size_t j = 0; j < BALANCE_LAGS; j++)
				out->in += s->lag[j] * content[i] *
				    exp(log_mass[(size_t)(month - (int32_t)j - s->feed_setup->first) * n_series + i]);
		available = stock + out->in + domestic + byproduct + recycling;
		out->used = out->demand < available ? out->demand : available;
		stock = out->closing = available - out->used;
	}
}

size_t
balance_first_below(const double *value, const double *floor, size_t floor_step, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (value[i] < floor[i * floor_step])
			return i + 1;
	return 0;
}

static int
compare(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

double
balance_quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t below = (size_t)at;

	return below + 1 >= n ? sorted[n - 1] : sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

struct job {
	const struct balance_setup *setup;
	uint32_t from, to;
	uint8_t *first;  /* by path, commodity, scenario: first month in deficit, 0 none */
	double *missing; /* by path, commodity, horizon: tonnes short up to there */
	double *room;    /* owned: scratch of the feed, then its path */
	struct balance_month *months; /* owned */
};

static void
count_path(const struct job *job, uint32_t path, const double *log_mass)
{
	const struct balance_setup *s = job->setup;
	size_t before = (size_t)(s->as_of - s->opening), n = s->n_horizons;
	double stock[BALANCE_HORIZONS], floor;

	for (size_t c = 0; c < s->n_commodities; c++)
		for (size_t k = 0; k < s->n_scenarios; k++) {
			double unmet = 0, deepest = 0;

			balance_path(s, path, log_mass, c, s->stock_median[k], job->months);
			floor = s->cover_min * job->months[0].trend;
			for (size_t h = 0; h < n; h++)
				stock[h] = job->months[before + h].closing;
			job->first[(path * s->n_commodities + c) * s->n_scenarios + k] = (uint8_t)balance_first_below(stock, &floor, 0, n);
			for (size_t m = 0; k == 0 && m < before + n; m++) {
				double closing = job->months[m].closing;

				unmet += job->months[m].demand - job->months[m].used;
				if (m < before)
					continue;
				if (closing < floor)
					deepest = fmax(deepest, floor - closing + unmet);
				job->missing[(path * s->n_commodities + c) * n + m - before] = deepest;
			}
		}
}

static void *
work(void *argument)
{
	struct job *job = argument;
	const struct feed *feed = job->setup->feed;
	double *log_mass = job->room + feed_scratch(feed);

	for (uint32_t path = job->from; path < job->to; path++) {
		feed_draw(feed, job->setup->seed, path, job->room, log_mass);
		count_path(job, path, log_mass);
	}
	return NULL;
}

static int
check_range(const struct balance_range *r, const char *what, struct err *err)
{
	if (r->mid == 0 || (r->low >= 0 && r->low <= r->mid && r->mid <= r->high && isfinite(r->high)))
		return LODE_OK;
	return err_set(err, LODE_EUSAGE, "%s: low %g, mid %g, high %g do not rise from 0", what, r->low, r->mid, r->high);
}

static int
check_setup(const struct balance_setup *s, struct err *err)
{
	double lags = 0;
	int rc = LODE_OK;

	for (size_t j = 0; j < BALANCE_LAGS; j++)
		lags += s->lag[j] >= 0 ? s->lag[j] : NAN;
	if (!(fabs(lags - 1) < 1e-9))
		return err_set(err, LODE_EUSAGE, "lag weights add up to %g, not 1", lags);
	if (!(s->recovery_low > 0 && s->recovery_low <= s->recovery_high && s->recovery_high <= 1))
		return err_set(err, LODE_EUSAGE, "recovery %g to %g is not a range within 0 and 1", s->recovery_low, s->recovery_high);
	if (!(s->cover_min > 0) || !(s->stock_sd_log >= 0) || !(s->demand_sd_log >= 0))
		return err_set(err, LODE_EUSAGE, "cover, stock or demand has a parameter below 0");
	if (s->n_horizons == 0 || s->n_horizons > BALANCE_HORIZONS || s->n_paths == 0 || s->n_threads == 0 || s->n_threads > 256 ||
	    s->n_scenarios == 0 || s->n_scenarios > BALANCE_SCENARIOS || s->n_commodities == 0)
		return err_set(err, LODE_EUSAGE, "paths, threads or horizons out of range");
	if (s->opening > s->as_of || s->opening + 1 - (BALANCE_LAGS - 1) < s->feed_setup->first ||
	    s->as_of + (int32_t)s->n_horizons > s->feed_setup->last)
		return err_set(err, LODE_EUSAGE, "the feed's months do not hold the balance's");
	if (s->feed_setup->n_series > BALANCE_SERIES)
		return err_set(err, LODE_EUSAGE, "more than %d feed series", BALANCE_SERIES);
	for (size_t k = 0; k < s->n_scenarios; k++)
		if (!(s->stock_median[k] > 0 && isfinite(s->stock_median[k])))
			return err_set(err, LODE_EUSAGE, "stock of %g months", s->stock_median[k]);
	for (size_t i = 0; rc == LODE_OK && i < s->feed_setup->n_series; i++)
		rc = check_range(&s->series[i].fraction, "REO fraction", err);
	for (size_t c = 0; rc == LODE_OK && c < s->n_commodities; c++) {
		const struct balance_commodity *b = &s->commodities[c];

		if ((rc = check_range(&b->domestic, "domestic", err)) || (rc = check_range(&b->byproduct, "byproduct", err)) ||
		    (rc = check_range(&b->recycling, "recycling", err)) || (rc = check_range(&b->demand, "demand", err)))
			break;
		if (!(b->demand.mid > 0))
			rc = err_set(err, LODE_EUSAGE, "no demand");
		for (size_t i = 0; rc == LODE_OK && i < s->feed_setup->n_series; i++)
			if (!(b->share[i] >= 0 && b->share[i] < 1))
				rc = err_set(err, LODE_EUSAGE, "a share of %g is not within 0 and 1", b->share[i]);
	}
	return rc;
}

static void
answer(const struct balance_setup *s, const struct job *all, size_t c, size_t k, size_t h, double *sorted, struct balance_answer *out)
{
	size_t hits = 0, n = s->n_paths;
	double p, sum = 0;

	*out = (struct balance_answer){ 0, 0, NAN, NAN, NAN, NAN };
	for (size_t path = 0; path < n; path++) {
		uint8_t first = all->first[(path * s->n_commodities + c) * s->n_scenarios + k];

		if (first == 0 || first > h + 1)
			continue;
		sorted[hits++] = all->missing[(path * s->n_commodities + c) * s->n_horizons + h];
	}
	out->probability = (double)hits / (double)n;
	p = ((double)hits + 0.5) / ((double)n + 1);
	out->mcse = sqrt(p * (1 - p) / (double)n);
	if (k > 0)
		return;
	qsort(sorted, hits, sizeof *sorted, compare);
	for (size_t i = 0; i < hits; i++)
		sum += sorted[i];
	out->short_expected = sum / (double)n;
	if (hits > 0) {
		out->short_median = balance_quantile(sorted, hits, 0.5);
		out->short_p05 = balance_quantile(sorted, hits, 0.05);
		out->short_p95 = balance_quantile(sorted, hits, 0.95);
	}
}

static int
simulate(const struct balance_setup *s, struct job *jobs, unsigned n_jobs, struct err *err)
{
	pthread_t threads[256];
	unsigned started = 0;
	int rc = LODE_OK;

	for (unsigned i = 1; i < n_jobs && rc == LODE_OK; i++) {
		if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0)
			rc = err_set(err, LODE_EIO, "cannot start thread %u of %u", i + 1, s->n_threads);
		else
			started = i;
	}
	if (rc == LODE_OK)
		work(&jobs[0]);
	for (unsigned i = 1; i <= started; i++)
		pthread_join(threads[i], NULL);
	return rc;
}

int
balance_run(const struct balance_setup *s, struct balance_answer *answers, struct err *err)
{
	unsigned n_jobs = s->n_threads < s->n_paths ? s->n_threads : s->n_paths;
	size_t slots, path_size;
	struct job *jobs;
	uint8_t *first;
	double *missing, *sorted;
	int rc;

	if ((rc = check_setup(s, err)) != LODE_OK)
		return rc;
	slots = (size_t)s->n_paths * s->n_commodities;
	path_size = (size_t)(s->feed_setup->last - s->feed_setup->first + 1) * s->feed_setup->n_series;
	jobs = calloc(n_jobs, sizeof *jobs);
	first = calloc(slots * s->n_scenarios, sizeof *first);
	missing = calloc(slots * s->n_horizons, sizeof *missing);
	sorted = calloc(s->n_paths, sizeof *sorted);
	if (jobs == NULL || first == NULL || missing == NULL || sorted == NULL)
		rc = err_set(err, LODE_ENOMEM, "no memory");
	for (unsigned i = 0; rc == LODE_OK && i < n_jobs; i++) {
		jobs[i] = (struct job){ .setup = s, .from = (uint32_t)((uint64_t)s->n_paths * i / n_jobs),
			.to = (uint32_t)((uint64_t)s->n_paths * (i + 1) / n_jobs), .first = first, .missing = missing,
			.room = calloc(feed_scratch(s->feed) + path_size, sizeof(double)),
			.months = calloc(months_of(s), sizeof(struct balance_month)) };
		if (jobs[i].room == NULL || jobs[i].months == NULL)
			rc = err_set(err, LODE_ENOMEM, "no memory");
	}
	if (rc == LODE_OK)
		rc = simulate(s, jobs, n_jobs, err);
	/* Paths are read in their order here, whoever made them. */
	for (size_t c = 0; rc == LODE_OK && c < s->n_commodities; c++)
		for (size_t k = 0; k < s->n_scenarios; k++)
			for (size_t h = 0; h < s->n_horizons; h++)
				answer(s, &jobs[0], c, k, h, sorted, &answers[(c * s->n_scenarios + k) * s->n_horizons + h]);
	for (unsigned i = 0; jobs != NULL && i < n_jobs; i++) {
		free(jobs[i].room);
		free(jobs[i].months);
	}
	free(jobs);
	free(first);
	free(missing);
	free(sorted);
	return rc;
}
