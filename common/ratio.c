#include "ratio.h"

#include <math.h>

int
ratio_scale(struct ratio *ratio, struct dec num, struct dec den, struct err *err)
{
	struct ratio made;

	if (dec_mul(ratio->num, num, &made.num, err) != LODE_OK || dec_mul(ratio->den, den, &made.den, err) != LODE_OK)
		return err->code;
	*ratio = made;
	return LODE_OK;
}

bool
ratio_is_one(const struct ratio *ratio)
{
	return dec_cmp(ratio->num, ratio->den) == 0;
}

/* Takes the factor out of *m and returns how often it was there. */
static int
take_factor(dec_mantissa *m, int factor)
{
	int n = 0;

	for (; *m % factor == 0; n++)
		*m /= factor;
	return n;
}

static int
clamp(int digits)
{
	return digits < 0 ? 0 : digits > DEC_DIGITS ? DEC_DIGITS : digits;
}

/* Digits behind the point that a / b needs to be exact; false when it never ends. b is not zero. */
static bool
ends_after(struct dec a, struct dec b, int *digits)
{
	dec_mantissa rest = b.mantissa;
	int twos = take_factor(&rest, 2), fives = take_factor(&rest, 5);

	if (a.mantissa % rest != 0)
		return false;
	*digits = a.scale - b.scale + (twos > fives ? twos : fives);
	return true;
}

int
ratio_apply(const struct ratio *ratio, struct dec value, struct dec *result, struct err *err)
{
	struct dec product;
	double size;
	int digits;

	if (dec_mul(value, ratio->num, &product, err) != LODE_OK)
		return err->code;
	if (ends_after(product, ratio->den, &digits) && digits <= DEC_DIGITS &&
	    dec_div(product, ratio->den, clamp(digits), result, err) == LODE_OK)
		return LODE_OK;
	/* the size is right but for a quotient within 1e-15 of a power of ten, which rounds to that power either way */
	size = floor(log10(fabs((double)product.mantissa / (double)ratio->den.mantissa))) + ratio->den.scale - product.scale;
	return dec_div(product, ratio->den, clamp(RATIO_DIGITS - 1 - (int)size), result, err);
}
