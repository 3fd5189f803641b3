/*
 * ratio - a factor between two units as an exact fraction
 *
 * A conversion collects its steps (mass, multiple of a currency, rate, tax) in one fraction, so that a value is divided, and
 * with that rounded, at most once.
 */
#ifndef LODE_RATIO_H
#define LODE_RATIO_H

#include "dec.h"

struct ratio {
	struct dec num, den;
};

#define RATIO_ONE ((struct ratio){ { 1, 0 }, { 1, 0 } })

/* Significant digits of a quotient that does not end. */
enum { RATIO_DIGITS = 12 };

/* ratio * num / den; den is not zero. Errors: LODE_EDATA "number is too large". */
int ratio_scale(struct ratio *ratio, struct dec num, struct dec den, struct err *err);

/* True when a value stays what it is. */
bool ratio_is_one(const struct ratio *ratio);

/*
 * value * num / den: exact when the quotient ends within 37 digits, else rounded half to even to RATIO_DIGITS significant
 * digits, but never coarser than 1.
 * Errors: LODE_EDATA "number is too large".
 */
int ratio_apply(const struct ratio *ratio, struct dec value, struct dec *result, struct err *err);

#endif
