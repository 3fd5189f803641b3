#include "breaks.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Sums from the start of x less its mean, and of its squares: n + 1 each. */
struct sums {
	const double *sum, *square;
};

/* Sum of squares about the mean of values from..to - 1. */
static double
about_mean(const struct sums *s, size_t from, size_t to)
{
	double sum = s->sum[to] - s->sum[from];

	return fmax(0, s->square[to] - s->square[from] - sum * sum / (double)(to - from));
}

/*
 * Fills the tables: cost[m][j], the least sum of squares of the first j values cut m times, and cut[m][j], where the last of these cuts is.
 * Both are (most + 1) * (n + 1).
 */
static void
cut_all(const struct breaks *b, const struct sums *s, double *cost, size_t *cut)
{
	size_t wide = b->n + 1;

	for (size_t j = b->shortest; j <= b->n; j++)
		cost[j] = about_mean(s, 0, j);
	for (size_t m = 1; m <= b->most; m++)
		for (size_t j = (m + 1) * b->shortest; j <= b->n; j++) {
			double least = INFINITY;

			for (size_t i = m * b->shortest; i + b->shortest <= j; i++) {
				double with = cost[(m - 1) * wide + i] + about_mean(s, i, j);

				if (with < least) {
					least = with;
					cut[m * wide + j] = i;
				}
			}
			cost[m * wide + j] = least;
		}
}

static void
set_results(struct breaks *b, const struct sums *s, const double *cost, const size_t *cut)
{
	size_t wide = b->n + 1;
	double n = (double)b->n, nothing = 1e-14 * cost[b->n];

	for (size_t m = 0; m <= b->most; m++) {
		b->rss[m] = cost[m * wide + b->n] <= nothing ? 0 : cost[m * wide + b->n];
		b->bic[m] = n * (log(b->rss[m] / n) + 1 + log(2 * M_PI)) + 2 * (double)(m + 1) * log(n);
		if (b->bic[m] < b->bic[b->best])
			b->best = m;
		for (size_t i = m, j = b->n; i > 0; i--)
			b->at[m * b->most + i - 1] = j = cut[i * wide + j];
	}
	for (size_t i = b->shortest; b->rss[0] > 0 && i + b->shortest <= b->n; i++) {
		double with = about_mean(s, 0, i) + about_mean(s, i, b->n);
		double f = with <= nothing ? INFINITY : (b->rss[0] - with) / (with / (n - 2));

		if (f > b->sup_f || b->sup_f_at == 0) {
			b->sup_f = f;
			b->sup_f_at = i;
		}
	}
}

int
breaks_new(struct breaks **out, const double *x, size_t n, size_t shortest, size_t most, struct err *err)
{
	struct breaks *b = NULL;
	double mean = 0, *sums = NULL, *cost = NULL;
	size_t *cut = NULL;
	int rc = LODE_OK;

	if (shortest < 2)
		return err_set(err, LODE_EUSAGE, "a segment needs 2 values at least");
	if (shortest > n / 2)
		return err_set(err, LODE_EUSAGE, "segments of %zu values do not fit into %zu twice", shortest, n);
	if (most > n / shortest - 1)
		most = n / shortest - 1;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]))
			return err_set(err, LODE_EDATA, "value %zu is not finite", i + 1);
		mean += (x[i] - mean) / (double)(i + 1);
	}
	if ((b = calloc(1, sizeof *b)) == NULL || (b->rss = calloc(most + 1, sizeof *b->rss)) == NULL ||
	    (b->bic = calloc(most + 1, sizeof *b->bic)) == NULL || (b->at = calloc((most + 1) * (most + 1), sizeof *b->at)) == NULL ||
	    (sums = calloc(2 * (n + 1), sizeof *sums)) == NULL || (cost = calloc((most + 1) * (n + 1), sizeof *cost)) == NULL ||
	    (cut = calloc((most + 1) * (n + 1), sizeof *cut)) == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_OK) {
		const struct sums s = { sums, sums + n + 1 };

		b->n = n;
		b->shortest = shortest;
		b->most = most;
		for (size_t i = 0; i < n; i++) { /* less the mean, or what is left of large numbers is rounding */
			sums[i + 1] = sums[i] + (x[i] - mean);
			sums[n + 2 + i] = sums[n + 1 + i] + (x[i] - mean) * (x[i] - mean);
		}
		cut_all(b, &s, cost, cut);
		set_results(b, &s, cost, cut);
		*out = b;
	} else {
		breaks_free(b);
	}
	free(sums);
	free(cost);
	free(cut);
	return rc;
}

