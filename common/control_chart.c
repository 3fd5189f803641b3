#include "control_chart.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_NODES = 400 };

static long double
density(long double x)
{
	return expl(-x * x / 2) / sqrtl(2 * M_PIl);
}

static long double
below(long double x)
{
	return erfcl(-x / M_SQRT2l) / 2;
}

int
chart_check(const struct chart_rules *r, struct err *err)
{
	if (r->kind == CHART_EWMA && !(r->k > 0 && r->k <= 1))
		return err_set(err, LODE_EUSAGE, "the weight %g is not above 0 and up to 1", r->k);
	if (!(r->k >= 0 && isfinite(r->k)))
		return err_set(err, LODE_EUSAGE, "the allowance %g is below 0", r->k);
	if (!(r->h > 0 && isfinite(r->h)))
		return err_set(err, LODE_EUSAGE, "the threshold %g is not above 0", r->h);
	return LODE_OK;
}

/* sd of the average after n values. */
static double
ewma_sd(const struct chart_rules *r, size_t n)
{
	double all = r->k / (2 - r->k);

	return sqrt(r->fixed ? all : all * -expm1(2 * (double)n * log1p(-r->k)));
}

int
chart_step(const struct chart_rules *r, struct chart *c, double z)
{
	if (isnan(z))
		return 0;
	c->n++;
	if (r->kind == CHART_EWMA) {
		c->up += r->k * (z - c->up);
	} else {
		if (r->kind == CHART_PAGE_HINKLEY) {
			c->mean += (z - c->mean) / (double)c->n;
			z -= c->mean;
		}
		c->up = fmax(0, c->up + z - r->k);
		c->down = fmax(0, c->down - z - r->k);
	}
	z = chart_statistic(r, c);
	return z > r->h ? CHART_UP : z < -r->h ? CHART_DOWN : 0;
}

double
chart_statistic(const struct chart_rules *r, const struct chart *c)
{
	double up = r->side & CHART_UP ? c->up : 0, down = r->side & CHART_DOWN ? c->down : 0;

	if (c->n == 0)
		return 0;
	if (r->kind != CHART_EWMA)
		return up >= down ? up : -down;
	up = c->up / ewma_sd(r, c->n);
	return (up > 0 ? r->side & CHART_UP : r->side & CHART_DOWN) ? up : 0;
}

/* Nodes and weights of Gauss and Legendre on from..to: roots of the polynomial by Newton's method. */
static void
nodes(size_t n, long double from, long double to, long double *x, long double *w)
{
	for (size_t i = 0; i < n; i++) {
		long double z = cosl(M_PIl * ((long double)i + 0.75) / ((long double)n + 0.5)), slope = 1, step = 1;

		for (int round = 0; round < 100 && fabsl(step) > 1e-18L; round++) {
			long double p = 1, before = 0;

			for (size_t j = 1; j <= n; j++) {
				long double next = ((2 * (long double)j - 1) * z * p - ((long double)j - 1) * before) / (long double)j;

				before = p;
				p = next;
			}
			slope = (long double)n * (z * p - before) / (z * z - 1);
			step = p / slope;
			z -= step;
		}
		x[i] = from + (to - from) * (1 - z) / 2;
		w[i] = (to - from) / ((1 - z * z) * slope * slope);
	}
}

/* Solves a x = b by elimination with pivots; x in b. False when a is singular. */
static bool
solve(long double *a, long double *b, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		size_t best = k;

		for (size_t i = k + 1; i < n; i++)
			if (fabsl(a[i * n + k]) > fabsl(a[best * n + k]))
				best = i;
		if (!(fabsl(a[best * n + k]) > 0))
			return false;
		for (size_t j = 0; best != k && j < n; j++) {
			long double swap = a[k * n + j];

			a[k * n + j] = a[best * n + j];
			a[best * n + j] = swap;
		}
		if (best != k) {
			long double swap = b[k];

			b[k] = b[best];
			b[best] = swap;
		}
		for (size_t i = k + 1; i < n; i++) {
			long double by = a[i * n + k] / a[k * n + k];

			for (size_t j = k + 1; by != 0 && j < n; j++)
				a[i * n + j] -= by * a[k * n + j];
			b[i] -= by * b[k];
		}
	}
	for (size_t k = n; k-- > 0;) {
		for (size_t j = k + 1; j < n; j++)
			b[k] -= a[k * n + j] * b[j];
		b[k] /= a[k * n + k];
	}
	return true;
}

/*
 * The run length from u is 1, plus its mean over where the next value leads: a density over the nodes and, for CUSUM, a lump at 0.
 * The unknowns are the run lengths from 0, in front, and from each node. A run length of 1e7 is a nearly singular system: in long double it
 * agrees with published tables to 1e-8, in double to 3e-8.
 */
