/* Numbers that may differ by no more than is said; NAN is within nothing. */
#ifndef WITHIN_H
#define WITHIN_H

#include <math.h>

#define WITHIN(got, want, allowed) within((got), (want), (allowed), __FILE__, __LINE__)
/* Agrees with a number that is printed in whole units of its last digit. */
#define ROUNDS(got, want, unit) WITHIN(got, want, 0.5000001 * (unit))

static inline void
within(double got, double want, double allowed, const char *file, int line)
{
	if (!(fabs(got - want) <= allowed)) {
		print_error("%s:%d: got %.15g, want %.15g\n", file, line, got, want);
		_fail(file, line);
	}
}

#endif
