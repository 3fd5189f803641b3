#include "balance.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "particles.h"
#include "random.h"

#define Z95 1.6448536269514722

/* Streams; the feed has those below 1 << 16. Step is the month where a number belongs to one, else 0. */
enum { STREAM_STOCK = 1 << 16, STREAM_RECOVERY, STREAM_DOMESTIC, STREAM_BYPRODUCT, STREAM_RECYCLING, STREAM_ABROAD, STREAM_STOCK_ABROAD,
	STREAM_GATE, STREAM_PREMIUM, STREAM_RESAMPLE, STREAM_DOMESTIC_CHANGE, STREAM_DEMAND_CHANGE, STREAM_HAZARD = (1 << 16) + 1024, STREAM_DEMAND = 1 << 17,
	STREAM_MONTH_DEMAND = 1 << 18, STREAM_SHARE = 1 << 19, STREAM_FRACTION = 1 << 20, STREAM_EXPORT = 1 << 21, STREAM_MAGNET = 1 << 22,
	STREAM_MONTH_EXPORT = 1 << 23, STREAM_PRICE = 1 << 24, STREAM_MONTH_ABROAD = 1 << 25 };

/* Degrees of freedom of a month's change of a price. */
enum { PRICE_DOF = 4 };

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

static size_t
months_abroad(const struct balance_setup *s)
{
	return (size_t)(s->as_of - s->outside_opening) + s->n_horizons;
}

static double
constant_draw(const struct balance_setup *s, const struct balance_range *range, uint32_t path, uint32_t stream)
{
	return balance_range_draw(range, random_normal(s->seed, path, 0, stream)) / 12;
}

/* Of the logarithm, a month. */
static double
change_draw(const struct balance_setup *s, const struct balance_change *change, uint32_t path, uint32_t stream)
{
	return change->sd > 0 ? (change->mean + change->sd * random_normal(s->seed, path, 0, stream)) / 12 : change->mean / 12;
}

/* What a stream is times in a month. */
static double
changed(const struct balance_change *change, double rate, int32_t month)
{
	return rate != 0 && month > change->from ? exp(rate * (month - change->from)) : 1;
}

/* What an open gate lets out in a month, and what it lets out in a state of the gate. */
struct leaving {
	double export, magnet;
};

static struct leaving
leaving_open(const struct balance_setup *s, uint32_t path, size_t commodity)
{
	const struct balance_commodity *c = &s->commodities[commodity];

	return (struct leaving){ constant_draw(s, &c->export, path, STREAM_EXPORT + (uint32_t)commodity),
		constant_draw(s, &c->magnet, path, STREAM_MAGNET + (uint32_t)commodity) };
}

static struct leaving
leaving_through(const struct balance_setup *s, struct leaving open, const uint8_t *states, int32_t month)
{
	uint8_t state;

	if (states == NULL)
		return open;
	state = states[month - s->gate_setup->first];
	return (struct leaving){ open.export * s->gate_setup->through[state], open.magnet * s->magnet_through[state] };
}

double
balance_share(const struct balance_setup *s, uint32_t path, size_t commodity, size_t series)
{
	const struct balance_series *of = &s->series[series];
	double share = s->commodities[commodity].share[series];
	double odds = share / (1 - share) * exp(of->share_sd * random_normal(s->seed, path, 0, STREAM_SHARE + of->share_draw));

	return odds / (1 + odds);
}

