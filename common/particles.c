#include "particles.h"

#include <math.h>

static double
greatest(const double *log_weight, size_t n)
{
	double most = -INFINITY;

	for (size_t i = 0; i < n; i++)
		most = isnan(log_weight[i]) ? NAN : log_weight[i] > most ? log_weight[i] : most;
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
particles_choose(const double *log_weight, size_t n, double u, uint32_t *chosen, double *effective, struct err *err)
{
	double most = greatest(log_weight, n), sum = 0, passed;
	size_t i = 0;

	if ((*effective = particles_effective(log_weight, n)) == 0)
		return err_set(err, LODE_EDATA, "no path fits what was seen");
	for (size_t k = 0; k < n; k++)
		sum += exp(log_weight[k] - most);
	passed = exp(log_weight[0] - most);
	for (size_t k = 0; k < n; k++) {
		double at = ((double)k + u) / (double)n * sum;

		while (passed <= at && i + 1 < n)
			passed += exp(log_weight[++i] - most);
		chosen[k] = (uint32_t)i;
	}
	return LODE_OK;
}
