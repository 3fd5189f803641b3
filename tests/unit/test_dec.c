/* dec: against schoolbook arithmetic on digit strings, which knows nothing of binary numbers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dec.h"

/* A decimal as digits: d[i] counts 10^(i - POINT). */
enum { POINT = 90, DIGITS = 200 };
struct school {
	bool negative;
	int d[DIGITS];
};

static struct school
school_of(const char *text)
{
	struct school s = { 0 };
	const char *point = strchr(text, '.'), *end = text + strlen(text), *p;
	int at = POINT - (point == NULL ? 0 : (int)(end - point) - 1);

	s.negative = *text == '-';
	for (p = end - 1; p >= text; p--)
		if (*p >= '0' && *p <= '9')
			s.d[at++] = *p - '0';
	return s;
}

/* Canonical: no zeros in front, none behind the point. */
static void
school_text(const struct school *s, char out[DIGITS + 4])
{
	int high = DIGITS - 1, low = 0, i;

	while (high > POINT && s->d[high] == 0)
		high--;
	while (low < POINT && s->d[low] == 0)
		low++;
	if (s->negative && !(high == POINT && low == POINT && s->d[POINT] == 0))
		*out++ = '-';
	for (i = high; i >= low; i--) {
		if (i == POINT - 1)
			*out++ = '.';
		*out++ = (char)('0' + s->d[i]);
	}
	*out = '\0';
}

/* Digits from the first that is not 0, or the first before the point, to the last that is not 0 behind it. */
static int
school_width(const struct school *s)
{
	int high = DIGITS - 1, low = 0;

	while (high > 0 && s->d[high] == 0)
		high--;
	while (low < POINT && s->d[low] == 0)
		low++;
	return high < low ? 0 : high - low + 1;
}

static int
school_scale(const struct school *s)
{
	int low = 0;

	while (low < POINT && s->d[low] == 0)
		low++;
	return POINT - low;
}

static int
compare_sizes(const struct school *a, const struct school *b)
{
	for (int i = DIGITS - 1; i >= 0; i--)
		if (a->d[i] != b->d[i])
			return a->d[i] - b->d[i];
	return 0;
}

static struct school
school_add(const struct school *a, const struct school *b)
{
	const struct school *large = compare_sizes(a, b) >= 0 ? a : b, *small = large == a ? b : a;
	struct school sum = { .negative = large->negative };
	int carry = 0, i, sign = a->negative == b->negative ? 1 : -1;

	for (i = 0; i < DIGITS; i++) {
		int digit = large->d[i] + sign * small->d[i] + carry;

		carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
		sum.d[i] = digit - 10 * carry;
	}
	return sum;
}

static struct school
school_mul(const struct school *a, const struct school *b)
{
	struct school product = { .negative = a->negative != b->negative };
	int i, k;

	for (i = 0; i < DIGITS; i++)
		for (k = 0; a->d[i] != 0 && k < DIGITS; k++)
			if (b->d[k] != 0) {
				int at = i + k - POINT, carry = a->d[i] * b->d[k];

				assert_true(at >= 0);
				for (; carry > 0; at++) {
					assert_true(at < DIGITS);
					carry += product.d[at];
					product.d[at] = carry % 10;
					carry /= 10;
				}
			}
	return product;
}

static uint32_t
random_below(uint32_t limit)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % limit;
}

/* Up to whole + fraction digits, often zeros and nines. */
static void
random_text(char *out, uint32_t whole, uint32_t fraction)
{
	uint32_t kind = random_below(4), n;

	if (random_below(3) == 0)
		*out++ = '-';
	for (n = 1 + random_below(whole); n > 0; n--)
		*out++ = (char)('0' + (kind == 0 ? 9 * random_below(2) : random_below(10)));
	if (random_below(3) != 0 && (n = random_below(fraction + 1)) > 0) {
		*out++ = '.';
		for (; n > 0; n--)
			*out++ = (char)('0' + (kind == 0 ? 9 * random_below(2) : random_below(10)));
	}
	*out = '\0';
}

