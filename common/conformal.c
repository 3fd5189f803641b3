#include "conformal.h"

#include <math.h>

size_t
conformal_rank(size_t n, double alpha)
{
	double k = ceil(((double)n + 1) * (1 - alpha) * (1 - 1e-14)); /* 20 times 0.9 is 18, however it is rounded */

	return alpha >= 1 ? 0 : k <= (double)n ? (size_t)fmax(k, 1) : n + 1;
}

void
conformal_add(double *size, size_t n, double residual)
{
	double new = fabs(residual);

	for (; n > 0 && size[n - 1] > new; n--)
		size[n] = size[n - 1];
	size[n] = new;
}

double
conformal_halfwidth(const double *size, size_t n, double alpha)
{
	size_t k = conformal_rank(n, alpha);

	return k > n ? INFINITY : k == 0 ? 0 : size[k - 1];
}

double
conformal_adapt(double alpha, double target, double step, bool missed)
{
	return alpha + step * (target - missed);
}
