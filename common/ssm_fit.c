#include "ssm_fit.h"

#include <math.h>
#include <nlopt.h>
#include <stdlib.h>
#include <string.h>

/* A variance is between the greatest start divided and multiplied by this. */
#define SPAN 1e12
/* One that is less than this share of the greatest is tried at 0. */
#define SMALL 1e-2
/* How much of a log-likelihood rounding takes. */
#define ROUNDING 1e-10

static double
weight_of(const double *weights, size_t i)
{
	return weights == NULL ? 1 : weights[i];
}

static void
set_variances(const struct ssm_fit_setup *s, const double *variance)
{
	for (size_t j = 0; j < s->model->n_shocks; j++)
		if (s->of_shock[j] != SSM_FIXED)
			s->shock[j] = variance[s->of_shock[j]] * weight_of(s->shock_weight, j);
	for (size_t i = 0; i < s->model->n_data; i++)
		if (s->of_datum[i] != SSM_FIXED)
			s->data[i].h = variance[s->of_datum[i]] * weight_of(s->datum_weight, i);
}

/* sum[p] and count[p]: of the expected squares over their weights, and how many. */
static void
add_squares(const struct ssm_fit_setup *s, const struct ssm_filter *filter, const struct ssm_smooth *smooth, double *sum, double *count)
{
	const struct ssm_model *m = s->model;

	/* The last time's shocks lead to where nothing is asked. */
	for (size_t t = 0; t + 1 < m->n_times; t++)
		for (size_t j = 0; j < m->n_shocks; j++)
			if (s->of_shock[j] != SSM_FIXED) {
				double e = smooth->shock[t * m->n_shocks + j];

				sum[s->of_shock[j]] += (e * e + smooth->shock_v[t * m->n_shocks + j]) / weight_of(s->shock_weight, j);
				count[s->of_shock[j]]++;
			}
	for (size_t i = 0; i < m->n_data; i++)
		if (s->of_datum[i] != SSM_FIXED && !isnan(filter->v[i])) {
			/* an inflated variance is that many times the parameter's */
			double grown = m->data[i].h > 0 ? filter->h[i] / m->data[i].h : 1, e = smooth->error[i];

			sum[s->of_datum[i]] += (e * e + smooth->error_v[i]) / (grown * weight_of(s->datum_weight, i));
			count[s->of_datum[i]]++;
		}
}