void
balance_path(const struct balance_setup *s, uint32_t path, const double *log_mass, const uint8_t *states, size_t commodity,
    double stock_median, struct balance_month *months)
{
	const struct balance_commodity *c = &s->commodities[commodity];
	size_t n_series = s->feed_setup->n_series;
	double recovery = s->recovery_low +
	    (s->recovery_high - s->recovery_low) * random_uniform(s->seed, path, 0, STREAM_RECOVERY);
	double domestic = constant_draw(s, &c->domestic, path, STREAM_DOMESTIC);
	double byproduct = constant_draw(s, &c->byproduct, path, STREAM_BYPRODUCT);
	double recycling = constant_draw(s, &c->recycling, path, STREAM_RECYCLING);
	double demand = constant_draw(s, &c->demand, path, STREAM_DEMAND + (uint32_t)commodity);
	double domestic_rate = change_draw(s, &c->domestic_change, path, STREAM_DOMESTIC_CHANGE);
	double demand_rate = change_draw(s, &c->demand_change, path, STREAM_DEMAND_CHANGE);
	double stock = stock_median * exp(s->stock_sd_log[BALANCE_HOME] * random_normal(s->seed, path, 0, STREAM_STOCK)) * demand *
	    changed(&c->demand_change, demand_rate, s->opening);
	struct leaving open = leaving_open(s, path, commodity);
	double content[BALANCE_SERIES]; /* oxide per tonne of stated REO */

	for (size_t i = 0; i < n_series; i++)
		content[i] = balance_share(s, path, commodity, i) * recovery *
		    balance_range_draw(&s->series[i].fraction, random_normal(s->seed, path, 0, STREAM_FRACTION + (uint32_t)i));
	for (size_t m = 0; m < months_of(s); m++) {
		int32_t month = s->opening + 1 + (int32_t)m;
		struct balance_month *out = &months[m];
		double noise = random_normal(s->seed, path, (uint32_t)month, STREAM_MONTH_DEMAND + (uint32_t)commodity);
		struct leaving leaving = leaving_through(s, open, states, month);
		double trend = demand * changed(&c->demand_change, demand_rate, month), home = fmax(0, trend - open.export - open.magnet);
		double at_home = home * exp(s->demand_sd_log * noise - s->demand_sd_log * s->demand_sd_log / 2), available, given;

		*out = (struct balance_month){ .opening = stock, .domestic = domestic * changed(&c->domestic_change, domestic_rate, month),
			.byproduct = byproduct, .recycling = recycling, .trend = trend, .demand = at_home + leaving.export + leaving.magnet };
		for (size_t i = 0; i < n_series; i++)
			for (size_t j = 0; j < BALANCE_LAGS; j++)
				out->in += s->lag[j] * content[i] *
				    exp(log_mass[(size_t)(month - (int32_t)j - s->feed_setup->first) * n_series + i]);
		available = stock + out->in + out->domestic + byproduct + recycling;
		given = out->demand < available ? 1 : available / out->demand;
		out->used = given * at_home;
		out->shipped = given * (leaving.export + leaving.magnet);
		stock = out->closing = fmax(0, available - out->used - out->shipped);
	}
}

