/*
 * standard - values of a series as standardised ones: mean 0 and sd 1 as long as nothing changes
 *
 * By a known mean and sd; by those of the first values; or as the one-step innovations of a local level,
 *
 *	y_t = m_t + e_t, e ~ N(0, irregular);  m_{t + gap} = m_t + w, w ~ N(0, gap level)
 *
 * divided by their sd, which are independent N(0, 1) when the series is such a level. Its variances are known, or those of the
 * greatest likelihood of the first values; the level starts diffuse. Values that serve to learn have no standardised one.
 *
 * A zeroed struct standard is new; standard_release() ends it. Holds the first values while it learns a local level, otherwise five numbers.
 * Source: Durbin and Koopman (2012), sections 2.2 and 2.10.
 */
#ifndef LODE_STANDARD_H
#define LODE_STANDARD_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum standard_kind { STANDARD_KNOWN, STANDARD_FIRST, STANDARD_LEVEL };

struct standard_rules {
	enum standard_kind kind;
	double mean, sd;         /* STANDARD_KNOWN: sd > 0 */
	size_t first;            /* values to learn from, >= 3; not read where all is known */
	double irregular, level; /* variances of STANDARD_LEVEL, one of them > 0; NAN: learn them */
};

struct standard {
	size_t n;                /* values taken */
	bool ready;
	double mean, squares;    /* of the first values: mean, and sum of squares about it; of a level: what it is now and its variance */
	double irregular, level; /* variances in use */
	double *y, *gap;         /* owned, while a level is learned */
	size_t room;
};

void standard_release(struct standard *standard);

/*
 * standard_step - take a value
 *
 * Shape    gap > 0: how many periods after the value before it comes; not read of the first
 * Units    y: any; z: sd
 * Missing  *z is NAN while it learns, and for the first value of a level. A series whose first values are all alike goes on learning
 * Errors   LODE_EDATA  the value is not finite, or its square is not
 *          LODE_ENOMEM
 */
int standard_step(const struct standard_rules *rules, struct standard *standard, double y, double gap, double *z, struct err *err);

/*
 * standard_fit - variances of the greatest likelihood of a local level
 *
 * Shape    y[n], gap[n] (gap[0] is not read), n >= 3
 * Missing  both are 0 where all values are alike
 */
void standard_fit(const double *y, const double *gap, size_t n, double *irregular, double *level);

#endif