int
ssm_score(const struct ssm_fit_setup *s, const double *variance, double *log_likelihood, double *slope, double *again, struct err *err)
{
	size_t n = s->n_parameters;
	struct ssm_filter *filter = NULL;
	struct ssm_smooth *smooth = NULL;
	double *sum = calloc(2 * n, sizeof *sum);
	int rc;

	if (sum == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	set_variances(s, variance);
	if ((rc = ssm_filter_new(s->model, &filter, err)) == LODE_OK && (rc = ssm_smooth_new(filter, &smooth, err)) == LODE_OK) {
		add_squares(s, filter, smooth, sum, sum + n);
		*log_likelihood = filter->log_likelihood;
		for (size_t p = 0; p < n; p++) {
			slope[p] = variance[p] > 0 ? (sum[p] / variance[p] - sum[n + p]) / 2 : 0;
			if (again != NULL)
				again[p] = sum[n + p] > 0 ? sum[p] / sum[n + p] : variance[p];
		}
	}
	ssm_smooth_free(smooth);
	ssm_filter_free(filter);
	free(sum);
	return rc;
}

/* What NLopt maximises: over the logarithms of those variances that are not 0. */
struct climb {
	const struct ssm_fit_setup *setup;
	struct ssm_fit *fit;
	double scale;             /* 1 / data: the first step is as long as the slope */
	double *variance, *slope; /* n_parameters; after slope as many again */
	size_t *free, n_free;     /* which parameters move */
};

static double
height(unsigned n, const double *x, double *gradient, void *argument)
{
	struct climb *c = argument;
	double value;
	struct err ignored;

	for (size_t k = 0; k < n; k++)
		c->variance[c->free[k]] = exp(x[k]);
	c->fit->evaluations++;
	if (ssm_score(c->setup, c->variance, &value, c->slope, NULL, &ignored) != LODE_OK)
		return -HUGE_VAL;
	for (size_t k = 0; gradient != NULL && k < n; k++)
		gradient[k] = c->slope[c->free[k]] * c->scale;
	return value * c->scale;
}

static int
climb(struct climb *c, double top, double *x, double *value, struct err *err)
{
	unsigned n = (unsigned)c->n_free;
	nlopt_opt opt;
	nlopt_result rc = NLOPT_SUCCESS;
	double reached = -HUGE_VAL;

	if (n == 0) {
		*value = height(0, x, NULL, c) / c->scale;
		return LODE_OK;
	}
	if ((opt = nlopt_create(NLOPT_LD_LBFGS, n)) == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	nlopt_set_max_objective(opt, height, c);
	nlopt_set_lower_bounds1(opt, log(top / SPAN));
	nlopt_set_upper_bounds1(opt, log(top * SPAN));
	nlopt_set_xtol_rel(opt, 1e-14);
	nlopt_set_ftol_rel(opt, 1e-16);
	nlopt_set_maxeval(opt, 500);
	for (unsigned k = 0; k < n; k++)
		x[k] = fmin(fmax(log(c->variance[c->free[k]]), log(top / SPAN)), log(top * SPAN));
	/* It ends where rounding does not let it on, which is as good; from there once more, without what it had learned. */
	for (int round = 0; round < 2; round++)
		rc = nlopt_optimize(opt, x, &reached);
	nlopt_destroy(opt);
	if (!isfinite(reached) || (rc < 0 && rc != NLOPT_ROUNDOFF_LIMITED && rc != NLOPT_FAILURE))
		return err_set(err, LODE_EDATA, "the likelihood has no maximum that can be reached from this start");
	*value = height(n, x, NULL, c) / c->scale;
	return LODE_OK;
}

static double
greatest(const struct climb *c)
{
	double top = 0;

	for (size_t p = 0; p < c->setup->n_parameters; p++)
		top = fmax(top, c->variance[p]);
	return top;
}

/*
 * Near 0 all is flat on a logarithm, and a start there may stay for no better reason: climbs again with what is small made
 * a tenth of the greatest, and keeps the better.
 */
static int
climb_raised(struct climb *c, double top, double *x, double *value, struct err *err)
{
	size_t n = c->setup->n_parameters;
	double *kept = c->slope + n, greatest_now = greatest(c), other;
	bool small = false;
	int rc;

	memcpy(kept, c->variance, n * sizeof *kept);
	for (size_t p = 0; p < n; p++)
		if (c->variance[p] < SMALL * greatest_now) {
			c->variance[p] = greatest_now / 10;
			small = true;
		}
	if (!small)
		return LODE_OK;
	if ((rc = climb(c, top, x, &other, err)) != LODE_OK)
		return rc;
	if (other > *value)
		*value = other;
	else
		memcpy(c->variance, kept, n * sizeof *kept);
	return LODE_OK;
}

/* Tries each small variance at 0; true when one of them stays there. */
static bool
settle_zeros(struct climb *c, double *value)
{
	double top = greatest(c);
	bool settled = false;

	for (size_t k = 0; k < c->n_free;) {
		size_t p = c->free[k];
		double keep = c->variance[p], at_zero;
		struct err ignored;

		c->variance[p] = 0;
		c->fit->evaluations++;
		if (keep < SMALL * top &&
		    ssm_score(c->setup, c->variance, &at_zero, c->slope, NULL, &ignored) == LODE_OK &&
		    at_zero >= *value - ROUNDING * fmax(1, fabs(*value))) {
			memmove(c->free + k, c->free + k + 1, (c->n_free - k - 1) * sizeof *c->free);
			c->n_free--;
			*value = fmax(*value, at_zero);
			settled = true;
			continue;
		}
		c->variance[p] = keep;
		k++;
	}
	return settled;
}

/* Starts are often right among each other and wrong in their unit: all times the mean of v^2/f, when that is better. */
static int
find_unit(struct climb *c, double *scaled, double *value, struct err *err)
{
	const struct ssm_model *m = c->setup->model;
	struct ssm_filter *filter;
	double sum = 0, count = 0, better;
	int rc;

	set_variances(c->setup, c->variance);
	c->fit->evaluations += 2;
	if ((rc = ssm_filter_new(m, &filter, err)) != LODE_OK)
		return rc;
	*value = filter->log_likelihood;
	for (size_t i = 0; i < m->n_data; i++)
		if (!isnan(filter->v[i]) && filter->f_inf[i] == 0) {
			sum += filter->v[i] * filter->v[i] / filter->f[i];
			count++;
		}
	ssm_filter_free(filter);
	if (!(sum > 0))
		return LODE_OK;
	for (size_t p = 0; p < c->setup->n_parameters; p++)
		scaled[p] = c->variance[p] * sum / count;
	if (ssm_score(c->setup, scaled, &better, c->slope, NULL, &(struct err){ 0 }) == LODE_OK && better > *value) {
		memcpy(c->variance, scaled, c->setup->n_parameters * sizeof *scaled);
		*value = better;
	}
	return LODE_OK;
}

static int
step_by_em(struct climb *c, double *again, struct err *err)
{
	size_t n = c->setup->n_parameters;
	double value, before = -HUGE_VAL;
	int rc;

	for (size_t i = 0; i < c->setup->em_steps; i++) {
		c->fit->evaluations++;
		if ((rc = ssm_score(c->setup, c->variance, &value, c->slope, again, err)) != LODE_OK)
			return rc;
		memcpy(c->variance, again, n * sizeof *again);
		c->fit->em_steps++;
		if (value - before <= 1e-13 * fabs(value))
			break;
		before = value;
	}
	return LODE_OK;
}

static int
check(const struct ssm_fit_setup *s, const double *variance, struct err *err)
{
	size_t n = s->n_parameters;

	if (s->model->shock_step != 0 || s->model->shock != s->shock || s->model->data != s->data)
		return err_set(err, LODE_EUSAGE, "a fit needs shocks that do not change, and the model's own arrays");
	for (size_t p = 0; p < n; p++) {
		bool is_used = false;

		for (size_t j = 0; j < s->model->n_shocks; j++)
			is_used = is_used || s->of_shock[j] == p;
		for (size_t i = 0; i < s->model->n_data; i++)
			is_used = is_used || s->of_datum[i] == p;
		if (!is_used || !(variance[p] > 0 && isfinite(variance[p])))
			return err_set(err, LODE_EUSAGE, "variance %zu has no start, or nothing has it", p + 1);
	}
	for (size_t j = 0; j < s->model->n_shocks; j++)
		if (s->of_shock[j] != SSM_FIXED && s->of_shock[j] >= n)
			return err_set(err, LODE_EUSAGE, "shock %zu has no such variance", j + 1);
	for (size_t i = 0; i < s->model->n_data; i++)
		if (s->of_datum[i] != SSM_FIXED && s->of_datum[i] >= n)
			return err_set(err, LODE_EUSAGE, "observation %zu has no such variance", i + 1);
	return LODE_OK;
}

static int
fit_all(struct climb *c, double *again, struct err *err)
{
	size_t n = c->setup->n_parameters;
	double top;
	int rc;

	/* A model that cannot be filtered at all says why here. */
	if ((rc = find_unit(c, again, &c->fit->log_likelihood, err)) != LODE_OK || (rc = step_by_em(c, again, err)) != LODE_OK)
		return rc;
	for (size_t p = 0; p < n; p++)
		c->free[c->n_free++] = p;
	top = greatest(c);
	for (bool more = !c->setup->em_only, first = true; more; first = false) {
		if ((rc = climb(c, top, again, &c->fit->log_likelihood, err)) != LODE_OK ||
		    (first && (rc = climb_raised(c, top, again, &c->fit->log_likelihood, err)) != LODE_OK))
			return rc;
		more = settle_zeros(c, &c->fit->log_likelihood);
	}
	if ((rc = ssm_score(c->setup, c->variance, &c->fit->log_likelihood, c->slope, again, err)) == LODE_OK)
		for (size_t p = 0; p < n; p++)
			c->fit->steepest = fmax(c->fit->steepest, fabs(c->slope[p]));
	return rc;
}

int
ssm_fit(const struct ssm_fit_setup *setup, double *variance, struct ssm_fit *out, struct err *err)
{
	size_t n = setup->n_parameters, shocks = setup->model->n_shocks, data = setup->model->n_data;
	struct ssm_fit fit = { 0 };
	struct climb c = { .setup = setup, .fit = &fit, .scale = 1 / (double)(setup->model->n_data + 1) };
	double *room = calloc(4 * n + shocks + data + 1, sizeof *room), *keep = room + 4 * n;
	int rc;

	c.free = calloc(n + 1, sizeof *c.free);
	if (room == NULL || c.free == NULL) {
		free(room);
		free(c.free);
		return err_set(err, LODE_ENOMEM, "no memory");
	}
	c.variance = room;
	c.slope = room + n;
	for (size_t j = 0; j < shocks; j++)
		keep[j] = setup->shock[j];
	for (size_t i = 0; i < data; i++)
		keep[shocks + i] = setup->data[i].h;
	memcpy(c.variance, variance, n * sizeof *variance);
	if ((rc = check(setup, variance, err)) == LODE_OK)
		rc = fit_all(&c, room + 3 * n, err);
	if (rc == LODE_OK) {
		memcpy(variance, c.variance, n * sizeof *variance);
		*out = fit;
	} else {
		for (size_t j = 0; j < shocks; j++)
			setup->shock[j] = keep[j];
		for (size_t i = 0; i < data; i++)
			setup->data[i].h = keep[shocks + i];
	}
	free(room);
	free(c.free);
	return rc;
}
