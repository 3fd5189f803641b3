#include "standard.h"

#include <math.h>
#include <stdlib.h>

void
standard_release(struct standard *s)
{
	free(s->y);
	free(s->gap);
	*s = (struct standard){ 0 };
}

/* One step of the filter of a local level whose value at the last observation is *m with variance *p. */
static void
step(double irregular, double level, double *m, double *p, double y, double gap, double *v, double *f)
{
	double ahead = *p + gap * level;

	*v = y - *m;
	*f = ahead + irregular;
	*m += ahead / *f * *v;
	*p = ahead * irregular / *f;
}

/* Log-likelihood of the shares 1 - share (irregular) and share (level) of a variance that is at its best, constants dropped. */
static double
likelihood(const double *y, const double *gap, size_t n, double share, double *scale)
{
	double m = y[0], p = 1 - share, sum = 0, logs = 0, v, f;

	for (size_t i = 1; i < n; i++) {
		step(1 - share, share, &m, &p, y[i], gap[i], &v, &f);
		sum += v * v / f;
		logs += log(f);
	}
	*scale = sum / (double)(n - 1);
	return -0.5 * ((double)(n - 1) * log(*scale) + logs);
}

static double
logistic(double x)
{
	return 1 / (1 + exp(-x));
}

void
standard_fit(const double *y, const double *gap, size_t n, double *irregular, double *level)
{
	const double golden = (sqrt(5) - 1) / 2;
	double best = 0, value, most = likelihood(y, gap, n, 0, &value), scale, at = NAN, low, high;

	if (!(value > 0)) {
		*irregular = *level = 0;
		return;
	}
	if ((value = likelihood(y, gap, n, 1, &scale)) > most) {
		most = value;
		best = 1;
	}
	/* It may have two maxima: the best of a grid, and then between its neighbours. */
	for (double x = -14; x <= 14; x += 0.5)
		if ((value = likelihood(y, gap, n, logistic(x), &scale)) > most) {
			most = value;
			best = logistic(x);
			at = x;
		}
	if (!isnan(at)) {
		for (low = at - 0.5, high = at + 0.5; high - low > 1e-9;) {
			double a = high - golden * (high - low), b = low + golden * (high - low);

			if (likelihood(y, gap, n, logistic(a), &scale) > likelihood(y, gap, n, logistic(b), &scale))
				high = b;
			else
				low = a;
		}
		best = logistic((low + high) / 2);
	}
	likelihood(y, gap, n, best, &scale);
	*irregular = (1 - best) * scale;
	*level = best * scale;
}

/* A value to learn a local level from. */
static int
hold(struct standard *s, double y, double gap, struct err *err)
{
	if (s->n == s->room) {
		size_t room = s->room + s->room / 2 + 16;
		double *values = realloc(s->y, room * sizeof *values), *gaps;

		if (values != NULL)
			s->y = values;
		if (values == NULL || (gaps = realloc(s->gap, room * sizeof *gaps)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		s->gap = gaps;
		s->room = room;
	}
	s->y[s->n] = y;
	s->gap[s->n] = gap;
	s->n++;
	return LODE_OK;
}

/* Begins a level at the first value and goes through n of them. */
static void
begin_level(struct standard *s, const double *y, const double *gap, size_t n)
{
	double v, f;

	s->mean = y[0];
	s->squares = s->irregular;
	for (size_t i = 1; i < n; i++)
		step(s->irregular, s->level, &s->mean, &s->squares, y[i], gap[i], &v, &f);
	s->ready = true;
}

static int
step_level(const struct standard_rules *r, struct standard *s, double y, double gap, double *z, struct err *err)
{
	double v, f;

	if (s->ready) {
		step(s->irregular, s->level, &s->mean, &s->squares, y, gap, &v, &f);
		s->n++;
		*z = v / sqrt(f);
		return LODE_OK;
	}
	if (!isnan(r->irregular)) {
		s->irregular = r->irregular;
		s->level = r->level;
		s->n = 1;
		begin_level(s, &y, &gap, 1);
		return LODE_OK;
	}
	if (hold(s, y, gap, err) != LODE_OK)
		return err->code;
	if (s->n < r->first)
		return LODE_OK;
	standard_fit(s->y, s->gap, s->n, &s->irregular, &s->level);
	if (!(s->irregular + s->level > 0)) {
		if (s->n < 2 * r->first) /* all alike: what was said first says no more than what is held */
			return LODE_OK;
		s->n--;
		s->gap[1] += gap;
		return LODE_OK;
	}
	begin_level(s, s->y, s->gap, s->n);
	free(s->y);
	free(s->gap);
	s->y = s->gap = NULL;
	s->room = 0;
	return LODE_OK;
}

int
standard_step(const struct standard_rules *r, struct standard *s, double y, double gap, double *z, struct err *err)
{
	double off = y - s->mean;

	*z = NAN;
	if (!isfinite(off * off))
		return err_set(err, LODE_EDATA, "%g is too large", y);
	if (r->kind == STANDARD_LEVEL)
		return step_level(r, s, y, gap, z, err);
	if (r->kind == STANDARD_KNOWN || s->ready) {
		s->n++;
		*z = r->kind == STANDARD_KNOWN ? (y - r->mean) / r->sd : off / sqrt(s->squares / (double)(r->first - 1));
		return LODE_OK;
	}
	s->n++;
	s->mean += off / (double)s->n;
	s->squares += off * (y - s->mean);
	if (s->n >= r->first && s->squares > 0) {
		s->squares *= (double)(r->first - 1) / (double)(s->n - 1);
		s->ready = true;
	}
	return LODE_OK;
}
