#include "hawkes.h"

#include <math.h>
#include <nlopt.h>
#include <stdlib.h>

#include "linalg.h"

/* Bounds of the branching ratio, and of beta against the mean rate of the events. */
#define MOST_BRANCHING 0.9999
#define LEAST_DECAY    1e-3
#define MOST_DECAY     1e6
/* A branching ratio this near to a bound is at it. */
#define EDGE 1e-6

/* sum = sum m_j exp(-beta (t - t_j)) over the events before, slope = -d sum / d beta. */
struct memory {
	double sum, slope;
};

static double
mark_of(const struct hawkes_events *e, size_t i)
{
	return e->mark == NULL ? 1 : e->mark[i];
}

/* From event i - 1, which is added, to event i, or to the end when i is n. */
static void
advance(struct memory *m, const struct hawkes_events *e, double beta, size_t i)
{
	double gap = (i < e->n ? e->t[i] : e->end) - (i > 0 ? e->t[i - 1] : 0), left = exp(-beta * gap);

	if (i == 0)
		return;
	m->sum += mark_of(e, i - 1);
	m->slope = left * (m->slope + gap * m->sum);
	m->sum *= left;
}

double
hawkes_log_likelihood(const struct hawkes *h, const struct hawkes_events *e, double *gradient)
{
	double beta = h->alpha > 0 ? h->beta : 1, logs = 0, by[3] = { 0 }, spent = 0, slope = 0;
	struct memory m = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		double rest = e->end - e->t[i], left = exp(-beta * rest), lambda;

		advance(&m, e, beta, i);
		lambda = h->mu + h->alpha * m.sum;
		logs += log(lambda);
		by[0] += 1 / lambda;
		by[1] += m.sum / lambda;
		by[2] -= h->alpha * m.slope / lambda;
		spent -= mark_of(e, i) * expm1(-beta * rest);
		slope += mark_of(e, i) * rest * left;
	}
	if (gradient != NULL) {
		gradient[0] = by[0] - e->end;
		gradient[1] = by[1] - spent / beta;
		gradient[2] = by[2] + h->alpha / beta * (spent / beta - slope);
	}
	return logs - h->mu * e->end - h->alpha / beta * spent;
}

void
hawkes_path(const struct hawkes *h, const struct hawkes_events *e, double *intensity, double *compensator)
{
	double beta = h->alpha > 0 ? h->beta : 1, marks = 0;
	struct memory m = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		advance(&m, e, beta, i);
		if (intensity != NULL)
			intensity[i] = h->mu + h->alpha * m.sum;
		if (compensator != NULL) /* what is no longer in the sum has been spent */
			compensator[i] = h->mu * e->t[i] + h->alpha / beta * (marks - m.sum);
		marks += mark_of(e, i);
	}
}

double
hawkes_compensator(const struct hawkes *h, const struct hawkes_events *e)
{
	double beta = h->alpha > 0 ? h->beta : 1, spent = 0;

	for (size_t i = 0; i < e->n; i++)
		spent -= mark_of(e, i) * expm1(-beta * (e->end - e->t[i]));
	return h->mu * e->end + h->alpha / beta * spent;
}

double
hawkes_intensity(const struct hawkes *h, const struct hawkes_events *e)
{
	double sum = 0;

	for (size_t i = 0; h->alpha > 0 && i < e->n; i++)
		sum += mark_of(e, i) * exp(-h->beta * (e->end - e->t[i]));
	return h->mu + h->alpha * sum;
}

void
hawkes_residuals(const struct hawkes *h, const struct hawkes_events *e, double *residual)
{
	hawkes_path(h, e, NULL, residual);
	for (size_t i = e->n; i-- > 1;)
		residual[i] -= residual[i - 1];
}

