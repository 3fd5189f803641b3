/* flow: figures are checked before any is written; units of quantities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow.h"

/* A flow that only adds. */
static void
start(struct flow *flow)
{
	struct err err;

	*flow = (struct flow){ 0 };
	assert_int_equal(flow_start(flow, "import", STR("JP"), STR("MM"), "hs:", STR("2846"), &err), LODE_OK);
}

static void
check_add(const char *value, struct dec factor, const char *want)
{
	struct flow flow;
	struct err err = ERR_INIT;

	start(&flow);
	if (flow_add(&flow, "value", str_of(value), factor, STR("JPY"), &err) != LODE_OK) {
		assert_int_equal(flow.n, 0);
		assert_string_equal(err.message, want);
	} else if (flow.n == 0) {
		assert_string_equal("", want);
	} else {
		assert_true(str_is(flow.figure[0].value, want));
		assert_string_equal(flow.figure[0].indicator, "import.value");
	}
	flow_release(&flow);
}

static void
published_digits_stay_unless_computed_on(void **state)
{
	(void)state;
	check_add("012.50", dec_of(1), "012.50");
	check_add("12.50", dec_of(1000), "12500");
	check_add("50.07", dec_of(100), "5007");
	check_add("1500", (struct dec){ 1, 3 }, "1.5");
	check_add("123456789012345678901234567890.125", dec_of(1000), "123456789012345678901234567890125");
	check_add("", dec_of(1000), "");
	check_add("12,5", dec_of(1), "cannot read '12,5' as a decimal");
	check_add("12,5", dec_of(100), "cannot read '12,5' as a decimal");
	check_add("-", dec_of(1000), "cannot read '-' as a decimal");
}

/* Two quantities with their units, as "indicator=value unit;" or the message and which of the two. */
static void
check_quantities(const char *first, const char *first_unit, const char *second, const char *second_unit, const char *want)
{
	const struct str value[2] = { str_of(first), str_of(second) }, unit[2] = { str_of(first_unit), str_of(second_unit) };
	struct buf out = BUF_INIT;
	struct flow flow;
	struct err err = ERR_INIT;
	size_t i;
	int bad = -1;

	start(&flow);
	if (flow_add_quantities(&flow, value, unit, &bad, &err) != LODE_OK)
		buf_printf(&out, "%d %s", bad, err.message);
	else
		for (i = 0; i < flow.n; i++)
			buf_printf(&out, "%s=%.*s %.*s;", flow.figure[i].indicator + strlen("import."), STR_ARG(flow.figure[i].value),
			    STR_ARG(flow.figure[i].unit));
	buf_add(&out, "", 1);
	assert_string_equal(out.p, want);
	buf_release(&out);
	flow_release(&flow);
}

static void
a_mass_among_two_quantities(void **state)
{
	(void)state;
	check_quantities("10", "NO", "15", "KG", "quantity=10 NO;mass=15 kg;");
	check_quantities("15", "KG", "10", "NO", "mass=15 kg;quantity=10 NO;");
	check_quantities("0.5", "T", "", "", "mass=500 kg;");
	check_quantities("", "", "2", "MT", "mass=2000 kg;");
	check_quantities("10", "L", "7", "DOZ", "quantity=10 L;quantity.second=7 DOZ;");
	check_quantities("500", "KG", "0.5", "MT", "quantity=500 KG;mass=500 kg;");
	check_quantities("500", "KG", "", "MT", "mass=500 kg;");
	check_quantities("0", "X", "0", "-", "");
	check_quantities("5", "X", "1", "KG", "0 quantity '5' without a unit");
	check_quantities("1", "KG", "5", "NO_SU", "1 quantity '5' without a unit");
	check_quantities("1", "KG", "x", "NO", "1 cannot read 'x' as a decimal");
}

static void
zero_however_written(void **state)
{
	(void)state;
	assert_true(flow_is_zero(STR("")));
	assert_true(flow_is_zero(STR("0")));
	assert_true(flow_is_zero(STR("0.00")));
	assert_true(flow_is_zero(STR("-0")));
	assert_true(flow_is_zero(STR("000")));
	assert_false(flow_is_zero(STR("0.01")));
	assert_false(flow_is_zero(STR("10")));
	assert_false(flow_is_zero(STR("-")));
	assert_false(flow_is_zero(STR("x")));
}

static void
more_figures_than_room(void **state)
{
	struct flow flow;
	struct err err;
	int i;

	(void)state;
	start(&flow);
	for (i = 0; i < FLOW_MAX; i++)
		assert_int_equal(flow_add(&flow, "value", STR("1"), dec_of(1), STR("USD"), &err), LODE_OK);
	assert_int_equal(flow_add(&flow, "value", STR("1"), dec_of(1), STR("USD"), &err), LODE_EDATA);
	assert_int_equal(flow_start(&flow, "export", STR("JP"), STR("MM"), "hs:", STR("2846"), &err), LODE_OK);
	assert_int_equal(flow.n, 0);
	flow_release(&flow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_digits_stay_unless_computed_on),
		cmocka_unit_test(a_mass_among_two_quantities),
		cmocka_unit_test(zero_however_written),
		cmocka_unit_test(more_figures_than_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