static int
run_length(const struct chart_rules *r, double shift, double *arl, struct err *err)
{
	bool ewma = r->kind == CHART_EWMA;
	long double limit = ewma ? r->h * sqrtl(r->k / (2 - r->k)) : r->h, narrow = ewma ? 2 * limit / r->k : limit;
	size_t n = 32 + 8 * (size_t)fmin(ceil((double)narrow), MOST_NODES), m;
	long double *x, *w, *a, *b;
	bool solved;

	if (n > MOST_NODES)
		n = MOST_NODES;
	m = n + 1;
	x = calloc(m, sizeof *x), w = calloc(m, sizeof *w), a = calloc(m * m, sizeof *a), b = calloc(m, sizeof *b);
	if (x == NULL || w == NULL || a == NULL || b == NULL) {
		free(x), free(w), free(a), free(b);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	nodes(n, ewma ? -limit : 0, limit, x + 1, w + 1);
	for (size_t i = 0; i < m; i++) {
		for (size_t j = 1; j < m; j++)
			a[i * m + j] = -w[j] * (ewma ? density((x[j] - (1 - r->k) * x[i]) / r->k - shift) / r->k :
			    density(x[j] - x[i] + r->k - shift));
		a[i * m] = ewma ? 0 : -below(r->k - x[i] - shift);
		a[i * m + i] += 1;
		b[i] = 1;
	}
	solved = solve(a, b, m) && b[0] >= 1 && b[0] < 1e12;
	if (solved)
		*arl = (double)b[0];
	free(x), free(w), free(a), free(b);
	return solved ? LODE_OK : err_set(err, LODE_EDATA, "the run length with the threshold %g is too long to be computed", r->h);
}

int
chart_arl(const struct chart_rules *r, double shift, double *arl, struct err *err)
{
	double up = INFINITY, down = INFINITY;
	struct err why = ERR_INIT;

	if (chart_check(r, err) != LODE_OK)
		return err->code;
	if (r->kind == CHART_PAGE_HINKLEY || (r->kind == CHART_EWMA && (r->side != CHART_BOTH || !r->fixed)))
		return err_set(err, LODE_EUSAGE, "no equation for the run length of this chart");
	if (r->kind == CHART_EWMA)
		return run_length(r, shift, arl, err);
	/* Against a shift the other side never alarms. */
	if ((r->side & CHART_UP) && run_length(r, shift, &up, &why) == LODE_ENOMEM)
		return err_set(err, LODE_ENOMEM, "%s", why.message);
	if ((r->side & CHART_DOWN) && run_length(r, -shift, &down, &why) == LODE_ENOMEM)
		return err_set(err, LODE_ENOMEM, "%s", why.message);
	if (isinf(up) && isinf(down))
		return err_set(err, LODE_EDATA, "%s", why.message);
	*arl = 1 / (1 / up + 1 / down);
	return LODE_OK;
}

int
chart_threshold(const struct chart_rules *r, double arl, double *h, struct err *err)
{
	struct chart_rules at = *r;
	double low = 0, high = 0.5, got = 0, f_low = 0, f_high = 0;
	struct err why = ERR_INIT;
	int rc, side = 0;

	if (!(arl <= 1e9))
		return err_set(err, LODE_EUSAGE, "one false alarm in %g values is too rare to be computed", arl);
	for (at.h = high; (rc = chart_arl(&at, 0, &got, &why)) == LODE_OK && got < arl; at.h = high *= 1.5) {
		low = high;
		f_low = log(got / arl);
	}
	if (rc == LODE_OK && low == 0) { /* it lies below the first threshold tried, if anywhere */
		at.h = low = 1e-9;
		if ((rc = chart_arl(&at, 0, &f_low, &why)) == LODE_OK && !((f_low = log(f_low / arl)) < 0))
			return err_set(err, LODE_EUSAGE, "no threshold gives one false alarm in %g values", arl);
	}
	if (rc != LODE_OK) {
		*err = why;
		return rc;
	}
	f_high = log(got / arl);
	/* The logarithm of the run length is nearly straight: false position, where an end that stays counts half. */
	for (int round = 0; round < 200 && high - low > 1e-13 * high; round++) {
		double f;

		at.h = (low * f_high - high * f_low) / (f_high - f_low);
		if ((rc = chart_arl(&at, 0, &got, err)) != LODE_OK)
			return rc;
		f = log(got / arl);
		if (fabs(f) < 1e-13) {
			low = high = at.h;
		} else if (f < 0) {
			f_high *= side < 0 ? 0.5 : 1;
			low = at.h, f_low = f, side = -1;
		} else {
			f_low *= side > 0 ? 0.5 : 1;
			high = at.h, f_high = f, side = 1;
		}
	}
	*h = (low + high) / 2;
	return LODE_OK;
}
