/* premium: which quotes meet, which do not and why */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "premium.h"

static struct premium *premium;

/* "known period area commodity indicator value unit status ref tax" */
static struct obs
line(const char *text, struct str *tax)
{
	static const enum obs_column order[] = { OBS_KNOWN, OBS_PERIOD, OBS_AREA, OBS_COMMODITY, OBS_INDICATOR, OBS_VALUE, OBS_UNIT, OBS_STATUS, OBS_REF };
	struct obs obs = { .f = { [OBS_SOURCE] = STR("x"), [OBS_PARTNER] = STR("") } };
	struct str rest = str_of(text);
	unsigned k;

	for (k = 0; k < sizeof order / sizeof order[0]; k++)
		assert_true(str_split(&rest, ' ', &obs.f[order[k]]));
	*tax = rest;
	return obs;
}

/* What ends with this line (NULL: with the input): "indicator period area value status ref;" or the rule. */
static const char *
add(const char *text)
{
	static char got[1024];
	struct premium_lines lines = { .n = 0 };
	const char *rule = NULL;
	struct err err = ERR_INIT;
	struct str tax = STR("");
	struct obs obs;
	size_t i, at = 0;

	if (text != NULL)
		obs = line(text, &tax);
	got[0] = '\0';
	if (text == NULL || !premium_continues(premium, &obs))
		assert_int_equal(premium_close(premium, &lines, &rule, &err), LODE_OK);
	for (i = 0; i < lines.n; i++) {
		const struct str *f = lines.obs[i].f;

		at += (size_t)snprintf(got + at, sizeof got - at, "%.*s %.*s %.*s %.*s %.*s %.*s;", STR_ARG(f[OBS_INDICATOR]), STR_ARG(f[OBS_PERIOD]),
		    STR_ARG(f[OBS_AREA]), STR_ARG(f[OBS_VALUE]), STR_ARG(f[OBS_STATUS]), STR_ARG(f[OBS_REF]));
		assert_int_equal(obs_check(&lines.obs[i], &err), LODE_OK);
	}
	if (rule != NULL)
		snprintf(got, sizeof got, "%s", rule);
	if (text != NULL && premium_add(premium, &obs, tax, &err) != LODE_OK)
		snprintf(got, sizeof got, "%s: %s", err.column_name, err.message);
	return got;
}

#define T "2025-05-10T00:00:00Z "

static void
begin(int32_t days)
{
	struct err err = ERR_INIT;

	assert_int_equal(premium_new(&premium, days, &err), LODE_OK);
}

static void
europe_and_fob_over_china(void **state)
{
	(void)state;
	begin(14);
	assert_string_equal(add(T "2025-05-01 CN Dy2O3 price.exw.low 9 kg/x A cn:1 excl"), "");
	assert_string_equal(add(T "2025-05-01 CN Dy2O3 price.exw.high 11 kg/x A cn:1 excl"), "");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.ddp.avg 43 kg/x A eu:1 excl"), "premium-alone");
	assert_string_equal(add(T "2025-05-06 CN Dy2O3 price.fob.avg 11 kg/x E fob:1 excl"), "price.premium.europe 2025-05-06 EU 4.3 A eu:1 cn:1;");
	assert_string_equal(add(T "2025-05-06 CN Tb4O7 price.exw.avg 7 kg/x A cn:9 excl"), "price.premium.fob 2025-05-06 CN 1.1 E fob:1 cn:1;");
	assert_string_equal(add(T "2025-05-07 CN Dy2O3 price.exw.avg 12 kg/x A cn:2 excl"), "premium-alone"); /* another commodity */
	assert_string_equal(add(NULL), "price.premium.fob 2025-05-07 CN 0.916667 E fob:1 cn:2;price.premium.europe 2025-05-07 EU 3.583333 A eu:1 cn:2;");
	assert_string_equal(add(NULL), "");
	premium_free(premium);
}

static void
what_does_not_meet_says_why(void **state)
{
	(void)state;
	begin(5);
	add(T "2025-05-01 CN Dy2O3 price.exw.avg 10 kg/x A cn:1 excl");
	assert_string_equal(add(T "2025-05-07 EU Dy2O3 price.cif.avg 20 kg/x A eu:1 excl"), "premium-alone");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.cif.avg 20 kg/x A eu:2 excl"), "premium-too-far");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.cif.avg 20 kg/y A eu:3 excl"), "price.premium.europe 2025-05-06 EU 2 A eu:2 cn:1;");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.cif.avg 20 kg/x A eu:4 incl"), "premium-unit");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.cif.avg 20 kg/x A eu:5 "), "premium-tax");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.cif.low 20 kg/x A eu:6 excl"), "premium-tax");
	assert_string_equal(add(T "2025-05-06 EU Dy2O3 price.list.avg 20 kg/x A eu:7 excl"), "premium-no-level");
	assert_string_equal(add(T "2025-05-06 CN Dy2O3 price.list.avg 20 kg/x A cn:7 excl"), "");
	assert_string_equal(add(T "2025-05-06 US Dy2O3 price.exw.avg 20 kg/x A us:7 excl"), "");
	assert_string_equal(add(T "2025-05-06 CN Dy2O3 price.exw.other 20 kg/x A us:7 excl"), "");
	assert_string_equal(add(T "2025-05-06 CN Dy2O3 price.exw.avg  kg/x A us:7 excl"), "");
	assert_string_equal(add(T "2025-05-06 CN Dy2O3 price.exw.avg 0 kg/x A us:7 excl"), "value: a price of '0' is not above zero");
	assert_string_equal(add(T "2025-05-06 CN Dy2O3 price.exw.avg x kg/x A us:7 excl"), "value: cannot read 'x' as a decimal");
	assert_string_equal(add(T "May CN Dy2O3 price.exw.avg 1 kg/x A us:7 excl"),
	    "period: 'May' is not a period like 2025, 2025-Q2, 2025-05, 2025-05-14 or 2025-01/2025-02");
	assert_string_equal(add(NULL), "");
	premium_free(premium);
	premium_free(NULL);
}

static void
days_between_periods(void **state)
{
	(void)state;
	begin(0);
	add(T "2025-04-24 CN Dy2O3 price.exw.avg 10 kg/x A cn:1 excl");
	add(T "2025-04 EU Dy2O3 price.ddp.avg 14 kg/x A eu:1 excl"); /* the month holds the day, and ends later */
	assert_string_equal(add(T "2025-05-01 CN Dy2O3 price.exw.avg 10 kg/x A cn:2 excl"), "price.premium.europe 2025-04 EU 1.4 A eu:1 cn:1;");
	assert_string_equal(add(T "2025-04-30 CN Dy2O3 price.exw.avg 7 kg/x A cn:3 excl"), "premium-too-far");
	assert_string_equal(add(T "2025-05-01 EU Dy2O3 price.ddp.avg 30 kg/x A eu:2 excl"), "price.premium.europe 2025-04-30 EU 2 A eu:1 cn:3;");
	assert_string_equal(add(NULL), "price.premium.europe 2025-05-01 EU 3 A eu:2 cn:2;"); /* the late one of April did not replace the newest */
	premium_free(premium);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(europe_and_fob_over_china),
		cmocka_unit_test(what_does_not_meet_says_why),
		cmocka_unit_test(days_between_periods),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
