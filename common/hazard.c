#include "hazard.h"

#include <math.h>
#include <string.h>

#include "random.h"

/* Streams of one class. */
enum { RATE, RATE_BOOST, BEGIN, WHEN, LENGTH, EFFECT, FORCED, PER_CLASS = 8 };

/* Marsaglia and Tsang's method, attempt by attempt at a counter of its own. */
static double
gamma_draw(double shape, uint64_t seed, uint32_t path, uint32_t stream)
{
	double boost = shape < 1 ? pow(random_uniform(seed, path, 0, stream + RATE_BOOST), 1 / shape) : 1;
	double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);

	for (uint32_t attempt = 0;; attempt++) {
		double x = random_normal(seed, path, 2 * attempt, stream + RATE);
		double v = 1 + c * x, u = random_uniform(seed, path, 2 * attempt + 1, stream + RATE);

		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(u) < x * x / 2 + d - d * v + d * log(v) || attempt == 1000)
			return boost * d * v;
	}
}

double
hazard_rate(const struct hazard_class *c, uint64_t seed, uint32_t path, uint32_t stream)
{
	return gamma_draw(c->shape, seed, path, stream) / c->exposure;
}

/* Adds an event that lasts from `from` to `to`, months after the first as fractions, and what is left of it later. */
static void
add_event(double effect, double phi, double from, double to, size_t n, double *added)
{
	for (size_t t = (size_t)fmax(0, floor(from)); t < n; t++) {
		double start = fmax(from, (double)t), end = fmin(to, (double)t + 1);
		double inside = fmax(0, end - start), after = (double)t + 0.5 - to;

		added[t] += effect * (inside > 0 ? inside : pow(phi, fmax(0, after)));
	}
}

void
hazard_draw(const struct hazard_class *classes, size_t n_classes, double phi, int32_t first, size_t n, uint64_t seed, uint32_t path,
    uint32_t stream, double *added)
{
	memset(added, 0, n * sizeof *added);
	for (size_t k = 0; k < n_classes; k++, stream += PER_CLASS) {
		const struct hazard_class *c = &classes[k];
		double until = 0, begins = c->forbidden ? 0 : 1 - exp(-hazard_rate(c, seed, path, stream));

		if (c->forced_last >= c->forced_first) {
			double effect = c->mean + c->sd * random_normal(seed, path, 0, stream + FORCED);

			add_event(effect, phi, (double)(c->forced_first - first), (double)(c->forced_last - first) + 1, n, added);
		}
		for (size_t t = 0; t < n; t++) {
			uint32_t month = (uint32_t)(first + (int32_t)t);
			double from;

			if ((double)t < until || random_uniform(seed, path, month, stream + BEGIN) >= begins ||
			    (first + (int32_t)t >= c->forced_first && first + (int32_t)t <= c->forced_last))
				continue;
			from = (double)t + random_uniform(seed, path, month, stream + WHEN);
			until = from + c->duration * exp(c->sd_log * random_normal(seed, path, month, stream + LENGTH));
			add_event(c->mean + c->sd * random_normal(seed, path, month, stream + EFFECT), phi, from, until, n, added);
		}
	}
}
