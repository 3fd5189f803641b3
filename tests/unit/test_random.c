/* random: known answers of the generator, the quantile against the error function, independence of order */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"

static void
philox_gives_its_known_answers(void **state)
{
	/* Random123, kat_vectors, philox4x32 10 */
	static const struct {
		uint32_t counter[4], key[2], want[4];
	} answers[] = {
		{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
		    { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
		    { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
	};
	uint32_t out[4];

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		random_philox(answers[i].counter, answers[i].key, out);
		for (int j = 0; j < 4; j++)
			assert_int_equal(out[j], answers[i].want[j]);
	}
}

static void
quantile_inverts_the_normal_distribution(void **state)
{
	(void)state;
	for (double x = -8; x <= 5; x += 0.0625) {
		double back = random_normal_quantile(0.5 * erfc(-x / sqrt(2)));

		/* above 0 the probability itself has lost digits near 1 */
		assert_true(fabs(back - x) <= 1e-13 * fmax(1, fabs(x)) + (x > 0 ? 4e-16 * exp(x * x / 2) : 0));
	}
	assert_true(fabs(random_normal_quantile(0.975) - 1.9599639845400545) < 1e-14);
	assert_true(random_normal_quantile(0.5) == 0);
	assert_true(isnan(random_normal_quantile(0)) && isnan(random_normal_quantile(1)) && isnan(random_normal_quantile(NAN)));
}

static void
a_place_has_one_number_in_any_order(void **state)
{
	double forward[64];

	(void)state;
	for (uint32_t i = 0; i < 64; i++)
		forward[i] = random_normal(7, i, i % 5, i % 3);
	for (uint32_t i = 64; i-- > 0;)
		assert_true(random_normal(7, i, i % 5, i % 3) == forward[i]);
	assert_true(random_uniform(7, 1, 2, 3) != random_uniform(8, 1, 2, 3));
	assert_true(random_uniform(7, 1, 2, 3) != random_uniform(7, 2, 1, 3));
	assert_true(random_uniform(7, 1, 2, 3) != random_uniform(7, 1, 3, 2));
	assert_true(random_uniform(7, 1, 2, 3) != random_uniform((uint64_t)1 << 32 | 7, 1, 2, 3));
}

static void
moments_are_those_of_the_standard_normal(void **state)
{
	double sum[4] = { 0 };
	uint32_t n = 200000;

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		double x = random_normal(1, i, 0, 0), power = 1;

		for (int j = 0; j < 4; j++)
			sum[j] += power *= x;
	}
	assert_true(fabs(sum[0] / n) < 4 / sqrt(n));
	assert_true(fabs(sum[1] / n - 1) < 4 * sqrt(2.0 / n));
	assert_true(fabs(sum[2] / n) < 4 * sqrt(15.0 / n));
	assert_true(fabs(sum[3] / n - 3) < 4 * sqrt(96.0 / n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(philox_gives_its_known_answers),
		cmocka_unit_test(quantile_inverts_the_normal_distribution),
		cmocka_unit_test(a_place_has_one_number_in_any_order),
		cmocka_unit_test(moments_are_those_of_the_standard_normal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