static int
by_size(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

double
hawkes_ks(double *residual, size_t n)
{
	double most = n > 0 ? 0 : NAN;

	if (n > 0)
		qsort(residual, n, sizeof *residual, by_size);
	for (size_t i = 0; i < n; i++) {
		double below = -expm1(-residual[i]);

		most = fmax(most, fmax(below - (double)i / (double)n, (double)(i + 1) / (double)n - below));
	}
	return most;
}

double
hawkes_expected(const struct hawkes *h, const struct hawkes_events *e, double mean_mark, double from, double to)
{
	double back, level;

	if (!(h->alpha > 0))
		return h->mu * (to - from);
	back = h->beta - h->alpha * mean_mark; /* how fast the expected intensity returns */
	level = h->mu * h->beta / back;
	return level * (to - from) - (hawkes_intensity(h, e) - level) * exp(-back * (from - e->end)) * expm1(-back * (to - from)) / back;
}

/* What NLopt maximises: log mu, branching ratio, log beta. */
struct problem {
	const struct hawkes_events *events;
	double mean_mark;
};

static struct hawkes
hawkes_at(const struct problem *p, const double *x)
{
	double beta = exp(x[2]);

	return (struct hawkes){ exp(x[0]), x[1] * beta / p->mean_mark, beta };
}

static double
objective(unsigned n, const double *x, double *gradient, void *argument)
{
	const struct problem *p = argument;
	struct hawkes h = hawkes_at(p, x);
	double by[3], value = hawkes_log_likelihood(&h, p->events, by);

	(void)n;
	if (gradient != NULL) {
		gradient[0] = by[0] * h.mu;
		gradient[1] = by[1] * h.beta / p->mean_mark;
		gradient[2] = by[2] * h.beta + by[1] * h.alpha;
	}
	return value;
}

/* The best of several starts; *value holds what it must beat. */
static int
climb(struct problem *p, double rate, double *best, double *value, struct err *err)
{
	static const double decays[] = { 0.1, 1, 10, 100 };
	const double low[3] = { log(rate * 1e-9), 0, log(rate * LEAST_DECAY) }, high[3] = { log(rate * 2), MOST_BRANCHING, log(rate * MOST_DECAY) };
	nlopt_opt opt = nlopt_create(NLOPT_LD_LBFGS, 3);

	if (opt == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	nlopt_set_max_objective(opt, objective, p);
	nlopt_set_lower_bounds(opt, low);
	nlopt_set_upper_bounds(opt, high);
	nlopt_set_xtol_rel(opt, 1e-11);
	nlopt_set_ftol_rel(opt, 1e-15);
	nlopt_set_maxeval(opt, 2000);
	for (size_t i = 0; i < sizeof decays / sizeof *decays; i++) {
		double x[3] = { log(rate / 2), 0.5, log(rate * decays[i]) }, reached;
		nlopt_result rc = nlopt_optimize(opt, x, &reached);

		/* It cannot get nearer than rounding lets it, and then says so. */
		if ((rc > 0 || rc == NLOPT_ROUNDOFF_LIMITED) && rc != NLOPT_MAXEVAL_REACHED && reached > *value) {
			*value = reached;
			for (size_t k = 0; k < 3; k++)
				best[k] = x[k];
		}
	}
	nlopt_destroy(opt);
	return *value > -INFINITY ? LODE_OK : err_set(err, LODE_EDATA,
	    "the likelihood of the %zu events has no maximum that can be reached", p->events->n);
}

/* Covariance of mu, alpha, beta: the inverse of minus the Hessian, from differences of the gradient. False when it is none. */
static bool
covariance(const struct hawkes_events *e, const struct hawkes *h, double cov[9])
{
	const double at[3] = { h->mu, h->alpha, h->beta };
	double info[9], l[9], inverse[9] = { 0 };
	struct err ignored;

	for (size_t k = 0; k < 3; k++) {
		double step = 1e-5 * at[k], up[3], down[3], x[3] = { at[0], at[1], at[2] };

		x[k] = at[k] + step;
		hawkes_log_likelihood(&(struct hawkes){ x[0], x[1], x[2] }, e, up);
		x[k] = at[k] - step;
		hawkes_log_likelihood(&(struct hawkes){ x[0], x[1], x[2] }, e, down);
		for (size_t j = 0; j < 3; j++)
			info[j * 3 + k] = -(up[j] - down[j]) / (2 * step);
	}
	for (size_t j = 0; j < 3; j++)
		for (size_t k = 0; k < j; k++)
			info[j * 3 + k] = info[k * 3 + j] = (info[j * 3 + k] + info[k * 3 + j]) / 2;
	if (linalg_factor(info, 3, l, &ignored) != LODE_OK)
		return false;
	for (size_t k = 0; k < 3; k++)
		for (size_t j = k; j < 3; j++) {
			double sum = j == k;

			if (!(l[j * 3 + j] > 0))
				return false;
			for (size_t i = k; i < j; i++)
				sum -= l[j * 3 + i] * inverse[i * 3 + k];
			inverse[j * 3 + k] = sum / l[j * 3 + j];
		}
	for (size_t j = 0; j < 3; j++)
		for (size_t k = 0; k < 3; k++) {
			cov[j * 3 + k] = 0;
			for (size_t i = 0; i < 3; i++)
				cov[j * 3 + k] += inverse[i * 3 + j] * inverse[i * 3 + k];
		}
	return true;
}

static void
set_errors(const struct hawkes_events *e, struct hawkes_fit *fit)
{
	double cov[9], by_alpha = fit->mean_mark / fit->at.beta, by_beta = -fit->branching / fit->at.beta;

	if (fit->branching > MOST_BRANCHING - EDGE || !covariance(e, &fit->at, cov))
		return;
	fit->se_mu = sqrt(cov[0]);
	fit->se_alpha = sqrt(cov[4]);
	fit->se_beta = sqrt(cov[8]);
	fit->se_branching = sqrt(by_alpha * by_alpha * cov[4] + 2 * by_alpha * by_beta * cov[5] + by_beta * by_beta * cov[8]);
}

static int
check_events(const struct hawkes_events *e, struct err *err)
{
	if (!(e->end > 0 && isfinite(e->end)))
		return err_set(err, LODE_EUSAGE, "events over a time of %g", e->end);
	for (size_t i = 0; i < e->n; i++) {
		if (!(e->t[i] >= (i > 0 ? e->t[i - 1] : 0) && e->t[i] <= e->end))
			return err_set(err, LODE_EUSAGE, "event %zu at %g is out of order, or not between 0 and %g", i + 1, e->t[i], e->end);
		if (!(mark_of(e, i) > 0 && isfinite(mark_of(e, i))))
			return err_set(err, LODE_EUSAGE, "event %zu has the mark %g", i + 1, mark_of(e, i));
	}
	return LODE_OK;
}

int
hawkes_fit(const struct hawkes_events *e, struct hawkes_fit *out, struct err *err)
{
	struct problem p = { .events = e };
	double n = (double)e->n, rate = n / e->end, x[3] = { 0 }, value = -INFINITY;
	struct hawkes_fit fit = { .at = { rate, 0, NAN }, .se_mu = e->n > 0 ? sqrt(n) / e->end : NAN, .se_alpha = NAN, .se_beta = NAN,
		.se_branching = NAN };

	if (check_events(e, err) != LODE_OK)
		return err->code;
	for (size_t i = 0; i < e->n; i++)
		fit.mean_mark += mark_of(e, i) / n;
	fit.log_likelihood = fit.log_likelihood_poisson = e->n > 0 ? n * log(rate) - n : 0;
	p.mean_mark = fit.mean_mark;
	if (e->n >= HAWKES_FEW) {
		if (climb(&p, rate, x, &value, err) != LODE_OK)
			return err->code;
		if (x[1] > EDGE && value > fit.log_likelihood) {
			fit.at = hawkes_at(&p, x);
			fit.branching = x[1];
			fit.log_likelihood = value;
			fit.excited = true;
			fit.se_mu = NAN;
			set_errors(e, &fit);
		}
	}
	*out = fit;
	return LODE_OK;
}