static struct dec
parsed(const char *text)
{
	struct dec dec = { 0 };
	struct err err = ERR_INIT;

	if (dec_parse(str_of(text), &dec, &err) != LODE_OK)
		fail_msg("%s: %s", text, err.message);
	return dec;
}

static void
is(struct dec dec, const char *want)
{
	char text[DEC_MAX];
	size_t n = dec_format(dec, text);

	assert_string_equal(text, want);
	assert_int_equal(n, strlen(want));
	assert_true(dec.scale >= 0 && dec.scale <= DEC_DIGITS);
}

static void
text_is_kept_but_for_idle_zeros(void **state)
{
	char text[100], want[DIGITS + 4];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct school s;

		random_text(text, 19, 18);
		s = school_of(text);
		school_text(&s, want);
		is(parsed(text), want);
		is(parsed(want), want);
	}
}

static void
sums_are_the_schoolbook_s(void **state)
{
	char a[100], b[100], want[DIGITS + 4];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct dec sum;
		struct err err = ERR_INIT;
		struct school x, y, s;
		int wide;

		random_text(a, i % 2 ? 19 : 37 - 18, 18);
		random_text(b, i % 3 ? 5 : 37, i % 3 ? 32 : 0);
		x = school_of(a);
		y = school_of(b);
		s = school_add(&x, &y);
		school_text(&s, want);
		if (dec_add(parsed(a), parsed(b), &sum, &err) == LODE_OK) {
			is(sum, want);
			continue;
		}
		/* only when the sum, or one part at the scale of the other, does not fit */
		wide = school_scale(&x) > school_scale(&y) ? school_width(&y) - school_scale(&y) + school_scale(&x) :
		    school_width(&x) - school_scale(&x) + school_scale(&y);
		assert_string_equal(err.message, "number is too large");
		assert_true(wide > DEC_DIGITS || school_width(&s) > DEC_DIGITS);
	}
}

static void
products_are_the_schoolbook_s(void **state)
{
	char a[100], b[100], want[DIGITS + 4];
	int failed = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct dec product;
		struct err err = ERR_INIT;
		struct school x, y, s;

		random_text(a, 10, 9);
		random_text(b, i % 10 ? 9 : 25, i % 10 ? 9 : 5);
		x = school_of(a);
		y = school_of(b);
		s = school_mul(&x, &y);
		school_text(&s, want);
		if (dec_mul(parsed(a), parsed(b), &product, &err) == LODE_OK) {
			is(product, want);
			continue;
		}
		failed++;
		assert_string_equal(err.message, "number is too large");
		assert_true(school_width(&x) + school_width(&y) > DEC_DIGITS);
	}
	assert_true(failed > 0 && failed < 1000);
}

/* |a - q b| may be half of the last digit times |b|, and then q's last digit is even. */
static void
quotients_are_the_nearest(void **state)
{
	char a[100], b[100], text[DEC_MAX], step[40];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int digits = (int)random_below(12), order;
		struct school x, y, q, rest, half, two, bound;
		struct dec quotient;
		struct err err = ERR_INIT;

		random_text(a, 12, 8);
		random_text(b, i % 5 ? 8 : 1, i % 5 ? 4 : 1);
		if (parsed(b).mantissa == 0)
			continue;
		assert_int_equal(dec_div(parsed(a), parsed(b), digits, &quotient, &err), LODE_OK);
		assert_true(quotient.scale <= digits);
		dec_format(quotient, text);
		x = school_of(a);
		y = school_of(b);
		q = school_of(text);
		rest = school_mul(&q, &y);
		rest.negative = !rest.negative;
		rest = school_add(&x, &rest);
		snprintf(step, sizeof step, "%.*f", digits, digits == 0 ? 1.0 : 0.0);
		if (digits > 0)
			step[strlen(step) - 1] = '1';
		bound = school_of(step);
		bound = school_mul(&bound, &y);
		two = school_of("2");
		half = school_mul(&rest, &two);
		order = compare_sizes(&half, &bound);
		assert_true(order <= 0);
		if (order == 0)
			assert_int_equal(q.d[POINT - digits] % 2, 0);
	}
}

