/* residuals: the Nile's printed checks, laws of scale and order */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "numbers_ssm.h"
#include "random.h"
#include "residuals.h"
#include "structural.h"
#include "within.h"

static void
nile_checks_agree(void **state)
{
	const struct structural_parts parts = { 0 };
	struct residuals_check c;
	struct structural *s;
	struct ssm_filter *filter;
	struct err err = ERR_INIT;
	double y[100], e[100];

	(void)state;
	for (size_t t = 0; t < 100; t++)
		y[t] = nile_filter[t].y;
	assert_int_equal(structural_new(&parts, y, 100, 100, &s, &err), LODE_OK);
	structural_set(s, &(struct structural_variances){ .irregular = 15099, .level = 1469.1 });
	assert_int_equal(ssm_filter_new(&s->model, &filter, &err), LODE_OK);
	assert_int_equal(residuals_of(filter, e), 99);
	assert_int_equal(residuals_check(e, 99, 9, &c, &err), LODE_OK);
	assert_int_equal(c.span, 33);
	/* published: -0.03, 3.09, 0.05, 0.61, 8.84 */
	ROUNDS(c.skewness, -0.0306, 1e-4);
	ROUNDS(c.kurtosis, 3.0873, 1e-4);
	ROUNDS(c.normality, 0.0469, 1e-4);
	ROUNDS(c.h, 0.6130, 1e-4);
	ROUNDS(c.q, 8.8433, 1e-4);
	ssm_filter_free(filter);
	structural_free(s);
}

static void
scale_changes_nothing_and_order_little(void **state)
{
	double e[90], other[91];
	struct residuals_check a, b;
	struct err err = ERR_INIT;

	(void)state;
	for (uint32_t i = 0; i < 90; i++) {
		e[i] = random_normal(1, i, 0, 0);
		other[89 - i] = 7 * e[i];
	}
	other[90] = NAN;
	assert_int_equal(residuals_check(e, 90, 5, &a, &err), LODE_OK);
	assert_int_equal(residuals_check(other, 91, 5, &b, &err), LODE_OK);
	assert_int_equal(b.n, 90);
	WITHIN(b.variance, 49 * a.variance, 1e-10);
	WITHIN(b.skewness, a.skewness, 1e-10);
	WITHIN(b.kurtosis, a.kurtosis, 1e-10);
	WITHIN(b.normality, a.normality, 1e-9);
	WITHIN(b.q, a.q, 1e-9);
	WITHIN(b.h, 1 / a.h, 1e-9);
	/* a wave is no noise */
	for (uint32_t i = 0; i < 90; i++)
		other[i] = sin(i / 5.0);
	assert_int_equal(residuals_check(other, 90, 5, &b, &err), LODE_OK);
	assert_true(b.q > 100);
}

static void
too_few_are_refused(void **state)
{
	double e[12] = { 1, 1, 1, 1, 1, NAN, 1, 1, 1, 1, 1, 1 };
	struct residuals_check c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(residuals_check(e, 12, 8, &c, &err), LODE_EDATA);
	assert_string_equal(err.message, "11 residuals are too few for 8 lags");
	assert_int_equal(residuals_check(e, 12, 7, &c, &err), LODE_EDATA);
	assert_string_equal(err.message, "the residuals are all the same");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nile_checks_agree),
		cmocka_unit_test(scale_changes_nothing_and_order_little),
		cmocka_unit_test(too_few_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("residuals", tests, NULL, NULL);
}
