/* materials: the longest prefix wins, the assay is the partner's */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "materials.h"
#include "temp.h"

#define CODES "hs\tbasket\treo_low\treo_mid\treo_high\tcarries\tsource\n"
#define ASSAYS "partner\tshare_dy\tshare_tb\tsd_log\tsource\n"

static struct table codes, assays;
static struct materials *materials;

static int
make(const char *codes_text, const char *assays_text, struct err *err)
{
	char codes_path[] = "/tmp/test_materials.XXXXXX", assays_path[] = "/tmp/test_materials.XXXXXX";
	int rc;

	*err = (struct err)ERR_INIT;
	temp_make(codes_path, codes_text, strlen(codes_text));
	temp_make(assays_path, assays_text, strlen(assays_text));
	rc = table_load(&codes, codes_path, materials_columns, err);
	if (rc == LODE_OK)
		rc = table_load(&assays, assays_path, materials_assay_columns, err);
	codes.path = "codes";
	assays.path = "assays";
	if (rc == LODE_OK)
		rc = materials_new(&materials, &codes, &assays, err);
	unlink(codes_path);
	unlink(assays_path);
	return rc;
}

static void
unmake(void)
{
	materials_free(materials);
	materials = NULL;
	table_release(&codes);
	table_release(&assays);
}

static void
the_longest_prefix_wins(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(make(CODES "2846\tany\t\t0.5\t\tno\tx\n28469019\toxide\t\t0.92\t\tyes\tx\n2846901980\tscandium\t\t\t\tno\tx\n",
	    ASSAYS "*\t0.02\t0.003\t\tx\n", &err), LODE_OK);
	assert_true(str_is(materials_find(materials, STR("28469019"), SIZE_MAX)->basket, "oxide"));
	assert_true(str_is(materials_find(materials, STR("2846901992"), SIZE_MAX)->basket, "oxide"));
	assert_true(str_is(materials_find(materials, STR("2846901980"), SIZE_MAX)->basket, "scandium"));
	assert_false(materials_find(materials, STR("2846901980"), SIZE_MAX)->has_fraction);
	assert_true(str_is(materials_find(materials, STR("28469018"), SIZE_MAX)->basket, "any"));
	assert_true(str_is(materials_find(materials, STR("28469019"), 6)->basket, "any")); /* another country's tariff */
	assert_null(materials_find(materials, STR("284"), SIZE_MAX));
	assert_null(materials_find(materials, STR("2847"), SIZE_MAX));
	assert_null(materials_find(materials, STR(""), SIZE_MAX));
	unmake();
}

static void
what_a_code_carries(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(make(CODES "1\ta\t\t1\t\tyes\tx\n2\tb\t\t1\t\tno\tx\n3\tc\t\t1\t\ttrace\tx\n4\td\t\t1\t\tDy\tx\n5\te\t\t1.176\t\tTb\tx\n",
	    ASSAYS "MM\t0.0374\t0.00565\t\tx\n*\t0.02\t0.003\t\tx\n", &err), LODE_OK);
	assert_int_equal(materials_find(materials, STR("1"), SIZE_MAX)->kind, MATERIAL_MIXED);
	assert_int_equal(materials_find(materials, STR("2"), SIZE_MAX)->kind, MATERIAL_NONE);
	assert_int_equal(materials_find(materials, STR("3"), SIZE_MAX)->kind, MATERIAL_NONE);
	assert_int_equal(materials_find(materials, STR("4"), SIZE_MAX)->kind, MATERIAL_SINGLE);
	assert_string_equal(materials_part[materials_find(materials, STR("4"), SIZE_MAX)->oxide], "Dy2O3");
	assert_string_equal(materials_part[materials_find(materials, STR("5"), SIZE_MAX)->oxide], "Tb4O7");
	assert_true(materials_shares(materials, STR("MM"))[1].mantissa == 374);
	assert_true(materials_shares(materials, STR("VN"))[2].mantissa == 3);
	unmake();
}

static void
a_bad_table_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *codes, *assays, *message;
	} bad[] = {
		{ "28x\ta\t\t1\t\tno\tx\n", "*\t1\t1\t\tx\n", "lode-assay: codes:2:1 (hs): '28x' is not digits\n" },
		{ "\ta\t\t1\t\tno\tx\n", "*\t1\t1\t\tx\n", "lode-assay: codes:2:1 (hs): '' is not digits\n" },
		{ "1\ta\t\t1\t\tno\tx\n1\ta\t\t1\t\tno\tx\n", "*\t1\t1\t\tx\n", "lode-assay: codes:3:1 (hs): '1' is there twice\n" },
		{ "1\ta\t\t1\t\tmaybe\tx\n", "*\t1\t1\t\tx\n",
		    "lode-assay: codes:2:6 (carries): 'maybe' is not one of yes, no, trace, Dy, Tb\n" },
		{ "1\ta\t\t-1\t\tno\tx\n", "*\t1\t1\t\tx\n", "lode-assay: codes:2:4 (reo_mid): '-1' is below zero\n" },
		{ "1\ta\t\t0,5\t\tno\tx\n", "*\t1\t1\t\tx\n", "lode-assay: codes:2:4 (reo_mid): cannot read '0,5' as a decimal\n" },
		{ "1\ta\t\t1\t\tno\tx\n", "MM\t1\t1\t\tx\n", "lode-assay: assays:1: no row for partner '*'\n" },
		{ "1\ta\t\t1\t\tno\tx\n", "*\t1\t\t\tx\n", "lode-assay: assays:2:3 (share_tb): empty\n" },
		{ "1\ta\t\t1\t\tno\tx\n", "*\t1\t1\t\tx\n*\t1\t1\t\tx\n", "lode-assay: assays:3:1 (partner): '*' is there twice\n" },
	};
	char codes_text[400], assays_text[400], line[400];
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(codes_text, sizeof codes_text, "%s%s", CODES, bad[i].codes);
		snprintf(assays_text, sizeof assays_text, "%s%s", ASSAYS, bad[i].assays);
		assert_int_equal(make(codes_text, assays_text, &err), LODE_EUSAGE);
		err_format(&err, "lode-assay", line, sizeof line);
		assert_string_equal(line, bad[i].message);
		unmake();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(what_a_code_carries),
		cmocka_unit_test(a_bad_table_is_refused_with_its_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