static void
quotient_of_the_far_apart_is_nothing(void **state)
{
	const char *tiny = "0.0000000000000000000000000000000000001", *huge = "1000000000000000000000000000000";
	struct dec quotient;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(dec_div(parsed(tiny), parsed(huge), 2, &quotient, &err), LODE_OK);
	is(quotient, "0");
	/* 0.6 of the last digit, where the divisor no longer fits */
	assert_int_equal(dec_div(parsed("6000000000000000000000000000000000.001"), parsed("1000000000000000000000000000000000"), 0,
	    &quotient, &err), LODE_OK);
	is(quotient, "6");
	assert_int_equal(dec_div(parsed("8.1234567890123456789012345678901234567"), parsed("10"), 0, &quotient, &err), LODE_OK);
	is(quotient, "1");
	assert_int_equal(dec_div(parsed("-4.9999999999999999999999999999999999999"), parsed("10"), 0, &quotient, &err), LODE_OK);
	is(quotient, "0");
	assert_int_equal(dec_div(parsed("-5.0000000000000000000000000000000000001"), parsed("10"), 0, &quotient, &err), LODE_OK);
	is(quotient, "-1");
	assert_int_equal(dec_div(parsed("1"), parsed("3"), 37, &quotient, &err), LODE_OK);
	is(quotient, "0.3333333333333333333333333333333333333");
}

static void
rounding_is_half_to_even(void **state)
{
	static const char *const cases[][3] = { /* number, digits, rounded */
		{ "0.5", "0", "0" }, { "1.5", "0", "2" }, { "2.5", "0", "2" }, { "-0.5", "0", "0" }, { "-1.5", "0", "-2" },
		{ "-2.5", "0", "-2" }, { "2.51", "0", "3" }, { "2.49", "0", "2" }, { "0.125", "2", "0.12" }, { "0.135", "2", "0.14" },
		{ "9.995", "2", "10" }, { "1.1", "5", "1.1" }, { "0.0000000000000000000000000000000000005", "36", "0" },
		{ "0.00000000000000000000000000000000000051", "36", "0.000000000000000000000000000000000001" },
	};

	struct dec rounded;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0] - 1; i++) {
		assert_int_equal(dec_div(parsed(cases[i][0]), dec_of(1), (int)strtol(cases[i][1], NULL, 10), &rounded, &err), LODE_OK);
		is(rounded, cases[i][2]);
	}
}

static void
order_is_that_of_the_difference(void **state)
{
	char a[100], b[100];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct school x, y, difference;
		char text[DIGITS + 4];
		int want, got;

		random_text(a, i % 4 ? 18 : 37, i % 4 ? 18 : 0);
		random_text(b, 4, 33);
		if (i % 5 == 0)
			snprintf(b, sizeof b, "%s", a);
		x = school_of(a);
		y = school_of(b);
		y.negative = !y.negative;
		difference = school_add(&x, &y);
		school_text(&difference, text);
		want = strcmp(text, "0") == 0 ? 0 : text[0] == '-' ? -1 : 1;
		got = dec_cmp(parsed(a), parsed(b));
		assert_int_equal((got > 0) - (got < 0), want);
		got = dec_cmp(parsed(b), parsed(a));
		assert_int_equal((got > 0) - (got < 0), -want);
	}
	/* no room to bring the first to the scale of the second, and the nearest doubles are equal */
	assert_true(dec_cmp(parsed("8.507059173023462"), parsed("8.5070591730234615865843651857942052859")) > 0);
	assert_true(dec_cmp(parsed("-8.507059173023462"), parsed("-8.5070591730234615865843651857942052859")) < 0);
}

static void
double_is_the_nearest(void **state)
{
	char text[100];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		random_text(text, 18, 18);
		assert_true(dec_double(parsed(text)) == strtod(text, NULL));
	}
}

static void
exponents_move_the_point(void **state)
{
	(void)state;
	is(parsed("1e3"), "1000");
	is(parsed("1.25E-2"), "0.0125");
	is(parsed("-12.5e+1"), "-125");
	is(parsed("0e99999999999999999999"), "0");
	is(parsed("1e36"), "1000000000000000000000000000000000000");
	is(parsed("100e-37"), "0.00000000000000000000000000000000001");
	is(parsed(".5"), "0.5");
	is(parsed("5."), "5");
	is(parsed("+007"), "7");
	is(parsed("-0.00"), "0");
}