void
balance_path_abroad(const struct balance_setup *s, uint32_t path, const uint8_t *states, size_t commodity, double stock_median,
    const struct balance_month *months, struct balance_abroad *abroad)
{
	struct leaving open = leaving_open(s, path, commodity);
	double own = constant_draw(s, &s->commodities[commodity].abroad, path, STREAM_ABROAD);
	double trend = open.export + open.magnet, sd = s->demand_sd_log;
	double stock = stock_median * exp(s->stock_sd_log[BALANCE_ABROAD] * random_normal(s->seed, path, 0, STREAM_STOCK_ABROAD)) * trend;

	for (size_t m = 0; m < months_abroad(s); m++) {
		int32_t month = s->outside_opening + 1 + (int32_t)m;
		struct leaving leaving = leaving_through(s, open, states, month);
		double noise = random_normal(s->seed, path, (uint32_t)month, STREAM_MONTH_ABROAD + (uint32_t)commodity);
		struct balance_abroad *out = &abroad[m];
		double available;

		/* Before the opening at home nothing is known of scarcity there: what the gate lets through is shipped. */
		*out = (struct balance_abroad){ .opening = stock, .own = own, .trend = trend, .demand = trend * exp(sd * noise - sd * sd / 2),
			.arrived = month > s->opening ? months[month - s->opening - 1].shipped : leaving.export + leaving.magnet };
		available = stock + out->arrived + own;
		out->used = fmin(out->demand, available);
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
	/* All by path first; each job writes its own paths. */
	uint8_t *first;    /* region, commodity, scenario: first month in deficit, 0 none */
	double *missing;   /* region, commodity, horizon: tonnes short up to there */
	uint8_t *deepest;  /* region, commodity, horizon: the month in which that was so */
	uint8_t *standins; /* commodity, horizon: bit k for yes, bit 4 + k for unknown */
	double *weight;    /* log of the likelihood */
	/* Owned: scratch of the feed, its path, access lost to events; flows; states of the gate. */
	double *room;
	struct balance_month *months;
	struct balance_abroad *abroad;
	uint8_t *states;
};

static size_t
regions_of(const struct balance_setup *s)
{
	return s->gate == NULL ? 1 : BALANCE_REGIONS;
}

/* A month of a region as far as deficits go. */
struct position {
	double closing, unmet, trend;
};

static struct position
position_of(const struct job *job, size_t region, size_t m)
{
	const struct balance_month *home = &job->months[m];
	const struct balance_abroad *abroad;

	if (region == BALANCE_HOME)
		return (struct position){ home->closing, home->demand - home->used - home->shipped, home->trend };
	abroad = &job->abroad[m];
	return (struct position){ abroad->closing, abroad->demand - abroad->used, abroad->trend };
}

static void
count_region(const struct job *job, uint32_t path, size_t region, size_t c, size_t k)
{
	const struct balance_setup *s = job->setup;
	size_t n = s->n_horizons, before = (size_t)(s->as_of - (region == BALANCE_HOME ? s->opening : s->outside_opening));
	size_t cell = ((size_t)path * regions_of(s) + region) * s->n_commodities + c;
	double stock[BALANCE_HORIZONS], floor[BALANCE_HORIZONS], unmet = 0, most = 0;
	uint8_t deepest = 0;

	for (size_t m = 0; m < before + n; m++) {
		struct position now = position_of(job, region, m);
		double missing;

		unmet += now.unmet;
		if (m < before)
			continue;
		stock[m - before] = now.closing;
		floor[m - before] = s->scenarios[k].cover_min * now.trend;
		missing = now.closing < floor[m - before] ? floor[m - before] - now.closing + unmet : 0;
		if (missing > most) {
			most = missing;
			deepest = (uint8_t)(m - before + 1);
		}
		if (k > 0)
			continue;
		job->missing[cell * n + m - before] = most;
		job->deepest[cell * n + m - before] = deepest;
	}
	job->first[cell * s->n_scenarios + k] = (uint8_t)balance_first_below(stock, floor, 1, n);
}

/* Log of Student's t density up to a constant. */
static double
log_t(double z, double dof)
{
	return -(dof + 1) / 2 * log1p(z * z / dof);
}

/* What a month's price changes by without noise: it falls while stocks are above their median. */
static double
price_drift(const struct balance_setup *s, const struct balance_month *month)
{
	double cover = month->closing / month->trend;

	return -s->price.gain * log(fmax(cover, 0.05) / s->scenarios[0].stock_median[BALANCE_HOME]);
}

/* How well a path fits what was seen of a commodity in the months from the opening to the as-of month; job->months is the main scenario. */
static double
fit_of(const struct job *job, size_t c)
{
	const struct balance_setup *s = job->setup;
	size_t before = (size_t)(s->as_of - s->opening);
	double sum = 0;

	for (size_t i = 0; i < s->n_outputs; i++) {
		const struct balance_output *o = &s->outputs[i];

		if (o->commodity == c && o->month > s->opening && o->month <= s->as_of) {
			const struct balance_month *m = &job->months[o->month - s->opening - 1];
			double z = (log(o->mass) - log(m->in + m->domestic + m->byproduct)) / s->output_sd_log;

			sum -= z * z / 2;
		}
	}
	for (size_t i = 1; i < STANDIN_PRICE_MONTHS - 1; i++) {
		const double *price = s->commodities[c].price;
		size_t back = STANDIN_PRICE_MONTHS - 2 - i; /* months before the as-of month */

		if (!isnan(price[i]) && !isnan(price[i - 1]) && before > back)
			sum += log_t((price[i] - price[i - 1] - price_drift(s, &job->months[before - 1 - back])) / s->price.sd, PRICE_DOF);
	}
	return sum;
}

/* Student's t with 4 degrees of freedom by its quantile: Shaw (2006), Sampling Student's T distribution. */
static double
t4(double u)
{
	double alpha = 4 * u * (1 - u), root = sqrt(alpha), q = 4 * cos(acos(root) / 3) / root;

	return (u < 0.5 ? -1 : 1) * sqrt(fmax(0, q - 4));
}

static void
answer_standins(const struct job *job, uint32_t path, size_t c, const double *log_mass)
{
	const struct balance_setup *s = job->setup;
	const struct balance_commodity *commodity = &s->commodities[c];
	size_t n = s->n_horizons, before = (size_t)(s->as_of - s->opening), n_series = s->feed_setup->n_series;
	double feed[STANDIN_FEED_MONTHS + BALANCE_HORIZONS], price[STANDIN_PRICE_MONTHS + BALANCE_HORIZONS];
	double export[STANDIN_EXPORT_MONTHS + BALANCE_HORIZONS], premium = commodity->premium;
	struct leaving open = leaving_open(s, path, c);

	/* Each array ends with the as-of month at [LENGTH - 2]; month h ahead stands h behind that. */
	for (size_t i = 0; i < STANDIN_FEED_MONTHS - 1 + n; i++) {
		int32_t month = s->as_of - (STANDIN_FEED_MONTHS - 2) + (int32_t)i;

		feed[i] = month < s->feed_setup->first ? NAN : 0;
		for (size_t j = 0; j < n_series && !isnan(feed[i]); j++)
			feed[i] += commodity->share[j] * exp(log_mass[(size_t)(month - s->feed_setup->first) * n_series + j]);
	}
	for (size_t i = 0; i < STANDIN_PRICE_MONTHS - 1; i++)
		price[i] = exp(commodity->price[i]);
	for (size_t i = 0; i < STANDIN_EXPORT_MONTHS - 1; i++)
		export[i] = commodity->exports == NULL ? NAN : commodity->exports[i];
	double level = isnan(commodity->price[STANDIN_PRICE_MONTHS - 2]) ? 0 : commodity->price[STANDIN_PRICE_MONTHS - 2];
	if (isnan(commodity->price[STANDIN_PRICE_MONTHS - 2]))
		price[STANDIN_PRICE_MONTHS - 2] = 1; /* only what it changes by counts */
	if (isnan(commodity->price[STANDIN_PRICE_MONTHS - 2]))
		for (size_t i = 0; i < STANDIN_PRICE_MONTHS - 2; i++)
			price[i] = NAN;

	for (size_t h = 0; h < n; h++) {
		uint32_t month = (uint32_t)(s->as_of + 1 + (int32_t)h);
		struct leaving through = leaving_through(s, open, job->states, (int32_t)month);
		enum standin_answer answers[STANDINS];
		uint8_t bits = 0;

		level += price_drift(s, &job->months[before + h]) +
		    s->price.sd * t4(random_uniform(s->seed, path, month, STREAM_PRICE + (uint32_t)c));
		price[STANDIN_PRICE_MONTHS - 1 + h] = exp(level);
		if (job->states != NULL) {
			double mean = s->price.premium_mean[job->states[(int32_t)month - s->gate_setup->first]];

			premium = isnan(premium) ? NAN : mean + s->price.premium_keep * (premium - mean) +
			    s->price.premium_sd * random_normal(s->seed, path, month, STREAM_PREMIUM);
			export[STANDIN_EXPORT_MONTHS - 1 + h] = through.export *
			    exp(s->gate_setup->scale * random_normal(s->seed, path, month, STREAM_MONTH_EXPORT + (uint32_t)c));
		} else {
			premium = export[STANDIN_EXPORT_MONTHS - 1 + h] = NAN;
		}
		answers[STANDIN_FEED] = standin_feed(feed + h);
		answers[STANDIN_PRICE] = standin_price(price + h);
		answers[STANDIN_PREMIUM] = standin_premium(exp(premium));
		answers[STANDIN_EXPORT] = standin_export(export + h);
		for (size_t k = 0; k < STANDINS; k++)
			bits = (uint8_t)(bits | (answers[k] == STANDIN_YES) << k | (answers[k] == STANDIN_UNKNOWN) << (4 + k));
		job->standins[((size_t)path * s->n_commodities + c) * n + h] = bits;
	}
}

/* Takes from the feed what events to come take from access. */
static void
add_hazards(const struct balance_setup *s, uint32_t path, double *log_mass)
{
	const struct feed_setup *f = s->feed_setup;
	double added[HAZARD_MONTHS];
	int32_t from = s->as_of + 1;
	size_t n = s->n_horizons;

	/* A forced event may lie in months that are over but have no figure yet. */
	for (size_t k = 0; k < s->n_hazards; k++)
		if (s->hazards[k].forced_last >= s->hazards[k].forced_first && s->hazards[k].forced_first < from)
			from = s->hazards[k].forced_first > s->opening + 1 ? s->hazards[k].forced_first : s->opening + 1;
	n += (size_t)(s->as_of + 1 - from);
	hazard_draw(s->hazards, s->n_hazards, f->phi, from, n, s->seed, path, STREAM_HAZARD, added);
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < f->n_series; i++)
			if (from + (int32_t)t > s->as_of || !feed_known(s->feed, i, from + (int32_t)t))
				log_mass[(size_t)(from + (int32_t)t - f->first) * f->n_series + i] += f->series[i].weight * added[t];
}

