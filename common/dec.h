/*
 * dec - exact decimal numbers
 *
 * mantissa * 10^-scale with a 126-bit mantissa: 37 digits hold any published mass or sum of money, and what is
 * only passed on stays text anyway. No rounding unless a function says so.
 */
#ifndef LODE_DEC_H
#define LODE_DEC_H

#include <stdbool.h>

#include "err.h"
#include "str.h"

__extension__ typedef __int128 dec_mantissa; /* the one typedef: the type has no portable name */

struct dec {
	dec_mantissa mantissa;
	int scale; /* 0 to 37 */
};

enum { DEC_MAX = 48, DEC_DIGITS = 37 };

/* True for [+-]digits[.digits][e[+-]digits], where either side of the point may be empty but not both; nothing around it. */
bool dec_valid(struct str text);

/*
 * Errors: LODE_EDATA "cannot read 'TEXT' as a decimal" (an empty text too), "'TEXT' has more than 37 digits"; *dec is untouched then.
 */
int dec_parse(struct str text, struct dec *dec, struct err *err);

/* The same with thousands separators: "1,234,567.8" (groups of three, comma, no zero in front) or none. */
int dec_parse_grouped(struct str text, struct dec *dec, struct err *err);

/* Plain digits, no exponent, no trailing zeros behind the point; returns the length. */
size_t dec_format(struct dec dec, char out[DEC_MAX]);

/* Errors of the arithmetic: LODE_EDATA "number is too large". */
int dec_add(struct dec a, struct dec b, struct dec *sum, struct err *err);
int dec_mul(struct dec a, struct dec b, struct dec *product, struct err *err);

/* a / b to so many digits behind the point, half to even. Errors: also LODE_EDATA "division by zero". */
int dec_div(struct dec a, struct dec b, int digits, struct dec *quotient, struct err *err);

int dec_cmp(struct dec a, struct dec b); /* < 0, 0, > 0 */
double dec_double(struct dec dec);       /* nearest double */

static inline struct dec
dec_of(long long number)
{
	return (struct dec){ number, 0 };
}

#endif
