#include "recalibration.h"

#include <math.h>
#include <stdlib.h>

#define LEAST 1e-4 /* a simulation that says 0 means less than it could count */
#define NEAR 1e-12 /* what a step still gains of the loss of one forecast */

enum { STEPS = 100, HALVES = 60 };

const char *const recalibration_names[RECALIBRATION_METHODS] = { "isotonic", "platt" };

static double
log_odds(double p)
{
	p = fmin(fmax(p, LEAST), 1 - LEAST);
	return log(p / (1 - p));
}

static double
from_odds(double log_odds)
{
	return 1 / (1 + exp(-log_odds));
}

static int
by_p(const void *x, const void *y)
{
	const struct score_event *a = x, *b = y;

	return (a->p > b->p) - (a->p < b->p);
}

static int
make_room(struct recalibration *r, size_t n, struct err *err)
{
	double *from, *to;

	if (n <= r->room)
		return LODE_OK;
	from = calloc(2 * n, sizeof *from);
	to = calloc(2 * n, sizeof *to);
	if (from == NULL || to == NULL) {
		free(from), free(to);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	free(r->from), free(r->to);
	r->from = from;
	r->to = to;
	r->room = 2 * n; /* forecasts come one at a time */
	return LODE_OK;
}

/* A run of forecasts that mean the same. */
struct pool {
	size_t first, n, yes;
};

/* The one behind is pooled with the one before while it happened less often. */
static bool
falls(const struct pool *a, const struct pool *b)
{
	return (double)a->yes * (double)b->n > (double)b->yes * (double)a->n;
}

static int
fit_isotonic(struct recalibration *r, struct score_event *events, size_t n, struct err *err)
{
	struct pool *pools = calloc(n, sizeof *pools);
	size_t n_pools = 0;

	if (pools == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (make_room(r, n, err) != LODE_OK) {
		free(pools);
		return err->code;
	}
	qsort(events, n, sizeof *events, by_p);
	for (size_t i = 0, end; i < n; i = end) {
		struct pool now = { i, 0, 0 };

		for (end = i; end < n && events[end].p == events[i].p; end++, now.n++)
			now.yes += events[end].happened;
		for (; n_pools > 0 && falls(&pools[n_pools - 1], &now); n_pools--)
			now = (struct pool){ pools[n_pools - 1].first, pools[n_pools - 1].n + now.n, pools[n_pools - 1].yes + now.yes };
		pools[n_pools++] = now;
	}
	/* The ends of each run are points, so that what is between two runs is between what they mean. */
	r->n = 0;
	for (size_t k = 0; k < n_pools; k++)
		for (int end = 0; end < 2; end++) {
			double p = events[pools[k].first + (end == 0 ? 0 : pools[k].n - 1)].p;

			if (end == 1 && p == r->from[r->n - 1])
				continue;
			r->from[r->n] = p;
			r->to[r->n++] = (double)pools[k].yes / (double)pools[k].n;
		}
	free(pools);
	return LODE_OK;
}

/* Minus the log of the likelihood; an outcome counts as a little less than sure, as if one more of each kind had been seen. */
static double
loss_at(const struct score_event *events, size_t n, const double target[2], double offset, double slope, double gradient[2], double hessian[3])
{
	double loss = 0;

	gradient[0] = gradient[1] = hessian[0] = hessian[1] = hessian[2] = 0;
	for (size_t i = 0; i < n; i++) {
		double z = log_odds(events[i].p), u = offset + slope * z, q = from_odds(u), t = target[events[i].happened];

		loss += (u > 0 ? u : 0) + log1p(exp(-fabs(u))) - t * u;
		gradient[0] += q - t;
		gradient[1] += (q - t) * z;
		hessian[0] += q * (1 - q);
		hessian[1] += q * (1 - q) * z;
		hessian[2] += q * (1 - q) * z * z;
	}
	return loss;
}

static void
fit_platt(struct recalibration *r, const struct score_event *events, size_t n)
{
	double target[2], g[2], h[3], ignored[2], unused[3], loss, mean, yes = 0;
	bool alike = true;

	for (size_t i = 0; i < n; i++) {
		yes += events[i].happened;
		alike = alike && log_odds(events[i].p) == log_odds(events[0].p);
	}
	target[0] = 1 / ((double)n - yes + 2);
	target[1] = (yes + 1) / (yes + 2);
	mean = (yes * target[1] + ((double)n - yes) * target[0]) / (double)n;
	r->slope = alike ? 1 : 0;
	r->offset = log(mean / (1 - mean)) - r->slope * log_odds(events[0].p);
	loss = loss_at(events, n, target, r->offset, r->slope, g, h);
	for (int step = 0; !alike && step < STEPS; step++) {
		double det = h[0] * h[2] - h[1] * h[1], size = 1;
		double d0 = -(h[2] * g[0] - h[1] * g[1]) / det, d1 = -(h[0] * g[1] - h[1] * g[0]) / det, next;
		bool near = -(g[0] * d0 + g[1] * d1) < NEAR * (double)n;
		int halves = 0;

		/* The loss is convex: where the slope wants to fall from 0 on, 0 is best. */
		if (!(det > 0) || (step == 0 && d1 <= 0))
			return;
		if (near) { /* a Newton step squares what is wrong */
			r->offset += d0;
			r->slope += d1;
			return;
		}
		while ((next = loss_at(events, n, target, r->offset + size * d0, r->slope + size * d1, ignored, unused)) >= loss && halves++ < HALVES)
			size /= 2;
		if (!(next < loss))
			return;
		r->offset += size * d0;
		r->slope += size * d1;
		loss = loss_at(events, n, target, r->offset, r->slope, g, h);
	}
}

int
recalibration_fit(struct recalibration *r, enum recalibration_method method, struct score_event *events, size_t n, struct err *err)
{
	if (method == RECALIBRATION_ISOTONIC && fit_isotonic(r, events, n, err) != LODE_OK)
		return err->code;
	if (method == RECALIBRATION_PLATT)
		fit_platt(r, events, n);
	r->method = method;
	return LODE_OK;
}

void
recalibration_release(struct recalibration *r)
{
	free(r->from);
	free(r->to);
	*r = (struct recalibration){ 0 };
}

double
recalibration_at(const struct recalibration *r, double p)
{
	size_t i = 0;

	if (r->method == RECALIBRATION_PLATT)
		return from_odds(r->offset + r->slope * log_odds(p));
	while (i < r->n && r->from[i] < p)
		i++;
	if (i == 0 || i == r->n)
		return r->to[i == 0 ? 0 : r->n - 1];
	return r->to[i] - (r->to[i] - r->to[i - 1]) * (r->from[i] - p) / (r->from[i] - r->from[i - 1]);
}

double
recalibration_shrink(double p, size_t yes, size_t n)
{
	double weight = (double)n / ((double)n + 20), rate = ((double)yes + 0.5) / ((double)n + 1);

	return from_odds(weight * log_odds(p) + (1 - weight) * log(rate / (1 - rate)));
}