void
balance_draw(const struct balance_setup *s, uint32_t path, double *scratch, double *log_mass, uint8_t *states)
{
	feed_draw(s->feed, s->seed, path, scratch, log_mass);
	if (s->n_hazards > 0)
		add_hazards(s, path, log_mass);
	if (s->gate != NULL)
		gate_draw(s->gate, s->seed, path, STREAM_GATE, states);
}

static void
count_path(const struct job *job, uint32_t path, const double *log_mass)
{
	const struct balance_setup *s = job->setup;

	job->weight[path] = 0;
	for (size_t c = 0; c < s->n_commodities; c++)
		for (size_t k = s->n_scenarios; k-- > 0;) {
			/* Scenarios that differ in the cover alone share a path; the main one comes last and stays for what follows. */
			balance_path(s, path, log_mass, job->states, c, s->scenarios[k].stock_median[BALANCE_HOME], job->months);
			count_region(job, path, BALANCE_HOME, c, k);
			if (k == 0) {
				job->weight[path] += fit_of(job, c);
				answer_standins(job, path, c, log_mass);
			}
			if (s->gate == NULL)
				continue;
			balance_path_abroad(s, path, job->states, c, s->scenarios[k].stock_median[BALANCE_ABROAD], job->months, job->abroad);
			count_region(job, path, BALANCE_ABROAD, c, k);
		}
}

