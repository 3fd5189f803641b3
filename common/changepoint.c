#include "changepoint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
changepoint_new(struct changepoint **out, const struct changepoint_rules *r, struct err *err)
{
	struct changepoint *c;

	if (!(r->hazard > 0 && r->hazard < 1))
		return err_set(err, LODE_EUSAGE, "the hazard %g is not between 0 and 1", r->hazard);
	if (!(r->strength > 0 && r->shape > 0 && r->scale > 0 && isfinite(r->mean + r->strength + r->shape + r->scale)))
		return err_set(err, LODE_EUSAGE, "the prior needs strength, shape and scale above 0");
	if (!(r->floor >= 0 && r->floor < 1) || r->max_runs < 2)
		return err_set(err, LODE_EUSAGE, "at least 2 run lengths are needed");
	if ((c = calloc(1, sizeof *c)) == NULL || (c->run = calloc(r->max_runs + 1, sizeof *c->run)) == NULL) {
		free(c);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	c->rules = *r;
	c->n = 1;
	c->run[0] = (struct changepoint_run){ 0, 0, r->mean, r->scale };
	*out = c;
	return LODE_OK;
}

void
changepoint_free(struct changepoint *c)
{
	if (c != NULL)
		free(c->run);
	free(c);
}

/* Log density of the next value after a run: Student's t. */
static double
predict(const struct changepoint_rules *r, const struct changepoint_run *run, double x)
{
	double strength = r->strength + (double)run->length, shape = r->shape + (double)run->length / 2;
	double spread = 2 * run->scale * (strength + 1) / strength, off = x - run->mean; /* degrees of freedom times squared scale */
	int sign;

	return lgamma_r(shape + 0.5, &sign) - lgamma_r(shape, &sign) - 0.5 * log(M_PI * spread) - (shape + 0.5) * log1p(off * off / spread);
}

static double
log_sum(const struct changepoint_run *run, size_t n)
{
	double most = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, run[i].log_p);
	for (size_t i = 0; i < n; i++)
		sum += exp(run[i].log_p - most);
	return most + log(sum);
}

/* Lets go of what is improbable; run[0] stays. */
static void
prune(struct changepoint *c)
{
	double least = log(c->rules.floor);
	size_t n = 1, worst = 1;

	for (size_t i = 1; i < c->n; i++)
		if (c->run[i].log_p > least)
			c->run[n++] = c->run[i];
	if (n > c->rules.max_runs) { /* one was added */
		for (size_t i = 2; i < n; i++)
			if (c->run[i].log_p < c->run[worst].log_p)
				worst = i;
		n--;
		memmove(&c->run[worst], &c->run[worst + 1], (n - worst) * sizeof *c->run);
	}
	c->n = n;
}

static void
scale_to_one(struct changepoint *c, double by)
{
	for (size_t i = 0; i < c->n; i++)
		c->run[i].log_p -= by;
}

int
changepoint_step(struct changepoint *c, double x, struct err *err)
{
	double grow = log1p(-c->rules.hazard), total;

	if (isnan(x))
		return LODE_OK;
	for (size_t i = 0; i < c->n; i++)
		if (!isfinite((x - c->run[i].mean) * (x - c->run[i].mean)))
			return err_set(err, LODE_EDATA, "%g is too large", x);
	for (size_t i = 0; i < c->n; i++) {
		struct changepoint_run *run = &c->run[i];
		double strength = c->rules.strength + (double)run->length, off = x - run->mean;

		run->log_p += predict(&c->rules, run, x);
		run->mean += off / (strength + 1);
		run->scale += strength * off * off / (2 * (strength + 1));
		run->length++;
	}
	total = log_sum(c->run, c->n);
	memmove(c->run + 1, c->run, c->n * sizeof *c->run);
	c->n++;
	for (size_t i = 1; i < c->n; i++)
		c->run[i].log_p += grow - total;
	c->run[0] = (struct changepoint_run){ 0, log(c->rules.hazard), c->rules.mean, c->rules.scale };
	c->log_evidence += total;
	c->seen++;
	prune(c);
	scale_to_one(c, log_sum(c->run, c->n));
	return LODE_OK;
}

double
changepoint_recent(const struct changepoint *c, size_t length)
{
	double sum = 0;

	for (size_t i = 0; i < c->n && c->run[i].length <= length; i++)
		sum += exp(c->run[i].log_p);
	return length >= c->seen ? 1 : sum;
}

double
changepoint_at(const struct changepoint *c, size_t length)
{
	for (size_t i = 0; i < c->n && c->run[i].length <= length; i++)
		if (c->run[i].length == length)
			return exp(c->run[i].log_p);
	return 0;
}

size_t
changepoint_mode(const struct changepoint *c)
{
	size_t best = 0;

	for (size_t i = 1; i < c->n; i++)
		if (c->run[i].log_p > c->run[best].log_p)
			best = i;
	return c->run[best].length;
}
