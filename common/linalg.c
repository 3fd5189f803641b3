#include "linalg.h"

#include <math.h>
#include <string.h>

double
linalg_dot(const double *x, const double *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * y[i];
	return sum;
}

int
linalg_factor(const double *a, size_t n, double *l, struct err *err)
{
	memset(l, 0, n * n * sizeof *l);
	for (size_t j = 0; j < n; j++) {
		double pivot = a[j * n + j] - linalg_dot(l + j * n, l + j * n, j);
		double slack = 1e-12 * fabs(a[j * n + j]);

		if (!isfinite(pivot) || pivot < -slack)
			return err_set(err, LODE_EDATA, "covariance is not positive semidefinite at row %zu", j + 1);
		if (pivot <= slack)
			continue; /* exactly known given the rows above */
		l[j * n + j] = sqrt(pivot);
		for (size_t i = j + 1; i < n; i++)
			l[i * n + j] = (a[i * n + j] - linalg_dot(l + i * n, l + j * n, j)) / l[j * n + j];
	}
	return LODE_OK;
}
