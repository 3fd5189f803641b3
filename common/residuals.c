#include "residuals.h"

#include <math.h>
#include <stdlib.h>

size_t
residuals_of(const struct ssm_filter *f, double *e)
{
	size_t n = 0;

	for (size_t i = 0; i < f->model->n_data; i++)
		if (!isnan(f->v[i]) && f->f_inf[i] == 0)
			e[n++] = f->v[i] / sqrt(f->f[i]);
	return n;
}

static double
moment(const double *e, size_t n, double mean, int power)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += pow(e[i] - mean, power);
	return sum / (double)n;
}

/* e has no gaps */
static void
check_all(const double *e, size_t n, size_t lags, struct residuals_check *c)
{
	double count = (double)n, first = 0, last = 0, excess;

	c->n = n;
	c->mean = moment(e, n, 0, 1);
	c->variance = moment(e, n, c->mean, 2);
	c->skewness = moment(e, n, c->mean, 3) / pow(c->variance, 1.5);
	c->kurtosis = moment(e, n, c->mean, 4) / (c->variance * c->variance);
	excess = c->kurtosis - 3;
	c->normality = count * (c->skewness * c->skewness / 6 + excess * excess / 24);
	c->span = (n + 1) / 3; /* n/3 to the nearest */
	for (size_t i = 0; i < c->span; i++) {
		first += e[i] * e[i];
		last += e[n - 1 - i] * e[n - 1 - i];
	}
	c->h = last / first;
	c->q = 0;
	for (size_t j = 1; j <= lags; j++) {
		double along = 0;

		for (size_t i = j; i < n; i++)
			along += (e[i] - c->mean) * (e[i - j] - c->mean);
		along /= count * c->variance;
		c->q += count * (count + 2) * along * along / (count - (double)j);
	}
}

int
residuals_check(const double *e, size_t n, size_t lags, struct residuals_check *out, struct err *err)
{
	double *there = calloc(n + 1, sizeof *there);
	size_t count = 0;
	int rc = LODE_OK;

	if (there == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	for (size_t i = 0; i < n; i++)
		if (!isnan(e[i]))
			there[count++] = e[i];
	if (count <= lags + 3)
		rc = err_set(err, LODE_EDATA, "%zu residuals are too few for %zu lags", count, lags);
	else if (!(moment(there, count, moment(there, count, 0, 1), 2) > 0))
		rc = err_set(err, LODE_EDATA, "the residuals are all the same");
	else
		check_all(there, count, lags, out);
	free(there);
	return rc;
}