static void *
work(void *argument)
{
	struct job *job = argument;
	double *log_mass = job->room + feed_scratch(job->setup->feed);

	for (uint32_t path = job->from; path < job->to; path++) {
		balance_draw(job->setup, path, job->room, log_mass, job->states);
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
	if (!(s->stock_sd_log[BALANCE_HOME] >= 0) || !(s->demand_sd_log >= 0) || (s->n_outputs > 0 && !(s->output_sd_log > 0)) ||
	    !(s->price.sd > 0) || !(s->price.gain >= 0))
		return err_set(err, LODE_EUSAGE, "stock, demand, output or price has a parameter below 0");
	if (s->n_horizons == 0 || s->n_horizons > BALANCE_HORIZONS || s->n_paths == 0 || s->n_threads == 0 || s->n_threads > 256 ||
	    s->n_scenarios == 0 || s->n_scenarios > BALANCE_SCENARIOS || s->n_commodities == 0)
		return err_set(err, LODE_EUSAGE, "paths, threads or horizons out of range");
	if (s->opening > s->as_of || s->opening + 1 - (BALANCE_LAGS - 1) < s->feed_setup->first ||
	    s->as_of + (int32_t)s->n_horizons > s->feed_setup->last)
		return err_set(err, LODE_EUSAGE, "the feed's months do not hold the balance's");
	if (s->feed_setup->n_series > BALANCE_SERIES)
		return err_set(err, LODE_EUSAGE, "more than %d feed series", BALANCE_SERIES);
	for (size_t k = 0; k < s->n_scenarios; k++) {
		if (!(s->scenarios[k].cover_min > 0))
			return err_set(err, LODE_EUSAGE, "a cover of %g months", s->scenarios[k].cover_min);
		for (size_t region = 0; region < regions_of(s); region++)
			if (!(s->scenarios[k].stock_median[region] > 0 && isfinite(s->scenarios[k].stock_median[region])))
				return err_set(err, LODE_EUSAGE, "stock of %g months", s->scenarios[k].stock_median[region]);
	}
	if (s->n_hazards > HAZARD_CLASSES || months_of(s) > HAZARD_MONTHS)
		return err_set(err, LODE_EUSAGE, "more than %d classes of events to come", HAZARD_CLASSES);
	if (s->gate != NULL && (s->outside_opening > s->as_of || s->gate_setup->first > s->outside_opening + 1 ||
	    s->gate_setup->first > s->opening + 1 || s->gate_setup->last < s->as_of + (int32_t)s->n_horizons || !(s->stock_sd_log[BALANCE_ABROAD] >= 0)))
		return err_set(err, LODE_EUSAGE, "the gate's months do not hold the balance's");
	for (size_t i = 0; rc == LODE_OK && i < s->feed_setup->n_series; i++)
		rc = check_range(&s->series[i].fraction, "REO fraction", err);
	for (size_t c = 0; rc == LODE_OK && c < s->n_commodities; c++) {
		const struct balance_commodity *b = &s->commodities[c];

		if ((rc = check_range(&b->domestic, "domestic", err)) || (rc = check_range(&b->byproduct, "byproduct", err)) ||
		    (rc = check_range(&b->recycling, "recycling", err)) || (rc = check_range(&b->demand, "demand", err)) ||
		    (rc = check_range(&b->export, "export", err)) || (rc = check_range(&b->magnet, "magnet", err)) ||
		    (rc = check_range(&b->abroad, "abroad", err)))
			break;
		if (!(b->domestic_change.sd >= 0 && isfinite(b->domestic_change.mean)) || !(b->demand_change.sd >= 0 && isfinite(b->demand_change.mean)))
			rc = err_set(err, LODE_EUSAGE, "domestic or demand changes by what is no number, or by a spread below 0");
		else if (!(b->demand.mid > 0))
			rc = err_set(err, LODE_EUSAGE, "no demand");
		else if (s->gate != NULL && !(b->export.mid + b->magnet.mid > 0))
			rc = err_set(err, LODE_EUSAGE, "nothing is exported");
		for (size_t i = 0; rc == LODE_OK && i < s->feed_setup->n_series; i++)
			if (!(b->share[i] >= 0 && b->share[i] < 1))
				rc = err_set(err, LODE_EUSAGE, "a share of %g is not within 0 and 1", b->share[i]);
	}
	return rc;
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

/* chosen: the path that stands in each of n places, more than once or not at all when weights say so. */
static void
answer(const struct balance_setup *s, const struct job *all, const uint32_t *chosen, double effective, size_t cell_of_path, size_t k, size_t h,
    double *sorted, struct balance_answer *out)
{
	size_t hits = 0, n = s->n_paths, cells = regions_of(s) * s->n_commodities, months[BALANCE_HORIZONS + 1] = { 0 }, passed = 0;
	double p, sum = 0;

	*out = (struct balance_answer){ 0, 0, NAN, NAN, NAN, NAN, NAN };
	for (size_t i = 0; i < n; i++) {
		size_t cell = chosen[i] * cells + cell_of_path;
		uint8_t first = all->first[cell * s->n_scenarios + k];

		if (first == 0 || first > h + 1)
			continue;
		sorted[hits++] = all->missing[cell * s->n_horizons + h];
		months[all->deepest[cell * s->n_horizons + h]]++;
	}
	out->probability = (double)hits / (double)n;
	p = ((double)hits + 0.5) / ((double)n + 1);
	out->mcse = sqrt(p * (1 - p) / effective);
	if (k > 0)
		return;
	qsort(sorted, hits, sizeof *sorted, compare);
	for (size_t i = 0; i < hits; i++)
		sum += sorted[i];
	out->short_expected = sum / (double)n;
	if (hits > 0) {
		size_t month = 0;

		out->short_median = balance_quantile(sorted, hits, 0.5);
		out->short_p05 = balance_quantile(sorted, hits, 0.05);
		out->short_p95 = balance_quantile(sorted, hits, 0.95);
		while ((passed += months[month]) * 2 < hits)
			month++;
		out->deepest = (double)month;
	}
}

static void
forecast(const struct balance_setup *s, const struct job *all, const uint32_t *chosen, size_t cell, struct balance_forecast *out)
{
	size_t yes[STANDINS] = { 0 }, unknown[STANDINS] = { 0 };

	for (size_t i = 0; i < s->n_paths; i++) {
		uint8_t bits = all->standins[chosen[i] * s->n_commodities * s->n_horizons + cell];

		for (size_t k = 0; k < STANDINS; k++) {
			yes[k] += bits >> k & 1;
			unknown[k] += bits >> (4 + k) & 1;
		}
	}
	for (size_t k = 0; k < STANDINS; k++)
		out->probability[k] = unknown[k] > 0 ? NAN : (double)yes[k] / (double)s->n_paths;
}

/* Which path stands in each place, and what that many are worth. */
static int
choose(const struct balance_setup *s, const double *weight, uint32_t *chosen, double *effective, struct err *err)
{
	bool weighed = false;

	*effective = s->n_paths;
	for (uint32_t i = 0; i < s->n_paths; i++) {
		chosen[i] = i;
		weighed |= weight[i] != weight[0];
	}
	if (!weighed)
		return LODE_OK;
	return particles_choose(weight, s->n_paths, random_uniform(s->seed, 0, 0, STREAM_RESAMPLE), chosen, effective, err);
}

static int
job_open(struct job *job, const struct job *all, unsigned i, unsigned n_jobs, struct err *err)
{
	const struct balance_setup *s = all->setup;
	size_t path_size = (size_t)(s->feed_setup->last - s->feed_setup->first + 1) * s->feed_setup->n_series;

	*job = *all;
	job->from = (uint32_t)((uint64_t)s->n_paths * i / n_jobs);
	job->to = (uint32_t)((uint64_t)s->n_paths * (i + 1) / n_jobs);
	job->room = calloc(feed_scratch(s->feed) + path_size, sizeof(double));
	job->months = calloc(months_of(s), sizeof *job->months);
	if (s->gate != NULL) {
		job->abroad = calloc(months_abroad(s), sizeof *job->abroad);
		job->states = calloc((size_t)(s->gate_setup->last - s->gate_setup->first) + 1, 1);
	}
	if (job->room == NULL || job->months == NULL || (s->gate != NULL && (job->abroad == NULL || job->states == NULL)))
		return err_set(err, LODE_ENOMEM, "no memory");
	return LODE_OK;
}

int
balance_run(const struct balance_setup *s, struct balance_result *result, struct err *err)
{
	unsigned n_jobs = s->n_threads < s->n_paths ? s->n_threads : s->n_paths;
	struct job all = { .setup = s }, *jobs;
	size_t cells, questions;
	uint32_t *chosen;
	double *sorted;
	int rc;

	if ((rc = check_setup(s, err)) != LODE_OK)
		return rc;
	cells = regions_of(s) * s->n_commodities;
	questions = s->n_commodities * s->n_horizons;
	jobs = calloc(n_jobs, sizeof *jobs);
	all.first = calloc(s->n_paths * cells * s->n_scenarios, sizeof *all.first);
	all.missing = calloc(s->n_paths * cells * s->n_horizons, sizeof *all.missing);
	all.deepest = calloc(s->n_paths * cells * s->n_horizons, sizeof *all.deepest);
	all.standins = calloc(s->n_paths * questions, sizeof *all.standins);
	all.weight = calloc(s->n_paths, sizeof *all.weight);
	sorted = calloc(s->n_paths, sizeof *sorted);
	chosen = calloc(s->n_paths, sizeof *chosen);
	if (jobs == NULL || all.first == NULL || all.missing == NULL || all.deepest == NULL || all.standins == NULL || all.weight == NULL ||
	    sorted == NULL || chosen == NULL)
		rc = err_set(err, LODE_ENOMEM, "no memory");
	for (unsigned i = 0; rc == LODE_OK && i < n_jobs; i++)
		rc = job_open(&jobs[i], &all, i, n_jobs, err);
	if (rc == LODE_OK && (rc = simulate(s, jobs, n_jobs, err)) == LODE_OK)
		rc = choose(s, all.weight, chosen, &result->effective, err);
	result->n_regions = regions_of(s);
	/* Paths are read in their order here, whoever made them. */
	for (size_t cell = 0; rc == LODE_OK && cell < cells; cell++)
		for (size_t k = 0; k < s->n_scenarios; k++)
			for (size_t h = 0; h < s->n_horizons; h++)
				answer(s, &all, chosen, result->effective, cell, k, h, sorted,
				    &result->answers[(cell * s->n_scenarios + k) * s->n_horizons + h]);
	for (size_t q = 0; rc == LODE_OK && q < questions; q++)
		forecast(s, &all, chosen, q, &result->forecasts[q]);
	for (unsigned i = 0; jobs != NULL && i < n_jobs; i++) {
		free(jobs[i].room);
		free(jobs[i].months);
		free(jobs[i].abroad);
		free(jobs[i].states);
	}
	if (rc == LODE_OK && result->chosen != NULL)
		memcpy(result->chosen, chosen, s->n_paths * sizeof *chosen);
	free(jobs);
	free(all.first);
	free(all.missing);
	free(all.deepest);
	free(all.standins);
	free(all.weight);
	free(sorted);
	free(chosen);
	return rc;
}
