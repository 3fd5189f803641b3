#include "dec.h"

#include <stdio.h>
#include <stdlib.h>

static const dec_mantissa LIMIT = (dec_mantissa)(((unsigned __int128)1 << 126) - 1) / 2 * 2; /* 8.5e37: 37 digits always fit */

/* Splits text into sign, digits, point and exponent; false when it is not a decimal. */
static bool
scan(struct str text, bool *negative, struct str *whole, struct str *fraction, int *exponent)
{
	size_t i = 0, from;
	bool down = false;
	int e = 0;

	*negative = i < text.n && text.p[i] == '-';
	if (i < text.n && (text.p[i] == '-' || text.p[i] == '+'))
		i++;
	for (from = i; i < text.n && char_is_digit(text.p[i]);)
		i++;
	*whole = (struct str){ text.p + from, i - from };
	*fraction = (struct str){ "", 0 };
	if (i < text.n && text.p[i] == '.') {
		for (from = ++i; i < text.n && char_is_digit(text.p[i]);)
			i++;
		*fraction = (struct str){ text.p + from, i - from };
	}
	if (whole->n + fraction->n == 0)
		return false;
	if (i < text.n && (text.p[i] == 'e' || text.p[i] == 'E')) {
		i++;
		down = i < text.n && text.p[i] == '-';
		if (i < text.n && (text.p[i] == '-' || text.p[i] == '+'))
			i++;
		for (from = i; i < text.n && char_is_digit(text.p[i]); i++)
			if (e < 1000)
				e = e * 10 + (text.p[i] - '0');
		if (i == from)
			return false;
	}
	*exponent = down ? -e : e;
	return i == text.n;
}

bool
dec_valid(struct str text)
{
	struct str whole, fraction;
	bool negative;
	int exponent;

	return scan(text, &negative, &whole, &fraction, &exponent);
}

/* Multiplies by 10^n; false when it does not fit. */
static bool
shift_up(dec_mantissa *m, int n)
{
	for (; n > 0; n--) {
		if (*m > LIMIT / 10 || *m < -(LIMIT / 10))
			return false;
		*m *= 10;
	}
	return true;
}

static struct dec
without_trailing_zeros(dec_mantissa m, int scale)
{
	int64_t small = (int64_t)m;

	if (m == small) { /* nearly all are, and a division of 128 bits takes ten times as long */
		for (; scale > 0 && small % 10 == 0; scale--)
			small /= 10;
		return (struct dec){ small, scale };
	}
	while (scale > 0 && m % 10 == 0) {
		m /= 10;
		scale--;
	}
	return (struct dec){ m, scale };
}

/* Digits with at most one point, and few enough for 64 bits. */
static bool
parse_short(struct str text, struct dec *dec)
{
	const bool negative = text.n > 0 && text.p[0] == '-';
	int64_t number = 0;
	size_t i, point = 0;

	if (text.n - negative > 18)
		return false;
	for (i = negative; i < text.n; i++) {
		if (char_is_digit(text.p[i]))
			number = number * 10 + (text.p[i] - '0');
		else if (text.p[i] == '.' && point == 0)
			point = i + 1;
		else
			return false;
	}
	if (i - negative == (point != 0)) /* no digit */
		return false;
	*dec = without_trailing_zeros(negative ? -number : number, point == 0 ? 0 : (int)(text.n - point));
	return true;
}

int
dec_parse(struct str text, struct dec *dec, struct err *err)
{
	struct str part[2];
	bool negative;
	int exponent, k;
	dec_mantissa m = 0;
	long scale;
	size_t i;

	if (parse_short(text, dec))
		return LODE_OK;
	if (!scan(text, &negative, &part[0], &part[1], &exponent))
		return err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(text));
	while (part[1].n > 0 && part[1].p[part[1].n - 1] == '0')
		part[1].n--;
	for (k = 0; k < 2; k++)
		for (i = 0; i < part[k].n; i++) {
			if (m > (LIMIT - 9) / 10)
				goto large;
			m = m * 10 + (part[k].p[i] - '0');
		}
	scale = (long)part[1].n - exponent;
	if (m == 0)
		scale = 0;
	if (scale < 0) {
		if (scale < -DEC_DIGITS || !shift_up(&m, (int)-scale))
			goto large;
		scale = 0;
	}
	while (scale > 0 && m % 10 == 0) {
		m /= 10;
		scale--;
	}
	if (scale > DEC_DIGITS)
		goto large;
	*dec = (struct dec){ negative ? -m : m, (int)scale };
	return LODE_OK;
large:
	return err_set(err, LODE_EDATA, "'%.*s' has more than %d digits", STR_ARG(text), DEC_DIGITS);
}

int
dec_parse_grouped(struct str text, struct dec *dec, struct err *err)
{
	char plain[DEC_MAX * 2];
	size_t i, n = 0, since = 0;
	bool grouped = false, point = false;

	for (i = 0; i < text.n && n < sizeof plain; i++) {
		if (text.p[i] == ',') {
			/* one to three digits before the first comma, exactly three between and after; "0,125" has a decimal comma */
			if (point || since == 0 || since > 3 || (grouped && since != 3) || (!grouped && plain[n - since] == '0'))
				goto bad;
			grouped = true;
			since = 0;
			continue;
		}
		if (text.p[i] == '.') {
			if (grouped && since != 3)
				goto bad;
			point = true;
		}
		if (!point && char_is_digit(text.p[i]))
			since++;
		plain[n++] = text.p[i];
	}
	if (i < text.n || (grouped && !point && since != 3))
		goto bad;
	if (dec_parse((struct str){ plain, n }, dec, err) == LODE_OK)
		return LODE_OK;
bad:
	return err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(text));
}