void
breaks_free(struct breaks *b)
{
	if (b == NULL)
		return;
	free(b->rss);
	free(b->bic);
	free(b->at);
	free(b);
}

size_t
breaks_at(const struct breaks *b, size_t m, size_t i)
{
	return b->at[m * b->most + i];
}

static void
segment(const struct breaks *b, size_t m, size_t i, size_t *from, size_t *to)
{
	*from = i > 0 ? breaks_at(b, m, i - 1) : 0;
	*to = i < m ? breaks_at(b, m, i) : b->n;
}

double
breaks_mean(const struct breaks *b, const double *x, size_t m, size_t i)
{
	double mean = 0;
	size_t from, to;

	segment(b, m, i, &from, &to);
	for (size_t k = from; k < to; k++)
		mean += (x[k] - mean) / (double)(k - from + 1);
	return mean;
}

static double
variance(const struct breaks *b, const double *x, size_t m, size_t i)
{
	double mean = breaks_mean(b, x, m, i), sum = 0;
	size_t from, to;

	segment(b, m, i, &from, &to);
	for (size_t k = from; k < to; k++)
		sum += (x[k] - mean) * (x[k] - mean);
	return sum / (double)(to - from);
}

/* exp(z^2 / 2) P(Z > z), z >= 0: beyond 25 by its asymptotic series, before the first factor overflows. */
static double
scaled_tail(double z)
{
	double by = 1 / (z * z);

	if (z < 25)
		return exp(z * z / 2) * erfc(z / M_SQRT2) / 2;
	return (1 - by * (1 - by * (3 - by * 15))) / (z * sqrt(2 * M_PI));
}

/*
 * Distribution of where W(s) - |s| / 2 to the left and, with variance and drift in other proportions, to the right is greatest. ratio: spread
 * to the right over that to the left, as variances. Only means change here, so of Bai's two proportions the other is 1. Each term is
 * exp(-s / 8), or its counterpart to the right, times something that does not overflow.
 */
static double
argmax_below(double s, double ratio)
{
	double x = fabs(s), root = sqrt(x), a, decay;

	if (s < 0) {
		a = 1 / ratio;
		return exp(-x / 8) * (-root / sqrt(2 * M_PI) - ratio * (ratio + 2) / (ratio + 1) * scaled_tail((0.5 + a) * root) +
		    (x / 2 - 2 + (ratio + 2) * (ratio + 2) / (ratio + 1)) * scaled_tail(root / 2));
	}
	a = 1 / sqrt(ratio);
	decay = exp(-x / (8 * ratio));
	return 1 + decay * (a * root / sqrt(2 * M_PI) + (2 * ratio + 1) / (ratio * (ratio + 1)) * scaled_tail((ratio + 0.5) * a * root) -
	    ((2 * ratio + 1) * (2 * ratio + 1) / ((ratio + 1) * ratio) - 2 + x / (2 * ratio)) * scaled_tail(a * root / 2));
}

/* s on that side of 0 where the distribution reaches p. */
static double
argmax_at(double p, double ratio, double side)
{
	double low = 0, high = 1;

	while (high < 1e9 && (argmax_below(side * high, ratio) - p) * side < 0)
		high *= 2;
	for (int round = 0; round < 200; round++) {
		double middle = (low + high) / 2;

		if ((argmax_below(side * middle, ratio) - p) * side < 0)
			low = middle;
		else
			high = middle;
	}
	return side * high;
}

int
breaks_interval(const struct breaks *b, const double *x, size_t m, size_t i, double level, long *first, long *last, struct err *err)
{
	double before = variance(b, x, m, i), after = variance(b, x, m, i + 1), rest = (1 - level) / 2, zero, unit;
	double shift = breaks_mean(b, x, m, i + 1) - breaks_mean(b, x, m, i);

	if (!(before > 0 && after > 0 && shift != 0))
		return err_set(err, LODE_EDATA, "no interval: the values beside the break have no spread, or one mean");
	zero = argmax_below(0, after / before);
	if (!(zero > rest && zero < 1 - rest))
		return err_set(err, LODE_EDATA, "no interval: the spread changes too much at the break");
	unit = before / (shift * shift);
	*first = (long)breaks_at(b, m, i) - (long)ceil(argmax_at(1 - rest, after / before, 1) * unit);
	*last = (long)breaks_at(b, m, i) - (long)floor(argmax_at(rest, after / before, -1) * unit);
	return LODE_OK;
}