static void
refused(const char *text, const char *message)
{
	struct dec dec = { 42, 7 };
	struct err err = ERR_INIT;

	assert_int_equal(dec_parse(str_of(text), &dec, &err), LODE_EDATA);
	assert_string_equal(err.message, message);
	assert_true(dec.mantissa == 42 && dec.scale == 7);
}

static void
what_is_no_decimal_is_refused(void **state)
{
	static const char *const bad[] = { "", "-", "+", ".", "-.", "e5", "1e", "1e+", "1.2.3", " 1", "1 ", "1,5", "0x10", "nan", "inf", "--1",
		"1e5.0", "12,5t", "1_000" };
	char message[100];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(message, sizeof message, "cannot read '%s' as a decimal", bad[i]);
		refused(bad[i], message);
		assert_false(dec_valid(str_of(bad[i])));
	}
	assert_false(dec_valid((struct str){ "1\0", 2 }));
}

static void
what_does_not_fit_is_refused(void **state)
{
	static const char *const wide[] = { "100000000000000000000000000000000000000", "1e38", "1e999999999", "1e-38",
		"0.00000000000000000000000000000000000001" };
	char message[100];
	struct err err = ERR_INIT;
	struct dec dec, most = parsed("9999999999999999999999999999999999999");

	(void)state;
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
		snprintf(message, sizeof message, "'%s' has more than 37 digits", wide[i]);
		refused(wide[i], message);
		assert_true(dec_valid(str_of(wide[i])));
	}
	is(most, "9999999999999999999999999999999999999");
	assert_int_equal(dec_mul(most, most, &dec, &err), LODE_EDATA);
	assert_string_equal(err.message, "number is too large");
	assert_int_equal(dec_div(most, parsed("0.1"), 37, &dec, &err), LODE_EDATA);
	assert_string_equal(err.message, "number is too large");
	assert_int_equal(dec_div(most, dec_of(0), 2, &dec, &err), LODE_EDATA);
	assert_string_equal(err.message, "division by zero");
}

static void
groups_of_three_or_none(void **state)
{
	static const char *const good[][2] = { { "1,234,567.8", "1234567.8" }, { "1,234", "1234" }, { "-12,345", "-12345" },
		{ "1234.5", "1234.5" }, { "123,456,789", "123456789" }, { "0.125", "0.125" }, { "0", "0" } };
	static const char *const bad[] = { "", ",", "1,", ",123", "12,34", "1,2345", "1234,567", "1,234,5", "1,234.5,6", "1.234,567",
		"12,5", "0,125", "-0,125", "1,,234", "1 234", "1,234e2" };
	char message[100];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct dec dec = { 0 };
		struct err err = ERR_INIT;

		if (dec_parse_grouped(str_of(good[i][0]), &dec, &err) != LODE_OK)
			fail_msg("%s", err.message);
		is(dec, good[i][1]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct dec dec = { 42, 7 };
		struct err err = ERR_INIT;

		snprintf(message, sizeof message, "cannot read '%s' as a decimal", bad[i]);
		assert_int_equal(dec_parse_grouped(str_of(bad[i]), &dec, &err), LODE_EDATA);
		assert_string_equal(err.message, message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_kept_but_for_idle_zeros),
		cmocka_unit_test(sums_are_the_schoolbook_s),
		cmocka_unit_test(products_are_the_schoolbook_s),
		cmocka_unit_test(quotients_are_the_nearest),
		cmocka_unit_test(quotient_of_the_far_apart_is_nothing),
		cmocka_unit_test(rounding_is_half_to_even),
		cmocka_unit_test(order_is_that_of_the_difference),
		cmocka_unit_test(double_is_the_nearest),
		cmocka_unit_test(exponents_move_the_point),
		cmocka_unit_test(what_is_no_decimal_is_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(groups_of_three_or_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
