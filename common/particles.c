#include "particles.h"

#include <math.h>

#include "random.h"

int
particles_weigh(const double *log_weight, size_t n, double *weight, double *log_mean, struct err *err)
{
	double top = -INFINITY, sum = 0;

	for (size_t i = 0; i < n; i++)
		top = fmax(top, log_weight[i]); /* passes over NAN */
	if (isinf(top))
		return err_set(err, LODE_EDATA, top < 0 ? "none of the %zu paths can be" : "one of the %zu paths has all the weight", n);
	for (size_t i = 0; i < n; i++) {
		weight[i] = isnan(log_weight[i]) ? 0 : exp(log_weight[i] - top);
		sum += weight[i];
	}
	for (size_t i = 0; i < n; i++)
		weight[i] /= sum;
	if (log_mean != NULL)
		*log_mean = top + log(sum / (double)n);
	return LODE_OK;
}

double
particles_effective(const double *weight, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weight[i] * weight[i];
	return 1 / sum;
}

void
particles_resample(const double *weight, size_t n, size_t m, uint64_t seed, uint32_t step, uint32_t stream, size_t *from)
{
	double start = random_uniform(seed, 0, step, stream), reached = 0, total = 0;
	size_t last = 0, i = 0;

	/* Rounding must not lead past the last path that has a weight. */
	for (size_t j = 0; j < n; j++) {
		total += weight[j];
		last = weight[j] > 0 ? j : last;
	}
	reached = weight[0];
	for (size_t k = 0; k < m; k++) {
		double at = ((double)k + start) / (double)m * total;

		while (i < last && reached <= at)
			reached += weight[++i];
		from[k] = i;
	}
}

int
particles_renew(double *log_weight, size_t n, uint64_t seed, uint32_t step, uint32_t stream, double *weight, size_t *from,
    double *effective, int *resampled, struct err *err)
{
	if (particles_weigh(log_weight, n, weight, NULL, err) != LODE_OK)
		return err->code;
	*effective = particles_effective(weight, n);
	*resampled = *effective < (double)n / 2;
	if (*resampled)
		particles_resample(weight, n, n, seed, step, stream, from);
	for (size_t i = 0; i < n; i++) {
		if (*resampled) {
			log_weight[i] = 0;
			weight[i] = 1 / (double)n;
		} else {
			from[i] = i;
		}
	}
	return LODE_OK;
}