size_t
dec_format(struct dec dec, char out[DEC_MAX])
{
	const bool negative = dec.mantissa < 0;
	char text[DEC_MAX], *at = text + sizeof text;
	dec_mantissa m;
	uint64_t small;
	size_t n;
	int left;

	dec = without_trailing_zeros(negative ? -dec.mantissa : dec.mantissa, dec.scale);
	left = dec.scale; /* digits before the point comes, from the last */
	for (m = dec.mantissa; m > INT64_MAX; m /= 10) {
		*--at = (char)('0' + (int)(m % 10));
		if (--left == 0)
			*--at = '.';
	}
	for (small = (uint64_t)m; left > 0; small /= 10) {
		*--at = (char)('0' + small % 10);
		if (--left == 0)
			*--at = '.';
	}
	for (; small > 9; small /= 10)
		*--at = (char)('0' + small % 10);
	*--at = (char)('0' + small);
	if (negative)
		*--at = '-';
	n = (size_t)(text + sizeof text - at);
	memcpy(out, at, n);
	out[n] = '\0';
	return n;
}

/* Brings both to one scale. */
static int
align(struct dec *a, struct dec *b, struct err *err)
{
	struct dec *low = a->scale < b->scale ? a : b;
	int scale = a->scale < b->scale ? b->scale : a->scale;

	if (!shift_up(&low->mantissa, scale - low->scale))
		return err_set(err, LODE_EDATA, "number is too large");
	low->scale = scale;
	return LODE_OK;
}

int
dec_add(struct dec a, struct dec b, struct dec *sum, struct err *err)
{
	dec_mantissa m;

	if (align(&a, &b, err) != LODE_OK)
		return err->code;
	if (__builtin_add_overflow(a.mantissa, b.mantissa, &m) || m > LIMIT || m < -LIMIT)
		return err_set(err, LODE_EDATA, "number is too large");
	*sum = without_trailing_zeros(m, a.scale);
	return LODE_OK;
}

int
dec_mul(struct dec a, struct dec b, struct dec *product, struct err *err)
{
	dec_mantissa m;

	a = without_trailing_zeros(a.mantissa, a.scale);
	b = without_trailing_zeros(b.mantissa, b.scale);
	if (__builtin_mul_overflow(a.mantissa, b.mantissa, &m) || m > LIMIT || m < -LIMIT)
		return err_set(err, LODE_EDATA, "number is too large");
	b = without_trailing_zeros(m, a.scale + b.scale);
	if (b.scale > DEC_DIGITS)
		return err_set(err, LODE_EDATA, "number is too large");
	*product = b;
	return LODE_OK;
}

/* n / d to the nearest integer, half to even; d > 0. */
static dec_mantissa
divide_half_even(dec_mantissa n, dec_mantissa d)
{
	dec_mantissa q = n / d, r = n % d, twice;

	if (r < 0)
		r = -r;
	twice = r - (d - r);
	if (twice > 0 || (twice == 0 && q % 2 != 0))
		q += n < 0 ? -1 : 1;
	return q;
}

int
dec_div(struct dec a, struct dec b, int digits, struct dec *quotient, struct err *err)
{
	int up;

	if (b.mantissa == 0)
		return err_set(err, LODE_EDATA, "division by zero");
	if (b.mantissa < 0) {
		a.mantissa = -a.mantissa;
		b.mantissa = -b.mantissa;
	}
	a = without_trailing_zeros(a.mantissa, a.scale);
	b = without_trailing_zeros(b.mantissa, b.scale);
	/* a/10^sa / (b/10^sb) * 10^digits = a * 10^(digits + sb - sa) / b */
	up = digits + b.scale - a.scale;
	if (up > 0 && !shift_up(&a.mantissa, up))
		return err_set(err, LODE_EDATA, "number is too large");
	for (; up < 0 && b.mantissa != 0; up++)
		if (__builtin_mul_overflow(b.mantissa, 10, &b.mantissa))
			b.mantissa = 0;
	if (b.mantissa == 0) { /* more than twice what a can be, so less than half of the last digit */
		*quotient = dec_of(0);
		return LODE_OK;
	}
	*quotient = without_trailing_zeros(divide_half_even(a.mantissa, b.mantissa), digits);
	return LODE_OK;
}

int
dec_cmp(struct dec a, struct dec b)
{
	struct dec x = a, y = b;
	struct err ignored;

	if (align(&x, &y, &ignored) == LODE_OK)
		return (x.mantissa > y.mantissa) - (x.mantissa < y.mantissa);
	/* the one with fewer digits behind the point does not fit at the other's scale, so it is the larger one by size */
	return a.scale < b.scale ? (a.mantissa > 0) - (a.mantissa < 0) : (b.mantissa < 0) - (b.mantissa > 0);
}

double
dec_double(struct dec dec)
{
	char text[DEC_MAX];

	dec_format(dec, text);
	return strtod(text, NULL);
}
