/*
 * standard: the Nile's local level as published, innovations are those of the state space, and what is standardised is standard
 *
 * Numbers: Durbin and Koopman (2012), section 2.10 and table 2.1, to the digits that are computed elsewhere.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "numbers_changes.h"
#include "random.h"
#include "ssm.h"
#include "standard.h"
#include "within.h"

static double
take(const struct standard_rules *rules, struct standard *s, double y, double gap)
{
	struct err err = ERR_INIT;
	double z;

	assert_int_equal(standard_step(rules, s, y, gap, &z, &err), LODE_OK);
	return z;
}

static void
the_niles_variances_are_found(void **state)
{
	double gap[100], irregular, level;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		gap[i] = 1;
	standard_fit(change_nile, gap, 100, &irregular, &level);
	WITHIN(irregular, 15098.53, 0.05); /* published 15,098.53 and 1,469.18 */
	WITHIN(level, 1469.18, 0.05);
	WITHIN(level / irregular, 0.0973, 0.00005);
}

/* The same model as a state space, with gaps as times without data. */
static void
innovations_are_those_of_the_state_space(void **state)
{
	static const double one[1] = { 1 }, shock[1] = { 1469.1 }, zero[1] = { 0 };
	const struct standard_rules rules = { STANDARD_LEVEL, 0, 0, 0, 15099, 1469.1 };
	struct ssm_datum data[60];
	struct ssm_model model = { .n_states = 1, .n_shocks = 1, .n_times = 100, .transition = one, .loading = one, .shock = shock, .mean = zero,
		.cov = zero, .cov_inf = one, .data = data };
	struct ssm_filter *filter;
	struct standard s = { 0 };
	struct err err = ERR_INIT;
	size_t before = 0;

	(void)state;
	for (size_t t = 0; t < 100; t++)
		if (!((t >= 20 && t < 40) || (t >= 60 && t < 80)))
			data[model.n_data++] = (struct ssm_datum){ t, 1, one, NULL, change_nile[t], 15099 };
	assert_int_equal(ssm_filter_new(&model, &filter, &err), LODE_OK);
	for (size_t i = 0; i < 60; i++) {
		double z = take(&rules, &s, data[i].y, i > 0 ? (double)(data[i].time - before) : 1);

		before = data[i].time;
		if (i == 0)
			assert_true(isnan(z));
		else
			WITHIN(z, filter->v[i] / sqrt(filter->f[i]), 1e-10);
	}
	ssm_filter_free(filter);
	standard_release(&s);
}

static void
a_level_that_is_learned_goes_on_as_if_it_had_been_known(void **state)
{
	const struct standard_rules learn = { STANDARD_LEVEL, 0, 0, 40, NAN, NAN };
	struct standard s = { 0 }, known = { 0 };
	struct standard_rules rules = { STANDARD_LEVEL, 0, 0, 0, 0, 0 };
	double gap[40], want[100];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		gap[i] = 1;
	standard_fit(change_nile, gap, 40, &rules.irregular, &rules.level);
	for (size_t i = 0; i < 100; i++)
		want[i] = take(&rules, &known, change_nile[i], 1);
	for (size_t i = 0; i < 100; i++) {
		double z = take(&learn, &s, change_nile[i], 1);

		if (i < 40)
			assert_true(isnan(z));
		else
			WITHIN(z, want[i], 1e-10);
	}
	assert_null(s.y);
	standard_release(&s);
	standard_release(&known);
}

/* Mean, variance and first autocorrelation of what comes out when the series is what the rules say. */
static void
standardised_values_are_standard(void **state)
{
	static const struct standard_rules rules[] = { { STANDARD_KNOWN, 5, 2, 0, NAN, NAN }, { STANDARD_FIRST, 0, 0, 400, NAN, NAN },
		{ STANDARD_LEVEL, 0, 0, 400, 1, 0.3 }, { STANDARD_LEVEL, 0, 0, 400, NAN, NAN } };

	(void)state;
	for (uint32_t k = 0; k < 4; k++) {
		double level = 0, sum = 0, squares = 0, pairs = 0, before = 0, n = 0;
		struct standard s = { 0 };

		for (uint32_t t = 0; t < 20000; t++) {
			double e = random_normal(1, k, t, 0), z;

			level += sqrt(0.3) * random_normal(1, k, t, 1);
			z = take(&rules[k], &s, k < 2 ? 5 + 2 * e : level + e, 1);
			if (isnan(z))
				continue;
			n++;
			sum += z;
			squares += z * z;
			pairs += z * before;
			before = z;
		}
		WITHIN(sum / n, 0, k == 1 ? 0.15 : 0.03);
		WITHIN(squares / n, 1, k == 1 ? 0.2 : k == 3 ? 0.15 : 0.04);
		WITHIN(pairs / n, 0, 0.05);
		standard_release(&s);
	}
}

static void
series_without_spread_go_on_learning(void **state)
{
	const struct standard_rules first = { STANDARD_FIRST, 0, 0, 4, NAN, NAN }, level = { STANDARD_LEVEL, 0, 0, 4, NAN, NAN };
	struct standard a = { 0 }, b = { 0 };
	struct err err = ERR_INIT;
	double z;

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_true(isnan(take(&first, &a, 7, 1)));
		assert_true(isnan(take(&level, &b, 7, 1)));
	}
	assert_true(b.room < 20);
	assert_true(isnan(take(&first, &a, 8, 1)) && isnan(take(&level, &b, 8, 1)));
	assert_true(!isnan(take(&first, &a, 8, 1)));
	assert_true(!isnan(take(&level, &b, 8, 1)));
	assert_int_equal(standard_step(&first, &a, 1e200, 1, &z, &err), LODE_EDATA);
	assert_string_equal(err.message, "1e+200 is too large");
	standard_release(&a);
	standard_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_niles_variances_are_found),
		cmocka_unit_test(innovations_are_those_of_the_state_space),
		cmocka_unit_test(a_level_that_is_learned_goes_on_as_if_it_had_been_known),
		cmocka_unit_test(standardised_values_are_standard),
		cmocka_unit_test(series_without_spread_go_on_learning),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("standard", tests, NULL, NULL);
}
