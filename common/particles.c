#include "particles.h"

#include <math.h>

static double
greatest(const double *log_weight, size_t n)
{
	double most = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		if (isnan(log_weight[i]))
			return NAN;
		most = log_weight[i] > most ? log_weight[i] : most;
	}
	return most;
}

double
particles_effective(const double *log_weight, size_t n)
{
	double most = greatest(log_weight, n), sum = 0, squares = 0;

	if (!isfinite(most))
		return 0;
	for (size_t i = 0; i < n; i++) {
		double weight = exp(log_weight[i] - most);

		sum += weight;
		squares += weight * weight;
	}
	return sum * sum / squares;
}

int
particles_weigh(const double *log_weight, size_t n, double *weight, double *log_mean, struct err *err)
{
	double most = greatest(log_weight, n), sum = 0;

	if (!isfinite(most))
		return err_set(err, LODE_EDATA, "no path fits what was seen");
	for (size_t i = 0; i < n; i++) {
		weight[i] = exp(log_weight[i] - most);
		sum += weight[i];
	}
	for (size_t i = 0; i < n; i++)
		weight[i] /= sum;
	if (log_mean != NULL)
		*log_mean = most + log(sum / (double)n);
	return LODE_OK;
}

int
particles_choose(const double *log_weight, size_t n, double u, uint32_t *chosen, double *effective, struct err *err)
{
	double most = greatest(log_weight, n), sum = 0, passed;
	size_t i = 0, last = 0;

	if ((*effective = particles_effective(log_weight, n)) == 0)
		return err_set(err, LODE_EDATA, "no path fits what was seen");
	for (size_t k = 0; k < n; k++) {
		double weight = exp(log_weight[k] - most);

		sum += weight;
		last = weight > 0 ? k : last; /* rounding must not lead past it */
	}
	passed = exp(log_weight[0] - most);
	for (size_t k = 0; k < n; k++) {
		double at = ((double)k + u) / (double)n * sum;

		while (passed <= at && i < last)
			passed += exp(log_weight[++i] - most);
		chosen[k] = (uint32_t)i;
	}
	return LODE_OK;
}

int
particles_renew(double *log_weight, size_t n, double u, uint32_t *chosen, double *effective, bool *renewed, struct err *err)
{
	if (particles_choose(log_weight, n, u, chosen, effective, err) != LODE_OK)
		return err->code;
	*renewed = *effective < (double)n / 2;
	for (size_t i = 0; i < n; i++) {
		if (*renewed)
			log_weight[i] = 0;
		else
			chosen[i] = (uint32_t)i;
	}
	return LODE_OK;
}
