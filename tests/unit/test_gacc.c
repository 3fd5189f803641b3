/* gacc: encodings of the header, columns that need each other, which quantity is the mass */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gacc.h"

enum { MAX = 12 };

/* Columns from names separated by commas. */
static int
columns(struct gacc *gacc, const char *names, const char *encoding, struct err *err)
{
	struct str list[MAX], rest = str_of(names);
	struct header header = { .names = list };

	while (str_split(&rest, ',', &list[header.n]))
		header.n++;
	return gacc_columns(gacc, &header, encoding, err);
}

/* The figures of a record, as "kind value unit;". */
static void
figures(struct gacc *gacc, const char *fields, const char *want)
{
	const struct str kinds[GACC_N_KINDS] = { STR("mass"), STR("count"), STR("count2"), STR("value") };
	struct tape_figure figure[GACC_MAX_FIGURES];
	struct str list[MAX], rest = str_of(fields);
	struct record record = { .cooked = list };
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;
	size_t n = 0, i;

	while (str_split(&rest, ';', &list[record.n]))
		record.n++;
	if (gacc_figures(gacc, &record, kinds, figure, &n, &err) != LODE_OK)
		buf_printf(&got, "%s: %s", err.column_name, err.message);
	for (i = 0; err.code == LODE_OK && i < n; i++)
		buf_printf(&got, "%.*s %.*s %.*s;", STR_ARG(figure[i].indicator), STR_ARG(figure[i].value), STR_ARG(figure[i].unit));
	buf_add(&got, "", 1);
	assert_string_equal(got.p, want);
	buf_release(&got);
}

static void
the_header_tells_the_encoding(void **state)
{
	struct gacc gacc = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(columns(&gacc, "商品编码,美元", NULL, &err), LODE_OK);
	assert_int_equal(gacc.at[GACC_CODE], 0);
	assert_int_equal(gacc.at[GACC_USD], 1);
	assert_int_equal(gacc.at[GACC_CNY], -1);
	/* the same in GB18030 */
	assert_int_equal(columns(&gacc, "\xc3\xc0\xd4\xaa,\xc9\xcc\xc6\xb7\xb1\xe0\xc2\xeb", NULL, &err), LODE_OK);
	assert_int_equal(gacc.at[GACC_CODE], 1);
	assert_int_equal(gacc.at[GACC_USD], 0);
	assert_int_equal(columns(&gacc, "\xc3\xc0\xd4\xaa", "UTF-8", &err), LODE_EUSAGE);
	assert_int_equal(columns(&gacc, "value,year", NULL, &err), LODE_EUSAGE);
	assert_int_equal(columns(&gacc, "美元", "no such thing", &err), LODE_EUSAGE);
	assert_int_equal(columns(&gacc, "月份,美元", NULL, &err), LODE_OK);
	assert_int_equal(gacc.at[GACC_MONTH], 0);
	gacc_release(&gacc);
}

static void
nothing_is_guessed(void **state)
{
	static const char *const bad[] = { "商品名称,美元", "贸易伙伴名称,美元", "贸易方式名称,美元", "注册地名称,美元", "第一数量", "第一计量单位,美元",
		"第二数量,美元", "人民币,美元", "商品编码" };
	struct gacc gacc = { 0 };
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(columns(&gacc, bad[i], NULL, &err), LODE_EUSAGE);
	gacc_release(&gacc);
}

static void
the_quantity_in_kg_is_the_mass(void **state)
{
	struct gacc gacc = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(columns(&gacc, "第一数量,第一计量单位,第二数量,第二计量单位,人民币", NULL, &err), LODE_OK);
	figures(&gacc, "1,234;千克;0;?;16,536,067,327", "mass 1234 kg;value 16536067327 CNY;");
	figures(&gacc, "12;台;3.50;千克;1", "count 12 1;mass 3.50 kg;value 1 CNY;");
	figures(&gacc, "12;千克;3;千克;1", "mass 12 kg;count 3 kg;value 1 CNY;");
	figures(&gacc, "12;台;3;套;1", "count 12 1;count2 3 1;value 1 CNY;");
	figures(&gacc, "0;?;0;?;1", "value 1 CNY;");
	figures(&gacc, "0;?;5;?;1", "第二计量单位: quantity 5 has no unit");
	figures(&gacc, "1;斗;0;?;1", "第一计量单位: unknown unit '斗'");
	figures(&gacc, "1;千克;0;?;1,5", "人民币: cannot read '1,5' as a decimal");
	figures(&gacc, ";千克;0;?;1", "第一数量: cannot read '' as a decimal");
	gacc_release(&gacc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_tells_the_encoding),
		cmocka_unit_test(nothing_is_guessed),
		cmocka_unit_test(the_quantity_in_kg_is_the_mass),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
