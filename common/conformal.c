#include "conformal.h"

#include <math.h>
#include <stdlib.h>

size_t
conformal_rank(size_t n, double alpha)
{
	double k = ceil(((double)n + 1) * (1 - alpha) * (1 - 1e-14)); /* 20 times 0.9 is 18, however it is rounded */

	return alpha >= 1 ? 0 : k <= (double)n ? (size_t)fmax(k, 1) : n + 1;
}

static int
by_size(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

double
conformal_halfwidth(double *residual, size_t n, double alpha)
{
	size_t k = conformal_rank(n, alpha);

	for (size_t i = 0; i < n; i++)
		residual[i] = fabs(residual[i]);
	if (n > 0)
		qsort(residual, n, sizeof *residual, by_size);
	return k > n ? INFINITY : k == 0 ? 0 : residual[k - 1];
}

double
conformal_adapt(double alpha, double target, double step, bool missed)
{
	return alpha + step * (target - missed);
}
